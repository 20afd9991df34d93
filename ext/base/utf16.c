#include "base/utf16.h"

#include <stdint.h>
#include <string.h>

#include "base/utf8.h"

static uint32_t unit_at(ct_utf16 order, const char *p)
{
    unsigned char first = (unsigned char)p[0], second = (unsigned char)p[1];
    return order == CT_UTF16_LITTLE ? (uint32_t)second << 8 | first : (uint32_t)first << 8 | second;
}

ct_utf16 ct_utf16_detect(const char *p, size_t n, size_t *mark)
{
    *mark = 0;
    if (n < 4)
        return CT_UTF16_NOT;
    bool even_are_zero = p[0] == '\0' && p[2] == '\0', odd_are_zero = p[1] == '\0' && p[3] == '\0';
    bool has_mark = memcmp(p, "\377\376", 2) == 0 || memcmp(p, "\376\377", 2) == 0;
    if (has_mark) {
        *mark = 2;
        /* What logs begin with is ASCII; UTF-32 begins with the same two bytes. */
        bool is_big = p[0] == '\376';
        return p[is_big ? 2 : 3] == '\0' && p[is_big ? 3 : 2] > 0
                   ? (is_big ? CT_UTF16_BIG : CT_UTF16_LITTLE)
                   : CT_UTF16_NOT;
    }
    if (odd_are_zero && p[0] > 0 && p[2] > 0)
        return CT_UTF16_LITTLE;
    return even_are_zero && p[1] > 0 && p[3] > 0 ? CT_UTF16_BIG : CT_UTF16_NOT;
}

size_t ct_utf16_put(ct_utf16 order, const char *p, size_t n, int at_end, ct_buf *out)
{
    size_t i = 0;
    while (n - i >= 2) {
        uint32_t unit = unit_at(order, p + i);
        bool is_high = unit >= 0xD800 && unit <= 0xDBFF;
        if (is_high && n - i < 4 && !at_end)
            return i;
        i += 2;
        if (unit < 0x80) {
            ct_buf_put_char(out, (char)unit);
            continue;
        }
        uint32_t low = is_high && n - i >= 2 ? unit_at(order, p + i) : 0;
        if (low >= 0xDC00 && low <= 0xDFFF) {
            unit = 0x10000 + ((unit - 0xD800) << 10) + (low - 0xDC00);
            i += 2;
        } else if (unit >= 0xD800 && unit <= 0xDFFF) {
            unit = 0xFFFD;
        }
        ct_utf8_put_code_point(out, unit);
    }
    if (at_end && i < n) { /* half a character */
        ct_utf8_put_code_point(out, 0xFFFD);
        i = n;
    }
    return i;
}
