/*
 * sqlvalue: SQLite's values and ours.
 */
#ifndef CT_SQLVALUE_H
#define CT_SQLVALUE_H

#include "sqlite/register.h"
#include "base/value.h"

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

#endif
