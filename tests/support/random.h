/* random: repeatable chance for tests. The seed is fixed; a failing test prints its case. */
#ifndef CT_TEST_RANDOM_H
#define CT_TEST_RANDOM_H

#include <stdint.h>

typedef struct rng {
    uint64_t state; /* not 0 */
} rng;

/* A number from 0 to below n (xorshift64*). */
static inline int rng_below(rng *r, int n)
{
    r->state ^= r->state >> 12;
    r->state ^= r->state << 25;
    r->state ^= r->state >> 27;
    return (int)((r->state * UINT64_C(2685821657736338717) >> 33) % (uint64_t)n);
}

#endif
