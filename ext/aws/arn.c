#include "aws/arn.h"

#include <string.h>

#include "sqlite/args.h"
#include "sqlite/register.h"

/* ---- the five fields ------------------------------------------------------------------------ */

/* Cuts the text up to the next colon off the front of rest; false when there is no colon. */
static bool take_field(ct_span *rest, ct_span *field)
{
    const char *colon = memchr(rest->p, ':', rest->n);
    if (!colon)
        return false;
    *field = (ct_span){rest->p, (size_t)(colon - rest->p)};
    rest->p += field->n + 1;
    rest->n -= field->n + 1;
    return true;
}

bool ct_arn_parse(const char *p, size_t n, ct_arn *arn)
{
    ct_span rest = {p, n}, prefix;
    if (!take_field(&rest, &prefix) || !ct_span_is(prefix, "arn"))
        return false;
    if (!take_field(&rest, &arn->partition) || !take_field(&rest, &arn->service) ||
        !take_field(&rest, &arn->region) || !take_field(&rest, &arn->account))
        return false;
    arn->resource = rest;
    return arn->partition.n > 0 && arn->service.n > 0 && arn->resource.n > 0;
}

/* ---- the resource --------------------------------------------------------------------------- */

/*
 * Services whose resources do not begin with their type. In the Service Authorization Reference
 * (2,347 ARN formats, September 2026) the text before the first / or : is the type in all others,
 * but for some of aws-marketplace, where a catalog stands first and nothing tells it from a type.
 */
typedef struct odd_service {
    const char *service;
    char separator;      /* only resources whose first separator is this one */
    bool type_is_second; /* scope/type/...; else a name stands first and there is no type */
} odd_service;

static const odd_service odd_services[] = {
    {"sns", ':', false},           /* topic:subscription-id */
    {"execute-api", '/', false},   /* api-id/stage/method/path */
    {"codepipeline", '/', false},  /* pipeline/stage/action; but webhook:name */
    {"servicequotas", '/', false}, /* service/quota-code */
    {"neptune-db", '/', false},    /* cluster-id/database */
    {"wafv2", '/', true},          /* regional/webacl/name/id */
};

static size_t find_separator(ct_span text)
{
    size_t i = 0;
    while (i < text.n && text.p[i] != '/' && text.p[i] != ':')
        i++;
    return i;
}

static const odd_service *find_odd_service(const ct_arn *arn, char separator)
{
    for (size_t i = 0; i < sizeof odd_services / sizeof odd_services[0]; i++)
        if (separator == odd_services[i].separator &&
            ct_span_is(arn->service, odd_services[i].service))
            return &odd_services[i];
    return NULL;
}

/* bucket/key, not accesspoint/name: only buckets have neither a region nor an account. */
static bool is_s3_object(const ct_arn *arn)
{
    return ct_span_is(arn->service, "s3") && arn->region.n == 0 && arn->account.n == 0;
}

static bool get_resource_type(const ct_arn *arn, ct_span *type)
{
    ct_span rest = arn->resource;
    bool rooted = rest.p[0] == '/'; /* API Gateway and a few more: /restapis/id, /domain/name */
    if (rooted)
        rest = (ct_span){rest.p + 1, rest.n - 1};

    *type = (ct_span){rest.p, find_separator(rest)};
    if (type->n == rest.n || is_s3_object(arn))
        return false;

    const odd_service *odd = rooted ? NULL : find_odd_service(arn, rest.p[type->n]);
    if (odd && !odd->type_is_second)
        return false;
    if (odd) {
        rest = (ct_span){rest.p + type->n + 1, rest.n - type->n - 1};
        *type = (ct_span){rest.p, find_separator(rest)};
    }
    return type->n > 0;
}

static void get_resource_name(const ct_arn *arn, ct_span *name)
{
    size_t start = arn->resource.n;
    while (start > 0 && arn->resource.p[start - 1] != '/' && arn->resource.p[start - 1] != ':')
        start--;
    *name = (ct_span){arn->resource.p + start, arn->resource.n - start};
}

/*
 * Only sts names sessions (IAM User Guide, "AWS JSON policy elements: Principal"):
 * assumed-role/ROLE/SESSION and federated-user/SESSION. Neither name can hold a slash.
 */
static bool get_session(const ct_arn *arn, ct_span *session)
{
    ct_span type;
    if (!ct_span_is(arn->service, "sts") || !get_resource_type(arn, &type))
        return false;

    ct_span rest = {type.p + type.n, (size_t)(arn->resource.p + arn->resource.n - type.p) - type.n};
    if (rest.p[0] != '/')
        return false;
    rest = (ct_span){rest.p + 1, rest.n - 1};
    if (ct_span_is(type, "assumed-role")) {
        const char *slash = memchr(rest.p, '/', rest.n);
        if (!slash)
            return false;
        rest.n -= (size_t)(slash + 1 - rest.p);
        rest.p = slash + 1;
    } else if (!ct_span_is(type, "federated-user")) {
        return false;
    }
    *session = rest;
    return session->n > 0;
}

/* ---- parts by name -------------------------------------------------------------------------- */

static const char *const part_names[] = {
    [CT_ARN_PARTITION] = "partition",
    [CT_ARN_SERVICE] = "service",
    [CT_ARN_REGION] = "region",
    [CT_ARN_ACCOUNT] = "account",
    [CT_ARN_RESOURCE] = "resource",
    [CT_ARN_RESOURCE_TYPE] = "resource_type",
    [CT_ARN_RESOURCE_NAME] = "resource_name",
    [CT_ARN_SESSION] = "session",
};

enum { N_PARTS = sizeof part_names / sizeof part_names[0] };

bool ct_arn_part_named(const char *name, size_t n, ct_arn_part *part)
{
    for (int i = 0; i < N_PARTS; i++) {
        if (ct_span_is((ct_span){name, n}, part_names[i])) {
            *part = (ct_arn_part)i;
            return true;
        }
    }
    return false;
}

bool ct_arn_get(const ct_arn *arn, ct_arn_part part, ct_span *value)
{
    switch (part) {
    case CT_ARN_PARTITION:
        *value = arn->partition;
        return true;
    case CT_ARN_SERVICE:
        *value = arn->service;
        return true;
    case CT_ARN_REGION:
        *value = arn->region;
        return true;
    case CT_ARN_ACCOUNT:
        *value = arn->account;
        return true;
    case CT_ARN_RESOURCE:
        *value = arn->resource;
        return true;
    case CT_ARN_RESOURCE_NAME:
        get_resource_name(arn, value);
        return true;
    case CT_ARN_RESOURCE_TYPE:
        return get_resource_type(arn, value);
    case CT_ARN_SESSION:
        return get_session(arn, value);
    }
    return false;
}

/* ---- SQL ------------------------------------------------------------------------------------ */

static void unknown_part(sqlite3_context *context, sqlite3_value *part)
{
    ct_buf message = CT_BUF_EMPTY;
    ct_buf_put_text(&message, "arn_part(): unknown part ");
    ct_put_value(&message, part);
    ct_buf_put_text(&message, ", expected ");
    for (int i = 0; i < N_PARTS; i++) {
        if (i > 0)
            ct_buf_put_text(&message, i == N_PARTS - 1 ? " or " : ", ");
        ct_buf_put_text(&message, part_names[i]);
    }
    ct_result_error_buf(context, &message);
}

/*
 * arn_part(arn TEXT, part TEXT) -> TEXT
 *
 * One part of an Amazon Resource Name, as it is written there. part is partition, service, region,
 * account, resource, resource_type, resource_name (after the last / or :) or session (of an assumed
 * role or a federated user).
 *
 * NULL:    NULL in, NULL out; also NULL if arn is not an ARN or has no such part. A region or an
 *          account that the ARN leaves empty is ''.
 * Errors:  an unknown part; SQLITE_NOMEM when out of memory.
 * Example: SELECT arn_part('arn:aws:sts::123456789012:assumed-role/admin/jane', 'session');
 *          -- jane
 */
static void arn_part(sqlite3_context *context, int n_args, sqlite3_value **args)
{
    if (ct_any_null(n_args, args))
        return;
    ct_span text, name;
    if (!ct_arg_text(context, args[0], &text) || !ct_arg_text(context, args[1], &name))
        return;

    /* Before the ARN is looked at: a wrong name must not hide behind rows that hold no ARN. */
    ct_arn_part part;
    if (!ct_arn_part_named(name.p, name.n, &part)) {
        unknown_part(context, args[1]);
        return;
    }

    ct_arn arn;
    ct_span value;
    if (ct_arn_parse(text.p, text.n, &arn) && ct_arn_get(&arn, part, &value))
        ct_result_span(context, value);
}

int ct_arn_register(sqlite3 *db, char **error)
{
    // clang-format off
    static const ct_function functions[] = {
        /* name       args flags    scalar    step  final value inverse */
        {"arn_part",  2,   CT_PURE, arn_part, NULL, NULL, NULL, NULL},
    };
    // clang-format on
    return ct_register(db, functions, sizeof functions / sizeof functions[0], error);
}
