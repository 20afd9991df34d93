#include "sqlite/version_function.h"

#include "base/version.h"
#include "sqlite/register.h"

/*
 * cloudtrail_version() -> TEXT
 *
 * The release of the extension, three numbers. Reads and writes nothing.
 *
 * NULL:    takes no argument, and is never NULL.
 * Errors:  none.
 * Example: SELECT cloudtrail_version();
 *          -- 0.2.0
 */
static void cloudtrail_version(sqlite3_context *context, int argc, sqlite3_value **argv)
{
    (void)argc, (void)argv;
    sqlite3_result_text(context, CT_VERSION, -1, SQLITE_STATIC);
}

// clang-format off
static const ct_function functions[] = {
    /* name                argc flags    scalar              step  final value inverse */
    {"cloudtrail_version", 0,   CT_PURE, cloudtrail_version, NULL, NULL, NULL, NULL},
};
// clang-format on

int ct_version_function_register(sqlite3 *db, char **error)
{
    return ct_register(db, functions, sizeof functions / sizeof functions[0], error);
}
