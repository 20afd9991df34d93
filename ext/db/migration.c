#include "db/migration.h"

#include <string.h>

#include "base/ascii.h"
#include "base/version.h"
#include "sqlite/statement.h"

/* The checksum of the text of that name that was run, NULL where none was. */
static int look_up(sqlite3 *db, const char *folder, const char *name, char **checksum, char **error)
{
    *checksum = NULL;
    char *key = sqlite3_mprintf("%s/%s", folder, name);
    if (!key)
        return SQLITE_NOMEM;
    int rc = ct_lookup(db, "SELECT checksum FROM main.cloudtrail_migration WHERE name = ?1", key,
                       NULL, checksum, error);
    sqlite3_free(key);
    return rc;
}

static int note(sqlite3 *db, const char *folder, const ct_sql_text *file, char **error)
{
    return ct_execf(db, error,
                    "INSERT INTO main.cloudtrail_migration (name, checksum, version)"
                    " VALUES ('%q/%q', %Q, %d) ON CONFLICT (name) DO UPDATE"
                    " SET checksum = excluded.checksum, version = excluded.version",
                    folder, file->name, file->checksum, CT_VERSION_NUMBER);
}

/* ---- migrations ----------------------------------------------------------------------------- */

static const char *const marks[] = {
    [CT_BEFORE_TABLES] = "_before_",
    [CT_AFTER_TABLES] = "_after_",
};

static int version_of(const ct_sql_text *file)
{
    int version = 0;
    for (const char *p = file->name; ct_is_digit(*p); p++)
        version = version * 10 + (*p - '0');
    return version;
}

static int has_table(sqlite3 *db, const char *table, bool *it_has, char **error)
{
    char *exists;
    int rc = ct_lookup(db,
                       "SELECT 1 FROM main.sqlite_master WHERE type = 'table'"
                       " AND name = ?1 COLLATE NOCASE",
                       table, NULL, &exists, error);
    *it_has = exists;
    sqlite3_free(exists);
    return rc;
}

static int migrate(sqlite3 *db, const ct_sql_text *file, const char *table, ct_found found,
                   char **error)
{
    char *checksum;
    int rc = look_up(db, "migrations", file->name, &checksum, error);
    bool is_done = checksum;
    sqlite3_free(checksum);
    if (rc != SQLITE_OK || is_done)
        return rc;
    bool concerns_it = found.version > 0 && (found.has_list || found.version < version_of(file));
    if (concerns_it)
        rc = has_table(db, table, &concerns_it, error);
    if (rc == SQLITE_OK && concerns_it)
        rc = ct_exec(db, file->text, error);
    if ((rc & 0xff) == SQLITE_LOCKED) { /* the host may have asked for extended codes */
        sqlite3_free(*error);
        *error = sqlite3_mprintf("the table %s must be made anew, but a statement of this"
                                 " connection is reading: call cloudtrail_init() on its own",
                                 table);
    } else if ((rc & 0xff) == SQLITE_ERROR && *error) {
        char *words = *error;
        *error = sqlite3_mprintf("the table %s cannot be brought up to date: %s", table, words);
        sqlite3_free(words);
    }
    return rc == SQLITE_OK ? note(db, "migrations", file, error) : rc;
}

int ct_migrate(sqlite3 *db, const ct_sql_text *files, size_t n, ct_migration_time now,
               ct_found found, char **error)
{
    int rc = SQLITE_OK;
    for (size_t i = 0; rc == SQLITE_OK && i < n; i++) {
        const char *mark = strstr(files[i].name, marks[now]);
        if (mark)
            rc = migrate(db, &files[i], mark + strlen(marks[now]), found, error);
    }
    return rc;
}

/* ---- seeds ---------------------------------------------------------------------------------- */

int ct_migration_look_up_seed(sqlite3 *db, const ct_sql_text *seed, bool *is_done, char **error)
{
    char *checksum;
    int rc = look_up(db, "seeds", seed->name, &checksum, error);
    *is_done = checksum && strcmp(checksum, seed->checksum) == 0;
    sqlite3_free(checksum);
    return rc;
}

int ct_migration_note_seed(sqlite3 *db, const ct_sql_text *seed, char **error)
{
    return note(db, "seeds", seed, error);
}
