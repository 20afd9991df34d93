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
    const char *p = window_at(r), *error = NULL, *note = NULL;
    bool has_record = false;
    ct_buf_clear(&r->inner);
    bool is_made = ct_csv_record_put(&r->header, &r->row, &r->scratch, &r->inner, &error);
    if (!ct_buf_ok(&r->scratch) || !ct_buf_ok(&r->inner)) {
        r->no_memory = true;
        return;
    }
    if (is_made) {
        note = error;
        has_record = ct_reader_scan_inner(r, r->inner.data, r->inner.len, &error);
    }
    if (r->no_memory)
        return;
    r->pos += n;
    if (has_record) {
        if (note)
            ct_tally_count(&r->rows, offset_of(r, p));
        r->record.is_utc = r->header.is_utc;
        (void)ct_reader_put_record(r, item, offset_of(r, p), p, n, NULL);
        return;
    }
    r->n_found++;
    ct_reader_put_problem(item, ++r->n_records, offset_of(r, p), error);
    ct_reader_put_text(item, p, n);
}

/* ---- records in columns ---------------------------------------------------------------------- */

/* Begins to search a field of the row that was scanned; `scratch` gets what it says. */
static void begin_field(ct_reader *r, size_t i)
{
    const ct_csv_field *field = &r->row.fields[i];
    const char *p = field->p;
    size_t n = field->len, key_len;
    ct_buf_clear(&r->scratch);
    if (field->doubled) {
        ct_csv_put_field(field, &r->scratch);
        p = r->scratch.data;
        n = r->scratch.len;
        r->no_memory = r->no_memory || !ct_buf_ok(&r->scratch);
    }
    const char *key;
    char path[CT_CARRIER_PATH_MAX] = "", number[32];
    if (r->has_no_header) {
        key = "value";
        key_len = strlen(key);
        (void)ct_carrier_put_key(path, 0, number,
                                 (size_t)snprintf(number, sizeof number, "column-%zu", i + 1));
    } else {
        key = ct_csv_header_name(&r->header, i, &key_len);
        (void)ct_carrier_put_key(path, 0, key, key_len);
    }
    ct_carrier_begin_text(&r->carrier, path, key, key_len, p, r->no_memory ? 0 : n);
}

/* Whether a column of the row that was scanned holds a record, be it a broken one. */
static bool has_record(ct_reader *r)
{
    bool found = false;
    for (size_t i = 0; i < r->row.n_fields && i < CT_CSV_FIELDS_MAX && !found; i++) {
        ct_found what;
        begin_field(r, i);
        ct_carrier_status st =
            r->no_memory ? CT_CARRIER_NO_MEMORY : ct_carrier_next(&r->carrier, &r->record, &what);
        found = st == CT_CARRIER_RECORD || st == CT_CARRIER_BROKEN;
        if (st == CT_CARRIER_NO_MEMORY)
            r->no_memory = true;
    }
    return found;
}

/* Whether one of the rows behind the header, as far as they are here, holds a record. */
static bool has_record_column(ct_reader *r, const char *p, size_t n_columns)
{
    enum { ROWS_TRIED = 50 };
    const char *end = r->window.data + r->window.len;
    bool at_end = r->source_status == CT_SOURCE_END;
    for (int i = 0; i < ROWS_TRIED && p < end; i++) {
        ct_csv_status st = ct_csv_scan(&r->row, p, (size_t)(end - p), at_end, &p);
        r->no_memory = r->no_memory || r->row.no_memory;
        if (st != CT_CSV_OK || r->no_memory)
            return false;
        if (r->row.n_fields == n_columns && has_record(r))
            return true;
    }
    return false;
}

/* Searches the columns of the row, which is r->value, from r->next_field on. True: something is to
 * be handed out. */
static bool search_row(ct_reader *r, ct_item *item)
{
    while (r->next_field < r->row.n_fields && !r->no_memory) {
        begin_field(r, r->next_field++);
        r->is_searching = true;
        if (ct_reader_search_on(r, item))
            return true;
    }
    r->is_searching = false;
    r->n_ignored += r->carrier.n_ignored;
    if (r->n_in_value == 0 && r->carrier.n_ignored == 0)
        ct_tally_count(&r->nothing, offset_of(r, r->value));
    return false;
}

/* Begins with the row that was scanned, n bytes from r->pos on. */
static bool take_carrier_row(ct_reader *r, ct_item *item, size_t n)
{
    r->value = window_at(r);
    r->value_len = n;
    r->n_in_value = 0;
    r->next_field = 0;
    r->lacks_time = false;
    r->carrier.n_ignored = 0; /* where the row was tried, too */
    r->carrier.budget += CT_CARRIER_GRANT * (int64_t)n;
    r->budget_before = r->carrier.budget;
    r->pos += n;
    if (r->nothing.n == 0)
        snprintf(r->nothing_message, sizeof r->nothing_message,
                 "a row of the CSV file holds no CloudTrail record");
    return search_row(r, item);
}

/* Looks at the row at r->pos. False: nothing to hand out yet. */
bool ct_reader_next_row(ct_reader *r, ct_item *item)
{
    const char *end;
    if (r->is_carrier_csv && r->next_field < r->row.n_fields)
        return search_row(r, item);
    ct_csv_status st = scan_row(r, &end);
    if (r->no_memory)
        return false;
    r->next_field = SIZE_MAX; /* the row's columns are nobody's to search yet */
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
    } else if (n_fields == r->header.n_columns && r->is_carrier_csv) {
        return take_carrier_row(r, item, n);
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

/* Scans the first row with this between its fields; *known: its names are of a kind that is read,
 * or (where no line was JSON as it stands) a column holds records, be it in this row already, which
 * then names none. *end: where the rows begin. */
static ct_csv_status try_header(ct_reader *r, char delimiter, bool may_be_other, bool *known,
                                const char **end)
{
    static const ct_form forms[] = {[CT_CSV_UNKNOWN] = CT_FORM_CSV_CARRIER,
                                    [CT_CSV_CONSOLE] = CT_FORM_CSV_CONSOLE,
                                    [CT_CSV_SENTINEL] = CT_FORM_CSV_SENTINEL,
                                    [CT_CSV_COLUMNS] = CT_FORM_CSV_COLUMNS};
    bool at_end = r->source_status == CT_SOURCE_END;
    *known = false;
    r->row.delimiter = delimiter;
    ct_csv_status st = ct_csv_scan(&r->row, window_at(r), window_left(r), at_end, end);
    if (r->row.no_memory || (st == CT_CSV_OK && !ct_csv_header_read(&r->header, &r->row)))
        r->no_memory = true;
    if (st != CT_CSV_OK || r->no_memory)
        return st;
    ct_csv_kind kind = r->header.kind;
    r->has_no_header = may_be_other && kind == CT_CSV_UNKNOWN && has_record(r);
    r->is_carrier_csv =
        r->has_no_header || (may_be_other && (kind == CT_CSV_UNKNOWN || kind == CT_CSV_COLUMNS) &&
                             has_record_column(r, *end, r->header.n_columns));
    if (r->has_no_header)
        *end = window_at(r);
    *known = kind != CT_CSV_UNKNOWN || r->is_carrier_csv;
    r->form = r->is_carrier_csv ? CT_FORM_CSV_CARRIER : *known ? forms[kind] : r->form;
    return st;
}

/* How many bytes of lines stand before the header that are none of the table's: Excel's `sep=;`,
 * PowerShell's `#TYPE ...`, comments. */
static size_t preamble_length(const char *p, size_t n)
{
    enum { LINES_MAX = 20 };
    const char *start = p, *end = p + n;
    for (int i = 0; i < LINES_MAX && p < end; i++) {
        const char *line_end = memchr(p, '\n', (size_t)(end - p));
        const char *word = p + (*p == '"' && end - p > 1);
        bool is_separator = end - word > 5 && memcmp(word, "sep=", 4) == 0 && line_end &&
                            line_end - p <= (ptrdiff_t)sizeof "\"sep=;\"\r";
        if (!line_end || (*word != '#' && !is_separator && *p != '\n' && *p != '\r'))
            break;
        p = line_end + 1;
    }
    return (size_t)(p - start);
}

/* Looks at the first row of a file. A header that is known is passed over. */
csv_verdict ct_reader_begin_csv(ct_reader *r, ct_item *item, bool may_be_other)
{
    static const char delimiters[] = {';', '\t', ','};
    const char *end;
    bool known = false;
    size_t first = r->pos, preamble = preamble_length(window_at(r), window_left(r));
    for (size_t i = 0; i < 2 * sizeof delimiters && !known && !r->no_memory; i++) {
        if (i >= sizeof delimiters && preamble == 0)
            break;
        r->pos = first + (i < sizeof delimiters ? preamble : 0);
        (void)try_header(r, delimiters[i % sizeof delimiters], may_be_other, &known, &end);
    }
    if (r->no_memory)
        return NO_CSV;
    if (known) {
        r->is_csv = true;
        r->next_field = SIZE_MAX;
        r->pos = (size_t)(end - r->window.data);
        return KNOWN_CSV;
    }
    r->pos = first + preamble;
    ct_csv_status st = try_header(r, ',', false, &known, &end); /* the rows behind it were tried */
    size_t n = st == CT_CSV_OK ? (size_t)(end - window_at(r)) : window_left(r);
    if (!may_be_other || !looks_like_header(r, st, end) || r->no_memory) {
        r->pos = first;
        return NO_CSV;
    }
    report_other_csv(r, item, n);
    return OTHER_CSV;
}
