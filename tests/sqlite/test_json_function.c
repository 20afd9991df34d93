/*
 * ct_json*() against SQLite's own json(), json_array(), json_object() and json_group_array(): the
 * same text, the same nesting, an error where they have one; and ct_json_text() against json_tree()
 * on every value of the sample's records. Then views where no schema is trusted.
 */
#include "harness.h"

#include <stdlib.h>
#include <string.h>

/* Values of every type and what could be odd about them. */
#define VALUES                                                                                     \
    "(VALUES (NULL), (0), (-1), (9223372036854775807), (-9223372036854775807 - 1), (0.1), (1.0),"  \
    " (-0.0), (1e300), (1e-300), (123456789012345680.0), (''), ('a'), ('[1]'), ('{\"a\":1}'),"     \
    " ('null'), ('true'), ('12'), ('q\"\\/'), (char(1, 8, 9, 10, 11, 12, 13, 31, 127)),"           \
    " ('caf\xC3\xA9'), (char(0x1F600)), (char(0x2028)), (char(0xFFFD)))"

/* ---- the same text -------------------------------------------------------------------------- */

static void test_json_array_and_object_of_every_value_as_sqlite(void **state)
{
    (void)state;
    sqlite3 *db = harness_open();
    assert_query(
        db,
        "SELECT count(*), sum(ct_json_array(column1) = json_array(column1)),"
        " sum(ct_json_object('k', column1) = json_object('k', column1)),"
        " sum(ct_json_array(column1, column1) = json_array(column1, column1)) FROM " VALUES,
        "24|24|24|24");
    /* keys are any text */
    assert_query(db,
                 "SELECT count(*), sum(ct_json_object(column1, 1, column1, 2)"
                 " = json_object(column1, 1, column1, 2)) FROM " VALUES
                 " WHERE typeof(column1) = 'text'",
                 "13|13");
    assert_query(db, "SELECT ct_json_group_array(column1) = json_group_array(column1) FROM " VALUES,
                 "1");
    assert_query(db, "SELECT ct_json_array() = json_array(), ct_json_object() = json_object()",
                 "1|1");
    assert_query(db, "SELECT ct_json_group_array(1) WHERE 0", "[]");
    harness_close(db);
}

static void test_json_of_valid_text_as_sqlite(void **state)
{
    (void)state;
    sqlite3 *db = harness_open();
    assert_query(
        db,
        "SELECT count(*), sum(ct_json(column1) = json(column1)) FROM (VALUES (1), (1.5),"
        " ('null'), (' [ ] '), ('{ }'), (' {\"a\" :\t[ 1.50,-0 , 1E+2,true ,\nfalse,null ] ,"
        " \"a\":\" x  y \" }\r\n'), ('\"\\u0041\\n\"'), ('[[[[1]]]]'), (x'5B315D'))",
        "9|9");
    assert_query(db, "SELECT ct_json(NULL), json(NULL)", "NULL|NULL");
    harness_close(db);
}

static void test_json_nests_by_subtype_as_sqlite(void **state)
{
    static const char *const inner[] = {
        "json('[1]')",
        "ct_json('[1]')",
        "json_array(1)",
        "ct_json_array('[1]')",
        "kql_split('a', 'b')",
        "json_object('a', 1)",
        "ct_json_object('a', ct_json('[1]'))",
        "'[1]'",
        "'x' || json('[1]')",
        "json_extract('{\"a\":[1]}', '$.a')",
        "list_distinct(1)",
        "json_group_array(1)",
        "ct_json_group_array(ct_json('[1]'))",
        "ct_json_text('{\"a\":[1]}', '$.a')",
        "ct_json_list('{\"a\":[1]}', '$.a')",
        "user_agent_json('aws-cli/2.1')",
    };
    (void)state;
    sqlite3 *db = harness_open();
    for (size_t i = 0; i < sizeof inner / sizeof inner[0]; i++) {
        char *sql = sqlite3_mprintf(
            "SELECT ct_json_array(%s) = json_array(%s), json_array(ct_json_array(%s)) ="
            " json_array(json_array(%s)), ct_json_object('k', %s) = json_object('k', %s)",
            inner[i], inner[i], inner[i], inner[i], inner[i], inner[i]);
        assert_query(db, sql, "1|1|1");
        sqlite3_free(sql);
    }
    assert_query(
        db,
        "SELECT ct_json_group_array(ct_json(x)) = json_group_array(json(x)),"
        " ct_json_array(ct_json_group_array(x)) = json_array(json_group_array(x)) FROM"
        " (SELECT '[' || column1 || ']' AS x FROM (VALUES (2), (1), (3)) ORDER BY column1)",
        "1|1");
    harness_close(db);
}

static void test_json_nonnull_leaves_out_what_is_null(void **state)
{
    (void)state;
    sqlite3 *db = harness_open();
    assert_query(
        db,
        "SELECT count(*), sum(ct_json_array_nonnull(column1) = json_array(column1)),"
        " sum(ct_json_object_nonnull('k', column1) = json_object('k', column1)) FROM " VALUES,
        "24|23|23");
    assert_query(db,
                 "SELECT ct_json_array_nonnull(NULL, 1, NULL, '', NULL),"
                 " ct_json_object_nonnull('a', NULL, 'b', 1, 'c', NULL, 'd', ct_json('null'))",
                 "[1,\"\"]|{\"b\":1,\"d\":null}");
    assert_query(db,
                 "SELECT ct_json_array_nonnull(NULL), ct_json_array_nonnull(),"
                 " ct_json_object_nonnull('a', NULL), ct_json_object_nonnull()",
                 "NULL|NULL|NULL|NULL");
    assert_query(db,
                 "SELECT ct_json_array_nonnull(ct_json('[1]')),"
                 " json_array(ct_json_object_nonnull('a', json('[1]')))",
                 "[[1]]|[{\"a\":[1]}]");
    assert_query(db, "SELECT ct_json_object_nonnull(1, NULL)",
                 "error: ct_json_object_nonnull(): keys must be text, not 1");
    assert_query(db, "SELECT ct_json_object_nonnull('a')",
                 "error: ct_json_object_nonnull(): a key without a value");
    harness_close(db);
}

/* ---- what differs --------------------------------------------------------------------------- */

static void test_json_infinity_and_ill_formed_bytes_stay_json(void **state)
{
    (void)state;
    sqlite3 *db = harness_open();
    assert_query(db, "SELECT ct_json_array(9e999, -9e999)", "[9e999,-9e999]");
    assert_query(db, "SELECT ct_json_array(CAST(x'61FF62' AS TEXT))",
                 "[\"a\xEF\xBF\xBD"
                 "b\"]");
    assert_query(db, "SELECT ct_json_object(CAST(x'FF' AS TEXT), 1)", "{\"\xEF\xBF\xBD\":1}");
    assert_query(db, "SELECT ct_json(CAST(x'22FF22' AS TEXT))", "\"\xEF\xBF\xBD\"");
    assert_query(db, "SELECT ct_json_array(CAST(x'610062' AS TEXT))", "[\"a\\u0000b\"]");
    harness_close(db);
}

static void test_json_errors(void **state)
{
    static const struct {
        const char *sql, *expected;
    } cases[] = {
        {"ct_json('')", "error: ct_json(): malformed JSON at byte 0: the text ends too early"},
        {"ct_json('[1')", "error: ct_json(): malformed JSON at byte 2: the text ends too early"},
        {"ct_json('[1] x')",
         "error: ct_json(): malformed JSON at byte 4: something follows the value"},
        {"ct_json(x'0102')", NULL},
        {"ct_json('{a:1}')", NULL},
        {"ct_json('[1,]')", NULL},
        {"ct_json(9e999)", NULL},
        {"ct_json_array(1, x'00')", "error: JSON cannot hold BLOB values"},
        {"ct_json_array(x'')", "error: JSON cannot hold BLOB values"},
        {"ct_json_object('a', zeroblob(3))", "error: JSON cannot hold BLOB values"},
        {"ct_json_group_array(x'5B5D')", "error: JSON cannot hold BLOB values"},
        {"ct_json_object('a')", "error: ct_json_object(): a key without a value"},
        {"ct_json_object('a', 1, 'b')", "error: ct_json_object(): a key without a value"},
        {"ct_json_object(1, 2)", "error: ct_json_object(): keys must be text, not 1"},
        {"ct_json_object(NULL, 2)", "error: ct_json_object(): keys must be text, not NULL"},
        {"ct_json_object(x'61', 2)", "error: ct_json_object(): keys must be text, not x'61'"},
        {"ct_json_text('{}', 'a')", "error: ct_json_text(): not a path: 'a'"},
        {"ct_json_text('no JSON', '$.a', '$[')", "error: ct_json_text(): not a path: '$['"},
        {"ct_json_list('{}', 'a')", "error: ct_json_list(): not a path: 'a'"},
        {"ct_json_list()", "error: ct_json_list(): a JSON text and at least one path are needed"},
        {"ct_json(1, 2)", "error: wrong number of arguments to function ct_json()"},
    };
    (void)state;
    sqlite3 *db = harness_open();
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        char *sql = sqlite3_mprintf("SELECT %s", cases[i].sql);
        char *got = harness_query(db, sql);
        if (cases[i].expected)
            assert_string_equal(got, cases[i].expected);
        else if (strncmp(got, "error: ct_json(): malformed JSON at byte ", 41) != 0)
            fail_msg("%s: %s", sql, got);
        free(got);
        sqlite3_free(sql);
    }
    harness_close(db);
}

/* A text nests 990 deep at most, as the reader has it; what is built may nest on. */
static void test_json_depth(void **state)
{
    (void)state;
    sqlite3 *db = harness_open();
    assert_query(db,
                 "SELECT length(ct_json(replace(hex(zeroblob(495)), '0', '[') || 1"
                 " || replace(hex(zeroblob(495)), '0', ']')))",
                 "1981");
    char *got = harness_query(db, "SELECT ct_json(replace(hex(zeroblob(50000)), '0', '['))");
    assert_true(strncmp(got, "error: ct_json(): malformed JSON at byte 990: ", 46) == 0);
    free(got);
    assert_query(db, "SELECT ct_json_text(replace(hex(zeroblob(50000)), '0', '['), '$[0][0]')",
                 "NULL");
    harness_close(db);
}

/* ---- ct_json_text --------------------------------------------------------------------------- */

static void test_json_text_as_json_tree_has_it(void **state)
{
    (void)state;
    sqlite3 *db = harness_open();
    harness_exec(db,
                 "CREATE TEMP TABLE record AS"
                 " SELECT json FROM cloudtrail_log('data/sample') LIMIT 400;"
                 "INSERT INTO record VALUES ('[0,-1.50,1e3,\"\",\"a\\\\u0041\\\\n\",[],{},[[1]],"
                 "{\"a b\":{\"c\":true}},null,false]');"
                 "CREATE TEMP TABLE node AS"
                 " SELECT t.fullkey, t.type, t.value, ct_json_text(r.json, t.fullkey) AS got"
                 "   FROM record AS r, json_tree(r.json) AS t");
    assert_query(db,
                 "SELECT count(*) > 10000, count(DISTINCT type), sum(got IS NOT CASE type"
                 " WHEN 'true' THEN 'true' WHEN 'false' THEN 'false' WHEN 'null' THEN NULL"
                 " WHEN 'real' THEN got ELSE CAST(value AS TEXT) END),"
                 " sum(type = 'real' AND CAST(got AS REAL) <> value) FROM node",
                 "1|8|0|0");
    harness_close(db);
}

static void test_json_text_types_null_and_several_paths(void **state)
{
    (void)state;
    sqlite3 *db = harness_open();
    assert_query(db, "SELECT ct_json_text(NULL, '$'), ct_json_text('1', NULL), ct_json_text('1')",
                 "NULL|NULL|NULL");
    assert_query(db, "SELECT typeof(ct_json_text('[1]', '$[0]')), ct_json_text('[\"\"]', '$[0]')",
                 "text|");
    assert_query(
        db, "SELECT ct_json_text('{\"a\":null,\"b\":2,\"c\":3}', '$.x', '$.a', '$.b', '$.c')", "2");
    assert_query(db, "SELECT ct_json_text('{\"a\": [ 1 , \" \" ] }', '$.a')", "[1,\" \"]");
    assert_query(db, "SELECT ct_json_text('not JSON', '$.a'), ct_json_text('', '$')", "NULL|NULL");
    assert_query(db, "SELECT hex(ct_json_text('\"a\\u0000\\ud800\"', '$'))", "61EFBFBDEFBFBD");
    assert_query(db, "SELECT ct_json_text(12, '$'), ct_json_text(x'5B335D', '$[0]')", "12|3");
    harness_close(db);
}

/* What json_each() reads of it is what stands there, one item or many. */
static void test_json_list_is_an_array_or_null(void **state)
{
    (void)state;
    sqlite3 *db = harness_open();
    assert_query(db,
                 "SELECT ct_json_list('{\"a\":[1, \"x\"]}', '$.a'), ct_json_list('[[]]', '$[0]')",
                 "[1,\"x\"]|[]");
    assert_query(db, "SELECT ct_json_list('{\"a\": \"[oops\"}', '$.a'), ct_json_list('7', '$')",
                 "[\"[oops\"]|[7]");
    assert_query(db, "SELECT ct_json_list('{\"a\":{\"b\": null}}', '$.b', '$.a')",
                 "[{\"b\":null}]");
    assert_query(db,
                 "SELECT ct_json_list('{\"a\":null}', '$.a'), ct_json_list('not JSON', '$'),"
                 "       ct_json_list(NULL, '$'), ct_json_list('{}', NULL)",
                 "NULL|NULL|NULL|NULL");
    assert_query(db,
                 "SELECT group_concat(value) FROM json_each(ct_json_list('{\"a\":\"[1\"}', '$.a'))",
                 "[1");
    harness_close(db);
    harness_oom_sweep(NULL, "SELECT ct_json_list('{\"a\":\"x\"}', '$.a')", "[\"x\"]");
}

/* ---- in views ------------------------------------------------------------------------------- */

static void test_json_functions_in_a_view_that_nobody_trusts(void **state)
{
    (void)state;
    sqlite3 *db = harness_open();
    sqlite3_db_config(db, SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0, NULL);
    harness_exec(db, "CREATE TABLE t (g INTEGER, x TEXT);"
                     "INSERT INTO t VALUES (1, 'b'), (2, 'c'), (1, 'a');"
                     "CREATE VIEW v AS SELECT ct_json_object('g', g, 'list',"
                     " (SELECT ct_json_group_array(ct_json(item)) FROM (SELECT ct_json_object('x',"
                     "  i.x, 'first', ct_json_text(ct_json_array(i.x), '$[0]')) AS item"
                     "  FROM t AS i WHERE i.g = o.g ORDER BY i.x))) AS j FROM t AS o GROUP BY g");
    assert_query(
        db, "SELECT j FROM v ORDER BY j",
        "{\"g\":1,\"list\":[{\"x\":\"a\",\"first\":\"a\"},{\"x\":\"b\",\"first\":\"b\"}]}\n"
        "{\"g\":2,\"list\":[{\"x\":\"c\",\"first\":\"c\"}]}");
    harness_close(db);
}

static void test_json_functions_out_of_memory_is_an_error(void **state)
{
    (void)state;
    harness_oom_sweep(NULL,
                      "SELECT ct_json(' [1, \"\\u0061\"] '),"
                      " ct_json_object('a', ct_json_array('b', 1.5), 'c', ct_json('{}'))",
                      "[1,\"\\u0061\"]|{\"a\":[\"b\",1.5],\"c\":{}}");
    harness_oom_sweep(NULL,
                      "SELECT ct_json_text('{\"\\u0061\":\"\\u0062\"}', '$.x', '$.a'),"
                      " ct_json_group_array(ct_json_array('x'))",
                      "b|[[\"x\"]]");
    harness_oom_sweep(NULL, "SELECT ct_json_text('1', 'a')",
                      "error: ct_json_text(): not a path: 'a'");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_json_list_is_an_array_or_null),
        cmocka_unit_test(test_json_array_and_object_of_every_value_as_sqlite),
        cmocka_unit_test(test_json_of_valid_text_as_sqlite),
        cmocka_unit_test(test_json_nests_by_subtype_as_sqlite),
        cmocka_unit_test(test_json_nonnull_leaves_out_what_is_null),
        cmocka_unit_test(test_json_infinity_and_ill_formed_bytes_stay_json),
        cmocka_unit_test(test_json_errors),
        cmocka_unit_test(test_json_depth),
        cmocka_unit_test(test_json_text_as_json_tree_has_it),
        cmocka_unit_test(test_json_text_types_null_and_several_paths),
        cmocka_unit_test(test_json_functions_in_a_view_that_nobody_trusts),
        cmocka_unit_test(test_json_functions_out_of_memory_is_an_error),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
