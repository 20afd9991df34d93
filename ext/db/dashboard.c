/*
 * SQL: cloudtrail_dashboard([options]) -> TEXT (HTML). DIRECTONLY, because it writes: it brings the tables
 * dash_* up to date. It touches no file.
 *
 * The files of sql/dashboard give one JSON value a panel; ext/db/page has the page that draws them.
 * What stands in logs reaches the page only as JSON in a script element that is not run, with no
 * `<`, `>` or `&` in it, and as the title, with its markup escaped.
 */
#include "db/dashboard.h"

#include <string.h>

#include "base/buf.h"
#include "base/sha256.h"
#include "db/dash.h"
#include "db/page_text.h"
#include "db/schema.h"
#include "db/sql_text.h"
#include "sqlite/register.h"
#include "sqlite/statement.h"
#include "sqlite/transaction.h"

/* The files of sql/dashboard, by their order; behind these each is a panel. */
enum { SCRATCH, OPTIONS, RANGE, FIRST_PANEL };

typedef struct dashboard {
    sqlite3 *db;
    const char *options; /* JSON, borrowed */
    bool in_temp;        /* the database cannot be written */
    ct_transaction transaction;
    ct_schema_report report;
    ct_buf title, data; /* data: the JSON of all panels, safe within a script element */
    char *error;        /* owned (sqlite3_malloc) */
} dashboard;

/* ---- the data -------------------------------------------------------------------------------- */

/* Runs a statement; *value gets a copy of what its last row has in its first column (sqlite3_malloc). */
static int run_once(sqlite3_stmt *stmt, char **value)
{
    int rc;
    while ((rc = sqlite3_step(stmt)) == SQLITE_ROW) {
        const char *text = (const char *)sqlite3_column_text(stmt, 0);
        sqlite3_free(*value);
        *value = text ? sqlite3_mprintf("%s", text) : NULL;
        if (!*value && sqlite3_column_type(stmt, 0) != SQLITE_NULL)
            return SQLITE_NOMEM;
    }
    return rc == SQLITE_DONE ? sqlite3_reset(stmt) : rc;
}

/* Runs a statement for each alert that the page tells, as ?2. */
static int run_for_each_alert(dashboard *d, sqlite3_stmt *stmt, char **value)
{
    sqlite3_stmt *alerts = NULL;
    int rc = sqlite3_prepare_v2(d->db, "SELECT alertID FROM temp.cloudtrail_page_told", -1, &alerts,
                                NULL);
    while (rc == SQLITE_OK && (rc = sqlite3_step(alerts)) == SQLITE_ROW) {
        rc = sqlite3_bind_value(stmt, 2, sqlite3_column_value(alerts, 0));
        if (rc == SQLITE_OK)
            rc = run_once(stmt, value);
    }
    sqlite3_finalize(alerts);
    return rc == SQLITE_DONE ? SQLITE_OK : rc;
}

static int run_statement(dashboard *d, sqlite3_stmt *stmt, char **value)
{
    int n_parameters = sqlite3_bind_parameter_count(stmt), rc = SQLITE_OK;
    if (n_parameters > 0)
        rc = sqlite3_bind_text(stmt, 1, d->options, -1, SQLITE_STATIC);
    if (rc != SQLITE_OK)
        return rc;
    return n_parameters > 1 ? run_for_each_alert(d, stmt, value) : run_once(stmt, value);
}

/* Runs the statements of a file with the options as ?1; *value gets what the last of them gave. */
static int run_file(dashboard *d, size_t i, char **value)
{
    char *text = ct_dash_sql(ct_dashboard_texts[i].text, d->in_temp);
    const char *sql = text;
    int rc = text ? SQLITE_OK : SQLITE_NOMEM;
    *value = NULL;
    while (rc == SQLITE_OK && *sql) {
        sqlite3_stmt *stmt = NULL;
        rc = sqlite3_prepare_v2(d->db, sql, -1, &stmt, &sql);
        if (rc == SQLITE_OK && stmt)
            rc = run_statement(d, stmt, value);
        int finished = sqlite3_finalize(stmt);
        rc = rc == SQLITE_OK ? finished : rc;
    }
    sqlite3_free(text);
    return rc == SQLITE_OK ? rc : ct_statement_failed(d->db, rc, &d->error);
}

/* JSON within a script element: what could end the element, begin a comment or be a line's end to an
 * older parser is written as an escape. Such characters stand only within its strings. */
static void put_script_json(ct_buf *out, const char *p)
{
    for (; *p; p++) {
        if (*p == '<' || *p == '>' || *p == '&')
            ct_buf_printf(out, "\\u%04x", (unsigned)*p);
        else if (strncmp(p, "\xE2\x80\xA8", 3) == 0 || strncmp(p, "\xE2\x80\xA9", 3) == 0)
            ct_buf_printf(out, "\\u20%02x", (unsigned char)p[2] - 0x80), p += 2;
        else
            ct_buf_put_char(out, *p);
    }
}

static void put_html(ct_buf *out, const char *p)
{
    for (; *p; p++) {
        if (strchr("<>&\"'", *p))
            ct_buf_printf(out, "&#%d;", *p);
        else
            ct_buf_put_char(out, *p);
    }
}

/* `40_clients` is the panel `clients`. */
static const char *panel_name(const ct_sql_text *file)
{
    const char *behind = strchr(file->name, '_');
    return behind ? behind + 1 : file->name;
}

static int read_panels(dashboard *d)
{
    int rc = SQLITE_OK;
    for (size_t i = FIRST_PANEL; rc == SQLITE_OK && i < ct_n_dashboard_texts; i++) {
        char *json;
        rc = run_file(d, i, &json);
        ct_buf_printf(&d->data, "%c\"%s\":", i == FIRST_PANEL ? '{' : ',',
                      panel_name(&ct_dashboard_texts[i]));
        put_script_json(&d->data, json ? json : "null");
        sqlite3_free(json);
    }
    ct_buf_put_char(&d->data, '}');
    return rc == SQLITE_OK && !ct_buf_ok(&d->data) ? SQLITE_NOMEM : rc;
}

static int read_title(dashboard *d)
{
    char *title = NULL;
    int rc =
        ct_lookup(d->db, "SELECT title FROM temp.cloudtrail_page", NULL, NULL, &title, &d->error);
    if (rc == SQLITE_OK && title)
        put_html(&d->title, title);
    sqlite3_free(title);
    return rc == SQLITE_OK && !ct_buf_ok(&d->title) ? SQLITE_NOMEM : rc;
}

/* A sentence about the first option that is wrong, or none. */
static int check_options(dashboard *d)
{
    char *wrong;
    int rc = run_file(d, OPTIONS, &wrong);
    if (rc == SQLITE_OK && wrong) {
        d->error = wrong;
        return SQLITE_ERROR;
    }
    sqlite3_free(wrong);
    return rc;
}

static int check_is_ours(dashboard *d)
{
    char *found = NULL;
    int rc = ct_lookup(d->db, "SELECT 1 FROM main.sqlite_master WHERE name = 'event_named'", NULL,
                       NULL, &found, &d->error);
    if (rc == SQLITE_OK && !found) {
        d->error = sqlite3_mprintf("the database cannot be written and has none of the tables and "
                                   "views of this release: copy it and try again");
        rc = d->error ? SQLITE_ERROR : SQLITE_NOMEM;
    }
    sqlite3_free(found);
    return rc;
}

static int read_data(dashboard *d)
{
    char *none;
    int rc = d->in_temp ? check_is_ours(d) : ct_schema_create(d->db, &d->report, &d->error);
    if (rc == SQLITE_OK)
        rc = ct_dash_update(d->db, d->in_temp, &d->error);
    if (rc == SQLITE_OK) {
        rc = run_file(d, RANGE, &none);
        sqlite3_free(none);
    }
    if (rc == SQLITE_OK)
        rc = read_title(d);
    return rc == SQLITE_OK ? read_panels(d) : rc;
}

/* Temporary tables first, as transaction.h says of statements that change the schema. */
static int prepare(dashboard *d)
{
    char *none;
    int rc = ct_transaction_open(d->db, &d->transaction, &d->error);
    ct_transaction_close(&d->transaction);
    if (rc == SQLITE_OK)
        rc = ct_dash_prepare(d->db, d->in_temp, &d->error);
    if (rc == SQLITE_OK) {
        rc = run_file(d, SCRATCH, &none);
        sqlite3_free(none);
    }
    return rc;
}

static int make_data(dashboard *d)
{
    int rc = prepare(d);
    if (rc == SQLITE_OK)
        rc = check_options(d);
    if (rc == SQLITE_OK)
        rc = ct_transaction_open(d->db, &d->transaction, &d->error);
    if (rc == SQLITE_OK)
        rc = ct_transaction_begin(&d->transaction, &d->error);
    if (rc == SQLITE_OK) {
        rc = read_data(d);
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

/* A file that SQLite opened to be written may turn out not to be: its folder, its file system. */
static bool is_read_only(int rc)
{
    return (rc & 0xFF) == SQLITE_READONLY || (rc & 0xFF) == SQLITE_CANTOPEN;
}

static int make_data_anyhow(dashboard *d)
{
    d->in_temp = sqlite3_db_readonly(d->db, "main") == 1;
    int rc = make_data(d);
    if (d->in_temp || !is_read_only(rc))
        return rc;
    sqlite3_free(d->error);
    d->error = NULL;
    ct_buf_clear(&d->data);
    ct_buf_clear(&d->title);
    d->in_temp = true;
    return make_data(d);
}

/* ---- the page -------------------------------------------------------------------------------- */

/* 'sha256-...', by which the page's policy knows what of it may run. */
static void put_source_hash(ct_buf *out, const ct_page_text *text)
{
    static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    unsigned char hash[CT_SHA256_BYTES + 1] = {0}; /* and one byte to fill the last group */
    ct_sha256_of(text->p, text->n, hash);
    ct_buf_put_text(out, "'sha256-");
    for (size_t i = 0; i < CT_SHA256_BYTES; i += 3) {
        unsigned bits = (unsigned)hash[i] << 16 | (unsigned)hash[i + 1] << 8 |
                        (i + 2 < sizeof hash ? hash[i + 2] : 0U);
        for (int shift = 18; shift >= 0; shift -= 6)
            if (i + 2 < CT_SHA256_BYTES || shift > 0)
                ct_buf_put_char(out, digits[bits >> shift & 63]);
    }
    ct_buf_put_text(out, "='");
}

static void put_word(ct_buf *out, const dashboard *d, const char *word, size_t n)
{
    if (n == 5 && memcmp(word, "title", n) == 0)
        ct_buf_put(out, d->title.data, d->title.len);
    else if (n == 10 && memcmp(word, "style-hash", n) == 0)
        put_source_hash(out, &ct_page_style);
    else if (n == 11 && memcmp(word, "script-hash", n) == 0)
        put_source_hash(out, &ct_page_script);
    else if (n == 5 && memcmp(word, "style", n) == 0)
        ct_buf_put(out, ct_page_style.p, ct_page_style.n);
    else if (n == 6 && memcmp(word, "script", n) == 0)
        ct_buf_put(out, ct_page_script.p, ct_page_script.n);
    else if (n == 4 && memcmp(word, "data", n) == 0)
        ct_buf_put(out, d->data.data, d->data.len);
}

static void put_page(ct_buf *out, const dashboard *d)
{
    const char *p = ct_page_html.p, *end = p + ct_page_html.n;
    while (p < end) {
        const char *open = p;
        while (open + 1 < end && !(open[0] == '{' && open[1] == '{'))
            open++;
        if (open + 1 >= end)
            open = end;
        ct_buf_put(out, p, (size_t)(open - p));
        if (open == end)
            return;
        const char *word = open + 2, *close = word;
        while (close < end && *close != '}')
            close++;
        put_word(out, d, word, (size_t)(close - word));
        p = close + 2;
    }
}

/*
 * cloudtrail_dashboard([options TEXT]) -> TEXT
 *
 * One HTML page that opens from disk, asks for nothing and shows what the database holds: what logs there
 * are, the incidents, how much was called by whom from where, what was denied and changed. options
 * is a JSON object: from, to (times: hours from `from` on, before `to`), account, title. Brings the tables dash_* up to
 * date first; alerts are shown as the last cloudtrail_detect() left them. Where the database cannot
 * be written, it counts in temporary tables.
 *
 * NULL:    the same as no options.
 * Errors:  options that are no JSON object, or hold an unknown name or no time; called from a statement
 *          that writes; the database is locked, full or of a newer release. After an error nothing
 *          has changed.
 * Example: SELECT substr(cloudtrail_dashboard('{"title":"Case 7"}'), 1, 15);
 *          -- <!doctype html>
 */
static void cloudtrail_dashboard(sqlite3_context *context, int argc, sqlite3_value **argv)
{
    dashboard d = {.db = sqlite3_context_db_handle(context), .options = "{}"};
    if (argc > 0 && sqlite3_value_type(argv[0]) != SQLITE_NULL) {
        d.options = (const char *)sqlite3_value_text(argv[0]);
        if (!d.options) {
            sqlite3_result_error_nomem(context);
            return;
        }
    }
    int rc = make_data_anyhow(&d);
    if (rc == SQLITE_OK) {
        ct_buf page = CT_BUF_EMPTY;
        put_page(&page, &d);
        ct_result_buf(context, &page);
    } else {
        ct_result_failure(context, rc, "cloudtrail_dashboard", d.error);
    }
    ct_buf_free(&d.data);
    ct_buf_free(&d.title);
    ct_schema_report_free(&d.report);
    sqlite3_free(d.error);
}

// clang-format off
static const ct_function functions[] = {
    /* name                  argc flags      scalar                step  final value inverse */
    {"cloudtrail_dashboard", 0,   CT_DIRECT, cloudtrail_dashboard, NULL, NULL, NULL, NULL},
    {"cloudtrail_dashboard", 1,   CT_DIRECT, cloudtrail_dashboard, NULL, NULL, NULL, NULL},
};
// clang-format on

int ct_dashboard_register(sqlite3 *db, char **error)
{
    return ct_register(db, functions, sizeof functions / sizeof functions[0], error);
}
