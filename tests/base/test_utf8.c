#include "harness.h"

#include <string.h>

#include "base/json_write.h"
#include "base/utf8.h"

/* Sequences and replacements from the Unicode Standard 15.0, tables 3-7 to 3-11. */
static void test_utf8_put_ill_formed_replaces_maximal_subparts(void **state)
{
    static const struct {
        const char *in, *out;
    } cases[] = {
        {"plain", "plain"},
        {"\xC3\xA9\xE2\x82\xAC\xF0\x9F\x98\x80", "\xC3\xA9\xE2\x82\xAC\xF0\x9F\x98\x80"},
        {"\xC0\xAF\xE0\x80\xBF\xF0\x81\x82\x41",
         "\xEF\xBF\xBD\xEF\xBF\xBD\xEF\xBF\xBD\xEF\xBF\xBD\xEF\xBF\xBD\xEF\xBF\xBD\xEF\xBF\xBD"
         "\xEF\xBF\xBD\x41"},
        {"\xED\xA0\x80\x41", "\xEF\xBF\xBD\xEF\xBF\xBD\xEF\xBF\xBD\x41"},
        {"\xF4\x91\x92\x93\xFF\x41",
         "\xEF\xBF\xBD\xEF\xBF\xBD\xEF\xBF\xBD\xEF\xBF\xBD\xEF\xBF\xBD\x41"},
        {"\xE1\x80\xE2\xF0\x91\x92\xF1\xBF\x41",
         "\xEF\xBF\xBD\xEF\xBF\xBD\xEF\xBF\xBD\xEF\xBF\xBD\x41"},
    };
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        ct_buf out = CT_BUF_EMPTY;
        ct_utf8_put(&out, cases[i].in, strlen(cases[i].in));
        ct_buf_put_char(&out, '\0');
        assert_string_equal(out.data, cases[i].out);
        assert_true(ct_utf8_valid(out.data, out.len));
        ct_buf_free(&out);
    }
}

/* The edges of each range that utf8.h names, and the characters beside them. */
static void test_utf8_is_control_at_the_edges(void **state)
{
    static const struct {
        uint32_t first, last; /* of what is told, between two that are not */
    } ranges[] = {
        {0x7F, 0x9F},     {0xAD, 0xAD},     {0x61C, 0x61C},   {0x200B, 0x200F},
        {0x2028, 0x202E}, {0x2060, 0x206F}, {0xFEFF, 0xFEFF}, {0xE0000, 0xE007F},
    };
    (void)state;
    for (size_t i = 0; i < sizeof ranges / sizeof ranges[0]; i++)
        for (uint32_t c = ranges[i].first - 1; c <= ranges[i].last + 1; c++) {
            ct_buf out = CT_BUF_EMPTY;
            ct_utf8_put_code_point(&out, c);
            if (ct_utf8_is_control(out.data, out.len) !=
                (c >= ranges[i].first && c <= ranges[i].last))
                fail_msg("U+%04X", c);
            ct_buf_free(&out);
        }
    for (int c = 0; c < 0x20; c++)
        assert_true(ct_utf8_is_control(&(char){(char)c}, 1));
    /* they share bytes with what is told */
    static const char *const others[] = {" ",
                                         "\xC2\xA0",
                                         "\xC3\xAD",
                                         "\xD8\x9B",
                                         "\xD9\x9C",
                                         "\xE2\x82\xAC",
                                         "\xE3\x80\x8B",
                                         "\xF0\x9F\x98\x80",
                                         "\xF3\xA1\x80\x80",
                                         "\xF3\xA0\x84\x80"};
    for (size_t i = 0; i < sizeof others / sizeof others[0]; i++)
        assert_false(ct_utf8_is_control(others[i], strlen(others[i])));
}

static void test_json_put_string_any_bytes_is_valid_json(void **state)
{
    (void)state;
    ct_buf out = CT_BUF_EMPTY;
    ct_json_put_string(&out, "a\"b\\c\n\x01\0\xFF", 9);
    ct_buf_put_char(&out, '\0');
    assert_string_equal(out.data, "\"a\\\"b\\\\c\\n\\u0001\\u0000\xEF\xBF\xBD\"");
    ct_buf_free(&out);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_utf8_put_ill_formed_replaces_maximal_subparts),
        cmocka_unit_test(test_utf8_is_control_at_the_edges),
        cmocka_unit_test(test_json_put_string_any_bytes_is_valid_json),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
