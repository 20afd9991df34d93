/*
 * json_function: SQLite's JSON functions once more, for views.
 *
 * Adds ct_json(), ct_json_array(), ct_json_object(), both also as ..._nonnull(), ct_json_text() and
 * the aggregate ct_json_group_array(). With trusted_schema = OFF, SQLite before 3.41 refuses its own JSON functions
 * in a stored view, `->` too. These are INNOCUOUS and may stand in any. They read memory alone.
 *
 * What differs from SQLite's: JSON is RFC 8259 alone (no JSON5, no JSONB), nested at most 990 deep;
 * an infinity is written as 9e999; bytes that are not UTF-8 become U+FFFD.
 */
#ifndef CT_JSON_FUNCTION_H
#define CT_JSON_FUNCTION_H

#include "sqlite/sqlite.h"

/* Registers the functions; error as in ct_register(). */
int ct_json_function_register(sqlite3 *db, char **error);

#endif
