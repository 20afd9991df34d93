#include "db/table.h"

#include <string.h>

#include "base/version.h"
#include "sqlite/ddl.h"
#include "sqlite/statement.h"

int ct_note_shipped(sqlite3 *db, const char *name, const char *sql, size_t n, char **error)
{
    sqlite3_stmt *stmt = NULL;
    int rc = sqlite3_prepare_v2(db,
                                "INSERT INTO main.cloudtrail_schema (name, shippedSQL, version)"
                                " VALUES (?1, ?2, ?3) ON CONFLICT (name) DO UPDATE"
                                " SET shippedSQL = excluded.shippedSQL, version = excluded.version",
                                -1, &stmt, NULL);
    if (rc == SQLITE_OK) {
        sqlite3_bind_text(stmt, 1, name, -1, SQLITE_STATIC);
        sqlite3_bind_text(stmt, 2, sql, (int)n, SQLITE_STATIC);
        sqlite3_bind_int(stmt, 3, CT_VERSION_NUMBER);
        rc = ct_statement_run(stmt);
    }
    sqlite3_finalize(stmt);
    return rc == SQLITE_OK ? rc : ct_statement_failed(db, rc, error);
}

static int not_as_made(sqlite3 *db, const ct_sql_text *file, int rc, char **error)
{
    *error = sqlite3_mprintf("the table %s is not as this extension makes it: %s", file->name,
                             sqlite3_errmsg(db));
    return rc;
}

/* ---- indexes -------------------------------------------------------------------------------- */

/* An index in a table's file: CREATE INDEX main.name ON ...; */
typedef struct index_text {
    const char *statement;
    size_t verb_len;  /* of CREATE INDEX or CREATE UNIQUE INDEX, with the space behind it */
    const char *name; /* without `main.`, as sqlite_schema has it */
    size_t name_len;
    size_t len; /* from the name to the semicolon */
} index_text;

/* The first index behind *p, which moves on; false when none follows. */
static bool next_index(const char **p, index_text *found)
{
    static const char mark[] = " INDEX ", schema[] = "main.";
    while ((*p = strstr(*p, "\nCREATE ")) != NULL) {
        found->statement = ++*p;
        const char *verb_end = strstr(*p, mark);
        if (!verb_end || verb_end > strchr(*p, '\n'))
            continue;
        verb_end += sizeof mark - 1;
        found->verb_len = (size_t)(verb_end - *p);
        found->name = verb_end + sizeof schema - 1;
        found->name_len = strcspn(found->name, " \n(");
        found->len = strcspn(found->name, ";");
        return true;
    }
    return false;
}

static bool is_index(const char *sql, const index_text *index)
{
    return strlen(sql) == index->verb_len + index->len &&
           memcmp(sql, index->statement, index->verb_len) == 0 &&
           memcmp(sql + index->verb_len, index->name, index->len) == 0;
}

/* Makes an index whose table is there, unless it is there, too, as the file has it. One of that name
 * on another table is not ours to drop: SQLite refuses the second. */
static int update_index(sqlite3 *db, const char *table, const index_text *index, char **error)
{
    char *name = sqlite3_mprintf("%.*s", (int)index->name_len, index->name);
    char *current = NULL;
    int rc = SQLITE_NOMEM;
    if (name)
        rc = ct_lookup(db,
                       "SELECT sql FROM main.sqlite_master WHERE type = 'index'"
                       " AND name = ?1 COLLATE NOCASE AND tbl_name = ?2 COLLATE NOCASE",
                       name, table, &current, error);
    bool is_there = rc == SQLITE_OK && current;
    bool is_right = is_there && is_index(current, index);
    if (is_there && !is_right)
        rc = ct_execf(db, error, "DROP INDEX main.\"%w\"", name);
    sqlite3_stmt *stmt = NULL;
    if (rc == SQLITE_OK && !is_right) {
        rc = sqlite3_prepare_v2(db, index->statement, -1, &stmt, NULL);
        rc = rc == SQLITE_OK ? ct_statement_run(stmt) : rc;
        sqlite3_finalize(stmt);
    }
    sqlite3_free(name);
    sqlite3_free(current);
    return rc;
}

/* The import and the rules rely on the indexes of their tables: one that was dropped, or is not as
 * this release has it, is made again. */
static int update_indexes(sqlite3 *db, const ct_sql_text *file, char **error)
{
    int rc = SQLITE_OK;
    const char *p = file->text;
    index_text index;
    while (rc == SQLITE_OK && next_index(&p, &index))
        rc = update_index(db, file->name, &index, error);
    if ((rc & 0xff) == SQLITE_LOCKED) { /* the host may have asked for extended codes */
        sqlite3_free(*error);
        *error = sqlite3_mprintf("an index of the table %s must be made anew, but a statement of"
                                 " this connection is reading: call cloudtrail_init() on its own",
                                 file->name);
    } else if (((rc & 0xff) == SQLITE_ERROR || (rc & 0xff) == SQLITE_CONSTRAINT) && !*error)
        rc = not_as_made(db, file, rc, error);
    return rc;
}

/* ---- what differs --------------------------------------------------------------------------- */

/* A table in three texts. */
typedef struct table {
    sqlite3 *db;
    const ct_sql_text *file;
    ct_ddl wanted;  /* as this release ships it */
    ct_ddl current; /* as it is, with what the user made of it */
    ct_ddl shipped; /* as the release shipped it that made it */
    ct_table_change *change;
    char **error; /* of the caller */
} table;

/* A column of the table that no release of ours brought. */
static bool is_users(const table *t, const ct_ddl_part *column)
{
    ct_span name = ct_ddl_name(&t->current, column);
    return !ct_ddl_column(&t->wanted, name) && !ct_ddl_column(&t->shipped, name);
}

/* A column that older releases had. */
static bool is_gone(const table *t, const ct_ddl_part *column)
{
    ct_span name = ct_ddl_name(&t->current, column);
    return !ct_ddl_column(&t->wanted, name) && ct_ddl_column(&t->shipped, name);
}

/* Its values are worked out. */
static bool is_generated(const ct_ddl_part *column)
{
    return ct_ddl_has_word(column->text, "AS");
}

/* Whether ALTER TABLE can add such a column. */
static bool can_add(const ct_ddl_part *column)
{
    ct_span text = column->text;
    return !ct_ddl_has_word(text, "PRIMARY") && !ct_ddl_has_word(text, "UNIQUE") &&
           (!ct_ddl_has_word(text, "NOT") || ct_ddl_has_word(text, "DEFAULT"));
}

/* Whether a column that the table has is now another: the release changed it, and not the user. */
static bool is_changed(const table *t, const ct_ddl_part *wanted, const ct_ddl_part *current)
{
    const ct_ddl_part *shipped = ct_ddl_column(&t->shipped, ct_ddl_name(&t->wanted, wanted));
    return !ct_ddl_same(current->text, wanted->text) &&
           !(shipped && ct_ddl_same(shipped->text, wanted->text));
}

static bool has_constraint(const ct_ddl *ddl, ct_span constraint)
{
    for (size_t i = ddl->n_columns; i < ddl->n_parts; i++)
        if (ct_ddl_same(ddl->parts[i].text, constraint))
            return true;
    return false;
}

/* All constraints of a table are among those of another. */
static bool has_constraints_of(const ct_ddl *a, const ct_ddl *b)
{
    for (size_t i = b->n_columns; i < b->n_parts; i++)
        if (!has_constraint(a, b->parts[i].text))
            return false;
    return true;
}

static bool same_table_constraints(const ct_ddl *a, const ct_ddl *b)
{
    return has_constraints_of(a, b) && has_constraints_of(b, a) && ct_ddl_same(a->tail, b->tail);
}

static bool must_be_made_anew(const table *t)
{
    for (size_t i = 0; i < t->wanted.n_columns; i++) {
        const ct_ddl_part *wanted = &t->wanted.parts[i];
        const ct_ddl_part *current = ct_ddl_column(&t->current, ct_ddl_name(&t->wanted, wanted));
        if (current ? is_changed(t, wanted, current) : !can_add(wanted))
            return true;
    }
    for (size_t i = 0; i < t->current.n_columns; i++)
        if (is_gone(t, &t->current.parts[i]))
            return true;
    return !same_table_constraints(&t->shipped, &t->wanted) &&
           !same_table_constraints(&t->current, &t->wanted);
}

/* ---- columns added -------------------------------------------------------------------------- */

static void note_added(table *t, ct_span name)
{
    ct_buf_put(&t->change->added, name.p, name.n);
    ct_buf_put_char(&t->change->added, ',');
}

static int add_columns(table *t)
{
    int rc = SQLITE_OK;
    for (size_t i = 0; rc == SQLITE_OK && i < t->wanted.n_columns; i++) {
        const ct_ddl_part *column = &t->wanted.parts[i];
        if (ct_ddl_column(&t->current, ct_ddl_name(&t->wanted, column)))
            continue;
        note_added(t, ct_ddl_name(&t->wanted, column));
        rc = ct_execf(t->db, t->error, "ALTER TABLE main.\"%w\" ADD COLUMN %.*s", t->file->name,
                      (int)column->text.n, column->text.p);
    }
    return rc;
}

/* ---- made anew ------------------------------------------------------------------------------ */

/*
 * Not by ALTER TABLE ... RENAME, which fails when any view of the database is broken or calls a
 * function that is not loaded: the rows go into a table without types, and back.
 */

/* CREATE TABLE as shipped, with the user's columns and constraints behind ours. */
static void put_create(const table *t, ct_buf *sql)
{
    const ct_ddl *wanted = &t->wanted;
    const char *p = wanted->statement.p;
    const ct_span last_column = wanted->parts[wanted->n_columns - 1].text;
    const ct_span last_part = wanted->parts[wanted->n_parts - 1].text;
    ct_buf_put(sql, p, (size_t)(last_column.p + last_column.n - p));
    for (size_t i = 0; i < t->current.n_columns; i++) {
        const ct_ddl_part *column = &t->current.parts[i];
        if (!is_users(t, column))
            continue;
        ct_buf_put_text(sql, ",\n    ");
        ct_buf_put(sql, column->text.p, column->text.n);
    }
    p = last_column.p + last_column.n;
    ct_buf_put(sql, p, (size_t)(last_part.p + last_part.n - p));
    for (size_t i = t->current.n_columns; i < t->current.n_parts; i++) {
        ct_span constraint = t->current.parts[i].text;
        if (has_constraint(wanted, constraint) || has_constraint(&t->shipped, constraint))
            continue;
        ct_buf_put_text(sql, ",\n    ");
        ct_buf_put(sql, constraint.p, constraint.n);
    }
    p = last_part.p + last_part.n;
    ct_buf_put(sql, p, (size_t)(wanted->statement.p + wanted->statement.n - p));
    ct_buf_put_text(sql, ";\n");
}

/* A name of the rowid that is no column; NULL where there is no rowid to be kept. */
static const char *rowid_name(const table *t)
{
    static const char *const names[] = {"\"rowid\"", "\"_rowid_\"", "\"oid\""};
    if (ct_ddl_has_word(t->current.tail, "WITHOUT") || ct_ddl_has_word(t->wanted.tail, "WITHOUT"))
        return NULL;
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        ct_span name = {names[i], strlen(names[i])};
        if (!ct_ddl_column(&t->current, name) && !ct_ddl_column(&t->wanted, name))
            return names[i];
    }
    return NULL;
}

/* The columns whose values go along, as the table calls them and as the rows in between do. */
static void put_copied(const table *t, ct_buf *names, ct_buf *numbers)
{
    const char *rowid = rowid_name(t), *comma = "";
    if (rowid) {
        ct_buf_put_text(names, rowid);
        ct_buf_put_text(numbers, "c");
        comma = ",";
    }
    for (size_t i = 0; i < t->current.n_columns; i++) {
        const ct_ddl_part *column = &t->current.parts[i];
        if (is_generated(column) || is_gone(t, column))
            continue;
        ct_span name = ct_ddl_name(&t->current, column);
        ct_buf_put_text(names, comma);
        ct_buf_put(names, name.p, name.n);
        ct_buf_printf(numbers, "%sc%zu", comma, i);
        comma = ",";
    }
}

static void put_buf(ct_buf *sql, const ct_buf *text)
{
    if (text->len > 0)
        ct_buf_put(sql, text->data, text->len);
    sql->failed = sql->failed || text->failed;
}

/* All statements of it but those that make the user's indexes and triggers again. */
static void put_make_anew(const table *t, ct_buf *sql)
{
    const char *name = t->file->name; /* no quotes in it: it is the name of a file of ours */
    ct_buf names = CT_BUF_EMPTY, numbers = CT_BUF_EMPTY;
    put_copied(t, &names, &numbers);
    ct_buf_printf(sql, "CREATE TABLE main.cloudtrail_anew_%s (", name);
    put_buf(sql, &numbers);
    ct_buf_printf(sql, ");\nINSERT INTO main.cloudtrail_anew_%s (", name);
    put_buf(sql, &numbers);
    ct_buf_put_text(sql, ") SELECT ");
    put_buf(sql, &names);
    ct_buf_printf(sql, " FROM main.%s;\nDROP TABLE main.%s;\n", name, name);
    put_create(t, sql);
    ct_buf_printf(sql, "INSERT INTO main.%s (", name);
    put_buf(sql, &names);
    ct_buf_put_text(sql, ") SELECT ");
    put_buf(sql, &numbers);
    ct_buf_printf(sql, " FROM main.cloudtrail_anew_%s;\n", name);
    ct_buf_printf(sql, "DROP TABLE main.cloudtrail_anew_%s;\n", name);
    ct_buf_free(&names);
    ct_buf_free(&numbers);
}

static bool is_our_index(const ct_sql_text *file, const char *name)
{
    const char *p = file->text;
    index_text index;
    while (next_index(&p, &index))
        if (strlen(name) == index.name_len &&
            sqlite3_strnicmp(name, index.name, (int)index.name_len) == 0)
            return true;
    return false;
}

/* sqlite_schema has them without the name of the database; without it they would go to a temporary
 * table of the same name. */
int ct_table_put_dependents(sqlite3 *db, const ct_sql_text *file, ct_buf *sql)
{
    static const char query[] =
        "SELECT name, substr(sql, 1, length(verb)) || 'main.' || substr(sql, length(verb) + 1)"
        " FROM (SELECT name, type, sql, CASE WHEN type = 'trigger' THEN 'CREATE TRIGGER '"
        "  WHEN sql LIKE 'CREATE UNIQUE %' THEN 'CREATE UNIQUE INDEX ' ELSE 'CREATE INDEX ' END"
        "  AS verb FROM main.sqlite_master WHERE type IN ('index', 'trigger')"
        "  AND tbl_name = ?1 COLLATE NOCASE AND sql IS NOT NULL)"
        " ORDER BY type, name";
    sqlite3_stmt *stmt = NULL;
    int rc = sqlite3_prepare_v2(db, query, -1, &stmt, NULL);
    if (rc == SQLITE_OK)
        rc = sqlite3_bind_text(stmt, 1, file->name, -1, SQLITE_STATIC);
    while (rc == SQLITE_OK && sqlite3_step(stmt) == SQLITE_ROW) {
        const char *name = (const char *)sqlite3_column_text(stmt, 0);
        const char *text = (const char *)sqlite3_column_text(stmt, 1);
        if (!name || !text) {
            sql->failed = true;
        } else if (!is_our_index(file, name)) {
            ct_buf_put_text(sql, text);
            ct_buf_put_text(sql, ";\n");
        }
    }
    int finished = sqlite3_finalize(stmt);
    return rc == SQLITE_OK ? finished : rc;
}

/* DROP TABLE deletes the rows, as foreign keys see it: rows of the user's that refer to ours would
 * go with them. PRAGMA foreign_keys does nothing within a transaction, this does. */
static int run_without_foreign_keys(const table *t, const char *sql)
{
    int are_on = 0;
    int rc = sqlite3_db_config(t->db, SQLITE_DBCONFIG_ENABLE_FKEY, -1, &are_on);
    if (rc == SQLITE_OK && are_on)
        rc = sqlite3_db_config(t->db, SQLITE_DBCONFIG_ENABLE_FKEY, 0, NULL);
    if (rc == SQLITE_OK)
        rc = ct_exec(t->db, sql, t->error);
    if (are_on)
        (void)sqlite3_db_config(t->db, SQLITE_DBCONFIG_ENABLE_FKEY, 1, NULL);
    return rc;
}

static int make_anew(table *t)
{
    for (size_t i = 0; i < t->wanted.n_columns; i++) {
        ct_span name = ct_ddl_name(&t->wanted, &t->wanted.parts[i]);
        if (!ct_ddl_column(&t->current, name))
            note_added(t, name);
    }
    ct_buf sql = CT_BUF_EMPTY;
    put_make_anew(t, &sql);
    int rc = ct_table_put_dependents(t->db, t->file, &sql);
    ct_buf_put_char(&sql, '\0');
    if (rc == SQLITE_OK)
        rc = ct_buf_ok(&sql) ? run_without_foreign_keys(t, sql.data) : SQLITE_NOMEM;
    ct_buf_free(&sql);
    return rc;
}

/* ---- the table ------------------------------------------------------------------------------ */

/* The CREATE TABLE in a table's file. */
static const char *definition(const ct_sql_text *file, size_t *len)
{
    const char *start = strstr(file->text, "\nCREATE TABLE ");
    start = start ? start + 1 : file->text;
    *len = (size_t)(file->text + file->len - start);
    return start;
}

/* Whether a statement is the one that the table's file has. */
static bool is_definition(const ct_sql_text *file, const char *sql)
{
    size_t len, n = strlen(sql);
    const char *wanted = definition(file, &len);
    return n < len && memcmp(sql, wanted, n) == 0 && wanted[n] == ';';
}

static int create(sqlite3 *db, const ct_sql_text *file, char **error)
{
    char *made = NULL;
    int rc = ct_exec(db, file->text, error);
    if (rc == SQLITE_OK)
        rc = ct_lookup(db, "SELECT sql FROM main.sqlite_master WHERE name = ?1", file->name, NULL,
                       &made, error);
    if (rc == SQLITE_OK)
        rc = made ? ct_note_shipped(db, file->name, made, strlen(made), error) : SQLITE_ERROR;
    sqlite3_free(made);
    return rc;
}

/* What went wrong, in words that name the table. */
static void explain(const table *t, int rc)
{
    char *words = *t->error;
    int code = rc & 0xff; /* the host may have asked for extended codes */
    if (code == SQLITE_LOCKED)
        *t->error = sqlite3_mprintf("the table %s must be made anew, but a statement of this"
                                    " connection is reading: call cloudtrail_init() on its own",
                                    t->file->name);
    else if (code == SQLITE_CONSTRAINT || code == SQLITE_ERROR)
        *t->error = sqlite3_mprintf("the table %s cannot be brought up to date: %s", t->file->name,
                                    words ? words : sqlite3_errmsg(t->db));
    else
        return;
    sqlite3_free(words);
}

static int change_shape(table *t)
{
    int rc = must_be_made_anew(t) ? make_anew(t) : add_columns(t);
    if (rc != SQLITE_OK)
        explain(t, rc);
    else
        rc = ct_note_shipped(t->db, t->file->name, t->wanted.statement.p, t->wanted.statement.n,
                             t->error);
    return rc;
}

/* A table that a release made from another text than this one's. */
static int update_shape(sqlite3 *db, const ct_sql_text *file, const char *current,
                        const char *shipped, ct_table_change *change, char **error)
{
    table t = {.db = db, .file = file, .change = change, .error = error};
    size_t len;
    const char *wanted = definition(file, &len);
    const ct_ddl_result results[] = {
        ct_ddl_parse(&t.wanted, wanted, len),
        ct_ddl_parse(&t.current, current, strlen(current)),
        ct_ddl_parse(&t.shipped, shipped, strlen(shipped)),
    };
    int rc = SQLITE_OK;
    for (size_t i = 0; i < 3; i++)
        if (results[i] == CT_DDL_NO_MEMORY)
            rc = SQLITE_NOMEM;
    /* What is no table of ours is for update_indexes() to complain of. */
    if (rc == SQLITE_OK && results[0] == CT_DDL_OK && results[1] == CT_DDL_OK &&
        results[2] == CT_DDL_OK)
        rc = change_shape(&t);
    ct_ddl_free(&t.wanted);
    ct_ddl_free(&t.current);
    ct_ddl_free(&t.shipped);
    return rc == SQLITE_OK && !ct_buf_ok(&change->added) ? SQLITE_NOMEM : rc;
}

/* Refuses a table, or what else bears its name, that lacks a column of ours: the user has dropped or
 * renamed it, and what reads it would fail much later or, in a subquery, take the outer query's
 * column of that name. With the table's name before it, a name is never taken for a text. */
static int check_columns(sqlite3 *db, const ct_sql_text *file, char **error)
{
    size_t len;
    const char *text = definition(file, &len);
    ct_ddl wanted;
    int rc = ct_ddl_parse(&wanted, text, len) == CT_DDL_NO_MEMORY ? SQLITE_NOMEM : SQLITE_OK;
    ct_buf sql = CT_BUF_EMPTY;
    ct_buf_put_text(&sql, "SELECT 1");
    for (size_t i = 0; i < wanted.n_columns; i++) {
        ct_span name = ct_ddl_name(&wanted, &wanted.parts[i]);
        ct_buf_printf(&sql, ",%s.%.*s", file->name, (int)name.n, name.p);
    }
    ct_buf_printf(&sql, " FROM main.%s", file->name);
    ct_buf_put_char(&sql, '\0');
    sqlite3_stmt *stmt = NULL;
    if (rc == SQLITE_OK)
        rc = ct_buf_ok(&sql) ? sqlite3_prepare_v2(db, sql.data, -1, &stmt, NULL) : SQLITE_NOMEM;
    sqlite3_finalize(stmt);
    ct_buf_free(&sql);
    ct_ddl_free(&wanted);
    return (rc & 0xff) == SQLITE_ERROR ? not_as_made(db, file, rc, error) : rc;
}

int ct_table_update(sqlite3 *db, const ct_sql_text *file, ct_table_change *change, char **error)
{
    char *current = NULL, *shipped = NULL;
    int rc = ct_lookup(db,
                       "SELECT sql FROM main.sqlite_master WHERE type IN ('table', 'view')"
                       " AND name = ?1 COLLATE NOCASE",
                       file->name, NULL, &current, error);
    if (rc == SQLITE_OK && !current) {
        change->is_new = true;
        return create(db, file, error);
    }
    if (rc == SQLITE_OK && !is_definition(file, current))
        rc = ct_lookup(db, "SELECT shippedSQL FROM main.cloudtrail_schema WHERE name = ?1",
                       file->name, NULL, &shipped, error);
    if (rc == SQLITE_OK && shipped && !is_definition(file, shipped))
        rc = update_shape(db, file, current, shipped, change, error);
    if (rc == SQLITE_OK && !is_definition(file, current))
        rc = check_columns(db, file, error);
    if (rc == SQLITE_OK)
        rc = update_indexes(db, file, error);
    sqlite3_free(current);
    sqlite3_free(shipped);
    return rc;
}
