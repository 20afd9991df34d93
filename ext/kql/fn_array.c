/*
 * SQL: Kusto's functions of arrays, which are JSON arrays here. NULL where an argument that must be
 * an array is none, unless a comment says otherwise.
 */
#include "kql/runtime.h"

#include <math.h>
#include <stdlib.h>

#include "base/grow.h"
#include "base/json_write.h"
#include "base/sha256.h"
#include "kql/dynamic.h"
#include "kql/glue.h"
#include "kql/numbers.h"
#include "kql/ticks.h"

enum { ARRAY_MAX = 1048576 }; /* elements that Kusto's range() and its lists have at most */

/* ---- an array as a list --------------------------------------------------------------------- */

typedef struct list {
    ct_span *items; /* owned (ct_malloc); they point into the argument */
    size_t n, capacity;
} list;

static bool read_array(sqlite3_context *context, sqlite3_value *arg, ct_span *json)
{
    return ct_kql_text(context, arg, json) && ct_dyn_kind(*json) == CT_JSON_ARRAY;
}

static bool add_item(list *l, ct_span item)
{
    ct_span *items = ct_grow(l->items, l->n, &l->capacity, 16, sizeof *items);
    if (!items)
        return false;
    l->items = items;
    l->items[l->n++] = item;
    return true;
}

static bool add_items(list *l, ct_span json)
{
    ct_dyn_walk walk;
    for (bool more = ct_dyn_first(&walk, json); more; more = ct_dyn_next(&walk))
        if (!add_item(l, ct_dyn_span(&walk.value)))
            return false;
    return true;
}

/* False when the argument is no array (NULL then) or there is no memory (the error then). */
static bool read_list(sqlite3_context *context, sqlite3_value *arg, list *l)
{
    ct_span json;
    *l = (list){.items = NULL};
    if (!read_array(context, arg, &json))
        return false;
    if (add_items(l, json))
        return true;
    ct_free(l->items);
    sqlite3_result_error_nomem(context);
    return false;
}

/* Appends items from..to-1 as an array. */
static void put_items(ct_buf *out, const ct_span *items, size_t n)
{
    ct_buf_put_char(out, '[');
    for (size_t i = 0; i < n; i++) {
        if (i > 0)
            ct_buf_put_char(out, ',');
        ct_buf_put(out, items[i].p, items[i].n);
    }
    ct_buf_put_char(out, ']');
}

/* Sets the list as the result and frees it. */
static void list_result(sqlite3_context *context, list *l)
{
    ct_buf out = CT_BUF_EMPTY;
    put_items(&out, l->items, l->n);
    ct_free(l->items);
    ct_result_buf(context, &out);
}

static const ct_span null_item = {"null", 4};

/* ---- sizes and parts ------------------------------------------------------------------------ */

/*
 * kql_array_length(array TEXT) -> INTEGER
 *
 * Example: SELECT kql_array_length('[1,null]'), kql_array_length('{"a":1}');
 *          -- 2|NULL
 */
static void kql_array_length(sqlite3_context *context, int n_args, sqlite3_value **args)
{
    ct_span json;
    (void)n_args;
    if (read_array(context, args[0], &json))
        sqlite3_result_int64(context, (sqlite3_int64)ct_dyn_count(json));
}

/*
 * kql_array_concat(array TEXT, ...) -> TEXT (JSON array)
 *
 * All elements; what is no array is passed over. NULL when none is one.
 */
static void kql_array_concat(sqlite3_context *context, int n_args, sqlite3_value **args)
{
    list l = {.items = NULL};
    bool any = false;
    for (int i = 0; i < n_args; i++) {
        ct_span json;
        if (!read_array(context, args[i], &json))
            continue;
        any = true;
        if (!add_items(&l, json)) {
            ct_free(l.items);
            sqlite3_result_error_nomem(context);
            return;
        }
    }
    if (any)
        list_result(context, &l);
}

/*
 * kql_array_slice(array TEXT, start INTEGER, end INTEGER) -> TEXT (JSON array)
 *
 * Elements start to end, both included, below 0 from the end.
 *
 * Example: SELECT kql_array_slice('[1,2,3,4,5]', 2, -1), kql_array_slice('[1,2,3]', -3, -2);
 *          -- [3,4,5]|[1,2]
 */
static void kql_array_slice(sqlite3_context *context, int n_args, sqlite3_value **args)
{
    list l;
    int64_t start, end;
    (void)n_args;
    if (!ct_kql_long(args[1], &start) || !ct_kql_long(args[2], &end) ||
        !read_list(context, args[0], &l))
        return;
    int64_t n = (int64_t)l.n;
    start = start < -n ? 0 : start < 0 ? start + n : start;
    end = end >= n ? n - 1 : end < -n ? -1 : end < 0 ? end + n : end;
    ct_buf out = CT_BUF_EMPTY;
    if (start <= end)
        put_items(&out, l.items + start, (size_t)(end - start + 1));
    else
        ct_buf_put_text(&out, "[]");
    ct_free(l.items);
    ct_result_buf(context, &out);
}

/*
 * kql_array_split(array TEXT, indices) -> TEXT (JSON array of arrays)
 *
 * Cut before each index: one INTEGER, or a JSON array of them in ascending order.
 *
 * Example: SELECT kql_array_split('[1,2,3,4]', '[1,3]');
 *          -- [[1],[2,3],[4]]
 */
static void put_split(ct_buf *out, const list *l, size_t *from, int64_t index)
{
    int64_t n = (int64_t)l->n;
    index = index < -n ? 0 : index < 0 ? index + n : index > n ? n : index;
    if ((size_t)index < *from)
        return;
    put_items(out, l->items + *from, (size_t)index - *from);
    ct_buf_put_char(out, ',');
    *from = (size_t)index;
}

static void kql_array_split(sqlite3_context *context, int n_args, sqlite3_value **args)
{
    list l;
    ct_span indices;
    int64_t index;
    double real;
    bool is_long;
    (void)n_args;
    if (ct_kql_is_null(args[1]) || !ct_kql_text(context, args[1], &indices) ||
        !read_list(context, args[0], &l))
        return;
    ct_buf out = CT_BUF_EMPTY;
    size_t from = 0;
    ct_buf_put_char(&out, '[');
    if (ct_dyn_number(indices, &is_long, &index, &real) && is_long) {
        put_split(&out, &l, &from, index);
    } else {
        ct_dyn_walk walk;
        for (bool more = ct_dyn_first(&walk, indices); more; more = ct_dyn_next(&walk))
            if (ct_dyn_number(ct_dyn_span(&walk.value), &is_long, &index, &real) && is_long)
                put_split(&out, &l, &from, index);
    }
    put_items(&out, l.n > 0 ? l.items + from : NULL, l.n - from);
    ct_buf_put_char(&out, ']');
    ct_free(l.items);
    ct_result_buf(context, &out);
}

/* ---- order ---------------------------------------------------------------------------------- */

/*
 * kql_array_reverse(array TEXT) -> TEXT (JSON array)
 * kql_array_rotate_left(array TEXT, n INTEGER) -> TEXT (JSON array)     and kql_array_rotate_right
 * kql_array_shift_left(array TEXT, n INTEGER [, filler TEXT (JSON)]) -> TEXT (JSON array)
 *                                                                    and kql_array_shift_right
 *
 * Example: SELECT kql_array_rotate_right('[1,2,3]', 1), kql_array_shift_left('[1,2,3]', 1, '0');
 *          -- [3,1,2]|[2,3,0]
 */
static void kql_array_reverse(sqlite3_context *context, int n_args, sqlite3_value **args)
{
    list l;
    (void)n_args;
    if (!read_list(context, args[0], &l))
        return;
    for (size_t i = 0, k = l.n; i + 1 < k; i++) {
        ct_span kept = l.items[i];
        l.items[i] = l.items[--k];
        l.items[k] = kept;
    }
    list_result(context, &l);
}

/* "" for an array of strings, else null. */
static ct_span default_filler(const list *l)
{
    bool all_strings = l->n > 0;
    for (size_t i = 0; i < l->n; i++)
        all_strings &= ct_dyn_kind(l->items[i]) == CT_JSON_STRING;
    return all_strings ? (ct_span){"\"\"", 2} : null_item;
}

/* Moves each element n places to the left; a place that gets none takes the filler (empty: what is
 * usual for such an array), or with NULL what was moved out at the other end. */
static void move_items(sqlite3_context *context, sqlite3_value **args, int sign, ct_span *filler)
{
    list l, moved = {.items = NULL};
    int64_t n;
    if (!ct_kql_long(args[1], &n) || !read_list(context, args[0], &l))
        return;
    if (filler && filler->n == 0)
        *filler = default_filler(&l);
    int64_t size = (int64_t)l.n;
    if (size > 0)
        n = filler ? (n > size ? size : n < -size ? -size : n) : n % size;
    n *= sign;
    bool ok = true;
    for (int64_t i = 0; i < size && ok; i++) {
        int64_t from = i + n;
        if (filler && (from < 0 || from >= size))
            ok = add_item(&moved, *filler);
        else
            ok = add_item(&moved, l.items[(from + size) % size]);
    }
    ct_free(l.items);
    if (ok) {
        list_result(context, &moved);
        return;
    }
    ct_free(moved.items);
    sqlite3_result_error_nomem(context);
}

static void kql_array_rotate_left(sqlite3_context *context, int n_args, sqlite3_value **args)
{
    (void)n_args;
    move_items(context, args, 1, NULL);
}

static void kql_array_rotate_right(sqlite3_context *context, int n_args, sqlite3_value **args)
{
    (void)n_args;
    move_items(context, args, -1, NULL);
}

static void shift(sqlite3_context *context, int n_args, sqlite3_value **args, int sign)
{
    ct_span filler = {"", 0};
    if (n_args > 2 && !ct_kql_is_null(args[2]) && !ct_arg_text(context, args[2], &filler))
        return;
    move_items(context, args, sign, &filler);
}

static void kql_array_shift_left(sqlite3_context *context, int n_args, sqlite3_value **args)
{
    shift(context, n_args, args, 1);
}

static void kql_array_shift_right(sqlite3_context *context, int n_args, sqlite3_value **args)
{
    shift(context, n_args, args, -1);
}

/* An element as sorting sees it. */
typedef struct sort_item {
    ct_span json;
    size_t index; /* keeps equal elements in order */
    int rank;     /* numbers, strings, all else; nulls apart */
    double real;
    bool is_long;
    int64_t integer;
} sort_item;

/* The byte at *p of a string's value; *p moves on. Canonical text escapes quotes, backslashes and
 * control characters, nothing else. */
static int next_byte(const char **p)
{
    const char *at = *p;
    *p = at + (*at != '\\' ? 1 : at[1] == 'u' ? 6 : 2);
    if (*at != '\\')
        return (unsigned char)*at;
    unsigned char control = 0;
    switch (at[1]) {
    case 'b':
        return '\b';
    case 'f':
        return '\f';
    case 'n':
        return '\n';
    case 'r':
        return '\r';
    case 't':
        return '\t';
    case 'u':
        (void)ct_unhex(at + 4, 2, &control, 1);
        return control;
    default:
        return (unsigned char)at[1];
    }
}

/* Two JSON strings by the bytes of what they hold. */
static int compare_strings(ct_span a, ct_span b)
{
    const char *p = a.p + 1, *p_end = a.p + a.n - 1;
    const char *q = b.p + 1, *q_end = b.p + b.n - 1;
    while (p < p_end && q < q_end) {
        int order = next_byte(&p) - next_byte(&q);
        if (order != 0)
            return order;
    }
    return (p < p_end) - (q < q_end);
}

static int compare_items(const sort_item *a, const sort_item *b)
{
    if (a->rank != b->rank)
        return a->rank < b->rank ? -1 : 1;
    if (a->rank == 0) {
        if (a->is_long && b->is_long)
            return (a->integer > b->integer) - (a->integer < b->integer);
        return (a->real > b->real) - (a->real < b->real);
    }
    if (a->rank == 1)
        return compare_strings(a->json, b->json);
    size_t n = a->json.n < b->json.n ? a->json.n : b->json.n;
    int order = memcmp(a->json.p, b->json.p, n);
    return order ? order : (a->json.n > b->json.n) - (a->json.n < b->json.n);
}

static int ascending(const void *left, const void *right)
{
    const sort_item *a = left, *b = right;
    int order = compare_items(a, b);
    return order ? order : (a->index > b->index) - (a->index < b->index);
}

static int descending(const void *left, const void *right)
{
    const sort_item *a = left, *b = right;
    int order = compare_items(b, a);
    return order ? order : (a->index > b->index) - (a->index < b->index);
}

/*
 * kql_array_sort_asc(array TEXT [, nulls_last INTEGER]) -> TEXT (JSON array)
 * kql_array_sort_desc(array TEXT [, nulls_last INTEGER]) -> TEXT (JSON array)
 *
 * Numbers before strings before all else; strings by their bytes; nulls at the end, or at the
 * beginning where nulls_last is 0.
 *
 * Example: SELECT kql_array_sort_asc('[3,null,1,"a"]'), kql_array_sort_desc('[1,3]');
 *          -- [1,3,"a",null]|[3,1]
 */
static void sort(sqlite3_context *context, int n_args, sqlite3_value **args,
                 int (*compare)(const void *, const void *))
{
    list l;
    if (!read_list(context, args[0], &l))
        return;
    bool nulls_first = n_args > 1 && !ct_kql_is_null(args[1]) && !sqlite3_value_int(args[1]);
    sort_item *items = ct_malloc((l.n ? l.n : 1) * sizeof *items);
    if (!items) {
        ct_free(l.items);
        sqlite3_result_error_nomem(context);
        return;
    }
    size_t n = 0;
    for (size_t i = 0; i < l.n; i++) {
        sort_item item = {.json = l.items[i], .index = i};
        ct_json_kind kind = ct_dyn_kind(item.json);
        if (kind == CT_JSON_NULL)
            continue;
        if (!ct_dyn_number(item.json, &item.is_long, &item.integer, &item.real))
            item.rank = kind == CT_JSON_STRING ? 1 : 2;
        items[n++] = item;
    }
    if (n > 0)
        qsort(items, n, sizeof *items, compare);
    size_t n_nulls = l.n - n;
    for (size_t i = 0; i < l.n; i++)
        l.items[i] = null_item;
    for (size_t i = 0; i < n; i++)
        l.items[i + (nulls_first ? n_nulls : 0)] = items[i].json;
    ct_free(items);
    list_result(context, &l);
}

static void kql_array_sort_asc(sqlite3_context *context, int n_args, sqlite3_value **args)
{
    sort(context, n_args, args, ascending);
}

static void kql_array_sort_desc(sqlite3_context *context, int n_args, sqlite3_value **args)
{
    sort(context, n_args, args, descending);
}

/* ---- values --------------------------------------------------------------------------------- */

/*
 * kql_array_sum(array TEXT) -> REAL
 *
 * Of its numbers; nulls are passed over. NULL where there is no number, or anything else.
 */
static void kql_array_sum(sqlite3_context *context, int n_args, sqlite3_value **args)
{
    ct_span json;
    ct_dyn_walk walk;
    bool any = false, is_long;
    int64_t integer;
    double sum = 0, real;
    (void)n_args;
    if (!read_array(context, args[0], &json))
        return;
    for (bool more = ct_dyn_first(&walk, json); more; more = ct_dyn_next(&walk)) {
        if (ct_dyn_number(ct_dyn_span(&walk.value), &is_long, &integer, &real)) {
            sum += real;
            any = true;
        } else if (walk.value.kind != CT_JSON_NULL) {
            return;
        }
    }
    if (any)
        ct_kql_result_real(context, sum);
}

/*
 * kql_array_index_of(array TEXT, value TEXT (JSON) [, start [, length [, occurrence]]]) -> INTEGER
 *
 * The place of the occurrence-th (from 1) element that equals the value among length (-1: all)
 * elements from start on (below 0 from the end); -1 where there is none.
 *
 * NULL:    also for a length below -1 and an occurrence below 0.
 */
static void kql_array_index_of(sqlite3_context *context, int n_args, sqlite3_value **args)
{
    list l;
    ct_span value = null_item;
    int64_t start = 0, length = -1, occurrence = 1;
    if ((n_args > 2 && !ct_kql_long(args[2], &start)) ||
        (n_args > 3 && !ct_kql_long(args[3], &length)) ||
        (n_args > 4 && !ct_kql_long(args[4], &occurrence)) ||
        (!ct_kql_is_null(args[1]) && !ct_arg_text(context, args[1], &value)) || length < -1 ||
        occurrence < 0 || !read_list(context, args[0], &l))
        return;
    int64_t n = (int64_t)l.n, found = -1;
    start = start < -n ? 0 : start < 0 ? start + n : start;
    int64_t end = length >= 0 && start < n && length < n - start ? start + length : n;
    for (int64_t i = start; i < end && found < 0; i++)
        if (ct_dyn_equal(l.items[i], value) && --occurrence == 0)
            found = i;
    ct_free(l.items);
    sqlite3_result_int64(context, found);
}

static ct_span item_or_null(const list *l, size_t i)
{
    return i < l->n ? l->items[i] : null_item;
}

/* Whether a condition holds; false where it is neither a bool nor a number. */
static bool read_truth(ct_span json, bool *holds)
{
    bool is_long;
    int64_t integer;
    double real = 0;
    bool is_number = ct_dyn_number(json, &is_long, &integer, &real);
    ct_json_kind kind = ct_dyn_kind(json);
    *holds = kind == CT_JSON_TRUE || (is_number && real != 0);
    return is_number || kind == CT_JSON_TRUE || kind == CT_JSON_FALSE;
}

/* The elements of an array, or the one value that stands for all of them. */
static bool read_branch(sqlite3_context *context, sqlite3_value *arg, list *l, ct_span *scalar)
{
    *l = (list){.items = NULL};
    *scalar = null_item;
    if (ct_kql_is_null(arg))
        return true;
    if (!ct_arg_text(context, arg, scalar))
        return false;
    if (ct_dyn_kind(*scalar) != CT_JSON_ARRAY)
        return true;
    bool ok = add_items(l, *scalar);
    scalar->n = 0; /* an array: no one value */
    if (!ok)
        sqlite3_result_error_nomem(context);
    return ok;
}

/*
 * kql_array_iff(conditions TEXT, a TEXT (JSON), b TEXT (JSON)) -> TEXT (JSON array)
 *
 * For each condition the element of a where it is true or not 0, else that of b; a value that is no
 * array stands for every element, and null for a condition that is neither a bool nor a number.
 *
 * Example: SELECT kql_array_iff('[true,false,true]', '[1,2,3]', '0');
 *          -- [1,0,3]
 */
static void kql_array_iff(sqlite3_context *context, int n_args, sqlite3_value **args)
{
    list conditions, a = {.items = NULL}, b = {.items = NULL};
    ct_span a_scalar, b_scalar;
    (void)n_args;
    if (!read_list(context, args[0], &conditions))
        return;
    if (read_branch(context, args[1], &a, &a_scalar) &&
        read_branch(context, args[2], &b, &b_scalar)) {
        for (size_t i = 0; i < conditions.n; i++) {
            bool first;
            if (!read_truth(conditions.items[i], &first)) {
                conditions.items[i] = null_item;
                continue;
            }
            ct_span scalar = first ? a_scalar : b_scalar;
            conditions.items[i] = scalar.n > 0 ? scalar : item_or_null(first ? &a : &b, i);
        }
        list_result(context, &conditions);
    } else {
        ct_free(conditions.items);
    }
    ct_free(a.items);
    ct_free(b.items);
}

/*
 * kql_zip(array TEXT, ...) -> TEXT (JSON array of arrays)
 *
 * The i-th elements together, null for what a shorter array lacks.
 *
 * Example: SELECT kql_zip('[1,2]', '["a"]');
 *          -- [[1,"a"],[2,null]]
 */
static void kql_zip(sqlite3_context *context, int n_args, sqlite3_value **args)
{
    enum { ZIP_MAX = 16 }; /* arrays that Kusto's zip() takes at most */
    list lists[ZIP_MAX];
    ct_buf out = CT_BUF_EMPTY;
    size_t longest = 0;
    int n = 0;
    if (n_args > ZIP_MAX) {
        ct_kql_fail(context, "more than 16 arrays", NULL);
        return;
    }
    while (n < n_args && read_list(context, args[n], &lists[n])) {
        longest = lists[n].n > longest ? lists[n].n : longest;
        n++;
    }
    ct_buf_put_char(&out, '[');
    for (size_t i = 0; n == n_args && i < longest; i++) {
        ct_buf_put_text(&out, i > 0 ? ",[" : "[");
        for (int k = 0; k < n; k++) {
            ct_span item = item_or_null(&lists[k], i);
            if (k > 0)
                ct_buf_put_char(&out, ',');
            ct_buf_put(&out, item.p, item.n);
        }
        ct_buf_put_char(&out, ']');
    }
    ct_buf_put_char(&out, ']');
    for (int k = 0; k < n; k++)
        ct_free(lists[k].items);
    if (n == n_args)
        ct_result_buf(context, &out);
    else
        ct_buf_free(&out);
}

/*
 * kql_strcat_array(array TEXT, delimiter TEXT) -> TEXT
 *
 * The elements' texts; '' for null and for what is no array.
 *
 * Example: SELECT kql_strcat_array('["a",null,1]', '|');
 *          -- a||1
 */
static void kql_strcat_array(sqlite3_context *context, int n_args, sqlite3_value **args)
{
    ct_span json, delimiter;
    ct_dyn_walk walk;
    ct_buf out = CT_BUF_EMPTY;
    bool is_first = true;
    (void)n_args;
    if (!ct_kql_text(context, args[0], &json) || !ct_kql_text(context, args[1], &delimiter))
        return;
    if (ct_dyn_kind(json) == CT_JSON_ARRAY) {
        for (bool more = ct_dyn_first(&walk, json); more; more = ct_dyn_next(&walk)) {
            if (!is_first)
                ct_buf_put(&out, delimiter.p, delimiter.n);
            is_first = false;
            ct_dyn_put_text(&out, &walk.value);
        }
    }
    ct_result_buf(context, &out);
}

/* ---- made ----------------------------------------------------------------------------------- */

/*
 * kql_repeat(value TEXT (JSON), n INTEGER) -> TEXT (JSON array)
 * kql_range_dyn_long(from, to, step INTEGER) -> TEXT (JSON array)     and kql_range_dyn_datetime,
 *     kql_range_dyn_timespan (of ticks)
 * kql_range_dyn_real(from, to, step REAL) -> TEXT (JSON array)
 *
 * At most 1,048,576 elements. NULL for a step of 0.
 *
 * Example: SELECT kql_repeat('1', 3), kql_range_dyn_long(1, 8, 3);
 *          -- [1,1,1]|[1,4,7]
 */
static void kql_repeat(sqlite3_context *context, int n_args, sqlite3_value **args)
{
    ct_span value = null_item;
    int64_t n;
    ct_buf out = CT_BUF_EMPTY;
    (void)n_args;
    if (!ct_kql_long(args[1], &n) || n < 0 ||
        (!ct_kql_is_null(args[0]) && !ct_arg_text(context, args[0], &value)))
        return;
    n = n > ARRAY_MAX ? ARRAY_MAX : n;
    size_t limit =
        (size_t)sqlite3_limit(sqlite3_context_db_handle(context), SQLITE_LIMIT_LENGTH, -1);
    if (n > 0 && value.n + 1 > limit / (size_t)n) {
        sqlite3_result_error_toobig(context);
        return;
    }
    ct_buf_put_char(&out, '[');
    for (int64_t i = 0; i < n; i++) {
        if (i > 0)
            ct_buf_put_char(&out, ',');
        ct_buf_put(&out, value.p, value.n);
    }
    ct_buf_put_char(&out, ']');
    ct_result_buf(context, &out);
}

typedef void put_integer(ct_buf *out, int64_t value);

static void put_long(ct_buf *out, int64_t value)
{
    ct_buf_printf(out, "%lld", (long long)value);
}

static void put_datetime(ct_buf *out, int64_t ticks)
{
    ct_buf_put_char(out, '"');
    ct_kql_put_datetime(out, ticks);
    ct_buf_put_char(out, '"');
}

static void put_timespan(ct_buf *out, int64_t ticks)
{
    ct_buf_put_char(out, '"');
    ct_kql_put_timespan(out, ticks);
    ct_buf_put_char(out, '"');
}

static void range_of(sqlite3_context *context, sqlite3_value **args, put_integer *put)
{
    int64_t value, to, step;
    ct_buf out = CT_BUF_EMPTY;
    if (!ct_kql_long(args[0], &value) || !ct_kql_long(args[1], &to) ||
        !ct_kql_long(args[2], &step) || step == 0)
        return;
    if (put == put_datetime && (!ct_is_datetime(value) || !ct_is_datetime(to)))
        return;
    ct_buf_put_char(&out, '[');
    for (int n = 0; n < ARRAY_MAX && (step > 0 ? value <= to : value >= to); n++) {
        if (n > 0)
            ct_buf_put_char(&out, ',');
        put(&out, value);
        if (__builtin_add_overflow(value, step, &value))
            break;
    }
    ct_buf_put_char(&out, ']');
    ct_result_buf(context, &out);
}

static void kql_range_dyn_long(sqlite3_context *context, int n_args, sqlite3_value **args)
{
    (void)n_args;
    range_of(context, args, put_long);
}

static void kql_range_dyn_datetime(sqlite3_context *context, int n_args, sqlite3_value **args)
{
    (void)n_args;
    range_of(context, args, put_datetime);
}

static void kql_range_dyn_timespan(sqlite3_context *context, int n_args, sqlite3_value **args)
{
    (void)n_args;
    range_of(context, args, put_timespan);
}

static void kql_range_dyn_real(sqlite3_context *context, int n_args, sqlite3_value **args)
{
    double from, to, step;
    ct_buf out = CT_BUF_EMPTY;
    (void)n_args;
    if (!ct_kql_real(context, args[0], &from) || !ct_kql_real(context, args[1], &to) ||
        !ct_kql_real(context, args[2], &step) || step == 0 || !isfinite(from) || !isfinite(to) ||
        !isfinite(step))
        return;
    ct_buf_put_char(&out, '[');
    double value = from;
    for (int n = 0; n < ARRAY_MAX && (step > 0 ? value <= to : value >= to); n++) {
        if (n > 0)
            ct_buf_put_char(&out, ',');
        ct_kql_put_real(&out, value);
        value += step;
    }
    ct_buf_put_char(&out, ']');
    ct_result_buf(context, &out);
}

/*
 * kql_pack_flat(value TEXT (JSON), ...) -> TEXT (JSON array)     arrays give their elements
 * kql_pack_strings(text TEXT, ...) -> TEXT (JSON array)          of strings
 *
 * NULL:    null, of a string "".
 * Example: SELECT kql_pack_flat('[1,2]', NULL, '"a"'), kql_pack_strings('a', NULL);
 *          -- [1,2,null,"a"]|["a",""]
 */
static void kql_pack_flat(sqlite3_context *context, int n_args, sqlite3_value **args)
{
    list l = {.items = NULL};
    bool ok = true;
    for (int i = 0; i < n_args && ok; i++) {
        ct_span json = null_item;
        if (!ct_kql_is_null(args[i]))
            ok = ct_arg_text(context, args[i], &json);
        if (ok)
            ok = ct_dyn_kind(json) == CT_JSON_ARRAY ? add_items(&l, json) : add_item(&l, json);
    }
    if (ok) {
        list_result(context, &l);
        return;
    }
    ct_free(l.items);
    sqlite3_result_error_nomem(context);
}

static void kql_pack_strings(sqlite3_context *context, int n_args, sqlite3_value **args)
{
    ct_buf out = CT_BUF_EMPTY;
    ct_buf_put_char(&out, '[');
    for (int i = 0; i < n_args; i++) {
        ct_span text;
        if (!ct_kql_text(context, args[i], &text)) {
            ct_buf_free(&out);
            return;
        }
        if (i > 0)
            ct_buf_put_char(&out, ',');
        ct_json_put_string(&out, text.p, text.n);
    }
    ct_buf_put_char(&out, ']');
    ct_result_buf(context, &out);
}

int ct_kql_register_array(sqlite3 *db, char **error)
{
    static const ct_function functions[] = {
        CT_KQL_SCALAR("kql_array_length", 1, kql_array_length),
        CT_KQL_SCALAR("kql_array_concat", -1, kql_array_concat),
        CT_KQL_SCALAR("kql_array_slice", 3, kql_array_slice),
        CT_KQL_SCALAR("kql_array_split", 2, kql_array_split),
        CT_KQL_SCALAR("kql_array_reverse", 1, kql_array_reverse),
        CT_KQL_SCALAR("kql_array_rotate_left", 2, kql_array_rotate_left),
        CT_KQL_SCALAR("kql_array_rotate_right", 2, kql_array_rotate_right),
        CT_KQL_SCALAR("kql_array_shift_left", 2, kql_array_shift_left),
        CT_KQL_SCALAR("kql_array_shift_left", 3, kql_array_shift_left),
        CT_KQL_SCALAR("kql_array_shift_right", 2, kql_array_shift_right),
        CT_KQL_SCALAR("kql_array_shift_right", 3, kql_array_shift_right),
        CT_KQL_SCALAR("kql_array_sort_asc", 1, kql_array_sort_asc),
        CT_KQL_SCALAR("kql_array_sort_asc", 2, kql_array_sort_asc),
        CT_KQL_SCALAR("kql_array_sort_desc", 1, kql_array_sort_desc),
        CT_KQL_SCALAR("kql_array_sort_desc", 2, kql_array_sort_desc),
        CT_KQL_SCALAR("kql_array_sum", 1, kql_array_sum),
        CT_KQL_SCALAR("kql_array_index_of", 2, kql_array_index_of),
        CT_KQL_SCALAR("kql_array_index_of", 3, kql_array_index_of),
        CT_KQL_SCALAR("kql_array_index_of", 4, kql_array_index_of),
        CT_KQL_SCALAR("kql_array_index_of", 5, kql_array_index_of),
        CT_KQL_SCALAR("kql_array_iff", 3, kql_array_iff),
        CT_KQL_SCALAR("kql_zip", -1, kql_zip),
        CT_KQL_SCALAR("kql_strcat_array", 2, kql_strcat_array),
        CT_KQL_SCALAR("kql_pack_flat", -1, kql_pack_flat),
        CT_KQL_SCALAR("kql_pack_strings", -1, kql_pack_strings),
        CT_KQL_SCALAR("kql_repeat", 2, kql_repeat),
        CT_KQL_SCALAR("kql_range_dyn_long", 3, kql_range_dyn_long),
        CT_KQL_SCALAR("kql_range_dyn_datetime", 3, kql_range_dyn_datetime),
        CT_KQL_SCALAR("kql_range_dyn_timespan", 3, kql_range_dyn_timespan),
        CT_KQL_SCALAR("kql_range_dyn_real", 3, kql_range_dyn_real),
    };
    return ct_register(db, functions, sizeof functions / sizeof functions[0], error);
}
