/*
 * cloudtrail_detect() over rules that anybody may have written, what becomes of their findings, and
 * cloudtrail_allow(). Issue 13.
 */
#include "harness.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* SQLite loses a few bytes of its own where the sweep below lets its memory run out. */
/* NOLINTBEGIN */
__attribute__((visibility("default"))) const char *__lsan_default_suppressions(void);
const char *__lsan_default_suppressions(void)
{
    return "leak:libsqlite3\n";
}
/* NOLINTEND */

/* Four events of two users; jane's were denied or from elsewhere in part. */
static const char events[] =
    "INSERT INTO cloudtrail (eventTime, eventID, eventName, eventSource, sourceIPAddress,"
    "  recipientAccountId, userIdentityUserName, userIdentityArn, errorCode, vpcEndpointId, fileID,"
    "  recordNumber) VALUES"
    " ('2024-03-05T10:00:00Z', 'a', 'GetSecretValue', 'secretsmanager.amazonaws.com',"
    "  '192.0.2.1', '111122223333', 'jane', 'arn:aws:iam::111122223333:user/jane', NULL, 'vpce-1',"
    "  1, 1),"
    " ('2024-03-05T10:00:39Z', 'b', 'GetSecretValue', 'secretsmanager.amazonaws.com',"
    "  '192.0.2.1', '111122223333', 'jane', 'arn:aws:iam::111122223333:user/jane', 'AccessDenied',"
    "  'vpce-1', 1, 2),"
    " ('2024-03-05T11:00:00Z', 'c', 'GetSecretValue', 'secretsmanager.amazonaws.com',"
    "  '192.0.2.9', '111122223333', 'joe', 'arn:aws:iam::111122223333:user/joe', NULL, NULL, 1, 3),"
    " ('2024-03-05T11:00:05Z', 'd', 'ListUsers', 'iam.amazonaws.com',"
    "  '192.0.2.9', '111122223333', 'joe', 'arn:aws:iam::111122223333:user/joe', NULL, NULL, 1, "
    "4);";

/* A rule as docs/rule.md tells how to write one. */
static const char secrets_read[] =
    "CREATE VIEW secrets_read AS"
    " SELECT min(c.eventTime) AS firstTime, max(c.eventTime) AS lastTime, i.recipientAccountId,"
    "        i.accountName, i.accountUPNSuffix, c.sourceIPAddress,"
    "        finding_sentence(i.accountName, i.accountUPNSuffix,"
    "                         printf('read %d secrets', count(*)), min(c.eventTime),"
    "                         max(c.eventTime), c.sourceIPAddress, i.recipientAccountId,"
    "                         sum(c.outcome = 'denied')) AS summary,"
    "        ct_json_object('reads', count(*)) AS details,"
    "        ct_json_group_array(c.event) AS evidence"
    "   FROM cloudtrail_call AS c JOIN event_identity AS i ON i.event = c.event"
    "  WHERE c.eventName = 'GetSecretValue'"
    "  GROUP BY i.recipientAccountId, i.accountName, i.accountUPNSuffix, c.sourceIPAddress;"
    "INSERT INTO rule (name, title, severity) VALUES ('secrets_read', 'Secrets read', 'High');";

static sqlite3 *open_with_rule(const char *rule)
{
    sqlite3 *db = harness_open_ready();
    harness_exec(db, "UPDATE rule SET enabled = 0");
    harness_exec(db, events);
    harness_exec(db, rule);
    return db;
}

static void test_detect_a_rule_of_ones_own_raises_alerts(void **state)
{
    (void)state;
    sqlite3 *db = open_with_rule(secrets_read);
    assert_query(db, "SELECT json_remove(cloudtrail_detect(), '$.seconds')",
                 "{\"alerts\":2,\"new\":2,\"updated\":0,\"merged\":0,\"suppressed\":0,\"rules\":{"
                 "\"secrets_read\":{\"new\":2,\"updated\":0,\"merged\":0,\"suppressed\":0}}}");
    assert_query(db,
                 "SELECT alertID, severity, tactics, startTime, endTime, summary, customDetails,"
                 " eventCount, state, groupKey FROM alert ORDER BY 1",
                 "secrets_read|111122223333|jane||192.0.2.1|2024-03-05T10:00:00Z|High|[]"
                 "|2024-03-05T10:00:00Z|2024-03-05T10:00:39Z"
                 "|jane read 2 secrets in 39 seconds from 192.0.2.1 in account 111122223333;"
                 " 1 call was denied.|{\"reads\":2}|2|new|NULL\n"
                 "secrets_read|111122223333|joe||192.0.2.9|2024-03-05T11:00:00Z|High|[]"
                 "|2024-03-05T11:00:00Z|2024-03-05T11:00:00Z"
                 "|joe read 1 secrets within a second from 192.0.2.9 in account 111122223333."
                 "|{\"reads\":1}|1|new|NULL");
    assert_query(db,
                 "SELECT step, eventTime, command, commandSource, eventName, outcome FROM"
                 " alert_evidence WHERE alertID LIKE '%|jane|%' ORDER BY step",
                 "1|2024-03-05T10:00:00Z|||GetSecretValue|done\n"
                 "2|2024-03-05T10:00:39Z|||GetSecretValue|denied");
    assert_query(
        db,
        "SELECT ruleName, abs(julianday('now') - julianday(ranAt)) < 0.1, fromTime, toTime,"
        " windows, findings, typeof(seconds), error FROM rule_run",
        "secrets_read|1|2024-03-05T10:00:00Z|2024-03-05T11:00:05Z|1|2|real|NULL");
    /* again adds nothing; what comes grows the alert that is there */
    assert_query(db, "SELECT json_extract(cloudtrail_detect(), '$.new', '$.updated')", "[0,0]");
    harness_exec(db, "INSERT INTO cloudtrail (eventTime, eventID, eventName, sourceIPAddress,"
                     " recipientAccountId, userIdentityUserName, fileID, recordNumber) VALUES"
                     " ('2024-03-05T10:01:00Z', 'e', 'GetSecretValue', '192.0.2.1',"
                     "  '111122223333', 'jane', 1, 5)");
    assert_query(db, "SELECT json_extract(cloudtrail_detect(), '$.new', '$.updated')", "[0,1]");
    assert_query(db, "SELECT count(*), max(eventCount), max(customDetails) FROM alert",
                 "2|3|{\"reads\":3}");
    /* its stories and its rows for others are there, too */
    assert_query(db,
                 "SELECT count(story), (SELECT count(*) FROM alert_csv),"
                 " (SELECT count(*) FROM alert_ocsf), (SELECT count(*) FROM SecurityAlert)"
                 " FROM alert_story",
                 "2|2|2|2");
    harness_close(db);
}

/* What a rule's columns are is asked by a pragma. The host that forbids it gets the same alerts, and
 * the same reason where a rule does not run. */
static int forbid_that_pragma(void *answer, int action, const char *a, const char *b, const char *c,
                              const char *d)
{
    (void)b, (void)c, (void)d;
    bool is_it = action == SQLITE_PRAGMA && strcmp(a, "table_xinfo") == 0;
    return is_it ? *(const int *)answer : SQLITE_OK;
}

static void test_detect_where_the_pragma_is_forbidden(void **state)
{
    (void)state;
    static const int answers[] = {SQLITE_DENY, SQLITE_IGNORE};
    for (size_t i = 0; i < sizeof answers / sizeof answers[0]; i++) {
        sqlite3 *db = open_with_rule(secrets_read);
        harness_exec(db, "CREATE VIEW bare AS SELECT '2024-03-05T10:00:00Z' AS lastTime;"
                         "INSERT INTO rule (name, title, severity) VALUES ('bare', 'x', 'Low')");
        sqlite3_set_authorizer(db, forbid_that_pragma, (void *)&answers[i]);
        assert_query(db, "SELECT json_extract(cloudtrail_detect(), '$.new')", "2");
        assert_query(db, "SELECT ruleName, error FROM rule_run ORDER BY ruleName",
                     "bare|bare has no column firstTime\nsecrets_read|NULL");
        sqlite3_set_authorizer(db, NULL, NULL);
        harness_close(db);
    }
}

static void test_detect_custom_details_by_the_mapping(void **state)
{
    (void)state;
    sqlite3 *db = open_with_rule(secrets_read);
    harness_exec(db, "UPDATE rule SET customDetails = '{\"Who\":\"accountName\",\"N\":\"reads\","
                     "\"None\":\"nosuch\",\"Odd\":\"a\\\"b\",\"Number\":7}' WHERE enabled;"
                     "SELECT cloudtrail_detect()");
    assert_query(db, "SELECT customDetails FROM alert WHERE accountName = 'jane'",
                 "{\"Who\":\"jane\",\"N\":2,\"None\":null,\"Odd\":null,\"Number\":null}");
    /* what somebody has put there and is no JSON does not stand in the way */
    harness_exec(db,
                 "UPDATE rule SET customDetails = 'x' WHERE enabled; SELECT cloudtrail_detect()");
    assert_query(db, "SELECT customDetails FROM alert WHERE accountName = 'jane'", "{\"reads\":2}");
    harness_close(db);
}

/* A rule of one row, whose columns are given. */
#define ROW(columns)                                                                               \
    "'2024-03-05T10:00:00Z' AS firstTime, '2024-03-05T10:00:00Z' AS lastTime,"                     \
    " '111122223333' AS recipientAccountId, 'jane' AS accountName, '' AS accountUPNSuffix,"        \
    " '192.0.2.1' AS sourceIPAddress, " columns

static void test_detect_a_rule_that_fails_is_named_and_the_others_go_on(void **state)
{
    static const struct {
        const char *view, *why;
    } wrong[] = {
        {"SELECT 1 AS firstTime", "bad has no column lastTime"},
        {"SELECT " ROW("'x' AS summary, '{}' AS details"), "bad has no column evidence"},
        {"SELECT 1 AS x FROM nosuch", "no such table: main.nosuch"},
        {"SELECT " ROW("kql_bin('x', '1m') AS summary, '{}' AS details, '[]' AS evidence"),
         "kql_bin(): value is neither a time nor a number: 'x'"},
        {"SELECT " ROW("NULL AS summary, '{}' AS details, '[]' AS evidence"),
         "bad: summary is no text"},
        {"SELECT " ROW("'x' AS summary, '[]' AS details, '[]' AS evidence"),
         "bad: details is no JSON object"},
        {"SELECT " ROW("'x' AS summary, '{' AS details, '[]' AS evidence"),
         "bad: details is no JSON object"},
        {"SELECT " ROW("'x' AS summary, NULL AS details, '[]' AS evidence"),
         "bad: details is no JSON object"},
        {"SELECT " ROW("'x' AS summary, '{}' AS details, '1' AS evidence"),
         "bad: evidence is no JSON array"},
        {"SELECT " ROW("'x' AS summary, '{}' AS details, 'x' AS evidence"),
         "bad: evidence is no JSON array"},
        {"SELECT " ROW("'x' AS summary, '{}' AS details, '[99]' AS evidence"),
         "bad: evidence names a row that is not in cloudtrail"},
        {"SELECT " ROW("'x' AS summary, '{}' AS details, '[\"1\"]' AS evidence"),
         "bad: evidence names a row that is not in cloudtrail"},
        {"SELECT " ROW("'x' AS summary, '{}' AS details, '[1]' AS evidence, '[]' AS eventCommands"),
         "bad: eventCommands is not as long as evidence"},
        {"SELECT " ROW("'x' AS summary, '{}' AS details, '[1,2]' AS evidence,"
                       " '[\"iam.list-users\",\"event\"]' AS eventCommands"),
         "bad: an item of eventCommands is not [command, source]"},
        {"SELECT " ROW("'x' AS summary, '{}' AS details, '[1]' AS evidence,"
                       " '[[\"a\",1]]' AS eventCommands"),
         "bad: an item of eventCommands is not [command, source]"},
        {"SELECT " ROW("'x' AS summary, '{}' AS details, '[1]' AS evidence,"
                       " '{\"a\":1}' AS eventCommands"),
         "bad: eventCommands is no JSON array"},
        {"SELECT " ROW("'x' AS summary, '{}' AS details, '[1]' AS evidence, x'41' AS groupKey"),
         "bad: a column is a BLOB"},
        {"SELECT '2024-03-05 10:00:00' AS firstTime, '2024-03-05T10:00:00Z' AS lastTime,"
         " '' AS recipientAccountId, '' AS accountName, '' AS accountUPNSuffix,"
         " '' AS sourceIPAddress, 'x' AS summary, '{}' AS details, '[]' AS evidence",
         "bad: firstTime or lastTime is no time (YYYY-MM-DDTHH:MM:SSZ)"},
        {"SELECT '2024-03-05T10:00:01Z' AS firstTime, '2024-03-05T10:00:00Z' AS lastTime,"
         " '' AS recipientAccountId, x'41' AS accountName, '' AS accountUPNSuffix,"
         " '' AS sourceIPAddress, 'x' AS summary, '{}' AS details, '[]' AS evidence",
         "bad: lastTime is before firstTime"},
        {"SELECT '2024-03-05T10:00:00Z' AS firstTime, '2024-03-05T10:00:00Z' AS lastTime,"
         " '' AS recipientAccountId, x'41' AS accountName, '' AS accountUPNSuffix,"
         " '' AS sourceIPAddress, 'x' AS summary, '{}' AS details, '[]' AS evidence",
         "bad: a column is a BLOB"},
        {"SELECT " ROW("'x' AS summary, '{}' AS details, '[1]' AS evidence, 'Bad' AS severity"),
         "bad: severity is none of Informational, Low, Medium and High"},
        {"SELECT NULL AS firstTime, '2024-03-05T10:00:00Z' AS lastTime, 1 AS recipientAccountId,"
         " '' AS accountName, '' AS accountUPNSuffix, '' AS sourceIPAddress, 'x' AS summary,"
         " '{}' AS details, '[]' AS evidence",
         "bad: firstTime or lastTime is no time (YYYY-MM-DDTHH:MM:SSZ)"},
    };
    (void)state;
    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
        sqlite3 *db = open_with_rule(secrets_read);
        harness_exec(db, "INSERT INTO rule (name) VALUES ('bad')");
        harness_exec_and_free(db, sqlite3_mprintf("CREATE VIEW bad AS %s", wrong[i].view));
        char *expected = sqlite3_mprintf("%s|2|1", wrong[i].why);
        assert_query(db,
                     "SELECT json_extract(x, '$.failed.bad'), json_extract(x, '$.new'),"
                     " json_type(x, '$.rules.bad') IS NULL FROM (SELECT cloudtrail_detect() AS x)",
                     expected);
        sqlite3_free(expected);
        expected = sqlite3_mprintf("bad|0|%s\nsecrets_read|2|NULL", wrong[i].why);
        assert_query(db, "SELECT ruleName, findings, error FROM rule_run ORDER BY 1", expected);
        sqlite3_free(expected);
        harness_close(db);
    }
}

static void test_detect_a_number_that_makes_no_sense_stops_its_rule_alone(void **state)
{
    (void)state;
    sqlite3 *db = open_with_rule(secrets_read);
    harness_exec(db, "UPDATE rule SET enabled = 1;"
                     "UPDATE cloudtrail SET userAgent = 'aws-cli/1.22.34';"
                     "UPDATE rule_parameter SET value = 0 WHERE name = 'threshold'");
    assert_query(db,
                 "SELECT json_extract(x, '$.failed.aws_cli_recon_burst'), json_extract(x, '$.new')"
                 " FROM (SELECT cloudtrail_detect() AS x)",
                 "distinct_bursts(): threshold must be an integer of 1 or more, not 0|2");
    harness_close(db);
}

static void test_detect_a_view_that_is_not_there_and_a_language_that_is_not_run(void **state)
{
    (void)state;
    sqlite3 *db = open_with_rule(secrets_read);
    harness_exec(db, "INSERT INTO rule (name) VALUES ('no \"such\" view'), ('temporary');"
                     "CREATE TEMP VIEW temporary AS SELECT * FROM main.secrets_read;"
                     "INSERT INTO rule (name, language, query) VALUES ('other', 'kql', 'x')");
    assert_query(db, "SELECT json_extract(cloudtrail_detect(), '$.failed')",
                 "{\"no \\\"such\\\" view\":\"no such table: main.no \\\"such\\\" view\","
                 "\"other\":\"a rule in the language kql is not run\","
                 "\"temporary\":\"no such table: main.temporary\"}");
    harness_close(db);
}

/* A rule called as SQL would not have it, with columns in another case and more than are asked. */
static void test_detect_odd_names_are_names(void **state)
{
    (void)state;
    sqlite3 *db = open_with_rule("CREATE VIEW \"a \"\"rule'; --\" AS SELECT 1 AS more, " ROW(
        "'x' AS SUMMARY, '{}' AS DETAILS, '[1]' AS EVIDENCE") ";"
                                                              "INSERT INTO rule (name) VALUES ('a "
                                                              "\"rule''; --')");
    assert_query(db, "SELECT json_extract(cloudtrail_detect(), '$.new', '$.failed')", "[1,null]");
    assert_query(db, "SELECT ruleName, eventCount FROM alert", "a \"rule'; --|1");
    harness_close(db);
}

static void test_detect_reads_the_finding_view_where_there_is_one(void **state)
{
    (void)state;
    sqlite3 *db = open_with_rule(
        "CREATE VIEW odd AS SELECT 1 AS x;"
        "CREATE VIEW odd_finding AS SELECT " ROW(
            "'x' AS summary, '{}' AS details, '[1]' AS evidence") ";INSERT INTO rule (name, "
                                                                  "findingView) VALUES ('odd', "
                                                                  "'odd_finding')");
    assert_query(db, "SELECT json_extract(cloudtrail_detect(), '$.rules.odd.new')", "1");
    assert_query(db, "SELECT ruleName FROM alert", "odd");
    harness_close(db);
}

static void test_detect_findings_without_events_are_known_by_their_times(void **state)
{
    (void)state;
    sqlite3 *db = open_with_rule(
        "CREATE TABLE t (first, last, who);"
        "CREATE VIEW quiet AS SELECT first AS firstTime, last AS lastTime, '' AS "
        "recipientAccountId,"
        " who AS accountName, '' AS accountUPNSuffix, '' AS sourceIPAddress, 'x' AS summary,"
        " '{}' AS details, NULL AS evidence FROM t;"
        "INSERT INTO rule (name) VALUES ('quiet');"
        "INSERT INTO t VALUES ('2024-03-05T10:00:00Z', '2024-03-05T10:00:01Z', 'a'),"
        " ('2024-03-05T10:00:00Z', '2024-03-05T10:00:01Z', 'b')");
    assert_query(db, "SELECT json_extract(cloudtrail_detect(), '$.new')", "2");
    assert_query(db, "SELECT json_extract(cloudtrail_detect(), '$.new')", "0");
    harness_exec(db, "UPDATE t SET last = '2024-03-05T10:00:09Z' WHERE who = 'a'");
    assert_query(db, "SELECT json_extract(cloudtrail_detect(), '$.new')", "1");
    assert_query(db, "SELECT accountName, endTime, eventCount FROM alert ORDER BY 1, 2",
                 "a|2024-03-05T10:00:01Z|0\na|2024-03-05T10:00:09Z|0\nb|2024-03-05T10:00:01Z|0");
    harness_close(db);
}

/* With a groupKey who the first event is by does not matter; without, it does. */
static void test_detect_group_key_holds_findings_together(void **state)
{
    static const char rule[] =
        "CREATE TABLE t (who, evidence, key);"
        "CREATE VIEW grouped AS SELECT '2024-03-05T10:00:00Z' AS firstTime,"
        " '2024-03-05T10:00:39Z' AS lastTime, '' AS recipientAccountId, who AS accountName,"
        " '' AS accountUPNSuffix, '' AS sourceIPAddress, 'x' AS summary, '{}' AS details, evidence,"
        " key AS groupKey FROM t;"
        "INSERT INTO rule (name) VALUES ('grouped');"
        "INSERT INTO t VALUES ('joe', '[2]', ''), ('tom', '[4]', NULL)";
    (void)state;
    sqlite3 *db = open_with_rule(rule);
    assert_query(db, "SELECT json_extract(cloudtrail_detect(), '$.new')", "2");
    harness_exec(db, "UPDATE t SET who = 'jane', evidence = '[1,2]' WHERE who = 'joe';"
                     "UPDATE t SET who = 'tim' WHERE who = 'tom'");
    assert_query(db, "SELECT json_extract(cloudtrail_detect(), '$.new', '$.updated')", "[1,1]");
    assert_query(db, "SELECT accountName, eventCount, groupKey FROM alert ORDER BY 1",
                 "jane|2|\ntim|1|NULL\ntom|1|NULL");
    /* another key, another alert, whatever they share */
    harness_exec(db, "UPDATE t SET key = 'k' WHERE who = 'jane'");
    assert_query(db, "SELECT json_extract(cloudtrail_detect(), '$.new')", "1");
    harness_close(db);
}

static void test_detect_severity_and_suppression_are_the_findings(void **state)
{
    (void)state;
    sqlite3 *db = open_with_rule(
        "CREATE TABLE t (severity, why);"
        "CREATE VIEW own AS SELECT " ROW(
            "'x' AS summary, '{}' AS details, '[1]' AS evidence,"
            " severity, why AS suppressedBy FROM t") ";"
                                                     "INSERT INTO rule (name, severity) VALUES "
                                                     "('own', 'High');"
                                                     "INSERT INTO t VALUES ('Informational', "
                                                     "'ordinary agent')");
    static const char now[] = "SELECT severity, state, suppressedBy FROM alert";
    assert_query(db, "SELECT json_extract(cloudtrail_detect(), '$.rules.own.suppressed')", "1");
    assert_query(db, now, "Informational|suppressed|ordinary agent");
    assert_query(db, "SELECT json_extract(cloudtrail_detect(), '$.rules')",
                 "{\"own\":{\"new\":0,\"updated\":0,\"merged\":0,\"suppressed\":0}}");
    assert_query(db, now, "Informational|suppressed|ordinary agent");
    /* an entry of the user's has its own reason */
    harness_exec(db, "INSERT INTO allow_list (principal, reason) VALUES ('*', 'mine');"
                     "SELECT cloudtrail_detect()");
    assert_query(db, now, "Informational|suppressed|mine");
    harness_exec(db, "DELETE FROM allow_list; SELECT cloudtrail_detect()");
    assert_query(db, now, "Informational|suppressed|ordinary agent");
    /* what the rule says no more, holds no more */
    harness_exec(db, "UPDATE t SET severity = NULL, why = NULL; SELECT cloudtrail_detect()");
    assert_query(db, now, "Informational|new|NULL");
    harness_exec(db, "UPDATE t SET severity = 'Low', why = 'x'; UPDATE alert SET state = 'mine';"
                     "SELECT cloudtrail_detect()");
    assert_query(db, now, "Low|mine|NULL");
    harness_close(db);
}

/* ---- the allow list ------------------------------------------------------------------------ */

static void test_allow_covers_just_this_kind_of_alert(void **state)
{
    (void)state;
    sqlite3 *db = open_with_rule(secrets_read);
    harness_exec(db, "SELECT cloudtrail_detect()");
    assert_query(db,
                 "SELECT cloudtrail_allow(alertID, 'rotation job', '2999-01-01') FROM alert"
                 " WHERE accountName = 'jane'",
                 "{\"ruleName\":\"secrets_read\",\"recipientAccountId\":\"111122223333\","
                 "\"principal\":\"jane\",\"sourceIPAddress\":\"192.0.2.1\","
                 "\"vpcEndpointId\":\"vpce-1\",\"reason\":\"rotation job\","
                 "\"expires\":\"2999-01-01\"}");
    static const char states[] = "SELECT accountName, state, suppressedBy FROM alert ORDER BY 1";
    assert_query(db, states, "jane|suppressed|rotation job\njoe|new|NULL");
    assert_query(db, "SELECT json_extract(cloudtrail_detect(), '$.suppressed')", "0");
    assert_query(db, states, "jane|suppressed|rotation job\njoe|new|NULL");
    /* the same name and address through another endpoint, of another account, by another rule */
    static const char *const others[] = {
        "UPDATE cloudtrail SET vpcEndpointId = 'vpce-2' WHERE eventID = 'b'",
        "UPDATE cloudtrail SET sourceIPAddress = '192.0.2.77' WHERE eventID IN ('a', 'b')",
        "UPDATE allow_list SET ruleName = 'other'",
        "UPDATE allow_list SET recipientAccountId = '444455556666'",
        "UPDATE allow_list SET principal = 'jan'",
    };
    for (size_t i = 0; i < sizeof others / sizeof others[0]; i++) {
        harness_exec(db, "SAVEPOINT s");
        harness_exec(db, others[i]);
        harness_exec(db, "SELECT cloudtrail_detect()");
        char *got = harness_query(db, "SELECT count(*) > 0 FROM alert WHERE accountName = 'jane'"
                                      " AND state = 'new'");
        if (strcmp(got, "1") != 0)
            fail_msg("%s: the entry covers it", others[i]);
        free(got);
        harness_exec(db, "ROLLBACK TO s; RELEASE s");
    }
    harness_close(db);
}

static void test_allow_pattern_characters_stand_for_themselves(void **state)
{
    (void)state;
    sqlite3 *db = open_with_rule(
        "CREATE VIEW \"r*\" AS SELECT '2024-03-05T10:00:00Z' AS firstTime,"
        " '2024-03-05T10:00:00Z' AS lastTime, '1' AS recipientAccountId, 'a' AS accountName,"
        " '' AS accountUPNSuffix, '192.0.2.1' AS sourceIPAddress, 'x' AS summary, '{}' AS details,"
        " '[1]' AS evidence; INSERT INTO rule (name) VALUES ('r*');"
        "UPDATE cloudtrail SET userIdentityUserName = '[j?*]' WHERE eventID = 'a'");
    harness_exec(db,
                 "SELECT cloudtrail_detect(); SELECT cloudtrail_allow(alertID, 'x') FROM alert");
    assert_query(db, "SELECT ruleName, principal, expires FROM allow_list",
                 "r[*]|[[]j[?][*]]|NULL");
    assert_query(db, "SELECT cloudtrail_detect() <> ''; SELECT state FROM alert", "1\nsuppressed");
    harness_close(db);
}

static void test_allow_several_names_or_addresses(void **state)
{
    static const char rule[] = "CREATE VIEW all_events AS SELECT " ROW(
        "'x' AS summary, '{}' AS details,"
        " '[1,3]' AS evidence, '' AS groupKey") ";"
                                                "INSERT INTO rule (name) VALUES ('all_events')";
    (void)state;
    sqlite3 *db = open_with_rule(rule);
    harness_exec(db, "SELECT cloudtrail_detect()");
    /* jane and joe, in one /24 */
    assert_query(db, "SELECT cloudtrail_allow(alertID, 'x') FROM alert",
                 "{\"ruleName\":\"all_events\",\"recipientAccountId\":\"111122223333\","
                 "\"principal\":null,\"sourceIPAddress\":\"192.0.2.0/24\",\"vpcEndpointId\":null,"
                 "\"reason\":\"x\",\"expires\":null}");
    assert_query(db, "SELECT cloudtrail_detect() <> ''; SELECT state FROM alert", "1\nsuppressed");
    /* the sessions of one role, from anywhere */
    harness_exec(db, "DELETE FROM allow_list; UPDATE cloudtrail SET sessionIssuerArn = 'arn:role',"
                     " sourceIPAddress = '198.51.100.' || rowid || '0' WHERE rowid = 1;"
                     "UPDATE cloudtrail SET sessionIssuerArn = 'arn:role'");
    assert_query(db,
                 "SELECT json_extract(cloudtrail_allow(alertID, 'x'), '$.principal',"
                 " '$.sourceIPAddress') FROM alert",
                 "[\"arn:role\",null]");
    assert_query(db, "SELECT cloudtrail_detect() <> ''; SELECT state FROM alert", "1\nsuppressed");
    /* nothing in common */
    harness_exec(db, "DELETE FROM allow_list; UPDATE cloudtrail SET sessionIssuerArn = NULL");
    assert_query(db, "SELECT cloudtrail_allow(alertID, 'x') FROM alert",
                 "error: cloudtrail_allow(): its events have no one identity and no one address:"
                 " write the entry yourself");
    assert_query(db, "SELECT count(*) FROM allow_list", "0");
    harness_close(db);
}

static void test_allow_refuses_what_makes_no_sense(void **state)
{
    (void)state;
    sqlite3 *db = open_with_rule(secrets_read);
    harness_exec(db, "SELECT cloudtrail_detect()");
    assert_query(db, "SELECT cloudtrail_allow('nothing', 'x')",
                 "error: cloudtrail_allow(): there is no such alert");
    assert_query(db, "SELECT cloudtrail_allow(NULL, 'x'), cloudtrail_allow('x', NULL)",
                 "NULL|NULL");
    assert_query(db, "SELECT cloudtrail_allow(max(alertID), ' ') FROM alert",
                 "error: cloudtrail_allow(): CHECK constraint failed: reason");
    assert_query(db, "SELECT cloudtrail_allow(max(alertID), 'x', 'tomorrow') FROM alert",
                 "error: cloudtrail_allow(): CHECK constraint failed: expires");
    assert_query(db, "CREATE TABLE t AS SELECT cloudtrail_allow(max(alertID), 'x') FROM alert",
                 "error: cloudtrail_allow(): call it from a plain SELECT, not from INSERT or CREATE"
                 " TABLE AS");
    assert_query(db, "SELECT cloudtrail_allow(max(alertID), 'x', '2020-01-31') FROM alert",
                 "error: cloudtrail_allow(): expires is in the past");
    assert_query(db,
                 "SAVEPOINT s; SELECT json_extract(cloudtrail_allow(max(alertID),"
                 " CAST('x' AS BLOB)), '$.reason') FROM alert; ROLLBACK TO s; RELEASE s",
                 "x");
    harness_exec(db, "UPDATE alert SET mergedInto = 'another' WHERE accountName = 'joe'");
    assert_query(db, "SELECT cloudtrail_allow(alertID, 'x') FROM alert WHERE accountName = 'joe'",
                 "error: cloudtrail_allow(): it is part of the alert another");
    assert_query(db, "SELECT count(*) FROM allow_list", "0");
    /* inside a transaction it is the caller's to keep */
    harness_exec(db, "BEGIN; SELECT cloudtrail_allow(alertID, 'x') FROM alert WHERE accountName ="
                     " 'jane'; ROLLBACK");
    assert_query(db, "SELECT count(*) FROM allow_list", "0");
    harness_close(db);
}

static void test_allow_list_networks(void **state)
{
    static const struct {
        const char *address;
        int covers; /* 192.0.2.1 */
    } cases[] = {{"192.0.2.0/24", 1},   {"192.0.2.1/32", 1},  {"192.0.2.7/24", 1},
                 {"192.0.2.0/31", 1},   {"192.0.2.2/31", 0},  {"0.0.0.0/0", 1},
                 {"198.51.100.0/8", 0}, {"2001:db8::/32", 0}, {"::/0", 0},
                 {"192.0.2.*", 1},      {"192.0.2.?", 1},     {"192.0.3.*", 0}};
    static const char *const refused[] = {
        "192.0.2.0/33", "192.0.2.0/",     "192.0.2.0/x",  "/24",       "2001:db8::/129",
        "x/24",         "192.0.2.0/24/8", "192.0.2.*/24", "192.0.2/24"};
    (void)state;
    sqlite3 *db = open_with_rule(secrets_read);
    harness_exec(db, "SELECT cloudtrail_detect()");
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        harness_exec_and_free(
            db, sqlite3_mprintf("INSERT INTO allow_list (sourceIPAddress, reason) VALUES (%Q, 'x');"
                                "SELECT cloudtrail_detect()",
                                cases[i].address));
        char *got = harness_query(db, "SELECT state FROM alert WHERE accountName = 'jane'");
        if (strcmp(got, cases[i].covers ? "suppressed" : "new") != 0)
            fail_msg("%s: %s", cases[i].address, got);
        free(got);
        harness_exec(db, "DELETE FROM allow_list");
    }
    for (size_t i = 0; i < sizeof refused / sizeof refused[0]; i++) {
        char *sql = sqlite3_mprintf("INSERT INTO allow_list (sourceIPAddress, reason)"
                                    " VALUES (%Q, 'x')",
                                    refused[i]);
        assert_query(db, sql, "error: CHECK constraint failed: network");
        sqlite3_free(sql);
    }
    /* what plain SQL cannot tell covers nothing, and is named */
    harness_exec(db, "INSERT INTO allow_list (sourceIPAddress, reason) VALUES"
                     " ('010.0.0.0/8', 'x'), ('1:2:3/64', 'y'), ('192.0.2.0/24', 'z')");
    assert_query(db, "SELECT json_extract(cloudtrail_detect(), '$.noNetwork')",
                 "[\"010.0.0.0/8\",\"1:2:3/64\"]");
    assert_query(db, "SELECT DISTINCT suppressedBy FROM alert", "z");
    harness_close(db);
}

static void test_allow_list_expires_is_a_date(void **state)
{
    static const char *const good[] = {"2999-01-01", "2999-01-01T10:00:00Z", "2999-01-01 10:00"};
    static const char *const bad[] = {"5",          "2999",     "12:00",       "now",
                                      "2027-02-30", "tomorrow", "2999-01-01x", ""};
    (void)state;
    sqlite3 *db = open_with_rule(secrets_read);
    for (size_t i = 0; i < sizeof good / sizeof good[0]; i++) {
        char *sql = sqlite3_mprintf("INSERT INTO allow_list (principal, reason, expires)"
                                    " VALUES ('x', 'x', %Q)",
                                    good[i]);
        assert_query(db, sql, "");
        sqlite3_free(sql);
    }
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        char *sql = sqlite3_mprintf("INSERT INTO allow_list (principal, reason, expires)"
                                    " VALUES ('x', 'x', %Q)",
                                    bad[i]);
        assert_query(db, sql, "error: CHECK constraint failed: expires");
        sqlite3_free(sql);
    }
    harness_close(db);
}

static void test_rule_run_out_of_memory_is_reported(void **state)
{
    (void)state;
    char *setup = sqlite3_mprintf("SELECT cloudtrail_init(); UPDATE rule SET enabled = 0; %s %s",
                                  events, secrets_read);
    harness_oom_places(setup, "SELECT json_extract(cloudtrail_detect(), '$.new', '$.failed')",
                       "[2,null]");
    sqlite3_free(setup);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_detect_a_rule_of_ones_own_raises_alerts),
        cmocka_unit_test(test_detect_where_the_pragma_is_forbidden),
        cmocka_unit_test(test_detect_custom_details_by_the_mapping),
        cmocka_unit_test(test_detect_a_rule_that_fails_is_named_and_the_others_go_on),
        cmocka_unit_test(test_detect_a_number_that_makes_no_sense_stops_its_rule_alone),
        cmocka_unit_test(test_detect_a_view_that_is_not_there_and_a_language_that_is_not_run),
        cmocka_unit_test(test_detect_odd_names_are_names),
        cmocka_unit_test(test_detect_reads_the_finding_view_where_there_is_one),
        cmocka_unit_test(test_detect_findings_without_events_are_known_by_their_times),
        cmocka_unit_test(test_detect_group_key_holds_findings_together),
        cmocka_unit_test(test_detect_severity_and_suppression_are_the_findings),
        cmocka_unit_test(test_allow_covers_just_this_kind_of_alert),
        cmocka_unit_test(test_allow_pattern_characters_stand_for_themselves),
        cmocka_unit_test(test_allow_several_names_or_addresses),
        cmocka_unit_test(test_allow_refuses_what_makes_no_sense),
        cmocka_unit_test(test_allow_list_networks),
        cmocka_unit_test(test_allow_list_expires_is_a_date),
        cmocka_unit_test(test_rule_run_out_of_memory_is_reported),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
