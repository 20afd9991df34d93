/* The binder's summarize: keys, aggregates, arg_max and arg_min. */
#include "kql/bind_step.h"

#include <string.h>

typedef struct summary {
    ct_kql_scope *scope;
    ct_kql_binder *b;
    const ct_kql_node *node;
    ct_kql_columns keys, results;
    ct_kql_columns named; /* columns whose names were written: no automatic one takes them */
    int n_unnamed;
    int n_extremes; /* min, max, arg_min, arg_max among the aggregates */
} summary;

static bool is_named(const ct_kql_columns *list, ct_span name)
{
    for (size_t i = 0; i < list->n; i++)
        if (list->at[i]->name.n == name.n && memcmp(list->at[i]->name.p, name.p, name.n) == 0)
            return true;
    return false;
}

static void remember(summary *s, ct_span name, size_t at)
{
    if (is_named(&s->named, name))
        ct_kql_refuse(s->b->job, at, "the name %s is given twice", ct_kql_quote(s->b->job, name));
    ct_kql_column *column = ct_kql_new(s->b->job, sizeof *column);
    column->name = name;
    ct_kql_push_column(s->b, &s->named, column);
}

static bool is_taken(summary *s, ct_span name)
{
    return is_named(&s->named, name) || is_named(&s->keys, name) || is_named(&s->results, name);
}

static ct_span free_name(summary *s, ct_span name)
{
    if (name.n == 0) {
        do
            name = ct_kql_printf(s->b->job, "Column%d", ++s->n_unnamed);
        while (is_taken(s, name));
        return name;
    }
    ct_span base = name;
    for (int number = 1; is_taken(s, name); number++)
        name = ct_kql_printf(s->b->job, "%.*s%d", (int)base.n, base.p, number);
    return name;
}

static ct_span expected_name(summary *s, ct_span name)
{
    return name.n > 0 ? free_name(s, name) : free_name(s, (ct_span){"", 0});
}

/* ---- keys ----------------------------------------------------------------------------------- */

static void bind_key(summary *s, const ct_kql_node *item)
{
    ct_kql_binder *b = s->b;
    const ct_kql_node *value_node = item->kind == KN_NAMED ? item->left : item;
    ct_kql_scope *scope = s->scope;
    scope->may_window = scope->input->is_serialized;
    ct_kql_expr *value = ct_kql_bind_expr(scope, value_node);
    if (value->type == CT_KQL_DYNAMIC)
        ct_kql_refuse(b->job, item->at, "rows cannot be grouped by a dynamic value (use tostring)");
    if (value->is_window)
        value = ct_kql_hoist(scope, value);
    ct_span name = item->kind == KN_NAMED ? item->text : ct_kql_auto_name(b, item);
    if (item->kind != KN_NAMED) {
        if (item->kind == KN_NAME && is_named(&s->keys, name))
            ct_kql_refuse(b->job, item->at, "the name %s is given twice",
                          ct_kql_quote(b->job, name));
        name = expected_name(s, name);
    }
    ct_kql_push_column(b, &s->keys, ct_kql_new_column(b, NULL, name, value));
}

/* ---- arg_max, arg_min ----------------------------------------------------------------------- */

static const ct_kql_node *value_of(const ct_kql_node *item)
{
    return item->kind == KN_NAMED ? item->left : item;
}

static bool is_extreme_row(const ct_kql_node *node)
{
    return node->kind == KN_CALL &&
           (ct_span_is(node->text, "arg_max") || ct_span_is(node->text, "arg_min") ||
            ct_span_is(node->text, "argmax") || ct_span_is(node->text, "argmin"));
}

/* Whether a min() or max() of SQLite's will be in it. */
static bool has_extreme(const ct_kql_node *node)
{
    if (!node)
        return false;
    if (node->kind == KN_CALL && (ct_span_is(node->text, "min") || ct_span_is(node->text, "max") ||
                                  ct_span_is(node->text, "minif") ||
                                  ct_span_is(node->text, "maxif") || is_extreme_row(node)))
        return true;
    for (size_t i = 0; i < node->items.n; i++)
        if (has_extreme(node->items.at[i]))
            return true;
    return has_extreme(node->left) || has_extreme(node->right);
}

static ct_kql_expr *as_aggregate(ct_kql_expr *expr)
{
    expr->is_aggregate = true;
    expr->is_constant = false;
    return expr;
}

/* The number of the row within its group by an order of $1; a hidden column of a step before. */
static ct_kql_expr *number_rows(summary *s, ct_kql_expr *value, const char *order, size_t at)
{
    ct_kql_binder *b = s->b;
    ct_kql_expr *rank = ct_kql_new_call(b, "", CT_KQL_LONG, at, 0);
    if (value)
        ct_kql_add_arg(b, rank, value);
    size_t n_values = rank->args.n;
    for (size_t i = 0; i < s->keys.n; i++)
        ct_kql_add_arg(b, rank, s->keys.at[i]->value);
    if (s->scope->input->partition)
        ct_kql_add_arg(b, rank, ct_kql_new_column_expr(b, s->scope->input->partition, at));
    ct_span partition = {"", 0};
    if (rank->args.n > n_values)
        partition = ct_kql_printf(b->job, "PARTITION BY $%zu* ", n_values + 1);
    rank->sql =
        ct_kql_printf(b->job, "row_number() OVER (%.*s%s)", (int)partition.n, partition.p, order).p;
    rank->is_window = true;
    rank->is_constant = false;
    return ct_kql_hoist(s->scope, rank);
}

/* The best row of the group first. */
static ct_kql_expr *rank_rows(summary *s, ct_kql_expr *value, bool is_max)
{
    ct_span order =
        ct_kql_printf(s->b->job, "ORDER BY $1 IS NULL, %s$1%s$o",
                      value->may_be_nan ? "$1 = 'NaN' DESC, " : "", is_max ? " DESC" : "");
    return number_rows(s, value, order.p, value->at);
}

/* The value in the row that ranks first. */
static ct_kql_expr *pick(summary *s, ct_kql_expr *value, ct_kql_expr *rank, bool is_alone)
{
    ct_kql_expr *picked = is_alone ? ct_kql_new_call(s->b, "$1", value->type, value->at, 1, value)
                                   : ct_kql_new_call(s->b, "max(CASE WHEN $2 = 1 THEN $1 END)",
                                                     value->type, value->at, 2, value, rank);
    picked->may_be_nan = value->may_be_nan;
    picked->is_nullable = value->type != CT_KQL_STRING;
    if (value->type == CT_KQL_STRING && is_alone)
        picked->sql = "ifnull($1, '')"; /* without by and without rows there is no row */
    else if (value->type == CT_KQL_STRING)
        picked->sql = "ifnull(max(CASE WHEN $2 = 1 THEN $1 END), '')";
    return as_aggregate(picked);
}

static ct_kql_column *push_result(summary *s, ct_span name, ct_kql_expr *value)
{
    ct_kql_column *column = ct_kql_new_column(s->b, NULL, name, value);
    ct_kql_push_column(s->b, &s->results, column);
    return column;
}

static void bind_extreme_row(summary *s, const ct_kql_node *item)
{
    ct_kql_binder *b = s->b;
    const ct_kql_node *call = value_of(item);
    bool is_max = ct_span_is(call->text, "arg_max") || ct_span_is(call->text, "argmax");
    if (call->items.n < 1)
        ct_kql_refuse(b->job, call->at, "%s takes what is looked for, and the columns to give",
                      ct_kql_quote(b->job, call->text));
    ct_kql_scope *scope = s->scope;
    ct_kql_expr *value = ct_kql_bind_expr(scope, call->items.at[0]);
    if (value->type == CT_KQL_DYNAMIC)
        ct_kql_refuse(b->job, call->at, "%s does not order a %s", ct_kql_quote(b->job, call->text),
                      ct_kql_type_name(value->type));
    bool is_alone = s->n_extremes == 1 && !value->may_be_nan;
    ct_kql_expr *rank = is_alone ? NULL : rank_rows(s, value, is_max);

    ct_kql_nodes names = item->kind == KN_NAMED ? item->items : (ct_kql_nodes){NULL, 0};
    size_t n_names = 0; /* used of names */
    ct_span name;
    if (item->kind == KN_NAMED && names.n == 0)
        name = item->text;
    else if (n_names < names.n)
        name = names.at[n_names++]->text;
    else {
        name = ct_kql_auto_name(b, call->items.at[0]);
        if (name.n == 0)
            name = ct_kql_printf(b->job, "%s_", is_max ? "max" : "min");
        name = free_name(s, name);
    }
    ct_kql_expr *best;
    if (is_alone) {
        best = as_aggregate(
            ct_kql_new_call(b, is_max ? "max($1)" : "min($1)", value->type, value->at, 1, value));
        best->may_be_nan = value->may_be_nan;
        if (value->type == CT_KQL_STRING)
            best->sql = is_max ? "ifnull(max($1), '')" : "ifnull(min($1), '')";
    } else {
        best = pick(s, value, rank, false);
    }
    ct_kql_column *leader = push_result(s, name, best);

    for (size_t i = 1; i < call->items.n; i++) {
        const ct_kql_node *argument = call->items.at[i];
        if (argument->kind != KN_STAR) {
            ct_kql_expr *given = ct_kql_bind_expr(scope, value_of(argument));
            if (argument->kind == KN_NAMED)
                name = argument->text;
            else if (n_names < names.n)
                name = names.at[n_names++]->text;
            else
                name = expected_name(s, ct_kql_auto_name(b, argument));
            push_result(s, name, pick(s, given, rank, is_alone))->leader = leader;
            continue;
        }
        const ct_kql_columns *columns = &scope->input->columns;
        for (size_t c = 0; c < columns->n; c++) {
            ct_kql_column *column = columns->at[c];
            bool is_key = value->kind == KE_COLUMN && value->column == column;
            for (size_t k = 0; k < s->keys.n && !is_key; k++)
                is_key = s->keys.at[k]->value->kind == KE_COLUMN &&
                         s->keys.at[k]->value->column == column;
            if (!is_key)
                push_result(
                    s, free_name(s, column->name),
                    pick(s, ct_kql_new_column_expr(b, column, argument->at), rank, is_alone))
                    ->leader = leader;
        }
    }
    if (n_names < names.n)
        ct_kql_refuse(b->job, names.at[n_names]->at, "more names than values");
}

/* The value in one row of the group, the first; the rank is the same for all that are asked for. */
static void push_any(summary *s, const ct_kql_node *call, ct_kql_expr *value, ct_span name,
                     ct_kql_expr *rank)
{
    if (ct_span_is(call->text, "any")) /* the old name of take_any() */
        name = ct_kql_printf(s->b->job, "any_%.*s", (int)name.n, name.p);
    push_result(s, expected_name(s, name), pick(s, value, rank, false));
}

/* take_any(*), take_any(a, b): all of one row. */
static bool bind_take_any(summary *s, const ct_kql_node *item)
{
    ct_kql_binder *b = s->b;
    const ct_kql_node *call = value_of(item);
    if (call->kind != KN_CALL ||
        !(ct_span_is(call->text, "take_any") || ct_span_is(call->text, "any")) ||
        (call->items.n == 1 && call->items.at[0]->kind != KN_STAR))
        return false;
    if (item->kind == KN_NAMED)
        ct_kql_refuse(b->job, item->at, "a name for several values is not supported here");
    const ct_kql_columns *columns = &s->scope->input->columns;
    ct_kql_exprs values = {NULL, 0};
    for (size_t i = 0; i < call->items.n; i++)
        ct_kql_push_expr(b->job, &values,
                         call->items.at[i]->kind == KN_STAR
                             ? NULL
                             : ct_kql_bind_expr(s->scope, call->items.at[i]));
    ct_kql_expr *rank = number_rows(s, NULL, "$O", call->at);
    for (size_t i = 0; i < call->items.n; i++) {
        if (values.at[i]) {
            push_any(s, call, values.at[i], ct_kql_auto_name(b, call->items.at[i]), rank);
            continue;
        }
        for (size_t c = 0; c < columns->n; c++)
            if (!is_named(&s->keys, columns->at[c]->name))
                push_any(s, call, ct_kql_new_column_expr(b, columns->at[c], call->at),
                         columns->at[c]->name, rank);
    }
    return true;
}

/* ---- aggregates ----------------------------------------------------------------------------- */

static void bind_result(summary *s, const ct_kql_node *item)
{
    ct_kql_binder *b = s->b;
    if (is_extreme_row(value_of(item))) {
        bind_extreme_row(s, item);
        return;
    }
    if (bind_take_any(s, item))
        return;
    if (item->kind == KN_NAMED && item->items.n > 0)
        ct_kql_refuse(b->job, item->at, "several names for one value are not supported here");
    ct_kql_scope *scope = s->scope;
    scope->may_aggregate = true;
    ct_kql_expr *value = ct_kql_bind_expr(scope, value_of(item));
    scope->may_aggregate = false;
    if (!value->is_aggregate && !value->is_constant)
        ct_kql_refuse(b->job, item->at, "an aggregate is expected here");
    ct_span name;
    if (item->kind == KN_NAMED)
        name = item->text;
    else
        name = expected_name(s, ct_kql_aggregate_name(b, item));
    push_result(s, name, value);
}

/* percentiles(x, a, b) is percentile(x, a), percentile(x, b). */
static void bind_percentiles(summary *s, const ct_kql_node *call)
{
    if (call->items.n < 2)
        ct_kql_refuse(s->b->job, call->at, "'percentiles' takes a value and percentiles of it");
    for (size_t i = 1; i < call->items.n; i++) {
        ct_kql_node one = *call;
        one.text = (ct_span){"percentile", 10};
        one.items = (ct_kql_nodes){NULL, 0};
        ct_kql_push(s->b->job, &one.items, call->items.at[0]);
        ct_kql_push(s->b->job, &one.items, call->items.at[i]);
        bind_result(s, &one);
    }
}

static void bind_item(summary *s, const ct_kql_node *item)
{
    const ct_kql_node *call = value_of(item);
    if (call->kind == KN_CALL && ct_span_is(call->text, "percentiles") && item == call)
        bind_percentiles(s, call);
    else
        bind_result(s, item);
}

static void own(ct_kql_binder *b, ct_kql_step *step, ct_kql_columns *columns)
{
    for (size_t i = 0; i < columns->n; i++) {
        columns->at[i]->maker = step;
        ct_kql_push_column(b, &step->columns, columns->at[i]);
    }
}

/* Whether it gathers values in the order of the rows. */
static bool reads_in_order(const ct_kql_expr *expr)
{
    if (expr->kind == KE_CALL &&
        (strncmp(expr->sql, "kql_agg_list", 12) == 0 ||
         strncmp(expr->sql, "kql_agg_set", 11) == 0 || strstr(expr->sql, "kql_agg_any")))
        return true;
    for (size_t i = 0; i < expr->args.n; i++)
        if (reads_in_order(expr->args.at[i]))
            return true;
    return false;
}

ct_kql_step *ct_kql_bind_summarize(ct_kql_scope *scope, const ct_kql_node *node)
{
    ct_kql_binder *b = scope->b;
    summary s = {.scope = scope, .b = b, .node = node};
    for (size_t i = 0; i < node->more.n; i++)
        if (node->more.at[i]->kind == KN_NAMED)
            remember(&s, node->more.at[i]->text, node->more.at[i]->at);
    for (size_t i = 0; i < node->items.n; i++) {
        const ct_kql_node *item = node->items.at[i];
        if (item->kind == KN_NAMED && item->items.n == 0)
            remember(&s, item->text, item->at);
        for (size_t k = 0; item->kind == KN_NAMED && k < item->items.n; k++)
            remember(&s, item->items.at[k]->text, item->items.at[k]->at);
        s.n_extremes += has_extreme(node->items.at[i]);
    }
    for (size_t i = 0; i < node->more.n; i++)
        bind_key(&s, node->more.at[i]);
    for (size_t i = 0; i < node->items.n; i++)
        bind_item(&s, node->items.at[i]);

    ct_kql_step *step = ct_kql_new_step(b, KS_SELECT, "summarize", scope->input, node);
    step->columns = (ct_kql_columns){NULL, 0};
    step->hidden = (ct_kql_columns){NULL, 0};
    step->is_group = true;
    step->unique = NULL;
    own(b, step, &s.keys);
    step->n_keys = s.keys.n;
    own(b, step, &s.results);
    for (size_t i = 0; i < s.results.n; i++)
        step->needs_order |= step->n_order > 0 && reads_in_order(s.results.at[i]->value);
    step->order = NULL;
    step->n_order = 0;
    step->is_serialized = false;
    if (step->partition)
        ct_kql_push_column(b, &step->hidden, step->partition);
    if (step->evidence) {
        ct_kql_expr *events =
            ct_kql_new_call(b, "kql_evidence($1)", CT_KQL_DYNAMIC, node->at, 1,
                            ct_kql_new_column_expr(b, scope->input->evidence, node->at));
        step->evidence = ct_kql_new_column(b, step, (ct_span){":events", 7}, as_aggregate(events));
        ct_kql_push_column(b, &step->hidden, step->evidence);
    }
    return ct_kql_close_step(b, step, node->at);
}

ct_kql_step *ct_kql_gather(ct_kql_binder *b, ct_kql_step *table, ct_kql_column *column, size_t at)
{
    ct_kql_step *step = ct_kql_new_step(b, KS_SELECT, "list", table, NULL);
    ct_kql_expr *value = ct_kql_convert(b, ct_kql_new_column_expr(b, column, at), CT_KQL_DYNAMIC);
    value = as_aggregate(ct_kql_new_call(b, "kql_agg_list($1)", CT_KQL_DYNAMIC, at, 1, value));
    step->columns = step->hidden = (ct_kql_columns){NULL, 0};
    step->order = NULL;
    step->n_order = 0;
    step->evidence = NULL;
    step->is_group = true;
    ct_kql_push_column(b, &step->columns, ct_kql_new_column(b, step, column->name, value));
    return ct_kql_close_step(b, step, at);
}
