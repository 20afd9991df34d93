#include "harness.h"

#include <string.h>

#include "aws/upn.h"

static void assert_span(ct_span span, const char *expected)
{
    assert_int_equal(span.n, strlen(expected));
    assert_memory_equal(span.p, expected, span.n);
}

/* What tostring(split(x, '@', 0)[0]) and, when x contains '@', tostring(split(x, '@', 1)[0]) give
 * in the Sentinel rule, by Kusto's documentation of split(). */
static void test_upn_parts_are_first_and_second_piece(void **state)
{
    static const struct {
        const char *in, *name, *suffix;
    } cases[] = {
        {"jane@example.com", "jane", "example.com"},
        {"jane", "jane", ""},
        {"", "", ""},
        {"a@b@c", "a", "b"},
        {"a@@c", "a", ""},
        {"@example.com", "", "example.com"},
        {"jane@", "jane", ""},
        {"@", "", ""},
        {"AROAEXAMPLE:jane@example.com", "AROAEXAMPLE:jane", "example.com"},
    };
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        size_t n = strlen(cases[i].in);
        assert_span(ct_upn_name(cases[i].in, n), cases[i].name);
        assert_span(ct_upn_suffix(cases[i].in, n), cases[i].suffix);
    }
}

static void test_upn_agrees_with_kql_split(void **state)
{
    (void)state;
    sqlite3 *db = harness_open();
    assert_query(db,
                 "WITH x(t) AS (VALUES ('a@b@c'), ('a'), (''), ('@b'), ('a@'), ('@@'), ('@@c'))"
                 "SELECT count(*), sum(upn_name(t) = json_extract(kql_split(t, '@', 0), '$[0]')),"
                 " sum(upn_suffix(t) = ifnull(json_extract(kql_split(t, '@', 1), '$[0]'), ''))"
                 " FROM x",
                 "7|7|7");
    harness_close(db);
}

static void test_upn_sql_null_types_and_any_bytes(void **state)
{
    (void)state;
    sqlite3 *db = harness_open();
    assert_query(db, "SELECT upn_name(NULL), upn_suffix(NULL)", "NULL|NULL");
    assert_query(db, "SELECT typeof(upn_name('a@b')), typeof(upn_suffix('a'))", "text|text");
    assert_query(db, "SELECT upn_name(12), upn_suffix(12), upn_name(1.5)", "12||1.5");
    assert_query(db, "SELECT upn_name(x''), upn_suffix(x'')", "|");
    assert_query(db, "SELECT hex(upn_name(x'FF4080')), hex(upn_suffix(x'FF4080'))", "FF|80");
    assert_query(db, "SELECT hex(CAST(upn_name(CAST(x'61006240' AS TEXT)) AS BLOB))", "610062");
    assert_query(db, "SELECT length(upn_name(zeroblob(5000000)))", "0"); /* length() ends at NUL */
    assert_query(db, "SELECT upn_name()",
                 "error: wrong number of arguments to function upn_name()");
    harness_close(db);
}

static void test_upn_out_of_memory_is_an_error(void **state)
{
    (void)state;
    harness_oom_sweep(NULL, "SELECT upn_name('jane@example.com'), upn_suffix('jane@example.com')",
                      "jane|example.com");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_upn_parts_are_first_and_second_piece),
        cmocka_unit_test(test_upn_agrees_with_kql_split),
        cmocka_unit_test(test_upn_sql_null_types_and_any_bytes),
        cmocka_unit_test(test_upn_out_of_memory_is_an_error),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
