/*
 * detect: runs the rules and keeps what they find in the tables alert and alert_event.
 *
 * The steps are SQL: sql/detect/, in the order of their names. The first makes temporary tables,
 * the last gives the summary, those between run in one transaction.
 */
#ifndef CT_DETECT_H
#define CT_DETECT_H

#include "sqlite/sqlite.h"

/* cloudtrail_detect() */
int ct_detect_register(sqlite3 *db, char **error);

#endif
