/* The binder's join and lookup. */
#include "kql/bind_step.h"

#include <string.h>

typedef enum flavour {
    INNERUNIQUE,
    INNER,
    LEFTOUTER,
    RIGHTOUTER,
    FULLOUTER,
    LEFTSEMI,
    LEFTANTI,
    RIGHTSEMI,
    RIGHTANTI
} flavour;

static flavour read_kind(ct_kql_binder *b, const ct_kql_node *node)
{
    static const struct {
        const char *name;
        flavour kind;
    } kinds[] = {
        {"innerunique", INNERUNIQUE}, {"inner", INNER},         {"leftouter", LEFTOUTER},
        {"rightouter", RIGHTOUTER},   {"fullouter", FULLOUTER}, {"leftsemi", LEFTSEMI},
        {"leftanti", LEFTANTI},       {"anti", LEFTANTI},       {"leftantisemi", LEFTANTI},
        {"rightsemi", RIGHTSEMI},     {"rightanti", RIGHTANTI}, {"rightantisemi", RIGHTANTI},
    };
    ct_span kind = ct_kql_option(&node->more, "kind");
    if (kind.n == 0)
        return node->kind == KN_LOOKUP ? LEFTOUTER : INNERUNIQUE;
    for (size_t i = 0; i < sizeof kinds / sizeof kinds[0]; i++)
        if (ct_span_is(kind, kinds[i].name) &&
            (node->kind == KN_JOIN || kinds[i].kind == INNER || kinds[i].kind == LEFTOUTER))
            return kinds[i].kind;
    ct_kql_refuse(b->job, node->at, "a join of kind %s is not known", ct_kql_quote(b->job, kind));
}

typedef struct keys {
    ct_kql_exprs left, right;
    ct_kql_columns right_columns; /* those that lookup leaves out */
} keys;

static void push_keys(ct_kql_binder *b, keys *k, const ct_kql_node *node, ct_kql_expr *left,
                      ct_kql_expr *right)
{
    bool are_integers = ct_kql_is_integer(left->type) && ct_kql_is_integer(right->type);
    if (left->type != right->type && !are_integers)
        ct_kql_refuse(b->job, node->at, "a join compares a %s with a %s",
                      ct_kql_type_name(left->type), ct_kql_type_name(right->type));
    if (left->type == CT_KQL_DYNAMIC)
        ct_kql_refuse(b->job, node->at, "a join does not compare dynamic values (use tostring)");
    ct_kql_push_expr(b->job, &k->left, left);
    ct_kql_push_expr(b->job, &k->right, right);
    if (right->kind == KE_COLUMN)
        ct_kql_push_column(b, &k->right_columns, right->column);
}

/* The side of `$left.a == $right.b`. */
static ct_kql_expr *bind_side(ct_kql_binder *b, const ct_kql_node *node, const char *side,
                              const ct_kql_step *of)
{
    if (node->kind != KN_MEMBER || node->left->kind != KN_NAME ||
        !ct_span_is(node->left->text, side))
        return NULL;
    ct_kql_column *column = ct_kql_find_column(of, node->text);
    if (!column)
        ct_kql_refuse(b->job, node->at, "the %s side has no column %s", side + 1,
                      ct_kql_quote(b->job, node->text));
    return ct_kql_new_column_expr(b, column, node->at);
}

static void bind_condition(ct_kql_binder *b, keys *k, const ct_kql_node *node, ct_kql_step *left,
                           ct_kql_step *right)
{
    if (node->kind == KN_AND) {
        for (size_t i = 0; i < node->items.n; i++)
            bind_condition(b, k, node->items.at[i], left, right);
        return;
    }
    if (node->kind == KN_NAME) {
        ct_kql_column *l = ct_kql_find_column(left, node->text),
                      *r = ct_kql_find_column(right, node->text);
        if (!l || !r)
            ct_kql_refuse(b->job, node->at, "the %s side has no column %s", l ? "right" : "left",
                          ct_kql_quote(b->job, node->text));
        push_keys(b, k, node, ct_kql_new_column_expr(b, l, node->at),
                  ct_kql_new_column_expr(b, r, node->at));
        return;
    }
    if (node->kind != KN_BINARY || !ct_span_is(node->text, "=="))
        ct_kql_refuse(b->job, node->at,
                      "a join is on the name of a column, or on $left.a == $right.b");
    ct_kql_expr *l = bind_side(b, node->left, "$left", left),
                *r = bind_side(b, node->right, "$right", right);
    if (!l && !r) {
        l = bind_side(b, node->right, "$left", left);
        r = bind_side(b, node->left, "$right", right);
    }
    if (!l || !r)
        ct_kql_refuse(b->job, node->at, "one side is of $left, the other of $right");
    push_keys(b, k, node, l, r);
}

/* One row a key, the first. The filter's input is where later filters of left columns go. */
static ct_kql_step *keep_first(ct_kql_binder *b, ct_kql_step *left, const keys *k, size_t at,
                               ct_kql_step **unique)
{
    ct_kql_scope scope = {.b = b, .input = left};
    ct_kql_expr *number =
        ct_kql_new_call(b, "row_number() OVER (PARTITION BY $*$O)", CT_KQL_LONG, at, 0);
    for (size_t i = 0; i < k->left.n; i++)
        ct_kql_add_arg(b, number, k->left.at[i]);
    number->is_window = true;
    number->is_constant = false;
    ct_kql_expr *hoisted = ct_kql_hoist(&scope, number);
    *unique = scope.input;
    return ct_kql_filter(b, scope.input, "first",
                         ct_kql_new_call(b, "($1 = 1)", CT_KQL_BOOL, at, 1, hoisted), NULL);
}

/* A column of one side in the result; new where it may be missing or is called otherwise. */
static ct_kql_column *carry(ct_kql_binder *b, ct_kql_step *join, ct_kql_column *from, ct_span name,
                            bool may_miss, bool is_new, size_t at)
{
    if (!may_miss && !is_new)
        return from;
    ct_kql_expr *value = ct_kql_new_column_expr(b, from, at);
    if (may_miss && from->type == CT_KQL_STRING)
        value = ct_kql_new_call(b, "ifnull($1, '')", CT_KQL_STRING, at, 1, value);
    ct_kql_column *column = ct_kql_new_column(b, join, name, value);
    column->is_nullable = from->type != CT_KQL_STRING && (may_miss || from->is_nullable);
    column->may_be_nan = from->may_be_nan;
    return column;
}

static void add_columns(ct_kql_binder *b, ct_kql_step *join, ct_kql_step *left, ct_kql_step *right,
                        flavour kind, const ct_kql_columns *without, size_t at)
{
    bool left_may_miss = kind == RIGHTOUTER || kind == FULLOUTER;
    bool right_may_miss = kind == LEFTOUTER || kind == FULLOUTER;
    for (size_t i = 0; i < left->columns.n; i++)
        ct_kql_push_column(b, &join->columns,
                           carry(b, join, left->columns.at[i], left->columns.at[i]->name,
                                 left_may_miss, kind == RIGHTOUTER || kind == FULLOUTER, at));
    for (size_t i = 0; i < right->columns.n; i++) {
        ct_kql_column *from = right->columns.at[i];
        if (without && ct_kql_has_column(without, from))
            continue;
        ct_span name = from->name;
        for (int number = 1;
             ct_kql_find_column(join, name) || (number > 1 && ct_kql_find_column(right, name));
             number++)
            name = ct_kql_printf(b->job, "%.*s%d", (int)from->name.n, from->name.p, number);
        ct_kql_push_column(b, &join->columns, carry(b, join, from, name, right_may_miss, true, at));
    }
}

static void add_evidence(ct_kql_binder *b, ct_kql_step *join, ct_kql_step *left, ct_kql_step *right,
                         size_t at)
{
    join->evidence = NULL;
    if (!left->evidence && !right->evidence)
        return;
    ct_kql_expr *both = ct_kql_new_call(b, "kql_evidence_merge($*)", CT_KQL_DYNAMIC, at, 0);
    if (left->evidence)
        ct_kql_add_arg(b, both, ct_kql_new_column_expr(b, left->evidence, at));
    if (right->evidence && join->join != KJ_ANTI)
        ct_kql_add_arg(b, both, ct_kql_new_column_expr(b, right->evidence, at));
    if (both->args.n == 0)
        return;
    join->evidence = ct_kql_new_column(b, join, (ct_span){":events", 7}, both);
    ct_kql_push_column(b, &join->hidden, join->evidence);
}

static ct_kql_step *bind_existing(ct_kql_binder *b, ct_kql_step *left, ct_kql_step *right,
                                  const keys *k, bool is_anti, const ct_kql_node *node)
{
    ct_kql_step *join = ct_kql_new_step(b, KS_JOIN, "join", left, node);
    join->right = right;
    join->join = is_anti ? KJ_ANTI : KJ_SEMI;
    join->left_keys = k->left;
    join->right_keys = k->right;
    if (left->evidence || right->evidence) {
        /* The hidden column of the left stays known; the new one takes its place. */
        add_evidence(b, join, left, right, node->at);
    }
    join->is_serialized = false;
    join->unique = NULL;
    return ct_kql_close_step(b, join, node->at);
}

ct_kql_step *ct_kql_bind_join(ct_kql_scope *scope, const ct_kql_node *node)
{
    ct_kql_binder *b = scope->b;
    flavour kind = read_kind(b, node);
    ct_kql_scope outside = {.b = b, .names = scope->names};
    ct_kql_step *left = scope->input, *right = ct_kql_bind_table(&outside, node->right);
    if (left->partition)
        ct_kql_refuse(b->job, node->at, "join within mv-apply is not supported");
    keys k = {{NULL, 0}, {NULL, 0}, {NULL, 0}};
    for (size_t i = 0; i < node->items.n; i++)
        bind_condition(b, &k, node->items.at[i], left, right);

    if (kind == RIGHTSEMI || kind == RIGHTANTI) {
        keys swapped = {k.right, k.left, {NULL, 0}};
        return bind_existing(b, right, left, &swapped, kind == RIGHTANTI, node);
    }
    if (kind == LEFTSEMI || kind == LEFTANTI)
        return bind_existing(b, left, right, &k, kind == LEFTANTI, node);

    ct_kql_step *unique = NULL;
    if (kind == INNERUNIQUE)
        left = keep_first(b, left, &k, node->at, &unique);
    ct_kql_step *join =
        ct_kql_new_step(b, KS_JOIN, node->kind == KN_LOOKUP ? "lookup" : "join", NULL, node);
    bool is_swapped = kind == RIGHTOUTER;
    join->input = is_swapped ? right : left;
    join->right = is_swapped ? left : right;
    join->left_keys = is_swapped ? k.right : k.left;
    join->right_keys = is_swapped ? k.left : k.right;
    join->join = kind == INNER || kind == INNERUNIQUE ? KJ_INNER
                 : kind == FULLOUTER                  ? KJ_FULL
                                                      : KJ_LEFT;
    join->unique = unique;
    add_columns(b, join, left, right, kind, node->kind == KN_LOOKUP ? &k.right_columns : NULL,
                node->at);
    for (size_t i = 0; kind == INNER || kind == INNERUNIQUE || kind == LEFTOUTER; i++) {
        if (i >= left->hidden.n)
            break;
        if (left->hidden.at[i] != left->evidence)
            ct_kql_push_column(b, &join->hidden, left->hidden.at[i]);
    }
    add_evidence(b, join, left, right, node->at);
    return ct_kql_close_step(b, join, node->at);
}
