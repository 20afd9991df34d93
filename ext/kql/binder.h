/*
 * binder: gives the names of a parsed query their meaning.
 *
 * Finds tables, columns, let names and functions; works out the type of every expression and the
 * columns of every step, with Kusto's rules for automatic names; refuses what Kusto's own binder
 * refuses. A tabular let is bound anew at each use, up to CT_KQL_MAX_STEPS steps in all. The result
 * is a tree of steps (bound.h) in which the columns that nothing reads are marked dead.
 *
 * Knows no SQLite: what tables there are it asks the owner (ct_kql_catalog).
 */
#ifndef CT_KQL_BINDER_H
#define CT_KQL_BINDER_H

#include "kql/ast.h"
#include "kql/bound.h"

enum {
    CT_KQL_MAX_STEPS = 400,  /* of a query, lets counted at each use */
    CT_KQL_MAX_READS = 4000, /* of table expressions; one that is read twice doubles those below */
    CT_KQL_MAX_COLUMNS = 1000, /* of a step; SQLite's own limit is 2,000 */
    CT_KQL_MAX_EXPRS = 100000  /* bound expressions, lets counted at each use */
};

/* A column of a table: SQL over the table's alias t, and its type. */
typedef struct ct_kql_table_column {
    ct_span name;
    ct_span sql;
    ct_kql_type type;
    ct_span text_sql; /* of a datetime whose text sorts as time and ends in Z; else empty */
} ct_kql_table_column;

typedef struct ct_kql_table {
    ct_span sql;     /* its name, quoted; empty: there is no such table */
    bool has_events; /* its rows are those of cloudtrail */
    const ct_kql_table_column *columns;
    size_t n_columns;
} ct_kql_table;

typedef struct ct_kql_catalog {
    void *of; /* the owner's */
    /* May fail the job; a table that is not there has no sql. */
    void (*find)(void *of, ct_kql_job *job, ct_span name, ct_kql_table *table);
    ct_span now; /* SQL that gives the ticks of now() */
} ct_kql_catalog;

/* with_evidence: every step carries the events that its rows come from. */
ct_kql_step *ct_kql_bind(ct_kql_job *job, const ct_kql_node *query, const ct_kql_catalog *catalog,
                         bool with_evidence);

#endif
