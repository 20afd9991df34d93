#include "windows/sets.h"

#include <stdlib.h>
#include <string.h>

#include "base/grow.h"
#include "base/mem.h"

static const size_t NO_NODE = SIZE_MAX;

/* Numbers that people choose follow each other; this spreads them (the constant is 2^64 / phi). */
static size_t slot_of(const ct_sets *sets, int64_t member)
{
    uint64_t h = (uint64_t)member * 0x9E3779B97F4A7C15u;
    return (size_t)(h ^ h >> 32) & (sets->n_slots - 1);
}

/* The slot where the member stands, or the free one where it would. */
static size_t find_slot(const ct_sets *sets, int64_t member)
{
    size_t i = slot_of(sets, member);
    while (sets->slots[i] != 0 && sets->nodes[sets->slots[i] - 1].member != member)
        i = (i + 1) & (sets->n_slots - 1);
    return i;
}

static bool grow_slots(ct_sets *sets)
{
    if (2 * (sets->n_nodes + 1) <= sets->n_slots)
        return true;
    size_t n_slots = sets->n_slots ? 2 * sets->n_slots : 64;
    size_t *slots = n_slots <= SIZE_MAX / sizeof *slots ? ct_malloc(n_slots * sizeof *slots) : NULL;
    if (!slots)
        return false;
    memset(slots, 0, n_slots * sizeof *slots);
    ct_free(sets->slots);
    sets->slots = slots;
    sets->n_slots = n_slots;
    for (size_t i = 0; i < sets->n_nodes; i++)
        slots[find_slot(sets, sets->nodes[i].member)] = i + 1;
    return true;
}

/* Each step halves the way for the next who comes by. */
static size_t root_of(ct_sets *sets, size_t i)
{
    while (sets->nodes[i].parent != i) {
        sets->nodes[i].parent = sets->nodes[sets->nodes[i].parent].parent;
        i = sets->nodes[i].parent;
    }
    return i;
}

void ct_sets_begin(ct_sets *sets)
{
    sets->last = NO_NODE;
}

bool ct_sets_put(ct_sets *sets, int64_t member)
{
    if (!grow_slots(sets))
        return false;
    size_t slot = find_slot(sets, member);
    if (sets->slots[slot] == 0) {
        ct_sets_node *nodes =
            ct_grow(sets->nodes, sets->n_nodes, &sets->capacity, 64, sizeof *nodes);
        if (!nodes)
            return false;
        sets->nodes = nodes;
        nodes[sets->n_nodes] = (ct_sets_node){member, sets->n_nodes};
        sets->slots[slot] = ++sets->n_nodes;
    }
    size_t root = root_of(sets, sets->slots[slot] - 1);
    if (sets->last != NO_NODE) {
        /* the lower index wins, so that no chain grows while sets come in the order of their members */
        size_t other = root_of(sets, sets->last);
        size_t low = root < other ? root : other;
        sets->nodes[root < other ? other : root].parent = low;
        root = low;
    }
    sets->last = root;
    return true;
}

static int by_member(const void *a, const void *b)
{
    const ct_sets_row *x = a, *y = b;
    return (x->member > y->member) - (x->member < y->member);
}

static int by_set(const void *a, const void *b)
{
    const ct_sets_row *x = a, *y = b;
    return x->set != y->set ? (x->set > y->set) - (x->set < y->set) : by_member(a, b);
}

bool ct_sets_rows(ct_sets *sets, ct_sets_row **out)
{
    size_t n = sets->n_nodes, n_sets = 0;
    /* at most 2^63 bytes of nodes, which are as large, are there already */
    ct_sets_row *rows = ct_malloc(n * sizeof *rows);
    if (!rows)
        return false;
    for (size_t i = 0; i < n; i++)
        rows[i] = (ct_sets_row){root_of(sets, i), sets->nodes[i].member};
    qsort(rows, n, sizeof *rows, by_member);
    /* a set gets its number where its first member comes; slots are free to remember it by root */
    if (sets->slots)
        memset(sets->slots, 0, sets->n_slots * sizeof *sets->slots);
    for (size_t i = 0; i < n && sets->slots; i++) { /* where there are nodes there are slots */
        size_t *number = &sets->slots[rows[i].set];
        if (*number == 0)
            *number = ++n_sets;
        rows[i].set = *number - 1;
    }
    qsort(rows, n, sizeof *rows, by_set);
    *out = rows;
    return true;
}

void ct_sets_free(ct_sets *sets)
{
    ct_free(sets->nodes);
    ct_free(sets->slots);
    *sets = (ct_sets){0};
}
