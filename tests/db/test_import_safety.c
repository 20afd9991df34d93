/*
 * cloudtrail_import() when something goes wrong: killed, interrupted, locked out, without disk or
 * memory; in other people's transactions, and two at a time. Whatever happened, the database is
 * intact, and a second import makes it what an undisturbed one had made.
 */
#include "harness.h"

#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "imports.h"
#include "interrupts.h"
#include "logs.h"
#include "rng.h"
#include "temp.h"

static const char summary[] =
    "{\"files\":13,\"skipped\":0,\"events\":1275,\"duplicates\":36,\"problems\":5,"
    "\"conflicts\":1}";

/* Files of several kinds: small ones, two of many batches, duplicates, conflicts, events without
 * an id and damage. */
static const char *logs(void)
{
    static char folder[512];
    if (*folder)
        return folder;
    for (int i = 0; i < 10; i++) {
        char name[64];
        snprintf(name, sizeof name, "logs/%02d.json.gz", i);
        logs_write(name, i * 20, 24); /* the last four are the next file's, too */
    }
    logs_write_lines("logs/large1.json", 1000, 600, 1300);
    ct_buf text = CT_BUF_EMPTY;
    for (int i = 0; i < 470; i++) {
        char padding[1500];
        snprintf(padding, sizeof padding, ",\"padding\":\"%0*d\"", 1300, i);
        logs_put_record(&text, i % 10 == 9 ? -i - 1 : 2000 + i, padding);
        ct_buf_put_char(&text, '\n');
        if (i % 100 == 50)
            ct_buf_put_text(&text, "{\"eventTime\":broken}\n");
    }
    temp_write("logs/large2.json", text.data, text.len);
    ct_buf_clear(&text);
    logs_put_record(&text, 5, ",\"errorCode\":\"AccessDenied\""); /* another one is there */
    ct_buf_put_char(&text, '\n');
    logs_put_record(&text, -7, "");
    temp_write("logs/last.json", text.data, text.len);
    ct_buf_free(&text);
    char *absolute = realpath(temp_path("logs"), NULL);
    snprintf(folder, sizeof folder, "%s", absolute);
    free(absolute);
    return folder;
}

/* What an undisturbed import makes. */
static const char *undisturbed(void)
{
    static char *dump;
    if (dump)
        return dump;
    sqlite3 *db = imports_open(":memory:");
    char *got = imports_run(db, "cloudtrail_import", logs());
    assert_string_equal(got, summary);
    free(got);
    imports_check(db);
    dump = imports_dump(db);
    harness_close(db);
    return dump;
}

/* A second import completes it, and the database is intact. */
static void complete(sqlite3 *db)
{
    assert_true(sqlite3_get_autocommit(db));
    assert_query(db, "PRAGMA integrity_check", "ok");
    free(imports_run(db, "cloudtrail_import", logs()));
    imports_check(db);
    char *dump = imports_dump(db);
    assert_string_equal(dump, undisturbed());
    free(dump);
}

static const char *fresh_database(const char *name)
{
    const char *path = temp_path(name);
    char beside[1100];
    (void)unlink(path);
    static const char *const endings[] = {"-journal", "-wal", "-shm"};
    for (size_t i = 0; i < 3; i++) {
        snprintf(beside, sizeof beside, "%s%s", path, endings[i]);
        (void)unlink(beside);
    }
    return path;
}

static int import_code(sqlite3 *db, const char *function)
{
    char *sql = sqlite3_mprintf("SELECT %s(%Q)", function, logs());
    sqlite3_stmt *stmt = NULL;
    int rc = sqlite3_prepare_v2(db, sql, -1, &stmt, NULL);
    if (rc == SQLITE_OK)
        rc = sqlite3_step(stmt);
    sqlite3_finalize(stmt);
    sqlite3_free(sql);
    return rc;
}

/* ---- kill -9 -------------------------------------------------------------------------------- */

enum { STEPS = 500 }; /* of SQLite's machine, between two looks at whether it is time to die */

typedef struct killer {
    long n_looks;
    long dies_at; /* the look at which the process is killed; 0: never */
} killer;

static int look(void *context)
{
    killer *k = context;
    if (++k->n_looks == k->dies_at)
        kill(getpid(), SIGKILL);
    return 0;
}

static sqlite3 *open_for_kill(const char *path, const char *journal_mode, killer *k)
{
    sqlite3 *db = imports_open(path);
    char *sql = sqlite3_mprintf("PRAGMA journal_mode = %s; PRAGMA synchronous = OFF", journal_mode);
    sqlite3_exec(db, sql, NULL, NULL, NULL);
    sqlite3_free(sql);
    sqlite3_progress_handler(db, STEPS, look, k);
    return db;
}

/* Imports in a child that is killed at that look, or after that time; true when a
 * part was there. */
static bool kill_and_complete(const char *journal_mode, killer k, long wait_us)
{
    const char *path = fresh_database("killed.db");
    fflush(NULL);
    pid_t child = fork();
    if (child == 0)
        _exit(import_code(open_for_kill(path, journal_mode, &k), "import_small") == SQLITE_ROW ? 0
                                                                                               : 1);
    if (wait_us > 0) {
        nanosleep(&(struct timespec){.tv_nsec = wait_us * 1000}, NULL);
        kill(child, SIGKILL);
    }
    int status;
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_true(WIFSIGNALED(status) || status == 0);
    sqlite3 *db = imports_open(path);
    char *rows = harness_query(db, "SELECT count(*) FROM cloudtrail");
    long n_rows = strtol(rows, NULL, 10);
    bool is_half = n_rows > 0 && n_rows < 1275;
    free(rows);
    complete(db);
    harness_close(db);
    return is_half;
}

static void test_import_killed_at_any_moment_goes_on(void **state)
{
    (void)state;
    (void)undisturbed();
    killer k = {0};
    sqlite3 *db = open_for_kill(fresh_database("counted.db"), "delete", &k);
    struct timespec start, end;
    clock_gettime(CLOCK_MONOTONIC, &start);
    assert_int_equal(import_code(db, "import_small"), SQLITE_ROW);
    clock_gettime(CLOCK_MONOTONIC, &end);
    sqlite3_progress_handler(db, 0, NULL, NULL);
    harness_close(db);

    rng random = {4711};
    long us = (end.tv_sec - start.tv_sec) * 1000000 + (end.tv_nsec - start.tv_nsec) / 1000;
    int n_half = 0;
    for (int i = 0; i < harness_extent(56, 8); i++) {
        const char *mode = i % 3 == 2 ? "wal" : "delete";
        if (i % 2 == 0) {
            long at = 1 + (long)rng_below(&random, (size_t)k.n_looks);
            n_half += kill_and_complete(mode, (killer){.dies_at = at}, 0);
        } else {
            (void)kill_and_complete(mode, (killer){0}, 1 + (long)rng_below(&random, (size_t)us));
        }
    }
    assert_true(n_half >= harness_extent(8, 1));
}

/* ---- interrupts ----------------------------------------------------------------------------- */

static void interrupt_everywhere(interrupt_kind kind)
{
    bool interrupted = true;
    int n_interrupted = 0, n_half = 0;
    for (int n = 1; interrupted; n = (int)harness_next(n, 6)) {
        sqlite3 *db = imports_open(":memory:");
        assert_query(db, "PRAGMA cache_size = -1234", "");
        interrupts_after(db, kind, n);
        int rc = import_code(db, "import_small");
        interrupted = interrupts_end(db);
        assert_true(rc == SQLITE_ROW || rc == SQLITE_INTERRUPT);
        if (!sqlite3_get_autocommit(db))
            fail_msg("after %d steps: a transaction is left open", n);
        if (rc == SQLITE_INTERRUPT) {
            n_interrupted++;
            char *rows = harness_query(db, "SELECT count(*) FROM cloudtrail");
            n_half += strtol(rows, NULL, 10) > 0;
            free(rows);
        }
        assert_query(db, "PRAGMA cache_size", "-1234");
        complete(db);
        harness_close(db);
    }
    assert_true(n_interrupted > harness_extent(30, 5));
    assert_true(n_half >= harness_extent(5, 1));
}

static void test_import_interrupted_leaves_no_transaction(void **state)
{
    (void)state;
    interrupt_everywhere(INTERRUPT_BY_CALL);
    interrupt_everywhere(INTERRUPT_BY_HANDLER);
}

static void *interrupt_later(void *db)
{
    static rng random = {99};
    nanosleep(&(struct timespec){.tv_nsec = (long)rng_below(&random, 30000000)}, NULL);
    sqlite3_interrupt(db);
    return NULL;
}

static void test_import_interrupted_from_another_thread(void **state)
{
    (void)state;
    for (int i = 0; i < harness_extent(20, 4); i++) {
        sqlite3 *db = imports_open(":memory:");
        pthread_t thread;
        assert_int_equal(pthread_create(&thread, NULL, interrupt_later, db), 0);
        int rc = import_code(db, "import_small");
        pthread_join(thread, NULL);
        if (rc != SQLITE_ROW && rc != SQLITE_INTERRUPT)
            fail_msg("%d %s", rc, sqlite3_errmsg(db));
        complete(db);
        harness_close(db);
    }
}

/* ---- somebody else between two transactions --------------------------------------------------- */

typedef struct meddler {
    const char *sql; /* what it runs once a part of the file has been committed */
    sqlite3 *db;     /* its own connection */
    bool is_done;
} meddler;

/* A commit was made in a database with a WAL, and no lock is held. */
static int meddle(void *context, sqlite3 *db, const char *name, int n_pages)
{
    meddler *m = context;
    (void)db, (void)name, (void)n_pages;
    char *some = harness_query(m->db, "SELECT count(*) > 0 FROM cloudtrail");
    if (strcmp(some, "1") == 0 && !m->is_done) {
        m->is_done = true;
        harness_exec(m->db, m->sql);
    }
    free(some);
    return SQLITE_OK;
}

/* Another import takes on the file that is half read, or another connection keeps the lock: nothing is
 * there twice, and nothing is missing when the import has been called again. */
static void test_import_with_others_between_its_transactions(void **state)
{
    enum { N = 1000 };
    (void)state;
    char *logs = sqlite3_mprintf("%s", logs_write_lines("half/half.json", 0, N, 1000));
    char *take_over = sqlite3_mprintf("SELECT cloudtrail_import(%Q)", logs);
    const char *const does[] = {take_over, "BEGIN IMMEDIATE"};
    for (int i = 0; i < 2; i++) {
        char *path = sqlite3_mprintf("%s/meddled-%d.db", temp_dir(), i);
        sqlite3 *db = imports_open(path);
        harness_exec(db, "PRAGMA journal_mode = WAL; SELECT cloudtrail_init()");
        meddler m = {does[i], imports_open(path), false};
        sqlite3_wal_hook(db, meddle, &m);
        char *sql = sqlite3_mprintf("SELECT json_type(import_small(%Q))", logs);
        assert_query(db, sql, i == 0 ? "object" : "error: cloudtrail_import(): database is locked");
        sqlite3_free(sql);
        assert_true(m.is_done);
        if (i == 1)
            harness_exec(m.db, "ROLLBACK");
        sqlite3_wal_hook(db, NULL, NULL);
        free(imports_run(db, "import_small", logs));
        assert_query(db, "SELECT count(*), count(DISTINCT eventID) FROM cloudtrail", "1000|1000");
        assert_query(db, "SELECT records, problems, complete FROM cloudtrail_file", "1000|0|1");
        imports_check(db);
        harness_close(m.db);
        harness_close(db);
        sqlite3_free(path);
    }
    sqlite3_free(take_over);
    sqlite3_free(logs);
}

static int refuse_commit(void *context)
{
    (void)context;
    return 1;
}

/* The host refuses a commit, the user's trigger a row: the import says so, and is whole later. */
static void test_import_refused_by_hook_or_trigger(void **state)
{
    (void)state;
    char *logs = sqlite3_mprintf("%s", logs_write_lines("refused/r.json", 0, 400, 3000));
    sqlite3 *db = imports_open_ready();
    char *sql = sqlite3_mprintf("SELECT cloudtrail_import(%Q)", logs);
    sqlite3_commit_hook(db, refuse_commit, NULL);
    assert_query(db, sql, "error: cloudtrail_import(): constraint failed");
    sqlite3_commit_hook(db, NULL, NULL);
    harness_exec(db, "CREATE TRIGGER mine BEFORE INSERT ON cloudtrail WHEN NEW.eventID = 'id-50'"
                     " BEGIN SELECT RAISE(ABORT, 'not this one'); END");
    assert_query(db, sql, "error: cloudtrail_import(): not this one");
    assert_query(db, "SELECT count(*) FROM cloudtrail; DROP TRIGGER mine", "0");
    free(imports_run(db, "cloudtrail_import", logs));
    assert_query(db, "SELECT count(*) FROM cloudtrail", "400");
    imports_check(db);
    sqlite3_free(sql);
    sqlite3_free(logs);
    harness_close(db);
}

/* In the caller's transaction SQLite may roll all of it back, or leave it to the caller. */
static void test_import_interrupted_in_the_callers_transaction(void **state)
{
    (void)state;
    bool interrupted = true;
    int n_left = 0, n_rolled_back = 0;
    for (int n = 1; interrupted; n = (int)harness_next(n, 3)) {
        sqlite3 *db = imports_open(":memory:");
        assert_query(db, "CREATE TABLE mine (x); BEGIN; INSERT INTO mine VALUES (1)", "");
        interrupts_after(db, INTERRUPT_BY_CALL, n);
        int rc = import_code(db, "import_small");
        interrupted = interrupts_end(db);
        if (rc == SQLITE_INTERRUPT) {
            if (sqlite3_get_autocommit(db)) {
                n_rolled_back++;
            } else {
                n_left++;
                assert_query(db, "ROLLBACK", "");
            }
            assert_query(db, "SELECT group_concat(name) FROM sqlite_master", "mine");
            assert_query(db, "SELECT count(*) FROM mine", "0");
        } else {
            assert_int_equal(rc, SQLITE_ROW);
            assert_query(db, "COMMIT", "");
        }
        complete(db);
        harness_close(db);
    }
    assert_true(n_left > 0 && n_rolled_back > 0);
}

/* ---- the caller's transaction --------------------------------------------------------------- */

static void test_import_in_the_callers_transaction(void **state)
{
    (void)state;
    sqlite3 *db = imports_open(fresh_database("transaction.db"));
    assert_query(db,
                 "CREATE TABLE mine (x); PRAGMA cache_size = 77; BEGIN;"
                 "INSERT INTO mine VALUES (1)",
                 "");
    char *got = imports_run(db, "import_small", logs());
    assert_non_null(strstr(got, "\"events\":1275"));
    assert_non_null(strstr(got, "\"note\":\"inside your transaction: COMMIT keeps it\""));
    free(got);
    assert_int_equal(sqlite3_get_autocommit(db), 0);
    assert_query(db, "SELECT count(*) FROM cloudtrail", "1275");
    assert_query(db, "ROLLBACK; SELECT group_concat(name) FROM sqlite_master", "mine");
    assert_query(db, "SELECT count(*) FROM mine", "0");

    assert_query(db, "BEGIN; INSERT INTO mine VALUES (2)", "");
    free(imports_run(db, "cloudtrail_import", logs()));
    assert_query(db, "COMMIT; SELECT x FROM mine; PRAGMA cache_size", "2\n77");
    complete(db);

    /* An error takes back the import and nothing else. */
    assert_query(db, "BEGIN; INSERT INTO mine VALUES (3)", "");
    assert_query(db, "SELECT cloudtrail_import('no/such')",
                 "error: cloudtrail_import(): no/such: no such file or folder");
    assert_query(db, "COMMIT; SELECT x FROM mine", "2\n3");
    complete(db);
    harness_close(db);
}

static void test_import_inside_a_statement_that_writes_is_refused(void **state)
{
    (void)state;
    static const char *const statements[] = {
        "INSERT INTO t SELECT cloudtrail_import(%Q)",
        "INSERT INTO t VALUES (cloudtrail_import(%Q))",
        "UPDATE t SET x = cloudtrail_import(%Q)",
        "CREATE TABLE made AS SELECT cloudtrail_import(%Q)",
        "CREATE TEMP TABLE made AS SELECT cloudtrail_import(%Q)",
        "INSERT INTO temp.s SELECT cloudtrail_import(%Q)",
        "BEGIN; INSERT INTO t SELECT cloudtrail_import(%Q)",
        "BEGIN; CREATE TEMP TABLE made AS SELECT cloudtrail_import(%Q)",
    };
    for (size_t i = 0; i < sizeof statements / sizeof statements[0]; i++) {
        sqlite3 *db = imports_open(":memory:");
        assert_query(db, "CREATE TABLE t (x); INSERT INTO t VALUES (1); CREATE TEMP TABLE s (x)",
                     "");
        char *sql = sqlite3_mprintf(statements[i], logs());
        assert_query(db, sql,
                     "error: cloudtrail_import(): call it from a plain SELECT, not from INSERT or"
                     " CREATE TABLE AS");
        sqlite3_free(sql);
        assert_query(db, "SELECT group_concat(name) FROM main.sqlite_master", "t");
        if (!sqlite3_get_autocommit(db))
            assert_query(db, "ROLLBACK", "");
        complete(db);
        harness_close(db);
    }
}

/* For each row of a table, while that table is being read. */
static void test_import_for_each_row_of_a_table(void **state)
{
    (void)state;
    (void)logs();
    sqlite3 *db = imports_open(fresh_database("rows.db"));
    assert_query(db, "CREATE TABLE folder (pattern TEXT)", "");
    char *sql = sqlite3_mprintf("INSERT INTO folder VALUES ('%s/0*.gz'), ('%s/l*'), ('%s')", logs(),
                                logs(), logs());
    assert_query(db, sql, "");
    sqlite3_free(sql);
    assert_query(
        db,
        "SELECT json_remove(import_small(pattern), '$.database', '$.seconds',"
        " '$.duplicates', '$.problems', '$.ignored', '$.conflicts', '$.notes') FROM folder",
        "{\"files\":10,\"skipped\":0,\"events\":204}\n"
        "{\"files\":3,\"skipped\":0,\"events\":1071}\n"
        "{\"files\":0,\"skipped\":13,\"events\":0}");
    complete(db);
    harness_close(db);
}

/* ---- other connections ---------------------------------------------------------------------- */

static void assert_refused(sqlite3 *db, const char *function, int code, const char *error)
{
    assert_int_equal(import_code(db, function), code);
    assert_string_equal(sqlite3_errmsg(db), error);
    assert_true(sqlite3_get_autocommit(db));
}

static void test_import_locked_database_is_an_error(void **state)
{
    (void)state;
    static const char *const locks[] = {"BEGIN IMMEDIATE", "BEGIN EXCLUSIVE"};
    static const char *const modes[] = {"delete", "wal"};
    for (int i = 0; i < 4; i++) {
        const char *path = fresh_database("locked.db");
        sqlite3 *db = imports_open(path), *other = imports_open(path);
        assert_query(db, "PRAGMA cache_size = 99", "");
        char *sql = sqlite3_mprintf("PRAGMA journal_mode = %s; CREATE TABLE t (x); %s",
                                    modes[i / 2], locks[i % 2]);
        assert_query(other, sql, modes[i / 2]);
        sqlite3_free(sql);
        assert_refused(db, "cloudtrail_import", SQLITE_BUSY,
                       "cloudtrail_import(): database is locked");
        assert_query(other, "COMMIT", "");
        assert_query(db, "PRAGMA cache_size", "99");
        complete(db);
        harness_close(db);
        harness_close(other);
    }
}

/* A reader keeps a commit from getting through: the batch is lost, nothing else. */
static void test_import_beside_a_reader(void **state)
{
    (void)state;
    const char *path = fresh_database("reader.db");
    sqlite3 *db = imports_open(path), *other = imports_open(path);
    assert_query(db, "CREATE TABLE t (x); INSERT INTO t VALUES (1), (2)", "");
    sqlite3_stmt *reading;
    assert_int_equal(sqlite3_prepare_v2(other, "SELECT x FROM t", -1, &reading, NULL), SQLITE_OK);
    assert_int_equal(sqlite3_step(reading), SQLITE_ROW);
    assert_refused(db, "import_small", SQLITE_BUSY, "cloudtrail_import(): database is locked");
    assert_query(db, "SELECT group_concat(name) FROM sqlite_master", "t");
    sqlite3_finalize(reading);
    complete(db);
    /* In WAL mode a reader does not matter, and sees what was there when it began. */
    harness_close(db);
    path = fresh_database("reader_wal.db");
    db = imports_open(path);
    sqlite3_close(other);
    other = imports_open(path);
    assert_query(db, "PRAGMA journal_mode = wal; CREATE TABLE t (x); INSERT INTO t VALUES (1), (2)",
                 "wal");
    assert_query(other, "BEGIN; SELECT count(*) FROM sqlite_master", "1");
    complete(db);
    assert_query(other, "SELECT count(*) FROM sqlite_master; COMMIT", "1");
    assert_query(other, "SELECT count(*) FROM cloudtrail; PRAGMA journal_mode", "1275\nwal");
    harness_close(db);
    harness_close(other);
}

/* Two processes import the same folder into one database, step by step between each other. */
static void two_at_once(const char *journal_mode, int n_times)
{
    for (int i = 0; i < n_times; i++) {
        const char *path = fresh_database("two.db");
        sqlite3 *db = imports_open(path);
        char *sql = sqlite3_mprintf("PRAGMA journal_mode = %s; SELECT cloudtrail_init() IS NULL",
                                    journal_mode);
        free(harness_query(db, sql));
        sqlite3_free(sql);
        harness_close(db);
        fflush(NULL);
        pid_t children[2];
        for (int k = 0; k < 2; k++) {
            children[k] = fork();
            if (children[k] == 0) {
                db = imports_open(path);
                sqlite3_exec(db, "PRAGMA synchronous = OFF", NULL, NULL, NULL);
                sqlite3_busy_timeout(db, 30000);
                int rc = import_code(db, "import_small");
                if (rc != SQLITE_ROW)
                    fprintf(stderr, "%d: %s\n", rc, sqlite3_errmsg(db));
                _exit(rc == SQLITE_ROW ? 0 : 1);
            }
        }
        for (int k = 0; k < 2; k++) {
            int status;
            assert_int_equal(waitpid(children[k], &status, 0), children[k]);
            assert_int_equal(status, 0);
        }
        db = imports_open(path);
        imports_check(db);
        assert_query(db, "SELECT count(*), min(complete) FROM cloudtrail_file", "13|1");
        complete(db);
        harness_close(db);
    }
}

static void test_import_two_at_once(void **state)
{
    (void)state;
    two_at_once("delete", harness_extent(5, 1));
    two_at_once("wal", harness_extent(5, 1));
}

static void test_import_read_only_database_is_an_error(void **state)
{
    (void)state;
    const char *path = fresh_database("read_only.db");
    sqlite3 *db = imports_open(path);
    complete(db);
    harness_close(db);
    db = imports_open(path);
    assert_query(db, "PRAGMA query_only = ON", "");
    assert_refused(db, "cloudtrail_import", SQLITE_READONLY,
                   "cloudtrail_import(): attempt to write a readonly database");
    assert_query(db, "PRAGMA query_only = OFF", "");
    complete(db);
    harness_close(db);
}

/* ---- disk ----------------------------------------------------------------------------------- */

/* Of a database with all tables and views, and no event. */
static int pages_of_empty_database(void)
{
    sqlite3 *db = imports_open(fresh_database("full.db"));
    harness_exec(db, "PRAGMA page_size = 4096; SELECT cloudtrail_init()");
    char *text = harness_query(db, "PRAGMA page_count");
    int n = (int)strtol(text, NULL, 10);
    free(text);
    harness_close(db);
    return n;
}

static void test_import_full_database_is_an_error(void **state)
{
    (void)state;
    /* full while the tables are made, and, by steps that begin small anew, while they are filled */
    int n_half = 0, n_empty = pages_of_empty_database();
    for (int pages = 1; pages < n_empty + 200;
         pages += 1 + (pages > n_empty ? pages - n_empty : pages) / harness_extent(5, 2)) {
        sqlite3 *db = imports_open(fresh_database("full.db"));
        char *sql = sqlite3_mprintf("PRAGMA synchronous = OFF; PRAGMA page_size = 4096;"
                                    "CREATE TABLE t (x); PRAGMA cache_size = 55;"
                                    "PRAGMA max_page_count = %d",
                                    pages < 2 ? 2 : pages);
        free(harness_query(db, sql));
        sqlite3_free(sql);
        assert_refused(db, "import_small", SQLITE_FULL,
                       "cloudtrail_import(): database or disk is full");
        assert_query(db, "PRAGMA cache_size; PRAGMA integrity_check", "55\nok");
        char *rows = harness_query(db, "SELECT count(*) FROM cloudtrail");
        n_half += strtol(rows, NULL, 10) > 0;
        free(rows);
        free(harness_query(db, "PRAGMA max_page_count = 100000"));
        complete(db);
        harness_close(db);
    }
    assert_true(n_half > harness_extent(5, 2));
}

/* As on a full disk: the file cannot grow any more, in the middle of a write. */
static void test_import_full_disk_is_an_error(void **state)
{
    (void)state;
    (void)undisturbed();
    for (rlim_t limit = 20000; limit < 1000000; limit = (rlim_t)harness_next((long)limit, 3)) {
        const char *path = fresh_database("disk.db");
        fflush(NULL);
        pid_t child = fork();
        if (child == 0) {
            signal(SIGXFSZ, SIG_IGN);
            setrlimit(RLIMIT_FSIZE, &(struct rlimit){limit, limit});
            sqlite3 *db = imports_open(path);
            sqlite3_exec(db, "PRAGMA synchronous = OFF", NULL, NULL, NULL);
            int rc = import_code(db, "import_small") & 0xFF;
            bool is_said = rc == SQLITE_IOERR || rc == SQLITE_FULL;
            bool is_closed = sqlite3_get_autocommit(db);
            sqlite3_close(db);
            _exit(!is_said ? 1 : !is_closed ? 2 : 0);
        }
        int status;
        assert_int_equal(waitpid(child, &status, 0), child);
        assert_int_equal(status, 0);
        sqlite3 *db = imports_open(path);
        complete(db);
        harness_close(db);
    }
}

/* ---- the user's settings -------------------------------------------------------------------- */

static void test_import_sets_the_page_size_of_a_new_database_only(void **state)
{
    (void)state;
    static const struct {
        const char *before, *after;
    } cases[] = {
        {"SELECT 1", "16384"},
        {"PRAGMA page_size = 4096; CREATE TABLE t (x)", "4096"},
        {"PRAGMA page_size = 4096; PRAGMA journal_mode = wal", "4096"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        sqlite3 *db = imports_open(fresh_database("pages.db"));
        free(harness_query(db, cases[i].before));
        complete(db);
        assert_query(db, "PRAGMA page_size", cases[i].after);
        harness_close(db);
    }
}

static void test_import_leaves_the_settings_alone(void **state)
{
    (void)state;
    static const char settings[] =
        "PRAGMA cache_size; PRAGMA synchronous; PRAGMA journal_mode; PRAGMA temp_store;"
        "PRAGMA locking_mode; PRAGMA user_version; PRAGMA application_id; PRAGMA foreign_keys;"
        "PRAGMA auto_vacuum; PRAGMA busy_timeout";
    static const char *const cases[] = {
        "SELECT 1",
        ("PRAGMA cache_size = -4321; PRAGMA synchronous = EXTRA; PRAGMA user_version = 99;"
         "PRAGMA application_id = 12; PRAGMA foreign_keys = ON; PRAGMA temp_store = MEMORY"),
        "PRAGMA journal_mode = wal; PRAGMA cache_size = 123; PRAGMA synchronous = NORMAL",
        "PRAGMA journal_mode = persist; PRAGMA synchronous = OFF; PRAGMA cache_size = 7",
        "PRAGMA auto_vacuum = FULL; PRAGMA locking_mode = EXCLUSIVE; CREATE TABLE t (x)",
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        sqlite3 *db = imports_open(fresh_database("settings.db"));
        free(harness_query(db, cases[i]));
        char *before = harness_query(db, settings);
        assert_query(db, "SELECT cloudtrail_import('no/such')",
                     "error: cloudtrail_import(): no/such: no such file or folder");
        assert_query(db, settings, before);
        complete(db);
        assert_query(db, settings, before);
        free(before);
        harness_close(db);
    }
}

/* ---- memory --------------------------------------------------------------------------------- */

static void test_import_no_memory_is_said(void **state)
{
    (void)state;
    logs_write("oom/a.json.gz", 1, 3);
    ct_buf text = CT_BUF_EMPTY;
    logs_put_record(&text, 2, "");
    ct_buf_put_char(&text, '\n');
    logs_put_record(&text, 3, ",\"errorCode\":\"AccessDenied\"");
    ct_buf_put_text(&text, "\n{bad}\n");
    logs_put_record(&text, 4, ",\"x\":1,\"y\":2");
    ct_buf_put_char(&text, '\n');
    logs_put_record(&text, 4, ",\"y\":2,\"x\":1"); /* says the same */
    temp_write("oom/b.json", text.data, text.len);
    ct_buf_free(&text);
    char *sql = sqlite3_mprintf("SELECT json_remove(cloudtrail_import(%Q), '$.seconds', '$.notes')",
                                temp_path("oom"));
    static const char expected[] = "{\"database\":\":memory:\",\"files\":2,\"skipped\":0,"
                                   "\"ignored\":0,\"events\":4,\"duplicates\":2,"
                                   "\"problems\":1,\"conflicts\":1}";
    harness_oom_samples(NULL, sql, expected);
    sql = sqlite3_mprintf(
        "%z; SELECT json_valid(text) FROM cloudtrail_problem ORDER BY recordNumber, message", sql);
    char *and_texts = sqlite3_mprintf("%s\n1\n0", expected);
    harness_oom_places("SELECT cloudtrail_init()", sql, and_texts);
    sqlite3_free(and_texts);
    sqlite3_free(sql);
}

/* A name that is no UTF-8 is escaped in a database that keeps UTF-16; the file was read
 * before, and has changed. */
static void test_import_no_memory_for_an_odd_name_is_said(void **state)
{
    (void)state;
    logs_write("oom16/\377.json.gz", 1, 1);
    char *sql =
        sqlite3_mprintf("PRAGMA encoding; SELECT json_extract(cloudtrail_import(%Q), '$.problems');"
                        "SELECT count(*) FROM cloudtrail_file; SELECT count(*) FROM cloudtrail",
                        temp_path("oom16"));
    char *setup = sqlite3_mprintf("PRAGMA encoding = 'UTF-16le'; SELECT cloudtrail_import(%Q);"
                                  "UPDATE cloudtrail_file SET size = 0",
                                  temp_path("oom16"));
    harness_oom_places(setup, sql, "UTF-16le\n0\n1\n1");
    sqlite3_free(setup);
    sqlite3_free(sql);
}

/* A row of the console's CSV, which a record that disagrees takes the place of. */
static void test_import_no_memory_for_a_row_and_its_record_is_said(void **state)
{
    static const char row[] =
        "User name,AWS access key,Event time,Event source,Event name,AWS region,Source IP address,"
        "User agent,Error code,Resources,Request ID,Event ID,Read-only,Event type,"
        "Recipient Account Id,Event category\n"
        "al,AKIA1,2024-05-14T09:05:12Z,iam.amazonaws.com,ListUsers,us-east-1,192.0.2.1,aws-cli,"
        "AccessDenied,[],r1,e1,true,AwsApiCall,111122223333,Management\n";
    static const char record[] =
        "{\"eventVersion\":\"1.08\",\"userIdentity\":{\"type\":\"IAMUser\",\"userName\":\"al\"},"
        "\"eventTime\":\"2024-05-14T09:05:12Z\",\"eventSource\":\"iam.amazonaws.com\","
        "\"eventName\":\"ListUsers\",\"eventID\":\"e1\",\"requestParameters\":{\"maxItems\":5}}\n";
    (void)state;
    char *setup =
        sqlite3_mprintf("SELECT cloudtrail_import(%Q)", temp_write("row.csv", row, strlen(row)));
    char *sql = sqlite3_mprintf("SELECT json_extract(cloudtrail_import(%Q), '$.replaced');"
                                "SELECT requestParameters FROM cloudtrail;"
                                "SELECT kind, json_extract(text, '$.errorCode')"
                                " FROM cloudtrail_problem",
                                temp_write("record.json", record, strlen(record)));
    harness_oom_places(setup, sql, "1\n{\"maxItems\":5}\nconflict|AccessDenied");
    sqlite3_free(setup);
    sqlite3_free(sql);
}

static void test_record_no_memory_is_said(void **state)
{
    (void)state;
    sqlite3 *db = harness_open_ready();
    harness_exec(db, "INSERT INTO cloudtrail (eventTime, eventID, extra, fileID, recordNumber)"
                     " VALUES ('2024-05-14T01:00:00Z', 'a', '{\"x\":1}', 1, 1)");
    harness_oom_query(db, "SELECT json FROM cloudtrail_record");
    harness_close(db);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_import_killed_at_any_moment_goes_on),
        cmocka_unit_test(test_import_interrupted_leaves_no_transaction),
        cmocka_unit_test(test_import_interrupted_from_another_thread),
        cmocka_unit_test(test_import_interrupted_in_the_callers_transaction),
        cmocka_unit_test(test_import_with_others_between_its_transactions),
        cmocka_unit_test(test_import_refused_by_hook_or_trigger),
        cmocka_unit_test(test_import_in_the_callers_transaction),
        cmocka_unit_test(test_import_inside_a_statement_that_writes_is_refused),
        cmocka_unit_test(test_import_for_each_row_of_a_table),
        cmocka_unit_test(test_import_locked_database_is_an_error),
        cmocka_unit_test(test_import_beside_a_reader),
        cmocka_unit_test(test_import_two_at_once),
        cmocka_unit_test(test_import_read_only_database_is_an_error),
        cmocka_unit_test(test_import_full_database_is_an_error),
        cmocka_unit_test(test_import_full_disk_is_an_error),
        cmocka_unit_test(test_import_sets_the_page_size_of_a_new_database_only),
        cmocka_unit_test(test_import_leaves_the_settings_alone),
        cmocka_unit_test(test_import_no_memory_is_said),
        cmocka_unit_test(test_import_no_memory_for_an_odd_name_is_said),
        cmocka_unit_test(test_import_no_memory_for_a_row_and_its_record_is_said),
        cmocka_unit_test(test_record_no_memory_is_said),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
