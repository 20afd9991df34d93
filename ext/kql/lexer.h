/*
 * lexer: KQL text to tokens, each with its place.
 *
 * Reads memory only and keeps no state but the position, so that the parser can look ahead by
 * copying the lexer. Comments (//) and white space are skipped. A number directly followed by a unit
 * is a timespan in ticks. Strings are decoded: '..', "..", @'..', h'..', ```..``` and ~~~..~~~; a
 * backslash pair that KQL does not know is an error, as with Kusto. `!in`, `!has` and their like are
 * one token, so are `in~`, `!in~` and `$left`.
 *
 * Fails (ct_kql_refuse) on a byte that begins no token, an unfinished string, a number with a tail.
 */
#ifndef CT_KQL_LEXER_H
#define CT_KQL_LEXER_H

#include <stdint.h>

#include "kql/job.h"

typedef enum ct_kql_token_kind {
    KT_END,
    KT_NAME,     /* also words with ! before or ~ after */
    KT_LONG,     /* integer */
    KT_REAL,     /* real */
    KT_TIMESPAN, /* integer: ticks */
    KT_STRING,   /* text: decoded */
    KT_PUNCT     /* text: ( ) [ ] { } , ; : | . .. = == != <> < <= > >= =~ !~ + - * / % => */
} ct_kql_token_kind;

typedef struct ct_kql_token {
    ct_kql_token_kind kind;
    size_t at, end; /* bytes of the query */
    ct_span text;   /* as written; of a string: what it says */
    int64_t integer;
    double real;
} ct_kql_token;

typedef struct ct_kql_lexer {
    ct_kql_job *job;
    size_t at;
} ct_kql_lexer;

ct_kql_token ct_kql_next(ct_kql_lexer *lexer);
ct_kql_token ct_kql_peek(const ct_kql_lexer *lexer);

/* The ticks of number units (`1.5h`, whole.fraction and unit apart); false when there is no such
 * unit, or it is too long. */
bool ct_kql_unit_ticks(ct_span unit, int64_t *ticks);

#endif
