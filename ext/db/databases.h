/*
 * databases: keeps the log readers away from files that SQLite has open.
 *
 * POSIX locks belong to the process: whoever closes a file cancels all locks that the process holds
 * on it, also those of SQLite, and from then on other processes write into the middle of its
 * transaction. So a database must be known before it is opened: by device and inode where it is one
 * of this connection's, else by its header, which is read through SQLite, whose own files know of
 * each other and are not closed under a lock. -journal, -wal and -shm go with their database.
 */
#ifndef CT_DATABASES_H
#define CT_DATABASES_H

#include "sqlite/sqlite.h"
#include "log/paths.h"

typedef struct ct_databases ct_databases;

/* The databases that the connection has open now. SQLite's code; *databases is to be closed. */
int ct_databases_open(sqlite3 *db, ct_databases **databases);
void ct_databases_close(ct_databases *databases); /* NULL is fine */

/* What the walk asks for each file it finds (ct_paths_guard); the databases are borrowed. Those of
 * the connection are left out without a word, others are reported. */
ct_paths_guard ct_databases_guard(ct_databases *databases);

#endif
