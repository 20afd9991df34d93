/*
 * The table function cloudtrail_log(path [, on_error]): log files as rows, nothing imported.
 *
 * Reads files, so it is DIRECTONLY: a view or trigger that a database brought along cannot open
 * files behind the user's back; a TEMP view of the user's own can.
 *
 * One row a record: the columns of the table `cloudtrail` but fileID, then `file` (the path) and
 * `json` (the record's text without white space). Rows come file by file, in the order of
 * ext/paths.h, and within a file as they stand there; duplicates are not removed. A column is made
 * when the query asks for it. Memory: a few buffers, and the largest record.
 */
#include "log_table.h"

#include <stdbool.h>
#include <string.h>

#include "log.h"
#include "mem.h"
#include "register.h"

#ifndef SQLITE_CORE
SQLITE_EXTENSION_INIT3
#endif

/* Behind the columns of a record, which have their own numbers. */
enum {
    COLUMN_RECORD_NUMBER = CT_N_COLUMNS,
    COLUMN_FILE,
    COLUMN_JSON,
    COLUMN_PATH,    /* hidden: the first parameter */
    COLUMN_ON_ERROR /* hidden: the second */
};

/* The bits of idxNum, in the order of xFilter's arguments. */
enum { HAS_PATH = 1, HAS_ON_ERROR = 2 };

typedef struct log_cursor {
    sqlite3_vtab_cursor base;
    ct_log *log;        /* owned */
    ct_log_event event; /* the record the cursor stands on */
    ct_buf scratch;     /* the column being made */
    char *path;         /* owned (sqlite3_malloc): as the query gave it */
    sqlite3_int64 rowid;
    bool skip_problems;
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
    ct_buf_put_text(sql, "recordNumber INTEGER,file TEXT,json TEXT,path HIDDEN,on_error HIDDEN)");
    ct_buf_put_char(sql, '\0');
}

static int log_connect(sqlite3 *db, void *aux, int argc, const char *const *argv,
                       sqlite3_vtab **table, char **error)
{
    (void)aux, (void)argc, (void)argv, (void)error;
    ct_buf sql = CT_BUF_EMPTY;
    put_declaration(&sql);
    int rc = ct_buf_ok(&sql) ? sqlite3_declare_vtab(db, sql.data) : SQLITE_NOMEM;
    ct_buf_free(&sql);
    if (rc != SQLITE_OK)
        return rc;
    sqlite3_vtab_config(db, SQLITE_VTAB_DIRECTONLY);
    *table = sqlite3_malloc(sizeof **table);
    if (!*table)
        return SQLITE_NOMEM;
    memset(*table, 0, sizeof **table);
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
    int path = -1, on_error = -1;
    for (int i = 0; i < info->nConstraint; i++) {
        const struct sqlite3_index_constraint *c = &info->aConstraint[i];
        if (c->op != SQLITE_INDEX_CONSTRAINT_EQ || c->iColumn < COLUMN_PATH)
            continue;
        if (!c->usable)
            return SQLITE_CONSTRAINT; /* a parameter from a table that comes later in the join */
        if (c->iColumn == COLUMN_PATH)
            path = i;
        else
            on_error = i;
    }
    int n_args = 0;
    if (path >= 0) {
        info->idxNum |= HAS_PATH;
        info->aConstraintUsage[path].argvIndex = ++n_args;
        info->aConstraintUsage[path].omit = 1;
    }
    if (on_error >= 0) {
        info->idxNum |= HAS_ON_ERROR;
        info->aConstraintUsage[on_error].argvIndex = ++n_args;
        info->aConstraintUsage[on_error].omit = 1;
    }
    /* Reading a folder costs more than any table beside it: it should be the outer loop. */
    info->estimatedCost = 1e9;
    info->estimatedRows = 1000000;
    return SQLITE_OK;
}

/* ---- the cursor ---------------------------------------------------------------------------- */

static int log_open(sqlite3_vtab *table, sqlite3_vtab_cursor **cursor)
{
    (void)table;
    log_cursor *c = sqlite3_malloc64(sizeof *c);
    if (!c)
        return SQLITE_NOMEM;
    memset(c, 0, sizeof *c);
    *cursor = &c->base;
    return SQLITE_OK;
}

static int log_close(sqlite3_vtab_cursor *cursor)
{
    log_cursor *c = (log_cursor *)cursor;
    ct_log_close(c->log);
    ct_buf_free(&c->scratch);
    sqlite3_free(c->path);
    sqlite3_free(c);
    return SQLITE_OK;
}

static int fail(log_cursor *c, char *message)
{
    sqlite3_free(c->base.pVtab->zErrMsg);
    c->base.pVtab->zErrMsg = message;
    return message ? SQLITE_ERROR : SQLITE_NOMEM;
}

static int fail_at_item(log_cursor *c)
{
    const ct_item *item = &c->event.item;
    if (item->number == 0)
        return fail(c, sqlite3_mprintf("cloudtrail_log(): %s: byte %lld: %s", c->event.path,
                                       (sqlite3_int64)item->offset, item->message));
    return fail(c, sqlite3_mprintf("cloudtrail_log(): %s: record %lld, byte %lld: %s",
                                   c->event.path, (sqlite3_int64)item->number,
                                   (sqlite3_int64)item->offset, item->message));
}

static int log_next(sqlite3_vtab_cursor *cursor)
{
    log_cursor *c = (log_cursor *)cursor;
    for (;;) {
        ct_log_next(c->log, &c->event);
        switch (c->event.kind) {
        case CT_LOG_ITEM:
            if (c->event.item.kind == CT_ITEM_RECORD) {
                c->rowid++;
                return SQLITE_OK;
            }
            if (c->event.item.kind == CT_ITEM_PROBLEM && !c->skip_problems)
                return fail_at_item(c);
            break;
        case CT_LOG_SKIPPED:
            if (!c->skip_problems)
                return fail(
                    c, sqlite3_mprintf("cloudtrail_log(): %s: %s", c->event.path, c->event.error));
            break;
        case CT_LOG_END:
            c->at_end = true;
            return c->event.error ? fail(c, sqlite3_mprintf("cloudtrail_log(): %s: %s", c->path,
                                                            c->event.error))
                                  : SQLITE_OK;
        case CT_LOG_NO_MEMORY:
            return SQLITE_NOMEM;
        default:
            break;
        }
    }
}

static int read_on_error(log_cursor *c, sqlite3_value *value)
{
    const char *text = (const char *)sqlite3_value_text(value);
    c->skip_problems = text && strcmp(text, "skip") == 0;
    if (c->skip_problems || (text && strcmp(text, "fail") == 0))
        return SQLITE_OK;
    return fail(
        c, sqlite3_mprintf("cloudtrail_log(): on_error must be 'fail' or 'skip', not %s%.40s%s",
                           text ? "'" : "", text ? text : "NULL", text ? "'" : ""));
}

/* May be called again on the same cursor: in a join, once for each row of the outer table. */
static int log_filter(sqlite3_vtab_cursor *cursor, int index, const char *index_text, int argc,
                      sqlite3_value **argv)
{
    (void)index_text, (void)argc;
    log_cursor *c = (log_cursor *)cursor;
    ct_log_close(c->log);
    c->log = NULL;
    c->rowid = 0;
    c->at_end = c->skip_problems = false;

    const char *path = NULL;
    if (index & HAS_PATH)
        path = (const char *)sqlite3_value_text(*argv++);
    if (!path)
        return fail(c,
                    sqlite3_mprintf("cloudtrail_log(): a path is needed: cloudtrail_log('logs/')"));
    if (index & HAS_ON_ERROR) {
        int rc = read_on_error(c, *argv);
        if (rc != SQLITE_OK)
            return rc;
    }
    sqlite3_free(c->path);
    c->path = sqlite3_mprintf("%s", path);
    if (!c->path)
        return SQLITE_NOMEM;
    char error[CT_PATHS_ERROR_MAX];
    if (!ct_log_open(path, NULL, NULL, &c->log, error))
        return fail(c, error[0] ? sqlite3_mprintf("cloudtrail_log(): %s", error) : NULL);
    return log_next(cursor);
}

static int log_eof(sqlite3_vtab_cursor *cursor)
{
    return ((log_cursor *)cursor)->at_end;
}

/* ---- columns ------------------------------------------------------------------------------- */

/* Text that lies in the reader's window is lent for this row only, so SQLite copies it. */
static void result_cell(sqlite3_context *context, const ct_cell *cell, const ct_buf *scratch)
{
    if (!ct_buf_ok(scratch))
        sqlite3_result_error_nomem(context);
    else if (cell->kind == CT_CELL_INTEGER)
        sqlite3_result_int(context, cell->integer);
    else if (cell->kind == CT_CELL_TEXT)
        sqlite3_result_text64(context, ct_cell_text(cell, scratch), cell->len, SQLITE_TRANSIENT,
                              SQLITE_UTF8);
}

static void result_json(sqlite3_context *context, const ct_record *record)
{
    ct_json whole = {.p = record->text,
                     .len = record->len,
                     .kind = CT_JSON_OBJECT,
                     .flags = (unsigned char)record->flags};
    ct_buf text = CT_BUF_EMPTY;
    ct_json_minify(&whole, &text);
    ct_result_json(context, &text);
}

static int log_column(sqlite3_vtab_cursor *cursor, sqlite3_context *context, int column)
{
    log_cursor *c = (log_cursor *)cursor;
    const ct_item *item = &c->event.item;
    switch (column) {
    case COLUMN_RECORD_NUMBER:
        sqlite3_result_int64(context, item->number);
        break;
    case COLUMN_FILE:
        sqlite3_result_text(context, c->event.path, -1, SQLITE_TRANSIENT);
        break;
    case COLUMN_JSON:
        result_json(context, item->record);
        break;
    case COLUMN_PATH:
    case COLUMN_ON_ERROR:
        break; /* parameters, not data */
    default:
        ct_buf_clear(&c->scratch);
        ct_cell cell = ct_record_cell(item->record, (ct_column)column, &c->scratch);
        result_cell(context, &cell, &c->scratch);
    }
    return SQLITE_OK;
}

static int log_rowid(sqlite3_vtab_cursor *cursor, sqlite3_int64 *rowid)
{
    *rowid = ((log_cursor *)cursor)->rowid;
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
