/* kql_sql, kql_schema and kql_view as SQL functions: arguments, errors, what a view may replace,
 * the tables of the database, now(), the events kept, and the query plans that were promised. */
#include "harness.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "kql_rows.h"

/* assert_answer() with the events. */
static void assert_events(sqlite3 *db, const char *query, const char *expected)
{
    char *sql = sqlite3_mprintf("SELECT kql_sql(%Q, 1)", query), *text = harness_query(db, sql);
    assert_query(db, text, expected);
    sqlite3_free(sql);
    free(text);
}

static void test_kql_sql_null_blob_and_errors(void **state)
{
    (void)state;
    sqlite3 *db = harness_open();
    assert_query(db,
                 "SELECT kql_sql(NULL), kql_sql('print 1', NULL), kql_schema(NULL), "
                 "kql_view(NULL, 'print 1'), kql_view('v', NULL)",
                 "NULL|NULL|NULL|NULL|NULL");
    assert_query(db, "SELECT kql_sql(CAST('print a = 1' AS BLOB)) = kql_sql('print a = 1')", "1");
    assert_query(db, "SELECT kql_schema('print a = 1, b = ''x''')",
                 "[{\"name\":\"a\",\"type\":\"long\"},{\"name\":\"b\",\"type\":\"string\"}]");
    assert_query(db, "SELECT kql_sql('print a = ' || char(10) || '  !')",
                 "error: kql_sql(): line 2, column 3: '!' begins nothing in KQL");
    assert_query(db, "SELECT kql_schema('print x'), 1",
                 "error: kql_schema(): line 1, column 7: there is no column or let named 'x'");
    assert_query(
        db, "SELECT kql_sql('')",
        "error: kql_sql(): line 1, column 1: a query ends with a table, but there is none");
    assert_query(db, "SELECT kql_sql(x'ff')",
                 "error: kql_sql(): line 1, column 1: the query is not UTF-8");
    assert_query(db, "SELECT kql_sql(x'7072696e74203100')",
                 "error: kql_sql(): line 1, column 8: a NUL in the query");
    assert_query(db, "SELECT kql_sql('AWSCloudTrail')",
                 "error: kql_sql(): line 1, column 1: there is no table 'AWSCloudTrail'");
    harness_close(db);
}

static void test_kql_sql_size_is_bounded(void **state)
{
    (void)state;
    sqlite3 *db = harness_open();
    assert_query(db, "SELECT kql_sql('print ' || hex(zeroblob(70000)))",
                 "error: kql_sql(): line 1, column 1: the query is longer than 131072 bytes");
    /* Many terms of one chain: SQLite bounds the depth of an expression at 1,000. */
    char *sql = sqlite3_mprintf(
        "SELECT kql_sql('datatable(a:long)[5] | where ' || group_concat('a == ' || value, ' or ')) "
        "FROM (WITH RECURSIVE n(value) AS (SELECT 1 UNION ALL SELECT value + 1 FROM n LIMIT 3000) "
        "SELECT value FROM n)");
    char *text = harness_query(db, sql);
    assert_query(db, text, "5");
    sqlite3_free(sql);
    free(text);
    harness_close(db);
}

static void test_kql_view_makes_and_replaces_only_its_own(void **state)
{
    (void)state;
    sqlite3 *db = harness_open();
    assert_query(db, "SELECT kql_view('v', 'print a = 1')", "v");
    assert_query(db, "SELECT * FROM v", "1");
    assert_query(db, "SELECT kql_view('V', 'print a = 2')", "V");
    assert_query(db, "SELECT * FROM v", "2");
    assert_query(db, "SELECT kql_view('temp.v', 'print a = 3')", "temp.v");
    assert_query(db, "SELECT * FROM v; SELECT * FROM main.v", "3\n2");
    harness_exec(db, "CREATE VIEW mine AS SELECT 1 AS x; CREATE TABLE t(x)");
    assert_query(db, "SELECT kql_view('mine', 'print a = 1')",
                 "error: kql_view(): 'mine' is there already, and was not made by kql_view()");
    assert_query(db, "SELECT kql_view('t', 'print a = 1')",
                 "error: kql_view(): 't' is there already, and was not made by kql_view()");
    assert_query(db, "SELECT kql_view('', 'print a = 1')",
                 "error: kql_view(): '' cannot be the name of a view");
    assert_query(db, "SELECT kql_view('sqlite_x', 'print a = 1')",
                 "error: kql_view(): 'sqlite_x' cannot be the name of a view");
    assert_query(
        db, "SELECT kql_view('w', 'print a = 1, A = 2')",
        "error: kql_view(): 'w': two columns of the result have names that are equal but for "
        "case: SQLite would rename one (use project-rename)");
    assert_query(db, "SELECT kql_view('w', 'print x')",
                 "error: kql_view(): line 1, column 7: there is no column or let named 'x'");
    assert_query(db, "SELECT count(*) FROM sqlite_master WHERE name = 'w'", "0");
    assert_query(db,
                 "SELECT kql_view('it''s \"q\"', 'print a = 1'); SELECT * FROM \"it's \"\"q\"\"\"",
                 "it's \"q\"\n1");
    harness_exec(db, "BEGIN");
    assert_query(db, "SELECT kql_view('u', 'print a = 1')", "u");
    harness_exec(db, "ROLLBACK");
    assert_query(db, "SELECT count(*) FROM sqlite_master WHERE name = 'u'", "0");
    harness_close(db);
}

static void test_kql_view_in_main_sees_nothing_of_temp(void **state)
{
    (void)state;
    sqlite3 *db = harness_open();
    harness_exec(db, "CREATE TEMP TABLE t(x INTEGER)");
    assert_query(db, "SELECT kql_view('v', 't | count')",
                 "error: kql_view(): line 1, column 1: there is no table 't'");
    assert_query(db, "SELECT kql_view('temp.v', 't | count'); SELECT * FROM v", "temp.v\n0");
    harness_close(db);
}

static void test_tables_by_their_declared_types(void **state)
{
    (void)state;
    sqlite3 *db = harness_open();
    harness_exec(db, "CREATE TABLE t(a TEXT COLLATE NOCASE, b INTEGER, c REAL, d DATETIME, e BOOL, "
                     "f DYNAMIC, g TIMESPAN, h, i VARCHAR, \"j k\" STRING)");
    assert_query(db,
                 "SELECT group_concat(json_extract(value, '$.type')) FROM "
                 "json_each(kql_schema('t'))",
                 "string,long,real,datetime,bool,dynamic,timespan,string,string,string");
    harness_exec(
        db, "INSERT INTO t VALUES('A', '7', 1, '2020-01-02', 'true', '{\"x\": 1}', '1.02:00:00',"
            " NULL, 5, 'y'), ('a', NULL, NULL, 'never', NULL, NULL, NULL, 'z', NULL, NULL)");
    assert_answer(db, "t | where a == 'A'",
                  "A|7|1.0|2020-01-02T00:00:00Z|1|{\"x\":1}|1.02:00:00||5|y");
    assert_answer(db, "t | where h == 'z'", "a|NULL|NULL|NULL|NULL|NULL|NULL|z||");
    assert_answer(db, "t | where f.x == 1 | project ['j k'], d + 1d", "y|2020-01-03T00:00:00Z");
    assert_answer(db, "t | count", "2");
    assert_query(db, "SELECT kql_sql('T | count')",
                 "error: kql_sql(): line 1, column 1: there is no table 'T'");
    harness_close(db);
}

static sqlite3 *open_events(void)
{
    sqlite3 *db = harness_open_ready();
    harness_exec(db, "INSERT INTO cloudtrail(rowid, eventTime, eventID, eventName, eventSource, "
                     "sourceIPAddress, "
                     "fileID, recordNumber) VALUES"
                     "(1, '2024-05-01T10:00:00Z', 'e1', 'ListUsers', 'iam', 'a', 1, 1),"
                     "(2, '2024-05-01T10:00:01Z', 'e2', 'ListRoles', 'iam', 'a', 1, 2),"
                     "(3, '2024-05-01T10:01:00Z', 'e3', 'listusers', 'iam', 'b', 1, 3),"
                     "(4, '2024-05-02T10:00:00Z', 'e4', 'PutObject', 's3', 'b', 1, 4)");
    return db;
}

static void test_now_is_as_of_or_the_last_event(void **state)
{
    (void)state;
    sqlite3 *db = open_events();
    assert_answer(db, "print now(), ago(1d)", "2024-05-02T10:00:00Z|2024-05-01T10:00:00Z");
    assert_answer(db, "AWSCloudTrail | where TimeGenerated > ago(1d) | project EventName",
                  "ListRoles\nlistusers\nPutObject");
    assert_answer(db, "AWSCloudTrail | where TimeGenerated >= ago(1d) | count", "4");
    harness_exec(db, "INSERT INTO rule_parameter(name, value, meaning) VALUES('as_of', "
                     "'2024-05-01T10:00:30Z', '')");
    assert_answer(db, "print now()", "2024-05-01T10:00:30Z");
    harness_close(db);
}

/* '.5Z' sorts before 'Z': the constant is rounded to whole seconds, as the text of events has. */
static void test_times_are_compared_as_text_and_right(void **state)
{
    (void)state;
    sqlite3 *db = open_events();
    assert_answer(
        db, "AWSCloudTrail | where TimeGenerated > datetime(2024-05-01T10:00:00.5Z) | count", "3");
    assert_answer(
        db, "AWSCloudTrail | where TimeGenerated >= datetime(2024-05-01T10:00:01Z) | count", "3");
    assert_answer(
        db, "AWSCloudTrail | where TimeGenerated > datetime(2024-05-01T10:00:01Z) | count", "2");
    assert_answer(
        db, "AWSCloudTrail | where TimeGenerated < datetime(2024-05-01T10:00:00.5Z) | count", "1");
    assert_answer(
        db, "AWSCloudTrail | where TimeGenerated <= datetime(2024-05-01T10:00:01Z) | count", "2");
    assert_answer(
        db, "AWSCloudTrail | where datetime(2024-05-01T10:00:01Z) >= TimeGenerated | count", "2");
    assert_answer(db,
                  "AWSCloudTrail | where TimeGenerated between (datetime(2024-05-01T10:00:01Z) .. "
                  "59s) | count",
                  "2");
    harness_close(db);
}

/* Behind mv-apply the text of the time is no longer at hand: then ticks are compared. */
static void test_times_behind_a_join_are_compared(void **state)
{
    (void)state;
    sqlite3 *db = open_events();
    assert_answer(db,
                  "AWSCloudTrail | mv-apply x = dynamic([1, 2]) to typeof(long) on (summarize m = "
                  "sum(x)) | where TimeGenerated > datetime(2024-05-01T10:00:30Z) | count",
                  "2");
    assert_answer(
        db,
        "AWSCloudTrail | project TimeGenerated, AWSRegion | join kind=inner (AWSCloudTrail | "
        "distinct AWSRegion) on AWSRegion | where TimeGenerated > "
        "datetime(2024-05-01T10:00:30Z) | count",
        "2");
    harness_close(db);
}

static void test_event_names_keep_their_case(void **state)
{
    (void)state;
    sqlite3 *db = open_events();
    assert_answer(db, "AWSCloudTrail | where EventName == 'ListUsers' | count", "1");
    assert_answer(db, "AWSCloudTrail | where EventName =~ 'ListUsers' | count", "2");
    assert_answer(db, "AWSCloudTrail | where EventName in ('ListUsers', 'ListRoles') | count", "2");
    assert_answer(db, "AWSCloudTrail | where EventName in~ ('LISTUSERS') | count", "2");
    assert_answer(db,
                  "let names = dynamic(['ListUsers']); AWSCloudTrail | where EventName in (names) "
                  "| count",
                  "1");
    assert_answer(db, "AWSCloudTrail | where EventName !in ('ListUsers') | count", "3");
    harness_close(db);
}

/* The plan of the view has the text. */
static void assert_plan(sqlite3 *db, const char *view, const char *text)
{
    char *sql = sqlite3_mprintf("EXPLAIN QUERY PLAN SELECT * FROM %s", view);
    char *plan = harness_query(db, sql);
    if (!strstr(plan, text))
        fail_msg("%s\nlacks %s", plan, text);
    sqlite3_free(sql);
    free(plan);
}

static void test_view_uses_the_index_of_names_and_times(void **state)
{
    (void)state;
    sqlite3 *db = open_events();
    harness_exec(db,
                 "SELECT kql_view('by_name', 'AWSCloudTrail | where EventName == ''ListUsers'' and "
                 "TimeGenerated > ago(1d) | extend x = strlen(EventName) | project x, EventName'), "
                 "kql_view('by_time', 'AWSCloudTrail | where TimeGenerated > ago(1h) | count')");
    assert_plan(db, "by_name", "cloudtrail_name (<expr>=? AND eventTime>");
    assert_plan(db, "by_time", "eventTime>");
    harness_close(db);
}

static void test_joins_are_not_quadratic(void **state)
{
    (void)state;
    sqlite3 *db = open_events();
    harness_exec(db,
                 "SELECT kql_view('joined', 'AWSCloudTrail | where EventName startswith ''List'' "
                 "| join kind=inner (AWSCloudTrail | where EventSource == ''s3'') on "
                 "SourceIpAddress'), kql_view('outer', 'AWSCloudTrail | join kind=leftouter "
                 "(AWSCloudTrail | where EventSource == ''s3'' | summarize n = count() by "
                 "SourceIpAddress) on SourceIpAddress | project n')");
    assert_plan(db, "joined", "AUTOMATIC COVERING INDEX (SourceIpAddress=?)");
    assert_plan(db, "outer", "AUTOMATIC COVERING INDEX (SourceIpAddress=?)");
    harness_close(db);
}

/* ---- events kept ---------------------------------------------------------------------------- */

static void test_events_go_with_every_operator(void **state)
{
    (void)state;
    sqlite3 *db = open_events();
    assert_events(db, "AWSCloudTrail | where EventName == 'ListUsers' | project EventName",
                  "ListUsers|[1]");
    assert_events(db,
                  "AWSCloudTrail | summarize n = count() by SourceIpAddress | sort by n, "
                  "SourceIpAddress asc",
                  "a|2|[1,2]\nb|2|[3,4]");
    assert_events(db, "AWSCloudTrail | distinct EventSource | sort by EventSource asc",
                  "iam|[1,2,3]\ns3|[4]");
    assert_events(db, "AWSCloudTrail | count", "4|[1,2,3,4]");
    assert_events(db,
                  "AWSCloudTrail | where EventSource == 's3' | project SourceIpAddress | join "
                  "kind=inner (AWSCloudTrail | where EventSource == 'iam' | project "
                  "SourceIpAddress) on SourceIpAddress",
                  "b|b|[3,4]");
    assert_events(db,
                  "AWSCloudTrail | where EventSource == 's3' | project SourceIpAddress | join "
                  "kind=leftsemi (AWSCloudTrail | where EventSource == 'iam') on SourceIpAddress",
                  "b|[3,4]");
    assert_events(db,
                  "AWSCloudTrail | where EventSource == 'iam' | project AwsEventId, "
                  "SourceIpAddress | join kind=leftanti (AWSCloudTrail | where EventSource == "
                  "'s3') on SourceIpAddress | project AwsEventId",
                  "e1|[1]\ne2|[2]");
    assert_events(db,
                  "AWSCloudTrail | where AwsEventId in ((AWSCloudTrail | where EventSource == 's3' "
                  "| project AwsEventId)) | project AwsEventId",
                  "e4|[4]");
    assert_events(db,
                  "union (AWSCloudTrail | where EventSource == 's3'), (datatable(EventName:string)"
                  "['x']) | project EventName",
                  "PutObject|[4]\nx|[]");
    assert_events(db,
                  "AWSCloudTrail | where EventSource == 's3' | extend d = dynamic([1, 2]) | "
                  "mv-expand d | project d",
                  "1|[4]\n2|[4]");
    assert_events(db,
                  "AWSCloudTrail | summarize arg_max(TimeGenerated, AwsEventId) by EventSource | "
                  "project AwsEventId | sort by AwsEventId asc",
                  "e3|[1,2,3]\ne4|[4]");
    assert_events(db,
                  "AWSCloudTrail | sort by TimeGenerated asc | take 2 | extend d = dynamic([5, 6]) "
                  "| mv-apply d to typeof(long) on (summarize s = sum(d)) | project AwsEventId, s "
                  "| sort by AwsEventId asc",
                  "e1|11|[1]\ne2|11|[2]");
    assert_events(db, "print a = 1", "1|[]");
    harness_close(db);
}

static void test_kql_sql_out_of_memory_is_an_error(void **state)
{
    (void)state;
    harness_oom_samples("CREATE TABLE t(a TEXT, b DATETIME)",
                        "SELECT length(kql_sql('let x = t | where a has ''b''; x | summarize "
                        "n = count(), make_set(a) by bin(b, 1h) | join kind=leftouter x on "
                        "$left.b == $right.b | sort by n')) > 500",
                        "1");
    harness_oom_samples(NULL, "SELECT kql_view('v', 'print a = 1')", "v");
    harness_oom_sweep(NULL, "SELECT kql_sql('print x')",
                      "error: kql_sql(): line 1, column 7: there is no column or let named 'x'");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_kql_sql_null_blob_and_errors),
        cmocka_unit_test(test_kql_sql_size_is_bounded),
        cmocka_unit_test(test_kql_view_makes_and_replaces_only_its_own),
        cmocka_unit_test(test_kql_view_in_main_sees_nothing_of_temp),
        cmocka_unit_test(test_tables_by_their_declared_types),
        cmocka_unit_test(test_now_is_as_of_or_the_last_event),
        cmocka_unit_test(test_times_are_compared_as_text_and_right),
        cmocka_unit_test(test_times_behind_a_join_are_compared),
        cmocka_unit_test(test_event_names_keep_their_case),
        cmocka_unit_test(test_view_uses_the_index_of_names_and_times),
        cmocka_unit_test(test_joins_are_not_quadratic),
        cmocka_unit_test(test_events_go_with_every_operator),
        cmocka_unit_test(test_kql_sql_out_of_memory_is_an_error),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
