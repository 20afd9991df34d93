/*
 * register: how every module adds its SQL functions to a connection.
 *
 * A module describes its functions in a static const table, one row a SQL name, and calls
 * ct_register() with it. The row itself is the function's user data (sqlite3_user_data), so that
 * variants can share one C function.
 */
#ifndef CT_REGISTER_H
#define CT_REGISTER_H

#include <stddef.h>

#include "base/buf.h"

#include "sqlite/sqlite.h"

/* Since 3.45 a function that returns JSON must say so; before that the bit means nothing. */
#ifndef SQLITE_RESULT_SUBTYPE
#define SQLITE_RESULT_SUBTYPE 0x001000000
#endif

/* And one that asks whether an argument is JSON must say that. */
#ifndef SQLITE_SUBTYPE
#define SQLITE_SUBTYPE 0x000100000
#endif

enum {
    /* Same answer for same arguments and no side effect: may stand in any view or trigger. */
    CT_PURE = SQLITE_UTF8 | SQLITE_DETERMINISTIC | SQLITE_INNOCUOUS,
    /* The same, and the answer is JSON: SQLite's JSON functions take it without quoting. */
    CT_PURE_JSON = CT_PURE | SQLITE_RESULT_SUBTYPE,
    /* The same, and it does so itself with what it is given. */
    CT_PURE_NESTING = CT_PURE_JSON | SQLITE_SUBTYPE,
    /* Reads files or writes tables: only where the user typed it, never from a view or trigger
     * that a database brought along. */
    CT_DIRECT = SQLITE_UTF8 | SQLITE_DIRECTONLY,
    CT_DIRECT_JSON = CT_DIRECT | SQLITE_RESULT_SUBTYPE
};

enum { CT_JSON_SUBTYPE = 74 }; /* 'J', by which SQLite's JSON functions know each other's text */

typedef void ct_scalar_fn(sqlite3_context *, int, sqlite3_value **);
typedef void ct_final_fn(sqlite3_context *);

typedef struct ct_function {
    const char *name;
    int n_args; /* -1: any number */
    int flags;
    ct_scalar_fn *scalar;  /* a scalar function has this and no other */
    ct_scalar_fn *step;    /* an aggregate has step and final ... */
    ct_final_fn *final;    /* */
    ct_final_fn *value;    /* ... and a window function all four */
    ct_scalar_fn *inverse; /* */
} ct_function;

/* Registers n functions. On failure returns SQLite's code and, in *error, a text that names the
 * function (sqlite3_malloc, the caller frees it; NULL when there is no memory). */
int ct_register(sqlite3 *db, const ct_function *functions, size_t n, char **error);

/* Sets a finished buffer as the text result and empties it; the JSON form also sets the subtype.
 * Out of memory, in the buffer too, becomes SQLITE_NOMEM. */
void ct_result_buf(sqlite3_context *context, ct_buf *buf);
void ct_result_json(sqlite3_context *context, ct_buf *buf);

/* Replaces an error (sqlite3_malloc, or NULL) by the same without control characters: names of files
 * and of columns stand in it, and it is printed on terminals. NULL when there is no memory. */
char *ct_printable_error(char *error);

/* Sets an error from SQLite's code: `function(): error`, or SQLite's own words for the code where
 * error is NULL. The code stays what it was, so that the caller can tell busy from full; what is no
 * code of an error becomes SQLITE_ERROR, lest SQLite take it for a row. */
void ct_result_failure(sqlite3_context *context, int code, const char *function, const char *error);

#endif
