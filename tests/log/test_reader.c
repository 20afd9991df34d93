/* Files of every form, whole: what a reader hands out. test_reader_faults.c breaks them. */
#include "harness.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "corpus.h"
#include "gz.h"
#include "items.h"

#define TIME "\"eventTime\":\"2024-05-01T10:00:00Z\""
#define RECORD(id) "{\"eventVersion\":\"1.08\"," TIME ",\"eventName\":\"X\",\"eventID\":\"" id "\"}"
#define ESCAPED(id)                                                                                \
    "\"{\\\"eventVersion\\\":\\\"1.08\\\",\\\"eventTime\\\":\\\"2024-05-01T10:00:00Z\\\","         \
    "\\\"eventID\\\":\\\"" id "\\\"}\""
#define LOOKUP(id)                                                                                 \
    "{\"EventId\":\"" id                                                                           \
    "\",\"EventName\":\"X\",\"ReadOnly\":\"true\",\"CloudTrailEvent\":" ESCAPED(id) "}"
#define ENVELOPE(id)                                                                               \
    "{\"version\":\"0\",\"id\":\"e\",\"detail-type\":\"AWS API Call via "                          \
    "CloudTrail\",\"detail\":" RECORD(id) "}"

static const struct {
    const char *text, *items;
    ct_form form;
} forms[] = {
    {"{\"Records\":[" RECORD("a") "," RECORD("b") "]}", "1 a\n2 b\n", CT_FORM_RECORDS},
    {"{\"Records\":[" RECORD("a") "],\"x\":1,\"y\":{\"z\":[]}}", "1 a\n", CT_FORM_RECORDS},
    {"{\"x\":[1,{}],\"Records\":[" RECORD("a") "," RECORD("b") "]}", "1 a\n2 b\n", CT_FORM_RECORDS},
    {"{\"Records\":[" RECORD("a") "],\"Events\":[" LOOKUP("b") "]}", "1 a\n2 b\n",
     CT_FORM_LOOKUP_EVENTS},
    {"{\"\\u0052ecords\":[" RECORD("a") "]}", "1 a\n", CT_FORM_RECORDS},
    {"{\"Records\":[" RECORD("a") "]}{\"Records\":[" RECORD("b") "]}", "1 a\n2 b\n",
     CT_FORM_RECORDS},
    {"{\"Records\":[]}", "", CT_FORM_RECORDS},
    {"{\"Events\":[" LOOKUP("a") "," LOOKUP("b") "],\"NextToken\":\"t\"}", "1 a\n2 b\n",
     CT_FORM_LOOKUP_EVENTS},
    {LOOKUP("a") "\n" LOOKUP("b"), "1 a\n2 b\n", CT_FORM_LOOKUP_EVENTS},
    {"[" LOOKUP("a") "]", "1 a\n", CT_FORM_LOOKUP_EVENTS},
    {"[" RECORD("a") "," RECORD("b") "]", "1 a\n2 b\n", CT_FORM_ARRAY},
    {"[]", "", CT_FORM_ARRAY},
    {"[[" RECORD("a") "],[[" RECORD("b") "]]]", "1 a\n2 b\n", CT_FORM_ARRAY},
    {"[[[[[[[[[[[[[[[[" RECORD("a") "]]]]]]]]]]]]]]]]", "1 a\n", CT_FORM_ARRAY},
    {"[{\"Records\":[" RECORD("a") "]},{\"Records\":[" RECORD("b") "]}]", "1 a\n2 b\n",
     CT_FORM_RECORDS},
    {RECORD("a"), "1 a\n", CT_FORM_SEQUENCE},
    {RECORD("a") "\n" RECORD("b") "\n", "1 a\n2 b\n", CT_FORM_SEQUENCE},
    {RECORD("a") RECORD("b"), "1 a\n2 b\n", CT_FORM_SEQUENCE},
    {ENVELOPE("a"), "1 a\n", CT_FORM_EVENTBRIDGE},
    {ENVELOPE("a") "\n" ENVELOPE("b"), "1 a\n2 b\n", CT_FORM_EVENTBRIDGE},
    {"[" ENVELOPE("a") "," ENVELOPE("b") "]", "1 a\n2 b\n", CT_FORM_EVENTBRIDGE},
    {"{\"aws\":{\"x\":1,\"cloudtrail\":" RECORD("a") "}}", "1 a\n", CT_FORM_OPENSEARCH},
    {"{\"aws\":{\"cloudtrail\":[" RECORD("a") "," RECORD("b") "],\"x\":[2]},\"y\":3}", "1 a\n2 b\n",
     CT_FORM_OPENSEARCH},
    {"[{\"aws\":{\"cloudtrail\":" RECORD("a") "}},{\"aws\":{\"cloudtrail\":[" RECORD("b") "]}}]",
     "1 a\n2 b\n", CT_FORM_OPENSEARCH},
    {"{\"aws.cloudtrail\":" RECORD("a") "}", "1 a\n", CT_FORM_OPENSEARCH},
    {"{\"aws.cloudtrail\":[" RECORD("a") "," RECORD("b") "]}", "1 a\n2 b\n", CT_FORM_OPENSEARCH},
    {"{\"awsAccountId\":\"1\",\"digestStartTime\":\"2024-05-01T10:00:00Z\",\"logFiles\":[]}",
     "- digest\n", CT_FORM_DIGEST},
    {RECORD("a") "\n[" RECORD("b") "]{\"Records\":[" RECORD("c") "]}" ENVELOPE("d"),
     "1 a\n2 b\n3 c\n4 d\n", CT_FORM_EVENTBRIDGE},
    {"", "", CT_FORM_UNKNOWN},
    {" \r\n\t ", "", CT_FORM_UNKNOWN},
};
enum { N_FORMS = sizeof forms / sizeof forms[0] };

static void assert_items(const char *p, size_t n, const char *expected, ct_form form)
{
    items got = items_read(p, n);
    if (strcmp(got.lines.data, expected) != 0)
        fail_msg("%.2000s\n  expected:\n%s\n  got:\n%.2000s", p, expected, got.lines.data);
    assert_string_equal(ct_form_name(got.form), ct_form_name(form));
    items_free(&got);
}

static void test_reader_next_forms_give_their_records(void **state)
{
    (void)state;
    for (size_t i = 0; i < N_FORMS; i++)
        assert_items(forms[i].text, strlen(forms[i].text), forms[i].items, forms[i].form);
}

/* Puts white space wherever JSON allows it: `space` between all tokens. */
static void put_spaced(ct_buf *out, const char *text, const char *space)
{
    bool in_string = false;
    ct_buf_put_text(out, space);
    for (const char *p = text; *p; p++) {
        ct_buf_put_char(out, *p);
        if (in_string && *p == '\\')
            ct_buf_put_char(out, *++p);
        else if (*p == '"')
            in_string = !in_string;
        if (!in_string && strchr("{}[],:\"", *p))
            ct_buf_put_text(out, space);
    }
}

static void test_reader_next_forms_with_mark_space_and_gzip_are_the_same(void **state)
{
    static const char *const spaces[] = {"", " ", "\n", "\r\n", "\t\n    ", "\r"};
    (void)state;
    for (size_t i = 0; i < N_FORMS; i++)
        for (size_t k = 0; k < 6; k++)
            for (int marked = 0; marked < 2; marked++) {
                ct_buf text = CT_BUF_EMPTY, gzip = CT_BUF_EMPTY;
                ct_buf_put_text(&text, marked ? "\xEF\xBB\xBF" : "");
                put_spaced(&text, forms[i].text, spaces[k]);
                ct_buf_put_char(&text, '\0');
                assert_items(text.data, text.len - 1, forms[i].items, forms[i].form);
                gz_put(&gzip, text.data, text.len - 1);
                assert_items(gzip.data, gzip.len, forms[i].items, forms[i].form);
                ct_buf_free(&text);
                ct_buf_free(&gzip);
            }
}

/* A read ends at every byte of every form: white space before it moves it over the edge. */
static void test_reader_next_forms_over_the_edge_of_a_read_are_the_same(void **state)
{
    (void)state;
    char *text = malloc(CT_READER_CHUNK + 2000);
    for (size_t i = 0; i < N_FORMS; i++) {
        size_t n = strlen(forms[i].text);
        for (size_t before = 0; before <= n; before += (size_t)harness_extent(1, 7)) {
            size_t pad = CT_READER_CHUNK - before;
            memset(text, ' ', pad);
            memcpy(text + pad, forms[i].text, n + 1);
            ct_buf gzip = CT_BUF_EMPTY; /* the reader sees the same bytes, the disk far fewer */
            gz_put(&gzip, text, pad + n);
            assert_items(gzip.data, gzip.len, forms[i].items, forms[i].form);
            ct_buf_free(&gzip);
        }
    }
    free(text);
}

static void test_reader_next_offsets_are_those_of_the_file(void **state)
{
    static const char text[] =
        "\xEF\xBB\xBF {\"Records\": [" RECORD("a") ", " LOOKUP("b") "]}\n" ENVELOPE("c");
    (void)state;
    items got = items_read(text, strlen(text));
    assert_string_equal(got.lines.data, "1 a\n2 b\n3 c\n");
    assert_int_equal(got.offsets[0], strstr(text, "{\"eventVersion") - text);
    assert_int_equal(got.offsets[1], strstr(text, "{\"EventId") - text);
    assert_int_equal(got.offsets[2], strstr(text, "{\"version") - text);
    items_free(&got);
}

/* ---- records that are not for the table ----------------------------------------------------- */

static void test_reader_next_values_that_are_no_record_are_problems(void **state)
{
    static const struct {
        const char *text, *items;
    } cases[] = {
        {"{}", "0 ! JSON, but no CloudTrail record: {}\n"},
        {"[{}," RECORD("a") ",{}]", "1 a\n0 ! JSON, but no CloudTrail record, 2 times: {}\n"},
        {"[1," RECORD("a") ",\"x\",null]",
         "1 ! a record must be an object: 1\n2 a\n3 ! a record must be an object: \"x\"\n"
         "4 ! a record must be an object: null\n"},
        {"{\"eventTime\":\"yesterday\"}\n" RECORD("a"),
         "1 a\n0 ! JSON, but no CloudTrail record (keys: eventTime): "
         "{\"eventTime\":\"yesterday\"}\n"},
        {"{\"eventName\":\"X\",\"eventTime\":\"yesterday\"}\n" RECORD("a"),
         "1 ! eventTime is no date and time: "
         "{\"eventName\":\"X\",\"eventTime\":\"yesterday\"}\n2 a\n"},
        {"[{" TIME ",\"eventType\":\"T\",\"eventID\":\"a\",\"eventID\":\"b\"}]",
         "1 a ! a key is repeated\n"},
        {"[{\"CloudTrailEvent\":\"{\"}]",
         "1 ! CloudTrailEvent: the record ends early: {\"CloudTrailEvent\":\"{\"}\n"},
        {"[{\"CloudTrailEvent\":\"[]\"}]",
         "1 ! CloudTrailEvent: a record must be an object: {\"CloudTrailEvent\":\"[]\"}\n"},
        {"[{\"CloudTrailEvent\":\"\"}]",
         "1 ! CloudTrailEvent: a record must be an object: {\"CloudTrailEvent\":\"\"}\n"},
        {"[{\"CloudTrailEvent\":\"{} {}\"}]",
         "1 ! CloudTrailEvent: text stands behind the record: {\"CloudTrailEvent\":\"{} {}\"}\n"},
        {"[{\"CloudTrailEvent\":\"{\\\"a\\\":tru}\"}]",
         "1 ! CloudTrailEvent: a value is expected: {\"CloudTrailEvent\":\"{\\\"a\\\":tru}\"}\n"},
        {"[{\"CloudTrailEvent\":5}]",
         "0 ! JSON, but no CloudTrail record (keys: CloudTrailEvent): {\"CloudTrailEvent\":5}\n"},
        {"[{\"detail\":{}}]",
         "0 ! JSON, but no CloudTrail record (keys: detail): {\"detail\":{}}\n"},
        {"[{\"detail\":\"x\"}]",
         "0 ! JSON, but no CloudTrail record (keys: detail): {\"detail\":\"x\"}\n"},
        {"[{\"aws\":{\"x\":[1,2]}}," RECORD("a") "]",
         "1 a\n0 ! JSON, but no CloudTrail record (keys: aws): {\"aws\":{\"x\":[1,2]}}\n"},
        {"[{\"aws\":{}}]", "0 ! JSON, but no CloudTrail record (keys: aws): {\"aws\":{}}\n"},
        {"[{\"aws\":{\"cloudtrail\":7}}]",
         "0 ! JSON, but no CloudTrail record (keys: aws): {\"aws\":{\"cloudtrail\":7}}\n"},
        {"[{\"Records\":7}]",
         "0 ! JSON, but no CloudTrail record (keys: Records): {\"Records\":7}\n"},
        /* a record whose own fields have the wrappers' names is a record */
        {"[{\"eventName\":\"X\"," TIME ",\"eventID\":\"a\",\"detail\":{},\"Records\":[1]}]",
         "1 a\n"},
    };
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        items got = items_read(cases[i].text, strlen(cases[i].text));
        if (strcmp(got.lines.data, cases[i].items) != 0)
            fail_msg("%s\n  expected:\n%s\n  got:\n%s", cases[i].text, cases[i].items,
                     got.lines.data);
        items_free(&got);
    }
}

static void test_reader_next_other_file_is_one_problem(void **state)
{
    static const char *const texts[] = {
        "From: ann\nTo: bob\n\nHello, this {is} [no] log.\n",
        "<html>\n<body>\n",
        "\177ELF\x02\x01\x01",
        "12\n13\n",
        "\177ELF\n[\n[]\n{}\n[[\n{x\n",
    };
    (void)state;
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
        items got = items_read(texts[i], strlen(texts[i]));
        char expected[200] = "0 ! is no CloudTrail log: ";
        strcat(strcat(expected, texts[i]), "\n");
        assert_string_equal(got.lines.data, expected);
        items_free(&got);
    }
    ct_buf big = CT_BUF_EMPTY;
    for (int i = 0; i < 200000; i++)
        ct_buf_put_text(&big, "not a log\n");
    items got = items_read(big.data, big.len);
    assert_int_equal(got.n_problems, 1);
    items_free(&got);
    ct_buf_free(&big);
}

/* The marks are those of the formats' specifications; tar's stands where the POSIX
 * header has it. */
static void test_reader_next_packed_file_is_one_problem_that_says_how(void **state)
{
    static const struct {
        const char *mark;
        size_t n, offset;
        const char *message;
    } files[] = {
        {"PK\x03\x04\x14\0", 6, 0, "is a zip archive: unpack it first"},
        {"ustar\00000", 8, 257, "is a tar archive: unpack it first"},
        {"7z\xBC\xAF\x27\x1C\0\x04", 8, 0, "is a 7z archive: unpack it first"},
        {"BZh91AY&SY", 10, 0, "is packed with bzip2: unpack it first"},
        {"\xFD\x37zXZ\0", 6, 0, "is packed with xz: unpack it first"},
        {"\x28\xB5\x2F\xFD", 4, 0, "is packed with zstd: unpack it first"},
        {"PAR1", 4, 0, "is a Parquet file: export it as JSON"},
        {"SQLite format 3\0", 16, 0, "is a SQLite database"},
    };
    (void)state;
    for (size_t i = 0; i < sizeof files / sizeof files[0]; i++) {
        /* what stands in an archive is not read, be it a log */
        ct_buf text = CT_BUF_EMPTY, packed = CT_BUF_EMPTY;
        for (size_t k = 0; k < files[i].offset; k++)
            ct_buf_put_char(&text, 'x');
        ct_buf_put(&text, files[i].mark, files[i].n);
        ct_buf_put_text(&text, "\n" RECORD("a") "\n");
        gz_put(&packed, text.data, text.len);
        const ct_buf *both[] = {&text, &packed};
        for (size_t k = 0; k < 2; k++) {
            items got = items_read(both[k]->data, both[k]->len);
            char expected[100];
            snprintf(expected, sizeof expected, "0 ! %s\n", files[i].message);
            assert_string_equal(got.lines.data, expected);
            items_free(&got);
        }
        ct_buf_free(&text);
        ct_buf_free(&packed);
    }
    /* a broken beginning is no mark */
    items got = items_read("\xFF\xFE" RECORD("a") "\n" RECORD("b"),
                           strlen("\xFF\xFE" RECORD("a") "\n" RECORD("b")));
    assert_int_equal(got.n_records, 2);
    items_free(&got);
}

/* ---- sizes ---------------------------------------------------------------------------------- */

/* A record of exactly n bytes. */
static void put_long_record(ct_buf *out, size_t n, const char *id)
{
    size_t start = out->len;
    ct_buf_printf(out, "{" TIME ",\"eventName\":\"X\",\"eventID\":\"%s\",\"requestParameters\":\"",
                  id);
    size_t filled = out->len - start;
    ct_buf_reserve(out, n);
    memset(out->data + out->len, 'x', n - filled - 2);
    out->len += n - filled - 2;
    ct_buf_put_text(out, "\"}");
}

static void test_reader_next_long_records_are_read_to_the_limit(void **state)
{
    static const size_t sizes[] = {300000,  CT_READER_CHUNK,         1048576,
                                   4000000, CT_RECORD_MAX_BYTES - 1, CT_RECORD_MAX_BYTES};
    (void)state;
    for (size_t i = 0; i < sizeof sizes / sizeof sizes[0]; i++)
        for (int in_list = 0; in_list < 2; in_list++) {
            ct_buf text = CT_BUF_EMPTY;
            ct_buf_put_text(&text, in_list ? "[" RECORD("a") "," : RECORD("a"));
            put_long_record(&text, sizes[i], "b");
            ct_buf_put_text(&text, in_list ? "," RECORD("c") "]" : RECORD("c"));
            items got = items_read_all_bytes(text.data, text.len);
            assert_string_equal(got.lines.data, "1 a\n2 b\n3 c\n");
            items_free(&got);
            ct_buf_free(&text);
        }
}

static void test_reader_next_longer_record_costs_itself(void **state)
{
    static const char message[] = "1 a\n2 ! the record is larger than 4 MB: {" TIME;
    static const size_t sizes[] = {CT_RECORD_MAX_BYTES + 1, CT_RECORD_MAX_BYTES + 300000, 20000000};
    (void)state;
    for (size_t i = 0; i < sizeof sizes / sizeof sizes[0]; i++)
        for (int in_list = 0; in_list < 2; in_list++) {
            ct_buf text = CT_BUF_EMPTY;
            ct_buf_put_text(&text, in_list ? "[" RECORD("a") "," : RECORD("a") "\n");
            put_long_record(&text, sizes[i], "b");
            ct_buf_put_text(&text, in_list ? "," RECORD("c") "]" : "\n" RECORD("c"));
            items got = items_read(text.data, text.len);
            assert_memory_equal(got.lines.data, message, strlen(message));
            assert_int_equal(got.n_problems, 1);
            size_t text_len = got.lines.len - strlen("1 a\n2 ! the record is larger than 4 MB: ") -
                              strlen("\n3 c\n") - 1;
            assert_int_equal(text_len, CT_PROBLEM_TEXT_MAX);
            assert_string_equal(got.lines.data + got.lines.len - 6, "\n3 c\n");
            items_free(&got);
            ct_buf_free(&text);
        }
}

/* 100,000 records, far more than the window holds; fields of any size before and behind. */
static void test_reader_next_many_records_and_a_late_list_are_read(void **state)
{
    enum { N = 100000 };
    (void)state;
    ct_buf text = CT_BUF_EMPTY;
    ct_buf_put_text(&text, "{\"before\":[0");
    for (int i = 0; i < 100000; i++)
        ct_buf_printf(&text, ",%d", i);
    ct_buf_put_text(&text, "],\"Records\":[");
    for (int i = 0; i < N; i++)
        ct_buf_printf(&text, "%s{\"eventVersion\":\"1.08\"," TIME ",\"eventID\":\"%d\"}",
                      i ? "," : "", i);
    ct_buf_put_text(&text, "],\"behind\":[0");
    for (int i = 0; i < 100000; i++)
        ct_buf_printf(&text, ",%d", i);
    ct_buf_put_text(&text, "]}");
    items got = items_read(text.data, text.len);
    assert_int_equal(got.n_records, N);
    assert_int_equal(got.n_problems, 0);
    assert_string_equal(got.lines.data + got.lines.len - strlen("100000 99999\n") - 1,
                        "100000 99999\n");
    items_free(&got);
    ct_buf_free(&text);
}

static void test_reader_next_hundred_thousand_fields_are_quick(void **state)
{
    (void)state;
    ct_buf text = CT_BUF_EMPTY;
    ct_buf_put_text(&text, "[{\"eventName\":\"X\"," TIME ",\"eventID\":\"a\"");
    for (int i = 0; i < 100000; i++)
        ct_buf_printf(&text, ",\"field%d\":%d", i, i);
    ct_buf_put_text(&text, "}," RECORD("b") "]");
    items got = items_read(text.data, text.len);
    assert_string_equal(got.lines.data, "1 a\n2 b\n");
    items_free(&got);
    ct_buf_free(&text);
}

static void test_reader_next_deep_nesting_is_a_problem_of_its_record(void **state)
{
    (void)state;
    for (size_t depth = CT_JSON_MAX_DEPTH; depth <= CT_JSON_MAX_DEPTH + 1; depth++) {
        ct_buf text = CT_BUF_EMPTY;
        ct_buf_put_text(&text,
                        "[{\"eventName\":\"X\"," TIME ",\"eventID\":\"a\",\"requestParameters\":");
        for (size_t i = 0; i < depth; i++)
            ct_buf_put_char(&text, '[');
        for (size_t i = 0; i < depth; i++)
            ct_buf_put_char(&text, ']');
        ct_buf_put_text(&text, "}," RECORD("b") "]");
        items got = items_read_all_bytes(text.data, text.len);
        if (depth == CT_JSON_MAX_DEPTH)
            assert_string_equal(got.lines.data, "1 a\n2 b\n");
        else
            assert_memory_equal(got.lines.data, "1 ! nested too deeply: {", 24);
        assert_string_equal(got.lines.data + got.lines.len - 5, "2 b\n");
        items_free(&got);
        ct_buf_free(&text);
    }
}

static void test_reader_next_lists_nested_too_deeply_are_a_problem(void **state)
{
    (void)state;
    static const char text[] = "[[[[[[[[[[[[[[[[" RECORD("a") ",[" RECORD("b") "]," RECORD(
        "c") "]]]]]]]]]]]]]]]]" RECORD("d");
    items got = items_read_all_bytes(text, strlen(text));
    assert_string_equal(got.lines.data, "1 a\n2 ! lists are nested too deeply: [\n3 b\n4 c\n"
                                        "0 ! a record must be an object: ]\n5 d\n");
    items_free(&got);
    ct_buf brackets = CT_BUF_EMPTY;
    for (int i = 0; i < 1000000; i++)
        ct_buf_put_char(&brackets, '[');
    got = items_read_all_bytes(brackets.data, 100000);
    items_free(&got);
    got = items_read(brackets.data, brackets.len); /* no stack, no hang */
    assert_int_equal(got.n_records, 0);
    items_free(&got);
    ct_buf_free(&brackets);
}

/* ---- real logs ------------------------------------------------------------------------------ */

typedef struct corpus_count {
    size_t n_records, n_problems;
} corpus_count;

static void count_file(const char *path, const ct_buf *bytes, void *arg)
{
    corpus_count *count = arg;
    if (strstr(path, ".csv") || strstr(path, ".tsv") || strstr(path, "MANIFEST"))
        return;
    items got = items_read(bytes->data ? bytes->data : "", bytes->len);
    count->n_records += got.n_records;
    count->n_problems += got.n_problems;
    if (got.n_problems > 0 && !strstr(path, "samples-large") && !strstr(path, "bad_cloudtrail") &&
        !strstr(path, "bedrock-create-customization-jobs"))
        fail_msg("%s: %.500s", path, got.lines.data);
    items_free(&got);
}

/* MANIFEST.md counts 6,655 records: 301 of them CSV rows, one without a time. */
static void test_reader_next_real_logs_give_the_records_of_their_list(void **state)
{
    (void)state;
    corpus_count count = {0, 0};
    if (!corpus_each(count_file, &count))
        skip();
    assert_int_equal(count.n_records, 6655 - 301 - 1);
}

/* What a terminal is told (ECMA-48, 5.4: ESC [, parameters, a letter), wherever it is cut between two
 * reads; ESC before anything else is taken out alone. */
static void test_reader_next_terminal_sequences_are_passed_over(void **state)
{
    static const char *const told[] = {"\033[1;39m",  "\033[0K",     "\033[2J", "\033[?2004h",
                                       "\033[1;1H",   "\033[m",      "\033[ q", "\033",
                                       "\033\033[1m", "\033[1\033[m"};
    (void)state;
    for (size_t i = 0; i < sizeof told / sizeof told[0]; i++)
        for (size_t cut = 0; cut <= strlen(told[i]); cut++) {
            ct_buf text = CT_BUF_EMPTY;
            ct_buf_put_text(&text, "\033[1m");
            while (text.len < CT_READER_CHUNK - cut)
                ct_buf_put_char(&text, ' ');
            ct_buf_printf(&text, "%s{%s" TIME ",%s\"eventName\":\"X\",\"eventID\":\"a\"%s}\n",
                          told[i], told[i], told[i], told[i]);
            ct_buf packed = CT_BUF_EMPTY; /* else the items are looked for in the file */
            gz_put(&packed, text.data, text.len);
            items got = items_read(packed.data, packed.len);
            if (strcmp(got.lines.data, "1 a\n") != 0)
                fail_msg("%s, cut at %zu: %s", told[i] + 1, cut, got.lines.data);
            items_free(&got);
            ct_buf_free(&packed);
            ct_buf_free(&text);
        }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_reader_next_forms_give_their_records),
        cmocka_unit_test(test_reader_next_forms_with_mark_space_and_gzip_are_the_same),
        cmocka_unit_test(test_reader_next_forms_over_the_edge_of_a_read_are_the_same),
        cmocka_unit_test(test_reader_next_offsets_are_those_of_the_file),
        cmocka_unit_test(test_reader_next_values_that_are_no_record_are_problems),
        cmocka_unit_test(test_reader_next_other_file_is_one_problem),
        cmocka_unit_test(test_reader_next_packed_file_is_one_problem_that_says_how),
        cmocka_unit_test(test_reader_next_long_records_are_read_to_the_limit),
        cmocka_unit_test(test_reader_next_longer_record_costs_itself),
        cmocka_unit_test(test_reader_next_many_records_and_a_late_list_are_read),
        cmocka_unit_test(test_reader_next_hundred_thousand_fields_are_quick),
        cmocka_unit_test(test_reader_next_deep_nesting_is_a_problem_of_its_record),
        cmocka_unit_test(test_reader_next_terminal_sequences_are_passed_over),
        cmocka_unit_test(test_reader_next_lists_nested_too_deeply_are_a_problem),
        cmocka_unit_test(test_reader_next_real_logs_give_the_records_of_their_list),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
