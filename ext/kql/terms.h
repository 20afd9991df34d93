/*
 * terms: searching texts the way Kusto's string operators do.
 *
 * A term is a maximal run of letters and digits (Unicode's; the underscore is neither). `has` finds
 * a needle that stands with no letter or digit touching an edge of it that is itself a letter or
 * digit: ec2.describe-vpc is in `ec2.describe-vpc-endpoints`, not in `ec2.describe-vpcs`. Without
 * case, two characters are equal when their simple case foldings are. An empty needle is in every
 * text. Any bytes may come, see unicode.h.
 *
 * Sources: Kusto's documentation of the string operators ("What is a term?"); what it leaves open
 * (the empty needle, case beyond ASCII) is as Microsoft's engine answers.
 */
#ifndef CT_KQL_TERMS_H
#define CT_KQL_TERMS_H

#include <stdbool.h>

#include "base/buf.h"
#include "base/span.h"

enum {
    CT_FIND_CASE = 1,        /* case matters: the operators that end in _cs */
    CT_FIND_ANY_START = 2,   /* the needle may begin within a term: hassuffix */
    CT_FIND_ANY_END = 4,     /* it may end within one: hasprefix */
    CT_FIND_ANYWHERE = 2 | 4 /* contains */
};

bool ct_kql_find(ct_span text, ct_span needle, unsigned how);

/* case: false folds both. */
bool ct_kql_starts_with(ct_span text, ct_span needle, bool with_case);
bool ct_kql_ends_with(ct_span text, ct_span needle, bool with_case);
bool ct_kql_equals_folded(ct_span a, ct_span b); /* =~ */

/* Appends the text with every character folded: equal for texts that are =~. */
void ct_kql_put_folded(ct_buf *out, ct_span text);

/* Finds the needle (at least 1 byte), byte by byte; NULL where it is not. */
const char *ct_kql_search(ct_span text, ct_span needle);

/* Whether the needle stands as `has` wants it; the same as ct_kql_find() with 0. */
bool ct_kql_has(const char *text, size_t n, const char *needle, size_t n_needle);

/* Many needles, prepared so that a text is read once, whatever their number. */
typedef struct ct_kql_terms ct_kql_terms;

ct_kql_terms *ct_kql_terms_new(void);                                /* NULL: no memory */
bool ct_kql_terms_add(ct_kql_terms *terms, const char *p, size_t n); /* false: no memory */
bool ct_kql_has_any(const char *text, size_t n, const ct_kql_terms *terms);
bool ct_kql_has_all(const char *text, size_t n, const ct_kql_terms *terms);
void ct_kql_terms_free(void *p); /* fits SQLite's destructor type; NULL is fine */

#endif
