/*
 * runtime: what the modules fn_*.c and the aggregates add to a connection, a call a family.
 *
 * All of it is pure: the answer depends on the arguments only, so that compiled queries work as
 * views where trusted_schema is off. glue.h says how KQL's values stand in SQL.
 */
#ifndef CT_KQL_RUNTIME_H
#define CT_KQL_RUNTIME_H

struct sqlite3;

int ct_kql_register_operators(struct sqlite3 *db, char **error);
int ct_kql_register_convert(struct sqlite3 *db, char **error);
int ct_kql_register_number(struct sqlite3 *db, char **error);
int ct_kql_register_string(struct sqlite3 *db, char **error);
int ct_kql_register_datetime(struct sqlite3 *db, char **error);
int ct_kql_register_bag(struct sqlite3 *db, char **error);
int ct_kql_register_dynamic(struct sqlite3 *db, char **error);
int ct_kql_register_array(struct sqlite3 *db, char **error);
int ct_kql_register_regex(struct sqlite3 *db, char **error);
int ct_kql_register_parse(struct sqlite3 *db, char **error);
int ct_kql_register_encode(struct sqlite3 *db, char **error);
int ct_kql_register_ip(struct sqlite3 *db, char **error);
int ct_kql_register_aggregates(struct sqlite3 *db, char **error);
int ct_kql_register_lists(struct sqlite3 *db, char **error);
int ct_kql_register_expand(struct sqlite3 *db, char **error);
int ct_kql_register_evidence(struct sqlite3 *db, char **error);

#endif
