#include "log/json_time.h"

#include <string.h>

#include "base/json_scan.h"
#include "base/timestamp.h"

bool ct_json_time_is_column(const ct_json *value)
{
    static const char form[] = "\"dddd-dd-ddTdd:dd:ddZ\"";
    if (value->len != sizeof form - 1)
        return false;
    for (size_t i = 0; i < value->len; i++) {
        char c = value->p[i];
        if (form[i] == 'd' ? c < '0' || c > '9' : c != form[i])
            return false;
    }
    return true;
}

/* A text that is none of ISO 8601: the zone by its name, or a number as a string. */
static bool read_other_time(const char *p, size_t n, int64_t *ticks, unsigned *parts)
{
    static const char utc[] = " UTC";
    size_t n_utc = sizeof utc - 1;
    if (n > n_utc && memcmp(p + n - n_utc, utc, n_utc) == 0 &&
        ct_time_parse_parts(p, n - n_utc, ticks, parts) && *parts == CT_TIME_HAS_CLOCK) {
        *parts |= CT_TIME_HAS_ZONE;
        return true;
    }
    *parts = CT_TIME_HAS_CLOCK | CT_TIME_HAS_ZONE;
    return ct_time_parse_epoch(p, n, ticks);
}

static bool read_time_text(const ct_json *value, int64_t *ticks, unsigned *parts)
{
    enum {
        ESCAPED_MAX = 256
    }; /* a time of 35 characters, each written as \uXXXX, and the quotes */
    if (!(value->flags & CT_JSON_ESCAPED))
        return ct_time_parse_parts(value->p + 1, value->len - 2, ticks, parts) ||
               read_other_time(value->p + 1, value->len - 2, ticks, parts);

    if (value->len > ESCAPED_MAX)
        return false;
    char text[ESCAPED_MAX * 3]; /* a byte becomes one U+FFFD at most: it never has to grow */
    ct_buf said = {.data = text, .capacity = sizeof text};
    (void)ct_json_decode(value, &said);
    return ct_time_parse_parts(said.data, said.len, ticks, parts) ||
           read_other_time(said.data, said.len, ticks, parts);
}

/* The value of an object's first member, when it has this name. */
static bool first_member(const ct_json *object, const char *name, ct_json *value)
{
    ct_json key;
    ct_json_walk w = ct_json_walk_into(object);
    return ct_json_walk_on(&w, &key, value) && ct_json_says(&key, name, strlen(name));
}

bool ct_json_time_read(const ct_json *value, int64_t *ticks, unsigned *parts)
{
    *parts = CT_TIME_HAS_CLOCK | CT_TIME_HAS_ZONE;
    if (value->kind == CT_JSON_STRING)
        return read_time_text(value, ticks, parts);
    if (value->kind == CT_JSON_NUMBER)
        return ct_time_parse_epoch(value->p, value->len, ticks);
    if (value->kind != CT_JSON_OBJECT)
        return false;
    ct_json date, inner;
    if (!first_member(value, "$date", &date))
        return false;
    if (date.kind != CT_JSON_OBJECT)
        inner = date;
    else if (!first_member(&date, "$numberLong", &inner))
        return false;
    return inner.kind == CT_JSON_STRING   ? read_time_text(&inner, ticks, parts)
           : inner.kind == CT_JSON_NUMBER ? ct_time_parse_epoch(inner.p, inner.len, ticks)
                                          : false;
}
