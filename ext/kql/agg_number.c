/*
 * SQL: Kusto's aggregates of numbers. NULL and what is no number are passed over.
 */
#include "kql/runtime.h"

#include <math.h>
#include <stdlib.h>

#include "base/grow.h"
#include "kql/dynamic.h"
#include "kql/glue.h"
#include "kql/numbers.h"

/* ---- sums ----------------------------------------------------------------------------------- */

/* A sum that values can be taken out of again: what is not finite is counted, not added. */
typedef struct sum_state {
    int64_t n, n_real; /* values; those of them that are REAL or NaN */
    int64_t integer;   /* of the others, wrapping */
    double real;       /* of the finite reals */
    int64_t n_nan, n_infinite, n_negative_infinite;
} sum_state;

static void count(sqlite3_context *context, sum_state *sum, sqlite3_value *arg, int sign)
{
    double x;
    if (!ct_kql_real(context, arg, &x))
        return;
    sum->n += sign;
    if (sqlite3_value_type(arg) == SQLITE_INTEGER) {
        int64_t i = sqlite3_value_int64(arg);
        sum->integer = sign > 0 ? ct_kql_add(sum->integer, i) : ct_kql_subtract(sum->integer, i);
        return;
    }
    sum->n_real += sign;
    if (isnan(x))
        sum->n_nan += sign;
    else if (isinf(x))
        *(x > 0 ? &sum->n_infinite : &sum->n_negative_infinite) += sign;
    else
        sum->real += sign * x;
}

static double total(const sum_state *sum)
{
    if (sum->n_nan > 0 || (sum->n_infinite > 0 && sum->n_negative_infinite > 0))
        return NAN;
    if (sum->n_infinite > 0)
        return HUGE_VAL;
    if (sum->n_negative_infinite > 0)
        return -HUGE_VAL;
    return sum->real + (double)sum->integer;
}

/*
 * kql_agg_sum(x INTEGER) -> INTEGER       wraps at 64 bits; 0 for no rows
 * kql_agg_sum_real(x REAL) -> REAL        0.0 for no rows
 * kql_agg_avg(x) -> REAL                  NaN for no rows; of integers their wrapped sum is divided
 *
 * The sums are window functions, too.
 */
static void sum_step(sqlite3_context *context, int n_args, sqlite3_value **args)
{
    sum_state *sum = ct_aggregate_state(context, sizeof *sum);
    (void)n_args;
    if (sum)
        count(context, sum, args[0], 1);
}

static void sum_inverse(sqlite3_context *context, int n_args, sqlite3_value **args)
{
    sum_state *sum = ct_aggregate_state(context, sizeof *sum);
    (void)n_args;
    if (sum)
        count(context, sum, args[0], -1);
}

static void sum_value(sqlite3_context *context)
{
    const sum_state *sum = sqlite3_aggregate_context(context, 0);
    sqlite3_result_int64(context, sum ? sum->integer : 0);
}

static void sum_real_value(sqlite3_context *context)
{
    const sum_state *sum = sqlite3_aggregate_context(context, 0);
    ct_kql_result_real(context, sum ? total(sum) : 0.0);
}

static void avg_value(sqlite3_context *context)
{
    const sum_state *sum = sqlite3_aggregate_context(context, 0);
    if (!sum || sum->n <= 0)
        ct_kql_result_constant(context, "NaN");
    else
        ct_kql_result_real(context, total(sum) / (double)sum->n);
}

/* ---- the least and the greatest ------------------------------------------------------------- */

typedef struct extreme_state {
    bool any;
    double real;
} extreme_state;

static void extreme(sqlite3_context *context, sqlite3_value *arg, int sign)
{
    double x;
    if (!ct_kql_real(context, arg, &x))
        return;
    extreme_state *best = ct_aggregate_state(context, sizeof *best);
    if (!best || (best->any && isnan(best->real)))
        return;
    if (!best->any || isnan(x) || (x > best->real ? 1 : x < best->real ? -1 : 0) == sign)
        best->real = x;
    best->any = true;
}

/*
 * kql_agg_min_real(x REAL) -> REAL     and kql_agg_max_real
 *
 * A NaN wins. NULL for no rows.
 */
static void min_step(sqlite3_context *context, int n_args, sqlite3_value **args)
{
    (void)n_args;
    extreme(context, args[0], -1);
}

static void max_step(sqlite3_context *context, int n_args, sqlite3_value **args)
{
    (void)n_args;
    extreme(context, args[0], 1);
}

static void extreme_final(sqlite3_context *context)
{
    const extreme_state *best = sqlite3_aggregate_context(context, 0);
    if (best && best->any)
        ct_kql_result_real(context, best->real);
}

/* ---- variance ------------------------------------------------------------------------------- */

/* Welford's: the mean and the sum of squares around it, in one pass. */
typedef struct variance_state {
    int64_t n;
    double mean, squares;
} variance_state;

static void variance_step(sqlite3_context *context, int n_args, sqlite3_value **args)
{
    double x;
    (void)n_args;
    if (!ct_kql_real(context, args[0], &x))
        return;
    variance_state *v = ct_aggregate_state(context, sizeof *v);
    if (!v)
        return;
    v->n++;
    double before = x - v->mean;
    v->mean += before / (double)v->n;
    v->squares += before * (x - v->mean);
}

/* Kusto rounds a variance to ten digits behind the point, and its root is that of the rounded. */
static double variance_of(sqlite3_context *context, int64_t less)
{
    const variance_state *v = sqlite3_aggregate_context(context, 0);
    if (!v || (v->n <= 1 && !isnan(v->squares)))
        return 0.0;
    return ct_kql_round(v->squares / (double)(v->n - less), 10);
}

/*
 * kql_agg_variance(x) -> REAL     and kql_agg_stdev: of a sample
 * kql_agg_variancep(x) -> REAL    and kql_agg_stdevp: of a population
 *
 * 0 for no rows and for one.
 */
static void variance_final(sqlite3_context *context)
{
    ct_kql_result_real(context, variance_of(context, 1));
}

static void variancep_final(sqlite3_context *context)
{
    ct_kql_result_real(context, variance_of(context, 0));
}

static void stdev_final(sqlite3_context *context)
{
    ct_kql_result_real(context, sqrt(variance_of(context, 1)));
}

static void stdevp_final(sqlite3_context *context)
{
    ct_kql_result_real(context, sqrt(variance_of(context, 0)));
}

/* ---- percentiles ---------------------------------------------------------------------------- */

typedef struct number {
    double real;
    int64_t integer;
    bool is_integer;
} number;

typedef struct percentile_state {
    number *values; /* owned (ct_malloc) */
    size_t n, capacity;
    bool no_memory;
    ct_buf ranks; /* the second argument of the first row, as text */
} percentile_state;

static int compare_numbers(const void *left, const void *right)
{
    const number *a = left, *b = right;
    if (a->is_integer && b->is_integer)
        return (a->integer > b->integer) - (a->integer < b->integer);
    return (a->real > b->real) - (a->real < b->real);
}

static void percentile_step(sqlite3_context *context, int n_args, sqlite3_value **args)
{
    number x = {.is_integer = sqlite3_value_type(args[0]) == SQLITE_INTEGER};
    ct_span ranks;
    (void)n_args;
    if (!ct_kql_real(context, args[0], &x.real) || isnan(x.real))
        return;
    x.integer = x.is_integer ? sqlite3_value_int64(args[0]) : 0;
    percentile_state *state = ct_aggregate_state(context, sizeof *state);
    if (!state)
        return;
    if (state->n == 0 && ct_kql_text(context, args[1], &ranks))
        ct_buf_put(&state->ranks, ranks.p, ranks.n);
    number *values = ct_grow(state->values, state->n, &state->capacity, 16, sizeof *values);
    if (!values) {
        state->no_memory = true;
        return;
    }
    state->values = values;
    state->values[state->n++] = x;
}

/* The nearest rank: the smallest value that p percent of the values are not above. */
static const number *value_at(const percentile_state *state, double p)
{
    double rank = ceil(p / 100 * (double)state->n);
    size_t i = rank < 1 ? 0 : rank > (double)state->n ? state->n - 1 : (size_t)rank - 1;
    return &state->values[i];
}

static void percentile_free(percentile_state *state)
{
    ct_free(state->values);
    ct_buf_free(&state->ranks);
    *state = (percentile_state){.ranks = CT_BUF_EMPTY};
}

/* Sorts the values; false when there are none, or (with the error set) was no memory. */
static bool ready(sqlite3_context *context, percentile_state *state)
{
    if (!state)
        return false;
    if (state->no_memory || !ct_buf_ok(&state->ranks)) {
        sqlite3_result_error_nomem(context);
        percentile_free(state);
        return false;
    }
    qsort(state->values, state->n, sizeof *state->values, compare_numbers);
    return true;
}

static ct_span ranks_text(const percentile_state *state)
{
    return (ct_span){state->ranks.data ? state->ranks.data : "", state->ranks.len};
}

/*
 * kql_agg_percentile(x, p REAL) -> a value of x
 * kql_agg_percentiles(x, p TEXT (JSON array)) -> TEXT (JSON array)
 *
 * By the nearest rank; p from 0 to 100. NULL for no rows.
 */
static void percentile_final(sqlite3_context *context)
{
    percentile_state *state = sqlite3_aggregate_context(context, 0);
    double p;
    if (!ready(context, state))
        return;
    if (ct_kql_parse_real(ranks_text(state), &p) && !isnan(p)) {
        const number *x = value_at(state, p);
        if (x->is_integer)
            sqlite3_result_int64(context, x->integer);
        else
            sqlite3_result_double(context, x->real);
    }
    percentile_free(state);
}

static void percentiles_final(sqlite3_context *context)
{
    percentile_state *state = sqlite3_aggregate_context(context, 0);
    ct_dyn_walk walk;
    ct_buf out = CT_BUF_EMPTY;
    bool is_long;
    int64_t integer;
    double p;
    if (!ready(context, state))
        return;
    ct_buf_put_char(&out, '[');
    for (bool more = ct_dyn_first(&walk, ranks_text(state)); more; more = ct_dyn_next(&walk)) {
        if (!ct_dyn_number(ct_dyn_span(&walk.value), &is_long, &integer, &p))
            continue;
        const number *x = value_at(state, p);
        if (out.len > 1)
            ct_buf_put_char(&out, ',');
        if (x->is_integer)
            ct_buf_printf(&out, "%lld", (long long)x->integer);
        else
            ct_kql_put_real(&out, x->real);
    }
    ct_buf_put_char(&out, ']');
    percentile_free(state);
    ct_result_buf(context, &out);
}

/* ---- any value, bits ------------------------------------------------------------------------ */

typedef struct any_state {
    sqlite3_value *value; /* owned (sqlite3_value_dup) */
} any_state;

/*
 * kql_agg_any(x) -> the first x that is neither NULL nor an empty text
 */
static void any_step(sqlite3_context *context, int n_args, sqlite3_value **args)
{
    (void)n_args;
    if (ct_kql_is_null(args[0]) ||
        (sqlite3_value_type(args[0]) == SQLITE_TEXT && sqlite3_value_bytes(args[0]) == 0))
        return;
    any_state *state = ct_aggregate_state(context, sizeof *state);
    if (!state || state->value)
        return;
    state->value = sqlite3_value_dup(args[0]);
    if (!state->value)
        sqlite3_result_error_nomem(context);
}

static void any_final(sqlite3_context *context)
{
    any_state *state = sqlite3_aggregate_context(context, 0);
    if (!state || !state->value)
        return;
    sqlite3_result_value(context, state->value);
    sqlite3_value_free(state->value);
    state->value = NULL;
}

typedef struct bits_state {
    bool any;
    int64_t bits;
} bits_state;

static void add_bits(sqlite3_context *context, sqlite3_value *arg, char operation)
{
    int64_t x;
    if (!ct_kql_long(arg, &x))
        return;
    bits_state *state = ct_aggregate_state(context, sizeof *state);
    if (!state)
        return;
    if (!state->any)
        state->bits = x;
    else if (operation == '&')
        state->bits &= x;
    else if (operation == '|')
        state->bits |= x;
    else
        state->bits ^= x;
    state->any = true;
}

/*
 * kql_agg_binary_all_and(x INTEGER) -> INTEGER     and kql_agg_binary_all_or,
 *                                                  kql_agg_binary_all_xor; NULL for no rows
 */
static void and_step(sqlite3_context *context, int n_args, sqlite3_value **args)
{
    (void)n_args;
    add_bits(context, args[0], '&');
}

static void or_step(sqlite3_context *context, int n_args, sqlite3_value **args)
{
    (void)n_args;
    add_bits(context, args[0], '|');
}

static void xor_step(sqlite3_context *context, int n_args, sqlite3_value **args)
{
    (void)n_args;
    add_bits(context, args[0], '^');
}

static void bits_final(sqlite3_context *context)
{
    const bits_state *state = sqlite3_aggregate_context(context, 0);
    if (state && state->any)
        sqlite3_result_int64(context, state->bits);
}

int ct_kql_register_aggregates(sqlite3 *db, char **error)
{
    // clang-format off
    static const ct_function functions[] = {
        {"kql_agg_sum",      1, CT_PURE, NULL, sum_step, sum_value,      sum_value,      sum_inverse},
        {"kql_agg_sum_real", 1, CT_PURE, NULL, sum_step, sum_real_value, sum_real_value, sum_inverse},
        {"kql_agg_avg",      1, CT_PURE, NULL, sum_step, avg_value,      avg_value,      sum_inverse},
        CT_KQL_AGGREGATE("kql_agg_min_real", 1, min_step, extreme_final),
        CT_KQL_AGGREGATE("kql_agg_max_real", 1, max_step, extreme_final),
        CT_KQL_AGGREGATE("kql_agg_variance", 1, variance_step, variance_final),
        CT_KQL_AGGREGATE("kql_agg_variancep", 1, variance_step, variancep_final),
        CT_KQL_AGGREGATE("kql_agg_stdev", 1, variance_step, stdev_final),
        CT_KQL_AGGREGATE("kql_agg_stdevp", 1, variance_step, stdevp_final),
        CT_KQL_AGGREGATE("kql_agg_percentile", 2, percentile_step, percentile_final),
        CT_KQL_AGGREGATE("kql_agg_percentiles", 2, percentile_step, percentiles_final),
        CT_KQL_AGGREGATE("kql_agg_any", 1, any_step, any_final),
        CT_KQL_AGGREGATE("kql_agg_binary_all_and", 1, and_step, bits_final),
        CT_KQL_AGGREGATE("kql_agg_binary_all_or", 1, or_step, bits_final),
        CT_KQL_AGGREGATE("kql_agg_binary_all_xor", 1, xor_step, bits_final),
    };
    // clang-format on
    return ct_register(db, functions, sizeof functions / sizeof functions[0], error);
}
