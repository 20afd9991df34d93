/*
 * rng: the same random numbers on every machine (xorshift64*, Vigna 2014).
 */
#ifndef CT_RNG_H
#define CT_RNG_H

#include <stddef.h>
#include <stdint.h>

typedef struct rng {
    uint64_t state; /* the seed: anything but 0 */
} rng;

static inline uint64_t rng_next(rng *r)
{
    r->state ^= r->state >> 12;
    r->state ^= r->state << 25;
    r->state ^= r->state >> 27;
    return r->state * UINT64_C(2685821657736338717);
}

/* 0 to n - 1. */
static inline size_t rng_below(rng *r, size_t n)
{
    return (size_t)((rng_next(r) >> 33) % n);
}

/* The same where int is at home. */
static inline int rng_int_below(rng *r, int n)
{
    return (int)rng_below(r, (size_t)n);
}

#endif
