/* record_function: the SQL function that puts a record together again from its columns. */
#ifndef CT_RECORD_FUNCTION_H
#define CT_RECORD_FUNCTION_H

#include "sqlite/sqlite.h"

int ct_record_function_register(sqlite3 *db, char **error);

#endif
