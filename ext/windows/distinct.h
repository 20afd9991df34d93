/*
 * distinct: a multiset of values. Each distinct value has a small number (its id) and a count.
 *
 * Adding and removing take constant time on average, under a secret hash key also for hostile
 * values. A value whose count falls to 0 is gone and its id is given to another, so memory follows
 * the most values held at one time. An empty set holds no memory; the first value costs
 * about 1 KB, so that many small groups are cheap. A value takes 75 to 150 bytes, texts and blobs
 * of more than 40 bytes their length besides.
 */
#ifndef CT_DISTINCT_H
#define CT_DISTINCT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/value.h"

/* Ids are below 2^31: callers keep a flag beside one in 32 bits. */
enum { CT_DISTINCT_BITS = 31 };
#define CT_DISTINCT_NONE UINT32_MAX

struct ct_distinct_entry;
struct ct_distinct_slot;

typedef struct ct_distinct {
    uint64_t key[2];                   /* of the hash; set by the caller before the first add */
    struct ct_distinct_entry *entries; /* owned; [id] */
    uint32_t n_entries;                /* ids given out so far, free ones too */
    uint32_t entries_capacity;
    uint32_t free_id;               /* head of the list of free ids, CT_DISTINCT_NONE at its end */
    uint32_t n;                     /* distinct values in the set */
    struct ct_distinct_slot *slots; /* owned; open addressing, linear probing */
    uint32_t n_slots;               /* a power of two, or 0 */
    char *bytes;                    /* owned; long texts and blobs, one behind the other */
    size_t bytes_len, bytes_capacity;
    size_t bytes_lost; /* of bytes_len, left behind by values that are gone */
} ct_distinct;

/* The empty set; all zeros is one too. */
#define CT_DISTINCT_EMPTY ((ct_distinct){.n = 0})

/* Adds one of v, copying it; its id, or CT_DISTINCT_NONE when there is no memory. */
uint32_t ct_distinct_add(ct_distinct *d, const ct_value *v);

/* The id of v; CT_DISTINCT_NONE when it is not in the set. */
uint32_t ct_distinct_find(const ct_distinct *d, const ct_value *v);

/* Takes one of the value out; true when that was the last one. The id must be of a value in the
 * set. */
bool ct_distinct_remove(ct_distinct *d, uint32_t id);

/* How many of the value are in the set. */
uint64_t ct_distinct_count(const ct_distinct *d, uint32_t id);

/* The value; its bytes are lent until the next add or remove. was_real is not kept (false). */
ct_value ct_distinct_value(const ct_distinct *d, uint32_t id);

/* Gives the memory back and leaves the empty set. */
void ct_distinct_free(ct_distinct *d);

#endif
