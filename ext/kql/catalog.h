/*
 * catalog: the tables of a connection, as the compiler asks for them.
 */
#ifndef CT_KQL_CATALOG_H
#define CT_KQL_CATALOG_H

#include "kql/binder.h"
#include "sqlite/sqlite.h"

typedef struct ct_kql_database {
    sqlite3 *db;
    bool only_main;        /* what a view in main can see: nothing of TEMP */
    bool needs_cloudtrail; /* AWSCloudTrail is refused where there is no table cloudtrail */
    int rc;                /* SQLite's code, once reading the schema failed */
} ct_kql_database;

/* The catalog over *database, which must live as long. rc is in database. */
ct_kql_catalog ct_kql_catalog_of(ct_kql_database *database);

#endif
