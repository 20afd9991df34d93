/*
 * columns: under what names other tools hand over a record's fields.
 *
 * Athena, CloudTrail Lake and Tailpipe keep a record as a row of columns: `eventtime`,
 * `event_time`, `userIdentity.type`, `user_identity_session_context_...`. All are CloudTrail's own
 * names written otherwise, so that one table does, in which small letters alone count; underscores,
 * blanks and dots between words do not. Columns that hold an object (useridentity) have its fields
 * under such names, too, as JSON or as Athena prints a row: `{type=IAMUser, arn=...}`.
 */
#ifndef CT_COLUMNS_H
#define CT_COLUMNS_H

#include <stdbool.h>
#include <stddef.h>

#include "base/buf.h"
#include "log/record.h"

/* Where a column goes that is no column of the table: an object of the record, or one of its fields
 * that stand in `extra`. */
enum {
    CT_COLUMN_UNKNOWN = -1,
    CT_COLUMN_USER_IDENTITY = CT_N_COLUMNS,
    CT_COLUMN_TLS_DETAILS,
    CT_COLUMN_FIELDS, /* from here on: ct_columns_field_name() */
    CT_COLUMN_FIELDS_END = CT_COLUMN_FIELDS + 7
};

/* A ct_column, or one of the above. */
int ct_columns_find(const char *name, size_t n);

/* The record's own name for an object or a field of the above. */
const char *ct_columns_field_name(int column);

/*
 * Appends the JSON object that a column holds: of JSON text with its known names as the record has
 * them, or of a row as Athena prints it. False, with nothing appended, where it is neither, or
 * where it cannot be told where a value of the row ends.
 */
bool ct_columns_put_object(const char *p, size_t n, ct_buf *out);

/* Whether some of the object's names, which have dots, stand for nested ones: appends the object
 * with these, as JSON text. False, with nothing appended, when it cannot be: the same name stands
 * there in both ways. */
bool ct_columns_put_nested(const ct_json *object, ct_buf *out);

#endif
