/*
 * event_command: the AWS CLI command that makes the API call a CloudTrail event records.
 *
 * SQL names: aws_event_command(event_source, event_name [, api_version]),
 *            aws_cli_command(user_agent, event_source, event_name [, api_version]),
 *            aws_call_name(event_name).
 * Reads:     its arguments and the tables of aws_tables.h. Refuses nothing: any bytes of any length
 *            give an answer, at most twice as long as what came in, or the name of a service.
 *
 * It undoes how botocore, on which the CLI is built, names things. A service is found by the event
 * source; several services may share one (rds, neptune and docdb do), then the API version decides,
 * or which of them has the operation. An operation's name is split at its capitals. ASCII
 * alone has capitals here.
 *
 * What the agent says counts only as far as the event bears it out: the agent is the client's to
 * write, and a profile with a role has the CLI send `md/command#iam.list-users` with AssumeRole.
 */
#include "aws/event_command.h"

#include <stdbool.h>
#include <string.h>

#include "base/ascii.h"
#include "base/span.h"
#include "aws/aws_tables.h"
#include "sqlite/args.h"
#include "sqlite/register.h"
#include "aws/useragent.h"

/* Order of the n bytes at p against a NUL-terminated text. */
static int compare(const char *p, size_t n, const char *text)
{
    size_t n_text = strlen(text);
    int order = n > 0 ? memcmp(p, text, n < n_text ? n : n_text) : 0; /* p may be NULL then */
    return order ? order : (n > n_text) - (n < n_text);
}

/* The same where capitals at p count as the small letters they stand for. */
static int compare_folded(const char *p, size_t n, const char *text)
{
    for (size_t i = 0; i < n; i++) {
        unsigned char c = (unsigned char)ct_to_lower(p[i]), t = (unsigned char)text[i];
        if (c != t || t == '\0') /* at the text's end, a NUL at p is still one byte more */
            return t == '\0' || c > t ? 1 : -1;
    }
    return text[n] == '\0' ? 0 : -1;
}

/* The row of a service and an operation; NULL when the table, which is sorted by them, has none. */
static const ct_aws_operation *find_row(const ct_aws_operation *rows, size_t n_rows,
                                        const char *service, size_t n_service, const char *name,
                                        size_t n)
{
    size_t low = 0, high = n_rows;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        int order = compare_folded(service, n_service, rows[middle].service);
        if (order == 0)
            order = compare(name, n, rows[middle].operation);
        if (order == 0)
            return &rows[middle];
        if (order > 0)
            low = middle + 1;
        else
            high = middle;
    }
    return NULL;
}

/* ---- service ------------------------------------------------------------------------------- */

/* Botocore's date has hyphens; CloudTrail writes 2020_05_31 and 20140328 too. */
static bool same_version(const char *p, size_t n, const char *api_version)
{
    size_t i = 0;
    for (; *api_version; api_version++) {
        if (*api_version == '-') {
            if (i < n && (p[i] == '-' || p[i] == '_'))
                i++;
            continue;
        }
        if (i == n || p[i] != *api_version)
            return false;
        i++;
    }
    return i == n;
}

/* The services that most callers mean where a source is shared and no version tells. */
static bool is_usual(const ct_aws_service *service)
{
    static const char *const usual[] = {"rds", "apigateway", "ses", "elbv2"};
    for (size_t i = 0; i < sizeof usual / sizeof usual[0]; i++)
        if (strcmp(service->name, usual[i]) == 0)
            return true;
    return false;
}

/* The first key that is not less than the source. */
static size_t first_key(const char *source, size_t n)
{
    size_t low = 0, high = ct_aws_n_service_keys;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (compare_folded(source, n, ct_aws_service_keys[middle].key) > 0)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

/* Of all that share its source, is this the service that has the operation? */
static bool is_owner(const ct_aws_service *service, const char *name, size_t n)
{
    size_t low = 0, high = ct_aws_n_shared_operations;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (compare(name, n, ct_aws_shared_names + ct_aws_shared_operations[middle].name) > 0)
            low = middle + 1;
        else
            high = middle;
    }
    for (; low < ct_aws_n_shared_operations; low++) {
        const ct_aws_shared_operation *row = &ct_aws_shared_operations[low];
        if (compare(name, n, ct_aws_shared_names + row->name) != 0)
            break;
        if (service == &ct_aws_services[row->service])
            return true;
    }
    return false;
}

const char *ct_cli_service(const ct_aws_service *service)
{
    static const struct {
        const char *name, *cli_name;
    } renamed[] = {{"s3", "s3api"}, {"config", "configservice"}, {"codedeploy", "deploy"}};
    for (size_t i = 0; i < sizeof renamed / sizeof renamed[0]; i++)
        if (strcmp(service->name, renamed[i].name) == 0)
            return renamed[i].cli_name;
    return service->name;
}

/* An API call, without what its names do not need. Borrowed bytes. */
typedef struct call {
    ct_span source;      /* without .amazonaws.com */
    ct_span name;        /* without the version in which Lambda's and CloudFront's end */
    ct_span api_version; /* p NULL: none */
} call;

/* The service of the i-th key, NULL when that is no longer one of the call's source. */
static const ct_aws_service *service_at(const call *event, size_t i)
{
    if (i >= ct_aws_n_service_keys ||
        compare_folded(event->source.p, event->source.n, ct_aws_service_keys[i].key) != 0)
        return NULL;
    return &ct_aws_services[ct_aws_service_keys[i].service];
}

/* The service that a call is made to; NULL where the source is none that is known. */
static const ct_aws_service *find_service(const call *event)
{
    const ct_aws_service *best = NULL, *service;
    int best_rank = -1;
    for (size_t i = first_key(event->source.p, event->source.n);
         (service = service_at(event, i)) != NULL; i++) {
        bool is_version =
            event->api_version.p &&
            same_version(event->api_version.p, event->api_version.n, service->api_version);
        int rank = 4 * is_version + 2 * is_owner(service, event->name.p, event->name.n) +
                   is_usual(service);
        if (rank > best_rank) {
            best = service;
            best_rank = rank;
        }
    }
    return best;
}

/* The service of a call's source that the CLI calls so; NULL when none of them is. */
static const ct_aws_service *find_named_service(const call *event, ct_span name)
{
    const ct_aws_service *service;
    for (size_t i = first_key(event->source.p, event->source.n);
         (service = service_at(event, i)) != NULL; i++)
        if (compare_folded(name.p, name.n, ct_cli_service(service)) == 0)
            return service;
    return NULL;
}

static size_t without_domain(const char *source, size_t n)
{
    static const char *const domains[] = {".amazonaws.com", ".amazonaws.com.cn"};
    for (size_t i = 0; i < sizeof domains / sizeof domains[0]; i++) {
        size_t n_domain = strlen(domains[i]);
        if (n >= n_domain && compare_folded(source + n - n_domain, n_domain, domains[i]) == 0)
            return n - n_domain;
    }
    return n;
}

/* ---- operation ----------------------------------------------------------------------------- */

/* Length of the date, 20150331 or 2020_05_31, in which the n bytes end; 0 when they do not. */
static size_t date_at_end(const char *p, size_t n)
{
    static const char *const forms[] = {"dddddddd", "dddd_dd_dd"};
    for (size_t f = 0; f < sizeof forms / sizeof forms[0]; f++) {
        size_t len = strlen(forms[f]), i = 0;
        if (n < len)
            continue;
        const char *end = p + n - len;
        while (i < len && (forms[f][i] == 'd' ? ct_is_digit(end[i]) : end[i] == forms[f][i]))
            i++;
        if (i == len)
            return len;
    }
    return 0;
}

/* Length of an event name without its version: ListFunctions20150331, GetFunction20150331v2. */
static size_t without_version(const char *name, size_t n)
{
    size_t n_dated = n;
    size_t n_date = date_at_end(name, n_dated);
    if (n_date == 0) {
        while (n_dated > 0 && ct_is_digit(name[n_dated - 1]))
            n_dated--;
        if (n_dated == n || n_dated == 0 || name[--n_dated] != 'v')
            return n;
        n_date = date_at_end(name, n_dated);
    }
    return n_date > 0 && n_date < n_dated ? n_dated - n_date : n;
}

static bool is_versioned(const char *source, size_t n)
{
    return compare_folded(source, n, "lambda") == 0 || compare_folded(source, n, "cloudfront") == 0;
}

/* Where the plural of an abbreviation begins in which the name ends (`[A-Z]{2,}s$`: the ACLs of
 * ListWebACLs); n when there is none. */
static size_t plural_abbreviation(const char *name, size_t n)
{
    if (n < 3 || name[n - 1] != 's')
        return n;
    size_t start = n - 1;
    while (start > 0 && ct_is_upper(name[start - 1]))
        start--;
    return n - 1 - start >= 2 ? start : n;
}

/*
 * botocore's xform_name() with a hyphen: a capital begins a word when a small letter follows it or
 * a small letter or digit stands before it; a name that has a hyphen is left as it is.
 */
static void put_operation(ct_buf *out, const char *name, size_t n)
{
    if (n > 0 && memchr(name, '-', n)) {
        ct_buf_put(out, name, n);
        return;
    }
    size_t plural = plural_abbreviation(name, n);
    for (size_t i = 0; i < n; i++) {
        bool begins = false;
        if (i < plural && i > 0 && ct_is_upper(name[i]))
            begins = (i + 1 < plural && ct_is_lower(name[i + 1])) || ct_is_lower(name[i - 1]) ||
                     ct_is_digit(name[i - 1]);
        if (begins || i == plural)
            ct_buf_put_char(out, '-');
        ct_buf_put_char(out, ct_to_lower(name[i]));
    }
}

static call read_call(const char *source, size_t n_source, const char *name, size_t n_name,
                      const char *api_version, size_t n_api_version)
{
    n_source = without_domain(source, n_source);
    if (is_versioned(source, n_source))
        n_name = without_version(name, n_name);
    return (call){{source, n_source}, {name, n_name}, {api_version, n_api_version}};
}

static void put_command(ct_buf *out, const ct_aws_service *service, const call *event)
{
    if (service)
        ct_buf_put_text(out, ct_cli_service(service));
    else
        ct_buf_put(out, event->source.p, event->source.n);
    ct_buf_put_char(out, '.');

    const ct_aws_operation *named =
        service ? find_row(ct_aws_operation_exceptions, ct_aws_n_operation_exceptions,
                           service->name, strlen(service->name), event->name.p, event->name.n)
                : NULL;
    if (named)
        ct_buf_put_text(out, named->cli);
    else
        put_operation(out, event->name.p, event->name.n);
}

static void put_event_command(ct_buf *out, const call *event)
{
    const ct_aws_operation *named =
        find_row(ct_aws_event_names, ct_aws_n_event_names, event->source.p, event->source.n,
                 event->name.p, event->name.n);
    if (named)
        ct_buf_put_text(out, named->cli);
    else
        put_command(out, find_service(event), event);
}

void ct_event_command(const char *source, size_t n_source, const char *name, size_t n_name,
                      const char *api_version, size_t n_api_version, ct_buf *out)
{
    call event = read_call(source, n_source, name, n_name, api_version, n_api_version);
    put_event_command(out, &event);
}

void ct_service_command(const ct_aws_service *service, const char *name, size_t n, ct_buf *out)
{
    call event = {.name = {name, n}};
    put_command(out, service, &event);
}

/* ---- the agent beside the event ------------------------------------------------------------ */

static bool is_same(ct_span said, const ct_buf *command)
{
    if (said.n != command->len)
        return false;
    for (size_t i = 0; i < said.n; i++)
        if (ct_to_lower(said.p[i]) != ct_to_lower(command->data[i]))
            return false;
    return true;
}

/* Splits at the first dot; false where there is none. */
static bool split_command(ct_span said, ct_span *service, ct_span *rest)
{
    const char *dot = memchr(said.p, '.', said.n);
    if (!dot)
        return false;
    *service = (ct_span){said.p, (size_t)(dot - said.p)};
    *rest = (ct_span){dot + 1, said.n - service->n - 1};
    return true;
}

static bool is_listed(ct_span service, ct_span operation)
{
    return find_row(ct_aws_cli_commands, ct_aws_n_cli_commands, service.p, service.n, operation.p,
                    operation.n) != NULL;
}

/* `ec2.wait.instance-running` is `*.wait`: what stands behind a command's name are its arguments. */
static bool is_own_command(ct_span said)
{
    ct_span service, operation, rest;
    if (!split_command(said, &service, &operation))
        return false;
    if (split_command(operation, &rest, &rest))
        operation.n = (size_t)(rest.p - operation.p) - 1;
    return is_listed(service, operation) || is_listed((ct_span){"*", 1}, operation);
}

/*
 * Is this the call that the command makes? `own` holds the event's own command; it fails where there
 * is no memory. A source that several services share may be another's than the first: sesv2 and ses
 * both have get-account. A source that is not known says nothing against the service.
 */
static bool bears_out(const call *event, ct_span said, ct_buf *own)
{
    ct_span name, operation;
    if (is_same(said, own))
        return true;
    if (!split_command(said, &name, &operation))
        return false;
    const ct_aws_service *service = find_named_service(event, name);
    if (!service && service_at(event, first_key(event->source.p, event->source.n)))
        return false;
    call named = *event;
    if (!service)
        named.source = name;
    ct_buf other = CT_BUF_EMPTY;
    put_command(&other, service, &named);
    bool is_borne_out = is_same(said, &other);
    own->failed |= other.failed;
    ct_buf_free(&other);
    return is_borne_out;
}

/* ---- SQL ----------------------------------------------------------------------------------- */

/* p NULL where the argument is NULL; false, with the error set, when there is no memory. */
static bool read_argument(sqlite3_context *context, sqlite3_value *value, ct_span *read)
{
    *read = (ct_span){NULL, 0};
    return sqlite3_value_type(value) == SQLITE_NULL || ct_arg_text(context, value, read);
}

/*
 * aws_event_command(event_source TEXT, event_name TEXT [, api_version TEXT]) -> TEXT
 *
 * The AWS CLI command that makes this API call, 'service.operation'. Meant for CloudTrail's
 * eventSource, eventName and apiVersion; the version matters where services share a source. An
 * unknown source gives its own name; an empty argument leaves its side of the dot empty.
 *
 * NULL:    NULL when event_source or event_name is; a NULL api_version counts as none.
 * Errors:  none for any input; SQLITE_NOMEM when out of memory.
 * Example: SELECT aws_event_command('iam.amazonaws.com', 'ListUsers');
 *          -- iam.list-users
 */
static void aws_event_command(sqlite3_context *context, int n_args, sqlite3_value **args)
{
    ct_span source, name, api_version = {NULL, 0};
    if (!read_argument(context, args[0], &source) || !read_argument(context, args[1], &name) ||
        (n_args > 2 && !read_argument(context, args[2], &api_version)) || !source.p || !name.p)
        return;
    ct_buf out = CT_BUF_EMPTY;
    ct_event_command(source.p, source.n, name.p, name.n, api_version.p, api_version.n, &out);
    ct_result_buf(context, &out);
}

/*
 * aws_cli_command(user_agent TEXT, event_source TEXT, event_name TEXT [, api_version TEXT]) -> TEXT
 *
 * The command behind an event of the AWS CLI, whatever its version: the one that the user agent
 * names, as written there, where it is one of the CLI's own that make several calls (s3.cp) or makes
 * this call; else aws_event_command() of the event.
 *
 * NULL:    when user_agent is NULL or not the AWS CLI's; when it names no command and event_source or
 *          event_name is NULL.
 * Errors:  none for any input; SQLITE_NOMEM when out of memory.
 * Example: SELECT aws_cli_command('aws-cli/1.11.13 Python/3.5.2', 'iam.amazonaws.com', 'ListUsers');
 *          -- iam.list-users
 */
static void aws_cli_command(sqlite3_context *context, int n_args, sqlite3_value **args)
{
    ct_span agent, source, name, said, api_version = {NULL, 0};
    if (!read_argument(context, args[0], &agent) || !read_argument(context, args[1], &source) ||
        !read_argument(context, args[2], &name) ||
        (n_args > 3 && !read_argument(context, args[3], &api_version)))
        return;
    if (!agent.p || !ct_ua_cli_version(agent.p, agent.n, &said))
        return;
    bool is_said = ct_ua_cli_command(agent.p, agent.n, &said);
    if (is_said && (!source.p || !name.p || is_own_command(said))) {
        ct_result_span(context, said);
        return;
    }
    if (!source.p || !name.p)
        return;

    call event = read_call(source.p, source.n, name.p, name.n, api_version.p, api_version.n);
    ct_buf own = CT_BUF_EMPTY;
    put_event_command(&own, &event);
    if (is_said && bears_out(&event, said, &own)) {
        ct_result_span(context, said);
        ct_buf_free(&own);
    } else {
        ct_result_buf(context, &own);
    }
}

/*
 * aws_call_name(event_name TEXT) -> TEXT
 *
 * The call that an eventName names: without the date of the API's version in which those of Lambda
 * and CloudFront end, so that ListFunctions20150331 and ListFunctions are one. Any other name is
 * given as it is.
 *
 * NULL:    NULL in, NULL out.
 * Errors:  none for any input; SQLITE_NOMEM when out of memory.
 * Example: SELECT aws_call_name('GetFunction20150331v2');
 *          -- GetFunction
 */
static void aws_call_name(sqlite3_context *context, int n_args, sqlite3_value **args)
{
    ct_span name;
    (void)n_args;
    if (read_argument(context, args[0], &name) && name.p)
        ct_result_span(context, (ct_span){name.p, without_version(name.p, name.n)});
}

// clang-format off
static const ct_function functions[] = {
    /* name                 args flags    scalar             step  final value inverse */
    {"aws_event_command",   2,   CT_PURE, aws_event_command, NULL, NULL, NULL, NULL},
    {"aws_event_command",   3,   CT_PURE, aws_event_command, NULL, NULL, NULL, NULL},
    {"aws_cli_command",     3,   CT_PURE, aws_cli_command,   NULL, NULL, NULL, NULL},
    {"aws_cli_command",     4,   CT_PURE, aws_cli_command,   NULL, NULL, NULL, NULL},
    {"aws_call_name",       1,   CT_PURE, aws_call_name,     NULL, NULL, NULL, NULL},
};
// clang-format on

int ct_event_command_register(sqlite3 *db, char **error)
{
    return ct_register(db, functions, sizeof functions / sizeof functions[0], error);
}
