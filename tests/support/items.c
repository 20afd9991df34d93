#include "items.h"

#include <string.h>

#include "harness.h"
#include "log/source.h"
#include "temp.h"

/* ---- that no byte gets lost ----------------------------------------------------------------- */

/* Whether the bytes are only what stands around records. */
static bool is_framing(const char *p, size_t n)
{
    static const char *const names[] = {"\"Records\"", "\"Events\""};
    for (size_t i = 0; i < n;) {
        size_t step = 0;
        for (size_t k = 0; k < 2; k++)
            if (n - i >= strlen(names[k]) && memcmp(p + i, names[k], strlen(names[k])) == 0)
                step = strlen(names[k]);
        if (step == 0 && p[i] && strchr(" \t\r\n[]{},:", p[i]))
            step = 1;
        if (step == 0)
            return false;
        i += step;
    }
    return true;
}

/* Moves the cursor behind the item's text, which must be the next that is not framing. */
static void follow(const char *p, size_t n, size_t *cursor, const ct_item *item)
{
    for (size_t at = *cursor; at + item->len <= n; at++)
        if (memcmp(p + at, item->text, item->len) == 0 && is_framing(p + *cursor, at - *cursor)) {
            *cursor = at + item->len;
            return;
        }
    fail_msg("bytes lost behind %zu, before %.*s", *cursor,
             (int)(item->len < 200 ? item->len : 200), item->text);
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
        if (item->kind == CT_ITEM_PROBLEM && got->n_problems++ == 0)
            got->fault = item->offset;
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
        if (all_bytes && item.len > 0)
            follow(p, n, &cursor, &item);
        if (n_items < sizeof got.offsets / sizeof got.offsets[0])
            got.offsets[n_items] = item.offset;
        if (n_items++ > n + 10)
            fail_msg("the reader does not end");
        put_item(&got, &item);
    }
    if (all_bytes && !is_framing(p + cursor, n - cursor))
        fail_msg("bytes lost at the end, behind %zu", cursor);
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
