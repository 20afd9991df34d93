/*
 * imports: what tests of cloudtrail_import() share.
 */
#ifndef CT_IMPORTS_H
#define CT_IMPORTS_H

#include "harness.h"

/* As harness_open_file(), and with import_small(path): cloudtrail_import() that writes after every
 * few kilobytes and commits after every 40 events or problems. */
sqlite3 *imports_open(const char *path);

/* The same on a database of harness_open_ready(). */
sqlite3 *imports_open_ready(void);

/* Imports by that SQL function, fails the test unless it succeeds; returns the summary without the
 * database and seconds, and without the counts of ignored, conflicts and notes that are 0; to be
 * freed with free(). */
char *imports_run(sqlite3 *db, const char *function, const char *path);

/* Fails the test unless the summary is the one expected (`"files":1,"skipped":0,...`). */
#define assert_import(db, path, expected) imports_assert(db, path, expected, __FILE__, __LINE__)
void imports_assert(sqlite3 *db, const char *path, const char *expected, const char *file,
                    int line);

/* All that imports have brought, as text that does not depend on when and in how many steps; to be
 * freed with free(). */
char *imports_dump(sqlite3 *db);

/* Fails the test unless the sums of the ledger are right and the database is intact. */
void imports_check(sqlite3 *db);

#endif
