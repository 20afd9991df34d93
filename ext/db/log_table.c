/*
 * The table function cloudtrail_log(path [, on_error [, agent_contains]]): log files as rows,
 * nothing imported.
 *
 * Reads files, so it is DIRECTONLY: a view or trigger that a database brought along cannot open
 * files behind the user's back; a TEMP view of the user's own can.
 *
 * One row a record: the columns of the table `cloudtrail` but fileID, then `file` (the path) and
 * `json` (the record's text without white space). Rows come file by file, in the order of
 * ext/paths.h, and within a file as they stand there; duplicates are not removed. A column is made
 * when the query asks for it. Memory: a few buffers, and the largest record.
 */
#include "db/log_table.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "sqlite/args.h"
#include "db/databases.h"
#include "log/log.h"
#include "base/mem.h"
#include "base/utf8.h"
#include "sqlite/interrupt.h"
#include "sqlite/progress.h"
#include "sqlite/register.h"
#include "sqlite/statement.h"

/* Behind the columns of a record, which have their own numbers. */
enum {
    COLUMN_RECORD_NUMBER = CT_N_COLUMNS,
    COLUMN_FILE,
    COLUMN_JSON,
    COLUMN_PATH, /* hidden: the parameters */
    COLUMN_ON_ERROR,
    COLUMN_AGENT_CONTAINS,
    N_PARAMETERS = COLUMN_AGENT_CONTAINS - COLUMN_PATH + 1
};

/* idxNum has a bit for each parameter that is given, in the order of xFilter's arguments. idxStr
 * holds colUsed in hexadecimal: the columns that the query reads. */
enum { HAS_PATH = 1, HAS_ON_ERROR = 2, HAS_AGENT_CONTAINS = 4 };

typedef struct log_table {
    sqlite3_vtab base;
    sqlite3 *db; /* borrowed: the connection that has this table */
} log_table;

typedef struct log_cursor {
    sqlite3_vtab_cursor base;
    ct_interrupt *interrupt;      /* owned */
    ct_databases *databases;      /* owned: not to be read */
    ct_log *log;                  /* owned */
    ct_batch *batch;              /* owned while the cursor is in it */
    size_t row;                   /* of the batch: the record the cursor stands on */
    char *path;                   /* owned (sqlite3_malloc), as the query gave it */
    char *agent_contains;         /* the same; NULL: no such parameter */
    char *agent_small;            /* in small letters: what the filter looks for */
    sqlite3_int64 records_before; /* the batch, in this walk */
    bool is_utf16;                /* the main database */
    bool skip_problems;
    bool has_said_waits; /* for standard input */
    bool at_end;
} log_cursor;

/* ---- the table ----------------------------------------------------------------------------- */

static void put_declaration(ct_buf *sql)
{
    ct_buf_put_text(sql, "CREATE TABLE x(");
    for (int i = 0; i < CT_N_COLUMNS; i++) {
        ct_column_type type = ct_column_type_of((ct_column)i);
        bool is_integer = type == CT_TYPE_BOOL || type == CT_TYPE_BOOL_STRING;
        ct_buf_put_text(sql, ct_column_name((ct_column)i));
        ct_buf_put_text(sql, is_integer ? " INTEGER," : " TEXT,");
    }
    ct_buf_put_text(sql, "recordNumber INTEGER,file TEXT,json TEXT,path HIDDEN,on_error HIDDEN,"
                         "agent_contains HIDDEN)");
    ct_buf_put_char(sql, '\0');
}

static int log_connect(sqlite3 *db, void *aux, int argc, const char *const *argv,
                       sqlite3_vtab **table, char **error)
{
    (void)aux, (void)argc, (void)argv;
    ct_buf sql = CT_BUF_EMPTY;
    put_declaration(&sql);
    int rc = ct_buf_ok(&sql) ? sqlite3_declare_vtab(db, sql.data) : SQLITE_NOMEM;
    ct_buf_free(&sql);
    if (rc != SQLITE_OK && rc != SQLITE_NOMEM) /* the text is right: nobody else refuses it */
        *error = sqlite3_mprintf(
            "cloudtrail_log(): the authorizer of this connection refuses SQLITE_UPDATE of"
            " sqlite_master, which SQLite asks for at the first use: allow that, or use it once"
            " before the authorizer is set");
    if (rc != SQLITE_OK)
        return rc;
    sqlite3_vtab_config(db, SQLITE_VTAB_DIRECTONLY);
    log_table *t = sqlite3_malloc(sizeof *t);
    if (!t)
        return SQLITE_NOMEM;
    *t = (log_table){.db = db};
    *table = &t->base;
    return SQLITE_OK;
}

static int log_disconnect(sqlite3_vtab *table)
{
    sqlite3_free(table);
    return SQLITE_OK;
}

static int log_best_index(sqlite3_vtab *table, sqlite3_index_info *info)
{
    (void)table;
    int constraints[N_PARAMETERS] = {-1, -1, -1}, n_args = 0;
    for (int i = 0; i < info->nConstraint; i++) {
        const struct sqlite3_index_constraint *c = &info->aConstraint[i];
        if (c->op != SQLITE_INDEX_CONSTRAINT_EQ || c->iColumn < COLUMN_PATH)
            continue;
        if (!c->usable)
            return SQLITE_CONSTRAINT; /* a parameter from a table that comes later in the join */
        constraints[c->iColumn - COLUMN_PATH] = i;
    }
    for (int i = 0; i < N_PARAMETERS; i++) {
        if (constraints[i] < 0)
            continue;
        info->idxNum |= 1 << i;
        info->aConstraintUsage[constraints[i]].argvIndex = ++n_args;
        info->aConstraintUsage[constraints[i]].omit = 1;
    }
    info->idxStr = sqlite3_mprintf("%llx", (sqlite3_uint64)info->colUsed);
    if (!info->idxStr)
        return SQLITE_NOMEM;
    info->needToFreeIdxStr = 1;
    /* Reading a folder costs more than any table beside it: it should be the outer loop. */
    info->estimatedCost = 1e9;
    info->estimatedRows = 1000000;
    return SQLITE_OK;
}

/* ---- the cursor ---------------------------------------------------------------------------- */

static int log_open(sqlite3_vtab *table, sqlite3_vtab_cursor **cursor)
{
    log_cursor *c = sqlite3_malloc64(sizeof *c);
    if (!c)
        return SQLITE_NOMEM;
    memset(c, 0, sizeof *c);
    int rc = ct_interrupt_open(((log_table *)table)->db, &c->interrupt);
    if (rc == SQLITE_OK)
        rc = ct_is_utf16(((log_table *)table)->db, &c->is_utf16);
    if (rc != SQLITE_OK) {
        ct_interrupt_close(c->interrupt);
        sqlite3_free(c);
        return rc;
    }
    *cursor = &c->base;
    return SQLITE_OK;
}

/* Ends a walk: everything but the cursor itself. */
static void end_walk(log_cursor *c)
{
    ct_batch_free(c->batch);
    c->batch = NULL;
    ct_log_close(c->log);
    c->log = NULL;
    ct_databases_close(c->databases);
    c->databases = NULL;
    sqlite3_free(c->path);
    sqlite3_free(c->agent_contains);
    sqlite3_free(c->agent_small);
    c->path = c->agent_contains = c->agent_small = NULL;
}

static int log_close(sqlite3_vtab_cursor *cursor)
{
    log_cursor *c = (log_cursor *)cursor;
    end_walk(c);
    ct_interrupt_close(c->interrupt);
    sqlite3_free(c);
    return SQLITE_OK;
}

/* Sets the error and lets go of its text. NULL: there is no memory. */
static int fail(log_cursor *c, char *message)
{
    message = ct_printable_error(message);
    sqlite3_free(c->base.pVtab->zErrMsg);
    c->base.pVtab->zErrMsg = message;
    return message ? SQLITE_ERROR : SQLITE_NOMEM;
}

static int fail_at_row(log_cursor *c, const ct_row *row)
{
    const char *path = ct_batch_text(c->batch, c->batch->path);
    const char *message = ct_batch_text(c->batch, row->message);
    sqlite3_int64 number = row->number, offset = row->offset;
    if (number == 0)
        return fail(c,
                    sqlite3_mprintf("cloudtrail_log(): %s: byte %lld: %s", path, offset, message));
    return fail(c, sqlite3_mprintf("cloudtrail_log(): %s: record %lld, byte %lld: %s", path, number,
                                   offset, message));
}

/* SQLite looks for an interrupt when a row is there, and of a large folder it may be that none is
 * wanted; or none is there yet, on standard input. */
static bool goes_on(void *cursor, bool waits)
{
    log_cursor *c = cursor;
    if (waits && !c->has_said_waits) {
        ct_progress progress = ct_progress_start();
        ct_progress_note(&progress, "cloudtrail_log(): waiting for standard input; Ctrl-D ends it");
        c->has_said_waits = true;
    }
    return ct_interrupt_check(c->interrupt) == SQLITE_OK;
}

static int next_batch(log_cursor *c)
{
    if (c->batch) {
        c->records_before += c->batch->n_records;
        ct_log_release(c->log, c->batch);
    }
    c->batch = NULL;
    c->row = 0;
    int rc = ct_interrupt_check(c->interrupt);
    if (rc != SQLITE_OK)
        return rc;
    switch (ct_log_next(c->log, &c->batch)) {
    case CT_LOG_NO_MEMORY:
        return SQLITE_NOMEM;
    case CT_LOG_STOPPED:
        return SQLITE_INTERRUPT;
    case CT_LOG_EMPTY:
        return fail(c, sqlite3_mprintf("cloudtrail_log(): %s: no file in this folder", c->path));
    case CT_LOG_END:
        c->at_end = true;
        return SQLITE_OK;
    case CT_LOG_BATCH:
        break;
    }
    if (c->batch->error.len == 0 || c->skip_problems)
        return SQLITE_OK;
    return fail(c,
                sqlite3_mprintf("cloudtrail_log(): %s: %s", ct_batch_text(c->batch, c->batch->path),
                                ct_batch_text(c->batch, c->batch->error)));
}

/* Moves to the first record from c->row on. */
static int find_record(log_cursor *c)
{
    while (!c->at_end) {
        while (c->batch && c->row < c->batch->n_rows) {
            const ct_row *row = &c->batch->rows[c->row];
            if (row->kind == CT_ITEM_RECORD)
                return SQLITE_OK;
            if (row->kind == CT_ITEM_PROBLEM && !c->skip_problems)
                return fail_at_row(c, row);
            c->row++;
        }
        int rc = next_batch(c);
        if (rc != SQLITE_OK)
            return rc;
    }
    return SQLITE_OK;
}

static int log_next(sqlite3_vtab_cursor *cursor)
{
    log_cursor *c = (log_cursor *)cursor;
    c->row++;
    return find_record(c);
}

/* A bound text may hold a NUL, at which it would be cut: another file than the one that was named. */
static bool holds_nul(sqlite3_value *value, const char *text)
{
    return strlen(text) != (size_t)sqlite3_value_bytes(value);
}

static int read_on_error(log_cursor *c, sqlite3_value *value)
{
    const char *text = (const char *)sqlite3_value_text(value);
    if (!text && sqlite3_value_type(value) != SQLITE_NULL)
        return SQLITE_NOMEM;
    bool is_whole = text && !holds_nul(value, text);
    c->skip_problems = is_whole && strcmp(text, "skip") == 0;
    if (c->skip_problems || (is_whole && strcmp(text, "fail") == 0))
        return SQLITE_OK;
    ct_buf message = CT_BUF_EMPTY;
    ct_buf_put_text(&message, "cloudtrail_log(): on_error must be 'fail' or 'skip', not ");
    ct_put_value(&message, value);
    int rc = fail(c, ct_buf_ok(&message) ? sqlite3_mprintf("%.*s", (int)message.len, message.data)
                                         : NULL);
    ct_buf_free(&message);
    return rc;
}

/* Which columns the rows must have, from SQLite's colUsed. */
static ct_column_set wanted_columns(const char *col_used)
{
    sqlite3_uint64 used = strtoull(col_used, NULL, 16);
    ct_column_set wanted = used & CT_ALL_COLUMNS;
    return used >> COLUMN_JSON & 1 ? wanted | CT_RECORD_TEXT : wanted;
}

/* Keeps the parameter in small letters, and lets the filter look for it. */
static int read_agent_contains(log_cursor *c, sqlite3_value *value, ct_row_filter *filter)
{
    if (sqlite3_value_type(value) == SQLITE_NULL)
        return SQLITE_OK;
    const char *text = (const char *)sqlite3_value_text(value);
    if (text && holds_nul(value, text))
        return fail(c, sqlite3_mprintf("cloudtrail_log(): agent_contains holds a NUL byte"));
    c->agent_contains = text ? sqlite3_mprintf("%s", text) : NULL;
    char *part = c->agent_small = text ? sqlite3_mprintf("%s", text) : NULL;
    if (!c->agent_contains || !part)
        return SQLITE_NOMEM;
    for (char *p = part; *p; p++)
        if (*p >= 'A' && *p <= 'Z')
            *p = (char)(*p | 0x20);
    filter->part = part;
    filter->len = strlen(part);
    while (part[filter->anchor] >= 'a' && part[filter->anchor] <= 'z')
        filter->anchor++;
    return SQLITE_OK;
}

/* Starts on c->path. */
static int open_log(log_cursor *c, ct_column_set columns, const ct_row_filter *rows)
{
    int rc = ct_databases_open(((log_table *)c->base.pVtab)->db, &c->databases);
    if (rc != SQLITE_OK)
        return rc;
    char error[CT_PATHS_ERROR_MAX];
    ct_paths_guard guard = ct_databases_guard(c->databases);
    ct_log_options options = {.columns = columns,
                              .rows = rows,
                              .order = CT_LOG_BY_PATH,
                              .guard = &guard,
                              .pulse = {goes_on, c}};
    if (!ct_log_open(c->path, &options, &c->log, error))
        return fail(c, error[0] ? sqlite3_mprintf("cloudtrail_log(): %s", error) : NULL);
    return SQLITE_OK;
}

/* May be called again on the same cursor: in a join, once for each row of the outer table. */
static int log_filter(sqlite3_vtab_cursor *cursor, int index, const char *col_used, int argc,
                      sqlite3_value **argv)
{
    (void)argc;
    log_cursor *c = (log_cursor *)cursor;
    end_walk(c);
    c->records_before = 0;
    c->at_end = c->skip_problems = false;

    const char *path = NULL;
    if (index & HAS_PATH) {
        path = (const char *)sqlite3_value_text(*argv);
        if (!path && sqlite3_value_type(*argv) != SQLITE_NULL)
            return SQLITE_NOMEM;
        if (path && holds_nul(*argv, path))
            return fail(c, sqlite3_mprintf("cloudtrail_log(): the path holds a NUL byte"));
        argv++;
    }
    if (!path)
        return fail(c,
                    sqlite3_mprintf("cloudtrail_log(): a path is needed: cloudtrail_log('logs/')"));
    if (index & HAS_ON_ERROR) {
        int rc = read_on_error(c, *argv++);
        if (rc != SQLITE_OK)
            return rc;
    }
    c->path = sqlite3_mprintf("%s", path);
    if (!c->path)
        return SQLITE_NOMEM;
    ct_row_filter rows = {.column = CT_USER_AGENT, .len = 0, .anchor = 0};
    int rc = SQLITE_OK;
    if (index & HAS_AGENT_CONTAINS)
        rc = read_agent_contains(c, *argv, &rows);
    if (rc == SQLITE_OK)
        rc = open_log(c, wanted_columns(col_used), &rows);
    return rc == SQLITE_OK ? find_record(c) : rc;
}

static int log_eof(sqlite3_vtab_cursor *cursor)
{
    return ((log_cursor *)cursor)->at_end;
}

/* ---- columns ------------------------------------------------------------------------------- */

static void result_text(sqlite3_context *context, ct_slice slice, const ct_batch *batch)
{
    sqlite3_result_text64(context, ct_batch_text(batch, slice), slice.len, SQLITE_TRANSIENT,
                          SQLITE_UTF8);
}

/* The batch lends its text until the cursor moves on, and SQLite may keep it longer: it copies. */
static void result_cell(sqlite3_context *context, const ct_cell *cell)
{
    if (cell->kind == CT_CELL_INTEGER)
        sqlite3_result_int(context, cell->integer);
    else if (cell->kind == CT_CELL_TEXT)
        sqlite3_result_text64(context, cell->p, cell->len, SQLITE_TRANSIENT, SQLITE_UTF8);
}

/* The path as bytes; where the database keeps UTF-16 it would not be told from another's whose name
 * is no UTF-8 either. */
static void result_file(sqlite3_context *context, const log_cursor *c)
{
    const char *path = ct_batch_text(c->batch, c->batch->path);
    if (!c->is_utf16 || ct_utf8_valid(path, c->batch->path.len)) {
        result_text(context, c->batch->path, c->batch);
        return;
    }
    ct_buf escaped = CT_BUF_EMPTY;
    ct_utf8_put_escaped(&escaped, path, c->batch->path.len);
    ct_result_buf(context, &escaped);
}

static int log_column(sqlite3_vtab_cursor *cursor, sqlite3_context *context, int column)
{
    log_cursor *c = (log_cursor *)cursor;
    const ct_row *row = &c->batch->rows[c->row];
    switch (column) {
    case COLUMN_RECORD_NUMBER:
        sqlite3_result_int64(context, row->number);
        break;
    case COLUMN_FILE:
        result_file(context, c);
        break;
    case COLUMN_JSON:
        result_text(context, row->text, c->batch);
        break;
    case COLUMN_PATH: /* the parameters, as they were given */
        sqlite3_result_text(context, c->path, -1, SQLITE_TRANSIENT);
        break;
    case COLUMN_ON_ERROR:
        sqlite3_result_text(context, c->skip_problems ? "skip" : "fail", -1, SQLITE_STATIC);
        break;
    case COLUMN_AGENT_CONTAINS:
        sqlite3_result_text(context, c->agent_contains, -1, SQLITE_TRANSIENT);
        break;
    default: {
        ct_cell cell = ct_batch_cell(c->batch, row, (ct_column)column);
        result_cell(context, &cell);
    }
    }
    return SQLITE_OK;
}

/* The record's number in the walk: the same whichever rows the query lets us leave out. */
static int log_rowid(sqlite3_vtab_cursor *cursor, sqlite3_int64 *rowid)
{
    const log_cursor *c = (const log_cursor *)cursor;
    *rowid = c->records_before + c->batch->rows[c->row].order + 1;
    return SQLITE_OK;
}

/* No xCreate: the table is there under its name, and CREATE VIRTUAL TABLE is refused. */
static const sqlite3_module log_module = {
    .iVersion = 0,
    .xConnect = log_connect,
    .xBestIndex = log_best_index,
    .xDisconnect = log_disconnect,
    .xOpen = log_open,
    .xClose = log_close,
    .xFilter = log_filter,
    .xNext = log_next,
    .xEof = log_eof,
    .xColumn = log_column,
    .xRowid = log_rowid,
};

int ct_log_table_register(sqlite3 *db, char **error)
{
    int rc = sqlite3_create_module_v2(db, "cloudtrail_log", &log_module, NULL, NULL);
    if (rc != SQLITE_OK)
        *error =
            sqlite3_mprintf("cloudtrail: cannot register cloudtrail_log(): %s", sqlite3_errmsg(db));
    return rc;
}
