/*
 * feed: bytes on their way, that can be looked at before they are handed on.
 *
 * A feed pulls from whatever stands before it (a file, memory, another inflation) by a function,
 * and keeps what was pulled and not used yet in a buffer of its own, which is not larger than its
 * user makes it.
 */
#ifndef CT_FEED_H
#define CT_FEED_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef enum ct_source_status {
    CT_SOURCE_OK,
    CT_SOURCE_END,    /* no byte is left */
    CT_SOURCE_BROKEN, /* nothing more can be read: an error says why */
    CT_SOURCE_NO_MEMORY
} ct_source_status;

/* Up to n bytes into p: at least one with CT_SOURCE_OK, else none. With CT_SOURCE_BROKEN *error
 * gets a text that need not be freed. */
typedef ct_source_status ct_feed_read(void *context, char *p, size_t n, size_t *n_read,
                                      const char **error);

typedef struct ct_feed {
    ct_feed_read *read;
    void *context;       /* borrowed: of read */
    unsigned char *data; /* owned; what lies ready begins at `next` and ends at `len` */
    size_t next, len, capacity;
    bool ended;        /* nothing more will come */
    const char *error; /* after CT_SOURCE_BROKEN */
} ct_feed;

/* The bytes that lie ready, and how many. */
static inline const unsigned char *ct_feed_at(const ct_feed *feed)
{
    return feed->data + feed->next;
}

static inline size_t ct_feed_ready(const ct_feed *feed)
{
    return feed->len - feed->next;
}

/* Begins anew, in the memory it has. */
void ct_feed_begin(ct_feed *feed, ct_feed_read *read, void *context);

/* Room for n bytes in the buffer; false when there is no memory. */
bool ct_feed_reserve(ct_feed *feed, size_t n_bytes);

/* Makes sure that at least n bytes lie ready, unless the end comes before; n is not more than the
 * buffer has room for. CT_SOURCE_OK also at the end. */
ct_source_status ct_feed_need(ct_feed *feed, size_t n);

/* Hands bytes on: those that lie ready, else straight from what stands before. */
ct_source_status ct_feed_take(ct_feed *feed, char *p, size_t n, size_t *n_read);

/* Whether a gzip member begins at the bytes that lie ready. */
bool ct_feed_is_gzip(const ct_feed *feed);

void ct_feed_free(ct_feed *feed);

#endif
