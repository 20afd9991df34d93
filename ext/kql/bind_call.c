/* The binder's calls: functions by the table, those that the table cannot say, aggregates. */
#include "kql/bind.h"
#include "kql/functions.h"
#include "kql/ticks.h"

#include <string.h>

/* ---- fitting arguments to a row of the table ------------------------------------------------ */

static ct_kql_type type_of_letter(char letter)
{
    switch (letter) {
    case 'b':
        return CT_KQL_BOOL;
    case 'i':
        return CT_KQL_INT;
    case 'l':
        return CT_KQL_LONG;
    case 'r':
        return CT_KQL_REAL;
    case 's':
    case 'z':
    case 'S':
    case 'H':
        return CT_KQL_STRING;
    case 'd':
        return CT_KQL_DATETIME;
    case 't':
        return CT_KQL_TIMESPAN;
    case 'g':
        return CT_KQL_GUID;
    default:
        return CT_KQL_DYNAMIC;
    }
}

/* How well an argument fits: a row is taken at the smallest of these at which all of its do. */
enum { EXACT, WIDENED, FROM_DYNAMIC, N_PASSES };

static bool fits(char letter, ct_kql_type type, int pass)
{
    switch (letter) {
    case 'a':
        return true;
    case 'A':
        return type != CT_KQL_DYNAMIC;
    case 'x': /* what can be ordered */
        return type != CT_KQL_DYNAMIC && type != CT_KQL_GUID;
    case 'n':
        return ct_kql_is_number(type);
    case 'l':
        return ct_kql_is_integer(type);
    case 'r':
        return type == CT_KQL_REAL || (pass >= WIDENED && ct_kql_is_integer(type));
    case 's':
        return type == CT_KQL_STRING || (pass == FROM_DYNAMIC && type == CT_KQL_DYNAMIC);
    case 'z':
        return type == CT_KQL_STRING;
    case 'S':
        return type == CT_KQL_STRING || pass >= WIDENED;
    case 'H':
        return type == CT_KQL_STRING || (pass >= WIDENED && type != CT_KQL_DYNAMIC);
    case 'k':
        return type == CT_KQL_DYNAMIC || ct_kql_is_integer(type);
    case 'Y':
        return type == CT_KQL_DYNAMIC || pass >= WIDENED;
    case 'y':
        return type == CT_KQL_DYNAMIC;
    default:
        return type == type_of_letter(letter);
    }
}

/* The letter of argument i; 0 where the row takes no such argument. */
static char letter_at(const char *args, size_t i)
{
    char last = 0;
    for (; *args; args++) {
        if (*args == '?' || *args == '!')
            continue;
        if (*args == '+')
            return last;
        if (*args == '&') /* i counts from behind the pair */
            return i % 2 == 0 ? args[-2] : args[-1];
        last = *args;
        if (i-- == 0)
            return last;
    }
    return 0;
}

static size_t n_required(const char *args)
{
    size_t n = 0;
    for (; *args && *args != '?'; args++)
        n += *args != '+' && *args != '&' && *args != '!';
    return n;
}

/* The first argument that would have to be the same for every row and is not; NULL: there is none. */
static const ct_kql_expr *find_inconstant(const char *args, const ct_kql_exprs *given)
{
    size_t i = 0;
    for (; *args && i < given->n; args++) {
        if (*args == '!' && !given->at[i]->is_constant)
            return given->at[i];
        i += *args != '?' && *args != '!';
    }
    return NULL;
}

static bool all_fit(const char *args, const ct_kql_exprs *given, int pass)
{
    if (given->n < n_required(args) || (strchr(args, '&') && given->n % 2 != 0))
        return false;
    for (size_t i = 0; i < given->n; i++) {
        char letter = letter_at(args, i);
        if (!letter || !fits(letter, given->at[i]->type, pass))
            return false;
    }
    return true;
}

static ct_kql_expr *convert_to_letter(ct_kql_binder *b, ct_kql_expr *arg, char letter)
{
    if (letter == 'a' || letter == 'A' || letter == 'x' || letter == 'n')
        return arg;
    if (letter == 'l' && ct_kql_is_integer(arg->type))
        return arg;
    if (letter == 'r' && ct_kql_is_integer(arg->type))
        return ct_kql_convert(b, arg, CT_KQL_REAL);
    return ct_kql_convert(b, arg, type_of_letter(letter));
}

static ct_kql_type result_type(const char *result, const ct_kql_exprs *args)
{
    if (*result >= '1' && *result <= '9' && (size_t)(*result - '1') < args->n)
        return args->at[*result - '1']->type;
    return type_of_letter(*result);
}

/* A unit that is written out is known, whatever the rows are. */
static void check_unit(ct_kql_binder *b, const char *name, const ct_kql_expr *unit)
{
    ct_kql_unit known;
    bool is_part = strcmp(name, "datetime_part") == 0;
    if (unit->kind == KE_LITERAL && unit->type == CT_KQL_STRING &&
        (!ct_kql_unit_named(unit->text, &known) ||
         (is_part ? known == CT_UNIT_WEEK : known > CT_UNIT_NANOSECOND)))
        ct_kql_refuse(b->job, unit->at, "'%s' does not know the unit %s", name,
                      ct_kql_quote(b->job, unit->text));
}

static ct_kql_expr *call_row(ct_kql_binder *b, const char *name, const char *arg_letters,
                             const char *result, const char *sql, int flags,
                             const ct_kql_exprs *given, size_t at)
{
    const ct_kql_expr *inconstant = find_inconstant(arg_letters, given);
    if (inconstant)
        ct_kql_refuse(b->job, inconstant->at, "'%s' takes a constant here", name);
    if (given->n > 0 && strncmp(name, "datetime_", 9) == 0)
        check_unit(b, name, given->at[0]);
    ct_kql_exprs args = {NULL, 0};
    for (size_t i = 0; i < given->n; i++)
        ct_kql_push_expr(b->job, &args,
                         convert_to_letter(b, given->at[i], letter_at(arg_letters, i)));
    ct_kql_type type = result_type(result, &args);
    if (sql && args.n > 0 && strcmp(sql, "$1") == 0 && args.at[0]->type == type)
        return args.at[0];
    if (!sql)
        sql = ct_kql_printf(b->job, "kql_%s($*)", name).p;
    ct_kql_expr *call = ct_kql_new_call(b, sql, type, at, 0);
    for (size_t i = 0; i < args.n; i++)
        ct_kql_add_arg(b, call, args.at[i]);
    call->may_be_nan = type == CT_KQL_REAL && !(flags & KF_NO_NAN);
    if (flags & KF_NEVER_NULL) {
        call->is_nullable = false;
    } else if (flags & KF_NULL_AS_ARGS) {
        call->is_nullable = false;
        for (size_t i = 0; i < args.n; i++)
            call->is_nullable |= args.at[i]->is_nullable;
    }
    return call;
}

/* ---- the calls that the table cannot say ---------------------------------------------------- */

/* One type for all: the same, or numbers widened; Kusto's mixtures with dynamic. */
static ct_kql_type common_type(ct_kql_binder *b, const ct_kql_exprs *values, ct_span what)
{
    ct_kql_type type = CT_KQL_NO_TYPE;
    for (size_t i = 0; i < values->n; i++) {
        const ct_kql_expr *value = values->at[i];
        if (type == CT_KQL_NO_TYPE || value->type == type) {
            type = value->type;
        } else if (ct_kql_is_number(type) && ct_kql_is_number(value->type)) {
            type = type == CT_KQL_REAL || value->type == CT_KQL_REAL ? CT_KQL_REAL : CT_KQL_LONG;
        } else if (type == CT_KQL_DYNAMIC || value->type == CT_KQL_DYNAMIC) {
            type = type == CT_KQL_DYNAMIC ? value->type : type;
        } else {
            ct_kql_refuse(b->job, value->at, "%s gives values of one type, not a %s and a %s",
                          ct_kql_quote(b->job, what), ct_kql_type_name(type),
                          ct_kql_type_name(value->type));
        }
    }
    return type;
}

static void unify(ct_kql_binder *b, ct_kql_exprs *values, ct_span what)
{
    ct_kql_type type = common_type(b, values, what);
    for (size_t i = 0; i < values->n; i++)
        if (values->at[i]->type != type)
            values->at[i] = ct_kql_convert(b, values->at[i], type);
}

static noreturn void fail_arguments(ct_kql_binder *b, const ct_kql_node *node, const char *what)
{
    ct_kql_refuse(b->job, node->at, "%s takes %s", ct_kql_quote(b->job, node->text), what);
}

/* iff(condition, value, value) and case(condition, value, ..., else). */
static ct_kql_expr *bind_case(ct_kql_scope *scope, const ct_kql_node *node)
{
    ct_kql_binder *b = scope->b;
    size_t n = node->items.n;
    if (n < 3 || n % 2 == 0 || (n != 3 && node->text.p[0] == 'i'))
        fail_arguments(b, node,
                       node->text.p[0] == 'i' ? "a condition and two values"
                                              : "pairs of condition and value, and a last value");
    ct_kql_exprs values = {NULL, 0}, conditions = {NULL, 0};
    for (size_t i = 0; i + 1 < n; i += 2) {
        ct_kql_push_expr(b->job, &conditions, ct_kql_bind_bool(scope, node->items.at[i]));
        ct_kql_push_expr(b->job, &values, ct_kql_bind_expr(scope, node->items.at[i + 1]));
    }
    ct_kql_push_expr(b->job, &values, ct_kql_bind_expr(scope, node->items.at[n - 1]));
    unify(b, &values, node->text);
    ct_kql_expr *expr = ct_kql_new_expr(b, KE_CASE, values.at[0]->type, node->at);
    expr->is_nullable = false;
    for (size_t i = 0; i < values.n; i++) {
        if (i < conditions.n)
            ct_kql_add_arg(b, expr, conditions.at[i]);
        ct_kql_add_arg(b, expr, values.at[i]);
        expr->is_nullable |= values.at[i]->is_nullable;
        expr->may_be_nan |= values.at[i]->may_be_nan;
    }
    return expr;
}

static ct_kql_expr *bind_coalesce(ct_kql_scope *scope, const ct_kql_node *node)
{
    ct_kql_binder *b = scope->b;
    if (node->items.n < 2)
        fail_arguments(b, node, "two values or more");
    ct_kql_exprs values = {NULL, 0};
    size_t n_dynamic = 0;
    for (size_t i = 0; i < node->items.n; i++) {
        ct_kql_push_expr(b->job, &values, ct_kql_bind_expr(scope, node->items.at[i]));
        n_dynamic += values.at[i]->type == CT_KQL_DYNAMIC;
    }
    if (n_dynamic > 0 && n_dynamic < values.n)
        ct_kql_refuse(b->job, node->at, "'coalesce' takes dynamics alone or none");
    unify(b, &values, node->text);
    bool is_string = values.at[0]->type == CT_KQL_STRING;
    ct_kql_expr *call = ct_kql_new_call(b, is_string ? "kql_first_text($*)" : "coalesce($*)",
                                        values.at[0]->type, node->at, 0);
    call->may_be_nan = false;
    call->is_nullable = !is_string;
    for (size_t i = 0; i < values.n; i++) {
        ct_kql_add_arg(b, call, values.at[i]);
        call->may_be_nan |= values.at[i]->may_be_nan;
        call->is_nullable &= values.at[i]->is_nullable;
    }
    return call;
}

/* now(), now(offset), ago(offset). */
static ct_kql_expr *bind_now(ct_kql_scope *scope, const ct_kql_node *node)
{
    ct_kql_binder *b = scope->b;
    bool is_ago = ct_span_is(node->text, "ago");
    if (node->items.n > 1 || (is_ago && node->items.n == 0))
        fail_arguments(b, node, "one timespan");
    ct_kql_expr *now = ct_kql_new_call(b, b->catalog->now.p, CT_KQL_DATETIME, node->at, 0);
    if (node->items.n == 0)
        return now;
    ct_kql_expr *offset = ct_kql_bind_expr(scope, node->items.at[0]);
    if (offset->type != CT_KQL_TIMESPAN)
        ct_kql_refuse(b->job, node->at, "%s takes a timespan, not a %s",
                      ct_kql_quote(b->job, node->text), ct_kql_type_name(offset->type));
    return ct_kql_new_call(b,
                           is_ago ? "kql_datetime_checked(kql_sub($1, $2))"
                                  : "kql_datetime_checked(kql_add($1, $2))",
                           CT_KQL_DATETIME, node->at, 2, now, offset);
}

static ct_kql_expr *bind_gettype(ct_kql_scope *scope, const ct_kql_node *node)
{
    ct_kql_binder *b = scope->b;
    ct_kql_expr *value = ct_kql_bind_expr(scope, node->items.at[0]);
    if (value->type == CT_KQL_DYNAMIC)
        return ct_kql_new_call(b, "kql_gettype_dyn($1)", CT_KQL_STRING, node->at, 1, value);
    const char *name = ct_kql_type_name(value->type);
    ct_kql_expr *text = ct_kql_new_expr(b, KE_LITERAL, CT_KQL_STRING, node->at);
    text->text = (ct_span){name, strlen(name)};
    return text;
}

/* extract(regex, group, text, typeof(T)) */
static ct_kql_expr *bind_typed_extract(ct_kql_scope *scope, const ct_kql_node *node)
{
    ct_kql_node plain = *node;
    plain.items.n = 3;
    return ct_kql_convert(scope->b, ct_kql_bind_expr(scope, &plain), node->items.at[3]->type);
}

static ct_kql_expr *bind_toscalar(ct_kql_scope *scope, const ct_kql_node *node)
{
    ct_kql_binder *b = scope->b;
    if (node->items.n != 1)
        fail_arguments(b, node, "one table");
    ct_kql_scope outside = {.b = b, .names = scope->names};
    if (!ct_kql_is_table(scope, node->items.at[0]))
        return ct_kql_bind_expr(&outside, node->items.at[0]);
    ct_kql_step *query = ct_kql_bind_table(&outside, node->items.at[0]);
    if (query->columns.n == 0)
        ct_kql_refuse(b->job, node->at, "the table has no columns");
    ct_kql_column *column = query->columns.at[0];
    ct_kql_expr *expr = ct_kql_new_expr(b, KE_QUERY, column->type, node->at);
    expr->query = query;
    expr->n_reads = query->n_reads;
    expr->is_constant = true;
    expr->may_be_nan = column->may_be_nan;
    return expr;
}

static bool is_true_literal(const ct_kql_expr *expr)
{
    return expr->kind == KE_LITERAL && expr->integer != 0;
}

/* prev(x [, offset [, default]]) and next(). */
static ct_kql_expr *bind_neighbour(ct_kql_scope *scope, const ct_kql_node *node)
{
    ct_kql_binder *b = scope->b;
    if (node->items.n < 1 || node->items.n > 3)
        fail_arguments(b, node, "a value, an offset and a default");
    ct_kql_expr *value = ct_kql_bind_expr(scope, node->items.at[0]);
    if (value->kind != KE_COLUMN)
        fail_arguments(b, node, "a column");
    ct_kql_expr *offset = node->items.n > 1 ? ct_kql_bind_expr(scope, node->items.at[1])
                                            : ct_kql_new_long(b, 1, node->at);
    if (!ct_kql_is_integer(offset->type) || offset->kind != KE_LITERAL || offset->integer < 1)
        ct_kql_refuse(b->job, node->at, "the offset of %s is a number above zero",
                      ct_kql_quote(b->job, node->text));
    ct_kql_exprs values = {NULL, 0};
    ct_kql_push_expr(b->job, &values, value);
    ct_kql_push_expr(b->job, &values,
                     node->items.n > 2 ? ct_kql_bind_expr(scope, node->items.at[2])
                                       : ct_kql_new_null(b, value->type, node->at));
    if (value->type == CT_KQL_INT && values.at[1]->type == CT_KQL_LONG)
        values.at[1] = ct_kql_convert(b, values.at[1], CT_KQL_INT);
    if (node->items.n > 2)
        unify(b, &values, node->text);
    if (!values.at[1]->is_constant)
        ct_kql_refuse(b->job, node->at, "the default of %s is the same for every row",
                      ct_kql_quote(b->job, node->text));
    bool is_prev = ct_span_is(node->text, "prev");
    ct_kql_expr *call =
        ct_kql_new_call(b, is_prev ? "lag($1, $2, $3) OVER $w" : "lead($1, $2, $3) OVER $w",
                        values.at[0]->type, node->at, 3, values.at[0], offset, values.at[1]);
    call->may_be_nan = values.at[0]->may_be_nan || values.at[1]->may_be_nan;
    return call;
}

static ct_kql_expr *hoist_window(ct_kql_scope *scope, ct_kql_expr *window)
{
    window->is_window = true;
    window->is_constant = false;
    return ct_kql_hoist(scope, window);
}

/* The number of the run of rows that a row belongs to: it grows where the condition holds. */
static ct_kql_expr *bind_restart(ct_kql_scope *scope, const ct_kql_node *node)
{
    ct_kql_expr *restart = ct_kql_bind_bool(scope, node);
    if (restart->kind == KE_LITERAL && !is_true_literal(restart))
        return NULL;
    if (restart->is_window)
        restart = ct_kql_hoist(scope, restart);
    ct_kql_expr *run = ct_kql_new_call(scope->b, "count(CASE WHEN $1 THEN 1 END) OVER $f",
                                       CT_KQL_LONG, node->at, 1, restart);
    run->is_window = true;
    run->is_constant = false;
    return ct_kql_hoist(scope, run);
}

/* row_cumsum(x [, restart]), row_rank_dense(x [, restart]), row_rank_min(x [, restart]). */
static ct_kql_expr *bind_running(ct_kql_scope *scope, const ct_kql_node *node)
{
    ct_kql_binder *b = scope->b;
    if (node->items.n < 1 || node->items.n > 2)
        fail_arguments(b, node, "a value and a condition of restart");
    ct_kql_expr *value = ct_kql_bind_expr(scope, node->items.at[0]);
    if (value->is_window || !value->is_constant)
        value = ct_kql_hoist(scope, value);
    ct_kql_expr *group = node->items.n == 2 ? bind_restart(scope, node->items.at[1]) : NULL;
    if (ct_span_is(node->text, "row_cumsum")) {
        if (value->type == CT_KQL_DYNAMIC ||
            (!ct_kql_is_number(value->type) && value->type != CT_KQL_TIMESPAN))
            ct_kql_refuse(b->job, node->at, "row_cumsum sums numbers and timespans, not a %s",
                          ct_kql_type_name(value->type));
        bool is_real = value->type == CT_KQL_REAL;
        const char *sql =
            is_real ? (group ? "kql_agg_sum_real($1) OVER $h2" : "kql_agg_sum_real($1) OVER $f")
                    : (group ? "kql_agg_sum($1) OVER $h2" : "kql_agg_sum($1) OVER $f");
        ct_kql_type type = value->type;
        ct_kql_expr *call = group ? ct_kql_new_call(b, sql, type, node->at, 2, value, group)
                                  : ct_kql_new_call(b, sql, type, node->at, 1, value);
        call->is_nullable = false;
        return call;
    }
    /* A rank grows where the value differs from the row before. */
    ct_kql_expr *before =
        ct_kql_hoist(scope, ct_kql_new_call(b, group ? "lag($1) OVER $g2" : "lag($1) OVER $w",
                                            value->type, node->at, group ? 2 : 1, value, group));
    ct_kql_expr *number = hoist_window(
        scope, ct_kql_new_call(b, group ? "row_number() OVER $g1" : "row_number() OVER $w",
                               CT_KQL_LONG, node->at, group ? 1 : 0, group));
    bool is_dense = ct_span_is(node->text, "row_rank_dense");
    ct_kql_expr *step = ct_kql_hoist(
        scope, ct_kql_new_call(b,
                               is_dense ? "CASE WHEN $3 = 1 OR $1 IS NOT $2 THEN 1 ELSE 0 END"
                                        : "CASE WHEN $3 = 1 OR $1 IS NOT $2 THEN $3 ELSE 0 END",
                               CT_KQL_LONG, node->at, 3, value, before, number));
    const char *sql = is_dense ? (group ? "sum($1) OVER $h2" : "sum($1) OVER $f")
                               : (group ? "max($1) OVER $h2" : "max($1) OVER $f");
    ct_kql_expr *call = ct_kql_new_call(b, sql, CT_KQL_LONG, node->at, group ? 2 : 1, step, group);
    call->is_nullable = false;
    return call;
}

/* row_number([first [, restart]]) */
static ct_kql_expr *bind_row_number(ct_kql_scope *scope, const ct_kql_node *node)
{
    ct_kql_binder *b = scope->b;
    if (node->items.n > 2)
        fail_arguments(b, node, "the first number and a condition of restart");
    ct_kql_expr *first = node->items.n > 0 ? ct_kql_bind_expr(scope, node->items.at[0])
                                           : ct_kql_new_long(b, 1, node->at);
    if (!ct_kql_is_integer(first->type) || !first->is_constant)
        fail_arguments(b, node, "a first number that is the same for every row");
    ct_kql_expr *group = node->items.n > 1 ? bind_restart(scope, node->items.at[1]) : NULL;
    ct_kql_expr *number;
    if (group)
        number = ct_kql_new_call(b, "(row_number() OVER $g2 - 1 + $1)", CT_KQL_LONG, node->at, 2,
                                 first, group);
    else if (node->items.n > 0)
        number =
            ct_kql_new_call(b, "(row_number() OVER $w - 1 + $1)", CT_KQL_LONG, node->at, 1, first);
    else
        number = ct_kql_new_call(b, "row_number() OVER $w", CT_KQL_LONG, node->at, 0);
    number->is_nullable = false;
    return number;
}

static ct_kql_expr *bind_column_ifexists(ct_kql_scope *scope, const ct_kql_node *node)
{
    ct_kql_binder *b = scope->b;
    if (node->items.n != 2 || node->items.at[0]->kind != KN_LITERAL ||
        node->items.at[0]->type != CT_KQL_STRING)
        fail_arguments(b, node, "the name of a column, as a string, and a value");
    ct_kql_column *column = ct_kql_find_column(scope->input, node->items.at[0]->text);
    if (column)
        return ct_kql_new_column_expr(b, column, node->at);
    return ct_kql_bind_expr(scope, node->items.at[1]);
}

/* pack_all(): a bag of every column. */
static ct_kql_expr *bind_pack_all(ct_kql_scope *scope, const ct_kql_node *node)
{
    ct_kql_binder *b = scope->b;
    const ct_kql_node *ignores = node->items.n > 0 ? node->items.at[0] : NULL;
    if (node->items.n > 1 || !scope->input ||
        (ignores && (ignores->kind != KN_LITERAL || ignores->type != CT_KQL_BOOL)))
        fail_arguments(b, node, "true or false or nothing, where there is a row");
    bool is_all = !ignores || !ignores->integer;
    ct_kql_expr *call = ct_kql_new_call(b, is_all ? "kql_pack($*)" : "kql_pack_filled($*)",
                                        CT_KQL_DYNAMIC, node->at, 0);
    for (size_t i = 0; i < scope->input->columns.n; i++) {
        ct_kql_column *column = scope->input->columns.at[i];
        ct_kql_expr *key = ct_kql_new_expr(b, KE_LITERAL, CT_KQL_STRING, node->at);
        key->text = column->name;
        ct_kql_add_arg(b, call, key);
        ct_kql_add_arg(
            b, call,
            ct_kql_convert(b, ct_kql_new_column_expr(b, column, node->at), CT_KQL_DYNAMIC));
    }
    call->is_constant = false;
    return call;
}

typedef ct_kql_expr *bind_special(ct_kql_scope *scope, const ct_kql_node *node);

/* clang-format off */
static const struct {
    const char *name;
    bind_special *bind;
    bool is_window;
} specials[] = {
    {"iff", bind_case, false},             {"iif", bind_case, false},
    {"case", bind_case, false},            {"coalesce", bind_coalesce, false},
    {"now", bind_now, false},              {"ago", bind_now, false},
    {"toscalar", bind_toscalar, false},    {"prev", bind_neighbour, true},
    {"next", bind_neighbour, true},        {"row_cumsum", bind_running, true},
    {"row_rank_dense", bind_running, true},{"row_rank_min", bind_running, true},
    {"row_number", bind_row_number, true},
    {"column_ifexists", bind_column_ifexists, false},
    {"columnifexists", bind_column_ifexists, false},
    {"pack_all", bind_pack_all, false},
};

/* Other names of the same. */
static const struct { const char *name, *means; } aliases[] = {
    {"todynamic", "parse_json"}, {"parsejson", "parse_json"}, {"toobject", "parse_json"},
    {"toreal", "todouble"}, {"toboolean", "tobool"}, {"pack", "bag_pack"}, {"floor", "bin"},
    {"pack_dictionary", "bag_pack"}, {"notempty", "isnotempty"}, {"notnull", "isnotnull"},
    {"base64_encodestring", "base64_encode_tostring"}, {"arraylength", "array_length"},
    {"base64_decodestring", "base64_decode_tostring"},
};
/* clang-format on */

/* ---- aggregates ----------------------------------------------------------------------------- */

static const ct_kql_aggregate *find_aggregate(ct_span name)
{
    for (size_t i = 0; i < ct_kql_n_aggregates; i++)
        if (ct_span_is(name, ct_kql_aggregates[i].name))
            return &ct_kql_aggregates[i];
    return NULL;
}

bool ct_kql_is_aggregate(ct_span name)
{
    return find_aggregate(name) || ct_span_is(name, "percentiles") || ct_span_is(name, "arg_max") ||
           ct_span_is(name, "arg_min") || ct_span_is(name, "argmax") || ct_span_is(name, "argmin");
}

ct_span ct_kql_aggregate_name(ct_kql_binder *b, const ct_kql_node *node)
{
    const ct_kql_aggregate *row = node->kind == KN_CALL ? find_aggregate(node->text) : NULL;
    if (!row)
        return (ct_span){"", 0};
    ct_span argument = {"", 0};
    if (node->items.n > 0)
        argument = ct_kql_auto_name(b, node->items.at[0]);
    if (ct_span_is(node->text, "percentile") && node->items.n > 1) {
        const ct_kql_node *p = node->items.at[1];
        ct_span written = {b->job->text.p + p->at, p->end - p->at};
        char *clean = ct_kql_new(b->job, written.n + 1);
        for (size_t i = 0; i < written.n; i++)
            clean[i] = written.p[i] == '.' ? '_' : written.p[i];
        return ct_kql_printf(b->job, "percentile_%.*s_%s", (int)argument.n, argument.p, clean);
    }
    return ct_kql_printf(b->job, "%s%.*s", row->label, (int)argument.n, argument.p);
}

static ct_kql_expr *bind_aggregate(ct_kql_scope *scope, const ct_kql_node *node)
{
    ct_kql_binder *b = scope->b;
    ct_kql_scope inside = *scope;
    inside.may_aggregate = inside.may_window = false;
    ct_kql_exprs given = {NULL, 0};
    for (size_t i = 0; i < node->items.n; i++)
        ct_kql_push_expr(b->job, &given, ct_kql_bind_expr(&inside, node->items.at[i]));
    for (int pass = 0; pass < N_PASSES; pass++) {
        for (size_t i = 0; i < ct_kql_n_aggregates; i++) {
            const ct_kql_aggregate *row = &ct_kql_aggregates[i];
            if (!ct_span_is(node->text, row->name) || !all_fit(row->args, &given, pass))
                continue;
            ct_kql_expr *call = call_row(b, row->name, row->args, row->result, row->sql, row->flags,
                                         &given, node->at);
            call->is_aggregate = true;
            call->is_constant = false;
            if (call->type == CT_KQL_STRING) /* over no rows SQLite gives NULL */
                call->sql = ct_kql_printf(b->job, "ifnull(%s, '')", call->sql).p;
            return call;
        }
    }
    ct_kql_refuse(b->job, node->at, "%s does not take these arguments",
                  ct_kql_quote(b->job, node->text));
}

/* ---- all of them ---------------------------------------------------------------------------- */

static ct_kql_expr *bind_by_table(ct_kql_scope *scope, const ct_kql_node *node)
{
    ct_kql_binder *b = scope->b;
    ct_span name = node->text;
    bool is_known = false;
    ct_kql_exprs given = {NULL, 0};
    for (size_t i = 0; i < ct_kql_n_scalars && !is_known; i++)
        is_known = ct_span_is(name, ct_kql_scalars[i].name);
    if (!is_known)
        ct_kql_refuse(b->job, node->at, "the function %s is not known or not supported",
                      ct_kql_quote(b->job, name));
    for (size_t i = 0; i < node->items.n; i++)
        ct_kql_push_expr(b->job, &given, ct_kql_bind_expr(scope, node->items.at[i]));
    ct_kql_expr *folded = ct_span_is(name, "pack_array") && given.n > 0
                              ? ct_kql_fold_array(b, &given, node->at)
                              : NULL;
    if (folded)
        return folded;
    for (int pass = 0; pass < N_PASSES; pass++) {
        for (size_t i = 0; i < ct_kql_n_scalars; i++) {
            const ct_kql_function *row = &ct_kql_scalars[i];
            if (!ct_span_is(name, row->name) || !all_fit(row->args, &given, pass))
                continue;
            return call_row(b, row->name, row->args, row->result, row->sql, row->flags, &given,
                            node->at);
        }
    }
    ct_kql_refuse(b->job, node->at, "%s does not take %zu arguments of these types",
                  ct_kql_quote(b->job, name), given.n);
}

static ct_kql_expr *bind_named_call(ct_kql_scope *scope, const ct_kql_node *node)
{
    ct_kql_binder *b = scope->b;
    if (ct_kql_is_aggregate(node->text)) {
        if (!scope->may_aggregate)
            ct_kql_refuse(b->job, node->at, "the aggregate %s stands outside of summarize",
                          ct_kql_quote(b->job, node->text));
        return bind_aggregate(scope, node);
    }
    if (ct_span_is(node->text, "gettype") && node->items.n == 1)
        return bind_gettype(scope, node);
    if (ct_span_is(node->text, "extract") && node->items.n == 4 &&
        node->items.at[3]->kind == KN_TYPEOF)
        return bind_typed_extract(scope, node);
    for (size_t i = 0; i < sizeof specials / sizeof specials[0]; i++) {
        if (!ct_span_is(node->text, specials[i].name))
            continue;
        if (specials[i].is_window && !scope->may_window)
            ct_kql_refuse(b->job, node->at, "%s needs rows in an order: sort or serialize first",
                          ct_kql_quote(b->job, node->text));
        ct_kql_expr *expr = specials[i].bind(scope, node);
        if (specials[i].is_window) {
            expr->is_window = true;
            expr->is_constant = false;
        }
        return expr;
    }
    return bind_by_table(scope, node);
}

/* countof(text, what, "regex") and the other kinds. */
static ct_kql_expr *bind_countof(ct_kql_scope *scope, const ct_kql_node *node)
{
    const ct_kql_node *kind = node->items.at[2];
    ct_kql_node plain = *node;
    plain.items.n = 2;
    ct_kql_expr *call = ct_kql_bind_expr(scope, &plain);
    if (kind->kind != KN_LITERAL || kind->type != CT_KQL_STRING ||
        (!ct_span_is(kind->text, "regex") && !ct_span_is(kind->text, "normal")))
        ct_kql_refuse(scope->b->job, kind->at, "'normal' or 'regex' expected");
    if (ct_span_is(kind->text, "regex"))
        call->sql = "kql_countof_regex($*)";
    return call;
}

ct_kql_expr *ct_kql_bind_scalar_function(ct_kql_scope *scope, const ct_kql_node *node,
                                         const ct_kql_meaning *function)
{
    ct_kql_expr *scalar = NULL;
    ct_kql_bind_function(scope, node, function, &scalar);
    if (!scalar)
        ct_kql_refuse(scope->b->job, node->at, "%s gives a table, not a value",
                      ct_kql_quote(scope->b->job, node->text));
    return scalar;
}

ct_kql_expr *ct_kql_bind_call(ct_kql_scope *scope, const ct_kql_node *node)
{
    ct_kql_binder *b = scope->b;
    const ct_kql_meaning *meaning = ct_kql_find_meaning(scope->names, node->text);
    if (meaning && ct_kql_is_function(meaning))
        return ct_kql_bind_scalar_function(scope, node, meaning);
    for (size_t i = 0; i < node->items.n; i++)
        if (node->items.at[i]->kind == KN_NAMED)
            ct_kql_refuse(b->job, node->items.at[i]->at,
                          "an argument of a built-in function has no name");
    ct_kql_node renamed = *node;
    for (size_t i = 0; i < sizeof aliases / sizeof aliases[0]; i++)
        if (ct_span_is(node->text, aliases[i].name))
            renamed.text = (ct_span){aliases[i].means, strlen(aliases[i].means)};
    if (ct_span_is(node->text, "floor") && node->items.n != 2)
        fail_arguments(b, node, "a value and a step");
    if (ct_span_is(node->text, "countof") && node->items.n == 3)
        return bind_countof(scope, node);
    return bind_named_call(scope, &renamed);
}
