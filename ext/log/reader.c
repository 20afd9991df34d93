/* What comes next in a file, told by how it begins; open and close. */
#include "log/reader_parts.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/ascii.h"
#include "base/mem.h"

/* ---- the first byte ------------------------------------------------------------------------ */

/* Whether a line in the window begins with a record or a list of them: more than the brackets that
 * any file may hold. Behind text, or the rest of a record that was cut, it shows by its first name.
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
        if (end - p > 2 && p[0] == '"' && (p[1] == '{' || p[1] == '[') && p[2] != '"')
            return true; /* a string that holds JSON */
        p = memchr(p, '\n', (size_t)(end - p));
        if (!p)
            break;
    }
    for (const char *p = start; (p = memchr(p, '{', (size_t)(end - p))); p++)
        if (ct_form_begins_record(p, end))
            return true;
    return ct_form_wraps_record_in_line(start, (size_t)(end - start));
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

/* What CloudWatch Logs writes into a bucket before it exports, to see that it may. */
static bool is_write_test(const char *p, size_t n)
{
    static const char says[] = "Permission Check Successful";
    return n >= sizeof says - 1 && n <= sizeof says + 1 && memcmp(p, says, sizeof says - 1) == 0;
}

/* At the first byte of a file. A file that is something else altogether is one problem, not one a
 * line. True: it was handed out. */
static bool refuse_other_file(ct_reader *r, ct_item *item)
{
    r->begun = true;
    look_ahead(r, 2 * LOOKAHEAD);
    if (is_write_test(window_at(r), window_left(r))) {
        item->kind = CT_ITEM_IGNORED;
        pass_over_rest(r);
        return true;
    }
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
    const char *other = ct_form_other_text(window_at(r), window_left(r));
    bool has_json = !other && has_json_line(r);
    csv_verdict csv = other ? NO_CSV : ct_reader_begin_csv(r, item, !has_json);
    if (csv == NO_CSV && !has_json && !other)
        has_json = has_json_behind_line(r);
    if (csv == NO_CSV && has_json)
        r->begins_inside = true;
    if (r->no_memory || csv == KNOWN_CSV || (csv == NO_CSV && has_json))
        return false;
    if (csv == NO_CSV) {
        ct_reader_put_problem(item, 0, offset_of(r, window_at(r)),
                              other ? other : "is no CloudTrail log");
        ct_reader_put_text(item, window_at(r), window_left(r));
    }
    pass_over_rest(r);
    return true;
}

/* Passes over what is no record and no list. */
static void skip_no_record(ct_reader *r, ct_item *item)
{
    int64_t start = offset_of(r, window_at(r));
    bool is_rest = r->begins_inside && r->n_open == 0 && r->n_found == 0 && r->n_records == 0;
    ct_reader_skip_broken(r, item, window_at(r),
                          *window_at(r) == '[' ? "lists are nested too deeply"
                                               : "a record must be an object");
    if (!is_rest)
        return;
    snprintf(r->message, sizeof r->message,
             "the file begins inside a record: %" PRId64 " bytes were passed over",
             offset_of(r, window_at(r)) - start);
    item->message = r->message;
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

/* Whether JSON that may hold a record begins at p: whole, or longer than the window. */
static bool begins_value(const char *p, const char *end)
{
    ct_json_scanner s = ct_json_scan(p, (size_t)(end - p));
    ct_json value;
    if (!ct_form_begins_json_line(p, end))
        return false;
    if (*p == '[' || ct_form_begins_record(p, end) || ct_form_may_begin_record(p, end))
        return true;
    ct_json_status st = ct_json_value(&s, &value);
    return st == CT_JSON_INCOMPLETE || (st == CT_JSON_OK && value.len >= CT_CARRIER_RECORD_MIN);
}

/* Passes over other text before JSON on its line: what syslog, grep, Loki and the AWS CLI's text
 * form write there, colours of a terminal. Brackets may stand in it. Text that looks like JSON
 * itself is the rest of a broken record, and no such text. */
static bool pass_over_prefix(ct_reader *r)
{
    if (r->n_open > 0)
        return false;
    look_ahead(r, PREFIX_MAX + LOOKAHEAD);
    const char *start = window_at(r), *end = r->window.data + r->window.len;
    size_t left = window_left(r), depth = 0;
    const char *limit = left < PREFIX_MAX ? end : start + PREFIX_MAX;
    if (strchr("]},:", *start))
        return false;
    for (const char *p = start; p < limit && *p != '\n'; p++) {
        if (*p == '\\' || (*p == '"' && p + 1 < end && p[1] == ':'))
            return false;
        if (*p == '}' && depth-- == 0)
            return false;
        if (*p != '{' && (*p != '[' || p == start))
            continue;
        if (!begins_value(p, end)) {
            depth += *p == '{';
            continue;
        }
        ct_tally_count(&r->prefixes, offset_of(r, start));
        r->prefix_bytes += p - start;
        r->pos += (size_t)(p - start);
        return true;
    }
    return false;
}

/* The same where the text begins with a bracket, of a thread's or a program's name. */
static bool pass_over_bracketed_prefix(ct_reader *r)
{
    if (r->n_open > 0)
        return false;
    look_ahead(r, LOOKAHEAD);
    return window_left(r) > 1 && (ct_is_lower(window_at(r)[1]) || ct_is_upper(window_at(r)[1])) &&
           pass_over_prefix(r);
}

/* Passes over a line, or the rest of one, that is plain text: a prompt, a comment, what other
 * programs logged. What may be a piece of a record is not: a quote, a bracket, a control
 * character. */
static bool pass_over_other_text(ct_reader *r)
{
    if (r->n_open > 0)
        return false;
    look_ahead(r, PREFIX_MAX);
    const char *start = window_at(r);
    size_t left = window_left(r), n = 0;
    for (; n < left && start[n] != '\n'; n++) {
        bool is_control = (unsigned char)start[n] < ' ' && start[n] != '\t' && start[n] != '\r';
        if (n == PREFIX_MAX || is_control || strchr("{}[]\"\\", start[n]))
            return false;
    }
    if (r->other_text.n == 0)
        ct_buf_put(&r->first_other, start, n);
    r->no_memory = r->no_memory || !ct_buf_ok(&r->first_other);
    ct_tally_count(&r->other_text, offset_of(r, start));
    r->other_bytes += (int64_t)n;
    r->pos += n;
    return true;
}

/* Passes over brackets that close what began before the file did, and commas between records that
 * stand in no list. */
static bool pass_over_stray(ct_reader *r)
{
    char c = *window_at(r);
    if (r->n_open > 0)
        return false;
    look_ahead(r, LOOKAHEAD);
    const char *p = window_at(r) + 1, *end = r->window.data + r->window.len;
    while (p < end && (*p == ' ' || *p == '\n' || *p == '\r' || *p == '\t'))
        p++;
    bool closes = r->begins_inside && (c == ']' || c == '}');
    bool separates = c == ',' && r->n_found > 0 && (p == end || *p == '{');
    if (!closes && !separates)
        return false;
    ct_tally_count(&r->commas, offset_of(r, window_at(r)));
    r->pos++;
    return true;
}

/* At the end of the file. */
static void finish(ct_reader *r, ct_item *item)
{
    if (r->no_memory) {
        item->kind = CT_ITEM_NO_MEMORY;
        return;
    }
    while (r->n_open > 0 && r->cut_reported)
        ct_reader_close_bracket(r);
    if (!r->cut_reported && (r->source_status == CT_SOURCE_BROKEN || r->n_open > 0))
        ct_reader_report_cut(r, item, "the file ends before its list of records does");
    else if (!ct_reader_say_at_end(r, item))
        item->kind = r->no_memory ? CT_ITEM_NO_MEMORY : CT_ITEM_END;
}

/* At a bracket: goes inside, or takes a row that is a list. */
static bool take_list(ct_reader *r, ct_item *item)
{
    bool is_row = false;
    bool done = r->n_open > 0 && ct_reader_take_lake_row(r, item, &is_row);
    if (is_row || r->no_memory)
        return done;
    if (!ct_reader_open_list(r, "[")) {
        skip_no_record(r, item);
        return true;
    }
    r->form = CT_FORM_ARRAY;
    r->pos++;
    return false;
}

void ct_reader_next(ct_reader *reader, ct_item *item)
{
    ct_reader *r = reader;
    *item = (ct_item){.kind = CT_ITEM_END};
    if (!r->begun && refuse_other_file(r, item))
        return;
    if (r->is_searching && ct_reader_search_on(r, item) && !r->no_memory)
        return;
    while (r->is_csv && !r->no_memory && (window_left(r) > 0 || ct_reader_fill(r)))
        if (ct_reader_next_row(r, item) && !r->no_memory)
            return;
    while (!r->is_csv && !r->is_searching && skip_space(r)) {
        char c = *window_at(r);
        bool in_list = r->n_open > 0 && r->open[r->n_open - 1] == '[';
        bool done, is_scalar = false;
        if (r->n_open > 0 && r->open[r->n_open - 1] == 'c') {
            done = ct_reader_walk_field(r, item);
        } else if (r->n_open > 0 && !in_list) {
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
        } else if (c == '[') {
            done = !pass_over_bracketed_prefix(r) && take_list(r, item);
        } else if (pass_over_stamp(r) || pass_over_stray(r) || pass_over_prefix(r)) {
            done = false;
        } else {
            done = (in_list || c == '"') && c != '[' && ct_reader_take_scalar(r, item, &is_scalar);
            if (!is_scalar && !r->no_memory && !pass_over_other_text(r)) {
                skip_no_record(r, item);
                done = true;
            }
        }
        if (r->no_memory)
            break;
        if (done)
            return;
    }
    finish(r, item);
}

/* ---- open and close ------------------------------------------------------------------------ */

/* Forgets what was counted and found out of the last file. */
static void ct_reader_begin_file(ct_reader *r)
{
    ct_tally none = {0, 0};
    r->path_len = r->n_walked = 0;
    r->found_path[0] = '\0';
    r->is_carrier_csv = r->has_no_header = false;
    r->row.delimiter = ',';
    ct_buf_clear(&r->first_other);
    r->is_searching = r->begins_inside = r->lacks_time = false;
    r->n_found = r->n_ignored = r->prefix_bytes = r->other_bytes = 0;
    r->end_step = 0;
    r->walked_to = r->n_rewalks = 0;
    r->nothing = r->cells = r->no_zone = r->prefixes = r->other_text = r->rows = r->commas = none;
    r->carrier.budget = CT_CARRIER_FREE_BYTES;
    r->carrier.gave_up = false;
    r->carrier.n_ignored = 0;
    ct_reader_begin_layers(r);
}

ct_reader *ct_reader_open(ct_source *source)
{
    ct_reader *r = ct_malloc(sizeof *r);
    if (!r) {
        ct_source_close(source);
        return NULL;
    }
    memset(r, 0, sizeof *r);
    r->source = source;
    ct_reader_begin_file(r);
    return r;
}

ct_source_status ct_reader_reopen(ct_reader *reader, const char *path, const char **error)
{
    ct_reader *r = reader;
    ct_buf_clear(&r->window);
    r->pos = 0;
    r->base = 0;
    r->source_status = CT_SOURCE_OK;
    ct_reader_begin_file(r);
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

void ct_reader_put_format(const ct_reader *reader, char out[CT_FORMAT_MAX])
{
    const char *name = ct_form_name(reader->form);
    bool has_path = reader->found_path[0] != '\0';
    if (reader->form == CT_FORM_CARRIER && has_path)
        name = reader->found_path;
    bool is_csv = reader->form == CT_FORM_CSV_CARRIER && has_path;
    snprintf(out, CT_FORMAT_MAX, "%.20s%s%s", is_csv ? "csv" : "", is_csv ? " " : "",
             is_csv ? reader->found_path : name);
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
    ct_carrier_free(&reader->carrier);
    ct_buf_free(&reader->nothing_text);
    ct_buf_free(&reader->first_other);
    ct_reader_free_layers(reader);
    ct_record_free(&reader->record);
    ct_buf_free(&reader->window);
    ct_buf_free(&reader->inner);
    ct_buf_free(&reader->text);
    ct_buf_free(&reader->scratch);
    ct_csv_header_free(&reader->header);
    ct_csv_row_free(&reader->row);
    ct_free(reader);
}
