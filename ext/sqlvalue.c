#include "sqlvalue.h"

#include <limits.h>
#include <math.h>
#include <stdio.h>

#include "json_write.h"
#include "utf8.h"

#ifndef SQLITE_CORE
SQLITE_EXTENSION_INIT3
#endif

enum {
    SHOWN_BYTES_MAX = 80, /* of a text in an error message: enough to find the row by */
    SHOWN_BLOB_MAX = 16
};

ct_sqlvalue_result ct_sqlvalue_read(sqlite3_value *in, ct_value *out)
{
    const char *p;
    size_t n;
    switch (sqlite3_value_type(in)) {
    case SQLITE_INTEGER:
        *out = ct_value_integer(sqlite3_value_int64(in));
        return CT_SQLVALUE_OK;
    case SQLITE_FLOAT:
        *out = ct_value_real(sqlite3_value_double(in));
        return CT_SQLVALUE_OK;
    case SQLITE_TEXT:
        p = (const char *)sqlite3_value_text(in);
        if (!p)
            return CT_SQLVALUE_NO_MEMORY;
        *out = ct_value_bytes(CT_VALUE_TEXT, p, (size_t)sqlite3_value_bytes(in));
        return CT_SQLVALUE_OK;
    case SQLITE_BLOB:
        p = sqlite3_value_blob(in); /* NULL for the empty one too */
        n = (size_t)sqlite3_value_bytes(in);
        if (!p && n > 0)
            return CT_SQLVALUE_NO_MEMORY;
        *out = ct_value_bytes(CT_VALUE_BLOB, p, n);
        return CT_SQLVALUE_OK;
    default:
        return CT_SQLVALUE_NULL;
    }
}

/* From 3.52 on SQLite writes a real with as many digits as it needs, up to 17; before, with 15. */
static void put_real(ct_buf *buf, double real)
{
    char text[64];
    if (isinf(real)) {
        ct_buf_put_text(buf, real < 0 ? "-9e999" : "9e999");
        return;
    }
    const char *format = sqlite3_libversion_number() >= 3052000 ? "%!.17g" : "%!.15g";
    ct_buf_put_text(buf, sqlite3_snprintf(sizeof text, text, format, real));
}

bool ct_sqlvalue_put_json(ct_buf *buf, const ct_value *v)
{
    switch (v->type) {
    case CT_VALUE_INTEGER:
        if (v->was_real)
            put_real(buf, (double)v->as.integer);
        else
            ct_buf_printf(buf, "%lld", (long long)v->as.integer);
        return true;
    case CT_VALUE_REAL:
        put_real(buf, v->as.real);
        return true;
    case CT_VALUE_TEXT:
        ct_json_put_string(buf, v->as.bytes, v->n_bytes);
        return true;
    default:
        return false;
    }
}

/* C0 and C1 controls and DEL: a log must not be able to steer the terminal of its reader. */
static bool is_control(const char *p, size_t len)
{
    unsigned char c = (unsigned char)p[0];
    return c < 0x20 || c == 0x7F || (len == 2 && c == 0xC2 && (unsigned char)p[1] < 0xA0);
}

static void put_shown_text(ct_buf *buf, const char *p, size_t n)
{
    ct_buf_put_char(buf, '\'');
    size_t i = 0;
    while (i < n && i < SHOWN_BYTES_MAX) {
        size_t n_bad;
        size_t len = ct_utf8_char(p + i, n - i, &n_bad);
        if (len == 0 || is_control(p + i, len))
            ct_buf_put_text(buf, CT_UTF8_REPLACEMENT);
        else
            ct_buf_put(buf, p + i, len);
        i += len ? len : n_bad;
    }
    ct_buf_put_text(buf, i < n ? "...'" : "'");
}

static void put_shown_blob(ct_buf *buf, const char *p, size_t n)
{
    ct_buf_put_text(buf, "x'");
    for (size_t i = 0; i < n && i < SHOWN_BLOB_MAX; i++)
        ct_buf_printf(buf, "%02x", (unsigned char)p[i]);
    ct_buf_put_text(buf, n > SHOWN_BLOB_MAX ? "...'" : "'");
}

void ct_sqlvalue_put_shown(ct_buf *buf, sqlite3_value *in)
{
    ct_value v;
    switch (ct_sqlvalue_read(in, &v)) {
    case CT_SQLVALUE_NULL:
        ct_buf_put_text(buf, "NULL");
        return;
    case CT_SQLVALUE_NO_MEMORY:
        buf->failed = true;
        return;
    case CT_SQLVALUE_OK:
        break;
    }
    if (v.type == CT_VALUE_TEXT)
        put_shown_text(buf, v.as.bytes, v.n_bytes);
    else if (v.type == CT_VALUE_BLOB)
        put_shown_blob(buf, v.as.bytes, v.n_bytes);
    else
        ct_sqlvalue_put_json(buf, &v);
}

void ct_sqlvalue_fail(sqlite3_context *context, ct_buf *message)
{
    if (!ct_buf_ok(message))
        sqlite3_result_error_nomem(context);
    else
        sqlite3_result_error(context, message->data, (int)message->len);
    ct_buf_free(message);
}
