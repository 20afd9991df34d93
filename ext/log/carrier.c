#include "log/carrier.h"

#include <string.h>

#include "base/ascii.h"
#include "base/base64.h"
#include "log/columns.h"

enum {
    STRING_MIN = 16,   /* no shorter one can hold a record */
    KEY_KEPT_MAX = 32, /* of a name in the path */
};

/* ---- the path ------------------------------------------------------------------------------- */

size_t ct_carrier_put_key(char path[CT_CARRIER_PATH_MAX], size_t path_len, const char *key,
                          size_t n)
{
    if (n > KEY_KEPT_MAX)
        n = KEY_KEPT_MAX;
    if (path_len + n + 2 > CT_CARRIER_PATH_MAX)
        return path_len;
    char *out = path + path_len;
    if (path_len > 0)
        *out++ = '.';
    for (size_t i = 0; i < n; i++) {
        char c = key[i];
        bool is_plain = ct_is_lower(c) || ct_is_upper(c) || ct_is_digit(c) || c == '_' ||
                        c == '-' || c == '@' || c == '.';
        *out++ = is_plain ? c : '?';
    }
    *out = '\0';
    return (size_t)(out - path);
}

/* ---- levels --------------------------------------------------------------------------------- */

static bool push(ct_carrier *c, char kind, const char *p, size_t n, unsigned n_keys)
{
    if (c->n_levels == CT_CARRIER_LEVELS_MAX)
        return false;
    c->levels[c->n_levels++] = (ct_carrier_level){.s = ct_json_scan(p, n),
                                                  .kind = kind,
                                                  .n_texts = (unsigned char)c->n_texts,
                                                  .n_keys = (unsigned char)n_keys,
                                                  .path_len = c->path_len,
                                                  .key = c->key,
                                                  .key_len = c->key_len};
    return true;
}

static void pop(ct_carrier *c)
{
    c->n_levels--;
    c->n_texts = c->n_levels > 0 ? c->levels[c->n_levels - 1].n_texts : 0;
}

static void begin(ct_carrier *c, const char *path, const char *key, size_t key_len)
{
    c->n_levels = c->n_texts = 0;
    c->no_memory = c->columns.no_memory = false;
    c->path_len = strlen(path);
    memcpy(c->path, path, c->path_len + 1);
    c->key = key;
    c->key_len = key_len;
}

void ct_carrier_begin(ct_carrier *carrier, const ct_json *value, const char *path, const char *key,
                      size_t key_len)
{
    begin(carrier, path, key, key_len);
    (void)push(carrier, 'v', value->p, value->len, 0);
}

/* ---- strings -------------------------------------------------------------------------------- */

/* Where a record begins behind some other text; NULL when none does. */
static const char *find_record(const char *p, const char *end)
{
    for (; p < end && (p = memchr(p, '{', (size_t)(end - p))); p++)
        if (ct_form_begins_record(p, end))
            return p;
    return NULL;
}

static const char *skip_blanks(const char *p, const char *end)
{
    while (p < end && ct_is_blank(*p))
        p++;
    return p;
}

/* Whether a key says that its value is data: data, Data, kinesisData, value, body ... */
static bool says_data(const char *key, size_t n)
{
    static const char *const words[] = {"value", "body", "payload", "message", "_raw", "content"};
    for (size_t i = 0; i + 4 <= n; i++)
        if (ct_to_lower(key[i]) == 'd' && memcmp(key + i + 1, "ata", 3) == 0)
            return true;
    for (size_t k = 0; k < sizeof words / sizeof words[0]; k++) {
        size_t i = 0;
        while (i < n && words[k][i] && ct_to_lower(key[i]) == words[k][i])
            i++;
        if (i == n && words[k][i] == '\0')
            return true;
    }
    return false;
}

/* Whether a text begins as base64 of `{` or `[` with white space, a quote or a bracket behind it,
 * or of gzip. */
static bool may_be_base64(const char *p, size_t n)
{
    static const char *const starts[] = {"eyJ", "eyA", "ewo", "ew0", "ewk", "W3s",
                                         "Wwo", "Ww0", "WyA", "WyJ", "H4sI"};
    for (size_t i = 0; i < sizeof starts / sizeof starts[0]; i++)
        if (n >= STRING_MIN && memcmp(p, starts[i], strlen(starts[i])) == 0)
            return true;
    return false;
}

bool ct_carrier_may_hold(const ct_json *string)
{
    const char *end = string->p + string->len - 1;
    const char *p = skip_blanks(string->p + 1, end);
    return string->len >= STRING_MIN &&
           (*p == '{' || *p == '[' || may_be_base64(p, (size_t)(end - p)));
}

/* The text that is decoded next; NULL when there may be no more. */
static ct_buf *open_text(ct_carrier *c)
{
    if (c->n_texts == CT_CARRIER_TEXTS_MAX || c->n_levels == CT_CARRIER_LEVELS_MAX)
        return NULL;
    if (c->budget <= 0) {
        c->gave_up = true;
        return NULL;
    }
    ct_buf_clear(&c->texts[c->n_texts]);
    return &c->texts[c->n_texts];
}

/* How much the next text may have. */
static size_t room_for_text(const ct_carrier *c)
{
    size_t used = 0;
    for (size_t i = 0; i < c->n_texts; i++)
        used += c->texts[i].len;
    size_t room = used < CT_CARRIER_BYTES_MAX ? CT_CARRIER_BYTES_MAX - used : 0;
    return c->budget < (int64_t)room ? (size_t)c->budget : room;
}

/* The text that was decoded is searched next. */
static void enter_text(ct_carrier *c, ct_buf *text, unsigned n_keys)
{
    c->budget -= (int64_t)text->len;
    c->n_texts++;
    if (!push(c, 't', text->data, text->len, n_keys))
        c->n_texts--;
}

/* Appends what base64 stands for, inflated where that is gzip. */
static void put_base64(ct_carrier *c, const char *p, size_t n, ct_buf *out)
{
    ct_buf_clear(&c->spare);
    bool is_base64 = ct_base64_decode(p, n, &c->spare);
    if (!ct_buf_ok(&c->spare))
        out->failed = true;
    if (!is_base64)
        return;
    if (c->spare.len < 3 || memcmp(c->spare.data, "\037\213\010", 3) != 0) {
        ct_buf_put(out, c->spare.data, c->spare.len);
    } else {
        const char *error;
        size_t room = room_for_text(c);
        ct_source_status st = ct_gunzip_bytes(c->spare.data, c->spare.len, room, out, &error);
        if (st == CT_SOURCE_NO_MEMORY)
            out->failed = true;
        c->gave_up = c->gave_up || (st == CT_SOURCE_BROKEN && out->len == room);
    }
}

/* Searches what stands under `key`, a text that is nobody's JSON yet. */
static void search_text(ct_carrier *c, const char *key, size_t key_len, const char *p, size_t n,
                        unsigned n_keys)
{
    const char *end = p + n, *start = skip_blanks(p, end);
    n = (size_t)(end - start);
    if (n >= STRING_MIN && (*start == '{' || *start == '[' || *start == '"')) {
        (void)push(c, 't', start, n, n_keys);
        return;
    }
    if (says_data(key, key_len) && may_be_base64(start, n)) {
        ct_buf *text = open_text(c);
        if (!text)
            return;
        put_base64(c, start, n, text);
        if (!ct_buf_ok(text))
            c->no_memory = true;
        else if (text->len > 0)
            enter_text(c, text, n_keys);
        return;
    }
    const char *record = find_record(start, end);
    if (record)
        (void)push(c, 't', record, (size_t)(end - record), n_keys);
}

/* The same for a JSON string. Nothing is decoded that cannot hold a record. */
static void search_string(ct_carrier *c, const char *key, size_t key_len, const ct_json *string,
                          unsigned n_keys)
{
    const char *p = string->p + 1, *end = string->p + string->len - 1;
    p = skip_blanks(p, end);
    bool is_data = says_data(key, key_len) && may_be_base64(p, (size_t)(end - p));
    bool is_escaped = string->flags & CT_JSON_ESCAPED;
    if (!is_escaped) { /* a quote would be */
        if (is_data)
            search_text(c, key, key_len, p, (size_t)(end - p), n_keys);
        return;
    }
    if (!is_data && !memchr(p, '{', (size_t)(end - p)))
        return;
    ct_buf *text = open_text(c);
    if (!text)
        return;
    (void)ct_json_decode(string, text);
    if (!ct_buf_ok(text)) {
        c->no_memory = true;
        return;
    }
    c->budget -= (int64_t)text->len;
    c->n_texts++;
    size_t before = c->n_levels;
    search_text(c, key, key_len, text->data, text->len, n_keys);
    if (c->n_levels == before)
        c->n_texts--;
}

void ct_carrier_begin_text(ct_carrier *carrier, const char *path, const char *key, size_t key_len,
                           const char *p, size_t n)
{
    begin(carrier, path, key, key_len);
    search_text(carrier, key, key_len, p, n, 1);
}

/* ---- values --------------------------------------------------------------------------------- */

bool ct_carrier_is_control_message(const ct_record *record)
{
    static const char says[] = "CONTROL_MESSAGE";
    const ct_json *type = ct_record_extra_field(record, "messageType");
    return type && ct_json_says(type, says, sizeof says - 1);
}

/* Whether a text, as JSON or in a string, names both fields that every record has. */
static bool names_a_record(const ct_json *value)
{
    static const char *const names[] = {"eventVersion", "eventTime"};
    const char *end = value->p + value->len;
    for (size_t i = 0; i < 2; i++) {
        size_t n = strlen(names[i]);
        const char *p = value->p;
        while (p && (size_t)(end - p) > n && memcmp(p, names[i], n) != 0)
            p = memchr(p + 1, 'e', (size_t)(end - p) - 1);
        if (!p || (size_t)(end - p) <= n)
            return false;
    }
    return true;
}

/* Whether an object that says neither of what version of CloudTrail's nor which event it is has
 * beside its time and name another one that does: a log platform's own fields around a record. */
static bool is_wrapper(const ct_record *record)
{
    if (record->fields[CT_EVENT_VERSION].kind != CT_JSON_NONE ||
        record->fields[CT_EVENT_ID].kind != CT_JSON_NONE)
        return false;
    for (size_t i = 0; i < record->n_extras; i++) {
        const ct_json *value = &record->extras[i].value;
        bool may_hold = value->kind == CT_JSON_OBJECT || value->kind == CT_JSON_STRING;
        if (may_hold && names_a_record(value))
            return true;
    }
    return false;
}

bool ct_carrier_holds_original(const ct_record *record)
{
    static const char *const names[] = {
        "_raw",     "CloudTrailEvent", "cloudtrail_event", "cloudTrailEvent",
        "@message", "RawEventData"};
    for (size_t i = 0; record->may_wrap && i < sizeof names / sizeof names[0]; i++) {
        const ct_json *value = ct_record_extra_field(record, names[i]);
        if (value && (value->kind == CT_JSON_OBJECT || value->kind == CT_JSON_STRING))
            return true;
    }
    return is_wrapper(record);
}

void ct_carrier_nest(ct_record *record, ct_buf *nested)
{
    ct_json whole = {.p = record->text, .len = record->len, .kind = CT_JSON_OBJECT};
    ct_buf_clear(nested);
    bool is_made = ct_columns_put_nested(&whole, nested);
    if (!ct_buf_ok(nested)) {
        record->no_memory = true;
    } else if (is_made) {
        ct_json_scanner s = ct_json_scan(nested->data, nested->len);
        (void)ct_record_scan(record, &s); /* it is well-formed: so was what it is made of */
    }
}

static ct_form form_of_columns(const ct_json_columns *columns)
{
    return columns->header.kind == CT_CSV_SENTINEL ? CT_FORM_JSON_SENTINEL : CT_FORM_JSON_COLUMNS;
}

/* Makes the record of a row of columns. False: it tells of none. */
static bool take_columns(ct_carrier *c, ct_record *record, ct_found *found)
{
    const char *message;
    bool made = ct_json_columns_make(&c->columns, &message);
    found->form = form_of_columns(&c->columns);
    found->message = message;
    if (!made)
        return false;
    ct_json_scanner s = ct_json_scan(c->columns.record.data, c->columns.record.len);
    ct_json_status st = ct_record_scan(record, &s);
    c->no_memory = c->no_memory || record->no_memory;
    record->is_utc = c->columns.is_lake;
    return st == CT_JSON_OK && !c->no_memory && ct_record_is_record(record);
}

/* A table whose names stand apart from its rows, as Log Analytics answers a query. */
static bool enter_table(ct_carrier *c, const ct_json *object, const ct_record *record,
                        unsigned n_keys)
{
    const ct_json *columns = ct_record_extra_field(record, "columns");
    ct_json rows;
    return columns && columns->kind == CT_JSON_ARRAY && ct_json_find(object, "rows", &rows) &&
           rows.kind == CT_JSON_ARRAY && ct_json_columns_read_names(&c->columns, columns) &&
           push(c, 'r', rows.p, rows.len, n_keys);
}

/* A row of such a table: the names told that it is one of records, so one that tells of none is
 * broken. */
static ct_carrier_status visit_row(ct_carrier *c, const ct_json *row, ct_record *record,
                                   ct_found *found)
{
    bool is_row = row->kind == CT_JSON_ARRAY && ct_json_columns_read_values(&c->columns, row);
    if (is_row && take_columns(c, record, found))
        return CT_CARRIER_RECORD;
    c->no_memory = c->no_memory || c->columns.no_memory;
    found->form = form_of_columns(&c->columns);
    if (!is_row)
        found->message = "a row of the table has not one value for each column";
    else if (!found->message)
        found->message = "a row of the table tells of no record";
    return c->no_memory ? CT_CARRIER_NO_MEMORY : CT_CARRIER_BROKEN;
}

/* Looks at an object, which the record describes already where it is_scanned. True: *found is a
 * record. */
static bool visit_object(ct_carrier *c, const ct_json *object, unsigned n_keys, bool is_scanned,
                         ct_record *record, ct_found *found)
{
    ct_json_scanner s = ct_json_scan(object->p, object->len);
    if (!is_scanned)
        (void)ct_record_scan(record, &s); /* it is well-formed: it was scanned before */
    if (!record->no_memory && record->dotted && ct_record_is_record(record))
        ct_carrier_nest(record, &c->nested);
    if (record->no_memory) {
        c->no_memory = true;
        return false;
    }
    if (ct_record_is_record(record) && !ct_carrier_holds_original(record)) {
        found->form = CT_FORM_CARRIER;
        return true;
    }
    if (ct_carrier_is_control_message(record)) {
        c->n_ignored++;
        return false;
    }
    if (ct_json_columns_read(&c->columns, object) && take_columns(c, record, found))
        return true;
    if (!c->columns.no_memory && !enter_table(c, object, record, n_keys) &&
        n_keys <= CT_CARRIER_KEYS_MAX)
        (void)push(c, '{', object->p, object->len, n_keys);
    return false;
}

static bool visit_array(ct_carrier *c, const ct_json *array, unsigned n_keys, ct_record *record,
                        ct_found *found)
{
    const char *first = skip_blanks(array->p + 1, array->p + array->len);
    if (*first == '{' && ct_json_columns_read_lake(&c->columns, array) &&
        take_columns(c, record, found))
        return true;
    (void)push(c, '[', array->p, array->len, n_keys);
    return false;
}

/* Moves to the level's next value; false at its end. *error: what stands there begins like a record
 * and cannot be read. */
static bool next_value(ct_carrier_level *l, ct_json *key, ct_json *value, const char **error)
{
    ct_json_scanner *s = &l->s;
    char closing = l->kind == '{' ? '}' : ']';
    bool more = true;
    key->p = NULL;
    if (l->kind == 'v') {
        char c = *s->p;
        *value = (ct_json){.p = s->p, .len = (size_t)(s->end - s->p)};
        value->kind = c == '{' ? CT_JSON_OBJECT : c == '[' ? CT_JSON_ARRAY : CT_JSON_STRING;
        value->flags = CT_JSON_ESCAPED | CT_JSON_8BIT; /* for all that is known */
        more = !l->begun;
        l->begun = true;
        return more;
    }
    if (l->kind == 't') {
        const char *start = skip_blanks(s->p, s->end);
        bool is_json = start < s->end && strchr("{[\"", *start);
        if (!is_json || l->begun)
            start = find_record(start, s->end);
        if (!start || start >= s->end)
            return false;
        s->p = start;
        ct_json_status st = ct_json_value(s, value);
        if (st == CT_JSON_OK)
            return true;
        if (!l->begun && !ct_form_begins_record(start, s->end)) {
            l->begun = true; /* of a broken envelope what is inside is searched, once */
            start = find_record(start, s->end);
            if (!start)
                return false;
            *s = ct_json_scan(start, (size_t)(s->end - start));
            st = ct_json_value(s, value);
            if (st == CT_JSON_OK)
                return true;
        }
        if (ct_form_begins_record(start, s->end)) {
            *error = st == CT_JSON_INVALID ? s->error : "the record ends early";
            *value = (ct_json){.p = start, .len = (size_t)(s->end - start)};
        }
        s->p = s->end;
        return *error != NULL;
    }
    ct_json_status st = l->begun ? ct_json_next(s, closing, &more)
                                 : ct_json_enter(s, l->kind == '{' ? '{' : '[', &more);
    l->begun = true;
    if (st == CT_JSON_OK && more && l->kind == '{')
        st = ct_json_key(s, key);
    if (st == CT_JSON_OK && more)
        st = ct_json_value(s, value);
    return st == CT_JSON_OK && more;
}

ct_carrier_status ct_carrier_next(ct_carrier *carrier, ct_record *record, ct_found *found)
{
    ct_carrier *c = carrier;
    while (c->n_levels > 0 && !c->no_memory) {
        ct_carrier_level *l = &c->levels[c->n_levels - 1];
        ct_json key, value;
        const char *error = NULL;
        unsigned n_keys = l->n_keys;
        c->path_len = l->path_len;
        c->path[c->path_len] = '\0';
        if (!next_value(l, &key, &value, &error)) {
            pop(c);
            continue;
        }
        *found = (ct_found){.p = value.p, .len = value.len, .message = error};
        if (error) {
            found->form = CT_FORM_CARRIER;
            return CT_CARRIER_BROKEN;
        }
        c->key = key.p ? key.p + 1 : l->key;
        c->key_len = key.p ? key.len - 2 : l->key_len;
        if (key.p) {
            c->path_len = ct_carrier_put_key(c->path, c->path_len, c->key, c->key_len);
            n_keys++;
        }
        bool is_record = false;
        /* Only of the value that it begins with the caller may have scanned the record: what stands
         * at the same place of a buffer later is another. */
        bool is_scanned = l->kind == 'v' && record->text == value.p && record->len == value.len;
        if (l->kind == 'r')
            return visit_row(c, &value, record, found);
        if (value.len < CT_CARRIER_RECORD_MIN)
            continue;
        if (value.kind == CT_JSON_OBJECT)
            is_record = visit_object(c, &value, n_keys, is_scanned, record, found);
        else if (value.kind == CT_JSON_ARRAY && n_keys <= CT_CARRIER_KEYS_MAX)
            is_record = visit_array(c, &value, n_keys, record, found);
        else if (value.kind == CT_JSON_STRING)
            search_string(c, c->key, c->key_len, &value, n_keys);
        c->no_memory = c->no_memory || c->columns.no_memory;
        if (is_record)
            return CT_CARRIER_RECORD;
    }
    return c->no_memory ? CT_CARRIER_NO_MEMORY : CT_CARRIER_END;
}

void ct_carrier_free(ct_carrier *carrier)
{
    for (size_t i = 0; i < CT_CARRIER_TEXTS_MAX; i++)
        ct_buf_free(&carrier->texts[i]);
    ct_buf_free(&carrier->spare);
    ct_buf_free(&carrier->nested);
    ct_json_columns_free(&carrier->columns);
}
