/* Files with something wrong in them: what is lost, and that it is all that is lost. */
#include "harness.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "faulty_mem.h"
#include "gz.h"
#include "items.h"
#include "mutate.h"
#include "log/source.h"
#include "temp.h"

#define BYTES(text) text, sizeof text - 1
#define TIME "\"eventTime\":\"2024-05-01T10:00:00Z\""
#define RECORD(id) "{\"eventVersion\":\"1.08\"," TIME ",\"eventID\":\"" id "\"}"
#define A RECORD("a")
#define C RECORD("c")
#define V "{\"eventVersion\":\"1.08\","

/* Three records, the second of them broken, in each form that keeps records apart. */
static const struct {
    const char *begin, *between, *end;
} frames[] = {
    {"[", ",", "]"},
    {"[\n  ", ",\n  ", "\n]\n"},
    {"{\"Records\":[", ",", "]}"},
    {"{ \"Records\" : [ ", " , ", " ] }"},
    {"", "\n", "\n"},
    {"", "\r\n", ""},
};
enum { N_FRAMES = sizeof frames / sizeof frames[0] };

static void assert_lines(const ct_buf *text, const items *got, const char *expected, size_t n)
{
    if (got->lines.len - 1 != n || memcmp(got->lines.data, expected, n) != 0)
        fail_msg("%.*s\n  expected:\n%s\n  got:\n%s", (int)text->len, text->data, expected,
                 got->lines.data);
}

/* ^ stands before the byte at fault and is taken out; returns where it stood. */
static size_t take_mark(ct_buf *text)
{
    char *mark = memchr(text->data, '^', text->len);
    if (!mark)
        return SIZE_MAX;
    size_t at = (size_t)(mark - text->data);
    memmove(mark, mark + 1, text->len - at - 1);
    text->len--;
    return at;
}

/* ---- one broken record ---------------------------------------------------------------------- */

static void test_reader_next_broken_record_costs_itself(void **state)
{
    static const struct {
        const char *p;
        size_t n;
        const char *message;
        bool takes_separator; /* the region ends only where the next record begins */
    } cases[] = {
        {BYTES(V TIME ",\"eventID\":\"b^\x01\"}"), "control character in a string", false},
        {BYTES(V TIME ",\"eventID\":\"b^\0\"}"), "control character in a string", false},
        {BYTES(V TIME ",\"eventID\":\"b^\n\"}"), "control character in a string", false},
        {BYTES(V TIME ",\"eventID\":\"b^\\q\"}"), "unknown escape in a string", false},
        {BYTES(V TIME ",\"eventID\":\"^\\u12x4\"}"), "\\u without four hexadecimal digits", false},
        {BYTES(V TIME ",\"x\":^NaN}"), "a value is expected", false},
        {BYTES(V TIME ",\"x\":^}"), "a value is expected", false},
        {BYTES(V TIME ",\"x\":^,\"y\":1}"), "a value is expected", false},
        {BYTES(V TIME ",\"x\":0^1}"), "a comma or } is expected", false},
        {BYTES(V TIME ",\"x\":-^}"), "a digit is missing in a number", false},
        {BYTES(V TIME ",\"x\":^'y'}"), "a value is expected", false},
        {BYTES(V TIME ",^}"), "a string is expected", false},
        {BYTES(V "^," TIME "}"), "a string is expected", false},
        {BYTES(V TIME "^\"x\":1}"), "a comma or } is expected", false},
        {BYTES(V TIME ",\"x\"^1}"), "a colon is expected", false},
        {BYTES(V TIME ",\"x\"^,1}"), "a colon is expected", false},
        {BYTES(V TIME ",^x:1}"), "a string is expected", false},
        {BYTES(V TIME ",\"x\":[1,^]}"), "a value is expected", false},
        {BYTES(V TIME ",\"x\":{\"y\":[1,2]^]}"), "a comma or } is expected", false},
        {BYTES(V TIME ",\"x\":[1^}"), "a comma or ] is expected", true},
        {BYTES(V TIME ",\"x\":[{\"y\":1}^\0]}"), "a comma or ] is expected", false},
        {BYTES(V TIME ",\"x\":\"y,\"^z\":1}"), "a comma or } is expected", true},
        {BYTES("^" TIME ",\"eventID\":\"b\"}"), "a record must be an object", false},
        {BYTES("^" TIME ",\"x\":{\"y\":[{},[]]},\"eventID\":\"b\"}"), "a record must be an object",
         false},
        {BYTES("^\"a string\""), "a record must be an object", false},
    };
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++)
        for (size_t k = 0; k < N_FRAMES; k++) {
            ct_buf text = CT_BUF_EMPTY, broken = CT_BUF_EMPTY, expected = CT_BUF_EMPTY;
            ct_buf_put(&broken, cases[i].p, cases[i].n);
            ct_buf_put_text(&text, frames[k].begin);
            ct_buf_put_text(&text, A);
            ct_buf_put_text(&text, frames[k].between);
            ct_buf_put(&text, broken.data, broken.len);
            ct_buf_put_text(&text, frames[k].between);
            ct_buf_put_text(&text, C);
            ct_buf_put_text(&text, frames[k].end);
            size_t fault = take_mark(&text);
            (void)take_mark(&broken);

            ct_buf_put_text(&expected, "1 a\n2 ! ");
            ct_buf_put_text(&expected, cases[i].message);
            ct_buf_put_text(&expected, ": ");
            ct_buf_put(&expected, broken.data, broken.len);
            if (cases[i].takes_separator && *frames[k].between == ' ')
                ct_buf_put_text(&expected, " ,");
            else if (cases[i].takes_separator)
                ct_buf_put(&expected, frames[k].between, strcspn(frames[k].between, " \r\n"));
            ct_buf_put(&expected, "\n3 c\n", 6);
            items got = items_read_all_bytes(text.data, text.len);
            assert_lines(&text, &got, expected.data, expected.len - 1);
            assert_int_equal(got.fault, fault);
            items_free(&got);
            ct_buf_free(&text);
            ct_buf_free(&broken);
            ct_buf_free(&expected);
        }
}

/* Every field of a record (AWS, "CloudTrail record contents") may be its first: a quote that is lost
 * in one record costs that record alone. */
static void test_reader_next_any_first_field_ends_a_broken_record(void **state)
{
    static const char *const fields[] = {
        "\"eventVersion\":\"1.09\"",
        "\"userIdentity\":{\"type\":\"IAMUser\",\"userName\":\"ana\"}",
        "\"eventTime\":\"2024-05-01T10:00:00Z\"",
        "\"eventSource\":\"iam.amazonaws.com\"",
        "\"eventName\":\"ListUsers\"",
        "\"awsRegion\":\"us-east-1\"",
        "\"sourceIPAddress\":\"192.0.2.7\"",
        "\"userAgent\":\"[aws-cli/2.15.0]\"",
        "\"errorCode\":\"AccessDenied\"",
        "\"errorMessage\":\"no\"",
        "\"requestParameters\":{\"apiVersion\":\"v1\",\"resources\":[{\"userAgent\":1}]}",
        "\"responseElements\":{\"errorCode\":null}",
        "\"additionalEventData\":{\"a\":1}",
        "\"requestID\":\"r\"",
        "\"eventID\":\"e\"",
        "\"eventType\":\"AwsApiCall\"",
        "\"apiVersion\":\"2010-05-08\"",
        "\"managementEvent\":true",
        "\"readOnly\":true",
        "\"resources\":[{\"ARN\":\"arn:aws:s3:::b\"}]",
        "\"recipientAccountId\":\"111122223333\"",
        "\"serviceEventDetails\":{\"a\":[]}",
        "\"sharedEventID\":\"s\"",
        "\"vpcEndpointId\":\"vpce-1\"",
        "\"vpcEndpointAccountId\":\"111122223333\"",
        "\"eventCategory\":\"Management\"",
        "\"addendum\":{\"reason\":\"DELIVERY_DELAY\"}",
        "\"sessionCredentialFromConsole\":\"true\"",
        "\"eventContext\":{}",
        "\"edgeDeviceDetails\":\"x\"",
        "\"insightDetails\":{\"state\":\"Start\"}",
        "\"tlsDetails\":{\"tlsVersion\":\"TLSv1.3\"}",
    };
    (void)state;
    for (size_t i = 0; i < sizeof fields / sizeof fields[0]; i++)
        for (size_t k = 0; k < N_FRAMES; k++) {
            ct_buf text = CT_BUF_EMPTY;
            for (int n = 0; n < 6; n++) {
                const char *quote = n == 2 ? "" : "\"";
                ct_buf_put_text(&text, n ? frames[k].between : frames[k].begin);
                ct_buf_put_char(&text, '{');
                ct_buf_put_text(&text, fields[i]);
                ct_buf_printf(
                    &text, ",\"eventVersion\":\"1.09\"," TIME ",\"x\":\"%d%s,\"y\":\"z\",\"z\":{}}",
                    n, quote);
            }
            ct_buf_put_text(&text, frames[k].end);
            items got = items_read(text.data, text.len);
            if (got.n_records != 5 || got.n_problems != 1)
                fail_msg("%s\n%s", fields[i], got.lines.data);
            items_free(&got);
            ct_buf_free(&text);
        }
}

/* ---- whole files, exactly ------------------------------------------------------------------- */

static void test_reader_next_broken_file_gives_exactly_this(void **state)
{
    static const struct {
        const char *p;
        size_t n;
        const char *items;
    } cases[] = {
        /* a brace too few: found where the next record begins */
        {BYTES("[" A "," V TIME ",^" C "]"), "1 a\n2 ! a string is expected: " V TIME ",\n3 c\n"},
        {BYTES("[" A "," V TIME ",^" V "\"x\":" C "]"),
         "1 a\n2 ! a string is expected: " V TIME ",\n3 ! a comma or } is expected: " V "\"x\":\n"
         "4 c\n"},
        {BYTES(A "\n" V TIME "\n^" C), "1 a\n2 ! a comma or } is expected: " V TIME "\n3 c\n"},
        {BYTES(A "\n" V TIME "\n^{\"odd first name\":1}\n" C),
         "1 a\n2 ! a comma or } is expected: " V TIME "\n3 c\n"
         "0 ! JSON, but no CloudTrail record (keys: odd first name): {\"odd first name\":1}\n"},
        {BYTES("[" A "," V TIME ",\"x\":{\"y\":1,^" C "]"),
         "1 a\n2 ! a string is expected: " V TIME ",\"x\":{\"y\":1,\n3 c\n"},

        /* cut in an array of its own: the records behind it are found all the same */
        {BYTES("[" A "," V TIME ",\"x\":{\"y\":[{}," C "," A "]^"),
         "1 a\n2 ! the file ends inside this record: " V TIME ",\"x\":{\"y\":[{},\n3 c\n4 a\n"},

        /* a brace too many: what is in front of it is taken for the record */
        {BYTES("[" A "^}," C "]"), "1 a\n0 ! a record must be an object: }\n2 c\n"},
        {BYTES(A "^}\n" C), "1 a\n0 ! a record must be an object: }\n2 c\n"},
        {BYTES("{\"Records\":[" A "^}," C "]}"), "1 a\n0 ! a record must be an object: }\n2 c\n"},
        {BYTES("[" A "," V TIME "},^\"eventID\":\"b\"}," C "]"),
         "1 a\n2 \n3 ! a record must be an object: \"eventID\":\"b\"}\n4 c\n"},
        {BYTES(A "\n" V TIME "}^,\"eventID\":\"b\"}\n" C),
         "1 a\n2 \n0 ! a record must be an object: ,\"eventID\":\"b\"}\n3 c\n"},
        {BYTES("[" A ",{^" RECORD("b") "}," C "]"),
         "1 a\n2 ! a string is expected: {\n3 b\n0 ! a record must be an object: }\n4 c\n"},

        /* commas */
        {BYTES("[" A "^" C "]"), "1 a\n0 ! a comma is expected\n2 c\n"},
        {BYTES("{\"Records\":[" A "\n^" C "]}"), "1 a\n0 ! a comma is expected\n2 c\n"},
        {BYTES("[" A ",^]"), "1 a\n0 ! a comma stands before the end of a list\n"},
        {BYTES("{\"Records\":[" A ",^]}" C),
         "1 a\n0 ! a comma stands before the end of a list\n2 c\n"},
        {BYTES("[^," A "]"), "0 ! a record is expected: ,\n1 a\n"},
        {BYTES("[" A ",^," C "]"), "1 a\n0 ! a record is expected: ,\n2 c\n"},
        {BYTES("[" A ",^,,, " C "]"), "1 a\n0 ! a record is expected: ,\n0 ! a record is expected: "
                                      ",\n2 c\n"},
        {BYTES(A "^," C), "1 a\n2 c\n0  ! commas or brackets stand alone in 1 place\n"},

        /* something between */
        {BYTES("[" A ",^garbage," C "]"), "1 a\n2 ! a record must be an object: garbage\n3 c\n"},
        {BYTES("[" A "^garbage," C "]"),
         "1 a\n0 ! a comma is expected\n2 ! a record must be an object: garbage\n3 c\n"},
        {BYTES("[" A ",^garbage " C "]"), "1 a\n2 ! a record must be an object: garbage\n3 c\n"},
        {BYTES(A "\n^garbage, and: more\n" C),
         "1 a\n2 c\n0 ! text that is no record stands in 1 place: 18 bytes were passed over: "
         "garbage, and: more\n"},
        {BYTES(A "\n^Jan 1 12:30:01, host \"x\" app: {\"apiVersion\":1," TIME
                 ",\"eventName\":\"b\"}\n" C),
         "1 a\n2 \n3 c\n0  ! text stands before 1 record on the line: 30 bytes were passed over\n"},
        {BYTES(A "^\\n" C), "1 a\n2 ! a record must be an object: \\n\n3 c\n"},

        /* brackets */
        {BYTES("[" A "]^]" C), "1 a\n0 ! a record must be an object: ]\n2 c\n"},
        {BYTES("{\"Records\":[" A "],^" C "]}"),
         "1 a\n0 ! a string is expected: ,\n2 c\n0 ! a record must be an object: ]\n"
         "0 ! a record must be an object: }\n"},
        {BYTES("{\"Records\":[" A "]^" C "]}"),
         "1 a\n0 ! a comma or } is expected\n2 c\n0 ! a record must be an object: ]\n"
         "0 ! a record must be an object: }\n"},
        {BYTES("[" A ",[" C "]^"), "1 a\n2 c\n0 ! the file ends before its list of records does\n"},

        /* fields behind the list */
        {BYTES("{\"Records\":[" A "],\"x\":^tru,\"y\":1}" C),
         "1 a\n0 ! a value is expected: ,\"x\":tru,\"y\":1}\n2 c\n"},
        {BYTES("{\"Records\":[" A "],^}" C), "1 a\n0 ! a string is expected: ,\n"
                                             "0 ! a record must be an object: }\n2 c\n"},
        {BYTES("{\"Records\":[" A "]^;\n" C), "1 a\n2 ! a comma or } is expected: ;\n3 c\n"},

        /* the end is missing */
        {BYTES("[" A "^"), "1 a\n0 ! the file ends before its list of records does\n"},
        {BYTES("[" A ",\n^"), "1 a\n0 ! the file ends before its list of records does\n"},
        {BYTES("{\"Records\":[" A "]^"),
         "1 a\n0 ! the file ends before its list of records does\n"},
        {BYTES("{\"Records\":[" A "],\"x\":^"),
         "1 a\n0 ! the file ends before its list of records does: ,\"x\":\n"},
        {BYTES("[" A "," V "\"eventT^"),
         "1 a\n2 ! the file ends inside this record: " V "\"eventT\n"},
        {BYTES(A "\n" V TIME "^"), "1 a\n2 ! the file ends inside this record: " V TIME "\n"},
        {BYTES("{^"), "1 ! the file ends inside this record: {\n"},
        {BYTES("{\"Records\":[^"), "0 ! the file ends before its list of records does\n"},
    };
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        ct_buf text = CT_BUF_EMPTY;
        ct_buf_put(&text, cases[i].p, cases[i].n);
        size_t fault = take_mark(&text);
        items got = items_read(text.data, text.len);
        char expected[1024];
        snprintf(expected, sizeof expected, "%s", cases[i].items);
        assert_lines(&text, &got, expected, strlen(expected));
        if ((size_t)got.fault != fault)
            fail_msg("%.*s: fault at %d", (int)text.len, text.data, (int)got.fault);
        items_free(&got);
        ct_buf_free(&text);
    }
}

/* NUL bytes that a crash left in a log. */
static void test_reader_next_nul_bytes_between_lines_are_a_problem(void **state)
{
    static const char text[] = A "\n\0\0\0\0\n" C "\n\0\0\0";
    (void)state;
    items got = items_read_all_bytes(text, sizeof text - 1);
    assert_int_equal(got.n_records, 2);
    assert_int_equal(got.n_problems, 2);
    items_free(&got);
}

static void test_reader_next_cut_gzip_gives_the_records_before_the_cut(void **state)
{
    static const char text[] = "{\"Records\":[" A "," RECORD("b") "," C "]}";
    (void)state;
    size_t b = (size_t)(strstr(text, ",{\"eventVersion") + 1 - text);
    for (size_t cut = 0; cut < strlen(text); cut++) {
        ct_buf gzip = CT_BUF_EMPTY;
        gz_put_stored(&gzip, text, strlen(text));
        items got = items_read(gzip.data, 15 + cut);
        size_t n_expected = cut < strlen(A) + 12          ? 0
                            : cut < b + strlen(A)         ? 1
                            : cut < b + 2 * strlen(A) + 1 ? 2
                                                          : 3;
        assert_int_equal(got.n_records, n_expected);
        assert_int_equal(got.n_problems, 1);
        assert_non_null(strstr(got.lines.data, " ! the gzip data ends early"));
        items_free(&got);
        ct_buf_free(&gzip);
    }
}

static void test_reader_next_cut_file_gives_the_records_before_the_cut(void **state)
{
    static const char text[] = "{\"Records\":[" A "," RECORD("b") "," C "]}";
    (void)state;
    for (size_t cut = 1; cut < strlen(text); cut++) {
        items got = items_read(text, cut);
        size_t n_expected =
            (cut - 12) / (strlen(A) + 1) + ((cut - 12) % (strlen(A) + 1) == strlen(A));
        if (cut < 12)
            n_expected = 0;
        if (n_expected > 3)
            n_expected = 3;
        assert_int_equal(got.n_records, n_expected);
        assert_int_equal(got.n_problems, 1);
        items_free(&got);
    }
}

/* The reader lets go of a broken region's bytes at 1 MB; around that length nothing changes. */
static void test_reader_next_long_broken_region_is_cut_and_passed_over(void **state)
{
    static const char *const begins[] = {V TIME ",\"x\":tru\n", "garbage "};
    (void)state;
    for (size_t i = 0; i < 2; i++)
        for (size_t n = CT_PROBLEM_TEXT_MAX - 3; n < CT_PROBLEM_TEXT_MAX + 4; n++) {
            ct_buf text = CT_BUF_EMPTY;
            ct_buf_put_text(&text, A "\n");
            size_t start = text.len;
            ct_buf_put_text(&text, begins[i]);
            while (text.len - start < n - 1)
                ct_buf_put_char(&text, 'x');
            ct_buf_put_text(&text, "\n" C);
            items got = items_read(text.data, text.len);
            assert_int_equal(got.n_records, 2);
            assert_int_equal(got.n_problems, 1);
            assert_memory_equal(got.lines.data + got.lines.len - 6, "\n3 c\n", 6);
            items_free(&got);
            ct_buf_free(&text);
        }
}

/* Made so that each brace begins a record that is broken far behind it: read in time that goes with
 * the file's length (it was 500 times that), and what stands behind is found. */
/* Reads the text, which has so many records; returns the processor's time for it. */
static double seconds_to_read(const ct_buf *text, size_t n_records)
{
    clock_t start = clock();
    items got = items_read(text->data, text->len);
    clock_t end = clock();
    assert_int_equal(got.n_records, n_records);
    items_free(&got);
    return (double)(end - start) / CLOCKS_PER_SEC;
}

/* Each brace is the beginning of a value that goes on to the byte at fault, or 990 levels deep: one
 * after another tried, that is a hundred times the time of a file without a fault. */
static void test_reader_next_braces_that_begin_records_in_vain_are_quick(void **state)
{
    enum { SIZE = 8 << 20 };
    static const char *const units[] = {"{\"eventVersion\":[", "{\"eventName\":",
                                        "{\"eventName\":\"a string of some length\",\"aws\":["};
    (void)state;
    ct_buf text = CT_BUF_EMPTY;
    size_t n = 0;
    for (; text.len < SIZE; n++)
        ct_buf_put_text(&text, A "\n");
    double without_fault = seconds_to_read(&text, n), in_vain = 0;
    for (size_t i = 0; i < 3; i++) {
        ct_buf_clear(&text);
        ct_buf_put_text(&text, A "\n");
        while (text.len < SIZE)
            ct_buf_put_text(&text, units[i]);
        ct_buf_put_text(&text, "x\n" C);
        in_vain += seconds_to_read(&text, 2);
    }
    ct_buf_free(&text);
    if (in_vain > 30 * without_fault)
        fail_msg("%f s without a fault, %f s in vain", without_fault, in_vain);
}

/* But some are tried: the record behind them is found, before the byte at fault. */
static void test_reader_next_record_behind_some_braces_in_vain_is_found(void **state)
{
    (void)state;
    ct_buf text = CT_BUF_EMPTY;
    ct_buf_put_text(&text, A "\n");
    for (int i = 0; i < 10; i++)
        ct_buf_put_text(&text, "{\"eventName\":[");
    ct_buf_put_text(&text, RECORD("b") " x\n" C);
    items got = items_read(text.data, text.len);
    assert_int_equal(got.n_records, 3);
    items_free(&got);
    ct_buf_free(&text);
}

/* What `tail -c` and `split` leave: a file that begins in the middle of a record. */
static void test_reader_next_rest_of_a_large_record_costs_no_other(void **state)
{
    static const size_t sizes[] = {10, 1000, 140000, 300000, 3000000};
    (void)state;
    for (size_t i = 0; i < sizeof sizes / sizeof sizes[0]; i++) {
        ct_buf text = CT_BUF_EMPTY;
        while (text.len < sizes[i])
            ct_buf_put_char(&text, 'x');
        ct_buf_put_text(&text, "\"}\n" A "\n" C "\n");
        items got = items_read(text.data, text.len);
        assert_int_equal(got.n_records, 2);
        assert_int_equal(got.n_problems, 1);
        items_free(&got);
        ct_buf_free(&text);
    }
}

/* A gzip member a byte: read in time that goes with the file's length (it was its square). */
static void test_reader_next_record_in_crumbs_is_quick(void **state)
{
    (void)state;
    ct_buf text = CT_BUF_EMPTY, packed = CT_BUF_EMPTY;
    ct_buf_put_text(&text, "{\"eventVersion\":\"1.08\"," TIME ",\"eventID\":\"a\",\"x\":[1");
    while (text.len < 300000)
        ct_buf_put_text(&text, ",1");
    ct_buf_put_text(&text, "]}\n" C "\n");
    for (size_t i = 0; i < text.len; i++)
        gz_put_stored(&packed, text.data + i, 1);
    items got = items_read(packed.data, packed.len);
    assert_int_equal(got.n_records, 2);
    assert_int_equal(got.n_problems, 0);
    items_free(&got);
    ct_buf_free(&packed);
    ct_buf_free(&text);
}

static size_t count_records(ct_reader *reader)
{
    ct_item item;
    size_t n = 0;
    for (ct_reader_next(reader, &item); item.kind != CT_ITEM_END; ct_reader_next(reader, &item))
        n += item.kind == CT_ITEM_RECORD;
    return n;
}

/* The reader gives up a list that begins in vain again and again. That another file, before this
 * one, was broken far behind must not count: of each file the same comes out alone and after
 * another. */
static void test_reader_reopen_forgets_the_faults_of_the_file_before(void **state)
{
    enum { N_BROKEN = 20, N_INSIDE = 50 };
    (void)state;
    ct_buf first = CT_BUF_EMPTY, second = CT_BUF_EMPTY;
    while (first.len < 1000000)
        ct_buf_put_text(&first, A "\n");
    ct_buf_put_text(&first, V "broken}\n");
    for (int i = 0; i < N_BROKEN; i++)
        ct_buf_put_text(&second, V "broken}\n");
    /* a bracket and a brace are lost, so that the records behind seem to be inside */
    ct_buf_put_text(&second, "{\"Records\":[" V TIME ",\"resources\":[{\"x\":1}");
    for (int i = 0; i < N_INSIDE; i++)
        ct_buf_put_text(&second, "," A);
    ct_buf_put_text(&second, "}]}\n" C "\n");

    char *paths[] = {strdup(temp_write("first.json", first.data, first.len)),
                     strdup(temp_write("second.json", second.data, second.len))};
    ct_source *source;
    const char *error;
    assert_int_equal(ct_source_open(paths[1], &source, &error), CT_SOURCE_OK);
    ct_reader *reader = ct_reader_open(source);
    assert_int_equal(count_records(reader), N_INSIDE + 1);
    assert_int_equal(ct_reader_reopen(reader, paths[0], &error), CT_SOURCE_OK);
    (void)count_records(reader);
    assert_int_equal(ct_reader_reopen(reader, paths[1], &error), CT_SOURCE_OK);
    assert_int_equal(count_records(reader), N_INSIDE + 1);
    ct_reader_close(reader);
    free(paths[0]);
    free(paths[1]);
    ct_buf_free(&first);
    ct_buf_free(&second);
}

/* ---- one record broken at random ------------------------------------------------------------ */

static void put_record(ct_buf *out, rng *r, int id)
{
    static const char *const fields[] = {
        ",\"requestParameters\":{\"maxResults\":100,\"filter\":[{\"name\":\"x\",\"values\":[1]}]}",
        ",\"userIdentity\":{\"type\":\"Root\",\"sessionContext\":{\"attributes\":{}}}",
        ",\"userAgent\":\"[aws-cli/2.15.0 {x} \\\"y\\\"]\"",
        ",\"responseElements\":null,\"readOnly\":true",
        ",\"additionalEventData\":{\"a\":{\"b\":[[],{}]}}",
    };
    ct_buf_printf(out, V TIME ",\"eventID\":\"id-%d\"", id);
    for (size_t i = rng_below(r, 5); i > 0; i--)
        ct_buf_put_text(out, fields[rng_below(r, 5)]);
    ct_buf_put_char(out, '}');
}

static bool has_record(const items *got, int id)
{
    char name[32]; /* the lines may hold NUL bytes */
    size_t n = (size_t)snprintf(name, sizeof name, " id-%d", id);
    const char *p = got->lines.data, *end = p + got->lines.len;
    for (; (p = memchr(p, ' ', (size_t)(end - p))); p++)
        if ((size_t)(end - p) > n && memcmp(p, name, n) == 0 && (p[n] == '\n' || p[n] == ' '))
            return true;
    return false;
}

/* Six records, one of them damaged: the five others must come out, and no byte may be lost. The
 * records begin with a name that begins records; where they do not, the one behind the broken one
 * may be taken for a part of it. */
static void test_reader_next_one_record_damaged_leaves_the_others(void **state)
{
    enum { SEED = 31337, N_TIMES = 12000, K = 6 };
    (void)state;
    rng r = {SEED};
    size_t n_broken = 0;
    for (int i = 0; i < N_TIMES; i++) {
        ct_buf text = CT_BUF_EMPTY;
        size_t k = rng_below(&r, N_FRAMES);
        int victim = (int)rng_below(&r, K);
        ct_buf_put_text(&text, frames[k].begin);
        for (int id = 0; id < K; id++) {
            ct_buf record = CT_BUF_EMPTY;
            put_record(&record, &r, id);
            for (size_t times = rng_below(&r, 3) + 1; id == victim && times > 0; times--)
                mutate(&record, &r);
            ct_buf_put_text(&text, id ? frames[k].between : "");
            ct_buf_put(&text, record.data, record.len);
            ct_buf_free(&record);
        }
        ct_buf_put_text(&text, frames[k].end);
        items got = items_read_all_bytes(text.data, text.len);
        for (int id = 0; id < K; id++)
            if (id != victim && !has_record(&got, id))
                fail_msg("%.*s\n  lost id-%d:\n%s", (int)text.len, text.data, id, got.lines.data);
        n_broken += got.n_problems > 0;
        items_free(&got);
        ct_buf_free(&text);
    }
    printf("seed %d: %d files, %zu of them with problems, no other record lost\n", SEED, N_TIMES,
           n_broken);
    assert_true(n_broken > N_TIMES / 4);
}

/* ---- memory --------------------------------------------------------------------------------- */

typedef struct seen {
    int64_t kind, number, offset;
    size_t len, sum;
} seen;

static size_t sum_of(const char *p, size_t n)
{
    size_t sum = 0;
    while (n-- > 0)
        sum = sum * 31 + (unsigned char)*p++;
    return sum;
}

/* Reads a file into at most 64 notes of what came; returns how many. The last one is the end. */
static size_t read_notes(const char *path, seen *notes)
{
    ct_source *source;
    const char *error;
    ct_source_status st = ct_source_open(path, &source, &error);
    ct_reader *reader = st == CT_SOURCE_OK ? ct_reader_open(source) : NULL;
    if (!reader) {
        notes[0].kind = CT_ITEM_NO_MEMORY;
        return 1;
    }
    size_t n = 0;
    ct_item item;
    do {
        ct_reader_next(reader, &item);
        notes[n] = (seen){item.kind, item.number, item.offset, item.len, 0};
        if (item.kind == CT_ITEM_RECORD)
            notes[n].sum = sum_of(item.record->text, item.record->len) + item.record->n_extras;
        else if (item.kind == CT_ITEM_PROBLEM && item.len > 0)
            notes[n].sum = sum_of(item.text, item.len);
        if (item.message)
            notes[n].sum += sum_of(item.message, strlen(item.message));
        n++;
    } while (item.kind != CT_ITEM_END && item.kind != CT_ITEM_NO_MEMORY && n < 64);
    ct_reader_close(reader);
    return n;
}

/* Reads the file with the n-th allocation refused, for each n: all is as it is with memory, up to
 * where the reader says that it has none. *whole gets what comes with memory; returns how much. */
static size_t sweep(const char *path, void (*refuse)(long), seen whole[64])
{
    seen notes[64];
    size_t n_whole = read_notes(path, whole);
    bool refused = true;
    for (long n = 0; refused; n++) {
        refuse(n);
        size_t n_notes = read_notes(path, notes);
        refused = ct_mem_failures() > 0;
        ct_mem_fail_after(-1);
        bool is_whole = notes[n_notes - 1].kind == CT_ITEM_END;
        if (is_whole ? n_notes != n_whole : !refused || n_notes > n_whole)
            fail_msg("%s, allocation %ld: %zu items, not %zu", path, n, n_notes, n_whole);
        for (size_t i = 0; i + !is_whole < n_notes; i++)
            if (memcmp(&notes[i], &whole[i], sizeof notes[i]) != 0)
                fail_msg("%s, allocation %ld: item %zu is another", path, n, i);
    }
    return n_whole;
}

static void test_reader_without_memory_says_so_at_every_allocation(void **state)
{
    (void)state;
    ct_buf text = CT_BUF_EMPTY;
    ct_buf_put_text(&text, "{\"Events\":[{\"CloudTrailEvent\":\"{\\\"eventName\\\":\\\"x\\\","
                           "\\\"eventTime\\\":\\\"2024-05-01T10:00:00Z\\\","
                           "\\\"x\\\":1,\\\"y\\\":2}\"}]}\n[" A ",");
    ct_buf_put_text(&text, "{\"detail\":" V TIME);
    for (int i = 0; i < 40; i++)
        ct_buf_printf(&text, ",\"field%d\":%d", i, i);
    ct_buf_put_text(&text, "}}]\n{\"x\":tru");
    for (size_t i = 0; i < CT_PROBLEM_TEXT_MAX + 10; i++)
        ct_buf_put_char(&text, 'x');
    ct_buf_put_text(&text, "\n" V TIME ",\"z\":\"");
    for (size_t i = 0; i < 600000; i++)
        ct_buf_put_char(&text, 'z');
    ct_buf_put_text(&text, "\"}\n{\"aws\":{\"cloudtrail\":[" C "]}}");
    const char *path = temp_write("oom", text.data, text.len);
    ct_buf_free(&text);

    seen whole[64];
    assert_int_equal(sweep(path, ct_mem_fail_after, whole), 7);
    assert_int_equal(whole[6].kind, CT_ITEM_END);
    ct_reader_close(NULL);
}

#define ESCAPED "{\\\"eventVersion\\\":\\\"1.08\\\",\\\"eventTime\\\":\\\"2024-05-01T10:00:00Z\\\"}"
#define LONG "0123456789012345678901234567890123456789012345678901234567890123456789"
#define COLUMNS "\"eventtime\":\"2024-05-01T10:00:00Z\",\"eventname\":\"X\",\"eventid\":\"1\""
#define COMMAS ",,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,"
#define CSV_ROW ",2024-05-01T10:00:00Z,X,iam.amazonaws.com,"

/* What the parts of the reader hold in memory of their own: strings in strings, base64 with gzip in
 * it, columns, names with dots, UTF-16, text around records, what is told of at the end. */
static void test_reader_of_any_form_without_memory_says_so(void **state)
{
    static const struct {
        const char *p;
        size_t n, n_items;
    } files[] = {
        {BYTES("{\"a\":[{\"m\":\"x " ESCAPED "\"},{\"m\":\"" ESCAPED "\"}]}"), 3},
        {BYTES("{\"Data\":\"H4sIAAAAAAACA6tWSi1LzSsJSy0qzszPU7JSMtQzsFDSgYiGZOamAoWMDIxMdA1MdQ0M"
               "QwwNrAxAKAqmxNMFpEepFgD8EbksSAAAAA==\"}"),
         2},
        {BYTES(
             "{\"Data\":\"eyJldmVudFZlcnNpb24iOiIxLjA4IiwiZXZlbnRUaW1lIjoiMjAyNC0wNS0wMVQxMDowMDow"
             "MFoiLCJldmVudElEIjoiMSJ9\"}"),
         2},
        {BYTES("n,Data\nx,eyJldmVudFZlcnNpb24iOiIxLjA4IiwiZXZlbnRUaW1lIjoiMjAyNC0wNS0wMVQxMDowMDow"
               "MFoiLCJldmVudElEIjoiMSJ9\n"),
         2},
        {BYTES("TimeGenerated,EventName,AwsEventId\nshort\n" COMMAS COMMAS "\n" COMMAS COMMAS "\n"),
         2},
        {BYTES("{" COLUMNS ",\"eventsource\":\"iam.amazonaws.com\",\"x\":\"\\u00e9" LONG "\"}"), 2},
        {BYTES("{" COLUMNS ",\"eventsource\":\"iam.amazonaws.com\",\"useridentity\":"
               "\"{type=A, arn=b, c}\"}"),
         3},
        {BYTES("[[{\"eventTime\":\"2024-05-01T10:00:00Z\"},{\"eventName\":\"\\u00e9\"},"
               "{\"eventID\":\"1\"},{\"eventSource\":\"iam.amazonaws.com\"}]]"),
         2},
        {BYTES("{\"a\":[[{\"eventTime\":\"2024-05-01T10:00:00Z\"},{\"eventName\":\"\\u00e9\"},"
               "{\"eventID\":\"1\"},{\"eventSource\":\"iam.amazonaws.com\"}]]}"),
         2},
        {BYTES("{\"tables\":[{\"columns\":[{\"name\":\"TimeGenerated\"},{\"name\":\"EventName\"},"
               "{\"name\":\"AwsEventId\"}],\"rows\":[[\"2024-05-01T10:00:00Z\",\"\\u00e9" LONG
               "\",\"1\"]]}]}"),
         2},
        {BYTES("[" V TIME ",\"userIdentity.arn\":\"" LONG "\"},{\"a\":" V TIME
               ",\"userIdentity.arn\":\"" LONG "\"}}]"),
         3},
        {BYTES("{\"a\":" V TIME ",\"userIdentity.arn\":\"" LONG "\"}}"), 2},
        {BYTES("{\"detail-type\":\"x\",\"detail\":" V TIME ",\"userIdentity.arn\":\"b\"}}"), 2},
        {BYTES("\377\376{\0\"\0a\0\"\0:\0001\0}\0"), 2},
        {BYTES("\033[1m{\"a\":\0331}\n"), 2},
        {BYTES("before " A "\nother text\nbefore " A), 5},
        {BYTES("n,r\nx,\"{\"\"eventVersion\"\":\"\"1.08\"\",\"\"eventTime\"\":"
               "\"\"2024-05-01T10:00:00Z\"\"}\"\ny,z\n"),
         3},
        {BYTES("eventid,eventtime,eventname,eventsource,useridentity\n1" CSV_ROW
               "\"{type=A\"\n2" CSV_ROW "\"{type=A, c}\"\n3" CSV_ROW
               "\"{\"\"user_name\"\":\"\"" LONG "\"\"}\"\n"
               "cut\n4" CSV_ROW "\"x"),
         6},
        {BYTES("eventid,eventtime,eventname,eventsource,useridentity\n" COMMAS COMMAS "\n1" CSV_ROW
               "\n"),
         3},
        {BYTES("a,b\n" COMMAS COMMAS COMMAS "\n"), 2},
        {BYTES("a,b\n1," COMMAS COMMAS COMMAS "\nx,\"{\"\"eventVersion\"\":\"\"1.08\"\"\"\n"), 3},
        {BYTES("a,b,c,d,e,f,g,h,i,j,k,l,m,n,o,p,q,r,s,t,u,v,w,x,y,z,"
               "a,b,c,d,e,f,g,h,i,j,k,l,m,n,o,p,q,r,s,t,u,v,w,x,y,z,"
               "a,b,c,d,e,f,g,h,i,j,k,l,m,n,o,p,q,r,s,t,u,v,w,x,y,z\n1,2\n"),
         2},
    };
    (void)state;
    for (size_t i = 0; i < sizeof files / sizeof files[0]; i++) {
        char name[16];
        seen whole[64];
        snprintf(name, sizeof name, "oom-%zu", i);
        const char *path = temp_write(name, files[i].p, files[i].n);
        size_t n_items = sweep(path, ct_mem_fail_after, whole);
        if (n_items != files[i].n_items)
            fail_msg("file %zu: %zu items", i, n_items);
        assert_int_equal(sweep(path, ct_mem_fail_once_after, whole), n_items);
    }
}

/* Of UTF-16 that is half as large again in UTF-8, in two reads; as it is and in gzip. */
static void test_reader_of_packed_text_without_memory_says_so(void **state)
{
    (void)state;
    ct_buf text = CT_BUF_EMPTY, packed = CT_BUF_EMPTY;
    static const char begin[] = "[" V TIME "},\"";
    ct_buf_put(&text, "\377\376", 2);
    for (size_t i = 0; i < sizeof begin - 1; i++)
        ct_buf_put(&text, (const char[]){begin[i], '\0'}, 2);
    while (text.len < CT_READER_CHUNK)
        ct_buf_put(&text, "\0\116", 2); /* U+4E00, three bytes in UTF-8 */
    ct_buf_put(&text, "\"\0]\0", 4);
    gz_put(&packed, text.data, text.len);
    const char *paths[] = {temp_write("oom-utf16", text.data, text.len),
                           temp_write("oom-gzip", packed.data, packed.len)};
    for (size_t i = 0; i < 2; i++)
        for (size_t k = 0; k < CT_MEM_N_WAYS; k++) {
            seen whole[64];
            assert_int_equal(sweep(paths[i], ct_mem_ways[k], whole), 3);
            assert_int_equal(whole[0].kind, CT_ITEM_RECORD);
        }
    ct_buf_free(&text);
    ct_buf_free(&packed);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_reader_next_broken_record_costs_itself),
        cmocka_unit_test(test_reader_next_any_first_field_ends_a_broken_record),
        cmocka_unit_test(test_reader_next_broken_file_gives_exactly_this),
        cmocka_unit_test(test_reader_next_nul_bytes_between_lines_are_a_problem),
        cmocka_unit_test(test_reader_next_cut_gzip_gives_the_records_before_the_cut),
        cmocka_unit_test(test_reader_next_cut_file_gives_the_records_before_the_cut),
        cmocka_unit_test(test_reader_next_long_broken_region_is_cut_and_passed_over),
        cmocka_unit_test(test_reader_next_braces_that_begin_records_in_vain_are_quick),
        cmocka_unit_test(test_reader_next_record_behind_some_braces_in_vain_is_found),
        cmocka_unit_test(test_reader_next_rest_of_a_large_record_costs_no_other),
        cmocka_unit_test(test_reader_next_record_in_crumbs_is_quick),
        cmocka_unit_test(test_reader_reopen_forgets_the_faults_of_the_file_before),
        cmocka_unit_test(test_reader_next_one_record_damaged_leaves_the_others),
        cmocka_unit_test(test_reader_without_memory_says_so_at_every_allocation),
        cmocka_unit_test(test_reader_of_any_form_without_memory_says_so),
        cmocka_unit_test(test_reader_of_packed_text_without_memory_says_so),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
