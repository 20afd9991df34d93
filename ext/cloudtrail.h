/*
 * cloudtrail: the extension as SQLite sees it.
 */
#ifndef CT_CLOUDTRAIL_H
#define CT_CLOUDTRAIL_H

#ifdef SQLITE_CORE
#include <sqlite3.h>
#else
#include <sqlite3ext.h>
#endif

#define CT_VERSION "0.1.0"
#define CT_VERSION_NUMBER 1000 /* 1002003 is 1.2.3 */
#define CT_VERSION_NUMBER_TEXT "1000"

/* Views are written for 3.34 and window functions need 3.25; what is older is refused. */
enum { CT_SQLITE_MIN = 3034000 };

/* Everything. `.load build/cloudtrail` finds it by its name. */
int sqlite3_cloudtrail_init(sqlite3 *db, char **error, const sqlite3_api_routines *api);

/* Everything that touches no file: `.load build/cloudtrail sqlite3_cloudtrail_nofile_init`. */
int sqlite3_cloudtrail_nofile_init(sqlite3 *db, char **error, const sqlite3_api_routines *api);

/* The generic name, so that the file loads under any name it is given. */
int sqlite3_extension_init(sqlite3 *db, char **error, const sqlite3_api_routines *api);

#endif
