/*
 * The stories of alerts against a plain count in Python (tests/independent/read_story.py), on the
 * sample, the shared cases and composed events; what is told of tools and of where credentials came
 * from and led to; and that stories stay one paragraph.
 */
#include "harness.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "shell.h"
#include "temp.h"

#define READ_STORIES "python3 tests/independent/read_story.py"

static sqlite3 *open_with(const char *path, const char *logs)
{
    sqlite3 *db = harness_open_ready_file(path);
    harness_exec_and_free(db, sqlite3_mprintf("SELECT cloudtrail_import(%Q)", logs));
    return db;
}

/* The command prints one line: so many stories, no fault. */
static void assert_no_fault(const char *command, int least)
{
    char *out = shell_output(command);
    char *end;
    long n_stories = strtol(out, &end, 10);
    if (strcmp(end, " stories, 0 faults") != 0)
        fail_msg("%.2000s", out);
    assert_true(n_stories >= least);
    free(out);
}

/* ---- against a plain count ------------------------------------------------------------------ */

static void test_stories_of_the_sample_as_counted(void **state)
{
    (void)state;
    const char *path = temp_path("sample.db");
    sqlite3 *db = open_with(path, "data/sample");
    harness_exec(db, "SELECT cloudtrail_detect()");
    harness_close(db);
    char *command = sqlite3_mprintf(READ_STORIES " '%s'", path);
    assert_no_fault(command, 11);
    sqlite3_free(command);
}

static void test_stories_of_the_shared_cases_as_counted(void **state)
{
    (void)state;
    if (!harness_shared()) {
        print_message("skipped: ../shared is not there\n");
        skip();
    }
    char *names = shell_output("ls ../shared/cases/detection/*.json");
    char *command = sqlite3_mprintf(READ_STORIES);
    int n = 0;
    for (char *name = strtok(names, "\n"); name; name = strtok(NULL, "\n"), n++) {
        if (n % harness_extent(1, 5) > 0)
            continue;
        char file[32];
        snprintf(file, sizeof file, "case%d.db", n);
        const char *path = temp_path(file);
        sqlite3 *db = open_with(path, name);
        harness_exec(db, "SELECT cloudtrail_detect()");
        harness_close(db);
        char *longer = sqlite3_mprintf("%s '%s'", command, path);
        sqlite3_free(command);
        command = longer;
    }
    assert_true(n > 0);
    assert_no_fault(command, harness_extent(20, 7));
    sqlite3_free(command);
    free(names);
}

/* Each account's minute is an alert of a rule that counts no commands. Every list is too long in some. */
static void test_stories_of_much_as_counted(void **state)
{
    (void)state;
    char *command = sqlite3_mprintf(READ_STORIES);
    for (int seed = 1; seed <= harness_extent(20, 1); seed++) {
        char file[32];
        snprintf(file, sizeof file, "much%d", seed);
        char *logs = sqlite3_mprintf("%s.json", temp_path(file));
        char *path = sqlite3_mprintf("%s.db", temp_path(file));
        char *compose =
            sqlite3_mprintf("python3 tests/independent/compose_stories.py %d '%s'", seed, logs);
        free(shell_output(compose));
        sqlite3 *db = open_with(path, logs);
        harness_exec(
            db,
            "CREATE VIEW minute AS SELECT min(eventTime) AS firstTime, max(eventTime) AS lastTime,"
            " recipientAccountId, '' AS accountName, '' AS accountUPNSuffix, '' AS sourceIPAddress,"
            " 'Much was done in a minute' AS summary, '{}' AS details,"
            " ct_json_group_array(event) AS evidence FROM cloudtrail_call"
            " WHERE eventTime BETWEEN '2026-03-01T10:00:00Z' AND '2026-03-01T10:00:59Z'"
            " GROUP BY recipientAccountId;"
            "INSERT INTO rule (name, title, severity) VALUES ('minute', 'Much', 'Low');"
            "SELECT cloudtrail_detect()");
        assert_query(db,
                     "SELECT sum(story GLOB '* and [0-9]* more*') > 10 AND sum(chain <> '') > 5"
                     " FROM alert_story JOIN alert USING (alertID)",
                     "1");
        harness_close(db);
        char *longer = sqlite3_mprintf("%s '%s'", command, path);
        sqlite3_free(command);
        command = longer;
        sqlite3_free(compose);
        sqlite3_free(path);
        sqlite3_free(logs);
    }
    assert_no_fault(command, 24 * harness_extent(20, 1));
    sqlite3_free(command);
}

/* ---- credentials ----------------------------------------------------------------------------- */

/* data/README.md tells the attack: three alerts, one chain. */
static void test_story_tells_the_chain(void **state)
{
    (void)state;
    sqlite3 *db = open_with(":memory:", "data/sample");
    harness_exec(db, "UPDATE rule SET enabled = 0 WHERE name = 'aws_discovery_burst';"
                     "SELECT cloudtrail_detect()");
    assert_query(
        db,
        "SELECT toolMarks, chain FROM alert WHERE ruleName = 'aws_cli_recon_burst'"
        " AND accountName IN ('svc-deploy', 'svc-backup', 'maint') ORDER BY startTime",
        "Kali Linux|It led to AKIATRODQHLTOEXAMPLE for svc-backup (CreateAccessKey, 13:52:27), with"
        " which 50 calls were made until 14:24:36: GetObject 26x, GetSecretValue 6x, StopLogging "
        "2x (1"
        " denied), AssumeRole and 15 more; ASIAQ6GARTP7LEXAMPLE for"
        " OrganizationAccountAccessRole/maint in account 444455556666 (AssumeRole, 14:24:36), with"
        " which 37 calls were made until 14:45:17: RunInstances 15x (13 failed),"
        " AuthorizeSecurityGroupIngress 3x, CreateKeyPair 3x, CreateSecurityGroup 3x and 13 more (2"
        " denied). The alerts on svc-backup (14:06:38), maint (14:31:07) are of the same chain.\n"
        "Kali Linux|AKIATRODQHLTOEXAMPLE was issued by svc-deploy (CreateAccessKey, 13:52:27). It "
        "led"
        " to ASIAQ6GARTP7LEXAMPLE for OrganizationAccountAccessRole/maint in account 444455556666"
        " (AssumeRole, 14:24:36), with which 37 calls were made until 14:45:17: RunInstances 15x "
        "(13"
        " failed), AuthorizeSecurityGroupIngress 3x, CreateKeyPair 3x, CreateSecurityGroup 3x and "
        "13"
        " more (2 denied). The alerts on svc-deploy (13:41:04), maint (14:31:07) are of the same"
        " chain.\n"
        "Kali Linux|ASIAQ6GARTP7LEXAMPLE was issued by svc-backup (AssumeRole, 14:24:36), before "
        "that"
        " AKIATRODQHLTOEXAMPLE by svc-deploy (CreateAccessKey, 13:52:27). The alerts on svc-deploy"
        " (13:41:04), svc-backup (14:06:38) are of the same chain.");
    assert_query(db,
                 "SELECT count(*) FROM alert JOIN alert_story USING (alertID) WHERE chain <> ''"
                 " AND substr(story, -length(chain)) = chain",
                 "5");
    /* a second call has nothing to write */
    assert_query(db, "SELECT json_extract(cloudtrail_detect(), '$.new', '$.updated')", "[0,0]");
    harness_close(db);
}

#define EVENT(time, id, key, rest)                                                                 \
    "INSERT INTO cloudtrail (eventTime, eventID, eventSource, sourceIPAddress, "                   \
    "recipientAccountId,"                                                                          \
    " userIdentityType, userIdentityArn, userIdentityAccessKeyId, fileID, recordNumber, readOnly," \
    " eventName, responseElements) SELECT '2024-03-0" time "Z', '" id "', 'iam.amazonaws.com',"    \
    " '192.0.2.1', '111122223333', 'IAMUser', 'arn:aws:iam::111122223333:user/' || " key           \
    ", 1, 1, 0,"                                                                                   \
    " " rest ";"

/* A key that none of the alert's own events used made another; and that came before the next detection
 * only: told, with its date, when it is there. */
static void test_story_tells_what_came_later_by_another_key(void **state)
{
    (void)state;
    sqlite3 *db = open_with(":memory:", "/dev/null");
    harness_exec(
        db,
        "INSERT INTO cloudtrail (eventTime, eventID, userAgent, userIdentityType, userIdentityArn,"
        " userIdentityAccessKeyId, recipientAccountId, fileID, recordNumber)"
        " SELECT '2024-03-05T10:00:0' || rowid || 'Z', 'b' || rowid,"
        " 'aws-cli/2.17.32 md/command#' || command, 'IAMUser',"
        " 'arn:aws:iam::111122223333:user/eve', 'AKIAEVE10000EXAMPLE1', '111122223333', 1, rowid"
        " FROM suspicious_command WHERE rowid <= 8;"
        "SELECT cloudtrail_detect()");
    assert_query(db, "SELECT toolMarks, chain FROM alert", "|");
    harness_exec(db, EVENT("5T10:05:00", "c", "'eve', 'AKIAEVE20000EXAMPLE2'",
                           "'CreateAccessKey', '{\"accessKey\":{\"userName\":\"mallory\","
                           "\"accessKeyId\":\"AKIAMALLORY00EXAMPLE\"}}'")
                         EVENT("6T00:00:01", "d", "'mallory', 'AKIAMALLORY00EXAMPLE'",
                               "'DeleteTrail', NULL"));
    assert_query(db, "SELECT json_extract(cloudtrail_detect(), '$.new', '$.updated')", "[0,0]");
    assert_query(db, "SELECT chain FROM alert",
                 "It led to AKIAMALLORY00EXAMPLE for mallory (CreateAccessKey, 10:05:00), with "
                 "which 1 call was"
                 " made until 2024-03-06 00:00:01: DeleteTrail.");
    harness_close(db);
}

/* ---- tools ------------------------------------------------------------------------------------ */

static void test_story_tells_marks_of_tools(void **state)
{
    (void)state;
    sqlite3 *db = open_with(":memory:", "/dev/null");
    harness_exec(db,
                 "INSERT INTO cloudtrail (eventTime, eventID, userAgent, fileID, recordNumber)"
                 " SELECT '2024-03-05T10:00:0' || rowid || 'Z', rowid, 'aws-cli/2.36.7'"
                 " || CASE rowid WHEN 2 THEN ' Pacu-Session/x' WHEN 3 THEN ' md/distrib#kali.2024'"
                 "               WHEN 5 THEN ' m/Z,AN,C' ELSE '' END"
                 " || ' md/command#' || command, 1, rowid FROM suspicious_command WHERE rowid <= 8;"
                 "SELECT cloudtrail_detect()");
    assert_query(
        db,
        "SELECT toolMarks, instr(story, '. Its user agents bear the marks of ' || toolMarks ||"
        " '.') > 0 FROM alert JOIN alert_story USING (alertID)",
        "Pacu-Session, Kali Linux, an AI agent|1");
    harness_close(db);
}

/* ---- one paragraph ------------------------------------------------------------------------------ */

static void test_story_is_one_paragraph_whatever_names_hold(void **state)
{
    (void)state;
    sqlite3 *db = open_with(":memory:", "data/sample");
    harness_exec(
        db, "SELECT cloudtrail_detect();"
            "UPDATE alert SET accountName = 'a' || char(10, 13, 27) || '[2J' || char(155, 8232)");
    assert_query(db,
                 "SELECT DISTINCT substr(story, 1, 8) = 'a   [2J ', instr(story, char(10))"
                 " FROM alert_story",
                 "1|0");
    harness_close(db);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_stories_of_the_sample_as_counted),
        cmocka_unit_test(test_stories_of_the_shared_cases_as_counted),
        cmocka_unit_test(test_stories_of_much_as_counted),
        cmocka_unit_test(test_story_tells_the_chain),
        cmocka_unit_test(test_story_tells_what_came_later_by_another_key),
        cmocka_unit_test(test_story_tells_marks_of_tools),
        cmocka_unit_test(test_story_is_one_paragraph_whatever_names_hold),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
