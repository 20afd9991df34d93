/* import: the SQL functions cloudtrail_import(path) and cloudtrail_import(path, from, to). */
#ifndef CT_IMPORT_H
#define CT_IMPORT_H

#include <stddef.h>
#include <stdint.h>

#include "sqlite/sqlite.h"

int ct_import_register(sqlite3 *db, char **error);

/* How much is gathered before it is written, and written before it is committed. */
typedef struct ct_import_limits {
    size_t gathered_bytes;
    sqlite3_int64 transaction_events; /* events and problems */
    int64_t from, to;                 /* ticks: only events from <= eventTime < to; 0: open */
} ct_import_limits;

/* What the SQL function does, for a function that the tests register with small limits. */
void ct_import_run(sqlite3_context *context, sqlite3_value *path, ct_import_limits limits);

#endif
