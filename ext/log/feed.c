#include "log/feed.h"

#include <string.h>

#include "base/mem.h"

void ct_feed_begin(ct_feed *feed, ct_feed_read *read, void *context)
{
    feed->read = read;
    feed->context = context;
    feed->next = feed->len = 0;
    feed->ended = false;
    feed->error = NULL;
}

bool ct_feed_reserve(ct_feed *feed, size_t n_bytes)
{
    if (n_bytes <= feed->capacity)
        return true;
    unsigned char *data = ct_realloc(feed->data, n_bytes);
    if (!data)
        return false;
    feed->data = data;
    feed->capacity = n_bytes;
    return true;
}

/* One read of what stands before; no byte and `ended` at its end. */
static ct_source_status pull(ct_feed *feed, char *p, size_t n, size_t *n_read)
{
    *n_read = 0;
    ct_source_status st = feed->read(feed->context, p, n, n_read, &feed->error);
    if (st == CT_SOURCE_END)
        feed->ended = true;
    return st;
}

ct_source_status ct_feed_need(ct_feed *feed, size_t n)
{
    while (ct_feed_ready(feed) < n && !feed->ended) {
        if (feed->next > 0) {
            memmove(feed->data, ct_feed_at(feed), ct_feed_ready(feed));
            feed->len -= feed->next;
            feed->next = 0;
        }
        size_t n_read;
        ct_source_status st =
            pull(feed, (char *)feed->data + feed->len, feed->capacity - feed->len, &n_read);
        if (st != CT_SOURCE_OK && st != CT_SOURCE_END)
            return st;
        feed->len += n_read;
    }
    return CT_SOURCE_OK;
}

ct_source_status ct_feed_take(ct_feed *feed, char *p, size_t n, size_t *n_read)
{
    size_t ready = ct_feed_ready(feed);
    if (ready == 0)
        return pull(feed, p, n, n_read);
    *n_read = ready < n ? ready : n;
    memcpy(p, ct_feed_at(feed), *n_read);
    feed->next += *n_read;
    return CT_SOURCE_OK;
}

bool ct_feed_is_gzip(const ct_feed *feed)
{
    const unsigned char *p = ct_feed_at(feed);
    return ct_feed_ready(feed) >= 2 && p[0] == 0x1F && p[1] == 0x8B;
}

void ct_feed_free(ct_feed *feed)
{
    ct_free(feed->data);
    *feed = (ct_feed){.read = NULL};
}
