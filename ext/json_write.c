#include "json_write.h"

#include <string.h>

#include "utf8.h"

static void put_control(ct_buf *buf, unsigned char c)
{
    switch (c) {
    case '\b':
        ct_buf_put_text(buf, "\\b");
        break;
    case '\f':
        ct_buf_put_text(buf, "\\f");
        break;
    case '\n':
        ct_buf_put_text(buf, "\\n");
        break;
    case '\r':
        ct_buf_put_text(buf, "\\r");
        break;
    case '\t':
        ct_buf_put_text(buf, "\\t");
        break;
    default:
        ct_buf_printf(buf, "\\u%04x", c);
    }
}

void ct_json_put_string(ct_buf *buf, const char *p, size_t n)
{
    ct_buf_put_char(buf, '"');
    size_t start = 0;
    for (size_t i = 0; i < n; i++) {
        unsigned char c = (unsigned char)p[i];
        if (c >= 0x20 && c != '"' && c != '\\')
            continue;
        ct_utf8_put(buf, p + start, i - start);
        start = i + 1;
        if (c < 0x20) {
            put_control(buf, c);
        } else {
            ct_buf_put_char(buf, '\\');
            ct_buf_put_char(buf, (char)c);
        }
    }
    ct_utf8_put(buf, p + start, n - start);
    ct_buf_put_char(buf, '"');
}

void ct_json_put_text(ct_buf *buf, const char *text)
{
    ct_json_put_string(buf, text, strlen(text));
}
