/*
 * KQL's datetimes, timespans and numbers. Expected values are those of Microsoft's engine or of
 * Kusto's documentation, or come from SQLite's strftime.
 */
#include "harness.h"

#include <math.h>
#include <string.h>

#include "base/buf.h"
#include "kql/numbers.h"
#include "kql/ticks.h"

typedef struct row {
    const char *expression, *expected;
} row;

static void assert_rows(const row *rows, size_t n)
{
    sqlite3 *db = harness_open();
    for (size_t i = 0; i < n; i++) {
        char *sql = sqlite3_mprintf("SELECT %s", rows[i].expression);
        assert_query(db, sql, rows[i].expected);
        sqlite3_free(sql);
    }
    harness_close(db);
}

#define ASSERT_ROWS(rows) assert_rows(rows, sizeof(rows) / sizeof(rows)[0])

/* ---- reading -------------------------------------------------------------------------------- */

static void test_read_datetime_forms_of_the_documentation(void **state)
{
    static const struct {
        const char *text, *expected; /* NULL: none */
    } cases[] = {
        /* the page of the datetime type: ISO 8601, RFC 822, RFC 850 */
        {"2014-05-25T08:20:03.123456Z", "2014-05-25T08:20:03.123456Z"},
        {"2014-05-25T08:20:03.123456", "2014-05-25T08:20:03.123456Z"},
        {"2014-05-25T08:20", "2014-05-25T08:20:00Z"},
        {"2014-11-08 15:55:55.123456Z", "2014-11-08T15:55:55.123456Z"},
        {"2014-11-08 15:55:55", "2014-11-08T15:55:55Z"},
        {"2014-11-08 15:55", "2014-11-08T15:55:00Z"},
        {"2014-11-08", "2014-11-08T00:00:00Z"},
        {"Sat, 8 Nov 14 15:05:02 GMT", "2014-11-08T15:05:02Z"},
        {"Sat, 8 Nov 14 15:05:02", "2014-11-08T15:05:02Z"},
        {"Sat, 8 Nov 14 15:05", "2014-11-08T15:05:00Z"},
        {"Sat, 8 Nov 14 15:05 GMT", "2014-11-08T15:05:00Z"},
        {"8 Nov 14 15:05:02", "2014-11-08T15:05:02Z"},
        {"8 Nov 14 15:05", "2014-11-08T15:05:00Z"},
        {"8 Nov 14 15:05 GMT", "2014-11-08T15:05:00Z"},
        {"Saturday, 08-Nov-14 15:05:02 UTC", "2014-11-08T15:05:02Z"},
        {"Saturday, 08-Nov-14 15:05 UTC", "2014-11-08T15:05:00Z"},
        {"08-Nov-14 15:05:02 UTC", "2014-11-08T15:05:02Z"},
        {"08-Nov-14 15:05:02", "2014-11-08T15:05:02Z"},
        /* facts of the engine: month first, an offset, a year or month alone */
        {"12-02-2022", "2022-12-02T00:00:00Z"},
        {"12/02/2022", "2022-12-02T00:00:00Z"},
        {"02/17/2016 08:40:01", "2016-02-17T08:40:01Z"},
        {"13-01-2022", NULL},
        {"2020-01-01T00:00:00+02:00", "2019-12-31T22:00:00Z"},
        {"2020-01-01T00:00:00-0830", "2020-01-01T08:30:00Z"},
        {"2015", "2015-01-01T00:00:00Z"},
        {"2015-12", "2015-12-01T00:00:00Z"},
        {"2020-13-01", NULL},
        {"2020-02-30", NULL},
        {"not-a-date", NULL},
        {" 1970-01-01T00:00:00Z ", "1970-01-01T00:00:00Z"},
        {"1969-07-20", "1969-07-20T00:00:00Z"},
        {"2020-06-15T13:45:09.1234567Z", "2020-06-15T13:45:09.1234567Z"},
        {"2020-06-15T13:45:09.12345678Z", "2020-06-15T13:45:09.1234567Z"},
        {"5/25/2014 8:20:03 PM", "2014-05-25T20:20:03Z"},
        {"5/25/2014 12:20 AM", "2014-05-25T00:20:00Z"},
        {"5/25/2014 13:20 AM", NULL},
        {"0001-01-01T00:00:00+01:00", NULL},
        {"9999-12-31T23:59:59.9999999Z", "9999-12-31T23:59:59.9999999Z"},
        {"0000-01-01", NULL},
        {"", NULL},
        {" ", NULL},
        {"2014-11-08T", NULL},
        {"2014-11-08 15", NULL},
        {"2014-11-08 24:00", NULL},
        {"2014-11-08 15:05 CET", NULL},
        {"8 Nov", NULL},
        {"Foo, 8 Nov 14 15:05", NULL},
        {"20141108", NULL},
        {"12345", NULL},
    };
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        int64_t ticks;
        char text[CT_TIME_TEXT_MAX + 1] = "";
        bool found = ct_kql_read_datetime(cases[i].text, strlen(cases[i].text), &ticks);
        if (found)
            text[ct_time_format(ticks, text)] = '\0';
        if (found != (cases[i].expected != NULL) || (found && strcmp(text, cases[i].expected) != 0))
            fail_msg("'%s': got '%s'", cases[i].text, text);
    }
}

static void test_read_timespan_forms_of_the_documentation(void **state)
{
    static const struct {
        const char *text, *expected;
    } cases[] = {
        /* the page of the timespan type, and the engine */
        {"2d", "2.00:00:00"},
        {"1.5h", "01:30:00"},
        {"30m", "00:30:00"},
        {"10s", "00:00:10"},
        {"0.1s", "00:00:00.1000000"},
        {"100ms", "00:00:00.1000000"},
        {"10microsecond", "00:00:00.0000100"},
        {"1tick", "00:00:00.0000001"},
        {"100 nanoseconds", "00:00:00.0000001"},
        {"15 seconds", "00:00:15"},
        {"2", "2.00:00:00"},
        {"0.12:34:56.7", "12:34:56.7000000"},
        {"1.02:03:04.5", "1.02:03:04.5000000"},
        {"-00:30:00", "-00:30:00"},
        {"13:00", "13:00:00"},
        {"01:00:00", "01:00:00"},
        {"-1.02:03:04", "-1.02:03:04"},
        {"10675199.02:48:05.4775807", "10675199.02:48:05.4775807"},
        {"-10675199.02:48:05.4775808", "-10675199.02:48:05.4775808"},
        {"10675199.02:48:05.4775808", NULL},
        {"24:00", NULL},
        {"00:60", NULL},
        {"00:00:60", NULL},
        {"abc", NULL},
        {"", NULL},
        {"-", NULL},
        {"1us", NULL},
        {"1d2h", NULL},
        {"1.5", NULL},
        {"1.", NULL},
        {"12:", NULL},
        {"1.2.03:04", NULL},
    };
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        int64_t ticks;
        ct_buf out = CT_BUF_EMPTY;
        bool found = ct_kql_read_timespan(cases[i].text, strlen(cases[i].text), &ticks);
        if (found)
            ct_kql_put_timespan(&out, ticks);
        ct_buf_put_char(&out, '\0');
        if (found != (cases[i].expected != NULL) ||
            (found && strcmp(out.data, cases[i].expected) != 0))
            fail_msg("'%s': got '%s'", cases[i].text, out.data);
        ct_buf_free(&out);
    }
}

static void test_read_guid_gives_the_form_with_dashes(void **state)
{
    static const row rows[] = {
        {"kql_toguid_string('70FC66F7-8279-44FC-9092-D364D70FCE44')",
         "70fc66f7-8279-44fc-9092-d364d70fce44"},
        {"kql_toguid_string(' {70fc66f7827944fc9092d364d70fce44} ')",
         "70fc66f7-8279-44fc-9092-d364d70fce44"},
        {"kql_toguid_string('70fc66f7-8279-44fc-9092-d364d70fce4'), kql_toguid_string(''),"
         " kql_toguid_string('70fc66f7+8279-44fc-9092-d364d70fce44'),"
         " kql_toguid_string('70fc66f7-8279-44fc-9092-d364d70fceXX')",
         "NULL|NULL|NULL|NULL"},
    };
    (void)state;
    ASSERT_ROWS(rows);
}

/* ---- datetimes ------------------------------------------------------------------------------ */

/* The engine's answers, times written as Kusto writes them: D('...') reads, O() writes. */
static void assert_times(const row *rows, size_t n)
{
    sqlite3 *db = harness_open();
    for (size_t i = 0; i < n; i++) {
        sqlite3_str *sql = sqlite3_str_new(NULL);
        sqlite3_str_appendall(sql, "SELECT ");
        for (const char *p = rows[i].expression; *p; p++) {
            if (strncmp(p, "D(", 2) == 0)
                sqlite3_str_appendall(sql, "kql_todatetime_string");
            else if (strncmp(p, "O(", 2) == 0)
                sqlite3_str_appendall(sql, "kql_out_datetime");
            else if (strncmp(p, "S(", 2) == 0)
                sqlite3_str_appendall(sql, "kql_totimespan_string");
            else if (strncmp(p, "T(", 2) == 0)
                sqlite3_str_appendall(sql, "kql_out_timespan");
            else
                sqlite3_str_append(sql, p, 1);
        }
        char *text = sqlite3_str_finish(sql);
        assert_query(db, text, rows[i].expected);
        sqlite3_free(text);
    }
    harness_close(db);
}

#define ASSERT_TIMES(rows) assert_times(rows, sizeof(rows) / sizeof(rows)[0])

static void test_datetimes_answers_of_the_engine(void **state)
{
    static const row rows[] = {
        {"kql_datetime_diff('day', D('2020-03-01'), D('2020-02-28')),"
         " kql_datetime_diff('month', D('2021-01-01'), D('2019-06-15'))",
         "2|19"},
        /* datetime-diff-function */
        {"kql_datetime_diff('year', D('2017-01-01'), D('2000-12-31')),"
         " kql_datetime_diff('quarter', D('2017-07-01'), D('2017-03-30')),"
         " kql_datetime_diff('month', D('2017-01-01'), D('2015-12-30')),"
         " kql_datetime_diff('week', D('2017-10-29 00:00'), D('2017-09-30 23:59')),"
         " kql_datetime_diff('day', D('2017-10-29 00:00'), D('2017-09-30 23:59')),"
         " kql_datetime_diff('hour', D('2017-10-31 01:00'), D('2017-10-30 23:59')),"
         " kql_datetime_diff('minute', D('2017-10-30 23:05:01'), D('2017-10-30 23:00:59')),"
         " kql_datetime_diff('second', D('2017-10-30 23:00:10.100'), D('2017-10-30 23:00:00.900'))",
         "17|2|13|5|29|2|5|10"},
        {"kql_datetime_diff('millisecond', D('2017-10-30 23:00:00.200100'),"
         " D('2017-10-30 23:00:00.100900')),"
         " kql_datetime_diff('microsecond', D('2017-10-30 23:00:00.1009001'),"
         " D('2017-10-30 23:00:00.1008009')),"
         " kql_datetime_diff('nanosecond', D('2017-10-30 23:00:00.0000000'),"
         " D('2017-10-30 23:00:00.0000007'))",
         "100|100|-700"},
        {"kql_datetime_diff('QUARTER', D('2024-03-31'), D('2020-04-01')),"
         " kql_datetime_diff('week', D('2020-12-31'), D('2020-01-01')),"
         " kql_datetime_diff('minute', D('2020-01-01'), D('2020-01-01 13:45')),"
         " kql_datetime_diff('year', D('2020-12-31'), D('2021-01-01')),"
         " kql_datetime_diff('day', NULL, D('2021-01-01'))",
         "15|52|-825|-1|NULL"},
        {"O(kql_datetime_add('month', 1, D('2020-01-31'))),"
         " O(kql_datetime_add('year', 1, D('2020-02-29'))),"
         " O(kql_datetime_add('week', -53, D('2021-03-15 12:00'))),"
         " kql_datetime_add('day', -1, D('0001-01-01 12:00')),"
         " O(kql_datetime_add('hour', 100000, D('2020-01-01'))),"
         " O(kql_datetime_add('second', -90061, D('2020-01-01')))",
         "2020-02-29T00:00:00Z|2021-02-28T00:00:00Z|2020-03-09T12:00:00Z|NULL|"
         "2031-05-29T16:00:00Z|2019-12-30T22:58:59Z"},
        {"O(kql_datetime_add('quarter', -1, D('2020-01-31'))),"
         " kql_datetime_add('year', 9223372036854775807, 0),"
         " kql_datetime_add('day', -9223372036854775807 - 1, 0),"
         " kql_datetime_add('month', 1, D('9999-12-31')),"
         " kql_datetime_add('nanosecond', 250, 0)",
         "2019-10-31T00:00:00Z|NULL|NULL|NULL|2"},
        /* datetime-part-function */
        {"kql_datetime_part('year', D('2017-10-30 01:02:03.7654321')),"
         " kql_datetime_part('quarter', D('2017-10-30 01:02:03.7654321')),"
         " kql_datetime_part('month', D('2017-10-30 01:02:03.7654321')),"
         " kql_datetime_part('week_of_year', D('2017-10-30 01:02:03.7654321')),"
         " kql_datetime_part('day', D('2017-10-30 01:02:03.7654321')),"
         " kql_datetime_part('dayOfYear', D('2017-10-30 01:02:03.7654321')),"
         " kql_datetime_part('hour', D('2017-10-30 01:02:03.7654321')),"
         " kql_datetime_part('minute', D('2017-10-30 01:02:03.7654321')),"
         " kql_datetime_part('second', D('2017-10-30 01:02:03.7654321')),"
         " kql_datetime_part('millisecond', D('2017-10-30 01:02:03.7654321')),"
         " kql_datetime_part('microsecond', D('2017-10-30 01:02:03.7654321')),"
         " kql_datetime_part('nanosecond', D('2017-10-30 01:02:03.7654321'))",
         "2017|4|10|44|30|303|1|2|3|765|765432|765432100"},
        {"kql_datetime_part('era', 0)", "error: kql_datetime_part(): no unit of time: 'era'"},
        {"kql_datetime_diff('week_of_year', 0, 0)",
         "error: kql_datetime_diff(): no unit of a difference: 'week_of_year'"},
        {"T(kql_dayofweek(D('2020-06-15'))), T(kql_dayofweek(D('1950-06-15'))),"
         " kql_dayofweek(0) / 864000000000, kql_dayofweek(D('9999-12-31'))",
         "1.00:00:00|4.00:00:00|1|NULL"},
        {"kql_week_of_year(D('2016-01-01')), kql_week_of_year(D('2017-01-01')),"
         " kql_week_of_year(D('2021-01-03')), kql_week_of_year(D('2018-12-31')),"
         " kql_week_of_year(D('9999-12-31')), kql_week_of_year(0)",
         "53|52|53|1|52|1"},
        {"kql_dayofyear(D('2020-12-31')), kql_dayofmonth(D('2024-12-31')),"
         " kql_monthofyear(D('2024-12-31')), kql_getmonth(0), kql_getyear(0),"
         " kql_hourofday(D('2020-06-15 23:59:59.9999999')), kql_getyear(-1), kql_getyear(NULL)",
         "366|31|12|1|1|23|NULL|NULL"},
        {"O(kql_startofweek(D('2020-06-15 13:45'), -2)), O(kql_startofweek(D('2020-01-05 12:00'))),"
         " O(kql_startofmonth(D('2020-06-15'), -13)), O(kql_startofyear(D('2020-06-15'), -5)),"
         " O(kql_startofday(D('2020-06-15 13:45'), 3))",
         "2020-05-31T00:00:00Z|2020-01-05T00:00:00Z|2019-05-01T00:00:00Z|2015-01-01T00:00:00Z|"
         "2020-06-18T00:00:00Z"},
        {"O(kql_endofweek(D('2020-06-15 13:45'), 2)), O(kql_endofmonth(D('2020-01-31'), 13)),"
         " O(kql_endofyear(D('2020-06-15'), -1)), O(kql_endofday(D('2017-01-01 10:10:17'), -1)),"
         " O(kql_endofmonth(D('9999-12-31')))",
         "2020-07-04T23:59:59.9999999Z|2021-02-28T23:59:59.9999999Z|2019-12-31T23:59:59.9999999Z|"
         "2016-12-31T23:59:59.9999999Z|9999-12-31T23:59:59.9999999Z"},
        {"kql_startofday(0, -1), kql_startofmonth(0, 9223372036854775807),"
         " kql_endofyear(D('9999-12-31'), 1), kql_startofday(NULL, 0), kql_startofday(0, NULL)",
         "NULL|NULL|NULL|NULL|NULL"},
        {"O(kql_make_datetime(2020, 2, 29, 23, 59, 59.9999999)), kql_make_datetime(2021, 2, 29, 0,"
         " 0, 0), kql_make_datetime(2020, 1, 1, 24, 0, 0), kql_make_datetime(0, 1, 1, 0, 0, 0)",
         "2020-02-29T23:59:59.9999999Z|NULL|NULL|NULL"},
        {"kql_make_timespan(0, 25, 61, 61.5), kql_make_timespan(0, -1, -2, 0),"
         " T(kql_make_timespan(0, 1, 2, 3)), T(kql_make_timespan(0, 0, 0, 0.0000001)),"
         " T(kql_make_timespan(1, 12, 30, 55.123))",
         "NULL|NULL|01:02:03|00:00:00.0000001|1.12:30:55.1230000"},
        /* unixtime-*-todatetime */
        {"O(kql_unixtime_seconds_todatetime(1546300800)),"
         " O(kql_unixtime_milliseconds_todatetime(1546300800000)),"
         " O(kql_unixtime_microseconds_todatetime(1546300800000000)),"
         " O(kql_unixtime_nanoseconds_todatetime(1546300800000000000))",
         "2019-01-01T00:00:00Z|2019-01-01T00:00:00Z|2019-01-01T00:00:00Z|2019-01-01T00:00:00Z"},
        {"O(kql_unixtime_seconds_todatetime(0.5)), O(kql_unixtime_seconds_todatetime(-1)),"
         " kql_unixtime_seconds_todatetime(9223372036854775807),"
         " kql_unixtime_seconds_todatetime(1e300), kql_unixtime_seconds_todatetime('NaN')",
         "1970-01-01T00:00:00.5Z|1969-12-31T23:59:59Z|NULL|NULL|NULL"},
        {"O(kql_bin_long(D('1955-11-05 06:15:00.5'), S('7d'))),"
         " O(kql_bin_at_long(D('1955-11-05 06:15'), S('3h'), D('1955-11-05 00:30'))),"
         " O(kql_bin_at_long(D('2023-06-14 12:00'), S('7d'), D('2023-01-01 03:00'))),"
         " kql_bin_long(D('2020-10-25'), S('-1h')), kql_bin_long(NULL, 1), kql_bin_long(1, 0)",
         "1955-10-31T00:00:00Z|1955-11-05T03:30:00Z|2023-06-11T03:00:00Z|NULL|NULL|NULL"},
        {"kql_datetime_checked(-1), kql_datetime_checked(0),"
         " kql_datetime_checked(3155378975999999999), kql_datetime_checked(3155378976000000000)",
         "NULL|0|3155378975999999999|NULL"},
        {"kql_tostring_datetime(D('2020-01-01 12:30')), kql_tostring_datetime(NULL) = '',"
         " kql_tostring_timespan(S('-1.02:03:04')), kql_tostring_timespan(NULL) = ''",
         "2020-01-01T12:30:00.0000000Z|1|-1.02:03:04|1"},
        {"T(-9223372036854775807 - 1), T(0), T(1), T(NULL)",
         "-10675199.02:48:05.4775808|00:00:00|00:00:00.0000001|NULL"},
    };
    (void)state;
    ASSERT_TIMES(rows);
}

static void test_formats_answers_of_the_engine(void **state)
{
    static const row rows[] = {
        {"kql_format_datetime(D('2007-03-09 05:04:03'), 'dddd, MMMM d, yyyy'),"
         " kql_format_datetime(D('2007-03-09 05:04:03'), 'ddd MMM')",
         "0909, 0303 9, 2007|099 033"},
        {"kql_format_datetime(D('2007-03-09 05:04:03.5'), 's.f'),"
         " kql_format_datetime(D('2007-03-09 17:04:03'), 'h tt'),"
         " kql_format_datetime(D('2007-03-09 00:30:00'), 'hh:mm tt'),"
         " kql_format_datetime(D('2020-06-15 13:45:09'), 'M/d/yyyy h:mm:ss tt')",
         "3.5|5 PM|12:30 AM|6/15/2020 1:45:09 PM"},
        {"kql_format_datetime(D('2020-06-15 13:45:09.1234567'), 'ffffff'),"
         " kql_format_datetime(D('2020-06-15 13:45:09.0000007'), 'FFFFFFF'),"
         " kql_format_datetime(D('2020-06-15 13:45:09'), 'FFFFFFF') = '',"
         " kql_format_datetime(D('2007-01-02 03:04:05'), 'yy-MM-dd HH:mm')",
         "123456|0000007|1|07-01-02 03:04"},
        /* format-datetime-function */
        {"kql_format_datetime(D('2017-01-29 09:00:05'), 'yy-MM-dd [HH:mm:ss]'),"
         " kql_format_datetime(D('2017-01-29 09:00:05'), 'yyyy-M-dd [H:mm:ss]'),"
         " kql_format_datetime(D('2017-01-29 09:00:05'), 'yy-MM-dd [hh:mm:ss tt]')",
         "17-01-29 [09:00:05]|2017-1-29 [9:00:05]|17-01-29 [09:00:05 AM]"},
        {"kql_format_datetime(0, 'yyyy-MM-ddTHH')",
         "error: kql_format_datetime(): not supported in a format: 'yyyy-MM-ddTHH'"},
        {"kql_format_datetime(0, 't')",
         "error: kql_format_datetime(): not supported in a format: 't'"},
        {"kql_format_datetime(NULL, 'zzz') = '', kql_format_datetime(0, '') = ''", "1|1"},
        {"kql_format_timespan(S('1d'), 'dddd'), kql_format_timespan(S('1.02:03:04'), 'hh'),"
         " kql_format_timespan(S('0.00:00:00.123'), 'fff'), kql_format_timespan(S('2.05:00'), "
         "'d.h')",
         "0001|02|123|2.5"},
        {"kql_format_timespan(S('-1.02:30:00'), 'd.hh:mm:ss'),"
         " kql_format_timespan(-S('90s'), 'mm:ss'), kql_format_timespan(S('1.02:01:00'), 'h:m'),"
         " kql_format_timespan(S('1.02:03:04.567'), 'dd.hh:mm:ss.fffffff')",
         "-1.02:30:00|-01:30|2:1|01.02:03:04.5670000"},
        {"kql_format_timespan(0, 'c')", "error: kql_format_timespan(): not supported in a format:"
                                        " 'c'"},
    };
    (void)state;
    ASSERT_TIMES(rows);
}

/* A day of every 13 over all years, and the parts that SQLite gives. */
static void test_datetime_parts_agree_with_strftime(void **state)
{
    (void)state;
    sqlite3 *db = harness_open();
    assert_query(
        db,
        "WITH d(t, s) AS (SELECT value, strftime('%Y-%m-%dT%H:%M:%SZ', value / 10000000 -"
        " 62135596800, 'unixepoch') FROM kql_series(0, 3155378975999999999, 11232000370000000))"
        " SELECT count(*) > 200, sum(kql_out_datetime(t) <> s),"
        " sum(kql_getyear(t) <> CAST(strftime('%Y', s) AS INTEGER)),"
        " sum(kql_dayofyear(t) <> CAST(strftime('%j', s) AS INTEGER)),"
        " sum(ifnull(kql_dayofweek(t) / 864000000000 <> CAST(strftime('%w', s) AS INTEGER), 0)),"
        " sum(kql_out_datetime(kql_startofmonth(t)) <> strftime('%Y-%m-01T00:00:00Z', s)),"
        " sum(kql_out_datetime(kql_startofyear(t)) <> strftime('%Y-01-01T00:00:00Z', s)),"
        " sum(ifnull(kql_out_datetime(kql_endofmonth(t) + 1) <> strftime('%Y-%m-%dT00:00:00Z',"
        " date(s, 'start of month', '+1 month')), 0)),"
        " sum(ifnull(kql_out_datetime(kql_startofweek(t)) <> strftime('%Y-%m-%dT00:00:00Z',"
        " julianday(date(s)) - strftime('%w', s)), 0))"
        " FROM d",
        "1|0|0|0|0|0|0|0|0");
    harness_close(db);
}

/* ---- numbers -------------------------------------------------------------------------------- */

static void test_numbers_answers_of_the_engine(void **state)
{
    static const row rows[] = {
        {"kql_add(9223372036854775807, 1), kql_sub(-9223372036854775807 - 1, 1),"
         " kql_mul(9223372036854775807, 2), kql_neg_long(-9223372036854775807 - 1)",
         "-9223372036854775808|9223372036854775807|-2|-9223372036854775808"},
        {"kql_div_long(7, 2), kql_div_long(-7, 2), kql_div_long(7, -2), kql_div_long(-2147483648,"
         " -1), kql_div_long(1, 0), kql_div_long(-9223372036854775807 - 1, -1)",
         "3|-3|-3|2147483648|NULL|-9223372036854775808"},
        {"kql_mod_long(7, 2), kql_mod_long(-7, 2), kql_mod_long(7, -2), kql_mod_long(-7, -2),"
         " kql_mod_long(-14, -12), kql_mod_long(5, 0), kql_mod_long(-9223372036854775807 - 1, -1),"
         " kql_mod_long(-1, -9223372036854775807 - 1)",
         "1|1|1|1|10|NULL|0|9223372036854775807"},
        {"kql_mod_real(7.5, 2), kql_mod_real(7, 2.5), kql_mod_real(-7.5, 2), kql_mod_real(5.5, -3),"
         " kql_mod_real(1, 0)",
         "1.5|2.0|0.5|2.5|NaN"},
        {"kql_div_real(1, 0), kql_div_real(-1.0, 0), kql_div_real(0, 0), kql_div_real(5, 2),"
         " kql_mul_real(9e999, 0), kql_sub_real(9e999, 9e999), kql_add_real('NaN', 1)",
         "Inf|-Inf|NaN|2.5|NaN|NaN|NaN"},
        {"kql_div_ts(900610000000, 864000000000) = 900610000000.0 / 864000000000, "
         "kql_mul_ts_real(864000000000, 2.5),"
         " kql_div_ts_real(10000000, 1000), kql_mul_ts_real(1, 'NaN'), kql_div_ts_real(1, 0)",
         "1|2160000000000|10000|NULL|NULL"},
        {"kql_tolong_string('9223372036854775807'), kql_tolong_string('9223372036854775808'),"
         " kql_tolong_string('-9223372036854775808'), kql_tolong_string('0xFFFFFFFFFFFFFFFF'),"
         " kql_tolong_string('5.9'), kql_tolong_string(''), kql_tolong_string(NULL)",
         "9223372036854775807|NULL|-9223372036854775808|-1|NULL|NULL|NULL"},
        {"kql_toint_string('  42  '), kql_toint_string('2147483648'), kql_toint_string('0X1f'),"
         " kql_toint_string('-0x10'), kql_toint_string('0x7FFFFFFF'), kql_toint_string('abc')",
         "42|NULL|31|NULL|2147483647|NULL"},
        {"kql_todouble_string('1.5e3'), kql_todouble_string('.5'), kql_todouble_string('5.'),"
         " kql_todouble_string('1,234'), kql_todouble_string('1_000'), kql_todouble_string('0x10'),"
         " kql_todouble_string('  3.14  ')",
         "1500.0|0.5|5.0|NULL|NULL|NULL|3.14"},
        {"kql_todouble_string('NaN'), kql_todouble_string('  nan '), kql_todouble_string('INF'),"
         " kql_todouble_string('Inf'), kql_todouble_string('-inf'), "
         "kql_todouble_string('+Infinity'),"
         " kql_todouble_string('-')",
         "NaN|NaN|NULL|Inf|-Inf|Inf|NULL"},
        {"kql_tobool_string('true'), kql_tobool_string('FALSE'), kql_tobool_string('tRuE'),"
         " kql_tobool_string('1'), kql_tobool_string('0'), kql_tobool_string('-1'),"
         " kql_tobool_string('1.0'), kql_tobool_string('yes'), kql_tobool_string('')",
         "1|0|1|1|0|1|NULL|NULL|NULL"},
        {"kql_toint_long(2147483648), kql_toint_long(-2147483649), kql_toint_long(36000000000)",
         "-2147483648|2147483647|1640261632"},
        {"kql_tolong_real(2147483648.9), kql_tolong_real(-9.99), kql_tolong_real(9e999),"
         " kql_tolong_real('NaN'), kql_tolong_real(9223372036854775807.0), kql_toint_real(-2.5)",
         "2147483648|-9|NULL|NULL|-9223372036854775808|-2"},
        {"kql_todatetime_long(1), kql_todatetime_long(1.5), kql_todatetime_long(-1)", "1|1|NULL"},
        {"kql_tolong_dyn('2147483648'), kql_toint_dyn('2147483648'), kql_tolong_dyn('1.9'),"
         " kql_toint_dyn('\"42\"'), kql_toint_dyn('\"3.14\"'), kql_todouble_dyn('\"3.14\"'),"
         " kql_toint_dyn('\"0x10\"'), kql_tobool_dyn('\"0x10\"'), kql_toint_dyn('true'),"
         " kql_tobool_dyn('1.9'), kql_toint_dyn('[1]'), kql_tolong_dyn(NULL)",
         "2147483648|-2147483648|1|42|NULL|3.14|16|1|1|1|NULL|NULL"},
        {"kql_tostring_dyn('\"red\"'), kql_tostring_dyn('true'), kql_tostring_dyn('5.0'),"
         " kql_tostring_dyn('[1,\"a\"]'), kql_tostring_dyn(NULL) = '', kql_tostring_dyn('null') = "
         "''",
         "red|true|5.0|[1,\"a\"]|1|1"},
        {"kql_tostring_bool(1), kql_tostring_bool(0), kql_tostring_bool(NULL) = '',"
         " kql_tostring_long(-5), kql_tostring_long(NULL) = ''",
         "True|False|1|-5|1"},
        {"kql_cast_dyn('7', 'long'), kql_cast_dyn('\"7\"', 'long'), kql_cast_dyn('7', 'string'),"
         " kql_cast_dyn('\"2020-01-01\"', 'datetime'), kql_cast_dyn('true', 'bool'),"
         " kql_cast_dyn('1', 'bool'), kql_cast_dyn(NULL, 'string') = '', kql_cast_dyn('[1]', "
         "'real')",
         "7|NULL|7|637134336000000000|1|1|1|NULL"},
        {"kql_cast_dyn('2', 'bool'), kql_cast_dyn('0', 'bool'), kql_cast_dyn('2.5', 'bool'),"
         " kql_cast_dyn('\"true\"', 'bool'), kql_cast_dyn('\"1:00\"', 'timespan')",
         "1|0|NULL|NULL|NULL"},
        {"kql_cast_dyn('7', 'number')", "error: kql_cast_dyn(): no type: 'number'"},
        {"kql_dyn_string('a\"b\n'), kql_dyn_string(''), kql_dyn_string(NULL), kql_dyn_long(-5),"
         " kql_dyn_real(5), kql_dyn_real('NaN'), kql_dyn_real(9e999), kql_dyn_bool(1),"
         " kql_dyn_datetime(0), kql_dyn_timespan(20000000)",
         "\"a\\\"b\\n\"|\"\"|NULL|-5|5.0|\"NaN\"|\"Infinity\"|true|"
         "\"0001-01-01T00:00:00.0000000Z\"|\"00:00:02\""},
        {"kql_scan_string(NULL) = '', kql_scan_string(1.5), kql_scan_string(x'6162'),"
         " kql_scan_long('12'), kql_scan_long('x'), kql_scan_long(1.9),"
         " kql_scan_real('1e3'), kql_scan_real(1), kql_scan_bool('true'), kql_scan_bool(2)",
         "1|1.5|ab|12|NULL|1|1000.0|1.0|1|1"},
        {"kql_scan_datetime('2020-01-01'), kql_scan_datetime('x'), kql_scan_datetime(-1),"
         " kql_scan_timespan('1d'), kql_scan_dynamic('{\"a\": 1}'), kql_scan_dynamic('x'),"
         " kql_scan_dynamic('')",
         "637134336000000000|NULL|NULL|864000000000|{\"a\":1}|\"x\"|NULL"},
        {"kql_round(3.25, 1), kql_round(2.5), kql_round(-2.5), kql_round(2.15, 1),"
         " kql_round(1234, -2), kql_round('NaN', 1), kql_round(1e300, 5)",
         "3.3|3.0|-3.0|2.2|1200.0|NaN|1.0e+300"},
        {"kql_log(-1), kql_log(0), kql_log(1), kql_log10(1000), kql_log2(8), kql_sqrt(-1),"
         " kql_exp(1000), kql_pow(-8, 1.0 / 3), kql_pow(2, 10)",
         "NULL|-Inf|0.0|3.0|3.0|NaN|Inf|NaN|1024.0"},
        {"kql_sign(-5.5), kql_sign('NaN'), kql_ceiling(-5.5), kql_ceiling(0.1), kql_abs_long(-5),"
         " kql_abs_real('NaN'), kql_abs_real(-1.5)",
         "-1.0|0.0|-5.0|1.0|5|NaN|1.5"},
        {"kql_isnan('NaN'), kql_isnan(1), kql_isinf(-9e999), kql_isfinite(9e999), kql_isfinite(1),"
         " kql_isnan(NULL)",
         "1|0|1|0|1|NULL"},
        {"kql_max_of(1, NULL, 3), kql_min_of(NULL, 5), kql_max_of_real(NULL, 'NaN', 1),"
         " kql_min_of_real(2, 1.5), kql_max_of(NULL), kql_max_of('a', 'b')",
         "3|5|NaN|1.5|NULL|b"},
        {"kql_binary_and(12, 10), kql_binary_or(12, 10), kql_binary_xor(12, 10),"
         " kql_binary_not(0), kql_binary_shift_left(1, 2), kql_binary_shift_right(-8, 1),"
         " kql_binary_shift_left(1, 64), kql_binary_shift_left(1, -1), kql_bitset_count_ones(-1)",
         "8|14|6|-1|4|-4|1|NULL|64"},
        {"kql_bin_real(-2.5, 1.5), kql_bin_real(4.5, 1), kql_bin_real(1, 0), kql_bin_real('NaN', "
         "1),"
         " kql_bin_at_real(6.5, 2.5, 7)",
         "-3.0|4.0|NULL|NaN|4.5"}, /* bin-at-function */
        {"kql_loggamma(1), round(kql_loggamma(5), 12), kql_gamma(5), kql_loggamma(0)",
         "0.0|3.178053830348|24.0|Inf"}, /* ln 24 */
        {"round(kql_degrees(kql_pi()), 9), round(kql_radians(180) - kql_pi(), 9), kql_exp2(3),"
         " kql_exp10(2), round(kql_atan2(1, 1) * 4 - kql_pi(), 12), round(kql_cot(1), 6)",
         "180.0|0.0|8.0|100.0|0.0|0.642093"},
    };
    (void)state;
    ASSERT_ROWS(rows);
}

static void assert_real_text(double real, const char *expected)
{
    ct_buf out = CT_BUF_EMPTY;
    ct_kql_put_real(&out, real);
    ct_buf_put_char(&out, '\0');
    assert_string_equal(out.data, expected);
    ct_buf_free(&out);
}

static void test_put_real_writes_as_the_engine(void **state)
{
    (void)state;
    assert_real_text(1500, "1500.0"); /* the engine */
    assert_real_text(-2.5, "-2.5");
    assert_real_text(3.14159, "3.14159");
    assert_real_text(1e-7, "1E-07");
    assert_real_text(-3.0744573456182584e18, "-3.0744573456182584E+18");
    assert_real_text(0.1 + 0.2, "0.30000000000000004");
    assert_real_text(0, "0.0"); /* .NET's R format, and Json.NET's .0 */
    assert_real_text(0.0001, "0.0001");
    assert_real_text(0.00001, "1E-05");
    assert_real_text(999999999999999, "999999999999999.0");
    assert_real_text(1e15, "1E+15");
    assert_real_text(1.5e300, "1.5E+300");
    assert_real_text(5e-324, "5E-324");
    assert_real_text(1.7976931348623157e308, "1.7976931348623157E+308");
    assert_real_text(NAN, "NaN");
    assert_real_text(HUGE_VAL, "Infinity");
    assert_real_text(-HUGE_VAL, "-Infinity");
}

/* What is written reads back as the same number, and no shorter text does (but for the .0). */
static void test_put_real_random_reads_back(void **state)
{
    uint64_t seed = 1;
    (void)state;
    for (int round = 0; round < 100000; round++) {
        double real, back;
        seed = seed * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
        uint64_t bits = seed ^ seed >> 29;
        memcpy(&real, &bits, sizeof real);
        if (round % 3 == 0)
            real = (double)(int64_t)(seed >> 40) / 1000;
        if (isnan(real))
            continue;
        ct_buf out = CT_BUF_EMPTY;
        ct_kql_put_real(&out, real);
        if (!ct_kql_parse_real((ct_span){out.data, out.len}, &back) || back != real)
            fail_msg("%.17g was written as %.*s", real, (int)out.len, out.data);
        ct_buf_free(&out);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_read_datetime_forms_of_the_documentation),
        cmocka_unit_test(test_read_timespan_forms_of_the_documentation),
        cmocka_unit_test(test_read_guid_gives_the_form_with_dashes),
        cmocka_unit_test(test_datetimes_answers_of_the_engine),
        cmocka_unit_test(test_formats_answers_of_the_engine),
        cmocka_unit_test(test_datetime_parts_agree_with_strftime),
        cmocka_unit_test(test_numbers_answers_of_the_engine),
        cmocka_unit_test(test_put_real_writes_as_the_engine),
        cmocka_unit_test(test_put_real_random_reads_back),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
