/*
 * SQL: Kusto's arithmetic and mathematical functions. Longs wrap at 64 bits; a real is REAL, an
 * INTEGER, or the text 'NaN'. NULL for a NULL argument and for one that is no number.
 */
#include "kql/runtime.h"

#include <math.h>

#include "kql/glue.h"
#include "kql/numbers.h"

/* ---- long ----------------------------------------------------------------------------------- */

static bool read_longs(sqlite3_value **args, int64_t *a, int64_t *b)
{
    return ct_kql_long(args[0], a) && ct_kql_long(args[1], b);
}

/*
 * kql_add(a INTEGER, b INTEGER) -> INTEGER      and kql_sub, kql_mul, kql_neg_long(a)
 * kql_div_long(a INTEGER, b INTEGER) -> INTEGER and kql_mod_long
 *
 * Kusto's arithmetic of long: + - * wrap at 64 bits, / cuts toward zero, % is never negative.
 *
 * NULL:    NULL for NULL, and where b of / and % is 0.
 * Example: SELECT kql_add(9223372036854775807, 1), kql_div_long(-7, 2), kql_mod_long(-7, 2);
 *          -- -9223372036854775808|-3|1
 */
static void kql_add(sqlite3_context *context, int n_args, sqlite3_value **args)
{
    int64_t a, b;
    (void)n_args;
    if (read_longs(args, &a, &b))
        sqlite3_result_int64(context, ct_kql_add(a, b));
}

static void kql_sub(sqlite3_context *context, int n_args, sqlite3_value **args)
{
    int64_t a, b;
    (void)n_args;
    if (read_longs(args, &a, &b))
        sqlite3_result_int64(context, ct_kql_subtract(a, b));
}

static void kql_mul(sqlite3_context *context, int n_args, sqlite3_value **args)
{
    int64_t a, b;
    (void)n_args;
    if (read_longs(args, &a, &b))
        sqlite3_result_int64(context, ct_kql_multiply(a, b));
}

static void kql_neg_long(sqlite3_context *context, int n_args, sqlite3_value **args)
{
    int64_t a;
    (void)n_args;
    if (ct_kql_long(args[0], &a))
        sqlite3_result_int64(context, ct_kql_subtract(0, a));
}

static void kql_div_long(sqlite3_context *context, int n_args, sqlite3_value **args)
{
    int64_t a, b, quotient;
    (void)n_args;
    if (read_longs(args, &a, &b) && ct_kql_divide(a, b, &quotient))
        sqlite3_result_int64(context, quotient);
}

static void kql_mod_long(sqlite3_context *context, int n_args, sqlite3_value **args)
{
    int64_t a, b, rest;
    (void)n_args;
    if (read_longs(args, &a, &b) && ct_kql_modulo(a, b, &rest))
        sqlite3_result_int64(context, rest);
}

static void kql_abs_long(sqlite3_context *context, int n_args, sqlite3_value **args)
{
    int64_t a;
    (void)n_args;
    if (ct_kql_long(args[0], &a))
        sqlite3_result_int64(context, a < 0 ? ct_kql_subtract(0, a) : a);
}

/*
 * kql_binary_and(a INTEGER, b INTEGER) -> INTEGER    and kql_binary_or, kql_binary_xor,
 *                                                    kql_binary_not(a)
 * kql_binary_shift_left(a INTEGER, n INTEGER) -> INTEGER and kql_binary_shift_right
 * kql_bitset_count_ones(a INTEGER) -> INTEGER
 *
 * Of the 64 bits; a shift is by n modulo 64 and NULL for n below 0.
 */
static void kql_binary_and(sqlite3_context *context, int n_args, sqlite3_value **args)
{
    int64_t a, b;
    (void)n_args;
    if (read_longs(args, &a, &b))
        sqlite3_result_int64(context, a & b);
}

static void kql_binary_or(sqlite3_context *context, int n_args, sqlite3_value **args)
{
    int64_t a, b;
    (void)n_args;
    if (read_longs(args, &a, &b))
        sqlite3_result_int64(context, a | b);
}

static void kql_binary_xor(sqlite3_context *context, int n_args, sqlite3_value **args)
{
    int64_t a, b;
    (void)n_args;
    if (read_longs(args, &a, &b))
        sqlite3_result_int64(context, a ^ b);
}

static void kql_binary_not(sqlite3_context *context, int n_args, sqlite3_value **args)
{
    int64_t a;
    (void)n_args;
    if (ct_kql_long(args[0], &a))
        sqlite3_result_int64(context, ~a);
}

static void kql_binary_shift_left(sqlite3_context *context, int n_args, sqlite3_value **args)
{
    int64_t a, n;
    (void)n_args;
    if (read_longs(args, &a, &n) && n >= 0)
        sqlite3_result_int64(context, (int64_t)((uint64_t)a << (n % 64)));
}

static void kql_binary_shift_right(sqlite3_context *context, int n_args, sqlite3_value **args)
{
    int64_t a, n;
    (void)n_args;
    if (read_longs(args, &a, &n) && n >= 0)
        sqlite3_result_int64(context, a >> (n % 64));
}

static void kql_bitset_count_ones(sqlite3_context *context, int n_args, sqlite3_value **args)
{
    int64_t a;
    int n = 0;
    (void)n_args;
    if (!ct_kql_long(args[0], &a))
        return;
    for (uint64_t bits = (uint64_t)a; bits; bits &= bits - 1)
        n++;
    sqlite3_result_int(context, n);
}

/* ---- real ----------------------------------------------------------------------------------- */

static bool read_reals(sqlite3_context *context, sqlite3_value **args, double *a, double *b)
{
    return ct_kql_real(context, args[0], a) && ct_kql_real(context, args[1], b);
}

/*
 * kql_add_real(a REAL, b REAL) -> REAL     and kql_sub_real, kql_mul_real, kql_div_real,
 *                                          kql_mod_real, kql_neg_real(a), kql_abs_real(a)
 *
 * Kusto's arithmetic of real: x / 0 is infinite, 0 / 0 NaN, % never negative.
 *
 * Example: SELECT kql_div_real(0, 0), kql_mod_real(-5.5, 3), kql_add_real('NaN', 1);
 *          -- NaN|0.5|NaN
 */
static void kql_add_real(sqlite3_context *context, int n_args, sqlite3_value **args)
{
    double a, b;
    (void)n_args;
    if (read_reals(context, args, &a, &b))
        ct_kql_result_real(context, a + b);
}

static void kql_sub_real(sqlite3_context *context, int n_args, sqlite3_value **args)
{
    double a, b;
    (void)n_args;
    if (read_reals(context, args, &a, &b))
        ct_kql_result_real(context, a - b);
}

static void kql_mul_real(sqlite3_context *context, int n_args, sqlite3_value **args)
{
    double a, b;
    (void)n_args;
    if (read_reals(context, args, &a, &b))
        ct_kql_result_real(context, a * b);
}

/* IEEE division, without the undefined behaviour that C has for a zero. */
static double divide(double a, double b)
{
    if (b != 0 || isnan(b))
        return a / b;
    if (a == 0 || isnan(a))
        return NAN;
    return signbit(a) != signbit(b) ? -HUGE_VAL : HUGE_VAL;
}

static void kql_div_real(sqlite3_context *context, int n_args, sqlite3_value **args)
{
    double a, b;
    (void)n_args;
    if (read_reals(context, args, &a, &b))
        ct_kql_result_real(context, divide(a, b));
}

static void kql_mod_real(sqlite3_context *context, int n_args, sqlite3_value **args)
{
    double a, b;
    (void)n_args;
    if (read_reals(context, args, &a, &b))
        ct_kql_result_real(context, ct_kql_modulo_real(a, b));
}

/*
 * kql_div_ts(a INTEGER, b INTEGER) -> REAL
 * kql_mul_ts_real(t INTEGER, x REAL) -> INTEGER (timespan)
 * kql_div_ts_real(t INTEGER, x REAL) -> INTEGER (timespan)
 *
 * A timespan by another, and a timespan by a number; what is finer than a tick is cut. NULL where
 * the result is no timespan.
 */
static void kql_div_ts(sqlite3_context *context, int n_args, sqlite3_value **args)
{
    int64_t a, b;
    (void)n_args;
    if (read_longs(args, &a, &b))
        ct_kql_result_real(context, divide((double)a, (double)b));
}

static void result_ticks(sqlite3_context *context, double ticks)
{
    if (ticks > -9223372036854775808.0 && ticks < 9223372036854775808.0)
        sqlite3_result_int64(context, (int64_t)ticks);
}

static void kql_mul_ts_real(sqlite3_context *context, int n_args, sqlite3_value **args)
{
    int64_t a, b;
    double x;
    (void)n_args;
    if (read_longs(args, &a, &b))
        sqlite3_result_int64(context, ct_kql_multiply(a, b));
    else if (ct_kql_long(args[0], &a) && ct_kql_real(context, args[1], &x))
        result_ticks(context, (double)a * x);
}

static void kql_div_ts_real(sqlite3_context *context, int n_args, sqlite3_value **args)
{
    int64_t a, b, quotient;
    double x;
    (void)n_args;
    if (read_longs(args, &a, &b)) {
        if (ct_kql_divide(a, b, &quotient))
            sqlite3_result_int64(context, quotient);
    } else if (ct_kql_long(args[0], &a) && ct_kql_real(context, args[1], &x)) {
        result_ticks(context, divide((double)a, x));
    }
}

/* ---- functions of one or two reals ---------------------------------------------------------- */

#define OF_ONE(name, expression)                                                                   \
    static void name(sqlite3_context *context, int n_args, sqlite3_value **args)                   \
    {                                                                                              \
        double x;                                                                                  \
        (void)n_args;                                                                              \
        if (ct_kql_real(context, args[0], &x))                                                     \
            ct_kql_result_real(context, expression);                                               \
    }

/*
 * kql_exp(x REAL) -> REAL     and kql_exp2, kql_exp10, kql_sqrt, kql_sin, kql_cos, kql_tan,
 *                             kql_cot, kql_asin, kql_acos, kql_atan, kql_degrees, kql_radians,
 *                             kql_gamma, kql_loggamma, kql_ceiling, kql_sign
 * kql_log(x REAL) -> REAL     and kql_log2, kql_log10: NULL below 0, as the engine has it
 * kql_pow(x REAL, y REAL) -> REAL     and kql_atan2
 *
 * The functions of those names; the sign of NaN is 0.
 */
OF_ONE(kql_neg_real, -x)
OF_ONE(kql_abs_real, fabs(x))
OF_ONE(kql_exp, exp(x))
OF_ONE(kql_exp2, exp2(x))
OF_ONE(kql_exp10, pow(10, x))
OF_ONE(kql_sqrt, sqrt(x))
OF_ONE(kql_sin, sin(x))
OF_ONE(kql_cos, cos(x))
OF_ONE(kql_tan, tan(x))
OF_ONE(kql_cot, divide(1, tan(x)))
OF_ONE(kql_asin, asin(x))
OF_ONE(kql_acos, acos(x))
OF_ONE(kql_atan, atan(x))
OF_ONE(kql_degrees, x * 180 / 3.14159265358979323846)
OF_ONE(kql_radians, x * 3.14159265358979323846 / 180)
OF_ONE(kql_gamma, tgamma(x))
OF_ONE(kql_ceiling, ceil(x) + 0.0)
OF_ONE(kql_sign, x > 0 ? 1.0 : x < 0 ? -1.0 : 0.0)

/* The logarithm of |gamma(x)| without lgamma(), which writes to a global variable: Stirling's
 * series from 20 on, below by gamma(x + 1) = x gamma(x). */
static double log_gamma(double x)
{
    if (isnan(x) || x <= 0)
        return x <= 0 && floor(x) == x ? HUGE_VAL : NAN;
    double shift = 0;
    while (x < 20) {
        shift += log(x);
        x += 1;
    }
    double y = 1 / (x * x);
    double series = (1.0 / 12 - y * (1.0 / 360 - y * (1.0 / 1260 - y / 1680))) / x;
    return (x - 0.5) * log(x) - x + 0.918938533204672741780 + series - shift;
}

OF_ONE(kql_loggamma, log_gamma(x))

static void logarithm(sqlite3_context *context, sqlite3_value **args, double (*of)(double))
{
    double x;
    if (!ct_kql_real(context, args[0], &x) || x < 0)
        return;
    ct_kql_result_real(context, x == 0 ? -HUGE_VAL : of(x));
}

static void kql_log(sqlite3_context *context, int n_args, sqlite3_value **args)
{
    (void)n_args;
    logarithm(context, args, log);
}

static void kql_log2(sqlite3_context *context, int n_args, sqlite3_value **args)
{
    (void)n_args;
    logarithm(context, args, log2);
}

static void kql_log10(sqlite3_context *context, int n_args, sqlite3_value **args)
{
    (void)n_args;
    logarithm(context, args, log10);
}

static void kql_pow(sqlite3_context *context, int n_args, sqlite3_value **args)
{
    double x, y;
    (void)n_args;
    if (read_reals(context, args, &x, &y))
        ct_kql_result_real(context, pow(x, y));
}

static void kql_atan2(sqlite3_context *context, int n_args, sqlite3_value **args)
{
    double y, x;
    (void)n_args;
    if (read_reals(context, args, &y, &x))
        ct_kql_result_real(context, atan2(y, x));
}

static void kql_pi(sqlite3_context *context, int n_args, sqlite3_value **args)
{
    (void)n_args;
    (void)args;
    sqlite3_result_double(context, 3.14159265358979323846);
}

/*
 * kql_round(x REAL, digits INTEGER) -> REAL
 *
 * Halves go away from zero. Without digits 0.
 *
 * Example: SELECT kql_round(3.25, 1), kql_round(-2.5);
 *          -- 3.3|-3.0
 */
static void kql_round(sqlite3_context *context, int n_args, sqlite3_value **args)
{
    double x;
    int64_t digits = 0;
    if (ct_kql_real(context, args[0], &x) && (n_args < 2 || ct_kql_long(args[1], &digits)))
        ct_kql_result_real(context, ct_kql_round(x, digits));
}

/*
 * kql_isnan(x REAL) -> INTEGER      and kql_isinf, kql_isfinite
 */
static void kql_isnan(sqlite3_context *context, int n_args, sqlite3_value **args)
{
    double x;
    (void)n_args;
    if (ct_kql_real(context, args[0], &x))
        sqlite3_result_int(context, isnan(x) != 0);
}

static void kql_isinf(sqlite3_context *context, int n_args, sqlite3_value **args)
{
    double x;
    (void)n_args;
    if (ct_kql_real(context, args[0], &x))
        sqlite3_result_int(context, isinf(x) != 0);
}

static void kql_isfinite(sqlite3_context *context, int n_args, sqlite3_value **args)
{
    double x;
    (void)n_args;
    if (ct_kql_real(context, args[0], &x))
        sqlite3_result_int(context, isfinite(x) != 0);
}

/* ---- bin ------------------------------------------------------------------------------------ */

/*
 * kql_bin_long(x INTEGER, step INTEGER) -> INTEGER (also of datetime and timespan)
 * kql_bin_real(x REAL, step REAL) -> REAL
 * kql_bin_at_long(x, step, at) -> INTEGER     and kql_bin_at_real
 *
 * The multiple of step at or below x, counted from 0 or from `at`.
 *
 * NULL:    NULL for NULL, for a step that is not above 0, and where the bin is out of range.
 * Example: SELECT kql_bin_long(-7, 5), kql_bin_real(4.5, 1), kql_bin_at_long(7, 5, 1);
 *          -- -10|4.0|6
 */
static void kql_bin_long(sqlite3_context *context, int n_args, sqlite3_value **args)
{
    int64_t x, step, bin;
    (void)n_args;
    if (read_longs(args, &x, &step) && step > 0 && ct_kql_bin_integer(x, step, &bin))
        sqlite3_result_int64(context, bin);
}

static void kql_bin_real(sqlite3_context *context, int n_args, sqlite3_value **args)
{
    double x, step, bin;
    (void)n_args;
    if (read_reals(context, args, &x, &step) && step > 0 && isfinite(step) &&
        ct_kql_bin_real(x, step, &bin))
        ct_kql_result_real(context, bin);
}

static void kql_bin_at_long(sqlite3_context *context, int n_args, sqlite3_value **args)
{
    int64_t x, step, at, distance, bin;
    (void)n_args;
    if (!read_longs(args, &x, &step) || step <= 0 || !ct_kql_long(args[2], &at) ||
        __builtin_sub_overflow(x, at, &distance) || !ct_kql_bin_integer(distance, step, &bin) ||
        __builtin_add_overflow(bin, at, &bin))
        return;
    sqlite3_result_int64(context, bin);
}

static void kql_bin_at_real(sqlite3_context *context, int n_args, sqlite3_value **args)
{
    double x, step, at, bin;
    (void)n_args;
    if (read_reals(context, args, &x, &step) && step > 0 && isfinite(step) &&
        ct_kql_real(context, args[2], &at) && ct_kql_bin_real(x - at, step, &bin))
        ct_kql_result_real(context, bin + at);
}

/* ---- the greatest, the least ---------------------------------------------------------------- */

static void extreme_real(sqlite3_context *context, int n_args, sqlite3_value **args, int sign)
{
    double best = 0, x;
    bool any = false;
    for (int i = 0; i < n_args; i++) {
        if (!ct_kql_real(context, args[i], &x))
            continue;
        if (!any || isnan(x) || (x - best) * sign > 0)
            best = any && isnan(best) ? best : x;
        any = true;
    }
    if (any)
        ct_kql_result_real(context, best);
}

static bool are_integers(int n_args, sqlite3_value **args)
{
    for (int i = 0; i < n_args; i++)
        if (!ct_kql_is_null(args[i]) && sqlite3_value_type(args[i]) != SQLITE_INTEGER)
            return false;
    return true;
}

static int compare_texts(ct_span a, ct_span b)
{
    int order = memcmp(a.p, b.p, a.n < b.n ? a.n : b.n);
    return order ? order : (a.n > b.n) - (a.n < b.n);
}

static void extreme(sqlite3_context *context, int n_args, sqlite3_value **args, int sign)
{
    bool by_number = are_integers(n_args, args);
    sqlite3_value *best = NULL;
    ct_span text = {"", 0}, best_text = {"", 0};
    for (int i = 0; i < n_args; i++) {
        if (ct_kql_is_null(args[i]))
            continue;
        if (!by_number && !ct_arg_text(context, args[i], &text))
            return;
        int order = 0;
        if (best && by_number)
            order = sqlite3_value_int64(args[i]) > sqlite3_value_int64(best) ? 1 : -1;
        else if (best)
            order = compare_texts(text, best_text) > 0 ? 1 : -1;
        if (!best || order * sign > 0) {
            best = args[i];
            best_text = text;
        }
    }
    if (best)
        sqlite3_result_value(context, best);
}

/*
 * kql_max_of(x, ...) -> the greatest     and kql_min_of: of longs, texts or ticks
 * kql_max_of_real(x REAL, ...) -> REAL   and kql_min_of_real: a NaN wins
 *
 * NULL:    passed over; NULL when nothing is left.
 * Example: SELECT kql_max_of('of two texts', 'the greater'), kql_min_of(3, NULL, 1);
 *          -- the greater|1
 */
static void kql_max_of(sqlite3_context *context, int n_args, sqlite3_value **args)
{
    extreme(context, n_args, args, 1);
}

static void kql_min_of(sqlite3_context *context, int n_args, sqlite3_value **args)
{
    extreme(context, n_args, args, -1);
}

static void kql_max_of_real(sqlite3_context *context, int n_args, sqlite3_value **args)
{
    extreme_real(context, n_args, args, 1);
}

static void kql_min_of_real(sqlite3_context *context, int n_args, sqlite3_value **args)
{
    extreme_real(context, n_args, args, -1);
}

int ct_kql_register_number(sqlite3 *db, char **error)
{
    static const ct_function functions[] = {
        CT_KQL_SCALAR("kql_add", 2, kql_add),
        CT_KQL_SCALAR("kql_sub", 2, kql_sub),
        CT_KQL_SCALAR("kql_mul", 2, kql_mul),
        CT_KQL_SCALAR("kql_neg_long", 1, kql_neg_long),
        CT_KQL_SCALAR("kql_div_long", 2, kql_div_long),
        CT_KQL_SCALAR("kql_mod_long", 2, kql_mod_long),
        CT_KQL_SCALAR("kql_abs_long", 1, kql_abs_long),
        CT_KQL_SCALAR("kql_binary_and", 2, kql_binary_and),
        CT_KQL_SCALAR("kql_binary_or", 2, kql_binary_or),
        CT_KQL_SCALAR("kql_binary_xor", 2, kql_binary_xor),
        CT_KQL_SCALAR("kql_binary_not", 1, kql_binary_not),
        CT_KQL_SCALAR("kql_binary_shift_left", 2, kql_binary_shift_left),
        CT_KQL_SCALAR("kql_binary_shift_right", 2, kql_binary_shift_right),
        CT_KQL_SCALAR("kql_bitset_count_ones", 1, kql_bitset_count_ones),
        CT_KQL_SCALAR("kql_add_real", 2, kql_add_real),
        CT_KQL_SCALAR("kql_sub_real", 2, kql_sub_real),
        CT_KQL_SCALAR("kql_mul_real", 2, kql_mul_real),
        CT_KQL_SCALAR("kql_div_real", 2, kql_div_real),
        CT_KQL_SCALAR("kql_mod_real", 2, kql_mod_real),
        CT_KQL_SCALAR("kql_neg_real", 1, kql_neg_real),
        CT_KQL_SCALAR("kql_abs_real", 1, kql_abs_real),
        CT_KQL_SCALAR("kql_div_ts", 2, kql_div_ts),
        CT_KQL_SCALAR("kql_mul_ts_real", 2, kql_mul_ts_real),
        CT_KQL_SCALAR("kql_div_ts_real", 2, kql_div_ts_real),
        CT_KQL_SCALAR("kql_exp", 1, kql_exp),
        CT_KQL_SCALAR("kql_exp2", 1, kql_exp2),
        CT_KQL_SCALAR("kql_exp10", 1, kql_exp10),
        CT_KQL_SCALAR("kql_sqrt", 1, kql_sqrt),
        CT_KQL_SCALAR("kql_sin", 1, kql_sin),
        CT_KQL_SCALAR("kql_cos", 1, kql_cos),
        CT_KQL_SCALAR("kql_tan", 1, kql_tan),
        CT_KQL_SCALAR("kql_cot", 1, kql_cot),
        CT_KQL_SCALAR("kql_asin", 1, kql_asin),
        CT_KQL_SCALAR("kql_acos", 1, kql_acos),
        CT_KQL_SCALAR("kql_atan", 1, kql_atan),
        CT_KQL_SCALAR("kql_degrees", 1, kql_degrees),
        CT_KQL_SCALAR("kql_radians", 1, kql_radians),
        CT_KQL_SCALAR("kql_gamma", 1, kql_gamma),
        CT_KQL_SCALAR("kql_loggamma", 1, kql_loggamma),
        CT_KQL_SCALAR("kql_ceiling", 1, kql_ceiling),
        CT_KQL_SCALAR("kql_sign", 1, kql_sign),
        CT_KQL_SCALAR("kql_log", 1, kql_log),
        CT_KQL_SCALAR("kql_log2", 1, kql_log2),
        CT_KQL_SCALAR("kql_log10", 1, kql_log10),
        CT_KQL_SCALAR("kql_pow", 2, kql_pow),
        CT_KQL_SCALAR("kql_atan2", 2, kql_atan2),
        CT_KQL_SCALAR("kql_pi", 0, kql_pi),
        CT_KQL_SCALAR("kql_round", 1, kql_round),
        CT_KQL_SCALAR("kql_round", 2, kql_round),
        CT_KQL_SCALAR("kql_isnan", 1, kql_isnan),
        CT_KQL_SCALAR("kql_isinf", 1, kql_isinf),
        CT_KQL_SCALAR("kql_isfinite", 1, kql_isfinite),
        CT_KQL_SCALAR("kql_bin_long", 2, kql_bin_long),
        CT_KQL_SCALAR("kql_bin_real", 2, kql_bin_real),
        CT_KQL_SCALAR("kql_bin_at_long", 3, kql_bin_at_long),
        CT_KQL_SCALAR("kql_bin_at_real", 3, kql_bin_at_real),
        CT_KQL_SCALAR("kql_max_of", -1, kql_max_of),
        CT_KQL_SCALAR("kql_min_of", -1, kql_min_of),
        CT_KQL_SCALAR("kql_max_of_real", -1, kql_max_of_real),
        CT_KQL_SCALAR("kql_min_of_real", -1, kql_min_of_real),
    };
    return ct_register(db, functions, sizeof functions / sizeof functions[0], error);
}
