#include "log/s3_name.h"

#include <stdio.h>

#include "base/ascii.h"
#include "base/timestamp.h"

static bool ends_with(ct_span s, const char *end)
{
    size_t n = strlen(end);
    return s.n >= n && memcmp(s.p + s.n - n, end, n) == 0;
}

/* Cuts `end` off; false when it is not there. */
static bool cut_end(ct_span *s, const char *end)
{
    if (!ends_with(*s, end))
        return false;
    s->n -= strlen(end);
    return true;
}

ct_span ct_s3_base(ct_span key)
{
    size_t start = key.n;
    while (start > 0 && key.p[start - 1] != '/')
        start--;
    return (ct_span){key.p + start, key.n - start};
}

ct_span ct_s3_key(const char *path, size_t n)
{
    static const char root[] = "AWSLogs/";
    ct_span all = {path, n};
    (void)cut_end(&all, ".gz");
    for (size_t i = all.n; i-- > 0;)
        if ((i == 0 || path[i - 1] == '/') && all.n - i >= sizeof root - 1 &&
            memcmp(path + i, root, sizeof root - 1) == 0)
            return (ct_span){path + i, all.n - i};
    return ct_s3_base(all);
}

/* What stands before the first `_` of *rest, which moves behind it. False when there is none. */
static bool cut_first(ct_span *rest, ct_span *part)
{
    const char *mark = rest->n ? memchr(rest->p, '_', rest->n) : NULL;
    if (!mark)
        return false;
    *part = (ct_span){rest->p, (size_t)(mark - rest->p)};
    rest->n -= part->n + 1;
    rest->p = mark + 1;
    return true;
}

/* What stands behind the last `_` of *rest, which is cut before it. */
static bool cut_last(ct_span *rest, ct_span *part)
{
    for (size_t i = rest->n; i-- > 0;) {
        if (rest->p[i] == '_') {
            *part = (ct_span){rest->p + i + 1, rest->n - i - 1};
            rest->n = i;
            return true;
        }
    }
    return false;
}

/* 20251014T1405Z or 20251014T140512Z. */
static bool parse_time(ct_span s, int64_t *ticks)
{
    bool has_seconds = s.n == 16;
    if ((!has_seconds && s.n != 14) || s.p[8] != 'T' || s.p[s.n - 1] != 'Z')
        return false;
    for (size_t i = 0; i < s.n - 1; i++)
        if (i != 8 && !ct_is_digit(s.p[i]))
            return false;
    char text[32];
    int n = snprintf(text, sizeof text, "%.4s-%.2s-%.2sT%.2s:%.2s:%.2sZ", s.p, s.p + 4, s.p + 6,
                     s.p + 9, s.p + 11, has_seconds ? s.p + 13 : "00");
    return ct_time_parse(text, (size_t)n, ticks);
}

static bool is_account(ct_span s)
{
    for (size_t i = 0; i < s.n; i++)
        if (!ct_is_digit(s.p[i]))
            return false;
    return s.n == 12;
}

/* `rest` stands behind the kind. */
static bool parse_digest(ct_span rest, ct_s3_name *name)
{
    ct_span time;
    name->is_backfill = cut_end(&rest, "_backfill");
    if (!cut_first(&rest, &name->region) || !cut_last(&rest, &time) || rest.n == 0)
        return false;
    name->trail = rest;
    return parse_time(time, &name->ticks);
}

static bool parse_log(ct_span rest, ct_s3_name *name)
{
    ct_span time;
    return cut_first(&rest, &name->region) && cut_first(&rest, &time) && rest.n > 0 &&
           parse_time(time, &name->ticks);
}

ct_s3_name ct_s3_parse(const char *path, size_t n)
{
    static const char trail[] = "CloudTrail", digest[] = "CloudTrail-Digest";
    ct_span rest = ct_s3_base((ct_span){path, n}), kind;
    ct_s3_name name = {.kind = CT_S3_OTHER};
    (void)cut_end(&rest, ".gz");
    if (!cut_end(&rest, ".json") || !cut_first(&rest, &name.account) || !is_account(name.account) ||
        !cut_first(&rest, &kind))
        return name;
    if (ct_span_is(kind, digest)) {
        if (parse_digest(rest, &name))
            name.kind = CT_S3_DIGEST;
    } else if (kind.n >= sizeof trail - 1 && memcmp(kind.p, trail, sizeof trail - 1) == 0) {
        name.log_kind = kind;
        if (parse_log(rest, &name))
            name.kind = CT_S3_LOG;
    }
    return name;
}
