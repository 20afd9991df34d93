/*
 * unicode_tables: what unicode.c looks up. Written by tools/unicode_tables.py; see there.
 */
#ifndef CT_KQL_UNICODE_TABLES_H
#define CT_KQL_UNICODE_TABLES_H

#include <stddef.h>
#include <stdint.h>

/* Each step-th code point from first to last maps to itself + delta. */
typedef struct ct_case_range {
    uint32_t first, last;
    int32_t step, delta;
} ct_case_range;

typedef struct ct_code_range {
    uint32_t first, last;
} ct_code_range;

extern const ct_case_range ct_unicode_fold_ranges[], ct_unicode_upper_ranges[];
extern const ct_case_range ct_unicode_lower_ranges[];
extern const ct_code_range ct_unicode_alnum_ranges[];
extern const size_t ct_unicode_n_fold, ct_unicode_n_upper, ct_unicode_n_lower, ct_unicode_n_alnum;

#endif
