/*
 * agent_tables: what is known of letters and words in user agents, as tables.
 *
 * They are made at build time, by agent_tables.awk, of data/user_agent_features.tsv and
 * data/user_agent_marks.tsv.
 */
#ifndef CT_AGENT_TABLES_H
#define CT_AGENT_TABLES_H

#include <stddef.h>

typedef struct ct_agent_feature {
    const char *letters; /* "AC" */
    const char *name;    /* botocore's: "CREDENTIALS_PROFILE_LOGIN" */
} ct_agent_feature;

extern const ct_agent_feature ct_agent_features[];
extern const size_t ct_agent_n_features;

/* Words that tools write, in any case and anywhere. */
extern const char *const ct_agent_marks[];
extern const size_t ct_agent_n_marks;

#endif
