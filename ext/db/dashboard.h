/*
 * dashboard: adds cloudtrail_dashboard(), a page that a person can look at.
 */
#ifndef CT_DASHBOARD_H
#define CT_DASHBOARD_H

#include "sqlite/sqlite.h"

/* Registers the function; error as in ct_register(). */
int ct_dashboard_register(sqlite3 *db, char **error);

#endif
