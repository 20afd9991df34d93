/*
 * `make hunt` from outside: tools/hunt.sh with every kind of path, what it prints and leaves.
 * Skipped where the sqlite3 shell cannot load the extension.
 */
// clang-format off
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
// clang-format on
#include <sqlite3.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>

/* A folder of the tests' own, with one log of one event. */
#define ROOT "build/tests/hunt"
#define RECORD                                                                                     \
    "{\"eventTime\":\"2024-05-01T09:14:03Z\",\"eventID\":\"e1\",\"eventName\":\"ListUsers\"}"

/* Runs a shell command; out gets what it prints, stderr included. Returns the exit status. */
static int shell(const char *command, char out[32768])
{
    char *text = sqlite3_mprintf("{\n%s\n} 2>&1 </dev/null", command);
    FILE *pipe = popen(text, "r");
    sqlite3_free(text);
    assert_non_null(pipe);
    size_t n = fread(out, 1, 32767, pipe);
    out[n] = '\0';
    int status = pclose(pipe);
    return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

/* These read what is built in build/, and write there. */
static bool can_run(void)
{
    const char *extension = getenv("CT_EXTENSION");
    char out[32768];
    return extension && strncmp(extension, "build/cloudtrail.", 17) == 0 &&
           shell("command -v sqlite3", out) == 0;
}

static int setup(void **state)
{
    (void)state;
    char out[32768];
    if (!can_run())
        return 0;
    return shell("rm -rf " ROOT " && mkdir -p " ROOT "/logs && echo '" RECORD "' >" ROOT
                 "/logs/a.json",
                 out);
}

static void skip_without_shell(void)
{
    if (can_run())
        return;
    print_message("skipped: make hunt needs the sqlite3 shell and build/cloudtrail\n");
    skip();
}

static void assert_holds(const char *out, const char *text)
{
    if (!strstr(out, text))
        fail_msg("expected `%s` in\n%s", text, out);
}

/* As it was before lines were broken where they get too long: the paths in them may be long. */
static void assert_holds_unbroken(const char *out, const char *text)
{
    char unbroken[32768];
    snprintf(unbroken, sizeof unbroken, "%s", out);
    for (char *p = unbroken; (p = strchr(p, '\n'));)
        *p = ' ';
    assert_holds(unbroken, text);
}

static int count_events(const char *db_path)
{
    sqlite3 *db = NULL;
    sqlite3_stmt *stmt = NULL;
    int n = -1;
    if (sqlite3_open_v2(db_path, &db, SQLITE_OPEN_READONLY, NULL) == SQLITE_OK &&
        sqlite3_prepare_v2(db, "SELECT count(*) FROM cloudtrail", -1, &stmt, NULL) == SQLITE_OK &&
        sqlite3_step(stmt) == SQLITE_ROW)
        n = sqlite3_column_int(stmt, 0);
    sqlite3_finalize(stmt);
    sqlite3_close(db);
    return n;
}

/* Hunts with these LOGS= and DB= (shell words), as make would; the database then has one event. */
static void assert_hunts(const char *before, const char *logs, const char *db, const char *db_path)
{
    char out[32768];
    char *command = sqlite3_mprintf("%s\nCT_LOGS=%s CT_DB=%s HOME=$PWD/" ROOT
                                    " sh tools/hunt.sh build/cloudtrail",
                                    before, logs, db);
    int status = shell(command, out);
    int n = count_events(db_path);
    remove(db_path);
    if (status != 0 || n != 1)
        fail_msg("%s: exit status %d, %d events\n%s", command, status, n, out);
    assert_holds(out, "\n  .load build/cloudtrail\n");
    sqlite3_free(command);
}

static void test_hunt_odd_paths_work(void **state)
{
    (void)state;
    skip_without_shell();
    static const char odd[] = "cp -R " ROOT "/logs ";
    char before[512];
    assert_hunts("", ROOT "/logs", ROOT "/plain.db", ROOT "/plain.db");
    assert_hunts("", ROOT "/logs/a.json", "\"$PWD\"/" ROOT "/abs.db", ROOT "/abs.db");
    assert_hunts("", "'" ROOT "/logs/*.json'", ROOT "/glob.db", ROOT "/glob.db");
    assert_hunts("", "'~/logs'", "'~/home.db'", ROOT "/home.db");

    snprintf(before, sizeof before, "%s%s", odd, ROOT "\"/it's a \\\"folder\\\" \\$HOME\"");
    assert_hunts(before, ROOT "\"/it's a \\\"folder\\\" \\$HOME\"", ROOT "\"/it's \\$x.db\"",
                 ROOT "/it's $x.db");
    snprintf(before, sizeof before, "%s./-ct-test-logs", odd);
    assert_hunts(before, "-ct-test-logs", "-ct-test.db", "./-ct-test.db");
    snprintf(before, sizeof before, "%s'./~ct-test-logs'", odd);
    assert_hunts(before, "'~ct-test-logs'", "'~ct-test.db'", "./~ct-test.db");
    char out[32768];
    assert_int_equal(shell("rm -r ./-ct-test-logs './~ct-test-logs'", out), 0);
}

static void test_hunt_wrong_path_is_one_error(void **state)
{
    (void)state;
    skip_without_shell();
    char out[32768];
    int status = shell("CT_LOGS=" ROOT "/none CT_DB=" ROOT "/none.db"
                       " sh tools/hunt.sh build/cloudtrail",
                       out);
    assert_int_not_equal(status, 0);
    assert_holds(out, ROOT "/none");
    const char *end = strchr(out, '\n');
    if (!end || end[1] != '\0')
        fail_msg("expected one line, got\n%s", out);
}

static void test_hunt_database_is_kept_and_not_mixed(void **state)
{
    (void)state;
    skip_without_shell();
    char out[32768];
    static const char once[] = "CT_LOGS=" ROOT "/logs CT_DB=" ROOT "/kept.db"
                               " sh tools/hunt.sh build/cloudtrail";
    assert_int_equal(shell(once, out), 0);
    assert_holds(out, "1 new event from 1 file ");
    assert_int_equal(shell(once, out), 0);
    assert_holds(out, "0 new events");
    assert_int_equal(count_events(ROOT "/kept.db"), 1);

    /* without logs a database that is there is only read */
    assert_int_equal(
        shell("CT_LOGS= CT_DB=" ROOT "/kept.db sh tools/hunt.sh build/cloudtrail", out), 0);
    assert_int_equal(count_events(ROOT "/kept.db"), 1);
}

static size_t characters(const char *line)
{
    size_t n = 0;
    for (; *line != '\n' && *line != '\0'; line++)
        n += (*line & 0xc0) != 0x80; /* what begins a character of UTF-8 */
    return n;
}

static void test_hunt_sample_shows_alerts_each_time(void **state)
{
    (void)state;
    skip_without_shell();
    char out[32768], again[32768];
    static const char sample[] = "CT_LOGS= CT_DB= sh tools/hunt.sh build/cloudtrail | tail -n +2";
    assert_int_equal(shell(sample, out), 0);
    assert_int_equal(shell(sample, again), 0);
    assert_string_equal(out, again);
    /* the alerts of one attack, and three rules' of one burst, are one line each; it comes first */
    assert_holds(
        out,
        "\n8 incidents of 20 alerts in 2 accounts; the rule as published reports 3 of them.\n");
    assert_holds(out, "┤\n│ 2025-10-14 13:38:12 │ 53m │ svc-deploy, svc-backup, maint │ 7 ");
    assert_holds(out, "│ paulo.santos@example.com      │ 3 ");
    if (strstr(strstr(out, "paulo.santos") + 1, "│ paulo.santos"))
        fail_msg("two lines for one burst:\n%s", out);
    assert_holds(out, "│ yes ");
    assert_holds(out, "│ missed ");
    assert_holds(out, "\nSuppressed: 7; near misses: 2; by the rule as published only: 1.\n");
    /* a paragraph an alert, its lines no longer than a screen is wide */
    assert_holds(out, "\n\nsvc-backup (IAM user; access key AKIATRODQHLTOEXAMPLE) in account ");
    assert_holds(out, "\nlogs stopped, 10 calls denied");
    for (const char *line = strstr(out, "\n\n"); line; line = strchr(line + 1, '\n'))
        assert_true(strcspn(line + 1, "\n") <= 112);
    /* nor is the table's, in characters */
    for (const char *line = strstr(out, "┌"); *line != '8'; line = strchr(line, '\n') + 1)
        assert_true(characters(line) <= 120);
    /* each burst once: of its alerts that which tells most */
    assert_holds(
        out, "\n\n1. svc-deploy, svc-backup, maint in accounts 111122223333, 444455556666, from ");
    const char *story = strstr(out, "\n\nsvc-deploy (IAM user; access key ");
    assert_non_null(story);
    assert_null(strstr(story + 2, "\n\nsvc-deploy (IAM user;"));
    assert_holds(story, "Of 24 calls 18 were done, 6 denied (");
    assert_holds(out, "\n  sqlite3 build/sample.db\n  .load build/cloudtrail\n  SELECT ");

    assert_int_not_equal(shell("CT_LOGS=" ROOT "/logs CT_DB=build/sample.db"
                               " sh tools/hunt.sh build/cloudtrail",
                               out),
                         0);
    assert_holds(out, "made anew each time");
}

static void test_hunt_leaves_suppressed_alerts_out(void **state)
{
    (void)state;
    skip_without_shell();
    char out[32768];
    assert_int_equal(shell("rm -f " ROOT "/allowed.db && sqlite3 " ROOT "/allowed.db"
                           " '.load build/cloudtrail' \"SELECT cloudtrail_init() IS NULL\""
                           " \"INSERT INTO allow_list (principal, reason)"
                           " VALUES ('*/inventory-host/*', 'the inventory')\"",
                           out),
                     0);
    assert_int_equal(shell("CT_LOGS=data/sample CT_DB=" ROOT "/allowed.db"
                           " sh tools/hunt.sh build/cloudtrail",
                           out),
                     0);
    assert_holds(out, "7 incidents of 18 alerts in 2 accounts");
    assert_holds(out, "Suppressed: 9;");
    if (strstr(out, "i-0b7d3f1a9c5e28460"))
        fail_msg("a suppressed alert is shown:\n%s", out);
}

static void test_hunt_without_events_says_why(void **state)
{
    (void)state;
    skip_without_shell();
    char out[32768];
    assert_int_equal(shell("rm -rf " ROOT "/bad " ROOT "/bad.db && mkdir " ROOT "/bad && cd " ROOT
                           "/bad && echo hello | tee a.txt b.txt >c.txt && echo 'x,y' >d.csv &&"
                           " echo '{\"Records\":[{\"a\":1},{\"a\":2}]}' >e.json",
                           out),
                     0);
    static const char hunt[] = "CT_LOGS=" ROOT "/bad CT_DB=" ROOT "/bad.db"
                               " sh tools/hunt.sh build/cloudtrail";
    assert_int_equal(shell(hunt, out), 1);
    assert_holds_unbroken(out, " No CloudTrail events in " ROOT
                               "/bad. 3 times: is no CloudTrail log (/");
    assert_holds_unbroken(out, ROOT "/bad/a.txt) once: JSON, but no CloudTrail record (keys: a), 2 "
                                    "times (/");
    assert_holds_unbroken(out, ROOT "/bad/e.json) once: is a CSV file with other columns: x,y (/");
    const char *end = strstr(out, "/bad/d.csv)\n");
    if (!end || end[12] != '\0')
        fail_msg("expected no more than the problems, got\n%s", out);

    /* a database without events, and no logs */
    assert_int_equal(shell("CT_LOGS= CT_DB=" ROOT "/bad.db sh tools/hunt.sh build/cloudtrail", out),
                     1);
    assert_holds(out, "No CloudTrail events in " ROOT "/bad.db.\n");

    /* with an event in the database it is a report like any other */
    assert_int_equal(shell("CT_LOGS=" ROOT "/logs CT_DB=" ROOT "/bad.db"
                           " sh tools/hunt.sh build/cloudtrail",
                           out),
                     0);
    assert_holds(out, "\nThe database also holds 5 files from other imports.\n");
    assert_holds(out, "\nNot readable: 5. To see them:\n  SELECT path, message"
                      " FROM cloudtrail_problem JOIN cloudtrail_file USING (fileID)"
                      " WHERE kind = 'unreadable';\n");
    assert_int_equal(shell(hunt, out), 0);
    assert_holds(out, "\nThe database also holds 1 file from other imports.\n");
}

static void test_hunt_without_alerts_points_at_the_events(void **state)
{
    (void)state;
    skip_without_shell();
    char out[32768];
    assert_int_equal(
        shell("rm -rf " ROOT "/few " ROOT "/few.db && cp -R " ROOT "/logs " ROOT "/few && echo"
              " '{\"eventTime\":\"2024-05-01T09:15:03Z\",\"eventID\":\"e2\",\"eventName\":"
              "\"ListUsers\",\"eventSource\":\"iam.amazonaws.com\",\"userAgent\":"
              "\"aws-cli/2.17.32 md/command#iam.list-users\"}' >" ROOT "/few/b.json",
              out),
        0);
    assert_int_equal(shell("CT_LOGS=" ROOT "/few CT_DB=" ROOT "/few.db"
                           " sh tools/hunt.sh build/cloudtrail",
                           out),
                     0);
    assert_holds(out, "\nNo alerts. Of 2 events 1 is by the AWS CLI.\n");
    assert_holds(out, "\n  SELECT userIdentityArn, eventName, count(*) FROM cloudtrail ");
    if (strstr(out, "alert_evidence") || strstr(out, "other imports") || strstr(out, "missing acc"))
        fail_msg("nothing to say of alerts, other imports or digests:\n%s", out);
}

/* A digest that lists two log files, of which one is there. */
static void test_hunt_counts_missing_log_files(void **state)
{
    (void)state;
    skip_without_shell();
    char out[32768];
    assert_int_equal(
        shell("rm -rf " ROOT "/gap " ROOT "/gap.db && mkdir " ROOT "/gap && cp " ROOT
              "/logs/a.json " ROOT "/gap && echo '{\"awsAccountId\":\"111122223333\","
              "\"digestStartTime\":\"2024-05-01T09:00:00Z\",\"digestEndTime\":"
              "\"2024-05-01T10:00:00Z\",\"logFiles\":[{\"s3Bucket\":\"b\",\"s3Object\":"
              "\"AWSLogs/a.json.gz\"},{\"s3Bucket\":\"b\",\"s3Object\":"
              "\"AWSLogs/c.json.gz\"}]}' >" ROOT "/gap/digest.json",
              out),
        0);
    assert_int_equal(shell("CT_LOGS=" ROOT "/gap CT_DB=" ROOT "/gap.db"
                           " sh tools/hunt.sh build/cloudtrail",
                           out),
                     0);
    assert_holds(out, "\nLog files missing according to a digest: 1; see cloudtrail_missing.\n");
}

static void test_hunt_tells_the_analysts_state(void **state)
{
    (void)state;
    skip_without_shell();
    char out[32768];
    assert_int_equal(shell("rm -f " ROOT "/state.db && CT_LOGS=data/sample CT_DB=" ROOT "/state.db"
                           " sh tools/hunt.sh build/cloudtrail && sqlite3 " ROOT "/state.db"
                           " \"UPDATE alert SET state = 'closed' WHERE accountName = 'maint'\"",
                           out),
                     0);
    if (strstr(out, "State:"))
        fail_msg("all alerts are new:\n%s", out);
    assert_int_equal(
        shell("CT_LOGS= CT_DB=" ROOT "/state.db sh tools/hunt.sh build/cloudtrail", out), 0);
    assert_holds(out,
                 " are of the same chain. State: closed.\n\n2. i-0b7d3f1a9c5e28460 in account ");
}

/* Names and user agents come from the logs: they must not steer the terminal. */
static void test_hunt_shows_no_control_characters(void **state)
{
    (void)state;
    skip_without_shell();
    char out[32768];
    assert_int_equal(
        shell("rm -rf " ROOT "/odd.db " ROOT "/odd && mkdir " ROOT "/odd && python3 -c \"\n"
              "import json\n"
              "commands = 'iam.list-users iam.list-groups iam.list-roles ec2.describe-vpcs'\n"
              "commands += ' kms.list-keys kms.list-aliases ecs.list-clusters ecs.list-services'\n"
              "for n, command in enumerate(commands.split()):\n"
              "    print(json.dumps({'eventTime': '2024-05-01T09:14:03Z', 'eventID': str(n),\n"
              "        'eventName': 'x', 'userAgent': 'aws-cli/2\\x1b[2J md/command#' + command,\n"
              "        'userIdentity': {'type': 'IAMUser', 'userName': 'j\\x1b]0;x\\x07'}}))\n"
              "\" >" ROOT "/odd/a.json",
              out),
        0);
    assert_int_equal(shell("CT_LOGS=" ROOT "/odd CT_DB=" ROOT "/odd.db"
                           " sh tools/hunt.sh build/cloudtrail",
                           out),
                     0);
    assert_holds(out, "1 incident of 1 alert in 1 account");
    for (const char *p = out; *p; p++)
        assert_true((unsigned char)*p >= ' ' || *p == '\n');
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_hunt_odd_paths_work),
        cmocka_unit_test(test_hunt_wrong_path_is_one_error),
        cmocka_unit_test(test_hunt_database_is_kept_and_not_mixed),
        cmocka_unit_test(test_hunt_sample_shows_alerts_each_time),
        cmocka_unit_test(test_hunt_leaves_suppressed_alerts_out),
        cmocka_unit_test(test_hunt_without_events_says_why),
        cmocka_unit_test(test_hunt_without_alerts_points_at_the_events),
        cmocka_unit_test(test_hunt_counts_missing_log_files),
        cmocka_unit_test(test_hunt_tells_the_analysts_state),
        cmocka_unit_test(test_hunt_shows_no_control_characters),
    };
    return cmocka_run_group_tests(tests, setup, NULL);
}
