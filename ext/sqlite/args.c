#include "sqlite/args.h"

#include <string.h>

#include "base/utf8.h"

enum {
    QUOTED_MAX = 100, /* bytes: enough to recognise a value, short enough for one line */
    BLOB_MAX = 16     /* bytes: each is two digits */
};

bool ct_any_null(int n_args, sqlite3_value **args)
{
    for (int i = 0; i < n_args; i++)
        if (sqlite3_value_type(args[i]) == SQLITE_NULL)
            return true;
    return false;
}

bool ct_arg_text(sqlite3_context *context, sqlite3_value *arg, ct_span *text)
{
    text->p = (const char *)sqlite3_value_text(arg);
    if (!text->p) {
        sqlite3_result_error_nomem(context);
        return false;
    }
    text->n = (size_t)sqlite3_value_bytes(arg);
    return true;
}

void *ct_aggregate_state(sqlite3_context *context, int n_bytes)
{
    void *state = sqlite3_aggregate_context(context, n_bytes);
    if (!state)
        sqlite3_result_error_nomem(context);
    return state;
}

void ct_result_span(sqlite3_context *context, ct_span span)
{
    sqlite3_result_text64(context, span.p, span.n, SQLITE_TRANSIENT, SQLITE_UTF8);
}

void ct_put_quoted(ct_buf *message, const char *p, size_t n)
{
    size_t i = 0;
    ct_buf_put_char(message, '\'');
    while (i < n) {
        size_t n_bad;
        size_t len = ct_utf8_char(p + i, n - i, &n_bad);
        size_t step = len ? len : n_bad;
        if (i + step > QUOTED_MAX)
            break;
        if (len == 0 || ct_utf8_is_control(p + i, len))
            ct_buf_put_text(message, CT_UTF8_REPLACEMENT);
        else
            ct_buf_put(message, p + i, len);
        i += step;
    }
    if (i < n)
        ct_buf_put_text(message, "...");
    ct_buf_put_char(message, '\'');
}

static void put_blob(ct_buf *message, const unsigned char *p, size_t n)
{
    ct_buf_put_text(message, "x'");
    for (size_t i = 0; i < n && i < BLOB_MAX; i++)
        ct_buf_printf(message, "%02x", p[i]);
    ct_buf_put_text(message, n > BLOB_MAX ? "...'" : "'");
}

void ct_put_value(ct_buf *message, sqlite3_value *value)
{
    int type = sqlite3_value_type(value);
    if (type == SQLITE_NULL) {
        ct_buf_put_text(message, "NULL");
        return;
    }
    if (type == SQLITE_BLOB) {
        put_blob(message, sqlite3_value_blob(value), (size_t)sqlite3_value_bytes(value));
        return;
    }
    const char *p = (const char *)sqlite3_value_text(value);
    if (!p)
        message->failed = true; /* no memory for the text form */
    else if (type == SQLITE_FLOAT && strstr(p, "Inf"))
        ct_buf_put_text(message, *p == '-' ? "-9e999" : "9e999"); /* as SQL writes it */
    else if (type != SQLITE_TEXT)
        ct_buf_put_text(message, p);
    else
        ct_put_quoted(message, p, (size_t)sqlite3_value_bytes(value));
}

void ct_result_error_buf(sqlite3_context *context, ct_buf *message)
{
    if (ct_buf_ok(message))
        sqlite3_result_error(context, message->data, (int)message->len);
    else
        sqlite3_result_error_nomem(context);
    ct_buf_free(message);
}
