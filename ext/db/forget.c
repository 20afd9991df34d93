/*
 * SQL: cloudtrail_forget(path) -> TEXT (JSON). DIRECTONLY, because it writes; it looks at the file
 * system only to make a path what the ledger has: absolute, without links.
 */
#include "db/forget.h"

#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "db/schema.h"
#include "db/store.h"
#include "sqlite/register.h"
#include "sqlite/statement.h"
#include "sqlite/transaction.h"

/* The files that go: ?1 itself, what a changed form has set aside of it, and what lies below. */
#define FORGOTTEN                                                                                  \
    "main.cloudtrail_file WHERE path = ?1"                                                         \
    " OR substr(path, 1, length(?1) + 8) = ?1 || ' (until '"                                       \
    " OR substr(path, 1, length(rtrim(?1, '/')) + 1) = rtrim(?1, '/') || '/'"
#define OF_FORGOTTEN "fileID IN (SELECT fileID FROM " FORGOTTEN ")"

/* An event of an alert that is no longer there: named as alert_event names it. */
#define IS_GONE                                                                                    \
    "CASE WHEN l.eventID IS NULL"                                                                  \
    " THEN NOT EXISTS (SELECT 1 FROM main.cloudtrail AS e WHERE e.eventID IS NULL"                 \
    "  AND e.fileID = l.fileID AND e.recordNumber = l.recordNumber"                                \
    "  AND +e.eventTime = l.eventTime)"                                                            \
    " ELSE NOT EXISTS (SELECT 1 FROM main.cloudtrail AS e WHERE e.eventTime = l.eventTime"         \
    "  AND e.eventID = l.eventID) END"
#define GONE_SENTENCE " No longer in the table cloudtrail: "

/* In this order; `key` is what the summary calls the number of rows, NULL: nothing. */
static const struct {
    const char *key, *sql;
} steps[] = {
    /* Their duplicates and conflicts of these events were left out: they may come in now. */
    {"again",
     "UPDATE main.cloudtrail_file SET complete = 0 WHERE complete = 1 AND NOT (" OF_FORGOTTEN ")"
     " AND (duplicates > 0 OR EXISTS (SELECT 1 FROM main.cloudtrail_problem AS p"
     "  WHERE p.fileID = cloudtrail_file.fileID AND p.message = '" CT_CONFLICT_MESSAGE "'))"
     " AND EXISTS (SELECT 1 FROM (SELECT firstTime AS a, lastTime AS b FROM " FORGOTTEN ")"
     "  WHERE a <= lastTime AND b >= firstTime)"},
    {"problems", "DELETE FROM main.cloudtrail_problem WHERE " OF_FORGOTTEN},
    {NULL, "DELETE FROM main.cloudtrail_digest WHERE " OF_FORGOTTEN},
    {NULL, "DELETE FROM main.cloudtrail_digest_file WHERE " OF_FORGOTTEN},
    {"events", "DELETE FROM main.cloudtrail WHERE " OF_FORGOTTEN},
    {"files", "DELETE FROM " FORGOTTEN},
    {"alerts",
     "UPDATE main.alert SET summary ="
     " CASE WHEN instr(summary, '" GONE_SENTENCE "') > 0"
     "  THEN substr(summary, 1, instr(summary, '" GONE_SENTENCE "') - 1) ELSE summary END"
     " || (SELECT printf('" GONE_SENTENCE "%d of its %d events.', sum(" IS_GONE "), count(*))"
     "  FROM main.alert_event AS l WHERE l.alertID = alert.alertID)"
     " WHERE EXISTS (SELECT 1 FROM main.alert_event AS l WHERE l.alertID = alert.alertID"
     "  AND " IS_GONE ")"},
};

enum { N_STEPS = sizeof steps / sizeof steps[0] };

typedef struct forgetting {
    sqlite3 *db;
    const char *path; /* as the ledger has it */
    const char *typed;
    ct_transaction transaction;
    ct_schema_report report;
    sqlite3_int64 counts[N_STEPS];
    char *error; /* owned (sqlite3_malloc) */
} forgetting;

static int run_step(forgetting *f, int i)
{
    sqlite3_stmt *stmt = NULL;
    int rc = sqlite3_prepare_v2(f->db, steps[i].sql, -1, &stmt, NULL);
    if (rc == SQLITE_OK && sqlite3_bind_parameter_count(stmt) > 0)
        rc = sqlite3_bind_text(stmt, 1, f->path, -1, SQLITE_STATIC);
    if (rc == SQLITE_OK)
        rc = ct_statement_run(stmt);
    if (rc == SQLITE_OK)
        f->counts[i] = sqlite3_changes(f->db);
    else if (!f->error)
        f->error = ct_sqlite_error(f->db, rc);
    sqlite3_finalize(stmt);
    return rc;
}

static int is_there(forgetting *f, const char *path, bool *there)
{
    char *found = NULL;
    int rc = ct_lookup(f->db, "SELECT 1 FROM " FORGOTTEN " LIMIT 1", path, NULL, &found, &f->error);
    *there = found != NULL;
    sqlite3_free(found);
    return rc;
}

/* What was typed may be the ledger's very text, of a file that is gone or never was one. */
static int check_there(forgetting *f)
{
    bool there;
    int rc = is_there(f, f->path, &there);
    if (rc == SQLITE_OK && !there) {
        f->path = f->typed;
        rc = is_there(f, f->path, &there);
    }
    if (rc == SQLITE_OK && !there) {
        f->error = sqlite3_mprintf("%s: not in the table cloudtrail_file", f->typed);
        rc = f->error ? SQLITE_ERROR : SQLITE_NOMEM;
    }
    return rc;
}

static int forget(forgetting *f)
{
    int rc = ct_schema_create(f->db, &f->report, &f->error);
    if (rc == SQLITE_OK)
        rc = check_there(f);
    for (int i = 0; i < N_STEPS && rc == SQLITE_OK; i++)
        rc = run_step(f, i);
    return rc;
}

static int run(forgetting *f)
{
    int rc = ct_transaction_open(f->db, &f->transaction, &f->error);
    if (rc == SQLITE_OK)
        rc = ct_transaction_begin(&f->transaction, &f->error);
    if (rc == SQLITE_OK)
        rc = ct_transaction_end(&f->transaction, forget(f));
    if (rc == SQLITE_INTERRUPT) {
        sqlite3_free(f->error);
        f->error = ct_transaction_interrupted(&f->transaction, "nothing has changed");
    }
    if (rc != SQLITE_OK && !f->error)
        f->error = ct_sqlite_error(f->db, rc);
    return rc;
}

/* ---- paths ---------------------------------------------------------------------------------- */

/* Appends the names of a path: a dot is none, two take the last one away. */
static void append_names(ct_buf *path, const char *names)
{
    while (*names) {
        size_t n = strcspn(names, "/");
        if (n == 2 && memcmp(names, "..", 2) == 0) {
            while (path->len > 0 && path->data[--path->len] != '/')
                ;
        } else if (n > 0 && !(n == 1 && *names == '.')) {
            ct_buf_put_char(path, '/');
            ct_buf_put(path, names, n);
        }
        names += n + (names[n] == '/');
    }
}

/* The first n bytes of a path, absolute and free of links; NULL where that does not exist. */
static char *resolve(char *path, size_t n)
{
    char was = path[n];
    path[n] = '\0';
    char *found = realpath(path, NULL);
    path[n] = was;
    return found;
}

/* Makes a path absolute and free of links as far as it exists; the rest, which is gone, by its text
 * alone. NUL-terminated. */
static void find_path(const char *typed, ct_buf *path)
{
    ct_buf whole = CT_BUF_EMPTY;
    char *folder = typed[0] == '/' ? NULL : realpath(".", NULL), *found = NULL;
    if (folder)
        ct_buf_put_text(&whole, folder);
    free(folder);
    ct_buf_put_char(&whole, '/');
    ct_buf_put(&whole, typed, strlen(typed) + 1);
    if (ct_buf_ok(&whole)) {
        size_t n = whole.len - 1;
        while (n > 0 && !(found = resolve(whole.data, n)))
            while (n > 0 && whole.data[--n] != '/')
                ;
        if (found && strcmp(found, "/") != 0)
            ct_buf_put_text(path, found);
        append_names(path, whole.data + n);
        if (path->len == 0)
            ct_buf_put_char(path, '/');
    }
    ct_buf_put_char(path, '\0');
    path->failed = path->failed || !ct_buf_ok(&whole);
    free(found);
    ct_buf_free(&whole);
}

static void put_summary(const forgetting *f, ct_buf *json)
{
    ct_buf_put_char(json, '{');
    for (int i = N_STEPS - 1, n = 0; i >= 0; i--)
        if (steps[i].key)
            ct_buf_printf(json, "%s\"%s\":%lld", n++ ? "," : "", steps[i].key,
                          (long long)f->counts[i]);
    if (!f->transaction.is_own)
        ct_buf_put_text(json, ",\"note\":\"inside your transaction: COMMIT keeps it\"");
    ct_schema_put_report(&f->report, json);
    ct_buf_put_char(json, '}');
}

/*
 * cloudtrail_forget(path TEXT) -> TEXT
 *
 * Takes a file that was imported out again, or all files below a folder: events, problems, digests,
 * the ledger's rows. Where other files had duplicates of these events, or others under the same id,
 * they are read again by the next import. Alerts that have lost events say so at the end of their
 * summary, until cloudtrail_detect() finds them anew. The path is the ledger's, or leads to it, and
 * what it names need not be there any more. Returns JSON: alerts (that have lost events), files,
 * events, problems, again (files that the next import reads again). All or nothing.
 *
 * NULL:    an error: a path is needed.
 * Errors:  an empty path; no file of that path in the table cloudtrail_file; called from a statement
 *          that writes; the database is locked, full, read-only or of a newer release.
 * Example: SELECT cloudtrail_forget('data/sample');
 *          -- {"alerts":0,"files":98,"events":2074,"problems":0,"again":0}
 */
static void cloudtrail_forget(sqlite3_context *context, int argc, sqlite3_value **argv)
{
    (void)argc;
    const char *typed = (const char *)sqlite3_value_text(argv[0]);
    bool is_null = sqlite3_value_type(argv[0]) == SQLITE_NULL;
    if (!typed || *typed == '\0') {
        int code = typed || is_null ? SQLITE_ERROR : SQLITE_NOMEM;
        ct_result_failure(context, code, "cloudtrail_forget",
                          typed ? "the path is empty"
                                : "a path is needed: cloudtrail_forget('logs/')");
        return;
    }
    ct_buf path = CT_BUF_EMPTY;
    find_path(typed, &path);
    forgetting f = {.db = sqlite3_context_db_handle(context), .path = path.data, .typed = typed};
    int rc = ct_buf_ok(&path) ? run(&f) : SQLITE_NOMEM;
    if (rc == SQLITE_OK) {
        ct_buf json = CT_BUF_EMPTY;
        put_summary(&f, &json);
        ct_result_json(context, &json);
    } else {
        ct_result_failure(context, rc, "cloudtrail_forget", f.error);
    }
    ct_transaction_close(&f.transaction);
    ct_schema_report_free(&f.report);
    sqlite3_free(f.error);
    ct_buf_free(&path);
}

// clang-format off
static const ct_function functions[] = {
    /* name               argc flags           scalar             step  final value inverse */
    {"cloudtrail_forget", 1,   CT_DIRECT_JSON, cloudtrail_forget, NULL, NULL, NULL, NULL},
};
// clang-format on

int ct_forget_register(sqlite3 *db, char **error)
{
    return ct_register(db, functions, sizeof functions / sizeof functions[0], error);
}
