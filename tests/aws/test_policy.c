#include "harness.h"

#include <string.h>

/* The forms are those of the IAM User Guide's grammar of the policy language. */

/* The statements of a policy that stands in the table `policy`. */
static void assert_statements(sqlite3 *db, const char *policy, const char *expected)
{
    char *sql = sqlite3_mprintf("SELECT policy_statements(%Q)", policy);
    assert_non_null(sql);
    assert_query(db, sql, expected);
    sqlite3_free(sql);
}

#define NOBODY "\"principals\":[],\"notPrincipals\":[],"

static void test_lists_and_single_items_are_lists(void **state)
{
    static const char *const expected =
        "[{\"effect\":\"Allow\"," NOBODY "\"actions\":[\"s3:*\"],\"notActions\":[],"
        "\"resources\":[\"*\"],\"notResources\":[],\"conditions\":[]}]";
    (void)state;
    sqlite3 *db = harness_open();
    assert_statements(db,
                      "{\"Version\":\"2012-10-17\",\"Statement\":"
                      "[{\"Effect\":\"Allow\",\"Action\":[\"s3:*\"],\"Resource\":[\"*\"]}]}",
                      expected);
    assert_statements(
        db, "{\"Statement\":{\"Effect\":\"Allow\",\"Action\":\"s3:*\",\"Resource\":\"*\"}}",
        expected);
    assert_statements(
        db, " {\"statement\" : {\"resource\":\"*\", \"ACTION\":\"s3:*\", \"effect\":\"Allow\"} }\n",
        expected);
    assert_statements(db,
                      "{\"Statement\":{\"Effect\":\"Allow\",\"Act\\u0069on\":\"s3:\\u002a\","
                      "\"Resource\":\"*\"}}",
                      expected);
    harness_close(db);
}

static void test_percent_encoding_is_undone(void **state)
{
    (void)state;
    sqlite3 *db = harness_open();
    assert_statements(db,
                      "%7B%22Statement%22%3A%7B%22Effect%22%3A%22Deny%22%2C%22NotAction%22%3A%22"
                      "iam%3a*%22%2C%22NotResource%22%3A%22a%25b%22%7D%7D",
                      "[{\"effect\":\"Deny\"," NOBODY
                      "\"actions\":[],\"notActions\":[\"iam:*\"],\"resources\":[],"
                      "\"notResources\":[\"a%b\"],\"conditions\":[]}]");
    assert_statements(db, "%7B%22Statement%22", "NULL");
    assert_statements(db, "%7", "NULL");
    assert_statements(db, "%zz", "NULL");
    harness_close(db);
}

static void test_principals(void **state)
{
    static const struct {
        const char *principal, *expected;
    } cases[] = {
        {"\"*\"", "{\"type\":\"AWS\",\"id\":\"*\"}"},
        {"{\"AWS\":\"*\"}", "{\"type\":\"AWS\",\"id\":\"*\"}"},
        {"{\"AWS\":[\"111122223333\",\"arn:aws:iam::444455556666:root\"],"
         "\"Service\":\"ec2.amazonaws.com\"}",
         "{\"type\":\"AWS\",\"id\":\"111122223333\"},"
         "{\"type\":\"AWS\",\"id\":\"arn:aws:iam::444455556666:root\"},"
         "{\"type\":\"Service\",\"id\":\"ec2.amazonaws.com\"}"},
        {"{\"Federated\":\"accounts.google.com\"}",
         "{\"type\":\"Federated\",\"id\":\"accounts.google.com\"}"},
        {"{\"AWS\":[]}", ""},
        {"{}", ""},
        {"null", ""},
        {"[\"*\"]", "{\"type\":\"AWS\",\"id\":\"*\"}"},
        {"{\"AWS\":111122223333}", "{\"type\":\"AWS\",\"id\":\"111122223333\"}"},
    };
    (void)state;
    sqlite3 *db = harness_open();
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        char *policy = sqlite3_mprintf("{\"Statement\":[{\"Principal\":%s}]}", cases[i].principal);
        char *expected = sqlite3_mprintf(
            "[{\"effect\":null,\"principals\":[%s],\"notPrincipals\":[],\"actions\":[],"
            "\"notActions\":[],\"resources\":[],\"notResources\":[],\"conditions\":[]}]",
            cases[i].expected);
        assert_non_null(policy);
        assert_non_null(expected);
        assert_statements(db, policy, expected);
        sqlite3_free(policy);
        sqlite3_free(expected);
    }
    harness_close(db);
}

static void test_conditions(void **state)
{
    (void)state;
    sqlite3 *db = harness_open();
    assert_statements(
        db,
        "{\"Statement\":{\"Effect\":\"Allow\",\"Condition\":{\"StringEquals\":"
        "{\"aws:PrincipalOrgID\":\"o-1\",\"aws:SourceAccount\":[\"1\",\"2\"]},"
        "\"Bool\":{\"aws:MultiFactorAuthPresent\":true},\"Null\":7}}}",
        "[{\"effect\":\"Allow\"," NOBODY
        "\"actions\":[],\"notActions\":[],\"resources\":[],\"notResources\":[],\"conditions\":["
        "{\"operator\":\"StringEquals\",\"key\":\"aws:PrincipalOrgID\",\"values\":[\"o-1\"]},"
        "{\"operator\":\"StringEquals\",\"key\":\"aws:SourceAccount\",\"values\":[\"1\",\"2\"]},"
        "{\"operator\":\"Bool\",\"key\":\"aws:MultiFactorAuthPresent\",\"values\":[\"true\"]}]}]");
    harness_close(db);
}

/* Which of two a reader takes differs from reader to reader: none may hide behind the other. */
static void test_what_is_repeated_counts_in_full(void **state)
{
    (void)state;
    sqlite3 *db = harness_open();
    assert_statements(db,
                      "{\"Statement\":[{\"Effect\":\"Deny\",\"Effect\":\"Allow\","
                      "\"Action\":\"a:b\",\"Action\":[\"*\"]}],\"Statement\":[7,{}]}",
                      "[{\"effect\":\"Allow\"," NOBODY
                      "\"actions\":[\"a:b\",\"*\"],\"notActions\":[],\"resources\":[],"
                      "\"notResources\":[],\"conditions\":[]},"
                      "{\"effect\":null," NOBODY
                      "\"actions\":[],\"notActions\":[],\"resources\":[],"
                      "\"notResources\":[],\"conditions\":[]}]");
    harness_close(db);
}

static void test_what_is_no_policy_is_null(void **state)
{
    static const char *const others[] = {
        "",
        " ",
        "{}",
        "[]",
        "null",
        "\"Statement\"",
        "{\"Version\":\"1\"}",
        "Statement",
        "{\"",
        "{\"Statement\":[",
        "{\"Statement\":[]} x",
        "HIDDEN_DUE_TO_SECURITY_REASONS",
    };
    (void)state;
    sqlite3 *db = harness_open();
    for (size_t i = 0; i < sizeof others / sizeof others[0]; i++)
        assert_statements(db, others[i], "NULL");
    assert_query(db,
                 "SELECT policy_statements(NULL), policy_statements(7), policy_statements(x'7b')",
                 "NULL|NULL|NULL");
    assert_statements(db, "{\"Statement\":[]}", "[]");
    assert_statements(db, "{\"Statement\":[7,null,[{}]]}", "[]");
    harness_close(db);
}

static void test_any_bytes_give_json_or_null(void **state)
{
    (void)state;
    sqlite3 *db = harness_open();
    assert_query(db,
                 "SELECT json_valid(policy_statements('{\"Statement\":{\"Action\":\"' || x'ff' ||"
                 "                                    '\\u0000\\ud800\"}}'))",
                 "1");
    assert_query(db, "SELECT json_array(policy_statements('{\"Statement\":[]}'))", "[[]]");
    assert_query(db,
                 "WITH RECURSIVE deep (text, n) AS (SELECT '1', 0 UNION ALL"
                 "  SELECT '[' || text || ']', n + 1 FROM deep WHERE n < 2000)"
                 " SELECT policy_statements('{\"Statement\":{\"Action\":' || text || '}}')"
                 "   FROM deep WHERE n = 2000",
                 "NULL");
    harness_close(db);
}

static void test_policy_without_memory(void **state)
{
    (void)state;
    harness_oom_sweep(
        NULL, "SELECT policy_statements('%7B%22Statement%22:{\"Action\":\"s3:*\"}}') <> ''", "1");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_lists_and_single_items_are_lists),
        cmocka_unit_test(test_percent_encoding_is_undone),
        cmocka_unit_test(test_principals),
        cmocka_unit_test(test_conditions),
        cmocka_unit_test(test_what_is_repeated_counts_in_full),
        cmocka_unit_test(test_what_is_no_policy_is_null),
        cmocka_unit_test(test_any_bytes_give_json_or_null),
        cmocka_unit_test(test_policy_without_memory),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
