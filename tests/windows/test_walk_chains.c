/*
 * walk_chains(): against a slow query that counts steps, and on chains as hostile logs may hold.
 */
#include "harness.h"

#include <stdlib.h>

#include "rng.h"

static void test_walk_chains_goes_both_ways(void **state)
{
    (void)state;
    sqlite3 *db = harness_open();
    assert_query(db,
                 "SELECT walk_chains(column1, column2, column3)"
                 " FROM (VALUES (NULL, 'a', 'b'), (NULL, 'b', 'c'), ('w', 'b', NULL))",
                 "[[\"w\",\"a\",-1],[\"w\",\"b\",0],[\"w\",\"c\",1]]");
    /* what has only an ancestor in common (x) is not reached; a start needs no link */
    assert_query(db,
                 "SELECT walk_chains(column1, column2, column3) FROM (VALUES ('w', 'b', NULL),"
                 " (NULL, 'a', 'b'), (NULL, 'a', 'x'), (NULL, 'r', 'a'), ('v', 'lone', NULL))",
                 "[[\"w\",\"r\",-2],[\"w\",\"a\",-1],[\"w\",\"b\",0],[\"v\",\"lone\",0]]");
    /* one walk may start at several nodes; the shortest way counts, and of two the one back */
    assert_query(db,
                 "SELECT walk_chains(column1, column2, column3) FROM (VALUES ('w', 'a', NULL),"
                 " ('w', 'c', NULL), (NULL, 'a', 'b'), (NULL, 'b', 'c'), (NULL, 'c', 'd'))",
                 "[[\"w\",\"b\",-1],[\"w\",\"a\",0],[\"w\",\"c\",0],[\"w\",\"d\",1]]");
    assert_query(db,
                 "SELECT walk_chains(column1, column2, column3) FROM (VALUES ('w', 'a', NULL),"
                 " (NULL, 'a', 'b'), (NULL, 'b', 'c'), (NULL, 'c', 'a'), (NULL, 'a', 'a'))",
                 "[[\"w\",\"c\",-1],[\"w\",\"a\",0],[\"w\",\"b\",1]]");
    /* a start and a link in one row */
    assert_query(db, "SELECT walk_chains('w', 'a', 'b')", "[[\"w\",\"a\",0],[\"w\",\"b\",1]]");
    harness_close(db);
}

static void test_walk_chains_null_and_any_value(void **state)
{
    (void)state;
    sqlite3 *db = harness_open();
    assert_query(db, "SELECT walk_chains(1, 2, 3) WHERE 0", "[]");
    assert_query(db, "SELECT walk_chains(NULL, 'a', 'b')", "[]");
    assert_query(db,
                 "SELECT walk_chains(column1, column2, column3) FROM (VALUES ('w', NULL, 'b'),"
                 " (NULL, 'a', NULL), (NULL, NULL, NULL), ('w', NULL, NULL))",
                 "[]");
    assert_query(db, "SELECT walk_chains(1, 2.5, x'7a')", "[[\"1\",\"2.5\",0],[\"1\",\"z\",1]]");
    assert_query(db, "SELECT walk_chains('', '', char(10) || '\"')",
                 "[[\"\",\"\",0],[\"\",\"\\n\\\"\",1]]");
    assert_query(db, "SELECT json_array(walk_chains('w', 'a', NULL))", "[[[\"w\",\"a\",0]]]");
    assert_query(db, "SELECT walk_chains(1, 2)",
                 "error: wrong number of arguments to function walk_chains()");
    assert_query(db,
                 "PRAGMA trusted_schema = OFF; CREATE VIEW v AS SELECT walk_chains(1, 2, 3);"
                 "SELECT * FROM v",
                 "[[\"1\",\"2\",0],[\"1\",\"3\",1]]");
    harness_close(db);
}

/* Every way of up to as many steps as there are nodes, then the shortest: slow and plain. */
static void test_walk_chains_as_a_slow_query(void **state)
{
    static const char slow[] =
        "WITH RECURSIVE way (walk, node, depth, sign) AS ("
        "   SELECT walk, node, 0, sign FROM t, (SELECT 1 AS sign UNION SELECT -1)"
        "    WHERE walk IS NOT NULL"
        "   UNION"
        "   SELECT w.walk, CASE w.sign WHEN 1 THEN t.next ELSE t.node END, w.depth + w.sign, w.sign"
        "     FROM way AS w JOIN t ON t.walk IS NULL"
        "      AND w.node = CASE w.sign WHEN 1 THEN t.node ELSE t.next END"
        "    WHERE abs(w.depth) < 12)"
        " SELECT walk, node, depth FROM ("
        "   SELECT *, row_number() OVER (PARTITION BY walk, node ORDER BY abs(depth), depth) AS n"
        "     FROM way)"
        " WHERE n = 1 ORDER BY 1, 3, 2";
    static const char ours[] =
        "SELECT json_extract(value, '$[0]'), json_extract(value, '$[1]'),"
        " json_extract(value, '$[2]')"
        " FROM json_each((SELECT walk_chains(walk, node, next) FROM t)) ORDER BY 1, 3, 2";
    (void)state;
    rng r = {.state = 20261128};
    for (int round = 0; round < harness_extent(400, 60); round++) {
        sqlite3 *db = harness_open();
        harness_exec(db, "CREATE TABLE t (walk TEXT, node TEXT, next TEXT)");
        int n_nodes = 2 + rng_int_below(&r, 10), n_links = rng_int_below(&r, 20);
        for (int i = 0; i < n_links; i++)
            harness_exec_and_free(db, sqlite3_mprintf("INSERT INTO t VALUES (NULL, %d, %d)",
                                                      rng_int_below(&r, n_nodes),
                                                      rng_int_below(&r, n_nodes)));
        for (int i = 0; i < 4; i++)
            harness_exec_and_free(db, sqlite3_mprintf("INSERT INTO t VALUES ('w%d', %d, NULL)",
                                                      rng_int_below(&r, 3),
                                                      rng_int_below(&r, n_nodes)));
        char *expected = harness_query(db, slow);
        assert_query(db, ours, expected);
        free(expected);
        harness_close(db);
    }
}

/* Long chains, cycles and ladders, whose ways are without number: what follows each is not through
 * before long. */
static void test_walk_chains_is_linear(void **state)
{
    (void)state;
    sqlite3 *db = harness_open();
    assert_query(db,
                 "WITH RECURSIVE n (i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i < 199999)"
                 "SELECT json_array_length(m), json_extract(m, '$[200000][2]') FROM"
                 " (SELECT walk_chains(CASE i WHEN 0 THEN 'w' END, i, i + 1) AS m FROM n)",
                 "200001|200000");
    /* a circle: each node by the shorter way round */
    assert_query(db,
                 "WITH RECURSIVE n (i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i < 99999)"
                 "SELECT json_array_length(m), json_extract(m, '$[0][2]', '$[99999][2]') FROM"
                 " (SELECT walk_chains(CASE i WHEN 7 THEN 'w' END, i, (i + 1) % 100000) AS m"
                 "    FROM n)",
                 "100000|[-50000,49999]");
    /* each of a pair leads to each of the next pair: 2^50000 ways */
    assert_query(db,
                 "WITH RECURSIVE n (i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i < 49999)"
                 "SELECT json_array_length(m) FROM (SELECT walk_chains("
                 "   CASE WHEN i = 0 AND a.v = 0 THEN 'w' END, 2 * i + a.v, 2 * i + 2 + b.v) AS m"
                 "   FROM n, (SELECT 0 AS v UNION SELECT 1) AS a,"
                 "        (SELECT 0 AS v UNION SELECT 1) AS b)",
                 "100001");
    harness_close(db);
}

static void test_walk_chains_out_of_memory_is_reported(void **state)
{
    (void)state;
    harness_oom_sweep("CREATE TABLE t (n); WITH RECURSIVE n (i) AS (SELECT 0 UNION ALL"
                      " SELECT i + 1 FROM n WHERE i < 99)"
                      "INSERT INTO t SELECT i FROM n",
                      "SELECT json_array_length(walk_chains(CASE WHEN n % 10 = 0 THEN n END, n,"
                      " n + 1)) FROM t",
                      "1010");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_walk_chains_goes_both_ways),
        cmocka_unit_test(test_walk_chains_null_and_any_value),
        cmocka_unit_test(test_walk_chains_as_a_slow_query),
        cmocka_unit_test(test_walk_chains_is_linear),
        cmocka_unit_test(test_walk_chains_out_of_memory_is_reported),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
