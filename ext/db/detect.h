/*
 * detect: runs the rules and keeps what they find: of detections in the tables alert and alert_event,
 * of hunts in hunt_finding.
 *
 * The steps are SQL: sql/find/, then sql/detect/ or sql/hunting/, in the order of their names. The
 * first make temporary tables, the last gives the summary, those between run in one transaction.
 */
#ifndef CT_DETECT_H
#define CT_DETECT_H

#include "sqlite/sqlite.h"

/* cloudtrail_detect(), cloudtrail_hunt() */
int ct_detect_register(sqlite3 *db, char **error);

#endif
