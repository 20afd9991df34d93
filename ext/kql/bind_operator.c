/* The binder's operators over one table, but for the long ones. */
#include "kql/bind_step.h"

#include <string.h>

static ct_kql_expr *bind_column_value(ct_kql_scope *scope, const ct_kql_node *node)
{
    scope->may_window = scope->input && scope->input->is_serialized;
    return ct_kql_bind_expr(scope, node);
}

static const ct_kql_node *value_of(const ct_kql_node *item)
{
    return item->kind == KN_NAMED ? item->left : item;
}

static bool is_in(const ct_kql_columns *list, ct_span name)
{
    for (size_t i = 0; i < list->n; i++)
        if (list->at[i]->name.n == name.n && memcmp(list->at[i]->name.p, name.p, name.n) == 0)
            return true;
    return false;
}

/* The names of items that have one, checked to be different; an item's own, or its automatic one,
 * or ColumnN. taken: columns whose names an automatic one must not take. */
typedef struct namer {
    ct_kql_binder *b;
    ct_kql_columns given; /* columns with the names so far: .name is all they have */
    const ct_kql_columns *taken;
    int n_unnamed;
    const char *unnamed; /* Column or print_ */
    size_t index;
} namer;

static void remember(namer *n, ct_span name)
{
    ct_kql_column *column = ct_kql_new(n->b->job, sizeof *column);
    column->name = name;
    ct_kql_push_column(n->b, &n->given, column);
}

static void remember_given(namer *n, const ct_kql_nodes *items)
{
    for (size_t i = 0; i < items->n; i++) {
        const ct_kql_node *item = items->at[i];
        if (item->kind != KN_NAMED)
            continue;
        if (item->items.n > 0)
            ct_kql_refuse(n->b->job, item->at,
                          "several names for one value are not supported here");
        if (is_in(&n->given, item->text))
            ct_kql_refuse(n->b->job, item->at, "the name %s is given twice",
                          ct_kql_quote(n->b->job, item->text));
        remember(n, item->text);
    }
}

static ct_span name_item(namer *n, const ct_kql_node *item)
{
    size_t index = n->index++;
    if (item->kind == KN_NAMED)
        return item->text;
    ct_span name = ct_kql_auto_name(n->b, item);
    if (name.n == 0 && n->unnamed[0] == 'p') {
        name = ct_kql_printf(n->b->job, "print_%zu", index);
    } else if (name.n == 0) {
        do
            name = ct_kql_printf(n->b->job, "Column%d", ++n->n_unnamed);
        while (is_in(&n->given, name) || (n->taken && is_in(n->taken, name)));
    }
    if (item->kind == KN_NAME && is_in(&n->given, name))
        ct_kql_refuse(n->b->job, item->at, "the name %s is given twice",
                      ct_kql_quote(n->b->job, name));
    ct_span base = name;
    for (int number = 1; is_in(&n->given, name) || (n->taken && is_in(n->taken, name)); number++)
        name = ct_kql_printf(n->b->job, "%.*s%d", (int)base.n, base.p, number);
    remember(n, name);
    return name;
}

/* ---- where ---------------------------------------------------------------------------------- */

/* Whether every column in it is one of the list, and nothing else looks beyond the row. */
static bool is_over(const ct_kql_expr *expr, const ct_kql_step *step)
{
    if (expr->is_window || expr->query)
        return false;
    if (expr->kind == KE_COLUMN)
        return ct_kql_has_column(&step->columns, expr->column) ||
               ct_kql_has_column(&step->hidden, expr->column);
    for (size_t i = 0; i < expr->args.n; i++)
        if (!is_over(expr->args.at[i], step))
            return false;
    return true;
}

/* A filter of left columns after an innerunique join goes before its de-duplication, as Kusto has
 * it; true when it went. */
static bool push_before_unique(ct_kql_binder *b, ct_kql_step *step, ct_kql_expr *condition)
{
    ct_kql_step *unique = step->unique;
    if (!unique || !ct_kql_varies(condition) || !is_over(condition, unique->input))
        return false;
    ct_kql_step *filter = ct_kql_new_step(b, KS_SELECT, "before", unique->input, NULL);
    ct_kql_push_expr(b->job, &filter->filters, condition);
    unique->input = ct_kql_close_step(b, filter, condition->at);
    return true;
}

static void push_conjuncts(ct_kql_exprs *list, ct_kql_binder *b, ct_kql_expr *condition)
{
    if (condition->kind == KE_CHAIN && strcmp(condition->sql, " AND ") == 0) {
        for (size_t i = 0; i < condition->args.n; i++)
            push_conjuncts(list, b, condition->args.at[i]);
        return;
    }
    ct_kql_push_expr(b->job, list, condition);
}

static ct_kql_step *bind_where(ct_kql_scope *scope, const ct_kql_node *node)
{
    ct_kql_binder *b = scope->b;
    scope->may_window = scope->input->is_serialized;
    ct_kql_expr *condition = ct_kql_bind_bool(scope, node->left);
    if (condition->is_window)
        condition = ct_kql_hoist(scope, condition);
    ct_kql_step *step = ct_kql_new_step(b, KS_SELECT, "where", scope->input, node);
    ct_kql_exprs conjuncts = {NULL, 0};
    push_conjuncts(&conjuncts, b, condition);
    for (size_t i = 0; i < conjuncts.n; i++)
        if (!push_before_unique(b, step, conjuncts.at[i]))
            ct_kql_push_expr(b->job, &step->filters, conjuncts.at[i]);
    return ct_kql_close_step(b, step, node->at);
}

/* ---- extend, project ------------------------------------------------------------------------ */

static ct_kql_step *bind_extend(ct_kql_scope *scope, const ct_kql_node *node, const char *label)
{
    ct_kql_binder *b = scope->b;
    namer names = {.b = b, .taken = &scope->input->columns, .unnamed = "Column"};
    remember_given(&names, &node->items);
    ct_kql_columns computed = {NULL, 0};
    for (size_t i = 0; i < node->items.n; i++) {
        const ct_kql_node *item = node->items.at[i];
        if (item->kind == KN_NAME) { /* extend x: nothing new */
            ct_kql_bind_expr(scope, item);
            continue;
        }
        ct_kql_expr *value = bind_column_value(scope, value_of(item));
        ct_kql_push_column(b, &computed,
                           ct_kql_new_column(b, NULL, name_item(&names, item), value));
    }
    ct_kql_step *step = ct_kql_new_step(b, KS_SELECT, label, scope->input, node);
    for (size_t i = 0; i < computed.n; i++) {
        computed.at[i]->maker = step;
        ct_kql_put_column(b, step, computed.at[i]);
    }
    return ct_kql_close_step(b, step, node->at);
}

/* The column itself, where the item is nothing but a column under its own name. */
static ct_kql_column *plain_column(const ct_kql_expr *value, ct_span name)
{
    return value->kind == KE_COLUMN && value->column->name.n == name.n &&
                   memcmp(value->column->name.p, name.p, name.n) == 0
               ? value->column
               : NULL;
}

static ct_kql_step *bind_project(ct_kql_scope *scope, const ct_kql_node *node, const char *label)
{
    ct_kql_binder *b = scope->b;
    bool is_print = node->kind == KN_PRINT;
    namer names = {.b = b, .unnamed = is_print ? "print_" : "Column"};
    remember_given(&names, &node->items);
    ct_kql_columns computed = {NULL, 0};
    for (size_t i = 0; i < node->items.n; i++) {
        const ct_kql_node *item = node->items.at[i];
        ct_kql_expr *value = bind_column_value(scope, value_of(item));
        ct_span name = name_item(&names, item);
        ct_kql_column *same = plain_column(value, name);
        ct_kql_push_column(b, &computed, same ? same : ct_kql_new_column(b, NULL, name, value));
    }
    ct_kql_step *step = ct_kql_new_step(b, KS_SELECT, label, scope->input, node);
    step->columns.n = 0;
    for (size_t i = 0; i < computed.n; i++) {
        if (!computed.at[i]->maker)
            computed.at[i]->maker = step;
        ct_kql_push_column(b, &step->columns, computed.at[i]);
    }
    return ct_kql_close_step(b, step, node->at);
}

/* ---- project-away, -keep, -reorder, -rename ------------------------------------------------- */

static bool matches(ct_span pattern, ct_span name)
{
    size_t p = 0, n = 0, star = SIZE_MAX, star_n = 0;
    while (n < name.n) {
        if (p < pattern.n && pattern.p[p] == '*') {
            star = p++;
            star_n = n;
        } else if (p < pattern.n && pattern.p[p] == name.p[n]) {
            p++;
            n++;
        } else if (star != SIZE_MAX) {
            p = star + 1;
            n = ++star_n;
        } else {
            return false;
        }
    }
    while (p < pattern.n && pattern.p[p] == '*')
        p++;
    return p == pattern.n;
}

/* Marks the input's columns that the pattern names; at least one. */
static void mark(ct_kql_scope *scope, const ct_kql_node *pattern, bool *marked)
{
    const ct_kql_columns *columns = &scope->input->columns;
    bool any = false;
    for (size_t i = 0; i < columns->n; i++) {
        ct_span name = columns->at[i]->name;
        if (pattern->kind == KN_PATTERN
                ? matches(pattern->text, name)
                : name.n == pattern->text.n && memcmp(name.p, pattern->text.p, name.n) == 0)
            any = marked[i] = true;
    }
    if (!any)
        ct_kql_refuse(scope->b->job, pattern->at, "there is no column %s",
                      ct_kql_quote(scope->b->job, pattern->text));
}

static ct_kql_step *bind_selection(ct_kql_scope *scope, const ct_kql_node *node, bool keeps,
                                   const char *label)
{
    ct_kql_binder *b = scope->b;
    bool *marked = ct_kql_new(b->job, scope->input->columns.n + 1);
    for (size_t i = 0; i < node->items.n; i++)
        mark(scope, node->items.at[i], marked);
    ct_kql_step *step = ct_kql_new_step(b, KS_SELECT, label, scope->input, node);
    step->columns.n = 0;
    for (size_t i = 0; i < scope->input->columns.n; i++)
        if (marked[i] == keeps)
            ct_kql_push_column(b, &step->columns, scope->input->columns.at[i]);
    return ct_kql_close_step(b, step, node->at);
}

static int compare_names(const ct_kql_column *a, const ct_kql_column *b)
{
    size_t n = a->name.n < b->name.n ? a->name.n : b->name.n;
    int order = memcmp(a->name.p, b->name.p, n);
    return order ? order : (a->name.n > b->name.n) - (a->name.n < b->name.n);
}

static ct_kql_step *bind_reorder(ct_kql_scope *scope, const ct_kql_node *node)
{
    ct_kql_binder *b = scope->b;
    const ct_kql_columns *columns = &scope->input->columns;
    bool *done = ct_kql_new(b->job, columns->n + 1);
    ct_kql_step *step = ct_kql_new_step(b, KS_SELECT, "reorder", scope->input, node);
    step->columns = (ct_kql_columns){NULL, 0};
    for (size_t i = 0; i < node->items.n; i++) {
        const ct_kql_node *item = node->items.at[i];
        bool *marked = ct_kql_new(b->job, columns->n + 1);
        mark(scope, item->kind == KN_ORDER ? item->left : item, marked);
        size_t from = step->columns.n;
        for (size_t c = 0; c < columns->n; c++)
            if (marked[c] && !done[c]) {
                ct_kql_push_column(b, &step->columns, columns->at[c]);
                done[c] = true;
            }
        for (size_t x = from + 1; item->kind == KN_ORDER && x < step->columns.n; x++)
            for (size_t y = x; y > from; y--) {
                ct_kql_column **at = step->columns.at + y - 1;
                int order = compare_names(at[0], at[1]);
                if (item->is_asc ? order <= 0 : order >= 0)
                    break;
                ct_kql_column *swap = at[0];
                at[0] = at[1];
                at[1] = swap;
            }
    }
    for (size_t c = 0; c < columns->n; c++)
        if (!done[c])
            ct_kql_push_column(b, &step->columns, columns->at[c]);
    return ct_kql_close_step(b, step, node->at);
}

static ct_kql_step *bind_rename(ct_kql_scope *scope, const ct_kql_node *node)
{
    ct_kql_binder *b = scope->b;
    ct_kql_step *step = ct_kql_new_step(b, KS_SELECT, "rename", scope->input, node);
    for (size_t i = 0; i < node->items.n; i++) {
        const ct_kql_node *item = node->items.at[i];
        if (item->kind != KN_NAMED || item->left->kind != KN_NAME)
            ct_kql_refuse(b->job, item->at, "project-rename takes new = old");
        ct_kql_column *old = ct_kql_find_column(scope->input, item->left->text);
        if (!old)
            ct_kql_refuse(b->job, item->left->at, "there is no column %s",
                          ct_kql_quote(b->job, item->left->text));
        for (size_t c = 0; c < step->columns.n; c++)
            if (step->columns.at[c] == old)
                step->columns.at[c] = ct_kql_new_column(b, step, item->text,
                                                        ct_kql_new_column_expr(b, old, item->at));
    }
    for (size_t i = 0; i < step->columns.n; i++)
        for (size_t c = 0; c < i; c++)
            if (compare_names(step->columns.at[i], step->columns.at[c]) == 0)
                ct_kql_refuse(b->job, node->at, "the name %s is given twice",
                              ct_kql_quote(b->job, step->columns.at[i]->name));
    return ct_kql_close_step(b, step, node->at);
}

/* ---- distinct ------------------------------------------------------------------------------- */

static ct_kql_step *bind_distinct(ct_kql_scope *scope, const ct_kql_node *node)
{
    ct_kql_binder *b = scope->b;
    ct_kql_node keys = *node;
    if (node->items.n == 1 && node->items.at[0]->kind == KN_STAR) {
        keys.items = (ct_kql_nodes){NULL, 0};
        for (size_t i = 0; i < scope->input->columns.n; i++) {
            ct_kql_node *name = ct_kql_new(b->job, sizeof *name);
            name->kind = KN_NAME;
            name->at = node->at;
            name->text = scope->input->columns.at[i]->name;
            ct_kql_push(b->job, &keys.items, name);
        }
    }
    ct_kql_node summarize = *node;
    summarize.kind = KN_SUMMARIZE;
    summarize.more = keys.items;
    summarize.items = (ct_kql_nodes){NULL, 0};
    ct_kql_step *step = ct_kql_bind_summarize(scope, &summarize);
    step->label = "distinct";
    return step;
}

/* ---- order ---------------------------------------------------------------------------------- */

static void push_order(ct_kql_binder *b, ct_kql_step *step, ct_kql_column *column, bool is_desc,
                       bool nulls_last)
{
    step->order = ct_kql_grow(b->job, step->order, step->n_order, sizeof *step->order);
    step->order[step->n_order++] = (ct_kql_order){column, is_desc, nulls_last};
}

static ct_kql_step *bind_sort(ct_kql_scope *scope, const ct_kql_node *node, const char *label)
{
    ct_kql_binder *b = scope->b;
    ct_kql_exprs keys = {NULL, 0};
    for (size_t i = 0; i < node->items.n; i++) {
        const ct_kql_node *item = node->items.at[i]->left;
        ct_kql_expr *key = bind_column_value(scope, value_of(item));
        if (key->type == CT_KQL_DYNAMIC)
            ct_kql_refuse(b->job, item->at, "rows cannot be sorted by a dynamic value");
        if (key->kind != KE_COLUMN)
            key = ct_kql_hoist(scope, key);
        if (key->may_be_nan) {
            /* NaN stands next to null. */
            ct_kql_expr *nan = ct_kql_new_call(b, "($1 IS 'NaN')", CT_KQL_BOOL, item->at, 1, key);
            ct_kql_push_expr(b->job, &keys, ct_kql_hoist(scope, nan));
        }
        ct_kql_push_expr(b->job, &keys, key);
    }
    ct_kql_step *step = ct_kql_new_step(b, KS_SELECT, label, scope->input, node);
    step->order = NULL;
    step->n_order = 0;
    size_t key = 0;
    for (size_t i = 0; i < node->items.n; i++) {
        const ct_kql_node *order = node->items.at[i];
        bool nulls_last = order->nulls ? order->nulls > 0 : !order->is_asc;
        if (key + 1 < keys.n && keys.at[key + 1]->may_be_nan && !keys.at[key]->may_be_nan &&
            keys.at[key]->type == CT_KQL_BOOL) {
            /* null, NaN, numbers: with nulls last the other way round */
            ct_kql_column *column = keys.at[key + 1]->column;
            ct_kql_expr *null = ct_kql_new_call(b, "($1 IS NULL)", CT_KQL_BOOL, order->at, 1,
                                                ct_kql_new_column_expr(b, column, order->at));
            ct_kql_scope before = {.b = b, .input = step->input};
            ct_kql_expr *hoisted = ct_kql_hoist(&before, null);
            step->input = before.input;
            push_order(b, step, hoisted->column, !nulls_last, false);
            push_order(b, step, keys.at[key]->column, !nulls_last, false);
            key++;
        }
        push_order(b, step, keys.at[key++]->column, !order->is_asc, nulls_last);
    }
    step->is_serialized = true;
    step->is_silent = true;
    return ct_kql_close_step(b, step, node->at);
}

static ct_kql_expr *bind_row_count(ct_kql_scope *scope, const ct_kql_node *node)
{
    ct_kql_scope outside = {.b = scope->b, .names = scope->names};
    ct_kql_expr *limit = ct_kql_bind_expr(&outside, node);
    if (!ct_kql_is_integer(limit->type))
        ct_kql_refuse(scope->b->job, node->at, "a number of rows is a long, not a %s",
                      ct_kql_type_name(limit->type));
    /* SQLite takes a negative limit for none. */
    if (limit->kind == KE_LITERAL)
        return limit->integer >= 0 && !limit->is_null ? limit
                                                      : ct_kql_new_long(scope->b, 0, node->at);
    return ct_kql_new_call(scope->b, "max(0, ifnull($1, 0))", CT_KQL_LONG, node->at, 1, limit);
}

/* take n, of the rows as they are ordered; within mv-apply of each group of rows. */
static ct_kql_step *limit_rows(ct_kql_scope *scope, ct_kql_expr *limit, const char *label,
                               const ct_kql_node *comment)
{
    ct_kql_binder *b = scope->b;
    if (scope->input->partition) {
        ct_kql_expr *number = ct_kql_new_call(b, "row_number() OVER $w", CT_KQL_LONG, limit->at, 0);
        number->is_window = true;
        number->is_constant = false;
        number = ct_kql_hoist(scope, number);
        return ct_kql_filter(
            b, scope->input, label,
            ct_kql_new_call(b, "($1 <= $2)", CT_KQL_BOOL, limit->at, 2, number, limit), comment);
    }
    ct_kql_step *step = ct_kql_new_step(b, KS_SELECT, label, scope->input, comment);
    step->limit = limit;
    step->needs_order = true;
    step->unique = NULL;
    return ct_kql_close_step(b, step, limit->at);
}

static ct_kql_step *bind_take(ct_kql_scope *scope, const ct_kql_node *node)
{
    return limit_rows(scope, bind_row_count(scope, node->left), "take", node);
}

static ct_kql_step *bind_top(ct_kql_scope *scope, const ct_kql_node *node)
{
    ct_kql_expr *limit = bind_row_count(scope, node->left);
    scope->input = bind_sort(scope, node, "sort");
    scope->input->comment.n = 0;
    return limit_rows(scope, limit, "top", node);
}

static ct_kql_step *bind_serialize(ct_kql_scope *scope, const ct_kql_node *node)
{
    ct_kql_binder *b = scope->b;
    if (scope->input->n_order == 0) {
        ct_kql_expr *number = ct_kql_new_call(b, "row_number() OVER ()", CT_KQL_LONG, node->at, 0);
        number->is_window = true;
        number->is_constant = false;
        number = ct_kql_hoist(scope, number);
        scope->input->order = NULL;
        push_order(b, scope->input, number->column, false, false);
    }
    scope->input->is_serialized = true;
    if (node->items.n > 0)
        return bind_extend(scope, node, "serialize");
    ct_kql_step *step = ct_kql_new_step(b, KS_SELECT, "serialize", scope->input, node);
    step->is_silent = true;
    return ct_kql_close_step(b, step, node->at);
}

/* ---- count, getschema ----------------------------------------------------------------------- */

static ct_kql_step *bind_count(ct_kql_scope *scope, const ct_kql_node *node)
{
    ct_kql_binder *b = scope->b;
    ct_kql_node call = {.kind = KN_CALL, .at = node->at, .end = node->end, .text = {"count", 5}};
    ct_kql_node named = {
        .kind = KN_NAMED, .at = node->at, .end = node->end, .text = {"Count", 5}, .left = &call};
    ct_kql_node summarize = *node;
    summarize.kind = KN_SUMMARIZE;
    ct_kql_push(b->job, &summarize.items, &named);
    ct_kql_step *step = ct_kql_bind_summarize(scope, &summarize);
    step->label = "count";
    return step;
}

static ct_kql_expr *new_text(ct_kql_binder *b, const char *text, size_t at)
{
    ct_kql_expr *expr = ct_kql_new_expr(b, KE_LITERAL, CT_KQL_STRING, at);
    expr->text = (ct_span){text, strlen(text)};
    return expr;
}

static ct_kql_step *bind_schema(ct_kql_scope *scope, const ct_kql_node *node)
{
    static const char *const systems[CT_KQL_N_TYPES] = {
        [CT_KQL_BOOL] = "System.SByte",        [CT_KQL_INT] = "System.Int32",
        [CT_KQL_LONG] = "System.Int64",        [CT_KQL_REAL] = "System.Double",
        [CT_KQL_STRING] = "System.String",     [CT_KQL_DATETIME] = "System.DateTime",
        [CT_KQL_TIMESPAN] = "System.TimeSpan", [CT_KQL_GUID] = "System.Guid",
        [CT_KQL_DYNAMIC] = "System.Object",
    };
    static const char *const names[] = {"ColumnName", "ColumnOrdinal", "DataType", "ColumnType"};
    ct_kql_binder *b = scope->b;
    ct_kql_step *step = ct_kql_new_step(b, KS_ROWS, "schema", NULL, node);
    const ct_kql_columns *columns = &scope->input->columns;
    for (size_t i = 0; i < columns->n; i++) {
        ct_kql_expr *name = new_text(b, "", node->at);
        name->text = columns->at[i]->name;
        ct_kql_push_expr(b->job, &step->args, name);
        ct_kql_push_expr(b->job, &step->args, ct_kql_new_long(b, (int64_t)i, node->at));
        ct_kql_push_expr(b->job, &step->args, new_text(b, systems[columns->at[i]->type], node->at));
        ct_kql_push_expr(b->job, &step->args,
                         new_text(b, ct_kql_type_name(columns->at[i]->type), node->at));
    }
    step->n_rows = columns->n;
    for (size_t i = 0; i < 4; i++) {
        ct_kql_expr *like = i == 1 ? ct_kql_new_long(b, 0, node->at) : new_text(b, "", node->at);
        ct_kql_push_column(b, &step->columns,
                           ct_kql_new_column(b, step, (ct_span){names[i], strlen(names[i])}, like));
    }
    return ct_kql_close_step(b, step, node->at);
}

/* ---- all of them ---------------------------------------------------------------------------- */

static ct_kql_step *bind_silent(ct_kql_scope *scope, const ct_kql_node *node)
{
    ct_kql_step *step = ct_kql_new_step(scope->b, KS_SELECT, "as", scope->input, node);
    step->is_silent = true;
    if (node->kind == KN_AS)
        step->given_name = node->text;
    return ct_kql_close_step(scope->b, step, node->at);
}

ct_kql_step *ct_kql_bind_operator(ct_kql_scope *scope, const ct_kql_node *node)
{
    switch (node->kind) {
    case KN_WHERE:
        return bind_where(scope, node);
    case KN_EXTEND:
        return bind_extend(scope, node, "extend");
    case KN_PROJECT:
        return bind_project(scope, node, "project");
    case KN_PRINT:
        return bind_project(scope, node, "print");
    case KN_AWAY:
        return bind_selection(scope, node, false, "away");
    case KN_KEEP:
        return bind_selection(scope, node, true, "keep");
    case KN_REORDER:
        return bind_reorder(scope, node);
    case KN_RENAME:
        return bind_rename(scope, node);
    case KN_DISTINCT:
        return bind_distinct(scope, node);
    case KN_SUMMARIZE:
        return ct_kql_bind_summarize(scope, node);
    case KN_SORT:
        return bind_sort(scope, node, "sort");
    case KN_TOP:
        return bind_top(scope, node);
    case KN_TAKE:
        return bind_take(scope, node);
    case KN_COUNT:
        return bind_count(scope, node);
    case KN_JOIN:
    case KN_LOOKUP:
        return ct_kql_bind_join(scope, node);
    case KN_UNION:
        return ct_kql_bind_union(scope, node, scope->input);
    case KN_EXPAND:
    case KN_APPLY:
        return ct_kql_bind_expand(scope, node);
    case KN_PARSE:
        return ct_kql_bind_parse(scope, node);
    case KN_SERIALIZE:
        return bind_serialize(scope, node);
    case KN_SCHEMA:
        return bind_schema(scope, node);
    default: /* as, render */
        return bind_silent(scope, node);
    }
}
