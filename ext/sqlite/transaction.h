/*
 * transaction: what a SQL function writes, all or nothing, also when it is interrupted.
 *
 * A function that is called from a plain SELECT gets a transaction of its own, which it may commit
 * in parts; inside a transaction of the caller's it gets a savepoint, and what it wrote is the
 * caller's to commit. Inside a statement that writes itself (INSERT, CREATE TABLE AS) it could do
 * neither and is refused.
 *
 * An interrupt makes every later statement of the call fail, ROLLBACK too. A transaction of our own
 * is rolled back all the same. One of the caller's is either rolled back by SQLite or stays open;
 * the caller must then ROLLBACK. So he must where SQLite has run out of memory behind a CREATE INDEX
 * of the call: every statement is then to be prepared anew, ROLLBACK too, and there is nothing left
 * to do that with.
 *
 * Every function returns SQLite's code. *error gets a text (sqlite3_malloc, for the caller to
 * free), or stays NULL when there is no memory.
 */
#ifndef CT_TRANSACTION_H
#define CT_TRANSACTION_H

#include <stdbool.h>

#include "sqlite/sqlite.h"

typedef struct ct_transaction {
    sqlite3 *db;
    bool is_own;                 /* not the caller's */
    sqlite3_stmt *write_nothing; /* owned: what takes a transaction back after an interrupt */
    sqlite3_stmt *roll_back;     /* owned: ready, since there may be no memory to prepare it */
} ct_transaction;

/* Whether the function may write here; nothing is touched yet. Must be closed in any case. */
int ct_transaction_open(sqlite3 *db, ct_transaction *t, char **error);

int ct_transaction_begin(ct_transaction *t, char **error);

/* Commits what was written so far, and holds no lock until it is resumed; nothing in a transaction
 * of the caller's. */
int ct_transaction_pause(ct_transaction *t);
int ct_transaction_resume(ct_transaction *t);

/* Ends it: with SQLITE_OK what was written is kept, else it is taken back. Returns rc; another
 * code, with its text in sqlite3_errmsg(), when the commit failed or it was an interrupt after all.
 */
int ct_transaction_end(ct_transaction *t, int rc);

/* After ct_transaction_end() gave SQLITE_INTERRUPT: what has become of the transaction, as a sentence
 * (sqlite3_malloc). `again` says what to do where it was our own. */
char *ct_transaction_interrupted(const ct_transaction *t, const char *again);

void ct_transaction_close(ct_transaction *t);

#endif
