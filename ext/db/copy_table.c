#include "db/copy_table.h"

#include <string.h>

#include "base/buf.h"
#include "sqlite/ddl.h"
#include "sqlite/statement.h"

bool ct_copy_is_refused(int rc)
{
    return (rc & 0xFF) == SQLITE_ERROR || (rc & 0xFF) == SQLITE_CONSTRAINT;
}

/* ---- rows ----------------------------------------------------------------------------------- */

static int insert_row(const ct_copy *copy, sqlite3_stmt *row, sqlite3_stmt *insert)
{
    int rc = SQLITE_OK;
    for (int i = 0; i < sqlite3_column_count(row) && rc == SQLITE_OK; i++)
        rc = sqlite3_bind_value(insert, i + 1, sqlite3_column_value(row, i));
    if (rc == SQLITE_OK)
        rc = ct_statement_run(insert);
    return rc == SQLITE_OK ? rc : ct_statement_failed(copy->to, rc, copy->error);
}

/* What fails while rows are read is the reader's to say. */
static int move_rows(const ct_copy *copy, sqlite3_stmt *row, sqlite3_stmt *insert,
                     sqlite3_int64 *n_rows)
{
    int rc, written = SQLITE_OK;
    *n_rows = 0;
    while (written == SQLITE_OK && (rc = sqlite3_step(row)) == SQLITE_ROW) {
        written = insert_row(copy, row, insert);
        ++*n_rows;
    }
    if (written != SQLITE_OK)
        return written;
    return rc == SQLITE_DONE ? SQLITE_OK : ct_statement_failed(copy->from, rc, copy->error);
}

int ct_copy_rows(const ct_copy *copy, const char *select, const char *insert, sqlite3_int64 *n_rows)
{
    sqlite3_stmt *row = NULL, *into = NULL;
    int rc = sqlite3_prepare_v2(copy->from, select, -1, &row, NULL);
    if (rc != SQLITE_OK)
        (void)ct_statement_failed(copy->from, rc, copy->error);
    if (rc == SQLITE_OK) {
        rc = sqlite3_prepare_v2(copy->to, insert, -1, &into, NULL);
        if (rc != SQLITE_OK)
            (void)ct_statement_failed(copy->to, rc, copy->error);
    }
    if (rc == SQLITE_OK)
        rc = move_rows(copy, row, into, n_rows);
    sqlite3_finalize(into);
    sqlite3_finalize(row);
    return rc;
}

int ct_copy_statement(const ct_copy *copy, const char *sql, const char *verb)
{
    sqlite3_stmt *stmt = NULL;
    int rc = SQLITE_ERROR;
    if (sqlite3_strnicmp(sql, verb, (int)strlen(verb)) == 0)
        rc = sqlite3_prepare_v2(copy->to, sql, -1, &stmt, NULL);
    if (rc == SQLITE_OK)
        rc = ct_statement_run(stmt);
    sqlite3_finalize(stmt);
    return rc == SQLITE_OK ? rc : ct_statement_failed(copy->to, rc, copy->error);
}

/* ---- columns -------------------------------------------------------------------------------- */

/* The columns of a table as lists with commas. */
typedef struct columns {
    ct_buf names;       /* what is read and written: "a","b" */
    ct_buf marks;       /* ?,? */
    ct_buf definitions; /* "a" INTEGER,"b" TEXT */
    const char *rowid;  /* a name by which the rowid can be read; NULL: by none */
    int n;
} columns;

static void free_columns(columns *c)
{
    ct_buf_free(&c->names);
    ct_buf_free(&c->marks);
    ct_buf_free(&c->definitions);
}

static bool is_complete(const columns *c)
{
    return ct_buf_ok(&c->names) && ct_buf_ok(&c->marks) && ct_buf_ok(&c->definitions);
}

static void put_name(ct_buf *buf, const char *name)
{
    char *quoted = sqlite3_mprintf("\"%w\"", name);
    if (quoted)
        ct_buf_put_text(buf, quoted);
    else
        buf->failed = true;
    sqlite3_free(quoted);
}

static bool has(const char *type, const char *word)
{
    size_t n = strlen(word);
    for (; *type; type++)
        if (sqlite3_strnicmp(type, word, (int)n) == 0)
            return true;
    return false;
}

/* A word for the affinity that SQLite gives to a declared type: it may be any text. */
static const char *affinity(const char *type)
{
    if (has(type, "INT"))
        return " INTEGER";
    if (has(type, "CHAR") || has(type, "CLOB") || has(type, "TEXT"))
        return " TEXT";
    if (*type == '\0' || has(type, "BLOB"))
        return "";
    return has(type, "REAL") || has(type, "FLOA") || has(type, "DOUB") ? " REAL" : " NUMERIC";
}

static void put_column(columns *c, const char *name, const char *type)
{
    ct_buf *const lists[] = {&c->names, &c->marks, &c->definitions};
    for (size_t i = 0; c->n > 0 && i < sizeof lists / sizeof lists[0]; i++)
        ct_buf_put_char(lists[i], ',');
    put_name(&c->names, name);
    put_name(&c->definitions, name);
    ct_buf_put_text(&c->definitions, type);
    ct_buf_put_char(&c->marks, '?');
    c->n++;
}

enum { HIDDEN = 1 }; /* of a virtual table; 2 and 3 are generated columns */

/* Of a table that is made as it was, generated columns make themselves. */
static int read_columns(const ct_copy *copy, const char *table, bool is_plain, columns *c)
{
    static const char *const rowids[] = {"rowid", "_rowid_", "oid"};
    bool is_taken[3] = {false};
    sqlite3_stmt *stmt = NULL;
    int rc = sqlite3_prepare_v2(copy->from,
                                "SELECT name, type, hidden FROM pragma_table_xinfo(?1, 'main')", -1,
                                &stmt, NULL);
    if (rc == SQLITE_OK)
        rc = sqlite3_bind_text(stmt, 1, table, -1, SQLITE_STATIC);
    while (rc == SQLITE_OK && sqlite3_step(stmt) == SQLITE_ROW) {
        const char *name = (const char *)sqlite3_column_text(stmt, 0);
        const char *type = (const char *)sqlite3_column_text(stmt, 1);
        int hidden = sqlite3_column_int(stmt, 2);
        if (!name || !type)
            c->names.failed = true;
        else if (is_plain ? hidden != HIDDEN : hidden == 0)
            put_column(c, name, affinity(type));
        for (int i = 0; i < 3 && name; i++)
            is_taken[i] = is_taken[i] || sqlite3_stricmp(name, rowids[i]) == 0;
    }
    int finished = sqlite3_finalize(stmt);
    rc = rc == SQLITE_OK ? finished : rc;
    if (rc != SQLITE_OK)
        return ct_statement_failed(copy->from, rc, copy->error);
    for (int i = 2; i >= 0; i--)
        if (!is_taken[i])
            c->rowid = rowids[i];
    return is_complete(c) ? SQLITE_OK : SQLITE_NOMEM;
}

/* ---- tables --------------------------------------------------------------------------------- */

static int copy_columns(const ct_copy *copy, const char *table, const columns *c, const char *rowid,
                        sqlite3_int64 *n_rows)
{
    char *select = sqlite3_mprintf("SELECT %s%s%.*s FROM main.\"%w\"", rowid ? rowid : "",
                                   rowid ? "," : "", (int)c->names.len, c->names.data, table);
    char *insert =
        sqlite3_mprintf("INSERT INTO main.\"%w\"(%s%s%.*s) VALUES(%s%.*s)", table,
                        rowid ? rowid : "", rowid ? "," : "", (int)c->names.len, c->names.data,
                        rowid ? "?," : "", (int)c->marks.len, c->marks.data);
    int rc = select && insert ? ct_copy_rows(copy, select, insert, n_rows) : SQLITE_NOMEM;
    sqlite3_free(select);
    sqlite3_free(insert);
    return rc;
}

/* A table without rowids has none to read; so has a virtual one, as it likes. */
static bool has_rowid(const ct_copy *copy, const char *table, const char *rowid)
{
    sqlite3_stmt *stmt = NULL;
    char *sql = rowid ? sqlite3_mprintf("SELECT %s FROM main.\"%w\"", rowid, table) : NULL;
    bool has_it = sql && sqlite3_prepare_v2(copy->from, sql, -1, &stmt, NULL) == SQLITE_OK;
    sqlite3_finalize(stmt);
    sqlite3_free(sql);
    return has_it;
}

/* Made of its parts: nothing that stands behind it in a file that somebody has tampered with is run,
 * and no comment is left between them, at whose commas ALTER TABLE DROP COLUMN would cut. */
static void put_statement(ct_buf *sql, const char *table, const ct_ddl *ddl)
{
    ct_buf_put_text(sql, "CREATE TABLE main.");
    put_name(sql, table);
    for (size_t i = 0; i < ddl->n_parts; i++) {
        ct_buf_put_text(sql, i ? ",\n    " : " (\n    ");
        ct_buf_put(sql, ddl->parts[i].text.p, ddl->parts[i].text.n);
    }
    ct_buf_put_text(sql, "\n) ");
    ct_buf_put(sql, ddl->tail.p, ddl->tail.n);
    ct_buf_put_char(sql, '\0');
}

static int create_as_it_was(const ct_copy *copy, const char *table, const char *sql)
{
    ct_ddl ddl = CT_DDL_EMPTY;
    ct_buf statement = CT_BUF_EMPTY;
    ct_ddl_result parsed = ct_ddl_parse(&ddl, sql, strlen(sql));
    int rc = parsed == CT_DDL_NO_MEMORY ? SQLITE_NOMEM : SQLITE_ERROR;
    if (parsed == CT_DDL_OK) {
        put_statement(&statement, table, &ddl);
        rc = ct_buf_ok(&statement) ? ct_copy_statement(copy, statement.data, "CREATE TABLE ")
                                   : SQLITE_NOMEM;
    }
    ct_ddl_free(&ddl);
    ct_buf_free(&statement);
    return rc;
}

static int create(const ct_copy *copy, const char *table, const char *sql, const columns *c)
{
    if (!sql)
        return ct_execf(copy->to, copy->error, "CREATE TABLE main.\"%w\"(%.*s)", table,
                        (int)c->definitions.len, c->definitions.data);
    return create_as_it_was(copy, table, sql);
}

static int copy_as(const ct_copy *copy, const char *name, const char *sql, sqlite3_int64 *n_rows)
{
    columns c = {.names = CT_BUF_EMPTY};
    int rc = read_columns(copy, name, sql == NULL, &c);
    if (rc == SQLITE_OK)
        rc = create(copy, name, sql, &c);
    if (rc == SQLITE_OK) {
        const char *rowid = has_rowid(copy, name, c.rowid) ? c.rowid : NULL;
        rc = copy_columns(copy, name, &c, rowid, n_rows);
    }
    free_columns(&c);
    return rc;
}

int ct_copy_table(const ct_copy *copy, const char *name, const char *sql, bool *is_plain,
                  sqlite3_int64 *n_rows)
{
    *is_plain = sql == NULL;
    int rc = copy_as(copy, name, sql, n_rows);
    if (!sql || !ct_copy_is_refused(rc))
        return rc;
    sqlite3_free(*copy->error);
    *copy->error = NULL;
    *is_plain = true;
    rc = ct_execf(copy->to, copy->error, "DROP TABLE IF EXISTS main.\"%w\"", name);
    return rc == SQLITE_OK ? copy_as(copy, name, NULL, n_rows) : rc;
}

/* ---- views ---------------------------------------------------------------------------------- */

/* What the values of a column have in common; `declared` where there are none. */
static int put_typed_columns(const ct_copy *copy, const columns *c, sqlite3_stmt *view,
                             columns *typed)
{
    ct_buf sql = CT_BUF_EMPTY;
    ct_buf_put_text(&sql, "SELECT 1");
    for (int i = 0; i < c->n; i++)
        ct_buf_printf(&sql,
                      ",CASE WHEN count(c%d)=0 THEN NULL"
                      " WHEN sum(typeof(c%d)='text')=count(c%d) THEN ' TEXT'"
                      " WHEN sum(typeof(c%d)='integer')=count(c%d) THEN ' INTEGER'"
                      " WHEN sum(typeof(c%d) IN ('integer','real'))=count(c%d) THEN ' REAL'"
                      " ELSE '' END",
                      i, i, i, i, i, i, i);
    ct_buf_put_text(&sql, " FROM temp.gathered");
    ct_buf_put_char(&sql, '\0');
    sqlite3_stmt *stmt = NULL;
    int rc =
        ct_buf_ok(&sql) ? sqlite3_prepare_v2(copy->to, sql.data, -1, &stmt, NULL) : SQLITE_NOMEM;
    if (rc == SQLITE_OK && (rc = sqlite3_step(stmt)) == SQLITE_ROW)
        rc = SQLITE_OK;
    for (int i = 0; i < c->n && rc == SQLITE_OK; i++) {
        const char *name = sqlite3_column_name(view, i);
        const char *type = (const char *)sqlite3_column_text(stmt, i + 1);
        const char *declared = sqlite3_column_decltype(view, i);
        if (!name || (!type && sqlite3_column_type(stmt, i + 1) != SQLITE_NULL))
            rc = SQLITE_NOMEM;
        else
            put_column(typed, name, type ? type : affinity(declared ? declared : ""));
    }
    sqlite3_finalize(stmt);
    ct_buf_free(&sql);
    if (rc == SQLITE_OK && !is_complete(typed))
        rc = SQLITE_NOMEM;
    return rc == SQLITE_OK ? rc : ct_statement_failed(copy->to, rc, copy->error);
}

/* The rows as they come, into a table that has no types yet. */
static int gather(const ct_copy *copy, sqlite3_stmt *view, columns *c, sqlite3_int64 *n_rows)
{
    for (int i = sqlite3_column_count(view); c->n < i;) {
        char name[16];
        sqlite3_snprintf(sizeof name, name, "c%d", c->n);
        put_column(c, name, "");
    }
    if (!is_complete(c))
        return SQLITE_NOMEM;
    sqlite3_stmt *insert = NULL;
    char *sql =
        sqlite3_mprintf("INSERT INTO temp.gathered VALUES(%.*s)", (int)c->marks.len, c->marks.data);
    int rc = sql ? ct_execf(copy->to, copy->error, "CREATE TEMP TABLE gathered(%.*s)",
                            (int)c->definitions.len, c->definitions.data)
                 : SQLITE_NOMEM;
    if (rc == SQLITE_OK) {
        rc = sqlite3_prepare_v2(copy->to, sql, -1, &insert, NULL);
        rc = rc == SQLITE_OK ? move_rows(copy, view, insert, n_rows)
                             : ct_statement_failed(copy->to, rc, copy->error);
    }
    sqlite3_finalize(insert);
    sqlite3_free(sql);
    return rc;
}

static int write_view(const ct_copy *copy, const char *name, sqlite3_stmt *view,
                      sqlite3_int64 *n_rows)
{
    columns c = {.names = CT_BUF_EMPTY}, typed = {.names = CT_BUF_EMPTY};
    int rc = gather(copy, view, &c, n_rows);
    if (rc == SQLITE_OK)
        rc = put_typed_columns(copy, &c, view, &typed);
    if (rc == SQLITE_OK)
        rc = create(copy, name, NULL, &typed);
    if (rc == SQLITE_OK)
        rc = ct_execf(copy->to, copy->error,
                      "INSERT INTO main.\"%w\" SELECT * FROM temp.gathered ORDER BY rowid", name);
    free_columns(&c);
    free_columns(&typed);
    return rc;
}

int ct_copy_view(const ct_copy *copy, const char *schema, const char *name, sqlite3_int64 *n_rows)
{
    sqlite3_stmt *view = NULL;
    char *sql = sqlite3_mprintf("SELECT * FROM %s.\"%w\"", schema, name);
    int rc = sql ? sqlite3_prepare_v2(copy->from, sql, -1, &view, NULL) : SQLITE_NOMEM;
    if (rc == SQLITE_OK)
        rc = write_view(copy, name, view, n_rows);
    else
        (void)ct_statement_failed(copy->from, rc, copy->error);
    sqlite3_finalize(view);
    sqlite3_free(sql);
    int dropped = sqlite3_exec(copy->to, "DROP TABLE IF EXISTS temp.gathered", NULL, NULL, NULL);
    return rc == SQLITE_OK ? dropped : rc;
}
