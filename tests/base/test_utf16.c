/* UTF-16 told by its first bytes, and made UTF-8 as The Unicode Standard 15.0, chapters 3.9 and 3.10,
 * have it, whole and in pieces. */
#include "harness.h"

#include <string.h>

#include "base/utf16.h"

#define LONE "\xEF\xBF\xBD" /* U+FFFD */

/* Code units of the Unicode Standard's tables 3-5 and 3-6, and halves of pairs that lack the other. */
static const struct {
    uint16_t units[6];
    size_t n;
    const char *utf8;
} texts[] = {
    {{0x004D, 0x0430, 0x4E8C, 0xD800, 0xDF02}, 5, "M\xD0\xB0\xE4\xBA\x8C\xF0\x90\x8C\x82"},
    {{0xDBFF, 0xDFFF}, 2, "\xF4\x8F\xBF\xBF"},         /* U+10FFFF */
    {{0xD800, 0xDC00}, 2, "\xF0\x90\x80\x80"},         /* U+10000 */
    {{0xD7FF, 0xE000}, 2, "\xED\x9F\xBF\xEE\x80\x80"}, /* on both sides of the surrogates */
    {{0x007F, 0x0080, 0x07FF, 0x0800}, 4, "\x7F\xC2\x80\xDF\xBF\xE0\xA0\x80"},
    {{'a', 0xD83D, 'b'}, 3, "a" LONE "b"},
    {{'a', 0xDE00, 'b'}, 3, "a" LONE "b"},
    {{0xDE00, 0xD83D, 'b'}, 3, LONE LONE "b"},
    {{0xD83D, 0xD83D, 0xDE00}, 3, LONE "\xF0\x9F\x98\x80"},
    {{0xD83D, 0xE000}, 2, LONE "\xEE\x80\x80"},
    {{'a', 0xD83D}, 2, "a" LONE},
    {{'a', 0xDC00}, 2, "a" LONE},
};

static size_t put_units(ct_utf16 order, const uint16_t *units, size_t n, char *out)
{
    for (size_t i = 0; i < n; i++) {
        out[2 * i] = (char)(order == CT_UTF16_LITTLE ? units[i] & 0xFF : units[i] >> 8);
        out[2 * i + 1] = (char)(order == CT_UTF16_LITTLE ? units[i] >> 8 : units[i] & 0xFF);
    }
    return 2 * n;
}

/* The bytes in two pieces that are cut at every place, what is left of the first before the second. */
static void test_utf16_put_is_the_same_wherever_it_is_cut(void **state)
{
    static const ct_utf16 orders[] = {CT_UTF16_LITTLE, CT_UTF16_BIG};
    (void)state;
    for (size_t i = 0; i < 2 * sizeof texts / sizeof texts[0]; i++) {
        ct_utf16 order = orders[i % 2];
        char bytes[12];
        size_t n = put_units(order, texts[i / 2].units, texts[i / 2].n, bytes);
        for (size_t cut = 0; cut <= n; cut++) {
            ct_buf out = CT_BUF_EMPTY;
            size_t used = ct_utf16_put(order, bytes, cut, false, &out);
            assert_true(used <= cut && cut - used < 4);
            assert_int_equal(ct_utf16_put(order, bytes + used, n - used, true, &out), n - used);
            ct_buf_put_char(&out, '\0');
            assert_string_equal(out.data, texts[i / 2].utf8);
            ct_buf_free(&out);
        }
    }
}

static void test_utf16_put_half_a_character_at_the_end(void **state)
{
    (void)state;
    ct_buf out = CT_BUF_EMPTY;
    assert_int_equal(ct_utf16_put(CT_UTF16_LITTLE, "a\0b", 3, false, &out), 2);
    assert_int_equal(ct_utf16_put(CT_UTF16_LITTLE, "b", 1, true, &out), 1);
    ct_buf_put_char(&out, '\0');
    assert_string_equal(out.data, "a" LONE);
    ct_buf_free(&out);
}

static void test_utf16_detect_by_the_first_bytes(void **state)
{
    static const struct {
        const char *p;
        size_t n;
        ct_utf16 order;
        size_t mark;
    } cases[] = {
        {"\xFF\xFE{\0", 4, CT_UTF16_LITTLE, 2}, {"\xFE\xFF\0{", 4, CT_UTF16_BIG, 2},
        {"{\0\"\0", 4, CT_UTF16_LITTLE, 0},     {"\0{\0\"", 4, CT_UTF16_BIG, 0},
        {"\xFF\xFE\0\0", 4, CT_UTF16_NOT, 2}, /* UTF-32 */
        {"\0\0\xFE\xFF", 4, CT_UTF16_NOT, 0},   {"\xFF\xFE{a", 4, CT_UTF16_NOT, 2},
        {"\xFE\xFF{\0", 4, CT_UTF16_NOT, 2},    {"\xFE\xFF\0\0", 4, CT_UTF16_NOT, 2},
        {"{\0\0\0", 4, CT_UTF16_NOT, 0},        {"\0\0{\0", 4, CT_UTF16_NOT, 0},
        {"\0\0\0{", 4, CT_UTF16_NOT, 0},        {"\0{\0\0", 4, CT_UTF16_NOT, 0},
        {"{\0\"a", 4, CT_UTF16_NOT, 0},         {"\0{a\"", 4, CT_UTF16_NOT, 0},
        {"{\"a\"", 4, CT_UTF16_NOT, 0},         {"\0\0\0\0", 4, CT_UTF16_NOT, 0},
        {"\xFF\xFE{", 3, CT_UTF16_NOT, 0},      {"", 0, CT_UTF16_NOT, 0},
    };
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        size_t mark = 9;
        ct_utf16 order = ct_utf16_detect(cases[i].p, cases[i].n, &mark);
        if (order != cases[i].order || (order != CT_UTF16_NOT && mark != cases[i].mark))
            fail_msg("case %zu: order %d, mark %zu", i, (int)order, mark);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_utf16_put_is_the_same_wherever_it_is_cut),
        cmocka_unit_test(test_utf16_put_half_a_character_at_the_end),
        cmocka_unit_test(test_utf16_detect_by_the_first_bytes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
