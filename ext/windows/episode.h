/*
 * episode: episode() in SQL.
 */
#ifndef CT_EPISODE_H
#define CT_EPISODE_H

#include "sqlite/register.h"

int ct_episode_register(sqlite3 *db, char **error);

#endif
