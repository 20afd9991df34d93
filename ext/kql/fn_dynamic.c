/*
 * SQL: Kusto's functions of dynamic values: access, paths and sets (those of
 * bags are fn_bag.c's). A dynamic value is canonical
 * JSON text here (dynamic.h) and NULL where it is null; what is no such text gives NULL.
 */
#include "kql/runtime.h"

#include <stdlib.h>

#include "base/grow.h"
#include "base/json_write.h"
#include "kql/dynamic.h"
#include "kql/glue.h"
#include "kql/span_set.h"

/* ---- access --------------------------------------------------------------------------------- */

/* One step of a path: a member by its name, or an element by its number. */
static bool take_step(sqlite3_context *context, sqlite3_value *step, ct_span *json)
{
    int64_t index;
    ct_span name;
    if (sqlite3_value_type(step) == SQLITE_TEXT)
        return ct_arg_text(context, step, &name) && ct_dyn_member(*json, name, json);
    return ct_kql_long(step, &index) && ct_dyn_element(*json, index, json);
}

/*
 * kql_get(json TEXT, step, ...) -> TEXT (JSON)
 *
 * The value behind a path: a TEXT step is the name of a member, an INTEGER one the number of an
 * element, from 0 or from -1 at the end.
 *
 * NULL:    NULL where there is no such value, or it is null; never an error.
 * Errors:  SQLITE_NOMEM when out of memory.
 * Example: SELECT kql_get('{"a":[1,{"b":2}]}', 'a', -1, 'b'), kql_get('[1]', 'a');
 *          -- 2|NULL
 */
static void kql_get(sqlite3_context *context, int n_args, sqlite3_value **args)
{
    ct_span json;
    if (n_args == 0 || ct_kql_is_null(args[0]) || !ct_arg_text(context, args[0], &json))
        return;
    for (int i = 1; i < n_args; i++)
        if (!take_step(context, args[i], &json))
            return;
    ct_result_span(context, json);
}

/* Whether a step is a name that a key may spell with escapes that ct_dyn_key_is() does not read. */
static bool is_any_beyond_ascii(int n_steps, sqlite3_value **steps)
{
    for (int i = 0; i < n_steps; i++) {
        const unsigned char *p =
            sqlite3_value_type(steps[i]) == SQLITE_TEXT ? sqlite3_value_text(steps[i]) : NULL;
        for (; p && *p; p++)
            if (*p >= 0x80)
                return true;
    }
    return false;
}

/*
 * kql_get_json(text TEXT, step, ...) -> TEXT (JSON)
 *
 * The same as kql_get(kql_parse_json(text), step, ...), in one go.
 *
 * Example: SELECT kql_get_json(' {"a": [1, 2.50]} ', 'a', 1), kql_get_json('no JSON', 'a');
 *          -- 2.5|NULL
 */
static void kql_get_json(sqlite3_context *context, int n_args, sqlite3_value **args)
{
    ct_span text;
    ct_json value;
    ct_buf whole = CT_BUF_EMPTY, out = CT_BUF_EMPTY;
    if (n_args == 0 || !ct_kql_text(context, args[0], &text) || !ct_dyn_read(text, &value))
        return;
    ct_span json = ct_dyn_span(&value);
    if ((value.flags & CT_JSON_ESCAPED) && is_any_beyond_ascii(n_args - 1, args + 1)) {
        (void)ct_dyn_put_canonical(&whole, text.p, text.n);
        json = (ct_span){whole.data, whole.len};
    }
    bool found = ct_buf_ok(&whole);
    if (!found)
        sqlite3_result_error_nomem(context);
    for (int i = 1; i < n_args && found; i++)
        found = take_step(context, args[i], &json);
    if (found && ct_dyn_kind(json) != CT_JSON_NULL) {
        (void)ct_dyn_put_canonical(&out, json.p, json.n);
        ct_result_buf(context, &out);
    }
    ct_buf_free(&whole);
}

/*
 * kql_gettype_dyn(json TEXT) -> TEXT
 *
 * long, double, string, bool, array, dictionary or null.
 *
 * Example: SELECT kql_gettype_dyn('1'), kql_gettype_dyn('1.5'), kql_gettype_dyn(NULL);
 *          -- long|double|null
 */
static void kql_gettype_dyn(sqlite3_context *context, int n_args, sqlite3_value **args)
{
    static const char *const names[] = {
        [CT_JSON_NONE] = "null",   [CT_JSON_NULL] = "null",         [CT_JSON_FALSE] = "bool",
        [CT_JSON_TRUE] = "bool",   [CT_JSON_NUMBER] = "double",     [CT_JSON_STRING] = "string",
        [CT_JSON_ARRAY] = "array", [CT_JSON_OBJECT] = "dictionary",
    };
    ct_span json;
    bool is_long;
    int64_t integer;
    double real;
    (void)n_args;
    if (!ct_kql_text(context, args[0], &json))
        return;
    if (ct_dyn_number(json, &is_long, &integer, &real) && is_long)
        ct_kql_result_constant(context, "long");
    else
        ct_kql_result_constant(context, names[ct_dyn_kind(json)]);
}

/*
 * kql_isempty_dyn(json TEXT) -> INTEGER     1 for null and for the empty string, else 0
 */
static void kql_isempty_dyn(sqlite3_context *context, int n_args, sqlite3_value **args)
{
    ct_span json;
    (void)n_args;
    if (ct_kql_text(context, args[0], &json))
        sqlite3_result_int(context,
                           json.n == 0 || ct_span_is(json, "\"\"") || ct_span_is(json, "null"));
}

/* ---- sorted JSON ---------------------------------------------------------------------------- */

typedef struct member {
    ct_span key, value;
} member;

static int compare_members(const void *left, const void *right)
{
    const member *a = left, *b = right;
    size_t n = a->key.n < b->key.n ? a->key.n : b->key.n;
    int order = memcmp(a->key.p, b->key.p, n); /* a quote ends each: none begins another */
    return order ? order : (a->value.p > b->value.p) - (a->value.p < b->value.p);
}

static void put_sorted(ct_buf *out, ct_span json, int depth);

static void put_sorted_array(ct_buf *out, ct_span json, int depth)
{
    ct_dyn_walk walk;
    size_t start = out->len;
    ct_buf_put_char(out, '[');
    for (bool more = ct_dyn_first(&walk, json); more; more = ct_dyn_next(&walk)) {
        if (out->len > start + 1)
            ct_buf_put_char(out, ',');
        put_sorted(out, ct_dyn_span(&walk.value), depth + 1);
    }
    ct_buf_put_char(out, ']');
}

static void put_sorted_bag(ct_buf *out, ct_span json, int depth)
{
    ct_dyn_walk walk;
    member *members = NULL;
    size_t n = 0, capacity = 0;
    for (bool more = ct_dyn_first(&walk, json); more; more = ct_dyn_next(&walk)) {
        member *grown = ct_grow(members, n, &capacity, 8, sizeof *members);
        if (!grown) {
            out->failed = true;
            break;
        }
        members = grown;
        members[n++] = (member){ct_dyn_span(&walk.key), ct_dyn_span(&walk.value)};
    }
    if (n > 0)
        qsort(members, n, sizeof *members, compare_members);
    ct_buf_put_char(out, '{');
    for (size_t i = 0; i < n && ct_buf_ok(out); i++) {
        if (i > 0)
            ct_buf_put_char(out, ',');
        ct_buf_put(out, members[i].key.p, members[i].key.n);
        ct_buf_put_char(out, ':');
        put_sorted(out, members[i].value, depth + 1);
    }
    ct_buf_put_char(out, '}');
    ct_free(members);
}

/* A value that nests deeper than any that is read stays as it is. */
static void put_sorted(ct_buf *out, ct_span json, int depth)
{
    ct_json_kind kind = ct_dyn_kind(json);
    if (kind == CT_JSON_OBJECT && depth < CT_JSON_MAX_DEPTH)
        put_sorted_bag(out, json, depth);
    else if (kind == CT_JSON_ARRAY && depth < CT_JSON_MAX_DEPTH)
        put_sorted_array(out, json, depth);
    else
        ct_buf_put(out, json.p, json.n);
}

/*
 * kql_dynamic_to_json(json TEXT) -> TEXT
 *
 * The JSON with the members of each bag sorted by name; '' for NULL.
 *
 * Example: SELECT kql_dynamic_to_json('{"b":2,"a":[{"d":1,"c":0}]}');
 *          -- {"a":[{"c":0,"d":1}],"b":2}
 */
static void kql_dynamic_to_json(sqlite3_context *context, int n_args, sqlite3_value **args)
{
    ct_span json;
    ct_buf out = CT_BUF_EMPTY;
    (void)n_args;
    if (!ct_kql_text(context, args[0], &json))
        return;
    put_sorted(&out, json, 0);
    ct_result_buf(context, &out);
}

/* ---- the paths of a value ------------------------------------------------------------------- */

typedef struct paths {
    ct_span_set found; /* as JSON strings */
    ct_buf path;       /* of the value in hand */
    bool no_memory;
    bool too_many; /* more than PATHS_MAX bytes: keys may be long, and nest deeply */
} paths;

enum { PATHS_MAX = 16 * 1024 * 1024 };

static void note_path(paths *p)
{
    ct_buf json = CT_BUF_EMPTY;
    ct_json_put_string(&json, p->path.data ? p->path.data : "", p->path.len);
    if (!ct_buf_ok(&json) || !ct_buf_ok(&p->path) ||
        ct_span_set_add(&p->found, (ct_span){json.data, json.len}) == CT_SPAN_NO_MEMORY)
        p->no_memory = true;
    p->too_many |= p->found.bytes.len > PATHS_MAX;
    ct_buf_free(&json);
}

/* The paths below a value; every element of an array is [0]. */
static void find_paths(paths *p, ct_span json, int depth)
{
    ct_dyn_walk walk;
    size_t before = p->path.len;
    bool is_bag = ct_dyn_kind(json) == CT_JSON_OBJECT;
    if (depth == CT_JSON_MAX_DEPTH)
        return;
    for (bool more = ct_dyn_first(&walk, json); more && !p->no_memory && !p->too_many;
         more = ct_dyn_next(&walk)) {
        if (is_bag) {
            ct_buf_put_text(&p->path, "['");
            (void)ct_json_decode(&walk.key, &p->path);
            ct_buf_put_text(&p->path, "']");
        } else {
            ct_buf_put_text(&p->path, "[0]");
        }
        note_path(p);
        find_paths(p, ct_dyn_span(&walk.value), depth + 1);
        p->path.len = before;
    }
}

static void set_result(sqlite3_context *context, ct_span_set *set, bool ok);

/*
 * kql_treepath(json TEXT) -> TEXT (JSON array)
 *
 * The paths to all values within a bag, each once; every element of an array is [0].
 *
 * NULL:    NULL for what is no bag.
 * Example: SELECT kql_treepath('{"prop1":[1,2,3,4],"prop2":"value2"}');
 *          -- ["['prop1']","['prop1'][0]","['prop2']"]
 */
static void kql_treepath(sqlite3_context *context, int n_args, sqlite3_value **args)
{
    ct_span json;
    (void)n_args;
    if (!ct_kql_text(context, args[0], &json) || ct_dyn_kind(json) != CT_JSON_OBJECT)
        return;
    paths p = {.found = CT_SPAN_SET_EMPTY, .path = CT_BUF_EMPTY};
    sqlite3_randomness(sizeof p.found.key, p.found.key);
    find_paths(&p, json, 0);
    ct_buf_free(&p.path);
    if (!p.too_many) {
        set_result(context, &p.found, !p.no_memory);
        return;
    }
    ct_span_set_free(&p.found);
    sqlite3_result_error_toobig(context);
}

/* ---- sets ----------------------------------------------------------------------------------- */

static bool collect(ct_span_set *set, ct_span json)
{
    ct_dyn_walk walk;
    for (bool more = ct_dyn_first(&walk, json); more; more = ct_dyn_next(&walk)) {
        if (ct_span_set_add(set, ct_dyn_span(&walk.value)) == CT_SPAN_NO_MEMORY)
            return false;
    }
    return true;
}

static void set_result(sqlite3_context *context, ct_span_set *set, bool ok)
{
    ct_buf out = CT_BUF_EMPTY;
    ct_buf_put_char(&out, '[');
    for (size_t i = 0; ok && i < set->n; i++) {
        ct_span element = ct_span_set_at(set, i);
        if (i > 0)
            ct_buf_put_char(&out, ',');
        ct_buf_put(&out, element.p, element.n);
    }
    ct_buf_put_char(&out, ']');
    if (!ok)
        out.failed = true;
    ct_span_set_free(set);
    ct_result_buf(context, &out);
}

static ct_span_set set_new(void)
{
    ct_span_set set = CT_SPAN_SET_EMPTY;
    sqlite3_randomness(sizeof set.key, set.key);
    return set;
}

/* Reads an argument that must be an array; false, and NULL the result, when it is none. */
static bool read_array(sqlite3_context *context, sqlite3_value *arg, ct_span *json)
{
    return ct_kql_text(context, arg, json) && ct_dyn_kind(*json) == CT_JSON_ARRAY;
}

/*
 * kql_set_union(array TEXT, ...) -> TEXT (JSON array)
 * kql_set_intersect(array TEXT, ...) -> TEXT (JSON array)
 * kql_set_difference(array TEXT, array TEXT, ...) -> TEXT (JSON array)
 *
 * Each distinct element once, in the order of the first array (and then of the next).
 *
 * NULL:    NULL when an argument is no array.
 * Example: SELECT kql_set_union('[1,2]', '[2,3]'), kql_set_difference('[1,2]', '[2,3]');
 *          -- [1,2,3]|[1]
 */
static void kql_set_union(sqlite3_context *context, int n_args, sqlite3_value **args)
{
    ct_span_set set = set_new();
    bool ok = true;
    for (int i = 0; i < n_args && ok; i++) {
        ct_span json;
        if (!read_array(context, args[i], &json)) {
            ct_span_set_free(&set);
            return;
        }
        ok = collect(&set, json);
    }
    set_result(context, &set, ok);
}

/* Keeps of the first array what the other arrays have, or have not. */
static void filter_sets(sqlite3_context *context, int n_args, sqlite3_value **args, bool wanted)
{
    ct_span json;
    ct_span_set set = set_new();
    if (n_args == 0 || !read_array(context, args[0], &json))
        return;
    bool ok = collect(&set, json);
    for (int i = 1; i < n_args && ok; i++) {
        ct_span_set other = set_new(), kept = set_new();
        if (!read_array(context, args[i], &json)) {
            ct_span_set_free(&set);
            return;
        }
        ok = collect(&other, json);
        for (size_t k = 0; k < set.n && ok; k++) {
            ct_span element = ct_span_set_at(&set, k);
            if (ct_span_set_has(&other, element) == wanted)
                ok = ct_span_set_add(&kept, element) != CT_SPAN_NO_MEMORY;
        }
        ct_span_set_free(&other);
        ct_span_set_free(&set);
        set = kept;
    }
    set_result(context, &set, ok);
}

static void kql_set_intersect(sqlite3_context *context, int n_args, sqlite3_value **args)
{
    filter_sets(context, n_args, args, true);
}

static void kql_set_difference(sqlite3_context *context, int n_args, sqlite3_value **args)
{
    filter_sets(context, n_args, args, false);
}

/*
 * kql_set_has_element(array TEXT, value TEXT (JSON)) -> INTEGER
 *
 * NULL:    NULL when the first is no array; a value that is NULL is sought as null.
 * Example: SELECT kql_set_has_element('[1,2,3]', '2'), kql_set_has_element('[1,2,3]', '"2"');
 *          -- 1|0
 */
static void kql_set_has_element(sqlite3_context *context, int n_args, sqlite3_value **args)
{
    ct_span json, value;
    ct_dyn_walk walk;
    bool found = false;
    (void)n_args;
    if (!read_array(context, args[0], &json) || !ct_kql_inner(context, args[1], &value))
        return;
    for (bool more = ct_dyn_first(&walk, json); more && !found; more = ct_dyn_next(&walk))
        found = ct_dyn_equal(ct_dyn_span(&walk.value), value);
    sqlite3_result_int(context, found);
}

/*
 * kql_jaccard_index(a TEXT, b TEXT) -> REAL
 *
 * Shared elements by all elements; NaN for two empty arrays, NULL when one is no array.
 *
 * Example: SELECT kql_jaccard_index('[1,2,3]', '[2,3,4]');
 *          -- 0.5
 */
static void kql_jaccard_index(sqlite3_context *context, int n_args, sqlite3_value **args)
{
    ct_span a, b;
    ct_span_set first = set_new(), all = set_new();
    (void)n_args;
    if (!read_array(context, args[0], &a) || !read_array(context, args[1], &b))
        return;
    ct_span_set second = set_new();
    bool ok = collect(&first, a) && collect(&second, b) && collect(&all, a) && collect(&all, b);
    size_t shared = first.n + second.n - all.n;
    if (!ok)
        sqlite3_result_error_nomem(context);
    else if (all.n == 0)
        ct_kql_result_constant(context, "NaN");
    else
        sqlite3_result_double(context, (double)shared / (double)all.n);
    ct_span_set_free(&first);
    ct_span_set_free(&second);
    ct_span_set_free(&all);
}

int ct_kql_register_dynamic(sqlite3 *db, char **error)
{
    static const ct_function functions[] = {
        CT_KQL_SCALAR("kql_get", -1, kql_get),
        CT_KQL_SCALAR("kql_get_json", -1, kql_get_json),
        CT_KQL_SCALAR("kql_gettype_dyn", 1, kql_gettype_dyn),
        CT_KQL_SCALAR("kql_isempty_dyn", 1, kql_isempty_dyn),
        CT_KQL_SCALAR("kql_treepath", 1, kql_treepath),
        CT_KQL_SCALAR("kql_dynamic_to_json", 1, kql_dynamic_to_json),
        CT_KQL_SCALAR("kql_set_union", -1, kql_set_union),
        CT_KQL_SCALAR("kql_set_intersect", -1, kql_set_intersect),
        CT_KQL_SCALAR("kql_set_difference", -1, kql_set_difference),
        CT_KQL_SCALAR("kql_set_has_element", 2, kql_set_has_element),
        CT_KQL_SCALAR("kql_jaccard_index", 2, kql_jaccard_index),
    };
    return ct_register(db, functions, sizeof functions / sizeof functions[0], error);
}
