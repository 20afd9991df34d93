/*
 * windows: exact distinct counts, also over windows of rows and of time. Reads memory only.
 *
 *   count_distinct(x)                                aggregate and window function
 *   list_distinct(x)                                 aggregate and window function
 *   max_distinct_within(x, time, seconds)            aggregate and window function
 *   distinct_bursts(x, time, seconds, threshold)     aggregate and window function
 *
 * Equality is that of SQLite's DISTINCT, texts by BINARY. Rows whose x is NULL count for nothing.
 * All four stand in any frame, with FILTER and EXCLUDE. The first two follow a moving frame in
 * constant time a row; the other two read the frame anew for each row whose frame differs from the
 * last one's.
 *
 * `time` is ISO 8601 text, cut to 100 ns, or a number of seconds from any origin, a REAL rounded
 * to the microsecond (a REAL that holds seconds since 1970 is not finer). Numbers reach from
 * -460,000,000,000 to 460,000,000,000 seconds, so that milliseconds since 1970 are an error and not
 * a wrong answer. `seconds` is rounded to 100 ns and is at least that.
 */
#ifndef CT_WINDOWS_H
#define CT_WINDOWS_H

#include "sqlite/register.h"

int ct_windows_register(sqlite3 *db, char **error);

#endif
