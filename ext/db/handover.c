/*
 * SQL: cloudtrail_handover(path) -> TEXT (JSON). DIRECTONLY, because it writes a file.
 *
 * What goes into the copy: each table of the main database, ours and the user's, but for those that
 * only the extension needs; as tables, what the views show that tell of alerts, incidents and the
 * logs' gaps (`shown` below); the user's own views as far as they work without the extension; indexes
 * on columns; and two tables that say what the file is: cloudtrail_handover (name, value) and
 * cloudtrail_handover_table (name, rows, about).
 */
#include "db/handover.h"

#include <stdbool.h>
#include <string.h>

#include "base/buf.h"
#include "base/json_write.h"
#include "base/version.h"
#include "db/copy_table.h"
#include "db/new_file.h"
#include "db/sql_text.h"
#include "sqlite/interrupt.h"
#include "sqlite/progress.h"
#include "sqlite/register.h"
#include "sqlite/statement.h"

/* The views that become tables, if they are there, and what is looked for in them. What reads others
 * of them and needs no function of ours is worked out in the copy, from the tables that they have become
 * by then: the stories are told once. */
static const struct {
    const char *view, *index;
    bool in_copy;
} shown[] = {
    {"SecurityAlert", NULL, false},
    {"alert_evidence", "alertID, step", false},
    {"alert_navigator", NULL, false},
    {"alert_ocsf", "alertID", false},
    {"alert_scope", "alertID", false},
    {"alert_story", "alertID", false},
    {"cloudtrail_coverage", NULL, false},
    {"cloudtrail_missing", NULL, false},
    {"credential", "accessKeyId", false},
    {"hunt_evidence", "hunt, number", false},
    {"hunt_result", NULL, false},
    {"hunt_summary", NULL, false},
    {"incident_alert", "incidentID", false},
    {"incident_ranked", "incidentID", false},
    {"near_miss", NULL, false},
    {"sentinel_gap", NULL, false},
    {"alert_csv", "alertID", true},
    {"alert_timesketch", NULL, true},
};
enum { N_SHOWN = sizeof shown / sizeof shown[0] };

/* Tables that are of use to the extension alone, and those of a copy that is copied again. */
#define NOT_COPIED                                                                                 \
    "('cloudtrail_schema', 'cloudtrail_seed', 'cloudtrail_migration',"                             \
    " 'cloudtrail_handover', 'cloudtrail_handover_table', 'dash_hour', 'dash_file', 'dash_state')"

typedef struct handover {
    sqlite3 *db;
    const char *path;
    ct_new_file file;
    ct_interrupt *interrupt;
    ct_copy copy;
    sqlite3_stmt *snapshot; /* a row of it is being read as long as rows are copied */
    ct_buf left_out, plain; /* members of JSON arrays */
    char *broken;           /* a view that does not work; owned (sqlite3_malloc) */
    char *error;            /* owned (sqlite3_malloc) */
} handover;

/* ---- small steps ---------------------------------------------------------------------------- */

static int write_failed(handover *h, int rc)
{
    return rc == SQLITE_OK ? rc : ct_statement_failed(h->file.db, rc, &h->error);
}

static void forget_error(handover *h)
{
    sqlite3_free(h->error);
    h->error = NULL;
}

static void put_comma(ct_buf *list)
{
    if (list->len > 0)
        ct_buf_put_char(list, ',');
}

/* Notes what is not in the copy, and forgets the error. */
static void leave_out(handover *h, const char *type, const char *name, const char *why)
{
    put_comma(&h->left_out);
    ct_buf_put_text(&h->left_out, "{\"name\":");
    ct_json_put_text(&h->left_out, name);
    ct_buf_printf(&h->left_out, ",\"type\":\"%s\",\"why\":", type);
    ct_json_put_text(&h->left_out, why ? why : h->error ? h->error : "not to be read");
    ct_buf_put_char(&h->left_out, '}');
    forget_error(h);
}

/* The error of one thing that cannot be copied does not keep the others from it. */
static int leave_out_if_refused(handover *h, int rc, const char *type, const char *name)
{
    if (!ct_copy_is_refused(rc))
        return rc;
    leave_out(h, type, name, NULL);
    return SQLITE_OK;
}

static bool is_view_of_ours(const char *name)
{
    for (size_t i = 0; i < ct_n_sql_texts; i++)
        if (sqlite3_stricmp(ct_sql_texts[i].name, name) == 0)
            return strncmp(ct_sql_texts[i].path, "sql/tables/", 11) != 0;
    return false;
}

static bool is_index_of_ours(const char *name)
{
    char *text = sqlite3_mprintf(" INDEX main.%s ON ", name);
    bool is_ours = false;
    for (size_t i = 0; text && i < ct_n_sql_texts && !is_ours; i++)
        is_ours = strstr(ct_sql_texts[i].text, text) != NULL;
    sqlite3_free(text);
    return is_ours;
}

/* Calls see() for each row of a query on the database: a name and a text, which may be NULL. */
typedef int see_fn(handover *h, const char *name, const char *text);

static int each(handover *h, sqlite3 *db, const char *sql, see_fn *see)
{
    sqlite3_stmt *stmt = NULL;
    int rc = sqlite3_prepare_v2(db, sql, -1, &stmt, NULL), done = rc;
    while (rc == SQLITE_OK && (done = sqlite3_step(stmt)) == SQLITE_ROW) {
        const char *name = (const char *)sqlite3_column_text(stmt, 0);
        const char *text = (const char *)sqlite3_column_text(stmt, 1);
        bool is_lost = !name || (!text && sqlite3_column_type(stmt, 1) != SQLITE_NULL);
        rc = is_lost ? SQLITE_NOMEM : see(h, name, text);
    }
    if (rc == SQLITE_OK && done != SQLITE_DONE)
        rc = ct_statement_failed(db, done, &h->error);
    sqlite3_finalize(stmt);
    return rc;
}

/* ---- what is copied ------------------------------------------------------------------------- */

static int copy_table(handover *h, const char *name, const char *sql)
{
    bool is_plain;
    sqlite3_int64 n_rows;
    int rc = ct_copy_table(&h->copy, name, sql, &is_plain, &n_rows);
    if (rc == SQLITE_OK && is_plain) {
        put_comma(&h->plain);
        ct_json_put_text(&h->plain, name);
    }
    return leave_out_if_refused(h, rc, "table", name);
}

/* rootpage is 0 where a module keeps the rows: what it shows becomes a table, and the tables in which
 * it keeps them stay away, as far as this SQLite knows which those are. */
static int copy_tables(handover *h)
{
    static const char all[] = "SELECT name, CASE WHEN rootpage > 0 THEN sql END"
                              " FROM main.sqlite_master WHERE type = 'table'"
                              " AND name NOT LIKE 'sqlite\\_%' ESCAPE '\\'"
                              " AND name NOT IN " NOT_COPIED;
    static const char no_shadows[] =
        " AND name NOT IN (SELECT name FROM pragma_table_list"
        "  WHERE schema = 'main' AND type = 'shadow'"
        "   AND EXISTS (SELECT 1 FROM main.sqlite_master WHERE type = 'table' AND rootpage = 0))";
    bool knows_shadows = sqlite3_libversion_number() >= 3037000;
    char *sql = sqlite3_mprintf("%s%s", all, knows_shadows ? no_shadows : "");
    int rc = sql ? each(h, h->db, sql, copy_table) : SQLITE_NOMEM;
    sqlite3_free(sql);
    return rc;
}

static int is_there(sqlite3 *db, const char *name, const char *type, bool *is, char **error)
{
    char *found;
    int rc = ct_lookup(db,
                       "SELECT 1 FROM main.sqlite_master WHERE name = ?1 COLLATE NOCASE"
                       " AND type = ?2",
                       name, type, &found, error);
    *is = found != NULL;
    sqlite3_free(found);
    return rc;
}

/* The next number of a table with AUTOINCREMENT. */
static int copy_sequences(handover *h)
{
    bool is_here = false, is_in_copy = false;
    sqlite3_int64 n_rows;
    int rc = is_there(h->db, "sqlite_sequence", "table", &is_here, &h->error);
    if (rc == SQLITE_OK && is_here)
        rc = is_there(h->file.db, "sqlite_sequence", "table", &is_in_copy, &h->error);
    if (rc != SQLITE_OK || !is_in_copy)
        return rc;
    rc = ct_exec(h->file.db, "DELETE FROM main.sqlite_sequence", &h->error);
    if (rc != SQLITE_OK)
        return rc;
    return ct_copy_rows(&h->copy, "SELECT name, seq FROM main.sqlite_sequence",
                        "INSERT INTO main.sqlite_sequence(name, seq) VALUES(?, ?)", &n_rows);
}

/* Makes a view a temporary one of the copy, under its name. */
static int lend_view(handover *h, const char *name)
{
    static const char verb[] = "CREATE VIEW ", lent_verb[] = "CREATE TEMP VIEW ";
    char *sql, *lent = NULL;
    int rc =
        ct_lookup(h->db, "SELECT sql FROM main.sqlite_master WHERE name = ?1 AND type = 'view'",
                  name, NULL, &sql, &h->error);
    if (rc == SQLITE_OK && sql && sqlite3_strnicmp(sql, verb, sizeof verb - 1) == 0) {
        lent = sqlite3_mprintf("%s%s", lent_verb, sql + sizeof verb - 1);
        rc = lent ? ct_copy_statement(&h->copy, lent, lent_verb) : SQLITE_NOMEM;
    }
    sqlite3_free(lent);
    sqlite3_free(sql);
    return rc;
}

static int copy_view_within(handover *h, const char *view, sqlite3_int64 *n_rows)
{
    static const char read[] = "csv_risk"; /* by both of them */
    const ct_copy within = {.from = h->file.db, .to = h->file.db, .error = &h->error};
    int rc = lend_view(h, read);
    if (rc == SQLITE_OK)
        rc = lend_view(h, view);
    if (rc == SQLITE_OK)
        rc = ct_copy_view(&within, "temp", view, n_rows);
    const char *const lent[] = {view, read};
    for (size_t i = 0; i < 2; i++) {
        char *error = NULL;
        int dropped = ct_execf(h->file.db, &error, "DROP VIEW IF EXISTS temp.\"%w\"", lent[i]);
        sqlite3_free(error);
        rc = rc == SQLITE_OK ? dropped : rc;
    }
    return rc;
}

/* A view that the user has changed may need more than the copy has. */
static int copy_view(handover *h, size_t i, sqlite3_int64 *n_rows)
{
    int rc = SQLITE_ERROR;
    if (shown[i].in_copy)
        rc = copy_view_within(h, shown[i].view, n_rows);
    if (!ct_copy_is_refused(rc))
        return rc;
    forget_error(h);
    return ct_copy_view(&h->copy, "main", shown[i].view, n_rows);
}

static int copy_shown(handover *h)
{
    int rc = SQLITE_OK;
    for (size_t i = 0; i < N_SHOWN && rc == SQLITE_OK; i++) {
        const char *view = shown[i].view;
        sqlite3_int64 n_rows;
        bool is;
        rc = is_there(h->db, view, "view", &is, &h->error);
        if (rc != SQLITE_OK || !is)
            continue;
        rc = copy_view(h, i, &n_rows);
        if (rc == SQLITE_OK && shown[i].index)
            rc = ct_execf(h->file.db, &h->error, "CREATE INDEX main.\"%w_index\" ON \"%w\"(%s)",
                          view, view, shown[i].index);
        rc = leave_out_if_refused(h, rc, "view", view);
    }
    return rc;
}

/* ---- indexes, views ------------------------------------------------------------------------- */

static int copy_index(handover *h, const char *name, const char *sql)
{
    static const char on_columns[] =
        "SELECT 1 FROM main.sqlite_master AS m JOIN pragma_index_list(m.tbl_name, 'main') AS l"
        " ON l.name = m.name WHERE m.type = 'index' AND m.name = ?1 AND NOT l.partial"
        " AND NOT EXISTS (SELECT 1 FROM pragma_index_xinfo(m.name, 'main') WHERE cid = -2)";
    char *found;
    int rc = ct_lookup(h->db, on_columns, name, NULL, &found, &h->error);
    bool is_on_columns = found != NULL;
    sqlite3_free(found);
    if (rc != SQLITE_OK)
        return rc;
    if (is_on_columns) {
        rc = ct_copy_statement(&h->copy, sql, "CREATE ");
        return leave_out_if_refused(h, rc, "index", name);
    }
    if (!is_index_of_ours(name))
        leave_out(h, "index", name, "not on columns alone");
    return SQLITE_OK;
}

static int note_trigger(handover *h, const char *name, const char *sql)
{
    (void)sql;
    leave_out(h, "trigger", name, "a copy has none");
    return SQLITE_OK;
}

static int copy_user_view(handover *h, const char *name, const char *sql)
{
    if (is_view_of_ours(name))
        return SQLITE_OK;
    int rc = ct_copy_statement(&h->copy, sql, "CREATE VIEW ");
    return leave_out_if_refused(h, rc, "view", name);
}

/* A view that does not work here, or reads one that does not, is dropped. */
static int check_user_view(handover *h, const char *name, const char *sql)
{
    (void)sql;
    sqlite3_stmt *stmt = NULL;
    char *select = sqlite3_mprintf("SELECT * FROM main.\"%w\"", name);
    int rc = select ? sqlite3_prepare_v2(h->file.db, select, -1, &stmt, NULL) : SQLITE_NOMEM;
    sqlite3_free(select);
    sqlite3_finalize(stmt);
    (void)write_failed(h, rc);
    if (!ct_copy_is_refused(rc))
        return rc;
    sqlite3_free(h->broken);
    h->broken = sqlite3_mprintf("%s", name);
    if (!h->broken)
        return SQLITE_NOMEM;
    leave_out(h, "view", name, NULL);
    return SQLITE_DONE; /* the list has changed */
}

static int drop_views_that_fail(handover *h)
{
    int rc;
    while (
        (rc = each(h, h->file.db, "SELECT name, NULL FROM main.sqlite_master WHERE type = 'view'",
                   check_user_view)) == SQLITE_DONE) {
        rc = ct_execf(h->file.db, &h->error, "DROP VIEW main.\"%w\"", h->broken);
        if (rc != SQLITE_OK)
            break;
    }
    return rc;
}

static int copy_rest(handover *h)
{
    int rc =
        each(h, h->db,
             "SELECT name, sql FROM main.sqlite_master WHERE type = 'index' AND sql IS NOT NULL",
             copy_index);
    if (rc == SQLITE_OK)
        rc = each(h, h->db, "SELECT name, NULL FROM main.sqlite_master WHERE type = 'trigger'",
                  note_trigger);
    if (rc == SQLITE_OK)
        rc = each(h, h->db, "SELECT name, sql FROM main.sqlite_master WHERE type = 'view'",
                  copy_user_view);
    return rc == SQLITE_OK ? drop_views_that_fail(h) : rc;
}

/* ---- what the file says of itself ----------------------------------------------------------- */

/* The first sentence of a file's header, without its name: `-- alert: what the rules found, ...`. */
static void put_about(const char *name, ct_buf *about)
{
    const ct_sql_text *file = NULL;
    for (size_t i = 0; i < ct_n_sql_texts && !file; i++)
        if (sqlite3_stricmp(ct_sql_texts[i].name, name) == 0)
            file = &ct_sql_texts[i];
    const char *p = file ? strstr(file->text, ": ") : NULL;
    if (!p || strncmp(file->text, "-- ", 3) != 0)
        return;
    for (p += 2; *p && *p != '\n';) {
        size_t n = strcspn(p, "\n");
        if (about->len > 0)
            ct_buf_put_char(about, ' ');
        ct_buf_put(about, p, n);
        bool is_end = n > 0 && p[n - 1] == '.';
        p += n + (p[n] == '\n');
        if (is_end || strncmp(p, "-- ", 3) != 0)
            return;
        p += 3;
    }
}

static int note_table(handover *h, const char *name, const char *sql)
{
    (void)sql;
    ct_buf about = CT_BUF_EMPTY;
    put_about(name, &about);
    bool is_known = about.len > 0;
    ct_buf_put_char(&about, '\0');
    int rc = SQLITE_NOMEM;
    if (ct_buf_ok(&about))
        rc = ct_execf(
            h->file.db, &h->error,
            "INSERT INTO main.cloudtrail_handover_table SELECT %Q, count(*), %Q FROM \"%w\"", name,
            is_known ? about.data : NULL, name);
    ct_buf_free(&about);
    return rc;
}

/* What is worth knowing of the whole, where the table is there that tells it. */
static const struct {
    const char *name, *table, *value;
} facts[] = {
    {"madeBy", NULL, "'sqlite-cloudtrail " CT_VERSION "'"},
    {"madeAt", NULL, "strftime('%Y-%m-%dT%H:%M:%SZ', 'now')"},
    {"times", NULL, "'UTC'"},
    {"files", "cloudtrail_file", "count(*) FROM main.cloudtrail_file"},
    {"events", "cloudtrail", "count(*) FROM main.cloudtrail"},
    {"firstTime", "cloudtrail", "min(eventTime) FROM main.cloudtrail"},
    {"lastTime", "cloudtrail", "max(eventTime) FROM main.cloudtrail"},
    {"alerts", "alert", "count(*) FROM main.alert"},
    {"incidents", "incident", "count(*) FROM main.incident WHERE mergedInto IS NULL"},
    {"tables", NULL, "count(*) FROM main.cloudtrail_handover_table"},
    {"rows", NULL, "sum(rows) FROM main.cloudtrail_handover_table"},
};

/* A table of that name may be the user's, with other columns: then the fact is not known. */
static int note_fact(handover *h, size_t i)
{
    int rc = ct_execf(h->file.db, &h->error, "INSERT INTO main.cloudtrail_handover SELECT '%s', %s",
                      facts[i].name, facts[i].value);
    if (!ct_copy_is_refused(rc))
        return rc;
    forget_error(h);
    return SQLITE_OK;
}

static int note_facts(handover *h)
{
    int rc = SQLITE_OK;
    for (size_t i = 0; i < sizeof facts / sizeof facts[0] && rc == SQLITE_OK; i++) {
        bool is = true;
        if (facts[i].table)
            rc = is_there(h->file.db, facts[i].table, "table", &is, &h->error);
        if (rc == SQLITE_OK && is)
            rc = note_fact(h, i);
    }
    return rc;
}

static int describe(handover *h)
{
    int rc = ct_exec(h->file.db,
                     "CREATE TABLE main.cloudtrail_handover(name TEXT PRIMARY KEY, value);"
                     "CREATE TABLE main.cloudtrail_handover_table("
                     " name TEXT PRIMARY KEY, rows INTEGER, about TEXT)",
                     &h->error);
    if (rc == SQLITE_OK)
        rc = each(h, h->file.db,
                  "SELECT name, NULL FROM main.sqlite_master WHERE type = 'table'"
                  " AND name NOT LIKE 'sqlite\\_%' ESCAPE '\\'"
                  " AND name NOT LIKE 'cloudtrail\\_handover%' ESCAPE '\\' ORDER BY name",
                  note_table);
    return rc == SQLITE_OK ? note_facts(h) : rc;
}

/* ---- the summary ---------------------------------------------------------------------------- */

static int put_facts(handover *h, ct_buf *json)
{
    static const char numbers[] = "SELECT name, value FROM main.cloudtrail_handover"
                                  " WHERE typeof(value) = 'integer' ORDER BY rowid";
    sqlite3_stmt *stmt = NULL;
    int rc = sqlite3_prepare_v2(h->file.db, numbers, -1, &stmt, NULL);
    while (rc == SQLITE_OK && sqlite3_step(stmt) == SQLITE_ROW)
        ct_buf_printf(json, ",\"%s\":%lld", (const char *)sqlite3_column_text(stmt, 0),
                      sqlite3_column_int64(stmt, 1));
    int finished = sqlite3_finalize(stmt);
    return write_failed(h, rc == SQLITE_OK ? finished : rc);
}

/* Alerts are what the last detection made of the events that were there then. */
static int put_note(handover *h, ct_buf *json)
{
    static const char sql[] =
        "SELECT CASE WHEN ranAt IS NULL THEN 'no cloudtrail_detect() yet: there are no alerts'"
        " WHEN ranAt < importedAt THEN 'events were imported after the last cloudtrail_detect()'"
        " END FROM (SELECT (SELECT max(ranAt) FROM main.rule_run) AS ranAt,"
        "  (SELECT max(importedAt) FROM main.cloudtrail_file) AS importedAt)";
    bool is = false;
    char *note = NULL;
    int rc = is_there(h->file.db, "rule_run", "table", &is, &h->error);
    if (rc == SQLITE_OK && is)
        rc = is_there(h->file.db, "cloudtrail_file", "table", &is, &h->error);
    if (rc == SQLITE_OK && is)
        rc = ct_lookup(h->file.db, sql, NULL, NULL, &note, &h->error);
    if (note && *note) {
        ct_buf_put_text(json, ",\"note\":");
        ct_json_put_text(json, note);
    }
    sqlite3_free(note);
    return rc;
}

static void put_list(ct_buf *json, const char *name, const ct_buf *members)
{
    if (members->len == 0)
        return;
    ct_buf_printf(json, ",\"%s\":[", name);
    ct_buf_put(json, members->data, members->len);
    ct_buf_put_char(json, ']');
}

static bool is_uncommitted(const handover *h)
{
    return !sqlite3_get_autocommit(h->db) && sqlite3_txn_state(h->db, "main") == SQLITE_TXN_WRITE;
}

static int put_summary(handover *h, ct_buf *json)
{
    ct_buf_put_text(json, "{\"file\":");
    ct_json_put_text(json, h->path);
    int rc = put_facts(h, json);
    if (rc == SQLITE_OK)
        rc = put_note(h, json);
    put_list(json, "plain", &h->plain);
    put_list(json, "leftOut", &h->left_out);
    if (is_uncommitted(h))
        ct_buf_put_text(json, ",\"transaction\":\"with what yours has not committed yet\"");
    bool is_ok = ct_buf_ok(json) && ct_buf_ok(&h->plain) && ct_buf_ok(&h->left_out);
    return rc == SQLITE_OK && !is_ok ? SQLITE_NOMEM : rc;
}

/* ---- the whole ------------------------------------------------------------------------------ */

/* While a statement writes, what it has written is half of something. In a transaction only a
 * savepoint can tell. */
static int refuse_writing_statement(handover *h)
{
    bool is_own = sqlite3_get_autocommit(h->db);
    int rc = SQLITE_OK;
    if (is_own && sqlite3_txn_state(h->db, NULL) == SQLITE_TXN_WRITE)
        rc = SQLITE_BUSY;
    else if (!is_own)
        rc = sqlite3_exec(h->db, "SAVEPOINT cloudtrail_call; RELEASE cloudtrail_call", NULL, NULL,
                          NULL);
    if ((rc & 0xFF) != SQLITE_BUSY)
        return rc == SQLITE_OK ? rc : ct_statement_failed(h->db, rc, &h->error);
    h->error = sqlite3_mprintf("call it from a plain SELECT, not from INSERT or CREATE TABLE AS");
    return h->error ? SQLITE_ERROR : SQLITE_NOMEM;
}

/* One read transaction for all: what others commit meanwhile is not seen. */
static int hold_snapshot(handover *h)
{
    bool is = false;
    int rc = sqlite3_prepare_v2(h->db, "SELECT 1 FROM main.sqlite_master", -1, &h->snapshot, NULL);
    if (rc == SQLITE_OK && (rc = sqlite3_step(h->snapshot)) == SQLITE_DONE)
        rc = SQLITE_ROW;
    if (rc != SQLITE_ROW)
        return ct_statement_failed(h->db, rc, &h->error);
    rc = is_there(h->db, "cloudtrail", "table", &is, &h->error);
    if (rc != SQLITE_OK || is)
        return rc;
    h->error = sqlite3_mprintf("no table cloudtrail here: there is nothing to hand over");
    return h->error ? SQLITE_ERROR : SQLITE_NOMEM;
}

static int is_interrupted(void *context)
{
    const handover *h = context;
    return ct_interrupt_check(h->interrupt) != SQLITE_OK;
}

enum { PROGRESS_STEPS = 20000 }; /* of SQLite's machine: a millisecond or less */

static int copy_all(handover *h)
{
    h->copy = (ct_copy){.from = h->db, .to = h->file.db, .error = &h->error};
    sqlite3_progress_handler(h->file.db, PROGRESS_STEPS, is_interrupted, h);
    int rc = copy_tables(h);
    if (rc == SQLITE_OK)
        rc = copy_sequences(h);
    if (rc == SQLITE_OK)
        rc = copy_shown(h);
    if (rc == SQLITE_OK)
        rc = copy_rest(h);
    return rc == SQLITE_OK ? describe(h) : rc;
}

static int run(handover *h, ct_buf *summary)
{
    int rc = refuse_writing_statement(h);
    if (rc == SQLITE_OK)
        rc = hold_snapshot(h);
    if (rc == SQLITE_OK && (rc = ct_interrupt_open(h->db, &h->interrupt)) != SQLITE_OK)
        (void)ct_statement_failed(h->db, rc, &h->error);
    if (rc == SQLITE_OK)
        rc = ct_new_file_open(&h->file, h->path, &h->error);
    if (rc == SQLITE_OK)
        rc = copy_all(h);
    if (rc == SQLITE_OK)
        rc = put_summary(h, summary);
    if (rc == SQLITE_OK)
        rc = ct_new_file_finish(&h->file, &h->error);
    if ((rc & 0xFF) == SQLITE_INTERRUPT) {
        sqlite3_free(h->error);
        h->error = sqlite3_mprintf("interrupted; there is no copy");
    }
    return rc;
}

static void release(handover *h)
{
    ct_new_file_close(&h->file);
    sqlite3_finalize(h->snapshot);
    ct_interrupt_close(h->interrupt);
    ct_buf_free(&h->left_out);
    ct_buf_free(&h->plain);
    sqlite3_free(h->broken);
    sqlite3_free(h->error);
}

/*
 * cloudtrail_handover(path TEXT) -> TEXT
 *
 * Writes a copy of the main database that opens in any tool, without the extension: a file of that
 * name, which must not be there. Tables as they are, those of the user too; what the views tell of
 * alerts, incidents and gaps as tables; the user's views that work without the extension. One
 * snapshot; inside a transaction of the caller's with what it has not committed. Returns JSON: file,
 * files, events, alerts, incidents, tables, rows, then, where there is something to say: note; plain,
 * the tables of which only columns and rows could be copied; leftOut (name, type, why); transaction;
 * and seconds.
 *
 * NULL:    an error.
 * Errors:  the file is there already or cannot be written; no table cloudtrail; called from a
 *          statement that writes; the database is locked, the disk full. After an error or an
 *          interrupt there is no file.
 * Example: SELECT json_extract(cloudtrail_handover('case-4711.db'), '$.incidents');
 *          -- 8
 */
static void cloudtrail_handover(sqlite3_context *context, int argc, sqlite3_value **argv)
{
    (void)argc;
    handover h = {.db = sqlite3_context_db_handle(context),
                  .path = (const char *)sqlite3_value_text(argv[0])};
    size_t n = (size_t)sqlite3_value_bytes(argv[0]);
    ct_progress clock = ct_progress_start();
    ct_buf json = CT_BUF_EMPTY;
    int rc = SQLITE_NOMEM;
    if (sqlite3_value_type(argv[0]) == SQLITE_NULL || (h.path && strlen(h.path) != n)) {
        h.error = sqlite3_mprintf(h.path ? "a path has no NUL in it"
                                         : "a path is needed: cloudtrail_handover('copy.db')");
        rc = h.error ? SQLITE_ERROR : SQLITE_NOMEM;
    } else if (h.path) {
        rc = run(&h, &json);
    }
    if (rc == SQLITE_OK) {
        /* Not %.3f: that is written with a comma in many places of the world. */
        long long ms = (long long)(ct_progress_seconds(&clock) * 1000);
        ct_buf_printf(&json, ",\"seconds\":%lld.%03lld}", ms / 1000, ms % 1000);
        ct_result_json(context, &json);
    } else {
        ct_result_failure(context, rc, "cloudtrail_handover", h.error);
    }
    ct_buf_free(&json);
    release(&h);
}

// clang-format off
static const ct_function functions[] = {
    /* name                 argc flags           scalar               step  final value inverse */
    {"cloudtrail_handover", 1,   CT_DIRECT_JSON, cloudtrail_handover, NULL, NULL, NULL, NULL},
};
// clang-format on

int ct_handover_register(sqlite3 *db, char **error)
{
    return ct_register(db, functions, sizeof functions / sizeof functions[0], error);
}
