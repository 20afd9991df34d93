/*
 * finding_list(): the words of a list, hostile names, and what it refuses; how long a deed took by
 * finding_sentence(), whose other words are read in every test of a rule.
 */
#include "harness.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void test_finding_list_names_the_first_and_counts_the_rest(void **state)
{
    (void)state;
    sqlite3 *db = harness_open();
    assert_query(db, "SELECT finding_list('[\"a\"]', 2)", "a");
    assert_query(db, "SELECT finding_list('[\"a\",\"b\"]', 2)", "a, b");
    assert_query(db, "SELECT finding_list(' [ \"a\" , \"b\" , \"c\" ] ', 2)", "a, b and 1 more");
    assert_query(db, "SELECT finding_list('[\"a\",\"b\",\"c\"]', 1)", "a and 2 more");
    assert_query(db, "SELECT finding_list('[1,null,{\"k\": [2]}]', 9)", "1, null, {\"k\":[2]}");
    assert_query(db, "SELECT finding_list('[\"\",\"b\"]', 9)", ", b");
    harness_close(db);
}

static void test_finding_list_null_and_empty_are_null(void **state)
{
    (void)state;
    sqlite3 *db = harness_open();
    assert_query(db, "SELECT finding_list(NULL, 2) IS NULL", "1");
    assert_query(db, "SELECT finding_list('[\"a\"]', NULL) IS NULL", "1");
    assert_query(db, "SELECT finding_list('[]', 2) IS NULL", "1");
    assert_query(db, "SELECT finding_list('[\"a\"]', 0) IS NULL", "1");
    assert_query(db, "SELECT finding_list('[\"a\"]', -1) IS NULL", "1");
    harness_close(db);
}

/* Names come from strangers: long ones are cut between characters, what a terminal obeys is shown. */
static void test_finding_list_long_and_hostile_names_are_tamed(void **state)
{
    (void)state;
    sqlite3 *db = harness_open();
    assert_query(db,
                 "SELECT finding_list(json_array(printf('%.*c', 80, 'x')), 1)"
                 " = printf('%.*c', 80, 'x')",
                 "1");
    assert_query(db,
                 "SELECT finding_list(json_array(printf('%.*c', 81, 'x')), 1)"
                 " = printf('%.*c', 80, 'x') || char(8230)",
                 "1");
    assert_query(db,
                 "SELECT finding_list(json_array(replace(printf('%.*c', 81, 'x'), 'x',"
                 " char(228))), 1) = replace(printf('%.*c', 80, 'x'), 'x', char(228))"
                 " || char(8230)",
                 "1");
    assert_query(db,
                 "SELECT finding_list('[\"a\\u001b[2Jb\\u202ec\"]', 1)"
                 " = 'a' || char(65533) || '[2Jb' || char(65533) || 'c'",
                 "1");
    assert_query(db, "SELECT finding_list('[\"' || CAST(x'ff' AS TEXT) || '\"]', 1) = char(65533)",
                 "1");
    harness_close(db);
}

static void test_finding_list_refuses_what_is_no_array(void **state)
{
    static const char *const wrong[] = {"'x'",    "''",      "' '",   "'{}'", "'[1'",
                                        "'[1,]'", "'[1] x'", "'[x]'", "1"};
    (void)state;
    sqlite3 *db = harness_open();
    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
        char *sql = sqlite3_mprintf("SELECT finding_list(%s, 2)", wrong[i]);
        char *got = harness_query(db, sql);
        if (strncmp(got, "error: finding_list(): expected a JSON array, got ", 50) != 0)
            fail_msg("%s gives %s", sql, got);
        free(got);
        sqlite3_free(sql);
    }
    harness_close(db);
}

static void test_finding_list_out_of_memory_is_reported(void **state)
{
    (void)state;
    harness_oom_sweep("CREATE TABLE t (s); INSERT INTO t VALUES ('[\"a\",{\"b\":1},\"c\"]')",
                      "SELECT finding_list(s, 2) FROM t", "a, {\"b\":1} and 1 more");
}

static void test_deed_says_what_became_of_the_call(void **state)
{
    (void)state;
    sqlite3 *db = harness_open();
    assert_query(db, "SELECT finding_deed('stopped the trail', 'audit', 'StopLogging', 'done')",
                 "stopped the trail audit");
    assert_query(db, "SELECT finding_deed('stopped a trail', NULL, 'StopLogging', 'done')",
                 "stopped a trail");
    assert_query(db, "SELECT finding_deed('stopped the trail', 'audit', 'StopLogging', 'denied')",
                 "was denied StopLogging (audit)");
    assert_query(db, "SELECT finding_deed('stopped the trail', '', 'StopLogging', 'throttled')",
                 "was throttled at StopLogging");
    assert_query(db, "SELECT finding_deed('stopped the trail', 'audit', 'StopLogging', 'failed')",
                 "failed at StopLogging (audit)");
    assert_query(db, "SELECT finding_deed(NULL, NULL, NULL, NULL)", "failed at ");
    harness_close(db);
    harness_oom_sweep(NULL, "SELECT finding_deed('stopped', 'audit', 'StopLogging', 'denied')",
                      "was denied StopLogging (audit)");
}

static void test_finding_sentence_tells_long_times_in_larger_units(void **state)
{
    static const struct {
        const char *last, *words;
    } cases[] = {
        {"2025-10-14T00:00:00Z", "jane slept within a second."},
        {"2025-10-14T00:00:01Z", "jane slept in 1 second."},
        {"2025-10-14T00:01:59Z", "jane slept in 119 seconds."},
        {"2025-10-14T00:02:00Z", "jane slept in 2 minutes."},
        {"2025-10-14T01:59:59Z", "jane slept in 120 minutes."},
        {"2025-10-14T02:00:00Z", "jane slept in 2 hours."},
        {"2025-10-14T02:30:00Z", "jane slept in 3 hours."},
        {"2025-10-15T23:29:59Z", "jane slept in 47 hours."},
        {"2025-10-16T00:00:00Z", "jane slept in 2 days."},
        {"2025-10-18T13:00:00Z", "jane slept in 5 days."},
    };
    (void)state;
    sqlite3 *db = harness_open();
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        char *sql = sqlite3_mprintf("SELECT finding_sentence('jane', '', 'slept',"
                                    " '2025-10-14T00:00:00Z', %Q, '', '', 0)",
                                    cases[i].last);
        assert_query(db, sql, cases[i].words);
        sqlite3_free(sql);
    }
    harness_close(db);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_deed_says_what_became_of_the_call),
        cmocka_unit_test(test_finding_list_names_the_first_and_counts_the_rest),
        cmocka_unit_test(test_finding_list_null_and_empty_are_null),
        cmocka_unit_test(test_finding_list_long_and_hostile_names_are_tamed),
        cmocka_unit_test(test_finding_list_refuses_what_is_no_array),
        cmocka_unit_test(test_finding_list_out_of_memory_is_reported),
        cmocka_unit_test(test_finding_sentence_tells_long_times_in_larger_units),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
