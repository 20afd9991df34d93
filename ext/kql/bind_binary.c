/* The binder's operators between values: arithmetic, comparisons, strings, in. */
#include "kql/bind.h"

#include <string.h>

#include "kql/dynamic.h"

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
    return sign == '/' || sign == '%' ? call : ct_kql_strict(call);
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
        return ct_kql_strict(ct_kql_new_call(b, "($1 - $2)", CT_KQL_TIMESPAN, at, 2, left, right));
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
            return ct_kql_strict(
                ct_kql_new_call(b, sign == '+' ? "kql_add($1, $2)" : "kql_sub($1, $2)",
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
            return ct_kql_strict(
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

/* Whether a dynamic beside a value of the type is taken as one of that type. */
static bool takes_dynamic(char sign, ct_kql_type type)
{
    return ct_kql_is_number(type) || (is_time(type) && (sign == '+' || sign == '-'));
}

static ct_kql_expr *bind_arithmetic(ct_kql_binder *b, const ct_kql_node *node, ct_kql_expr *left,
                                    ct_kql_expr *right)
{
    char sign = node->text.p[0];
    if (left->type == CT_KQL_DYNAMIC && takes_dynamic(sign, right->type))
        left = ct_kql_convert(b, left, right->type == CT_KQL_INT ? CT_KQL_LONG : right->type);
    else if (right->type == CT_KQL_DYNAMIC && takes_dynamic(sign, left->type))
        right = ct_kql_convert(b, right, left->type == CT_KQL_INT ? CT_KQL_LONG : left->type);
    if (ct_kql_is_number(left->type) && ct_kql_is_number(right->type))
        return arithmetic_number(b, sign, left, right, node->at);
    if (is_time(left->type) || is_time(right->type))
        return arithmetic_time(b, node, sign, left, right);
    fail_types(b, node, left, right);
}

ct_kql_expr *ct_kql_bind_sign(ct_kql_scope *scope, const ct_kql_node *node)
{
    ct_kql_binder *b = scope->b;
    ct_kql_expr *operand = ct_kql_bind_expr(scope, node->left);
    if (operand->type == CT_KQL_INT && !operand->is_constant)
        operand = ct_kql_convert(b, operand, CT_KQL_LONG);
    if (!ct_kql_is_number(operand->type) && operand->type != CT_KQL_TIMESPAN)
        ct_kql_refuse(b->job, node->at, "a %s has no sign", ct_kql_type_name(operand->type));
    if (node->text.p[0] == '+')
        return operand;
    if (operand->kind == KE_LITERAL && !operand->is_null && operand->integer != INT64_MIN) {
        ct_kql_expr *negative = ct_kql_new_expr(b, KE_LITERAL, operand->type, node->at);
        negative->integer = -operand->integer;
        negative->real = -operand->real;
        negative->is_nullable = false;
        negative->may_be_nan = operand->may_be_nan;
        return negative;
    }
    ct_kql_type type = operand->type;
    return ct_kql_strict(
        ct_kql_new_call(b, type == CT_KQL_REAL ? "kql_neg_real($1)" : "kql_neg_long($1)", type,
                        node->at, 1, operand));
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
    if (l == CT_KQL_DYNAMIC && ct_kql_is_number(r))
        left = ct_kql_convert(b, left, r == CT_KQL_INT ? CT_KQL_LONG : r);
    else if (r == CT_KQL_DYNAMIC && ct_kql_is_number(l))
        right = ct_kql_convert(b, right, l == CT_KQL_INT ? CT_KQL_LONG : l);
    else if (!(ct_kql_is_number(l) && ct_kql_is_number(r)) && (l != r || !is_time(l)))
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
    return ct_kql_strict(ct_kql_new_call(b, sql, CT_KQL_BOOL, node->at, 2, left, right));
}

static ct_kql_expr *negate(ct_kql_binder *b, ct_kql_expr *condition)
{
    return ct_kql_strict(ct_kql_new_call(b, "(NOT $1)", CT_KQL_BOOL, condition->at, 1, condition));
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
    bool is_negative = sign.p[0] == '!';
    if (right->kind == KE_LITERAL && right->type == CT_KQL_DYNAMIC && !right->is_null &&
        strncmp(sign.p + is_negative, "has", 3) == 0)
        ct_kql_refuse(b->job, node->at, "%s takes a string, not a list (has_any takes one)",
                      ct_kql_quote(b->job, sign));
    left = as_text(b, node, left);
    right = as_text(b, node, right);
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
    ct_kql_never_null(call);
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
    ct_kql_never_null(any);
    return is_negative ? negate(b, any) : any;
}

ct_kql_expr *ct_kql_bind_binary(ct_kql_scope *scope, const ct_kql_node *node)
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

ct_kql_expr *ct_kql_bind_between(ct_kql_scope *scope, const ct_kql_node *node)
{
    ct_kql_binder *b = scope->b;
    ct_kql_expr *value = ct_kql_bind_expr(scope, node->left);
    ct_kql_expr *low = ct_kql_bind_expr(scope, node->right);
    ct_kql_expr *high = ct_kql_bind_expr(scope, node->third);
    if (low->type == CT_KQL_DYNAMIC || high->type == CT_KQL_DYNAMIC)
        fail_types(b, node, value, low->type == CT_KQL_DYNAMIC ? low : high);
    if (value->type == CT_KQL_DYNAMIC && low->type != high->type)
        fail_types(b, node, low, high);
    if (value->type == CT_KQL_DATETIME && high->type == CT_KQL_TIMESPAN) {
        ct_kql_node plus = *node;
        plus.text = (ct_span){"+", 1};
        high = bind_arithmetic(b, &plus, low, high);
    }
    ct_kql_expr *both = ct_kql_new_expr(b, KE_CHAIN, CT_KQL_BOOL, node->at);
    both->sql = " AND ";
    ct_kql_add_arg(b, both, new_order(b, node, (ct_span){">=", 2}, value, low));
    ct_kql_add_arg(b, both, new_order(b, node, (ct_span){"<=", 2}, value, high));
    ct_kql_strict(both);
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
        return ct_kql_never_null(ct_kql_new_call(
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
    bool all_strings = value->kind == KE_LITERAL && value->type == CT_KQL_DYNAMIC &&
                       ct_dyn_kind(value->text) == CT_JSON_ARRAY;
    ct_dyn_walk walk;
    for (bool more = all_strings && ct_dyn_first(&walk, value->text); more && all_strings;
         more = ct_dyn_next(&walk)) {
        ct_buf *text = &b->job->scratch;
        size_t from = text->len;
        all_strings = walk.value.kind == CT_JSON_STRING;
        ct_dyn_put_text(text, &walk.value);
        ct_span copy = ct_kql_take_scratch(b->job, from);
        ct_kql_push_expr(b->job, values, ct_kql_new_text(b, CT_KQL_STRING, copy, value->at));
    }
    if (all_strings)
        return;
    values->n = n_before;
    ct_kql_push_expr(b->job, values, value);
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

ct_kql_expr *ct_kql_bind_in(ct_kql_scope *scope, const ct_kql_node *node)
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
    ct_kql_never_null(call);
    return is_negative ? negate(b, call) : call;
}
