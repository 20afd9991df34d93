#include "kql/dynamic.h"

#include <math.h>

#include "base/ascii.h"
#include "base/json_scan.h"
#include "base/json_write.h"
#include "base/utf8.h"
#include "kql/numbers.h"

/* ---- canonical text ------------------------------------------------------------------------- */

bool ct_dyn_read(ct_span json, ct_json *value)
{
    ct_json_scanner s = ct_json_scan(json.p, json.n);
    (void)ct_json_space(&s);
    return ct_json_value(&s, value) == CT_JSON_OK && !ct_json_space(&s);
}

/* Appends a string that has escapes, escaped anew. */
static void put_string(ct_buf *out, const ct_json *string, ct_buf *scratch)
{
    ct_buf_clear(scratch);
    (void)ct_json_decode(string, scratch);
    if (ct_buf_ok(scratch))
        ct_json_put_string(out, scratch->data ? scratch->data : "", scratch->len);
    else
        out->failed = true;
}

static const char *end_of_number(const char *p, const char *end)
{
    while (p < end &&
           (ct_is_digit(*p) || *p == '.' || *p == '-' || *p == '+' || *p == 'e' || *p == 'E'))
        p++;
    return p;
}

/* Whether a JSON number is spelled as the canonical form has it: a whole one that is surely within
 * 64 bits, and no -0. */
static bool is_plain_number(const char *p, const char *end)
{
    if (end - p > 18 || (*p == '-' && p[1] == '0'))
        return false;
    for (p += *p == '-'; p < end; p++)
        if (!ct_is_digit(*p))
            return false;
    return true;
}

static void put_number(ct_buf *out, ct_span text)
{
    int64_t integer;
    double real;
    if (ct_kql_parse_long(text, &integer))
        ct_buf_printf(out, "%lld", (long long)integer);
    else if (ct_kql_parse_real(text, &real) && isfinite(real))
        ct_kql_put_real(out, real);
    else /* beyond the largest double; JSON has no word for it */
        ct_buf_put_text(out, text.p[0] == '-' ? "\"-Infinity\"" : "\"Infinity\"");
}

/* Appends a value of valid JSON: in runs of what stays as it is, and the rest token by token, of
 * which the first byte tells what it is. */
static void put_value(ct_buf *out, const ct_json *value)
{
    ct_buf scratch = CT_BUF_EMPTY;
    const char *end = value->p + value->len, *p = value->p, *run = p;
    while (p < end) {
        const char *token = p;
        if (*p == '"') {
            ct_json_scanner s = ct_json_scan(p, (size_t)(end - p));
            ct_json string = {.p = p, .kind = CT_JSON_STRING};
            if (ct_scan_string(&s) != CT_JSON_OK)
                break; /* never: the value was scanned before */
            p = s.p;
            if (!(s.flags & (CT_JSON_ESCAPED | CT_JSON_8BIT)))
                continue;
            ct_buf_put(out, run, (size_t)(token - run));
            string.len = (size_t)(p - token);
            string.flags = (unsigned char)s.flags;
            if (s.flags & CT_JSON_ESCAPED)
                put_string(out, &string, &scratch);
            else
                ct_utf8_put(out, token, string.len);
            run = p;
        } else if (*p == '-' || ct_is_digit(*p)) {
            p = end_of_number(p, end);
            if (is_plain_number(token, p))
                continue;
            ct_buf_put(out, run, (size_t)(token - run));
            put_number(out, (ct_span){token, (size_t)(p - token)});
            run = p;
        } else if ((unsigned char)*p <= ' ') {
            ct_buf_put(out, run, (size_t)(token - run));
            while (p < end && (unsigned char)*p <= ' ')
                p++;
            run = p;
        } else {
            p++;
        }
    }
    ct_buf_put(out, run, (size_t)(end - run));
    ct_buf_free(&scratch);
}

bool ct_dyn_put_canonical(ct_buf *out, const char *p, size_t n)
{
    ct_json value;
    if (!ct_dyn_read((ct_span){p, n}, &value))
        return false;
    put_value(out, &value);
    return true;
}

/* ---- walking -------------------------------------------------------------------------------- */

static bool read_member(ct_dyn_walk *walk)
{
    if (walk->closing == '}' && ct_json_key(&walk->scanner, &walk->key) != CT_JSON_OK)
        return false;
    return ct_json_value(&walk->scanner, &walk->value) == CT_JSON_OK;
}

bool ct_dyn_first(ct_dyn_walk *walk, ct_span json)
{
    bool more;
    walk->scanner = ct_json_scan(json.p, json.n);
    if (!ct_json_space(&walk->scanner) || (*walk->scanner.p != '[' && *walk->scanner.p != '{'))
        return false;
    char opening = *walk->scanner.p;
    walk->closing = opening == '{' ? '}' : ']';
    return ct_json_enter(&walk->scanner, opening, &more) == CT_JSON_OK && more && read_member(walk);
}

bool ct_dyn_next(ct_dyn_walk *walk)
{
    bool more;
    return ct_json_next(&walk->scanner, walk->closing, &more) == CT_JSON_OK && more &&
           read_member(walk);
}

ct_json_kind ct_dyn_kind(ct_span json)
{
    ct_json_scanner s = ct_json_scan(json.p, json.n);
    if (!ct_json_space(&s))
        return CT_JSON_NONE;
    switch (*s.p) {
    case '{':
        return CT_JSON_OBJECT;
    case '[':
        return CT_JSON_ARRAY;
    case '"':
        return CT_JSON_STRING;
    case 't':
        return CT_JSON_TRUE;
    case 'f':
        return CT_JSON_FALSE;
    case 'n':
        return CT_JSON_NULL;
    default:
        return CT_JSON_NUMBER;
    }
}

size_t ct_dyn_count(ct_span json)
{
    ct_dyn_walk walk;
    size_t n = 0;
    for (bool more = ct_dyn_first(&walk, json); more; more = ct_dyn_next(&walk))
        n++;
    return n;
}

/* A canonical key has escapes only for ASCII. */
bool ct_dyn_key_is(const ct_json *key, ct_span text)
{
    return ct_json_says(key, text.p, text.n);
}

static bool not_null(const ct_json *found, ct_span *value)
{
    if (found->kind == CT_JSON_NONE || found->kind == CT_JSON_NULL)
        return false;
    *value = ct_dyn_span(found);
    return true;
}

bool ct_dyn_member(ct_span json, ct_span name, ct_span *value)
{
    ct_dyn_walk walk;
    ct_json found = {.kind = CT_JSON_NONE};
    if (ct_dyn_kind(json) != CT_JSON_OBJECT)
        return false;
    for (bool more = ct_dyn_first(&walk, json); more; more = ct_dyn_next(&walk))
        if (ct_dyn_key_is(&walk.key, name))
            found = walk.value;
    return not_null(&found, value);
}

bool ct_dyn_element(ct_span json, int64_t index, ct_span *value)
{
    ct_dyn_walk walk;
    ct_json found = {.kind = CT_JSON_NONE};
    if (ct_dyn_kind(json) != CT_JSON_ARRAY)
        return false;
    if (index < -1) {
        int64_t n = (int64_t)ct_dyn_count(json);
        if (index < -n)
            return false;
        index += n;
    }
    int64_t i = 0;
    for (bool more = ct_dyn_first(&walk, json); more; more = ct_dyn_next(&walk), i++) {
        if (i == index || index == -1)
            found = walk.value;
        if (i == index)
            break;
    }
    return not_null(&found, value);
}

void ct_dyn_put_text(ct_buf *out, const ct_json *value)
{
    if (value->kind == CT_JSON_STRING)
        (void)ct_json_decode(value, out);
    else if (value->kind != CT_JSON_NULL && value->kind != CT_JSON_NONE)
        ct_json_minify(value, out);
}

/* ---- equality ------------------------------------------------------------------------------- */

bool ct_dyn_number(ct_span json, bool *is_long, int64_t *integer, double *real)
{
    json = ct_kql_trimmed(json);
    if (ct_dyn_kind(json) != CT_JSON_NUMBER)
        return false;
    *is_long = ct_kql_parse_long(json, integer);
    if (*is_long) {
        *real = (double)*integer;
        return true;
    }
    return ct_kql_parse_real(json, real);
}

bool ct_dyn_equal(ct_span a, ct_span b)
{
    if (a.n == b.n && memcmp(a.p, b.p, a.n) == 0)
        return true;
    bool a_long, b_long;
    int64_t i, j;
    double x, y;
    if (!ct_dyn_number(a, &a_long, &i, &x) || !ct_dyn_number(b, &b_long, &j, &y))
        return false;
    return a_long && b_long ? i == j : x == y;
}
