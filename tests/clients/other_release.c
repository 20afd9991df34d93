/*
 * A file that stands for another release in the same process: it has the entry points of ours and
 * registers one function, which says that it is another's.
 */
#include <stddef.h>

#include <sqlite3ext.h>
SQLITE_EXTENSION_INIT1

#define EXPORT __attribute__((visibility("default")))

static void other_release(sqlite3_context *context, int argc, sqlite3_value **argv)
{
    (void)argc, (void)argv;
    sqlite3_result_int(context, 1);
}

static int init(sqlite3 *db, const sqlite3_api_routines *api)
{
    SQLITE_EXTENSION_INIT2(api)
    return sqlite3_create_function_v2(db, "other_release", 0, SQLITE_UTF8, NULL, other_release,
                                      NULL, NULL, NULL);
}

int sqlite3_cloudtrail_init(sqlite3 *, char **, const sqlite3_api_routines *);
int sqlite3_cloudtrail_nofile_init(sqlite3 *, char **, const sqlite3_api_routines *);
int sqlite3_extension_init(sqlite3 *, char **, const sqlite3_api_routines *);

EXPORT int sqlite3_cloudtrail_init(sqlite3 *db, char **error, const sqlite3_api_routines *api)
{
    (void)error;
    return init(db, api);
}

EXPORT int sqlite3_cloudtrail_nofile_init(sqlite3 *db, char **error,
                                          const sqlite3_api_routines *api)
{
    (void)error;
    return init(db, api);
}

EXPORT int sqlite3_extension_init(sqlite3 *db, char **error, const sqlite3_api_routines *api)
{
    (void)error;
    return init(db, api);
}
