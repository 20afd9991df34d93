/*
 * sql_text: the project's SQL files, carried inside the extension.
 *
 * The source is made at build time by tools/embed_sql.sh. Each file of sql/tables, sql/views,
 * sql/rules and sql/hunts holds the statements that create what it is named after;
 * they come in this order and by name within a folder, so that what a view reads is there before
 * it. A file of sql/seeds holds the rows of the table it is named after; that of rule is made
 * of the headers of the rules by tools/rule_rows.awk. sql/migrations holds what
 * changes the rows of an older database; sql/find, sql/detect and sql/hunting the steps of
 * cloudtrail_detect() and cloudtrail_hunt(), sql/dash those of counting the tables dash_*, sql/dashboard
 * those of cloudtrail_dashboard(): all run in the order of their names. The script of each
 * engine is made of sql/engines by tools/engine_sql.awk. sql/files and what lies in sql/ itself are not carried.
 */
#ifndef CT_SQL_TEXT_H
#define CT_SQL_TEXT_H

#include <stddef.h>

typedef struct ct_sql_text {
    const char *name;     /* `cloudtrail`: the file's name without .sql */
    const char *path;     /* `sql/tables/cloudtrail.sql`; its folder tells tables from views */
    const char *text;     /* the file as it is, NUL-terminated */
    size_t len;           /* bytes, the NUL not counted */
    const char *checksum; /* tells one text of a file from another: what cksum prints */
} ct_sql_text;

extern const ct_sql_text ct_sql_texts[];
extern const size_t ct_n_sql_texts;

extern const ct_sql_text ct_seed_texts[];
extern const size_t ct_n_seed_texts;

extern const ct_sql_text ct_migration_texts[];
extern const size_t ct_n_migration_texts;

/* What both have in common, then what either does with it. */
extern const ct_sql_text ct_find_texts[];
extern const size_t ct_n_find_texts;

extern const ct_sql_text ct_detect_texts[];
extern const size_t ct_n_detect_texts;

extern const ct_sql_text ct_hunting_texts[];
extern const size_t ct_n_hunting_texts;

extern const ct_sql_text ct_engine_texts[];
extern const size_t ct_n_engine_texts;

extern const ct_sql_text ct_dash_texts[];
extern const size_t ct_n_dash_texts;

extern const ct_sql_text ct_dashboard_texts[];
extern const size_t ct_n_dashboard_texts;

#endif
