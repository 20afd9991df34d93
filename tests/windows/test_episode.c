#include "harness.h"

static const char *const rows =
    "CREATE TABLE seen (who, at);"
    "INSERT INTO seen VALUES ('ann', '2025-01-01T00:00:00Z'), ('ann', '2025-01-01T00:00:59Z'),"
    "    ('ann', '2025-01-01T00:01:59Z'), ('bob', '2025-01-01T00:00:30Z'),"
    "    ('bob', '2025-01-01T00:00:30Z'), ('bob', '2025-01-02T00:00:00Z');";

static void test_episode_begins_after_a_pause(void **state)
{
    (void)state;
    sqlite3 *db = harness_open();
    harness_exec(db, rows);
    assert_query(
        db, "SELECT who, at, episode(at, 60) OVER (PARTITION BY who ORDER BY at) FROM seen",
        "ann|2025-01-01T00:00:00Z|1\nann|2025-01-01T00:00:59Z|1\nann|2025-01-01T00:01:59Z|2\n"
        "bob|2025-01-01T00:00:30Z|1\nbob|2025-01-01T00:00:30Z|1\nbob|2025-01-02T00:00:00Z|2");
    assert_query(
        db, "SELECT max(n) FROM (SELECT episode(at, 60.5) OVER (ORDER BY at) AS n FROM seen)", "2");
    assert_query(db, "SELECT episode(at, 86400) FROM (SELECT at FROM seen ORDER BY at)", "1");
    assert_query(db, "SELECT episode(at, 60) FROM seen WHERE 0", "0");
    harness_close(db);
}

/* The slow way: for each row how many rows before it, itself among them, have none within the pause. */
static void test_episode_is_the_obvious_count(void **state)
{
    (void)state;
    sqlite3 *db = harness_open();
    harness_exec(db,
                 "CREATE TABLE seen (id INTEGER PRIMARY KEY, at, sec INTEGER);"
                 "WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 400)"
                 " INSERT INTO seen (id, at) SELECT i, strftime('%Y-%m-%dT%H:%M:%SZ', 1700000000 +"
                 "     (i * 7919) % 60013, 'unixepoch') FROM n;"
                 "UPDATE seen SET sec = strftime('%s', at);"
                 "CREATE TABLE start AS SELECT s.id, s.at FROM seen AS s WHERE NOT EXISTS (SELECT 1"
                 "     FROM seen AS b WHERE (b.at, b.id) < (s.at, s.id) AND s.sec - b.sec < 60)");
    assert_query(db,
                 "WITH fast AS (SELECT id, episode(at, 60) OVER (ORDER BY at, id) AS n FROM seen),"
                 " slow AS (SELECT s.id, count(*) AS n FROM seen AS s JOIN start AS b"
                 "     ON (b.at, b.id) <= (s.at, s.id) GROUP BY s.id)"
                 " SELECT count(*), sum(fast.n = slow.n), max(slow.n) > 50"
                 "   FROM fast JOIN slow USING (id)",
                 "400|400|1");
    harness_close(db);
}

static void test_episode_errors(void **state)
{
    (void)state;
    sqlite3 *db = harness_open();
    assert_query(db, "SELECT episode('yesterday', 60)",
                 "error: episode(): cannot read time 'yesterday'");
    assert_query(db, "SELECT episode(NULL, 60)", "error: episode(): cannot read time NULL");
    assert_query(db, "SELECT episode('2025-01-01', 0)",
                 "error: episode(): seconds must be a number above 0, not 0");
    assert_query(db, "SELECT episode('2025-01-01', '60')",
                 "error: episode(): seconds must be a number above 0, not '60'");
    assert_query(db, "SELECT episode('2025-01-01', 9e999)",
                 "error: episode(): seconds must be a number above 0, not 9e999");
    assert_query(db,
                 "SELECT episode(column1, 60) OVER (ORDER BY column1 ROWS 1 PRECEDING)"
                 "  FROM (VALUES ('2025-01-01'), ('2025-01-02'), ('2025-01-03'))",
                 "1\n2\nerror: episode(): the frame must begin with the partition");
    harness_close(db);
}

static void test_episode_without_memory(void **state)
{
    (void)state;
    harness_oom_sweep(NULL,
                      "SELECT episode(column1, 60) OVER (ORDER BY column1)"
                      "  FROM (VALUES ('2025-01-01'), ('2025-01-02'))",
                      "1\n2");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_episode_begins_after_a_pause),
        cmocka_unit_test(test_episode_is_the_obvious_count),
        cmocka_unit_test(test_episode_errors),
        cmocka_unit_test(test_episode_without_memory),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
