/*
 * source: the bytes of one file, inflated when they are gzip.
 *
 * Gzip is told by its first two bytes, never by the name, and inflated as gunzip.h says; what was
 * compressed twice is inflated twice. Memory is bounded whatever the file inflates to: about 200 KB
 * while it is open, and up to 16 MB of a budget where a file is small enough to be inflated whole.
 *
 * What is wrong with the bytes (a broken checksum, an early end) is reported after all that could
 * be read before it.
 */
#ifndef CT_SOURCE_H
#define CT_SOURCE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "base/pulse.h"
#include "base/sha256.h"
#include "log/feed.h"
#include "log/gunzip.h"

typedef struct ct_source ct_source;

typedef struct ct_file_info {
    int64_t size;        /* bytes on disk; 0 for what is no regular file */
    int64_t modified_ns; /* nanoseconds since 1970 */
    bool is_stdin;       /* by what the user named, not by the path: a file may be called `-` */
} ct_file_info;

struct stat;
ct_file_info ct_file_info_of(const struct stat *st);

/*
 * Opens a regular file, or standard input where the path is NULL. CT_SOURCE_OK,
 * CT_SOURCE_NO_MEMORY, or CT_SOURCE_BROKEN: then *error gets a constant text.
 */
ct_source_status ct_source_open(const char *path, ct_source **source, const char **error);

/* The same for the next file, in the memory of the last one, which is closed. After a failure the
 * source can only be reopened or closed. */
ct_source_status ct_source_reopen(ct_source *source, const char *path, const char **error);

/* Reads up to n bytes into p; *n_read gets how many, at least one with CT_SOURCE_OK. */
ct_source_status ct_source_read(ct_source *source, char *p, size_t n, size_t *n_read);

/* Shares the memory for files inflated whole with other sources; borrowed, and to be set before the
 * first read. Without one a source takes what it wants. */
void ct_source_set_budget(ct_source *source, ct_gunzip_budget *budget);

/* From now on the raw bytes of each file are hashed as they are read; to be set before the first
 * read. */
void ct_source_set_hash(ct_source *source);

/* SHA-256 of the whole file as it lies on disk, of which the rest is read where something was
 * broken. To be asked for when nothing more is read. False when it is not known: it was not wanted,
 * or the file cannot be read to its end. */
bool ct_source_sha256(ct_source *source, unsigned char out[CT_SHA256_BYTES]);

const char *ct_source_error(const ct_source *source); /* after CT_SOURCE_BROKEN */
/* Asked before each read, and ten times a second while standard input has nothing to read; NULL:
 * nobody. Borrowed until the source is opened again. When it says no, the source breaks. */
void ct_source_set_pulse(ct_source *source, const ct_pulse *pulse);

bool ct_source_is_gzip(const ct_source *source);      /* known after the first read */
ct_file_info ct_source_info(const ct_source *source); /* of what is open, by fstat */

void ct_source_close(ct_source *source); /* NULL is fine */

#endif
