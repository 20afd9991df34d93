/*
 * merge_sets(): against a slow query that follows the sets by recursion, and what it refuses.
 */
#include "harness.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "rng.h"

static void test_merge_sets_that_share_a_member_are_one(void **state)
{
    (void)state;
    sqlite3 *db = harness_open();
    assert_query(db, "SELECT merge_sets(column1) FROM (VALUES ('[7,9]'), ('[1,2]'), ('[2,3]'))",
                 "[[1,2,3],[7,9]]");
    /* whatever the order, by whatever chain */
    assert_query(db,
                 "SELECT merge_sets(column1) FROM (VALUES ('[1,2]'), ('[3,4]'), ('[5,6]'),"
                 " ('[6,4]'), ('[2,3]'))",
                 "[[1,2,3,4,5,6]]");
    assert_query(db, "SELECT merge_sets(' [ 2 , 1 , 2 , 1 ] ')", "[[1,2]]");
    assert_query(db, "SELECT merge_sets('[9223372036854775807,-9223372036854775807,0,-0]')",
                 "[[-9223372036854775807,0,9223372036854775807]]");
    harness_close(db);
}

static void test_merge_sets_null_and_empty_count_for_nothing(void **state)
{
    (void)state;
    sqlite3 *db = harness_open();
    assert_query(db, "SELECT merge_sets(1) WHERE 0", "[]");
    assert_query(db, "SELECT merge_sets(NULL)", "[]");
    assert_query(db, "SELECT merge_sets('[]')", "[]");
    assert_query(db, "SELECT merge_sets(column1) FROM (VALUES ('[]'), ('[3]'), (NULL), ('[]'))",
                 "[[3]]");
    assert_query(db, "SELECT json_array(merge_sets('[3]'))", "[[[3]]]");
    harness_close(db);
}

static void test_merge_sets_refuses_what_is_no_array_of_integers(void **state)
{
    static const char *const wrong[] = {
        "1",
        "'x'",
        "''",
        "' '",
        "'{}'",
        "'[1'",
        "'[1,]'",
        "'[1] x'",
        "'[1.0]'",
        "'[1e2]'",
        "'[\"1\"]'",
        "'[null]'",
        "'[[1]]'",
        "'[true]'",
        "'[-]'",
        "'[9223372036854775808]'",
        "'[-9223372036854775808]'",
        "'[99999999999999999999]'",
    };
    (void)state;
    sqlite3 *db = harness_open();
    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
        char sql[128], expected[160];
        snprintf(sql, sizeof sql, "SELECT merge_sets(%s)", wrong[i]);
        snprintf(expected, sizeof expected,
                 "error: merge_sets(): expected a JSON array of integers, got %s", wrong[i]);
        assert_query(db, sql, expected);
    }
    harness_close(db);
}

static void test_merge_sets_as_a_slow_query(void **state)
{
    static const char slow[] =
        "WITH RECURSIVE pair (a, b) AS (SELECT DISTINCT x.member, y.member FROM member AS x"
        "   JOIN member AS y USING (s)),"
        " reached (a, b) AS (SELECT a, b FROM pair UNION"
        "   SELECT r.a, p.b FROM reached AS r JOIN pair AS p ON p.a = r.b)"
        " SELECT json_group_array(json(members)) FROM (SELECT json_group_array(b) AS members FROM"
        "   (SELECT a, b FROM reached ORDER BY a, b) AS r"
        "   WHERE a = (SELECT min(b) FROM reached WHERE reached.a = r.a) GROUP BY a ORDER BY a)";
    (void)state;
    rng r = {.state = 20261127};
    for (int round = 0; round < 60; round++) {
        sqlite3 *db = harness_open();
        harness_exec(db, "CREATE TABLE member (s, member)");
        int n = rng_int_below(&r, 40), n_sets = 1 + rng_int_below(&r, 15);
        int spread = 5 + rng_int_below(&r, 60);
        for (int i = 0; i < n; i++)
            harness_exec_and_free(db, sqlite3_mprintf("INSERT INTO member VALUES (%d, %d)",
                                                      rng_int_below(&r, n_sets),
                                                      rng_int_below(&r, spread) - 20));
        char *expected = harness_query(db, slow);
        assert_query(db,
                     "SELECT merge_sets(members) FROM (SELECT json_group_array(member) AS members"
                     " FROM member GROUP BY s ORDER BY abs(s * 7 % 5))",
                     expected);
        free(expected);
        harness_close(db);
    }
}

/* 200,000 sets that hang together by a chain: what is quadratic is not through before long. */
static void test_merge_sets_long_chain_is_one_set(void **state)
{
    (void)state;
    sqlite3 *db = harness_open();
    assert_query(db,
                 "WITH RECURSIVE n (i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i < 199999)"
                 "SELECT json_array_length(m), json_array_length(m, '$[0]'),"
                 "       json_extract(m, '$[0][0]', '$[0][200000]') FROM"
                 " (SELECT merge_sets('[' || i || ',' || (i + 1) || ']') AS m FROM n)",
                 "1|200001|[0,200000]");
    assert_query(db,
                 "WITH RECURSIVE n (i) AS (SELECT 200000 UNION ALL SELECT i - 1 FROM n WHERE i > 1)"
                 "SELECT json_array_length(m), json_array_length(m, '$[0]') FROM"
                 " (SELECT merge_sets('[' || i || ',' || (i - 1) || ']') AS m FROM n)",
                 "1|200001");
    harness_close(db);
}

static void test_merge_sets_is_pure(void **state)
{
    (void)state;
    sqlite3 *db = harness_open();
    assert_query(db,
                 "PRAGMA trusted_schema = OFF; CREATE VIEW v AS SELECT merge_sets('[1]');"
                 "SELECT * FROM v",
                 "[[1]]");
    assert_query(db, "SELECT merge_sets()",
                 "error: wrong number of arguments to function merge_sets()");
    harness_close(db);
}

static void test_merge_sets_out_of_memory_is_reported(void **state)
{
    (void)state;
    harness_oom_sweep("CREATE TABLE t (s); WITH RECURSIVE n (i) AS (SELECT 0 UNION ALL"
                      " SELECT i + 1 FROM n WHERE i < 99)"
                      "INSERT INTO t SELECT json_array(i, i + 1000) FROM n",
                      "SELECT json_array_length(merge_sets(s)) FROM t", "100");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_merge_sets_that_share_a_member_are_one),
        cmocka_unit_test(test_merge_sets_null_and_empty_count_for_nothing),
        cmocka_unit_test(test_merge_sets_refuses_what_is_no_array_of_integers),
        cmocka_unit_test(test_merge_sets_as_a_slow_query),
        cmocka_unit_test(test_merge_sets_long_chain_is_one_set),
        cmocka_unit_test(test_merge_sets_is_pure),
        cmocka_unit_test(test_merge_sets_out_of_memory_is_reported),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
