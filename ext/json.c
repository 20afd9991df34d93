#include "json.h"

#include <string.h>

#if defined(__SSE2__)
#include <emmintrin.h>
#endif

#include "utf8.h"

static ct_json_status invalid(ct_json_scanner *s, const char *at, const char *error)
{
    s->p = at;
    s->error = error;
    return CT_JSON_INVALID;
}

bool ct_json_space(ct_json_scanner *s)
{
    const char *p = s->p;
    if (p < s->end && (unsigned char)*p > ' ')
        return true; /* the usual case: AWS writes none */
    while (p < s->end && (*p == ' ' || *p == '\n' || *p == '\r' || *p == '\t'))
        p++;
    if (p > s->p)
        s->flags |= CT_JSON_SPACED;
    s->p = p;
    return p < s->end;
}

/* ---- strings ------------------------------------------------------------------------------- */

/* The first byte from p on that a string cannot just run over: a quote, a backslash or a control
 * character; end when there is none. *flags gets CT_JSON_8BIT when a byte before it is above 127.
 */
static const char *plain_run(const char *p, const char *end, unsigned *flags)
{
#if defined(__SSE2__)
    const __m128i quote = _mm_set1_epi8('"');
    const __m128i backslash = _mm_set1_epi8('\\');
    const __m128i last_control = _mm_set1_epi8(0x1F);
    while (end - p >= 16) {
        __m128i v = _mm_loadu_si128((const __m128i *)(const void *)p);
        __m128i stop = _mm_or_si128(_mm_cmpeq_epi8(v, quote), _mm_cmpeq_epi8(v, backslash));
        stop = _mm_or_si128(stop, _mm_cmpeq_epi8(_mm_min_epu8(v, last_control), v));
        unsigned stops = (unsigned)_mm_movemask_epi8(stop);
        unsigned highs = (unsigned)_mm_movemask_epi8(v);
        if (stops) {
            unsigned before = (stops & (0u - stops)) - 1; /* the bits below the first stop */
            if (highs & before)
                *flags |= CT_JSON_8BIT;
            return p + __builtin_ctz(stops);
        }
        if (highs)
            *flags |= CT_JSON_8BIT;
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

static bool is_hex(char c)
{
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
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
            return invalid(s, at, "unknown escape in a string");
        s->p = at + 2;
        return CT_JSON_OK;
    }
    for (int i = 2; i < 6; i++) {
        if (at + i == s->end)
            return CT_JSON_INCOMPLETE;
        if (!is_hex(at[i]))
            return invalid(s, at, "\\u without four hexadecimal digits");
    }
    s->p = at + 6;
    return CT_JSON_OK;
}

/* Moves over a string; s->p stands on its opening quote. */
static ct_json_status scan_string(ct_json_scanner *s)
{
    s->p++;
    for (;;) {
        s->p = plain_run(s->p, s->end, &s->flags);
        if (s->p == s->end)
            return CT_JSON_INCOMPLETE;
        if (*s->p == '"') {
            s->p++;
            return CT_JSON_OK;
        }
        if (*s->p != '\\')
            return invalid(s, s->p, "control character in a string");
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
    return s->p == s->end ? CT_JSON_INCOMPLETE : invalid(s, s->p, "a digit is missing in a number");
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
        return invalid(s, s->p, "a value is expected");
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
static ct_json_status scan_scalar(ct_json_scanner *s, unsigned char *kind)
{
    switch (*s->p) {
    case '"':
        *kind = CT_JSON_STRING;
        return scan_string(s);
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
            return invalid(s, s->p, "a value is expected");
        *kind = CT_JSON_NUMBER;
        return scan_number(s);
    }
}

/* Behind a member: moves over the commas' and closing brackets' part of the text until the next
 * member begins (then *more) or the outermost bracket is closed. */
static ct_json_status close_brackets(ct_json_scanner *s, nesting *open, bool *more)
{
    while (open->depth > 0) {
        *more = true;
        ct_json_status st = ct_json_next(s, in_object(open) ? '}' : ']', more);
        if (st != CT_JSON_OK)
            return st;
        if (*more)
            return CT_JSON_OK;
        open->depth--;
    }
    *more = false;
    return CT_JSON_OK;
}

/* Moves over an array or object. It is a loop, not a recursion: the depth is the text's choice. */
static ct_json_status scan_nested(ct_json_scanner *s)
{
    nesting open = {.depth = 0};
    bool more = true;
    while (more) {
        ct_json_status st = CT_JSON_OK;
        if (open.depth > 0 && in_object(&open)) {
            ct_json key;
            st = ct_json_key(s, &key);
            if (st != CT_JSON_OK)
                return st;
        }
        if (*s->p == '{' || *s->p == '[') {
            if (open.depth == CT_JSON_MAX_DEPTH)
                return invalid(s, s->p, "nested too deeply");
            push(&open, *s->p == '{');
            st = ct_json_enter(s, *s->p, &more);
            if (st != CT_JSON_OK)
                return st;
            if (more)
                continue;
            open.depth--;
        } else {
            unsigned char kind;
            st = scan_scalar(s, &kind);
            if (st != CT_JSON_OK)
                return st;
        }
        st = close_brackets(s, &open, &more);
        if (st != CT_JSON_OK)
            return st;
    }
    return CT_JSON_OK;
}

/* Runs a scan with flags of its own and describes what it moved over. */
static ct_json_status measured(ct_json_scanner *s, ct_json *value, unsigned flags_before,
                               const char *start, ct_json_status st)
{
    value->p = start;
    value->len = (size_t)(s->p - start);
    value->flags = (unsigned char)s->flags;
    s->flags |= flags_before;
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
    return measured(s, value, before, start, st);
}

ct_json_status ct_json_string(ct_json_scanner *s, ct_json *value)
{
    const char *start = s->p;
    if (start == s->end)
        return CT_JSON_INCOMPLETE;
    if (*start != '"')
        return invalid(s, start, "a string is expected");
    unsigned before = s->flags;
    s->flags = 0;
    value->kind = CT_JSON_STRING;
    return measured(s, value, before, start, scan_string(s));
}

/* ---- walking ------------------------------------------------------------------------------- */

ct_json_status ct_json_enter(ct_json_scanner *s, char bracket, bool *more)
{
    char closing = bracket == '{' ? '}' : ']';
    s->p++;
    if (!ct_json_space(s))
        return CT_JSON_INCOMPLETE;
    *more = *s->p != closing;
    if (!*more)
        s->p++;
    return CT_JSON_OK;
}

ct_json_status ct_json_key(ct_json_scanner *s, ct_json *key)
{
    ct_json_status st = ct_json_string(s, key);
    if (st != CT_JSON_OK)
        return st;
    if (!ct_json_space(s))
        return CT_JSON_INCOMPLETE;
    if (*s->p != ':')
        return invalid(s, s->p, "a colon is expected");
    s->p++;
    return ct_json_space(s) ? CT_JSON_OK : CT_JSON_INCOMPLETE;
}

ct_json_status ct_json_next(ct_json_scanner *s, char bracket, bool *more)
{
    if (!ct_json_space(s))
        return CT_JSON_INCOMPLETE;
    *more = *s->p == ',';
    if (!*more && *s->p != bracket)
        return invalid(s, s->p,
                       bracket == '}' ? "a comma or } is expected" : "a comma or ] is expected");
    s->p++;
    return !*more || ct_json_space(s) ? CT_JSON_OK : CT_JSON_INCOMPLETE;
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
            (void)scan_string(&s); /* the value was scanned before: it is well-formed */
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
