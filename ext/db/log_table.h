/* log_table: the table function cloudtrail_log(). */
#ifndef CT_LOG_TABLE_H
#define CT_LOG_TABLE_H

#include "sqlite/sqlite.h"

int ct_log_table_register(sqlite3 *db, char **error);

#endif
