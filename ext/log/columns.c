#include "log/columns.h"

#include <string.h>

#include "base/ascii.h"
#include "base/json_write.h"

enum {
    NAME_MAX_BYTES = 80,  /* the longest name has 56 */
    OBJECT_DEPTH_MAX = 6, /* userIdentity.sessionContext.sessionIssuer.type: 4 */
    DOTS_DEPTH_MAX = 16,  /* of names with dots; App Mesh's virtual nodes: 9 */
    DOTTED_MAX = 512,     /* members of an object whose dots are looked at */
};

/* ---- names ---------------------------------------------------------------------------------- */

typedef struct known_name {
    const char *name; /* in small letters, without what stands between words */
    int column;
} known_name;

static const known_name columns[] = {
    {"eventtime", CT_EVENT_TIME},
    {"eventid", CT_EVENT_ID},
    {"eventname", CT_EVENT_NAME},
    {"eventsource", CT_EVENT_SOURCE},
    {"awsregion", CT_AWS_REGION},
    {"sourceipaddress", CT_SOURCE_IP_ADDRESS},
    {"useragent", CT_USER_AGENT},
    {"recipientaccountid", CT_RECIPIENT_ACCOUNT_ID},
    {"useridentity", CT_COLUMN_USER_IDENTITY},
    {"useridentitytype", CT_USER_IDENTITY_TYPE},
    {"useridentityprincipalid", CT_USER_IDENTITY_PRINCIPAL_ID},
    {"useridentityarn", CT_USER_IDENTITY_ARN},
    {"useridentityaccountid", CT_USER_IDENTITY_ACCOUNT_ID},
    {"useridentityaccesskeyid", CT_USER_IDENTITY_ACCESS_KEY_ID},
    {"useridentityusername", CT_USER_IDENTITY_USER_NAME},
    {"useridentityinvokedby", CT_USER_IDENTITY_INVOKED_BY},
    {"useridentitysessioncontextsessionissuertype", CT_SESSION_ISSUER_TYPE},
    {"useridentitysessioncontextsessionissuerprincipalid", CT_SESSION_ISSUER_PRINCIPAL_ID},
    {"useridentitysessioncontextsessionissuerarn", CT_SESSION_ISSUER_ARN},
    {"useridentitysessioncontextsessionissueraccountid", CT_SESSION_ISSUER_ACCOUNT_ID},
    {"useridentitysessioncontextsessionissuerusername", CT_SESSION_ISSUER_USER_NAME},
    {"useridentitysessioncontextattributesmfaauthenticated", CT_SESSION_MFA_AUTHENTICATED},
    {"useridentitysessioncontextattributescreationdate", CT_SESSION_CREATION_DATE},
    {"sessionissuertype", CT_SESSION_ISSUER_TYPE},
    {"sessionissuerprincipalid", CT_SESSION_ISSUER_PRINCIPAL_ID},
    {"sessionissuerarn", CT_SESSION_ISSUER_ARN},
    {"sessionissueraccountid", CT_SESSION_ISSUER_ACCOUNT_ID},
    {"sessionissuerusername", CT_SESSION_ISSUER_USER_NAME},
    {"sessionmfaauthenticated", CT_SESSION_MFA_AUTHENTICATED},
    {"sessioncreationdate", CT_SESSION_CREATION_DATE},
    {"errorcode", CT_ERROR_CODE},
    {"errormessage", CT_ERROR_MESSAGE},
    {"readonly", CT_READ_ONLY},
    {"managementevent", CT_MANAGEMENT_EVENT},
    {"eventtype", CT_EVENT_TYPE},
    {"eventcategory", CT_EVENT_CATEGORY},
    {"eventversion", CT_EVENT_VERSION},
    {"apiversion", CT_API_VERSION},
    {"requestid", CT_REQUEST_ID},
    {"sharedeventid", CT_SHARED_EVENT_ID},
    {"vpcendpointid", CT_VPC_ENDPOINT_ID},
    {"tlsdetails", CT_COLUMN_TLS_DETAILS},
    {"tlsdetailstlsversion", CT_TLS_VERSION},
    {"tlsdetailsciphersuite", CT_TLS_CIPHER_SUITE},
    {"tlsdetailsclientprovidedhostheader", CT_TLS_CLIENT_PROVIDED_HOST_HEADER},
    {"tlsversion", CT_TLS_VERSION},
    {"tlsciphersuite", CT_TLS_CIPHER_SUITE},
    {"tlsclientprovidedhostheader", CT_TLS_CLIENT_PROVIDED_HOST_HEADER},
    {"requestparameters", CT_REQUEST_PARAMETERS},
    {"responseelements", CT_RESPONSE_ELEMENTS},
    {"resources", CT_RESOURCES},
    {"additionaleventdata", CT_ADDITIONAL_EVENT_DATA},
    {"serviceeventdetails", CT_SERVICE_EVENT_DETAILS},
};

static const char *const field_names[] = {
    "userIdentity",         "tlsDetails",   "sessionCredentialFromConsole",
    "vpcEndpointAccountId", "addendum",     "edgeDeviceDetails",
    "insightDetails",       "eventContext", "annotation",
};

/* The fields of objects that stand in columns. */
static const char *const inner_names[] = {
    "type",         "principalId",      "arn",          "accountId",
    "accessKeyId",  "userName",         "invokedBy",    "sessionContext",
    "attributes",   "mfaAuthenticated", "creationDate", "sessionIssuer",
    "userId",       "ec2RoleDelivery",  "onBehalfOf",   "webIdFederationData",
    "inScopeOf",    "identityStoreArn", "credentialId", "federatedProvider",
    "assumedRoot",  "sourceIdentity",   "tlsVersion",   "identityProvider",
    "cipherSuite",  "issuerType",       "sourceArn",    "clientProvidedHostHeader",
    "credentialId", "sourceAccount",
};

/* A name in the form that is compared; its length, or 0 when it is too long to be known. */
static size_t fold(const char *name, size_t n, char out[NAME_MAX_BYTES])
{
    size_t len = 0;
    for (size_t i = 0; i < n; i++) {
        if (name[i] == '_' || name[i] == '.' || name[i] == '-' || ct_is_blank(name[i]))
            continue;
        if (len == NAME_MAX_BYTES)
            return 0;
        out[len++] = ct_to_lower(name[i]);
    }
    return len;
}

/* Whether a folded name is this one of the record's. */
static bool is_folded(const char *folded, size_t n, const char *name)
{
    if (strlen(name) != n)
        return false;
    for (size_t i = 0; i < n; i++)
        if (folded[i] != ct_to_lower(name[i]))
            return false;
    return true;
}

int ct_columns_find(const char *name, size_t n)
{
    char folded[NAME_MAX_BYTES];
    size_t len = fold(name, n, folded);
    for (size_t i = 0; len > 0 && i < sizeof columns / sizeof columns[0]; i++)
        if (strlen(columns[i].name) == len && memcmp(folded, columns[i].name, len) == 0)
            return columns[i].column;
    for (int i = CT_COLUMN_FIELDS; len > 0 && i < CT_COLUMN_FIELDS_END; i++)
        if (is_folded(folded, len, ct_columns_field_name(i)))
            return i;
    return CT_COLUMN_UNKNOWN;
}

const char *ct_columns_field_name(int column)
{
    return field_names[column - CT_COLUMN_USER_IDENTITY];
}

/* The record's name for a field of such an object; NULL when it is not known. */
static const char *find_inner(const char *name, size_t n)
{
    char folded[NAME_MAX_BYTES];
    size_t len = fold(name, n, folded);
    for (size_t i = 0; len > 0 && i < sizeof inner_names / sizeof inner_names[0]; i++)
        if (is_folded(folded, len, inner_names[i]))
            return inner_names[i];
    return NULL;
}

/* ---- objects -------------------------------------------------------------------------------- */

/* Appends a JSON object with its known names as the record has them. It was scanned before. */
static void put_renamed(const ct_json *object, int depth, ct_buf *out)
{
    ct_json key, value;
    bool first = true;
    ct_buf_put_char(out, '{');
    for (ct_json_walk w = ct_json_walk_into(object); ct_json_walk_on(&w, &key, &value);) {
        if (!first)
            ct_buf_put_char(out, ',');
        first = false;
        const char *name = find_inner(key.p + 1, key.len - 2);
        if (name)
            ct_json_put_text(out, name);
        else
            ct_buf_put(out, key.p, key.len);
        ct_buf_put_char(out, ':');
        if (value.kind == CT_JSON_OBJECT && name && depth < OBJECT_DEPTH_MAX)
            put_renamed(&value, depth + 1, out);
        else
            ct_buf_put(out, value.p, value.len);
    }
    ct_buf_put_char(out, '}');
}

typedef struct cursor {
    const char *p, *end;
} cursor;

static bool take(cursor *c, char expected)
{
    if (c->p == c->end || *c->p != expected)
        return false;
    c->p++;
    return true;
}

/* The name before `=` at p; NULL when no known one stands there. */
static const char *name_at(const char *p, const char *end, const char **behind)
{
    const char *start = p;
    while (p < end && (ct_is_lower(*p) || ct_is_upper(*p) || ct_is_digit(*p) || *p == '_'))
        p++;
    if (p == start || p == end || *p != '=')
        return NULL;
    *behind = p + 1;
    return find_inner(start, (size_t)(p - start));
}

/*
 * A row as Athena prints it: {name=value, name={...}, name=null}. Nothing in it is quoted, so a
 * value ends before `, ` and a known name, or before the brace; one with a brace in it, or with a
 * comma that something else stands behind, could end anywhere. Recursion ends with
 * OBJECT_DEPTH_MAX.
 */
static bool put_row(cursor *c, int depth, ct_buf *out)
{
    bool first = true;
    if (depth > OBJECT_DEPTH_MAX || !take(c, '{'))
        return false;
    const char *begin = c->p;
    ct_buf_put_char(out, '{');
    while (!take(c, '}')) {
        const char *name, *behind;
        if (c->p > begin && !(take(c, ',') && take(c, ' ')))
            return false;
        name = name_at(c->p, c->end, &behind);
        if (!name)
            return false;
        c->p = behind;
        const char *start = c->p;
        bool is_row = start < c->end && *start == '{';
        size_t len_before = out->len;
        ct_buf_put_text(out, first ? "" : ",");
        ct_json_put_text(out, name);
        ct_buf_put_char(out, ':');
        if (is_row && !put_row(c, depth + 1, out))
            return false;
        while (!is_row && c->p < c->end && *c->p != '}') {
            if (*c->p == '{')
                return false;
            if (*c->p == ',') {
                if (c->end - c->p < 2 || c->p[1] != ' ' || !name_at(c->p + 2, c->end, &behind))
                    return false;
                break;
            }
            c->p++;
        }
        size_t n = (size_t)(c->p - start);
        if (!is_row && n == 4 && memcmp(start, "null", 4) == 0) {
            out->len = len_before;
            continue;
        }
        if (!is_row)
            ct_json_put_string(out, start, n);
        first = false;
    }
    ct_buf_put_char(out, '}');
    return true;
}

bool ct_columns_put_object(const char *p, size_t n, ct_buf *out)
{
    size_t start = out->len;
    for (; n > 0 && ct_is_blank(*p); p++, n--)
        ;
    for (; n > 0 && ct_is_blank(p[n - 1]); n--)
        ;
    if (n == 0 || *p != '{')
        return false;
    if (ct_json_valid(p, n)) {
        put_renamed(&(ct_json){.p = p, .len = n, .kind = CT_JSON_OBJECT}, 0, out);
        return true;
    }
    cursor c = {p, p + n};
    if (put_row(&c, 0, out) && c.p == c.end)
        return true;
    out->len = start;
    return false;
}

/* ---- names with dots ------------------------------------------------------------------------ */

typedef struct member {
    ct_json key, value;
    bool done;
} member;

/* The part of a name behind `prefix` and its dot; NULL when it has another prefix. */
static const char *behind_prefix(const ct_json *key, const char *prefix, size_t n)
{
    const char *p = key->p + 1, *end = key->p + key->len - 1;
    if ((size_t)(end - p) < n || memcmp(p, prefix, n) != 0)
        return NULL;
    return p + n;
}

/* Writes the members whose names begin with the prefix (which ends in a dot, or is empty), without
 * it, as an object. False when a name stands there both as it is and as a prefix of others.
 * Recursion ends with DOTS_DEPTH_MAX. */
static bool put_members(member *members, size_t n, const char *prefix, size_t prefix_len, int depth,
                        ct_buf *out)
{
    bool first = true;
    ct_buf_put_char(out, '{');
    for (size_t i = 0; i < n; i++) {
        const char *name = behind_prefix(&members[i].key, prefix, prefix_len);
        if (!name || members[i].done)
            continue;
        const char *end = members[i].key.p + members[i].key.len - 1;
        const char *dot = depth < DOTS_DEPTH_MAX ? memchr(name, '.', (size_t)(end - name)) : NULL;
        size_t len = (size_t)((dot ? dot : end) - name);
        if (len == 0 || (dot && dot + 1 == end)) {
            dot = NULL; /* a dot at an edge separates nothing */
            len = (size_t)(end - name);
        }
        for (size_t k = i + 1; k < n; k++) {
            const char *other = behind_prefix(&members[k].key, prefix, prefix_len);
            size_t left = other ? (size_t)(members[k].key.p + members[k].key.len - 1 - other) : 0;
            if (!other || left < len || memcmp(other, name, len) != 0)
                continue;
            if ((dot && left == len) || (!dot && left > len && other[len] == '.'))
                return false;
        }
        if (!first)
            ct_buf_put_char(out, ',');
        first = false;
        ct_buf_put_char(out, '"');
        ct_buf_put(out, name, len);
        ct_buf_put_text(out, "\":");
        if (!dot) {
            ct_buf_put(out, members[i].value.p, members[i].value.len);
            members[i].done = true;
        } else if (!put_members(members, n, members[i].key.p + 1,
                                (size_t)(dot + 1 - members[i].key.p - 1), depth + 1, out)) {
            return false;
        }
    }
    ct_buf_put_char(out, '}');
    return true;
}

bool ct_columns_put_nested(const ct_json *object, ct_buf *out)
{
    member members[DOTTED_MAX];
    size_t n = 0, start = out->len;
    ct_json_walk w = ct_json_walk_into(object);
    for (member m = {.done = false}; ct_json_walk_on(&w, &m.key, &m.value); members[n++] = m)
        if (n == DOTTED_MAX)
            return false;
    if (put_members(members, n, "", 0, 0, out))
        return true;
    out->len = start;
    return false;
}
