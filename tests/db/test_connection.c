/*
 * Issue 12: what a client may have set on its connection before it calls the extension, and what it
 * does while a call runs: nothing of it breaks an import, and each refusal says what to do.
 */
#include "harness.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

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
    assert_query(db, "SELECT count(*) FROM cloudtrail", "2050");
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
    for (int i = 0; i < 12001; i++)
        ct_buf_put_char(&text, 'x');
    ct_buf_put_text(&text, "\"}]}");
    const char *path = temp_write("digest.json", text.data, text.len);
    ct_buf_free(&text);
    sqlite3_limit(db, SQLITE_LIMIT_LENGTH, 12000);
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
    for (int n = 1; interrupted; n += 1 + n / 3) {
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
                                        "cloudtrail_detect()"};
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

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_issue12_count_changes_gives_one_row_a_call),
        cmocka_unit_test(test_issue12_record_above_the_limit_is_a_problem),
        cmocka_unit_test(test_issue12_digest_above_the_limit_is_a_problem),
        cmocka_unit_test(test_issue12_messages_hold_no_control_bytes),
        cmocka_unit_test(test_issue12_interrupt_in_a_transaction_says_what_is_left),
        cmocka_unit_test(test_issue12_index_to_be_made_again_under_a_reader),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
