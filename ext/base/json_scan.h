/*
 * json_scan: the scanner's inner steps, inline, for json.c and record.c.
 *
 * A record has about 200 tokens, and for each the step is some ten instructions: a call, or a
 * position that goes through memory, would cost more than the step. So the callers copy the scanner
 * into a local variable, which the compiler keeps in registers, and take these steps on it; what is
 * rare is a call into json.c.
 */
#ifndef CT_JSON_SCAN_H
#define CT_JSON_SCAN_H

#include <stdint.h>
#include <string.h>

#if defined(__SSE2__)
#include <emmintrin.h>
#endif

#include "base/json.h"

/* The rare cases. ct_json_space_slow: white space stands there, or the end of the bytes.
 * ct_json_string_slow: the string goes on behind the first 16 bytes, or something in them is no
 * plain character. Each moves as its fast form does. */
bool ct_json_space_slow(ct_json_scanner *s);
ct_json_status ct_json_string_slow(ct_json_scanner *s);

static inline ct_json_status ct_json_fail(ct_json_scanner *s, const char *at, const char *error)
{
    s->p = at;
    s->error = error;
    return CT_JSON_INVALID;
}

static inline bool ct_scan_space(ct_json_scanner *s)
{
    if (s->p < s->end && (unsigned char)*s->p > ' ')
        return true; /* AWS writes none */
    return ct_json_space_slow(s);
}

#if defined(__SSE2__)
/* What stops a run of plain characters among 16 bytes: one bit for each quote, backslash and
 * control character. *highs: one for each byte above 127. */
static inline unsigned ct_scan_stops(const char *p, unsigned *highs)
{
    __m128i v = _mm_loadu_si128((const __m128i *)(const void *)p);
    __m128i stop =
        _mm_or_si128(_mm_cmpeq_epi8(v, _mm_set1_epi8('"')), _mm_cmpeq_epi8(v, _mm_set1_epi8('\\')));
    stop = _mm_or_si128(stop, _mm_cmpeq_epi8(_mm_min_epu8(v, _mm_set1_epi8(0x1F)), v));
    *highs = (unsigned)_mm_movemask_epi8(v);
    return (unsigned)_mm_movemask_epi8(stop);
}
#endif

/* Moves over a string; s->p stands on its opening quote. */
static inline ct_json_status ct_scan_string(ct_json_scanner *s)
{
#if defined(__SSE2__)
    const char *p = s->p + 1;
    if (s->end - p >= 16) {
        unsigned highs;
        unsigned stops = ct_scan_stops(p, &highs);
        if (stops) {
            const char *stop = p + __builtin_ctz(stops);
            if (*stop == '"' && !highs) {
                s->p = stop + 1;
                return CT_JSON_OK;
            }
        }
    }
#endif
    return ct_json_string_slow(s);
}

/* Behind a key: moves over the colon to the value. */
static inline ct_json_status ct_scan_colon(ct_json_scanner *s)
{
    if (!ct_scan_space(s))
        return CT_JSON_INCOMPLETE;
    if (*s->p != ':')
        return ct_json_fail(s, s->p, "a colon is expected");
    s->p++;
    return ct_scan_space(s) ? CT_JSON_OK : CT_JSON_INCOMPLETE;
}

/* Moves over an opening bracket; *more when a member follows, else over the closing one, too. */
static inline ct_json_status ct_scan_enter(ct_json_scanner *s, char closing, bool *more)
{
    s->p++;
    if (!ct_scan_space(s))
        return CT_JSON_INCOMPLETE;
    *more = *s->p != closing;
    if (!*more)
        s->p++;
    return CT_JSON_OK;
}

/* Behind a member: moves over a comma to the next one (*more), or over the closing bracket. */
static inline ct_json_status ct_scan_next(ct_json_scanner *s, char closing, bool *more)
{
    if (!ct_scan_space(s))
        return CT_JSON_INCOMPLETE;
    *more = *s->p == ',';
    if (!*more && *s->p != closing)
        return ct_json_fail(
            s, s->p, closing == '}' ? "a comma or } is expected" : "a comma or ] is expected");
    s->p++;
    return !*more || ct_scan_space(s) ? CT_JSON_OK : CT_JSON_INCOMPLETE;
}

#endif
