/*
 * SQL: cloudtrail_detect() -> TEXT (JSON). DIRECTONLY, because it writes.
 */
#include "db/detect.h"

#include "sqlite/progress.h"
#include "sqlite/register.h"
#include "db/rule_run.h"
#include "db/schema.h"
#include "db/sql_text.h"
#include "sqlite/statement.h"
#include "sqlite/transaction.h"

typedef struct detection {
    sqlite3 *db;
    ct_transaction transaction;
    ct_schema_report report;
    ct_buf json; /* the summary, without the brace at its end */
    char *error; /* owned (sqlite3_malloc): what went wrong, where SQLite's own words do not say */
} detection;

static int run_step(detection *d, size_t i)
{
    return sqlite3_exec(d->db, ct_detect_texts[i].text, NULL, NULL, NULL);
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
    return rc == SQLITE_OK ? run_step(d, 0) : rc;
}

static int read_summary(detection *d)
{
    sqlite3_stmt *stmt = NULL;
    const ct_sql_text *last = &ct_detect_texts[ct_n_detect_texts - 1];
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
    return rc == SQLITE_OK && !ct_buf_ok(&d->json) ? SQLITE_NOMEM : rc;
}

static int detect(detection *d)
{
    int rc = ct_schema_create(d->db, &d->report, &d->error);
    if (rc == SQLITE_OK)
        rc = run_step(d, 1); /* makes room */
    if (rc == SQLITE_OK)
        rc = ct_rules_run(d->db, &d->error);
    for (size_t i = 2; rc == SQLITE_OK && i + 1 < ct_n_detect_texts; i++)
        rc = run_step(d, i);
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
    if (!d->transaction.is_own)
        ct_buf_put_text(&d->json, ",\"note\":\"inside your transaction: COMMIT keeps it\"");
    ct_schema_put_report(&d->report, &d->json);
    ct_buf_put_char(&d->json, '}');
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
    detection d = {.db = sqlite3_context_db_handle(context), .json = CT_BUF_EMPTY};
    ct_progress clock = ct_progress_start();
    int rc = run(&d);
    if (rc == SQLITE_OK) {
        put_rest(&d, ct_progress_seconds(&clock));
        ct_result_json(context, &d.json);
    } else {
        ct_result_failure(context, rc, "cloudtrail_detect", d.error);
    }
    ct_buf_free(&d.json);
    ct_schema_report_free(&d.report);
    sqlite3_free(d.error);
}

// clang-format off
static const ct_function functions[] = {
    /* name               argc flags           scalar             step  final value inverse */
    {"cloudtrail_detect", 0,   CT_DIRECT_JSON, cloudtrail_detect, NULL, NULL, NULL, NULL},
};
// clang-format on

int ct_detect_register(sqlite3 *db, char **error)
{
    return ct_register(db, functions, sizeof functions / sizeof functions[0], error);
}
