/*
 * The scanner against SQLite's JSON1: on real logs and on damaged text the same verdict, and for
 * valid text the same types, keys and values. Where JSON1 differs, test_json1_known_differences
 * names the difference; nothing else is let pass.
 */
#include "harness.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "corpus.h"
#include "base/json.h"
#include "mutate.h"

#define BYTES(text) text, sizeof text - 1

typedef struct peer {
    sqlite3 *db;
    sqlite3_stmt *valid, *tree;
    size_t n_texts, n_valid, n_leaves, n_lossy;
} peer;

static void peer_open(peer *j)
{
    *j = (peer){.db = NULL};
    assert_int_equal(sqlite3_open(":memory:", &j->db), SQLITE_OK);
    sqlite3_prepare_v2(j->db, "SELECT json_valid(?)", -1, &j->valid, NULL);
    sqlite3_prepare_v2(j->db, "SELECT key, type, atom FROM json_tree(?) ORDER BY id", -1, &j->tree,
                       NULL);
    assert_true(j->valid && j->tree);
}

static void peer_close(peer *j)
{
    sqlite3_finalize(j->valid);
    sqlite3_finalize(j->tree);
    assert_int_equal(sqlite3_close(j->db), SQLITE_OK);
}

static bool peer_verdict(peer *j, const char *p, size_t n)
{
    sqlite3_bind_text(j->valid, 1, p, (int)n, SQLITE_STATIC);
    assert_int_equal(sqlite3_step(j->valid), SQLITE_ROW);
    bool is_valid = sqlite3_column_int(j->valid, 0);
    sqlite3_reset(j->valid);
    return is_valid;
}

/* ---- values --------------------------------------------------------------------------------- */

static const char *peer_type(const ct_json *value)
{
    static const char *const names[] = {"",     "null", "false", "true",
                                        "real", "text", "array", "object"};
    if (value->kind != CT_JSON_NUMBER)
        return names[value->kind];
    for (size_t i = 0; i < value->len; i++)
        if (strchr(".eE", value->p[i]))
            return "real";
    return "integer";
}

static void same_string(peer *j, const ct_json *string, int column)
{
    if (ct_json_is_lossy(string)) {
        j->n_lossy++; /* a known difference */
        return;
    }
    ct_buf said = CT_BUF_EMPTY;
    (void)ct_json_decode(string, &said);
    const char *text = (const char *)sqlite3_column_text(j->tree, column);
    size_t n = (size_t)sqlite3_column_bytes(j->tree, column);
    if (n != said.len || memcmp(text, said.data ? said.data : "", n) != 0)
        fail_msg("%.*s: JSON1 says %s", (int)string->len, string->p, text);
    ct_buf_free(&said);
}

/* The number is converted here by the C library; SQLite's own conversion may be off by some units
 * in the last place. */
static void same_number(peer *j, const ct_json *value)
{
    char *text = strndup(value->p, value->len);
    if (sqlite3_column_type(j->tree, 2) == SQLITE_INTEGER) {
        assert_int_equal(sqlite3_column_int64(j->tree, 2), strtoll(text, NULL, 10));
    } else {
        double ours = strtod(text, NULL), theirs = sqlite3_column_double(j->tree, 2);
        bool same = ours == theirs || fabs(ours - theirs) <= fabs(ours) * 1e-14 + 1e-307 ||
                    (isinf(theirs) && fabs(ours) > 1.7976e308); /* 3.45, at the very end */
        if (!same)
            fail_msg("%s: JSON1 has %.17g", text, theirs);
    }
    free(text);
}

/* Walks our value and JSON1's rows, which come in the same order, side by side. */
static void same_value(peer *j, const ct_json *value, const ct_json *key)
{
    if (sqlite3_step(j->tree) != SQLITE_ROW)
        fail_msg("JSON1 has no row for %.*s", (int)value->len, value->p);
    assert_string_equal((const char *)sqlite3_column_text(j->tree, 1), peer_type(value));
    if (key)
        same_string(j, key, 0);

    bool is_object = value->kind == CT_JSON_OBJECT;
    if (!is_object && value->kind != CT_JSON_ARRAY) {
        j->n_leaves++;
        if (value->kind == CT_JSON_STRING)
            same_string(j, value, 2);
        if (value->kind == CT_JSON_NUMBER)
            same_number(j, value);
        return;
    }
    ct_json_scanner s = ct_json_scan(value->p, value->len);
    ct_json member, name;
    bool more;
    ct_json_status st = ct_json_enter(&s, *value->p, &more);
    while (st == CT_JSON_OK && more) {
        if (is_object)
            assert_int_equal(ct_json_key(&s, &name), CT_JSON_OK);
        assert_int_equal(ct_json_value(&s, &member), CT_JSON_OK);
        same_value(j, &member, is_object ? &name : NULL);
        st = ct_json_next(&s, is_object ? '}' : ']', &more);
    }
    assert_int_equal(st, CT_JSON_OK);
    assert_ptr_equal(s.p, value->p + value->len);
}

/* The text is well-formed for both. Its minified form must be the same values once more. */
static void same_values(peer *j, const char *p, size_t n)
{
    ct_json_scanner s = ct_json_scan(p, n);
    ct_json value;
    (void)ct_json_space(&s);
    assert_int_equal(ct_json_value(&s, &value), CT_JSON_OK);
    ct_buf small = CT_BUF_EMPTY;
    ct_json_minify(&value, &small);
    for (int i = 0; i < 2; i++) {
        const char *text = i ? small.data : p;
        size_t len = i ? small.len : n;
        sqlite3_bind_text(j->tree, 1, text, (int)len, SQLITE_STATIC);
        same_value(j, &value, NULL);
        assert_int_equal(sqlite3_step(j->tree), SQLITE_DONE);
        sqlite3_reset(j->tree);
        if (!(value.flags & (CT_JSON_SPACED | CT_JSON_8BIT)))
            break;
    }
    ct_buf_free(&small);
}

static void same_text(peer *j, const char *p, size_t n)
{
    bool ours = ct_json_valid(p, n);
    j->n_texts++;
    if (memchr(p, '\0', n)) {
        assert_false(ours); /* to JSON1 a NUL is the end of the text: a known difference */
        return;
    }
    if (ours != peer_verdict(j, p, n))
        fail_msg("%s for us only: %.*s", ours ? "valid" : "invalid", (int)n, p);
    if (ours) {
        j->n_valid++;
        same_values(j, p, n);
    }
}

/* ---- the tests ------------------------------------------------------------------------------ */

static const char *const documents[] = {
    ("{\"eventVersion\":\"1.08\",\"userIdentity\":{\"type\":\"AssumedRole\",\"arn\":\"arn:aws:sts::"
     "111122223333:assumed-role/dev/ann\",\"sessionContext\":{\"sessionIssuer\":{\"userName\":"
     "\"dev\"},\"attributes\":{\"mfaAuthenticated\":\"false\"}}},\"eventTime\":\"2024-05-01T10:00:"
     "00Z\",\"readOnly\":true,\"requestParameters\":{\"maxResults\":100,\"filter\":[{\"name\":"
     "\"x\","
     "\"values\":[\"a\",\"b\"]}]},\"responseElements\":null,\"tlsDetails\":{}}"),
    "{\n  \"a\" : [ 1, -2.5, 1e10, 0, -0, 1E-7, 12345678901234567890 ],\r\n\t\"b\": { }\n}\n",
    "[\"\\u0041\\u00e9\\ud83d\\ude00\\\"\\\\\\/\\b\\f\\n\\r\\t\",\"caf\xC3\xA9 \xE2\x82\xAC\"]",
    ("{\"\\u006bey\":1,\"k\\ney\":2,\"\":3,\"\xC3\xA9\":4,\"a.b\":5,\"a[0]\":6,\"$\":7,\"a\\\"b\":"
     "8}"),
    "[[],{},[[]],[{}],{\"a\":[]},[[[[[[[[1]]]]]]]],true,false,null]",
    "{\"a\":1,\"a\":{\"b\":2},\"a\":[3]}",
    "\"only a string, longer than sixteen bytes, with an \\u00e9scape\"",
    "[1.7976931348623157e308,5e-324,0.1,123456.789e-3,-9223372036854775808,9223372036854775807]",
    " [ true , false , null , \"\" ] ",
};
enum { N_DOCUMENTS = sizeof documents / sizeof documents[0] };

static void test_json1_composed_documents_agree(void **state)
{
    (void)state;
    peer j;
    peer_open(&j);
    for (size_t i = 0; i < N_DOCUMENTS; i++)
        same_text(&j, documents[i], strlen(documents[i]));
    assert_int_equal(j.n_valid, N_DOCUMENTS);
    assert_int_equal(j.n_lossy, 0);
    peer_close(&j);
}

static void mutate_and_compare(peer *j, const char *p, size_t len, size_t n_times, rng *r)
{
    for (size_t i = 0; i < n_times; i++) {
        ct_buf text = CT_BUF_EMPTY;
        ct_buf_put(&text, p, len);
        for (size_t k = rng_below(r, 3) + 1; k > 0; k--)
            mutate(&text, r);
        same_text(j, text.data, text.len);
        ct_buf_free(&text);
    }
}

static void test_json1_mutated_documents_agree(void **state)
{
    enum { SEED = 20240501, N_TIMES = 12000 };
    (void)state;
    rng r = {SEED};
    peer j;
    peer_open(&j);
    for (size_t i = 0; i < N_DOCUMENTS; i++)
        mutate_and_compare(&j, documents[i], strlen(documents[i]), N_TIMES, &r);
    printf("seed %d: %zu texts, %zu valid, %zu leaves equal, %zu strings lossy\n", SEED, j.n_texts,
           j.n_valid, j.n_leaves, j.n_lossy);
    assert_true(j.n_texts >= 100000);
    assert_true(j.n_valid > j.n_texts / 20); /* the damage is not all of one kind */
    peer_close(&j);
}

typedef struct corpus_job {
    peer j;
    rng r;
} corpus_job;

/* The file as a whole, each of its lines, and damaged forms of the beginning of small ones. */
static void compare_file(const char *path, const ct_buf *bytes, void *arg)
{
    corpus_job *job = arg;
    (void)path;
    same_text(&job->j, bytes->data, bytes->len);
    const char *p = bytes->data, *end = p + bytes->len;
    while (p < end) {
        const char *line_end = memchr(p, '\n', (size_t)(end - p));
        line_end = line_end ? line_end : end;
        if (line_end - p > 1)
            same_text(&job->j, p, (size_t)(line_end - p));
        p = line_end + 1;
    }
    if (bytes->len < 6000)
        mutate_and_compare(&job->j, bytes->data, bytes->len, 100, &job->r);
}

static void test_json1_real_logs_agree(void **state)
{
    (void)state;
    corpus_job job = {.r = {7}};
    peer_open(&job.j);
    bool there = corpus_each(compare_file, &job);
    if (there)
        printf("seed 7: %zu texts, %zu valid, %zu leaves equal, %zu strings lossy\n", job.j.n_texts,
               job.j.n_valid, job.j.n_leaves, job.j.n_lossy);
    peer_close(&job.j);
    if (!there)
        skip();
}

/* What JSON1 does otherwise, each case tried on this SQLite. `theirs` is hex of json_extract(x,'$')
 * where JSON1 takes the text; two spellings where its versions differ. */
static void test_json1_known_differences_are_as_listed(void **state)
{
    static const struct {
        const char *p;
        size_t n;
        bool ours, theirs_valid;
        const char *said; /* what we decode; NULL: no string */
        const char *theirs, *theirs_newer;
        const char *why;
    } cases[] = {
        {BYTES("[1]\0garbage"), false, true, NULL, "5B315D", NULL,
         "a NUL byte ends the text for JSON1"},
        {BYTES("\"q\\u0000z\""), true, true, "q\xEF\xBF\xBDz", "71", "71007A",
         "U+0000: 3.40 cuts the text there, 3.45 keeps it, tools that read C strings cut it"},
        {BYTES("\"\\ud800\""), true, true, "\xEF\xBF\xBD", "EDA080", NULL,
         "a lone surrogate becomes ill-formed UTF-8 in JSON1"},
        {BYTES("\"\\udc00x\""), true, true, "\xEF\xBF\xBDx", "EDB08078", NULL,
         "the same for the second half"},
        {BYTES("\"\\ud83d\\u0041\""), true, true,
         "\xEF\xBF\xBD"
         "A",
         "EDA0BD41", NULL, "a first half before another character"},
        {BYTES("\"a\xFFz\""), true, true, "a\xEF\xBF\xBDz", "61FF7A", NULL,
         "JSON1 hands bytes that are not UTF-8 through"},
        {BYTES("\"\xC0\xAF\""), true, true, "\xEF\xBF\xBD\xEF\xBF\xBD", "C0AF", NULL,
         "the same for an overlong form"},
    };
    (void)state;
    peer j;
    peer_open(&j);
    sqlite3_stmt *extract;
    sqlite3_prepare_v2(j.db, "SELECT hex(json_extract(?, '$'))", -1, &extract, NULL);
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        assert_int_equal(ct_json_valid(cases[i].p, cases[i].n), cases[i].ours);
        assert_int_equal(peer_verdict(&j, cases[i].p, cases[i].n), cases[i].theirs_valid);
        sqlite3_bind_text(extract, 1, cases[i].p, (int)cases[i].n, SQLITE_STATIC);
        assert_int_equal(sqlite3_step(extract), SQLITE_ROW);
        const char *hex = (const char *)sqlite3_column_text(extract, 0);
        if (strcmp(hex, cases[i].theirs) != 0 &&
            (!cases[i].theirs_newer || strcmp(hex, cases[i].theirs_newer) != 0))
            fail_msg("%s: JSON1 gives %s", cases[i].why, hex);
        sqlite3_reset(extract);
        if (!cases[i].said)
            continue;
        ct_json_scanner s = ct_json_scan(cases[i].p, cases[i].n);
        ct_json value;
        ct_buf said = CT_BUF_EMPTY;
        assert_int_equal(ct_json_value(&s, &value), CT_JSON_OK);
        assert_true(ct_json_decode(&value, &said));
        ct_buf_put_char(&said, '\0');
        assert_string_equal(said.data, cases[i].said);
        ct_buf_free(&said);
    }
    sqlite3_finalize(extract);
    peer_close(&j);
}

/* Ours ends at 990 so that JSON1, which ends at 2,000 (3.40) or 1,000 (since 3.42), reads all that
 * we take, also with the ten brackets that a rebuilt record can have around it. */
static void test_json1_depth_takes_what_we_take_and_ten_more(void **state)
{
    (void)state;
    peer j;
    peer_open(&j);
    char text[6000];
    for (size_t depth = 980; depth <= 2001; depth++) {
        memset(text, '[', depth);
        memset(text + depth, ']', depth);
        bool theirs = peer_verdict(&j, text, 2 * depth);
        assert_int_equal(ct_json_valid(text, 2 * depth), depth <= CT_JSON_MAX_DEPTH);
        if (depth <= CT_JSON_MAX_DEPTH + 10)
            assert_true(theirs);
        if (depth == 2001)
            assert_false(theirs);
    }
    peer_close(&j);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_json1_composed_documents_agree),
        cmocka_unit_test(test_json1_mutated_documents_agree),
        cmocka_unit_test(test_json1_real_logs_agree),
        cmocka_unit_test(test_json1_known_differences_are_as_listed),
        cmocka_unit_test(test_json1_depth_takes_what_we_take_and_ten_more),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
