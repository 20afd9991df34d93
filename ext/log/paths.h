/*
 * paths: from what the user named to the files to read, one after another.
 *
 * A name is a file, a folder (with all below it), a glob pattern, or standard input (`-`,
 * /dev/stdin). A folder is walked in the order of its names' bytes, so the same folder gives the
 * same order on every machine. What is no regular file (FIFO, socket, device), a link to nowhere,
 * and a link back to a folder that is being walked are not opened but reported, by name.
 *
 * The paths that come back are absolute and without links: they mean the same tomorrow, and a file
 * has one path however it was named. Symbolic links are followed, and what they lead to comes where
 * the link stands, under its own path, and once: not at all where it lies below a folder that is
 * walked anyway, and not again where several links or matches lead there.
 *
 * Memory: the names of the folders on the way down, not of the whole tree, and the paths that links
 * and patterns have led to.
 */
#ifndef CT_PATHS_H
#define CT_PATHS_H

#include <stdbool.h>

#include "log/source.h"

typedef struct ct_paths ct_paths;

typedef enum ct_paths_status {
    CT_PATHS_FILE,    /* *path is a file to read */
    CT_PATHS_SKIPPED, /* *path cannot be read; *error says why */
    CT_PATHS_END,
    CT_PATHS_NO_MEMORY
} ct_paths_status;

struct stat;

/* What is to become of a file that was found. */
typedef enum ct_file_use {
    CT_USE_READ,
    CT_USE_LEAVE,  /* it is not opened, and not spoken of unless the name itself is this file */
    CT_USE_REPORT, /* it is not opened but reported */
    CT_USE_NO_MEMORY
} ct_file_use;

/* Asked for each file before it is handed out, in the thread that walks; where the answer is not to
 * read it, *error gets the reason, a constant. */
typedef struct ct_paths_guard {
    ct_file_use (*use)(void *context, const char *path, const struct stat *st, const char **error);
    void *context; /* borrowed */
} ct_paths_guard;

/*
 * Starts on a name. The guard may be NULL: every file is read. On CT_PATHS_FILE the walk is open
 * and *paths must be closed. CT_PATHS_SKIPPED: the name itself is wrong, *error says how (at most a
 * sentence; it stands in error_text).
 */
enum { CT_PATHS_ERROR_MAX = 512 };
ct_paths_status ct_paths_open(const char *name, const ct_paths_guard *guard, ct_paths **paths,
                              char error_text[CT_PATHS_ERROR_MAX]);

/* The next file. *path and *error hold until the next call. *info describes a file. */
ct_paths_status ct_paths_next(ct_paths *paths, const char **path, ct_file_info *info,
                              const char **error);

void ct_paths_close(ct_paths *paths); /* NULL is fine */

#endif
