#include "kql/emit.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "kql/live.h"

typedef struct emitter {
    ct_kql_job *job;
    ct_buf *out;
    int n_steps;         /* numbers the table expressions */
    ct_kql_step *input;  /* whose order the window functions of the expression in hand follow */
    bool is_first;       /* no table expression was written yet */
    ct_span pending[64]; /* comments of silent steps below the one in hand */
    size_t n_pending;
} emitter;

static void put(emitter *e, const char *text)
{
    ct_buf_put_text(e->out, text);
    if (e->out->len > CT_KQL_MAX_SQL)
        ct_kql_refuse(e->job, 0, "the query becomes more than %d bytes of SQL", CT_KQL_MAX_SQL);
}

/* ---- names and literals --------------------------------------------------------------------- */

static void put_name(emitter *e, ct_span name)
{
    if (memchr(name.p, 0, name.n))
        ct_kql_refuse(e->job, 0, "a name with a NUL in it");
    put(e, "\"");
    for (size_t i = 0; i < name.n; i++) {
        if (name.p[i] == '"')
            ct_buf_put_char(e->out, '"');
        ct_buf_put_char(e->out, name.p[i]);
    }
    put(e, "\"");
}

static void put_text(emitter *e, ct_span text)
{
    static const char hex[] = "0123456789abcdef";
    if (memchr(text.p, 0, text.n)) { /* SQL text ends at a NUL */
        put(e, "CAST(x'");
        for (size_t i = 0; i < text.n; i++) {
            ct_buf_put_char(e->out, hex[(unsigned char)text.p[i] >> 4]);
            ct_buf_put_char(e->out, hex[text.p[i] & 15]);
        }
        put(e, "' AS TEXT)");
        return;
    }
    put(e, "'");
    for (size_t i = 0; i < text.n; i++) {
        if (text.p[i] == '\'')
            ct_buf_put_char(e->out, '\'');
        ct_buf_put_char(e->out, text.p[i]);
    }
    put(e, "'");
}

static void put_real(emitter *e, double value)
{
    char text[40];
    if (isnan(value)) {
        put(e, "'NaN'");
    } else if (isinf(value)) {
        put(e, value < 0 ? "-9e999" : "9e999");
    } else {
        for (int digits = 15; digits <= 17; digits++) {
            snprintf(text, sizeof text, "%.*g", digits, value);
            if (strtod(text, NULL) == value)
                break;
        }
        put(e, text);
        if (!strpbrk(text, ".e"))
            put(e, ".0");
    }
}

static void put_literal(emitter *e, const ct_kql_expr *expr)
{
    if (expr->is_null) {
        put(e, "NULL");
        return;
    }
    switch (expr->type) {
    case CT_KQL_STRING:
    case CT_KQL_GUID:
    case CT_KQL_DYNAMIC:
        put_text(e, expr->text);
        break;
    case CT_KQL_REAL:
        put_real(e, expr->real);
        break;
    default:
        ct_buf_printf(e->out, "%lld", (long long)expr->integer);
    }
}

/* The KQL of a step, line by line as a comment; blank lines are left out. */
static void put_comment(emitter *e, ct_span text)
{
    size_t at = 0;
    while (at < text.n) {
        size_t end = at;
        while (end < text.n && text.p[end] != '\n')
            end++;
        size_t from = at, to = end;
        while (from < to && (text.p[from] == ' ' || text.p[from] == '\t'))
            from++;
        while (to > from && (text.p[to - 1] == ' ' || text.p[to - 1] == '\r'))
            to--;
        if (to > from) {
            put(e, "  -- ");
            for (size_t i = from; i < to; i++)
                ct_buf_put_char(e->out, (unsigned char)text.p[i] < ' ' ? ' ' : text.p[i]);
            put(e, "\n");
        }
        at = end + 1;
    }
}

/* ---- expressions ---------------------------------------------------------------------------- */

static void put_expr(emitter *e, const ct_kql_expr *expr);
static void emit_step(emitter *e, ct_kql_step *step);

static void put_column(emitter *e, const ct_kql_column *column)
{
    if (!column->alias) { /* of the side that a row of a full join has not */
        put(e, "NULL");
        return;
    }
    put(e, column->alias);
    put(e, ".");
    put_name(e, column->sql);
}

static void put_order(emitter *e, const ct_kql_step *step)
{
    for (size_t i = 0; i < step->n_order; i++) {
        const ct_kql_order *order = &step->order[i];
        put(e, i ? ", " : "");
        put_column(e, order->column);
        put(e, order->is_desc ? " DESC" : "");
        if (order->column->is_nullable && order->is_desc != order->nulls_last)
            put(e, order->nulls_last ? " NULLS LAST" : " NULLS FIRST");
    }
}

/* The window of a function over serialized rows; group is one more thing to part them by. */
static void put_window(emitter *e, const ct_kql_expr *group, bool has_frame)
{
    const ct_kql_step *input = e->input;
    put(e, "(");
    if (input->partition || group)
        put(e, "PARTITION BY ");
    if (input->partition)
        put_column(e, input->partition);
    if (group) {
        put(e, input->partition ? ", " : "");
        put_expr(e, group);
    }
    if (input->n_order > 0) {
        put(e, input->partition || group ? " ORDER BY " : "ORDER BY ");
        put_order(e, input);
    }
    put(e, has_frame ? " ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW)" : ")");
}

static void put_args(emitter *e, const ct_kql_expr *expr, size_t from)
{
    for (size_t i = from; i < expr->args.n; i++) {
        put(e, i > from ? ", " : "");
        put_expr(e, expr->args.at[i]);
    }
}

/* Writes what `$` and the letter at *at mean; *at moves behind it. */
static void put_hole(emitter *e, const ct_kql_expr *expr, const char **at)
{
    char c = *(*at)++;
    if (c >= '1' && c <= '9') {
        size_t i = (size_t)(c - '1');
        if (**at == '*') {
            (*at)++;
            put_args(e, expr, i);
        } else {
            put_expr(e, expr->args.at[i]);
        }
        return;
    }
    switch (c) {
    case '*':
        put_args(e, expr, 0);
        break;
    case '?': { /* an argument that may be missing: then 0 */
        size_t i = (size_t)(*(*at)++ - '1');
        if (i < expr->args.n)
            put_expr(e, expr->args.at[i]);
        else
            put(e, "0");
        break;
    }
    case 'w':
    case 'f':
        put_window(e, NULL, c == 'f');
        break;
    case 'g':
    case 'h':
        put_window(e, expr->args.at[*(*at)++ - '1'], c == 'h');
        break;
    case 'o':
    case 'O':
        if (e->input && e->input->n_order > 0) {
            put(e, c == 'o' ? ", " : " ORDER BY ");
            put_order(e, e->input);
        }
        break;
    default: /* r: the argument, a column, of the right side */
        put(e, "r.");
        put_name(e, expr->args.at[*(*at)++ - '1']->column->sql);
    }
}

static void put_call(emitter *e, const ct_kql_expr *expr)
{
    const char *at = expr->sql;
    while (*at) {
        size_t n = strcspn(at, "$");
        ct_buf_put(e->out, at, n);
        at += n;
        if (*at == '$') {
            at++;
            put_hole(e, expr, &at);
        }
    }
    put(e, "");
}

/* Long chains are cut in halves: SQLite bounds the depth of an expression at 1,000. */
static void put_chain(emitter *e, const ct_kql_expr *expr, size_t from, size_t to)
{
    if (to - from > 50) {
        size_t middle = from + (to - from) / 2;
        put(e, "(");
        put_chain(e, expr, from, middle);
        put(e, ")");
        put(e, expr->sql);
        put(e, "(");
        put_chain(e, expr, middle, to);
        put(e, ")");
        return;
    }
    for (size_t i = from; i < to; i++) {
        put(e, i > from ? expr->sql : "");
        put_expr(e, expr->args.at[i]);
    }
}

static void put_case(emitter *e, const ct_kql_expr *expr)
{
    put(e, "CASE");
    for (size_t i = 0; i + 1 < expr->args.n; i += 2) {
        put(e, " WHEN ");
        put_expr(e, expr->args.at[i]);
        put(e, " THEN ");
        put_expr(e, expr->args.at[i + 1]);
    }
    put(e, " ELSE ");
    put_expr(e, expr->args.at[expr->args.n - 1]);
    put(e, " END");
}

static void put_in_query(emitter *e, const ct_kql_expr *expr)
{
    const ct_kql_column *column = expr->query->columns.at[0];
    const char *fold = expr->sql; /* a function for both sides, or nothing */
    bool may_be_null = expr->args.at[0]->is_nullable || column->is_nullable;
    put(e, may_be_null ? "ifnull(" : "(");
    put(e, fold);
    put(e, "(");
    put_expr(e, expr->args.at[0]);
    put(e, ") IN (SELECT ");
    put(e, fold);
    put(e, "(q.");
    put_name(e, column->sql);
    put(e, ") FROM ");
    put(e, expr->query->name.p);
    put(e, may_be_null ? " AS q), 0)" : " AS q))");
}

static void put_query(emitter *e, const ct_kql_expr *expr)
{
    const ct_kql_column *column = expr->query->columns.at[0];
    bool is_string = column->type == CT_KQL_STRING;
    put(e, is_string ? "ifnull((SELECT q." : "(SELECT q.");
    put_name(e, column->sql);
    put(e, " FROM ");
    put(e, expr->query->name.p);
    put(e, " AS q");
    for (size_t i = 0; i < expr->query->n_order; i++) {
        const ct_kql_order *order = &expr->query->order[i];
        put(e, i ? ", q." : " ORDER BY q.");
        put_name(e, order->column->sql);
        put(e, order->is_desc ? " DESC" : "");
        if (order->column->is_nullable && order->is_desc != order->nulls_last)
            put(e, order->nulls_last ? " NULLS LAST" : " NULLS FIRST");
    }
    put(e, is_string ? " LIMIT 1), '')" : " LIMIT 1)");
}

static void put_expr(emitter *e, const ct_kql_expr *expr)
{
    switch (expr->kind) {
    case KE_LITERAL:
        put_literal(e, expr);
        break;
    case KE_COLUMN:
        put_column(e, expr->column);
        break;
    case KE_RAW:
        put(e, expr->sql);
        break;
    case KE_CALL:
        put_call(e, expr);
        break;
    case KE_CHAIN:
        put(e, "(");
        put_chain(e, expr, 0, expr->args.n);
        put(e, ")");
        break;
    case KE_CASE:
        put_case(e, expr);
        break;
    case KE_IN:
        put(e, "(");
        put_expr(e, expr->args.at[0]);
        put(e, expr->sql);
        put(e, "(");
        put_args(e, expr, 1);
        put(e, "))");
        break;
    case KE_IN_QUERY:
        put_in_query(e, expr);
        break;
    case KE_QUERY:
        put_query(e, expr);
        break;
    }
}

/* Writes the tables that the expression asks. */
static void emit_queries(emitter *e, const ct_kql_expr *expr)
{
    if (expr->query)
        emit_step(e, expr->query);
    for (size_t i = 0; i < expr->args.n; i++)
        emit_queries(e, expr->args.at[i]);
}

static void emit_queries_of(emitter *e, const ct_kql_exprs *list)
{
    for (size_t i = 0; i < list->n; i++)
        emit_queries(e, list->at[i]);
}

/* ---- the parts of a SELECT ------------------------------------------------------------------ */

static void set_alias(const ct_kql_columns *list, const char *alias)
{
    for (size_t i = 0; i < list->n; i++)
        list->at[i]->alias = alias;
}

static void set_step_alias(const ct_kql_step *step, const char *alias)
{
    if (!step)
        return;
    set_alias(&step->columns, alias);
    set_alias(&step->hidden, alias);
}

/* One column of the select list. */
static void put_result_column(emitter *e, const ct_kql_step *step, const ct_kql_column *column)
{
    if (column->maker == step) {
        put_expr(e, column->value);
        put(e, " AS ");
        put_name(e, column->sql);
    } else {
        put_column(e, column);
    }
}

/* Whether SQLite would take the SELECT for one over groups without being told. */
static bool has_aggregate(const ct_kql_step *step)
{
    for (size_t i = 0; i < step->shown.n; i++)
        if (step->shown.at[i]->maker == step && step->shown.at[i]->value->is_aggregate)
            return true;
    return false;
}

static void put_select(emitter *e, const ct_kql_step *step)
{
    for (size_t i = 0; i < step->shown.n; i++) {
        put(e, i ? ",\n        " : "\n    SELECT ");
        put_result_column(e, step, step->shown.at[i]);
    }
    bool is_one_group = step->is_group && step->n_keys == 0 && !step->partition;
    if (is_one_group && !has_aggregate(step)) /* one row, whatever is read of it */
        put(e, step->shown.n ? ",\n        count(*) AS \":none\""
                             : "\n    SELECT count(*) AS \":none\"");
    else if (step->shown.n == 0)
        put(e, "\n    SELECT 1 AS \":none\"");
}

static void put_filters(emitter *e, const ct_kql_step *step)
{
    for (size_t i = 0; i < step->filters.n; i++) {
        put(e, i ? "\n      AND " : "\n    WHERE ");
        put_expr(e, step->filters.at[i]);
    }
}

static void put_from(emitter *e, const ct_kql_step *input, const char *alias)
{
    put(e, "\n    FROM ");
    put(e, input->name.p);
    put(e, " AS ");
    put(e, alias);
}

/* ---- steps ---------------------------------------------------------------------------------- */

static void put_rows(emitter *e, const ct_kql_step *step)
{
    size_t n_columns = step->columns.n;
    bool any = false;
    if (step->n_rows == 0) {
        for (size_t c = 0; c < n_columns; c++) {
            if (!step->columns.at[c]->is_live)
                continue;
            put(e, any ? ", NULL AS " : "\n    SELECT NULL AS ");
            put_name(e, step->columns.at[c]->sql);
            any = true;
        }
        put(e, any ? " WHERE 0" : "\n    SELECT 1 AS \":none\" WHERE 0");
        return;
    }
    for (size_t r = 0; r < step->n_rows; r++) {
        put(e, r ? ",\n        (" : "\n    VALUES\n        (");
        any = false;
        for (size_t c = 0; c < n_columns; c++) {
            if (!step->columns.at[c]->is_live)
                continue;
            put(e, any ? ", " : "");
            put_expr(e, step->args.at[r * n_columns + c]);
            any = true;
        }
        put(e, any ? ")" : "1)");
    }
}

/* The columns of VALUES are named in front of it. */
static void put_row_names(emitter *e, const ct_kql_step *step)
{
    bool any = false;
    put(e, "(");
    for (size_t c = 0; c < step->columns.n; c++) {
        if (!step->columns.at[c]->is_live)
            continue;
        put(e, any ? ", " : "");
        put_name(e, step->columns.at[c]->sql);
        any = true;
    }
    put(e, any ? ")" : "\":none\")");
}

static void put_plain(emitter *e, const ct_kql_step *step)
{
    set_step_alias(step->input, "s");
    e->input = step->input;
    put_select(e, step);
    if (step->input && step->is_group && step->needs_order) {
        put(e, "\n    FROM (SELECT s.* FROM ");
        put(e, step->input->name.p);
        put(e, " AS s ORDER BY ");
        put_order(e, step->input);
        put(e, " LIMIT -1 OFFSET 0) AS s");
    } else if (step->input) {
        put_from(e, step->input, "s");
    }
    put_filters(e, step);
    if (step->is_group && (step->n_keys > 0 || step->partition)) {
        put(e, "\n    GROUP BY ");
        for (size_t i = 0; i < step->n_keys; i++)
            ct_buf_printf(e->out, i ? ", %zu" : "%zu", i + 1);
        if (step->partition) {
            put(e, step->n_keys ? ", " : "");
            put_column(e, step->partition);
        }
    }
    if (step->limit) {
        if (step->input->n_order > 0) {
            put(e, "\n    ORDER BY ");
            put_order(e, step->input);
        }
        put(e, "\n    LIMIT ");
        put_expr(e, step->limit);
    }
}

/* A key that may be null, so that null is like null. */
static void put_key(emitter *e, const ct_kql_expr *key, bool may_be_null)
{
    put(e, may_be_null ? "ifnull(" : "");
    put_expr(e, key);
    put(e, may_be_null ? ", x'00')" : "");
}

static void put_key_list(emitter *e, const ct_kql_exprs *keys, const ct_kql_exprs *others)
{
    for (size_t i = 0; i < keys->n; i++) {
        put(e, i ? ", " : "");
        put_key(e, keys->at[i], keys->at[i]->is_nullable || others->at[i]->is_nullable);
    }
}

/* keys of one side [NOT] IN (SELECT keys of the other): hashed once, unlike EXISTS. */
static void put_in_other(emitter *e, const ct_kql_exprs *keys, const ct_kql_exprs *others,
                         const ct_kql_step *other, const char *alias, bool is_not)
{
    put(e, "\n    WHERE (");
    put_key_list(e, keys, others);
    put(e, is_not ? ") NOT IN (SELECT " : ") IN (SELECT ");
    set_step_alias(other, alias);
    put_key_list(e, others, keys);
    put(e, " FROM ");
    put(e, other->name.p);
    put(e, " AS ");
    put(e, alias);
    put(e, ")");
}

static void put_on(emitter *e, const ct_kql_step *step)
{
    for (size_t i = 0; i < step->left_keys.n; i++) {
        const ct_kql_expr *left = step->left_keys.at[i], *right = step->right_keys.at[i];
        put(e, i ? "\n      AND " : "\n      ON ");
        set_step_alias(step->input, "l");
        put_expr(e, left);
        put(e, left->is_nullable || right->is_nullable ? " IS " : " = ");
        set_step_alias(step->right, "r");
        put_expr(e, right);
    }
    set_step_alias(step->input, "l");
}

static void put_existing(emitter *e, const ct_kql_step *step)
{
    bool gathers = step->join == KJ_SEMI && step->evidence && step->evidence->is_live &&
                   step->evidence->maker == step && step->right->evidence;
    set_step_alias(step->right, "r");
    set_step_alias(step->input, "l");
    put_select(e, step);
    put_from(e, step->input, "l");
    if (!gathers) {
        put_in_other(e, &step->left_keys, &step->right_keys, step->right, "r",
                     step->join == KJ_ANTI);
        return;
    }
    put(e, "\n    JOIN (SELECT ");
    set_step_alias(step->right, "r");
    for (size_t i = 0; i < step->right_keys.n; i++) {
        put_expr(e, step->right_keys.at[i]);
        ct_buf_printf(e->out, " AS k%zu, ", i + 1);
    }
    put(e, "kql_evidence(");
    put_column(e, step->right->evidence);
    put(e, ") AS ");
    put_name(e, step->right->evidence->sql);
    put(e, " FROM ");
    put(e, step->right->name.p);
    put(e, " AS r GROUP BY ");
    for (size_t i = 0; i < step->right_keys.n; i++)
        ct_buf_printf(e->out, i ? ", %zu" : "%zu", i + 1);
    put(e, ") AS r");
    set_step_alias(step->input, "l");
    for (size_t i = 0; i < step->left_keys.n; i++) {
        put(e, i ? "\n      AND " : "\n      ON ");
        put_expr(e, step->left_keys.at[i]);
        bool may_be_null =
            step->left_keys.at[i]->is_nullable || step->right_keys.at[i]->is_nullable;
        ct_buf_printf(e->out, may_be_null ? " IS r.k%zu" : " = r.k%zu", i + 1);
    }
}

static void put_join(emitter *e, const ct_kql_step *step)
{
    if (step->join == KJ_SEMI || step->join == KJ_ANTI) {
        put_existing(e, step);
        return;
    }
    set_step_alias(step->right, "r");
    set_step_alias(step->input, "l");
    put_select(e, step);
    put_from(e, step->input, "l");
    /* CROSS: SQLite keeps the order, the left outside, the right looked up by an index. */
    put(e, step->join == KJ_INNER ? "\n    CROSS JOIN " : "\n    LEFT JOIN ");
    put(e, step->right->name.p);
    put(e, " AS r");
    put_on(e, step);
    if (step->join != KJ_FULL)
        return;
    put(e, "\n    UNION ALL"); /* the rows of the right that met none */
    set_step_alias(step->right, "r");
    set_step_alias(step->input, NULL);
    put_select(e, step);
    put_from(e, step->right, "r");
    put_in_other(e, &step->right_keys, &step->left_keys, step->input, "l", true);
}

static void put_union_column(emitter *e, const ct_kql_column *to, const ct_kql_column *from,
                             bool is_first)
{
    put(e, is_first ? "\n    SELECT " : ", ");
    if (from)
        put_column(e, from);
    else
        put(e, to->type == CT_KQL_STRING ? "''" : "NULL");
    put(e, " AS ");
    put_name(e, to->sql);
}

static void put_union(emitter *e, const ct_kql_step *step)
{
    for (size_t i = 0; i < step->n_inputs; i++) {
        bool is_first = true;
        put(e, i ? "\n    UNION ALL" : "");
        set_step_alias(step->inputs[i], "s");
        for (size_t c = 0; c < step->columns.n; c++) {
            if (!step->columns.at[c]->is_live)
                continue;
            put_union_column(e, step->columns.at[c], step->map[i][c], is_first);
            is_first = false;
        }
        if (step->evidence && step->evidence->is_live) {
            put_union_column(e, step->evidence, step->inputs[i]->evidence, is_first);
            is_first = false;
        }
        if (is_first)
            put(e, "\n    SELECT 1 AS \":none\"");
        put_from(e, step->inputs[i], "s");
    }
}

static void put_expand(emitter *e, const ct_kql_step *step)
{
    set_step_alias(step->input, "s");
    e->input = step->input;
    put_select(e, step);
    put_from(e, step->input, "s");
    put(e, step->as_array ? "\n    JOIN kql_expand('array', " : "\n    JOIN kql_expand('bag', ");
    ct_buf_printf(e->out, "%lld", (long long)step->row_limit);
    for (size_t i = 0; i < step->args.n; i++) {
        put(e, ", ");
        put_expr(e, step->args.at[i]);
    }
    put(e, ") AS e");
}

static void put_step(emitter *e, const ct_kql_step *step)
{
    switch (step->kind) {
    case KS_SCAN:
        put_select(e, step);
        put(e, "\n    FROM ");
        put(e, step->table.p);
        put(e, " AS t");
        put_filters(e, step);
        break;
    case KS_ROWS:
        put_rows(e, step);
        break;
    case KS_SERIES:
        put_select(e, step);
        put(e, "\n    FROM kql_series(");
        for (size_t i = 0; i < step->args.n; i++) {
            put(e, i ? ", " : "");
            put_expr(e, step->args.at[i]);
        }
        put(e, ") AS t");
        break;
    case KS_SELECT:
        put_plain(e, step);
        break;
    case KS_JOIN:
        put_join(e, step);
        break;
    case KS_UNION:
        put_union(e, step);
        break;
    case KS_EXPAND:
        put_expand(e, step);
        break;
    }
    if (step->is_wall && !step->limit)
        put(e, "\n    LIMIT -1 OFFSET 0");
}

static void emit_columns_queries(emitter *e, const ct_kql_step *step, const ct_kql_columns *list)
{
    for (size_t i = 0; i < list->n; i++)
        if (list->at[i]->maker == step && list->at[i]->is_live)
            emit_queries(e, list->at[i]->value);
}

/* Everything that the step reads from. */
static void emit_inputs(emitter *e, ct_kql_step *step)
{
    if (step->input)
        emit_step(e, step->input);
    if (step->right)
        emit_step(e, step->right);
    for (size_t i = 0; i < step->n_inputs; i++)
        emit_step(e, step->inputs[i]);
    emit_queries_of(e, &step->filters);
    emit_queries_of(e, &step->args);
    if (step->limit)
        emit_queries(e, step->limit);
    emit_columns_queries(e, step, &step->columns);
}

static void emit_step(emitter *e, ct_kql_step *step)
{
    if (step->name.n > 0)
        return;
    emit_inputs(e, step);
    if (step->is_silent && step->input) {
        step->name = step->input->name;
        if (e->n_pending < sizeof e->pending / sizeof e->pending[0] && step->comment.n > 0)
            e->pending[e->n_pending++] = step->comment;
        return;
    }
    step->name = ct_kql_printf(e->job, "%s_%d", step->label, ++e->n_steps);
    put(e, e->is_first ? "WITH\n" : ",\n");
    e->is_first = false;
    for (size_t i = 0; i < e->n_pending; i++)
        put_comment(e, e->pending[i]);
    e->n_pending = 0;
    put_comment(e, step->comment);
    put(e, "  ");
    put(e, step->name.p);
    if (step->kind == KS_ROWS && step->n_rows > 0)
        put_row_names(e, step);
    put(e, " AS (");
    put_step(e, step);
    put(e, "\n  )");
}

static void put_shown(emitter *e, const ct_kql_step *last, ct_kql_column *column)
{
    ct_kql_column *shown = ct_kql_shown(last, column);
    const char *function = shown != column                   ? NULL
                           : column->type == CT_KQL_DATETIME ? "kql_out_datetime"
                           : column->type == CT_KQL_TIMESPAN ? "kql_out_timespan"
                                                             : NULL;
    if (function) {
        put(e, function);
        put(e, "(");
    }
    put_column(e, shown);
    put(e, function ? ") AS " : " AS ");
    put_name(e, column->name);
}

void ct_kql_emit(ct_kql_job *job, ct_kql_step *last, bool with_evidence)
{
    emitter e = {.job = job, .out = &job->scratch, .is_first = true};
    emit_step(&e, last);
    put(&e, "\n");
    for (size_t i = 0; i < e.n_pending; i++)
        put_comment(&e, e.pending[i]);
    set_step_alias(last, "s");
    for (size_t i = 0; i < last->columns.n; i++) {
        put(&e, i ? ",\n    " : "SELECT\n    ");
        put_shown(&e, last, last->columns.at[i]);
    }
    if (with_evidence && last->evidence) {
        put(&e, ",\n    kql_evidence_out(");
        put_column(&e, last->evidence);
        put(&e, ") AS \"evidence\"");
    } else if (with_evidence) {
        put(&e, ",\n    '[]' AS \"evidence\"");
    }
    put(&e, "\nFROM ");
    put(&e, last->name.p);
    put(&e, " AS s");
    if (last->n_order > 0) {
        put(&e, "\nORDER BY ");
        put_order(&e, last);
    }
    put(&e, "\n");
    if (!ct_buf_ok(e.out))
        ct_kql_fail_memory(job);
}
