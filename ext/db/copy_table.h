/*
 * copy_table: tables and what views show, copied row by row from one connection into another.
 *
 * So the copy has what the first connection sees, also of a transaction that is not committed, of a
 * database in memory, and by functions that only it knows. What was deleted is not in it.
 *
 * Every function returns SQLite's code; *error as in sqlite/statement.h.
 */
#ifndef CT_COPY_TABLE_H
#define CT_COPY_TABLE_H

#include <stdbool.h>

#include "sqlite/sqlite.h"

typedef struct ct_copy {
    sqlite3 *from, *to; /* borrowed; main of the one, main of the other */
    char **error;       /* borrowed */
} ct_copy;

/*
 * Copies a table with its rowids. sql is the CREATE TABLE it was made by; where the other connection
 * cannot make one of it (it has a function or a collation of the host's), or where it is NULL, the
 * table gets the columns' names and affinities and nothing else, and *is_plain is true.
 */
int ct_copy_table(const ct_copy *copy, const char *name, const char *sql, bool *is_plain,
                  sqlite3_int64 *n_rows);

/* Makes a table of what a view of that schema shows. A column has a type where all its values are of
 * one. */
int ct_copy_view(const ct_copy *copy, const char *schema, const char *name, sqlite3_int64 *n_rows);

/* Runs the first of the statements in sql, if it begins with `verb`. */
int ct_copy_statement(const ct_copy *copy, const char *sql, const char *verb);

/* Copies the rows of a SELECT into the parameters of an INSERT. */
int ct_copy_rows(const ct_copy *copy, const char *select, const char *insert,
                 sqlite3_int64 *n_rows);

/* Whether SQLite's word for a failure is of this table or view, and not of the whole. */
bool ct_copy_is_refused(int rc);

#endif
