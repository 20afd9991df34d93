#include "sqlite/json_function.h"

#include "base/json.h"
#include "base/json_path.h"
#include "base/json_write.h"
#include "sqlite/args.h"
#include "sqlite/register.h"
#include "sqlite/sqlvalue.h"

/* ---- values ----------------------------------------------------------------------------------- */

typedef enum put_result { PUT_OK, PUT_BLOB, PUT_NO_MEMORY } put_result;

/* Appends an argument as JSON: what a JSON function gave as it is, all else quoted. */
static put_result put_argument(ct_buf *json, sqlite3_value *arg)
{
    ct_value x;
    switch (ct_sqlvalue_read(arg, &x)) {
    case CT_SQLVALUE_NULL:
        ct_buf_put_text(json, "null");
        return PUT_OK;
    case CT_SQLVALUE_NO_MEMORY:
        return PUT_NO_MEMORY;
    default:
        break;
    }
    if (x.type == CT_VALUE_TEXT && sqlite3_value_subtype(arg) == CT_JSON_SUBTYPE)
        ct_buf_put(json, x.as.bytes, x.n_bytes);
    else if (!ct_sqlvalue_put_json(json, &x))
        return PUT_BLOB;
    return PUT_OK;
}

static void fail_blob(sqlite3_context *context)
{
    sqlite3_result_error(context, "JSON cannot hold BLOB values", -1);
}

/* Appends it; false, with the error set, when that cannot be. */
static bool put_or_fail(sqlite3_context *context, ct_buf *json, sqlite3_value *arg)
{
    put_result result = put_argument(json, arg);
    if (result == PUT_BLOB)
        fail_blob(context);
    else if (result == PUT_NO_MEMORY)
        sqlite3_result_error_nomem(context);
    return result == PUT_OK;
}

/* ---- ct_json ---------------------------------------------------------------------------------- */

/*
 * ct_json(text TEXT) -> TEXT (JSON)
 *
 * What json() gives: the text without the white space between its tokens, marked as JSON, so that
 * the functions below and SQLite's own nest it instead of quoting it. Spelling, key order and
 * repeated keys stay.
 *
 * NULL:    NULL in, NULL out.
 * Errors:  `ct_json(): malformed JSON at byte 3: ...`; SQLITE_NOMEM when out of memory.
 * Example: SELECT ct_json(' { "a" : [ 1.50 ] } ');
 *          -- {"a":[1.50]}
 */
static void json(sqlite3_context *context, int n_args, sqlite3_value **args)
{
    ct_span text;
    if (ct_any_null(n_args, args) || !ct_arg_text(context, args[0], &text))
        return;
    ct_json_scanner s = ct_json_scan(text.p, text.n);
    ct_json value;
    (void)ct_json_space(&s);
    ct_json_status status = ct_json_value(&s, &value);
    if (status == CT_JSON_OK && !ct_json_space(&s)) {
        ct_buf out = CT_BUF_EMPTY;
        ct_json_minify(&value, &out);
        ct_result_json(context, &out);
        return;
    }
    ct_buf message = CT_BUF_EMPTY;
    ct_buf_printf(&message, "ct_json(): malformed JSON at byte %zu: %s",
                  status == CT_JSON_INCOMPLETE ? text.n : (size_t)(s.p - text.p),
                  status == CT_JSON_INVALID      ? s.error
                  : status == CT_JSON_INCOMPLETE ? "the text ends too early"
                                                 : "something follows the value");
    ct_result_error_buf(context, &message);
}

/* ---- ct_json_array, ct_json_object ------------------------------------------------------------ */

/* Appends the comma between two items; nothing behind the opening bracket. */
static void put_comma(ct_buf *out)
{
    if (out->len > 1)
        ct_buf_put_char(out, ',');
}

/* Ends what was begun with a bracket and is the result; where it was to hold what is not NULL and
 * holds nothing, the result stays NULL. */
static void end_result(sqlite3_context *context, ct_buf *out, char bracket, bool skips_null)
{
    if (skips_null && out->len == 1 && ct_buf_ok(out)) {
        ct_buf_free(out);
        return;
    }
    ct_buf_put_char(out, bracket);
    ct_result_json(context, out);
}

static void result_array(sqlite3_context *context, int n_args, sqlite3_value **args,
                         bool skips_null)
{
    ct_buf out = CT_BUF_EMPTY;
    ct_buf_put_char(&out, '[');
    for (int i = 0; i < n_args; i++) {
        if (skips_null && sqlite3_value_type(args[i]) == SQLITE_NULL)
            continue;
        put_comma(&out);
        if (!put_or_fail(context, &out, args[i])) {
            ct_buf_free(&out);
            return;
        }
    }
    end_result(context, &out, ']', skips_null);
}

/*
 * ct_json_array(value, ...) -> TEXT (JSON)
 * ct_json_array_nonnull(value, ...) -> TEXT (JSON)
 *
 * What json_array() gives: the values as a JSON array. What comes from a JSON function, SQLite's or
 * one of these, is nested, other text quoted. The mark is lost on the way through a subquery that is
 * sorted or kept: there ct_json() sets it again. The second leaves out what is NULL.
 *
 * NULL:    null; the second gives NULL when nothing is left.
 * Errors:  `JSON cannot hold BLOB values`; SQLITE_NOMEM when out of memory.
 * Example: SELECT ct_json_array(1, 'a', NULL, ct_json('[2]'), '[2]');
 *          -- [1,"a",null,[2],"[2]"]
 */
static void json_array(sqlite3_context *context, int n_args, sqlite3_value **args)
{
    result_array(context, n_args, args, false);
}

static void json_array_nonnull(sqlite3_context *context, int n_args, sqlite3_value **args)
{
    result_array(context, n_args, args, true);
}

static void fail_key(sqlite3_context *context, sqlite3_value *key)
{
    const ct_function *function = sqlite3_user_data(context);
    ct_buf message = CT_BUF_EMPTY;
    ct_buf_printf(&message, "%s(): keys must be text, not ", function->name);
    ct_put_value(&message, key);
    ct_result_error_buf(context, &message);
}

static bool put_pair(sqlite3_context *context, ct_buf *out, sqlite3_value **pair)
{
    ct_span key;
    if (!ct_arg_text(context, pair[0], &key))
        return false;
    put_comma(out);
    ct_json_put_string(out, key.p, key.n);
    ct_buf_put_char(out, ':');
    return put_or_fail(context, out, pair[1]);
}

static void result_object(sqlite3_context *context, int n_args, sqlite3_value **args,
                          bool skips_null)
{
    ct_buf out = CT_BUF_EMPTY;
    ct_buf_put_char(&out, '{');
    for (int i = 0; i < n_args; i += 2) {
        bool is_text = sqlite3_value_type(args[i]) == SQLITE_TEXT;
        if (!is_text)
            fail_key(context, args[i]);
        else if (skips_null && sqlite3_value_type(args[i + 1]) == SQLITE_NULL)
            continue;
        if (!is_text || !put_pair(context, &out, args + i)) {
            ct_buf_free(&out);
            return;
        }
    }
    end_result(context, &out, '}', skips_null);
}

/*
 * ct_json_object(key TEXT, value, ...) -> TEXT (JSON)
 * ct_json_object_nonnull(key TEXT, value, ...) -> TEXT (JSON)
 *
 * What json_object() gives: the pairs as a JSON object, values as in ct_json_array(). Keys stand in
 * the order given; one that is given twice stands there twice. The second leaves out pairs whose
 * value is NULL.
 *
 * NULL:    null as a value, an error as a key; the second gives NULL when no pair is left.
 * Errors:  `ct_json_object(): a key without a value`, `ct_json_object(): keys must be text, not 1`;
 *          `JSON cannot hold BLOB values`; SQLITE_NOMEM when out of memory.
 * Example: SELECT ct_json_object('who', 'jane', 'calls', ct_json_array(1, 2));
 *          -- {"who":"jane","calls":[1,2]}
 */
static void json_object_or_fail(sqlite3_context *context, int n_args, sqlite3_value **args,
                                bool skips_null)
{
    const ct_function *function = sqlite3_user_data(context);
    if (n_args % 2 == 0) {
        result_object(context, n_args, args, skips_null);
        return;
    }
    ct_buf message = CT_BUF_EMPTY;
    ct_buf_printf(&message, "%s(): a key without a value", function->name);
    ct_result_error_buf(context, &message);
}

static void json_object(sqlite3_context *context, int n_args, sqlite3_value **args)
{
    json_object_or_fail(context, n_args, args, false);
}

static void json_object_nonnull(sqlite3_context *context, int n_args, sqlite3_value **args)
{
    json_object_or_fail(context, n_args, args, true);
}

/* ---- ct_json_group_array ---------------------------------------------------------------------- */

typedef struct group_state {
    ct_buf json; /* without the bracket at the end */
    put_result result;
} group_state;

/*
 * ct_json_group_array(value) -> TEXT (JSON)
 *
 * What json_group_array() gives: the values of the group as a JSON array, in the order in which the
 * rows come, values as in ct_json_array(). For an order that is defined, the rows come from a
 * subquery with ORDER BY, and nested JSON is marked again: ct_json_group_array(ct_json(x)).
 *
 * NULL:    null; '[]' when there is no row.
 * Errors:  `JSON cannot hold BLOB values`; SQLITE_NOMEM when out of memory.
 * Example: SELECT ct_json_group_array(ct_json(x))
 *            FROM (SELECT ct_json_object('n', 2) AS x, 2 AS n UNION ALL SELECT '{"n":1}', 1
 *                   ORDER BY n);
 *          -- [{"n":1},{"n":2}]
 */
static void group_array_step(sqlite3_context *context, int n_args, sqlite3_value **args)
{
    (void)n_args;
    group_state *state = ct_aggregate_state(context, sizeof *state);
    if (!state)
        return;
    ct_buf_put_char(&state->json, state->json.len == 0 ? '[' : ',');
    put_result result = put_argument(&state->json, args[0]);
    if (result != PUT_OK)
        state->result = result;
}

static void group_array_final(sqlite3_context *context)
{
    group_state *state = sqlite3_aggregate_context(context, 0);
    if (!state) {
        sqlite3_result_text(context, "[]", 2, SQLITE_STATIC);
        sqlite3_result_subtype(context, CT_JSON_SUBTYPE);
        return;
    }
    if (state->result == PUT_OK) {
        ct_buf_put_char(&state->json, ']');
        ct_result_json(context, &state->json);
        return;
    }
    ct_buf_free(&state->json);
    if (state->result == PUT_BLOB)
        fail_blob(context);
    else
        sqlite3_result_error_nomem(context);
}

/* ---- ct_json_text and ct_json_list ------------------------------------------------------------ */

typedef void result_of(sqlite3_context *context, const ct_json *value);

static void result_text(sqlite3_context *context, const ct_json *value)
{
    ct_buf out = CT_BUF_EMPTY;
    if (value->kind == CT_JSON_STRING)
        (void)ct_json_decode(value, &out);
    else
        ct_json_minify(value, &out);
    ct_result_buf(context, &out);
}

static void result_list(sqlite3_context *context, const ct_json *value)
{
    ct_buf out = CT_BUF_EMPTY;
    if (value->kind != CT_JSON_ARRAY)
        ct_buf_put_char(&out, '[');
    ct_json_minify(value, &out);
    if (value->kind != CT_JSON_ARRAY)
        ct_buf_put_char(&out, ']');
    ct_result_json(context, &out);
}

/* The first value that is there, of the paths in their order, written by `result`; NULL without. */
static void result_by_path(sqlite3_context *context, int n_args, sqlite3_value **args,
                           result_of *result)
{
    const ct_function *function = sqlite3_user_data(context);
    ct_buf message = CT_BUF_EMPTY;
    ct_span text, path;
    if (n_args == 0) {
        ct_buf_printf(&message, "%s(): a JSON text and at least one path are needed",
                      function->name);
        ct_result_error_buf(context, &message);
        return;
    }
    if (ct_any_null(n_args, args) || !ct_arg_text(context, args[0], &text))
        return;
    for (int i = 1; i < n_args; i++) {
        ct_json value;
        if (!ct_arg_text(context, args[i], &path))
            return;
        switch (ct_json_path_find(text, path, &value)) {
        case CT_JSON_PATH_FOUND:
            if (value.kind == CT_JSON_NULL)
                continue;
            result(context, &value);
            return;
        case CT_JSON_PATH_ABSENT:
            continue;
        case CT_JSON_PATH_NO_MEMORY:
            sqlite3_result_error_nomem(context);
            return;
        case CT_JSON_PATH_BAD:
            break;
        }
        ct_buf_printf(&message, "%s(): not a path: ", function->name);
        ct_put_value(&message, args[i]);
        ct_result_error_buf(context, &message);
        return;
    }
}

/*
 * ct_json_text(json TEXT, path TEXT, ...) -> TEXT
 *
 * The value at the path, as text: a string's content, a number or true or false as it is spelled, an
 * array or object as JSON without white space. Of several paths the first that leads to a value
 * counts. A path is `$` and any number of `.key`, `."key"` and `[n]`, n from 0.
 *
 * NULL:    NULL in, NULL out; NULL where no path leads to a value, where that is null, and where the
 *          text is not JSON up to there: it is read no further than it must be.
 * Errors:  `ct_json_text(): not a path: 'a'`; SQLITE_NOMEM when out of memory.
 * Example: SELECT ct_json_text('{"user":{"name":"jane"},"n":[7]}', '$.user.name'),
 *                 ct_json_text('{"n":[7]}', '$.user.name', '$.n[0]');
 *          -- jane|7
 */
static void json_text(sqlite3_context *context, int n_args, sqlite3_value **args)
{
    result_by_path(context, n_args, args, result_text);
}

/*
 * ct_json_list(json TEXT, path TEXT, ...) -> TEXT (JSON)
 *
 * The value at the path as a JSON array: an array as it stands, anything else as an array of one. What
 * AWS writes of a list of one is often the item alone; and json_each() never fails on what this gives.
 *
 * NULL:    as ct_json_text().
 * Errors:  as ct_json_text().
 * Example: SELECT ct_json_list('{"to":["a","b"]}', '$.to'), ct_json_list('{"to":"a"}', '$.to');
 *          -- ["a","b"]|["a"]
 */
static void json_list(sqlite3_context *context, int n_args, sqlite3_value **args)
{
    result_by_path(context, n_args, args, result_list);
}

/* ---- registration ----------------------------------------------------------------------------- */

int ct_json_function_register(sqlite3 *db, char **error)
{
    // clang-format off
    static const ct_function functions[] = {
        /* name                     args flags            scalar               step              final              value inverse */
        {"ct_json",                 1,   CT_PURE_JSON,    json,                NULL,             NULL,              NULL, NULL},
        {"ct_json_array",           -1,  CT_PURE_NESTING, json_array,          NULL,             NULL,              NULL, NULL},
        {"ct_json_array_nonnull",   -1,  CT_PURE_NESTING, json_array_nonnull,  NULL,             NULL,              NULL, NULL},
        {"ct_json_group_array",     1,   CT_PURE_NESTING, NULL,                group_array_step, group_array_final, NULL, NULL},
        {"ct_json_object",          -1,  CT_PURE_NESTING, json_object,         NULL,             NULL,              NULL, NULL},
        {"ct_json_object_nonnull",  -1,  CT_PURE_NESTING, json_object_nonnull, NULL,             NULL,              NULL, NULL},
        {"ct_json_list",            -1,  CT_PURE_JSON,    json_list,           NULL,             NULL,              NULL, NULL},
        {"ct_json_text",            -1,  CT_PURE,         json_text,           NULL,             NULL,              NULL, NULL},
    };
    // clang-format on
    return ct_register(db, functions, sizeof functions / sizeof functions[0], error);
}
