/*
 * The extension from outside: the file itself, loaded into a plain connection by each entry point
 * and under another name. Nothing of the project is linked into this program.
 *
 * CT_EXTENSION: path of the file (`make test` sets it).
 */
// clang-format off
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
// clang-format on
#include <dlfcn.h>
#include <sqlite3ext.h> /* with SQLITE_CORE, as the tests are built, just the table's type */
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* ---- what must be there --------------------------------------------------------------------- */

enum {
    PURE = SQLITE_DETERMINISTIC | SQLITE_INNOCUOUS,
    DIRECT = SQLITE_DIRECTONLY,
    FLAGS = SQLITE_DETERMINISTIC | SQLITE_INNOCUOUS | SQLITE_DIRECTONLY
};

typedef struct entry {
    const char *name;
    int n_args;
    char type; /* s: scalar, a: aggregate, w: aggregate and window function */
    int flags;
    bool reads_files; /* absent from sqlite3_cloudtrail_nofile_init */
} entry;

/* All functions, by name and number of arguments. */
// clang-format off
static const entry functions[] = {
    {"arn_part",            2, 's', PURE,   false},
    {"aws_cli_command",     1, 's', PURE,   false},
    {"aws_cli_command",     3, 's', PURE,   false},
    {"aws_cli_command",     4, 's', PURE,   false},
    {"aws_cli_version",     1, 's', PURE,   false},
    {"aws_event_command",   2, 's', PURE,   false},
    {"aws_event_command",   3, 's', PURE,   false},
    {"cloudtrail_detect",   0, 's', DIRECT, false},
    {"cloudtrail_forget",   1, 's', DIRECT, true},
    {"cloudtrail_import",   1, 's', DIRECT, true},
    {"cloudtrail_import",   3, 's', DIRECT, true},
    {"cloudtrail_init",     0, 's', DIRECT, false},
    {"cloudtrail_record_json", 42, 's', PURE, false},
    {"cloudtrail_verify",   1, 's', DIRECT, true},
    {"cloudtrail_verify",   2, 's', DIRECT, true},
    {"cloudtrail_version",  0, 's', PURE,   false},
    {"count_distinct",      1, 'w', PURE,   false},
    {"ct_json",             1, 's', PURE,   false},
    {"ct_json_array",      -1, 's', PURE,   false},
    {"ct_json_array_nonnull", -1, 's', PURE, false},
    {"ct_json_group_array", 1, 'a', PURE,   false},
    {"ct_json_object",     -1, 's', PURE,   false},
    {"ct_json_object_nonnull", -1, 's', PURE, false},
    {"ct_json_text",       -1, 's', PURE,   false},
    {"distinct_bursts",     4, 'w', PURE,   false},
    {"distinct_bursts",     5, 'w', PURE,   false},
    {"kql_bin",             2, 's', PURE,   false},
    {"kql_has",             2, 's', PURE,   false},
    {"kql_has_any",         2, 's', PURE,   false},
    {"kql_make_list",       1, 'a', PURE,   false},
    {"kql_split",           2, 's', PURE,   false},
    {"kql_split",           3, 's', PURE,   false},
    {"kql_split_part",      3, 's', PURE,   false},
    {"list_distinct",       1, 'w', PURE,   false},
    {"max_distinct_within", 3, 'w', PURE,   false},
    {"upn_name",            1, 's', PURE,   false},
    {"upn_suffix",          1, 's', PURE,   false},
    {"user_agent_json",     1, 's', PURE,   false},
};

/* All table functions; each reads files. */
static const char *const modules[] = {
    "cloudtrail_log",
};

/* All symbols that the file shows; `_` stands before them on macOS. */
static const char *const symbols[] = {
    "sqlite3_cloudtrail_init",
    "sqlite3_cloudtrail_nofile_init",
    "sqlite3_extension_init",
};
// clang-format on

#define LENGTH(array) (sizeof(array) / sizeof(array)[0])

/* ---- helpers -------------------------------------------------------------------------------- */

static const char *extension(void)
{
    const char *path = getenv("CT_EXTENSION");
    if (!path)
        fail_msg("CT_EXTENSION is not set");
    return path;
}

/* A connection as a careful client opens it: no trust in the schema, no "string" literals. */
static sqlite3 *open_plain(void)
{
    sqlite3 *db = NULL;
    assert_int_equal(sqlite3_open(":memory:", &db), SQLITE_OK);
    sqlite3_db_config(db, SQLITE_DBCONFIG_ENABLE_LOAD_EXTENSION, 1, NULL);
    sqlite3_db_config(db, SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0, NULL);
    sqlite3_db_config(db, SQLITE_DBCONFIG_DQS_DDL, 0, NULL);
    sqlite3_db_config(db, SQLITE_DBCONFIG_DQS_DML, 0, NULL);
    return db;
}

static void load(sqlite3 *db, const char *path, const char *entry_point)
{
    char *error = NULL;
    if (sqlite3_load_extension(db, path, entry_point, &error) != SQLITE_OK)
        fail_msg("cannot load %s: %s", path, error);
}

static sqlite3 *open_loaded(const char *entry_point)
{
    sqlite3 *db = open_plain();
    load(db, extension(), entry_point);
    return db;
}

/* The first column of all rows, a line each, or `error: ...`; sqlite3_free() it. */
static char *query(sqlite3 *db, const char *sql)
{
    sqlite3_str *out = sqlite3_str_new(NULL);
    sqlite3_stmt *stmt = NULL;
    int rc = sqlite3_prepare_v2(db, sql, -1, &stmt, NULL);
    while (rc == SQLITE_OK && sqlite3_step(stmt) == SQLITE_ROW)
        sqlite3_str_appendf(out, "%s\n", (const char *)sqlite3_column_text(stmt, 0));
    if (sqlite3_finalize(stmt) != SQLITE_OK || rc != SQLITE_OK)
        sqlite3_str_appendf(out, "error: %s\n", sqlite3_errmsg(db));
    char *text = sqlite3_str_finish(out);
    return text ? text : sqlite3_mprintf("");
}

static void assert_lines(const char *what, const char *got, const char *expected)
{
    if (strcmp(got, expected) == 0)
        return;
    /* not by fail_msg(), which cuts at 1,024 bytes */
    fprintf(stderr, "%s\n-- expected:\n%s-- got:\n%s", what, expected, got);
    fail_msg("another result than expected");
}

static void assert_gives(sqlite3 *db, const char *sql, const char *expected)
{
    char *got = query(db, sql);
    assert_lines(sql, got, expected);
    sqlite3_free(got);
}

/* ---- what is registered --------------------------------------------------------------------- */

static char *expected_functions(bool with_files)
{
    sqlite3_str *out = sqlite3_str_new(NULL);
    for (size_t i = 0; i < LENGTH(functions); i++) {
        const entry *f = &functions[i];
        if (!f->reads_files || with_files)
            sqlite3_str_appendf(out, "%s/%d %c %#x\n", f->name, f->n_args, f->type, f->flags);
    }
    return sqlite3_str_finish(out);
}

static void assert_registers(const char *entry_point, bool with_files)
{
    sqlite3 *db = open_plain();
    sqlite3_exec(db,
                 "CREATE TEMP TABLE f AS SELECT name, narg FROM pragma_function_list;"
                 "CREATE TEMP TABLE m AS SELECT name FROM pragma_module_list",
                 NULL, NULL, NULL);
    load(db, extension(), entry_point);

    char *sql = sqlite3_mprintf(
        "SELECT DISTINCT printf('%%s/%%d %%s %%#x', name, narg, type, flags & %d)"
        " FROM pragma_function_list WHERE (name, narg) NOT IN (SELECT name, narg FROM f)"
        " ORDER BY name, narg",
        FLAGS);
    char *expected = expected_functions(with_files);
    assert_gives(db, sql, expected);
    sqlite3_free(expected);
    sqlite3_free(sql);

    /* The other functions of SQLite are still its own. */
    assert_gives(db,
                 "SELECT count(*) FROM f WHERE (name, narg) NOT IN"
                 " (SELECT name, narg FROM pragma_function_list)",
                 "0\n");

    sqlite3_str *names = sqlite3_str_new(NULL);
    for (size_t i = 0; with_files && i < LENGTH(modules); i++)
        sqlite3_str_appendf(names, "%s\n", modules[i]);
    expected = sqlite3_str_finish(names);
    assert_gives(db,
                 "SELECT name FROM pragma_module_list WHERE name NOT IN (SELECT name FROM m)"
                 " AND name NOT LIKE 'pragma\\_%' ESCAPE '\\' ORDER BY name",
                 expected ? expected : "");
    sqlite3_free(expected);
    assert_int_equal(sqlite3_close(db), SQLITE_OK);
}

static void test_load_registers_the_written_list(void **state)
{
    (void)state;
    assert_registers(NULL, true);
    assert_registers("sqlite3_cloudtrail_init", true);
    assert_registers("sqlite3_extension_init", true);
}

static void test_load_nofile_registers_nothing_that_reads_files(void **state)
{
    (void)state;
    assert_registers("sqlite3_cloudtrail_nofile_init", false);
}

static void test_load_twice_is_fine(void **state)
{
    (void)state;
    sqlite3 *db = open_loaded(NULL);
    load(db, extension(), NULL);
    assert_gives(db, "SELECT upn_name('ana@corp.example')", "ana\n");
    assert_int_equal(sqlite3_close(db), SQLITE_OK);
}

/* ---- another name --------------------------------------------------------------------------- */

static void copy_file(const char *from, const char *to)
{
    FILE *in = fopen(from, "rb"), *out = fopen(to, "wb");
    assert_non_null(in);
    assert_non_null(out);
    char piece[65536];
    size_t n;
    while ((n = fread(piece, 1, sizeof piece, in)) > 0)
        assert_int_equal(fwrite(piece, 1, n, out), n);
    fclose(in);
    assert_int_equal(fclose(out), 0);
}

static void test_load_renamed_file_works(void **state)
{
    (void)state;
    char *renamed = sqlite3_mprintf("%s.2 renamed%s", extension(), strrchr(extension(), '.'));
    copy_file(extension(), renamed);
    sqlite3 *db = open_plain();
    load(db, renamed, NULL);
    assert_gives(db, "SELECT upn_suffix('ana@corp.example')", "corp.example\n");
    assert_int_equal(sqlite3_close(db), SQLITE_OK);
    remove(renamed);
    sqlite3_free(renamed);
}

/* ---- others in the same process (issue 12) --------------------------------------------------- */

static char *other_release(void)
{
    const char *end = strrchr(extension(), '/');
    return sqlite3_mprintf("%.*s/tests/other_release%s", (int)(end - extension()), extension(),
                           strrchr(extension(), '.'));
}

/* The loader finds a name in the file that came first: what is called by its exported name is that
 * one's. */
static void test_issue12_two_releases_in_a_process_run_their_own_code(void **state)
{
    (void)state;
    static const char *const entry_points[] = {NULL, "sqlite3_extension_init",
                                               "sqlite3_cloudtrail_init",
                                               "sqlite3_cloudtrail_nofile_init"};
    char *other = other_release();
    sqlite3 *first = open_plain();
    load(first, other, NULL);
    assert_gives(first, "SELECT other_release()", "1\n");
    for (size_t i = 0; i < LENGTH(entry_points); i++) {
        sqlite3 *db = open_loaded(entry_points[i]);
        assert_gives(db, "SELECT upn_name('ana@corp.example')", "ana\n");
        assert_gives(db, "SELECT other_release()", "error: no such function: other_release\n");
        assert_int_equal(sqlite3_close(db), SQLITE_OK);
    }
    assert_int_equal(sqlite3_close(first), SQLITE_OK);
    sqlite3_free(other);
}

typedef int entry_point_fn(sqlite3 *, char **, const sqlite3_api_routines *);

static const sqlite3_api_routines *host; /* as SQLite hands it to an extension */

static int catch_host(sqlite3 *db, char **error, const sqlite3_api_routines *api)
{
    (void)db, (void)error;
    host = api;
    return SQLITE_OK;
}

/* To another copy of SQLite belongs another table of functions. The file is loaded once in a
 * process, and would call the one's with the objects of the other. */
static void test_issue12_a_second_copy_of_sqlite_is_refused(void **state)
{
    (void)state;
    union {
        void *pointer;
        entry_point_fn *function;
    } init;
    sqlite3_auto_extension((void (*)(void))catch_host);
    sqlite3 *db = open_loaded(NULL);
    sqlite3_cancel_auto_extension((void (*)(void))catch_host);
    assert_non_null(host);
    sqlite3_api_routines second = *host;

    void *library = dlopen(extension(), RTLD_NOW | RTLD_LOCAL);
    assert_non_null(library);
    static const char *const names[] = {"sqlite3_extension_init", "sqlite3_cloudtrail_init",
                                        "sqlite3_cloudtrail_nofile_init"};
    for (size_t i = 0; i < LENGTH(names); i++) {
        char *error = NULL;
        init.pointer = dlsym(library, names[i]);
        assert_non_null(init.pointer);
        sqlite3 *other = open_plain();
        assert_int_equal(init.function(other, &error, &second), SQLITE_ERROR);
        assert_string_equal(error, "another copy of SQLite in this process has loaded this file: "
                                   "load a copy of the file under another name");
        sqlite3_free(error);
        assert_int_equal(sqlite3_close(other), SQLITE_OK);
    }
    assert_gives(db, "SELECT upn_name('ana@corp.example')", "ana\n");
    assert_int_equal(sqlite3_close(db), SQLITE_OK);
    dlclose(library);
}

/* A function cannot be put in its own place while a statement runs. */
static void test_issue12_load_again_while_a_statement_runs_is_fine(void **state)
{
    (void)state;
    sqlite3 *db = open_loaded("sqlite3_cloudtrail_nofile_init");
    sqlite3_enable_load_extension(db, 1); /* for SQL, too */
    char *sql = sqlite3_mprintf("SELECT load_extension(%Q) IS NULL", extension());
    assert_gives(db, sql, "1\n"); /* brings what reads files */
    assert_gives(db, sql, "1\n");
    assert_gives(db, "SELECT count(*) > 0 FROM cloudtrail_log('data/sample')", "1\n");

    sqlite3_stmt *reader;
    assert_int_equal(sqlite3_prepare_v2(db, "SELECT eventName FROM cloudtrail_log('data/sample')",
                                        -1, &reader, NULL),
                     SQLITE_OK);
    assert_int_equal(sqlite3_step(reader), SQLITE_ROW);
    load(db, extension(), NULL);
    assert_int_equal(sqlite3_step(reader), SQLITE_ROW);
    assert_gives(db, "SELECT count(*) > 0 FROM cloudtrail_log('data/sample')", "1\n");
    assert_int_equal(sqlite3_step(reader), SQLITE_ROW);
    sqlite3_finalize(reader);
    sqlite3_free(sql);
    assert_int_equal(sqlite3_close(db), SQLITE_OK);
}

static void test_load_symbols_are_the_entry_points(void **state)
{
    (void)state;
#ifdef __APPLE__
    const char *nm = "nm -gU '%s' | sed 's/.* _//' | sort";
#else
    /* sanitizers show symbols of their own, which begin with two underscores */
    const char *nm = "nm -D --defined-only '%s' | sed 's/.* //' | grep -v '^__' | sort";
#endif
    char *command = sqlite3_mprintf(nm, extension());
    FILE *pipe = popen(command, "r");
    assert_non_null(pipe);
    char got[4096];
    got[fread(got, 1, sizeof got - 1, pipe)] = '\0';
    assert_int_equal(pclose(pipe), 0);

    sqlite3_str *names = sqlite3_str_new(NULL);
    for (size_t i = 0; i < LENGTH(symbols); i++)
        sqlite3_str_appendf(names, "%s\n", symbols[i]);
    char *expected = sqlite3_str_finish(names);
    assert_lines(command, got, expected);
    sqlite3_free(expected);
    sqlite3_free(command);
}

/* ---- what a stored schema may do ------------------------------------------------------------ */

/* Every view that the extension ships can be read where no schema is trusted. */
static void assert_views_work(const char *entry_point)
{
    sqlite3 *db = open_loaded(entry_point);
    assert_gives(db, "SELECT cloudtrail_init() IS NOT NULL", "1\n");
    assert_gives(db, "SELECT count(*) >= 4 FROM sqlite_master WHERE type = 'view'", "1\n");
    char *names = query(db, "SELECT name FROM sqlite_master WHERE type = 'view' ORDER BY name");
    for (char *name = strtok(names, "\n"); name; name = strtok(NULL, "\n")) {
        char *sql = sqlite3_mprintf("SELECT count(*) >= 0 FROM (SELECT * FROM \"%w\")", name);
        assert_gives(db, sql, "1\n");
        sqlite3_free(sql);
    }
    sqlite3_free(names);
    assert_int_equal(sqlite3_close(db), SQLITE_OK);
}

static void test_views_untrusted_schema_work(void **state)
{
    (void)state;
    assert_views_work("sqlite3_cloudtrail_init");
}

static void test_views_untrusted_schema_nofile_work(void **state)
{
    (void)state;
    assert_views_work("sqlite3_cloudtrail_nofile_init");
}

static void test_stored_view_cannot_read_files(void **state)
{
    (void)state;
    sqlite3 *db = open_loaded(NULL);
    sqlite3_db_config(db, SQLITE_DBCONFIG_TRUSTED_SCHEMA, 1, NULL); /* even then */
    sqlite3_exec(db,
                 "CREATE VIEW logs AS SELECT * FROM cloudtrail_log('/dev/null');"
                 "CREATE VIEW import AS SELECT cloudtrail_import('/dev/null') AS x;"
                 "CREATE VIEW init AS SELECT cloudtrail_init() AS x",
                 NULL, NULL, NULL);
    assert_gives(db, "SELECT * FROM logs",
                 "error: unsafe use of virtual table \"cloudtrail_log\"\n");
    assert_gives(db, "SELECT x FROM import", "error: unsafe use of cloudtrail_import()\n");
    assert_gives(db, "SELECT x FROM init", "error: unsafe use of cloudtrail_init()\n");
    assert_int_equal(sqlite3_close(db), SQLITE_OK);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_load_registers_the_written_list),
        cmocka_unit_test(test_load_nofile_registers_nothing_that_reads_files),
        cmocka_unit_test(test_load_twice_is_fine),
        cmocka_unit_test(test_load_renamed_file_works),
        cmocka_unit_test(test_issue12_two_releases_in_a_process_run_their_own_code),
        cmocka_unit_test(test_issue12_a_second_copy_of_sqlite_is_refused),
        cmocka_unit_test(test_issue12_load_again_while_a_statement_runs_is_fine),
        cmocka_unit_test(test_load_symbols_are_the_entry_points),
        cmocka_unit_test(test_views_untrusted_schema_work),
        cmocka_unit_test(test_views_untrusted_schema_nofile_work),
        cmocka_unit_test(test_stored_view_cannot_read_files),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
