#include "harness.h"

#include <string.h>
#include <stdio.h>

#include "base/timestamp.h"

static void assert_reads(const char *in, const char *expected)
{
    int64_t ticks;
    char out[CT_TIME_TEXT_MAX + 1] = "refused";
    if (ct_time_parse(in, strlen(in), &ticks))
        out[ct_time_format(ticks, out)] = '\0';
    if (strcmp(out, expected) != 0)
        fail_msg("%s: expected %s, got %s", in, expected, out);
}

static void test_time_parse_forms_become_utc(void **state)
{
    static const struct {
        const char *in, *out;
    } cases[] = {
        {"2023-07-10T11:42:36Z", "2023-07-10T11:42:36Z"},
        {"2023-07-10 11:42:36", "2023-07-10T11:42:36Z"},
        {"2022-02-08 09:23:37+11:00", "2022-02-07T22:23:37Z"},
        {"2022-02-08T09:23:37-0330", "2022-02-08T12:53:37Z"},
        {"2022-02-08T09:23:37+01", "2022-02-08T08:23:37Z"},
        {"2022-02-08T09:23", "2022-02-08T09:23:00Z"},
        {"2022-02-08", "2022-02-08T00:00:00Z"},
        {"2020-09-14T00:44:20.250Z", "2020-09-14T00:44:20.25Z"},
        {"2020-09-14T00:44:20.123456789Z", "2020-09-14T00:44:20.1234567Z"},
        {"0001-01-01T00:00:00Z", "0001-01-01T00:00:00Z"},
        {"9999-12-31T23:59:59.9999999Z", "9999-12-31T23:59:59.9999999Z"},
        {"2000-02-29", "2000-02-29T00:00:00Z"},
        {"1900-02-29", "refused"},
        {"2023-02-30", "refused"},
        {"2023-07-10T24:00:00Z", "refused"},
        {"2023-07-10T11:42:60Z", "refused"},
        {"2023-07-10T11:42:36.Z", "refused"},
        {"2023-07-10T11:42:36Zx", "refused"},
        {"2023-07-10T11:42:36+", "refused"},
        {"2023-07-10Z", "refused"},
        {"0001-01-01T00:00:00+01:00", "refused"},
        {" 2023-07-10", "refused"},
        {"10 July 2023", "refused"},
        /* twenty bytes with a fault or a rare letter at each place */
        {"2023-07-10T11:42:36z", "2023-07-10T11:42:36Z"},
        {"2023-07-10 11:42:36Z", "2023-07-10T11:42:36Z"},
        {"0099-02-28T23:59:59Z", "0099-02-28T23:59:59Z"},
        {"0000-07-10T11:42:36Z", "refused"},
        {"2024-02-29T11:42:36Z", "2024-02-29T11:42:36Z"},
        {"2023-02-29T11:42:36Z", "refused"},
        {"2023-04-31T11:42:36Z", "refused"},
        {"2023-00-10T11:42:36Z", "refused"},
        {"2023-13-10T11:42:36Z", "refused"},
        {"2023-07-00T11:42:36Z", "refused"},
        {"2023-07-32T11:42:36Z", "refused"},
        {"2023-07-10T24:42:36Z", "refused"},
        {"2023-07-10T11:60:36Z", "refused"},
        {"2023-07-10T11:42:60Z", "refused"},
        {"2O23-07-10T11:42:36Z", "refused"},
        {"202/-07-10T11:42:36Z", "refused"},
        {"2023-:7-10T11:42:36Z", "refused"},
        {"2023-07-1 T11:42:36Z", "refused"},
        {"2023-07-10T1\xFF:42:36Z", "refused"},
        {"2023-07-10T11:4a:36Z", "refused"},
        {"2023-07-10T11:42:-6Z", "refused"},
        {"2023:07-10T11:42:36Z", "refused"},
        {"2023-07:10T11:42:36Z", "refused"},
        {"2023-07-10T11-42:36Z", "refused"},
        {"2023-07-10T11:42-36Z", "refused"},
        {"2023-07-10T11:42:36X", "refused"},
        {"", "refused"},
    };
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++)
        assert_reads(cases[i].in, cases[i].out);
}

/* Every day of the calendar, counted by SQLite's julianday. */
static void test_time_parse_every_hundredth_day_agrees_with_julianday(void **state)
{
    (void)state;
    sqlite3 *db = harness_open();
    sqlite3_stmt *stmt;
    sqlite3_prepare_v2(db,
                       "WITH RECURSIVE d(n) AS (SELECT 0 UNION ALL SELECT n + 100 FROM d"
                       " WHERE n < 3652000)"
                       "SELECT n, strftime('%Y-%m-%dT%H:%M:%SZ', 1721425.5 + n) FROM d",
                       -1, &stmt, NULL);
    int n = 0;
    for (; sqlite3_step(stmt) == SQLITE_ROW; n++) {
        const char *text = (const char *)sqlite3_column_text(stmt, 1);
        int64_t ticks;
        assert_true(ct_time_parse(text, strlen(text), &ticks));
        assert_int_equal(ticks, sqlite3_column_int64(stmt, 0) * 86400 * CT_TICKS_PER_SECOND);
        assert_reads(text, text);
    }
    assert_int_equal(n, 36521);
    sqlite3_finalize(stmt);
    harness_close(db);
}

static void test_time_ticks_unix_epoch_is_the_constant(void **state)
{
    (void)state;
    int64_t ticks;
    assert_true(ct_time_parse("1970-01-01", 10, &ticks));
    assert_int_equal(ticks, CT_TICKS_AT_UNIX_EPOCH);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_time_parse_forms_become_utc),
        cmocka_unit_test(test_time_parse_every_hundredth_day_agrees_with_julianday),
        cmocka_unit_test(test_time_ticks_unix_epoch_is_the_constant),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
