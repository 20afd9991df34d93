/*
 * credential, alert_scope and incidents: against an independent reading of the same logs; and that
 * they stay linear, however credentials hang together.
 */
#include "harness.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "shell.h"
#include "temp.h"

/* the lists have no order that means anything */
#define SORTED(list)                                                                               \
    "json((SELECT json_group_array(value)"                                                         \
    "        FROM (SELECT value FROM json_each(" list ") ORDER BY value)))"

#define ROWS                                                                                       \
    "SELECT json_array('credential', eventTime, eventID, how, sourceIPAddress,"                    \
    " issuerAccessKeyId, issuerPrincipal, issuerAccountId, accessKeyId, receiverPrincipal,"        \
    " receiverAccountId) AS line FROM credential"                                                  \
    " UNION ALL "                                                                                  \
    "SELECT json_array('alert_scope', alertID, accessKeyId, depth, how, issuedAt, firstTime,"      \
    " lastTime, events, " SORTED("accounts") ", " SORTED(                                          \
        "addresses") ", changed, read)"                                                            \
                     " FROM alert_scope"                                                           \
                     " UNION ALL "                                                                 \
                     "SELECT json_array('incident', incidentID, firstTime, lastTime,"              \
                     " json((SELECT json_group_array(accountName) FROM (SELECT DISTINCT "          \
                     "a.accountName"                                                               \
                     "         FROM alert AS a JOIN json_each(alerts) AS l ON l.value = "          \
                     "a.alertID ORDER BY 1))),"                                                    \
                     " json(rules), " SORTED(                                                      \
                         "alerts") ", severity, events, changed, credentials, logsStopped,"        \
                                   " denied) FROM incident"                                        \
                                   " ORDER BY line"

/* ---- helpers -------------------------------------------------------------------------------- */

static sqlite3 *open_with(const char *logs)
{
    sqlite3 *db = harness_open_ready();
    if (logs)
        harness_exec_and_free(db, sqlite3_mprintf("SELECT cloudtrail_import(%Q)", logs));
    harness_exec(db, "SELECT cloudtrail_detect()");
    return db;
}

/* The events of the alerts, as the reader takes them. */
static const char *write_alerts(sqlite3 *db)
{
    char *lines = harness_query(db, "SELECT json_array(a.alertID, l.eventTime, l.eventID,"
                                    " a.ruleName, a.severity, a.state, a.accountName)"
                                    " FROM alert AS a JOIN alert_event AS l USING (alertID)");
    const char *path = temp_write("alerts.jsonl", lines, strlen(lines));
    free(lines);
    return path;
}

static void assert_as_read(const char *logs)
{
    sqlite3 *db = open_with(logs);
    char *command = sqlite3_mprintf("python3 tests/independent/read_scope.py '%s' '%s' 2>/dev/null",
                                    write_alerts(db), logs);
    char *expected = shell_output(command), *got = harness_query(db, ROWS);
    if (strcmp(got, expected) != 0) {
        size_t i = 0;
        while (got[i] != '\0' && got[i] == expected[i])
            i++;
        while (i > 0 && got[i - 1] != '\n')
            i--;
        fail_msg("%s: expected %.400s\n got %.400s", logs, expected + i, got + i);
    }
    free(got);
    free(expected);
    sqlite3_free(command);
    harness_close(db);
}

/* ---- against the reading -------------------------------------------------------------------- */

static void test_scope_of_sample_as_read(void **state)
{
    (void)state;
    assert_as_read("data/sample");
}

static void test_scope_of_recordings_as_read(void **state)
{
    static const char *const folders[] = {
        "../shared/data/stratus-red-team",  "../shared/data/aws_dataset",
        "../shared/data/security-datasets", "../shared/data/traildiscover",
        "../shared/cases/detection",
    };
    (void)state;
    if (!harness_shared()) {
        print_message("skipped: the recordings are not there\n");
        skip();
    }
    for (size_t i = 0; i < sizeof folders / sizeof folders[0]; i += (size_t)harness_extent(1, 2))
        assert_as_read(folders[i]);
}

static void test_scope_of_composed_chains_as_read(void **state)
{
    (void)state;
    const char *folder = temp_path("chains");
    char *command = sqlite3_mprintf("python3 tests/independent/compose_chains.py %d '%s'",
                                    harness_extent(200, 20), folder);
    free(shell_output(command));
    sqlite3_free(command);
    assert_as_read(folder);
}

/* ---- by hand --------------------------------------------------------------------------------- */

/* Who came in as svc-deploy made a key of svc-backup, and with it took a role of the other account:
 * data/README.md tells the attack. */
static void test_scope_of_the_attack_in_the_sample(void **state)
{
    (void)state;
    sqlite3 *db = open_with("data/sample");
    assert_query(db,
                 "SELECT a.accountName, s.depth, s.how, s.issuedAt, s.principal FROM alert AS a"
                 " JOIN alert_scope AS s USING (alertID) WHERE a.ruleName = 'aws_cli_recon_burst'"
                 " AND a.accountName IN ('svc-deploy', 'maint') ORDER BY a.startTime, s.depth",
                 "svc-deploy|0|NULL|NULL|arn:aws:iam::111122223333:user/svc-deploy\n"
                 "svc-deploy|1|CreateAccessKey|2025-10-14T13:52:27Z"
                 "|arn:aws:iam::111122223333:user/svc-backup\n"
                 "svc-deploy|2|AssumeRole|2025-10-14T14:24:36Z"
                 "|arn:aws:sts::444455556666:assumed-role/OrganizationAccountAccessRole/maint\n"
                 "maint|-2|NULL|NULL|arn:aws:iam::111122223333:user/svc-deploy\n"
                 "maint|-1|CreateAccessKey|2025-10-14T13:52:27Z"
                 "|arn:aws:iam::111122223333:user/svc-backup\n"
                 "maint|0|AssumeRole|2025-10-14T14:24:36Z"
                 "|arn:aws:sts::444455556666:assumed-role/OrganizationAccountAccessRole/maint");
    harness_close(db);
}

/* Calls as the guides show them: whose key, for whom, in which account. */
static void test_credential_of_each_call(void **state)
{
    static const struct {
        const char *call, *request, *response, *expected;
    } cases[] = {
        {"AssumeRoot", "{\"targetPrincipal\":\"444455556666\"}",
         "{\"credentials\":{\"accessKeyId\":\"ASIAEXAMPLE000000001\"}}",
         "ASIAEXAMPLE000000001|444455556666|444455556666"},
        {"AssumeRoot", "{\"targetPrincipal\":\"arn:aws:iam::444455556666:root\"}",
         "{\"credentials\":{\"accessKeyId\":\"ASIAEXAMPLE000000001\"}}",
         "ASIAEXAMPLE000000001|arn:aws:iam::444455556666:root|444455556666"},
        {"CreateAccessKey", NULL,
         "{\"accessKey\":{\"userName\":\"jane\",\"accessKeyId\":\"AKIAEXAMPLE000000002\"}}",
         "AKIAEXAMPLE000000002|arn:aws:iam::111122223333:user/dev/jane|111122223333"},
        {"CreateAccessKey", "{\"userName\":\"bob\"}",
         "{\"accessKey\":{\"accessKeyId\":\"AKIAEXAMPLE000000002\"}}",
         "AKIAEXAMPLE000000002|bob|111122223333"},
        {"CreateLoginProfile", "{\"userName\":\"bob\"}", NULL,
         "password:111122223333/bob|bob|111122223333"},
        {"UpdateLoginProfile", NULL, NULL,
         "password:111122223333/jane|arn:aws:iam::111122223333:user/dev/jane|111122223333"},
        {"CreateServiceSpecificCredential", NULL,
         "{\"serviceSpecificCredential\":{\"serviceSpecificCredentialId\":"
         "\"ACCAEXAMPLE000000003\",\"userName\":\"bob\"}}",
         "ACCAEXAMPLE000000003|bob|111122223333"},
        {"GetSigninToken", NULL,
         "{\"credentials\":{\"accessKeyId\":\"ASIAEXAMPLE000000004\"},"
         "\"GetSigninToken\":\"Success\"}",
         "ASIAEXAMPLE000000004|arn:aws:iam::111122223333:user/dev/jane|111122223333"},
        {"CreateSession", NULL,
         "{\"credentialSet\":[{\"assumedRoleUser\":{\"arn\":"
         "\"arn:aws:sts::444455556666:assumed-role/r/s\"},"
         "\"credentials\":{\"accessKeyId\":\"ASIAEXAMPLE000000005\"}}]}",
         "ASIAEXAMPLE000000005|arn:aws:sts::444455556666:assumed-role/r/s|444455556666"},
        {"GetCredentialsForIdentity", NULL,
         "{\"identityId\":\"us-east-1:0f\","
         "\"credentials\":{\"accessKeyId\":\"ASIAEXAMPLE000000006\"}}",
         "ASIAEXAMPLE000000006|us-east-1:0f|111122223333"},
        /* what issues nothing that the logs show */
        {"AssumeRole", NULL, "{\"credentials\":{\"accessKeyId\":\"ASIA****************\"}}", ""},
        {"AssumeRole", NULL, NULL, ""},
        {"AssumeRole", NULL, "{\"credentials\":[", ""},
        {"AssumeRole", NULL, "[{\"credentials\":{\"accessKeyId\":7}}]", ""},
        {"RotateAccessKey", NULL, "{\"accessKey\":{\"accessKeyId\":\"AKIAEXAMPLE000000002\"}}", ""},
    };
    (void)state;
    sqlite3 *db = open_with(NULL);
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        harness_exec(db, "DELETE FROM cloudtrail");
        harness_exec_and_free(
            db, sqlite3_mprintf(
                    "INSERT INTO cloudtrail (eventTime, eventID, eventName, userIdentityType,"
                    " userIdentityArn, userIdentityUserName, userIdentityAccountId,"
                    " userIdentityAccessKeyId, requestParameters, responseElements, errorCode,"
                    " fileID, recordNumber) SELECT '2024-05-01T10:00:00Z', column1, %Q, 'IAMUser',"
                    " 'arn:aws:iam::111122223333:user/dev/jane', 'jane', '111122223333',"
                    " 'AKIAEXAMPLE000000000', %Q, %Q, column2, 1, 1"
                    " FROM (VALUES ('done', NULL), ('denied', 'AccessDenied'))",
                    cases[i].call, cases[i].request, cases[i].response));
        assert_query(db, "SELECT accessKeyId, receiverPrincipal, receiverAccountId FROM credential",
                     cases[i].expected);
        assert_query(db,
                     "SELECT count(*) FROM credential WHERE issuerAccessKeyId IS NOT"
                     " 'AKIAEXAMPLE000000000' OR issuerAccountId IS NOT '111122223333'"
                     " OR issuerPrincipal IS NOT 'arn:aws:iam::111122223333:user/dev/jane'"
                     " OR eventID <> 'done'",
                     "0");
    }
    harness_close(db);
}

/* A password of root's, and a sign-in with it: the session that began in that second, and no other. */
static void test_credential_of_a_sign_in(void **state)
{
    (void)state;
    sqlite3 *db = open_with(NULL);
    harness_exec(
        db, "INSERT INTO cloudtrail (eventTime, eventID, eventName, eventSource,"
            " userIdentityType, userIdentityArn, userIdentityAccountId,"
            " userIdentityAccessKeyId, sessionCreationDate, responseElements, fileID,"
            " recordNumber) SELECT column1, column2, column2, 'signin.amazonaws.com', 'Root',"
            " 'arn:aws:iam::111122223333:root', '111122223333', column3, column4, column5, 1, 1"
            " FROM (VALUES"
            " ('2024-05-01T10:00:00Z', 'ConsoleLogin', '', NULL, '{\"ConsoleLogin\":\"Success\"}'),"
            " ('2024-05-01T10:00:05Z', 'ListUsers', 'ASIAEXAMPLE000000001',"
            "  '2024-05-01T10:00:00Z', NULL),"
            " ('2024-05-01T10:00:06Z', 'ListKeys', 'ASIAEXAMPLE000000002',"
            "  '2024-05-01T09:00:00Z', NULL))");
    assert_query(db,
                 "SELECT how, issuerAccessKeyId, accessKeyId, receiverPrincipal FROM credential",
                 "ConsoleLogin|password:111122223333/root|ASIAEXAMPLE000000001"
                 "|arn:aws:iam::111122223333:root");
    harness_exec(db, "DELETE FROM cloudtrail WHERE eventName = 'ListUsers'");
    assert_query(db, "SELECT how, accessKeyId FROM credential", "ConsoleLogin|NULL");
    harness_exec(db, "UPDATE cloudtrail SET responseElements = '{\"ConsoleLogin\":\"Failure\"}'"
                     " WHERE eventName = 'ConsoleLogin'");
    assert_query(db, "SELECT count(*) FROM credential", "0");
    harness_close(db);
}

/* ---- how much work it is --------------------------------------------------------------------- */

static int count_call(void *n)
{
    ++*(long *)n;
    return 0;
}

/* How many hundreds of steps SQLite takes for it; the row it gives is the one expected. */
static long work_of(sqlite3 *db, const char *sql, const char *expected)
{
    long n = 0;
    sqlite3_progress_handler(db, 100, count_call, &n);
    char *got = harness_query(db, sql);
    sqlite3_progress_handler(db, 0, NULL, NULL);
    if (strcmp(got, expected) != 0)
        fail_msg("%s: expected %s, got %s", sql, expected, got);
    free(got);
    return n;
}

/* `who` users list what there is, by ten calls each with a key of their own; then the first key
 * issues one, that another, and so on: `n` keys, the last of which issues the first again. */
static sqlite3 *open_chain(int who, int n)
{
    sqlite3 *db = open_with(NULL);
    harness_exec_and_free(
        db,
        sqlite3_mprintf(
            "WITH RECURSIVE who(n) AS (SELECT 0 UNION ALL SELECT n + 1 FROM who WHERE n + 1 < %d)"
            " INSERT INTO cloudtrail (eventTime, eventID, eventName, userAgent,"
            " userIdentityUserName, userIdentityAccessKeyId, fileID, recordNumber)"
            " SELECT printf('2024-03-05T10:00:%%02dZ', l.rowid), n || '-' || l.rowid, 'x',"
            " 'aws-cli/2.13.5 prompt/off command/' || command, 'user' || n,"
            " printf('ASIAEXAMPLE%%09d', n), 1, n"
            " FROM who, suspicious_command AS l WHERE l.rowid <= 10",
            who));
    harness_exec_and_free(
        db, sqlite3_mprintf(
                "WITH RECURSIVE k(n) AS (SELECT 0 UNION ALL SELECT n + 1 FROM k WHERE n + 1 < %d)"
                " INSERT INTO cloudtrail (eventTime, eventID, eventName, userIdentityAccessKeyId,"
                " responseElements, fileID, recordNumber)"
                " SELECT '2024-03-05T11:00:00Z', 'k' || n, 'GetSessionToken',"
                " printf('ASIAEXAMPLE%%09d', n), '{\"credentials\":{\"accessKeyId\":\"'"
                " || printf('ASIAEXAMPLE%%09d', (n + 1) %% %d) || '\"}}', 1, n FROM k WHERE n < %d",
                n, n, n));
    harness_exec(db, "SELECT cloudtrail_detect()");
    return db;
}

/* A password is what it was last set to: who sets bob's is behind his sign-ins from then on, not behind
 * those before; who had set it before is behind those. */
static void test_scope_password_set_anew(void **state)
{
    static const char *const who[] = {
        "admin", "ASIAEXAMPLE000000800", "user0", "ASIAEXAMPLE000000000", "bob", ""};
    (void)state;
    sqlite3 *db = open_chain(1, 0);
    harness_exec(db, "CREATE TEMP TABLE did (time, id, name, who, key, began, told)");
    harness_exec(db, "INSERT INTO did VALUES"
                     " ('2023-09-01T09:00:00Z', 'p1', 'CreateLoginProfile', 0, 1, NULL, NULL),"
                     " ('2024-03-05T08:00:00Z', 's1', 'ConsoleLogin', 4, 5, NULL,"
                     "  '{\"ConsoleLogin\":\"Success\"}'),"
                     " ('2024-03-05T08:00:09Z', 'c1', 'ListKeys', 4, 'ASIAEXAMPLE000000901',"
                     "  '2024-03-05T08:00:00Z', NULL),"
                     " ('2024-03-05T10:05:00Z', 'p2', 'UpdateLoginProfile', 2, 3, NULL, NULL),"
                     " ('2024-03-05T10:40:00Z', 's2', 'ConsoleLogin', 4, 5, NULL,"
                     "  '{\"ConsoleLogin\":\"Success\"}'),"
                     " ('2024-03-05T10:40:09Z', 'c2', 'ListKeys', 4, 'ASIAEXAMPLE000000902',"
                     "  '2024-03-05T10:40:00Z', NULL)");
    for (int i = 0; i < 6; i++)
        harness_exec_and_free(
            db, sqlite3_mprintf("UPDATE did SET who = CASE who WHEN %d THEN %Q ELSE who END,"
                                " key = CASE key WHEN %d THEN %Q ELSE key END",
                                i, who[i], i, who[i]));
    harness_exec(db, "INSERT INTO cloudtrail (eventTime, eventID, eventName, eventSource,"
                     " userIdentityType, userIdentityArn, userIdentityUserName,"
                     " userIdentityAccountId, userIdentityAccessKeyId, sessionCreationDate,"
                     " requestParameters, responseElements, fileID, recordNumber)"
                     " SELECT time, id, name, 'iam.amazonaws.com', 'IAMUser',"
                     " 'arn:aws:iam::111122223333:user/' || who, who, '111122223333', key, began,"
                     " CASE WHEN name GLOB '*LoginProfile' THEN '{\"userName\":\"bob\"}' END,"
                     " told, 1, 100 + rowid FROM did");
    harness_exec(db, "SELECT cloudtrail_detect()");
    assert_query(db,
                 "SELECT accessKeyId, depth, how, issuedAt FROM alert_scope"
                 " WHERE alertID = (SELECT min(alertID) FROM alert WHERE mergedInto IS NULL)"
                 " ORDER BY depth",
                 "ASIAEXAMPLE000000000|0|NULL|NULL\n"
                 "password:111122223333/bob|1|UpdateLoginProfile|2024-03-05T10:05:00Z\n"
                 "ASIAEXAMPLE000000902|2|ConsoleLogin|2024-03-05T10:40:00Z");
    assert_query(db,
                 "SELECT instr(chain, '(UpdateLoginProfile, 10:05:00); ASIAEXAMPLE000000902 ') > 0,"
                 " instr(chain, 'ASIAEXAMPLE000000902') > 0,"
                 " chain LIKE '%000000901%' OR chain LIKE '%CreateLoginProfile%'"
                 " FROM alert WHERE mergedInto IS NULL LIMIT 1",
                 "1|1|0");
    assert_query(db, "SELECT credentials FROM incident", "2");
    assert_query(
        db, "SELECT issuerLink, link FROM credential WHERE how = 'ConsoleLogin' ORDER BY eventTime",
        "password:111122223333/bob 2023-09-01T09:00:00Z|ASIAEXAMPLE000000901\n"
        "password:111122223333/bob 2024-03-05T10:05:00Z|ASIAEXAMPLE000000902");
    harness_close(db);
}

static long work_of_chain(int n)
{
    sqlite3 *db = open_chain(1, n);
    char expected[96];
    snprintf(expected, sizeof expected, "%d|%d|%d|%d", 2 * n, -n / 2, n / 2 - 1, 2 * (n + 10));
    long work = work_of(db, "SELECT count(*), min(depth), max(depth), sum(events) FROM alert_scope",
                        expected);
    harness_close(db);
    return work;
}

static void test_scope_work_grows_with_the_chain(void **state)
{
    (void)state;
    long once = work_of_chain(1000), twice = work_of_chain(2000);
    assert_true(twice < 3 * once);
}

static long work_of_alerts(int n)
{
    sqlite3 *db = open_chain(n, 0);
    char expected[32];
    snprintf(expected, sizeof expected, "%d|%d", 2 * n, 20 * n);
    long work = work_of(db, "SELECT count(*), sum(events) FROM alert_scope", expected);
    harness_close(db);
    return work;
}

static void test_scope_work_grows_with_the_alerts(void **state)
{
    (void)state;
    long once = work_of_alerts(100), twice = work_of_alerts(200);
    assert_true(twice < 3 * once);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_scope_of_sample_as_read),
        cmocka_unit_test(test_scope_of_recordings_as_read),
        cmocka_unit_test(test_scope_of_composed_chains_as_read),
        cmocka_unit_test(test_scope_of_the_attack_in_the_sample),
        cmocka_unit_test(test_credential_of_each_call),
        cmocka_unit_test(test_scope_password_set_anew),
        cmocka_unit_test(test_credential_of_a_sign_in),
        cmocka_unit_test(test_scope_work_grows_with_the_chain),
        cmocka_unit_test(test_scope_work_grows_with_the_alerts),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
