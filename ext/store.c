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
    COUNT_EVENTS,
    END_FILE,
    WRITE_NOTHING,
    N_STATEMENTS
};

static const char *const statements[N_STATEMENTS] = {
    /* INSERT_EVENT and FIND_EVENT list the columns: prepare() writes them. */
    [INSERT_PROBLEM] = "INSERT INTO main.cloudtrail_problem VALUES (?1, ?2, ?3, ?4, ?5)",
    [FIND_FILE] = "SELECT fileID, size, modified, complete FROM main.cloudtrail_file"
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
    [COUNT_EVENTS] = "SELECT count(*) FROM main.cloudtrail WHERE fileID = ?1",
    [END_FILE] = "UPDATE main.cloudtrail_file SET format = ?2, records = ?3, events = ?4,"
                 " duplicates = ?5, problems = ?6, firstTime = ?7,"
                 " lastTime = ?8, complete = ?9 WHERE fileID = ?1",
    [WRITE_NOTHING] = "DELETE FROM main.cloudtrail_file WHERE 0",
};

struct ct_store {
    sqlite3 *db;
    sqlite3_stmt *statements[N_STATEMENTS]; /* owned */
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

/* Runs a statement that returns no row, and lets go of what was bound. */
static int run(sqlite3_stmt *stmt)
{
    (void)sqlite3_step(stmt);
    return sqlite3_reset(stmt);
}

static int run_for_file(ct_store *store, int which, sqlite3_int64 file_id)
{
    sqlite3_stmt *stmt = store->statements[which];
    sqlite3_bind_int64(stmt, 1, file_id);
    return run(stmt);
}

void ct_store_roll_back_interrupted(ct_store *store)
{
    (void)run(store->statements[WRITE_NOTHING]);
}

/* ---- the ledger ---------------------------------------------------------------------------- */

/* The file's row, 0 when there is none; *unchanged when it is complete and as it is on disk. */
static int find_file(ct_store *store, const char *path, const ct_file_info *info,
                     sqlite3_int64 *file_id, bool *unchanged)
{
    sqlite3_stmt *stmt = store->statements[FIND_FILE];
    *file_id = 0;
    *unchanged = false;
    sqlite3_bind_text(stmt, 1, path, -1, SQLITE_STATIC);
    if (sqlite3_step(stmt) == SQLITE_ROW) {
        *file_id = sqlite3_column_int64(stmt, 0);
        *unchanged = sqlite3_column_int64(stmt, 1) == info->size &&
                     sqlite3_column_int64(stmt, 2) == info->modified_ns &&
                     sqlite3_column_int(stmt, 3) == 1;
    }
    return sqlite3_reset(stmt);
}

int ct_store_has_file(ct_store *store, const char *path, const ct_file_info *info, bool *has)
{
    sqlite3_int64 file_id;
    return find_file(store, path, info, &file_id, has);
}

static int insert_file(ct_store *store, const char *path, const ct_file_info *info,
                       sqlite3_int64 *file_id)
{
    sqlite3_stmt *stmt = store->statements[INSERT_FILE];
    sqlite3_bind_text(stmt, 1, path, -1, SQLITE_STATIC);
    sqlite3_bind_int64(stmt, 2, info->size);
    sqlite3_bind_int64(stmt, 3, info->modified_ns);
    int rc = run(stmt);
    *file_id = sqlite3_last_insert_rowid(store->db);
    return rc;
}

static int begin_again(ct_store *store, const ct_file_info *info, sqlite3_int64 file_id)
{
    sqlite3_stmt *stmt = store->statements[BEGIN_AGAIN];
    sqlite3_bind_int64(stmt, 1, file_id);
    sqlite3_bind_int64(stmt, 2, info->size);
    sqlite3_bind_int64(stmt, 3, info->modified_ns);
    int rc = run(stmt);
    if (rc == SQLITE_OK)
        rc = run_for_file(store, DELETE_PROBLEMS, file_id);
    if (rc == SQLITE_OK)
        rc = run_for_file(store, DELETE_DIGEST, file_id);
    return rc == SQLITE_OK ? run_for_file(store, DELETE_WITHOUT_ID, file_id) : rc;
}

int ct_store_begin_file(ct_store *store, const char *path, const ct_file_info *info,
                        ct_ledger *ledger)
{
    bool unchanged;
    const char *name = ct_path_is_stdin(path) ? "-" : path;
    *ledger = (ct_ledger){.file_id = 0};
    int rc = find_file(store, name, info, &ledger->file_id, &unchanged);
    if (rc != SQLITE_OK)
        return rc;
    ledger->reread = ledger->file_id != 0;
    return ledger->reread ? begin_again(store, info, ledger->file_id)
                          : insert_file(store, name, info, &ledger->file_id);
}

/* Of a file that is read again, events of the first time came up as duplicates of themselves. */
static int recount(ct_store *store, ct_ledger *ledger)
{
    sqlite3_stmt *stmt = store->statements[COUNT_EVENTS];
    sqlite3_bind_int64(stmt, 1, ledger->file_id);
    if (sqlite3_step(stmt) == SQLITE_ROW) {
        sqlite3_int64 both = ledger->events + ledger->duplicates;
        sqlite3_int64 events = sqlite3_column_int64(stmt, 0);
        /* A file that has lost records since keeps their rows: then it has more than it shows. */
        ledger->events = events < both ? events : both;
        ledger->duplicates = both - ledger->events;
    }
    return sqlite3_reset(stmt);
}

/* Binds the digits YYYYMMDDhhmmss as a time; NULL where there is none. */
static void bind_time(sqlite3_stmt *stmt, int parameter, uint64_t digits)
{
    char text[32];
    int n =
        snprintf(text, sizeof text, "%04d-%02d-%02dT%02d:%02d:%02dZ", (int)(digits / 10000000000),
                 (int)(digits / 100000000 % 100), (int)(digits / 1000000 % 100),
                 (int)(digits / 10000 % 100), (int)(digits / 100 % 100), (int)(digits % 100));
    if (digits == 0)
        sqlite3_bind_null(stmt, parameter);
    else
        sqlite3_bind_text(stmt, parameter, text, n, SQLITE_TRANSIENT);
}

int ct_store_end_file(ct_store *store, ct_ledger *ledger, const char *format, bool complete)
{
    if (ledger->reread) {
        int rc = recount(store, ledger);
        if (rc != SQLITE_OK)
            return rc;
    }
    sqlite3_stmt *stmt = store->statements[END_FILE];
    sqlite3_bind_int64(stmt, 1, ledger->file_id);
    sqlite3_bind_text(stmt, 2, format, -1, SQLITE_STATIC);
    sqlite3_bind_int64(stmt, 3, ledger->records);
    sqlite3_bind_int64(stmt, 4, ledger->events);
    sqlite3_bind_int64(stmt, 5, ledger->duplicates);
    sqlite3_bind_int64(stmt, 6, ledger->problems);
    bind_time(stmt, 7, ledger->first_time);
    bind_time(stmt, 8, ledger->last_time);
    sqlite3_bind_int(stmt, 9, complete);
    return run(stmt);
}

int ct_store_problem(ct_store *store, sqlite3_int64 file_id, sqlite3_int64 number,
                     sqlite3_int64 offset, const char *message, const char *text, size_t len)
{
    sqlite3_stmt *stmt = store->statements[INSERT_PROBLEM];
    sqlite3_bind_int64(stmt, 1, file_id);
    if (number > 0)
        sqlite3_bind_int64(stmt, 2, number);
    else
        sqlite3_bind_null(stmt, 2);
    sqlite3_bind_int64(stmt, 3, offset);
    sqlite3_bind_text(stmt, 4, message, -1, SQLITE_STATIC);
    sqlite3_bind_text64(stmt, 5, text, len, SQLITE_STATIC, SQLITE_UTF8);
    return run(stmt);
}

int ct_store_digest(ct_store *store, sqlite3_int64 file_id, const char *text, size_t len)
{
    sqlite3_stmt *stmt = store->statements[INSERT_DIGEST];
    sqlite3_bind_int64(stmt, 1, file_id);
    sqlite3_bind_text64(stmt, 2, text, len, SQLITE_STATIC, SQLITE_UTF8);
    return run(stmt);
}

/* ---- events -------------------------------------------------------------------------------- */

static void bind_cell(sqlite3_stmt *stmt, int parameter, const ct_cell *cell)
{
    if (cell->kind == CT_CELL_TEXT)
        sqlite3_bind_text64(stmt, parameter, cell->p, cell->len, SQLITE_STATIC, SQLITE_UTF8);
    else if (cell->kind == CT_CELL_INTEGER)
        sqlite3_bind_int(stmt, parameter, cell->integer);
    else
        sqlite3_bind_null(stmt, parameter);
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
    bind_cell(found, 1, &time);
    bind_cell(found, 2, &id);
    *outcome = CT_OUTCOME_CONFLICT;
    if (sqlite3_step(found) == SQLITE_ROW) {
        bool same = true;
        for (int i = 0; i < CT_N_COLUMNS && same; i++) {
            ct_cell cell = ct_batch_cell(batch, row, (ct_column)i);
            same = is_same(found, i, &cell, &no_memory);
        }
        if (same)
            *outcome = CT_OUTCOME_DUPLICATE;
    }
    int rc = sqlite3_reset(found);
    return no_memory ? SQLITE_NOMEM : rc;
}

int ct_store_event(ct_store *store, const ct_batch *batch, const ct_row *row,
                   const ct_ledger *ledger, ct_outcome *outcome)
{
    sqlite3_stmt *stmt = store->statements[INSERT_EVENT];
    for (int i = 0; i < CT_N_COLUMNS; i++) {
        ct_cell cell = ct_batch_cell(batch, row, (ct_column)i);
        bind_cell(stmt, i + 1, &cell);
    }
    sqlite3_bind_int64(stmt, FILE_ID + 1, ledger->file_id);
    sqlite3_bind_int64(stmt, RECORD_NUMBER + 1, row->number);
    int rc = run(stmt);
    *outcome = CT_OUTCOME_NEW;
    if (rc != SQLITE_OK || sqlite3_changes(store->db) > 0)
        return rc;
    return compare_event(store, batch, row, outcome);
}
