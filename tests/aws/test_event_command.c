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

/* Names with a version are listed in "Logging Lambda API calls with CloudTrail" and
 * seen in logs. */
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

enum { MAX_LINE = 2048 };

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

static void insert_table(sqlite3 *db, const char *path, const char *insert, int n_columns)
{
    sqlite3_stmt *stmt = NULL;
    char line[MAX_LINE], *column[5];
    FILE *file = open_table(path);
    assert_int_equal(sqlite3_prepare_v2(db, insert, -1, &stmt, NULL), SQLITE_OK);
    while (fgets(line, sizeof line, file)) {
        assert_int_equal(split(line, column, (size_t)n_columns), n_columns);
        for (int i = 0; i < n_columns; i++)
            sqlite3_bind_text(stmt, i + 1, column[i], -1, SQLITE_STATIC);
        assert_int_equal(sqlite3_step(stmt), SQLITE_DONE);
        sqlite3_reset(stmt);
    }
    sqlite3_finalize(stmt);
    fclose(file);
}

/*
 * The rule of the lookup as a slow query over botocore's tables: of all services that a source can
 * mean (level 1 by name, 2 by signing name, 3 by endpoint) those whose version is the record's; of
 * these a usual one, else the first; but one that alone has the operation goes before, and where the
 * first has it not, of those that have it the one with the most operations, else the newest.
 */
static const char rule_of_lookup[] =
    "CREATE TABLE key AS"
    " SELECT DISTINCT source, service, min(level) OVER (PARTITION BY source, service) AS level,"
    "        ord, version,"
    "        service IN ('rds', 'apigateway', 'ses', 'elbv2') AS usual"
    "   FROM (SELECT 1 AS level, lower(name) AS source, name AS service, rowid AS ord, version"
    "           FROM service"
    "         UNION ALL SELECT 2, lower(signing), name, rowid, version FROM service"
    "          WHERE signing <> ''"
    "         UNION ALL SELECT 3, lower(endpoint), name, rowid, version FROM service"
    "         UNION ALL SELECT 3, lower(substr(endpoint, 5)), name, rowid, version FROM service"
    "          WHERE endpoint LIKE 'api.%');"
    "CREATE INDEX key_source ON key (source);"
    "CREATE TABLE first AS SELECT source, service FROM (SELECT source, service, row_number() OVER"
    "        (PARTITION BY source ORDER BY usual DESC, level, ord) AS n FROM key) WHERE n = 1;"
    "CREATE INDEX first_source ON first (source, service);"
    "CREATE TABLE owner AS SELECT source, name, service, owners FROM"
    " (SELECT key.source, operation.name, key.service,"
    "         count(*) OVER one_call AS owners,"
    "         sum((key.source, key.service) IN first) OVER one_call AS has_first,"
    "         row_number() OVER (PARTITION BY key.source, operation.name"
    "                            ORDER BY CAST(n AS INTEGER) DESC, key.version DESC) AS rank"
    "    FROM key JOIN operation USING (service) JOIN service ON service.name = key.service"
    "  WINDOW one_call AS (PARTITION BY key.source, operation.name))"
    " WHERE rank = 1 AND (owners = 1 OR has_first = 0);"
    "CREATE INDEX owner_name ON owner (source, name);"
    "CREATE TABLE call AS SELECT service.endpoint AS source, operation.name, operation.cli,"
    "       operation.service AS caller, service.version, owner.service AS owner"
    "  FROM operation JOIN service ON service.name = operation.service"
    "  LEFT JOIN owner ON owner.source = service.endpoint AND owner.name = operation.name;";

#define CLI_NAME(service)                                                                          \
    "CASE " service " WHEN 's3' THEN 's3api' WHEN 'config' THEN 'configservice'"                   \
    " WHEN 'codedeploy' THEN 'deploy' ELSE " service " END"

static void test_event_command_every_service_is_found(void **state)
{
    (void)state;
    sqlite3 *db = harness_open();
    harness_exec(db, "CREATE TABLE service (name, endpoint, signing, version, n);"
                     "CREATE TABLE operation (service, name, cli);");
    insert_table(db, "data/aws_services.tsv", "INSERT INTO service VALUES (?, ?, ?, ?, ?)", 5);
    harness_exec(db, rule_of_lookup);
    /* by its own name it is found whatever else has that name */
    assert_query(db,
                 "SELECT count(*), sum(aws_event_command(name, 'GetThing') ="
                 "                     " CLI_NAME("name") " || '.get-thing') FROM service",
                 "429|429");
    /* by each source and its version */
    assert_query(
        db,
        "SELECT k.source, k.version FROM key AS k"
        " WHERE aws_event_command(k.source || '.amazonaws.com', 'GetThing', k.version) <>"
        " (SELECT " CLI_NAME("service") " || '.get-thing' FROM key"
                                        "   WHERE key.source = k.source AND key.version = k.version"
                                        "   ORDER BY usual DESC, level, ord LIMIT 1)",
        "");
    harness_close(db);
}

static void test_event_command_every_operation_has_its_cli_name(void **state)
{
    (void)state;
    if (!harness_shared()) {
        printf("skipped: ../shared/aws_operations.tsv is not there\n");
        skip();
    }
    sqlite3 *db = harness_open();
    harness_exec(db, "CREATE TABLE service (name, endpoint, signing, version, n);"
                     "CREATE TABLE operation (service, name, cli);");
    insert_table(db, "data/aws_services.tsv", "INSERT INTO service VALUES (?, ?, ?, ?, ?)", 5);
    insert_table(db, "../shared/aws_operations.tsv", "INSERT INTO operation VALUES (?, ?, ?)", 3);
    harness_exec(db, "CREATE INDEX operation_service ON operation (service, name);");
    harness_exec(db, rule_of_lookup);
    assert_query(db, "SELECT count(*), sum(n) FROM operation, (SELECT 1 AS n)", "18993|18993");
    /* the version given, and none */
    assert_query(db,
                 "SELECT source, name, version, " CLI_NAME(
                     "service") ", cli"
                                "  FROM (SELECT call.*, key.service, row_number() OVER (PARTITION "
                                "BY call.rowid"
                                "               ORDER BY key.service IS owner DESC, usual DESC, "
                                "level, ord) AS n"
                                "          FROM call JOIN key USING (source, version))"
                                " WHERE n = 1 AND aws_event_command(source || '.amazonaws.com', "
                                "name, version)"
                                "                 <> " CLI_NAME("service") " || '.' || cli LIMIT 3",
                 "");
    assert_query(
        db,
        "SELECT source, name, " CLI_NAME(
            "service") ", cli"
                       "  FROM (SELECT call.*, key.service, row_number() OVER (PARTITION BY "
                       "call.rowid"
                       "               ORDER BY key.service IS owner DESC, usual DESC, level, ord) "
                       "AS n"
                       "          FROM call JOIN key USING (source))"
                       " WHERE n = 1 AND aws_event_command(source || '.amazonaws.com.cn', name)"
                       "                 NOT LIKE " CLI_NAME("service") " || '.%' LIMIT 3",
        "");
    /* what the operation alone can settle is right, whatever the version */
    assert_query(db,
                 "SELECT source, name FROM call WHERE owner = caller"
                 "   AND aws_event_command(source || '.amazonaws.com', name)"
                 "       <> " CLI_NAME("caller") " || '.' || cli LIMIT 3",
                 "");
    /* data/ lists those that would else be the first's */
    harness_exec(db, "CREATE TABLE listed (service, name)");
    insert_table(db, "data/aws_shared_operations.tsv", "INSERT INTO listed VALUES (?, ?)", 2);
    assert_query(db,
                 "CREATE TEMP TABLE wanted AS SELECT DISTINCT service, name FROM owner"
                 " WHERE (source, service) NOT IN first;"
                 "SELECT count(*) FROM listed; SELECT count(*) FROM wanted;"
                 "SELECT count(*) FROM listed JOIN wanted USING (service, name);"
                 "SELECT count(DISTINCT service || name) FROM owner"
                 " WHERE owners = 1 AND (source, service) NOT IN first",
                 "1592\n1592\n1592\n1543");
    /* and the names that CloudTrail alone uses lead to commands that there are */
    harness_exec(db, "CREATE TABLE named (source, name, command)");
    insert_table(db, "data/cloudtrail_event_names.tsv", "INSERT INTO named VALUES (?, ?, ?)", 3);
    assert_query(
        db,
        "SELECT source, name, command FROM named WHERE command <>"
        "       aws_event_command(source || '.amazonaws.com', name, '2006-03-01')"
        "    OR command NOT IN (SELECT " CLI_NAME(
            "service") " || '.' || cli"
                       "                         FROM operation)"
                       "    OR name IN (SELECT name FROM operation WHERE service = source)",
        "");
    harness_close(db);
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

/* ---- the command of an event of the AWS CLI ------------------------------------------------- */

/* A version of the CLI that names no command, and one that does: docs/useragent.md. */
#define CLI_1 "'aws-cli/1.22.34 Python/3.10.6 Linux/5.15.0-1019-aws botocore/1.27.89'"
#define CLI_2 "'aws-cli/2.2.4 Python/3.8.8 exe/x86_64.amzn.2 prompt/off command/iam.get-user'"

/* What the agent names counts where the event bears it out. Issue 13. */
static void test_aws_cli_command_of_event_agent_beside_event(void **state)
{
    static const struct {
        const char *agent, *source, *name, *version, *expected;
    } cases[] = {
        /* the agent's own spelling */
        {"2.13.5 command/lambda.List-functions", "lambda", "ListFunctions20150331", NULL,
         "lambda.List-functions"},
        {"2.2.4 command/iam.get-user", "iam", "GetUser", NULL, "iam.get-user"},
        /* a profile with a role: the command that was typed comes with the AssumeRole before it */
        {"2.36.0 md/command#iam.list-users", "sts", "AssumeRole", "2011-06-15", "sts.assume-role"},
        /* a client that lies */
        {"2.36.0 md/command#s3api.list-buckets", "iam", "ListUsers", NULL, "iam.list-users"},
        {"2.36.0 md/command#foo.list-users", "iam", "ListUsers", NULL, "iam.list-users"},
        {"2.36.0 md/command#iam.list-users", "s3", "ListUsers", NULL, "s3api.list-users"},
        {"1.36.0 md/command#s3.ls", "iam", "ListUsers", NULL, "iam.list-users"},
        {"2.36.0 md/command#iam", "iam", "ListUsers", NULL, "iam.list-users"},
        /* the CLI's own commands, which make calls of other names */
        {"2.36.0 md/command#s3.cp", "s3", "PutObject", NULL, "s3.cp"},
        {"2.36.0 md/command#deploy.push", "s3", "PutObject", NULL, "deploy.push"},
        {"2.36.0 md/command#ec2.wait.instance-running", "ec2", "DescribeInstances", NULL,
         "ec2.wait.instance-running"},
        {"2.36.0 md/command#ecr.get-login-password", "ecr", "GetAuthorizationToken", NULL,
         "ecr.get-login-password"},
        {"2.36.0 md/command#s3.cpx", "s3", "PutObject", NULL, "s3api.put-object"},
        {"2.36.0 md/command#s3.cp.x", "s3", "PutObject", NULL, "s3.cp.x"},
        {"2.36.0 md/command#*.list-users", "iam", "GetUser", NULL, "iam.get-user"},
        /* a source that services share */
        {"2.36.0 md/command#sesv2.get-account", "ses", "GetAccount", NULL, "sesv2.get-account"},
        {"2.36.0 md/command#elb.describe-tags", "elasticloadbalancing", "DescribeTags", NULL,
         "elb.describe-tags"},
        {"2.36.0 md/command#docdb.describe-db-clusters", "rds", "DescribeDBClusters", "2014-10-31",
         "docdb.describe-db-clusters"},
        /* a source that is not known */
        {"2.36.0 md/command#newer.list-things", "new", "ListThings", NULL, "newer.list-things"},
        {"2.36.0 md/command#newer.get-thing", "new", "ListThings", NULL, "new.list-things"},
        /* CloudTrail's own names */
        {"2.36.0 md/command#s3api.get-public-access-block", "s3", "GetBucketPublicAccessBlock",
         NULL, "s3api.get-public-access-block"},
        {"1.22.34", "s3", "GetAccountPublicAccessBlock", NULL, "s3control.get-public-access-block"},
        {"1.22.34", "s3", "GetAccelerateConfiguration", "2006-03-01",
         "s3api.get-bucket-accelerate-configuration"},
        {"1.22.34", "elasticloadbalancing", "DescribeTags", "2012-06-01", "elb.describe-tags"},
        {"1.22.34", "elasticloadbalancing", "DescribeTags", NULL, "elbv2.describe-tags"},
    };
    (void)state;
    sqlite3 *db = harness_open();
    for (size_t i = 0; i < COUNT(cases); i++) {
        char *sql =
            sqlite3_mprintf("SELECT aws_cli_command('[aws-cli/%s]',"
                            " '%s.amazonaws.com', %Q, %Q)",
                            cases[i].agent, cases[i].source, cases[i].name, cases[i].version);
        assert_query(db, sql, cases[i].expected);
        sqlite3_free(sql);
    }
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

/* Every real user agent, with an event that none of their commands makes. */
static void test_aws_cli_command_of_event_every_real_user_agent(void **state)
{
    (void)state;
    if (!harness_shared()) {
        printf("skipped: ../shared/data/user_agents.tsv is not there\n");
        skip();
    }
    sqlite3 *db = harness_open();
    harness_exec(db, "CREATE TABLE agent (agent, command, source)");
    insert_table(db, "../shared/data/user_agents.tsv", "INSERT INTO agent VALUES (?, ?, ?)", 3);
    assert_query(db,
                 "SELECT count(*),"
                 "  sum(aws_cli_command(agent, 'x.amazonaws.com', 'NoSuchCall') IS"
                 "      CASE WHEN aws_cli_version(agent) IS NULL THEN NULL"
                 "           WHEN command LIKE 's3._%' OR command LIKE '%.get-login-password'"
                 "                OR command LIKE '%.update-kubeconfig' OR command LIKE 'logs.tail'"
                 "                OR command LIKE 'cloudformation.deploy' THEN command"
                 "           ELSE 'x.no-such-call' END) FROM agent",
                 "427|427");
    harness_close(db);
}

static void test_aws_cli_command_of_event_out_of_memory_is_reported(void **state)
{
    (void)state;
    harness_oom_sweep(NULL,
                      "SELECT aws_cli_command(" CLI_1 ", 's3.amazonaws.com', 'ListBuckets'),"
                      " aws_cli_command(" CLI_2
                      ", 's3.amazonaws.com', 'ListBuckets', '2006-03-01'),"
                      " aws_cli_command(" CLI_2 ", 'unknown', 'GetUser')",
                      "s3api.list-buckets|s3api.list-buckets|iam.get-user");
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
        cmocka_unit_test(test_aws_cli_command_of_event_agent_beside_event),
        cmocka_unit_test(test_aws_cli_command_of_event_other_clients_have_none),
        cmocka_unit_test(test_aws_cli_command_of_event_null_event_counts_where_it_is_needed),
        cmocka_unit_test(test_aws_cli_command_of_event_every_real_user_agent),
        cmocka_unit_test(test_aws_cli_command_of_event_out_of_memory_is_reported),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
