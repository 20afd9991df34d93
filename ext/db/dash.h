/*
 * dash: the tables dash_*, counts an hour for dashboards, brought up to date.
 *
 * Only hours that have changed are counted again (sql/dash/20_stale.sql tells which). One statement
 * (30_event.sql) reads the events of an hour and says of each for which tables it counts and as
 * what; here they are counted, in memory, an hour at a time. Memory: what one hour has of different
 * rows.
 *
 * On a database that cannot be written the tables are made and counted as temporary ones.
 */
#ifndef CT_DASH_H
#define CT_DASH_H

#include <stdbool.h>

#include "sqlite/sqlite.h"

/* Makes the temporary tables that counting needs. Before the transaction begins, as transaction.h
 * says of statements that change the schema; in_temp: also the tables dash_* themselves, empty. */
int ct_dash_prepare(sqlite3 *db, bool in_temp, char **error);

/* Counts; the tables of the main database inside the transaction that is open. On failure returns
 * SQLite's code and *error a text (sqlite3_malloc, for the caller to free; NULL when there is no
 * memory). */
int ct_dash_update(sqlite3 *db, bool in_temp, char **error);

/* The same text with temp.dash_... for each main.dash_...; NULL when there is no memory.
 * sqlite3_free() it. */
char *ct_dash_sql(const char *sql, bool in_temp);

#endif
