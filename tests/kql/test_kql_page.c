/* docs/kql.md against the compiler: each line of "What is supported" compiles, each of "What is
 * refused" is refused with its words, the functions named are all that there are, and the SQL that
 * is printed is the SQL that comes out. (Its other examples are run by tests/test_docs.c.) */
#include "harness.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "files.h"
#include "kql/functions.h"
#include "kql_rows.h"

/* The text from the heading to the next one of its rank, cut off the page. */
static char *section(char *page, const char *heading)
{
    char *from = strstr(page, heading);
    assert_non_null(from);
    char *to = strstr(from + strlen(heading), "\n## ");
    assert_non_null(to);
    *to = 0;
    return from;
}

/* Takes `\|` of a table's cell for a bar. */
static void unescape(char *cell)
{
    char *to = cell;
    for (char *p = cell; *p; p++)
        if (!(p[0] == '\\' && p[1] == '|'))
            *to++ = *p;
    *to = 0;
}

/* The first code of a table's row, and what stands in its second cell; NULL for another line. */
static char *cut_row(char *line, char **second)
{
    if (strncmp(line, "| `", 3) != 0)
        return NULL;
    char *query = line + 3, *end = strstr(query, "` | ");
    if (!end)
        return NULL;
    *end = 0;
    *second = end + 4;
    char *last = strrchr(*second, '|');
    assert_non_null(last);
    while (last > *second && last[-1] == ' ')
        last--;
    *last = 0;
    unescape(query);
    return query;
}

static sqlite3 *open_tables(void)
{
    sqlite3 *db = harness_open();
    harness_exec(db, "CREATE TABLE T(a STRING, b LONG, c REAL, d DATETIME, e DYNAMIC)");
    return db;
}

static void test_page_supported_lines_compile(void **state)
{
    (void)state;
    sqlite3 *db = open_tables();
    char *page = files_read_text("docs/kql.md"), *rest = section(page, "## What is supported"),
         *second;
    int n_lines = 0;
    for (char *line = strtok(rest, "\n"); line; line = strtok(NULL, "\n")) {
        char *query = cut_row(line, &second);
        if (!query)
            continue;
        char *sql = kql_compile(db, query);
        harness_exec(db, sql);
        free(sql);
        n_lines++;
    }
    assert_true(n_lines > 15);
    free(page);
    harness_close(db);
}

static void test_page_refused_lines_say_why(void **state)
{
    (void)state;
    sqlite3 *db = open_tables();
    char *page = files_read_text("docs/kql.md"), *rest = section(page, "## What is refused"),
         *second;
    int n_lines = 0;
    for (char *line = strtok(rest, "\n"); line; line = strtok(NULL, "\n")) {
        char *query = cut_row(line, &second);
        if (!query)
            continue;
        char *text = kql_compile(db, query);
        if (strncmp(text, "error: kql_sql(): line ", 23) != 0 || !strstr(text, second))
            fail_msg("%s\n%s\nis not said, but %s", query, second, text);
        free(text);
        n_lines++;
    }
    assert_true(n_lines > 15);
    free(page);
    harness_close(db);
}

/* A word in code of the table of functions. */
static bool is_listed(const char *text, const char *name)
{
    char code[80];
    snprintf(code, sizeof code, "`%s`", name);
    return strstr(text, code) != NULL;
}

static void test_page_names_every_function(void **state)
{
    (void)state;
    sqlite3 *db = harness_open();
    char *page = files_read_text("docs/kql.md"), *rest = strstr(page, "\nFunctions:\n");
    assert_non_null(rest);
    char *end = strstr(rest, "\nA tabular let");
    assert_non_null(end);
    *end = 0;
    for (size_t i = 0; i < ct_kql_n_scalars; i++)
        if (!is_listed(rest, ct_kql_scalars[i].name))
            fail_msg("%s is not on the page", ct_kql_scalars[i].name);
    for (size_t i = 0; i < ct_kql_n_aggregates; i++)
        if (!is_listed(rest, ct_kql_aggregates[i].name))
            fail_msg("%s is not on the page", ct_kql_aggregates[i].name);
    int n_names = 0;
    for (char *name = strchr(rest, '`'); name; name = strchr(name, '`')) {
        char *behind = strchr(name + 1, '`'), query[120];
        assert_non_null(behind);
        *behind = 0;
        snprintf(query, sizeof query, "print 1 | sort by print_0 | summarize x = %.60s()",
                 name + 1);
        char *text = kql_compile(db, query);
        if (strstr(text, "is not known"))
            fail_msg("%s is on the page, but not known", name + 1);
        free(text);
        name = behind + 1;
        n_names++;
    }
    assert_true(n_names > 150);
    free(page);
    harness_close(db);
}

/* The block behind ```KIND, from the heading on; cut off the page. */
static char *block(char *from, const char *kind)
{
    char fence[20];
    snprintf(fence, sizeof fence, "```%s\n", kind);
    char *text = strstr(from, fence);
    assert_non_null(text);
    text += strlen(fence);
    char *end = strstr(text, "\n```");
    assert_non_null(end);
    *end = 0;
    return text;
}

/* The printed SQL has `...` for most of the long list. */
static void test_page_prints_the_sql_of_the_seed_rule(void **state)
{
    (void)state;
    sqlite3 *db = harness_open_ready();
    char *page = files_read_text("docs/kql.md"), *from = strstr(page, "## The SQL");
    assert_non_null(from);
    char *query = block(from, "kql"), *printed = block(query + strlen(query) + 1, "text");
    char *sql = kql_compile(db, query);
    char *gap = strstr(printed, "\"iam.list-users\", ...");
    assert_non_null(gap);
    size_t n_before = (size_t)(gap - printed);
    assert_memory_equal(sql, printed, n_before);
    char *printed_rest = strchr(gap, ']'), *rest = strchr(sql + n_before, ']');
    assert_true(printed_rest && rest);
    while (rest[strlen(rest) - 1] == '\n')
        rest[strlen(rest) - 1] = 0;
    assert_string_equal(rest, printed_rest);
    free(sql);
    free(page);
    harness_close(db);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_page_supported_lines_compile),
        cmocka_unit_test(test_page_refused_lines_say_why),
        cmocka_unit_test(test_page_names_every_function),
        cmocka_unit_test(test_page_prints_the_sql_of_the_seed_rule),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
