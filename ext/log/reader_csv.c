/* CSV: the header by which such a file is told, and its rows. */
#include "log/reader_parts.h"

#include <stdio.h>
#include <string.h>

#include "base/utf8.h"

enum { HEADER_QUOTED_MAX = 400 }; /* of a header that is not known, in the message */

/* Scans the row at r->pos, reading on until it is whole. CT_CSV_INCOMPLETE: it is too large, or the
 * file cannot be read on. */
static ct_csv_status scan_row(ct_reader *r, const char **end)
{
    for (;;) {
        bool at_end = r->source_status == CT_SOURCE_END;
        ct_csv_status st = ct_csv_scan(&r->row, window_at(r), window_left(r), at_end, end);
        if (r->row.no_memory)
            r->no_memory = true;
        if (st != CT_CSV_INCOMPLETE || r->no_memory || window_left(r) > CT_RECORD_MAX_BYTES)
            return st;
        if (!ct_reader_fill(r) && r->source_status != CT_SOURCE_END)
            return CT_CSV_INCOMPLETE;
    }
}

/* Whether the line is a row by itself, with as many fields as the header. */
static bool is_row(ct_reader *r, const char *line, size_t n)
{
    const char *end;
    ct_csv_status st = ct_csv_scan(&r->row, line, n, true, &end);
    if (r->row.no_memory)
        r->no_memory = true;
    return st == CT_CSV_OK && r->row.n_fields == r->header.n_columns && end == line + n;
}

/* Moves f over one line, whatever its length. True: it is a row by itself, and f stays before it
 * (`may_fit`: that is wanted). */
static bool pass_line(ct_reader *r, search *f, bool may_fit)
{
    size_t seen = 0; /* bytes of the line that were looked at */
    while (!r->no_memory) {
        const char *line = r->window.data + f->i;
        size_t left = r->window.len - f->i;
        const char *newline = left > seen ? memchr(line + seen, '\n', left - seen) : NULL;
        if (newline || r->source_status != CT_SOURCE_OK) {
            size_t n = newline ? (size_t)(newline + 1 - line) : left;
            if (may_fit && is_row(r, line, n))
                return true;
            f->i += n;
            return false;
        }
        seen = left;
        if (window_left(r) > CT_RECORD_MAX_BYTES) {
            if (f->i == r->pos) { /* the line alone is larger */
                f->i = r->window.len;
                may_fit = false;
                seen = 0;
            }
            ct_reader_stash_text(r, f);
        }
        size_t ahead = f->i - r->pos;
        (void)ct_reader_fill(r);
        f->i = r->pos + ahead;
    }
    return false;
}

/* Passes over the row at r->pos, which cannot be read, and on to the next line that can. */
static void skip_rows(ct_reader *r, ct_item *item, const char *fault, const char *message)
{
    search f = {.i = r->pos};
    int64_t fault_offset = offset_of(r, fault);
    ct_buf_clear(&r->text);
    bool found = pass_line(r, &f, false);
    while (!found && !r->no_memory && (f.i < r->window.len || r->source_status == CT_SOURCE_OK)) {
        if (f.i - r->pos > CT_PROBLEM_TEXT_MAX)
            ct_reader_stash_text(r, &f);
        found = pass_line(r, &f, true);
    }
    ct_reader_put_problem(item, ++r->n_records, fault_offset, message);
    ct_reader_put_region(r, item, &f);
}

/* Hands out the record of the row that was scanned, n bytes from r->pos on. */
static void take_row(ct_reader *r, ct_item *item, size_t n)
{
    const char *p = window_at(r), *error = NULL;
    bool has_record = false;
    ct_buf_clear(&r->inner);
    if (ct_csv_record_put(&r->header, &r->row, &r->scratch, &r->inner, &error) &&
        ct_buf_ok(&r->scratch) && ct_buf_ok(&r->inner))
        has_record = ct_reader_scan_inner(r, r->inner.data, r->inner.len, &error);
    if (!ct_buf_ok(&r->scratch) || !ct_buf_ok(&r->inner) || r->record.no_memory) {
        r->no_memory = true;
        return;
    }
    r->n_records++;
    r->pos += n;
    if (has_record && ct_record_has_time(&r->record, &error)) {
        item->kind = CT_ITEM_RECORD;
        item->number = r->n_records;
        item->offset = offset_of(r, p);
        item->record = &r->record;
    } else {
        ct_reader_put_problem(item, r->n_records, offset_of(r, p), error);
    }
    ct_reader_put_text(item, p, n);
}

/* Looks at the row at r->pos. False: nothing to hand out yet. */
bool ct_reader_next_row(ct_reader *r, ct_item *item)
{
    const char *end;
    ct_csv_status st = scan_row(r, &end);
    if (r->no_memory)
        return false;
    size_t n = (size_t)(end - window_at(r));
    size_t n_fields = r->row.n_fields;
    bool is_large = n > CT_RECORD_MAX_BYTES || window_left(r) > CT_RECORD_MAX_BYTES;
    if (st == CT_CSV_INCOMPLETE && !is_large) {
        ct_reader_report_cut(r, item, "the file ends inside this row");
        item->number = ++r->n_records;
    } else if (st == CT_CSV_INCOMPLETE || n > CT_RECORD_MAX_BYTES) {
        skip_rows(r, item, window_at(r), "the row is larger than 4 MB");
    } else if (st == CT_CSV_INVALID) {
        skip_rows(r, item, end, r->row.error);
    } else if (n_fields == r->header.n_columns) {
        take_row(r, item, n);
    } else if (n_fields == 1 && r->row.fields[0].len == 0) { /* an empty line */
        r->pos += n;
        return false;
    } else {
        snprintf(r->message, sizeof r->message, "the row has %zu fields, the header %zu", n_fields,
                 r->header.n_columns);
        skip_rows(r, item, window_at(r), r->message);
    }
    return true;
}

/* Whether the first row, which was scanned, looks like names of columns; in a file that is no CSV
 * a line may hold commas, too, but hardly as many in the next one. */
static bool looks_like_header(ct_reader *r, ct_csv_status st, const char *end)
{
    enum { NAME_MAX_BYTES = 256 };
    size_t n_names = r->row.n_fields;
    for (size_t i = 0; i < n_names && i < CT_CSV_FIELDS_MAX; i++) {
        const ct_csv_field *name = &r->row.fields[i];
        if (name->len == 0 || name->len > NAME_MAX_BYTES || memchr(name->p, '\0', name->len) ||
            !ct_utf8_valid(name->p, name->len))
            return false;
    }
    if (n_names < 2 || st == CT_CSV_INVALID)
        return false;
    size_t left = (size_t)(r->window.data + r->window.len - end);
    if (st == CT_CSV_INCOMPLETE || left == 0)
        return true;
    bool at_end = r->source_status == CT_SOURCE_END;
    st = ct_csv_scan(&r->row, end, left, at_end, &end);
    if (r->row.no_memory)
        r->no_memory = true;
    return st == CT_CSV_INCOMPLETE || (st == CT_CSV_OK && r->row.n_fields == n_names);
}

/* One problem that names the columns, as many of them as fit. */
static void report_other_csv(ct_reader *r, ct_item *item, size_t n)
{
    const char *p = window_at(r);
    size_t len = n < HEADER_QUOTED_MAX ? n : (size_t)HEADER_QUOTED_MAX;
    while (len > 0 && len < n && ((unsigned char)p[len] & 0xC0) == 0x80)
        len--; /* not in the middle of a character */
    while (len > 0 && (p[len - 1] == '\r' || p[len - 1] == '\n'))
        len--;
    snprintf(r->message, sizeof r->message, "is a CSV file with other columns: %.*s%s", (int)len, p,
             len == HEADER_QUOTED_MAX || n > HEADER_QUOTED_MAX ? "..." : "");
    r->form = CT_FORM_CSV_OTHER;
    ct_reader_put_problem(item, 0, offset_of(r, p), r->message);
    ct_reader_put_text(item, p, n);
}

/* Looks at the first row of a file. A header that is known is passed over. */
csv_verdict ct_reader_begin_csv(ct_reader *r, ct_item *item, bool may_be_other)
{
    const char *end;
    bool at_end = r->source_status == CT_SOURCE_END;
    ct_csv_status st = ct_csv_scan(&r->row, window_at(r), window_left(r), at_end, &end);
    if (r->row.no_memory || (st == CT_CSV_OK && !ct_csv_header_read(&r->header, &r->row))) {
        r->no_memory = true;
        return NO_CSV;
    }
    if (st == CT_CSV_OK && r->header.kind != CT_CSV_UNKNOWN) {
        r->form = r->header.kind == CT_CSV_CONSOLE ? CT_FORM_CSV_CONSOLE : CT_FORM_CSV_SENTINEL;
        r->is_csv = true;
        r->pos = (size_t)(end - r->window.data);
        return KNOWN_CSV;
    }
    size_t n = st == CT_CSV_OK ? (size_t)(end - window_at(r)) : window_left(r);
    if (!may_be_other || !looks_like_header(r, st, end) || r->no_memory)
        return NO_CSV;
    report_other_csv(r, item, n);
    return OTHER_CSV;
}
