/*
 * address_function: address_matches() and address_network() in SQL, over base/address.h.
 *
 * SQL names: address_matches(address, pattern), address_network(address).
 * Reads:     its arguments, any bytes of any length. Refuses a network that is none.
 */
#include "sqlite/address_function.h"

#include <stdlib.h>
#include <string.h>

#include "base/address.h"
#include "base/buf.h"
#include "sqlite/args.h"

static void refuse_network(sqlite3_context *context, ct_span pattern)
{
    ct_buf message = CT_BUF_EMPTY;
    ct_buf_put_text(&message, "address_matches(): ");
    ct_put_quoted(&message, pattern.p, pattern.n);
    ct_buf_put_text(&message, " is no network");
    ct_result_error_buf(context, &message);
}

/*
 * address_matches(address TEXT, pattern TEXT) -> INTEGER
 *
 * 1 where the address is in the network (203.0.113.0/24, 2001:db8::/32) or, where the pattern has no
 * slash, fits it as SQLite's GLOB (* ? [a-z]); else 0. What is no IP address, the name of a service
 * say, is in no network. Bits behind the prefix count for nothing: 203.0.113.7/24 is the same.
 *
 * NULL:    NULL when either is.
 * Errors:  a pattern with a slash that is no network; SQLITE_NOMEM when out of memory.
 * Example: SELECT address_matches('203.0.113.24', '203.0.113.0/24');
 *          -- 1
 */
static void address_matches(sqlite3_context *context, int n_args, sqlite3_value **args)
{
    ct_span address, pattern;
    if (ct_any_null(n_args, args) || !ct_arg_text(context, args[0], &address) ||
        !ct_arg_text(context, args[1], &pattern))
        return;
    ct_network network;
    ct_address read;
    if (pattern.n == 0 || !memchr(pattern.p, '/', pattern.n))
        /* SQLite ends its texts with a NUL; what stands behind one inside is not compared */
        sqlite3_result_int(context, sqlite3_strglob(pattern.p, address.p) == 0);
    else if (!ct_network_read(pattern.p, pattern.n, &network))
        refuse_network(context, pattern);
    else
        sqlite3_result_int(context, ct_address_read(address.p, address.n, &read) &&
                                        ct_network_has(&network, &read));
}

/*
 * address_network(address TEXT) -> TEXT
 *
 * The network that one site or one machine mostly stays in: the /24 of an IPv4 address, the /64 of an
 * IPv6 address. Of a network, that network in its canonical form.
 *
 * NULL:    NULL in, NULL out; also when it is neither an IP address nor a network.
 * Errors:  none for any input; SQLITE_NOMEM when out of memory.
 * Example: SELECT address_network('203.0.113.24'), address_network('2001:db8:0:1::7');
 *          -- 203.0.113.0/24|2001:db8:0:1::/64
 */
static void address_network(sqlite3_context *context, int n_args, sqlite3_value **args)
{
    ct_span text;
    ct_address address;
    ct_network network;
    if (ct_any_null(n_args, args) || !ct_arg_text(context, args[0], &text))
        return;
    if (ct_address_read(text.p, text.n, &address))
        network = ct_network_of(&address, address.n_bits == 32 ? 24 : 64);
    else if (!ct_network_read(text.p, text.n, &network))
        return;
    char out[CT_NETWORK_TEXT_MAX];
    ct_network_write(&network, out);
    sqlite3_result_text(context, out, -1, SQLITE_TRANSIENT);
}

// clang-format off
static const ct_function functions[] = {
    /* name               args flags    scalar           step  final value inverse */
    {"address_matches",   2,   CT_PURE, address_matches, NULL, NULL, NULL, NULL},
    {"address_network",   1,   CT_PURE, address_network, NULL, NULL, NULL, NULL},
};
// clang-format on

int ct_address_function_register(sqlite3 *db, char **error)
{
    return ct_register(db, functions, sizeof functions / sizeof functions[0], error);
}
