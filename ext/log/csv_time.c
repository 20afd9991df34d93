#include "log/csv_time.h"

#include <stdio.h>
#include <string.h>

#include "base/ascii.h"
#include "base/timestamp.h"

typedef struct cursor {
    const char *p, *end;
} cursor;

typedef struct parts {
    int first, second, year; /* of the date, in the order of the text */
    bool month_is_known;     /* it was a name, or the date began with the year */
    bool slashes;
    bool has_seconds;
    int hour, minute, seconds;
    char fraction[8];
    bool is_12_hours, is_pm, is_capital;
    char zone[16]; /* Z or +HH:MM; "": none */
} parts;

static bool take(cursor *c, char expected)
{
    if (c->p == c->end || *c->p != expected)
        return false;
    c->p++;
    return true;
}

static bool take_word(cursor *c, const char *word)
{
    size_t n = strlen(word);
    if ((size_t)(c->end - c->p) < n || memcmp(c->p, word, n) != 0)
        return false;
    c->p += n;
    return true;
}

/* Spaces, also the two that do not break, which browsers write before AM. */
static void skip_spaces(cursor *c)
{
    while (take(c, ' ') || take_word(c, "\xC2\xA0") || take_word(c, "\xE2\x80\xAF"))
        ;
}

static bool take_number(cursor *c, int max_digits, int *value)
{
    const char *start = c->p;
    *value = 0;
    while (c->p < c->end && c->p - start < max_digits && *c->p >= '0' && *c->p <= '9')
        *value = *value * 10 + (*c->p++ - '0');
    return c->p > start;
}

/* A month by its English name, or the first three letters of it. */
static bool take_month(cursor *c, int *month)
{
    static const char *const names[] = {"January",   "February", "March",    "April",
                                        "May",       "June",     "July",     "August",
                                        "September", "October",  "November", "December"};
    for (int i = 0; i < 12; i++) {
        char start[4] = {names[i][0], names[i][1], names[i][2], '\0'};
        if (take_word(c, names[i]) || take_word(c, start)) {
            *month = i + 1;
            return true;
        }
    }
    return false;
}

/* May 14, 2024 */
static bool take_named_date(cursor *c, parts *t)
{
    t->month_is_known = true;
    if (!take_month(c, &t->first))
        return false;
    skip_spaces(c);
    if (!take_number(c, 2, &t->second))
        return false;
    (void)take(c, ',');
    skip_spaces(c);
    return take_number(c, 4, &t->year);
}

/* 5/14/2024, 14/05/2024, 14.5.2024, 2024-05-14, 2024/5/14 or 2024. 5. 14. */
static bool take_date(cursor *c, parts *t)
{
    if (c->p < c->end && (*c->p < '0' || *c->p > '9'))
        return take_named_date(c, t);
    const char *start = c->p;
    if (!take_number(c, 4, &t->first))
        return false;
    if (c->p - start == 4) {
        t->month_is_known = true;
        t->year = t->first;
        char between = take(c, '-') ? '-' : take(c, '/') ? '/' : take(c, '.') ? '.' : '\0';
        skip_spaces(c);
        if (!between || !take_number(c, 2, &t->first) || !take(c, between))
            return false;
        skip_spaces(c);
        if (!take_number(c, 2, &t->second))
            return false;
        (void)(between == '.' && take(c, '.'));
        return true;
    }
    t->slashes = take(c, '/');
    if (!t->slashes && !take(c, '.'))
        return false;
    return take_number(c, 2, &t->second) && take(c, t->slashes ? '/' : '.') &&
           take_number(c, 4, &t->year);
}

static bool take_clock(cursor *c, parts *t)
{
    if (!take_number(c, 2, &t->hour) || !take(c, ':') || !take_number(c, 2, &t->minute))
        return false;
    t->has_seconds = take(c, ':');
    if (t->has_seconds && !take_number(c, 2, &t->seconds))
        return false;
    if (take(c, '.') || take(c, ',')) {
        const char *start = c->p;
        int value;
        if (!take_number(c, 7, &value))
            return false;
        memcpy(t->fraction, start, (size_t)(c->p - start));
        while (c->p < c->end && ct_is_digit(*c->p))
            c->p++; /* finer than the table's times */
    }
    return true;
}

static void take_half(cursor *c, parts *t)
{
    skip_spaces(c);
    t->is_capital = c->p < c->end && (*c->p == 'A' || *c->p == 'P');
    if (take_word(c, "AM") || take_word(c, "am") || take_word(c, "a.m."))
        t->is_12_hours = true;
    else if (take_word(c, "PM") || take_word(c, "pm") || take_word(c, "p.m."))
        t->is_12_hours = t->is_pm = true;
}

/* The half of the day where it stands before the clock: Korean, Chinese, Japanese. */
static void take_half_before(cursor *c, parts *t)
{
    static const char *const words[][2] = {
        {"\xEC\x98\xA4\xEC\xA0\x84", "\xEC\x98\xA4\xED\x9B\x84"},
        {"\xE4\xB8\x8A\xE5\x8D\x88", "\xE4\xB8\x8B\xE5\x8D\x88"},
        {"\xE5\x8D\x88\xE5\x89\x8D", "\xE5\x8D\x88\xE5\xBE\x8C"},
    };
    for (size_t i = 0; i < sizeof words / sizeof words[0]; i++) {
        t->is_pm = take_word(c, words[i][1]);
        if (t->is_pm || take_word(c, words[i][0])) {
            t->is_12_hours = true;
            break;
        }
    }
    skip_spaces(c);
}

/* Nothing, Z, UTC, UTC+02:00, GMT+2; also in brackets */
static bool take_zone(cursor *c, parts *t)
{
    skip_spaces(c);
    bool bracket = take(c, '(');
    if (take(c, 'Z') || take_word(c, "UTC") || take_word(c, "GMT"))
        t->zone[0] = 'Z';
    int sign = take(c, '+') ? '+' : take(c, '-') ? '-' : 0;
    if (sign) {
        int hours, minutes = 0;
        if (!take_number(c, 2, &hours))
            return false;
        (void)take(c, ':');
        (void)take_number(c, 2, &minutes);
        snprintf(t->zone, sizeof t->zone, "%c%02d:%02d", sign, hours % 100, minutes % 100);
    }
    return !bracket || take(c, ')');
}

/* As ISO text, for the one reader that knows the calendar. */
static bool from_parts(const parts *t, int64_t *ticks)
{
    bool month_first = t->month_is_known || (t->slashes && t->is_12_hours && t->is_capital);
    int month = month_first ? t->first : t->second;
    int day = month_first ? t->second : t->first;
    int hour = t->hour;
    if (t->is_12_hours) {
        if (hour < 1 || hour > 12)
            return false;
        hour = hour % 12 + (t->is_pm ? 12 : 0);
    }
    char text[64];
    int n = snprintf(text, sizeof text, "%04d-%02d-%02dT%02d:%02d:%02d%s%s%s", t->year, month, day,
                     hour, t->minute, t->seconds, t->fraction[0] ? "." : "", t->fraction, t->zone);
    return n > 0 && (size_t)n < sizeof text && ct_time_parse(text, (size_t)n, ticks);
}

/* Whether a clock without a zone names its seconds: two colons. */
static bool has_seconds(const char *p, size_t n)
{
    const char *colon = memchr(p, ':', n);
    return colon && memchr(colon + 1, ':', (size_t)(p + n - colon - 1));
}

bool ct_csv_time_parse(const char *p, size_t n, bool is_utc, int64_t *ticks)
{
    unsigned known;
    if (ct_time_parse_parts(p, n, ticks, &known))
        return (known & CT_TIME_HAS_ZONE) ||
               (is_utc && (known & CT_TIME_HAS_CLOCK) && has_seconds(p, n));
    if (ct_time_parse_epoch(p, n, ticks))
        return true;
    cursor c = {p, p + n};
    parts t = {.year = 0};
    skip_spaces(&c);
    if (!take_date(&c, &t))
        return false;
    (void)(take(&c, ',') || take(&c, 'T'));
    skip_spaces(&c);
    take_half_before(&c, &t);
    if (!take_clock(&c, &t))
        return false;
    if (!t.is_12_hours)
        take_half(&c, &t);
    if (!take_zone(&c, &t))
        return false;
    skip_spaces(&c);
    return c.p == c.end && (t.zone[0] || (is_utc && t.has_seconds)) && from_parts(&t, ticks);
}
