/* cloudtrail_forget(), cloudtrail_import(path, from, to), and the view cloudtrail_coverage. */
#include "harness.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "imports.h"
#include "temp.h"

/* Events given as `id time` pairs, in an array of records, under a name. */
static const char *write_events(const char *name, const char *const *events, size_t n)
{
    ct_buf text = CT_BUF_EMPTY;
    ct_buf_put_text(&text, "{\"Records\":[");
    for (size_t i = 0; i < n; i += 2)
        ct_buf_printf(&text,
                      "%s{\"eventVersion\":\"1.08\",\"eventID\":\"%s\",\"eventTime\":\"%s\","
                      "\"awsRegion\":\"r\",\"recipientAccountId\":\"1\"}",
                      i ? "," : "", events[i], events[i + 1]);
    ct_buf_put_text(&text, "]}");
    const char *path = temp_write(name, text.data, text.len);
    ct_buf_free(&text);
    return path;
}

#define WRITE(name, ...)                                                                           \
    write_events(name, (const char *const[]){__VA_ARGS__},                                         \
                 sizeof((const char *const[]){__VA_ARGS__}) / sizeof(char *))

static char *query(sqlite3 *db, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    char *sql = sqlite3_vmprintf(format, args);
    va_end(args);
    char *result = harness_query(db, sql);
    sqlite3_free(sql);
    return result;
}

static void assert_forgets(sqlite3 *db, const char *path, const char *expected)
{
    char *said = query(db, "SELECT cloudtrail_forget(%Q)", path);
    assert_string_equal(said, expected);
    free(said);
}

#define T1 "2024-05-14T09:00:00Z"
#define T2 "2024-05-14T10:30:00Z"
#define T3 "2024-05-14T11:00:00Z"

/* b has a duplicate of a's event; without a it comes in from b. */
static void test_forget_lets_duplicates_come_in_again(void **state)
{
    (void)state;
    sqlite3 *db = imports_open(":memory:");
    (void)WRITE("forget/a.json", "one", T1, "two", T2);
    (void)WRITE("forget/b.json", "two", T2, "three", T3);
    (void)WRITE("forget/c.json", "four", "2025-01-01T00:00:00Z");
    assert_import(db, temp_path("forget"),
                  "\"files\":3,\"skipped\":0,\"events\":4,\"duplicates\":1,\"problems\":0");
    assert_forgets(db, temp_path("forget/a.json"),
                   "{\"alerts\":0,\"files\":1,\"events\":2,\"problems\":0,\"again\":1}");
    assert_query(db, "SELECT eventID FROM cloudtrail ORDER BY 1", "four\nthree");
    imports_check(db);
    remove(temp_path("forget/a.json"));
    assert_import(
        db, temp_path("forget"),
        "\"files\":1,\"skipped\":1,\"events\":1,\"duplicates\":0,\"known\":1,\"problems\":0");
    assert_query(db, "SELECT eventID FROM cloudtrail ORDER BY 1", "four\nthree\ntwo");
    assert_query(db, "SELECT events, duplicates, complete FROM cloudtrail_file ORDER BY path",
                 "2|0|1\n1|0|1");
    imports_check(db);
    (void)WRITE("forget/a.json", "one", T1, "two", T2);
    assert_import(db, temp_path("forget"),
                  "\"files\":1,\"skipped\":2,\"events\":1,\"duplicates\":1,\"problems\":0");
    assert_query(db, "SELECT count(*) FROM cloudtrail", "4");
    harness_close(db);
}

/* The other event under the same id was kept as a problem: now it has the place. */
static void test_forget_lets_conflicts_come_in_again(void **state)
{
    static const char other[] = "[{\"eventID\":\"one\",\"eventVersion\":\"1\",\"eventTime\":\"" T1
                                "\",\"eventName\":\"Other\"}]";
    (void)state;
    sqlite3 *db = imports_open(":memory:");
    (void)WRITE("conflict/a.json", "one", T1);
    (void)temp_write("conflict/b.json", other, strlen(other));
    free(imports_run(db, "cloudtrail_import", temp_path("conflict")));
    assert_query(db, "SELECT count(*) FROM cloudtrail_problem", "1");
    assert_forgets(db, temp_path("conflict/a.json"),
                   "{\"alerts\":0,\"files\":1,\"events\":1,\"problems\":0,\"again\":1}");
    remove(temp_path("conflict/a.json"));
    free(imports_run(db, "cloudtrail_import", temp_path("conflict")));
    assert_query(db, "SELECT eventName FROM cloudtrail", "Other");
    assert_query(db, "SELECT count(*) FROM cloudtrail_problem", "0");
    harness_close(db);
}

static void test_forget_folder_takes_what_is_below_and_nothing_beside(void **state)
{
    (void)state;
    sqlite3 *db = imports_open(":memory:");
    (void)WRITE("tree/in/a.json", "one", T1);
    (void)WRITE("tree/in/deep/b.json", "two", T2);
    (void)WRITE("tree/in2.json", "three", T3);
    (void)temp_write("tree/in/broken.json", "{\"Records\":[{]}", 16);
    free(imports_run(db, "cloudtrail_import", temp_path("tree")));
    char *said = query(db, "SELECT json_extract(cloudtrail_forget(%Q), '$.files', '$.events')",
                       temp_path("tree/in/"));
    assert_string_equal(said, "[3,2]");
    free(said);
    assert_query(db, "SELECT eventID FROM cloudtrail", "three");
    assert_query(db, "SELECT count(*) FROM cloudtrail_problem", "0");
    imports_check(db);
    harness_close(db);
}

static void test_forget_alerts_that_lose_events_say_so(void **state)
{
    (void)state;
    sqlite3 *db = harness_open();
    harness_exec(db, "SELECT cloudtrail_import('data/sample'); SELECT cloudtrail_detect();"
                     "CREATE TABLE was AS SELECT alertID, summary, eventCount FROM alert");
    /* the files of one alert */
    assert_query(db,
                 "CREATE TABLE gone AS SELECT DISTINCT path FROM alert_evidence"
                 " JOIN cloudtrail_file USING (fileID)"
                 " WHERE alertID = (SELECT alertID FROM alert WHERE accountName = 'svc-backup'"
                 "                   AND ruleName = 'aws_cli_recon_burst');"
                 "SELECT count(*) > 0 FROM gone",
                 "1");
    assert_query(db, "SELECT sum(json_extract(cloudtrail_forget(path), '$.alerts')) > 0 FROM gone",
                 "1");
    assert_query(db,
                 "SELECT a.summary = w.summary || ' No longer in the table cloudtrail: '"
                 " || w.eventCount || ' of its ' || w.eventCount || ' events.'"
                 " FROM alert AS a JOIN was AS w USING (alertID) WHERE accountName = 'svc-backup'"
                 " AND ruleName = 'aws_cli_recon_burst'",
                 "1");
    assert_query(db,
                 "SELECT count(*) FROM alert AS a JOIN was AS w USING (alertID)"
                 " WHERE a.summary <> w.summary AND NOT EXISTS (SELECT 1 FROM alert_evidence AS e"
                 "  WHERE e.alertID = a.alertID AND e.eventName IS NULL)",
                 "0");
    harness_exec(db, "SELECT cloudtrail_import('data/sample'); SELECT cloudtrail_detect()");
    assert_query(db,
                 "SELECT count(*) - (SELECT count(*) FROM was) FROM alert"
                 " JOIN was USING (alertID, summary)",
                 "0"); /* as they were */
    harness_close(db);
}

static void test_forget_errors(void **state)
{
    (void)state;
    sqlite3 *db = harness_open();
    assert_query(db, "SELECT cloudtrail_forget(NULL)",
                 "error: cloudtrail_forget(): a path is needed: cloudtrail_forget('logs/')");
    assert_query(db, "SELECT cloudtrail_forget('nowhere/at/all')",
                 "error: cloudtrail_forget(): nowhere/at/all: not in the table cloudtrail_file");
    assert_query(
        db, "CREATE TABLE x AS SELECT cloudtrail_forget('data/sample')",
        "error: cloudtrail_forget(): call it from a plain SELECT, not from INSERT or CREATE "
        "TABLE AS");
    harness_close(db);
}

/* An empty text is no path: it must not be the beginning of all. */
static void test_forget_nothing_is_refused(void **state)
{
    static const char *const nothing[] = {"''", "x''", "char(0)", "''||char(0)||'x'"};
    (void)state;
    sqlite3 *db = imports_open(":memory:");
    (void)WRITE("nothing/a.json", "one", T1);
    free(imports_run(db, "cloudtrail_import", temp_path("nothing")));
    for (size_t i = 0; i < sizeof nothing / sizeof nothing[0]; i++) {
        char *said = query(db, "SELECT cloudtrail_forget(%s)", nothing[i]);
        assert_string_equal(said, "error: cloudtrail_forget(): the path is empty");
        free(said);
    }
    assert_query(db, "SELECT count(*) FROM cloudtrail", "1");
    assert_forgets(db, "/", "{\"alerts\":0,\"files\":1,\"events\":1,\"problems\":0,\"again\":0}");
    harness_close(db);
}

/* What is gone from the disk is found by the text of its path, however that is written. */
static void test_forget_what_is_gone(void **state)
{
    /* The temporary folder stands for %s; the current one is the repository's, so a relative path
     * to it climbs to the root. */
    static const char *const files[] = {"%s/gone/in/a.json", "%s/gone/in/a.json/",
                                        "%s/./gone//in/a.json", "%s/gone/x/../in/a.json",
                                        "../../../../../../../../../..%s/gone/in/a.json"};
    static const char *const folders[] = {
        "%s/gone/in",         "%s/gone/in/", "%s/gone/./in/.",
        "%s/gone/in/deep/..", "%s/gone//",   "./../../../../../../../../../..%s/gone/in//"};
    (void)state;
    for (size_t i = 0; i < 11; i++) {
        sqlite3 *db = imports_open(":memory:");
        (void)WRITE("gone/in/a.json", "one", T1);
        (void)WRITE("gone/in/deep/b.json", "two", T2);
        (void)WRITE("gone/in2/c.json", "three", T3);
        free(imports_run(db, "cloudtrail_import", temp_path("gone")));
        char *command = sqlite3_mprintf("rm -r '%s'", temp_path("gone"));
        assert_int_equal(system(command), 0);
        sqlite3_free(command);
        char *path = sqlite3_mprintf(i < 5 ? files[i] : folders[i - 5], temp_dir());
        char *said = query(db, "SELECT json_extract(cloudtrail_forget(%Q), '$.files')", path);
        if (strcmp(said, i < 5 ? "1" : i == 9 ? "3" : "2") != 0)
            fail_msg("%s: %s", path, said);
        free(said);
        sqlite3_free(path);
        harness_close(db);
    }
}

/* A path that leads through a link to a folder of which a file is gone. */
static void test_forget_through_a_link(void **state)
{
    (void)state;
    sqlite3 *db = imports_open(":memory:");
    (void)WRITE("real/a.json", "one", T1);
    (void)WRITE("real/b.json", "two", T2);
    free(imports_run(db, "cloudtrail_import", temp_path("real")));
    char *command = sqlite3_mprintf("cd '%s' && ln -s real link && rm real/a.json", temp_dir());
    assert_int_equal(system(command), 0);
    sqlite3_free(command);
    char *said = query(db, "SELECT json_extract(cloudtrail_forget(%Q), '$.files')",
                       temp_path("link/a.json"));
    assert_string_equal(said, "1");
    free(said);
    assert_query(db, "SELECT eventID FROM cloudtrail", "two");
    harness_close(db);
}

static void test_forget_out_of_memory(void **state)
{
    (void)state;
    harness_oom_places("SELECT cloudtrail_init(); INSERT INTO cloudtrail_file (path, importedAt)"
                       " VALUES ('x', '')",
                       "SELECT json_extract(cloudtrail_forget('x'), '$.files')", "1");
}

/* A path that has to be made absolute, and which is longer than a buffer is at first. */
static void test_forget_out_of_memory_for_the_path(void **state)
{
    (void)state;
    char *here = realpath(".", NULL);
    char *setup = sqlite3_mprintf("SELECT cloudtrail_init(); INSERT INTO cloudtrail_file (path,"
                                  " importedAt) VALUES ('%s/gone/%0100d', ''), ('/other', '')",
                                  here, 0);
    char *sql =
        sqlite3_mprintf("SELECT json_extract(cloudtrail_forget('./gone/%0100d'), '$.files')", 0);
    harness_oom_places(setup, sql, "1");
    sqlite3_free(setup);
    sqlite3_free(sql);
    free(here);
}

/* ---- a time --------------------------------------------------------------------------------- */

/* Files with AWS's names are taken or left whole, by the delivery that the name says; of others
 * the events of the time. */
static void test_import_of_a_time(void **state)
{
    (void)state;
    static const char aws[] = "time/111122223333_CloudTrail_us-east-1_%sZ_0123456789abcdef.json";
    static const char *const deliveries[] = {"20240512T2359", "20240513T0000", "20240514T1200",
                                             "20240515T2359", "20240516T0000"};
    sqlite3 *db = imports_open(":memory:");
    for (size_t i = 0; i < 5; i++) {
        char name[120], id[8];
        snprintf(name, sizeof name, aws, deliveries[i]);
        snprintf(id, sizeof id, "aws%zu", i);
        (void)WRITE(name, id, "2024-01-01T00:00:00Z");
    }
    (void)WRITE("time/other.json", "before", "2024-05-13T23:59:59Z", "first",
                "2024-05-14T00:00:00Z", "last", "2024-05-14T23:59:59Z", "behind",
                "2024-05-15T00:00:00Z");
    char *said = query(db,
                       "SELECT json_remove(cloudtrail_import(%Q, '2024-05-14', '2024-05-15'),"
                       " '$.seconds', '$.database')",
                       temp_path("time"));
    assert_string_equal(
        said, "{\"files\":4,\"skipped\":0,\"ignored\":0,\"events\":5,\"duplicates\":0,"
              "\"problems\":0,\"conflicts\":0,\"notes\":0,\"outside\":2,\"filesOutside\":2}");
    free(said);
    assert_query(db, "SELECT eventID FROM cloudtrail ORDER BY 1", "aws1\naws2\naws3\nfirst\nlast");
    assert_query(db,
                 "SELECT records, events, complete FROM cloudtrail_file WHERE path LIKE '%other%'",
                 "2|2|0");
    imports_check(db);
    /* a whole import brings the rest */
    assert_import(
        db, temp_path("time"),
        "\"files\":3,\"skipped\":3,\"events\":4,\"duplicates\":0,\"known\":2,\"problems\":0");
    assert_query(db,
                 "SELECT records, events, complete FROM cloudtrail_file WHERE path LIKE '%other%'",
                 "4|4|1");
    imports_check(db);
    harness_close(db);
}

static void test_import_of_a_time_open_on_a_side(void **state)
{
    (void)state;
    sqlite3 *db = imports_open(":memory:");
    const char *path = WRITE("open/other.json", "one", T1, "two", T2, "three", T3);
    free(query(db, "SELECT cloudtrail_import(%Q, NULL, '" T2 "')", path));
    assert_query(db, "SELECT eventID FROM cloudtrail", "one");
    free(query(db, "SELECT cloudtrail_import(%Q, '" T3 "', NULL)", path));
    assert_query(db, "SELECT eventID FROM cloudtrail ORDER BY eventTime", "one\nthree");
    free(query(db, "SELECT cloudtrail_import(%Q, NULL, NULL)", path));
    assert_query(db, "SELECT count(*) FROM cloudtrail", "3");
    assert_query(db, "SELECT cloudtrail_import('data/sample', 'yesterday', NULL)",
                 "error: cloudtrail_import(): from is no time: 'yesterday'");
    assert_query(db, "SELECT cloudtrail_import('data/sample', '2024-05-15', '2024-05-14')",
                 "error: cloudtrail_import(): from is later than to: nothing can be of that time");
    imports_check(db);
    harness_close(db);
}

/* ---- coverage ------------------------------------------------------------------------------- */

static void test_coverage_is_runs_of_hours(void **state)
{
    (void)state;
    sqlite3 *db = harness_open();
    harness_exec(db,
                 "SELECT cloudtrail_init();"
                 "INSERT INTO cloudtrail (eventTime, recipientAccountId, awsRegion, eventCategory,"
                 " fileID, recordNumber) VALUES"
                 " ('2024-05-14T09:59:59Z', '1', 'r', 'Management', 1, 1),"
                 " ('2024-05-14T10:00:00Z', '1', 'r', 'Management', 1, 2),"
                 " ('2024-05-14T11:30:00Z', '1', 'r', 'Management', 2, 1),"
                 " ('2024-05-14T11:31:00Z', '1', 'r', 'Management', 1, 3),"
                 " ('2024-05-14T13:00:00Z', '1', 'r', 'Management', 3, 1),"
                 " ('2024-12-31T23:00:00Z', '1', 'r', 'Management', 3, 2),"
                 " ('2025-01-01T00:00:00Z', '1', 'r', 'Management', 3, 3),"
                 " ('2024-05-14T12:10:00Z', '1', 'r', 'Data', 4, 1),"
                 " ('2024-05-14T12:10:00Z', NULL, NULL, NULL, 4, 2),"
                 " ('2024-05-14T14:10:00Z', NULL, NULL, NULL, 4, 3)");
    assert_query(db, "SELECT * FROM cloudtrail_coverage",
                 "NULL|NULL|NULL|2024-05-14T12:10:00Z|2024-05-14T12:10:00Z|1|0|1|1\n"
                 "NULL|NULL|NULL|2024-05-14T13:00:00Z|2024-05-14T13:59:59Z|1|1|0|0\n"
                 "NULL|NULL|NULL|2024-05-14T14:10:00Z|2024-05-14T14:10:00Z|1|0|1|1\n"
                 "1|r|Data|2024-05-14T12:10:00Z|2024-05-14T12:10:00Z|1|0|1|1\n"
                 "1|r|Management|2024-05-14T09:59:59Z|2024-05-14T11:31:00Z|3|0|2|4\n"
                 "1|r|Management|2024-05-14T12:00:00Z|2024-05-14T12:59:59Z|1|1|0|0\n"
                 "1|r|Management|2024-05-14T13:00:00Z|2024-05-14T13:00:00Z|1|0|1|1\n"
                 /* 231 days and 9 hours from 14:00 on 14 May to 23:00 on 31 December */
                 "1|r|Management|2024-05-14T14:00:00Z|2024-12-31T22:59:59Z|5553|1|0|0\n"
                 "1|r|Management|2024-12-31T23:00:00Z|2025-01-01T00:00:00Z|2|0|1|2");
    harness_close(db);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_forget_lets_duplicates_come_in_again),
        cmocka_unit_test(test_forget_lets_conflicts_come_in_again),
        cmocka_unit_test(test_forget_folder_takes_what_is_below_and_nothing_beside),
        cmocka_unit_test(test_forget_alerts_that_lose_events_say_so),
        cmocka_unit_test(test_forget_errors),
        cmocka_unit_test(test_forget_nothing_is_refused),
        cmocka_unit_test(test_forget_what_is_gone),
        cmocka_unit_test(test_forget_through_a_link),
        cmocka_unit_test(test_forget_out_of_memory),
        cmocka_unit_test(test_forget_out_of_memory_for_the_path),
        cmocka_unit_test(test_import_of_a_time),
        cmocka_unit_test(test_import_of_a_time_open_on_a_side),
        cmocka_unit_test(test_coverage_is_runs_of_hours),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
