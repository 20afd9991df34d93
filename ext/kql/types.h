/*
 * types: the scalar types of KQL.
 */
#ifndef CT_KQL_TYPES_H
#define CT_KQL_TYPES_H

#include "base/span.h"

typedef enum ct_kql_type {
    CT_KQL_NO_TYPE, /* not said, or not known */
    CT_KQL_BOOL,
    CT_KQL_INT,
    CT_KQL_LONG,
    CT_KQL_REAL,
    CT_KQL_STRING,
    CT_KQL_DATETIME,
    CT_KQL_TIMESPAN,
    CT_KQL_GUID,
    CT_KQL_DYNAMIC,
    CT_KQL_DECIMAL, /* known by name only: refused */
    CT_KQL_N_TYPES
} ct_kql_type;

/* Kusto's name of it: 'long'. */
const char *ct_kql_type_name(ct_kql_type type);

/* The type that a name in a query means, also by its other names (`double`, `date`, `uuid`);
 * CT_KQL_NO_TYPE when it is none. */
ct_kql_type ct_kql_type_named(ct_span name);

static inline bool ct_kql_is_integer(ct_kql_type type)
{
    return type == CT_KQL_INT || type == CT_KQL_LONG;
}

static inline bool ct_kql_is_number(ct_kql_type type)
{
    return ct_kql_is_integer(type) || type == CT_KQL_REAL;
}

#endif
