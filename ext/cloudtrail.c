/*
 * The entry points of the extension: which modules there are, and which of them a connection gets.
 */
#include "cloudtrail.h"

#include <stdbool.h>
#include <stddef.h>
#include <string.h>

#include "sqlite/address_function.h"
#include "sqlite/json_function.h"
#include "base/version.h"
#include "sqlite/sqlite.h"
#include "sqlite/version_function.h"
#include "aws/access_key.h"
#include "aws/arn.h"
#include "aws/event_command.h"
#include "aws/policy.h"
#include "aws/upn.h"
#include "aws/useragent.h"
#include "windows/episode.h"
#include "windows/merge_sets.h"
#include "windows/walk_chains.h"
#include "windows/windows.h"
#include "kql/kql.h"
#include "kql/kql_sql.h"
#include "db/record_function.h"
#include "db/schema.h"
#include "db/sentence.h"
#include "db/allow.h"
#include "db/dashboard.h"
#include "db/detect.h"
#include "db/engine.h"
#include "db/log_table.h"
#include "db/import.h"
#include "db/forget.h"
#include "db/handover.h"
#include "db/verify.h"

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
    {ct_address_function_register, false},
    {ct_access_key_register,       false},
    {ct_arn_register,              false},
    {ct_event_command_register,    false},
    {ct_policy_register,           false},
    {ct_kql_register,              false},
    {ct_kql_sql_register,          false},
    {ct_upn_register,              false},
    {ct_useragent_register,        false},
    {ct_windows_register,          false},
    {ct_merge_sets_register,       false},
    {ct_walk_chains_register,      false},
    {ct_episode_register,          false},
    {ct_version_function_register, false},
    {ct_record_function_register,  false},
    {ct_schema_register,           false},
    {ct_sentence_register,         false},
    {ct_detect_register,           false},
    {ct_allow_register,            false},
    {ct_engine_register,           false},
    {ct_dashboard_register,        false},
    {ct_log_table_register,        true},
    {ct_import_register,           true},
    {ct_forget_register,           true},
    {ct_verify_register,           true},
    {ct_handover_register,         true},
};
// clang-format on

/*
 * The one thing that a process keeps: SQLite's functions, as the host hands them over. A process may
 * hold two copies of SQLite (the system's, and one inside a driver), and to both this file is one.
 * Functions of one copy, called with objects of the other, would crash: the second is refused.
 */
static bool take_sqlite(const sqlite3_api_routines *api)
{
#ifdef SQLITE_CORE
    (void)api;
    return true;
#else
    const sqlite3_api_routines *none = NULL;
    return __atomic_compare_exchange_n(&sqlite3_api, &none, api, false, __ATOMIC_ACQ_REL,
                                       __ATOMIC_ACQUIRE) ||
           none == api;
#endif
}

static int refuse_second_sqlite(char **error, const sqlite3_api_routines *api)
{
#ifndef SQLITE_CORE
    /* by the caller's own function: it is the caller that frees the text */
    *error = (api->mprintf)("another copy of SQLite in this process has loaded this file: load a "
                            "copy of the file under another name");
#endif
    (void)error, (void)api;
    return SQLITE_ERROR;
}

/* A function that is there already cannot be put in its own place while a statement runs, which is
 * so within load_extension(). It need not be where it is of this release. */
static bool is_loaded(sqlite3 *db)
{
    sqlite3_stmt *stmt = NULL;
    const char *version = NULL;
    if (sqlite3_prepare_v2(db, "SELECT cloudtrail_version()", -1, &stmt, NULL) == SQLITE_OK &&
        sqlite3_step(stmt) == SQLITE_ROW && sqlite3_column_type(stmt, 0) == SQLITE_TEXT)
        version = (const char *)sqlite3_column_text(stmt, 0);
    bool is_same = version && strcmp(version, CT_VERSION) == 0;
    sqlite3_finalize(stmt);
    return is_same;
}

static int register_module(sqlite3 *db, char **error, const ct_module *module)
{
    int rc = module->register_in(db, error);
    if ((rc & 0xFF) != SQLITE_BUSY || !is_loaded(db))
        return rc;
    sqlite3_free(*error);
    *error = NULL;
    return SQLITE_OK;
}

/* Never called by its exported name from in here: of two releases in one process the other's would
 * be found. */
static int load(sqlite3 *db, char **error, const sqlite3_api_routines *api, bool with_files)
{
    if (!take_sqlite(api))
        return refuse_second_sqlite(error, api);
    if (sqlite3_libversion_number() < CT_SQLITE_MIN) {
        *error = sqlite3_mprintf("cloudtrail needs SQLite 3.34.0 or newer, this is %s",
                                 sqlite3_libversion());
        return SQLITE_ERROR;
    }
    int rc = SQLITE_OK;
    for (size_t i = 0; i < sizeof modules / sizeof modules[0] && rc == SQLITE_OK; i++)
        if (with_files || !modules[i].reads_files)
            rc = register_module(db, error, &modules[i]);
    return rc;
}

CT_EXPORT int sqlite3_cloudtrail_init(sqlite3 *db, char **error, const sqlite3_api_routines *api)
{
    return load(db, error, api, true);
}

CT_EXPORT int sqlite3_cloudtrail_nofile_init(sqlite3 *db, char **error,
                                             const sqlite3_api_routines *api)
{
    return load(db, error, api, false);
}

#ifndef SQLITE_CORE
/* The generic name, so that the file loads under any name it is given. Every extension has it: a
 * program that links several must not meet it. */
int sqlite3_extension_init(sqlite3 *db, char **error, const sqlite3_api_routines *api);

CT_EXPORT int sqlite3_extension_init(sqlite3 *db, char **error, const sqlite3_api_routines *api)
{
    return load(db, error, api, true);
}
#endif
