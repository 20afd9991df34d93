/*
 * tools/rule_rows.awk: the header of a rule's file makes its row of the table rule; a header that is
 * not in the form is an error that names file and line.
 */
#include "harness.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "shell.h"
#include "temp.h"

static const char good[] = "-- my_hunt: who does it's thing.\n"                      /* 1 */
                           "--\n"                                                    /* 2 */
                           "-- Title:        It's done\n"                            /* 3 */
                           "-- Description:  Somebody does\n"                        /* 4 */
                           "--               the thing.\n"                           /* 5 */
                           "-- Severity:     High\n"                                 /* 6 */
                           "-- Tactics:      Discovery, Impact\n"                    /* 7 */
                           "-- Techniques:   T1580, T1087.004\n"                     /* 8 */
                           "-- Kind:         Hunting\n"                              /* 9 */
                           "-- Frequency:    none\n"                                 /* 10 */
                           "-- Period:       none\n"                                 /* 11 */
                           "-- Trigger:      gt 0\n"                                 /* 12 */
                           "-- Enabled:      no\n"                                   /* 13 */
                           "-- Id:           00000000-1111-2222-3333-444444444444\n" /* 14 */
                           "-- Version:      1.2.3\n"                                /* 15 */
                           "-- Source:       own\n"                                  /* 16 */
                           "-- Details:      {\"a\":\n"                              /* 17 */
                           "--               \"b\"}\n"                               /* 18 */
                           "-- Why:          because: it is\n"                       /* 19 */
                           "-- Columns read: eventTime.\n"                           /* 20 */
                           "-- Window:       none.\n"                                /* 21 */
                           "-- False positives: some\n"                              /* 22 */
                           "-- Blind spots:  many\n"                                 /* 23 */
                           "-- Next step:    look\n"                                 /* 24 */
                           "--\n"                                                    /* 25 */
                           "-- More: whatever\n"                                     /* 26 */
                           "CREATE VIEW my_hunt AS\n"                                /* 27 */
                           "SELECT 1;\n";

/* The rows made of files of a folder, or what is said of them. */
static char *rows_of(const char *files)
{
    char *command = sqlite3_mprintf("cd '%q' && LC_ALL=C awk -f \"$OLDPWD/tools/rule_rows.awk\" %s"
                                    " 2>&1 || :",
                                    temp_dir(), files);
    char *out = shell_output(command);
    sqlite3_free(command);
    return out;
}

/* A copy of the good header in which a text is another. */
static void write_changed(const char *name, const char *from, const char *to)
{
    const char *at = strstr(good, from);
    assert_non_null(at);
    char *text = sqlite3_mprintf("%.*s%s%s", (int)(at - good), good, to, at + strlen(from));
    temp_write(name, text, strlen(text));
    sqlite3_free(text);
}

static void test_rule_header_makes_the_row(void **state)
{
    (void)state;
    temp_write("my_hunt.sql", good, sizeof good - 1);
    char *sql = rows_of("my_hunt.sql");
    sqlite3 *db = harness_open_ready();
    harness_exec(db, "DELETE FROM rule");
    harness_exec(db, sql);
    assert_query(db,
                 "SELECT name, id, title, description, severity, tactics, techniques,"
                 " queryFrequency, queryPeriod, triggerOperator, triggerThreshold, version, source,"
                 " customDetails, enabled, kind FROM rule",
                 "my_hunt|00000000-1111-2222-3333-444444444444|It's done|Somebody does the thing."
                 "|High|[\"Discovery\",\"Impact\"]|[\"T1580\",\"T1087.004\"]|||gt|0|1.2.3"
                 "|my_hunt.sql|{\"a\":\"b\"}|0|Hunting");
    assert_query(
        db, "SELECT json_extract(entityMappings, '$[0].fieldMappings[2].columnName') FROM rule",
        "recipientAccountId");
    free(sql);
    harness_close(db);
}

/* What Microsoft's YAML file says, and what stood in the table before there were headers. */
static void test_rule_rows_of_the_two_rules(void **state)
{
    (void)state;
    sqlite3 *db = harness_open_ready();
    assert_query(
        db,
        "SELECT name, id, title, severity, tactics, techniques, queryFrequency, queryPeriod,"
        " triggerOperator, triggerThreshold, version, source, customDetails, enabled, kind"
        " FROM rule WHERE name IN ('SuspiciousAWSCLICommandExecution', 'aws_cli_recon_burst')"
        " ORDER BY name",
        "SuspiciousAWSCLICommandExecution|8c2dc344-9352-4ca1-8863-b1b7a5e09e59"
        "|Suspicious AWS CLI Command "
        "Execution|Medium|[\"Reconnaissance\"]|[\"T1595\",\"T1592.004\","
        "\"T1589.002\",\"T1589.003\",\"T1590\",\"T1591\",\"T1596\"]|1d|1d|gt|0|1.0.1"
        "|https://github.com/Azure/Azure-Sentinel/blob/master/Solutions/Amazon Web Services/"
        "Analytic Rules/SuspiciousAWSCLICommandExecution.yaml|{\"AWSUserIp\":\"SourceIpAddress\","
        "\"AWSUser\":\"UserIdentityUserName\",\"SuspiciousCommand\":\"commands\"}|1|Scheduled\n"
        "aws_cli_recon_burst|3718bff8-a8cd-40f5-8e03-d5ce0f0d83dd"
        "|Burst of AWS CLI reconnaissance commands|Medium|[\"Discovery\"]|[\"T1087.004\","
        "\"T1069.003\",\"T1580\",\"T1526\"]|1d|1d|gt|0|1.0.0|sql/rules/aws_cli_recon_burst.sql"
        "|{\"AWSUserIp\":\"sourceIPAddress\",\"AWSUser\":\"accountName\","
        "\"SuspiciousCommand\":\"commands\"}|1|Scheduled");
    assert_query(
        db, "SELECT description FROM rule WHERE name = 'SuspiciousAWSCLICommandExecution'",
        "This detection focuses on identifying potentially suspicious activities involving"
        " the execution of AWS Command Line Interface (CLI) commands, particularly focusing"
        " on reconnaissance operations.");
    assert_query(db,
                 "SELECT entityMappings FROM rule WHERE name = 'SuspiciousAWSCLICommandExecution'",
                 "[{\"fieldMappings\":[{\"columnName\":\"AccountName\",\"identifier\":\"Name\"},"
                 "{\"columnName\":\"AccountUPNSuffix\",\"identifier\":\"UPNSuffix\"},"
                 "{\"columnName\":\"RecipientAccountId\",\"identifier\":\"CloudAppAccountId\"}],"
                 "\"entityType\":\"Account\"}]");
    /* each file of rules and hunts has its row */
    char *names = shell_output("ls sql/rules/*.sql sql/hunts/*.sql 2>/dev/null | wc -l");
    char *rows = harness_query(db, "SELECT count(*) FROM rule");
    assert_int_equal(strtol(names, NULL, 10), strtol(rows, NULL, 10));
    free(names);
    free(rows);
    harness_close(db);
}

static void test_rule_header_errors_name_file_and_line(void **state)
{
    static const struct {
        const char *from, *to, *error;
    } cases[] = {
        {"-- my_hunt: who", "-- another: who", "1: the first line must begin with '-- my_hunt: '"},
        {"Severity:     High", "Severity:     high",
         "6: Severity: 'high' is not Informational, Low, Medium or High"},
        {"Discovery, Impact", "Discovery, Impacts",
         "7: Tactics: 'Impacts' is not a tactic of ATT&CK"},
        {"T1580, T1087.004", "T1580,T1087.004",
         "8: Techniques: 'T1580,T1087.004' is not a technique of ATT&CK"},
        {"T1087.004", "T1087.04", "8: Techniques: 'T1087.04' is not a technique of ATT&CK"},
        {"Kind:         Hunting", "Kind:         Hunt",
         "9: Kind: 'Hunt' is not Scheduled, NRT or Hunting\n"},
        {"Kind:         Hunting", "Kind:         Scheduled",
         "10: Frequency: 'none' is not a time such as 5m, 1h or 1d\n"
         "my_hunt.sql:11: Period: 'none' is not a time such as 5m, 1h or 1d"},
        {"Period:       none", "Period:       1d", "11: Period: '1d' is not none"},
        {"gt 0", "gt", "12: Trigger: 'gt' is not gt, lt, eq or ne and a number"},
        {"Enabled:      no", "Enabled:      0", "13: Enabled: '0' is not yes or no"},
        {"00000000-1111", "00000000-111", "14: Id: '00000000-111-2222-3333-444444444444' is not a"},
        {"1.2.3", "1.2", "15: Version: '1.2' is not a version such as 1.0.0"},
        {"-- Title:        It's done\n", "", "26: the header has no Title"},
        {"-- Blind spots:  many\n", "-- Blind spots:\n", "27: the header has no Blind spots"},
        {"-- Source:", "-- Sauce:", "16: unknown field 'Sauce'\nmy_hunt.sql:27: the header has no"},
        {"-- Source:       own\n", "-- Source:       own\n-- Title:        again\n",
         "17: Title: given before, in line 3"},
        {"-- Version:      1.2.3\n-- Source:       own\n",
         "-- Source:       own\n-- Version:      1.2.3\n", "16: Version: stands behind Source"},
        {"\"b\"}", "\"b\"", "17: Details: '{\"a\":\"b\"' is not a JSON object"},
        {"High\n", "High\r\n", "6: the line ends in CR LF, not in LF"},
        {"Title:        It", "Title:\tIt", "3: a tab or another control character in the header"},
        {"It's", "It\xe9s", "3: not UTF-8"},
        {"--               the", "--\tthe", "5: a tab or another control character in the header"},
        {"-- Severity:", "--Severity:", "6: a line of the header begins with '-- '"},
        {"Discovery, Impact", "Discovery, Discovery", "7: Tactics: 'Discovery' stands there twice"},
        {"T1580, T1087.004", "T1580, T1580", "8: Techniques: 'T1580' stands there twice"},
        {"SELECT 1;\n", "SELECT 1;\nCREATE VIEW my_other AS SELECT 2;\n", "29: a second CREATE"},
        {"SELECT 1;\n", "SELECT 1;\n create index a on b (c);\n", "29: a second CREATE"},
        {"CREATE VIEW my_hunt AS\nSELECT 1;\n", "", "26: no line 'CREATE VIEW my_hunt AS'"},
        {"CREATE VIEW my_hunt AS", "CREATE VIEW his_hunt AS",
         "27: no line 'CREATE VIEW my_hunt AS'"},
    };
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        write_changed("my_hunt.sql", cases[i].from, cases[i].to);
        char *got = rows_of("my_hunt.sql");
        char *expected = sqlite3_mprintf("my_hunt.sql:%s", cases[i].error);
        size_t n = strlen(expected);
        while (n > 0 && expected[n - 1] == '\n')
            n--;
        if (strncmp(got, expected, n) != 0 || strstr(got, "INSERT"))
            fail_msg("%s: %s", expected, got);
        sqlite3_free(expected);
        free(got);
    }
}

static void test_rule_header_two_files_with_one_id(void **state)
{
    (void)state;
    temp_write("my_hunt.sql", good, sizeof good - 1);
    char *text = sqlite3_mprintf("%s", good), *at;
    while ((at = strstr(text, "my_hunt")))
        memcpy(at, "at_hunt", 7);
    temp_write("at_hunt.sql", text, strlen(text));
    char *got = rows_of("at_hunt.sql my_hunt.sql");
    assert_string_equal(got, "my_hunt.sql:14: Id: that of at_hunt");
    free(got);
    sqlite3_free(text);
}

/* Where a row stood in for another file's, or there was none, nobody would miss it. */
static void test_rule_header_files_by_their_names(void **state)
{
    (void)state;
    temp_write("hunts/my_hunt.sql", good, sizeof good - 1);
    temp_write("rules/my_hunt.sql", good, sizeof good - 1);
    temp_write("empty.sql", "", 0);
    temp_write("my-hunt.sql", "-- my-hunt: x\n", 14);
    static const char *const cases[][2] = {
        {"hunts/my_hunt.sql empty.sql", "empty.sql:1: the file is empty"},
        {"rules/my_hunt.sql", "rules/my_hunt.sql:9: Kind: a hunt belongs into sql/hunts"},
        {"my-hunt.sql", "my-hunt.sql:1: the name of a view has letters, digits and _ alone"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        char *got = rows_of(cases[i][0]);
        if (strncmp(got, cases[i][1], strlen(cases[i][1])) != 0)
            fail_msg("%s: %s", cases[i][0], got);
        free(got);
    }
    char *text = sqlite3_mprintf("%s", good);
    memcpy(strstr(text, "Hunting"), "NRT    ", 7);
    char *end = strstr(text, "NRT") + 3;
    memmove(end, end + 4, strlen(end + 4) + 1);
    temp_write("hunts/my_hunt.sql", text, strlen(text));
    char *got = rows_of("hunts/my_hunt.sql");
    assert_string_equal(got, "hunts/my_hunt.sql:9: Kind: a rule that raises alerts belongs into"
                             " sql/rules");
    free(got);
    sqlite3_free(text);
}

static void test_rule_header_values_are_kept(void **state)
{
    (void)state;
    write_changed(
        "my_hunt.sql", "Title:        It's done",
        "Title:        It's \"d\\o\" & Z\xc3\xbcrich \xf0\x9f\x8e\xaf; DROP TABLE rule; --");
    char *sql = rows_of("my_hunt.sql");
    sqlite3 *db = harness_open_ready();
    harness_exec(db, "DELETE FROM rule");
    harness_exec(db, sql);
    assert_query(db, "SELECT title FROM rule",
                 "It's \"d\\o\" & Z\xc3\xbcrich \xf0\x9f\x8e\xaf; DROP TABLE rule; --");
    free(sql);
    harness_close(db);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_rule_header_makes_the_row),
        cmocka_unit_test(test_rule_rows_of_the_two_rules),
        cmocka_unit_test(test_rule_header_errors_name_file_and_line),
        cmocka_unit_test(test_rule_header_two_files_with_one_id),
        cmocka_unit_test(test_rule_header_files_by_their_names),
        cmocka_unit_test(test_rule_header_values_are_kept),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
