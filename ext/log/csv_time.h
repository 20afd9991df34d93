/*
 * csv_time: the times that consoles and portals write into their CSV files.
 *
 * Read, beside what ct_time_parse() reads:
 *   2/25/2025, 9:19:25.391 AM               Azure portal, English (United States)
 *   25/02/2025, 09:19:25.391                Azure portal, English (United Kingdom) and others
 *   25.2.2025, 09:19:25,391                 Azure portal, German and others
 *   February 25, 2025, 11:19:25 (UTC+02:00) AWS console, in its reader's own zone
 * With slashes the month comes first exactly where AM or PM stands in capitals: only the United
 * States write so. A date that does not exist when read that way is refused, not turned around.
 */
#ifndef CT_CSV_TIME_H
#define CT_CSV_TIME_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* `is_utc`: the column says that its times are in UTC; else a time in one of the forms above must
 * name its zone. *ticks as ct_time_parse() gives them. */
bool ct_csv_time_parse(const char *p, size_t n, bool is_utc, int64_t *ticks);

#endif
