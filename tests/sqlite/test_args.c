#include "harness.h"

#include <string.h>

#include "sqlite/args.h"
#include "base/utf8.h"

static void assert_quoted(const char *in, size_t n, const char *expected)
{
    ct_buf out = CT_BUF_EMPTY;
    ct_put_quoted(&out, in, n);
    assert_true(ct_utf8_valid(out.data, out.len));
    ct_buf_put_char(&out, '\0');
    assert_string_equal(out.data, expected);
    ct_buf_free(&out);
}

#define BAD "\xEF\xBF\xBD"

static void test_put_quoted_any_bytes_is_harmless_utf8(void **state)
{
    (void)state;
    assert_quoted("", 0, "''");
    assert_quoted("jane", 4, "'jane'");
    assert_quoted("\xC3\xA9", 2, "'\xC3\xA9'");
    assert_quoted("a\0b\x1B[2J\n\x7F", 9, "'a" BAD "b" BAD "[2J" BAD BAD "'");
    assert_quoted("\xC2\x9B|\xC2\xA0", 5, "'" BAD "|\xC2\xA0'"); /* C1 CSI; no-break space */
    assert_quoted("\xFFx\xE2\x82", 4, "'" BAD "x" BAD "'");
}

static void test_put_quoted_long_text_is_cut_at_a_character(void **state)
{
    char in[200], expected[200];
    (void)state;
    memset(in, 'x', sizeof in);
    memset(expected, 'x', sizeof expected);
    expected[0] = '\'';
    strcpy(expected + 101, "'");
    assert_quoted(in, 100, expected);
    strcpy(expected + 101, "...'");
    assert_quoted(in, 101, expected);

    memcpy(in + 99, "\xC3\xA9", 2); /* would end at 101 */
    strcpy(expected + 100, "...'");
    assert_quoted(in, 101, expected);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_put_quoted_any_bytes_is_harmless_utf8),
        cmocka_unit_test(test_put_quoted_long_text_is_cut_at_a_character),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
