/*
 * new_file: a database file that is there whole or not at all.
 *
 * It is written under another name in the same folder, `cloudtrail-<16 hex digits>.partial`, by a
 * connection of its own in one transaction, and gets its own name when that is committed and on the
 * disk. Nothing is overwritten: neither a file of that name nor one that would be taken for its
 * journal. Only a process that is killed leaves the other name behind.
 *
 * The connection knows what SQLite itself brings and nothing else: functions and modules that the
 * host adds to each connection are taken out again, so that what works in it works in any tool.
 */
#ifndef CT_NEW_FILE_H
#define CT_NEW_FILE_H

#include "sqlite/sqlite.h"

typedef struct ct_new_file {
    const char *path; /* borrowed */
    char *partial; /* owned (sqlite3_malloc): the name it has on the way; NULL: no file is there */
    sqlite3 *db;   /* owned; inside the transaction */
} ct_new_file;

/* SQLite's code; *error as in sqlite/statement.h. To be closed in any case. */
int ct_new_file_open(ct_new_file *file, const char *path, char **error);

/* Commits, closes the connection and gives the file its name. */
int ct_new_file_finish(ct_new_file *file, char **error);

/* Removes what was not finished. */
void ct_new_file_close(ct_new_file *file);

#endif
