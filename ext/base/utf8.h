/*
 * utf8: reading bytes that claim to be UTF-8.
 *
 * Well-formed is what Unicode 15, table 3-7 allows: no overlong form, no surrogate, nothing above
 * U+10FFFF. What is not well-formed is replaced, one U+FFFD for each maximal subpart, as Unicode
 * (chapter 3.9, "U+FFFD Substitution of Maximal Subparts") and the web do it.
 */
#ifndef CT_UTF8_H
#define CT_UTF8_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"

#define CT_UTF8_REPLACEMENT "\xEF\xBF\xBD" /* U+FFFD */

/*
 * Length in bytes of the well-formed character at p (n >= 1 bytes there); 0 when there is none.
 * *n_bad gets, in that case, how many bytes one U+FFFD stands for (1 to 3).
 */
size_t ct_utf8_char(const char *p, size_t n, size_t *n_bad);

bool ct_utf8_valid(const char *p, size_t n);

/* Appends p with everything ill-formed replaced. */
void ct_utf8_put(ct_buf *buf, const char *p, size_t n);

/* C0, DEL, and C1 in its UTF-8 form: a terminal may obey each of them; and what changes or hides the
 * text around it without being seen: directions (U+061C, U+200E-200F, U+202A-202E, U+2066-2069),
 * separators of lines, characters without a width (U+00AD, U+200B-200D, U+2060-206F, U+FEFF), tags.
 * `len` is the character's. */
bool ct_utf8_is_control(const char *p, size_t len);

/* Appends p with each ill-formed byte as U+FFFD and its two hexadecimal digits: what differs stays
 * different. For names of files, where only text can be kept. */
void ct_utf8_put_escaped(ct_buf *buf, const char *p, size_t n);

/* Appends p for people to read: ill-formed bytes and control characters become U+FFFD each. */
void ct_utf8_put_printable(ct_buf *buf, const char *p, size_t n);

/* Appends one code point (0 to 10FFFF, no surrogate) as UTF-8. */
void ct_utf8_put_code_point(ct_buf *buf, uint32_t code_point);

#endif
