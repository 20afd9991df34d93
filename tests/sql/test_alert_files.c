/*
 * What alerts are handed over as for other programs: alert_timesketch and alert_navigator, held to
 * the documented formats and to the tables by programs that do not have the extension.
 */
#include "harness.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/buf.h"
#include "shell.h"
#include "temp.h"

/* ---- helpers -------------------------------------------------------------------------------- */

/* A case in a file, which other programs can read. */
static sqlite3 *open_case(const char *name, const char *logs)
{
    const char *path = temp_path(name);
    (void)unlink(path);
    sqlite3 *db = harness_open_file(path);
    harness_exec_and_free(db, sqlite3_mprintf("SELECT cloudtrail_import(%Q)", logs));
    harness_exec(db, "SELECT cloudtrail_detect()");
    return db;
}

static void assert_layer(sqlite3 *db, const char *name, const char *n_techniques)
{
    char *layer = harness_query(db, "SELECT json FROM alert_navigator");
    const char *path = temp_write("layer.json", layer, strlen(layer));
    char *command = sqlite3_mprintf("python3 -B tests/independent/check_layer.py '%s' <'%s'",
                                    temp_path(name), path);
    char *got = shell_output(command);
    assert_string_equal(got, n_techniques);
    sqlite3_free(command);
    free(got);
    free(layer);
}

/* By the lines that docs/alerts.md gives. */
static void assert_timeline(const char *name, const char *expected)
{
    char *command = sqlite3_mprintf(
        "set -e; db='%s'; csv='%s'; jsonl='%s';"
        "sqlite3 -csv -header \"$db\" 'SELECT * FROM alert_timesketch' >\"$csv\";"
        "sqlite3 -json \"$db\" 'SELECT * FROM alert_timesketch' |"
        " sed 's/^\\[//; s/[],]$//' >\"$jsonl\";"
        "python3 -B tests/independent/check_timeline.py \"$db\" \"$csv\" \"$jsonl\"",
        temp_path(name), temp_path("t.csv"), temp_path("t.jsonl"));
    char *got = shell_output(command);
    assert_string_equal(got, expected);
    sqlite3_free(command);
    free(got);
}

/* A burst of twelve different calls by somebody whose every word is meant for a machine. */
static const char *hostile_log(void)
{
    static const char *const calls[] = {"ListUsers",
                                        "ListRoles",
                                        "ListGroups",
                                        "ListPolicies",
                                        "ListAccessKeys",
                                        "GetAccountSummary",
                                        "ListMFADevices",
                                        "GetAccountPasswordPolicy",
                                        "ListInstanceProfiles",
                                        "ListServerCertificates"};
    ct_buf text = CT_BUF_EMPTY;
    ct_buf_put_text(&text, "{\"Records\":[");
    for (int i = 0; i < (int)(sizeof calls / sizeof calls[0]); i++) {
        char *record = sqlite3_mprintf(
            "%s{\"eventVersion\":\"1.08\",\"eventID\":\"e%d\",\"eventTime\":\"2025-10-14T10:00:%"
            "02dZ\","
            "\"eventSource\":\"iam.amazonaws.com\",\"eventName\":\"%s\",\"awsRegion\":\"us-east-"
            "1\","
            "\"recipientAccountId\":\"111122223333\",\"sourceIPAddress\":\"192.0.2.7\","
            "\"userAgent\":\"%s\",\"errorCode\":\"AccessDenied\",\"errorMessage\":\"%s\","
            "\"requestParameters\":{\"bucketName\":\"%s\"},\"userIdentity\":{\"type\":\"IAMUser\","
            "\"arn\":\"%s\",\"userName\":\"%s\",\"accountId\":\"111122223333\"}}",
            i ? "," : "", i, i, calls[i],
            "=cmd|'/C calc'!A0 "
            "<img src=x>\\u2028",
            "<script>alert(1)</script>\\r\\n\\u2028 'quoted' \\\"twice\\\"",
            "@<b>bucket</b>\\u2028",
            "\xEF\xBC\x9D"
            "1+1",
            "<script>alert(2)</script>\\u2028\\n=1+1");
        ct_buf_put_text(&text, record);
        sqlite3_free(record);
    }
    ct_buf_put_text(&text, "]}");
    const char *path = temp_write("hostile.json", text.data, text.len);
    ct_buf_free(&text);
    return path;
}

/* ---- Timesketch ----------------------------------------------------------------------------- */

static void test_timesketch_reads_the_sample(void **state)
{
    (void)state;
    sqlite3 *db = open_case("sample.db", "data/sample");
    assert_timeline("sample.db", "27 666");
    /* merged alerts are part of another; events that have gone keep their line */
    harness_exec(db, "UPDATE alert SET mergedInto = 'x' WHERE rowid = 1;"
                     "DELETE FROM cloudtrail WHERE eventName = 'GetCallerIdentity'");
    char *expected =
        harness_query(db, "SELECT 26 || ' ' || count(*) FROM alert_event WHERE alertID IN"
                          " (SELECT alertID FROM alert WHERE mergedInto IS NULL)");
    assert_timeline("sample.db", expected);
    free(expected);
    assert_query(db,
                 "SELECT DISTINCT message FROM alert_timesketch"
                 " WHERE message LIKE '%longer%' AND timestamp_desc = 'Event Time'",
                 "An event that is no longer in the table (sts.get-caller-identity)");
    assert_query(db,
                 "SELECT count(DISTINCT incidentID) FROM alert_timesketch;"
                 "SELECT count(*) FROM alert_timesketch WHERE state = 'suppressed'"
                 " AND incidentID IS NOT NULL",
                 "8\n0");
    harness_close(db);
}

static void test_timesketch_text_from_logs_stays_text(void **state)
{
    (void)state;
    sqlite3 *db = open_case("hostile.db", hostile_log());
    assert_query(db, "SELECT count(*), sum(eventCount) FROM alert", "1|9");
    assert_timeline("hostile.db", "1 9");
    assert_query(
        db,
        "SELECT userAgent, userIdentityArn FROM alert_timesketch WHERE eventID = 'e0';"
        "SELECT instr(errorMessage, '<script>alert(1)</script>' || char(13, 10, 8232)) FROM"
        " alert_timesketch WHERE eventID = 'e0'",
        "'=cmd|'/C calc'!A0 <img src=x>\xE2\x80\xA8|'\xEF\xBC\x9D"
        "1+1\n1");
    harness_close(db);
}

/* ---- ATT&CK Navigator ----------------------------------------------------------------------- */

static void test_navigator_layer_is_valid(void **state)
{
    (void)state;
    sqlite3 *db = open_case("layer.db", "data/sample");
    assert_layer(db, "layer.db", "12");
    harness_exec(db, "UPDATE alert SET state = 'suppressed' WHERE rowid % 3 = 0;"
                     "UPDATE alert SET mergedInto = 'x' WHERE rowid = 4;"
                     "UPDATE alert SET techniques = 'T1485', ruleName = 'mine' WHERE rowid = 5;"
                     "UPDATE alert SET techniques = '[\"T1078\",\"T1078\",7,\"t1\",\"T12345\"]'"
                     " WHERE rowid = 7; UPDATE alert SET techniques = '[half' WHERE rowid = 8;"
                     "UPDATE alert SET techniques = x'5431343836' WHERE rowid = 10");
    assert_query(db,
                 "SELECT count(*) FROM alert_navigator AS n, json_each(n.json, '$.techniques')"
                 " WHERE json_extract(value, '$.techniqueID') = 'T1486'",
                 "1");
    harness_exec(db, "UPDATE alert SET techniques = '' WHERE rowid = 10");
    assert_layer(db, "layer.db", "14");
    /* what only a hunt has found has a score of 0 */
    harness_exec(db, "SELECT cloudtrail_hunt(); UPDATE hunt_finding SET suppressedBy = 'x'"
                     " WHERE rowid IN (SELECT min(rowid) FROM hunt_finding)");
    char *n =
        harness_query(db, "SELECT json_array_length(json, '$.techniques') FROM alert_navigator");
    assert_true(strtol(n, NULL, 10) > 14);
    assert_layer(db, "layer.db", n);
    free(n);
    assert_query(db,
                 "SELECT count(*) > 0 FROM alert_navigator AS l, json_each(l.json, '$.techniques')"
                 " WHERE json_extract(value, '$.score') = 0",
                 "1");
    harness_exec(db, "DELETE FROM alert; DELETE FROM hunt_finding");
    assert_layer(db, "layer.db", "0");
    assert_query(db, "SELECT json_extract(json, '$.description') FROM alert_navigator",
                 "No alerts. The score of a technique is the number of alerts that have it;"
                 " 0: a hunt has found it.");
    harness_close(db);
}

static void test_navigator_text_from_logs_stays_text(void **state)
{
    (void)state;
    sqlite3 *db = open_case("hostile_layer.db", hostile_log());
    assert_query(db,
                 "SELECT count(*), sum(json_extract(value, '$.comment') LIKE"
                 " '%: 1 (<script>alert(2)</script>' || char(8232) || '%') = count(*)"
                 " FROM alert_navigator AS n, json_each(n.json, '$.techniques')",
                 "5|1");
    harness_close(db);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_timesketch_reads_the_sample),
        cmocka_unit_test(test_timesketch_text_from_logs_stays_text),
        cmocka_unit_test(test_navigator_layer_is_valid),
        cmocka_unit_test(test_navigator_text_from_logs_stays_text),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
