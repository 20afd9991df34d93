/*
 * handover: a copy of the case for whoever does not have the extension: tables only.
 */
#ifndef CT_HANDOVER_H
#define CT_HANDOVER_H

#include "sqlite/sqlite.h"

/* cloudtrail_handover() */
int ct_handover_register(sqlite3 *db, char **error);

#endif
