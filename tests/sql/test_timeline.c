/*
 * identity_profile and timeline on the sample, held against slow obvious queries of the table itself.
 */
#include "harness.h"

#include <stdlib.h>

static sqlite3 *open_sample(void)
{
    sqlite3 *db = harness_open();
    harness_exec(db, "SELECT cloudtrail_import('data/sample')");
    return db;
}

/* Its own calls by name, without the layers: no service of AWS, no Insight event. */
#define OWN_CALLS                                                                                  \
    "CREATE TEMP TABLE own AS SELECT *, rowid AS event FROM cloudtrail"                            \
    " WHERE userIdentityType IS NOT 'AWSService' AND userIdentityInvokedBy IS NULL"                \
    "   AND ifnull(sourceIPAddress, '') NOT LIKE '%.amazonaws.com'"                                \
    "   AND eventCategory IS NOT 'Insight'"                                                        \
    "   AND recipientAccountId = '111122223333'"                                                   \
    "   AND userIdentityArn = 'arn:aws:iam::111122223333:user/svc-deploy'"

static void test_profile_is_what_the_events_are(void **state)
{
    (void)state;
    sqlite3 *db = open_sample();
    harness_exec(db, OWN_CALLS);
    char *expected = harness_query(
        db, "SELECT min(eventTime), max(eventTime), count(*), count(DISTINCT eventSource),"
            " count(DISTINCT awsRegion), count(DISTINCT sourceIPAddress),"
            " count(DISTINCT userIdentityAccessKeyId),"
            " sum(errorCode IS NULL AND readOnly = 0),"
            " count(DISTINCT CASE WHEN errorCode IS NULL AND readOnly = 0 THEN eventName END),"
            " round(sum(errorCode IS NOT NULL) * 1.0 / count(*), 3) FROM own");
    assert_query(db,
                 "SELECT firstTime, lastTime, events, json_array_length(services),"
                 " json_array_length(regions), json_array_length(addresses),"
                 " json_array_length(accessKeyIds), changed, json_array_length(changes),"
                 " errorShare FROM identity_profile"
                 " WHERE accountName = 'svc-deploy' AND recipientAccountId = '111122223333'",
                 expected);
    free(expected);
    assert_query(db,
                 "SELECT count(*) = (SELECT count(*) FROM own WHERE userAgent LIKE"
                 "   value || '/%' OR userAgent LIKE '[' || value || '/%') FROM own,"
                 " (SELECT value FROM identity_profile AS p, json_each(p.clients)"
                 "   WHERE p.accountName = 'svc-deploy' AND value = 'aws-cli')"
                 " WHERE userAgent LIKE '%aws-cli/%'",
                 "1");
    assert_query(db,
                 "SELECT sum(events) = (SELECT count(*) FROM cloudtrail"
                 "  WHERE eventCategory IS NOT 'Insight' AND userIdentityType IS NOT 'AWSService'"
                 "    AND userIdentityInvokedBy IS NULL"
                 "    AND ifnull(sourceIPAddress, '') NOT LIKE '%.amazonaws.com')"
                 " FROM identity_profile",
                 "1");
    harness_close(db);
}

static void test_timeline_of_a_person_a_key_an_address_a_bucket(void **state)
{
    static const char *const pairs[][2] = {
        {"who = 'svc-deploy' AND NOT isService", "rowid IN (SELECT event FROM own)"},
        {"accessKeyId = 'ASIAQ6GARTP7LEXAMPLE'",
         "userIdentityAccessKeyId = 'ASIAQ6GARTP7LEXAMPLE'"},
        {"sourceIPAddress = '192.0.2.146'", "sourceIPAddress = '192.0.2.146'"},
        {"event IN (SELECT event FROM event_target WHERE kind = 'bucket'"
         " AND name = 'example-corp-customer-exports')",
         "instr(requestParameters, '\"bucketName\":\"example-corp-customer-exports\"')"},
    };
    (void)state;
    sqlite3 *db = open_sample();
    harness_exec(db, OWN_CALLS);
    for (size_t i = 0; i < sizeof pairs / sizeof pairs[0]; i++) {
        char *slow = sqlite3_mprintf("SELECT count(*) > 3, count(*), min(eventID), max(eventID)"
                                     " FROM cloudtrail WHERE eventCategory IS NOT 'Insight' AND %s",
                                     pairs[i][1]);
        char *view = sqlite3_mprintf("SELECT count(*) > 3, count(*), min(eventID), max(eventID)"
                                     " FROM timeline WHERE %s",
                                     pairs[i][0]);
        char *expected = harness_query(db, slow);
        assert_int_equal(expected[0], '1');
        assert_query(db, view, expected);
        free(expected);
        sqlite3_free(view);
        sqlite3_free(slow);
    }
    assert_query(db,
                 "SELECT eventTime, call, outcome, touched FROM timeline"
                 " WHERE call = 'iam:CreateAccessKey' AND who = 'svc-deploy'",
                 "2025-10-14T13:52:27Z|iam:CreateAccessKey|done|"
                 "access-key AKIATRODQHLTOEXAMPLE, user svc-backup");
    harness_close(db);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_profile_is_what_the_events_are),
        cmocka_unit_test(test_timeline_of_a_person_a_key_an_address_a_bucket),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
