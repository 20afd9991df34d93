/*
 * schema: the tables and views of a database, made from the SQL files that the extension carries,
 * or brought up to date from those of an older release.
 *
 * What is missing is made: tables with their rows, indexes, views. A table of an older release gets
 * the columns and constraints of this one and keeps what is the user's (db/table.h); it gets the
 * rows that are new (db/seed.h). A view that still has the text an older release shipped is
 * replaced; one that the user changed is kept. An index that is not as this release has it is made
 * anew. A database that a newer release made is refused.
 */
#ifndef CT_SCHEMA_H
#define CT_SCHEMA_H

#include "base/buf.h"
#include "sqlite/sqlite.h"

/* cloudtrail_init() */
int ct_schema_register(sqlite3 *db, char **error);

/* What is to be said to the user. The lists are members of a JSON array without its brackets. */
typedef struct ct_schema_report {
    ct_buf kept;          /* names of the views that the user changed */
    ct_buf deleted_rules; /* names of our rules that the user deleted from the table rule */
    int version;          /* of the release that the database was of before; 0: of none */
} ct_schema_report;

/*
 * Makes what is missing in the main database and brings the rest up to date, inside the transaction
 * that is open. On failure returns SQLite's code and *error a text (sqlite3_malloc, for the caller
 * to free; NULL when there is no memory). The report starts as {0}; free it in any case.
 */
int ct_schema_create(sqlite3 *db, ct_schema_report *report, char **error);
void ct_schema_report_free(ct_schema_report *report);

/* Appends the report as members of a JSON object, `,"kept":[...]`, each only where there is
 * something to say. */
void ct_schema_put_report(const ct_schema_report *report, ct_buf *json);

#endif
