/*
 * SQL: Kusto's aggregates that gather values: make_list, make_set, make_bag. The values are dynamic
 * (JSON text); NULL is passed over but by kql_agg_list_nulls().
 */
#include "kql/runtime.h"

#include "base/json_write.h"
#include "kql/dynamic.h"
#include "kql/glue.h"
#include "kql/span_set.h"
#include "sqlite/sqlvalue.h"

enum { LIST_MAX = 1048576 }; /* elements that Kusto's lists and sets have at most */

/* How many elements the second argument allows. */
static int64_t read_max(int n_args, sqlite3_value **args)
{
    int64_t max = LIST_MAX;
    if (n_args > 1 && ct_kql_long(args[1], &max) && (max < 0 || max > LIST_MAX))
        max = LIST_MAX;
    return max;
}

/* ---- lists ---------------------------------------------------------------------------------- */

typedef struct list_state {
    ct_buf json; /* without the bracket at the end */
    int64_t n;
    bool has_blob; /* of kql_make_list() only */
} list_state;

static void add_to_list(list_state *list, const char *p, size_t n)
{
    ct_buf_put_char(&list->json, list->n == 0 ? '[' : ',');
    ct_buf_put(&list->json, p, n);
    list->n++;
}

/* An array adds its elements, any other value itself. */
static void add_value(list_state *list, ct_span json, int64_t max)
{
    ct_dyn_walk walk;
    if (ct_dyn_kind(json) != CT_JSON_ARRAY) {
        if (list->n < max)
            add_to_list(list, json.p, json.n);
        return;
    }
    for (bool more = ct_dyn_first(&walk, json); more && list->n < max; more = ct_dyn_next(&walk))
        add_to_list(list, walk.value.p, walk.value.len);
}

static void step_list(sqlite3_context *context, int n_args, sqlite3_value **args, bool with_nulls)
{
    ct_span json = {"null", 4};
    if (ct_kql_is_null(args[0]) ? !with_nulls : !ct_arg_text(context, args[0], &json))
        return;
    list_state *list = ct_aggregate_state(context, sizeof *list);
    if (list)
        add_value(list, json, read_max(n_args, args));
}

/*
 * kql_agg_list(json TEXT [, max INTEGER]) -> TEXT (JSON array)
 * kql_agg_list_nulls(json TEXT [, max INTEGER]) -> TEXT (JSON array)
 *
 * make_list() and make_list_with_nulls(): all values in the order in which the rows come, the
 * elements of an array in its place; at most max (1,048,576).
 *
 * NULL:    skipped by the first, null in the second; '[]' for no rows.
 * Errors:  SQLITE_NOMEM when out of memory.
 */
static void kql_agg_list(sqlite3_context *context, int n_args, sqlite3_value **args)
{
    step_list(context, n_args, args, false);
}

static void kql_agg_list_nulls(sqlite3_context *context, int n_args, sqlite3_value **args)
{
    step_list(context, n_args, args, true);
}

static void list_final(sqlite3_context *context)
{
    list_state *list = sqlite3_aggregate_context(context, 0);
    if (list && list->has_blob) {
        ct_buf_free(&list->json);
        sqlite3_result_error(context, "JSON cannot hold BLOB values", -1);
    } else if (!list || list->n == 0) {
        sqlite3_result_text(context, "[]", 2, SQLITE_STATIC);
        sqlite3_result_subtype(context, CT_JSON_SUBTYPE);
    } else {
        ct_buf_put_char(&list->json, ']');
        ct_result_json(context, &list->json);
    }
}

/*
 * kql_make_list(x) -> TEXT, a JSON array
 *
 * The same of SQL's values: numbers and texts, repeats too, in the order in which the rows come.
 *
 * NULL:    skipped; '[]' when no row is left.
 * Errors:  `JSON cannot hold BLOB values`; SQLITE_NOMEM when out of memory.
 * Example: SELECT kql_make_list(x) FROM (SELECT 'a' AS x UNION ALL SELECT 2 UNION ALL SELECT 'a');
 *          -- ["a",2,"a"]
 */
static void kql_make_list(sqlite3_context *context, int n_args, sqlite3_value **args)
{
    (void)n_args;
    ct_value x;
    ct_sqlvalue_result result = ct_sqlvalue_read(args[0], &x);
    if (result == CT_SQLVALUE_NULL)
        return;
    if (result == CT_SQLVALUE_NO_MEMORY) {
        sqlite3_result_error_nomem(context);
        return;
    }
    list_state *list = ct_aggregate_state(context, sizeof *list);
    if (!list)
        return;
    ct_buf_put_char(&list->json, list->n == 0 ? '[' : ',');
    list->n++;
    if (!ct_sqlvalue_put_json(&list->json, &x))
        list->has_blob = true;
}

/* ---- sets ----------------------------------------------------------------------------------- */

typedef struct set_state {
    ct_span_set set;
    bool no_memory;
} set_state;

static set_state *set_for_step(sqlite3_context *context)
{
    set_state *state = ct_aggregate_state(context, sizeof *state);
    if (state && state->set.n_slots == 0)
        sqlite3_randomness(sizeof state->set.key, state->set.key);
    return state;
}

static void add_to_set(set_state *state, ct_span json, int64_t max)
{
    if ((int64_t)state->set.n < max && ct_span_set_add(&state->set, json) == CT_SPAN_NO_MEMORY)
        state->no_memory = true;
}

/*
 * kql_agg_set(json TEXT [, max INTEGER]) -> TEXT (JSON array)
 *
 * make_set(): each distinct value once, in the order of arrival; else as kql_agg_list().
 */
static void kql_agg_set(sqlite3_context *context, int n_args, sqlite3_value **args)
{
    ct_span json;
    ct_dyn_walk walk;
    if (ct_kql_is_null(args[0]) || !ct_arg_text(context, args[0], &json))
        return;
    set_state *state = set_for_step(context);
    if (!state)
        return;
    int64_t max = read_max(n_args, args);
    if (ct_dyn_kind(json) != CT_JSON_ARRAY) {
        add_to_set(state, json, max);
        return;
    }
    for (bool more = ct_dyn_first(&walk, json); more && !state->no_memory;
         more = ct_dyn_next(&walk))
        add_to_set(state, ct_dyn_span(&walk.value), max);
}

static void set_final(sqlite3_context *context)
{
    set_state *state = sqlite3_aggregate_context(context, 0);
    ct_buf out = CT_BUF_EMPTY;
    ct_buf_put_char(&out, '[');
    for (size_t i = 0; state && i < state->set.n; i++) {
        ct_span item = ct_span_set_at(&state->set, i);
        if (i > 0)
            ct_buf_put_char(&out, ',');
        ct_buf_put(&out, item.p, item.n);
    }
    ct_buf_put_char(&out, ']');
    if (state) {
        out.failed |= state->no_memory;
        ct_span_set_free(&state->set);
    }
    ct_result_buf(context, &out);
}

/* ---- bags ----------------------------------------------------------------------------------- */

typedef struct bag_state {
    set_state keys;
    ct_buf json; /* without the bracket at the end */
} bag_state;

/*
 * kql_agg_bag(bag TEXT) -> TEXT (JSON)
 *
 * make_bag(): the members of all bags; of a key that comes again the first. What is no bag is
 * passed over; '{}' for no rows.
 */
static void kql_agg_bag(sqlite3_context *context, int n_args, sqlite3_value **args)
{
    ct_span json;
    ct_dyn_walk walk;
    (void)n_args;
    if (ct_kql_is_null(args[0]) || !ct_arg_text(context, args[0], &json) ||
        ct_dyn_kind(json) != CT_JSON_OBJECT)
        return;
    bag_state *state = ct_aggregate_state(context, sizeof *state);
    if (!state)
        return;
    if (state->keys.set.n_slots == 0)
        sqlite3_randomness(sizeof state->keys.set.key, state->keys.set.key);
    for (bool more = ct_dyn_first(&walk, json); more && !state->keys.no_memory;
         more = ct_dyn_next(&walk)) {
        ct_span_set_result result = ct_span_set_add(&state->keys.set, ct_dyn_span(&walk.key));
        state->keys.no_memory |= result == CT_SPAN_NO_MEMORY;
        if (result != CT_SPAN_ADDED)
            continue;
        ct_buf_put_char(&state->json, state->json.len == 0 ? '{' : ',');
        ct_buf_put(&state->json, walk.key.p, walk.key.len);
        ct_buf_put_char(&state->json, ':');
        ct_buf_put(&state->json, walk.value.p, walk.value.len);
    }
}

static void bag_final(sqlite3_context *context)
{
    bag_state *state = sqlite3_aggregate_context(context, 0);
    ct_buf out = CT_BUF_EMPTY;
    if (state) {
        out = state->json;
        out.failed |= state->keys.no_memory;
        ct_span_set_free(&state->keys.set);
        state->json = CT_BUF_EMPTY;
    }
    if (out.len == 0)
        ct_buf_put_char(&out, '{');
    ct_buf_put_char(&out, '}');
    ct_result_buf(context, &out);
}

int ct_kql_register_lists(sqlite3 *db, char **error)
{
    static const ct_function functions[] = {
        {"kql_make_list", 1, CT_PURE_JSON, NULL, kql_make_list, list_final, NULL, NULL},
        {"kql_agg_list", 1, CT_PURE_JSON, NULL, kql_agg_list, list_final, NULL, NULL},
        {"kql_agg_list", 2, CT_PURE_JSON, NULL, kql_agg_list, list_final, NULL, NULL},
        {"kql_agg_list_nulls", 1, CT_PURE_JSON, NULL, kql_agg_list_nulls, list_final, NULL, NULL},
        {"kql_agg_list_nulls", 2, CT_PURE_JSON, NULL, kql_agg_list_nulls, list_final, NULL, NULL},
        CT_KQL_AGGREGATE("kql_agg_set", 1, kql_agg_set, set_final),
        CT_KQL_AGGREGATE("kql_agg_set", 2, kql_agg_set, set_final),
        CT_KQL_AGGREGATE("kql_agg_bag", 1, kql_agg_bag, bag_final),
    };
    return ct_register(db, functions, sizeof functions / sizeof functions[0], error);
}
