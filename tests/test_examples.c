/* The runner of the examples must itself fail where it should. */
#include "examples.h"

#include <stdlib.h>
#include <string.h>

/* Runs the text and compares how many examples failed; `says` must be in the report. */
static void assert_failures(size_t (*run)(sqlite3 *, const char *, const char *, ct_buf *),
                            const char *text, size_t n_expected, const char *says)
{
    sqlite3 *db = harness_open();
    ct_buf report = CT_BUF_EMPTY;
    size_t n = run(db, "page", text, &report);
    ct_buf_put_char(&report, '\0');
    if (n != n_expected || !strstr(report.data, says))
        fail_msg("%s\n%zu failures, expected %zu and `%s`; report:\n%s", text, n, n_expected, says,
                 report.data);
    ct_buf_free(&report);
    harness_close(db);
}

static size_t console(sqlite3 *db, const char *page, const char *text, ct_buf *report)
{
    (void)db;
    return examples_page_console(page, text, report);
}

static void test_examples_sql_failures_are_found(void **state)
{
    static const struct {
        const char *text;
        size_t n;
        const char *says;
    } cases[] = {
        {"SELECT 1;\n-- 1\n", 0, ""},
        {"SELECT 1;\n-- 1", 0, ""},
        {"SELECT 1;\r\n-- 1\r\n", 0, ""},
        {"-- a comment\n\nSELECT 1;\n\n-- a comment\nSELECT 2;\n-- 2\n", 0, ""},
        {".load build/cloudtrail\nSELECT 1;\n-- 1\n", 0, ""},
        {"\nSELECT 1;\n-- 2\n", 1,
         "page:2: another result than written\n  statement:\n"
         "    SELECT 1;\n  expected:\n    2\n  got:\n    1\n"},
        {"SELECT 1;\n-- 1\n-- 2\n", 1, "page:1:"},
        {"SELECT 1 UNION SELECT 2;\n-- 1\n", 1, "    1\n    2\n"},
        {"SELECT 1;\n-- (no rows)\n", 1, "expected:\n    (no rows)\n  got:\n    1\n"},
        {"SELECT 1 WHERE 0;\n--\n", 1, "got:\n    (no rows)\n"},
        {"SELECT 1 WHERE 0;\n-- ...\n", 0, ""},
        {"SELECT 1 UNION SELECT 2 UNION SELECT 3;\n-- ...\n-- 3\n", 0, ""},
        {"SELECT 1 UNION SELECT 2 UNION SELECT 3;\n-- ...\n-- 2\n", 1, "page:1:"},
        {"SELECT 'took 3 s';\n-- took ... s\n", 0, ""},
        {"SELECT 'took 3 s';\n-- took ... ms\n", 1, "page:1:"},
        {"SELECT nonsense;\n", 1, "expected:\n    (success)\n  got:\n    error: no such column"},
        {"SELECT 1;\n-- error: no such column: x\n", 1, "page:1:"},
        {"SELECT 1;\nSELECT 2;\n-- 1\nSELECT 3;\n-- 1\n", 2, "page:4:"},
        {"SELECT 1\n", 1, "page:1: a statement without an end"},
        {".mode box\n", 1, "page:1: a dot command"},
    };
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++)
        assert_failures(examples_sql, cases[i].text, cases[i].n, cases[i].says);
}

static void test_examples_page_runs_only_sql_blocks(void **state)
{
    static const char page[] = "SELECT outside;\n"
                               "```sh\nSELECT sh;\n```\n"
                               "```text\n```sql\nSELECT 1;\n```\n"
                               "```sql\nCREATE TABLE t (x);\n```\n"
                               "```sql\nSELECT count(*) FROM t;\n-- 0\n```\n"
                               "-- 1\n"
                               "```sql\nSELECT count(*) FROM t;\n-- 7\n```\n";
    (void)state;
    assert_failures(examples_page_sql, page, 1, "page:18:");
}

static void test_examples_console_compares_output(void **state)
{
    static const struct {
        const char *text;
        size_t n;
        const char *says;
    } cases[] = {
        {"```console\n$ echo a; echo b >&2\na\nb\n```\n", 0, ""},
        {"```console\n$ cat <<'END'\n> one\n>\n> two\n> END\none\n\ntwo\n$ true\n```\n", 0, ""},
        {"```console\n$ printf 'a\\nb\\nc\\n'\na\n...\n```\n", 0, ""},
        {"```console\n$ echo a\n```\n", 1, "expected:\n    (no output)\n  got:\n    a\n"},
        {"```console\n$ true\na\n```\n", 1, "got:\n    (no output)\n  exit status: 0\n"},
        {"```console\n$ echo a; exit 3\n...\n```\n", 1, "exit status: 3"},
        {"```console\n$ echo a; exit 3\na\n```\n", 0, ""},
        {"```console\na\n```\n", 1, "page:2: output without a command"},
        {"```sh\n$ echo a\n```\n", 0, ""},
        {"text\n```console\n$ echo a\na\n$ echo b\nc\n```\n", 1, "page:5:"},
    };
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++)
        assert_failures(console, cases[i].text, cases[i].n, cases[i].says);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_examples_sql_failures_are_found),
        cmocka_unit_test(test_examples_page_runs_only_sql_blocks),
        cmocka_unit_test(test_examples_console_compares_output),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
