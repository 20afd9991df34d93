/*
 * store: what an import writes, by statements prepared once.
 *
 * Events go into `cloudtrail`, what could not be read into `cloudtrail_problem`, and what was done
 * into the ledger `cloudtrail_file`. The tables must be there. Transactions are the caller's.
 *
 * Every function returns SQLite's code; the error's text is sqlite3_errmsg(db).
 */
#ifndef CT_STORE_H
#define CT_STORE_H

#include <stdbool.h>

#include "log/batch.h"
#include "sqlite/sqlite.h"

typedef struct ct_store ct_store;

typedef enum ct_problem_kind {
    CT_PROBLEM_UNREADABLE,
    CT_PROBLEM_CONFLICT,
    CT_PROBLEM_NOTE
} ct_problem_kind;

/* A file's row in the ledger, while the file is imported. */
typedef struct ct_ledger {
    sqlite3_int64 file_id;
    bool unchanged;            /* it is there already, complete: nothing was begun */
    sqlite3_int64 rows_before; /* of the table, from an earlier reading of the file */
    sqlite3_int64 records, events, duplicates, problems; /* of this reading */
    bool may_be_cut;                /* events of a time that was not asked for are left out ... */
    bool is_cut;                    /* ... and one was: the file is not complete */
    uint64_t first_time, last_time; /* the digits of an eventTime as one number; 0: none yet */
    sqlite3_int64 by_kind[CT_PROBLEM_NOTE + 1]; /* of these problems */
} ct_ledger;

typedef enum ct_outcome {
    CT_OUTCOME_NEW,
    CT_OUTCOME_DUPLICATE, /* the same event is there already */
    CT_OUTCOME_CONFLICT,  /* another event is there under the same time and id */
    CT_OUTCOME_REPLACED,  /* it was there from a form that holds less: it took that row's place */
    CT_OUTCOME_CORRECTED  /* likewise, and the row said something else: it is a problem now */
} ct_outcome;

int ct_store_open(sqlite3 *db, ct_store **store);
void ct_store_close(ct_store *store); /* NULL is fine */

/* Whether the ledger has the file, complete and as it is on disk now. */
int ct_store_has_file(ct_store *store, const char *path, const ct_file_info *info, bool *has);

/*
 * Begins a file: a new row in the ledger, or the old one, of which what cannot be recognised
 * again is deleted: problems, digests, events without an id. Where the ledger has the file as
 * ct_store_has_file() says, nothing is done but to set `unchanged`. `format` is the form's name,
 * with `gzip ` before it: which rows come from a form that holds less than a record is told by
 * their file's format. So a file that is of a form of another rank than it was is another file; the
 * old one keeps its rows, under a path that says so. NULL: nothing is known of the form, as where
 * the file cannot be opened.
 */
int ct_store_begin_file(ct_store *store, const char *path, const ct_file_info *info,
                        const char *format, ct_ledger *ledger);

/* Writes what the ledger counted; `complete` when the file was read to its end. `format` NULL
 * leaves what the ledger has. The hash is of the file's bytes; NULL: not known. */
int ct_store_end_file(ct_store *store, const ct_ledger *ledger, const char *format, bool complete,
                      const unsigned char *sha256);

/* Whether the ledger's row of a file that is not complete is still as ct_store_end_file() wrote it:
 * no other connection has taken the file on since. */
int ct_store_is_ours(ct_store *store, const ct_ledger *ledger, bool *is_ours);

/*
 * Inserts an event, unless it is there. Where it takes the place of a row, *replaced gets the file
 * of which that was: there it counts as a duplicate, or as a problem (which was written), and no
 * more as an event, as if it had come second. The caller sees to both ledgers. Of a duplicate
 * *replaced gets the file whose row is there.
 */
int ct_store_event(ct_store *store, const ct_batch *batch, const ct_row *row,
                   const ct_ledger *ledger, ct_outcome *outcome, sqlite3_int64 *replaced);

/* Notes each event of a file of columns (a form that holds less than a record) whose eventID stands
 * under another eventTime, too; *n gets how many were not noted yet. Nothing is looked up where no
 * such file was imported. */
int ct_store_note_two_times(ct_store *store, sqlite3_int64 *n);

/* In a ledger row that is written already: one event is a duplicate or a problem instead. */
int ct_store_recount_replaced(ct_store *store, sqlite3_int64 file_id, bool is_problem);

/* What a row says that lost its place to another one under the same time and id. */
#define CT_CONFLICT_MESSAGE "another event with this eventTime and eventID is there already"

/* `number` 0 and `offset` -1: not known. A text that is larger than the connection allows is left
 * out: the problem itself must not be lost. */
int ct_store_problem(ct_store *store, sqlite3_int64 file_id, ct_problem_kind kind,
                     sqlite3_int64 number, sqlite3_int64 offset, const char *message,
                     const char *text, size_t len);

/* Notes the log files that a digest lists. */
int ct_store_digest(ct_store *store, sqlite3_int64 file_id, const char *text, size_t len);

#endif
