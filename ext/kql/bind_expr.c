/* The binder's scalars: making expressions, conversions, names; what an expression is. */
#include "kql/bind.h"

#include <stdarg.h>
#include <string.h>

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

ct_kql_expr *ct_kql_new_text(ct_kql_binder *b, ct_kql_type type, ct_span text, size_t at)
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

ct_kql_expr *ct_kql_strict(ct_kql_expr *call)
{
    call->is_nullable = false;
    for (size_t i = 0; i < call->args.n; i++)
        call->is_nullable |= call->args.at[i]->is_nullable;
    return call;
}

ct_kql_expr *ct_kql_never_null(ct_kql_expr *call)
{
    call->is_nullable = false;
    return call;
}

/* ---- conversions ---------------------------------------------------------------------------- */

/* A literal whose JSON is plain to write. */
static bool is_plain_literal(const ct_kql_expr *expr)
{
    return expr->kind == KE_LITERAL && !expr->is_null &&
           (expr->type == CT_KQL_STRING || expr->type == CT_KQL_LONG || expr->type == CT_KQL_BOOL);
}

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
    return ct_kql_new_text(b, CT_KQL_DYNAMIC, ct_kql_take_scratch(b->job, from), at);
}

static ct_kql_expr *dynamic_literal(ct_kql_binder *b, const ct_kql_expr *literal)
{
    size_t from = b->job->scratch.len;
    put_json(&b->job->scratch, literal);
    return take_scratch(b, from, literal->at);
}

ct_kql_expr *ct_kql_fold_array(ct_kql_binder *b, const ct_kql_exprs *values, size_t at)
{
    for (size_t i = 0; i < values->n; i++)
        if (!is_plain_literal(values->at[i]))
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
        return ct_kql_strict(copy);
    }
    if (ct_kql_is_integer(expr->type) && type == CT_KQL_REAL) {
        ct_kql_expr *real;
        if (expr->kind == KE_LITERAL) {
            real = ct_kql_new_expr(b, KE_LITERAL, type, expr->at);
            real->real = (double)expr->integer;
            real->is_nullable = false;
        } else {
            real = ct_kql_strict(ct_kql_new_call(b, "CAST($1 AS REAL)", type, expr->at, 1, expr));
        }
        real->may_be_nan = false;
        return real;
    }
    if (type == CT_KQL_DYNAMIC && is_plain_literal(expr))
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

bool ct_kql_varies(const ct_kql_expr *expr)
{
    if (expr->kind == KE_COLUMN || expr->is_window)
        return true;
    for (size_t i = 0; i < expr->args.n; i++)
        if (ct_kql_varies(expr->args.at[i]))
            return true;
    return false;
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
    if (meaning && meaning->row_of > 0 && meaning->row_of < b->n_open_tables)
        ct_kql_refuse(b->job, node->at, "%s is another value for each row: no table can read it",
                      ct_kql_quote(b->job, node->text));
    if (meaning && meaning->value)
        return meaning->value;
    if (meaning && ct_kql_is_function(meaning)) /* of one without parameters the name is a call */
        return ct_kql_bind_scalar_function(scope, node, meaning);
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
        key = ct_kql_new_text(b, CT_KQL_STRING, node->text, node->at);
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

/* ---- all of them ---------------------------------------------------------------------------- */

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
    return ct_kql_strict(chain);
}

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
        expr = ct_kql_bind_binary(scope, node);
        break;
    case KN_AND:
    case KN_OR:
        expr = bind_chain(scope, node);
        break;
    case KN_SIGN:
        expr = ct_kql_bind_sign(scope, node);
        break;
    case KN_IN:
        expr = ct_kql_bind_in(scope, node);
        break;
    case KN_BETWEEN:
        expr = ct_kql_bind_between(scope, node);
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
