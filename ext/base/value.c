#include "base/value.h"

#include <string.h>

ct_value ct_value_integer(int64_t integer)
{
    return (ct_value){.type = CT_VALUE_INTEGER, .as.integer = integer};
}

ct_value ct_value_real(double real)
{
    /* 2^63 is no int64_t, -2^63 is the smallest one */
    if (real >= -9223372036854775808.0 && real < 9223372036854775808.0) {
        int64_t whole = (int64_t)real;
        if ((double)whole == real)
            return (ct_value){.type = CT_VALUE_INTEGER, .was_real = true, .as.integer = whole};
    }
    return (ct_value){.type = CT_VALUE_REAL, .as.real = real};
}

ct_value ct_value_bytes(ct_value_type type, const char *p, size_t n)
{
    return (ct_value){.type = type, .n_bytes = n, .as.bytes = p};
}

bool ct_value_equal(const ct_value *a, const ct_value *b)
{
    if (a->type != b->type || a->n_bytes != b->n_bytes)
        return false;
    switch (a->type) {
    case CT_VALUE_INTEGER:
        return a->as.integer == b->as.integer;
    case CT_VALUE_REAL:
        return a->as.real == b->as.real;
    default:
        return a->n_bytes == 0 || memcmp(a->as.bytes, b->as.bytes, a->n_bytes) == 0;
    }
}

/* ---- SipHash-1-3, after the paper of Aumasson and Bernstein --------------------------------- */

typedef struct sip {
    uint64_t v0, v1, v2, v3;
} sip;

static inline uint64_t rotate(uint64_t x, int n)
{
    return x << n | x >> (64 - n);
}

static inline void sip_round(sip *s)
{
    s->v0 += s->v1;
    s->v2 += s->v3;
    s->v1 = rotate(s->v1, 13) ^ s->v0;
    s->v3 = rotate(s->v3, 16) ^ s->v2;
    s->v0 = rotate(s->v0, 32);
    s->v2 += s->v1;
    s->v0 += s->v3;
    s->v1 = rotate(s->v1, 17) ^ s->v2;
    s->v3 = rotate(s->v3, 21) ^ s->v0;
    s->v2 = rotate(s->v2, 32);
}

static inline void sip_word(sip *s, uint64_t word)
{
    s->v3 ^= word;
    sip_round(s);
    s->v0 ^= word;
}

/* The bytes behind the last whole word, below the length. */
static uint64_t last_word(const unsigned char *p, size_t n)
{
    uint64_t word = (uint64_t)n << 56;
    for (size_t i = n & ~(size_t)7; i < n; i++)
        word |= (uint64_t)p[i] << 8 * (i & 7);
    return word;
}

static uint64_t sip_hash(const void *data, size_t n, const uint64_t key[2])
{
    sip s = {UINT64_C(0x736f6d6570736575) ^ key[0], UINT64_C(0x646f72616e646f6d) ^ key[1],
             UINT64_C(0x6c7967656e657261) ^ key[0], UINT64_C(0x7465646279746573) ^ key[1]};
    const unsigned char *p = data;
    for (size_t i = 0; i + 8 <= n; i += 8) {
        uint64_t word;
        memcpy(&word, p + i, sizeof word);
        sip_word(&s, word);
    }
    sip_word(&s, last_word(p, n));
    s.v2 ^= 0xff;
    sip_round(&s);
    sip_round(&s);
    sip_round(&s);
    return s.v0 ^ s.v1 ^ s.v2 ^ s.v3;
}

uint64_t ct_value_hash(const ct_value *v, const uint64_t key[2])
{
    switch (v->type) {
    case CT_VALUE_INTEGER:
        return sip_hash(&v->as.integer, sizeof v->as.integer, key);
    case CT_VALUE_REAL:
        return sip_hash(&v->as.real, sizeof v->as.real, key);
    default:
        return sip_hash(v->as.bytes, v->n_bytes, key);
    }
}
