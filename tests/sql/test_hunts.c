/*
 * The hunts, each by cases composed for it (tests/sql/hunts/NAME.json), and all of them over the
 * recordings beside the project, of which tests/sql/hunts.tsv says what they show; what
 * cloudtrail_hunt() keeps, and how the hunts read the table.
 */
#include "harness.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "shell.h"
#include "temp.h"

/* ---- cases composed for one hunt ------------------------------------------------------------- */

/*
 * The records of case ?2 of the text ?1 as a trail's file: the base patched by each event, an eventID
 * in front that is its number, from 1; with "repeat": N all of them N times.
 */
static const char records[] =
    "WITH RECURSIVE"
    " one (json) AS (SELECT json_extract(?1, '$.cases[' || ?2 || ']')),"
    " round (n) AS (SELECT 1 UNION ALL"
    "               SELECT n + 1 FROM round, one WHERE n < ifnull(json_extract(json, '$.repeat'), "
    "1))"
    " SELECT json_object('Records', json_group_array(json(record))) FROM ("
    "  SELECT json_patch(json_patch(json_object('eventID', printf('%04d',"
    "                        row_number() OVER (ORDER BY r.n, e.key))),"
    "                    json_extract(?1, '$.base')), e.value) AS record"
    "   FROM one, round AS r, json_each(one.json, '$.events') AS e ORDER BY r.n, e.key)";

/* A text of the case: its member of that name. */
#define OF_CASE(member) "SELECT json_extract(?1, '$.cases[' || ?2 || '].' || '" member "')"

/* The first column of a statement's row, with the cases' text and the case's place bound. */
static char *of_case(sqlite3 *db, const char *sql, const char *cases, int place)
{
    sqlite3_stmt *stmt = NULL;
    assert_int_equal(sqlite3_prepare_v2(db, sql, -1, &stmt, NULL), SQLITE_OK);
    sqlite3_bind_text(stmt, 1, cases, -1, SQLITE_STATIC);
    sqlite3_bind_int(stmt, 2, place);
    assert_int_equal(sqlite3_step(stmt), SQLITE_ROW);
    const char *text = (const char *)sqlite3_column_text(stmt, 0);
    char *copy = sqlite3_mprintf("%s", text ? text : "NULL");
    sqlite3_finalize(stmt);
    return copy;
}

/* Whether severity and summary of the findings, in the order of their first events, are those of the
 * case, where it has them. */
static bool is_told(sqlite3 *db, const char *hunt, const char *cases, int place)
{
    char *told = of_case(db, OF_CASE("told"), cases, place);
    bool is_good = strcmp(told, "NULL") == 0;
    if (!is_good) {
        char *look =
            sqlite3_mprintf("SELECT json_group_array(json_array(severity, summary)) FROM ("
                            " SELECT f.severity, f.summary FROM \"%w\" AS f"
                            "  ORDER BY (SELECT min(e.eventID) FROM json_each(f.evidence) AS one"
                            "              JOIN cloudtrail AS e ON e.rowid = one.value))",
                            hunt);
        char *got = harness_query(db, look);
        is_good = strcmp(told, got) == 0;
        if (!is_good)
            fprintf(stderr, "  told:     %s\n  got told: %s\n", told, got);
        free(got);
        sqlite3_free(look);
    }
    sqlite3_free(told);
    return is_good;
}

/* Whether the case is as it is told; what is not is printed. */
static bool check_case(sqlite3 *db, const char *hunt, const char *cases, int place)
{
    char *name = of_case(db, OF_CASE("case"), cases, place);
    char *findings = of_case(db, OF_CASE("findings"), cases, place);
    char *evidence = of_case(db, OF_CASE("evidence"), cases, place);
    char *log = of_case(db, records, cases, place);
    const char *path = temp_write("case.json", log, strlen(log));
    char *before = of_case(db, OF_CASE("before"), cases, place);
    harness_exec(db, "SAVEPOINT one_case");
    if (strcmp(before, "NULL") != 0)
        harness_exec(db, before);
    char *import =
        sqlite3_mprintf("SELECT json_extract(cloudtrail_import(%Q), '$.problems')", path);
    char *problems = harness_query(db, import);
    /* each finding's events by their numbers */
    char *look = sqlite3_mprintf(
        "SELECT json_group_array(json(events)) FROM ("
        " SELECT (SELECT json_group_array(CAST(e.eventID AS INTEGER))"
        "           FROM json_each(f.evidence) AS one JOIN cloudtrail AS e ON e.rowid = one.value)"
        "        AS events"
        "  FROM \"%w\" AS f ORDER BY events)",
        hunt);
    char *got = harness_query(db, look);
    char *count = sqlite3_mprintf("SELECT json_array_length('%q')", got);
    char *n = *got == '[' ? harness_query(db, count) : strdup("no");
    bool is_good = strcmp(problems, "0") == 0 && strcmp(n, findings) == 0 &&
                   (strcmp(evidence, "NULL") == 0 || strcmp(evidence, got) == 0) &&
                   is_told(db, hunt, cases, place);
    if (!is_good)
        fprintf(stderr,
                "%s: %s\n  problems: %s\n  expected: %s findings, events %s\n  got:      %s\n",
                hunt, name, problems, findings, evidence, got);
    free(n);
    sqlite3_free(count);
    free(got);
    sqlite3_free(look);
    free(problems);
    harness_exec(db, "ROLLBACK TO one_case; RELEASE one_case");
    sqlite3_free(import);
    sqlite3_free(before);
    sqlite3_free(log);
    sqlite3_free(evidence);
    sqlite3_free(findings);
    sqlite3_free(name);
    return is_good;
}

/* The names of a hunt a line, of the files in sql/hunts. */
static char *names_of_hunts(void)
{
    return shell_output("for f in sql/hunts/*.sql; do basename \"$f\" .sql; done");
}

static void test_hunts_find_what_was_composed_and_no_near_miss(void **state)
{
    (void)state;
    sqlite3 *db = harness_open_ready();
    char *names = names_of_hunts();
    int n_bad = 0;
    for (char *hunt = strtok(names, "\n"); hunt; hunt = strtok(NULL, "\n")) {
        char *command = sqlite3_mprintf("cat 'tests/sql/hunts/%s.json'", hunt);
        char *cases = shell_output(command);
        char *n = of_case(db, "SELECT json_array_length(?1, '$.cases')", cases, 0);
        char *kinds = of_case(db,
                              "SELECT sum(json_extract(value, '$.findings') > 0) > 0"
                              "   AND sum(json_extract(value, '$.findings') = 0) > 0"
                              "  FROM json_each(?1, '$.cases')",
                              cases, 0);
        if (strcmp(kinds, "1") != 0) {
            fprintf(stderr, "%s has no case that fires, or no near miss\n", hunt);
            n_bad++;
        }
        for (int place = 0; place < strtol(n, NULL, 10); place++)
            n_bad += !check_case(db, hunt, cases, place);
        sqlite3_free(kinds);
        sqlite3_free(n);
        free(cases);
        sqlite3_free(command);
    }
    free(names);
    harness_close(db);
    assert_int_equal(n_bad, 0);
}

/* ---- all hunts over recordings ---------------------------------------------------------------- */

/*
 * What was found, as tests/sql/hunts.tsv has it: the recording and the hunt. The recording is a file
 * of stratus-red-team and security-datasets, a folder of traildiscover, and aws_dataset as a whole.
 */
static const char found[] =
    "INSERT INTO got"
    " SELECT DISTINCT CASE WHEN path GLOB 'aws_dataset/*' THEN 'aws_dataset'"
    "                      WHEN path GLOB 'traildiscover/*'"
    "                      THEN substr(path, 1, 14 + instr(substr(path, 15), '/') - 1)"
    "                      ELSE path END, hunt"
    "   FROM (SELECT h.hunt, substr(f.path, instr(f.path, '/data/') + 6) AS path"
    "           FROM hunt_evidence AS h"
    "           JOIN cloudtrail AS e ON e.rowid = h.event"
    "           JOIN cloudtrail_file AS f ON f.fileID = e.fileID"
    "          WHERE h.step = 1)";

static void test_hunts_find_what_the_recordings_show(void **state)
{
    static const char *const folders[] = {"stratus-red-team", "aws_dataset", "traildiscover",
                                          "security-datasets"};
    (void)state;
    if (!harness_shared())
        skip();
    sqlite3 *db = harness_open_ready();
    harness_exec(db, "CREATE TEMP TABLE got (recording, hunt);"
                     "CREATE TEMP TABLE expected (recording, hunt)");
    for (size_t i = 0; i < sizeof folders / sizeof folders[0]; i++) {
        harness_exec(db, "DELETE FROM cloudtrail; DELETE FROM cloudtrail_file");
        harness_exec_and_free(db, sqlite3_mprintf("SELECT cloudtrail_import('%q/data/%s')",
                                                  harness_shared(), folders[i]));
        assert_query(db, "SELECT json_extract(cloudtrail_hunt(), '$.failed')", "NULL");
        harness_exec(db, found);
    }
    char *lines = shell_output("grep -v '^#' tests/sql/hunts.tsv || :");
    for (char *line = strtok(lines, "\n"); line; line = strtok(NULL, "\n")) {
        char *tab = strchr(line, '\t');
        assert_non_null(tab);
        harness_exec_and_free(db, sqlite3_mprintf("INSERT INTO expected VALUES ('%.*q', %Q)",
                                                  (int)(tab - line), line, tab + 1));
    }
    free(lines);
    assert_query(db, "SELECT 'not found', * FROM (SELECT * FROM expected EXCEPT SELECT * FROM got)",
                 "");
    assert_query(db, "SELECT 'not told', * FROM (SELECT * FROM got EXCEPT SELECT * FROM expected)",
                 "");
    harness_close(db);
}

/*
 * What the sample was given for the hunts, as data/README.md tells it: nothing beside it, and nothing
 * is missing. hunt_first_seen wants more days, hunt_tor_address a list: they have no row.
 */
static const char planted[] =
    "hunt_access_denied_burst|svc-mail\n"
    "hunt_agent_contradicts|svc-mail\n"
    "hunt_computers_rented|maint\n"
    "hunt_console_sign_in|pat.candella\n"
    "hunt_email_and_sms_readied|svc-mail\n"
    "hunt_functions_changed|GitHubActions\n"
    "hunt_grant_of_power|svc-deploy\n"
    "hunt_image_findings|mover\n"
    "hunt_instance_credentials_outside|i-163259738e49ab2d1\n"
    "hunt_key_leaked_says_aws|svc-mail\n"
    "hunt_key_to_console|mover\n"
    "hunt_key_without_mfa|mover\n"
    "hunt_logs_blinded|mover\n"
    "hunt_logs_blinded|svc-backup\n"
    "hunt_models_abused|mover\n"
    "hunt_network_opened|maint\n"
    "hunt_new_credential_for_another|pat.candella\n"
    "hunt_new_credential_for_another|svc-deploy\n"
    "hunt_objects_taken_or_held|svc-backup\n"
    "hunt_one_terminal_many|mover\n"
    "hunt_onto_the_machine|mover\n"
    "hunt_organisation|mary.major@example.com\n"
    "hunt_secrets_read_in_bulk|svc-backup\n"
    "hunt_shared_outside|mover\n"
    "hunt_tool_marks|OrganizationAccountAccessRole\n" /* the other account's copy of AssumeRole */
    "hunt_tool_marks|i-163259738e49ab2d1\n"
    "hunt_tool_marks|maint\n"
    "hunt_tool_marks|mover\n"
    "hunt_tool_marks|svc-backup\n"
    "hunt_tool_marks|svc-deploy\n"
    "hunt_tool_marks|svc-mail\n"
    "hunt_trust_opened|mover\n"
    "hunt_whoami|i-163259738e49ab2d1\n"
    "hunt_whoami|nikki.wolf\n"
    "hunt_whoami|svc-backup\n"
    "hunt_whoami|svc-deploy";

static void test_hunts_find_what_the_sample_was_given(void **state)
{
    (void)state;
    sqlite3 *db = harness_open();
    harness_exec(db, "SELECT cloudtrail_import('data/sample')");
    assert_query(db, "SELECT json_extract(cloudtrail_hunt(), '$.failed')", "NULL");
    assert_query(db, "SELECT hunt, who FROM hunt_result ORDER BY hunt, who", planted);
    /* no rule sees the evening */
    assert_query(db, "SELECT json_extract(cloudtrail_detect(), '$.new')", "20");
    assert_query(db, "SELECT count(*) FROM alert_evidence WHERE eventTime > '2025-10-14T21:15'",
                 "0");
    harness_close(db);
}

/* ---- how they read ---------------------------------------------------------------------------- */

/* Hunts that ask about every event, by their nature: each reads the table once or twice. */
static const char *const readers_of_all[] = {
    "hunt_shared_outside",               /* whose trails there are, once: by inside_account */
    "hunt_tool_marks",                   /* every agent */
    "hunt_trust_opened",                 /* as hunt_shared_outside */
    "hunt_agent_contradicts",            /* the agents of every key */
    "hunt_first_seen",                   /* what every identity always had */
    "hunt_one_terminal_many",            /* every session id, every address */
    "hunt_whoami",                       /* all that was done with the few keys that asked */
    "hunt_instance_credentials_outside", /* a machine's sessions, whatever they call */
    "hunt_tor_address",                  /* whatever is called from there */
    NULL,
};

static bool reads_all(const char *hunt)
{
    for (size_t i = 0; readers_of_all[i]; i++)
        if (strcmp(readers_of_all[i], hunt) == 0)
            return true;
    return false;
}

static void test_hunts_read_by_an_index(void **state)
{
    (void)state;
    sqlite3 *db = harness_open_ready();
    char *names = names_of_hunts();
    for (char *hunt = strtok(names, "\n"); hunt; hunt = strtok(NULL, "\n")) {
        if (reads_all(hunt))
            continue;
        char *sql = sqlite3_mprintf("EXPLAIN QUERY PLAN SELECT * FROM \"%w\"", hunt);
        char *plan = harness_query(db, sql);
        for (char *scan = plan; (scan = strstr(scan, "SCAN ")) != NULL; scan++) {
            const char *end = scan + strcspn(scan, "\n");
            const char *table = strstr(scan, "cloudtrail"), *index = strstr(scan, "USING ");
            if (table && table < end && !(index && index < end))
                fail_msg("%s: %.*s", hunt, (int)(end - scan), scan);
        }
        free(plan);
        sqlite3_free(sql);
    }
    free(names);
    harness_close(db);
}

/* ---- cloudtrail_hunt() ------------------------------------------------------------------------ */

/* Two events, one without an id, and a hunt of one's own that finds each. */
static const char own_hunt[] =
    "SELECT cloudtrail_init();"
    "DELETE FROM rule;"
    "INSERT INTO cloudtrail (eventTime, eventID, eventName, userIdentityArn, sourceIPAddress,"
    "  recipientAccountId, fileID, recordNumber) VALUES"
    " ('2024-03-05T10:00:00Z', 'a', 'StopLogging', 'arn:aws:iam::111122223333:user/jane@x.org',"
    "  '192.0.2.1', '111122223333', 1, 1),"
    " ('2024-03-05T11:00:00Z', NULL, 'StopLogging', 'arn:aws:iam::111122223333:user/joe',"
    "  '192.0.2.2', '111122223333', 1, 2);"
    "CREATE VIEW stopped AS"
    " SELECT c.eventTime AS firstTime, c.eventTime AS lastTime, i.recipientAccountId,"
    "        i.accountName, i.accountUPNSuffix, c.sourceIPAddress, i.accountName || ' stopped' AS"
    "        summary, '{}' AS details, ct_json_array(c.event) AS evidence"
    "   FROM cloudtrail_call AS c JOIN event_identity AS i ON i.event = c.event"
    "  WHERE c.eventName = 'StopLogging';"
    "INSERT INTO rule (name, title, severity, kind, enabled)"
    " VALUES ('stopped', 'Logs stopped', 'High', 'Hunting', 0);";

#define HUNT "SELECT json_remove(cloudtrail_hunt(), '$.seconds', '$.deletedRules')"

static sqlite3 *open_own_hunt(void)
{
    sqlite3 *db = harness_open();
    harness_exec(db, own_hunt);
    return db;
}

static void test_hunt_keeps_the_findings_of_the_last_call(void **state)
{
    (void)state;
    sqlite3 *db = open_own_hunt();
    assert_query(db, HUNT, "{\"hunts\":1,\"findings\":2,\"found\":{\"stopped\":2}}");
    assert_query(db, HUNT, "{\"hunts\":1,\"findings\":2,\"found\":{\"stopped\":2}}");
    assert_query(
        db,
        "SELECT hunt, number, severity, accountName, accountUPNSuffix, evidence, eventCount"
        " FROM hunt_finding ORDER BY number",
        "stopped|1|High|jane|x.org|[[\"2024-03-05T10:00:00Z\",\"a\"]]|1\n"
        "stopped|2|High|joe||[[\"2024-03-05T11:00:00Z\",null,1,2]]|1");
    assert_query(db, "SELECT title, who, summary, events FROM hunt_result",
                 "Logs stopped|jane@x.org|jane stopped|1\nLogs stopped|joe|joe stopped|1");
    assert_query(db,
                 "SELECT number, step, eventTime, eventName, outcome, eventID FROM hunt_evidence",
                 "1|1|2024-03-05T10:00:00Z|StopLogging|done|a\n"
                 "2|1|2024-03-05T11:00:00Z|StopLogging|done|NULL");
    assert_query(db, "SELECT calledBy, findings, error FROM rule_run", "hunt|2|NULL\nhunt|2|NULL");
    assert_query(db, "SELECT count(*) FROM alert", "0");
    harness_exec(db, "DELETE FROM cloudtrail WHERE eventID = 'a'");
    assert_query(db, HUNT, "{\"hunts\":1,\"findings\":1,\"found\":{\"stopped\":1}}");
    assert_query(db, "SELECT number, summary FROM hunt_finding", "1|joe stopped");
    harness_close(db);
}

/* Enabled or not, whatever its kind's case; but no rule of another kind. */
static void test_hunt_runs_the_rows_of_kind_hunting_alone(void **state)
{
    (void)state;
    sqlite3 *db = open_own_hunt();
    harness_exec(db, "UPDATE rule SET kind = 'hunting', enabled = 1;"
                     "INSERT INTO rule (name, findingView) VALUES ('scheduled', 'stopped')");
    assert_query(db, HUNT, "{\"hunts\":1,\"findings\":2,\"found\":{\"stopped\":2}}");
    assert_query(db, "SELECT json_extract(cloudtrail_detect(), '$.new')", "4");
    assert_query(db, "SELECT hunt, findings FROM hunt_summary", "stopped|2");
    harness_exec(db, "DELETE FROM rule WHERE name = 'stopped'");
    assert_query(db, HUNT, "{\"hunts\":0,\"findings\":0,\"found\":{}}");
    harness_close(db);
}

static void test_hunt_that_fails_is_named_and_the_others_go_on(void **state)
{
    (void)state;
    sqlite3 *db = open_own_hunt();
    harness_exec(db, "INSERT INTO rule (name, kind) VALUES ('it''s \"gone\"', 'Hunting');"
                     "CREATE VIEW bare AS SELECT 1 AS firstTime;"
                     "INSERT INTO rule (name, kind) VALUES ('bare', 'Hunting')");
    assert_query(db, HUNT,
                 "{\"hunts\":1,\"findings\":2,\"found\":{\"stopped\":2},\"failed\":{"
                 "\"bare\":\"bare has no column lastTime\","
                 "\"it's \\\"gone\\\"\":\"no such table: main.it's \\\"gone\\\"\"}}");
    assert_query(db, "SELECT hunt, findings, error FROM hunt_summary",
                 "stopped|2|NULL\nbare|0|bare has no column lastTime\n"
                 "it's \"gone\"|0|no such table: main.it's \"gone\"");
    harness_close(db);
}

/* By the number of the file where the clock has not gone on. */
static void test_hunt_summary_says_when_it_is_older_than_the_import(void **state)
{
    (void)state;
    sqlite3 *db = open_own_hunt();
    assert_query(db, "SELECT hunt, findings, ranAt, isOld FROM hunt_summary",
                 "stopped|0|NULL|NULL");
    harness_exec(db, "INSERT INTO cloudtrail_file (path, importedAt) VALUES"
                     " ('a', strftime('%Y-%m-%dT%H:%M:%SZ', 'now'))");
    harness_exec(db, HUNT);
    assert_query(db, "SELECT findings, identities, firstTime, lastTime, isOld FROM hunt_summary",
                 "2|2|2024-03-05T10:00:00Z|2024-03-05T11:00:00Z|0");
    harness_exec(db, "INSERT INTO cloudtrail_file (path, importedAt) VALUES"
                     " ('b', strftime('%Y-%m-%dT%H:%M:%SZ', 'now'))");
    assert_query(db, "SELECT isOld FROM hunt_summary", "1");
    harness_exec(db, "DELETE FROM cloudtrail_file WHERE path = 'b';"
                     "UPDATE cloudtrail_file SET importedAt = '2999-01-01T00:00:00Z'");
    assert_query(db, "SELECT isOld FROM hunt_summary", "1");
    harness_close(db);
}

static void test_hunt_out_of_memory_is_reported(void **state)
{
    (void)state;
    harness_oom_samples(own_hunt, HUNT, "{\"hunts\":1,\"findings\":2,\"found\":{\"stopped\":2}}");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_hunts_find_what_was_composed_and_no_near_miss),
        cmocka_unit_test(test_hunts_find_what_the_recordings_show),
        cmocka_unit_test(test_hunts_find_what_the_sample_was_given),
        cmocka_unit_test(test_hunts_read_by_an_index),
        cmocka_unit_test(test_hunt_keeps_the_findings_of_the_last_call),
        cmocka_unit_test(test_hunt_runs_the_rows_of_kind_hunting_alone),
        cmocka_unit_test(test_hunt_that_fails_is_named_and_the_others_go_on),
        cmocka_unit_test(test_hunt_summary_says_when_it_is_older_than_the_import),
        cmocka_unit_test(test_hunt_out_of_memory_is_reported),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
