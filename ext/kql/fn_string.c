/*
 * SQL: Kusto's functions of strings. Positions and lengths count characters; a byte that is no
 * UTF-8 is one of its own. A string is never null: NULL is '' here, and results are '' where there
 * is no text.
 */
#include "kql/runtime.h"

#include "base/json_write.h"
#include "kql/dynamic.h"
#include "kql/glue.h"
#include "kql/split.h"
#include "kql/terms.h"
#include "kql/unicode.h"

/* ---- characters ----------------------------------------------------------------------------- */

static int64_t count_characters(ct_span text)
{
    int64_t n = 0;
    for (const char *p = text.p, *end = p + text.n; p < end; n++)
        (void)ct_unicode_next(&p, end);
    return n;
}

/* Where the n-th character begins; the end of the text when it has fewer. */
static const char *skip_characters(ct_span text, int64_t n)
{
    const char *p = text.p, *end = text.p + text.n;
    for (; n > 0 && p < end; n--)
        (void)ct_unicode_next(&p, end);
    return p;
}

/*
 * kql_strlen(text TEXT) -> INTEGER       characters
 * kql_string_size(text TEXT) -> INTEGER  bytes
 *
 * Example: SELECT kql_strlen('café'), kql_string_size('café');
 *          -- 4|5
 */
static void kql_strlen(sqlite3_context *context, int n_args, sqlite3_value **args)
{
    ct_span text;
    (void)n_args;
    if (ct_kql_text(context, args[0], &text))
        sqlite3_result_int64(context, count_characters(text));
}

static void kql_string_size(sqlite3_context *context, int n_args, sqlite3_value **args)
{
    ct_span text;
    (void)n_args;
    if (ct_kql_text(context, args[0], &text))
        sqlite3_result_int64(context, (sqlite3_int64)text.n);
}

/*
 * kql_substring(text TEXT, start INTEGER) -> TEXT
 * kql_substring(text TEXT, start INTEGER, length INTEGER) -> TEXT
 *
 * From character start (from 0; below 0 from the end) on, length characters or all. '' where the
 * start lies before the text or behind it, and for a length below 0.
 *
 * Example: SELECT kql_substring('123456', -2, 2), kql_substring('hello', 1, 3);
 *          -- 56|ell
 */
static void kql_substring(sqlite3_context *context, int n_args, sqlite3_value **args)
{
    ct_span text;
    int64_t start, length = INT64_MAX;
    if (!ct_kql_text(context, args[0], &text))
        return;
    ct_span result = {"", 0};
    if (ct_kql_long(args[1], &start) && (n_args < 3 || ct_kql_long(args[2], &length))) {
        if (start < 0)
            start = start < -INT64_MAX ? -1 : start + count_characters(text);
        if (start >= 0 && length > 0) {
            const char *p = skip_characters(text, start);
            ct_span rest = {p, (size_t)(text.p + text.n - p)};
            result = (ct_span){p, (size_t)(skip_characters(rest, length) - p)};
        }
    }
    ct_result_span(context, result);
}

/*
 * kql_indexof(text TEXT, lookup TEXT [, start INTEGER [, length INTEGER [, occurrence INTEGER]]])
 *     -> INTEGER
 *
 * The character at which the occurrence-th (from 1) lookup begins, -1 where it does not. The search
 * begins at start (below 0 from the end) and stays within length characters (-1: all), and so does
 * each next one from behind the last find.
 *
 * NULL:    NULL for an empty lookup, an occurrence below 1, a length below -1.
 * Example: SELECT kql_indexof('abcdefg', 'cde', -5), kql_indexof('abcdefg', 'cde', 1, 2);
 *          -- 2|-1
 */
static void kql_indexof(sqlite3_context *context, int n_args, sqlite3_value **args)
{
    ct_span text, lookup;
    int64_t start = 0, length = -1, occurrence = 1;
    if (!ct_kql_text(context, args[0], &text) || !ct_kql_text(context, args[1], &lookup) ||
        (n_args > 2 && !ct_kql_long(args[2], &start)) ||
        (n_args > 3 && !ct_kql_long(args[3], &length)) ||
        (n_args > 4 && !ct_kql_long(args[4], &occurrence)) || lookup.n == 0 || length < -1 ||
        occurrence < 1)
        return;
    if (start < 0) {
        int64_t n = count_characters(text);
        start = start < -n ? 0 : start + n;
    }
    const char *at = NULL, *p = skip_characters(text, start), *end = text.p + text.n;
    for (; occurrence > 0; occurrence--) { /* the length is that of each search */
        ct_span part = {p, (size_t)(end - p)};
        if (length >= 0)
            part.n = (size_t)(skip_characters(part, length) - p);
        at = ct_kql_search(part, lookup);
        if (!at)
            break;
        p = at + lookup.n;
    }
    sqlite3_result_int64(context,
                         at ? count_characters((ct_span){text.p, (size_t)(at - text.p)}) : -1);
}

/*
 * kql_toupper(text TEXT) -> TEXT     and kql_tolower: one character to one
 * kql_reverse(text TEXT) -> TEXT
 *
 * Example: SELECT kql_toupper('straße'), kql_tolower('МИР'), kql_reverse('abc');
 *          -- STRAßE|мир|cba
 */
static void map_characters(sqlite3_context *context, sqlite3_value *arg, uint32_t (*map)(uint32_t))
{
    ct_span text;
    ct_buf out = CT_BUF_EMPTY;
    if (!ct_kql_text(context, arg, &text))
        return;
    for (const char *p = text.p, *end = p + text.n; p < end;)
        ct_unicode_put(&out, map(ct_unicode_next(&p, end)));
    ct_result_buf(context, &out);
}

static void kql_toupper(sqlite3_context *context, int n_args, sqlite3_value **args)
{
    (void)n_args;
    map_characters(context, args[0], ct_unicode_to_upper);
}

static void kql_tolower(sqlite3_context *context, int n_args, sqlite3_value **args)
{
    (void)n_args;
    map_characters(context, args[0], ct_unicode_to_lower);
}

static void kql_reverse(sqlite3_context *context, int n_args, sqlite3_value **args)
{
    ct_span text;
    ct_buf out = CT_BUF_EMPTY;
    (void)n_args;
    if (!ct_kql_text(context, args[0], &text))
        return;
    for (const char *end = text.p + text.n; end > text.p;) {
        uint32_t c = ct_unicode_before(text.p, end);
        ct_unicode_put(&out, c);
        end -= ct_unicode_size(c);
    }
    ct_result_buf(context, &out);
}

/* The first character that stands at that place in a list of characters; false when it is short. */
static bool character_at(ct_span list, int64_t index, uint32_t *c)
{
    const char *p = skip_characters(list, index), *end = list.p + list.n;
    if (p == end)
        return false;
    *c = ct_unicode_next(&p, end);
    return true;
}

/* The place of a character in a list, -1 when it is not there. */
static int64_t place_of(ct_span list, uint32_t c)
{
    int64_t place = 0;
    for (const char *p = list.p, *end = p + list.n; p < end; place++)
        if (ct_unicode_next(&p, end) == c)
            return place;
    return -1;
}

/*
 * kql_translate(from TEXT, to TEXT, text TEXT) -> TEXT
 *
 * Each character of from in the text becomes the one at its place in to, or the last one of to
 * where that is shorter; nothing where it is empty.
 *
 * Example: SELECT kql_translate('krasp', 'otsku', 'spark'), kql_translate('abc', 'x', 'cab');
 *          -- kusto|xxx
 */
static void kql_translate(sqlite3_context *context, int n_args, sqlite3_value **args)
{
    ct_span from, to, text;
    ct_buf out = CT_BUF_EMPTY;
    (void)n_args;
    if (!ct_kql_text(context, args[0], &from) || !ct_kql_text(context, args[1], &to) ||
        !ct_kql_text(context, args[2], &text))
        return;
    int64_t n_to = count_characters(to);
    for (const char *p = text.p, *end = p + text.n; p < end;) {
        uint32_t c = ct_unicode_next(&p, end);
        int64_t place = place_of(from, c);
        if (place >= n_to && n_to > 0)
            place = n_to - 1;
        if (place < 0 || character_at(to, place, &c))
            ct_unicode_put(&out, c);
    }
    ct_result_buf(context, &out);
}

/* ---- joining -------------------------------------------------------------------------------- */

/* Whether a result may be that long; else sets SQLite's error. */
static bool check_length(sqlite3_context *context, size_t n)
{
    sqlite3 *db = sqlite3_context_db_handle(context);
    if (n <= (size_t)sqlite3_limit(db, SQLITE_LIMIT_LENGTH, -1))
        return true;
    sqlite3_result_error_toobig(context);
    return false;
}

static void join(sqlite3_context *context, ct_span delimiter, int n_args, sqlite3_value **args)
{
    ct_buf out = CT_BUF_EMPTY;
    for (int i = 0; i < n_args; i++) {
        ct_span text;
        if (!ct_kql_text(context, args[i], &text)) {
            ct_buf_free(&out);
            return;
        }
        if (i > 0)
            ct_buf_put(&out, delimiter.p, delimiter.n);
        ct_buf_put(&out, text.p, text.n);
    }
    ct_result_buf(context, &out);
}

/*
 * kql_strcat(text, ...) -> TEXT
 * kql_strcat_delim(delimiter TEXT, text, ...) -> TEXT
 * kql_strrep(text TEXT, n INTEGER [, delimiter TEXT]) -> TEXT     n: at most 1,024
 *
 * Example: SELECT kql_strcat_delim(':', 'a', NULL, 'b'), kql_strrep('ab', 2, '-');
 *          -- a::b|ab-ab
 */
static void kql_strcat(sqlite3_context *context, int n_args, sqlite3_value **args)
{
    join(context, (ct_span){"", 0}, n_args, args);
}

static void kql_strcat_delim(sqlite3_context *context, int n_args, sqlite3_value **args)
{
    ct_span delimiter;
    if (n_args > 0 && ct_kql_text(context, args[0], &delimiter))
        join(context, delimiter, n_args - 1, args + 1);
}

static void kql_strrep(sqlite3_context *context, int n_args, sqlite3_value **args)
{
    enum { REPEAT_MAX = 1024 };
    ct_span text, delimiter = {"", 0};
    int64_t n = 0;
    ct_buf out = CT_BUF_EMPTY;
    if (!ct_kql_text(context, args[0], &text) ||
        (n_args > 2 && !ct_kql_text(context, args[2], &delimiter)))
        return;
    (void)ct_kql_long(args[1], &n);
    if (n > REPEAT_MAX)
        n = REPEAT_MAX;
    if (n > 0 && !check_length(context, (text.n + delimiter.n) * (size_t)n))
        return;
    for (int64_t i = 0; i < n; i++) {
        if (i > 0)
            ct_buf_put(&out, delimiter.p, delimiter.n);
        ct_buf_put(&out, text.p, text.n);
    }
    ct_result_buf(context, &out);
}

/*
 * kql_first_text(text, ...) -> TEXT
 *
 * The first that is not ''; '' when all are.
 */
static void kql_first_text(sqlite3_context *context, int n_args, sqlite3_value **args)
{
    ct_span text = {"", 0};
    for (int i = 0; i < n_args && text.n == 0; i++)
        if (!ct_kql_text(context, args[i], &text))
            return;
    ct_result_span(context, text);
}

/* ---- pieces --------------------------------------------------------------------------------- */

/* Reads text and delimiter; false with the result set: NULL for a NULL, or the error. */
static bool read_split(sqlite3_context *context, int n_args, sqlite3_value **args, ct_span *text,
                       ct_span *delimiter)
{
    if (ct_any_null(n_args, args) || !ct_arg_text(context, args[0], text) ||
        !ct_arg_text(context, args[1], delimiter))
        return false;
    if (delimiter->n == 0)
        ct_kql_fail(context, "delimiter is empty", NULL);
    else if (n_args == 3 && sqlite3_value_numeric_type(args[2]) != SQLITE_INTEGER)
        ct_kql_fail(context, "index is no integer", args[2]);
    else
        return true;
    return false;
}

/*
 * kql_split(text TEXT, delimiter TEXT) -> TEXT (JSON)
 * kql_split(text TEXT, delimiter TEXT, index INTEGER) -> TEXT (JSON)
 *
 * Kusto's split(): a JSON array of the pieces of text between the delimiters; with an index
 * (from 0) an array of that piece alone. Bytes that are not UTF-8 become U+FFFD.
 *
 * NULL:    NULL in, NULL out; also where there is no piece of that index.
 * Errors:  an empty delimiter; an index that is no integer; SQLITE_NOMEM when out of memory.
 * Example: SELECT kql_split('jane@example.com', '@'), kql_split('jane@example.com', '@', 1);
 *          -- ["jane","example.com"]|["example.com"]
 */
static void kql_split(sqlite3_context *context, int n_args, sqlite3_value **args)
{
    ct_span text, delimiter, piece;
    ct_buf json = CT_BUF_EMPTY;
    if (!read_split(context, n_args, args, &text, &delimiter))
        return;
    if (n_args == 2) {
        ct_kql_split(&json, text, delimiter);
    } else {
        int64_t index = sqlite3_value_int64(args[2]);
        if (index < 0 || !ct_kql_split_part(text, delimiter, index, &piece))
            return;
        ct_buf_put_char(&json, '[');
        ct_json_put_string(&json, piece.p, piece.n);
        ct_buf_put_char(&json, ']');
    }
    ct_result_json(context, &json);
}

/*
 * kql_split_part(text TEXT, delimiter TEXT, index INTEGER) -> TEXT
 *
 * tostring(split(text, delimiter)[index]) of Kusto: one piece as text. The index counts from 0, or
 * from -1 at the end backwards; '' where there is no such piece. Bytes that are not UTF-8 come back
 * as they are.
 *
 * NULL:    NULL in, NULL out.
 * Errors:  an empty delimiter; an index that is no integer; SQLITE_NOMEM when out of memory.
 * Example: SELECT kql_split_part('assumed-role/admin/jane', '/', -1);
 *          -- jane
 */
static void kql_split_part(sqlite3_context *context, int n_args, sqlite3_value **args)
{
    ct_span text, delimiter, piece;
    if (!read_split(context, n_args, args, &text, &delimiter))
        return;
    if (!ct_kql_split_part(text, delimiter, sqlite3_value_int64(args[2]), &piece))
        piece = (ct_span){"", 0};
    ct_result_span(context, piece);
}

/*
 * kql_replace_string(text TEXT, lookup TEXT, replacement TEXT) -> TEXT
 *
 * Every lookup, taken from the left, becomes the replacement; an empty lookup is nowhere.
 *
 * Example: SELECT kql_replace_string('cat and cat', 'cat', 'dog');
 *          -- dog and dog
 */
static void kql_replace_string(sqlite3_context *context, int n_args, sqlite3_value **args)
{
    ct_span text, lookup, replacement;
    ct_buf out = CT_BUF_EMPTY;
    (void)n_args;
    if (!ct_kql_text(context, args[0], &text) || !ct_kql_text(context, args[1], &lookup) ||
        !ct_kql_text(context, args[2], &replacement))
        return;
    const char *at;
    while (lookup.n > 0 && (at = ct_kql_search(text, lookup)) != NULL) {
        size_t before = (size_t)(at - text.p);
        if (!check_length(context, out.len + before + replacement.n)) {
            ct_buf_free(&out);
            return;
        }
        ct_buf_put(&out, text.p, before);
        ct_buf_put(&out, replacement.p, replacement.n);
        text = (ct_span){at + lookup.n, text.n - before - lookup.n};
    }
    ct_buf_put(&out, text.p, text.n);
    ct_result_buf(context, &out);
}

/*
 * kql_countof(text TEXT, lookup TEXT) -> INTEGER
 *
 * How often the lookup stands in the text; occurrences may overlap. 0 for an empty one.
 *
 * Example: SELECT kql_countof('The cat sat on the mat', 'at'), kql_countof('ababa', 'aba');
 *          -- 3|2
 */
static void kql_countof(sqlite3_context *context, int n_args, sqlite3_value **args)
{
    ct_span text, lookup;
    (void)n_args;
    if (!ct_kql_text(context, args[0], &text) || !ct_kql_text(context, args[1], &lookup))
        return;
    int64_t n = 0;
    const char *at;
    for (; lookup.n > 0 && (at = ct_kql_search(text, lookup)) != NULL; n++) {
        text.n -= (size_t)(at - text.p) + 1;
        text.p = at + 1;
    }
    sqlite3_result_int64(context, n);
}

/*
 * kql_strcmp(a TEXT, b TEXT) -> INTEGER     -1, 0 or 1, by bytes
 */
static void kql_strcmp(sqlite3_context *context, int n_args, sqlite3_value **args)
{
    ct_span a, b;
    (void)n_args;
    if (!ct_kql_text(context, args[0], &a) || !ct_kql_text(context, args[1], &b))
        return;
    size_t n = a.n < b.n ? a.n : b.n;
    int order = n > 0 ? memcmp(a.p, b.p, n) : 0;
    if (order == 0)
        order = (a.n > b.n) - (a.n < b.n);
    sqlite3_result_int(context, (order > 0) - (order < 0));
}

/* ---- code points and numbers ---------------------------------------------------------------- */

/*
 * kql_unicode_codepoints_from_string(text TEXT) -> TEXT (JSON array)
 * kql_make_string(x, ...) -> TEXT     each a code point or a JSON array of them
 *
 * Example: SELECT kql_unicode_codepoints_from_string('aé'), kql_make_string(72, '[105,33]');
 *          -- [97,233]|Hi!
 */
static void kql_unicode_codepoints(sqlite3_context *context, int n_args, sqlite3_value **args)
{
    ct_span text;
    ct_buf out = CT_BUF_EMPTY;
    (void)n_args;
    if (!ct_kql_text(context, args[0], &text))
        return;
    ct_buf_put_char(&out, '[');
    for (const char *p = text.p, *end = p + text.n; p < end;) {
        uint32_t c = ct_unicode_next(&p, end);
        ct_buf_printf(&out, "%s%u", out.len > 1 ? "," : "",
                      (unsigned)(c >= CT_BAD_BYTE ? 0xFFFD : c));
    }
    ct_buf_put_char(&out, ']');
    ct_result_buf(context, &out);
}

static void put_code_point(ct_buf *out, int64_t c)
{
    if (c > 0 && c < 0x110000 && !(c >= 0xD800 && c <= 0xDFFF))
        ct_utf8_put_code_point(out, (uint32_t)c);
}

static void kql_make_string(sqlite3_context *context, int n_args, sqlite3_value **args)
{
    ct_buf out = CT_BUF_EMPTY;
    for (int i = 0; i < n_args; i++) {
        int64_t c;
        double real;
        bool is_long;
        ct_span json;
        ct_dyn_walk walk;
        if (!ct_kql_text(context, args[i], &json)) {
            ct_buf_free(&out);
            return;
        }
        if (ct_dyn_number(json, &is_long, &c, &real) && is_long)
            put_code_point(&out, c);
        for (bool more = ct_dyn_first(&walk, json); more; more = ct_dyn_next(&walk))
            if (ct_dyn_number(ct_dyn_span(&walk.value), &is_long, &c, &real) && is_long)
                put_code_point(&out, c);
    }
    ct_result_buf(context, &out);
}

/*
 * kql_tohex(x INTEGER [, length INTEGER]) -> TEXT
 *
 * The two's complement in hexadecimal digits, with zeros in front up to the length (at most 16).
 *
 * Example: SELECT kql_tohex(256), kql_tohex(-256), kql_tohex(256, 8);
 *          -- 100|ffffffffffffff00|00000100
 */
static void kql_tohex(sqlite3_context *context, int n_args, sqlite3_value **args)
{
    int64_t x, length = 1;
    ct_buf out = CT_BUF_EMPTY;
    if (!ct_kql_long(args[0], &x) || (n_args > 1 && !ct_kql_long(args[1], &length))) {
        ct_kql_result_constant(context, "");
        return;
    }
    length = length < 1 ? 1 : length > 16 ? 16 : length;
    ct_buf_printf(&out, "%0*llx", (int)length, (unsigned long long)x);
    ct_result_buf(context, &out);
}

/*
 * kql_isascii(text TEXT) -> INTEGER     and kql_isutf8
 */
static void kql_isascii(sqlite3_context *context, int n_args, sqlite3_value **args)
{
    ct_span text;
    (void)n_args;
    if (!ct_kql_text(context, args[0], &text))
        return;
    size_t i = 0;
    while (i < text.n && (unsigned char)text.p[i] < 0x80)
        i++;
    sqlite3_result_int(context, i == text.n);
}

static void kql_isutf8(sqlite3_context *context, int n_args, sqlite3_value **args)
{
    ct_span text;
    (void)n_args;
    if (ct_kql_text(context, args[0], &text))
        sqlite3_result_int(context, ct_utf8_valid(text.p, text.n));
}

int ct_kql_register_string(sqlite3 *db, char **error)
{
    static const ct_function functions[] = {
        CT_KQL_SCALAR("kql_strlen", 1, kql_strlen),
        CT_KQL_SCALAR("kql_string_size", 1, kql_string_size),
        CT_KQL_SCALAR("kql_substring", 2, kql_substring),
        CT_KQL_SCALAR("kql_substring", 3, kql_substring),
        CT_KQL_SCALAR("kql_indexof", 2, kql_indexof),
        CT_KQL_SCALAR("kql_indexof", 3, kql_indexof),
        CT_KQL_SCALAR("kql_indexof", 4, kql_indexof),
        CT_KQL_SCALAR("kql_indexof", 5, kql_indexof),
        CT_KQL_SCALAR("kql_toupper", 1, kql_toupper),
        CT_KQL_SCALAR("kql_tolower", 1, kql_tolower),
        CT_KQL_SCALAR("kql_reverse", 1, kql_reverse),
        CT_KQL_SCALAR("kql_translate", 3, kql_translate),
        CT_KQL_SCALAR("kql_strcat", -1, kql_strcat),
        CT_KQL_SCALAR("kql_strcat_delim", -1, kql_strcat_delim),
        CT_KQL_SCALAR("kql_first_text", -1, kql_first_text),
        CT_KQL_SCALAR("kql_strrep", 2, kql_strrep),
        CT_KQL_SCALAR("kql_strrep", 3, kql_strrep),
        {"kql_split", 2, CT_PURE_JSON, kql_split, NULL, NULL, NULL, NULL},
        {"kql_split", 3, CT_PURE_JSON, kql_split, NULL, NULL, NULL, NULL},
        {"kql_split_dyn", 2, CT_PURE_JSON, kql_split, NULL, NULL, NULL, NULL},
        {"kql_split_dyn", 3, CT_PURE_JSON, kql_split, NULL, NULL, NULL, NULL},
        CT_KQL_SCALAR("kql_split_part", 3, kql_split_part),
        CT_KQL_SCALAR("kql_replace_string", 3, kql_replace_string),
        CT_KQL_SCALAR("kql_countof", 2, kql_countof),
        CT_KQL_SCALAR("kql_strcmp", 2, kql_strcmp),
        CT_KQL_SCALAR("kql_unicode_codepoints_from_string", 1, kql_unicode_codepoints),
        CT_KQL_SCALAR("kql_make_string", -1, kql_make_string),
        CT_KQL_SCALAR("kql_tohex", 1, kql_tohex),
        CT_KQL_SCALAR("kql_tohex", 2, kql_tohex),
        CT_KQL_SCALAR("kql_isascii", 1, kql_isascii),
        CT_KQL_SCALAR("kql_isutf8", 1, kql_isutf8),
    };
    return ct_register(db, functions, sizeof functions / sizeof functions[0], error);
}
