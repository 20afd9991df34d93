#include "kql/kql.h"

#include <assert.h>
#include <math.h>

#include "base/timestamp.h"
#include "kql/numbers.h"
#include "kql/runtime.h"
#include "kql/ticks.h"
#include "sqlite/args.h"
#include "sqlite/register.h"

/* An error that is a sentence and a value. */
static void fail_at(sqlite3_context *context, const char *sentence, sqlite3_value *value)
{
    ct_buf message = CT_BUF_EMPTY;
    ct_buf_put_text(&message, sentence);
    ct_put_value(&message, value);
    ct_result_error_buf(context, &message);
}

/* ---- SQL: bin ------------------------------------------------------------------------------- */

typedef struct operand {
    enum { UNREADABLE, INTEGER, REAL, TICKS } kind;
    int64_t integer; /* INTEGER or TICKS */
    double real;     /* INTEGER or REAL */
} operand;

typedef bool parse_ticks(const char *p, size_t n, int64_t *ticks);

/* False when out of memory. */
static bool read_operand(sqlite3_context *context, sqlite3_value *arg, parse_ticks *parse,
                         operand *result)
{
    int type = sqlite3_value_numeric_type(arg);
    if (type == SQLITE_INTEGER || type == SQLITE_FLOAT) {
        *result = (operand){type == SQLITE_INTEGER ? INTEGER : REAL, sqlite3_value_int64(arg),
                            sqlite3_value_double(arg)};
        return true;
    }
    ct_span text;
    if (!ct_arg_text(context, arg, &text))
        return false;
    *result = (operand){UNREADABLE, 0, 0};
    if (parse(text.p, text.n, &result->integer))
        result->kind = TICKS;
    return true;
}

static void fail_bin(sqlite3_context *context, const char *sentence, sqlite3_value **args)
{
    ct_buf message = CT_BUF_EMPTY;
    ct_buf_put_text(&message, "kql_bin(): ");
    ct_buf_put_text(&message, sentence);
    ct_buf_put_text(&message, ": ");
    ct_put_value(&message, args[0]);
    ct_buf_put_text(&message, ", ");
    ct_put_value(&message, args[1]);
    ct_result_error_buf(context, &message);
}

/* Whether value and step can be taken together; else sets the error. */
static bool check_operands(sqlite3_context *context, const operand *value, const operand *step,
                           sqlite3_value **args)
{
    if (value->kind == UNREADABLE)
        fail_at(context, "kql_bin(): value is neither a time nor a number: ", args[0]);
    else if (step->kind == UNREADABLE)
        fail_at(
            context,
            "kql_bin(): step is neither a timespan (d, h, m, min, s, ms) nor a number: ", args[1]);
    else if (value->kind == TICKS && step->kind != TICKS)
        fail_bin(context, "value is a time, but step a number", args);
    else if (value->kind != TICKS && step->kind == TICKS)
        fail_bin(context, "value is a number, but step a timespan", args);
    else if (step->kind == REAL ? !(step->real > 0) : step->integer <= 0)
        fail_at(context, "kql_bin(): step must be above zero: ", args[1]);
    else if (step->kind == REAL && !isfinite(step->real))
        fail_at(context, "kql_bin(): step must be finite: ", args[1]);
    else
        return true;
    return false;
}

/*
 * kql_bin(value TEXT (time), step TEXT (timespan)) -> TEXT (time)
 * kql_bin(value INTEGER or REAL, step INTEGER or REAL) -> INTEGER or REAL
 *
 * Kusto's bin(): the multiple of step at or below value. A timespan is a number and d, h, m, min,
 * s or ms ('1h', '1.5h'); times are floored from 0001-01-01T00:00:00Z, a Monday. Two integers give
 * an integer.
 *
 * NULL:    NULL in, NULL out.
 * Errors:  a value that is neither time nor number, a step that does not fit it or is not above
 *          zero, a bin below the smallest number; SQLITE_NOMEM when out of memory.
 * Example: SELECT kql_bin('2023-07-10T11:42:36Z', '1min'), kql_bin(-7, 5);
 *          -- 2023-07-10T11:42:00Z|-10
 */
static void kql_bin(sqlite3_context *context, int n_args, sqlite3_value **args)
{
    operand value, step;
    if (ct_any_null(n_args, args) || !read_operand(context, args[0], ct_time_parse, &value) ||
        !read_operand(context, args[1], ct_kql_read_timespan, &step) ||
        !check_operands(context, &value, &step, args))
        return;

    if (value.kind == TICKS) {
        char text[CT_TIME_TEXT_MAX];
        assert(step.integer > 0); /* check_operands saw to it */
        size_t n = ct_time_format(value.integer - value.integer % step.integer, text);
        ct_result_span(context, (ct_span){text, n});
        return;
    }
    if (value.kind == INTEGER && step.kind == INTEGER) {
        int64_t bin;
        if (ct_kql_bin_integer(value.integer, step.integer, &bin)) {
            sqlite3_result_int64(context, bin);
            return;
        }
    } else {
        double bin;
        if (ct_kql_bin_real(value.real, step.real, &bin)) {
            sqlite3_result_double(context, bin);
            return;
        }
    }
    fail_bin(context, "the bin is out of range", args);
}

static int register_bin(sqlite3 *db, char **error)
{
    static const ct_function functions[] = {
        {"kql_bin", 2, CT_PURE, kql_bin, NULL, NULL, NULL, NULL},
    };
    return ct_register(db, functions, sizeof functions / sizeof functions[0], error);
}

int ct_kql_register(sqlite3 *db, char **error)
{
    // clang-format off
    static int (*const families[])(sqlite3 *db, char **error) = {
        register_bin,
        ct_kql_register_operators,
        ct_kql_register_convert,
        ct_kql_register_number,
        ct_kql_register_string,
        ct_kql_register_datetime,
        ct_kql_register_bag,
        ct_kql_register_dynamic,
        ct_kql_register_array,
        ct_kql_register_regex,
        ct_kql_register_parse,
        ct_kql_register_encode,
        ct_kql_register_ip,
        ct_kql_register_aggregates,
        ct_kql_register_lists,
        ct_kql_register_evidence,
        ct_kql_register_expand,
    };
    // clang-format on
    for (size_t i = 0; i < sizeof families / sizeof families[0]; i++) {
        int rc = families[i](db, error);
        if (rc != SQLITE_OK)
            return rc;
    }
    return SQLITE_OK;
}
