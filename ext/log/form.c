#include "log/form.h"

#include <string.h>

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
        [CT_FORM_CSV_OTHER] = "csv other",
    };
    return names[form];
}

ct_rank ct_form_rank(ct_form form)
{
    return form == CT_FORM_CSV_CONSOLE    ? CT_RANK_CONSOLE
           : form == CT_FORM_CSV_SENTINEL ? CT_RANK_SENTINEL
                                          : CT_RANK_FULL;
}

ct_rank ct_rank_of_name(const char *name, size_t len)
{
    static const ct_form lossy[] = {CT_FORM_CSV_CONSOLE, CT_FORM_CSV_SENTINEL};
    for (size_t i = 0; i < sizeof lossy / sizeof lossy[0]; i++) {
        const char *form = ct_form_name(lossy[i]);
        if (len == strlen(form) && memcmp(name, form, len) == 0)
            return ct_form_rank(lossy[i]);
    }
    return CT_RANK_FULL;
}

bool ct_form_begins_record(const char *p, const char *end)
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
        if (*p == '{')
            return (size_t)(p - start);
    }
    return 0;
}

bool ct_form_looks_like_json(const char *p, const char *end)
{
    const char *expected = p < end && *p == '{' ? "\"}" : p < end && *p == '[' ? "{[]" : "";
    do
        p++;
    while (p < end && (*p == ' ' || *p == '\n' || *p == '\r' || *p == '\t'));
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

static bool is_utf16(const char *p, size_t n)
{
    return n >= 4 && ((memcmp(p, "\377\376", 2) == 0 && p[3] == '\0') ||
                      (memcmp(p, "\376\377", 2) == 0 && p[2] == '\0'));
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
    return is_utf16(p, n) ? "is UTF-16 text: convert it to UTF-8" : NULL;
}
