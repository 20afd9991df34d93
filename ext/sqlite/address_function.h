/*
 * address_function: address_matches() and address_network() in SQL.
 */
#ifndef CT_ADDRESS_FUNCTION_H
#define CT_ADDRESS_FUNCTION_H

#include "sqlite/register.h"

int ct_address_function_register(sqlite3 *db, char **error);

#endif
