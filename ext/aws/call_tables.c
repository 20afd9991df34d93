/*
 * It asks event_command for every call that could be one of the list: by each source that has a service
 * of the list, each operation of the list, each name that event_command has a row for, and each version.
 */
#include "aws/call_tables.h"

#include <string.h>

#include "aws/aws_tables.h"
#include "aws/event_command.h"
#include "base/ascii.h"
#include "base/grow.h"
#include "base/mem.h"

/* The services that share a source. */
typedef struct source {
    ct_span name;
    const ct_aws_service_key *keys;
    size_t n_keys;
} source;

typedef struct tables {
    const ct_span *listed;
    size_t n_listed;
    const ct_call_rows *rows;
    ct_buf text[3]; /* scratch: a command for each of those who need one at a time */
    bool failed;
} tables;

enum { OF_CALL, OF_VERSION, OF_SERVICE };

static ct_span span_of(const char *text)
{
    return (ct_span){text, strlen(text)};
}

/* Splits a listed command at its first dot; the service is '' where there is none. */
static void split(ct_span command, ct_span *service, ct_span *operation)
{
    const char *dot = command.n > 0 ? memchr(command.p, '.', command.n) : NULL;
    size_t n = dot ? (size_t)(dot - command.p) : 0;
    *service = (ct_span){command.p, n};
    *operation = dot ? (ct_span){dot + 1, command.n - n - 1} : (ct_span){command.p, 0};
}

static bool is_listed(const tables *t, ct_span command)
{
    for (size_t i = 0; i < t->n_listed; i++)
        if (ct_span_equal(t->listed[i], command))
            return true;
    return false;
}

/* ---- commands, in small letters -------------------------------------------------------------- */

static ct_span folded(tables *t, int which)
{
    ct_buf *text = &t->text[which];
    t->failed |= !ct_buf_ok(text);
    for (size_t i = 0; i < text->len; i++)
        text->data[i] = ct_to_lower(text->data[i]);
    return (ct_span){text->data ? text->data : "", text->len};
}

static ct_span event_command(tables *t, int which, const source *from, ct_span call,
                             const char *version)
{
    ct_buf_clear(&t->text[which]);
    ct_event_command(from->name.p, from->name.n, call.p, call.n, version,
                     version ? strlen(version) : 0, &t->text[which]);
    return folded(t, which);
}

static ct_span service_command(tables *t, const ct_aws_service *service, ct_span call)
{
    ct_buf_clear(&t->text[OF_SERVICE]);
    ct_service_command(service, call.p, call.n, &t->text[OF_SERVICE]);
    return folded(t, OF_SERVICE);
}

static const ct_aws_service *service_of(const source *from, size_t i)
{
    return &ct_aws_services[from->keys[i].service];
}

/* ---- one call --------------------------------------------------------------------------------- */

/* 2015-12-01 as 20151201. */
static ct_span digits(const char *version, char out[16])
{
    size_t n = 0;
    for (; *version && n < 16; version++)
        if (ct_is_digit(*version))
            out[n++] = *version;
    return (ct_span){out, n};
}

/* The version of the i-th service, if no service before it has the same. */
static const char *new_version(const source *from, size_t i)
{
    const char *version = service_of(from, i)->api_version;
    for (size_t before = 0; before < i; before++)
        if (strcmp(service_of(from, before)->api_version, version) == 0)
            return NULL;
    return version;
}

/* What the call is with a version of its own, where that is another command. */
static void put_versions(tables *t, const source *from, ct_span call, ct_span any)
{
    for (size_t i = 0; i < from->n_keys && !t->failed; i++) {
        const char *version = new_version(from, i);
        if (!version)
            continue;
        char text[16];
        ct_span command = event_command(t, OF_VERSION, from, call, version);
        bool is_wanted = is_listed(t, command);
        if (!ct_span_equal(command, any) && (is_wanted || is_listed(t, any)))
            t->rows->event_command(t->rows->context, from->name, call, digits(version, text),
                                   is_wanted ? command : (ct_span){"", 0});
    }
}

static void put_names(tables *t, const source *from, ct_span call, ct_span any)
{
    for (size_t i = 0; i < from->n_keys && !t->failed; i++) {
        ct_span command = service_command(t, service_of(from, i), call);
        if (from->n_keys > 1 || !ct_span_equal(command, any))
            t->rows->command_name(t->rows->context, from->name, call, command);
    }
}

static void put_call(tables *t, const source *from, ct_span call)
{
    static const ct_span other = {"", 0};
    ct_span any = event_command(t, OF_CALL, from, call, NULL);
    if (t->failed)
        return;
    if (is_listed(t, any))
        t->rows->event_command(t->rows->context, from->name, call, other, any);
    put_versions(t, from, call, any);
    put_names(t, from, call, any);
}

/* ---- the calls of a source -------------------------------------------------------------------- */

static bool has_service(const source *from, ct_span cli_name)
{
    for (size_t i = 0; i < from->n_keys; i++)
        if (ct_span_equal(span_of(ct_cli_service(service_of(from, i))), cli_name))
            return true;
    return false;
}

/* Does one of the list before the i-th give the source this operation? */
static bool has_operation(const tables *t, const source *from, size_t n, ct_span operation)
{
    for (size_t i = 0; i < n; i++) {
        ct_span service, other;
        split(t->listed[i], &service, &other);
        if (ct_span_equal(other, operation) && has_service(from, service))
            return true;
    }
    return false;
}

static void put_operations(tables *t, const source *from)
{
    for (size_t i = 0; i < t->n_listed && !t->failed; i++) {
        ct_span service, operation;
        split(t->listed[i], &service, &operation);
        if (has_service(from, service) && !has_operation(t, from, i, operation))
            put_call(t, from, operation);
    }
}

/* Whether a name that event_command has a row for is, or is read as, one of the list. */
static bool is_concerned(tables *t, const source *from, ct_span name)
{
    ct_span service, operation;
    if (is_listed(t, event_command(t, OF_CALL, from, name, NULL)))
        return true;
    for (size_t i = 0; i < from->n_keys; i++) {
        if (is_listed(t, service_command(t, service_of(from, i), name)) ||
            is_listed(t,
                      event_command(t, OF_VERSION, from, name, service_of(from, i)->api_version)))
            return true;
    }
    /* by the rule alone, which is what an engine goes by: the service that is none has no rows */
    static const ct_aws_service none = {"", ""};
    split(service_command(t, &none, name), &service, &operation);
    return has_operation(t, from, t->n_listed, operation);
}

typedef struct names {
    ct_span *items; /* owned (ct_malloc) */
    size_t n, capacity;
} names;

static void put_odd(tables *t, const source *from, ct_span name, names *done)
{
    for (size_t i = 0; i < done->n; i++)
        if (ct_span_equal(done->items[i], name))
            return;
    if (t->failed || !is_concerned(t, from, name))
        return;
    ct_span *items = ct_grow(done->items, done->n, &done->capacity, 64, sizeof *items);
    if (!items) {
        t->failed = true;
        return;
    }
    done->items = items;
    done->items[done->n++] = name;
    t->rows->odd_name(t->rows->context, from->name, name);
    put_call(t, from, name);
}

static bool has_botocore_service(const source *from, const char *name)
{
    for (size_t i = 0; i < from->n_keys; i++)
        if (strcmp(service_of(from, i)->name, name) == 0)
            return true;
    return false;
}

static bool has_service_number(const source *from, size_t number)
{
    for (size_t i = 0; i < from->n_keys; i++)
        if (from->keys[i].service == number)
            return true;
    return false;
}

static void put_odd_names(tables *t, const source *from)
{
    names done = {NULL, 0, 0};
    for (size_t i = 0; i < ct_aws_n_event_names; i++)
        if (ct_span_equal(span_of(ct_aws_event_names[i].service), from->name))
            put_odd(t, from, span_of(ct_aws_event_names[i].operation), &done);
    for (size_t i = 0; i < ct_aws_n_operation_exceptions; i++)
        if (has_botocore_service(from, ct_aws_operation_exceptions[i].service))
            put_odd(t, from, span_of(ct_aws_operation_exceptions[i].operation), &done);
    for (size_t i = 0; i < ct_aws_n_shared_operations; i++)
        if (has_service_number(from, ct_aws_shared_operations[i].service))
            put_odd(t, from, span_of(ct_aws_shared_names + ct_aws_shared_operations[i].name),
                    &done);
    ct_free(done.items);
}

/* ---- the sources ------------------------------------------------------------------------------ */

/* S3's names at CloudTrail give commands of s3control too, which is no service of that source. */
static bool gives_listed_name(const tables *t, const source *from)
{
    for (size_t i = 0; i < ct_aws_n_event_names; i++)
        if (ct_span_equal(span_of(ct_aws_event_names[i].service), from->name) &&
            is_listed(t, span_of(ct_aws_event_names[i].cli)))
            return true;
    return false;
}

static bool is_source_concerned(const tables *t, const source *from)
{
    for (size_t i = 0; i < t->n_listed; i++) {
        ct_span service, operation;
        split(t->listed[i], &service, &operation);
        if (has_service(from, service))
            return true;
    }
    return gives_listed_name(t, from);
}

static size_t n_of_key(size_t first)
{
    size_t n = 1;
    while (first + n < ct_aws_n_service_keys &&
           strcmp(ct_aws_service_keys[first].key, ct_aws_service_keys[first + n].key) == 0)
        n++;
    return n;
}

static bool is_known(ct_span name)
{
    for (size_t i = 0; i < ct_aws_n_service_keys; i++)
        if (ct_span_equal(span_of(ct_aws_service_keys[i].key), name))
            return true;
    return false;
}

/* A service that no list has goes by its source. */
static void put_unknown(tables *t)
{
    for (size_t i = 0; i < t->n_listed && !t->failed; i++) {
        ct_span service, operation;
        split(t->listed[i], &service, &operation);
        if (service.n == 0 || is_known(service))
            continue;
        t->rows->event_command(t->rows->context, service, operation, (ct_span){"", 0},
                               t->listed[i]);
    }
}

bool ct_call_tables(const ct_span *listed, size_t n, const ct_call_rows *rows)
{
    tables t = {.listed = listed, .n_listed = n, .rows = rows};
    for (size_t i = 0; i < sizeof t.text / sizeof t.text[0]; i++)
        t.text[i] = CT_BUF_EMPTY;
    size_t n_keys;
    for (size_t i = 0; i < ct_aws_n_service_keys && !t.failed; i += n_keys) {
        n_keys = n_of_key(i);
        source from = {span_of(ct_aws_service_keys[i].key), &ct_aws_service_keys[i], n_keys};
        if (!is_source_concerned(&t, &from))
            continue;
        put_operations(&t, &from);
        put_odd_names(&t, &from);
    }
    put_unknown(&t);
    for (size_t i = 0; i < sizeof t.text / sizeof t.text[0]; i++)
        ct_buf_free(&t.text[i]);
    return !t.failed;
}
