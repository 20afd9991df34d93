#include "log/csv_record.h"

#include <stdint.h>
#include <string.h>

#include "base/ascii.h"
#include "log/columns.h"
#include "log/csv_time.h"
#include "base/json_write.h"
#include "log/record.h"
#include "base/timestamp.h"

/* Where a column goes that has no column in the table. */
enum {
    ELSEWHERE = CT_N_COLUMNS, /* under $csv */
    EC2_ROLE_DELIVERY,
    ON_BEHALF_OF_USER,
    ON_BEHALF_OF_STORE,
    FIELDS, /* from here on, in the order of columns.h: objects and fields without a column */
    N_TARGETS = FIELDS + CT_COLUMN_FIELDS_END - CT_COLUMN_USER_IDENTITY
};

typedef struct known_column {
    const char *name;
    int target;
} known_column;

static const known_column console_columns[] = {
    {"Event ID", CT_EVENT_ID},
    {"Event time", CT_EVENT_TIME},
    {"User name", CT_USER_IDENTITY_USER_NAME},
    {"Event name", CT_EVENT_NAME},
    {"AWS access key", CT_USER_IDENTITY_ACCESS_KEY_ID},
    {"AWS region", CT_AWS_REGION},
    {"Error code", CT_ERROR_CODE},
    {"Source IP address", CT_SOURCE_IP_ADDRESS},
    {"User agent", CT_USER_AGENT},
    {"Event source", CT_EVENT_SOURCE},
    {"Request ID", CT_REQUEST_ID},
    {"Read-only", CT_READ_ONLY},
    {"Event type", CT_EVENT_TYPE},
    {"Recipient Account Id", CT_RECIPIENT_ACCOUNT_ID},
    {"Event category", CT_EVENT_CATEGORY},
};

static const known_column sentinel_columns[] = {
    {"TimeGenerated", CT_EVENT_TIME},
    {"AwsEventId", CT_EVENT_ID},
    {"EventVersion", CT_EVENT_VERSION},
    {"EventSource", CT_EVENT_SOURCE},
    {"EventTypeName", CT_EVENT_TYPE},
    {"EventName", CT_EVENT_NAME},
    {"UserIdentityType", CT_USER_IDENTITY_TYPE},
    {"UserIdentityPrincipalid", CT_USER_IDENTITY_PRINCIPAL_ID},
    {"UserIdentityArn", CT_USER_IDENTITY_ARN},
    {"UserIdentityAccountId", CT_USER_IDENTITY_ACCOUNT_ID},
    {"UserIdentityInvokedBy", CT_USER_IDENTITY_INVOKED_BY},
    {"UserIdentityAccessKeyId", CT_USER_IDENTITY_ACCESS_KEY_ID},
    {"UserIdentityUserName", CT_USER_IDENTITY_USER_NAME},
    {"UserIdentityUserId", ON_BEHALF_OF_USER},
    {"UserIdentityStoreArn", ON_BEHALF_OF_STORE},
    {"SessionMfaAuthenticated", CT_SESSION_MFA_AUTHENTICATED},
    {"SessionCreationDate", CT_SESSION_CREATION_DATE},
    {"SessionIssuerType", CT_SESSION_ISSUER_TYPE},
    {"SessionIssuerPrincipalId", CT_SESSION_ISSUER_PRINCIPAL_ID},
    {"SessionIssuerArn", CT_SESSION_ISSUER_ARN},
    {"SessionIssuerAccountId", CT_SESSION_ISSUER_ACCOUNT_ID},
    {"SessionIssuerUserName", CT_SESSION_ISSUER_USER_NAME},
    {"EC2RoleDelivery", EC2_ROLE_DELIVERY},
    {"AWSRegion", CT_AWS_REGION},
    {"SourceIpAddress", CT_SOURCE_IP_ADDRESS},
    {"UserAgent", CT_USER_AGENT},
    {"ErrorCode", CT_ERROR_CODE},
    {"ErrorMessage", CT_ERROR_MESSAGE},
    {"RequestParameters", CT_REQUEST_PARAMETERS},
    {"ResponseElements", CT_RESPONSE_ELEMENTS},
    {"AdditionalEventData", CT_ADDITIONAL_EVENT_DATA},
    {"AwsRequestId", CT_REQUEST_ID}, /* replaced by the next, says Microsoft's reference */
    {"AwsRequestId_", CT_REQUEST_ID},
    {"Resources", CT_RESOURCES},
    {"APIVersion", CT_API_VERSION},
    {"ReadOnly", CT_READ_ONLY},
    {"ManagementEvent", CT_MANAGEMENT_EVENT},
    {"RecipientAccountId", CT_RECIPIENT_ACCOUNT_ID},
    {"ServiceEventDetails", CT_SERVICE_EVENT_DETAILS},
    {"SharedEventId", CT_SHARED_EVENT_ID},
    {"VpcEndpointId", CT_VPC_ENDPOINT_ID},
    {"Category", CT_EVENT_CATEGORY},
    {"TlsVersion", CT_TLS_VERSION},
    {"CipherSuite", CT_TLS_CIPHER_SUITE},
    {"ClientProvidedHostHeader", CT_TLS_CLIENT_PROVIDED_HOST_HEADER},
};

static const struct {
    const known_column *columns;
    size_t n_columns;
} kinds[] = {
    [CT_CSV_UNKNOWN] = {NULL, 0},
    [CT_CSV_CONSOLE] = {console_columns, sizeof console_columns / sizeof console_columns[0]},
    [CT_CSV_SENTINEL] = {sentinel_columns, sizeof sentinel_columns / sizeof sentinel_columns[0]},
    [CT_CSV_COLUMNS] = {NULL, 0},
};

/* ---- text ---------------------------------------------------------------------------------- */

typedef struct text {
    const char *p;
    size_t len;
} text;

static text trim(text t)
{
    for (; t.len > 0 && ct_is_blank(t.p[0]); t.p++, t.len--)
        ;
    for (; t.len > 0 && ct_is_blank(t.p[t.len - 1]); t.len--)
        ;
    return t;
}

static bool same_word(text t, const char *word)
{
    if (t.len != strlen(word))
        return false;
    for (size_t i = 0; i < t.len; i++)
        if (ct_to_lower(t.p[i]) != ct_to_lower(word[i]))
            return false;
    return true;
}

/* ---- the header ---------------------------------------------------------------------------- */

/* A column's name as it is compared: the portal adds the zone to the names of times. */
static text plain_name(text name)
{
    static const char utc[] = "[UTC]";
    size_t n = sizeof utc - 1;
    name = trim(name);
    if (name.len > n && memcmp(name.p + name.len - n, utc, n) == 0)
        name.len -= n;
    return trim(name);
}

static text name_of(const ct_csv_header *h, size_t column)
{
    return (text){ct_buf_at(&h->text, h->names[column]), h->names[column + 1] - h->names[column]};
}

const char *ct_csv_header_name(const ct_csv_header *header, size_t column, size_t *n)
{
    text name = trim(name_of(header, column));
    *n = name.len;
    return name.p;
}

static int find_target(ct_csv_kind kind, text name)
{
    if (kind == CT_CSV_COLUMNS) {
        int column = ct_columns_find(name.p, name.len);
        return column == CT_COLUMN_UNKNOWN        ? ELSEWHERE
               : column < CT_COLUMN_USER_IDENTITY ? column
                                                  : FIELDS + column - CT_COLUMN_USER_IDENTITY;
    }
    for (size_t i = 0; i < kinds[kind].n_columns; i++)
        if (same_word(name, kinds[kind].columns[i].name))
            return kinds[kind].columns[i].target;
    return ELSEWHERE;
}

/* A file is of a kind when it has the event's time and name and tells it from others. */
static bool is_kind(const ct_csv_header *h)
{
    bool has[N_TARGETS] = {false};
    for (size_t i = 0; i < h->n_columns; i++)
        has[h->targets[i]] = true;
    if (h->kind == CT_CSV_COLUMNS)
        return has[CT_EVENT_TIME] && has[CT_EVENT_NAME] &&
               (has[CT_EVENT_SOURCE] || has[CT_EVENT_VERSION]);
    return has[CT_EVENT_TIME] && has[CT_EVENT_NAME] && (has[CT_EVENT_ID] || has[CT_EVENT_SOURCE]);
}

/* Whether it is the header of the console before 2021. */
static bool is_old_console(const ct_csv_header *h)
{
    return h->kind == CT_CSV_CONSOLE && h->targets[0] == CT_EVENT_ID &&
           h->targets[1] == CT_EVENT_TIME && h->targets[2] == CT_USER_IDENTITY_USER_NAME;
}

bool ct_csv_header_read(ct_csv_header *header, const ct_csv_row *row)
{
    ct_csv_header *h = header;
    h->kind = CT_CSV_UNKNOWN;
    h->n_columns = row->n_fields;
    ct_buf_clear(&h->text);
    if (row->n_fields > CT_CSV_FIELDS_MAX)
        return true;
    for (size_t i = 0; i < h->n_columns; i++) {
        h->names[i] = (unsigned)h->text.len;
        ct_csv_put_field(&row->fields[i], &h->text);
    }
    h->names[h->n_columns] = (unsigned)h->text.len;
    if (!ct_buf_ok(&h->text))
        return false;
    if (h->text.len == 0)
        return true;
    for (int kind = CT_CSV_CONSOLE; kind <= CT_CSV_COLUMNS; kind++) {
        h->kind = (ct_csv_kind)kind;
        for (size_t i = 0; i < h->n_columns; i++)
            h->targets[i] = (short)find_target(h->kind, plain_name(name_of(h, i)));
        if (is_kind(h)) {
            h->is_utc = kind == CT_CSV_SENTINEL || is_old_console(h);
            return true;
        }
    }
    h->kind = CT_CSV_UNKNOWN;
    return true;
}

void ct_csv_header_free(ct_csv_header *header)
{
    ct_buf_free(&header->text);
}

/* ---- one field ----------------------------------------------------------------------------- */

/* What a field says. Only where quotes are doubled are its bytes copied; `scratch` has the room. */
static text text_of(const ct_csv_field *field, ct_buf *scratch)
{
    if (!field->doubled)
        return (text){field->p, field->len};
    size_t start = scratch->len;
    ct_csv_put_field(field, scratch);
    return (text){ct_buf_at(scratch, start), scratch->len - start};
}

static ct_cell text_cell(text t)
{
    return (ct_cell){.kind = CT_CELL_TEXT, .raw = true, .p = t.p, .len = t.len};
}

/* The time as the table writes it, in scratch. */
static bool time_cell(text t, bool is_utc, ct_buf *scratch, ct_cell *cell)
{
    int64_t ticks;
    char iso[CT_TIME_TEXT_MAX];
    t = trim(t);
    if (!ct_csv_time_parse(t.p, t.len, is_utc, &ticks))
        return false;
    size_t start = scratch->len;
    ct_buf_put(scratch, iso, ct_time_format(ticks, iso));
    *cell = text_cell((text){ct_buf_at(scratch, start), scratch->len - start});
    return true;
}

static bool bool_cell(text t, ct_cell *cell)
{
    t = trim(t);
    bool is_true = same_word(t, "true") || same_word(t, "1");
    if (!is_true && !same_word(t, "false") && !same_word(t, "0"))
        return false;
    *cell = (ct_cell){.kind = CT_CELL_INTEGER, .integer = is_true};
    return true;
}

/* An object or an array as it stands; a text that was cut is no JSON and no value of the field. */
static bool json_cell(text t, ct_cell *cell)
{
    t = trim(t);
    if (same_word(t, "null"))
        return true;
    if (t.len == 0 || (t.p[0] != '{' && t.p[0] != '[') || !ct_json_valid(t.p, t.len))
        return false;
    *cell = text_cell(t);
    return true;
}

/* Makes the column's cell; false when the text is no value of such a column. */
static bool make_cell(const ct_csv_header *h, int column, text t, ct_buf *scratch, ct_cell *cell)
{
    bool is_time = column == CT_SESSION_CREATION_DATE || column == CT_EVENT_TIME;
    if (is_time && time_cell(t, h->is_utc, scratch, cell))
        return true;
    if (is_time && h->kind == CT_CSV_COLUMNS) {
        *cell = text_cell(t); /* whether it may lack its zone is the record's to tell */
        return true;
    }
    switch (ct_column_type_of((ct_column)column)) {
    case CT_TYPE_TIME:
        return false;
    case CT_TYPE_BOOL:
    case CT_TYPE_BOOL_STRING:
        return bool_cell(t, cell);
    case CT_TYPE_JSON:
        return json_cell(t, cell);
    case CT_TYPE_TEXT:
        break;
    }
    *cell = text_cell(t);
    return !is_time;
}

/* ---- the record ---------------------------------------------------------------------------- */

/* What has no column in the table. */
typedef struct rest {
    text special[N_TARGETS - CT_N_COLUMNS];
    uint64_t elsewhere[CT_CSV_FIELDS_MAX / 64]; /* the columns that go under $csv, a bit each */
    bool any_elsewhere;
} rest;

static void put_member(ct_buf *out, bool *first, const char *name, text value)
{
    if (value.len == 0)
        return;
    if (!*first)
        ct_buf_put_char(out, ',');
    *first = false;
    ct_json_put_text(out, name);
    ct_buf_put_char(out, ':');
    ct_json_put_string(out, value.p, value.len);
}

/* The objects and fields that have no column: each as JSON, or as text. */
static void put_fields(const rest *r, ct_buf *out)
{
    for (int i = 0; i < N_TARGETS - FIELDS; i++) {
        text t = r->special[FIELDS + i - CT_N_COLUMNS];
        if (t.len == 0)
            continue;
        if (out->len > 1)
            ct_buf_put_char(out, ',');
        ct_json_put_text(out, ct_columns_field_name(CT_COLUMN_USER_IDENTITY + i));
        ct_buf_put_char(out, ':');
        if (ct_columns_put_object(t.p, t.len, out))
            continue;
        if (*t.p == '[' && ct_json_valid(t.p, t.len))
            ct_buf_put(out, t.p, t.len);
        else
            ct_json_put_string(out, t.p, t.len);
    }
}

/* userIdentity.sessionContext.ec2RoleDelivery and userIdentity.onBehalfOf, where there are any. */
static void put_identity(const rest *r, ct_buf *out)
{
    text role = r->special[EC2_ROLE_DELIVERY - CT_N_COLUMNS];
    text user = r->special[ON_BEHALF_OF_USER - CT_N_COLUMNS];
    text store = r->special[ON_BEHALF_OF_STORE - CT_N_COLUMNS];
    bool on_behalf = user.len > 0 || store.len > 0, first = true;
    if (role.len == 0 && !on_behalf)
        return;
    ct_buf_put_text(out, "\"userIdentity\":{");
    if (role.len > 0) {
        ct_buf_put_text(out, "\"sessionContext\":{");
        put_member(out, &first, "ec2RoleDelivery", role);
        ct_buf_put_text(out, on_behalf ? "}," : "}");
    }
    if (on_behalf) {
        first = true;
        ct_buf_put_text(out, "\"onBehalfOf\":{");
        put_member(out, &first, "userId", user);
        put_member(out, &first, "identityStoreArn", store);
        ct_buf_put_char(out, '}');
    }
    ct_buf_put_char(out, '}');
}

static void put_elsewhere(const ct_csv_header *h, const ct_csv_row *row, const rest *r,
                          ct_buf *scratch, ct_buf *out)
{
    bool first = true;
    ct_buf_put_text(out, "\"$csv\":{");
    for (size_t i = 0; i < h->n_columns; i++) {
        if (!(r->elsewhere[i / 64] >> (i % 64) & 1))
            continue;
        if (!first)
            ct_buf_put_char(out, ',');
        first = false;
        text name = trim(name_of(h, i)), value = text_of(&row->fields[i], scratch);
        ct_json_put_string(out, name.p, name.len);
        ct_buf_put_char(out, ':');
        ct_json_put_bytes(out, value.p, value.len);
    }
    ct_buf_put_char(out, '}');
}

/* The column `extra`, behind what `scratch` holds. Want of memory shows in `extra`. */
static ct_cell extra_cell(const ct_csv_header *h, const ct_csv_row *row, const rest *r,
                          ct_buf *scratch, ct_buf *extra)
{
    ct_buf_put_char(extra, '{');
    put_identity(r, extra);
    put_fields(r, extra);
    if (r->any_elsewhere) {
        if (extra->len > 1)
            ct_buf_put_char(extra, ',');
        put_elsewhere(h, row, r, scratch, extra);
    }
    ct_buf_put_char(extra, '}');
    if (extra->len <= 2)
        return (ct_cell){.kind = CT_CELL_NULL};
    return text_cell((text){ct_buf_at(extra, 0), extra->len});
}

/* Nothing, or the empty list that the console writes for an event without resources. */
static bool says_nothing(text t)
{
    t = trim(t);
    return t.len == 0 || same_word(t, "[]");
}

/* An object as JSON or as Athena prints a row. What it is made of is thrown away, so it does not
 * matter whether there was memory for it. */
static bool is_readable_object(text t)
{
    ct_buf object = CT_BUF_EMPTY;
    bool readable = ct_columns_put_object(t.p, t.len, &object);
    ct_buf_free(&object);
    return readable;
}

static bool is_same_cell(const ct_cell *a, const ct_cell *b)
{
    if (a->kind == CT_CELL_TEXT && b->kind == CT_CELL_TEXT)
        return a->len == b->len && memcmp(a->p, b->p, a->len) == 0;
    return a->kind == b->kind && a->integer == b->integer;
}

/* Whether what the columns say can be CloudTrail's: other logs have an event_name, too. */
static bool is_of_aws(const ct_cell cells[CT_N_COLUMNS])
{
    static const char domain[] = ".amazonaws.com";
    const ct_cell *source = &cells[CT_EVENT_SOURCE], *version = &cells[CT_EVENT_VERSION];
    size_t n = sizeof domain - 1;
    if (source->kind == CT_CELL_TEXT)
        for (size_t i = 0; i + n <= source->len; i++)
            if (memcmp(source->p + i, domain, n) == 0)
                return true;
    return source->kind == CT_CELL_NULL && version->kind == CT_CELL_TEXT && version->len >= 3 &&
           memcmp(version->p, "1.", 2) == 0;
}

/* Takes one field in. False when it makes the row unreadable. */
static bool take_field(const ct_csv_header *h, size_t i, text t, ct_buf *scratch,
                       ct_cell cells[CT_N_COLUMNS], rest *r, const char **message)
{
    int target = h->targets[i];
    bool is_object = target == FIELDS || target == FIELDS + 1;
    if (is_object && !is_readable_object(t)) {
        *message = "a column's row is ambiguous: it is kept as text in extra";
    } else if (target > ELSEWHERE && r->special[target - CT_N_COLUMNS].len == 0) {
        r->special[target - CT_N_COLUMNS] = t;
        return true;
    }
    ct_cell cell = {.kind = CT_CELL_NULL};
    if (target < CT_N_COLUMNS && make_cell(h, target, t, scratch, &cell)) {
        ct_cell *old = &cells[target];
        if (old->kind == CT_CELL_NULL)
            *old = cell;
        if (cell.kind == CT_CELL_NULL || is_same_cell(old, &cell))
            return true;
        /* Two columns say one thing in two ways (AwsRequestId, AwsRequestId_): the first counts. */
    } else if (target == CT_EVENT_TIME) {
        *message = "the event's time is no date and time in a known zone: write it as "
                   "YYYY-MM-DDTHH:MM:SSZ";
        return false;
    }
    r->elsewhere[i / 64] |= UINT64_C(1) << (i % 64);
    r->any_elsewhere = true;
    return true;
}

bool ct_csv_record_put(const ct_csv_header *header, const ct_csv_row *row, ct_buf *scratch,
                       ct_buf *out, const char **message)
{
    ct_cell cells[CT_N_COLUMNS] = {{.kind = CT_CELL_NULL}};
    rest r = {.any_elsewhere = false};
    size_t room = 0;
    *message = NULL;
    ct_buf_clear(scratch);
    /* Cells point into scratch, so it gets its room first: each field may be copied twice. */
    for (size_t i = 0; i < row->n_fields; i++)
        room += 2 * (row->fields[i].len + CT_TIME_TEXT_MAX);
    if (!ct_buf_reserve(scratch, room))
        return true;
    for (size_t i = 0; i < row->n_fields; i++) {
        text t = text_of(&row->fields[i], scratch);
        bool counts = header->targets[i] == ELSEWHERE ? !says_nothing(t) : trim(t).len > 0;
        if (counts && !take_field(header, i, t, scratch, cells, &r, message))
            return false;
    }
    if (header->kind == CT_CSV_COLUMNS && !is_of_aws(cells)) {
        *message = "no CloudTrail record: its eventSource is none of AWS";
        return false;
    }
    ct_buf extra = CT_BUF_EMPTY;
    cells[CT_EXTRA] = extra_cell(header, row, &r, scratch, &extra);
    if (ct_buf_ok(&extra))
        (void)ct_record_rebuild(cells, out);
    else
        scratch->failed = true;
    ct_buf_free(&extra);
    return true;
}
