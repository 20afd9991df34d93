/*
 * address: IP addresses and networks as text.
 *
 * IPv4 in four decimal numbers, IPv6 as RFC 4291 has it; an IPv4 address that is mapped into IPv6
 * (::ffff:192.0.2.1) is the IPv4 address. No zone, no port, no blank. Any bytes may come.
 */
#ifndef CT_ADDRESS_H
#define CT_ADDRESS_H

#include <stdbool.h>
#include <stddef.h>

typedef struct ct_address {
    unsigned char byte[16]; /* the first 4 of them where it is IPv4 */
    int n_bits;             /* 32 or 128 */
} ct_address;

typedef struct ct_network {
    ct_address address; /* its first, the bits behind the prefix 0 */
    int n_bits;         /* of the prefix */
} ct_network;

bool ct_address_read(const char *p, size_t n, ct_address *address);

/* `203.0.113.0/24`; also with bits set behind the prefix, which count for nothing. */
bool ct_network_read(const char *p, size_t n, ct_network *network);

ct_network ct_network_of(const ct_address *address, int n_bits);

bool ct_network_has(const ct_network *network, const ct_address *address);

/* Writes `203.0.113.0/24`, NUL-terminated, IPv6 in its canonical form (RFC 5952). */
enum { CT_NETWORK_TEXT_MAX = 64 };
void ct_network_write(const ct_network *network, char out[CT_NETWORK_TEXT_MAX]);

#endif
