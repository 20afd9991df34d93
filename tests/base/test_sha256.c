/* SHA-256 against the examples of FIPS 180-4, and hexadecimal digits both ways. */
#include "harness.h"

#include <string.h>

#include "base/sha256.h"

static void assert_hash(const char *p, size_t n, const char *expected)
{
    unsigned char hash[CT_SHA256_BYTES];
    char hex[CT_SHA256_HEX + 1] = {0};
    ct_sha256_of(p, n, hash);
    ct_hex(hash, sizeof hash, hex);
    assert_string_equal(hex, expected);
    /* and in pieces of every size */
    for (size_t piece = 1; piece <= n; piece++) {
        ct_sha256 h;
        ct_sha256_begin(&h);
        for (size_t at = 0; at < n; at += piece)
            ct_sha256_add(&h, p + at, n - at < piece ? n - at : piece);
        ct_sha256_end(&h, hash);
        ct_hex(hash, sizeof hash, hex);
        assert_string_equal(hex, expected);
    }
}

static void test_sha256_published_examples(void **state)
{
    static const char long_one[] = "abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq";
    (void)state;
    assert_hash("", 0, "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
    assert_hash("abc", 3, "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
    assert_hash(long_one, strlen(long_one),
                "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1");
}

static void test_unhex_takes_exactly_n_bytes_of_digits(void **state)
{
    static const struct {
        const char *text;
        bool ok;
    } cases[] = {{"00fF", true}, {"00f", false},  {"00ff0", false}, {"00ff00", false},
                 {"", false},    {"00fg", false}, {" 0ff", false},  {"0x00", false}};
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        unsigned char out[2] = {1, 1};
        assert_int_equal(ct_unhex(cases[i].text, strlen(cases[i].text), out, 2), cases[i].ok);
        if (cases[i].ok) {
            assert_int_equal(out[0], 0);
            assert_int_equal(out[1], 255);
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_sha256_published_examples),
        cmocka_unit_test(test_unhex_takes_exactly_n_bytes_of_digits),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
