/*
 * useragent: what an AWS client says of itself in its user agent.
 */
#ifndef CT_USERAGENT_H
#define CT_USERAGENT_H

#include <stdbool.h>
#include <stddef.h>

#include "base/buf.h"
#include "base/span.h"

/* The version of the AWS CLI; false when the n bytes at p are not its user agent. */
bool ct_ua_cli_version(const char *p, size_t n, ct_span *version);

/* The command that the AWS CLI names; false when it is not the AWS CLI or names none. */
bool ct_ua_cli_command(const char *p, size_t n, ct_span *command);

/* Appends the parts of any client's user agent as a JSON object, {} for an empty one. */
void ct_ua_json(const char *p, size_t n, ct_buf *out);

struct sqlite3;
int ct_useragent_register(struct sqlite3 *db, char **error);

#endif
