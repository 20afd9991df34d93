/* The lexer: every kind of token with its place and value, and what Kusto refuses. Expected values
 * are those of Kusto's pages on scalar data types, and of ../shared/kql/semantics.md, section 2. */
#include "harness.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "kql/lexer.h"

static void put_tokens(ct_kql_job *job, char *line, size_t size)
{
    ct_kql_lexer lexer = {job, 0};
    ct_kql_token token;
    size_t n = 0;
    while ((token = ct_kql_next(&lexer)).kind != KT_END) {
        const char *gap = n ? " " : "";
        size_t room = size - n;
        if (token.kind == KT_LONG || token.kind == KT_TIMESPAN)
            n += (size_t)snprintf(line + n, room, "%s%c:%lld", gap,
                                  token.kind == KT_LONG ? 'l' : 't', (long long)token.integer);
        else if (token.kind == KT_REAL)
            n += (size_t)snprintf(line + n, room, "%sr:%g", gap, token.real);
        else
            n += (size_t)snprintf(line + n, room, "%s%c:%.*s", gap,
                                  token.kind == KT_NAME     ? 'n'
                                  : token.kind == KT_STRING ? 's'
                                                            : 'p',
                                  (int)token.text.n, token.text.p);
    }
}

/* All tokens of the text as one line: kind:text, numbers by their value; or the error. */
static const char *lex(const char *text)
{
    static char line[4096];
    ct_kql_job job;
    ct_kql_job_begin(&job, (ct_span){text, strlen(text)});
    line[0] = 0;
    if (setjmp(job.failed) == 0)
        put_tokens(&job, line, sizeof line);
    else
        snprintf(line, sizeof line, "error: %.*s", (int)job.error.len, job.error.data);
    ct_kql_job_end(&job);
    return line;
}

typedef struct example {
    const char *text, *tokens;
} example;

static void check(const example *examples, size_t n)
{
    for (size_t i = 0; i < n; i++)
        assert_string_equal(lex(examples[i].text), examples[i].tokens);
}

#define CHECK(list) check(list, sizeof list / sizeof list[0])

static void test_lexer_words_and_signs(void **state)
{
    (void)state;
    static const example list[] = {
        {"T | where a!=b", "n:T p:| n:where n:a p:!= n:b"},
        {"x !in~ (y) in~ in !has", "n:x n:!in~ p:( n:y p:) n:in~ n:in n:!has"},
        {"$left.a==$right.b", "n:$left p:. n:a p:== n:$right p:. n:b"},
        {"a =~ b !~ c <> d <= e >= f", "n:a p:=~ n:b p:!~ n:c p:<> n:d p:<= n:e p:>= n:f"},
        {"(1..5)", "p:( l:1 p:.. l:5 p:)"},
        {"a // a comment\n b", "n:a n:b"},
        {"//", ""},
        {" \t\r\n", ""},
    };
    CHECK(list);
}

static void test_lexer_numbers(void **state)
{
    (void)state;
    static const example list[] = {
        {"12 0x1F 1.5 1e3 1. 2.5e-1", "l:12 l:31 r:1.5 r:1000 r:1 r:0.25"},
        {"9223372036854775807", "l:9223372036854775807"},
        {"9223372036854775809", "error: line 1, column 1: the number is too large for a long"},
        {"1_000", "error: line 1, column 1: a number ends in '_000', which is no unit of time"},
        {"0L", "error: line 1, column 1: a number ends in 'L', which is no unit of time"},
        {"0x", "error: line 1, column 1: a hexadecimal number has 1 to 16 digits"},
    };
    CHECK(list);
}

static void test_lexer_timespans_are_ticks(void **state)
{
    (void)state;
    static const example list[] = {
        {"1d 2h 3m 4s 5ms 6tick 1.5h", "t:864000000000 t:72000000000 t:1800000000 t:40000000 "
                                       "t:50000 t:6 t:54000000000"},
        {"1min 1minute 2minutes 1day 1microsecond", "t:600000000 t:600000000 t:1200000000 "
                                                    "t:864000000000 t:10"},
        {"1us", "error: line 1, column 1: a number ends in 'us', which is no unit of time"},
        {"1w", "error: line 1, column 1: a number ends in 'w', which is no unit of time"},
        {"1d2h", "error: line 1, column 1: a number ends in 'd2h', which is no unit of time"},
    };
    CHECK(list);
}

static void test_lexer_strings(void **state)
{
    (void)state;
    static const example list[] = {
        {"'a' \"b\" 'it''s'", "s:a s:b s:it s:s"},
        {"'\\t\\\\\\'\\\"'", "s:\t\\'\""},
        {"'\\x41\\101\\u0042\\U0001F600'", "s:AAB\xF0\x9F\x98\x80"},
        {"'\\uD83D\\uDE00'", "s:\xF0\x9F\x98\x80"},
        {"@'a\\d''b' @\"c\\\"", "s:a\\d'b s:c\\"},
        {"h'x' H@\"y\" h", "s:x s:y n:h"},
        {"```a\nb'``` ~~~c~~~", "s:a\nb' s:c"},
        {"'\\q'",
         "error: line 1, column 2: a backslash that begins no escape of KQL (write \\\\ or "
         "@'...')"},
        {"a\n  'b", "error: line 2, column 3: the string does not end on its line"},
        {"'a\n'", "error: line 1, column 1: the string does not end on its line"},
        {"```a", "error: line 1, column 1: the string does not end"},
    };
    CHECK(list);
}

static void test_lexer_other_bytes_are_named_with_their_place(void **state)
{
    (void)state;
    static const example list[] = {
        {"a & b", "error: line 1, column 3: '&' begins nothing in KQL"},
        {"\xC3\xA4\xC3\xA4", "error: line 1, column 1: '\xC3\xA4' begins nothing in KQL"},
        {"'\xC3\xA4' ?", "error: line 1, column 5: '?' begins nothing in KQL"},
        {"\x01", "error: line 1, column 1: '?' begins nothing in KQL"},
        {"/* a */", "p:/ p:* n:a p:* p:/"}, /* the parser refuses that */
    };
    CHECK(list);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_lexer_words_and_signs),
        cmocka_unit_test(test_lexer_numbers),
        cmocka_unit_test(test_lexer_timespans_are_ticks),
        cmocka_unit_test(test_lexer_strings),
        cmocka_unit_test(test_lexer_other_bytes_are_named_with_their_place),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
