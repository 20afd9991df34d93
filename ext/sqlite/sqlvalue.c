#include "sqlite/sqlvalue.h"

#include <limits.h>
#include <math.h>
#include <stdio.h>

#include "base/json_write.h"

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
