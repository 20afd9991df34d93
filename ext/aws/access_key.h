/*
 * access_key: the ids of access keys.
 */
#ifndef CT_ACCESS_KEY_H
#define CT_ACCESS_KEY_H

#include <stdbool.h>
#include <stddef.h>

#include "sqlite/register.h"

/*
 * Whether the text can be the id of a key: 16 to 128 letters and digits. Logs are passed on with ids
 * blacked out (`AKIA****************`, `HIDDEN_DUE_TO_SECURITY_REASONS`), and two such are not one
 * key.
 */
bool ct_is_access_key(const char *p, size_t n);

int ct_access_key_register(sqlite3 *db, char **error);

#endif
