/*
 * sqlvalue: SQLite's values and ours.
 */
#ifndef CT_SQLVALUE_H
#define CT_SQLVALUE_H

#include "register.h"
#include "value.h"

typedef enum ct_sqlvalue_result {
    CT_SQLVALUE_OK,
    CT_SQLVALUE_NULL, /* it was NULL, nothing was read */
    CT_SQLVALUE_NO_MEMORY
} ct_sqlvalue_result;

/* Reads a value; a text or blob is lent for the time of the call SQLite gave it to. */
ct_sqlvalue_result ct_sqlvalue_read(sqlite3_value *in, ct_value *out);

/* Appends the value as JSON, written as SQLite's json_quote() does; infinity is 9e999. False, and
 * nothing appended, for a blob, which JSON cannot hold. */
bool ct_sqlvalue_put_json(ct_buf *buf, const ct_value *v);

/* Appends the value as an error message shows it: 'text', 12, NULL, x'00ff'. Long ones are cut at
 * 80 bytes, with `...`; what is no UTF-8 or would steer a terminal is U+FFFD. */
void ct_sqlvalue_put_shown(ct_buf *buf, sqlite3_value *v);

/* Sets the text as the error of the call and frees it. */
void ct_sqlvalue_fail(sqlite3_context *context, ct_buf *message);

#endif
