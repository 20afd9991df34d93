#include "base/sha256.h"

#include <mbedtls/version.h>

#include "base/ascii.h"

/* Version 2 says by another name whether it worked, which by then meant hardware alone. */
#if MBEDTLS_VERSION_NUMBER < 0x03000000
#define mbedtls_sha256_starts mbedtls_sha256_starts_ret
#define mbedtls_sha256_update mbedtls_sha256_update_ret
#define mbedtls_sha256_finish mbedtls_sha256_finish_ret
#endif

void ct_sha256_begin(ct_sha256 *hash)
{
    mbedtls_sha256_init(hash);
    (void)mbedtls_sha256_starts(hash, 0);
}

void ct_sha256_add(ct_sha256 *hash, const void *p, size_t n)
{
    (void)mbedtls_sha256_update(hash, p, n);
}

void ct_sha256_end(ct_sha256 *hash, unsigned char out[CT_SHA256_BYTES])
{
    (void)mbedtls_sha256_finish(hash, out);
    mbedtls_sha256_free(hash);
}

void ct_sha256_of(const void *p, size_t n, unsigned char out[CT_SHA256_BYTES])
{
    ct_sha256 hash;
    ct_sha256_begin(&hash);
    ct_sha256_add(&hash, p, n);
    ct_sha256_end(&hash, out);
}

void ct_hex(const unsigned char *p, size_t n, char *out)
{
    static const char digits[] = "0123456789abcdef";
    for (size_t i = 0; i < n; i++) {
        *out++ = digits[p[i] >> 4];
        *out++ = digits[p[i] & 15];
    }
}

static unsigned char digit_value(char c)
{
    return (unsigned char)(ct_is_digit(c) ? c - '0' : ct_to_lower(c) - 'a' + 10);
}

bool ct_unhex(const char *p, size_t n_digits, unsigned char *out, size_t n)
{
    if (n_digits != 2 * n)
        return false;
    for (size_t i = 0; i < n; i++, p += 2) {
        if (!ct_is_hex(p[0]) || !ct_is_hex(p[1]))
            return false;
        out[i] = (unsigned char)(digit_value(p[0]) << 4 | digit_value(p[1]));
    }
    return true;
}
