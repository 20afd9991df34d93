/*
 * compile: KQL text to SQL text, and to the schema of the result.
 *
 * lexer and parser -> binder -> emitter, in one job (job.h). Knows no SQLite: the owner says what
 * tables there are (ct_kql_catalog in binder.h).
 */
#ifndef CT_KQL_COMPILE_H
#define CT_KQL_COMPILE_H

#include "kql/binder.h"

typedef enum ct_kql_status { CT_KQL_OK, CT_KQL_REFUSED, CT_KQL_NO_MEMORY } ct_kql_status;

/*
 * Appends the SELECT to sql and the schema (JSON array of {"name","type"}) to schema, where they are
 * not NULL. has_twins, where not NULL, gets whether two columns of the result are called the same
 * but for ASCII case. When refused, error gets `line 3, column 17: ...`.
 */
ct_kql_status ct_kql_compile(ct_span query, const ct_kql_catalog *catalog, bool with_evidence,
                             ct_buf *sql, ct_buf *schema, bool *has_twins, ct_buf *error);

#endif
