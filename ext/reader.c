#include "reader.h"

#include <stdio.h>
#include <string.h>

#include "mem.h"

enum {
    LISTS_MAX = 16,   /* brackets open around a record; AWS writes two */
    LOOKAHEAD = 256,  /* bytes that must be there to see how a value begins */
    RETRIES_MAX = 16, /* how often a search may end before bytes that were scanned in vain: what is
                         nested on purpose would be scanned again from each of its braces */
    MESSAGE_MAX = 160
};

/* What may come next inside a list. Behind a broken region nothing more is said about commas. */
typedef enum list_state { LIST_BEGINS, AFTER_RECORD, AFTER_COMMA, AFTER_BROKEN } list_state;

struct ct_reader {
    ct_source *source; /* owned */
    ct_buf window;     /* the bytes being looked at */
    size_t pos;        /* the next byte to look at, in window */
    int64_t base;      /* of the window's first byte in the (inflated) file */
    ct_source_status source_status;
    bool no_memory;

    char open[LISTS_MAX]; /* the brackets around the next record: '[' a list of records, '{' an
                             object that holds such a list */
    size_t n_open;
    list_state list;
    bool cut_reported; /* that the file ends early was said already */
    bool begun;        /* the first bytes were looked at */

    ct_record record;
    ct_form form;
    int64_t n_records;
    ct_buf inner;       /* the record that stood inside a string */
    ct_buf text;        /* the beginning of a problem's text that is longer than the window */
    int64_t last_fault; /* the furthest */
    int n_retries;      /* faults before it, since then */
    char message[MESSAGE_MAX];
};

static const struct {
    const char *name;
    size_t len;
} list_names[] = {{"Records", 7}, {"Events", 6}};

const char *ct_form_name(ct_form form)
{
    static const char *const names[] = {
        [CT_FORM_UNKNOWN] = "unknown",
        [CT_FORM_RECORDS] = "records",
        [CT_FORM_LOOKUP_EVENTS] = "lookup-events",
        [CT_FORM_ARRAY] = "array",
        [CT_FORM_SEQUENCE] = "ndjson",
        [CT_FORM_EVENTBRIDGE] = "eventbridge",
        [CT_FORM_OPENSEARCH] = "opensearch",
        [CT_FORM_DIGEST] = "digest",
    };
    return names[form];
}

/* ---- the window ---------------------------------------------------------------------------- */

static const char *window_at(const ct_reader *r)
{
    return r->window.data + r->pos;
}

static size_t window_left(const ct_reader *r)
{
    return r->window.len - r->pos;
}

static int64_t offset_of(const ct_reader *r, const char *p)
{
    return r->base + (p - r->window.data);
}

/* Adds bytes behind those that are left. False when there are none to add. */
static bool fill(ct_reader *r)
{
    if (r->source_status != CT_SOURCE_OK || r->no_memory)
        return false;
    if (r->pos > 0) {
        memmove(r->window.data, window_at(r), window_left(r));
        r->window.len -= r->pos;
        r->base += (int64_t)r->pos;
        r->pos = 0;
    }
    if (r->window.len + CT_READER_CHUNK / 2 > r->window.capacity &&
        !ct_buf_reserve(&r->window, CT_READER_CHUNK)) {
        r->no_memory = true;
        return false;
    }
    size_t room = r->window.capacity - r->window.len, n_read;
    r->source_status = ct_source_read(r->source, r->window.data + r->window.len,
                                      room < CT_READER_CHUNK ? room : CT_READER_CHUNK, &n_read);
    r->window.len += n_read;
    if (r->source_status == CT_SOURCE_NO_MEMORY)
        r->no_memory = true;
    return n_read > 0;
}

/* Tries to have n bytes in the window; fewer are there only at the end of the file. */
static void look_ahead(ct_reader *r, size_t n)
{
    while (window_left(r) < n && fill(r))
        ;
}

/* Moves to the next byte that is no white space; false at the end of the file. */
static bool skip_space(ct_reader *r)
{
    for (;;) {
        while (r->pos < r->window.len) {
            char c = r->window.data[r->pos];
            if (c != ' ' && c != '\n' && c != '\r' && c != '\t')
                return true;
            r->pos++;
        }
        if (!fill(r))
            return false;
    }
}

static void skip_byte_order_mark(ct_reader *r)
{
    look_ahead(r, 3);
    if (window_left(r) >= 3 && memcmp(window_at(r), "\xEF\xBB\xBF", 3) == 0)
        r->pos += 3;
}

/* ---- problems ------------------------------------------------------------------------------ */

static void put_problem(ct_item *item, int64_t number, int64_t offset, const char *message)
{
    item->kind = CT_ITEM_PROBLEM;
    item->number = number;
    item->offset = offset;
    item->message = message;
}

static void put_text(ct_item *item, const char *p, size_t n)
{
    item->text = p;
    item->len = item->kind == CT_ITEM_PROBLEM && n > CT_PROBLEM_TEXT_MAX ? CT_PROBLEM_TEXT_MAX : n;
}

/* Whether a record, or what wraps one, begins at p: a brace and one of the names it begins with.
 * Names that also begin objects inside records (type, name, apiVersion ...) are not among them. */
static bool begins_record(const char *p, const char *end)
{
    static const char *const names[] = {
        "eventVersion", "eventTime",     "eventID",   "eventName",           "eventSource",
        "eventType",    "eventCategory", "awsRegion", "additionalEventData", "userIdentity",
        "EventId",      "EventName",     "aws",       "aws.cloudtrail",      "Records",
        "Events",
    };
    ct_json_scanner s = ct_json_scan(p, (size_t)(end - p));
    ct_json key;
    bool more;
    if (ct_json_enter(&s, '{', &more) != CT_JSON_OK || !more || ct_json_key(&s, &key) != CT_JSON_OK)
        return false;
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
        if (ct_json_says(&key, names[i], strlen(names[i])))
            return true;
    return false;
}

/* How far the search for the end of a broken region has come. */
typedef struct search {
    size_t i;      /* the byte looked at, in the window */
    int64_t start; /* offset of the region */
    int64_t from;  /* offset from which on a record may begin */
    size_t depth;  /* open brackets, strings left apart: as far as the broken text tells */
    bool in_string;
    char before; /* the byte before i */
    char token;  /* the last byte that is neither white space nor inside a string */
} search;

/* Whether the region ends before the byte at f->i. */
static bool ends_before(const ct_reader *r, const search *f)
{
    const char *p = r->window.data + f->i;
    int64_t offset = r->base + (int64_t)f->i;
    if (offset == f->start)
        return false;
    if (*p == '{' && offset >= f->from) {
        bool begins_line = r->n_open == 0 && f->before == '\n';
        if (begins_line || begins_record(p, r->window.data + r->window.len))
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
static void stash_text(ct_reader *r, search *f)
{
    size_t n = f->i - r->pos;
    size_t room = CT_PROBLEM_TEXT_MAX - r->text.len;
    ct_buf_put(&r->text, window_at(r), n < room ? n : room);
    if (!ct_buf_ok(&r->text))
        r->no_memory = true;
    r->pos = f->i;
}

/*
 * Passes over a region that cannot be read, from r->pos on, and makes it a problem. `fault` is the
 * byte at fault. The region always has one byte at least, so the reader goes on.
 */
static void skip_broken(ct_reader *r, ct_item *item, const char *fault, const char *message)
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
            stash_text(r, &f);
        size_t ahead = f.i - r->pos;
        look_ahead(r, ahead + LOOKAHEAD); /* moves the window's bytes to its front */
        f.i = r->pos + ahead;
        if (f.i >= r->window.len || r->no_memory || ends_before(r, &f) || ends_behind(r, &f))
            break;
    }
    if (f.i > r->window.len)
        f.i = r->window.len;

    put_problem(item, number, fault_offset, message);
    if (r->text.len > 0) {
        stash_text(r, &f);
        put_text(item, r->text.data, r->text.len);
    } else {
        put_text(item, window_at(r), f.i - r->pos);
        r->pos = f.i;
    }
    while (item->len > 0 && strchr(" \t\r\n", item->text[item->len - 1]) &&
           item->text[item->len - 1])
        item->len--;
    r->list = AFTER_BROKEN;
}

/* The source's own reason for an early end, where it has one. */
static const char *cut_message(const ct_reader *r, const char *message)
{
    return r->source_status == CT_SOURCE_BROKEN ? ct_source_error(r->source) : message;
}

/* The file ended at a place where it must not. */
static void report_cut(ct_reader *r, ct_item *item, const char *message)
{
    r->cut_reported = true;
    message = cut_message(r, message);
    put_problem(item, 0, r->base + (int64_t)r->window.len, message);
    put_text(item, window_at(r), window_left(r));
    r->pos = r->window.len;
}

/* ---- lists --------------------------------------------------------------------------------- */

static bool open_list(ct_reader *r, const char *brackets)
{
    size_t n = strlen(brackets);
    if (r->n_open + n > LISTS_MAX)
        return false;
    memcpy(r->open + r->n_open, brackets, n);
    r->n_open += n;
    r->list = LIST_BEGINS;
    return true;
}

static void close_bracket(ct_reader *r)
{
    r->n_open--;
    r->list = AFTER_RECORD;
}

static bool is_list_name(const ct_json *key)
{
    for (size_t i = 0; i < sizeof list_names / sizeof list_names[0]; i++)
        if (ct_json_says(key, list_names[i].name, list_names[i].len))
            return true;
    return false;
}

/* Where the list of records inside the object at p begins, behind its bracket; NULL when none does
 * in these bytes. `first_only`: the list must be the object's first field. */
static const char *find_list(const char *p, const char *end, bool first_only)
{
    ct_json_scanner s = ct_json_scan(p, (size_t)(end - p));
    ct_json key, value;
    bool more;
    ct_json_status st = ct_json_enter(&s, '{', &more);
    while (st == CT_JSON_OK && more) {
        st = ct_json_key(&s, &key);
        if (st != CT_JSON_OK)
            break;
        if (*s.p == '[' && is_list_name(&key))
            return s.p + 1;
        if (first_only)
            break;
        st = ct_json_value(&s, &value);
        if (st == CT_JSON_OK)
            st = ct_json_next(&s, '}', &more);
    }
    return NULL;
}

static ct_form list_form(const char *list)
{
    /* Behind `Records":[` or `Events":[`: the name's last letters tell. */
    while (*list != '"')
        list--;
    return list[-2] == 'd' ? CT_FORM_RECORDS : CT_FORM_LOOKUP_EVENTS;
}

static void enter_list(ct_reader *r, const char *list)
{
    r->form = list_form(list);
    r->pos = (size_t)(list - r->window.data);
    (void)open_list(r, "{["); /* the caller saw that there is room */
}

/* ---- one value ----------------------------------------------------------------------------- */

/* Which form a value has that is no record itself, and where the record or the list stands. */
static ct_form find_wrapped(const ct_record *record, const ct_json **value)
{
    static const struct {
        const char *name;
        unsigned char kind;
        ct_form form;
    } wrappers[] = {
        {"CloudTrailEvent", CT_JSON_STRING, CT_FORM_LOOKUP_EVENTS},
        {"detail", CT_JSON_OBJECT, CT_FORM_EVENTBRIDGE},
        {"aws", CT_JSON_OBJECT, CT_FORM_OPENSEARCH},
        {"aws.cloudtrail", CT_JSON_OBJECT, CT_FORM_OPENSEARCH},
        {"aws.cloudtrail", CT_JSON_ARRAY, CT_FORM_OPENSEARCH},
        {"digestStartTime", CT_JSON_STRING, CT_FORM_DIGEST},
    };
    if (record->fields[CT_EVENT_NAME].kind != CT_JSON_NONE ||
        record->fields[CT_EVENT_SOURCE].kind != CT_JSON_NONE)
        return CT_FORM_SEQUENCE;
    for (size_t i = 0; i < sizeof wrappers / sizeof wrappers[0]; i++) {
        *value = ct_record_extra_field(record, wrappers[i].name);
        if (*value && (*value)->kind == wrappers[i].kind)
            return wrappers[i].form;
    }
    return CT_FORM_SEQUENCE;
}

/* The value of `name` in an object that was scanned before. */
static bool find_member(const ct_json *object, const char *name, ct_json *value)
{
    ct_json_scanner s = ct_json_scan(object->p, object->len);
    ct_json key;
    bool more;
    ct_json_status st = ct_json_enter(&s, '{', &more);
    while (st == CT_JSON_OK && more) {
        st = ct_json_key(&s, &key);
        if (st == CT_JSON_OK)
            st = ct_json_value(&s, value);
        if (st == CT_JSON_OK && ct_json_says(&key, name, strlen(name)))
            return true;
        if (st == CT_JSON_OK)
            st = ct_json_next(&s, '}', &more);
    }
    return false;
}

/* Scans the record that was found inside another value. False when it is none. */
static bool scan_inner(ct_reader *r, const char *p, size_t n, const char **error)
{
    ct_json_scanner s = ct_json_scan(p, n);
    *error = "a record must be an object";
    if (!ct_json_space(&s) || *s.p != '{')
        return false;
    ct_json_status st = ct_record_scan(&r->record, &s);
    r->no_memory = r->record.no_memory;
    *error = st == CT_JSON_INVALID ? s.error : "the record ends early";
    if (st != CT_JSON_OK || r->no_memory)
        return false;
    *error = "text stands behind the record";
    return !ct_json_space(&s);
}

static bool unwrap_string(ct_reader *r, const ct_json *string)
{
    const char *error;
    ct_buf_clear(&r->inner);
    (void)ct_json_decode(string, &r->inner);
    if (!ct_buf_ok(&r->inner)) {
        r->no_memory = true;
        return false;
    }
    if (scan_inner(r, r->inner.data, r->inner.len, &error))
        return true;
    snprintf(r->message, sizeof r->message, "CloudTrailEvent: %s", error);
    return false;
}

/*
 * Makes the record inside a wrapper the reader's record. *list is set instead where the wrapper
 * holds a list of records: the reader goes on inside it. False with r->message: a problem.
 */
static bool unwrap(ct_reader *r, ct_form form, const ct_json *value, const char **list)
{
    const char *error;
    ct_json inner = *value;
    if (form == CT_FORM_LOOKUP_EVENTS)
        return unwrap_string(r, value);

    bool is_nested = form == CT_FORM_OPENSEARCH && value->kind == CT_JSON_OBJECT &&
                     ct_record_extra_field(&r->record, "aws") == value;
    if (is_nested && !find_member(value, "cloudtrail", &inner)) {
        snprintf(r->message, sizeof r->message, "no eventTime");
        return false;
    }
    if (inner.kind == CT_JSON_ARRAY) {
        if (!open_list(r, is_nested ? "{{[" : "{[")) {
            snprintf(r->message, sizeof r->message, "lists are nested too deeply");
            return false;
        }
        *list = inner.p + 1;
        return true;
    }
    if (scan_inner(r, inner.p, inner.len, &error))
        return true;
    snprintf(r->message, sizeof r->message, "%s: %s", ct_form_name(form), error);
    return false;
}

/* Hands out the record at p that was scanned, or what is inside it. False: nothing to hand out yet,
 * the reader goes on inside a list. */
static bool take_value(ct_reader *r, ct_item *item, const char *p, size_t n)
{
    const ct_json *wrapped = NULL;
    const char *list = NULL, *error = NULL;
    ct_form form = find_wrapped(&r->record, &wrapped);
    bool repeated = r->record.repeated_key;
    int64_t offset = offset_of(r, p);
    r->pos += n;
    r->list = AFTER_RECORD;

    if (form == CT_FORM_DIGEST) {
        r->form = form;
        item->kind = CT_ITEM_DIGEST;
        item->offset = offset;
        put_text(item, p, n);
        return true;
    }
    if (form != CT_FORM_SEQUENCE) {
        if (!unwrap(r, form, wrapped, &list))
            error = r->message;
        r->form = form;
        if (list) {
            r->pos = (size_t)(list - r->window.data);
            return false;
        }
    } else if (r->n_open == 0) {
        r->form = form;
    }
    r->n_records++;
    if (error || !ct_record_has_time(&r->record, &error)) {
        put_problem(item, r->n_records, offset, error);
    } else {
        item->kind = CT_ITEM_RECORD;
        item->number = r->n_records;
        item->offset = offset;
        item->record = &r->record;
        item->message = repeated || r->record.repeated_key ? "a key is repeated" : NULL;
    }
    put_text(item, p, n);
    return true;
}

/* Looks at the object at r->pos. False: nothing to hand out yet. */
static bool take_object(ct_reader *r, ct_item *item)
{
    look_ahead(r, LOOKAHEAD);
    bool has_room = r->n_open + 2 <= LISTS_MAX;
    const char *list =
        has_room ? find_list(window_at(r), window_at(r) + window_left(r), true) : NULL;
    if (list) {
        enter_list(r, list);
        return false;
    }
    for (;;) {
        const char *start = window_at(r);
        ct_json_scanner s = ct_json_scan(start, window_left(r));
        ct_json_status st = ct_record_scan(&r->record, &s);
        if (r->record.no_memory) {
            r->no_memory = true;
            return false;
        }
        if (st == CT_JSON_OK) {
            list = has_room && r->record.fields[CT_EVENT_NAME].kind == CT_JSON_NONE
                       ? find_list(start, s.p, false)
                       : NULL;
            if (list) {
                enter_list(r, list);
                return false;
            }
            if ((size_t)(s.p - start) <= CT_RECORD_MAX_BYTES)
                return take_value(r, item, start, (size_t)(s.p - start));
        }
        if (st == CT_JSON_INVALID) {
            skip_broken(r, item, s.p, s.error);
            return true;
        }
        /* The window ends inside it. A list that comes late is entered before it is all here. */
        if (st == CT_JSON_INCOMPLETE && has_room && window_left(r) > CT_READER_CHUNK)
            list = find_list(start, s.end, false);
        if (list) {
            enter_list(r, list);
            return false;
        }
        if (window_left(r) > CT_RECORD_MAX_BYTES) {
            skip_broken(r, item, start + CT_RECORD_MAX_BYTES, "the record is larger than 4 MB");
            return true;
        }
        if (fill(r))
            continue;
        if (r->no_memory)
            return false;
        /* Where a record was cut in the middle of the file, those behind it look like a part of it:
         * the search finds them. */
        r->cut_reported = true;
        skip_broken(r, item, r->window.data + r->window.len,
                    cut_message(r, "the file ends inside this record"));
        return true;
    }
}

/* Inside an object behind its list: passes over one more field, or the end. */
static bool pass_over_field(ct_reader *r, ct_item *item)
{
    for (;;) {
        ct_json_scanner s = ct_json_scan(window_at(r), window_left(r));
        ct_json key = {.p = NULL}, value;
        bool more;
        ct_json_status st = ct_json_next(&s, '}', &more);
        if (st == CT_JSON_OK && more)
            st = ct_json_key(&s, &key);
        bool is_list = st == CT_JSON_OK && more && *s.p == '[' && is_list_name(&key);
        if (st == CT_JSON_OK && more && !is_list)
            st = ct_json_value(&s, &value);
        if (st == CT_JSON_OK) {
            r->pos = (size_t)(s.p - r->window.data);
            if (!more)
                close_bracket(r);
            if (is_list && !open_list(r, "[")) {
                skip_broken(r, item, s.p, "lists are nested too deeply");
                return true;
            }
            r->pos += is_list;
            return false;
        }
        if (st == CT_JSON_INVALID || window_left(r) > CT_RECORD_MAX_BYTES) {
            close_bracket(r); /* what stands here may as well belong outside */
            if (st == CT_JSON_INVALID && *window_at(r) == '{') {
                put_problem(item, 0, offset_of(r, s.p), s.error); /* a record behind a lost comma */
                r->list = AFTER_BROKEN;
                return true;
            }
            skip_broken(r, item, s.p,
                        st == CT_JSON_INVALID ? s.error : "a field behind the records is too long");
            return true;
        }
        if (!fill(r)) {
            if (!r->no_memory)
                report_cut(r, item, "the file ends before its list of records does");
            return true;
        }
    }
}

/* Inside a list, at a comma or its end. False: nothing to hand out. */
static bool pass_over_comma(ct_reader *r, ct_item *item)
{
    char c = *window_at(r);
    if (c == ',' && (r->list == AFTER_RECORD || r->list == AFTER_BROKEN)) {
        r->list = AFTER_COMMA;
        r->pos++;
        return false;
    }
    if (c == ']') {
        bool hanging = r->list == AFTER_COMMA;
        r->pos++;
        close_bracket(r);
        if (hanging)
            put_problem(item, 0, offset_of(r, window_at(r) - 1),
                        "a comma stands before the end of a list");
        return hanging;
    }
    skip_broken(r, item, window_at(r), "a record is expected");
    return true;
}

/* At the end of the file. */
static void finish(ct_reader *r, ct_item *item)
{
    if (r->no_memory) {
        item->kind = CT_ITEM_NO_MEMORY;
        return;
    }
    if (!r->cut_reported && (r->source_status == CT_SOURCE_BROKEN || r->n_open > 0))
        report_cut(r, item, "the file ends before its list of records does");
    else
        item->kind = CT_ITEM_END;
}

/* Whether p begins like a record or a list of them: `{"`, `[{` and so on. A bracket alone does not
 * tell: user agents stand in brackets, too. */
static bool looks_like_json(const char *p, const char *end)
{
    const char *expected = p < end && *p == '{' ? "\"}" : p < end && *p == '[' ? "{[]" : "";
    do
        p++;
    while (p < end && (*p == ' ' || *p == '\n' || *p == '\r' || *p == '\t'));
    return p >= end ? *expected != '\0' : *p != '\0' && strchr(expected, *p);
}

/* Whether a line in the window begins like JSON. A list with a broken beginning shows by a record
 * that stands anywhere in it. */
static bool has_json_line(const ct_reader *r)
{
    if (window_left(r) == 0)
        return false;
    const char *start = window_at(r);
    const char *end = start + window_left(r);
    for (const char *p = start; p < end; p++) {
        if (looks_like_json(p, end))
            return true;
        p = memchr(p, '\n', (size_t)(end - p));
        if (!p)
            break;
    }
    if (*start != '[')
        return false;
    for (const char *p = start; (p = memchr(p, '{', (size_t)(end - p))); p++)
        if (begins_record(p, end))
            return true;
    return false;
}

/* At the first byte of a file. A file that is something else altogether is one problem, not one a
 * line. True: it was handed out. */
static bool refuse_other_file(ct_reader *r, ct_item *item)
{
    r->begun = true;
    skip_byte_order_mark(r);
    if (!skip_space(r))
        return false;
    look_ahead(r, CT_READER_CHUNK / 2);
    if (has_json_line(r) || r->no_memory)
        return false;
    put_problem(item, 0, offset_of(r, window_at(r)), "is no CloudTrail log");
    put_text(item, window_at(r), window_left(r));
    r->pos = r->window.len;
    r->source_status = CT_SOURCE_END; /* the rest is more of the same */
    return true;
}

void ct_reader_next(ct_reader *reader, ct_item *item)
{
    ct_reader *r = reader;
    *item = (ct_item){.kind = CT_ITEM_END};
    if (!r->begun && refuse_other_file(r, item))
        return;
    while (skip_space(r)) {
        char c = *window_at(r);
        bool in_list = r->n_open > 0 && r->open[r->n_open - 1] == '[';
        bool done;
        if (r->n_open > 0 && !in_list) {
            done = pass_over_field(r, item);
        } else if (in_list && (c == ',' || c == ']')) {
            done = pass_over_comma(r, item);
        } else if (in_list && r->list == AFTER_RECORD && c != '}') {
            /* The comma is missing: said once, then the record is taken as any other. */
            put_problem(item, 0, offset_of(r, window_at(r)), "a comma is expected");
            r->list = AFTER_COMMA;
            done = true;
        } else if (c == '{') {
            done = take_object(r, item);
        } else if (c == '[' && open_list(r, "[")) {
            r->form = CT_FORM_ARRAY;
            r->pos++;
            done = false;
        } else {
            skip_broken(r, item, window_at(r),
                        c == '[' ? "lists are nested too deeply" : "a record must be an object");
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
    r->no_memory = r->cut_reported = r->begun = false;
    r->form = CT_FORM_UNKNOWN;
    r->n_records = 0;
    return ct_source_reopen(r->source, path, error);
}

ct_form ct_reader_form(const ct_reader *reader)
{
    return reader->form;
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
    ct_free(reader);
}
