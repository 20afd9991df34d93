/* The scanner against RFC 8259, case by case. test_json1.c holds it against SQLite's JSON1. */
#include "harness.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "faulty_mem.h"
#include "base/json.h"

/* A literal that may hold NUL bytes, with its length. */
#define BYTES(text) text, sizeof text - 1

/* Scans a copy that ends where its memory ends: a sanitizer sees one byte too far. */
static ct_json_status scan_copy(const char *p, size_t n, ct_json *value, const char **error,
                                size_t *at)
{
    char *copy = malloc(n ? n : 1);
    memcpy(copy, p, n);
    ct_json_scanner s = ct_json_scan(copy, n);
    ct_json_status st = ct_json_value(&s, value);
    *error = s.error;
    *at = (size_t)(s.p - copy);
    free(copy);
    return st;
}

/* Scans text that stays, into a value to look at. */
static ct_json scan_all(const char *p, size_t n)
{
    ct_json value;
    ct_json_scanner s = ct_json_scan(p, n);
    assert_int_equal(ct_json_value(&s, &value), CT_JSON_OK);
    assert_ptr_equal(s.p, p + n);
    return value;
}

static const struct {
    const char *p;
    size_t n;
    ct_json_kind kind;
    unsigned flags;
} valid[] = {
    {BYTES("null"), CT_JSON_NULL, 0},
    {BYTES("true"), CT_JSON_TRUE, 0},
    {BYTES("false"), CT_JSON_FALSE, 0},
    {BYTES("\"\""), CT_JSON_STRING, 0},
    {BYTES("\"a'/\x7f\""), CT_JSON_STRING, 0},
    {BYTES("\"sixteen bytes and one more run\""), CT_JSON_STRING, 0},
    {BYTES("\"\\\"\\\\\\/\\b\\f\\n\\r\\t\""), CT_JSON_STRING, CT_JSON_ESCAPED},
    {BYTES("\"\\u0000\\uABCD\\uabcd\\uD83D\\uDE00\""), CT_JSON_STRING, CT_JSON_ESCAPED},
    {BYTES("\"caf\xC3\xA9\""), CT_JSON_STRING, CT_JSON_8BIT},
    {BYTES("\"not UTF-8 \xFF\""), CT_JSON_STRING, CT_JSON_8BIT},
    {BYTES("\"fifteen letters\xC3\xA9 then eight-bit\""), CT_JSON_STRING, CT_JSON_8BIT},
    {BYTES("[]"), CT_JSON_ARRAY, 0},
    {BYTES("[ ]"), CT_JSON_ARRAY, CT_JSON_SPACED},
    {BYTES("{}"), CT_JSON_OBJECT, 0},
    {BYTES("{\n}"), CT_JSON_OBJECT, CT_JSON_SPACED},
    {BYTES("[1,\"a b\",null,true,false,{\"a\":[]}]"), CT_JSON_ARRAY, 0},
    {BYTES("[\t1\r\n,\n2 ]"), CT_JSON_ARRAY, CT_JSON_SPACED},
    {BYTES("{\"a\" : 1}"), CT_JSON_OBJECT, CT_JSON_SPACED},
    {BYTES("{\"\":{\"\":{\"\\n\":\"\xC3\xA9\"}}}"), CT_JSON_OBJECT, CT_JSON_ESCAPED | CT_JSON_8BIT},
    {BYTES("{\"a\":1,\"a\":2}"), CT_JSON_OBJECT, 0},
    {BYTES("[[[[]]],{\"x\":[{}]}]"), CT_JSON_ARRAY, 0},
    {BYTES("[0,-0,1.5,1e5,1E+5,-1.25e-7,10,-10.01]"), CT_JSON_ARRAY, 0},
};

static void test_json_value_valid_gives_kind_flags_and_span(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof valid / sizeof valid[0]; i++) {
        ct_json value = scan_all(valid[i].p, valid[i].n);
        assert_int_equal(value.kind, valid[i].kind);
        assert_int_equal(value.flags, valid[i].flags);
        assert_ptr_equal(value.p, valid[i].p);
        assert_int_equal(value.len, valid[i].n);
        assert_true(ct_json_valid(valid[i].p, valid[i].n));
    }
}

static void test_json_value_every_prefix_is_incomplete(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof valid / sizeof valid[0]; i++)
        for (size_t n = 0; n < valid[i].n; n++) {
            ct_json value;
            const char *error;
            size_t at;
            ct_json_status st = scan_copy(valid[i].p, n, &value, &error, &at);
            if (st != CT_JSON_INCOMPLETE)
                fail_msg("%.*s: status %d", (int)n, valid[i].p, st);
            assert_false(ct_json_valid(valid[i].p, n));
        }
}

/* Whatever stands behind a value is left for the caller. */
static void test_json_value_text_behind_is_not_touched(void **state)
{
    static const char *const behind[] = {"", " ", "x", "]", "}", ",", "\"", "\\", "{", "\xFF"};
    (void)state;
    for (size_t i = 0; i < sizeof valid / sizeof valid[0]; i++)
        for (size_t k = 0; k < sizeof behind / sizeof behind[0]; k++) {
            char text[256];
            memcpy(text, valid[i].p, valid[i].n);
            strcpy(text + valid[i].n, behind[k]);
            ct_json_scanner s = ct_json_scan(text, valid[i].n + strlen(behind[k]));
            ct_json value;
            assert_int_equal(ct_json_value(&s, &value), CT_JSON_OK);
            assert_ptr_equal(s.p, text + valid[i].n);
        }
}

static void test_json_value_number_prefixes_end_where_the_grammar_says(void **state)
{
    /* `ok` has one letter for each length from 1: y a number, i incomplete. */
    static const struct {
        const char *text, *ok;
    } cases[] = {
        {"0", "y"},           {"-0", "iy"},       {"-12", "iyy"},   {"0.50", "yiyy"},
        {"1e5", "yiy"},       {"1E+05", "yiiyy"}, {"1e-5", "yiiy"}, {"-1.25e-07", "iyiyyiiyy"},
        {"123456", "yyyyyy"},
    };
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++)
        for (size_t n = 1; n <= strlen(cases[i].text); n++) {
            ct_json value;
            const char *error;
            size_t at;
            ct_json_status st = scan_copy(cases[i].text, n, &value, &error, &at);
            assert_int_equal(st, cases[i].ok[n - 1] == 'y' ? CT_JSON_OK : CT_JSON_INCOMPLETE);
            if (st == CT_JSON_OK) {
                assert_int_equal(value.kind, CT_JSON_NUMBER);
                assert_int_equal(value.len, n);
            }
        }
}

static void test_json_value_invalid_names_the_byte(void **state)
{
    static const char control[] = "control character in a string";
    static const char escape[] = "unknown escape in a string";
    static const char hex[] = "\\u without four hexadecimal digits";
    static const char digit[] = "a digit is missing in a number";
    static const char a_value[] = "a value is expected";
    static const char a_string[] = "a string is expected";
    static const char colon[] = "a colon is expected";
    static const char array_end[] = "a comma or ] is expected";
    static const char object_end[] = "a comma or } is expected";
    static const struct {
        const char *p;
        size_t n, at;
        const char *error;
    } cases[] = {
        {BYTES("x"), 0, a_value},
        {BYTES("]"), 0, a_value},
        {BYTES(" 1"), 0, a_value}, /* the caller passes over white space */
        {BYTES("\xEF\xBB\xBF{}"), 0, a_value},
        {BYTES("\0"), 0, a_value},
        {BYTES("'a'"), 0, a_value},
        {BYTES("nulL"), 0, a_value},
        {BYTES("tru\0"), 0, a_value},
        {BYTES("True"), 0, a_value},
        {BYTES("NaN"), 0, a_value},
        {BYTES("Infinity"), 0, a_value},
        {BYTES("+1"), 0, a_value},
        {BYTES(".5"), 0, a_value},
        {BYTES("/**/1"), 0, a_value},
        {BYTES("-x"), 1, digit},
        {BYTES("--1"), 1, digit},
        {BYTES("-Infinity"), 1, digit},
        {BYTES("1.x"), 2, digit},
        {BYTES("1.e5"), 2, digit},
        {BYTES("1ex"), 2, digit},
        {BYTES("1e+x"), 3, digit},
        {BYTES("[01]"), 2, array_end},
        {BYTES("[-01]"), 3, array_end},
        {BYTES("[0x1]"), 2, array_end},
        {BYTES("[1.2.3]"), 4, array_end},
        {BYTES("\"a\nb\""), 2, control},
        {BYTES("\"a\0b\""), 2, control},
        {BYTES("\"\x1f\""), 1, control},
        {BYTES("\"0123456789abcdef\tx and sixteen more\""), 17, control},
        {BYTES("\"a\\xb\""), 2, escape},
        {BYTES("\"\\'\""), 1, escape},
        {BYTES("\"\\\n\""), 1, escape},
        {BYTES("\"\\\0\""), 1, escape},
        {BYTES("\"\\U0041\""), 1, escape},
        {BYTES("\"\\u12g4\""), 1, hex},
        {BYTES("\"\\u\""), 1, hex},
        {BYTES("\"\\u123\""), 1, hex},
        {BYTES("\"\\u 123\""), 1, hex},
        {BYTES("[,1]"), 1, a_value},
        {BYTES("[1,]"), 3, a_value},
        {BYTES("[1,,2]"), 3, a_value},
        {BYTES("[1 2]"), 3, array_end},
        {BYTES("[1}"), 2, array_end},
        {BYTES("[1:2]"), 2, array_end},
        {BYTES("[1,\f2]"), 3, a_value},
        {BYTES("[1\0]"), 2, array_end},
        {BYTES("[\"a\"\xC2\xA0]"), 4, array_end},
        {BYTES("[truex]"), 5, array_end},
        {BYTES("[}"), 1, a_value},
        {BYTES("{]"), 1, a_string},
        {BYTES("{,}"), 1, a_string},
        {BYTES("{a:1}"), 1, a_string},
        {BYTES("{1:1}"), 1, a_string},
        {BYTES("{\"a\":1,}"), 7, a_string},
        {BYTES("{\"a\":1 \"b\":2}"), 7, object_end},
        {BYTES("{\"a\":1]"), 6, object_end},
        {BYTES("{\"a\",1}"), 4, colon},
        {BYTES("{\"a\"}"), 4, colon},
        {BYTES("{\"a\":}"), 5, a_value},
        {BYTES("{\"a\"::1}"), 5, a_value},
        {BYTES("{\"a\\q\":1}"), 3, escape},
        {BYTES("[{\"a\":[1,{\"b\":tru}]}]"), 14, a_value},
    };
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        ct_json value;
        const char *error;
        size_t at;
        ct_json_status st = scan_copy(cases[i].p, cases[i].n, &value, &error, &at);
        if (st != CT_JSON_INVALID)
            fail_msg("%s: status %d", cases[i].p, st);
        if (strcmp(error, cases[i].error) != 0 || at != cases[i].at)
            fail_msg("%s: %s at %zu, expected %s at %zu", cases[i].p, error, at, cases[i].error,
                     cases[i].at);
        if (cases[i].p[0] != ' ')
            assert_false(ct_json_valid(cases[i].p, cases[i].n));
    }
}

/* Every byte in every place of a string: below 20 it is refused, else a part of it; 16 bytes at a
 * time or one by one must not differ. */
static void test_json_value_any_byte_anywhere_in_a_string(void **state)
{
    (void)state;
    for (size_t len = 3; len < 40; len++)
        for (size_t at = 1; at < len - 1; at++)
            for (int c = 0; c < 256; c++) {
                if (c == '"' || c == '\\')
                    continue;
                char text[40];
                memset(text, 'x', len);
                text[0] = text[len - 1] = '"';
                text[at] = (char)c;
                ct_json value;
                ct_json_scanner s = ct_json_scan(text, len);
                ct_json_status st = ct_json_value(&s, &value);
                if (c < 0x20) {
                    assert_int_equal(st, CT_JSON_INVALID);
                    assert_ptr_equal(s.p, text + at);
                } else {
                    assert_int_equal(st, CT_JSON_OK);
                    assert_int_equal(value.flags, c >= 0x80 ? CT_JSON_8BIT : 0);
                }
            }
}

/* ---- depth ---------------------------------------------------------------------------------- */

static void put_repeated(ct_buf *out, const char *text, size_t n)
{
    while (n-- > 0)
        ct_buf_put_text(out, text);
}

static void test_json_value_depth_ends_at_the_limit(void **state)
{
    static const struct {
        const char *open, *close;
    } forms[] = {{"[", "]"}, {"{\"a\":", "}"}, {"[{\"a\":", "}]"}};
    (void)state;
    for (size_t i = 0; i < sizeof forms / sizeof forms[0]; i++)
        for (size_t more = 0; more < 2; more++) {
            size_t pairs = CT_JSON_MAX_DEPTH / (i == 2 ? 2 : 1) + more;
            ct_buf text = CT_BUF_EMPTY;
            put_repeated(&text, forms[i].open, pairs);
            ct_buf_put_char(&text, '1');
            put_repeated(&text, forms[i].close, pairs);
            ct_json_scanner s = ct_json_scan(text.data, text.len);
            ct_json value;
            assert_int_equal(ct_json_value(&s, &value), more ? CT_JSON_INVALID : CT_JSON_OK);
            if (more) {
                assert_string_equal(s.error, "nested too deeply");
                assert_int_equal(s.p - text.data, (pairs - 1) * strlen(forms[i].open));
            }
            ct_buf_free(&text);
        }
}

static void test_json_value_million_brackets_is_refused_at_once(void **state)
{
    (void)state;
    ct_buf text = CT_BUF_EMPTY;
    put_repeated(&text, "[", 1000000);
    assert_false(ct_json_valid(text.data, text.len));
    ct_buf_free(&text);
}

/* Wide is not deep. */
static void test_json_value_many_siblings_are_read(void **state)
{
    (void)state;
    ct_buf text = CT_BUF_EMPTY;
    put_repeated(&text, "[[],{}", 1);
    put_repeated(&text, ",[[]],{\"a\":{}}", 5000);
    ct_buf_put_char(&text, ']');
    assert_true(ct_json_valid(text.data, text.len));
    ct_buf_free(&text);
}

/* ---- walking -------------------------------------------------------------------------------- */

static void test_json_next_walks_members_in_order(void **state)
{
    static const char text[] = "{ \"a\" : 1 , \"b\":[2, 3] ,\"c\":{} } tail";
    static const char *const keys[] = {"\"a\"", "\"b\"", "\"c\""};
    static const char *const values[] = {"1", "[2, 3]", "{}"};
    (void)state;
    ct_json_scanner s = ct_json_scan(text, strlen(text));
    ct_json key, value;
    bool more;
    size_t n = 0;
    ct_json_status st = ct_json_enter(&s, '{', &more);
    for (; st == CT_JSON_OK && more; n++) {
        assert_int_equal(ct_json_key(&s, &key), CT_JSON_OK);
        assert_int_equal(ct_json_value(&s, &value), CT_JSON_OK);
        assert_memory_equal(key.p, keys[n], strlen(keys[n]));
        assert_int_equal(value.len, strlen(values[n]));
        assert_memory_equal(value.p, values[n], value.len);
        st = ct_json_next(&s, '}', &more);
    }
    assert_int_equal(st, CT_JSON_OK);
    assert_int_equal(n, 3);
    assert_string_equal(s.p, " tail");
    assert_true(s.flags & CT_JSON_SPACED);
}

/* A walk gives the members and ends; of what is broken, those before the fault, and says so. */
static void test_json_walk_gives_the_members_before_a_fault(void **state)
{
    static const struct {
        const char *in, *members;
        ct_json_status status;
    } cases[] = {
        {"{}", "", CT_JSON_OK},
        {"[ ]", "", CT_JSON_OK},
        {"{\"a\":1, \"b\" : [2] }", "\"a\"1\"b\"[2]", CT_JSON_OK},
        {"[1,{\"a\":2},\"x\"]", "1{\"a\":2}\"x\"", CT_JSON_OK},
        {"{\"a\":1,\"b\"", "\"a\"1", CT_JSON_INCOMPLETE},
        {"{\"a\":1,\"b\":", "\"a\"1", CT_JSON_INCOMPLETE},
        {"{\"a\":1", "\"a\"1", CT_JSON_INCOMPLETE},
        {"{\"a\":1;", "\"a\"1", CT_JSON_INVALID},
        {"{\"a\":1,b:2}", "\"a\"1", CT_JSON_INVALID},
        {"{\"a\":1,\"b\":x}", "\"a\"1", CT_JSON_INVALID},
        {"[1,]", "1", CT_JSON_INVALID},
        {"[1,2}", "12", CT_JSON_INVALID},
        {"[", "", CT_JSON_INCOMPLETE},
    };
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        ct_json_walk w =
            ct_json_walk_into(&(ct_json){.p = cases[i].in, .len = strlen(cases[i].in)});
        ct_json key = {.p = ""}, value;
        ct_buf got = CT_BUF_EMPTY;
        while (ct_json_walk_on(&w, &key, &value)) {
            ct_buf_put(&got, key.p, key.len);
            ct_buf_put(&got, value.p, value.len);
        }
        ct_buf_put_char(&got, '\0');
        if (strcmp(got.data, cases[i].members) != 0 || w.status != cases[i].status)
            fail_msg("%s: %s, %d", cases[i].in, got.data, (int)w.status);
        if (w.status == CT_JSON_OK)
            assert_ptr_equal(w.s.p, cases[i].in + strlen(cases[i].in));
        ct_buf_free(&got);
    }
}

static void test_json_find_takes_the_first_of_a_name(void **state)
{
    static const char text[] = "{\"x\":{\"b\":0},\"\\u0062\":1,\"b\":2}";
    (void)state;
    ct_json object = scan_all(text, strlen(text)), value;
    assert_true(ct_json_find(&object, "b", &value));
    assert_int_equal(value.len, 1);
    assert_int_equal(*value.p, '1');
    assert_false(ct_json_find(&object, "c", &value));
}

static void test_json_value_flags_gather_in_the_scanner_too(void **state)
{
    static const char text[] = "\"\\n\"[1, 2]\"\xC3\xA9\"";
    (void)state;
    ct_json_scanner s = ct_json_scan(text, strlen(text));
    ct_json first, second, third;
    assert_int_equal(ct_json_string(&s, &first), CT_JSON_OK);
    assert_int_equal(ct_json_value(&s, &second), CT_JSON_OK);
    assert_int_equal(ct_json_value(&s, &third), CT_JSON_OK);
    assert_int_equal(first.flags, CT_JSON_ESCAPED);
    assert_int_equal(second.flags, CT_JSON_SPACED);
    assert_int_equal(third.flags, CT_JSON_8BIT);
    assert_int_equal(s.flags, CT_JSON_ESCAPED | CT_JSON_SPACED | CT_JSON_8BIT);
}

static void test_json_string_other_value_is_refused(void **state)
{
    (void)state;
    ct_json_scanner s = ct_json_scan("1", 1);
    ct_json value;
    assert_int_equal(ct_json_string(&s, &value), CT_JSON_INVALID);
    assert_string_equal(s.error, "a string is expected");
    s = ct_json_scan("", 0);
    assert_int_equal(ct_json_string(&s, &value), CT_JSON_INCOMPLETE);
}

static void test_json_valid_space_around_only(void **state)
{
    (void)state;
    assert_true(ct_json_valid(BYTES(" \t\r\n[1] \n")));
    assert_false(ct_json_valid(BYTES("[1] x")));
    assert_false(ct_json_valid(BYTES("[1]\0")));
    assert_false(ct_json_valid(BYTES("\f1")));
    assert_false(ct_json_valid(BYTES(" ")));
    assert_false(ct_json_valid(BYTES("")));
}

/* ---- what values say ------------------------------------------------------------------------ */

#define FFFD "\xEF\xBF\xBD"

static void test_json_decode_cases_give_text_and_loss(void **state)
{
    static const struct {
        const char *in, *out;
        bool lossy;
    } cases[] = {
        {"\"\"", "", false},
        {"\"plain\"", "plain", false},
        {"\"\\\"\\\\\\/\\b\\f\\n\\r\\t\"", "\"\\/\b\f\n\r\t", false},
        {"\"\\u0041\\u00e9\\u20AC\"", "A\xC3\xA9\xE2\x82\xAC", false},
        {"\"\\u007f\\u0080\\u07FF\\u0800\\uFFFF\"", "\x7F\xC2\x80\xDF\xBF\xE0\xA0\x80\xEF\xBF\xBF",
         false},
        {"\"\\uD83D\\uDE00\\ud800\\udc00\\uDBFF\\uDFFF\"",
         "\xF0\x9F\x98\x80\xF0\x90\x80\x80\xF4\x8F\xBF\xBF", false},
        {"\"\xC3\xA9\\n\xE2\x82\xAC\"", "\xC3\xA9\n\xE2\x82\xAC", false},
        {"\"\xEF\xBF\xBD\\uFFFD\"", FFFD FFFD, false}, /* U+FFFD itself is text */
        {"\"q\\u0000z\"", "q" FFFD "z", true},
        {"\"\\ud800\"", FFFD, true},
        {"\"\\udc00\"", FFFD, true},
        {"\"\\ud800x\"", FFFD "x", true},
        {"\"\\ud800\\u0041\"", FFFD "A", true},
        {"\"\\ud800\\ud800\\udc00\"", FFFD "\xF0\x90\x80\x80", true},
        {"\"\\udc00\\ud800\"", FFFD FFFD, true},
        {"\"\\ud83d\\n\"", FFFD "\n", true},
        {"\"a\xFF\"", "a" FFFD, true},
        {"\"\xC3\"", FFFD, true},
        {"\"\xC3\\n\"", FFFD "\n", true},
        {"\"\xE2\x82\\n\xAC\"", FFFD "\n" FFFD, true},
        {"\"\xED\xA0\x80\"", FFFD FFFD FFFD, true},
        {"\"\\n\xC0\xAF\"", "\n" FFFD FFFD, true},
    };
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        ct_json value = scan_all(cases[i].in, strlen(cases[i].in));
        ct_buf out = CT_BUF_EMPTY;
        assert_int_equal(ct_json_decode(&value, &out), cases[i].lossy);
        assert_int_equal(ct_json_is_lossy(&value), cases[i].lossy);
        ct_buf_put_char(&out, '\0');
        assert_string_equal(out.data, cases[i].out);
        ct_buf_free(&out);
    }
}

/* All 65,536 escapes, alone: the bytes that UTF-8 (RFC 3629) has for the number. */
static void test_json_decode_every_unit_is_its_utf8(void **state)
{
    (void)state;
    for (unsigned u = 0; u < 0x10000; u++) {
        char text[16];
        snprintf(text, sizeof text, u % 2 ? "\"\\u%04X\"" : "\"\\u%04x\"", u);
        unsigned char expected[3];
        size_t n = u < 0x80 ? 1 : u < 0x800 ? 2 : 3;
        bool lossy = u == 0 || (u >= 0xD800 && u < 0xE000);
        if (n == 1 && !lossy) {
            expected[0] = (unsigned char)u;
        } else if (n == 2) {
            expected[0] = (unsigned char)(0xC0 + u / 64);
            expected[1] = (unsigned char)(0x80 + u % 64);
        } else if (!lossy) {
            expected[0] = (unsigned char)(0xE0 + u / 4096);
            expected[1] = (unsigned char)(0x80 + u / 64 % 64);
            expected[2] = (unsigned char)(0x80 + u % 64);
        } else {
            n = 3;
            memcpy(expected, FFFD, 3);
        }
        ct_json value = scan_all(text, 8);
        ct_buf out = CT_BUF_EMPTY;
        assert_int_equal(ct_json_decode(&value, &out), lossy);
        assert_int_equal(out.len, n);
        assert_memory_equal(out.data, expected, n);
        ct_buf_free(&out);
    }
}

static void test_json_minify_cases_drop_space_between_tokens_only(void **state)
{
    static const struct {
        const char *in, *out;
    } cases[] = {
        {"1", "1"},
        {"[ ]", "[]"},
        {"{\r\n\t\"a b\" : [ 1 , 2.50 , -0 ] , \"c\\n \" : { } }",
         "{\"a b\":[1,2.50,-0],\"c\\n \":{}}"},
        {"[ \"\\\" , \" , \"\\\\\" , true ]", "[\"\\\" , \",\"\\\\\",true]"},
        {"[1E+2, 1.0, 10000000000000000000000]", "[1E+2,1.0,10000000000000000000000]"},
        {"{\"b\":1, \"a\":2, \"b\":3}", "{\"b\":1,\"a\":2,\"b\":3}"},
        {"[\"\\u00e9\\/\", \"\xC3\xA9\"]", "[\"\\u00e9\\/\",\"\xC3\xA9\"]"},
        {"[\"a\xFF\"]", "[\"a" FFFD "\"]"},
        {"[ \"a\xC3\", \"\xE2\x82\" ]", "[\"a" FFFD "\",\"" FFFD "\"]"},
        {"[\"\\ud800\", 1]", "[\"\\ud800\",1]"}, /* an escape stays, whatever it says */
    };
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        ct_json value = scan_all(cases[i].in, strlen(cases[i].in));
        ct_buf out = CT_BUF_EMPTY;
        ct_json_minify(&value, &out);
        ct_buf_put_char(&out, '\0');
        assert_string_equal(out.data, cases[i].out);
        ct_buf_free(&out);
    }
}

static void test_json_says_cases_compare_what_is_meant(void **state)
{
    static const struct {
        const char *in, *text;
        bool says;
    } cases[] = {
        {"\"\"", "", true},
        {"\"abc\"", "abc", true},
        {"\"abc\"", "abd", false},
        {"\"abc\"", "ab", false},
        {"\"ab\"", "abc", false},
        {"\"\\u0061bc\"", "abc", true},
        {"\"a\\u0062\\u0063\"", "abc", true},
        {"\"\\u0061bc\"", "ab", false},
        {"\"\\u0061b\"", "abc", false},
        {"\"\\u0161bc\"", "abc", false}, /* same low byte */
        {"\"\\/\\n\"", "/\n", true},
        {"\"\\\\n\"", "\\n", true},
        {"\"\\\"\"", "\"", true},
        {"\"\xC3\xA9\"", "e", false},
        {"1", "1", false},
        {"null", "null", false},
        {"[\"a\"]", "a", false},
    };
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        ct_json value = scan_all(cases[i].in, strlen(cases[i].in));
        if (ct_json_says(&value, cases[i].text, strlen(cases[i].text)) != cases[i].says)
            fail_msg("%s says %s", cases[i].in, cases[i].text);
    }
}

/* Out of memory shows in the buffer; the verdict on the string needs none. */
static void test_json_decode_without_memory_fails_in_the_buffer(void **state)
{
    static const char text[] = "\"\\ud800 and \\n more than the first sixty-four bytes of room,"
                               " so that there is a second allocation\"";
    (void)state;
    ct_json value = scan_all(text, strlen(text));
    for (long n = 0; n < 2; n++) {
        ct_buf out = CT_BUF_EMPTY;
        ct_mem_fail_after(n);
        assert_true(ct_json_decode(&value, &out));
        assert_false(ct_buf_ok(&out));
        ct_mem_fail_after(n);
        assert_true(ct_json_is_lossy(&value));
        ct_mem_fail_after(n);
        ct_buf_free(&out);
        ct_json_minify(&value, &out);
        assert_int_equal(ct_buf_ok(&out), n > 0); /* one run of text: one allocation */
        ct_mem_fail_after(-1);
        ct_buf_free(&out);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_json_value_valid_gives_kind_flags_and_span),
        cmocka_unit_test(test_json_value_every_prefix_is_incomplete),
        cmocka_unit_test(test_json_value_text_behind_is_not_touched),
        cmocka_unit_test(test_json_value_number_prefixes_end_where_the_grammar_says),
        cmocka_unit_test(test_json_value_invalid_names_the_byte),
        cmocka_unit_test(test_json_value_any_byte_anywhere_in_a_string),
        cmocka_unit_test(test_json_value_depth_ends_at_the_limit),
        cmocka_unit_test(test_json_value_million_brackets_is_refused_at_once),
        cmocka_unit_test(test_json_value_many_siblings_are_read),
        cmocka_unit_test(test_json_next_walks_members_in_order),
        cmocka_unit_test(test_json_walk_gives_the_members_before_a_fault),
        cmocka_unit_test(test_json_find_takes_the_first_of_a_name),
        cmocka_unit_test(test_json_value_flags_gather_in_the_scanner_too),
        cmocka_unit_test(test_json_string_other_value_is_refused),
        cmocka_unit_test(test_json_valid_space_around_only),
        cmocka_unit_test(test_json_decode_cases_give_text_and_loss),
        cmocka_unit_test(test_json_decode_every_unit_is_its_utf8),
        cmocka_unit_test(test_json_minify_cases_drop_space_between_tokens_only),
        cmocka_unit_test(test_json_says_cases_compare_what_is_meant),
        cmocka_unit_test(test_json_decode_without_memory_fails_in_the_buffer),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
