/*
 * The views around the alerts: gaps and near misses against independent readings of the same logs;
 * evidence, stories and what alerts are handed over as; and that tables and plain views need no
 * extension.
 */
#include "harness.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "shell.h"
#include "temp.h"

#define GAP_ROWS                                                                                   \
    "SELECT json_array(missedBy, firstTime, lastTime, recipientAccountId, accountName,"            \
    " accountUPNSuffix, sourceIPAddress, commandCount, json(reasons)) AS line FROM sentinel_gap"   \
    " ORDER BY line"

#define NEAR_MISS_ROWS                                                                             \
    "SELECT json_array(firstTime, lastTime, recipientAccountId, accountName, accountUPNSuffix,"    \
    " sourceIPAddress, commandCount, peakCount, eventCount, json(commands)) AS line"               \
    " FROM near_miss ORDER BY line"

/* ---- helpers -------------------------------------------------------------------------------- */

static sqlite3 *open_file_with(const char *path, const char *logs)
{
    sqlite3 *db = harness_open_ready_file(path);
    harness_exec_and_free(db, sqlite3_mprintf("SELECT cloudtrail_import(%Q)", logs));
    return db;
}

static sqlite3 *open_with(const char *logs)
{
    return open_file_with(":memory:", logs);
}

static char *output_of(const char *format, const char *argument)
{
    char *command = sqlite3_mprintf(format, argument);
    char *text = shell_output(command);
    sqlite3_free(command);
    return text;
}

/* The query gives what the command prints. */
static void assert_same(sqlite3 *db, const char *sql, const char *command, const char *argument)
{
    char *expected = output_of(command, argument);
    assert_query(db, sql, expected);
    free(expected);
}

/* A trail full of hits, with the forms of user agent that nobody writes, or without. */
static const char *hits(int seed, bool own_forms)
{
    char name[32];
    snprintf(name, sizeof name, "hits-%d-%d", seed, own_forms);
    const char *path = temp_path(name);
    if (access(path, R_OK) != 0) {
        char *command = sqlite3_mprintf("python3 tests/independent/compose_hits.py %d '%s'%s", seed,
                                        path, own_forms ? " --own-forms" : "");
        free(shell_output(command));
        sqlite3_free(command);
    }
    return path;
}

/* ---- the table rule ------------------------------------------------------------------------- */

static void test_rule_is_what_was_published(void **state)
{
    (void)state;
    if (!harness_shared()) {
        print_message("skipped: the rule's text is not there\n");
        skip();
    }
    sqlite3 *db = open_with("data/sample");
    assert_same(db,
                "SELECT json_array(id, title, description, severity, json(tactics),"
                " json(techniques), queryFrequency, queryPeriod, triggerOperator,"
                " triggerThreshold, version, source, json(entityMappings), json(customDetails),"
                " kind, json(requiredDataConnectors)) FROM rule"
                " WHERE name = 'SuspiciousAWSCLICommandExecution'",
                "python3 tests/independent/read_rule.py '%s'",
                "../shared/rule/suspicious_aws_cli_command_execution.txt");
    harness_close(db);
}

static void test_rule_rows_are_whole(void **state)
{
    (void)state;
    sqlite3 *db = open_with("data/sample");
    assert_query(db,
                 "SELECT count(*), sum(enabled) FROM rule WHERE name IN"
                 " ('SuspiciousAWSCLICommandExecution', 'aws_cli_recon_burst',"
                 "  'aws_discovery_burst') AND kind = 'Scheduled'",
                 "3|3");
    assert_query(db,
                 "SELECT count(DISTINCT id) = count(*), min(length(id)), count(*) = "
                 "sum(json_valid(tactics) +"
                 " json_valid(techniques) + json_valid(entityMappings) + json_valid(customDetails)"
                 " + json_valid(requiredDataConnectors)) / 5 FROM rule",
                 "1|36|1");
    /* the columns that a rule maps are columns of its view */
    assert_query(db,
                 "SELECT count(*) >= 9, count(*) = sum(c.value IN (SELECT name FROM"
                 " pragma_table_info(r.name)))"
                 " FROM rule AS r, json_tree(r.entityMappings) AS c"
                 " WHERE c.key = 'columnName'",
                 "1|1");
    assert_query(db,
                 "SELECT count(*) >= 6, count(*) = sum(c.value IN (SELECT name FROM"
                 " pragma_table_info(r.name)))"
                 " FROM rule AS r, json_each(r.customDetails) AS c",
                 "1|1");
    harness_close(db);
}

/* ---- gaps and near misses ------------------------------------------------------------------- */

static void test_gap_names_each_reason(void **state)
{
    (void)state;
    const char *path = temp_path("gaps.json");
    char *expected =
        output_of("PYTHONDONTWRITEBYTECODE=1 python3 tests/independent/compose_gaps.py '%s'", path);
    sqlite3 *db = open_with(path);
    assert_query(db,
                 "SELECT accountName, missedBy, reasons FROM sentinel_gap"
                 " ORDER BY accountName || '|' || missedBy || '|' || reasons",
                 expected);
    assert_query(db, "SELECT count(DISTINCT value) FROM sentinel_gap, json_each(reasons)", "8");
    assert_same(db, GAP_ROWS, "python3 -B tests/independent/read_gaps.py '%s' 2>/dev/null", path);
    free(expected);
    harness_close(db);
}

static void test_gap_as_read(void **state)
{
    (void)state;
    for (int seed = 1; seed <= harness_extent(3, 1); seed++) {
        for (int own_forms = harness_extent(0, 1); own_forms < 2; own_forms++) {
            const char *path = hits(seed, own_forms);
            sqlite3 *db = open_with(path);
            assert_same(db, GAP_ROWS, "python3 -B tests/independent/read_gaps.py '%s' 2>/dev/null",
                        path);
            assert_query(db, "SELECT count(*) > 20 FROM sentinel_gap", "1");
            harness_close(db);
        }
    }
}

static void test_gap_of_your_own_numbers_and_commands(void **state)
{
    (void)state;
    sqlite3 *db = open_with("data/sample");
    harness_exec(db, "UPDATE rule_parameter SET value = 7 WHERE name = 'threshold'");
    assert_query(db, "SELECT reasons FROM sentinel_gap WHERE accountName = 'nikki.wolf'",
                 "[\"own threshold or window\"]");
    harness_exec(db, "UPDATE rule_parameter SET value = 8 WHERE name = 'threshold'");
    harness_exec(db, "INSERT INTO suspicious_command (command, origin) SELECT DISTINCT command, "
                     "'ours' FROM aws_cli_event"
                     " WHERE accountName = 'nikki.wolf' AND eventTime LIKE '2025-10-14T09:2%'"
                     " AND command NOT IN (SELECT command FROM suspicious_command)");
    assert_query(db, "SELECT reasons FROM sentinel_gap WHERE accountName = 'nikki.wolf'",
                 "[\"own command\"]");
    /* a row of the published rule for which the numbers are too high now */
    harness_exec(db, "DELETE FROM suspicious_command WHERE origin = 'ours';"
                     "UPDATE rule_parameter SET value = 9 WHERE name = 'threshold';"
                     "UPDATE rule_parameter SET value = 20 WHERE name = 'window_seconds'");
    assert_query(db,
                 "SELECT accountName, reasons FROM sentinel_gap"
                 " WHERE missedBy = 'aws_cli_recon_burst' ORDER BY 1",
                 "mateo.jackson|[\"commands not on the list\"]\n"
                 "paulo.santos|[\"own threshold or window\"]\n"
                 "svc-deploy|[\"own threshold or window\"]");
    harness_close(db);
}

/* Bursts of a threshold of five that do not reach eight, by the slow reading. */
static void test_near_miss_as_read(void **state)
{
    (void)state;
    static const char command[] =
        "PYTHONPATH=tests/independent python3 -B tests/independent/read_trail.py bursts '%s'"
        " --threshold 5 2>/dev/null | python3 -c 'import json, sys\n"
        "rows = [json.loads(line) for line in sys.stdin]\n"
        "lines = [json.dumps(row[:9] + [row[13]], ensure_ascii=False, separators=(\",\", \":\"))\n"
        "         for row in rows if row[7] < 8]\n"
        "print(\"\\n\".join(sorted(lines)))'";
    for (int seed = 1; seed <= harness_extent(2, 1); seed++) {
        sqlite3 *db = open_with(hits(seed, false));
        assert_same(db, NEAR_MISS_ROWS, command, hits(seed, false));
        assert_query(db, "SELECT count(*) > 5, min(missing), max(missing) FROM near_miss", "1|1|3");
        harness_close(db);
    }
}

static void test_near_miss_follows_the_threshold(void **state)
{
    (void)state;
    sqlite3 *db = open_with("data/sample");
    assert_query(db, "SELECT accountName, peakCount, missing, eventCount FROM near_miss ORDER BY 1",
                 "mateo.jackson|5|3|5\nnikki.wolf|7|1|11");
    harness_exec(db, "UPDATE rule_parameter SET value = 2 WHERE name = 'threshold'");
    assert_query(db, "SELECT count(*) > 0, min(peakCount), max(missing) FROM near_miss", "1|1|1");
    harness_exec(db, "UPDATE rule_parameter SET value = 1 WHERE name = 'threshold'");
    assert_query(db, "SELECT count(*) FROM near_miss", "0");
    harness_exec(db, "UPDATE rule_parameter SET value = 14 WHERE name = 'threshold'");
    assert_query(db, "SELECT accountName, peakCount FROM near_miss ORDER BY 1",
                 "maint|11\nsvc-deploy|13");
    harness_close(db);
}

static void test_lists_of_the_views_are_json(void **state)
{
    (void)state;
    sqlite3 *db = open_with("data/sample");
    harness_exec(db, "SELECT cloudtrail_detect()");
    assert_query(db, "SELECT DISTINCT json_type(commands) FROM near_miss", "array");
    assert_query(db, "SELECT DISTINCT json_type(reasons) FROM sentinel_gap", "array");
    assert_query(db,
                 "SELECT DISTINCT json_type(Entities), json_type(ExtendedProperties),"
                 " json_type(json_extract(ExtendedProperties, '$.\"Custom Details\"'))"
                 " FROM SecurityAlert",
                 "array|object|object");
    assert_query(db, "SELECT DISTINCT json_type(json) FROM alert_ocsf", "object");
    harness_close(db);
}

/* ---- evidence, stories ---------------------------------------------------------------------- */

static void test_evidence_in_order_with_commands(void **state)
{
    (void)state;
    sqlite3 *db = open_with("data/sample");
    harness_exec(db, "SELECT cloudtrail_detect()");
    assert_query(
        db,
        "SELECT step, substr(eventTime, 12), command, commandSource, eventName, errorCode,"
        " sessionMfaAuthenticated FROM alert_evidence WHERE alertID LIKE"
        " 'aws_cli_recon_burst|%|saanvi.sarkar|%'",
        "1|16:45:30Z|iam.list-users|event|ListUsers|NULL|NULL\n"
        "2|16:45:34Z|iam.list-roles|event|ListRoles|NULL|NULL\n"
        "3|16:45:39Z|ec2.describe-vpcs|event|DescribeVpcs|NULL|NULL\n"
        "4|16:45:44Z|ec2.describe-network-acls|event|DescribeNetworkAcls|NULL|NULL\n"
        "5|16:45:52Z|ec2.describe-vpcs|user-agent|DescribeVpcs|NULL|NULL\n"
        "6|16:45:57Z|ec2.describe-subnets|user-agent|DescribeSubnets|NULL|NULL\n"
        "7|16:46:02Z|ec2.describe-security-groups|user-agent|DescribeSecurityGroups|NULL|NULL\n"
        "8|16:46:07Z|ecs.list-clusters|user-agent|ListClusters|NULL|NULL\n"
        "9|16:46:13Z|ecs.list-services|user-agent|ListServices|NULL|NULL");
    assert_query(db,
                 "SELECT count(*), count(DISTINCT alertID || step), sum(eventName IS NULL)"
                 " FROM alert_evidence",
                 "666|666|0");
    harness_close(db);
}

static void test_story_of_the_sample(void **state)
{
    (void)state;
    sqlite3 *db = open_with("data/sample");
    harness_exec(db, "SELECT cloudtrail_detect()");
    assert_query(
        db,
        "SELECT rtrim(replace(story, chain, ''), ' ') FROM alert_story JOIN alert USING (alertID)"
        " WHERE alert.ruleName = 'aws_cli_recon_burst'"
        " AND alert.startTime IN ('2025-10-14T13:41:04Z', '2025-10-14T16:45:30Z')"
        " ORDER BY alert.startTime",
        "svc-deploy (IAM user; access key AKIAEFU6KCWGIEXAMPLE) in account 111122223333, from"
        " 192.0.2.146 with aws-cli/2.12.0: 13 different commands in 49 seconds from 2025-10-14"
        " 13:41:04 UTC (ec2 5, iam 4, kms 2, ecs 1, route53 1), in us-east-1. Of 16 calls 12 were"
        " done, 4 denied (iam.list-groups, ec2.describe-network-acls, kms.list-keys,"
        " route53.list-hosted-zones). Its user agents bear the marks of Kali Linux. Just before:"
        " GetCallerIdentity (13:38:12), ListBuckets (13:39:05). Right after: "
        "ListAttachedUserPolicies (13:43:19), GetPolicy (13:43:44),"
        " GetPolicyVersion (13:43:58), GetAccountAuthorizationDetails (13:45:10, denied),"
        " ListSecrets (13:46:31, denied), CreateAccessKey (13:52:27), CreateLoginProfile"
        " (13:54:03, denied), AttachUserPolicy (13:55:48) and 1 more call.\n"
        "saanvi.sarkar (IAM user; access key AKIAIXTS5ALWKEXAMPLE) in account 111122223333, from"
        " 203.0.113.77 with aws-cli/1.22.34, aws-cli/2.22.35: 8 different commands in 43 seconds"
        " from 2025-10-14 16:45:30 UTC (ec2 4, ecs 2, iam 2), in us-east-1. All 9 calls were"
        " done. Nothing in the 15 minutes before and after.");
    assert_query(db, "SELECT count(*), count(story), min(length(story)) > 100 FROM alert_story",
                 "27|27|1");
    harness_close(db);
}

/* The story behind `All 8 calls were done.` of a burst of jane's at 10:00:00, with these calls of hers
 * around it: (time, name, readOnly, errorCode, errorMessage). */
static void assert_told_around(const char *calls, const char *expected)
{
    sqlite3 *db = open_with("/dev/null");
    harness_exec(
        db, "CREATE VIEW jane AS SELECT * FROM cloudtrail;"
            "CREATE TRIGGER jane INSTEAD OF INSERT ON jane BEGIN INSERT INTO cloudtrail"
            " (eventTime, eventID, eventName, eventSource, readOnly, errorCode, errorMessage,"
            " userAgent, userIdentityArn, fileID, recordNumber) SELECT '2024-03-05T' ||"
            " new.eventTime || 'Z', count(*), new.eventName, CASE WHEN new.userAgent IS NULL THEN"
            " 's3.amazonaws.com' END, new.readOnly, new.errorCode, new.errorMessage, new.userAgent,"
            " 'arn:aws:iam::111122223333:user/jane', 1, count(*) FROM cloudtrail;"
            " END;"
            "INSERT INTO jane (eventTime, eventName, userAgent) SELECT '10:00:00', 'x',"
            " 'aws-cli/2.17.32 md/command#' || command FROM suspicious_command WHERE rowid <= 8;"
            "SELECT cloudtrail_detect()");
    harness_exec_and_free(db, sqlite3_mprintf("INSERT INTO jane (eventTime, eventName, readOnly,"
                                              " errorCode, errorMessage) VALUES %s",
                                              calls));
    assert_query(db,
                 "SELECT substr(story, instr(story, 'calls were done. ') + 17)"
                 " FROM alert_story",
                 expected);
    harness_close(db);
}

static void test_story_tells_what_was_done_from_what_was_not(void **state)
{
    (void)state;
    /* a success has the time, first after and last before; without one the first or last failure */
    assert_told_around(
        "('10:05:00', 'StopLogging', 0, 'AccessDenied', NULL),"
        "('10:06:00', 'StopLogging', 0, NULL, NULL), ('10:07:00', 'StopLogging', 0, '', ''),"
        "('10:03:00', 'RunInstances', 0, 'Client.VcpuLimitExceeded', 'no'),"
        "('10:04:00', 'RunInstances', 0, 'Client.UnauthorizedOperation', 'no'),"
        "('10:08:00', 'RunInstances', 0, NULL, NULL),"
        "('10:09:00', 'RunInstances', 0, 'Client.VcpuLimitExceeded', 'no'),"
        "('10:10:00', 'CreateUser', 0, 'EntityAlreadyExists', NULL),"
        "('10:11:00', 'CreateUser', 0, 'AccessDenied', NULL),"
        "('10:12:00', 'ConsoleLogin', 0, NULL, 'Failed authentication'),"
        "('09:50:00', 'ListBuckets', 1, NULL, NULL), ('09:51:00', 'ListBuckets', 1, NULL, NULL),"
        "('09:52:00', 'ListBuckets', 1, 'AccessDenied', NULL),"
        "('09:53:00', 'ListKeys', 1, 'AccessDeniedException', NULL),"
        "('09:54:00', 'ListKeys', 1, 'ThrottlingException', NULL)",
        "Just before: ListBuckets 3x (09:51:00, 1 denied), ListKeys 2x (09:54:00, 1 denied, 1"
        " throttled). Right after: StopLogging 3x (10:06:00, 1 denied), RunInstances 4x (10:08:00,"
        " 1 denied, 2 failed), CreateUser 2x (10:10:00, 1 denied, 1 failed), ConsoleLogin"
        " (10:12:00, failed).");
    /* the quarter of an hour ends with its last second */
    assert_told_around("('09:44:59', 'Early', 1, NULL, NULL), ('10:15:01', 'Late', 1, NULL, NULL)",
                       "Nothing in the 15 minutes before and after.");
    assert_told_around("('09:45:00', 'First', 1, NULL, NULL)",
                       "Just before: First (09:45:00). Nothing in the 15 minutes after.");
    assert_told_around("('10:15:00', 'Last', 1, 'AccessDenied', NULL)",
                       "Nothing in the 15 minutes before. Right after: Last (10:15:00, denied).");
    /* what is of the very second of the alert, and no event of it */
    assert_told_around("('10:00:00', 'GetObject', 1, NULL, NULL),"
                       "('10:00:00', 'GetObject', 1, 'NoSuchKey', NULL)",
                       "Meanwhile: GetObject 2x (10:00:00, 1 failed). Nothing in the 15 minutes"
                       " before and after.");
    assert_told_around("('10:00:00', 'PutObject', 0, 'SlowDown', NULL),"
                       "('10:01:00', 'PutObject', 0, 'SlowDown', NULL),"
                       "('10:02:00', 'PutObject', 0, 'SlowDown', NULL)",
                       "Nothing in the 15 minutes before. Meanwhile: PutObject (10:00:00,"
                       " throttled). Right after: PutObject 2x (10:01:00, all throttled).");
}

static void test_story_names_what_weighs_most(void **state)
{
    (void)state;
    /* of five changes done, one not done and four reads, eight: the reads that are nearest go last */
    assert_told_around(
        "('10:01:00', 'ListA', 1, NULL, NULL), ('10:02:00', 'ListB', 1, NULL, NULL),"
        "('10:02:30', 'ListC', 1, NULL, NULL), ('10:02:40', 'ListD', 1, NULL, NULL),"
        "('10:02:50', 'ListD', 1, 'AccessDenied', NULL),"
        "('10:03:00', 'PutA', 0, 'AccessDenied', NULL),"
        "('10:04:00', 'PutB', 0, NULL, NULL), ('10:05:00', 'PutC', 0, NULL, NULL),"
        "('10:06:00', 'PutD', 0, NULL, NULL), ('10:07:00', 'PutE', 0, 'Nope', NULL),"
        "('10:08:00', 'PutF', 0, NULL, NULL), ('10:09:00', 'PutF', 0, NULL, NULL)",
        "Nothing in the 15 minutes before. Right after: ListA (10:01:00), ListB (10:02:00), PutA"
        " (10:03:00, denied), PutB (10:04:00), PutC (10:05:00), PutD (10:06:00), PutE (10:07:00,"
        " failed), PutF 2x (10:08:00) and 3 more calls (1 denied).");
    /* of nine changes the one that was denied goes, of five reads before the earliest */
    assert_told_around("('10:01:00', 'PutA', 0, 'AccessDenied', NULL),"
                       "('10:02:00', 'PutB', 0, NULL, NULL), ('10:03:00', 'PutC', 0, NULL, NULL),"
                       "('10:04:00', 'PutD', 0, NULL, NULL), ('10:05:00', 'PutE', 0, NULL, NULL),"
                       "('10:06:00', 'PutF', 0, NULL, NULL), ('10:07:00', 'PutG', 0, NULL, NULL),"
                       "('10:08:00', 'PutH', 0, NULL, NULL), ('10:09:00', 'PutI', 0, NULL, NULL),"
                       "('09:51:00', 'ListA', 1, NULL, NULL), ('09:52:00', 'ListB', 1, NULL, NULL),"
                       "('09:53:00', 'ListC', 1, NULL, NULL), ('09:54:00', 'ListD', 1, NULL, NULL),"
                       "('09:55:00', 'ListE', 1, 'AccessDenied', NULL)",
                       "Just before: ListB (09:52:00), ListC (09:53:00), ListD (09:54:00), ListE"
                       " (09:55:00, denied) and 1 more call. Right after: PutB (10:02:00), PutC"
                       " (10:03:00), PutD (10:04:00), PutE (10:05:00), PutF (10:06:00), PutG"
                       " (10:07:00), PutH (10:08:00), PutI (10:09:00) and 1 more call (1 denied).");
    /* data that was read stands first, however much was changed; data that was not goes with the
     * changes that did not come about */
    assert_told_around("('10:01:00', 'PutA', 0, NULL, NULL), ('10:02:00', 'PutB', 0, NULL, NULL),"
                       "('10:03:00', 'PutC', 0, NULL, NULL), ('10:04:00', 'PutD', 0, NULL, NULL),"
                       "('10:05:00', 'PutE', 0, NULL, NULL), ('10:06:00', 'PutF', 0, NULL, NULL),"
                       "('10:07:00', 'PutG', 0, NULL, NULL), ('10:08:00', 'PutH', 0, NULL, NULL),"
                       "('10:09:00', 'GetObject', 1, NULL, NULL),"
                       "('10:10:00', 'GetObject', 1, NULL, NULL),"
                       "('10:11:00', 'GetObject', 1, 'AccessDenied', NULL),"
                       "('09:46:00', 'GetObject', 1, 'AccessDenied', NULL),"
                       "('09:51:00', 'ListA', 1, NULL, NULL), ('09:52:00', 'ListB', 1, NULL, NULL),"
                       "('09:53:00', 'ListC', 1, NULL, NULL), ('09:54:00', 'ListD', 1, NULL, NULL)",
                       "Just before: GetObject (09:46:00, denied), ListB (09:52:00), ListC"
                       " (09:53:00), ListD (09:54:00) and 1 more call. Right after: GetObject 3x"
                       " (10:09:00, 1 denied), PutA (10:01:00), PutB (10:02:00), PutC (10:03:00),"
                       " PutD (10:04:00), PutE (10:05:00), PutF (10:06:00), PutG (10:07:00) and 1"
                       " more call.");
}

/* Events that have no more than the rules must see, all at one second, and none left at the end. */
static void test_story_and_hand_over_of_bare_events(void **state)
{
    (void)state;
    sqlite3 *db = open_with("/dev/null");
    harness_exec(
        db, "INSERT INTO cloudtrail (eventTime, userAgent, fileID, recordNumber)"
            " SELECT '2024-03-05T10:00:59Z', '[aws-cli/2.17.32 md/command#' || command || ']', 1,"
            " rowid FROM suspicious_command WHERE rowid <= 8; SELECT cloudtrail_detect()");
    static const char told[] =
        "An identity without a name%s: 8 different commands within a second from 2024-03-05"
        " 10:00:59 UTC (ec2 2, iam 2, kms 2, ecs 1, route53 1). %s";
    char story[512];
    snprintf(story, sizeof story, told, " with aws-cli/2.17.32", "All 8 calls were done.");
    assert_query(db, "SELECT story FROM alert_story", story);
    assert_query(db, "SELECT alertID, summary FROM alert",
                 "aws_cli_recon_burst|||||2024-03-05T10:00:59Z|An identity without a name ran 8"
                 " suspicious AWS CLI commands within a second.");
    assert_query(db,
                 "SELECT json_valid(json), json_extract(json, '$.cloud', '$.observables',"
                 " '$.evidences[0].api') FROM alert_ocsf",
                 "1|[{\"provider\":\"AWS\"},null,{\"operation\":\"iam.list-users\"}]");
    harness_exec(db, "DELETE FROM cloudtrail");
    snprintf(story, sizeof story, told, "", "Its 8 events are no longer in the table.");
    assert_query(db, "SELECT story FROM alert_story", story);
    assert_query(db, "SELECT count(*), count(eventName) FROM alert_evidence", "8|0");
    assert_query(db, "SELECT json_array_length(json, '$.evidences') FROM alert_ocsf", "8");
    harness_close(db);
}

static void test_story_names_five_of_the_denied_commands(void **state)
{
    (void)state;
    sqlite3 *db = open_with("/dev/null");
    harness_exec(
        db, "INSERT INTO cloudtrail (eventTime, eventID, errorCode, userAgent, fileID,"
            " recordNumber) SELECT '2024-03-05T10:00:0' || rowid || 'Z', rowid, 'AccessDenied',"
            " 'aws-cli/2.17.32 md/command#' || command, 1, rowid FROM suspicious_command"
            " WHERE rowid <= 8; SELECT cloudtrail_detect()");
    assert_query(
        db,
        "SELECT substr(story, instr(story, 'All ')) = (SELECT 'All 8 calls failed: 8 denied ('"
        " || group_concat(command, ', ') || ' and 3 more).'"
        " FROM (SELECT command FROM suspicious_command ORDER BY rowid LIMIT 5))"
        " FROM alert_story",
        "1");
    harness_close(db);
}

/* ---- hand-over ------------------------------------------------------------------------------ */

static void test_security_alert_has_sentinels_columns(void **state)
{
    (void)state;
    sqlite3 *db = open_with("data/sample");
    harness_exec(db, "SELECT cloudtrail_detect()");
    /* the table's reference, without what Azure fills: _BilledSize and _IsBillable */
    assert_query(
        db,
        "SELECT group_concat(name, ' ') FROM (SELECT name FROM pragma_table_info('SecurityAlert')"
        " ORDER BY name)",
        "AlertLink AlertName AlertSeverity AlertType CompromisedEntity ConfidenceLevel"
        " ConfidenceScore Description DisplayName EndTime Entities ExtendedLinks"
        " ExtendedProperties IsIncident ProcessingEndTime ProductComponentName ProductName"
        " ProviderName RemediationSteps ResourceId SourceComputerId SourceSystem StartTime Status"
        " SubTechniques SystemAlertId Tactics Techniques TenantId TimeGenerated Type VendorName"
        " VendorOriginalId WorkspaceResourceGroup WorkspaceSubscriptionId");
    assert_query(
        db,
        "SELECT AlertName, AlertSeverity, AlertType, CompromisedEntity, StartTime, EndTime, Status,"
        " Tactics, Techniques, SubTechniques, Type, json_extract(ExtendedProperties,"
        " '$.\"Event Count\"'), json_extract(json_extract(ExtendedProperties,"
        " '$.\"Custom Details\"'), '$.AWSUserIp'), json_extract(Entities, '$[0].UPNSuffix')"
        " FROM SecurityAlert WHERE CompromisedEntity = 'paulo.santos@example.com'"
        " AND AlertName LIKE 'Susp%'",
        "Suspicious AWS CLI Command Execution|Medium|8c2dc344-9352-4ca1-8863-b1b7a5e09e59"
        "|paulo.santos@example.com|2025-10-14T10:12:08Z|2025-10-14T10:12:46Z|New|Reconnaissance"
        "|T1595,T1592,T1589,T1590,T1591,T1596|T1592.004,T1589.002,T1589.003|SecurityAlert|10"
        "|203.0.113.24|example.com");
    harness_exec(db,
                 "UPDATE alert SET state = 'merged', mergedInto = 'x' WHERE accountName = 'maint';"
                 "UPDATE alert SET state = 'suppressed' WHERE accountName = 'svc-backup';"
                 "UPDATE alert SET state = 'In progress' WHERE accountName = 'li.juan';"
                 "UPDATE alert SET state = 'closed' WHERE accountName = 'mateo.jackson';"
                 "UPDATE alert SET state = 'ask Ana' WHERE accountName = 'arnav.desai'");
    assert_query(db, "SELECT Status, count(*) FROM SecurityAlert GROUP BY 1 ORDER BY 1",
                 "Dismissed|8\nInProgress|2\nNew|11\nResolved|2\nUnknown|2");
    harness_close(db);
}

/* Writes the findings into a file and has them checked. */
static void assert_valid_findings(sqlite3 *db, const char *n_expected)
{
    char *lines = harness_query(db, "SELECT json FROM alert_ocsf");
    const char *path = temp_write("findings.jsonl", lines, strlen(lines));
    char *n = output_of("python3 tests/independent/check_ocsf.py <'%s'", path);
    assert_string_equal(n, n_expected);
    free(n);
    free(lines);
}

static void test_ocsf_findings_are_valid(void **state)
{
    (void)state;
    sqlite3 *db = open_with("data/sample");
    harness_exec(db, "SELECT cloudtrail_detect()");
    assert_valid_findings(db, "27");
    harness_exec(db, "UPDATE alert SET state = 'suppressed', severity = 'High' WHERE rowid % 3 = 0;"
                     "UPDATE alert SET state = 'ask \"Ana\"', notes = 'a' || char(10) || '\\'"
                     " WHERE rowid % 3 = 1; DELETE FROM rule WHERE name = 'aws_cli_recon_burst'");
    assert_valid_findings(db, "27");
    assert_query(db,
                 "SELECT json_extract(json, '$.status_id') AS s, count(*) FROM alert_ocsf"
                 " GROUP BY s",
                 "1|7\n3|11\n99|9");
    harness_close(db);

    /* names with quotes, addresses that are none, nothing at all, merged alerts */
    db = open_with(hits(1, false));
    harness_exec(db, "SELECT cloudtrail_detect();"
                     "UPDATE alert SET state = 'merged', mergedInto = 'x' WHERE rowid = 3");
    char *n = harness_query(db, "SELECT count(*) FROM alert");
    assert_valid_findings(db, n);
    assert_query(db,
                 "SELECT count(*) > 0 FROM alert_ocsf WHERE json LIKE '%z\\\"%' OR json LIKE"
                 " '%\"domain\"%'",
                 "1");
    free(n);
    harness_close(db);
}

static void test_ocsf_holds_a_hundred_events(void **state)
{
    (void)state;
    sqlite3 *db = open_with("/dev/null");
    harness_exec(
        db, "WITH RECURSIVE t(n) AS (SELECT 0 UNION ALL SELECT n + 1 FROM t WHERE n < 149)"
            " INSERT INTO cloudtrail (eventTime, eventID, userAgent, userIdentityUserName,"
            " sourceIPAddress, fileID, recordNumber)"
            " SELECT strftime('%Y-%m-%dT%H:%M:%SZ', '2024-03-06 10:00:00', n || ' seconds'), n,"
            " 'aws-cli/2.17.32 md/command#' || command, 'jane', 'cloudshell.example', 1, n"
            " FROM t JOIN suspicious_command AS l ON l.rowid = n % 19 + 1;"
            "SELECT cloudtrail_detect()");
    assert_query(db,
                 "SELECT json_array_length(json, '$.evidences'), json_extract(json,"
                 " '$.finding_info.related_events_count'), json_extract(json,"
                 " '$.evidences[99].data.event_uid', '$.evidences[0].src_endpoint.domain')"
                 " FROM alert_ocsf",
                 "100|150|[\"99\",\"cloudshell.example\"]");
    assert_valid_findings(db, "1");
    harness_close(db);
}

static void test_csv_has_no_formulas(void **state)
{
    (void)state;
    static const char *const risks[] = {"=1+1",
                                        "+1",
                                        "-1",
                                        "@SUM(1)",
                                        "\t=1",
                                        "\r=1",
                                        "\n=1",
                                        "  =1",
                                        " -2",
                                        "=cmd|' /C x'!A0",
                                        "\xEF\xBC\x9D(1)",
                                        " \xEF\xBC\xA0 x",
                                        "\xEF\xBC\x8B x",
                                        "\xEF\xBC\x8D x"};
    static const char *const harmless[] = {"jane", "a=b", "1-1", "j@x", "", "'quoted", "(=1)"};
    sqlite3 *db = open_with("data/sample");
    harness_exec(db, "SELECT cloudtrail_detect(); DELETE FROM alert WHERE rowid > 1");
    char *columns =
        harness_query(db, "SELECT group_concat(name, '\n') FROM pragma_table_info('alert_csv')"
                          " WHERE name NOT IN ('eventCount', 'denied', 'throttled', 'failed')");
    int n_columns = 0;
    for (char *column = strtok(columns, "\n"); column; column = strtok(NULL, "\n"), n_columns++) {
        /* a cell that is put together begins with what somebody else wrote */
        const char *update =
            strcmp(column, "client") == 0 ? "UPDATE cloudtrail SET userAgent = replace(%Q, ' ', '')"
            : strcmp(column, "commands") == 0 ? "UPDATE alert_event SET command = %Q WHERE step = 1"
            : strcmp(column, "story") == 0    ? "UPDATE alert SET accountName = %Q"
                                              : NULL;
        char *sql = sqlite3_mprintf("SELECT \"%w\" FROM alert_csv", column);
        /* the short run tries every tenth, in each column others */
        const size_t step = (size_t)harness_extent(1, 10), first = (size_t)n_columns % step;
        for (size_t i = first; i < sizeof risks / sizeof risks[0]; i += step) {
            if (update) {
                harness_exec_and_free(db, sqlite3_mprintf(update, risks[i]));
                char *cell = harness_query(db, sql);
                assert_null(strchr("=+-@\t\r\n", cell[strspn(cell, " ")]));
                free(cell);
                continue;
            }
            harness_exec_and_free(
                db, sqlite3_mprintf("UPDATE alert SET \"%w\" = %Q", column, risks[i]));
            char *expected = sqlite3_mprintf("'%s", risks[i]);
            assert_query(db, sql, expected);
            sqlite3_free(expected);
        }
        for (size_t i = first; i < sizeof harmless / sizeof harmless[0] && !update; i += step) {
            harness_exec_and_free(
                db, sqlite3_mprintf("UPDATE alert SET \"%w\" = %Q", column, harmless[i]));
            assert_query(db, sql, harmless[i]);
        }
        sqlite3_free(sql);
    }
    assert_int_equal(n_columns, 20);
    assert_query(db, "UPDATE alert SET notes = NULL; SELECT notes, count(*) FROM alert_csv",
                 "NULL|1");
    free(columns);
    harness_close(db);
}

/* ---- without the extension ------------------------------------------------------------------ */

static void test_alerts_are_readable_without_the_extension(void **state)
{
    (void)state;
    const char *path = temp_path("plain.db");
    sqlite3 *db = open_file_with(path, "data/sample");
    harness_exec(db,
                 "INSERT INTO allow_list (principal, reason) VALUES ('*inventory-host*', 'CMDB');"
                 "SELECT cloudtrail_detect()");
    harness_close(db);
    char *got = output_of(
        "python3 -c \"\n"
        "import json, sqlite3, sys\n"
        "db = sqlite3.connect('%s')\n"
        "db.execute('PRAGMA trusted_schema = OFF')\n"
        "def count(table): return db.execute('SELECT count(*) FROM ' + table).fetchone()[0]\n"
        "print([count(t) for t in ('alert', 'alert_event', 'allow_list',\n"
        "       'alert_evidence', 'alert_story', 'alert_csv', 'SecurityAlert')])\n"
        "print(db.execute('SELECT state, suppressedBy FROM alert ORDER BY startTime').fetchone())\n"
        "first = ' FROM alert JOIN {} USING (alertID) ORDER BY alert.startTime, alertID'\n"
        "print(db.execute('SELECT command, eventName' + first.format('alert_evidence')\n"
        "                 + ', step').fetchone())\n"
        "print(db.execute('SELECT story' + first.format('alert_story')).fetchone()[0][:40])\n"
        "print(json.loads(db.execute('SELECT Entities FROM "
        "SecurityAlert ORDER BY StartTime').fetchone()[0])[0]['Name'])\n"
        "\"",
        path);
    assert_string_equal(got, "[27, 666, 1, 666, 27, 27, 27]\n"
                             "('suppressed', 'CMDB')\n"
                             "('sts.get-caller-identity', 'GetCallerIdentity')\n"
                             "i-0b7d3f1a9c5e28460 (role inventory-host\n"
                             "i-0b7d3f1a9c5e28460");
    free(got);
}

/* ---- odd hands ------------------------------------------------------------------------------ */

/* Whatever stands in the table rule or was written into an alert, each finding stays JSON. */
static void test_hand_over_of_what_people_write(void **state)
{
    (void)state;
    sqlite3 *db = open_with("data/sample");
    harness_exec(db, "UPDATE rule SET tactics = '[\"Disc\\\"overy\", 5]', techniques = 'T1087.004'"
                     " WHERE name LIKE 'aws%';"
                     "UPDATE rule SET tactics = '[\"half', techniques = '[]' WHERE name LIKE 'S%';"
                     "SELECT cloudtrail_detect(); UPDATE alert SET notes = x'41'");
    assert_query(db, "SELECT DISTINCT tactics, techniques FROM alert ORDER BY 1",
                 "[\"Disc\\\"overy\", 5]|[\"T1087.004\"]\n[\"[\\\"half\"]|[]");
    assert_valid_findings(db, "27");
    assert_query(db,
                 "SELECT DISTINCT json_extract(json, '$.finding_info.attacks', '$.comment')"
                 " FROM alert_ocsf ORDER BY length(json_extract(json, '$.finding_info.attacks'))",
                 "[[],\"A\"]\n"
                 "[[{\"tactic\":{\"name\":\"Disc\\\"overy\"},\"technique\":{\"uid\":\"T1087\"},"
                 "\"sub_technique\":{\"uid\":\"T1087.004\"}}],\"A\"]");
    harness_exec(db, "UPDATE alert SET tactics = 'Im\"pact', techniques = 'T1485'");
    assert_valid_findings(db, "27");
    assert_query(db,
                 "SELECT DISTINCT json_extract(json, '$.finding_info.attacks[0].tactic.name',"
                 " '$.finding_info.attacks[0].technique.uid') FROM alert_ocsf",
                 "[\"Im\\\"pact\",\"T1485\"]");
    assert_query(db, "SELECT DISTINCT Tactics, Techniques, SubTechniques FROM SecurityAlert",
                 "Im\"pact|T1485|");
    /* what begins and ends as a list and is none is one text, too */
    static const char *const texts[] = {"[not json]", "[1", "[\"a\"b\"]", "[\"a\nb\"]",
                                        "[\"a\\\"]"};
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
        harness_exec_and_free(db, sqlite3_mprintf("UPDATE alert SET tactics = %Q, techniques = %Q",
                                                  texts[i], texts[i]));
        assert_valid_findings(db, "27");
        assert_query(db,
                     "SELECT DISTINCT Tactics, Techniques, SubTechniques = '' FROM SecurityAlert"
                     " EXCEPT SELECT tactics, techniques, 1 FROM alert",
                     "");
    }
    harness_close(db);
}

/* What was merged is closed and says so, in whatever state an analyst had put it. */
static void test_ocsf_merged_alert_is_not_in_progress(void **state)
{
    (void)state;
    sqlite3 *db = open_with("data/sample");
    harness_exec(db, "SELECT cloudtrail_detect(); DELETE FROM alert WHERE rowid > 2;"
                     "UPDATE alert SET state = 'in progress';"
                     "UPDATE alert SET mergedInto = 'x' WHERE rowid = 2");
    assert_query(db,
                 "SELECT json_extract(json, '$.activity_name', '$.status_id', '$.status')"
                 " FROM alert_ocsf ORDER BY 1",
                 "[\"Close\",99,\"merged\"]\n[\"Create\",2,\"In Progress\"]");
    assert_valid_findings(db, "2");
    harness_close(db);
}

static void test_ocsf_tells_addresses_from_names(void **state)
{
    (void)state;
    static const struct {
        const char *text, *type;
    } sources[] = {
        {"192.0.2.1", "ip"},        {"::1", "ip"},
        {"2001:DB8::a", "ip"},      {"::ffff:192.0.2.1", "ip"},
        {"a:b", "domain"},          {"999.1", "domain"},
        {"1.2.3.4.5", "domain"},    {"1..2.3", "domain"},
        {"...", "domain"},          {"arn:aws:iam::1:x", "domain"},
        {"vpce-1", "domain"},       {"ec2.amazonaws.com", "domain"},
        {"AWS Internal", "domain"}, {"12345", "domain"},
    };
    sqlite3 *db = open_with("data/sample");
    harness_exec(db, "SELECT cloudtrail_detect(); DELETE FROM alert WHERE rowid > 1");
    for (size_t i = 0; i < sizeof sources / sizeof sources[0]; i++) {
        harness_exec_and_free(db, sqlite3_mprintf("UPDATE alert SET sourceIPAddress = %Q;"
                                                  "UPDATE cloudtrail SET sourceIPAddress = %Q",
                                                  sources[i].text, sources[i].text));
        char *expected =
            sqlite3_mprintf("evidences.src_endpoint.%s|%s", sources[i].type, sources[i].text);
        char *sql = sqlite3_mprintf("SELECT json_extract(json, '$.observables[1].name'),"
                                    " json_extract(json, '$.evidences[0].src_endpoint.%s')"
                                    " FROM alert_ocsf",
                                    sources[i].type);
        assert_query(db, sql, expected);
        sqlite3_free(sql);
        sqlite3_free(expected);
    }
    harness_close(db);
}

/* ---- what the gap must not get wrong -------------------------------------------------------- */

/* `n` commands of the list that the published rule knows too, one a second, by jane. */
static void put_calls(sqlite3 *db, const char *agent, int n)
{
    harness_exec_and_free(
        db, sqlite3_mprintf("INSERT INTO cloudtrail (eventTime, eventID, userAgent,"
                            " recipientAccountId, userIdentityUserName, sourceIPAddress, fileID,"
                            " recordNumber) SELECT printf('2024-03-05T10:00:%%02dZ', rowid), rowid,"
                            " %Q || command, '111122223333', 'jane', '192.0.2.1', 1, rowid"
                            " FROM suspicious_command WHERE rowid <= %d",
                            agent, n));
}

/* What AWS_EXECUTION_ENV puts in front is what the rule as published reads: the form of the user
 * agent is the reason, and the only one. */
static void test_gap_of_a_command_put_in_front(void **state)
{
    (void)state;
    sqlite3 *db = open_with("/dev/null");
    put_calls(db,
              "aws-cli/2.13.5 Python/3.11.4 exec-env/x off command/iam.list-users prompt/off"
              " command/",
              9);
    assert_query(db,
                 "SELECT (SELECT count(*) FROM SuspiciousAWSCLICommandExecution), missedBy,"
                 " commandCount, reasons FROM sentinel_gap",
                 "0|SuspiciousAWSCLICommandExecution|9|[\"user agent form\"]");
    harness_close(db);
}

/* A threshold above what the published rule asks for is the cause, not the list. */
static void test_gap_of_a_raised_threshold(void **state)
{
    (void)state;
    sqlite3 *db = open_with("/dev/null");
    put_calls(db, "aws-cli/2.13.5 prompt/off command/", 10);
    harness_exec(db, "UPDATE rule_parameter SET value = 12 WHERE name = 'threshold'");
    assert_query(db, "SELECT missedBy, commandCount, reasons FROM sentinel_gap",
                 "aws_cli_recon_burst|10|[\"own threshold or window\"]");
    harness_exec(db, "DELETE FROM suspicious_command WHERE rowid <= 3");
    assert_query(db, "SELECT missedBy, commandCount, reasons FROM sentinel_gap",
                 "aws_cli_recon_burst|10|[\"commands not on the list\"]");
    harness_close(db);
}

/* A threshold that makes no sense is an error of the rule's view, and the same one here. */
static void test_near_miss_refuses_what_the_rule_refuses(void **state)
{
    (void)state;
    static const char *const values[] = {"'abc'", "0", "-5", "2.5", "x'39'", "9e99"};
    sqlite3 *db = open_with("data/sample");
    for (size_t i = 0; i < sizeof values / sizeof values[0]; i++) {
        harness_exec_and_free(db, sqlite3_mprintf("UPDATE rule_parameter SET value = %s"
                                                  " WHERE name = 'threshold'",
                                                  values[i]));
        char *expected = harness_query(db, "SELECT count(*) FROM aws_cli_recon_burst");
        assert_non_null(strstr(expected, "error: distinct_bursts(): threshold must be"));
        assert_query(db, "SELECT count(*) FROM near_miss", expected);
        free(expected);
    }
    harness_exec(db, "DELETE FROM rule_parameter WHERE name = 'threshold'");
    char *expected = harness_query(db, "SELECT count(*) FROM aws_cli_recon_burst");
    assert_query(db, "SELECT count(*) FROM near_miss", expected);
    free(expected);
    harness_close(db);
}

static int count_call(void *n)
{
    ++*(long *)n;
    return 0;
}

/* Hundreds of steps that SQLite takes for the gaps of `n` who are at work at the same time. */
static long work_of_gaps(int n)
{
    sqlite3 *db = open_with("/dev/null");
    harness_exec_and_free(
        db, sqlite3_mprintf(
                "WITH RECURSIVE who(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM who WHERE n < %d)"
                " INSERT INTO cloudtrail (eventTime, eventID, userAgent, userIdentityUserName,"
                " sourceIPAddress, recipientAccountId, fileID, recordNumber)"
                " SELECT printf('2024-03-05T10:00:%%02dZ', l.rowid * 3), n || '-' || l.rowid,"
                " 'aws-cli/2.17.32 md/command#' || command, 'user' || n, '192.0.2.1',"
                " '111122223333', 1, n FROM who, suspicious_command AS l WHERE l.rowid < 20",
                n));
    long work = 0;
    sqlite3_progress_handler(db, 100, count_call, &work);
    char *got = harness_query(db, "SELECT count(*), min(reasons), max(reasons) FROM sentinel_gap");
    sqlite3_progress_handler(db, 0, NULL, NULL);
    char *expected = sqlite3_mprintf("%d|[\"user agent form\"]|[\"user agent form\"]", n);
    assert_string_equal(got, expected);
    sqlite3_free(expected);
    free(got);
    harness_close(db);
    return work;
}

static void test_gap_work_grows_with_the_identities(void **state)
{
    (void)state;
    long once = work_of_gaps(100), twice = work_of_gaps(200);
    assert_true(twice < 3 * once);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_rule_is_what_was_published),
        cmocka_unit_test(test_rule_rows_are_whole),
        cmocka_unit_test(test_gap_names_each_reason),
        cmocka_unit_test(test_gap_as_read),
        cmocka_unit_test(test_gap_of_your_own_numbers_and_commands),
        cmocka_unit_test(test_near_miss_as_read),
        cmocka_unit_test(test_near_miss_follows_the_threshold),
        cmocka_unit_test(test_lists_of_the_views_are_json),
        cmocka_unit_test(test_evidence_in_order_with_commands),
        cmocka_unit_test(test_story_of_the_sample),
        cmocka_unit_test(test_story_tells_what_was_done_from_what_was_not),
        cmocka_unit_test(test_story_names_what_weighs_most),
        cmocka_unit_test(test_story_and_hand_over_of_bare_events),
        cmocka_unit_test(test_story_names_five_of_the_denied_commands),
        cmocka_unit_test(test_security_alert_has_sentinels_columns),
        cmocka_unit_test(test_ocsf_findings_are_valid),
        cmocka_unit_test(test_ocsf_holds_a_hundred_events),
        cmocka_unit_test(test_csv_has_no_formulas),
        cmocka_unit_test(test_alerts_are_readable_without_the_extension),
        cmocka_unit_test(test_hand_over_of_what_people_write),
        cmocka_unit_test(test_ocsf_merged_alert_is_not_in_progress),
        cmocka_unit_test(test_ocsf_tells_addresses_from_names),
        cmocka_unit_test(test_gap_of_a_command_put_in_front),
        cmocka_unit_test(test_gap_of_a_raised_threshold),
        cmocka_unit_test(test_near_miss_refuses_what_the_rule_refuses),
        cmocka_unit_test(test_gap_work_grows_with_the_identities),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
