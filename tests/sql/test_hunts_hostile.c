/*
 * The hunts over records in which anything stands where a service would write something else: what
 * comes from a log must not make a hunt fail, for then it finds nothing.
 */
#include "harness.h"

#include <stdlib.h>
#include <string.h>

#include "shell.h"
#include "temp.h"

/*
 * A trail's file ?1: of each event of each composed case as many records as its request and response
 * have values, each with one of them replaced by one of the texts, numbers, lists and objects ?2.
 */
static const char records[] =
    "SELECT json_object('Records', json_group_array(json(record))) FROM ("
    " SELECT json_set(json_set(r.record, '$.eventID', printf('%d %s %s', r.number, v.fullkey, "
    "o.key)),"
    "                 v.fullkey, json(o.value)) AS record"
    "   FROM (SELECT row_number() OVER () AS number,"
    "                json_patch(json_extract(?1, '$.base'), e.value) AS record"
    "           FROM json_each(?1, '$.cases') AS c, json_each(c.value, '$.events') AS e) AS r,"
    "        json_tree(r.record) AS v,"
    "        json_each(?2) AS o"
    "  WHERE (v.fullkey GLOB '$.requestParameters*' OR v.fullkey GLOB '$.responseElements*'"
    "         OR v.fullkey = '$.errorMessage')"
    /* of each place some */
    "    AND (r.number + v.id + o.key) % ?3 = 0)";

static const char replacements[] =
    "[\"\\\"[oops\\\"\", \"\\\"[1\\\"\", \"\\\"{\\\"\", \"\\\"\\\"\", \"\\\"%7B\\\"\", "
    "\"\\\"*\\\"\", \"\\\"arn:\\\"\", \"\\\"\\\\u001b[2J\\\\n\\\"\", "
    "\"\\\"\\\\ud800\\\"\", \"0\", \"-1\", \"1e300\", \"true\", \"null\", \"[]\", "
    "\"{}\", \"[[]]\", \"[null]\", \"[{\\\"userId\\\":null}]\", \"{\\\"a\\\":[1]}\"]";

static void test_hunts_fail_at_nothing_that_stands_in_a_record(void **state)
{
    (void)state;
    sqlite3 *db = harness_open_ready();
    harness_exec(db, "CREATE TEMP TABLE read (n INTEGER)");
    char *files = shell_output("ls tests/sql/hunts/*.json");
    int n_files = 0;
    for (char *file = strtok(files, "\n"); file; file = strtok(NULL, "\n")) {
        if (n_files++ % harness_extent(1, 3) > 0)
            continue;
        char *command = sqlite3_mprintf("cat '%s'", file);
        char *cases = shell_output(command);
        sqlite3_stmt *stmt = NULL;
        assert_int_equal(sqlite3_prepare_v2(db, records, -1, &stmt, NULL), SQLITE_OK);
        sqlite3_bind_text(stmt, 1, cases, -1, SQLITE_STATIC);
        sqlite3_bind_text(stmt, 2, replacements, -1, SQLITE_STATIC);
        sqlite3_bind_int(stmt, 3, harness_extent(1, 3));
        assert_int_equal(sqlite3_step(stmt), SQLITE_ROW);
        const char *log = (const char *)sqlite3_column_text(stmt, 0);
        const char *path = temp_write("hostile.json", log, strlen(log));
        sqlite3_finalize(stmt);
        harness_exec(db, "DELETE FROM cloudtrail; DELETE FROM cloudtrail_file");
        char *import =
            sqlite3_mprintf("SELECT json_extract(cloudtrail_import(%Q), '$.problems')", path);
        assert_query(db, import, "0");
        sqlite3_free(import);
        assert_query(db, "SELECT json_extract(cloudtrail_hunt(), '$.failed')", "NULL");
        harness_exec(db, "INSERT INTO temp.read SELECT count(*) FROM cloudtrail");
        free(cases);
        sqlite3_free(command);
    }
    free(files);
    assert_query(db, "SELECT sum(n) > 1000 FROM temp.read", "1");
    harness_close(db);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_hunts_fail_at_nothing_that_stands_in_a_record),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
