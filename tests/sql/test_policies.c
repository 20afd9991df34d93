/*
 * The views over policies and refusals: event_policy, event_principal, event_outsider, inside_account,
 * event_refused. What is expected is what the policies say by the IAM User Guide.
 */
#include "harness.h"

/* A call of bob's in account 111122223333 with its request, by its number. */
#define CALL(n, name, request)                                                                     \
    "INSERT INTO cloudtrail (eventTime, eventID, eventName, recipientAccountId, "                  \
    "requestParameters,"                                                                           \
    "  fileID, recordNumber) VALUES ('2025-01-01T00:00:00Z', '" #n "', '" name                     \
    "', '111122223333', '" request "', 1, " #n ");"

#define BUCKET(principal, condition)                                                               \
    "{\"bucketPolicy\":{\"Statement\":[{\"Effect\":\"Allow\",\"Principal\":" principal             \
    ",\"Action\":\"s3:*\",\"Resource\":\"*\"" condition "}]},\"policy\":\"\"}"

static sqlite3 *open_with(const char *calls)
{
    sqlite3 *db = harness_open_ready();
    harness_exec(db, calls);
    return db;
}

static void test_policies_are_found_where_each_service_has_them(void **state)
{
    (void)state;
#define POLICY "{\\\"Statement\\\":{\\\"Effect\\\":\\\"Deny\\\",\\\"Action\\\":\\\"a:b\\\"}}"
    sqlite3 *db = open_with(
        CALL(1, "PutRolePolicy", "{\"roleName\":\"r\",\"policyDocument\":\"" POLICY "\"}")
            CALL(2, "CreateRole",
                 "{\"assumeRolePolicyDocument\":\"%7B%22Statement%22%3A%7B%22Effect%22%3A"
                 "%22Deny%22%2C%22Action%22%3A%22a%3Ab%22%7D%7D\"}")
                CALL(3, "PutBucketPolicy",
                     "{\"bucketPolicy\":{\"Statement\":[{\"Effect\":\"Deny\","
                     "\"Action\":[\"a:b\"]}]},\"policy\":\"\"}")
                    CALL(4, "SetRepositoryPolicy", "{\"policyText\":\"" POLICY "\"}")
                        CALL(5, "PutResourcePolicy", "{\"resourcePolicy\":\"" POLICY "\"}") CALL(
                            6, "SetQueueAttributes", "{\"attributes\":{\"Policy\":\"" POLICY "\"}}")
                            CALL(7, "PutKeyPolicy", "{\"policy\":\"" POLICY "\"}")
                                CALL(8, "SetTopicAttributes",
                                     "{\"attributeName\":\"DisplayName\",\"attributeValue\":\"x\"}")
                                    CALL(9, "CreateRole", "{\"roleName\":\"r\"}"));
    assert_query(db, "SELECT event, statement, effect, actions, resources FROM event_policy",
                 "1|0|Deny|[\"a:b\"]|[]\n2|0|Deny|[\"a:b\"]|[]\n3|0|Deny|[\"a:b\"]|[]\n"
                 "4|0|Deny|[\"a:b\"]|[]\n5|0|Deny|[\"a:b\"]|[]\n6|0|Deny|[\"a:b\"]|[]\n"
                 "7|0|Deny|[\"a:b\"]|[]");
    assert_query(db, "SELECT count(*) FROM event_principal", "0");
    harness_close(db);
}

static void test_principals_and_what_narrows_them(void **state)
{
    (void)state;
    sqlite3 *db = open_with(
        CALL(1, "PutBucketPolicy", BUCKET("\"*\"", "")) CALL(
            2, "PutBucketPolicy",
            BUCKET("{\"AWS\":[\"999988887777\","
                   "\"arn:aws:iam::111122223333:role/r\"]}",
                   "")) CALL(3, "PutBucketPolicy", BUCKET("{\"Service\":\"s3.amazonaws.com\"}", ""))
            CALL(4, "PutBucketPolicy",
                 BUCKET("\"*\"", ",\"Condition\":{\"StringEquals\":"
                                 "{\"AWS:PrincipalOrgID\":\"o-1\"}}"))
                CALL(5, "PutBucketPolicy",
                     BUCKET("\"*\"", ",\"Condition\":{\"StringNotEquals\":"
                                     "{\"aws:PrincipalOrgID\":\"o-1\"}}"))
                    CALL(6, "PutBucketPolicy",
                         BUCKET("\"*\"", ",\"Condition\":{\"StringEqualsIfExists\":"
                                         "{\"aws:PrincipalOrgID\":\"o-1\"}}"))
                        CALL(7, "PutBucketPolicy",
                             BUCKET("\"*\"", ",\"Condition\":{\"IpAddress\":{\"aws:SourceIp\":"
                                             "[\"192.0.2.0/24\",\"0.0.0.0/0\"]}}"))
                            CALL(8, "PutBucketPolicy",
                                 BUCKET("\"*\"", ",\"Condition\":{\"StringEquals\":"
                                                 "{\"s3:prefix\":\"a\"}}")));
    assert_query(db,
                 "SELECT event, type, id, accountId, isEveryone, isNarrowed FROM event_principal",
                 "1|AWS|*|NULL|1|0\n"
                 "2|AWS|999988887777|999988887777|0|0\n"
                 "2|AWS|arn:aws:iam::111122223333:role/r|111122223333|0|0\n"
                 "3|Service|s3.amazonaws.com|NULL|0|0\n"
                 "4|AWS|*|NULL|1|1\n"
                 "5|AWS|*|NULL|1|0\n"
                 "6|AWS|*|NULL|1|0\n"
                 "7|AWS|*|NULL|1|0\n"
                 "8|AWS|*|NULL|1|0");
    assert_query(db, "SELECT event, outsider FROM event_outsider",
                 "1|everyone\n2|999988887777\n5|everyone\n6|everyone\n7|everyone\n8|everyone");
    harness_exec(db,
                 "INSERT INTO known_account (accountId, note) VALUES ('999988887777', 'a vendor')");
    assert_query(db, "SELECT count(*) FROM event_outsider WHERE event = 2", "0");
    assert_query(db, "SELECT accountId FROM inside_account", "111122223333\n999988887777");
    assert_query(db,
                 "INSERT INTO known_account (accountId, note) VALUES ('99998888777', 'too short')",
                 "error: CHECK constraint failed: twelve_digits");
    harness_close(db);
}

static void test_refusals_say_what_they_were_for(void **state)
{
    (void)state;
    sqlite3 *db = open_with(
        "INSERT INTO cloudtrail (eventTime, eventID, errorMessage, fileID, recordNumber)"
        " SELECT '2025-01-01T00:00:00Z', 'x' || key, value, 1, key + 1"
        "   FROM json_each('[\"User: u is not authorized to perform: iam:A on resource: user jane "
        "because no identity-based policy allows the iam:A action\","
        "\"User: u is not authorized to perform: s3:B on resource: \\\"arn:aws:s3:::b\\\"\","
        "\"User: u is not authorized to perform: iam:C on resource: arn:aws:iam::1:role/p/r with "
        "an "
        "explicit deny in a service control policy\","
        "\"User: u is not authorized to perform: iam:D on resource: policy arn:aws:iam::1:policy/p "
        "because no\","
        "\"User: u is not authorized to perform: config:E because no\",\"Access Denied\",\"\"]')");
    assert_query(db, "SELECT action, resource, name FROM event_refused",
                 "iam:A|user jane|jane\n"
                 "s3:B|\"arn:aws:s3:::b\"|\"arn:aws:s3:::b\"\n"
                 "iam:C|arn:aws:iam::1:role/p/r|r\n"
                 "iam:D|policy arn:aws:iam::1:policy/p|p");
    harness_close(db);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_policies_are_found_where_each_service_has_them),
        cmocka_unit_test(test_principals_and_what_narrows_them),
        cmocka_unit_test(test_refusals_say_what_they_were_for),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
