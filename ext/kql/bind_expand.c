/* The binder's mv-expand, mv-apply and parse. */
#include "kql/bind_step.h"

#include <string.h>

#include "base/json_write.h"

enum {
    MAX_EXPANDED = 8,       /* columns that one kql_expand() takes */
    LEGACY_ROW_LIMIT = 128, /* of mvexpand */
    ROW_LIMIT = 2147483647
};

/* ---- mv-expand ------------------------------------------------------------------------------ */

static int64_t read_limit(ct_kql_scope *scope, const ct_kql_node *node)
{
    if (!node->left)
        return node->is_legacy ? LEGACY_ROW_LIMIT : ROW_LIMIT;
    ct_kql_scope outside = {.b = scope->b, .names = scope->names};
    ct_kql_expr *limit = ct_kql_bind_expr(&outside, node->left);
    if (limit->kind != KE_LITERAL || !ct_kql_is_integer(limit->type))
        ct_kql_refuse(scope->b->job, node->left->at,
                      "a number of rows is a number as it is written");
    return limit->integer;
}

/* The order by the number of the row in it: of rows that tie, too, one comes before the other. */
static void number_rows(ct_kql_scope *scope, size_t at)
{
    ct_kql_expr *number = ct_kql_new_call(scope->b, "row_number() OVER $w", CT_KQL_LONG, at, 0);
    number->is_window = true;
    number->is_constant = number->is_nullable = false;
    ct_kql_column *column = ct_kql_hoist(scope, number)->column;
    column->is_nullable = false;
    ct_kql_step *step = scope->input;
    step->order = ct_kql_new(scope->b->job, sizeof *step->order);
    step->order[0] = (ct_kql_order){column, false, false};
    step->n_order = 1;
}

static ct_kql_step *bind_expand(ct_kql_scope *scope, const ct_kql_node *node)
{
    ct_kql_binder *b = scope->b;
    if (node->items.n > MAX_EXPANDED)
        ct_kql_refuse(b->job, node->at, "mv-expand takes %d columns at most", MAX_EXPANDED);
    ct_span bags = ct_kql_option(&node->more, "bagexpansion");
    if (bags.n == 0)
        bags = ct_kql_option(&node->more, "kind");
    if (bags.n > 0 && !ct_span_is(bags, "bag") && !ct_span_is(bags, "array"))
        ct_kql_refuse(b->job, node->at, "a bag is expanded as bag or as array");
    ct_span index = ct_kql_option(&node->more, "with_itemindex");
    ct_kql_exprs values = {NULL, 0};
    for (size_t i = 0; i < node->items.n; i++) {
        const ct_kql_node *item = node->items.at[i];
        const ct_kql_node *value_node =
            item->left->kind == KN_NAMED ? item->left->left : item->left;
        ct_kql_expr *value = ct_kql_bind_expr(scope, value_node);
        if (value->type != CT_KQL_DYNAMIC)
            ct_kql_refuse(b->job, item->at, "a %s cannot be expanded, only a dynamic can",
                          ct_kql_type_name(value->type));
        ct_kql_push_expr(b->job, &values, value);
    }
    if (scope->input->n_order > 0)
        number_rows(scope, node->at);
    ct_kql_step *step = ct_kql_new_step(b, KS_EXPAND, "expand", scope->input, node);
    step->args = values;
    step->as_array = ct_span_is(bags, "array");
    step->row_limit = read_limit(scope, node);
    for (size_t i = 0; i < node->items.n; i++) {
        const ct_kql_node *item = node->items.at[i];
        ct_span name =
            item->left->kind == KN_NAMED ? item->left->text : ct_kql_auto_name(b, item->left);
        for (int number = 1; name.n == 0; number++) {
            ct_span unnamed = ct_kql_printf(b->job, "Column%d", number);
            name = ct_kql_find_column(step, unnamed) ? name : unnamed;
        }
        ct_kql_expr *value = ct_kql_new_call(b, ct_kql_printf(b->job, "e.v%zu", i + 1).p,
                                             CT_KQL_DYNAMIC, item->at, 0);
        value->is_constant = false;
        if (item->type != CT_KQL_NO_TYPE && item->type != CT_KQL_DYNAMIC) {
            ct_kql_expr *type = ct_kql_new_expr(b, KE_LITERAL, CT_KQL_STRING, item->at);
            const char *type_name = ct_kql_type_name(item->type);
            type->text = (ct_span){type_name, strlen(type_name)};
            value =
                ct_kql_new_call(b, "kql_cast_dyn($1, $2)", item->type, item->at, 2, value, type);
            value->is_constant = false;
        }
        ct_kql_put_column(b, step, ct_kql_new_column(b, step, name, value));
    }
    if (index.n > 0) {
        ct_kql_expr *ordinal = ct_kql_new_call(b, "e.ordinal", CT_KQL_LONG, node->at, 0);
        ordinal->is_constant = false;
        ordinal->is_nullable = false;
        ct_kql_put_column(b, step, ct_kql_new_column(b, step, index, ordinal));
    }
    if (step->n_order > 0) { /* the elements of a row in their own order */
        ct_kql_expr *ordinal = ct_kql_new_call(b, "e.ordinal", CT_KQL_LONG, node->at, 0);
        ordinal->is_constant = false;
        ct_kql_column *column = ct_kql_new_column(b, step, (ct_span){":item", 5}, ordinal);
        ct_kql_push_column(b, &step->hidden, column);
        ct_kql_order *order = NULL;
        for (size_t i = 0; i < step->n_order; i++) {
            order = ct_kql_grow(b->job, order, i, sizeof *order);
            order[i] = step->order[i];
        }
        order = ct_kql_grow(b->job, order, step->n_order, sizeof *order);
        order[step->n_order] = (ct_kql_order){column, false, false};
        step->order = order;
        step->n_order++;
    }
    return ct_kql_close_step(b, step, node->at);
}

/* ---- mv-apply ------------------------------------------------------------------------------- */

/* A column of what the subquery gives, beside the rows. */
static ct_kql_column *of_right(ct_kql_binder *b, ct_kql_step *join, ct_kql_column *from, size_t at)
{
    ct_kql_column *column = ct_kql_new_column(
        b, join, from->name,
        ct_kql_new_call(b, "$r1", from->type, at, 1, ct_kql_new_column_expr(b, from, at)));
    column->is_nullable = from->is_nullable;
    column->may_be_nan = from->may_be_nan;
    return column;
}

/* Every row gets a number; the rows that it expands to carry it, and the operators within look at
 * rows with one number only; then the results are put beside the rows again. */
static ct_kql_step *bind_apply(ct_kql_scope *scope, const ct_kql_node *node)
{
    ct_kql_binder *b = scope->b;
    if (scope->input->partition)
        ct_kql_refuse(b->job, node->at, "mv-apply within mv-apply is not supported");
    ct_kql_expr *number = ct_kql_new_call(b, "row_number() OVER ()", CT_KQL_LONG, node->at, 0);
    number->is_window = true;
    number->is_constant = false;
    ct_kql_column *partition = ct_kql_hoist(scope, number)->column;
    ct_kql_step *rows = scope->input;
    rows->order = NULL;
    rows->n_order = 0;
    rows->is_serialized = false;
    rows->is_wall = true;

    ct_kql_step *step = bind_expand(scope, node);
    step->partition = partition;
    ct_kql_expr *ordinal = ct_kql_new_call(b, "e.ordinal", CT_KQL_LONG, node->at, 0);
    ordinal->is_constant = false;
    ct_kql_column *item = ct_kql_new_column(b, step, (ct_span){":item", 5}, ordinal);
    ct_kql_push_column(b, &step->hidden, item);
    ct_kql_close_step(b, step, node->at);
    for (size_t i = 0; i < node->right->items.n; i++) {
        ct_kql_scope inside = {.b = b, .names = scope->names, .input = step};
        step = ct_kql_bind_operator(&inside, node->right->items.at[i]);
    }
    if (step->partition != partition)
        ct_kql_refuse(b->job, node->at, "this operator within mv-apply is not supported");

    bool has_all = true;
    for (size_t i = 0; i < rows->columns.n && has_all; i++)
        has_all = ct_kql_has_column(&step->columns, rows->columns.at[i]) ||
                  ct_kql_find_column(step, rows->columns.at[i]->name);
    if (has_all) {
        ct_kql_step *end = ct_kql_new_step(b, KS_SELECT, "apply", step, NULL);
        end->columns = (ct_kql_columns){NULL, 0};
        for (size_t i = 0; i < rows->columns.n; i++)
            ct_kql_push_column(b, &end->columns,
                               ct_kql_find_column(step, rows->columns.at[i]->name));
        for (size_t i = 0; i < step->columns.n; i++)
            if (!ct_kql_find_column(rows, step->columns.at[i]->name))
                ct_kql_push_column(b, &end->columns, step->columns.at[i]);
        end->partition = NULL;
        end->order = NULL;
        end->n_order = 0;
        end->is_serialized = false;
        end->is_silent = true;
        return ct_kql_close_step(b, end, node->at);
    }
    ct_kql_step *join = ct_kql_new_step(b, KS_JOIN, "apply", NULL, NULL);
    join->input = rows;
    join->right = step;
    join->join = KJ_INNER;
    ct_kql_push_expr(b->job, &join->left_keys, ct_kql_new_column_expr(b, partition, node->at));
    ct_kql_push_expr(b->job, &join->right_keys, ct_kql_new_column_expr(b, partition, node->at));
    for (size_t i = 0; i < rows->columns.n; i++) {
        ct_kql_column *row = rows->columns.at[i], *same = ct_kql_find_column(step, row->name);
        ct_kql_push_column(b, &join->columns, same ? of_right(b, join, same, node->at) : row);
    }
    for (size_t i = 0; i < step->columns.n; i++)
        if (!ct_kql_find_column(rows, step->columns.at[i]->name))
            ct_kql_push_column(b, &join->columns, of_right(b, join, step->columns.at[i], node->at));
    if (step->evidence) {
        ct_kql_expr *events = ct_kql_new_call(b, "$r1", CT_KQL_DYNAMIC, node->at, 1,
                                              ct_kql_new_column_expr(b, step->evidence, node->at));
        join->evidence = ct_kql_new_column(b, join, (ct_span){":events", 7}, events);
        ct_kql_push_column(b, &join->hidden, join->evidence);
    }
    return ct_kql_close_step(b, join, node->at);
}

ct_kql_step *ct_kql_bind_expand(ct_kql_scope *scope, const ct_kql_node *node)
{
    return node->kind == KN_APPLY ? bind_apply(scope, node) : bind_expand(scope, node);
}

/* ---- parse ---------------------------------------------------------------------------------- */

/* The pattern as kql_parse() reads it: {"kind":..,"flags":..,"parts":[..]}. */
static ct_span write_pattern(ct_kql_binder *b, const ct_kql_node *node)
{
    ct_span kind = ct_kql_option(&node->more, "kind"), flags = ct_kql_option(&node->more, "flags");
    if (kind.n == 0)
        kind = (ct_span){"simple", 6};
    if (!ct_span_is(kind, "simple") && !ct_span_is(kind, "relaxed") && !ct_span_is(kind, "regex"))
        ct_kql_refuse(b->job, node->at, "parse is of kind simple, relaxed or regex");
    ct_buf *json = &b->job->scratch;
    size_t from = json->len;
    ct_buf_put_text(json, "{\"kind\":");
    ct_json_put_string(json, kind.p, kind.n);
    ct_buf_put_text(json, ",\"flags\":");
    ct_json_put_string(json, flags.p, flags.n);
    ct_buf_put_text(json, ",\"parts\":[");
    for (size_t i = 0; i < node->items.n; i++) {
        const ct_kql_node *part = node->items.at[i];
        if (i > 0)
            ct_buf_put_char(json, ',');
        if (part->kind == KN_LITERAL) {
            ct_buf_put_text(json, "{\"literal\":");
            ct_json_put_string(json, part->text.p, part->text.n);
            ct_buf_put_char(json, '}');
        } else if (part->kind == KN_STAR) {
            ct_buf_put_text(json, "{\"star\":true}");
        } else {
            ct_buf_put_text(json, "{\"type\":\"");
            ct_buf_put_text(json, ct_kql_type_name(part->type));
            ct_buf_put_text(json, "\"}");
        }
    }
    ct_buf_put_text(json, "]}");
    return ct_kql_take_scratch(b->job, from);
}

static void check_parts(ct_kql_binder *b, const ct_kql_node *node)
{
    if (node->items.n == 0)
        ct_kql_refuse(b->job, node->at, "parse needs a pattern behind 'with'");
    ct_span kind = ct_kql_option(&node->more, "kind");
    if (node->is_where && ct_span_is(kind, "relaxed"))
        ct_kql_refuse(b->job, node->at, "parse-where is of kind simple or regex");
    if (ct_kql_option(&node->more, "flags").n > 0 && !ct_span_is(kind, "regex"))
        ct_kql_refuse(b->job, node->at, "flags go with kind=regex");
    for (size_t i = 0; i < node->items.n; i++)
        if (node->items.at[i]->kind == KN_LITERAL && node->items.at[i]->text.n == 0)
            ct_kql_refuse(b->job, node->items.at[i]->at, "an empty text in the pattern");
    for (size_t i = 1; i < node->items.n; i++) {
        const ct_kql_node *before = node->items.at[i - 1], *part = node->items.at[i];
        bool after_string = before->kind == KN_COLUMN && before->type == CT_KQL_STRING;
        if (part->kind == KN_STAR && (before->kind == KN_STAR || after_string))
            ct_kql_refuse(b->job, part->at, "'*' cannot stand here: nothing says where it begins");
        if (part->kind == KN_COLUMN && before->kind != KN_LITERAL)
            ct_kql_refuse(b->job, part->at, "a column of parse stands first or behind a string");
    }
}

ct_kql_step *ct_kql_bind_parse(ct_kql_scope *scope, const ct_kql_node *node)
{
    ct_kql_binder *b = scope->b;
    check_parts(b, node);
    ct_kql_expr *text = ct_kql_bind_expr(scope, node->left);
    if (text->type != CT_KQL_STRING)
        text = ct_kql_convert(b, text, CT_KQL_STRING);
    ct_kql_expr *pattern = ct_kql_new_expr(b, KE_LITERAL, CT_KQL_STRING, node->at);
    pattern->text = write_pattern(b, node);
    ct_kql_expr *parsed = ct_kql_hoist(
        scope, ct_kql_new_call(b, "kql_parse($1, $2)", CT_KQL_DYNAMIC, node->at, 2, text, pattern));
    scope->input->is_wall = true;
    ct_kql_step *step = ct_kql_new_step(b, KS_SELECT, "parse", scope->input, node);
    int64_t index = 0;
    for (size_t i = 0; i < node->items.n; i++) {
        const ct_kql_node *part = node->items.at[i];
        if (part->kind != KN_COLUMN)
            continue;
        ct_kql_expr *value = ct_kql_new_call(b, "kql_get($1, $2)", CT_KQL_DYNAMIC, part->at, 2,
                                             parsed, ct_kql_new_long(b, index++, part->at));
        value = ct_kql_convert(b, value, part->type);
        ct_kql_put_column(b, step, ct_kql_new_column(b, step, part->text, value));
    }
    if (node->is_where)
        ct_kql_push_expr(b->job, &step->filters,
                         ct_kql_new_call(b, "($1 IS NOT NULL)", CT_KQL_BOOL, node->at, 1, parsed));
    return ct_kql_close_step(b, step, node->at);
}
