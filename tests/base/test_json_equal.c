/* Which JSON texts say the same: the rules of ext/json_equal.h, one by one and put together. */
#include "harness.h"

#include <locale.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "faulty_mem.h"
#include "base/json.h"
#include "base/json_equal.h"
#include "base/mem.h"
#include "rng.h"

static bool is_equal(const char *a, const char *b)
{
    bool no_memory = true;
    bool equal = ct_json_equal(a, strlen(a), b, strlen(b), &no_memory);
    assert_false(no_memory);
    return equal;
}

typedef struct pair {
    const char *a, *b;
} pair;

static void assert_pairs(const pair *pairs, size_t n, bool expected)
{
    for (size_t i = 0; i < n; i++) {
        if (is_equal(pairs[i].a, pairs[i].b) != expected)
            fail_msg("%s and %s", pairs[i].a, pairs[i].b);
        if (is_equal(pairs[i].b, pairs[i].a) != expected)
            fail_msg("%s and %s, the other way round", pairs[i].a, pairs[i].b);
    }
}

#define assert_all(pairs, expected) assert_pairs(pairs, sizeof(pairs) / sizeof(pairs)[0], expected)

static void test_json_equal_spelling_does_not_count(void **state)
{
    (void)state;
    static const pair equal[] = {
        {"{}", " { } "},
        {"[1,2]", "[ 1 ,\n\t2\r]"},
        {"{\"a\":1,\"b\":2}", "{\"b\":2,\"a\":1}"},
        {"{\"ab\":1,\"a\":2}", "{\"a\":2,\"ab\":1}"},
        {"{\"x\":{\"b\":[{\"d\":1,\"c\":2}],\"a\":3}}",
         "{\"x\":{\"a\":3,\"b\":[{\"c\":2,\"d\":1}]}}"},
        {"\"a/b\"", "\"a\\/b\""},
        {"\"\\u0041\"", "\"A\""},
        {"\"\\u00e9\"", "\"\xC3\xA9\""},
        {"\"\\ud83d\\ude00\"", "\"\xF0\x9F\x98\x80\""},
        {"\"\\t\\n\"", "\"\\u0009\\u000a\""},
        {"{\"\\u0061\":1}", "{\"a\":1}"},
    };
    assert_all(equal, true);
}

static void test_json_equal_null_counts_as_absent(void **state)
{
    (void)state;
    static const pair equal[] = {
        {"{\"a\":null}", "{}"},
        {"{\"a\":null,\"b\":1}", "{\"b\":1}"},
        {"{\"a\":{\"b\":null}}", "{\"a\":{}}"},
        {"[{\"a\":null}]", "[{}]"},
    };
    static const pair different[] = {
        {"[null]", "[]"}, /* of an array each item counts */
        {"{\"a\":null}", "{\"a\":{}}"},
        {"{\"a\":null}", "{\"a\":\"null\"}"},
        {"{\"a\":{}}", "{}"},
        {"{\"a\":\"\"}", "{}"},
        {"null", "{}"},
    };
    assert_all(equal, true);
    assert_all(different, false);
}

static void test_json_equal_numbers_by_value(void **state)
{
    (void)state;
    static const pair equal[] = {
        {"1", "1.0"},
        {"1", "1.000e0"},
        {"100", "1e2"},
        {"100", "1E+2"},
        {"0.01", "1e-2"},
        {"0.01", "0.10e-1"},
        {"-5", "-5.0"},
        {"0", "-0"},
        {"0", "-0.0e7"},
        {"1e-7", "0.0000001"},
        {"100000000000000000000", "1e20"},
        {"12345678901234567890", "1234567890123456789e1"},
        {"1e000000000000000000002", "100"},
    };
    static const pair different[] = {
        {"1", "2"},
        {"1", "-1"},
        {"1", "10"},
        {"1", "0.1"},
        {"1", "\"1\""},
        {"1", "true"},
        {"0", "false"},
        {"0", "null"},
        {"9007199254740992", "9007199254740993"}, /* as doubles they are the same */
        {"0.1", "0.10000000000000000001"},
        {"1e1000", "1e1001"},
        {"1e-400", "0"},
        {"1e99999999999999999999", "1e99999999999999999998"},
    };
    assert_all(equal, true);
    assert_all(different, false);
}

static void test_json_equal_differences_count(void **state)
{
    (void)state;
    static const pair different[] = {
        {"\"a\"", "\"A\""},
        {"\"a\"", "\"a \""},
        {"[1,2]", "[2,1]"},
        {"[1]", "[1,1]"},
        {"[1]", "1"},
        {"[]", "{}"},
        {"{\"a\":1}", "{\"a\":2}"},
        {"{\"a\":1}", "{\"A\":1}"},
        {"{\"a\":1}", "{\"a\":1,\"b\":2}"},
        {"{\"a\":1,\"a\":2}", "{\"a\":1}"}, /* of repeated keys each must have its match */
        {"{\"a\":1,\"a\":2}", "{\"a\":1,\"a\":1}"},
        {"{\"a\":\"1,\\\"b\\\":2\"}", "{\"a\":\"1\",\"b\":2}"},
        {"[\"a\",\"b\"]", "[\"a\\\",\\\"b\"]"},
        {"true", "false"},
    };
    assert_all(different, false);
    assert_true(is_equal("{\"a\":1,\"a\":2}", "{\"a\":2,\"a\":1}"));
}

/* Both texts are to be JSON; what is not is never equal to anything, but to its own bytes. */
static void test_json_equal_no_json_is_different(void **state)
{
    (void)state;
    static const pair different[] = {
        {"", "{}"},
        {" ", "{}"},
        {"{", "{}"},
        {"{\"a\":1", "{\"a\":1}"},
        {"[1,]", "[1]"},
        {"01", "1"},
        {"nul", "null"},
        {"{\"a\"}", "{}"},
        {"[1,,2]", "[1]"},
        {"tru", "true"},
        {"{a:1}", "{\"a\":1}"},
    };
    assert_all(different, false);
}

static char *nested(size_t depth, const char *core)
{
    size_t n = strlen(core);
    char *text = malloc(2 * depth + n + 1);
    memset(text, '[', depth);
    memcpy(text + depth, core, n);
    memset(text + depth + n, ']', depth);
    text[2 * depth + n] = '\0';
    return text;
}

static void test_json_equal_depth_has_a_limit(void **state)
{
    (void)state;
    char *a = nested(CT_JSON_MAX_DEPTH, " 1"), *b = nested(CT_JSON_MAX_DEPTH, "1 ");
    assert_true(is_equal(a, b));
    free(a);
    free(b);
    a = nested(CT_JSON_MAX_DEPTH + 1, " 1");
    b = nested(CT_JSON_MAX_DEPTH + 1, "1 ");
    assert_false(is_equal(a, b));
    free(a);
    free(b);
}

/* A text that is deep and long must not be read once for each level. */
static void test_json_equal_deep_and_long_is_fast(void **state)
{
    (void)state;
    enum { LONG = 4 * 1024 * 1024 };
    char *core = malloc(LONG + 1);
    memset(core, '1', LONG);
    for (size_t i = 1; i < LONG - 1; i += 2)
        core[i] = ',';
    core[LONG - 1] = ' ';
    core[LONG - 2] = '1';
    core[LONG] = '\0';
    char *a = nested(CT_JSON_MAX_DEPTH, core);
    core[0] = '2';
    char *b = nested(CT_JSON_MAX_DEPTH, core);
    clock_t start = clock();
    assert_false(is_equal(a, b));
    assert_true(clock() - start < 5 * CLOCKS_PER_SEC);
    free(core);
    free(a);
    free(b);
}

/* ---- issue 12: deep texts, on small stacks and in short time ----------------------------------- */

/* depth times {"b":0,"a": around the core, or {"a": with ,"b":0 behind it: each needs sorting. */
static char *nested_objects(size_t depth, const char *core, size_t core_len, bool first,
                            size_t *len)
{
    const char *before = first ? "{\"b\":0,\"a\":" : "{\"a\":";
    const char *behind = first ? "}" : ",\"b\":0}";
    ct_buf text = CT_BUF_EMPTY;
    for (size_t i = 0; i < depth; i++)
        ct_buf_put_text(&text, before);
    ct_buf_put(&text, core, core_len);
    for (size_t i = 0; i < depth; i++)
        ct_buf_put_text(&text, behind);
    *len = text.len;
    return text.data;
}

static void *compare_deep(void *result)
{
    size_t a_len, b_len;
    char *a = nested_objects(CT_JSON_MAX_DEPTH, "1", 1, true, &a_len);
    char *b = nested_objects(CT_JSON_MAX_DEPTH, "1", 1, false, &b_len);
    bool no_memory;
    *(bool *)result = ct_json_equal(a, a_len, b, b_len, &no_memory);
    ct_free(a);
    ct_free(b);
    return NULL;
}

/* Threads have 128 KB of stack where musl is the C library. */
static void test_issue12_json_equal_deep_needs_little_stack(void **state)
{
    (void)state;
    bool equal = false;
    pthread_attr_t attributes;
    pthread_t thread;
    pthread_attr_init(&attributes);
    assert_int_equal(pthread_attr_setstacksize(&attributes, 128 * 1024), 0);
    assert_int_equal(pthread_create(&thread, &attributes, compare_deep, &equal), 0);
    pthread_join(thread, NULL);
    pthread_attr_destroy(&attributes);
    assert_true(equal);
}

static void test_issue12_json_equal_deep_and_large_takes_the_time_of_flat(void **state)
{
    (void)state;
    enum { LARGE = 4 * 1000 * 1000, DEPTH = 980 };
    char *core = malloc(LARGE);
    memset(core, 'x', LARGE);
    core[0] = core[LARGE - 1] = '"';
    clock_t times[2];
    for (int deep = 0; deep < 2; deep++) {
        size_t a_len, b_len;
        char *a = nested_objects(deep ? DEPTH : 1, core, LARGE, true, &a_len);
        char *b = nested_objects(deep ? DEPTH : 1, core, LARGE, false, &b_len);
        bool no_memory;
        clock_t start = clock();
        assert_true(ct_json_equal(a, a_len, b, b_len, &no_memory));
        times[deep] = clock() - start;
        ct_free(a);
        ct_free(b);
    }
    free(core);
    if (times[1] > 4 * times[0] + CLOCKS_PER_SEC / 50)
        fail_msg("flat %ld us, deep %ld us", (long)times[0], (long)times[1]);
}

/* In many places of the world a number has a comma; JSON's has not. */
static void test_json_equal_any_locale(void **state)
{
    (void)state;
    static const char *const names[] = {"de_DE.UTF-8", "de_DE", "fr_FR.UTF-8", "pl_PL.UTF-8"};
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
        if (setlocale(LC_NUMERIC, names[i]))
            break;
    assert_false(is_equal("0.25", "0.75"));
    assert_true(is_equal("0.25", "25e-2"));
    setlocale(LC_NUMERIC, "C");
}

/* ---- objects of many members, shuffled ------------------------------------------------------ */

static void put_object(ct_buf *out, const int *order, int n, int changed)
{
    ct_buf_put_char(out, '{');
    for (int i = 0; i < n; i++)
        ct_buf_printf(out, "%s\"k%d\":[%d,{\"z\":1,\"y\":null}]", i ? "," : "", order[i],
                      order[i] == changed ? -1 : order[i]);
    ct_buf_put_char(out, '}');
}

static void test_json_equal_shuffled_members_are_equal(void **state)
{
    (void)state;
    rng r = {7};
    int order[100];
    for (int n = 0; n <= 100; n++) {
        for (int i = 0; i < n; i++)
            order[i] = i;
        ct_buf a = CT_BUF_EMPTY, b = CT_BUF_EMPTY, c = CT_BUF_EMPTY;
        put_object(&a, order, n, -1);
        for (int i = n - 1; i > 0; i--) {
            int k = (int)rng_below(&r, (size_t)i + 1), held = order[i];
            order[i] = order[k];
            order[k] = held;
        }
        put_object(&b, order, n, -1);
        put_object(&c, order, n, n / 2);
        bool no_memory;
        assert_true(ct_json_equal(a.data, a.len, b.data, b.len, &no_memory));
        if (n > 0)
            assert_false(ct_json_equal(a.data, a.len, c.data, c.len, &no_memory));
        ct_buf_free(&a);
        ct_buf_free(&b);
        ct_buf_free(&c);
    }
}

/* Whether an allocation was refused; then that is what is said. */
static bool compare_without_memory(ct_mem_way *refuse, long n)
{
    static const char a[] = "{\"b\":[1,2,{\"d\":\"x\",\"c\":1e3}],\"a\":\"\\u0041\",\"\\u00e9\":1}";
    static const char b[] = "{\"\xC3\xA9\":1.0,\"a\":\"A\",\"b\":[1,2,{\"c\":1000,\"d\":\"x\"}]}";
    bool no_memory;
    refuse(n);
    bool equal = ct_json_equal(a, strlen(a), b, strlen(b), &no_memory);
    bool refused = ct_mem_failures() > 0;
    ct_mem_fail_after(-1);
    assert_int_equal(no_memory, refused);
    assert_int_equal(equal, !refused);
    return refused;
}

static void test_json_equal_no_memory_is_said(void **state)
{
    (void)state;
    for (int i = 0; i < CT_MEM_N_WAYS; i++)
        for (long n = 0; compare_without_memory(ct_mem_ways[i], n); n++)
            ;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_json_equal_spelling_does_not_count),
        cmocka_unit_test(test_json_equal_null_counts_as_absent),
        cmocka_unit_test(test_json_equal_numbers_by_value),
        cmocka_unit_test(test_json_equal_differences_count),
        cmocka_unit_test(test_json_equal_no_json_is_different),
        cmocka_unit_test(test_json_equal_depth_has_a_limit),
        cmocka_unit_test(test_json_equal_deep_and_long_is_fast),
        cmocka_unit_test(test_issue12_json_equal_deep_needs_little_stack),
        cmocka_unit_test(test_issue12_json_equal_deep_and_large_takes_the_time_of_flat),
        cmocka_unit_test(test_json_equal_any_locale),
        cmocka_unit_test(test_json_equal_shuffled_members_are_equal),
        cmocka_unit_test(test_json_equal_no_memory_is_said),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
