/*
 * ddl: a CREATE TABLE statement taken apart, into its columns and constraints.
 *
 * It knows how SQLite's tokens begin and end, not what they mean: SQLite has taken the statement
 * before, or is about to. Core code: it needs no connection.
 */
#ifndef CT_DDL_H
#define CT_DDL_H

#include <stdbool.h>

#include "base/buf.h"
#include "base/span.h"

/* A column with its constraints, or a constraint of the table. */
typedef struct ct_ddl_part {
    ct_span text;   /* without the comments and blanks around it */
    size_t name_at; /* a column's name, in ct_ddl.names */
    size_t name_len;
} ct_ddl_part;

typedef struct ct_ddl {
    ct_span statement;  /* from CREATE to before the semicolon; borrowed, as all spans here are */
    ct_span tail;       /* what stands behind the closing parenthesis: WITHOUT ROWID */
    ct_ddl_part *parts; /* owned: the columns, then the constraints */
    size_t n_columns, n_parts, capacity;
    ct_buf names; /* as "quoted" identifiers, one behind the other */
} ct_ddl;

#define CT_DDL_EMPTY                                                                               \
    ((ct_ddl){.statement = {"", 0}, .tail = {"", 0}, .parts = NULL, .names = CT_BUF_EMPTY})

typedef enum ct_ddl_result {
    CT_DDL_OK,
    CT_DDL_NO_TABLE, /* not CREATE TABLE name (...): a view, a virtual table, half a statement */
    CT_DDL_NO_MEMORY
} ct_ddl_result;

/* Takes the statement apart that the text begins with; it must outlive *ddl. *ddl is to be freed
 * whatever comes back. */
ct_ddl_result ct_ddl_parse(ct_ddl *ddl, const char *p, size_t n);
void ct_ddl_free(ct_ddl *ddl);

/* A column's name as a "quoted" identifier. */
ct_span ct_ddl_name(const ct_ddl *ddl, const ct_ddl_part *column);

/* The column of that name (quoted, any case), or NULL. */
const ct_ddl_part *ct_ddl_column(const ct_ddl *ddl, ct_span name);

/* Whether two pieces of SQL are the same but for comments, blanks and the case of bare words. */
bool ct_ddl_same(ct_span a, ct_span b);

/* Whether a piece has this word (upper case) outside of parentheses, quotes and comments. */
bool ct_ddl_has_word(ct_span text, const char *word);

#endif
