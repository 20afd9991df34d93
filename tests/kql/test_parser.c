/* The parser: how operators bind (../shared/kql/semantics.md, section 1, asked of Microsoft's own
 * parser), what each operator takes, and what it refuses with which words. */
#include "harness.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "kql/parser.h"

/* The expression in full parentheses. */
static void show(const ct_kql_node *node, char *out, size_t size)
{
    size_t n = strlen(out);
    switch (node->kind) {
    case KN_LITERAL:
        if (node->type == CT_KQL_STRING)
            snprintf(out + n, size - n, "'%.*s'", (int)node->text.n, node->text.p);
        else if (node->type == CT_KQL_DYNAMIC)
            snprintf(out + n, size - n, "%.*s", (int)node->text.n, node->text.p);
        else if (node->is_null)
            snprintf(out + n, size - n, "null");
        else if (node->type == CT_KQL_REAL)
            snprintf(out + n, size - n, "%g", node->real);
        else
            snprintf(out + n, size - n, "%lld", (long long)node->integer);
        return;
    case KN_NAME:
        snprintf(out + n, size - n, "%.*s", (int)node->text.n, node->text.p);
        return;
    case KN_SIGN:
        snprintf(out + n, size - n, "%.*s(", (int)node->text.n, node->text.p);
        show(node->left, out, size);
        break;
    case KN_MEMBER:
        show(node->left, out, size);
        n = strlen(out);
        snprintf(out + n, size - n, ".%.*s", (int)node->text.n, node->text.p);
        return;
    case KN_INDEX:
        show(node->left, out, size);
        strncat(out, "[", size - strlen(out) - 1);
        show(node->right, out, size);
        strncat(out, "]", size - strlen(out) - 1);
        return;
    case KN_BINARY:
        snprintf(out + n, size - n, "(");
        show(node->left, out, size);
        n = strlen(out);
        snprintf(out + n, size - n, " %.*s ", (int)node->text.n, node->text.p);
        show(node->right, out, size);
        break;
    case KN_BETWEEN:
        snprintf(out + n, size - n, "(");
        show(node->left, out, size);
        n = strlen(out);
        snprintf(out + n, size - n, " %.*s ", (int)node->text.n, node->text.p);
        show(node->right, out, size);
        strncat(out, "..", size - strlen(out) - 1);
        show(node->third, out, size);
        break;
    default:
        if (node->kind == KN_CALL)
            snprintf(out + n, size - n, "%.*s(", (int)node->text.n, node->text.p);
        else if (node->kind == KN_IN) {
            show(node->left, out, size);
            n = strlen(out);
            snprintf(out + n, size - n, " %.*s (", (int)node->text.n, node->text.p);
        } else
            snprintf(out + n, size - n, "%s(", node->kind == KN_AND ? "and" : "or");
        for (size_t i = 0; i < node->items.n; i++) {
            if (i > 0)
                strncat(out, ", ", size - strlen(out) - 1);
            show(node->items.at[i], out, size);
        }
    }
    strncat(out, ")", size - strlen(out) - 1);
}

/* `T | where EXPRESSION`, shown; or the error. */
static const char *parse(const char *query, bool is_expression)
{
    static char line[4096], text[2048];
    snprintf(text, sizeof text, is_expression ? "T | where %s" : "%s", query);
    ct_kql_job job;
    ct_kql_job_begin(&job, (ct_span){text, strlen(text)});
    line[0] = 0;
    if (setjmp(job.failed) == 0) {
        ct_kql_node *tree = ct_kql_parse_query(&job);
        if (is_expression)
            show(tree->left->items.at[0]->left, line, sizeof line);
        else
            snprintf(line, sizeof line, "ok");
    } else {
        snprintf(line, sizeof line, "error: %.*s", (int)job.error.len, job.error.data);
    }
    ct_kql_job_end(&job);
    return line;
}

#define assert_expression(text, expected) assert_string_equal(parse(text, true), expected)
#define assert_query_parse(text, expected) assert_string_equal(parse(text, false), expected)

static void test_parser_precedence_is_microsofts(void **state)
{
    (void)state;
    assert_expression("f or f and f", "or(f, and(f, f))");
    assert_expression("s == t has \"x\"", "(s == (t has 'x'))");
    assert_expression("s has t == f", "((s has t) == f)");
    assert_expression("a < b has \"x\"", "(a < (b has 'x'))");
    assert_expression("a < b == f", "((a < b) == f)");
    assert_expression("a + 1 in (1,2)", "(a + 1) in (1, 2)");
    assert_expression("s has t in (1)", "(s has t) in (1)");
    assert_expression("1 + 2 * 3 - 4", "((1 + (2 * 3)) - 4)");
    assert_expression("8 / 4 / 2", "((8 / 4) / 2)");
    assert_expression("-a[0]", "-(a[0])");
    assert_expression("a * -b", "(a * -(b))");
    assert_expression("d[-1].x.y[0][\"k\"]", "d[-(1)].x.y[0]['k']");
    assert_expression("d.['where'].x", "d.where.x");
    assert_expression("x between (1 .. 5)", "(x between 1..5)");
    assert_expression("x !between (1..5) and y", "and((x !between 1..5), y)");
    assert_expression("s matches regex 'a'", "(s matches 'a')");
    assert_expression("ago (1d)", "ago(864000000000)");
    assert_expression("x in ('a', dynamic(['b','c']))", "x in ('a', [\"b\",\"c\"])");
}

static void test_parser_literals(void **state)
{
    (void)state;
    assert_expression("a == 'iam.get-user''iam.list-access-keys'",
                      "(a == 'iam.get-useriam.list-access-keys')");
    assert_expression("a == \"Hello\"', '@\"world!\"", "(a == 'Hello, world!')");
    assert_expression("a == int(null)", "(a == null)");
    assert_expression("a == long(-5)", "(a == -5)");
    assert_expression("a == real(1)", "(a == 1)");
    assert_expression("a == bool(true)", "(a == 1)");
    assert_expression("a == datetime(0001-01-02)", "(a == 864000000000)");
    assert_expression("a == datetime(2022-13-45)", "(a == null)");
    assert_expression("a == time(1.02:03:04)", "(a == 937840000000)");
    assert_expression("a == dynamic({\"a\": [1, -2.5, null], 'b': {'c': true}})",
                      "(a == {\"a\":[1,-2.5,null],\"b\":{\"c\":true}})");
    assert_expression("a == dynamic(null)", "(a == )");
    assert_expression("a == dynamic([])", "(a == [])");
}

static void test_parser_chains_of_comparisons_are_errors(void **state)
{
    (void)state;
    static const char *const chains[] = {
        "a < b < c",     "a == b == c",           "s has t has s",
        "a in (1) == f", "f == a between (1..2)", "s has_any ('x') == true"};
    for (size_t i = 0; i < sizeof chains / sizeof chains[0]; i++)
        assert_non_null(strstr(parse(chains[i], true), "comparisons do not chain"));
}

static void test_parser_refuses_what_kusto_refuses(void **state)
{
    (void)state;
    assert_query_parse("T | where not b", "error: line 1, column 15: '|', ';' or the end expected, "
                                          "not 'b'");
    assert_query_parse("T | where a && b", "error: line 1, column 13: '&' begins nothing in KQL");
    assert_query_parse("T | where a = 1", "error: line 1, column 13: '|', ';' or the end expected, "
                                          "not '='");
    assert_query_parse(
        "T | extend first = 1",
        "error: line 1, column 12: 'first' is a word of the language: as a name it is ['first']");
    assert_query_parse("T | where time == 1", "error: line 1, column 11: 'time' is a word of the "
                                              "language: as a name it is ['time']");
    assert_query_parse("T | extend x = d.title", "error: line 1, column 18: 'title' is a word of "
                                                 "the language: as a name it is ['title']");
    assert_query_parse("T | Where a",
                       "error: line 1, column 5: the operator 'Where' is not supported");
    assert_query_parse("T | make-series a",
                       "error: line 1, column 5: the operator 'make-series' is not supported");
    assert_query_parse("search 'x'", "error: line 1, column 1: 'search' is not supported");
    assert_query_parse("T | where a ==",
                       "error: line 1, column 15: an expression expected, but the "
                       "query ends here");
    assert_query_parse("let a = 1;",
                       "error: line 1, column 11: a query ends with a table, but there "
                       "is none");
    assert_query_parse("print dynamic({a:1})",
                       "error: line 1, column 16: a quoted key expected, not 'a'");
    assert_query_parse("T | join U", "error: line 1, column 11: 'on' expected, but the query ends "
                                     "here");
}

static void test_parser_takes_every_operator(void **state)
{
    (void)state;
    assert_query_parse(
        "let a = 1; let f = (x: long, y: string = 'z') { T | where b == x };\n"
        "T | where a | extend b = 1, c | project a, b | project-away x*, y | project-keep a\n"
        "| project-rename n = a | project-reorder n asc, * | distinct * | distinct a, b\n"
        "| summarize hint.strategy=shuffle n = count(), (m, o) = arg_max(t, *) by bin(t, 1h), k\n"
        "| summarize by k | summarize take_any(k) | sort by k asc nulls last, m | order by k\n"
        "| top 5 by k desc | take 3 | limit 2 | count\n"
        "| join kind=inner hint.remote=left (U | where x) on k, $left.a == $right.b\n"
        "| lookup kind=leftouter U on k | union kind=outer withsource=S isfuzzy=true U, (V)\n"
        "| mv-expand with_itemindex=i x = d to typeof(long), y limit 5 | mvexpand x\n"
        "| mv-apply e = d to typeof(string) on (where e == 1 | top 1 by e)\n"
        "| parse kind=regex flags=U s with * 'a' n:long 'b' t | parse-where s with t\n"
        "| serialize rn = row_number() | serialize | as X | getschema | render timechart with "
        "(title='x')",
        "ok");
    assert_query_parse("range x from 1 to 5 step 1 | where x between (1..2)", "ok");
    assert_query_parse("print 1, a = 2", "ok");
    assert_query_parse("datatable(a: long, ['b c']: string) [1, 'x', 2, 'y',]", "ok");
    assert_query_parse("union isfuzzy=true (T | take 1), U", "ok");
    assert_query_parse("let x = materialize(T | where a); x;", "ok");
}

static void assert_too_deep(const ct_buf *text)
{
    ct_kql_job job;
    ct_kql_job_begin(&job, (ct_span){text->data, text->len});
    if (setjmp(job.failed) == 0)
        ct_kql_parse_query(&job);
    ct_buf_put_char(&job.error, 0);
    assert_non_null(strstr(job.error.data, "the query nests deeper than 64"));
    ct_kql_job_end(&job);
}

/* Deep nesting is refused with a sentence, not by the stack. */
static void test_parser_depth_is_bounded(void **state)
{
    (void)state;
    enum { DEPTH = 5000 };
    static const struct {
        const char *open, *inner;
    } kinds[] = {{"(", "1"},  {"f(", "1"},      {"-(", "1"},
                 {"a[", "1"}, {"x in ((", "1"}, {"dynamic([", "1"}};
    for (size_t i = 0; i < sizeof kinds / sizeof kinds[0]; i++) {
        ct_buf text = CT_BUF_EMPTY;
        ct_buf_put_text(&text, "print ");
        for (int d = 0; d < DEPTH; d++)
            ct_buf_put_text(&text, i == 5 && d > 0 ? "[" : kinds[i].open);
        assert_too_deep(&text);
        ct_buf_free(&text);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_parser_precedence_is_microsofts),
        cmocka_unit_test(test_parser_literals),
        cmocka_unit_test(test_parser_chains_of_comparisons_are_errors),
        cmocka_unit_test(test_parser_refuses_what_kusto_refuses),
        cmocka_unit_test(test_parser_takes_every_operator),
        cmocka_unit_test(test_parser_depth_is_bounded),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
