#include "harness.h"

#include <string.h>

#include "base/value.h"

/* Values from CPython 3.11, whose hash(bytes) is SipHash-1-3; PYTHONHASHSEED=0 makes the key 0. */
static void test_value_hash_is_siphash_1_3(void **state)
{
    static const struct {
        const char *text;
        uint64_t hash;
    } cases[] = {
        {"a", UINT64_C(0x407448d2b89b1813)},
        {"abcdefg", UINT64_C(0x6db12aae9070f506)},
        {"abcdefgh", UINT64_C(0x3f7b849c0b8e35ea)},
        {"iam.list-access-keys", UINT64_C(0xe0e3568fd3a0260d)},
    };
    (void)state;
    const uint64_t key[2] = {0, 0}, other_key[2] = {1, 0};
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        ct_value v = ct_value_bytes(CT_VALUE_TEXT, cases[i].text, strlen(cases[i].text));
        assert_true(ct_value_hash(&v, key) == cases[i].hash);
        assert_false(ct_value_hash(&v, other_key) == cases[i].hash);
    }
}

/* Every pair of values that meet an edge of the comparison of integers with reals, of types and of
 * lengths: equal exactly when SQLite's DISTINCT says so, and then with the same hash. */
static const char *const literals[] = {
    "0",
    "0.0",
    "-0.0",
    "1",
    "1.0",
    "-1",
    "0.5",
    "9007199254740992",
    "9007199254740993",
    "9007199254740992.0",
    "9223372036854775807",
    "9223372036854775808.0",
    "-9223372036854775808",
    "-9223372036854775808.0",
    "-9223372036854777856.0",
    "1e300",
    "9e999",
    "-9e999",
    "4.9e-324",
    "''",
    "'1'",
    "'1.0'",
    "'a'",
    "'A'",
    "'a '",
    "'\xC3\xA9'",
    "CAST(x'6100' AS TEXT)",
    "x''",
    "x'61'",
    "x'31'",
    "zeroblob(3)",
    "x'000000'",
    "x'0000000000000000'",
    "'abcdefghijklmnopqrstuvwxyz'",
    "'abcdefghijklmnopqrstuvwxyZ'",
};

static void test_value_equality_is_that_of_distinct(void **state)
{
    (void)state;
    sqlite3 *db = harness_open();
    size_t n = sizeof literals / sizeof literals[0];
    for (size_t i = 0; i < n; i++) {
        for (size_t j = 0; j < n; j++) {
            char *sql = sqlite3_mprintf("SELECT count_distinct(x) = count(DISTINCT x)"
                                        "  FROM (SELECT %s AS x UNION ALL SELECT %s)",
                                        literals[i], literals[j]);
            assert_query(db, sql, "1");
            sqlite3_free(sql);
        }
    }
    harness_close(db);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_value_hash_is_siphash_1_3),
        cmocka_unit_test(test_value_equality_is_that_of_distinct),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
