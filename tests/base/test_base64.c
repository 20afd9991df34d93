/* Base64 against the examples of RFC 4648, chapter 10, and what is none of it. */
#include "harness.h"

#include <string.h>

#include "base/base64.h"
#include "faulty_mem.h"

static void test_base64_decode_table(void **state)
{
    static const struct {
        const char *text, *bytes; /* NULL: no base64 */
    } cases[] = {
        {"", ""},
        {"Zg==", "f"},
        {"Zm8=", "fo"},
        {"Zm9v", "foo"},
        {"Zm9vYg==", "foob"},
        {"Zm9vYmE=", "fooba"},
        {"Zm9vYmFy", "foobar"},
        /* without padding, with line breaks and blanks, in the alphabet for URLs */
        {"Zg", "f"},
        {"Zm8", "fo"},
        {"Zm9v\r\nYmFy\n", "foobar"},
        {" Z g\t= = ", "f"},
        {"++//", "\xFB\xEF\xFF"},
        {"--__", "\xFB\xEF\xFF"},
        /* a character too many, padding too short, too long, in the middle, or of nothing */
        {"Z", NULL},
        {"Zm9vY", NULL},
        {"Zg=", NULL},
        {"Zm8==", NULL},
        {"Zm9v=", NULL},
        {"Zg===", NULL},
        {"Zg==Zg==", NULL},
        {"====", NULL},
        /* other characters */
        {"Zm9v!", NULL},
        {"Zm9\xC3\xA9", NULL},
        {"Zm.v", NULL},
        {"{\"a\":1}", NULL},
    };
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        ct_buf out = CT_BUF_EMPTY;
        ct_buf_put_text(&out, "before ");
        bool ok = ct_base64_decode(cases[i].text, strlen(cases[i].text), &out);
        ct_buf_put_char(&out, '\0');
        const char *expected = cases[i].bytes ? cases[i].bytes : "";
        if (ok != (cases[i].bytes != NULL) || strcmp(out.data + 7, expected) != 0)
            fail_msg("%s: %d, %s", cases[i].text, ok, out.data + 7);
        ct_buf_free(&out);
    }
}

static void test_base64_decode_out_of_memory_shows_in_the_buffer(void **state)
{
    (void)state;
    ct_buf out = CT_BUF_EMPTY;
    ct_mem_fail_after(0);
    assert_false(ct_base64_decode("Zm9v", 4, &out));
    ct_mem_fail_after(-1);
    assert_false(ct_buf_ok(&out));
    ct_buf_free(&out);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_base64_decode_table),
        cmocka_unit_test(test_base64_decode_out_of_memory_shows_in_the_buffer),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
