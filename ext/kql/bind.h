/*
 * bind: what the parts of the binder share; for no one else.
 */
#ifndef CT_KQL_BIND_H
#define CT_KQL_BIND_H

#include "kql/binder.h"

/* What a name means: a let, or a parameter of a function that is being bound. */
typedef struct ct_kql_meaning ct_kql_meaning;
struct ct_kql_meaning {
    const ct_kql_meaning *outer;
    ct_span name;
    const ct_kql_node *node;         /* of a table or function: bound anew at each use ... */
    const ct_kql_meaning *seen_from; /* ... with these names */
    ct_kql_expr *value;              /* of a scalar */
    int row_of;                      /* its value varies with the rows of this table; 0: not */
    ct_kql_step *first;              /* of a table: bound when it was defined, for its first use */
};

typedef struct ct_kql_binder {
    ct_kql_job *job;
    const ct_kql_catalog *catalog;
    bool with_evidence;
    size_t n_steps, n_exprs;
    int n_open_tables;          /* tables that are being bound, one within the other */
    int depth;                  /* of calls of let functions and of nested expressions */
    const ct_kql_step *reading; /* the input of the expression in hand; NULL: none */
    ct_kql_column *partition;   /* within mv-apply: the number of the row that is expanded */
} ct_kql_binder;

/* Where an expression stands. */
typedef struct ct_kql_scope {
    ct_kql_binder *b;
    const ct_kql_meaning *names;
    ct_kql_step *input; /* whose columns it may name; NULL: none */
    bool may_aggregate; /* columns stand in aggregates only */
    bool may_window;    /* functions of serialized rows */
} ct_kql_scope;

/* ---- bind_expr.c: scalars ---- */

ct_kql_expr *ct_kql_bind_expr(ct_kql_scope *scope, const ct_kql_node *node);
/* With the type checked or converted: a condition, a row count. */
ct_kql_expr *ct_kql_bind_bool(ct_kql_scope *scope, const ct_kql_node *node);
ct_kql_expr *ct_kql_convert(ct_kql_binder *b, ct_kql_expr *expr, ct_kql_type type);
ct_kql_expr *ct_kql_new_expr(ct_kql_binder *b, ct_kql_expr_kind kind, ct_kql_type type, size_t at);
ct_kql_expr *ct_kql_new_column_expr(ct_kql_binder *b, ct_kql_column *column, size_t at);
ct_kql_expr *ct_kql_new_call(ct_kql_binder *b, const char *sql, ct_kql_type type, size_t at,
                             size_t n, ...);
ct_kql_expr *ct_kql_new_null(ct_kql_binder *b, ct_kql_type type, size_t at);
ct_kql_expr *ct_kql_new_long(ct_kql_binder *b, int64_t value, size_t at);
/* A literal of a string or, as JSON, a dynamic. */
ct_kql_expr *ct_kql_new_text(ct_kql_binder *b, ct_kql_type type, ct_span text, size_t at);
/* The call, whose result is NULL only where an argument may be; is never NULL. */
ct_kql_expr *ct_kql_strict(ct_kql_expr *call);
ct_kql_expr *ct_kql_never_null(ct_kql_expr *call);
void ct_kql_push_expr(ct_kql_job *job, ct_kql_exprs *list, ct_kql_expr *expr);
/* Whether the value is another for each row. */
bool ct_kql_varies(const ct_kql_expr *expr);
ct_kql_column *ct_kql_find_column(const ct_kql_step *step, ct_span name);
const ct_kql_meaning *ct_kql_find_meaning(const ct_kql_meaning *names, ct_span name);
/* The name that Kusto gives an unnamed expression; empty: ColumnN or print_N. */
ct_span ct_kql_auto_name(ct_kql_binder *b, const ct_kql_node *node);
/* An argument makes of the expression what it is itself. */
void ct_kql_add_arg(ct_kql_binder *b, ct_kql_expr *expr, ct_kql_expr *arg);

/* The literals as one dynamic literal, an array; NULL where one is no literal string, long or bool. */
ct_kql_expr *ct_kql_fold_array(ct_kql_binder *b, const ct_kql_exprs *values, size_t at);

/* ---- bind_binary.c: operators between values ---- */

ct_kql_expr *ct_kql_bind_binary(ct_kql_scope *scope, const ct_kql_node *node);
ct_kql_expr *ct_kql_bind_sign(ct_kql_scope *scope, const ct_kql_node *node);
ct_kql_expr *ct_kql_bind_between(ct_kql_scope *scope, const ct_kql_node *node);
ct_kql_expr *ct_kql_bind_in(ct_kql_scope *scope, const ct_kql_node *node);

/* ---- bind_call.c: functions by the table ---- */

ct_kql_expr *ct_kql_bind_call(ct_kql_scope *scope, const ct_kql_node *node);
/* The value of a let function: called, or named where it has no parameters. */
ct_kql_expr *ct_kql_bind_scalar_function(ct_kql_scope *scope, const ct_kql_node *node,
                                         const ct_kql_meaning *function);
bool ct_kql_is_aggregate(ct_span name);
/* What Kusto calls an unnamed aggregate, `sum_x`; empty for what is no aggregate's call. */
ct_span ct_kql_aggregate_name(ct_kql_binder *b, const ct_kql_node *node);

/* ---- bind_step.c: tables ---- */

bool ct_kql_is_table(const ct_kql_scope *scope, const ct_kql_node *node);
ct_kql_step *ct_kql_bind_table(ct_kql_scope *scope, const ct_kql_node *node);
bool ct_kql_is_function(const ct_kql_meaning *meaning);
/* A step before scope->input's reader that computes the expression: its column. */
ct_kql_expr *ct_kql_hoist(ct_kql_scope *scope, ct_kql_expr *expr);
/* One row: all values of the column, as a JSON array. */
ct_kql_step *ct_kql_gather(ct_kql_binder *b, ct_kql_step *table, ct_kql_column *column, size_t at);
/* What a let function gives: a table, or in *scalar a value. */
ct_kql_step *ct_kql_bind_function(ct_kql_scope *scope, const ct_kql_node *call,
                                  const ct_kql_meaning *function, ct_kql_expr **scalar);

#endif
