/*
 * batch: rows of a stretch of a file, in one thread. What the log makes of batches in threads of its
 * own is test_log's.
 */
#include "harness.h"

#include <stdio.h>
#include <string.h>

#include "faulty_mem.h"
#include "log/batch.h"
#include "temp.h"

enum { N_RECORDS = 40 }; /* more than a batch has room for at first */

static const char *write_log(void)
{
    ct_buf text = CT_BUF_EMPTY;
    for (int i = 0; i < N_RECORDS; i++)
        ct_buf_printf(
            &text,
            "{\"eventVersion\":\"1.08\",\"eventTime\":\"2024-05-14T09:05:12Z\","
            "\"eventName\":\"List\\u0055sers\",\"eventID\":\"%d\",\"userAgent\":\"%s\"}\n",
            i, i % 2 ? "aws\\u002dcli/2.1" : "Boto3/1.2");
    ct_buf_put_text(&text, "{bad}\n");
    const char *path = temp_write("batch.json", text.data, text.len);
    ct_buf_free(&text);
    return path;
}

/* Fills a batch with the file; false where there was no memory, and that was said. */
static bool fill(ct_batch *batch, const char *path)
{
    ct_source *source = NULL;
    const char *error = NULL;
    ct_file_info info = {0};
    if (ct_source_open(path, &source, &error) != CT_SOURCE_OK)
        return false;
    ct_reader *reader = ct_reader_open(source);
    if (!reader)
        return false;
    ct_batch_begin(batch, path, &info);
    if (!batch->no_memory)
        ct_batch_fill(batch, reader);
    ct_reader_close(reader);
    return !batch->no_memory;
}

static void assert_rows(const ct_batch *batch, size_t n_records)
{
    assert_true(batch->ends_file);
    assert_string_equal(ct_batch_text(batch, batch->path), temp_path("batch.json"));
    assert_int_equal(batch->n_rows, n_records + 1);
    for (size_t i = 0; i < n_records; i++) {
        ct_cell name = ct_batch_cell(batch, &batch->rows[i], CT_EVENT_NAME);
        assert_int_equal(name.len, 9);
        assert_memory_equal(name.p, "ListUsers", 9);
    }
    const ct_row *last = &batch->rows[n_records];
    assert_int_equal(last->kind, CT_ITEM_PROBLEM);
    assert_true(last->message.len > 0);
}

/* The text of each row, and all its cells. */
static void put_rows(const ct_batch *batch, ct_buf *out)
{
    for (size_t i = 0; i < batch->n_rows; i++) {
        const ct_row *row = &batch->rows[i];
        ct_buf_put(out, ct_batch_text(batch, row->text), row->text.len);
        for (int k = 0; k < CT_N_COLUMNS && row->kind == CT_ITEM_RECORD; k++) {
            ct_cell cell = ct_batch_cell(batch, row, (ct_column)k);
            ct_buf_put_char(out, '|');
            if (cell.kind == CT_CELL_TEXT)
                ct_buf_put(out, cell.p, cell.len);
        }
    }
}

/* Whether an allocation was refused: then the batch says so, or it is whole all the same (that text
 * can be held is looked at without need). */
static bool fill_without_memory(ct_mem_way *refuse, long n, const char *path,
                                const ct_row_filter *filter, const ct_buf *whole)
{
    refuse(n);
    ct_batch *batch = ct_batch_new(CT_ALL_COLUMNS | CT_RECORD_TEXT, filter);
    bool is_said = !batch || !fill(batch, path);
    bool refused = ct_mem_failures() > 0;
    ct_mem_fail_after(-1);
    if (is_said) {
        assert_true(refused);
    } else {
        ct_buf rows = CT_BUF_EMPTY;
        assert_rows(batch, filter ? N_RECORDS / 2 : N_RECORDS);
        put_rows(batch, &rows);
        assert_int_equal(rows.len, whole->len);
        assert_memory_equal(rows.data, whole->data, whole->len);
        ct_buf_free(&rows);
    }
    ct_batch_free(batch);
    return refused;
}

static void assert_without_memory(const char *path, const ct_row_filter *filter)
{
    ct_buf whole = CT_BUF_EMPTY;
    ct_batch *batch = ct_batch_new(CT_ALL_COLUMNS | CT_RECORD_TEXT, filter);
    assert_true(fill(batch, path));
    put_rows(batch, &whole);
    ct_batch_free(batch);
    for (int i = 0; i < CT_MEM_N_WAYS; i++)
        for (long n = 0; fill_without_memory(ct_mem_ways[i], n, path, filter, &whole); n++)
            ;
    ct_buf_free(&whole);
}

static void test_batch_says_that_memory_was_missing(void **state)
{
    (void)state;
    const ct_row_filter of_cli = {CT_USER_AGENT, "aws-cli", 7, 3};
    const char *path = write_log();
    assert_without_memory(path, NULL);
    assert_without_memory(path, &of_cli);
}

/* Of a file without a row nothing else would say it. */
static void test_batch_without_memory_for_the_path_says_so(void **state)
{
    (void)state;
    ct_file_info info = {0};
    for (long n = -1; n < 1; n++) {
        ct_batch *batch = ct_batch_new(CT_ALL_COLUMNS, NULL);
        ct_mem_fail_once_after(n);
        ct_batch_begin(batch, "a path", &info);
        ct_mem_fail_after(-1);
        assert_int_equal(batch->no_memory, n == 0);
        ct_batch_free(batch);
    }
}

/* Of a file that cannot be read all that there is is the reason. */
static void test_batch_that_fails_holds_the_reason_or_says_that_memory_was_missing(void **state)
{
    (void)state;
    ct_file_info info = {0};
    for (long n = -1; n < 1; n++) {
        ct_batch *batch = ct_batch_new(CT_ALL_COLUMNS, NULL);
        ct_batch_begin(batch, "a path", &info);
        ct_buf_reserve(&batch->bytes, 1000); /* all but the last of it is taken */
        batch->bytes.len = batch->bytes.capacity - 3;
        ct_mem_fail_after(n);
        ct_batch_fail(batch, "no such file");
        ct_mem_fail_after(-1);
        assert_true(batch->ends_file);
        assert_int_equal(batch->no_memory, n == 0);
        if (n < 0)
            assert_string_equal(ct_batch_text(batch, batch->error), "no such file");
        ct_batch_free(batch);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_batch_says_that_memory_was_missing),
        cmocka_unit_test(test_batch_without_memory_for_the_path_says_so),
        cmocka_unit_test(test_batch_that_fails_holds_the_reason_or_says_that_memory_was_missing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
