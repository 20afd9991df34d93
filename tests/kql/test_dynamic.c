/*
 * KQL's dynamic values, its aggregates, mv-expand and evidence. Expected values are those of
 * Microsoft's engine or of Kusto's documentation.
 */
#include "harness.h"

#include <stdlib.h>
#include <string.h>

typedef struct row {
    const char *expression, *expected;
} row;

static void assert_rows(const row *rows, size_t n)
{
    sqlite3 *db = harness_open();
    for (size_t i = 0; i < n; i++) {
        char *sql = sqlite3_mprintf("SELECT %s", rows[i].expression);
        assert_query(db, sql, rows[i].expected);
        sqlite3_free(sql);
    }
    harness_close(db);
}

#define ASSERT_ROWS(rows) assert_rows(rows, sizeof(rows) / sizeof(rows)[0])

/* ---- values --------------------------------------------------------------------------------- */

static void test_parse_json_gives_canonical_text(void **state)
{
    static const row rows[] = {
        /* the engine: null and '' are null, what is no JSON is the string itself */
        {"kql_parse_json('null'), kql_parse_json('[]'), kql_parse_json('{}'), kql_parse_json(''),"
         " kql_parse_json('not json'), kql_parse_json(NULL)",
         "NULL|[]|{}|NULL|\"not json\"|NULL"},
        {"kql_parse_json(' {\"a\" : [ 1 , {\"b\":null} ] } ')", "{\"a\":[1,{\"b\":null}]}"},
        {"kql_parse_json('[118.0,1e3,-2.5E-2,0.0000001,-0,12345678901234,9223372036854775808]')",
         "[118.0,1000.0,-0.025,1E-07,0,12345678901234,9.223372036854776E+18]"},
        {"kql_parse_json('[\"\\u00e9\\/\\u0022\\n\",\"\\u0001\"]')", "[\"é/\\\"\\n\",\"\\u0001\"]"},
        {"kql_parse_json('{\"a\":\"3' || char(9) || '\"}')", "\"{\\\"a\\\":\\\"3\\t\\\"}\""},
        {"kql_parse_json('[1e999,-1e999]')", "[\"Infinity\",\"-Infinity\"]"},
        {"kql_parse_json('[1,]'), kql_parse_json('{a:1}'), kql_parse_json('1 2')",
         "\"[1,]\"|\"{a:1}\"|\"1 2\""},
        {"kql_parse_json('\"hello\"'), kql_parse_json('123'), kql_parse_json('true')",
         "\"hello\"|123|true"},
        {"length(kql_parse_json(replace(hex(zeroblob(450)), '0', '[') ||"
         " replace(hex(zeroblob(450)), '0', ']')))",
         "1800"},
        {"substr(kql_parse_json(replace(hex(zeroblob(5000)), '0', '[')), 1, 3)", "\"[["},
        {"hex(kql_parse_json(x'22FF22'))", "22EFBFBD22"},
    };
    (void)state;
    ASSERT_ROWS(rows);
}

static void test_get_follows_paths(void **state)
{
    static const row rows[] = {
        {"kql_get('{\"a\":1,\"b\":[1,{\"c\":2}]}', 'b', 1, 'c')", "2"},
        {"kql_get('[1,2,3]', 10), kql_get('[1,2,3]', -1), kql_get('[1,2,3]', -3),"
         " kql_get('[1,2,3]', -4), kql_get('[]', -1)",
         "NULL|3|1|NULL|NULL"},
        {"kql_get('{\"a\":1}', 'A'), kql_get('{\"a\":1}', 0), kql_get('[1]', 'a'),"
         " kql_get('\"a\"', 'a'), kql_get('5', 0), kql_get(NULL, 'a'), kql_get('{\"a\":null}', "
         "'a')",
         "NULL|NULL|NULL|NULL|NULL|NULL|NULL"},
        {"kql_get('{\"a b\":{\"\":7}}', 'a b', ''), kql_get('{\"q\\\"\\n\":1}', 'q\"' || char(10))",
         "7|1"},
        {"kql_get('{\"a\":1,\"a\":2}', 'a'), kql_get('{\"é\":1}', 'é'), kql_get('{\"a\":1}')",
         "2|1|{\"a\":1}"},
        {"kql_get('[[1,2],[3,4]]', 0), kql_get('[[1,2],[3,4]]', 1, 0), kql_get('[\"x\"]', 0)",
         "[1,2]|3|\"x\""},
        /* another's text: as far as it is JSON */
        {"kql_get('{\"a\":1,', 'a'), kql_get('{\"a\" 1}', 'a'), kql_get('', 'a'), kql_get('[', 0),"
         " kql_get('[1,2', -1), kql_get('nope', 'a')",
         "1|NULL|NULL|NULL|2|NULL"},
        {"kql_get('[1,2]', 9223372036854775807), kql_get('[1,2]', -9223372036854775807 - 1),"
         " kql_get('[1,2]', NULL), kql_get('[1,2]', 1.0), kql_get('[1,2]', 0.5)",
         "NULL|NULL|NULL|2|NULL"},
        {"kql_gettype_dyn('123'), kql_gettype_dyn('\"hi\"'), kql_gettype_dyn('1.5'),"
         " kql_gettype_dyn(NULL), kql_gettype_dyn('{}'), kql_gettype_dyn('[]'),"
         " kql_gettype_dyn('true'), kql_gettype_dyn('5.0')",
         "long|string|double|null|dictionary|array|bool|double"},
        {"kql_isempty_dyn(NULL), kql_isempty_dyn('\"\"'), kql_isempty_dyn('[]'),"
         " kql_isempty_dyn('{}')",
         "1|1|0|0"},
    };
    (void)state;
    ASSERT_ROWS(rows);
}

/* One go gives what two steps give, for any text and path. */
static void test_get_json_is_get_of_parse_json(void **state)
{
    (void)state;
    sqlite3 *db = harness_open();
    assert_query(
        db,
        "WITH t(j) AS (VALUES ('{\"a\":[1,{\"b\":null,\"c\":\"x\"}],\"d\":1e3}'), (' { \"a\" : 5.0 "
        "} '),"
        " ('{\"\\u0061\":[\"\\u00e9\",2]}'), ('{\"é\":{\"a\":-0}}'), ('[1,[2,3],\"q\"]'), ('null'),"
        " ('\"a\"'), (''), (NULL), ('{\"a\":1,\"a\":2}'), ('nope'), ('{\"a\":'), ('[[1 , 2 ]]'),"
        " ('{\"\\u00e9\":{\"a\":1}}'), ('{\"\\u0061\":\"\\u00e9\"}')),"
        " s(x) AS (VALUES ('a'), ('d'), ('é'), (0), (-1), (1), ('nothing'))"
        " SELECT count(*), sum(kql_get_json(j, s.x) IS NOT kql_get(kql_parse_json(j), s.x)),"
        " sum(kql_get_json(j, s.x, r.x) IS NOT kql_get(kql_parse_json(j), s.x, r.x)) FROM t, s, s "
        "AS r",
        "735|0|0");
    harness_close(db);
}

static void test_bags_and_sets_answers_of_the_engine(void **state)
{
    static const row rows[] = {
        {"kql_bag_merge('{\"a\":1,\"b\":2}', '{\"b\":{\"nested\":true},\"c\":3}'),"
         " kql_bag_merge('{}', '{\"new\":1}'), kql_bag_merge(NULL, '{\"a\":1}'),"
         " kql_bag_merge(NULL, NULL)",
         "{\"a\":1,\"b\":2,\"c\":3}|{\"new\":1}|{\"a\":1}|NULL"},
        {"kql_bag_keys('{\"a\":{\"b\":1},\"c\":2}'), kql_bag_keys('[]'), kql_bag_keys('{}')",
         "[\"a\",\"c\"]|NULL|[]"},
        {"kql_bag_remove_keys('{\"a\":1,\"b\":{\"c\":2}}', '[\"a\",\"x\"]'),"
         " kql_bag_has_key('{\"a\":1}', 'b'), kql_bag_has_key('[]', 'a'),"
         " kql_bag_set_key('{\"a\":1}', 'b', NULL)",
         "{\"b\":{\"c\":2}}|0|NULL|{\"a\":1,\"b\":null}"},
        {"kql_pack('name', '\"alice\"', 'age', '30'), kql_pack(), kql_pack('a', '1', 'a', '2')",
         "{\"name\":\"alice\",\"age\":30}|{}|{\"a\":1}"},
        {"kql_pack('a')", "error: kql_pack(): a key without a value: 'a'"},
        {"kql_pack_array('1', '\"a\"', NULL), kql_pack_array()", "[1,\"a\",null]|[]"},
        {"kql_dynamic_to_json('{\"b\":2,\"a\":{\"d\":1,\"c\":[{\"z\":1,\"y\":2}]}}')",
         "{\"a\":{\"c\":[{\"y\":2,\"z\":1}],\"d\":1},\"b\":2}"},
        {"kql_set_union('[1,2]', '[2,3,4]'), kql_set_union('[1,1]'), kql_set_union('[1]', NULL)",
         "[1,2,3,4]|[1]|NULL"},
        {"kql_set_difference('[null,1,null,2,null]', '[null]'),"
         " kql_set_difference('[1,2,3]', '[2]', '[3]')",
         "[1,2]|[1]"},
        {"kql_set_intersect('[1,2,3,4]', '[3,4,5,6]'), kql_set_intersect('[1,1,2]', '[1]')",
         "[3,4]|[1]"},
        {"kql_set_has_element('[1,2,3]', '2'), kql_set_has_element('[1,2,3]', '9'),"
         " kql_set_has_element('[1,2,3]', '\"2\"'), kql_set_has_element('{}', '1')",
         "1|0|0|NULL"},
        {"kql_treepath('{\"a\":\"b\",\"c\":123}'), kql_treepath('{\"l\":[100,{\"x\":\"y\"}]}'),"
         " kql_treepath('[1]')",
         "[\"['a']\",\"['c']\"]|[\"['l']\",\"['l'][0]\",\"['l'][0]['x']\"]|NULL"},
        {"kql_jaccard_index('[1,2,3,4]', '[3,4,5,6]') = 1.0 / 3, kql_jaccard_index('[]', '[]')",
         "1|NaN"},
    };
    (void)state;
    ASSERT_ROWS(rows);
}

static void test_arrays_answers_of_the_engine(void **state)
{
    static const row rows[] = {
        {"kql_array_length('[1,null,2]'), kql_array_length('{\"a\":1}'), kql_array_length(NULL),"
         " kql_array_length('[]'), kql_array_length('[[1,2],\"a,b\"]')",
         "3|NULL|NULL|0|2"},
        {"kql_array_concat('[1,2]', '[99]'), kql_array_concat('[1]', NULL), kql_array_concat(NULL)",
         "[1,2,99]|[1]|NULL"},
        {"kql_array_slice('[1,2,3,4,5,6]', 2, -2), kql_array_slice('[1,2,3,4,5,6]', -3, -1),"
         " kql_array_slice('[1,2,3]', 0, 100), kql_array_slice('[1,2]', 0, 0),"
         " kql_array_slice('[1,2]', 5, 9), kql_array_slice('[1,2]', 1, 0), kql_array_slice('[]', "
         "0, 0)",
         "[3,4,5]|[4,5,6]|[1,2,3]|[1]|[]|[]|[]"},
        {"kql_array_slice('[1,2,3,4,5]', 1, 2), kql_array_slice('[1,2,3,4,5]', -3, -2)",
         "[2,3]|[3,4]"}, /* array-slice-function */
        {"kql_array_split('[1,2,3,4,5,6,7,8]', '[2,5]'), kql_array_split('[1,2,3,4,5]', 2),"
         " kql_array_split('[1,2,3,4,5]', -2), kql_array_split('[]', 1)",
         "[[1,2],[3,4,5],[6,7,8]]|[[1,2],[3,4,5]]|[[1,2,3],[4,5]]|[[],[]]"},
        {"kql_array_reverse('[1,2,3,4,5]'), kql_array_reverse('[]'), kql_array_reverse('5')",
         "[5,4,3,2,1]|[]|NULL"},
        /* array-rotate and array-shift */
        {"kql_array_rotate_left('[1,2,3,4,5]', 2), kql_array_rotate_left('[1,2,3,4,5]', -2),"
         " kql_array_rotate_right('[1,2,3,4,5]', 2), kql_array_rotate_right('[]', 3),"
         " kql_array_rotate_left('[1,2,3]', 9223372036854775807)",
         "[3,4,5,1,2]|[4,5,1,2,3]|[4,5,1,2,3]|[]|[2,3,1]"},
        {"kql_array_shift_left('[1,2,3,4,5]', 2), kql_array_shift_left('[1,2,3,4,5]', 2, '-1'),"
         " kql_array_shift_right('[1,2,3,4,5]', 2), kql_array_shift_left('[1,2,3,4,5]', -2, '0'),"
         " kql_array_shift_right('[1,2]', 9223372036854775807)",
         "[3,4,5,null,null]|[3,4,5,-1,-1]|[null,null,1,2,3]|[0,0,1,2,3]|[null,null]"},
        {"kql_array_sort_asc('[5,3,8,1]'), kql_array_sort_desc('[5,3,8,1]'),"
         " kql_array_sort_asc('[1,null,3]'), kql_array_sort_asc('{}'), kql_array_sort_asc('[]'),"
         " kql_array_sort_asc('[null,2,1]', 0), kql_array_sort_desc('[null,1,2]')",
         "[1,3,5,8]|[8,5,3,1]|[1,3,null]|NULL|[]|[null,1,2]|[2,1,null]"},
        /* Escapes sort as what they stand for: tab 09, quote 22, [ 5B, backslash 5C, a 61. */
        {"kql_array_sort_asc('[\"a\",\"\\\\\",\"[\",\"\\\"\",\"\\t\",\"\\u0001\",\"\"]')",
         "[\"\",\"\\u0001\",\"\\t\",\"\\\"\",\"[\",\"\\\\\",\"a\"]"},
        {"kql_array_sort_asc('[\"b\",2,\"a\",1.5,\"ab\"]'),"
         " kql_array_sort_asc('[9007199254740993,9007199254740992]')",
         "[1.5,2,\"a\",\"ab\",\"b\"]|[9007199254740992,9007199254740993]"},
        {"kql_array_sum('[1,null,3]'), kql_array_sum('[]'), kql_array_sum(NULL),"
         " kql_array_sum('[1.5,2]')",
         "4.0|NULL|NULL|3.5"},
        {"kql_array_index_of('[5,15]', '15.0'), kql_array_index_of('[1,2]', '3'),"
         " kql_array_index_of('[\"this\",\"is\",\"an\",\"is\"]', '\"is\"', 2),"
         " kql_array_index_of('[1,1,1]', '1', 0, 2, 2), kql_array_index_of('[1,1,1]', '1', 0, 2, "
         "3),"
         " kql_array_index_of('[1,2]', '2', -1)",
         "1|-1|3|1|-1|1"},
        {"kql_array_iff('[true,false,true]', '[1,2,3]', '[0,0,0]'),"
         " kql_array_iff('[1,0,50]', '[1,2]', '\"x\"'), kql_array_iff('[true]', NULL, '1')",
         "[1,0,3]|[1,\"x\",null]|[null]"},
        {"kql_zip('[1,2,3]', '[4,5]'), kql_zip('[1]', '5')", "[[1,4],[2,5],[3,null]]|NULL"},
        {"kql_repeat('1', 3), kql_repeat(NULL, 2), kql_repeat('1', 0), kql_repeat('1', -1)",
         "[1,1,1]|[null,null]|[]|NULL"},
        {"kql_range_dyn_long(1, 8, 3), kql_range_dyn_long(1, 8, 0), kql_range_dyn_long(3, 1, -1),"
         " kql_range_dyn_long(5, 1, 1), kql_range_dyn_real(1, 2, 0.5),"
         " kql_range_dyn_long(9223372036854775806, 9223372036854775807, 1)",
         "[1,4,7]|NULL|[3,2,1]|[]|[1.0,1.5,2.0]|[9223372036854775806,9223372036854775807]"},
        {"kql_range_dyn_timespan(0, 36000000000, 36000000000),"
         " kql_range_dyn_datetime(0, 864000000000, 864000000000)",
         "[\"00:00:00\",\"01:00:00\"]|[\"0001-01-01T00:00:00.0000000Z\","
         "\"0001-01-02T00:00:00.0000000Z\"]"},
        {"kql_array_length(kql_range_dyn_long(1, 9999999, 1)), kql_array_length(kql_repeat('1',"
         " 99999999))",
         "1048576|1048576"},
    };
    (void)state;
    ASSERT_ROWS(rows);
}

/* ---- aggregates ----------------------------------------------------------------------------- */

static void test_lists_and_sets_answers_of_the_engine(void **state)
{
    static const row rows[] = {
        {"kql_agg_list(column1), kql_agg_list_nulls(column1), kql_agg_set(column1) FROM (VALUES"
         " ('\"b\"'), ('\"a\"'), (NULL), ('\"b\"'), ('5.0'))",
         "[\"b\",\"a\",\"b\",5.0]|[\"b\",\"a\",null,\"b\",5.0]|[\"b\",\"a\",5.0]"},
        {"kql_agg_list(column1), kql_agg_set(column1) FROM (VALUES ('[1,2]'), ('[2,[3]]'),"
         " ('{\"a\":1}'), ('[]'))",
         "[1,2,2,[3],{\"a\":1}]|[1,2,[3],{\"a\":1}]"},
        {"kql_agg_list(column1, 2), kql_agg_set(column1, 2), kql_agg_list_nulls(column1, 1) FROM"
         " (VALUES ('1'), ('1'), ('2'), ('[3,4]'))",
         "[1,1]|[1,2]|[1]"},
        {"kql_agg_list(1), kql_agg_list_nulls(1), kql_agg_set(1), kql_agg_bag(1) WHERE 0",
         "[]|[]|[]|{}"},
        {"kql_agg_bag(column1) FROM (VALUES ('{\"a\":1}'), ('{\"a\":2,\"b\":3}'), (NULL), ('5'),"
         " ('{\"c\":4}'))",
         "{\"a\":1,\"b\":3,\"c\":4}"},
        {"json_array_length(kql_agg_set(value)), json_array_length(kql_agg_list(value)) FROM"
         " kql_series(0, 99999, 1)",
         "100000|100000"},
        {"json_array_length(kql_agg_set(value % 1000)) FROM kql_series(0, 99999, 1)", "1000"},
    };
    (void)state;
    ASSERT_ROWS(rows);
}

static void test_number_aggregates_answers_of_the_engine(void **state)
{
    static const row rows[] = {
        {"kql_agg_sum(column1), printf('%.14g', kql_agg_avg(column1)) FROM (VALUES "
         "(9223372036854775807), (1), (2))",
         "-9223372036854775806|-3.0744573456183e+18"},
        {"kql_agg_avg(column1) = -2.0 / 3 FROM (VALUES (9223372036854775806), (1), "
         "(9223372036854775807))",
         "1"},
        {"kql_agg_sum(1), kql_agg_sum_real(1), kql_agg_avg(1), kql_agg_min_real(1),"
         " kql_agg_stdev(1), kql_agg_variance(1), kql_agg_percentile(1, 50), kql_agg_any(1)"
         " WHERE 0",
         "0|0.0|NaN|NULL|0.0|0.0|NULL|NULL"},
        {"kql_agg_sum_real(column1), kql_agg_max_real(column1), kql_agg_min_real(column1),"
         " kql_agg_avg(column1) FROM (VALUES (3.3), ('NaN'))",
         "NaN|NaN|NaN|NaN"},
        {"kql_agg_sum_real(column1), kql_agg_max_real(column1), kql_agg_min_real(column1),"
         " kql_agg_stdev(column1) FROM (VALUES (9e999), (-9e999), (1.5))",
         "NaN|Inf|-Inf|NaN"},
        {"kql_agg_sum_real(column1) = 1.1 + 2.2, kql_agg_sum(column2) FROM (VALUES (1.1, NULL),"
         " (2.2, 5))",
         "1|5"},
        {"kql_agg_variance(column1) = 1.6666666667, kql_agg_variancep(column1),"
         " kql_agg_stdev(column1) = 1.2909944487487155, kql_agg_stdevp(column1) = 1.118033988749895"
         " FROM (VALUES (1), (2), (3), (4))",
         "1|1.25|1|1"},
        {"kql_agg_variance(value) = 9.1666666667, kql_agg_stdev(value) = 3.027650354102996,"
         " kql_agg_stdevp(value) = 2.8722813232690143, kql_agg_variancep(value) FROM"
         " kql_series(1, 10, 1)",
         "1|1|1|8.25"},
        {"kql_agg_variance(5), kql_agg_stdev('NaN')", "0.0|NaN"},
        /* the nearest rank, by hand: of 1 to 10, 50 % is the fifth, 95 % the tenth */
        {"kql_agg_percentile(value, 50), kql_agg_percentile(value, 95),"
         " kql_agg_percentile(value, 0), kql_agg_percentile(value, 100),"
         " kql_agg_percentiles(value, '[10,50.0,99]') FROM kql_series(1, 10, 1)",
         "5|10|1|10|[1,5,10]"},
        {"kql_agg_percentiles(column1, '[50]') FROM (VALUES (1.5), (NULL), ('NaN'), (7))", "[1.5]"},
        {"kql_agg_any(column1) FROM (VALUES (NULL), ('x'), ('y'))", "x"},
        {"kql_agg_binary_all_and(column1), kql_agg_binary_all_or(column1),"
         " kql_agg_binary_all_xor(column1) FROM (VALUES (12), (10), (NULL))",
         "8|14|6"},
    };
    (void)state;
    ASSERT_ROWS(rows);
}

static void test_sums_are_window_functions(void **state)
{
    (void)state;
    sqlite3 *db = harness_open();
    assert_query(db,
                 "SELECT value, kql_agg_sum(value) OVER (ORDER BY value),"
                 " kql_agg_sum(value) OVER (ORDER BY value ROWS 1 PRECEDING),"
                 " kql_agg_sum_real(CASE value WHEN 2 THEN 'NaN' ELSE value * 1.0 END) OVER (ORDER"
                 " BY value ROWS 1 PRECEDING) FROM kql_series(1, 4, 1)",
                 "1|1|1|1.0\n2|3|3|NaN\n3|6|5|NaN\n4|10|7|7.0");
    harness_close(db);
}

/* ---- table functions ------------------------------------------------------------------------ */

static void test_expand_answers_of_the_engine(void **state)
{
    static const row rows[] = {
        {"ordinal, v1 FROM kql_expand('bag', NULL, '[1,\"a\",null,{\"b\":2}]')",
         "0|1\n1|\"a\"\n2|NULL\n3|{\"b\":2}"},
        {"ordinal, v1 FROM kql_expand('bag', NULL, '{\"a\":1,\"b\":[1,2]}')",
         "0|{\"a\":1}\n1|{\"b\":[1,2]}"},
        {"v1 FROM kql_expand('array', NULL, '{\"a\":1,\"b\":null}')", "[\"a\",1]\n[\"b\",null]"},
        {"v1 FROM kql_expand('bag', NULL, NULL)", "NULL"},
        {"v1 FROM kql_expand('bag', NULL, '[]')", ""},
        {"v1 FROM kql_expand('bag', NULL, '{}')", ""},
        {"v1 FROM kql_expand('bag', NULL, '\"x\"')", "\"x\""},
        {"v1, v2, v3 FROM kql_expand('bag', NULL, '[1,2]', '[\"a\"]', NULL)",
         "1|\"a\"|NULL\n2|NULL|NULL"},
        {"v1 FROM kql_expand('bag', 2, '[1,2,3]')", "1\n2"},
        {"v1 FROM kql_expand('bag', 0, '[1,2,3]')", ""},
        {"column1, v1 FROM (VALUES ('[1,2]'), (NULL), ('[]'), ('[3]')) AS t,"
         " kql_expand('bag', NULL, t.column1)",
         "[1,2]|1\n[1,2]|2\nNULL|NULL\n[3]|3"},
        {"v8 FROM kql_expand('bag', NULL, '1', '2', '3', '4', '5', '6', '7', '8')", "8"},
        {"v1 FROM kql_expand('bag', NULL, '[1,2')", "1\n2"}, /* as far as it is JSON */
        {"count(*) FROM kql_expand", "0"},
        {"value FROM kql_series(1, 8, 3)", "1\n4\n7"},
        {"value FROM kql_series(3, 1, -1)", "3\n2\n1"},
        {"value FROM kql_series(1, 2, 0.5)", "1.0\n1.5\n2.0"},
        {"count(*) FROM kql_series(1, 0, 1)", "0"},
        {"count(*) FROM kql_series(1, 5, 0)", "0"},
        {"count(*) FROM kql_series(1, NULL, 1)", "0"},
        {"count(*) FROM kql_series(1, 5)", "0"},
        {"value FROM kql_series(9223372036854775806, 9223372036854775807, 1)",
         "9223372036854775806\n9223372036854775807"},
    };
    (void)state;
    ASSERT_ROWS(rows);
}

static void test_expand_works_in_a_view_of_an_untrusted_schema(void **state)
{
    (void)state;
    sqlite3 *db = harness_open();
    assert_query(db,
                 "PRAGMA trusted_schema = OFF; CREATE TABLE t(j); INSERT INTO t VALUES ('[1,2]');"
                 "CREATE VIEW v AS SELECT e.v1, s.value FROM t, kql_expand('bag', NULL, t.j) AS e,"
                 " kql_series(1, 1, 1) AS s; SELECT * FROM v",
                 "1|1\n2|1");
    assert_query(db, "CREATE VIRTUAL TABLE x USING kql_expand",
                 "error: no such module: kql_expand");
    harness_close(db);
}

/* The same rows as SQLite's json_each(), for arrays of any values. */
static void test_expand_arrays_agree_with_json_each(void **state)
{
    (void)state;
    sqlite3 *db = harness_open();
    assert_query(
        db,
        "WITH a(j) AS (SELECT kql_range_dyn_long(1, value, 1) FROM kql_series(0, 60, 1) UNION ALL"
        " SELECT '[\"a\",[1,2],{\"b\":[3]},true,null,\"x\\\"y\",1.5]')"
        " SELECT (SELECT count(*) FROM a, json_each(j)),"
        " count(*), sum(ifnull(v1, 'null') IS NOT (SELECT json_quote(CASE type WHEN 'true' THEN"
        " json('true') WHEN 'object' THEN json(value) WHEN 'array' THEN json(value) ELSE value END)"
        " FROM json_each(j) WHERE key = ordinal)) FROM a, kql_expand('bag', NULL, j)",
        "1837|1837|0");
    harness_close(db);
}

/* ---- evidence ------------------------------------------------------------------------------- */

static void test_evidence_is_a_sorted_set(void **state)
{
    static const row rows[] = {
        {"kql_evidence(column1) FROM (VALUES (3), (1), (NULL), (3), ('[2,5]'), (4), ('[1]'))",
         "[1,2,3,4,5]"},
        {"kql_evidence(1) WHERE 0", "[]"},
        {"kql_evidence_merge(3, '[1,2]', NULL), kql_evidence_merge(), kql_evidence_out(7),"
         " kql_evidence_out('[2,1]'), kql_evidence_out(NULL)",
         "[1,2,3]|[]|[7]|[1,2]|[]"},
        {"kql_evidence_merge(-5, 9223372036854775807, 0)", "[-5,0,9223372036854775807]"},
        {"json_array_length(kql_evidence(value)) FROM kql_series(1, 10000, 1)", "10000"},
        /* more are cut: the lowest stay, and the end says so */
        {"json_array_length(kql_evidence(value)), json_extract(kql_evidence(value), '$[9999]'),"
         " json_extract(kql_evidence(value), '$[10000]') FROM kql_series(1, 10001, 1)",
         "10001|10000|cut"},
        {"json_array_length(kql_evidence(value)), json_extract(kql_evidence(value), '$[9999]'),"
         " json_extract(kql_evidence(value), '$[10000]') FROM kql_series(50000, 1, -1)",
         "10001|10000|cut"},
        {"json_array_length(kql_evidence(value * 7919 % 100003)) FROM kql_series(1, 9000, 1)",
         "9000"},
        {"json_extract(kql_evidence(value * 7919 % 100003), '$[9999]') = (SELECT max(x) FROM "
         "(SELECT"
         " value * 7919 % 100003 AS x FROM kql_series(1, 60000, 1) ORDER BY x LIMIT 10000)) FROM"
         " kql_series(1, 60000, 1)",
         "1"},
        {"kql_evidence_merge('[1,\"cut\"]', 2), kql_evidence_out('[\"cut\"]')",
         "[1,2,\"cut\"]|[\"cut\"]"},
    };
    (void)state;
    ASSERT_ROWS(rows);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_parse_json_gives_canonical_text),
        cmocka_unit_test(test_get_follows_paths),
        cmocka_unit_test(test_get_json_is_get_of_parse_json),
        cmocka_unit_test(test_bags_and_sets_answers_of_the_engine),
        cmocka_unit_test(test_arrays_answers_of_the_engine),
        cmocka_unit_test(test_lists_and_sets_answers_of_the_engine),
        cmocka_unit_test(test_number_aggregates_answers_of_the_engine),
        cmocka_unit_test(test_sums_are_window_functions),
        cmocka_unit_test(test_expand_answers_of_the_engine),
        cmocka_unit_test(test_expand_works_in_a_view_of_an_untrusted_schema),
        cmocka_unit_test(test_expand_arrays_agree_with_json_each),
        cmocka_unit_test(test_evidence_is_a_sorted_set),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
