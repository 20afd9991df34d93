#include "db/rule_run.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "base/grow.h"
#include "base/mem.h"
#include "sqlite/progress.h"
#include "sqlite/statement.h"

/* ---- what a finding is --------------------------------------------------------------------- */

/* The columns of a rule's view and what is kept of each; `otherwise` stands in for one that the view
 * may lack. */
typedef struct column {
    const char *name;
    const char *kept_as; /* column of temp.cloudtrail_finding */
    const char *value;
    const char *otherwise; /* NULL: the view must have it */
} column;

// clang-format off
static const column columns[] = {
    /* name                kept_as               value            otherwise */
    {"firstTime",          "startTime",          "v.firstTime", NULL},
    {"lastTime",           "endTime",            "v.lastTime", NULL},
    {"recipientAccountId", "recipientAccountId", "ifnull(v.recipientAccountId, '')", NULL},
    {"accountName",        "accountName",        "ifnull(v.accountName, '')", NULL},
    {"accountUPNSuffix",   "accountUPNSuffix",   "ifnull(v.accountUPNSuffix, '')", NULL},
    {"sourceIPAddress",    "sourceIPAddress",    "ifnull(v.sourceIPAddress, '')", NULL},
    {"summary",            "summary",            "v.summary", NULL},
    {"details",            "details",            "v.details", NULL},
    {"evidence",           "evidence",           "ifnull(v.evidence, '[]')", NULL},
    {"groupKey",           "groupKey",           "v.groupKey", "NULL"},
    {"severity",           "severity",           "v.severity", "NULL"},
    {"suppressedBy",       "suppressedBy",       "v.suppressedBy", "NULL"},
    {"eventCommands",      "eventCommands",      "v.eventCommands", "NULL"},
};
// clang-format on

enum { N_COLUMNS = sizeof columns / sizeof columns[0] };

#define TIME "'[0-9][0-9][0-9][0-9]-[0-1][0-9]-[0-3][0-9]T[0-2][0-9]:[0-5][0-9]:[0-5][0-9]Z'"

/* The first thing that is wrong with a finding of rule ?1, as a text; no row where nothing is. */
static const char what_is_wrong[] =
    "SELECT CASE"
    "  WHEN NOT ifnull(startTime GLOB " TIME " AND julianday(startTime), 0)"
    "    OR NOT ifnull(endTime GLOB " TIME " AND julianday(endTime), 0)"
    "  THEN 'firstTime or lastTime is no time (YYYY-MM-DDTHH:MM:SSZ)'"
    "  WHEN endTime < startTime THEN 'lastTime is before firstTime'"
    "  WHEN 'blob' IN (typeof(recipientAccountId), typeof(accountName), typeof(accountUPNSuffix),"
    "                  typeof(sourceIPAddress), typeof(summary), typeof(details), typeof(evidence),"
    "                  typeof(groupKey), typeof(suppressedBy), typeof(eventCommands))"
    "  THEN 'a column is a BLOB'"
    "  WHEN typeof(summary) <> 'text' THEN 'summary is no text'"
    "  WHEN NOT ifnull(json_valid(details), 0) THEN 'details is no JSON object'"
    "  WHEN json_type(details) <> 'object' THEN 'details is no JSON object'"
    "  WHEN NOT json_valid(evidence) THEN 'evidence is no JSON array'"
    "  WHEN json_type(evidence) <> 'array' THEN 'evidence is no JSON array'"
    "  WHEN eventCommands IS NOT NULL AND NOT json_valid(eventCommands)"
    "  THEN 'eventCommands is no JSON array'"
    "  WHEN json_type(eventCommands) <> 'array' THEN 'eventCommands is no JSON array'"
    "  WHEN json_array_length(eventCommands) <> json_array_length(evidence)"
    "  THEN 'eventCommands is not as long as evidence'"
    "  WHEN EXISTS (SELECT 1 FROM json_each(eventCommands) AS one"
    "                WHERE CASE one.type WHEN 'array'"
    "                           THEN json_array_length(one.value) = 2"
    "                            AND json_type(one.value, '$[0]') = 'text'"
    "                            AND json_type(one.value, '$[1]') = 'text'"
    "                           ELSE 0 END = 0)"
    "  THEN 'an item of eventCommands is not [command, source]'"
    "  WHEN severity NOT IN ('Informational', 'Low', 'Medium', 'High')"
    "  THEN 'severity is none of Informational, Low, Medium and High'"
    "  WHEN EXISTS (SELECT 1 FROM json_each(evidence) AS one"
    "                WHERE one.type <> 'integer'"
    "                   OR NOT EXISTS (SELECT 1 FROM main.cloudtrail AS e"
    "                                   WHERE e.rowid = one.value))"
    "  THEN 'evidence names a row that is not in cloudtrail' END AS wrong"
    " FROM temp.cloudtrail_finding WHERE ruleName = ?1 AND wrong IS NOT NULL LIMIT 1";

/* ---- one rule ------------------------------------------------------------------------------ */

typedef struct rule_row {
    char *name, *view, *language; /* owned (sqlite3_malloc) */
} rule_row;

typedef struct run {
    sqlite3 *db;
    const rule_row *rule;
    const char *caller; /* of rule_run.calledBy */
    char *wrong;        /* owned (sqlite3_malloc): why the rule did not run, NULL while it does */
} run;

/* Is it the rule that failed, and not what all of them live on? */
static bool is_own_fault(int rc)
{
    switch (rc & 0xff) {
    case SQLITE_ERROR:
    case SQLITE_TOOBIG:
    case SQLITE_CONSTRAINT:
    case SQLITE_MISMATCH:
    case SQLITE_AUTH:
    case SQLITE_RANGE:
        return true;
    default:
        return false;
    }
}

/* Keeps the reason of a failure that is the rule's own; returns SQLite's code of any other. */
static int blame(run *r, int rc)
{
    if (rc == SQLITE_OK || !is_own_fault(rc))
        return rc;
    r->wrong = ct_sqlite_error(r->db, rc);
    return r->wrong ? SQLITE_OK : SQLITE_NOMEM;
}

/* Sets the column's bit, where it is one that is kept; a name that is NULL found no memory. */
static int note_column(const char *name, unsigned *has)
{
    for (unsigned i = 0; name && i < N_COLUMNS; i++)
        if (sqlite3_stricmp(columns[i].name, name) == 0)
            *has |= 1u << i;
    return name ? SQLITE_OK : SQLITE_NOMEM;
}

/* What SQLite knows of a view's columns costs nothing, while a statement that reads it is made at
 * the price of reading. Gives no bit where SQLite does not say: the view is not there or wrong, the
 * connection lets nobody use a pragma. */
static int ask_for_columns(run *r, unsigned *has)
{
    sqlite3_stmt *stmt = NULL;
    int rc = sqlite3_prepare_v2(r->db,
                                "SELECT name FROM pragma_table_xinfo(?1, 'main') WHERE hidden <> 1",
                                -1, &stmt, NULL);
    if (rc == SQLITE_OK)
        rc = sqlite3_bind_text(stmt, 1, r->rule->view, -1, SQLITE_STATIC);
    while (rc == SQLITE_OK && (rc = sqlite3_step(stmt)) == SQLITE_ROW)
        rc = note_column((const char *)sqlite3_column_text(stmt, 0), has);
    sqlite3_finalize(stmt);
    return rc == SQLITE_DONE || is_own_fault(rc) ? SQLITE_OK : rc;
}

/* The same by a statement on the view, which also says what is wrong with it. */
static int look_for_columns(run *r, unsigned *has)
{
    sqlite3_stmt *stmt = NULL;
    char *look = sqlite3_mprintf("SELECT * FROM main.\"%w\" LIMIT 0", r->rule->view);
    int rc = look ? sqlite3_prepare_v2(r->db, look, -1, &stmt, NULL) : SQLITE_NOMEM;
    for (int i = 0; rc == SQLITE_OK && i < sqlite3_column_count(stmt); i++)
        rc = note_column(sqlite3_column_name(stmt, i), has);
    sqlite3_finalize(stmt);
    sqlite3_free(look);
    return rc;
}

/* The statement that puts the view's rows into temp.cloudtrail_finding; NULL, with the reason kept
 * where it is the rule's, when there is none. */
static char *write_insert(run *r, unsigned has)
{
    sqlite3_str *into = sqlite3_str_new(r->db), *from = sqlite3_str_new(r->db);
    for (int i = 0; i < N_COLUMNS && !r->wrong; i++) {
        const column *c = &columns[i];
        sqlite3_str_appendf(into, ", %s", c->kept_as);
        sqlite3_str_appendall(from, ", ");
        if (has & 1u << i)
            sqlite3_str_appendall(from, c->value);
        else if (c->otherwise)
            sqlite3_str_appendall(from, c->otherwise);
        else
            r->wrong = sqlite3_mprintf("%s has no column %s", r->rule->view, c->name);
    }
    char *left = sqlite3_str_finish(into), *right = sqlite3_str_finish(from);
    char *sql = left && right && !r->wrong
                    ? sqlite3_mprintf("INSERT INTO temp.cloudtrail_finding (ruleName%s)"
                                      " SELECT ?1%s FROM main.\"%w\" AS v",
                                      left, right, r->rule->view)
                    : NULL;
    sqlite3_free(left);
    sqlite3_free(right);
    return sql;
}

/* Prepares a statement and binds the rule's name. */
static int prepare(run *r, const char *sql, sqlite3_stmt **stmt)
{
    int rc = sqlite3_prepare_v2(r->db, sql, -1, stmt, NULL);
    return rc == SQLITE_OK && sqlite3_bind_parameter_count(*stmt) > 0
               ? sqlite3_bind_text(*stmt, 1, r->rule->name, -1, SQLITE_STATIC)
               : rc;
}

static int find(run *r)
{
    unsigned has = 0;
    int rc = ask_for_columns(r, &has);
    if (rc == SQLITE_OK && has == 0)
        rc = look_for_columns(r, &has);
    char *sql = rc == SQLITE_OK ? write_insert(r, has) : NULL;
    if (rc == SQLITE_OK && !sql && !r->wrong)
        rc = SQLITE_NOMEM;
    if (rc == SQLITE_OK && sql) {
        sqlite3_stmt *insert = NULL;
        rc = prepare(r, sql, &insert);
        if (rc == SQLITE_OK)
            rc = ct_statement_run(insert);
        rc = blame(r, rc);
        sqlite3_finalize(insert);
    } else {
        rc = blame(r, rc);
    }
    sqlite3_free(sql);
    return rc;
}

static int check(run *r)
{
    sqlite3_stmt *stmt = NULL;
    int rc = prepare(r, what_is_wrong, &stmt);
    if (rc == SQLITE_OK) {
        rc = sqlite3_step(stmt);
        if (rc == SQLITE_ROW) {
            const unsigned char *text = sqlite3_column_text(stmt, 0); /* NULL: no memory */
            r->wrong = text ? sqlite3_mprintf("%s: %s", r->rule->view, text) : NULL;
            rc = r->wrong ? SQLITE_OK : SQLITE_NOMEM;
        } else if (rc == SQLITE_DONE) {
            rc = SQLITE_OK;
        }
    }
    rc = blame(r, rc);
    sqlite3_finalize(stmt);
    return rc;
}

static int note(run *r, double seconds)
{
    sqlite3_stmt *stmt = NULL;
    int rc = prepare(r,
                     "INSERT INTO main.rule_run (ruleName, ranAt, fromTime, toTime, windows,"
                     "                           findings, seconds, error, calledBy, lastFile)"
                     " SELECT ?1, strftime('%Y-%m-%dT%H:%M:%SZ', 'now'),"
                     "        (SELECT min(eventTime) FROM main.cloudtrail),"
                     "        (SELECT max(eventTime) FROM main.cloudtrail), 1,"
                     "        (SELECT count(*) FROM temp.cloudtrail_finding WHERE ruleName = ?1),"
                     "        round(?2, 3), ?3, ?4,"
                     "        (SELECT max(fileID) FROM main.cloudtrail_file)",
                     &stmt);
    if (rc == SQLITE_OK) {
        sqlite3_bind_double(stmt, 2, seconds);
        sqlite3_bind_text(stmt, 3, r->wrong, -1, SQLITE_STATIC);
        sqlite3_bind_text(stmt, 4, r->caller, -1, SQLITE_STATIC);
        rc = ct_statement_run(stmt);
    }
    sqlite3_finalize(stmt);
    return rc;
}

static int run_rule(sqlite3 *db, const rule_row *rule, const char *caller, char **error)
{
    run r = {.db = db, .rule = rule, .caller = caller};
    ct_progress clock = ct_progress_start();
    int rc = ct_exec(db, "SAVEPOINT cloudtrail_rule", error);
    if (rc == SQLITE_OK && strcmp(rule->language, "sql") != 0) {
        r.wrong = sqlite3_mprintf("a rule in the language %s is not run", rule->language);
        rc = r.wrong ? SQLITE_OK : SQLITE_NOMEM;
    } else if (rc == SQLITE_OK) {
        rc = find(&r);
        if (rc == SQLITE_OK && !r.wrong)
            rc = check(&r);
    }
    if (rc == SQLITE_OK && r.wrong)
        rc = ct_exec(db, "ROLLBACK TO cloudtrail_rule", error);
    if (rc == SQLITE_OK)
        rc = ct_exec(db, "RELEASE cloudtrail_rule", error);
    if (rc == SQLITE_OK)
        rc = note(&r, ct_progress_seconds(&clock));
    sqlite3_free(r.wrong);
    return rc;
}

/* ---- all of them --------------------------------------------------------------------------- */

typedef struct rules {
    rule_row *rows; /* owned (ct_malloc) */
    size_t n, capacity;
} rules;

static void free_rules(rules *all)
{
    for (size_t i = 0; i < all->n; i++) {
        sqlite3_free(all->rows[i].name);
        sqlite3_free(all->rows[i].view);
        sqlite3_free(all->rows[i].language);
    }
    ct_free(all->rows);
}

/* NULL when there is no memory. */
static char *copy_column(sqlite3_stmt *stmt, int i)
{
    const unsigned char *text = sqlite3_column_text(stmt, i);
    return text ? sqlite3_mprintf("%s", text) : NULL;
}

static bool add_rule(rules *all, sqlite3_stmt *stmt)
{
    rule_row *rows = ct_grow(all->rows, all->n, &all->capacity, 16, sizeof *rows);
    if (!rows)
        return false;
    all->rows = rows;
    rule_row *added = &rows[all->n++];
    added->name = copy_column(stmt, 0);
    added->view = copy_column(stmt, 1);
    added->language = copy_column(stmt, 2);
    return added->name && added->view && added->language;
}

/* Which rules, and whose call of them it is. */
typedef struct choice {
    const char *caller;
    const char *sql;
} choice;

#define RULES "SELECT name, ifnull(findingView, name), language FROM main.rule"

static const choice choices[] = {
    [CT_RULES_ENABLED] = {"detect", RULES " WHERE enabled AND name IS NOT NULL ORDER BY name"},
    [CT_RULES_HUNTING] = {"hunt", RULES " WHERE kind = 'Hunting' COLLATE NOCASE"
                                        " AND name IS NOT NULL ORDER BY name"},
};

/* Into memory: what a rule's view does to the table rule's cursor is not for us to know. */
static int read_rules(sqlite3 *db, const char *sql, rules *all)
{
    sqlite3_stmt *stmt = NULL;
    int rc = sqlite3_prepare_v2(db, sql, -1, &stmt, NULL);
    while (rc == SQLITE_OK && (rc = sqlite3_step(stmt)) == SQLITE_ROW)
        rc = add_rule(all, stmt) ? SQLITE_OK : SQLITE_NOMEM;
    sqlite3_finalize(stmt);
    return rc == SQLITE_DONE ? SQLITE_OK : rc;
}

int ct_rules_run(sqlite3 *db, ct_rules which, char **error)
{
    rules all = {0};
    int rc = read_rules(db, choices[which].sql, &all);
    for (size_t i = 0; rc == SQLITE_OK && i < all.n; i++)
        rc = run_rule(db, &all.rows[i], choices[which].caller, error);
    if (rc != SQLITE_OK)
        ct_statement_failed(db, rc, error);
    free_rules(&all);
    return rc;
}
