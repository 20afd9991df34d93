/*
 * SQL: cloudtrail_import(path [, from, to]) -> TEXT (JSON). DIRECTONLY, because it reads files and writes
 * tables.
 *
 * Batches of rows come from the log in the order of the files. They are gathered until there are
 * some thousand rows, and these are inserted in the order of their keys: the index on
 * (eventTime, eventID) then grows page by page instead of all over. A transaction holds about
 * TRANSACTION_EVENTS events, because each commit waits for the disk; the ledger's rows are
 * committed with the events they count, so an import that was killed goes on where it was.
 *
 * Between two transactions another connection may import, too. What it has done then is left to it:
 * a file that is complete by now is passed over, and so is the rest of a file that it has taken on.
 *
 * Memory, SQLite's own apart: GATHERED_BYTES of rows, and what the log reads ahead.
 */
#include "db/import.h"

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "db/databases.h"
#include "base/grow.h"
#include "base/json_write.h"
#include "log/log.h"
#include "base/mem.h"
#include "base/timestamp.h"
#include "log/s3_name.h"
#include "sqlite/args.h"
#include "sqlite/interrupt.h"
#include "sqlite/page_cache.h"
#include "sqlite/progress.h"
#include "sqlite/register.h"
#include "db/schema.h"
#include "db/store.h"
#include "sqlite/statement.h"
#include "sqlite/transaction.h"

enum {
    TRANSACTION_EVENTS = 50000,
    GATHERED_BYTES = 4 * 1024 * 1024,
    PROBLEM_ROWS_MAX = 100000 /* of a file: a small one can hold millions of faults */
};

/* A row that waits to be inserted, with what it is sorted by. */
typedef struct pending {
    uint64_t time;         /* the digits of eventTime as one number */
    uint64_t id;           /* the first bytes of eventID: seldom are more needed */
    const ct_batch *batch; /* borrowed */
    const ct_row *row;     /* borrowed */
    size_t file;           /* in import.files */
    size_t order;          /* as it came */
} pending;

/* Of the summary. */
typedef struct totals {
    sqlite3_int64 files, ignored, events, duplicates, known, digests, replaced, bytes, outside;
    sqlite3_int64 problems[CT_PROBLEM_NOTE + 1];
} totals;

typedef struct import {
    sqlite3 *db;
    ct_import_limits limits;
    ct_transaction transaction;
    ct_store *store;         /* owned */
    ct_databases *databases; /* owned: not to be read */
    ct_log *log;             /* owned */
    const char *path;        /* borrowed: as the user gave it */
    ct_page_cache cache;
    bool is_paused;          /* between two transactions */
    ct_interrupt *interrupt; /* owned */
    int stop_code;           /* why the log was told to stop */
    bool has_said_waits;     /* for standard input */
    ct_progress progress;

    ct_batch *batches; /* owned: gathered, newest first */
    size_t n_bytes;    /* of memory that they take */
    ct_ledger *files;  /* owned: of the files in the gathered batches, oldest first */
    size_t n_files, files_capacity;
    bool file_is_open; /* the last of files goes on in batches to come */
    bool passes_over;  /* the batches to come of this file are not wanted */
    pending *rows;     /* owned: to be inserted */
    size_t n_rows, rows_capacity;

    sqlite3_int64 in_transaction; /* events and problems since it began */
    sqlite3_int64 total_files, total_skipped, total_ignored, total_events, total_duplicates,
        total_digests, total_replaced, total_bytes, total_outside, total_files_outside;
    uint64_t from_key, to_key;  /* of limits, as time_key() has them; 0: open */
    sqlite3_int64 n_unreadable; /* files, of total_problems */
    totals committed;
    ct_schema_report report;
    sqlite3_int64 total_known; /* events that a file which is read again had brought before */
    sqlite3_int64 total_problems[CT_PROBLEM_NOTE + 1]; /* by ct_problem_kind */
    char *error; /* owned (sqlite3_malloc): what went wrong, where SQLite's own words do not say */
} import;

/* ---- transactions -------------------------------------------------------------------------- */

/* What the summary is to say of all that is committed: of the file that is half read, and of those
 * that cannot be read, it is told again when they are begun again. An event that is committed is
 * known then. */
static void note_committed(import *im)
{
    const ct_ledger none = {.file_id = 0}, *open = im->file_is_open ? &im->files[0] : &none;
    im->committed = (totals){
        .files = im->total_files - im->file_is_open - im->n_unreadable,
        .events = im->total_events,
        .ignored = im->total_ignored,
        .duplicates = im->total_duplicates - open->duplicates,
        .known = im->total_known - open->events,
        .digests = im->total_digests,
        .replaced = im->total_replaced,
        .bytes = im->total_bytes,
        .outside = im->total_outside,
    };
    for (int kind = 0; kind <= CT_PROBLEM_NOTE; kind++)
        im->committed.problems[kind] = im->total_problems[kind] - open->by_kind[kind];
    im->committed.problems[CT_PROBLEM_UNREADABLE] -= im->n_unreadable;
}

static int pause(import *im)
{
    im->in_transaction = 0;
    int rc = ct_transaction_pause(&im->transaction);
    im->is_paused = rc == SQLITE_OK;
    if (rc == SQLITE_OK)
        note_committed(im);
    return rc;
}

/* Goes on in a new transaction. The file that is half read may have been taken on by another import
 * in between: then it is its to finish. */
static int resume(import *im)
{
    if (!im->is_paused)
        return SQLITE_OK;
    int rc = ct_transaction_resume(&im->transaction);
    im->is_paused = rc != SQLITE_OK;
    if (rc == SQLITE_OK && im->file_is_open) {
        bool is_ours;
        rc = ct_store_is_ours(im->store, &im->files[0], &is_ours);
        if (rc == SQLITE_OK && !is_ours) {
            im->passes_over = true;
            im->file_is_open = false;
            im->n_files = 0;
        }
    }
    return rc;
}

/* ---- gathering ----------------------------------------------------------------------------- */

/* The digits of YYYY-MM-DDTHH:MM:SSZ as one number. */
static uint64_t time_key(const ct_cell *time)
{
    uint64_t key = 0;
    for (size_t i = 0; i < time->len; i++)
        if (time->p[i] >= '0' && time->p[i] <= '9')
            key = key * 10 + (uint64_t)(time->p[i] - '0');
    return key;
}

/* The first eight bytes as one number that sorts as they do. */
static uint64_t id_key(const ct_cell *id)
{
    uint64_t key = 0;
    for (size_t i = 0; i < 8; i++)
        key = key << 8 | (i < id->len ? (unsigned char)id->p[i] : 0);
    return key;
}

static void note_time(ct_ledger *file, uint64_t time)
{
    if (file->first_time == 0 || time < file->first_time)
        file->first_time = time;
    if (time > file->last_time)
        file->last_time = time;
}

static void count_problem(import *im, ct_ledger *file, ct_problem_kind kind)
{
    file->problems++;
    file->by_kind[kind]++;
    im->total_problems[kind]++;
    im->in_transaction++;
}

/* Behind the last row that a file may have stands one that says so. */
static int add_problem(import *im, ct_ledger *file, const ct_batch *batch, const ct_row *row)
{
    ct_problem_kind kind = row->kind == CT_ITEM_PROBLEM ? CT_PROBLEM_UNREADABLE : CT_PROBLEM_NOTE;
    count_problem(im, file, kind);
    if (file->problems > PROBLEM_ROWS_MAX + 1)
        return SQLITE_OK;
    if (file->problems == PROBLEM_ROWS_MAX + 1)
        return ct_store_problem(im->store, file->file_id, kind, row->number, row->offset,
                                "the file has more problems: from here on they are only counted",
                                "", 0);
    return ct_store_problem(im->store, file->file_id, kind, row->number, row->offset,
                            ct_batch_text(batch, row->message), ct_batch_text(batch, row->text),
                            row->text.len);
}

/* A client may lower SQLITE_LIMIT_LENGTH: what is larger costs that record and not the import, and
 * as much of it is kept as fits beside the other columns. */
static int keep_too_big(import *im, ct_ledger *file, const ct_row *row, const char *text,
                        size_t len)
{
    size_t max = (size_t)sqlite3_limit(im->db, SQLITE_LIMIT_LENGTH, -1) / 2;
    if (max > CT_PROBLEM_TEXT_MAX)
        max = CT_PROBLEM_TEXT_MAX;
    if (len > max) {
        len = max;
        while (len > 0 && ((unsigned char)text[len] & 0xC0) == 0x80)
            len--; /* not in the middle of a character */
    }
    count_problem(im, file, CT_PROBLEM_UNREADABLE);
    return ct_store_problem(im->store, file->file_id, CT_PROBLEM_UNREADABLE, row->number,
                            row->offset, "larger than this connection allows (SQLITE_LIMIT_LENGTH)",
                            text, len);
}

/* Whether it is a record of a time that was not asked for. */
static bool is_outside(const import *im, const ct_batch *batch, const ct_row *row)
{
    if (row->kind != CT_ITEM_RECORD)
        return false;
    ct_cell time = ct_batch_cell(batch, row, CT_EVENT_TIME);
    uint64_t key = time_key(&time);
    return key < im->from_key || (im->to_key > 0 && key >= im->to_key);
}

static int add_row(import *im, const ct_batch *batch, const ct_row *row)
{
    ct_ledger *file = &im->files[im->n_files - 1];
    if (row->kind == CT_ITEM_DIGEST) {
        im->total_digests++;
        int rc = ct_store_digest(im->store, file->file_id, ct_batch_text(batch, row->text),
                                 row->text.len);
        if (rc == SQLITE_TOOBIG)
            rc = keep_too_big(im, file, row, ct_batch_text(batch, row->text), row->text.len);
        return rc;
    }
    if (file->may_be_cut && is_outside(im, batch, row)) {
        /* As if it were not in the file, which is not complete then: a later import finds it. */
        file->is_cut = true;
        im->total_outside++;
        return SQLITE_OK;
    }
    if (row->kind == CT_ITEM_RECORD || (row->kind == CT_ITEM_PROBLEM && row->number > 0))
        file->records++;
    int rc = SQLITE_OK;
    if (row->message.len > 0)
        rc = add_problem(im, file, batch, row);
    if (row->kind != CT_ITEM_RECORD)
        return rc;

    pending *rows = ct_grow(im->rows, im->n_rows, &im->rows_capacity, 256, sizeof *rows);
    if (!rows)
        return SQLITE_NOMEM;
    im->rows = rows;
    ct_cell time = ct_batch_cell(batch, row, CT_EVENT_TIME);
    ct_cell id = ct_batch_cell(batch, row, CT_EVENT_ID);
    uint64_t key = time_key(&time);
    note_time(file, key);
    im->rows[im->n_rows] = (pending){.time = key,
                                     .id = id_key(&id),
                                     .batch = batch,
                                     .row = row,
                                     .file = im->n_files - 1,
                                     .order = im->n_rows};
    im->n_rows++;
    return rc;
}

/* A file that cannot be read at all stands in the ledger, too, and is tried again next time. */
static int add_unreadable(import *im, const ct_batch *batch)
{
    ct_ledger *file = &im->files[im->n_files - 1];
    count_problem(im, file, CT_PROBLEM_UNREADABLE);
    im->n_unreadable++;
    return ct_store_problem(im->store, file->file_id, CT_PROBLEM_UNREADABLE, 0, 0,
                            ct_batch_text(batch, batch->error), "", 0);
}

/* The ledger's name for the form of a batch. */
typedef char format_name[CT_FORMAT_MAX + 8];

static const char *format_of(const ct_batch *batch, format_name name)
{
    snprintf(name, sizeof(format_name), "%s%s", batch->is_gzip ? "gzip " : "", batch->format);
    return name;
}

static bool has_delivery_time(const char *path)
{
    return ct_s3_parse(path, strlen(path)).kind != CT_S3_OTHER;
}

static int begin_file(import *im, const ct_batch *batch)
{
    ct_ledger *files = ct_grow(im->files, im->n_files, &im->files_capacity, 64, sizeof *files);
    if (!files)
        return SQLITE_NOMEM;
    im->files = files;
    ct_ledger *file = &im->files[im->n_files];
    format_name name;
    const char *format = batch->form == CT_FORM_UNKNOWN ? NULL : format_of(batch, name);
    const char *file_path = ct_batch_text(batch, batch->path);
    int rc = ct_store_begin_file(im->store, file_path, &batch->info, format, file);
    if (rc != SQLITE_OK)
        return rc;
    file->may_be_cut = (im->from_key || im->to_key) && !has_delivery_time(file_path);
    im->passes_over = file->unchanged;
    im->n_files += !file->unchanged;
    im->total_files += !file->unchanged;
    im->total_skipped += file->unchanged;
    return SQLITE_OK;
}

/* Takes a batch's rows and problems in. The batch is kept until its rows are inserted. */
static int gather(import *im, ct_batch *batch)
{
    int rc = batch->begins_file ? begin_file(im, batch) : SQLITE_OK;
    if (batch->ends_file)
        im->total_bytes += batch->info.size;
    if (rc != SQLITE_OK || im->passes_over) {
        im->passes_over = im->passes_over && !batch->ends_file;
        ct_log_release(im->log, batch);
        return rc;
    }
    batch->next = im->batches;
    im->batches = batch;
    im->n_bytes += ct_batch_memory(batch);
    im->total_ignored += batch->n_ignored;

    if (batch->error.len > 0)
        rc = add_unreadable(im, batch);
    for (size_t i = 0; i < batch->n_rows && rc == SQLITE_OK; i++)
        rc = add_row(im, batch, &batch->rows[i]);
    im->file_is_open = !batch->ends_file;
    return rc;
}

/* ---- inserting ----------------------------------------------------------------------------- */

static int compare_rows(const void *left, const void *right)
{
    const pending *a = left, *b = right;
    if (a->time != b->time)
        return a->time < b->time ? -1 : 1;
    if (a->id != b->id)
        return a->id < b->id ? -1 : 1;
    ct_cell x = ct_batch_cell(a->batch, a->row, CT_EVENT_ID);
    ct_cell y = ct_batch_cell(b->batch, b->row, CT_EVENT_ID);
    size_t n = x.len < y.len ? x.len : y.len;
    int order = n ? memcmp(x.p, y.p, n) : 0;
    if (order == 0)
        order = (x.len > y.len) - (x.len < y.len);
    return order ? order : (a->order > b->order) - (a->order < b->order);
}

/* Another event stands under the same time and id: this one is evidence, and kept as such. */
static int keep_conflict(import *im, ct_ledger *file, const ct_row *row, const char *text,
                         size_t len)
{
    count_problem(im, file, CT_PROBLEM_CONFLICT);
    return ct_store_problem(im->store, file->file_id, CT_PROBLEM_CONFLICT, row->number, row->offset,
                            CT_CONFLICT_MESSAGE, text, len);
}

/* Keeps the text of an event that is not to stand in the table. */
static int keep_event(import *im, ct_ledger *file, const pending *p,
                      int (*keep)(import *, ct_ledger *, const ct_row *, const char *, size_t))
{
    ct_cell cells[CT_N_COLUMNS];
    for (int i = 0; i < CT_N_COLUMNS; i++)
        cells[i] = ct_batch_cell(p->batch, p->row, (ct_column)i);
    ct_buf text = CT_BUF_EMPTY;
    (void)ct_record_rebuild(cells, &text);
    ct_buf_put_char(&text, '\0');
    int rc = SQLITE_NOMEM;
    if (ct_buf_ok(&text))
        rc = keep(im, file, p->row, text.data, text.len - 1);
    ct_buf_free(&text);
    return rc;
}

/* A row of the file lost its place to a record that says more: what was an event is a duplicate, or
 * a problem when they disagree, as if the record had come first. The file's ledger row is in work
 * or written. */
static int recount_replaced(import *im, sqlite3_int64 file_id, bool is_problem)
{
    for (size_t i = 0; i < im->n_files; i++) {
        ct_ledger *file = &im->files[i];
        if (file->file_id == file_id) {
            file->events--;
            *(is_problem ? &file->problems : &file->duplicates) += 1;
            file->by_kind[CT_PROBLEM_CONFLICT] += is_problem;
            return SQLITE_OK;
        }
    }
    return ct_store_recount_replaced(im->store, file_id, is_problem);
}

static int insert_row(import *im, const pending *p)
{
    ct_ledger *file = &im->files[p->file];
    ct_outcome outcome;
    sqlite3_int64 replaced;
    int rc = ct_store_event(im->store, p->batch, p->row, file, &outcome, &replaced);
    if (rc == SQLITE_TOOBIG)
        return keep_event(im, file, p, keep_too_big);
    if (rc != SQLITE_OK)
        return rc;
    switch (outcome) {
    case CT_OUTCOME_NEW:
        file->events++;
        im->total_events++;
        im->in_transaction++;
        return SQLITE_OK;
    case CT_OUTCOME_DUPLICATE:
        file->duplicates++;
        /* Of a file that is read again the events of the first time are no news. */
        *(replaced == file->file_id && file->rows_before > 0 ? &im->total_known
                                                             : &im->total_duplicates) += 1;
        return SQLITE_OK;
    case CT_OUTCOME_REPLACED:
    case CT_OUTCOME_CORRECTED:
        file->events++;
        im->in_transaction++;
        im->total_replaced++;
        *(outcome == CT_OUTCOME_REPLACED ? &im->total_duplicates
                                         : &im->total_problems[CT_PROBLEM_CONFLICT]) += 1;
        return recount_replaced(im, replaced, outcome == CT_OUTCOME_CORRECTED);
    case CT_OUTCOME_CONFLICT:
        break;
    }
    return keep_event(im, file, p, keep_conflict);
}

/* The ledger's rows of the gathered files: the last one may go on. */
static int write_ledger(import *im)
{
    int rc = SQLITE_OK;
    size_t file = im->n_files;
    bool is_first = true;
    /* Newest first; a file's last batch is met before its others. */
    for (ct_batch *b = im->batches; b && rc == SQLITE_OK; b = b->next) {
        if (b->ends_file || is_first) {
            format_name name;
            file--;
            /* A file that cannot be read any more keeps the format of the rows it brought. */
            bool is_lost = b->form == CT_FORM_UNKNOWN && im->files[file].rows_before > 0;
            rc = ct_store_end_file(im->store, &im->files[file], is_lost ? NULL : format_of(b, name),
                                   b->ends_file && b->error.len == 0 && !im->files[file].is_cut,
                                   b->has_sha256 ? b->sha256 : NULL);
        }
        is_first = false;
    }
    return rc;
}

static void release_batches(import *im)
{
    while (im->batches) {
        ct_batch *b = im->batches;
        im->batches = b->next;
        ct_log_release(im->log, b);
    }
    im->n_bytes = im->n_rows = 0;
    /* Of the files only one that goes on is still needed. */
    if (im->file_is_open && im->n_files > 0)
        im->files[0] = im->files[im->n_files - 1];
    im->n_files = im->file_is_open && im->n_files > 0 ? 1 : 0;
}

/* Whether it is time to commit. The first part is a small one, in which the tables are made: were
 * that taken back after the cache was raised, the schema would be to be read anew before the cache
 * could get its size back, and an interrupt would not let us. */
static bool is_part_full(const import *im)
{
    bool is_first = im->transaction.is_own && !im->cache.is_settled;
    return is_first || im->in_transaction >= im->limits.transaction_events;
}

/* Writes what was gathered. */
static int flush(import *im)
{
    int rc = SQLITE_OK;
    if (im->n_rows > 1)
        qsort(im->rows, im->n_rows, sizeof *im->rows, compare_rows);
    for (size_t i = 0; i < im->n_rows && rc == SQLITE_OK; i++)
        rc = insert_row(im, &im->rows[i]);
    if (rc == SQLITE_OK)
        rc = write_ledger(im);
    release_batches(im);
    ct_progress_say(&im->progress, im->total_files, im->total_events, im->total_bytes,
                    ct_log_size(im->log));
    return rc;
}

/* The same, and commits when it is time to. */
static int flush_and_commit(import *im)
{
    int rc = flush(im);
    if (rc == SQLITE_OK && is_part_full(im))
        rc = pause(im);
    if (rc == SQLITE_OK)
        rc = resume(im);
    if (rc == SQLITE_OK && im->transaction.is_own && !im->cache.is_settled)
        rc = ct_page_cache_raise(&im->cache);
    return rc;
}

/* ---- the import ---------------------------------------------------------------------------- */

/* Whether the name says a delivery outside the time that was asked for, a day wider on both sides:
 * what happened in it may be delivered later, and a digest is named after the end of its hour. */
static bool is_delivered_outside(const import *im, const char *path)
{
    const int64_t day = 24 * 3600 * CT_TICKS_PER_SECOND;
    ct_s3_name name = ct_s3_parse(path, strlen(path));
    if (name.kind == CT_S3_OTHER)
        return false;
    return (im->limits.from > 0 && name.ticks < im->limits.from - day) ||
           (im->limits.to > 0 && name.ticks >= im->limits.to + day);
}

static bool is_wanted(void *context, const char *path, const ct_file_info *info)
{
    import *im = context;
    bool has = false;
    if (is_delivered_outside(im, path)) {
        im->total_files_outside++;
        return false;
    }
    if (info->is_stdin || ct_store_has_file(im->store, path, info, &has) != SQLITE_OK)
        return true; /* an error shows again at the next statement */
    im->total_skipped += has;
    return !has;
}

/* Nothing is there on standard input: what came so far is committed, so that nobody is locked out
 * for as long as nothing comes. */
static int wait_unlocked(import *im)
{
    if (!im->has_said_waits)
        ct_progress_note(&im->progress, "cloudtrail_import(): waiting for standard input; Ctrl-D "
                                        "ends it, Ctrl-C stops the import");
    im->has_said_waits = true;
    if (im->is_paused || !im->transaction.is_own)
        return SQLITE_OK;
    int rc = flush(im);
    return rc == SQLITE_OK ? pause(im) : rc;
}

static bool goes_on(void *context, bool waits)
{
    import *im = context;
    im->stop_code = ct_interrupt_check(im->interrupt);
    if (im->stop_code == SQLITE_OK && waits)
        im->stop_code = wait_unlocked(im);
    return im->stop_code == SQLITE_OK;
}

static int open_log(import *im)
{
    char text[CT_PATHS_ERROR_MAX];
    int rc = ct_databases_open(im->db, &im->databases);
    if (rc == SQLITE_OK)
        rc = ct_interrupt_open(im->db, &im->interrupt);
    if (rc != SQLITE_OK)
        return rc;
    ct_paths_guard guard = ct_databases_guard(im->databases);
    ct_log_options options = {.columns = CT_ALL_COLUMNS,
                              .order = CT_LOG_BY_TIME,
                              .hash = true,
                              .guard = &guard,
                              .filter = is_wanted,
                              .context = im,
                              .pulse = {goes_on, im}};
    if (ct_log_open(im->path, &options, &im->log, text))
        return SQLITE_OK;
    if (text[0] == '\0')
        return SQLITE_NOMEM;
    im->error = sqlite3_mprintf("%s", text);
    return SQLITE_ERROR;
}

/* The last rows, and what can be told only when all are there. */
static int finish(import *im)
{
    sqlite3_int64 n = 0;
    int rc = flush(im);
    if (rc == SQLITE_OK && im->total_events > 0)
        rc = ct_store_note_two_times(im->store, &n);
    im->total_problems[CT_PROBLEM_NOTE] += n;
    return rc;
}

static int import_all(import *im)
{
    for (;;) {
        ct_batch *batch;
        ct_log_status status = ct_log_next(im->log, &batch);
        int rc = status == CT_LOG_STOPPED ? im->stop_code : resume(im);
        switch (status) {
        case CT_LOG_STOPPED:
            return rc;
        case CT_LOG_BATCH:
            if (rc == SQLITE_OK)
                rc = gather(im, batch);
            else
                ct_log_release(im->log, batch);
            if (rc == SQLITE_OK && im->n_bytes >= im->limits.gathered_bytes)
                rc = flush_and_commit(im);
            if (rc != SQLITE_OK)
                return rc;
            break;
        case CT_LOG_END:
            im->total_ignored += ct_log_ignored(im->log);
            return rc == SQLITE_OK ? finish(im) : rc;
        case CT_LOG_EMPTY:
            im->error = sqlite3_mprintf("%s: no file in this folder", im->path);
            return SQLITE_ERROR;
        case CT_LOG_NO_MEMORY:
            return SQLITE_NOMEM;
        }
    }
}

static void note_memory_database(import *im)
{
    const char *database = sqlite3_db_filename(im->db, "main");
    if (!database || !*database)
        ct_progress_note(&im->progress, "cloudtrail_import(): into a database in memory, which is "
                                        "gone when you leave; open a file to keep it");
}

static int write_all(import *im)
{
    int rc = ct_schema_create(im->db, &im->report, &im->error);
    if (rc == SQLITE_OK)
        rc = ct_store_open(im->db, &im->store);
    if (rc == SQLITE_OK)
        rc = open_log(im);
    if (rc == SQLITE_OK)
        rc = import_all(im);
    if (rc != SQLITE_OK && !im->error)
        im->error = ct_sqlite_error(im->db, rc);
    return rc;
}

/* One transaction after another, to the end or to an error. */
static int run_once(import *im)
{
    int rc = ct_transaction_begin(&im->transaction, &im->error);
    if (rc != SQLITE_OK)
        return rc;
    rc = write_all(im);
    ct_page_cache_restore(&im->cache);
    int ended = ct_transaction_end(&im->transaction, rc);
    if (ended == SQLITE_INTERRUPT) {
        sqlite3_free(im->error);
        im->error = ct_transaction_interrupted(&im->transaction,
                                               "call it again to go on from where it was");
    } else if (ended != rc) {
        sqlite3_free(im->error);
        im->error = ct_sqlite_error(im->db, ended);
    }
    return ended;
}

/* Lets go of all that a run has opened. */
static void end_run(import *im)
{
    while (im->batches) {
        ct_batch *b = im->batches;
        im->batches = b->next;
        ct_batch_free(b);
    }
    ct_log_close(im->log);
    ct_databases_close(im->databases);
    ct_store_close(im->store);
    ct_interrupt_close(im->interrupt);
    sqlite3_free(im->error);
    ct_schema_report_free(&im->report);
    im->log = NULL;
    im->databases = NULL;
    im->store = NULL;
    im->interrupt = NULL;
    im->error = NULL;
    im->n_bytes = im->n_files = im->n_rows = 0;
    im->file_is_open = im->passes_over = im->is_paused = false;
    im->in_transaction = 0;
}

/* What is committed is passed over by the next run, and is no file that was skipped. */
static void go_on_from_committed(import *im)
{
    const totals *done = &im->committed;
    im->total_files = done->files;
    im->total_skipped = -done->files;
    im->total_events = done->events;
    im->total_duplicates = done->duplicates;
    im->total_known = done->known;
    im->total_ignored = done->ignored;
    memcpy(im->total_problems, done->problems, sizeof im->total_problems);
    im->total_digests = done->digests;
    im->total_replaced = done->replaced;
    im->total_bytes = done->bytes;
    im->total_outside = done->outside;
    im->total_files_outside = 0; /* the walk counts them anew */
    im->n_unreadable = 0;
}

/* Where memory runs out, it may be that our cache has taken it: once more with a smaller one. */
static int run(import *im)
{
    int rc = ct_transaction_open(im->db, &im->transaction, &im->error);
    if (rc != SQLITE_OK)
        return rc;
    note_memory_database(im);
    if (im->transaction.is_own)
        rc = ct_page_size_choose(im->db);
    if (rc != SQLITE_OK)
        return rc;
    im->cache.db = im->db;
    for (;;) {
        rc = run_once(im);
        if ((rc & 0xFF) != SQLITE_NOMEM || !ct_page_cache_shrink(&im->cache))
            return rc;
        end_run(im);
        go_on_from_committed(im);
    }
}

static void release(import *im)
{
    end_run(im);
    ct_transaction_close(&im->transaction);
    ct_free(im->files);
    ct_free(im->rows);
}

/* ---- SQL ----------------------------------------------------------------------------------- */

static void put_count(ct_buf *json, const char *name, sqlite3_int64 n)
{
    ct_buf_printf(json, ",\"%s\":%lld", name, (long long)n);
}

static void put_summary(const import *im, ct_buf *json)
{
    const char *database = sqlite3_db_filename(im->db, "main");
    ct_buf_put_text(json, "{\"database\":");
    ct_json_put_text(json, database && *database ? database : ":memory:");
    put_count(json, "files", im->total_files);
    put_count(json, "skipped", im->total_skipped);
    put_count(json, "ignored", im->total_ignored);
    put_count(json, "events", im->total_events);
    put_count(json, "duplicates", im->total_duplicates);
    if (im->total_known > 0)
        put_count(json, "known", im->total_known);
    put_count(json, "problems", im->total_problems[CT_PROBLEM_UNREADABLE]);
    put_count(json, "conflicts", im->total_problems[CT_PROBLEM_CONFLICT]);
    put_count(json, "notes", im->total_problems[CT_PROBLEM_NOTE]);
    if (im->total_digests > 0)
        put_count(json, "digests", im->total_digests);
    if (im->total_replaced > 0)
        put_count(json, "replaced", im->total_replaced);
    if (im->from_key || im->to_key) {
        put_count(json, "outside", im->total_outside);
        put_count(json, "filesOutside", im->total_files_outside);
    }
    /* Not %.3f: that is written with a comma in many places of the world. */
    long long ms = (long long)(ct_progress_seconds(&im->progress) * 1000);
    ct_buf_printf(json, ",\"seconds\":%lld.%03lld", ms / 1000, ms % 1000);
    if (!im->transaction.is_own)
        ct_buf_put_text(json, ",\"note\":\"inside your transaction: COMMIT keeps it\"");
    ct_schema_put_report(&im->report, json);
    ct_buf_put_char(json, '}');
}

/* As time_key(); 0 for 0. */
static uint64_t key_of_ticks(int64_t ticks)
{
    char text[CT_TIME_TEXT_MAX];
    if (ticks == 0)
        return 0;
    size_t n = ct_time_format(ticks - ticks % CT_TICKS_PER_SECOND, text);
    return time_key(&(ct_cell){.kind = CT_CELL_TEXT, .p = text, .len = n});
}

void ct_import_run(sqlite3_context *context, sqlite3_value *path, ct_import_limits limits)
{
    struct import im = {.db = sqlite3_context_db_handle(context),
                        .limits = limits,
                        .path = (const char *)sqlite3_value_text(path),
                        .from_key = key_of_ticks(limits.from),
                        .to_key = key_of_ticks(limits.to),
                        .progress = ct_progress_start()};
    if (!im.path) {
        int code = sqlite3_value_type(path) == SQLITE_NULL ? SQLITE_ERROR : SQLITE_NOMEM;
        ct_result_failure(context, code, "cloudtrail_import",
                          "a path is needed: cloudtrail_import('logs/')");
        return;
    }
    if (strlen(im.path) != (size_t)sqlite3_value_bytes(path)) {
        ct_result_failure(context, SQLITE_ERROR, "cloudtrail_import", "the path holds a NUL byte");
        return;
    }
    int rc = run(&im);
    ct_progress_end(&im.progress);
    if (rc == SQLITE_OK) {
        ct_buf json = CT_BUF_EMPTY;
        put_summary(&im, &json);
        ct_result_json(context, &json);
    } else {
        ct_result_failure(context, rc, "cloudtrail_import", im.error);
    }
    release(&im);
}

/* A bound of the time that is wanted; NULL leaves it open. False: the error is set. */
static bool read_bound(sqlite3_context *context, sqlite3_value *value, const char *name,
                       int64_t *ticks)
{
    ct_span text;
    *ticks = 0;
    if (sqlite3_value_type(value) == SQLITE_NULL)
        return true;
    if (!ct_arg_text(context, value, &text))
        return false;
    if (ct_time_parse(text.p, text.n, ticks))
        return true;
    ct_buf message = CT_BUF_EMPTY;
    ct_buf_put_text(&message, "cloudtrail_import(): ");
    ct_buf_put_text(&message, name);
    ct_buf_put_text(&message, " is no time: ");
    ct_put_value(&message, value);
    ct_result_error_buf(context, &message);
    return false;
}

/*
 * cloudtrail_import(path TEXT [, from TEXT, to TEXT]) -> TEXT
 *
 * Imports logs into the table cloudtrail of the main database: a file, a folder with all below it,
 * a glob, or - for standard input. Makes the tables and views that are missing. Files that were
 * imported before and have not changed are skipped. Returns a summary as JSON: database, files
 * read, files skipped, events added, duplicates, problems (rows of cloudtrail_problem), seconds;
 * where full records took the place of rows from CSV files, how many (replaced).
 * Commits about every 50,000 events; inside a transaction of the caller's it commits nothing.
 * Shows its progress on stderr when that is a terminal.
 *
 * With from and to (ISO 8601, UTC where no zone is said) only what is of that time, from <= time <
 * to: of files with a name of the S3 layout those whose name says a delivery then, a day wider on
 * both sides, and these whole; of other files the events of that time. The summary counts the
 * events left out of the latter (outside) and the former that were not opened (filesOutside). A
 * file of which events were left out is not complete, and read again by the next import.
 *
 * NULL:    an error: a path is needed. from or to NULL: open on that side.
 * Errors:  no such file, an empty folder, a path that begins with ~ or s3://, a file that is a
 *          database; from or to that is no time, from later than to; called from a statement that writes; the database
 *          is locked, full, read-only or of a newer release.
 *          After an error or an interrupt what earlier commits brought is there, and a second call
 *          completes it. After an interrupt inside a transaction of the caller's, ROLLBACK.
 * Example: SELECT json_extract(cloudtrail_import('data/sample'), '$.events');
 *          -- 2074
 */
static void cloudtrail_import(sqlite3_context *context, int argc, sqlite3_value **argv)
{
    ct_import_limits limits = {.gathered_bytes = GATHERED_BYTES,
                               .transaction_events = TRANSACTION_EVENTS};
    if (argc == 3 && (!read_bound(context, argv[1], "from", &limits.from) ||
                      !read_bound(context, argv[2], "to", &limits.to)))
        return;
    if (limits.from > 0 && limits.to > 0 && limits.from > limits.to) {
        ct_result_failure(context, SQLITE_ERROR, "cloudtrail_import",
                          "from is later than to: nothing can be of that time");
        return;
    }
    ct_import_run(context, argv[0], limits);
}

// clang-format off
static const ct_function functions[] = {
    /* name               argc flags           scalar             step  final value inverse */
    {"cloudtrail_import", 1,   CT_DIRECT_JSON, cloudtrail_import, NULL, NULL, NULL, NULL},
    {"cloudtrail_import", 3,   CT_DIRECT_JSON, cloudtrail_import, NULL, NULL, NULL, NULL},
};
// clang-format on

int ct_import_register(sqlite3 *db, char **error)
{
    return ct_register(db, functions, sizeof functions / sizeof functions[0], error);
}
