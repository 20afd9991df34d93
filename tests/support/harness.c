#include "harness.h"

#include <limits.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/buf.h"
#include "cloudtrail.h"
#include "faulty_mem.h"

/* What a program printed before it died must be in its log. */
__attribute__((constructor)) static void print_line_by_line(void)
{
    setvbuf(stdout, NULL, _IOLBF, 0);
}

/* ---- connections ---------------------------------------------------------------------------- */

sqlite3 *harness_open_file(const char *path)
{
    sqlite3 *db = NULL;
    if (sqlite3_open(path, &db) != SQLITE_OK)
        fail_msg("cannot open %s: %s", path, sqlite3_errmsg(db));
    char *error = NULL;
    if (sqlite3_cloudtrail_init(db, &error, NULL) != SQLITE_OK)
        fail_msg("cannot register the extension: %s", error ? error : "no message");

    /* CT_UNTRUSTED=1: the whole suite once more as in a shell that trusts no schema. */
    if (getenv("CT_UNTRUSTED"))
        sqlite3_exec(db, "PRAGMA trusted_schema = OFF", NULL, NULL, NULL);
    return db;
}

sqlite3 *harness_open(void)
{
    return harness_open_file(":memory:");
}

/* Into a connection on an empty database; the schema is read, as it is where it was made. */
static void copy_database(sqlite3 *to, sqlite3 *from)
{
    sqlite3_backup *backup = sqlite3_backup_init(to, "main", from, "main");
    assert_non_null(backup);
    assert_int_equal(sqlite3_backup_step(backup, -1), SQLITE_DONE);
    assert_int_equal(sqlite3_backup_finish(backup), SQLITE_OK);
    harness_exec(to, "SELECT 1 FROM sqlite_master LIMIT 0");
}

sqlite3 *harness_open_copy(sqlite3 *of)
{
    sqlite3 *db = harness_open();
    copy_database(db, of);
    return db;
}

sqlite3 *harness_open_ready_file(const char *path)
{
    static sqlite3 *made; /* stays open while the program runs */
    if (!made) {
        made = harness_open();
        harness_exec(made, "SELECT cloudtrail_init()");
    }
    sqlite3 *db = harness_open_file(path);
    copy_database(db, made);
    return db;
}

sqlite3 *harness_open_ready(void)
{
    return harness_open_ready_file(":memory:");
}

void harness_close(sqlite3 *db)
{
    sqlite3_stmt *left = sqlite3_next_stmt(db, NULL);
    if (left)
        fail_msg("a statement was left open: %s", sqlite3_sql(left));
    assert_int_equal(sqlite3_close(db), SQLITE_OK);
}

/* ---- queries -------------------------------------------------------------------------------- */

static void put_row(ct_buf *out, sqlite3_stmt *stmt)
{
    int n = sqlite3_column_count(stmt);
    for (int i = 0; i < n; i++) {
        if (i > 0)
            ct_buf_put_char(out, '|');
        const char *text = (const char *)sqlite3_column_text(stmt, i);
        if (text)
            ct_buf_put(out, text, (size_t)sqlite3_column_bytes(stmt, i));
        else
            ct_buf_put_text(out, "NULL");
    }
}

/* Returns SQLite's code; rows and an error's text are appended to out, *n_lines counts them. */
static int run(sqlite3 *db, const char *sql, ct_buf *out, size_t *n_lines)
{
    int rc = SQLITE_OK;
    *n_lines = 0;
    while (rc == SQLITE_OK && *sql) {
        sqlite3_stmt *stmt = NULL;
        rc = sqlite3_prepare_v2(db, sql, -1, &stmt, &sql);
        if (rc == SQLITE_OK && stmt) {
            while ((rc = sqlite3_step(stmt)) == SQLITE_ROW) {
                if ((*n_lines)++ > 0)
                    ct_buf_put_char(out, '\n');
                put_row(out, stmt);
            }
            if (rc == SQLITE_DONE)
                rc = SQLITE_OK;
        }
        if (rc != SQLITE_OK) {
            if ((*n_lines)++ > 0)
                ct_buf_put_char(out, '\n');
            ct_buf_put_text(out, "error: ");
            ct_buf_put_text(out, sqlite3_errmsg(db));
        }
        sqlite3_finalize(stmt);
    }
    return rc;
}

static char *take_text(ct_buf *out)
{
    ct_buf_put_char(out, '\0');
    char *text = out->data;
    *out = CT_BUF_EMPTY;
    return text;
}

char *harness_query_lines(sqlite3 *db, const char *sql, size_t *n_lines, bool *failed)
{
    ct_buf out = CT_BUF_EMPTY;
    *failed = run(db, sql, &out, n_lines) != SQLITE_OK;
    return take_text(&out);
}

char *harness_query(sqlite3 *db, const char *sql)
{
    size_t n_lines;
    bool failed;
    return harness_query_lines(db, sql, &n_lines, &failed);
}

void harness_exec(sqlite3 *db, const char *sql)
{
    char *error = NULL;
    if (sqlite3_exec(db, sql, NULL, NULL, &error) != SQLITE_OK)
        fail_msg("%s\n  %s", sql, error);
}

void harness_exec_and_free(sqlite3 *db, char *sql)
{
    harness_exec(db, sql);
    sqlite3_free(sql);
}

void harness_assert_query(sqlite3 *db, const char *sql, const char *expected, const char *file,
                          int line)
{
    char *got = harness_query(db, sql);
    if (strcmp(got, expected) != 0) {
        /* not by print_error(), which cuts at 1,024 bytes */
        fprintf(stderr, "%s\n  expected: %s\n  got:      %s\n", sql, expected, got);
        free(got);
        _fail(file, line);
    }
    free(got);
}

/* SQLite drops the text of an error, but keeps its code, when it cannot copy it for errmsg. */
static bool is_text_lost(const char *expected, const char *got)
{
    return strncmp(expected, "error: ", 7) == 0 && strcmp(got, "error: SQL logic error") == 0;
}

char *harness_query_without_memory(ct_mem_way *refuse, long n, sqlite3 *db, const char *sql,
                                   bool *refused)
{
    ct_buf out = CT_BUF_EMPTY;
    ct_buf_reserve(&out, 1 << 16); /* the harness itself must not run out */
    refuse(n);
    size_t n_lines;
    (void)run(db, sql, &out, &n_lines);
    *refused = ct_mem_failures() > 0;
    ct_mem_fail_after(-1);
    return take_text(&out);
}

/* One run of the sweep; false when nothing was refused. */
static bool run_without_memory(ct_mem_way *refuse_after, sqlite3 *db, const char *sql,
                               const char *expected, long n)
{
    ct_buf out = CT_BUF_EMPTY;
    ct_buf_reserve(&out, 1 << 16); /* the harness itself must not run out */
    refuse_after(n);
    size_t n_lines;
    int rc = run(db, sql, &out, &n_lines);
    bool refused = ct_mem_failures() > 0;
    ct_mem_fail_after(-1);

    char *got = take_text(&out);
    if (rc != SQLITE_NOMEM && strcmp(got, expected) != 0 && !is_text_lost(expected, got))
        fail_msg("allocation %ld refused%s: %s\n  got: %s", n,
                 refuse_after == ct_mem_fail_once_after ? " alone" : "", sql, got);
    free(got);
    return refused;
}

/* The same on a copy of a database. */
static bool run_copy_without_memory(ct_mem_way *refuse_after, sqlite3 *set_up, const char *sql,
                                    const char *expected, long n)
{
    sqlite3 *db = harness_open();
    if (set_up)
        copy_database(db, set_up);
    bool refused = run_without_memory(refuse_after, db, sql, expected, n);
    harness_close(db);
    return refused;
}

/* Each n up to `dense`, then ever fewer. */
static void sweep(const char *setup, const char *sql, const char *expected, long dense)
{
    sqlite3 *set_up = setup ? harness_open() : NULL;
    if (setup)
        harness_exec(set_up, setup);
    for (int i = 0; i < CT_MEM_N_WAYS; i++)
        for (long n = 0; run_copy_without_memory(ct_mem_ways[i], set_up, sql, expected, n);
             n += 1 + n / dense)
            ;
    if (setup)
        harness_close(set_up);
}

void harness_oom_query(sqlite3 *db, const char *sql)
{
    char *expected = harness_query(db, sql);
    for (int i = 0; i < CT_MEM_N_WAYS; i++)
        for (long n = 0; run_without_memory(ct_mem_ways[i], db, sql, expected, n); n++)
            ;
    free(expected);
}

void harness_oom_sweep(const char *setup, const char *sql, const char *expected)
{
    sweep(setup, sql, expected, LONG_MAX);
}

void harness_oom_dense(const char *setup, const char *sql, const char *expected, int dense)
{
    sweep(setup, sql, expected, dense);
}

void harness_oom_places(const char *setup, const char *sql, const char *expected)
{
    sqlite3 *set_up = harness_open();
    if (setup)
        harness_exec(set_up, setup);
    for (long n = -1; n < ct_mem_places(); n++)
        (void)run_copy_without_memory(ct_mem_fail_at_place, set_up, sql, expected, n);
    harness_close(set_up);
    if (harness_is_long())
        harness_oom_samples(setup, sql, expected);
}

void harness_oom_samples(const char *setup, const char *sql, const char *expected)
{
    sweep(setup, sql, expected, harness_extent(32, 1));
}

bool harness_is_long(void)
{
    const char *wish = getenv("CT_LONG");
    return wish && *wish;
}

int harness_extent(int whole, int part)
{
    return harness_is_long() ? whole : part;
}

long harness_next(long n, long dense)
{
    return n + 1 + (harness_is_long() ? n / dense : 3 * n);
}

const char *harness_shared(void)
{
    return access("../shared/data/MANIFEST.md", R_OK) == 0 ? "../shared" : NULL;
}
