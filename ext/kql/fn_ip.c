/*
 * SQL: Kusto's functions of IP addresses. An address is a string, perhaps with the length of a
 * prefix: '192.168.1.1/24'. NULL for what is no address.
 */
#include "kql/runtime.h"

#include "kql/dynamic.h"
#include "kql/glue.h"
#include "kql/ip.h"
#include "kql/unicode.h"

/* ---- IPv4 ----------------------------------------------------------------------------------- */

static bool read_ipv4(sqlite3_context *context, sqlite3_value *arg, ct_ipv4 *ip)
{
    ct_span text;
    return ct_kql_text(context, arg, &text) && ct_ipv4_read(text, ip);
}

static int min_int(int a, int b)
{
    return a < b ? a : b;
}

/* The length of a prefix as an argument; max without one. */
static bool read_prefix(int n_args, sqlite3_value **args, int index, int max, int *prefix)
{
    int64_t value = max;
    if (n_args > index && (!ct_kql_long(args[index], &value) || value < 0 || value > max))
        return false;
    *prefix = (int)value;
    return true;
}

/*
 * kql_parse_ipv4(ip TEXT) -> INTEGER
 * kql_parse_ipv4_mask(ip TEXT, prefix INTEGER) -> INTEGER
 * kql_ipv4_netmask_suffix(ip TEXT) -> INTEGER
 *
 * The address as a number, what is behind the prefix 0; the length of the prefix, 32 without one.
 *
 * Example: SELECT kql_parse_ipv4('127.0.0.1'), kql_ipv4_netmask_suffix('10.1.2.3/16');
 *          -- 2130706433|16
 */
static void kql_parse_ipv4(sqlite3_context *context, int n_args, sqlite3_value **args)
{
    ct_ipv4 ip;
    int prefix;
    if (read_ipv4(context, args[0], &ip) && read_prefix(n_args, args, 1, 32, &prefix))
        sqlite3_result_int64(context, ct_ipv4_masked(ip.address, min_int(ip.prefix, prefix)));
}

static void kql_ipv4_netmask_suffix(sqlite3_context *context, int n_args, sqlite3_value **args)
{
    ct_ipv4 ip;
    (void)n_args;
    if (read_ipv4(context, args[0], &ip))
        sqlite3_result_int(context, ip.prefix);
}

/*
 * kql_format_ipv4(ip TEXT or INTEGER [, prefix INTEGER]) -> TEXT
 *
 * The address as text, what is behind the prefix 0; '' for what is none.
 *
 * Example: SELECT kql_format_ipv4('192.168.1.255', 24), kql_format_ipv4(3232236031);
 *          -- 192.168.1.0|192.168.1.255
 */
static void kql_format_ipv4(sqlite3_context *context, int n_args, sqlite3_value **args)
{
    ct_ipv4 ip = {.prefix = 32};
    int64_t number;
    int prefix;
    ct_buf out = CT_BUF_EMPTY;
    bool ok = read_prefix(n_args, args, 1, 32, &prefix);
    if (ok && ct_kql_long(args[0], &number)) {
        ok = number >= 0 && number <= UINT32_MAX;
        ip.address = (uint32_t)number;
    } else if (ok) {
        ok = read_ipv4(context, args[0], &ip);
    }
    if (ok)
        ct_ipv4_put(&out, ct_ipv4_masked(ip.address, min_int(ip.prefix, prefix)));
    ct_result_buf(context, &out);
}

/*
 * kql_ipv4_is_private(ip TEXT) -> INTEGER
 *
 * 1 in 10.0.0.0/8, 172.16.0.0/12 and 192.168.0.0/16, else 0.
 *
 * Example: SELECT kql_ipv4_is_private('192.168.1.1/24'), kql_ipv4_is_private('127.0.0.1'),
 *              kql_ipv4_is_private('ec2.amazonaws.com');
 *          -- 1|0|NULL
 */
static void kql_ipv4_is_private(sqlite3_context *context, int n_args, sqlite3_value **args)
{
    static const ct_ipv4 ranges[] = {{0x0A000000, 8}, {0xAC100000, 12}, {0xC0A80000, 16}};
    ct_ipv4 ip;
    bool is_private = false;
    (void)n_args;
    if (!read_ipv4(context, args[0], &ip))
        return;
    for (size_t i = 0; i < sizeof ranges / sizeof ranges[0]; i++)
        is_private |= ct_ipv4_masked(ip.address, ranges[i].prefix) == ranges[i].address;
    sqlite3_result_int(context, is_private);
}

/* -1, 0 or 1, by the bits that all prefixes have. */
static int compare_ipv4(const ct_ipv4 *a, const ct_ipv4 *b, int prefix)
{
    prefix = min_int(prefix, min_int(a->prefix, b->prefix));
    uint32_t x = ct_ipv4_masked(a->address, prefix), y = ct_ipv4_masked(b->address, prefix);
    return (x > y) - (x < y);
}

/*
 * kql_ipv4_compare(a TEXT, b TEXT [, prefix INTEGER]) -> INTEGER      -1, 0 or 1
 * kql_ipv4_is_match(a TEXT, b TEXT [, prefix INTEGER]) -> INTEGER
 * kql_ipv4_is_in_range(ip TEXT, range TEXT) -> INTEGER
 *
 * By as many bits as the shortest prefix has.
 *
 * Example: SELECT kql_ipv4_is_match('192.168.1.1/24', '192.168.1.255'),
 *              kql_ipv4_is_in_range('192.168.1.1', '192.168.1.255/24');
 *          -- 1|1
 */
static void kql_ipv4_compare(sqlite3_context *context, int n_args, sqlite3_value **args)
{
    ct_ipv4 a, b;
    int prefix;
    if (read_ipv4(context, args[0], &a) && read_ipv4(context, args[1], &b) &&
        read_prefix(n_args, args, 2, 32, &prefix))
        sqlite3_result_int(context, compare_ipv4(&a, &b, prefix));
}

static void kql_ipv4_is_match(sqlite3_context *context, int n_args, sqlite3_value **args)
{
    ct_ipv4 a, b;
    int prefix;
    if (read_ipv4(context, args[0], &a) && read_ipv4(context, args[1], &b) &&
        read_prefix(n_args, args, 2, 32, &prefix))
        sqlite3_result_int(context, compare_ipv4(&a, &b, prefix) == 0);
}

typedef enum range_result { NOT_A_RANGE, OUTSIDE, INSIDE } range_result;
typedef range_result check_range(const void *ip, ct_span range);

static range_result check_ipv4(const void *ip, ct_span range)
{
    ct_ipv4 r;
    if (!ct_ipv4_read(range, &r))
        return NOT_A_RANGE;
    return compare_ipv4(ip, &r, 32) == 0 ? INSIDE : OUTSIDE;
}

/* Whether the address is in one of the ranges: strings, or JSON arrays of them. A range that is
 * none counts for nothing, unless all are. */
static void in_any_range(sqlite3_context *context, int n_args, sqlite3_value **args,
                         check_range *check, const void *ip)
{
    range_result best = NOT_A_RANGE;
    for (int i = 1; i < n_args && best != INSIDE; i++) {
        ct_span range;
        ct_dyn_walk walk;
        if (!ct_kql_text(context, args[i], &range))
            return;
        if (ct_dyn_kind(range) != CT_JSON_ARRAY) {
            range_result result = check(ip, range);
            best = result > best ? result : best;
            continue;
        }
        for (bool more = ct_dyn_first(&walk, range); more && best != INSIDE;
             more = ct_dyn_next(&walk)) {
            if (walk.value.kind != CT_JSON_STRING)
                continue;
            /* An address needs no escape, so what stands between the quotes is the text. */
            range_result result = check(ip, (ct_span){walk.value.p + 1, walk.value.len - 2});
            best = result > best ? result : best;
        }
    }
    if (best != NOT_A_RANGE)
        sqlite3_result_int(context, best == INSIDE);
}

static void kql_ipv4_is_in_range(sqlite3_context *context, int n_args, sqlite3_value **args)
{
    ct_ipv4 ip;
    if (n_args > 0 && read_ipv4(context, args[0], &ip))
        in_any_range(context, n_args, args, check_ipv4, &ip);
}

/* ---- IPv6 ----------------------------------------------------------------------------------- */

static bool read_ipv6(sqlite3_context *context, sqlite3_value *arg, ct_ipv6 *ip)
{
    ct_span text;
    return ct_kql_text(context, arg, &text) && ct_ipv6_read(text, ip);
}

static int compare_ipv6(ct_ipv6 a, ct_ipv6 b, int prefix)
{
    prefix = min_int(prefix, min_int(a.prefix, b.prefix));
    ct_ipv6_mask(&a, prefix);
    ct_ipv6_mask(&b, prefix);
    int order = memcmp(a.bytes, b.bytes, sizeof a.bytes);
    return (order > 0) - (order < 0);
}

/*
 * kql_parse_ipv6(ip TEXT) -> TEXT
 * kql_parse_ipv6_mask(ip TEXT, prefix INTEGER) -> TEXT
 *
 * Eight groups of four digits, what is behind the prefix 0; an IPv4 address as ::ffff:a.b.c.d. ''
 * for what is no address.
 *
 * Example: SELECT kql_parse_ipv6('fe80::1');
 *          -- fe80:0000:0000:0000:0000:0000:0000:0001
 */
static void kql_parse_ipv6(sqlite3_context *context, int n_args, sqlite3_value **args)
{
    ct_ipv6 ip;
    int prefix;
    ct_buf out = CT_BUF_EMPTY;
    if (read_ipv6(context, args[0], &ip) && read_prefix(n_args, args, 1, 128, &prefix)) {
        ct_ipv6_mask(&ip, min_int(ip.prefix, prefix));
        ct_ipv6_put(&out, &ip);
    }
    ct_result_buf(context, &out);
}

/*
 * kql_ipv6_compare(a TEXT, b TEXT [, prefix INTEGER]) -> INTEGER      -1, 0 or 1
 * kql_ipv6_is_match(a TEXT, b TEXT [, prefix INTEGER]) -> INTEGER
 * kql_ipv6_is_in_range(ip TEXT, range TEXT) -> INTEGER     and kql_ipv6_is_in_any_range
 *
 * As those of IPv4, whose addresses are taken, too.
 */
static void kql_ipv6_compare(sqlite3_context *context, int n_args, sqlite3_value **args)
{
    ct_ipv6 a, b;
    int prefix;
    if (read_ipv6(context, args[0], &a) && read_ipv6(context, args[1], &b) &&
        read_prefix(n_args, args, 2, 128, &prefix))
        sqlite3_result_int(context, compare_ipv6(a, b, prefix));
}

static void kql_ipv6_is_match(sqlite3_context *context, int n_args, sqlite3_value **args)
{
    ct_ipv6 a, b;
    int prefix;
    if (read_ipv6(context, args[0], &a) && read_ipv6(context, args[1], &b) &&
        read_prefix(n_args, args, 2, 128, &prefix))
        sqlite3_result_int(context, compare_ipv6(a, b, prefix) == 0);
}

static range_result check_ipv6(const void *ip, ct_span range)
{
    ct_ipv6 r;
    if (!ct_ipv6_read(range, &r))
        return NOT_A_RANGE;
    return compare_ipv6(*(const ct_ipv6 *)ip, r, 128) == 0 ? INSIDE : OUTSIDE;
}

static void kql_ipv6_is_in_range(sqlite3_context *context, int n_args, sqlite3_value **args)
{
    ct_ipv6 ip;
    if (n_args > 0 && read_ipv6(context, args[0], &ip))
        in_any_range(context, n_args, args, check_ipv6, &ip);
}

/* ---- addresses within a text ---------------------------------------------------------------- */

static bool is_delimited(ct_span text, const char *from, const char *to)
{
    return (from == text.p || !ct_unicode_is_alnum(ct_unicode_before(text.p, from))) &&
           (to == text.p + text.n || !ct_unicode_is_alnum(ct_unicode_next(&to, text.p + text.n)));
}

/* Whether an address stands in the text, no letter or digit touching it, that is the wanted one or,
 * where that ends with a dot, begins with it. */
static bool has_address(ct_span text, ct_span wanted)
{
    ct_ipv4 ip;
    bool is_prefix = wanted.n > 0 && wanted.p[wanted.n - 1] == '.';
    if (!is_prefix && (!ct_ipv4_read(wanted, &ip) || memchr(wanted.p, '/', wanted.n)))
        return false;
    const char *end = text.p + text.n;
    for (const char *at = text.p; at < end;) {
        const char *stop = at;
        while (stop < end && ((*stop >= '0' && *stop <= '9') || *stop == '.'))
            stop++;
        if (stop == at) {
            at++;
            continue;
        }
        const char *last = stop;
        while (last > at && last[-1] == '.') /* the dot of a sentence */
            last--;
        size_t n = (size_t)(last - at);
        if (n >= wanted.n - is_prefix && is_delimited(text, at, last) &&
            ct_ipv4_read((ct_span){at, n}, &ip) && memcmp(at, wanted.p, wanted.n) == 0 &&
            (is_prefix || n == wanted.n))
            return true;
        at = stop;
    }
    return false;
}

/* Any of the addresses that the arguments from the second on name: strings, or JSON arrays. */
static void has_any(sqlite3_context *context, int n_args, sqlite3_value **args, bool prefixes)
{
    ct_span text;
    bool found = false;
    if (n_args == 0 || !ct_kql_text(context, args[0], &text))
        return;
    for (int i = 1; i < n_args && !found; i++) {
        ct_span wanted;
        ct_dyn_walk walk;
        if (!ct_kql_text(context, args[i], &wanted))
            return;
        bool more = ct_dyn_kind(wanted) == CT_JSON_ARRAY && ct_dyn_first(&walk, wanted);
        if (ct_dyn_kind(wanted) != CT_JSON_ARRAY)
            found = (prefixes || wanted.n == 0 || wanted.p[wanted.n - 1] != '.') &&
                    has_address(text, wanted);
        for (; more && !found; more = ct_dyn_next(&walk)) {
            ct_span item = {walk.value.p + 1, walk.value.len - 2};
            if (walk.value.kind == CT_JSON_STRING && item.n > 0)
                found = (prefixes || item.p[item.n - 1] != '.') && has_address(text, item);
        }
    }
    sqlite3_result_int(context, found);
}

/*
 * kql_has_ipv4(text TEXT, ip TEXT) -> INTEGER             and kql_has_any_ipv4(text, ip, ...)
 * kql_has_ipv4_prefix(text TEXT, prefix TEXT) -> INTEGER  and kql_has_any_ipv4_prefix
 *
 * Whether the address (an address that begins with the prefix, which ends with a dot) stands in the
 * text with no letter or digit touching it. The _any forms also take JSON arrays.
 *
 * Example: SELECT kql_has_ipv4('05:04:54 127.0.0.1 GET', '127.0.0.1'),
 *              kql_has_ipv4('05:04:54127.0.0.1 GET', '127.0.0.1'),
 *              kql_has_ipv4_prefix('05:04:54 127.0.0.1 GET', '127.0.');
 *          -- 1|0|1
 */
static void kql_has_ipv4(sqlite3_context *context, int n_args, sqlite3_value **args)
{
    has_any(context, n_args, args, false);
}

static void kql_has_ipv4_prefix(sqlite3_context *context, int n_args, sqlite3_value **args)
{
    has_any(context, n_args, args, true);
}

int ct_kql_register_ip(sqlite3 *db, char **error)
{
    static const ct_function functions[] = {
        CT_KQL_SCALAR("kql_parse_ipv4", 1, kql_parse_ipv4),
        CT_KQL_SCALAR("kql_parse_ipv4_mask", 2, kql_parse_ipv4),
        CT_KQL_SCALAR("kql_ipv4_netmask_suffix", 1, kql_ipv4_netmask_suffix),
        CT_KQL_SCALAR("kql_format_ipv4", 1, kql_format_ipv4),
        CT_KQL_SCALAR("kql_format_ipv4", 2, kql_format_ipv4),
        CT_KQL_SCALAR("kql_ipv4_is_private", 1, kql_ipv4_is_private),
        CT_KQL_SCALAR("kql_ipv4_compare", 2, kql_ipv4_compare),
        CT_KQL_SCALAR("kql_ipv4_compare", 3, kql_ipv4_compare),
        CT_KQL_SCALAR("kql_ipv4_is_match", 2, kql_ipv4_is_match),
        CT_KQL_SCALAR("kql_ipv4_is_match", 3, kql_ipv4_is_match),
        CT_KQL_SCALAR("kql_ipv4_is_in_range", 2, kql_ipv4_is_in_range),
        CT_KQL_SCALAR("kql_ipv4_is_in_any_range", -1, kql_ipv4_is_in_range),
        CT_KQL_SCALAR("kql_parse_ipv6", 1, kql_parse_ipv6),
        CT_KQL_SCALAR("kql_parse_ipv6_mask", 2, kql_parse_ipv6),
        CT_KQL_SCALAR("kql_ipv6_compare", 2, kql_ipv6_compare),
        CT_KQL_SCALAR("kql_ipv6_compare", 3, kql_ipv6_compare),
        CT_KQL_SCALAR("kql_ipv6_is_match", 2, kql_ipv6_is_match),
        CT_KQL_SCALAR("kql_ipv6_is_match", 3, kql_ipv6_is_match),
        CT_KQL_SCALAR("kql_ipv6_is_in_range", 2, kql_ipv6_is_in_range),
        CT_KQL_SCALAR("kql_ipv6_is_in_any_range", -1, kql_ipv6_is_in_range),
        CT_KQL_SCALAR("kql_has_ipv4", 2, kql_has_ipv4),
        CT_KQL_SCALAR("kql_has_any_ipv4", -1, kql_has_ipv4),
        CT_KQL_SCALAR("kql_has_ipv4_prefix", 2, kql_has_ipv4_prefix),
        CT_KQL_SCALAR("kql_has_any_ipv4_prefix", -1, kql_has_ipv4_prefix),
    };
    return ct_register(db, functions, sizeof functions / sizeof functions[0], error);
}
