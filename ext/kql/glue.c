#include "kql/glue.h"

#include <math.h>

const char *ct_kql_name(sqlite3_context *context)
{
    const ct_function *f = sqlite3_user_data(context);
    return f->name;
}

void ct_kql_fail(sqlite3_context *context, const char *sentence, sqlite3_value *value)
{
    ct_buf message = CT_BUF_EMPTY;
    ct_buf_put_text(&message, ct_kql_name(context));
    ct_buf_put_text(&message, "(): ");
    ct_buf_put_text(&message, sentence);
    if (value) {
        ct_buf_put_text(&message, ": ");
        ct_put_value(&message, value);
    }
    ct_result_error_buf(context, &message);
}

static bool read_text(sqlite3_context *context, sqlite3_value *arg, ct_span null, ct_span *text)
{
    *text = null;
    return ct_kql_is_null(arg) || ct_arg_text(context, arg, text);
}

bool ct_kql_text(sqlite3_context *context, sqlite3_value *arg, ct_span *text)
{
    return read_text(context, arg, (ct_span){"", 0}, text);
}

bool ct_kql_inner(sqlite3_context *context, sqlite3_value *arg, ct_span *json)
{
    return read_text(context, arg, (ct_span){"null", 4}, json);
}

bool ct_kql_real(sqlite3_context *context, sqlite3_value *arg, double *real)
{
    switch (sqlite3_value_type(arg)) {
    case SQLITE_INTEGER:
    case SQLITE_FLOAT:
        *real = sqlite3_value_double(arg);
        return true;
    case SQLITE_TEXT: {
        const char *text = (const char *)sqlite3_value_text(arg);
        if (!text && context)
            sqlite3_result_error_nomem(context);
        if (!text || strcmp(text, "NaN") != 0)
            return false;
        *real = NAN;
        return true;
    }
    default:
        return false;
    }
}

bool ct_kql_long(sqlite3_value *arg, int64_t *integer)
{
    switch (sqlite3_value_type(arg)) {
    case SQLITE_INTEGER:
        *integer = sqlite3_value_int64(arg);
        return true;
    case SQLITE_FLOAT: {
        double real = sqlite3_value_double(arg);
        if (!(real >= -9223372036854775808.0 && real < 9223372036854775808.0))
            return false;
        *integer = (int64_t)real;
        return (double)*integer == real;
    }
    default:
        return false;
    }
}

void ct_kql_result_real(sqlite3_context *context, double real)
{
    if (isnan(real))
        sqlite3_result_text(context, "NaN", 3, SQLITE_STATIC);
    else
        sqlite3_result_double(context, real);
}

void ct_kql_result_constant(sqlite3_context *context, const char *text)
{
    sqlite3_result_text(context, text, -1, SQLITE_STATIC);
}
