#include "windows/queue.h"

#include <stdint.h>
#include <string.h>

#include "base/mem.h"

enum { FIRST_CAPACITY = 16 };

static void *grow(ct_queue *q, size_t item_bytes)
{
    if (q->first > 0 && q->first >= q->n) { /* as many moved as were taken out: constant each */
        memmove(q->items, q->items + q->first * item_bytes, q->n * item_bytes);
        q->first = 0;
        return ct_queue_at(q, q->n, item_bytes);
    }
    size_t capacity = q->capacity ? 2 * q->capacity : FIRST_CAPACITY;
    if (capacity > SIZE_MAX / 2 / item_bytes)
        return NULL;
    char *items = ct_realloc(q->items, capacity * item_bytes);
    if (!items)
        return NULL;
    q->items = items;
    q->capacity = capacity;
    return ct_queue_at(q, q->n, item_bytes);
}

void *ct_queue_reserve(ct_queue *q, size_t item_bytes)
{
    if (q->first + q->n < q->capacity)
        return ct_queue_at(q, q->n, item_bytes);
    return grow(q, item_bytes);
}

void ct_queue_free(ct_queue *q)
{
    ct_free(q->items);
    *q = (ct_queue){.items = NULL};
}
