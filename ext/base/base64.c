#include "base/base64.h"

#include "base/ascii.h"

/* The six bits of a character; -1: it has none. */
static int six_bits(char c)
{
    if (ct_is_upper(c))
        return c - 'A';
    if (ct_is_lower(c))
        return c - 'a' + 26;
    if (ct_is_digit(c))
        return c - '0' + 52;
    return c == '+' || c == '-' ? 62 : c == '/' || c == '_' ? 63 : -1;
}

bool ct_base64_decode(const char *p, size_t n, ct_buf *out)
{
    size_t start = out->len, n_chars = 0, n_padding = 0;
    unsigned bits = 0;
    if (!ct_buf_reserve(out, n / 4 * 3 + 3))
        return false;
    for (size_t i = 0; i < n; i++) {
        if (ct_is_blank(p[i]))
            continue;
        if (p[i] == '=') {
            n_padding++;
            continue;
        }
        int six = six_bits(p[i]);
        if (six < 0 || n_padding > 0) {
            out->len = start;
            return false;
        }
        bits = bits << 6 | (unsigned)six;
        n_chars++;
        if (n_chars % 4 != 1)
            out->data[out->len++] = (char)(bits >> (6 - 2 * ((n_chars - 1) % 4)) & 0xFF);
    }
    bool is_whole =
        n_chars % 4 != 1 && n_padding <= 2 && (n_padding == 0 || (n_chars + n_padding) % 4 == 0);
    if (!is_whole)
        out->len = start;
    return is_whole;
}
