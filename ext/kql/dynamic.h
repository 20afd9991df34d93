/*
 * dynamic: Kusto's dynamic values, kept as canonical JSON text.
 *
 * Canonical: no white space; strings with as few escapes as JSON allows; a whole number within 64
 * bits as its digits, every other number as ct_kql_put_real() writes it (5.0 keeps its .0), one that
 * no double reaches as the string "Infinity"; of a key that is repeated all members stay, and the
 * last one is the value. So two values that are equal have one text, but for the order of members.
 * JSON's null at the top is no value at all: SQL's NULL.
 *
 * Text that another hand made is read as far as it is JSON, never trusted to be.
 */
#ifndef CT_KQL_DYNAMIC_H
#define CT_KQL_DYNAMIC_H

#include "base/json.h"
#include "base/span.h"

/* Appends the canonical form of a JSON text. False, and nothing appended, when it is none. */
bool ct_dyn_put_canonical(ct_buf *out, const char *p, size_t n);

/* The whole text as one value; false when it is no JSON. */
bool ct_dyn_read(ct_span json, ct_json *value);

/*
 * The elements of an array (bracket '[') or the members of a bag ('{'), one after another:
 *
 *     ct_dyn_walk walk;
 *     for (bool more = ct_dyn_first(&walk, json); more; more = ct_dyn_next(&walk))
 *         ... walk.value, and walk.key in a bag
 *
 * Nothing comes for any other value, and none behind the place where the text is no JSON.
 */
typedef struct ct_dyn_walk {
    ct_json_scanner scanner;
    ct_json key;   /* a string; of a bag only */
    ct_json value; /* */
    char closing;  /* ] or } */
} ct_dyn_walk;

bool ct_dyn_first(ct_dyn_walk *walk, ct_span json);
bool ct_dyn_next(ct_dyn_walk *walk);

/* The kind of the text's value by its first character; CT_JSON_NONE for an empty text. */
ct_json_kind ct_dyn_kind(ct_span json);

size_t ct_dyn_count(ct_span json); /* elements or members */

/* The member of that name, or the element: below 0 from the end. False where there is none, or it
 * is null. */
bool ct_dyn_member(ct_span json, ct_span name, ct_span *value);
bool ct_dyn_element(ct_span json, int64_t index, ct_span *value);

/* Appends what tostring() of the value is: a string's text without quotes, nothing for null, else
 * the JSON itself. */
void ct_dyn_put_text(ct_buf *out, const ct_json *value);

/* True when a key says exactly the text. */
bool ct_dyn_key_is(const ct_json *key, ct_span text);

static inline ct_span ct_dyn_span(const ct_json *value)
{
    return (ct_span){value->p, value->len};
}

/* Whether two canonical values are equal: as texts, numbers by their value (1 equals 1.0). */
bool ct_dyn_equal(ct_span a, ct_span b);

/* The number in a JSON number; false when it is none. *is_long: whether it is a whole one. */
bool ct_dyn_number(ct_span json, bool *is_long, int64_t *integer, double *real);

#endif
