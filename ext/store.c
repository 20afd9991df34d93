#include "store.h"

#include <stdio.h>
#include <string.h>

#include "json_equal.h"
#include "mem.h"

#ifndef SQLITE_CORE
SQLITE_EXTENSION_INIT3
#endif

enum {
    INSERT_EVENT,
    FIND_EVENT,
    INSERT_PROBLEM,
    FIND_FILE,
    INSERT_FILE,
    BEGIN_AGAIN,
    DELETE_PROBLEMS,
    DELETE_DIGEST,
    DELETE_WITHOUT_ID,
    INSERT_DIGEST,
    READ_COUNTS,
    END_FILE,
    N_STATEMENTS
};

static const char *const statements[N_STATEMENTS] = {
    /* INSERT_EVENT and FIND_EVENT list the columns: prepare() writes them. */
    [INSERT_PROBLEM] = "INSERT INTO main.cloudtrail_problem VALUES (?1, ?2, ?3, ?4, ?5)",
    [FIND_FILE] = "SELECT fileID, size, modified, complete, events FROM main.cloudtrail_file"
                  " WHERE path = ?1 AND path <> '-'",
    [INSERT_FILE] = "INSERT INTO main.cloudtrail_file (path, size, modified, importedAt)"
                    " VALUES (?1, ?2, ?3, strftime('%Y-%m-%dT%H:%M:%SZ', 'now'))",
    [BEGIN_AGAIN] = "UPDATE main.cloudtrail_file SET size = ?2, modified = ?3, complete = 0,"
                    " importedAt = strftime('%Y-%m-%dT%H:%M:%SZ', 'now') WHERE fileID = ?1",
    [DELETE_PROBLEMS] = "DELETE FROM main.cloudtrail_problem WHERE fileID = ?1",
    [DELETE_DIGEST] = "DELETE FROM main.cloudtrail_digest WHERE fileID = ?1",
    [INSERT_DIGEST] =
        "INSERT INTO main.cloudtrail_digest"
        " SELECT ?1, json_extract(value, '$.s3Bucket'), json_extract(value, '$.s3Object'),"
        " json_extract(value, '$.oldestEventTime'), json_extract(value, '$.newestEventTime')"
        " FROM json_each(?2, '$.logFiles')"
        " WHERE type = 'object' AND json_extract(value, '$.s3Object') IS NOT NULL",
    [DELETE_WITHOUT_ID] = "DELETE FROM main.cloudtrail WHERE fileID = ?1 AND eventID IS NULL",
    [READ_COUNTS] = "SELECT records, events, duplicates, problems, complete"
                    " FROM main.cloudtrail_file WHERE fileID = ?1",
    [END_FILE] = "UPDATE main.cloudtrail_file SET format = ?2, records = ?3, events = ?4,"
                 " duplicates = ?5, problems = ?6, firstTime = ?7,"
                 " lastTime = ?8, complete = ?9 WHERE fileID = ?1",
};

struct ct_store {
    sqlite3 *db;
    sqlite3_stmt *statements[N_STATEMENTS]; /* owned */
    int bound; /* of the statement being bound: the first error, else SQLITE_OK */
};

/* Where the parameters and result columns behind the record's own stand. */
enum { FILE_ID = CT_N_COLUMNS, RECORD_NUMBER };

/* ---- statements ---------------------------------------------------------------------------- */

static void put_columns(ct_buf *sql)
{
    for (int i = 0; i < CT_N_COLUMNS; i++) {
        ct_buf_put_text(sql, ct_column_name((ct_column)i));
        ct_buf_put_char(sql, ',');
    }
    ct_buf_put_text(sql, "fileID,recordNumber");
}

static void put_statement(int which, ct_buf *sql)
{
    if (which == INSERT_EVENT) {
        ct_buf_put_text(sql, "INSERT INTO main.cloudtrail (");
        put_columns(sql);
        ct_buf_put_text(sql, ") VALUES (?1");
        for (int i = 2; i <= RECORD_NUMBER + 1; i++)
            ct_buf_printf(sql, ",?%d", i);
        ct_buf_put_text(sql, ") ON CONFLICT DO NOTHING");
    } else if (which == FIND_EVENT) {
        ct_buf_put_text(sql, "SELECT ");
        put_columns(sql);
        ct_buf_put_text(sql, " FROM main.cloudtrail WHERE eventTime = ?1 AND eventID = ?2");
    } else {
        ct_buf_put_text(sql, statements[which]);
    }
}

static int prepare(ct_store *store, int which)
{
    ct_buf sql = CT_BUF_EMPTY;
    put_statement(which, &sql);
    int rc = SQLITE_NOMEM;
    if (ct_buf_ok(&sql))
        rc = sqlite3_prepare_v3(store->db, sql.data, (int)sql.len, SQLITE_PREPARE_PERSISTENT,
                                &store->statements[which], NULL);
    ct_buf_free(&sql);
    return rc;
}

int ct_store_open(sqlite3 *db, ct_store **store)
{
    *store = NULL;
    ct_store *s = ct_malloc(sizeof *s);
    if (!s)
        return SQLITE_NOMEM;
    memset(s, 0, sizeof *s);
    s->db = db;
    int rc = SQLITE_OK;
    for (int i = 0; i < N_STATEMENTS && rc == SQLITE_OK; i++)
        rc = prepare(s, i);
    if (rc == SQLITE_OK)
        *store = s;
    else
        ct_store_close(s);
    return rc;
}

void ct_store_close(ct_store *store)
{
    if (!store)
        return;
    for (int i = 0; i < N_STATEMENTS; i++)
        sqlite3_finalize(store->statements[i]);
    ct_free(store);
}

/* ---- parameters: an error is kept until the statement is stepped ----------------------------- */

static void note_bound(ct_store *store, int rc)
{
    if (store->bound == SQLITE_OK)
        store->bound = rc;
}

static void bind_integer(ct_store *store, sqlite3_stmt *stmt, int parameter, sqlite3_int64 value)
{
    note_bound(store, sqlite3_bind_int64(stmt, parameter, value));
}

/* The text is borrowed until the statement is reset. */
static void bind_text(ct_store *store, sqlite3_stmt *stmt, int parameter, const char *p, size_t n)
{
    note_bound(store, sqlite3_bind_text64(stmt, parameter, p, n, SQLITE_STATIC, SQLITE_UTF8));
}

static void bind_null(ct_store *store, sqlite3_stmt *stmt, int parameter)
{
    note_bound(store, sqlite3_bind_null(stmt, parameter));
}

/* SQLITE_ROW, SQLITE_DONE, or an error, also of a parameter that could not be bound. */
static int step(ct_store *store, sqlite3_stmt *stmt)
{
    int rc = store->bound;
    store->bound = SQLITE_OK;
    return rc == SQLITE_OK ? sqlite3_step(stmt) : rc;
}

/* Runs a statement that returns no row. */
static int run(ct_store *store, sqlite3_stmt *stmt)
{
    int rc = step(store, stmt);
    int reset = sqlite3_reset(stmt);
    return rc == SQLITE_DONE ? reset : rc;
}

static int run_for_file(ct_store *store, int which, sqlite3_int64 file_id)
{
    sqlite3_stmt *stmt = store->statements[which];
    bind_integer(store, stmt, 1, file_id);
    return run(store, stmt);
}

/* ---- the ledger ---------------------------------------------------------------------------- */

/* The file's row in the ledger, with file_id 0 when there is none. */
static int find_file(ct_store *store, const char *path, const ct_file_info *info, ct_ledger *ledger)
{
    sqlite3_stmt *stmt = store->statements[FIND_FILE];
    *ledger = (ct_ledger){.file_id = 0};
    bind_text(store, stmt, 1, path, strlen(path));
    int rc = step(store, stmt);
    if (rc == SQLITE_ROW) {
        ledger->file_id = sqlite3_column_int64(stmt, 0);
        ledger->unchanged = sqlite3_column_int64(stmt, 1) == info->size &&
                            sqlite3_column_int64(stmt, 2) == info->modified_ns &&
                            sqlite3_column_int(stmt, 3) == 1;
        ledger->rows_before = sqlite3_column_int64(stmt, 4);
        rc = SQLITE_DONE;
    }
    int reset = sqlite3_reset(stmt);
    return rc == SQLITE_DONE ? reset : rc;
}

int ct_store_has_file(ct_store *store, const char *path, const ct_file_info *info, bool *has)
{
    ct_ledger ledger;
    int rc = find_file(store, path, info, &ledger);
    *has = rc == SQLITE_OK && ledger.unchanged;
    return rc;
}

static int insert_file(ct_store *store, const char *path, const ct_file_info *info,
                       ct_ledger *ledger)
{
    sqlite3_stmt *stmt = store->statements[INSERT_FILE];
    bind_text(store, stmt, 1, path, strlen(path));
    bind_integer(store, stmt, 2, info->size);
    bind_integer(store, stmt, 3, info->modified_ns);
    int rc = run(store, stmt);
    ledger->file_id = sqlite3_last_insert_rowid(store->db);
    return rc;
}

static int begin_again(ct_store *store, const ct_file_info *info, ct_ledger *ledger)
{
    sqlite3_stmt *stmt = store->statements[BEGIN_AGAIN];
    bind_integer(store, stmt, 1, ledger->file_id);
    bind_integer(store, stmt, 2, info->size);
    bind_integer(store, stmt, 3, info->modified_ns);
    int rc = run(store, stmt);
    if (rc == SQLITE_OK)
        rc = run_for_file(store, DELETE_PROBLEMS, ledger->file_id);
    if (rc == SQLITE_OK)
        rc = run_for_file(store, DELETE_DIGEST, ledger->file_id);
    if (rc == SQLITE_OK)
        rc = run_for_file(store, DELETE_WITHOUT_ID, ledger->file_id);
    if (rc == SQLITE_OK)
        ledger->rows_before -= sqlite3_changes(store->db);
    return rc;
}

int ct_store_begin_file(ct_store *store, const char *path, const ct_file_info *info,
                        ct_ledger *ledger)
{
    const char *name = ct_path_is_stdin(path) ? "-" : path;
    int rc = find_file(store, name, info, ledger);
    if (rc != SQLITE_OK || ledger->unchanged)
        return rc;
    return ledger->file_id ? begin_again(store, info, ledger)
                           : insert_file(store, name, info, ledger);
}

/*
 * What the ledger calls events and duplicates. Of a file that is read again the events of the first
 * time came up as duplicates of themselves. While the file is read, events are its rows in the
 * table, so that the next reading knows them; in the end they add up to what the file shows (one
 * that has lost records since keeps their rows).
 */
static sqlite3_int64 events_of(const ct_ledger *ledger, bool complete)
{
    sqlite3_int64 rows = ledger->rows_before + ledger->events;
    sqlite3_int64 shown = ledger->events + ledger->duplicates;
    return complete && rows > shown ? shown : rows;
}

static sqlite3_int64 duplicates_of(const ct_ledger *ledger, bool complete)
{
    sqlite3_int64 shown = ledger->events + ledger->duplicates;
    sqlite3_int64 events = events_of(ledger, complete);
    return events < shown ? shown - events : 0;
}

int ct_store_is_ours(ct_store *store, const ct_ledger *ledger, bool *is_ours)
{
    sqlite3_stmt *stmt = store->statements[READ_COUNTS];
    bind_integer(store, stmt, 1, ledger->file_id);
    int rc = step(store, stmt);
    *is_ours = rc == SQLITE_ROW && sqlite3_column_int64(stmt, 0) == ledger->records &&
               sqlite3_column_int64(stmt, 1) == events_of(ledger, false) &&
               sqlite3_column_int64(stmt, 2) == duplicates_of(ledger, false) &&
               sqlite3_column_int64(stmt, 3) == ledger->problems &&
               sqlite3_column_int(stmt, 4) == 0;
    int reset = sqlite3_reset(stmt);
    return rc == SQLITE_ROW || rc == SQLITE_DONE ? reset : rc;
}

/* Binds the digits YYYYMMDDhhmmss as a time; NULL where there is none. */
static void bind_time(ct_store *store, sqlite3_stmt *stmt, int parameter, uint64_t digits)
{
    char text[32];
    int n =
        snprintf(text, sizeof text, "%04d-%02d-%02dT%02d:%02d:%02dZ", (int)(digits / 10000000000),
                 (int)(digits / 100000000 % 100), (int)(digits / 1000000 % 100),
                 (int)(digits / 10000 % 100), (int)(digits / 100 % 100), (int)(digits % 100));
    if (digits == 0)
        bind_null(store, stmt, parameter);
    else
        note_bound(store, sqlite3_bind_text(stmt, parameter, text, n, SQLITE_TRANSIENT));
}

int ct_store_end_file(ct_store *store, const ct_ledger *ledger, const char *format, bool complete)
{
    sqlite3_stmt *stmt = store->statements[END_FILE];
    bind_integer(store, stmt, 1, ledger->file_id);
    bind_text(store, stmt, 2, format, strlen(format));
    bind_integer(store, stmt, 3, ledger->records);
    bind_integer(store, stmt, 4, events_of(ledger, complete));
    bind_integer(store, stmt, 5, duplicates_of(ledger, complete));
    bind_integer(store, stmt, 6, ledger->problems);
    bind_time(store, stmt, 7, ledger->first_time);
    bind_time(store, stmt, 8, ledger->last_time);
    bind_integer(store, stmt, 9, complete);
    return run(store, stmt);
}

int ct_store_problem(ct_store *store, sqlite3_int64 file_id, sqlite3_int64 number,
                     sqlite3_int64 offset, const char *message, const char *text, size_t len)
{
    sqlite3_stmt *stmt = store->statements[INSERT_PROBLEM];
    bind_integer(store, stmt, 1, file_id);
    if (number > 0)
        bind_integer(store, stmt, 2, number);
    else
        bind_null(store, stmt, 2);
    bind_integer(store, stmt, 3, offset);
    bind_text(store, stmt, 4, message, strlen(message));
    bind_text(store, stmt, 5, text, len);
    return run(store, stmt);
}

int ct_store_digest(ct_store *store, sqlite3_int64 file_id, const char *text, size_t len)
{
    sqlite3_stmt *stmt = store->statements[INSERT_DIGEST];
    bind_integer(store, stmt, 1, file_id);
    bind_text(store, stmt, 2, text, len);
    return run(store, stmt);
}

/* ---- events -------------------------------------------------------------------------------- */

static void bind_cell(ct_store *store, sqlite3_stmt *stmt, int parameter, const ct_cell *cell)
{
    if (cell->kind == CT_CELL_TEXT)
        bind_text(store, stmt, parameter, cell->p, cell->len);
    else if (cell->kind == CT_CELL_INTEGER)
        bind_integer(store, stmt, parameter, cell->integer);
    else
        bind_null(store, stmt, parameter);
}

/* Whether a column of the row found says the same as the cell. */
static bool is_same(sqlite3_stmt *found, int column, const ct_cell *cell, bool *no_memory)
{
    if (sqlite3_column_type(found, column) == SQLITE_NULL)
        return cell->kind == CT_CELL_NULL;
    if (cell->kind == CT_CELL_INTEGER)
        return sqlite3_column_int(found, column) == cell->integer;
    if (cell->kind == CT_CELL_NULL)
        return false;
    const char *text = (const char *)sqlite3_column_text(found, column);
    size_t len = (size_t)sqlite3_column_bytes(found, column);
    if (!text) {
        *no_memory = true;
        return false;
    }
    if (ct_column_type_of((ct_column)column) == CT_TYPE_JSON)
        return ct_json_equal(text, len, cell->p, cell->len, no_memory);
    return len == cell->len && memcmp(text, cell->p, len) == 0;
}

/* The insert did nothing: an event of that time and id is there. Is it this one? */
static int compare_event(ct_store *store, const ct_batch *batch, const ct_row *row,
                         ct_outcome *outcome)
{
    sqlite3_stmt *found = store->statements[FIND_EVENT];
    ct_cell time = ct_batch_cell(batch, row, CT_EVENT_TIME);
    ct_cell id = ct_batch_cell(batch, row, CT_EVENT_ID);
    bool no_memory = false;
    bind_cell(store, found, 1, &time);
    bind_cell(store, found, 2, &id);
    *outcome = CT_OUTCOME_CONFLICT;
    int rc = step(store, found);
    if (rc == SQLITE_ROW) {
        bool same = true;
        for (int i = 0; i < CT_N_COLUMNS && same; i++) {
            ct_cell cell = ct_batch_cell(batch, row, (ct_column)i);
            same = is_same(found, i, &cell, &no_memory);
        }
        if (same)
            *outcome = CT_OUTCOME_DUPLICATE;
        rc = SQLITE_DONE;
    }
    int reset = sqlite3_reset(found);
    if (no_memory)
        return SQLITE_NOMEM;
    return rc == SQLITE_DONE ? reset : rc;
}

int ct_store_event(ct_store *store, const ct_batch *batch, const ct_row *row,
                   const ct_ledger *ledger, ct_outcome *outcome)
{
    sqlite3_stmt *stmt = store->statements[INSERT_EVENT];
    for (int i = 0; i < CT_N_COLUMNS; i++) {
        ct_cell cell = ct_batch_cell(batch, row, (ct_column)i);
        bind_cell(store, stmt, i + 1, &cell);
    }
    bind_integer(store, stmt, FILE_ID + 1, ledger->file_id);
    bind_integer(store, stmt, RECORD_NUMBER + 1, row->number);
    int rc = run(store, stmt);
    *outcome = CT_OUTCOME_NEW;
    if (rc != SQLITE_OK || sqlite3_changes(store->db) > 0)
        return rc;
    return compare_event(store, batch, row, outcome);
}
