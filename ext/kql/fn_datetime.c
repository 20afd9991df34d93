/*
 * SQL: Kusto's functions of datetime and timespan, which are INTEGER ticks of 100 ns here. NULL for
 * a NULL argument, for a datetime outside of the years 1 to 9999, and for a result outside of them,
 * unless a comment says otherwise.
 */
#include "kql/runtime.h"

#include "kql/glue.h"
#include "kql/numbers.h"
#include "kql/ticks.h"

static bool read_datetime(sqlite3_value *arg, int64_t *ticks)
{
    return ct_kql_long(arg, ticks) && ct_is_datetime(*ticks);
}

/* ---- in and out ----------------------------------------------------------------------------- */

/*
 * kql_out_datetime(ticks INTEGER) -> TEXT
 * kql_out_timespan(ticks INTEGER) -> TEXT
 *
 * How a datetime and a timespan leave a compiled query: YYYY-MM-DDTHH:MM:SS[.fffffff]Z and
 * [-][d.]hh:mm:ss[.fffffff]. kql_tostring_datetime() and kql_tostring_timespan() are tostring() of
 * them: always with seven digits, '' for NULL.
 *
 * Example: SELECT kql_out_datetime(0), kql_out_timespan(15000000), kql_tostring_datetime(0);
 *          -- 0001-01-01T00:00:00Z|00:00:01.5000000|0001-01-01T00:00:00.0000000Z
 */
static void kql_out_datetime(sqlite3_context *context, int n_args, sqlite3_value **args)
{
    int64_t ticks;
    char text[CT_TIME_TEXT_MAX];
    (void)n_args;
    if (read_datetime(args[0], &ticks))
        ct_result_span(context, (ct_span){text, ct_time_format(ticks, text)});
}

static void kql_out_timespan(sqlite3_context *context, int n_args, sqlite3_value **args)
{
    int64_t ticks;
    ct_buf out = CT_BUF_EMPTY;
    (void)n_args;
    if (!ct_kql_long(args[0], &ticks))
        return;
    ct_kql_put_timespan(&out, ticks);
    ct_result_buf(context, &out);
}

static void kql_tostring_datetime(sqlite3_context *context, int n_args, sqlite3_value **args)
{
    int64_t ticks;
    ct_buf out = CT_BUF_EMPTY;
    (void)n_args;
    if (read_datetime(args[0], &ticks))
        ct_kql_put_datetime(&out, ticks);
    ct_result_buf(context, &out);
}

static void kql_tostring_timespan(sqlite3_context *context, int n_args, sqlite3_value **args)
{
    int64_t ticks;
    ct_buf out = CT_BUF_EMPTY;
    (void)n_args;
    if (ct_kql_long(args[0], &ticks))
        ct_kql_put_timespan(&out, ticks);
    ct_result_buf(context, &out);
}

/*
 * kql_datetime_checked(ticks INTEGER) -> INTEGER
 *
 * The ticks themselves where they are a datetime, else NULL: for sums.
 */
static void kql_datetime_checked(sqlite3_context *context, int n_args, sqlite3_value **args)
{
    int64_t ticks;
    (void)n_args;
    if (read_datetime(args[0], &ticks))
        sqlite3_result_int64(context, ticks);
}

/* ---- units ---------------------------------------------------------------------------------- */

/* Reads a unit's name; false with the result set: NULL, or the error. */
static bool read_unit(sqlite3_context *context, sqlite3_value *arg, ct_kql_unit *unit)
{
    ct_span name;
    if (ct_kql_is_null(arg) || !ct_arg_text(context, arg, &name))
        return false;
    if (ct_kql_unit_named(name, unit))
        return true;
    ct_kql_fail(context, "no unit of time", arg);
    return false;
}

/*
 * kql_datetime_diff(unit TEXT, a INTEGER, b INTEGER) -> INTEGER
 * kql_datetime_add(unit TEXT, n INTEGER, t INTEGER) -> INTEGER
 * kql_datetime_part(unit TEXT, t INTEGER) -> INTEGER
 *
 * The boundaries of the unit that lie between b and a; t and n units, the day cut to the end of
 * its month; a part of t. Units, in any case: year quarter month week day hour minute second
 * millisecond microsecond nanosecond; of parts also week_of_year and dayOfYear.
 *
 * Errors:  no such unit; SQLITE_NOMEM when out of memory.
 */
static void kql_datetime_diff(sqlite3_context *context, int n_args, sqlite3_value **args)
{
    ct_kql_unit unit;
    int64_t a, b;
    (void)n_args;
    if (!read_unit(context, args[0], &unit) || !read_datetime(args[1], &a) ||
        !read_datetime(args[2], &b))
        return;
    if (unit > CT_UNIT_NANOSECOND)
        ct_kql_fail(context, "no unit of a difference", args[0]);
    else
        sqlite3_result_int64(context, ct_kql_datetime_diff(unit, a, b));
}

static void kql_datetime_add(sqlite3_context *context, int n_args, sqlite3_value **args)
{
    ct_kql_unit unit;
    int64_t n, ticks, sum;
    (void)n_args;
    if (!read_unit(context, args[0], &unit) || !ct_kql_long(args[1], &n) ||
        !read_datetime(args[2], &ticks))
        return;
    if (unit > CT_UNIT_NANOSECOND)
        ct_kql_fail(context, "no unit to add", args[0]);
    else if (ct_kql_datetime_add(unit, n, ticks, &sum))
        sqlite3_result_int64(context, sum);
}

static void kql_datetime_part(sqlite3_context *context, int n_args, sqlite3_value **args)
{
    ct_kql_unit unit;
    int64_t ticks;
    (void)n_args;
    if (read_unit(context, args[0], &unit) && read_datetime(args[1], &ticks))
        sqlite3_result_int64(context, ct_kql_datetime_part(unit, ticks));
}

static void part(sqlite3_context *context, sqlite3_value **args, ct_kql_unit unit)
{
    int64_t ticks;
    if (read_datetime(args[0], &ticks))
        sqlite3_result_int64(context, ct_kql_datetime_part(unit, ticks));
}

/*
 * kql_getyear(t INTEGER) -> INTEGER     and kql_monthofyear, kql_dayofmonth, kql_dayofyear,
 *                                       kql_hourofday, kql_week_of_year (ISO 8601)
 * kql_dayofweek(t INTEGER) -> INTEGER (timespan: days since Sunday)
 *
 * kql_dayofweek() is NULL in the last week of 9999, which does not end: so it is in Kusto.
 */
static void kql_getyear(sqlite3_context *context, int n_args, sqlite3_value **args)
{
    (void)n_args;
    part(context, args, CT_UNIT_YEAR);
}

static void kql_monthofyear(sqlite3_context *context, int n_args, sqlite3_value **args)
{
    (void)n_args;
    part(context, args, CT_UNIT_MONTH);
}

static void kql_dayofmonth(sqlite3_context *context, int n_args, sqlite3_value **args)
{
    (void)n_args;
    part(context, args, CT_UNIT_DAY);
}

static void kql_dayofyear(sqlite3_context *context, int n_args, sqlite3_value **args)
{
    (void)n_args;
    part(context, args, CT_UNIT_DAY_OF_YEAR);
}

static void kql_hourofday(sqlite3_context *context, int n_args, sqlite3_value **args)
{
    (void)n_args;
    part(context, args, CT_UNIT_HOUR);
}

static void kql_week_of_year(sqlite3_context *context, int n_args, sqlite3_value **args)
{
    (void)n_args;
    part(context, args, CT_UNIT_WEEK_OF_YEAR);
}

static void kql_dayofweek(sqlite3_context *context, int n_args, sqlite3_value **args)
{
    int64_t ticks, end;
    (void)n_args;
    if (read_datetime(args[0], &ticks) && ct_kql_end_of(CT_UNIT_WEEK, ticks, 0, &end))
        sqlite3_result_int64(context, ct_kql_day_of_week(ticks) * CT_TICKS_PER_DAY);
}

/* ---- beginnings and ends -------------------------------------------------------------------- */

/* offset: the second argument, 0 without one. */
static bool read_offset(int n_args, sqlite3_value **args, int64_t *ticks, int64_t *offset)
{
    *offset = 0;
    return read_datetime(args[0], ticks) && (n_args < 2 || ct_kql_long(args[1], offset));
}

static void start_of(sqlite3_context *context, int n_args, sqlite3_value **args, ct_kql_unit unit)
{
    int64_t ticks, offset, start;
    if (read_offset(n_args, args, &ticks, &offset) && ct_kql_start_of(unit, ticks, offset, &start))
        sqlite3_result_int64(context, start);
}

static void end_of(sqlite3_context *context, int n_args, sqlite3_value **args, ct_kql_unit unit)
{
    int64_t ticks, offset, end;
    if (read_offset(n_args, args, &ticks, &offset) && ct_kql_end_of(unit, ticks, offset, &end))
        sqlite3_result_int64(context, end);
}

/*
 * kql_startofday(t INTEGER, offset INTEGER) -> INTEGER      and -week, -month, -year
 * kql_endofday(t INTEGER, offset INTEGER) -> INTEGER        and -week, -month, -year
 *
 * The first (the last) tick of the day that lies offset days (weeks ...) after that of t. Without
 * an offset 0. Weeks begin on Sunday.
 */
static void kql_startofday(sqlite3_context *context, int n_args, sqlite3_value **args)
{
    start_of(context, n_args, args, CT_UNIT_DAY);
}

static void kql_startofweek(sqlite3_context *context, int n_args, sqlite3_value **args)
{
    start_of(context, n_args, args, CT_UNIT_WEEK);
}

static void kql_startofmonth(sqlite3_context *context, int n_args, sqlite3_value **args)
{
    start_of(context, n_args, args, CT_UNIT_MONTH);
}

static void kql_startofyear(sqlite3_context *context, int n_args, sqlite3_value **args)
{
    start_of(context, n_args, args, CT_UNIT_YEAR);
}

static void kql_endofday(sqlite3_context *context, int n_args, sqlite3_value **args)
{
    end_of(context, n_args, args, CT_UNIT_DAY);
}

static void kql_endofweek(sqlite3_context *context, int n_args, sqlite3_value **args)
{
    end_of(context, n_args, args, CT_UNIT_WEEK);
}

static void kql_endofmonth(sqlite3_context *context, int n_args, sqlite3_value **args)
{
    end_of(context, n_args, args, CT_UNIT_MONTH);
}

static void kql_endofyear(sqlite3_context *context, int n_args, sqlite3_value **args)
{
    end_of(context, n_args, args, CT_UNIT_YEAR);
}

/* ---- made of parts -------------------------------------------------------------------------- */

/*
 * kql_make_datetime(year, month, day, hour, minute INTEGER, second REAL) -> INTEGER
 * kql_make_timespan(days, hours, minutes INTEGER, seconds REAL) -> INTEGER
 *
 * NULL where there is no such time: hours go to 23, minutes to 59, seconds stay below 60.
 */
static void kql_make_datetime(sqlite3_context *context, int n_args, sqlite3_value **args)
{
    int64_t parts[5], ticks;
    double second;
    (void)n_args;
    for (int i = 0; i < 5; i++)
        if (!ct_kql_long(args[i], &parts[i]))
            return;
    if (ct_kql_real(context, args[5], &second) &&
        ct_kql_make_datetime(parts[0], parts[1], parts[2], parts[3], parts[4], second, &ticks))
        sqlite3_result_int64(context, ticks);
}

static void kql_make_timespan(sqlite3_context *context, int n_args, sqlite3_value **args)
{
    int64_t parts[3], ticks;
    double seconds;
    (void)n_args;
    for (int i = 0; i < 3; i++)
        if (!ct_kql_long(args[i], &parts[i]))
            return;
    if (ct_kql_real(context, args[3], &seconds) &&
        ct_kql_make_timespan(parts[0], parts[1], parts[2], seconds, &ticks))
        sqlite3_result_int64(context, ticks);
}

/* Units since 1970, n_units of which are n_ticks; one of both is 1. */
static void from_unix(sqlite3_context *context, sqlite3_value *arg, int n_ticks, int n_units)
{
    int64_t units, ticks;
    double real;
    int64_t limit = n_ticks > 1 ? CT_TICKS_MAX / n_ticks : INT64_MAX;
    if (ct_kql_long(arg, &units)) {
        if (units > limit || units < -limit)
            return;
        ticks = units * n_ticks / n_units;
    } else {
        if (!ct_kql_real(context, arg, &real))
            return;
        real = real * n_ticks / n_units;
        if (!(real > -1e18 && real < 1e19) || !ct_kql_truncate(real, &ticks))
            return;
    }
    ticks = ct_kql_add(ticks, CT_TICKS_AT_UNIX_EPOCH);
    if (ct_is_datetime(ticks))
        sqlite3_result_int64(context, ticks);
}

/*
 * kql_unixtime_seconds_todatetime(n) -> INTEGER     and _milliseconds_, _microseconds_,
 *                                                   _nanoseconds_
 *
 * Example: SELECT kql_out_datetime(kql_unixtime_seconds_todatetime(1546300800));
 *          -- 2019-01-01T00:00:00Z
 */
static void kql_unixtime_seconds(sqlite3_context *context, int n_args, sqlite3_value **args)
{
    (void)n_args;
    from_unix(context, args[0], 10000000, 1);
}

static void kql_unixtime_milliseconds(sqlite3_context *context, int n_args, sqlite3_value **args)
{
    (void)n_args;
    from_unix(context, args[0], 10000, 1);
}

static void kql_unixtime_microseconds(sqlite3_context *context, int n_args, sqlite3_value **args)
{
    (void)n_args;
    from_unix(context, args[0], 10, 1);
}

static void kql_unixtime_nanoseconds(sqlite3_context *context, int n_args, sqlite3_value **args)
{
    (void)n_args;
    from_unix(context, args[0], 1, 100);
}

/* ---- formats -------------------------------------------------------------------------------- */

typedef bool format_ticks(ct_buf *out, int64_t ticks, ct_span format);

static void format(sqlite3_context *context, sqlite3_value *arg, int64_t ticks,
                   format_ticks *append)
{
    ct_span text;
    ct_buf out = CT_BUF_EMPTY;
    if (!ct_kql_text(context, arg, &text))
        return;
    if (append(&out, ticks, text)) {
        ct_result_buf(context, &out);
        return;
    }
    ct_buf_free(&out);
    ct_kql_fail(context, "not supported in a format", arg);
}

/*
 * kql_format_datetime(t INTEGER, format TEXT) -> TEXT
 * kql_format_timespan(t INTEGER, format TEXT) -> TEXT
 *
 * By Kusto's specifiers (ticks.h lists them).
 *
 * NULL:    '' for NULL.
 * Errors:  a format with anything else in it; SQLITE_NOMEM when out of memory.
 * Example: SELECT kql_format_datetime(0, 'yyyy-MM-dd h:mm tt'), kql_format_timespan(0, 'hh:mm');
 *          -- 0001-01-01 12:00 AM|00:00
 */
static void kql_format_datetime(sqlite3_context *context, int n_args, sqlite3_value **args)
{
    int64_t ticks;
    (void)n_args;
    if (read_datetime(args[0], &ticks))
        format(context, args[1], ticks, ct_kql_format_datetime);
    else
        ct_kql_result_constant(context, "");
}

static void kql_format_timespan(sqlite3_context *context, int n_args, sqlite3_value **args)
{
    int64_t ticks;
    (void)n_args;
    if (ct_kql_long(args[0], &ticks))
        format(context, args[1], ticks, ct_kql_format_timespan);
    else
        ct_kql_result_constant(context, "");
}

int ct_kql_register_datetime(sqlite3 *db, char **error)
{
    static const ct_function functions[] = {
        CT_KQL_SCALAR("kql_out_datetime", 1, kql_out_datetime),
        CT_KQL_SCALAR("kql_out_timespan", 1, kql_out_timespan),
        CT_KQL_SCALAR("kql_tostring_datetime", 1, kql_tostring_datetime),
        CT_KQL_SCALAR("kql_tostring_timespan", 1, kql_tostring_timespan),
        CT_KQL_SCALAR("kql_datetime_checked", 1, kql_datetime_checked),
        CT_KQL_SCALAR("kql_datetime_diff", 3, kql_datetime_diff),
        CT_KQL_SCALAR("kql_datetime_add", 3, kql_datetime_add),
        CT_KQL_SCALAR("kql_datetime_part", 2, kql_datetime_part),
        CT_KQL_SCALAR("kql_getyear", 1, kql_getyear),
        CT_KQL_SCALAR("kql_getmonth", 1, kql_monthofyear),
        CT_KQL_SCALAR("kql_monthofyear", 1, kql_monthofyear),
        CT_KQL_SCALAR("kql_dayofmonth", 1, kql_dayofmonth),
        CT_KQL_SCALAR("kql_dayofyear", 1, kql_dayofyear),
        CT_KQL_SCALAR("kql_hourofday", 1, kql_hourofday),
        CT_KQL_SCALAR("kql_week_of_year", 1, kql_week_of_year),
        CT_KQL_SCALAR("kql_dayofweek", 1, kql_dayofweek),
        CT_KQL_SCALAR("kql_startofday", 1, kql_startofday),
        CT_KQL_SCALAR("kql_startofday", 2, kql_startofday),
        CT_KQL_SCALAR("kql_startofweek", 1, kql_startofweek),
        CT_KQL_SCALAR("kql_startofweek", 2, kql_startofweek),
        CT_KQL_SCALAR("kql_startofmonth", 1, kql_startofmonth),
        CT_KQL_SCALAR("kql_startofmonth", 2, kql_startofmonth),
        CT_KQL_SCALAR("kql_startofyear", 1, kql_startofyear),
        CT_KQL_SCALAR("kql_startofyear", 2, kql_startofyear),
        CT_KQL_SCALAR("kql_endofday", 1, kql_endofday),
        CT_KQL_SCALAR("kql_endofday", 2, kql_endofday),
        CT_KQL_SCALAR("kql_endofweek", 1, kql_endofweek),
        CT_KQL_SCALAR("kql_endofweek", 2, kql_endofweek),
        CT_KQL_SCALAR("kql_endofmonth", 1, kql_endofmonth),
        CT_KQL_SCALAR("kql_endofmonth", 2, kql_endofmonth),
        CT_KQL_SCALAR("kql_endofyear", 1, kql_endofyear),
        CT_KQL_SCALAR("kql_endofyear", 2, kql_endofyear),
        CT_KQL_SCALAR("kql_make_datetime", 6, kql_make_datetime),
        CT_KQL_SCALAR("kql_make_timespan", 4, kql_make_timespan),
        CT_KQL_SCALAR("kql_unixtime_seconds_todatetime", 1, kql_unixtime_seconds),
        CT_KQL_SCALAR("kql_unixtime_milliseconds_todatetime", 1, kql_unixtime_milliseconds),
        CT_KQL_SCALAR("kql_unixtime_microseconds_todatetime", 1, kql_unixtime_microseconds),
        CT_KQL_SCALAR("kql_unixtime_nanoseconds_todatetime", 1, kql_unixtime_nanoseconds),
        CT_KQL_SCALAR("kql_format_datetime", 2, kql_format_datetime),
        CT_KQL_SCALAR("kql_format_timespan", 2, kql_format_timespan),
    };
    return ct_register(db, functions, sizeof functions / sizeof functions[0], error);
}
