/*
 * The entry points of the extension: which modules there are, and which of them a connection gets.
 */
#include "cloudtrail.h"

#include <stdbool.h>
#include <stddef.h>

#include "sqlite/json_function.h"
#include "sqlite/sqlite.h"
#include "aws/arn.h"
#include "aws/event_command.h"
#include "aws/upn.h"
#include "aws/useragent.h"
#include "windows/windows.h"
#include "kql/kql.h"
#include "db/record_function.h"
#include "db/schema.h"
#include "db/detect.h"
#include "db/log_table.h"
#include "db/import.h"

#ifndef SQLITE_CORE
SQLITE_EXTENSION_INIT1
#endif

#define CT_EXPORT __attribute__((visibility("default")))

typedef struct ct_module {
    int (*register_in)(sqlite3 *db, char **error);
    bool reads_files;
} ct_module;

// clang-format off
static const ct_module modules[] = {
    /* register_in                reads_files */
    {ct_json_function_register,    false},
    {ct_arn_register,              false},
    {ct_event_command_register,    false},
    {ct_kql_register,              false},
    {ct_upn_register,              false},
    {ct_useragent_register,        false},
    {ct_windows_register,          false},
    {ct_record_function_register,  false},
    {ct_schema_register,           false},
    {ct_detect_register,           false},
    {ct_log_table_register,        true},
    {ct_import_register,           true},
};
// clang-format on

static int load(sqlite3 *db, char **error, bool with_files)
{
    if (sqlite3_libversion_number() < CT_SQLITE_MIN) {
        *error = sqlite3_mprintf("cloudtrail needs SQLite 3.34.0 or newer, this is %s",
                                 sqlite3_libversion());
        return SQLITE_ERROR;
    }
    for (size_t i = 0; i < sizeof modules / sizeof modules[0]; i++) {
        if (modules[i].reads_files && !with_files)
            continue;
        int rc = modules[i].register_in(db, error);
        if (rc != SQLITE_OK)
            return rc;
    }
    return SQLITE_OK;
}

CT_EXPORT int sqlite3_cloudtrail_init(sqlite3 *db, char **error, const sqlite3_api_routines *api)
{
    (void)api;
#ifndef SQLITE_CORE
    SQLITE_EXTENSION_INIT2(api)
#endif
    return load(db, error, true);
}

CT_EXPORT int sqlite3_cloudtrail_nofile_init(sqlite3 *db, char **error,
                                             const sqlite3_api_routines *api)
{
    (void)api;
#ifndef SQLITE_CORE
    SQLITE_EXTENSION_INIT2(api)
#endif
    return load(db, error, false);
}

CT_EXPORT int sqlite3_extension_init(sqlite3 *db, char **error, const sqlite3_api_routines *api)
{
    return sqlite3_cloudtrail_init(db, error, api);
}
