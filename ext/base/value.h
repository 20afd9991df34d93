/*
 * value: one SQL value as a key, under the equality of SQLite's DISTINCT.
 *
 * Integers and reals are equal when they are the same number, compared exactly: 1 = 1.0, -0.0 =
 * 0.0, but 9007199254740993 is not 9007199254740992.0. Texts are equal byte by byte (BINARY), and
 * so are blobs; a text is never equal to a blob or a number. NULL is no key.
 */
#ifndef CT_VALUE_H
#define CT_VALUE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef enum ct_value_type {
    CT_VALUE_INTEGER,
    CT_VALUE_REAL, /* only what is no whole number within int64_t */
    CT_VALUE_TEXT,
    CT_VALUE_BLOB
} ct_value_type;

typedef struct ct_value {
    ct_value_type type;
    bool was_real;  /* an INTEGER that came as a REAL: 1.0; equal to 1, but written 1.0 */
    size_t n_bytes; /* of a text or blob */
    union {
        int64_t integer;
        double real;
        const char *bytes; /* borrowed, may be NULL when n_bytes is 0 */
    } as;
} ct_value;

ct_value ct_value_integer(int64_t integer);
ct_value ct_value_real(double real); /* any but NaN, which SQL does not know */
ct_value ct_value_bytes(ct_value_type type, const char *p, size_t n); /* text or blob */

bool ct_value_equal(const ct_value *a, const ct_value *b);

/*
 * SipHash-1-3 under a secret key. Logs are written by the people one hunts: with a hash they can
 * compute they could choose values that all collide.
 */
uint64_t ct_value_hash(const ct_value *v, const uint64_t key[2]);

#endif
