/*
 * ticks: Kusto's datetime and timespan, both as ticks of 100 ns; a datetime counts from
 * 0001-01-01T00:00:00Z and reaches to the end of 9999.
 *
 * Weeks begin on Sunday, but for week_of_year, which is that of ISO 8601. What would lie outside
 * of the years 1 to 9999 has no value: false. A datetime that comes in must lie within.
 */
#ifndef CT_KQL_TICKS_H
#define CT_KQL_TICKS_H

#include <stdbool.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/span.h"
#include "base/timestamp.h"

/* ---- reading (ticks_read.c) ---- */

/*
 * A date as Kusto reads it, white space around it apart: ISO 8601 in all its lengths (2015,
 * 2015-12, 2015-12-31, with T or a space and a time, a fraction, Z or an offset), month/day/year,
 * month-day-year, and the forms of RFC 822 and 850 (Sat, 8 Nov 14 15:05:02 GMT). Without an offset
 * it is UTC. Digits behind the seventh of a fraction are cut. Years of two digits are 1950 to 2049.
 */
bool ct_kql_read_datetime(const char *p, size_t n, int64_t *ticks);

/* [-][d.]hh:mm[:ss[.fffffff]], a number of days, or a number and its unit (1.5h, 15 seconds). */
bool ct_kql_read_timespan(const char *p, size_t n, int64_t *ticks);

/* 32 hexadecimal digits, with dashes 8-4-4-4-12 or without, in braces or parentheses or not; out
 * gets the form with dashes in lower case. */
enum { CT_KQL_GUID_BYTES = 36 };
bool ct_kql_read_guid(const char *p, size_t n, char out[CT_KQL_GUID_BYTES]);

/* ---- calculating ---- */

static inline bool ct_is_datetime(int64_t ticks)
{
    return ticks >= 0 && ticks <= CT_TICKS_MAX;
}

/* YYYY-MM-DDTHH:MM:SS.fffffffZ, always seven digits: tostring() of a datetime. */
void ct_kql_put_datetime(ct_buf *out, int64_t ticks);

/* [-][d.]hh:mm:ss[.fffffff]: tostring() of a timespan. */
void ct_kql_put_timespan(ct_buf *out, int64_t ticks);

typedef enum ct_kql_unit {
    CT_UNIT_YEAR,
    CT_UNIT_QUARTER,
    CT_UNIT_MONTH,
    CT_UNIT_WEEK,
    CT_UNIT_DAY,
    CT_UNIT_HOUR,
    CT_UNIT_MINUTE,
    CT_UNIT_SECOND,
    CT_UNIT_MILLISECOND,
    CT_UNIT_MICROSECOND,
    CT_UNIT_NANOSECOND,
    CT_UNIT_WEEK_OF_YEAR, /* of datetime_part() only, like the next */
    CT_UNIT_DAY_OF_YEAR
} ct_kql_unit;

/* By its name in any case. */
bool ct_kql_unit_named(ct_span name, ct_kql_unit *unit);

/* How many boundaries of the unit lie between b and a; below 0 when a comes first. */
int64_t ct_kql_datetime_diff(ct_kql_unit unit, int64_t a, int64_t b);

bool ct_kql_datetime_add(ct_kql_unit unit, int64_t n, int64_t ticks, int64_t *sum);
int64_t ct_kql_datetime_part(ct_kql_unit unit, int64_t ticks);

/* The first tick of the day, week, month or year that lies `offset` units away from that of ticks;
 * the last tick of it. */
bool ct_kql_start_of(ct_kql_unit unit, int64_t ticks, int64_t offset, int64_t *start);
bool ct_kql_end_of(ct_kql_unit unit, int64_t ticks, int64_t offset, int64_t *end);

/* Days since Sunday. */
int64_t ct_kql_day_of_week(int64_t ticks);

/* From its parts; false where there is no such time. */
bool ct_kql_make_datetime(int64_t year, int64_t month, int64_t day, int64_t hour, int64_t minute,
                          double second, int64_t *ticks);
bool ct_kql_make_timespan(int64_t days, int64_t hours, int64_t minutes, double seconds,
                          int64_t *ticks);

/*
 * Append by a format. False when something in it is neither a specifier nor one of the delimiters
 * (space / - : , . _ [ ]).
 * datetime: d dd f..fffffff F..FFFFFFF h hh H HH m mm M MM s ss tt y yy yyyy; a longer run of one
 * letter is several of these. timespan: d..dddddddd f F h hh H HH m mm s ss, with a minus sign in
 * front where it is negative.
 */
bool ct_kql_format_datetime(ct_buf *out, int64_t ticks, ct_span format);
bool ct_kql_format_timespan(ct_buf *out, int64_t ticks, ct_span format);

#endif
