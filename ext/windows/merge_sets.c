/*
 * merge_sets: merge_sets() in SQL, over windows/sets.h.
 *
 * SQL names: merge_sets(set), an aggregate.
 * Reads:     JSON arrays of integers; memory for 16 bytes a member and twice as much to look it up.
 * Refuses:   what is not such an array.
 */
#include "windows/merge_sets.h"

#include <stdbool.h>

#include "base/json.h"
#include "base/mem.h"
#include "sqlite/args.h"
#include "windows/sets.h"

/* An integer as JSON writes it; false for any other value and for what 64 bits do not hold. */
static bool read_integer(const ct_json *value, int64_t *member)
{
    const char *p = value->p, *end = value->p + value->len;
    bool is_negative = value->len > 0 && *p == '-';
    uint64_t n = 0;
    if (value->kind != CT_JSON_NUMBER)
        return false;
    for (p += is_negative; p < end; p++) {
        if (*p < '0' || *p > '9' || n > (uint64_t)INT64_MAX / 10)
            return false;
        n = 10 * n + (uint64_t)(*p - '0');
    }
    if (n > (uint64_t)INT64_MAX)
        return false; /* the smallest of all has no place in JSON that others can read */
    *member = is_negative ? -(int64_t)n : (int64_t)n;
    return true;
}

typedef enum reading { READ, WRONG, NO_MEMORY } reading;

static reading read_set(ct_sets *sets, ct_span text)
{
    ct_json_scanner s = ct_json_scan(text.p, text.n);
    if (!ct_json_space(&s) || *s.p != '[')
        return WRONG;
    ct_sets_begin(sets);
    ct_json_walk w = ct_json_walk_into(&(ct_json){.p = s.p, .len = (size_t)(s.end - s.p)});
    ct_json value;
    int64_t member;
    while (ct_json_walk_on(&w, NULL, &value)) {
        if (!read_integer(&value, &member))
            return WRONG;
        if (!ct_sets_put(sets, member))
            return NO_MEMORY;
    }
    return w.status == CT_JSON_OK && !ct_json_space(&w.s) ? READ : WRONG;
}

static void refuse(sqlite3_context *context, sqlite3_value *arg)
{
    ct_buf message = CT_BUF_EMPTY;
    ct_buf_put_text(&message, "merge_sets(): expected a JSON array of integers, got ");
    ct_put_value(&message, arg);
    ct_result_error_buf(context, &message);
}

static void merge_sets_step(sqlite3_context *context, int n_args, sqlite3_value **args)
{
    ct_span text;
    if (ct_any_null(n_args, args) || !ct_arg_text(context, args[0], &text))
        return;
    ct_sets *sets = sqlite3_aggregate_context(context, sizeof *sets);
    reading result = sets ? read_set(sets, text) : NO_MEMORY;
    if (result == WRONG)
        refuse(context, args[0]);
    else if (result == NO_MEMORY)
        sqlite3_result_error_nomem(context);
}

static void put_rows(ct_buf *json, const ct_sets_row *rows, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        bool is_first = i == 0 || rows[i].set != rows[i - 1].set;
        ct_buf_put_text(json, i == 0 ? "[" : is_first ? "],[" : ",");
        ct_buf_printf(json, "%lld", (long long)rows[i].member);
    }
    if (n > 0)
        ct_buf_put_char(json, ']');
}

/*
 * merge_sets(set TEXT) -> TEXT (JSON), an aggregate
 *
 * Each set is a JSON array of integers, rowids say. Sets that share a member become one, and so on:
 * [1,2] and [3,4] and [2,3] are [1,2,3,4]. Returns an array of arrays, no member twice: members
 * ascending, sets by their first members. In time about linear in members.
 *
 * NULL:    skipped; '[]' where no set has a member.
 * Errors:  a value that is no JSON array of integers of 64 bits; SQLITE_NOMEM when out of memory.
 * Example: SELECT merge_sets(column1) FROM (VALUES ('[7,9]'), ('[1,2]'), ('[2,3]'));
 *          -- [[1,2,3],[7,9]]
 */
static void merge_sets_final(sqlite3_context *context)
{
    ct_sets *sets = sqlite3_aggregate_context(context, 0);
    ct_buf json = CT_BUF_EMPTY;
    ct_sets_row *rows = NULL;
    ct_buf_put_char(&json, '[');
    if (sets && sets->n_nodes > 0) {
        if (ct_sets_rows(sets, &rows))
            put_rows(&json, rows, sets->n_nodes);
        else
            json.failed = true;
    }
    ct_buf_put_char(&json, ']');
    ct_free(rows);
    if (sets)
        ct_sets_free(sets);
    ct_result_json(context, &json);
}

// clang-format off
static const ct_function functions[] = {
    /* name        args flags         scalar step             final             value inverse */
    {"merge_sets", 1,   CT_PURE_JSON, NULL,  merge_sets_step, merge_sets_final, NULL, NULL},
};
// clang-format on

int ct_merge_sets_register(sqlite3 *db, char **error)
{
    return ct_register(db, functions, sizeof functions / sizeof functions[0], error);
}
