/*
 * unicode: the characters of KQL text, one code point at a time.
 *
 * Case is Unicode's simple case, one code point to one: 'CAFÉ' folds to 'café', 'Straße' does not
 * become 'strasse'. Letters and digits are the general categories L* and Nd; the underscore is
 * neither.
 *
 * Text need not be UTF-8. A byte that begins no well-formed character counts as one of its own
 * (CT_BAD_BYTE + byte): it has no case, is no letter, and equals itself only.
 */
#ifndef CT_KQL_UNICODE_H
#define CT_KQL_UNICODE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/utf8.h"

enum { CT_BAD_BYTE = 0x110000 };

uint32_t ct_unicode_fold_wide(uint32_t c); /* from 0x80 on; the caller does ASCII */
uint32_t ct_unicode_to_upper(uint32_t c);
uint32_t ct_unicode_to_lower(uint32_t c);
bool ct_unicode_is_alnum_wide(uint32_t c); /* from 0x80 on */

/* Reads the character at p (p < end) that does not begin with an ASCII byte. */
uint32_t ct_unicode_decode(const char **p, const char *end);

/* Reads the character at *p (*p < end) and moves behind it. */
static inline uint32_t ct_unicode_next(const char **p, const char *end)
{
    unsigned char c = (unsigned char)**p;
    if (c >= 0x80)
        return ct_unicode_decode(p, end);
    (*p)++;
    return c;
}

/* The character that ends at p (start < p). */
uint32_t ct_unicode_before(const char *start, const char *p);

static inline uint32_t ct_unicode_fold(uint32_t c)
{
    if (c < 0x80)
        return c - 'A' < 26 ? c + 32 : c;
    return ct_unicode_fold_wide(c);
}

static inline bool ct_unicode_is_alnum(uint32_t c)
{
    if (c < 0x80)
        return c - '0' < 10 || (c | 0x20) - 'a' < 26;
    return ct_unicode_is_alnum_wide(c);
}

/* How many bytes it was read from. */
static inline size_t ct_unicode_size(uint32_t c)
{
    return c < 0x80 || c >= CT_BAD_BYTE ? 1 : c < 0x800 ? 2 : c < 0x10000 ? 3 : 4;
}

/* Appends one that was read by ct_unicode_next(), as it stood. */
void ct_unicode_put(ct_buf *out, uint32_t c);

#endif
