#include "kql/parser.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/ascii.h"
#include "base/json_write.h"
#include "base/timestamp.h"
#include "kql/lexer.h"
#include "kql/ticks.h"

typedef struct parser {
    ct_kql_job *job;
    ct_kql_lexer lexer; /* behind token */
    ct_kql_token token; /* the next one */
    size_t last_end;    /* of the token before it */
    int depth;
} parser;

void ct_kql_push(ct_kql_job *job, ct_kql_nodes *nodes, ct_kql_node *node)
{
    nodes->at = ct_kql_grow(job, nodes->at, nodes->n, sizeof *nodes->at);
    nodes->at[nodes->n++] = node;
}

static ct_kql_node *parse_expression(parser *p);
static ct_kql_node *parse_pipe(parser *p);
static ct_kql_node *parse_named(parser *p);
static ct_kql_node *parse_statements(parser *p, const char *end);

/* ---- tokens --------------------------------------------------------------------------------- */

static void advance(parser *p)
{
    p->last_end = p->token.end;
    p->token = ct_kql_next(&p->lexer);
}

/* Goes on behind byte `at`, after something was read that the lexer does not know. */
static void resume(parser *p, size_t at)
{
    p->lexer.at = at;
    p->last_end = at;
    p->token = ct_kql_next(&p->lexer);
}

static bool is_sign(const ct_kql_token *token, const char *sign)
{
    return token->kind == KT_PUNCT && ct_span_is(token->text, sign);
}

static bool is_word(const ct_kql_token *token, const char *word)
{
    return token->kind == KT_NAME && ct_span_is(token->text, word);
}

static bool at_sign(const parser *p, const char *sign)
{
    return is_sign(&p->token, sign);
}

static bool at_word(const parser *p, const char *word)
{
    return is_word(&p->token, word);
}

static noreturn void fail_expected(parser *p, const char *what)
{
    if (p->token.kind == KT_END)
        ct_kql_refuse(p->job, p->token.at, "%s expected, but the query ends here", what);
    ct_span written = {p->job->text.p + p->token.at, p->token.end - p->token.at};
    ct_kql_refuse(p->job, p->token.at, "%s expected, not %s", what, ct_kql_quote(p->job, written));
}

static bool take_sign(parser *p, const char *sign)
{
    if (!at_sign(p, sign))
        return false;
    advance(p);
    return true;
}

static bool take_word(parser *p, const char *word)
{
    if (!at_word(p, word))
        return false;
    advance(p);
    return true;
}

static void expect_sign(parser *p, const char *sign)
{
    if (!take_sign(p, sign))
        fail_expected(p, ct_kql_quote(p->job, (ct_span){sign, strlen(sign)}));
}

static void expect_word(parser *p, const char *word)
{
    if (!take_word(p, word))
        fail_expected(p, ct_kql_quote(p->job, (ct_span){word, strlen(word)}));
}

/* Whether the word is one of the list, which has a blank before and after each. */
static bool has_word(const char *list, ct_span word)
{
    char wanted[32] = " ";
    if (word.n > sizeof wanted - 3)
        return false;
    memcpy(wanted + 1, word.p, word.n);
    memcpy(wanted + 1 + word.n, " ", 2);
    return strstr(list, wanted) != NULL;
}

static ct_kql_node *new_node(parser *p, ct_kql_node_kind kind, size_t at)
{
    ct_kql_node *node = ct_kql_new(p->job, sizeof *node);
    node->kind = kind;
    node->at = at;
    node->end = p->last_end;
    node->text = (ct_span){"", 0};
    return node;
}

static ct_kql_node *finish(parser *p, ct_kql_node *node)
{
    node->end = p->last_end;
    return node;
}

static void go_deeper(parser *p)
{
    if (++p->depth > CT_KQL_MAX_DEPTH)
        ct_kql_refuse(p->job, p->token.at, "the query nests deeper than %d", CT_KQL_MAX_DEPTH);
}

/* ---- names ---------------------------------------------------------------------------------- */

/* Words that Kusto's grammar keeps for itself: as a name they need ['...']. */
static bool is_reserved(ct_span word)
{
    static const char *const words[] = {
        "and",      "or",         "between",   "by",      "in",    "has",
        "contains", "startswith", "endswith",  "matches", "let",   "asc",
        "desc",     "first",      "last",      "to",      "on",    "where",
        "extend",   "project",    "summarize", "typeof",  "nulls", "ago_",
    };
    for (size_t i = 0; i < sizeof words / sizeof words[0]; i++)
        if (ct_span_is(word, words[i]))
            return true;
    return false;
}

/* `name` or `['name']` or `["name"]`; false when none begins here. */
static bool try_name(parser *p, ct_span *name)
{
    if (p->token.kind == KT_NAME && p->token.text.p[0] != '!' && p->token.text.p[0] != '$' &&
        !is_reserved(p->token.text)) {
        *name = p->token.text;
        advance(p);
        return true;
    }
    if (at_sign(p, "[")) {
        parser ahead = *p;
        advance(&ahead);
        if (ahead.token.kind == KT_STRING) {
            ct_span text = ahead.token.text;
            advance(&ahead);
            if (at_sign(&ahead, "]")) {
                advance(&ahead);
                *p = ahead;
                *name = text;
                return true;
            }
        }
    }
    return false;
}

static ct_span expect_name(parser *p, const char *what)
{
    ct_span name;
    if (!try_name(p, &name))
        fail_expected(p, what);
    if (name.n == 0 || memchr(name.p, 0, name.n))
        ct_kql_refuse(p->job, p->token.at, "an empty name, or one with a NUL in it");
    return name;
}

static ct_kql_type expect_type(parser *p)
{
    ct_kql_type type = p->token.kind == KT_NAME ? ct_kql_type_named(p->token.text) : CT_KQL_NO_TYPE;
    if (type == CT_KQL_NO_TYPE)
        fail_expected(p, "a type");
    if (type == CT_KQL_DECIMAL)
        ct_kql_refuse(p->job, p->token.at, "the type decimal is not supported");
    advance(p);
    return type;
}

/* ---- literals ------------------------------------------------------------------------------- */

static ct_kql_node *new_literal(parser *p, ct_kql_type type, size_t at)
{
    ct_kql_node *node = new_node(p, KN_LITERAL, at);
    node->type = type;
    return node;
}

/* The strings from here on, joined as Kusto joins what stands side by side. */
static ct_span parse_strings(parser *p)
{
    ct_span text = p->token.text;
    advance(p);
    while (p->token.kind == KT_STRING) {
        ct_span more = p->token.text;
        char *joined = ct_kql_new(p->job, text.n + more.n + 1);
        memcpy(joined, text.p, text.n);
        memcpy(joined + text.n, more.p, more.n);
        text = (ct_span){joined, text.n + more.n};
        advance(p);
    }
    return text;
}

/* 9223372036854775808 is a token, for its minus in a datatable; else it is too large. */
static void check_long(parser *p)
{
    if (p->token.kind == KT_LONG && p->token.text.p[0] != '0' && p->token.integer < 0)
        ct_kql_refuse(p->job, p->token.at, "the number is too large for a long");
}

/* ---- dynamic(...) ---- */

static void dynamic_value(parser *p, ct_buf *json);

static void dynamic_text(parser *p, ct_buf *json)
{
    ct_span text = parse_strings(p);
    ct_json_put_string(json, text.p, text.n);
}

static void dynamic_bag(parser *p, ct_buf *json)
{
    ct_buf_put_char(json, '{');
    advance(p);
    for (bool is_first = true; !take_sign(p, "}"); is_first = false) {
        if (!is_first) {
            expect_sign(p, ",");
            ct_buf_put_char(json, ',');
        }
        if (p->token.kind != KT_STRING)
            fail_expected(p, "a quoted key");
        dynamic_text(p, json);
        expect_sign(p, ":");
        ct_buf_put_char(json, ':');
        dynamic_value(p, json);
    }
    ct_buf_put_char(json, '}');
}

static void dynamic_array(parser *p, ct_buf *json)
{
    ct_buf_put_char(json, '[');
    advance(p);
    for (bool is_first = true; !take_sign(p, "]"); is_first = false) {
        if (!is_first) {
            expect_sign(p, ",");
            ct_buf_put_char(json, ',');
        }
        dynamic_value(p, json);
    }
    ct_buf_put_char(json, ']');
}

static ct_kql_node *parse_typed_literal(parser *p, ct_kql_type type);

/* Shortest text of a real that reads back as itself, with '.0' where it would look like a long. */
static void put_real(parser *p, ct_buf *json, size_t at, double real)
{
    char text[40];
    if (!(real - real == 0))
        ct_kql_refuse(p->job, at, "JSON holds no infinite number");
    for (int digits = 15; digits <= 17; digits++) {
        snprintf(text, sizeof text, "%.*g", digits, real);
        if (strtod(text, NULL) == real)
            break;
    }
    ct_buf_put_text(json, text);
    if (!strpbrk(text, ".e"))
        ct_buf_put_text(json, ".0");
}

/* The text of a timespan as tostring() gives it: [-][d.]hh:mm:ss[.fffffff]. */
static void put_timespan(ct_buf *json, int64_t ticks)
{
    uint64_t t = ticks < 0 ? 0 - (uint64_t)ticks : (uint64_t)ticks;
    uint64_t seconds = t / 10000000, fraction = t % 10000000;
    ct_buf_put_text(json, ticks < 0 ? "\"-" : "\"");
    if (seconds >= 86400)
        ct_buf_printf(json, "%llu.", (unsigned long long)(seconds / 86400));
    ct_buf_printf(json, "%02d:%02d:%02d", (int)(seconds / 3600 % 24), (int)(seconds / 60 % 60),
                  (int)(seconds % 60));
    if (fraction)
        ct_buf_printf(json, ".%07d", (int)fraction);
    ct_buf_put_char(json, '"');
}

static void put_literal(parser *p, ct_buf *json, const ct_kql_node *literal)
{
    char text[CT_TIME_TEXT_MAX];
    if (literal->is_null) {
        ct_buf_put_text(json, "null");
        return;
    }
    switch (literal->type) {
    case CT_KQL_BOOL:
        ct_buf_put_text(json, literal->integer ? "true" : "false");
        break;
    case CT_KQL_REAL:
        put_real(p, json, literal->at, literal->real);
        break;
    case CT_KQL_DATETIME: {
        size_t n = ct_time_format(literal->integer / 10000000 * 10000000, text);
        ct_buf_put_char(json, '"');
        ct_buf_put(json, text, n - 1);
        ct_buf_printf(json, ".%07dZ\"", (int)(literal->integer % 10000000));
        break;
    }
    case CT_KQL_TIMESPAN:
        put_timespan(json, literal->integer);
        break;
    case CT_KQL_GUID:
    case CT_KQL_STRING:
        ct_json_put_string(json, literal->text.p, literal->text.n);
        break;
    default:
        ct_buf_printf(json, "%lld", (long long)literal->integer);
    }
}

/* Wraps, so that the smallest long stays what it is. */
static int64_t negated(int64_t value)
{
    return (int64_t)(0 - (uint64_t)value);
}

static void dynamic_number(parser *p, ct_buf *json)
{
    bool is_negative = take_sign(p, "-");
    ct_kql_node value = {.kind = KN_LITERAL, .at = p->token.at};
    if (p->token.kind == KT_LONG) {
        if (!is_negative)
            check_long(p);
        value.type = CT_KQL_LONG;
        value.integer = is_negative ? negated(p->token.integer) : p->token.integer;
    } else if (p->token.kind == KT_REAL) {
        value.type = CT_KQL_REAL;
        value.real = is_negative ? -p->token.real : p->token.real;
    } else if (p->token.kind == KT_TIMESPAN) {
        value.type = CT_KQL_TIMESPAN;
        value.integer = is_negative ? negated(p->token.integer) : p->token.integer;
    } else {
        fail_expected(p, "a JSON value");
    }
    put_literal(p, json, &value);
    advance(p);
}

static void dynamic_value(parser *p, ct_buf *json)
{
    go_deeper(p);
    if (p->token.kind == KT_STRING) {
        dynamic_text(p, json);
    } else if (at_sign(p, "{")) {
        dynamic_bag(p, json);
    } else if (at_sign(p, "[")) {
        dynamic_array(p, json);
    } else if (p->token.kind == KT_NAME) {
        ct_span word = p->token.text;
        ct_kql_type type = ct_kql_type_named(word);
        if (ct_span_is(word, "null") || ct_span_is(word, "true") || ct_span_is(word, "false")) {
            ct_buf_put(json, word.p, word.n);
            advance(p);
        } else if (ct_span_is(word, "True") || ct_span_is(word, "False")) {
            ct_buf_put_text(json, word.p[0] == 'T' ? "true" : "false");
            advance(p);
        } else if (type == CT_KQL_DYNAMIC) {
            advance(p);
            expect_sign(p, "(");
            dynamic_value(p, json);
            expect_sign(p, ")");
        } else if (type == CT_KQL_DATETIME || type == CT_KQL_TIMESPAN || type == CT_KQL_GUID ||
                   type == CT_KQL_REAL || type == CT_KQL_LONG || type == CT_KQL_BOOL) {
            put_literal(p, json, parse_typed_literal(p, type));
        } else {
            fail_expected(p, "a JSON value");
        }
    } else {
        dynamic_number(p, json);
    }
    p->depth--;
}

/* Behind `dynamic`, at its parenthesis. */
static ct_kql_node *parse_dynamic(parser *p, size_t at)
{
    ct_kql_node *node = new_literal(p, CT_KQL_DYNAMIC, at);
    expect_sign(p, "(");
    ct_buf *json = &p->job->scratch;
    size_t from = json->len;
    if (at_word(p, "null")) {
        advance(p);
        node->is_null = true;
    } else {
        dynamic_value(p, json);
    }
    expect_sign(p, ")");
    if (!ct_buf_ok(json))
        ct_kql_fail_memory(p->job);
    node->text =
        ct_kql_copy(p->job, (ct_span){json->data ? json->data + from : "", json->len - from});
    json->len = from;
    return finish(p, node);
}

/* ---- datetime(...), long(...) and their like ---- */

static ct_span trim(ct_span text)
{
    while (text.n > 0 && ct_is_blank(text.p[0])) {
        text.p++;
        text.n--;
    }
    while (text.n > 0 && ct_is_blank(text.p[text.n - 1]))
        text.n--;
    return text;
}

static ct_span unquote(ct_span text)
{
    if (text.n >= 2 && (text.p[0] == '"' || text.p[0] == '\'') && text.p[text.n - 1] == text.p[0])
        return (ct_span){text.p + 1, text.n - 2};
    return text;
}

/* Reads a number with or without sign; false when the text is none. */
static bool read_number(parser *p, ct_span text, ct_kql_node *literal)
{
    bool is_negative = text.n > 0 && text.p[0] == '-';
    if (text.n > 0 && (text.p[0] == '-' || text.p[0] == '+'))
        text = trim((ct_span){text.p + 1, text.n - 1});
    if (ct_span_is(text, "inf") && literal->type == CT_KQL_REAL) {
        literal->real = is_negative ? -1.0 / 0.0 : 1.0 / 0.0;
        return true;
    }
    if (ct_span_is(text, "nan") && literal->type == CT_KQL_REAL) {
        literal->real = 0.0 / 0.0;
        return true;
    }
    if (text.n == 0 || !ct_is_digit(text.p[0]))
        return false;
    if (ct_span_is(text, "9223372036854775808") && is_negative) {
        literal->integer = INT64_MIN;
        literal->real = -9223372036854775808.0;
        return true;
    }
    ct_kql_lexer lexer = {p->job, (size_t)(text.p - p->job->text.p)};
    ct_kql_token token = ct_kql_next(&lexer);
    if (token.end != (size_t)(text.p - p->job->text.p) + text.n)
        return false;
    if (token.kind == KT_LONG) {
        literal->integer = is_negative ? negated(token.integer) : token.integer;
        literal->real = (double)literal->integer;
        return true;
    }
    literal->real = is_negative ? -token.real : token.real;
    literal->integer = 0;
    return token.kind == KT_REAL && literal->type == CT_KQL_REAL;
}

static void read_literal(parser *p, ct_kql_node *node, ct_span text)
{
    char guid[36];
    bool ok = false;
    switch (node->type) {
    case CT_KQL_BOOL:
        ok = read_number(p, text, node);
        if (ct_span_is(text, "true") || ct_span_is(text, "false")) {
            node->integer = text.p[0] == 't';
            ok = true;
        }
        node->integer = node->integer != 0;
        break;
    case CT_KQL_INT:
        ok = read_number(p, text, node) && node->integer >= INT32_MIN && node->integer <= INT32_MAX;
        break;
    case CT_KQL_LONG:
    case CT_KQL_REAL:
        ok = read_number(p, text, node);
        break;
    case CT_KQL_DATETIME:
        ok = true; /* what is no date is null */
        text = unquote(text);
        if (!ct_kql_read_datetime(text.p, text.n, &node->integer))
            node->is_null = true;
        break;
    case CT_KQL_TIMESPAN:
        text = unquote(text);
        ok = ct_kql_read_timespan(text.p, text.n, &node->integer);
        break;
    case CT_KQL_GUID:
        text = unquote(text);
        ok = ct_kql_read_guid(text.p, text.n, guid);
        if (ok)
            node->text = ct_kql_copy(p->job, (ct_span){guid, sizeof guid});
        break;
    default:
        break;
    }
    if (!ok)
        ct_kql_refuse(p->job, node->at, "%s is no %s", ct_kql_quote(p->job, text),
                      ct_kql_type_name(node->type));
}

/* At the type's name, which an opening parenthesis follows. */
static ct_kql_node *parse_typed_literal(parser *p, ct_kql_type type)
{
    size_t at = p->token.at;
    advance(p);
    if (!at_sign(p, "("))
        fail_expected(p, "'('");
    size_t from = p->token.end, end = from;
    char quote = 0;
    for (; end < p->job->text.n; end++) {
        char c = p->job->text.p[end];
        if (quote ? c == quote : c == ')') {
            if (!quote)
                break;
            quote = 0;
        } else if (!quote && (c == '"' || c == '\'')) {
            quote = c;
        }
    }
    if (end == p->job->text.n)
        ct_kql_refuse(p->job, at, "the literal does not end");
    ct_span text = trim((ct_span){p->job->text.p + from, end - from});
    resume(p, end + 1);
    ct_kql_node *node = new_literal(p, type, at);
    if (ct_span_is(text, "null")) {
        node->is_null = true;
    } else if (text.n == 0 && type == CT_KQL_DATETIME) {
        node->kind = KN_CALL;
        node->text = (ct_span){"now", 3};
    } else {
        read_literal(p, node, text);
    }
    return finish(p, node);
}

/* ---- expressions ---------------------------------------------------------------------------- */

/* The items up to the closing sign, separated by commas. */
static ct_kql_nodes parse_list(parser *p, const char *close, ct_kql_node *(*parse_item)(parser *))
{
    ct_kql_nodes list = {NULL, 0};
    if (take_sign(p, close))
        return list;
    do
        ct_kql_push(p->job, &list, parse_item(p));
    while (take_sign(p, ","));
    expect_sign(p, close);
    return list;
}

static ct_kql_node *parse_argument(parser *p)
{
    size_t at = p->token.at;
    if (at_sign(p, "*")) {
        ct_kql_token after = ct_kql_peek(&p->lexer);
        if (is_sign(&after, ",") || is_sign(&after, ")")) {
            advance(p);
            return new_node(p, KN_STAR, at);
        }
    }
    if (at_word(p, "typeof")) {
        advance(p);
        expect_sign(p, "(");
        ct_kql_node *node = new_node(p, KN_TYPEOF, at);
        node->type = expect_type(p);
        expect_sign(p, ")");
        return finish(p, node);
    }
    return parse_pipe(p);
}

static ct_kql_node *parse_parenthesis(parser *p)
{
    advance(p);
    go_deeper(p);
    ct_kql_node *inner = parse_pipe(p);
    p->depth--;
    expect_sign(p, ")");
    return inner;
}

static ct_kql_node *parse_columns(parser *p, ct_kql_node_kind kind, size_t at)
{
    ct_kql_node *node = new_node(p, kind, at);
    expect_sign(p, "(");
    do {
        ct_kql_node *column = new_node(p, KN_COLUMN, p->token.at);
        column->text = expect_name(p, "the name of a column");
        expect_sign(p, ":");
        column->type = expect_type(p);
        ct_kql_push(p->job, &node->items, finish(p, column));
    } while (take_sign(p, ","));
    expect_sign(p, ")");
    return node;
}

static ct_kql_node *parse_cell(parser *p)
{
    ct_kql_token after = ct_kql_peek(&p->lexer);
    if (!at_sign(p, "-") || after.kind != KT_LONG || after.integer >= 0)
        return parse_expression(p);
    ct_kql_node *node = new_literal(p, CT_KQL_LONG, p->token.at);
    node->integer = INT64_MIN;
    advance(p);
    advance(p);
    return finish(p, node);
}

static ct_kql_node *parse_datatable(parser *p, size_t at)
{
    ct_kql_node *node = parse_columns(p, KN_DATATABLE, at);
    expect_sign(p, "[");
    while (!take_sign(p, "]")) {
        ct_kql_push(p->job, &node->more, parse_cell(p));
        if (!take_sign(p, ",") && !at_sign(p, "]"))
            fail_expected(p, "',' or ']'");
    }
    return finish(p, node);
}

static ct_kql_node *parse_external(parser *p, size_t at)
{
    ct_kql_node *node = parse_columns(p, KN_EXTERNAL, at);
    expect_sign(p, "[");
    parse_list(p, "]", parse_expression);
    if (take_word(p, "with")) {
        expect_sign(p, "(");
        do {
            expect_name(p, "an option");
            expect_sign(p, "=");
            parse_expression(p);
        } while (take_sign(p, ","));
        expect_sign(p, ")");
    }
    return finish(p, node);
}

/* kind=inner, hint.strategy=broadcast, withsource=Name ...: those of the names, between blanks. */
static void parse_options(parser *p, const char *names, ct_kql_nodes *options)
{
    for (;;) {
        ct_kql_token after = ct_kql_peek(&p->lexer);
        if (p->token.kind != KT_NAME || !has_word(names, p->token.text) ||
            !(is_sign(&after, "=") || is_sign(&after, ".")))
            return;
        ct_kql_node *option = new_node(p, KN_OPTION, p->token.at);
        option->text = p->token.text;
        advance(p);
        while (take_sign(p, "."))
            advance(p);
        expect_sign(p, "=");
        ct_kql_node *value = new_node(p, KN_NAME, p->token.at);
        if (p->token.kind == KT_STRING || p->token.kind == KT_NAME || p->token.kind == KT_LONG) {
            value->text = p->token.text;
            if (at_sign(p, "["))
                value->text = expect_name(p, "a name");
            else
                advance(p);
        } else {
            value->text = expect_name(p, "a value");
        }
        option->left = finish(p, value);
        ct_kql_push(p->job, options, finish(p, option));
    }
}

/* Behind `union`: options and tables. */
static ct_kql_node *parse_union(parser *p, size_t at)
{
    ct_kql_node *node = new_node(p, KN_UNION, at);
    parse_options(p, " kind withsource with_source isfuzzy hint ", &node->more);
    do {
        if (at_sign(p, "("))
            ct_kql_push(p->job, &node->items, parse_parenthesis(p));
        else
            ct_kql_push(p->job, &node->items, parse_expression(p));
    } while (take_sign(p, ","));
    return finish(p, node);
}

static ct_kql_node *parse_range(parser *p, size_t at)
{
    ct_kql_node *node = new_node(p, KN_RANGE, at);
    node->text = expect_name(p, "the name of a column");
    expect_word(p, "from");
    node->left = parse_expression(p);
    expect_word(p, "to");
    node->right = parse_expression(p);
    expect_word(p, "step");
    node->third = parse_expression(p);
    return finish(p, node);
}

static ct_kql_node *parse_named_list(parser *p, ct_kql_node_kind kind, size_t at)
{
    ct_kql_node *node = new_node(p, kind, at);
    do
        ct_kql_push(p->job, &node->items, parse_named(p));
    while (take_sign(p, ","));
    return finish(p, node);
}

static ct_kql_node *new_bool(parser *p, bool value)
{
    ct_kql_node *node = new_literal(p, CT_KQL_BOOL, p->token.at);
    node->integer = value;
    advance(p);
    return finish(p, node);
}

static noreturn void fail_not_supported(parser *p, size_t at, ct_span what)
{
    ct_kql_refuse(p->job, at, "%s is not supported", ct_kql_quote(p->job, what));
}

/* Words that begin a table or a literal; NULL when this word is a plain name. */
static ct_kql_node *parse_special_word(parser *p)
{
    ct_span word = p->token.text;
    size_t at = p->token.at;
    ct_kql_token after = ct_kql_peek(&p->lexer);
    if (ct_span_is(word, "true") || ct_span_is(word, "True") || ct_span_is(word, "TRUE"))
        return new_bool(p, true);
    if (ct_span_is(word, "false") || ct_span_is(word, "False") || ct_span_is(word, "FALSE"))
        return new_bool(p, false);
    ct_kql_type type = ct_kql_type_named(word);
    if (is_sign(&after, "(") && type != CT_KQL_NO_TYPE && type != CT_KQL_STRING &&
        !ct_span_is(word, "boolean") && !ct_span_is(word, "uuid") &&
        !ct_span_is(word, "uniqueid")) {
        if (type == CT_KQL_DECIMAL)
            ct_kql_refuse(p->job, at, "the type decimal is not supported");
        if (type != CT_KQL_DYNAMIC)
            return parse_typed_literal(p, type);
        advance(p);
        return parse_dynamic(p, at);
    }
    bool has_name_behind = after.kind == KT_NAME || is_sign(&after, "[");
    if (ct_span_is(word, "datatable") && is_sign(&after, "(")) {
        advance(p);
        return parse_datatable(p, at);
    }
    if (ct_span_is(word, "externaldata") && is_sign(&after, "(")) {
        advance(p);
        return parse_external(p, at);
    }
    if (ct_span_is(word, "union") && (has_name_behind || is_sign(&after, "("))) {
        advance(p);
        return parse_union(p, at);
    }
    if (ct_span_is(word, "print") && after.kind != KT_END && !is_sign(&after, "|")) {
        advance(p);
        return parse_named_list(p, KN_PRINT, at);
    }
    if (ct_span_is(word, "range") && has_name_behind) {
        advance(p);
        return parse_range(p, at);
    }
    if ((ct_span_is(word, "search") || ct_span_is(word, "find")) &&
        (has_name_behind || after.kind == KT_STRING || is_sign(&after, "(") ||
         is_sign(&after, "*")))
        fail_not_supported(p, at, word);
    return NULL;
}

typedef enum level { NONE, EQUALITY = 3, RELATION = 4, TEXT = 5, SUM = 6, PRODUCT = 7 } level;

/* The level of a binary operator; NONE for any other token. */
static level level_of(const ct_kql_token *token)
{
    static const struct {
        const char *words; /* between blanks */
        level level;
    } levels[] = {
        {" * / % ", PRODUCT},
        {" + - ", SUM},
        {" has !has has_cs !has_cs contains !contains contains_cs !contains_cs startswith "
         "!startswith startswith_cs !startswith_cs endswith !endswith endswith_cs !endswith_cs "
         "hasprefix !hasprefix hasprefix_cs !hasprefix_cs hassuffix !hassuffix hassuffix_cs "
         "!hassuffix_cs matches ",
         TEXT},
        {" < <= > >= ", RELATION},
        {" == != <> =~ !~ in !in in~ !in~ has_any has_all between !between ", EQUALITY},
    };
    if (token->kind != KT_NAME && token->kind != KT_PUNCT)
        return NONE;
    for (size_t i = 0; i < sizeof levels / sizeof levels[0]; i++)
        if (has_word(levels[i].words, token->text))
            return levels[i].level;
    return NONE;
}

static ct_kql_node *parse_primary(parser *p)
{
    size_t at = p->token.at;
    ct_kql_node *node;
    switch (p->token.kind) {
    case KT_LONG:
        check_long(p);
    /* fall through */
    case KT_TIMESPAN:
        node = new_literal(p, p->token.kind == KT_LONG ? CT_KQL_LONG : CT_KQL_TIMESPAN, at);
        node->integer = p->token.integer;
        advance(p);
        return finish(p, node);
    case KT_REAL:
        node = new_literal(p, CT_KQL_REAL, at);
        node->real = p->token.real;
        advance(p);
        return finish(p, node);
    case KT_STRING:
        node = new_literal(p, CT_KQL_STRING, at);
        node->text = parse_strings(p);
        return finish(p, node);
    default:
        break;
    }
    if (at_sign(p, "("))
        return parse_parenthesis(p);
    ct_kql_token behind = ct_kql_peek(&p->lexer);
    if (at_sign(p, "*") && level_of(&behind) == TEXT) { /* * has 'x': any column */
        advance(p);
        return new_node(p, KN_STAR, at);
    }
    if (p->token.kind == KT_NAME && (node = parse_special_word(p)) != NULL)
        return node;
    if (at_word(p, "$left") || at_word(p, "$right")) {
        node = new_node(p, KN_NAME, at);
        node->text = p->token.text;
        advance(p);
        return finish(p, node);
    }
    ct_span name;
    bool is_quoted = at_sign(p, "[");
    if (!try_name(p, &name))
        fail_expected(p, "an expression");
    bool is_call = !is_quoted && at_sign(p, "(");
    node = new_node(p, is_call ? KN_CALL : KN_NAME, at);
    node->text = name;
    if (is_call) {
        advance(p);
        go_deeper(p);
        node->items = parse_list(p, ")", parse_argument);
        p->depth--;
    }
    return finish(p, node);
}

static ct_kql_node *parse_member(parser *p, ct_kql_node *object)
{
    ct_kql_node *node = new_node(p, KN_MEMBER, object->at);
    node->left = object;
    if (p->token.kind == KT_NAME) {
        node->text = p->token.text; /* any word, reserved ones too */
        advance(p);
    } else if (at_sign(p, "[")) {
        advance(p);
        if (p->token.kind == KT_STRING) {
            node->text = p->token.text;
            advance(p);
        } else {
            node->kind = KN_INDEX;
            node->right = parse_expression(p);
        }
        expect_sign(p, "]");
    } else {
        fail_expected(p, "the name of a member");
    }
    return finish(p, node);
}

static ct_kql_node *parse_postfix(parser *p)
{
    ct_kql_node *node = parse_primary(p);
    int n_steps = 0;
    for (;;) {
        if (at_sign(p, ".") || at_sign(p, "[")) {
            if (++n_steps > CT_KQL_MAX_DEPTH)
                ct_kql_refuse(p->job, p->token.at, "a path of more than %d steps",
                              CT_KQL_MAX_DEPTH);
        }
        if (take_sign(p, ".")) {
            node = parse_member(p, node);
        } else if (at_sign(p, "[")) {
            advance(p);
            ct_kql_node *index = new_node(p, KN_INDEX, node->at);
            index->left = node;
            go_deeper(p);
            index->right = parse_expression(p);
            p->depth--;
            expect_sign(p, "]");
            node = finish(p, index);
        } else {
            return node;
        }
    }
}

static ct_kql_node *parse_unary(parser *p)
{
    size_t at = p->token.at;
    if (at_sign(p, "+") || at_sign(p, "-")) {
        bool is_minus = at_sign(p, "-");
        advance(p);
        go_deeper(p);
        ct_kql_node *operand = parse_unary(p);
        p->depth--;
        if (!is_minus)
            return operand;
        ct_kql_node *node = new_node(p, KN_MINUS, at);
        node->left = operand;
        return finish(p, node);
    }
    return parse_postfix(p);
}

static ct_kql_node *parse_level(parser *p, level lowest);

/* Behind in, has_any ...: the list, or a table in its parentheses. */
static ct_kql_nodes parse_in_list(parser *p)
{
    ct_kql_nodes list = {NULL, 0};
    if (!at_sign(p, "("))
        fail_expected(p, "'('");
    advance(p);
    go_deeper(p);
    if (!at_sign(p, ")")) {
        do
            ct_kql_push(p->job, &list, parse_pipe(p));
        while (take_sign(p, ",") && !at_sign(p, ")"));
    }
    p->depth--;
    expect_sign(p, ")");
    return list;
}

static ct_kql_node *parse_binary(parser *p, ct_kql_node *left, level of)
{
    ct_span sign = p->token.text;
    ct_kql_node *node = new_node(p, KN_BINARY, left->at);
    node->left = left;
    node->text = sign;
    advance(p);
    if (ct_span_is(sign, "matches")) {
        expect_word(p, "regex");
    } else if (ct_span_is(sign, "between") || ct_span_is(sign, "!between")) {
        node->kind = KN_BETWEEN;
        expect_sign(p, "(");
        go_deeper(p);
        node->right = parse_expression(p);
        expect_sign(p, "..");
        node->third = parse_expression(p);
        p->depth--;
        expect_sign(p, ")");
        return finish(p, node);
    } else if (strchr("ih!", sign.p[0]) && of == EQUALITY && !ct_span_is(sign, "!=") &&
               !ct_span_is(sign, "!~")) {
        node->kind = KN_IN;
        node->items = parse_in_list(p);
        return finish(p, node);
    }
    node->right = parse_level(p, of + 1);
    return finish(p, node);
}

static ct_kql_node *parse_level(parser *p, level lowest)
{
    ct_kql_node *left = parse_unary(p);
    int n_long = 0;
    for (;;) {
        level of = level_of(&p->token);
        if (of == NONE || of < lowest)
            return left;
        if (++n_long > 2 * CT_KQL_MAX_DEPTH)
            ct_kql_refuse(p->job, p->token.at, "a chain of more than %d operators",
                          2 * CT_KQL_MAX_DEPTH);
        left = parse_binary(p, left, of);
        if (of == TEXT || of == RELATION || of == EQUALITY) {
            if (level_of(&p->token) == of)
                fail_expected(
                    p, "'and', 'or' or the end of the expression (comparisons do not chain)");
            /* What is looser may follow; what binds tighter was taken by the right side. */
        }
    }
}

static ct_kql_node *parse_chain(parser *p, const char *word, ct_kql_node_kind kind,
                                ct_kql_node *(*parse_item)(parser *))
{
    ct_kql_node *first = parse_item(p);
    if (!at_word(p, word))
        return first;
    ct_kql_node *node = new_node(p, kind, first->at);
    ct_kql_push(p->job, &node->items, first);
    while (take_word(p, word))
        ct_kql_push(p->job, &node->items, parse_item(p));
    return finish(p, node);
}

static ct_kql_node *parse_comparison(parser *p)
{
    return parse_level(p, EQUALITY);
}

static ct_kql_node *parse_and(parser *p)
{
    return parse_chain(p, "and", KN_AND, parse_comparison);
}

static ct_kql_node *parse_expression(parser *p)
{
    go_deeper(p);
    ct_kql_node *node = parse_chain(p, "or", KN_OR, parse_and);
    p->depth--;
    return node;
}

/* `name = e`, `(a, b) = e` or e. */
static ct_kql_node *parse_named(parser *p)
{
    parser ahead = *p;
    size_t at = p->token.at;
    ct_span name;
    if (try_name(&ahead, &name) && at_sign(&ahead, "=")) {
        *p = ahead;
        advance(p);
        ct_kql_node *node = new_node(p, KN_NAMED, at);
        node->text = name;
        node->left = parse_expression(p);
        return finish(p, node);
    }
    ahead = *p;
    if (take_sign(&ahead, "(")) {
        ct_kql_nodes names = {NULL, 0};
        while (try_name(&ahead, &name)) {
            ct_kql_node *one = new_node(p, KN_NAME, at);
            one->text = name;
            ct_kql_push(p->job, &names, one);
            if (!take_sign(&ahead, ","))
                break;
        }
        if (names.n > 0 && take_sign(&ahead, ")") && at_sign(&ahead, "=")) {
            *p = ahead;
            advance(p);
            ct_kql_node *node = new_node(p, KN_NAMED, at);
            node->items = names;
            node->left = parse_expression(p);
            return finish(p, node);
        }
    }
    return parse_expression(p);
}

/* ---- operators ------------------------------------------------------------------------------ */

static ct_kql_nodes parse_items(parser *p, ct_kql_node *(*parse_item)(parser *))
{
    ct_kql_nodes list = {NULL, 0};
    do
        ct_kql_push(p->job, &list, parse_item(p));
    while (take_sign(p, ","));
    return list;
}

/* A name, or a pattern with * in it. */
static ct_kql_node *parse_pattern(parser *p)
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
        resume(p, end);
        ct_kql_node *node = new_node(p, KN_PATTERN, from);
        node->text = (ct_span){text.p + from, end - from};
        return node;
    }
    ct_kql_node *node = new_node(p, KN_NAME, from);
    node->text = expect_name(p, "the name of a column");
    return finish(p, node);
}

static bool parse_direction(parser *p, ct_kql_node *order)
{
    bool is_said = true;
    if (take_word(p, "asc"))
        order->is_asc = true;
    else if (!take_word(p, "desc"))
        is_said = false;
    if (take_word(p, "nulls")) {
        if (take_word(p, "first"))
            order->nulls = -1;
        else if (take_word(p, "last"))
            order->nulls = 1;
        else
            fail_expected(p, "'first' or 'last'");
        is_said = true;
    }
    return is_said;
}

static ct_kql_node *parse_order(parser *p)
{
    ct_kql_node *order = new_node(p, KN_ORDER, p->token.at);
    order->left = parse_named(p);
    parse_direction(p, order);
    return finish(p, order);
}

static ct_kql_node *parse_reordered(parser *p)
{
    ct_kql_node *pattern = parse_pattern(p);
    ct_kql_node *order = new_node(p, KN_ORDER, pattern->at);
    order->left = pattern;
    if (at_word(p, "granny_asc") || at_word(p, "granny_desc"))
        fail_not_supported(p, p->token.at, p->token.text);
    return parse_direction(p, order) ? finish(p, order) : pattern;
}

static ct_kql_node *parse_join(parser *p, ct_kql_node_kind kind, size_t at)
{
    ct_kql_node *node = new_node(p, kind, at);
    parse_options(p, " kind hint ", &node->more);
    if (at_sign(p, "("))
        node->right = parse_parenthesis(p);
    else
        node->right = parse_postfix(p);
    if (take_word(p, "on"))
        node->items = parse_items(p, parse_expression);
    else
        fail_expected(p, "'on'");
    return finish(p, node);
}

static ct_kql_node *parse_expanded(parser *p)
{
    ct_kql_node *node = new_node(p, KN_EXPANDED, p->token.at);
    node->left = parse_named(p);
    if (take_word(p, "to")) {
        expect_word(p, "typeof");
        expect_sign(p, "(");
        node->type = expect_type(p);
        expect_sign(p, ")");
    }
    return finish(p, node);
}

static ct_kql_node *parse_operator(parser *p);

static ct_kql_node *parse_expand(parser *p, ct_kql_node_kind kind, bool is_legacy, size_t at)
{
    ct_kql_node *node = new_node(p, kind, at);
    node->is_legacy = is_legacy;
    parse_options(p, " bagexpansion kind with_itemindex ", &node->more);
    node->items = parse_items(p, parse_expanded);
    if (take_word(p, "limit"))
        node->left = parse_expression(p);
    if (kind != KN_APPLY)
        return finish(p, node);
    expect_word(p, "on");
    expect_sign(p, "(");
    ct_kql_node *pipe = new_node(p, KN_PIPE, p->token.at);
    go_deeper(p);
    do
        ct_kql_push(p->job, &pipe->items, parse_operator(p));
    while (take_sign(p, "|"));
    p->depth--;
    node->right = finish(p, pipe);
    expect_sign(p, ")");
    return finish(p, node);
}

static ct_kql_node *parse_parse(parser *p, bool is_where, size_t at)
{
    ct_kql_node *node = new_node(p, KN_PARSE, at);
    node->is_where = is_where;
    parse_options(p, " kind flags ", &node->more);
    node->left = parse_expression(p);
    expect_word(p, "with");
    while (!at_sign(p, "|") && !at_sign(p, ")") && !at_sign(p, ";") && !at_sign(p, "}") &&
           p->token.kind != KT_END) {
        size_t from = p->token.at;
        ct_kql_node *part;
        if (take_sign(p, "*")) {
            part = new_node(p, KN_STAR, from);
        } else if (p->token.kind == KT_STRING) {
            part = new_literal(p, CT_KQL_STRING, from);
            part->text = parse_strings(p);
        } else {
            part = new_node(p, KN_COLUMN, from);
            part->text = expect_name(p, "a string, a column or *");
            part->type = take_sign(p, ":") ? expect_type(p) : CT_KQL_STRING;
        }
        ct_kql_push(p->job, &node->items, finish(p, part));
    }
    return finish(p, node);
}

static ct_kql_node *parse_summarize(parser *p, size_t at)
{
    ct_kql_node *node = new_node(p, KN_SUMMARIZE, at);
    parse_options(p, " hint ", &node->more);
    node->more = (ct_kql_nodes){NULL, 0};
    if (!at_word(p, "by"))
        node->items = parse_items(p, parse_named);
    if (take_word(p, "by"))
        node->more = parse_items(p, parse_named);
    return finish(p, node);
}

static ct_kql_node *parse_top(parser *p, size_t at)
{
    ct_kql_node *node = new_node(p, KN_TOP, at);
    node->left = parse_expression(p);
    expect_word(p, "by");
    ct_kql_push(p->job, &node->items, parse_order(p)); /* one: Kusto takes no more */
    return finish(p, node);
}

static ct_kql_node *parse_sort(parser *p, size_t at)
{
    ct_kql_node *node = new_node(p, KN_SORT, at);
    expect_word(p, "by");
    node->items = parse_items(p, parse_order);
    return finish(p, node);
}

static ct_kql_node *with_items(parser *p, ct_kql_node_kind kind, size_t at,
                               ct_kql_node *(*parse_item)(parser *))
{
    ct_kql_node *node = new_node(p, kind, at);
    node->items = parse_items(p, parse_item);
    return finish(p, node);
}

static ct_kql_node *with_left(parser *p, ct_kql_node_kind kind, size_t at)
{
    ct_kql_node *node = new_node(p, kind, at);
    node->left = parse_expression(p);
    return finish(p, node);
}

static ct_kql_node *parse_render(parser *p, size_t at)
{
    ct_kql_node *node = new_node(p, KN_IGNORED, at);
    while (p->token.kind != KT_END && !at_sign(p, ";") && !at_sign(p, "|") && !at_sign(p, ")") &&
           !at_sign(p, "}")) {
        bool is_open = at_sign(p, "(");
        advance(p);
        while (is_open && !take_sign(p, ")") && p->token.kind != KT_END)
            advance(p);
    }
    return finish(p, node);
}

static ct_kql_node *parse_distinct(parser *p, size_t at)
{
    ct_kql_node *node = new_node(p, KN_DISTINCT, at);
    size_t star_at = p->token.at;
    if (take_sign(p, "*"))
        ct_kql_push(p->job, &node->items, new_node(p, KN_STAR, star_at));
    else
        node->items = parse_items(p, parse_named);
    return finish(p, node);
}

static ct_kql_node *parse_serialize(parser *p, size_t at)
{
    ct_kql_node *node = new_node(p, KN_SERIALIZE, at);
    if (p->token.kind == KT_NAME || at_sign(p, "["))
        node->items = parse_items(p, parse_named);
    return finish(p, node);
}

/* The operator's name with its dashes (`project-away`), which are no tokens of their own there. */
static ct_span take_operator_name(parser *p)
{
    if (p->token.kind != KT_NAME)
        fail_expected(p, "an operator");
    size_t end = p->token.end;
    ct_span text = p->job->text;
    while (end + 1 < text.n && text.p[end] == '-' &&
           (unsigned char)((text.p[end + 1] | 0x20) - 'a') < 26) {
        end++;
        while (end < text.n && ((unsigned char)((text.p[end] | 0x20) - 'a') < 26))
            end++;
    }
    ct_span name = {text.p + p->token.at, end - p->token.at};
    resume(p, end);
    return name;
}

static ct_kql_node *parse_operator(parser *p)
{
    size_t at = p->token.at;
    ct_span name = take_operator_name(p);
    if (ct_span_is(name, "where") || ct_span_is(name, "filter"))
        return with_left(p, KN_WHERE, at);
    if (ct_span_is(name, "extend"))
        return with_items(p, KN_EXTEND, at, parse_named);
    if (ct_span_is(name, "project"))
        return with_items(p, KN_PROJECT, at, parse_named);
    if (ct_span_is(name, "project-away"))
        return with_items(p, KN_AWAY, at, parse_pattern);
    if (ct_span_is(name, "project-keep"))
        return with_items(p, KN_KEEP, at, parse_pattern);
    if (ct_span_is(name, "project-rename"))
        return with_items(p, KN_RENAME, at, parse_named);
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
        return new_node(p, KN_COUNT, at);
    if (ct_span_is(name, "join"))
        return parse_join(p, KN_JOIN, at);
    if (ct_span_is(name, "lookup"))
        return parse_join(p, KN_LOOKUP, at);
    if (ct_span_is(name, "union"))
        return parse_union(p, at);
    if (ct_span_is(name, "mv-expand") || ct_span_is(name, "mvexpand"))
        return parse_expand(p, KN_EXPAND, name.p[2] != '-', at);
    if (ct_span_is(name, "mv-apply"))
        return parse_expand(p, KN_APPLY, false, at);
    if (ct_span_is(name, "parse") || ct_span_is(name, "parse-where"))
        return parse_parse(p, name.n > 5, at);
    if (ct_span_is(name, "serialize"))
        return parse_serialize(p, at);
    if (ct_span_is(name, "getschema"))
        return new_node(p, KN_SCHEMA, at);
    if (ct_span_is(name, "as")) {
        ct_kql_node *node = new_node(p, KN_AS, at);
        parse_options(p, " hint ", &node->more);
        node->text = expect_name(p, "a name");
        return finish(p, node);
    }
    if (ct_span_is(name, "render"))
        return parse_render(p, at);
    ct_kql_refuse(p->job, at, "the operator %s is not supported", ct_kql_quote(p->job, name));
}

/* A source and what follows it behind bars; a scalar where nothing does. */
static ct_kql_node *parse_pipe(parser *p)
{
    ct_kql_node *source = parse_named(p);
    if (!at_sign(p, "|"))
        return source;
    ct_kql_node *pipe = new_node(p, KN_PIPE, source->at);
    pipe->left = source;
    while (take_sign(p, "|"))
        ct_kql_push(p->job, &pipe->items, parse_operator(p));
    return finish(p, pipe);
}

/* ---- statements ----------------------------------------------------------------------------- */

static ct_kql_node *parse_parameter(parser *p)
{
    ct_kql_node *node = new_node(p, KN_COLUMN, p->token.at);
    node->text = expect_name(p, "the name of a parameter");
    expect_sign(p, ":");
    if (take_sign(p, "(")) {
        node->kind = KN_PARAM_TABLE;
        if (take_sign(p, "*")) {
            expect_sign(p, ")");
            return finish(p, node);
        }
        do {
            ct_kql_node *column = new_node(p, KN_COLUMN, p->token.at);
            column->text = expect_name(p, "the name of a column");
            expect_sign(p, ":");
            column->type = expect_type(p);
            ct_kql_push(p->job, &node->items, column);
        } while (take_sign(p, ","));
        expect_sign(p, ")");
        return finish(p, node);
    }
    node->type = expect_type(p);
    if (take_sign(p, "="))
        node->right = parse_expression(p);
    return finish(p, node);
}

/* Whether a function's parameters begin here: () or (name:. */
static bool is_function(const parser *p)
{
    parser ahead = *p;
    ct_span name;
    if (take_word(&ahead, "view") && !at_sign(&ahead, "("))
        return false;
    if (!take_sign(&ahead, "("))
        return false;
    if (take_sign(&ahead, ")"))
        return at_sign(&ahead, "{");
    return try_name(&ahead, &name) && at_sign(&ahead, ":");
}

static ct_kql_node *parse_function(parser *p)
{
    ct_kql_node *node = new_node(p, KN_FUNCTION, p->token.at);
    take_word(p, "view");
    expect_sign(p, "(");
    node->items = parse_list(p, ")", parse_parameter);
    expect_sign(p, "{");
    go_deeper(p);
    node->left = parse_statements(p, "}");
    p->depth--;
    return finish(p, node);
}

static ct_kql_node *parse_let(parser *p)
{
    ct_kql_node *node = new_node(p, KN_LET, p->token.at);
    advance(p);
    node->text = expect_name(p, "a name");
    expect_sign(p, "=");
    node->left = is_function(p) ? parse_function(p) : parse_pipe(p);
    return finish(p, node);
}

/* Statements up to the closing sign, or to the end of the query where that is NULL. */
static ct_kql_node *parse_statements(parser *p, const char *end)
{
    ct_kql_node *query = new_node(p, KN_QUERY, p->token.at);
    for (;;) {
        while (take_sign(p, ";"))
            continue;
        bool is_end = end ? at_sign(p, end) : p->token.kind == KT_END;
        if (is_end)
            break;
        if (query->left)
            fail_expected(p, end ? "'}'" : "the end of the query");
        if (at_word(p, "let"))
            ct_kql_push(p->job, &query->items, parse_let(p));
        else if (at_word(p, "set") || at_word(p, "declare") || at_word(p, "alias") ||
                 at_word(p, "restrict"))
            ct_kql_refuse(p->job, p->token.at, "the statement %s is not supported",
                          ct_kql_quote(p->job, p->token.text));
        else
            query->left = parse_pipe(p);
        bool is_over = end ? at_sign(p, end) : p->token.kind == KT_END;
        if (!is_over && !at_sign(p, ";"))
            fail_expected(p, query->left ? "'|', ';' or the end" : "';'");
    }
    if (!query->left)
        ct_kql_refuse(p->job, p->token.at, "a query ends with a table, but there is none");
    if (end)
        expect_sign(p, end);
    return finish(p, query);
}

ct_kql_node *ct_kql_parse_query(ct_kql_job *job)
{
    if (job->text.n > CT_KQL_MAX_BYTES)
        ct_kql_refuse(job, 0, "the query is longer than %d bytes", CT_KQL_MAX_BYTES);
    if (memchr(job->text.p, 0, job->text.n))
        ct_kql_refuse(job, (size_t)((char *)memchr(job->text.p, 0, job->text.n) - job->text.p),
                      "a NUL in the query");
    parser p = {.job = job, .lexer = {job, 0}};
    if (job->text.n >= 3 && memcmp(job->text.p, "\xEF\xBB\xBF", 3) == 0)
        p.lexer.at = 3; /* a byte order mark */
    p.token = ct_kql_next(&p.lexer);
    return parse_statements(&p, NULL);
}
