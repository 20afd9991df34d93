/*
 * bind_step: making steps; for the binder's files alone.
 */
#ifndef CT_KQL_BIND_STEP_H
#define CT_KQL_BIND_STEP_H

#include "kql/bind.h"

/* A step that passes everything of its input on (which may be NULL). comment: the KQL. */
ct_kql_step *ct_kql_new_step(ct_kql_binder *b, ct_kql_step_kind kind, const char *label,
                             ct_kql_step *input, const ct_kql_node *comment);

ct_kql_column *ct_kql_new_column(ct_kql_binder *b, ct_kql_step *maker, ct_span name,
                                 ct_kql_expr *value);
void ct_kql_push_column(ct_kql_binder *b, ct_kql_columns *list, ct_kql_column *column);
bool ct_kql_has_column(const ct_kql_columns *list, const ct_kql_column *column);
/* The column in place of one of the same name, or at the end. */
void ct_kql_put_column(ct_kql_binder *b, ct_kql_step *step, ct_kql_column *column);

/* Gives the step's own columns their names in SQL, keeps what the order needs, and splits
 * expressions that nest too deep. Every step goes through it last. */
ct_kql_step *ct_kql_close_step(ct_kql_binder *b, ct_kql_step *step, size_t at);

/* name, or name1, name2 ... where the list has it. */
ct_span ct_kql_free_name(ct_kql_binder *b, const ct_kql_columns *list, ct_span name);

/* A step that keeps the rows for which the condition holds. */
ct_kql_step *ct_kql_filter(ct_kql_binder *b, ct_kql_step *input, const char *label,
                           ct_kql_expr *condition, const ct_kql_node *comment);

/* The operators that take more than a page. */
ct_kql_step *ct_kql_bind_summarize(ct_kql_scope *scope, const ct_kql_node *node);
ct_kql_step *ct_kql_bind_join(ct_kql_scope *scope, const ct_kql_node *node);
ct_kql_step *ct_kql_bind_union(ct_kql_scope *scope, const ct_kql_node *node, ct_kql_step *first);
ct_kql_step *ct_kql_bind_expand(ct_kql_scope *scope, const ct_kql_node *node);
ct_kql_step *ct_kql_bind_parse(ct_kql_scope *scope, const ct_kql_node *node);
ct_kql_step *ct_kql_bind_operator(ct_kql_scope *scope, const ct_kql_node *node);
ct_kql_step *ct_kql_bind_source(ct_kql_scope *scope, const ct_kql_node *node);

/* The option's value; n is 0 where it is not given. */
ct_span ct_kql_option(const ct_kql_nodes *options, const char *name);

#endif
