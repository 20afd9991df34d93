/*
 * json_path: paths that are none, values that are not there, and what a damaged text gives. What
 * SQLite's own functions make of the same paths stands in tests/sqlite/test_json_function.c.
 */
#include "harness.h"

#include <stdlib.h>
#include <string.h>

#include "base/json_path.h"
#include "faulty_mem.h"

/* A copy that ends where its memory ends, so that a sanitizer sees who reads on. */
static char *exact(const char *text, size_t n)
{
    char *copy = malloc(n > 0 ? n : 1);
    assert_non_null(copy);
    memcpy(copy, text, n);
    return copy;
}

static ct_json_path_result find_in(const char *text, size_t n, const char *path, char *found)
{
    char *json = exact(text, n), *steps = exact(path, strlen(path));
    ct_json value = {.p = NULL};
    ct_json_path_result result =
        ct_json_path_find((ct_span){json, n}, (ct_span){steps, strlen(path)}, &value);
    if (result == CT_JSON_PATH_FOUND) {
        memcpy(found, value.p, value.len);
        found[value.len] = '\0';
    }
    free(json);
    free(steps);
    return result;
}

static void test_path_leads_to_the_value(void **state)
{
    static const char text[] =
        " {\"a\" : [1, {\"b\" : \"c\"}, []], \"\" : 2, \"x.y\" : 3, \"[0]\": 4,"
        " \"\\u0061b\" : 5, \"a\" : 6, \"n\" : null, \"caf\xC3\xA9\" : 7, \"d\": {} } ";
    static const struct {
        const char *path, *value;
    } cases[] = {
        {"$.a[0]", "1"},        {"$.a[1].b", "\"c\""}, {"$.a[1]", "{\"b\" : \"c\"}"},
        {"$.\"a\"[2]", "[]"},   {"$.\"\"", "2"},       {"$.\"x.y\"", "3"},
        {"$.\"[0]\"", "4"},     {"$.ab", "5"},         {"$.n", "null"},
        {"$.caf\xC3\xA9", "7"}, {"$.a[000]", "1"},
    };
    static const char *const absent[] = {
        "$.b",   "$.a[3]",  "$.a.b", "$[0]",  "$.a[0].b", "$.a[0][0]",
        "$.n.a", "$.\"x\"", "$.A",   "$.d.e", "$.d[0]",   "$.a[2][0]",
    };
    char found[200];
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        if (find_in(text, sizeof text - 1, cases[i].path, found) != CT_JSON_PATH_FOUND)
            fail_msg("%s: nothing found", cases[i].path);
        assert_string_equal(found, cases[i].value);
    }
    for (size_t i = 0; i < sizeof absent / sizeof absent[0]; i++)
        if (find_in(text, sizeof text - 1, absent[i], found) != CT_JSON_PATH_ABSENT)
            fail_msg("%s: not absent", absent[i]);
    assert_int_equal(find_in("7", 1, "$", found), CT_JSON_PATH_FOUND);
    assert_string_equal(found, "7");
}

static void test_path_that_is_none_is_bad_whatever_the_text(void **state)
{
    static const char *const paths[] = {
        "",        "a",     ".a",       "$a",    "$.",    "$..a",
        "$.a.",    "$[",    "$[]",      "$[1",   "$[-1]", "$[#-1]",
        "$[a]",    "$.\"a", "$.\"a\"b", "$[0]a", "$ ",    "$.a[99999999999999999999]",
        "$.a[1]]",
    };
    char found[200];
    (void)state;
    for (size_t i = 0; i < sizeof paths / sizeof paths[0]; i++) {
        if (find_in("{\"a\":[0]}", 9, paths[i], found) != CT_JSON_PATH_BAD ||
            find_in("[", 1, paths[i], found) != CT_JSON_PATH_BAD)
            fail_msg("%s: not bad", paths[i]);
    }
}

/* Wherever a text is cut, a value is found if and only if it stands in what is left. */
static void test_path_reads_no_further_than_the_value(void **state)
{
    static const char text[] = "{\"a\":[1,{\"b\":\"c\"}],\"d\":2}";
    char found[200];
    (void)state;
    for (size_t n = 0; n < sizeof text; n++) {
        bool whole = n >= (size_t)(strstr(text, "\"c\"") - text) + 3;
        ct_json_path_result expected = whole ? CT_JSON_PATH_FOUND : CT_JSON_PATH_ABSENT;
        assert_int_equal(find_in(text, n, "$.a[1].b", found), expected);
    }
    assert_int_equal(find_in("{\"a\":1,}", 8, "$.a", found), CT_JSON_PATH_FOUND);
    assert_int_equal(find_in("{\"a\":1,}", 8, "$.b", found), CT_JSON_PATH_ABSENT);
    assert_int_equal(find_in("{\"a\":1 \"b\":2}", 13, "$.b", found), CT_JSON_PATH_ABSENT);
    assert_int_equal(find_in("{\"a\":tru,\"b\":2}", 15, "$.b", found), CT_JSON_PATH_ABSENT);
}

/* A key that is spelled with escapes needs memory; without it none is said to be absent. */
static void test_path_without_memory_is_said(void **state)
{
    static const char text[] = "{\"\\u0061\":1,\"b\":2}";
    char found[200];
    (void)state;
    ct_mem_fail_after(0);
    assert_int_equal(find_in(text, sizeof text - 1, "$.b", found), CT_JSON_PATH_NO_MEMORY);
    assert_int_equal(find_in(text, sizeof text - 1, "$.a", found), CT_JSON_PATH_NO_MEMORY);
    ct_mem_fail_after(-1);
    assert_int_equal(find_in(text, sizeof text - 1, "$.b", found), CT_JSON_PATH_FOUND);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_path_leads_to_the_value),
        cmocka_unit_test(test_path_that_is_none_is_bad_whatever_the_text),
        cmocka_unit_test(test_path_reads_no_further_than_the_value),
        cmocka_unit_test(test_path_without_memory_is_said),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
