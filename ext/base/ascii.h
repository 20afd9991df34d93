/*
 * ascii: the letters, digits and blanks of ASCII, whatever the locale says.
 *
 * ctype.h asks the locale of the process, which is the host's to set: in a Turkish one `I` may have
 * another small letter, and a byte above 0x7f may be a letter anywhere.
 */
#ifndef CT_ASCII_H
#define CT_ASCII_H

#include <stdbool.h>

static inline bool ct_is_upper(char c)
{
    return c >= 'A' && c <= 'Z';
}

static inline bool ct_is_lower(char c)
{
    return c >= 'a' && c <= 'z';
}

static inline bool ct_is_digit(char c)
{
    return c >= '0' && c <= '9';
}

static inline bool ct_is_hex(char c)
{
    return ct_is_digit(c) || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
}

/* What JSON and the fields of a CSV file take for white space. */
static inline bool ct_is_blank(char c)
{
    return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

static inline char ct_to_lower(char c)
{
    return ct_is_upper(c) ? (char)(c - 'A' + 'a') : c;
}

#endif
