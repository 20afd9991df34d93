/*
 * The CSV reader against RFC 4180, against a slow reading of its own, and at every prefix; the
 * times of the portals; what a row of each kind of file says.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/csv.h"
#include "log/csv_record.h"
#include "log/csv_time.h"
#include "faulty_mem.h"
#include "harness.h"
#include "rng.h"
#include "base/timestamp.h"

/* A row as text: fields between <>, errors by their words. */
static void show(const char *p, size_t n, bool at_end, ct_buf *out, size_t *used)
{
    ct_csv_row row = CT_CSV_ROW_EMPTY;
    const char *end;
    ct_csv_status st = ct_csv_scan(&row, p, n, at_end, &end);
    *used = (size_t)(end - p);
    if (st == CT_CSV_INCOMPLETE) {
        ct_buf_put_text(out, "incomplete");
    } else if (st == CT_CSV_INVALID) {
        ct_buf_printf(out, "%s at %zu", row.error, *used);
    } else {
        for (size_t i = 0; i < row.n_fields; i++) {
            ct_buf_put_char(out, '<');
            ct_csv_put_field(&row.fields[i], out);
            ct_buf_put_char(out, '>');
        }
    }
    ct_csv_row_free(&row);
}

static void assert_row(const char *text, size_t n, bool at_end, const char *expected, size_t used)
{
    /* A copy of exactly this size, so that a sanitizer sees a read too far. */
    char *exact = malloc(n ? n : 1);
    memcpy(exact, text, n);
    ct_buf out = CT_BUF_EMPTY;
    size_t got_used;
    show(exact, n, at_end, &out, &got_used);
    ct_buf_put_char(&out, '\0');
    if (strcmp(out.data, expected) != 0 || (used != SIZE_MAX && got_used != used))
        fail_msg("%.*s\n  expected %s, %zu bytes\n  got %s, %zu bytes", (int)n, text, expected,
                 used, out.data, got_used);
    ct_buf_free(&out);
    free(exact);
}

/* ---- RFC 4180 ------------------------------------------------------------------------------ */

/* Section 2, rule by rule, with its own examples where it has one. */
static void test_csv_scan_rfc_4180(void **state)
{
    (void)state;
    static const struct {
        const char *text, *expected;
        size_t used;
    } cases[] = {
        {"aaa,bbb,ccc\r\nzzz,yyy,xxx\r\n", "<aaa><bbb><ccc>", 13},      /* 1 */
        {"zzz,yyy,xxx", "<zzz><yyy><xxx>", 11},                         /* 2 */
        {"field_name,field_name\r\n", "<field_name><field_name>", 23},  /* 3 */
        {" a , b ,\r\n", "< a >< b ><>", 10},                           /* 4: spaces count */
        {"\"aaa\",\"bbb\",\"ccc\"\r\nzzz", "<aaa><bbb><ccc>", 19},      /* 5 */
        {"\"aaa\",\"b\r\nbb\",\"ccc\"\r\n", "<aaa><b\r\nbb><ccc>", 21}, /* 6 */
        {"\"aaa\",\"b\"\"bb\",\"ccc\"", "<aaa><b\"bb><ccc>", 19},       /* 7 */
        {"\"a,b\",c\n", "<a,b><c>", 8},
        {"\"\",\"\"\"\"\n", "<><\">", 8},
        {",,\n", "<><><>", 3},
        {"\n", "<>", 1},
        {"\r\n", "<>", 2},
        {"", "<>", 0},
        {"a,", "<a><>", 2},
        {"a\r", "<a>", 2},
        {"a\rb,c\n", "<a\rb><c>", 6},          /* a CR alone is text */
        {"5\" disk,x\n", "<5\" disk><x>", 10}, /* so is a quote inside */
        {"a,\"b\"c,d\n", "text stands behind a closing quote at 5", 5},
        {"a,\"b\" ,d\n", "text stands behind a closing quote at 5", 5},
        {"a,\"b\"\r,d\n", "text stands behind a closing quote at 5", 5},
        {"a,\"bc\nd,e\n", "a quote is not closed at 2", 2},
        {"\"", "a quote is not closed at 0", 0},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++)
        assert_row(cases[i].text, strlen(cases[i].text), true, cases[i].expected, cases[i].used);
    assert_row("a\0b,c\n", 6, true, "<a", SIZE_MAX); /* NUL is a byte like others: the text ends */
}

/* Until the break behind a row is certain, nothing is said of it. */
static void test_csv_scan_incomplete_at_every_prefix(void **state)
{
    (void)state;
    static const char row[] = "\"a\"\"b\",,\"c\r\nd\",e\"f,\"\"\r\n";
    size_t n = sizeof row - 1;
    for (size_t i = 0; i < n; i++)
        assert_row(row, i, false, "incomplete", SIZE_MAX);
    assert_row(row, n, false, "<a\"b><><c\r\nd><e\"f><>", n);
    assert_row("x,y\nz", 5, false, "<x><y>", 4);
}

/* ---- against a slow reading ---------------------------------------------------------------- */

/* One byte at a time, by the rules' words: outside, inside quotes, behind a quote. */
static void read_slowly(const char *p, size_t n, ct_buf *out)
{
    enum { BEGINS, PLAIN, QUOTED, QUOTE } state = BEGINS;
    ct_buf_put_char(out, '<');
    for (size_t i = 0; i < n; i++) {
        bool ends_row = p[i] == '\n' || (p[i] == '\r' && (i + 1 == n || p[i + 1] == '\n'));
        if (state == QUOTED) {
            if (p[i] == '"')
                state = QUOTE;
            else
                ct_buf_put_char(out, p[i]);
        } else if (p[i] == '"' && state == BEGINS) {
            state = QUOTED;
        } else if (p[i] == '"' && state == QUOTE) {
            ct_buf_put_char(out, '"');
            state = QUOTED;
        } else if (p[i] == ',') {
            ct_buf_put_text(out, "><");
            state = BEGINS;
        } else if (ends_row) {
            break;
        } else if (state == QUOTE) {
            ct_buf_clear(out);
            ct_buf_printf(out, "text stands behind a closing quote at %zu", i);
            return;
        } else {
            ct_buf_put_char(out, p[i]);
            state = PLAIN;
        }
    }
    if (state == QUOTED) {
        ct_buf_clear(out);
        ct_buf_put_text(out, "a quote is not closed");
        return;
    }
    ct_buf_put_char(out, '>');
}

static void test_csv_scan_property_slow_reading(void **state)
{
    (void)state;
    static const char letters[] = "\"\"\",,\r\n\nab ";
    rng r = {.state = 20240514};
    for (int round = 0; round < 200000; round++) {
        char text[24];
        size_t n = (size_t)rng_int_below(&r, sizeof text), used;
        for (size_t i = 0; i < n; i++)
            text[i] = letters[rng_int_below(&r, sizeof letters - 1)];
        ct_buf expected = CT_BUF_EMPTY, got = CT_BUF_EMPTY;
        read_slowly(text, n, &expected);
        show(text, n, true, &got, &used);
        /* Of a quote that is not closed the slow reading does not say where. */
        size_t len = memcmp(expected.data, "a q", 3) == 0 ? expected.len : got.len;
        if (len != expected.len || memcmp(got.data, expected.data, len) != 0)
            fail_msg("round %d: %.*s\n  expected %.*s\n  got %.*s", round, (int)n, text,
                     (int)expected.len, expected.data, (int)got.len, got.data);
        /* Given in pieces: incomplete, or the same. */
        size_t piece = n ? (size_t)rng_int_below(&r, (int)n) : 0, piece_used;
        ct_buf part = CT_BUF_EMPTY;
        show(text, piece, false, &part, &piece_used);
        bool incomplete = part.len == 10 && memcmp(part.data, "incomplete", 10) == 0;
        if (!incomplete && (part.len != got.len || memcmp(part.data, got.data, got.len) != 0))
            fail_msg("round %d: the first %zu of %.*s are taken for a row", round, piece, (int)n,
                     text);
        ct_buf_free(&expected);
        ct_buf_free(&got);
        ct_buf_free(&part);
    }
}

static void test_csv_scan_many_fields_counted_not_kept(void **state)
{
    (void)state;
    enum { N = 100000 };
    char *text = malloc(N);
    memset(text, ',', N);
    ct_csv_row row = CT_CSV_ROW_EMPTY;
    const char *end;
    assert_int_equal(ct_csv_scan(&row, text, N, true, &end), CT_CSV_OK);
    assert_int_equal(row.n_fields, N + 1);
    assert_int_equal(row.capacity, CT_CSV_FIELDS_MAX);
    ct_csv_row_free(&row);
    free(text);
}

/* ---- times --------------------------------------------------------------------------------- */

static void test_csv_time_table(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        bool is_utc;
        const char *expected; /* NULL: refused */
    } cases[] = {
        {"2024-08-18T11:48:43Z", false, "2024-08-18T11:48:43Z"},
        {"2024-05-14T11:05:12+02:00", false, "2024-05-14T09:05:12Z"},
        {"2/25/2025, 9:19:25.391 AM", true, "2025-02-25T09:19:25.391Z"},
        {"2/25/2025, 12:19:25.391 AM", true, "2025-02-25T00:19:25.391Z"},
        {"2/25/2025, 12:19:25.000 PM", true, "2025-02-25T12:19:25Z"},
        {"2/25/2025, 9:19:25.000\xE2\x80\xAFPM", true, "2025-02-25T21:19:25Z"},
        {"21/04/2025, 09:45:54.000", true, "2025-04-21T09:45:54Z"},
        {"11/04/2025, 10:14:36.000", true, "2025-04-11T10:14:36Z"},
        {"4/11/2025, 10:14:36.000 AM", true, "2025-04-11T10:14:36Z"},
        {"11/04/2025, 10:14:36.000 am", true, "2025-04-11T10:14:36Z"},
        {"21.4.2025, 09:45:54,000", true, "2025-04-21T09:45:54Z"},
        {"2025-04-21, 9:45:54 p.m.", true, "2025-04-21T21:45:54Z"},
        {"May 14, 2024, 11:05:12 (UTC+02:00)", false, "2024-05-14T09:05:12Z"},
        {"August 18, 2024, 20:48:43 (UTC+09:00)", false, "2024-08-18T11:48:43Z"},
        {"Aug 18, 2024 6:18:43 AM UTC-5:30", false, "2024-08-18T11:48:43Z"},
        {"August 18, 2024, 20:48:43 (UTC)", false, "2024-08-18T20:48:43Z"},
        {"August 18, 2024, 20:48:43 GMT+0530", false, "2024-08-18T15:18:43Z"},
        {"August 18, 2024, 20:48:43 UTC+2", false, "2024-08-18T18:48:43Z"},
        {"2/25/2025 9:19:25\xC2\xA0PM Z", false, "2025-02-25T21:19:25Z"},
        {"25/02/2025, 9:19:25 pm", true, "2025-02-25T21:19:25Z"},
        {"25/02/2025, 9:19:25 a.m.", true, "2025-02-25T09:19:25Z"},
        {"2025-02-25, 09:19:25.123456789", true, "2025-02-25T09:19:25.1234567Z"},
        /* East Asia, year first: slashes, dots, and the half of the day before the clock */
        {"2025/2/25 09:19:25.000", true, "2025-02-25T09:19:25Z"},
        {"2025. 2. 25. \xEC\x98\xA4\xEC\xA0\x84 12:19:25", true, "2025-02-25T00:19:25Z"},
        {"2025. 2. 25. \xEC\x98\xA4\xED\x9B\x84 9:19:25", true, "2025-02-25T21:19:25Z"},
        {"2025.2.25 9:19:25", true, "2025-02-25T09:19:25Z"},
        {"2025/2/25 \xE4\xB8\x8A\xE5\x8D\x88 9:19:25", true, "2025-02-25T09:19:25Z"},
        {"2025/2/25 \xE4\xB8\x8B\xE5\x8D\x88"
         "9:19:25",
         true, "2025-02-25T21:19:25Z"},
        {"2025/2/25 \xE5\x8D\x88\xE5\x89\x8D 9:19:25", true, "2025-02-25T09:19:25Z"},
        {"2025/2/25 \xE5\x8D\x88\xE5\xBE\x8C 9:19:25", true, "2025-02-25T21:19:25Z"},
        /* ISO without a zone, where the column says UTC; a spreadsheet leaves the seconds out */
        {"2025-02-25T09:19:25", true, "2025-02-25T09:19:25Z"},
        {"2025-02-25 09:19:25.5", true, "2025-02-25T09:19:25.5Z"},
        {"2025-02-25 09:19:25", false, NULL},
        {"2025-02-25 09:19", true, NULL},
        {"2025-02-25", true, NULL},
        {"14/05/2024 09:05", true, NULL},
        {"14/05/2024 09:05 Z", false, "2024-05-14T09:05:00Z"},
        /* cut or garbled at each of its parts */
        {"Foo 14, 2024, 09:05:12 Z", false, NULL},
        {"May x, 2024, 09:05:12 Z", false, NULL},
        {"May 14, x, 09:05:12 Z", false, NULL},
        {"2025/", true, NULL},
        {"2025/x/25 09:19:25", true, NULL},
        {"2025/2.25 09:19:25", true, NULL},
        {"2025/2/x 09:19:25", true, NULL},
        {"2025 2 25 09:19:25", true, NULL},
        {"25-02-2025 09:19:25", true, NULL},
        {"25/x/2025 09:19:25", true, NULL},
        {"25/02.2025 09:19:25", true, NULL},
        {"25.02/2025 09:19:25", true, NULL},
        {"25/02/x 09:19:25", true, NULL},
        {"25/02/2025", true, NULL},
        {"25/02/2025 x", true, NULL},
        {"25/02/2025 09", true, NULL},
        {"25/02/2025 09:x", true, NULL},
        {"25/02/2025 09:19:x", true, NULL},
        {"25/02/2025 09:19:25.x", true, NULL},
        {"25/02/2025 09:19:25 +x", true, NULL},
        {"25/02/2025 09:19:25 (UTC", true, NULL},
        {"25/02/2025 09:19:25 UTC+25", true, NULL},
        {"25/02/2025 24:19:25", true, NULL},
        {"August 18, 2024, 20:48:43", false, NULL}, /* in whose zone? */
        {"21/04/2025, 09:45:54.000", false, NULL},
        {"04/21/2025, 09:45:54.000", true, NULL}, /* no month 21, and no guess */
        {"21/04/2025, 09:45:54.000 AM", true, NULL},
        {"13/25/2025, 9:19:25 AM", true, NULL},
        {"2/25/2025, 13:19:25 AM", true, NULL},
        {"2/25/2025, 0:19:25 AM", true, NULL},
        {"2/30/2025, 9:19:25 AM", true, NULL},
        {"2/25/2025, 9:19:25 AM, or so", true, NULL},
        {"2/25/2025", true, NULL},
        {"45772.40", true, NULL}, /* Excel's own */
        {"", true, NULL},
        {"(", true, NULL},
        {"1/1/", true, NULL},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        int64_t ticks;
        char text[CT_TIME_TEXT_MAX + 1] = {0};
        size_t n = strlen(cases[i].text);
        char *exact = malloc(n + 1);
        memcpy(exact, cases[i].text, n);
        bool ok = ct_csv_time_parse(exact, n, cases[i].is_utc, &ticks);
        free(exact);
        if (ok)
            (void)ct_time_format(ticks, text);
        if (ok != (cases[i].expected != NULL) || (ok && strcmp(text, cases[i].expected) != 0))
            fail_msg("%s: expected %s, got %s", cases[i].text,
                     cases[i].expected ? cases[i].expected : "refused", ok ? text : "refused");
    }
}

/* ---- headers and rows ---------------------------------------------------------------------- */

static void read_header(ct_csv_header *header, const char *text)
{
    ct_csv_row row = CT_CSV_ROW_EMPTY;
    const char *end;
    assert_int_equal(ct_csv_scan(&row, text, strlen(text), true, &end), CT_CSV_OK);
    assert_true(ct_csv_header_read(header, &row));
    ct_csv_row_free(&row);
}

static void test_csv_header_kinds(void **state)
{
    (void)state;
    static const struct {
        const char *header;
        ct_csv_kind kind;
    } cases[] = {
        /* danomisik/design_provision_and_monitor_aws_infra: event_history.csv */
        {"User name,AWS access key,Event time,Event source,Event name,AWS region,Source IP address,"
         "User agent,Error code,Resources,Request ID,Event ID,Read-only,Event type,"
         "Recipient Account Id,Event category",
         CT_CSV_CONSOLE},
        {"Event ID,Event time,User name,Event name,Resource type,Resource name,AWS access key,"
         "AWS region,Error code,Source IP address,Event source,Request ID,Read-only",
         CT_CSV_CONSOLE},
        {"\"EVENT NAME\",event id,\" Event Time \"", CT_CSV_CONSOLE},
        {"Event ID,Event time", CT_CSV_UNKNOWN},
        /* Azure-Sentinel, Sample Data/ASIM/AWS_CloudTrail_Authentication_IngestedLogs.csv */
        {"\"TimeGenerated [UTC]\",AwsEventId,EventVersion,EventSource,EventTypeName,EventName",
         CT_CSV_SENTINEL},
        {"EventName,TimeGenerated,AwsEventId", CT_CSV_SENTINEL},
        {"EventName,timegenerated [UTC],EventSource", CT_CSV_SENTINEL},
        {"\"TimeGenerated [Local Time]\",AwsEventId,EventName", CT_CSV_UNKNOWN},
        {"Event Type,Event Name,Request ID,User ID,Request Parameters,Alert,Event ID,"
         "Event DateTime,Alarm DateTime,Source IP,Request User Agent,Repeated Attempts",
         CT_CSV_UNKNOWN},
        {"", CT_CSV_UNKNOWN},
        {",,,", CT_CSV_UNKNOWN},
    };
    ct_csv_header header = {.kind = CT_CSV_UNKNOWN};
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        read_header(&header, cases[i].header);
        if (header.kind != cases[i].kind)
            fail_msg("%s: %d", cases[i].header, header.kind);
    }
    ct_csv_header_free(&header);
}

static bool put_record(const char *header_text, const char *row_text, ct_buf *out,
                       const char **error)
{
    ct_csv_header header = {.kind = CT_CSV_UNKNOWN};
    ct_csv_row row = CT_CSV_ROW_EMPTY;
    ct_buf scratch = CT_BUF_EMPTY;
    const char *end;
    read_header(&header, header_text);
    assert_int_equal(ct_csv_scan(&row, row_text, strlen(row_text), true, &end), CT_CSV_OK);
    assert_int_equal(row.n_fields, header.n_columns);
    bool ok = ct_csv_record_put(&header, &row, &scratch, out, error);
    assert_true(ct_buf_ok(&scratch) && ct_buf_ok(out));
    ct_buf_free(&scratch);
    ct_csv_row_free(&row);
    ct_csv_header_free(&header);
    return ok;
}

#define CONSOLE "User name,Event time,Event name,Event ID,Read-only,Resources,User agent\n"
#define SENTINEL                                                                                   \
    "\"TimeGenerated [UTC]\",AwsEventId,EventName,SessionMfaAuthenticated,"                        \
    "\"SessionCreationDate [UTC]\",RequestParameters,AwsRequestId,AwsRequestId_,EC2RoleDelivery,"  \
    "UserIdentityUserId,UserIdentityStoreArn,TenantId\n"

static void test_csv_record_rows(void **state)
{
    (void)state;
    static const struct {
        const char *header, *row, *expected;
    } cases[] = {
        {CONSOLE, "root,2024-05-14T09:05:12Z,ListUsers,e1,true,[],\"aws-cli, \"\"x\"\"\"",
         "{\"userIdentity\":{\"userName\":\"root\"},\"eventTime\":\"2024-05-14T09:05:12Z\","
         "\"eventName\":\"ListUsers\",\"userAgent\":\"aws-cli, \\\"x\\\"\",\"eventID\":\"e1\","
         "\"readOnly\":true}"},
        {CONSOLE,
         ",2024-05-14T09:05:12Z,ListUsers,e1,maybe,\"[{\"\"resourceName\"\":\"\"b\"\"}]\",",
         "{\"$csv\":{\"Read-only\":\"maybe\",\"Resources\":\"[{\\\"resourceName\\\":\\\"b\\\"}]\"},"
         "\"eventTime\":\"2024-05-14T09:05:12Z\",\"eventName\":\"ListUsers\",\"eventID\":\"e1\"}"},
        {SENTINEL,
         "\"2/25/2025, 9:19:25.000 AM\",e2,RunInstances,False,\"2/25/2025, 8:00:00.000 AM\","
         "\"{\"\"a\"\": [1,\"\"x\\\"\"\"\"]}\",r1,,2.0,,,t",
         "{\"userIdentity\":{\"sessionContext\":{\"ec2RoleDelivery\":\"2.0\","
         "\"attributes\":{\"creationDate\":\"2025-02-25T08:00:00Z\",\"mfaAuthenticated\":\"false\"}"
         "}},"
         "\"$csv\":{\"TenantId\":\"t\"},\"eventTime\":\"2025-02-25T09:19:25Z\","
         "\"eventName\":\"RunInstances\",\"requestParameters\":{\"a\": [1,\"x\\\"\"]},"
         "\"requestID\":\"r1\",\"eventID\":\"e2\"}"},
        /* Two columns of one name that differ are both kept, be they true and false. */
        {"eventtime,eventname,eventid,eventsource,readonly,read_only,Read Only\n",
         "2024-05-14T09:05:12Z,X,e1,iam.amazonaws.com,true,false,1",
         "{\"$csv\":{\"read_only\":\"false\"},\"eventTime\":\"2024-05-14T09:05:12Z\","
         "\"eventSource\":\"iam.amazonaws.com\",\"eventName\":\"X\",\"eventID\":\"e1\","
         "\"readOnly\":true}"},
        /* fields of the record without a column: an object, a list, text */
        {"eventtime,eventname,eventsource,edgedevicedetails,addendum,annotation\n",
         "2024-05-14T09:05:12Z,X,iam.amazonaws.com,\"{\"\"a\"\":1}\",\"[1]\",[x",
         "{\"addendum\":[1],\"edgeDeviceDetails\":{\"a\":1},\"annotation\":\"[x\","
         "\"eventTime\":\"2024-05-14T09:05:12Z\",\"eventSource\":\"iam.amazonaws.com\","
         "\"eventName\":\"X\"}"},
        /* Athena's rows: nulls are nothing, an object in an object, a name in another spelling */
        {"eventtime,eventname,eventsource,useridentity,tlsdetails\n",
         "2024-05-14T09:05:12Z,X,iam.amazonaws.com,\"{invokedby=null, type=Role, arn=, "
         "sessioncontext={attributes={mfaauthenticated=false}, sessionissuer=null}}\","
         "\"{\"\"tls_version\"\":\"\"TLSv1.3\"\",\"\"Other_Name\"\":{\"\"tls_version\"\":1}}\"",
         "{\"userIdentity\":{\"type\":\"Role\",\"arn\":\"\",\"sessionContext\":{\"attributes\":"
         "{\"mfaAuthenticated\":\"false\"}}},\"tlsDetails\":{\"tlsVersion\":\"TLSv1.3\","
         "\"Other_Name\":{\"tls_version\":1}},\"eventTime\":\"2024-05-14T09:05:12Z\","
         "\"eventSource\":\"iam.amazonaws.com\",\"eventName\":\"X\"}"},
        /* Of the identity one field alone, or all of them. */
        {SENTINEL, "2025-02-25T09:19:25Z,e5,X,,,,,,2.0,u,,",
         "{\"userIdentity\":{\"sessionContext\":{\"ec2RoleDelivery\":\"2.0\"},"
         "\"onBehalfOf\":{\"userId\":\"u\"}},\"eventTime\":\"2025-02-25T09:19:25Z\","
         "\"eventName\":\"X\",\"eventID\":\"e5\"}"},
        {SENTINEL, "2025-02-25T09:19:25Z,e6,X,,,,,,,,s,",
         "{\"userIdentity\":{\"onBehalfOf\":{\"identityStoreArn\":\"s\"}},"
         "\"eventTime\":\"2025-02-25T09:19:25Z\",\"eventName\":\"X\",\"eventID\":\"e6\"}"},
        /* no source, but a version of CloudTrail's */
        {"eventtime,eventname,eventversion\n", "2024-05-14T09:05:12Z,X,1.08",
         "{\"eventVersion\":\"1.08\",\"eventTime\":\"2024-05-14T09:05:12Z\","
         "\"eventName\":\"X\"}"},
        /* Text that was cut is no value; two ids of one thing that differ are both kept. */
        {SENTINEL, "\"25/02/2025, 09:19:25.000\",e3,X,,,\"{\"\"a\"\":\",r1,r2,,u,s,",
         "{\"userIdentity\":{\"onBehalfOf\":{\"userId\":\"u\",\"identityStoreArn\":\"s\"}},"
         "\"$csv\":{\"RequestParameters\":\"{\\\"a\\\":\",\"AwsRequestId_\":\"r2\"},"
         "\"eventTime\":\"2025-02-25T09:19:25Z\",\"eventName\":\"X\",\"requestID\":\"r1\","
         "\"eventID\":\"e3\"}"},
        {SENTINEL, "2025-02-25T09:19:25.0000000Z,e4,X,,,null,,,,,,",
         "{\"eventTime\":\"2025-02-25T09:19:25Z\",\"eventName\":\"X\",\"eventID\":\"e4\"}"},
        {CONSOLE, "u,yesterday,ListUsers,e1,true,[],x", NULL},
        {CONSOLE, "u,\"May 14, 2024, 09:05:12\",ListUsers,e1,true,[],x", NULL},
    };
    sqlite3 *db = harness_open();
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        ct_buf out = CT_BUF_EMPTY;
        const char *error = NULL;
        bool ok = put_record(cases[i].header, cases[i].row, &out, &error);
        ct_buf_put_char(&out, '\0');
        if (!cases[i].expected) {
            assert_false(ok);
            assert_string_equal(error,
                                "the event's time is no date and time in a known zone: write it as "
                                "YYYY-MM-DDTHH:MM:SSZ");
        } else {
            /* Equal as SQLite's own JSON reads them, whatever the order of the fields. */
            char *sql = sqlite3_mprintf(
                "SELECT group_concat(x, char(10)) FROM (SELECT fullkey || '=' || quote(atom) AS x"
                " FROM json_tree(%Q) WHERE atom IS NOT NULL ORDER BY 1)",
                out.data);
            char *sql_expected = sqlite3_mprintf(
                "SELECT group_concat(x, char(10)) FROM (SELECT fullkey || '=' || quote(atom) AS x"
                " FROM json_tree(%Q) WHERE atom IS NOT NULL ORDER BY 1)",
                cases[i].expected);
            char *expected = harness_query(db, sql_expected);
            assert_true(ok);
            assert_query(db, sql, expected);
            free(expected);
            sqlite3_free(sql);
            sqlite3_free(sql_expected);
        }
        ct_buf_free(&out);
    }
    harness_close(db);
}

/* Other logs have names like these, too. */
static void test_csv_record_of_another_log_is_none(void **state)
{
    static const char *const rows[] = {"2024-05-14T09:05:12Z,X,,0.9", "2024-05-14T09:05:12Z,X,,1",
                                       "2024-05-14T09:05:12Z,X,web,1.08",
                                       "2024-05-14T09:05:12Z,X,.amazonaws.co,1.08"};
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        ct_buf out = CT_BUF_EMPTY;
        const char *error;
        assert_false(
            put_record("eventtime,eventname,eventsource,eventversion\n", rows[i], &out, &error));
        assert_string_equal(error, "no CloudTrail record: its eventSource is none of AWS");
        ct_buf_free(&out);
    }
}

/* ---- want of memory ------------------------------------------------------------------------- */

/* Whether an allocation was refused; then that is what is said. */
static bool read_without_memory(ct_mem_way *refuse, long n)
{
    static const char text[] = "u,2024-05-14T09:05:12Z,\"a \"\"b\"\"\",e1,true,\"[1]\",x\n";
    static const char names[] = CONSOLE;
    ct_csv_header header = {.kind = CT_CSV_UNKNOWN};
    ct_csv_row row = CT_CSV_ROW_EMPTY;
    ct_buf scratch = CT_BUF_EMPTY, out = CT_BUF_EMPTY;
    const char *end, *error = NULL;
    bool failed = false;
    refuse(n);
    (void)ct_csv_scan(&row, names, sizeof names - 1, true, &end);
    failed = row.no_memory || !ct_csv_header_read(&header, &row);
    if (!failed) {
        (void)ct_csv_scan(&row, text, sizeof text - 1, true, &end);
        failed = row.no_memory;
    }
    if (!failed) {
        assert_true(ct_csv_record_put(&header, &row, &scratch, &out, &error));
        failed = !ct_buf_ok(&scratch) || !ct_buf_ok(&out);
    }
    bool refused = ct_mem_failures() > 0;
    ct_mem_fail_after(-1);
    assert_int_equal(failed, refused);
    ct_buf_free(&scratch);
    ct_buf_free(&out);
    ct_csv_row_free(&row);
    ct_csv_header_free(&header);
    return refused;
}

static void test_csv_out_of_memory(void **state)
{
    (void)state;
    for (int i = 0; i < CT_MEM_N_WAYS; i++)
        for (long n = 0; read_without_memory(ct_mem_ways[i], n); n++)
            ;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_csv_scan_rfc_4180),
        cmocka_unit_test(test_csv_scan_incomplete_at_every_prefix),
        cmocka_unit_test(test_csv_scan_property_slow_reading),
        cmocka_unit_test(test_csv_scan_many_fields_counted_not_kept),
        cmocka_unit_test(test_csv_time_table),
        cmocka_unit_test(test_csv_header_kinds),
        cmocka_unit_test(test_csv_record_rows),
        cmocka_unit_test(test_csv_record_of_another_log_is_none),
        cmocka_unit_test(test_csv_out_of_memory),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
