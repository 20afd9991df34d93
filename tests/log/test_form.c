/* How a place in a text is told to be a record, a wrapper of one, a list, a line of CloudWatch Logs, or
 * another kind of file. What the reader makes of them: test_reader.c, test_carrier.c. */
#include "harness.h"

#include <string.h>

#include "log/form.h"

#define STAMP "2024-05-14T09:05:12"

static const char *end_of(const char *text)
{
    return text + strlen(text);
}

static void test_form_stamp_length_table(void **state)
{
    static const struct {
        const char *text;
        size_t length;
    } cases[] = {
        {STAMP " {\"", 20},
        {STAMP ".123Z {\"", 25},
        {STAMP "Z\t \t{\"", 23},
        {STAMP "+00:00 stream-1 {\"", 35},
        {STAMP "Z a b {\"", 0},     /* more words than time and stream */
        {STAMP "Z {job=\"x\"}", 0}, /* Loki's labels */
        {STAMP "Z {", 21},
        {STAMP "Z", 0},
        {STAMP "Z ", 0},
        {STAMP "Z\n{\"", 0},
        {STAMP "Z\"{\"", 0},
        {STAMP "Z{\"", 0},
        {"2024-05-14T09:05", 0},
        {"2024-05-14T09:05:1x {\"", 0},
        {"2024/05/14T09:05:12 {\"", 0},
        {"2024-05-14T09:05:1/ {\"", 0},
        {"", 0},
    };
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        size_t got = ct_form_stamp_length(cases[i].text, end_of(cases[i].text));
        if (got != cases[i].length)
            fail_msg("%s: %zu", cases[i].text, got);
    }
}

static void test_form_looks_like_json_table(void **state)
{
    static const struct {
        const char *text;
        bool looks, begins_line; /* ct_form_looks_like_json(), ct_form_begins_json_line() */
    } cases[] = {
        {"{\"a\"", true, true},       {"{ \r\n\t\"a\"", true, true},
        {"{}", true, false},          {"{a}", false, false},
        {"{[", false, false},         {"{", true, false}, /* more may come */
        {"[{", true, true},           {"[ {", true, true},
        {"[[", true, false},          {"[]", true, false},
        {"[", true, false},           {"[1", false, false},
        {"[a]", false, false},        {"[\"a\"]", false, false},
        {"[\"{\\\"a", true, false},   {"[\"[\\\"a", true, false},
        {"[\"{  \\\"a", true, false}, {"[\"{\"\"a", false, false}, /* CSV */
        {"[\"{ ", false, false},      {"a", false, false},
        {"\"{", false, false},
    };
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        const char *text = cases[i].text, *end = end_of(text);
        if (ct_form_looks_like_json(text, end) != cases[i].looks ||
            ct_form_begins_json_line(text, end) != cases[i].begins_line)
            fail_msg("%s", text);
    }
    assert_false(ct_form_begins_json_line("", ""));
    static const char nul[] = "{\0";
    assert_false(ct_form_looks_like_json(nul, nul + 2));
}

static void test_form_wraps_record_in_line_table(void **state)
{
    static const struct {
        const char *text;
        bool wraps;
    } cases[] = {
        {"{\"a\":{\"eventVersion\":1,\"eventTime\":2}}", true},
        {"x {\"b\":1} y {\"a\":{\"eventVersion\":1,\"eventTime\":2}} z\n", true},
        {"x{y} {\"a\":{\"eventVersion\":1,\"eventTime\":2}}", true},
        {"{\"a\":{\"eventVersion\":1,\"eventTime\":2", true},      /* the rest is to come */
        {"{\"a\":{\"eventVersion\":1,\"eventTime\":2\n}}", false}, /* and here it is not */
        {"{\"a\":{\"eventVersion\":1,\"eventName\":2}}", false},
        {"{\"a\":{\"eventTime\":2}}", false},
        {"{\"a\":;\"eventVersion\":1,\"eventTime\":2}", false},
        {"{eventVersion, eventTime}", false},
        {"no JSON", false},
        {"", false},
    };
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++)
        if (ct_form_wraps_record_in_line(cases[i].text, strlen(cases[i].text)) != cases[i].wraps)
            fail_msg("%s", cases[i].text);
}

static void test_form_other_text_table(void **state)
{
    static const char yaml[] = "is YAML, no JSON: ask again with --output json";
    static const char python[] =
        "is how Python prints a record, no JSON: write it with json.dumps()";
    static const char unquoted[] = "is no JSON: its names stand without quotes";
    static const struct {
        const char *text, *message;
    } cases[] = {
        {"{'eventVersion': 1}", python},
        {" [{'eventVersion': 1}]", python},
        {"[\r\n\t{ 'eventVersion': 1}]", python},
        {"{eventVersion: 1}", unquoted},
        {"{Event: 1}", unquoted},
        {"{a \"b\": 1}", NULL},
        {"{a}", NULL},
        {"{_a: 1}", NULL},
        {"{", NULL},
        {"[1: 2]", NULL},
        {"{[a: 1", NULL},
        {"Events:\n- CloudTrailEvent: '{\"a\":1}'", yaml},
        {"Events:\n- CloudTrailEvent: \"{\\\"a\\\":1}\"", yaml},
        {"- eventTime: 2024-05-14", yaml},
        {"Records:\n- eventVersion: 1\n  eventTime: 2024-05-14", yaml},
        {"- eventName: x", NULL},
        {"eventTime: 2024-05-14", NULL},
        {"- ", NULL},
        {"", NULL},
    };
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        const char *got = ct_form_other_text(cases[i].text, strlen(cases[i].text));
        if (cases[i].message ? !got || strcmp(got, cases[i].message) != 0 : got != NULL)
            fail_msg("%s: %s", cases[i].text, got ? got : "nothing");
    }
}

static void test_form_begins_and_has_list_tables(void **state)
{
    static const struct {
        const char *text;
        bool event, record, maybe, list;
    } cases[] = {
        {"{\"eventVersion\":", true, true, false, false},
        {"{ \r\n\t\"eventTime\":", true, true, false, false},
        {"{\"event_time\":", false, true, false, false},
        {"{\"Records\":[{", false, true, false, true},
        {"{\"userAgent\":", false, false, true, false},
        {"{\"userAgents\":", false, false, false, false},
        {"{\"eventVersion", false, false, false, false},
        {"{\"a\":[1,[ {", false, false, false, true},
        {"{\"a\":[ \"", false, false, false, true},
        {"{\"a\":[[", false, false, false, true},
        {"{\"a\":[1,2],[", false, false, false, false},
        {"{\"a\":[  ", false, false, false, false},
        {"{eventVersion:", false, false, false, false},
        {"{\"a", false, false, false, false},
        {"\"eventVersion\":", false, false, false, false},
        {"", false, false, false, false},
    };
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        const char *text = cases[i].text, *end = end_of(text);
        if (ct_form_begins_event(text, end) != cases[i].event ||
            ct_form_begins_record(text, end) != cases[i].record ||
            ct_form_may_begin_record(text, end) != cases[i].maybe ||
            ct_form_has_list(text, end) != cases[i].list)
            fail_msg("%s", text);
    }
}

/* By the name that stands in cloudtrail_file.format the rank is found again. */
static void test_form_rank_of_every_name(void **state)
{
    (void)state;
    for (ct_form form = 0; form < CT_N_FORMS; form++) {
        const char *name = ct_form_name(form);
        assert_non_null(name);
        assert_int_equal(ct_rank_of_name(name, strlen(name)), ct_form_rank(form));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_form_rank_of_every_name),
        cmocka_unit_test(test_form_stamp_length_table),
        cmocka_unit_test(test_form_looks_like_json_table),
        cmocka_unit_test(test_form_wraps_record_in_line_table),
        cmocka_unit_test(test_form_other_text_table),
        cmocka_unit_test(test_form_begins_and_has_list_tables),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
