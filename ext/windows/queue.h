/*
 * queue: items of one size, taken out in the order they were put in; in memory one array.
 *
 * What a window frame holds: rows come at the end and leave at the front. Both take constant time
 * on average, and memory follows the longest the queue has been.
 */
#ifndef CT_QUEUE_H
#define CT_QUEUE_H

#include <stddef.h>

typedef struct ct_queue {
    char *items; /* owned; NULL while nothing was put in */
    size_t first, n;
    size_t capacity; /* all three in items */
} ct_queue;

/* An item that is in the queue, counted from the front. */
static inline void *ct_queue_at(const ct_queue *q, size_t i, size_t item_bytes)
{
    return q->items + (q->first + i) * item_bytes;
}

/* Room for one more at the end, not yet in the queue; NULL when there is no memory. */
void *ct_queue_reserve(ct_queue *q, size_t item_bytes);

/* Puts in what was written there. */
static inline void ct_queue_push(ct_queue *q)
{
    q->n++;
}

/* Takes out the item at the front; the queue must not be empty. */
static inline void ct_queue_pop(ct_queue *q)
{
    q->n--;
    q->first = q->n == 0 ? 0 : q->first + 1;
}

void ct_queue_free(ct_queue *q);

#endif
