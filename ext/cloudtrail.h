/*
 * cloudtrail: the extension as a program sees it that links it in, in C or C++.
 *
 *     sqlite3_cloudtrail_init(db, &error, NULL);
 *
 * Built with -DSQLITE_CORE the entry points use the SQLite that the program links and take no
 * notice of `api`. Each returns SQLITE_OK, or a code and, in *error, a text for sqlite3_free().
 */
#ifndef CT_CLOUDTRAIL_H
#define CT_CLOUDTRAIL_H

#include <sqlite3.h>

#ifdef __cplusplus
extern "C" {
#endif

struct sqlite3_api_routines;

/* Everything. `.load build/cloudtrail` finds it by its name. */
int sqlite3_cloudtrail_init(sqlite3 *db, char **error, const struct sqlite3_api_routines *api);

/* Everything that touches no file: `.load build/cloudtrail sqlite3_cloudtrail_nofile_init`. */
int sqlite3_cloudtrail_nofile_init(sqlite3 *db, char **error,
                                   const struct sqlite3_api_routines *api);

/* The generic name, so that the file loads under any name it is given. */
int sqlite3_extension_init(sqlite3 *db, char **error, const struct sqlite3_api_routines *api);

#ifdef __cplusplus
}
#endif

#endif
