/*
 * Feeds bytes to the readers of KQL's runtime: dynamic values, regular expressions, dates,
 * timespans, numbers, addresses, terms. Stops where one of their promises does not hold.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/utf8.h"
#include "kql/dynamic.h"
#include "kql/ip.h"
#include "kql/numbers.h"
#include "kql/regex.h"
#include "kql/terms.h"
#include "kql/ticks.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

static void require(bool holds)
{
    if (!holds)
        abort();
}

/* The canonical form is its own canonical form, and holds as many elements. */
static void try_dynamic(ct_span text)
{
    ct_buf once = CT_BUF_EMPTY, twice = CT_BUF_EMPTY;
    if (ct_dyn_put_canonical(&once, text.p, text.n)) {
        ct_span json = {once.data, once.len}, value;
        require(ct_dyn_put_canonical(&twice, json.p, json.n));
        require(once.len == twice.len && memcmp(once.data, twice.data, once.len) == 0);
        require(ct_dyn_count(text) == ct_dyn_count(json));
        require(ct_dyn_equal(json, json));
        (void)ct_dyn_element(json, -2, &value);
        (void)ct_dyn_member(json, (ct_span){"a", 1}, &value);
    } else {
        require(once.len == 0);
    }
    ct_buf_free(&once);
    ct_buf_free(&twice);
}

/* A pattern that is read compiles or says why, and all its matches lie in the text, in order. */
static void try_regex(ct_span pattern, ct_span text)
{
    ct_buf error = CT_BUF_EMPTY;
    ct_regex *regex = ct_regex_compile(pattern, "", "", &error);
    require(regex || error.len > 0);
    if (regex) {
        ct_regex_all all = ct_regex_all_of(regex, text);
        const char *at = text.p;
        ct_span found;
        while (ct_regex_next(&all) == CT_REGEX_YES) {
            require(ct_regex_group(regex, 0, text, &found));
            require(found.p >= at && found.p + found.n <= text.p + text.n);
            at = found.p + found.n;
        }
    }
    ct_regex_free(regex);
    ct_buf_free(&error);
}

/* What is read is written and read again. */
static void try_times(ct_span text)
{
    int64_t ticks, again;
    ct_buf out = CT_BUF_EMPTY;
    if (ct_kql_read_datetime(text.p, text.n, &ticks)) {
        require(ct_is_datetime(ticks));
        ct_kql_put_datetime(&out, ticks);
        require(ct_kql_read_datetime(out.data, out.len, &again) && again == ticks);
        ct_buf_clear(&out);
        (void)ct_kql_format_datetime(&out, ticks, text);
    }
    ct_buf_clear(&out);
    if (ct_kql_read_timespan(text.p, text.n, &ticks)) {
        ct_kql_put_timespan(&out, ticks);
        require(ct_kql_read_timespan(out.data, out.len, &again) && again == ticks);
    }
    ct_buf_free(&out);
}

static void try_numbers(ct_span text)
{
    int64_t integer;
    double real, again;
    bool boolean;
    ct_buf out = CT_BUF_EMPTY;
    (void)ct_kql_parse_long(text, &integer);
    (void)ct_kql_parse_bool(text, &boolean);
    if (ct_kql_parse_real(text, &real)) {
        ct_kql_put_real(&out, real);
        require(ct_kql_parse_real((ct_span){out.data, out.len}, &again));
        require(again == real || (again != again && real != real));
    }
    ct_buf_free(&out);
}

static void try_addresses(ct_span text)
{
    ct_ipv6 ip, again;
    ct_buf out = CT_BUF_EMPTY;
    if (ct_ipv6_read(text, &ip)) {
        ct_ipv6_put(&out, &ip);
        require(ct_ipv6_read((ct_span){out.data, out.len}, &again));
        require(memcmp(ip.bytes, again.bytes, sizeof ip.bytes) == 0);
    }
    ct_buf_free(&out);
}

/* The operators imply one another. */
static void try_terms(ct_span text, ct_span needle)
{
    bool has = ct_kql_find(text, needle, 0);
    bool prefix = ct_kql_find(text, needle, CT_FIND_ANY_END);
    bool suffix = ct_kql_find(text, needle, CT_FIND_ANY_START);
    bool contains = ct_kql_find(text, needle, CT_FIND_ANYWHERE);
    require(!has || (prefix && suffix));
    require((!prefix && !suffix) || contains);
    /* With case bytes are compared: half a character may be found within one. */
    if (ct_utf8_valid(text.p, text.n) && ct_utf8_valid(needle.p, needle.n))
        require(!ct_kql_find(text, needle, CT_FIND_CASE) || has);
    require(!ct_kql_starts_with(text, needle, false) || contains);
    require(!ct_kql_ends_with(text, needle, false) || contains);
    require(ct_kql_equals_folded(text, text));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
    const char *p = (const char *)data;
    size_t cut = n > 0 ? data[0] % n : 0;
    ct_span all = {n > 0 ? p : "", n};
    ct_span first = {all.p + (n > 0), n > 0 ? cut : 0};
    ct_span second = {first.p + first.n, n > 0 ? n - 1 - cut : 0};
    try_dynamic(all);
    try_regex(first, second);
    try_times(all);
    try_numbers(all);
    try_addresses(all);
    try_terms(first, second);
    try_terms(second, first);
    return 0;
}
