/* JSON: the lists that records stand in, and one value, a record or what is wrapped around it. */
#include "log/reader_parts.h"

#include <stdio.h>
#include <string.h>

#include "base/ascii.h"

/* ---- lists --------------------------------------------------------------------------------- */

static const struct {
    const char *name;
    size_t len;
    ct_form form;
} list_names[] = {
    {"Records", 7, CT_FORM_RECORDS},
    {"Events", 6, CT_FORM_LOOKUP_EVENTS},
    {"events", 6, CT_FORM_CLOUDWATCH},
    {"logEvents", 9, CT_FORM_CLOUDWATCH},
};

/* Goes inside these brackets, the outermost first. False: they would be too many. */
bool ct_reader_open_list(ct_reader *r, const char *brackets)
{
    size_t n = strlen(brackets);
    if (r->n_open + n > LISTS_MAX)
        return false;
    for (size_t i = 0; i < n; i++) {
        r->path_lens[r->n_open] = r->path_len;
        r->open[r->n_open++] = brackets[i];
    }
    r->list = LIST_BEGINS;
    return true;
}

/* The innermost bracket is closed, or was never to be. */
void ct_reader_close_bracket(ct_reader *r)
{
    r->n_open--;
    r->path_len = r->path_lens[r->n_open];
    r->list = AFTER_RECORD;
    if (r->open[r->n_open] == 'c')
        ct_reader_end_walk(r);
}

/* The form of which a list has this name; CT_FORM_UNKNOWN: none has. */
static ct_form list_form(const ct_json *key)
{
    for (size_t i = 0; i < sizeof list_names / sizeof list_names[0]; i++)
        if (ct_json_says(key, list_names[i].name, list_names[i].len))
            return list_names[i].form;
    return CT_FORM_UNKNOWN;
}

/* The list's name joins the path to what it holds. */
static void put_list_name(ct_reader *r, const ct_json *key)
{
    r->path_len = ct_carrier_put_key(r->path, r->path_len, key->p + 1, key->len - 2);
}

/* Where the list of records inside the object at p begins, behind its bracket; NULL when none does
 * in these bytes. `first_only`: the list must be the object's first field. */
static const char *find_list(const char *p, const char *end, bool first_only, ct_form *form,
                             ct_json *name)
{
    ct_json_scanner s = ct_json_scan(p, (size_t)(end - p));
    ct_json key, value;
    bool more;
    ct_json_status st = ct_json_enter(&s, '{', &more);
    while (st == CT_JSON_OK && more) {
        st = ct_json_key(&s, &key);
        if (st != CT_JSON_OK)
            break;
        *form = *s.p == '[' ? list_form(&key) : CT_FORM_UNKNOWN;
        *name = key;
        if (*form != CT_FORM_UNKNOWN)
            return s.p + 1;
        if (first_only)
            break;
        st = ct_json_value(&s, &value);
        if (st == CT_JSON_OK)
            st = ct_json_next(&s, '}', &more);
    }
    return NULL;
}

static void enter_list(ct_reader *r, const char *list, ct_form form, const ct_json *name)
{
    r->form = form;
    (void)ct_reader_open_list(r, "{"); /* the caller saw that there is room */
    put_list_name(r, name);
    (void)ct_reader_open_list(r, "[");
    r->pos = (size_t)(list - r->window.data);
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
        {"message", CT_JSON_STRING, CT_FORM_CLOUDWATCH},
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

/* {"Records":null}, which a trail's file without a record may say, and what tests a channel. */
static bool is_nothing_at_all(const ct_record *record)
{
    const ct_json *records = ct_record_extra_field(record, "Records");
    return (records && records->kind == CT_JSON_NULL && record->n_extras == 1) ||
           ct_carrier_is_control_message(record);
}

/* Scans the record that was found inside another value. False when it is none. */
bool ct_reader_scan_inner(ct_reader *r, const char *p, size_t n, const char **error)
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

static bool unwrap_string(ct_reader *r, const ct_json *string, const char *name)
{
    const char *error;
    ct_buf_clear(&r->inner);
    (void)ct_json_decode(string, &r->inner);
    if (!ct_buf_ok(&r->inner)) {
        r->no_memory = true;
        return false;
    }
    if (ct_reader_scan_inner(r, r->inner.data, r->inner.len, &error))
        return true;
    snprintf(r->message, sizeof r->message, "%s: %s", name, error);
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
        return unwrap_string(r, value, "CloudTrailEvent");
    if (form == CT_FORM_CLOUDWATCH)
        return unwrap_string(r, value, "message");

    bool is_nested = form == CT_FORM_OPENSEARCH && value->kind == CT_JSON_OBJECT &&
                     ct_record_extra_field(&r->record, "aws") == value;
    if (is_nested && !ct_json_find(value, "cloudtrail", &inner)) {
        snprintf(r->message, sizeof r->message, "no eventTime");
        return false;
    }
    if (inner.kind == CT_JSON_ARRAY) {
        if (!ct_reader_open_list(r, is_nested ? "{{[" : "{[")) {
            snprintf(r->message, sizeof r->message, "lists are nested too deeply");
            return false;
        }
        *list = inner.p + 1;
        return true;
    }
    if (ct_reader_scan_inner(r, inner.p, inner.len, &error))
        return true;
    snprintf(r->message, sizeof r->message, "%s: %s", ct_form_name(form), error);
    return false;
}

/* Whether what a wrapper of this form holds must be a record, which r->inner says: LookupEvents has
 * nothing else in that field; a message that begins like a record was one. Any other may be an
 * envelope, which is searched. */
static bool must_be_record(const ct_reader *r, ct_form form)
{
    if (form == CT_FORM_LOOKUP_EVENTS)
        return true;
    if (form != CT_FORM_CLOUDWATCH || r->inner.len == 0)
        return false;
    const char *p = r->inner.data, *end = p + r->inner.len;
    while (p < end && ct_is_blank(*p))
        p++;
    return ct_form_begins_event(p, end);
}

/* Looks inside a wrapper of a form that is known. True: *done says whether there is something to
 * hand out; else the reader goes on inside a list. False: there is no record where the form has
 * it. */
static bool take_wrapped(ct_reader *r, ct_item *item, ct_form form, const ct_json *wrapped,
                         const char *p, size_t n, bool *done)
{
    const char *list = NULL;
    bool repeated = r->record.repeated_key;
    bool is_unwrapped = unwrap(r, form, wrapped, &list);
    bool must = must_be_record(r, form) && !(is_unwrapped && form == CT_FORM_CLOUDWATCH);
    *done = true;
    if (r->no_memory)
        return true;
    if (list) {
        r->form = form;
        r->pos = (size_t)(list - r->window.data);
        *done = false;
        return true;
    }
    bool is_record = is_unwrapped &&
                     (ct_record_is_record(&r->record) || ct_record_lacks_time(&r->record) || must);
    if (is_record) {
        r->form = form;
        return ct_reader_put_record(r, item, offset_of(r, p), p, n,
                                    repeated ? "a key is repeated" : NULL);
    }
    if (!must)
        return false;
    r->form = form;
    r->n_found++;
    ct_reader_put_problem(item, ++r->n_records, offset_of(r, p), r->message);
    ct_reader_put_text(item, p, n);
    return true;
}

/* Hands out the record at p that was scanned, or what is inside it. False: nothing to hand out yet,
 * the reader goes on inside a list or behind the value. */
static bool take_value(ct_reader *r, ct_item *item, const char *p, size_t n)
{
    const ct_json *wrapped = NULL;
    bool stamped = r->stamped, done;
    r->pos += n;
    r->list = AFTER_RECORD;
    r->stamped = false;
    if (r->record.dotted && ct_record_is_record(&r->record))
        ct_carrier_nest(&r->record, &r->carrier.nested);
    if (r->record.no_memory) {
        r->no_memory = true;
        return false;
    }
    if (ct_record_is_record(&r->record) && !ct_carrier_holds_original(&r->record)) {
        if (r->n_open == 0)
            r->form = stamped ? CT_FORM_CLOUDWATCH : CT_FORM_SEQUENCE;
        if (r->n_walked > 0) {
            r->form = CT_FORM_CARRIER;
            memcpy(r->found_path, r->path, r->path_len);
            r->found_path[r->path_len] = '\0';
        }
        return ct_reader_put_record(r, item, offset_of(r, p), p, n, NULL);
    }
    if (is_nothing_at_all(&r->record)) {
        r->n_ignored++;
        return false;
    }
    r->lacks_time = ct_record_lacks_time(&r->record);
    ct_form form = find_wrapped(&r->record, &wrapped);
    if (form == CT_FORM_DIGEST) {
        r->form = form;
        item->kind = CT_ITEM_DIGEST;
        item->offset = offset_of(r, p);
        ct_reader_put_text(item, p, n);
        return true;
    }
    if (form != CT_FORM_SEQUENCE && take_wrapped(r, item, form, wrapped, p, n, &done))
        return done;
    if (r->n_open == 0)
        r->form = CT_FORM_SEQUENCE;
    return ct_reader_search(r, item, p, n);
}

enum { SHORTEST_LIST = 12 }; /* bytes of an object with one: {"Events":[]} has more */

/* Passes over an object that is too short to be anything: a large file may be made of such. */
static bool pass_over_tiny(ct_reader *r)
{
    const char *p = window_at(r);
    ct_json_scanner s = ct_json_scan(p, window_left(r));
    ct_json value;
    if (window_left(r) < SHORTEST_LIST || !memchr(p, '}', SHORTEST_LIST) ||
        ct_json_value(&s, &value) != CT_JSON_OK || value.len > SHORTEST_LIST)
        return false;
    r->pos += value.len;
    r->list = AFTER_RECORD;
    r->stamped = false;
    ct_reader_note_nothing(r, p, value.len);
    return true;
}

/* Looks at the object at r->pos. False: nothing to hand out yet. */
bool ct_reader_take_object(ct_reader *r, ct_item *item)
{
    look_ahead(r, LOOKAHEAD);
    if (pass_over_tiny(r))
        return false;
    bool has_room = r->n_open + 2 <= LISTS_MAX;
    ct_form form;
    ct_json name;
    const char *list =
        has_room ? find_list(window_at(r), window_at(r) + window_left(r), true, &form, &name)
                 : NULL;
    if (list) {
        enter_list(r, list, form, &name);
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
            list = has_room && s.p - start > SHORTEST_LIST &&
                           r->record.fields[CT_EVENT_NAME].kind == CT_JSON_NONE &&
                           !ct_carrier_is_control_message(&r->record)
                       ? find_list(start, s.p, false, &form, &name)
                       : NULL;
            if (list) {
                enter_list(r, list, form, &name);
                return false;
            }
            if ((size_t)(s.p - start) <= CT_RECORD_MAX_BYTES)
                return take_value(r, item, start, (size_t)(s.p - start));
        }
        if (st == CT_JSON_INVALID && ct_reader_may_walk_broken(r, s.p) &&
            ct_reader_enter_walk(r, true))
            return false;
        if (st == CT_JSON_INVALID) {
            ct_reader_skip_broken(r, item, s.p, s.error);
            return true;
        }
        /* The window ends inside it. A list that comes late is entered before it is all here. */
        bool is_long = st == CT_JSON_INCOMPLETE && window_left(r) > CT_READER_CHUNK;
        if (is_long && has_room)
            list = find_list(start, s.end, false, &form, &name);
        if (list) {
            enter_list(r, list, form, &name);
            return false;
        }
        if (is_long && ct_record_is_blank(&r->record) && ct_reader_enter_walk(r, false))
            return false;
        if (window_left(r) > CT_RECORD_MAX_BYTES) {
            ct_reader_skip_broken(r, item, start + CT_RECORD_MAX_BYTES,
                                  "the record is larger than 4 MB");
            return true;
        }
        if (ct_reader_fill(r))
            continue;
        if (r->no_memory)
            return false;
        if (ct_reader_may_walk_broken(r, r->window.data + r->window.len) &&
            ct_reader_enter_walk(r, true))
            return false;
        /* Where a record was cut in the middle of the file, those behind it look like a part of it:
         * the search finds them. */
        r->cut_reported = true;
        ct_reader_skip_broken(r, item, r->window.data + r->window.len,
                              ct_reader_cut_message(r, "the file ends inside this record"));
        return true;
    }
}

/* Inside an object behind its list: passes over one more field, or the end. */
bool ct_reader_pass_over_field(ct_reader *r, ct_item *item)
{
    for (;;) {
        ct_json_scanner s = ct_json_scan(window_at(r), window_left(r));
        ct_json key = {.p = NULL}, value;
        bool more;
        ct_json_status st = ct_json_next(&s, '}', &more);
        if (st == CT_JSON_OK && more)
            st = ct_json_key(&s, &key);
        bool is_list =
            st == CT_JSON_OK && more && *s.p == '[' && list_form(&key) != CT_FORM_UNKNOWN;
        if (st == CT_JSON_OK && more && !is_list)
            st = ct_json_value(&s, &value);
        if (st == CT_JSON_OK) {
            r->pos = (size_t)(s.p - r->window.data);
            if (!more)
                ct_reader_close_bracket(r);
            if (is_list) {
                r->path_len = r->path_lens[r->n_open - 1];
                put_list_name(r, &key);
                (void)ct_reader_open_list(r, "["); /* where the first list of the object was */
                r->pos++;
            }
            return false;
        }
        if (st == CT_JSON_INVALID || window_left(r) > CT_RECORD_MAX_BYTES) {
            ct_reader_close_bracket(r); /* what stands here may as well belong outside */
            if (st == CT_JSON_INVALID && *window_at(r) == '{') {
                ct_reader_put_problem(item, 0, offset_of(r, s.p),
                                      s.error); /* a record behind a lost comma */
                r->list = AFTER_BROKEN;
                return true;
            }
            ct_reader_skip_broken(r, item, s.p,
                                  st == CT_JSON_INVALID ? s.error
                                                        : "a field behind the records is too long");
            return true;
        }
        if (!ct_reader_fill(r)) {
            if (!r->no_memory)
                ct_reader_report_cut(r, item, "the file ends before its list of records does");
            return true;
        }
    }
}

/* Inside a list, at a comma or its end. False: nothing to hand out. */
bool ct_reader_pass_over_comma(ct_reader *r, ct_item *item)
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
        ct_reader_close_bracket(r);
        if (hanging)
            ct_reader_put_problem(item, 0, offset_of(r, window_at(r) - 1),
                                  "a comma stands before the end of a list");
        return hanging;
    }
    ct_reader_skip_broken(r, item, window_at(r), "a record is expected");
    return true;
}
