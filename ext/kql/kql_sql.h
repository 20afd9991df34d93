/*
 * kql_sql: the compiler's SQL functions (docs/kql.md): kql_sql(), kql_schema(), kql_view(); and two
 * that only what it emits calls, kql_second_from() and kql_second_after().
 *
 * Reads the schema of the connection's database. kql_view() writes a view and an index, in one
 * transaction, and is DIRECTONLY.
 */
#ifndef CT_KQL_SQL_H
#define CT_KQL_SQL_H

#include "sqlite/sqlite.h"

int ct_kql_sql_register(sqlite3 *db, char **error);

#endif
