/*
 * ast: the tree that the parser makes of a query.
 *
 * One kind of node for everything; beside each kind stands which fields it uses. The bytes
 * [at, end) of the query are what the node was written as.
 */
#ifndef CT_KQL_AST_H
#define CT_KQL_AST_H

#include <stdint.h>

#include "kql/job.h"
#include "kql/types.h"

typedef enum ct_kql_node_kind {
    /* scalars */
    KN_LITERAL, /* type, and text, integer (bool, long, ticks) or real; is_null */
    KN_NAME,    /* text */
    KN_MEMBER,  /* left .text */
    KN_INDEX,   /* left [right] */
    KN_CALL,    /* text (items); an item may be KN_NAMED, KN_STAR, KN_TYPEOF */
    KN_BINARY,  /* left text right; text is the operator as Kusto writes it */
    KN_AND,     /* items */
    KN_OR,      /* items */
    KN_SIGN,    /* text left: - or + */
    KN_IN,      /* left text (items): in, in~, has_any, has_all and with ! */
    KN_BETWEEN, /* left text (right .. third): between or !between */
    KN_STAR,    /* * */
    KN_TYPEOF,  /* typeof(type) */
    KN_NAMED,   /* text = left; or (names) = left, the names in items as KN_NAME */
    KN_PATTERN, /* text: a name with * in it, of project-away and its like */
    KN_COLUMN,  /* text : type; of a datatable, a parameter, a parse */
    /* tables */
    KN_PIPE,      /* left | items */
    KN_DATATABLE, /* items are KN_COLUMN, more are literals */
    KN_RANGE,     /* text from left to right step third */
    KN_PRINT,     /* items */
    KN_EXTERNAL,  /* items are KN_COLUMN */
    KN_UNION,     /* items are tables; as a source and as an operator; more are KN_OPTION */
    KN_OPTION,    /* text = left (a literal or KN_NAME) */
    /* statements */
    KN_QUERY,    /* items are KN_LET, left is the table */
    KN_LET,      /* text = left */
    KN_FUNCTION, /* (items: KN_COLUMN, or KN_PARAM_TABLE; right is a default) { left: KN_QUERY } */
    KN_PARAM_TABLE,
    /* operators */
    KN_WHERE,     /* left */
    KN_EXTEND,    /* items */
    KN_PROJECT,   /* items */
    KN_AWAY,      /* items: KN_NAME, KN_PATTERN */
    KN_KEEP,      /* items: the same */
    KN_REORDER,   /* items: KN_ORDER of the same, or themselves */
    KN_RENAME,    /* items: KN_NAMED */
    KN_DISTINCT,  /* items */
    KN_SUMMARIZE, /* items are aggregates, more are keys */
    KN_SORT,      /* items: KN_ORDER */
    KN_ORDER,     /* left; is_asc, nulls: -1 first, 1 last, 0 not said */
    KN_TOP,       /* left rows, items: KN_ORDER */
    KN_TAKE,      /* left */
    KN_COUNT,     /* */
    KN_JOIN,      /* right; items are conditions; more are KN_OPTION */
    KN_LOOKUP,    /* the same */
    KN_EXPAND,    /* items: KN_EXPANDED; left: the limit; more: KN_OPTION */
    KN_EXPANDED,  /* left (KN_NAMED or not) to typeof(type) */
    KN_APPLY,     /* as KN_EXPAND, right is a KN_PIPE whose left is NULL */
    KN_PARSE,     /* left; items: KN_LITERAL, KN_STAR, KN_COLUMN; more: KN_OPTION; is_where */
    KN_SERIALIZE, /* items */
    KN_AS,        /* text */
    KN_SCHEMA,    /* getschema */
    KN_IGNORED    /* render */
} ct_kql_node_kind;

typedef struct ct_kql_node ct_kql_node;

typedef struct ct_kql_nodes {
    ct_kql_node **at;
    size_t n;
} ct_kql_nodes;

struct ct_kql_node {
    ct_kql_node_kind kind;
    ct_kql_type type;
    size_t at, end;
    ct_span text;
    int64_t integer;
    double real;
    bool is_null, is_asc, is_where, is_legacy; /* is_legacy: mvexpand, makelist ... */
    int nulls;
    ct_kql_node *left, *right, *third;
    ct_kql_nodes items, more;
};

void ct_kql_push(ct_kql_job *job, ct_kql_nodes *nodes, ct_kql_node *node);

#endif
