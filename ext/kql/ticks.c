#include "kql/ticks.h"

#include <math.h>

#include "base/ascii.h"
#include "kql/numbers.h"

/* ---- text ----------------------------------------------------------------------------------- */

static void put_padded(ct_buf *out, int64_t value, int n_digits)
{
    ct_buf_printf(out, "%0*lld", n_digits, (long long)value);
}

/* A time of day, or of a timespan: its parts. */
typedef struct clock {
    int hour, minute, second, fraction;
} clock;

static clock clock_of(int64_t ticks_of_day)
{
    int64_t seconds = ticks_of_day / CT_TICKS_PER_SECOND;
    return (clock){(int)(seconds / 3600), (int)(seconds / 60 % 60), (int)(seconds % 60),
                   (int)(ticks_of_day % CT_TICKS_PER_SECOND)};
}

void ct_kql_put_datetime(ct_buf *out, int64_t ticks)
{
    int year, month, day;
    ct_date_from_days(ticks / CT_TICKS_PER_DAY, &year, &month, &day);
    clock c = clock_of(ticks % CT_TICKS_PER_DAY);
    ct_buf_printf(out, "%04d-%02d-%02dT%02d:%02d:%02d.%07dZ", year, month, day, c.hour, c.minute,
                  c.second, c.fraction);
}

/* The days of a timespan and what is left of the last one, both without the sign. */
static uint64_t split_timespan(int64_t ticks, int64_t *of_day)
{
    uint64_t size = ticks < 0 ? 0 - (uint64_t)ticks : (uint64_t)ticks;
    *of_day = (int64_t)(size % (uint64_t)CT_TICKS_PER_DAY);
    return size / (uint64_t)CT_TICKS_PER_DAY;
}

void ct_kql_put_timespan(ct_buf *out, int64_t ticks)
{
    int64_t of_day;
    uint64_t days = split_timespan(ticks, &of_day);
    clock c = clock_of(of_day);
    if (ticks < 0)
        ct_buf_put_char(out, '-');
    if (days > 0)
        ct_buf_printf(out, "%llu.", (unsigned long long)days);
    ct_buf_printf(out, "%02d:%02d:%02d", c.hour, c.minute, c.second);
    if (c.fraction > 0)
        ct_buf_printf(out, ".%07d", c.fraction);
}

/* ---- units ---------------------------------------------------------------------------------- */

bool ct_kql_unit_named(ct_span name, ct_kql_unit *unit)
{
    static const struct {
        const char *name;
        ct_kql_unit unit;
    } names[] = {
        {"year", CT_UNIT_YEAR},
        {"quarter", CT_UNIT_QUARTER},
        {"month", CT_UNIT_MONTH},
        {"week", CT_UNIT_WEEK},
        {"day", CT_UNIT_DAY},
        {"hour", CT_UNIT_HOUR},
        {"minute", CT_UNIT_MINUTE},
        {"second", CT_UNIT_SECOND},
        {"millisecond", CT_UNIT_MILLISECOND},
        {"microsecond", CT_UNIT_MICROSECOND},
        {"nanosecond", CT_UNIT_NANOSECOND},
        {"week_of_year", CT_UNIT_WEEK_OF_YEAR},
        {"weekofyear", CT_UNIT_WEEK_OF_YEAR},
        {"dayofyear", CT_UNIT_DAY_OF_YEAR},
    };
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        size_t k = 0, n = strlen(names[i].name);
        while (k < n && k < name.n && ct_to_lower(name.p[k]) == names[i].name[k])
            k++;
        if (k == n && k == name.n) {
            *unit = names[i].unit;
            return true;
        }
    }
    return false;
}

/* Months since 0001-01 of a time. */
static int64_t month_number(int64_t ticks)
{
    int year, month, day;
    ct_date_from_days(ticks / CT_TICKS_PER_DAY, &year, &month, &day);
    return (year - 1) * INT64_C(12) + month - 1;
}

/* The first tick of a month; false beyond the year 10000, whose beginning is the end of 9999. */
static bool month_start(int64_t months, int64_t *ticks)
{
    if (months < 0 || months > INT64_C(9999) * 12)
        return false;
    *ticks =
        ct_days_from_date((int)(months / 12) + 1, (int)(months % 12) + 1, 1) * CT_TICKS_PER_DAY;
    return true;
}

/* Months in a unit that is made of them, else 0. */
static int64_t months_in(ct_kql_unit unit)
{
    return unit == CT_UNIT_YEAR ? 12 : unit == CT_UNIT_QUARTER ? 3 : unit == CT_UNIT_MONTH;
}

/* Ticks in a unit of fixed length, but for the nanosecond. */
static int64_t ticks_in(ct_kql_unit unit)
{
    switch (unit) {
    case CT_UNIT_WEEK:
        return 7 * CT_TICKS_PER_DAY;
    case CT_UNIT_DAY:
        return CT_TICKS_PER_DAY;
    case CT_UNIT_HOUR:
        return 3600 * CT_TICKS_PER_SECOND;
    case CT_UNIT_MINUTE:
        return 60 * CT_TICKS_PER_SECOND;
    case CT_UNIT_SECOND:
        return CT_TICKS_PER_SECOND;
    case CT_UNIT_MILLISECOND:
        return CT_TICKS_PER_SECOND / 1000;
    case CT_UNIT_MICROSECOND:
        return CT_TICKS_PER_SECOND / 1000000;
    default:
        return 1;
    }
}

/* The unit's number that a time lies in. Day 0 is a Monday, so weeks begin a day before it. */
static int64_t unit_number(ct_kql_unit unit, int64_t ticks)
{
    if (months_in(unit) > 0)
        return month_number(ticks) / months_in(unit);
    return (unit == CT_UNIT_WEEK ? ticks + CT_TICKS_PER_DAY : ticks) / ticks_in(unit);
}

int64_t ct_kql_datetime_diff(ct_kql_unit unit, int64_t a, int64_t b)
{
    int64_t difference = unit_number(unit, a) - unit_number(unit, b);
    return unit == CT_UNIT_NANOSECOND ? ct_kql_multiply(difference, 100) : difference;
}

static bool add_months(int64_t n, int64_t ticks, int64_t *sum)
{
    int year, month, day;
    ct_date_from_days(ticks / CT_TICKS_PER_DAY, &year, &month, &day);
    int64_t months = (year - 1) * INT64_C(12) + month - 1 + n;
    if (!month_start(months, sum) || months == INT64_C(9999) * 12)
        return false;
    int n_days = ct_days_in_month((int)(months / 12) + 1, (int)(months % 12) + 1);
    *sum += ((day < n_days ? day : n_days) - 1) * CT_TICKS_PER_DAY + ticks % CT_TICKS_PER_DAY;
    return true;
}

bool ct_kql_datetime_add(ct_kql_unit unit, int64_t n, int64_t ticks, int64_t *sum)
{
    enum { MONTHS = 120000 }; /* more than there are */
    if (months_in(unit) > 0)
        return n >= -MONTHS && n <= MONTHS && add_months(n * months_in(unit), ticks, sum);
    if (unit == CT_UNIT_NANOSECOND)
        n /= 100;
    int64_t size = ticks_in(unit);
    if (n > CT_TICKS_MAX / size || n < -(CT_TICKS_MAX / size))
        return false;
    *sum = ticks + n * size;
    return ct_is_datetime(*sum);
}

int64_t ct_kql_day_of_week(int64_t ticks)
{
    return (ticks / CT_TICKS_PER_DAY + 1) % 7;
}

static int64_t day_of_year(int64_t days)
{
    int year, month, day;
    ct_date_from_days(days, &year, &month, &day);
    return days - ct_days_from_date(year, 1, 1) + 1;
}

int64_t ct_kql_datetime_part(ct_kql_unit unit, int64_t ticks)
{
    int year, month, day;
    int64_t days = ticks / CT_TICKS_PER_DAY;
    ct_date_from_days(days, &year, &month, &day);
    clock c = clock_of(ticks % CT_TICKS_PER_DAY);
    switch (unit) {
    case CT_UNIT_YEAR:
        return year;
    case CT_UNIT_QUARTER:
        return (month + 2) / 3;
    case CT_UNIT_MONTH:
        return month;
    case CT_UNIT_WEEK:
    case CT_UNIT_WEEK_OF_YEAR: /* that of the week's Thursday */
        return (day_of_year(days - days % 7 + 3) - 1) / 7 + 1;
    case CT_UNIT_DAY:
        return day;
    case CT_UNIT_DAY_OF_YEAR:
        return day_of_year(days);
    case CT_UNIT_HOUR:
        return c.hour;
    case CT_UNIT_MINUTE:
        return c.minute;
    case CT_UNIT_SECOND:
        return c.second;
    case CT_UNIT_MILLISECOND:
        return c.fraction / 10000;
    case CT_UNIT_MICROSECOND:
        return c.fraction / 10;
    default:
        return c.fraction * INT64_C(100);
    }
}

/* The first tick of the unit with that number: perhaps one behind the last that exists. */
static bool unit_start(ct_kql_unit unit, int64_t number, int64_t *ticks)
{
    if (months_in(unit) > 0)
        return number >= 0 && number <= INT64_C(9999) * 12 / months_in(unit) &&
               month_start(number * months_in(unit), ticks);
    int64_t size = ticks_in(unit);
    if (number < 0 || number > CT_TICKS_MAX / size + 1)
        return false;
    *ticks = number * size - (unit == CT_UNIT_WEEK ? CT_TICKS_PER_DAY : 0);
    return true;
}

enum { OFFSET_MAX = 5000000 }; /* more than there are days */

bool ct_kql_start_of(ct_kql_unit unit, int64_t ticks, int64_t offset, int64_t *start)
{
    return offset >= -OFFSET_MAX && offset <= OFFSET_MAX &&
           unit_start(unit, unit_number(unit, ticks) + offset, start) && ct_is_datetime(*start);
}

bool ct_kql_end_of(ct_kql_unit unit, int64_t ticks, int64_t offset, int64_t *end)
{
    if (offset < -OFFSET_MAX || offset > OFFSET_MAX ||
        !unit_start(unit, unit_number(unit, ticks) + offset + 1, end))
        return false;
    *end -= 1;
    return ct_is_datetime(*end);
}

/* ---- from parts ----------------------------------------------------------------------------- */

/* 0 <= seconds < 60 in ticks. */
static bool seconds_to_ticks(double seconds, int64_t *ticks)
{
    if (!(seconds >= 0 && seconds < 60))
        return false;
    *ticks = (int64_t)round(seconds * (double)CT_TICKS_PER_SECOND);
    return *ticks < 60 * CT_TICKS_PER_SECOND;
}

static bool clock_to_ticks(int64_t hour, int64_t minute, double second, int64_t *ticks)
{
    if (hour < 0 || hour > 23 || minute < 0 || minute > 59 || !seconds_to_ticks(second, ticks))
        return false;
    *ticks += (hour * 60 + minute) * 60 * CT_TICKS_PER_SECOND;
    return true;
}

bool ct_kql_make_datetime(int64_t year, int64_t month, int64_t day, int64_t hour, int64_t minute,
                          double second, int64_t *ticks)
{
    if (year < 1 || year > 9999 || month < 1 || month > 12 || day < 1 ||
        day > ct_days_in_month((int)year, (int)month) ||
        !clock_to_ticks(hour, minute, second, ticks))
        return false;
    *ticks += ct_days_from_date((int)year, (int)month, (int)day) * CT_TICKS_PER_DAY;
    return true;
}

bool ct_kql_make_timespan(int64_t days, int64_t hours, int64_t minutes, double seconds,
                          int64_t *ticks)
{
    if (days < 0 || days > INT64_MAX / CT_TICKS_PER_DAY - 1 ||
        !clock_to_ticks(hours, minutes, seconds, ticks))
        return false;
    *ticks += days * CT_TICKS_PER_DAY;
    return true;
}

/* ---- by a format ---------------------------------------------------------------------------- */

static bool is_delimiter(char c)
{
    return c != '\0' && strchr(" /-:,._[]", c) != NULL;
}

/* How many of one letter stand at the front of the text, at most `max`. */
static int count_run(ct_span format, int max)
{
    int n = 1;
    while (n < max && (size_t)n < format.n && format.p[n] == format.p[0])
        n++;
    return n;
}

static void put_fraction(ct_buf *out, int fraction, int n_digits, bool without_zeros)
{
    for (int n = 7; n > n_digits; n--)
        fraction /= 10;
    while (without_zeros && n_digits > 0 && fraction % 10 == 0) {
        fraction /= 10;
        n_digits--;
    }
    if (n_digits > 0)
        put_padded(out, fraction, n_digits);
}

/* The specifiers of the time of day, which both formats share; the length of the one at the front,
 * 0 when none is there. */
static int put_clock(ct_buf *out, const clock *c, ct_span format)
{
    int n = count_run(format, 2);
    switch (format.p[0]) {
    case 'f':
    case 'F':
        n = count_run(format, 7);
        put_fraction(out, c->fraction, n, format.p[0] == 'F');
        return n;
    case 'H':
        put_padded(out, c->hour, n);
        return n;
    case 'm':
        put_padded(out, c->minute, n);
        return n;
    case 's':
        put_padded(out, c->second, n);
        return n;
    default:
        return 0;
    }
}

typedef struct calendar {
    int year, month, day;
} calendar;

static int put_date(ct_buf *out, const calendar *date, const clock *c, ct_span format)
{
    int n = count_run(format, 2);
    switch (format.p[0]) {
    case 'd':
        put_padded(out, date->day, n);
        return n;
    case 'M':
        put_padded(out, date->month, n);
        return n;
    case 'h':
        put_padded(out, c->hour % 12 == 0 ? 12 : c->hour % 12, n);
        return n;
    case 't':
        if (n == 2)
            ct_buf_put_text(out, c->hour < 12 ? "AM" : "PM");
        return n == 2 ? 2 : 0;
    case 'y':
        if (count_run(format, 4) == 4) {
            put_padded(out, date->year, 4);
            return 4;
        }
        put_padded(out, date->year % 100, n);
        return n;
    default:
        return 0;
    }
}

bool ct_kql_format_datetime(ct_buf *out, int64_t ticks, ct_span format)
{
    calendar date;
    ct_date_from_days(ticks / CT_TICKS_PER_DAY, &date.year, &date.month, &date.day);
    clock c = clock_of(ticks % CT_TICKS_PER_DAY);
    while (format.n > 0) {
        int n = put_date(out, &date, &c, format);
        if (n == 0)
            n = put_clock(out, &c, format);
        if (n == 0 && is_delimiter(format.p[0])) {
            ct_buf_put_char(out, format.p[0]);
            n = 1;
        }
        if (n == 0)
            return false;
        format = (ct_span){format.p + n, format.n - (size_t)n};
    }
    return true;
}

bool ct_kql_format_timespan(ct_buf *out, int64_t ticks, ct_span format)
{
    int64_t of_day;
    uint64_t days = split_timespan(ticks, &of_day);
    clock c = clock_of(of_day);
    if (ticks < 0)
        ct_buf_put_char(out, '-');
    while (format.n > 0) {
        int n = put_clock(out, &c, format);
        if (n == 0 && format.p[0] == 'd') {
            n = count_run(format, 8);
            put_padded(out, (int64_t)days, n);
        } else if (n == 0 && format.p[0] == 'h') {
            n = count_run(format, 2);
            put_padded(out, c.hour, n);
        } else if (n == 0 && is_delimiter(format.p[0])) {
            ct_buf_put_char(out, format.p[0]);
            n = 1;
        }
        if (n == 0)
            return false;
        format = (ct_span){format.p + n, format.n - (size_t)n};
    }
    return true;
}
