/* import: the SQL function cloudtrail_import(). */
#ifndef CT_IMPORT_H
#define CT_IMPORT_H

#include "cloudtrail.h"

int ct_import_register(sqlite3 *db, char **error);

#endif
