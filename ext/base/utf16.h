/*
 * utf16: text in UTF-16 told by its first bytes, and made UTF-8.
 *
 * Told by its mark (U+FEFF) and a character of ASCII, or by two of these: a zero in the one or the
 * other byte of each.
 */
#ifndef CT_UTF16_H
#define CT_UTF16_H

#include <stddef.h>

#include "base/buf.h"

typedef enum ct_utf16 { CT_UTF16_NOT, CT_UTF16_LITTLE, CT_UTF16_BIG } ct_utf16;

/* *mark gets the length of the mark. */
ct_utf16 ct_utf16_detect(const char *p, size_t n, size_t *mark);

/*
 * Appends n bytes of UTF-16 as UTF-8; lone halves of pairs become U+FFFD. Returns how many bytes
 * were used: one that lacks its second half at the end is left, unless `at_end`.
 */
size_t ct_utf16_put(ct_utf16 order, const char *p, size_t n, int at_end, ct_buf *out);

#endif
