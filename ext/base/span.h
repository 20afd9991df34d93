/*
 * span: a piece of somebody else's bytes.
 */
#ifndef CT_SPAN_H
#define CT_SPAN_H

#include <stdbool.h>
#include <stddef.h>
#include <string.h>

typedef struct ct_span {
    const char *p; /* borrowed; any bytes, not NUL-terminated; never NULL */
    size_t n;
} ct_span;

static inline bool ct_span_equal(ct_span a, ct_span b)
{
    return a.n == b.n && (a.n == 0 || memcmp(a.p, b.p, a.n) == 0);
}

static inline bool ct_span_is(ct_span span, const char *text)
{
    size_t n = strlen(text);
    return span.n == n && memcmp(span.p, text, n) == 0;
}

#endif
