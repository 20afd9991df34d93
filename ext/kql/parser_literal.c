#include "kql/parser_parts.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/ascii.h"
#include "base/json_write.h"
#include "base/timestamp.h"
#include "kql/ticks.h"

/* ---- literals ------------------------------------------------------------------------------- */

ct_kql_node *ct_kql_new_literal(ct_kql_parser *p, ct_kql_type type, size_t at)
{
    ct_kql_node *node = ct_kql_new_node(p, KN_LITERAL, at);
    node->type = type;
    return node;
}

/* The strings from here on, joined as Kusto joins what stands side by side. */
ct_span ct_kql_parse_strings(ct_kql_parser *p)
{
    ct_span text = p->token.text;
    ct_kql_advance(p);
    while (p->token.kind == KT_STRING) {
        ct_span more = p->token.text;
        char *joined = ct_kql_new(p->job, text.n + more.n + 1);
        memcpy(joined, text.p, text.n);
        memcpy(joined + text.n, more.p, more.n);
        text = (ct_span){joined, text.n + more.n};
        ct_kql_advance(p);
    }
    return text;
}

/* 9223372036854775808 is a token, for its minus in a datatable; else it is too large. */
void ct_kql_check_long(ct_kql_parser *p)
{
    if (p->token.kind == KT_LONG && p->token.text.p[0] != '0' && p->token.integer < 0)
        ct_kql_refuse(p->job, p->token.at, "the number is too large for a long");
}

/* ---- dynamic(...) ---- */

static void dynamic_value(ct_kql_parser *p, ct_buf *json);

static void dynamic_text(ct_kql_parser *p, ct_buf *json)
{
    ct_span text = ct_kql_parse_strings(p);
    ct_json_put_string(json, text.p, text.n);
}

static void dynamic_bag(ct_kql_parser *p, ct_buf *json)
{
    ct_buf_put_char(json, '{');
    ct_kql_advance(p);
    for (bool is_first = true; !ct_kql_take_sign(p, "}"); is_first = false) {
        if (!is_first) {
            ct_kql_expect_sign(p, ",");
            ct_buf_put_char(json, ',');
        }
        if (p->token.kind != KT_STRING)
            ct_kql_fail_expected(p, "a quoted key");
        dynamic_text(p, json);
        ct_kql_expect_sign(p, ":");
        ct_buf_put_char(json, ':');
        dynamic_value(p, json);
    }
    ct_buf_put_char(json, '}');
}

static void dynamic_array(ct_kql_parser *p, ct_buf *json)
{
    ct_buf_put_char(json, '[');
    ct_kql_advance(p);
    for (bool is_first = true; !ct_kql_take_sign(p, "]"); is_first = false) {
        if (!is_first) {
            ct_kql_expect_sign(p, ",");
            ct_buf_put_char(json, ',');
        }
        dynamic_value(p, json);
    }
    ct_buf_put_char(json, ']');
}

/* Shortest text of a real that reads back as itself, with '.0' where it would look like a long. */
static void put_real(ct_kql_parser *p, ct_buf *json, size_t at, double real)
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

static void put_literal(ct_kql_parser *p, ct_buf *json, const ct_kql_node *literal)
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

static void dynamic_number(ct_kql_parser *p, ct_buf *json)
{
    bool is_negative = ct_kql_take_sign(p, "-");
    ct_kql_node value = {.kind = KN_LITERAL, .at = p->token.at};
    if (p->token.kind == KT_LONG) {
        if (!is_negative)
            ct_kql_check_long(p);
        value.type = CT_KQL_LONG;
        value.integer = is_negative ? negated(p->token.integer) : p->token.integer;
    } else if (p->token.kind == KT_REAL) {
        value.type = CT_KQL_REAL;
        value.real = is_negative ? -p->token.real : p->token.real;
    } else if (p->token.kind == KT_TIMESPAN) {
        value.type = CT_KQL_TIMESPAN;
        value.integer = is_negative ? negated(p->token.integer) : p->token.integer;
    } else {
        ct_kql_fail_expected(p, "a JSON value");
    }
    put_literal(p, json, &value);
    ct_kql_advance(p);
}

static void dynamic_value(ct_kql_parser *p, ct_buf *json)
{
    ct_kql_go_deeper(p);
    if (p->token.kind == KT_STRING) {
        dynamic_text(p, json);
    } else if (ct_kql_at_sign(p, "{")) {
        dynamic_bag(p, json);
    } else if (ct_kql_at_sign(p, "[")) {
        dynamic_array(p, json);
    } else if (p->token.kind == KT_NAME) {
        ct_span word = p->token.text;
        ct_kql_type type = ct_kql_type_named(word);
        if (ct_span_is(word, "null") || ct_span_is(word, "true") || ct_span_is(word, "false")) {
            ct_buf_put(json, word.p, word.n);
            ct_kql_advance(p);
        } else if (ct_span_is(word, "True") || ct_span_is(word, "False")) {
            ct_buf_put_text(json, word.p[0] == 'T' ? "true" : "false");
            ct_kql_advance(p);
        } else if (type == CT_KQL_DYNAMIC) {
            ct_kql_advance(p);
            ct_kql_expect_sign(p, "(");
            dynamic_value(p, json);
            ct_kql_expect_sign(p, ")");
        } else if (type != CT_KQL_NO_TYPE && type != CT_KQL_STRING && type != CT_KQL_DECIMAL) {
            ct_kql_node *literal = ct_kql_parse_typed_literal(p, type);
            if (literal->kind != KN_LITERAL)
                ct_kql_refuse(p->job, literal->at, "datetime() is no literal");
            put_literal(p, json, literal);
        } else {
            ct_kql_fail_expected(p, "a JSON value");
        }
    } else {
        dynamic_number(p, json);
    }
    p->depth--;
}

/* Behind `dynamic`, at its parenthesis. */
ct_kql_node *ct_kql_parse_dynamic(ct_kql_parser *p, size_t at)
{
    ct_kql_node *node = ct_kql_new_literal(p, CT_KQL_DYNAMIC, at);
    ct_kql_expect_sign(p, "(");
    ct_buf *json = &p->job->scratch;
    size_t from = json->len;
    if (ct_kql_at_word(p, "null")) {
        ct_kql_advance(p);
        node->is_null = true;
    } else {
        dynamic_value(p, json);
    }
    ct_kql_expect_sign(p, ")");
    node->text = ct_kql_take_scratch(p->job, from);
    return ct_kql_finish_node(p, node);
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
static bool read_number(ct_kql_parser *p, ct_span text, ct_kql_node *literal)
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

static void read_literal(ct_kql_parser *p, ct_kql_node *node, ct_span text)
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
    default: /* a guid */
        text = unquote(text);
        ok = ct_kql_read_guid(text.p, text.n, guid);
        if (ok)
            node->text = ct_kql_copy(p->job, (ct_span){guid, sizeof guid});
    }
    if (!ok)
        ct_kql_refuse(p->job, node->at, "%s is no %s", ct_kql_quote(p->job, text),
                      ct_kql_type_name(node->type));
}

/* At the type's name, which an opening parenthesis follows. */
ct_kql_node *ct_kql_parse_typed_literal(ct_kql_parser *p, ct_kql_type type)
{
    size_t at = p->token.at;
    ct_kql_advance(p);
    if (!ct_kql_at_sign(p, "("))
        ct_kql_fail_expected(p, "'('");
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
    ct_kql_resume(p, end + 1);
    ct_kql_node *node = ct_kql_new_literal(p, type, at);
    if (ct_span_is(text, "null")) {
        node->is_null = true;
    } else if (text.n == 0 && type == CT_KQL_DATETIME) {
        node->kind = KN_CALL;
        node->text = (ct_span){"now", 3};
    } else {
        read_literal(p, node, text);
    }
    return ct_kql_finish_node(p, node);
}
