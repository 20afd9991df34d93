/*
 * Records inside what is none: what is found and what is said of the rest, by name and number; what
 * is bounded. The round trips of test_forms.c judge what is found.
 */
#include "harness.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <mbedtls/base64.h>

#include "base/json_write.h"
#include "files.h"
#include "gz.h"
#include "imports.h"
#include "items.h"
#include "temp.h"

#define TIME "\"eventTime\":\"2024-05-01T10:00:00Z\""
#define RECORD(id) "{\"eventVersion\":\"1.08\"," TIME ",\"eventID\":\"" id "\"}"
#define ESCAPED(id)                                                                                \
    "{\\\"eventVersion\\\":\\\"1.08\\\",\\\"eventTime\\\":\\\"2024-05-01T10:00:00Z\\\","           \
    "\\\"eventID\\\":\\\"" id "\\\"}"

#define QUOTED(id)                                                                                 \
    "\"{\"\"eventVersion\"\":\"\"1.08\"\",\"\"eventTime\"\":\"\"2024-05-01T10:00:00Z\"\","         \
    "\"\"eventID\"\":\"\"" id "\"\"}\""

static void assert_items(const char *text, const char *expected)
{
    items got = items_read(text, strlen(text));
    if (strcmp(got.lines.data, expected) != 0)
        fail_msg("%s\n  expected:\n%s\n  got:\n%s", text, expected, got.lines.data);
    items_free(&got);
}

static void test_carrier_gives_what_is_inside(void **state)
{
    static const struct {
        const char *text, *items;
    } cases[] = {
        {"{\"a\":{\"b\":[1,{\"c\":" RECORD("1") "},[" RECORD("2") "]]},\"d\":" RECORD("3") "}",
         "1 1\n2 2\n3 3\n"},
        {"{\"Message\":\"" ESCAPED("1") "\"}", "1 1\n"},
        {"{\"line\":\"host app[1]: " ESCAPED("1") " end\"}", "1 1\n"},
        {"{\"line\":\"" ESCAPED("1") "\\n" ESCAPED("2") "\\n\"}", "1 1\n2 2\n"},
        {"[\"" ESCAPED("1") "\",\"" ESCAPED("2") "\"]", "1 1\n2 2\n"},
        {"\"" ESCAPED("1") "\"\n\"" ESCAPED("2") "\"\n", "1 1\n2 2\n"},
        /* {"eventVersion":"1.08","eventTime":"2024-05-01T10:00:00Z","eventID":"1"} */
        {"{\"Data\":\"eyJldmVudFZlcnNpb24iOiIxLjA4IiwiZXZlbnRUaW1lIjoiMjAyNC0wNS0wMVQxMDowMDowMFoi"
         "LCJldmVudElEIjoiMSJ9\"}",
         "1 1\n"},
        /* strings in strings: SNS around Kinesis, gzip in base64 (of RECORD("1"), by Python) */
        {"{\"Message\":\"{\\\"records\\\":[{\\\"data\\\":"
         "\\\"H4sIAAAAAAACA6tWSi1LzSsJSy0qzszPU7JSMtQzsFDS"
         "gYiGZOamAoWMDIxMdA1MdQ0MQwwNrAxAKAqmxNMFpEepFgD8EbksSAAAAA==\\\"}]}\"}",
         "1 1\n"},
        {"{\"logEvents\":[{\"id\":\"1\",\"message\":\" "
         "\\t{\\\"eventVersion\\\":\\\"1.08\\\",\\\"eventT\"}]}",
         "1 ! message: the record ends early: "
         "{\"id\":\"1\",\"message\":\" \\t{\\\"eventVersion\\\":\\\"1.08\\\",\\\"eventT\"}\n"},
        /* lists of lists of records, as deep as brackets are kept and deeper */
        {"[[[[[[[[[[[[[[[{\"aws\":{\"cloudtrail\":[" RECORD("1") "]}}]]]]]]]]]]]]]]]", "1 1\n"},
        {"[[[[[[[[[[[[[[{\"Records\":[" RECORD("1") "],\"Events\":[" RECORD("2") "]}]]]]]]]]]]]]]]",
         "1 1\n2 2\n"},
        {"[[[[[[[[[[[[[[[{\"Records\":[" RECORD("1") "],\"Events\":[" RECORD(
             "2") "]}]]]]]]]]]]]]]]]",
         "1 1\n2 2\n"},
        /* six names deep, and no deeper */
        {"{\"a\":{\"b\":{\"c\":{\"d\":{\"e\":{\"f\":" RECORD("1") "}}}}}}", "1 1\n"},
        {"{\"a\":{\"b\":{\"c\":{\"d\":{\"e\":{\"f\":{\"g\":{\"h\":" RECORD("1") "}}}}}}}}",
         "0 ! JSON, but no CloudTrail record (keys: a): {\"a\":{\"b\":{\"c\":{\"d\":{\"e\":{\"f\":{"
         "\"g\":{\"h\":" RECORD("1") "}}}}}}}}\n"},
        /* an envelope whose own fields would make it a record */
        {"{\"_raw\":\"" ESCAPED("1") "\"," TIME ",\"eventName\":\"X\",\"eventID\":\"0\"}", "1 1\n"},
        /* an envelope in a message, as in any other string; what is no record there is one note */
        {"{\"message\":\"{\\\"detail\\\":" ESCAPED("1") "}\"}\n"
                                                        "{\"message\":\"{\\\"Records\\\":[" ESCAPED(
                                                            "2") "," ESCAPED("3") "]}\"}\n",
         "1 1\n2 2\n3 3\n"},
        {"{\"logEvents\":[{\"id\":\"a\",\"message\":\"{\\\"detail\\\":" ESCAPED("1") "}\"}]}",
         "1 1\n"},
        {"{\"events\":[{\"message\":\"{\\\"level\\\":\\\"info\\\"}\"},"
         "{\"message\":\"{\\\"level\\\":\\\"info\\\"}\"}]}",
         "0 ! JSON, but no CloudTrail record (keys: message), 2 times: "
         "{\"message\":\"{\\\"level\\\":\\\"info\\\"}\"}\n"},
        /* a broken envelope in a string costs what is broken */
        {"{\"m\":\"{\\\"a\\\":[" ESCAPED("1") "," ESCAPED("2") ",{\\\"ev\"}", "1 1\n2 2\n"},
        /* what a log platform says of a record around it makes no record of its own */
        {"{\"@timestamp\":\"2024-05-01T10:01:00Z\",\"eventType\":\"aws\",\"message\":\"" ESCAPED(
             "1") "\"}",
         "1 1\n"},
        {"{\"eventName\":\"alert\"," TIME ",\"detail\":" RECORD("1") "}", "1 1\n"},
        {"{\"result\":{\"eventName\":\"X\"," TIME ",\"full_message\":\"" ESCAPED("1") "\"}}",
         "1 1\n"},
        {"{\"eventName\":\"X\",\"eventID\":\"1\"," TIME ",\"detail\":" RECORD("2") "}", "1 1\n"},
        /* what begins like a record and is cut is a record lost */
        {"{\"Message\":\"{\\\"eventVersion\\\":\\\"1.08\\\",\\\"eventName\\\":\\\"ListUse\"}",
         "1 ! the record ends early: {\"eventVersion\":\"1.08\",\"eventName\":\"ListUse\n"},
        {"{\"Message\":\"{\\\"eventVersion\\\":\\\"1.08\\\",\\\"eventTime\\\":\\\"yesterday\\\"}"
         "\"}",
         "1 ! eventTime is no date and time: "
         "{\"Message\":\"{\\\"eventVersion\\\":\\\"1.08\\\",\\\"eventTime\\\":\\\"yesterday\\\"}\"}"
         "\n"},
        /* rows of columns */
        {"{\"eventtime\":\"2024-05-01T10:00:00Z\",\"eventname\":\"X\",\"eventid\":\"1\","
         "\"eventsource\":\"iam.amazonaws.com\"}",
         "1 1\n"},
        {"[[{\"eventTime\":\"2024-05-01 10:00:00.000\"},{\"eventName\":\"X\"},{\"eventID\":\"1\"},"
         "{\"eventSource\":\"iam.amazonaws.com\"}]]",
         "1 1\n0  ! 1 time without a zone, read as UTC\n"},
        {"{\"rows\":[[{\"eventTime\":\"2024-05-01 10:00:00.000\"},{\"eventName\":\"X\"},"
         "{\"eventID\":\"1\"},{\"eventSource\":\"iam.amazonaws.com\"}]]}",
         "1 1\n0  ! 1 time without a zone, read as UTC\n"},
        {"{\"tables\":[{\"columns\":[{\"name\":\"TimeGenerated\"},{\"name\":\"EventName\"},"
         "{\"name\":\"AwsEventId\"}],\"rows\":[[\"2024-05-01T10:00:00Z\",\"X\",\"1\"],"
         "[\"2024-05-01T10:00:01Z\",\"Y\",\"2\"]]}]}",
         "1 1\n2 2\n"},
        /* another log's event_time is none of ours */
        {"{\"event_time\":\"2024-05-01T10:00:00Z\",\"event_name\":\"click\",\"event_source\":"
         "\"web\"}",
         "0 ! JSON, but no CloudTrail record (keys: event_time, event_name, event_source): "
         "{\"event_time\":\"2024-05-01T10:00:00Z\",\"event_name\":\"click\",\"event_source\":"
         "\"web\"}"
         "\n"},
    };
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++)
        assert_items(cases[i].text, cases[i].items);
}

/* One problem, which begins with this. */
static void assert_nothing(const char *text, const char *begins)
{
    items got = items_read(text, strlen(text));
    if (got.n_records != 0 || got.n_problems != 1 || got.n_notes != 0 ||
        strncmp(got.lines.data, begins, strlen(begins)) != 0)
        fail_msg("%s\n  got:\n%s", text, got.lines.data);
    items_free(&got);
}

#define BLANKS "                                        "

/* Base64 and gzip (of RECORD("1"), by Python) that are broken at each of their parts: what is before
 * the fault is read; what is none is no record. */
static void test_carrier_base64_that_is_broken(void **state)
{
    static const char none[] = "0 ! JSON, but no CloudTrail record (keys: Data): ";
    static const char *const nothing[] = {
        "{\"Data\":\"eyJldmVudFZlcnNpb24iOiIxLjA4Iiwi!!!!ZXZlbnRUaW1lIjoiMjAyNC0wNS0wMVQxMDow\"}",
        "{\"Data\":\"eyI=" BLANKS "\"}",                         /* two bytes */
        "{\"Data\":\"H4sIAAAAAAACAwMAAAAAAAAAAAA=" BLANKS "\"}", /* gzip of nothing */
        "{\"Data\":\"H4sIAAAAAAACA6tW//////////////////////////////////////////////////////////////"
        "//\"}",
        "{\"Data\":\"H4sIAAAA" BLANKS "\"}",
    };
    (void)state;
    for (size_t i = 0; i < sizeof nothing / sizeof nothing[0]; i++)
        assert_nothing(nothing[i], none);
    assert_items("{\"Data\":\"H4sIAAAAAAACA6tWSi1LzSsJSy0qzszPU7JSMtQzsFDSgYiGZOamAoWMDIxMdA1MdQ0M"
                 "QwwNrAxAKAqmxNMFpEepFgD8EbksSAAAAA==\"}",
                 "1 1\n");
    assert_items("{\"Data\":\"H4sIAAAAAAACA6tWSi1LzSsJSy0qzszPU7JSMtQzsFDSgYiGZOamAoWMDIxMdA1MdQ0M"
                 "QwwNrAxAKAqmxNMFpEepFgD8Eb==\"}", /* the checksum is cut, the record is not */
                 "1 1\n");
    assert_items("{\"Data\":\"H4sIAAAAAAACA6tWSi1LzSsJSy0qzszPU7JSMtQzsFDSgYiGZOamAoWMDIxMdA1MdQ0M"
                 "QwwNrAw=\"}",
                 "1 ! the record ends early: "
                 "{\"eventVersion\":\"1.08\",\"eventTime\":\"2024-05-01T10:\n");
}

/* Text in brackets or in JSON strings `depth` times; the same, each under a name. */
static void put_wrapped(ct_buf *out, const char *text, int depth, const char *before,
                        const char *behind)
{
    ct_buf inner = CT_BUF_EMPTY;
    ct_buf_put_text(&inner, text);
    for (int i = 0; i < depth; i++) {
        ct_buf outer = CT_BUF_EMPTY;
        ct_buf_put_text(&outer, before);
        if (before[strlen(before) - 1] == ' ') /* as a string */
            ct_json_put_string(&outer, inner.data, inner.len);
        else
            ct_buf_put(&outer, inner.data, inner.len);
        ct_buf_put_text(&outer, behind);
        ct_buf_free(&inner);
        inner = outer;
    }
    ct_buf_put(out, inner.data, inner.len);
    ct_buf_free(&inner);
}

/* Six strings in one another and six names are searched (carrier.h); what is deeper is told of. */
static void test_carrier_as_deep_as_it_may_be(void **state)
{
    static const struct {
        int depth;
        const char *before, *behind;
        bool is_found;
    } cases[] = {
        {6, "{\"m\": ", "}", true},
        {7, "{\"m\": ", "}", false},
        {6, "[ ", "]", true},
        {7, "[ ", "]", false},
        {20, "[", "]", true},
        {40, "[", "]", false},
        {4, "{\"a-name-of-more-than-thirty-two-letters\":", "}", true},
    };
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        ct_buf text = CT_BUF_EMPTY;
        ct_buf_put_text(&text, "{\"a\":");
        bool in_object = cases[i].before[0] == '[' && cases[i].before[1] == '\0';
        if (!in_object)
            ct_buf_clear(&text);
        put_wrapped(&text, RECORD("1"), cases[i].depth, cases[i].before, cases[i].behind);
        ct_buf_put_text(&text, in_object ? "}" : "");
        ct_buf_put_char(&text, '\0');
        if (cases[i].is_found)
            assert_items(text.data, "1 1\n");
        else
            assert_nothing(text.data, "0 ! JSON, but no CloudTrail record");
        ct_buf_free(&text);
    }
}

#define TABLE(columns, rows) "{\"tables\":[{\"columns\":" columns ",\"rows\":" rows "}]}"
#define NAMES "[\"TimeGenerated\",{\"Name\":\"EventName\"},{\"type\":1,\"name\":\"AwsEventId\"}]"
#define VALUES(id) "[\"2024-05-01T10:00:00Z\",\"X\",\"" id "\"]"
#define LAKE_TIME "{\"eventTime\":\"2024-05-01 10:00:00.000\"}"

/* Tables as Log Analytics answers and rows as CloudTrail Lake does, of other shapes. */
static void test_carrier_tables_of_odd_shape(void **state)
{
    static const struct {
        const char *text, *items; /* NULL: no record in it */
    } cases[] = {
        {TABLE(NAMES, "[" VALUES("1") "," VALUES("\\u0032") "]"), "1 1\n2 2\n"},
        {TABLE(NAMES,
               "[" VALUES("1") ",[\"2024-05-01T10:00:00Z\",\"X\"],7,{\"a\":1}," VALUES("2") "]"),
         "1 1\n"
         "2 ! a row of the table has not one value for each column: "
         "[\"2024-05-01T10:00:00Z\",\"X\"]\n"
         "3 ! a row of the table has not one value for each column: 7\n"
         "4 ! a row of the table has not one value for each column: {\"a\":1}\n"
         "5 2\n"},
        {TABLE(
             NAMES,
             "[[\"yesterday\",\"X\",\"1\"],[null,null,\"2\"],[\"2024-05-01T10:00:00Z\",\"X\",3]]"),
         "1 ! the event's time is no date and time in a known zone: write it as "
         "YYYY-MM-DDTHH:MM:SSZ: [\"yesterday\",\"X\",\"1\"]\n"
         "2 ! a row of the table tells of no record: [null,null,\"2\"]\n"
         "3 3\n"},
        {TABLE("[{\"type\":\"s\"},{\"Name\":7},1]", "[" VALUES("1") "]"), NULL},
        {TABLE("[\"TimeGenerated\",7]", "[" VALUES("1") "]"), NULL},
        {TABLE("[\"a\",\"b\",\"c\"]", "[" VALUES("1") "]"), NULL},
        {TABLE("\"TimeGenerated\"", "[" VALUES("1") "]"), NULL},
        {TABLE(NAMES, "7"), NULL},
        {"{\"tables\":[{\"columns\":" NAMES "}]}", NULL},
        {"{\"a\":[[" LAKE_TIME ",{\"eventName\":\"X\",\"eventID\":\"1\"}]]}", NULL},
        {"{\"a\":[[" LAKE_TIME ",\"x\",{\"eventName\":\"X\"}]]}", NULL},
        {"{\"a\":[[{\"event\":\"2024-05-01 10:00:00.000\"},{\"eventName\":\"X\"}]]}", NULL},
        {"[[" LAKE_TIME ",{\"eventName\":\"X\"},{\"eventSource\":\"web\"}]]", NULL},
        {"{\"eventtime\":\"2024-05-01T10:00:00Z\",\"eventname\":\"X\",\"eventid\":\"1\","
         "\"eventsource\":\"iam.amazonaws.com\",\"useridentity\":\"{type=A, arn=b, c}\"}",
         "1 1\n0  ! a column of 1 record could not be taken apart: it is kept as text in extra\n"},
    };
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++)
        if (cases[i].items)
            assert_items(cases[i].text, cases[i].items);
        else
            assert_nothing(cases[i].text, "0 ! JSON, but no CloudTrail record");
}

/* Names with dots stand for nested ones in a carrier, too, unless one stands there as it is. */
static void test_carrier_names_with_dots(void **state)
{
    static const struct {
        const char *members, *cells;
    } cases[] = {
        {"\"userIdentity.arn\":\"b\",\"userIdentity.sessionContext.attributes.mfaAuthenticated\":"
         "\"true\"",
         "b|1|NULL"},
        {"\"userIdentity.arn\":\"b\",\"userIdentity\":\"c\"",
         "NULL|NULL|userIdentity=c userIdentity.arn=b"},
        {"\"userIdentity\":\"c\",\"userIdentity.arn\":\"b\"",
         "NULL|NULL|userIdentity=c userIdentity.arn=b"},
        {"\"a.\":1,\".b\":2,\"userIdentity.arn\":\"b\"", "b|NULL|.b=2 a.=1"},
        {"\"tlsDetails.a.b\":1,\"tlsDetails.a\":2,\"userIdentity.arn\":\"b\"",
         "NULL|NULL|tlsDetails.a=2 tlsDetails.a.b=1 userIdentity.arn=b"},
    };
    static const char *const around[][2] = {{"", ""}, {"{\"a\":[", "]}"}};
    (void)state;
    for (size_t i = 0; i < 2 * sizeof cases / sizeof cases[0]; i++) {
        const char *const *frame = around[i % 2];
        ct_buf text = CT_BUF_EMPTY;
        ct_buf_printf(&text, "%s{\"eventVersion\":\"1.08\"," TIME ",%s}%s", frame[0],
                      cases[i / 2].members, frame[1]);
        sqlite3 *db = imports_open_ready();
        free(imports_run(db, "cloudtrail_import", temp_write("dots", text.data, text.len)));
        ct_buf_free(&text);
        assert_query(db,
                     "SELECT userIdentityArn, sessionMfaAuthenticated,"
                     " (SELECT group_concat(key || '=' || value, ' ')"
                     "  FROM (SELECT key, value FROM json_each(extra) ORDER BY key))"
                     " FROM cloudtrail",
                     cases[i / 2].cells);
        harness_close(db);
    }
}

/* A byte or a cut tail in a carrier costs the record it stands in, however small the carrier is. */
static void test_carrier_that_is_broken_costs_what_is_broken(void **state)
{
    static const struct {
        const char *text, *items;
    } cases[] = {
        {"{\"results\":[{\"_raw\":\"" ESCAPED("1") "\"},{\"_raw\":\"a\001b\"},{\"_raw\":\"" ESCAPED(
             "3") "\"}]}",
         "1 1\n2 ! control character in a string: {\"_raw\":\"a\001b\"}\n3 3\n"},
        {"{\"hits\":{\"hits\":[{\"_source\":{\"event\":{\"original\":\"" ESCAPED(
             "1") "\"}}},{\"_source\":{\"event\":{\"original\":\"" ESCAPED("2"),
         "1 1\n2 ! the file ends inside this record: "
         "{\"_source\":{\"event\":{\"original\":\"" ESCAPED("2") "\n"},
        {"{\"a\":[{\"m\":\"" ESCAPED("1") "\"},\n {\"b\":[" RECORD(
             "2") "],\"c\":x},\n {\"m\":\"" ESCAPED("3") "\"}]}",
         "1 1\n2 2\n3 ! a value is expected: \"c\":x}\n4 3\n"},
        /* a line among others costs itself */
        {"{\"a\":[1,{\"b\":x}]}\n" RECORD("1") "\n",
         "1 ! a value is expected: {\"a\":[1,{\"b\":x}]}\n2 1\n"},
    };
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++)
        assert_items(cases[i].text, cases[i].items);
}

/* What stands before JSON on its line is no problem, be there brackets in it; the JSON may be
 * around a record. Cells of a row beside a record are none either. */
static void test_carrier_behind_text_on_its_line(void **state)
{
    static const char *const before[] = {
        "May 14 09:05:12 h ct: ",
        "May 14 09:05:12 h ct[12]: @cee: ",
        "2024-05-14T09:05:12Z {job=\"cloudtrail\", env=\"p\"} ",
        "2024 May 14 09:05:14 wazuh->Wazuh-AWS ",
        "2024-05-14T09:05:12.1Z\t1-2\tINFO\t",
        "[main] x{y} ",
    };
    static const char *const around[][2] = {
        {"", ""}, {"{\"ct\":", "}"}, {"{\"Type\":\"Notification\",\"detail\":", "}"}};
    (void)state;
    for (size_t i = 0; i < sizeof before / sizeof before[0]; i++)
        for (size_t k = 0; k < sizeof around / sizeof around[0]; k++) {
            ct_buf text = CT_BUF_EMPTY;
            const char *parts[] = {before[i], around[k][0], RECORD("1"), around[k][1], "\n",
                                   before[i], around[k][0], RECORD("2"), around[k][1], "\n"};
            for (size_t j = 0; j < sizeof parts / sizeof parts[0]; j++)
                ct_buf_put_text(&text, parts[j]);
            items got = items_read(text.data, text.len);
            if (got.n_records != 2 || got.n_problems != 0)
                fail_msg("%s %s\n  got:\n%s", before[i], around[k][0], got.lines.data);
            items_free(&got);
            ct_buf_free(&text);
        }
    assert_items("[[\"a\",1,\"" ESCAPED("1") "\"],[\"b\",null,\"" ESCAPED("2") "\"]]",
                 "1 1\n2 2\n");
    assert_items("[[\"a\",1],[\"b\",2]]", "0 ! JSON, but no CloudTrail record (rows of values)\n");
}

static void test_carrier_times_as_other_tools_write_them(void **state)
{
    /* 2024-05-14T09:05:12Z, as `date -u -d @1715677512` says */
    static const char *const times[] = {
        "{\"$date\":{\"$numberLong\":\"1715677512000\"}}",
        "{\"$date\":1715677512000}",
        "\"2024-05-14 09:05:12 UTC\"",
        "\"2024-05-14 09:05:12.000 UTC\"",
        "\"2024-05-14T09:05:12.000000000 UTC\"",
        "\"1715677512\"",
        "\"1715677512000\"",
        "1715677512",
        "\"1715677512.000\"",
    };
    (void)state;
    for (size_t i = 0; i < sizeof times / sizeof times[0]; i++) {
        char text[512];
        bool is_string = *times[i] == '"';
        for (int is_csv = 0; is_csv < 1 + is_string; is_csv++) {
            int n = is_csv ? snprintf(text, sizeof text, "Event time,Event name,Event ID\n%s,X,1\n",
                                      times[i])
                           : snprintf(text, sizeof text,
                                      "{\"eventName\":\"X\",\"eventID\":\"1\",\"eventTime\":%s}",
                                      times[i]);
            sqlite3 *db = imports_open(":memory:");
            free(imports_run(db, "cloudtrail_import", temp_write("time", text, (size_t)n)));
            char *got = harness_query(db, "SELECT eventTime FROM cloudtrail");
            if (strcmp(got, "2024-05-14T09:05:12Z") != 0)
                fail_msg("%s: %s", text, got);
            free(got);
            imports_check(db);
            harness_close(db);
        }
    }
}

static void test_carrier_csv_without_a_header_or_behind_other_lines(void **state)
{
    static const struct {
        const char *text, *items;
    } cases[] = {
        {QUOTED("1") "\n" QUOTED("2") "\n", "1 1\n2 2\n"},
        {"x," QUOTED("1") "\ny," QUOTED("2") "\n", "1 1\n2 2\n"},
        {"7\t" QUOTED("1") "\n8\t" QUOTED("2") "\n", "1 1\n2 2\n"},
        {"n,r\nx," QUOTED("1") "\n", "1 1\n"},
        {"#TYPE System.Object\r\n\"n\",\"r\"\r\n\"x\"," QUOTED("1") "\r\n", "1 1\n"},
        {"# of May\n\n# all\nn,r\nx," QUOTED("1") "\n", "1 1\n"},
        {"sep=;\r\nn;r\r\nx;" QUOTED("1") "\r\n", "1 1\n"},
        {"sep=;\nEvent time;Event name;Event ID\n2024-05-01T10:00:00Z;X;1\n", "1 1\n"},
        {"#TYPE X\nEvent time,Event name,Event ID\n2024-05-01T10:00:00Z,X,1\n", "1 1\n"},
        {",\nx," QUOTED("1") "\n", "1 1\n"}, // the names are there, and empty
        /* a row that holds none; one that is cut; one that begins like one; a test of the channel */
        {"n,r\nx," QUOTED("1") "\ny,nothing\nz," QUOTED("3") "\n",
         "1 1\n2 3\n0 ! a row of the CSV file holds no CloudTrail record\n"},
        {"n,r\nx," QUOTED("1") "\ny,\"{\"\"eventVersion\"\"",
         "1 1\n2 ! a quote is not closed: y,\"{\"\"eventVersion\"\"\n"},
        {"n,r\nx,\"{\"\"eventVersion\"\":\"\"1.08\"\",\"\"eventT\"\n",
         "1 ! the record ends early: {\"eventVersion\":\"1.08\",\"eventT\n"},
        {"n,r\nx," QUOTED(
             "1") "\ny,\"{\"\"messageType\"\":\"\"CONTROL_MESSAGE\"\",\"\"logEvents\"\":[]}\"\n",
         "1 1\n0 \n"},
        {"sep=;", "0 ! is no CloudTrail log: sep=;\n"},
        {"# a, b\nn,r\n1,2\n", "0 ! is a CSV file with other columns: n,r: n,r\n\n"},
    };
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++)
        assert_items(cases[i].text, cases[i].items);
}

/* ---- what is none --------------------------------------------------------------------------- */

static void test_carrier_without_a_record_is_told_for_what_it_is(void **state)
{
    static const struct {
        const char *text, *begins; /* of the one problem */
    } cases[] = {
        {"{\"@timestamp\":\"2024-05-01T10:00:00Z\",\"level\":\"info\",\"msg\":\"x\"}\n",
         "0 ! JSON, but no CloudTrail record (keys: @timestamp, level, msg): "},
        {"{\"eventType\":\"Delivery\",\"mail\":{}}\n{\"eventType\":\"Bounce\",\"mail\":{}}\n",
         "0 ! JSON, but no CloudTrail record (keys: eventType, mail), 2 times: "},
        {"{\"Records\":[{\"eventVersion\":\"2.1\",\"eventSource\":\"aws:s3\"," TIME
         ",\"eventName\":\"ObjectCreated:Put\",\"s3\":{\"bucket\":{\"name\":\"b\"}}}]}",
         "0 ! an S3 event notification, "},
        {"{\"Type\":\"Notification\",\"Message\":\"{\\\"s3Bucket\\\":\\\"b\\\","
         "\\\"s3ObjectKey\\\":[\\\"k\\\"]}\"}",
         "0 ! a notice that a log file was delivered, "},
        {"{\"class_uid\":6003,\"type_uid\":600302,\"metadata\":{\"product\":{}}}", "0 ! OCSF, "},
        {"{\"detail-type\":\"GuardDuty Finding\",\"detail\":{\"schemaVersion\":\"2.0\"}}",
         "0 ! a GuardDuty finding, "},
        {"{\"configurationItems\":[{\"resourceType\":\"x\"}]}", "0 ! AWS Config's, "},
        {"{\"eventVersion\":\"1.0\",\"eventCategory\":\"Aggregated\",\"timeWindow\":"
         "{\"windowStart\":\"2024-05-14T09:00:00Z\"}}",
         "0 ! an aggregated event, "},
        {"{\"@timestamp\":\"2024-05-01T10:00:00Z\",\"aws\":{\"cloudtrail\":{\"event_version\":"
         "\"1.08\"}}}",
         "0 ! ECS without event.original, "},
        {"{'eventVersion': '1.08', 'readOnly': True}\n", "0 ! is how Python prints a record, "},
        {"{eventVersion: \"1.08\", eventTime: \"x\"}\n", "0 ! is no JSON: its names "},
        {"Events:\n- CloudTrailEvent: '{\"eventVersion\":\"1.08\"}'\n", "0 ! is YAML, "},
    };
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++)
        assert_nothing(cases[i].text, cases[i].begins);
}

static void test_carrier_noise_is_ignored_and_counted(void **state)
{
    static const char control[] =
        "{\"messageType\":\"CONTROL_MESSAGE\",\"owner\":\"CloudwatchLogs\",\"logEvents\":"
        "[{\"id\":\"\",\"message\":\"CWL CONTROL MESSAGE: Checking health\"}]}";
    static const char null[] = "{\"Records\":null}";
    static const char test[] = "Permission Check Successful";
    (void)state;
    temp_write("noise/control.json", control, sizeof control - 1);
    temp_write("noise/null.json", null, sizeof null - 1);
    temp_write("noise/test", test, sizeof test - 1);
    temp_write("noise/aws-logs-write-test", "x", 1);
    temp_write("noise/.DS_Store", "x", 1);
    temp_write("noise/._a.json", "x", 1);
    sqlite3 *db = imports_open(":memory:");
    assert_import(db, temp_path("noise"),
                  "\"files\":3,\"skipped\":0,\"ignored\":6,\"events\":0,\"duplicates\":0,"
                  "\"problems\":0");
    harness_close(db);
}

/* ---- bounds --------------------------------------------------------------------------------- */

/* Files made to be searched for long: each ends in linear time with one problem. */
static void test_carrier_hostile_files_end_soon(void **state)
{
    static const struct {
        const char *begin, *unit, *end;
    } files[] = {
        {"", "{\"a\":", ""},
        {"{\"a\":[", "{},", "{}]}"},
        {"{\"a\":[", "{\"bcd\":[1,2,3,4]},", "{}]}"},
        {"{", "\"a\":{\"b\":[{\"c\":\"0123456789012345678901234567890123456789\"}]},", "\"b\":2}"},
        {"{\"m\":\"", "\\\"{", "\"}"},
        {"[", "{\"m\":\"{\\\"m\\\":\\\"{\\\\\\\"m\\\\\\\":\\\\\\\"0123456789\\\\\\\"}\\\"}\"},",
         "{}]"},
    };
    enum { SIZE = 4 * 1024 * 1024, SECONDS = 2 }; /* of CPU, under sanitizers too */
    (void)state;
    for (size_t i = 0; i < sizeof files / sizeof files[0]; i++) {
        ct_buf text = CT_BUF_EMPTY;
        ct_buf_put_text(&text, files[i].begin);
        while (text.len < SIZE)
            ct_buf_put_text(&text, files[i].unit);
        ct_buf_put_text(&text, files[i].end);
        clock_t start = clock();
        items got = items_read(text.data, text.len);
        double seconds = (double)(clock() - start) / CLOCKS_PER_SEC;
        if (got.n_problems != 1 || got.n_records != 0 || seconds > SECONDS)
            fail_msg("%s...: %zu problems, %zu records, %.1f s", files[i].unit, got.n_problems,
                     got.n_records, seconds);
        items_free(&got);
        ct_buf_free(&text);
    }
}

/* A carrier larger than the window is walked field by field: the same records. */
static void test_carrier_larger_than_the_window_gives_all(void **state)
{
    enum { N = 3000 };
    (void)state;
    ct_buf text = CT_BUF_EMPTY;
    ct_buf_put_text(&text, "{\"took\":1,\"hits\":{\"total\":{\"value\":3000},\"hits\":[");
    for (int i = 0; i < N; i++)
        ct_buf_printf(
            &text,
            "%s{\"_id\":\"%d\",\"_source\":{\"event\":{\"original\":\"{\\\"eventVersion\\\":"
            "\\\"1.08\\\",\\\"eventTime\\\":\\\"2024-05-01T10:00:00Z\\\"}\"}}}",
            i ? "," : "", i);
    ct_buf_put_text(&text, "]}}");
    assert_true(text.len > CT_READER_CHUNK);
    items got = items_read(text.data, text.len);
    assert_int_equal(got.n_records, N);
    assert_int_equal(got.n_problems, 0);
    items_free(&got);
    ct_buf_free(&text);
}

/* Appends the text; in it ~ stands for PAD letters, _ for as many blanks, @ for more than 4 MB inside a
 * string. */
enum { PAD = 300000 };
#define FOUR(text) text text text text

static void put_padded(ct_buf *out, const char *text)
{
    for (; *text; text++)
        if (*text == '~' || *text == '_')
            for (int i = 0; i < PAD; i++)
                ct_buf_put_char(out, *text == '~' ? 'x' : ' ');
        else if (*text == '@')
            for (int i = 0; i < CT_RECORD_MAX_BYTES / 256 + PAD / 64; i++)
                ct_buf_put_text(out, FOUR(FOUR(FOUR("y\\\"{"))));
        else
            ct_buf_put_char(out, *text);
}

/* What became of such a text, as the ledger has it: records, their ids, problems, the path. */
static void assert_padded(const char *text, int n_blanks, const char *expected)
{
    ct_buf padded = CT_BUF_EMPTY;
    for (int i = 0; i < n_blanks; i++)
        ct_buf_put_char(&padded, ' ');
    put_padded(&padded, text);
    sqlite3 *db = imports_open_ready();
    free(imports_run(db, "cloudtrail_import", temp_write("padded", padded.data, padded.len)));
    ct_buf_free(&padded);
    char *got = harness_query(
        db, "SELECT (SELECT group_concat(eventID, ' ') FROM (SELECT eventID FROM cloudtrail"
            "  ORDER BY recordNumber)), format,"
            " (SELECT group_concat(message, '; ') FROM cloudtrail_problem) FROM cloudtrail_file");
    if (strcmp(got, expected) != 0)
        fail_msg("%s\n  expected: %s\n  got:      %s", text, expected, got);
    free(got);
    harness_close(db);
}

/* A carrier of which not all is in the window at a time: each of its fields is looked at, be it deep,
 * long, broken or cut. A string of more than 4 MB is passed over, as docs/forms.md says. */
static void test_carrier_larger_than_the_window_of_odd_shape(void **state)
{
    static const struct {
        const char *text, *expected;
    } cases[] = {
        {"{\"p\":\"~\",\"n\":null,\"z\":" RECORD("1") "}", "1|z|NULL"},
        {"{\"p\":\"~\",\"z\":[1,{\"y\":" RECORD("1") "}]}", "1|z.y|NULL"},
        {"{\"p\":\"~\",\"a\":{\"b\":{\"c\":{\"d\":{\"e\":{\"f\":{\"s\":\"}]\\\"{\",\"g\":[1,{}],"
         "\"p\":"
         "\"~\",\"h\":" RECORD("1") "}}}}}},\"z\":" RECORD("2") "}",
         "1 2|z|NULL"},
        /* seven names and more, each around more than a window */
        {"{\"p\":\"~\",\"a\":{\"b\":{\"c\":{\"d\":{\"e\":{\"f\":{\"g\":{\"s\":\"}]\\\"{\",\"h\":[1,"
         "{}],\"p\":"
         "\"~\",\"i\":" RECORD("1") "}}}}}}},\"z\":" RECORD("2") "}",
         "1 2|z|NULL"},
        {"{\"p\":\"~\",\"a\":{\"p\":\"~\",\"b\":{\"p\":\"~\",\"c\":{\"p\":\"~\",\"d\":{\"p\":\"~\","
         "\"e\":{"
         "\"p\":\"~\",\"f\":{\"p\":\"~\",\"g\":{\"s\":\"}]\\\"{\",\"h\":[1,{}],\"p\":\"~\","
         "\"i\":" RECORD("1") "}}}}}}},\"z\":" RECORD("2") "}",
         "2|z|NULL"},
        {"{\"p\":\"@\",\"z\":" RECORD("1") "}", "1|z|NULL"},
        {"{\"p\":\"~\",\"q\":\"@", "NULL|unknown|the file ends before its list of records does; "
                                   "JSON, but no CloudTrail record (keys: p, q)"},
        {"{\"p\":\"~\",\"Records\":[" RECORD("1") ",{\"p\":\"~\"}," RECORD("2") "]}",
         "1 2|records|JSON, but no CloudTrail record (keys: p)"},
        {"{\"p\":\"~\",\"@\":1,\"z\":" RECORD("1") "}",
         "1|ndjson|a field is too long; a record must be an object; "
         "JSON, but no CloudTrail record (keys: p)"},
        {"{_}", "NULL|ndjson|JSON, but no CloudTrail record"},
        {"{_", "NULL|unknown|the file ends before its list of records does; "
               "JSON, but no CloudTrail record"},
        {"{_\"z\":" RECORD("1") "}", "1|z|NULL"},
        {"{\"p\":\"~\",\"z\":[_" RECORD("1") "_,_" RECORD("2") "_]_}", "1 2|z|NULL"},
        /* cut, at each part of a field */
        {"{\"p\":\"~\",\"z\":" RECORD("1"), "1|z|the file ends before its list of records does"},
        {"{\"p\":\"~\",\"z\":" RECORD("1") ",", "1|z|the file ends inside this object"},
        {"{\"p\":\"~\",\"z\":" RECORD("1") ",\"b", "1|z|the file ends inside this object"},
        {"{\"p\":\"~\",\"z\":" RECORD("1") ",\"b\"", "1|z|the file ends inside this object"},
        {"{\"p\":\"~\",\"z\":" RECORD("1") ",\"b\":", "1|z|the file ends inside this object"},
        {"{\"p\":\"~\",\"z\":" RECORD("1") ",\"b\":12", "1|z|the file ends inside this object"},
        {"{\"p\":\"~\",\"z\":" RECORD("1") ",\"b\":\"cut", "1|z|the file ends inside this object"},
    };
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++)
        assert_padded(cases[i].text, 0, cases[i].expected);
    for (int n = 1; n < 4; n++) /* an escape at the end of what was read */
        assert_padded("{\"p\":\"@\",\"z\":" RECORD("1") "}", n, "1|z|NULL");
}

/* Strings of a value that inflate to more than may be decoded: it is said that not all were. */
static void test_carrier_strings_that_grow_too_much_are_told(void **state)
{
    enum { SIZE = 12 * 1024 * 1024 };
    (void)state;
    ct_buf plain = CT_BUF_EMPTY, packed = CT_BUF_EMPTY, text = CT_BUF_EMPTY;
    ct_buf_reserve(&plain, SIZE);
    memset(plain.data, 'a', SIZE);
    plain.len = SIZE;
    gz_put(&packed, plain.data, plain.len);
    size_t n = 0;
    ct_buf_reserve(&text, 4 * (packed.len * 4 / 3 + 100));
    for (int i = 0; i < 3; i++) {
        ct_buf_put_text(&text, i ? ",{\"Data\":\"" : "{\"a\":[{\"Data\":\"");
        assert_int_equal(mbedtls_base64_encode((unsigned char *)text.data + text.len,
                                               text.capacity - text.len, &n,
                                               (unsigned char *)packed.data, packed.len),
                         0);
        text.len += n;
        ct_buf_put_text(&text, "\"}");
    }
    ct_buf_put_text(&text, "," RECORD("1") ",{\"Message\":\"" ESCAPED("2") "\"}]}");
    assert_true(text.len < CT_READER_CHUNK); /* it is searched as one value */
    items got = items_read(text.data, text.len);
    if (strcmp(got.lines.data,
               "1 1\n0 ! strings inside strings grow too much: not all were searched "
               "for records\n") != 0)
        fail_msg("%s", got.lines.data);
    items_free(&got);
    ct_buf_free(&plain);
    ct_buf_free(&packed);
    ct_buf_free(&text);
}

/* ---- the shapes beside the project ---------------------------------------------------------- */

#define SHAPES "../shared/cases/shapes"

static void assert_events(sqlite3 *db, const char *path, int before, int expected)
{
    char count[32], *got;
    free(imports_run(db, "cloudtrail_import", path));
    snprintf(count, sizeof count, "%d", before + expected);
    got = harness_query(db, "SELECT count(*) FROM cloudtrail");
    if (strcmp(got, count) != 0)
        fail_msg("%s: %s events, expected %s", path, got, count);
    free(got);
    imports_check(db);
}

/* Good files come in whole beside what is in the database. */
static void assert_good_files_are_read(sqlite3 *db)
{
    free(imports_run(db, "cloudtrail_import", "data/sample/AWSLogs/444455556666"));
    assert_query(db,
                 "SELECT count(*) > 100 AND count(*) = (SELECT sum(events) FROM cloudtrail_file"
                 " WHERE path LIKE '%444455556666%') FROM cloudtrail"
                 " WHERE fileID IN (SELECT fileID FROM cloudtrail_file"
                 " WHERE path LIKE '%444455556666%')",
                 "1");
    assert_query(db,
                 "SELECT count(*) FROM cloudtrail_problem JOIN cloudtrail_file USING (fileID)"
                 " WHERE path LIKE '%444455556666%'",
                 "0");
}

/* Each as it is, gzipped, and some beside good files, which stay what they are. */
static void test_carrier_shapes_that_people_have(void **state)
{
    (void)state;
    FILE *list = fopen(SHAPES "/expected.tsv", "r");
    if (!list) {
        print_message("skipped: no " SHAPES "\n");
        skip();
    }
    char line[1024];
    int n_tried = 0;
    (void)fgets(line, sizeof line, list);
    while (fgets(line, sizeof line, list)) {
        char name[256], records[32], path[512];
        if (sscanf(line, "%255[^\t]\t%31[^\t]", name, records) != 2 || *records == '-')
            continue;
        int n_records = (int)strtol(records, NULL, 10);
        snprintf(path, sizeof path, SHAPES "/%s", name);
        sqlite3 *db = imports_open_ready();
        assert_events(db, path, 0, n_records);
        harness_close(db);
        if (n_tried++ % harness_extent(1, 5) > 0)
            continue;
        ct_buf bytes = files_read(path), packed = CT_BUF_EMPTY;
        gz_put(&packed, bytes.data, bytes.len);
        db = imports_open_ready();
        assert_events(db, temp_write("shape.gz", packed.data, packed.len), 0, n_records);
        if (n_records == 0)
            assert_query(db, "SELECT count(*) <= 2 FROM cloudtrail_problem", "1");
        if (n_tried % 10 == 1)
            assert_good_files_are_read(db);
        harness_close(db);
        ct_buf_free(&bytes);
        ct_buf_free(&packed);
    }
    fclose(list);
    assert_true(n_tried > 50);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_carrier_gives_what_is_inside),
        cmocka_unit_test(test_carrier_base64_that_is_broken),
        cmocka_unit_test(test_carrier_as_deep_as_it_may_be),
        cmocka_unit_test(test_carrier_tables_of_odd_shape),
        cmocka_unit_test(test_carrier_names_with_dots),
        cmocka_unit_test(test_carrier_that_is_broken_costs_what_is_broken),
        cmocka_unit_test(test_carrier_behind_text_on_its_line),
        cmocka_unit_test(test_carrier_times_as_other_tools_write_them),
        cmocka_unit_test(test_carrier_csv_without_a_header_or_behind_other_lines),
        cmocka_unit_test(test_carrier_without_a_record_is_told_for_what_it_is),
        cmocka_unit_test(test_carrier_noise_is_ignored_and_counted),
        cmocka_unit_test(test_carrier_hostile_files_end_soon),
        cmocka_unit_test(test_carrier_larger_than_the_window_gives_all),
        cmocka_unit_test(test_carrier_larger_than_the_window_of_odd_shape),
        cmocka_unit_test(test_carrier_strings_that_grow_too_much_are_told),
        cmocka_unit_test(test_carrier_shapes_that_people_have),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
