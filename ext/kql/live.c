#include "kql/live.h"

static void visit_step(ct_kql_job *job, ct_kql_step *step);

static void use(ct_kql_column *column)
{
    column->is_live = true;
    column->n_uses++;
}

static void visit_expr(ct_kql_job *job, ct_kql_expr *expr, ct_kql_step *input)
{
    if (expr->kind == KE_COLUMN)
        use(expr->column);
    for (size_t i = 0; i < expr->args.n; i++)
        visit_expr(job, expr->args.at[i], input);
    if (expr->is_window && input) {
        for (size_t i = 0; i < input->n_order; i++)
            use(input->order[i].column);
        if (input->partition)
            use(input->partition);
    }
    if (expr->query) {
        use(expr->query->columns.at[0]);
        visit_step(job, expr->query);
    }
}

static void visit_exprs(ct_kql_job *job, ct_kql_exprs *list, ct_kql_step *input)
{
    for (size_t i = 0; i < list->n; i++)
        visit_expr(job, list->at[i], input);
}

/* What the steps above read of this one; they were all visited before. A key is always read: rows
 * are grouped by it. */
static void show(ct_kql_job *job, ct_kql_step *step, const ct_kql_columns *list, bool are_keys)
{
    for (size_t i = 0; i < list->n; i++) {
        ct_kql_column *column = list->at[i];
        if (column->maker == step && column->is_live && column->leader)
            column->leader->is_live = true;
    }
    for (size_t i = 0; i < list->n; i++) {
        ct_kql_column *column = list->at[i];
        if (are_keys && step->is_group && i < step->n_keys)
            column->is_live = true;
        bool is_there = !column->is_live;
        for (size_t c = 0; c < step->shown.n && !is_there; c++)
            is_there = step->shown.at[c] == column;
        if (is_there)
            continue;
        step->shown.at = ct_kql_grow(job, step->shown.at, step->shown.n, sizeof column);
        step->shown.at[step->shown.n++] = column;
    }
}

/* What the step computes of it. */
static void visit_shown(ct_kql_job *job, ct_kql_step *step)
{
    for (size_t i = 0; i < step->shown.n; i++)
        if (step->shown.at[i]->maker == step && step->kind != KS_ROWS && step->kind != KS_UNION)
            visit_expr(job, step->shown.at[i]->value, step->input);
}

static bool is_costly(const ct_kql_expr *value)
{
    return value->kind != KE_LITERAL && value->kind != KE_COLUMN && value->kind != KE_RAW &&
           !(value->kind == KE_CALL && value->args.n == 0);
}

static void raise_wall(ct_kql_step *step, const ct_kql_columns *list)
{
    for (size_t i = 0; i < list->n; i++)
        if (list->at[i]->maker == step && list->at[i]->n_uses > 1 && is_costly(list->at[i]->value))
            step->is_wall = true;
}

static void visit_union(ct_kql_job *job, ct_kql_step *step)
{
    for (size_t i = 0; i < step->n_inputs; i++) {
        for (size_t c = 0; c < step->columns.n; c++)
            if (step->columns.at[c]->is_live && step->map[i][c])
                use(step->map[i][c]);
        if (step->evidence && step->evidence->is_live && step->inputs[i]->evidence)
            use(step->inputs[i]->evidence);
        visit_step(job, step->inputs[i]);
    }
}

static void visit_step(ct_kql_job *job, ct_kql_step *step)
{
    if (step->is_visited)
        return;
    step->is_visited = true;
    show(job, step, &step->columns, true);
    show(job, step, &step->hidden, false);
    visit_shown(job, step);
    visit_exprs(job, &step->filters, step->input);
    visit_exprs(job, &step->left_keys, NULL);
    visit_exprs(job, &step->right_keys, NULL);
    if (step->kind != KS_ROWS)
        visit_exprs(job, &step->args, step->input);
    if (step->limit)
        visit_expr(job, step->limit, step->input);
    if (step->needs_order && step->input)
        for (size_t i = 0; i < step->input->n_order; i++)
            use(step->input->order[i].column);
    if (step->is_group && step->partition)
        use(step->partition);
    if (step->kind == KS_SELECT && !step->is_group)
        raise_wall(step, &step->columns);
    if (step->kind == KS_UNION)
        visit_union(job, step);
    if (step->right) {
        step->right->is_wall = step->right->kind != KS_ROWS;
        visit_step(job, step->right);
    }
    if (step->input)
        visit_step(job, step->input);
}

ct_kql_column *ct_kql_shown(const ct_kql_step *last, ct_kql_column *column)
{
    for (size_t i = 0; column->text && i < last->hidden.n; i++)
        if (last->hidden.at[i] == column->text)
            return column->text;
    return column;
}

void ct_kql_mark_live(ct_kql_job *job, ct_kql_step *last)
{
    for (size_t i = 0; i < last->columns.n; i++)
        use(ct_kql_shown(last, last->columns.at[i]));
    for (size_t i = 0; i < last->n_order; i++)
        use(last->order[i].column);
    if (last->evidence)
        use(last->evidence);
    visit_step(job, last);
}
