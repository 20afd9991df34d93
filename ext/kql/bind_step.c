/* The binder's steps: columns, names, and what every operator needs. */
#include "kql/bind_step.h"

#include <stdio.h>
#include <string.h>

#include "base/ascii.h"

ct_kql_step *ct_kql_new_step(ct_kql_binder *b, ct_kql_step_kind kind, const char *label,
                             ct_kql_step *input, const ct_kql_node *comment)
{
    size_t at = comment ? comment->at : 0;
    if (++b->n_steps > CT_KQL_MAX_STEPS)
        ct_kql_refuse(b->job, at,
                      "the query has more than %d steps, each let counted where it is used",
                      CT_KQL_MAX_STEPS);
    ct_kql_step *step = ct_kql_new(b->job, sizeof *step);
    step->kind = kind;
    step->label = label;
    step->comment = (ct_span){"", 0};
    if (comment)
        step->comment = (ct_span){b->job->text.p + comment->at, comment->end - comment->at};
    step->name = step->given_name = (ct_span){"", 0};
    step->table = (ct_span){"", 0};
    step->input = input;
    if (input) {
        for (size_t i = 0; i < input->columns.n; i++)
            ct_kql_push_column(b, &step->columns, input->columns.at[i]);
        for (size_t i = 0; i < input->hidden.n; i++)
            ct_kql_push_column(b, &step->hidden, input->hidden.at[i]);
        step->order = input->order;
        step->n_order = input->n_order;
        step->is_serialized = input->is_serialized;
        step->evidence = input->evidence;
        step->partition = input->partition;
        step->unique = input->unique;
    }
    return step;
}

void ct_kql_push_column(ct_kql_binder *b, ct_kql_columns *list, ct_kql_column *column)
{
    if (list->n >= CT_KQL_MAX_COLUMNS)
        ct_kql_refuse(b->job, 0, "a step has more than %d columns", CT_KQL_MAX_COLUMNS);
    list->at = ct_kql_grow(b->job, list->at, list->n, sizeof *list->at);
    list->at[list->n++] = column;
}

bool ct_kql_has_column(const ct_kql_columns *list, const ct_kql_column *column)
{
    for (size_t i = 0; i < list->n; i++)
        if (list->at[i] == column)
            return true;
    return false;
}

ct_kql_column *ct_kql_new_column(ct_kql_binder *b, ct_kql_step *maker, ct_span name,
                                 ct_kql_expr *value)
{
    ct_kql_column *column = ct_kql_new(b->job, sizeof *column);
    column->name = name;
    column->sql = (ct_span){"", 0};
    column->type = value->type;
    column->is_nullable = value->is_nullable;
    column->may_be_nan = value->may_be_nan;
    column->maker = maker;
    column->value = value;
    return column;
}

static bool is_same(ct_span a, ct_span b)
{
    return a.n == b.n && memcmp(a.p, b.p, a.n) == 0;
}

void ct_kql_put_column(ct_kql_binder *b, ct_kql_step *step, ct_kql_column *column)
{
    for (size_t i = 0; i < step->columns.n; i++) {
        if (is_same(step->columns.at[i]->name, column->name)) {
            step->columns.at[i] = column;
            return;
        }
    }
    ct_kql_push_column(b, &step->columns, column);
}

static bool is_same_but_case(ct_span a, ct_span b)
{
    if (a.n != b.n)
        return false;
    for (size_t i = 0; i < a.n; i++)
        if (ct_to_lower(a.p[i]) != ct_to_lower(b.p[i]))
            return false;
    return true;
}

ct_span ct_kql_free_name(ct_kql_binder *b, const ct_kql_columns *list, ct_span name)
{
    ct_span free_name = name;
    for (int number = 1;; number++) {
        bool is_taken = false;
        for (size_t i = 0; i < list->n && !is_taken; i++)
            is_taken = is_same(list->at[i]->name, free_name);
        if (!is_taken)
            return free_name;
        free_name = ct_kql_printf(b->job, "%.*s%d", (int)name.n, name.p, number);
    }
}

/* ---- closing a step ------------------------------------------------------------------------- */

static bool has_sql_name(const ct_kql_columns *list, const ct_kql_column *but, ct_span name)
{
    for (size_t i = 0; i < list->n; i++)
        if (list->at[i] != but && is_same_but_case(list->at[i]->sql, name))
            return true;
    return false;
}

static void name_columns(ct_kql_binder *b, ct_kql_step *step, ct_kql_columns *list)
{
    for (size_t i = 0; i < list->n; i++) {
        ct_kql_column *column = list->at[i];
        if (column->sql.n > 0)
            continue;
        ct_span name = column->name;
        for (int number = 2; has_sql_name(&step->columns, column, name) ||
                             has_sql_name(&step->hidden, column, name) || name.n == 0;
             number++)
            name = ct_kql_printf(b->job, "%.*s:%d", (int)column->name.n, column->name.p, number);
        column->sql = name;
    }
}

/* Columns that the rows are ordered by, but the result no longer has, are carried along hidden. */
static void keep_order(ct_kql_binder *b, ct_kql_step *step)
{
    for (size_t i = 0; i < step->n_order; i++) {
        ct_kql_column *column = step->order[i].column;
        if (!ct_kql_has_column(&step->columns, column) && !ct_kql_has_column(&step->hidden, column))
            ct_kql_push_column(b, &step->hidden, column);
    }
}

/* How deep SQLite's parser has to go for it. */
static int depth_of_template(const char *sql)
{
    int depth = 0, deepest = 0;
    for (; *sql; sql++) {
        depth += *sql == '(';
        depth -= *sql == ')';
        if (depth > deepest)
            deepest = depth;
    }
    return deepest;
}

enum { MAX_CALL_DEPTH = 8 };

/* The depth of the expression, after what was too deep in it became columns of steps before. */
static int shorten(ct_kql_scope *scope, ct_kql_expr *expr)
{
    int deepest = 0;
    int own = expr->kind == KE_CALL ? depth_of_template(expr->sql) : 1;
    if (expr->kind == KE_LITERAL || expr->kind == KE_COLUMN || expr->kind == KE_RAW)
        return 0;
    for (size_t i = 0; i < expr->args.n; i++) {
        int depth = shorten(scope, expr->args.at[i]);
        if (depth + own > MAX_CALL_DEPTH && !expr->args.at[i]->is_aggregate && depth > 0 &&
            scope->input) {
            expr->args.at[i] = ct_kql_hoist(scope, expr->args.at[i]);
            depth = 0;
        }
        if (depth > deepest)
            deepest = depth;
    }
    return deepest + own;
}

static void shorten_columns(ct_kql_scope *scope, ct_kql_step *step, ct_kql_columns *list)
{
    for (size_t i = 0; i < list->n; i++)
        if (list->at[i]->maker == step && list->at[i]->value)
            shorten(scope, list->at[i]->value);
}

/* SQLite joins at most 64 tables at once, and melts steps together before it counts. */
enum { MAX_TABLES = 30 };

static void count_tables(ct_kql_step *step)
{
    step->n_tables = step->input ? step->input->n_tables : 1;
    if (step->kind == KS_JOIN || step->kind == KS_EXPAND)
        step->n_tables++;
    if (step->n_tables > MAX_TABLES || step->is_group) {
        step->is_wall |= step->n_tables > MAX_TABLES;
        step->n_tables = 1;
    }
}

static size_t reads_of(const ct_kql_exprs *list)
{
    size_t n = 0;
    for (size_t i = 0; i < list->n; i++)
        n += list->at[i]->n_reads;
    return n;
}

static size_t reads_of_columns(const ct_kql_step *step, const ct_kql_columns *list)
{
    size_t n = 0;
    for (size_t i = 0; i < list->n; i++)
        if (list->at[i]->maker == step && list->at[i]->value)
            n += list->at[i]->value->n_reads;
    return n;
}

/* A full join reads both of its sides twice, and SQLite expands what is read anew each time. */
static void count_reads(ct_kql_binder *b, ct_kql_step *step, size_t at)
{
    size_t n = (step->input ? step->input->n_reads : 0) + (step->right ? step->right->n_reads : 0);
    if (step->kind == KS_JOIN && step->join == KJ_FULL)
        n *= 2;
    for (size_t i = 0; i < step->n_inputs; i++)
        n += step->inputs[i]->n_reads;
    n += reads_of(&step->filters) + reads_of(&step->args) + reads_of_columns(step, &step->columns) +
         (step->limit ? step->limit->n_reads : 0);
    step->n_reads = n + 1;
    if (step->n_reads > CT_KQL_MAX_READS)
        ct_kql_refuse(b->job, at, "the query is too large (over %d reads of its parts)",
                      CT_KQL_MAX_READS);
}

ct_kql_step *ct_kql_close_step(ct_kql_binder *b, ct_kql_step *step, size_t at)
{
    count_tables(step);
    count_reads(b, step, at);
    if (step->kind == KS_SELECT || step->kind == KS_EXPAND) {
        ct_kql_scope scope = {.b = b, .input = step->input};
        size_t n_hidden = step->input ? step->input->hidden.n : 0;
        for (size_t i = 0; i < step->filters.n; i++)
            shorten(&scope, step->filters.at[i]);
        shorten_columns(&scope, step, &step->columns);
        shorten_columns(&scope, step, &step->hidden);
        for (size_t i = 0; i < step->args.n; i++)
            shorten(&scope, step->args.at[i]);
        step->input = scope.input;
        (void)n_hidden;
    }
    keep_order(b, step);
    name_columns(b, step, &step->columns);
    name_columns(b, step, &step->hidden);
    return step;
}

ct_kql_expr *ct_kql_hoist(ct_kql_scope *scope, ct_kql_expr *expr)
{
    ct_kql_binder *b = scope->b;
    ct_kql_step *step = ct_kql_new_step(b, KS_SELECT, "part", scope->input, NULL);
    ct_kql_column *column = ct_kql_new_column(b, step, (ct_span){":part", 5}, expr);
    ct_kql_push_column(b, &step->hidden, column);
    scope->input = ct_kql_close_step(b, step, expr->at);
    return ct_kql_new_column_expr(b, column, expr->at);
}

ct_kql_step *ct_kql_filter(ct_kql_binder *b, ct_kql_step *input, const char *label,
                           ct_kql_expr *condition, const ct_kql_node *comment)
{
    ct_kql_step *step = ct_kql_new_step(b, KS_SELECT, label, input, comment);
    ct_kql_push_expr(b->job, &step->filters, condition);
    return ct_kql_close_step(b, step, condition->at);
}

ct_span ct_kql_option(const ct_kql_nodes *options, const char *name)
{
    for (size_t i = 0; i < options->n; i++)
        if (ct_span_is(options->at[i]->text, name))
            return options->at[i]->left->text;
    return (ct_span){"", 0};
}
