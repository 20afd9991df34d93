#include "base/utf8.h"

#include <string.h>

/* The range that the second byte of a sequence must be in; it is what rules out overlong forms,
 * surrogates and values above U+10FFFF. */
static void second_byte_range(unsigned char lead, unsigned char *low, unsigned char *high)
{
    *low = lead == 0xE0 ? 0xA0 : lead == 0xF0 ? 0x90 : 0x80;
    *high = lead == 0xED ? 0x9F : lead == 0xF4 ? 0x8F : 0xBF;
}

size_t ct_utf8_char(const char *p, size_t n, size_t *n_bad)
{
    const unsigned char *u = (const unsigned char *)p;
    *n_bad = 1;
    if (u[0] < 0x80)
        return 1;

    size_t len = u[0] >= 0xC2 && u[0] <= 0xDF   ? 2
                 : u[0] >= 0xE0 && u[0] <= 0xEF ? 3
                 : u[0] >= 0xF0 && u[0] <= 0xF4 ? 4
                                                : 0;
    if (len == 0)
        return 0;

    unsigned char low, high;
    second_byte_range(u[0], &low, &high);
    for (size_t i = 1; i < len; i++) {
        if (i >= n || u[i] < low || u[i] > high) {
            *n_bad = i;
            return 0;
        }
        low = 0x80;
        high = 0xBF;
    }
    return len;
}

/* How many bytes of ASCII stand at p: most text is nothing else. */
static size_t ascii_run(const char *p, size_t n)
{
    size_t i = 0;
    uint64_t eight;
    for (; n - i >= sizeof eight; i += sizeof eight) {
        memcpy(&eight, p + i, sizeof eight);
        if (eight & UINT64_C(0x8080808080808080))
            break;
    }
    while (i < n && (unsigned char)p[i] < 0x80)
        i++;
    return i;
}

bool ct_utf8_valid(const char *p, size_t n)
{
    size_t n_bad;
    for (size_t i = ascii_run(p, n); i < n; i += ascii_run(p + i, n - i)) {
        size_t len = ct_utf8_char(p + i, n - i, &n_bad);
        if (len == 0)
            return false;
        i += len;
    }
    return true;
}

void ct_utf8_put(ct_buf *buf, const char *p, size_t n)
{
    size_t start = 0;
    for (size_t i = ascii_run(p, n); i < n; i += ascii_run(p + i, n - i)) {
        size_t n_bad;
        size_t len = ct_utf8_char(p + i, n - i, &n_bad);
        if (len > 0) {
            i += len;
            continue;
        }
        ct_buf_put(buf, p + start, i - start);
        ct_buf_put_text(buf, CT_UTF8_REPLACEMENT);
        i += n_bad;
        start = i;
    }
    ct_buf_put(buf, p + start, n - start);
}

bool ct_utf8_is_control(const char *p, size_t len)
{
    const unsigned char *u = (const unsigned char *)p;
    if (u[0] < 0x20 || u[0] == 0x7F ||
        (len == 2 && (u[0] == 0xC2 && (u[1] < 0xA0 || u[1] == 0xAD))))
        return true;
    if (len == 2)
        return u[0] == 0xD8 && u[1] == 0x9C;
    if (len == 3 && u[0] == 0xE2 && u[1] == 0x80)
        return (u[2] >= 0x8B && u[2] <= 0x8F) || (u[2] >= 0xA8 && u[2] <= 0xAE);
    if (len == 3 && u[0] == 0xE2 && u[1] == 0x81)
        return u[2] >= 0xA0 && u[2] <= 0xAF;
    if (len == 3)
        return memcmp(u, "\xEF\xBB\xBF", 3) == 0;
    return len == 4 && u[0] == 0xF3 && u[1] == 0xA0 && u[2] < 0x82; /* U+E0000 to U+E007F: tags */
}

void ct_utf8_put_escaped(ct_buf *buf, const char *p, size_t n)
{
    for (size_t i = 0, n_bad; i < n;) {
        size_t len = ct_utf8_char(p + i, n - i, &n_bad);
        if (len > 0)
            ct_buf_put(buf, p + i, len);
        for (size_t k = 0; len == 0 && k < n_bad; k++)
            ct_buf_printf(buf, CT_UTF8_REPLACEMENT "%02X", (unsigned char)p[i + k]);
        i += len ? len : n_bad;
    }
}

void ct_utf8_put_printable(ct_buf *buf, const char *p, size_t n)
{
    for (size_t i = 0, n_bad; i < n;) {
        size_t len = ct_utf8_char(p + i, n - i, &n_bad);
        if (len == 0 || ct_utf8_is_control(p + i, len))
            ct_buf_put_text(buf, CT_UTF8_REPLACEMENT);
        else
            ct_buf_put(buf, p + i, len);
        i += len ? len : n_bad;
    }
}

void ct_utf8_put_code_point(ct_buf *buf, uint32_t c)
{
    char u[4];
    size_t n;
    if (c < 0x80) {
        u[0] = (char)c;
        n = 1;
    } else if (c < 0x800) {
        u[0] = (char)(0xC0 | (c >> 6));
        u[1] = (char)(0x80 | (c & 0x3F));
        n = 2;
    } else if (c < 0x10000) {
        u[0] = (char)(0xE0 | (c >> 12));
        u[1] = (char)(0x80 | ((c >> 6) & 0x3F));
        u[2] = (char)(0x80 | (c & 0x3F));
        n = 3;
    } else {
        u[0] = (char)(0xF0 | (c >> 18));
        u[1] = (char)(0x80 | ((c >> 12) & 0x3F));
        u[2] = (char)(0x80 | ((c >> 6) & 0x3F));
        u[3] = (char)(0x80 | (c & 0x3F));
        n = 4;
    }
    ct_buf_put(buf, u, n);
}
