/* The binder's scalars: names, operators, conversions. */
#include "kql/bind.h"

#include <stdarg.h>
#include <string.h>

#include "base/json.h"
#include "base/json_write.h"

/* ---- making expressions --------------------------------------------------------------------- */

void ct_kql_push_expr(ct_kql_job *job, ct_kql_exprs *list, ct_kql_expr *expr)
{
    list->at = ct_kql_grow(job, list->at, list->n, sizeof *list->at);
    list->at[list->n++] = expr;
}

ct_kql_expr *ct_kql_new_expr(ct_kql_binder *b, ct_kql_expr_kind kind, ct_kql_type type, size_t at)
{
    if (++b->n_exprs > CT_KQL_MAX_EXPRS)
        ct_kql_refuse(b->job, at, "the query is too large (over %d expressions)", CT_KQL_MAX_EXPRS);
    ct_kql_expr *expr = ct_kql_new(b->job, sizeof *expr);
    expr->kind = kind;
    expr->type = type;
    expr->at = at;
    expr->size = 1;
    expr->text = (ct_span){"", 0};
    expr->is_nullable = type != CT_KQL_STRING;
    expr->is_constant = kind == KE_LITERAL;
    return expr;
}

/* An argument makes of the expression what it is itself. */
void ct_kql_add_arg(ct_kql_binder *b, ct_kql_expr *expr, ct_kql_expr *arg)
{
    ct_kql_push_expr(b->job, &expr->args, arg);
    expr->is_constant = (expr->args.n == 1 || expr->is_constant) && arg->is_constant;
    expr->is_aggregate |= arg->is_aggregate;
    expr->is_window |= arg->is_window;
    expr->size += arg->size;
    expr->n_reads += arg->n_reads;
    if (expr->size > CT_KQL_MAX_EXPRS)
        ct_kql_refuse(b->job, expr->at, "the query is too large (over %d expressions)",
                      CT_KQL_MAX_EXPRS);
}

ct_kql_expr *ct_kql_new_call(ct_kql_binder *b, const char *sql, ct_kql_type type, size_t at,
                             size_t n, ...)
{
    ct_kql_expr *expr = ct_kql_new_expr(b, KE_CALL, type, at);
    expr->sql = sql;
    expr->may_be_nan = type == CT_KQL_REAL;
    expr->is_constant = true;
    va_list args;
    va_start(args, n);
    for (size_t i = 0; i < n; i++)
        ct_kql_add_arg(b, expr, va_arg(args, ct_kql_expr *));
    va_end(args);
    return expr;
}

ct_kql_expr *ct_kql_new_null(ct_kql_binder *b, ct_kql_type type, size_t at)
{
    ct_kql_expr *expr = ct_kql_new_expr(b, KE_LITERAL, type, at);
    expr->is_null = type != CT_KQL_STRING;
    return expr;
}

ct_kql_expr *ct_kql_new_long(ct_kql_binder *b, int64_t value, size_t at)
{
    ct_kql_expr *expr = ct_kql_new_expr(b, KE_LITERAL, CT_KQL_LONG, at);
    expr->integer = value;
    expr->is_nullable = false;
    return expr;
}

static ct_kql_expr *new_text(ct_kql_binder *b, ct_kql_type type, ct_span text, size_t at)
{
    ct_kql_expr *expr = ct_kql_new_expr(b, KE_LITERAL, type, at);
    expr->text = text;
    expr->is_nullable = false;
    return expr;
}

ct_kql_expr *ct_kql_new_column_expr(ct_kql_binder *b, ct_kql_column *column, size_t at)
{
    ct_kql_expr *expr = ct_kql_new_expr(b, KE_COLUMN, column->type, at);
    expr->column = column;
    expr->is_nullable = column->is_nullable;
    expr->may_be_nan = column->may_be_nan;
    return expr;
}

/* A call whose result is NULL only where an argument may be. */
static ct_kql_expr *strict(ct_kql_expr *call)
{
    call->is_nullable = false;
    for (size_t i = 0; i < call->args.n; i++)
        call->is_nullable |= call->args.at[i]->is_nullable;
    return call;
}

static ct_kql_expr *never_null(ct_kql_expr *call)
{
    call->is_nullable = false;
    return call;
}

/* ---- conversions ---------------------------------------------------------------------------- */

static void put_json(ct_buf *json, const ct_kql_expr *literal)
{
    if (literal->type == CT_KQL_STRING)
        ct_json_put_string(json, literal->text.p, literal->text.n);
    else if (literal->type == CT_KQL_BOOL)
        ct_buf_put_text(json, literal->integer ? "true" : "false");
    else
        ct_buf_printf(json, "%lld", (long long)literal->integer);
}

/* What the scratch buffer holds behind `from`, as a dynamic literal. */
static ct_kql_expr *take_scratch(ct_kql_binder *b, size_t from, size_t at)
{
    ct_buf *json = &b->job->scratch;
    if (!ct_buf_ok(json))
        ct_kql_fail_memory(b->job);
    ct_span text = ct_kql_copy(b->job, (ct_span){json->data + from, json->len - from});
    json->len = from;
    return new_text(b, CT_KQL_DYNAMIC, text, at);
}

static ct_kql_expr *dynamic_literal(ct_kql_binder *b, const ct_kql_expr *literal)
{
    size_t from = b->job->scratch.len;
    put_json(&b->job->scratch, literal);
    return take_scratch(b, from, literal->at);
}

ct_kql_expr *ct_kql_convert(ct_kql_binder *b, ct_kql_expr *expr, ct_kql_type type)
{
    static const char *const to_dynamic[CT_KQL_N_TYPES] = {
        [CT_KQL_BOOL] = "kql_dyn_bool($1)",         [CT_KQL_INT] = "kql_dyn_long($1)",
        [CT_KQL_LONG] = "kql_dyn_long($1)",         [CT_KQL_REAL] = "kql_dyn_real($1)",
        [CT_KQL_STRING] = "kql_dyn_string($1)",     [CT_KQL_DATETIME] = "kql_dyn_datetime($1)",
        [CT_KQL_TIMESPAN] = "kql_dyn_timespan($1)", [CT_KQL_GUID] = "kql_dyn_guid($1)",
    };
    static const char *const from_dynamic[CT_KQL_N_TYPES] = {
        [CT_KQL_BOOL] = "kql_tobool_dyn($1)",         [CT_KQL_INT] = "kql_toint_dyn($1)",
        [CT_KQL_LONG] = "kql_tolong_dyn($1)",         [CT_KQL_REAL] = "kql_todouble_dyn($1)",
        [CT_KQL_STRING] = "kql_tostring_dyn($1)",     [CT_KQL_DATETIME] = "kql_todatetime_dyn($1)",
        [CT_KQL_TIMESPAN] = "kql_totimespan_dyn($1)", [CT_KQL_GUID] = "kql_toguid_dyn($1)",
    };
    static const char *const from_string[CT_KQL_N_TYPES] = {
        [CT_KQL_BOOL] = "kql_tobool_string($1)",         [CT_KQL_INT] = "kql_toint_string($1)",
        [CT_KQL_LONG] = "kql_tolong_string($1)",         [CT_KQL_REAL] = "kql_todouble_string($1)",
        [CT_KQL_DATETIME] = "kql_todatetime_string($1)", [CT_KQL_GUID] = "kql_toguid_string($1)",
        [CT_KQL_TIMESPAN] = "kql_totimespan_string($1)",
    };
    static const char *const to_string[CT_KQL_N_TYPES] = {
        [CT_KQL_BOOL] = "kql_tostring_bool($1)",         [CT_KQL_INT] = "kql_tostring_long($1)",
        [CT_KQL_LONG] = "kql_tostring_long($1)",         [CT_KQL_REAL] = "kql_tostring_real($1)",
        [CT_KQL_DATETIME] = "kql_tostring_datetime($1)", [CT_KQL_GUID] = "ifnull($1, '')",
        [CT_KQL_TIMESPAN] = "kql_tostring_timespan($1)",
    };
    if (expr->type == type)
        return expr;
    if (expr->kind == KE_LITERAL && expr->is_null)
        return ct_kql_new_null(b, type, expr->at);
    if (ct_kql_is_integer(expr->type) && ct_kql_is_integer(type)) {
        ct_kql_expr *copy = ct_kql_new_call(b, type == CT_KQL_INT ? "kql_toint_long($1)" : "$1",
                                            type, expr->at, 1, expr);
        if (expr->kind == KE_LITERAL && type == CT_KQL_LONG) {
            *copy = *expr;
            copy->type = type;
        }
        return strict(copy);
    }
    if (ct_kql_is_integer(expr->type) && type == CT_KQL_REAL) {
        ct_kql_expr *real;
        if (expr->kind == KE_LITERAL) {
            real = ct_kql_new_expr(b, KE_LITERAL, type, expr->at);
            real->real = (double)expr->integer;
            real->is_nullable = false;
        } else {
            real = strict(ct_kql_new_call(b, "CAST($1 AS REAL)", type, expr->at, 1, expr));
        }
        real->may_be_nan = false;
        return real;
    }
    if (type == CT_KQL_DYNAMIC && expr->kind == KE_LITERAL &&
        (expr->type == CT_KQL_STRING || expr->type == CT_KQL_LONG || expr->type == CT_KQL_BOOL))
        return dynamic_literal(b, expr);
    const char *sql = type == CT_KQL_DYNAMIC         ? to_dynamic[expr->type]
                      : expr->type == CT_KQL_DYNAMIC ? from_dynamic[type]
                      : expr->type == CT_KQL_STRING  ? from_string[type]
                      : type == CT_KQL_STRING        ? to_string[expr->type]
                                                     : NULL;
    if (!sql)
        ct_kql_refuse(b->job, expr->at, "a %s is expected here, this is a %s",
                      ct_kql_type_name(type), ct_kql_type_name(expr->type));
    ct_kql_expr *call = ct_kql_new_call(b, sql, type, expr->at, 1, expr);
    if (type == CT_KQL_DYNAMIC)
        call->is_nullable = expr->is_nullable;
    return call;
}

/* ---- names ---------------------------------------------------------------------------------- */

static bool same(ct_span a, ct_span b)
{
    return a.n == b.n && memcmp(a.p, b.p, a.n) == 0;
}

ct_kql_column *ct_kql_find_column(const ct_kql_step *step, ct_span name)
{
    for (size_t i = 0; step && i < step->columns.n; i++)
        if (same(step->columns.at[i]->name, name))
            return step->columns.at[i];
    return NULL;
}

const ct_kql_meaning *ct_kql_find_meaning(const ct_kql_meaning *names, ct_span name)
{
    while (names && !same(names->name, name))
        names = names->outer;
    return names;
}

static ct_kql_expr *bind_name(ct_kql_scope *scope, const ct_kql_node *node)
{
    ct_kql_binder *b = scope->b;
    ct_kql_column *column = ct_kql_find_column(scope->input, node->text);
    if (column) {
        if (scope->may_aggregate)
            ct_kql_refuse(b->job, node->at, "the column %s stands outside of an aggregate",
                          ct_kql_quote(b->job, node->text));
        return ct_kql_new_column_expr(b, column, node->at);
    }
    const ct_kql_meaning *meaning = ct_kql_find_meaning(scope->names, node->text);
    if (meaning && meaning->value)
        return meaning->value;
    if (meaning)
        ct_kql_refuse(b->job, node->at, "%s is a table, not a value",
                      ct_kql_quote(b->job, node->text));
    ct_kql_refuse(b->job, node->at, "there is no column or let named %s",
                  ct_kql_quote(b->job, node->text));
}

/* The steps of a path from the object on: kql_get(object, step, step ...). */
static ct_kql_expr *bind_path(ct_kql_scope *scope, const ct_kql_node *node)
{
    ct_kql_binder *b = scope->b;
    ct_kql_expr *object = ct_kql_bind_expr(scope, node->left);
    if (object->type != CT_KQL_DYNAMIC)
        ct_kql_refuse(b->job, node->at, "a %s has no members, only a dynamic has",
                      ct_kql_type_name(object->type));
    ct_kql_expr *key;
    if (node->kind == KN_MEMBER) {
        key = new_text(b, CT_KQL_STRING, node->text, node->at);
    } else {
        key = ct_kql_bind_expr(scope, node->right);
        if (key->type == CT_KQL_DYNAMIC)
            key = ct_kql_convert(b, key, CT_KQL_STRING);
        else if (key->type != CT_KQL_STRING && !ct_kql_is_integer(key->type))
            ct_kql_refuse(b->job, node->right->at, "an index is a string or a long, not a %s",
                          ct_kql_type_name(key->type));
    }
    /* A further step of the same call; of text that is JSON, without the value in between. */
    const char *sql = "kql_get($*)";
    bool is_text = object->kind == KE_CALL && strcmp(object->sql, "kql_parse_json($1)") == 0;
    bool is_longer = object->kind == KE_CALL && (strcmp(object->sql, "kql_get($*)") == 0 ||
                                                 strcmp(object->sql, "kql_get_json($*)") == 0);
    if (is_text)
        sql = "kql_get_json($*)";
    else if (is_longer)
        sql = object->sql;
    ct_kql_expr *call = ct_kql_new_call(b, sql, CT_KQL_DYNAMIC, node->at, 0);
    for (size_t i = 0; (is_text || is_longer) && i < object->args.n; i++)
        ct_kql_add_arg(b, call, object->args.at[i]);
    if (!is_text && !is_longer)
        ct_kql_add_arg(b, call, object);
    ct_kql_add_arg(b, call, key);
    return call;
}

/* ---- automatic names ------------------------------------------------------------------------ */

/* Whether an unnamed column of this function is named as its first argument is. */
static bool is_named_by_argument(ct_span name)
{
    static const char names[] =
        " tostring tolong toint todouble toreal tobool todatetime totimespan toguid parse_json "
        "todynamic bin floor bin_at split substring startofday startofweek startofmonth "
        "startofyear "
        "endofday endofweek endofmonth endofyear tohex ";
    char wanted[32] = " ";
    if (name.n > sizeof wanted - 3)
        return false;
    memcpy(wanted + 1, name.p, name.n);
    memcpy(wanted + 1 + name.n, " ", 2);
    return strstr(names, wanted) != NULL;
}

ct_span ct_kql_auto_name(ct_kql_binder *b, const ct_kql_node *node)
{
    ct_span left;
    switch (node->kind) {
    case KN_NAME:
        return node->text;
    case KN_MEMBER:
    case KN_INDEX:
        left = ct_kql_auto_name(b, node->left);
        if (left.n == 0)
            return left;
        if (node->kind == KN_MEMBER)
            return ct_kql_printf(b->job, "%.*s_%.*s", (int)left.n, left.p, (int)node->text.n,
                                 node->text.p);
        if (node->right->kind == KN_LITERAL && node->right->type == CT_KQL_STRING)
            return ct_kql_printf(b->job, "%.*s_%.*s", (int)left.n, left.p, (int)node->right->text.n,
                                 node->right->text.p);
        if (node->right->kind == KN_LITERAL && ct_kql_is_integer(node->right->type))
            return ct_kql_printf(b->job, "%.*s_%lld", (int)left.n, left.p,
                                 (long long)node->right->integer);
        return ct_kql_printf(b->job, "%.*s_", (int)left.n, left.p);
    case KN_CALL:
        if (node->items.n > 0 && is_named_by_argument(node->text))
            return ct_kql_auto_name(b, node->items.at[0]);
        return (ct_span){"", 0};
    default:
        return (ct_span){"", 0};
    }
}

/* ---- arithmetic ----------------------------------------------------------------------------- */

/* What two literals come to; false where it overflows or is not known here. */
static bool fold(char sign, const ct_kql_expr *left, const ct_kql_expr *right, int64_t *result)
{
    if (left->kind != KE_LITERAL || right->kind != KE_LITERAL || left->is_null || right->is_null ||
        left->type == CT_KQL_REAL || right->type == CT_KQL_REAL || left->type == CT_KQL_DYNAMIC ||
        right->type == CT_KQL_DYNAMIC)
        return false;
    switch (sign) {
    case '+':
        return !__builtin_add_overflow(left->integer, right->integer, result);
    case '-':
        return !__builtin_sub_overflow(left->integer, right->integer, result);
    case '*':
        return !__builtin_mul_overflow(left->integer, right->integer, result);
    default:
        return false;
    }
}

static ct_kql_expr *new_integer(ct_kql_binder *b, ct_kql_type type, int64_t value, size_t at)
{
    ct_kql_expr *expr = ct_kql_new_long(b, value, at);
    expr->type = type;
    return expr;
}

static noreturn void fail_types(ct_kql_binder *b, const ct_kql_node *node, const ct_kql_expr *left,
                                const ct_kql_expr *right)
{
    ct_kql_refuse(b->job, node->at, "%s does not take a %s and a %s",
                  ct_kql_quote(b->job, node->text), ct_kql_type_name(left->type),
                  ct_kql_type_name(right->type));
}

static ct_kql_expr *arithmetic_number(ct_kql_binder *b, char sign, ct_kql_expr *left,
                                      ct_kql_expr *right, size_t at)
{
    if (left->type == CT_KQL_REAL || right->type == CT_KQL_REAL) {
        const char *sql = sign == '+'   ? "kql_add_real($1, $2)"
                          : sign == '-' ? "kql_sub_real($1, $2)"
                          : sign == '*' ? "kql_mul_real($1, $2)"
                          : sign == '/' ? "kql_div_real($1, $2)"
                                        : "kql_mod_real($1, $2)";
        return ct_kql_new_call(b, sql, CT_KQL_REAL, at, 2, ct_kql_convert(b, left, CT_KQL_REAL),
                               ct_kql_convert(b, right, CT_KQL_REAL));
    }
    int64_t value;
    if (fold(sign, left, right, &value))
        return new_integer(b, CT_KQL_LONG, value, at);
    const char *sql = sign == '+'   ? "kql_add($1, $2)"
                      : sign == '-' ? "kql_sub($1, $2)"
                      : sign == '*' ? "kql_mul($1, $2)"
                      : sign == '/' ? "kql_div_long($1, $2)"
                                    : "kql_mod_long($1, $2)";
    ct_kql_expr *call = ct_kql_new_call(b, sql, CT_KQL_LONG, at, 2, left, right);
    return sign == '/' || sign == '%' ? call : strict(call);
}

static ct_kql_expr *arithmetic_time(ct_kql_binder *b, const ct_kql_node *node, char sign,
                                    ct_kql_expr *left, ct_kql_expr *right)
{
    size_t at = node->at;
    int64_t value;
    bool is_left_time = left->type == CT_KQL_DATETIME,
         is_right_time = right->type == CT_KQL_DATETIME;
    if (is_left_time && is_right_time && sign == '-') {
        if (fold('-', left, right, &value))
            return new_integer(b, CT_KQL_TIMESPAN, value, at);
        return strict(ct_kql_new_call(b, "($1 - $2)", CT_KQL_TIMESPAN, at, 2, left, right));
    }
    if ((is_left_time && right->type == CT_KQL_TIMESPAN && (sign == '+' || sign == '-')) ||
        (left->type == CT_KQL_TIMESPAN && is_right_time && sign == '+')) {
        return ct_kql_new_call(b,
                               sign == '+' ? "kql_datetime_checked(kql_add($1, $2))"
                                           : "kql_datetime_checked(kql_sub($1, $2))",
                               CT_KQL_DATETIME, at, 2, left, right);
    }
    if (left->type == CT_KQL_TIMESPAN && right->type == CT_KQL_TIMESPAN) {
        if (sign == '/')
            return ct_kql_new_call(b, "kql_div_ts($1, $2)", CT_KQL_REAL, at, 2, left, right);
        if (sign == '%')
            return ct_kql_new_call(b, "kql_mod_long($1, $2)", CT_KQL_TIMESPAN, at, 2, left, right);
        if (sign == '+' || sign == '-') {
            if (fold(sign, left, right, &value))
                return new_integer(b, CT_KQL_TIMESPAN, value, at);
            return strict(ct_kql_new_call(b, sign == '+' ? "kql_add($1, $2)" : "kql_sub($1, $2)",
                                          CT_KQL_TIMESPAN, at, 2, left, right));
        }
    }
    if (sign == '*' && ct_kql_is_number(left->type) && right->type == CT_KQL_TIMESPAN) {
        ct_kql_expr *swap = left;
        left = right;
        right = swap;
    }
    if (left->type == CT_KQL_TIMESPAN && ct_kql_is_number(right->type)) {
        if (sign == '*' && ct_kql_is_integer(right->type)) {
            if (fold(sign, left, right, &value))
                return new_integer(b, CT_KQL_TIMESPAN, value, at);
            return strict(
                ct_kql_new_call(b, "kql_mul($1, $2)", CT_KQL_TIMESPAN, at, 2, left, right));
        }
        if (sign == '*')
            return ct_kql_new_call(b, "kql_mul_ts_real($1, $2)", CT_KQL_TIMESPAN, at, 2, left,
                                   right);
        if (sign == '/')
            return ct_kql_new_call(b, "kql_div_ts_real($1, $2)", CT_KQL_TIMESPAN, at, 2, left,
                                   ct_kql_convert(b, right, CT_KQL_REAL));
    }
    fail_types(b, node, left, right);
}

static bool is_time(ct_kql_type type)
{
    return type == CT_KQL_DATETIME || type == CT_KQL_TIMESPAN;
}

static ct_kql_expr *bind_arithmetic(ct_kql_binder *b, const ct_kql_node *node, ct_kql_expr *left,
                                    ct_kql_expr *right)
{
    char sign = node->text.p[0];
    /* A dynamic beside something static is taken as that. */
    if (left->type == CT_KQL_DYNAMIC && (ct_kql_is_number(right->type) || is_time(right->type)))
        left = ct_kql_convert(b, left, right->type == CT_KQL_INT ? CT_KQL_LONG : right->type);
    else if (right->type == CT_KQL_DYNAMIC && (ct_kql_is_number(left->type) || is_time(left->type)))
        right = ct_kql_convert(b, right, left->type == CT_KQL_INT ? CT_KQL_LONG : left->type);
    if (ct_kql_is_number(left->type) && ct_kql_is_number(right->type))
        return arithmetic_number(b, sign, left, right, node->at);
    if (is_time(left->type) || is_time(right->type))
        return arithmetic_time(b, node, sign, left, right);
    fail_types(b, node, left, right);
}

static ct_kql_expr *bind_minus(ct_kql_scope *scope, const ct_kql_node *node)
{
    ct_kql_binder *b = scope->b;
    ct_kql_expr *operand = ct_kql_bind_expr(scope, node->left);
    if (operand->type == CT_KQL_DYNAMIC)
        operand = ct_kql_convert(b, operand, CT_KQL_LONG);
    if (!ct_kql_is_number(operand->type) && operand->type != CT_KQL_TIMESPAN)
        ct_kql_refuse(b->job, node->at, "a %s has no sign", ct_kql_type_name(operand->type));
    if (operand->kind == KE_LITERAL && !operand->is_null && operand->integer != INT64_MIN) {
        ct_kql_expr *negative = ct_kql_new_expr(b, KE_LITERAL, operand->type, node->at);
        negative->integer = -operand->integer;
        negative->real = -operand->real;
        negative->is_nullable = false;
        negative->may_be_nan = operand->may_be_nan;
        return negative;
    }
    ct_kql_type type = operand->type;
    return strict(ct_kql_new_call(b, type == CT_KQL_REAL ? "kql_neg_real($1)" : "kql_neg_long($1)",
                                  type, node->at, 1, operand));
}

/* ---- comparisons ---------------------------------------------------------------------------- */

/* Makes two values comparable: one type, and a flag where that is dynamic. */
static void meet(ct_kql_binder *b, const ct_kql_node *node, ct_kql_expr **left, ct_kql_expr **right)
{
    ct_kql_type l = (*left)->type, r = (*right)->type;
    if (l == r || (ct_kql_is_number(l) && ct_kql_is_number(r)))
        return;
    if (l == CT_KQL_DYNAMIC)
        *right = ct_kql_convert(b, *right, l);
    else if (r == CT_KQL_DYNAMIC)
        *left = ct_kql_convert(b, *left, r);
    else if (r == CT_KQL_STRING && l != CT_KQL_TIMESPAN && l != CT_KQL_REAL)
        *right = ct_kql_convert(b, *right, l == CT_KQL_INT ? CT_KQL_LONG : l);
    else if (l == CT_KQL_STRING && r != CT_KQL_TIMESPAN && r != CT_KQL_REAL)
        *left = ct_kql_convert(b, *left, r == CT_KQL_INT ? CT_KQL_LONG : r);
    else
        fail_types(b, node, *left, *right);
}

/* Whether the column has an index over its text without case, and the other side is a text that
 * compares the same there as in Kusto: ASCII. */
static bool is_for_index(const ct_kql_expr *column, const ct_kql_expr *value)
{
    if (column->kind != KE_COLUMN || !column->column->is_index_key || value->kind != KE_LITERAL)
        return false;
    for (size_t i = 0; i < value->text.n; i++)
        if ((unsigned char)value->text.p[i] >= 0x80 || value->text.p[i] == 0)
            return false;
    return true;
}

static ct_kql_expr *new_equal(ct_kql_binder *b, const ct_kql_node *node, bool is_equal,
                              ct_kql_expr *left, ct_kql_expr *right)
{
    meet(b, node, &left, &right);
    const char *sql;
    bool is_total = true;
    if (left->type == CT_KQL_DYNAMIC) {
        sql = is_equal ? "kql_eq_dyn($1, $2)" : "kql_ne_dyn($1, $2)";
        is_total = false;
    } else if (left->may_be_nan || right->may_be_nan) {
        sql = is_equal ? "kql_eq($1, $2)" : "kql_ne($1, $2)";
        is_total = !left->is_nullable || !right->is_nullable;
    } else if (!left->is_nullable && !right->is_nullable) {
        if (is_equal && is_for_index(left, right))
            sql = "($1 COLLATE NOCASE IN ($2) AND $1 = $2)";
        else if (is_equal && is_for_index(right, left))
            sql = "($2 COLLATE NOCASE IN ($1) AND $1 = $2)";
        else
            sql = is_equal ? "($1 = $2)" : "($1 <> $2)";
    } else if (!left->is_nullable || !right->is_nullable) {
        sql = is_equal ? "($1 IS $2)" : "($1 IS NOT $2)";
    } else {
        sql = is_equal ? "kql_eq($1, $2)" : "kql_ne($1, $2)";
        is_total = false;
    }
    ct_kql_expr *call = ct_kql_new_call(b, sql, CT_KQL_BOOL, node->at, 2, left, right);
    call->is_nullable = !is_total;
    return call;
}

/* Whether the hidden column comes along in the step's rows. */
static bool carries(const ct_kql_step *step, const ct_kql_column *column)
{
    for (size_t i = 0; i < step->hidden.n; i++)
        if (step->hidden.at[i] == column)
            return true;
    return false;
}

/* A time of a scan, whose text is at hand, against what is the same for every row: by its text, so
 * that an index on it serves. The text has whole seconds, so the constant is rounded up to one, or
 * to the next. */
static ct_kql_expr *compare_text(ct_kql_binder *b, ct_span sign, ct_kql_expr *left,
                                 ct_kql_expr *right, size_t at)
{
    bool is_swapped = !(left->kind == KE_COLUMN && left->column->text);
    ct_kql_expr *column = is_swapped ? right : left, *bound = is_swapped ? left : right;
    if (column->kind != KE_COLUMN || !column->column->text || !bound->is_constant ||
        bound->is_aggregate || !b->reading || !carries(b->reading, column->column->text))
        return NULL;
    bool is_less = (sign.p[0] == '<') != is_swapped, or_equal = sign.n == 2;
    ct_kql_expr *text = ct_kql_new_column_expr(b, column->column->text, at);
    /* t >= c and t < c take the second at or after c; t > c and t <= c the one after. */
    const char *sql =
        is_less ? (or_equal ? "($1 < kql_second_after($2))" : "($1 < kql_second_from($2))")
                : (or_equal ? "($1 >= kql_second_from($2))" : "($1 >= kql_second_after($2))");
    return ct_kql_new_call(b, sql, CT_KQL_BOOL, at, 2, text, bound);
}

static ct_kql_expr *new_order(ct_kql_binder *b, const ct_kql_node *node, ct_span sign,
                              ct_kql_expr *left, ct_kql_expr *right)
{
    ct_kql_type l = left->type, r = right->type;
    if (l == CT_KQL_DYNAMIC && r != CT_KQL_DYNAMIC && r != CT_KQL_STRING && r != CT_KQL_BOOL)
        left = ct_kql_convert(b, left, r == CT_KQL_INT ? CT_KQL_LONG : r);
    else if (r == CT_KQL_DYNAMIC && l != CT_KQL_DYNAMIC && l != CT_KQL_STRING && l != CT_KQL_BOOL)
        right = ct_kql_convert(b, right, l == CT_KQL_INT ? CT_KQL_LONG : l);
    else if (!(ct_kql_is_number(l) && ct_kql_is_number(r)) &&
             (l != r || l == CT_KQL_DYNAMIC || l == CT_KQL_GUID || l == CT_KQL_BOOL))
        fail_types(b, node, left, right);
    if (left->type == CT_KQL_DATETIME) {
        ct_kql_expr *by_text = compare_text(b, sign, left, right, node->at);
        if (by_text)
            return by_text;
    }
    bool may_be_nan = left->may_be_nan || right->may_be_nan;
    bool is_less = sign.p[0] == '<', or_equal = sign.n == 2;
    const char *sql = may_be_nan
                          ? (is_less ? (or_equal ? "kql_le_real($1, $2)" : "kql_lt_real($1, $2)")
                                     : (or_equal ? "kql_ge_real($1, $2)" : "kql_gt_real($1, $2)"))
                          : (is_less ? (or_equal ? "($1 <= $2)" : "($1 < $2)")
                                     : (or_equal ? "($1 >= $2)" : "($1 > $2)"));
    return strict(ct_kql_new_call(b, sql, CT_KQL_BOOL, node->at, 2, left, right));
}

static ct_kql_expr *negate(ct_kql_binder *b, ct_kql_expr *condition)
{
    return strict(ct_kql_new_call(b, "(NOT $1)", CT_KQL_BOOL, condition->at, 1, condition));
}

/* The side of a string operator, as text. */
static ct_kql_expr *as_text(ct_kql_binder *b, const ct_kql_node *node, ct_kql_expr *expr)
{
    if (expr->type == CT_KQL_DYNAMIC)
        return ct_kql_convert(b, expr, CT_KQL_STRING);
    if (expr->type != CT_KQL_STRING)
        ct_kql_refuse(b->job, node->at, "%s takes strings, not a %s",
                      ct_kql_quote(b->job, node->text), ct_kql_type_name(expr->type));
    return expr;
}

static ct_kql_expr *bind_string_operator(ct_kql_binder *b, const ct_kql_node *node,
                                         ct_kql_expr *left, ct_kql_expr *right)
{
    ct_span sign = node->text;
    left = as_text(b, node, left);
    right = as_text(b, node, right);
    bool is_negative = sign.p[0] == '!';
    ct_kql_expr *call;
    if (ct_span_is(sign, "=~") || ct_span_is(sign, "!~")) {
        const char *sql = is_for_index(left, right)   ? "($1 COLLATE NOCASE IN ($2))"
                          : is_for_index(right, left) ? "($2 COLLATE NOCASE IN ($1))"
                                                      : "kql_equals_ci($1, $2)";
        call = ct_kql_new_call(b, sql, CT_KQL_BOOL, node->at, 2, left, right);
    } else if (ct_span_is(sign, "matches")) {
        call =
            ct_kql_new_call(b, "kql_matches_regex($1, $2)", CT_KQL_BOOL, node->at, 2, left, right);
    } else {
        ct_span word = {sign.p + is_negative, sign.n - is_negative};
        call = ct_kql_new_call(b, ct_kql_printf(b->job, "kql_%.*s($1, $2)", (int)word.n, word.p).p,
                               CT_KQL_BOOL, node->at, 2, left, right);
    }
    never_null(call);
    return is_negative ? negate(b, call) : call;
}

/* `* has 'x'`: whether one of the string columns has it; `* !has 'x'`: none of them. */
static ct_kql_expr *bind_any_column(ct_kql_scope *scope, const ct_kql_node *node)
{
    ct_kql_binder *b = scope->b;
    ct_kql_expr *needle = ct_kql_bind_expr(scope, node->right);
    ct_kql_node plain = *node;
    bool is_negative = node->text.p[0] == '!';
    if (is_negative)
        plain.text = (ct_span){node->text.p + 1, node->text.n - 1};
    ct_kql_expr *any = ct_kql_new_expr(b, KE_CHAIN, CT_KQL_BOOL, node->at);
    any->sql = " OR ";
    for (size_t i = 0; scope->input && i < scope->input->columns.n; i++) {
        ct_kql_column *column = scope->input->columns.at[i];
        if (column->type == CT_KQL_STRING || column->type == CT_KQL_DYNAMIC)
            ct_kql_add_arg(b, any,
                           bind_string_operator(
                               b, &plain, ct_kql_new_column_expr(b, column, node->at), needle));
        else if (needle->kind != KE_LITERAL || memchr(needle->text.p, '0', needle->text.n) ||
                 strpbrk(needle->text.p, "123456789-:."))
            ct_kql_refuse(b->job, node->at,
                          "'*' over columns that are no strings is not supported for this text");
    }
    if (any->args.n == 0)
        ct_kql_refuse(b->job, node->at, "there is no string column");
    never_null(any);
    return is_negative ? negate(b, any) : any;
}

static ct_kql_expr *bind_binary(ct_kql_scope *scope, const ct_kql_node *node)
{
    ct_kql_binder *b = scope->b;
    if (node->left->kind == KN_STAR)
        return bind_any_column(scope, node);
    ct_kql_expr *left = ct_kql_bind_expr(scope, node->left);
    ct_kql_expr *right = ct_kql_bind_expr(scope, node->right);
    ct_span sign = node->text;
    if (sign.n == 1 && strchr("+-*/%", sign.p[0]))
        return bind_arithmetic(b, node, left, right);
    if (ct_span_is(sign, "==") || ct_span_is(sign, "!=") || ct_span_is(sign, "<>"))
        return new_equal(b, node, sign.p[0] == '=', left, right);
    if (sign.p[0] == '<' || sign.p[0] == '>')
        return new_order(b, node, sign, left, right);
    return bind_string_operator(b, node, left, right);
}

ct_kql_expr *ct_kql_bind_bool(ct_kql_scope *scope, const ct_kql_node *node)
{
    ct_kql_expr *expr = ct_kql_bind_expr(scope, node);
    if (expr->type != CT_KQL_BOOL)
        ct_kql_refuse(scope->b->job, node->at, "a bool is expected here, this is a %s",
                      ct_kql_type_name(expr->type));
    return expr;
}

static ct_kql_expr *bind_chain(ct_kql_scope *scope, const ct_kql_node *node)
{
    ct_kql_expr *chain = ct_kql_new_expr(scope->b, KE_CHAIN, CT_KQL_BOOL, node->at);
    chain->sql = node->kind == KN_AND ? " AND " : " OR ";
    for (size_t i = 0; i < node->items.n; i++)
        ct_kql_add_arg(scope->b, chain, ct_kql_bind_bool(scope, node->items.at[i]));
    return strict(chain);
}

static ct_kql_expr *bind_between(ct_kql_scope *scope, const ct_kql_node *node)
{
    ct_kql_binder *b = scope->b;
    ct_kql_expr *value = ct_kql_bind_expr(scope, node->left);
    ct_kql_expr *low = ct_kql_bind_expr(scope, node->right);
    ct_kql_expr *high = ct_kql_bind_expr(scope, node->third);
    if (value->type == CT_KQL_DATETIME && high->type == CT_KQL_TIMESPAN) {
        ct_kql_node plus = *node;
        plus.text = (ct_span){"+", 1};
        high = bind_arithmetic(b, &plus, low, high);
    }
    ct_kql_expr *both = ct_kql_new_expr(b, KE_CHAIN, CT_KQL_BOOL, node->at);
    both->sql = " AND ";
    ct_kql_add_arg(b, both, new_order(b, node, (ct_span){">=", 2}, value, low));
    ct_kql_add_arg(b, both, new_order(b, node, (ct_span){"<=", 2}, value, high));
    strict(both);
    return node->text.p[0] == '!' ? negate(b, both) : both;
}

/* ---- in, has_any, has_all ------------------------------------------------------------------- */

static ct_kql_expr *bind_in_table(ct_kql_scope *scope, const ct_kql_node *node, ct_kql_expr *left,
                                  ct_span word, bool is_negative)
{
    ct_kql_binder *b = scope->b;
    ct_kql_step *table = ct_kql_bind_table(scope, node->items.at[0]);
    if (table->columns.n == 0)
        ct_kql_refuse(b->job, node->at, "the table has no columns");
    ct_kql_column *column = table->columns.at[0];
    if (ct_span_is(word, "has_any") || ct_span_is(word, "has_all")) {
        if (column->type != CT_KQL_STRING)
            ct_kql_refuse(b->job, node->at, "%s takes a table of strings, not of %s",
                          ct_kql_quote(b->job, word), ct_kql_type_name(column->type));
        ct_kql_expr *list = ct_kql_new_expr(b, KE_QUERY, CT_KQL_DYNAMIC, node->at);
        list->query = ct_kql_gather(b, table, column, node->at);
        list->n_reads = list->query->n_reads;
        list->is_constant = true;
        return never_null(ct_kql_new_call(
            b, ct_span_is(word, "has_any") ? "kql_has_any($1, $2)" : "kql_has_all($1, $2)",
            CT_KQL_BOOL, node->at, 2, as_text(b, node, left), list));
    }
    bool is_folded = ct_span_is(word, "in~");
    if (is_folded)
        left = as_text(b, node, left);
    if (left->type == CT_KQL_DYNAMIC)
        left = ct_kql_convert(b, left, column->type);
    if (column->type != left->type &&
        !(ct_kql_is_integer(column->type) && ct_kql_is_integer(left->type)))
        ct_kql_refuse(b->job, node->at, "a %s is looked for in a table of %s",
                      ct_kql_type_name(left->type), ct_kql_type_name(column->type));
    ct_kql_expr *in = ct_kql_new_expr(b, KE_IN_QUERY, CT_KQL_BOOL, node->at);
    in->query = table;
    in->n_reads = table->n_reads;
    in->sql = is_folded ? "kql_fold" : "";
    ct_kql_add_arg(b, in, left);
    in->is_constant = false;
    in->is_nullable = false;
    return is_negative ? negate(b, in) : in;
}

static bool is_scalar_literal(const ct_kql_expr *expr)
{
    return expr->kind == KE_LITERAL && expr->type != CT_KQL_DYNAMIC && !expr->is_null;
}

/* A literal array of strings, as dynamic([...]) mostly is, becomes its strings; any other value
 * stays what it is. */
static void push_values(ct_kql_binder *b, ct_kql_exprs *values, ct_kql_expr *value)
{
    size_t n_before = values->n;
    bool more = false, all_strings = true;
    ct_json_scanner s = ct_json_scan(value->text.p, value->text.n);
    if (value->kind == KE_LITERAL && value->type == CT_KQL_DYNAMIC && value->text.n > 0 &&
        value->text.p[0] == '[' && ct_json_enter(&s, '[', &more) == CT_JSON_OK) {
        while (more && all_strings) {
            ct_json element;
            ct_buf *text = &b->job->scratch;
            size_t from = text->len;
            all_strings =
                ct_json_value(&s, &element) == CT_JSON_OK && element.kind == CT_JSON_STRING;
            if (!all_strings)
                break;
            (void)ct_json_decode(&element, text);
            if (!ct_buf_ok(text))
                ct_kql_fail_memory(b->job);
            ct_span copy = ct_kql_copy(
                b->job, (ct_span){text->data ? text->data + from : "", text->len - from});
            text->len = from;
            ct_kql_push_expr(b->job, values, new_text(b, CT_KQL_STRING, copy, value->at));
            if (ct_json_next(&s, ']', &more) != CT_JSON_OK)
                all_strings = false;
        }
        if (all_strings)
            return;
    }
    values->n = n_before;
    ct_kql_push_expr(b->job, values, value);
}

ct_kql_expr *ct_kql_fold_array(ct_kql_binder *b, const ct_kql_exprs *values, size_t at)
{
    for (size_t i = 0; i < values->n; i++)
        if (!is_scalar_literal(values->at[i]) ||
            (values->at[i]->type != CT_KQL_STRING && values->at[i]->type != CT_KQL_LONG &&
             values->at[i]->type != CT_KQL_BOOL))
            return NULL;
    ct_buf *json = &b->job->scratch;
    size_t from = json->len;
    ct_buf_put_char(json, '[');
    for (size_t i = 0; i < values->n; i++) {
        if (i > 0)
            ct_buf_put_char(json, ',');
        put_json(json, values->at[i]);
    }
    ct_buf_put_char(json, ']');
    return take_scratch(b, from, at);
}

/* All values as one JSON array, arrays among them flattened. */
static ct_kql_expr *as_array(ct_kql_binder *b, const ct_kql_exprs *values, size_t at)
{
    if (values->n == 1 && values->at[0]->type == CT_KQL_DYNAMIC)
        return values->at[0];
    ct_kql_expr *folded = ct_kql_fold_array(b, values, at);
    if (folded)
        return folded;
    ct_kql_expr *pack = ct_kql_new_call(b, "kql_pack_flat($*)", CT_KQL_DYNAMIC, at, 0);
    for (size_t i = 0; i < values->n; i++)
        ct_kql_add_arg(b, pack, ct_kql_convert(b, values->at[i], CT_KQL_DYNAMIC));
    return pack;
}

static ct_kql_expr *bind_in(ct_kql_scope *scope, const ct_kql_node *node)
{
    ct_kql_binder *b = scope->b;
    ct_span word = node->text;
    bool is_negative = word.p[0] == '!';
    if (is_negative)
        word = (ct_span){word.p + 1, word.n - 1};
    ct_kql_expr *left = ct_kql_bind_expr(scope, node->left);
    if (node->items.n == 1 && ct_kql_is_table(scope, node->items.at[0]))
        return bind_in_table(scope, node, left, word, is_negative);

    ct_kql_exprs values = {NULL, 0};
    bool all_literal = true;
    for (size_t i = 0; i < node->items.n; i++) {
        ct_kql_expr *value = ct_kql_bind_expr(scope, node->items.at[i]);
        push_values(b, &values, value);
    }
    for (size_t i = 0; i < values.n; i++)
        all_literal &= is_scalar_literal(values.at[i]);
    ct_kql_expr *call;
    if (ct_span_is(word, "has_any") || ct_span_is(word, "has_all") || ct_span_is(word, "in~")) {
        for (size_t i = 0; i < values.n; i++)
            if (values.at[i]->type != CT_KQL_DYNAMIC)
                values.at[i] = as_text(b, node, values.at[i]);
        left = as_text(b, node, left);
        bool by_index = ct_span_is(word, "in~") && values.n > 0;
        for (size_t i = 0; i < values.n; i++)
            by_index &= is_for_index(left, values.at[i]);
        if (by_index) {
            call = ct_kql_new_expr(b, KE_IN, CT_KQL_BOOL, node->at);
            call->sql = " COLLATE NOCASE IN ";
            ct_kql_add_arg(b, call, left);
            for (size_t i = 0; i < values.n; i++)
                ct_kql_add_arg(b, call, values.at[i]);
        } else {
            const char *sql = ct_span_is(word, "in~")       ? "kql_in_ci($1, $2)"
                              : ct_span_is(word, "has_any") ? "kql_has_any($1, $2)"
                                                            : "kql_has_all($1, $2)";
            call = ct_kql_new_call(b, sql, CT_KQL_BOOL, node->at, 2, left,
                                   as_array(b, &values, node->at));
            if (call->args.at[1]->is_nullable)
                call = ct_kql_new_call(b, "ifnull($1, 0)", CT_KQL_BOOL, node->at, 1, call);
        }
    } else if (all_literal && left->type != CT_KQL_DYNAMIC && !left->may_be_nan && values.n > 0) {
        bool by_index = true;
        call = ct_kql_new_expr(b, KE_IN, CT_KQL_BOOL, node->at);
        call->sql = " IN ";
        ct_kql_add_arg(b, call, left);
        for (size_t i = 0; i < values.n; i++) {
            ct_kql_expr *value = values.at[i], *same_left = left;
            meet(b, node, &same_left, &value);
            if (same_left != left)
                fail_types(b, node, left, value);
            by_index &= is_for_index(left, value);
            ct_kql_add_arg(b, call, value);
        }
        if (left->is_nullable) {
            call = ct_kql_new_call(b, "ifnull($1, 0)", CT_KQL_BOOL, node->at, 1, call);
        } else if (by_index) {
            ct_kql_expr *loose = ct_kql_new_expr(b, KE_IN, CT_KQL_BOOL, node->at);
            *loose = *call;
            loose->sql = " COLLATE NOCASE IN ";
            ct_kql_expr *both = ct_kql_new_expr(b, KE_CHAIN, CT_KQL_BOOL, node->at);
            both->sql = " AND ";
            ct_kql_add_arg(b, both, loose);
            ct_kql_add_arg(b, both, call);
            call = both;
        }
    } else {
        /* Anything but literals compares as dynamics do. */
        for (size_t i = 0; i < values.n; i++) {
            ct_kql_expr *value = values.at[i], *same_left = left;
            if (value->type != CT_KQL_DYNAMIC)
                meet(b, node, &same_left, &value);
        }
        call = ct_kql_new_call(b, "ifnull(kql_in_dyn($1, $2), 0)", CT_KQL_BOOL, node->at, 2,
                               ct_kql_convert(b, left, CT_KQL_DYNAMIC),
                               as_array(b, &values, node->at));
    }
    never_null(call);
    return is_negative ? negate(b, call) : call;
}

/* ---- all of them ---------------------------------------------------------------------------- */

static ct_kql_expr *bind_literal(ct_kql_binder *b, const ct_kql_node *node)
{
    ct_kql_expr *expr = ct_kql_new_expr(b, KE_LITERAL, node->type, node->at);
    expr->integer = node->integer;
    expr->real = node->real;
    expr->text = node->text;
    expr->is_null = node->is_null;
    if (node->type == CT_KQL_DYNAMIC && ct_span_is(node->text, "null"))
        expr->is_null = true;
    expr->is_nullable = expr->is_null;
    expr->may_be_nan = node->type == CT_KQL_REAL && !(node->real == node->real);
    return expr;
}

ct_kql_expr *ct_kql_bind_expr(ct_kql_scope *scope, const ct_kql_node *node)
{
    ct_kql_binder *b = scope->b;
    ct_kql_expr *expr;
    const ct_kql_step *reading_before = b->reading;
    b->reading = scope->input;
    if (++b->depth > 4 * 64)
        ct_kql_refuse(b->job, node->at, "the query nests too deep");
    switch (node->kind) {
    case KN_LITERAL:
        expr = bind_literal(b, node);
        break;
    case KN_NAME:
        expr = bind_name(scope, node);
        break;
    case KN_MEMBER:
    case KN_INDEX:
        expr = bind_path(scope, node);
        break;
    case KN_CALL:
        expr = ct_kql_bind_call(scope, node);
        break;
    case KN_BINARY:
        expr = bind_binary(scope, node);
        break;
    case KN_AND:
    case KN_OR:
        expr = bind_chain(scope, node);
        break;
    case KN_MINUS:
        expr = bind_minus(scope, node);
        break;
    case KN_IN:
        expr = bind_in(scope, node);
        break;
    case KN_BETWEEN:
        expr = bind_between(scope, node);
        break;
    case KN_STAR:
        ct_kql_refuse(b->job, node->at, "'*' cannot stand here");
    case KN_NAMED:
        ct_kql_refuse(b->job, node->at, "a name cannot be given here");
    default:
        ct_kql_refuse(b->job, node->at, "a value is expected here, this is a table");
    }
    b->depth--;
    b->reading = reading_before;
    return expr;
}
