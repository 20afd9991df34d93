#include "log/form.h"

#include <string.h>

#include "base/ascii.h"
#include "base/json.h"

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
        [CT_FORM_CLOUDWATCH] = "cloudwatch",
        [CT_FORM_CSV_CONSOLE] = "csv console",
        [CT_FORM_CSV_SENTINEL] = "csv sentinel",
        [CT_FORM_CSV_COLUMNS] = "csv columns",
        [CT_FORM_CSV_CARRIER] = "csv",
        [CT_FORM_CSV_OTHER] = "csv other",
        [CT_FORM_CARRIER] = "carrier",
        [CT_FORM_JSON_SENTINEL] = "json sentinel",
        [CT_FORM_JSON_COLUMNS] = "json columns",
    };
    return names[form];
}

ct_rank ct_form_rank(ct_form form)
{
    switch (form) {
    case CT_FORM_CSV_CONSOLE:
        return CT_RANK_CONSOLE;
    case CT_FORM_CSV_SENTINEL:
    case CT_FORM_CSV_COLUMNS:
    case CT_FORM_JSON_SENTINEL:
    case CT_FORM_JSON_COLUMNS:
        return CT_RANK_SENTINEL;
    default:
        return CT_RANK_FULL;
    }
}

ct_rank ct_rank_of_name(const char *name, size_t len)
{
    for (ct_form form = 0; form < CT_N_FORMS; form++) {
        const char *known = ct_form_name(form);
        if (len == strlen(known) && memcmp(name, known, len) == 0)
            return ct_form_rank(form);
    }
    return CT_RANK_FULL;
}

/* A name as it stands in a table, with its length. */
typedef struct first_key {
    const char *p;
    size_t len;
} first_key;
#define NAME(text)                                                                                 \
    {                                                                                              \
        text, sizeof text - 1                                                                      \
    }

/* Whether an object begins at p and its first name is one of these. A broken region may have a
 * brace in every few bytes, so that what is none of them is told quickly. */
static bool begins_with(const char *p, const char *end, const first_key *names, size_t n)
{
    enum { LONGEST = 32 };
    if (p == end || *p != '{')
        return false;
    for (p++; p < end && (*p == ' ' || *p == '\n' || *p == '\r' || *p == '\t'); p++)
        ;
    if (end - p < 4 || *p != '"')
        return false;
    const char *start = p + 1;
    size_t left = (size_t)(end - start);
    const char *quote = memchr(start, '"', left < LONGEST ? left : LONGEST);
    if (!quote)
        return false;
    size_t len = (size_t)(quote - start);
    for (size_t i = 0; i < n; i++)
        if (names[i].len == len && memcmp(names[i].p, start, len) == 0)
            return true;
    return false;
}

bool ct_form_begins_event(const char *p, const char *end)
{
    static const first_key names[] = {
        NAME("eventVersion"),        NAME("eventTime"),    NAME("eventID"),       NAME("eventName"),
        NAME("eventSource"),         NAME("eventType"),    NAME("eventCategory"), NAME("awsRegion"),
        NAME("additionalEventData"), NAME("userIdentity"),
    };
    return begins_with(p, end, names, sizeof names / sizeof names[0]);
}

bool ct_form_begins_record(const char *p, const char *end)
{
    static const first_key names[] = {
        NAME("EventId"),       NAME("EventName"),  NAME("aws"),          NAME("aws.cloudtrail"),
        NAME("Records"),       NAME("Events"),     NAME("eventversion"), NAME("eventtime"),
        NAME("event_version"), NAME("event_time"),
    };
    return ct_form_begins_event(p, end) ||
           begins_with(p, end, names, sizeof names / sizeof names[0]);
}

bool ct_form_may_begin_record(const char *p, const char *end)
{
    static const first_key names[] = {
        NAME("sourceIPAddress"),   NAME("userAgent"),
        NAME("errorCode"),         NAME("errorMessage"),
        NAME("requestParameters"), NAME("responseElements"),
        NAME("requestID"),         NAME("readOnly"),
        NAME("resources"),         NAME("apiVersion"),
        NAME("managementEvent"),   NAME("recipientAccountId"),
        NAME("sharedEventID"),     NAME("serviceEventDetails"),
        NAME("vpcEndpointId"),     NAME("vpcEndpointAccountId"),
        NAME("tlsDetails"),        NAME("sessionCredentialFromConsole"),
        NAME("addendum"),          NAME("edgeDeviceDetails"),
        NAME("insightDetails"),    NAME("eventContext"),
        NAME("annotation"),        NAME("@timestamp"),
        NAME("networkEventType"),
    };
    return begins_with(p, end, names, sizeof names / sizeof names[0]);
}

/* Whether the text has this in it. */
static bool has(const char *p, size_t n, const char *part)
{
    size_t len = strlen(part);
    const char *end = p + n;
    for (; (size_t)(end - p) >= len; p++) {
        p = memchr(p, part[0], (size_t)(end - p) - len + 1);
        if (!p)
            return false;
        if (memcmp(p, part, len) == 0)
            return true;
    }
    return false;
}

bool ct_form_wraps_record_in_line(const char *p, size_t n)
{
    enum { TRIED_MAX = 32 };
    const char *end = p + n;
    for (int i = 0; i < TRIED_MAX && (p = memchr(p, '{', (size_t)(end - p))); i++) {
        const char *newline = memchr(p, '\n', (size_t)(end - p));
        ct_json_scanner s = ct_json_scan(p, (size_t)((newline ? newline : end) - p));
        ct_json value;
        bool is_json = ct_form_begins_json_line(p, s.end);
        ct_json_status st = is_json ? ct_json_value(&s, &value) : CT_JSON_INVALID;
        bool is_line = st == CT_JSON_OK || (st == CT_JSON_INCOMPLETE && !newline);
        if (is_line && has(p, (size_t)(s.p - p), "eventVersion") &&
            has(p, (size_t)(s.p - p), "eventTime"))
            return true;
        p = st == CT_JSON_OK ? s.p : p + 1;
    }
    return false;
}

const char *ct_form_other_object(const char *p, size_t n)
{
    enum { LOOKED_AT = 16 * 1024 };
    /* All parts of a row must stand in the object, which may itself stand in a string. */
    static const struct {
        const char *parts[3], *message;
    } kinds[] = {
        {{"s3ObjectKey", "s3Bucket"},
         "a notice that a log file was delivered, no CloudTrail record: fetch the files it names"},
        {{"aws:s3", "\"s3", "bucket"},
         "an S3 event notification, no CloudTrail record: fetch the objects it names"},
        {{"class_uid", "metadata", "type_uid"},
         "OCSF, as Security Lake has it, no CloudTrail record: the trail's own files hold them"},
        {{"GuardDuty Finding"}, "a GuardDuty finding, no CloudTrail record"},
        {{"schemaVersion", "eventFirstSeen"}, "a GuardDuty finding, no CloudTrail record"},
        {{"configurationItem"}, "AWS Config's, no CloudTrail record"},
        {{"configSnapshotId"}, "AWS Config's, no CloudTrail record"},
        {{"AwsAggregatedEvent"}, "an aggregated event, which counts calls: no CloudTrail record"},
        {{"timeWindow", "windowStart", "\"Aggregated\""},
         "an aggregated event, which counts calls: no CloudTrail record"},
        {{"\"event_version\"", "\"cloudtrail\"", "@timestamp"},
         "ECS without event.original, no CloudTrail record: export with preserve_original_event"},
        {{"AwsApiCall", "ecs", "@timestamp"},
         "ECS without event.original, no CloudTrail record: export with preserve_original_event"},
    };
    if (n > LOOKED_AT)
        n = LOOKED_AT;
    for (size_t i = 0; i < sizeof kinds / sizeof kinds[0]; i++) {
        bool all = true;
        for (size_t k = 0; k < 3 && kinds[i].parts[k] && all; k++)
            all = has(p, n, kinds[i].parts[k]);
        if (all)
            return kinds[i].message;
    }
    return NULL;
}

static bool is_letter(char c)
{
    return ct_is_lower(c) || ct_is_upper(c);
}

/* Behind a bracket or two at most: what the first name of an object begins with. */
static const char *first_name(const char *p, const char *end)
{
    bool in_object = false;
    for (; p < end && strchr(" \t\r\n[{", *p) && *p; p++)
        in_object = *p == '{' || (in_object && *p != '[');
    return in_object && p < end ? p : NULL;
}

const char *ct_form_other_text(const char *p, size_t n)
{
    static const char yaml[] = "is YAML, no JSON: ask again with --output json";
    const char *end = p + n, *name = first_name(p, end);
    if (name && *name == '\'')
        return "is how Python prints a record, no JSON: write it with json.dumps()";
    if (name && is_letter(*name)) {
        size_t left = (size_t)(end - name);
        const char *colon = memchr(name, ':', left < 256 ? left : 256);
        if (colon && !memchr(name, '"', (size_t)(colon - name)))
            return "is no JSON: its names stand without quotes";
    }
    if (has(p, n, "CloudTrailEvent: '") || has(p, n, "CloudTrailEvent: \""))
        return yaml;
    bool is_list = n > 2 && memcmp(p, "- ", 2) == 0;
    return (is_list || has(p, n, "\n- ")) && has(p, n, "eventTime: ") ? yaml : NULL;
}

size_t ct_form_stamp_length(const char *p, const char *end)
{
    static const char form[] = "dddd-dd-ddTdd:dd:dd";
    const char *start = p;
    for (size_t i = 0; i < sizeof form - 1; i++, p++)
        if (p == end || (form[i] == 'd' ? *p < '0' || *p > '9' : *p != form[i]))
            return 0;
    for (int word = 0; word < 2; word++) {
        /* The fraction and zone, then the stream. */
        while (p < end && *p != ' ' && *p != '\t' && *p != '\n' && *p != '{' && *p != '"')
            p++;
        const char *blank = p;
        while (p < end && (*p == ' ' || *p == '\t'))
            p++;
        if (p == end || p == blank)
            return 0;
        if (*p == '{') /* not of Loki's labels: {job="x"} */
            return p + 1 < end && is_letter(p[1]) ? 0 : (size_t)(p - start);
    }
    return 0;
}

bool ct_form_looks_like_json(const char *p, const char *end)
{
    const char *expected = p < end && *p == '{' ? "\"}" : p < end && *p == '[' ? "{[]" : "";
    bool is_list = p < end && *p == '[';
    do
        p++;
    while (p < end && (*p == ' ' || *p == '\n' || *p == '\r' || *p == '\t'));
    if (is_list && end - p > 2 && *p == '"' && (p[1] == '{' || p[1] == '[')) {
        for (p += 2; p < end && *p == ' '; p++)
            ;
        return p < end && *p == '\\'; /* strings that hold JSON */
    }
    return p >= end ? *expected != '\0' : *p != '\0' && strchr(expected, *p);
}

bool ct_form_begins_json_line(const char *p, const char *end)
{
    ct_json_scanner s = ct_json_scan(p, (size_t)(end - p));
    bool more;
    if (p == end || (*p != '{' && *p != '['))
        return false;
    return ct_json_enter(&s, *p, &more) == CT_JSON_OK && more && *s.p == (*p == '{' ? '"' : '{');
}

const char *ct_form_foreign(const char *p, size_t n)
{
    static const struct {
        size_t offset, len;
        const char *bytes, *message;
    } marks[] = {
        {0, 4, "PK\003\004", "is a zip archive: unpack it first"},
        {257, 5, "ustar", "is a tar archive: unpack it first"},
        {0, 6, "7z\274\257\047\034", "is a 7z archive: unpack it first"},
        {4, 6, "1AY&SY", "is packed with bzip2: unpack it first"},
        {0, 6, "\3757zXZ", "is packed with xz: unpack it first"},
        {0, 4, "\050\265\057\375", "is packed with zstd: unpack it first"},
        {0, 4, "PAR1", "is a Parquet file: export it as JSON"},
        {0, 16, "SQLite format 3", "is a SQLite database"},
    };
    for (size_t i = 0; i < sizeof marks / sizeof marks[0]; i++)
        if (n >= marks[i].offset + marks[i].len &&
            memcmp(p + marks[i].offset, marks[i].bytes, marks[i].len) == 0)
            return marks[i].message;
    return NULL;
}

bool ct_form_has_list(const char *p, const char *end)
{
    for (; p < end && (p = memchr(p, '[', (size_t)(end - p))); p++) {
        const char *first = p + 1;
        while (first < end && ct_is_blank(*first))
            first++;
        if (first < end && (*first == '{' || *first == '"' || *first == '['))
            return true;
    }
    return false;
}
