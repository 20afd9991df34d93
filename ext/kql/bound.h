/*
 * bound: the tree that the binder makes and the emitter writes.
 *
 * A step (ct_kql_step) is one operator of the query: it gives rows with columns. A column is one
 * object for as long as its values pass unchanged from step to step, so that an expression may refer
 * to it whatever step it stands in; a step that computes one anew makes a new object. Values are
 * represented as docs/kql.md, "Inside", says: datetime and timespan as ticks, dynamic as JSON text,
 * strings never NULL.
 */
#ifndef CT_KQL_BOUND_H
#define CT_KQL_BOUND_H

#include <stdint.h>

#include "kql/job.h"
#include "kql/types.h"

typedef struct ct_kql_expr ct_kql_expr;
typedef struct ct_kql_step ct_kql_step;
typedef struct ct_kql_column ct_kql_column;

typedef struct ct_kql_exprs {
    ct_kql_expr **at;
    size_t n;
} ct_kql_exprs;

typedef struct ct_kql_columns {
    ct_kql_column **at;
    size_t n;
} ct_kql_columns;

struct ct_kql_column {
    ct_span name; /* Kusto's */
    ct_span sql;  /* in the steps; differs where two names are equal but for case */
    ct_kql_type type;
    bool is_nullable;      /* may be NULL; a string never is */
    bool may_be_nan;       /* a real that may be the text 'NaN' */
    bool is_index_key;     /* AWSCloudTrail's EventName: an index serves its COLLATE NOCASE */
    bool is_live;          /* something above needs it */
    int n_uses;            /* by expressions */
    ct_kql_column *leader; /* the max() or min() whose row it is read from: it must be there, too */
    ct_kql_column *text;   /* of a scanned time: the hidden column with its text */
    const char *alias;     /* the emitter's: of the input that has it, while a step is written */
    ct_kql_step *maker;    /* the step that computes it */
    ct_kql_expr *value;    /* as what */
};

typedef enum ct_kql_expr_kind {
    KE_LITERAL,  /* type; integer, real or text; is_null */
    KE_COLUMN,   /* column */
    KE_RAW,      /* sql as it is: a column of a table */
    KE_CALL,     /* sql: $1 .. $9 are args, $* all, $2* from the second on, $w the order of
                 * the rows, $f the rows up to this one */
    KE_CHAIN,    /* args joined by sql: ' AND ', ' || ' */
    KE_CASE,     /* args: condition, value, condition, value ..., else */
    KE_IN,       /* args[0] IN (others); sql is IN or NOT IN */
    KE_IN_QUERY, /* args[0] IN (the first column of query); sql as above */
    KE_QUERY     /* the first column of the first row of query */
} ct_kql_expr_kind;

struct ct_kql_expr {
    ct_kql_expr_kind kind;
    ct_kql_type type;
    bool is_nullable, may_be_nan;
    bool is_constant;  /* the same for every row */
    bool is_aggregate; /* an aggregate is in it */
    bool is_window;    /* a window function is in it */
    size_t at;         /* in the query */
    size_t size;       /* expressions in it, a shared one counted each time */
    size_t n_reads;    /* of table expressions, by its queries */
    bool is_null;
    int64_t integer;
    double real;
    ct_span text;
    const char *sql;
    ct_kql_column *column;
    ct_kql_exprs args;
    ct_kql_step *query;
};

typedef struct ct_kql_order {
    ct_kql_column *column;
    bool is_desc, nulls_last;
} ct_kql_order;

typedef enum ct_kql_step_kind {
    KS_SCAN,   /* columns out of table */
    KS_ROWS,   /* rows: n_rows x columns literals */
    KS_SERIES, /* args: from, to, step */
    KS_SELECT, /* filters, groups, limit: whatever one SELECT over one input can say */
    KS_JOIN,   /* input, right */
    KS_UNION,  /* inputs; column i of the result is map[leg][i] of leg, NULL where it has none */
    KS_EXPAND  /* args become v1 .. of kql_expand() */
} ct_kql_step_kind;

typedef enum ct_kql_join_kind {
    KJ_INNER,
    KJ_LEFT, /* outer */
    KJ_FULL,
    KJ_SEMI,
    KJ_ANTI
} ct_kql_join_kind;

struct ct_kql_step {
    ct_kql_step_kind kind;
    const char *label;      /* begins the name of its table expression */
    ct_span comment;        /* the KQL it is of; empty: of the step above */
    ct_span name;           /* of its table expression; set by the emitter */
    ct_span given_name;     /* by `as` */
    ct_kql_columns columns; /* the result, in order */
    ct_kql_columns shown;   /* of these two, those that a step above reads; set by live.c */
    ct_kql_columns hidden;  /* carried along: order, evidence, text of times */
    ct_kql_order *order;    /* what the rows are sorted by */
    size_t n_order;
    bool is_serialized;       /* row_number() and its like may be used */
    ct_kql_column *evidence;  /* hidden; NULL: no events */
    ct_kql_column *partition; /* windows look at rows with the same value only; NULL: at all */
    ct_kql_step *input, *right;
    size_t n_reads;      /* of table expressions, one counted each time that it is read */
    int n_tables;        /* that SQLite would join at once, were all melted together */
    bool is_wall;        /* SQLite must not melt it into the step above */
    bool is_visited;     /* by live.c */
    bool is_silent;      /* nothing but its comment: sort, whose order the steps above read by */
    ct_kql_step *unique; /* the de-duplication of an innerunique join below: filters of its columns
                            go before it */
    /* KS_SCAN */
    ct_span table; /* as SQL: quoted */
    /* KS_ROWS */
    size_t n_rows;
    ct_kql_exprs args;
    /* KS_SELECT */
    ct_kql_exprs filters;
    bool is_group;
    size_t n_keys; /* the first columns; the others are aggregates */
    ct_kql_expr *limit;
    bool needs_order; /* reads its input sorted: take, make_list */
    /* KS_JOIN */
    ct_kql_join_kind join;
    ct_kql_exprs left_keys, right_keys;
    /* KS_UNION */
    ct_kql_step **inputs;
    ct_kql_column ***map;
    size_t n_inputs;
    /* KS_EXPAND */
    bool as_array;
    int64_t row_limit;
};

#endif
