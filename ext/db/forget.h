/* SQL: cloudtrail_forget(path), in forget.c. */
#ifndef CT_FORGET_H
#define CT_FORGET_H

#include "sqlite/sqlite.h"

int ct_forget_register(sqlite3 *db, char **error);

#endif
