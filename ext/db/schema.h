/*
 * schema: the tables and views of a database, made from the SQL files that the extension carries.
 *
 * What is missing is made: tables, their indexes, views. A view that still has the text an older
 * release shipped is replaced; one that the user changed is kept. An index that is not as this
 * release has it is made anew. A table that is there is never touched. A database that a newer
 * release made is refused.
 */
#ifndef CT_SCHEMA_H
#define CT_SCHEMA_H

#include "base/buf.h"
#include "sqlite/sqlite.h"

/* cloudtrail_init() */
int ct_schema_register(sqlite3 *db, char **error);

/*
 * Makes what is missing in the main database, inside the transaction that is open. `kept` gets the
 * names of the views that the user changed, as the members of a JSON array without its brackets.
 * On failure returns SQLite's code and *error a text (sqlite3_malloc, for the caller to free; NULL
 * when there is no memory).
 */
int ct_schema_create(sqlite3 *db, ct_buf *kept, char **error);

#endif
