/*
 * public_key: the keys by which CloudTrail's digests are signed, and what they sign.
 *
 * Read from what `aws cloudtrail list-public-keys` prints: {"PublicKeyList":[{"Value": base64 of
 * the DER, "Fingerprint": its MD5 ...}]}. The DER is PKCS#1's or a SubjectPublicKeyInfo. RSA and
 * MD5 by mbedTLS.
 */
#ifndef CT_PUBLIC_KEY_H
#define CT_PUBLIC_KEY_H

#include <stdbool.h>
#include <stddef.h>

#include "base/sha256.h"
#include "base/span.h"

typedef struct ct_public_keys ct_public_keys;

ct_public_keys *ct_public_keys_new(void); /* NULL when there is no memory */
void ct_public_keys_free(ct_public_keys *keys);

size_t ct_public_keys_count(const ct_public_keys *keys);

/* Adds the keys of one JSON text. NULL; or what is wrong, a constant: a text without keys, or a key
 * that cannot be read; "" where there is no memory. */
const char *ct_public_keys_add(ct_public_keys *keys, const char *p, size_t n);

/* Whether there is a key of that fingerprint. */
bool ct_public_keys_has(const ct_public_keys *keys, ct_span fingerprint);

typedef enum ct_signature_state {
    CT_SIGNATURE_GOOD,
    CT_SIGNATURE_WRONG,
    CT_SIGNATURE_NO_KEY
} ct_signature_state;

/* Whether the signature (in hex) is the key's of that fingerprint, by RSA PKCS#1 v1.5 over the
 * SHA-256 given. */
ct_signature_state ct_public_keys_verify(ct_public_keys *keys, ct_span fingerprint,
                                         const unsigned char sha256[CT_SHA256_BYTES],
                                         ct_span signature);

#endif
