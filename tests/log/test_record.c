/* One record's columns, rule by rule of ext/record.h. test_record_roundtrip.c
 * has the properties. */
#include "harness.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cells.h"
#include "faulty_mem.h"
#include "log/record.h"

#define TIME "\"eventTime\":\"2024-05-01T10:00:00Z\""

static void make(cells *c, const char *text)
{
    if (!cells_make(c, text, strlen(text)))
        fail_msg("not scanned: %s", text);
}

static void assert_cell(const cells *c, ct_column column, const char *expected, const char *text)
{
    const char *got = cells_text(c, column);
    if (strcmp(got, expected) != 0)
        fail_msg("%s of %s\n  expected %s\n  got      %s", ct_column_name(column), text, expected,
                 got);
}

/* ---- every column --------------------------------------------------------------------------- */

/* Where each column's field stands: after sql/tables/cloudtrail.sql and AWS's record contents. */
static const char *const column_paths[CT_N_COLUMNS] = {
    "eventTime",
    "eventID",
    "eventName",
    "eventSource",
    "awsRegion",
    "sourceIPAddress",
    "userAgent",
    "recipientAccountId",
    "userIdentity.type",
    "userIdentity.principalId",
    "userIdentity.arn",
    "userIdentity.accountId",
    "userIdentity.accessKeyId",
    "userIdentity.userName",
    "userIdentity.invokedBy",
    "userIdentity.sessionContext.sessionIssuer.type",
    "userIdentity.sessionContext.sessionIssuer.principalId",
    "userIdentity.sessionContext.sessionIssuer.arn",
    "userIdentity.sessionContext.sessionIssuer.accountId",
    "userIdentity.sessionContext.sessionIssuer.userName",
    "userIdentity.sessionContext.attributes.mfaAuthenticated",
    "userIdentity.sessionContext.attributes.creationDate",
    "errorCode",
    "errorMessage",
    "readOnly",
    "managementEvent",
    "eventType",
    "eventCategory",
    "eventVersion",
    "apiVersion",
    "requestID",
    "sharedEventID",
    "vpcEndpointId",
    "tlsDetails.tlsVersion",
    "tlsDetails.cipherSuite",
    "tlsDetails.clientProvidedHostHeader",
    "requestParameters",
    "responseElements",
    "resources",
    "additionalEventData",
    "serviceEventDetails",
    NULL,
};

/* A value as the only field at a path: {"a":{"b":value}}, without the outer braces. */
static void put_at_path(ct_buf *out, const char *path, const char *value)
{
    size_t depth = 0;
    for (const char *p = path; *p;) {
        size_t n = strcspn(p, ".");
        if (p > path)
            ct_buf_put_char(out, '{');
        ct_buf_put_char(out, '"');
        ct_buf_put(out, p, n);
        ct_buf_put_text(out, "\":");
        depth += p > path;
        p += n + (p[n] == '.');
    }
    ct_buf_put_text(out, value);
    while (depth-- > 0)
        ct_buf_put_char(out, '}');
}

/* The record of one field beside the time, its cell, and whether `extra` must have the field. */
static void check_column(ct_column column, const char *value, const char *cell, bool in_extra)
{
    ct_buf text = CT_BUF_EMPTY, extra = CT_BUF_EMPTY;
    ct_buf_put_text(&text, column == CT_EVENT_TIME ? "{" : "{" TIME ",");
    put_at_path(&text, column_paths[column], value);
    ct_buf_put(&text, "}", 2);
    ct_buf_put_char(&extra, '{');
    put_at_path(&extra, column_paths[column], value);
    ct_buf_put(&extra, "}", 2);
    cells c;
    make(&c, text.data);
    for (int i = 0; i < CT_N_COLUMNS; i++)
        assert_cell(&c, (ct_column)i,
                    i == (int)column     ? cell
                    : i == CT_EVENT_TIME ? "2024-05-01T10:00:00Z"
                    : i == CT_EXTRA      ? in_extra ? extra.data : "NULL"
                                         : "NULL",
                    text.data);
    cells_free(&c);
    ct_buf_free(&text);
    ct_buf_free(&extra);
}

static void test_record_cell_every_column_from_its_field(void **state)
{
    (void)state;
    for (int i = 0; i < CT_EXTRA; i++)
        switch (ct_column_type_of((ct_column)i)) {
        case CT_TYPE_TEXT:
            check_column((ct_column)i, "\"a value\"", "a value", false);
            /* an empty eventID would make all such events one */
            check_column((ct_column)i, "\"\"", i == CT_EVENT_ID ? "NULL" : "", i == CT_EVENT_ID);
            check_column((ct_column)i, "\"\\u0041\\n\xC3\xA9\"", "A\n\xC3\xA9", false);
            break;
        case CT_TYPE_TIME:
            check_column((ct_column)i, "\"2024-05-01T11:12:13Z\"", "2024-05-01T11:12:13Z", false);
            break;
        case CT_TYPE_BOOL:
            check_column((ct_column)i, "true", "1", false);
            check_column((ct_column)i, "false", "0", false);
            break;
        case CT_TYPE_BOOL_STRING:
            check_column((ct_column)i, "\"true\"", "1", false);
            check_column((ct_column)i, "\"false\"", "0", false);
            break;
        case CT_TYPE_JSON:
            check_column((ct_column)i, "{\"a\":[1,null]}", "{\"a\":[1,null]}", false);
            check_column((ct_column)i, "\"text\"", "\"text\"", false);
            check_column((ct_column)i, "1.50", "1.50", false);
            check_column((ct_column)i, "[]", "[]", false);
            break;
        }
}

/* Another JSON type: text columns show its JSON, `extra` keeps it. */
static void test_record_cell_other_type_stands_in_extra(void **state)
{
    static const char *const values[] = {"5", "-1.50e3", "true", "false", "[1]", "{\"a\":\"b\"}"};
    (void)state;
    for (int i = 0; i < CT_EXTRA; i++) {
        ct_column column = (ct_column)i;
        ct_column_type type = ct_column_type_of(column);
        for (size_t k = 0; type == CT_TYPE_TEXT && k < 6; k++)
            check_column(column, values[k], values[k], true);
        if (type == CT_TYPE_BOOL || type == CT_TYPE_BOOL_STRING) {
            check_column(column, "1", "NULL", true);
            check_column(column, "\"yes\"", "NULL", true);
            check_column(column, "\"\"", "NULL", true);
            check_column(column, "[true]", "NULL", true);
            check_column(column, "\"TRUE\"", "1", true);
            check_column(column, "\"False\"", "0", true);
        }
        if (type == CT_TYPE_BOOL)
            check_column(column, "\"true\"", "1", true);
        if (type == CT_TYPE_BOOL_STRING)
            check_column(column, "true", "1", true);
    }
    check_column(CT_EVENT_TIME, "1714557600", "2024-05-01T10:00:00Z", true);
    check_column(CT_EVENT_TIME, "17145576", "NULL", true);
}

static void test_record_cell_null_is_no_field(void **state)
{
    (void)state;
    for (int i = 1; i < CT_EXTRA; i++) {
        if (strchr(column_paths[i], '.'))
            continue; /* there its object is left: {} */
        check_column((ct_column)i, "null", "NULL", false);
    }
}

/* What SQLite text cannot hold: U+FFFD in the column, the JSON in `extra`. */
static void test_record_cell_lossy_string_stands_in_extra(void **state)
{
    (void)state;
    for (int i = 0; i < CT_EXTRA; i++) {
        if (ct_column_type_of((ct_column)i) != CT_TYPE_TEXT)
            continue;
        check_column((ct_column)i, "\"q\\u0000z\"", "q\xEF\xBF\xBDz", true);
        check_column((ct_column)i, "\"\\ud800\"", "\xEF\xBF\xBD", true);
    }
}

/* ---- extra, rule by rule -------------------------------------------------------------------- */

static void test_record_cell_extra_rules_give_exactly_this(void **state)
{
    static const struct {
        const char *text;
        ct_column column;
        const char *cell, *extra;
    } cases[] = {
        /* fields without a column, nested as in the record; nulls left out, but not inside */
        {"{" TIME ",\"x\" : [1, 2.0]}", CT_EVENT_NAME, "NULL", "{\"x\":[1,2.0]}"},
        {"{" TIME ",\"x\":null}", CT_EVENT_NAME, "NULL", "NULL"},
        {"{" TIME ",\"x\":{\"a\":null}}", CT_EVENT_NAME, "NULL", "{\"x\":{\"a\":null}}"},
        {"{" TIME ",\"EventName\":\"other case\"}", CT_EVENT_NAME, "NULL",
         "{\"EventName\":\"other case\"}"},
        {"{" TIME ",\"userIdentity\":{\"type\":\"Root\",\"x\":1}}", CT_USER_IDENTITY_TYPE, "Root",
         "{\"userIdentity\":{\"x\":1}}"},
        {"{" TIME ",\"userIdentity\":{\"sessionContext\":{\"webIdFederationData\":{}}}}",
         CT_USER_IDENTITY_TYPE, "NULL",
         "{\"userIdentity\":{\"sessionContext\":{\"webIdFederationData\":{}}}}"},
        {"{" TIME ",\"userIdentity\":{\"sessionContext\":{\"attributes\":{\"x\":\"y\"}}}}",
         CT_SESSION_CREATION_DATE, "NULL",
         "{\"userIdentity\":{\"sessionContext\":{\"attributes\":{\"x\":\"y\"}}}}"},
        {"{" TIME ",\"requestParameters\": { \"a\" : null } }", CT_REQUEST_PARAMETERS,
         "{\"a\":null}", "NULL"},

        /* objects that come back with what is in them, and those that would not */
        {"{" TIME ",\"userIdentity\":{\"sessionContext\":{\"sessionIssuer\":{\"type\":\"Role\"},"
         "\"attributes\":{\"mfaAuthenticated\":\"false\"}}}}",
         CT_SESSION_ISSUER_TYPE, "Role", "NULL"},
        {"{" TIME ",\"userIdentity\":{}}", CT_EVENT_NAME, "NULL", "{\"userIdentity\":{}}"},
        {"{" TIME ",\"userIdentity\":{\"type\":null}}", CT_EVENT_NAME, "NULL",
         "{\"userIdentity\":{}}"},
        {"{" TIME ",\"tlsDetails\":{}}", CT_EVENT_NAME, "NULL", "{\"tlsDetails\":{}}"},
        {"{" TIME ",\"userIdentity\":{\"type\":\"Root\",\"sessionContext\":{}}}",
         CT_USER_IDENTITY_TYPE, "Root", "{\"userIdentity\":{\"sessionContext\":{}}}"},
        {"{" TIME ",\"userIdentity\":{\"sessionContext\":{\"sessionIssuer\":{},\"attributes\":"
         "{\"creationDate\":\"x\"}}}}",
         CT_SESSION_CREATION_DATE, "x",
         "{\"userIdentity\":{\"sessionContext\":{\"sessionIssuer\":{}}}}"},

        /* what should be an object and is none */
        {"{" TIME ",\"userIdentity\":null}", CT_USER_IDENTITY_TYPE, "NULL", "NULL"},
        {"{" TIME ",\"userIdentity\":\"root\"}", CT_USER_IDENTITY_TYPE, "NULL",
         "{\"userIdentity\":\"root\"}"},
        {"{" TIME ",\"userIdentity\":[{\"type\":\"Root\"}]}", CT_USER_IDENTITY_TYPE, "NULL",
         "{\"userIdentity\":[{\"type\":\"Root\"}]}"},
        {"{" TIME ",\"userIdentity\":{\"sessionContext\":7}}", CT_SESSION_ISSUER_ARN, "NULL",
         "{\"userIdentity\":{\"sessionContext\":7}}"},
        {"{" TIME ",\"tlsDetails\":false}", CT_TLS_VERSION, "NULL", "{\"tlsDetails\":false}"},

        /* time */
        {"{\"eventTime\":\"2024-05-01T12:00:00+02:00\"}", CT_EVENT_TIME, "2024-05-01T10:00:00Z",
         "{\"eventTime\":\"2024-05-01T12:00:00+02:00\"}"},
        {"{\"eventTime\":\"2024-05-01T10:00:00.999Z\"}", CT_EVENT_TIME, "2024-05-01T10:00:00Z",
         "{\"eventTime\":\"2024-05-01T10:00:00.999Z\"}"},
        {"{\"eventTime\":\"2024-05-01 10:00:00\"}", CT_EVENT_TIME, "2024-05-01T10:00:00Z",
         "{\"eventTime\":\"2024-05-01 10:00:00\"}"},
        {"{\"eventTime\":\"2024-05-01T12:00:00\\u002b02:00\"}", CT_EVENT_TIME,
         "2024-05-01T10:00:00Z", "{\"eventTime\":\"2024-05-01T12:00:00\\u002b02:00\"}"},
        {"{\"@timestamp\":\"2024-05-01T10:00:00.000Z\"}", CT_EVENT_TIME, "2024-05-01T10:00:00Z",
         "{\"@timestamp\":\"2024-05-01T10:00:00.000Z\",\"eventTime\":null}"},
        {"{\"@timestamp\":\"2024-05-01T10:00:00Z\",\"eventTime\":null}", CT_EVENT_TIME,
         "2024-05-01T10:00:00Z", "{\"@timestamp\":\"2024-05-01T10:00:00Z\",\"eventTime\":null}"},
        {"{" TIME ",\"@timestamp\":\"1999-01-01T00:00:00Z\"}", CT_EVENT_TIME,
         "2024-05-01T10:00:00Z", "{\"@timestamp\":\"1999-01-01T00:00:00Z\"}"},
        {"{" TIME ",\"@timestamp\":null}", CT_EVENT_TIME, "2024-05-01T10:00:00Z", "NULL"},

        /* strings: escapes are the same text, bad bytes are not */
        {"{" TIME ",\"eventName\":\"caf\\u00e9\"}", CT_EVENT_NAME, "caf\xC3\xA9", "NULL"},
        {"{" TIME ",\"eventName\":\"a\xFF\"}", CT_EVENT_NAME, "a\xEF\xBF\xBD",
         "{\"$bytes\":{\"eventName\":\"61ff\"}}"},
        {"{" TIME ",\"userIdentity\":{\"userName\":\"\xE9\",\"x\":\"\xE8\"},\"y\":[\"\xE7\"]}",
         CT_USER_IDENTITY_USER_NAME, "\xEF\xBF\xBD",
         "{\"y\":[\"\xEF\xBF\xBD\"],\"userIdentity\":{\"x\":\"\xEF\xBF\xBD\"},"
         "\"$bytes\":{\"userIdentity.userName\":\"e9\",\"userIdentity.x\":\"e8\","
         "\"y\":\"5b22e7225d\"}}"},
        {"{" TIME ", \"$bytes\":{}}", CT_EVENT_NAME, "NULL", "{\"$raw\":{" TIME ",\"$bytes\":{}}}"},
        {"{" TIME ",\"userIdentity\":{\"sessionContext\":{\"attributes\":{\"mfaAuthenticated\":"
         "\"tr\\u0075e\"}}}}",
         CT_SESSION_MFA_AUTHENTICATED, "1", "NULL"},
        {"{" TIME ",\"readOnly\":\"tru\\u0065\"}", CT_READ_ONLY, "1",
         "{\"readOnly\":\"tru\\u0065\"}"},
        {"{" TIME ",\"requestParameters\":[\"\xFF\"]}", CT_REQUEST_PARAMETERS, "[\"\xEF\xBF\xBD\"]",
         "{\"$bytes\":{\"requestParameters\":\"5b22ff225d\"}}"},

        /* names */
        {"{" TIME ",\"event\\u004eame\":\"x\"}", CT_EVENT_NAME, "x", "NULL"},
        {"{" TIME ",\"\\u0078\":1}", CT_EVENT_NAME, "NULL", "{\"$raw\":{" TIME ",\"\\u0078\":1}}"},
        {"{" TIME ", \"$raw\":{}}", CT_EVENT_NAME, "NULL", "{\"$raw\":{" TIME ",\"$raw\":{}}}"},
        {"{" TIME ",\"userIdentity\":{\"$raw\":1}}", CT_EVENT_NAME, "NULL",
         "{\"$raw\":{" TIME ",\"userIdentity\":{\"$raw\":1}}}"},
        {"{" TIME ",\"x\":{\"\\u0078\":1,\"$raw\":2}}", CT_EVENT_NAME, "NULL",
         "{\"x\":{\"\\u0078\":1,\"$raw\":2}}"},
    };
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        cells c;
        make(&c, cases[i].text);
        assert_cell(&c, cases[i].column, cases[i].cell, cases[i].text);
        assert_cell(&c, CT_EXTRA, cases[i].extra, cases[i].text);
        assert_false(c.record.repeated_key);
        cells_free(&c);
    }
}

static void test_record_scan_repeated_key_keeps_first_and_whole_text(void **state)
{
    static const struct {
        const char *text;
        ct_column column;
        const char *cell;
    } cases[] = {
        {"{" TIME ",\"eventName\":\"a\",\"eventName\":\"b\"}", CT_EVENT_NAME, "a"},
        {"{" TIME ",\"eventName\":null,\"eventName\":\"b\"}", CT_EVENT_NAME, "NULL"},
        {"{" TIME "," TIME "}", CT_EVENT_TIME, "2024-05-01T10:00:00Z"},
        {"{" TIME ",\"x\":1,\"x\":1}", CT_EVENT_NAME, "NULL"},
        {"{" TIME ",\"x\":null,\"x\":null}", CT_EVENT_NAME, "NULL"},
        {"{" TIME ",\"event\\u004eame\":\"a\",\"eventName\":\"b\"}", CT_EVENT_NAME, "a"},
        {"{" TIME ",\"userIdentity\":{\"arn\":\"a\"},\"userIdentity\":{\"arn\":\"b\"}}",
         CT_USER_IDENTITY_ARN, "a"},
        {"{" TIME ",\"userIdentity\":7,\"userIdentity\":{\"arn\":\"b\"}}", CT_USER_IDENTITY_ARN,
         "NULL"},
        {"{" TIME ",\"userIdentity\":{\"arn\":\"a\",\"arn\":\"b\"}}", CT_USER_IDENTITY_ARN, "a"},
        {"{" TIME ",\"userIdentity\":{\"x\":1,\"x\":2}}", CT_USER_IDENTITY_ARN, "NULL"},
        {"{" TIME ",\"userIdentity\":{\"sessionContext\":{\"x\":1,\"x\":2}}}", CT_EVENT_NAME,
         "NULL"},
        {"{" TIME ",\"userIdentity\":{\"sessionContext\":{\"sessionIssuer\":{\"arn\":\"a\","
         "\"arn\":\"b\"}}}}",
         CT_SESSION_ISSUER_ARN, "a"},
        {"{" TIME ",\"userIdentity\":{\"sessionContext\":{\"attributes\":{\"creationDate\":\"a\","
         "\"creationDate\":\"b\"}}}}",
         CT_SESSION_CREATION_DATE, "a"},
        {"{" TIME ",\"tlsDetails\":{\"tlsVersion\":\"a\",\"tlsVersion\":\"b\"}}", CT_TLS_VERSION,
         "a"},
        {"{\"@timestamp\":\"2024-05-01T10:00:00Z\",\"@timestamp\":1}", CT_EVENT_TIME,
         "2024-05-01T10:00:00Z"},
        {"{" TIME ",\"01\":1,\"02\":1,\"03\":1,\"04\":1,\"05\":1,\"06\":1,\"07\":1,\"08\":1,\"09\":"
         "1,\"10\":1,\"11\":1,\"12\":1,\"13\":1,\"14\":1,\"15\":1,\"16\":1,\"17\":1,\"01\":2}",
         CT_EVENT_NAME, "NULL"},
    };
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        char extra[1024];
        cells c;
        make(&c, cases[i].text);
        assert_true(c.record.repeated_key);
        assert_cell(&c, cases[i].column, cases[i].cell, cases[i].text);
        snprintf(extra, sizeof extra, "{\"$raw\":%s}", cases[i].text);
        assert_cell(&c, CT_EXTRA, extra, cases[i].text);
        cells_free(&c);
    }
}

/* Where no column looks inside, a repeated key stays as it is. */
static void test_record_scan_repeated_key_in_a_value_is_kept_there(void **state)
{
    (void)state;
    cells c;
    make(&c, "{" TIME ",\"requestParameters\":{\"a\":1,\"a\":2},\"x\":{\"a\":1,\"a\":2},"
             "\"userIdentity\":{\"x\":3},\"tlsDetails\":{\"x\":4}}");
    assert_false(c.record.repeated_key);
    assert_cell(&c, CT_REQUEST_PARAMETERS, "{\"a\":1,\"a\":2}", "");
    assert_cell(&c, CT_EXTRA,
                "{\"x\":{\"a\":1,\"a\":2},\"userIdentity\":{\"x\":3},\"tlsDetails\":{\"x\":4}}",
                "the order is by object, then as in the record");
    cells_free(&c);
}

/* ---- time ----------------------------------------------------------------------------------- */

static void test_record_has_time_cases(void **state)
{
    static const char none[] = "no eventTime", bad[] = "eventTime is no date and time";
    static const struct {
        const char *text, *message; /* NULL: it has one; likewise where that is to be noted */
    } cases[] = {
        {"{" TIME "}", NULL},
        {"{\"eventTime\":\"2024-05-01T10:00:00.5+05:30\"}", NULL},
        {"{\"eventTime\":\"2024\\u002d05-01T10:00:00Z\"}", NULL},
        {"{\"eventTime\":null,\"@timestamp\":\"2024-05-01T10:00:00Z\"}", NULL},
        /* a number, as data bases keep times: seconds or milliseconds since 1970 */
        {"{\"eventTime\":1714557600}", NULL},
        {"{\"eventTime\":1714557600000}", NULL},
        {"{\"eventTime\":{\"$date\":\"2024-05-01T10:00:00Z\"}}", NULL},
        /* without a zone only where an eventVersion says whose the object is */
        {"{\"eventVersion\":\"1.08\",\"eventTime\":\"2024-05-01 10:00:00.000\"}",
         "eventTime names no zone: read as UTC"},
        {"{\"eventTime\":\"2024-05-01 10:00:00.000\"}",
         "eventTime names no zone: write it as YYYY-MM-DDTHH:MM:SSZ"},
        {"{\"eventVersion\":\"1.08\",\"eventTime\":\"2024-05-01\"}",
         "eventTime is a date without a clock"},
        {"{\"@timestamp\":\"2024-05-01\"}", "eventTime is a date without a clock"},
        {"{}", none},
        {"{\"eventName\":\"x\"}", none},
        {"{\"eventTime\":null}", none},
        {"{\"eventTime\":null,\"@timestamp\":null}", none},
        {"{\"userIdentity\":{" TIME "}}", none},
        {"{\"eventTime\":\"\"}", bad},
        {"{\"eventTime\":\"yesterday\"}", bad},
        {"{\"eventTime\":17145576}", bad},
        {"{\"eventTime\":-1714557600}", bad},
        {"{\"eventTime\":1714557600e3}", bad},
        {"{\"eventTime\":{}}", bad},
        {"{\"eventTime\":\"2023-02-30T10:00:00Z\"}", bad},
        {"{\"eventTime\":\"2023-02-28T25:00:00Z\"}", bad},
        {"{\"eventTime\":\"2023-02-28T10:00:00Z\\u0000\"}", bad},
        {"{\"eventTime\":\"0000-01-01T00:00:00Z\"}", bad},
        {"{\"eventTime\":\"x\",\"@timestamp\":\"2024-05-01\"}", bad},
        {"{\"@timestamp\":\"x\"}", bad},
    };
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        cells c;
        const char *message, *expected = cases[i].message;
        make(&c, cases[i].text);
        bool has = ct_record_has_time(&c.record, &message);
        bool has_expected = !expected || strstr(expected, "read as UTC");
        bool same = message && expected ? strcmp(message, expected) == 0 : message == expected;
        if (has != has_expected || !same)
            fail_msg("%s: %s", cases[i].text, message ? message : "has a time");
        cells_free(&c);
    }
}

/* ---- the rest of the interface -------------------------------------------------------------- */

static void test_record_scan_stops_behind_the_record(void **state)
{
    static const char text[] = "{" TIME ", \"x\":1} {\"next\":2}";
    (void)state;
    ct_record record = CT_RECORD_EMPTY;
    ct_json_scanner s = ct_json_scan(text, strlen(text));
    assert_int_equal(ct_record_scan(&record, &s), CT_JSON_OK);
    assert_string_equal(s.p, " {\"next\":2}");
    assert_ptr_equal(record.text, text);
    assert_int_equal(record.len, strlen(text) - strlen(s.p));
    assert_int_equal(record.flags, CT_JSON_SPACED);
    ct_record_free(&record);
}

static void test_record_scan_every_prefix_is_incomplete(void **state)
{
    static const char text[] =
        "{" TIME ",\"userIdentity\":{\"type\":\"Root\",\"sessionContext\":"
        "{\"sessionIssuer\":{},\"attributes\":{\"x\":[1,{}]}}},\"y\":-1.5e3}";
    (void)state;
    for (size_t n = 1; n < strlen(text); n++) {
        char *copy = malloc(n);
        memcpy(copy, text, n);
        ct_record record = CT_RECORD_EMPTY;
        ct_json_scanner s = ct_json_scan(copy, n);
        assert_int_equal(ct_record_scan(&record, &s), CT_JSON_INCOMPLETE);
        ct_record_free(&record);
        free(copy);
    }
}

static void test_record_extra_field_finds_root_fields_only(void **state)
{
    (void)state;
    cells c;
    make(&c, "{" TIME ",\"detail\":{\"a\":1},\"\\u0061ws\":[],\"userIdentity\":{\"inner\":1}}");
    const ct_json *detail = ct_record_extra_field(&c.record, "detail");
    assert_non_null(detail);
    assert_int_equal(detail->kind, CT_JSON_OBJECT);
    assert_non_null(ct_record_extra_field(&c.record, "aws"));
    assert_null(ct_record_extra_field(&c.record, "inner"));
    assert_null(ct_record_extra_field(&c.record, "eventTime"));
    cells_free(&c);
}

static void test_record_rebuild_extra_that_is_no_object_is_refused(void **state)
{
    static const struct {
        const char *extra;
        bool ok;
    } cases[] = {
        {"{}", true},    {"{\"x\":1}", true},   {" {\"x\":1} ", true}, {"[]", false},
        {"1", false},    {"", false},           {"{", false},          {"{\"x\":1", false},
        {"{} x", false}, {"{\"x\":1}}", false}, {"null", false},       {"{x:1}", false},
    };
    (void)state;
    cells c;
    make(&c, "{" TIME ",\"eventName\":\"a\"}");
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        ct_buf out = CT_BUF_EMPTY;
        c.all[CT_EXTRA] =
            (ct_cell){.kind = CT_CELL_TEXT, .p = cases[i].extra, .len = strlen(cases[i].extra)};
        if (ct_record_rebuild(c.all, &out) != cases[i].ok)
            fail_msg("%s", cases[i].extra);
        if (cases[i].ok)
            assert_true(ct_json_valid(out.data, out.len));
        ct_buf_free(&out);
    }
    cells_free(&c);
}

/* Many unknown fields, each its own: no square of their number. */
static void test_record_scan_hundred_thousand_fields_is_quick(void **state)
{
    (void)state;
    ct_buf text = CT_BUF_EMPTY;
    ct_buf_put_text(&text, "{" TIME);
    for (int i = 0; i < 100000; i++)
        ct_buf_printf(&text, ",\"field%d\":%d", i, i);
    ct_buf_put_char(&text, '}');
    cells c;
    assert_true(cells_make(&c, text.data, text.len));
    assert_int_equal(c.record.n_extras, 100000);
    assert_false(c.record.repeated_key);
    assert_int_equal(c.all[CT_EXTRA].len, text.len - strlen("," TIME));
    cells_free(&c);
    ct_buf_free(&text);
}

static void test_record_without_memory_says_so_at_every_allocation(void **state)
{
    static const char text[] =
        "{ " TIME
        ",\"eventName\":\"a\\u0000b\",\"userAgent\":\"caf\xC3\xA9\",\"readOnly\":\"true\","
        "\"requestParameters\":{\"a\" : 1},\"userIdentity\":{\"x\":1,\"sessionContext\":{}},"
        "\"01\":1,\"02\":1,\"03\":1,\"04\":1,\"05\":1,\"06\":1,\"07\":1,\"08\":1,\"09\":1,\"10\":1,"
        "\"11\":1,\"12\":1,\"13\":1,\"14\":1,\"15\":1,\"16\":1,\"17\":1}";
    (void)state;
    cells whole;
    make(&whole, text);
    ct_buf expected = CT_BUF_EMPTY;
    assert_true(ct_record_rebuild(whole.all, &expected));
    bool refused = true;
    for (long n = 0; refused; n++) {
        cells c = {.record = CT_RECORD_EMPTY};
        ct_buf out = CT_BUF_EMPTY;
        ct_json_scanner s = ct_json_scan(text, strlen(text));
        ct_mem_fail_after(n);
        bool ok = ct_record_scan(&c.record, &s) == CT_JSON_OK && !c.record.no_memory;
        ok = ok && cells_read(&c);
        ok = ok && ct_record_rebuild(c.all, &out) && ct_buf_ok(&out);
        refused = ct_mem_failures() > 0;
        ct_mem_fail_after(-1);
        assert_int_equal(ok, !refused);
        if (ok) {
            assert_int_equal(out.len, expected.len);
            assert_memory_equal(out.data, expected.data, out.len);
        }
        cells_free(&c);
        ct_buf_free(&out);
    }
    cells_free(&whole);
    ct_buf_free(&expected);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_record_cell_every_column_from_its_field),
        cmocka_unit_test(test_record_cell_other_type_stands_in_extra),
        cmocka_unit_test(test_record_cell_null_is_no_field),
        cmocka_unit_test(test_record_cell_lossy_string_stands_in_extra),
        cmocka_unit_test(test_record_cell_extra_rules_give_exactly_this),
        cmocka_unit_test(test_record_scan_repeated_key_keeps_first_and_whole_text),
        cmocka_unit_test(test_record_scan_repeated_key_in_a_value_is_kept_there),
        cmocka_unit_test(test_record_has_time_cases),
        cmocka_unit_test(test_record_scan_stops_behind_the_record),
        cmocka_unit_test(test_record_scan_every_prefix_is_incomplete),
        cmocka_unit_test(test_record_extra_field_finds_root_fields_only),
        cmocka_unit_test(test_record_rebuild_extra_that_is_no_object_is_refused),
        cmocka_unit_test(test_record_scan_hundred_thousand_fields_is_quick),
        cmocka_unit_test(test_record_without_memory_says_so_at_every_allocation),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
