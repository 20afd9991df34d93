/*
 * allow: cloudtrail_allow() in SQL: an entry of allow_list that covers one alert's kind.
 */
#ifndef CT_ALLOW_H
#define CT_ALLOW_H

#include "sqlite/sqlite.h"

int ct_allow_register(sqlite3 *db, char **error);

#endif
