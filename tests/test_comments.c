/*
 * The examples in the comments above the SQL functions are true, in a database of UTF-16 too, and
 * run out of memory without harm: once for every allocation that can fail.
 */
#include "examples.h"

#include <glob.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "files.h"

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

typedef void see_example(const char *path, char *example, void *to);

static int each_example(const char *pattern, see_example *see, void *to)
{
    glob_t files;
    int n = 0;
    assert_int_equal(glob(pattern, 0, NULL, &files), 0);
    for (size_t i = 0; i < files.gl_pathc; i++) {
        char *source = files_read_text(files.gl_pathv[i]);
        ct_buf example = CT_BUF_EMPTY;
        for (const char *p = source; next_example(&p, &example); n++)
            see(files.gl_pathv[i], example.data, to);
        ct_buf_free(&example);
        ct_free(source);
    }
    globfree(&files);
    return n;
}

typedef struct runs {
    const char *encoding;
    ct_buf report;
} runs;

static void run(const char *path, char *example, void *to)
{
    runs *r = to;
    bool is_of_database = strncmp(path, "ext/db/", 7) == 0;
    if (strstr(example, "cloudtrail_handover("))
        return; /* writes a file where it is called; tests/db/test_handover.c runs it */
    sqlite3 *db = is_of_database ? harness_open_ready() : harness_open();
    if (!is_of_database)
        harness_exec(db, r->encoding);
    if (strstr(example, "cloudtrail_forget("))
        harness_exec(db, "SELECT cloudtrail_import('data/sample')");
    (void)examples_sql(db, path, example, &r->report);
    harness_close(db);
}

static void assert_true_examples(const char *encoding)
{
    runs r = {encoding, CT_BUF_EMPTY};
    assert_in_range(each_example("ext/*/*.c", run, &r), 120, 1000);
    if (r.report.len > 0) {
        fwrite(r.report.data, 1, r.report.len, stderr); /* print_error() cuts at 1,024 bytes */
        fail();
    }
    ct_buf_free(&r.report);
}

static void test_comments_examples_are_true(void **state)
{
    (void)state;
    assert_true_examples("PRAGMA encoding = 'UTF-8'");
}

static void test_comments_examples_are_true_in_utf16(void **state)
{
    (void)state;
    assert_true_examples("PRAGMA encoding = 'UTF-16'");
}

static void sweep(const char *path, char *example, void *to)
{
    (void)path, (void)to;
    sqlite3 *db = harness_open();
    harness_oom_query(db, example);
    harness_close(db);
    db = harness_open(); /* where the functions' texts are made of others first */
    harness_exec(db, "PRAGMA encoding = 'UTF-16'");
    harness_oom_query(db, example);
    harness_close(db);
}

/* Not those of db and log: they read files and make tables, and have sweeps of their own. */
static void test_comments_examples_run_out_of_memory(void **state)
{
    (void)state;
    static const char *const folders[] = {"ext/aws/*.c", "ext/kql/*.c", "ext/sqlite/*.c",
                                          "ext/windows/*.c"};
    for (size_t i = 0; i < sizeof folders / sizeof folders[0]; i++)
        (void)each_example(folders[i], sweep, NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_comments_examples_are_true),
        cmocka_unit_test(test_comments_examples_are_true_in_utf16),
        cmocka_unit_test(test_comments_examples_run_out_of_memory),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
