#include "items.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "harness.h"
#include "log/source.h"
#include "temp.h"

/* ---- that no byte gets lost ----------------------------------------------------------------- */

/* The length of the JSON value at p that may be one without a record, an object or a string that
 * looks like one: these are told of together, at the end of the file. */
static size_t other_object(const char *p, size_t n)
{
    ct_json_scanner s = ct_json_scan(p, n);
    ct_json value;
    if ((*p != '{' && *p != '"') || ct_json_value(&s, &value) != CT_JSON_OK)
        return 0;
    if (*p == '"')
        return value.len > 2 && strchr("[{", p[1]) ? value.len : 0;
    ct_record record = CT_RECORD_EMPTY;
    s = ct_json_scan(p, n);
    bool is_other = ct_record_scan(&record, &s) == CT_JSON_OK && !ct_record_is_record(&record) &&
                    !ct_record_lacks_time(&record);
    ct_record_free(&record);
    return is_other ? value.len : 0;
}

/* What is told of at the end of a file: objects without a record, plain text. */
typedef struct rest {
    size_t n_others, n_text_bytes;
} rest;

/* Whether the bytes are only what stands around records, or what *passed counts. */
static bool is_framing(const char *p, size_t n, rest *passed)
{
    /* the lists of the carriers in the tests; what one says beside its list is not told */
    static const char *const names[] = {"\"Records\"", "\"Events\"",
                                        "\"maxResults\":100,\"filter\""};
    for (size_t i = 0; i < n;) {
        size_t step = 0;
        for (size_t k = 0; k < sizeof names / sizeof names[0]; k++)
            if (n - i >= strlen(names[k]) && memcmp(p + i, names[k], strlen(names[k])) == 0)
                step = strlen(names[k]);
        if (step == 0) {
            step = other_object(p + i, n - i);
            passed->n_others += step > 0;
        }
        if (step == 0 && p[i] && strchr(" \t\r\n[]{},:", p[i]))
            step = 1;
        if (step == 0) {
            step = 1;
            passed->n_text_bytes++;
        }
        i += step;
    }
    return !memchr(p, '\0', n);
}

/* Moves the cursor behind the item's text, which must be the next that is not framing: behind no
 * plain text, or where there is no such place behind some. */
static void follow(const char *p, size_t n, size_t *cursor, const ct_item *item, rest *passed)
{
    for (size_t i = 0; i < 2 * n; i++) {
        size_t at = *cursor + i % n;
        rest gap = {0, 0};
        if (at + item->len <= n && memcmp(p + at, item->text, item->len) == 0 &&
            is_framing(p + *cursor, at - *cursor, &gap) && (i >= n || gap.n_text_bytes == 0)) {
            *cursor = at + item->len;
            passed->n_others += gap.n_others;
            passed->n_text_bytes += gap.n_text_bytes;
            return;
        }
    }
    fail_msg("bytes lost behind %zu, before %.*s", *cursor,
             (int)(item->len < 200 ? item->len : 200), item->text);
}

/* How many bytes of plain text an item says were passed over. */
static size_t told_text_bytes(const ct_item *item)
{
    const char *colon = item->message ? strrchr(item->message, ':') : NULL;
    return colon && strncmp(item->message, "text ", 5) == 0 ? strtoul(colon + 1, NULL, 10) : 0;
}

/* How many objects without a record a problem speaks of; 0: of none. */
static size_t told_others(const ct_item *item)
{
    if (item->kind != CT_ITEM_PROBLEM || strncmp(item->message, "JSON, but no ", 13) != 0)
        return 0;
    const char *comma = strrchr(item->message, ',');
    size_t n = comma ? strtoul(comma + 1, NULL, 10) : 0;
    return n > 0 ? n : 1;
}

/* ---- reading -------------------------------------------------------------------------------- */

static void put_item(items *got, const ct_item *item)
{
    if (item->kind == CT_ITEM_DIGEST) {
        ct_buf_put_text(&got->lines, "- digest\n");
        return;
    }
    ct_buf_printf(&got->lines, "%d ", (int)item->number);
    if (item->kind == CT_ITEM_RECORD) {
        got->n_records++;
        ct_cell id = ct_record_cell(item->record, CT_EVENT_ID, &got->lines);
        if (id.p)
            ct_buf_put(&got->lines, id.p, id.len);
    }
    if (item->message) {
        bool is_first = got->n_problems == 0 && got->n_notes == 0;
        if (item->kind != CT_ITEM_RECORD && is_first)
            got->fault = item->offset;
        got->n_problems += item->kind == CT_ITEM_PROBLEM;
        got->n_notes += item->kind == CT_ITEM_NOTE;
        ct_buf_put_text(&got->lines, item->kind == CT_ITEM_PROBLEM ? "! " : " ! ");
        ct_buf_put_text(&got->lines, item->message);
    }
    if (item->kind == CT_ITEM_PROBLEM && item->len > 0) {
        ct_buf_put_text(&got->lines, ": ");
        ct_buf_put(&got->lines, item->text, item->len);
    }
    ct_buf_put_char(&got->lines, '\n');
}

static items read_items(const char *p, size_t n, bool all_bytes)
{
    items got = {.lines = CT_BUF_EMPTY};
    ct_source *source;
    const char *error;
    if (ct_source_open(temp_write("items", p, n), &source, &error) != CT_SOURCE_OK)
        fail_msg("%s", error);
    ct_reader *reader = ct_reader_open(source);
    ct_item item;
    int64_t last_number = 0;
    size_t cursor = 0, n_items = 0;
    rest passed = {0, 0}, told = {0, 0};
    for (ct_reader_next(reader, &item); item.kind != CT_ITEM_END; ct_reader_next(reader, &item)) {
        assert_int_not_equal(item.kind, CT_ITEM_NO_MEMORY);
        assert_true(item.offset >= 0);
        if (!ct_source_is_gzip(source)) {
            assert_true((size_t)item.offset <= n);
            if (item.kind == CT_ITEM_RECORD)
                assert_memory_equal(p + item.offset, item.text, item.len);
        }
        if (item.number != 0)
            assert_int_equal(item.number, ++last_number);
        if (told_others(&item) > 0)
            told.n_others = told_others(&item);
        else if (all_bytes && item.len > 0 && told_text_bytes(&item) == 0)
            follow(p, n, &cursor, &item, &passed);
        told.n_text_bytes += told_text_bytes(&item);
        if (n_items < sizeof got.offsets / sizeof got.offsets[0])
            got.offsets[n_items] = item.offset;
        if (n_items++ > n + 10)
            fail_msg("the reader does not end");
        put_item(&got, &item);
    }
    if (all_bytes && !is_framing(p + cursor, n - cursor, &passed))
        fail_msg("bytes lost at the end, behind %zu", cursor);
    if (all_bytes && passed.n_others > told.n_others)
        fail_msg("%zu objects without a record, %zu told of", passed.n_others, told.n_others);
    /* objects without a record are told once, at the end, and not by their bytes */
    if (all_bytes && told.n_others == 0 && passed.n_text_bytes > told.n_text_bytes)
        fail_msg("%zu bytes of text, %zu told of", passed.n_text_bytes, told.n_text_bytes);
    ct_reader_next(reader, &item);
    assert_int_equal(item.kind, CT_ITEM_END); /* it stays so */
    got.form = ct_reader_form(reader);
    ct_reader_close(reader);
    ct_buf_put_char(&got.lines, '\0');
    return got;
}

items items_read(const char *p, size_t n)
{
    return read_items(p, n, false);
}

items items_read_all_bytes(const char *p, size_t n)
{
    return read_items(p, n, true);
}

void items_free(items *got)
{
    ct_buf_free(&got->lines);
}
