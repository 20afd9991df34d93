#include "kql/unicode.h"

#include "kql/unicode_tables.h"

static uint32_t map(const ct_case_range *ranges, size_t n, uint32_t c)
{
    size_t low = 0, high = n;
    while (low < high) {
        size_t mid = low + (high - low) / 2;
        if (c > ranges[mid].last)
            low = mid + 1;
        else
            high = mid;
    }
    if (low == n || c < ranges[low].first || (c - ranges[low].first) % (uint32_t)ranges[low].step)
        return c;
    return (uint32_t)((int32_t)c + ranges[low].delta);
}

uint32_t ct_unicode_fold_wide(uint32_t c)
{
    return map(ct_unicode_fold_ranges, ct_unicode_n_fold, c);
}

uint32_t ct_unicode_to_upper(uint32_t c)
{
    if (c < 0x80)
        return c - 'a' < 26 ? c - 32 : c;
    return map(ct_unicode_upper_ranges, ct_unicode_n_upper, c);
}

uint32_t ct_unicode_to_lower(uint32_t c)
{
    if (c < 0x80)
        return c - 'A' < 26 ? c + 32 : c;
    return map(ct_unicode_lower_ranges, ct_unicode_n_lower, c);
}

bool ct_unicode_is_alnum_wide(uint32_t c)
{
    size_t low = 0, high = ct_unicode_n_alnum;
    while (low < high) {
        size_t mid = low + (high - low) / 2;
        if (c > ct_unicode_alnum_ranges[mid].last)
            low = mid + 1;
        else
            high = mid;
    }
    return low < ct_unicode_n_alnum && c >= ct_unicode_alnum_ranges[low].first;
}

uint32_t ct_unicode_decode(const char **p, const char *end)
{
    const unsigned char *u = (const unsigned char *)*p;
    size_t n_bad, len = ct_utf8_char(*p, (size_t)(end - *p), &n_bad);
    *p += len ? len : 1;
    switch (len) {
    case 1:
        return u[0];
    case 2:
        return (u[0] & 0x1Fu) << 6 | (u[1] & 0x3Fu);
    case 3:
        return (u[0] & 0x0Fu) << 12 | (u[1] & 0x3Fu) << 6 | (u[2] & 0x3Fu);
    case 4:
        return (u[0] & 0x07u) << 18 | (u[1] & 0x3Fu) << 12 | (u[2] & 0x3Fu) << 6 | (u[3] & 0x3Fu);
    default:
        return CT_BAD_BYTE + u[0];
    }
}

uint32_t ct_unicode_before(const char *start, const char *p)
{
    /* A character has up to four bytes; the one that ends here begins at one of them. */
    for (const char *at = p - 1; at >= start && p - at <= 4; at--) {
        const char *next = at;
        uint32_t c = ct_unicode_next(&next, p);
        if (next == p && c < CT_BAD_BYTE)
            return c;
    }
    return CT_BAD_BYTE + (unsigned char)p[-1];
}

void ct_unicode_put(ct_buf *out, uint32_t c)
{
    if (c < 0x80)
        ct_buf_put_char(out, (char)c);
    else if (c >= CT_BAD_BYTE)
        ct_buf_put_char(out, (char)(c - CT_BAD_BYTE));
    else
        ct_utf8_put_code_point(out, c);
}
