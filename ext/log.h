/*
 * log: the records of all files under one name, file by file.
 *
 * What the table function and the import both walk: paths, source and reader in one. The walk tells
 * where a file begins and ends, so that a caller can keep its ledger.
 */
#ifndef CT_LOG_H
#define CT_LOG_H

#include <stdbool.h>
#include <stdint.h>

#include "paths.h"
#include "reader.h"

typedef struct ct_log ct_log;

typedef enum ct_log_kind {
    CT_LOG_FILE,     /* a file begins: path, info */
    CT_LOG_ITEM,     /* a record, a problem or a digest of that file: item */
    CT_LOG_FILE_END, /* that file ends: path, info, form */
    CT_LOG_SKIPPED,  /* path cannot be read at all: error */
    CT_LOG_END,      /* nothing is left; error is set when the name led to no file at all */
    CT_LOG_NO_MEMORY
} ct_log_kind;

typedef struct ct_log_event {
    ct_log_kind kind;
    const char *path; /* absolute; all pointers hold until the next call */
    ct_file_info info;
    ct_form form;
    bool is_gzip;
    ct_item item;
    const char *error;
} ct_log_event;

/* Whether a file is wanted at all; one that is not is not opened, and no event tells of it. */
typedef bool ct_log_filter(void *context, const char *path, const ct_file_info *info);

/* Starts on a name (ct_paths_open says what a name may be). False: error_text says what is wrong,
 * or is empty when there is no memory. `filter` may be NULL. */
bool ct_log_open(const char *name, ct_log_filter *filter, void *context, ct_log **log,
                 char error_text[CT_PATHS_ERROR_MAX]);

void ct_log_next(ct_log *log, ct_log_event *event);

void ct_log_close(ct_log *log); /* NULL is fine */

#endif
