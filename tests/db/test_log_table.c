/*
 * The table function cloudtrail_log(): its columns against JSON1, its parameters, what it says of
 * files it cannot read, joins, early ends, and want of memory.
 */
#include "harness.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "expected.h"
#include "faulty_mem.h"
#include "gz.h"
#include "log/log.h"
#include "logs.h"
#include "temp.h"

/* Runs one query made by sqlite3_mprintf. */
#define assert_log(db, expected, ...)                                                              \
    do {                                                                                           \
        char *sql_ = sqlite3_mprintf(__VA_ARGS__);                                                 \
        assert_query(db, sql_, expected);                                                          \
        sqlite3_free(sql_);                                                                        \
    } while (0)

/* The error's text with the temp folder written as TMP. */
static void assert_error(sqlite3 *db, const char *expected, const char *sql)
{
    char *got = harness_query(db, sql);
    char *folder = realpath(temp_dir(), NULL);
    ct_buf text = CT_BUF_EMPTY;
    const char *rest = got;
    for (char *hit; (hit = strstr(rest, folder)) != NULL; rest = hit + strlen(folder)) {
        ct_buf_put(&text, rest, (size_t)(hit - rest));
        ct_buf_put_text(&text, "TMP");
    }
    ct_buf_put(&text, rest, strlen(rest) + 1);
    if (strcmp(text.data, expected) != 0)
        fail_msg("%s\n  expected: %s\n  got:      %s", sql, expected, text.data);
    ct_buf_free(&text);
    free(folder);
    free(got);
}

static void assert_errorf(sqlite3 *db, const char *expected, const char *format, const char *path)
{
    char *sql = sqlite3_mprintf(format, path);
    assert_error(db, expected, sql);
    sqlite3_free(sql);
}

/* ---- columns -------------------------------------------------------------------------------- */

/* Every column of every record of these files equals what JSON1 finds there. */
static void compare_with_json1(const char *folder, int n_expected)
{
    sqlite3 *db = harness_open();
    expected_load(db, folder);
    assert_log(db, "1", "SELECT count(*) >= %d FROM expected", n_expected);
    char *absolute = realpath(folder, NULL);
    assert_log(db, "", "CREATE TEMP TABLE got AS SELECT * FROM cloudtrail_log(%Q, 'skip')",
               absolute);
    free(absolute);
    assert_query(db, "CREATE UNIQUE INDEX temp.got_record ON got (file, recordNumber)", "");

    /* The same records ... */
    assert_query(db,
                 "SELECT file, number FROM expected WHERE time IS NOT NULL EXCEPT"
                 " SELECT file, recordNumber FROM got",
                 "");
    assert_query(db,
                 "SELECT file, recordNumber FROM got WHERE file IN"
                 " (SELECT file FROM expected_file WHERE n IS NOT NULL)"
                 " EXCEPT SELECT file, number FROM expected WHERE time IS NOT NULL",
                 "");
    /* ... with the same text ... */
    assert_query(db,
                 "SELECT e.file, e.number, e.json, g.json FROM expected e JOIN got g"
                 " ON g.file = e.file AND g.recordNumber = e.number WHERE g.json <> e.json",
                 "");
    /* ... and in each column what json_extract() gives. */
    sqlite3_stmt *columns;
    assert_int_equal(
        sqlite3_prepare_v2(db, "SELECT name, kind, path FROM expected_column", -1, &columns, NULL),
        SQLITE_OK);
    int n = 0;
    while (sqlite3_step(columns) == SQLITE_ROW) {
        const char *name = (const char *)sqlite3_column_text(columns, 0);
        char *value = expected_value((const char *)sqlite3_column_text(columns, 1),
                                     (const char *)sqlite3_column_text(columns, 2));
        assert_log(db, "",
                   "SELECT e.file, e.number, g.%s, %s FROM expected e JOIN got g"
                   " ON g.file = e.file AND g.recordNumber = e.number WHERE g.%s IS NOT %s",
                   name, value, name, value);
        sqlite3_free(value);
        n++;
    }
    sqlite3_finalize(columns);
    assert_int_equal(n, CT_N_COLUMNS - 1);
    harness_close(db);
}

static void test_log_columns_equal_json1_on_the_sample(void **state)
{
    (void)state;
    compare_with_json1("data/sample", 2074);
}

static void test_log_columns_equal_json1_on_real_logs(void **state)
{
    (void)state;
    if (!harness_shared()) {
        printf("skipped: the real logs (../shared/data) are not there\n");
        skip();
    }
    if (harness_is_long())
        compare_with_json1("../shared/data", 5000);
    else
        compare_with_json1("../shared/data/stratus-red-team", 300);
}

/* A query gets the columns it names, whatever others there are: each alone equals all together. */
static void test_log_single_columns_equal_all(void **state)
{
    (void)state;
    sqlite3 *db = harness_open();
    const char *path = "data/sample/AWSLogs/111122223333/CloudTrail/eu-west-1";
    assert_log(db, "", "CREATE TEMP TABLE every AS SELECT rowid AS row, * FROM cloudtrail_log(%Q)",
               path);
    for (int i = 0; i < CT_N_COLUMNS; i++)
        assert_log(db, "0",
                   "SELECT count(*) FROM (SELECT rowid AS row, %s FROM cloudtrail_log(%Q)) a"
                   " JOIN every b USING (row) WHERE a.%s IS NOT b.%s",
                   ct_column_name((ct_column)i), path, ct_column_name((ct_column)i),
                   ct_column_name((ct_column)i));
    assert_log(db, "1", "SELECT count(*) = (SELECT count(*) FROM every) FROM cloudtrail_log(%Q)",
               path);
    harness_close(db);
}

static void test_log_hidden_columns_are_the_parameters(void **state)
{
    (void)state;
    const char *path = logs_write("hidden.json", 1, 2);
    sqlite3 *db = harness_open();
    assert_query(db, "SELECT count(*) FROM pragma_table_xinfo('cloudtrail_log') WHERE hidden = 1",
                 "3");
    assert_query(db,
                 "SELECT group_concat(name) FROM (SELECT name FROM"
                 " pragma_table_xinfo('cloudtrail_log') ORDER BY cid DESC LIMIT 6)",
                 "agent_contains,on_error,path,json,file,recordNumber");
    assert_log(db, "1|1|fail\n2|1|fail",
               "SELECT recordNumber, path = %Q, on_error FROM cloudtrail_log(%Q)", path, path);
    assert_log(db, "skip", "SELECT on_error FROM cloudtrail_log(%Q, 'skip') LIMIT 1", path);
    assert_log(db, "2", "SELECT count(*) FROM cloudtrail_log WHERE path = %Q", path);
    assert_log(db, "4", "SELECT count(*) FROM cloudtrail_log WHERE path IN (%Q, %Q)", path,
               logs_write("hidden2.json", 1, 2));
    assert_log(db, "0", "SELECT count(*) FROM cloudtrail_log(%Q) WHERE path = 'another'", path);
    harness_close(db);
}

/* ---- parameters and errors ------------------------------------------------------------------ */

static void test_log_parameters_are_checked(void **state)
{
    (void)state;
    sqlite3 *db = harness_open();
    (void)mkdir(temp_path("empty"), 0777);
    (void)mkdir(temp_path("empty/below"), 0777);
    logs_write("one.json", 1, 1);
    static const struct {
        const char *parameters, *error;
    } cases[] = {
        {"", "a path is needed: cloudtrail_log('logs/')"},
        {"(NULL)", "a path is needed: cloudtrail_log('logs/')"},
        {"('')", "the path is empty"},
        {"('no/such/folder')", "no/such/folder: no such file or folder"},
        {"('no/such/*.gz')", "no/such/*.gz: no file fits the pattern"},
        {"('~/logs')", "~/logs: SQL does not expand ~, write the folder's full path"},
        {"('s3://trail/AWSLogs')", "this reads files, not buckets; fetch them first:"
                                   " aws s3 sync s3://trail/AWSLogs logs/ --exclude '*' --include "
                                   "'*/CloudTrail*/*' --include 'CloudTrail*/*'"},
        {"('data', 'ignore')", "on_error must be 'fail' or 'skip', not 'ignore'"},
        {"('data', 'SKIP')", "on_error must be 'fail' or 'skip', not 'SKIP'"},
        {"('data', NULL)", "on_error must be 'fail' or 'skip', not NULL"},
        {"('data', 1)", "on_error must be 'fail' or 'skip', not 1"},
        {"('data', char(10) || 'x')", "on_error must be 'fail' or 'skip', not '\xEF\xBF\xBDx'"},
        {"('data', 'skip', 'x', 4)", NULL},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        char *sql = sqlite3_mprintf("SELECT count(*) FROM cloudtrail_log%s", cases[i].parameters);
        char *error = sqlite3_mprintf("error: cloudtrail_log(): %s", cases[i].error);
        assert_query(db, sql,
                     cases[i].error ? error
                                    : "error: too many arguments on cloudtrail_log()"
                                      " - max 3");
        sqlite3_free(error);
        sqlite3_free(sql);
    }
    const char *empty = temp_path("empty");
    char *error = sqlite3_mprintf("error: cloudtrail_log(): %s: no file in this folder", empty);
    assert_log(db, error, "SELECT * FROM cloudtrail_log(%Q)", empty);
    assert_log(db, error, "SELECT * FROM cloudtrail_log(%Q, 'skip')", empty);
    sqlite3_free(error);
    assert_log(db, "1", "SELECT count(*) FROM cloudtrail_log(%Q, 'fail')", temp_path("one.json"));
    assert_query(db, "CREATE VIRTUAL TABLE v USING cloudtrail_log('x')",
                 "error: no such module: cloudtrail_log");
    harness_close(db);
}

/* A path has no NUL byte; what stands behind one must not be dropped in silence. */
static void test_log_numbers_and_blobs_are_paths(void **state)
{
    (void)state;
    sqlite3 *db = harness_open();
    assert_query(db, "SELECT * FROM cloudtrail_log(17)",
                 "error: cloudtrail_log(): 17: no such file or folder");
    assert_query(db, "SELECT * FROM cloudtrail_log(x'6e6f')",
                 "error: cloudtrail_log(): no: no such file or folder");
    harness_close(db);
}

typedef struct damage {
    const char *name, *text;
    const char *error;  /* behind the path */
    const char *n_rows; /* with 'skip' */
} damage;

#define RECORD(id)                                                                                 \
    "{\"eventTime\":\"2024-05-14T09:05:00Z\",\"eventName\":\"X\",\"eventID\":\"" id "\"}"

static void test_log_damaged_files_fail_or_are_skipped(void **state)
{
    (void)state;
    static const damage cases[] = {
        {"cut.json", "{\"Records\":[" RECORD("a") ",{\"eventTime\":\"2024",
         "record 2, byte 97: the file ends inside this record", "1"},
        {"cut_list.json", "{\"Records\":[" RECORD("a"),
         "byte 78: the file ends before its list of records does", "1"},
        {"bad.json", "{\"Records\":[" RECORD("a") ",{\"eventTime\":tru}," RECORD("c") "]}",
         "record 2, byte 92: a value is expected", "2"},
        {"no_time.json", "{\"eventName\":\"X\"}\n" RECORD("b") "\n",
         "record 1, byte 0: no eventTime", "1"},
        {"bad_time.json", "{\"eventName\":\"X\",\"eventTime\":\"yesterday\"}",
         "record 1, byte 0: eventTime is no date and time", "0"},
        {"other.txt", "Dear diary,\n", "byte 0: is no CloudTrail log", "0"},
        {"number.json", "[" RECORD("b") ",1]", "record 2, byte 68: a record must be an object",
         "1"},
        {"comma.json", "[" RECORD("a") ",]", "byte 68: a comma stands before the end of a list",
         "1"},
    };
    sqlite3 *db = harness_open();
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        const char *path = temp_write(cases[i].name, cases[i].text, strlen(cases[i].text));
        char *error =
            sqlite3_mprintf("error: cloudtrail_log(): TMP/%s: %s", cases[i].name, cases[i].error);
        assert_errorf(db, error, "SELECT count(*) FROM cloudtrail_log(%Q)", path);
        sqlite3_free(error);
        assert_log(db, cases[i].n_rows, "SELECT count(*) FROM cloudtrail_log(%Q, 'skip')", path);
    }
    /* What stands before the damage was handed out: a query that ends there knows nothing of it. */
    assert_log(db, "a", "SELECT eventID FROM cloudtrail_log(%Q) LIMIT 1", temp_path("cut.json"));
    harness_close(db);
}

static void test_log_truncated_gzip_fails_or_gives_what_is_whole(void **state)
{
    (void)state;
    ct_buf text = CT_BUF_EMPTY, packed = CT_BUF_EMPTY;
    for (int i = 0; i < 1000; i++) {
        logs_put_record(&text, i, "");
        ct_buf_put_char(&text, '\n');
    }
    gz_put(&packed, text.data, text.len);
    const char *path = temp_write("cut.gz", packed.data, packed.len / 2);
    sqlite3 *db = harness_open();
    char *sql = sqlite3_mprintf("SELECT count(*) FROM cloudtrail_log(%Q)", path);
    char *got = harness_query(db, sql);
    assert_non_null(strstr(got, "cut.gz: "));
    assert_non_null(strstr(got, "the gzip data ends early"));
    free(got);
    sqlite3_free(sql);
    assert_log(db, "1",
               "SELECT count(*) BETWEEN 100 AND 900 AND max(eventID = 'id-0') FROM"
               " cloudtrail_log(%Q, 'skip')",
               path);
    assert_log(db, "0", "SELECT count(*) FROM cloudtrail_log(%Q)",
               temp_write("nothing.json", "", 0));
    ct_buf_clear(&packed);
    gz_put(&packed, "", 0);
    assert_log(db, "0", "SELECT count(*) FROM cloudtrail_log(%Q)",
               temp_write("nothing.gz", packed.data, packed.len));
    ct_buf_free(&text);
    ct_buf_free(&packed);
    harness_close(db);
}

static void test_log_odd_things_in_a_folder_are_named(void **state)
{
    (void)state;
    logs_write("odd/b.json", 1, 3);
    assert_int_equal(mkfifo(temp_path("odd/c_fifo"), 0600), 0);
    assert_int_equal(symlink("/dev/zero", temp_path("odd/d_device")), 0);
    assert_int_equal(symlink(".", temp_path("odd/e_up")), 0);
    assert_int_equal(symlink("f_self", temp_path("odd/f_self")), 0);
    assert_int_equal(symlink("nowhere", temp_path("odd/g_dangling")), 0);
    sqlite3 *db = harness_open();
    assert_log(db, "3",
               "SELECT count(*) FROM cloudtrail_log(%Q, 'skip') WHERE file LIKE '%%/b.json'",
               temp_path("odd"));
    static const char *const names[][2] = {
        {"c_fifo", "is no regular file"},
        {"d_device", "is no regular file"},
        {"e_up", "is a link back to a folder above it"},
        {"f_self", "is a link that leads to itself"},
        {"g_dangling", "no such file or folder"},
    };
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        char error[256], name[64];
        snprintf(error, sizeof error, "error: cloudtrail_log(): TMP/odd/%s: %s", names[i][0],
                 names[i][1]);
        assert_errorf(db, error, "SELECT count(*) FROM cloudtrail_log(%Q)", temp_path("odd"));
        snprintf(name, sizeof name, "odd/%s", names[i][0]);
        assert_int_equal(unlink(temp_path(name)), 0);
    }
    assert_log(db, "3", "SELECT count(*) FROM cloudtrail_log(%Q)", temp_path("odd"));
    harness_close(db);
}

/* ---- databases ------------------------------------------------------------------------------ */

/* Whether another process would find a lock on the file. Not asked by SQLite: its locks, too, would
 * be ours in a child of this process. */
static bool is_locked(const char *path)
{
    fflush(NULL);
    pid_t child = fork();
    if (child == 0) {
        struct flock lock = {.l_type = F_WRLCK, .l_whence = SEEK_SET};
        int fd = open(path, O_RDWR);
        _exit(fd < 0 || fcntl(fd, F_GETLK, &lock) != 0 ? 2 : lock.l_type != F_UNLCK);
    }
    int status;
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_true(WIFEXITED(status) && WEXITSTATUS(status) < 2);
    return WEXITSTATUS(status) == 1;
}

static void begin_to_write(sqlite3 *db, const char *journal_mode)
{
    harness_exec_and_free(db, sqlite3_mprintf("PRAGMA journal_mode = %s;"
                                              "CREATE TABLE t AS SELECT zeroblob(5000) AS x;"
                                              "BEGIN IMMEDIATE; INSERT INTO t VALUES (1)",
                                              journal_mode));
}

/* POSIX locks go when any descriptor of the file is closed: reading it would let others write. */
static void lose_no_lock(const char *folder, const char *journal_mode)
{
    char name[64], database[1024], shm[1040], wal[1040];
    snprintf(name, sizeof name, "%s/b.json", folder);
    logs_write(name, 1, 3);
    snprintf(name, sizeof name, "%s/trail.db", folder);
    snprintf(database, sizeof database, "%s", temp_path(name));
    snprintf(shm, sizeof shm, "%s-shm", database);
    snprintf(wal, sizeof wal, "%s-wal", database);
    bool is_wal = strcmp(journal_mode, "wal") == 0;
    sqlite3 *db = harness_open_file(database), *other = harness_open();
    begin_to_write(db, journal_mode);
    assert_true(is_locked(database));

    /* Its own database is no log ... */
    assert_log(db, "3", "SELECT count(*) FROM cloudtrail_log(%Q)", temp_path(folder));
    const char *const names[] = {database, wal};
    for (int i = 0; i < 1 + is_wal; i++) {
        char error[128];
        snprintf(error, sizeof error,
                 "error: cloudtrail_log(): TMP/%s/trail.db%s a database that is open", folder,
                 i == 0 ? ": is" : "-wal: belongs to");
        assert_errorf(db, error, "SELECT * FROM cloudtrail_log(%Q)", names[i]);
    }
    assert_true(is_locked(database));
    assert_true(!is_wal || is_locked(shm));
    /* ... and that of another connection is named. */
    assert_log(other, "3", "SELECT count(*) FROM cloudtrail_log(%Q, 'skip')", temp_path(folder));
    assert_true(is_locked(database));
    assert_true(!is_wal || is_locked(shm));
    char error[128];
    snprintf(error, sizeof error, "error: cloudtrail_log(): TMP/%s/trail.db: is a database",
             folder);
    assert_errorf(other, error, "SELECT count(*) FROM cloudtrail_log(%Q)", temp_path(folder));
    assert_errorf(other, error, "SELECT * FROM cloudtrail_log(%Q)", database);
    harness_exec(db, "COMMIT");
    harness_close(db);
    harness_close(other);
}

static void test_log_databases_are_not_opened(void **state)
{
    (void)state;
    lose_no_lock("rollback", "delete");
    lose_no_lock("ahead", "wal");
}

static void test_log_attached_databases_are_not_opened(void **state)
{
    (void)state;
    logs_write("attached/b.json", 1, 3);
    char path[1024];
    snprintf(path, sizeof path, "%s", temp_path("attached/a.db"));
    assert_int_equal(symlink("attached/a.db", temp_path("link.db")), 0);
    sqlite3 *db = harness_open();
    harness_exec_and_free(db, sqlite3_mprintf("ATTACH %Q AS a; CREATE TABLE a.t (x);"
                                              "BEGIN; INSERT INTO a.t VALUES (1)",
                                              temp_path("link.db")));
    assert_true(is_locked(path));
    assert_log(db, "3", "SELECT count(*) FROM cloudtrail_log(%Q)", temp_path("attached"));
    assert_true(is_locked(path));
    harness_exec(db, "COMMIT");
    harness_close(db);
}

/* ---- joins, plans, early ends --------------------------------------------------------------- */

static void assert_plan(sqlite3 *db, const char *sql, const char *expected)
{
    if (sqlite3_libversion_number() < 3036000)
        return; /* it described plans in other words */
    char *explain = sqlite3_mprintf("EXPLAIN QUERY PLAN %s", sql);
    sqlite3_stmt *stmt;
    assert_int_equal(sqlite3_prepare_v2(db, explain, -1, &stmt, NULL), SQLITE_OK);
    char plan[512] = "";
    while (sqlite3_step(stmt) == SQLITE_ROW) {
        size_t n = strlen(plan);
        snprintf(plan + n, sizeof plan - n, "%s%s", n ? "; " : "",
                 (const char *)sqlite3_column_text(stmt, 3));
    }
    assert_string_equal(plan, expected);
    sqlite3_finalize(stmt);
    sqlite3_free(explain);
}

static void test_log_path_from_another_table(void **state)
{
    (void)state;
    sqlite3 *db = harness_open();
    assert_query(db, "CREATE TEMP TABLE t (path TEXT, what TEXT)", "");
    for (int i = 1; i <= 3; i++) {
        char name[32];
        snprintf(name, sizeof name, "join/%d.json.gz", i);
        assert_log(db, "", "INSERT INTO t VALUES (%Q, 'file %d')", logs_write(name, i * 100, i), i);
    }
    assert_query(db,
                 "SELECT what, count(*), min(eventID) FROM t, cloudtrail_log(t.path) GROUP BY what",
                 "file 1|1|id-100\nfile 2|2|id-200\nfile 3|3|id-300");
    assert_query(db,
                 "SELECT what, count(*) FROM cloudtrail_log l JOIN t ON l.path = t.path GROUP BY 1",
                 "file 1|1\nfile 2|2\nfile 3|3");
    assert_query(db, "SELECT what, (SELECT count(*) FROM cloudtrail_log(t.path, 'skip')) FROM t",
                 "file 1|1\nfile 2|2\nfile 3|3");
    /* Two at once, on the same files. */
    assert_query(db,
                 "SELECT count(*) FROM t, cloudtrail_log(t.path) a, cloudtrail_log(t.path) b"
                 " WHERE a.eventID = b.eventID",
                 "6");
    /* The scan of the table is the outer loop, whichever comes first in FROM. */
    assert_plan(db, "SELECT * FROM cloudtrail_log l JOIN t ON l.path = t.path",
                "SCAN t; SCAN l VIRTUAL TABLE INDEX 1:3fffffffffff");
    harness_close(db);
}

static void test_log_plan_asks_for_the_columns_used(void **state)
{
    (void)state;
    sqlite3 *db = harness_open();
    assert_plan(db, "SELECT eventID, file FROM cloudtrail_log('x')",
                "SCAN cloudtrail_log VIRTUAL TABLE INDEX 1:280000000002");
    assert_plan(db, "SELECT count(*) FROM cloudtrail_log('x', 'skip')",
                "SCAN cloudtrail_log VIRTUAL TABLE INDEX 3:600000000000");
    harness_close(db);
}

static void test_log_limit_ends_early(void **state)
{
    (void)state;
    for (int i = 0; i < 40; i++) {
        char name[32];
        snprintf(name, sizeof name, "many/%02d.json.gz", i);
        logs_write(name, i * 100, 100);
    }
    logs_write_lines("large/a.json", 0, 4000, 1500);
    temp_write("large/b.json", "garbage", 7);
    sqlite3 *db = harness_open();
    for (int n = 1; n < 4000; n = n * 2 + 1) { /* the second thread is at different places */
        char expected[32];
        snprintf(expected, sizeof expected, "%d", n);
        assert_log(db, expected, "SELECT count(*) FROM (SELECT 1 FROM cloudtrail_log(%Q) LIMIT %d)",
                   temp_path("many"), n);
        assert_log(db, expected,
                   "SELECT count(*) FROM (SELECT json FROM cloudtrail_log(%Q) LIMIT %d)",
                   temp_path("large"), n);
    }
    /* A statement left in the middle and run anew. */
    char *sql = sqlite3_mprintf("SELECT eventID FROM cloudtrail_log(%Q)", temp_path("many"));
    sqlite3_stmt *stmt;
    assert_int_equal(sqlite3_prepare_v2(db, sql, -1, &stmt, NULL), SQLITE_OK);
    for (int i = 0; i < 20; i++) {
        for (int k = 0; k <= i * 7; k++)
            assert_int_equal(sqlite3_step(stmt), SQLITE_ROW);
        char id[32];
        snprintf(id, sizeof id, "id-%d", i * 7);
        assert_string_equal(sqlite3_column_text(stmt, 0), id);
        sqlite3_reset(stmt);
    }
    sqlite3_finalize(stmt);
    sqlite3_free(sql);
    harness_close(db);
}

static void test_log_rows_come_in_the_order_of_paths(void **state)
{
    (void)state;
    sqlite3 *db = harness_open();
    assert_log(db, "1|4000|0",
               "SELECT min(ok), count(*), sum(rowid <> want) FROM (SELECT rowid,"
               " row_number() OVER () AS want, file >= lag(file, 1, '') OVER () AS ok"
               " FROM cloudtrail_log(%Q))",
               temp_path("many"));
    harness_close(db);
}

/* ---- safety --------------------------------------------------------------------------------- */

static void test_log_only_where_the_user_typed_it(void **state)
{
    (void)state;
    const char *path = logs_write("direct.json", 1, 2);
    sqlite3 *db = harness_open();
    sqlite3_db_config(db, SQLITE_DBCONFIG_TRUSTED_SCHEMA, 1, NULL);
    assert_log(db, "", "CREATE VIEW stored AS SELECT eventID FROM cloudtrail_log(%Q)", path);
    assert_query(db, "SELECT * FROM stored",
                 "error: unsafe use of virtual table \"cloudtrail_log\"");
    assert_query(db, "CREATE TABLE t (x)", "");
    assert_log(db, "",
               "CREATE TRIGGER tr AFTER INSERT ON t BEGIN"
               " UPDATE t SET x = (SELECT count(*) FROM cloudtrail_log WHERE path = %Q); END",
               path);
    assert_query(db, "INSERT INTO t VALUES (1)",
                 "error: unsafe use of virtual table \"cloudtrail_log\"");
    assert_log(db, "", "CREATE TEMP VIEW mine AS SELECT eventID FROM cloudtrail_log(%Q)", path);
    assert_query(db, "SELECT * FROM mine", "id-1\nid-2");
    sqlite3_db_config(db, SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0, NULL);
    assert_query(db, "SELECT * FROM mine", "id-1\nid-2");
    harness_close(db);
}

/* ---- standard input ------------------------------------------------------------------------- */

/* A child whose standard input is the text; false when what the query gives is not as expected. */
static void assert_from_stdin(const char *text, size_t n, const char *sql, const char *expected)
{
    int pipe_ends[2];
    assert_int_equal(pipe(pipe_ends), 0);
    fflush(NULL);
    pid_t child = fork();
    if (child == 0) {
        dup2(pipe_ends[0], STDIN_FILENO);
        close(pipe_ends[0]);
        close(pipe_ends[1]);
        sqlite3 *db = harness_open();
        char *got = harness_query(db, sql);
        bool as_expected = strcmp(got, expected) == 0;
        if (!as_expected)
            fprintf(stderr, "%s\n  expected: %s\n  got:      %s\n", sql, expected, got);
        free(got);
        harness_close(db);
        _exit(as_expected ? 0 : 1);
    }
    close(pipe_ends[0]);
    for (size_t done = 0; done < n;) {
        ssize_t written = write(pipe_ends[1], text + done, n - done);
        if (written <= 0)
            break;
        done += (size_t)written;
    }
    close(pipe_ends[1]);
    int status;
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_int_equal(status, 0);
}

static void test_log_reads_standard_input(void **state)
{
    (void)state;
    ct_buf text = CT_BUF_EMPTY, packed = CT_BUF_EMPTY;
    for (int i = 0; i < 5000; i++) {
        logs_put_record(&text, i, "");
        ct_buf_put_char(&text, '\n');
    }
    gz_put(&packed, text.data, text.len);
    assert_from_stdin(text.data, text.len,
                      "SELECT count(*), max(recordNumber), min(file) FROM cloudtrail_log('-')",
                      "5000|5000|-");
    assert_from_stdin(packed.data, packed.len,
                      "SELECT count(*), min(file) FROM cloudtrail_log('/dev/stdin')",
                      "5000|/dev/stdin");
    assert_from_stdin("", 0, "SELECT count(*) FROM cloudtrail_log('-')", "0");
    ct_buf_free(&text);
    ct_buf_free(&packed);
}

/* The shell, as a user has it at the end of a pipe. */
static void test_log_in_the_shell_on_a_pipe(void **state)
{
    (void)state;
    const char *extension = getenv("CT_EXTENSION");
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
    extension = NULL; /* the shell is built without the sanitizer that the file needs */
#endif
    if (!extension || system("command -v sqlite3 >/dev/null") != 0) {
        printf("skipped: no sqlite3 shell, or an extension it cannot load\n");
        skip();
    }
    const char *path = logs_write("piped.json.gz", 1, 300);
    char *command = sqlite3_mprintf("cat '%s' | sqlite3 -cmd '.load %s' :memory:"
                                    " \"SELECT count(*), min(eventID) FROM cloudtrail_log('-');\"",
                                    path, extension);
    FILE *shell = popen(command, "r");
    char line[256] = "";
    assert_non_null(fgets(line, sizeof line, shell));
    assert_string_equal(line, "300|id-1\n");
    assert_int_equal(pclose(shell), 0);
    sqlite3_free(command);
}

/* ---- want of memory ------------------------------------------------------------------------- */

static void test_log_no_memory_is_said(void **state)
{
    (void)state;
    char *sql = sqlite3_mprintf("SELECT eventID, userIdentityUserName, json, file FROM"
                                " cloudtrail_log(%Q)",
                                logs_write("oom/a.json.gz", 1, 2));
    sqlite3 *db = harness_open();
    char *expected = harness_query(db, sql);
    harness_close(db);
    harness_oom_sweep(NULL, sql, expected);
    free(expected);
    sqlite3_free(sql);

    sql = sqlite3_mprintf("SELECT count(*) FROM cloudtrail_log(%Q, 'skip')",
                          temp_write("oom/b.json", "{\"eventTime\":", 13));
    harness_oom_sweep(NULL, sql, "0");
    sqlite3_free(sql);
}

/* A log beside a database, which is told from one by opening it; and beside the connection's own. */
static void test_log_no_memory_for_databases_is_said(void **state)
{
    (void)state;
    logs_write("oom_databases/a.json.gz", 1, 2);
    sqlite3 *db = harness_open_file(temp_path("oom_databases/other.db"));
    harness_exec(db, "CREATE TABLE t (x)");
    harness_close(db);
    db = harness_open_file(temp_path("oom_databases/own.db"));
    harness_exec(db, "CREATE TABLE t (x)");
    char *sql =
        sqlite3_mprintf("SELECT eventID FROM cloudtrail_log(%Q)", temp_path("oom_databases"));
    harness_oom_query(db, sql); /* it says that the other one is a database */
    sqlite3_free(sql);
    harness_close(db);
}

/* Memory may run out in the thread that reads ahead, too. */
static void test_log_no_memory_in_either_thread_is_said(void **state)
{
    (void)state;
    for (int i = 0; i < 5; i++) {
        char name[32];
        snprintf(name, sizeof name, "oom_threads/%d.json", i);
        logs_write(name, i * 100, 100);
    }
    sqlite3 *db = harness_open();
    char *sql = sqlite3_mprintf("SELECT count(*), sum(length(json)) > 0, min(eventID) FROM"
                                " cloudtrail_log(%Q)",
                                temp_path("oom_threads"));
    long refused = 1;
    for (long n = 0; refused > 0; n++) {
        (void)ct_mem_fail_after_in_all(n);
        sqlite3_stmt *stmt = NULL;
        int rc = sqlite3_prepare_v2(db, sql, -1, &stmt, NULL);
        if (rc == SQLITE_OK)
            rc = sqlite3_step(stmt);
        int n_rows = rc == SQLITE_ROW ? sqlite3_column_int(stmt, 0) : 0;
        sqlite3_finalize(stmt);
        refused = ct_mem_fail_after_in_all(-1);
        if (rc != SQLITE_NOMEM || refused == 0) {
            assert_int_equal(rc, SQLITE_ROW);
            assert_int_equal(n_rows, 500);
        }
    }
    sqlite3_free(sql);
    harness_close(db);
}

/* A column that says something else than its field is left to SQLite. */
static void test_log_like_pattern_on_event_time_is_for_the_time_in_utc(void **state)
{
    static const char log[] = "{\"eventType\":\"T\",\"eventTime\":\"2024-05-01T23:30:00-02:00\"}\n"
                              "{\"eventType\":\"T\",\"@timestamp\":\"2024-05-02T01:30:00Z\"}\n"
                              "{\"eventType\":\"T\",\"eventTime\":\"2024-05-02T01:30:00.123Z\"}\n"
                              "{\"eventType\":\"T\",\"eventTime\":\"2024-05-01T01:30:00Z\"}\n";
    (void)state;
    sqlite3 *db = harness_open();
    assert_log(db, "3",
               "SELECT count(*) FROM cloudtrail_log(%Q) WHERE eventTime LIKE '%%-02T01:30:00Z%%'",
               temp_write("like_time.json", log, sizeof log - 1));
    harness_close(db);
}

/* What the reader leaves out is what LIKE would: rows and rowids. */
static void test_log_agent_contains_gives_the_rows_and_rowids_of_like(void **state)
{
    static const char *const parts[] = {
        "aws-cli",
        "AWS-CLI",
        "cli/",
        "q",
        "\\",
        "-",
        "/2",
        "i/",
        "-cli-",
        "12",
        "ull",
        "caf\xC3\xA9",
        "\xE2\x84\xAA a",
        "no such agent",
    };
    static const char log[] =
        "{\"eventType\":\"T\",\"eventTime\":\"2024-05-01T10:00:00Z\",\"userAgent\":\"AWS-CLI/2\"}\n"
        "{\"eventType\":\"T\",\"eventTime\":\"2024-05-01T10:00:01Z\",\"userAgent\":\"\\u0061ws-"
        "cli\"}\n"
        "{\"eventType\":\"T\",\"eventTime\":\"2024-05-01T10:00:02Z\",\"userAgent\":\"caf\xC3\xA9 "
        "q\\\\\"}\n"
        "{\"eventType\":\"T\",\"eventTime\":\"2024-05-01T10:00:03Z\",\"userAgent\":12}\n"
        "{\"eventType\":\"T\",\"eventTime\":\"2024-05-01T10:00:04Z\",\"userAgent\":null}\n"
        "{\"eventType\":\"T\",\"eventTime\":\"2024-05-01T10:00:05Z\"}\n"
        "{\"eventType\":\"T\",\"eventTime\":\"2024-05-01T10:00:05Z\",\"userAgent\":\"a-b "
        "aws-cl-aws-cli\"}\n"
        "{\"eventType\":\"T\",\"eventTime\":\"2024-05-01T10:00:05Z\",\"userAgent\":\"-\"}\n"
        "{\"eventType\":\"T\",\"eventTime\":\"2024-05-01T10:00:06Z\",\"userAgent\":\"\xE2\x84\xAA "
        "aws-cl\"}\n";
    (void)state;
    sqlite3 *db = harness_open();
    const char *paths[] = {temp_write("like.json", log, sizeof log - 1), "data/sample"};
    for (size_t p = 0; p < 2; p++) {
        for (size_t i = 0; i < sizeof parts / sizeof parts[0]; i++) {
            char *sql = sqlite3_mprintf(
                "WITH f AS (SELECT rowid AS r, userAgent FROM cloudtrail_log(%Q, 'fail', %Q)),"
                " g AS (SELECT rowid AS r, userAgent FROM cloudtrail_log(%Q)"
                "       WHERE userAgent LIKE '%%' || %Q || '%%')"
                "SELECT (SELECT count(*) FROM f) - (SELECT count(*) FROM g),"
                " (SELECT count(*) FROM (SELECT * FROM f EXCEPT SELECT * FROM g))",
                paths[p], parts[i], paths[p], parts[i]);
            assert_query(db, sql, "0|0");
            sqlite3_free(sql);
        }
    }
    assert_query(db, "SELECT count(*) > 100 FROM cloudtrail_log('data/sample', 'fail', 'aws-cli')",
                 "1");
    assert_query(db,
                 "SELECT (SELECT count(*) FROM cloudtrail_log('data/sample', 'fail', NULL)),"
                 " (SELECT count(*) FROM cloudtrail_log('data/sample', 'fail', ''))",
                 "2077|2077");
    assert_query(db,
                 "SELECT DISTINCT agent_contains, on_error"
                 " FROM cloudtrail_log('data/sample', 'skip', 'AWS-CLI')",
                 "AWS-CLI|skip");
    harness_close(db);
}

/* A condition of an outer join is none on the rows of the table before it: some versions of SQLite
 * offered it as one. */
static void test_log_like_in_an_outer_join_keeps_all_rows(void **state)
{
    (void)state;
    sqlite3 *db = harness_open();
    assert_query(db,
                 "CREATE TEMP TABLE copy AS SELECT * FROM cloudtrail_log('data/sample');"
                 "CREATE TEMP TABLE seen (name); INSERT INTO seen VALUES ('ListUsers');"
                 "SELECT (SELECT count(*) FROM cloudtrail_log('data/sample') AS l"
                 "          LEFT JOIN seen ON l.userAgent LIKE '%aws-cli%' AND name = l.eventName)"
                 " - (SELECT count(*) FROM copy AS l"
                 "      LEFT JOIN seen ON l.userAgent LIKE '%aws-cli%' AND name = l.eventName)",
                 "0");
    harness_close(db);
}

static void interrupt(sqlite3_context *context, int argc, sqlite3_value **argv)
{
    (void)argc, (void)argv;
    sqlite3_interrupt(sqlite3_context_db_handle(context));
    sqlite3_result_text(context, "x", 1, SQLITE_STATIC);
}

/* Before the next files are read, which would fail here. */
static void test_log_interrupt_ends_the_reading(void **state)
{
    (void)state;
    sqlite3 *db = harness_open();
    const char *path = temp_write("broken.json", "{broken", 7);
    assert_int_equal(
        sqlite3_create_function(db, "interrupt", 0, SQLITE_UTF8, NULL, interrupt, NULL, NULL),
        SQLITE_OK);
    char *sql =
        sqlite3_mprintf("SELECT count(*) FROM cloudtrail_log(%Q, 'fail', interrupt())", path);
    assert_query(db, sql, "error: interrupted");
    sqlite3_free(sql);
    harness_close(db);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_log_columns_equal_json1_on_the_sample),
        cmocka_unit_test(test_log_columns_equal_json1_on_real_logs),
        cmocka_unit_test(test_log_single_columns_equal_all),
        cmocka_unit_test(test_log_hidden_columns_are_the_parameters),
        cmocka_unit_test(test_log_parameters_are_checked),
        cmocka_unit_test(test_log_numbers_and_blobs_are_paths),
        cmocka_unit_test(test_log_damaged_files_fail_or_are_skipped),
        cmocka_unit_test(test_log_truncated_gzip_fails_or_gives_what_is_whole),
        cmocka_unit_test(test_log_odd_things_in_a_folder_are_named),
        cmocka_unit_test(test_log_databases_are_not_opened),
        cmocka_unit_test(test_log_attached_databases_are_not_opened),
        cmocka_unit_test(test_log_path_from_another_table),
        cmocka_unit_test(test_log_plan_asks_for_the_columns_used),
        cmocka_unit_test(test_log_limit_ends_early),
        cmocka_unit_test(test_log_rows_come_in_the_order_of_paths),
        cmocka_unit_test(test_log_only_where_the_user_typed_it),
        cmocka_unit_test(test_log_reads_standard_input),
        cmocka_unit_test(test_log_in_the_shell_on_a_pipe),
        cmocka_unit_test(test_log_no_memory_is_said),
        cmocka_unit_test(test_log_no_memory_for_databases_is_said),
        cmocka_unit_test(test_log_no_memory_in_either_thread_is_said),
        cmocka_unit_test(test_log_like_pattern_on_event_time_is_for_the_time_in_utc),
        cmocka_unit_test(test_log_agent_contains_gives_the_rows_and_rowids_of_like),
        cmocka_unit_test(test_log_like_in_an_outer_join_keeps_all_rows),
        cmocka_unit_test(test_log_interrupt_ends_the_reading),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
