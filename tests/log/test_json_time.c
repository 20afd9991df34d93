/* The times of records as other tools write them into JSON: each of them the same second, or none. */
#include "harness.h"

#include <string.h>

#include "base/timestamp.h"
#include "log/json_time.h"

#define UTC (CT_TIME_HAS_CLOCK | CT_TIME_HAS_ZONE)

static void test_json_time_read_table(void **state)
{
    static const struct {
        const char *json;
        unsigned parts; /* 0: no time */
    } cases[] = {
        /* 2024-05-14T09:05:12Z, as `date -u -d @1715677512` says */
        {"\"2024-05-14T09:05:12Z\"", UTC},
        {"\"2024-05-14T11:05:12+02:00\"", UTC},
        {"\"2024-05-14T09:05:12\"", CT_TIME_HAS_CLOCK},
        {"\"2024-05-14 09:05:12 UTC\"", UTC},
        {"\"2024-05-14T09:05:12\\u005a\"", UTC},
        {"\"\\u0032024-05-14 09:05:12 \\u0055TC\"", UTC},
        {"\"1715677512\"", UTC},
        {"\"17156775\\u00312\"", UTC},
        {"1715677512", UTC},
        {"1715677512000", UTC},
        {"1715677512.0", UTC},
        {"{\"$date\":\"2024-05-14T09:05:12Z\"}", UTC},
        {"{\"$date\":1715677512000}", UTC},
        {"{\"$date\":{\"$numberLong\":\"1715677512000\"}}", UTC},
        {"{ \"$date\" : { \"$numberLong\" : 1715677512000 } }", UTC},
        {"\"2024-05-14T09:05:12Z UTC\"", 0},
        {"\"2024-05-14T11:05:12+02:00 UTC\"", 0},
        {"\" UTC\"", 0},
        {"\"yesterday\"", 0},
        {"\"\"", 0},
        {"\"2024-05-14T09:05:12\\ud800\"", 0},
        {"17156775", 0},
        {"-1715677512", 0},
        {"true", 0},
        {"[1715677512]", 0},
        {"{}", 0},
        {"{\"date\":1715677512000}", 0},
        {"{\"$date\":true}", 0},
        {"{\"$date\":{}}", 0},
        {"{\"$date\":{\"numberLong\":\"1715677512000\"}}", 0},
        {"{\"$date\":{\"$numberLong\":{}}}", 0},
        {"{\"$date\":{\"$numberLong\":\"soon\"}}", 0},
    };
    int64_t expected;
    (void)state;
    assert_true(ct_time_parse("2024-05-14T09:05:12Z", 20, &expected));
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        ct_json_scanner s = ct_json_scan(cases[i].json, strlen(cases[i].json));
        ct_json value;
        assert_int_equal(ct_json_value(&s, &value), CT_JSON_OK);
        int64_t ticks = 0;
        unsigned parts;
        bool ok = ct_json_time_read(&value, &ticks, &parts);
        if (ok != (cases[i].parts != 0) || (ok && (ticks != expected || parts != cases[i].parts)))
            fail_msg("%s: %d, parts %u", cases[i].json, ok, parts);
    }
}

/* More escapes than any time has. */
static void test_json_time_read_of_a_long_text_is_none(void **state)
{
    (void)state;
    ct_buf text = CT_BUF_EMPTY;
    for (int i = 0; i < 100; i++)
        ct_buf_put_text(&text, i ? "\\u0031" : "\"");
    ct_buf_put_char(&text, '"');
    ct_json_scanner s = ct_json_scan(text.data, text.len);
    ct_json value;
    assert_int_equal(ct_json_value(&s, &value), CT_JSON_OK);
    int64_t ticks;
    unsigned parts;
    assert_false(ct_json_time_read(&value, &ticks, &parts));
    ct_buf_free(&text);
}

static void test_json_time_is_column_table(void **state)
{
    static const struct {
        const char *json;
        bool is;
    } cases[] = {
        {"\"2024-05-14T09:05:12Z\"", true},  {"\"9999-99-99T99:99:99Z\"", true},
        {"\"2024-05-14T09:05:12z\"", false}, {"\"2024-05-14 09:05:12Z\"", false},
        {"\"2024-05-14T09:05:1/Z\"", false}, {"\"2024-05-14T09:05:1:Z\"", false},
        {"\"2024-05-14T09:05:12\"", false},
    };
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++)
        assert_int_equal(
            ct_json_time_is_column(&(ct_json){.p = cases[i].json, .len = strlen(cases[i].json)}),
            cases[i].is);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_json_time_read_table),
        cmocka_unit_test(test_json_time_read_of_a_long_text_is_none),
        cmocka_unit_test(test_json_time_is_column_table),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
