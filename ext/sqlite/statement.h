/*
 * statement: short statements run on the way, with an error that can be shown.
 *
 * Each function returns SQLite's code. On failure *error gets SQLite's words (sqlite3_malloc, for
 * the caller to free) unless a text is there already; it stays NULL when there is no memory.
 */
#ifndef CT_STATEMENT_H
#define CT_STATEMENT_H

#include <stdbool.h>

#include "sqlite/sqlite.h"

/* SQLite's words for what went wrong: those of the connection where they belong to the code, else
 * those of the code alone (where they are an earlier statement's). sqlite3_malloc, for the caller to
 * free; NULL when there is no memory. */
char *ct_sqlite_error(sqlite3 *db, int code);

/* Notes what went wrong; returns rc. */
int ct_statement_failed(sqlite3 *db, int rc, char **error);

/* Runs statements whose rows nobody looks at. */
int ct_exec(sqlite3 *db, const char *sql, char **error);

/* The same, written by sqlite3_mprintf(): %Q for a text, "%w" for a name. */
int ct_execf(sqlite3 *db, char **error, const char *format, ...);

/* Runs a statement with up to two text parameters (b may be NULL). *value gets a copy of its first
 * row's first column (sqlite3_malloc), NULL when there is no row. */
int ct_lookup(sqlite3 *db, const char *sql, const char *a, const char *b, char **value,
              char **error);

/* Runs a prepared statement to its end, whatever rows it gives, and resets it. With PRAGMA
 * count_changes a statement that writes gives a row, too. */
int ct_statement_run(sqlite3_stmt *stmt);

/* The first column of the first row; *value stays as it is when there is no row. The words for an
 * error are ct_sqlite_error(). */
int ct_statement_integer(sqlite3 *db, const char *sql, sqlite3_int64 *value);

/* As ct_statement_integer, for what a build or an authorizer may refuse to tell: *value stays as it
 * is then. Only want of memory and an interrupt are errors: SQLite has rolled back what was begun. */
int ct_statement_ask(sqlite3 *db, const char *sql, sqlite3_int64 *value);

/* Whether the main database keeps its text as UTF-16, in which only well-formed text can be told
 * apart; *is stays as it is where nobody may ask. Errors are ct_statement_ask()'s. */
int ct_is_utf16(sqlite3 *db, bool *is);

#endif
