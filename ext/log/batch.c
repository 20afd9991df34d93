#include "log/batch.h"

#include <stdio.h>
#include <string.h>

#include "base/grow.h"
#include "base/mem.h"
#include "base/utf8.h"

enum { ROWS_AT_FIRST = 32 }; /* many files hold only a few */

ct_batch *ct_batch_new(ct_column_set columns, const ct_row_filter *filter)
{
    ct_batch *b = ct_malloc(sizeof *b);
    if (!b)
        return NULL;
    memset(b, 0, sizeof *b);
    b->columns = columns;
    b->filter = filter;
    for (int i = 0; i < CT_N_COLUMNS; i++) {
        b->places[i] = (unsigned char)b->n_columns;
        b->n_columns += columns >> i & 1;
    }
    return b;
}

void ct_batch_free(ct_batch *batch)
{
    if (!batch)
        return;
    ct_buf_free(&batch->bytes);
    ct_free(batch->rows);
    ct_free(batch->cells);
    ct_free(batch);
}

static ct_slice put_bytes(ct_batch *b, const char *p, size_t n)
{
    ct_slice slice = {(uint32_t)b->bytes.len, (uint32_t)n};
    ct_buf_put(&b->bytes, p, n);
    return slice;
}

static ct_slice put_text(ct_batch *b, const char *text)
{
    ct_slice slice = put_bytes(b, text, strlen(text));
    ct_buf_put_char(&b->bytes, '\0');
    return slice;
}

/* What is said of a file may hold bytes of it, and is printed on terminals. */
static ct_slice put_message(ct_batch *b, const char *text)
{
    size_t start = b->bytes.len;
    ct_utf8_put_printable(&b->bytes, text, strlen(text));
    ct_slice slice = {(uint32_t)start, (uint32_t)(b->bytes.len - start)};
    ct_buf_put_char(&b->bytes, '\0');
    return slice;
}

void ct_batch_begin(ct_batch *batch, const char *path, const ct_file_info *info)
{
    ct_buf_clear(&batch->bytes);
    batch->n_rows = batch->n_cells = 0;
    batch->n_records = batch->n_ignored = 0;
    batch->form = CT_FORM_UNKNOWN;
    snprintf(batch->format, sizeof batch->format, "%s", ct_form_name(CT_FORM_UNKNOWN));
    batch->is_gzip = batch->begins_file = batch->ends_file = batch->no_memory = false;
    batch->has_sha256 = false;
    batch->error = (ct_slice){0, 0};
    batch->info = *info;
    batch->path = put_text(batch, path);
    batch->no_memory = !ct_buf_ok(&batch->bytes);
}

void ct_batch_fail(ct_batch *batch, const char *error)
{
    batch->error = put_message(batch, error);
    batch->ends_file = true;
    batch->no_memory = !ct_buf_ok(&batch->bytes);
}

/* ---- rows ---------------------------------------------------------------------------------- */

/* Room for one more row and its cells. */
static bool reserve_row(ct_batch *b)
{
    ct_row *rows = ct_grow(b->rows, b->n_rows, &b->rows_capacity, ROWS_AT_FIRST, sizeof *rows);
    if (!rows)
        return false;
    b->rows = rows;
    if (b->n_cells + b->n_columns > b->cells_capacity) {
        size_t capacity = b->rows_capacity * b->n_columns;
        ct_packed_cell *cells = ct_realloc(b->cells, capacity * sizeof *cells);
        if (!cells)
            return false;
        b->cells = cells;
        b->cells_capacity = capacity;
    }
    return true;
}

static ct_packed_cell pack(ct_batch *b, const ct_cell *cell)
{
    if (cell->kind == CT_CELL_NULL)
        return (ct_packed_cell){0, CT_PACKED_NULL};
    if (cell->kind == CT_CELL_INTEGER)
        return (ct_packed_cell){(uint32_t)cell->integer, CT_PACKED_INTEGER};
    if (!cell->p) /* it was made in the batch's bytes */
        return (ct_packed_cell){(uint32_t)cell->offset, (uint32_t)cell->len};
    ct_slice slice = put_bytes(b, cell->p, cell->len);
    return (ct_packed_cell){slice.offset, slice.len};
}

static ct_slice put_record_text(ct_batch *b, const ct_record *record)
{
    ct_json whole = {.p = record->text,
                     .len = record->len,
                     .kind = CT_JSON_OBJECT,
                     .flags = (unsigned char)record->flags};
    size_t start = b->bytes.len;
    ct_json_minify(&whole, &b->bytes);
    return (ct_slice){(uint32_t)start, (uint32_t)(b->bytes.len - start)};
}

static void put_record(ct_batch *b, ct_row *row, const ct_record *record)
{
    row->first_cell = b->n_cells;
    for (int i = 0; i < CT_N_COLUMNS; i++) {
        if (!(b->columns >> i & 1))
            continue;
        ct_cell cell = ct_record_cell(record, (ct_column)i, &b->bytes);
        b->cells[b->n_cells++] = pack(b, &cell);
    }
    if (b->columns & CT_RECORD_TEXT)
        row->text = put_record_text(b, record);
}

/* Text as it stands in the file; what no SQLite text can hold becomes U+FFFD. */
static ct_slice put_evidence(ct_batch *b, const char *p, size_t n)
{
    size_t start = b->bytes.len;
    const char *end = p + n;
    while (p < end) {
        const char *nul = memchr(p, '\0', (size_t)(end - p));
        ct_utf8_put(&b->bytes, p, (size_t)((nul ? nul : end) - p));
        if (nul)
            ct_buf_put_text(&b->bytes, CT_UTF8_REPLACEMENT);
        p = nul ? nul + 1 : end;
    }
    return (ct_slice){(uint32_t)start, (uint32_t)(b->bytes.len - start)};
}

static bool starts_with_part(const char *p, const ct_row_filter *filter)
{
    for (size_t i = 0; i < filter->len; i++) {
        char c = p[i] >= 'A' && p[i] <= 'Z' ? (char)(p[i] | 0x20) : p[i];
        if (c != filter->part[i])
            return false;
    }
    return true;
}

static bool has_part(const char *p, const char *end, const ct_row_filter *filter)
{
    for (; (size_t)(end - p) >= filter->len; p++) {
        if (filter->anchor < filter->len) {
            size_t n_starts = (size_t)(end - p) - filter->len + 1;
            const char *anchor = memchr(p + filter->anchor, filter->part[filter->anchor], n_starts);
            if (!anchor)
                return false;
            p = anchor - filter->anchor;
        }
        if (starts_with_part(p, filter))
            return true;
    }
    return false;
}

static bool is_wanted(ct_batch *b, const ct_record *record)
{
    const ct_row_filter *filter = b->filter;
    if (!filter || filter->len == 0)
        return true;
    const ct_json *field = &record->fields[filter->column];
    if (field->kind == CT_JSON_STRING && !(field->flags & (CT_JSON_ESCAPED | CT_JSON_8BIT)))
        return has_part(field->p + 1, field->p + field->len - 1, filter);
    size_t before = b->bytes.len;
    ct_cell cell = ct_record_cell(record, filter->column, &b->bytes);
    const char *text = cell.kind == CT_CELL_TEXT ? ct_cell_text(&cell, &b->bytes) : NULL;
    bool wanted = text && has_part(text, text + cell.len, filter);
    b->bytes.len = before;
    return wanted;
}

/* False: no room for a row. Whether there was any for its bytes, they say. */
static bool put_item(ct_batch *b, const ct_item *item)
{
    int64_t order = b->n_records;
    b->n_records += item->kind == CT_ITEM_RECORD;
    if (item->kind == CT_ITEM_RECORD && !is_wanted(b, item->record))
        return true;
    if (item->kind == CT_ITEM_IGNORED) {
        b->n_ignored++;
        return true;
    }
    if (!reserve_row(b))
        return false;
    ct_row *row = &b->rows[b->n_rows++];
    *row = (ct_row){
        .kind = item->kind, .number = item->number, .offset = item->offset, .order = order};
    if (item->kind == CT_ITEM_RECORD)
        put_record(b, row, item->record);
    else if (item->kind == CT_ITEM_DIGEST)
        row->text = put_evidence(b, item->text, item->len);
    if (item->message) {
        row->message = put_message(b, item->message);
        if (row->text.len == 0)
            row->text = put_evidence(b, item->text, item->len);
    }
    return true;
}

void ct_batch_fill(ct_batch *batch, ct_reader *reader)
{
    while (!batch->ends_file && !batch->no_memory && batch->bytes.len < CT_BATCH_BYTES &&
           batch->n_records < CT_BATCH_BYTES / 16 && batch->n_rows < CT_BATCH_BYTES / 16) {
        ct_item item;
        ct_reader_next(reader, &item);
        if (item.kind == CT_ITEM_END)
            batch->ends_file = true;
        else if (item.kind == CT_ITEM_NO_MEMORY || !put_item(batch, &item) ||
                 !ct_buf_ok(&batch->bytes))
            batch->no_memory = true;
    }
    batch->form = ct_reader_form(reader);
    ct_reader_put_format(reader, batch->format);
    batch->is_gzip = ct_source_is_gzip(ct_reader_source(reader));
    if (batch->ends_file)
        batch->has_sha256 = ct_reader_sha256(reader, batch->sha256);
}

size_t ct_batch_memory(const ct_batch *batch)
{
    return sizeof *batch + batch->bytes.capacity + batch->rows_capacity * sizeof *batch->rows +
           batch->cells_capacity * sizeof *batch->cells;
}
