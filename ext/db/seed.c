#include "db/seed.h"

#include <stdbool.h>
#include <string.h>

#include "base/json_write.h"
#include "base/version.h"
#include "sqlite/statement.h"

typedef struct seeding {
    sqlite3 *db;         /* borrowed: the user's */
    sqlite3 *shipped;    /* owned: in memory, the table as this release ships it with its rows */
    sqlite3_stmt *rows;  /* owned, of `shipped`: the key, then the columns */
    sqlite3_stmt *known; /* these are of `db` */
    sqlite3_stmt *note;
    sqlite3_stmt *insert;
    sqlite3_stmt *fill;  /* NULL where no column is new */
    ct_buf key, own_key; /* the key as an expression; and what finds its row: "name" = ?1 */
    const char *name;    /* of the table */
    char **error;        /* of the caller */
} seeding;

/* ---- the rows as shipped -------------------------------------------------------------------- */

static int failed_in_shipped(seeding *s, int rc)
{
    return ct_statement_failed(s->shipped, rc, s->error);
}

/* The table's columns; those of its primary key become the key. */
static int read_key(seeding *s)
{
    sqlite3_stmt *stmt = NULL;
    int rc = sqlite3_prepare_v2(s->shipped,
                                "SELECT '\"' || name || '\"', cid + 1 FROM pragma_table_info(?1)"
                                " WHERE pk > 0 ORDER BY pk",
                                -1, &stmt, NULL);
    if (rc == SQLITE_OK)
        rc = sqlite3_bind_text(stmt, 1, s->name, -1, SQLITE_STATIC);
    while (rc == SQLITE_OK && sqlite3_step(stmt) == SQLITE_ROW) {
        const char *column = (const char *)sqlite3_column_text(stmt, 0);
        ct_buf_put_text(&s->key, s->key.len > 0 ? " || ' ' || " : "");
        ct_buf_put_text(&s->key, column ? column : "");
        ct_buf_put_text(&s->own_key, s->own_key.len > 0 ? " AND " : "");
        ct_buf_put_text(&s->own_key, column ? column : "");
        ct_buf_printf(&s->own_key, " = ?%d", sqlite3_column_int(stmt, 1));
        s->key.failed = s->key.failed || !column;
    }
    int finished = sqlite3_finalize(stmt);
    rc = rc == SQLITE_OK ? finished : rc;
    if (rc != SQLITE_OK)
        return failed_in_shipped(s, rc);
    ct_buf_put_char(&s->key, '\0');
    ct_buf_put_char(&s->own_key, '\0');
    return ct_buf_ok(&s->key) && ct_buf_ok(&s->own_key) ? SQLITE_OK : SQLITE_NOMEM;
}

static int open_shipped(seeding *s, const ct_sql_text *seed, const ct_sql_text *table)
{
    int rc =
        sqlite3_open_v2(":memory:", &s->shipped, SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE, NULL);
    if (rc != SQLITE_OK)
        return s->shipped ? failed_in_shipped(s, rc) : rc;
    rc = ct_exec(s->shipped, table->text, s->error);
    if (rc == SQLITE_OK)
        rc = ct_exec(s->shipped, seed->text, s->error);
    if (rc == SQLITE_OK)
        rc = read_key(s);
    char *sql = NULL;
    if (rc == SQLITE_OK) {
        sql = sqlite3_mprintf("SELECT %s, * FROM main.\"%w\"", s->key.data, s->name);
        rc = sql ? sqlite3_prepare_v2(s->shipped, sql, -1, &s->rows, NULL) : SQLITE_NOMEM;
        if (rc != SQLITE_OK && sql)
            failed_in_shipped(s, rc);
    }
    sqlite3_free(sql);
    return rc;
}

/* ---- statements in the user's database ------------------------------------------------------ */

static int prepare(seeding *s, const char *sql, sqlite3_stmt **stmt)
{
    int rc = sqlite3_prepare_v2(s->db, sql, -1, stmt, NULL);
    return rc == SQLITE_OK ? rc : ct_statement_failed(s->db, rc, s->error);
}

static int prepare_buf(seeding *s, ct_buf *sql, sqlite3_stmt **stmt)
{
    ct_buf_put_char(sql, '\0');
    int rc = ct_buf_ok(sql) ? prepare(s, sql->data, stmt) : SQLITE_NOMEM;
    ct_buf_free(sql);
    return rc;
}

static int prepare_insert(seeding *s)
{
    ct_buf sql = CT_BUF_EMPTY;
    int n = sqlite3_column_count(s->rows);
    ct_buf_printf(&sql, "INSERT INTO main.\"%s\" (", s->name);
    for (int i = 1; i < n; i++) {
        const char *column = sqlite3_column_name(s->rows, i);
        sql.failed = sql.failed || !column;
        ct_buf_printf(&sql, "%s\"%s\"", i > 1 ? "," : "", column ? column : "");
    }
    ct_buf_put_text(&sql, ") VALUES (");
    for (int i = 1; i < n; i++)
        ct_buf_printf(&sql, "%s?%d", i > 1 ? "," : "", i);
    ct_buf_put_text(&sql, ") ON CONFLICT DO NOTHING");
    return prepare_buf(s, &sql, &s->insert);
}

/* Whether a list of quoted names, each with a comma behind it, has this one. */
static bool is_listed(const ct_buf *list, const char *name)
{
    size_t n = strlen(name);
    for (size_t i = 0; i + n + 3 <= list->len; i++)
        if (list->data[i] == '"' && memcmp(list->data + i + 1, name, n) == 0 &&
            memcmp(list->data + i + 1 + n, "\",", 2) == 0)
            return true;
    return false;
}

/* `"a" = ?1, "b" = ?2` of the columns that were added; returns how many they are, with those of which
 * there was no memory for the name. */
static int put_added(seeding *s, const ct_buf *added, const char *relation, const char *between,
                     ct_buf *sql)
{
    int n = 0;
    for (int i = 1; i < sqlite3_column_count(s->rows); i++) {
        const char *column = sqlite3_column_name(s->rows, i);
        sql->failed = sql->failed || !column;
        if (!column || is_listed(added, column))
            ct_buf_printf(sql, "%s\"%s\" %s ?%d", n++ > 0 ? between : "", column ? column : "",
                          relation, i);
    }
    return n;
}

/* What gives new columns their values in a row that is there, unless it has them: an UPDATE that
 * changes nothing would still fire the user's triggers. */
static int prepare_fill(seeding *s, const ct_buf *added)
{
    ct_buf sql = CT_BUF_EMPTY;
    ct_buf_printf(&sql, "UPDATE main.\"%s\" SET ", s->name);
    int n = put_added(s, added, "=", ", ", &sql);
    ct_buf_put_text(&sql, " WHERE ");
    ct_buf_put_text(&sql, s->own_key.data);
    ct_buf_put_text(&sql, " AND (");
    put_added(s, added, "IS NOT", " OR ", &sql);
    ct_buf_put_text(&sql, ")");
    if (n > 0)
        return prepare_buf(s, &sql, &s->fill);
    ct_buf_free(&sql);
    return SQLITE_OK;
}

static int prepare_all(seeding *s, const ct_buf *added)
{
    int rc = prepare(s, "SELECT 1 FROM main.cloudtrail_seed WHERE tableName = ?1 AND key = ?2",
                     &s->known);
    if (rc == SQLITE_OK)
        rc = prepare(s,
                     "INSERT INTO main.cloudtrail_seed (tableName, key, version)"
                     " VALUES (?1, ?2, ?3)",
                     &s->note);
    if (rc == SQLITE_OK)
        rc = prepare_insert(s);
    if (rc == SQLITE_OK)
        rc = prepare_fill(s, added);
    return rc;
}

/* ---- one row -------------------------------------------------------------------------------- */

static int bind_key(seeding *s, sqlite3_stmt *stmt)
{
    int rc = sqlite3_bind_text(stmt, 1, s->name, -1, SQLITE_STATIC);
    return rc == SQLITE_OK ? sqlite3_bind_value(stmt, 2, sqlite3_column_value(s->rows, 0)) : rc;
}

static int look_up(seeding *s, bool *is_known)
{
    int rc = bind_key(s, s->known);
    if (rc != SQLITE_OK)
        return rc;
    *is_known = sqlite3_step(s->known) == SQLITE_ROW;
    return sqlite3_reset(s->known);
}

/* Runs a statement with the row's columns as its parameters, those that it has. */
static int run_with_row(seeding *s, sqlite3_stmt *stmt)
{
    int rc = SQLITE_OK;
    for (int i = 1; rc == SQLITE_OK && i <= sqlite3_bind_parameter_count(stmt); i++)
        rc = sqlite3_bind_value(stmt, i, sqlite3_column_value(s->rows, i));
    return rc == SQLITE_OK ? ct_statement_run(stmt) : rc;
}

static int put_in(seeding *s)
{
    int rc = run_with_row(s, s->insert);
    if (rc == SQLITE_OK)
        rc = bind_key(s, s->note);
    if (rc == SQLITE_OK)
        rc = sqlite3_bind_int(s->note, 3, CT_VERSION_NUMBER);
    return rc == SQLITE_OK ? ct_statement_run(s->note) : rc;
}

static int seed_row(seeding *s)
{
    bool is_known = false;
    int rc = look_up(s, &is_known);
    if (rc == SQLITE_OK && s->fill)
        rc = run_with_row(s, s->fill);
    if (rc == SQLITE_OK && !is_known)
        rc = put_in(s);
    return rc == SQLITE_OK ? rc : ct_statement_failed(s->db, rc, s->error);
}

/* ---- the table ------------------------------------------------------------------------------ */

static int seed_rows(seeding *s)
{
    int rc = SQLITE_OK;
    while (rc == SQLITE_OK && sqlite3_step(s->rows) == SQLITE_ROW)
        rc = seed_row(s);
    int finished = sqlite3_reset(s->rows);
    if (rc == SQLITE_OK && finished != SQLITE_OK)
        rc = failed_in_shipped(s, finished);
    return rc;
}

static void release(seeding *s)
{
    sqlite3_finalize(s->rows);
    sqlite3_finalize(s->known);
    sqlite3_finalize(s->note);
    sqlite3_finalize(s->insert);
    sqlite3_finalize(s->fill);
    sqlite3_close(s->shipped);
    ct_buf_free(&s->key);
    ct_buf_free(&s->own_key);
}

int ct_seed_table(sqlite3 *db, const ct_sql_text *seed, const ct_sql_text *table,
                  const ct_table_change *change, char **error)
{
    seeding s = {.db = db, .name = seed->name, .error = error};
    int rc = SQLITE_OK;
    if (change->is_new)
        rc = ct_execf(db, error, "DELETE FROM main.cloudtrail_seed WHERE tableName = %Q", s.name);
    if (rc == SQLITE_OK)
        rc = open_shipped(&s, seed, table);
    if (rc == SQLITE_OK)
        rc = prepare_all(&s, &change->added);
    if (rc == SQLITE_OK)
        rc = seed_rows(&s);
    release(&s);
    return rc;
}

int ct_seed_deleted_rules(sqlite3 *db, ct_buf *names, char **error)
{
    sqlite3_stmt *stmt = NULL;
    int rc = sqlite3_prepare_v2(db,
                                "SELECT key FROM main.cloudtrail_seed WHERE tableName = 'rule'"
                                " AND key NOT IN (SELECT name FROM main.rule) ORDER BY key",
                                -1, &stmt, NULL);
    while (rc == SQLITE_OK && sqlite3_step(stmt) == SQLITE_ROW) {
        const char *name = (const char *)sqlite3_column_text(stmt, 0);
        if (names->len > 0)
            ct_buf_put_char(names, ',');
        ct_json_put_text(names, name ? name : "");
        names->failed = names->failed || !name;
    }
    int finished = sqlite3_finalize(stmt);
    rc = rc == SQLITE_OK ? finished : rc;
    if (rc != SQLITE_OK)
        return ct_statement_failed(db, rc, error);
    return ct_buf_ok(names) ? rc : SQLITE_NOMEM;
}
