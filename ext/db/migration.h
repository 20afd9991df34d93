/*
 * migration: what is done once to a database to bring it up to date, and the list of it.
 *
 * The table cloudtrail_migration has each file of sql/migrations and sql/seeds that was run, under
 * `migrations/NAME` and `seeds/NAME`. A migration's file is called VERSION_before_TABLE or
 * VERSION_after_TABLE, where 0002000 is 0.2.0: it changes rows of a database that is older, before or
 * after its tables have become this release's, if it has that table. In a database that is new, or
 * that no list says anything of and that is not older, it is noted and not run.
 */
#ifndef CT_MIGRATION_H
#define CT_MIGRATION_H

#include <stdbool.h>

#include "db/sql_text.h"
#include "sqlite/sqlite.h"

typedef enum ct_migration_time { CT_BEFORE_TABLES, CT_AFTER_TABLES } ct_migration_time;

/* The database as it was found. */
typedef struct ct_found {
    int version;   /* of the release that it is of; 0 where nothing of ours is there */
    bool has_list; /* cloudtrail_migration was there */
} ct_found;

/* Runs those of the n files, in order, that are for now and that were not run yet. Returns SQLite's
 * code; *error as in sqlite/statement.h. */
int ct_migrate(sqlite3 *db, const ct_sql_text *files, size_t n, ct_migration_time now,
               ct_found found, char **error);

/* Whether this very text of a seed file was put in, and a note that it was. */
int ct_migration_look_up_seed(sqlite3 *db, const ct_sql_text *seed, bool *is_done, char **error);
int ct_migration_note_seed(sqlite3 *db, const ct_sql_text *seed, char **error);

#endif
