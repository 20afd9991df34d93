#include "base/json_write.h"

#include <string.h>

#include "base/json.h"
#include "base/utf8.h"

/* A byte that no string holds as it is: a quote, a backslash or a control character. */
static void put_escaped(ct_buf *buf, unsigned char c)
{
    switch (c) {
    case '"':
        ct_buf_put_text(buf, "\\\"");
        break;
    case '\\':
        ct_buf_put_text(buf, "\\\\");
        break;
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

static void put_string(ct_buf *buf, const char *p, size_t n, bool keep_bytes)
{
    const char *end = p + n;
    ct_buf_put_char(buf, '"');
    for (;;) {
        unsigned flags = 0;
        const char *stop = ct_json_plain_run(p, end, &flags);
        if ((flags & CT_JSON_8BIT) && !keep_bytes)
            ct_utf8_put(buf, p, (size_t)(stop - p));
        else
            ct_buf_put(buf, p, (size_t)(stop - p));
        if (stop == end)
            break;
        put_escaped(buf, (unsigned char)*stop);
        p = stop + 1;
    }
    ct_buf_put_char(buf, '"');
}

void ct_json_put_string(ct_buf *buf, const char *p, size_t n)
{
    put_string(buf, p, n, false);
}

void ct_json_put_bytes(ct_buf *buf, const char *p, size_t n)
{
    put_string(buf, p, n, true);
}

void ct_json_put_text(ct_buf *buf, const char *text)
{
    ct_json_put_string(buf, text, strlen(text));
}
