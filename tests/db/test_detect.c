/*
 * cloudtrail_detect(): what becomes an alert, how it stays the same alert while events come in any
 * order, what is merged, suppressed and left to the analyst; and that nothing is lost or doubled by
 * errors, interrupts, missing memory or a second process.
 */
#include "harness.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/version.h"
#include "cloudtrail.h"
#include "faulty_mem.h"
#include "interrupts.h"
#include "shell.h"
#include "temp.h"

#define NEW_PER_RULE                                                                               \
    "SELECT json_extract(j, '$.new'), json_extract(j, '$.updated'), json_extract(j, '$.merged'),"  \
    " json_extract(j, '$.suppressed') FROM (SELECT cloudtrail_detect() AS j)"

/* All that a detection leaves, but for the time it was made. */
static const char all_alerts[] =
    "SELECT alertID, ruleName, severity, tactics, techniques, startTime, endTime,"
    " recipientAccountId, accountName, accountUPNSuffix, sourceIPAddress, summary, entities,"
    " customDetails, eventCount, state, suppressedBy, mergedInto, notes FROM alert"
    " ORDER BY alertID; SELECT * FROM alert_event ORDER BY alertID, step";

/* The same without ids and without what was merged. */
static const char live_alerts[] =
    "SELECT ruleName, startTime, endTime, recipientAccountId, accountName, accountUPNSuffix,"
    " sourceIPAddress, summary, entities, customDetails, eventCount, state, suppressedBy,"
    " (SELECT group_concat(step || ' ' || eventTime || ' ' || ifnull(eventID, fileID || ':' ||"
    " recordNumber) || ' ' || command || ' ' || commandSource, ',') FROM (SELECT * FROM"
    " alert_event AS l WHERE l.alertID = a.alertID ORDER BY step)) AS events"
    " FROM alert AS a WHERE mergedInto IS NULL"
    " ORDER BY 1, 2, 4, 5, 6, 7, events";

/* ---- helpers -------------------------------------------------------------------------------- */

static sqlite3 *open_with(const char *logs)
{
    sqlite3 *db = harness_open_ready();
    if (logs)
        harness_exec_and_free(db, sqlite3_mprintf("SELECT cloudtrail_import(%Q)", logs));
    return db;
}

/* For put_calls(), which make no discovery: only preparing that rule is half of a detection. */
static sqlite3 *open_for_calls(void)
{
    sqlite3 *db = open_with(NULL);
    harness_exec(db, "UPDATE rule SET enabled = 0 WHERE name = 'aws_discovery_burst'");
    return db;
}

static void detect(sqlite3 *db)
{
    harness_exec(db, "SELECT cloudtrail_detect()");
}

/* A trail of many bursts of every kind; the file is made once. */
static const char *hits(int seed)
{
    char name[32];
    snprintf(name, sizeof name, "hits-%d", seed);
    const char *path = temp_path(name);
    if (access(path, R_OK) != 0) {
        char *command =
            sqlite3_mprintf("python3 tests/independent/compose_hits.py %d '%s'", seed, path);
        free(shell_output(command));
        sqlite3_free(command);
    }
    return path;
}

/* `n` commands of the list, one a second from `start` on (2024-03-05), by jane from one address.
 * The ids begin with `id`; "" for none. */
static void put_calls(sqlite3 *db, const char *id, const char *start, int n, const char *agent)
{
    harness_exec_and_free(
        db, sqlite3_mprintf(
                "INSERT INTO cloudtrail (eventTime, eventID, eventName, userAgent,"
                " recipientAccountId, userIdentityUserName, userIdentityArn, sourceIPAddress,"
                " fileID, recordNumber)"
                " SELECT strftime('%%Y-%%m-%%dT%%H:%%M:%%SZ', '2024-03-05 ' || %Q,"
                " (rowid - 1) || ' seconds'), nullif(%Q || rowid, rowid), 'Call' || rowid,"
                " %Q || command, '111122223333', 'jane', 'arn:aws:iam::111122223333:user/jane',"
                " '198.51.100.1', 1, rowid FROM suspicious_command WHERE rowid <= %d",
                start, id, agent, n));
}

#define CLI_NEW "aws-cli/2.17.32 md/command#"
#define CLI_OLD "aws-cli/2.13.5 prompt/off command/"

/* ---- what it makes of the sample ------------------------------------------------------------ */

static void test_detect_sample_alerts(void **state)
{
    (void)state;
    sqlite3 *db = harness_open(); /* the tables are made when they are missing */
    harness_exec(db, "SELECT cloudtrail_import('data/sample')");
    assert_query(db,
                 "SELECT json_remove(j, '$.seconds', '$.rules') || char(10) || json_array("
                 "  json_extract(j, '$.rules.SuspiciousAWSCLICommandExecution'),"
                 "  json_extract(j, '$.rules.aws_cli_recon_burst'),"
                 "  json_extract(j, '$.rules.aws_discovery_burst'))"
                 " FROM (SELECT cloudtrail_detect() AS j LIMIT 1)",
                 "{\"alerts\":27,\"new\":20,\"updated\":0,\"merged\":0,\"suppressed\":7}\n"
                 "[{\"new\":3,\"updated\":0,\"merged\":0,\"suppressed\":0},"
                 "{\"new\":8,\"updated\":0,\"merged\":0,\"suppressed\":0},"
                 "{\"new\":9,\"updated\":0,\"merged\":0,\"suppressed\":7}]");
    assert_query(
        db, "SELECT alertID FROM alert WHERE ruleName <> 'aws_discovery_burst' ORDER BY alertID",
        "SuspiciousAWSCLICommandExecution|111122223333|mateo.jackson||203.0.113.24"
        "|2025-10-14T11:05:09Z\n"
        "SuspiciousAWSCLICommandExecution|111122223333|svc-deploy||192.0.2.146"
        "|2025-10-14T13:41:04Z\n"
        "SuspiciousAWSCLICommandExecution|444455556666|paulo.santos|example.com|203.0.113.24"
        "|2025-10-14T10:12:08Z\n"
        "aws_cli_recon_burst|111122223333|arnav.desai||203.0.113.118|2025-10-14T15:20:06Z\n"
        "aws_cli_recon_burst|111122223333|i-0b7d3f1a9c5e28460||198.51.100.23"
        "|2025-10-14T02:02:05Z\n"
        "aws_cli_recon_burst|111122223333|li.juan||198.51.100.201|2025-10-14T11:40:11Z\n"
        "aws_cli_recon_burst|111122223333|saanvi.sarkar||203.0.113.77|2025-10-14T16:45:30Z\n"
        "aws_cli_recon_burst|111122223333|svc-backup||192.0.2.146|2025-10-14T14:06:38Z\n"
        "aws_cli_recon_burst|111122223333|svc-deploy||192.0.2.146|2025-10-14T13:41:04Z\n"
        "aws_cli_recon_burst|444455556666|maint||192.0.2.201|2025-10-14T14:31:07Z\n"
        "aws_cli_recon_burst|444455556666|paulo.santos|example.com|203.0.113.24"
        "|2025-10-14T10:12:08Z");
    assert_query(
        db,
        "SELECT severity, tactics, techniques, startTime, endTime, recipientAccountId,"
        " accountName, accountUPNSuffix, sourceIPAddress, summary, entities, customDetails,"
        " eventCount, state, suppressedBy, mergedInto, notes,"
        " abs(julianday('now') - julianday(detectedAt)) < 0.1 FROM alert"
        " WHERE ruleName = 'SuspiciousAWSCLICommandExecution' AND accountName = 'paulo.santos'",
        "Medium|[\"Reconnaissance\"]"
        "|[\"T1595\",\"T1592.004\",\"T1589.002\",\"T1589.003\",\"T1590\",\"T1591\",\"T1596\"]"
        "|2025-10-14T10:12:08Z|2025-10-14T10:12:46Z|444455556666|paulo.santos|example.com"
        "|203.0.113.24|paulo.santos@example.com ran 9 suspicious AWS CLI commands in 38 seconds"
        " from 203.0.113.24 in account 444455556666; 1 call was denied."
        "|[{\"$id\":\"1\",\"Type\":\"account\",\"Name\":\"paulo.santos\",\"UPNSuffix\":"
        "\"example.com\",\"CloudAppAccountId\":\"444455556666\"}]"
        "|{\"AWSUserIp\":\"203.0.113.24\",\"AWSUser\":\"\","
        "\"SuspiciousCommand\":[\"iam.list-users\",\"iam.list-groups\",\"iam.list-roles\","
        "\"iam.list-roles\",\"kms.list-keys\",\"ec2.describe-vpcs\",\"ec2.describe-subnets\","
        "\"ec2.describe-security-groups\",\"ec2.describe-internet-gateways\","
        "\"ec2.describe-network-interfaces\"]}|10|new|NULL|NULL|NULL|1");
    harness_close(db);
}

/* The events behind an alert are those that the rule's row counts. */
static void test_detect_events_are_those_of_the_rules(void **state)
{
    (void)state;
    static const int seeds[] = {1, 2, 3};
    for (int i = 0; i < harness_extent(3, 1); i++) {
        sqlite3 *db = open_with(hits(seeds[i]));
        detect(db);
        assert_query(db,
                     "SELECT (SELECT count(*) FROM aws_cli_recon_burst) > 10,"
                     " (SELECT count(*) FROM aws_cli_recon_burst) ="
                     " (SELECT count(*) FROM alert WHERE ruleName = 'aws_cli_recon_burst')",
                     "1|1");
        assert_query(
            db,
            "SELECT count(*) FROM aws_cli_recon_burst AS b LEFT JOIN alert AS a"
            "    ON a.ruleName = 'aws_cli_recon_burst' AND a.startTime = b.firstTime"
            "   AND a.endTime = b.lastTime AND a.recipientAccountId = b.recipientAccountId"
            "   AND a.accountName = b.accountName AND a.accountUPNSuffix = b.accountUPNSuffix"
            "   AND a.sourceIPAddress = b.sourceIPAddress"
            " WHERE a.eventCount IS NOT b.eventCount OR b.commands <>"
            "   (SELECT list_distinct(command) FROM (SELECT command FROM alert_event AS l"
            "     WHERE l.alertID = a.alertID ORDER BY step))"
            "    OR b.eventCount <> (SELECT count(*) FROM alert_event AS l JOIN cloudtrail AS e"
            "         ON e.eventTime = l.eventTime AND e.eventID IS l.eventID"
            "        AND (e.eventID IS NOT NULL OR e.fileID = l.fileID"
            "             AND e.recordNumber = l.recordNumber) WHERE l.alertID = a.alertID)",
            "0");
        /* the published rule: its list of commands with repeats, and its list of events */
        assert_query(
            db,
            "SELECT count(*) > 5, count(*) = (SELECT count(*) FROM alert"
            "   WHERE ruleName = 'SuspiciousAWSCLICommandExecution'),"
            " count(DISTINCT a.alertID) = count(*) FROM SuspiciousAWSCLICommandExecution AS s"
            " JOIN alert AS a ON a.ruleName = 'SuspiciousAWSCLICommandExecution'"
            "  AND kql_bin(a.startTime, '1m') = s.TimeGenerated"
            "  AND a.recipientAccountId = s.RecipientAccountId AND a.accountName = s.AccountName"
            "  AND a.accountUPNSuffix = s.AccountUPNSuffix"
            "  AND a.sourceIPAddress = s.SourceIpAddress"
            "  AND json_extract(a.customDetails, '$.AWSUser') = s.UserIdentityUserName"
            "  AND json(s.commands) = (SELECT kql_make_list(command) FROM (SELECT command"
            "       FROM alert_event AS l WHERE l.alertID = a.alertID ORDER BY step))"
            "  AND json(s.Events) = (SELECT kql_make_list(ifnull(eventName, '')) FROM (SELECT *"
            "       FROM alert_evidence AS l WHERE l.alertID = a.alertID ORDER BY step))",
            "1|1|1");
        harness_close(db);
    }
}

static void test_detect_id_encodes_percent_and_bar(void **state)
{
    (void)state;
    sqlite3 *db = open_for_calls();
    put_calls(db, "e", "10:00:00", 8, CLI_NEW);
    harness_exec(db,
                 "UPDATE cloudtrail SET userIdentityUserName = 'a|b%7C', sourceIPAddress = '|'");
    detect(db);
    assert_query(db, "SELECT alertID FROM alert",
                 "aws_cli_recon_burst|111122223333|a%7Cb%257C||%7C|2024-03-05T10:00:00Z");
    harness_close(db);
}

/* Two groups of the published rule, one identity, one second: the first to reach eight commands
 * has the plain id, however often one looks. */
static void test_detect_equal_ids_get_numbers(void **state)
{
    (void)state;
    for (int at_once = 0; at_once < 2; at_once++) {
        sqlite3 *db = open_for_calls();
        harness_exec(db, "UPDATE rule SET enabled = 0 WHERE name = 'aws_cli_recon_burst'");
        put_calls(db, "slow", "10:00:00", 7, CLI_OLD);
        harness_exec(db, "UPDATE cloudtrail SET sessionMfaAuthenticated = 0");
        put_calls(db, "fast", "10:00:00", 10, CLI_OLD);
        harness_exec(
            db, "UPDATE cloudtrail SET sessionMfaAuthenticated = 1 WHERE eventID LIKE 'fast%'");
        if (!at_once)
            detect(db);
        put_calls(db, "late", "10:00:30", 10, CLI_OLD);
        harness_exec(
            db, "UPDATE cloudtrail SET sessionMfaAuthenticated = 0 WHERE eventID LIKE 'late%'");
        detect(db);
        assert_query(db,
                     "SELECT a.alertID, (SELECT eventID FROM alert_event AS l"
                     " WHERE l.alertID = a.alertID AND step = 1) FROM alert AS a ORDER BY 1",
                     "SuspiciousAWSCLICommandExecution|111122223333|jane||198.51.100.1"
                     "|2024-03-05T10:00:00Z|fast1\n"
                     "SuspiciousAWSCLICommandExecution|111122223333|jane||198.51.100.1"
                     "|2024-03-05T10:00:00Z|2|slow1");
        assert_query(db, NEW_PER_RULE, "0|0|0|0");
        harness_close(db);
    }
}

/* ---- the same alerts, in whatever steps ----------------------------------------------------- */

static void test_detect_again_adds_nothing(void **state)
{
    (void)state;
    sqlite3 *db = open_with(hits(1));
    detect(db);
    char *before = harness_query(db, all_alerts);
    char *times = harness_query(db, "SELECT alertID, detectedAt FROM alert ORDER BY 1");
    assert_query(db, "SELECT count(*) > 20, count(DISTINCT change) FROM temp.cloudtrail_detected",
                 "1|1");
    assert_query(db, "UPDATE alert SET detectedAt = detectedAt; " NEW_PER_RULE, "0|0|0|0");
    assert_query(db, NEW_PER_RULE, "0|0|0|0");
    assert_query(db, all_alerts, before);
    assert_query(db, "SELECT alertID, detectedAt FROM alert ORDER BY 1", times);
    assert_query(db, "SELECT count(*) FROM temp.cloudtrail_detected WHERE NOT isEarlier", "0");
    free(before);
    free(times);
    harness_close(db);
}

/* Detects after each of ten slices of the events; `slice` is an SQL expression of 0 to 9. */
static sqlite3 *detect_in_slices(const char *logs, const char *allowed, const char *slice)
{
    sqlite3 *db = open_with(logs);
    if (allowed)
        harness_exec(db, allowed);
    harness_exec_and_free(
        db, sqlite3_mprintf("CREATE TEMP TABLE everything AS SELECT %s AS slice, c.* FROM"
                            " cloudtrail AS c; DELETE FROM cloudtrail",
                            slice));
    char *columns =
        harness_query(db, "SELECT group_concat(name) FROM pragma_table_info('cloudtrail')");
    for (int i = 0; i < 10; i++) {
        harness_exec_and_free(db, sqlite3_mprintf("INSERT INTO cloudtrail (%s) SELECT %s"
                                                  " FROM temp.everything WHERE slice = %d",
                                                  columns, columns, i));
        detect(db);
    }
    assert_query(db, "SELECT (SELECT count(*) FROM everything) = (SELECT count(*) FROM cloudtrail)",
                 "1");
    free(columns);
    return db;
}

static const char some_allowed[] =
    /* three who go on for five minutes, so that parts of it are bursts that later grow together */
    "WITH RECURSIVE t(n) AS (SELECT 0 UNION ALL SELECT n + 1 FROM t WHERE n < 149)"
    " INSERT INTO cloudtrail (eventTime, eventID, userAgent, userIdentityUserName,"
    " sourceIPAddress, fileID, recordNumber)"
    " SELECT strftime('%Y-%m-%dT%H:%M:%SZ', '2024-03-06 10:00:00', (n * 2) || ' seconds'),"
    " 'long' || who || n, 'aws-cli/2.13.5 prompt/off command/' || command, who, '192.0.2.7', 99, n"
    " FROM t JOIN suspicious_command AS l ON l.rowid = n % 19 + 1,"
    " (SELECT 'ann' AS who UNION SELECT 'ben' UNION SELECT 'cy@x.example');"
    "INSERT INTO allow_list (userAgent, reason) VALUES ('aws-cli/2.1*', 'our version');"
    "INSERT INTO allow_list (principal, command, reason) VALUES ('*jane*', 'ec2.*', 'networks')";

static void test_detect_slices_in_time_order_end_as_one_run(void **state)
{
    (void)state;
    static const int seeds[] = {1, 2, 4};
    for (int i = 0; i < harness_extent(3, 1); i++) {
        sqlite3 *db = open_with(hits(seeds[i]));
        harness_exec(db, some_allowed);
        detect(db);
        char *at_once = harness_query(db, all_alerts);
        assert_query(db,
                     "SELECT count(*) > 20, sum(state = 'suppressed') > 0, sum(state = 'new') > 0"
                     " FROM alert",
                     "1|1|1");
        harness_close(db);

        db = detect_in_slices(hits(seeds[i]), some_allowed,
                              "ntile(10) OVER (ORDER BY eventTime, eventID, fileID, recordNumber)"
                              " - 1");
        assert_query(db, all_alerts, at_once);
        harness_close(db);
        free(at_once);
    }
}

static void test_detect_slices_in_any_order_end_as_one_run(void **state)
{
    (void)state;
    sqlite3 *db = open_with(hits(1));
    harness_exec(db, some_allowed);
    detect(db);
    char *at_once = harness_query(db, live_alerts);
    harness_close(db);

    static const char *const slices[] = {
        "abs(rowid * 2654435761 >> 11) % 10", /* single events, shuffled */
        "10 - ntile(10) OVER (ORDER BY eventTime, eventID, fileID, recordNumber)", /* backwards */
        "3 * (strftime('%s', eventTime) / 70) % 10", /* 70 seconds each: parts that come to meet */
        "abs(rowid * 40503 >> 5) % 10",
        "(7 * ntile(10) OVER (ORDER BY eventTime, eventID)) % 10", /* whole slices, shuffled */
    };
    bool has_merged = false;
    for (int i = 0; i < harness_extent(5, 1); i++) {
        db = detect_in_slices(hits(1), some_allowed, slices[i]);
        assert_query(db, live_alerts, at_once);
        assert_query(db, NEW_PER_RULE, "0|0|0|0");
        /* what was merged points at what stands, and has no events of its own */
        assert_query(db,
                     "SELECT count(*) FROM alert AS a WHERE mergedInto IS NOT NULL AND (state <>"
                     " 'merged' OR mergedInto NOT IN (SELECT alertID FROM alert WHERE mergedInto"
                     " IS NULL) OR alertID IN (SELECT alertID FROM alert_event))",
                     "0");
        char *n_merged = harness_query(db, "SELECT count(*) FROM alert WHERE state = 'merged'");
        has_merged = has_merged || strcmp(n_merged, "0") != 0;
        free(n_merged);
        harness_close(db);
    }
    assert_true(has_merged);
    free(at_once);
}

/* ---- growing and merging -------------------------------------------------------------------- */

static const char states[] =
    "SELECT substr(alertID, -9), substr(startTime, -9), substr(endTime, -9),"
    " eventCount, state, substr(mergedInto, -9), notes FROM alert"
    " ORDER BY alertID";

static void test_detect_grown_burst_is_the_same_alert(void **state)
{
    (void)state;
    sqlite3 *db = open_for_calls();
    put_calls(db, "a", "10:00:10", 8, CLI_NEW);
    detect(db);
    harness_exec(db, "UPDATE alert SET state = 'in progress', notes = 'asked jane',"
                     " detectedAt = '2024-03-06T00:00:00Z'");
    /* later ones, then earlier ones: the id keeps the time it was first detected with */
    put_calls(db, "b", "10:00:30", 9, CLI_NEW);
    assert_query(db, NEW_PER_RULE, "0|1|0|0");
    assert_query(db, states, "10:00:10Z|10:00:10Z|10:00:38Z|17|in progress|NULL|asked jane");
    put_calls(db, "c", "10:00:02", 1, CLI_NEW);
    assert_query(db, NEW_PER_RULE, "0|1|0|0");
    assert_query(db, states, "10:00:10Z|10:00:02Z|10:00:38Z|18|in progress|NULL|asked jane");
    assert_query(db, "SELECT alertID, change FROM temp.cloudtrail_detected WHERE NOT isEarlier",
                 "aws_cli_recon_burst|111122223333|jane||198.51.100.1|2024-03-05T10:00:10Z"
                 "|updated");
    assert_query(db, "SELECT detectedAt, summary FROM alert",
                 "2024-03-06T00:00:00Z|jane ran 9 suspicious AWS CLI commands in 36 seconds from"
                 " 198.51.100.1 in account 111122223333.");
    assert_query(db, "SELECT count(*), max(step), min(eventID) FROM alert_event", "18|18|a1");
    assert_query(db, NEW_PER_RULE, "0|0|0|0");
    harness_close(db);
}

static void test_detect_late_events_merge_alerts(void **state)
{
    (void)state;
    sqlite3 *db = open_for_calls();
    put_calls(db, "a", "10:00:00", 8, CLI_NEW);
    put_calls(db, "b", "10:01:10", 8, CLI_NEW);
    put_calls(db, "c", "10:02:20", 8, CLI_NEW);
    assert_query(db, NEW_PER_RULE, "3|0|0|0");

    /* b and c become one */
    put_calls(db, "d", "10:01:45", 8, CLI_NEW);
    assert_query(db, NEW_PER_RULE, "0|1|1|0");
    assert_query(db, states,
                 "10:00:00Z|10:00:00Z|10:00:07Z|8|new|NULL|NULL\n"
                 "10:01:10Z|10:01:10Z|10:02:27Z|24|new|NULL|NULL\n"
                 "10:02:20Z|10:02:20Z|10:02:27Z|8|merged|10:01:10Z|NULL");
    harness_exec(
        db, "UPDATE alert SET state = 'closed', notes = 'known' WHERE alertID LIKE '%10:01:10Z'");

    /* and a takes them all: what an analyst set stays, and c points at what stands */
    put_calls(db, "e", "10:00:35", 8, CLI_NEW);
    assert_query(db, NEW_PER_RULE, "0|1|1|0");
    assert_query(db, states,
                 "10:00:00Z|10:00:00Z|10:02:27Z|40|new|NULL|NULL\n"
                 "10:01:10Z|10:01:10Z|10:02:27Z|24|closed|10:00:00Z|known\n"
                 "10:02:20Z|10:02:20Z|10:02:27Z|8|merged|10:00:00Z|NULL");
    assert_query(db, "SELECT count(*), count(DISTINCT alertID) FROM alert_event", "40|1");
    assert_query(db, "SELECT json_extract(cloudtrail_detect(), '$.alerts')", "1");
    assert_query(db, NEW_PER_RULE, "0|0|0|0");
    assert_query(db, "SELECT story FROM alert_story WHERE alertID LIKE '%10:02:20Z'",
                 "Part of the alert aws_cli_recon_burst|111122223333|jane||198.51.100.1"
                 "|2024-03-05T10:00:00Z.");
    harness_close(db);
}

/* Fewer bursts, or other ones, by other numbers: an alert is not taken back, and a burst that fell
 * in two is the old alert and a new one. */
static void test_detect_tuned_rule_keeps_alerts(void **state)
{
    (void)state;
    sqlite3 *db = open_for_calls();
    put_calls(db, "a", "10:00:00", 8, CLI_NEW);
    put_calls(db, "b", "10:00:50", 8, CLI_NEW);
    assert_query(db, NEW_PER_RULE, "1|0|0|0");
    harness_exec(db, "UPDATE rule_parameter SET value = 20 WHERE name = 'window_seconds'");
    assert_query(db, NEW_PER_RULE, "1|1|0|0");
    assert_query(db, states,
                 "10:00:00Z|10:00:00Z|10:00:07Z|8|new|NULL|NULL\n"
                 "10:00:50Z|10:00:50Z|10:00:57Z|8|new|NULL|NULL");
    assert_query(db, NEW_PER_RULE, "0|0|0|0");
    harness_exec(db, "UPDATE rule_parameter SET value = 9 WHERE name = 'threshold'");
    assert_query(db, NEW_PER_RULE, "0|0|0|0");
    assert_query(db, "SELECT count(*) FROM alert", "2");
    harness_exec(db, "UPDATE rule_parameter SET value = 8 WHERE name = 'threshold'");
    harness_exec(db, "UPDATE rule_parameter SET value = 60 WHERE name = 'window_seconds'");
    assert_query(db, NEW_PER_RULE, "0|1|1|0");
    harness_close(db);
}

/* A second reading of a file: other rows, the same events. */
static void test_detect_events_survive_a_second_reading(void **state)
{
    (void)state;
    sqlite3 *db = open_for_calls();
    put_calls(db, "a", "10:00:00", 8, CLI_NEW);
    put_calls(db, "", "10:00:20", 4, CLI_NEW);
    detect(db);
    char *before = harness_query(db, all_alerts);
    harness_exec(
        db, "CREATE TEMP TABLE old AS SELECT * FROM cloudtrail; DELETE FROM cloudtrail;"
            "INSERT INTO cloudtrail (eventTime, fileID, recordNumber) VALUES ('2020-01-01', 9, 9);"
            "INSERT INTO cloudtrail SELECT * FROM temp.old ORDER BY rowid DESC;"
            /* a fuller record of another file takes the place of one with an id */
            "UPDATE cloudtrail SET fileID = 77, recordNumber = 5, awsRegion = 'eu-west-1'"
            " WHERE eventID = 'a3'; VACUUM");
    assert_query(db, "SELECT count(*), count(eventName), count(awsRegion) FROM alert_evidence",
                 "12|12|1");
    assert_query(db, NEW_PER_RULE, "0|0|0|0");
    assert_query(db, all_alerts, before);
    harness_exec(db, "DELETE FROM cloudtrail WHERE eventID = 'a4'");
    assert_query(db, "SELECT count(*), count(eventName) FROM alert_evidence", "12|11");
    free(before);
    harness_close(db);
}

/* Before event_identity an alert had no account where recipientAccountId was missing, and one without
 * a name that of the account. It is the same alert all the same, keeps its id and is filled up. */
static void test_detect_older_alert_without_account_is_the_same(void **state)
{
    (void)state;
    sqlite3 *db = harness_open();
    harness_exec(db, "SELECT cloudtrail_import('data/sample'); SELECT cloudtrail_detect();"
                     "CREATE TEMP TABLE before AS SELECT * FROM alert;"
                     "UPDATE alert SET recipientAccountId = '', notes = 'mine'"
                     " WHERE ruleName = 'aws_cli_recon_burst';"
                     "UPDATE alert SET accountName = '' WHERE accountName = 'maint';"
                     "UPDATE alert SET accountName = '111122223333' WHERE accountName = 'li.juan'");
    assert_query(db, "SELECT json_extract(cloudtrail_detect(), '$.new')", "0");
    assert_query(db,
                 "SELECT count(*), sum(a.recipientAccountId = b.recipientAccountId"
                 " AND a.accountName = b.accountName AND a.summary = b.summary),"
                 " sum(a.notes = 'mine') FROM alert AS a JOIN before AS b USING (alertID)",
                 "27|27|8");
    harness_close(db);
}

static void test_detect_disabled_rule_is_not_run(void **state)
{
    (void)state;
    sqlite3 *db = open_with("data/sample");
    harness_exec(db, "UPDATE rule SET enabled = 0 WHERE name <> 'aws_cli_recon_burst';"
                     "UPDATE rule SET severity = 'High', tactics = '[\"Impact\"]' WHERE enabled");
    assert_query(db, NEW_PER_RULE, "8|0|0|0");
    assert_query(db, "SELECT DISTINCT ruleName, severity, tactics FROM alert",
                 "aws_cli_recon_burst|High|[\"Impact\"]");
    harness_exec(db, "DELETE FROM rule");
    assert_query(db, NEW_PER_RULE, "0|0|0|0");
    assert_query(db, "SELECT count(*) FROM alert", "8");
    harness_close(db);
}

static void test_detect_deleted_alert_comes_again(void **state)
{
    (void)state;
    sqlite3 *db = open_with("data/sample");
    detect(db);
    char *before = harness_query(db, all_alerts);
    harness_exec(db, "DELETE FROM alert WHERE accountName = 'svc-deploy'");
    assert_query(db, NEW_PER_RULE, "3|0|0|0");
    assert_query(db, all_alerts, before);
    free(before);
    harness_close(db);
}

/* ---- the allow list ------------------------------------------------------------------------- */

/* What one entry does to an alert of jane's, and that it is undone with the entry. */
static void assert_covers(sqlite3 *db, const char *entry, bool covers)
{
    char *insert = sqlite3_mprintf("INSERT INTO allow_list (%s, 'known')", entry);
    harness_exec(db, insert);
    assert_query(db, NEW_PER_RULE, covers ? "0|0|0|1" : "0|0|0|0");
    assert_query(db, "SELECT state, suppressedBy FROM alert",
                 covers ? "suppressed|known" : "new|NULL");
    assert_query(db, "SELECT count(*) FROM temp.cloudtrail_detected WHERE NOT isEarlier",
                 covers ? "1" : "0");
    assert_query(db, NEW_PER_RULE, "0|0|0|0");
    harness_exec(db, "DELETE FROM allow_list");
    assert_query(db, NEW_PER_RULE, covers ? "1|0|0|0" : "0|0|0|0");
    assert_query(db, "SELECT state, suppressedBy FROM alert", "new|NULL");
    sqlite3_free(insert);
}

static void test_detect_allow_list_patterns(void **state)
{
    (void)state;
    sqlite3 *db = open_for_calls();
    put_calls(db, "e", "10:00:00", 8, CLI_NEW);
    harness_exec(db, "UPDATE cloudtrail SET userIdentityPrincipalId = 'AIDAJANE' || eventID");
    detect(db);
    static const char *const covering[] = {
        "principal, reason) VALUES ('arn:aws:iam::*:user/jane'",
        "principal, reason) VALUES ('jane'",
        "principal, reason) VALUES ('j[a-c]n?'",
        "principal, reason) VALUES ('AIDAJANE*'",
        "sourceIPAddress, reason) VALUES ('198.51.100.*'",
        "userAgent, reason) VALUES ('aws-cli/2.17.*'",
        "command, reason) VALUES ('*.*-*'",
        "principal, sourceIPAddress, command, reason) VALUES ('*', '198.51.100.1', '*'",
        "principal, expires, reason) VALUES ('jane', '2999-01-01'",
        "principal, expires, reason) VALUES ('jane', '2999-01-01T12:00:00Z'",
    };
    static const char *const others[] = {
        "principal, reason) VALUES ('Jane'", /* case counts */
        "principal, reason) VALUES ('jan'",
        "principal, reason) VALUES ('AIDAJANEe1'", /* one event of eight */
        "command, reason) VALUES ('iam.*'",
        "sourceIPAddress, principal, reason) VALUES ('198.51.100.1', 'john'",
        "userAgent, reason) VALUES ('aws-cli/2.17.32'",
        "principal, expires, reason) VALUES ('jane', '2024-12-31'",
        "principal, expires, reason) VALUES ('jane', '2020-01-01T00:00:00Z'",
    };
    for (size_t i = 0; i < sizeof covering / sizeof covering[0]; i++)
        assert_covers(db, covering[i], true);
    for (size_t i = 0; i < sizeof others / sizeof others[0]; i++)
        assert_covers(db, others[i], false);

    /* the first entry that covers it gives the reason */
    harness_exec(
        db, "INSERT INTO allow_list (principal, reason) VALUES ('joe', 'not this'), ('*', 'any')"
            ", ('jane', 'too late')");
    detect(db);
    assert_query(db, "SELECT state, suppressedBy FROM alert", "suppressed|any");
    harness_close(db);
}

/* The stolen key of the job, used with another client, is not silenced with the job. */
static void test_detect_allow_list_needs_every_event(void **state)
{
    (void)state;
    sqlite3 *db = open_for_calls();
    harness_exec(
        db, "INSERT INTO allow_list (userAgent, reason) VALUES ('aws-cli/2.17.32 *', 'the job')");
    put_calls(db, "e", "10:00:00", 8, CLI_NEW);
    assert_query(db, NEW_PER_RULE, "0|0|0|1");
    assert_query(db, "SELECT state, suppressedBy FROM alert", "suppressed|the job");
    put_calls(db, "f", "10:00:30", 2, "aws-cli/2.27.41 md/command#");
    assert_query(db, NEW_PER_RULE, "1|0|0|0");
    assert_query(db, "SELECT state, suppressedBy, eventCount FROM alert", "new|NULL|10");
    harness_close(db);
}

/* An entry that has expired holds for what it covered, until more events join. */
static void test_detect_expired_entry_keeps_what_it_covered(void **state)
{
    (void)state;
    sqlite3 *db = open_for_calls();
    harness_exec(db, "INSERT INTO allow_list (principal, reason) VALUES ('jane', 'migration')");
    put_calls(db, "e", "10:00:00", 8, CLI_NEW);
    detect(db);
    harness_exec(db, "UPDATE allow_list SET expires = '2024-12-31'");
    assert_query(db, NEW_PER_RULE, "0|0|0|0");
    assert_query(db, "SELECT state, suppressedBy FROM alert", "suppressed|migration");
    put_calls(db, "f", "12:00:00", 8, CLI_NEW);
    assert_query(db, NEW_PER_RULE, "1|0|0|0");
    put_calls(db, "g", "10:00:30", 2, CLI_NEW);
    assert_query(db, NEW_PER_RULE, "1|0|0|0");
    assert_query(db, "SELECT state, suppressedBy FROM alert", "new|NULL\nnew|NULL");
    harness_close(db);
}

static void test_detect_allow_list_leaves_the_analysts_state(void **state)
{
    (void)state;
    sqlite3 *db = open_for_calls();
    put_calls(db, "e", "10:00:00", 8, CLI_NEW);
    detect(db);
    harness_exec(db, "UPDATE alert SET state = 'closed';"
                     "INSERT INTO allow_list (command, reason) VALUES ('*', 'all')");
    assert_query(db, NEW_PER_RULE, "0|0|0|0");
    assert_query(db, "SELECT state, suppressedBy FROM alert", "closed|NULL");
    /* suppressed by hand, without an entry */
    harness_exec(db, "DELETE FROM allow_list; UPDATE alert SET state = 'suppressed'");
    assert_query(db, NEW_PER_RULE, "0|0|0|0");
    assert_query(db, "SELECT state, suppressedBy FROM alert", "suppressed|NULL");
    harness_close(db);
}

static void test_allow_list_refuses_what_makes_no_sense(void **state)
{
    (void)state;
    sqlite3 *db = open_for_calls();
    assert_query(db, "INSERT INTO allow_list (principal) VALUES ('x')",
                 "error: NOT NULL constraint failed: allow_list.reason");
    assert_query(db, "INSERT INTO allow_list (principal, reason) VALUES ('x', ' ')",
                 "error: CHECK constraint failed: reason");
    assert_query(db,
                 "INSERT INTO allow_list (principal, reason, expires) VALUES ('x', 'x', 'soon')",
                 "error: CHECK constraint failed: expires");
    assert_query(db, "INSERT INTO allow_list (reason, expires) VALUES ('x', '2026-01-31')",
                 "error: CHECK constraint failed: one_pattern_at_least");
    static const char *const patterns[] = {"principal", "sourceIPAddress", "userAgent", "command"};
    for (size_t i = 0; i < sizeof patterns / sizeof patterns[0]; i++)
        harness_exec_and_free(
            db,
            sqlite3_mprintf("INSERT INTO allow_list (%s, reason) VALUES ('x', 'x')", patterns[i]));
    assert_query(
        db,
        "INSERT INTO allow_list (principal, sourceIPAddress, userAgent, command, reason, expires, "
        "ruleName, recipientAccountId, vpcEndpointId) VALUES ('a', '192.0.2.0/24', 'c', 'd', 'e',"
        " '2026-01-31', 'f', 'g', 'h')",
        "");
    harness_close(db);
}

/* ---- errors, transactions ------------------------------------------------------------------- */

static void test_detect_from_a_writing_statement_is_refused(void **state)
{
    (void)state;
    static const char refused[] = "error: cloudtrail_detect(): call it from a plain SELECT, not"
                                  " from INSERT or CREATE TABLE AS";
    sqlite3 *db = harness_open();
    harness_exec(db, "CREATE TABLE t (x); CREATE TEMP TABLE u (x)");
    assert_query(db, "INSERT INTO t SELECT cloudtrail_detect()", refused);
    assert_query(db, "INSERT INTO temp.u SELECT cloudtrail_detect()", refused);
    assert_query(db, "CREATE TABLE v AS SELECT cloudtrail_detect()", refused);
    assert_query(db, "SELECT name FROM sqlite_master UNION ALL SELECT name FROM sqlite_temp_master",
                 "t\nu");
    harness_close(db);
}

static void test_detect_in_a_transaction_is_the_callers(void **state)
{
    (void)state;
    sqlite3 *db = open_with("data/sample");
    assert_query(db, "BEGIN; SELECT json_extract(cloudtrail_detect(), '$.note')",
                 "inside your transaction: COMMIT keeps it");
    assert_query(db, "SELECT count(*) FROM alert; ROLLBACK", "27");
    assert_query(db, "SELECT count(*) FROM alert", "0");
    assert_query(db, "BEGIN; SELECT cloudtrail_detect() IS NULL; COMMIT", "0");
    assert_query(db, "SELECT count(*) FROM alert", "27");
    assert_query(db,
                 "SELECT json_type(cloudtrail_detect()), json_array(cloudtrail_detect())"
                 " LIKE '[{%'",
                 "object|1");
    harness_close(db);
}

static void test_detect_errors_change_nothing(void **state)
{
    (void)state;
    sqlite3 *db = open_with("data/sample");
    detect(db);
    char *before = harness_query(db, all_alerts);
    harness_exec(db, "CREATE TRIGGER no_more BEFORE INSERT ON rule_run BEGIN"
                     " SELECT raise(ABORT, 'no more'); END");
    assert_query(db, "SELECT cloudtrail_detect()", "error: cloudtrail_detect(): no more");
    assert_query(db, "BEGIN; UPDATE alert SET notes = 'x' WHERE rowid = 1; SELECT 1", "1");
    assert_query(db, "SELECT cloudtrail_detect()", "error: cloudtrail_detect(): no more");
    assert_query(db, "SELECT count(notes) FROM alert; ROLLBACK", "1");
    harness_exec(db, "DROP TRIGGER no_more");
    assert_query(db, all_alerts, before);
    harness_exec(db, "UPDATE cloudtrail_schema SET version = 999999999 WHERE name = 'alert'");
    assert_query(db, "SELECT cloudtrail_detect()",
                 "error: cloudtrail_detect(): this database was made by sqlite-cloudtrail"
                 " 999.999.999, this is " CT_VERSION ": load the newer one");
    harness_exec(db, "UPDATE cloudtrail_schema SET version = 1 WHERE name = 'alert'");
    free(before);
    harness_close(db);
}

static void test_detect_read_only_and_busy_databases(void **state)
{
    (void)state;
    const char *path = temp_path("detect-busy.db");
    sqlite3 *db = harness_open_file(path), *other = harness_open_file(path);
    harness_exec(db, "SELECT cloudtrail_init(); BEGIN IMMEDIATE");
    assert_query(other, "SELECT cloudtrail_detect()",
                 "error: cloudtrail_detect(): database is locked");
    assert_int_equal(sqlite3_errcode(other), SQLITE_BUSY);
    harness_exec(db, "COMMIT");
    assert_query(other, NEW_PER_RULE, "0|0|0|0");
    harness_exec(other, "PRAGMA query_only = 1");
    assert_query(other, "SELECT cloudtrail_detect()",
                 "error: cloudtrail_detect(): attempt to write a readonly database");
    harness_close(db);
    harness_close(other);
}

static void test_detect_beside_temporary_tables_of_the_same_names(void **state)
{
    (void)state;
    sqlite3 *db = open_with("data/sample");
    harness_exec(db, "CREATE TEMP TABLE alert (x); CREATE TEMP TABLE rule (x);"
                     "CREATE TEMP TABLE alert_event (x); CREATE TEMP TABLE allow_list (x);"
                     "CREATE TEMP TABLE cloudtrail (x); CREATE TEMP TABLE suspicious_command (x)");
    assert_query(db, NEW_PER_RULE, "20|0|0|7");
    assert_query(db, "SELECT (SELECT count(*) FROM main.alert), (SELECT count(*) FROM temp.alert)",
                 "27|0");
    harness_close(db);
}

static void assert_interrupts_leave_all_or_nothing(interrupt_kind kind)
{
    sqlite3 *imported =
        open_with(harness_is_long() ? "data/sample" : "data/sample/AWSLogs/444455556666");
    sqlite3 *db = harness_open_copy(imported);
    detect(db);
    char *whole = harness_query(db, all_alerts);
    harness_close(db);
    int n_interrupted = 0;
    for (int n_ops = 1;; n_ops = (int)harness_next(n_ops, 4)) {
        db = harness_open_copy(imported);
        interrupts_after(db, kind, n_ops);
        char *got = harness_query(db, "SELECT cloudtrail_detect()");
        bool reached = interrupts_end(db);
        if (strstr(got, "interrupted")) {
            n_interrupted++;
            assert_true(sqlite3_get_autocommit(db));
            assert_query(db, "SELECT count(*) FROM alert", "0");
            assert_query(db, "SELECT count(*) FROM alert_event", "0");
        }
        free(got);
        detect(db);
        assert_query(db, all_alerts, whole);
        harness_close(db);
        if (!reached)
            break;
    }
    assert_true(n_interrupted > harness_extent(20, 5));
    harness_close(imported);
    free(whole);
}

static void test_detect_interrupted_changes_nothing(void **state)
{
    (void)state;
    assert_interrupts_leave_all_or_nothing(INTERRUPT_BY_CALL);
    assert_interrupts_leave_all_or_nothing(INTERRUPT_BY_HANDLER);
}

static void test_detect_out_of_memory(void **state)
{
    (void)state;
    harness_oom_samples(
        "SELECT cloudtrail_init();"
        "INSERT INTO allow_list (principal, reason) VALUES ('jane', 'known');"
        "INSERT INTO cloudtrail (eventTime, eventID, userAgent, userIdentityUserName, fileID,"
        " recordNumber) SELECT '2024-03-05T10:00:00Z', rowid,"
        " 'aws-cli/2.13.5 prompt/off command/' || command, 'jane', 1, rowid"
        " FROM suspicious_command",
        NEW_PER_RULE, "0|0|0|2");
    /* with an alert to be merged and one to be brought up to date */
    harness_oom_samples(
        "SELECT cloudtrail_init();"
        "INSERT INTO cloudtrail (eventTime, eventID, userAgent, userIdentityUserName, fileID,"
        " recordNumber) SELECT CASE WHEN rowid % 2 THEN '2024-03-05T10:00:00Z'"
        " ELSE '2024-03-05T10:01:10Z' END, rowid, 'aws-cli/2.17.32 md/command#' || command,"
        " 'jane', 1, rowid FROM suspicious_command;"
        "SELECT cloudtrail_detect();"
        "INSERT INTO cloudtrail (eventTime, eventID, userAgent, userIdentityUserName, fileID,"
        " recordNumber) SELECT '2024-03-05T10:00:30Z', 'x' || rowid,"
        " 'aws-cli/2.17.32 md/command#' || command, 'jane', 1, rowid FROM suspicious_command",
        NEW_PER_RULE, "0|1|1|0");
}

/* ---- two at once ---------------------------------------------------------------------------- */

/* A process that imports and detects, again and again; its exit status is 0 when all went well. */
static pid_t start_process(const char *path)
{
    pid_t pid = fork();
    if (pid != 0)
        return pid;
    sqlite3 *db = NULL;
    int rc = sqlite3_open(path, &db);
    if (rc == SQLITE_OK)
        rc = sqlite3_cloudtrail_init(db, NULL, NULL);
    if (rc == SQLITE_OK)
        rc = sqlite3_busy_timeout(db, 60000);
    for (int i = harness_extent(3, 1); i > 0 && rc == SQLITE_OK; i--)
        rc = sqlite3_exec(db, "SELECT cloudtrail_import('data/sample'); SELECT cloudtrail_detect()",
                          NULL, NULL, NULL);
    if (rc != SQLITE_OK)
        fprintf(stderr, "%s\n", sqlite3_errmsg(db));
    sqlite3_close(db);
    _exit(rc == SQLITE_OK ? 0 : 1);
}

/* A call whose summary is long, with one place refused memory; whether there is a place n. What is
 * said to have failed has changed nothing, also where the summary has no room. */
static bool detect_without_memory(sqlite3 *with_calls, long n)
{
    bool refused;
    sqlite3 *db = harness_open_copy(with_calls);
    char *said = harness_query_without_memory(ct_mem_fail_at_place, n, db,
                                              "SELECT cloudtrail_detect()", &refused);
    assert_query(db, "SELECT count(*) FROM alert", strncmp(said, "error", 5) == 0 ? "0" : "1");
    free(said);
    harness_close(db);
    return n < ct_mem_places();
}

static void test_detect_without_memory_changes_nothing(void **state)
{
    (void)state;
    sqlite3 *db = open_for_calls();
    put_calls(db, "m", "10:00:00", 8, CLI_NEW);
    char *views = harness_query(
        db, "SELECT group_concat(name, ' ') FROM sqlite_master WHERE type = 'view' AND name GLOB"
            " 'hunt_*'"); /* of the user's, which the summary names */
    for (char *view = strtok(views, " "); view; view = strtok(NULL, " "))
        harness_exec_and_free(
            db, sqlite3_mprintf("DROP VIEW \"%w\"; CREATE VIEW \"%w\" AS SELECT 1", view, view));
    for (long n = -1; detect_without_memory(db, n); n++)
        ;
    free(views);
    harness_close(db);
}

static void test_detect_two_processes_lose_and_double_nothing(void **state)
{
    (void)state;
    sqlite3 *db = open_with("data/sample");
    detect(db);
    char *alone = harness_query(db, all_alerts);
    harness_close(db);
    for (int wal = 0; wal < 2; wal++) {
        const char *path = temp_path(wal ? "two-wal.db" : "two.db");
        db = harness_open_file(path);
        harness_exec(db, wal ? "PRAGMA journal_mode = WAL" : "SELECT 1");
        harness_close(db);
        pid_t pids[3];
        for (size_t i = 0; i < 3; i++)
            pids[i] = start_process(path);
        for (size_t i = 0; i < 3; i++) {
            int status = -1;
            assert_int_equal(waitpid(pids[i], &status, 0), pids[i]);
            assert_int_equal(status, 0);
        }
        db = harness_open_file(path);
        assert_query(db, "PRAGMA integrity_check", "ok");
        assert_query(db, all_alerts, alone);
        assert_query(db, "SELECT count(*) FROM cloudtrail", "2074");
        harness_close(db);
    }
    free(alone);
}

/* ---- what must not go unsaid ---------------------------------------------------------------- */

/* What an event does not have fits no pattern: only NULL stands for anything. */
static void test_detect_empty_pattern_covers_nothing(void **state)
{
    (void)state;
    sqlite3 *db = open_for_calls();
    put_calls(db, "e", "10:00:00", 8, CLI_NEW);
    detect(db);
    static const char *const others[] = {
        "principal, reason) VALUES (''",
        "principal, sourceIPAddress, reason) VALUES ('', '198.51.100.*'",
        "sourceIPAddress, reason) VALUES (''",
        "userAgent, reason) VALUES (''",
        "command, reason) VALUES (''",
    };
    for (size_t i = 0; i < sizeof others / sizeof others[0]; i++)
        assert_covers(db, others[i], false);
    harness_exec(db, "UPDATE cloudtrail SET sessionIssuerArn = '', userIdentityPrincipalId = ''");
    assert_covers(db, others[0], false);
    /* the alert's own name stands where an event has none, or is no more */
    harness_exec(db, "DELETE FROM cloudtrail WHERE eventID = 'e3'; UPDATE cloudtrail SET"
                     " userIdentityUserName = NULL, userIdentityArn = NULL WHERE eventID = 'e4';"
                     "UPDATE rule SET enabled = 0");
    assert_covers(db, "principal, reason) VALUES ('jane'", true);
    assert_covers(db, "principal, reason) VALUES ('*/jane'", false);
    harness_close(db);
}

/* The summary speaks of rules that were run, and names the enabled ones that were not. */
/* ---- how much work it is -------------------------------------------------------------------- */

static int count_call(void *n)
{
    ++*(long *)n;
    return 0;
}

/* How many hundreds of steps SQLite takes for the statements, those within it included. */
static long work_of(sqlite3 *db, const char *sql)
{
    long n = 0;
    sqlite3_progress_handler(db, 100, count_call, &n);
    harness_exec(db, sql);
    sqlite3_progress_handler(db, 0, NULL, NULL);
    return n;
}

/* The work of two detections, with `n` times what the statements put in; %d is n. */
static long work_of_detections(const char *put, int n)
{
    sqlite3 *db = open_for_calls();
    harness_exec_and_free(db, sqlite3_mprintf(put, n));
    long work = work_of(db, "SELECT cloudtrail_detect()");
    assert_query(db, "SELECT count(*) > 0 FROM alert", "1");
    work += work_of(db, "SELECT cloudtrail_detect()");
    harness_close(db);
    return work;
}

/* Twice as many who are at work at the same time are twice the work, not four times. Each runs the
 * commands with gaps of three seconds, all of them within the same minute. */
static void test_detect_work_grows_with_the_identities(void **state)
{
    (void)state;
    static const char put[] =
        "WITH RECURSIVE who(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM who WHERE n < %d)"
        " INSERT INTO cloudtrail (eventTime, eventID, userAgent, userIdentityUserName,"
        " sourceIPAddress, recipientAccountId, fileID, recordNumber)"
        " SELECT printf('2024-03-05T10:00:%%02dZ', l.rowid * 3), n || '-' || l.rowid,"
        " 'aws-cli/2.13.5 prompt/off command/' || command, 'user' || n, '192.0.2.1',"
        " '111122223333', 1, n FROM who, suspicious_command AS l WHERE l.rowid < 20";
    long once = work_of_detections(put, 100), twice = work_of_detections(put, 200);
    assert_true(twice < 3 * once);
}

/* So are twice as many events of one minute, each of which is looked for among the commands of the
 * published rule's row. */
static void test_detect_work_grows_with_the_events_of_a_minute(void **state)
{
    (void)state;
    static const char put[] =
        "WITH RECURSIVE t(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM t WHERE n < %d)"
        " INSERT INTO cloudtrail (eventTime, eventID, userAgent, userIdentityUserName, fileID,"
        " recordNumber) SELECT printf('2024-03-05T10:00:%%02dZ', l.rowid), n || '-' || l.rowid,"
        " 'aws-cli/2.13.5 prompt/off command/' || command, 'jane', 1, n"
        " FROM t, suspicious_command AS l";
    long once = work_of_detections(put, 80), twice = work_of_detections(put, 160);
    assert_true(twice < 3 * once);
}

/* Nor are events without an id looked for among all those of their second: not by the second
 * detection, not by the allow list and not by the evidence. */
static void test_detect_work_grows_with_events_without_id(void **state)
{
    (void)state;
    static const char put[] =
        "WITH RECURSIVE t(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM t WHERE n < %d)"
        " INSERT INTO cloudtrail (eventTime, userAgent, userIdentityUserName, fileID, recordNumber)"
        " SELECT '2024-03-05T10:00:00Z', 'aws-cli/2.17.32 md/command#' || command, 'jane', 1,"
        " 20 * n + l.rowid FROM t, suspicious_command AS l;"
        "INSERT INTO allow_list (command, reason) VALUES ('*.*-*', 'known')";
    static const char evidence[] = "CREATE TEMP TABLE got AS SELECT * FROM alert_evidence";
    long work[2] = {0, 0};
    for (int i = 0; i < 2; i++) {
        sqlite3 *db = open_for_calls();
        harness_exec_and_free(db, sqlite3_mprintf(put, 40 << i));
        detect(db);
        work[i] = work_of(db, "SELECT cloudtrail_detect()") + work_of(db, evidence);
        assert_query(db,
                     "SELECT count(*) = (SELECT count(*) FROM cloudtrail),"
                     " count(DISTINCT recordNumber) = count(*), count(DISTINCT step) = count(*),"
                     " sum(substr(userAgent, 28) <> command) FROM temp.got",
                     "1|1|1|0");
        assert_query(db, "SELECT state, suppressedBy FROM alert", "suppressed|known");
        harness_close(db);
    }
    assert_true(work[1] < 3 * work[0]);
}

/* The last minute that a log can have: no time comes after it. */
static void test_detect_last_minute_of_all(void **state)
{
    (void)state;
    sqlite3 *db = open_for_calls();
    put_calls(db, "a", "10:00:00", 10, CLI_OLD);
    harness_exec(db, "UPDATE cloudtrail SET eventTime ="
                     " '9999-12-31T23:59:' || substr(eventTime, 18)");
    assert_query(db, NEW_PER_RULE, "2|0|0|0");
    assert_query(db, "SELECT DISTINCT startTime, endTime, eventCount FROM alert",
                 "9999-12-31T23:59:00Z|9999-12-31T23:59:09Z|10");
    harness_close(db);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_detect_sample_alerts),
        cmocka_unit_test(test_detect_events_are_those_of_the_rules),
        cmocka_unit_test(test_detect_id_encodes_percent_and_bar),
        cmocka_unit_test(test_detect_equal_ids_get_numbers),
        cmocka_unit_test(test_detect_again_adds_nothing),
        cmocka_unit_test(test_detect_slices_in_time_order_end_as_one_run),
        cmocka_unit_test(test_detect_slices_in_any_order_end_as_one_run),
        cmocka_unit_test(test_detect_grown_burst_is_the_same_alert),
        cmocka_unit_test(test_detect_late_events_merge_alerts),
        cmocka_unit_test(test_detect_tuned_rule_keeps_alerts),
        cmocka_unit_test(test_detect_events_survive_a_second_reading),
        cmocka_unit_test(test_detect_older_alert_without_account_is_the_same),
        cmocka_unit_test(test_detect_disabled_rule_is_not_run),
        cmocka_unit_test(test_detect_deleted_alert_comes_again),
        cmocka_unit_test(test_detect_allow_list_patterns),
        cmocka_unit_test(test_detect_allow_list_needs_every_event),
        cmocka_unit_test(test_detect_expired_entry_keeps_what_it_covered),
        cmocka_unit_test(test_detect_allow_list_leaves_the_analysts_state),
        cmocka_unit_test(test_allow_list_refuses_what_makes_no_sense),
        cmocka_unit_test(test_detect_from_a_writing_statement_is_refused),
        cmocka_unit_test(test_detect_in_a_transaction_is_the_callers),
        cmocka_unit_test(test_detect_errors_change_nothing),
        cmocka_unit_test(test_detect_read_only_and_busy_databases),
        cmocka_unit_test(test_detect_beside_temporary_tables_of_the_same_names),
        cmocka_unit_test(test_detect_interrupted_changes_nothing),
        cmocka_unit_test(test_detect_out_of_memory),
        cmocka_unit_test(test_detect_without_memory_changes_nothing),
        cmocka_unit_test(test_detect_two_processes_lose_and_double_nothing),
        cmocka_unit_test(test_detect_empty_pattern_covers_nothing),
        cmocka_unit_test(test_detect_work_grows_with_the_identities),
        cmocka_unit_test(test_detect_work_grows_with_the_events_of_a_minute),
        cmocka_unit_test(test_detect_work_grows_with_events_without_id),
        cmocka_unit_test(test_detect_last_minute_of_all),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
