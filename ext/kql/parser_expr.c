#include "kql/parser_parts.h"

#include <string.h>

/* ---- expressions ---------------------------------------------------------------------------- */

/* The items up to the closing sign, separated by commas. */
ct_kql_nodes ct_kql_parse_list(ct_kql_parser *p, const char *close,
                               ct_kql_node *(*parse_item)(ct_kql_parser *))
{
    ct_kql_nodes list = {NULL, 0};
    if (ct_kql_take_sign(p, close))
        return list;
    do
        ct_kql_push(p->job, &list, parse_item(p));
    while (ct_kql_take_sign(p, ","));
    ct_kql_expect_sign(p, close);
    return list;
}

static ct_kql_node *parse_argument(ct_kql_parser *p)
{
    size_t at = p->token.at;
    if (ct_kql_at_sign(p, "*")) {
        ct_kql_token after = ct_kql_peek(&p->lexer);
        if (ct_kql_is_sign(&after, ",") || ct_kql_is_sign(&after, ")")) {
            ct_kql_advance(p);
            return ct_kql_new_node(p, KN_STAR, at);
        }
    }
    if (ct_kql_at_word(p, "typeof")) {
        ct_kql_advance(p);
        ct_kql_expect_sign(p, "(");
        ct_kql_node *node = ct_kql_new_node(p, KN_TYPEOF, at);
        node->type = ct_kql_expect_type(p);
        ct_kql_expect_sign(p, ")");
        return ct_kql_finish_node(p, node);
    }
    return ct_kql_parse_pipe(p);
}

ct_kql_node *ct_kql_parse_parenthesis(ct_kql_parser *p)
{
    ct_kql_advance(p);
    ct_kql_go_deeper(p);
    ct_kql_node *inner = ct_kql_parse_pipe(p);
    p->depth--;
    ct_kql_expect_sign(p, ")");
    return inner;
}

static ct_kql_node *parse_columns(ct_kql_parser *p, ct_kql_node_kind kind, size_t at)
{
    ct_kql_node *node = ct_kql_new_node(p, kind, at);
    ct_kql_expect_sign(p, "(");
    do {
        ct_kql_node *column = ct_kql_new_node(p, KN_COLUMN, p->token.at);
        column->text = ct_kql_expect_name(p, CT_KQL_NAME_GIVEN, "the name of a column");
        ct_kql_expect_sign(p, ":");
        column->type = ct_kql_expect_type(p);
        ct_kql_push(p->job, &node->items, ct_kql_finish_node(p, column));
    } while (ct_kql_take_sign(p, ","));
    ct_kql_expect_sign(p, ")");
    return node;
}

static ct_kql_node *parse_cell(ct_kql_parser *p)
{
    ct_kql_token after = ct_kql_peek(&p->lexer);
    if (!ct_kql_at_sign(p, "-") || after.kind != KT_LONG || after.integer >= 0)
        return ct_kql_parse_expression(p);
    ct_kql_node *node = ct_kql_new_literal(p, CT_KQL_LONG, p->token.at);
    node->integer = INT64_MIN;
    ct_kql_advance(p);
    ct_kql_advance(p);
    return ct_kql_finish_node(p, node);
}

static ct_kql_node *parse_datatable(ct_kql_parser *p, size_t at)
{
    ct_kql_node *node = parse_columns(p, KN_DATATABLE, at);
    ct_kql_expect_sign(p, "[");
    while (!ct_kql_take_sign(p, "]")) {
        ct_kql_push(p->job, &node->more, parse_cell(p));
        if (!ct_kql_take_sign(p, ",") && !ct_kql_at_sign(p, "]"))
            ct_kql_fail_expected(p, "',' or ']'");
    }
    return ct_kql_finish_node(p, node);
}

static ct_kql_node *parse_external(ct_kql_parser *p, size_t at)
{
    ct_kql_node *node = parse_columns(p, KN_EXTERNAL, at);
    ct_kql_expect_sign(p, "[");
    ct_kql_parse_list(p, "]", ct_kql_parse_expression);
    if (ct_kql_take_word(p, "with")) {
        ct_kql_expect_sign(p, "(");
        do {
            ct_kql_expect_name(p, CT_KQL_NAME_GIVEN, "an option");
            ct_kql_expect_sign(p, "=");
            ct_kql_parse_expression(p);
        } while (ct_kql_take_sign(p, ","));
        ct_kql_expect_sign(p, ")");
    }
    return ct_kql_finish_node(p, node);
}

/* kind=inner, hint.strategy=broadcast, withsource=Name ...: those of the names, between blanks. */
void ct_kql_parse_options(ct_kql_parser *p, const char *names, ct_kql_nodes *options)
{
    for (;;) {
        ct_kql_token after = ct_kql_peek(&p->lexer);
        if (p->token.kind != KT_NAME || !ct_kql_has_word(names, p->token.text) ||
            !(ct_kql_is_sign(&after, "=") || ct_kql_is_sign(&after, ".")))
            return;
        ct_kql_node *option = ct_kql_new_node(p, KN_OPTION, p->token.at);
        option->text = p->token.text;
        ct_kql_advance(p);
        while (ct_kql_take_sign(p, "."))
            ct_kql_advance(p);
        ct_kql_expect_sign(p, "=");
        ct_kql_node *value = ct_kql_new_node(p, KN_NAME, p->token.at);
        if (p->token.kind == KT_STRING || p->token.kind == KT_NAME || p->token.kind == KT_LONG) {
            value->text = p->token.text;
            ct_kql_advance(p);
        } else {
            value->text = ct_kql_expect_name(p, CT_KQL_NAME_GIVEN, "a value");
        }
        option->left = ct_kql_finish_node(p, value);
        ct_kql_push(p->job, options, ct_kql_finish_node(p, option));
    }
}

/* Behind `union`: options and tables. */
ct_kql_node *ct_kql_parse_union(ct_kql_parser *p, size_t at)
{
    ct_kql_node *node = ct_kql_new_node(p, KN_UNION, at);
    ct_kql_parse_options(p, " kind withsource with_source isfuzzy hint ", &node->more);
    do {
        ct_kql_token after = ct_kql_peek(&p->lexer);
        if (p->token.kind == KT_NAME && ct_kql_is_sign(&after, "*"))
            ct_kql_refuse(p->job, p->token.at, "a pattern of names of tables is not supported");
        if (ct_kql_at_sign(p, "("))
            ct_kql_push(p->job, &node->items, ct_kql_parse_parenthesis(p));
        else
            ct_kql_push(p->job, &node->items, ct_kql_parse_expression(p));
    } while (ct_kql_take_sign(p, ","));
    return ct_kql_finish_node(p, node);
}

static ct_kql_node *parse_range(ct_kql_parser *p, size_t at)
{
    ct_kql_node *node = ct_kql_new_node(p, KN_RANGE, at);
    node->text = ct_kql_expect_name(p, CT_KQL_NAME_GIVEN, "the name of a column");
    ct_kql_expect_word(p, "from");
    node->left = ct_kql_parse_expression(p);
    ct_kql_expect_word(p, "to");
    node->right = ct_kql_parse_expression(p);
    ct_kql_expect_word(p, "step");
    node->third = ct_kql_parse_expression(p);
    return ct_kql_finish_node(p, node);
}

static ct_kql_node *parse_named_list(ct_kql_parser *p, ct_kql_node_kind kind, size_t at)
{
    ct_kql_node *node = ct_kql_new_node(p, kind, at);
    do
        ct_kql_push(p->job, &node->items, ct_kql_parse_named(p));
    while (ct_kql_take_sign(p, ","));
    return ct_kql_finish_node(p, node);
}

static ct_kql_node *new_bool(ct_kql_parser *p, bool value)
{
    ct_kql_node *node = ct_kql_new_literal(p, CT_KQL_BOOL, p->token.at);
    node->integer = value;
    ct_kql_advance(p);
    return ct_kql_finish_node(p, node);
}

noreturn void ct_kql_fail_not_supported(ct_kql_parser *p, size_t at, ct_span what)
{
    ct_kql_refuse(p->job, at, "%s is not supported", ct_kql_quote(p->job, what));
}

/* Words that begin a table or a literal; NULL when this word is a plain name. */
static ct_kql_node *parse_special_word(ct_kql_parser *p)
{
    ct_span word = p->token.text;
    size_t at = p->token.at;
    ct_kql_token after = ct_kql_peek(&p->lexer);
    if (ct_span_is(word, "true") || ct_span_is(word, "True") || ct_span_is(word, "TRUE"))
        return new_bool(p, true);
    if (ct_span_is(word, "false") || ct_span_is(word, "False") || ct_span_is(word, "FALSE"))
        return new_bool(p, false);
    ct_kql_type type = ct_kql_type_named(word);
    if (ct_kql_is_sign(&after, "(") && type != CT_KQL_NO_TYPE && type != CT_KQL_STRING &&
        !ct_span_is(word, "boolean") && !ct_span_is(word, "uuid") &&
        !ct_span_is(word, "uniqueid")) {
        if (type == CT_KQL_DECIMAL)
            ct_kql_refuse(p->job, at, "the type decimal is not supported");
        if (type != CT_KQL_DYNAMIC)
            return ct_kql_parse_typed_literal(p, type);
        ct_kql_advance(p);
        return ct_kql_parse_dynamic(p, at);
    }
    bool has_name_behind = after.kind == KT_NAME || ct_kql_is_sign(&after, "[");
    if (ct_span_is(word, "datatable") && ct_kql_is_sign(&after, "(")) {
        ct_kql_advance(p);
        return parse_datatable(p, at);
    }
    if (ct_span_is(word, "externaldata") && ct_kql_is_sign(&after, "(")) {
        ct_kql_advance(p);
        return parse_external(p, at);
    }
    if (ct_span_is(word, "union") && (has_name_behind || ct_kql_is_sign(&after, "("))) {
        ct_kql_advance(p);
        return ct_kql_parse_union(p, at);
    }
    if (ct_span_is(word, "print") && after.kind != KT_END && !ct_kql_is_sign(&after, "|")) {
        ct_kql_advance(p);
        return parse_named_list(p, KN_PRINT, at);
    }
    if (ct_span_is(word, "range") && has_name_behind) {
        ct_kql_advance(p);
        return parse_range(p, at);
    }
    if ((ct_span_is(word, "search") || ct_span_is(word, "find")) &&
        (has_name_behind || after.kind == KT_STRING || ct_kql_is_sign(&after, "(") ||
         ct_kql_is_sign(&after, "*")))
        ct_kql_fail_not_supported(p, at, word);
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
        if (ct_kql_has_word(levels[i].words, token->text))
            return levels[i].level;
    return NONE;
}

static ct_kql_node *parse_primary(ct_kql_parser *p)
{
    size_t at = p->token.at;
    ct_kql_node *node;
    switch (p->token.kind) {
    case KT_LONG:
        ct_kql_check_long(p);
    /* fall through */
    case KT_TIMESPAN:
        node = ct_kql_new_literal(p, p->token.kind == KT_LONG ? CT_KQL_LONG : CT_KQL_TIMESPAN, at);
        node->integer = p->token.integer;
        ct_kql_advance(p);
        return ct_kql_finish_node(p, node);
    case KT_REAL:
        node = ct_kql_new_literal(p, CT_KQL_REAL, at);
        node->real = p->token.real;
        ct_kql_advance(p);
        return ct_kql_finish_node(p, node);
    case KT_STRING:
        node = ct_kql_new_literal(p, CT_KQL_STRING, at);
        node->text = ct_kql_parse_strings(p);
        return ct_kql_finish_node(p, node);
    default:
        break;
    }
    if (ct_kql_at_sign(p, "("))
        return ct_kql_parse_parenthesis(p);
    ct_kql_token behind = ct_kql_peek(&p->lexer);
    if (ct_kql_at_sign(p, "*") && level_of(&behind) == TEXT) { /* * has 'x': any column */
        ct_kql_advance(p);
        return ct_kql_new_node(p, KN_STAR, at);
    }
    if (p->token.kind == KT_NAME && (node = parse_special_word(p)) != NULL)
        return node;
    if (ct_kql_at_word(p, "$left") || ct_kql_at_word(p, "$right")) {
        node = ct_kql_new_node(p, KN_NAME, at);
        node->text = p->token.text;
        ct_kql_advance(p);
        return ct_kql_finish_node(p, node);
    }
    ct_span name;
    bool is_quoted = ct_kql_at_sign(p, "[");
    ct_kql_token after = ct_kql_peek(&p->lexer);
    bool is_call = !is_quoted && ct_kql_is_sign(&after, "(");
    ct_kql_name_use use = is_call ? CT_KQL_NAME_CALLED : CT_KQL_NAME_MEANT;
    if (!ct_kql_try_name(p, use, &name)) {
        if (ct_kql_at_reserved(p, use))
            ct_kql_fail_reserved(p);
        ct_kql_fail_expected(p, "an expression");
    }
    node = ct_kql_new_node(p, is_call ? KN_CALL : KN_NAME, at);
    node->text = name;
    if (is_call) {
        ct_kql_advance(p);
        ct_kql_go_deeper(p);
        node->items = ct_kql_parse_list(p, ")", parse_argument);
        p->depth--;
    }
    return ct_kql_finish_node(p, node);
}

static ct_kql_node *parse_member(ct_kql_parser *p, ct_kql_node *object)
{
    ct_kql_node *node = ct_kql_new_node(p, KN_MEMBER, object->at);
    node->left = object;
    if (p->token.kind == KT_NAME) {
        if (ct_kql_at_reserved(p, CT_KQL_NAME_MEMBER))
            ct_kql_fail_reserved(p);
        node->text = p->token.text;
        ct_kql_advance(p);
    } else if (ct_kql_at_sign(p, "[")) {
        ct_kql_advance(p);
        if (p->token.kind == KT_STRING) {
            node->text = p->token.text;
            ct_kql_advance(p);
        } else {
            node->kind = KN_INDEX;
            node->right = ct_kql_parse_expression(p);
        }
        ct_kql_expect_sign(p, "]");
    } else {
        ct_kql_fail_expected(p, "the name of a member");
    }
    return ct_kql_finish_node(p, node);
}

ct_kql_node *ct_kql_parse_postfix(ct_kql_parser *p)
{
    ct_kql_node *node = parse_primary(p);
    int n_steps = 0;
    for (;;) {
        if (ct_kql_at_sign(p, ".") || ct_kql_at_sign(p, "[")) {
            if (++n_steps > CT_KQL_MAX_DEPTH)
                ct_kql_refuse(p->job, p->token.at, "a path of more than %d steps",
                              CT_KQL_MAX_DEPTH);
        }
        if (ct_kql_take_sign(p, ".")) {
            node = parse_member(p, node);
        } else if (ct_kql_at_sign(p, "[")) {
            ct_kql_advance(p);
            ct_kql_node *index = ct_kql_new_node(p, KN_INDEX, node->at);
            index->left = node;
            ct_kql_go_deeper(p);
            index->right = ct_kql_parse_expression(p);
            p->depth--;
            ct_kql_expect_sign(p, "]");
            node = ct_kql_finish_node(p, index);
        } else {
            return node;
        }
    }
}

static ct_kql_node *parse_unary(ct_kql_parser *p)
{
    size_t at = p->token.at;
    if (ct_kql_at_sign(p, "+") || ct_kql_at_sign(p, "-")) {
        ct_span sign = p->token.text;
        ct_kql_advance(p);
        ct_kql_node *node = ct_kql_new_node(p, KN_SIGN, at);
        node->text = sign;
        node->left = ct_kql_parse_postfix(p); /* Kusto takes no second sign */
        return ct_kql_finish_node(p, node);
    }
    return ct_kql_parse_postfix(p);
}

static ct_kql_node *parse_level(ct_kql_parser *p, level lowest);

/* Behind in, has_any ...: the list, or a table in its parentheses. */
static ct_kql_nodes parse_in_list(ct_kql_parser *p)
{
    ct_kql_nodes list = {NULL, 0};
    if (!ct_kql_at_sign(p, "("))
        ct_kql_fail_expected(p, "'('");
    ct_kql_advance(p);
    ct_kql_go_deeper(p);
    if (!ct_kql_at_sign(p, ")")) {
        do
            ct_kql_push(p->job, &list, ct_kql_parse_pipe(p));
        while (ct_kql_take_sign(p, ","));
    }
    p->depth--;
    ct_kql_expect_sign(p, ")");
    return list;
}

static ct_kql_node *parse_binary(ct_kql_parser *p, ct_kql_node *left, level of)
{
    ct_span sign = p->token.text;
    ct_kql_node *node = ct_kql_new_node(p, KN_BINARY, left->at);
    node->left = left;
    node->text = sign;
    ct_kql_advance(p);
    if (ct_span_is(sign, "matches")) {
        ct_kql_expect_word(p, "regex");
    } else if (ct_span_is(sign, "between") || ct_span_is(sign, "!between")) {
        node->kind = KN_BETWEEN;
        ct_kql_expect_sign(p, "(");
        ct_kql_go_deeper(p);
        node->right = ct_kql_parse_expression(p);
        ct_kql_expect_sign(p, "..");
        node->third = ct_kql_parse_expression(p);
        p->depth--;
        ct_kql_expect_sign(p, ")");
        return ct_kql_finish_node(p, node);
    } else if (strchr("ih!", sign.p[0]) && of == EQUALITY && !ct_span_is(sign, "!=") &&
               !ct_span_is(sign, "!~")) {
        node->kind = KN_IN;
        node->items = parse_in_list(p);
        return ct_kql_finish_node(p, node);
    }
    node->right = parse_level(p, of + 1);
    return ct_kql_finish_node(p, node);
}

static ct_kql_node *parse_level(ct_kql_parser *p, level lowest)
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
                ct_kql_fail_expected(
                    p, "'and', 'or' or the end of the expression (comparisons do not chain)");
            /* What is looser may follow; what binds tighter was taken by the right side. */
        }
    }
}

static ct_kql_node *parse_chain(ct_kql_parser *p, const char *word, ct_kql_node_kind kind,
                                ct_kql_node *(*parse_item)(ct_kql_parser *))
{
    ct_kql_node *first = parse_item(p);
    if (!ct_kql_at_word(p, word))
        return first;
    ct_kql_node *node = ct_kql_new_node(p, kind, first->at);
    ct_kql_push(p->job, &node->items, first);
    while (ct_kql_take_word(p, word))
        ct_kql_push(p->job, &node->items, parse_item(p));
    return ct_kql_finish_node(p, node);
}

static ct_kql_node *parse_comparison(ct_kql_parser *p)
{
    return parse_level(p, EQUALITY);
}

static ct_kql_node *parse_and(ct_kql_parser *p)
{
    return parse_chain(p, "and", KN_AND, parse_comparison);
}

ct_kql_node *ct_kql_parse_expression(ct_kql_parser *p)
{
    ct_kql_go_deeper(p);
    ct_kql_node *node = parse_chain(p, "or", KN_OR, parse_and);
    p->depth--;
    return node;
}

/* `name = e`, `(a, b) = e` or e. */
ct_kql_node *ct_kql_parse_named(ct_kql_parser *p)
{
    ct_kql_parser ahead = *p;
    size_t at = p->token.at;
    ct_span name;
    ct_kql_token after = ct_kql_peek(&p->lexer);
    if (ct_kql_at_reserved(p, CT_KQL_NAME_GIVEN) && ct_kql_is_sign(&after, "="))
        ct_kql_fail_reserved(p);
    if (ct_kql_try_name(&ahead, CT_KQL_NAME_GIVEN, &name) && ct_kql_at_sign(&ahead, "=")) {
        *p = ahead;
        ct_kql_advance(p);
        ct_kql_node *node = ct_kql_new_node(p, KN_NAMED, at);
        node->text = name;
        node->left = ct_kql_parse_expression(p);
        return ct_kql_finish_node(p, node);
    }
    ahead = *p;
    if (ct_kql_take_sign(&ahead, "(")) {
        ct_kql_nodes names = {NULL, 0};
        while (ct_kql_try_name(&ahead, CT_KQL_NAME_GIVEN, &name)) {
            ct_kql_node *one = ct_kql_new_node(p, KN_NAME, at);
            one->text = name;
            ct_kql_push(p->job, &names, one);
            if (!ct_kql_take_sign(&ahead, ","))
                break;
        }
        if (names.n > 0 && ct_kql_take_sign(&ahead, ")") && ct_kql_at_sign(&ahead, "=")) {
            *p = ahead;
            ct_kql_advance(p);
            ct_kql_node *node = ct_kql_new_node(p, KN_NAMED, at);
            node->items = names;
            node->left = ct_kql_parse_expression(p);
            return ct_kql_finish_node(p, node);
        }
    }
    return ct_kql_parse_expression(p);
}
