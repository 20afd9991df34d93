/*
 * SQL: the events that a row of a query comes from: sets of rowids, ascending, as a JSON array.
 *
 * A set holds at most EVIDENCE_MAX rowids, the lowest; where more came, its last element is the
 * text "cut". So a row that comes from a million events does not carry a million numbers.
 */
#include "kql/runtime.h"

#include <stdlib.h>

#include "base/grow.h"
#include "kql/dynamic.h"
#include "kql/glue.h"

enum { EVIDENCE_MAX = 10000 };

typedef struct evidence {
    int64_t *rowids; /* owned (ct_malloc); sorted and distinct up to n_sorted */
    size_t n, n_sorted, capacity;
    bool cut; /* some were left out */
    bool no_memory;
} evidence;

static int compare_rowids(const void *left, const void *right)
{
    const int64_t *a = left, *b = right;
    return (*a > *b) - (*a < *b);
}

/* Sorts, drops what is there twice and what is too many. */
static void settle(evidence *set)
{
    if (set->n == set->n_sorted)
        return;
    qsort(set->rowids, set->n, sizeof *set->rowids, compare_rowids);
    size_t kept = 1;
    for (size_t i = 1; i < set->n; i++)
        if (set->rowids[i] != set->rowids[kept - 1])
            set->rowids[kept++] = set->rowids[i];
    if (kept > EVIDENCE_MAX) {
        set->cut = true;
        kept = EVIDENCE_MAX;
    }
    set->n = set->n_sorted = kept;
}

static void add_rowid(evidence *set, int64_t rowid)
{
    if (set->n > set->n_sorted && set->n >= 2 * EVIDENCE_MAX)
        settle(set);
    /* Rowids mostly come in order. */
    bool sorted = set->n == set->n_sorted;
    bool ascends = set->n == 0 || rowid > set->rowids[set->n - 1];
    if (sorted && set->n > 0 && rowid == set->rowids[set->n - 1])
        return;
    if (sorted && ascends && set->n >= EVIDENCE_MAX) {
        set->cut = true;
        return;
    }
    int64_t *rowids = ct_grow(set->rowids, set->n, &set->capacity, 16, sizeof *rowids);
    if (!rowids) {
        set->no_memory = true;
        return;
    }
    set->rowids = rowids;
    set->rowids[set->n++] = rowid;
    set->n_sorted += sorted && ascends;
}

/* A rowid, or a set. */
static void add(sqlite3_context *context, evidence *set, sqlite3_value *arg)
{
    ct_span json;
    ct_dyn_walk walk;
    bool is_long;
    int64_t rowid;
    double real;
    if (ct_kql_is_null(arg))
        return;
    if (sqlite3_value_type(arg) == SQLITE_INTEGER) {
        add_rowid(set, sqlite3_value_int64(arg));
        return;
    }
    if (!ct_arg_text(context, arg, &json)) {
        set->no_memory = true;
        return;
    }
    for (bool more = ct_dyn_first(&walk, json); more && !set->no_memory;
         more = ct_dyn_next(&walk)) {
        if (ct_dyn_number(ct_dyn_span(&walk.value), &is_long, &rowid, &real) && is_long)
            add_rowid(set, rowid);
        else
            set->cut |= walk.value.kind == CT_JSON_STRING;
    }
}

static void result(sqlite3_context *context, evidence *set)
{
    ct_buf out = CT_BUF_EMPTY;
    settle(set);
    ct_buf_put_char(&out, '[');
    for (size_t i = 0; i < set->n; i++)
        ct_buf_printf(&out, i > 0 ? ",%lld" : "%lld", (long long)set->rowids[i]);
    if (set->cut)
        ct_buf_put_text(&out, set->n > 0 ? ",\"cut\"" : "\"cut\"");
    ct_buf_put_char(&out, ']');
    out.failed |= set->no_memory;
    ct_free(set->rowids);
    *set = (evidence){.rowids = NULL};
    ct_result_buf(context, &out);
}

/*
 * kql_evidence(x) -> TEXT (JSON array)                 an aggregate
 * kql_evidence_merge(x, ...) -> TEXT (JSON array)
 * kql_evidence_out(x) -> TEXT (JSON array)
 *
 * The set of all rowids; x is a rowid (INTEGER) or such a set.
 *
 * NULL:    skipped; '[]' when nothing is left.
 * Errors:  SQLITE_NOMEM when out of memory.
 * Example: SELECT kql_evidence_merge(3, '[1,3]', NULL);
 *          -- [1,3]
 */
static void evidence_step(sqlite3_context *context, int n_args, sqlite3_value **args)
{
    (void)n_args;
    evidence *set = ct_aggregate_state(context, sizeof *set);
    if (set)
        add(context, set, args[0]);
}

static void evidence_final(sqlite3_context *context)
{
    evidence empty = {.rowids = NULL}, *set = sqlite3_aggregate_context(context, 0);
    result(context, set ? set : &empty);
}

static void kql_evidence_merge(sqlite3_context *context, int n_args, sqlite3_value **args)
{
    evidence set = {.rowids = NULL};
    for (int i = 0; i < n_args; i++)
        add(context, &set, args[i]);
    result(context, &set);
}

int ct_kql_register_evidence(sqlite3 *db, char **error)
{
    static const ct_function functions[] = {
        CT_KQL_AGGREGATE("kql_evidence", 1, evidence_step, evidence_final),
        CT_KQL_SCALAR("kql_evidence_merge", -1, kql_evidence_merge),
        CT_KQL_SCALAR("kql_evidence_out", 1, kql_evidence_merge),
    };
    return ct_register(db, functions, sizeof functions / sizeof functions[0], error);
}
