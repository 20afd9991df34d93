#include "log/record.h"

#include <stdlib.h>
#include <string.h>

#include "base/ascii.h"
#include "base/grow.h"
#include "base/json_scan.h"
#include "base/json_write.h"
#include "base/mem.h"
#include "base/timestamp.h"
#include "base/utf8.h"
#include "log/json_time.h"

/* ---- the shape of a record ----------------------------------------------------------------- */

/* The objects whose fields have columns. A child stands behind its parent. */
enum { ROOT, TLS_DETAILS, USER_IDENTITY, SESSION_CONTEXT, SESSION_ISSUER, ATTRIBUTES, N_NODES };

enum { TIMESTAMP = CT_N_COLUMNS }; /* @timestamp: noted, without a column of its own */

/* One field of a known object: it fills a column, or is a known object itself. */
typedef struct known_key {
    const char *name; /* borrowed; with quotes and a colon: what mostly stands in the text */
    size_t name_len;  /* without them */
    int column;       /* ct_column or TIMESTAMP; -1 for an object */
    int node;         /* -1 for a column */
} known_key;

#define COLUMN(name, column)                                                                       \
    {                                                                                              \
        "\"" name "\":", sizeof name - 1, column, -1                                               \
    }
#define NODE(name, node)                                                                           \
    {                                                                                              \
        "\"" name "\":", sizeof name - 1, -1, node                                                 \
    }

/* Fields stand in the order in which AWS writes them: the next one is mostly found at once. */
static const known_key root_keys[] = {
    COLUMN("eventVersion", CT_EVENT_VERSION),
    NODE("userIdentity", USER_IDENTITY),
    COLUMN("eventTime", CT_EVENT_TIME),
    COLUMN("eventSource", CT_EVENT_SOURCE),
    COLUMN("eventName", CT_EVENT_NAME),
    COLUMN("awsRegion", CT_AWS_REGION),
    COLUMN("sourceIPAddress", CT_SOURCE_IP_ADDRESS),
    COLUMN("userAgent", CT_USER_AGENT),
    COLUMN("errorCode", CT_ERROR_CODE),
    COLUMN("errorMessage", CT_ERROR_MESSAGE),
    COLUMN("requestParameters", CT_REQUEST_PARAMETERS),
    COLUMN("responseElements", CT_RESPONSE_ELEMENTS),
    COLUMN("additionalEventData", CT_ADDITIONAL_EVENT_DATA),
    COLUMN("requestID", CT_REQUEST_ID),
    COLUMN("eventID", CT_EVENT_ID),
    COLUMN("readOnly", CT_READ_ONLY),
    COLUMN("resources", CT_RESOURCES),
    COLUMN("eventType", CT_EVENT_TYPE),
    COLUMN("apiVersion", CT_API_VERSION),
    COLUMN("managementEvent", CT_MANAGEMENT_EVENT),
    COLUMN("recipientAccountId", CT_RECIPIENT_ACCOUNT_ID),
    COLUMN("serviceEventDetails", CT_SERVICE_EVENT_DETAILS),
    COLUMN("sharedEventID", CT_SHARED_EVENT_ID),
    COLUMN("vpcEndpointId", CT_VPC_ENDPOINT_ID),
    COLUMN("eventCategory", CT_EVENT_CATEGORY),
    NODE("tlsDetails", TLS_DETAILS),
    COLUMN("@timestamp", TIMESTAMP),
};
static const known_key tls_keys[] = {
    COLUMN("tlsVersion", CT_TLS_VERSION),
    COLUMN("cipherSuite", CT_TLS_CIPHER_SUITE),
    COLUMN("clientProvidedHostHeader", CT_TLS_CLIENT_PROVIDED_HOST_HEADER),
};
static const known_key user_keys[] = {
    COLUMN("type", CT_USER_IDENTITY_TYPE),
    COLUMN("principalId", CT_USER_IDENTITY_PRINCIPAL_ID),
    COLUMN("arn", CT_USER_IDENTITY_ARN),
    COLUMN("accountId", CT_USER_IDENTITY_ACCOUNT_ID),
    COLUMN("accessKeyId", CT_USER_IDENTITY_ACCESS_KEY_ID),
    COLUMN("userName", CT_USER_IDENTITY_USER_NAME),
    NODE("sessionContext", SESSION_CONTEXT),
    COLUMN("invokedBy", CT_USER_IDENTITY_INVOKED_BY),
};
static const known_key session_keys[] = {
    NODE("sessionIssuer", SESSION_ISSUER),
    NODE("attributes", ATTRIBUTES),
};
static const known_key issuer_keys[] = {
    COLUMN("type", CT_SESSION_ISSUER_TYPE),
    COLUMN("principalId", CT_SESSION_ISSUER_PRINCIPAL_ID),
    COLUMN("arn", CT_SESSION_ISSUER_ARN),
    COLUMN("accountId", CT_SESSION_ISSUER_ACCOUNT_ID),
    COLUMN("userName", CT_SESSION_ISSUER_USER_NAME),
};
static const known_key attribute_keys[] = {
    COLUMN("creationDate", CT_SESSION_CREATION_DATE),
    COLUMN("mfaAuthenticated", CT_SESSION_MFA_AUTHENTICATED),
};

static const struct node {
    const known_key *keys;
    size_t n_keys; /* at most 32: a scan notes the keys it has seen in one word */
} nodes[N_NODES] = {
    [ROOT] = {root_keys, sizeof root_keys / sizeof root_keys[0]},
    [TLS_DETAILS] = {tls_keys, sizeof tls_keys / sizeof tls_keys[0]},
    [USER_IDENTITY] = {user_keys, sizeof user_keys / sizeof user_keys[0]},
    [SESSION_CONTEXT] = {session_keys, sizeof session_keys / sizeof session_keys[0]},
    [SESSION_ISSUER] = {issuer_keys, sizeof issuer_keys / sizeof issuer_keys[0]},
    [ATTRIBUTES] = {attribute_keys, sizeof attribute_keys / sizeof attribute_keys[0]},
};

static const struct {
    const char *name;
    ct_column_type type;
} columns[CT_N_COLUMNS] = {
    [CT_EVENT_TIME] = {"eventTime", CT_TYPE_TIME},
    [CT_EVENT_ID] = {"eventID", CT_TYPE_TEXT},
    [CT_EVENT_NAME] = {"eventName", CT_TYPE_TEXT},
    [CT_EVENT_SOURCE] = {"eventSource", CT_TYPE_TEXT},
    [CT_AWS_REGION] = {"awsRegion", CT_TYPE_TEXT},
    [CT_SOURCE_IP_ADDRESS] = {"sourceIPAddress", CT_TYPE_TEXT},
    [CT_USER_AGENT] = {"userAgent", CT_TYPE_TEXT},
    [CT_RECIPIENT_ACCOUNT_ID] = {"recipientAccountId", CT_TYPE_TEXT},
    [CT_USER_IDENTITY_TYPE] = {"userIdentityType", CT_TYPE_TEXT},
    [CT_USER_IDENTITY_PRINCIPAL_ID] = {"userIdentityPrincipalId", CT_TYPE_TEXT},
    [CT_USER_IDENTITY_ARN] = {"userIdentityArn", CT_TYPE_TEXT},
    [CT_USER_IDENTITY_ACCOUNT_ID] = {"userIdentityAccountId", CT_TYPE_TEXT},
    [CT_USER_IDENTITY_ACCESS_KEY_ID] = {"userIdentityAccessKeyId", CT_TYPE_TEXT},
    [CT_USER_IDENTITY_USER_NAME] = {"userIdentityUserName", CT_TYPE_TEXT},
    [CT_USER_IDENTITY_INVOKED_BY] = {"userIdentityInvokedBy", CT_TYPE_TEXT},
    [CT_SESSION_ISSUER_TYPE] = {"sessionIssuerType", CT_TYPE_TEXT},
    [CT_SESSION_ISSUER_PRINCIPAL_ID] = {"sessionIssuerPrincipalId", CT_TYPE_TEXT},
    [CT_SESSION_ISSUER_ARN] = {"sessionIssuerArn", CT_TYPE_TEXT},
    [CT_SESSION_ISSUER_ACCOUNT_ID] = {"sessionIssuerAccountId", CT_TYPE_TEXT},
    [CT_SESSION_ISSUER_USER_NAME] = {"sessionIssuerUserName", CT_TYPE_TEXT},
    [CT_SESSION_MFA_AUTHENTICATED] = {"sessionMfaAuthenticated", CT_TYPE_BOOL_STRING},
    [CT_SESSION_CREATION_DATE] = {"sessionCreationDate", CT_TYPE_TEXT},
    [CT_ERROR_CODE] = {"errorCode", CT_TYPE_TEXT},
    [CT_ERROR_MESSAGE] = {"errorMessage", CT_TYPE_TEXT},
    [CT_READ_ONLY] = {"readOnly", CT_TYPE_BOOL},
    [CT_MANAGEMENT_EVENT] = {"managementEvent", CT_TYPE_BOOL},
    [CT_EVENT_TYPE] = {"eventType", CT_TYPE_TEXT},
    [CT_EVENT_CATEGORY] = {"eventCategory", CT_TYPE_TEXT},
    [CT_EVENT_VERSION] = {"eventVersion", CT_TYPE_TEXT},
    [CT_API_VERSION] = {"apiVersion", CT_TYPE_TEXT},
    [CT_REQUEST_ID] = {"requestID", CT_TYPE_TEXT},
    [CT_SHARED_EVENT_ID] = {"sharedEventID", CT_TYPE_TEXT},
    [CT_VPC_ENDPOINT_ID] = {"vpcEndpointId", CT_TYPE_TEXT},
    [CT_TLS_VERSION] = {"tlsVersion", CT_TYPE_TEXT},
    [CT_TLS_CIPHER_SUITE] = {"tlsCipherSuite", CT_TYPE_TEXT},
    [CT_TLS_CLIENT_PROVIDED_HOST_HEADER] = {"tlsClientProvidedHostHeader", CT_TYPE_TEXT},
    [CT_REQUEST_PARAMETERS] = {"requestParameters", CT_TYPE_JSON},
    [CT_RESPONSE_ELEMENTS] = {"responseElements", CT_TYPE_JSON},
    [CT_RESOURCES] = {"resources", CT_TYPE_JSON},
    [CT_ADDITIONAL_EVENT_DATA] = {"additionalEventData", CT_TYPE_JSON},
    [CT_SERVICE_EVENT_DETAILS] = {"serviceEventDetails", CT_TYPE_JSON},
    [CT_EXTRA] = {"extra", CT_TYPE_JSON},
};

const char *ct_column_name(ct_column column)
{
    return columns[column].name;
}

ct_column_type ct_column_type_of(ct_column column)
{
    return columns[column].type;
}

/* Whether the n bytes at p and q are the same; n is at least 6. */
static inline bool same_bytes(const char *p, const char *q, size_t n)
{
    uint64_t a, b;
    if (n < 8)
        return memcmp(p, q, 4) == 0 && memcmp(p + n - 4, q + n - 4, 4) == 0;
    for (size_t i = 0; i + 8 < n; i += 8) {
        memcpy(&a, p + i, 8);
        memcpy(&b, q + i, 8);
        if (a != b)
            return false;
    }
    memcpy(&a, p + n - 8, 8);
    memcpy(&b, q + n - 8, 8);
    return a == b;
}

enum { NOT_KNOWN = -1 };

/* Index of the field whose name, quotes and colon stand at s->p, and moves over them: the way AWS
 * writes it. `hint` is where it probably stands. */
static inline int take_known_key(const struct node *node, ct_json_scanner *s, size_t hint)
{
    enum { LONGEST = 40 };
    if (s->end - s->p < LONGEST)
        return NOT_KNOWN;
    size_t k = hint;
    for (size_t i = 0; i < node->n_keys; i++) {
        const known_key *key = &node->keys[k];
        if (same_bytes(s->p, key->name, key->name_len + 3)) {
            s->p += key->name_len + 3;
            return (int)k;
        }
        k = k + 1 == node->n_keys ? 0 : k + 1;
    }
    return NOT_KNOWN;
}

/* The same for a key that was scanned: however it is written. */
static int find_key(const struct node *node, const ct_json *key)
{
    for (size_t k = 0; k < node->n_keys; k++)
        if (ct_json_says(key, node->keys[k].name + 1, node->keys[k].name_len))
            return (int)k;
    return NOT_KNOWN;
}

/* ---- the scan ------------------------------------------------------------------------------ */

static void add_extra(ct_record *record, int node, const ct_json *key, const ct_json *value)
{
    ct_extra_field *extras =
        ct_grow(record->extras, record->n_extras, &record->extras_capacity, 16, sizeof *extras);
    if (!extras) {
        record->no_memory = true;
        return;
    }
    record->extras = extras;
    record->extras[record->n_extras++] = (ct_extra_field){node, *key, *value};
}

/* A field that fills no column. */
static void note_extra(ct_record *record, int node, const known_key *known, const ct_json *key,
                       const ct_json *value)
{
    if (known && known->column == TIMESTAMP)
        record->timestamp = *value;
    if (!known && ((key->flags & CT_JSON_ESCAPED) || ct_json_says(key, "$raw", 4) ||
                   ct_json_says(key, "$bytes", 6)))
        record->keep_raw = true;
    if (!known && node == ROOT) {
        char first = key->p[1];
        record->dotted = record->dotted || memchr(key->p, '.', key->len);
        record->may_wrap = record->may_wrap || first < 'a' || first == 'c';
    }
    add_extra(record, node, key, value);
}

/* Moves over a key and its colon: its place among the known ones and, as it stands, *key. */
static inline ct_json_status take_key(const struct node *node, ct_json_scanner *s, size_t hint,
                                      int *k, ct_json *key)
{
    const char *start = s->p;
    *k = take_known_key(node, s, hint);
    if (*k != NOT_KNOWN) {
        *key = (ct_json){.p = start, .len = node->keys[*k].name_len + 2, .kind = CT_JSON_STRING};
        return ct_scan_space(s) ? CT_JSON_OK : CT_JSON_INCOMPLETE;
    }
    ct_json_status st = ct_json_key(s, key);
    if (st == CT_JSON_OK)
        *k = find_key(node, key);
    return st;
}

/* Moves over a value: at once where it is a short plain string, as most are. */
static inline ct_json_status take_value(ct_json_scanner *s, ct_json *value)
{
    const char *start = s->p;
    if (*start != '"')
        return ct_json_value(s, value);
    unsigned before = s->flags;
    s->flags = 0;
    ct_json_status st = ct_scan_string(s);
    *value = (ct_json){.p = start,
                       .len = (size_t)(s->p - start),
                       .kind = CT_JSON_STRING,
                       .flags = (unsigned char)s->flags};
    s->flags |= before;
    return st;
}

/* Scans one known object; the scanner stands on its bracket. Recursion ends with the tree of known
 * ones. */
static ct_json_status scan_node(ct_record *record, ct_json_scanner *scanner, int node)
{
    const struct node *const shape = &nodes[node];
    ct_json_scanner s = *scanner;
    uint32_t seen = 0;
    size_t hint = 0;
    bool more;
    record->nodes |= 1u << node;
    ct_json_status st = ct_scan_enter(&s, '}', &more);
    while (st == CT_JSON_OK && more) {
        ct_json key, other;
        int k;
        st = take_key(shape, &s, hint, &k, &key);
        if (st != CT_JSON_OK)
            break;
        const known_key *known = k == NOT_KNOWN ? NULL : &shape->keys[k];
        bool repeated = known && (seen >> k & 1);
        if (known) {
            seen |= 1u << k;
            hint = (size_t)k + 1 == shape->n_keys ? 0 : (size_t)k + 1;
        }
        if (known && known->node >= 0 && *s.p == '{' && !repeated) {
            st = scan_node(record, &s, known->node);
        } else {
            /* Written where it stays: a copy right behind the writing would stall. */
            bool in_column = known && known->column >= 0 && known->column < CT_N_COLUMNS;
            st = take_value(&s, in_column && !repeated ? &record->fields[known->column] : &other);
            if (repeated)
                record->repeated_key = true;
            else if (st == CT_JSON_OK && !in_column)
                note_extra(record, node, known, &key, &other);
        }
        if (st == CT_JSON_OK)
            st = ct_scan_next(&s, '}', &more);
    }
    *scanner = s;
    return st;
}

static int compare_extras(const void *left, const void *right)
{
    const ct_extra_field *a = left, *b = right;
    if (a->node != b->node)
        return a->node < b->node ? -1 : 1;
    if (a->key.len != b->key.len)
        return a->key.len < b->key.len ? -1 : 1;
    return memcmp(a->key.p, b->key.p, a->key.len);
}

/* Few fields are compared each with each; for many, which only an attacker writes, a sorted copy
 * keeps it from taking the square of their number. */
static bool has_repeated_extra(ct_record *record)
{
    enum { FEW = 16 };
    size_t n = record->n_extras;
    if (n <= FEW) {
        for (size_t i = 1; i < n; i++)
            for (size_t j = 0; j < i; j++)
                if (compare_extras(&record->extras[i], &record->extras[j]) == 0)
                    return true;
        return false;
    }

    ct_extra_field *sorted = ct_malloc(n * sizeof *sorted);
    if (!sorted) {
        record->no_memory = true;
        return false;
    }
    memcpy(sorted, record->extras, n * sizeof *sorted);
    qsort(sorted, n, sizeof *sorted, compare_extras);
    bool found = false;
    for (size_t i = 1; i < n && !found; i++)
        found = compare_extras(&sorted[i - 1], &sorted[i]) == 0;
    ct_free(sorted);
    return found;
}

ct_json_status ct_record_scan(ct_record *record, ct_json_scanner *s)
{
    memset(record->fields, 0, sizeof record->fields);
    memset(&record->timestamp, 0, sizeof record->timestamp);
    record->nodes = 0;
    record->n_extras = 0;
    record->repeated_key = record->keep_raw = record->no_memory = false;
    record->dotted = record->may_wrap = record->is_utc = false;

    const char *start = s->p;
    s->flags = 0;
    ct_json_status st = scan_node(record, s, ROOT);
    if (st != CT_JSON_OK)
        return st;

    record->text = start;
    record->len = (size_t)(s->p - start);
    record->flags = s->flags;
    if (has_repeated_extra(record))
        record->repeated_key = true;
    if (record->repeated_key)
        record->keep_raw = true;
    return CT_JSON_OK;
}

void ct_record_free(ct_record *record)
{
    ct_free(record->extras);
    *record = CT_RECORD_EMPTY;
}

bool ct_record_is_blank(const ct_record *record)
{
    for (int i = 0; i < CT_N_COLUMNS; i++)
        if (record->fields[i].kind != CT_JSON_NONE)
            return false;
    return (record->nodes & ~(1u << ROOT)) == 0;
}

const ct_json *ct_record_extra_field(const ct_record *record, const char *name)
{
    for (size_t i = 0; i < record->n_extras; i++) {
        const ct_extra_field *field = &record->extras[i];
        if (field->node == ROOT && ct_json_says(&field->key, name, strlen(name)))
            return &field->value;
    }
    return NULL;
}

/* ---- time ---------------------------------------------------------------------------------- */

static bool is_absent(const ct_json *value)
{
    return value->kind == CT_JSON_NONE || value->kind == CT_JSON_NULL;
}

/* The field that gives the event's time. */
static const ct_json *time_field(const ct_record *record)
{
    const ct_json *event_time = &record->fields[CT_EVENT_TIME];
    return is_absent(event_time) ? &record->timestamp : event_time;
}

/* Whether it has one of the fields that tell a record. */
static bool has_mark(const ct_record *record)
{
    static const char notice[] = "aws:";
    const ct_json *fields = record->fields, *source = &fields[CT_EVENT_SOURCE];
    if (is_absent(&fields[CT_EVENT_NAME]) && is_absent(source) &&
        is_absent(&fields[CT_EVENT_VERSION]) && is_absent(&fields[CT_EVENT_TYPE]))
        return false;
    return source->kind != CT_JSON_STRING || source->len < sizeof notice + 1 ||
           memcmp(source->p + 1, notice, sizeof notice - 1) != 0;
}

bool ct_record_is_record(const ct_record *record)
{
    return !is_absent(time_field(record)) && has_mark(record);
}

bool ct_record_lacks_time(const ct_record *record)
{
    const ct_json *fields = record->fields;
    bool is_named = !is_absent(&fields[CT_EVENT_NAME]) || !is_absent(&fields[CT_EVENT_SOURCE]) ||
                    !is_absent(&fields[CT_EVENT_VERSION]);
    return is_absent(time_field(record)) && is_named && has_mark(record);
}

bool ct_record_has_time(const ct_record *record, const char **message)
{
    const ct_json *field = time_field(record);
    int64_t ticks;
    unsigned parts;
    *message = NULL;
    bool is_time = ct_json_time_read(field, &ticks, &parts);
    if (is_time && (parts & CT_TIME_HAS_ZONE))
        return true;
    if (is_absent(field))
        *message = "no eventTime";
    else if (!is_time)
        *message = "eventTime is no date and time";
    else if (!(parts & CT_TIME_HAS_CLOCK))
        *message = "eventTime is a date without a clock";
    else if (is_absent(&record->fields[CT_EVENT_VERSION]) && !record->is_utc)
        *message = "eventTime names no zone: write it as YYYY-MM-DDTHH:MM:SSZ";
    else {
        *message = "eventTime names no zone: read as UTC";
        return true;
    }
    return false;
}

/* ---- columns ------------------------------------------------------------------------------- */

static ct_cell null_cell(void)
{
    return (ct_cell){.kind = CT_CELL_NULL};
}

static ct_cell text_cell(const char *p, size_t len)
{
    return (ct_cell){.kind = CT_CELL_TEXT, .p = p, .len = len};
}

/* What was appended to scratch since it had `start` bytes. */
static ct_cell scratch_cell(const ct_buf *scratch, size_t start)
{
    return (ct_cell){.kind = CT_CELL_TEXT, .offset = start, .len = scratch->len - start};
}

/* Any value as JSON text. */
static ct_cell json_cell(const ct_json *value, ct_buf *scratch)
{
    if (!(value->flags & (CT_JSON_SPACED | CT_JSON_8BIT)))
        return text_cell(value->p, value->len);
    size_t start = scratch->len;
    ct_json_minify(value, scratch);
    return scratch_cell(scratch, start);
}

static ct_cell string_cell(const ct_json *value, ct_buf *scratch)
{
    if (value->kind != CT_JSON_STRING)
        return json_cell(value, scratch);
    if (!(value->flags & (CT_JSON_ESCAPED | CT_JSON_8BIT)))
        return text_cell(value->p + 1, value->len - 2);
    size_t start = scratch->len;
    (void)ct_json_decode(value, scratch);
    return scratch_cell(scratch, start);
}

static ct_cell time_cell(const ct_record *record, ct_buf *scratch)
{
    const ct_json *field = time_field(record);
    int64_t ticks;
    unsigned parts;
    if (ct_json_time_is_column(field))
        return text_cell(field->p + 1, field->len - 2);
    if (!ct_json_time_read(field, &ticks, &parts))
        return null_cell();
    char text[CT_TIME_TEXT_MAX];
    size_t n = ct_time_format(ticks - ticks % CT_TICKS_PER_SECOND, text);
    size_t start = scratch->len;
    ct_buf_put(scratch, text, n);
    return scratch_cell(scratch, start);
}

/* Whether a string is this word, in any case. (Written with escapes, in lower case only.) */
static bool says_word(const ct_json *string, const char *word, size_t n)
{
    if (ct_json_says(string, word, n))
        return true;
    if (string->kind != CT_JSON_STRING || string->len != n + 2)
        return false;
    size_t same = 0;
    while (same < n && (string->p[1 + same] | 0x20) == word[same])
        same++;
    return same == n;
}

/* 1 or 0 for true or false, as JSON or as a string; else NULL. */
static ct_cell bool_cell(const ct_json *value)
{
    if (value->kind == CT_JSON_TRUE || says_word(value, "true", 4))
        return (ct_cell){.kind = CT_CELL_INTEGER, .integer = 1};
    if (value->kind == CT_JSON_FALSE || says_word(value, "false", 5))
        return (ct_cell){.kind = CT_CELL_INTEGER, .integer = 0};
    return null_cell();
}

/* An eventID without a character identifies nothing: no two such events may pass for one. */
static bool is_empty_id(ct_column column, const ct_json *value)
{
    return column == CT_EVENT_ID && value->kind == CT_JSON_STRING && value->len == 2;
}

/* Whether the column gives back the value of its field. */
static bool is_held(ct_column column, const ct_json *value)
{
    switch (columns[column].type) {
    case CT_TYPE_JSON:
        return true; /* all but bytes that are not UTF-8, which extra could not hold either */
    case CT_TYPE_BOOL:
        return value->kind == CT_JSON_TRUE || value->kind == CT_JSON_FALSE;
    case CT_TYPE_BOOL_STRING:
        return ct_json_says(value, "true", 4) || ct_json_says(value, "false", 5);
    case CT_TYPE_TIME:
        return value->kind == CT_JSON_STRING && ct_json_time_is_column(value);
    case CT_TYPE_TEXT:
        break;
    }
    /* Bytes that are not UTF-8 alone are no loss: $bytes has them. */
    return value->kind == CT_JSON_STRING && !is_empty_id(column, value) &&
           (!(value->flags & CT_JSON_ESCAPED) || !ct_json_is_lossy(value));
}

/* ---- extra --------------------------------------------------------------------------------- */

static void put_key(ct_buf *out, size_t *n_members, const known_key *key)
{
    if ((*n_members)++ > 0)
        ct_buf_put_char(out, ',');
    ct_buf_put_text(out, key->name);
}

static void put_known_extra(const ct_record *record, const known_key *key, size_t *n_members,
                            ct_buf *out);

/* Writes the part of `extra` that belongs to one known object, all but its closing brace; returns the
 * number of its members. */
static size_t put_node_extra(const ct_record *record, int node, ct_buf *out)
{
    size_t n_members = 0;
    ct_buf_put_char(out, '{');
    for (size_t i = 0; i < record->n_extras; i++) {
        const ct_extra_field *field = &record->extras[i];
        if (field->node != node || field->value.kind == CT_JSON_NULL)
            continue;
        if (n_members++ > 0)
            ct_buf_put_char(out, ',');
        ct_json_minify(&field->key, out);
        ct_buf_put_char(out, ':');
        ct_json_minify(&field->value, out);
    }
    for (size_t k = 0; k < nodes[node].n_keys; k++)
        put_known_extra(record, &nodes[node].keys[k], &n_members, out);
    return n_members;
}

/* Whether an object that has nothing in `extra` comes back all the same: with one of its columns,
 * or with an object in it (which has nothing in `extra` either, so it comes back itself). */
static bool comes_back(const ct_record *record, int node)
{
    for (size_t k = 0; k < nodes[node].n_keys; k++) {
        const known_key *key = &nodes[node].keys[k];
        if (key->node >= 0 ? record->nodes >> key->node & 1
                           : key->column < CT_N_COLUMNS && !is_absent(&record->fields[key->column]))
            return true;
    }
    return false;
}

/* A known field's part: a value that its column does not hold, or what is in its object. */
static void put_known_extra(const ct_record *record, const known_key *key, size_t *n_members,
                            ct_buf *out)
{
    if (key->node >= 0) {
        if (!(record->nodes >> key->node & 1))
            return;
        size_t len_before = out->len, n_before = *n_members;
        put_key(out, n_members, key);
        if (put_node_extra(record, key->node, out) == 0 && comes_back(record, key->node)) {
            out->len = len_before;
            *n_members = n_before;
        } else {
            ct_buf_put_char(out, '}');
        }
        return;
    }
    if (key->column == TIMESTAMP)
        return; /* among the extras already */
    const ct_json *value = &record->fields[key->column];
    if (key->column == CT_EVENT_TIME && is_absent(value) && !is_absent(&record->timestamp)) {
        put_key(out, n_members, key);
        ct_buf_put_text(out, "null");
    } else if (!is_absent(value) && !is_held((ct_column)key->column, value)) {
        put_key(out, n_members, key);
        ct_json_minify(value, out);
    }
}

/* ---- bytes that are not UTF-8 -------------------------------------------------------------- */

/* Where the name of a field goes: the names of the objects it stands in, each with a dot. */
static void put_path(int node, ct_buf *out)
{
    static const char *const paths[N_NODES] = {
        [ROOT] = "",
        [TLS_DETAILS] = "tlsDetails.",
        [USER_IDENTITY] = "userIdentity.",
        [SESSION_CONTEXT] = "userIdentity.sessionContext.",
        [SESSION_ISSUER] = "userIdentity.sessionContext.sessionIssuer.",
        [ATTRIBUTES] = "userIdentity.sessionContext.attributes.",
    };
    ct_buf_put_text(out, paths[node]);
}

/* As much as any name has; a value that is longer ends with dots. */
static void put_hex(const char *p, size_t n, ct_buf *out)
{
    enum { HEX_BYTES_MAX = 64 * 1024 };
    static const char digits[] = "0123456789abcdef";
    for (size_t i = 0; i < n; i++) {
        if (i == HEX_BYTES_MAX) {
            ct_buf_put_text(out, "...");
            break;
        }
        ct_buf_put_char(out, digits[(unsigned char)p[i] >> 4]);
        ct_buf_put_char(out, digits[(unsigned char)p[i] & 15]);
    }
}

/* Writes one field's bytes where they are not UTF-8: of a name the name's, the colon's and the
 * value's. */
static void put_field_bytes(int node, const char *name, size_t n, bool name_is_bad,
                            const ct_json *value, size_t *n_members, ct_buf *out)
{
    bool is_string = value->kind == CT_JSON_STRING;
    bool value_is_bad = (value->flags & CT_JSON_8BIT) && !ct_utf8_valid(value->p, value->len);
    if (is_absent(value) || (!name_is_bad && !value_is_bad))
        return;
    ct_buf_put_text(out, (*n_members)++ > 0 ? ",\"" : "\"");
    put_path(node, out);
    ct_utf8_put(out, name, n);
    ct_buf_put_text(out, "\":\"");
    if (name_is_bad)
        put_hex(name - 1, (size_t)(value->p + value->len - name + 1), out);
    else
        put_hex(value->p + is_string, value->len - 2 * is_string, out);
    ct_buf_put_char(out, '"');
}

/* The member $bytes; nothing where all is UTF-8. */
static void put_bytes(const ct_record *record, size_t *n_outside, ct_buf *out)
{
    size_t n_members = 0;
    if (!(record->flags & CT_JSON_8BIT) || ct_utf8_valid(record->text, record->len))
        return;
    size_t len_before = out->len;
    ct_buf_put_text(out, *n_outside > 0 ? ",\"$bytes\":{" : "\"$bytes\":{");
    for (int node = 0; node < N_NODES; node++)
        for (size_t k = 0; k < nodes[node].n_keys; k++) {
            const known_key *key = &nodes[node].keys[k];
            if (key->node < 0 && key->column < CT_N_COLUMNS)
                put_field_bytes(node, key->name + 1, key->name_len, false,
                                &record->fields[key->column], &n_members, out);
        }
    for (size_t i = 0; i < record->n_extras; i++) {
        const ct_extra_field *field = &record->extras[i];
        bool is_bad = !ct_utf8_valid(field->key.p, field->key.len);
        put_field_bytes(field->node, field->key.p + 1, field->key.len - 2, is_bad, &field->value,
                        &n_members, out);
    }
    ct_buf_put_char(out, '}');
    if (n_members > 0)
        ++*n_outside;
    else
        out->len = len_before;
}

static ct_cell extra_cell(const ct_record *record, ct_buf *scratch)
{
    size_t start = scratch->len, n_members = 1;
    if (record->keep_raw) {
        ct_json whole = {.p = record->text,
                         .len = record->len,
                         .kind = CT_JSON_OBJECT,
                         .flags = (unsigned char)record->flags};
        ct_buf_put_text(scratch, "{\"$raw\":");
        ct_json_minify(&whole, scratch);
        put_bytes(record, &n_members, scratch);
        ct_buf_put_char(scratch, '}');
        return scratch_cell(scratch, start);
    }
    n_members = put_node_extra(record, ROOT, scratch);
    put_bytes(record, &n_members, scratch);
    ct_buf_put_char(scratch, '}');
    if (n_members > 0)
        return scratch_cell(scratch, start);
    scratch->len = start;
    return null_cell();
}

ct_cell ct_record_cell(const ct_record *record, ct_column column, ct_buf *scratch)
{
    if (column == CT_EXTRA)
        return extra_cell(record, scratch);
    if (column == CT_EVENT_TIME)
        return time_cell(record, scratch);

    const ct_json *value = &record->fields[column];
    if (is_absent(value) || is_empty_id(column, value))
        return null_cell();
    switch (columns[column].type) {
    case CT_TYPE_JSON:
        return json_cell(value, scratch);
    case CT_TYPE_BOOL:
    case CT_TYPE_BOOL_STRING:
        return bool_cell(value);
    default:
        return string_cell(value, scratch);
    }
}

/* ---- the way back -------------------------------------------------------------------------- */

static void put_cell(const ct_cell *cell, ct_column_type type, ct_buf *out)
{
    switch (type) {
    case CT_TYPE_JSON:
        ct_buf_put(out, cell->p, cell->len);
        break;
    case CT_TYPE_BOOL:
        ct_buf_put_text(out, cell->integer ? "true" : "false");
        break;
    case CT_TYPE_BOOL_STRING:
        ct_buf_put_text(out, cell->integer ? "\"true\"" : "\"false\"");
        break;
    default:
        if (cell->raw)
            ct_json_put_bytes(out, cell->p, cell->len);
        else
            ct_json_put_string(out, cell->p, cell->len);
    }
}

static void put_node(const ct_cell *cells, int node, const ct_json *extra, ct_buf *out,
                     size_t *n_members);

/* Writes the members of `extra` at one object as they are, but for nulls and for known objects,
 * which *objects gets to be merged with their columns. Notes in *seen which known fields it names:
 * these do not come from a column. */
static void put_extra_members(int node, const ct_json *extra, ct_buf *out, uint32_t *seen,
                              ct_json objects[N_NODES], size_t *n_members)
{
    ct_json key, value;
    for (ct_json_walk w = ct_json_walk_into(extra); ct_json_walk_on(&w, &key, &value);) {
        int k = find_key(&nodes[node], &key);
        if (node == ROOT && ct_json_says(&key, "$bytes", 6))
            continue;
        bool is_node = k >= 0 && nodes[node].keys[k].node >= 0 && value.kind == CT_JSON_OBJECT;
        if (is_node) {
            objects[nodes[node].keys[k].node] = value;
        } else if (k >= 0) {
            *seen |= 1u << k;
        }
        if (!is_node && value.kind != CT_JSON_NULL) {
            if ((*n_members)++ > 0)
                ct_buf_put_char(out, ',');
            ct_buf_put(out, key.p, key.len);
            ct_buf_put_char(out, ':');
            ct_buf_put(out, value.p, value.len);
        }
    }
}

/* Writes one known object inside another, or nothing when neither columns nor `extra` have it. */
static void put_child(const ct_cell *cells, const known_key *key, const ct_json *extra, ct_buf *out,
                      size_t *n_members)
{
    size_t len_before = out->len, n_before = *n_members, n_inside = 0;
    put_key(out, n_members, key);
    put_node(cells, key->node, extra, out, &n_inside);
    if (n_inside == 0 && extra->kind == CT_JSON_NONE) {
        out->len = len_before;
        *n_members = n_before;
    }
}

static void put_node(const ct_cell *cells, int node, const ct_json *extra, ct_buf *out,
                     size_t *n_members)
{
    uint32_t seen = 0;
    ct_json objects[N_NODES] = {{.p = NULL}};
    ct_buf_put_char(out, '{');
    if (extra->kind == CT_JSON_OBJECT)
        put_extra_members(node, extra, out, &seen, objects, n_members);
    for (size_t k = 0; k < nodes[node].n_keys; k++) {
        const known_key *key = &nodes[node].keys[k];
        if ((seen >> k & 1) || key->column == TIMESTAMP)
            continue;
        if (key->node >= 0) {
            put_child(cells, key, &objects[key->node], out, n_members);
        } else if (cells[key->column].kind != CT_CELL_NULL) {
            put_key(out, n_members, key);
            put_cell(&cells[key->column], columns[key->column].type, out);
        }
    }
    ct_buf_put_char(out, '}');
}

/* Whether the column says all that matters of a field, however it is spelled. */
static bool is_spelling(int column)
{
    return column >= 0 && column < CT_N_COLUMNS &&
           (columns[column].type == CT_TYPE_TIME || columns[column].type == CT_TYPE_BOOL ||
            columns[column].type == CT_TYPE_BOOL_STRING);
}

/* Writes an object of `extra` (node -1: one that no column is of) without what is spelling only;
 * returns whether anything is left. Recursion ends with the tree of known objects. */
static bool put_essence(int node, const ct_json *object, ct_buf *out)
{
    ct_json key, value;
    size_t n_members = 0;
    ct_buf_put_char(out, '{');
    for (ct_json_walk w = ct_json_walk_into(object); ct_json_walk_on(&w, &key, &value);) {
        int k = find_key(&nodes[node], &key);
        const known_key *known = k == NOT_KNOWN ? NULL : &nodes[node].keys[k];
        bool is_empty =
            value.kind == CT_JSON_NULL || (value.kind == CT_JSON_OBJECT && value.len <= 2);
        if (is_empty || (known && is_spelling(known->column)))
            continue;
        size_t before = out->len;
        if (n_members > 0)
            ct_buf_put_char(out, ',');
        ct_buf_put(out, key.p, key.len);
        ct_buf_put_char(out, ':');
        bool is_node = known && known->node >= 0 && value.kind == CT_JSON_OBJECT;
        if (!is_node)
            ct_buf_put(out, value.p, value.len);
        if (!is_node || put_essence(known->node, &value, out))
            n_members++;
        else
            out->len = before;
    }
    ct_buf_put_char(out, '}');
    return n_members > 0;
}

void ct_record_put_essence(const char *extra, size_t n, ct_buf *out)
{
    size_t before = out->len;
    ct_json object = {.p = extra, .len = n, .kind = CT_JSON_OBJECT};
    if (n == 0 || *extra != '{' || !put_essence(ROOT, &object, out))
        out->len = before;
}

/* The value under $raw, where the whole record is kept. */
static bool find_raw(const ct_json *extra, ct_json *raw)
{
    ct_json key;
    ct_json_walk w = ct_json_walk_into(extra);
    return ct_json_walk_on(&w, &key, raw) && ct_json_says(&key, "$raw", 4);
}

bool ct_record_rebuild(const ct_cell cells[CT_N_COLUMNS], ct_buf *out)
{
    ct_json extra = {.p = NULL}, raw;
    if (cells[CT_EXTRA].kind == CT_CELL_TEXT) {
        ct_json_scanner s = ct_json_scan(cells[CT_EXTRA].p, cells[CT_EXTRA].len);
        (void)ct_json_space(&s);
        if (ct_json_value(&s, &extra) != CT_JSON_OK || extra.kind != CT_JSON_OBJECT ||
            ct_json_space(&s))
            return false;
        if (find_raw(&extra, &raw)) {
            ct_buf_put(out, raw.p, raw.len);
            return true;
        }
    }
    size_t n_members = 0;
    put_node(cells, ROOT, &extra, out, &n_members);
    return true;
}
