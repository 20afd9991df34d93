/* SQL: cloudtrail_verify(path [, public_keys]), in verify.c. */
#ifndef CT_VERIFY_H
#define CT_VERIFY_H

#include "sqlite/sqlite.h"

int ct_verify_register(sqlite3 *db, char **error);

#endif
