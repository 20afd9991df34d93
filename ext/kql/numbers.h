/*
 * numbers: Kusto's numbers as text and back, and the arithmetic that C and SQL do not have.
 *
 * Long arithmetic wraps at 64 bits, int at 32; what has no value (x / 0 of long) is false. The
 * locale of the process has no say in any text.
 */
#ifndef CT_KQL_NUMBERS_H
#define CT_KQL_NUMBERS_H

#include <stdbool.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/span.h"

/* ---- text ---- */

/*
 * Appends a real as tostring() gives it: the fewest digits that read back as the same number, `.0`
 * behind a whole one, an exponent (E+15, E-05) from 1E+15 up and below 0.0001; NaN, Infinity and
 * -Infinity by these words.
 */
void ct_kql_put_real(ct_buf *out, double real);

/*
 * Each reads a whole text, white space around it apart; false when it is none.
 * long:  digits with an optional sign, or 0x and up to 16 hexadecimal digits (two's complement).
 * int:   the same within 32 bits.
 * real:  a decimal number, optionally with an exponent; nan, NaN, inf, Inf, infinity, Infinity.
 * bool:  true or false in any case, or a long (0 is false).
 */
bool ct_kql_parse_long(ct_span text, int64_t *value);
bool ct_kql_parse_int(ct_span text, int64_t *value);
bool ct_kql_parse_real(ct_span text, double *value);
bool ct_kql_parse_bool(ct_span text, bool *value);

ct_span ct_kql_trimmed(ct_span text); /* without ASCII white space around it */

/* ---- arithmetic ---- */

int64_t ct_kql_add(int64_t a, int64_t b); /* these three wrap */
int64_t ct_kql_subtract(int64_t a, int64_t b);
int64_t ct_kql_multiply(int64_t a, int64_t b);
bool ct_kql_divide(int64_t a, int64_t b, int64_t *quotient); /* toward zero */
bool ct_kql_modulo(int64_t a, int64_t b, int64_t *rest);     /* never negative */
double ct_kql_modulo_real(double a, double b);               /* never negative; NaN for b = 0 */

/* toint() of a long: the low 32 bits. */
int64_t ct_kql_narrow(int64_t value);

/* tolong() of a real: toward zero. False for NaN and the infinities; beyond a long the smallest. */
bool ct_kql_truncate(double real, int64_t *value);

/* The multiple of step (above zero, finite) at or below value; false when it is outside of the
 * type's range. Reals are floor(value / step) * step. */
bool ct_kql_bin_integer(int64_t value, int64_t step, int64_t *bin);
bool ct_kql_bin_real(double value, double step, double *bin);

/* round() to that many digits behind the point (below 0: before it), halves away from zero. */
double ct_kql_round(double value, int64_t digits);

#endif
