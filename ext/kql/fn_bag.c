/*
 * SQL: Kusto's functions of bags: their keys and members, and how bags and arrays are put together.
 */
#include "kql/runtime.h"

#include "base/json_write.h"
#include "kql/dynamic.h"
#include "kql/glue.h"
#include "kql/span_set.h"

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

static void kql_bag_set_key(sqlite3_context *context, int n_args, sqlite3_value **args)
{
    ct_span json, key, value;
    key_path path;
    ct_buf out = CT_BUF_EMPTY;
    (void)n_args;
    if (!ct_kql_text(context, args[0], &json) || !ct_kql_text(context, args[1], &key) ||
        !ct_kql_inner(context, args[2], &value) || ct_dyn_kind(json) != CT_JSON_OBJECT ||
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
        if (!ct_kql_text(context, args[i], &key) || !ct_kql_inner(context, args[i + 1], &value)) {
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
        if (!ct_kql_inner(context, args[i], &value)) {
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

int ct_kql_register_bag(sqlite3 *db, char **error)
{
    static const ct_function functions[] = {
        CT_KQL_SCALAR("kql_bag_keys", 1, kql_bag_keys),
        CT_KQL_SCALAR("kql_bag_merge", -1, kql_bag_merge),
        CT_KQL_SCALAR("kql_bag_remove_keys", 2, kql_bag_remove_keys),
        CT_KQL_SCALAR("kql_bag_has_key", 2, kql_bag_has_key),
        CT_KQL_SCALAR("kql_bag_set_key", 3, kql_bag_set_key),
        CT_KQL_SCALAR("kql_pack", -1, kql_pack),
        CT_KQL_SCALAR("kql_pack_filled", -1, kql_pack_filled),
        CT_KQL_SCALAR("kql_pack_array", -1, kql_pack_array),
    };
    return ct_register(db, functions, sizeof functions / sizeof functions[0], error);
}
