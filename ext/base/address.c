#include "base/address.h"

#include <arpa/inet.h>
#include <stdio.h>
#include <string.h>

#include "base/ascii.h"

/* The longest there is, `ffff:ffff:ffff:ffff:ffff:ffff:255.255.255.255`, and its NUL. */
enum { ADDRESS_TEXT_MAX = 46 };

bool ct_address_read(const char *p, size_t n, ct_address *address)
{
    static const unsigned char mapped[12] = {[10] = 0xff, [11] = 0xff};
    char text[ADDRESS_TEXT_MAX];
    if (n == 0 || n >= sizeof text || memchr(p, '\0', n))
        return false;
    memcpy(text, p, n);
    text[n] = '\0';
    *address = (ct_address){.n_bits = 32};
    if (inet_pton(AF_INET, text, address->byte) == 1)
        return true;
    address->n_bits = 128;
    if (inet_pton(AF_INET6, text, address->byte) != 1)
        return false;
    if (memcmp(address->byte, mapped, sizeof mapped) == 0) {
        ct_address v4 = {.n_bits = 32};
        memcpy(v4.byte, address->byte + sizeof mapped, 4);
        *address = v4;
    }
    return true;
}

ct_network ct_network_of(const ct_address *address, int n_bits)
{
    ct_network network = {*address, n_bits};
    for (int i = 0; i < 16; i++) {
        int kept = n_bits - 8 * i;
        kept = kept < 0 ? 0 : kept > 8 ? 8 : kept;
        network.address.byte[i] &= (unsigned char)(0xff00 >> kept);
    }
    return network;
}

/* One to three digits behind the slash; -1 where something else stands there. */
static int read_bits(const char *p, size_t n)
{
    int bits = 0;
    if (n == 0 || n > 3)
        return -1;
    for (size_t i = 0; i < n; i++) {
        if (!ct_is_digit(p[i]))
            return -1;
        bits = 10 * bits + (p[i] - '0');
    }
    return bits;
}

bool ct_network_read(const char *p, size_t n, ct_network *network)
{
    const char *slash = n > 0 ? memchr(p, '/', n) : NULL;
    ct_address address;
    if (!slash || !ct_address_read(p, (size_t)(slash - p), &address))
        return false;
    int bits = read_bits(slash + 1, n - (size_t)(slash - p) - 1);
    if (bits < 0 || bits > address.n_bits)
        return false;
    *network = ct_network_of(&address, bits);
    return true;
}

bool ct_network_has(const ct_network *network, const ct_address *address)
{
    if (network->address.n_bits != address->n_bits)
        return false;
    ct_network of = ct_network_of(address, network->n_bits);
    return memcmp(of.address.byte, network->address.byte, sizeof of.address.byte) == 0;
}

void ct_network_write(const ct_network *network, char out[CT_NETWORK_TEXT_MAX])
{
    char text[ADDRESS_TEXT_MAX];
    int family = network->address.n_bits == 32 ? AF_INET : AF_INET6;
    inet_ntop(family, network->address.byte, text, sizeof text);
    snprintf(out, CT_NETWORK_TEXT_MAX, "%s/%d", text, network->n_bits);
}
