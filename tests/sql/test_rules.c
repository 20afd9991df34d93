/*
 * The rules against an independent reading of the same logs (tests/independent/read_trail.py), row
 * by row: the sample, real recordings, and two trails composed to be full of hits. Then what the
 * reading cannot say: plans, tuning, the list of the rule, the property of the corrected rule.
 */
#include "harness.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "shell.h"
#include "temp.h"

#define HITS temp_path("hits")
#define OWN_FORMS temp_path("own_forms")

#define SEED_ROWS                                                                                  \
    "SELECT json_array(TimeGenerated, RecipientAccountId, AccountName, AccountUPNSuffix,"          \
    " UserIdentityUserName, SourceIpAddress, SessionMfaAuthenticated, CommadCount, EventCount,"    \
    " json(commands), json(Events)) FROM SuspiciousAWSCLICommandExecution"                         \
    " ORDER BY TimeGenerated, RecipientAccountId, AccountName, AccountUPNSuffix,"                  \
    " UserIdentityUserName, SourceIpAddress, SessionMfaAuthenticated"

#define BURST_ROWS                                                                                 \
    "SELECT json_array(firstTime, lastTime, recipientAccountId, accountName, accountUPNSuffix,"    \
    " sourceIPAddress, commandCount, peakCount, eventCount, deniedCount, errorCount,"              \
    " mfaAuthenticated, json(principals), json(commands), json(events), json(regions),"            \
    " json(userAgents), commandSource) FROM aws_cli_recon_burst"                                   \
    " ORDER BY firstTime, recipientAccountId, accountName, accountUPNSuffix, sourceIPAddress"

/* ---- helpers -------------------------------------------------------------------------------- */

/* A database with the tables and views and, unless path is NULL, the events of the logs. */
static sqlite3 *open_with(const char *path)
{
    sqlite3 *db = harness_open_ready();
    if (!path)
        return db;
    harness_exec_and_free(db, sqlite3_mprintf("SELECT cloudtrail_import(%Q)", path));
    return db;
}

/* The SQL's rows are what read_trail.py prints with these arguments; returns how many. */
static int assert_as_read(sqlite3 *db, const char *sql, const char *arguments)
{
    char *command =
        sqlite3_mprintf("python3 tests/independent/read_trail.py %s 2>/dev/null", arguments);
    char *expected = shell_output(command);
    size_t n_rows;
    bool failed;
    char *got = harness_query_lines(db, sql, &n_rows, &failed);
    if (strcmp(got, expected) != 0) {
        fprintf(stderr, "read_trail.py %s\n-- expected:\n%s\n-- got:\n%s\n", arguments, expected,
                got);
        fail_msg("another result than that of the independent reading");
    }
    free(got);
    free(expected);
    sqlite3_free(command);
    return (int)n_rows;
}

static int assert_seed_as_read(sqlite3 *db, const char *path)
{
    char *arguments = sqlite3_mprintf("seed '%s'", path);
    int n = assert_as_read(db, SEED_ROWS, arguments);
    sqlite3_free(arguments);
    return n;
}

static int assert_bursts_as_read(sqlite3 *db, const char *path, const char *options)
{
    char *arguments = sqlite3_mprintf("bursts '%s' %s", path, options);
    int n = assert_as_read(db, BURST_ROWS, arguments);
    sqlite3_free(arguments);
    return n;
}

static int compose(void **state)
{
    (void)state;
    char *command =
        sqlite3_mprintf("python3 tests/independent/compose_hits.py 1 '%s'"
                        " && python3 tests/independent/compose_hits.py 2 '%s' --own-forms",
                        HITS, OWN_FORMS);
    free(shell_output(command));
    sqlite3_free(command);
    return 0;
}

/* ---- as the independent reading has it ------------------------------------------------------ */

static void test_rules_sample_as_read(void **state)
{
    (void)state;
    sqlite3 *db = open_with("data/sample");
    assert_int_equal(assert_seed_as_read(db, "data/sample"), 3);
    assert_int_equal(assert_bursts_as_read(db, "data/sample", ""), 8);
    harness_close(db);
}

static void test_rules_recordings_as_read(void **state)
{
    (void)state;
    if (!harness_shared()) {
        print_message("skipped: the recordings are not there\n");
        skip();
    }
    /* in a recording few bursts reach the threshold, many reach 2 */
    char *folders = shell_output("ls -d ../shared/data/*/");
    int n_folders = 0;
    for (char *folder = strtok(folders, "\n"); folder; folder = strtok(NULL, "\n")) {
        if (n_folders++ % harness_extent(1, 3) != harness_extent(0, 1))
            continue;
        sqlite3 *db = open_with(folder);
        if (harness_is_long()) {
            assert_seed_as_read(db, folder);
            assert_bursts_as_read(db, folder, "");
        }
        harness_exec(db, "UPDATE rule_parameter SET value = 2 WHERE name = 'threshold'");
        assert_bursts_as_read(db, folder, "--threshold 2");
        harness_close(db);
    }
    free(folders);
}

static void test_seed_composed_hits_as_read(void **state)
{
    (void)state;
    sqlite3 *db = open_with(HITS);
    assert_true(assert_seed_as_read(db, HITS) >= 10);
    harness_close(db);

    db = open_with(OWN_FORMS);
    assert_true(assert_seed_as_read(db, OWN_FORMS) >= 5);
    harness_close(db);
}

static void test_bursts_composed_hits_as_read(void **state)
{
    (void)state;
    static const int parameters[][2] = {{60, 8}, {1, 2}, {10, 4}, {61, 7}, {3600, 12}, {86400, 1}};
    sqlite3 *db = open_with(HITS);
    for (int i = 0; i < harness_extent(6, 2); i++) {
        int window = parameters[i][0], threshold = parameters[i][1];
        harness_exec_and_free(db, sqlite3_mprintf("UPDATE rule_parameter SET value = CASE name"
                                                  " WHEN 'window_seconds' THEN %d ELSE %d END",
                                                  window, threshold));
        char *options = sqlite3_mprintf("--window %d --threshold %d", window, threshold);
        assert_true(assert_bursts_as_read(db, HITS, options) >= 5);
        sqlite3_free(options);
    }
    harness_close(db);
}

static void test_bursts_own_list_as_read(void **state)
{
    (void)state;
    sqlite3 *db = open_with(HITS);
    harness_exec(db, "INSERT INTO suspicious_command (command, origin) VALUES ('S3.LS', 'ours'),"
                     " ('sts.get-caller-identity', 'ours'), ('s3api.list-buckets', 'ours')");
    harness_exec(db, "DELETE FROM suspicious_command WHERE command = 'IAM.list-users'");
    assert_true(assert_bursts_as_read(db, HITS,
                                      "--add S3.LS --add sts.get-caller-identity"
                                      " --add s3api.list-buckets --drop iam.list-users") >= 10);
    harness_close(db);
}

/* The lists are made of rows in the order in which a sorter gives them back, also from disk. */
static void test_rules_large_sort_as_read(void **state)
{
    (void)state;
    sqlite3 *db = open_with(HITS);
    harness_exec(db, "PRAGMA cache_size = 1");
    harness_exec(db, "PRAGMA temp_store = FILE");
    assert_true(assert_seed_as_read(db, HITS) >= 10);
    assert_true(assert_bursts_as_read(db, HITS, "") >= 10);
    harness_close(db);
}

/* ---- without an import ---------------------------------------------------------------------- */

/* A connection in which the file's statements were run, as the shell's .read does. */
static sqlite3 *open_with_files(const char *file, const char *logs)
{
    sqlite3 *db = harness_open();
    char *command = sqlite3_mprintf("cat %s", file);
    char *sql = shell_output(command);
    harness_exec(db, sql);
    free(sql);
    sqlite3_free(command);
    harness_exec_and_free(db, sqlite3_mprintf("UPDATE temp.cloudtrail_logs SET path = %Q", logs));
    return db;
}

static void test_rules_over_files_as_imported(void **state)
{
    (void)state;
    const char *const names[] = {NULL, "hits", "own_forms"};
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        char logs[1024];
        snprintf(logs, sizeof logs, "%s", names[i] ? temp_path(names[i]) : "data/sample");
        sqlite3 *db = open_with(logs);
        char *seed = harness_query(db, SEED_ROWS), *bursts = harness_query(db, BURST_ROWS);
        harness_close(db);
        db = open_with_files("sql/files/SuspiciousAWSCLICommandExecution.sql", logs);
        assert_query(db, SEED_ROWS, seed);
        harness_close(db);
        db = open_with_files("sql/files/aws_cli_recon_burst.sql", logs);
        assert_query(db, BURST_ROWS, bursts);
        harness_close(db);
        free(seed);
        free(bursts);
    }
}

/* Twice in one connection, both together, and beside an imported database. */
static void test_rules_over_files_can_be_read_again(void **state)
{
    (void)state;
    sqlite3 *db = open_with(NULL);
    for (int i = 0; i < 2; i++) {
        char *sql = shell_output("cat sql/files/*.sql");
        harness_exec(db, sql);
        free(sql);
        assert_query(db, "SELECT count(*) FROM aws_cli_recon_burst",
                     "error: cloudtrail_log(): a path is needed: cloudtrail_log('logs/')");
        harness_exec(db, "UPDATE temp.cloudtrail_logs SET path = 'data/sample'");
        assert_query(db,
                     "SELECT (SELECT count(*) FROM aws_cli_recon_burst),"
                     " (SELECT count(*) FROM SuspiciousAWSCLICommandExecution),"
                     " (SELECT count(*) FROM main.aws_cli_recon_burst)",
                     "8|3|0");
        harness_exec(db, "INSERT INTO temp.suspicious_command VALUES ('s3.ls', 'ours')");
    }
    harness_close(db);
}

static void test_rules_over_files_are_up_to_date(void **state)
{
    (void)state;
    free(shell_output("for rule in $(basename -a sql/files/*.sql); do rule=sql/rules/$rule;"
                      " sh tools/rule_over_files.sh $rule | cmp - sql/files/${rule##*/} || {"
                      " echo \"run 'make rules'\"; exit 1; }; done"));
}

/* ---- the columns ---------------------------------------------------------------------------- */

static void test_rules_columns(void **state)
{
    (void)state;
    sqlite3 *db = open_with(NULL);
    assert_query(db,
                 "SELECT group_concat(name, ' ')"
                 " FROM pragma_table_info('SuspiciousAWSCLICommandExecution')",
                 "TimeGenerated RecipientAccountId AccountName AccountUPNSuffix"
                 " UserIdentityUserName SourceIpAddress SessionMfaAuthenticated CommadCount"
                 " EventCount commands Events");
    assert_query(db, "SELECT group_concat(name, ' ') FROM pragma_table_info('aws_cli_recon_burst')",
                 "firstTime lastTime recipientAccountId accountName accountUPNSuffix"
                 " sourceIPAddress commandCount peakCount eventCount deniedCount errorCount"
                 " mfaAuthenticated principals commands events regions userAgents commandSource"
                 " accessKeyIds summary details evidence eventCommands");
    harness_close(db);
}

static void test_rules_lists_are_json_arrays(void **state)
{
    (void)state;
    sqlite3 *db = open_with("data/sample");
    assert_query(db,
                 "SELECT DISTINCT json_type(commands), json_type(Events)"
                 " FROM SuspiciousAWSCLICommandExecution",
                 "array|array");
    assert_query(db,
                 "SELECT DISTINCT json_type(principals), json_type(commands), json_type(events),"
                 " json_type(regions), json_type(userAgents) FROM aws_cli_recon_burst",
                 "array|array|array|array|array");
    harness_close(db);
}

/* Eight events that have no more than the rules must see. */
static void test_bursts_missing_fields_give_empty_text_and_lists(void **state)
{
    (void)state;
    sqlite3 *db = open_with(NULL);
    harness_exec(
        db, "INSERT INTO cloudtrail(eventTime, userAgent, fileID, recordNumber)"
            " SELECT '2024-03-05T10:00:59Z', 'aws-cli/2.17.32 md/command#' || command, 1, rowid"
            " FROM suspicious_command WHERE rowid <= 8");
    assert_query(db,
                 "SELECT firstTime, lastTime, recipientAccountId, accountName, accountUPNSuffix,"
                 " sourceIPAddress, commandCount, peakCount, eventCount, deniedCount, errorCount,"
                 " mfaAuthenticated, principals, commands, events, regions, userAgents,"
                 " commandSource FROM aws_cli_recon_burst",
                 "2024-03-05T10:00:59Z|2024-03-05T10:00:59Z|||||8|8|8|0|0|NULL|[]|"
                 "[\"iam.list-users\",\"iam.list-groups\",\"ec2.describe-vpcs\","
                 "\"ec2.describe-subnets\",\"route53.list-hosted-zones\",\"kms.list-keys\","
                 "\"kms.list-aliases\",\"ecs.list-clusters\"]|[]|[]|"
                 "[\"aws-cli/2.17.32 md/command#iam.list-users\","
                 "\"aws-cli/2.17.32 md/command#iam.list-groups\","
                 "\"aws-cli/2.17.32 md/command#ec2.describe-vpcs\","
                 "\"aws-cli/2.17.32 md/command#ec2.describe-subnets\","
                 "\"aws-cli/2.17.32 md/command#route53.list-hosted-zones\","
                 "\"aws-cli/2.17.32 md/command#kms.list-keys\","
                 "\"aws-cli/2.17.32 md/command#kms.list-aliases\","
                 "\"aws-cli/2.17.32 md/command#ecs.list-clusters\"]|user-agent");
    assert_query(db, "SELECT count(*) FROM SuspiciousAWSCLICommandExecution", "0");
    harness_close(db);
}

/* ---- the lists ------------------------------------------------------------------------------ */

/* The rule's own text, its literals joined as KQL joins them, is the list in the view. */
static void test_seed_list_is_that_of_the_rule(void **state)
{
    (void)state;
    if (!harness_shared()) {
        print_message("skipped: the rule's text is not there\n");
        skip();
    }
    char *rule = shell_output(
        "python3 -c \"\n"
        "import json, re\n"
        "text = open('../shared/rule/suspicious_aws_cli_command_execution.txt').read()\n"
        "inside = re.search(r'pack_array\\((.*?)\\);', text).group(1)\n"
        "joined = [''.join(re.findall(r\\\"'([^']*)'\\\", part)) for part in inside.split(',')]\n"
        "print(json.dumps(joined, separators=(',', ':')))\n"
        "\"");
    sqlite3 *db = open_with(NULL);
    const char *list_in_view = "SELECT json(substr(sql, instr(sql, '''[') + 1,"
                               " instr(sql, ']''') - instr(sql, '''['))) FROM sqlite_master"
                               " WHERE name = 'SuspiciousAWSCLICommandExecution'";
    assert_query(db, list_in_view, rule);
    char *counts =
        sqlite3_mprintf("SELECT count(*), count(DISTINCT value) FROM json_each(%Q)", rule);
    assert_query(db, counts, "21|19");
    sqlite3_free(counts);
    free(rule);
    harness_close(db);
}

static void test_suspicious_command_is_the_mended_list(void **state)
{
    (void)state;
    sqlite3 *db = open_with(NULL);
    assert_query(db, "SELECT count(*), count(DISTINCT origin), min(origin) FROM suspicious_command",
                 "19|1|sentinel");
    /* by the independent reading's own copy */
    char *listed = shell_output("PYTHONPATH=tests/independent python3 -B -c"
                                " 'import read_trail; print(\"\\n\".join(read_trail.LISTED))'");
    assert_query(db, "SELECT command FROM suspicious_command ORDER BY rowid", listed);
    free(listed);
    assert_query(db,
                 "INSERT INTO suspicious_command (command, origin) VALUES ('IAM.LIST-USERS', 'x')",
                 "error: UNIQUE constraint failed: suspicious_command.command");
    harness_close(db);
}

static void test_rule_parameter_rows_and_errors(void **state)
{
    (void)state;
    sqlite3 *db = open_with("data/sample");
    assert_query(
        db, "SELECT name, value FROM rule_parameter WHERE name NOT GLOB 'hunt_*' ORDER BY name",
        "discovery_fast|8\ndiscovery_slow|10\ndiscovery_wide|20\nthreshold|8\nwindow_seconds|60");
    /* what the user has set stays */
    harness_exec(db, "UPDATE rule_parameter SET value = 14 WHERE name = 'threshold'");
    harness_exec(db, "UPDATE rule_parameter SET value = 85 WHERE name = 'window_seconds'");
    harness_exec(db, "SELECT cloudtrail_init()");
    assert_query(db, "SELECT accountName, peakCount FROM aws_cli_recon_burst",
                 "i-0b7d3f1a9c5e28460|14");
    /* a number that makes no sense, or none, is said rather than taken for `no alerts` */
    harness_exec(db, "UPDATE rule_parameter SET value = 0 WHERE name = 'threshold'");
    char *got = harness_query(db, "SELECT * FROM aws_cli_recon_burst");
    assert_non_null(strstr(got, "error: distinct_bursts(): threshold"));
    free(got);
    /* nor is a number that is a text, which the column keeps as it is given, compared as one */
    static const char *const views[] = {"aws_cli_recon_burst", "near_miss", "sentinel_gap"};
    for (size_t i = 0; i < sizeof views / sizeof views[0]; i++) {
        char *sql = sqlite3_mprintf("SELECT count(*) FROM (SELECT * FROM %s)", views[i]);
        harness_exec(db, "UPDATE rule_parameter SET value = '8' WHERE name = 'threshold';"
                         "UPDATE rule_parameter SET value = 60 WHERE name = 'window_seconds'");
        assert_query(
            db, sql,
            "error: distinct_bursts(): threshold must be an integer of 1 or more, not '8'");
        harness_exec(db, "UPDATE rule_parameter SET value = 8 WHERE name = 'threshold';"
                         "UPDATE rule_parameter SET value = '60' WHERE name = 'window_seconds'");
        got = harness_query(db, sql);
        assert_non_null(strstr(got, "error: distinct_bursts(): seconds"));
        free(got);
        sqlite3_free(sql);
    }
    harness_exec(db, "DELETE FROM rule_parameter");
    got = harness_query(db, "SELECT * FROM aws_cli_recon_burst");
    assert_non_null(strstr(got, "error: distinct_bursts(): "));
    free(got);
    harness_close(db);
}

/* ---- plans ---------------------------------------------------------------------------------- */

static void test_rules_read_the_index_only(void **state)
{
    (void)state;
    sqlite3 *db = open_with("data/sample");
    static const char *const views[] = {"SuspiciousAWSCLICommandExecution", "aws_cli_recon_burst"};
    for (size_t i = 0; i < 2; i++) {
        char *sql = sqlite3_mprintf("EXPLAIN QUERY PLAN SELECT * FROM %s", views[i]);
        char *plan = harness_query(db, sql);
        /* before SQLite 3.36: SCAN TABLE cloudtrail */
        if (!strstr(plan, "cloudtrail USING INDEX cloudtrail_aws_cli") &&
            !strstr(plan, "cloudtrail USING COVERING INDEX cloudtrail_aws_cli"))
            fail_msg("%s does not use its index:\n%s", views[i], plan);
        free(plan);
        sqlite3_free(sql);
    }
    harness_close(db);
}

/* The index leaves nothing out that aws_cli_version() takes for the AWS CLI. */
static void test_index_has_every_form_of_the_cli(void **state)
{
    (void)state;
    sqlite3 *db = harness_open_ready();
    harness_exec(
        db,
        "WITH before(a) AS (VALUES (''), (' '), ('['), (' ['), ('[ '), ('   [   '), ('[['), (']')),"
        " agent(b) AS (VALUES ('aws-cli/2.15.0 prompt/off command/iam.list-users'),"
        "   ('AWS-CLI/1.2.3'), ('aws-cli'), ('aws-clix/1'), ('Boto3/1 aws-cli/1.2.3'))"
        " INSERT INTO cloudtrail (eventTime, eventSource, eventName, userAgent, fileID,"
        "                         recordNumber)"
        " SELECT '2024-05-01T10:00:00Z', 'iam.amazonaws.com', 'ListUsers', a || b, 1,"
        "        row_number() OVER () FROM before, agent");
    assert_query(db, "SELECT count(*) FROM cloudtrail WHERE aws_cli_version(userAgent) IS NOT NULL",
                 "12");
    assert_query(db,
                 "SELECT count(*) FROM cloudtrail WHERE aws_cli_version(userAgent) IS NOT NULL"
                 " AND rowid NOT IN (SELECT event FROM aws_cli_event WHERE command IS NOT NULL)",
                 "0");
    harness_close(db);
}

/* ---- the property --------------------------------------------------------------------------- */

/* Every row of the seed view that has a name and 8 or more commands on the mended list is covered
 * by a burst of the same identity that knows all of these commands. */
static void test_bursts_cover_the_seed(void **state)
{
    (void)state;
    static const char covered[] =
        "WITH row AS (SELECT * FROM SuspiciousAWSCLICommandExecution"
        "              WHERE AccountName <> ''),"
        " burst AS (SELECT * FROM aws_cli_recon_burst LIMIT -1)"
        " SELECT count(*) >= 5, count(CASE WHEN n_mended >= 8 THEN 1 END) >= 3,"
        "        count(CASE WHEN n_mended >= 8 AND NOT is_covered THEN 1 END)"
        " FROM (SELECT (SELECT count(DISTINCT s.command) FROM json_each(row.commands)"
        "                 JOIN suspicious_command AS s ON s.command = value) AS n_mended,"
        "       EXISTS (SELECT 1 FROM burst AS b"
        "                WHERE b.recipientAccountId = row.RecipientAccountId"
        "                  AND b.accountName = row.AccountName"
        "                  AND b.accountUPNSuffix = row.AccountUPNSuffix"
        "                  AND b.sourceIPAddress = row.SourceIpAddress"
        "                  AND b.firstTime < strftime('%Y-%m-%dT%H:%M:%SZ', row.TimeGenerated,"
        "                                             '+60 seconds')"
        "                  AND b.lastTime >= row.TimeGenerated"
        "                  AND NOT EXISTS (SELECT 1 FROM json_each(row.commands)"
        "                        JOIN suspicious_command AS s ON s.command = value"
        "                       WHERE s.command NOT IN (SELECT value FROM json_each(b.commands)))"
        "              ) AS is_covered FROM row)";
    sqlite3 *db = open_with(OWN_FORMS);
    assert_query(db, covered, "1|1|0");
    harness_close(db);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_rules_sample_as_read),
        cmocka_unit_test(test_rules_recordings_as_read),
        cmocka_unit_test(test_seed_composed_hits_as_read),
        cmocka_unit_test(test_bursts_composed_hits_as_read),
        cmocka_unit_test(test_bursts_own_list_as_read),
        cmocka_unit_test(test_rules_large_sort_as_read),
        cmocka_unit_test(test_rules_over_files_as_imported),
        cmocka_unit_test(test_rules_over_files_can_be_read_again),
        cmocka_unit_test(test_rules_over_files_are_up_to_date),
        cmocka_unit_test(test_rules_columns),
        cmocka_unit_test(test_rules_lists_are_json_arrays),
        cmocka_unit_test(test_bursts_missing_fields_give_empty_text_and_lists),
        cmocka_unit_test(test_seed_list_is_that_of_the_rule),
        cmocka_unit_test(test_suspicious_command_is_the_mended_list),
        cmocka_unit_test(test_rule_parameter_rows_and_errors),
        cmocka_unit_test(test_rules_read_the_index_only),
        cmocka_unit_test(test_index_has_every_form_of_the_cli),
        cmocka_unit_test(test_bursts_cover_the_seed),
    };
    return cmocka_run_group_tests(tests, compose, NULL);
}
