/*
 * functions: the functions of KQL that the compiler knows, as a table.
 *
 * A row is a name, the types of its arguments, the type of its result and the SQL it becomes; a name
 * with several rows takes the first that fits. To add a function, add a row.
 *
 * args, a letter an argument:
 *   b bool   i int   l int or long   r real (of any number)   n a number, as it is
 *   s string, or a dynamic as its text   z string   S string, others through tostring()
 *   H as S, but no dynamic   d datetime   t timespan   g guid   y dynamic   Y dynamic, others become it
 *   k dynamic, or an integer that becomes it   a anything, as it is   A anything but a dynamic
 *   x what has an order
 *   ? what follows may be missing   + the one before repeats   & the two before repeat
 *   ! the next is the same for every row
 * A dynamic is taken by no other letter: Kusto's own functions want it cast first.
 * result: a letter as above, or 1, 2 ... the type of that argument.
 * sql: a template (see KE_CALL in bound.h); NULL is kql_NAME($*).
 * flags: see below.
 */
#ifndef CT_KQL_FUNCTIONS_H
#define CT_KQL_FUNCTIONS_H

#include "base/span.h"

enum {
    KF_NAMED = 1, /* an unnamed column of it is named as its first argument is */
    KF_NEVER_NULL = 2,
    KF_NULL_AS_ARGS = 4, /* NULL only where an argument is */
    KF_NO_NAN = 8        /* a real that is a number */
};

typedef struct ct_kql_function {
    const char *name, *args, *result, *sql;
    int flags;
} ct_kql_function;

extern const ct_kql_function ct_kql_scalars[];
extern const size_t ct_kql_n_scalars;

/* Aggregates: the same; in sql. The name of an unnamed column: prefix in `label`. */
typedef struct ct_kql_aggregate {
    const char *name, *args, *result, *sql;
    const char *label; /* set_: followed by the argument's name */
    int flags;
} ct_kql_aggregate;

extern const ct_kql_aggregate ct_kql_aggregates[];
extern const size_t ct_kql_n_aggregates;

#endif
