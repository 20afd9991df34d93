/*
 * json_equal: whether two JSON texts say the same.
 *
 * Key order, white space, escapes and the spelling of numbers do not count (numbers are compared
 * exactly, not as doubles); a member that is null counts as absent; the order of an array counts.
 * Of repeated keys each must have its match.
 */
#ifndef CT_JSON_EQUAL_H
#define CT_JSON_EQUAL_H

#include <stdbool.h>
#include <stddef.h>

/* Both texts must be valid JSON. False also when they nest deeper than CT_JSON_MAX_DEPTH; false
 * with *no_memory set when there was none. */
bool ct_json_equal(const char *a, size_t a_len, const char *b, size_t b_len, bool *no_memory);

#endif
