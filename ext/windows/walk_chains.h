/*
 * walk_chains: walk_chains() in SQL.
 */
#ifndef CT_WALK_CHAINS_H
#define CT_WALK_CHAINS_H

#include "sqlite/register.h"

int ct_walk_chains_register(sqlite3 *db, char **error);

#endif
