/* Problems: what cannot be read, where the region ends that is broken, and how much of its text is
 * kept. */
#include "log/reader_parts.h"

#include <string.h>

enum {
    TRIED_MAX = 2 * CT_RECORD_MAX_BYTES, /* bytes of a region that may be scanned for a record that
                                            begins with a name that tells nothing */
    RETRIES_MAX = 16 /* how often a search may end before bytes that were scanned in vain: what is
                        nested on purpose would be scanned again from each of its braces */
};

void ct_reader_put_problem(ct_item *item, int64_t number, int64_t offset, const char *message)
{
    item->kind = CT_ITEM_PROBLEM;
    item->number = number;
    item->offset = offset;
    item->message = message;
}

void ct_reader_put_text(ct_item *item, const char *p, size_t n)
{
    bool is_problem = item->kind == CT_ITEM_PROBLEM || item->message;
    item->text = p;
    item->len = is_problem && n > CT_PROBLEM_TEXT_MAX ? CT_PROBLEM_TEXT_MAX : n;
}

/* Whether a whole record stands at p, as far as the window goes: what begins with a name that
 * objects inside records begin with, too. */
static bool is_record(ct_reader *r, const char *p, search *f)
{
    ct_json_scanner s = ct_json_scan(p, (size_t)(r->window.data + r->window.len - p));
    if (f->tried >= TRIED_MAX)
        return false;
    ct_json_status st = ct_record_scan(&r->record, &s);
    f->tried += (size_t)(s.p - p);
    if (r->record.no_memory)
        r->no_memory = true;
    return st == CT_JSON_OK && ct_record_is_record(&r->record);
}

/* Whether the region ends before the byte at f->i. */
static bool ends_before(ct_reader *r, search *f)
{
    const char *p = r->window.data + f->i;
    int64_t offset = r->base + (int64_t)f->i;
    if (offset == f->start)
        return false;
    bool begins_line = r->n_open == 0 && f->before == '\n';
    if (begins_line && ct_form_stamp_length(p, r->window.data + r->window.len) > 0)
        return true;
    if (*p == '{' && offset >= f->from) {
        const char *end = r->window.data + r->window.len;
        if (begins_line || ct_form_begins_record(p, end) ||
            (ct_form_may_begin_record(p, end) && is_record(r, p, f)))
            return true;
    }
    if (f->in_string || f->depth > 0)
        return false;
    return *p == '{' || *p == ']' || *p == '}' || (*p == ',' && r->n_open > 0);
}

/* Moves over the byte at f->i; true when the region ends behind it. */
static bool ends_behind(const ct_reader *r, search *f)
{
    char c = r->window.data[f->i++], token = f->token;
    f->before = c;
    if (f->in_string) {
        if (c == '\\' && f->i < r->window.len)
            f->before = r->window.data[f->i++];
        else if (c == '"')
            f->in_string = false;
        return false;
    }
    if (!strchr(" \t\r\n", c))
        f->token = c;
    switch (c) {
    case '"':
        f->in_string = true;
        return false;
    case ':':
        if (f->depth == 0 && token == '"')
            f->depth = 1; /* a field: the brace of its object is missing, its end will come */
        return false;
    case '{':
    case '[':
        f->depth++;
        return false;
    case '}':
    case ']':
        return f->depth == 0 || --f->depth == 0;
    case ',':
        return f->depth == 0 && r->n_open > 0;
    case '\n':
        return f->depth == 0 && r->n_open == 0;
    default:
        return false;
    }
}

/* Keeps what a problem's text may hold of the region so far, and lets go of the bytes. */
void ct_reader_stash_text(ct_reader *r, search *f)
{
    size_t n = f->i - r->pos;
    size_t room = CT_PROBLEM_TEXT_MAX - r->text.len;
    ct_buf_put(&r->text, window_at(r), n < room ? n : room);
    if (!ct_buf_ok(&r->text))
        r->no_memory = true;
    r->pos = f->i;
}

/* Gives a problem the text of the region up to f->i, and goes on there. */
void ct_reader_put_region(ct_reader *r, ct_item *item, search *f)
{
    if (r->text.len > 0) {
        ct_reader_stash_text(r, f);
        ct_reader_put_text(item, r->text.data, r->text.len);
    } else {
        ct_reader_put_text(item, window_at(r), f->i - r->pos);
        r->pos = f->i;
    }
}

/*
 * Passes over a region that cannot be read, from r->pos on, and makes it a problem. `fault` is the
 * byte at fault. The region always has one byte at least, so the reader goes on.
 */
void ct_reader_skip_broken(ct_reader *r, ct_item *item, const char *fault, const char *message)
{
    char first = *window_at(r);
    search f = {.i = r->pos, .start = offset_of(r, window_at(r))};
    int64_t fault_offset = offset_of(r, fault);
    int64_t number = strchr("}],:", first) ? 0 : ++r->n_records;
    r->n_retries = f.start < r->last_fault ? r->n_retries + 1 : 0;
    f.from = r->n_retries > RETRIES_MAX ? fault_offset : f.start;
    if (fault_offset > r->last_fault)
        r->last_fault = fault_offset;
    ct_buf_clear(&r->text);

    for (;;) {
        if (f.i - r->pos > CT_PROBLEM_TEXT_MAX)
            ct_reader_stash_text(r, &f);
        size_t ahead = f.i - r->pos;
        look_ahead(r, ahead + LOOKAHEAD); /* moves the window's bytes to its front */
        f.i = r->pos + ahead;
        if (f.i < r->window.len && r->window.data[f.i] == '{' &&
            ct_form_may_begin_record(r->window.data + f.i, r->window.data + r->window.len)) {
            look_ahead(r, ahead + CT_READER_CHUNK / 2);
            f.i = r->pos + ahead;
        }
        if (f.i >= r->window.len || r->no_memory || ends_before(r, &f) || ends_behind(r, &f))
            break;
    }
    if (f.i > r->window.len)
        f.i = r->window.len;
    ct_reader_put_problem(item, number, fault_offset, message);
    ct_reader_put_region(r, item, &f);
    while (item->len > 0 && strchr(" \t\r\n", item->text[item->len - 1]) &&
           item->text[item->len - 1])
        item->len--;
    r->list = AFTER_BROKEN;
    r->stamped = false;
}

/* The source's own reason for an early end, where it has one. */
const char *ct_reader_cut_message(const ct_reader *r, const char *message)
{
    return r->source_status == CT_SOURCE_BROKEN ? ct_source_error(r->source) : message;
}

/* The file ended at a place where it must not. */
void ct_reader_report_cut(ct_reader *r, ct_item *item, const char *message)
{
    r->cut_reported = true;
    message = ct_reader_cut_message(r, message);
    ct_reader_put_problem(item, 0, r->base + (int64_t)r->window.len, message);
    ct_reader_put_text(item, window_at(r), window_left(r));
    r->pos = r->window.len;
}
