/*
 * Any bytes as a query: binder and emitter end with SQL or with a sentence, and what compiles also
 * prepares in SQLite, with the events and without. What it answers is run for a while.
 */
#include <sqlite3.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cloudtrail.h"
#include "kql/kql.h"
#include "kql/kql_sql.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

static const char tables[] =
    "CREATE TABLE cloudtrail(eventTime TEXT NOT NULL, eventID TEXT, eventName TEXT, eventSource "
    "TEXT, "
    "awsRegion TEXT, sourceIPAddress TEXT, userAgent TEXT, recipientAccountId TEXT, "
    "userIdentityType "
    "TEXT, userIdentityPrincipalId TEXT, userIdentityArn TEXT, userIdentityAccountId TEXT, "
    "userIdentityAccessKeyId TEXT, userIdentityUserName TEXT, userIdentityInvokedBy TEXT, "
    "sessionIssuerType TEXT, sessionIssuerPrincipalId TEXT, sessionIssuerArn TEXT, "
    "sessionIssuerAccountId TEXT, sessionIssuerUserName TEXT, sessionMfaAuthenticated INTEGER, "
    "sessionCreationDate TEXT, errorCode TEXT, errorMessage TEXT, readOnly INTEGER, "
    "managementEvent "
    "INTEGER, eventType TEXT, eventCategory TEXT, eventVersion TEXT, apiVersion TEXT, requestID "
    "TEXT, "
    "sharedEventID TEXT, vpcEndpointId TEXT, tlsVersion TEXT, tlsCipherSuite TEXT, "
    "tlsClientProvidedHostHeader TEXT, requestParameters TEXT, responseElements TEXT, resources "
    "TEXT, "
    "additionalEventData TEXT, serviceEventDetails TEXT, extra TEXT, fileID INTEGER, recordNumber "
    "INTEGER);"
    "INSERT INTO cloudtrail(eventTime, eventName, requestParameters) "
    "VALUES('2024-05-01T10:00:00Z', "
    "'ListUsers', '{\"a\":[1,{\"b\":\"c\"}]}'), ('2024-05-01T10:00:05Z', 'GetUser', NULL);"
    "CREATE TABLE rule_parameter(name TEXT PRIMARY KEY, value);"
    "CREATE TABLE T(a STRING, b LONG, c REAL, d DATETIME, e DYNAMIC, f BOOL, g TIMESPAN, h GUID);"
    "INSERT INTO T VALUES('x', 1, 1.5, '2024-05-01', '[1,2]', 1, '01:00:00', NULL),"
    "('', NULL, NULL, NULL, NULL, NULL, NULL, NULL);";

static sqlite3 *open_once(void)
{
    static sqlite3 *db;
    char *error = NULL;
    if (!db &&
        (sqlite3_open(":memory:", &db) != SQLITE_OK || ct_kql_register(db, &error) != SQLITE_OK ||
         ct_kql_sql_register(db, &error) != SQLITE_OK ||
         sqlite3_exec(db, tables, NULL, NULL, NULL) != SQLITE_OK))
        abort();
    return db;
}

/* Ends a statement that takes long: what it would answer is not what is looked for. */
static int stop(void *n_calls)
{
    return ++*(int *)n_calls > 20;
}

/* Limits of SQLite's own that a query may meet; anything else is our defect. */
static int is_limit(const char *message)
{
    return strstr(message, "too many") || strstr(message, "too large") ||
           strstr(message, "limited to") || strstr(message, "at most") ||
           strstr(message, "out of memory") || strstr(message, "too big");
}

static void prepare(sqlite3 *db, const char *sql)
{
    sqlite3_stmt *stmt;
    int n_calls = 0;
    if (sqlite3_prepare_v2(db, sql, -1, &stmt, NULL) != SQLITE_OK) {
        if (is_limit(sqlite3_errmsg(db)))
            return;
        fprintf(stderr, "%s\n%s\n", sql, sqlite3_errmsg(db));
        abort();
    }
    sqlite3_progress_handler(db, 10000, stop, &n_calls);
    for (int i = 0; i < 20 && sqlite3_step(stmt) == SQLITE_ROW; i++)
        continue;
    sqlite3_progress_handler(db, 0, NULL, NULL);
    sqlite3_finalize(stmt);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
    sqlite3 *db = open_once();
    sqlite3_stmt *compile;
    if (sqlite3_prepare_v2(db, "SELECT kql_sql(?1), kql_sql(?1, 1), kql_schema(?1)", -1, &compile,
                           NULL) != SQLITE_OK)
        abort();
    sqlite3_bind_blob(compile, 1, n ? (const void *)data : "", (int)n, SQLITE_STATIC);
    if (sqlite3_step(compile) == SQLITE_ROW) {
        prepare(db, (const char *)sqlite3_column_text(compile, 0));
        prepare(db, (const char *)sqlite3_column_text(compile, 1));
    } else if (strncmp(sqlite3_errmsg(db), "kql_sql(): line ", 16) != 0) {
        fprintf(stderr, "%s\n", sqlite3_errmsg(db));
        abort();
    }
    sqlite3_finalize(compile);
    return 0;
}
