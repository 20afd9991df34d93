/* The binder's sources: tables, lets, functions, datatable, range, union; and the whole query. */
#include "kql/bind_step.h"

#include <string.h>

#include "kql/live.h"

/* ---- tables of the database ----------------------------------------------------------------- */

/* SQL as it is, over a row of the table. */
static ct_kql_expr *new_sql(ct_kql_binder *b, ct_span sql, ct_kql_type type, size_t at)
{
    ct_kql_expr *expr = ct_kql_new_expr(b, KE_RAW, type, at);
    expr->sql = ct_kql_copy(b->job, sql).p;
    expr->may_be_nan = type == CT_KQL_REAL;
    return expr;
}

static ct_kql_step *bind_scan(ct_kql_scope *scope, const ct_kql_node *node)
{
    ct_kql_binder *b = scope->b;
    ct_kql_table table = {.sql = {"", 0}};
    b->catalog->find(b->catalog->of, b->job, node->text, &table);
    if (table.sql.n == 0)
        ct_kql_refuse(b->job, node->at, "there is no table %s", ct_kql_quote(b->job, node->text));
    ct_kql_step *step = ct_kql_new_step(b, KS_SCAN, "scan", NULL, node);
    step->table = table.sql;
    for (size_t i = 0; i < table.n_columns; i++) {
        const ct_kql_table_column *from = &table.columns[i];
        ct_kql_expr *value = new_sql(b, from->sql, from->type, node->at);
        value->is_constant = false;
        ct_kql_column *column = ct_kql_new_column(b, step, from->name, value);
        column->may_be_nan = from->type == CT_KQL_REAL && !table.has_events;
        column->is_index_key = table.has_events && ct_span_is(from->name, "EventName");
        ct_kql_push_column(b, &step->columns, column);
        if (from->text_sql.n > 0) {
            ct_kql_expr *text = new_sql(b, from->text_sql, CT_KQL_STRING, node->at);
            text->is_constant = false;
            text->is_nullable = true;
            ct_span name = ct_kql_printf(b->job, "%.*s:text", (int)from->name.n, from->name.p);
            column->text = ct_kql_new_column(b, step, name, text);
            ct_kql_push_column(b, &step->hidden, column->text);
        }
    }
    if (b->with_evidence && table.has_events) {
        ct_kql_expr *row = new_sql(b, (ct_span){"t.rowid", 7}, CT_KQL_LONG, node->at);
        row->is_constant = false;
        step->evidence = ct_kql_new_column(b, step, (ct_span){":events", 7}, row);
        ct_kql_push_column(b, &step->hidden, step->evidence);
    }
    return ct_kql_close_step(b, step, node->at);
}

/* table('name') */
static ct_kql_step *bind_table_by_name(ct_kql_scope *scope, const ct_kql_node *node)
{
    ct_kql_expr *name = node->items.n == 1 ? ct_kql_bind_expr(scope, node->items.at[0]) : NULL;
    if (!name || name->kind != KE_LITERAL || name->type != CT_KQL_STRING)
        ct_kql_refuse(scope->b->job, node->at, "table() takes the name of a table, as a string");
    ct_kql_node named = *node;
    named.text = name->text;
    return bind_scan(scope, &named);
}

/* ---- datatable, range, print ---------------------------------------------------------------- */

static ct_kql_expr *bind_cell(ct_kql_scope *scope, const ct_kql_node *node, ct_kql_type type)
{
    ct_kql_binder *b = scope->b;
    const ct_kql_node *literal = node->kind == KN_SIGN ? node->left : node;
    if (literal->kind != KN_LITERAL)
        ct_kql_refuse(b->job, node->at, "a value of a datatable is a literal");
    ct_kql_scope outside = {.b = b, .names = scope->names};
    ct_kql_expr *cell = ct_kql_bind_expr(&outside, node);
    if (cell->type == type)
        return cell;
    if (cell->is_null)
        return ct_kql_new_null(b, type, node->at);
    if (type == CT_KQL_BOOL && ct_kql_is_integer(cell->type)) {
        ct_kql_expr *truth = ct_kql_new_long(b, cell->integer != 0, node->at);
        truth->type = CT_KQL_BOOL;
        return truth;
    }
    if (ct_kql_is_integer(cell->type) && ct_kql_is_integer(type)) {
        if (type == CT_KQL_INT && (cell->integer < INT32_MIN || cell->integer > INT32_MAX))
            ct_kql_refuse(b->job, node->at, "the number is too large for an int");
        ct_kql_expr *number = ct_kql_new_long(b, cell->integer, node->at);
        number->type = type;
        return number;
    }
    if (ct_kql_is_number(cell->type) && !ct_kql_is_number(type) && type != CT_KQL_DYNAMIC &&
        type != CT_KQL_STRING)
        ct_kql_refuse(b->job, node->at, "a %s cannot be a %s", ct_kql_type_name(cell->type),
                      ct_kql_type_name(type));
    if (cell->type == CT_KQL_REAL && ct_kql_is_integer(type))
        ct_kql_refuse(b->job, node->at, "a real cannot be a %s", ct_kql_type_name(type));
    return ct_kql_convert(b, cell, type);
}

static ct_kql_step *bind_datatable(ct_kql_scope *scope, const ct_kql_node *node)
{
    ct_kql_binder *b = scope->b;
    ct_kql_step *step = ct_kql_new_step(b, KS_ROWS, "rows", NULL, node);
    size_t n_columns = node->items.n;
    for (size_t i = 0; i < n_columns; i++) {
        const ct_kql_node *item = node->items.at[i];
        if (ct_kql_find_column(step, item->text))
            ct_kql_refuse(b->job, item->at, "the name %s is given twice",
                          ct_kql_quote(b->job, item->text));
        ct_kql_expr *like = ct_kql_new_null(b, item->type, item->at);
        ct_kql_push_column(b, &step->columns, ct_kql_new_column(b, step, item->text, like));
    }
    if (n_columns == 0 || node->more.n % n_columns != 0)
        ct_kql_refuse(b->job, node->at, "%zu values do not fill rows of %zu columns", node->more.n,
                      n_columns);
    step->n_rows = node->more.n / n_columns;
    for (size_t i = 0; i < n_columns; i++)
        step->columns.at[i]->is_nullable = false;
    for (size_t i = 0; i < node->more.n; i++) {
        ct_kql_column *column = step->columns.at[i % n_columns];
        ct_kql_expr *cell = bind_cell(scope, node->more.at[i], column->type);
        column->is_nullable |= cell->is_nullable;
        column->may_be_nan |= cell->may_be_nan;
        ct_kql_push_expr(b->job, &step->args, cell);
    }
    return ct_kql_close_step(b, step, node->at);
}

static ct_kql_step *bind_range(ct_kql_scope *scope, const ct_kql_node *node)
{
    ct_kql_binder *b = scope->b;
    ct_kql_scope outside = {.b = b, .names = scope->names};
    ct_kql_expr *from = ct_kql_bind_expr(&outside, node->left);
    ct_kql_expr *to = ct_kql_bind_expr(&outside, node->right);
    ct_kql_expr *by = ct_kql_bind_expr(&outside, node->third);
    ct_kql_type type = from->type == CT_KQL_INT ? CT_KQL_LONG : from->type;
    if (ct_kql_is_number(from->type) && ct_kql_is_number(to->type) && ct_kql_is_number(by->type)) {
        if (from->type == CT_KQL_REAL || to->type == CT_KQL_REAL || by->type == CT_KQL_REAL)
            type = CT_KQL_REAL;
        from = ct_kql_convert(b, from, type);
        to = ct_kql_convert(b, to, type);
        by = ct_kql_convert(b, by, type);
    } else if (!(type == to->type && by->type == CT_KQL_TIMESPAN &&
                 (type == CT_KQL_DATETIME || type == CT_KQL_TIMESPAN))) {
        ct_kql_refuse(b->job, node->at, "a range goes from %s to %s by %s: not known",
                      ct_kql_type_name(from->type), ct_kql_type_name(to->type),
                      ct_kql_type_name(by->type));
    }
    ct_kql_step *step = ct_kql_new_step(b, KS_SERIES, "range", NULL, node);
    ct_kql_push_expr(b->job, &step->args, from);
    ct_kql_push_expr(b->job, &step->args, to);
    ct_kql_push_expr(b->job, &step->args, by);
    ct_kql_expr *value = new_sql(b, (ct_span){"t.value", 7}, type, node->at);
    value->is_constant = false;
    value->is_nullable = value->may_be_nan = false;
    ct_kql_column *column = ct_kql_new_column(b, step, node->text, value);
    ct_kql_push_column(b, &step->columns, column);
    step->order = ct_kql_new(b->job, sizeof *step->order);
    step->order[0] = (ct_kql_order){column, false, false};
    step->n_order = 0; /* its order is its own: rows of a range come as they count */
    step->is_serialized = true;
    return ct_kql_close_step(b, step, node->at);
}

/* ---- union ---------------------------------------------------------------------------------- */

/* The table that a leg begins with, where that is a name. */
static const ct_kql_node *root_of(const ct_kql_node *leg)
{
    while (leg->kind == KN_PIPE)
        leg = leg->left;
    return leg;
}

static ct_kql_step *bind_leg(ct_kql_scope *scope, const ct_kql_node *leg, bool is_fuzzy)
{
    ct_kql_scope outside = {.b = scope->b, .names = scope->names};
    const ct_kql_node *root = root_of(leg);
    if (is_fuzzy && root->kind == KN_NAME && !ct_kql_find_meaning(scope->names, root->text)) {
        ct_kql_table table = {.sql = {"", 0}};
        scope->b->catalog->find(scope->b->catalog->of, scope->b->job, root->text, &table);
        if (table.sql.n == 0)
            return NULL;
    }
    return ct_kql_bind_table(&outside, leg);
}

typedef struct leg {
    ct_kql_step *step;
    const ct_kql_node *node;
    size_t number; /* of the legs as written */
} leg;

/* Whether the legs give the name in two types; then each becomes name_type. */
static bool has_two_types(const leg *legs, size_t n_legs, ct_span name)
{
    ct_kql_type type = CT_KQL_NO_TYPE;
    for (size_t i = 0; i < n_legs; i++) {
        ct_kql_column *column = ct_kql_find_column(legs[i].step, name);
        if (column && type != CT_KQL_NO_TYPE && column->type != type)
            return true;
        if (column)
            type = column->type;
    }
    return false;
}

static bool is_in_a_leg(const leg *legs, size_t n_legs, ct_span name)
{
    for (size_t i = 0; i < n_legs; i++)
        if (ct_kql_find_column(legs[i].step, name))
            return true;
    return false;
}

static ct_span name_in_union(ct_kql_binder *b, const leg *legs, size_t n_legs,
                             const ct_kql_column *column)
{
    if (!has_two_types(legs, n_legs, column->name))
        return column->name;
    ct_span with_type = ct_kql_printf(b->job, "%.*s_%s", (int)column->name.n, column->name.p,
                                      ct_kql_type_name(column->type));
    ct_span name = with_type;
    for (int number = 1; is_in_a_leg(legs, n_legs, name); number++)
        name = ct_kql_printf(b->job, "%.*s%d", (int)with_type.n, with_type.p, number);
    return name;
}

static size_t find_in_union(ct_kql_step *step, ct_span name, ct_kql_type type)
{
    for (size_t i = 0; i < step->columns.n; i++) {
        ct_kql_column *column = step->columns.at[i];
        if (column->name.n == name.n && memcmp(column->name.p, name.p, name.n) == 0 &&
            column->type == type)
            return i;
    }
    return step->columns.n;
}

static void add_union_columns(ct_kql_binder *b, ct_kql_step *step, const leg *legs, size_t n_legs,
                              bool is_inner, size_t at)
{
    for (size_t i = 0; i < n_legs; i++) {
        for (size_t c = 0; c < legs[i].step->columns.n; c++) {
            ct_kql_column *from = legs[i].step->columns.at[c];
            ct_span name = name_in_union(b, legs, n_legs, from);
            if (find_in_union(step, name, from->type) < step->columns.n)
                continue;
            bool everywhere = true;
            for (size_t k = 0; k < n_legs; k++) {
                ct_kql_column *same = ct_kql_find_column(legs[k].step, from->name);
                everywhere &= same && same->type == from->type;
            }
            if (is_inner && !everywhere)
                continue;
            ct_kql_expr *like = ct_kql_new_null(b, from->type, at);
            ct_kql_push_column(
                b, &step->columns,
                ct_kql_new_column(b, step, ct_kql_free_name(b, &step->columns, name), like));
        }
    }
}

/* Which column of the leg each column of the union is. */
static ct_kql_column **map_leg(ct_kql_binder *b, ct_kql_step *step, const leg *legs, size_t n_legs,
                               const leg *of)
{
    ct_kql_column **map = ct_kql_new(b->job, (step->columns.n + 1) * sizeof *map);
    for (size_t c = 0; c < of->step->columns.n; c++) {
        ct_kql_column *from = of->step->columns.at[c];
        size_t i = find_in_union(step, name_in_union(b, legs, n_legs, from), from->type);
        if (i < step->columns.n)
            map[i] = from;
    }
    for (size_t i = 0; i < step->columns.n; i++) {
        ct_kql_column *to = step->columns.at[i];
        to->is_nullable =
            to->type != CT_KQL_STRING && (!map[i] || map[i]->is_nullable || to->is_nullable);
        to->may_be_nan |= map[i] && map[i]->may_be_nan;
    }
    map[step->columns.n] = of->step->evidence;
    return map;
}

/* A table's or a function's own name stands for it. */
static bool is_source_name(const ct_kql_scope *scope, const ct_kql_node *node)
{
    const ct_kql_meaning *meaning =
        node && node->kind == KN_NAME ? ct_kql_find_meaning(scope->names, node->text) : NULL;
    return node && node->kind == KN_NAME && (!meaning || ct_kql_is_function(meaning));
}

/* withsource=Name: a step on the leg that says where its rows are from. */
static ct_kql_step *add_source(ct_kql_scope *scope, leg *of, ct_span name, size_t at)
{
    ct_kql_binder *b = scope->b;
    ct_kql_expr *value = ct_kql_new_expr(b, KE_LITERAL, CT_KQL_STRING, at);
    if (of->step->given_name.n > 0)
        value->text = of->step->given_name;
    else if (is_source_name(scope, of->node))
        value->text = of->node->text;
    else
        value->text = ct_kql_printf(b->job, "union_arg%zu", of->number);
    ct_kql_step *step = ct_kql_new_step(b, KS_SELECT, "source", of->step, NULL);
    ct_kql_column *column = ct_kql_new_column(b, step, name, value);
    ct_kql_columns columns = {NULL, 0};
    ct_kql_push_column(b, &columns, column);
    for (size_t i = 0; i < step->columns.n; i++)
        ct_kql_push_column(b, &columns, step->columns.at[i]);
    step->columns = columns;
    return ct_kql_close_step(b, step, at);
}

ct_kql_step *ct_kql_bind_union(ct_kql_scope *scope, const ct_kql_node *node, ct_kql_step *first)
{
    ct_kql_binder *b = scope->b;
    ct_span kind = ct_kql_option(&node->more, "kind"),
            source = ct_kql_option(&node->more, "withsource");
    if (source.n == 0)
        source = ct_kql_option(&node->more, "with_source");
    ct_span fuzzy = ct_kql_option(&node->more, "isfuzzy");
    bool is_fuzzy = ct_span_is(fuzzy, "true");
    if (fuzzy.n > 0 && !is_fuzzy && !ct_span_is(fuzzy, "false"))
        ct_kql_refuse(b->job, node->at, "isfuzzy is true or false");
    if (kind.n > 0 && !ct_span_is(kind, "inner") && !ct_span_is(kind, "outer"))
        ct_kql_refuse(b->job, node->at, "a union is of kind inner or outer");
    leg *legs = ct_kql_new(b->job, (node->items.n + 1) * sizeof *legs);
    size_t n_legs = 0;
    if (first)
        legs[n_legs++] = (leg){first, NULL, 0};
    for (size_t i = 0; i < node->items.n; i++) {
        ct_kql_step *step = bind_leg(scope, node->items.at[i], is_fuzzy);
        if (step)
            legs[n_legs++] = (leg){step, node->items.at[i], i + (first ? 1 : 0)};
    }
    if (n_legs == 0)
        ct_kql_refuse(b->job, node->at, "none of the tables of the union is here");
    for (size_t i = 0; i < n_legs && source.n > 0; i++)
        legs[i].step = add_source(scope, &legs[i], source, node->at);

    ct_kql_step *step = ct_kql_new_step(b, KS_UNION, "union", NULL, node);
    add_union_columns(b, step, legs, n_legs, ct_span_is(kind, "inner"), node->at);
    step->inputs = ct_kql_new(b->job, n_legs * sizeof *step->inputs);
    step->map = ct_kql_new(b->job, n_legs * sizeof *step->map);
    step->n_inputs = n_legs;
    bool has_evidence = false;
    for (size_t i = 0; i < n_legs; i++) {
        step->inputs[i] = legs[i].step;
        step->map[i] = map_leg(b, step, legs, n_legs, &legs[i]);
        has_evidence |= legs[i].step->evidence != NULL;
    }
    if (has_evidence) {
        step->evidence = ct_kql_new_column(b, step, (ct_span){":events", 7},
                                           ct_kql_new_null(b, CT_KQL_DYNAMIC, node->at));
        ct_kql_push_column(b, &step->hidden, step->evidence);
    }
    if (first && first->partition)
        ct_kql_refuse(b->job, node->at, "union within mv-apply is not supported");
    return ct_kql_close_step(b, step, node->at);
}

/* ---- lets and functions --------------------------------------------------------------------- */

static const ct_kql_meaning *new_meaning(ct_kql_binder *b, const ct_kql_meaning *outer,
                                         ct_span name, ct_kql_meaning like)
{
    ct_kql_meaning *meaning = ct_kql_new(b->job, sizeof *meaning);
    *meaning = like;
    meaning->outer = outer;
    meaning->name = name;
    return meaning;
}

static bool has_text(const ct_kql_node *node, ct_span text)
{
    return node->text.n == text.n && memcmp(node->text.p, text.p, text.n) == 0;
}

static void go_deeper(ct_kql_binder *b, size_t at)
{
    if (++b->depth > CT_KQL_MAX_STEPS)
        ct_kql_refuse(b->job, at, "the query nests too deep");
}

/* Whether the function's body, or a name of its own, is a table. */
static bool gives_table(const ct_kql_scope *scope, const ct_kql_node *query,
                        const ct_kql_node *function, const ct_kql_meaning *names)
{
    const ct_kql_node *node = query->left;
    if (node->kind == KN_NAME) {
        for (size_t i = query->items.n; i > 0; i--) {
            const ct_kql_node *let = query->items.at[i - 1];
            if (has_text(let, node->text)) {
                ct_kql_node part = *query;
                part.items.n = i - 1;
                part.left = let->left;
                go_deeper(scope->b, node->at);
                bool is_table = gives_table(scope, &part, function, names);
                scope->b->depth--;
                return is_table;
            }
        }
        for (size_t i = 0; i < function->items.n; i++) {
            const ct_kql_node *parameter = function->items.at[i];
            if (has_text(parameter, node->text))
                return parameter->kind == KN_PARAM_TABLE;
        }
    }
    ct_kql_scope inside = *scope;
    inside.names = names;
    inside.input = NULL;
    return ct_kql_is_table(&inside, node);
}

bool ct_kql_is_function(const ct_kql_meaning *meaning)
{
    return meaning->node && meaning->node->kind == KN_FUNCTION;
}

static bool function_gives_table(const ct_kql_scope *scope, const ct_kql_meaning *function)
{
    go_deeper(scope->b, function->node->at);
    bool is_table = gives_table(scope, function->node->left, function->node, function->seen_from);
    scope->b->depth--;
    return is_table;
}

bool ct_kql_is_table(const ct_kql_scope *scope, const ct_kql_node *node)
{
    const ct_kql_meaning *meaning;
    switch (node->kind) {
    case KN_PIPE:
    case KN_DATATABLE:
    case KN_RANGE:
    case KN_PRINT:
    case KN_EXTERNAL:
    case KN_UNION:
        return true;
    case KN_NAME:
        if (ct_kql_find_column(scope->input, node->text))
            return false;
        meaning = ct_kql_find_meaning(scope->names, node->text);
        if (meaning && ct_kql_is_function(meaning))
            return function_gives_table(scope, meaning);
        if (meaning)
            return !meaning->value;
        ct_kql_table table = {.sql = {"", 0}};
        scope->b->catalog->find(scope->b->catalog->of, scope->b->job, node->text, &table);
        return table.sql.n > 0;
    case KN_CALL:
        if (ct_span_is(node->text, "materialize") && node->items.n == 1)
            return ct_kql_is_table(scope, node->items.at[0]);
        if (ct_span_is(node->text, "table"))
            return true;
        meaning = ct_kql_find_meaning(scope->names, node->text);
        return meaning && ct_kql_is_function(meaning) && function_gives_table(scope, meaning);
    default:
        return false;
    }
}

/* Binds the lets of a body one after the other: the names that its last line sees. */
static const ct_kql_meaning *bind_lets(ct_kql_scope *scope, const ct_kql_node *query)
{
    ct_kql_binder *b = scope->b;
    const ct_kql_meaning *names = scope->names;
    for (size_t i = 0; i < query->items.n; i++) {
        const ct_kql_node *let = query->items.at[i];
        ct_kql_scope inside = {.b = b, .names = names};
        ct_kql_meaning meaning = {.node = let->left, .seen_from = names};
        if (let->left->kind == KN_FUNCTION) {
            /* looked into when it is called */
        } else if (ct_kql_is_table(&inside, let->left)) {
            size_t n_before = b->n_steps;
            meaning.first = ct_kql_bind_table(&inside, let->left);
            (void)n_before;
        } else {
            meaning.value = ct_kql_bind_expr(&inside, let->left);
            meaning.node = NULL;
        }
        names = new_meaning(b, names, let->text, meaning);
    }
    return names;
}

/* Arguments stand in the order of the parameters; those that do not have a name, and come last. */
static void check_arguments(ct_kql_binder *b, const ct_kql_node *call, const ct_kql_node *function)
{
    if (call->items.n > function->items.n)
        ct_kql_refuse(b->job, call->at, "%s takes %zu arguments", ct_kql_quote(b->job, call->text),
                      function->items.n);
    size_t n_placed = 0;
    for (size_t k = 0; k < call->items.n; k++) {
        const ct_kql_node *item = call->items.at[k];
        if (item->kind != KN_NAMED) {
            if (n_placed++ < k)
                ct_kql_refuse(b->job, item->at, "an argument behind a named one needs a name");
            continue;
        }
        size_t i = 0;
        while (i < function->items.n && !has_text(function->items.at[i], item->text))
            i++;
        if (i == function->items.n)
            ct_kql_refuse(b->job, item->at, "%s has no parameter %s",
                          ct_kql_quote(b->job, call->text), ct_kql_quote(b->job, item->text));
        bool is_given = i < n_placed;
        for (size_t before = n_placed; before < k; before++)
            is_given |= has_text(call->items.at[before], item->text);
        if (is_given)
            ct_kql_refuse(b->job, item->at, "the argument %s is given twice",
                          ct_kql_quote(b->job, item->text));
    }
}

/* The argument for parameter i: by name, else by place, else the default. */
static const ct_kql_node *argument_for(ct_kql_binder *b, const ct_kql_node *call,
                                       const ct_kql_node *function, size_t i)
{
    const ct_kql_node *parameter = function->items.at[i];
    if (i < call->items.n && call->items.at[i]->kind != KN_NAMED)
        return call->items.at[i];
    for (size_t k = 0; k < call->items.n; k++)
        if (call->items.at[k]->kind == KN_NAMED && has_text(call->items.at[k], parameter->text))
            return call->items.at[k]->left;
    if (parameter->right)
        return parameter->right;
    ct_kql_refuse(b->job, call->at, "%s: the argument %s is missing",
                  ct_kql_quote(b->job, call->text), ct_kql_quote(b->job, parameter->text));
}

/* A table for a parameter has the columns that the parameter names. */
static void check_columns(ct_kql_binder *b, const ct_kql_node *argument,
                          const ct_kql_node *parameter, const ct_kql_step *table)
{
    for (size_t i = 0; i < parameter->items.n; i++) {
        const ct_kql_node *wanted = parameter->items.at[i];
        const ct_kql_column *column = ct_kql_find_column(table, wanted->text);
        if (!column || column->type != wanted->type)
            ct_kql_refuse(b->job, argument->at, "the table has no column %s of type %s",
                          ct_kql_quote(b->job, wanted->text), ct_kql_type_name(wanted->type));
    }
}

ct_kql_step *ct_kql_bind_function(ct_kql_scope *scope, const ct_kql_node *call,
                                  const ct_kql_meaning *function, ct_kql_expr **scalar)
{
    ct_kql_binder *b = scope->b;
    const ct_kql_node *node = function->node;
    check_arguments(b, call, node);
    const ct_kql_meaning *names = function->seen_from;
    for (size_t i = 0; i < node->items.n; i++) {
        const ct_kql_node *parameter = node->items.at[i];
        const ct_kql_node *argument = argument_for(b, call, node, i);
        ct_kql_meaning meaning = {.node = NULL};
        if (parameter->kind == KN_PARAM_TABLE) {
            ct_kql_scope outside = {.b = b, .names = scope->names};
            if (!ct_kql_is_table(&outside, argument))
                ct_kql_refuse(b->job, argument->at, "a table is expected here");
            meaning.node = argument;
            meaning.seen_from = scope->names;
            meaning.first = ct_kql_bind_table(&outside, argument);
            check_columns(b, argument, parameter, meaning.first);
        } else {
            ct_kql_expr *value = ct_kql_bind_expr(scope, argument);
            if (value->type != parameter->type) {
                bool is_ok = ct_kql_is_number(value->type) && ct_kql_is_number(parameter->type) &&
                             value->type != CT_KQL_REAL;
                if (!is_ok && value->type != CT_KQL_DYNAMIC && parameter->type != CT_KQL_DYNAMIC)
                    ct_kql_refuse(b->job, argument->at, "a %s is expected here, this is a %s",
                                  ct_kql_type_name(parameter->type), ct_kql_type_name(value->type));
                value = ct_kql_convert(b, value, parameter->type);
            }
            meaning.value = value;
            meaning.row_of = ct_kql_varies(value) ? b->n_open_tables : 0;
        }
        names = new_meaning(b, names, parameter->text, meaning);
    }
    go_deeper(b, call->at);
    ct_kql_scope inside = {.b = b, .names = names};
    inside.names = bind_lets(&inside, node->left);
    ct_kql_step *step = NULL;
    if (ct_kql_is_table(&inside, node->left->left))
        step = ct_kql_bind_table(&inside, node->left->left);
    else
        *scalar = ct_kql_bind_expr(&inside, node->left->left);
    b->depth--;
    return step;
}

/* ---- a source, a pipe, the query ------------------------------------------------------------ */

_Noreturn static void refuse_no_table(ct_kql_binder *b, const ct_kql_node *node)
{
    ct_kql_refuse(b->job, node->at, "%s gives no table that is known here",
                  ct_kql_quote(b->job, node->text));
}

/* f(...), or the name alone of a function without parameters. */
static ct_kql_step *bind_table_function(ct_kql_scope *scope, const ct_kql_node *node,
                                        const ct_kql_meaning *function)
{
    ct_kql_expr *scalar = NULL;
    ct_kql_step *step = ct_kql_bind_function(scope, node, function, &scalar);
    if (!step)
        refuse_no_table(scope->b, node);
    return step;
}

ct_kql_step *ct_kql_bind_source(ct_kql_scope *scope, const ct_kql_node *node)
{
    ct_kql_binder *b = scope->b;
    const ct_kql_meaning *meaning;
    ct_kql_scope outside = {.b = b, .names = scope->names};
    switch (node->kind) {
    case KN_NAME:
        meaning = ct_kql_find_meaning(scope->names, node->text);
        if (!meaning)
            return bind_scan(scope, node);
        if (meaning->value)
            ct_kql_refuse(b->job, node->at, "%s is a value, not a table",
                          ct_kql_quote(b->job, node->text));
        if (ct_kql_is_function(meaning))
            return bind_table_function(&outside, node, meaning);
        if (meaning->first) {
            ct_kql_step *first = meaning->first;
            /* the scopes are ours, though they are lent as const */
            // NOLINTNEXTLINE(performance-no-int-to-ptr)
            ((ct_kql_meaning *)(uintptr_t)meaning)->first = NULL;
            return first;
        }
        outside.names = meaning->seen_from;
        return ct_kql_bind_table(&outside, meaning->node);
    case KN_CALL:
        if (ct_span_is(node->text, "materialize") && node->items.n == 1)
            return ct_kql_bind_table(&outside, node->items.at[0]);
        if (ct_span_is(node->text, "table"))
            return bind_table_by_name(&outside, node);
        meaning = ct_kql_find_meaning(scope->names, node->text);
        if (meaning && ct_kql_is_function(meaning))
            return bind_table_function(&outside, node, meaning);
        refuse_no_table(b, node);
    case KN_DATATABLE:
        return bind_datatable(&outside, node);
    case KN_RANGE:
        return bind_range(&outside, node);
    case KN_PRINT:
        return ct_kql_bind_operator(&outside, node);
    case KN_UNION:
        return ct_kql_bind_union(&outside, node, NULL);
    case KN_EXTERNAL:
        ct_kql_refuse(
            b->job, node->at,
            "externaldata is not supported: nothing is fetched; put the data into a table");
    case KN_PIPE:
        return ct_kql_bind_table(&outside, node);
    default:
        ct_kql_refuse(b->job, node->at, "a table is expected here");
    }
}

ct_kql_step *ct_kql_bind_table(ct_kql_scope *scope, const ct_kql_node *node)
{
    ct_kql_binder *b = scope->b;
    go_deeper(b, node->at);
    b->n_open_tables++;
    ct_kql_scope inside = {.b = b, .names = scope->names};
    ct_kql_step *step = ct_kql_bind_source(&inside, node->kind == KN_PIPE ? node->left : node);
    for (size_t i = 0; node->kind == KN_PIPE && i < node->items.n; i++) {
        ct_kql_scope at_operator = {.b = b, .names = scope->names, .input = step};
        step = ct_kql_bind_operator(&at_operator, node->items.at[i]);
    }
    b->n_open_tables--;
    b->depth--;
    return step;
}

ct_kql_step *ct_kql_bind(ct_kql_job *job, const ct_kql_node *query, const ct_kql_catalog *catalog,
                         bool with_evidence)
{
    ct_kql_binder b = {.job = job, .catalog = catalog, .with_evidence = with_evidence};
    ct_kql_scope scope = {.b = &b};
    scope.names = bind_lets(&scope, query);
    bool is_unknown =
        query->left->kind == KN_NAME && !ct_kql_find_meaning(scope.names, query->left->text);
    if (!is_unknown && !ct_kql_is_table(&scope, query->left))
        ct_kql_refuse(job, query->left->at, "the query ends with a value, not with a table");
    ct_kql_step *last = ct_kql_bind_table(&scope, query->left);
    if (last->columns.n == 0)
        ct_kql_refuse(job, query->left->at, "the result has no columns");
    ct_kql_mark_live(job, last);
    return last;
}
