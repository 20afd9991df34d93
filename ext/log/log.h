/*
 * log: the rows of all files under one name, file by file, read ahead.
 *
 * What the table function and the import both walk. Other threads open, inflate and scan files
 * ahead of the one that uses them; where the user of the rows is the faster one, it takes on files
 * itself instead of waiting, so that every core works. The batches come in the order of the files
 * and of the records in them, as if there were one thread; where no thread can be had there is one.
 *
 * Memory: 8 MB of batches that lie ready, two more for each thread, a reader for each file that is
 * open (16 at most), 24 MB for gzip files that are inflated whole, and the names of the files to be
 * sorted, 15 MB when there are CT_LOG_SORTED. No more for a larger folder or a larger file. Where
 * the batches are large, because records are, fewer are filled at a time: with records of 4 MB it
 * stays below 100 MB.
 */
#ifndef CT_LOG_H
#define CT_LOG_H

#include <stdbool.h>
#include <stdint.h>

#include "log/batch.h"
#include "log/paths.h"

enum {
    CT_LOG_FILES_AHEAD = 32,
    CT_LOG_THREADS_MAX = 3 /* that read ahead: with the user's, four cores. More of them would wait
                              for it, and each needs a few MB. */
};

typedef struct ct_log ct_log;

/* Whether a file is wanted at all; one that is not is not opened, and no batch tells of it. Called
 * in the thread that uses the log, a few files ahead. */
typedef bool ct_log_filter(void *context, const char *path, const ct_file_info *info);

typedef enum ct_log_status {
    CT_LOG_BATCH, /* *batch is the next one */
    CT_LOG_END,
    CT_LOG_EMPTY,   /* the end, and the name led to no file at all */
    CT_LOG_STOPPED, /* the pulse said no */
    CT_LOG_NO_MEMORY
} ct_log_status;

/* The order of the files. */
typedef enum ct_log_order {
    CT_LOG_BY_PATH, /* as ext/paths.h walks them */
    /* By the time in the names AWS gives them (..._20240514T0905Z_...), among CT_LOG_SORTED files
     * at a time; by path where it is the same, or none is there. So the events of many accounts and
     * regions, each in folders of its own, come about in the order of their times. */
    CT_LOG_BY_TIME
} ct_log_order;

enum { CT_LOG_SORTED = 65536 };

typedef struct ct_log_options {
    ct_column_set columns;     /* that the rows get */
    const ct_row_filter *rows; /* copied; NULL: all rows */
    ct_log_order order;
    const ct_paths_guard *guard; /* copied; NULL: every file may be opened */
    ct_log_filter *filter;       /* NULL: all files */
    void *context;               /* the filter's; borrowed */
    ct_pulse pulse;              /* asked in the thread that uses the log; {0}: nobody */
    bool hash;                   /* each file's SHA-256 comes with its last batch */
    int n_threads;               /* that read ahead; 0: one for each core but the user's */
} ct_log_options;

/* Starts on a name (ct_paths_open says what a name may be). False: error_text says what is wrong,
 * or is empty when there is no memory. */
bool ct_log_open(const char *name, const ct_log_options *options, ct_log **log,
                 char error_text[CT_PATHS_ERROR_MAX]);

/* The next batch: the caller's until it gives it back. A file has one batch at least. */
ct_log_status ct_log_next(ct_log *log, ct_batch **batch);

/* Bytes on disk of all files together, once all are found (in a folder of up to CT_LOG_SORTED files
 * that is at once); 0 before. */
int64_t ct_log_size(const ct_log *log);

/* Files found so far whose names say that they are nobody's log (.DS_Store, ._*,
 * aws-logs-write-test): they are not opened, and no batch tells of them. */
int64_t ct_log_ignored(const ct_log *log);

/* Gives a batch back, to be filled again. */
void ct_log_release(ct_log *log, ct_batch *batch);

void ct_log_close(ct_log *log); /* NULL is fine. Batches not given back are the caller's to free. */

#endif
