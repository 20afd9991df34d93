/* What is no record: searched for some, in the window where it fits, else field by field; and what
 * is said at the end of a file of all that held none. */
#include "log/reader_parts.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/utf8.h"
#include "log/columns.h"

enum {
    NOTHING_TEXT_MAX = 64 * 1024, /* of a value without a record this much is kept */
    KEYS_TOLD = 6,                /* of its names */
    KEY_TOLD_MAX = 40             /* of one of them */
};

/* ---- one record ----------------------------------------------------------------------------- */

/* Hands out the reader's record, or why it has no row. `offset` and the text are those of what
 * stands in the file. */
bool ct_reader_put_record(ct_reader *r, ct_item *item, int64_t offset, const char *p, size_t n,
                          const char *message)
{
    const char *of_time;
    bool repeated = r->record.repeated_key;
    r->n_records++;
    r->n_found++;
    if (!ct_record_has_time(&r->record, &of_time)) {
        ct_reader_put_problem(item, r->n_records, offset, of_time);
    } else {
        item->kind = CT_ITEM_RECORD;
        item->number = r->n_records;
        item->offset = offset;
        item->record = &r->record;
        item->message = message ? message : repeated ? "a key is repeated" : NULL;
        if (of_time)
            ct_tally_count(&r->no_zone, offset);
    }
    ct_reader_put_text(item, p, n);
    return true;
}

/* ---- what holds no record ------------------------------------------------------------------- */

/* Appends a name as it may be shown: without control characters, and not too long. */
static void put_shown(ct_buf *out, const char *p, size_t n)
{
    size_t len = n < KEY_TOLD_MAX ? n : KEY_TOLD_MAX;
    while (len > 0 && len < n && ((unsigned char)p[len] & 0xC0) == 0x80)
        len--;
    ct_utf8_put_printable(out, p, len);
    ct_buf_put_text(out, len < n ? "..." : "");
}

/* Appends the first names of an object; nothing where it has none. */
static void put_keys(ct_buf *out, const char *p, size_t n)
{
    ct_json_scanner s = ct_json_scan(p, n);
    ct_json key, value;
    bool more;
    if (n == 0 || *p != '{' || ct_json_enter(&s, '{', &more) != CT_JSON_OK || !more)
        return;
    ct_buf_put_text(out, " (keys: ");
    for (int i = 0; more; i++) {
        if (ct_json_key(&s, &key) != CT_JSON_OK)
            break;
        ct_buf_put_text(out, i ? ", " : "");
        if (i == KEYS_TOLD) {
            ct_buf_put_text(out, "...");
            break;
        }
        put_shown(out, key.p + 1, key.len - 2);
        if (ct_json_value(&s, &value) != CT_JSON_OK || ct_json_next(&s, '}', &more) != CT_JSON_OK)
            break;
    }
    ct_buf_put_char(out, ')');
}

/* Keeps what is to be said of a value that may hold no record: the first one's names and text. */
static void keep_nothing(ct_reader *r, const char *p, size_t n)
{
    ct_buf said = CT_BUF_EMPTY;
    const char *other = ct_form_other_object(p, n);
    ct_buf_put_text(&said, other ? other : "JSON, but no CloudTrail record");
    if (!other)
        put_keys(&said, p, n);
    ct_buf_put_char(&said, '\0');
    ct_buf_clear(&r->nothing_text);
    ct_buf_put(&r->nothing_text, p, n < NOTHING_TEXT_MAX ? n : NOTHING_TEXT_MAX);
    if (ct_buf_ok(&said) && ct_buf_ok(&r->nothing_text))
        snprintf(r->nothing_message, sizeof r->nothing_message, "%s", said.data);
    else
        r->no_memory = true;
    ct_buf_free(&said);
}

/* A value of the file in which no record was found. Inside a carrier that is walked it is the
 * carrier's to say. */
void ct_reader_note_nothing(ct_reader *r, const char *p, size_t n)
{
    if (r->n_walked > 0)
        return;
    if (r->nothing.n == 0)
        keep_nothing(r, p, n);
    ct_tally_count(&r->nothing, offset_of(r, p));
}

/* ---- searching a value ---------------------------------------------------------------------- */

/* Gives the search what n more bytes of the file allow it to decode. */
static void grant(ct_reader *r, size_t n)
{
    r->carrier.budget += CT_CARRIER_GRANT * (int64_t)n;
    r->budget_before = r->carrier.budget;
}

/* What was decoded and held records is no waste. */
static void refund(ct_reader *r)
{
    int64_t spent = r->budget_before - r->carrier.budget;
    int64_t most = CT_CARRIER_REFUND * (int64_t)r->value_len;
    if (spent > 0)
        r->carrier.budget += spent < most ? spent : most;
}

/* Whether it is what a queue or a search engine makes of a record that lacks its time; else a
 * record lost it, and is a problem. */
static bool is_other_kind(const ct_reader *r)
{
    return ct_form_other_object(r->value, r->value_len) != NULL;
}

/* The search is over. True: something is to be handed out. */
static bool end_search(ct_reader *r, ct_item *item)
{
    int64_t offset = offset_of(r, r->value);
    r->is_searching = false;
    if (r->n_in_value > 0)
        refund(r);
    if (r->is_csv)
        return false; /* the row's other columns come next */
    r->n_ignored += r->carrier.n_ignored;
    bool was_ignored = r->carrier.n_ignored > 0;
    r->carrier.n_ignored = 0;
    if (r->n_in_value > 0 || was_ignored)
        return false;
    if (r->lacks_time && !is_other_kind(r)) {
        ct_reader_put_problem(item, ++r->n_records, offset, "no eventTime");
        ct_reader_put_text(item, r->value, r->value_len);
        r->n_found++;
        return true;
    }
    ct_reader_note_nothing(r, r->value, r->value_len);
    return false;
}

/* Goes on searching the value. False: nothing was found any more. */
bool ct_reader_search_on(ct_reader *r, ct_item *item)
{
    ct_found found;
    int64_t offset = offset_of(r, r->value);
    switch (ct_carrier_next(&r->carrier, &r->record, &found)) {
    case CT_CARRIER_NO_MEMORY:
        r->no_memory = true;
        return false;
    case CT_CARRIER_END:
        return end_search(r, item);
    case CT_CARRIER_BROKEN:
        r->n_in_value++;
        r->n_found++;
        ct_reader_put_problem(item, ++r->n_records, offset, found.message);
        ct_reader_put_text(item, found.p, found.len);
        return true;
    case CT_CARRIER_RECORD:
        break;
    }
    r->n_in_value++;
    memcpy(r->found_path, r->carrier.path, r->carrier.path_len + 1);
    if (r->is_csv)
        r->form = CT_FORM_CSV_CARRIER;
    else if (found.form != CT_FORM_CARRIER || r->carrier.path_len > 0)
        r->form = found.form;
    if (found.message)
        ct_tally_count(&r->rows, offset);
    return ct_reader_put_record(r, item, offset, r->value, r->value_len, NULL);
}

/* Searches a JSON value of the window, which r->pos is behind of. `p` is no record, but may lack
 * only its time: r->lacks_time. */
bool ct_reader_search(ct_reader *r, ct_item *item, const char *p, size_t n)
{
    ct_json value = {.p = p, .len = n};
    if (n < CT_CARRIER_RECORD_MIN && !r->lacks_time) {
        ct_reader_note_nothing(r, p, n);
        return false;
    }
    grant(r, n);
    r->value = p;
    r->value_len = n;
    r->n_in_value = 0;
    r->is_searching = true;
    r->path[r->path_len] = '\0';
    ct_carrier_begin(&r->carrier, &value, r->path, r->path, r->path_len);
    return ct_reader_search_on(r, item);
}

/* ---- scalars in a list ---------------------------------------------------------------------- */

/* At a value that is neither object nor array, in a list or on a line of its own: a string may hold
 * a record, and in a carrier others may stand beside it. *is_scalar false: it is no such value, or
 * something follows that should not. */
bool ct_reader_take_scalar(ct_reader *r, ct_item *item, bool *is_scalar)
{
    *is_scalar = false;
    for (;;) {
        const char *p = window_at(r);
        ct_json_scanner s = ct_json_scan(p, window_left(r));
        ct_json value;
        ct_json_status st = ct_json_value(&s, &value);
        size_t n = (size_t)(s.p - p);
        bool at_end = st == CT_JSON_OK && !ct_json_space(&s);
        if (st == CT_JSON_INVALID || window_left(r) > CT_RECORD_MAX_BYTES)
            return false;
        if ((st == CT_JSON_INCOMPLETE || at_end) && ct_reader_fill(r))
            continue;
        if (st != CT_JSON_OK || r->no_memory)
            return false;
        bool may_hold = value.kind == CT_JSON_STRING && ct_carrier_may_hold(&value);
        bool is_last = r->n_open == 0 || (!at_end && (*s.p == ',' || *s.p == ']'));
        bool is_cell = r->n_open > 1 && r->open[r->n_open - 1] == '[' &&
                       r->open[r->n_open - 2] == '['; /* of a row, which others may tell of */
        if (!is_last || !(may_hold || r->n_walked > 0 || is_cell))
            return false;
        *is_scalar = true;
        r->pos += n;
        r->list = AFTER_RECORD;
        r->lacks_time = false;
        if (is_cell && !may_hold && r->n_walked == 0) {
            ct_tally_count(&r->cells, offset_of(r, p));
            return false;
        }
        return ct_reader_search(r, item, p, n);
    }
}

/* At a list in a list: a row of CloudTrail Lake, an object for each field, is taken as a whole. False
 * with *is_row false: it is none. */
bool ct_reader_take_lake_row(ct_reader *r, ct_item *item, bool *is_row)
{
    *is_row = false;
    look_ahead(r, LOOKAHEAD);
    ct_json_scanner s = ct_json_scan(window_at(r), window_left(r));
    ct_json key, value;
    bool more;
    if (ct_json_enter(&s, '[', &more) != CT_JSON_OK || !more || *s.p != '{' ||
        ct_json_enter(&s, '{', &more) != CT_JSON_OK || !more ||
        ct_json_key(&s, &key) != CT_JSON_OK ||
        ct_columns_find(key.p + 1, key.len - 2) == CT_COLUMN_UNKNOWN)
        return false;
    ct_json_status st;
    do {
        s = ct_json_scan(window_at(r), window_left(r));
        st = ct_json_value(&s, &value);
    } while (st == CT_JSON_INCOMPLETE && window_left(r) < CT_READER_CHUNK && ct_reader_fill(r));
    if (st != CT_JSON_OK || r->no_memory ||
        !ct_json_columns_read_lake(&r->carrier.columns, &value)) {
        r->no_memory = r->no_memory || r->carrier.columns.no_memory;
        return false;
    }
    *is_row = true;
    r->pos += value.len;
    r->list = AFTER_RECORD;
    r->lacks_time = false;
    return ct_reader_search(r, item, value.p, value.len);
}

/* ---- walking a carrier that is larger than the window ---------------------------------------- */

/* Whether a carrier that is broken, at `fault`, or where the file ends, is walked: then a break costs
 * what is broken of it. Not a line among others, which costs no more. What is nested on purpose is
 * not walked to the same fault again and again. */
bool ct_reader_may_walk_broken(ct_reader *r, const char *fault)
{
    enum { LOOKED_AT = 4096 }; /* behind the fault, for the end of its line */
    const char *start = window_at(r), *end = r->window.data + r->window.len;
    if (!ct_record_is_blank(&r->record) || !ct_form_has_list(start, fault))
        return false;
    const char *limit = end - fault > LOOKED_AT ? fault + LOOKED_AT : end;
    const char *newline = r->n_open == 0 ? memchr(start, '\n', (size_t)(limit - start)) : NULL;
    if (newline && newline + 1 < end && newline[1] == '{')
        return false;
    int64_t offset = offset_of(r, fault);
    if (offset > r->walked_to) {
        r->walked_to = offset;
        r->n_rewalks = 0;
    }
    return r->n_rewalks++ < CT_CARRIER_KEYS_MAX;
}

/* At an object that is no record as far as it is here: goes inside. False: too deep. What is broken
 * is told of by its fault, whether a record is found in it or not. */
bool ct_reader_enter_walk(ct_reader *r, bool is_broken)
{
    if (r->n_walked > CT_CARRIER_KEYS_MAX || r->n_open == LISTS_MAX)
        return false;
    if (r->n_walked == 0) {
        r->n_before_walk = is_broken ? -1 : r->n_found;
        if (r->nothing.n == 0 && !is_broken) {
            keep_nothing(r, window_at(r), window_left(r));
            r->nothing.offset = offset_of(r, window_at(r));
        }
    }
    r->path_lens[r->n_open] = r->path_len;
    r->open[r->n_open++] = 'c';
    r->n_walked++;
    r->list = LIST_BEGINS;
    r->pos++;
    return true;
}

/* The innermost walked carrier has ended. */
void ct_reader_end_walk(ct_reader *r)
{
    r->n_walked--;
    if (r->n_walked == 0 && r->n_found == r->n_before_walk)
        r->nothing.n++;
}

/* Passes over a value of any length, without looking whether it is well-formed: its brackets and
 * strings alone count. */
static void skip_value(ct_reader *r)
{
    size_t depth = 0;
    bool in_string = false;
    do {
        while (r->pos < r->window.len) {
            char c = r->window.data[r->pos];
            if (in_string && c == '\\' && r->pos + 1 == r->window.len)
                break; /* what is escaped comes with the next read */
            if (!in_string && depth == 0 && (c == ',' || c == '}' || c == ']'))
                return;
            r->pos++;
            if (in_string) {
                r->pos += c == '\\';
                in_string = c != '"';
            } else if (c == '"') {
                in_string = true;
            } else if (c == '{' || c == '[') {
                depth++;
            } else if (c == '}' || c == ']') {
                depth--;
            }
        }
    } while (ct_reader_fill(r));
    r->pos = r->window.len;
}

/* Moves over `,` or the end and over a key, to the value of the next field (*key). False: the end
 * (*more false), or the status is not CT_JSON_OK. */
static ct_json_status next_field(ct_reader *r, ct_json_scanner *s, ct_json *key, bool *more)
{
    ct_json_status st = CT_JSON_OK;
    *more = true;
    if (r->list != LIST_BEGINS) {
        st = ct_json_next(s, '}', more);
    } else if (!ct_json_space(s)) {
        st = CT_JSON_INCOMPLETE;
    } else if (*s->p == '}') {
        *more = false;
        s->p++;
    }
    if (st == CT_JSON_OK && *more)
        st = ct_json_key(s, key);
    return st == CT_JSON_OK && *more && s->p == s->end ? CT_JSON_INCOMPLETE : st;
}

/* Inside a carrier that is walked: looks at one more field, or at the end. False: nothing to hand
 * out yet. */
bool ct_reader_walk_field(ct_reader *r, ct_item *item)
{
    if (r->list == AFTER_BROKEN && *window_at(r) == '{') {
        ct_reader_close_bracket(r); /* no field: a record behind what was broken */
        r->list = AFTER_BROKEN;
        return false;
    }
    for (;;) {
        ct_json_scanner s = ct_json_scan(window_at(r), window_left(r));
        ct_json key = {.p = NULL}, value = {.p = NULL};
        bool more;
        ct_json_status st = next_field(r, &s, &key, &more);
        bool is_large = window_left(r) > CT_RECORD_MAX_BYTES;
        if (st == CT_JSON_OK && !more) {
            r->pos = (size_t)(s.p - r->window.data);
            ct_reader_close_bracket(r);
            return false;
        }
        if (st == CT_JSON_OK && (*s.p == '{' || *s.p == '[')) {
            r->path_len =
                ct_carrier_put_key(r->path, r->path_lens[r->n_open - 1], key.p + 1, key.len - 2);
            r->pos = (size_t)(s.p - r->window.data);
            r->list = AFTER_RECORD;
            if (r->n_open + 3 > LISTS_MAX || r->n_walked > CT_CARRIER_KEYS_MAX) {
                skip_value(r);
                return false;
            }
            if (*s.p == '{')
                return ct_reader_take_object(r, item);
            r->pos++;
            return !ct_reader_open_list(r, "[");
        }
        const char *start = s.p;
        bool is_at_value = st == CT_JSON_OK;
        if (is_at_value)
            st = ct_json_value(&s, &value);
        if (st == CT_JSON_OK && s.p < s.end) { /* what ends it is here, too */
            r->path_len =
                ct_carrier_put_key(r->path, r->path_lens[r->n_open - 1], key.p + 1, key.len - 2);
            r->pos = (size_t)(s.p - r->window.data);
            r->list = AFTER_RECORD;
            if (value.kind != CT_JSON_STRING)
                return false;
            r->lacks_time = false;
            return ct_reader_search(r, item, value.p, value.len);
        }
        if (is_large && is_at_value && st == CT_JSON_INCOMPLETE) {
            r->pos = (size_t)(start - r->window.data);
            r->list = AFTER_RECORD;
            skip_value(r);
            return false;
        }
        if (st == CT_JSON_INVALID || is_large) {
            if (key.p && *window_at(r) == ',') /* the field is at fault, not the comma */
                r->pos = (size_t)(key.p - r->window.data);
            ct_reader_close_bracket(r);
            ct_reader_skip_broken(r, item, s.p,
                                  st == CT_JSON_INVALID ? s.error : "a field is too long");
            return true;
        }
        if (!ct_reader_fill(r)) {
            if (!r->no_memory)
                ct_reader_report_cut(r, item, "the file ends inside this object");
            return true;
        }
    }
}

/* ---- the end of the file -------------------------------------------------------------------- */

/* Makes the item one that speaks of the file. */
static bool say(ct_reader *r, ct_item *item, ct_item_kind kind, const ct_tally *tally)
{
    ct_reader_put_problem(item, 0, tally->offset, r->message);
    item->kind = kind;
    item->text = "";
    item->len = 0;
    return true;
}

/* The end of a word that counts. */
static const char *plural(int64_t n)
{
    return n == 1 ? "" : "s";
}

/* The first value in which no record was found, and how many there were. */
static bool say_nothing(ct_reader *r, ct_item *item)
{
    snprintf(r->message, sizeof r->message, "%.*s", (int)sizeof r->message - 40,
             r->nothing_message);
    size_t n = strlen(r->message);
    if (r->nothing.n > 1)
        snprintf(r->message + n, sizeof r->message - n, ", %" PRId64 " times", r->nothing.n);
    say(r, item, CT_ITEM_PROBLEM, &r->nothing);
    ct_reader_put_text(item, r->nothing_text.data, r->nothing_text.len);
    return true;
}

static bool say_gave_up(ct_reader *r, ct_item *item)
{
    snprintf(r->message, sizeof r->message,
             "strings inside strings grow too much: not all were searched for records");
    return say(r, item, CT_ITEM_PROBLEM, &r->nothing);
}

/* Plain text: of a prompt or a comment it is said that it was not read; where records have text
 * around them on their lines, more of it is no wonder. */
static bool say_other_text(ct_reader *r, ct_item *item)
{
    int64_t n = r->other_text.n;
    snprintf(r->message, sizeof r->message,
             "text that is no record stands in %" PRId64 " place%s: %" PRId64
             " bytes were passed over",
             n, plural(n), r->other_bytes);
    say(r, item, r->prefixes.n > 0 ? CT_ITEM_NOTE : CT_ITEM_PROBLEM, &r->other_text);
    ct_reader_put_text(item, r->first_other.data, r->first_other.len);
    return true;
}

static bool say_prefixes(ct_reader *r, ct_item *item)
{
    int64_t n = r->prefixes.n;
    snprintf(r->message, sizeof r->message,
             "text stands before %" PRId64 " record%s on the line: %" PRId64
             " bytes were passed over",
             n, plural(n), r->prefix_bytes);
    return say(r, item, CT_ITEM_NOTE, &r->prefixes);
}

/* A note that is no more than a count. */
static bool say_count(ct_reader *r, ct_item *item, const ct_tally *tally, const char *before,
                      const char *one, const char *behind)
{
    snprintf(r->message, sizeof r->message, "%s%" PRId64 " %s%s%s", before, tally->n, one,
             plural(tally->n), behind);
    return say(r, item, CT_ITEM_NOTE, tally);
}

/* What is said once, at the end; false when all was. */
bool ct_reader_say_at_end(ct_reader *r, ct_item *item)
{
    enum { NOTHING, GAVE_UP, NO_ZONE, PREFIXES, OTHER_TEXT, ROWS, STRAY, DONE };
    if (r->n_ignored > 0) {
        r->n_ignored--;
        item->kind = CT_ITEM_IGNORED;
        return true;
    }
    if (r->end_step == NOTHING && r->nothing.n == 0 && r->cells.n > 0 && r->n_found == 0) {
        snprintf(r->nothing_message, sizeof r->nothing_message,
                 "JSON, but no CloudTrail record (rows of values)");
        r->nothing = (ct_tally){1, r->cells.offset};
    }
    while (r->end_step < DONE) {
        int step = r->end_step++;
        if (step == NOTHING && r->nothing.n > 0)
            return say_nothing(r, item);
        if (step == GAVE_UP && r->carrier.gave_up)
            return say_gave_up(r, item);
        if (step == NO_ZONE && r->no_zone.n > 0)
            return say_count(r, item, &r->no_zone, "", "time", " without a zone, read as UTC");
        if (step == PREFIXES && r->prefixes.n > 0)
            return say_prefixes(r, item);
        if (step == OTHER_TEXT && r->other_text.n > 0)
            return say_other_text(r, item);
        if (step == ROWS && r->rows.n > 0)
            return say_count(r, item, &r->rows, "a column of ", "record",
                             " could not be taken apart: it is kept as text in extra");
        if (step == STRAY && r->commas.n > 0)
            return say_count(r, item, &r->commas, "commas or brackets stand alone in ", "place",
                             "");
    }
    return false;
}
