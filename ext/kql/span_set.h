/*
 * span_set: a set of byte strings that remembers the order in which they came.
 *
 * Start with CT_SPAN_SET_EMPTY and seed() its key with random bytes before the first string: logs
 * are written by the people one hunts, who could choose strings that collide under a known hash.
 */
#ifndef CT_KQL_SPAN_SET_H
#define CT_KQL_SPAN_SET_H

#include <stdint.h>

#include "base/buf.h"
#include "base/span.h"

typedef struct ct_span_item {
    size_t offset, n; /* in bytes */
} ct_span_item;

typedef struct ct_span_set {
    ct_buf bytes;        /* all strings, one behind the other */
    ct_span_item *items; /* owned (ct_malloc), in the order of arrival */
    size_t n, capacity;
    size_t *slots; /* owned; 1 + index of an item, 0: free */
    size_t n_slots;
    uint64_t key[2];
} ct_span_set;

#define CT_SPAN_SET_EMPTY ((ct_span_set){.bytes = CT_BUF_EMPTY})

typedef enum ct_span_set_result {
    CT_SPAN_NO_MEMORY,
    CT_SPAN_ADDED,
    CT_SPAN_KNOWN
} ct_span_set_result;

ct_span_set_result ct_span_set_add(ct_span_set *set, ct_span text);
bool ct_span_set_has(const ct_span_set *set, ct_span text);
ct_span ct_span_set_at(const ct_span_set *set, size_t i); /* holds until the next add */
void ct_span_set_free(ct_span_set *set);

#endif
