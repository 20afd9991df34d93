/*
 * SQL: cloudtrail_verify(path [, public_keys]) -> TEXT (JSON). DIRECTONLY, because it reads files
 * and writes a table.
 *
 * All files are read first, outside any transaction; what was found is written in the end, all or
 * nothing.
 */
#include "db/verify.h"

#include <stdbool.h>
#include <string.h>

#include "base/json_write.h"
#include "base/mem.h"
#include "db/databases.h"
#include "db/schema.h"
#include "log/proof.h"
#include "sqlite/interrupt.h"
#include "sqlite/progress.h"
#include "sqlite/register.h"
#include "sqlite/statement.h"
#include "sqlite/transaction.h"

enum { KEYS_BYTES_MAX = 16 << 20 }; /* of a file of public keys; a page of them has 50 KB */

typedef struct verification {
    sqlite3 *db;
    const char *path;
    const char *keys_path; /* NULL: none were given */
    ct_transaction transaction;
    ct_schema_report report;
    ct_databases *databases; /* owned */
    ct_public_keys *keys;    /* owned; NULL without keys_path */
    ct_proof *proof;         /* owned */
    ct_interrupt *interrupt; /* owned */
    ct_pulse pulse;
    char *error; /* owned (sqlite3_malloc) */
} verification;

/* ---- files ---------------------------------------------------------------------------------- */

/* Calls a function for each file under a name, with why it cannot be opened, else NULL. */
typedef int each_file(verification *v, const char *path, const char *error);

static bool goes_on(void *context, bool waits)
{
    const verification *v = context;
    (void)waits;
    return ct_interrupt_check(v->interrupt) == SQLITE_OK;
}

static int walk(verification *v, const char *name, each_file *each)
{
    char text[CT_PATHS_ERROR_MAX];
    ct_paths *paths;
    ct_paths_guard guard = ct_databases_guard(v->databases);
    ct_paths_status opened = ct_paths_open(name, &guard, &paths, text);
    if (opened == CT_PATHS_NO_MEMORY)
        return SQLITE_NOMEM;
    if (opened != CT_PATHS_FILE) {
        v->error = sqlite3_mprintf("%s", text);
        return SQLITE_ERROR;
    }
    int rc = SQLITE_OK;
    bool found = false, ended = false;
    while (rc == SQLITE_OK && !ended) {
        const char *path, *error = NULL;
        ct_file_info info;
        ct_paths_status status = ct_paths_next(paths, &path, &info, &error);
        ended = status == CT_PATHS_END;
        if (status == CT_PATHS_NO_MEMORY)
            rc = SQLITE_NOMEM;
        else if (!ended && info.is_stdin) {
            v->error = sqlite3_mprintf("standard input has no name, and files are known by theirs");
            rc = SQLITE_ERROR;
        } else if (!ended) {
            found = true;
            rc = each(v, path, status == CT_PATHS_SKIPPED ? error : NULL);
        }
        if (rc == SQLITE_OK)
            rc = ct_interrupt_check(v->interrupt);
    }
    ct_paths_close(paths);
    if (rc == SQLITE_OK && !found) {
        v->error = sqlite3_mprintf("%s: no file in this folder", name);
        rc = SQLITE_ERROR;
    }
    return rc;
}

static int add_file(verification *v, const char *path, const char *error)
{
    return ct_proof_add(v->proof, path, error) ? SQLITE_OK : SQLITE_NOMEM;
}

/* ---- public keys ---------------------------------------------------------------------------- */

/* All bytes of a file. NULL; or why not, "" where there is no memory. */
static const char *read_all(const char *path, ct_buf *bytes)
{
    enum { PIECE = 64 * 1024 };
    ct_source *source;
    const char *error;
    ct_source_status st = ct_source_open(path, &source, &error);
    if (st != CT_SOURCE_OK)
        return st == CT_SOURCE_BROKEN ? error : "";
    while (st == CT_SOURCE_OK && bytes->len <= KEYS_BYTES_MAX) {
        size_t n_read = 0;
        st = ct_buf_reserve(bytes, PIECE)
                 ? ct_source_read(source, bytes->data + bytes->len, PIECE, &n_read)
                 : CT_SOURCE_NO_MEMORY;
        bytes->len += n_read;
    }
    error = st == CT_SOURCE_END           ? NULL
            : st == CT_SOURCE_NO_MEMORY   ? ""
            : bytes->len > KEYS_BYTES_MAX ? "too large for public keys"
                                          : ct_source_error(source);
    ct_source_close(source);
    return error;
}

/* A file without keys is passed over, as long as another one has some: its name and what is wrong
 * with it are kept until then. */
static int add_keys(verification *v, const char *path, const char *error)
{
    ct_buf bytes = CT_BUF_EMPTY;
    if (!error)
        error = read_all(path, &bytes);
    if (!error)
        error = ct_public_keys_add(v->keys, bytes.data ? bytes.data : "", bytes.len);
    ct_buf_free(&bytes);
    if (error && error[0] == '\0')
        return SQLITE_NOMEM;
    if (error && !v->error && !(v->error = sqlite3_mprintf("%s: %s", path, error)))
        return SQLITE_NOMEM;
    return SQLITE_OK;
}

static int read_keys(verification *v)
{
    if (!v->keys_path)
        return SQLITE_OK;
    v->keys = ct_public_keys_new();
    int rc = v->keys ? walk(v, v->keys_path, add_keys) : SQLITE_NOMEM;
    if (rc == SQLITE_OK && ct_public_keys_count(v->keys) == 0) {
        if (!v->error)
            v->error = sqlite3_mprintf("%s: no public key in it", v->keys_path);
        return SQLITE_ERROR;
    }
    if (rc == SQLITE_OK) {
        sqlite3_free(v->error);
        v->error = NULL;
    }
    return rc;
}

/* ---- the table ------------------------------------------------------------------------------ */

/* Empty is NULL. */
static void bind_span(sqlite3_stmt *stmt, int parameter, ct_span span)
{
    if (span.n > 0)
        (void)sqlite3_bind_text64(stmt, parameter, span.p, span.n, SQLITE_STATIC, SQLITE_UTF8);
    else
        (void)sqlite3_bind_null(stmt, parameter);
}

enum { FORGET_OBJECT, FORGET_REGION, INSERT, N_STATEMENTS };

/* Of the objects and regions that the rows name, what an earlier call said goes. */
static int forget(sqlite3_stmt **stmts, const ct_proof_result *result)
{
    int rc = SQLITE_OK;
    for (size_t i = 0; i < result->n_rows && rc == SQLITE_OK; i++) {
        const ct_proof_row *row = &result->rows[i];
        bind_span(stmts[FORGET_OBJECT], 1, row->object);
        rc = ct_statement_run(stmts[FORGET_OBJECT]);
        bool is_other = i == 0 || !ct_span_equal(row->account, row[-1].account) ||
                        !ct_span_equal(row->region, row[-1].region);
        if (rc == SQLITE_OK && is_other) {
            bind_span(stmts[FORGET_REGION], 1, row->account);
            bind_span(stmts[FORGET_REGION], 2, row->region);
            rc = ct_statement_run(stmts[FORGET_REGION]);
        }
    }
    return rc;
}

static int insert(sqlite3_stmt *stmt, const ct_proof_result *result)
{
    int rc = SQLITE_OK;
    for (size_t i = 0; i < result->n_rows && rc == SQLITE_OK; i++) {
        const ct_proof_row *row = &result->rows[i];
        bind_span(stmt, 1, row->object);
        bind_span(stmt, 2, row->account);
        bind_span(stmt, 3, row->region);
        (void)sqlite3_bind_text(stmt, 4, ct_proof_state_name(row->state), -1, SQLITE_STATIC);
        (void)sqlite3_bind_text(stmt, 5, row->detail, -1, SQLITE_STATIC);
        rc = ct_statement_run(stmt);
    }
    return rc;
}

static int write_rows(verification *v)
{
    static const char *const texts[N_STATEMENTS] = {
        [FORGET_OBJECT] = "DELETE FROM main.cloudtrail_proof WHERE s3Object = ?1",
        [FORGET_REGION] = "DELETE FROM main.cloudtrail_proof WHERE state IN ('digests end',"
                          " 'no digest') AND recipientAccountId IS ?1 AND awsRegion IS ?2",
        [INSERT] = "INSERT OR REPLACE INTO main.cloudtrail_proof"
                   " (s3Object, recipientAccountId, awsRegion, state, detail, checkedAt)"
                   " VALUES (ifnull(?1, ''), ?2, ?3, ?4, ?5,"
                   " strftime('%Y-%m-%dT%H:%M:%SZ', 'now'))",
    };
    sqlite3_stmt *stmts[N_STATEMENTS] = {NULL};
    ct_proof_result result = ct_proof_result_of(v->proof);
    int rc = ct_schema_create(v->db, &v->report, &v->error);
    for (int i = 0; i < N_STATEMENTS && rc == SQLITE_OK; i++)
        rc = sqlite3_prepare_v2(v->db, texts[i], -1, &stmts[i], NULL);
    if (rc == SQLITE_OK)
        rc = forget(stmts, &result);
    if (rc == SQLITE_OK)
        rc = insert(stmts[INSERT], &result);
    if (rc != SQLITE_OK && !v->error)
        v->error = ct_sqlite_error(v->db, rc);
    for (int i = 0; i < N_STATEMENTS; i++)
        sqlite3_finalize(stmts[i]);
    return rc;
}

static int write_all(verification *v)
{
    int rc = ct_transaction_open(v->db, &v->transaction, &v->error);
    if (rc == SQLITE_OK)
        rc = ct_transaction_begin(&v->transaction, &v->error);
    if (rc == SQLITE_OK)
        rc = ct_transaction_end(&v->transaction, write_rows(v));
    if (rc == SQLITE_INTERRUPT) {
        sqlite3_free(v->error);
        v->error = ct_transaction_interrupted(&v->transaction, "nothing has changed");
    }
    return rc;
}

/* ---- all of it ------------------------------------------------------------------------------ */

/* Refuses where nothing may be written, before anything is read. */
static int check_may_write(verification *v)
{
    int rc = ct_transaction_open(v->db, &v->transaction, &v->error);
    ct_transaction_close(&v->transaction);
    return rc;
}

static int run(verification *v)
{
    int rc = check_may_write(v);
    if (rc == SQLITE_OK)
        rc = ct_interrupt_open(v->db, &v->interrupt);
    if (rc == SQLITE_OK)
        rc = ct_databases_open(v->db, &v->databases);
    if (rc == SQLITE_OK)
        rc = read_keys(v);
    if (rc == SQLITE_OK && !(v->proof = ct_proof_new(v->keys, &v->pulse)))
        rc = SQLITE_NOMEM;
    if (rc == SQLITE_OK)
        rc = walk(v, v->path, add_file);
    if (rc == SQLITE_OK && !ct_proof_finish(v->proof))
        rc = SQLITE_NOMEM;
    if (rc == SQLITE_OK)
        rc = write_all(v);
    if (rc != SQLITE_OK && !v->error)
        v->error = ct_sqlite_error(v->db, rc);
    return rc;
}

static void put_gaps(const ct_proof_result *result, ct_buf *json)
{
    ct_buf_put_text(json, ",\"gaps\":[");
    for (size_t i = 0; i < result->n_gaps; i++) {
        const ct_proof_gap *gap = &result->gaps[i];
        ct_buf_put_text(json, i ? ",{\"recipientAccountId\":" : "{\"recipientAccountId\":");
        ct_json_put_string(json, gap->account.p, gap->account.n);
        ct_buf_put_text(json, ",\"awsRegion\":");
        ct_json_put_string(json, gap->region.p, gap->region.n);
        ct_buf_put_text(json, ",\"trail\":");
        ct_json_put_string(json, gap->trail.p, gap->trail.n);
        ct_buf_put_text(json, ",\"from\":");
        ct_json_put_text(json, gap->from);
        ct_buf_put_text(json, ",\"to\":");
        ct_json_put_text(json, gap->to);
        if (gap->detail) {
            ct_buf_put_text(json, ",\"detail\":");
            ct_json_put_text(json, gap->detail);
        }
        ct_buf_put_char(json, '}');
    }
    ct_buf_put_char(json, ']');
}

static void put_summary(const verification *v, double seconds, ct_buf *json)
{
    ct_proof_result result = ct_proof_result_of(v->proof);
    size_t counts[CT_PROOF_N_STATES] = {0};
    for (size_t i = 0; i < result.n_rows; i++)
        counts[result.rows[i].state]++;
    ct_buf_printf(json, "{\"digests\":%zu,\"logs\":%zu,\"good\":%zu,\"unproven\":%zu,\"states\":{",
                  result.n_digests, result.n_logs, counts[CT_PROOF_GOOD],
                  counts[CT_PROOF_UNPROVEN]);
    bool is_first = true;
    for (int i = 0; i < CT_PROOF_N_STATES; i++) {
        if (counts[i] == 0)
            continue;
        ct_buf_printf(json, "%s\"%s\":%zu", is_first ? "" : ",",
                      ct_proof_state_name((ct_proof_state)i), counts[i]);
        is_first = false;
    }
    ct_buf_put_char(json, '}');
    put_gaps(&result, json);
    if (result.n_other > 0)
        ct_buf_printf(json, ",\"otherFiles\":%zu", result.n_other);
    /* Not %.3f: that is written with a comma in many places of the world. */
    long long ms = (long long)(seconds * 1000);
    ct_buf_printf(json, ",\"seconds\":%lld.%03lld", ms / 1000, ms % 1000);
    if (!v->transaction.is_own)
        ct_buf_put_text(json, ",\"note\":\"inside your transaction: COMMIT keeps it\"");
    ct_schema_put_report(&v->report, json);
    ct_buf_put_char(json, '}');
}

static void release(verification *v)
{
    ct_interrupt_close(v->interrupt);
    ct_proof_free(v->proof);
    ct_public_keys_free(v->keys);
    ct_databases_close(v->databases);
    ct_transaction_close(&v->transaction);
    ct_schema_report_free(&v->report);
    sqlite3_free(v->error);
}

/*
 * cloudtrail_verify(path TEXT [, public_keys TEXT]) -> TEXT
 *
 * Checks log files against the digest files beside them, offline; nothing is imported. Path is a
 * folder (or a file or glob) with both. public_keys is a file, or a folder of files, with what
 * `aws cloudtrail list-public-keys` printed: then signatures are checked, too. Writes the table
 * cloudtrail_proof, one row an object; returns JSON: digests and logs that were there, good,
 * unproven, states (how many rows of each), gaps (times when logging or validation was off),
 * otherFiles, seconds.
 *
 * NULL:    a path of NULL is an error; public_keys NULL is as if it were not given.
 * Errors:  those of the path, as cloudtrail_import(); no key in public_keys; called from a statement
 *          that writes; the database is locked, full, read-only or of a newer release. After an
 *          error nothing has changed.
 * Example: SELECT json_extract(cloudtrail_verify('data/sample'), '$.states."digest missing"');
 *          -- 1
 */
static void cloudtrail_verify(sqlite3_context *context, int argc, sqlite3_value **argv)
{
    bool has_keys = argc > 1 && sqlite3_value_type(argv[1]) != SQLITE_NULL;
    verification v = {.db = sqlite3_context_db_handle(context),
                      .path = (const char *)sqlite3_value_text(argv[0]),
                      .keys_path = has_keys ? (const char *)sqlite3_value_text(argv[1]) : NULL};
    v.pulse = (ct_pulse){.goes_on = goes_on, .context = &v};
    bool is_null = sqlite3_value_type(argv[0]) == SQLITE_NULL;
    ct_progress clock = ct_progress_start();
    int rc = SQLITE_NOMEM;
    if (is_null) {
        v.error = sqlite3_mprintf("a path is needed: cloudtrail_verify('logs/')");
        rc = v.error ? SQLITE_ERROR : SQLITE_NOMEM;
    } else if (v.path && (v.keys_path || !has_keys)) {
        rc = run(&v);
    }
    if (rc == SQLITE_OK) {
        ct_buf json = CT_BUF_EMPTY;
        put_summary(&v, ct_progress_seconds(&clock), &json);
        ct_result_json(context, &json);
    } else {
        ct_result_failure(context, rc, "cloudtrail_verify", v.error);
    }
    release(&v);
}

// clang-format off
static const ct_function functions[] = {
    /* name               argc flags           scalar             step  final value inverse */
    {"cloudtrail_verify", 1,   CT_DIRECT_JSON, cloudtrail_verify, NULL, NULL, NULL, NULL},
    {"cloudtrail_verify", 2,   CT_DIRECT_JSON, cloudtrail_verify, NULL, NULL, NULL, NULL},
};
// clang-format on

int ct_verify_register(sqlite3 *db, char **error)
{
    return ct_register(db, functions, sizeof functions / sizeof functions[0], error);
}
