/*
 * The compiler against the answers of Microsoft's own engine (../shared/kql/cases.jsonl), and against
 * the rules of Sentinel's AWS solution (../shared/rule/sentinel): all compile but those that need
 * another table, each with the columns and types that Microsoft's binder gives (schemas.json).
 */
#include "harness.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/buf.h"
#include "files.h"
#include "shell.h"

/* A Python whose sqlite3 loads extensions, or NULL. */
static const char *find_python(void)
{
    static const char *const pythons[] = {"/usr/bin/python3", "python3"};
    for (size_t i = 0; i < sizeof pythons / sizeof pythons[0]; i++) {
        char command[200];
        snprintf(command, sizeof command,
                 "%s -c 'import sqlite3; sqlite3.connect(\":memory:\").load_extension' 2>/dev/null",
                 pythons[i]);
        if (system(command) == 0)
            return pythons[i];
    }
    return NULL;
}

/* check.py ends with 0 where scope 'rules' has 95 % right and 1 % wrong at most, 'more' 70 and 3. */
static void test_cases_of_the_real_engine(void **state)
{
    (void)state;
    const char *extension = getenv("CT_EXTENSION"), *python = find_python();
    if (!harness_shared() || !extension || strstr(extension, "/san/") || !python) {
        printf("skipped: it needs ../shared/kql, a Python with sqlite3, and no sanitizers\n");
        skip();
    }
    char command[600];
    snprintf(command, sizeof command, "%s %s/kql/check.py %s %s/kql/cases.jsonl", python,
             harness_shared(), extension, harness_shared());
    char *score = shell_output(command);
    printf("%s\n", score);
    free(score);
}

/* Runs the SQL; false with SQLite's message. */
static bool runs(sqlite3 *db, const char *sql, const char **error)
{
    bool is_ok = sqlite3_exec(db, sql, NULL, NULL, NULL) == SQLITE_OK;
    *error = sqlite3_errmsg(db);
    return is_ok;
}

/* Whatever compiles also prepares and runs; whatever does not says where and why. */
static void test_cases_compile_to_sql_or_to_a_sentence(void **state)
{
    (void)state;
    char path[300];
    snprintf(path, sizeof path, "%s/kql/cases.jsonl", harness_shared() ? harness_shared() : "");
    char *lines = harness_shared() ? files_read_text(path) : NULL;
    if (!lines) {
        printf("skipped: ../shared/kql/cases.jsonl is not there\n");
        skip();
    }
    sqlite3 *db = harness_open();
    sqlite3_stmt *compile;
    assert_int_equal(
        sqlite3_prepare_v2(db, "SELECT kql_sql(json_extract(?1, '$.query'))", -1, &compile, NULL),
        SQLITE_OK);
    int n_compiled = 0;
    for (char *line = strtok(lines, "\n"); line; line = strtok(NULL, "\n")) {
        sqlite3_reset(compile);
        sqlite3_bind_text(compile, 1, line, -1, SQLITE_STATIC);
        if (sqlite3_step(compile) != SQLITE_ROW) {
            assert_int_equal(strncmp(sqlite3_errmsg(db), "kql_sql(): line ", 16), 0);
            continue;
        }
        const char *error;
        n_compiled++;
        if (!runs(db, (const char *)sqlite3_column_text(compile, 0), &error) &&
            !strstr(line, "\"error\": true")) /* which is Kusto's answer, too */
            fail_msg("%s\n%s\n%s", line, sqlite3_column_text(compile, 0), error);
    }
    assert_true(n_compiled > 800);
    sqlite3_finalize(compile);
    free(lines);
    harness_close(db);
}

/* ---- Sentinel's rules ----------------------------------------------------------------------- */

/* The block `query: |` of a rule's YAML: its lines up to the next key. */
static char *query_of(const char *path)
{
    char *text = files_read_text(path);
    assert_non_null(text);
    ct_buf query = CT_BUF_EMPTY;
    bool is_inside = false;
    char *line = text;
    while (*line) {
        char *end = line + strcspn(line, "\n");
        if (is_inside && *line != ' ' && *line != '\n' && *line != '\r')
            break;
        if (is_inside) {
            ct_buf_put(&query, line, (size_t)(end - line));
            ct_buf_put_char(&query, '\n');
        }
        is_inside |= strncmp(line, "query:", 6) == 0;
        line = *end ? end + 1 : end;
    }
    free(text);
    ct_buf_put_char(&query, 0);
    assert_true(ct_buf_ok(&query));
    return query.data;
}

typedef void use_rule(sqlite3 *db, const char *name, const char *query, void *of);

/* Calls use for each rule; name is `analytic/AWS_x.yaml`. */
static void for_each_rule(sqlite3 *db, use_rule *use, void *of)
{
    static const char *const folders[] = {"analytic", "hunting"};
    for (size_t i = 0; i < 2; i++) {
        char folder[300], name[300], path[700];
        snprintf(folder, sizeof folder, "%s/rule/sentinel/%s", harness_shared(), folders[i]);
        DIR *dir = opendir(folder);
        assert_non_null(dir);
        for (struct dirent *entry; (entry = readdir(dir)) != NULL;) {
            if (!strstr(entry->d_name, ".yaml"))
                continue;
            snprintf(name, sizeof name, "%s/%.200s", folders[i], entry->d_name);
            snprintf(path, sizeof path, "%s/%.200s", folder, entry->d_name);
            char *query = query_of(path);
            use(db, name, query, of);
            free(query);
        }
        closedir(dir);
    }
}

/* Rules that need what is not here, by what the refusal must say. */
static const char *needs(const char *query)
{
    if (strstr(query, "externaldata"))
        return "externaldata is not supported";
    if (strstr(query, "AWSGuardDuty"))
        return "there is no table 'AWSGuardDuty'";
    return NULL;
}

static void compare_schema(sqlite3 *db, const char *name, const char *query, void *of)
{
    int *n_compiled = of;
    char *sql = sqlite3_mprintf("SELECT kql_schema(%Q)", query), *schema = harness_query(db, sql);
    sqlite3_free(sql);
    if (needs(query)) {
        assert_non_null(strstr(schema, needs(query)));
        free(schema);
        return;
    }
    sql = sqlite3_mprintf(
        "SELECT (SELECT group_concat(json_extract(value, '$[0]') || ':' || json_extract(value, "
        "'$[1]')) FROM schemas, json_each(schemas.json, '$.rules.\"%w\".columns'))"
        " = (SELECT group_concat(json_extract(value, '$.name') || ':' || json_extract(value, "
        "'$.type')) FROM json_each(%Q))",
        name, schema);
    char *is_same = harness_query(db, sql);
    if (strcmp(is_same, "1") != 0)
        fail_msg("%s: %s\n%s", name, is_same, schema);
    sqlite3_free(sql);
    free(is_same);
    free(schema);
    (*n_compiled)++;
}

static void test_rules_have_the_schemas_of_microsofts_binder(void **state)
{
    (void)state;
    if (!harness_shared()) {
        printf("skipped: ../shared is not there\n");
        skip();
    }
    sqlite3 *db = harness_open();
    char path[300];
    int n_compiled = 0;
    snprintf(path, sizeof path, "%s/kql/schemas.json", harness_shared());
    char *json = files_read_text(path);
    harness_exec_and_free(db, sqlite3_mprintf("CREATE TABLE schemas AS SELECT %Q AS json", json));
    free(json);
    for_each_rule(db, compare_schema, &n_compiled);
    assert_true(n_compiled >= 60);
    harness_close(db);
}

static void make_views(sqlite3 *db, const char *name, const char *query, void *of)
{
    (void)of;
    if (needs(query))
        return;
    harness_exec_and_free(db, sqlite3_mprintf("SELECT kql_view(%Q, %Q)", name, query));
    harness_exec_and_free(db, sqlite3_mprintf("SELECT count(*) FROM \"%w\"", name));
    char *sql = sqlite3_mprintf("SELECT kql_sql(%Q, 1)", query), *text = harness_query(db, sql);
    harness_exec(db, text);
    sqlite3_free(sql);
    free(text);
}

static void test_rules_run_as_views_of_an_untrusted_schema(void **state)
{
    (void)state;
    if (!harness_shared()) {
        printf("skipped: ../shared is not there\n");
        skip();
    }
    sqlite3 *db = harness_open();
    harness_exec(db, "SELECT cloudtrail_import('data/sample'); PRAGMA trusted_schema = OFF");
    for_each_rule(db, make_views, NULL);
    harness_close(db);
}

static void compile_often(sqlite3 *db, const char *name, const char *query, void *of)
{
    (void)name;
    clock_t *spent = of;
    sqlite3_stmt *stmt;
    assert_int_equal(sqlite3_prepare_v2(db, "SELECT kql_sql(?1)", -1, &stmt, NULL), SQLITE_OK);
    sqlite3_bind_text(stmt, 1, query, -1, SQLITE_STATIC);
    clock_t start = clock();
    for (int i = 0; i < 10 && !needs(query); i++) {
        assert_int_equal(sqlite3_step(stmt), SQLITE_ROW);
        sqlite3_reset(stmt);
    }
    *spent += clock() - start;
    sqlite3_finalize(stmt);
}

static void test_rules_compile_in_a_millisecond(void **state)
{
    (void)state;
#ifdef __SANITIZE_ADDRESS__
    printf("skipped: sanitizers are not for measuring\n");
    skip();
#endif
    if (!harness_shared()) {
        printf("skipped: ../shared is not there\n");
        skip();
    }
    sqlite3 *db = harness_open();
    clock_t spent = 0;
    harness_exec(db, "SELECT cloudtrail_init()");
    for_each_rule(db, compile_often, &spent);
    double ms_each = (double)spent * 1000 / CLOCKS_PER_SEC / 10 / 63;
    printf("%.2f ms of CPU a rule\n", ms_each);
    assert_true(ms_each < 1);
    harness_close(db);
}

/* ---- the seed rule -------------------------------------------------------------------------- */

/* The rule of ../shared/rule, from `let` to `queryPeriod:`. */
static char *seed_query(void)
{
    char path[300];
    snprintf(path, sizeof path, "%s/rule/suspicious_aws_cli_command_execution.txt",
             harness_shared());
    char *text = files_read_text(path);
    assert_non_null(text);
    char *from = strstr(text, "let SuspiciousCommands"), *to = strstr(text, "queryPeriod:");
    assert_true(from && to && from < to);
    *to = 0;
    memmove(text, from, strlen(from) + 1);
    return text;
}

static void assert_seed_equals_view(const char *folder, const char *least_rows)
{
    sqlite3 *db = harness_open();
    harness_exec_and_free(db, sqlite3_mprintf("SELECT cloudtrail_import(%Q)", folder));
    char *query = seed_query();
    harness_exec_and_free(db, sqlite3_mprintf("SELECT kql_view('compiled', %Q)", query));
    char *compiled = harness_query(db, "SELECT * FROM compiled ORDER BY 1, 2, 3, 4, 5, 6, 7");
    assert_query(db, "SELECT * FROM SuspiciousAWSCLICommandExecution ORDER BY 1, 2, 3, 4, 5, 6, 7",
                 compiled);
    char *count = sqlite3_mprintf("SELECT count(*) >= %s FROM compiled", least_rows);
    assert_query(db, count, "1");
    sqlite3_free(count);
    free(compiled);
    free(query);
    harness_close(db);
}

static void test_seed_rule_equals_its_view(void **state)
{
    (void)state;
    if (!harness_shared()) {
        printf("skipped: ../shared is not there\n");
        skip();
    }
    char folder[300];
    snprintf(folder, sizeof folder, "%s/data", harness_shared());
    assert_seed_equals_view("data/sample", "3");
    assert_seed_equals_view(folder, "0");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_cases_of_the_real_engine),
        cmocka_unit_test(test_cases_compile_to_sql_or_to_a_sentence),
        cmocka_unit_test(test_rules_have_the_schemas_of_microsofts_binder),
        cmocka_unit_test(test_rules_run_as_views_of_an_untrusted_schema),
        cmocka_unit_test(test_rules_compile_in_a_millisecond),
        cmocka_unit_test(test_seed_rule_equals_its_view),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
