#include "log/digest.h"

typedef struct field {
    const char *key;
    ct_span *value;
} field;

static bool is_key(const ct_json *key, const char *text)
{
    return ct_json_says(key, text, strlen(text));
}

/* A string without its quotes; empty when it is none, or has an escape in it. */
static ct_span plain_string(const ct_json *value)
{
    if (value->kind != CT_JSON_STRING || (value->flags & CT_JSON_ESCAPED))
        return (ct_span){"", 0};
    return (ct_span){value->p + 1, value->len - 2};
}

/* Walks an object: strings go to the fields of their key, the value under `other` (which may be
 * NULL) to *other_value. False when the text does not begin with a whole object. Of repeated keys
 * the first counts. */
static bool read_object(const char *p, size_t n, const field *fields, size_t n_fields,
                        const char *other, ct_json *other_value)
{
    ct_json_scanner s = ct_json_scan(p, n);
    if (!ct_json_space(&s) || *s.p != '{')
        return false;
    ct_json_walk w = ct_json_walk_into(&(ct_json){.p = s.p, .len = (size_t)(s.end - s.p)});
    ct_json key, value;
    while (ct_json_walk_on(&w, &key, &value)) {
        for (size_t i = 0; i < n_fields; i++)
            if (fields[i].value->n == 0 && is_key(&key, fields[i].key))
                *fields[i].value = plain_string(&value);
        if (other && other_value->kind == CT_JSON_NONE && is_key(&key, other))
            *other_value = value;
    }
    return w.status == CT_JSON_OK;
}

bool ct_digest_parse(const char *p, size_t n, ct_digest *digest)
{
    static const ct_span none = {"", 0};
    ct_digest d = {none, none, none, none, none, none, none, none, none, {0}};
    const field fields[] = {
        {"awsAccountId", &d.account},
        {"digestStartTime", &d.start_time},
        {"digestEndTime", &d.end_time},
        {"digestS3Bucket", &d.bucket},
        {"digestS3Object", &d.object},
        {"digestPublicKeyFingerprint", &d.fingerprint},
        {"previousDigestS3Object", &d.previous_object},
        {"previousDigestHashValue", &d.previous_hash},
        {"previousDigestSignature", &d.previous_signature},
    };
    bool ok = read_object(p, n, fields, sizeof fields / sizeof fields[0], "logFiles", &d.log_files);
    if (d.log_files.kind != CT_JSON_ARRAY)
        d.log_files = (ct_json){0};
    *digest = d;
    return ok && d.start_time.n > 0 && d.object.n > 0;
}

/* The entry that stands in an array's element; nothing where that is no object. */
static void read_entry(const ct_json *element, ct_digest_entry *entry)
{
    static const ct_span none = {"", 0};
    *entry = (ct_digest_entry){none, none, none, none, none, none};
    const field fields[] = {
        {"s3Bucket", &entry->bucket},        {"s3Object", &entry->object},
        {"hashValue", &entry->hash},         {"hashAlgorithm", &entry->algorithm},
        {"oldestEventTime", &entry->oldest}, {"newestEventTime", &entry->newest},
    };
    if (element->kind == CT_JSON_OBJECT)
        (void)read_object(element->p, element->len, fields, sizeof fields / sizeof fields[0], NULL,
                          NULL);
}

bool ct_digest_next(const ct_digest *digest, const char **at, ct_digest_entry *entry)
{
    if (digest->log_files.kind != CT_JSON_ARRAY)
        return false;
    ct_json_walk w = ct_json_walk_into(&digest->log_files);
    ct_json element;
    if (*at) {
        w.begun = true;
        w.s.p = *at;
    }
    while (ct_json_walk_on(&w, NULL, &element)) {
        read_entry(&element, entry);
        *at = w.s.p;
        if (entry->object.n > 0)
            return true;
    }
    return false;
}

ct_span ct_json_field(const char *p, size_t n, const char *inside, const char *key)
{
    ct_json object = {0};
    if (inside && (!read_object(p, n, NULL, 0, inside, &object) || object.kind != CT_JSON_OBJECT))
        return (ct_span){"", 0};
    ct_span value = {"", 0};
    const field wanted = {key, &value};
    (void)read_object(inside ? object.p : p, inside ? object.len : n, &wanted, 1, NULL, NULL);
    return value;
}
