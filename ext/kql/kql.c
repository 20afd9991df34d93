#include "kql/kql.h"

#include <assert.h>
#include <math.h>
#include <string.h>

#include "base/ascii.h"
#include "sqlite/args.h"
#include "base/grow.h"
#include "base/json.h"
#include "base/json_write.h"
#include "base/mem.h"
#include "sqlite/register.h"
#include "sqlite/sqlvalue.h"
#include "base/timestamp.h"

/* ---- split ---------------------------------------------------------------------------------- */

/* Cuts the next piece off the front of rest; false when that was the last one. */
static bool take_piece(ct_span *rest, ct_span delimiter, ct_span *piece)
{
    const char *end = rest->p + rest->n;
    for (const char *at = rest->p; (size_t)(end - at) >= delimiter.n; at++) {
        at = memchr(at, delimiter.p[0], (size_t)(end - at) - delimiter.n + 1);
        if (!at)
            break;
        if (memcmp(at, delimiter.p, delimiter.n) == 0) {
            *piece = (ct_span){rest->p, (size_t)(at - rest->p)};
            *rest = (ct_span){at + delimiter.n, (size_t)(end - at) - delimiter.n};
            return true;
        }
    }
    *piece = *rest;
    return false;
}

void ct_kql_split(ct_buf *json, const char *text, size_t n, const char *delimiter, size_t n_delim)
{
    ct_span rest = {text, n}, piece;
    bool more;
    ct_buf_put_char(json, '[');
    do {
        more = take_piece(&rest, (ct_span){delimiter, n_delim}, &piece);
        ct_json_put_string(json, piece.p, piece.n);
        if (more)
            ct_buf_put_char(json, ',');
    } while (more && ct_buf_ok(json));
    ct_buf_put_char(json, ']');
}

void ct_kql_split_at(ct_buf *json, const char *text, size_t n, const char *delimiter,
                     size_t n_delim, int64_t index)
{
    ct_span rest = {text, n}, piece = {text, 0};
    bool more = index >= 0;
    int64_t i = -1; /* of the piece in hand */
    while (more && i < index) {
        more = take_piece(&rest, (ct_span){delimiter, n_delim}, &piece);
        i++;
    }
    ct_buf_put_char(json, '[');
    ct_json_put_string(json, piece.p, i == index ? piece.n : 0);
    ct_buf_put_char(json, ']');
}

ct_span ct_kql_split_part(ct_span text, ct_span delimiter, int64_t index)
{
    ct_span rest = text, piece = text;
    if (index < 0) { /* as many pieces from the end are as many from the front */
        int64_t n_pieces = 1;
        while (take_piece(&rest, delimiter, &piece))
            n_pieces++;
        if (index == -1)
            return piece;
        index = index < -n_pieces ? INT64_MAX : n_pieces + index;
        rest = text;
    }
    bool more = true;
    int64_t i = -1; /* of the piece in hand */
    while (more && i < index) {
        more = take_piece(&rest, delimiter, &piece);
        i++;
    }
    return i == index ? piece : (ct_span){text.p, 0};
}

/* ---- has ------------------------------------------------------------------------------------ */

static bool is_alnum(unsigned char c)
{
    return (unsigned char)(c - '0') < 10 || (unsigned char)((c | 0x20) - 'a') < 26;
}

static unsigned char fold(unsigned char c)
{
    return (unsigned char)(c - 'A') < 26 ? c | 0x20 : c;
}

/* Whether text[i], when a term begins with it, has a letter or digit in front that forbids it. */
static bool is_inside_word(const unsigned char *text, size_t i)
{
    return i > 0 && is_alnum(text[i]) && is_alnum(text[i - 1]);
}

/* Whether term (at least 1 byte) stands at text[i] and may end where it does. */
static bool stands_at(const unsigned char *text, size_t n, size_t i, const char *term,
                      size_t n_term)
{
    const unsigned char *needle = (const unsigned char *)term;
    if (n_term > n - i)
        return false;
    for (size_t k = 0; k < n_term; k++)
        if (fold(text[i + k]) != fold(needle[k]))
            return false;
    size_t end = i + n_term;
    return end == n || !is_alnum(needle[n_term - 1]) || !is_alnum(text[end]);
}

bool ct_kql_has(const char *text, size_t n, const char *term, size_t n_term)
{
    const unsigned char *t = (const unsigned char *)text;
    if (n_term == 0)
        return true;
    unsigned char first = fold((unsigned char)term[0]);
    for (size_t i = 0; i < n; i++)
        if (fold(t[i]) == first && !is_inside_word(t, i) && stands_at(t, n, i, term, n_term))
            return true;
    return false;
}

/* ---- has_any -------------------------------------------------------------------------------- */

typedef struct term {
    size_t offset; /* into bytes */
    size_t n;      /* at least 1 */
    size_t next;   /* 1 + index of the next term that begins with the same byte; 0: none */
} term;

struct ct_kql_terms {
    ct_buf bytes;        /* all terms, one behind the other */
    term *list;          /* owned (ct_malloc) */
    size_t n, capacity;  /* of list */
    size_t by_byte[256]; /* 1 + index of the first term that can begin with this byte; 0: none */
    bool has_empty;      /* an empty term was added: every text has it */
};

ct_kql_terms *ct_kql_terms_new(void)
{
    ct_kql_terms *terms = ct_malloc(sizeof *terms);
    if (terms)
        *terms = (ct_kql_terms){.bytes = CT_BUF_EMPTY};
    return terms;
}

bool ct_kql_terms_add(ct_kql_terms *terms, const char *p, size_t n)
{
    if (n == 0) {
        terms->has_empty = true;
        return true;
    }
    size_t offset = terms->bytes.len;
    ct_buf_put(&terms->bytes, p, n);
    term *list = ct_grow(terms->list, terms->n, &terms->capacity, 32, sizeof *list);
    if (list)
        terms->list = list;
    if (!list || !ct_buf_ok(&terms->bytes))
        return false;

    unsigned char lower = fold((unsigned char)p[0]);
    unsigned char upper = (unsigned char)(lower - 'a') < 26 ? lower - 0x20 : lower;
    terms->list[terms->n] = (term){offset, n, terms->by_byte[lower]};
    terms->n++;
    terms->by_byte[lower] = terms->n;
    terms->by_byte[upper] = terms->n;
    return true;
}

static bool any_stands_at(const unsigned char *text, size_t n, size_t i, const ct_kql_terms *terms)
{
    for (size_t k = terms->by_byte[text[i]]; k > 0; k = terms->list[k - 1].next) {
        const term *candidate = &terms->list[k - 1];
        // NOLINTNEXTLINE(clang-analyzer-core.NullDereference): k > 0 means that there is a list
        if (stands_at(text, n, i, terms->bytes.data + candidate->offset, candidate->n))
            return true;
    }
    return false;
}

bool ct_kql_has_any(const char *text, size_t n, const ct_kql_terms *terms)
{
    const unsigned char *t = (const unsigned char *)text;
    if (terms->has_empty)
        return true;
    for (size_t i = 0; i < n; i++)
        if (terms->by_byte[t[i]] > 0 && !is_inside_word(t, i) && any_stands_at(t, n, i, terms))
            return true;
    return false;
}

void ct_kql_terms_free(void *p)
{
    ct_kql_terms *terms = p;
    if (!terms)
        return;
    ct_buf_free(&terms->bytes);
    ct_free(terms->list);
    ct_free(terms);
}

/* ---- bin ------------------------------------------------------------------------------------ */

static size_t count_digits(ct_span text)
{
    size_t n = 0;
    while (n < text.n && ct_is_digit(text.p[n]))
        n++;
    return n;
}

static ct_span skip(ct_span text, size_t n)
{
    return (ct_span){text.p + n, text.n - n};
}

static bool unit_ticks(ct_span name, int64_t *ticks)
{
    static const struct {
        const char *name;
        int64_t ticks;
    } units[] = {
        {"d", 86400 * CT_TICKS_PER_SECOND}, {"h", 3600 * CT_TICKS_PER_SECOND},
        {"m", 60 * CT_TICKS_PER_SECOND},    {"min", 60 * CT_TICKS_PER_SECOND},
        {"s", CT_TICKS_PER_SECOND},         {"ms", CT_TICKS_PER_SECOND / 1000},
    };
    for (size_t i = 0; i < sizeof units / sizeof units[0]; i++) {
        if (ct_span_is(name, units[i].name)) {
            *ticks = units[i].ticks;
            return true;
        }
    }
    return false;
}

/* whole.fraction units in ticks, cut; false when that is too long. */
static bool scale(ct_span whole, ct_span fraction, int64_t unit, int64_t *ticks)
{
    int64_t number = 0;
    for (size_t i = 0; i < whole.n; i++) {
        int digit = whole.p[i] - '0';
        if (number > (INT64_MAX / unit - digit) / 10)
            return false;
        number = number * 10 + digit;
    }

    /* From the last digit to the first, so that integers are exact: .25 is (2 + 5/10) / 10. */
    int64_t rest = 0;
    for (size_t i = fraction.n; i > 0; i--)
        rest = (rest + (fraction.p[i - 1] - '0') * unit) / 10;

    if (number * unit > INT64_MAX - rest)
        return false;
    *ticks = number * unit + rest;
    return true;
}

bool ct_kql_timespan(const char *p, size_t n, int64_t *ticks)
{
    ct_span rest = {p, n};
    bool negative = n > 0 && p[0] == '-';
    rest = skip(rest, negative);

    ct_span whole = {rest.p, count_digits(rest)};
    rest = skip(rest, whole.n);
    ct_span fraction = {rest.p, 0};
    if (rest.n > 0 && rest.p[0] == '.') {
        rest = skip(rest, 1);
        fraction = (ct_span){rest.p, count_digits(rest)};
        rest = skip(rest, fraction.n);
        if (fraction.n == 0)
            return false;
    }

    int64_t unit;
    if (whole.n == 0 || !unit_ticks(rest, &unit) || !scale(whole, fraction, unit, ticks))
        return false;
    if (negative)
        *ticks = -*ticks;
    return true;
}

bool ct_kql_bin_integer(int64_t value, int64_t step, int64_t *bin)
{
    int64_t over = value % step; /* has the sign of value */
    if (over < 0)
        over += step;
    if (value < INT64_MIN + over)
        return false;
    *bin = value - over;
    return true;
}

bool ct_kql_bin_real(double value, double step, double *bin)
{
    double count = value / step;
    if (!isfinite(count)) /* infinity, or a step far below what separates value from the next */
        *bin = value;
    else
        *bin = floor(count) * step + 0.0; /* + 0.0 makes of -0.0 a plain 0.0 */
    return isfinite(*bin) || !isfinite(value);
}

/* ---- SQL: split ----------------------------------------------------------------------------- */

/* An error that is a sentence and a value. */
static void fail_at(sqlite3_context *context, const char *sentence, sqlite3_value *value)
{
    ct_buf message = CT_BUF_EMPTY;
    ct_buf_put_text(&message, sentence);
    ct_put_value(&message, value);
    ct_result_error_buf(context, &message);
}

/*
 * kql_split(text TEXT, delimiter TEXT) -> TEXT (JSON)
 * kql_split(text TEXT, delimiter TEXT, index INTEGER) -> TEXT (JSON)
 *
 * Kusto's split(): a JSON array of the pieces of text between the delimiters; with an index
 * (from 0) an array of that piece alone, and of '' where there is no such piece. Bytes that are
 * not UTF-8 become U+FFFD.
 *
 * NULL:    NULL in, NULL out.
 * Errors:  an empty delimiter; an index that is no integer; SQLITE_NOMEM when out of memory.
 * Example: SELECT kql_split('jane@example.com', '@'), kql_split('jane@example.com', '@', 1);
 *          -- ["jane","example.com"]|["example.com"]
 */
static void kql_split(sqlite3_context *context, int n_args, sqlite3_value **args)
{
    if (ct_any_null(n_args, args))
        return;
    ct_span text, delimiter;
    if (!ct_arg_text(context, args[0], &text) || !ct_arg_text(context, args[1], &delimiter))
        return;
    if (delimiter.n == 0) {
        sqlite3_result_error(context, "kql_split(): delimiter is empty", -1);
        return;
    }
    if (n_args == 3 && sqlite3_value_numeric_type(args[2]) != SQLITE_INTEGER) {
        fail_at(context, "kql_split(): index is no integer: ", args[2]);
        return;
    }

    ct_buf json = CT_BUF_EMPTY;
    if (n_args == 3)
        ct_kql_split_at(&json, text.p, text.n, delimiter.p, delimiter.n,
                        sqlite3_value_int64(args[2]));
    else
        ct_kql_split(&json, text.p, text.n, delimiter.p, delimiter.n);
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
    ct_span text, delimiter;
    if (ct_any_null(n_args, args) || !ct_arg_text(context, args[0], &text) ||
        !ct_arg_text(context, args[1], &delimiter))
        return;
    if (delimiter.n == 0)
        sqlite3_result_error(context, "kql_split_part(): delimiter is empty", -1);
    else if (sqlite3_value_numeric_type(args[2]) != SQLITE_INTEGER)
        fail_at(context, "kql_split_part(): index is no integer: ", args[2]);
    else
        ct_result_span(context, ct_kql_split_part(text, delimiter, sqlite3_value_int64(args[2])));
}

/* ---- SQL: make_list ------------------------------------------------------------------------- */

typedef struct list_state {
    ct_buf json; /* without the bracket at the end */
    bool has_blob;
} list_state;

/*
 * kql_make_list(x) -> TEXT, a JSON array
 *
 * Kusto's make_list(): all values of x, repeats too, in the order in which the rows come.
 *
 * NULL:    skipped; '[]' when no row is left.
 * Errors:  `JSON cannot hold BLOB values`; SQLITE_NOMEM when out of memory.
 * Example: SELECT kql_make_list(x) FROM (SELECT 'a' AS x UNION ALL SELECT 2 UNION ALL SELECT 'a');
 *          -- ["a",2,"a"]
 */
static void make_list_step(sqlite3_context *context, int n_args, sqlite3_value **args)
{
    (void)n_args;
    ct_value x;
    ct_sqlvalue_result result = ct_sqlvalue_read(args[0], &x);
    if (result == CT_SQLVALUE_NULL)
        return;
    list_state *state = sqlite3_aggregate_context(context, sizeof *state);
    if (!state || result == CT_SQLVALUE_NO_MEMORY) {
        sqlite3_result_error_nomem(context);
        return;
    }
    ct_buf_put_char(&state->json, state->json.len == 0 ? '[' : ',');
    if (!ct_sqlvalue_put_json(&state->json, &x))
        state->has_blob = true;
}

static void make_list_final(sqlite3_context *context)
{
    list_state *state = sqlite3_aggregate_context(context, 0);
    if (!state) {
        sqlite3_result_text(context, "[]", 2, SQLITE_STATIC);
        sqlite3_result_subtype(context, CT_JSON_SUBTYPE);
    } else if (state->has_blob) {
        ct_buf_free(&state->json);
        sqlite3_result_error(context, "JSON cannot hold BLOB values", -1);
    } else {
        ct_buf_put_char(&state->json, ']');
        ct_result_json(context, &state->json);
    }
}

/* ---- SQL: has, has_any ---------------------------------------------------------------------- */

/*
 * kql_has(text TEXT, term TEXT) -> INTEGER
 *
 * Kusto's has: 1 when term stands in text with no letter or digit touching an edge of it that is
 * itself a letter or digit, else 0. Case does not matter; letters are ASCII.
 *
 * NULL:    NULL in, NULL out.
 * Errors:  none for any input; SQLITE_NOMEM when out of memory.
 * Example: SELECT kql_has('ec2.describe-vpc-endpoints', 'EC2.describe-vpc');
 *          -- 1
 */
static void kql_has(sqlite3_context *context, int n_args, sqlite3_value **args)
{
    if (ct_any_null(n_args, args))
        return;
    ct_span text, needle;
    if (ct_arg_text(context, args[0], &text) && ct_arg_text(context, args[1], &needle))
        sqlite3_result_int(context, ct_kql_has(text.p, text.n, needle.p, needle.n));
}

static const char *describe_kind(unsigned char kind)
{
    static const char *const words[] = {
        [CT_JSON_NULL] = "null",        [CT_JSON_FALSE] = "false",     [CT_JSON_TRUE] = "true",
        [CT_JSON_NUMBER] = "a number",  [CT_JSON_STRING] = "a string", [CT_JSON_ARRAY] = "an array",
        [CT_JSON_OBJECT] = "an object",
    };
    return words[kind];
}

/* Sets the error that says what came instead of strings; index < 0: instead of the array. */
static void fail_array(sqlite3_context *context, const char *came, int index, ct_span json)
{
    ct_buf message = CT_BUF_EMPTY;
    ct_buf_put_text(&message, "kql_has_any(): expected a JSON array of strings, got ");
    ct_buf_put_text(&message, came);
    if (index >= 0)
        ct_buf_printf(&message, " at index %d", index);
    ct_buf_put_text(&message, ": ");
    ct_put_quoted(&message, json.p, json.n);
    ct_result_error_buf(context, &message);
}

/* Adds the strings of a valid array; false after an error, which is then set. */
static bool add_elements(sqlite3_context *context, ct_kql_terms *terms, ct_span json)
{
    ct_json_scanner s = ct_json_scan(json.p, json.n);
    ct_buf string = CT_BUF_EMPTY;
    ct_json value;
    bool more, ok = ct_json_space(&s);
    ct_json_status status = ct_json_enter(&s, '[', &more);
    for (int i = 0; ok && status == CT_JSON_OK && more; i++) {
        (void)ct_json_value(&s, &value);
        if (value.kind != CT_JSON_STRING) {
            fail_array(context, describe_kind(value.kind), i, json);
            ct_buf_free(&string);
            return false;
        }
        ct_buf_clear(&string);
        (void)ct_json_decode(&value, &string); /* what no text holds is U+FFFD in columns, too */
        ok = ct_buf_ok(&string) && ct_kql_terms_add(terms, string.data, string.len);
        status = ct_json_next(&s, ']', &more);
    }
    ct_buf_free(&string);
    if (!ok)
        sqlite3_result_error_nomem(context);
    return ok;
}

/* Whether the text is JSON and an array; else sets the error. */
static bool check_is_array(sqlite3_context *context, ct_span json)
{
    ct_json_scanner s = ct_json_scan(json.p, json.n);
    ct_json root;
    if (!ct_json_valid(json.p, json.n) || !ct_json_space(&s) ||
        ct_json_value(&s, &root) != CT_JSON_OK) {
        fail_array(context, "malformed JSON", -1, json);
        return false;
    }
    if (root.kind != CT_JSON_ARRAY)
        fail_array(context, describe_kind(root.kind), -1, json);
    return root.kind == CT_JSON_ARRAY;
}

/* The terms in the array; NULL after an error, which is then set. */
static ct_kql_terms *read_terms(sqlite3_context *context, sqlite3_value *array)
{
    ct_span json;
    if (!ct_arg_text(context, array, &json) || !check_is_array(context, json))
        return NULL;
    ct_kql_terms *terms = ct_kql_terms_new();
    if (!terms) {
        sqlite3_result_error_nomem(context);
    } else if (!add_elements(context, terms, json)) {
        ct_kql_terms_free(terms);
        terms = NULL;
    }
    return terms;
}

/*
 * kql_has_any(text TEXT, terms TEXT (JSON array of strings)) -> INTEGER
 *
 * Kusto's has_any: 1 when kql_has() would give 1 for at least one of the terms, else 0; 0 for the
 * empty array. A constant array is read once for a statement.
 *
 * NULL:    NULL in, NULL out.
 * Errors:  terms is not JSON, no array, or holds anything but strings; SQLITE_NOMEM when out of
 *          memory.
 * Example: SELECT kql_has_any('iam.list-users', '["kms.list-keys","iam.list-users"]');
 *          -- 1
 */
static void kql_has_any(sqlite3_context *context, int n_args, sqlite3_value **args)
{
    if (ct_any_null(n_args, args))
        return;
    ct_kql_terms *known = sqlite3_get_auxdata(context, 1);
    ct_kql_terms *terms = known ? known : read_terms(context, args[1]);
    ct_span text;
    if (terms && ct_arg_text(context, args[0], &text))
        sqlite3_result_int(context, ct_kql_has_any(text.p, text.n, terms));
    if (!known && terms) /* last: SQLite may free them at once */
        sqlite3_set_auxdata(context, 1, terms, ct_kql_terms_free);
}

/* ---- SQL: bin ------------------------------------------------------------------------------- */

typedef struct operand {
    enum { UNREADABLE, INTEGER, REAL, TICKS } kind;
    int64_t integer; /* INTEGER or TICKS */
    double real;     /* INTEGER or REAL */
} operand;

typedef bool parse_ticks(const char *p, size_t n, int64_t *ticks);

/* False when out of memory. */
static bool read_operand(sqlite3_context *context, sqlite3_value *arg, parse_ticks *parse,
                         operand *result)
{
    int type = sqlite3_value_numeric_type(arg);
    if (type == SQLITE_INTEGER || type == SQLITE_FLOAT) {
        *result = (operand){type == SQLITE_INTEGER ? INTEGER : REAL, sqlite3_value_int64(arg),
                            sqlite3_value_double(arg)};
        return true;
    }
    ct_span text;
    if (!ct_arg_text(context, arg, &text))
        return false;
    *result = (operand){UNREADABLE, 0, 0};
    if (parse(text.p, text.n, &result->integer))
        result->kind = TICKS;
    return true;
}

static void fail_bin(sqlite3_context *context, const char *sentence, sqlite3_value **args)
{
    ct_buf message = CT_BUF_EMPTY;
    ct_buf_put_text(&message, "kql_bin(): ");
    ct_buf_put_text(&message, sentence);
    ct_buf_put_text(&message, ": ");
    ct_put_value(&message, args[0]);
    ct_buf_put_text(&message, ", ");
    ct_put_value(&message, args[1]);
    ct_result_error_buf(context, &message);
}

/* Whether value and step can be taken together; else sets the error. */
static bool check_operands(sqlite3_context *context, const operand *value, const operand *step,
                           sqlite3_value **args)
{
    if (value->kind == UNREADABLE)
        fail_at(context, "kql_bin(): value is neither a time nor a number: ", args[0]);
    else if (step->kind == UNREADABLE)
        fail_at(
            context,
            "kql_bin(): step is neither a timespan (d, h, m, min, s, ms) nor a number: ", args[1]);
    else if (value->kind == TICKS && step->kind != TICKS)
        fail_bin(context, "value is a time, but step a number", args);
    else if (value->kind != TICKS && step->kind == TICKS)
        fail_bin(context, "value is a number, but step a timespan", args);
    else if (step->kind == REAL ? !(step->real > 0) : step->integer <= 0)
        fail_at(context, "kql_bin(): step must be above zero: ", args[1]);
    else if (step->kind == REAL && !isfinite(step->real))
        fail_at(context, "kql_bin(): step must be finite: ", args[1]);
    else
        return true;
    return false;
}

/*
 * kql_bin(value TEXT (time), step TEXT (timespan)) -> TEXT (time)
 * kql_bin(value INTEGER or REAL, step INTEGER or REAL) -> INTEGER or REAL
 *
 * Kusto's bin(): the multiple of step at or below value. A timespan is a number and d, h, m, min,
 * s or ms ('1h', '1.5h'); times are floored from 0001-01-01T00:00:00Z, a Monday. Two integers give
 * an integer.
 *
 * NULL:    NULL in, NULL out.
 * Errors:  a value that is neither time nor number, a step that does not fit it or is not above
 *          zero, a bin below the smallest number; SQLITE_NOMEM when out of memory.
 * Example: SELECT kql_bin('2023-07-10T11:42:36Z', '1min'), kql_bin(-7, 5);
 *          -- 2023-07-10T11:42:00Z|-10
 */
static void kql_bin(sqlite3_context *context, int n_args, sqlite3_value **args)
{
    operand value, step;
    if (ct_any_null(n_args, args) || !read_operand(context, args[0], ct_time_parse, &value) ||
        !read_operand(context, args[1], ct_kql_timespan, &step) ||
        !check_operands(context, &value, &step, args))
        return;

    if (value.kind == TICKS) {
        char text[CT_TIME_TEXT_MAX];
        assert(step.integer > 0); /* check_operands saw to it */
        size_t n = ct_time_format(value.integer - value.integer % step.integer, text);
        ct_result_span(context, (ct_span){text, n});
        return;
    }
    if (value.kind == INTEGER && step.kind == INTEGER) {
        int64_t bin;
        if (ct_kql_bin_integer(value.integer, step.integer, &bin)) {
            sqlite3_result_int64(context, bin);
            return;
        }
    } else {
        double bin;
        if (ct_kql_bin_real(value.real, step.real, &bin)) {
            sqlite3_result_double(context, bin);
            return;
        }
    }
    fail_bin(context, "the bin is out of range", args);
}

int ct_kql_register(sqlite3 *db, char **error)
{
    // clang-format off
    static const ct_function functions[] = {
        /* name          args flags         scalar          step  final value inverse */
        {"kql_split",      2, CT_PURE_JSON, kql_split,      NULL, NULL, NULL, NULL},
        {"kql_split",      3, CT_PURE_JSON, kql_split,      NULL, NULL, NULL, NULL},
        {"kql_split_part", 3, CT_PURE,      kql_split_part, NULL, NULL, NULL, NULL},
        {"kql_make_list",  1, CT_PURE_JSON, NULL, make_list_step, make_list_final, NULL, NULL},
        {"kql_has",        2, CT_PURE,      kql_has,        NULL, NULL, NULL, NULL},
        {"kql_has_any",    2, CT_PURE,      kql_has_any,    NULL, NULL, NULL, NULL},
        {"kql_bin",        2, CT_PURE,      kql_bin,        NULL, NULL, NULL, NULL},
    };
    // clang-format on
    return ct_register(db, functions, sizeof functions / sizeof functions[0], error);
}
