/*
 * version_function: adds cloudtrail_version().
 */
#ifndef CT_VERSION_FUNCTION_H
#define CT_VERSION_FUNCTION_H

#include "sqlite/sqlite.h"

/* Registers the function; error as in ct_register(). */
int ct_version_function_register(sqlite3 *db, char **error);

#endif
