#include "harness.h"

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "aws/event_command.h"

#define COUNT(array) (sizeof(array) / sizeof(array)[0])

static void assert_command_of(const char *source, size_t n_source, const char *name, size_t n_name,
                              const char *version, const char *expected, size_t n_expected)
{
    ct_buf out = CT_BUF_EMPTY;
    ct_event_command(source, n_source, name, n_name, version, version ? strlen(version) : 0, &out);
    if (out.len != n_expected || memcmp(out.data, expected, n_expected) != 0)
        fail_msg("%s %s %s: expected %s, got %.*s", source, name, version ? version : "-", expected,
                 (int)out.len, out.data);
    ct_buf_free(&out);
}

static void assert_command(const char *source, const char *name, const char *version,
                           const char *expected)
{
    assert_command_of(source, strlen(source), name, strlen(name), version, expected,
                      strlen(expected));
}

typedef struct event_case {
    const char *source, *name, *version, *command;
} event_case;

static void assert_cases(const event_case *cases, size_t n)
{
    for (size_t i = 0; i < n; i++)
        assert_command(cases[i].source, cases[i].name, cases[i].version, cases[i].command);
}

/* The commands are those of the AWS CLI reference. */
static void test_event_command_source_finds_service(void **state)
{
    static const event_case cases[] = {
        {"iam.amazonaws.com", "ListUsers", NULL, "iam.list-users"},
        {"ec2.amazonaws.com", "DescribeVpcEndpoints", NULL, "ec2.describe-vpc-endpoints"},
        /* by signing name */
        {"mobiletargeting.amazonaws.com", "GetApps", NULL, "pinpoint.get-apps"},
        {"awsssoportal.amazonaws.com", "ListAccounts", NULL, "sso.list-accounts"},
        {"iotsecuredtunneling.amazonaws.com", "OpenTunnel", NULL, "iotsecuretunneling.open-tunnel"},
        /* by endpoint prefix */
        {"monitoring.amazonaws.com", "ListMetrics", NULL, "cloudwatch.list-metrics"},
        {"states.amazonaws.com", "StartExecution", NULL, "stepfunctions.start-execution"},
        {"elasticmapreduce.amazonaws.com", "ListClusters", NULL, "emr.list-clusters"},
        {"elasticfilesystem.amazonaws.com", "DeleteFileSystem", NULL, "efs.delete-file-system"},
        {"ses.amazonaws.com", "ListIdentities", NULL, "ses.list-identities"},
        {"email.amazonaws.com", "ListIdentities", NULL, "ses.list-identities"},
        {"servicequotas.amazonaws.com", "ListServiceQuotas", NULL,
         "service-quotas.list-service-quotas"},
        {"tagging.amazonaws.com", "GetResources", NULL, "resourcegroupstaggingapi.get-resources"},
        /* with and without the prefix's api. */
        {"ecr.amazonaws.com", "DescribeImages", NULL, "ecr.describe-images"},
        {"api.ecr.amazonaws.com", "DescribeImages", NULL, "ecr.describe-images"},
        {"tunneling.iot.amazonaws.com", "OpenTunnel", NULL, "iotsecuretunneling.open-tunnel"},
        /* the CLI's own names */
        {"s3.amazonaws.com", "ListBuckets", NULL, "s3api.list-buckets"},
        {"config.amazonaws.com", "DescribeConfigRules", NULL,
         "configservice.describe-config-rules"},
        {"codedeploy.amazonaws.com", "ListApplications", NULL, "deploy.list-applications"},
    };
    (void)state;
    assert_cases(cases, COUNT(cases));
}

static void test_event_command_shared_source_version_decides(void **state)
{
    static const event_case cases[] = {
        {"elasticloadbalancing.amazonaws.com", "DescribeLoadBalancers", "2012-06-01",
         "elb.describe-load-balancers"},
        {"elasticloadbalancing.amazonaws.com", "DescribeLoadBalancers", "2015-12-01",
         "elbv2.describe-load-balancers"},
        {"elasticloadbalancing.amazonaws.com", "DescribeLoadBalancers", NULL,
         "elbv2.describe-load-balancers"},
        {"elasticloadbalancing.amazonaws.com", "DescribeLoadBalancers", "1999-01-01",
         "elbv2.describe-load-balancers"},
        {"rds.amazonaws.com", "DescribeDBInstances", NULL, "rds.describe-db-instances"},
        {"rds.amazonaws.com", "DescribeDBInstances", "2014-10-31", "rds.describe-db-instances"},
        {"apigateway.amazonaws.com", "GetApis", "2018-11-29", "apigatewayv2.get-apis"},
        {"apigateway.amazonaws.com", "GetRestApis", "2015-07-09", "apigateway.get-rest-apis"},
        {"apigateway.amazonaws.com", "GetRestApis", NULL, "apigateway.get-rest-apis"},
        {"ses.amazonaws.com", "GetAccount", "2019-09-27", "sesv2.get-account"},
        {"email.amazonaws.com", "GetAccount", "2019-09-27", "sesv2.get-account"},
        {"lambda.amazonaws.com", "Invoke", NULL, "lambda.invoke"},
        {"es.amazonaws.com", "CreateDomain", "2021-01-01", "opensearch.create-domain"},
        {"es.amazonaws.com", "CreateElasticsearchDomain", "2015-01-01",
         "es.create-elasticsearch-domain"},
        /* CloudTrail's other spellings of the date */
        {"elasticloadbalancing.amazonaws.com", "DescribeTags", "20120601", "elb.describe-tags"},
        {"elasticloadbalancing.amazonaws.com", "DescribeTags", "2012_06_01", "elb.describe-tags"},
        {"elasticloadbalancing.amazonaws.com", "DescribeTags", "2012", "elbv2.describe-tags"},
        {"elasticloadbalancing.amazonaws.com", "DescribeTags", "2012-06-011",
         "elbv2.describe-tags"},
        {"elasticloadbalancing.amazonaws.com", "DescribeTags", "", "elbv2.describe-tags"},
    };
    (void)state;
    assert_cases(cases, COUNT(cases));
}

/* Names with a version are listed in "Logging Lambda API calls with CloudTrail" and seen in logs.
 */
static void test_event_command_version_in_name_is_cut(void **state)
{
    static const event_case cases[] = {
        {"lambda.amazonaws.com", "ListFunctions20150331", NULL, "lambda.list-functions"},
        {"lambda.amazonaws.com", "GetFunction20150331v2", NULL, "lambda.get-function"},
        {"lambda.amazonaws.com", "UpdateFunctionCode20150331v2", NULL,
         "lambda.update-function-code"},
        {"lambda.amazonaws.com", "GetAccountSettings20160819", NULL, "lambda.get-account-settings"},
        {"lambda.amazonaws.com", "CreateFunction", NULL, "lambda.create-function"},
        {"cloudfront.amazonaws.com", "GetDistribution2020_05_31", NULL,
         "cloudfront.get-distribution"},
        {"cloudfront.amazonaws.com", "CreateDistribution", "2020_05_31",
         "cloudfront.create-distribution"},
        /* near misses: other services, no date, nothing before it */
        {"iam.amazonaws.com", "ListUsers20150331", NULL, "iam.list-users20150331"},
        {"lambda.amazonaws.com", "ListFunctions2015", NULL, "lambda.list-functions2015"},
        {"lambda.amazonaws.com", "ListFunctionsv2", NULL, "lambda.list-functionsv2"},
        {"lambda.amazonaws.com", "20150331", NULL, "lambda.20150331"},
        {"lambda.amazonaws.com", "20150331v2", NULL, "lambda.20150331v2"},
        {"lambda.amazonaws.com", "v2", NULL, "lambda.v2"},
        {"lambda.amazonaws.com", "2", NULL, "lambda.2"},
    };
    (void)state;
    assert_cases(cases, COUNT(cases));
}

/* What botocore's xform_name(name, '-') gives for names that no service of the table has. */
static void test_event_command_name_follows_botocore(void **state)
{
    static const event_case cases[] = {
        {"x", "DescribeACLs", NULL, "x.describe-acls"},
        {"x", "DescribeACLsOf", NULL, "x.describe-ac-ls-of"},
        {"x", "GetHTTPServer2Info", NULL, "x.get-http-server2-info"},
        {"x", "listUsers", NULL, "x.list-users"},
        {"x", "ABC", NULL, "x.abc"},
        {"x", "As", NULL, "x.as"},
        {"x", "IDs", NULL, "x.-ids"},
        {"x", "Already-Split", NULL, "x.Already-Split"},
        {"x", "Snake_Case", NULL, "x.snake_-case"},
        {"x", "REST.GET.OBJECT", NULL, "x.rest.get.object"},
    };
    (void)state;
    assert_cases(cases, COUNT(cases));
}

static void test_event_command_nonsense_is_safe(void **state)
{
    static const event_case cases[] = {
        {"", "", NULL, "."},
        {"", "ListUsers", NULL, ".list-users"},
        {"iam.amazonaws.com", "", NULL, "iam."},
        {".amazonaws.com", "ListUsers", NULL, ".list-users"},
        {"amazonaws.com", "ListUsers", NULL, "amazonaws.com.list-users"},
        {"iam", "ListUsers", NULL, "iam.list-users"},
        {"IAM.AmazonAWS.com", "ListUsers", NULL, "iam.list-users"},
        {"iam.amazonaws.com.amazonaws.com", "ListUsers", NULL, "iam.amazonaws.com.list-users"},
        {"iam.amazonaws.com.evil.example", "ListUsers", NULL,
         "iam.amazonaws.com.evil.example.list-users"},
        {"Unknown.amazonaws.com", "ConsoleLogin", NULL, "Unknown.console-login"},
        {"sso-directory.amazonaws.com", "ListGroups", NULL, "sso-directory.list-groups"},
        {"api.iam.amazonaws.com", "ListUsers", NULL, "api.iam.list-users"},
        {"\xC3\x89t\xC3\xA9", "G\xC3\x89tUser", NULL, "\xC3\x89t\xC3\xA9.g\xC3\x89t-user"},
        {"\xFF\xFE", "\x80Get\xFF", NULL, "\xFF\xFE.\x80-get\xFF"},
    };
    (void)state;
    assert_cases(cases, COUNT(cases));
    assert_command_of("iam\0x.amazonaws.com", 19, "List\0Users", 10, NULL, "iam\0x.list\0-users",
                      17);
    assert_command_of("iam\0", 4, "A", 1, NULL, "iam\0.a", 6);
}

static void test_event_command_million_capitals_is_one_pass(void **state)
{
    (void)state;
    sqlite3 *db = harness_open();
    assert_query(db,
                 "WITH t(x) AS (SELECT aws_event_command(replace(hex(zeroblob(500000)), '0', 'x'),"
                 " replace(hex(zeroblob(500000)), '00', 'Aa')))"
                 "SELECT length(x), substr(x, 999999, 8), substr(x, -6) FROM t",
                 "2500000|xx.aa-aa|-aa-aa");
    harness_close(db);
}

/* source + suffix and name must give service.operation. */
static void assert_named(const char *source, const char *suffix, const char *name,
                         const char *version, const char *service, const char *operation)
{
    ct_buf from = CT_BUF_EMPTY, to = CT_BUF_EMPTY;
    ct_buf_put_text(&from, source);
    ct_buf_put_text(&from, suffix);
    ct_buf_put_char(&from, '\0');
    ct_buf_put_text(&to, service);
    ct_buf_put_char(&to, '.');
    ct_buf_put_text(&to, operation);
    ct_buf_put_char(&to, '\0');
    assert_command(from.data, name, version, to.data);
    ct_buf_free(&from);
    ct_buf_free(&to);
}

/* ---- against botocore's tables --------------------------------------------------------------- */

enum { MAX_LINE = 512, MAX_SERVICES = 600 };

typedef struct service {
    char line[128]; /* owns what the others point into */
    char *name, *endpoint, *version;
} service;

/* Splits a line at its tabs, in place; returns how many columns there are. */
static size_t split(char *line, char **column, size_t n_max)
{
    size_t n = 0;
    line[strcspn(line, "\n")] = '\0';
    while (line && n < n_max) {
        column[n++] = line;
        line = strchr(line, '\t');
        if (line)
            *line++ = '\0';
    }
    return n;
}

static FILE *open_table(const char *path)
{
    char line[MAX_LINE];
    FILE *file = fopen(path, "r");
    if (!file)
        fail_msg("cannot open %s", path);
    assert_non_null(fgets(line, sizeof line, file)); /* the header */
    return file;
}

static size_t read_services(service *services)
{
    char *column[5];
    size_t n = 0;
    FILE *file = open_table("data/aws_services.tsv");
    for (; fgets(services[n].line, sizeof services[n].line, file); n++) {
        assert_int_equal(split(services[n].line, column, 5), 5);
        services[n].name = column[0];
        services[n].endpoint = column[1];
        services[n].version = column[3];
        assert_true(n + 1 < MAX_SERVICES);
    }
    fclose(file);
    return n;
}

static const char *renamed_by_cli(const char *name)
{
    return strcmp(name, "s3") == 0           ? "s3api"
           : strcmp(name, "config") == 0     ? "configservice"
           : strcmp(name, "codedeploy") == 0 ? "deploy"
                                             : name;
}

/* Services whose endpoint and version are another's too, and whom the rule then names. */
static const char *named_by_endpoint(const char *service_name)
{
    static const struct {
        const char *name, *named;
    } shared[] = {
        {"docdb", "rds"},
        {"neptune", "rds"},
        {"kinesis-video-archived-media", "kinesisvideo"},
        {"kinesis-video-media", "kinesisvideo"},
        {"qconnect", "wisdom"},
        {"sms-voice", "pinpoint-sms-voice"},
    };
    for (size_t i = 0; i < COUNT(shared); i++)
        if (strcmp(shared[i].name, service_name) == 0)
            return shared[i].named;
    return renamed_by_cli(service_name);
}

static void test_event_command_every_service_is_found(void **state)
{
    (void)state;
    static service services[MAX_SERVICES];
    size_t n = read_services(services);
    assert_int_equal(n, 429);
    for (size_t i = 0; i < n; i++) {
        const service *row = &services[i];
        const char *named = named_by_endpoint(row->name);
        assert_named(row->endpoint, ".amazonaws.com", "GetThing", row->version, named, "get-thing");
        if (strncmp(row->endpoint, "api.", 4) == 0)
            assert_named(row->endpoint + 4, ".amazonaws.com", "GetThing", row->version, named,
                         "get-thing");
        /* by its own name it is found whatever else has that name */
        assert_named(row->name, "", "GetThing", NULL, renamed_by_cli(row->name), "get-thing");
    }
}

static void test_event_command_every_operation_has_its_cli_name(void **state)
{
    (void)state;
    if (!harness_shared()) {
        printf("skipped: ../shared/aws_operations.tsv is not there\n");
        skip();
    }
    static service services[MAX_SERVICES];
    size_t n_services = read_services(services), n = 0;
    char line[MAX_LINE], *column[3];
    FILE *file = open_table("../shared/aws_operations.tsv");
    for (; fgets(line, sizeof line, file); n++) {
        assert_int_equal(split(line, column, 3), 3);
        size_t i = 0;
        while (i < n_services && strcmp(services[i].name, column[0]) != 0)
            i++;
        assert_true(i < n_services);
        assert_named(services[i].endpoint, ".amazonaws.com", column[1], services[i].version,
                     named_by_endpoint(column[0]), column[2]);
    }
    fclose(file);
    assert_int_equal(n, 18993);
}

static void test_event_command_every_exception_is_used(void **state)
{
    (void)state;
    char line[MAX_LINE], *column[4];
    size_t n = 0;
    FILE *file = open_table("data/aws_operation_exceptions.tsv");
    for (; fgets(line, sizeof line, file); n++) {
        assert_int_equal(split(line, column, 4), 4);
        assert_named(column[0], "", column[1], NULL, column[0], column[2]);
    }
    fclose(file);
    assert_int_equal(n, 49);
}

/* ---- SQL ------------------------------------------------------------------------------------- */

static void test_aws_event_command_null_gives_null(void **state)
{
    (void)state;
    sqlite3 *db = harness_open();
    assert_query(db,
                 "SELECT aws_event_command(NULL, 'ListUsers'), aws_event_command('iam', NULL),"
                 " aws_event_command(NULL, NULL, NULL), aws_event_command(NULL, 'A', '2012-06-01')",
                 "NULL|NULL|NULL|NULL");
    assert_query(db,
                 "SELECT aws_event_command('elasticloadbalancing', 'DescribeTags', NULL),"
                 " aws_event_command('elasticloadbalancing', 'DescribeTags', '2012-06-01')",
                 "elbv2.describe-tags|elb.describe-tags");
    harness_close(db);
}

static void test_aws_event_command_any_type_is_read_as_text(void **state)
{
    (void)state;
    sqlite3 *db = harness_open();
    assert_query(db,
                 "SELECT aws_event_command(CAST('iam.amazonaws.com' AS BLOB), x'4c697374'),"
                 " aws_event_command(17, 2.5),"
                 " aws_event_command(x'', zeroblob(0), zeroblob(0)),"
                 " aws_event_command('elasticloadbalancing', 'DescribeTags', 20120601),"
                 " hex(aws_event_command('iam' || char(0), x'ff')),"
                 " typeof(aws_event_command('', ''))",
                 "iam.list|17.2.5|.|elb.describe-tags|69616D002EFF|text");
    harness_close(db);
}

static void test_aws_event_command_argument_count_is_two_or_three(void **state)
{
    (void)state;
    sqlite3 *db = harness_open();
    assert_query(db, "SELECT aws_event_command('iam')",
                 "error: wrong number of arguments to function aws_event_command()");
    assert_query(db, "SELECT aws_event_command(1, 2, 3, 4)",
                 "error: wrong number of arguments to function aws_event_command()");
    harness_close(db);
}

static void test_aws_event_command_is_pure(void **state)
{
    (void)state;
    sqlite3 *db = harness_open();
    assert_query(db,
                 "PRAGMA trusted_schema = OFF;"
                 "CREATE TABLE t(s, n); INSERT INTO t VALUES('iam.amazonaws.com', 'GetUser');"
                 "CREATE INDEX i ON t(aws_event_command(s, n));"
                 "CREATE VIEW v AS SELECT aws_event_command(s, n, NULL) FROM t; SELECT * FROM v",
                 "iam.get-user");
    harness_close(db);
}

/* ---- the command of an event of the AWS CLI ---------------------------------------------------
 */

/* The three ways in which versions of the CLI name a command or none: docs/useragent.md. */
#define CLI_1 "'aws-cli/1.22.34 Python/3.10.6 Linux/5.15.0-1019-aws botocore/1.27.89'"
#define CLI_2 "'aws-cli/2.2.4 Python/3.8.8 exe/x86_64.amzn.2 prompt/off command/iam.get-user'"
#define CLI_2_15 "'[aws-cli/2.17.32 md/installer#exe md/prompt#off md/command#kms.list-keys]'"

static void test_aws_cli_command_of_event_user_agent_goes_first(void **state)
{
    (void)state;
    sqlite3 *db = harness_open();
    assert_query(db,
                 "SELECT aws_cli_command(" CLI_1 ", 'iam.amazonaws.com', 'ListUsers'),"
                 " aws_cli_command(" CLI_2 ", 'iam.amazonaws.com', 'ListUsers'),"
                 " aws_cli_command(" CLI_2_15 ", 'iam.amazonaws.com', 'ListUsers'),"
                 " aws_cli_command('AWS-CLI/2.9.0', 's3.amazonaws.com', 'ListBuckets')",
                 "iam.list-users|iam.get-user|kms.list-keys|s3api.list-buckets");
    assert_query(
        db,
        "SELECT aws_cli_command(" CLI_1 ", 'elasticloadbalancing', 'DescribeTags', '2012-06-01'),"
        " aws_cli_command(" CLI_1 ", 'elasticloadbalancing', 'DescribeTags', NULL),"
        " aws_cli_command(" CLI_2 ", 'elasticloadbalancing', 'DescribeTags', '2012-06-01')",
        "elb.describe-tags|elbv2.describe-tags|iam.get-user");
    harness_close(db);
}

static void test_aws_cli_command_of_event_other_clients_have_none(void **state)
{
    (void)state;
    sqlite3 *db = harness_open();
    assert_query(
        db,
        "SELECT aws_cli_command('Boto3/1.26.165 md/command#iam.get-user', 'iam', 'ListUsers'),"
        " aws_cli_command('aws-cli/', 'iam', 'ListUsers'),"
        " aws_cli_command('aws-clix/2.0', 'iam', 'ListUsers', NULL),"
        " aws_cli_command('', 'iam', 'ListUsers'),"
        " aws_cli_command(NULL, 'iam', 'ListUsers')",
        "NULL|NULL|NULL|NULL|NULL");
    harness_close(db);
}

static void test_aws_cli_command_of_event_null_event_counts_where_it_is_needed(void **state)
{
    (void)state;
    sqlite3 *db = harness_open();
    assert_query(db,
                 "SELECT aws_cli_command(" CLI_2 ", NULL, NULL), aws_cli_command(" CLI_1
                 ", NULL, 'ListUsers'), aws_cli_command(" CLI_1 ", 'iam', NULL, NULL),"
                 " aws_cli_command(CAST(" CLI_1 " AS BLOB), x'69616d', 'ListUsers')",
                 "iam.get-user|NULL|NULL|iam.list-users");
    assert_query(db, "SELECT aws_cli_command('aws-cli/1.0', 'iam')",
                 "error: wrong number of arguments to function aws_cli_command()");
    harness_close(db);
}

/* Every real user agent. The event is asked where the list beside it has no command; whose agent it
 * is, aws_cli_version() says. */
static void test_aws_cli_command_of_event_every_real_user_agent(void **state)
{
    (void)state;
    if (!harness_shared()) {
        printf("skipped: ../shared/data/user_agents.tsv is not there\n");
        skip();
    }
    sqlite3 *db = harness_open();
    sqlite3_stmt *stmt = NULL;
    const char *sql = "SELECT aws_cli_command(?1, 'iam.amazonaws.com', 'ListUsers') IS"
                      " coalesce(nullif(?2, ''),"
                      " CASE WHEN aws_cli_version(?1) IS NOT NULL THEN 'iam.list-users' END)";
    assert_int_equal(sqlite3_prepare_v2(db, sql, -1, &stmt, NULL), SQLITE_OK);
    char line[4 * 1024], *column[3];
    size_t n = 0;
    FILE *file = open_table("../shared/data/user_agents.tsv");
    for (; fgets(line, sizeof line, file); n++) {
        assert_int_equal(split(line, column, 3), 3);
        sqlite3_bind_text(stmt, 1, column[0], -1, SQLITE_STATIC);
        sqlite3_bind_text(stmt, 2, column[1], -1, SQLITE_STATIC);
        assert_int_equal(sqlite3_step(stmt), SQLITE_ROW);
        assert_int_equal(sqlite3_column_int(stmt, 0), 1);
        assert_int_equal(sqlite3_reset(stmt), SQLITE_OK);
    }
    assert_int_equal(n, 427);
    sqlite3_finalize(stmt);
    fclose(file);
    harness_close(db);
}

static void test_aws_cli_command_of_event_out_of_memory_is_reported(void **state)
{
    (void)state;
    harness_oom_sweep(NULL,
                      "SELECT aws_cli_command(" CLI_1 ", 's3.amazonaws.com', 'ListBuckets'),"
                      " aws_cli_command(" CLI_2
                      ", 's3.amazonaws.com', 'ListBuckets', '2006-03-01')",
                      "s3api.list-buckets|iam.get-user");
}

static void test_aws_event_command_out_of_memory_is_reported(void **state)
{
    (void)state;
    harness_oom_sweep(NULL,
                      "SELECT aws_event_command('s3.amazonaws.com', 'ListBuckets', '2006-03-01'),"
                      " aws_event_command('kinesis-video-archived-media',"
                      " 'GetLinkedWhatsAppBusinessAccountPhoneNumberAndMuchMoreThanThat')",
                      "s3api.list-buckets|kinesis-video-archived-media."
                      "get-linked-whats-app-business-account-phone-number-and-much-more-than-that");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_event_command_source_finds_service),
        cmocka_unit_test(test_event_command_shared_source_version_decides),
        cmocka_unit_test(test_event_command_version_in_name_is_cut),
        cmocka_unit_test(test_event_command_name_follows_botocore),
        cmocka_unit_test(test_event_command_nonsense_is_safe),
        cmocka_unit_test(test_event_command_million_capitals_is_one_pass),
        cmocka_unit_test(test_event_command_every_service_is_found),
        cmocka_unit_test(test_event_command_every_operation_has_its_cli_name),
        cmocka_unit_test(test_event_command_every_exception_is_used),
        cmocka_unit_test(test_aws_event_command_null_gives_null),
        cmocka_unit_test(test_aws_event_command_any_type_is_read_as_text),
        cmocka_unit_test(test_aws_event_command_argument_count_is_two_or_three),
        cmocka_unit_test(test_aws_event_command_is_pure),
        cmocka_unit_test(test_aws_event_command_out_of_memory_is_reported),
        cmocka_unit_test(test_aws_cli_command_of_event_user_agent_goes_first),
        cmocka_unit_test(test_aws_cli_command_of_event_other_clients_have_none),
        cmocka_unit_test(test_aws_cli_command_of_event_null_event_counts_where_it_is_needed),
        cmocka_unit_test(test_aws_cli_command_of_event_every_real_user_agent),
        cmocka_unit_test(test_aws_cli_command_of_event_out_of_memory_is_reported),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
