/*
 * cloudtrail_init(): the tables and views it makes, what it leaves alone, and what it refuses.
 */
#include "harness.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/version.h"
#include "cloudtrail.h"
#include "faulty_mem.h"
#include "interrupts.h"
#include "db/sql_text.h"
#include "temp.h"

static const char done[] = "{\"version\":\"" CT_VERSION "\",\"kept\":[]}";

/* All that a database holds, as text. */
static const char all_objects[] =
    "SELECT type, name, tbl_name, sql FROM main.sqlite_master ORDER BY name";

static void test_init_makes_all_tables_and_views(void **state)
{
    (void)state;
    sqlite3 *db = harness_open();
    assert_query(db, "SELECT cloudtrail_init()", done);
    for (size_t i = 0; i < ct_n_sql_texts; i++) {
        const char *type = strncmp(ct_sql_texts[i].path, "sql/tables/", 11) == 0 ? "table" : "view";
        char *sql = sqlite3_mprintf("SELECT (SELECT type FROM sqlite_master WHERE name = %Q),"
                                    " (SELECT version FROM cloudtrail_schema WHERE name = %Q),"
                                    " (SELECT m.sql = s.shippedSQL FROM sqlite_master m"
                                    "  JOIN cloudtrail_schema s USING (name) WHERE name = %Q),"
                                    " (SELECT count(*) >= 0 FROM %Q)",
                                    ct_sql_texts[i].name, ct_sql_texts[i].name,
                                    ct_sql_texts[i].name, ct_sql_texts[i].name);
        char *expected = sqlite3_mprintf("%s|%d|1|1", type, CT_VERSION_NUMBER);
        assert_query(db, sql, expected);
        sqlite3_free(sql);
        sqlite3_free(expected);
    }
    char expected[32];
    snprintf(expected, sizeof expected, "%zu", ct_n_sql_texts);
    assert_query(db, "SELECT count(*) FROM cloudtrail_schema", expected);
    assert_query(db, "SELECT count(*) FROM sqlite_master WHERE type IN ('table', 'view')",
                 expected);
    assert_query(db, "PRAGMA integrity_check", "ok");
    assert_query(db, "SELECT json_type(cloudtrail_init()), json_array(cloudtrail_init())",
                 "object|[{\"version\":\"" CT_VERSION "\",\"kept\":[]}]");
    harness_close(db);
}

static void test_init_again_changes_nothing(void **state)
{
    (void)state;
    sqlite3 *db = harness_open();
    assert_query(db, "SELECT cloudtrail_init()", done);
    assert_query(db, "INSERT INTO cloudtrail_problem (fileID, message) VALUES (1, 'kept')", "");
    char *before = harness_query(db, all_objects);
    char *schema_before = harness_query(db, "PRAGMA schema_version");
    assert_query(db, "SELECT cloudtrail_init()", done);
    assert_query(db, all_objects, before);
    assert_query(db, "PRAGMA schema_version", schema_before);
    assert_query(db, "SELECT message FROM cloudtrail_problem", "kept");
    free(before);
    free(schema_before);
    harness_close(db);
}

/* ---- views ---------------------------------------------------------------------------------- */

static void test_init_keeps_a_view_the_user_changed(void **state)
{
    (void)state;
    sqlite3 *db = harness_open();
    assert_query(db, "SELECT cloudtrail_init()", done);
    assert_query(db,
                 "DROP VIEW cloudtrail_record; CREATE VIEW cloudtrail_record AS SELECT 'mine' AS x;"
                 "DROP VIEW AWSCloudTrail; CREATE TABLE AWSCloudTrail (x)",
                 "");
    const char *kept =
        "{\"version\":\"" CT_VERSION "\",\"kept\":[\"AWSCloudTrail\",\"cloudtrail_record\"]}";
    assert_query(db, "SELECT cloudtrail_init()", kept);
    assert_query(db, "SELECT x FROM cloudtrail_record", "mine");
    assert_query(db, "SELECT cloudtrail_init()", kept);
    /* Without it, it is made again. */
    assert_query(db, "DROP VIEW cloudtrail_record; DROP TABLE AWSCloudTrail", "");
    assert_query(db, "SELECT cloudtrail_init()", done);
    assert_query(db, "SELECT count(*) FROM cloudtrail_record", "0");
    harness_close(db);
}

static void test_init_replaces_a_view_of_an_older_release(void **state)
{
    (void)state;
    sqlite3 *db = harness_open();
    assert_query(db, "SELECT cloudtrail_init()", done);
    char *before = harness_query(db, all_objects);
    assert_query(db,
                 "DROP VIEW cloudtrail_record; CREATE VIEW cloudtrail_record AS SELECT 'old' AS x;"
                 "UPDATE cloudtrail_schema SET version = 7, shippedSQL ="
                 " (SELECT sql FROM sqlite_master WHERE name = 'cloudtrail_record')"
                 " WHERE name = 'cloudtrail_record'",
                 "");
    assert_query(db, "SELECT cloudtrail_init()", done);
    assert_query(db, all_objects, before);
    assert_query(db,
                 "SELECT s.version <> 7, s.shippedSQL = m.sql FROM cloudtrail_schema s"
                 " JOIN sqlite_master m USING (name) WHERE name = 'cloudtrail_record'",
                 "1|1");
    free(before);
    harness_close(db);
}

/* ---- tables --------------------------------------------------------------------------------- */

static void test_init_makes_a_dropped_index_again(void **state)
{
    (void)state;
    sqlite3 *db = harness_open();
    assert_query(db, "SELECT cloudtrail_init()", done);
    char *before = harness_query(db, all_objects);
    assert_query(db, "DROP INDEX cloudtrail_event; DROP INDEX cloudtrail_file_path", "");
    assert_query(db, "SELECT cloudtrail_init()", done);
    assert_query(db, all_objects, before);
    /* Where the rows do not allow it, that is said. */
    assert_query(
        db,
        "DROP INDEX cloudtrail_event; INSERT INTO cloudtrail"
        " (eventTime, eventID, fileID, recordNumber) VALUES (1, 'a', 1, 1), (1, 'a', 1, 2)",
        "");
    assert_query(db, "SELECT cloudtrail_init()",
                 "error: cloudtrail_init(): the table cloudtrail is not as this extension makes it:"
                 " UNIQUE constraint failed: cloudtrail.eventTime, cloudtrail.eventID");
    free(before);
    harness_close(db);
}

static void test_init_puts_rows_into_a_dropped_table_again(void **state)
{
    (void)state;
    sqlite3 *db = harness_open();
    assert_query(db, "SELECT cloudtrail_init()", done);
    static const char counts[] =
        "SELECT (SELECT count(*) FROM suspicious_command),"
        " (SELECT count(*) FROM rule_parameter),"
        " (SELECT count(*) FROM rule), (SELECT count(*) FROM cloudtrail_seed)";
    char *before = harness_query(db, counts);
    assert_query(db,
                 "DELETE FROM suspicious_command WHERE command LIKE 'kms.%';"
                 "DROP TABLE suspicious_command; DROP TABLE rule_parameter; DROP TABLE rule",
                 "");
    assert_query(db, "SELECT cloudtrail_init()", done);
    assert_query(db, counts, before);
    free(before);
    harness_close(db);
}

static void test_init_says_which_rules_were_deleted(void **state)
{
    (void)state;
    sqlite3 *db = harness_open();
    assert_query(
        db, "SELECT cloudtrail_init(); DELETE FROM rule WHERE name = 'aws_cli_recon_burst'", done);
    assert_query(db, "SELECT cloudtrail_init()",
                 "{\"version\":\"" CT_VERSION "\",\"kept\":[],"
                 "\"deletedRules\":[\"aws_cli_recon_burst\"]}");
    assert_query(db, "SELECT count(*) FROM rule WHERE name = 'aws_cli_recon_burst'", "0");
    harness_close(db);
}

static void test_init_makes_an_index_of_an_older_release_anew(void **state)
{
    (void)state;
    sqlite3 *db = harness_open();
    assert_query(db, "SELECT cloudtrail_init()", done);
    char *before = harness_query(db, all_objects);
    assert_query(db,
                 "DROP INDEX cloudtrail_aws_cli; CREATE INDEX cloudtrail_aws_cli"
                 " ON cloudtrail (eventTime) WHERE instr(lower(userAgent), 'aws-cli') > 0;"
                 "DROP INDEX cloudtrail_event;"
                 "CREATE INDEX cloudtrail_event ON cloudtrail (eventTime, eventID);"
                 "DROP INDEX cloudtrail_without_id;"
                 "CREATE INDEX CloudTrail_Without_ID ON cloudtrail (fileID)",
                 "");
    assert_query(db, "SELECT cloudtrail_init()", done);
    assert_query(db, all_objects, before);
    /* One that is right is left alone: to make it again takes time. */
    char *version = harness_query(db, "PRAGMA schema_version");
    assert_query(db, "SELECT cloudtrail_init()", done);
    assert_query(db, "PRAGMA schema_version", version);
    free(version);
    free(before);
    harness_close(db);
}

static void test_init_another_table_of_that_name_is_refused(void **state)
{
    (void)state;
    sqlite3 *db = harness_open();
    assert_query(db, "CREATE TABLE cloudtrail (a, b)", "");
    assert_query(db, "SELECT cloudtrail_init()",
                 "error: cloudtrail_init(): the table cloudtrail is not as this extension makes it:"
                 " no such column: cloudtrail.eventTime");
    assert_query(db, "SELECT group_concat(name) FROM sqlite_master", "cloudtrail");
    assert_query(db, "DROP TABLE cloudtrail; CREATE VIEW cloudtrail AS SELECT 1", "");
    assert_query(db, "SELECT cloudtrail_init()",
                 "error: cloudtrail_init(): the table cloudtrail is not as this extension makes it:"
                 " no such column: cloudtrail.eventTime");
    assert_int_equal(sqlite3_get_autocommit(db), 1);
    harness_close(db);
}

/* Tables and views of the same names in temp stand before those in main in every statement that
 * does not say where. */
static void test_init_with_temporary_tables_of_the_same_names(void **state)
{
    (void)state;
    sqlite3 *db = harness_open(), *plain = harness_open();
    for (size_t i = 0; i < ct_n_sql_texts; i++) {
        char *sql =
            sqlite3_mprintf("CREATE TEMP TABLE \"%w\" (name, value, meaning, command, origin,"
                            " eventTime, eventID, fileID, path, userAgent)",
                            ct_sql_texts[i].name);
        assert_query(db, sql, "");
        sqlite3_free(sql);
    }
    assert_query(db, "SELECT cloudtrail_init()", done);
    assert_query(plain, "SELECT cloudtrail_init()", done);
    char *expected = harness_query(plain, all_objects);
    assert_query(db, all_objects, expected);
    free(expected);
    assert_query(db, "SELECT count(*) FROM temp.sqlite_master WHERE type <> 'table'", "0");
    expected = harness_query(plain, "SELECT * FROM main.suspicious_command ORDER BY 1;"
                                    "SELECT * FROM main.rule_parameter ORDER BY 1");
    assert_query(db,
                 "SELECT * FROM main.suspicious_command ORDER BY 1;"
                 "SELECT * FROM main.rule_parameter ORDER BY 1",
                 expected);
    free(expected);
    for (size_t i = 0; i < ct_n_sql_texts; i++) {
        char *sql = sqlite3_mprintf("SELECT count(*) FROM temp.\"%w\"", ct_sql_texts[i].name);
        assert_query(db, sql, "0");
        sqlite3_free(sql);
    }
    harness_close(db);
    harness_close(plain);
}

/* ---- what is refused ------------------------------------------------------------------------ */

static void test_init_a_newer_database_is_refused(void **state)
{
    (void)state;
    sqlite3 *db = harness_open();
    assert_query(db, "SELECT cloudtrail_init()", done);
    assert_query(db,
                 "DROP VIEW cloudtrail_record;"
                 "UPDATE cloudtrail_schema SET version = 12034056 WHERE name = 'cloudtrail'",
                 "");
    assert_query(db, "SELECT cloudtrail_init()",
                 "error: cloudtrail_init(): this database was made by sqlite-cloudtrail 12.34.56,"
                 " this is " CT_VERSION ": load the newer one");
    assert_query(db, "SELECT cloudtrail_import('data/sample')",
                 "error: cloudtrail_import(): this database was made by sqlite-cloudtrail 12.34.56,"
                 " this is " CT_VERSION ": load the newer one");
    assert_query(db, "SELECT count(*) FROM sqlite_master WHERE name = 'cloudtrail_record'", "0");
    harness_close(db);
}

#define REFUSAL                                                                                    \
    "error: cloudtrail_init(): call it from a plain SELECT, not from INSERT or CREATE TABLE AS"

static void test_init_inside_a_statement_that_writes_is_refused(void **state)
{
    (void)state;
    static const char *const statements[] = {
        "INSERT INTO t SELECT cloudtrail_init()",
        "INSERT INTO t VALUES (cloudtrail_init())",
        "UPDATE t SET x = cloudtrail_init()",
        "DELETE FROM t WHERE x = cloudtrail_init()",
        "CREATE TABLE made AS SELECT cloudtrail_init()",
        "CREATE TEMP TABLE made AS SELECT cloudtrail_init()",
        "INSERT INTO temp.s SELECT cloudtrail_init()",
        "BEGIN; INSERT INTO t SELECT cloudtrail_init()",
        "INSERT INTO temp.watched VALUES (1)",
    };
    for (size_t i = 0; i < sizeof statements / sizeof statements[0]; i++) {
        sqlite3 *db = harness_open();
        assert_query(db,
                     "CREATE TABLE t (x); INSERT INTO t VALUES (1); CREATE TEMP TABLE s (x);"
                     "CREATE TEMP TABLE watched (x); CREATE TEMP TRIGGER tr AFTER INSERT ON watched"
                     " BEGIN SELECT cloudtrail_init(); END",
                     "");
        assert_query(db, statements[i], REFUSAL);
        assert_query(db, "SELECT group_concat(name) FROM main.sqlite_master", "t");
        if (!sqlite3_get_autocommit(db))
            assert_query(db, "ROLLBACK", "");
        assert_query(db, "SELECT cloudtrail_init()", done);
        harness_close(db);
    }
}

static void test_init_in_a_stored_view_or_trigger_is_refused(void **state)
{
    (void)state;
    sqlite3 *db = harness_open();
    sqlite3_db_config(db, SQLITE_DBCONFIG_TRUSTED_SCHEMA, 1, NULL);
    assert_query(db,
                 "CREATE TABLE t (x); CREATE VIEW v AS SELECT cloudtrail_init() AS x;"
                 "CREATE TRIGGER tr AFTER INSERT ON t BEGIN SELECT cloudtrail_init(); END",
                 "");
    assert_query(db, "SELECT x FROM v", "error: unsafe use of cloudtrail_init()");
    assert_query(db, "INSERT INTO t VALUES (1)", "error: unsafe use of cloudtrail_init()");
    harness_close(db);
}

static void test_init_read_only_database_is_an_error(void **state)
{
    (void)state;
    const char *path = temp_path("read_only.db");
    sqlite3 *db = harness_open_file(path);
    assert_query(db, "CREATE TABLE t (x)", "");
    harness_close(db);
    assert_int_equal(sqlite3_open_v2(path, &db, SQLITE_OPEN_READONLY, NULL), SQLITE_OK);
    assert_int_equal(sqlite3_cloudtrail_init(db, NULL, NULL), SQLITE_OK);
    assert_query(db, "SELECT cloudtrail_init()",
                 "error: cloudtrail_init(): attempt to write a readonly database");
    harness_close(db);
}

static void test_init_locked_database_is_an_error(void **state)
{
    (void)state;
    const char *path = temp_path("locked.db");
    sqlite3 *db = harness_open_file(path), *other = harness_open_file(path);
    assert_query(other, "CREATE TABLE t (x); BEGIN IMMEDIATE", "");
    assert_query(db, "SELECT cloudtrail_init()", "error: cloudtrail_init(): database is locked");
    assert_query(other, "COMMIT", "");
    assert_query(db, "SELECT cloudtrail_init()", done);
    harness_close(db);
    harness_close(other);
}

/* ---- transactions --------------------------------------------------------------------------- */

static void test_init_in_the_callers_transaction(void **state)
{
    (void)state;
    sqlite3 *db = harness_open();
    assert_query(db, "BEGIN; CREATE TABLE t (x)", "");
    assert_query(db, "SELECT cloudtrail_init()", done);
    assert_query(db, "ROLLBACK; SELECT count(*) FROM sqlite_master", "0");
    assert_query(db, "BEGIN; CREATE TABLE t (x)", "");
    assert_query(db, "SELECT cloudtrail_init()", done);
    assert_query(db, "COMMIT; SELECT count(*) FROM cloudtrail", "0");
    /* An error takes back its own work and leaves the caller's. */
    assert_query(db, "DROP TABLE cloudtrail; BEGIN; CREATE TABLE cloudtrail (a, b)", "");
    char *got = harness_query(db, "SELECT cloudtrail_init()");
    assert_non_null(strstr(got, "is not as this extension makes it"));
    free(got);
    assert_query(db, "SELECT group_concat(name) FROM pragma_table_info('cloudtrail')", "a,b");
    assert_query(db, "ROLLBACK", "");
    harness_close(db);
}

static void interrupt_everywhere(interrupt_kind kind)
{
    bool interrupted = true;
    int n_interrupted = 0;
    for (int n = 1; interrupted; n = (int)harness_next(n, 8)) {
        sqlite3 *db = harness_open();
        interrupts_after(db, kind, n);
        sqlite3_stmt *stmt = NULL;
        int rc = sqlite3_prepare_v2(db, "SELECT cloudtrail_init()", -1, &stmt, NULL);
        if (rc == SQLITE_OK)
            rc = sqlite3_step(stmt);
        interrupted = interrupts_end(db);
        sqlite3_finalize(stmt);
        assert_true(rc == SQLITE_ROW || rc == SQLITE_INTERRUPT);
        if (!sqlite3_get_autocommit(db))
            fail_msg("after %d steps: a transaction is left open", n);
        if (rc != SQLITE_ROW)
            assert_query(db, "SELECT count(*) FROM sqlite_master", "0");
        assert_query(db, "SELECT cloudtrail_init()", done);
        n_interrupted += rc == SQLITE_INTERRUPT;
        harness_close(db);
    }
    assert_true(n_interrupted > harness_extent(20, 5));
}

static void test_init_interrupted_leaves_nothing(void **state)
{
    (void)state;
    interrupt_everywhere(INTERRUPT_BY_CALL);
    interrupt_everywhere(INTERRUPT_BY_HANDLER);
}

static void test_init_without_the_file_functions(void **state)
{
    (void)state;
    sqlite3 *db;
    assert_int_equal(sqlite3_open(":memory:", &db), SQLITE_OK);
    assert_int_equal(sqlite3_cloudtrail_nofile_init(db, NULL, NULL), SQLITE_OK);
    sqlite3_db_config(db, SQLITE_DBCONFIG_DQS_DDL, 0, NULL);
    sqlite3_db_config(db, SQLITE_DBCONFIG_DQS_DML, 0, NULL);
    assert_query(db, "SELECT cloudtrail_init()", done);
    assert_query(db, "SELECT count(*) FROM cloudtrail_record", "0");
    assert_query(db, "SELECT cloudtrail_import('x')", "error: no such function: cloudtrail_import");
    harness_close(db);
}

/* Makes all with memory refused in that way: all of it, or nothing where an error is said. */
static void init_without_memory(ct_mem_way *refuse, long n)
{
    sqlite3 *db = harness_open();
    bool refused;
    char *said = harness_query_without_memory(refuse, n, db, "SELECT cloudtrail_init()", &refused);
    if (strcmp(said, done) != 0) {
        if (!refused || !strstr(said, "out of memory"))
            fail_msg("%ld: %s", n, said);
        assert_query(db, "SELECT count(*) FROM sqlite_master", "0");
    }
    free(said);
    harness_close(db);
}

static void test_init_no_memory_leaves_nothing(void **state)
{
    (void)state;
    for (long n = -1; n < ct_mem_places(); n++)
        init_without_memory(ct_mem_fail_at_place, n);
    if (harness_is_long())
        harness_oom_samples(NULL, "SELECT cloudtrail_init()", done);
}

/* With a view and a trigger of the user's, a view of an older release, a rule that was deleted, and
 * migrations that are done. */
static void test_init_no_memory_for_what_is_there_is_said(void **state)
{
    (void)state;
    harness_oom_places(
        "SELECT cloudtrail_init();"
        "DROP VIEW cloudtrail_record; CREATE VIEW cloudtrail_record AS SELECT 'old' AS x;"
        "UPDATE cloudtrail_schema SET version = 7, shippedSQL ="
        " (SELECT sql FROM sqlite_master WHERE name = 'cloudtrail_record')"
        " WHERE name = 'cloudtrail_record';"
        "CREATE TRIGGER mine INSTEAD OF UPDATE ON cloudtrail_record BEGIN SELECT 1; END;"
        "DROP VIEW alert_story; CREATE VIEW alert_story AS SELECT 1;"
        "DELETE FROM rule WHERE name = 'aws_cli_recon_burst';"
        "UPDATE cloudtrail_migration SET version = 7",
        "SELECT cloudtrail_init();"
        "SELECT count(*) FROM sqlite_master WHERE name = 'mine';"
        "SELECT count(*) FROM cloudtrail_migration WHERE version <> 7",
        "{\"version\":\"" CT_VERSION "\",\"kept\":[\"alert_story\"],"
        "\"deletedRules\":[\"aws_cli_recon_burst\"]}\n1\n0");
    harness_oom_samples("SELECT cloudtrail_init(); DROP VIEW cloudtrail_record;"
                        "CREATE VIEW cloudtrail_record AS SELECT 1",
                        "SELECT cloudtrail_init()",
                        "{\"version\":\"" CT_VERSION "\",\"kept\":[\"cloudtrail_record\"]}");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_init_makes_all_tables_and_views),
        cmocka_unit_test(test_init_again_changes_nothing),
        cmocka_unit_test(test_init_keeps_a_view_the_user_changed),
        cmocka_unit_test(test_init_replaces_a_view_of_an_older_release),
        cmocka_unit_test(test_init_makes_a_dropped_index_again),
        cmocka_unit_test(test_init_puts_rows_into_a_dropped_table_again),
        cmocka_unit_test(test_init_says_which_rules_were_deleted),
        cmocka_unit_test(test_init_makes_an_index_of_an_older_release_anew),
        cmocka_unit_test(test_init_another_table_of_that_name_is_refused),
        cmocka_unit_test(test_init_with_temporary_tables_of_the_same_names),
        cmocka_unit_test(test_init_a_newer_database_is_refused),
        cmocka_unit_test(test_init_inside_a_statement_that_writes_is_refused),
        cmocka_unit_test(test_init_in_a_stored_view_or_trigger_is_refused),
        cmocka_unit_test(test_init_read_only_database_is_an_error),
        cmocka_unit_test(test_init_locked_database_is_an_error),
        cmocka_unit_test(test_init_in_the_callers_transaction),
        cmocka_unit_test(test_init_interrupted_leaves_nothing),
        cmocka_unit_test(test_init_without_the_file_functions),
        cmocka_unit_test(test_init_no_memory_leaves_nothing),
        cmocka_unit_test(test_init_no_memory_for_what_is_there_is_said),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
