/* The reader of regex.h: from Rust's syntax to PCRE2's. */
#include "kql/regex.h"

#include <stdint.h>
#include <string.h>

#include "base/ascii.h"
#include "base/utf8.h"

/* The characters of \w as Unicode's regular expressions have it: alphabetic ones, marks, decimal
 * digits, connectors and joiners. Alphabetic but neither letters nor marks are the letter numbers
 * and some enclosed letters. */
#define WORD                                                                                       \
    "\\p{L}\\p{M}\\p{Nd}\\p{Nl}\\p{Pc}\\x{200C}\\x{200D}\\x{24B6}-\\x{24E9}"                       \
    "\\x{1F130}-\\x{1F149}\\x{1F150}-\\x{1F169}\\x{1F170}-\\x{1F189}"
#define SPACE                                                                                      \
    "\\x09-\\x0D\\x20\\x{85}\\x{A0}\\x{1680}\\x{2000}-\\x{200A}\\x{2028}\\x{2029}\\x{202F}"        \
    "\\x{205F}\\x{3000}"

/* What is known of an open group, or of the whole: whether it can match the empty text. */
typedef struct level {
    bool branch;   /* the current alternative can, but for its last item */
    bool branches; /* an alternative before can */
} level;

enum { DEPTH_MAX = 200 };

typedef struct reader {
    const char *start, *p, *end;
    ct_buf *out;
    const char *error;
    level levels[DEPTH_MAX + 1];
    int depth;         /* of open groups */
    bool last_empty;   /* the last item can match the empty text */
    bool can_repeat;   /* something stands before that a quantifier can follow */
    bool after_repeat; /* what stands before is a quantifier */
    bool ignores_case; /* the flag i was set somewhere */
    bool has_property; /* there is a \p, or a [[:^x:]]: sets that case may change */
} reader;

static bool fail(reader *r, const char *error)
{
    r->error = error;
    return false;
}

static int peek(const reader *r, size_t ahead)
{
    return (size_t)(r->end - r->p) > ahead ? (unsigned char)r->p[ahead] : -1;
}

static bool looking_at(const reader *r, const char *text)
{
    size_t n = strlen(text);
    return (size_t)(r->end - r->p) >= n && memcmp(r->p, text, n) == 0;
}

static void put(reader *r, const char *text)
{
    ct_buf_put_text(r->out, text);
}

static void put_code_point(reader *r, uint32_t c)
{
    ct_buf_printf(r->out, "\\x{%X}", (unsigned)c);
}

/* ---- what can be empty ---------------------------------------------------------------------- */

/* An item begins; `empty` says whether it can match the empty text. */
static void begin_item(reader *r, bool empty)
{
    r->levels[r->depth].branch &= r->last_empty;
    r->last_empty = empty;
}

static void begin_branch(reader *r)
{
    level *l = &r->levels[r->depth];
    l->branches |= l->branch && r->last_empty;
    l->branch = r->last_empty = true;
}

static bool open_group(reader *r)
{
    if (r->depth == DEPTH_MAX)
        return fail(r, "groups nest too deeply");
    begin_item(r, true);
    r->levels[++r->depth] = (level){.branch = true};
    r->last_empty = true;
    r->can_repeat = false;
    return true;
}

static bool close_group(reader *r)
{
    if (r->depth == 0)
        return fail(r, "a parenthesis was not opened");
    begin_branch(r);
    r->last_empty = r->levels[r->depth--].branches;
    r->can_repeat = true;
    return true;
}

/* ---- escapes -------------------------------------------------------------------------------- */

static int hex_value(int c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    c |= 0x20;
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* Behind \x, \u or \U: `n` hexadecimal digits, or any number in braces. */
static bool read_hex(reader *r, int n, uint32_t *c)
{
    bool braced = peek(r, 0) == '{';
    if (braced)
        r->p++;
    *c = 0;
    int digits = 0;
    for (int v; (v = hex_value(peek(r, 0))) >= 0 && (braced ? digits < 8 : digits < n); digits++) {
        *c = *c << 4 | (uint32_t)v;
        r->p++;
    }
    if (digits == 0 || (!braced && digits < n) || (braced && peek(r, 0) != '}'))
        return fail(r, "hexadecimal digits are missing");
    if (braced)
        r->p++;
    if (*c > 0x10FFFF || (*c >= 0xD800 && *c <= 0xDFFF))
        return fail(r, "no character has this number");
    return true;
}

/* \pL, \p{Greek}: PCRE2 knows whether there is such a property. */
static bool read_property(reader *r)
{
    r->has_property = true;
    const char *start = r->p - 2; /* the backslash */
    if (peek(r, 0) == '{') {
        do
            r->p++;
        while (ct_is_lower((char)peek(r, 0)) || ct_is_upper((char)peek(r, 0)) || peek(r, 0) == '_');
        if (peek(r, 0) != '}')
            return fail(r, "this form of \\p is not supported");
    } else if (peek(r, 0) < 0 || !ct_is_upper((char)peek(r, 0))) {
        return fail(r, "a property is missing behind \\p");
    }
    r->p++;
    ct_buf_put(r->out, start, (size_t)(r->p - start));
    return true;
}

typedef enum escape {
    ESCAPE_ERROR,
    ESCAPE_CHARACTER, /* *c is set, nothing was appended */
    ESCAPE_CLASS      /* a set of characters, appended as it must stand within brackets */
} escape;

/* The escapes that mean a set, as they stand within brackets; NULL for all others. */
static const char *set_of(int c)
{
    switch (c) {
    case 'd':
        return "\\p{Nd}";
    case 'D':
        return "\\P{Nd}";
    case 'w':
        return WORD;
    case 's':
        return SPACE;
    default:
        return NULL;
    }
}

/* An escape that may stand within and without brackets; r->p is behind the backslash. */
static escape read_escape(reader *r, uint32_t *c)
{
    int e = peek(r, 0);
    if (e < 0) {
        (void)fail(r, "a backslash at the end");
        return ESCAPE_ERROR;
    }
    r->p++;
    switch (e) {
    case 'a':
        *c = 0x07;
        return ESCAPE_CHARACTER;
    case 'f':
        *c = 0x0C;
        return ESCAPE_CHARACTER;
    case 'n':
        *c = 0x0A;
        return ESCAPE_CHARACTER;
    case 'r':
        *c = 0x0D;
        return ESCAPE_CHARACTER;
    case 't':
        *c = 0x09;
        return ESCAPE_CHARACTER;
    case 'v':
        *c = 0x0B;
        return ESCAPE_CHARACTER;
    case 'x':
        return read_hex(r, 2, c) ? ESCAPE_CHARACTER : ESCAPE_ERROR;
    case 'u':
        return read_hex(r, 4, c) ? ESCAPE_CHARACTER : ESCAPE_ERROR;
    case 'U':
        return read_hex(r, 8, c) ? ESCAPE_CHARACTER : ESCAPE_ERROR;
    case 'p':
    case 'P':
        return read_property(r) ? ESCAPE_CLASS : ESCAPE_ERROR;
    default:
        break;
    }
    if (set_of(e)) {
        put(r, set_of(e));
        return ESCAPE_CLASS;
    }
    /* Punctuation stands for itself, but for the two that are word boundaries. */
    bool is_alnum = ct_is_digit((char)e) || ct_is_lower((char)e) || ct_is_upper((char)e);
    if (e < 0x21 || e > 0x7E || is_alnum || e == '<' || e == '>') {
        r->p--;
        (void)fail(r, ct_is_digit((char)e) ? "back-references are not supported"
                                           : "this escape is not supported");
        return ESCAPE_ERROR;
    }
    *c = (uint32_t)e;
    return ESCAPE_CHARACTER;
}

/* ---- brackets ------------------------------------------------------------------------------- */

typedef struct ascii_class {
    const char *name;
    const char *ranges; /* pairs of first and last */
} ascii_class;

static const ascii_class ascii_classes[] = {
    {"alnum", "09AZaz"},
    {"alpha", "AZaz"},
    {"ascii", "\x01\x7F"},
    {"blank", "\t\t  "},
    {"cntrl", "\x01\x1F\x7F\x7F"},
    {"digit", "09"},
    {"graph", "!~"},
    {"lower", "az"},
    {"print", " ~"},
    {"punct", "!/:@[`{~"},
    {"space", "\t\r  "},
    {"upper", "AZ"},
    {"word", "09AZ__az"},
    {"xdigit", "09AFaf"},
};

static void put_range(reader *r, uint32_t first, uint32_t last)
{
    if (first > last)
        return;
    put_code_point(r, first);
    ct_buf_put_char(r->out, '-');
    put_code_point(r, last);
}

/* [:alpha:] or [:^alpha:]; r->p is on its bracket. */
static bool read_ascii_class(reader *r)
{
    const char *name = r->p + 2;
    bool negated = name < r->end && *name == '^';
    r->has_property |= negated;
    name += negated;
    for (size_t i = 0; i < sizeof ascii_classes / sizeof ascii_classes[0]; i++) {
        const ascii_class *c = &ascii_classes[i];
        size_t n = strlen(c->name);
        if ((size_t)(r->end - name) < n + 2 || memcmp(name, c->name, n) != 0 ||
            memcmp(name + n, ":]", 2) != 0)
            continue;
        uint32_t next = 0; /* the first character behind the ranges so far */
        for (const char *range = c->ranges; *range; range += 2) {
            uint32_t first = (unsigned char)range[0], last = (unsigned char)range[1];
            if (first == 1)
                first = 0; /* NUL cannot stand in the table */
            if (!negated)
                put_range(r, first, last);
            else if (first > 0)
                put_range(r, next, first - 1);
            next = last + 1;
        }
        if (negated)
            put_range(r, next, 0x10FFFF);
        r->p = name + n + 2;
        return true;
    }
    return fail(r, "no class of this name");
}

/* A character that stands for itself. */
static uint32_t read_literal(reader *r)
{
    size_t n_bad, n = ct_utf8_char(r->p, (size_t)(r->end - r->p), &n_bad);
    const unsigned char *u = (const unsigned char *)r->p;
    r->p += n;
    switch (n) {
    case 1:
        return u[0];
    case 2:
        return (u[0] & 0x1Fu) << 6 | (u[1] & 0x3Fu);
    case 3:
        return (u[0] & 0x0Fu) << 12 | (u[1] & 0x3Fu) << 6 | (u[2] & 0x3Fu);
    default:
        return (u[0] & 0x07u) << 18 | (u[1] & 0x3Fu) << 12 | (u[2] & 0x3Fu) << 6 | (u[3] & 0x3Fu);
    }
}

/* A negated \w or \s within brackets cannot be written there; \W and \S are refused in them. */
static bool read_class_item(reader *r, bool *is_set, uint32_t *c)
{
    *is_set = false;
    if (looking_at(r, "[:")) {
        *is_set = true;
        return read_ascii_class(r);
    }
    if (peek(r, 0) == '[')
        return fail(r, "a class within a class is not supported");
    if (looking_at(r, "&&") || looking_at(r, "--") || looking_at(r, "~~"))
        return fail(r, "operators between classes are not supported");
    if (peek(r, 0) != '\\') {
        *c = read_literal(r);
        return true;
    }
    r->p++;
    escape e = read_escape(r, c);
    *is_set = e == ESCAPE_CLASS;
    return e != ESCAPE_ERROR;
}

/* From the opening bracket to the closing one. */
static bool read_class(reader *r)
{
    r->p++;
    put(r, "[");
    if (peek(r, 0) == '^') {
        put(r, "^");
        r->p++;
    }
    bool first = true;
    for (;; first = false) {
        bool is_set;
        uint32_t c, last;
        if (r->p == r->end)
            return fail(r, "a bracket is not closed");
        if (peek(r, 0) == ']' && !first)
            break;
        if (peek(r, 0) == '-' && !first && peek(r, 1) != ']')
            return fail(r, "a hyphen here is not supported: escape it");
        if (!read_class_item(r, &is_set, &c))
            return false;
        bool is_range = peek(r, 0) == '-' && peek(r, 1) >= 0 && peek(r, 1) != ']';
        if (is_set) {
            if (is_range)
                return fail(r, "a range must begin with a character");
            continue;
        }
        if (!is_range) {
            put_code_point(r, c);
            continue;
        }
        if (looking_at(r, "--"))
            return fail(r, "operators between classes are not supported");
        r->p++;
        if (!read_class_item(r, &is_set, &last))
            return false;
        if (is_set || last < c)
            return fail(r, "a range must end with a character that is not before its first");
        put_range(r, c, last);
    }
    r->p++;
    put(r, "]");
    return true;
}

/* ---- groups and repetition ------------------------------------------------------------------ */

/* (?i), (?i-s:, (?:; r->p is behind (?. */
static bool read_flags(reader *r)
{
    put(r, "(?");
    for (;; r->p++) {
        int c = peek(r, 0);
        if (c == ')' || c == ':')
            break;
        if (c <= 0 || !strchr("imsU-u", c))
            return fail(r, "this kind of group is not supported");
        if (c == 'u' && r->p[-1] == '-')
            return fail(r, "the flag u cannot be switched off");
        r->ignores_case |= c == 'i';
        if (c != 'u')
            ct_buf_put_char(r->out, (char)c);
    }
    if (r->p[-1] == '-')
        return fail(r, "a flag is missing");
    bool opens = *r->p++ == ':';
    put(r, opens ? ":" : ")");
    r->can_repeat = false;
    return !opens || open_group(r);
}

/* (?P<name> or (?<name>; r->p is on the name. */
static bool read_name(reader *r)
{
    const char *name = r->p;
    while (ct_is_lower((char)peek(r, 0)) || ct_is_upper((char)peek(r, 0)) || peek(r, 0) == '_' ||
           (r->p > name && ct_is_digit((char)peek(r, 0))))
        r->p++;
    if (r->p == name || peek(r, 0) != '>')
        return fail(r, "this name of a group is not supported");
    put(r, "(?<");
    r->p++;
    ct_buf_put(r->out, name, (size_t)(r->p - name));
    return open_group(r);
}

static bool read_group(reader *r)
{
    r->p++;
    if (peek(r, 0) == '*')
        return fail(r, "a quantifier has nothing to repeat");
    if (peek(r, 0) != '?') {
        put(r, "(");
        return open_group(r);
    }
    r->p++;
    if (looking_at(r, "=") || looking_at(r, "!") || looking_at(r, "<=") || looking_at(r, "<!"))
        return fail(r, "look-around is not supported");
    if (looking_at(r, "P<")) {
        r->p += 2;
        return read_name(r);
    }
    if (looking_at(r, "<")) {
        r->p++;
        return read_name(r);
    }
    return read_flags(r);
}

static bool read_count(reader *r, int *count)
{
    int n = 0;
    for (*count = 0; ct_is_digit((char)peek(r, 0)); r->p++, n++) {
        *count = *count * 10 + (peek(r, 0) - '0');
        if (*count > 65535)
            return fail(r, "a count above 65535 is not supported");
    }
    return n > 0 || fail(r, "a count is missing");
}

/* {n}, {n,} or {n,m}; *to is -1 for the second. */
static bool read_counts(reader *r, int *from, int *to)
{
    r->p++;
    if (!read_count(r, from))
        return false;
    *to = *from;
    ct_buf_printf(r->out, "{%d", *from);
    if (peek(r, 0) == ',') {
        put(r, ",");
        r->p++;
        *to = -1;
        if (peek(r, 0) != '}') {
            if (!read_count(r, to))
                return false;
            if (*to < *from)
                return fail(r, "the second count is below the first");
            ct_buf_printf(r->out, "%d", *to);
        }
    }
    if (peek(r, 0) != '}')
        return fail(r, "a brace is not closed");
    r->p++;
    put(r, "}");
    return true;
}

static bool read_repetition(reader *r)
{
    if (r->after_repeat)
        return fail(r, "a quantifier behind a quantifier is not supported");
    if (!r->can_repeat)
        return fail(r, "a quantifier has nothing to repeat");
    int from = peek(r, 0) == '+', to = peek(r, 0) == '?' ? 1 : -1;
    if (peek(r, 0) == '{') {
        if (!read_counts(r, &from, &to))
            return false;
    } else {
        ct_buf_put_char(r->out, *r->p++);
    }
    /* Which of the empty matches counts is another question in each of the two. */
    if (r->last_empty && to != 1)
        return fail(r, "repeating what can be empty is not supported");
    r->last_empty |= from == 0;
    if (peek(r, 0) == '?') {
        put(r, "?");
        r->p++;
    }
    r->after_repeat = true;
    return true;
}

/* ---- the whole ------------------------------------------------------------------------------ */

/* An escape outside of brackets. */
static bool read_outer_escape(reader *r)
{
    r->p++;
    switch (peek(r, 0)) {
    case 'A':
    case 'z':
        ct_buf_put_char(r->out, '\\');
        ct_buf_put_char(r->out, *r->p++);
        return true;
    case 'b':
    case 'B':
        if (peek(r, 1) == '{')
            return fail(r, "this kind of word boundary is not supported");
        put(r, *r->p++ == 'b' ? "(?:(?<=[" WORD "])(?![" WORD "])|(?<![" WORD "])(?=[" WORD "]))"
                              : "(?:(?<=[" WORD "])(?=[" WORD "])|(?<![" WORD "])(?![" WORD "]))");
        return true;
    case 'W':
        put(r, "[^" WORD "]");
        r->p++;
        return true;
    case 'S':
        put(r, "[^" SPACE "]");
        r->p++;
        return true;
    default:
        break;
    }
    uint32_t c;
    size_t before = r->out->len;
    put(r, "[");
    escape e = read_escape(r, &c);
    if (e == ESCAPE_CLASS) {
        put(r, "]");
    } else if (e == ESCAPE_CHARACTER) {
        r->out->len = before; /* without the bracket */
        put_code_point(r, c);
    }
    return e != ESCAPE_ERROR;
}

static bool read_one(reader *r)
{
    int c = peek(r, 0);
    if (c == '*' || c == '+' || c == '?' || c == '{')
        return read_repetition(r);
    r->after_repeat = false;
    switch (c) {
    case '(':
        return read_group(r);
    case ')':
        ct_buf_put_char(r->out, *r->p++);
        return close_group(r);
    case '|':
        ct_buf_put_char(r->out, *r->p++);
        r->can_repeat = false;
        begin_branch(r);
        return true;
    default:
        break;
    }
    r->can_repeat = true;
    begin_item(r, c == '^' || c == '$' || (c == '\\' && strchr("AzbB", peek(r, 1))));
    if (c == '[')
        return read_class(r);
    if (c == '\\')
        return read_outer_escape(r);
    if (c == '.' || c == '^' || c == '$')
        ct_buf_put_char(r->out, *r->p++);
    else
        put_code_point(r, read_literal(r));
    return true;
}

bool ct_regex_translate(ct_buf *out, ct_span pattern, const char **error, size_t *at)
{
    reader r = {.start = pattern.p, .p = pattern.p, .end = pattern.p + pattern.n, .out = out};
    r.levels[0].branch = r.last_empty = true;
    bool ok = ct_utf8_valid(pattern.p, pattern.n) || fail(&r, "not UTF-8");
    while (ok && r.p < r.end)
        ok = read_one(&r);
    if (ok && r.depth > 0)
        ok = fail(&r, "a parenthesis is not closed");
    if (ok && r.ignores_case && r.has_property)
        ok = fail(&r, "\\p and [[:^x:]] together with the flag i are not supported");
    *error = r.error;
    *at = (size_t)(r.p - r.start);
    return ok;
}
