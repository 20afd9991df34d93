/*
 * engine: the rules as a script for another engine, with the lists and numbers of this database.
 *
 * SQL names: cloudtrail_engine_sql(engine [, location]).
 * Reads:     suspicious_command, discovery_call, ordinary_agent, rule_parameter and, for Athena, which
 *            accounts and regions cloudtrail has; no file. The text comes from sql/engines.
 */
#ifndef CT_ENGINE_H
#define CT_ENGINE_H

struct sqlite3;
int ct_engine_register(struct sqlite3 *db, char **error);

#endif
