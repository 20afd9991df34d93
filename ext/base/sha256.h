/*
 * sha256: SHA-256 of bytes that come in pieces, by mbedTLS.
 *
 * A hash belongs to one thread at a time. Nothing is allocated.
 */
#ifndef CT_SHA256_H
#define CT_SHA256_H

#include <stdbool.h>
#include <stddef.h>

#include <mbedtls/sha256.h>

enum { CT_SHA256_BYTES = 32, CT_SHA256_HEX = 64 };

typedef mbedtls_sha256_context ct_sha256;

void ct_sha256_begin(ct_sha256 *hash);
void ct_sha256_add(ct_sha256 *hash, const void *p, size_t n);
void ct_sha256_end(ct_sha256 *hash, unsigned char out[CT_SHA256_BYTES]);

/* Of bytes that lie together. */
void ct_sha256_of(const void *p, size_t n, unsigned char out[CT_SHA256_BYTES]);

/* n bytes as 2 n digits 0-9a-f, without a NUL. */
void ct_hex(const unsigned char *p, size_t n, char *out);

/* The way back, of digits in either case: exactly n bytes. False when there is anything else. */
bool ct_unhex(const char *p, size_t n_digits, unsigned char *out, size_t n);

#endif
