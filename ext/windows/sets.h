/*
 * sets: sets of integers, of which those that share a member become one.
 *
 * Union-find: joining n sets of m members together takes about n + m steps, however long the chain
 * by which they hang together. A query that follows the chain by recursion takes the square.
 */
#ifndef CT_SETS_H
#define CT_SETS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef struct ct_sets_node {
    int64_t member;
    size_t parent; /* index of a node nearer to the root of its set; its own index at the root */
} ct_sets_node;

/* All zeros holds nothing. */
typedef struct ct_sets {
    ct_sets_node *nodes; /* owned; one a member */
    size_t n_nodes, capacity;
    size_t *slots; /* owned; index of a node + 1, 0 where free */
    size_t n_slots;
    size_t last; /* the node that the set under construction was joined to */
} ct_sets;

/* Begins another set. */
void ct_sets_begin(ct_sets *sets);

/* Puts a member into the set that was begun last. False when there is no memory. */
bool ct_sets_put(ct_sets *sets, int64_t member);

/*
 * The members, ascending within a set, the sets by their first members: `set` counts from 0. The
 * nodes' memory is used for it, nothing can be put in afterwards. False when there is no memory.
 */
typedef struct ct_sets_row {
    size_t set;
    int64_t member;
} ct_sets_row;

bool ct_sets_rows(ct_sets *sets, ct_sets_row **rows); /* n_nodes of them, for ct_free() */

void ct_sets_free(ct_sets *sets);

#endif
