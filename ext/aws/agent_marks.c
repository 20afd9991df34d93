/*
 * agent_marks: what single letters and words of a user agent give away.
 *
 * Reads: spans of a user agent and the lists data/user_agent_features.tsv and
 * data/user_agent_marks.tsv, of which agent_tables.awk makes tables at build time. Refuses nothing.
 */
#include "aws/agent_marks.h"

#include <stdbool.h>
#include <string.h>

#include "base/ascii.h"
#include "base/json_write.h"
#include "aws/agent_tables.h"

static void put_item(ct_buf *items, const char *text)
{
    if (items->len > 0)
        ct_buf_put_char(items, ',');
    ct_json_put_string(items, text, strlen(text));
}

void ct_ua_put_features(ct_span metrics, ct_buf *items)
{
    const char *end = metrics.p + metrics.n;
    for (const char *p = metrics.p; p && p < end;) {
        const char *comma = memchr(p, ',', (size_t)(end - p));
        ct_span letters = {p, (size_t)((comma ? comma : end) - p)};
        for (size_t i = 0; i < ct_agent_n_features; i++)
            if (ct_span_is(letters, ct_agent_features[i].letters))
                put_item(items, ct_agent_features[i].name);
        p += letters.n + 1;
    }
}

static bool stands_at(ct_span text, size_t i, const char *word)
{
    for (; *word; i++, word++)
        if (i == text.n || ct_to_lower(text.p[i]) != ct_to_lower(*word))
            return false;
    return true;
}

static bool stands_in(ct_span text, const char *word)
{
    for (size_t i = 0; i < text.n; i++)
        if (stands_at(text, i, word))
            return true;
    return false;
}

void ct_ua_put_marks(ct_span agent, ct_buf *items)
{
    for (size_t i = 0; i < ct_agent_n_marks; i++)
        if (stands_in(agent, ct_agent_marks[i]))
            put_item(items, ct_agent_marks[i]);
}
