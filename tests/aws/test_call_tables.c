/*
 * The tables that tell an engine which listed command an event makes. What they say is held against
 * aws_event_command(), call by call; what they must hold, against botocore's lists in data/.
 */
#include "harness.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "aws/call_tables.h"
#include "faulty_mem.h"

enum { MOST_ROWS = 4000 };

typedef struct row {
    char kind; /* 'e'vent_command, command_'n'ame, 'o'dd_name */
    char source[64], call[96], version[16], command[128];
} row;

typedef struct rows {
    row *items;
    size_t n;
} rows;

static void keep(char *out, size_t size, ct_span text)
{
    assert_true(text.n < size);
    memcpy(out, text.p, text.n);
    out[text.n] = '\0';
}

static void add(rows *all, char kind, ct_span source, ct_span call, ct_span version,
                ct_span command)
{
    assert_true(all->n < MOST_ROWS);
    row *one = &all->items[all->n++];
    one->kind = kind;
    keep(one->source, sizeof one->source, source);
    keep(one->call, sizeof one->call, call);
    keep(one->version, sizeof one->version, version);
    keep(one->command, sizeof one->command, command);
}

static const ct_span none = {"", 0};

static void on_event_command(void *context, ct_span source, ct_span call, ct_span version,
                             ct_span command)
{
    add(context, 'e', source, call, version, command);
}

static void on_command_name(void *context, ct_span source, ct_span call, ct_span command)
{
    add(context, 'n', source, call, none, command);
}

static void on_odd_name(void *context, ct_span source, ct_span name)
{
    add(context, 'o', source, name, none, none);
}

enum { MOST_LISTED = 32 };

static void span_all(ct_span *spans, const char *const *listed, size_t n)
{
    assert_true(n <= MOST_LISTED);
    for (size_t i = 0; i < n; i++)
        spans[i] = (ct_span){listed[i], strlen(listed[i])};
}

static rows tables_of(const char *const *listed, size_t n)
{
    ct_span spans[MOST_LISTED];
    span_all(spans, listed, n);
    rows all = {calloc(MOST_ROWS, sizeof(row)), 0};
    assert_non_null(all.items);
    const ct_call_rows sink = {&all, on_event_command, on_command_name, on_odd_name};
    assert_true(ct_call_tables(spans, n, &sink));
    return all;
}

static const row *find(const rows *all, char kind, const char *source, const char *call,
                       const char *version)
{
    for (size_t i = 0; i < all->n; i++) {
        const row *one = &all->items[i];
        if (one->kind == kind && strcmp(one->source, source) == 0 && strcmp(one->call, call) == 0 &&
            strcmp(one->version, version) == 0)
            return one;
    }
    return NULL;
}

static bool has_name(const rows *all, const char *source, const char *call, const char *command)
{
    for (size_t i = 0; i < all->n; i++) {
        const row *one = &all->items[i];
        if (one->kind == 'n' && strcmp(one->source, source) == 0 && strcmp(one->call, call) == 0 &&
            strcmp(one->command, command) == 0)
            return true;
    }
    return false;
}

static const char *const listed[] = {
    "iam.list-users",
    "rds.describe-db-instances",
    "docdb.describe-db-clusters",
    "s3.cp",
    "lambda.list-functions",
    "s3api.get-public-access-block",
    "elb.describe-tags",
    "sesv2.get-account",
    "s3control.get-public-access-block",
    "newservice.list-things",
    "nodot",
    "",
    "wafv2.list-web-acls",
    "ec2.describe-vpcs",
    "elbv2.describe-load-balancers",
    "bedrock-runtime.invoke-model",
};

/* What a row says, the function says of the same event: of any call, and of each version. */
static void test_call_tables_say_what_the_function_says(void **state)
{
    (void)state;
    rows all = tables_of(listed, sizeof listed / sizeof listed[0]);
    sqlite3 *db = harness_open();
    size_t n = 0;
    for (size_t i = 0; i < all.n; i++) {
        const row *one = &all.items[i];
        if (one->kind != 'e')
            continue;
        char *sql = sqlite3_mprintf(
            "SELECT lower(aws_event_command(%Q || '.amazonaws.com', %Q, nullif(%Q, '')))",
            one->source, one->call, one->version);
        char *command = harness_query(db, sql);
        bool is_of_list = false;
        for (size_t k = 0; k < sizeof listed / sizeof listed[0]; k++)
            is_of_list = is_of_list || strcmp(listed[k], command) == 0;
        if (strcmp(one->command, is_of_list ? command : "") != 0)
            fail_msg("%s %s %s: the table has '%s', the function gives %s", one->source, one->call,
                     one->version, one->command, command);
        n++;
        free(command);
        sqlite3_free(sql);
    }
    assert_true(n > 12);
    free(all.items);
    harness_close(db);
}

/* From the CLI's reference: what shares a source, what has a name of its own, what depends on the version. */
static void test_call_tables_hold_what_they_must(void **state)
{
    (void)state;
    rows all = tables_of(listed, sizeof listed / sizeof listed[0]);
    assert_string_equal(find(&all, 'e', "iam", "list-users", "")->command, "iam.list-users");
    assert_string_equal(find(&all, 'e', "newservice", "list-things", "")->command,
                        "newservice.list-things");
    assert_non_null(find(&all, 'e', "rds", "describe-db-instances", ""));
    assert_true(has_name(&all, "rds", "describe-db-instances", "neptune.describe-db-instances"));
    assert_true(has_name(&all, "rds", "describe-db-clusters", "docdb.describe-db-clusters"));
    /* an event name of CloudTrail's own */
    assert_non_null(find(&all, 'o', "s3", "GetBucketPublicAccessBlock", ""));
    assert_string_equal(find(&all, 'e', "s3", "GetBucketPublicAccessBlock", "")->command,
                        "s3api.get-public-access-block");
    /* one of two services that have it, by the version alone */
    assert_string_equal(
        find(&all, 'e', "elasticloadbalancing", "describe-tags", "20120601")->command,
        "elb.describe-tags");
    assert_null(find(&all, 'e', "elasticloadbalancing", "describe-tags", ""));
    /* the one that has it, of several */
    assert_string_equal(find(&all, 'e', "ses", "GetAccount", "")->command, "sesv2.get-account");
    assert_null(find(&all, 'e', "s3", "cp", "2"));
    free(all.items);
}

static void test_call_tables_of_nothing_are_empty(void **state)
{
    (void)state;
    rows all = tables_of(NULL, 0);
    assert_int_equal(all.n, 0);
    free(all.items);
}

static void on_command(void *n, ct_span source, ct_span call, ct_span version, ct_span command)
{
    (void)source, (void)call, (void)version, (void)command;
    ++*(size_t *)n;
}

static void on_name(void *n, ct_span source, ct_span call, ct_span command)
{
    on_command(n, source, call, none, command);
}

static void on_odd(void *n, ct_span source, ct_span name)
{
    on_command(n, source, name, none, none);
}

/* Whether an allocation was refused; then that is said, whatever rows there were. */
static bool list_without_memory(ct_mem_way *refuse, long at)
{
    ct_span spans[MOST_LISTED];
    const size_t n_listed = sizeof listed / sizeof listed[0];
    span_all(spans, listed, n_listed);
    size_t n = 0;
    const ct_call_rows counted = {&n, on_command, on_name, on_odd};
    refuse(at);
    bool is_ok = ct_call_tables(spans, n_listed, &counted);
    bool refused = ct_mem_failures() > 0;
    ct_mem_fail_after(-1);
    assert_int_equal(is_ok, !refused);
    return refused;
}

static void test_call_tables_say_that_memory_was_missing(void **state)
{
    (void)state;
    for (int i = 0; i < CT_MEM_N_WAYS; i++)
        for (long n = 0; list_without_memory(ct_mem_ways[i], n); n++)
            ;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_call_tables_say_what_the_function_says),
        cmocka_unit_test(test_call_tables_hold_what_they_must),
        cmocka_unit_test(test_call_tables_of_nothing_are_empty),
        cmocka_unit_test(test_call_tables_say_that_memory_was_missing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
