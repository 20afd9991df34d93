#include "harness.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/buf.h"
#include "rng.h"

/* ---- random events against the definition --------------------------------------------------- */

enum { SEED = 20230710, N_TIMES = 12, N_KINDS = 4 };

/*
 * The definition, step by step and slow: windows begin at every half unit, so that every set of
 * events a window can hold is there; the events of a qualifying window reach one another; what is
 * reached from an event is its burst. :w is the width in units, :k the threshold, :kind says how
 * times are written.
 */
static const char definition[] =
    "WITH RECURSIVE"
    " starts(s) AS (SELECT -6 UNION ALL SELECT s + 0.5 FROM starts WHERE s < 12),"
    " inside(s, id, x) AS (SELECT s, id, x FROM starts JOIN ev ON i >= s AND i < s + :w"
    "                       WHERE x IS NOT NULL),"
    " good(s, n) AS (SELECT s, count(DISTINCT x) FROM inside GROUP BY s"
    "                HAVING count(DISTINCT x) >= :k),"
    " pair(a, b) AS (SELECT DISTINCT p.id, q.id FROM good JOIN inside p USING (s)"
    "                 JOIN inside q USING (s)),"
    " reach(a, b) AS (SELECT a, b FROM pair UNION"
    "                 SELECT reach.a, pair.b FROM reach JOIN pair ON pair.a = reach.b),"
    " member(burst, id) AS (SELECT min(b), a FROM reach GROUP BY a),"
    " peak(burst, n) AS (SELECT burst, max(n) FROM good JOIN inside USING (s)"
    "                     JOIN member USING (id) GROUP BY burst),"
    " event(burst, id, i, x) AS (SELECT burst, id, i, x FROM member JOIN ev USING (id)),"
    " list(burst, x) AS (SELECT burst, json_group_array(x) FROM (SELECT burst, x FROM event a"
    "   WHERE NOT EXISTS (SELECT 1 FROM event b WHERE b.burst = a.burst AND b.x = a.x"
    "                      AND (b.i, b.id) < (a.i, a.id))"
    "   ORDER BY burst, i, id) GROUP BY burst),"
    " rows(burst, ids) AS (SELECT burst, json_group_array(id) FROM"
    "   (SELECT burst, id FROM event ORDER BY burst, i, id) GROUP BY burst),"
    " object(first, last, n, peak, events, list, ids) AS (SELECT min(i), max(i),"
    "   count(DISTINCT event.x), peak.n, count(*), list.x, rows.ids"
    "   FROM event JOIN peak USING (burst) JOIN list USING (burst) JOIN rows USING (burst)"
    "   GROUP BY burst),"
    " json(first, ids, text) AS (SELECT first, ids, printf("
    "   '{\"start\":%s,\"end\":%s,\"count\":%d,\"peak\":%d,\"events\":%d,\"values\":%s',"
    "   (SELECT shown FROM tm WHERE kind = :kind AND tm.i = first),"
    "   (SELECT shown FROM tm WHERE kind = :kind AND tm.i = last), n, peak, events, list)"
    "   FROM object ORDER BY first)"
    " SELECT '[' || ifnull(group_concat(text || '}', ','), '') || ']',"
    "  ifnull((SELECT max(n) FROM (SELECT count(DISTINCT x) AS n FROM inside GROUP BY s)), 0),"
    "  '[' || ifnull(group_concat(text || ',\"rows\":' || ids || '}', ','), '') || ']'"
    "  FROM json";

static const char ours[] =
    "SELECT distinct_bursts(x, v, :seconds, :k), max_distinct_within(x, v, :seconds),"
    " distinct_bursts(x, v, :seconds, :k, id)"
    " FROM (SELECT id, x, (SELECT v FROM tm WHERE kind = :kind AND tm.i = ev.i) AS v"
    "         FROM ev ORDER BY id)";

/* How long a unit is. */
static const double unit_seconds[N_KINDS] = {1, 0.001, 1, 0.001};

/* Writes .iii, without zeros at the end. */
static void put_milliseconds(char out[8], int i)
{
    snprintf(out, 8, ".%03d", i);
    for (size_t n = strlen(out); out[n - 1] == '0' || out[n - 1] == '.'; n--)
        out[n - 1] = '\0';
}

/* The table tm: time number i as each kind writes it, and as JSON is to show it. */
static void make_times(sqlite3 *db)
{
    ct_buf sql = CT_BUF_EMPTY;
    ct_buf_put_text(&sql, "CREATE TABLE ev(id INTEGER PRIMARY KEY, i, x);"
                          "CREATE TABLE tm(kind, i, v, shown, PRIMARY KEY (kind, i));");
    for (int i = 0; i < N_TIMES; i++) {
        char ms[8] = "";
        if (i > 0)
            put_milliseconds(ms, i);
        ct_buf_printf(&sql, "INSERT INTO tm VALUES (0, %d, %d, '%d');", i, i - 3, i - 3);
        ct_buf_printf(&sql, "INSERT INTO tm VALUES (1, %d, 1688989356.%03d, '1688989356%s');", i, i,
                      ms);
        ct_buf_printf(&sql,
                      "INSERT INTO tm VALUES (2, %d, '2023-07-10 %s',"
                      " '\"2023-07-10T11:42:%dZ\"');",
                      i, i % 2 ? "11:42:" : "13:12:", 30 + i);
        ct_buf_printf(&sql, "UPDATE tm SET v = v || '%d%s' WHERE kind = 2 AND i = %d;", 30 + i,
                      i % 2 ? "" : "+01:30", i);
        ct_buf_printf(&sql,
                      "INSERT INTO tm VALUES (3, %d, '2023-07-10T11:42:36.%03dZ',"
                      " '\"2023-07-10T11:42:36%sZ\"');",
                      i, i, ms);
    }
    ct_buf_put_char(&sql, '\0');
    assert_query(db, sql.data, "");
    ct_buf_free(&sql);
}

static void bind(sqlite3_stmt *stmt, const char *name, double value)
{
    int index = sqlite3_bind_parameter_index(stmt, name);
    if (index == 0)
        return;
    if (value == (int)value)
        sqlite3_bind_int(stmt, index, (int)value);
    else
        sqlite3_bind_double(stmt, index, value);
}

typedef struct parameters {
    int kind, width, threshold;
} parameters;

static void run(sqlite3_stmt *stmt, const parameters *p)
{
    bind(stmt, ":kind", p->kind);
    bind(stmt, ":w", p->width);
    bind(stmt, ":k", p->threshold);
    bind(stmt, ":seconds", p->width * unit_seconds[p->kind]);
    if (sqlite3_step(stmt) != SQLITE_ROW)
        fail_msg("%s", sqlite3_errmsg(sqlite3_db_handle(stmt)));
}

static void make_events(sqlite3 *db, rng *r)
{
    static const char *const values[] = {"NULL", "'a'", "'b'", "'\"'", "1", "1.0", "2.5"};
    ct_buf sql = CT_BUF_EMPTY;
    ct_buf_put_text(&sql, "DELETE FROM ev;");
    for (int n = rng_int_below(r, 11); n > 0; n--)
        ct_buf_printf(&sql, "INSERT INTO ev(i, x) VALUES (%d, %s);", rng_int_below(r, N_TIMES),
                      values[rng_int_below(r, 7)]);
    ct_buf_put_char(&sql, '\0');
    assert_int_equal(sqlite3_exec(db, sql.data, NULL, NULL, NULL), SQLITE_OK);
    ct_buf_free(&sql);
}

static void test_bursts_random_events_agree_with_definition(void **state)
{
    (void)state;
    sqlite3 *db = harness_open();
    make_times(db);
    sqlite3_stmt *expected, *got;
    if (sqlite3_prepare_v2(db, definition, -1, &expected, NULL) != SQLITE_OK ||
        sqlite3_prepare_v2(db, ours, -1, &got, NULL) != SQLITE_OK)
        fail_msg("%s", sqlite3_errmsg(db));
    int n_cases = harness_extent(10000, 2500);
    print_message("%d random cases, seed %d\n", n_cases, SEED);

    rng r = {SEED};
    for (int i = 0; i < n_cases; i++) {
        make_events(db, &r);
        parameters p = {rng_int_below(&r, N_KINDS), 1 + rng_int_below(&r, 5),
                        1 + rng_int_below(&r, 4)};
        run(expected, &p);
        run(got, &p);
        const char *bursts = (const char *)sqlite3_column_text(got, 0);
        const char *slow = (const char *)sqlite3_column_text(expected, 0);
        assert_string_equal(sqlite3_column_text(got, 2), sqlite3_column_text(expected, 2));
        if (strcmp(bursts, slow) != 0 ||
            sqlite3_column_int(got, 1) != sqlite3_column_int(expected, 1)) {
            char *rows = harness_query(db, "SELECT i, quote(x) FROM ev ORDER BY id");
            fail_msg("case %d: kind %d, width %d, threshold %d\n%s\nexpected: %s %d\ngot: %s %d", i,
                     p.kind, p.width, p.threshold, rows, slow, sqlite3_column_int(expected, 1),
                     bursts, sqlite3_column_int(got, 1));
        }
        sqlite3_reset(expected);
        sqlite3_reset(got);
    }
    sqlite3_finalize(expected);
    sqlite3_finalize(got);
    harness_close(db);
}

/* ---- properties ----------------------------------------------------------------------------- */

/* 400 groups of 40 events; no two events of a group at one time. Each has its
 * width and threshold. */
static const char groups[] =
    "CREATE TABLE ev(g, id, t, x, w, k);"
    "WITH RECURSIVE n(i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i < 15999)"
    "INSERT INTO ev SELECT i / 40, i, (i % 40 + i / 40) * 31 % 331 / 1.0,"
    " 'value-' || ((i * 7919 + i / 40) % 104729 % 11), 10 + i / 40 % 50, 2 + i / 40 % 6 FROM n;"
    "CREATE TABLE burst AS SELECT g, w, k, json_extract(b.value, '$.start') AS first,"
    "  json_extract(b.value, '$.end') AS last, json_extract(b.value, '$.count') AS n"
    "  FROM (SELECT g, w, k, distinct_bursts(x, t, w, k) AS all_bursts FROM ev GROUP BY g),"
    "  json_each(all_bursts) b";

static sqlite3 *open_groups(void)
{
    sqlite3 *db = harness_open();
    assert_query(db, groups, "");
    assert_query(db, "SELECT count(*) FROM (SELECT 1 FROM ev GROUP BY g, t HAVING count(*) > 1)",
                 "0");
    assert_query(db, "SELECT count(*) > 400, count(DISTINCT n) > 5 FROM burst", "1|1");
    return db;
}

static void test_bursts_order_of_rows_does_not_matter(void **state)
{
    static const char *const orders[] = {"t", "t DESC", "t * 7919 % 331", "x, t", "x DESC, t DESC"};
    (void)state;
    sqlite3 *db = open_groups();
    for (size_t i = 0; i < sizeof orders / sizeof orders[0]; i++) {
        char *sql = sqlite3_mprintf(
            "SELECT count(*) FROM"
            " (SELECT g, distinct_bursts(x, t, w, k) AS b, max_distinct_within(x, t, w) AS m"
            "    FROM (SELECT * FROM ev ORDER BY g, id) GROUP BY g)"
            " JOIN (SELECT g, distinct_bursts(x, t, w, k) AS b2, max_distinct_within(x, t, w) AS m2"
            "    FROM (SELECT * FROM ev ORDER BY g, %s) GROUP BY g) USING (g)"
            " WHERE b = b2 AND m = m2",
            orders[i]);
        assert_query(db, sql, "400");
        sqlite3_free(sql);
    }
    harness_close(db);
}

/* Many events at one time: those stand in the order they came, wherever sorting took them. */
static void test_bursts_ties_stay_in_order_of_arrival(void **state)
{
    (void)state;
    sqlite3 *db = open_groups();
    assert_query(db,
                 "SELECT count(*) FROM"
                 " (SELECT g / 10 AS h, distinct_bursts(x || g, t / 50, 1, 3) AS b"
                 "    FROM (SELECT *, t * 7919 % 331 AS u FROM ev ORDER BY g / 10, u, id)"
                 "   GROUP BY h)"
                 " JOIN (SELECT g / 10 AS h, distinct_bursts(x || g, t / 50, 1, 3) AS b2"
                 "    FROM (SELECT *, t * 7919 % 331 AS u FROM ev ORDER BY g / 10, t / 50, u, id)"
                 "   GROUP BY h) USING (h) WHERE b = b2",
                 "40");
    harness_close(db);
}

static void test_bursts_tumbling_hit_lies_in_a_burst(void **state)
{
    (void)state;
    sqlite3 *db = open_groups();
    const char *hits = "CREATE TABLE hit AS SELECT g, min(t) AS first, max(t) AS last FROM ev"
                       " GROUP BY g, CAST(t / w AS INTEGER) HAVING count(DISTINCT x) >= k;"
                       "SELECT count(*) > 400 FROM hit";
    assert_query(db, hits, "1");
    assert_query(db,
                 "SELECT count(*) FROM hit WHERE NOT EXISTS (SELECT 1 FROM burst"
                 " WHERE burst.g = hit.g AND burst.first <= hit.first AND burst.last >= hit.last)",
                 "0");
    harness_close(db);
}

/* A higher threshold may cut a burst in two, but finds none where there was none. */
static void test_bursts_higher_threshold_adds_no_burst(void **state)
{
    (void)state;
    sqlite3 *db = open_groups();
    assert_query(db,
                 "SELECT count(*) > 100, sum(NOT EXISTS (SELECT 1 FROM burst WHERE burst.g = high.g"
                 "   AND burst.first <= json_extract(b.value, '$.start') AND burst.last >= "
                 "json_extract(b.value, '$.end')"
                 "   AND burst.n >= json_extract(b.value, '$.count')))"
                 "  FROM (SELECT g, distinct_bursts(x, t, w, k + 1) AS all_bursts FROM ev"
                 "         GROUP BY g) high, json_each(all_bursts) b",
                 "1|0");
    harness_close(db);
}

static void test_bursts_shifted_times_shift_the_bursts(void **state)
{
    (void)state;
    sqlite3 *db = open_groups();
    assert_query(
        db,
        "CREATE TABLE shifted AS SELECT g, b.value AS burst FROM (SELECT g,"
        "  distinct_bursts(x, t - 1000.25, w, k) AS all_bursts FROM ev GROUP BY g),"
        "  json_each(all_bursts) b;"
        "SELECT (SELECT count(*) FROM shifted) = count(*), sum((g, first - 1000.25, last - 1000.25,"
        "  n) NOT IN (SELECT g, json_extract(burst, '$.start'), json_extract(burst, '$.end'), "
        "json_extract(burst, '$.count')"
        "  FROM shifted)) FROM burst",
        "1|0");
    /* the same as text, over the end of February in a leap year */
    assert_query(
        db,
        "CREATE TABLE texts AS SELECT g, b.value AS burst FROM (SELECT g, distinct_bursts(x,"
        "  strftime('%Y-%m-%dT%H:%M:%SZ', '2024-02-28 23:58:00', t || ' seconds'), w, k)"
        "  AS all_bursts FROM ev GROUP BY g), json_each(all_bursts) b;"
        "SELECT (SELECT count(*) FROM texts) = count(*), sum((g,"
        "  strftime('%Y-%m-%dT%H:%M:%SZ', '2024-02-28 23:58:00', first || ' seconds'), n)"
        "  NOT IN (SELECT g, json_extract(burst, '$.start'), json_extract(burst, '$.count') FROM "
        "texts)) FROM burst",
        "1|0");
    harness_close(db);
}

/* Any frame gives what the aggregate gives for the frame's rows. */
static void test_bursts_as_window_functions_agree_with_the_aggregate(void **state)
{
    static const struct {
        const char *order, *frame, *condition, *filter;
    } cases[] = {
        {"id", "ROWS BETWEEN 9 PRECEDING AND 2 FOLLOWING", "b.id BETWEEN a.id - 9 AND a.id + 2",
         ""},
        {"id", "ROWS BETWEEN 3 FOLLOWING AND 12 FOLLOWING", "b.id BETWEEN a.id + 3 AND a.id + 12",
         ""},
        {"id", "ROWS UNBOUNDED PRECEDING", "b.id <= a.id", "x <> 'value-3'"},
        {"id", "ROWS BETWEEN 9 PRECEDING AND 9 FOLLOWING EXCLUDE CURRENT ROW",
         "b.id BETWEEN a.id - 9 AND a.id + 9 AND b.id <> a.id", ""},
        {"t", "RANGE BETWEEN 60 PRECEDING AND CURRENT ROW", "b.t BETWEEN a.t - 60 AND a.t", ""},
        {"t DESC", "RANGE BETWEEN 60 PRECEDING AND CURRENT ROW", "b.t BETWEEN a.t AND a.t + 60",
         "id % 3"},
        {"t", "RANGE BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING", "1", "id % 2"},
    };
    (void)state;
    sqlite3 *db = open_groups();
    assert_query(db, "DELETE FROM ev WHERE g % 20; CREATE INDEX ev_g ON ev(g)", "");
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        const char *filter = cases[i].filter[0] ? cases[i].filter : "1";
        char *sql = sqlite3_mprintf(
            "SELECT count(*), sum(b = (SELECT distinct_bursts(x, t, 40, 4, id) FROM (SELECT * FROM "
            "ev b"
            "   WHERE b.g = a.g AND (%s) AND %s ORDER BY %s))),"
            " sum(m = (SELECT max_distinct_within(x, t, 40) FROM (SELECT * FROM ev b"
            "   WHERE b.g = a.g AND (%s) AND %s ORDER BY %s))) FROM (SELECT g, id, t,"
            " distinct_bursts(x, t, 40, 4, id) FILTER (WHERE %s) OVER f AS b,"
            " max_distinct_within(x, t, 40) FILTER (WHERE %s) OVER f AS m FROM ev"
            " WINDOW f AS (PARTITION BY g ORDER BY %s %s)) a",
            cases[i].condition, filter, cases[i].order, cases[i].condition, filter, cases[i].order,
            filter, filter, cases[i].order, cases[i].frame);
        assert_query(db, sql, "800|800|800");
        sqlite3_free(sql);
    }
    harness_close(db);
}

/* ---- single answers ------------------------------------------------------------------------- */

static void test_bursts_answers(void **state)
{
    static const struct {
        const char *rows;       /* (x, t), ... */
        const char *parameters; /* seconds, threshold */
        const char *bursts;
    } cases[] = {
        /* a window does not hold its end */
        {"('a', 0), ('b', 60)", "60, 2", "[]"},
        {"('a', 0), ('b', 59)", "60, 2",
         "[{\"start\":0,\"end\":59,\"count\":2,\"peak\":2,\"events\":2,\"values\":[\"a\",\"b\"]}]"},
        /* windows with a row in common are one burst, though no window holds all three values */
        {"('a', 0), ('b', 50), ('c', 100)", "60, 2",
         "[{\"start\":0,\"end\":100,\"count\":3,\"peak\":2,\"events\":3,"
         "\"values\":[\"a\",\"b\",\"c\"]}]"},
        /* ... and without one they are two, however near */
        {"('a', 0), ('b', 59), ('a', 60), ('b', 61), ('c', 62)", "2, 2",
         "[{\"start\":59,\"end\":62,\"count\":3,\"peak\":2,\"events\":4,"
         "\"values\":[\"b\",\"a\",\"c\"]}]"},
        {"('a', 0), ('b', 1), ('a', 2), ('a', 3), ('b', 4)", "2, 2",
         "[{\"start\":0,\"end\":2,\"count\":2,\"peak\":2,\"events\":3,\"values\":[\"a\",\"b\"]},"
         "{\"start\":3,\"end\":4,\"count\":2,\"peak\":2,\"events\":2,\"values\":[\"a\",\"b\"]}]"},
        /* the smallest width: only what happens at the same time */
        {"('a', 5), ('b', 5), ('c', 5.000001)", "1e-9, 2",
         "[{\"start\":5,\"end\":5,\"count\":2,\"peak\":2,\"events\":2,\"values\":[\"a\",\"b\"]}]"},
        {"('a', -1.5), ('b', 460000000000), ('c', -460000000000)", "1e300, 3",
         "[{\"start\":-460000000000,\"end\":460000000000,\"count\":3,\"peak\":3,\"events\":3,"
         "\"values\":[\"c\",\"a\",\"b\"]}]"},
        {"('a', '0001-01-01'), ('b', '9999-12-31T23:59:59.9999999Z')", "9223372036854775807, 2",
         "[{\"start\":\"0001-01-01T00:00:00Z\",\"end\":\"9999-12-31T23:59:59.9999999Z\","
         "\"count\":2,\"peak\":2,\"events\":2,\"values\":[\"a\",\"b\"]}]"},
        {"('a', -0.25), ('a', 0)", "0.5, 1",
         "[{\"start\":-0.25,\"end\":0,\"count\":1,\"peak\":1,\"events\":2,\"values\":[\"a\"]}]"},
        /* a time is not read where there is no value */
        {"(NULL, 'yesterday'), (NULL, NULL)", "60, 1", "[]"},
        {"(x'61', 0), ('a', 0)", "60, 3", "[]"},
        {"(x'61', 0), ('a', 0)", "60, 2", "error: JSON cannot hold BLOB values"},
    };
    (void)state;
    sqlite3 *db = harness_open();
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        char *sql = sqlite3_mprintf("WITH r(x, t) AS (VALUES %s) SELECT distinct_bursts(x, t, %s) "
                                    "FROM r",
                                    cases[i].rows, cases[i].parameters);
        assert_query(db, sql, cases[i].bursts);
        sqlite3_free(sql);
    }
    assert_query(db, "SELECT distinct_bursts('a', 0, 60, 1) FILTER (WHERE 0)", "[]");
    assert_query(db, "SELECT max_distinct_within('a', 0, 60) FILTER (WHERE 0)", "0");
    assert_query(db, "SELECT max_distinct_within(NULL, 0, 60)", "0");
    assert_query(db, "SELECT max_distinct_within(x'61', 0, 60)", "1");
    assert_query(db, "SELECT json_type(json_array(distinct_bursts('a', 0, 60, 1)), '$[0][0]')",
                 "object");
    harness_close(db);
}

static void test_bursts_errors_name_function_and_value(void **state)
{
    static const struct {
        const char *call, *error;
    } cases[] = {
        {"distinct_bursts('a', 'yesterday', 60, 8)",
         "distinct_bursts(): cannot read time 'yesterday'"},
        {"max_distinct_within('a', '', 60)", "max_distinct_within(): cannot read time ''"},
        {"max_distinct_within('a', NULL, 60)", "max_distinct_within(): cannot read time NULL"},
        {"max_distinct_within('a', x'00FF', 60)",
         "max_distinct_within(): cannot read time x'00ff'"},
        {"max_distinct_within('a', zeroblob(17), 60)",
         "max_distinct_within(): cannot read time x'00000000000000000000000000000000...'"},
        {"max_distinct_within('a', '1688989356', 60)",
         "max_distinct_within(): cannot read time '1688989356'"},
        {"max_distinct_within('a', 1688989356000, 60)",
         "max_distinct_within(): time 1688989356000 is out of range for seconds"},
        {"max_distinct_within('a', -9223372036854775807 - 1, 60)",
         "max_distinct_within(): time -9223372036854775808 is out of range for seconds"},
        {"max_distinct_within('a', 1.688989356e12, 60)",
         "max_distinct_within(): time 1688989356000.0 is out of range for seconds"},
        {"max_distinct_within('a', 9e999, 60)",
         "max_distinct_within(): time 9e999 is out of range for seconds"},
        {"max_distinct_within('a', char(27) || '[2J' || x'FF' || char(155) || '\xC3\xA9', 60)",
         "max_distinct_within(): cannot read time '\xEF\xBF\xBD[2J\xEF\xBF\xBD\xEF\xBF\xBD"
         "\xC3\xA9'"},
        {"max_distinct_within('a', printf('%098d', 0) || '\xC3\xA9\xC3\xA9', 60)",
         "max_distinct_within(): cannot read time '000000000000000000000000000000000000000000000000"
         "00000000000000000000000000000000000000000000000000\xC3\xA9...'"},
        {"max_distinct_within('a', 0, 0)",
         "max_distinct_within(): seconds must be a number above 0, not 0"},
        {"max_distinct_within('a', 0, -0.5)",
         "max_distinct_within(): seconds must be a number above 0, not -0.5"},
        {"max_distinct_within('a', 0, '60')",
         "max_distinct_within(): seconds must be a number above 0, not '60'"},
        {"max_distinct_within('a', 0, NULL)",
         "max_distinct_within(): seconds must be a number above 0, not NULL"},
        {"max_distinct_within('a', 0, 9e999)",
         "max_distinct_within(): seconds must be a number above 0, not 9e999"},
        {"distinct_bursts(NULL, 0, 60, 0)",
         "distinct_bursts(): threshold must be an integer of 1 or more, not 0"},
        {"distinct_bursts('a', 0, 60, 8.0)",
         "distinct_bursts(): threshold must be an integer of 1 or more, not 8.0"},
        {"distinct_bursts('a', 0, 60, NULL)",
         "distinct_bursts(): threshold must be an integer of 1 or more, not NULL"},
        {"distinct_bursts('a', 0, 60, 8, NULL)",
         "distinct_bursts(): row must be an integer, not NULL"},
        {"distinct_bursts('a', 0, 60, 8, '7')",
         "distinct_bursts(): row must be an integer, not '7'"},
        {"distinct_bursts('a', 0, 60)", "wrong number of arguments to function distinct_bursts()"},
    };
    (void)state;
    sqlite3 *db = harness_open();
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        char *sql = sqlite3_mprintf("SELECT %s", cases[i].call);
        char *expected = sqlite3_mprintf("error: %s", cases[i].error);
        assert_query(db, sql, expected);
        sqlite3_free(sql);
        sqlite3_free(expected);
    }
    harness_close(db);
}

static void test_bursts_what_must_not_change_within_a_group(void **state)
{
    static const struct {
        const char *rows; /* t, seconds, threshold */
        const char *result;
    } cases[] = {
        {"(0, 60, 8), (0, 60.0, 8)", "[]"},
        {"(0, 60, 8), (0, 61, 8)",
         "error: distinct_bursts(): seconds changes within a group, to 61"},
        {"(0, 60, 8), (0, 60, 9)",
         "error: distinct_bursts(): threshold changes within a group, to 9"},
        {"(0, 60, 8), (1.5, 60, 8)", "[]"},
        {"(0, 60, 8), ('2023-07-10', 60, 8)",
         "error: distinct_bursts(): time '2023-07-10' is text, the times before it are numbers"},
        {"('2023-07-10', 60, 8), (0.5, 60, 8)",
         "error: distinct_bursts(): time 0.5 is a number, the times before it are text"},
    };
    (void)state;
    sqlite3 *db = harness_open();
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        char *sql = sqlite3_mprintf("WITH r(t, s, k) AS (VALUES %s)"
                                    "SELECT distinct_bursts('a', t, s, k) FROM r",
                                    cases[i].rows);
        assert_query(db, sql, cases[i].result);
        sqlite3_free(sql);
    }
    /* other groups may have others */
    assert_query(db,
                 "WITH r(g, s) AS (VALUES (1, 60), (2, 5)) "
                 "SELECT g, max_distinct_within('a', 0, s) FROM r GROUP BY g",
                 "1|1\n2|1");
    harness_close(db);
}

/* ---- memory --------------------------------------------------------------------------------- */

static void test_bursts_no_memory_is_nomem(void **state)
{
    (void)state;
    const char *rows =
        "CREATE TABLE r(id INTEGER PRIMARY KEY, t, x);"
        "WITH RECURSIVE n(i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i < 39)"
        "INSERT INTO r SELECT i, i * 17 % 40, 'a longer text, number ' || (i % 20)"
        " FROM n";
    /* 40 events, one a second; 20 texts, each twice */
    harness_oom_sweep(rows, "SELECT max_distinct_within(x, t, 100) FROM r", "20");
    harness_oom_sweep(
        rows, "SELECT json_extract(distinct_bursts(x, t, 100, 20), '$[0].count') FROM r", "20");
    harness_oom_sweep(rows,
                      "SELECT json_array_length(distinct_bursts(x, t, 100, 20, id), '$[0].rows')"
                      " FROM r",
                      "40");
    harness_oom_sweep(rows,
                      "SELECT sum(m) FROM (SELECT max_distinct_within(x, t, 100) OVER (ORDER BY id "
                      "ROWS 19 PRECEDING) AS m FROM r)",
                      "610"); /* 1 + 2 + ... + 20, then 20 times 20 */
    harness_oom_sweep(rows,
                      "SELECT sum(json_extract(b, '$[0].events')) FROM (SELECT distinct_bursts(x, "
                      "t, 100, 1) OVER (ORDER BY id ROWS 19 PRECEDING) AS b FROM r)",
                      "610");
    /* the rows of the burst in the order of their times, which is not that of their ids */
    harness_oom_sweep(rows,
                      "SELECT json_extract(distinct_bursts(x, t, 100, 20, id), '$[0].rows[1]')"
                      " FROM r",
                      "33"); /* 33 * 17 % 40 = 1 */
}

/* ---- issue 12: an interrupt while a large group is read ---------------------------------------- */

enum { LARGE_ROWS = 400000 };

typedef struct last_row {
    bool interrupts;
    clock_t at; /* when it was handed over */
} last_row;

/* pass(row) gives row, and may interrupt at the last one, when all that is left to do is the
 * function's. SQLite itself looks again when that is done. */
static void pass(sqlite3_context *context, int argc, sqlite3_value **argv)
{
    (void)argc;
    last_row *last = sqlite3_user_data(context);
    if (sqlite3_value_int(argv[0]) == LARGE_ROWS) {
        last->at = clock();
        if (last->interrupts)
            sqlite3_interrupt(sqlite3_context_db_handle(context));
    }
    sqlite3_result_value(context, argv[0]);
}

/* CPU time from the last row to the end. */
static clock_t time_after_last_row(sqlite3 *db, const char *function, last_row *last)
{
    sqlite3_stmt *stmt;
    char *sql = sqlite3_mprintf("SELECT length(%s) > 0 FROM large", function);
    assert_int_equal(sqlite3_prepare_v2(db, sql, -1, &stmt, NULL), SQLITE_OK);
    int rc = sqlite3_step(stmt);
    clock_t time = clock() - last->at;
    assert_int_equal(rc, last->interrupts ? SQLITE_INTERRUPT : SQLITE_ROW);
    sqlite3_finalize(stmt);
    sqlite3_free(sql);
    return time;
}

static void test_issue12_large_group_is_interrupted(void **state)
{
    (void)state;
    static const char *const functions[] = {
        "distinct_bursts(pass(i), i * 7919 % 400000, 60, 8, i)",
        "max_distinct_within(pass(i), i * 7919 % 400000, 60)",
    };
    last_row last = {.interrupts = false};
    sqlite3 *db = harness_open();
    sqlite3_create_function_v2(db, "pass", 1, SQLITE_UTF8, &last, pass, NULL, NULL, NULL);
    harness_exec(db, "CREATE TABLE large AS WITH RECURSIVE c (i) AS"
                     " (SELECT 1 UNION ALL SELECT i + 1 FROM c WHERE i < 400000) SELECT i FROM c");
    for (size_t i = 0; i < sizeof functions / sizeof functions[0]; i++) {
        last.interrupts = false;
        clock_t whole = time_after_last_row(db, functions[i], &last);
        last.interrupts = true;
        clock_t interrupted = time_after_last_row(db, functions[i], &last);
        if (interrupted > whole / 2)
            fail_msg("%s: %ld us, interrupted %ld us", functions[i], (long)whole,
                     (long)interrupted);
    }
    harness_close(db);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_bursts_random_events_agree_with_definition),
        cmocka_unit_test(test_bursts_order_of_rows_does_not_matter),
        cmocka_unit_test(test_bursts_ties_stay_in_order_of_arrival),
        cmocka_unit_test(test_bursts_tumbling_hit_lies_in_a_burst),
        cmocka_unit_test(test_bursts_higher_threshold_adds_no_burst),
        cmocka_unit_test(test_bursts_shifted_times_shift_the_bursts),
        cmocka_unit_test(test_bursts_as_window_functions_agree_with_the_aggregate),
        cmocka_unit_test(test_bursts_answers),
        cmocka_unit_test(test_bursts_errors_name_function_and_value),
        cmocka_unit_test(test_bursts_what_must_not_change_within_a_group),
        cmocka_unit_test(test_bursts_no_memory_is_nomem),
        cmocka_unit_test(test_issue12_large_group_is_interrupted),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
