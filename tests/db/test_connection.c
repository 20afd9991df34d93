/*
 * Issue 12: what a client may have set on its connection before it calls the extension, and what it
 * does while a call runs: nothing of it breaks an import, and each refusal says what to do.
 */
#include "harness.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "faulty_mem.h"
#include "imports.h"
#include "interrupts.h"
#include "logs.h"
#include "temp.h"

/* ---- PRAGMA count_changes: statements that write give a row --------------------------------- */

/* Steps a statement that must give one row. */
static void assert_one_row(sqlite3 *db, const char *sql)
{
    sqlite3_stmt *stmt;
    assert_int_equal(sqlite3_prepare_v2(db, sql, -1, &stmt, NULL), SQLITE_OK);
    assert_int_equal(sqlite3_step(stmt), SQLITE_ROW);
    assert_non_null(sqlite3_column_text(stmt, 0));
    assert_int_equal(sqlite3_step(stmt), SQLITE_DONE);
    assert_int_equal(sqlite3_finalize(stmt), SQLITE_OK);
}

static void test_issue12_count_changes_gives_one_row_a_call(void **state)
{
    (void)state;
    sqlite3 *db = harness_open();
    harness_exec(db, "PRAGMA count_changes = 1");
    assert_one_row(db, "SELECT cloudtrail_init()");
    assert_one_row(db, "SELECT cloudtrail_import('data/sample')");
    assert_one_row(db, "SELECT cloudtrail_import('data/sample')");
    assert_one_row(db, "SELECT cloudtrail_detect()");
    assert_one_row(db, "SELECT cloudtrail_hunt()");
    assert_query(db, "SELECT count(*) FROM cloudtrail", "2074");
    /* inside a transaction of the caller's, and with a conflict, a problem and a digest */
    harness_exec(db, "BEGIN");
    static const char log[] = "{\"eventTime\":broken}\n"
                              "{\"eventTime\":\"2024-05-14T09:00:00Z\",\"eventID\":\"a\"}\n"
                              "{\"eventTime\":\"2024-05-14T09:00:00Z\",\"eventID\":\"a\","
                              "\"eventName\":\"ListUsers\"}\n";
    const char *path = temp_write("changes.json", log, sizeof log - 1);
    char *sql = sqlite3_mprintf("SELECT cloudtrail_import(%Q)", path);
    assert_one_row(db, sql);
    sqlite3_free(sql);
    harness_exec(db, "COMMIT");
    imports_check(db);
    harness_close(db);
}

/* ---- SQLITE_LIMIT_LENGTH -------------------------------------------------------------------- */

static void test_issue12_record_above_the_limit_is_a_problem(void **state)
{
    (void)state;
    sqlite3 *db = harness_open();
    harness_exec(db, "SELECT cloudtrail_init()");
    ct_buf text = CT_BUF_EMPTY;
    char padding[40000];
    snprintf(padding, sizeof padding, ",\"padding\":\"%030000d\"", 0);
    logs_put_record(&text, 1, "");
    ct_buf_put_char(&text, '\n');
    logs_put_record(&text, 2, padding);
    ct_buf_put_text(&text, "\n{bad ");
    for (int i = 0; i < 3000; i++)
        ct_buf_put_text(&text, "0123456789");
    ct_buf_put_text(&text, "}\n");
    logs_put_record(&text, 3, "");
    const char *path = temp_write("limit.json", text.data, text.len);
    ct_buf_free(&text);

    sqlite3_limit(db, SQLITE_LIMIT_LENGTH, 20000);
    assert_import(db, path,
                  "\"files\":1,\"skipped\":0,\"events\":2,\"duplicates\":0,\"problems\":2");
    assert_query(db, "SELECT recordNumber, message FROM cloudtrail_problem ORDER BY recordNumber",
                 "2|larger than this connection allows (SQLITE_LIMIT_LENGTH)\n"
                 "3|a string is expected");
    assert_query(db,
                 "SELECT length(text) BETWEEN 9000 AND 10000, text LIKE '{\"padding\":\"000%'"
                 " FROM cloudtrail_problem WHERE recordNumber = 2",
                 "1|1");
    imports_check(db);
    /* no half of a character, wherever it is cut, and no more than is kept of any problem */
    for (int limit = 20000; limit <= 2700000; limit += limit < 20006 ? 2 : 1300000) {
        text = CT_BUF_EMPTY;
        ct_buf_put_text(
            &text, "{\"eventVersion\":\"1.08\",\"eventTime\":\"2024-05-01T10:00:00Z\",\"x\":\"");
        while (text.len < (size_t)limit + 100)
            ct_buf_put_text(&text, "\xE2\x82\xAC");
        ct_buf_put_text(&text, "\"}");
        path = temp_write("characters.json", text.data, text.len);
        ct_buf_free(&text);
        sqlite3_limit(db, SQLITE_LIMIT_LENGTH, limit);
        free(imports_run(db, "cloudtrail_import", path));
        sqlite3_limit(db, SQLITE_LIMIT_LENGTH, 1000000000);
        char *sql = sqlite3_mprintf(
            "SELECT message, length(CAST(text AS BLOB)) BETWEEN %d - 3 AND %d, instr(text, "
            "char(65533)),"
            " substr(text, -1) FROM cloudtrail_problem JOIN cloudtrail_file USING (fileID)"
            " WHERE path LIKE '%%/characters.json'",
            limit < 2097152 ? limit / 2 : 1048576, limit < 2097152 ? limit / 2 : 1048576);
        assert_query(db, sql,
                     "larger than this connection allows (SQLITE_LIMIT_LENGTH)|1|0|\xE2\x82\xAC");
        sqlite3_free(sql);
    }
    /* and no call ends in the words of a success */
    sqlite3_limit(db, SQLITE_LIMIT_LENGTH, 200);
    char *got = harness_query(db, "SELECT cloudtrail_import('data/sample')");
    assert_null(strstr(got, "not an error"));
    free(got);
    harness_close(db);
}

/* A digest is larger than the limit, and each of its fields is not, but for one. */
static void test_issue12_digest_above_the_limit_is_a_problem(void **state)
{
    (void)state;
    sqlite3 *db = harness_open();
    harness_exec(db, "SELECT cloudtrail_init()");
    ct_buf text = CT_BUF_EMPTY;
    ct_buf_put_text(&text, "{\"awsAccountId\":\"1\",\"digestStartTime\":\"2024-05-14T09:00:00Z\","
                           "\"digestEndTime\":\"2024-05-14T10:00:00Z\",\"digestS3Bucket\":\"b\","
                           "\"digestS3Object\":\"o\",\"logFiles\":[");
    for (int i = 0; i < 600; i++)
        ct_buf_printf(&text, "{\"s3Bucket\":\"b\",\"s3Object\":\"object%d\"},", i);
    ct_buf_put_text(&text, "{\"s3Object\":\"");
    for (int i = 0; i < 20001; i++)
        ct_buf_put_char(&text, 'x');
    ct_buf_put_text(&text, "\"}]}");
    const char *path = temp_write("digest.json", text.data, text.len);
    ct_buf_free(&text);
    sqlite3_limit(db, SQLITE_LIMIT_LENGTH, 20000);
    free(imports_run(db, "cloudtrail_import", path));
    assert_query(db, "SELECT count(*) FROM cloudtrail_digest_file", "600");
    assert_query(db, "SELECT message FROM cloudtrail_problem",
                 "larger than this connection allows (SQLITE_LIMIT_LENGTH)");
    harness_close(db);
}

/* ---- what a terminal would obey ------------------------------------------------------------- */

static const char *const no_control =
    "SELECT count(*) FROM cloudtrail_problem WHERE message GLOB '*[' || char(1) || '-' || char(31)"
    " || char(127) || '-' || char(159) || ']*'";

static void test_issue12_messages_hold_no_control_bytes(void **state)
{
    (void)state;
    sqlite3 *db = harness_open();
    static const char csv[] = "name,\x1B]0;owned\x07,\xC2\x9B"
                              "31m\n1,2,3\n4,5,6\n";
    const char *path = temp_write("esc/other.csv", csv, sizeof csv - 1);
    free(imports_run(db, "cloudtrail_import", path));
    assert_query(db, "SELECT message FROM cloudtrail_problem",
                 "is a CSV file with other columns: name,\xEF\xBF\xBD]0;owned\xEF\xBF\xBD,"
                 "\xEF\xBF\xBD"
                 "31m");
    assert_query(db, no_control, "0");
    char *sql = sqlite3_mprintf("SELECT count(*) FROM cloudtrail_log(%Q)", path);
    char *got = harness_query(db, sql);
    assert_non_null(strstr(got, "is a CSV file"));
    assert_null(strpbrk(got, "\x1B\x07\x9B"));
    free(got);
    sqlite3_free(sql);
    /* the name of a file is its sender's, too */
    path = temp_write("esc/\x1B[2Jx.json", "{bad}", 5);
    sql = sqlite3_mprintf("SELECT count(*) FROM cloudtrail_log(%Q)", path);
    got = harness_query(db, sql);
    assert_non_null(strstr(got, "[2Jx.json: "));
    assert_null(strchr(got, '\x1B'));
    free(got);
    sqlite3_free(sql);
    assert_query(db, "SELECT cloudtrail_import('no/\x1B(Bsuch')",
                 "error: cloudtrail_import(): no/\xEF\xBF\xBD(Bsuch: no such file or folder");
    assert_query(db, "SELECT * FROM cloudtrail_log('no/\x1B(Bsuch')",
                 "error: cloudtrail_log(): no/\xEF\xBF\xBD(Bsuch: no such file or folder");
    harness_close(db);
}

/* ---- interrupts and readers in the caller's transaction --------------------------------------- */

/* SQLite takes a transaction back when it interrupts a statement that writes; then there is none
 * to take back any more. */
static void assert_interrupt_says_what_is_left(const char *sql, bool *rolled_back, bool *open)
{
    bool interrupted = true;
    for (int n = 1; interrupted; n = (int)harness_next(n, 3)) {
        sqlite3 *db = imports_open(":memory:");
        harness_exec(db, "CREATE TABLE mine (x); BEGIN; INSERT INTO mine VALUES (1)");
        interrupts_after(db, INTERRUPT_BY_CALL, n);
        char *got = harness_query(db, sql);
        interrupted = interrupts_end(db);
        bool has_transaction = !sqlite3_get_autocommit(db);
        /* one word: before anything was begun, and the transaction is as it was */
        bool is_early = strstr(got, "(): interrupted") && got[strlen(got) - 1] == 'd' &&
                        !strstr(got, "transaction");
        if (is_early)
            assert_true(has_transaction);
        else if (strstr(got, "interrupted")) {
            const char *expected = has_transaction
                                       ? "interrupted inside your transaction: ROLLBACK"
                                       : "interrupted, and SQLite has rolled your transaction back";
            if (!strstr(got, expected))
                fail_msg("after %d steps, transaction %s: %s", n, has_transaction ? "open" : "gone",
                         got);
            *(has_transaction ? open : rolled_back) = true;
        }
        free(got);
        if (has_transaction)
            harness_exec(db, "ROLLBACK");
        harness_close(db);
    }
}

static void test_issue12_interrupt_in_a_transaction_says_what_is_left(void **state)
{
    (void)state;
    bool rolled_back = false, open = false;
    logs_write("interrupted.json", 1, 120);
    char *sql = sqlite3_mprintf("SELECT import_small(%Q)", temp_path("interrupted.json"));
    assert_interrupt_says_what_is_left(sql, &rolled_back, &open);
    sqlite3_free(sql);
    assert_true(rolled_back);
    assert_interrupt_says_what_is_left("SELECT cloudtrail_init()", &rolled_back, &open);
    assert_interrupt_says_what_is_left("SELECT cloudtrail_detect()", &rolled_back, &open);
    assert_interrupt_says_what_is_left("SELECT cloudtrail_hunt()", &rolled_back, &open);
}

static void test_issue12_index_to_be_made_again_under_a_reader(void **state)
{
    (void)state;
    sqlite3 *db = harness_open();
    sqlite3_extended_result_codes(db, 1); /* as JDBC has it */
    harness_exec(db, "SELECT cloudtrail_init();"
                     "DROP INDEX cloudtrail_event;"
                     "CREATE INDEX cloudtrail_event ON cloudtrail (eventTime, eventID);"
                     "CREATE TABLE mine (x); INSERT INTO mine VALUES (1), (2)");
    sqlite3_stmt *reader;
    assert_int_equal(sqlite3_prepare_v2(db, "SELECT x FROM mine", -1, &reader, NULL), SQLITE_OK);
    assert_int_equal(sqlite3_step(reader), SQLITE_ROW);
    static const char *const calls[] = {"cloudtrail_init()", "cloudtrail_import('data/sample')",
                                        "cloudtrail_detect()", "cloudtrail_hunt()"};
    for (size_t i = 0; i < sizeof calls / sizeof calls[0]; i++) {
        char *sql = sqlite3_mprintf("SELECT %s", calls[i]);
        char *got = harness_query(db, sql);
        assert_non_null(strstr(got, "an index of the table cloudtrail must be made anew, but a "
                                    "statement of this connection is reading"));
        free(got);
        sqlite3_free(sql);
    }
    sqlite3_finalize(reader);
    harness_exec(db, "SELECT cloudtrail_init()");
    harness_close(db);
}

/* ---- memory and pages ----------------------------------------------------------------------- */

/* Some 20 MB of records; the same file at each call. */
static const char *large_log(void)
{
    static char path[512];
    if (!*path)
        snprintf(path, sizeof path, "%s", logs_write_lines("large.json", 1, 12000, 1700));
    return path;
}

static const char large_summary[] =
    "\"files\":1,\"skipped\":0,\"events\":12000,\"duplicates\":0,\"problems\":0";

static void assert_import_within(sqlite3_int64 limit, size_t ballast_bytes)
{
    char *path = sqlite3_mprintf("%s", temp_path("heap.db"));
    (void)remove(path);
    sqlite3 *db = harness_open_file(path);
    void *ballast = ballast_bytes ? sqlite3_malloc64(ballast_bytes) : NULL;
    sqlite3_hard_heap_limit64(limit);
    char *sql = sqlite3_mprintf(
        "SELECT json_remove(cloudtrail_import(%Q), '$.database', '$.seconds', '$.ignored',"
        " '$.conflicts', '$.notes')",
        large_log());
    char *got = harness_query(db, sql);
    sqlite3_hard_heap_limit64(0);
    char *expected = sqlite3_mprintf("{%s}", large_summary);
    assert_string_equal(got, expected);
    assert_query(db, "PRAGMA cache_size", "-2000");
    assert_query(db, "SELECT count(*) FROM cloudtrail", "12000");
    imports_check(db);
    sqlite3_free(ballast);
    sqlite3_free(expected);
    sqlite3_free(sql);
    free(got);
    harness_close(db);
    sqlite3_free(path);
}

static void test_issue12_import_lives_with_a_heap_limit(void **state)
{
    (void)state;
    assert_import_within(16 << 20, 0);
    /* others have taken what half of the limit leaves: a smaller cache is tried */
    assert_import_within(24 << 20, 14 << 20);
}

static int cache_seen;

static void see_cache(sqlite3_context *context, int argc, sqlite3_value **argv)
{
    (void)argc, (void)argv;
    sqlite3_stmt *stmt;
    assert_int_equal(sqlite3_prepare_v2(sqlite3_context_db_handle(context), "PRAGMA cache_size", -1,
                                        &stmt, NULL),
                     SQLITE_OK);
    assert_int_equal(sqlite3_step(stmt), SQLITE_ROW);
    cache_seen = sqlite3_column_int(stmt, 0);
    sqlite3_finalize(stmt);
}

static void assert_cache_while_importing(const char *pragma, int expected, const char *page_size)
{
    sqlite3 *db = harness_open();
    harness_exec(db, pragma);
    sqlite3_create_function_v2(db, "see_cache", 0, SQLITE_UTF8, NULL, see_cache, NULL, NULL, NULL);
    harness_exec(db, "SELECT cloudtrail_init();"
                     "CREATE TEMP TRIGGER seen AFTER INSERT ON main.cloudtrail"
                     " BEGIN SELECT see_cache(); END");
    cache_seen = 0;
    assert_import(db, large_log(), large_summary);
    assert_int_equal(cache_seen, expected);
    assert_query(db, "PRAGMA page_size", page_size);
    harness_close(db);
}

static void test_issue12_settings_of_the_user_are_kept(void **state)
{
    (void)state;
    assert_cache_while_importing("SELECT 1", -128 * 1024, "4096"); /* init made the pages */
    assert_cache_while_importing("PRAGMA cache_size = -5000", -5000, "4096");
    assert_cache_while_importing("PRAGMA cache_size = 77; PRAGMA page_size = 8192", 77, "8192");
    sqlite3 *db = harness_open();
    harness_exec(db, "PRAGMA page_size = 1024; SELECT cloudtrail_import('data/sample')");
    assert_query(db, "PRAGMA page_size", "1024");
    harness_close(db);
    db = harness_open();
    harness_exec(db, "SELECT cloudtrail_import('data/sample')");
    assert_query(db, "PRAGMA page_size", "16384");
    harness_close(db);
}

/* ---- what a host forbids -------------------------------------------------------------------- */

static int allow_select_and_read(void *context, int action, const char *a, const char *b,
                                 const char *c, const char *d)
{
    (void)a, (void)b, (void)c, (void)d;
    bool is_allowed = action == SQLITE_SELECT || action == SQLITE_READ || action == SQLITE_FUNCTION;
    return is_allowed ? SQLITE_OK : *(const int *)context;
}

static void test_issue12_authorizer_of_reads_lets_logs_be_read(void **state)
{
    (void)state;
    if (sqlite3_libversion_number() < 3039000) {
        print_message("skipped: before SQLite 3.39 only a PRAGMA names the databases\n");
        skip();
    }
    char *path = sqlite3_mprintf("%s", temp_write("auth/db/x.db", "", 0));
    logs_write("auth/db/a.json", 1, 3);
    static const int answers[] = {SQLITE_DENY, SQLITE_IGNORE};
    for (int i = 0; i < 2; i++) {
        sqlite3 *db = harness_open_file(path);
        harness_exec(db, "CREATE TABLE IF NOT EXISTS mine (x)");
        char *sql = sqlite3_mprintf("SELECT count(*) FROM cloudtrail_log(%Q)", temp_path("auth"));
        sqlite3_set_authorizer(db, allow_select_and_read, (void *)&answers[i]);
        char *got = harness_query(db, sql);
        /* newer versions of SQLite ask for no more than was allowed */
        if (answers[i] == SQLITE_DENY && strcmp(got, "3") != 0)
            assert_non_null(strstr(got, "the authorizer of this connection refuses"));
        free(got);
        sqlite3_set_authorizer(db, NULL, NULL);
        assert_query(db, sql, "3");
        sqlite3_set_authorizer(db, allow_select_and_read, (void *)&answers[i]);
        assert_query(db, sql, "3"); /* and the database beside them is left alone */
        sqlite3_free(sql);
        sqlite3_set_authorizer(db, NULL, NULL);
        harness_close(db);
    }
    sqlite3_free(path);
}

static void test_issue12_views_switched_off_is_said(void **state)
{
    (void)state;
    sqlite3 *db = harness_open();
    harness_exec(db, "SELECT cloudtrail_import('data/sample')");
    sqlite3_db_config(db, SQLITE_DBCONFIG_ENABLE_VIEW, 0, NULL);
    harness_exec(db, "SELECT cloudtrail_init(), cloudtrail_import('data/sample')");
    assert_query(db, "SELECT cloudtrail_detect()",
                 "error: cloudtrail_detect(): the rules are views, and this connection has switched"
                 " views off (SQLITE_DBCONFIG_ENABLE_VIEW)");
    assert_query(db, "SELECT cloudtrail_hunt()",
                 "error: cloudtrail_hunt(): the rules are views, and this connection has switched"
                 " views off (SQLITE_DBCONFIG_ENABLE_VIEW)");
    assert_query(db, "SELECT count(*) FROM sqlite_temp_master", "0");
    harness_close(db);
}

/* ---- names ---------------------------------------------------------------------------------- */

static void assert_bound(sqlite3 *db, const char *sql, const char *p, int n, const char *expected)
{
    sqlite3_stmt *stmt;
    assert_int_equal(sqlite3_prepare_v2(db, sql, -1, &stmt, NULL), SQLITE_OK);
    sqlite3_bind_text(stmt, 1, p, n, SQLITE_STATIC);
    assert_int_equal(sqlite3_step(stmt), SQLITE_ERROR);
    assert_string_equal(sqlite3_errmsg(db), expected);
    sqlite3_finalize(stmt);
}

static void test_issue12_nul_in_a_parameter_is_an_error(void **state)
{
    (void)state;
    sqlite3 *db = harness_open();
    static const char path[] = "data/sample\0/../..";
    assert_bound(db, "SELECT cloudtrail_import(?)", path, sizeof path - 1,
                 "cloudtrail_import(): the path holds a NUL byte");
    assert_bound(db, "SELECT count(*) FROM cloudtrail_log(?)", path, sizeof path - 1,
                 "cloudtrail_log(): the path holds a NUL byte");
    assert_bound(db, "SELECT count(*) FROM cloudtrail_log('data/sample', ?)", "skip\0x", 6,
                 "cloudtrail_log(): on_error must be 'fail' or 'skip', not 'skip\xEF\xBF\xBDx'");
    assert_bound(db, "SELECT count(*) FROM cloudtrail_log('data/sample', 'skip', ?)", "aws\0x", 5,
                 "cloudtrail_log(): agent_contains holds a NUL byte");
    assert_query(db, "SELECT count(*) FROM sqlite_master", "0");
    harness_close(db);
}

static void test_issue12_names_that_are_no_utf8_in_a_utf16_database(void **state)
{
    (void)state;
    logs_write("latin/\xE9.json", 1, 3);
    logs_write("latin/\xE8.json", 11, 4);
    static const char *const encodings[] = {"UTF-8", "UTF-16le", "UTF-16be"};
    for (int i = 0; i < 3; i++) {
        sqlite3 *db = harness_open();
        harness_exec_and_free(db, sqlite3_mprintf("PRAGMA encoding = %Q", encodings[i]));
        assert_import(db, temp_path("latin"),
                      "\"files\":2,\"skipped\":0,\"events\":7,\"duplicates\":0,\"problems\":0");
        assert_import(db, temp_path("latin"),
                      "\"files\":0,\"skipped\":2,\"events\":0,\"duplicates\":0,\"problems\":0");
        assert_query(db, "SELECT count(*), count(DISTINCT path) FROM cloudtrail_file", "2|2");
        if (i > 0)
            assert_query(db, "SELECT substr(path, -8) FROM cloudtrail_file ORDER BY 1",
                         "\xEF\xBF\xBD"
                         "E8.json\n\xEF\xBF\xBD"
                         "E9.json");
        char *sql = sqlite3_mprintf("SELECT count(DISTINCT file) FROM cloudtrail_log(%Q)",
                                    temp_path("latin"));
        assert_query(db, sql, "2");
        sqlite3_free(sql);
        harness_close(db);
    }
}

/* ---- clients that ask twice, and joins -------------------------------------------------------- */

static void test_issue12_detected_outlives_a_second_call_at_once(void **state)
{
    (void)state;
    sqlite3 *db = harness_open();
    harness_exec(db, "SELECT cloudtrail_import('data/sample')");
    assert_query(db, "SELECT json_extract(cloudtrail_detect(), '$.new')", "20");
    assert_query(db, "SELECT json_extract(cloudtrail_detect(), '$.new')", "0");
    assert_query(db, "SELECT count(*), sum(isEarlier) FROM temp.cloudtrail_detected", "27|27");
    /* a second later it is the last call's list alone */
    harness_exec(db, "UPDATE temp.cloudtrail_detected SET detectedAt = detectedAt - 2.0 / 86400");
    harness_exec(db, "SELECT cloudtrail_detect()");
    assert_query(db, "SELECT count(*) FROM temp.cloudtrail_detected", "0");
    harness_close(db);
}

static void test_issue12_agent_contains_is_given_back_as_it_was_given(void **state)
{
    (void)state;
    sqlite3 *db = harness_open();
    assert_query(
        db, "SELECT DISTINCT agent_contains FROM cloudtrail_log('data/sample', 'fail', 'BoTo3')",
        "BoTo3");
    assert_query(
        db, "SELECT count(*) FROM cloudtrail_log('data/sample') WHERE agent_contains = 'BoTo3'",
        "161");
    harness_close(db);
}

int main(void)
{
    ct_mem_count();
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_issue12_count_changes_gives_one_row_a_call),
        cmocka_unit_test(test_issue12_record_above_the_limit_is_a_problem),
        cmocka_unit_test(test_issue12_digest_above_the_limit_is_a_problem),
        cmocka_unit_test(test_issue12_messages_hold_no_control_bytes),
        cmocka_unit_test(test_issue12_interrupt_in_a_transaction_says_what_is_left),
        cmocka_unit_test(test_issue12_index_to_be_made_again_under_a_reader),
        cmocka_unit_test(test_issue12_import_lives_with_a_heap_limit),
        cmocka_unit_test(test_issue12_settings_of_the_user_are_kept),
        cmocka_unit_test(test_issue12_authorizer_of_reads_lets_logs_be_read),
        cmocka_unit_test(test_issue12_views_switched_off_is_said),
        cmocka_unit_test(test_issue12_nul_in_a_parameter_is_an_error),
        cmocka_unit_test(test_issue12_names_that_are_no_utf8_in_a_utf16_database),
        cmocka_unit_test(test_issue12_detected_outlives_a_second_call_at_once),
        cmocka_unit_test(test_issue12_agent_contains_is_given_back_as_it_was_given),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
