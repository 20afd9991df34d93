/*
 * chains: what is reached along links, forwards and backwards, from where one starts.
 *
 * Links join nodes (`a key issued a key`), walks start at nodes: one walk may start at several. A
 * walk reaches its starts at depth 0, what they lead to at 1, 2 ..., what leads to them at -1, -2
 * ..., each node once, by the shortest way; of two as short ways the one backwards counts. Not
 * reached is what only shares an ancestor. Cycles and links said twice do no harm.
 *
 * A walk takes as many steps as there are nodes and links in its reach, whatever the other walks
 * do; memory is 8 bytes a link, some 100 a node, 16 a row of the answer.
 */
#ifndef CT_CHAINS_H
#define CT_CHAINS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/span.h"
#include "windows/distinct.h"

typedef struct ct_chains_pair {
    uint32_t a, b; /* from and to of a link; walk and node of a start: ids of the names */
} ct_chains_pair;

/* Starts as all zeros, with nodes.key and walks.key set. */
typedef struct ct_chains {
    ct_distinct nodes, walks; /* the names, ids in the order of first appearance */
    ct_chains_pair *links;    /* owned */
    ct_chains_pair *starts;   /* owned */
    size_t n_links, links_capacity, n_starts, starts_capacity;
} ct_chains;

/* Each is false when there is no memory. */
bool ct_chains_link(ct_chains *chains, ct_span from, ct_span to);
bool ct_chains_start(ct_chains *chains, ct_span walk, ct_span node);

typedef struct ct_chains_row {
    uint32_t walk, node; /* ids; ct_distinct_value() has the names */
    int64_t depth;
} ct_chains_row;

/*
 * What the walks reach: walks in the order they were first named, each by depth, nodes of one depth
 * in the order they were first named. *rows is for ct_free(), NULL where there are none. False when
 * there is no memory.
 */
bool ct_chains_rows(const ct_chains *chains, ct_chains_row **rows, size_t *n_rows);

void ct_chains_free(ct_chains *chains);

#endif
