/*
 * cloudtrail: the extension as a program sees it that links it in, in C or C++.
 *
 *     sqlite3_cloudtrail_init(db, &error, NULL);
 *
 * `make static` builds the library with -DSQLITE_CORE: so built, the entry points use the SQLite that
 * the program links and take no notice of `api`. This header needs no such macro, and no
 * sqlite3ext.h. Each entry point returns SQLITE_OK, or a code and, in *error, a text for
 * sqlite3_free(). Both may be given to sqlite3_auto_extension().
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

#ifdef __cplusplus
}
#endif

#endif
