/*
 * aws_discovery_burst against an independent reading (tests/independent/read_discovery.py), row by row:
 * the sample, real recordings, and trails composed of its edges; then the cases that are shared, what
 * an alert of it does to the allow list, and how much work it is.
 */
#include "harness.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "shell.h"
#include "temp.h"

/* What read_discovery.py prints of a finding. */
#define ROWS                                                                                       \
    "SELECT json_array(firstTime, lastTime, recipientAccountId, accountName, accountUPNSuffix,"    \
    " sourceIPAddress, severity, suppressedBy, summary, json_extract(details, '$.windows'),"       \
    " json_extract(details, '$.callCount'), json_extract(details, '$.eventCount'),"                \
    " json_extract(details, '$.deniedCount'), json_extract(details, '$.errorCount'),"              \
    " json_extract(details, '$.calls'), json_extract(details, '$.identities'),"                    \
    " json_extract(details, '$.arns'), json_extract(details, '$.accessKeyIds'),"                   \
    " json_extract(details, '$.addresses'), json_extract(details, '$.accounts'),"                  \
    " json_extract(details, '$.regions'), json_extract(details, '$.sessionIds'),"                  \
    " (SELECT json_group_array(json_array(eventTime, ifnull(eventID, ''))) FROM"                   \
    " json_each(evidence) CROSS JOIN cloudtrail AS e ON e.rowid = value)) AS line"                 \
    " FROM aws_discovery_burst ORDER BY firstTime, line"

#define FOUND                                                                                      \
    "SELECT firstTime, accountName, json_extract(details, '$.windows', '$.callCount')"             \
    " FROM aws_discovery_burst ORDER BY firstTime"

#define BOTO "Boto3/1.34.162 md/Botocore#1.34.162"

static sqlite3 *open_with(const char *path)
{
    sqlite3 *db = harness_open_ready();
    if (path)
        harness_exec_and_free(db, sqlite3_mprintf("SELECT cloudtrail_import(%Q)", path));
    return db;
}

/* The findings are those of the reading; returns how many. */
static int assert_as_read(sqlite3 *db, const char *path, const char *options)
{
    char *command = sqlite3_mprintf(
        "python3 tests/independent/read_discovery.py %s '%s' 2>/dev/null", options, path);
    char *expected = shell_output(command);
    size_t n_rows;
    bool failed;
    char *got = harness_query_lines(db, ROWS, &n_rows, &failed);
    if (strcmp(got, expected) != 0) {
        fprintf(stderr, "%s\n-- expected:\n%s\n-- got:\n%s\n", command, expected, got);
        fail_msg("another result than that of the independent reading");
    }
    free(got);
    free(expected);
    sqlite3_free(command);
    return (int)n_rows;
}

/* The first n calls of the list (iam's, ec2's ... in its order), `step` seconds apart from 10:00:00 on.
 * name, address and account are SQL, in which n is the number of the call. */
static void put_calls(sqlite3 *db, int n, const char *step, const char *name, const char *address,
                      const char *account, const char *agent)
{
    harness_exec_and_free(
        db, sqlite3_mprintf(
                "INSERT INTO cloudtrail (eventTime, eventID, eventSource, eventName, userAgent,"
                " userIdentityType, userIdentityArn, sessionIssuerType, sessionIssuerArn,"
                " sourceIPAddress, recipientAccountId, fileID, recordNumber)"
                " SELECT strftime('%%Y-%%m-%%dT%%H:%%M:%%SZ', '2024-03-05 10:00:00', (%s)"
                " || ' seconds'), 'e' || n, eventSource, eventName, %Q, 'AssumedRole',"
                " 'arn:aws:sts::111122223333:assumed-role/app/' || %s, 'Role',"
                " 'arn:aws:iam::111122223333:role/app', %s, %s, 1, n"
                " FROM (SELECT rowid - 1 AS n, * FROM discovery_call WHERE rowid <= %d)",
                step, agent, name, address, account, n));
}

/* ---- as the independent reading has it ------------------------------------------------------ */

static void test_discovery_sample_as_read(void **state)
{
    (void)state;
    sqlite3 *db = open_with("data/sample");
    /* nine looked around, and Terraform seven times */
    assert_int_equal(assert_as_read(db, "data/sample", ""), 16);
    assert_query(db,
                 "SELECT group_concat(accountName) FROM (SELECT accountName FROM"
                 " aws_discovery_burst WHERE severity IS NULL ORDER BY firstTime)",
                 "i-0b7d3f1a9c5e28460,nikki.wolf,paulo.santos,li.juan,svc-deploy,svc-backup,maint,"
                 "arnav.desai,saanvi.sarkar");
    assert_query(db,
                 "SELECT count(*), min(suppressedBy), sum(details LIKE '%Terraform/%') FROM"
                 " aws_discovery_burst WHERE severity = 'Informational'",
                 "7|ordinary agent|7");
    harness_close(db);
}

static void test_discovery_recordings_as_read(void **state)
{
    (void)state;
    if (!harness_shared()) {
        print_message("skipped: the recordings are not there\n");
        skip();
    }
    char *folders = shell_output("ls -d ../shared/data/*/");
    int n_folders = 0;
    for (char *folder = strtok(folders, "\n"); folder; folder = strtok(NULL, "\n")) {
        if (n_folders++ % harness_extent(1, 3) != harness_extent(0, 2))
            continue;
        sqlite3 *db = open_with(folder);
        if (harness_is_long())
            assert_as_read(db, folder, "");
        /* few recordings reach the numbers */
        harness_exec(db, "UPDATE rule_parameter SET value = CASE name WHEN 'discovery_fast' THEN 3"
                         " WHEN 'discovery_slow' THEN 4 ELSE 5 END WHERE name GLOB 'discovery_*'");
        assert_as_read(db, folder, "--fast 3 --slow 4 --wide 5");
        harness_close(db);
    }
    free(folders);
}

static void test_discovery_composed_edges_as_read(void **state)
{
    (void)state;
    int n_found = 0, n_sets = harness_extent(20, 3);
    for (int seed = 1; seed <= n_sets; seed++) {
        char name[32];
        snprintf(name, sizeof name, "edges-%d", seed);
        const char *path = temp_path(name);
        char *command =
            sqlite3_mprintf("python3 tests/independent/compose_discovery.py %d '%s'", seed, path);
        free(shell_output(command));
        sqlite3_free(command);
        sqlite3 *db = open_with(path);
        n_found += assert_as_read(db, path, "");
        harness_close(db);
    }
    assert_true(n_found > 5 * n_sets);
}

/* ---- the cases that are shared --------------------------------------------------------------- */

static void test_discovery_cases_by_view_and_by_detection(void **state)
{
    (void)state;
    if (!harness_shared() || access("../shared/cases/detection/expected.tsv", R_OK) != 0) {
        print_message("skipped: the cases are not there\n");
        skip();
    }
    char *cases = shell_output("tail -n +2 ../shared/cases/detection/expected.tsv | cut -f 1-3");
    int n_cases = 0;
    for (char *line = strtok(cases, "\n"); line; line = strtok(NULL, "\n")) {
        if (n_cases++ % harness_extent(1, 3) > 0)
            continue;
        char path[256], recon[8], discovery[8];
        int n = 0;
        assert_int_equal(sscanf(line, "%128[^\t]\t%7[^\t]\t%7[^\t]%n", path, recon, discovery, &n),
                         3);
        char *file = sqlite3_mprintf("../shared/cases/detection/%s", path);
        sqlite3 *db = open_with(file);
        harness_exec(db, "SELECT cloudtrail_detect()");
        char *expected = sqlite3_mprintf("%s|%s|%s|%s", recon, recon, discovery, discovery);
        char *sql = sqlite3_mprintf(
            "SELECT CASE %Q WHEN '-' THEN '-' ELSE (SELECT count(*) FROM aws_cli_recon_burst) END,"
            " CASE %Q WHEN '-' THEN '-' ELSE (SELECT count(*) FROM alert WHERE ruleName ="
            " 'aws_cli_recon_burst') END,"
            " CASE %Q WHEN '-' THEN '-' ELSE (SELECT min(count(*), 1) FROM aws_discovery_burst) "
            "END,"
            " CASE %Q WHEN '-' THEN '-' ELSE (SELECT min(count(*), 1) FROM alert WHERE ruleName ="
            " 'aws_discovery_burst') END",
            recon, recon, discovery, discovery);
        assert_query(db, sql, expected);
        sqlite3_free(sql);
        sqlite3_free(expected);
        sqlite3_free(file);
        harness_close(db);
    }
    assert_true(n_cases > 30);
    free(cases);
}

/* ---- by the text of the rule ----------------------------------------------------------------- */

static void test_discovery_windows_are_half_open(void **state)
{
    (void)state;
    static const struct {
        int n;
        const char *step, *expected;
    } cases[] = {
        {8, "n * 59 / 7", "2024-03-05T10:00:00Z|jane|[[\"fast\"],8]"},
        {8, "n * 60 / 7", ""},
        {7, "n", ""},
        {10, "n * 599 / 9", "2024-03-05T10:00:00Z|jane|[[\"slow\"],10]"},
        {10, "n * 600 / 9", ""},
        {9, "n * 66", ""},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        sqlite3 *db = open_with(NULL);
        put_calls(db, cases[i].n, cases[i].step, "'jane'", "'192.0.2.1'", "'111122223333'", BOTO);
        assert_query(db, FOUND, cases[i].expected);
        harness_close(db);
    }
}

static void test_discovery_lists_and_numbers_are_the_users(void **state)
{
    (void)state;
    sqlite3 *db = open_with(NULL);
    assert_query(db,
                 "SELECT count(*), count(DISTINCT eventSource || eventName),"
                 " sum(eventSource NOT GLOB '*.amazonaws.com') FROM discovery_call",
                 "177|177|0");
    put_calls(db, 8, "n", "'jane'", "'192.0.2.1'", "'111122223333'", BOTO);
    harness_exec(db, "DELETE FROM discovery_call WHERE rowid = 8");
    assert_query(db, FOUND, "");
    harness_exec(db, "UPDATE cloudtrail SET eventName = 'Look20200101' WHERE rowid = 8");
    assert_query(db,
                 "INSERT INTO discovery_call (eventSource, eventName, origin) VALUES "
                 "('x.amazonaws.com', 'Look20200101', 'own')",
                 "error: CHECK constraint failed: no_date");
    harness_exec(db, "INSERT INTO discovery_call (eventSource, eventName, origin) SELECT "
                     "eventSource, 'Look', 'own' FROM cloudtrail"
                     " WHERE rowid = 8");
    assert_query(db, "SELECT json_extract(details, '$.callCount') FROM aws_discovery_burst", "8");
    harness_exec(db, "UPDATE rule_parameter SET value = 9 WHERE name = 'discovery_fast'");
    assert_query(db, FOUND, "");
    harness_exec(db, "INSERT INTO ordinary_agent (pattern, kind) VALUES ('boto3/%', 'console');"
                     "UPDATE rule_parameter SET value = 2 WHERE name = 'discovery_fast'");
    assert_query(db, FOUND, "");
    harness_exec(db, "UPDATE cloudtrail SET userIdentityAccessKeyId = 'AKIAIOSFODNN7EXAMPLE'");
    assert_query(db, FOUND, "2024-03-05T10:00:00Z|jane|[[\"fast\"],8]");
    harness_exec(db, "DELETE FROM rule_parameter WHERE name = 'discovery_fast'");
    char *got = harness_query(db, FOUND);
    assert_non_null(strstr(got, "error: distinct_bursts(): threshold"));
    free(got);
    harness_close(db);
}

/* ---- alerts of it ---------------------------------------------------------------------------- */

#define TERRAFORM "APN/1.0 HashiCorp/1.0 Terraform/1.9.8 (+https://www.terraform.io)"

static void test_discovery_ordinary_tools_are_suppressed_unless_denied(void **state)
{
    (void)state;
    sqlite3 *db = open_with(NULL);
    put_calls(db, 12, "n", "'ci'", "'192.0.2.1'", "'111122223333'", TERRAFORM);
    harness_exec(db, "SELECT cloudtrail_detect()");
    assert_query(db, "SELECT severity, state, suppressedBy FROM alert",
                 "Informational|suppressed|ordinary agent");
    /* a few calls of another agent change nothing, half of them do */
    harness_exec(db, "UPDATE cloudtrail SET userAgent = 'x' WHERE recordNumber < 4");
    assert_query(db, "SELECT severity FROM aws_discovery_burst", "Informational");
    harness_exec(db, "UPDATE cloudtrail SET userAgent = 'x' WHERE recordNumber < 6");
    assert_query(db, "SELECT severity FROM aws_discovery_burst", "NULL");
    harness_exec_and_free(db, sqlite3_mprintf("UPDATE cloudtrail SET userAgent = %Q,"
                                              " errorCode = CASE recordNumber WHEN 3 THEN"
                                              " 'AccessDenied' END",
                                              TERRAFORM));
    harness_exec(db, "DELETE FROM alert; DELETE FROM alert_event; SELECT cloudtrail_detect()");
    assert_query(db, "SELECT severity, state, suppressedBy FROM alert", "Medium|new|NULL");
    harness_close(db);
}

static void test_discovery_several_identities_are_allowed_by_each_events_own(void **state)
{
    (void)state;
    sqlite3 *db = open_with(NULL);
    put_calls(db, 12, "n", "'s' || n", "'192.0.2.1'", "'111122223333'", BOTO);
    harness_exec(db, "SELECT cloudtrail_detect()");
    assert_query(db, "SELECT accountName, eventCount, state, summary FROM alert",
                 "s0|12|new|s0 and 11 more made 12 different discovery calls in 11 seconds from"
                 " 192.0.2.1 in account 111122223333.");
    assert_query(db, "SELECT length(story) > 100 FROM alert_story", "1");
    static const struct {
        const char *entry, *state;
    } entries[] = {
        {"principal, reason) VALUES ('s0', 'x')", "new"}, /* the alert's name, not each event's */
        {"principal, reason) VALUES ('s*', 'x')", "suppressed"},
        {"principal, reason) VALUES ('arn:aws:iam::111122223333:role/app', 'x')", "suppressed"},
        {"recipientAccountId, reason) VALUES ('111122223333', 'x')", "suppressed"},
    };
    for (size_t i = 0; i < sizeof entries / sizeof entries[0]; i++) {
        harness_exec_and_free(db, sqlite3_mprintf("DELETE FROM allow_list; INSERT INTO allow_list"
                                                  " (%s; SELECT cloudtrail_detect()",
                                                  entries[i].entry));
        assert_query(db, "SELECT state FROM alert", entries[i].state);
    }
    /* and so is what is written for just this alert */
    harness_exec(db,
                 "DELETE FROM allow_list; SELECT cloudtrail_detect();"
                 "SELECT cloudtrail_allow(alertID, 'x') FROM alert; SELECT cloudtrail_detect()");
    assert_query(db, "SELECT principal FROM allow_list", "arn:aws:iam::111122223333:role/app");
    assert_query(db, "SELECT state FROM alert", "suppressed");
    harness_close(db);

    /* one session of the CLI in several accounts */
    db = open_with(NULL);
    put_calls(db, 12, "n", "'ops'", "'192.0.2.' || n", "'11112222333' || (n % 3)",
              "aws-cli/2.31.11 sid/0a1b2c");
    harness_exec(db, "SELECT cloudtrail_detect()");
    assert_query(db, "SELECT summary FROM alert",
                 "ops made 12 different discovery calls in 11 seconds from 192.0.2.0 and 11 more in"
                 " account 111122223330 and 2 more.");
    harness_exec(db, "INSERT INTO allow_list (recipientAccountId, reason) VALUES"
                     " ('111122223330', 'x'); SELECT cloudtrail_detect()");
    assert_query(db, "SELECT state FROM alert", "new");
    harness_exec(db, "DELETE FROM allow_list; SELECT cloudtrail_allow(alertID, 'x') FROM alert;"
                     "SELECT cloudtrail_detect()");
    assert_query(db, "SELECT recipientAccountId, principal, sourceIPAddress FROM allow_list",
                 "NULL|ops|192.0.2.0/24");
    assert_query(db, "SELECT state FROM alert", "suppressed");
    harness_close(db);
}

/* An earlier event makes the alert another's, and it stays the same alert. */
static void test_discovery_alert_is_of_its_first_event(void **state)
{
    (void)state;
    sqlite3 *db = open_with(NULL);
    put_calls(db, 12, "n", "'s' || n", "'192.0.2.1'", "'111122223333'", BOTO);
    harness_exec(db, "CREATE TEMP TABLE late AS SELECT * FROM cloudtrail WHERE recordNumber < 2;"
                     "DELETE FROM cloudtrail WHERE recordNumber < 2; SELECT cloudtrail_detect()");
    assert_query(db, "SELECT accountName, eventCount FROM alert", "s2|10");
    harness_exec(db, "UPDATE late SET sourceIPAddress = '192.0.2.1', userIdentityUserName ="
                     " 'z@x.example';"
                     "INSERT INTO cloudtrail SELECT * FROM late; SELECT cloudtrail_detect()");
    assert_query(db, "SELECT accountName, accountUPNSuffix, eventCount FROM alert",
                 "z|x.example|12");
    harness_close(db);
}

/* ---- how much work it is --------------------------------------------------------------------- */

static int count_call(void *n)
{
    ++*(long *)n;
    return 0;
}

static long work_of_view(const char *put, int n)
{
    long work = 0;
    sqlite3 *db = open_with(NULL);
    harness_exec_and_free(db, sqlite3_mprintf(put, n));
    sqlite3_progress_handler(db, 100, count_call, &work);
    harness_exec(db, "CREATE TEMP TABLE got AS SELECT * FROM aws_discovery_burst");
    sqlite3_progress_handler(db, 0, NULL, NULL);
    assert_query(db, "SELECT count(*) > 0 FROM got", "1");
    harness_close(db);
    return work;
}

/* Twice as many events are twice the work: of as many names, of one, in as many bursts, in one. */
static void test_discovery_work_grows_with_the_events(void **state)
{
    (void)state;
    static const char *const puts[] = {
        "WITH RECURSIVE who(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM who WHERE n < %d)"
        " INSERT INTO cloudtrail (eventTime, eventID, eventSource, eventName, sessionIssuerArn,"
        " userIdentityArn, sourceIPAddress, recipientAccountId, userAgent, fileID, recordNumber)"
        " SELECT printf('2024-03-05T10:00:%%02dZ', l.rowid * 3), n || '-' || l.rowid, eventSource,"
        " eventName, 'role', 'a/user' || n, '192.0.2.' || n, '111122223333', 'x sid/' || n, 1, n"
        " FROM who, discovery_call AS l WHERE l.rowid < 16",
        "WITH RECURSIVE t(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM t WHERE n < %d)"
        " INSERT INTO cloudtrail (eventTime, eventID, eventSource, eventName, userIdentityArn,"
        " sourceIPAddress, userAgent, fileID, recordNumber)"
        " SELECT strftime('%%Y-%%m-%%dT%%H:%%M:%%SZ', '2024-03-05', (n * 1000 + l.rowid) ||"
        " ' seconds'), n || '-' || l.rowid, eventSource, eventName, 'a/jane', '192.0.2.1', 'x', 1,"
        " n FROM t, discovery_call AS l WHERE l.rowid < 16",
        "WITH RECURSIVE t(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM t WHERE n < %d)"
        " INSERT INTO cloudtrail (eventTime, eventID, eventSource, eventName, userIdentityArn,"
        " sourceIPAddress, userAgent, fileID, recordNumber)"
        " SELECT strftime('%%Y-%%m-%%dT%%H:%%M:%%SZ', '2024-03-05', (n * 16 + l.rowid) ||"
        " ' seconds'), n || '-' || l.rowid, eventSource, eventName, 'a/jane', '192.0.2.1', 'x', 1,"
        " n FROM t, discovery_call AS l WHERE l.rowid < 16",
    };
    for (size_t i = 0; i < sizeof puts / sizeof puts[0]; i++) {
        long once = work_of_view(puts[i], 100), twice = work_of_view(puts[i], 200);
        assert_true(twice < 3 * once);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_discovery_sample_as_read),
        cmocka_unit_test(test_discovery_recordings_as_read),
        cmocka_unit_test(test_discovery_composed_edges_as_read),
        cmocka_unit_test(test_discovery_cases_by_view_and_by_detection),
        cmocka_unit_test(test_discovery_windows_are_half_open),
        cmocka_unit_test(test_discovery_lists_and_numbers_are_the_users),
        cmocka_unit_test(test_discovery_ordinary_tools_are_suppressed_unless_denied),
        cmocka_unit_test(test_discovery_several_identities_are_allowed_by_each_events_own),
        cmocka_unit_test(test_discovery_alert_is_of_its_first_event),
        cmocka_unit_test(test_discovery_work_grows_with_the_events),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
