/* cloudtrail_dashboard(): the page as bytes. What a browser makes of it is for tests/dashboard. */
#include "harness.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "cloudtrail.h"
#include "files.h"
#include "imports.h"
#include "interrupts.h"
#include "temp.h"

/* The JSON of the page, as SQLite reads it, in temp.page(json). */
static void keep_page(sqlite3 *db, const char *options)
{
    char *sql = sqlite3_mprintf(
        "CREATE TEMP TABLE IF NOT EXISTS page (json);"
        " DELETE FROM temp.page;"
        " INSERT INTO temp.page"
        " SELECT substr(p, 1, instr(p, '</script>') - 1)"
        "  FROM (SELECT substr(html, instr(html, 'id=\"data\">') + 10) AS p FROM temp.html)");
    char *make = sqlite3_mprintf("SELECT cloudtrail_dashboard(%s)", options);
    char *html = harness_query(db, make);
    assert_int_equal(strncmp(html, "<!doctype html>", 15), 0);
    sqlite3_stmt *stmt;
    harness_exec(db, "CREATE TEMP TABLE IF NOT EXISTS html (html); DELETE FROM temp.html");
    assert_int_equal(sqlite3_prepare_v2(db, "INSERT INTO temp.html VALUES (?1)", -1, &stmt, NULL),
                     SQLITE_OK);
    sqlite3_bind_text(stmt, 1, html, -1, SQLITE_STATIC);
    assert_int_equal(sqlite3_step(stmt), SQLITE_DONE);
    sqlite3_finalize(stmt);
    harness_exec_and_free(db, sql);
    sqlite3_free(make);
    free(html);
}

static void import_text(sqlite3 *db, const char *name, const char *text)
{
    (void)temp_write(name, text, strlen(text));
    free(imports_run(db, "cloudtrail_import", temp_path(name)));
}

static void test_dashboard_of_the_sample_has_what_its_tables_have(void **state)
{
    (void)state;
    sqlite3 *db = harness_open();
    harness_exec(db, "SELECT cloudtrail_import('data/sample'); SELECT cloudtrail_detect()");
    keep_page(db, "'{\"title\":\"Sample\"}'");
    assert_query(db, "SELECT json_valid(json), json_extract(json, '$.page.title') FROM temp.page",
                 "1|Sample");
    assert_query(db,
                 "SELECT (SELECT sum(value) FROM json_each(page.json, '$.events.cells.n'))"
                 " = (SELECT count(*) FROM cloudtrail_call),"
                 " (SELECT sum(value) FROM json_each(page.json, '$.coverage.cells.n'))"
                 " = (SELECT count(*) FROM cloudtrail),"
                 " (SELECT sum(value) FROM json_each(page.json, '$.denied.cells.n'))"
                 " = (SELECT count(*) FROM cloudtrail_call WHERE outcome = 'denied'),"
                 " (SELECT sum(value) FROM json_each(page.json, '$.identities.cells.n'))"
                 " + json_extract(json, '$.identities.services')"
                 " = (SELECT count(*) FROM cloudtrail_call),"
                 " json_array_length(json, '$.incidents.list')"
                 " = (SELECT count(*) FROM incident_ranked)"
                 " FROM temp.page",
                 "1|1|1|1|1");
    assert_query(db,
                 "SELECT count(*) FROM temp.page, json_each(page.json, '$.incidents.list') AS i"
                 " JOIN incident_ranked AS r ON r.incidentID = json_extract(i.value, '$.id')"
                 " WHERE json_extract(i.value, '$.summary') = r.summary"
                 " AND json_extract(i.value, '$.told[0].story') ="
                 "     (SELECT story FROM alert_story"
                 "       WHERE alertID = json_extract(i.value, '$.told[0].id'))",
                 "8");
    harness_close(db);
}

static void test_dashboard_options(void **state)
{
    (void)state;
    sqlite3 *db = harness_open();
    harness_exec(db, "SELECT cloudtrail_import('data/sample'); SELECT cloudtrail_detect()");
    keep_page(db, "'{\"from\":\"2025-10-14T13:20:00Z\",\"to\":\"2025-10-14 14:59:00\","
                  "\"account\":\"444455556666\"}'");
    assert_query(
        db,
        "SELECT json_extract(json, '$.page.from', '$.page.end', '$.page.steps',"
        " '$.page.accounts'), (SELECT sum(value) FROM json_each(page.json, '$.events.cells.n'))"
        " = (SELECT sum(events) FROM dash_event WHERE recipientAccountId = '444455556666'"
        "     AND hour IN ('2025-10-14T13:00:00Z', '2025-10-14T14:00:00Z')) FROM temp.page",
        "[\"2025-10-14T13:00:00Z\",\"2025-10-14T15:00:00Z\",2,[\"444455556666\"]]|1");
    static const char *const wrong[][2] = {
        {"'x'", "the options are no JSON object: '{\"from\":\"2025-10-14\",\"title\":\"Case 7\"}'"},
        {"'[]'",
         "the options are no JSON object: '{\"from\":\"2025-10-14\",\"title\":\"Case 7\"}'"},
        {"'{\"form\":\"2025-10-14\"}'",
         "no such option: form (there are from, to, account and title)"},
        {"'{\"title\":7}'", "the option title is no text"},
        {"'{\"to\":\"tomorrow\"}'", "the option to is no time: 2025-10-14 or 2025-10-14T13:00:00Z"},
        {"'{\"from\":\"now\"}'", "the option from is no time: 2025-10-14 or 2025-10-14T13:00:00Z"},
    };
    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
        char *sql = sqlite3_mprintf("SELECT cloudtrail_dashboard(%s)", wrong[i][0]);
        char *expected = sqlite3_mprintf("error: cloudtrail_dashboard(): %s", wrong[i][1]);
        assert_query(db, sql, expected);
        sqlite3_free(sql);
        sqlite3_free(expected);
    }
    assert_query(db, "SELECT cloudtrail_dashboard(NULL) GLOB '<!doctype html>*</html>*'", "1");
    harness_close(db);
}

/* Of more than 500 hours a step has two or more; no event before `from` counts all the same, and there are
 * no more steps than the page can carry. 1,056 hours, an event in the middle of each. */
static void test_dashboard_long_time_is_cut_where_it_was_asked(void **state)
{
    static const struct {
        const char *options, *from, *end;
    } cases[] = {
        {"{\"from\":\"2025-09-02T13:00:00Z\",\"to\":\"2025-10-14T05:00:00Z\"}",
         "2025-09-02T13:00:00Z", "2025-10-14T05:00:00Z"},
        {"{\"from\":\"2025-09-02T23:00:00Z\",\"to\":\"2025-10-14T04:00:00Z\"}",
         "2025-09-02T23:00:00Z", "2025-10-14T04:00:00Z"},
        {"{\"to\":\"2025-09-21T20:00:00Z\"}", "2025-09-01T00:00:00Z", "2025-09-21T20:00:00Z"},
    };
    (void)state;
    sqlite3 *db = harness_open();
    harness_exec(db, "SELECT cloudtrail_init()");
    harness_exec(db,
                 "INSERT INTO cloudtrail (eventTime, eventID, eventName, fileID, recordNumber)"
                 " WITH RECURSIVE n (i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i < 1055)"
                 " SELECT strftime('%Y-%m-%dT%H:30:00Z', '2025-09-01', '+' || i || ' hours'),"
                 "        i, 'X', 1, i FROM n");
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        char *options = sqlite3_mprintf("%Q", cases[i].options);
        keep_page(db, options);
        sqlite3_free(options);
        char *sql = sqlite3_mprintf(
            "SELECT json_extract(json, '$.page.from') = %Q, json_extract(json, '$.page.end') = %Q,"
            "       json_extract(json, '$.page.steps') <= 500,"
            "       (SELECT sum(value) FROM json_each(page.json, '$.events.cells.n'))"
            "       = (SELECT count(*) FROM cloudtrail WHERE eventTime >= %Q AND eventTime < %Q)"
            "  FROM temp.page",
            cases[i].from, cases[i].end, cases[i].from, cases[i].end);
        assert_query(db, sql, "1|1|1|1");
        sqlite3_free(sql);
    }
    harness_close(db);
}

/* The last hour that there is, and times that have no hour. */
static void test_dashboard_ends_of_time(void **state)
{
    static const char *const none[] = {
        "'{\"from\":\"2030-01-01\"}'",
        "'{\"to\":\"2020-01-01\"}'",
        "'{\"from\":\"2025-09-10\",\"to\":\"2025-09-05\"}'",
    };
    (void)state;
    sqlite3 *db = harness_open();
    harness_exec(db, "SELECT cloudtrail_init()");
    keep_page(db, none[0]);
    assert_query(db, "SELECT json_extract(json, '$.page.steps') FROM temp.page", "0");
    harness_exec(db, "INSERT INTO cloudtrail (eventTime, eventID, eventName, fileID, recordNumber)"
                     " VALUES ('2025-09-07T10:00:00Z', 'a', 'X', 1, 1)");
    for (size_t i = 0; i < sizeof none / sizeof none[0]; i++) {
        keep_page(db, none[i]);
        assert_query(db,
                     "SELECT json_extract(json, '$.page.steps', '$.page.accounts') FROM temp.page",
                     "[0,[]]");
    }
    harness_exec(db, "INSERT INTO cloudtrail (eventTime, eventID, eventName, fileID, recordNumber)"
                     " VALUES ('9999-12-31T23:10:00Z', 'b', 'X', 1, 2)");
    keep_page(db, "'{\"from\":\"9999-12-31\"}'");
    assert_query(db,
                 "SELECT json_extract(json, '$.page.end', '$.page.steps'),"
                 " (SELECT sum(value) FROM json_each(page.json, '$.events.cells.n'))"
                 " FROM temp.page",
                 "[\"9999-12-31T23:59:59Z\",24]|1");
    keep_page(db, "NULL");
    assert_query(db,
                 "SELECT json_extract(json, '$.page.steps') BETWEEN 1 AND 500,"
                 " (SELECT sum(value) FROM json_each(page.json, '$.events.cells.n'))"
                 " FROM temp.page",
                 "1|2");
    harness_close(db);
}

/* A page of a time without events, and of no events at all. */
static void test_dashboard_empty(void **state)
{
    (void)state;
    sqlite3 *db = harness_open();
    keep_page(db, "NULL");
    assert_query(db, "SELECT json_extract(json, '$.page.steps', '$.page.events') FROM temp.page",
                 "[0,0]");
    harness_exec(db, "SELECT cloudtrail_import('data/sample')");
    keep_page(db, "'{\"from\":\"1999-01-01\",\"to\":\"1999-01-03\"}'");
    assert_query(db,
                 "SELECT json_extract(json, '$.page.steps', '$.page.events', '$.page.accounts')"
                 " FROM temp.page",
                 "[48,2074,[]]");
    harness_close(db);
}

#define HOSTILE "</script><script>alert(1)</script><!--\\u2028&<img src=x>"

static void test_dashboard_nothing_from_a_log_is_markup(void **state)
{
    (void)state;
    sqlite3 *db = imports_open(":memory:");
    import_text(db, "hostile.json",
                "[{\"eventVersion\":\"1\",\"eventID\":\"a\",\"eventTime\":\"2024-05-14T01:00:00Z\","
                "\"eventName\":\"" HOSTILE "\",\"eventSource\":\"" HOSTILE "\","
                "\"awsRegion\":\"" HOSTILE "\",\"recipientAccountId\":\"" HOSTILE "\","
                "\"sourceIPAddress\":\"" HOSTILE "\",\"userAgent\":\"" HOSTILE "/1\","
                "\"errorCode\":\"AccessDenied" HOSTILE "\",\"readOnly\":false,"
                "\"userIdentity\":{\"type\":\"IAMUser\",\"userName\":\"" HOSTILE "\"}}]");
    keep_page(db, "'{\"title\":\"</title><script>alert(1)</script>\"}'");
    /* between the elements of the page itself there is no other */
    assert_query(db,
                 "SELECT instr(json, '<'), instr(json, '&'), instr(json, char(0x2028)),"
                 " json_extract(json, '$.denied.items[0][1]') = (SELECT userIdentityUserName FROM"
                 " cloudtrail), instr(html, '<title></title>') FROM temp.page, temp.html",
                 "0|0|0|1|0");
    assert_query(db,
                 "SELECT instr(html, 'alert(1)</script>'), instr(html,"
                 " '<title>&#60;/title&#62;&#60;script&#62;alert(1)&#60;/script&#62;</title>') > 0"
                 " FROM temp.html",
                 "0|1");
    harness_close(db);
}

/* The hashes in the page's policy are those of what stands in it, taken by openssl(1). */
static void test_dashboard_policy_names_what_may_run(void **state)
{
    (void)state;
    sqlite3 *db = harness_open();
    keep_page(db, "NULL");
    static const struct {
        const char *open, *close, *directive;
    } parts[] = {{"<style>", "</style>", "style-src 'sha256-"},
                 {"<script>", "</script>", "script-src 'sha256-"}};
    for (size_t i = 0; i < 2; i++) {
        char *sql = sqlite3_mprintf(
            "SELECT substr(p, 1, instr(p, %Q) - 1) FROM (SELECT substr(html, instr(html, %Q) + %d)"
            " AS p FROM temp.html)",
            parts[i].close, parts[i].open, (int)strlen(parts[i].open));
        sqlite3_stmt *stmt;
        assert_int_equal(sqlite3_prepare_v2(db, sql, -1, &stmt, NULL), SQLITE_OK);
        assert_int_equal(sqlite3_step(stmt), SQLITE_ROW);
        (void)temp_write("part", sqlite3_column_text(stmt, 0),
                         (size_t)sqlite3_column_bytes(stmt, 0));
        sqlite3_finalize(stmt);
        sqlite3_free(sql);
        char command[512], line[128] = "";
        snprintf(command, sizeof command, "openssl dgst -sha256 -binary '%s' | openssl base64 -A",
                 temp_path("part"));
        FILE *pipe = popen(command, "r");
        assert_non_null(pipe);
        assert_non_null(fgets(line, sizeof line, pipe));
        assert_int_equal(pclose(pipe), 0);
        sql = sqlite3_mprintf("SELECT instr(html, %Q || %Q || '''') > 0 FROM temp.html",
                              parts[i].directive, line);
        assert_query(db, sql, "1");
        sqlite3_free(sql);
    }
    assert_query(db,
                 "SELECT instr(html, 'default-src ''none''') > 0, instr(html, 'unsafe-')"
                 " FROM temp.html",
                 "1|0");
    harness_close(db);
}

static sqlite3 *open_read_only(const char *path)
{
    sqlite3 *db;
    char *error = NULL;
    assert_int_equal(sqlite3_open_v2(path, &db, SQLITE_OPEN_READONLY, NULL), SQLITE_OK);
    assert_int_equal(sqlite3_cloudtrail_init(db, &error, NULL), SQLITE_OK);
    return db;
}

/* What cannot be written is counted beside it, and stays as it is. */
static void test_dashboard_of_a_database_that_cannot_be_written(void **state)
{
    (void)state;
    const char *path = temp_path("readonly.db");
    sqlite3 *db = imports_open(path);
    import_text(db, "ro.json",
                "[{\"eventVersion\":\"1\",\"eventID\":\"a\",\"eventName\":\"A\","
                "\"eventTime\":\"2024-05-14T01:00:00Z\"}]");
    assert_query(db, "SELECT count(*) FROM dash_event", "0");
    harness_close(db);
    ct_buf before = files_read(path);
    db = open_read_only(path);
    keep_page(db, "NULL");
    assert_query(db,
                 "SELECT (SELECT sum(value) FROM json_each(page.json, '$.events.cells.n')),"
                 " (SELECT count(*) FROM main.dash_event) FROM temp.page",
                 "1|0");
    keep_page(db, "NULL"); /* once more, on the tables of the first time */
    harness_close(db);
    ct_buf after = files_read(path);
    assert_int_equal(before.len, after.len);
    assert_memory_equal(before.data, after.data, after.len);
    ct_buf_free(&before);
    ct_buf_free(&after);
}

/* PRAGMA query_only forbids temporary tables, too. */
static void test_dashboard_of_a_connection_that_only_reads(void **state)
{
    (void)state;
    sqlite3 *db = harness_open_ready();
    harness_exec(db, "PRAGMA query_only = 1");
    assert_query(db, "SELECT cloudtrail_dashboard()",
                 "error: cloudtrail_dashboard(): attempt to write a readonly database");
    harness_exec(db, "PRAGMA query_only = 0");
    assert_query(db, "SELECT substr(cloudtrail_dashboard(), 1, 15)", "<!doctype html>");
    harness_close(db);
}

/* Of another program, or of an older release: there is nothing to count by. */
static void test_dashboard_of_a_database_that_is_none_of_ours(void **state)
{
    (void)state;
    char *path = sqlite3_mprintf("%s", temp_path("other.db"));
    sqlite3 *db = harness_open_file(path);
    harness_exec(db, "CREATE TABLE theirs (x)");
    harness_close(db);
    db = open_read_only(path);
    assert_query(
        db, "SELECT cloudtrail_dashboard()",
        "error: cloudtrail_dashboard(): the database cannot be written and has none of the "
        "tables and views of this release: copy it and try again");
    harness_close(db);
    sqlite3_free(path);
}

static void test_dashboard_interrupted_changes_nothing(void **state)
{
    (void)state;
    int n_interrupted = 0;
    bool reached = true;
    for (int n_ops = 1; reached; n_ops = n_ops * 2 + 3) {
        sqlite3 *db = harness_open_ready();
        harness_exec(db,
                     "INSERT INTO cloudtrail (eventTime, eventID, eventName, fileID, recordNumber)"
                     " VALUES ('2024-05-14T01:00:00Z', 'a', 'A', 1, 1)");
        interrupts_after(db, INTERRUPT_BY_CALL, n_ops);
        char *got = harness_query(db, "SELECT substr(cloudtrail_dashboard(), 1, 15)");
        reached = interrupts_end(db);
        if (strstr(got, "interrupted")) {
            n_interrupted++;
            assert_string_equal(got,
                                "error: cloudtrail_dashboard(): interrupted; nothing has changed");
            assert_true(sqlite3_get_autocommit(db));
            assert_query(db, "SELECT count(*) FROM dash_event", "0");
        } else {
            assert_string_equal(got, "<!doctype html>");
        }
        free(got);
        harness_close(db);
    }
    assert_true(n_interrupted > 5);
}

static void test_dashboard_refuses_to_run_in_a_statement_that_writes(void **state)
{
    (void)state;
    sqlite3 *db = harness_open_ready();
    harness_exec(db, "CREATE TABLE t (x)");
    assert_query(db, "INSERT INTO t SELECT cloudtrail_dashboard()",
                 "error: cloudtrail_dashboard(): call it from a plain SELECT, not from INSERT or "
                 "CREATE TABLE AS");
    harness_close(db);
}

static void test_dashboard_out_of_memory_is_reported(void **state)
{
    (void)state;
    harness_oom_places("SELECT cloudtrail_init();"
                       " INSERT INTO cloudtrail (eventTime, eventID, sourceIPAddress, userAgent, "
                       "eventName, fileID,"
                       " recordNumber) VALUES"
                       " ('2024-05-14T01:00:00Z', 'a', '192.0.2.77', 'aws-cli/2.1', 'A', 1, 1),"
                       " ('2024-05-14T02:00:00Z', 'b', '192.0.2.77', 'Boto3/1.2', 'B', 1, 2)",
                       "SELECT cloudtrail_dashboard('{\"title\":\"Case 7\"}')"
                       " GLOB '<!doctype html>*<title>Case 7*192.0.2.77*</html>*'",
                       "1");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_dashboard_of_the_sample_has_what_its_tables_have),
        cmocka_unit_test(test_dashboard_options),
        cmocka_unit_test(test_dashboard_long_time_is_cut_where_it_was_asked),
        cmocka_unit_test(test_dashboard_ends_of_time),
        cmocka_unit_test(test_dashboard_empty),
        cmocka_unit_test(test_dashboard_nothing_from_a_log_is_markup),
        cmocka_unit_test(test_dashboard_policy_names_what_may_run),
        cmocka_unit_test(test_dashboard_of_a_database_that_cannot_be_written),
        cmocka_unit_test(test_dashboard_of_a_connection_that_only_reads),
        cmocka_unit_test(test_dashboard_of_a_database_that_is_none_of_ours),
        cmocka_unit_test(test_dashboard_interrupted_changes_nothing),
        cmocka_unit_test(test_dashboard_refuses_to_run_in_a_statement_that_writes),
        cmocka_unit_test(test_dashboard_out_of_memory_is_reported),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
