/*
 * SQL: Kusto's functions of dynamic values: access, bags and sets. A dynamic value is canonical
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

/* ---- bags ----------------------------------------------------------------------------------- */

/* A bag that is being written, and the keys that it has. */
typedef struct bag {
    ct_buf json; /* without the bracket at the end */
    ct_span_set keys;
    bool no_memory;
} bag;

static bag bag_new(void)
{
    bag b = {.json = CT_BUF_EMPTY, .keys = CT_SPAN_SET_EMPTY};
    sqlite3_randomness(sizeof b.keys.key, b.keys.key);
    ct_buf_put_char(&b.json, '{');
    return b;
}

/* Adds a member unless the key is there; key is JSON. */
static void bag_add(bag *b, ct_span key, ct_span value)
{
    ct_span_set_result result = ct_span_set_add(&b->keys, key);
    if (result == CT_SPAN_NO_MEMORY)
        b->no_memory = true;
    if (result != CT_SPAN_ADDED)
        return;
    if (b->json.len > 1)
        ct_buf_put_char(&b->json, ',');
    ct_buf_put(&b->json, key.p, key.n);
    ct_buf_put_char(&b->json, ':');
    ct_buf_put(&b->json, value.p, value.n);
}

static void bag_add_all(bag *b, ct_span json)
{
    ct_dyn_walk walk;
    for (bool more = ct_dyn_first(&walk, json); more && !b->no_memory; more = ct_dyn_next(&walk))
        bag_add(b, ct_dyn_span(&walk.key), ct_dyn_span(&walk.value));
}

static void bag_result(sqlite3_context *context, bag *b)
{
    ct_buf_put_char(&b->json, '}');
    if (b->no_memory)
        b->json.failed = true;
    ct_span_set_free(&b->keys);
    ct_result_buf(context, &b->json);
}

/*
 * kql_bag_keys(bag TEXT) -> TEXT (JSON array)
 *
 * Example: SELECT kql_bag_keys('{"a":1,"b":2}'), kql_bag_keys('[1]');
 *          -- ["a","b"]|NULL
 */
static void kql_bag_keys(sqlite3_context *context, int n_args, sqlite3_value **args)
{
    ct_span json;
    ct_dyn_walk walk;
    ct_buf out = CT_BUF_EMPTY;
    (void)n_args;
    if (!ct_kql_text(context, args[0], &json) || ct_dyn_kind(json) != CT_JSON_OBJECT)
        return;
    ct_buf_put_char(&out, '[');
    for (bool more = ct_dyn_first(&walk, json); more; more = ct_dyn_next(&walk)) {
        if (out.len > 1)
            ct_buf_put_char(&out, ',');
        ct_buf_put(&out, walk.key.p, walk.key.len);
    }
    ct_buf_put_char(&out, ']');
    ct_result_buf(context, &out);
}

/*
 * kql_bag_merge(bag TEXT, ...) -> TEXT (JSON)
 *
 * All members; of a key that several bags have the first. What is no bag is passed over.
 *
 * NULL:    NULL when no argument is a bag.
 * Example: SELECT kql_bag_merge('{"a":1,"b":2}', '{"b":3,"c":4}');
 *          -- {"a":1,"b":2,"c":4}
 */
static void kql_bag_merge(sqlite3_context *context, int n_args, sqlite3_value **args)
{
    bag b = bag_new();
    bool any = false;
    for (int i = 0; i < n_args; i++) {
        ct_span json;
        if (!ct_kql_text(context, args[i], &json))
            b.no_memory = true;
        else if (ct_dyn_kind(json) == CT_JSON_OBJECT) {
            any = true;
            bag_add_all(&b, json);
        }
    }
    if (any || b.no_memory) {
        bag_result(context, &b);
        return;
    }
    ct_span_set_free(&b.keys);
    ct_buf_free(&b.json);
}

/* ---- a key, or a path of keys --------------------------------------------------------------- */

/* `name`, or in Kusto's JSONPath `$.name.name` or `$['name']['name']`: no elements of arrays. */
typedef struct key_path {
    ct_span keys[16];
    size_t n;
} key_path;

static bool is_path(ct_span text)
{
    return text.n > 2 && text.p[0] == '$' && (text.p[1] == '.' || text.p[1] == '[');
}

/* The next key of a path, cut off its front; false where none is. */
static bool cut_key(ct_span *rest, ct_span *key)
{
    const char *p = rest->p, *end = p + rest->n, *from = p + 1;
    if (*p == '.') {
        for (p++; p < end && *p != '.' && *p != '['; p++)
            continue;
        *key = (ct_span){from, (size_t)(p - from)};
    } else {
        char quote = rest->n > 1 ? *from++ : 0;
        for (p = from; p < end && *p != quote; p++)
            continue;
        if (*rest->p != '[' || (quote != '\'' && quote != '"') || end - p < 2 || p[1] != ']')
            return false;
        *key = (ct_span){from, (size_t)(p - from)};
        p += 2;
    }
    *rest = (ct_span){p, (size_t)(end - p)};
    return key->n > 0;
}

static bool read_path(ct_span text, key_path *path)
{
    path->n = 0;
    if (!is_path(text)) {
        path->keys[path->n++] = text;
        return true;
    }
    for (ct_span rest = {text.p + 1, text.n - 1}; rest.n > 0; path->n++)
        if (path->n == sizeof path->keys / sizeof path->keys[0] ||
            !cut_key(&rest, &path->keys[path->n]))
            return false;
    return true;
}

static bool find_member(ct_span json, ct_span key, ct_span *value)
{
    ct_dyn_walk walk;
    for (bool more = ct_dyn_kind(json) == CT_JSON_OBJECT && ct_dyn_first(&walk, json); more;
         more = ct_dyn_next(&walk))
        if (ct_dyn_key_is(&walk.key, key)) {
            *value = ct_dyn_span(&walk.value);
            return true;
        }
    return false;
}

/* Appends the bag with the value at the path from key `at` on, or, where value is NULL, without what
 * is there. False where a value would stand in what is no bag. */
static bool put_changed(ct_buf *out, ct_span json, const key_path *path, size_t at,
                        const ct_span *value)
{
    bool found = false, ok = true, is_last = at + 1 == path->n;
    ct_dyn_walk walk;
    ct_buf_put_char(out, '{');
    size_t start = out->len;
    for (bool more = ct_dyn_first(&walk, json); more; more = ct_dyn_next(&walk)) {
        ct_span member = ct_dyn_span(&walk.value);
        bool here = ct_dyn_key_is(&walk.key, path->keys[at]);
        if (here && ((is_last && !value) || found))
            continue;
        found |= here;
        if (out->len > start)
            ct_buf_put_char(out, ',');
        ct_buf_put(out, walk.key.p, walk.key.len);
        ct_buf_put_char(out, ':');
        if (here && is_last)
            ct_buf_put(out, value->p, value->n);
        else if (here && ct_dyn_kind(member) == CT_JSON_OBJECT)
            ok &= put_changed(out, member, path, at + 1, value);
        else
            ct_buf_put(out, member.p, member.n);
        ok &= !here || is_last || !value || ct_dyn_kind(member) == CT_JSON_OBJECT;
    }
    if (!found && value) {
        if (out->len > start)
            ct_buf_put_char(out, ',');
        ct_json_put_string(out, path->keys[at].p, path->keys[at].n);
        ct_buf_put_char(out, ':');
        if (is_last)
            ct_buf_put(out, value->p, value->n);
        else
            put_changed(out, (ct_span){"{}", 2}, path, at + 1, value);
    }
    ct_buf_put_char(out, '}');
    return ok;
}

/*
 * kql_bag_remove_keys(bag TEXT, keys TEXT (JSON array)) -> TEXT (JSON)
 * kql_bag_has_key(bag TEXT, key TEXT) -> INTEGER
 * kql_bag_set_key(bag TEXT, key TEXT, value TEXT (JSON)) -> TEXT (JSON)
 *
 * A key may be a path, $.a.b; a bag that is missing on the way to a value is made.
 *
 * NULL:    for what is no bag, and for a path that leads through what is none to a value.
 * Errors:  a path that is none, or has elements of arrays or more than 16 keys.
 * Example: SELECT kql_bag_remove_keys('{"a":1,"b":2}', '["a"]'), kql_bag_has_key('{"a":1}', 'a'),
 *              kql_bag_set_key('{"a":1}', '$.b.c', '2');
 *          -- {"b":2}|1|{"a":1,"b":{"c":2}}
 */
static bool need_path(sqlite3_context *context, ct_span text, sqlite3_value *arg, key_path *path)
{
    if (read_path(text, path))
        return true;
    ct_kql_fail(context, "no path of keys: $.key.key", arg);
    return false;
}

/* Takes the paths among the keys out of the bag, one after the other. */
static bool remove_paths(sqlite3_context *context, ct_buf *json, ct_span keys, sqlite3_value *arg)
{
    ct_dyn_walk walk;
    ct_buf text = CT_BUF_EMPTY;
    bool ok = true;
    for (bool more = ct_dyn_first(&walk, keys); more && ok; more = ct_dyn_next(&walk)) {
        key_path path;
        ct_buf_clear(&text);
        ct_dyn_put_text(&text, &walk.value);
        ct_span key = {text.data ? text.data : "", text.len};
        if (!is_path(key))
            continue;
        ok = need_path(context, key, arg, &path);
        ct_buf changed = CT_BUF_EMPTY;
        if (ok && ct_buf_ok(json))
            put_changed(&changed, (ct_span){json->data, json->len}, &path, 0, NULL);
        ct_buf_free(json);
        *json = changed;
    }
    json->failed |= !ct_buf_ok(&text);
    ct_buf_free(&text);
    return ok;
}

static void kql_bag_remove_keys(sqlite3_context *context, int n_args, sqlite3_value **args)
{
    ct_span json, keys;
    ct_dyn_walk walk;
    (void)n_args;
    if (!ct_kql_text(context, args[0], &json) || !ct_kql_text(context, args[1], &keys) ||
        ct_dyn_kind(json) != CT_JSON_OBJECT || ct_dyn_kind(keys) != CT_JSON_ARRAY)
        return;
    bag b = bag_new(), removed = bag_new();
    for (bool more = ct_dyn_first(&walk, keys); more; more = ct_dyn_next(&walk))
        bag_add(&removed, ct_dyn_span(&walk.value), (ct_span){"0", 1});
    for (bool more = ct_dyn_first(&walk, json); more; more = ct_dyn_next(&walk))
        if (!ct_span_set_has(&removed.keys, ct_dyn_span(&walk.key)))
            bag_add(&b, ct_dyn_span(&walk.key), ct_dyn_span(&walk.value));
    ct_buf_put_char(&b.json, '}');
    b.json.failed |= b.no_memory || removed.no_memory;
    ct_span_set_free(&removed.keys);
    ct_buf_free(&removed.json);
    ct_span_set_free(&b.keys);
    if (remove_paths(context, &b.json, keys, args[1]))
        ct_result_buf(context, &b.json);
    else
        ct_buf_free(&b.json);
}

static void kql_bag_has_key(sqlite3_context *context, int n_args, sqlite3_value **args)
{
    ct_span json, key;
    key_path path;
    (void)n_args;
    if (!ct_kql_text(context, args[0], &json) || !ct_kql_text(context, args[1], &key) ||
        ct_dyn_kind(json) != CT_JSON_OBJECT || !need_path(context, key, args[1], &path))
        return;
    bool found = true;
    for (size_t i = 0; i < path.n && found; i++)
        found = find_member(json, path.keys[i], &json);
    sqlite3_result_int(context, found);
}

/* A dynamic value as the text that stands for it within another. */
static bool read_inner(sqlite3_context *context, sqlite3_value *arg, ct_span *json)
{
    if (ct_kql_is_null(arg)) {
        *json = (ct_span){"null", 4};
        return true;
    }
    return ct_arg_text(context, arg, json);
}

static void kql_bag_set_key(sqlite3_context *context, int n_args, sqlite3_value **args)
{
    ct_span json, key, value;
    key_path path;
    ct_buf out = CT_BUF_EMPTY;
    (void)n_args;
    if (!ct_kql_text(context, args[0], &json) || !ct_kql_text(context, args[1], &key) ||
        !read_inner(context, args[2], &value) || ct_dyn_kind(json) != CT_JSON_OBJECT ||
        !need_path(context, key, args[1], &path))
        return;
    if (put_changed(&out, json, &path, 0, &value))
        ct_result_buf(context, &out);
    else
        ct_buf_free(&out);
}

/*
 * kql_pack(key TEXT, value TEXT (JSON), ...) -> TEXT (JSON)
 * kql_pack_filled(key TEXT, value TEXT (JSON), ...) -> TEXT (JSON)     without nulls and empty texts
 * kql_pack_array(value TEXT (JSON), ...) -> TEXT (JSON)
 *
 * NULL:    a value that is NULL is null in the bag or array.
 * Errors:  a key without a value; SQLITE_NOMEM when out of memory.
 * Example: SELECT kql_pack('name', '"alice"', 'age', '30'), kql_pack_array('1', NULL);
 *          -- {"name":"alice","age":30}|[1,null]
 */
static void pack(sqlite3_context *context, int n_args, sqlite3_value **args, bool is_filled)
{
    ct_buf key_json = CT_BUF_EMPTY;
    if (n_args % 2 != 0) {
        ct_kql_fail(context, "a key without a value", args[n_args - 1]);
        return;
    }
    bag b = bag_new();
    for (int i = 0; i < n_args; i += 2) {
        ct_span key, value;
        if (!ct_kql_text(context, args[i], &key) || !read_inner(context, args[i + 1], &value)) {
            b.no_memory = true;
            break;
        }
        if (is_filled && (ct_span_is(value, "null") || ct_span_is(value, "\"\"")))
            continue;
        ct_buf_clear(&key_json);
        ct_json_put_string(&key_json, key.p, key.n);
        if (!ct_buf_ok(&key_json))
            b.no_memory = true;
        else
            bag_add(&b, (ct_span){key_json.data, key_json.len}, value);
    }
    ct_buf_free(&key_json);
    bag_result(context, &b);
}

static void kql_pack(sqlite3_context *context, int n_args, sqlite3_value **args)
{
    pack(context, n_args, args, false);
}

static void kql_pack_filled(sqlite3_context *context, int n_args, sqlite3_value **args)
{
    pack(context, n_args, args, true);
}

static void kql_pack_array(sqlite3_context *context, int n_args, sqlite3_value **args)
{
    ct_buf out = CT_BUF_EMPTY;
    ct_buf_put_char(&out, '[');
    for (int i = 0; i < n_args; i++) {
        ct_span value;
        if (!read_inner(context, args[i], &value)) {
            out.failed = true;
            break;
        }
        if (i > 0)
            ct_buf_put_char(&out, ',');
        ct_buf_put(&out, value.p, value.n);
    }
    ct_buf_put_char(&out, ']');
    ct_result_buf(context, &out);
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
    if (!read_array(context, args[0], &json) || !read_inner(context, args[1], &value))
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
        CT_KQL_SCALAR("kql_bag_keys", 1, kql_bag_keys),
        CT_KQL_SCALAR("kql_bag_merge", -1, kql_bag_merge),
        CT_KQL_SCALAR("kql_bag_remove_keys", 2, kql_bag_remove_keys),
        CT_KQL_SCALAR("kql_bag_has_key", 2, kql_bag_has_key),
        CT_KQL_SCALAR("kql_bag_set_key", 3, kql_bag_set_key),
        CT_KQL_SCALAR("kql_pack", -1, kql_pack),
        CT_KQL_SCALAR("kql_pack_filled", -1, kql_pack_filled),
        CT_KQL_SCALAR("kql_pack_array", -1, kql_pack_array),
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
