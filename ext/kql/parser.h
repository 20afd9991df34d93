/*
 * parser: tokens to a tree (ast.h).
 *
 * Scalars by a Pratt parser with Kusto's levels: * / %, + -, string operators, < <= > >=, == and its
 * like, and, or; the middle three do not chain. A pipeline nests in parentheses. Nothing is looked
 * up here: whether a name is a table, a column or a function is the binder's matter.
 *
 * Fails with what was expected, or with the name of what is not supported; a query that nests deeper
 * than CT_KQL_MAX_DEPTH is refused.
 */
#ifndef CT_KQL_PARSER_H
#define CT_KQL_PARSER_H

#include "kql/ast.h"

/* How deep parentheses, calls and pipelines nest. */
enum { CT_KQL_MAX_DEPTH = 64 };

/* The whole text of the job: a KN_QUERY. */
ct_kql_node *ct_kql_parse_query(ct_kql_job *job);

#endif
