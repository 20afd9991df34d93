#include "windows/chains.h"

#include <stdlib.h>
#include <string.h>

#include "base/grow.h"
#include "base/mem.h"

/* ---- what is put in --------------------------------------------------------------------------- */

static uint32_t id_of(ct_distinct *names, ct_span name)
{
    ct_value v = ct_value_bytes(CT_VALUE_TEXT, name.p, name.n);
    return ct_distinct_add(names, &v);
}

static bool push_pair(ct_chains_pair **pairs, size_t *n, size_t *capacity, uint32_t a, uint32_t b)
{
    if (a == CT_DISTINCT_NONE || b == CT_DISTINCT_NONE)
        return false;
    ct_chains_pair *grown = ct_grow(*pairs, *n, capacity, 64, sizeof *grown);
    if (!grown)
        return false;
    *pairs = grown;
    grown[(*n)++] = (ct_chains_pair){a, b};
    return true;
}

bool ct_chains_link(ct_chains *chains, ct_span from, ct_span to)
{
    uint32_t a = id_of(&chains->nodes, from), b = id_of(&chains->nodes, to);
    return push_pair(&chains->links, &chains->n_links, &chains->links_capacity, a, b);
}

bool ct_chains_start(ct_chains *chains, ct_span walk, ct_span node)
{
    uint32_t a = id_of(&chains->walks, walk), b = id_of(&chains->nodes, node);
    return push_pair(&chains->starts, &chains->n_starts, &chains->starts_capacity, a, b);
}

/* ---- the walk --------------------------------------------------------------------------------- */

/* The pairs, by their first member: those of i are to[offsets[i]] up to to[offsets[i + 1]]. */
typedef struct table {
    size_t *offsets; /* owned; n + 1 of them */
    uint32_t *to;    /* owned */
} table;

/* One direction of the walk. All arrays are owned and have a place a node. */
typedef struct side {
    table links;
    size_t *seen_by; /* number of the walk that was here last, from 1 */
    int64_t *steps;  /* that it took to here */
    uint32_t *queue; /* the nodes it has reached, in the order it reached them */
    size_t n_reached;
} side;

/* Zeroed room for n items; for none there is room as well, so that NULL means no memory. */
static void *new_array(size_t n, size_t item_bytes)
{
    void *p = n < SIZE_MAX / item_bytes ? ct_malloc((n + 1) * item_bytes) : NULL;
    if (p)
        memset(p, 0, (n + 1) * item_bytes);
    return p;
}

/* By a's if it is not reversed, else by b's. Counts, sums up, fills from behind. */
static bool make_table(table *t, const ct_chains_pair *pairs, size_t n_pairs, size_t n_keys,
                       bool reversed)
{
    t->offsets = new_array(n_keys + 1, sizeof *t->offsets);
    t->to = new_array(n_pairs, sizeof *t->to);
    if (!t->offsets || !t->to)
        return false;
    for (size_t i = 0; i < n_pairs; i++)
        t->offsets[reversed ? pairs[i].b : pairs[i].a]++;
    for (size_t i = 1; i <= n_keys; i++)
        t->offsets[i] += t->offsets[i - 1];
    for (size_t i = n_pairs; i-- > 0;) {
        uint32_t key = reversed ? pairs[i].b : pairs[i].a;
        t->to[--t->offsets[key]] = reversed ? pairs[i].a : pairs[i].b;
    }
    return true;
}

static bool make_side(side *s, const ct_chains *chains, bool reversed)
{
    size_t n = chains->nodes.n;
    s->seen_by = new_array(n, sizeof *s->seen_by);
    s->steps = new_array(n, sizeof *s->steps);
    s->queue = new_array(n, sizeof *s->queue);
    return s->seen_by && s->steps && s->queue &&
           make_table(&s->links, chains->links, chains->n_links, n, reversed);
}

static void free_side(side *s)
{
    ct_free(s->links.offsets);
    ct_free(s->links.to);
    ct_free(s->seen_by);
    ct_free(s->steps);
    ct_free(s->queue);
}

static void reach(side *s, size_t walk, uint32_t node, int64_t steps)
{
    if (s->seen_by[node] == walk)
        return;
    s->seen_by[node] = walk;
    s->steps[node] = steps;
    s->queue[s->n_reached++] = node;
}

/* Breadth first, so that the first way to a node is a shortest one. */
static void walk_side(side *s, size_t walk, const uint32_t *starts, size_t n_starts)
{
    s->n_reached = 0;
    for (size_t i = 0; i < n_starts; i++)
        reach(s, walk, starts[i], 0);
    for (size_t i = 0; i < s->n_reached; i++) {
        uint32_t node = s->queue[i];
        for (size_t k = s->links.offsets[node]; k < s->links.offsets[node + 1]; k++)
            reach(s, walk, s->links.to[k], s->steps[node] + 1);
    }
}

typedef struct answer {
    ct_chains_row *rows; /* owned */
    size_t n, capacity;
} answer;

/* What one side has reached and the other has not reached as soon, or sooner. */
static bool put_side(answer *out, const side *s, const side *other, size_t walk, bool backwards)
{
    for (size_t i = 0; i < s->n_reached; i++) {
        uint32_t node = s->queue[i];
        if (other->seen_by[node] == walk &&
            other->steps[node] < s->steps[node] + (backwards ? 0 : 1))
            continue;
        ct_chains_row *rows = ct_grow(out->rows, out->n, &out->capacity, 64, sizeof *rows);
        if (!rows)
            return false;
        out->rows = rows;
        rows[out->n++] = (ct_chains_row){(uint32_t)(walk - 1), node,
                                         backwards ? -s->steps[node] : s->steps[node]};
    }
    return true;
}

static int by_depth(const void *a, const void *b)
{
    const ct_chains_row *x = a, *y = b;
    if (x->depth != y->depth)
        return x->depth < y->depth ? -1 : 1;
    return (x->node > y->node) - (x->node < y->node);
}

static bool walk_all(answer *out, const table *starts, side *back, side *ahead, size_t n_walks)
{
    for (size_t i = 0; i < n_walks; i++) {
        const uint32_t *first = starts->to + starts->offsets[i];
        size_t n = starts->offsets[i + 1] - starts->offsets[i], n_before = out->n;
        walk_side(back, i + 1, first, n);
        walk_side(ahead, i + 1, first, n);
        if (!put_side(out, back, ahead, i + 1, true) || !put_side(out, ahead, back, i + 1, false))
            return false;
        if (out->n > n_before)
            qsort(out->rows + n_before, out->n - n_before, sizeof *out->rows, by_depth);
    }
    return true;
}

bool ct_chains_rows(const ct_chains *chains, ct_chains_row **rows, size_t *n_rows)
{
    table starts = {0};
    side back = {0}, ahead = {0};
    answer out = {0};
    bool ok = make_table(&starts, chains->starts, chains->n_starts, chains->walks.n, false) &&
              make_side(&back, chains, true) && make_side(&ahead, chains, false) &&
              walk_all(&out, &starts, &back, &ahead, chains->walks.n);
    ct_free(starts.offsets);
    ct_free(starts.to);
    free_side(&back);
    free_side(&ahead);
    if (!ok) {
        ct_free(out.rows);
        out = (answer){0};
    }
    *rows = out.rows;
    *n_rows = out.n;
    return ok;
}

void ct_chains_free(ct_chains *chains)
{
    ct_distinct_free(&chains->nodes);
    ct_distinct_free(&chains->walks);
    ct_free(chains->links);
    ct_free(chains->starts);
    *chains = (ct_chains){0};
}
