#include "kql/numbers.h"

#include <float.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/ascii.h"

/* ---- text ----------------------------------------------------------------------------------- */

enum { REAL_DIGITS = 17 }; /* enough for every double */

/* The significant digits of a finite real above zero and the exponent of the first one. printf
 * writes the locale's decimal point, so what is no digit is passed over. */
static int shortest_digits(double real, char digits[REAL_DIGITS + 1], int *exponent)
{
    char text[64] = "";
    int precision = real < DBL_MIN ? 0 : 14; /* 15 digits are always right, but near zero */
    for (; precision < REAL_DIGITS; precision++) {
        (void)snprintf(text, sizeof text, "%.*e", precision, real);
        if (strtod(text, NULL) == real)
            break;
    }
    int n = 0;
    const char *p = text;
    for (; *p && *p != 'e'; p++)
        if (ct_is_digit(*p) && n < REAL_DIGITS)
            digits[n++] = *p;
    *exponent = *p == 'e' ? (int)strtol(p + 1, NULL, 10) : 0;
    while (n > 1 && digits[n - 1] == '0')
        n--;
    return n;
}

static void put_zeros(ct_buf *out, int n)
{
    for (; n > 0; n--)
        ct_buf_put_char(out, '0');
}

void ct_kql_put_real(ct_buf *out, double real)
{
    if (isnan(real)) {
        ct_buf_put_text(out, "NaN");
        return;
    }
    if (signbit(real))
        ct_buf_put_char(out, '-');
    real = fabs(real);
    if (isinf(real) || real == 0) {
        ct_buf_put_text(out, real == 0 ? "0.0" : "Infinity");
        return;
    }
    char digits[REAL_DIGITS + 1] = "";
    int exponent, n = shortest_digits(real, digits, &exponent);
    if (exponent >= 15 || exponent <= -5) {
        ct_buf_put_char(out, digits[0]);
        if (n > 1) {
            ct_buf_put_char(out, '.');
            ct_buf_put(out, digits + 1, (size_t)n - 1);
        }
        ct_buf_printf(out, "E%c%02d", exponent < 0 ? '-' : '+', abs(exponent));
    } else if (exponent < 0) {
        ct_buf_put_text(out, "0.");
        put_zeros(out, -exponent - 1);
        ct_buf_put(out, digits, (size_t)n);
    } else if (n <= exponent + 1) {
        ct_buf_put(out, digits, (size_t)n);
        put_zeros(out, exponent + 1 - n);
        ct_buf_put_text(out, ".0");
    } else {
        ct_buf_put(out, digits, (size_t)exponent + 1);
        ct_buf_put_char(out, '.');
        ct_buf_put(out, digits + exponent + 1, (size_t)(n - exponent - 1));
    }
}

static bool is_space(char c)
{
    return c == ' ' || (c >= '\t' && c <= '\r');
}

ct_span ct_kql_trimmed(ct_span text)
{
    while (text.n > 0 && is_space(text.p[0])) {
        text.p++;
        text.n--;
    }
    while (text.n > 0 && is_space(text.p[text.n - 1]))
        text.n--;
    return text;
}

static int hex_digit(char c)
{
    if (ct_is_digit(c))
        return c - '0';
    return ct_is_hex(c) ? ct_to_lower(c) - 'a' + 10 : -1;
}

/* 0x and 1 to n_max hexadecimal digits. */
static bool parse_hex(ct_span text, size_t n_max, uint64_t *value)
{
    if (text.n < 3 || text.p[0] != '0' || ct_to_lower(text.p[1]) != 'x')
        return false;
    *value = 0;
    size_t n = 0;
    for (size_t i = 2; i < text.n; i++) {
        int digit = hex_digit(text.p[i]);
        if (digit < 0)
            return false;
        n += n > 0 || digit > 0; /* zeros in front do not count */
        if (n > n_max)
            return false;
        *value = *value << 4 | (unsigned)digit;
    }
    return true;
}

static bool parse_decimal(ct_span text, int64_t *value)
{
    bool negative = text.n > 0 && text.p[0] == '-';
    size_t i = text.n > 0 && (text.p[0] == '-' || text.p[0] == '+');
    if (i == text.n)
        return false;
    uint64_t limit = negative ? UINT64_C(1) << 63 : (uint64_t)INT64_MAX, sum = 0;
    for (; i < text.n; i++) {
        if (!ct_is_digit(text.p[i]))
            return false;
        unsigned digit = (unsigned)(text.p[i] - '0');
        if (sum > (limit - digit) / 10)
            return false;
        sum = sum * 10 + digit;
    }
    *value = negative ? (int64_t)(0 - sum) : (int64_t)sum;
    return true;
}

bool ct_kql_parse_long(ct_span text, int64_t *value)
{
    uint64_t hex;
    text = ct_kql_trimmed(text);
    if (parse_hex(text, 16, &hex)) {
        *value = (int64_t)hex;
        return true;
    }
    return parse_decimal(text, value);
}

bool ct_kql_parse_int(ct_span text, int64_t *value)
{
    uint64_t hex;
    text = ct_kql_trimmed(text);
    if (parse_hex(text, 8, &hex)) {
        *value = ct_kql_narrow((int64_t)hex);
        return true;
    }
    return parse_decimal(text, value) && *value >= INT32_MIN && *value <= INT32_MAX;
}

static bool parse_word(ct_span text, double *value)
{
    bool negative = text.n > 0 && text.p[0] == '-';
    size_t sign = text.n > 0 && (text.p[0] == '-' || text.p[0] == '+');
    ct_span word = {text.p + sign, text.n - sign};
    if (ct_span_is(word, "nan") || ct_span_is(word, "NaN"))
        *value = NAN;
    else if (ct_span_is(word, "inf") || ct_span_is(word, "Inf") || ct_span_is(word, "infinity") ||
             ct_span_is(word, "Infinity"))
        *value = negative ? -HUGE_VAL : HUGE_VAL;
    else
        return false;
    return true;
}

/* An exponent behind its E, cut where no double reaches. */
static bool parse_exponent(const char *p, const char *end, long *exponent)
{
    bool negative = p < end && *p == '-';
    if (p < end && (*p == '-' || *p == '+'))
        p++;
    if (p == end)
        return false;
    long sum = 0;
    for (; p < end; p++) {
        if (!ct_is_digit(*p))
            return false;
        if (sum < 1000000)
            sum = sum * 10 + (*p - '0');
    }
    *exponent = negative ? -sum : sum;
    return true;
}

/* Significant digits that are kept: a double is decided by fewer than 770. */
enum { MANTISSA_MAX = 800 };

bool ct_kql_parse_real(ct_span text, double *value)
{
    char number[MANTISSA_MAX + 32];
    text = ct_kql_trimmed(text);
    if (parse_word(text, value))
        return true;

    const char *p = text.p, *end = text.p + text.n;
    size_t n = 0;
    if (p < end && (*p == '-' || *p == '+')) {
        if (*p == '-')
            number[n++] = '-';
        p++;
    }
    /* The digits without their point, which strtod() reads as the locale has it. */
    bool any = false, behind_point = false;
    long shift = 0;
    size_t first = n;
    for (; p < end && (ct_is_digit(*p) || (*p == '.' && !behind_point)); p++) {
        if (*p == '.') {
            behind_point = true;
            continue;
        }
        any = true;
        if (n == first && *p == '0') { /* a zero in front */
            shift -= behind_point;
            continue;
        }
        if (n - first < MANTISSA_MAX) {
            number[n++] = *p;
            shift -= behind_point;
        } else {
            shift += !behind_point;
        }
    }
    long exponent = 0;
    if (!any)
        return false;
    if (p < end && (!(*p == 'e' || *p == 'E') || !parse_exponent(p + 1, end, &exponent)))
        return false;
    if (n == first)
        number[n++] = '0';
    (void)snprintf(number + n, sizeof number - n, "e%ld", exponent + shift);
    *value = strtod(number, NULL);
    return true;
}

bool ct_kql_parse_bool(ct_span text, bool *value)
{
    static const char *const words[] = {"false", "true"};
    text = ct_kql_trimmed(text);
    for (int w = 0; w < 2; w++) {
        size_t i = 0, n = strlen(words[w]);
        while (i < n && i < text.n && ct_to_lower(text.p[i]) == words[w][i])
            i++;
        if (i == n && text.n == n) {
            *value = w;
            return true;
        }
    }
    int64_t number;
    if (!ct_kql_parse_long(text, &number))
        return false;
    *value = number != 0;
    return true;
}

/* ---- arithmetic ----------------------------------------------------------------------------- */

int64_t ct_kql_add(int64_t a, int64_t b)
{
    return (int64_t)((uint64_t)a + (uint64_t)b);
}

int64_t ct_kql_subtract(int64_t a, int64_t b)
{
    return (int64_t)((uint64_t)a - (uint64_t)b);
}

int64_t ct_kql_multiply(int64_t a, int64_t b)
{
    return (int64_t)((uint64_t)a * (uint64_t)b);
}

bool ct_kql_divide(int64_t a, int64_t b, int64_t *quotient)
{
    if (b == 0)
        return false;
    *quotient = b == -1 ? ct_kql_subtract(0, a) : a / b;
    return true;
}

bool ct_kql_modulo(int64_t a, int64_t b, int64_t *rest)
{
    if (b == 0)
        return false;
    *rest = b == -1 ? 0 : a % b;
    if (*rest < 0)
        *rest = b < 0 ? *rest - b : *rest + b; /* within (0, |b|): no overflow */
    return true;
}

double ct_kql_modulo_real(double a, double b)
{
    double rest = fmod(a, b);
    return rest < 0 ? rest + fabs(b) : rest;
}

int64_t ct_kql_narrow(int64_t value)
{
    return (int32_t)(uint32_t)(uint64_t)value;
}

bool ct_kql_truncate(double real, int64_t *value)
{
    if (!isfinite(real))
        return false;
    if (real >= -9223372036854775808.0 && real < 9223372036854775808.0)
        *value = (int64_t)real;
    else
        *value = INT64_MIN;
    return true;
}

bool ct_kql_bin_integer(int64_t value, int64_t step, int64_t *bin)
{
    int64_t over = value % step; /* has the sign of value */
    if (over < 0)
        over += step;
    if (value < INT64_MIN + over)
        return false;
    *bin = value - over;
    return true;
}

bool ct_kql_bin_real(double value, double step, double *bin)
{
    double count = value / step;
    if (!isfinite(count)) /* infinity, or a step far below what separates value from the next */
        *bin = value;
    else
        *bin = floor(count) * step + 0.0; /* + 0.0 makes of -0.0 a plain 0.0 */
    return isfinite(*bin) || !isfinite(value);
}

double ct_kql_round(double value, int64_t digits)
{
    if (!isfinite(value) || digits > 300)
        return value;
    if (digits < -308)
        return 0.0;
    double scale = pow(10, (double)(digits < 0 ? -digits : digits));
    double scaled = digits < 0 ? value / scale : value * scale;
    if (!isfinite(scaled) ||
        fabs(scaled) >= 4503599627370496.0) /* 2^52: nothing behind the point */
        return value;
    return digits < 0 ? round(scaled) * scale : round(scaled) / scale;
}
