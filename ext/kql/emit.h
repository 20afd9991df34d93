/*
 * emit: bound steps to SQL.
 *
 * One common table expression a step, named by its operator and a number, the KQL above it as a
 * comment; a last SELECT gives the columns their names and turns ticks into text. Everything that
 * becomes an identifier or a literal goes through put_name() and put_text() here.
 */
#ifndef CT_KQL_EMIT_H
#define CT_KQL_EMIT_H

#include "kql/bound.h"

enum { CT_KQL_MAX_SQL = 1000 * 1000 }; /* bytes; SQLite's own limit is 1,000,000 */

/* Appends the statement to job->scratch; may fail the job. */
void ct_kql_emit(ct_kql_job *job, ct_kql_step *last, bool with_evidence);

#endif
