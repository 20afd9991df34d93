#include "kql/ip.h"

#include "base/ascii.h"
#include "kql/numbers.h"

/* 1 to 3 digits at the front of the text, at most max. */
static bool take_number(ct_span *text, int max, int *value)
{
    size_t n = 0;
    *value = 0;
    while (n < text->n && n < 4 && ct_is_digit(text->p[n]))
        *value = *value * 10 + (text->p[n++] - '0');
    *text = (ct_span){text->p + n, text->n - n};
    return n > 0 && n < 4 && *value <= max;
}

static bool take_char(ct_span *text, char c)
{
    if (text->n == 0 || text->p[0] != c)
        return false;
    *text = (ct_span){text->p + 1, text->n - 1};
    return true;
}

static bool take_octets(ct_span *text, uint32_t *address)
{
    *address = 0;
    for (int i = 0; i < 4; i++) {
        int octet;
        if ((i > 0 && !take_char(text, '.')) || !take_number(text, 255, &octet))
            return false;
        *address = *address << 8 | (uint32_t)octet;
    }
    return true;
}

/* The end of the text, or /n. */
static bool take_prefix(ct_span *text, int max, int *prefix)
{
    *prefix = max;
    if (take_char(text, '/') && !take_number(text, max, prefix))
        return false;
    return text->n == 0;
}

bool ct_ipv4_read(ct_span text, ct_ipv4 *ip)
{
    text = ct_kql_trimmed(text);
    return take_octets(&text, &ip->address) && take_prefix(&text, 32, &ip->prefix);
}

uint32_t ct_ipv4_masked(uint32_t address, int prefix)
{
    return prefix == 0 ? 0 : address & UINT32_MAX << (32 - prefix);
}

void ct_ipv4_put(ct_buf *out, uint32_t address)
{
    ct_buf_printf(out, "%u.%u.%u.%u", (unsigned)(address >> 24), (unsigned)(address >> 16 & 255),
                  (unsigned)(address >> 8 & 255), (unsigned)(address & 255));
}

static int hex_value(char c)
{
    if (ct_is_digit(c))
        return c - '0';
    return ct_is_hex(c) ? ct_to_lower(c) - 'a' + 10 : -1;
}

static void put_word(unsigned char *bytes, unsigned word)
{
    bytes[0] = (unsigned char)(word >> 8);
    bytes[1] = (unsigned char)word;
}

/* 1 to 4 hexadecimal digits. */
static bool take_group(ct_span *text, unsigned *group)
{
    size_t n = 0;
    *group = 0;
    for (int v; n < text->n && n < 5 && (v = hex_value(text->p[n])) >= 0; n++)
        *group = *group << 4 | (unsigned)v;
    *text = (ct_span){text->p + n, text->n - n};
    return n > 0 && n < 5;
}

/* The groups of an address; :: may stand once for groups of zeros. */
static bool take_groups(ct_span *text, unsigned char bytes[16])
{
    int n = 0, gap = -1; /* bytes written; where the zeros go */
    if (text->n >= 2 && memcmp(text->p, "::", 2) == 0) {
        gap = 0;
        *text = (ct_span){text->p + 2, text->n - 2};
    }
    while (n < 16 && text->n > 0 && text->p[0] != '/') {
        ct_span group_text = *text;
        unsigned group;
        uint32_t address;
        if (n <= 12 && take_octets(&group_text, &address)) {
            put_word(bytes + n, address >> 16);
            put_word(bytes + n + 2, address & 0xFFFF);
            n += 4;
            *text = group_text;
            break;
        }
        if (!take_group(text, &group))
            return false;
        put_word(bytes + n, group);
        n += 2;
        if (text->n == 0 || text->p[0] == '/')
            break;
        if (!take_char(text, ':'))
            return false;
        if (text->n > 0 && text->p[0] == ':') {
            if (gap >= 0)
                return false;
            gap = n;
            (void)take_char(text, ':');
        } else if (text->n == 0 || text->p[0] == '/') {
            return false; /* a colon at the end */
        }
    }
    if (gap < 0)
        return n == 16;
    if (n > 14)
        return false;
    memmove(bytes + 16 - (n - gap), bytes + gap, (size_t)(n - gap));
    memset(bytes + gap, 0, (size_t)(16 - n));
    return true;
}

bool ct_ipv6_read(ct_span text, ct_ipv6 *ip)
{
    static const unsigned char mapped[12] = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xFF, 0xFF};
    ct_ipv4 v4;
    *ip = (ct_ipv6){.prefix = 128};
    if (ct_ipv4_read(text, &v4)) {
        memcpy(ip->bytes, mapped, sizeof mapped);
        put_word(ip->bytes + 12, v4.address >> 16);
        put_word(ip->bytes + 14, v4.address & 0xFFFF);
        ip->prefix = 96 + v4.prefix;
        ip->is_ipv4 = true;
        return true;
    }
    text = ct_kql_trimmed(text);
    return take_groups(&text, ip->bytes) && take_prefix(&text, 128, &ip->prefix);
}

void ct_ipv6_mask(ct_ipv6 *ip, int prefix)
{
    for (int i = 0; i < 16; i++) {
        int kept = prefix - 8 * i;
        if (kept <= 0)
            ip->bytes[i] = 0;
        else if (kept < 8)
            ip->bytes[i] &= (unsigned char)(0xFF << (8 - kept));
    }
}

void ct_ipv6_put(ct_buf *out, const ct_ipv6 *ip)
{
    for (int i = 0; i < 16; i += 2)
        ct_buf_printf(out, "%s%02x%02x", i > 0 ? ":" : "", ip->bytes[i], ip->bytes[i + 1]);
}
