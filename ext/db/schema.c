/*
 * SQL: cloudtrail_init() -> TEXT (JSON). DIRECTONLY, because it writes.
 */
#include "db/schema.h"

#include <stdbool.h>
#include <string.h>

#include "base/json_write.h"
#include "base/version.h"
#include "sqlite/register.h"
#include "db/sql_text.h"
#include "sqlite/transaction.h"

/* ---- statements ---------------------------------------------------------------------------- */

static int fail(sqlite3 *db, int rc, char **error)
{
    if (!*error)
        *error = sqlite3_mprintf("%s", sqlite3_errmsg(db));
    return rc;
}

static int exec(sqlite3 *db, const char *sql, char **error)
{
    int rc = sqlite3_exec(db, sql, NULL, NULL, NULL);
    return rc == SQLITE_OK ? rc : fail(db, rc, error);
}

/* Runs a statement with up to two text parameters. *value gets a copy of its first row's first
 * column (sqlite3_malloc), NULL when there is no row. */
static int lookup(sqlite3 *db, const char *sql, const char *a, const char *b, char **value,
                  char **error)
{
    sqlite3_stmt *stmt = NULL;
    *value = NULL;
    int rc = sqlite3_prepare_v2(db, sql, -1, &stmt, NULL);
    if (rc == SQLITE_OK) {
        sqlite3_bind_text(stmt, 1, a, -1, SQLITE_STATIC);
        if (b)
            sqlite3_bind_text(stmt, 2, b, -1, SQLITE_STATIC);
        rc = sqlite3_step(stmt);
    }
    if (rc == SQLITE_ROW) {
        const char *text = (const char *)sqlite3_column_text(stmt, 0);
        *value = sqlite3_mprintf("%s", text ? text : "");
        rc = *value ? SQLITE_DONE : SQLITE_NOMEM;
    }
    if (rc != SQLITE_DONE)
        fail(db, rc, error);
    sqlite3_finalize(stmt);
    return rc == SQLITE_DONE ? SQLITE_OK : rc;
}

/* ---- one table or view --------------------------------------------------------------------- */

/* The statement in a view's file, as sqlite_schema keeps it: without the header and the
 * semicolon. */
static const char *view_definition(const ct_sql_text *file, size_t *len)
{
    const char *start = strstr(file->text, "\nCREATE VIEW ");
    start = start ? start + 1 : file->text;
    const char *end = file->text + file->len;
    while (end > start && strchr(" \n\r\t;", end[-1]))
        end--;
    *len = (size_t)(end - start);
    return start;
}

static bool is_text(const char *text, const char *p, size_t n)
{
    return strlen(text) == n && memcmp(text, p, n) == 0;
}

static int note_shipped(sqlite3 *db, const char *name, char **error)
{
    sqlite3_stmt *stmt = NULL;
    int rc = sqlite3_prepare_v2(db,
                                "INSERT OR REPLACE INTO main.cloudtrail_schema"
                                " SELECT name, sql, ?2 FROM main.sqlite_master WHERE name = ?1",
                                -1, &stmt, NULL);
    if (rc == SQLITE_OK) {
        sqlite3_bind_text(stmt, 1, name, -1, SQLITE_STATIC);
        sqlite3_bind_int(stmt, 2, CT_VERSION_NUMBER);
        rc = sqlite3_step(stmt);
    }
    sqlite3_finalize(stmt);
    return rc == SQLITE_DONE ? SQLITE_OK : fail(db, rc, error);
}

static int create(sqlite3 *db, const ct_sql_text *file, char **error)
{
    int rc = exec(db, file->text, error);
    return rc == SQLITE_OK ? note_shipped(db, file->name, error) : rc;
}

static int replace_view(sqlite3 *db, const ct_sql_text *file, char **error)
{
    char *drop = sqlite3_mprintf("DROP VIEW main.\"%w\"", file->name);
    int rc = drop ? exec(db, drop, error) : SQLITE_NOMEM;
    sqlite3_free(drop);
    return rc == SQLITE_OK ? create(db, file, error) : rc;
}

static void note_kept(const char *name, ct_buf *kept)
{
    if (kept->len > 0)
        ct_buf_put_char(kept, ',');
    ct_json_put_text(kept, name);
}

/* A view that is there already: `current` is its text. */
static int update_view(sqlite3 *db, const ct_sql_text *file, const char *current, ct_buf *kept,
                       char **error)
{
    size_t len;
    const char *wanted = view_definition(file, &len);
    if (is_text(current, wanted, len))
        return SQLITE_OK;
    char *shipped;
    int rc = lookup(db, "SELECT shippedSQL FROM main.cloudtrail_schema WHERE name = ?1", file->name,
                    NULL, &shipped, error);
    if (rc == SQLITE_OK) {
        if (shipped && strcmp(shipped, current) == 0)
            rc = replace_view(db, file, error);
        else
            note_kept(file->name, kept);
    }
    sqlite3_free(shipped);
    return rc;
}

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

/* Makes an index whose table is there, unless it is there, too, as the file has it. */
static int update_index(sqlite3 *db, const index_text *index, char **error)
{
    char *name = sqlite3_mprintf("%.*s", (int)index->name_len, index->name);
    char *drop = sqlite3_mprintf("DROP INDEX main.%.*s", (int)index->name_len, index->name);
    char *current = NULL;
    int rc = SQLITE_NOMEM;
    if (name && drop)
        rc = lookup(db,
                    "SELECT sql FROM main.sqlite_master WHERE type = 'index'"
                    " AND name = ?1 COLLATE NOCASE",
                    name, NULL, &current, error);
    bool is_there = rc == SQLITE_OK && current;
    bool is_right = is_there && is_index(current, index);
    if (is_there && !is_right)
        rc = exec(db, drop, error);
    sqlite3_stmt *stmt = NULL;
    if (rc == SQLITE_OK && !is_right) {
        rc = sqlite3_prepare_v2(db, index->statement, -1, &stmt, NULL);
        (void)sqlite3_step(stmt);
        int finished = sqlite3_finalize(stmt);
        rc = rc == SQLITE_OK ? finished : rc;
    }
    sqlite3_free(name);
    sqlite3_free(drop);
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
        rc = update_index(db, &index, error);
    if (rc != SQLITE_OK && !*error)
        *error = sqlite3_mprintf("the table %s is not as this extension makes it: %s", file->name,
                                 sqlite3_errmsg(db));
    return rc;
}

static int create_or_update(sqlite3 *db, const ct_sql_text *file, ct_buf *kept, char **error)
{
    bool is_table = strncmp(file->path, "sql/tables/", 11) == 0;
    char *current;
    int rc = lookup(db,
                    "SELECT sql FROM main.sqlite_master WHERE type IN ('table', 'view')"
                    " AND name = ?1 COLLATE NOCASE",
                    file->name, NULL, &current, error);
    if (rc == SQLITE_OK && !current)
        rc = create(db, file, error);
    else if (rc == SQLITE_OK && is_table)
        rc = update_indexes(db, file, error);
    else if (rc == SQLITE_OK)
        rc = update_view(db, file, current, kept, error);
    sqlite3_free(current);
    return rc;
}

/* ---- the whole schema ---------------------------------------------------------------------- */

static int refuse_newer(sqlite3 *db, char **error)
{
    char *newer = NULL, *exists;
    int rc = lookup(db, "SELECT 1 FROM main.sqlite_master WHERE name = ?1", "cloudtrail_schema",
                    NULL, &exists, error);
    if (rc == SQLITE_OK && exists)
        rc = lookup(db,
                    "SELECT printf('%d.%d.%d', v / 1000000, v / 1000 % 1000, v % 1000)"
                    " FROM (SELECT max(version) AS v FROM main.cloudtrail_schema)"
                    " WHERE v > ?1 + 0",
                    CT_VERSION_NUMBER_TEXT, NULL, &newer, error);
    if (newer) {
        *error =
            sqlite3_mprintf("this database was made by sqlite-cloudtrail %s, this is " CT_VERSION
                            ": load the newer one",
                            newer);
        rc = SQLITE_ERROR;
    }
    sqlite3_free(newer);
    sqlite3_free(exists);
    return rc;
}

static const ct_sql_text *find_file(const char *name)
{
    for (size_t i = 0; i < ct_n_sql_texts; i++)
        if (strcmp(ct_sql_texts[i].name, name) == 0)
            return &ct_sql_texts[i];
    return NULL;
}

int ct_schema_create(sqlite3 *db, ct_buf *kept, char **error)
{
    int rc = refuse_newer(db, error);
    /* The list of what was shipped comes first: making the others writes to it. */
    if (rc == SQLITE_OK)
        rc = create_or_update(db, find_file("cloudtrail_schema"), kept, error);
    for (size_t i = 0; rc == SQLITE_OK && i < ct_n_sql_texts; i++)
        rc = create_or_update(db, &ct_sql_texts[i], kept, error);
    return rc == SQLITE_OK && !ct_buf_ok(kept) ? SQLITE_NOMEM : rc;
}

/* ---- SQL ----------------------------------------------------------------------------------- */

/*
 * cloudtrail_init() -> TEXT
 *
 * Makes the tables and views that are not there yet, in the main database, and brings views of an
 * older release up to date. Returns {"version","kept"}: kept names the views that the user has
 * changed and that therefore stay as they are. Indexes that were dropped, or are an older
 * release's, are made again. Runs in a transaction of its own, or in the caller's.
 *
 * NULL:    takes no argument.
 * Errors:  the database was made by a newer release; called from a statement that writes; whatever
 *          SQLite says of the database (read-only, locked, full).
 * Example: SELECT cloudtrail_init();
 *          -- {"version":"0.1.0","kept":[]}
 */
static void cloudtrail_init(sqlite3_context *context, int argc, sqlite3_value **argv)
{
    (void)argc, (void)argv;
    sqlite3 *db = sqlite3_context_db_handle(context);
    char *error = NULL;
    ct_buf kept = CT_BUF_EMPTY;
    ct_transaction transaction;
    int rc = ct_transaction_open(db, &transaction, &error);
    if (rc == SQLITE_OK)
        rc = ct_transaction_begin(&transaction, &error);
    if (rc == SQLITE_OK) {
        int created = ct_schema_create(db, &kept, &error);
        rc = ct_transaction_end(&transaction, created);
        if (rc != created) {
            sqlite3_free(error);
            error = sqlite3_mprintf("%s", sqlite3_errmsg(db));
        }
    }
    ct_transaction_close(&transaction);
    if (rc == SQLITE_OK) {
        ct_buf summary = CT_BUF_EMPTY;
        ct_buf_put_text(&summary, "{\"version\":\"" CT_VERSION "\",\"kept\":[");
        ct_buf_put(&summary, kept.data, kept.len);
        ct_buf_put_text(&summary, "]}");
        ct_result_json(context, &summary);
    } else {
        ct_result_failure(context, rc, "cloudtrail_init", error);
    }
    sqlite3_free(error);
    ct_buf_free(&kept);
}

// clang-format off
static const ct_function functions[] = {
    /* name             argc flags           scalar           step  final value inverse */
    {"cloudtrail_init", 0,   CT_DIRECT_JSON, cloudtrail_init, NULL, NULL, NULL, NULL},
};
// clang-format on

int ct_schema_register(sqlite3 *db, char **error)
{
    return ct_register(db, functions, sizeof functions / sizeof functions[0], error);
}
