/*
 * upn: the two sides of a user principal name, jane@example.com, as the Sentinel rule takes them.
 *
 * The rule splits an account name at every @ and keeps the first and the second piece; without an
 * @ the whole text is the name and the suffix is empty. So of a@b@c the suffix is b, not b@c.
 */
#ifndef CT_UPN_H
#define CT_UPN_H

#include <stddef.h>

#include "base/span.h"

struct sqlite3;

/* The results point into p; they may be empty. */
ct_span ct_upn_name(const char *p, size_t n);
ct_span ct_upn_suffix(const char *p, size_t n);

/* Adds upn_name() and upn_suffix() to the connection. */
int ct_upn_register(struct sqlite3 *db, char **error);

#endif
