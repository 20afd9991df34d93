/*
 * merge_sets: merge_sets() in SQL.
 */
#ifndef CT_MERGE_SETS_H
#define CT_MERGE_SETS_H

#include "sqlite/register.h"

int ct_merge_sets_register(sqlite3 *db, char **error);

#endif
