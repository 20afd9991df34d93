/*
 * args: what SQL functions do with their arguments: read them as text, and name them in an error.
 */
#ifndef CT_ARGS_H
#define CT_ARGS_H

#include <stdbool.h>

#include "base/buf.h"
#include "base/span.h"

#include "sqlite/sqlite.h"

bool ct_any_null(int n_args, sqlite3_value **args);

/* The argument as text (numbers in SQLite's spelling, a BLOB as the bytes it has), lent for this
 * call. False when there was no memory; the result is then set to SQLITE_NOMEM. Not for NULL. */
bool ct_arg_text(sqlite3_context *context, sqlite3_value *arg, ct_span *text);

/* The state of an aggregate for one of its rows, all zeros at the first. NULL when there was no
 * memory; the result is then set to SQLITE_NOMEM. */
void *ct_aggregate_state(sqlite3_context *context, int n_bytes);

/* Sets the span as the text result; SQLite makes its own copy. */
void ct_result_span(sqlite3_context *context, ct_span span);

/*
 * Appends a value for people to read, in an error: text in single quotes, cut after 100 bytes (then
 * `...`), ill-formed bytes and control characters as U+FFFD, so that an error is valid UTF-8 and
 * moves no terminal; a BLOB as x'00ff', cut after 16 bytes; numbers and NULL as SQL writes them.
 */
void ct_put_value(ct_buf *message, sqlite3_value *value);

/* The same quoting for bytes. */
void ct_put_quoted(ct_buf *message, const char *p, size_t n);

/* Sets a finished message as the error result and frees it. Out of memory, in the message too,
 * becomes SQLITE_NOMEM. */
void ct_result_error_buf(sqlite3_context *context, ct_buf *message);

#endif
