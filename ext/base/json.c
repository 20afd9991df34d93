#include "base/json.h"

#include <string.h>

#include "base/ascii.h"
#include "base/json_scan.h"
#include "base/utf8.h"

bool ct_json_space_slow(ct_json_scanner *s)
{
    const char *p = s->p;
    while (p < s->end && (*p == ' ' || *p == '\n' || *p == '\r' || *p == '\t'))
        p++;
    if (p > s->p)
        s->flags |= CT_JSON_SPACED;
    s->p = p;
    return p < s->end;
}

bool ct_json_space(ct_json_scanner *s)
{
    return ct_scan_space(s);
}

/* ---- strings ------------------------------------------------------------------------------- */

const char *ct_json_plain_run(const char *p, const char *end, unsigned *flags)
{
#if defined(__SSE2__)
    while (end - p >= 16) {
        unsigned highs;
        unsigned stops = ct_scan_stops(p, &highs);
        unsigned before = stops ? (stops & (0u - stops)) - 1 : 0xFFFF; /* bits below the first */
        if (highs & before)
            *flags |= CT_JSON_8BIT;
        if (stops)
            return p + __builtin_ctz(stops);
        p += 16;
    }
#endif
    for (; p < end; p++) {
        unsigned char c = (unsigned char)*p;
        if (c == '"' || c == '\\' || c < 0x20)
            break;
        if (c >= 0x80)
            *flags |= CT_JSON_8BIT;
    }
    return p;
}

/* Moves over an escape; s->p stands on its backslash. */
static ct_json_status scan_escape(ct_json_scanner *s)
{
    const char *at = s->p;
    s->flags |= CT_JSON_ESCAPED;
    if (s->end - at < 2)
        return CT_JSON_INCOMPLETE;
    if (at[1] != 'u') {
        if (at[1] == '\0' || !strchr("\"\\/bfnrt", at[1]))
            return ct_json_fail(s, at, "unknown escape in a string");
        s->p = at + 2;
        return CT_JSON_OK;
    }
    for (int i = 2; i < 6; i++) {
        if (at + i == s->end)
            return CT_JSON_INCOMPLETE;
        if (!ct_is_hex(at[i]))
            return ct_json_fail(s, at, "\\u without four hexadecimal digits");
    }
    s->p = at + 6;
    return CT_JSON_OK;
}

ct_json_status ct_json_string_slow(ct_json_scanner *s)
{
    s->p++;
    for (;;) {
        s->p = ct_json_plain_run(s->p, s->end, &s->flags);
        if (s->p == s->end)
            return CT_JSON_INCOMPLETE;
        if (*s->p == '"') {
            s->p++;
            return CT_JSON_OK;
        }
        if (*s->p != '\\')
            return ct_json_fail(s, s->p, "control character in a string");
        ct_json_status st = scan_escape(s);
        if (st != CT_JSON_OK)
            return st;
    }
}

/* ---- numbers and words --------------------------------------------------------------------- */

static const char *digits(const char *p, const char *end)
{
    while (p < end && *p >= '0' && *p <= '9')
        p++;
    return p;
}

/* Moves over one or more digits. */
static ct_json_status scan_digits(ct_json_scanner *s)
{
    const char *start = s->p;
    s->p = digits(start, s->end);
    if (s->p > start)
        return CT_JSON_OK;
    return s->p == s->end ? CT_JSON_INCOMPLETE
                          : ct_json_fail(s, s->p, "a digit is missing in a number");
}

static ct_json_status scan_number(ct_json_scanner *s)
{
    if (*s->p == '-')
        s->p++;
    if (s->p < s->end && *s->p == '0') {
        s->p++;
    } else {
        ct_json_status st = scan_digits(s);
        if (st != CT_JSON_OK)
            return st;
    }
    if (s->p < s->end && *s->p == '.') {
        s->p++;
        ct_json_status st = scan_digits(s);
        if (st != CT_JSON_OK)
            return st;
    }
    if (s->p < s->end && (*s->p == 'e' || *s->p == 'E')) {
        s->p++;
        if (s->p < s->end && (*s->p == '+' || *s->p == '-'))
            s->p++;
        return scan_digits(s);
    }
    return CT_JSON_OK;
}

static ct_json_status scan_word(ct_json_scanner *s, const char *word, size_t n)
{
    size_t left = (size_t)(s->end - s->p);
    if (memcmp(s->p, word, left < n ? left : n) != 0)
        return ct_json_fail(s, s->p, "a value is expected");
    if (left < n)
        return CT_JSON_INCOMPLETE;
    s->p += n;
    return CT_JSON_OK;
}

/* ---- whole values -------------------------------------------------------------------------- */

/* Which brackets are open: one bit each, set for an object. */
typedef struct nesting {
    uint64_t bits[(CT_JSON_MAX_DEPTH + 63) / 64];
    size_t depth;
} nesting;

static void push(nesting *open, bool is_object)
{
    uint64_t bit = UINT64_C(1) << (open->depth % 64);
    if (is_object)
        open->bits[open->depth / 64] |= bit;
    else
        open->bits[open->depth / 64] &= ~bit;
    open->depth++;
}

static bool in_object(const nesting *open)
{
    size_t i = open->depth - 1;
    return open->bits[i / 64] >> (i % 64) & 1;
}

/* Moves over a value that holds no other. */
static inline ct_json_status scan_scalar(ct_json_scanner *s, unsigned char *kind)
{
    switch (*s->p) {
    case '"':
        *kind = CT_JSON_STRING;
        return ct_scan_string(s);
    case 't':
        *kind = CT_JSON_TRUE;
        return scan_word(s, "true", 4);
    case 'f':
        *kind = CT_JSON_FALSE;
        return scan_word(s, "false", 5);
    case 'n':
        *kind = CT_JSON_NULL;
        return scan_word(s, "null", 4);
    default:
        if (*s->p != '-' && (*s->p < '0' || *s->p > '9'))
            return ct_json_fail(s, s->p, "a value is expected");
        *kind = CT_JSON_NUMBER;
        return scan_number(s);
    }
}

/* Moves over a key and its colon. */
static inline ct_json_status scan_key(ct_json_scanner *s)
{
    if (*s->p != '"')
        return ct_json_fail(s, s->p, "a string is expected");
    ct_json_status st = ct_scan_string(s);
    return st == CT_JSON_OK ? ct_scan_colon(s) : st;
}

/* Moves over an array or object. It is a loop, not a recursion: the depth is the text's choice. */
static ct_json_status scan_nested(ct_json_scanner *scanner)
{
    ct_json_scanner s = *scanner;
    nesting open = {.depth = 0};
    ct_json_status st;
    bool more;
    do {
        st = open.depth > 0 && in_object(&open) ? scan_key(&s) : CT_JSON_OK;
        if (st != CT_JSON_OK)
            break;
        if (*s.p == '{' || *s.p == '[') {
            if (open.depth == CT_JSON_MAX_DEPTH) {
                st = ct_json_fail(&s, s.p, "nested too deeply");
                break;
            }
            push(&open, *s.p == '{');
            st = ct_scan_enter(&s, *s.p == '{' ? '}' : ']', &more);
            if (st != CT_JSON_OK || more)
                continue;
            open.depth--;
        } else {
            unsigned char kind;
            st = scan_scalar(&s, &kind);
        }
        /* A member has ended, and with it every bracket that closes here. */
        for (more = false; st == CT_JSON_OK && open.depth > 0 && !more; open.depth -= !more)
            st = ct_scan_next(&s, in_object(&open) ? '}' : ']', &more);
    } while (st == CT_JSON_OK && open.depth > 0);
    *scanner = s;
    return st;
}

ct_json_status ct_json_value(ct_json_scanner *s, ct_json *value)
{
    const char *start = s->p;
    if (start == s->end)
        return CT_JSON_INCOMPLETE;
    unsigned before = s->flags;
    s->flags = 0;
    ct_json_status st;
    if (*start == '{' || *start == '[') {
        value->kind = *start == '{' ? CT_JSON_OBJECT : CT_JSON_ARRAY;
        st = scan_nested(s);
    } else {
        st = scan_scalar(s, &value->kind);
    }
    value->p = start;
    value->len = (size_t)(s->p - start);
    value->flags = (unsigned char)s->flags;
    s->flags |= before;
    return st;
}

ct_json_status ct_json_string(ct_json_scanner *s, ct_json *value)
{
    if (s->p == s->end)
        return CT_JSON_INCOMPLETE;
    if (*s->p != '"')
        return ct_json_fail(s, s->p, "a string is expected");
    return ct_json_value(s, value);
}

/* ---- walking ------------------------------------------------------------------------------- */

ct_json_status ct_json_enter(ct_json_scanner *s, char bracket, bool *more)
{
    return ct_scan_enter(s, bracket == '{' ? '}' : ']', more);
}

ct_json_status ct_json_key(ct_json_scanner *s, ct_json *key)
{
    ct_json_status st = ct_json_string(s, key);
    return st == CT_JSON_OK ? ct_scan_colon(s) : st;
}

ct_json_status ct_json_next(ct_json_scanner *s, char bracket, bool *more)
{
    return ct_scan_next(s, bracket, more);
}

ct_json_walk ct_json_walk_into(const ct_json *value)
{
    return (ct_json_walk){.s = ct_json_scan(value->p, value->len),
                          .closing = *value->p == '{' ? '}' : ']'};
}

bool ct_json_walk_on(ct_json_walk *walk, ct_json *key, ct_json *value)
{
    ct_json_scanner *s = &walk->s;
    bool more;
    ct_json_status st = walk->begun ? ct_scan_next(s, walk->closing, &more)
                                    : ct_scan_enter(s, walk->closing, &more);
    walk->begun = true;
    bool is_member = st == CT_JSON_OK && more;
    if (is_member && walk->closing == '}')
        st = ct_json_key(s, key);
    if (is_member && st == CT_JSON_OK)
        st = ct_json_value(s, value);
    walk->status = st;
    return is_member && st == CT_JSON_OK;
}

bool ct_json_find(const ct_json *object, const char *name, ct_json *value)
{
    ct_json key = {.kind = CT_JSON_NONE};
    for (ct_json_walk w = ct_json_walk_into(object); ct_json_walk_on(&w, &key, value);)
        if (ct_json_says(&key, name, strlen(name)))
            return true;
    return false;
}

bool ct_json_valid(const char *p, size_t n)
{
    ct_json_scanner s = ct_json_scan(p, n);
    ct_json value;
    (void)ct_json_space(&s);
    return ct_json_value(&s, &value) == CT_JSON_OK && !ct_json_space(&s);
}

/* ---- what a value says --------------------------------------------------------------------- */

static uint32_t hex4(const char *p)
{
    uint32_t value = 0;
    for (int i = 0; i < 4; i++) {
        unsigned char c = (unsigned char)p[i];
        value = value << 4 | (c <= '9' ? c - (uint32_t)'0' : (c | 0x20u) - 'a' + 10u);
    }
    return value;
}

/* Decodes \uXXXX at p, and its second half where it is a pair; returns the bytes read. */
static size_t decode_unicode_escape(const char *p, const char *end, ct_buf *out, bool *lossy)
{
    uint32_t unit = hex4(p + 2);
    if (unit >= 0xD800 && unit <= 0xDBFF && end - p >= 12 && p[6] == '\\' && p[7] == 'u') {
        uint32_t low = hex4(p + 8);
        if (low >= 0xDC00 && low <= 0xDFFF) {
            ct_utf8_put_code_point(out, 0x10000 + ((unit - 0xD800) << 10) + (low - 0xDC00));
            return 12;
        }
    }
    if (unit == 0 || (unit >= 0xD800 && unit <= 0xDFFF)) {
        *lossy = true;
        unit = 0xFFFD;
    }
    ct_utf8_put_code_point(out, unit);
    return 6;
}

static char simple_escape(char c)
{
    switch (c) {
    case 'b':
        return '\b';
    case 'f':
        return '\f';
    case 'n':
        return '\n';
    case 'r':
        return '\r';
    case 't':
        return '\t';
    default:
        return c; /* " \ and / stand for themselves */
    }
}

bool ct_json_decode(const ct_json *string, ct_buf *out)
{
    const char *p = string->p + 1;
    const char *end = string->p + string->len - 1;
    bool lossy = (string->flags & CT_JSON_8BIT) && !ct_utf8_valid(p, (size_t)(end - p));
    while (p < end) {
        const char *escape = memchr(p, '\\', (size_t)(end - p));
        const char *stop = escape ? escape : end;
        ct_utf8_put(out, p, (size_t)(stop - p));
        p = stop;
        if (!escape)
            break;
        if (p[1] == 'u') {
            p += decode_unicode_escape(p, end, out, &lossy);
        } else {
            ct_buf_put_char(out, simple_escape(p[1]));
            p += 2;
        }
    }
    return lossy;
}

bool ct_json_is_lossy(const ct_json *string)
{
    if (!(string->flags & CT_JSON_ESCAPED))
        return (string->flags & CT_JSON_8BIT) && !ct_utf8_valid(string->p + 1, string->len - 2);
    ct_buf said = CT_BUF_EMPTY;
    bool lossy = ct_json_decode(string, &said);
    ct_buf_free(&said);
    return lossy;
}

void ct_json_minify(const ct_json *value, ct_buf *out)
{
    const char *p = value->p;
    const char *end = p + value->len;
    if (!(value->flags & CT_JSON_SPACED)) {
        ct_utf8_put(out, p, value->len);
        return;
    }
    while (p < end) {
        const char *start = p;
        if (*p == '"') {
            ct_json_scanner s = ct_json_scan(p, (size_t)(end - p));
            (void)ct_scan_string(&s); /* the value was scanned before: it is well-formed */
            p = s.p;
        } else {
            while (p < end && (unsigned char)*p > ' ' && *p != '"')
                p++;
        }
        ct_utf8_put(out, start, (size_t)(p - start));
        while (p < end && (unsigned char)*p <= ' ')
            p++;
    }
}

bool ct_json_says(const ct_json *string, const char *text, size_t n)
{
    if (string->kind != CT_JSON_STRING)
        return false;
    const char *p = string->p + 1;
    const char *end = string->p + string->len - 1;
    if (!(string->flags & CT_JSON_ESCAPED))
        return (size_t)(end - p) == n && memcmp(p, text, n) == 0;

    size_t i = 0;
    for (; p < end && i < n; i++) {
        bool is_unicode = p[0] == '\\' && p[1] == 'u';
        uint32_t c = is_unicode     ? hex4(p + 2)
                     : p[0] == '\\' ? (unsigned char)simple_escape(p[1])
                                    : (unsigned char)p[0];
        if (c != (unsigned char)text[i])
            return false;
        p += is_unicode ? 6 : p[0] == '\\' ? 2 : 1;
    }
    return p == end && i == n;
}
