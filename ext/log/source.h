/*
 * source: the bytes of one file, inflated when they are gzip.
 *
 * Gzip is told by its first two bytes, never by the name. Several members behind one another are
 * one stream, as gzip has it; checksums are verified. Memory is the same whatever the file inflates
 * to: about 200 KB while it is open.
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

/* Deflate cannot grow its input more than 1,032 times; logs grow 7 to 30 times. A file that has
 * grown more than CT_INFLATE_MAX_RATIO times is taken for a bomb, once it is past the size at
 * which it would matter. */
#define CT_INFLATE_MAX_RATIO 200
#define CT_INFLATE_FREE_BYTES (INT64_C(256) << 20)

typedef struct ct_source ct_source;

typedef struct ct_file_info {
    int64_t size;        /* bytes on disk; 0 for what is no regular file */
    int64_t modified_ns; /* nanoseconds since 1970 */
    bool is_stdin;       /* by what the user named, not by the path: a file may be called `-` */
} ct_file_info;

struct stat;
ct_file_info ct_file_info_of(const struct stat *st);

typedef enum ct_source_status {
    CT_SOURCE_OK,
    CT_SOURCE_END,    /* no byte is left */
    CT_SOURCE_BROKEN, /* nothing more can be read: ct_source_error() says why */
    CT_SOURCE_NO_MEMORY
} ct_source_status;

/*
 * Opens a regular file, or standard input where the path is NULL. CT_SOURCE_OK,
 * CT_SOURCE_NO_MEMORY, or CT_SOURCE_BROKEN: then *error gets a text (the system's, or constant)
 * that need not be freed.
 */
ct_source_status ct_source_open(const char *path, ct_source **source, const char **error);

/* The same for the next file, in the memory of the last one, which is closed. After a failure the
 * source can only be reopened or closed. */
ct_source_status ct_source_reopen(ct_source *source, const char *path, const char **error);

/* Reads up to n bytes into p; *n_read gets how many, at least one with CT_SOURCE_OK. */
ct_source_status ct_source_read(ct_source *source, char *p, size_t n, size_t *n_read);

const char *ct_source_error(const ct_source *source); /* after CT_SOURCE_BROKEN */
bool ct_source_is_gzip(const ct_source *source);      /* known after the first read */
ct_file_info ct_source_info(const ct_source *source); /* of what is open, by fstat */

void ct_source_close(ct_source *source); /* NULL is fine */

#endif
