/*
 * The examples in the comments above the SQL functions of KQL are true, and run out of memory
 * without harm: each is run once, and once for every allocation that can fail.
 */
#include "examples.h"

#include <glob.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"

static char *read_source(const char *path)
{
    FILE *file = fopen(path, "rb");
    if (!file)
        fail_msg("cannot open %s", path);
    ct_buf text = CT_BUF_EMPTY;
    char piece[4096];
    size_t n;
    while ((n = fread(piece, 1, sizeof piece, file)) > 0)
        ct_buf_put(&text, piece, n);
    fclose(file);
    ct_buf_put_char(&text, '\0');
    assert_true(ct_buf_ok(&text));
    return text.data;
}

/* The lines of an example without ` * ` and the indent; *p moves behind it. */
static bool next_example(const char **p, ct_buf *example)
{
    static const char mark[] = " * Example: SELECT", rest[] = " *          ";
    const char *at = strstr(*p, mark);
    if (!at)
        return false;
    ct_buf_clear(example);
    for (const char *line = at; line == at || strncmp(line, rest, sizeof rest - 1) == 0;) {
        size_t n = strcspn(line, "\n");
        ct_buf_put(example, line + sizeof rest - 1, n - (sizeof rest - 1));
        ct_buf_put_char(example, '\n');
        line += n + 1;
        *p = line;
    }
    ct_buf_put_char(example, '\0');
    return true;
}

/* Cuts the example at its result; that is what stands behind `-- `. */
static const char *take_result(char *example)
{
    char *at = strstr(example, ";\n-- ");
    if (!at)
        fail_msg("an example without a result:\n%s", example);
    *at = '\0';
    at[strlen(at + 1)] = '\0'; /* the last newline */
    return at + strlen(";\n-- ");
}

static int each_example(void (*see)(const char *path, char *example))
{
    glob_t files;
    int n = 0;
    assert_int_equal(glob("ext/kql/*.c", 0, NULL, &files), 0);
    for (size_t i = 0; i < files.gl_pathc; i++) {
        char *source = read_source(files.gl_pathv[i]);
        ct_buf example = CT_BUF_EMPTY;
        for (const char *p = source; next_example(&p, &example); n++)
            see(files.gl_pathv[i], example.data);
        ct_buf_free(&example);
        ct_free(source);
    }
    globfree(&files);
    return n;
}

static void run(const char *path, char *example)
{
    sqlite3 *db = harness_open();
    ct_buf report = CT_BUF_EMPTY;
    if (examples_sql(db, path, example, &report) > 0)
        fail_msg("%.*s", (int)report.len, report.data);
    ct_buf_free(&report);
    harness_close(db);
}

static void test_comments_examples_are_true(void **state)
{
    (void)state;
    assert_in_range(each_example(run), 60, 1000);
}

static void sweep(const char *path, char *example)
{
    (void)path;
    const char *result = take_result(example);
    if (!strstr(example, "kql_sql") && !strstr(example, "kql_schema"))
        harness_oom_sweep(NULL, example, result);
}

static void test_comments_examples_run_out_of_memory(void **state)
{
    (void)state;
    each_example(sweep);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_comments_examples_are_true),
        cmocka_unit_test(test_comments_examples_run_out_of_memory),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
