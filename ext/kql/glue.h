/*
 * glue: how the SQL functions of KQL read their arguments and set their results.
 *
 * Inside a compiled query a value stands as: string and guid TEXT, bool 0 or 1, int and long
 * INTEGER, real REAL (NaN, which SQLite cannot hold, is the text 'NaN'), datetime and timespan
 * INTEGER ticks of 100 ns, dynamic JSON text without white space, null NULL. A string is never
 * null: NULL where a string is expected is the empty one.
 */
#ifndef CT_KQL_GLUE_H
#define CT_KQL_GLUE_H

#include <stdint.h>

#include "base/buf.h"
#include "base/span.h"
#include "sqlite/args.h"
#include "sqlite/register.h"

/* The name under which SQL called the function. */
const char *ct_kql_name(sqlite3_context *context);

/* Sets the error `name(): sentence: value`; without a value where that is NULL. */
void ct_kql_fail(sqlite3_context *context, const char *sentence, sqlite3_value *value);

/* A string. False when there was no memory, which is then the result. */
bool ct_kql_text(sqlite3_context *context, sqlite3_value *arg, ct_span *text);

/* A dynamic value as the text that stands for it within another. False as above. */
bool ct_kql_inner(sqlite3_context *context, sqlite3_value *arg, ct_span *json);

/* A number of either kind. False for NULL and for what is no number; also when there was no memory,
 * which is then the result (unless context is NULL). */
bool ct_kql_real(sqlite3_context *context, sqlite3_value *arg, double *real);

/* A long, also one that came as a whole real. False for NULL and for all else. */
bool ct_kql_long(sqlite3_value *arg, int64_t *integer);

static inline bool ct_kql_is_null(sqlite3_value *arg)
{
    return sqlite3_value_type(arg) == SQLITE_NULL;
}

/* Sets a real; NaN as 'NaN'. */
void ct_kql_result_real(sqlite3_context *context, double real);

/* Sets the argument itself as the result. */
static inline void ct_kql_result_same(sqlite3_context *context, sqlite3_value *arg)
{
    sqlite3_result_value(context, arg);
}

/* Sets a text that is a constant of the program. */
void ct_kql_result_constant(sqlite3_context *context, const char *text);

#define CT_KQL_SCALAR(name, n, f)                                                                  \
    {                                                                                              \
        name, n, CT_PURE, f, NULL, NULL, NULL, NULL                                                \
    }
#define CT_KQL_AGGREGATE(name, n, step, final)                                                     \
    {                                                                                              \
        name, n, CT_PURE, NULL, step, final, NULL, NULL                                            \
    }

#endif
