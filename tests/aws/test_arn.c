#include "harness.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "aws/arn.h"
#include "base/buf.h"

static void assert_part(const char *arn_text, const char *name, const char *expected)
{
    ct_arn arn;
    ct_arn_part part;
    ct_span value;
    assert_true(ct_arn_part_named(name, strlen(name), &part));
    bool there = ct_arn_parse(arn_text, strlen(arn_text), &arn) && ct_arn_get(&arn, part, &value);
    if (there != (expected != NULL) || (there && !ct_span_is(value, expected)))
        fail_msg("%s of %s: expected %s, got %.*s", name, arn_text, expected ? expected : "NULL",
                 there ? (int)value.n : 4, there ? value.p : "NULL");
}

/* The forms of the Service Authorization Reference and of the IAM User Guide ("IAM ARNs"), with
 * the values of their variables filled in; region and account stand in the ARN to be seen. */
static void test_arn_part_documented_forms(void **state)
{
    static const struct {
        const char *arn, *region, *account, *type, *name, *session;
    } cases[] = {
        {"arn:aws:s3:::bucket", "", "", NULL, "bucket", NULL},
        {"arn:aws:s3:::bucket/logs/2023/a.json.gz", "", "", NULL, "a.json.gz", NULL},
        {"arn:aws:s3:::bucket/folder/", "", "", NULL, "", NULL},
        {"arn:aws:s3:::bucket/a:b", "", "", NULL, "b", NULL},
        {"arn:aws:s3:us-west-2:123456789012:accesspoint/ap", "us-west-2", "123456789012",
         "accesspoint", "ap", NULL},
        {"arn:aws:s3::123456789012:accesspoint/mrap.mrap", "", "123456789012", "accesspoint",
         "mrap.mrap", NULL},
        {"arn:aws:iam::123456789012:root", "", "123456789012", NULL, "root", NULL},
        {"arn:aws:iam::123456789012:user/JohnDoe", "", "123456789012", "user", "JohnDoe", NULL},
        {"arn:aws:iam::123456789012:user/division_abc/subdivision_xyz/JaneDoe", "", "123456789012",
         "user", "JaneDoe", NULL},
        {"arn:aws:iam::123456789012:group/Developers", "", "123456789012", "group", "Developers",
         NULL},
        {"arn:aws:iam::123456789012:role/aws-service-role/ecs.amazonaws.com/AWSServiceRoleForECS",
         "", "123456789012", "role", "AWSServiceRoleForECS", NULL},
        {"arn:aws:iam::aws:policy/service-role/AWSLambdaRole", "", "aws", "policy", "AWSLambdaRole",
         NULL},
        {"arn:aws:sts::123456789012:assumed-role/Accounting-Role/Mary", "", "123456789012",
         "assumed-role", "Mary", "Mary"},
        {"arn:aws:sts::123456789012:assumed-role/admin/jane@example.com", "", "123456789012",
         "assumed-role", "jane@example.com", "jane@example.com"},
        {"arn:aws:sts::123456789012:assumed-role/admin", "", "123456789012", "assumed-role",
         "admin", NULL},
        {"arn:aws:sts::123456789012:assumed-role/admin/", "", "123456789012", "assumed-role", "",
         NULL},
        {"arn:aws:sts::123456789012:federated-user/Paulo", "", "123456789012", "federated-user",
         "Paulo", "Paulo"},
        {"arn:aws:sts::123456789012:federated-user/", "", "123456789012", "federated-user", "",
         NULL},
        {"arn:aws:sts::123456789012:self", "", "123456789012", NULL, "self", NULL},
        {"arn:aws:iam::123456789012:role/assumed-role/x", "", "123456789012", "role", "x", NULL},
        {"arn:aws:lambda:us-east-1:123456789012:function:resize", "us-east-1", "123456789012",
         "function", "resize", NULL},
        {"arn:aws:lambda:us-east-1:123456789012:function:resize:7", "us-east-1", "123456789012",
         "function", "7", NULL},
        {"arn:aws:lambda:us-east-1::runtime:be9e7121", "us-east-1", "", "runtime", "be9e7121",
         NULL},
        {"arn:aws:logs:us-east-1:123456789012:log-group:trail:*", "us-east-1", "123456789012",
         "log-group", "*", NULL},
        {"arn:aws:logs:us-east-1:123456789012:log-group:/aws/lambda/f:log-stream:s", "us-east-1",
         "123456789012", "log-group", "s", NULL},
        {"arn:aws:sns:us-east-1:123456789012:topic", "us-east-1", "123456789012", NULL, "topic",
         NULL},
        {"arn:aws:sns:us-east-1:123456789012:topic:8a21d249", "us-east-1", "123456789012", NULL,
         "8a21d249", NULL},
        {"arn:aws:sqs:us-east-1:123456789012:queue.fifo", "us-east-1", "123456789012", NULL,
         "queue.fifo", NULL},
        {"arn:aws:ecs:us-east-1:123456789012:cluster/web", "us-east-1", "123456789012", "cluster",
         "web", NULL},
        {"arn:aws:ecs:us-east-1:123456789012:service/web/front", "us-east-1", "123456789012",
         "service", "front", NULL},
        {"arn:aws:kms:us-east-1:123456789012:key/1234abcd-12ab", "us-east-1", "123456789012", "key",
         "1234abcd-12ab", NULL},
        {"arn:aws:kms:us-east-1:123456789012:alias/aws/s3", "us-east-1", "123456789012", "alias",
         "s3", NULL},
        {"arn:aws:secretsmanager:us-east-1:123456789012:secret:prod/db-AbCdEf", "us-east-1",
         "123456789012", "secret", "db-AbCdEf", NULL},
        {"arn:aws:apigateway:us-east-1::/restapis/a123/stages/prod", "us-east-1", "", "restapis",
         "prod", NULL},
        {"arn:aws:apigateway:us-east-1::/apis", "us-east-1", "", NULL, "apis", NULL},
        {"arn:aws:swf::123456789012:/domain/d", "", "123456789012", "domain", "d", NULL},
        {"arn:aws:execute-api:us-east-1:123456789012:a123/prod/GET/pets", "us-east-1",
         "123456789012", NULL, "pets", NULL},
        {"arn:aws:execute-api:us-east-1:123456789012:/domainnames/x+y", "us-east-1", "123456789012",
         "domainnames", "x+y", NULL},
        {"arn:aws:codepipeline:us-east-1:123456789012:pipe/stage", "us-east-1", "123456789012",
         NULL, "stage", NULL},
        {"arn:aws:codepipeline:us-east-1:123456789012:webhook:w", "us-east-1", "123456789012",
         "webhook", "w", NULL},
        {"arn:aws:servicequotas:us-east-1:123456789012:ec2/L-1216C47A", "us-east-1", "123456789012",
         NULL, "L-1216C47A", NULL},
        {"arn:aws:wafv2:us-east-1:123456789012:regional/webacl/acl/96494e83", "us-east-1",
         "123456789012", "webacl", "96494e83", NULL},
        {"arn:aws:wafv2:us-east-1:123456789012:regional/", "us-east-1", "123456789012", NULL, "",
         NULL},
        {"arn:aws-us-gov:ec2:us-gov-west-1:123456789012:instance/i-0123", "us-gov-west-1",
         "123456789012", "instance", "i-0123", NULL},
        {"arn:aws-cn:dynamodb:cn-north-1:123456789012:table/t/index/i", "cn-north-1",
         "123456789012", "table", "i", NULL},
        {"arn:aws:elasticloadbalancing:us-east-1:123456789012:loadbalancer/app/web/50dc6c49",
         "us-east-1", "123456789012", "loadbalancer", "50dc6c49", NULL},
        {"arn:aws:rds:us-east-1:123456789012:db:orders", "us-east-1", "123456789012", "db",
         "orders", NULL},
        {"arn:aws:cloudtrail:us-east-1:123456789012:trail/main", "us-east-1", "123456789012",
         "trail", "main", NULL},
        {"arn:aws:secretsmanager:*:*:secret:rds*", "*", "*", "secret", "rds*", NULL},
    };
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        assert_part(cases[i].arn, "region", cases[i].region);
        assert_part(cases[i].arn, "account", cases[i].account);
        assert_part(cases[i].arn, "resource_type", cases[i].type);
        assert_part(cases[i].arn, "resource_name", cases[i].name);
        assert_part(cases[i].arn, "session", cases[i].session);
    }
}

static void test_arn_part_fields_as_written(void **state)
{
    static const char arn[] = "arn:aws-us-gov:logs:us-gov-west-1:123456789012:log-group:a/b:*";
    (void)state;
    assert_part(arn, "partition", "aws-us-gov");
    assert_part(arn, "service", "logs");
    assert_part(arn, "region", "us-gov-west-1");
    assert_part(arn, "account", "123456789012");
    assert_part(arn, "resource", "log-group:a/b:*");
}

static void test_arn_part_not_an_arn_is_null(void **state)
{
    static const char *const cases[] = {
        "",
        "arn",
        "arn:",
        "arn***/AwsSecurityAudit",
        "arn***/assumed-role/AwsSecurityAudit/Palisade",
        "arn:267687D50C7B6A68C",
        "arn:aws:iam::123456789012",
        "arn:aws:iam::123456789012:",
        "arn::iam::123456789012:root",
        "arn:aws:::123456789012:root",
        "ARN:aws:iam::123456789012:root",
        " arn:aws:iam::123456789012:root",
        "xarn:aws:iam::123456789012:root",
        "123456789012",
        "ec2.amazonaws.com",
    };
    static const char *const parts[] = {"partition", "service",       "region",        "account",
                                        "resource",  "resource_type", "resource_name", "session"};
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++)
        for (size_t k = 0; k < sizeof parts / sizeof parts[0]; k++)
            assert_part(cases[i], parts[k], NULL);
}

/* ---- real ARNs ------------------------------------------------------------------------------ */

static size_t check_arn(sqlite3_stmt *stmt, const char *p, size_t n)
{
    sqlite3_bind_text(stmt, 1, p, (int)n, SQLITE_STATIC);
    assert_int_equal(sqlite3_step(stmt), SQLITE_ROW);
    bool is_arn = sqlite3_column_type(stmt, 0) != SQLITE_NULL;
    for (int i = 0; is_arn && i < sqlite3_column_count(stmt); i++)
        if (sqlite3_column_int(stmt, i) != 1)
            fail_msg("invariant %d fails for %.*s", i, (int)n, p);
    sqlite3_reset(stmt);
    return is_arn;
}

/* Every text that begins with arn: behind a quote, up to a quote or a backslash. */
static size_t check_file(sqlite3_stmt *stmt, const char *path)
{
    ct_buf bytes = CT_BUF_EMPTY;
    FILE *file = fopen(path, "rb");
    assert_non_null(file);
    size_t got;
    char chunk[65536];
    while ((got = fread(chunk, 1, sizeof chunk, file)) > 0)
        ct_buf_put(&bytes, chunk, got);
    fclose(file);

    size_t n_arns = 0;
    for (size_t i = 0; i + 5 < bytes.len; i++) {
        if (memcmp(bytes.data + i, "\"arn:", 5) != 0)
            continue;
        size_t end = i + 1;
        while (end < bytes.len && bytes.data[end] != '"' && bytes.data[end] != '\\')
            end++;
        n_arns += check_arn(stmt, bytes.data + i + 1, end - i - 1);
        i = end;
    }
    ct_buf_free(&bytes);
    return n_arns;
}

static size_t check_folder(sqlite3_stmt *stmt, const char *folder)
{
    size_t n_arns = 0;
    DIR *dir = opendir(folder);
    assert_non_null(dir);
    for (struct dirent *entry; (entry = readdir(dir)) != NULL;) {
        char path[4096];
        struct stat info;
        if (entry->d_name[0] == '.')
            continue;
        assert_true(snprintf(path, sizeof path, "%s/%s", folder, entry->d_name) < 4096);
        assert_int_equal(stat(path, &info), 0);
        n_arns += S_ISDIR(info.st_mode) ? check_folder(stmt, path) : check_file(stmt, path);
    }
    closedir(dir);
    return n_arns;
}

static void test_arn_part_real_arns_keep_invariants(void **state)
{
    (void)state;
    char path[4096];
    if (!harness_shared()) {
        print_message("skipped: no real logs beside the project\n");
        skip();
    }
    sqlite3 *db = harness_open();
    sqlite3_stmt *stmt;
    static const char sql[] =
        "WITH p AS (SELECT arn_part(?1, 'partition') AS partition, arn_part(?1, 'service') AS"
        " service, arn_part(?1, 'region') AS region, arn_part(?1, 'account') AS account,"
        " arn_part(?1, 'resource') AS resource, arn_part(?1, 'resource_type') AS type,"
        " arn_part(?1, 'resource_name') AS name, arn_part(?1, 'session') AS session)"
        "SELECT 'arn:' || partition || ':' || service || ':' || region || ':' || account || ':' ||"
        "   resource = ?1,"
        " substr(resource, length(resource) - length(name) + 1) = name,"
        " instr(name, '/') + instr(name, ':') = 0,"
        " name = resource OR substr(resource, -length(name) - 1, 1) IN ('/', ':'),"
        " type IS NULL OR instr('/' || resource, '/' || type || '/') > 0"
        "   OR instr(resource, type || ':') = 1,"
        " (session IS NOT NULL) = (?1 GLOB 'arn:aws*:sts::*:assumed-role/*/?*'"
        "   OR ?1 GLOB 'arn:aws*:sts::*:federated-user/?*'),"
        " session IS NULL OR session = name"
        " FROM p";
    assert_int_equal(sqlite3_prepare_v2(db, sql, -1, &stmt, NULL), SQLITE_OK);
    snprintf(path, sizeof path, "%s/data", harness_shared());
    assert_true(check_folder(stmt, path) > 1000);
    sqlite3_finalize(stmt);
    harness_close(db);
}

/* ---- SQL ------------------------------------------------------------------------------------ */

static void test_arn_part_sql_null_types_and_any_bytes(void **state)
{
    (void)state;
    sqlite3 *db = harness_open();
    assert_query(db, "SELECT arn_part('arn:aws:iam::123456789012:user/a/b', 'resource_name')", "b");
    assert_query(db, "SELECT typeof(arn_part('arn:aws:s3:::b', 'account'))", "text");
    assert_query(db, "SELECT arn_part(NULL, 'region'), arn_part('arn:aws:s3:::b', NULL)",
                 "NULL|NULL");
    assert_query(db, "SELECT arn_part(NULL, 'x'), arn_part(12, 'region'), arn_part(x'', 'region')",
                 "NULL|NULL|NULL");
    assert_query(db, "SELECT arn_part(CAST('arn:aws:s3:::b' AS BLOB), 'resource')", "b");
    assert_query(db, "SELECT hex(arn_part('arn:aws:s3:::' || CAST(x'FF2F80' AS TEXT), 'resource'))",
                 "FF2F80");
    assert_query(db,
                 "SELECT hex(CAST(arn_part(CAST('arn:aws:s3:::' AS BLOB) || x'6100622F63',"
                 " 'resource') AS BLOB))",
                 "6100622F63");
    assert_query(db, "SELECT arn_part(zeroblob(5000000), 'resource')", "NULL");
    harness_close(db);
}

static void test_arn_part_unknown_part_is_error(void **state)
{
    (void)state;
    sqlite3 *db = harness_open();
    assert_query(db, "SELECT arn_part('arn:aws:s3:::b', 'x')",
                 "error: arn_part(): unknown part 'x', expected partition, service, region, "
                 "account, resource, resource_type, resource_name or session");
    assert_query(db, "SELECT arn_part('no arn', 'Region')",
                 "error: arn_part(): unknown part 'Region', expected partition, service, region, "
                 "account, resource, resource_type, resource_name or session");
    assert_query(db, "SELECT arn_part('arn:aws:s3:::b', '')",
                 "error: arn_part(): unknown part '', expected partition, service, region, "
                 "account, resource, resource_type, resource_name or session");
    assert_query(db, "SELECT arn_part('arn:aws:s3:::b', 4)",
                 "error: arn_part(): unknown part 4, expected partition, service, region, "
                 "account, resource, resource_type, resource_name or session");
    assert_query(db, "SELECT arn_part('arn:aws:s3:::b', x'FF')",
                 "error: arn_part(): unknown part '\xEF\xBF\xBD', expected partition, service, "
                 "region, account, resource, resource_type, resource_name or session");
    harness_close(db);
}

static void test_arn_part_out_of_memory_is_an_error(void **state)
{
    (void)state;
    harness_oom_sweep(NULL, "SELECT arn_part('arn:aws:iam::123456789012:user/jane', 'resource')",
                      "user/jane");
    harness_oom_sweep(NULL, "SELECT arn_part('arn:aws:s3:::b', 'x')",
                      "error: arn_part(): unknown part 'x', expected partition, service, region, "
                      "account, resource, resource_type, resource_name or session");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_arn_part_documented_forms),
        cmocka_unit_test(test_arn_part_fields_as_written),
        cmocka_unit_test(test_arn_part_not_an_arn_is_null),
        cmocka_unit_test(test_arn_part_real_arns_keep_invariants),
        cmocka_unit_test(test_arn_part_sql_null_types_and_any_bytes),
        cmocka_unit_test(test_arn_part_unknown_part_is_error),
        cmocka_unit_test(test_arn_part_out_of_memory_is_an_error),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
