/*
 * old_database: databases that older releases wrote (tests/data), and what stands in two databases
 * held against each other, without any code of ours.
 */
#ifndef CT_OLD_DATABASE_H
#define CT_OLD_DATABASE_H

#include <sqlite3.h>

#include "base/buf.h"

/* Unpacks tests/data/NAME.db.gz into a file of the test's own; the path as temp_path() gives it. */
const char *old_database(const char *name);

/* A connection without the extension, never NULL. */
sqlite3 *old_database_open_plain(const char *path);

/*
 * Fails the test unless the table of the schema `other` (attached) has the same rows as that of main, in the
 * columns that both have, by value, type and rowid; but for the columns in `ignored` ("a,b", rowid
 * too; "" for none). With may_have_more the table in main may have further rows.
 */
void old_database_assert_same_rows(sqlite3 *db, const char *other, const char *table,
                                   const char *ignored, bool may_have_more);

#endif
