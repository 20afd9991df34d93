/*
 * The events kept, as properties on small random tables, for every operator that carries them:
 * the query over the events of a row alone gives that row again, and no event is named that the
 * query's own filter leaves out.
 *
 * Not held to the first: anti joins (what makes the row is that nothing is there), row_number(),
 * prev() and their like, and the rows of a full join's other side; they look beyond the row.
 */
#include "harness.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "rng.h"

/* E is replaced by the events that count: their EventSource is 'in'. */
static const char *const queries[] = {
    "E | project EventName, SourceIpAddress",
    "E | where EventName has 'a' | extend x = strlen(EventName) | project x, UserAgent",
    "E | project-away EventVersion | project-keep EventName, UserAgent | project-rename n = "
    "EventName",
    "E | distinct EventName",
    "E | distinct EventName, SourceIpAddress | where SourceIpAddress != 'p'",
    "E | summarize count(), dcount(UserAgent), make_set(UserAgent) by EventName",
    "E | summarize n = count(), first_ = min(TimeGenerated), m = make_list(UserAgent) by "
    "SourceIpAddress | where n > 1",
    "E | summarize arg_max(TimeGenerated, UserAgent) by EventName",
    "E | summarize a = arg_max(TimeGenerated, *), b = arg_min(UserAgent, AwsEventId) by "
    "SourceIpAddress | project SourceIpAddress, a, b, AwsEventId",
    "E | summarize s = sum(strlen(EventName)), a = avg(strlen(UserAgent)) by SourceIpAddress",
    "E | count",
    "E | sort by AwsEventId desc | project AwsEventId",
    "E | top 3 by AwsEventId asc | project AwsEventId, EventName",
    "E | take 100 | project AwsEventId",
    "E | project EventName, UserAgent | join kind=inner (E | project EventName, SourceIpAddress) "
    "on "
    "EventName",
    "E | project EventName, AwsEventId | join (E | project EventName, SourceIpAddress) on "
    "EventName "
    "| project EventName, SourceIpAddress",
    "E | project EventName, UserAgent | join kind=leftouter (E | where SourceIpAddress == 'p' | "
    "summarize n = count() by EventName) on EventName | where isnotnull(n)",
    "E | project EventName, UserAgent | join kind=rightouter (E | where SourceIpAddress == 'p' | "
    "summarize n = count() by EventName) on EventName",
    "E | project EventName | join kind=leftsemi (E | where SourceIpAddress == 'p') on EventName",
    "E | project EventName | join kind=rightsemi (E | where SourceIpAddress == 'p' | distinct "
    "EventName) on EventName",
    "E | project EventName, UserAgent | lookup kind=inner (E | summarize n = count() by EventName) "
    "on "
    "EventName",
    "union (E | project EventName), (E | summarize n = count() by SourceIpAddress)",
    "union withsource=w (E | project EventName), (E | project UserAgent)",
    "E | extend d = split(UserAgent, 'b') | mv-expand d to typeof(string) | project AwsEventId, d",
    "E | extend d = pack_array(1, 2, strlen(EventName)) | mv-apply x = d to typeof(long) on "
    "(summarize "
    "s = sum(x)) | project AwsEventId, s",
    "E | extend d = pack_array(3, 1, 2) | mv-apply d to typeof(long) on (top 1 by d) | project "
    "AwsEventId, d",
    "E | parse EventName with x 'a' y | summarize count() by x",
    "let f = (T:(EventName:string, SourceIpAddress:string)) { T | summarize n = count() by "
    "EventName }; "
    "f(E) | where n > 1",
    "let m = materialize(E | project EventName, SourceIpAddress); m | join kind=inner (m | "
    "summarize n "
    "= count() by SourceIpAddress) on SourceIpAddress",
};
enum { N_QUERIES = sizeof queries / sizeof queries[0] };

/* Queries that look beyond the row: held to the second property alone. */
static const char *const beyond[] = {
    "E | project EventName, AwsEventId | join kind=leftanti (E | where SourceIpAddress == 'p') on "
    "EventName",
    "E | sort by AwsEventId asc | extend r = row_number(), p = prev(EventName) | project r, p",
    "E | project EventName | join kind=fullouter (E | where SourceIpAddress == 'p' | distinct "
    "EventName, UserAgent) on EventName",
    "E | where EventName in ((E | where SourceIpAddress == 'p' | project EventName)) | project "
    "AwsEventId",
    "E | project AwsEventId, n = toscalar(E | count)",
    "E | where EventName !in (E | project EventName, UserAgent | join kind=rightsemi (E | project "
    "EventName) on EventName | project EventName) | project AwsEventId",
};
enum { N_BEYOND = sizeof beyond / sizeof beyond[0] };

static char *with_events(const char *query)
{
    static char text[4096];
    static const char events[] = "(AWSCloudTrail | where EventSource == 'in')";
    size_t n = 0;
    for (const char *p = query; *p; p++) {
        bool is_events = *p == 'E' && p[1] != 'v' && (p == query || p[-1] == '(' || p[-1] == ' ');
        if (is_events && (p[1] == ' ' || p[1] == ')'))
            n += (size_t)snprintf(text + n, sizeof text - n, "%s", events);
        else
            text[n++] = *p;
    }
    text[n] = 0;
    return text;
}

static void fill(sqlite3 *db, rng *r)
{
    static const char *const names[] = {"ba", "a b", "c", "xay"};
    static const char *const addresses[] = {"p", "q", "r"};
    static const char *const agents[] = {"abc", "b", "", "xbxbx"};
    harness_exec(db, "DELETE FROM cloudtrail");
    for (int i = 1; i <= 10; i++)
        harness_exec_and_free(
            db, sqlite3_mprintf(
                    "INSERT INTO cloudtrail(rowid, eventTime, eventID, eventName, eventSource, "
                    "sourceIPAddress, userAgent, fileID, recordNumber) VALUES(%d, "
                    "'2024-05-01T10:%02d:00Z', 'e%d', %Q, %Q, %Q, nullif(%Q, ''), 1, %d)",
                    i * 7, i, i, names[rng_below(r, 4)], rng_below(r, 4) ? "in" : "out",
                    addresses[rng_below(r, 3)], agents[rng_below(r, 4)], i));
    harness_exec(db, "DROP TABLE IF EXISTS kept; CREATE TABLE kept AS SELECT rowid AS id, * FROM "
                     "cloudtrail");
}

/* The rows of the query as JSON arrays, the events apart, in the table result(row, events). */
static void run(sqlite3 *db, const char *query, int with_evidence, const char *table)
{
    char *compile = sqlite3_mprintf("SELECT kql_sql(%Q, %d)", query, with_evidence);
    char *sql = harness_query(db, compile);
    sqlite3_stmt *stmt;
    if (sqlite3_prepare_v2(db, sql, -1, &stmt, NULL) != SQLITE_OK)
        fail_msg("%s\n%s", sql, sqlite3_errmsg(db));
    harness_exec_and_free(db, sqlite3_mprintf("DELETE FROM %s", table));
    while (sqlite3_step(stmt) == SQLITE_ROW) {
        int n = sqlite3_column_count(stmt) - with_evidence;
        char *row = sqlite3_mprintf("");
        for (int i = 0; i < n; i++) {
            char *longer = sqlite3_mprintf("%s|%s", row, sqlite3_column_text(stmt, i));
            sqlite3_free(row);
            row = longer;
        }
        harness_exec_and_free(
            db, sqlite3_mprintf("INSERT INTO %s VALUES(%Q, %Q)", table, row,
                                with_evidence ? (const char *)sqlite3_column_text(stmt, n) : "[]"));
        sqlite3_free(row);
    }
    sqlite3_finalize(stmt);
    sqlite3_free(compile);
    free(sql);
}

/* No event but those of source 'in', each named once, ascending. */
static void assert_events_are_of_the_scans(sqlite3 *db, const char *query)
{
    char *bad = harness_query(
        db,
        "SELECT row || events FROM result WHERE EXISTS (SELECT 1 FROM json_each(events) AS e WHERE "
        "e.value NOT IN (SELECT rowid FROM cloudtrail WHERE eventSource = 'in')) OR events <> "
        "(SELECT json_group_array(value) FROM (SELECT DISTINCT value FROM json_each(events) ORDER "
        "BY value))");
    if (*bad)
        fail_msg("%s\n%s", query, bad);
    free(bad);
}

static void assert_rows_come_from_their_events(sqlite3 *db, const char *query)
{
    sqlite3_stmt *rows;
    harness_exec(db, "DELETE FROM expected; INSERT INTO expected SELECT * FROM result");
    assert_int_equal(sqlite3_prepare_v2(db, "SELECT row, events FROM expected", -1, &rows, NULL),
                     SQLITE_OK);
    while (sqlite3_step(rows) == SQLITE_ROW) {
        const char *row = (const char *)sqlite3_column_text(rows, 0);
        const char *events = (const char *)sqlite3_column_text(rows, 1);
        harness_exec_and_free(
            db, sqlite3_mprintf("DELETE FROM cloudtrail WHERE rowid NOT IN (SELECT value FROM "
                                "json_each(%Q))",
                                events));
        run(db, query, 0, "result");
        char *find = sqlite3_mprintf("SELECT count(*) > 0 FROM result WHERE row = %Q", row);
        char *found = harness_query(db, find);
        if (strcmp(found, "1") != 0)
            fail_msg("%s\n%s of %s does not come again", query, row, events);
        sqlite3_free(find);
        free(found);
        harness_exec(db,
                     "DELETE FROM cloudtrail; INSERT INTO cloudtrail(rowid, eventTime, eventID, "
                     "eventName, eventSource, sourceIPAddress, userAgent, fileID, recordNumber) "
                     "SELECT id, eventTime, eventID, eventName, eventSource, sourceIPAddress, "
                     "userAgent, fileID, recordNumber FROM kept");
    }
    sqlite3_finalize(rows);
}

/* Asked for or not, the rows are the same. */
static void assert_evidence_changes_no_row(sqlite3 *db, const char *query)
{
    harness_exec(db, "DELETE FROM expected; INSERT INTO expected SELECT * FROM result");
    run(db, query, 0, "result");
    char *differ = harness_query(
        db,
        "SELECT count(*) FROM (SELECT row, count(*) FROM result GROUP BY row EXCEPT SELECT row, "
        "count(*) FROM expected GROUP BY row)");
    if (strcmp(differ, "0") != 0)
        fail_msg("%s: other rows with evidence", query);
    free(differ);
    harness_exec(db, "DELETE FROM result; INSERT INTO result SELECT * FROM expected");
}

static void test_rows_and_their_events(void **state)
{
    (void)state;
    sqlite3 *db = harness_open_ready();
    harness_exec(db, "CREATE TEMP TABLE result(row, events); CREATE TEMP "
                     "TABLE expected(row, events)");
    rng r = {20240501};
    for (int round = 0; round < harness_extent(40, 4); round++) {
        fill(db, &r);
        for (int i = 0; i < N_QUERIES + N_BEYOND; i++) {
            char *query = with_events(i < N_QUERIES ? queries[i] : beyond[i - N_QUERIES]);
            run(db, query, 1, "result");
            assert_events_are_of_the_scans(db, query);
            assert_evidence_changes_no_row(db, query);
            if (i < N_QUERIES)
                assert_rows_come_from_their_events(db, query);
        }
    }
    harness_close(db);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_rows_and_their_events),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
