#include "base/csv.h"

#include <string.h>

#include "base/mem.h"

typedef struct scanner {
    const char *p, *end;
    bool at_end;
    char delimiter;
} scanner;

static void add_field(ct_csv_row *row, const char *p, size_t len, bool doubled)
{
    if (row->n_fields == row->capacity && row->capacity < CT_CSV_FIELDS_MAX) {
        size_t capacity = row->capacity ? row->capacity * 2 : 32;
        ct_csv_field *fields = ct_realloc(row->fields, capacity * sizeof *fields);
        if (!fields) {
            row->no_memory = true;
            return;
        }
        row->fields = fields;
        row->capacity = capacity;
    }
    if (row->n_fields < row->capacity)
        row->fields[row->n_fields] = (ct_csv_field){p, len, doubled};
    row->n_fields++;
}

/* The length of the line break at s->p: 0 when there is none, or when it is not certain yet
 * (*incomplete). */
static size_t line_break(const scanner *s, bool *incomplete)
{
    *incomplete = false;
    if (s->p == s->end || *s->p != '\r')
        return s->p < s->end && *s->p == '\n';
    if (s->p + 1 < s->end)
        return s->p[1] == '\n' ? 2 : 0;
    *incomplete = !s->at_end;
    return s->at_end;
}

/* Moves over a field in quotes, from behind the first to behind the last. */
static ct_csv_status scan_quoted(ct_csv_row *row, scanner *s)
{
    const char *start = s->p;
    bool doubled = false;
    for (;;) {
        const char *quote = memchr(s->p, '"', (size_t)(s->end - s->p));
        if (!quote && !s->at_end)
            return CT_CSV_INCOMPLETE;
        if (!quote) {
            s->p = start - 1;
            row->error = "a quote is not closed";
            return CT_CSV_INVALID;
        }
        s->p = quote + 1;
        if (s->p == s->end && !s->at_end)
            return CT_CSV_INCOMPLETE;
        if (s->p == s->end || *s->p != '"') {
            add_field(row, start, (size_t)(quote - start), doubled);
            return CT_CSV_OK;
        }
        doubled = true;
        s->p++;
    }
}

static ct_csv_status scan_plain(ct_csv_row *row, scanner *s)
{
    const char *start = s->p;
    bool incomplete = false;
    while (s->p < s->end && *s->p != s->delimiter && line_break(s, &incomplete) == 0 && !incomplete)
        s->p++;
    if (incomplete || (s->p == s->end && !s->at_end))
        return CT_CSV_INCOMPLETE;
    add_field(row, start, (size_t)(s->p - start), false);
    return CT_CSV_OK;
}

/* Behind a field: moves over the comma (*more) or the line break. */
static ct_csv_status scan_separator(ct_csv_row *row, scanner *s, bool *more)
{
    bool incomplete;
    *more = s->p < s->end && *s->p == s->delimiter;
    size_t n = *more ? 1 : line_break(s, &incomplete);
    if (!*more && incomplete)
        return CT_CSV_INCOMPLETE;
    if (n == 0 && s->p < s->end) {
        row->error = "text stands behind a closing quote";
        return CT_CSV_INVALID;
    }
    s->p += n;
    return CT_CSV_OK;
}

ct_csv_status ct_csv_scan(ct_csv_row *row, const char *p, size_t n, bool at_end, const char **end)
{
    scanner s = {p, p + n, at_end, row->delimiter ? row->delimiter : ','};
    ct_csv_status st = CT_CSV_OK;
    bool more = true;
    row->n_fields = 0;
    row->error = NULL;
    row->no_memory = false;
    while (more && st == CT_CSV_OK && !row->no_memory) {
        bool is_quoted = s.p < s.end && *s.p == '"';
        s.p += is_quoted;
        st = is_quoted ? scan_quoted(row, &s) : scan_plain(row, &s);
        if (st == CT_CSV_OK)
            st = scan_separator(row, &s, &more);
    }
    *end = s.p;
    return st;
}

void ct_csv_put_field(const ct_csv_field *field, ct_buf *out)
{
    const char *p = field->p, *end = field->p + field->len;
    while (field->doubled && p < end) {
        const char *quote = memchr(p, '"', (size_t)(end - p));
        if (!quote)
            break;
        ct_buf_put(out, p, (size_t)(quote + 1 - p));
        p = quote + 2;
    }
    if (p < end)
        ct_buf_put(out, p, (size_t)(end - p));
}

void ct_csv_row_free(ct_csv_row *row)
{
    ct_free(row->fields);
    *row = CT_CSV_ROW_EMPTY;
}
