/*
 * ip: addresses of IPv4 and IPv6, with or without the length of a prefix behind a slash.
 */
#ifndef CT_KQL_IP_H
#define CT_KQL_IP_H

#include <stdbool.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/span.h"

typedef struct ct_ipv4 {
    uint32_t address;
    int prefix; /* 0 to 32; 32 where none was written */
} ct_ipv4;

/* Four decimal octets, then perhaps /0 to /32; white space around it apart. */
bool ct_ipv4_read(ct_span text, ct_ipv4 *ip);
uint32_t ct_ipv4_masked(uint32_t address, int prefix);
void ct_ipv4_put(ct_buf *out, uint32_t address);

typedef struct ct_ipv6 {
    unsigned char bytes[16]; /* of an IPv4 address ::ffff:a.b.c.d */
    int prefix;              /* 0 to 128; that of an IPv4 address counts from 96 */
    bool is_ipv4;            /* it was written as one */
} ct_ipv6;

/* RFC 4291's forms, then perhaps /0 to /128; or an IPv4 address. */
bool ct_ipv6_read(ct_span text, ct_ipv6 *ip);
void ct_ipv6_mask(ct_ipv6 *ip, int prefix);
void ct_ipv6_put(ct_buf *out, const ct_ipv6 *ip); /* eight groups of four digits */

#endif
