/*
 * event_command: the AWS CLI command that makes the API call a CloudTrail event records.
 *
 * SQL names: aws_event_command(event_source, event_name [, api_version]),
 *            aws_cli_command(user_agent, event_source, event_name [, api_version]).
 * Reads:     its arguments and the tables of aws_tables.h. Refuses nothing: any bytes of any length
 *            give an answer, at most twice as long as what came in, or the name of a service.
 *
 * It undoes how botocore, on which the CLI is built, names things. A service is found by the event
 * source; several services may share one (rds, neptune and docdb do), then the API version decides.
 * An operation's name is split at its capitals. ASCII alone has capitals here.
 */
#include "aws/event_command.h"

#include <stdbool.h>
#include <string.h>

#include "base/ascii.h"
#include "aws/aws_tables.h"
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

/* The service of a source without .amazonaws.com, or NULL. */
static const ct_aws_service *find_service(const char *source, size_t n, const char *api_version,
                                          size_t n_api_version)
{
    const ct_aws_service *best = NULL;
    int best_rank = -1;
    for (size_t i = first_key(source, n); i < ct_aws_n_service_keys; i++) {
        if (compare_folded(source, n, ct_aws_service_keys[i].key) != 0)
            break;
        const ct_aws_service *service = &ct_aws_services[ct_aws_service_keys[i].service];
        bool is_version =
            api_version && same_version(api_version, n_api_version, service->api_version);
        int rank = 2 * is_version + is_usual(service);
        if (rank > best_rank) {
            best = service;
            best_rank = rank;
        }
    }
    return best;
}

static const char *cli_service(const ct_aws_service *service)
{
    static const struct {
        const char *name, *cli_name;
    } renamed[] = {{"s3", "s3api"}, {"config", "configservice"}, {"codedeploy", "deploy"}};
    for (size_t i = 0; i < sizeof renamed / sizeof renamed[0]; i++)
        if (strcmp(service->name, renamed[i].name) == 0)
            return renamed[i].cli_name;
    return service->name;
}

static size_t without_domain(const char *source, size_t n)
{
    static const char domain[] = ".amazonaws.com";
    size_t n_domain = sizeof domain - 1;
    if (n < n_domain || compare_folded(source + n - n_domain, n_domain, domain) != 0)
        return n;
    return n - n_domain;
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

static const char *exception(const ct_aws_service *service, const char *name, size_t n)
{
    size_t low = 0, high = ct_aws_n_operation_exceptions;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        const ct_aws_operation *row = &ct_aws_operation_exceptions[middle];
        int order = strcmp(service->name, row->service);
        if (order == 0)
            order = compare(name, n, row->operation);
        if (order == 0)
            return row->cli_operation;
        if (order > 0)
            low = middle + 1;
        else
            high = middle;
    }
    return NULL;
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

void ct_event_command(const char *source, size_t n_source, const char *name, size_t n_name,
                      const char *api_version, size_t n_api_version, ct_buf *out)
{
    n_source = without_domain(source, n_source);
    if (is_versioned(source, n_source))
        n_name = without_version(name, n_name);

    const ct_aws_service *service = find_service(source, n_source, api_version, n_api_version);
    if (service)
        ct_buf_put_text(out, cli_service(service));
    else
        ct_buf_put(out, source, n_source);

    ct_buf_put_char(out, '.');
    const char *cli_operation = service ? exception(service, name, n_name) : NULL;
    if (cli_operation)
        ct_buf_put_text(out, cli_operation);
    else
        put_operation(out, name, n_name);
}

/* ---- SQL ----------------------------------------------------------------------------------- */

typedef struct argument {
    const char *p; /* lent for this call; NULL where the argument is */
    size_t n;
} argument;

/* False, with the error set, when there is no memory. */
static bool read_argument(sqlite3_context *context, sqlite3_value *value, argument *read)
{
    *read = (argument){NULL, 0};
    if (sqlite3_value_type(value) == SQLITE_NULL)
        return true;
    read->p = (const char *)sqlite3_value_text(value);
    read->n = (size_t)sqlite3_value_bytes(value);
    if (!read->p)
        sqlite3_result_error_nomem(context);
    return read->p != NULL;
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
    argument source, name, api_version = {NULL, 0};
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
 * names, else aws_event_command() of the event.
 *
 * NULL:    when user_agent is NULL or not the AWS CLI's; when it names no command and event_source
 *          or event_name is NULL.
 * Errors:  none for any input; SQLITE_NOMEM when out of memory.
 * Example: SELECT aws_cli_command('aws-cli/1.11.13 Python/3.5.2', 'iam.amazonaws.com',
 * 'ListUsers');
 *          -- iam.list-users
 */
static void aws_cli_command(sqlite3_context *context, int n_args, sqlite3_value **args)
{
    argument agent;
    ct_ua_text said;
    if (!read_argument(context, args[0], &agent) || !agent.p)
        return;
    if (ct_ua_cli_command(agent.p, agent.n, &said))
        sqlite3_result_text64(context, said.p, said.n, SQLITE_TRANSIENT, SQLITE_UTF8);
    else if (ct_ua_cli_version(agent.p, agent.n, &said))
        aws_event_command(context, n_args - 1, args + 1);
}

// clang-format off
static const ct_function functions[] = {
    /* name                 args flags    scalar             step  final value inverse */
    {"aws_event_command",   2,   CT_PURE, aws_event_command, NULL, NULL, NULL, NULL},
    {"aws_event_command",   3,   CT_PURE, aws_event_command, NULL, NULL, NULL, NULL},
    {"aws_cli_command",     3,   CT_PURE, aws_cli_command,   NULL, NULL, NULL, NULL},
    {"aws_cli_command",     4,   CT_PURE, aws_cli_command,   NULL, NULL, NULL, NULL},
};
// clang-format on

int ct_event_command_register(sqlite3 *db, char **error)
{
    return ct_register(db, functions, sizeof functions / sizeof functions[0], error);
}
