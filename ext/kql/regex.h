/*
 * regex: Kusto's regular expressions, which are those of Rust's regex crate, by PCRE2.
 *
 * A reader accepts the part that both have and says what is not supported: look-around,
 * back-references, possessive and atomic forms, \Q, \K, (?R), (?x), classes within classes and
 * their operators, \< and its like. It rewrites what they read differently: \d \w \s and \b are
 * Unicode's, [[:alpha:]] and its like are ASCII's, \v is the character 0B. `.` does not match a
 * line feed, `$` only the end of the text.
 *
 * A match that takes too many steps or too much memory is a failure, never a `no`. Text need not
 * be UTF-8: what is not is never matched.
 */
#ifndef CT_KQL_REGEX_H
#define CT_KQL_REGEX_H

#include <stdbool.h>
#include <stddef.h>

#include "base/buf.h"
#include "base/span.h"

typedef struct ct_regex ct_regex;

enum { CT_REGEX_GROUPS_MAX = 64 };

/* Appends PCRE2's spelling of a pattern. False, with *error (constant text) and *at (byte) set,
 * for what is not supported. */
bool ct_regex_translate(ct_buf *out, ct_span pattern, const char **error, size_t *at);

/*
 * Compiles PCRE2's spelling. NULL when there is no memory, or with an error appended to *error.
 * One thread at a time uses a regex: it holds its last match.
 */
ct_regex *ct_regex_compile_translated(ct_span translated, ct_buf *error);

/* Both; `before` and `behind` are put around the translated pattern. */
ct_regex *ct_regex_compile(ct_span pattern, const char *before, const char *behind, ct_buf *error);

void ct_regex_free(void *p); /* fits SQLite's destructor type; NULL is fine */

typedef enum ct_regex_result {
    CT_REGEX_NO,
    CT_REGEX_YES,
    CT_REGEX_LIMIT, /* gave up: too many steps, or too much memory */
    CT_REGEX_NO_MEMORY
} ct_regex_result;

/* The first match from byte `start` on. */
ct_regex_result ct_regex_find(ct_regex *regex, ct_span text, size_t start);

/*
 * All matches, one after another, none overlapping, as Rust finds them:
 *
 *     ct_regex_all all = ct_regex_all_of(regex, text);
 *     while ((result = ct_regex_next(&all)) == CT_REGEX_YES) ...
 */
typedef struct ct_regex_all {
    ct_regex *regex;
    ct_span text;
    size_t at;       /* where the next search begins */
    size_t last_end; /* of the match before */
    bool any;
} ct_regex_all;

ct_regex_all ct_regex_all_of(ct_regex *regex, ct_span text);
ct_regex_result ct_regex_next(ct_regex_all *all);

/* Groups of the pattern, without the whole match. */
size_t ct_regex_n_groups(const ct_regex *regex);

/* What a group of the last match holds (0: all of it), out of `text`; false when it took no part.
 */
bool ct_regex_group(const ct_regex *regex, size_t group, ct_span text, ct_span *found);

/* The number of the group of that name, 0 when there is none. */
size_t ct_regex_group_named(const ct_regex *regex, const char *name);

/* Appends the text so that a pattern matches just it. */
void ct_regex_put_quoted(ct_buf *out, ct_span text);

#endif
