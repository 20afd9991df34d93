#include "harness.h"

#include <string.h>

#include "aws/access_key.h"

/* The length and the characters are those of AccessKeyId in IAM's API reference. */
static void test_access_key_ids(void **state)
{
    static const char *const ids[] = {
        "AKIAIOSFODNN7EXAMPLE",
        "ASIAIOSFODNN7EXAMPLE",
        "AKIA567890123456",
        "accadefghijklmno",
    };
    static const char *const others[] = {
        "",
        "AKIA56789012345",
        "AKIA****************",
        "HIDDEN_DUE_TO_SECURITY_REASONS",
        "<accessKeyId>1234567",
        "AKIAIOSFODNN7EXAMPLE ",
        "AKIAIOSFODNN7EXAMPL\xc3\x89",
        "password:111122223333/root",
    };
    char longest[129];
    (void)state;
    memset(longest, 'A', sizeof longest);
    for (size_t i = 0; i < sizeof ids / sizeof ids[0]; i++)
        assert_true(ct_is_access_key(ids[i], strlen(ids[i])));
    for (size_t i = 0; i < sizeof others / sizeof others[0]; i++)
        assert_false(ct_is_access_key(others[i], strlen(others[i])));
    assert_true(ct_is_access_key(longest, 128));
    assert_false(ct_is_access_key(longest, 129));
}

static void test_access_key_id_sql(void **state)
{
    (void)state;
    sqlite3 *db = harness_open();
    assert_query(db, "SELECT access_key_id('AKIAIOSFODNN7EXAMPLE'), access_key_id(NULL)",
                 "AKIAIOSFODNN7EXAMPLE|NULL");
    assert_query(db, "SELECT access_key_id('AKIA****************'), access_key_id(7)", "NULL|NULL");
    assert_query(db, "SELECT access_key_id(1234567890123456), access_key_id(zeroblob(20))",
                 "1234567890123456|NULL");
    harness_close(db);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_access_key_ids),
        cmocka_unit_test(test_access_key_id_sql),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
