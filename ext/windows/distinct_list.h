/*
 * distinct_list: the distinct values of a window frame, in the order in which they first appear.
 *
 * Rows are added at the end and dropped at the front, both in constant time on average. When the
 * row that showed a value first is dropped and the value comes again later, it moves to the place
 * of that later row; the list is put in order (O(d log d) for d values) only when it is read.
 * 16 bytes a row of the frame, and what distinct.h says and 24 bytes a distinct value.
 */
#ifndef CT_DISTINCT_LIST_H
#define CT_DISTINCT_LIST_H

#include <stdbool.h>
#include <stdint.h>

#include "windows/distinct.h"
#include "windows/queue.h"

struct ct_place;

typedef struct ct_distinct_list {
    ct_distinct values;
    ct_queue rows;           /* of the frame */
    struct ct_place *places; /* owned; [id] */
    uint32_t places_capacity;
    uint32_t head, tail; /* the first and last value of the list; no meaning while it is empty */
    bool unsorted;
    uint64_t n_dropped; /* rows so far: the number of the row at the front */
} ct_distinct_list;

/* Starts as all zeros, with values.key set. Adds a row; false when there is no memory. */
bool ct_distinct_list_add(ct_distinct_list *list, const ct_value *v);

/* Takes out the row that was added first of those still there; nothing when there is none. */
void ct_distinct_list_drop(ct_distinct_list *list);

/* Reading: for (id = first(list); id != CT_DISTINCT_NONE; id = next(list, id)) value(list, id) */
uint32_t ct_distinct_list_first(ct_distinct_list *list);
uint32_t ct_distinct_list_next(const ct_distinct_list *list, uint32_t id);

/* The value as it stands in its first row of the frame; lent until the next add or drop. */
ct_value ct_distinct_list_value(const ct_distinct_list *list, uint32_t id);

void ct_distinct_list_free(ct_distinct_list *list);

#endif
