/*
 * kql: the string and time functions of Kusto's query language that a Sentinel rule leans on.
 *
 * A term is a maximal run of ASCII letters and digits; bytes from 0x80 on are neither, nor is the
 * underscore. Text is searched as bytes, so it need not be UTF-8; case is folded in ASCII only.
 *
 * Sources: Kusto's documentation of the string operators ("What is a term?"), split(), bin() and
 * the timespan data type. It says nothing about an empty search text; here that is found in any
 * text, since it has no edge that a letter or digit could touch.
 */
#ifndef CT_KQL_H
#define CT_KQL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/span.h"

struct sqlite3;

/* ---- split ---- */

/* Appends a JSON array of the pieces of text between the delimiters (at least 1 byte, compared
 * byte by byte, taken from the left, not overlapping). An empty text is one empty piece. */
void ct_kql_split(ct_buf *json, const char *text, size_t n, const char *delimiter, size_t n_delim);

/* The same with one piece only, counted from 0; an index outside gives the array [""]. */
void ct_kql_split_at(ct_buf *json, const char *text, size_t n, const char *delimiter,
                     size_t n_delim, int64_t index);

/* One piece as it is, counted from 0, or from -1 at the end; the empty text where there is none. */
ct_span ct_kql_split_part(ct_span text, ct_span delimiter, int64_t index);

/* ---- has, has_any ---- */

/* Whether term stands in text with no letter or digit touching an edge of it that is itself a
 * letter or digit: ec2.describe-vpc is in `ec2.describe-vpc-endpoints`, not in
 * `ec2.describe-vpcs`. Every occurrence is tried. */
bool ct_kql_has(const char *text, size_t n, const char *term, size_t n_term);

/* Many terms, prepared so that a text is read once, whatever their number. */
typedef struct ct_kql_terms ct_kql_terms;

ct_kql_terms *ct_kql_terms_new(void);                                /* NULL: no memory */
bool ct_kql_terms_add(ct_kql_terms *terms, const char *p, size_t n); /* false: no memory */
bool ct_kql_has_any(const char *text, size_t n, const ct_kql_terms *terms);
void ct_kql_terms_free(void *p); /* fits SQLite's destructor type; NULL is fine */

/* ---- bin ---- */

/*
 * Reads a timespan literal: digits, optionally a point and digits, then d, h, m, min, s or ms with
 * no space between. A minus sign is read too, for the caller to refuse. What is finer than a tick
 * (100 ns) is cut. False when it is none of this or longer than about 10.6 million days, which is
 * as far as Kusto's own type reaches.
 */
bool ct_kql_timespan(const char *p, size_t n, int64_t *ticks);

/* The multiple of step (above zero, finite) at or below value; false when it is outside of the
 * type's range. Reals are floor(value / step) * step. */
bool ct_kql_bin_integer(int64_t value, int64_t step, int64_t *bin);
bool ct_kql_bin_real(double value, double step, double *bin);

/* Adds the kql_ functions to the connection. */
int ct_kql_register(struct sqlite3 *db, char **error);

#endif
