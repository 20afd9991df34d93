/* Binder and emitter: the names and types of results (../shared/kql/semantics.md, section 5, asked
 * of Microsoft's binder), what is refused, and the SQL where its form is a promise. */
#include "harness.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "kql_rows.h"

#define DATA "datatable(s:string, d:dynamic, dt:datetime, n:long, b:bool)[]"

static void test_names_of_unnamed_columns(void **state)
{
    (void)state;
    sqlite3 *db = harness_open();
    assert_columns(db, DATA "| project d.a, d['a b'], d.e[0], d.e[-1]",
                   "d_a:dynamic, d_a b:dynamic, d_e_0:dynamic, d_e_:dynamic");
    assert_columns(db, DATA "| project tostring(d.x), split(s, '/')[0], todynamic(s), bin(dt, 1h)",
                   "d_x:string, s_0:dynamic, s:dynamic, dt:datetime");
    assert_columns(db, DATA "| project tolower(s), n + 1, s == 'a'",
                   "Column1:string, Column2:long, Column3:bool");
    assert_columns(db, "print a = 1, 2", "a:long, print_1:long");
    assert_columns(db,
                   DATA "| summarize count(), countif(b), sum(n), dcount(s), make_set(s), "
                        "make_list(s), percentile(n, 55), max(n), max(n)",
                   "count_:long, countif_b:long, sum_n:long, dcount_s:long, set_s:dynamic, "
                   "list_s:dynamic, percentile_n_55:long, max_n:long, max_n1:long");
    assert_columns(db, DATA "| summarize count() by bin(dt, 1h), startofday(dt), tolower(s)",
                   "dt:datetime, dt1:datetime, Column1:string, count_:long");
    assert_columns(db, DATA "| summarize arg_max(dt, *) by s",
                   "s:string, dt:datetime, d:dynamic, n:long, b:bool");
    assert_columns(db, DATA "| summarize x = arg_max(dt, *) by s",
                   "s:string, x:datetime, d:dynamic, n:long, b:bool");
    assert_columns(db, DATA "| summarize (x, y) = arg_max(dt, n) by s",
                   "s:string, x:datetime, y:long");
    assert_columns(db, DATA "| distinct tostring(d.x), s", "d_x:string, s:string");
    assert_columns(db, DATA "| count", "Count:long");
    harness_close(db);
}

static void test_columns_keep_and_change_places(void **state)
{
    (void)state;
    sqlite3 *db = harness_open();
    assert_columns(db, "datatable(a:long, b:long, c:long)[] | extend b = 's', e = a",
                   "a:long, b:string, c:long, e:long");
    assert_columns(db, "datatable(d:dynamic, z:long)[] | mv-expand with_itemindex=i x = d",
                   "d:dynamic, z:long, x:dynamic, i:long");
    assert_columns(db,
                   "datatable(d:dynamic, m:long, z:long)[] | mv-apply x = d to typeof(long) on "
                   "(summarize m = sum(x))",
                   "d:dynamic, m:long, z:long");
    assert_columns(db, "datatable(a1:long, b:long, a2:long)[] | project-away a*", "b:long");
    assert_columns(db, "datatable(a1:long, b:long, a2:long)[] | project-keep a2, a1",
                   "a1:long, a2:long");
    assert_columns(db, "datatable(a:long, b:long)[] | project-rename c = a", "c:long, b:long");
    assert_columns(db, "datatable(a:long, b:long, c:long)[] | project-reorder c, a",
                   "c:long, a:long, b:long");
    assert_columns(db, "datatable(x:dynamic, y:long)[] | mv-expand x | mv-expand z = x",
                   "x:dynamic, y:long, z:dynamic");
    assert_columns(db, "datatable(x:dynamic, y:string)[] | mv-expand x.a, todynamic(y)",
                   "x:dynamic, y:dynamic, x_a:dynamic");
    assert_columns(db,
                   "datatable(k:long, s:string, s1:string)[] | join (datatable(k:long, "
                   "s:string)[]) on k",
                   "k:long, s:string, s1:string, k1:long, s2:string");
    assert_columns(db,
                   "datatable(id:long, k:long)[] | join (datatable(id:long, k:long, k1:long, "
                   "k2:long)[]) on id",
                   "id:long, k:long, id1:long, k3:long, k1:long, k2:long");
    assert_columns(db,
                   "datatable(k:long, s:string)[] | join kind=leftanti (datatable(k:long)[]) on k",
                   "k:long, s:string");
    assert_columns(db,
                   "datatable(k:long)[] | join kind=rightsemi (datatable(k:long, z:bool)[]) on k",
                   "k:long, z:bool");
    assert_columns(db, "datatable(k:long)[] | lookup (datatable(k:long, z:bool)[]) on k",
                   "k:long, z:bool");
    assert_columns(db, "union (datatable(a:long, b:long)[]), (datatable(a:string, c:long)[])",
                   "a_long:long, b:long, a_string:string, c:long");
    assert_columns(db, "datatable(a:long)[] | parse tostring(a) with x 'a' y:long",
                   "a:long, x:string, y:long");
    harness_close(db);
}

static void test_types_meet_as_in_kusto(void **state)
{
    (void)state;
    sqlite3 *db = harness_open();
    assert_columns(db, "print a = int(1) + int(2), b = 1 / 2, c = 1.0 * 2, d = 1d / 2, e = 1d / 1h",
                   "a:long, b:long, c:real, d:timespan, e:real");
    assert_columns(db,
                   "print a = datetime(2020-01-02) - datetime(2020-01-01), b = "
                   "datetime(2020-01-01) + 1d, c = dynamic(1) + 1",
                   "a:timespan, b:datetime, c:long");
    assert_columns(db,
                   "print a = -int(3), b = sign(5), c = round(5), d = round(int(5)), "
                   "e = ceiling(int(5)), f = round(2.5)",
                   "a:int, b:real, c:long, d:int, e:int, f:real");
    assert_columns(db,
                   "datatable(i:int, l:long, f:bool, e:dynamic)[] | project a = max_of(i, i), b = "
                   "max_of(i, l), c = iff(f, i, e), d = -i, x = round(l, 1), y = max_of(f, true)",
                   "a:int, b:long, c:int, d:long, x:long, y:bool");
    assert_answer(db, "print round(1250, -2), round(9007199254740993, 1), max_of(true, false)",
                  "1300|9007199254740993|1");
    assert_columns(db, "print a = iff(true, 1, 1.5), b = iff(true, dynamic('x'), 'y')",
                   "a:real, b:string");
    assert_answer(db, "print bool(true) == 'true', 5 == '5', dynamic(5) == 5, dynamic('a') != 'b'",
                  "1|1|1|1");
    assert_refused(db, "print 'a' + 'b'",
                   "line 1, column 7: '+' does not take a string and a string");
    assert_refused(db, "print dynamic(1) + 'a'",
                   "line 1, column 7: '+' does not take a dynamic and a string");
    assert_refused(db, "print dynamic('a') < 'b'",
                   "line 1, column 7: '<' does not take a dynamic and a string");
    assert_refused(db, "print guid(74be27de-1e4e-49d9-b579-fe0b331d3642) has '74'",
                   "line 1, column 7: 'has' takes strings, not a guid");
    harness_close(db);
}

static void test_binder_is_as_strict_as_microsofts(void **state)
{
    (void)state;
    sqlite3 *db = harness_open();
    /* Found by trying types in every place of every function and operator of Microsoft's binder. */
    static const char *const errors[] = {
        "s < 'x'",
        "s between ('a' .. 'b')",
        "e < d",
        "e >= t",
        "e / t",
        "-e",
        "+s",
        "e between (1 .. 2.5)",
        "l between (e .. 5)",
        "s has dynamic(['a'])",
        "s has pack_array('a')",
        "abs(e)",
        "round(e)",
        "round(r, l)",
        "not(e)",
        "hourofday(e)",
        "startofday(d, e)",
        "datetime_diff(s, d, d)",
        "datetime_part('day', e)",
        "format_datetime(d, s)",
        "max_of(e, 1)",
        "min_of(s, e)",
        "coalesce(e, 'a')",
        "strlen(l)",
        "parse_json(l)",
        "hash_sha256(e)",
        "bag_pack(l, 1)",
        "make_string(s)",
        "trim(s, s)",
        "extract(s, 1, s)",
        "replace_regex(s, 'a', s)",
        "indexof(s, 'a', 0, 1, l)",
        "pack_array()",
        "- - l",
        "l in (1, 2, )",
        "toscalar(l)",
        "datetime_diff('days', d, d)",
        "datetime_part('week', d)",
        "datetime_add('dayofyear', 1, d)",
        "strcat_delim('-', s)",
    };
    for (size_t i = 0; i < sizeof errors / sizeof errors[0]; i++) {
        char *query = sqlite3_mprintf("datatable(s:string, l:long, r:real, d:datetime, e:dynamic, "
                                      "t:timespan)[] | extend x = %s",
                                      errors[i]);
        char *compile = sqlite3_mprintf("SELECT kql_sql(%Q)", query);
        char *said = harness_query(db, compile);
        if (strncmp(said, "error: kql_sql(): line 1, column ", 33) != 0)
            fail_msg("%s is not refused: %s", errors[i], said);
        free(said);
        sqlite3_free(compile);
        sqlite3_free(query);
    }
    static const char *const refused[][2] = {
        {"datatable(s:string)[] | parse s with * a:long",
         "line 1, column 40: a column of parse stands first or behind a string"},
        {"datatable(s:string)[] | parse kind=regex s with a:long b:string",
         "line 1, column 56: a column of parse stands first or behind a string"},
        {"datatable(s:string)[] | summarize countif(parse_json(s))",
         "line 1, column 35: 'countif' does not take these arguments"},
        {"datatable(s:string)[] | summarize sum(parse_json(s))",
         "line 1, column 35: 'sum' does not take these arguments"},
        {"datatable(s:string)[] | summarize percentile(parse_json(s), 5)",
         "line 1, column 35: 'percentile' does not take these arguments"},
        {"datatable(s:string)[] | summarize count_distinct(parse_json(s))",
         "line 1, column 35: 'count_distinct' does not take these arguments"},
        {"datatable(s:string)[] | where s", "line 1, column 31: a bool is expected here, this is a "
                                            "string"},
        {"datatable(s:string)[] | extend q = 1, w = q",
         "line 1, column 43: there is no column or let named 'q'"},
        {"datatable(s:string)[] | extend q = 1, q = 2",
         "line 1, column 39: the name 'q' is given twice"},
        {"datatable(s:string)[] | project s, s", "line 1, column 36: the name 's' is given twice"},
        {"datatable(s:string)[] | project-away z", "line 1, column 38: there is no column 'z'"},
        {"datatable(s:string)[] | project-away z*", "line 1, column 38: there is no column 'z*'"},
        {"datatable(s:string, t:string)[] | project-rename s = t",
         "line 1, column 35: the name 's' is given twice"},
        {"datatable(d:dynamic)[] | summarize count() by d",
         "line 1, column 47: rows cannot be grouped by a dynamic value (use tostring)"},
        {"datatable(d:dynamic)[] | sort by d",
         "line 1, column 34: rows cannot be sorted by a dynamic value"},
        {"datatable(d:dynamic)[] | join (datatable(d:dynamic)[]) on d",
         "line 1, column 59: a join does not compare dynamic values (use tostring)"},
        {"datatable(d:long)[] | join (datatable(d:string)[]) on d",
         "line 1, column 55: a join compares a long with a string"},
        {"datatable(s:string)[] | mv-expand s",
         "line 1, column 35: a string cannot be expanded, only a dynamic can"},
        {"datatable(s:string)[] | extend n = row_number()",
         "line 1, column 36: 'row_number' needs rows in an order: sort or serialize first"},
        {"datatable(n:long)[] | extend m = sum(n)",
         "line 1, column 34: the aggregate 'sum' stands outside of summarize"},
        {"datatable(n:long)[] | summarize n",
         "line 1, column 33: the column 'n' stands outside of an aggregate"},
        {"Nowhere | take 1", "line 1, column 1: there is no table 'Nowhere'"},
        {"print nosuch(1)",
         "line 1, column 7: the function 'nosuch' is not known or not supported"},
        {"print strlen(1, 2)",
         "line 1, column 7: 'strlen' does not take 2 arguments of these types"},
        {"let x = 5; x", "line 1, column 12: the query ends with a value, not with a table"},
        {"datatable(n:long)[] | top 3 by n, n",
         "line 1, column 33: '|', ';' or the end expected, not ','"},
        {"datatable(n:long)[] | sort by n | extend m = prev(n + 1)",
         "line 1, column 46: 'prev' takes a column"},
        {"externaldata(a:string)['http://x']",
         "line 1, column 1: externaldata is not supported: nothing is fetched; put the data into a "
         "table"},
    };
    for (size_t i = 0; i < sizeof refused / sizeof refused[0]; i++)
        assert_refused(db, refused[i][0], refused[i][1]);
    harness_close(db);
}

static void test_quotes_are_quoted(void **state)
{
    (void)state;
    sqlite3 *db = harness_open();
    assert_answer(db, "print ['a\"b'] = \"it's\", ['select'] = strlen('\\0x')", "it's|2");
    assert_answer(db,
                  "datatable(['a b']:string, ['A B']:string)['x', 'y'] | extend ['a B'] = "
                  "strcat(['a b'], ['A B'])",
                  "x|y|xy");
    /* A comment of the query ends on its line, whatever stands in it. */
    assert_answer(db, "print a = 1 // '; DROP TABLE x; --\n// --> */\n| where a == 1", "1");
    assert_answer(db, "print a = 'x\\n); DROP TABLE t; --'", "x\n); DROP TABLE t; --");
    harness_close(db);
}

/* Every let is compiled anew where it is used, and a table expression is named once. */
static void test_a_table_expression_is_named_once(void **state)
{
    (void)state;
    sqlite3 *db = harness_open();
    char *sql =
        kql_compile(db, "let T = datatable(k:long)[1, 2] | where k > 0; T | join kind=inner T on "
                        "k | join kind=inner (T | take 5) on k");
    for (int i = 1; i < 12; i++) {
        char from[32];
        snprintf(from, sizeof from, "_%d AS ", i);
        char *first = strstr(sql, from);
        if (first && first[-1] != '\n')
            assert_true(strstr(first + 1, from) == NULL ||
                        strstr(first + 1, from)[strlen(from)] == '(' || first[strlen(from)] == '(');
    }
    free(sql);
    harness_close(db);
}

/* 21 levels of x = x + x: flattened, SQLite would write the innermost two million times. */
static void test_doubling_expressions_stay_linear(void **state)
{
    (void)state;
    sqlite3 *db = harness_open();
    ct_buf query = CT_BUF_EMPTY;
    ct_buf_put_text(&query, "datatable(x:long)[1] ");
    for (int i = 0; i < 21; i++)
        ct_buf_put_text(&query, "| extend x = x + x ");
    ct_buf_put_char(&query, 0);
    assert_answer(db, query.data, "2097152");
    ct_buf_free(&query);
    harness_close(db);
}

/* A let of a scalar is written where it is used; that is bounded. */
static void test_doubling_lets_are_refused(void **state)
{
    (void)state;
    sqlite3 *db = harness_open();
    ct_buf query = CT_BUF_EMPTY;
    ct_buf_put_text(&query, "let a0 = strcat('a', 'b'); ");
    for (int i = 1; i <= 40; i++)
        ct_buf_printf(&query, "let a%d = strcat(a%d, a%d); ", i, i - 1, i - 1);
    ct_buf_put_text(&query, "print a40");
    ct_buf_put_char(&query, 0);
    char *text = kql_compile(db, query.data);
    assert_non_null(strstr(text, "the query is too large (over 100000 expressions)"));
    free(text);
    ct_buf_clear(&query);
    ct_buf_put_text(&query, "let t0 = datatable(x:long)[1]; ");
    for (int i = 1; i <= 12; i++)
        ct_buf_printf(&query, "let t%d = union t%d, t%d; ", i, i - 1, i - 1);
    ct_buf_put_text(&query, "t12");
    ct_buf_put_char(&query, 0);
    text = kql_compile(db, query.data);
    assert_non_null(strstr(text, "the query has more than 400 steps"));
    free(text);
    ct_buf_free(&query);
    harness_close(db);
}

/* One row comes out of summarize without by, also where nothing of it is read. */
static void test_summarize_of_which_nothing_is_read(void **state)
{
    (void)state;
    sqlite3 *db = harness_open();
    assert_answer(db, "datatable(n:long)[1, 2, 3] | summarize c = stdev(n) | count", "1");
    assert_answer(db,
                  "datatable(n:long)[1, 2, 3] | summarize c = make_list(n) | extend d = 1 | "
                  "project-away c",
                  "1");
    assert_answer(db, "datatable(n:long)[] | summarize c = max(n) | count", "1");
    assert_answer(
        db,
        "datatable(s:string)[] | summarize max(s), min(s), take_any(s) | where max_s == '' "
        "and min_s == '' and s == '' | count",
        "1");
    assert_answer(db, "datatable(n:long)[1, 1, 2] | summarize c = max(n) by n | count", "2");
    harness_close(db);
}

/* Of rows that tie in a sort, one is expanded before the other. */
static void test_expanded_rows_stay_together(void **state)
{
    (void)state;
    sqlite3 *db = harness_open();
    assert_answer(
        db,
        "datatable(k:long, d:dynamic)[1, dynamic([1, 2]), 1, dynamic([1, 2])] | sort by k "
        "asc | mv-expand d to typeof(long) | project d",
        "1\n2\n1\n2");
    harness_close(db);
}

/* A full join reads its sides twice, mv-apply its rows; one upon another they would double. */
static void test_doubling_reads_are_refused(void **state)
{
    (void)state;
    sqlite3 *db = harness_open();
    ct_buf query = CT_BUF_EMPTY;
    ct_buf_put_text(&query, "datatable(a:long, b:long)[]");
    for (int i = 0; i < 20; i++)
        ct_buf_put_text(&query, "| join kind=fullouter (datatable(a:long, b:long)[]) on a "
                                "| project a, b");
    ct_buf_put_char(&query, 0);
    char *text = kql_compile(db, query.data);
    assert_non_null(strstr(text, "the query is too large (over 4000 reads of its parts)"));
    free(text);
    ct_buf_free(&query);
    harness_close(db);
}

/* SQLite joins 64 tables at once at most; more joins than that are made in parts. */
static void test_many_joins_are_made_in_parts(void **state)
{
    (void)state;
    sqlite3 *db = harness_open();
    ct_buf query = CT_BUF_EMPTY;
    ct_buf_put_text(&query, "datatable(a:long)[1]");
    for (int i = 0; i < 70; i++)
        ct_buf_put_text(&query, "| join kind=inner (datatable(a:long)[1, 2]) on a | project a");
    ct_buf_put_char(&query, 0);
    assert_answer(db, query.data, "1");
    ct_buf_free(&query);
    harness_close(db);
}

/* SQLite's parser before 3.46 stops at a depth of some 20 calls. */
static void test_deep_calls_are_cut_into_steps(void **state)
{
    (void)state;
    sqlite3 *db = harness_open();
    ct_buf query = CT_BUF_EMPTY;
    ct_buf_put_text(&query, "datatable(s:string)['a'] | extend r = ");
    for (int i = 0; i < 25; i++)
        ct_buf_put_text(&query, "strcat(");
    ct_buf_put_text(&query, "s");
    for (int i = 0; i < 25; i++)
        ct_buf_put_text(&query, ", 'b')");
    ct_buf_put_char(&query, 0);
    assert_answer(db, query.data, "a|abbbbbbbbbbbbbbbbbbbbbbbbb");
    ct_buf_free(&query);
    harness_close(db);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_names_of_unnamed_columns),
        cmocka_unit_test(test_columns_keep_and_change_places),
        cmocka_unit_test(test_types_meet_as_in_kusto),
        cmocka_unit_test(test_binder_is_as_strict_as_microsofts),
        cmocka_unit_test(test_quotes_are_quoted),
        cmocka_unit_test(test_a_table_expression_is_named_once),
        cmocka_unit_test(test_doubling_expressions_stay_linear),
        cmocka_unit_test(test_doubling_lets_are_refused),
        cmocka_unit_test(test_summarize_of_which_nothing_is_read),
        cmocka_unit_test(test_expanded_rows_stay_together),
        cmocka_unit_test(test_doubling_reads_are_refused),
        cmocka_unit_test(test_many_joins_are_made_in_parts),
        cmocka_unit_test(test_deep_calls_are_cut_into_steps),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
