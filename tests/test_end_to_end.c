/*
 * The whole road, from files to the table and back, against SQLite's JSON1 reading the same files.
 * What each module does is tested by itself; here nothing may get lost between them. Kills and
 * interrupts: test_import_safety.c.
 */
#include "harness.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "corpus.h"
#include "gz.h"
#include "temp.h"

#define RECORD(id)                                                                                 \
    "{\"eventVersion\":\"1.08\",\"eventTime\":\"2024-05-01T10:00:00Z\",\"eventName\":"             \
    "\"ListUsers\","                                                                               \
    "\"eventID\":\"" id "\"}"

/* ---- every record is accounted for ---------------------------------------------------------- */

static void bind(sqlite3_stmt *stmt, int i, const char *p, size_t n)
{
    sqlite3_bind_text(stmt, i, p, (int)n, SQLITE_TRANSIENT);
}

static int run(sqlite3_stmt *stmt)
{
    (void)sqlite3_step(stmt);
    int rc = sqlite3_reset(stmt);
    sqlite3_clear_bindings(stmt);
    return rc;
}

/* The connection, and statements that put a file's records into the table `original`. */
typedef struct reading {
    sqlite3 *db;
    sqlite3_stmt *whole, *line;
} reading;

static const char whole_sql[] =
    "INSERT INTO original SELECT ?1, row_number() OVER (ORDER BY key), value FROM ("
    "SELECT key, value FROM json_each(CASE WHEN json_type(?2) = 'array' THEN ?2"
    " ELSE coalesce(json_extract(?2, '$.Records'), json_array(json(?2))) END))";

/* Reads a file with JSON1 alone: a document in one of three forms, else line by line. */
static void read_original(const char *path, const ct_buf *bytes, void *arg)
{
    reading *r = arg;
    char real[4096];
    const char *name = realpath(path, real) ? real : path;
    bind(r->whole, 1, name, strlen(name));
    bind(r->whole, 2, bytes->data, bytes->len);
    if (run(r->whole) == SQLITE_OK)
        return;
    int number = 0;
    const char *end = bytes->data + bytes->len;
    for (const char *p = bytes->data; p < end;) {
        const char *newline = memchr(p, '\n', (size_t)(end - p));
        const char *stop = newline ? newline : end;
        bind(r->line, 1, name, strlen(name));
        sqlite3_bind_int(r->line, 2, ++number);
        bind(r->line, 3, p, (size_t)(stop - p));
        if (*p != '{' || run(r->line) != SQLITE_OK)
            return; /* another form: the tests of reader.c have those */
        p = stop + 1;
    }
}

static void test_import_real_logs_every_record_is_accounted_for(void **state)
{
    (void)state;
    sqlite3 *db = harness_open();
    reading r = {.db = db};
    sqlite3_exec(db, "CREATE TABLE original (path, number, json)", NULL, NULL, NULL);
    assert_int_equal(sqlite3_prepare_v2(db, whole_sql, -1, &r.whole, NULL), SQLITE_OK);
    assert_int_equal(sqlite3_prepare_v2(db,
                                        "INSERT INTO original SELECT ?1, ?2, json(?3)"
                                        " WHERE json_type(?3) = 'object'",
                                        -1, &r.line, NULL),
                     SQLITE_OK);
    bool has_logs = corpus_each(read_original, &r);
    sqlite3_finalize(r.whole);
    sqlite3_finalize(r.line);
    if (!has_logs) {
        harness_close(db);
        skip();
    }
    /* Wrapped records (detail, CloudTrailEvent ...) count as one each; only bare
     * ones are compared. */
    assert_query(db, "SELECT count(*) > 5000 FROM original", "1");
    assert_query(db, "SELECT json_extract(cloudtrail_import('../shared/data'), '$.events') > 5000",
                 "1");
    assert_query(db,
                 "SELECT o.path, count(*), f.records FROM original AS o"
                 " LEFT JOIN cloudtrail_file AS f USING (path)"
                 " WHERE path NOT LIKE '%/bad_cloudtrail.json' AND path NOT LIKE '%/samples-large%'"
                 " GROUP BY path HAVING count(*) IS NOT f.records",
                 "");
    /* A row, a counted duplicate, or a problem that cost the record: nothing else. */
    assert_query(
        db,
        "SELECT path, records, events, duplicates FROM cloudtrail_file AS f"
        " WHERE records <> events + duplicates"
        "   + (SELECT count(*) FROM cloudtrail_problem AS p WHERE p.fileID = f.fileID"
        "      AND p.recordNumber IS NOT NULL AND NOT EXISTS (SELECT 1 FROM cloudtrail AS c"
        "      WHERE c.fileID = p.fileID AND c.recordNumber = p.recordNumber))",
        "");
    assert_query(db,
                 "SELECT f.path FROM cloudtrail_file AS f WHERE f.events <>"
                 " (SELECT count(*) FROM cloudtrail AS c WHERE c.fileID = f.fileID)",
                 "");
    /* And each row gives its record back, leaf by leaf, but for nulls. */
    sqlite3_exec(db,
                 "CREATE INDEX original_place ON original (path, number);"
                 "CREATE TABLE pair AS SELECT o.json AS a, r.json AS b FROM original AS o"
                 " JOIN cloudtrail_file AS f USING (path) JOIN cloudtrail_record AS r"
                 " ON r.fileID = f.fileID AND r.recordNumber = o.number"
                 " WHERE json_extract(o.json, '$.eventName') IS NOT NULL",
                 NULL, NULL, NULL);
    assert_query(db, "SELECT count(*) > 5000 FROM pair", "1");
    assert_query(db,
                 "SELECT a FROM pair WHERE EXISTS ("
                 " SELECT fullkey, type, atom FROM json_tree(a) WHERE type <> 'null'"
                 " EXCEPT SELECT fullkey, type, atom FROM json_tree(b)) OR EXISTS ("
                 " SELECT fullkey, type, atom FROM json_tree(b)"
                 " EXCEPT SELECT fullkey, type, atom FROM json_tree(a))",
                 "");
    harness_close(db);
}

/* ---- what a user gets wrong ----------------------------------------------------------------- */

static void assert_log_and_problem(const char *path, const char *log, const char *events,
                                   const char *problems)
{
    sqlite3 *db = harness_open();
    char sql[512], expected[512];
    snprintf(sql, sizeof sql, "SELECT count(*) FROM cloudtrail_log('%s')", path);
    snprintf(expected, sizeof expected, log, path);
    assert_query(db, sql, expected);
    snprintf(sql, sizeof sql, "SELECT json_extract(cloudtrail_import('%s'), '$.events')", path);
    assert_query(db, sql, events);
    assert_query(db, "SELECT recordNumber, byteOffset, message FROM cloudtrail_problem", problems);
    harness_close(db);
}

/* The second of three records is broken at that byte. */
static void assert_fault(const char *path, size_t byte, const char *message)
{
    char log[300], problem[200];
    snprintf(log, sizeof log, "error: cloudtrail_log(): %%s: record 2, byte %zu: %s", byte,
             message);
    snprintf(problem, sizeof problem, "2|%zu|%s", byte, message);
    assert_log_and_problem(path, log, "2", problem);
}

static void test_files_damaged_give_rows_or_one_clear_error(void **state)
{
    (void)state;
    static const char two[] = "{\"Records\":[" RECORD("a") "," RECORD("b") "]}";
    const size_t first = strlen("{\"Records\":["), record = strlen(RECORD("a"));
    ct_buf gz = CT_BUF_EMPTY;
    gz_put_stored(&gz, two, sizeof two - 1); /* byte i of the text is byte 15 + i of the file */
    char problem[200];

    /* cut in the second record: the first one is there */
    const char *cut = temp_write("cut.gz", gz.data, 15 + first + record + 10);
    snprintf(problem, sizeof problem, "2|%zu|the gzip data ends early", first + record + 10);
    char log[300];
    snprintf(log, sizeof log,
             "error: cloudtrail_log(): %%s: record 2, byte %zu: the gzip data ends early",
             first + record + 10);
    assert_log_and_problem(cut, log, "1", problem);
    ct_buf_free(&gz);

    const size_t second = 2 + record; /* behind `[`, the first record and a comma */
    static const char bad[] = "[" RECORD("a") ",{\"eventID\":nul}," RECORD("c") "]";
    assert_fault(temp_write("bad.json", bad, sizeof bad - 1), second + strlen("{\"eventID\":"),
                 "a value is expected");
    static const char nul[] = "[" RECORD("a") ",{\"eventID\":\"x\0y\"}," RECORD("c") "]";
    assert_fault(temp_write("nul.json", nul, sizeof nul - 1), second + strlen("{\"eventID\":\"x"),
                 "control character in a string");

    assert_log_and_problem(temp_write("empty.json", "", 0), "0", "0", "");
    assert_log_and_problem(temp_write("a.txt", "hello\nworld\n", 12),
                           "error: cloudtrail_log(): %s: byte 0: is no CloudTrail log", "0",
                           "NULL|0|is no CloudTrail log");
}

static void test_files_large_record_and_odd_bytes_are_rows(void **state)
{
    (void)state;
    ct_buf text = CT_BUF_EMPTY;
    ct_buf_put_text(&text, "{\"eventType\":\"T\",\"eventTime\":\"2024-05-01T10:00:00Z\","
                           "\"eventID\":\"\xFFz\",\"userAgent\":"
                           "\"q\\u0000z\",\"requestParameters\":{\"x\":\"");
    for (int i = 0; i < 300 * 1024; i++)
        ct_buf_put_char(&text, 'x');
    ct_buf_put_text(&text, "\"}}\n");
    const char *path = temp_write("large.json", text.data, text.len);
    ct_buf_free(&text);
    sqlite3 *db = harness_open();
    char sql[300];
    snprintf(sql, sizeof sql,
             "SELECT json_extract(cloudtrail_import('%s'), '$.events', '$.problems')", path);
    assert_query(db, sql, "[1,0]");
    assert_query(db, "SELECT eventID, userAgent, length(requestParameters), extra FROM cloudtrail",
                 "\xEF\xBF\xBDz|q\xEF\xBF\xBDz|307208|"
                 "{\"userAgent\":\"q\\u0000z\",\"$bytes\":{\"eventID\":\"ff7a\"}}");
    harness_close(db);
}

static void test_paths_wrong_are_errors_and_leave_nothing(void **state)
{
    (void)state;
    sqlite3 *db = harness_open();
    mkdir(temp_path("nothing"), 0755);
    char sql[300], expected[400];
    snprintf(sql, sizeof sql, "SELECT cloudtrail_import('%s')", temp_path("nothing"));
    snprintf(expected, sizeof expected, "error: cloudtrail_import(): %s: no file in this folder",
             temp_path("nothing"));
    assert_query(db, sql, expected);
    assert_query(db, "SELECT cloudtrail_import('/no/such')",
                 "error: cloudtrail_import(): /no/such: no such file or folder");
    assert_query(db, "SELECT cloudtrail_import('~/logs')",
                 "error: cloudtrail_import(): ~/logs: SQL does not expand ~, write the folder's "
                 "full path");
    assert_query(db, "SELECT cloudtrail_import(NULL)",
                 "error: cloudtrail_import(): a path is needed: cloudtrail_import('logs/')");
    assert_query(db, "SELECT count(*) FROM sqlite_master", "0");
    harness_close(db);
}

/* ---- transactions --------------------------------------------------------------------------- */

static void test_import_from_a_writing_statement_is_refused(void **state)
{
    (void)state;
    static const char refused[] =
        "error: cloudtrail_import(): call it from a plain SELECT, not from "
        "INSERT or CREATE TABLE AS";
    sqlite3 *db = harness_open();
    sqlite3_exec(db, "CREATE TABLE t (x)", NULL, NULL, NULL);
    assert_query(db, "INSERT INTO t SELECT cloudtrail_import('data/sample')", refused);
    assert_query(db, "CREATE TABLE u AS SELECT cloudtrail_import('data/sample')", refused);
    assert_query(db, "INSERT INTO t SELECT cloudtrail_init()",
                 "error: cloudtrail_init(): call it from a plain SELECT, not from INSERT or CREATE "
                 "TABLE AS");
    assert_query(db, "SELECT group_concat(name) FROM sqlite_master", "t");
    harness_close(db);
}

static void test_import_in_a_transaction_is_the_callers(void **state)
{
    (void)state;
    sqlite3 *db = harness_open();
    assert_query(db, "BEGIN; SELECT json_extract(cloudtrail_import('data/sample'), '$.note')",
                 "inside your transaction: COMMIT keeps it");
    assert_query(db, "SELECT count(*) FROM cloudtrail; ROLLBACK", "2074");
    assert_query(db, "SELECT count(*) FROM sqlite_master", "0");
    assert_query(db, "BEGIN; SELECT cloudtrail_import('data/sample') IS NULL; COMMIT", "0");
    assert_query(db, "SELECT count(*) FROM cloudtrail", "2074");
    assert_query(db, "SELECT json_extract(cloudtrail_import('data/sample'), '$.skipped')", "98");
    harness_close(db);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_import_real_logs_every_record_is_accounted_for),
        cmocka_unit_test(test_files_damaged_give_rows_or_one_clear_error),
        cmocka_unit_test(test_files_large_record_and_odd_bytes_are_rows),
        cmocka_unit_test(test_paths_wrong_are_errors_and_leave_nothing),
        cmocka_unit_test(test_import_from_a_writing_statement_is_refused),
        cmocka_unit_test(test_import_in_a_transaction_is_the_callers),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
