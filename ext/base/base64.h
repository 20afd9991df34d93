/*
 * base64: RFC 4648, the usual alphabet or the one for URLs, with or without padding. Line breaks
 * and blanks between the characters are passed over, as mail and some consoles write them.
 */
#ifndef CT_BASE64_H
#define CT_BASE64_H

#include <stdbool.h>
#include <stddef.h>

#include "base/buf.h"

/* Appends what the text stands for. False, with nothing appended, when it is no base64 (or there is
 * no memory, which shows in out). */
bool ct_base64_decode(const char *p, size_t n, ct_buf *out);

#endif
