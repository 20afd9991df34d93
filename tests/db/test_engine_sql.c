/*
 * cloudtrail_engine_sql(): the script is whole, says what this database says, and nothing that stands in a
 * list gets out of its literal. That the script finds the same is for `make engines` to show.
 */
#include "harness.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char *const engines[] = {"athena", "trino", "duckdb", "clickhouse"};
enum { N_ENGINES = sizeof engines / sizeof engines[0] };

static sqlite3 *open_initialised(void)
{
    sqlite3 *db = harness_open_ready();
    return db;
}

static char *script_of(sqlite3 *db, const char *engine)
{
    char *sql = sqlite3_mprintf("SELECT cloudtrail_engine_sql(%Q, 's3://bucket/AWSLogs/')", engine);
    char *script = harness_query(db, sql);
    sqlite3_free(sql);
    return script;
}

/* ---- a script as its engine reads it -------------------------------------------------------------- */

/* The literals of a script, each as the text that it stands for, and how many statements there are. */
typedef struct reading {
    char **literals;
    size_t n_literals, n_statements;
} reading;

static const char *read_literal(const char *p, bool has_escapes, char *out)
{
    for (p++;; p++) {
        assert_true(*p != '\0');
        if (*p == '\\' && has_escapes) {
            p++;
            /* of those that stand for a control character none is used */
            if (!strchr("\\'", *p))
                *out++ = '\\';
        } else if (*p == '\'') {
            if (p[1] != '\'')
                break;
            p++;
        }
        *out++ = *p;
    }
    *out = '\0';
    return p + 1;
}

static reading read_script(const char *script, const char *engine)
{
    bool has_escapes = strcmp(engine, "clickhouse") == 0, is_open = false;
    size_t capacity = 4000;
    reading all = {calloc(capacity, sizeof(char *)), 0, 0};
    assert_non_null(all.literals);
    for (const char *p = script; *p;) {
        if (strncmp(p, "--", 2) == 0) {
            p += strcspn(p, "\n");
        } else if (*p == '\'') {
            char *text = malloc(strlen(p) + 1);
            assert_true(text && all.n_literals < capacity);
            p = read_literal(p, has_escapes, text);
            all.literals[all.n_literals++] = text;
        } else {
            all.n_statements += *p == ';' && is_open;
            is_open = *p == ';' ? false : is_open || !strchr(" \n", *p);
            p++;
        }
    }
    assert_false(is_open);
    return all;
}

static bool has_literal(const reading *all, const char *text)
{
    for (size_t i = 0; i < all->n_literals; i++)
        if (strcmp(all->literals[i], text) == 0)
            return true;
    return false;
}

static void forget(reading *all)
{
    for (size_t i = 0; i < all->n_literals; i++)
        free(all->literals[i]);
    free(all->literals);
}

/* ---- tests --------------------------------------------------------------------------------------- */

static void test_engine_sql_is_whole_and_the_same_each_time(void **state)
{
    (void)state;
    sqlite3 *db = open_initialised();
    for (size_t i = 0; i < N_ENGINES; i++) {
        char *script = script_of(db, engines[i]), *again = script_of(db, engines[i]);
        assert_string_equal(script, again);
        assert_null(strstr(script, "{{"));
        assert_null(strstr(script, "@extract("));
        assert_non_null(strstr(script, "cloudtrail_record AS"));
        assert_non_null(strstr(script, "s3://bucket/AWSLogs"));
        assert_null(strstr(script, "AWSLogs//"));
        const char *last = strstr(script, "SELECT *\n  FROM cloudtrail_finding\n");
        assert_true(last && strchr(last, ';') &&
                    strspn(strchr(last, ';'), ";\n") == strlen(strchr(last, ';')));
        reading all = read_script(script, engines[i]);
        assert_true(all.n_statements >= 15);
        forget(&all);
        free(script);
        free(again);
    }
    harness_close(db);
}

/* Each text of the lists is one literal of the script. */
static void assert_holds(sqlite3 *db, const reading *all, const char *sql)
{
    sqlite3_stmt *row;
    size_t n = 0;
    assert_int_equal(sqlite3_prepare_v2(db, sql, -1, &row, NULL), SQLITE_OK);
    for (; sqlite3_step(row) == SQLITE_ROW; n++)
        if (!has_literal(all, (const char *)sqlite3_column_text(row, 0)))
            fail_msg("no literal for %s", sqlite3_column_text(row, 0));
    sqlite3_finalize(row);
    assert_true(n > 0);
}

static const char hostile[] =
    "INSERT INTO suspicious_command (command, origin) VALUES ('o''brien\\', 'x'), (''' OR 1 = 1 "
    "--', 'x'),"
    "  ('\\'') UNION SELECT 1; --', 'x'), ('{{location}}', 'x'), ('@fold(x)', 'x'),"
    "  ('a' || char(10) || '; DROP TABLE t; -- ', 'x'), ('zo\xc3\xab', 'x'), ('/* \"', 'x');"
    "INSERT INTO discovery_call (eventSource, eventName, origin) VALUES ('it''s\\', '\\\\''', "
    "'x'), ('$${}', 'a;b', 'x');"
    "INSERT INTO ordinary_agent (pattern, kind) VALUES ('\\''; SELECT', 'console'), ('o''b\\_%', "
    "'tool');";

static void test_engine_sql_holds_the_lists_whatever_is_in_them(void **state)
{
    (void)state;
    sqlite3 *db = open_initialised();
    for (size_t i = 0; i < N_ENGINES; i++) {
        char *script = script_of(db, engines[i]);
        reading plain = read_script(script, engines[i]);
        free(script);
        harness_exec(db, "SAVEPOINT lists");
        harness_exec(db, hostile);
        script = script_of(db, engines[i]);
        reading all = read_script(script, engines[i]);
        assert_int_equal(all.n_statements, plain.n_statements);
        assert_holds(db, &all, "SELECT command FROM suspicious_command");
        assert_holds(db, &all, "SELECT lower(command) FROM suspicious_command");
        assert_holds(
            db, &all,
            "SELECT eventSource FROM discovery_call UNION SELECT eventName FROM discovery_call");
        /* ClickHouse's LIKE reads a backslash once more */
        assert_holds(db, &all,
                     i == 3 ? "SELECT replace(lower(pattern), '\\', '\\\\') FROM ordinary_agent"
                            : "SELECT lower(pattern) FROM ordinary_agent");
        forget(&all);
        free(script);
        /* what is taken off a list is gone */
        harness_exec(db, "DELETE FROM suspicious_command WHERE command <> 'kms.list-keys'");
        script = script_of(db, engines[i]);
        assert_null(strstr(script, "iam.list-users"));
        assert_non_null(strstr(script, "kms.list-keys"));
        free(script);
        harness_exec(db, "ROLLBACK TO lists; RELEASE lists");
        forget(&plain);
    }
    harness_close(db);
}

/* A command of a service that shares its source with others, and one whose event's name follows no
 * rule (data/cloudtrail_event_names.tsv): each has a row of its own beside the calls. */
static void test_engine_sql_holds_names_that_follow_no_rule(void **state)
{
    (void)state;
    sqlite3 *db = open_initialised();
    harness_exec(db,
                 "INSERT INTO suspicious_command (command, origin) VALUES"
                 " ('s3api.get-public-access-block', 'x'), ('docdb.describe-db-clusters', 'x')");
    for (size_t i = 0; i < N_ENGINES; i++) {
        char *script = script_of(db, engines[i]);
        assert_non_null(strstr(script, "('s3', 'GetBucketPublicAccessBlock')"));
        assert_non_null(
            strstr(script, "('rds', 'describe-db-clusters', 'docdb.describe-db-clusters')"));
        free(script);
    }
    harness_close(db);
}

static void test_engine_sql_without_lists_still_has_rows_to_stand_on(void **state)
{
    (void)state;
    sqlite3 *db = open_initialised();
    harness_exec(
        db,
        "DELETE FROM suspicious_command; DELETE FROM discovery_call; DELETE FROM ordinary_agent");
    for (size_t i = 0; i < N_ENGINES; i++) {
        char *script = script_of(db, engines[i]);
        assert_null(strstr(script, "VALUES )"));
        assert_non_null(strstr(script, "('', '')"));
        assert_non_null(strstr(script, "WHEN 1 = 0 THEN"));
        free(script);
    }
    harness_close(db);
}

static void test_engine_sql_holds_the_numbers(void **state)
{
    (void)state;
    sqlite3 *db = open_initialised();
    char *script = script_of(db, "trino");
    assert_non_null(strstr(script, "('aws_cli_recon_burst', 'name', 'command', '60000', '8')"));
    assert_non_null(strstr(script, "('aws_discovery_burst', 'name', 'wide', '60000', '20')"));
    assert_non_null(strstr(script, "('aws_discovery_burst', 'session', 'slow', '600000', '10')"));
    free(script);
    harness_exec(db, "UPDATE rule_parameter SET value = 45.5 WHERE name = 'window_seconds';"
                     "UPDATE rule_parameter SET value = 12 WHERE name = 'threshold';"
                     "UPDATE rule_parameter SET value = 7 WHERE name = 'discovery_slow'");
    script = script_of(db, "trino");
    assert_non_null(strstr(script, "('aws_cli_recon_burst', 'name', 'command', '45500', '12')"));
    assert_non_null(strstr(script, "('aws_discovery_burst', 'role', 'slow', '600000', '7')"));
    assert_non_null(strstr(script, "x.toolListed >= 7"));
    free(script);
    harness_exec(db, "UPDATE rule_parameter SET value = 1e300 WHERE name = 'window_seconds'");
    script = script_of(db, "trino");
    assert_non_null(
        strstr(script, "('aws_cli_recon_burst', 'name', 'command', '100000000000000', '12')"));
    free(script);
    /* in the words of the rule itself */
    harness_exec(db, "UPDATE rule_parameter SET value = 'eight' WHERE name = 'threshold'");
    assert_query(db, "SELECT cloudtrail_engine_sql('trino')",
                 "error: cloudtrail_engine_sql(): distinct_bursts(): threshold must be an integer "
                 "of 1 or more, not 'eight'");
    harness_close(db);
}

static void test_engine_sql_alerts_and_allow_list_change_nothing(void **state)
{
    (void)state;
    sqlite3 *db = open_initialised();
    char *before = script_of(db, "duckdb");
    harness_exec(db, "INSERT INTO allow_list (principal, reason) VALUES ('*', 'all')");
    char *after = script_of(db, "duckdb");
    assert_string_equal(before, after);
    free(before);
    free(after);
    harness_close(db);
}

static void test_engine_sql_location_is_a_literal_or_refused(void **state)
{
    (void)state;
    sqlite3 *db = open_initialised();
    assert_query(
        db,
        "SELECT instr(cloudtrail_engine_sql('duckdb', '/o''brien\\x'), '''/o''''brien\\x''') > 0",
        "1");
    assert_query(
        db,
        "SELECT instr(cloudtrail_engine_sql('trino', '/o''brien\\x'), '''/o''''brien\\x''') > 0",
        "1");
    assert_query(db,
                 "SELECT instr(cloudtrail_engine_sql('clickhouse', '/o''brien\\x'), "
                 "'''/o''''brien\\\\x''') > 0",
                 "1");
    assert_query(db, "SELECT cloudtrail_engine_sql('athena', 's3://b/o''brien')",
                 "error: cloudtrail_engine_sql(): location: Athena takes letters, digits and "
                 "!-_.*()/=+@:, alone");
    assert_query(db, "SELECT cloudtrail_engine_sql('athena', 's3://b/${account}')",
                 "error: cloudtrail_engine_sql(): location: Athena takes letters, digits and "
                 "!-_.*()/=+@:, alone");
    assert_query(db,
                 "SELECT cloudtrail_engine_sql('athena', 's3://b/AWSLogs/o-1') LIKE "
                 "'%''s3://b/AWSLogs/o-1/${account}/CloudTrail/${region}/${day}''%'",
                 "1");
    harness_close(db);
}

static void test_engine_sql_athena_reads_what_the_case_has_seen(void **state)
{
    (void)state;
    sqlite3 *db = open_initialised();
    assert_query(
        db, "SELECT cloudtrail_engine_sql('athena') LIKE '%''111122223333''%''us-east-1''%'", "1");
    harness_exec(db, "INSERT INTO cloudtrail (eventTime, recipientAccountId, awsRegion, fileID, "
                     "recordNumber) VALUES"
                     " ('2024-03-05T10:00:00Z', '444455556666', 'eu-west-1', 1, 1),"
                     " ('2024-03-05T10:00:00Z', '777788889999', 'us-gov-west-1', 1, 2),"
                     " ('2024-03-05T10:00:00Z', '''; DROP', 'eu-''-1', 1, 3),"
                     " ('2024-03-05T10:00:00Z', '12345678901''', NULL, 1, 4)");
    assert_query(db,
                 "SELECT cloudtrail_engine_sql('athena') LIKE "
                 "'%''444455556666,777788889999''%''eu-west-1,us-gov-west-1''%'",
                 "1");
    harness_close(db);
}

static void test_engine_sql_errors_say_what_is_wrong(void **state)
{
    (void)state;
    sqlite3 *db = harness_open();
    assert_query(db, "SELECT cloudtrail_engine_sql('spark')",
                 "error: cloudtrail_engine_sql(): unknown engine 'spark', expected athena, trino, "
                 "duckdb or clickhouse");
    assert_query(db, "SELECT cloudtrail_engine_sql('Athena')",
                 "error: cloudtrail_engine_sql(): unknown engine 'Athena', expected athena, trino, "
                 "duckdb or clickhouse");
    assert_query(db, "SELECT cloudtrail_engine_sql(NULL), cloudtrail_engine_sql('trino', NULL)",
                 "NULL|NULL");
    assert_query(db, "SELECT cloudtrail_engine_sql('trino')",
                 "error: cloudtrail_engine_sql(): no such table: main.suspicious_command");
    harness_exec(
        db,
        "SELECT cloudtrail_init();"
        "INSERT INTO suspicious_command (command, origin) VALUES (CAST(x'610062' AS TEXT), 'x')");
    assert_query(db, "SELECT cloudtrail_engine_sql('trino')",
                 "error: cloudtrail_engine_sql(): a list holds a text with a NUL character in it");
    harness_exec(db, "CREATE VIEW v AS SELECT cloudtrail_engine_sql('trino') AS x");
    assert_query(db, "SELECT x FROM v", "error: unsafe use of cloudtrail_engine_sql()");
    harness_close(db);
}

static void test_engine_sql_out_of_memory_is_an_error(void **state)
{
    (void)state;
    static const char setup[] =
        "SELECT cloudtrail_init(); DELETE FROM suspicious_command WHERE command > 'f';"
        "DELETE FROM discovery_call WHERE eventSource > 'b'";
    static const char sql[] = "SELECT cloudtrail_engine_sql('clickhouse')";
    sqlite3 *db = harness_open();
    harness_exec(db, setup);
    char *with_memory = harness_query(db, sql);
    harness_close(db);
    harness_oom_places(setup, sql, with_memory);
    free(with_memory);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_engine_sql_is_whole_and_the_same_each_time),
        cmocka_unit_test(test_engine_sql_holds_the_lists_whatever_is_in_them),
        cmocka_unit_test(test_engine_sql_holds_names_that_follow_no_rule),
        cmocka_unit_test(test_engine_sql_without_lists_still_has_rows_to_stand_on),
        cmocka_unit_test(test_engine_sql_holds_the_numbers),
        cmocka_unit_test(test_engine_sql_alerts_and_allow_list_change_nothing),
        cmocka_unit_test(test_engine_sql_location_is_a_literal_or_refused),
        cmocka_unit_test(test_engine_sql_athena_reads_what_the_case_has_seen),
        cmocka_unit_test(test_engine_sql_errors_say_what_is_wrong),
        cmocka_unit_test(test_engine_sql_out_of_memory_is_an_error),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
