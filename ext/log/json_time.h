/*
 * json_time: the value of a record's eventTime, as any tool writes it into JSON.
 *
 * Read: what ct_time_parse_parts() reads, also with " UTC" behind it (Athena); a number of seconds,
 * milliseconds, microseconds or nanoseconds since 1970, also as a string; and mongoexport's
 * {"$date": ...} around either, or around {"$numberLong": "..."}.
 */
#ifndef CT_JSON_TIME_H
#define CT_JSON_TIME_H

#include <stdbool.h>
#include <stdint.h>

#include "base/json.h"

/* Whether a string stands as the column writes it, YYYY-MM-DDTHH:MM:SSZ; that it is a date is not
 * looked at. */
bool ct_json_time_is_column(const ct_json *value);

/* *ticks as ct_time_parse() gives them; *parts says which of clock and zone the value names. */
bool ct_json_time_read(const ct_json *value, int64_t *ticks, unsigned *parts);

#endif
