/* Any bytes as a record: its columns, put together again, give the same columns. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "log/record.h"
#include "base/utf8.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

static void read_cells(const ct_record *record, ct_cell cells[CT_N_COLUMNS], ct_buf *scratch)
{
    for (int i = 0; i < CT_N_COLUMNS; i++)
        cells[i] = ct_record_cell(record, (ct_column)i, scratch);
    for (int i = 0; i < CT_N_COLUMNS; i++) {
        if (cells[i].kind != CT_CELL_TEXT)
            continue;
        cells[i].p = ct_cell_text(&cells[i], scratch);
        if (!ct_utf8_valid(cells[i].p, cells[i].len))
            abort();
        bool is_json = ct_column_type_of((ct_column)i) == CT_TYPE_JSON;
        if (is_json && !ct_json_valid(cells[i].p, cells[i].len))
            abort();
    }
}

static void same_cells(const ct_cell *a, const ct_cell *b)
{
    for (int i = 0; i < CT_N_COLUMNS; i++) {
        if (i == CT_EXTRA)
            continue; /* the order of its members may change */
        if (a[i].kind != b[i].kind || a[i].integer != b[i].integer || a[i].len != b[i].len ||
            (a[i].kind == CT_CELL_TEXT && memcmp(a[i].p, b[i].p, a[i].len) != 0))
            abort();
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
    const char *text = (const char *)data, *error;
    if (n == 0 || *text != '{')
        return 0;
    ct_record record = CT_RECORD_EMPTY, again = CT_RECORD_EMPTY;
    ct_json_scanner s = ct_json_scan(text, n);
    ct_json value;
    ct_json_status st = ct_record_scan(&record, &s);
    ct_json_scanner plain = ct_json_scan(text, n);
    if (ct_json_value(&plain, &value) == CT_JSON_OK && (st != CT_JSON_OK || s.p != plain.p))
        abort(); /* what is JSON is a record's text */
    if (st != CT_JSON_OK) {
        ct_record_free(&record);
        return 0;
    }
    ct_cell cells[CT_N_COLUMNS], cells_again[CT_N_COLUMNS];
    ct_buf scratch = CT_BUF_EMPTY, scratch_again = CT_BUF_EMPTY, rebuilt = CT_BUF_EMPTY;
    (void)ct_record_has_time(&record, &error);
    read_cells(&record, cells, &scratch);
    if (!ct_record_rebuild(cells, &rebuilt) || !ct_json_valid(rebuilt.data, rebuilt.len))
        abort();
    s = ct_json_scan(rebuilt.data, rebuilt.len);
    if (ct_record_scan(&again, &s) != CT_JSON_OK || s.p != s.end)
        abort();
    read_cells(&again, cells_again, &scratch_again);
    same_cells(cells, cells_again);
    ct_buf_free(&scratch);
    ct_buf_free(&scratch_again);
    ct_buf_free(&rebuilt);
    ct_record_free(&record);
    ct_record_free(&again);
    return 0;
}
