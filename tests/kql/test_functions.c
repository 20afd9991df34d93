/*
 * What compiled queries call is there: every function that the compiler's tables and its sources
 * name is registered, with as many arguments as it may get.
 */
#include "harness.h"

#include <glob.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/ascii.h"
#include "base/buf.h"
#include "base/mem.h"
#include "files.h"
#include "kql/functions.h"

/* Whether SQL knows a function or table function of that name; with n_args >= 0 that takes them. */
static bool is_registered(sqlite3_stmt *find, const char *name, size_t n, int n_args)
{
    sqlite3_reset(find);
    sqlite3_bind_text(find, 1, name, (int)n, SQLITE_STATIC);
    sqlite3_bind_int(find, 2, n_args);
    bool found = sqlite3_step(find) == SQLITE_ROW;
    sqlite3_reset(find);
    return found;
}

static sqlite3_stmt *prepare(sqlite3 *db)
{
    sqlite3_stmt *find = NULL;
    int rc = sqlite3_prepare_v2(db,
                                "SELECT 1 FROM pragma_function_list WHERE name = ?1"
                                " AND (?2 < 0 OR narg IN (-1, ?2))"
                                " UNION ALL SELECT 1 FROM pragma_module_list WHERE name = ?1",
                                -1, &find, NULL);
    assert_int_equal(rc, SQLITE_OK);
    return find;
}

static bool is_name(char c)
{
    return ct_is_lower(c) || ct_is_digit(c) || c == '_';
}

/* Every kql_name( in the text; returns how many there were. */
static int check_names(sqlite3_stmt *find, const char *where, const char *text)
{
    int n_found = 0;
    for (const char *p = text; (p = strstr(p, "kql_")) != NULL;) {
        size_t n = 0;
        while (is_name(p[n]))
            n++;
        if (p[n] == '(' && (p == text || !is_name(p[-1]))) {
            n_found++;
            if (!is_registered(find, p, n, -1))
                fail_msg("%s calls %.*s(), which is not there", where, (int)n, p);
        }
        p += n;
    }
    return n_found;
}

/* How many arguments a row takes: at least *min, at most *max; *max is -1 where there is no end. */
static void count_arguments(const char *args, int *min, int *max)
{
    bool optional = false;
    *min = *max = 0;
    for (; *args; args++) {
        if (*args == '?') {
            optional = true;
        } else if (*args == '+') {
            *max = -1;
        } else if (*args != '!') {
            *min += !optional;
            *max += *max >= 0;
        }
    }
}

/* A row whose SQL is a call with its arguments as they are. */
static void check_counts(sqlite3_stmt *find, const char *name, const char *args, const char *sql)
{
    int min, max;
    size_t n = strcspn(sql, "(");
    if (strncmp(sql, "kql_", 4) != 0 || strcmp(sql + n, "($*)") != 0)
        return;
    count_arguments(args, &min, &max);
    for (int k = min; k <= (max < 0 ? min + 5 : max); k++)
        if (!is_registered(find, sql, n, k))
            fail_msg("%s(%s): %.*s() does not take %d arguments", name, args, (int)n, sql, k);
}

static void check_row(sqlite3_stmt *find, const char *name, const char *args, const char *sql)
{
    char *made = sqlite3_mprintf("kql_%s($*)", name);
    const char *text = sql ? sql : made;
    check_names(find, name, text);
    check_counts(find, name, args, text);
    sqlite3_free(made);
}

static void test_functions_of_the_tables_are_registered(void **state)
{
    (void)state;
    sqlite3 *db = harness_open();
    sqlite3_stmt *find = prepare(db);
    for (size_t i = 0; i < ct_kql_n_scalars; i++)
        check_row(find, ct_kql_scalars[i].name, ct_kql_scalars[i].args, ct_kql_scalars[i].sql);
    for (size_t i = 0; i < ct_kql_n_aggregates; i++)
        check_row(find, ct_kql_aggregates[i].name, ct_kql_aggregates[i].args,
                  ct_kql_aggregates[i].sql);
    sqlite3_finalize(find);
    harness_close(db);
}

static void test_functions_of_the_sources_are_registered(void **state)
{
    static const char *const patterns[] = {"ext/kql/bind*.c", "ext/kql/emit*.c",
                                           "ext/kql/catalog.c", "ext/kql/awscloudtrail.c"};
    int n_found = 0;
    (void)state;
    sqlite3 *db = harness_open();
    sqlite3_stmt *find = prepare(db);
    for (size_t k = 0; k < sizeof patterns / sizeof patterns[0]; k++) {
        glob_t files;
        if (glob(patterns[k], 0, NULL, &files) != 0)
            continue;
        for (size_t i = 0; i < files.gl_pathc; i++) {
            char *text = files_read_text(files.gl_pathv[i]);
            n_found += check_names(find, files.gl_pathv[i], text);
            ct_free(text);
        }
        globfree(&files);
    }
    sqlite3_finalize(find);
    harness_close(db);
    assert_in_range(n_found, 50, 10000);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_functions_of_the_tables_are_registered),
        cmocka_unit_test(test_functions_of_the_sources_are_registered),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
