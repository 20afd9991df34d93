/*
 * SQL: between Kusto's types, and between them and what stands in a user's table. What cannot be
 * converted is NULL, of a string ''; never an error.
 *
 * Named kql_to<type>_<from>: kql_tolong_string(x) is tolong() of a string, kql_tostring_dyn(x)
 * tostring() of a dynamic value; kql_dyn_<from>(x) makes one a dynamic value; kql_scan_<type>(x)
 * reads any value of a table as that type.
 */
#include "kql/runtime.h"

#include <math.h>

#include "base/json_write.h"
#include "base/utf8.h"
#include "kql/dynamic.h"
#include "kql/glue.h"
#include "kql/numbers.h"
#include "kql/ticks.h"
#include "kql/types.h"

/* ---- from a text ---------------------------------------------------------------------------- */

typedef void convert_text(sqlite3_context *context, ct_span text);

static void tolong(sqlite3_context *context, ct_span text)
{
    int64_t value;
    if (ct_kql_parse_long(text, &value))
        sqlite3_result_int64(context, value);
}

static void toint(sqlite3_context *context, ct_span text)
{
    int64_t value;
    if (ct_kql_parse_int(text, &value))
        sqlite3_result_int64(context, value);
}

static void todouble(sqlite3_context *context, ct_span text)
{
    double value;
    if (ct_kql_parse_real(text, &value))
        ct_kql_result_real(context, value);
}

static void tobool(sqlite3_context *context, ct_span text)
{
    bool value;
    if (ct_kql_parse_bool(text, &value))
        sqlite3_result_int(context, value);
}

static void todatetime(sqlite3_context *context, ct_span text)
{
    int64_t ticks;
    if (ct_kql_read_datetime(text.p, text.n, &ticks))
        sqlite3_result_int64(context, ticks);
}

static void totimespan(sqlite3_context *context, ct_span text)
{
    int64_t ticks;
    if (ct_kql_read_timespan(text.p, text.n, &ticks))
        sqlite3_result_int64(context, ticks);
}

static void toguid(sqlite3_context *context, ct_span text)
{
    char guid[CT_KQL_GUID_BYTES];
    if (ct_kql_read_guid(text.p, text.n, guid))
        ct_result_span(context, (ct_span){guid, sizeof guid});
}

static void from_text(sqlite3_context *context, sqlite3_value *arg, convert_text *convert)
{
    ct_span text;
    if (ct_kql_text(context, arg, &text))
        convert(context, text);
}

/*
 * kql_tolong_string(text TEXT) -> INTEGER     and kql_toint_string, kql_todouble_string,
 *     kql_tobool_string, kql_todatetime_string, kql_totimespan_string, kql_toguid_string
 *
 * Example: SELECT kql_tolong_string(' 0x1F '), kql_toint_string('5.9'), kql_tobool_string('True');
 *          -- 31|NULL|1
 */
static void kql_tolong_string(sqlite3_context *context, int n_args, sqlite3_value **args)
{
    (void)n_args;
    from_text(context, args[0], tolong);
}

static void kql_toint_string(sqlite3_context *context, int n_args, sqlite3_value **args)
{
    (void)n_args;
    from_text(context, args[0], toint);
}

static void kql_todouble_string(sqlite3_context *context, int n_args, sqlite3_value **args)
{
    (void)n_args;
    from_text(context, args[0], todouble);
}

static void kql_tobool_string(sqlite3_context *context, int n_args, sqlite3_value **args)
{
    (void)n_args;
    from_text(context, args[0], tobool);
}

static void kql_todatetime_string(sqlite3_context *context, int n_args, sqlite3_value **args)
{
    (void)n_args;
    from_text(context, args[0], todatetime);
}

static void kql_totimespan_string(sqlite3_context *context, int n_args, sqlite3_value **args)
{
    (void)n_args;
    from_text(context, args[0], totimespan);
}

static void kql_toguid_string(sqlite3_context *context, int n_args, sqlite3_value **args)
{
    (void)n_args;
    from_text(context, args[0], toguid);
}

/* ---- from a number -------------------------------------------------------------------------- */

/*
 * kql_tolong_real(x REAL) -> INTEGER     and kql_toint_real: toward zero; NULL for NaN and infinity
 * kql_toint_long(x INTEGER) -> INTEGER   the low 32 bits
 * kql_todatetime_long(ticks INTEGER) -> INTEGER
 *
 * Example: SELECT kql_tolong_real(-9.99), kql_toint_long(2147483648);
 *          -- -9|-2147483648
 */
static void kql_tolong_real(sqlite3_context *context, int n_args, sqlite3_value **args)
{
    double real;
    int64_t value;
    (void)n_args;
    if (sqlite3_value_type(args[0]) == SQLITE_INTEGER)
        ct_kql_result_same(context, args[0]);
    else if (ct_kql_real(context, args[0], &real) && ct_kql_truncate(real, &value))
        sqlite3_result_int64(context, value);
}

static void kql_toint_real(sqlite3_context *context, int n_args, sqlite3_value **args)
{
    double real;
    int64_t value;
    (void)n_args;
    if (ct_kql_real(context, args[0], &real) && ct_kql_truncate(real, &value))
        sqlite3_result_int64(context, ct_kql_narrow(value));
}

static void kql_toint_long(sqlite3_context *context, int n_args, sqlite3_value **args)
{
    int64_t value;
    (void)n_args;
    if (ct_kql_long(args[0], &value))
        sqlite3_result_int64(context, ct_kql_narrow(value));
}

static void kql_todatetime_long(sqlite3_context *context, int n_args, sqlite3_value **args)
{
    double real;
    int64_t ticks;
    (void)n_args;
    if (ct_kql_real(context, args[0], &real) && ct_kql_truncate(real, &ticks) &&
        ct_is_datetime(ticks))
        sqlite3_result_int64(context, sqlite3_value_type(args[0]) == SQLITE_INTEGER
                                          ? sqlite3_value_int64(args[0])
                                          : ticks);
}

/* ---- from a dynamic value ------------------------------------------------------------------- */

/* What a dynamic value holds, ready to be made one of the scalar types. */
typedef struct scalar {
    ct_json json;
    ct_buf text; /* of a string */
} scalar;

/* False when the result is set or stays NULL: NULL, no JSON, or no memory. */
static bool read_scalar(sqlite3_context *context, sqlite3_value *arg, scalar *s)
{
    ct_span json;
    s->text = CT_BUF_EMPTY;
    if (ct_kql_is_null(arg) || !ct_arg_text(context, arg, &json) || !ct_dyn_read(json, &s->json))
        return false;
    if (s->json.kind == CT_JSON_STRING)
        (void)ct_json_decode(&s->json, &s->text);
    if (ct_buf_ok(&s->text))
        return true;
    sqlite3_result_error_nomem(context);
    ct_buf_free(&s->text);
    return false;
}

static ct_span scalar_text(const scalar *s)
{
    return (ct_span){s->text.data ? s->text.data : "", s->text.len};
}

/* The number in a number or bool. */
static bool scalar_number(const scalar *s, bool *is_long, int64_t *integer, double *real)
{
    if (s->json.kind == CT_JSON_TRUE || s->json.kind == CT_JSON_FALSE) {
        *is_long = true;
        *integer = s->json.kind == CT_JSON_TRUE;
        *real = (double)*integer;
        return true;
    }
    return ct_dyn_number(ct_dyn_span(&s->json), is_long, integer, real);
}

static bool scalar_long(const scalar *s, int64_t *value)
{
    bool is_long;
    double real;
    return scalar_number(s, &is_long, value, &real) && (is_long || ct_kql_truncate(real, value));
}

typedef void convert_scalar(sqlite3_context *context, const scalar *s);

static void dyn_tolong(sqlite3_context *context, const scalar *s)
{
    int64_t value;
    if (s->json.kind == CT_JSON_STRING)
        tolong(context, scalar_text(s));
    else if (scalar_long(s, &value))
        sqlite3_result_int64(context, value);
}

static void dyn_toint(sqlite3_context *context, const scalar *s)
{
    int64_t value;
    if (s->json.kind == CT_JSON_STRING)
        toint(context, scalar_text(s));
    else if (scalar_long(s, &value))
        sqlite3_result_int64(context, ct_kql_narrow(value));
}

static void dyn_todouble(sqlite3_context *context, const scalar *s)
{
    bool is_long;
    int64_t integer;
    double real;
    if (s->json.kind == CT_JSON_STRING)
        todouble(context, scalar_text(s));
    else if (scalar_number(s, &is_long, &integer, &real))
        ct_kql_result_real(context, real);
}

static void dyn_tobool(sqlite3_context *context, const scalar *s)
{
    bool is_long;
    int64_t integer;
    double real;
    if (s->json.kind == CT_JSON_STRING)
        tobool(context, scalar_text(s));
    else if (scalar_number(s, &is_long, &integer, &real))
        sqlite3_result_int(context, real != 0);
}

static void dyn_todatetime(sqlite3_context *context, const scalar *s)
{
    int64_t ticks;
    if (s->json.kind == CT_JSON_STRING)
        todatetime(context, scalar_text(s));
    else if (s->json.kind == CT_JSON_NUMBER && scalar_long(s, &ticks) && ct_is_datetime(ticks))
        sqlite3_result_int64(context, ticks);
}

static void dyn_totimespan(sqlite3_context *context, const scalar *s)
{
    int64_t ticks;
    if (s->json.kind == CT_JSON_STRING)
        totimespan(context, scalar_text(s));
    else if (s->json.kind == CT_JSON_NUMBER && scalar_long(s, &ticks))
        sqlite3_result_int64(context, ticks);
}

static void dyn_toguid(sqlite3_context *context, const scalar *s)
{
    if (s->json.kind == CT_JSON_STRING)
        toguid(context, scalar_text(s));
}

static void from_dynamic(sqlite3_context *context, sqlite3_value *arg, convert_scalar *convert)
{
    scalar s;
    if (!read_scalar(context, arg, &s))
        return;
    convert(context, &s);
    ct_buf_free(&s.text);
}

/*
 * kql_tolong_dyn(json TEXT) -> INTEGER     and kql_toint_dyn, kql_todouble_dyn, kql_tobool_dyn,
 *     kql_todatetime_dyn, kql_totimespan_dyn, kql_toguid_dyn
 *
 * A string is read as the string functions read it; a bool is 0 or 1; arrays and bags are NULL.
 *
 * Example: SELECT kql_tolong_dyn('"42"'), kql_tolong_dyn('1.9'), kql_tolong_dyn('[1]');
 *          -- 42|1|NULL
 */
static void kql_tolong_dyn(sqlite3_context *context, int n_args, sqlite3_value **args)
{
    (void)n_args;
    from_dynamic(context, args[0], dyn_tolong);
}

static void kql_toint_dyn(sqlite3_context *context, int n_args, sqlite3_value **args)
{
    (void)n_args;
    from_dynamic(context, args[0], dyn_toint);
}

static void kql_todouble_dyn(sqlite3_context *context, int n_args, sqlite3_value **args)
{
    (void)n_args;
    from_dynamic(context, args[0], dyn_todouble);
}

static void kql_tobool_dyn(sqlite3_context *context, int n_args, sqlite3_value **args)
{
    (void)n_args;
    from_dynamic(context, args[0], dyn_tobool);
}

static void kql_todatetime_dyn(sqlite3_context *context, int n_args, sqlite3_value **args)
{
    (void)n_args;
    from_dynamic(context, args[0], dyn_todatetime);
}

static void kql_totimespan_dyn(sqlite3_context *context, int n_args, sqlite3_value **args)
{
    (void)n_args;
    from_dynamic(context, args[0], dyn_totimespan);
}

static void kql_toguid_dyn(sqlite3_context *context, int n_args, sqlite3_value **args)
{
    (void)n_args;
    from_dynamic(context, args[0], dyn_toguid);
}

/*
 * kql_tostring_dyn(json TEXT) -> TEXT
 *
 * A string's text without its quotes, any other value as its JSON; '' for NULL.
 *
 * Example: SELECT kql_tostring_dyn('"red"'), kql_tostring_dyn('[1,2]');
 *          -- red|[1,2]
 */
static void kql_tostring_dyn(sqlite3_context *context, int n_args, sqlite3_value **args)
{
    ct_span json;
    ct_json value;
    ct_buf out = CT_BUF_EMPTY;
    (void)n_args;
    if (!ct_kql_text(context, args[0], &json))
        return;
    if (ct_dyn_kind(json) != CT_JSON_STRING) { /* canonical already: the commonest of all */
        ct_result_span(context, ct_span_is(json, "null") ? (ct_span){"", 0} : json);
        return;
    }
    if (ct_dyn_read(json, &value))
        ct_dyn_put_text(&out, &value);
    ct_result_buf(context, &out);
}

/* Of a whole number whether it is other than 0, else NULL. */
static void cast_bool(sqlite3_context *context, const scalar *s)
{
    bool is_long;
    int64_t integer;
    double real;
    if (scalar_number(s, &is_long, &integer, &real) && is_long)
        sqlite3_result_int(context, integer != 0);
}

/*
 * kql_cast_dyn(json TEXT, type TEXT) -> of that type
 *
 * `to typeof(type)` of mv-expand: a value of that kind as it is, any other NULL, of a string ''.
 * Numbers of either kind become each other, a whole one a bool; a string is read as a datetime or
 * guid. Nothing becomes a timespan.
 *
 * Errors:  no scalar type of Kusto; SQLITE_NOMEM when out of memory.
 * Example: SELECT kql_cast_dyn('1.5', 'long'), kql_cast_dyn('"1"', 'long');
 *          -- 1|NULL
 */
static void cast_scalar(sqlite3_context *context, const scalar *s, ct_kql_type type)
{
    static convert_scalar *const of_number[CT_KQL_N_TYPES] = {[CT_KQL_INT] = dyn_toint,
                                                              [CT_KQL_LONG] = dyn_tolong,
                                                              [CT_KQL_REAL] = dyn_todouble,
                                                              [CT_KQL_BOOL] = cast_bool};
    static convert_scalar *const of_string[CT_KQL_N_TYPES] = {
        [CT_KQL_DATETIME] = dyn_todatetime, [CT_KQL_GUID] = dyn_toguid};
    unsigned char kind = s->json.kind;
    convert_scalar *convert = NULL;
    if (kind == CT_JSON_NUMBER)
        convert = of_number[type];
    else if (kind == CT_JSON_STRING)
        convert = of_string[type];
    else if (type == CT_KQL_BOOL && (kind == CT_JSON_TRUE || kind == CT_JSON_FALSE))
        convert = dyn_tobool;
    if (convert)
        convert(context, s);
}

static void kql_cast_dyn(sqlite3_context *context, int n_args, sqlite3_value **args)
{
    ct_span name;
    if (!ct_kql_text(context, args[1], &name))
        return;
    ct_kql_type type = ct_kql_type_named(name);
    if (type == CT_KQL_NO_TYPE || type == CT_KQL_DECIMAL) {
        ct_kql_fail(context, "no type", args[1]);
    } else if (type == CT_KQL_STRING) {
        kql_tostring_dyn(context, n_args, args);
    } else if (type == CT_KQL_DYNAMIC) {
        ct_kql_result_same(context, args[0]);
    } else {
        scalar s;
        if (!read_scalar(context, args[0], &s))
            return;
        cast_scalar(context, &s, type);
        ct_buf_free(&s.text);
    }
}

/* ---- to a string ---------------------------------------------------------------------------- */

/*
 * kql_tostring_long(x INTEGER) -> TEXT     and kql_tostring_real, kql_tostring_bool
 *
 * NULL:    '' for NULL.
 * Example: SELECT kql_tostring_real(1500), kql_tostring_real(1e-7), kql_tostring_bool(1);
 *          -- 1500.0|1E-07|True
 */
static void kql_tostring_long(sqlite3_context *context, int n_args, sqlite3_value **args)
{
    ct_span text;
    (void)n_args;
    if (ct_kql_text(context, args[0], &text))
        ct_result_span(context, text);
}

static void kql_tostring_real(sqlite3_context *context, int n_args, sqlite3_value **args)
{
    double real;
    ct_buf out = CT_BUF_EMPTY;
    (void)n_args;
    if (ct_kql_real(context, args[0], &real))
        ct_kql_put_real(&out, real);
    ct_result_buf(context, &out);
}

static void kql_tostring_bool(sqlite3_context *context, int n_args, sqlite3_value **args)
{
    (void)n_args;
    ct_kql_result_constant(context, ct_kql_is_null(args[0])        ? ""
                                    : sqlite3_value_int64(args[0]) ? "True"
                                                                   : "False");
}

/* ---- to a dynamic value --------------------------------------------------------------------- */

/*
 * kql_dyn_string(text TEXT) -> TEXT (JSON)     and kql_dyn_long, kql_dyn_real, kql_dyn_bool,
 *     kql_dyn_datetime, kql_dyn_timespan, kql_dyn_guid
 *
 * NULL:    NULL in, NULL out.
 * Example: SELECT kql_dyn_string('a"b'), kql_dyn_real(5), kql_dyn_bool(0);
 *          -- "a\"b"|5.0|false
 */
static void kql_dyn_string(sqlite3_context *context, int n_args, sqlite3_value **args)
{
    ct_span text;
    ct_buf out = CT_BUF_EMPTY;
    (void)n_args;
    if (ct_kql_is_null(args[0]) || !ct_arg_text(context, args[0], &text))
        return;
    ct_json_put_string(&out, text.p, text.n);
    ct_result_buf(context, &out);
}

static void kql_dyn_long(sqlite3_context *context, int n_args, sqlite3_value **args)
{
    ct_span text;
    (void)n_args;
    if (!ct_kql_is_null(args[0]) && ct_arg_text(context, args[0], &text))
        ct_result_span(context, text);
}

static void kql_dyn_real(sqlite3_context *context, int n_args, sqlite3_value **args)
{
    double real;
    ct_buf out = CT_BUF_EMPTY;
    (void)n_args;
    if (!ct_kql_real(context, args[0], &real))
        return;
    if (!isfinite(real))
        ct_buf_put_char(&out, '"');
    ct_kql_put_real(&out, real);
    if (!isfinite(real))
        ct_buf_put_char(&out, '"');
    ct_result_buf(context, &out);
}

static void kql_dyn_bool(sqlite3_context *context, int n_args, sqlite3_value **args)
{
    (void)n_args;
    if (!ct_kql_is_null(args[0]))
        ct_kql_result_constant(context, sqlite3_value_int64(args[0]) ? "true" : "false");
}

static void dyn_ticks(sqlite3_context *context, int64_t ticks, void (*put)(ct_buf *, int64_t))
{
    ct_buf out = CT_BUF_EMPTY;
    ct_buf_put_char(&out, '"');
    put(&out, ticks);
    ct_buf_put_char(&out, '"');
    ct_result_buf(context, &out);
}

static void kql_dyn_datetime(sqlite3_context *context, int n_args, sqlite3_value **args)
{
    int64_t ticks;
    (void)n_args;
    if (ct_kql_long(args[0], &ticks) && ct_is_datetime(ticks))
        dyn_ticks(context, ticks, ct_kql_put_datetime);
}

static void kql_dyn_timespan(sqlite3_context *context, int n_args, sqlite3_value **args)
{
    int64_t ticks;
    (void)n_args;
    if (ct_kql_long(args[0], &ticks))
        dyn_ticks(context, ticks, ct_kql_put_timespan);
}

/* ---- from a user's table -------------------------------------------------------------------- */

/*
 * kql_scan_string(x) -> TEXT
 * kql_scan_long(x) -> INTEGER     and kql_scan_bool
 * kql_scan_real(x) -> REAL
 * kql_scan_datetime(x) -> INTEGER (ticks)     and kql_scan_timespan
 * kql_scan_guid(x) -> TEXT
 * kql_scan_dynamic(x) -> TEXT (JSON)
 *
 * Any value of a table as a value of that type. A number counts as one, text is read as the
 * conversions read it, a BLOB as the text that its bytes are; NULL, of a string '', where there is
 * no such value.
 *
 * Example: SELECT kql_scan_long('12'), kql_scan_string(1.5), kql_scan_bool('true');
 *          -- 12|1.5|1
 */
static void kql_scan_string(sqlite3_context *context, int n_args, sqlite3_value **args)
{
    ct_span text;
    (void)n_args;
    if (ct_kql_text(context, args[0], &text))
        ct_result_span(context, text);
}

static void kql_scan_long(sqlite3_context *context, int n_args, sqlite3_value **args)
{
    int type = sqlite3_value_type(args[0]);
    if (type == SQLITE_INTEGER || type == SQLITE_FLOAT)
        kql_tolong_real(context, n_args, args);
    else
        from_text(context, args[0], tolong);
}

static void kql_scan_bool(sqlite3_context *context, int n_args, sqlite3_value **args)
{
    double real;
    (void)n_args;
    if (sqlite3_value_type(args[0]) == SQLITE_TEXT || sqlite3_value_type(args[0]) == SQLITE_BLOB)
        from_text(context, args[0], tobool);
    else if (ct_kql_real(context, args[0], &real))
        sqlite3_result_int(context, real != 0);
}

static void kql_scan_real(sqlite3_context *context, int n_args, sqlite3_value **args)
{
    (void)n_args;
    if (sqlite3_value_type(args[0]) == SQLITE_TEXT || sqlite3_value_type(args[0]) == SQLITE_BLOB)
        from_text(context, args[0], todouble);
    else if (!ct_kql_is_null(args[0]))
        ct_kql_result_real(context, sqlite3_value_double(args[0]));
}

static void kql_scan_datetime(sqlite3_context *context, int n_args, sqlite3_value **args)
{
    if (sqlite3_value_type(args[0]) == SQLITE_INTEGER)
        kql_todatetime_long(context, n_args, args);
    else
        from_text(context, args[0], todatetime);
}

static void kql_scan_timespan(sqlite3_context *context, int n_args, sqlite3_value **args)
{
    (void)n_args;
    if (sqlite3_value_type(args[0]) == SQLITE_INTEGER)
        ct_kql_result_same(context, args[0]);
    else
        from_text(context, args[0], totimespan);
}

/*
 * kql_parse_json(text TEXT) -> TEXT (JSON)
 *
 * parse_json() and todynamic(): the text's canonical JSON; a text that is no JSON as a JSON string.
 *
 * NULL:    NULL for '' and for JSON's null.
 * Errors:  SQLITE_NOMEM when out of memory.
 * Example: SELECT kql_parse_json(' {"a": 1e3} '), kql_parse_json('not json');
 *          -- {"a":1000.0}|"not json"
 */
static void kql_parse_json(sqlite3_context *context, int n_args, sqlite3_value **args)
{
    ct_span text;
    ct_buf out = CT_BUF_EMPTY;
    (void)n_args;
    if (!ct_kql_text(context, args[0], &text) || text.n == 0)
        return;
    if (!ct_dyn_put_canonical(&out, text.p, text.n))
        ct_json_put_string(&out, text.p, text.n);
    if (ct_buf_ok(&out) && out.len == 4 && memcmp(out.data, "null", 4) == 0)
        ct_buf_free(&out);
    else
        ct_result_buf(context, &out);
}

int ct_kql_register_convert(sqlite3 *db, char **error)
{
    static const ct_function functions[] = {
        CT_KQL_SCALAR("kql_tolong_string", 1, kql_tolong_string),
        CT_KQL_SCALAR("kql_toint_string", 1, kql_toint_string),
        CT_KQL_SCALAR("kql_todouble_string", 1, kql_todouble_string),
        CT_KQL_SCALAR("kql_tobool_string", 1, kql_tobool_string),
        CT_KQL_SCALAR("kql_todatetime_string", 1, kql_todatetime_string),
        CT_KQL_SCALAR("kql_totimespan_string", 1, kql_totimespan_string),
        CT_KQL_SCALAR("kql_toguid_string", 1, kql_toguid_string),
        CT_KQL_SCALAR("kql_tolong_real", 1, kql_tolong_real),
        CT_KQL_SCALAR("kql_toint_real", 1, kql_toint_real),
        CT_KQL_SCALAR("kql_toint_long", 1, kql_toint_long),
        CT_KQL_SCALAR("kql_todatetime_long", 1, kql_todatetime_long),
        CT_KQL_SCALAR("kql_tolong_dyn", 1, kql_tolong_dyn),
        CT_KQL_SCALAR("kql_toint_dyn", 1, kql_toint_dyn),
        CT_KQL_SCALAR("kql_todouble_dyn", 1, kql_todouble_dyn),
        CT_KQL_SCALAR("kql_tobool_dyn", 1, kql_tobool_dyn),
        CT_KQL_SCALAR("kql_todatetime_dyn", 1, kql_todatetime_dyn),
        CT_KQL_SCALAR("kql_totimespan_dyn", 1, kql_totimespan_dyn),
        CT_KQL_SCALAR("kql_toguid_dyn", 1, kql_toguid_dyn),
        CT_KQL_SCALAR("kql_tostring_dyn", 1, kql_tostring_dyn),
        CT_KQL_SCALAR("kql_cast_dyn", 2, kql_cast_dyn),
        CT_KQL_SCALAR("kql_tostring_long", 1, kql_tostring_long),
        CT_KQL_SCALAR("kql_tostring_real", 1, kql_tostring_real),
        CT_KQL_SCALAR("kql_tostring_bool", 1, kql_tostring_bool),
        CT_KQL_SCALAR("kql_dyn_string", 1, kql_dyn_string),
        CT_KQL_SCALAR("kql_dyn_guid", 1, kql_dyn_string),
        CT_KQL_SCALAR("kql_dyn_long", 1, kql_dyn_long),
        CT_KQL_SCALAR("kql_dyn_real", 1, kql_dyn_real),
        CT_KQL_SCALAR("kql_dyn_bool", 1, kql_dyn_bool),
        CT_KQL_SCALAR("kql_dyn_datetime", 1, kql_dyn_datetime),
        CT_KQL_SCALAR("kql_dyn_timespan", 1, kql_dyn_timespan),
        CT_KQL_SCALAR("kql_scan_string", 1, kql_scan_string),
        CT_KQL_SCALAR("kql_scan_long", 1, kql_scan_long),
        CT_KQL_SCALAR("kql_scan_bool", 1, kql_scan_bool),
        CT_KQL_SCALAR("kql_scan_real", 1, kql_scan_real),
        CT_KQL_SCALAR("kql_scan_datetime", 1, kql_scan_datetime),
        CT_KQL_SCALAR("kql_scan_timespan", 1, kql_scan_timespan),
        CT_KQL_SCALAR("kql_scan_guid", 1, kql_toguid_string),
        CT_KQL_SCALAR("kql_scan_dynamic", 1, kql_parse_json),
        CT_KQL_SCALAR("kql_parse_json", 1, kql_parse_json),
    };
    return ct_register(db, functions, sizeof functions / sizeof functions[0], error);
}
