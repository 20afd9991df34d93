/*
 * record: from the JSON text of one CloudTrail record to the columns of the table.
 *
 * A scan moves over the record once, strictly, and notes where each field of interest stands;
 * nothing is decoded or allocated for it. A column's value is made when it is asked for.
 *
 * The columns are CloudTrail's own fields, flattened (sql/tables/cloudtrail.sql). Whatever no
 * column holds goes into the column `extra`, nested as in the record:
 *   - fields without a column;
 *   - a value that its column cannot give back: of another JSON type, a string that SQLite text
 *     cannot hold (U+0000, a lone surrogate, bytes that are not UTF-8), a time that is not written
 *     as the column writes it;
 *   - `{}` where an object whose fields have columns (sessionIssuer, say) has none of them;
 *   - `"eventTime":null` where the column was filled from @timestamp;
 *   - an eventID that is empty, which would make all such events one.
 * Of what is not UTF-8 the bytes, as they stand in the file (between the quotes of a string), are
 * kept in hexadecimal under `$bytes`, by the field's name (`userIdentity.userName`): so that two
 * names do not become one; of a field at most 64 KB, and then `...`.
 * Fields that are null are left out. A record with a repeated key, of which the columns can hold
 * only the first, stands in `extra` as a whole, under `$raw`; so does one whose field names would
 * be ambiguous there (a field `$raw` or `$bytes`, or a name written with escapes).
 */
#ifndef CT_RECORD_H
#define CT_RECORD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/json.h"

/* In the order of the table. */
typedef enum ct_column {
    CT_EVENT_TIME,
    CT_EVENT_ID,
    CT_EVENT_NAME,
    CT_EVENT_SOURCE,
    CT_AWS_REGION,
    CT_SOURCE_IP_ADDRESS,
    CT_USER_AGENT,
    CT_RECIPIENT_ACCOUNT_ID,
    CT_USER_IDENTITY_TYPE,
    CT_USER_IDENTITY_PRINCIPAL_ID,
    CT_USER_IDENTITY_ARN,
    CT_USER_IDENTITY_ACCOUNT_ID,
    CT_USER_IDENTITY_ACCESS_KEY_ID,
    CT_USER_IDENTITY_USER_NAME,
    CT_USER_IDENTITY_INVOKED_BY,
    CT_SESSION_ISSUER_TYPE,
    CT_SESSION_ISSUER_PRINCIPAL_ID,
    CT_SESSION_ISSUER_ARN,
    CT_SESSION_ISSUER_ACCOUNT_ID,
    CT_SESSION_ISSUER_USER_NAME,
    CT_SESSION_MFA_AUTHENTICATED,
    CT_SESSION_CREATION_DATE,
    CT_ERROR_CODE,
    CT_ERROR_MESSAGE,
    CT_READ_ONLY,
    CT_MANAGEMENT_EVENT,
    CT_EVENT_TYPE,
    CT_EVENT_CATEGORY,
    CT_EVENT_VERSION,
    CT_API_VERSION,
    CT_REQUEST_ID,
    CT_SHARED_EVENT_ID,
    CT_VPC_ENDPOINT_ID,
    CT_TLS_VERSION,
    CT_TLS_CIPHER_SUITE,
    CT_TLS_CLIENT_PROVIDED_HOST_HEADER,
    CT_REQUEST_PARAMETERS,
    CT_RESPONSE_ELEMENTS,
    CT_RESOURCES,
    CT_ADDITIONAL_EVENT_DATA,
    CT_SERVICE_EVENT_DETAILS,
    CT_EXTRA,
    CT_N_COLUMNS
} ct_column;

/* How a column holds its field. */
typedef enum ct_column_type {
    CT_TYPE_TEXT,        /* a JSON string, decoded */
    CT_TYPE_TIME,        /* a JSON string, as YYYY-MM-DDTHH:MM:SSZ */
    CT_TYPE_BOOL,        /* true or false, as 1 or 0 */
    CT_TYPE_BOOL_STRING, /* "true" or "false", as 1 or 0: what AWS writes for mfaAuthenticated */
    CT_TYPE_JSON         /* any value, as JSON text without white space */
} ct_column_type;

const char *ct_column_name(ct_column column);
ct_column_type ct_column_type_of(ct_column column);

/* A column's value. Text is lent by the record, or stands in a scratch buffer. */
typedef struct ct_cell {
    enum { CT_CELL_NULL, CT_CELL_INTEGER, CT_CELL_TEXT } kind;
    int integer;
    bool raw;      /* bytes that are not UTF-8 may stand in the text, and are to stay in JSON */
    const char *p; /* borrowed; NULL: the text stands in the scratch buffer, at `offset` */
    size_t offset;
    size_t len;
} ct_cell;

static inline const char *ct_cell_text(const ct_cell *cell, const ct_buf *scratch)
{
    return cell->p ? cell->p : scratch->data ? scratch->data + cell->offset : "";
}

/* A field that no column holds. */
typedef struct ct_extra_field {
    int node; /* the object it stands in */
    ct_json key, value;
} ct_extra_field;

typedef struct ct_record {
    const char *text; /* borrowed: the bytes that were scanned */
    size_t len;
    unsigned flags;               /* of the whole record: CT_JSON_SPACED and the others */
    ct_json fields[CT_N_COLUMNS]; /* fields[CT_EXTRA] is not used */
    unsigned nodes;               /* which of the known objects stand in the record, one bit each */
    ct_extra_field *extras;       /* owned */
    size_t n_extras, extras_capacity;
    ct_json timestamp; /* @timestamp, where there is one */
    bool repeated_key; /* a key of the record, or of an object that has columns, is repeated */
    bool keep_raw;     /* the whole text goes into `extra`, under $raw */
    bool dotted;       /* a field has a dot in its name: it may stand for a nested one */
    bool may_wrap;     /* a field's name begins like one of those that hold a whole record */
    bool is_utc;       /* the caller's to set after the scan: times without a zone are UTC */
    bool no_memory;    /* the scan ran out of memory; nothing else here holds */
} ct_record;

#define CT_RECORD_EMPTY ((ct_record){.text = NULL})

/* Scans the record that begins at s->p with `{`. On CT_JSON_OK s stands behind it and *record
 * describes it, until the bytes change or the next scan. */
ct_json_status ct_record_scan(ct_record *record, ct_json_scanner *s);

void ct_record_free(ct_record *record);

/* Whether the object is a CloudTrail record: it has a time, readable or not, and one of eventName,
 * eventSource, eventVersion and eventType; and it is no notification of S3 or a queue's envelope,
 * whose eventSource begins with `aws:`. */
bool ct_record_is_record(const ct_record *record);

/* Whether it has one of the first three, and only the time is missing: many other logs have an
 * eventType. */
bool ct_record_lacks_time(const ct_record *record);

/*
 * Whether the record has a time that can be read: a date with a clock, and a zone or a good reason
 * to have none, which is an eventVersion (what writes CloudTrail's records without the zone writes
 * them in UTC) or record->is_utc. Also a number, of seconds or milliseconds since 1970, and
 * MongoDB's {"$date":...}. If not, *message gets the reason (constant text); such a record has no
 * row. If so, *message gets NULL, or what is to be noted.
 */
bool ct_record_has_time(const ct_record *record, const char **message);

/* Whether, as far as the scan came, the object has no field of a record: also after a scan that did
 * not come to the end. */
bool ct_record_is_blank(const ct_record *record);

/* A field of the record itself that has no column, by name; NULL where there is none. This is how
 * the wrappers are told (detail, CloudTrailEvent ...). */
const ct_json *ct_record_extra_field(const ct_record *record, const char *name);

/* The value of one column. Text that cannot be lent from the record is appended to `scratch`. Out
 * of memory shows in scratch only. */
ct_cell ct_record_cell(const ct_record *record, ct_column column, ct_buf *scratch);

/*
 * Appends what of an `extra` says more than the columns do: without the fields that a column has in
 * another spelling (a time with a fraction, "true" for true) and without empty objects. Two records
 * whose columns and whose essences are equal say the same. Nothing where nothing is left.
 */
void ct_record_put_essence(const char *extra, size_t n, ct_buf *out);

/*
 * The record's JSON text put together again from columns, as the header says: equal as JSON to the
 * original but for fields that were null. Every text cell has its p. cells[CT_EXTRA] must be NULL
 * or a JSON object; false when it is not.
 */
bool ct_record_rebuild(const ct_cell cells[CT_N_COLUMNS], ct_buf *out);

#endif
