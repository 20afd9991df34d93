/*
 * SQL: cloudtrail_detect() -> TEXT (JSON), cloudtrail_hunt() -> TEXT (JSON). DIRECTONLY, because they
 * write.
 */
#include "db/detect.h"

#include <stdbool.h>

#include "sqlite/progress.h"
#include "sqlite/register.h"
#include "db/dash.h"
#include "db/rule_run.h"
#include "db/schema.h"
#include "db/sql_text.h"
#include "sqlite/statement.h"
#include "sqlite/transaction.h"

/* A folder of sql/: steps in the order of their names. */
typedef struct steps {
    const ct_sql_text *texts;
    size_t n;
} steps;

/* What is called: which rules it runs, and what it does with their findings. */
typedef struct ct_task {
    const char *function;
    ct_rules rules;
    steps own;
    size_t n_scratch; /* of its own steps: those that make temporary tables */
    bool counts;      /* brings the tables dash_* up to date */
} ct_task;

typedef struct detection {
    sqlite3 *db;
    const ct_task *task;
    ct_transaction transaction;
    ct_schema_report report;
    ct_buf json; /* the summary up to the seconds, with room for the rest */
    ct_buf rest; /* what stands behind the seconds */
    char *error; /* owned (sqlite3_malloc): what went wrong, where SQLite's own words do not say */
} detection;

/* Runs the steps from one to before another. */
static int run_steps(detection *d, steps of, size_t from, size_t to)
{
    int rc = SQLITE_OK;
    for (size_t i = from; rc == SQLITE_OK && i < to; i++)
        rc = sqlite3_exec(d->db, of.texts[i].text, NULL, NULL, NULL);
    return rc;
}

/* The steps that all tasks have in common: scratch tables, room in them, the events of findings. */
enum { SCRATCH, CLEAR, FIND_EVENTS };

static steps common(void)
{
    return (steps){ct_find_texts, ct_n_find_texts};
}

/*
 * Temporary tables are made before the transaction: making them means that SQLite prepares every
 * other statement anew, also the one that takes a transaction back when memory has run out. But
 * nothing is touched where a detection may not run.
 */
static int make_scratch(detection *d)
{
    int rc = ct_transaction_open(d->db, &d->transaction, &d->error);
    ct_transaction_close(&d->transaction);
    if (rc == SQLITE_OK)
        rc = run_steps(d, common(), SCRATCH, CLEAR);
    if (rc == SQLITE_OK)
        rc = run_steps(d, d->task->own, 0, d->task->n_scratch);
    return rc == SQLITE_OK && d->task->counts ? ct_dash_prepare(d->db, false, &d->error) : rc;
}

enum { SECONDS_MAX = 48 }; /* bytes of `,"seconds":` and the number */

/* Room for the seconds and the rest: behind the commit nothing may fail any more. */
static void prepare_rest(detection *d)
{
    if (!d->transaction.is_own)
        ct_buf_put_text(&d->rest, ",\"note\":\"inside your transaction: COMMIT keeps it\"");
    ct_schema_put_report(&d->report, &d->rest);
    ct_buf_put_char(&d->rest, '}');
    ct_buf_reserve(&d->json, SECONDS_MAX + d->rest.len + 1);
    d->json.failed |= d->rest.failed;
}

static int read_summary(detection *d)
{
    sqlite3_stmt *stmt = NULL;
    const ct_sql_text *last = &d->task->own.texts[d->task->own.n - 1];
    int rc = sqlite3_prepare_v2(d->db, last->text, (int)last->len, &stmt, NULL);
    if (rc == SQLITE_OK && sqlite3_step(stmt) == SQLITE_ROW) {
        const char *text = (const char *)sqlite3_column_text(stmt, 0);
        if (text)
            ct_buf_put(&d->json, text, (size_t)sqlite3_column_bytes(stmt, 0) - 1);
        else
            d->json.failed = true;
    }
    int finished = sqlite3_finalize(stmt);
    rc = rc == SQLITE_OK ? finished : rc;
    prepare_rest(d);
    return rc == SQLITE_OK && !ct_buf_ok(&d->json) ? SQLITE_NOMEM : rc;
}

static int detect(detection *d)
{
    const ct_task *of = d->task;
    int rc = ct_schema_create(d->db, &d->report, &d->error);
    if (rc == SQLITE_OK)
        rc = run_steps(d, common(), CLEAR, FIND_EVENTS);
    if (rc == SQLITE_OK)
        rc = ct_rules_run(d->db, of->rules, &d->error);
    if (rc == SQLITE_OK)
        rc = run_steps(d, common(), FIND_EVENTS, common().n);
    if (rc == SQLITE_OK)
        rc = run_steps(d, of->own, of->n_scratch, of->own.n - 1);
    if (rc == SQLITE_OK && of->counts)
        rc = ct_dash_update(d->db, false, &d->error);
    return rc == SQLITE_OK ? read_summary(d) : rc;
}

/* SQLite says `no such table` of a view where a client has switched views off. */
static int check_views(detection *d)
{
    int are_on = 1;
    int rc = sqlite3_db_config(d->db, SQLITE_DBCONFIG_ENABLE_VIEW, -1, &are_on);
    if (rc != SQLITE_OK || are_on)
        return SQLITE_OK;
    d->error = sqlite3_mprintf("the rules are views, and this connection has switched views off"
                               " (SQLITE_DBCONFIG_ENABLE_VIEW)");
    return SQLITE_ERROR;
}

static int run(detection *d)
{
    int rc = check_views(d);
    if (rc == SQLITE_OK)
        rc = make_scratch(d);
    if (rc == SQLITE_OK)
        rc = ct_transaction_open(d->db, &d->transaction, &d->error);
    if (rc == SQLITE_OK)
        rc = ct_transaction_begin(&d->transaction, &d->error);
    if (rc == SQLITE_OK) {
        rc = detect(d);
        if (rc != SQLITE_OK && !d->error)
            d->error = ct_sqlite_error(d->db, rc);
        rc = ct_transaction_end(&d->transaction, rc);
    }
    if (rc == SQLITE_INTERRUPT) {
        sqlite3_free(d->error);
        d->error = ct_transaction_interrupted(&d->transaction, "nothing has changed");
    }
    if (rc != SQLITE_OK && !d->error)
        d->error = ct_sqlite_error(d->db, rc);
    ct_transaction_close(&d->transaction);
    return rc;
}

static void put_rest(detection *d, double seconds)
{
    /* Not %.3f: that is written with a comma in many places of the world. */
    long long ms = (long long)(seconds * 1000);
    ct_buf_printf(&d->json, ",\"seconds\":%lld.%03lld", ms / 1000, ms % 1000);
    ct_buf_put(&d->json, d->rest.data, d->rest.len);
}

static void perform(sqlite3_context *context, const ct_task *task)
{
    detection d = {.db = sqlite3_context_db_handle(context),
                   .task = task,
                   .json = CT_BUF_EMPTY,
                   .rest = CT_BUF_EMPTY};
    ct_progress clock = ct_progress_start();
    int rc = run(&d);
    if (rc == SQLITE_OK) {
        put_rest(&d, ct_progress_seconds(&clock));
        ct_result_json(context, &d.json);
    } else {
        ct_result_failure(context, rc, task->function, d.error);
    }
    ct_buf_free(&d.json);
    ct_buf_free(&d.rest);
    ct_schema_report_free(&d.report);
    sqlite3_free(d.error);
}

/*
 * cloudtrail_detect() -> TEXT
 *
 * Runs the enabled rules of the table rule, whoever wrote them, on all events and brings the tables
 * alert and alert_event up to date, all or nothing: new findings become alerts, findings that have
 * grown update theirs, alerts that turn out to be one are merged, those that allow_list covers are
 * suppressed. A rule that fails is named in the summary and in rule_run; the others go on. Makes
 * the tables and views that are missing. Returns a summary as JSON: alerts (those that stand for
 * themselves), and how many of them this call has made new, updated, merged or suppressed, in all
 * and per rule; failed, where a rule did not run; seconds. The table temp.cloudtrail_detected names
 * them. Calling it again adds nothing.
 *
 * NULL:    takes no argument.
 * Errors:  called from a statement that writes; the database is locked, full, read-only or of a newer release. After an
 *          error or an interrupt nothing has changed; after an interrupt inside a transaction of
 *          the caller's, ROLLBACK.
 * Example: SELECT json_extract(cloudtrail_detect(), '$.alerts');
 *          -- 0
 */
static void cloudtrail_detect(sqlite3_context *context, int argc, sqlite3_value **argv)
{
    (void)argc, (void)argv;
    const ct_task detecting = {"cloudtrail_detect",
                               CT_RULES_ENABLED,
                               {ct_detect_texts, ct_n_detect_texts},
                               .n_scratch = 1,
                               .counts = true};
    perform(context, &detecting);
}

/*
 * cloudtrail_hunt() -> TEXT
 *
 * Runs every rule of kind 'Hunting' in the table rule, ours and the user's, enabled or not, once over
 * all events, and keeps what they find in the table hunt_finding, in place of what the call before
 * had found, all or nothing. No alert comes of it. A hunt that fails is named in the summary and in
 * rule_run; the others go on. Makes the tables and views that are missing. Returns a summary as
 * JSON: hunts (how many ran), findings, found (of each hunt that found something, how often);
 * failed, where a hunt did not run; seconds.
 *
 * NULL:    takes no argument.
 * Errors:  as cloudtrail_detect(). After an error or an interrupt nothing has changed.
 * Example: SELECT json_extract(cloudtrail_hunt(), '$.findings');
 *          -- 0
 */
static void cloudtrail_hunt(sqlite3_context *context, int argc, sqlite3_value **argv)
{
    (void)argc, (void)argv;
    const ct_task hunting = {"cloudtrail_hunt",
                             CT_RULES_HUNTING,
                             {ct_hunting_texts, ct_n_hunting_texts},
                             .n_scratch = 0};
    perform(context, &hunting);
}

// clang-format off
static const ct_function functions[] = {
    /* name               argc flags           scalar             step  final value inverse */
    {"cloudtrail_detect", 0,   CT_DIRECT_JSON, cloudtrail_detect, NULL, NULL, NULL, NULL},
    {"cloudtrail_hunt",   0,   CT_DIRECT_JSON, cloudtrail_hunt,   NULL, NULL, NULL, NULL},
};
// clang-format on

int ct_detect_register(sqlite3 *db, char **error)
{
    return ct_register(db, functions, sizeof functions / sizeof functions[0], error);
}
