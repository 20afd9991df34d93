/*
 * seed: the rows that a release puts into tables of ours, which are then the user's.
 *
 * A file of sql/seeds holds the rows of the table it is named after. A row is put in once: the table
 * cloudtrail_seed has its key, and what the user deletes stays deleted, what the user changes stays
 * changed. Where a release adds a column to the table, the rows that are there get its value from
 * the file. A row's key is that of the table's primary key; where that has several columns, their
 * values with a space between.
 */
#ifndef CT_SEED_H
#define CT_SEED_H

#include "base/buf.h"
#include "db/sql_text.h"
#include "db/table.h"
#include "sqlite/sqlite.h"

/*
 * Puts in what is missing. `table` is the file of the same name in sql/tables, `change` what has
 * happened to it: into a table that is new all rows go. Returns SQLite's code; *error as in
 * sqlite/statement.h.
 */
int ct_seed_table(sqlite3 *db, const ct_sql_text *seed, const ct_sql_text *table,
                  const ct_table_change *change, char **error);

/* The names of rules that a release put in and that are there no more, as the members of a JSON
 * array without its brackets. */
int ct_seed_deleted_rules(sqlite3 *db, ct_buf *names, char **error);

#endif
