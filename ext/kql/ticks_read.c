/* The readers of ticks.h: dates and timespans as people and Kusto write them. */
#include "kql/ticks.h"

#include "base/ascii.h"
#include "kql/numbers.h"

/* What is left to read. */
typedef struct cursor {
    const char *p, *end;
} cursor;

static char peek(const cursor *c)
{
    return c->p < c->end ? *c->p : '\0';
}

static bool take(cursor *c, char expected)
{
    if (peek(c) != expected || c->p == c->end)
        return false;
    c->p++;
    return true;
}

static void skip_spaces(cursor *c)
{
    while (c->p < c->end && ct_is_blank(*c->p))
        c->p++;
}

/* min to max digits, all that stand there; their number, 0 when they are too few or too many. */
static int take_number(cursor *c, int min, int max, int *value)
{
    int n = 0;
    *value = 0;
    while (c->p + n < c->end && ct_is_digit(c->p[n])) {
        if (++n > max)
            return 0;
        *value = *value * 10 + (c->p[n - 1] - '0');
    }
    if (n < min)
        return 0;
    c->p += n;
    return n;
}

/* The fraction behind a point in ticks; digits behind the seventh are cut. */
static bool take_fraction(cursor *c, int64_t *ticks)
{
    int64_t unit = CT_TICKS_PER_SECOND / 10;
    const char *start = c->p;
    for (; ct_is_digit(peek(c)); c->p++, unit /= 10)
        *ticks += (*c->p - '0') * unit;
    return c->p > start;
}

/* A word of letters in any case. */
static ct_span take_word(cursor *c)
{
    ct_span word = {c->p, 0};
    while (c->p < c->end && (ct_is_lower(*c->p) || ct_is_upper(*c->p)))
        c->p++;
    word.n = (size_t)(c->p - word.p);
    return word;
}

static bool word_is(ct_span word, const char *lower, size_t n)
{
    if (word.n != n)
        return false;
    for (size_t i = 0; i < n; i++)
        if (ct_to_lower(word.p[i]) != lower[i])
            return false;
    return true;
}

/* Which of the names the word is, whole or by its first three letters; -1: none. */
static int name_number(ct_span word, const char *const *names, int n)
{
    for (int i = 0; i < n; i++)
        if (word_is(word, names[i], strlen(names[i])) || word_is(word, names[i], 3))
            return i;
    return -1;
}

/* ---- dates ---------------------------------------------------------------------------------- */

typedef struct date {
    int year, month, day;
} date;

static int full_year(int year, int n_digits)
{
    return n_digits > 2 ? year : year < 50 ? 2000 + year : 1900 + year;
}

/* 2015-12-31, 2015/12/31, and shorter. */
static bool take_year_first(cursor *c, date *d)
{
    cursor at = *c;
    *d = (date){0, 1, 1};
    if (take_number(&at, 4, 4, &d->year) == 0)
        return false;
    char separator = peek(&at);
    if (separator == '-' || separator == '/') {
        at.p++;
        if (!take_number(&at, 1, 2, &d->month))
            return false;
        if (take(&at, separator) && !take_number(&at, 1, 2, &d->day))
            return false;
    }
    *c = at;
    return true;
}

/* 12/31/2015, 12-31-2015. */
static bool take_month_first(cursor *c, date *d)
{
    cursor at = *c;
    if (!take_number(&at, 1, 2, &d->month))
        return false;
    char separator = peek(&at);
    if ((separator != '-' && separator != '/') || !take(&at, separator) ||
        !take_number(&at, 1, 2, &d->day) || !take(&at, separator) ||
        take_number(&at, 4, 4, &d->year) == 0)
        return false;
    *c = at;
    return true;
}

static const char *const month_names[] = {"january",   "february", "march",    "april",
                                          "may",       "june",     "july",     "august",
                                          "september", "october",  "november", "december"};
static const char *const day_names[] = {"monday", "tuesday",  "wednesday", "thursday",
                                        "friday", "saturday", "sunday"};

/* [Sat,] 8 Nov 14, 08-Nov-2014. */
static bool take_month_name(cursor *c, date *d)
{
    cursor at = *c;
    ct_span word = take_word(&at);
    if (word.n > 0) {
        if (name_number(word, day_names, 7) < 0)
            return false;
        (void)take(&at, ',');
        skip_spaces(&at);
    }
    if (!take_number(&at, 1, 2, &d->day))
        return false;
    char separator = peek(&at);
    if ((separator != ' ' && separator != '-') || !take(&at, separator))
        return false;
    d->month = name_number(take_word(&at), month_names, 12) + 1;
    if (d->month == 0 || !take(&at, separator))
        return false;
    int n = take_number(&at, 2, 4, &d->year);
    if (n != 2 && n != 4)
        return false;
    d->year = full_year(d->year, n);
    *c = at;
    return true;
}

static bool take_clock(cursor *c, int64_t *ticks)
{
    int hour, minute, second = 0;
    if (!take_number(c, 1, 2, &hour) || !take(c, ':') || !take_number(c, 2, 2, &minute))
        return false;
    if (take(c, ':') && !take_number(c, 2, 2, &second))
        return false;
    if (take(c, '.') && !take_fraction(c, ticks))
        return false;
    skip_spaces(c);
    cursor at = *c;
    ct_span word = take_word(&at);
    bool pm = word_is(word, "pm", 2);
    if (pm || word_is(word, "am", 2)) {
        if (hour < 1 || hour > 12)
            return false;
        hour = hour % 12 + (pm ? 12 : 0);
        *c = at;
    }
    if (hour > 23 || minute > 59 || second > 59)
        return false;
    *ticks += (hour * INT64_C(3600) + minute * 60 + second) * CT_TICKS_PER_SECOND;
    return true;
}

/* Z, UTC, GMT, +02:00, +0200, +02, or nothing. */
static bool take_offset(cursor *c, int64_t *ticks)
{
    skip_spaces(c);
    ct_span word = take_word(c);
    if (word.n > 0)
        return word_is(word, "z", 1) || word_is(word, "utc", 3) || word_is(word, "gmt", 3);
    int sign = take(c, '+') ? 1 : take(c, '-') ? -1 : 0;
    if (sign == 0)
        return true;
    int hours, minutes = 0;
    int n = take_number(c, 1, 4, &hours);
    if (n == 0 || n == 3)
        return false;
    if (n == 4) {
        minutes = hours % 100;
        hours /= 100;
    } else if (take(c, ':') && !take_number(c, 2, 2, &minutes)) {
        return false;
    }
    if (hours > 14 || minutes > 59)
        return false;
    *ticks -= sign * (hours * INT64_C(3600) + minutes * 60) * CT_TICKS_PER_SECOND;
    return true;
}

bool ct_kql_read_datetime(const char *p, size_t n, int64_t *ticks)
{
    ct_span text = ct_kql_trimmed((ct_span){p, n});
    if (ct_time_parse(text.p, text.n, ticks))
        return true;
    cursor c = {text.p, text.p + text.n};
    date d;
    if (!take_year_first(&c, &d) && !take_month_first(&c, &d) && !take_month_name(&c, &d))
        return false;
    if (d.year < 1 || d.month < 1 || d.month > 12 || d.day < 1 ||
        d.day > ct_days_in_month(d.year, d.month))
        return false;
    *ticks = ct_days_from_date(d.year, d.month, d.day) * CT_TICKS_PER_DAY;
    if (c.p < c.end) {
        bool separated = take(&c, 'T') || ct_is_blank(peek(&c));
        skip_spaces(&c);
        if (!separated || !take_clock(&c, ticks) || !take_offset(&c, ticks))
            return false;
    }
    return c.p == c.end && ct_is_datetime(*ticks);
}

/* ---- timespans ------------------------------------------------------------------------------ */

static bool unit_ticks(ct_span name, int64_t *ticks)
{
    static const struct {
        const char *name;
        int64_t ticks;
    } units[] = {
        {"d", CT_TICKS_PER_DAY},
        {"day", CT_TICKS_PER_DAY},
        {"days", CT_TICKS_PER_DAY},
        {"h", 3600 * CT_TICKS_PER_SECOND},
        {"hr", 3600 * CT_TICKS_PER_SECOND},
        {"hrs", 3600 * CT_TICKS_PER_SECOND},
        {"hour", 3600 * CT_TICKS_PER_SECOND},
        {"hours", 3600 * CT_TICKS_PER_SECOND},
        {"m", 60 * CT_TICKS_PER_SECOND},
        {"min", 60 * CT_TICKS_PER_SECOND},
        {"minute", 60 * CT_TICKS_PER_SECOND},
        {"minutes", 60 * CT_TICKS_PER_SECOND},
        {"s", CT_TICKS_PER_SECOND},
        {"sec", CT_TICKS_PER_SECOND},
        {"second", CT_TICKS_PER_SECOND},
        {"seconds", CT_TICKS_PER_SECOND},
        {"ms", CT_TICKS_PER_SECOND / 1000},
        {"milli", CT_TICKS_PER_SECOND / 1000},
        {"millisecond", CT_TICKS_PER_SECOND / 1000},
        {"milliseconds", CT_TICKS_PER_SECOND / 1000},
        {"micro", CT_TICKS_PER_SECOND / 1000000},
        {"microsecond", CT_TICKS_PER_SECOND / 1000000},
        {"microseconds", CT_TICKS_PER_SECOND / 1000000},
        {"tick", 1},
        {"ticks", 1},
        {"nano", 0}, /* a hundredth of a tick */
        {"nanosecond", 0},
        {"nanoseconds", 0},
    };
    for (size_t i = 0; i < sizeof units / sizeof units[0]; i++) {
        if (ct_span_is(name, units[i].name)) {
            *ticks = units[i].ticks;
            return true;
        }
    }
    return false;
}

/* whole.fraction units in ticks, cut; false when that is too long. */
static bool scale(ct_span whole, ct_span fraction, int64_t unit, int64_t *ticks)
{
    int64_t number = 0;
    for (size_t i = 0; i < whole.n; i++) {
        int digit = whole.p[i] - '0';
        if (number > (INT64_MAX / unit - digit) / 10)
            return false;
        number = number * 10 + digit;
    }

    /* From the last digit to the first, so that integers are exact: .25 is (2 + 5/10) / 10. */
    int64_t rest = 0;
    for (size_t i = fraction.n; i > 0; i--)
        rest = (rest + (fraction.p[i - 1] - '0') * unit) / 10;

    if (number * unit > INT64_MAX - rest)
        return false;
    *ticks = number * unit + rest;
    return true;
}

static ct_span take_digits(cursor *c)
{
    ct_span digits = {c->p, 0};
    while (ct_is_digit(peek(c)))
        c->p++;
    digits.n = (size_t)(c->p - digits.p);
    return digits;
}

/* A number, perhaps with a point, and a unit behind it; days without one. */
static bool read_units(cursor c, int64_t *ticks)
{
    ct_span whole = take_digits(&c), fraction = {c.p, 0};
    if (take(&c, '.')) {
        fraction = take_digits(&c);
        if (fraction.n == 0)
            return false;
    }
    skip_spaces(&c);
    int64_t unit = CT_TICKS_PER_DAY;
    bool has_unit = c.p < c.end;
    if (whole.n == 0 || (has_unit && !unit_ticks((ct_span){c.p, (size_t)(c.end - c.p)}, &unit)) ||
        (!has_unit && fraction.n > 0))
        return false;
    if (unit > 0)
        return scale(whole, fraction, unit, ticks);
    if (!scale(whole, fraction, 1, ticks))
        return false;
    *ticks /= 100;
    return true;
}

/* [d.]hh:mm[:ss[.fffffff]] */
static bool read_clock(cursor c, int64_t *ticks)
{
    ct_span first = take_digits(&c);
    int64_t of_days = 0;
    int hour, minute, second = 0;
    *ticks = 0;
    if (first.n > 0 && take(&c, '.')) {
        if (!scale(first, (ct_span){c.p, 0}, CT_TICKS_PER_DAY, &of_days))
            return false;
    } else {
        c.p = first.p;
    }
    if (!take_number(&c, 1, 2, &hour) || !take(&c, ':') || !take_number(&c, 1, 2, &minute))
        return false;
    if (take(&c, ':')) {
        if (!take_number(&c, 1, 2, &second) || (take(&c, '.') && !take_fraction(&c, ticks)))
            return false;
    }
    if (c.p < c.end || hour > 23 || minute > 59 || second > 59)
        return false;
    *ticks += (hour * INT64_C(3600) + minute * 60 + second) * CT_TICKS_PER_SECOND;
    if (of_days > INT64_MAX - *ticks)
        return false;
    *ticks += of_days;
    return true;
}

bool ct_kql_read_timespan(const char *p, size_t n, int64_t *ticks)
{
    static const char smallest[] = "10675199.02:48:05.4775808"; /* as -2^63 ticks is written */
    ct_span text = ct_kql_trimmed((ct_span){p, n});
    cursor c = {text.p, text.p + text.n};
    bool negative = take(&c, '-');
    if (negative && ct_span_is((ct_span){c.p, (size_t)(c.end - c.p)}, smallest)) {
        *ticks = INT64_MIN;
        return true;
    }
    if (!read_clock(c, ticks) && !read_units(c, ticks))
        return false;
    if (negative)
        *ticks = -*ticks;
    return true;
}

/* ---- guids ---------------------------------------------------------------------------------- */

bool ct_kql_read_guid(const char *p, size_t n, char out[CT_KQL_GUID_BYTES])
{
    ct_span text = ct_kql_trimmed((ct_span){p, n});
    if (text.n > 2 && ((text.p[0] == '{' && text.p[text.n - 1] == '}') ||
                       (text.p[0] == '(' && text.p[text.n - 1] == ')')))
        text = (ct_span){text.p + 1, text.n - 2};
    bool dashed = text.n == CT_KQL_GUID_BYTES;
    if (!dashed && text.n != 32)
        return false;
    const char *at = text.p;
    for (int i = 0; i < CT_KQL_GUID_BYTES; i++) {
        if (i == 8 || i == 13 || i == 18 || i == 23) {
            if (dashed && *at++ != '-')
                return false;
            out[i] = '-';
        } else {
            if (!ct_is_hex(*at))
                return false;
            out[i] = ct_to_lower(*at++);
        }
    }
    return true;
}
