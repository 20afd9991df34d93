/* What comes next in a file, told by how it begins; open and close. */
#include "log/reader_parts.h"

#include <string.h>

#include "base/mem.h"

/* ---- the first byte ------------------------------------------------------------------------ */

/* Whether a line in the window begins with a record or a list of them: more than the brackets that
 * any file may hold. A list with a broken beginning shows by a record that stands anywhere in it.
 */
static bool has_json_line(const ct_reader *r)
{
    if (window_left(r) == 0)
        return false;
    const char *start = window_at(r);
    const char *end = start + window_left(r);
    for (const char *p = start; p < end; p++) {
        if (ct_form_begins_json_line(p + ct_form_stamp_length(p, end), end))
            return true;
        p = memchr(p, '\n', (size_t)(end - p));
        if (!p)
            break;
    }
    if (*start != '[')
        return false;
    for (const char *p = start; (p = memchr(p, '{', (size_t)(end - p))); p++)
        if (ct_form_begins_record(p, end))
            return true;
    return false;
}

/* The same where the first line is longer than the window: the rest of a large record, which others
 * may follow. */
static bool has_json_behind_line(ct_reader *r)
{
    size_t n = window_left(r);
    while (!memchr(window_at(r), '\n', n) && n < CT_RECORD_MAX_BYTES) {
        look_ahead(r, 2 * n);
        if (r->no_memory || window_left(r) == n)
            return false;
        n = window_left(r);
    }
    look_ahead(r, n + LOOKAHEAD);
    return !r->no_memory && has_json_line(r);
}

/* The rest is more of the same. */
static void pass_over_rest(ct_reader *r)
{
    r->pos = r->window.len;
    r->source_status = CT_SOURCE_END;
}

/* At the first byte of a file. A file that is something else altogether is one problem, not one a
 * line. True: it was handed out. */
static bool refuse_other_file(ct_reader *r, ct_item *item)
{
    r->begun = true;
    look_ahead(r, 2 * LOOKAHEAD);
    const char *foreign = ct_form_foreign(window_at(r), window_left(r));
    if (foreign) {
        ct_reader_put_problem(item, 0, 0, foreign);
        ct_reader_put_text(item, window_at(r), 0); /* nobody reads it as text */
        pass_over_rest(r);
        return true;
    }
    ct_reader_skip_byte_order_mark(r);
    if (!skip_space(r))
        return false;
    look_ahead(r, CT_READER_CHUNK / 2);
    if (r->no_memory || ct_form_looks_like_json(window_at(r), window_at(r) + window_left(r)))
        return false;
    bool has_json = has_json_line(r);
    csv_verdict csv = ct_reader_begin_csv(r, item, !has_json);
    if (csv == NO_CSV && !has_json)
        has_json = has_json_behind_line(r);
    if (r->no_memory || csv == KNOWN_CSV || (csv == NO_CSV && has_json))
        return false;
    if (csv == NO_CSV) {
        ct_reader_put_problem(item, 0, offset_of(r, window_at(r)), "is no CloudTrail log");
        ct_reader_put_text(item, window_at(r), window_left(r));
    }
    pass_over_rest(r);
    return true;
}

/* ---- the next one -------------------------------------------------------------------------- */

/* Passes over what CloudWatch Logs writes before a record. */
static bool pass_over_stamp(ct_reader *r)
{
    if (r->n_open > 0)
        return false;
    look_ahead(r, LOOKAHEAD);
    size_t n = ct_form_stamp_length(window_at(r), r->window.data + r->window.len);
    r->pos += n;
    r->stamped = n > 0;
    return n > 0;
}

/* At the end of the file. */
static void finish(ct_reader *r, ct_item *item)
{
    if (r->no_memory) {
        item->kind = CT_ITEM_NO_MEMORY;
        return;
    }
    if (!r->cut_reported && (r->source_status == CT_SOURCE_BROKEN || r->n_open > 0))
        ct_reader_report_cut(r, item, "the file ends before its list of records does");
    else
        item->kind = CT_ITEM_END;
}

void ct_reader_next(ct_reader *reader, ct_item *item)
{
    ct_reader *r = reader;
    *item = (ct_item){.kind = CT_ITEM_END};
    if (!r->begun && refuse_other_file(r, item))
        return;
    while (r->is_csv && !r->no_memory && (window_left(r) > 0 || ct_reader_fill(r)))
        if (ct_reader_next_row(r, item) && !r->no_memory)
            return;
    while (!r->is_csv && skip_space(r)) {
        char c = *window_at(r);
        bool in_list = r->n_open > 0 && r->open[r->n_open - 1] == '[';
        bool done;
        if (r->n_open > 0 && !in_list) {
            done = ct_reader_pass_over_field(r, item);
        } else if (in_list && (c == ',' || c == ']')) {
            done = ct_reader_pass_over_comma(r, item);
        } else if (in_list && r->list == AFTER_RECORD && c != '}') {
            /* The comma is missing: said once, then the record is taken as any other. */
            ct_reader_put_problem(item, 0, offset_of(r, window_at(r)), "a comma is expected");
            r->list = AFTER_COMMA;
            done = true;
        } else if (c == '{') {
            done = ct_reader_take_object(r, item);
        } else if (c == '[' && ct_reader_open_list(r, "[")) {
            r->form = CT_FORM_ARRAY;
            r->pos++;
            done = false;
        } else if (pass_over_stamp(r)) {
            done = false;
        } else {
            ct_reader_skip_broken(r, item, window_at(r),
                                  c == '[' ? "lists are nested too deeply"
                                           : "a record must be an object");
            done = true;
        }
        if (r->no_memory)
            break;
        if (done)
            return;
    }
    finish(r, item);
}

/* ---- open and close ------------------------------------------------------------------------ */

ct_reader *ct_reader_open(ct_source *source)
{
    ct_reader *r = ct_malloc(sizeof *r);
    if (!r) {
        ct_source_close(source);
        return NULL;
    }
    memset(r, 0, sizeof *r);
    r->source = source;
    return r;
}

ct_source_status ct_reader_reopen(ct_reader *reader, const char *path, const char **error)
{
    ct_reader *r = reader;
    ct_buf_clear(&r->window);
    r->pos = 0;
    r->base = 0;
    r->source_status = CT_SOURCE_OK;
    r->n_open = 0;
    r->list = LIST_BEGINS;
    r->no_memory = r->cut_reported = r->begun = r->stamped = r->is_csv = false;
    r->form = CT_FORM_UNKNOWN;
    r->n_records = 0;
    r->last_fault = 0;
    r->n_retries = 0;
    return ct_source_reopen(r->source, path, error);
}

ct_form ct_reader_form(const ct_reader *reader)
{
    return reader->form;
}

void ct_reader_set_pulse(ct_reader *reader, const ct_pulse *pulse)
{
    ct_source_set_pulse(reader->source, pulse);
}

bool ct_reader_sha256(ct_reader *reader, unsigned char out[CT_SHA256_BYTES])
{
    return ct_source_sha256(reader->source, out);
}

const ct_source *ct_reader_source(const ct_reader *reader)
{
    return reader->source;
}

void ct_reader_close(ct_reader *reader)
{
    if (!reader)
        return;
    ct_source_close(reader->source);
    ct_record_free(&reader->record);
    ct_buf_free(&reader->window);
    ct_buf_free(&reader->inner);
    ct_buf_free(&reader->text);
    ct_buf_free(&reader->scratch);
    ct_csv_header_free(&reader->header);
    ct_csv_row_free(&reader->row);
    ct_free(reader);
}
