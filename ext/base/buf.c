#include "base/buf.h"

#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include "base/mem.h"

enum { FIRST_CAPACITY = 64 };

bool ct_buf_reserve(ct_buf *buf, size_t n_bytes)
{
    if (buf->failed)
        return false;
    if (n_bytes <= buf->capacity - buf->len)
        return true;

    size_t capacity = buf->capacity ? buf->capacity : FIRST_CAPACITY;
    while (capacity - buf->len < n_bytes) {
        if (capacity > SIZE_MAX / 2) {
            buf->failed = true;
            return false;
        }
        capacity *= 2;
    }

    char *data = ct_realloc(buf->data, capacity);
    if (!data) {
        buf->failed = true;
        return false;
    }
    buf->data = data;
    buf->capacity = capacity;
    return true;
}

void ct_buf_put(ct_buf *buf, const char *p, size_t n)
{
    if (n == 0 || !ct_buf_reserve(buf, n))
        return;
    memcpy(buf->data + buf->len, p, n);
    buf->len += n;
}

void ct_buf_put_char(ct_buf *buf, char c)
{
    if (buf->len < buf->capacity && !buf->failed)
        buf->data[buf->len++] = c;
    else
        ct_buf_put(buf, &c, 1);
}

void ct_buf_put_text(ct_buf *buf, const char *text)
{
    ct_buf_put(buf, text, strlen(text));
}

void ct_buf_printf(ct_buf *buf, const char *format, ...)
{
    char text[256];
    va_list args;
    va_start(args, format);
    int n = vsnprintf(text, sizeof text, format, args);
    va_end(args);
    if (n > 0)
        ct_buf_put(buf, text, (size_t)n < sizeof text ? (size_t)n : sizeof text - 1);
}

void ct_buf_clear(ct_buf *buf)
{
    buf->len = 0;
    buf->failed = false;
}

void ct_buf_free(ct_buf *buf)
{
    ct_free(buf->data);
    *buf = CT_BUF_EMPTY;
}
