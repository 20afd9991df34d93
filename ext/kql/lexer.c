#include "kql/lexer.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/ascii.h"
#include "base/timestamp.h"
#include "base/utf8.h"

static bool is_word_start(char c)
{
    return c == '_' || (unsigned char)((c | 0x20) - 'a') < 26;
}

static bool is_word(char c)
{
    return is_word_start(c) || ct_is_digit(c);
}

/* The byte at i of the query, NUL behind its end. */
static char byte_at(const ct_kql_lexer *lexer, size_t i)
{
    return i < lexer->job->text.n ? lexer->job->text.p[i] : 0;
}

static void skip_space(ct_kql_lexer *lexer)
{
    ct_span text = lexer->job->text;
    for (;;) {
        char c = byte_at(lexer, lexer->at);
        if (lexer->at < text.n && (c == ' ' || c == '\t' || c == '\n' || c == '\r')) {
            lexer->at++;
        } else if (text.n - lexer->at >= 2 && c == '/' && byte_at(lexer, lexer->at + 1) == '/') {
            while (lexer->at < text.n && text.p[lexer->at] != '\n')
                lexer->at++;
        } else if (text.n - lexer->at >= 2 && c == '\xC2' &&
                   byte_at(lexer, lexer->at + 1) == '\xA0') {
            lexer->at += 2; /* a no-break space, out of web pages */
        } else {
            return;
        }
    }
}

static ct_kql_token token_from(const ct_kql_lexer *lexer, ct_kql_token_kind kind, size_t from)
{
    ct_span text = {lexer->job->text.p + from, lexer->at - from};
    return (ct_kql_token){.kind = kind, .at = from, .end = lexer->at, .text = text};
}

/* ---- numbers -------------------------------------------------------------------------------- */

bool ct_kql_unit_ticks(ct_span unit, int64_t *ticks)
{
    static const struct {
        const char *names; /* between bars */
        int64_t ticks;
    } units[] = {
        {"|d|day|days|", 86400 * CT_TICKS_PER_SECOND},
        {"|h|hr|hrs|hour|hours|", 3600 * CT_TICKS_PER_SECOND},
        {"|m|min|minute|minutes|", 60 * CT_TICKS_PER_SECOND},
        {"|s|sec|second|seconds|", CT_TICKS_PER_SECOND},
        {"|ms|milli|millisecond|milliseconds|", CT_TICKS_PER_SECOND / 1000},
        {"|micro|microsecond|microseconds|", CT_TICKS_PER_SECOND / 1000000},
        {"|tick|ticks|", 1},
    };
    if (unit.n == 0 || unit.n > 12)
        return false;
    char wanted[16] = "|";
    memcpy(wanted + 1, unit.p, unit.n);
    memcpy(wanted + 1 + unit.n, "|", 2);
    for (size_t i = 0; i < sizeof units / sizeof units[0]; i++) {
        if (strstr(units[i].names, wanted)) {
            *ticks = units[i].ticks;
            return true;
        }
    }
    return false;
}

static ct_kql_token read_hex(ct_kql_lexer *lexer, size_t from)
{
    uint64_t value = 0;
    lexer->at += 2;
    size_t first = lexer->at;
    for (;; lexer->at++) {
        char c = byte_at(lexer, lexer->at);
        int digit = ct_is_digit(c)                          ? c - '0'
                    : (unsigned char)((c | 0x20) - 'a') < 6 ? (c | 0x20) - 'a' + 10
                                                            : -1;
        if (digit < 0)
            break;
        value = value * 16 + (uint64_t)digit;
    }
    if (lexer->at == first || lexer->at - first > 16 || is_word(byte_at(lexer, lexer->at)))
        ct_kql_refuse(lexer->job, from, "a hexadecimal number has 1 to 16 digits");
    ct_kql_token token = token_from(lexer, KT_LONG, from);
    token.integer = (int64_t)value;
    return token;
}

/* The digits from..end as a long; a number that is too large is an error, as with Kusto. */
static int64_t read_integer(const ct_kql_lexer *lexer, size_t from, size_t end)
{
    uint64_t value = 0;
    if (end - from == 19 && memcmp(lexer->job->text.p + from, "9223372036854775808", 19) == 0)
        return INT64_MIN; /* the parser says where it may stand */
    for (size_t i = from; i < end; i++) {
        uint64_t digit = (uint64_t)(lexer->job->text.p[i] - '0');
        if (value > ((uint64_t)INT64_MAX - digit) / 10)
            ct_kql_refuse(lexer->job, from, "the number is too large for a long");
        value = value * 10 + digit;
    }
    return (int64_t)value;
}

static double read_real(const ct_kql_lexer *lexer, size_t from, size_t end)
{
    char digits[400];
    size_t n = end - from;
    if (n >= sizeof digits)
        ct_kql_refuse(lexer->job, from, "a number of more than %zu characters", sizeof digits - 1);
    memcpy(digits, lexer->job->text.p + from, n);
    digits[n] = 0;
    return strtod(digits, NULL);
}

static ct_kql_token read_number(ct_kql_lexer *lexer)
{
    size_t from = lexer->at;
    if (byte_at(lexer, from) == '0' && (byte_at(lexer, from + 1) | 0x20) == 'x')
        return read_hex(lexer, from);

    bool is_real = false;
    while (ct_is_digit(byte_at(lexer, lexer->at)))
        lexer->at++;
    if (byte_at(lexer, lexer->at) == '.' && byte_at(lexer, lexer->at + 1) != '.' &&
        !is_word_start(byte_at(lexer, lexer->at + 1))) {
        is_real = true; /* but 1..5 is a range */
        lexer->at++;
        while (ct_is_digit(byte_at(lexer, lexer->at)))
            lexer->at++;
    }
    size_t number_end = lexer->at;
    if ((byte_at(lexer, lexer->at) | 0x20) == 'e') {
        size_t i = lexer->at + 1;
        if (byte_at(lexer, i) == '+' || byte_at(lexer, i) == '-')
            i++;
        if (ct_is_digit(byte_at(lexer, i))) {
            while (ct_is_digit(byte_at(lexer, i)))
                i++;
            is_real = true;
            lexer->at = number_end = i;
        }
    }

    size_t unit_from = lexer->at;
    while (is_word(byte_at(lexer, lexer->at)))
        lexer->at++;
    if (lexer->at == unit_from) {
        ct_kql_token token = token_from(lexer, is_real ? KT_REAL : KT_LONG, from);
        if (is_real)
            token.real = read_real(lexer, from, number_end);
        else
            token.integer = read_integer(lexer, from, number_end);
        return token;
    }

    int64_t unit;
    ct_span name = {lexer->job->text.p + unit_from, lexer->at - unit_from};
    if (ct_span_is(name, "nanosecond") || ct_span_is(name, "nanoseconds") ||
        ct_span_is(name, "nano")) {
        unit = 0;
    } else if (!ct_kql_unit_ticks(name, &unit)) {
        ct_kql_refuse(lexer->job, from, "a number ends in %s, which is no unit of time",
                      ct_kql_quote(lexer->job, name));
    }
    ct_kql_token token = token_from(lexer, KT_TIMESPAN, from);
    double ticks = read_real(lexer, from, number_end) * (unit == 0 ? 0.01 : (double)unit);
    if (!(ticks < 9.2e18))
        ct_kql_refuse(lexer->job, from, "the timespan is too long");
    if (is_real || unit == 0)
        token.integer = (int64_t)ticks;
    else
        token.integer = (int64_t)((uint64_t)read_integer(lexer, from, number_end) * (uint64_t)unit);
    return token;
}

/* ---- strings -------------------------------------------------------------------------------- */

typedef struct decoded {
    char *p; /* of the arena */
    size_t n;
} decoded;

static void put(decoded *text, char c)
{
    text->p[text->n++] = c;
}

static void put_code_point(ct_kql_lexer *lexer, decoded *text, size_t at, uint32_t code)
{
    if (code > 0x10FFFF || (code >= 0xD800 && code < 0xE000))
        code = 0xFFFD;
    (void)lexer;
    (void)at;
    if (code < 0x80) {
        put(text, (char)code);
    } else if (code < 0x800) {
        put(text, (char)(0xC0 | code >> 6));
        put(text, (char)(0x80 | (code & 0x3F)));
    } else if (code < 0x10000) {
        put(text, (char)(0xE0 | code >> 12));
        put(text, (char)(0x80 | (code >> 6 & 0x3F)));
        put(text, (char)(0x80 | (code & 0x3F)));
    } else {
        put(text, (char)(0xF0 | code >> 18));
        put(text, (char)(0x80 | (code >> 12 & 0x3F)));
        put(text, (char)(0x80 | (code >> 6 & 0x3F)));
        put(text, (char)(0x80 | (code & 0x3F)));
    }
}

/* Reads n hexadecimal digits at the lexer; -1 where there are not so many. */
static int64_t read_code(ct_kql_lexer *lexer, int n)
{
    int64_t code = 0;
    for (int i = 0; i < n; i++) {
        char c = byte_at(lexer, lexer->at);
        int digit = ct_is_digit(c)                          ? c - '0'
                    : (unsigned char)((c | 0x20) - 'a') < 6 ? (c | 0x20) - 'a' + 10
                                                            : -1;
        if (digit < 0)
            return -1;
        code = code * 16 + digit;
        lexer->at++;
    }
    return code;
}

/* Reads what follows a backslash, which is passed already. */
static void read_escape(ct_kql_lexer *lexer, decoded *text)
{
    static const char from[] = "abfnrtv0\\'\"", to[] = "\a\b\f\n\r\t\v\0\\'\"";
    size_t at = lexer->at - 1;
    char c = byte_at(lexer, lexer->at);
    int64_t code = -1;
    if (c >= '0' && c <= '7') {
        code = 0;
        for (int i = 0; i < 3 && (unsigned char)(byte_at(lexer, lexer->at) - '0') < 8; i++)
            code = code * 8 + (byte_at(lexer, lexer->at++) - '0');
        put_code_point(lexer, text, at, (uint32_t)code);
        return;
    }
    const char *known = c ? strchr(from, c) : NULL;
    lexer->at++;
    if (known) {
        put(text, to[known - from]);
        return;
    }
    if (c == 'x')
        code = read_code(lexer, 2);
    else if (c == 'u')
        code = read_code(lexer, 4);
    else if (c == 'U')
        code = read_code(lexer, 8);
    if (code < 0)
        ct_kql_refuse(lexer->job, at,
                      "a backslash that begins no escape of KQL (write \\\\ or @'...')");
    if (code >= 0xD800 && code < 0xDC00 && byte_at(lexer, lexer->at) == '\\' &&
        byte_at(lexer, lexer->at + 1) == 'u') {
        ct_kql_lexer low_at = *lexer;
        low_at.at += 2;
        int64_t low = read_code(&low_at, 4);
        if (low >= 0xDC00 && low < 0xE000) {
            code = 0x10000 + ((code - 0xD800) << 10) + (low - 0xDC00);
            lexer->at = low_at.at;
        }
    }
    put_code_point(lexer, text, at, (uint32_t)code);
}

static ct_kql_token read_string(ct_kql_lexer *lexer, size_t from, bool is_verbatim)
{
    char quote = byte_at(lexer, lexer->at++);
    /* What it says is never longer than how it is written. */
    size_t end = lexer->at;
    while (end < lexer->job->text.n && lexer->job->text.p[end] != '\n')
        end++;
    decoded text = {ct_kql_new(lexer->job, end - from + 4), 0};
    for (;;) {
        char c = byte_at(lexer, lexer->at);
        if (lexer->at >= lexer->job->text.n || c == '\n' || c == '\r')
            ct_kql_refuse(lexer->job, from, "the string does not end on its line");
        lexer->at++;
        if (c == quote && is_verbatim && byte_at(lexer, lexer->at) == quote)
            put(&text, byte_at(lexer, lexer->at++));
        else if (c == quote)
            break;
        else if (c == '\\' && !is_verbatim)
            read_escape(lexer, &text);
        else
            put(&text, c);
    }
    ct_kql_token token = token_from(lexer, KT_STRING, from);
    token.text = (ct_span){text.p, text.n};
    return token;
}

static ct_kql_token read_fenced(ct_kql_lexer *lexer, size_t from)
{
    const char *fence = lexer->job->text.p + lexer->at;
    lexer->at += 3;
    size_t first = lexer->at;
    while (lexer->at + 3 <= lexer->job->text.n &&
           memcmp(lexer->job->text.p + lexer->at, fence, 3) != 0)
        lexer->at++;
    if (lexer->at + 3 > lexer->job->text.n)
        ct_kql_refuse(lexer->job, from, "the string does not end");
    ct_span text = {lexer->job->text.p + first, lexer->at - first};
    lexer->at += 3;
    ct_kql_token token = token_from(lexer, KT_STRING, from);
    token.text = text;
    return token;
}

static bool is_fence(const ct_kql_lexer *lexer, size_t at)
{
    char c = byte_at(lexer, at);
    return (c == '`' || c == '~') && byte_at(lexer, at + 1) == c && byte_at(lexer, at + 2) == c;
}

/* A string with or without what may stand before its quote; false when none begins here. */
static bool try_string(ct_kql_lexer *lexer, ct_kql_token *token)
{
    size_t from = lexer->at, at = from;
    if ((byte_at(lexer, at) | 0x20) == 'h')
        at++;
    bool is_verbatim = byte_at(lexer, at) == '@';
    at += is_verbatim;
    if (is_fence(lexer, at) && !is_verbatim) {
        lexer->at = at;
        *token = read_fenced(lexer, from);
        return true;
    }
    if (byte_at(lexer, at) != '"' && byte_at(lexer, at) != '\'')
        return false;
    lexer->at = at;
    *token = read_string(lexer, from, is_verbatim);
    return true;
}

/* ---- words and signs ------------------------------------------------------------------------ */

static ct_kql_token read_word(ct_kql_lexer *lexer)
{
    size_t from = lexer->at++; /* a letter, _, $ or ! */
    while (is_word(byte_at(lexer, lexer->at)))
        lexer->at++;
    ct_kql_token token = token_from(lexer, KT_NAME, from);
    if (byte_at(lexer, lexer->at) == '~' &&
        (ct_span_is(token.text, "in") || ct_span_is(token.text, "!in"))) {
        lexer->at++;
        token = token_from(lexer, KT_NAME, from);
    }
    return token;
}

static ct_kql_token read_sign(ct_kql_lexer *lexer)
{
    static const char *const pairs[] = {"==", "!=", "<>", "<=", ">=", "=~", "!~", "..", "=>"};
    size_t from = lexer->at;
    char c = byte_at(lexer, from), after = byte_at(lexer, from + 1);
    for (size_t i = 0; i < sizeof pairs / sizeof pairs[0]; i++) {
        if (c == pairs[i][0] && after == pairs[i][1]) {
            lexer->at += 2;
            return token_from(lexer, KT_PUNCT, from);
        }
    }
    if (!c || !strchr("()[]{},;:|.=<>+-*/%", c)) {
        size_t n_bad,
            n = ct_utf8_char(lexer->job->text.p + from, lexer->job->text.n - from, &n_bad);
        ct_span shown = {lexer->job->text.p + from, n ? n : n_bad};
        ct_kql_refuse(lexer->job, from, "%s begins nothing in KQL",
                      ct_kql_quote(lexer->job, shown));
    }
    lexer->at++;
    return token_from(lexer, KT_PUNCT, from);
}

ct_kql_token ct_kql_next(ct_kql_lexer *lexer)
{
    ct_kql_token token;
    skip_space(lexer);
    if (lexer->at >= lexer->job->text.n)
        return (ct_kql_token){
            .kind = KT_END, .at = lexer->job->text.n, .end = lexer->job->text.n, .text = {"", 0}};
    char c = byte_at(lexer, lexer->at), after = byte_at(lexer, lexer->at + 1);
    if (ct_is_digit(c))
        return read_number(lexer);
    if (try_string(lexer, &token))
        return token;
    if (is_word_start(c) || ((c == '$' || c == '!') && is_word_start(after)))
        return read_word(lexer);
    return read_sign(lexer);
}

ct_kql_token ct_kql_peek(const ct_kql_lexer *lexer)
{
    ct_kql_lexer ahead = *lexer;
    return ct_kql_next(&ahead);
}
