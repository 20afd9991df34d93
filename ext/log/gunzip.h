/*
 * gunzip: gzip inflated (RFC 1952): members behind one another are one stream, checksums are
 * verified, and what is wrong is reported after all bytes that could be read before it.
 *
 * Where all raw bytes of a file lie in memory and a member inflates to at most
 * CT_GUNZIP_WHOLE_BYTES, libdeflate does it in one call. Larger ones, and what libdeflate calls bad
 * (it does not say how far it came), are streamed by zlib from the member's start. The size that a
 * trailer claims is a first guess and never the bound.
 *
 * Memory: 50 KB, 40 more while zlib works, and up to CT_GUNZIP_WHOLE_BYTES for a member that does
 * not fit what the caller asks for at a time; the last only as far as a ct_gunzip_budget allows.
 */
#ifndef CT_GUNZIP_H
#define CT_GUNZIP_H

#include <stdatomic.h>

#include "base/buf.h"
#include "log/feed.h"

#define CT_GUNZIP_WHOLE_BYTES ((size_t)8 << 20)

/* Deflate cannot grow its input more than 1,032 times; logs grow 7 to 30 times. What has grown more
 * than CT_INFLATE_MAX_RATIO times is taken for a bomb, once it is past the size at which it would
 * matter. */
#define CT_INFLATE_MAX_RATIO 200
#define CT_INFLATE_FREE_BYTES (INT64_C(256) << 20)
extern const char ct_gunzip_bomb[]; /* the error that says so */

/* The error of a member of which all bytes are there, and not as they were. */
extern const char ct_gunzip_wrong_checksum[];

/* Bytes that all who share it may still take for whole files; who gets none streams. */
typedef struct ct_gunzip_budget {
    atomic_size_t left;
} ct_gunzip_budget;

bool ct_gunzip_budget_take(ct_gunzip_budget *budget, size_t n_bytes); /* NULL gives always */
void ct_gunzip_budget_give(ct_gunzip_budget *budget, size_t n_bytes);

typedef struct ct_gunzip ct_gunzip;

ct_gunzip *ct_gunzip_new(void);    /* NULL when there is no memory */
void ct_gunzip_free(ct_gunzip *g); /* NULL is fine */

/* Starts on a feed (borrowed) whose next bytes are a member's. The budget may be NULL. */
void ct_gunzip_begin(ct_gunzip *g, ct_feed *feed, ct_gunzip_budget *budget);

/* A ct_feed_read: the inflated bytes. The context is the ct_gunzip. */
ct_source_status ct_gunzip_read(void *g, char *p, size_t n, size_t *n_read, const char **error);

/*
 * Appends what gzip bytes in memory inflate to, at most max_bytes of it. CT_SOURCE_OK; or
 * CT_SOURCE_BROKEN with *error, after what could be read: also when there is more.
 */
ct_source_status ct_gunzip_bytes(const char *p, size_t n, size_t max_bytes, ct_buf *out,
                                 const char **error);

#endif
