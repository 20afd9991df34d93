#include "base/timestamp.h"

#include "base/ascii.h"

/* What is left to read. */
typedef struct cursor {
    const char *p, *end;
} cursor;

static bool take_digits(cursor *c, int n, int *value)
{
    if (c->end - c->p < n)
        return false;
    *value = 0;
    for (int i = 0; i < n; i++) {
        if (c->p[i] < '0' || c->p[i] > '9')
            return false;
        *value = *value * 10 + (c->p[i] - '0');
    }
    c->p += n;
    return true;
}

static bool take_char(cursor *c, char expected)
{
    if (c->p == c->end || *c->p != expected)
        return false;
    c->p++;
    return true;
}

static bool is_leap(int year)
{
    return year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
}

int ct_days_in_month(int year, int month)
{
    static const int days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    return month == 2 && is_leap(year) ? 29 : days[month - 1];
}

/* A year that starts in March puts the leap day last, so the
 * length of the months before is one linear formula. */
int64_t ct_days_from_date(int year, int month, int day)
{
    int y = month <= 2 ? year - 1 : year;
    int m = (month + 9) % 12; /* March = 0 */
    return INT64_C(365) * y + y / 4 - y / 100 + y / 400 + (153 * m + 2) / 5 + day - 1 - 306;
}

static bool take_date(cursor *c, int64_t *ticks)
{
    int year, month, day;
    if (!take_digits(c, 4, &year) || !take_char(c, '-') || !take_digits(c, 2, &month) ||
        !take_char(c, '-') || !take_digits(c, 2, &day))
        return false;
    if (year < 1 || month < 1 || month > 12 || day < 1 || day > ct_days_in_month(year, month))
        return false;
    *ticks = ct_days_from_date(year, month, day) * 86400 * CT_TICKS_PER_SECOND;
    return true;
}

static bool take_fraction(cursor *c, int64_t *ticks)
{
    int n_digits = 0;
    for (int64_t unit = CT_TICKS_PER_SECOND / 10; c->p < c->end && *c->p >= '0' && *c->p <= '9';
         unit /= 10, c->p++, n_digits++)
        *ticks += (*c->p - '0') * unit; /* unit is 0 from the eighth digit on */
    return n_digits > 0;
}

static bool take_clock(cursor *c, int64_t *ticks)
{
    int hour, minute, second = 0;
    if (!take_digits(c, 2, &hour) || !take_char(c, ':') || !take_digits(c, 2, &minute))
        return false;
    bool has_seconds = take_char(c, ':');
    if (has_seconds && !take_digits(c, 2, &second))
        return false;
    if (hour > 23 || minute > 59 || second > 59)
        return false;
    *ticks += (hour * INT64_C(3600) + minute * 60 + second) * CT_TICKS_PER_SECOND;
    return !has_seconds || !take_char(c, '.') || take_fraction(c, ticks);
}

static bool take_offset(cursor *c, int64_t *ticks)
{
    if (c->p == c->end || take_char(c, 'Z') || take_char(c, 'z'))
        return true;
    int sign = take_char(c, '+') ? 1 : take_char(c, '-') ? -1 : 0;
    int hours, minutes = 0;
    if (sign == 0 || !take_digits(c, 2, &hours))
        return false;
    if (c->p < c->end) {
        (void)take_char(c, ':');
        if (!take_digits(c, 2, &minutes))
            return false;
    }
    if (hours > 23 || minutes > 59)
        return false;
    *ticks -= sign * (hours * INT64_C(3600) + minutes * 60) * CT_TICKS_PER_SECOND;
    return true;
}

/* Two digits, or a number above 99. */
static inline unsigned two_digits(const char *p)
{
    unsigned tens = (unsigned)p[0] - '0', ones = (unsigned)p[1] - '0';
    return tens > 9 || ones > 9 ? 100 : tens * 10 + ones;
}

/* The form that nearly every event has, YYYY-MM-DDTHH:MM:SSZ, without the general reader's steps.
 * False also for much that is fine: the general reader decides. */
static bool parse_usual_form(const char *p, int64_t *ticks)
{
    unsigned century = two_digits(p), year = two_digits(p + 2);
    unsigned month = two_digits(p + 5), day = two_digits(p + 8);
    unsigned hour = two_digits(p + 11), minute = two_digits(p + 14), second = two_digits(p + 17);
    if (p[4] != '-' || p[7] != '-' || p[10] != 'T' || p[13] != ':' || p[16] != ':' || p[19] != 'Z')
        return false;
    if (century < 1 || century > 99 || year > 99 || month < 1 || month > 12 || day < 1 ||
        hour > 23 || minute > 59 || second > 59)
        return false;
    int full_year = (int)(century * 100 + year);
    if (day > 28 && (int)day > ct_days_in_month(full_year, (int)month))
        return false;
    *ticks = (ct_days_from_date(full_year, (int)month, (int)day) * 86400 + hour * 3600 +
              minute * 60 + second) *
             CT_TICKS_PER_SECOND;
    return true;
}

bool ct_time_parse(const char *p, size_t n, int64_t *ticks)
{
    unsigned parts;
    return ct_time_parse_parts(p, n, ticks, &parts);
}

bool ct_time_parse_parts(const char *p, size_t n, int64_t *ticks, unsigned *parts)
{
    *parts = CT_TIME_HAS_CLOCK | CT_TIME_HAS_ZONE;
    if (n == 20 && parse_usual_form(p, ticks))
        return true;

    cursor c = {p, p + n};
    if (!take_date(&c, ticks))
        return false;
    if (c.p < c.end) {
        if (!take_char(&c, 'T') && !take_char(&c, 't') && !take_char(&c, ' '))
            return false;
        if (!take_clock(&c, ticks))
            return false;
        if (c.p == c.end)
            *parts &= ~(unsigned)CT_TIME_HAS_ZONE;
        if (!take_offset(&c, ticks))
            return false;
    } else {
        *parts = 0;
    }
    return c.p == c.end && *ticks >= 0 && *ticks <= CT_TICKS_MAX;
}

static char *put_digits(char *out, int value, int n)
{
    for (int i = n - 1; i >= 0; i--, value /= 10)
        out[i] = (char)('0' + value % 10);
    return out + n;
}

/* The inverse of ct_days_from_date, by Euclid's division over the 400-year cycle (146097 days). */
void ct_date_from_days(int64_t days, int *year, int *month, int *day)
{
    int64_t z = days + 306;
    int era = (int)(z / 146097);
    int day_of_era = (int)(z % 146097);
    int y = (day_of_era - day_of_era / 1460 + day_of_era / 36524 - day_of_era / 146096) / 365;
    int day_of_year = day_of_era - (365 * y + y / 4 - y / 100);
    int m = (5 * day_of_year + 2) / 153;
    *day = day_of_year - (153 * m + 2) / 5 + 1;
    *month = m < 10 ? m + 3 : m - 9;
    *year = era * 400 + y + (*month <= 2);
}

size_t ct_time_format(int64_t ticks, char out[CT_TIME_TEXT_MAX])
{
    int64_t seconds = ticks / CT_TICKS_PER_SECOND;
    int fraction = (int)(ticks % CT_TICKS_PER_SECOND);
    int of_day = (int)(seconds % 86400);
    int year, month, day;
    ct_date_from_days(seconds / 86400, &year, &month, &day);

    char *p = put_digits(out, year, 4);
    *p++ = '-';
    p = put_digits(p, month, 2);
    *p++ = '-';
    p = put_digits(p, day, 2);
    *p++ = 'T';
    p = put_digits(p, of_day / 3600, 2);
    *p++ = ':';
    p = put_digits(p, of_day / 60 % 60, 2);
    *p++ = ':';
    p = put_digits(p, of_day % 60, 2);
    if (fraction > 0) {
        *p++ = '.';
        int n_digits = 7;
        while (fraction % 10 == 0) {
            fraction /= 10;
            n_digits--;
        }
        p = put_digits(p, fraction, n_digits);
    }
    *p++ = 'Z';
    return (size_t)(p - out);
}

bool ct_time_parse_epoch(const char *p, size_t n, int64_t *ticks)
{
    enum { SECONDS_DIGITS = 10, MILLISECONDS_DIGITS = 13 };
    int64_t number = 0;
    size_t i = 0, k;
    for (; i < n && ct_is_digit(p[i]) && i < MILLISECONDS_DIGITS; i++)
        number = number * 10 + (p[i] - '0');
    for (k = i + 1; k < n && ct_is_digit(p[k]); k++)
        ;
    if (i < n && (p[i] != '.' || k < n || k == i + 1))
        return false;
    if (i != SECONDS_DIGITS && i != MILLISECONDS_DIGITS)
        return false;
    if (i == SECONDS_DIGITS)
        number *= 1000;
    *ticks = CT_TICKS_AT_UNIX_EPOCH + number * (CT_TICKS_PER_SECOND / 1000);
    return true;
}
