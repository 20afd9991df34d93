/*
 * kql: the functions of Kusto's query language, kql_*, for people who carry a rule over by hand and
 * for the SQL that the compiler writes.
 */
#ifndef CT_KQL_H
#define CT_KQL_H

struct sqlite3;

/* Adds the kql_ functions to the connection. */
int ct_kql_register(struct sqlite3 *db, char **error);

#endif
