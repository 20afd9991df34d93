/*
 * table: one table of ours in the user's database, made or brought up to date.
 *
 * The CREATE TABLE of its file in sql/tables is the truth. A table that is there and was made from
 * another text (cloudtrail_schema has it) gets the columns that it lacks by ALTER TABLE where that
 * suffices. Where a column that it has is declared otherwise, a constraint is another, or a column
 * is shipped no more, it is made anew: with all rows and their rowids, and with what is the user's,
 * columns, constraints, indexes and triggers. What the user changed and no release did stays. A
 * table that we did not make is not touched, but for its indexes. Where one of these cannot be made,
 * or a column of ours is not there, that is an error.
 */
#ifndef CT_TABLE_H
#define CT_TABLE_H

#include <stdbool.h>

#include "base/buf.h"
#include "db/sql_text.h"
#include "sqlite/sqlite.h"

/* What happened to a table. */
typedef struct ct_table_change {
    bool is_new;  /* it was not there */
    ct_buf added; /* new columns of one that was there: quoted names, each with a comma behind it */
} ct_table_change;

/* Returns SQLite's code; *error as in sqlite/statement.h. `change` starts as {0} and is to be freed
 * by ct_buf_free(&change->added). */
int ct_table_update(sqlite3 *db, const ct_sql_text *file, ct_table_change *change, char **error);

/* The statements that make the user's indexes and triggers on a table or view, which go with it. */
int ct_table_put_dependents(sqlite3 *db, const ct_sql_text *file, ct_buf *sql);

/* Notes in cloudtrail_schema from what text, of n bytes, a table or view was made. */
int ct_note_shipped(sqlite3 *db, const char *name, const char *sql, size_t n, char **error);

#endif
