/*
 * json_write: pieces of JSON text appended to a buffer.
 */
#ifndef CT_JSON_WRITE_H
#define CT_JSON_WRITE_H

#include <stddef.h>

#include "base/buf.h"

/*
 * Appends p as a JSON string, quotes included. Any bytes may come: what is not UTF-8 becomes
 * U+FFFD, control characters are escaped (\b \f \n \r \t, else \u00XX), all else stands as it is.
 */
void ct_json_put_string(ct_buf *buf, const char *p, size_t n);

/* The same, but that bytes stay which are not UTF-8: no JSON for others, but for our own scanner. */
void ct_json_put_bytes(ct_buf *buf, const char *p, size_t n);

/* The same as the first for a NUL-terminated text. */
void ct_json_put_text(ct_buf *buf, const char *text);

#endif
