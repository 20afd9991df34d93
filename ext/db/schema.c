/*
 * SQL: cloudtrail_init() -> TEXT (JSON). DIRECTONLY, because it writes.
 */
#include "db/schema.h"

#include <stdbool.h>
#include <string.h>

#include "base/json_write.h"
#include "base/mem.h"
#include "base/version.h"
#include "db/migration.h"
#include "db/seed.h"
#include "db/sql_text.h"
#include "db/table.h"
#include "sqlite/register.h"
#include "sqlite/statement.h"
#include "sqlite/transaction.h"

/* A database on its way to this release. */
typedef struct upgrade {
    sqlite3 *db;
    ct_table_change *changes; /* owned: one for each of ct_sql_texts, those of views unused */
    bool has_list;            /* cloudtrail_migration was there */
    ct_schema_report *report; /* of the caller, as is */
    char **error;
} upgrade;

/* ---- views ---------------------------------------------------------------------------------- */

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

static int create_view(upgrade *u, const ct_sql_text *file)
{
    size_t len;
    const char *sql = view_definition(file, &len);
    int rc = ct_exec(u->db, file->text, u->error);
    return rc == SQLITE_OK ? ct_note_shipped(u->db, file->name, sql, len, u->error) : rc;
}

/* With the view go the user's triggers on it (INSTEAD OF), which are made again. */
static int replace_view(upgrade *u, const ct_sql_text *file)
{
    ct_buf triggers = CT_BUF_EMPTY;
    int rc = ct_table_put_dependents(u->db, file, &triggers);
    ct_buf_put_char(&triggers, '\0');
    if (rc == SQLITE_OK && !ct_buf_ok(&triggers))
        rc = SQLITE_NOMEM;
    if (rc == SQLITE_OK)
        rc = ct_execf(u->db, u->error, "DROP VIEW main.\"%w\"", file->name);
    if (rc == SQLITE_OK)
        rc = create_view(u, file);
    if (rc == SQLITE_OK)
        rc = ct_exec(u->db, triggers.data, u->error);
    ct_buf_free(&triggers);
    return rc;
}

static void note_kept(const char *name, ct_buf *kept)
{
    if (kept->len > 0)
        ct_buf_put_char(kept, ',');
    ct_json_put_text(kept, name);
}

/* A view that is there already and has another text. */
static int update_view(upgrade *u, const ct_sql_text *file, const char *current)
{
    char *shipped;
    int rc = ct_lookup(u->db, "SELECT shippedSQL FROM main.cloudtrail_schema WHERE name = ?1",
                       file->name, NULL, &shipped, u->error);
    if (rc == SQLITE_OK) {
        if (shipped && strcmp(shipped, current) == 0)
            rc = replace_view(u, file);
        else
            note_kept(file->name, &u->report->kept);
    }
    sqlite3_free(shipped);
    return rc;
}

static int create_or_update_view(upgrade *u, const ct_sql_text *file)
{
    size_t len;
    const char *wanted = view_definition(file, &len);
    char *current;
    int rc = ct_lookup(u->db,
                       "SELECT sql FROM main.sqlite_master WHERE type IN ('table', 'view')"
                       " AND name = ?1 COLLATE NOCASE",
                       file->name, NULL, &current, u->error);
    if (rc == SQLITE_OK && !current)
        rc = create_view(u, file);
    else if (rc == SQLITE_OK && !is_text(current, wanted, len))
        rc = update_view(u, file, current);
    sqlite3_free(current);
    return rc;
}

static bool is_table(const ct_sql_text *file)
{
    return strncmp(file->path, "sql/tables/", 11) == 0;
}

static int update_views(upgrade *u)
{
    int rc = SQLITE_OK;
    for (size_t i = 0; rc == SQLITE_OK && i < ct_n_sql_texts; i++)
        if (!is_table(&ct_sql_texts[i]))
            rc = create_or_update_view(u, &ct_sql_texts[i]);
    return rc;
}

/* ---- tables --------------------------------------------------------------------------------- */

/* The place of a table's file in ct_sql_texts, where it is; ct_n_sql_texts where there is none. */
static size_t find_table(const char *name)
{
    size_t i = 0;
    while (i < ct_n_sql_texts &&
           !(is_table(&ct_sql_texts[i]) && strcmp(ct_sql_texts[i].name, name) == 0))
        i++;
    return i;
}

static int update_table(upgrade *u, size_t i)
{
    return ct_table_update(u->db, &ct_sql_texts[i], &u->changes[i], u->error);
}

static int update_tables(upgrade *u)
{
    int rc = SQLITE_OK;
    for (size_t i = 0; rc == SQLITE_OK && i < ct_n_sql_texts; i++)
        if (is_table(&ct_sql_texts[i]))
            rc = update_table(u, i);
    return rc;
}

/* ---- rows ----------------------------------------------------------------------------------- */

static int migrate(upgrade *u, ct_migration_time now)
{
    ct_found found = {.version = u->report->version, .has_list = u->has_list};
    return ct_migrate(u->db, ct_migration_texts, ct_n_migration_texts, now, found, u->error);
}

static int seed(upgrade *u, const ct_sql_text *file)
{
    size_t i = find_table(file->name);
    if (i == ct_n_sql_texts)
        return SQLITE_ERROR;
    const ct_table_change *change = &u->changes[i];
    bool is_done = false;
    int rc = ct_migration_look_up_seed(u->db, file, &is_done, u->error);
    if (rc != SQLITE_OK || (is_done && !change->is_new))
        return rc;
    rc = ct_seed_table(u->db, file, &ct_sql_texts[i], change, u->error);
    return rc == SQLITE_OK ? ct_migration_note_seed(u->db, file, u->error) : rc;
}

static int seed_all(upgrade *u)
{
    int rc = SQLITE_OK;
    for (size_t i = 0; rc == SQLITE_OK && i < ct_n_seed_texts; i++)
        rc = seed(u, &ct_seed_texts[i]);
    return rc;
}

/* ---- the whole schema ----------------------------------------------------------------------- */

static int look_for(upgrade *u, const char *name, bool *is_there)
{
    char *exists;
    int rc = ct_lookup(u->db, "SELECT 1 FROM main.sqlite_master WHERE name = ?1", name, NULL,
                       &exists, u->error);
    *is_there = exists;
    sqlite3_free(exists);
    return rc;
}

static int read_version(upgrade *u)
{
    sqlite3_stmt *stmt = NULL;
    int rc = sqlite3_prepare_v2(u->db, "SELECT max(s.version) FROM main.cloudtrail_schema AS s", -1,
                                &stmt, NULL);
    if (rc == SQLITE_OK && sqlite3_step(stmt) == SQLITE_ROW)
        u->report->version = sqlite3_column_int(stmt, 0);
    int finished = sqlite3_finalize(stmt);
    rc = rc == SQLITE_OK ? finished : rc;
    return rc == SQLITE_OK ? rc : ct_statement_failed(u->db, rc, u->error);
}

#define VERSION_FORMAT "%d.%d.%d"
#define VERSION_PARTS(version) (version) / 1000000, (version) / 1000 % 1000, (version) % 1000

static int refuse_newer(upgrade *u)
{
    if (u->report->version <= CT_VERSION_NUMBER)
        return SQLITE_OK;
    int version = u->report->version;
    *u->error = sqlite3_mprintf("this database was made by sqlite-cloudtrail " VERSION_FORMAT
                                ", this is " CT_VERSION ": load the newer one",
                                VERSION_PARTS(version));
    return *u->error ? SQLITE_ERROR : SQLITE_NOMEM;
}

static int look_at(upgrade *u)
{
    bool has_schema = false;
    int rc = look_for(u, "cloudtrail_schema", &has_schema);
    if (rc == SQLITE_OK && has_schema)
        rc = read_version(u);
    if (rc == SQLITE_OK)
        rc = refuse_newer(u);
    return rc == SQLITE_OK ? look_for(u, "cloudtrail_migration", &u->has_list) : rc;
}

/* The row of cloudtrail_schema itself says which release the database is of. */
static int note_version(upgrade *u)
{
    if (u->report->version == CT_VERSION_NUMBER)
        return SQLITE_OK;
    return ct_execf(u->db, u->error,
                    "UPDATE main.cloudtrail_schema SET version = %d"
                    " WHERE name = 'cloudtrail_schema'",
                    CT_VERSION_NUMBER);
}

static int bring_up_to_date(upgrade *u)
{
    int rc = look_at(u);
    /* The lists of what was shipped and done come first: all that follows writes to them. */
    if (rc == SQLITE_OK)
        rc = update_table(u, find_table("cloudtrail_schema"));
    if (rc == SQLITE_OK)
        rc = update_table(u, find_table("cloudtrail_migration"));
    if (rc == SQLITE_OK)
        rc = migrate(u, CT_BEFORE_TABLES);
    if (rc == SQLITE_OK)
        rc = update_tables(u);
    if (rc == SQLITE_OK)
        rc = migrate(u, CT_AFTER_TABLES);
    if (rc == SQLITE_OK)
        rc = seed_all(u);
    if (rc == SQLITE_OK)
        rc = update_views(u);
    if (rc == SQLITE_OK)
        rc = note_version(u);
    if (rc == SQLITE_OK)
        rc = ct_seed_deleted_rules(u->db, &u->report->deleted_rules, u->error);
    return rc == SQLITE_OK && !ct_buf_ok(&u->report->kept) ? SQLITE_NOMEM : rc;
}

int ct_schema_create(sqlite3 *db, ct_schema_report *report, char **error)
{
    upgrade u = {.db = db, .report = report, .error = error};
    u.changes = ct_malloc(ct_n_sql_texts * sizeof *u.changes);
    if (!u.changes)
        return SQLITE_NOMEM;
    memset(u.changes, 0, ct_n_sql_texts * sizeof *u.changes);
    int rc = bring_up_to_date(&u);
    for (size_t i = 0; i < ct_n_sql_texts; i++)
        ct_buf_free(&u.changes[i].added);
    ct_free(u.changes);
    return rc;
}

/* ---- the report ----------------------------------------------------------------------------- */

void ct_schema_report_free(ct_schema_report *report)
{
    ct_buf_free(&report->kept);
    ct_buf_free(&report->deleted_rules);
}

static void put_list(ct_buf *json, const char *name, const ct_buf *members)
{
    ct_buf_printf(json, ",\"%s\":[", name);
    if (members->len > 0)
        ct_buf_put(json, members->data, members->len);
    ct_buf_put_char(json, ']');
}

void ct_schema_put_report(const ct_schema_report *report, ct_buf *json)
{
    if (report->kept.len > 0)
        put_list(json, "kept", &report->kept);
    if (report->deleted_rules.len > 0)
        put_list(json, "deletedRules", &report->deleted_rules);
    if (report->version > 0 && report->version < CT_VERSION_NUMBER) {
        ct_buf_printf(json, ",\"upgradedFrom\":\"" VERSION_FORMAT "\"",
                      VERSION_PARTS(report->version));
    }
}

/* ---- SQL ------------------------------------------------------------------------------------ */

/* The summary is written before the transaction ends: there must be nothing that can fail behind. */
static int create_and_tell(sqlite3 *db, ct_buf *summary, char **error)
{
    ct_schema_report report = {.kept = CT_BUF_EMPTY, .deleted_rules = CT_BUF_EMPTY};
    int rc = ct_schema_create(db, &report, error);
    ct_buf_put_text(summary, "{\"version\":\"" CT_VERSION "\"");
    if (report.kept.len == 0)
        put_list(summary, "kept", &report.kept);
    ct_schema_put_report(&report, summary);
    ct_buf_put_char(summary, '}');
    ct_schema_report_free(&report);
    return rc == SQLITE_OK && !ct_buf_ok(summary) ? SQLITE_NOMEM : rc;
}

/*
 * cloudtrail_init() -> TEXT
 *
 * Makes the tables and views that are not there yet, in the main database, and brings those of an
 * older release up to date. Returns {"version","kept"}: kept names the views that the user has
 * changed and that therefore stay as they are; behind them, where there is something to say, the
 * rules of ours that the user has deleted (deletedRules) and the release that the database was of
 * (upgradedFrom). Indexes that were dropped, or are an older release's, are made again. Runs in a
 * transaction of its own, or in the caller's.
 *
 * NULL:    takes no argument.
 * Errors:  the database was made by a newer release; called from a statement that writes; a table of
 *          an older release cannot be brought up to date, or lacks a column of ours; whatever SQLite says of the database
 *          (read-only, locked, full). After an error nothing has changed.
 * Example: SELECT cloudtrail_init();
 *          -- {"version":"0.2.0","kept":[]}
 */
static void cloudtrail_init(sqlite3_context *context, int argc, sqlite3_value **argv)
{
    (void)argc, (void)argv;
    sqlite3 *db = sqlite3_context_db_handle(context);
    char *error = NULL;
    ct_buf summary = CT_BUF_EMPTY;
    ct_transaction transaction;
    int rc = ct_transaction_open(db, &transaction, &error);
    if (rc == SQLITE_OK)
        rc = ct_transaction_begin(&transaction, &error);
    if (rc == SQLITE_OK) {
        int created = create_and_tell(db, &summary, &error);
        rc = ct_transaction_end(&transaction, created);
        if (rc == SQLITE_INTERRUPT) {
            sqlite3_free(error);
            error = ct_transaction_interrupted(&transaction, "nothing has changed");
        } else if (rc != created) {
            sqlite3_free(error);
            error = ct_sqlite_error(db, rc);
        }
    }
    ct_transaction_close(&transaction);
    if (rc == SQLITE_OK)
        ct_result_json(context, &summary);
    else
        ct_result_failure(context, rc, "cloudtrail_init", error);
    sqlite3_free(error);
    ct_buf_free(&summary);
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
