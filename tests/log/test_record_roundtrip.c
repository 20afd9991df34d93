/*
 * Properties of records, by JSON1: what the columns hold is what json_extract finds, and the record
 * that is rebuilt from them is the original but for fields that were null. On all real logs, on
 * records made at random, and on damaged ones that are still well-formed.
 */
#include "harness.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "cells.h"
#include "corpus.h"
#include "mutate.h"
#include "log/record.h"
#include "log/source.h"
#include "log/reader.h"
#include "temp.h"
#include "base/utf8.h"

typedef struct checker {
    sqlite3 *db;
    sqlite3_stmt *canonical, *extract;
    size_t n_records, n_columns;
} checker;

/* One line a value: the way to it by its keys, its type, the value itself; sorted. Dropped are the
 * nulls among the fields of the record and of the objects that have columns. */
static const char canonical_sql[] =
    "WITH RECURSIVE t AS (SELECT id, parent, key, type, atom FROM json_tree(?) LIMIT -1),"
    " w(id, way, type, atom) AS (SELECT id, '', type, atom FROM t WHERE parent IS NULL"
    " UNION ALL SELECT t.id, w.way || '/' || quote(t.key), t.type, t.atom"
    "  FROM w JOIN t ON t.parent = w.id"
    "  WHERE NOT (t.type = 'null' AND w.way IN ('', '/''userIdentity''', '/''tlsDetails''',"
    "   '/''userIdentity''/''sessionContext''',"
    "   '/''userIdentity''/''sessionContext''/''sessionIssuer''',"
    "   '/''userIdentity''/''sessionContext''/''attributes''') AND w.type = 'object'))"
    " SELECT group_concat(line, char(10)) FROM (SELECT way || ' ' || type || ' ' || quote(atom)"
    " AS line FROM w ORDER BY way, type, quote(atom))";

static void checker_open(checker *c)
{
    *c = (checker){.db = NULL};
    assert_int_equal(sqlite3_open(":memory:", &c->db), SQLITE_OK);
    if (sqlite3_prepare_v2(c->db, canonical_sql, -1, &c->canonical, NULL) != SQLITE_OK ||
        sqlite3_prepare_v2(c->db,
                           "SELECT json_type(?1, ?2), json_extract(?1, ?2),"
                           " strftime('%Y-%m-%dT%H:%M:%SZ', json_extract(?1, ?2)),"
                           " iif(json_valid(?3), json_extract(json_array(json(?3)), '$[0]'), NULL)",
                           -1, &c->extract, NULL) != SQLITE_OK)
        fail_msg("%s", sqlite3_errmsg(c->db));
}

static void checker_close(checker *c)
{
    sqlite3_finalize(c->canonical);
    sqlite3_finalize(c->extract);
    assert_int_equal(sqlite3_close(c->db), SQLITE_OK);
}

/* Bytes that are not UTF-8 are U+FFFD in all that comes from us. */
static char *canonical(checker *c, const char *p, size_t n)
{
    ct_buf text = CT_BUF_EMPTY;
    ct_utf8_put(&text, p, n);
    sqlite3_bind_text(c->canonical, 1, text.data, (int)text.len, SQLITE_STATIC);
    if (sqlite3_step(c->canonical) != SQLITE_ROW)
        fail_msg("JSON1 does not read %.*s", (int)n, p);
    char *lines = strdup((const char *)sqlite3_column_text(c->canonical, 0));
    sqlite3_reset(c->canonical);
    ct_buf_free(&text);
    return lines;
}

static void check_rebuild(checker *c, const cells *r, const char *p, size_t n)
{
    ct_buf rebuilt = CT_BUF_EMPTY;
    assert_true(ct_record_rebuild(r->all, &rebuilt));
    char *before = canonical(c, p, n), *after = canonical(c, rebuilt.data, rebuilt.len);
    if (strcmp(before, after) != 0)
        fail_msg("%.*s\n  became %.*s", (int)n, p, (int)rebuilt.len, rebuilt.data);
    free(before);
    free(after);
    ct_buf_free(&rebuilt);
}

/* ---- columns ------------------------------------------------------------------------------- */

static const char *const paths[CT_N_COLUMNS] = {
    [CT_EVENT_TIME] = "$.eventTime",
    [CT_EVENT_ID] = "$.eventID",
    [CT_EVENT_NAME] = "$.eventName",
    [CT_USER_AGENT] = "$.userAgent",
    [CT_RECIPIENT_ACCOUNT_ID] = "$.recipientAccountId",
    [CT_USER_IDENTITY_TYPE] = "$.userIdentity.type",
    [CT_USER_IDENTITY_ARN] = "$.userIdentity.arn",
    [CT_USER_IDENTITY_INVOKED_BY] = "$.userIdentity.invokedBy",
    [CT_SESSION_ISSUER_ARN] = "$.userIdentity.sessionContext.sessionIssuer.arn",
    [CT_SESSION_ISSUER_USER_NAME] = "$.userIdentity.sessionContext.sessionIssuer.userName",
    [CT_SESSION_MFA_AUTHENTICATED] = "$.userIdentity.sessionContext.attributes.mfaAuthenticated",
    [CT_SESSION_CREATION_DATE] = "$.userIdentity.sessionContext.attributes.creationDate",
    [CT_ERROR_CODE] = "$.errorCode",
    [CT_ERROR_MESSAGE] = "$.errorMessage",
    [CT_READ_ONLY] = "$.readOnly",
    [CT_MANAGEMENT_EVENT] = "$.managementEvent",
    [CT_API_VERSION] = "$.apiVersion",
    [CT_TLS_CIPHER_SUITE] = "$.tlsDetails.cipherSuite",
    [CT_REQUEST_PARAMETERS] = "$.requestParameters",
    [CT_RESPONSE_ELEMENTS] = "$.responseElements",
    [CT_RESOURCES] = "$.resources",
};

static bool is_text(const char *type)
{
    return strcmp(type, "text") == 0;
}

/* One column against the row that JSON1 gave for its path. */
static void check_cell(const cells *r, ct_column column, sqlite3_stmt *row)
{
    const char *type = (const char *)sqlite3_column_text(row, 0);
    const char *value = (const char *)sqlite3_column_text(row, 1);
    const char *got = cells_text(r, column), *expected = value ? value : "NULL";
    if (!type || strcmp(type, "null") == 0) {
        expected = "NULL";
    } else {
        switch (ct_column_type_of(column)) {
        case CT_TYPE_TIME:
            if (!ct_record_has_time(&r->record, &(const char *){NULL}) ||
                sqlite3_column_type(row, 2) == SQLITE_NULL)
                return; /* no row, or a form that SQLite does not read: test_timestamp.c */
            expected = (const char *)sqlite3_column_text(row, 2);
            break;
        case CT_TYPE_BOOL:
        case CT_TYPE_BOOL_STRING:
            if (is_text(type))
                expected = strcasecmp(value, "true") == 0    ? "1"
                           : strcasecmp(value, "false") == 0 ? "0"
                                                             : "NULL";
            else if (strcmp(type, "true") != 0 && strcmp(type, "false") != 0)
                expected = "NULL";
            break;
        case CT_TYPE_TEXT:
        case CT_TYPE_JSON:
            if (ct_column_type_of(column) == CT_TYPE_TEXT && is_text(type)) {
                if (column == CT_EVENT_ID && *value == '\0')
                    expected = "NULL"; /* it identifies nothing */
                break;
            }
            /* JSON text: read once more by JSON1, it must say the same */
            got = (const char *)sqlite3_column_text(row, 3);
            got = got ? got : "NULL";
            break;
        }
    }
    if (strcmp(got, expected) != 0)
        fail_msg("%s: %s, JSON1 has %s\n  in %.*s", ct_column_name(column), got, expected,
                 (int)r->record.len, r->record.text);
}

static void check_columns(checker *c, const cells *r)
{
    for (int i = 0; i < CT_N_COLUMNS; i++) {
        if (!paths[i] || (i == CT_EVENT_TIME && r->record.timestamp.kind != CT_JSON_NONE))
            continue;
        sqlite3_bind_text(c->extract, 1, r->record.text, (int)r->record.len, SQLITE_STATIC);
        sqlite3_bind_text(c->extract, 2, paths[i], -1, SQLITE_STATIC);
        if (r->all[i].kind == CT_CELL_TEXT)
            sqlite3_bind_text(c->extract, 3, r->all[i].p, (int)r->all[i].len, SQLITE_STATIC);
        else
            sqlite3_bind_null(c->extract, 3);
        assert_int_equal(sqlite3_step(c->extract), SQLITE_ROW);
        check_cell(r, (ct_column)i, c->extract);
        sqlite3_reset(c->extract);
        c->n_columns++;
    }
}

static bool has_any(const char *p, size_t n, const char *needle)
{
    size_t len = strlen(needle);
    for (size_t i = 0; i + len <= n; i++)
        if (memcmp(p + i, needle, len) == 0)
            return true;
    return false;
}

static bool has_8bit(const char *p, size_t n)
{
    while (n > 0 && (unsigned char)p[n - 1] < 0x80)
        n--;
    return n > 0;
}

/* JSON1 3.40 looks a key up as it is spelled, and reads U+0000, surrogates and bad bytes otherwise:
 * columns are compared where none of these stands in the text. */
static void check_record(checker *c, const char *p, size_t n)
{
    cells r;
    if (!cells_make(&r, p, n))
        return;
    c->n_records++;
    if (!has_any(p, n, "\\u") && !has_8bit(p, n))
        check_columns(c, &r);
    check_rebuild(c, &r, p, n);
    cells_free(&r);
}

/* ---- records made at random ----------------------------------------------------------------- */

static void put_value(ct_buf *out, rng *r, int depth)
{
    static const char *const scalars[] = {
        "null",
        "true",
        "false",
        "0",
        "-1.5e3",
        "12345678901234567890",
        "\"\"",
        "\"text\"",
        "\"true\"",
        "\"FALSE\"",
        "\"a\\nb\"",
        "\"caf\xC3\xA9\"",
        "\"\\u00e9\"",
        "\"a\xFF\"",
        "\"{\"",
        "\"\\ud800\"",
        "\"2024-05-01T10:00:00Z\"",
        "\"\\\"\\\\\"",
        "\"\\u0000\"",
        "{}",
        "[]",
        "1e5",
        "\"aws-cli/2.15.0\"",
    };
    size_t kind = rng_below(r, depth > 0 ? 12 : 10);
    if (kind < 10) {
        ct_buf_put_text(out, scalars[rng_below(r, sizeof scalars / sizeof scalars[0])]);
        return;
    }
    bool is_object = kind == 10;
    ct_buf_put_text(out, is_object ? "{" : "[ ");
    for (size_t i = rng_below(r, 4); i > 0; i--) {
        if (is_object)
            ct_buf_printf(out, "\"k%d\" :", (int)rng_below(r, 5));
        put_value(out, r, depth - 1);
        if (i > 1)
            ct_buf_put_text(out, rng_below(r, 2) ? "," : " ,\n");
    }
    ct_buf_put_char(out, is_object ? '}' : ']');
}

/* The names that objects have; a name that begins with > is an object of its own. */
typedef struct shape {
    const char *names[12];
    const struct shape *objects[3];
} shape;

static const shape leaf_issuer = {{"type", "principalId", "arn", "accountId", "userName", "x"},
                                  {NULL}};
static const shape leaf_attributes = {{"mfaAuthenticated", "creationDate", "y"}, {NULL}};
static const shape session = {{">sessionIssuer", ">attributes", "webIdFederationData", "type"},
                              {&leaf_issuer, &leaf_attributes}};
static const shape identity = {
    {"type", "principalId", "arn", "accountId", "userName", ">sessionContext", "invokedBy", "x"},
    {&session}};
static const shape tls = {{"tlsVersion", "cipherSuite", "clientProvidedHostHeader", "x"}, {NULL}};
static const shape root = {{"eventTime", ">userIdentity", "eventName", "readOnly", "userAgent",
                            "requestParameters", "resources", ">tlsDetails", "x", "eventID",
                            "errorCode", "@timestamp"},
                           {&identity, &tls}};

static void put_object(ct_buf *out, rng *r, const shape *s)
{
    size_t n_objects = 0, n_members = 0;
    ct_buf_put_char(out, '{');
    for (size_t i = 0; i < 12 && s->names[i]; i++) {
        const char *name = s->names[i];
        const shape *object = *name == '>' ? s->objects[n_objects++] : NULL;
        name += *name == '>';
        for (size_t times = rng_below(r, 40) == 0 ? 2 : rng_below(r, 4) > 0; times > 0; times--) {
            if (n_members++ > 0)
                ct_buf_put_text(out, rng_below(r, 4) ? "," : ", ");
            if (rng_below(r, 40) == 0) /* the same name, written otherwise */
                ct_buf_printf(out, "\"\\u00%02x%s\":", *name, name + 1);
            else
                ct_buf_printf(out, "\"%s\":", rng_below(r, 200) ? name : "$raw");
            if (object && rng_below(r, 6))
                put_object(out, r, object);
            else
                put_value(out, r, 2);
        }
    }
    ct_buf_put_char(out, '}');
}

static void test_record_rebuild_random_records_round_trip(void **state)
{
    enum { SEED = 424242 };
    (void)state;
    size_t n_records = (size_t)harness_extent(8000, 2000);
    rng r = {SEED};
    checker c;
    checker_open(&c);
    for (size_t i = 0; i < n_records; i++) {
        ct_buf text = CT_BUF_EMPTY;
        put_object(&text, &r, &root);
        check_record(&c, text.data, text.len);
        if (i % 2) {
            mutate(&text, &r);
            check_record(&c, text.data, text.len);
        }
        ct_buf_free(&text);
    }
    printf("seed %d: %zu records, %zu columns equal\n", SEED, c.n_records, c.n_columns);
    assert_true(c.n_records >= n_records);
    assert_true(c.n_columns > n_records / 2);
    checker_close(&c);
}

/* ---- real logs ------------------------------------------------------------------------------ */

typedef struct corpus_job {
    checker c;
    rng r;
    size_t n_seen, step; /* every step-th record is checked */
} corpus_job;

static void check_file(const char *path, const ct_buf *bytes, void *arg)
{
    corpus_job *job = arg;
    ct_source *source;
    const char *error;
    ct_item item;
    (void)path;
    const char *copy = temp_write("file", bytes->data ? bytes->data : "", bytes->len);
    assert_int_equal(ct_source_open(copy, &source, &error), CT_SOURCE_OK);
    ct_reader *reader = ct_reader_open(source);
    for (ct_reader_next(reader, &item); item.kind != CT_ITEM_END; ct_reader_next(reader, &item)) {
        if (item.kind != CT_ITEM_RECORD || job->n_seen++ % job->step > 0)
            continue;
        check_record(&job->c, item.record->text, item.record->len);
        if (item.number % 3 == 0) {
            ct_buf text = CT_BUF_EMPTY;
            ct_buf_put(&text, item.record->text, item.record->len);
            mutate(&text, &job->r);
            check_record(&job->c, text.data, text.len);
            ct_buf_free(&text);
        }
    }
    ct_reader_close(reader);
}

static void test_record_rebuild_real_logs_round_trip(void **state)
{
    (void)state;
    corpus_job job = {.r = {99}, .step = (size_t)harness_extent(1, 4)};
    checker_open(&job.c);
    bool there = corpus_each(check_file, &job);
    if (there)
        printf("seed 99: %zu records, %zu columns equal\n", job.c.n_records, job.c.n_columns);
    checker_close(&job.c);
    if (!there)
        skip();
    assert_true(job.c.n_records >= 6300 / job.step);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_record_rebuild_random_records_round_trip),
        cmocka_unit_test(test_record_rebuild_real_logs_round_trip),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
