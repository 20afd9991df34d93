#include "sqlite/statement.h"

#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>

char *ct_sqlite_error(sqlite3 *db, int code)
{
    bool is_of_code = (sqlite3_errcode(db) & 0xFF) == (code & 0xFF);
    return sqlite3_mprintf("%s", is_of_code ? sqlite3_errmsg(db) : sqlite3_errstr(code));
}

int ct_statement_failed(sqlite3 *db, int rc, char **error)
{
    if (rc != SQLITE_OK && !*error)
        *error = ct_sqlite_error(db, rc);
    return rc;
}

int ct_exec(sqlite3 *db, const char *sql, char **error)
{
    int rc = sqlite3_exec(db, sql, NULL, NULL, NULL);
    return rc == SQLITE_OK ? rc : ct_statement_failed(db, rc, error);
}

int ct_execf(sqlite3 *db, char **error, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    char *sql = sqlite3_vmprintf(format, args);
    va_end(args);
    int rc = sql ? ct_exec(db, sql, error) : SQLITE_NOMEM;
    sqlite3_free(sql);
    return rc;
}

int ct_lookup(sqlite3 *db, const char *sql, const char *a, const char *b, char **value,
              char **error)
{
    sqlite3_stmt *stmt = NULL;
    *value = NULL;
    int rc = sqlite3_prepare_v2(db, sql, -1, &stmt, NULL);
    if (rc == SQLITE_OK) {
        sqlite3_bind_text(stmt, 1, a, -1, SQLITE_STATIC);
        if (b)
            sqlite3_bind_text(stmt, 2, b, -1, SQLITE_STATIC);
        rc = sqlite3_step(stmt);
    }
    if (rc == SQLITE_ROW) {
        bool is_null = sqlite3_column_type(stmt, 0) == SQLITE_NULL;
        const char *text = is_null ? "" : (const char *)sqlite3_column_text(stmt, 0);
        *value = text ? sqlite3_mprintf("%s", text) : NULL;
        rc = *value ? SQLITE_DONE : SQLITE_NOMEM;
    }
    if (rc != SQLITE_DONE)
        ct_statement_failed(db, rc, error);
    sqlite3_finalize(stmt);
    return rc == SQLITE_DONE ? SQLITE_OK : rc;
}

int ct_statement_run(sqlite3_stmt *stmt)
{
    while (sqlite3_step(stmt) == SQLITE_ROW)
        ;
    return sqlite3_reset(stmt); /* gives the error of the last step, too */
}

int ct_statement_integer(sqlite3 *db, const char *sql, sqlite3_int64 *value)
{
    sqlite3_stmt *stmt = NULL;
    int rc = sqlite3_prepare_v2(db, sql, -1, &stmt, NULL);
    if (rc == SQLITE_OK && sqlite3_step(stmt) == SQLITE_ROW)
        *value = sqlite3_column_int64(stmt, 0);
    int finished = sqlite3_finalize(stmt);
    return rc == SQLITE_OK ? finished : rc;
}

int ct_statement_ask(sqlite3 *db, const char *sql, sqlite3_int64 *value)
{
    int rc = ct_statement_integer(db, sql, value);
    return (rc & 0xFF) == SQLITE_NOMEM || rc == SQLITE_INTERRUPT ? rc : SQLITE_OK;
}

int ct_is_utf16(sqlite3 *db, bool *is)
{
    static const char sql[] = "SELECT encoding LIKE 'UTF-16%' FROM pragma_encoding";
    sqlite3_int64 value = *is;
    int rc = ct_statement_ask(db, sql, &value);
    *is = value != 0;
    return rc;
}
