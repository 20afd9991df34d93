#include "kql/parser.h"

#include <string.h>

#include "base/ascii.h"
#include "kql/parser_parts.h"

void ct_kql_push(ct_kql_job *job, ct_kql_nodes *nodes, ct_kql_node *node)
{
    nodes->at = ct_kql_grow(job, nodes->at, nodes->n, sizeof *nodes->at);
    nodes->at[nodes->n++] = node;
}

static ct_kql_node *parse_statements(ct_kql_parser *p, const char *end);

/* ---- operators ------------------------------------------------------------------------------ */

static ct_kql_nodes parse_items(ct_kql_parser *p, ct_kql_node *(*parse_item)(ct_kql_parser *))
{
    ct_kql_nodes list = {NULL, 0};
    do
        ct_kql_push(p->job, &list, parse_item(p));
    while (ct_kql_take_sign(p, ","));
    return list;
}

/* A name, or a pattern with * in it. */
static ct_kql_node *parse_pattern(ct_kql_parser *p)
{
    size_t from = p->token.at, end = from;
    ct_span text = p->job->text;
    bool has_star = false;
    while (end < text.n && (text.p[end] == '*' || text.p[end] == '_' || ct_is_digit(text.p[end]) ||
                            (unsigned char)((text.p[end] | 0x20) - 'a') < 26)) {
        has_star |= text.p[end] == '*';
        end++;
    }
    if (has_star) {
        ct_kql_resume(p, end);
        ct_kql_node *node = ct_kql_new_node(p, KN_PATTERN, from);
        node->text = (ct_span){text.p + from, end - from};
        return node;
    }
    ct_kql_node *node = ct_kql_new_node(p, KN_NAME, from);
    node->text = ct_kql_expect_name(p, CT_KQL_NAME_EITHER, "the name of a column");
    return ct_kql_finish_node(p, node);
}

static bool parse_direction(ct_kql_parser *p, ct_kql_node *order)
{
    bool is_said = true;
    if (ct_kql_take_word(p, "asc"))
        order->is_asc = true;
    else if (!ct_kql_take_word(p, "desc"))
        is_said = false;
    if (ct_kql_take_word(p, "nulls")) {
        if (ct_kql_take_word(p, "first"))
            order->nulls = -1;
        else if (ct_kql_take_word(p, "last"))
            order->nulls = 1;
        else
            ct_kql_fail_expected(p, "'first' or 'last'");
        is_said = true;
    }
    return is_said;
}

static ct_kql_node *parse_order(ct_kql_parser *p)
{
    ct_kql_node *order = ct_kql_new_node(p, KN_ORDER, p->token.at);
    order->left = ct_kql_parse_named(p);
    parse_direction(p, order);
    return ct_kql_finish_node(p, order);
}

static ct_kql_node *parse_reordered(ct_kql_parser *p)
{
    ct_kql_node *pattern = parse_pattern(p);
    ct_kql_node *order = ct_kql_new_node(p, KN_ORDER, pattern->at);
    order->left = pattern;
    if (ct_kql_at_word(p, "granny")) /* granny-asc */
        ct_kql_fail_not_supported(p, p->token.at, p->token.text);
    return parse_direction(p, order) ? ct_kql_finish_node(p, order) : pattern;
}

static ct_kql_node *parse_join(ct_kql_parser *p, ct_kql_node_kind kind, size_t at)
{
    ct_kql_node *node = ct_kql_new_node(p, kind, at);
    ct_kql_parse_options(p, " kind hint ", &node->more);
    if (ct_kql_at_sign(p, "("))
        node->right = ct_kql_parse_parenthesis(p);
    else
        node->right = ct_kql_parse_postfix(p);
    if (ct_kql_take_word(p, "on"))
        node->items = parse_items(p, ct_kql_parse_expression);
    else
        ct_kql_fail_expected(p, "'on'");
    return ct_kql_finish_node(p, node);
}

static ct_kql_node *parse_expanded(ct_kql_parser *p)
{
    ct_kql_node *node = ct_kql_new_node(p, KN_EXPANDED, p->token.at);
    node->left = ct_kql_parse_named(p);
    if (ct_kql_take_word(p, "to")) {
        ct_kql_expect_word(p, "typeof");
        ct_kql_expect_sign(p, "(");
        node->type = ct_kql_expect_type(p);
        ct_kql_expect_sign(p, ")");
    }
    return ct_kql_finish_node(p, node);
}

static ct_kql_node *parse_operator(ct_kql_parser *p);

static ct_kql_node *parse_expand(ct_kql_parser *p, ct_kql_node_kind kind, bool is_legacy, size_t at)
{
    ct_kql_node *node = ct_kql_new_node(p, kind, at);
    node->is_legacy = is_legacy;
    ct_kql_parse_options(p, " bagexpansion kind with_itemindex ", &node->more);
    node->items = parse_items(p, parse_expanded);
    if (ct_kql_take_word(p, "limit"))
        node->left = ct_kql_parse_expression(p);
    if (kind != KN_APPLY)
        return ct_kql_finish_node(p, node);
    ct_kql_expect_word(p, "on");
    ct_kql_expect_sign(p, "(");
    ct_kql_node *pipe = ct_kql_new_node(p, KN_PIPE, p->token.at);
    ct_kql_go_deeper(p);
    do
        ct_kql_push(p->job, &pipe->items, parse_operator(p));
    while (ct_kql_take_sign(p, "|"));
    p->depth--;
    node->right = ct_kql_finish_node(p, pipe);
    ct_kql_expect_sign(p, ")");
    return ct_kql_finish_node(p, node);
}

static ct_kql_node *parse_parse(ct_kql_parser *p, bool is_where, size_t at)
{
    ct_kql_node *node = ct_kql_new_node(p, KN_PARSE, at);
    node->is_where = is_where;
    ct_kql_parse_options(p, " kind flags ", &node->more);
    node->left = ct_kql_parse_expression(p);
    ct_kql_expect_word(p, "with");
    while (!ct_kql_at_sign(p, "|") && !ct_kql_at_sign(p, ")") && !ct_kql_at_sign(p, ";") &&
           !ct_kql_at_sign(p, "}") && p->token.kind != KT_END) {
        size_t from = p->token.at;
        ct_kql_node *part;
        if (ct_kql_take_sign(p, "*")) {
            part = ct_kql_new_node(p, KN_STAR, from);
        } else if (p->token.kind == KT_STRING) {
            part = ct_kql_new_literal(p, CT_KQL_STRING, from);
            part->text = ct_kql_parse_strings(p);
        } else {
            part = ct_kql_new_node(p, KN_COLUMN, from);
            part->text = ct_kql_expect_name(p, CT_KQL_NAME_GIVEN, "a string, a column or *");
            part->type = ct_kql_take_sign(p, ":") ? ct_kql_expect_type(p) : CT_KQL_STRING;
        }
        ct_kql_push(p->job, &node->items, ct_kql_finish_node(p, part));
    }
    return ct_kql_finish_node(p, node);
}

static ct_kql_node *parse_summarize(ct_kql_parser *p, size_t at)
{
    ct_kql_node *node = ct_kql_new_node(p, KN_SUMMARIZE, at);
    ct_kql_parse_options(p, " hint ", &node->more);
    node->more = (ct_kql_nodes){NULL, 0};
    if (!ct_kql_at_word(p, "by"))
        node->items = parse_items(p, ct_kql_parse_named);
    if (ct_kql_take_word(p, "by"))
        node->more = parse_items(p, ct_kql_parse_named);
    return ct_kql_finish_node(p, node);
}

static ct_kql_node *parse_top(ct_kql_parser *p, size_t at)
{
    ct_kql_node *node = ct_kql_new_node(p, KN_TOP, at);
    node->left = ct_kql_parse_expression(p);
    ct_kql_expect_word(p, "by");
    ct_kql_push(p->job, &node->items, parse_order(p)); /* one: Kusto takes no more */
    return ct_kql_finish_node(p, node);
}

static ct_kql_node *parse_sort(ct_kql_parser *p, size_t at)
{
    ct_kql_node *node = ct_kql_new_node(p, KN_SORT, at);
    ct_kql_expect_word(p, "by");
    node->items = parse_items(p, parse_order);
    return ct_kql_finish_node(p, node);
}

static ct_kql_node *with_items(ct_kql_parser *p, ct_kql_node_kind kind, size_t at,
                               ct_kql_node *(*parse_item)(ct_kql_parser *))
{
    ct_kql_node *node = ct_kql_new_node(p, kind, at);
    node->items = parse_items(p, parse_item);
    return ct_kql_finish_node(p, node);
}

static ct_kql_node *with_left(ct_kql_parser *p, ct_kql_node_kind kind, size_t at)
{
    ct_kql_node *node = ct_kql_new_node(p, kind, at);
    node->left = ct_kql_parse_expression(p);
    return ct_kql_finish_node(p, node);
}

static ct_kql_node *parse_render(ct_kql_parser *p, size_t at)
{
    ct_kql_node *node = ct_kql_new_node(p, KN_IGNORED, at);
    while (p->token.kind != KT_END && !ct_kql_at_sign(p, ";") && !ct_kql_at_sign(p, "|") &&
           !ct_kql_at_sign(p, ")") && !ct_kql_at_sign(p, "}")) {
        bool is_open = ct_kql_at_sign(p, "(");
        ct_kql_advance(p);
        while (is_open && !ct_kql_take_sign(p, ")") && p->token.kind != KT_END)
            ct_kql_advance(p);
    }
    return ct_kql_finish_node(p, node);
}

static ct_kql_node *parse_distinct(ct_kql_parser *p, size_t at)
{
    ct_kql_node *node = ct_kql_new_node(p, KN_DISTINCT, at);
    size_t star_at = p->token.at;
    if (ct_kql_take_sign(p, "*"))
        ct_kql_push(p->job, &node->items, ct_kql_new_node(p, KN_STAR, star_at));
    else
        node->items = parse_items(p, ct_kql_parse_named);
    return ct_kql_finish_node(p, node);
}

static ct_kql_node *parse_serialize(ct_kql_parser *p, size_t at)
{
    ct_kql_node *node = ct_kql_new_node(p, KN_SERIALIZE, at);
    if (p->token.kind == KT_NAME || ct_kql_at_sign(p, "["))
        node->items = parse_items(p, ct_kql_parse_named);
    return ct_kql_finish_node(p, node);
}

/* The operator's name with its dashes (`project-away`), which are no tokens of their own there. */
static ct_span take_operator_name(ct_kql_parser *p)
{
    if (p->token.kind != KT_NAME)
        ct_kql_fail_expected(p, "an operator");
    size_t end = p->token.end;
    ct_span text = p->job->text;
    while (end + 1 < text.n && text.p[end] == '-' &&
           (unsigned char)((text.p[end + 1] | 0x20) - 'a') < 26) {
        end++;
        while (end < text.n && ((unsigned char)((text.p[end] | 0x20) - 'a') < 26))
            end++;
    }
    ct_span name = {text.p + p->token.at, end - p->token.at};
    ct_kql_resume(p, end);
    return name;
}

static ct_kql_node *parse_operator(ct_kql_parser *p)
{
    size_t at = p->token.at;
    ct_span name = take_operator_name(p);
    if (ct_span_is(name, "where") || ct_span_is(name, "filter"))
        return with_left(p, KN_WHERE, at);
    if (ct_span_is(name, "extend"))
        return with_items(p, KN_EXTEND, at, ct_kql_parse_named);
    if (ct_span_is(name, "project"))
        return with_items(p, KN_PROJECT, at, ct_kql_parse_named);
    if (ct_span_is(name, "project-away"))
        return with_items(p, KN_AWAY, at, parse_pattern);
    if (ct_span_is(name, "project-keep"))
        return with_items(p, KN_KEEP, at, parse_pattern);
    if (ct_span_is(name, "project-rename"))
        return with_items(p, KN_RENAME, at, ct_kql_parse_named);
    if (ct_span_is(name, "project-reorder"))
        return with_items(p, KN_REORDER, at, parse_reordered);
    if (ct_span_is(name, "distinct"))
        return parse_distinct(p, at);
    if (ct_span_is(name, "summarize"))
        return parse_summarize(p, at);
    if (ct_span_is(name, "sort") || ct_span_is(name, "order"))
        return parse_sort(p, at);
    if (ct_span_is(name, "top"))
        return parse_top(p, at);
    if (ct_span_is(name, "take") || ct_span_is(name, "limit"))
        return with_left(p, KN_TAKE, at);
    if (ct_span_is(name, "count"))
        return ct_kql_new_node(p, KN_COUNT, at);
    if (ct_span_is(name, "join"))
        return parse_join(p, KN_JOIN, at);
    if (ct_span_is(name, "lookup"))
        return parse_join(p, KN_LOOKUP, at);
    if (ct_span_is(name, "union"))
        return ct_kql_parse_union(p, at);
    if (ct_span_is(name, "mv-expand") || ct_span_is(name, "mvexpand"))
        return parse_expand(p, KN_EXPAND, name.p[2] != '-', at);
    if (ct_span_is(name, "mv-apply"))
        return parse_expand(p, KN_APPLY, false, at);
    if (ct_span_is(name, "parse") || ct_span_is(name, "parse-where"))
        return parse_parse(p, name.n > 5, at);
    if (ct_span_is(name, "serialize"))
        return parse_serialize(p, at);
    if (ct_span_is(name, "getschema"))
        return ct_kql_new_node(p, KN_SCHEMA, at);
    if (ct_span_is(name, "as")) {
        ct_kql_node *node = ct_kql_new_node(p, KN_AS, at);
        ct_kql_parse_options(p, " hint ", &node->more);
        node->text = ct_kql_expect_name(p, CT_KQL_NAME_EITHER, "a name");
        return ct_kql_finish_node(p, node);
    }
    if (ct_span_is(name, "render"))
        return parse_render(p, at);
    ct_kql_refuse(p->job, at, "the operator %s is not supported", ct_kql_quote(p->job, name));
}

/* A source and what follows it behind bars; a scalar where nothing does. */
ct_kql_node *ct_kql_parse_pipe(ct_kql_parser *p)
{
    ct_kql_node *source = ct_kql_parse_named(p);
    if (!ct_kql_at_sign(p, "|"))
        return source;
    ct_kql_node *pipe = ct_kql_new_node(p, KN_PIPE, source->at);
    pipe->left = source;
    while (ct_kql_take_sign(p, "|"))
        ct_kql_push(p->job, &pipe->items, parse_operator(p));
    return ct_kql_finish_node(p, pipe);
}

/* ---- statements ----------------------------------------------------------------------------- */

static ct_kql_node *parse_parameter(ct_kql_parser *p)
{
    ct_kql_node *node = ct_kql_new_node(p, KN_COLUMN, p->token.at);
    node->text = ct_kql_expect_name(p, CT_KQL_NAME_GIVEN, "the name of a parameter");
    ct_kql_expect_sign(p, ":");
    if (ct_kql_take_sign(p, "(")) {
        node->kind = KN_PARAM_TABLE;
        if (ct_kql_take_sign(p, "*")) {
            ct_kql_expect_sign(p, ")");
            return ct_kql_finish_node(p, node);
        }
        do {
            ct_kql_node *column = ct_kql_new_node(p, KN_COLUMN, p->token.at);
            column->text = ct_kql_expect_name(p, CT_KQL_NAME_GIVEN, "the name of a column");
            ct_kql_expect_sign(p, ":");
            column->type = ct_kql_expect_type(p);
            ct_kql_push(p->job, &node->items, column);
        } while (ct_kql_take_sign(p, ","));
        ct_kql_expect_sign(p, ")");
        return ct_kql_finish_node(p, node);
    }
    node->type = ct_kql_expect_type(p);
    if (ct_kql_take_sign(p, "="))
        node->right = ct_kql_parse_expression(p);
    return ct_kql_finish_node(p, node);
}

/* Whether a function's parameters begin here: () or (name:. */
static bool is_function(const ct_kql_parser *p)
{
    ct_kql_parser ahead = *p;
    ct_span name;
    if (ct_kql_take_word(&ahead, "view") && !ct_kql_at_sign(&ahead, "("))
        return false;
    if (!ct_kql_take_sign(&ahead, "("))
        return false;
    if (ct_kql_take_sign(&ahead, ")"))
        return ct_kql_at_sign(&ahead, "{");
    return ct_kql_try_name(&ahead, CT_KQL_NAME_GIVEN, &name) && ct_kql_at_sign(&ahead, ":");
}

static ct_kql_node *parse_function(ct_kql_parser *p)
{
    ct_kql_node *node = ct_kql_new_node(p, KN_FUNCTION, p->token.at);
    ct_kql_take_word(p, "view");
    ct_kql_expect_sign(p, "(");
    node->items = ct_kql_parse_list(p, ")", parse_parameter);
    ct_kql_expect_sign(p, "{");
    ct_kql_go_deeper(p);
    node->left = parse_statements(p, "}");
    p->depth--;
    return ct_kql_finish_node(p, node);
}

static ct_kql_node *parse_let(ct_kql_parser *p)
{
    ct_kql_node *node = ct_kql_new_node(p, KN_LET, p->token.at);
    ct_kql_advance(p);
    node->text = ct_kql_expect_name(p, CT_KQL_NAME_EITHER, "a name");
    ct_kql_expect_sign(p, "=");
    node->left = is_function(p) ? parse_function(p) : ct_kql_parse_pipe(p);
    return ct_kql_finish_node(p, node);
}

/* Statements up to the closing sign, or to the end of the query where that is NULL. */
static ct_kql_node *parse_statements(ct_kql_parser *p, const char *end)
{
    ct_kql_node *query = ct_kql_new_node(p, KN_QUERY, p->token.at);
    for (;;) {
        while (ct_kql_take_sign(p, ";"))
            continue;
        bool is_end = end ? ct_kql_at_sign(p, end) : p->token.kind == KT_END;
        if (is_end)
            break;
        if (query->left)
            ct_kql_fail_expected(p, end ? "'}'" : "the end of the query");
        if (ct_kql_at_word(p, "let"))
            ct_kql_push(p->job, &query->items, parse_let(p));
        else if (ct_kql_at_word(p, "set") || ct_kql_at_word(p, "declare") ||
                 ct_kql_at_word(p, "alias") || ct_kql_at_word(p, "restrict"))
            ct_kql_refuse(p->job, p->token.at, "the statement %s is not supported",
                          ct_kql_quote(p->job, p->token.text));
        else
            query->left = ct_kql_parse_pipe(p);
        bool is_over = end ? ct_kql_at_sign(p, end) : p->token.kind == KT_END;
        if (!is_over && !ct_kql_at_sign(p, ";"))
            ct_kql_fail_expected(p, query->left ? "'|', ';' or the end" : "';'");
    }
    if (!query->left)
        ct_kql_refuse(p->job, p->token.at, "a query ends with a table, but there is none");
    if (end)
        ct_kql_expect_sign(p, end);
    return ct_kql_finish_node(p, query);
}

ct_kql_node *ct_kql_parse_query(ct_kql_job *job)
{
    if (job->text.n > CT_KQL_MAX_BYTES)
        ct_kql_refuse(job, 0, "the query is longer than %d bytes", CT_KQL_MAX_BYTES);
    if (memchr(job->text.p, 0, job->text.n))
        ct_kql_refuse(job, (size_t)((char *)memchr(job->text.p, 0, job->text.n) - job->text.p),
                      "a NUL in the query");
    ct_kql_parser p = {.job = job, .lexer = {job, 0}};
    if (job->text.n >= 3 && memcmp(job->text.p, "\xEF\xBB\xBF", 3) == 0)
        p.lexer.at = 3; /* a byte order mark */
    p.token = ct_kql_next(&p.lexer);
    return parse_statements(&p, NULL);
}
