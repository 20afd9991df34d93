/*
 * live: which columns the result needs, from the last step down; a step whose computed columns are
 * read more than once becomes a wall, since SQLite would compute them once a reader.
 */
#ifndef CT_KQL_LIVE_H
#define CT_KQL_LIVE_H

#include "kql/bound.h"

/* Marks the columns of the tree for a result of last's columns. */
void ct_kql_mark_live(ct_kql_job *job, ct_kql_step *last);

/* What the result shows for a column: the text of a time, where that is at hand, else itself. */
ct_kql_column *ct_kql_shown(const ct_kql_step *last, ct_kql_column *column);

#endif
