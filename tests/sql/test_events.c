/*
 * The layers of views over the events: what a call is and how it ended, who made it, what it touched;
 * and that they cost nothing: plans.
 */
#include "harness.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "shell.h"
#include "temp.h"

#define WHO_ROWS                                                                                   \
    "SELECT json_array(e.eventTime, ifnull(e.eventID, ''), i.recipientAccountId, accountName,"     \
    " accountUPNSuffix, principal, roleName, accessKeyId, sessionId, isService) AS line"           \
    " FROM event_identity AS i JOIN cloudtrail AS e ON e.rowid = i.event ORDER BY line"

static sqlite3 *open_with(const char *path)
{
    sqlite3 *db = harness_open_ready();
    if (path)
        harness_exec_and_free(db, sqlite3_mprintf("SELECT cloudtrail_import(%Q)", path));
    return db;
}

/* ---- what a call is, and its outcome --------------------------------------------------------- */

/* By the lists of common errors in the API references of EC2, S3, IAM, SNS, Cognito, DynamoDB, Route
 * 53 and Lambda, and the list of throttling codes in the guide of boto3 on retries. */
static void test_outcome_of_documented_codes(void **state)
{
    static const struct {
        const char *code, *outcome;
    } cases[] = {
        {"AccessDenied", "denied"},
        {"AccessDeniedException", "denied"},
        {"VpceAccessDenied", "denied"},
        {"Client.UnauthorizedOperation", "denied"},
        {"UnauthorizedOperation", "denied"},
        {"UnauthorizedException", "denied"},
        {"NotAuthorized", "denied"},
        {"NotAuthorizedException", "denied"},
        {"AuthorizationError", "denied"},
        {"AuthorizationErrorException", "denied"},
        {"ForbiddenException", "denied"},
        {"Client.AuthFailure", "denied"},
        {"AllAccessDisabled", "denied"},
        {"InvalidClientTokenId", "denied"},
        {"InvalidAccessKeyId", "denied"},
        {"UnrecognizedClientException", "denied"},
        {"SignatureDoesNotMatch", "denied"},
        {"InvalidSignatureException", "denied"},
        {"IncompleteSignature", "denied"},
        {"MissingAuthenticationToken", "denied"},
        {"ExpiredToken", "denied"},
        {"ExpiredTokenException", "denied"},
        {"Throttling", "throttled"},
        {"ThrottlingException", "throttled"},
        {"ThrottledException", "throttled"},
        {"RequestThrottled", "throttled"},
        {"RequestThrottledException", "throttled"},
        {"EC2ThrottledException", "throttled"},
        {"TooManyRequestsException", "throttled"},
        {"RequestLimitExceeded", "throttled"},
        {"Client.RequestLimitExceeded", "throttled"},
        {"SlowDown", "throttled"},
        {"ProvisionedThroughputExceededException", "throttled"},
        {"BandwidthLimitExceeded", "throttled"},
        {"PriorRequestNotComplete", "throttled"},
        {"LimitExceededException", "failed"},
        {"Client.VcpuLimitExceeded", "failed"},
        {"Client.InstanceLimitExceeded", "failed"},
        {"Client.DryRunOperation", "failed"},
        {"NoSuchBucket", "failed"},
        {"NoSuchEntityException", "failed"},
        {"AuthorizationNotFound", "failed"},
        {"OperationNotPermittedException", "failed"},
        {"Client.InvalidPermission.NotFound", "failed"},
        {"ServiceUnavailable", "failed"},
        {"", "done"},
    };
    (void)state;
    sqlite3 *db = open_with(NULL);
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++)
        harness_exec_and_free(
            db, sqlite3_mprintf("INSERT INTO cloudtrail (eventTime, errorCode, requestID, fileID,"
                                " recordNumber) VALUES ('2024-05-01T10:00:00Z', %Q, %Q, 1, %d)",
                                cases[i].code, cases[i].outcome, (int)i + 1));
    assert_query(db, "SELECT errorCode, outcome FROM cloudtrail_call WHERE outcome <> requestID",
                 "");
    assert_query(db, "SELECT count(*), count(DISTINCT outcome) FROM cloudtrail_call", "46|4");
    harness_close(db);
}

static void test_outcome_without_a_code(void **state)
{
    (void)state;
    sqlite3 *db = open_with(NULL);
    harness_exec(db,
                 "INSERT INTO cloudtrail (eventTime, eventSource, eventName, errorMessage,"
                 " responseElements, fileID, recordNumber) VALUES"
                 " ('2024-05-01T10:00:00Z', 'signin.amazonaws.com', 'ConsoleLogin',"
                 "  'Failed authentication', '{\"ConsoleLogin\":\"Failure\"}', 1, 1),"
                 " ('2024-05-01T10:00:00Z', 'signin.amazonaws.com', 'ConsoleLogin', NULL,"
                 "  '{\"ConsoleLogin\":\"Failure\"}', 1, 2),"
                 " ('2024-05-01T10:00:00Z', 'signin.amazonaws.com', 'ConsoleLogin', NULL,"
                 "  '{\"ConsoleLogin\":\"Success\"}', 1, 3),"
                 " ('2024-05-01T10:00:00Z', 'iam.amazonaws.com', 'ListUsers', NULL, NULL, 1, 4),"
                 " ('2024-05-01T10:00:00Z', NULL, NULL, NULL, NULL, 1, 5)");
    assert_query(db, "SELECT group_concat(outcome) FROM cloudtrail_call",
                 "failed,failed,done,done,done");
    harness_close(db);
}

static void test_call_is_every_event_but_insights(void **state)
{
    (void)state;
    sqlite3 *db = open_with("data/sample");
    assert_query(
        db,
        "SELECT (SELECT count(*) FROM cloudtrail) - (SELECT count(*) FROM cloudtrail_call),"
        " (SELECT count(*) FROM cloudtrail WHERE eventCategory = 'Insight'"
        "     OR eventType = 'AwsCloudTrailInsight')",
        "2|2");
    /* every column of the table is there under its name, and each row under its rowid */
    assert_query(db,
                 "SELECT count(*) FROM pragma_table_info('cloudtrail') WHERE name NOT IN"
                 " (SELECT name FROM pragma_table_info('cloudtrail_call'))",
                 "0");
    assert_query(db,
                 "SELECT group_concat(name) FROM pragma_table_info('cloudtrail_call') WHERE name"
                 " NOT IN (SELECT name FROM pragma_table_info('cloudtrail'))",
                 "event,outcome");
    assert_query(db,
                 "SELECT count(*), sum(c.eventID IS e.eventID AND c.extra IS e.extra"
                 " AND c.recordNumber = e.recordNumber AND c.errorMessage IS e.errorMessage)"
                 " FROM cloudtrail_call AS c JOIN cloudtrail AS e ON e.rowid = c.event",
                 "2072|2072");
    harness_close(db);
}

/* ---- who ------------------------------------------------------------------------------------- */

static void assert_who_as_read(const char *path)
{
    sqlite3 *db = open_with(path);
    char *command = sqlite3_mprintf("python3 tests/independent/read_who.py '%s' 2>/dev/null", path);
    char *expected = shell_output(command);
    char *got = harness_query(db, WHO_ROWS);
    if (strcmp(got, expected) != 0) {
        size_t i = 0;
        while (got[i] == expected[i])
            i++;
        while (i > 0 && got[i - 1] != '\n')
            i--;
        fprintf(stderr, "%s: expected %.300s\n got %.300s\n", path, expected + i, got + i);
        fail_msg("another result than that of the independent reading");
    }
    free(got);
    free(expected);
    sqlite3_free(command);
    harness_close(db);
}

static void test_identity_as_read(void **state)
{
    (void)state;
    assert_who_as_read("data/sample");
    char *command =
        sqlite3_mprintf("python3 tests/independent/compose_hits.py 1 '%s'", temp_path("hits"));
    free(shell_output(command));
    sqlite3_free(command);
    assert_who_as_read(temp_path("hits"));
}

static void test_identity_of_recordings_as_read(void **state)
{
    (void)state;
    if (!harness_shared()) {
        print_message("skipped: the recordings are not there\n");
        skip();
    }
    assert_who_as_read("../shared/data/stratus-red-team");
    if (harness_is_long())
        assert_who_as_read("../shared/data/aws_dataset");
    assert_who_as_read("../shared/cases/detection");
}

/* Identities of every kind, as the user guide of CloudTrail shows them. */
static void test_identity_of_every_type(void **state)
{
    (void)state;
    sqlite3 *db = open_with(NULL);
    harness_exec(
        db,
        "INSERT INTO cloudtrail (eventTime, recordNumber, fileID, recipientAccountId,"
        " userIdentityType, userIdentityPrincipalId, userIdentityArn, userIdentityAccountId,"
        " userIdentityAccessKeyId, userIdentityUserName, userIdentityInvokedBy, sessionIssuerType,"
        " sessionIssuerUserName, sourceIPAddress, userAgent, resources, extra)"
        " SELECT '2024-05-01T10:00:00Z', column1, 1, column2, column3, column4, column5, column6,"
        " column7, column8, column9, column10, column11, column12, column13, column14, column15"
        " FROM (VALUES"
        " (1, '1', 'IAMUser', 'AIDA', 'arn:aws:iam::1:user/a/jane', '1', 'AKIA', 'jane', NULL,"
        "  NULL, NULL, '203.0.113.1', '[aws-cli/2.17.32 md/command#sts.get-caller-identity"
        " sid/abc123]', NULL, NULL),"
        " (2, '2', 'AssumedRole', 'AROA:jane@example.com',"
        "  'arn:aws:sts::1:assumed-role/admin/jane@example.com', '1', 'ASIA', NULL, NULL, 'Role',"
        "  'admin', '203.0.113.1', 'Boto3/1.34.2 md/Botocore#1.34.2', NULL, NULL),"
        " (3, NULL, 'AssumedRole', 'AROA:s', 'arn:aws:sts::1:assumed-role/ops/s', '1', NULL, NULL,"
        "  NULL, NULL, NULL, NULL, NULL, NULL, NULL),"
        " (4, '1', 'IdentityCenterUser', NULL, NULL, '9', NULL, NULL, NULL, NULL, NULL,"
        "  '203.0.113.1', 'Mozilla/5.0 (X11)', NULL,"
        "  '{\"userIdentity\":{\"onBehalfOf\":{\"userId\":\"u-1\"}}}'),"
        " (5, '1', 'AWSService', NULL, NULL, NULL, NULL, NULL, 'ec2.amazonaws.com', NULL, NULL,"
        "  'ec2.amazonaws.com', 'ec2.amazonaws.com', NULL, NULL),"
        " (6, '1', 'AWSAccount', 'AROA:x', NULL, '7', NULL, NULL, NULL, NULL, NULL,"
        "  'cloudformation.amazonaws.com', NULL, NULL, NULL),"
        " (7, '1', 'IAMUser', 'AIDA', 'arn:aws:iam::1:user/jane', '1', 'ASIA', 'jane',"
        "  'AWS Internal', NULL, NULL, '203.0.113.1', 'cloudformation.amazonaws.com', NULL, NULL),"
        " (8, '1', 'FederatedUser', '1:fed', 'arn:aws:sts::1:federated-user/fed', '1', 'ASIA',"
        "  NULL, NULL, 'IAMUser', 'jane', '203.0.113.1', 'cloudformation.amazonaws.com', NULL, "
        "NULL),"
        " (9, '1', NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL,"
        "  'not JSON', 'not JSON'),"
        " (10, '1', 'AWSAccount', 'Anonymous', NULL, 'anonymous', NULL, NULL, NULL, NULL, NULL,"
        "  '203.0.113.1', NULL, '[{\"ARN\":\"arn:aws:s3:::b/k\"}]', NULL),"
        " (11, '1', 'Unknown', NULL, NULL, '7', NULL, NULL, NULL, NULL, NULL, NULL, NULL,"
        "  '[{\"ARN\":\"arn:aws:iam::1:role/app\"}]', NULL))");
    assert_query(
        db, "SELECT * FROM event_identity ORDER BY event",
        "1|1|jane||arn:aws:iam::1:user/a/jane|NULL|AKIA|abc123|aws-cli|2.17.32|0\n"
        "2|2|jane|example.com|arn:aws:sts::1:assumed-role/admin/jane@example.com|admin|ASIA|"
        "NULL|Boto3|1.34.2|0\n"
        "3|1|s||arn:aws:sts::1:assumed-role/ops/s|ops|NULL|NULL|NULL|NULL|0\n"
        "4|1|u-1||u-1|NULL|NULL|NULL|Mozilla|5.0|0\n"
        "5|1|1||ec2.amazonaws.com|NULL|NULL|NULL|ec2.amazonaws.com|NULL|1\n"
        "6|1|AROA:x||AROA:x|NULL|NULL|NULL|NULL|NULL|1\n"
        "7|1|jane||arn:aws:iam::1:user/jane|NULL|ASIA|NULL|cloudformation.amazonaws.com|"
        "NULL|1\n"
        "8|1|fed||arn:aws:sts::1:federated-user/fed|NULL|ASIA|NULL|"
        "cloudformation.amazonaws.com|NULL|0\n"
        "9|1|1||NULL|NULL|NULL|NULL|NULL|NULL|0\n"
        "10|1|Anonymous||Anonymous|NULL|NULL|NULL|NULL|NULL|0\n"
        "11|1|app||NULL|NULL|NULL|NULL|NULL|NULL|0");
    harness_close(db);
}

/* ---- what was touched ------------------------------------------------------------------------ */

/* Records as AWS's guides show them, and what a reader of each would name. */
static void test_target_of_calls(void **state)
{
    static const struct {
        const char *source, *request, *response, *resources, *targets;
    } cases[] = {
        {"s3", "{\"bucketName\":\"b\",\"key\":\"x/y.txt\",\"Host\":\"h\"}", NULL,
         "[{\"type\":\"AWS::S3::Object\",\"ARN\":\"arn:aws:s3:::b/x/y.txt\"},"
         "{\"accountId\":\"123456789012\",\"type\":\"AWS::S3::Bucket\",\"ARN\":\"arn:aws:s3:::b\"}"
         "]",
         "bucket b 123456789012, object b/x/y.txt -"},
        {"s3", "{\"bucketName\":\"b\"}", NULL, NULL, "bucket b -"},
        {"iam", "{\"userName\":\"jane\",\"policyArn\":\"arn:aws:iam::aws:policy/job/Admin\"}", NULL,
         NULL, "policy Admin aws, user jane -"},
        {"iam", "{\"userName\":\"jane\"}",
         "{\"accessKey\":{\"userName\":\"jane\",\"accessKeyId\":\"AKIA1\",\"status\":\"Active\"}}",
         NULL, "access-key AKIA1 -, user jane -"},
        {"sts", "{\"roleArn\":\"arn:aws:iam::2:role/team/ops\",\"roleSessionName\":\"s\"}",
         "{\"credentials\":{\"accessKeyId\":\"ASIA1\"}}",
         "[{\"ARN\":\"arn:aws:iam::2:role/team/"
         "ops\",\"accountId\":\"2\",\"type\":\"AWS::IAM::Role\"}]",
         "access-key ASIA1 -, role ops 2"},
        {"ec2",
         "{\"instancesSet\":{\"items\":[{\"instanceId\":\"i-1\"},{\"instanceId\":\"i-2\"}]}}",
         "{\"instancesSet\":{\"items\":[{\"instanceId\":\"i-1\"}]}}", NULL,
         "instance i-1 -, instance i-2 -"},
        {"ec2", "{\"snapshotId\":\"snap-1\",\"attributeType\":\"CREATE_VOLUME_PERMISSION\"}", NULL,
         NULL, "snapshot snap-1 -"},
        {"ec2", "{\"DeleteFlowLogsRequest\":{\"FlowLogId\":{\"tag\":1,\"content\":\"fl-1\"}}}",
         NULL, NULL, "flow-log fl-1 -"},
        {"ssm", "{\"names\":[\"/a/b\",\"/a/c\"],\"withDecryption\":true}", NULL, NULL,
         "parameter /a/b -, parameter /a/c -"},
        {"ssm", "{\"name\":\"/a/b\"}", NULL,
         "[{\"ARN\":\"arn:aws:ssm:us-east-1:1:parameter/a/b\",\"accountId\":\"1\"}]",
         "parameter /a/b 1"},
        {"ssm", "{\"instanceIds\":[\"i-1\"],\"documentName\":\"AWS-RunShellScript\"}", NULL, NULL,
         "document AWS-RunShellScript -, instance i-1 -"},
        {"secretsmanager",
         "{\"secretId\":\"arn:aws:secretsmanager:us-east-1:1:secret:prod/db-a1b2c3\"}", NULL, NULL,
         "secret prod/db-a1b2c3 1"},
        {"kms", "{\"keyId\":\"alias/app\"}", NULL,
         "[{\"ARN\":\"arn:aws:kms:us-east-1:1:key/"
         "1234\",\"accountId\":\"1\",\"type\":\"AWS::KMS::Key\"}]",
         "kms-key 1234 1, kms-key alias/app -"},
        {"lambda",
         "{\"functionName\":\"arn:aws:lambda:us-east-1:1:function:f:live\","
         "\"layers\":[\"arn:aws:lambda:us-east-1:9:layer:l:3\"]}",
         NULL, NULL, "function f 1, layer l 9"},
        {"cloudtrail", "{\"name\":\"arn:aws:cloudtrail:us-east-1:1:trail/t\"}", NULL, NULL,
         "trail t 1"},
        {"rds", "{\"dBSnapshotIdentifier\":\"s\",\"attributeName\":\"restore\"}", NULL, NULL,
         "snapshot s -"},
        {"cloudformation", "{\"stackName\":\"st\"}", NULL, NULL, "stack st -"},
        {"ecr", NULL, NULL,
         "[{\"ARN\":\"arn:aws:ecr:us-east-1:1:repository/a/b\",\"accountId\":\"1\"}]",
         "repository a/b 1"},
        {"sts", NULL, NULL, NULL, ""},
    };
    (void)state;
    sqlite3 *db = open_with(NULL);
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        harness_exec(db, "DELETE FROM cloudtrail");
        harness_exec_and_free(
            db, sqlite3_mprintf("INSERT INTO cloudtrail (eventTime, eventSource, requestParameters,"
                                " responseElements, resources, fileID, recordNumber) VALUES"
                                " ('2024-05-01T10:00:00Z', '%q.amazonaws.com', %Q, %Q, %Q, 1, 1)",
                                cases[i].source, cases[i].request, cases[i].response,
                                cases[i].resources));
        assert_query(db,
                     "SELECT ifnull(group_concat(line, ', '), '') FROM (SELECT kind || ' ' || name"
                     " || ' ' || ifnull(accountId, '-') AS line FROM event_target ORDER BY line)",
                     cases[i].targets);
    }
    harness_close(db);
}

/* What a file holds in these columns need not be what AWS writes. */
static void test_target_of_odd_shapes_is_no_error(void **state)
{
    static const char *const odd[] = {
        "x",
        "\"***\"",
        "[",
        "[]",
        "{}",
        "null",
        "[1,[2]]",
        "\"[x\"",
        "\"\\\"[x\\\"\"",
        "{\"userName\":\"[x\"}",
        "{\"userName\":[\"a\",{\"b\":1},[\"c\"],null,7]}",
        "{\"userName\":{\"a\":1}}",
        "{\"userName\":\"\\\"[x\\\"\"}",
        "[{\"ARN\":[1]},{\"ARN\":\"arn:\"},7,{\"arn\":null}]",
        "{\"userName\":null,\"roleName\":true,\"groupName\":1.5}",
        "{\"userName\":\"[\\\"a\\\"]\"}",
    };
    (void)state;
    sqlite3 *db = open_with(NULL);
    for (size_t i = 0; i < sizeof odd / sizeof odd[0]; i++)
        harness_exec_and_free(
            db,
            sqlite3_mprintf("INSERT INTO cloudtrail (eventTime, eventSource, requestParameters,"
                            " responseElements, resources, extra, fileID, recordNumber) VALUES"
                            " ('2024-05-01T10:00:00Z', 'iam.amazonaws.com', %Q, %Q, %Q, %Q, 1, 1)",
                            odd[i], odd[i], odd[i], odd[i]));
    assert_query(db, "SELECT count(DISTINCT event) FROM event_identity", "16");
    assert_query(db, "SELECT group_concat(kind || ' ' || name) FROM event_target WHERE event >= 10",
                 "user [x,user 7,user a,user \"[x\",group 1.5,role true,user a");
    harness_close(db);
}

/* Whatever a record's `resources` name by an ARN is there; every name stands in the record. */
static void test_target_names_stand_in_the_records(void **state)
{
    (void)state;
    sqlite3 *db = open_with("data/sample");
    assert_query(
        db,
        "SELECT count(*) > 500, sum(NOT EXISTS (SELECT 1 FROM event_target AS t"
        "   WHERE t.event = e.rowid AND instr(json_extract(r.value, '$.ARN'), t.name) > 0))"
        " FROM cloudtrail AS e, json_each(e.resources) AS r"
        " WHERE json_extract(r.value, '$.ARN') IS NOT NULL",
        "1|0");
    assert_query(db,
                 "SELECT count(*) > 1000, count(DISTINCT kind) > 15,"
                 " sum(NOT instr(ifnull(e.requestParameters, '') || ifnull(e.responseElements, '')"
                 "  || ifnull(e.resources, ''), substr(t.name, 1 + (t.kind = 'parameter'))))"
                 " FROM event_target AS t JOIN cloudtrail AS e ON e.rowid = t.event"
                 " WHERE t.kind <> 'object'",
                 "1|1|0");
    assert_query(db,
                 "SELECT count(*) FROM (SELECT 1 FROM event_target GROUP BY event, kind, name"
                 " HAVING count(*) > 1)",
                 "0");
    harness_close(db);
}

/* ---- plans ----------------------------------------------------------------------------------- */

static void assert_plan_has(sqlite3 *db, const char *sql, const char *part)
{
    char *explain = sqlite3_mprintf("EXPLAIN QUERY PLAN %s", sql);
    char *plan = harness_query(db, explain);
    if (!strstr(plan, part))
        fail_msg("%s has no %s in its plan:\n%s", sql, part, plan);
    free(plan);
    sqlite3_free(explain);
}

static void test_layers_keep_the_indexes(void **state)
{
    static const char *const by_cli_index[] = {
        "SELECT command FROM aws_cli_event",
        "SELECT accountName, command, outcome FROM aws_cli_event WHERE command = 'iam.list-users'",
        "SELECT userAgent FROM event_aws_cli WHERE isCall",
        "SELECT * FROM near_miss",
        "SELECT * FROM sentinel_gap",
    };
    static const char *const by_rowid[] = {
        "SELECT outcome FROM cloudtrail_call WHERE event = 7",
        "SELECT accountName FROM event_identity WHERE event = 7",
        "SELECT name FROM event_target WHERE event = 7",
        ("SELECT i.accountName FROM cloudtrail_call AS c"
         " CROSS JOIN event_identity AS i ON i.event = c.event"),
        "SELECT t.name FROM cloudtrail_call AS c CROSS JOIN event_target AS t ON t.event = c.event",
    };
    (void)state;
    sqlite3 *db = open_with("data/sample");
    for (size_t i = 0; i < sizeof by_cli_index / sizeof by_cli_index[0]; i++)
        assert_plan_has(db, by_cli_index[i], "INDEX cloudtrail_aws_cli");
    for (size_t i = 0; i < sizeof by_rowid / sizeof by_rowid[0]; i++)
        assert_plan_has(db, by_rowid[i], "USING INTEGER PRIMARY KEY (rowid=?)");
    assert_plan_has(db, "SELECT eventName FROM cloudtrail_call WHERE eventTime > '2025'",
                    "USING INDEX cloudtrail_event (eventTime>?)");
    /* the events of the AWS CLI with command and name: the index has all that is read */
    assert_plan_has(db, "SELECT eventTime, command FROM aws_cli_event",
                    "USING COVERING INDEX cloudtrail_aws_cli");
    harness_close(db);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_outcome_of_documented_codes),
        cmocka_unit_test(test_outcome_without_a_code),
        cmocka_unit_test(test_call_is_every_event_but_insights),
        cmocka_unit_test(test_identity_as_read),
        cmocka_unit_test(test_identity_of_recordings_as_read),
        cmocka_unit_test(test_identity_of_every_type),
        cmocka_unit_test(test_target_of_calls),
        cmocka_unit_test(test_target_of_odd_shapes_is_no_error),
        cmocka_unit_test(test_target_names_stand_in_the_records),
        cmocka_unit_test(test_layers_keep_the_indexes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
