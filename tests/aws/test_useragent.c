#include "harness.h"

#include <stdio.h>
#include <string.h>

#include "aws/useragent.h"

#define COUNT(array) (sizeof(array) / sizeof(array)[0])

typedef bool reader(const char *p, size_t n, ct_span *out);

/* expected == NULL: the reader finds nothing. */
static void assert_reads(reader *read, const char *p, size_t n, const char *expected)
{
    ct_span got = {"nothing", 7};
    if (!read(p, n, &got)) {
        if (expected)
            fail_msg("%.*s: expected %s, got nothing", (int)n, p, expected);
    } else if (!expected || got.n != strlen(expected) || memcmp(got.p, expected, got.n) != 0) {
        fail_msg("%.*s: expected %s, got %.*s", (int)n, p, expected ? expected : "nothing",
                 (int)got.n, got.p);
    }
}

static void assert_cli(const char *user_agent, const char *version, const char *command)
{
    assert_reads(ct_ua_cli_version, user_agent, strlen(user_agent), version);
    assert_reads(ct_ua_cli_command, user_agent, strlen(user_agent), command);
}

typedef struct cli_case {
    const char *user_agent, *version, *command;
} cli_case;

static void assert_cli_cases(const cli_case *cases, size_t n)
{
    for (size_t i = 0; i < n; i++)
        assert_cli(cases[i].user_agent, cases[i].version, cases[i].command);
}

static void test_cli_command_each_form_is_read(void **state)
{
    static const cli_case cases[] = {
        /* 1.x names none */
        {"aws-cli/1.11.13 Python/3.5.2 Linux/4.4.0-1013-aws botocore/1.4.70", "1.11.13", NULL},
        /* 2.0.36 to 2.1.4 */
        {"aws-cli/2.0.36 Python/3.7.3 Linux/4.14.133 exe/x86_64.amzn.2 command/iam.list-users",
         "2.0.36", "iam.list-users"},
        /* 2.1.5 to 2.15.50 */
        {"aws-cli/2.7.27 Python/3.9.11 Darwin/21.6.0 exe/x86_64 prompt/off command/iam.create-user",
         "2.7.27", "iam.create-user"},
        /* from 2.15.51 on */
        {"aws-cli/2.17.32 md/awscrt#0.21.2 ua/2.0 os/linux#6.3.0 md/arch#x86_64 "
         "lang/python#3.11.9 md/pyimpl#CPython cfg/retry-mode#standard md/installer#exe "
         "md/distrib#ubuntu.24 md/prompt#off md/command#ec2.describe-flow-logs",
         "2.17.32", "ec2.describe-flow-logs"},
        {"aws-cli/2.27.52 md/installer#exe md/prompt#off", "2.27.52", NULL},
        {"aws-cli/2.0.0dev4", "2.0.0dev4", NULL},
    };
    (void)state;
    assert_cli_cases(cases, COUNT(cases));
}

static void test_cli_command_last_token_counts(void **state)
{
    static const cli_case cases[] = {
        /* AWS_EXECUTION_ENV="x command/s3.ls" in front of the CLI's own */
        {"aws-cli/2.7.27 Python/3.9.11 Linux/5.4 exec-env/x command/s3.ls exe/x86_64 prompt/off "
         "command/iam.list-users",
         "2.7.27", "iam.list-users"},
        {"aws-cli/2.17.32 exec-env/x command/s3.ls md/prompt#off md/command#iam.list-users",
         "2.17.32", "iam.list-users"},
        {"aws-cli/2.17.32 md/command#s3.ls prompt/off command/iam.list-users", "2.17.32",
         "iam.list-users"},
        /* the last one names nothing, so there is no command */
        {"aws-cli/2.17.32 command/s3.ls md/command#", "2.17.32", NULL},
        /* tokens behind it are not it */
        {"aws-cli/2.17.32 md/command#s3.cp ft/s3-transfer", "2.17.32", "s3.cp"},
        /* the marker must begin the token, in small letters */
        {"aws-cli/2.17.32 xcommand/s3.ls", "2.17.32", NULL},
        {"aws-cli/2.17.32 exec-env/command/s3.ls", "2.17.32", NULL},
        {"aws-cli/2.17.32 Command/s3.ls MD/command#s3.ls md/command/s3.ls", "2.17.32", NULL},
        {"aws-cli/2.17.32 command/command/s3.ls", "2.17.32", "command/s3.ls"},
    };
    (void)state;
    assert_cli_cases(cases, COUNT(cases));
}

static void test_cli_command_brackets_and_spaces_are_stripped(void **state)
{
    static const cli_case cases[] = {
        {"[aws-cli/2.15.60 md/command#s3.ls]", "2.15.60", "s3.ls"},
        {"[aws-cli/2.15.60]", "2.15.60", NULL},
        {" [aws-cli/2.15.60 md/command#s3.ls]  ", "2.15.60", "s3.ls"},
        {"[ aws-cli/2.15.60 md/command#s3.ls ]", "2.15.60", "s3.ls"},
        {"aws-cli/2.15.60   md/command#s3.ls  ", "2.15.60", "s3.ls"},
        {"[aws-cli/2.15.60 md/command#s3.ls", "2.15.60", "s3.ls"}, /* cut at 1 KB */
        {"aws-cli/2.15.60 md/command#s3.ls]", "2.15.60", "s3.ls"},
        /* one pair only */
        {"[[aws-cli/2.15.60 md/command#s3.ls]]", NULL, NULL},
        {"[aws-cli/2.15.60 md/command#s3.ls]]", "2.15.60", "s3.ls]"},
        {"aws-cli/1.11.140 Python/2.7.13 Darwin/15.6.0 botocore/1.6.7 ", "1.11.140", NULL},
    };
    (void)state;
    assert_cli_cases(cases, COUNT(cases));
}

/* AWS_EXECUTION_ENV wrote there what a version that names none seems to name. Issue 13. */
static void test_cli_command_old_versions_name_none(void **state)
{
    static const cli_case cases[] = {
        {"aws-cli/1.22.34 Python/3.10 exec-env/x command/s3.ls", "1.22.34", NULL},
        {"aws-cli/1.46.3 md/prompt#off md/command#s3.ls", "1.46.3", NULL},
        {"aws-cli/0.9.1 command/s3.ls", "0.9.1", NULL},
        {"aws-cli/2.0.0dev4 command/s3.ls", "2.0.0dev4", NULL},
        {"aws-cli/2.0.35 command/s3.ls", "2.0.35", NULL},
        {"aws-cli/2.0.36 command/s3.ls", "2.0.36", "s3.ls"},
        {"aws-cli/2.1.0 command/s3.ls", "2.1.0", "s3.ls"},
        {"aws-cli/2.10.0 command/s3.ls", "2.10.0", "s3.ls"},
        {"aws-cli/10.0.0 command/s3.ls", "10.0.0", "s3.ls"},
        {"aws-cli/99999999999999999999 command/s3.ls", "99999999999999999999", "s3.ls"},
        /* no version that is known */
        {"aws-cli/2 command/s3.ls", "2", "s3.ls"},
        {"aws-cli/x command/s3.ls", "x", "s3.ls"},
    };
    (void)state;
    assert_cli_cases(cases, COUNT(cases));
}

/* CloudTrail cuts an agent at 1 KB. Issue 13. */
static void test_cli_command_cut_short_is_none(void **state)
{
    static const cli_case cases[] = {
        {"aws-cli/2.31.1 md/prompt#off md/command#login", "2.31.1", NULL},
        {"aws-cli/2.31.1 md/prompt#off md/command#iam.", "2.31.1", NULL},
        {"aws-cli/2.31.1 md/prompt#off md/command#.list-users", "2.31.1", NULL},
        {"aws-cli/2.31.1 md/prompt#off md/command#ec2.wait.instance-running", "2.31.1",
         "ec2.wait.instance-running"},
    };
    (void)state;
    assert_cli_cases(cases, COUNT(cases));
    for (int n_padding = 970; n_padding < 1000; n_padding++) {
        char agent[1200];
        int n = snprintf(agent, sizeof agent, "aws-cli/2.31.1 app/%0*d md/command#iam.list-user",
                         n_padding, 0);
        assert_cli(agent, "2.31.1", n < 1024 ? "iam.list-user" : NULL);
        strcat(agent, " md/x#y"); /* what stands before the last token is whole */
        assert_cli(agent, "2.31.1", "iam.list-user");
    }
}

static void test_cli_command_case_is_kept(void **state)
{
    (void)state;
    assert_cli("aws-cli/2.13.5 prompt/off command/lambda.List-functions", "2.13.5",
               "lambda.List-functions");
}

/* The client chooses how it spells its name; a search for aws-cli must not miss AWS-CLI. */
static void test_cli_command_case_of_the_product_does_not_matter(void **state)
{
    static const cli_case cases[] = {
        {"AWS-CLI/2.13.5 command/s3.ls", "2.13.5", "s3.ls"},
        {"[Aws-Cli/2.17.32 md/command#s3.ls]", "2.17.32", "s3.ls"},
        {"AWS-CLI/1.22.34", "1.22.34", NULL},
        {"AWS-CLI/", NULL, NULL},
        {"AWS_CLI/2.13.5 command/s3.ls", NULL, NULL},
    };
    (void)state;
    assert_cli_cases(cases, COUNT(cases));
}

static void test_cli_command_other_clients_have_none(void **state)
{
    static const cli_case cases[] = {
        {"", NULL, NULL},
        {" ", NULL, NULL},
        {"[]", NULL, NULL},
        {"[", NULL, NULL},
        {"]", NULL, NULL},
        {"aws-cli", NULL, NULL},
        {"aws-cli/", NULL, NULL},
        {"aws-cli/ 2.0.0 command/s3.ls", NULL, NULL},
        {"xaws-cli/2.0.0 command/s3.ls", NULL, NULL},
        {"Boto3/1.26 aws-cli/2.0.0 command/s3.ls", NULL, NULL},
        {"Boto3/1.28.10 md/Botocore#1.31.80 md/command#s3.ls", NULL, NULL},
        {"AWS Internal", NULL, NULL},
        {"command/s3.ls", NULL, NULL},
    };
    (void)state;
    assert_cli_cases(cases, COUNT(cases));
}

static void test_cli_command_any_bytes_are_safe(void **state)
{
    (void)state;
    static const char with_nul[] = "aws-cli/2\0.1 md/command#s3\0.ls";
    ct_span got;
    assert_true(ct_ua_cli_version(with_nul, sizeof with_nul - 1, &got));
    assert_int_equal(got.n, 4);
    assert_true(ct_ua_cli_command(with_nul, sizeof with_nul - 1, &got));
    assert_int_equal(got.n, 6);
    assert_memory_equal(got.p, "s3\0.ls", 6);

    assert_cli("aws-cli/\xFF\xFE md/command#\xC3.(\x80", "\xFF\xFE", "\xC3.(\x80");
    assert_cli("aws-cli/2\tmd/command#s3.ls", "2\tmd/command#s3.ls", NULL);
}

/* Every shorter text of a long one, each in a block of its own size for the address sanitizer. */
static void test_user_agent_every_prefix_is_safe(void **state)
{
    static const char whole[] =
        "[APN/1.0 Mozilla/5.0 (X11; Linux) (go1.2; linux; amd64) os/linux#1 exe/a.b md/command#x]";
    static const char browser[] = "Mozilla/5.0 (Windows) Version/1 Firefox/2";
    static const char console[] = "RDS Console, aws-internal/3";
    static const char *const texts[] = {whole, whole + 9, whole + 35, browser, console};
    (void)state;
    for (size_t t = 0; t < COUNT(texts); t++) {
        for (size_t n = 0; n <= strlen(texts[t]); n++) {
            char *p = test_malloc(n + 1);
            memcpy(p + 1, texts[t], n);
            ct_span got;
            ct_buf out = CT_BUF_EMPTY;
            ct_ua_cli_version(p + 1, n, &got);
            ct_ua_cli_command(p + 1, n, &got);
            ct_ua_json(p + 1, n, &out);
            assert_true(out.len >= 2 && out.data[0] == '{' && out.data[out.len - 1] == '}');
            ct_buf_free(&out);
            test_free(p);
        }
    }
}

/* ---- user_agent_json ------------------------------------------------------------------------ */

static void assert_json(const char *user_agent, const char *expected)
{
    ct_buf out = CT_BUF_EMPTY;
    ct_ua_json(user_agent, strlen(user_agent), &out);
    ct_buf_put_char(&out, '\0');
    if (strcmp(out.data, expected) != 0)
        fail_msg("%s\n  expected: %s\n  got:      %s", user_agent, expected, out.data);
    ct_buf_free(&out);
}

static void test_user_agent_json_aws_cli(void **state)
{
    (void)state;
    assert_json("aws-cli/1.11.13 Python/3.5.2 Linux/4.4.0-1013-aws botocore/1.4.70",
                "{\"product\":\"aws-cli\",\"version\":\"1.11.13\",\"os\":\"linux\","
                "\"os_version\":\"4.4.0-1013-aws\",\"language\":\"python\","
                "\"language_version\":\"3.5.2\"}");
    assert_json("[aws-cli/2.13.5 Python/3.11.4 Windows/10 exec-env/CloudShell exe/AMD64.amzn.2 "
                "prompt/on command/iam.add-user-to-group]",
                "{\"product\":\"aws-cli\",\"version\":\"2.13.5\",\"os\":\"windows\","
                "\"os_version\":\"10\",\"arch\":\"amd64\",\"language\":\"python\","
                "\"language_version\":\"3.11.4\",\"exec_env\":\"CloudShell\","
                "\"distrib\":\"amzn.2\",\"prompt\":\"on\",\"command\":\"iam.add-user-to-group\"}");
    assert_json("aws-cli/2.12.0 Python/3.11.4 Darwin/22.1 source/x86_64.kali.2023 prompt/off",
                "{\"product\":\"aws-cli\",\"version\":\"2.12.0\",\"os\":\"macos\","
                "\"os_version\":\"22.1\",\"arch\":\"x86_64\",\"language\":\"python\","
                "\"language_version\":\"3.11.4\",\"distrib\":\"kali.2023\",\"prompt\":\"off\"}");
    assert_json("aws-cli/2.35.19 md/awscrt#0.35.0 ua/2.1 os/linux#6.14.0-37-generic "
                "md/arch#x86_64 lang/python#3.14.6 md/pyimpl#CPython exec-env/CloudShell "
                "m/Z,E,C,b cfg/retry-mode#standard app/my-app md/installer#exe sid/ed05ed9216f1 "
                "md/distrib#ubuntu.25 md/prompt#off md/command#s3.ls",
                "{\"product\":\"aws-cli\",\"version\":\"2.35.19\",\"os\":\"linux\","
                "\"os_version\":\"6.14.0-37-generic\",\"arch\":\"x86_64\",\"language\":\"python\","
                "\"language_version\":\"3.14.6\",\"exec_env\":\"CloudShell\","
                "\"distrib\":\"ubuntu.25\",\"app\":\"my-app\",\"session_id\":\"ed05ed9216f1\","
                "\"installer\":\"exe\",\"metrics\":\"Z,E,C,b\",\"prompt\":\"off\","
                "\"command\":\"s3.ls\",\"features\":["
                "\"FLEXIBLE_CHECKSUMS_REQ_WHEN_SUPPORTED\",\"RETRY_MODE_STANDARD\","
                "\"PAGINATOR\",\"FLEXIBLE_CHECKSUMS_RES_WHEN_SUPPORTED\"]}");
}

static void test_user_agent_json_injected_tokens_do_not_win(void **state)
{
    (void)state;
    assert_json("aws-cli/2.7.27 Python/3.9.11 Linux/5.4 exec-env/x Python/9 Linux/9 exe/i386.evil "
                "prompt/on command/s3.ls exe/x86_64 prompt/off command/iam.list-users",
                "{\"product\":\"aws-cli\",\"version\":\"2.7.27\",\"os\":\"linux\","
                "\"os_version\":\"5.4\",\"arch\":\"x86_64\",\"language\":\"python\","
                "\"language_version\":\"3.9.11\",\"exec_env\":\"x\",\"prompt\":\"off\","
                "\"command\":\"iam.list-users\"}");
    assert_json("aws-cli/2.17.32 os/linux#6 exec-env/x sid/evil md/distrib#evil md/prompt#on "
                "md/command#s3.ls sid/ed05ed9216f1 md/distrib#ubuntu.24 md/prompt#off "
                "md/command#iam.list-users",
                "{\"product\":\"aws-cli\",\"version\":\"2.17.32\",\"os\":\"linux\","
                "\"os_version\":\"6\",\"exec_env\":\"x\",\"distrib\":\"ubuntu.24\","
                "\"session_id\":\"ed05ed9216f1\",\"prompt\":\"off\","
                "\"command\":\"iam.list-users\"}");
}

static void test_user_agent_json_sdks(void **state)
{
    (void)state;
    assert_json("[Boto3/1.26.165 Python/3.10.6 Linux/5.19.0-46-generic Botocore/1.29.165]",
                "{\"product\":\"Boto3\",\"version\":\"1.26.165\",\"os\":\"linux\","
                "\"os_version\":\"5.19.0-46-generic\",\"language\":\"python\","
                "\"language_version\":\"3.10.6\"}");
    assert_json("Boto3/1.28.10 md/Botocore#1.31.80 ua/2.0 os/linux#5.10.209 md/arch#x86_64 "
                "lang/python#3.8.18 md/pyimpl#CPython exec-env/AWS_Lambda_python3.8 "
                "cfg/retry-mode#legacy Botocore/1.31.80",
                "{\"product\":\"Boto3\",\"version\":\"1.28.10\",\"os\":\"linux\","
                "\"os_version\":\"5.10.209\",\"arch\":\"x86_64\",\"language\":\"python\","
                "\"language_version\":\"3.8.18\",\"exec_env\":\"AWS_Lambda_python3.8\"}");
    assert_json("botocore/1.29.165 Python/3.10.6", "{\"product\":\"botocore\",\"version\":"
                                                   "\"1.29.165\",\"language\":\"python\","
                                                   "\"language_version\":\"3.10.6\"}");
    assert_json("aws-sdk-go/1.45.15 (go1.21.3; darwin; arm64) karpenter.sh-v0.31.2",
                "{\"product\":\"aws-sdk-go\",\"version\":\"1.45.15\",\"os\":\"macos\","
                "\"arch\":\"arm64\",\"language\":\"go\",\"language_version\":\"1.21.3\","
                "\"other\":[\"karpenter.sh-v0.31.2\"]}");
    assert_json("aws-sdk-go-v2/1.18.0 os/linux lang/go/1.19.8 md/GOOS/linux md/GOARCH/amd64 "
                "api/iam/1.19.12",
                "{\"product\":\"aws-sdk-go-v2\",\"version\":\"1.18.0\",\"os\":\"linux\","
                "\"arch\":\"amd64\",\"language\":\"go\",\"language_version\":\"1.19.8\"}");
    assert_json("aws-sdk-go-v2/1.36.3 ua/2.1 os/linux lang/go#1.23.8 md/GOOS#linux "
                "md/GOARCH#amd64 api/kafka#1.27.1 m/g",
                "{\"product\":\"aws-sdk-go-v2\",\"version\":\"1.36.3\",\"os\":\"linux\","
                "\"arch\":\"amd64\",\"language\":\"go\",\"language_version\":\"1.23.8\","
                "\"metrics\":\"g\",\"features\":[\"CREDENTIALS_ENV_VARS\"]}");
    assert_json("aws-sdk-java/1.12.583 Linux/5.10.186 OpenJDK_64-Bit_Server_VM/17.0.10+8-LTS "
                "java/17.0.10 kotlin/1.4.10 vendor/Amazon.com_Inc. cfg/retry-mode/legacy",
                "{\"product\":\"aws-sdk-java\",\"version\":\"1.12.583\",\"os\":\"linux\","
                "\"os_version\":\"5.10.186\",\"language\":\"java\",\"language_version\":"
                "\"17.0.10\"}");
    assert_json("aws-sdk-java/2.20.74 Mac_OS_X/10.15 Java/11.0.22",
                "{\"product\":\"aws-sdk-java\",\"version\":\"2.20.74\",\"os\":\"macos\","
                "\"os_version\":\"10.15\",\"language\":\"java\",\"language_version\":\"11.0.22\"}");
    assert_json("aws-sdk-java/1.12.1 Windows_Server_2019/10.0 java/1.8.0_372",
                "{\"product\":\"aws-sdk-java\",\"version\":\"1.12.1\",\"os\":\"windows\","
                "\"os_version\":\"10.0\",\"language\":\"java\",\"language_version\":"
                "\"1.8.0_372\"}");
    assert_json("aws-sdk-js/3.360.0 ua/2.0 os/win32#10.0 lang/js md/nodejs#14.21.3 "
                "api/kms#3.360.0 exec-env/AWS_Lambda_nodejs14.x",
                "{\"product\":\"aws-sdk-js\",\"version\":\"3.360.0\",\"os\":\"windows\","
                "\"os_version\":\"10.0\",\"language\":\"js\",\"language_version\":\"14.21.3\","
                "\"exec_env\":\"AWS_Lambda_nodejs14.x\"}");
    assert_json("aws-sdk-nodejs/2.1354.0 linux/v14.21.3 exec-env/AWS_Lambda_nodejs14.x promise",
                "{\"product\":\"aws-sdk-nodejs\",\"version\":\"2.1354.0\",\"os\":\"linux\","
                "\"language\":\"js\",\"language_version\":\"14.21.3\","
                "\"exec_env\":\"AWS_Lambda_nodejs14.x\",\"other\":[\"promise\"]}");
    assert_json("aws-sdk-rust/1.3.3 ua/2.1 api/s3/1.57.0 os/macos lang/rust/1.81.0 m/E,b",
                "{\"product\":\"aws-sdk-rust\",\"version\":\"1.3.3\",\"os\":\"macos\","
                "\"language\":\"rust\",\"language_version\":\"1.81.0\",\"metrics\":\"E,b\","
                "\"features\":[\"RETRY_MODE_STANDARD\","
                "\"FLEXIBLE_CHECKSUMS_RES_WHEN_SUPPORTED\"]}");
    assert_json("aws-sdk-dotnet-coreclr/3.7.400.7 ua/2.0 os/windows#10.0.22631.0 md/ARCH#X64 "
                "lang/.NET_Core#8.0.7",
                "{\"product\":\"aws-sdk-dotnet-coreclr\",\"version\":\"3.7.400.7\","
                "\"os\":\"windows\",\"os_version\":\"10.0.22631.0\",\"arch\":\"x64\","
                "\"language\":\".net_core\",\"language_version\":\"8.0.7\"}");
}

static void test_user_agent_json_partner_names_its_product(void **state)
{
    (void)state;
    assert_json("APN/1.0 HashiCorp/1.0 Terraform/1.1.2 (+https://www.terraform.io) "
                "terraform-provider-aws/3.76.1 (+https://host.invalid/hashicorp/aws) "
                "aws-sdk-go/1.44.157 (go1.19.3; linux; amd64) HashiCorp-terraform-exec/0.17.3",
                "{\"product\":\"Terraform\",\"version\":\"1.1.2\",\"os\":\"linux\","
                "\"arch\":\"amd64\",\"language\":\"go\",\"language_version\":\"1.19.3\","
                "\"other\":[\"(+https://www.terraform.io)\",\"terraform-provider-aws/3.76.1\","
                "\"(+https://host.invalid/hashicorp/aws)\","
                "\"HashiCorp-terraform-exec/0.17.3\"]}");
    assert_json("APN/1.0 Vendor/2.0", "{\"product\":\"Vendor\",\"version\":\"2.0\"}");
    assert_json("APN/1.0 Vendor/2.0 (x)",
                "{\"product\":\"Vendor\",\"version\":\"2.0\",\"other\":[\"(x)\"]}");
    assert_json("APN/1.0", "{\"product\":\"APN\",\"version\":\"1.0\"}");
}

static void test_user_agent_json_consoles_and_services(void **state)
{
    (void)state;
    assert_json("AWS Internal", "{\"product\":\"AWS Internal\"}");
    assert_json("secretsmanager.amazonaws.com", "{\"product\":\"secretsmanager.amazonaws.com\"}");
    assert_json("[S3Console/0.4]", "{\"product\":\"S3Console\",\"version\":\"0.4\"}");
    assert_json("[S3Console/0.4, aws-internal/3 aws-sdk-java/1.12.488 java/1.8.0_372]",
                "{\"product\":\"S3Console\",\"version\":\"0.4\",\"language\":\"java\","
                "\"language_version\":\"1.8.0_372\"}");
    assert_json("RDS Console, aws-internal/3 aws-sdk-java/1.11.975 java/1.8.0_242",
                "{\"product\":\"RDS Console\",\"language\":\"java\","
                "\"language_version\":\"1.8.0_242\"}");
    assert_json("Some Tool python/3.9", "{\"product\":\"Some Tool\",\"language\":\"python\","
                                        "\"language_version\":\"3.9\"}");
    assert_json("Go-http-client/1.1", "{\"product\":\"Go-http-client\",\"version\":\"1.1\"}");
    assert_json("Jersey/${project.version} (HttpUrlConnection 17.0.12)",
                "{\"product\":\"Jersey\",\"version\":\"${project.version}\","
                "\"other\":[\"(HttpUrlConnection\",\"17.0.12)\"]}");
}

static void test_user_agent_json_product_of_several_words(void **state)
{
    (void)state;
    assert_json("[S3 Browser/11.9.9 (https://s3browser.com)]",
                "{\"product\":\"S3 Browser\",\"version\":\"11.9.9\",\"marks\":[\"S3 Browser\"],"
                "\"other\":[\"(https://s3browser.com)\"]}");
    assert_json("A b c/1", "{\"product\":\"A b c\",\"version\":\"1\"}");
    assert_json("A b/", "{\"product\":\"A b\"}");
    assert_json("A (b/1)", "{\"product\":\"A\",\"other\":[\"(b/1)\"]}");
    assert_json("A, b/1", "{\"product\":\"A\",\"other\":[\"b/1\"]}");
    assert_json("A b /1", "{\"product\":\"A b\",\"version\":\"1\"}");
}

static void test_user_agent_json_kernel_names_the_distribution(void **state)
{
    (void)state;
    assert_json("Boto3/1.26.165 Python/3.11.4 Linux/6.3.0-kali1-amd64 Botocore/1.29.165",
                "{\"product\":\"Boto3\",\"version\":\"1.26.165\",\"os\":\"linux\","
                "\"os_version\":\"6.3.0-kali1-amd64\",\"language\":\"python\","
                "\"language_version\":\"3.11.4\",\"distrib\":\"kali\"}");
    assert_json("x/1 os/linux#6.5.0-13parrot1-amd64",
                "{\"product\":\"x\",\"version\":\"1\",\"os\":\"linux\","
                "\"os_version\":\"6.5.0-13parrot1-amd64\",\"distrib\":\"parrot\"}");
    assert_json("x/1 os/linux#6.6.1-pentoo", "{\"product\":\"x\",\"version\":\"1\","
                                             "\"os\":\"linux\",\"os_version\":"
                                             "\"6.6.1-pentoo\",\"distrib\":\"pentoo\"}");
    assert_json("x/1 os/linux#6-kali md/distrib#ubuntu.24",
                "{\"product\":\"x\",\"version\":\"1\",\"os\":\"linux\",\"os_version\":"
                "\"6-kali\",\"distrib\":\"ubuntu.24\"}");
}

static void test_user_agent_json_features_and_marks(void **state)
{
    (void)state;
    assert_json("x/1 m/AN,AC,?,,n,1", "{\"product\":\"x\",\"version\":\"1\",\"metrics\":"
                                      "\"AN,AC,?,,n,1\",\"features\":[\"AGENTIC_CALLER\","
                                      "\"CREDENTIALS_PROFILE_LOGIN\",\"CREDENTIALS_PROFILE\","
                                      "\"SSO_LOGIN_DEVICE\"]}");
    assert_json("x/1 m/?", "{\"product\":\"x\",\"version\":\"1\",\"metrics\":\"?\"}");
    assert_json("TruffleHog", "{\"product\":\"TruffleHog\",\"marks\":[\"TruffleHog\"]}");
    assert_json("stratus-red-team_83c9a458",
                "{\"product\":\"stratus-red-team_83c9a458\",\"marks\":[\"stratus-red-team\"]}");
    assert_json("Boto3/1 md/awslabs#mcp#cloudtrail PACU-session",
                "{\"product\":\"Boto3\",\"version\":\"1\",\"marks\":[\"Pacu-Session\","
                "\"awslabs#mcp\"],\"other\":[\"md/awslabs#mcp#cloudtrail\",\"PACU-session\"]}");
}

static void test_user_agent_json_browsers(void **state)
{
    (void)state;
    assert_json("Mozilla/5.0 (X11; Ubuntu; Linux x86_64; rv:102.0) Gecko/20100101 Firefox/102.0",
                "{\"product\":\"Firefox\",\"version\":\"102.0\",\"os\":\"linux\"}");
    assert_json("Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) "
                "Chrome/113.0.0.0 Safari/537.36",
                "{\"product\":\"Chrome\",\"version\":\"113.0.0.0\",\"os\":\"windows\"}");
    assert_json("Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) "
                "Chrome/113.0.0.0 Safari/537.36 Edg/113.0.1774.35",
                "{\"product\":\"Edge\",\"version\":\"113.0.1774.35\",\"os\":\"windows\"}");
    assert_json("Mozilla/5.0 (iPhone; CPU iPhone OS 16_5 like Mac OS X) AppleWebKit/605.1.15 "
                "(KHTML, like Gecko) Version/16.5 Mobile/15E148 Safari/604.1",
                "{\"product\":\"Safari\",\"version\":\"16.5\",\"os\":\"ios\"}");
    assert_json("Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 "
                "(KHTML, like Gecko) Version/16.5 Safari/605.1.15",
                "{\"product\":\"Safari\",\"version\":\"16.5\",\"os\":\"macos\"}");
    assert_json("Mozilla/5.0", "{\"product\":\"Mozilla\",\"version\":\"5.0\"}");
}

static void test_user_agent_json_nothing_to_name_gives_empty_object(void **state)
{
    (void)state;
    assert_json("", "{}");
    assert_json("   ", "{}");
    assert_json("[]", "{}");
    assert_json("/", "{}");
    assert_json("os/ lang/# exe/. m/", "{\"product\":\"os\"}");
}

static void test_user_agent_json_any_bytes_are_valid_json(void **state)
{
    (void)state;
    assert_json("to\"ol/1\\2 os/LI\x01NUX#\xFF lang/\xC3\x89T",
                "{\"product\":\"to\\\"ol\",\"version\":\"1\\\\2\",\"os\":\"li\\u0001nux\","
                "\"os_version\":\"\xEF\xBF\xBD\",\"language\":\"\xC3\x89t\"}");
}

/* ---- all of user_agents.tsv ------------------------------------------------------------------ */

enum { MAX_LINE = 4096 };

/* The value behind the last marker, up to the next space or bracket: a plain second reading. */
static const char *value_behind(const char *user_agent, const char *marker, char value[MAX_LINE])
{
    const char *found = NULL, *next = user_agent;
    while ((next = strstr(next, marker)))
        found = next += strlen(marker);
    if (!found)
        return NULL;
    size_t n = strcspn(found, " ]");
    memcpy(value, found, n);
    value[n] = '\0';
    return value;
}

static void assert_json_value(sqlite3 *db, const char *user_agent, const char *path,
                              const char *expected)
{
    char *sql = sqlite3_mprintf("SELECT json_extract(user_agent_json(%Q), %Q)", user_agent, path);
    assert_query(db, sql, expected ? expected : "NULL");
    sqlite3_free(sql);
}

static void assert_row(sqlite3 *db, const char *user_agent, const char *command)
{
    char value[MAX_LINE];
    const char *version = value_behind(user_agent, "aws-cli/", value);
    assert_cli(user_agent, version, command);
    assert_json_value(db, user_agent, "$.product", "aws-cli");
    assert_json_value(db, user_agent, "$.version", version);
    assert_json_value(db, user_agent, "$.command", command);
    assert_json_value(db, user_agent, "$.exec_env", value_behind(user_agent, " exec-env/", value));
    assert_json_value(db, user_agent, "$.metrics", value_behind(user_agent, " m/", value));
    assert_json_value(db, user_agent, "$.session_id", value_behind(user_agent, " sid/", value));
    if (strstr(user_agent, " ua/2."))
        assert_json_value(db, user_agent, "$.distrib",
                          value_behind(user_agent, " md/distrib#", value));
}

static void test_user_agent_every_real_one_has_its_command(void **state)
{
    (void)state;
    if (!harness_shared()) {
        printf("skipped: ../shared/data/user_agents.tsv is not there\n");
        skip();
    }
    FILE *file = fopen("../shared/data/user_agents.tsv", "r");
    assert_non_null(file);
    sqlite3 *db = harness_open();
    char line[MAX_LINE];
    size_t n = 0;
    assert_non_null(fgets(line, sizeof line, file)); /* the header */
    for (; fgets(line, sizeof line, file); n++) {
        char *command = strchr(line, '\t');
        assert_non_null(command);
        *command++ = '\0';
        command[strcspn(command, "\t")] = '\0';
        assert_row(db, line, strchr(command, '.') ? command : NULL); /* else cut: see above */
    }
    assert_int_equal(n, 427);
    harness_close(db);
    fclose(file);
}

/* ---- SQL ------------------------------------------------------------------------------------- */

static void test_aws_cli_functions_null_gives_null(void **state)
{
    (void)state;
    sqlite3 *db = harness_open();
    assert_query(db,
                 "SELECT aws_cli_command(NULL), aws_cli_version(NULL), user_agent_json(NULL),"
                 " aws_cli_command(''), aws_cli_version(''), user_agent_json('')",
                 "NULL|NULL|NULL|NULL|NULL|{}");
    harness_close(db);
}

static void test_aws_cli_functions_any_type_is_read_as_text(void **state)
{
    (void)state;
    sqlite3 *db = harness_open();
    assert_query(db, "SELECT aws_cli_command(17), aws_cli_version(1.5), user_agent_json(17)",
                 "NULL|NULL|{\"product\":\"17\"}");
    assert_query(db,
                 "WITH t(b) AS (VALUES (CAST('aws-cli/2.15.60 md/command#s3.ls' AS BLOB)))"
                 "SELECT aws_cli_command(b), aws_cli_version(b), typeof(aws_cli_command(b)),"
                 " user_agent_json(b), aws_cli_version(x''), user_agent_json(zeroblob(0)) FROM t",
                 "s3.ls|2.15.60|text|"
                 "{\"product\":\"aws-cli\",\"version\":\"2.15.60\",\"command\":\"s3.ls\"}|NULL|{}");
    harness_close(db);
}

static void test_aws_cli_functions_nul_and_bad_utf8_are_kept(void **state)
{
    (void)state;
    sqlite3 *db = harness_open();
    assert_query(db,
                 "WITH t(u) AS (VALUES ('aws-cli/2' || char(0) || ' md/command#a.' || char(0) ||"
                 " 'b'), (CAST('aws-cli/2 md/command#a.' AS BLOB) || x'ff'))"
                 "SELECT hex(aws_cli_command(u)), hex(aws_cli_version(u)), user_agent_json(u)"
                 " FROM t",
                 "612E0062|3200|{\"product\":\"aws-cli\",\"version\":\"2\\u0000\","
                 "\"command\":\"a.\\u0000b\"}\n"
                 "612EFF|32|{\"product\":\"aws-cli\",\"version\":\"2\","
                 "\"command\":\"a.\xEF\xBF\xBD\"}");
    harness_close(db);
}

static void test_aws_cli_functions_argument_count_is_one(void **state)
{
    (void)state;
    sqlite3 *db = harness_open();
    assert_query(db, "SELECT aws_cli_command()",
                 "error: wrong number of arguments to function aws_cli_command()");
    assert_query(db, "SELECT aws_cli_version('a', 'b')",
                 "error: wrong number of arguments to function aws_cli_version()");
    assert_query(db, "SELECT user_agent_json()",
                 "error: wrong number of arguments to function user_agent_json()");
    harness_close(db);
}

static void test_user_agent_json_result_is_json_to_sqlite(void **state)
{
    (void)state;
    sqlite3 *db = harness_open();
    assert_query(db, "SELECT json_array(user_agent_json('a/1'))",
                 "[{\"product\":\"a\",\"version\":\"1\"}]");
    harness_close(db);
}

static void test_aws_cli_functions_are_pure(void **state)
{
    (void)state;
    sqlite3 *db = harness_open();
    assert_query(
        db,
        "PRAGMA trusted_schema = OFF; CREATE TABLE t(u);"
        "INSERT INTO t VALUES('aws-cli/2.15.60 md/command#s3.ls');"
        "CREATE INDEX i ON t(aws_cli_command(u), aws_cli_version(u), user_agent_json(u));"
        "CREATE VIEW v AS SELECT aws_cli_command(u), aws_cli_version(u),"
        " user_agent_json(u) FROM t; SELECT * FROM v",
        "s3.ls|2.15.60|{\"product\":\"aws-cli\",\"version\":\"2.15.60\",\"command\":\"s3.ls\"}");
    harness_close(db);
}

static void test_user_agent_megabytes_are_read(void **state)
{
    (void)state;
    sqlite3 *db = harness_open();
    assert_query(db,
                 "WITH t(u) AS (SELECT 'aws-cli/2.15.60 ' ||"
                 " replace(hex(zeroblob(1000000)), '00', 'm/a ') || 'md/command#s3.ls x')"
                 "SELECT length(u), aws_cli_command(u), user_agent_json(u) FROM t",
                 "4000034|s3.ls|{\"product\":\"aws-cli\",\"version\":\"2.15.60\","
                 "\"metrics\":\"a\",\"command\":\"s3.ls\","
                 "\"features\":[\"FLEXIBLE_CHECKSUMS_REQ_WHEN_REQUIRED\"],\"other\":[\"x\"]}");
    assert_query(db,
                 "WITH t(u) AS (SELECT replace(hex(zeroblob(1000000)), '0', '['))"
                 "SELECT aws_cli_command(u), length(user_agent_json(u)) FROM t",
                 "NULL|2000013");
    harness_close(db);
}

static void test_aws_cli_functions_out_of_memory_is_reported(void **state)
{
    (void)state;
    harness_oom_sweep(NULL,
                      "SELECT aws_cli_command('aws-cli/2.15.60 os/Linux#6 md/command#s3.ls'),"
                      " aws_cli_version('aws-cli/2.15.60 os/Linux#6 md/command#s3.ls'),"
                      " user_agent_json('aws-cli/2.15.60 os/Linux#6 md/command#s3.ls')",
                      "s3.ls|2.15.60|{\"product\":\"aws-cli\",\"version\":\"2.15.60\","
                      "\"os\":\"linux\",\"os_version\":\"6\",\"command\":\"s3.ls\"}");
    /* arguments of a UTF-16 database are converted, which may find no memory either */
    harness_oom_sweep("PRAGMA encoding = 'UTF-16'; CREATE TABLE t(u);"
                      "INSERT INTO t VALUES('aws-cli/2.15.60 md/command#iam.list-users')",
                      "SELECT aws_cli_command(u), aws_cli_version(u), user_agent_json(u) FROM t",
                      "iam.list-users|2.15.60|{\"product\":\"aws-cli\",\"version\":\"2.15.60\","
                      "\"command\":\"iam.list-users\"}");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_cli_command_each_form_is_read),
        cmocka_unit_test(test_cli_command_last_token_counts),
        cmocka_unit_test(test_cli_command_brackets_and_spaces_are_stripped),
        cmocka_unit_test(test_cli_command_old_versions_name_none),
        cmocka_unit_test(test_cli_command_cut_short_is_none),
        cmocka_unit_test(test_cli_command_case_is_kept),
        cmocka_unit_test(test_cli_command_case_of_the_product_does_not_matter),
        cmocka_unit_test(test_cli_command_other_clients_have_none),
        cmocka_unit_test(test_cli_command_any_bytes_are_safe),
        cmocka_unit_test(test_user_agent_every_prefix_is_safe),
        cmocka_unit_test(test_user_agent_json_aws_cli),
        cmocka_unit_test(test_user_agent_json_injected_tokens_do_not_win),
        cmocka_unit_test(test_user_agent_json_sdks),
        cmocka_unit_test(test_user_agent_json_partner_names_its_product),
        cmocka_unit_test(test_user_agent_json_consoles_and_services),
        cmocka_unit_test(test_user_agent_json_product_of_several_words),
        cmocka_unit_test(test_user_agent_json_kernel_names_the_distribution),
        cmocka_unit_test(test_user_agent_json_features_and_marks),
        cmocka_unit_test(test_user_agent_json_browsers),
        cmocka_unit_test(test_user_agent_json_nothing_to_name_gives_empty_object),
        cmocka_unit_test(test_user_agent_json_any_bytes_are_valid_json),
        cmocka_unit_test(test_user_agent_every_real_one_has_its_command),
        cmocka_unit_test(test_aws_cli_functions_null_gives_null),
        cmocka_unit_test(test_aws_cli_functions_any_type_is_read_as_text),
        cmocka_unit_test(test_aws_cli_functions_nul_and_bad_utf8_are_kept),
        cmocka_unit_test(test_aws_cli_functions_argument_count_is_one),
        cmocka_unit_test(test_user_agent_json_result_is_json_to_sqlite),
        cmocka_unit_test(test_aws_cli_functions_are_pure),
        cmocka_unit_test(test_user_agent_megabytes_are_read),
        cmocka_unit_test(test_aws_cli_functions_out_of_memory_is_reported),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
