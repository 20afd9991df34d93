/*
 * Want of memory in KQL's functions and compiler: an error, or what is said with enough of it; never
 * a shorter list, a lost term or another query.
 */
#include "harness.h"

#include <string.h>

#include "faulty_mem.h"
#include "kql/compile.h"

static const char *const functions[] = {
    /* aggregates: their state, what grows in it, and their end */
    "SELECT kql_agg_sum(x), kql_agg_sum_real(x), kql_agg_avg(x) FROM v",
    "SELECT kql_agg_min_real(x), kql_agg_max_real(x) FROM v",
    "SELECT kql_agg_stdev(x), kql_agg_stdevp(x), kql_agg_variance(x), kql_agg_variancep(x) FROM v",
    "SELECT kql_agg_list(x), kql_agg_list_nulls(x) FROM v",
    "SELECT kql_agg_list(x, 3), kql_agg_set(y), kql_agg_set(x, 2) FROM v",
    "SELECT kql_agg_bag(z) FROM v",
    "SELECT kql_agg_any(y) FROM v",
    "SELECT kql_agg_sum(x) OVER (ORDER BY x ROWS 2 PRECEDING) FROM v",
    "SELECT kql_agg_percentile(x, 50), kql_agg_percentiles(x, '[5,95]') FROM v",
    "SELECT kql_agg_binary_all_and(x), kql_agg_binary_all_or(x), kql_agg_binary_all_xor(x) FROM v",
    "SELECT kql_make_list(y) FROM v",
    "SELECT kql_evidence_merge(x, '[1,3]', NULL) FROM v",
};

static void test_functions_without_memory(void **state)
{
    (void)state;
    sqlite3 *db = harness_open();
    harness_exec(db, "CREATE TEMP TABLE v (x, y TEXT, z TEXT); WITH RECURSIVE n(i) AS (SELECT 1"
                     " UNION ALL SELECT i + 1 FROM n WHERE i < 40) INSERT INTO v SELECT i, 'text "
                     "number ' || i, json_object('key' || i, i) FROM n");
    for (size_t i = 0; i < sizeof functions / sizeof functions[0]; i++)
        harness_oom_query(db, functions[i]);
    harness_close(db);
}

/* Each has something of its own that grows. */
static const char *const queries[] = {
    "print a = dynamic([\"one\", {\"two\": \"more than the first sixty-four bytes of a buffer\"}])",
    "t | where a in (dynamic([\"one\", \"two\\u0041\"])) and not(a has_any (\"x\", \"y\"))",
    "t | parse a with \"user=\" user:string \" and many words between them, so that it grows \" * ",
    "let f = (x: long, y: string = \"z\") { strcat(tostring(x), y) }; t | extend f(1)",
    "datatable(a: string, b: long) [\"one\", 1, \"two\", 2] | summarize count() by a",
    "union t, (t | project a) | sort by a asc | take 3",
    "t | join kind=inner (t | distinct a) on a | project a, b, a1",
    "t | mv-expand x = split(a, \",\") to typeof(string) | where x matches regex \"[a-z]+\"",
    "range i from 1 to 3 step 1 | extend p = bag_pack(\"i\", i)",
    "t | where a == \"a name that is not there\" | project nothing",
};

static void test_queries_without_memory(void **state)
{
    (void)state;
    sqlite3 *db = harness_open();
    harness_exec(db, "CREATE TABLE t (a TEXT, b DATETIME)");
    for (size_t i = 0; i < sizeof queries / sizeof queries[0]; i++) {
        char *sql = sqlite3_mprintf("SELECT kql_sql(%Q), kql_schema(%Q)", queries[i], queries[i]);
        harness_oom_query(db, sql);
        sqlite3_free(sql);
    }
    harness_close(db);
}

static void find_nothing(void *of, ct_kql_job *job, ct_span name, ct_kql_table *table)
{
    (void)of, (void)job, (void)name, (void)table;
}

/* Whether an allocation was refused: then that is the status, even where the text was complete. */
static bool compile_without_memory(ct_mem_way *refuse, long n, const char *query)
{
    ct_kql_catalog none = {.find = find_nothing};
    ct_buf sql = CT_BUF_EMPTY, schema = CT_BUF_EMPTY, error = CT_BUF_EMPTY;
    refuse(n);
    ct_kql_status status =
        ct_kql_compile((ct_span){query, strlen(query)}, &none, false, &sql, &schema, NULL, &error);
    bool refused = ct_mem_failures() > 0;
    ct_mem_fail_after(-1);
    assert_int_equal(status == CT_KQL_NO_MEMORY, refused);
    ct_buf_free(&sql);
    ct_buf_free(&schema);
    ct_buf_free(&error);
    return refused;
}

static void test_compile_says_that_memory_was_missing(void **state)
{
    (void)state;
    for (int i = 0; i < CT_MEM_N_WAYS; i++) {
        for (long n = 0; compile_without_memory(ct_mem_ways[i], n, "print a = 1, b = \"x\""); n++)
            ;
        for (long n = 0; compile_without_memory(ct_mem_ways[i], n, "nothing | take 1"); n++)
            ;
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_functions_without_memory),
        cmocka_unit_test(test_queries_without_memory),
        cmocka_unit_test(test_compile_says_that_memory_was_missing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
