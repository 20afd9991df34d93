#include "sqlite/transaction.h"

#include <stddef.h>

#include "sqlite/statement.h"

static const char refusal[] = "call it from a plain SELECT, not from INSERT or CREATE TABLE AS";

static int exec(ct_transaction *t, const char *sql)
{
    return sqlite3_exec(t->db, sql, NULL, NULL, NULL);
}

/*
 * After an interrupt no statement runs any more, ROLLBACK neither. But when a statement that writes
 * is interrupted, SQLite itself rolls the transaction back: so one is kept ready and stepped then.
 * It must need no table, since there may be none yet, and do no harm if it is not interrupted: it
 * sets user_version to what it is. CREATE INDEX makes SQLite parse it once more when it is stepped,
 * and the parser looks for an interrupt at white space and where the text ends: it has none, and
 * ends with its semicolon.
 */
static int prepare_write_nothing(ct_transaction *t)
{
    sqlite3_int64 version = 0;
    int rc = ct_statement_integer(t->db, "PRAGMA main.user_version", &version);
    if (rc != SQLITE_OK)
        return rc;

    char *sql = sqlite3_mprintf("PRAGMA\"main\".user_version=%lld;", version);
    rc = sql ? sqlite3_prepare_v2(t->db, sql, -1, &t->write_nothing, NULL) : SQLITE_NOMEM;
    sqlite3_free(sql);
    return rc;
}

int ct_transaction_open(sqlite3 *db, ct_transaction *t, char **error)
{
    *t = (ct_transaction){.db = db, .is_own = sqlite3_get_autocommit(db)};
    /* Of all databases: a statement that fills a temporary table writes, too. */
    if (t->is_own && sqlite3_txn_state(db, NULL) == SQLITE_TXN_WRITE) {
        *error = sqlite3_mprintf("%s", refusal);
        return SQLITE_ERROR;
    }
    const char *roll_back = t->is_own ? "ROLLBACK" : "ROLLBACK TO cloudtrail_call";
    int rc = prepare_write_nothing(t);
    if (rc == SQLITE_OK)
        rc = sqlite3_prepare_v2(db, roll_back, -1, &t->roll_back, NULL);
    if (rc != SQLITE_OK)
        *error = ct_sqlite_error(db, rc);
    return rc;
}

int ct_transaction_begin(ct_transaction *t, char **error)
{
    int rc = exec(t, t->is_own ? "BEGIN IMMEDIATE" : "SAVEPOINT cloudtrail_call");
    if ((rc & 0xFF) == SQLITE_BUSY && !t->is_own) { /* the calling statement writes */
        *error = sqlite3_mprintf("%s", refusal);
        return SQLITE_ERROR;
    }
    if (rc != SQLITE_OK)
        *error = ct_sqlite_error(t->db, rc);
    return rc;
}

int ct_transaction_pause(ct_transaction *t)
{
    return t->is_own ? exec(t, "COMMIT") : SQLITE_OK;
}

int ct_transaction_resume(ct_transaction *t)
{
    return t->is_own ? exec(t, "BEGIN IMMEDIATE") : SQLITE_OK;
}

/* An interrupt may have shown as another error; it shows as itself now. */
static int end_own(ct_transaction *t, int rc)
{
    if (rc == SQLITE_OK)
        rc = exec(t, "COMMIT");
    if (rc == SQLITE_OK || sqlite3_get_autocommit(t->db))
        return rc;
    if (ct_statement_run(t->roll_back) == SQLITE_INTERRUPT) {
        (void)ct_statement_run(t->write_nothing);
        rc = SQLITE_INTERRUPT;
    }
    return rc;
}

/* After some failures (no memory, disk full) SQLite has rolled back the caller's transaction
 * itself, and the savepoint is gone. */
static int end_savepoint(ct_transaction *t, int rc)
{
    if (sqlite3_get_autocommit(t->db))
        return rc;
    if (rc != SQLITE_OK && ct_statement_run(t->roll_back) == SQLITE_INTERRUPT)
        rc = SQLITE_INTERRUPT;
    int released = exec(t, "RELEASE cloudtrail_call");
    return rc == SQLITE_OK ? released : rc;
}

int ct_transaction_end(ct_transaction *t, int rc)
{
    return t->is_own ? end_own(t, rc) : end_savepoint(t, rc);
}

char *ct_transaction_interrupted(const ct_transaction *t, const char *again)
{
    if (t->is_own)
        return sqlite3_mprintf("interrupted; %s", again);
    return sqlite3_mprintf(sqlite3_get_autocommit(t->db)
                               ? "interrupted, and SQLite has rolled your transaction back"
                               : "interrupted inside your transaction: ROLLBACK");
}

void ct_transaction_close(ct_transaction *t)
{
    sqlite3_finalize(t->write_nothing);
    sqlite3_finalize(t->roll_back);
    t->write_nothing = t->roll_back = NULL;
}
