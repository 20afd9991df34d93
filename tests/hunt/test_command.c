/*
 * tools/cloudtrail-hunt from outside: what it prints, what it leaves, its exit status, and that nothing
 * in logs or names makes it do more. What it does under a terminal is in test_terminal.c.
 */
// clang-format off
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
// clang-format on
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "outside.h"

static char out[OUTSIDE_SIZE];

static void test_command_status_tells_of_new_alerts(void **state)
{
    (void)state;
    outside_need_shell();
    assert_run(0, "rm -f a.db; \"$HUNT\" --db a.db one", out);
    assert_holds(out, "one: 1 new event from 1 file in ");
    assert_holds(out, "\nEvents: 1, from 2024-05-01T09:14:03Z to 2024-05-01T09:14:03Z.\n");
    assert_holds(out, "\nNo alerts: ");
    assert_holds(out, " rules found nothing in 1 event.\n");
    assert_holds(out, "\nSELECT userIdentityArn, eventName, count(*) FROM cloudtrail ");
    assert_lacks(out, "other imports");
    assert_lacks(out, "missing acc");

    assert_run(1, "\"$HUNT\" --db a.db burst", out);
    assert_holds(out, "burst: 8 new events from 1 file in ");
    assert_holds(out, "\nThe database also holds 1 file from other imports.\n");
    assert_holds(out, "\n1 incident of 2 alerts (2 new) in 1 account; the rule as published ");
    assert_holds(out, "\n1. mallory in account 111122223333, from 192.0.2.1: 2 alerts, 8 events ");
    assert_holds(out, "\nmallory (IAM user; access key AKIAIOSFODNN7EXAMPLE) in account ");
    assert_holds(out, "\nSELECT alertID, step, eventTime, command, errorCode FROM alert_evid");

    /* they are not new twice, nor are the events; without logs the report is of what is there */
    assert_run(0, "\"$HUNT\" --db a.db burst", out);
    assert_holds(out, "burst: 0 new events from 0 files in ");
    assert_holds(out, "\n1 incident of 2 alerts (none new) ");
    assert_lacks(out, "State:");
    /* what the analyst has set is shown */
    assert_run(0, "sqlite3 a.db \"UPDATE alert SET state = 'closed'\"; \"$HUNT\" --db a.db", out);
    assert_holds(out, "\n1 incident of 2 alerts (none new) ");
    assert_holds(out, " State: closed.\n");
    assert_lacks(out, "new event");
    assert_lacks(out, "other imports");
}

static void test_command_paths_are_of_the_callers_folder(void **state)
{
    (void)state;
    outside_need_shell();
    assert_run(1,
               "mkdir -p at && cd at && rm -f *.db && \"$HUNT\" ../one ../burst >told; status=$?;"
               " cat told; exit $status",
               out);
    assert_holds(out, "../one: 1 new event ");
    assert_holds(out, "../burst: 8 new events ");
    assert_holds(out, "\nThe database is cloudtrail-hunt.db. To go on:\n");
    assert_lacks(out, "other imports");
    /* what is printed to be typed can be typed */
    assert_run(0,
               "cd at && sed -n '/^sqlite3/,$p' told >typed && sed -n '2,$p' typed |"
               " eval \"$(sed -n 1p typed)\" | grep -c '|'",
               out);
    assert_string_equal(out, "16\n"); /* the events of two alerts */
    assert_run(0, "ls at", out);
    assert_string_equal(out, "cloudtrail-hunt.db\ntold\ntyped\n");
}

/* Names that a shell, SQLite or its shell would take for something else. */
static void test_command_odd_names_are_names(void **state)
{
    (void)state;
    outside_need_shell();
    assert_run(
        0,
        "rm -rf odd && mkdir odd && cd odd && cp ../one/a.json b.json &&"
        " set -- -logs --db --help '~logs' \"it's a \\\"folder\\\" \\$HOME; x\" 'a*[b' '*.json' &&"
        " for name; do cp -R ../one \"./$name\"; done &&"
        " \"$HUNT\" --db ':memory:' -- \"$@\" - 'b*.json' <b.json",
        out);
    outside_unbreak(out);
    assert_holds(out, "-logs: 1 new event from 1 file ");
    assert_holds(out, "--db: 0 new events from 1 file ");
    assert_holds(out, "--help: 0 new events from 1 file ");
    assert_holds(out, "~logs: 0 new events from 1 file ");
    assert_holds(out, "it's a \"folder\" $HOME; x: 0 new events from 1 file ");
    assert_holds(out, "a*[b: 0 new events from 1 file ");
    assert_holds(out, "*.json: 0 new events from 1 file ");
    assert_holds(out, "-: 0 new events from 1 file ");
    assert_holds(out, "b*.json: 0 new events from 1 file "); /* a glob where no file is named so */
    assert_lacks(out, "other imports");

    /* the database is where its name says, in this folder */
    assert_run(0, "cd odd && [ -s ./:memory: ] && ls | grep -c .", out);
    assert_string_equal(out, "9\n"); /* the seven of the logs, b.json and the database */
    static const char *const cases[][2] = {
        {"--db=-x.db", "sqlite3 ./-x.db"},
        {"--db file:x.db", "sqlite3 './file:x.db'"},
        {"--db \"it's \\$x.db\"", "sqlite3 'it'\\''s $x.db'"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        char command[256];
        snprintf(
            command, sizeof command,
            "cd odd && for name in -x.db file:x.db \"it's \\$x.db\"; do cp ./:memory: \"./$name\";"
            " done && \"$HUNT\" %s && ls | grep -c .",
            cases[i][0]);
        assert_run(0, command, out);
        assert_holds(out, cases[i][1]);
        assert_holds(out, "\n12\n"); /* no other file was made */
    }
}

/* One line that says what is wrong, and nothing is written. */
static void test_command_errors_are_one_line_and_status_2(void **state)
{
    (void)state;
    outside_need_shell();
    static const struct {
        const char *arguments, *says;
    } cases[] = {
        {"none", "cloudtrail-hunt: none: no such file or folder\n"},
        {"../one none", "cloudtrail-hunt: none: no such file or folder\n"},
        {"''", "cloudtrail-hunt: a path is empty\n"},
        {"--db '' ../one", "cloudtrail-hunt: --db: the file's name is empty\n"},
        {"--db", "cloudtrail-hunt: --db: the file is missing\n"},
        {"--html", "cloudtrail-hunt: --html: the file is missing\n"},
        {"--html ../one ../one", "cloudtrail-hunt: ../one: a folder; name a file\n"},
        {"--db foreign --html foreign ../one", "cloudtrail-hunt: foreign is the database; name "},
        {"--html none/x.html ../one", "cloudtrail-hunt: none/x.html: cannot be written\n"},
        {"--bd x ../one", "cloudtrail-hunt: --bd: no such option; --help tells all."},
        {"-logs", "cloudtrail-hunt: -logs: no such option;"},
        {"--db ../one ../one", "cloudtrail-hunt: ../one: a folder; name a file\n"},
        {"--db new/ ../one", "cloudtrail-hunt: new/: a folder; name a file\n"},
        {"--db none.db", "cloudtrail-hunt: none.db: no such database; name the logs "},
        {"--db foreign", "cloudtrail-hunt: foreign: no database of CloudTrail logs\n"},
        {"foreign",
         "cloudtrail-hunt: foreign: a database, no logs; to report on it: cloudtrail-hunt "
         "--db foreign\n"},
        {"--db ../one/a.json ../one", "file is not a database"},
        {"s3://bucket/AWSLogs", "aws s3 sync s3://bucket/AWSLogs"},
        {"'*.nothing'", "cloudtrail-hunt: *.nothing: no file fits the pattern\n"},
        {"empty", "cloudtrail-hunt: empty: no file in this folder\n"},
    };
    assert_run(0, "rm -rf err && mkdir err err/empty && sqlite3 err/foreign 'CREATE TABLE t (a)'",
               out);
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        char command[512];
        snprintf(command, sizeof command, "cd err && \"$HUNT\" %s", cases[i].arguments);
        assert_run(2, command, out);
        assert_holds(out, cases[i].says);
        assert_ptr_equal(strchr(out, '\n'), out + strlen(out) - 1);
    }
    assert_run(0, "ls err; sqlite3 err/foreign .tables", out);
    assert_string_equal(out, "empty\nforeign\nt\n");
    assert_run(2, "cd err && \"$HUNT\"", out);
    assert_holds(out, "usage: cloudtrail-hunt ");
    assert_run(2, "cd err && CT_EXTENSION=./none \"$HUNT\" ../one", out);
    assert_holds(out, "cloudtrail-hunt: ./none cannot be loaded into ");
}

static void test_command_tells_help_and_version(void **state)
{
    (void)state;
    outside_need_shell();
    assert_run(0, "\"$HUNT\" --help", out);
    assert_holds(out, "usage: cloudtrail-hunt [--db FILE]");
    assert_run(0, "\"$HUNT\" --version", out);
    char *version = strdup(out);
    assert_run(0,
               "sed -n 's/.*define CT_VERSION \"\\(.*\\)\".*/cloudtrail-hunt \\1/p'"
               " \"$PROJECT/ext/base/version.h\"",
               out);
    assert_string_equal(version, out);
    free(version);
}

static void test_command_without_events_says_why(void **state)
{
    (void)state;
    outside_need_shell();
    assert_run(0,
               "rm -rf bad bad.db && mkdir bad && cd bad && echo hello | tee a.txt b.txt >c.txt"
               " && echo 'x,y' >d.csv && echo '{\"Records\":[{\"a\":1},{\"a\":2}]}' >e.json",
               out);
    assert_run(2, "\"$HUNT\" --db bad.db bad", out);
    outside_unbreak(out);
    assert_holds(out, "   not read: is no CloudTrail log, 3 times (/");
    assert_holds(out,
                 "/bad/a.txt)   not read: JSON, but no CloudTrail record (keys: a), 2 times (/");
    assert_holds(out, "/bad/e.json)   not read: is a CSV file with other columns: x,y (/");
    assert_holds(out, "/bad/d.csv) cloudtrail-hunt: no CloudTrail events in bad ");
    assert_lacks(out, "alert");

    assert_run(2, "\"$HUNT\" --db bad.db", out);
    assert_string_equal(out, "cloudtrail-hunt: no CloudTrail events in bad.db\n");
    assert_run(2, "mkdir empty && \"$HUNT\" --db empty.db empty", out);
    assert_holds(out, "empty: no file in this folder");
    assert_run(1, "[ -e empty.db ]", out);

    /* what could not be read in an earlier run is not this run's */
    assert_run(0, "\"$HUNT\" --db bad.db one", out);
    assert_lacks(out, "not read: ");
    assert_holds(out, "\nThe database also holds 5 files from other imports.\n");
    assert_holds(out, "\nNot readable: 5, none of them in this run. To see them:\n  SELECT path, ");
    assert_run(0, "cp bad/a.txt bad/f.txt && \"$HUNT\" --db bad.db bad", out);
    assert_holds(out, "\nThe database also holds 1 file from other imports.\n");
    assert_holds(out, "\nNot readable: 6, 1 of them in this run. To see them:\n");
    outside_unbreak(out);
    assert_holds(out, "   not read: is no CloudTrail log (/");
    assert_lacks(out, "times (/");
}

/* Names, user agents, paths and messages come from strangers: they steer no terminal and begin no line. */
static void test_command_output_steers_no_terminal(void **state)
{
    (void)state;
    outside_need_shell();
    assert_run(
        0,
        "rm -rf esc* && python3 - <<'END'\n"
        "import json, os\n"
        "bad = '\\x1b[2J\\x9b31m\\u202e\\u2066\\x07\\x7f\\r\\n9. forged in account 1'\n"
        "folder = 'esc\\x1b]0;x\\x07\\n9. forged\\u202e'\n"
        "os.mkdir(folder)\n"
        "os.rename('esc' + folder[3:], 'esc-logs')\n"
        "os.mkdir(folder)\n"
        "commands = ('iam.list-users iam.list-groups iam.list-roles ec2.describe-vpcs'\n"
        "            ' kms.list-keys kms.list-aliases ecs.list-clusters ecs.list-services')\n"
        "with open(folder + '/a\\x1b[2J.json', 'w') as file:\n"
        "    for n, command in enumerate(commands.split()):\n"
        "        print(json.dumps({'eventTime': '2024-05-01T09:14:03Z', 'eventID': str(n),\n"
        "            'eventName': 'x' + bad, 'userAgent': 'aws-cli/2' + bad + ' md/command#'\n"
        "            + command, 'errorCode': 'AccessDenied' + bad, 'awsRegion': bad,\n"
        "            'sourceIPAddress': bad, 'recipientAccountId': bad,\n"
        "            'userIdentity': {'type': 'IAMUser', 'userName': 'j' + bad}}), file=file)\n"
        "with open(folder + '/b\\x1b[2J.json', 'w') as file:\n"
        "    print(json.dumps({'Records': [{bad: 1}]}), file=file)\n"
        "END",
        out);
    assert_run(1, "\"$HUNT\" --db esc.db esc?]*", out);
    assert_holds(out, "\n1 incident of ");
    assert_holds(out, "  not read: JSON, but no CloudTrail record");
    assert_steers_nothing(out);
    assert_lacks(out, "\n9. forged");
    assert_run(2, "\"$HUNT\" --db esc.db \"$(printf 'none\\033[2J\\302\\2331m')\"", out);
    assert_steers_nothing(out);
    assert_run(0, "COLUMNS=80 \"$HUNT\" --db esc.db", out);
    assert_steers_nothing(out);
    assert_lacks(out, "\n9. forged");
}

static void test_command_pipe_into_head_makes_no_noise(void **state)
{
    (void)state;
    outside_need_shell();
    assert_run(
        0,
        OUTSIDE_ONE_DB
        "cp one.db pipe.db; { \"$HUNT\" --db pipe.db burst one; echo $? >status; } | head -n 1;"
        " cat status",
        out);
    assert_holds(out, "burst: 8 new events ");
    assert_ptr_equal(strchr(out, '\n'), strstr(out, "\n1\n")); /* one line, and new alerts */
    assert_run(0, "{ \"$HUNT\" --db pipe.db; echo $? >status; } | true; cat status", out);
    assert_string_equal(out, "0\n");
    /* where nothing can be written it is an error */
    assert_run(0, "[ -e /dev/full ] || exit 0; \"$HUNT\" --db pipe.db >/dev/full; [ $? -eq 2 ]",
               out);
}

static void test_command_rule_that_fails_is_told(void **state)
{
    (void)state;
    outside_need_shell();
    assert_run(0,
               OUTSIDE_ONE_DB
               "cp one.db rule.db; sqlite3 rule.db \"CREATE VIEW"
               " mine AS SELECT 1 AS a; INSERT INTO rule (name) VALUES ('mine'); PRAGMA "
               "ignore_check_constraints = 1;"
               " INSERT INTO allow_list (sourceIPAddress, reason) VALUES ('192.0.2.0/99', 'x')\";"
               " \"$HUNT\" --db rule.db",
               out);
    assert_holds(out, "\nThe rule mine did not run: ");
    assert_holds(out, "\nThis entry of allow_list has an address that is no network, and covers "
                      "nothing: 192.0.2.0/99\n");
}

/* Hunts of the user's own: what they find is shown and is no alert. */
static void test_command_hunts_show_what_they_found(void **state)
{
    (void)state;
    outside_need_shell();
    assert_run(
        0,
        OUTSIDE_ONE_DB
        "cp one.db own.db; sqlite3 own.db \"CREATE VIEW mine"
        " AS SELECT eventTime AS firstTime, eventTime AS lastTime, '1' AS recipientAccountId,"
        " 'mallory' AS accountName, '' AS accountUPNSuffix, '192.0.2.1' AS sourceIPAddress,"
        " 'mallory looked' || char(10, 27) || '9. forged' AS summary, '{}' AS details,"
        " '[' || rowid || ']' AS evidence FROM cloudtrail; CREATE VIEW odd AS SELECT 1 AS a;"
        " INSERT INTO rule (name, title, severity, kind, enabled) VALUES"
        " ('mine', 'Who lists', 'High', 'Hunting', 0), ('odd', 'Odd', 'Low', 'Hunting', 0)\";"
        " \"$HUNT\" --db own.db",
        out);
    assert_holds(out, "\nWho lists (High): 1 finding, 1 identity, 2024-05-01 09:14:03\n"
                      "mallory looked ?9. forged\n"
                      "  SELECT firstTime, who, summary FROM hunt_result WHERE hunt = 'mine';\n");
    assert_holds(out, "\nThe hunt odd did not run: ");
    assert_holds(out, " found something: no alerts, but worth a look.\n");
    assert_run(0,
               "\"$HUNT\" --db own.db burst >told; grep -A2 'Who lists' told |"
               " sed -n 3p | sqlite3 own.db | grep -c 'mallory looked'",
               out);
    assert_string_equal(out, "9\n");
    assert_run(0, "cat told", out);
    assert_holds(out,
                 "\nWho lists (High): 9 findings, 1 identity, 2024-05-01 09:14:03 to 2024-05-02 "
                 "10:00:07\nFor one: mallory looked ");
}

/* A digest that lists two log files, of which one is there. */
static void test_command_counts_missing_log_files(void **state)
{
    (void)state;
    outside_need_shell();
    assert_run(0,
               "rm -rf gap gap.db && mkdir gap && cp one/a.json gap && echo '{\"awsAccountId\":"
               "\"111122223333\",\"digestStartTime\":\"2024-05-01T09:00:00Z\",\"digestEndTime\":"
               "\"2024-05-01T10:00:00Z\",\"logFiles\":[{\"s3Bucket\":\"b\",\"s3Object\":"
               "\"AWSLogs/a.json.gz\"},{\"s3Bucket\":\"b\",\"s3Object\":\"AWSLogs/c.json.gz\"}]}'"
               " >gap/digest.json && \"$HUNT\" --db gap.db gap",
               out);
    assert_holds(out, "\nLog files missing according to a digest: 1; see cloudtrail_missing.\n");
}

static void test_command_leaves_suppressed_alerts_out(void **state)
{
    (void)state;
    outside_need_shell();
    assert_run(0,
               OUTSIDE_ONE_DB
               "cp one.db allow.db; sqlite3 allow.db"
               " \"INSERT INTO allow_list (sourceIPAddress, reason) VALUES ('192.0.2.1', 'ours')\";"
               " \"$HUNT\" --db allow.db burst",
               out);
    assert_holds(out, "\nNo alerts: what ");
    assert_holds(out, " rules found in 9 events is suppressed.\n");
    assert_holds(out, "\nSuppressed: 2; ");
    assert_lacks(out, "mallory");
}

static void test_command_writes_the_page(void **state)
{
    (void)state;
    outside_need_shell();
    assert_run(0,
               OUTSIDE_ONE_DB "cp one.db page.db; \"$HUNT\" --db page.db --html=-page.html"
                              " && ls ./-page.html* && grep -c '^</html>' ./-page.html",
               out);
    assert_holds(out,
                 "\nThe page is ./-page.html, for a browser.\nThe database is page.db. To go on:");
    assert_holds(out, "\n./-page.html\n1\n");
}

static void test_command_other_shells_run_it(void **state)
{
    (void)state;
    outside_need_shell();
    assert_run(0,
               "shells='dash bash ksh yash zsh'; [ -n \"${CT_LONG-}\" ] || shells=\n"
               "for shell in 'busybox sh' $shells; do\n"
               "    command -v ${shell%% *} >/dev/null || continue\n"
               "    rm -f shell.db; $shell \"$HUNT\" --db shell.db -- burst >\"$shell.txt\" 2>&1\n"
               "    [ $? -eq 1 ] || { echo \"$shell\"; cat \"$shell.txt\"; exit 1; }\n"
               "    sed 's/ in [0-9.]* s / /' \"$shell.txt\" >shell.txt\n"
               "    [ -f shell.first ] || cp shell.txt shell.first\n"
               "    diff shell.first shell.txt || exit\n"
               "done",
               out);
}

static void test_command_installed_finds_its_parts(void **state)
{
    (void)state;
    outside_need_shell();
    assert_run(0,
               "cd \"$PROJECT\" && make -s --no-print-directory BUILD=\"$BUILD\" PREFIX=/usr"
               " DESTDIR=\"$CASE/root\" install && cd \"$CASE\" && find root -type f | sort",
               out);
    assert_holds(out, "root/usr/bin/cloudtrail-hunt\nroot/usr/lib/sqlite3/cloudtrail.");
    assert_holds(out, "\nroot/usr/share/sqlite-cloudtrail/report/begin.sql\n");
    assert_run(1,
               "ln -sf ../root/usr/bin/cloudtrail-hunt one/../link && mkdir -p bin &&"
               " ln -sf ../root/usr/bin/cloudtrail-hunt bin/ && rm -f inst.db;"
               " unset CT_EXTENSION; PATH=\"$CASE/bin:$PATH\" cloudtrail-hunt --db inst.db burst",
               out);
    assert_holds(out, "/root/usr/lib/sqlite3/cloudtrail\"\n");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_command_status_tells_of_new_alerts),
        cmocka_unit_test(test_command_paths_are_of_the_callers_folder),
        cmocka_unit_test(test_command_odd_names_are_names),
        cmocka_unit_test(test_command_errors_are_one_line_and_status_2),
        cmocka_unit_test(test_command_tells_help_and_version),
        cmocka_unit_test(test_command_without_events_says_why),
        cmocka_unit_test(test_command_output_steers_no_terminal),
        cmocka_unit_test(test_command_pipe_into_head_makes_no_noise),
        cmocka_unit_test(test_command_rule_that_fails_is_told),
        cmocka_unit_test(test_command_hunts_show_what_they_found),
        cmocka_unit_test(test_command_counts_missing_log_files),
        cmocka_unit_test(test_command_leaves_suppressed_alerts_out),
        cmocka_unit_test(test_command_writes_the_page),
        cmocka_unit_test(test_command_other_shells_run_it),
        cmocka_unit_test(test_command_installed_finds_its_parts),
    };
    return cmocka_run_group_tests(tests, outside_setup, NULL);
}
