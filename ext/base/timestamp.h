/*
 * timestamp: points in time as text and as a number.
 *
 * The number counts ticks of 100 ns from 0001-01-01T00:00:00Z, as Kusto (and .NET) does: its bin()
 * floors from there, and every year from 0001 to 9999 fits.
 *
 * Read:    YYYY-MM-DD, then optionally T or a space, HH:MM[:SS[.fraction]], then optionally Z,
 * +HH:MM, +HHMM, +HH (or with -). Without an offset the text is UTC, as everywhere in SQLite. White
 * space around it is not skipped. Digits behind the seventh of a fraction are cut. Refused: dates
 * that do not exist, 24:00, a leap second (:60), years outside 0001 to 9999.
 */
#ifndef CT_TIMESTAMP_H
#define CT_TIMESTAMP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define CT_TICKS_PER_SECOND INT64_C(10000000)
#define CT_TICKS_AT_UNIX_EPOCH INT64_C(621355968000000000)

#define CT_TICKS_PER_DAY (86400 * CT_TICKS_PER_SECOND)
#define CT_TICKS_MAX INT64_C(3155378975999999999) /* 9999-12-31T23:59:59.9999999Z */

bool ct_time_parse(const char *p, size_t n, int64_t *ticks);

/* The same, and says what of it stood in the text: a date alone has neither. */
enum { CT_TIME_HAS_CLOCK = 1, CT_TIME_HAS_ZONE = 2 };
bool ct_time_parse_parts(const char *p, size_t n, int64_t *ticks, unsigned *parts);

/* Reads seconds (10 digits) or milliseconds (13) since 1970; a fraction behind them is cut. */
bool ct_time_parse_epoch(const char *p, size_t n, int64_t *ticks);

/* Writes `YYYY-MM-DDTHH:MM:SSZ`, with `.fffffff` (trailing zeros cut) before the Z where the time
 * has a fraction. Returns the length; no NUL is added. The ticks must be of a year 0001 to 9999. */
enum { CT_TIME_TEXT_MAX = 28 };
size_t ct_time_format(int64_t ticks, char out[CT_TIME_TEXT_MAX]);

/* Days from 0001-01-01, a Monday, to a date that exists, and back. */
int64_t ct_days_from_date(int year, int month, int day);
void ct_date_from_days(int64_t days, int *year, int *month, int *day);
int ct_days_in_month(int year, int month);

#endif
