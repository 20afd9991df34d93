/*
 * ddl: CREATE TABLE statements taken apart.
 */
#include "harness.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "faulty_mem.h"
#include "sqlite/ddl.h"

static ct_span span(const char *text)
{
    return (ct_span){text, strlen(text)};
}

/* `"name": text` a column, `text` a constraint, one a line; then `tail: ...`. */
static char *parts_of(const char *sql)
{
    ct_ddl ddl;
    ct_buf out = CT_BUF_EMPTY;
    ct_ddl_result result = ct_ddl_parse(&ddl, sql, strlen(sql));
    for (size_t i = 0; result == CT_DDL_OK && i < ddl.n_parts; i++) {
        if (i < ddl.n_columns) {
            ct_span name = ct_ddl_name(&ddl, &ddl.parts[i]);
            ct_buf_put(&out, name.p, name.n);
            ct_buf_put_text(&out, ": ");
        }
        ct_buf_put(&out, ddl.parts[i].text.p, ddl.parts[i].text.n);
        ct_buf_put_char(&out, '\n');
    }
    ct_buf_put_text(&out, result == CT_DDL_OK ? "tail:" : "no table");
    if (result == CT_DDL_OK)
        ct_buf_put(&out, ddl.tail.p, ddl.tail.n);
    ct_buf_put_char(&out, '\0');
    ct_ddl_free(&ddl);
    return out.data;
}

static void check(const char *sql, const char *expected)
{
    char *got = parts_of(sql);
    assert_string_equal(got, expected);
    ct_free(got);
}

static void test_ddl_parts(void **state)
{
    (void)state;
    check("CREATE TABLE t (a, b TEXT)", "\"a\": a\n\"b\": b TEXT\ntail:");
    check("create table main.t(a INTEGER PRIMARY KEY,b TEXT NOT NULL DEFAULT 'x, (y' /* , */);\n"
          "CREATE INDEX i ON t (a);",
          "\"a\": a INTEGER PRIMARY KEY\n\"b\": b TEXT NOT NULL DEFAULT 'x, (y'\ntail:");
    /* The comment behind a comma is of the column before it. */
    check("CREATE TABLE t (\n    a TEXT, -- one; (two\n    b -- three,\n    , /* ) */ c)",
          "\"a\": a TEXT\n\"b\": b\n\"c\": c\ntail:");
    check("CREATE TABLE t (a CHECK (a IN (1, 2)), CONSTRAINT x CHECK (a), PRIMARY KEY (a, b),\n"
          " unique (a), CHECK (a), FOREIGN KEY (a) REFERENCES u (b)) WITHOUT ROWID, STRICT",
          "\"a\": a CHECK (a IN (1, 2))\nCONSTRAINT x CHECK (a)\nPRIMARY KEY (a, b)\nunique (a)\n"
          "CHECK (a)\nFOREIGN KEY (a) REFERENCES u (b)\ntail: WITHOUT ROWID, STRICT");
}

static void test_ddl_names_in_all_quotes(void **state)
{
    (void)state;
    check("CREATE TABLE \"a (b\" (\"x \"\"y\"\"\" TEXT, [z\"], `w``v`, 'it''s' INT, \"check\", "
          "\xc3\xa9)",
          "\"x \"\"y\"\"\": \"x \"\"y\"\"\" TEXT\n\"z\"\"\": [z\"]\n\"w`v\": `w``v`\n"
          "\"it's\": 'it''s' INT\n\"check\": \"check\"\n\"\xc3\xa9\": \xc3\xa9\ntail:");
}

static void test_ddl_what_is_no_table(void **state)
{
    (void)state;
    static const char *const texts[] = {
        "",
        "CREATE",
        "CREATE TABLE",
        "CREATE TABLE t",
        "CREATE TABLE t (",
        "CREATE TABLE t (a",
        "CREATE TABLE t (a,",
        "CREATE TABLE t ()",
        "CREATE TABLE t (a,)",
        "CREATE TABLE t (a,,b)",
        "CREATE TABLE t (a \"b)",
        "CREATE TABLE t (a /* b)",
        "CREATE TABLE t (a (b)",
        "CREATE TABLE t (CHECK (a), b)",
        "CREATE TABLE t (1 + 1, +)",
        "CREATE TABLE t AS SELECT (1)",
        "CREATE TABLE t; SELECT (1)",
        "CREATE VIEW v AS SELECT (1)",
        "CREATE VIRTUAL TABLE t USING fts5 (a)",
        "SELECT 1",
    };
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++)
        check(texts[i], "no table");
}

/* Every beginning of a statement, each in a block of its own, for the sanitizers. */
static void test_ddl_reads_no_byte_behind(void **state)
{
    (void)state;
    static const char sql[] = "CREATE TABLE t (\"a\"\"\" TEXT DEFAULT 'x' -- c\n, [b] /* d */, `c`,"
                              " CHECK (a <> '''')) WITHOUT ROWID";
    for (size_t n = 0; n < sizeof sql; n++) {
        char *copy = malloc(n ? n : 1);
        assert_non_null(copy);
        memcpy(copy, sql, n);
        ct_ddl ddl;
        (void)ct_ddl_parse(&ddl, copy, n);
        (void)ct_ddl_same((ct_span){copy, n}, (ct_span){copy, n / 2});
        (void)ct_ddl_has_word((ct_span){copy, n}, "ROWID");
        ct_ddl_free(&ddl);
        free(copy);
    }
}

static void test_ddl_column_is_found_in_any_case(void **state)
{
    (void)state;
    static const char sql[] = "CREATE TABLE t (eventTime TEXT, \"B c\")";
    ct_ddl ddl;
    assert_int_equal(ct_ddl_parse(&ddl, sql, sizeof sql - 1), CT_DDL_OK);
    assert_ptr_equal(ct_ddl_column(&ddl, span("\"EVENTTIME\"")), &ddl.parts[0]);
    assert_ptr_equal(ct_ddl_column(&ddl, span("\"b C\"")), &ddl.parts[1]);
    assert_null(ct_ddl_column(&ddl, span("\"event\"")));
    assert_int_equal(ddl.statement.n, sizeof sql - 1);
    ct_ddl_free(&ddl);
}

static void test_ddl_same(void **state)
{
    (void)state;
    static const struct {
        const char *a, *b;
        bool same;
    } cases[] = {
        {"a TEXT NOT NULL", "A  text /* x */ not\nnull -- y", true},
        {"a DEFAULT 'x'", "a DEFAULT 'X'", false},
        {"a DEFAULT 'x'", "a DEFAULT  'x'", true},
        {"a TEXT", "a TEXT NOT NULL", false},
        {"a TEXT", "aTEXT", false},
        {"a CHECK(a>1)", "a CHECK ( a > 1 )", true},
        {"a <> 1", "a < > 1", true}, /* two tokens to this eye; no harm: such SQL does not exist */
        {"\"a\"", "a", false},
        {"", " -- nothing", true},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        assert_int_equal(ct_ddl_same(span(cases[i].a), span(cases[i].b)), cases[i].same);
        assert_int_equal(ct_ddl_same(span(cases[i].b), span(cases[i].a)), cases[i].same);
    }
}

static void test_ddl_has_word(void **state)
{
    (void)state;
    assert_true(ct_ddl_has_word(span("a TEXT not null"), "NOT"));
    assert_false(ct_ddl_has_word(span("a CHECK (a IS NOT NULL)"), "NOT"));
    assert_false(ct_ddl_has_word(span("a DEFAULT 'NOT' -- NOT"), "NOT"));
    assert_false(ct_ddl_has_word(span("notes TEXT"), "NOT"));
}

static void test_ddl_no_memory(void **state)
{
    (void)state;
    static const char sql[] = "CREATE TABLE t (a,b,c,d,e,f,g,h,i,j,k,l,m,n,o,p,q,r,s,t,u,v,w,x,y)";
    for (int i = 0; i < CT_MEM_N_WAYS; i++) {
        ct_ddl_result result = CT_DDL_NO_MEMORY;
        int n_failed = 0;
        for (long n = 0; result == CT_DDL_NO_MEMORY; n++) {
            ct_ddl ddl;
            ct_mem_ways[i](n);
            result = ct_ddl_parse(&ddl, sql, sizeof sql - 1);
            bool refused = ct_mem_failures() > 0;
            ct_mem_fail_after(-1);
            n_failed += result == CT_DDL_NO_MEMORY;
            assert_int_equal(result == CT_DDL_NO_MEMORY, refused);
            assert_true(result != CT_DDL_NO_TABLE);
            ct_ddl_free(&ddl);
        }
        assert_true(n_failed >= 3);
    }
}

/* What SQLite itself says of the tables that we ship: their columns, in order. */
static void test_ddl_finds_the_columns_that_sqlite_finds(void **state)
{
    (void)state;
    sqlite3 *db = harness_open();
    harness_exec(db,
                 "SELECT cloudtrail_init();"
                 "CREATE TABLE x (\"a,b\" CHECK (\"a,b\" <> '),'), [c d], e AS (\"a,b\" || ','))");
    sqlite3_stmt *stmt;
    assert_int_equal(
        sqlite3_prepare_v2(db,
                           "SELECT sql, (SELECT group_concat('\"' || name || '\"', ' ') FROM"
                           " pragma_table_xinfo(m.name)) FROM sqlite_master AS m"
                           " WHERE type = 'table' AND name NOT LIKE 'sqlite%'",
                           -1, &stmt, NULL),
        SQLITE_OK);
    int n_tables = 0;
    for (; sqlite3_step(stmt) == SQLITE_ROW; n_tables++) {
        const char *sql = (const char *)sqlite3_column_text(stmt, 0);
        ct_ddl ddl;
        assert_int_equal(ct_ddl_parse(&ddl, sql, strlen(sql)), CT_DDL_OK);
        ct_buf names = CT_BUF_EMPTY;
        for (size_t i = 0; i < ddl.n_columns; i++) {
            ct_span name = ct_ddl_name(&ddl, &ddl.parts[i]);
            ct_buf_put_text(&names, i > 0 ? " " : "");
            ct_buf_put(&names, name.p, name.n);
        }
        ct_buf_put_char(&names, '\0');
        assert_string_equal(names.data, (const char *)sqlite3_column_text(stmt, 1));
        ct_buf_free(&names);
        ct_ddl_free(&ddl);
    }
    assert_true(n_tables > 10);
    sqlite3_finalize(stmt);
    harness_close(db);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_ddl_parts),
        cmocka_unit_test(test_ddl_names_in_all_quotes),
        cmocka_unit_test(test_ddl_what_is_no_table),
        cmocka_unit_test(test_ddl_reads_no_byte_behind),
        cmocka_unit_test(test_ddl_column_is_found_in_any_case),
        cmocka_unit_test(test_ddl_same),
        cmocka_unit_test(test_ddl_has_word),
        cmocka_unit_test(test_ddl_no_memory),
        cmocka_unit_test(test_ddl_finds_the_columns_that_sqlite_finds),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
