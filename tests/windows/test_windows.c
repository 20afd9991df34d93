#include "harness.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "rng.h"

/* ---- random frames against correlated subqueries -------------------------------------------- */

enum { SEED = 20230710 };

/* Kinds of values. The first has what JSON can hold, and numbers that are written in two ways. */
static const char *const json_values[] = {"NULL", "1",  "1.0", "2",   "2.5", "0",
                                          "-0.0", "''", "'1'", "'a'", "'A'", "'\xC3\xA9\"\\'",
                                          "'a '"};
static const char *const any_values[] = {"NULL",
                                         "1",
                                         "1.0",
                                         "x'31'",
                                         "'1'",
                                         "x''",
                                         "''",
                                         "9007199254740993",
                                         "9007199254740992.0",
                                         "9e999",
                                         "-9e999",
                                         "zeroblob(2)",
                                         "x'0000'",
                                         "CAST(x'610062' AS TEXT)"};
static const char *const long_values[] = {"NULL",
                                          "hex(zeroblob(3000))",
                                          "hex(zeroblob(3000)) || 'a'",
                                          "hex(zeroblob(2999)) || 'b'",
                                          "zeroblob(4000)",
                                          "zeroblob(4001)"};

typedef struct frame {
    const char *mode; /* ROWS, RANGE or GROUPS */
    int start, end;   /* enum bound */
    const char *start_offset, *end_offset;
    const char *exclude;
    bool filtered, descending, partitioned;
} frame;

enum bound { UNBOUNDED_PRECEDING, PRECEDING, CURRENT_ROW, FOLLOWING, UNBOUNDED_FOLLOWING };

static const char *random_offset(rng *r, const char *mode)
{
    static const char *const whole[] = {"0", "1", "2", "3", "7"};
    static const char *const any[] = {"0", "0.5", "1", "2", "3.5"};
    return strcmp(mode, "RANGE") == 0 ? any[rng_int_below(r, 5)] : whole[rng_int_below(r, 5)];
}

static frame random_frame(rng *r)
{
    static const char *const modes[] = {"ROWS", "RANGE", "GROUPS"};
    static const char *const excludes[] = {"NO OTHERS",   "NO OTHERS", "NO OTHERS",
                                           "CURRENT ROW", "GROUP",     "TIES"};
    frame f = {.mode = modes[rng_int_below(r, 3)], .exclude = excludes[rng_int_below(r, 6)]};
    f.start = rng_int_below(r, UNBOUNDED_FOLLOWING);
    int lowest = f.start == UNBOUNDED_PRECEDING ? PRECEDING : f.start;
    f.end = lowest + rng_int_below(r, UNBOUNDED_FOLLOWING - lowest + 1);
    f.start_offset = random_offset(r, f.mode);
    f.end_offset = random_offset(r, f.mode);
    f.filtered = rng_int_below(r, 3) == 0;
    f.descending = rng_int_below(r, 3) == 0;
    f.partitioned = rng_int_below(r, 2) == 0;
    return f;
}

static void put_bound(ct_buf *sql, int bound, const char *offset)
{
    static const char *const words[] = {"UNBOUNDED PRECEDING", "PRECEDING", "CURRENT ROW",
                                        "FOLLOWING", "UNBOUNDED FOLLOWING"};
    if (bound == PRECEDING || bound == FOLLOWING)
        ct_buf_printf(sql, "%s ", offset);
    ct_buf_put_text(sql, words[bound]);
}

/* The window as SQL has it. Only in ROWS mode the id is part of the order: the other two are to
 * have peers. */
static void put_window(ct_buf *sql, const frame *f)
{
    ct_buf_printf(sql, "%sORDER BY o %s%s %s BETWEEN ", f->partitioned ? "PARTITION BY p " : "",
                  f->descending ? "DESC" : "ASC", strcmp(f->mode, "ROWS") == 0 ? ", id" : "",
                  f->mode);
    put_bound(sql, f->start, f->start_offset);
    ct_buf_put_text(sql, " AND ");
    put_bound(sql, f->end, f->end_offset);
    ct_buf_printf(sql, " EXCLUDE %s", f->exclude);
}

static void put_limit(ct_buf *sql, const char *row, const char *compare, int bound,
                      const char *offset)
{
    if (bound == UNBOUNDED_PRECEDING || bound == UNBOUNDED_FOLLOWING)
        return;
    ct_buf_printf(sql, " AND %s.pos %s a.pos", row, compare);
    if (bound != CURRENT_ROW)
        ct_buf_printf(sql, " %s %s", bound == PRECEDING ? "-" : "+", offset);
}

/* The same as a condition on two rows of the table `placed`: that `row` is in the frame of a. */
static void put_condition(ct_buf *sql, const frame *f, const char *row)
{
    ct_buf_printf(sql, "%s.p IS a.p", row);
    put_limit(sql, row, ">=", f->start, f->start_offset);
    put_limit(sql, row, "<=", f->end, f->end_offset);
    if (strcmp(f->exclude, "CURRENT ROW") == 0)
        ct_buf_printf(sql, " AND %s.id <> a.id", row);
    if (strcmp(f->exclude, "GROUP") == 0)
        ct_buf_printf(sql, " AND %s.peers <> a.peers", row);
    if (strcmp(f->exclude, "TIES") == 0)
        ct_buf_printf(sql, " AND (%s.peers <> a.peers OR %s.id = a.id)", row, row);
    if (f->filtered)
        ct_buf_printf(sql, " AND %s.f", row);
}

/* `placed`: each row with its number, the number of its peers and what the frame's bounds count. */
static void put_placing(ct_buf *sql, const frame *f)
{
    const char *direction = f->descending ? "DESC" : "ASC";
    const char *part = f->partitioned ? "PARTITION BY p" : "";
    bool is_rows = strcmp(f->mode, "ROWS") == 0;
    const char *pos = is_rows                          ? "rn"
                      : strcmp(f->mode, "GROUPS") == 0 ? "dr"
                      : f->descending                  ? "-o"
                                                       : "o";
    ct_buf_printf(sql, "INSERT INTO placed SELECT id, %s, f, x, rn, %s, %s FROM (SELECT *, ",
                  f->partitioned ? "p" : "NULL", is_rows ? "rn" : "dr", pos);
    ct_buf_printf(sql, "row_number() OVER (%s ORDER BY o %s, id) AS rn, ", part, direction);
    ct_buf_printf(sql, "dense_rank() OVER (%s ORDER BY o %s) AS dr FROM r);", part, direction);
}

static void put_rows(ct_buf *sql, rng *r, const char *const values[], int n_values)
{
    int n = rng_int_below(r, 15);
    ct_buf_put_text(sql, "DELETE FROM r; DELETE FROM placed;");
    for (int i = 0; i < n; i++)
        ct_buf_printf(sql, "INSERT INTO r(p, o, f, x) VALUES (%d, %d / 2.0, %d, %s);",
                      rng_int_below(r, 2), rng_int_below(r, 12), rng_int_below(r, 3) > 0,
                      values[rng_int_below(r, n_values)]);
}

/* Counts the rows for which our function and the slow query differ. */
static void put_count_check(ct_buf *sql, const frame *f)
{
    ct_buf_put_text(sql, "SELECT count(*) FROM (SELECT id, count_distinct(x)");
    ct_buf_put_text(sql, f->filtered ? " FILTER (WHERE f) OVER (" : " OVER (");
    put_window(sql, f);
    ct_buf_put_text(sql, ") AS got FROM (SELECT * FROM r ORDER BY id)) JOIN placed a USING (id) "
                         "WHERE got IS NOT (SELECT count(DISTINCT b.x) FROM placed b WHERE ");
    put_condition(sql, f, "b");
    ct_buf_put_text(sql, ");");
}

static void put_list_check(ct_buf *sql, const frame *f)
{
    ct_buf_put_text(sql, "SELECT count(*) FROM (SELECT id, list_distinct(x)");
    ct_buf_put_text(sql, f->filtered ? " FILTER (WHERE f) OVER (" : " OVER (");
    put_window(sql, f);
    ct_buf_put_text(sql, ") AS got FROM (SELECT * FROM r ORDER BY id)) JOIN placed a USING (id) "
                         "WHERE got IS NOT (SELECT json_group_array(x) FROM (SELECT b.x"
                         " FROM placed b WHERE b.x IS NOT NULL AND ");
    put_condition(sql, f, "b");
    ct_buf_put_text(sql, " AND NOT EXISTS (SELECT 1 FROM placed c WHERE c.x = b.x"
                         " AND c.rn < b.rn AND ");
    put_condition(sql, f, "c");
    ct_buf_put_text(sql, ") ORDER BY b.rn));");
}

static void check_random_case(sqlite3 *db, rng *r)
{
    static const struct {
        const char *const *values;
        int n;
    } pools[] = {
        {json_values, sizeof json_values / sizeof json_values[0]},
        {any_values, sizeof any_values / sizeof any_values[0]},
        {long_values, sizeof long_values / sizeof long_values[0]},
    };
    int pool = rng_int_below(r, 5) < 3 ? 0 : 1 + rng_int_below(r, 2);
    frame f = random_frame(r);
    ct_buf sql = CT_BUF_EMPTY;
    put_rows(&sql, r, pools[pool].values, pools[pool].n);
    put_placing(&sql, &f);
    put_count_check(&sql, &f);
    if (pool == 0)
        put_list_check(&sql, &f);
    ct_buf_put_char(&sql, '\0');
    assert_query(db, sql.data, pool == 0 ? "0\n0" : "0");
    ct_buf_free(&sql);
}

static void test_count_and_list_distinct_random_frames_agree_with_subquery(void **state)
{
    (void)state;
    sqlite3 *db = harness_open();
    assert_query(db,
                 "CREATE TABLE r(id INTEGER PRIMARY KEY, p, o, f, x);"
                 "CREATE TABLE placed(id INTEGER PRIMARY KEY, p, f, x, rn, peers, pos)",
                 "");
    int n_cases = harness_extent(10000, 2500);
    print_message("%d random frames, seed %d\n", n_cases, SEED);
    rng r = {SEED};
    for (int i = 0; i < n_cases; i++)
        check_random_case(db, &r);
    harness_close(db);
}

/* A frame that slides far: values go and come back, texts are tidied up behind them. */
static void test_count_and_list_distinct_long_slide_agrees_with_subquery(void **state)
{
    (void)state;
    sqlite3 *db = harness_open();
    assert_query(
        db,
        "CREATE TABLE r(id INTEGER PRIMARY KEY, x);"
        "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 3000)"
        "INSERT INTO r SELECT i, CASE i % 3 WHEN 0 THEN i % 97 WHEN 1 THEN i * i % 101 / 2.0"
        " ELSE printf('%0200d', i * 7 % 113) END FROM n;"
        "SELECT count(*) FROM (SELECT id, count_distinct(x) OVER w AS c, list_distinct(x) OVER w"
        "  AS l FROM r WINDOW w AS (ORDER BY id ROWS BETWEEN 40 PRECEDING AND 10 FOLLOWING)) a"
        " WHERE c <> (SELECT count(DISTINCT x) FROM r b WHERE b.id BETWEEN a.id - 40 AND a.id + 10)"
        "    OR l <> (SELECT json_group_array(x) FROM (SELECT x FROM r b"
        "              WHERE b.id BETWEEN a.id - 40 AND a.id + 10"
        "                AND NOT EXISTS (SELECT 1 FROM r c WHERE c.id BETWEEN a.id - 40 AND b.id - "
        "1"
        "                                 AND c.x = b.x) ORDER BY id))",
        "0");
    harness_close(db);
}

/* ---- single answers ------------------------------------------------------------------------- */

#define THREE "(SELECT 'b' AS x UNION ALL SELECT NULL UNION ALL SELECT 'a' UNION ALL SELECT 'b')"

static void test_count_distinct_answers(void **state)
{
    (void)state;
    sqlite3 *db = harness_open();
    assert_query(db, "SELECT count_distinct(x) FROM " THREE, "2");
    assert_query(db, "SELECT count_distinct(x), typeof(count_distinct(x)) FROM " THREE " WHERE 0",
                 "0|integer");
    assert_query(db, "SELECT count_distinct(NULL)", "0");
    assert_query(db, "SELECT count_distinct(DISTINCT x) FROM " THREE, "2");
    assert_query(db,
                 "SELECT count_distinct(x) FROM (SELECT 1 AS x UNION ALL SELECT 1.0 UNION ALL "
                 "SELECT '1')",
                 "2");
    assert_query(db, "SELECT count_distinct()",
                 "error: wrong number of arguments to function count_distinct()");
    harness_close(db);
}

static void test_list_distinct_answers(void **state)
{
    (void)state;
    sqlite3 *db = harness_open();
    assert_query(db, "SELECT list_distinct(x) FROM " THREE, "[\"b\",\"a\"]");
    assert_query(db, "SELECT list_distinct(x) FROM " THREE " WHERE 0", "[]");
    assert_query(db, "SELECT list_distinct(NULL)", "[]");
    assert_query(db, "SELECT list_distinct(9e999), list_distinct(-9e999), list_distinct(0.1)",
                 "[9e999]|[-9e999]|[0.1]");
    assert_query(db, "SELECT list_distinct(x'61')", "error: JSON cannot hold BLOB values");
    /* JSON functions take it as JSON, not as a text to quote */
    assert_query(db, "SELECT json_array(list_distinct(x)) FROM " THREE, "[[\"b\",\"a\"]]");
    assert_query(db, "SELECT json_array(list_distinct(x)) FROM " THREE " WHERE 0", "[[]]");
    harness_close(db);
}

/* The first row with the value decides how it is written, also after that row has left. */
static void test_list_distinct_equal_numbers_first_row_is_shown(void **state)
{
    (void)state;
    sqlite3 *db = harness_open();
    assert_query(db,
                 "CREATE TABLE r(id INTEGER PRIMARY KEY, x);"
                 "INSERT INTO r(x) VALUES (1), (1.0), (2.0), (1), (2);"
                 "SELECT list_distinct(x) OVER (ORDER BY id ROWS 1 PRECEDING) FROM r",
                 "[1]\n[1]\n[1.0,2.0]\n[2.0,1]\n[1,2]");
    harness_close(db);
}

static void test_list_distinct_utf16_database_same_answers(void **state)
{
    (void)state;
    sqlite3 *db = harness_open();
    assert_query(db,
                 "PRAGMA encoding = 'UTF-16'; CREATE TABLE r(x);"
                 "INSERT INTO r VALUES ('\xC3\xA9'), ('a'), ('\xC3\xA9'), (1);"
                 "SELECT count_distinct(x), list_distinct(x) FROM r",
                 "3|[\"\xC3\xA9\",\"a\",1]");
    harness_close(db);
}

/* ---- memory --------------------------------------------------------------------------------- */

static const char rows_40[] =
    "CREATE TABLE r(id INTEGER PRIMARY KEY, x);"
    "WITH RECURSIVE n(i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i < 39)"
    "INSERT INTO r SELECT i, CASE i % 4 WHEN 0 THEN i WHEN 1 THEN i + 0.5"
    " ELSE 'a text so long that it has memory of its own: ' || (i / 2 % 17) END FROM n";

static void test_count_and_list_distinct_no_memory_is_nomem(void **state)
{
    (void)state; /* expected: count(DISTINCT x) and json_group_array() of a sorted subquery */
    harness_oom_sweep(rows_40, "SELECT count_distinct(x) FROM r", "30");
    harness_oom_sweep(rows_40, "SELECT length(list_distinct(x)) FROM r", "578");
    harness_oom_sweep(rows_40,
                      "SELECT sum(c) FROM (SELECT count_distinct(x) OVER (ORDER BY id ROWS 9 "
                      "PRECEDING) c FROM r)",
                      "277");
    harness_oom_sweep(rows_40,
                      "SELECT sum(length(l)) FROM (SELECT list_distinct(x) OVER (ORDER BY id "
                      "ROWS 9 PRECEDING) l FROM r)",
                      "5488");
    /* no row is lost where its value cannot be read */
    harness_oom_sweep(NULL, "SELECT list_distinct(x) FROM (SELECT 'a' AS x UNION ALL SELECT 'b')",
                      "[\"a\",\"b\"]");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_count_and_list_distinct_random_frames_agree_with_subquery),
        cmocka_unit_test(test_count_and_list_distinct_long_slide_agrees_with_subquery),
        cmocka_unit_test(test_count_distinct_answers),
        cmocka_unit_test(test_list_distinct_answers),
        cmocka_unit_test(test_list_distinct_equal_numbers_first_row_is_shown),
        cmocka_unit_test(test_list_distinct_utf16_database_same_answers),
        cmocka_unit_test(test_count_and_list_distinct_no_memory_is_nomem),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
