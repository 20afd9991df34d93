#include "kql/terms.h"

#include "base/grow.h"
#include "base/mem.h"
#include "kql/unicode.h"

const char *ct_kql_search(ct_span text, ct_span needle)
{
    const char *end = text.p + text.n;
    for (const char *at = text.p; (size_t)(end - at) >= needle.n; at++) {
        at = memchr(at, needle.p[0], (size_t)(end - at) - needle.n + 1);
        if (!at)
            return NULL;
        if (memcmp(at, needle.p, needle.n) == 0)
            return at;
    }
    return NULL;
}

/* Where the needle ends that stands at `at`; NULL when another text stands there. */
static const char *match(const char *at, const char *end, ct_span needle, bool with_case)
{
    if (with_case)
        return (size_t)(end - at) >= needle.n && memcmp(at, needle.p, needle.n) == 0 ? at + needle.n
                                                                                     : NULL;
    const char *n = needle.p, *n_end = needle.p + needle.n;
    while (n < n_end) {
        if (at == end || ct_unicode_fold(ct_unicode_next(&at, end)) !=
                             ct_unicode_fold(ct_unicode_next(&n, n_end)))
            return NULL;
    }
    return at;
}

/* ---- one needle ----------------------------------------------------------------------------- */

static bool starts_in_term(ct_span text, const char *at)
{
    return at > text.p && ct_unicode_is_alnum(ct_unicode_before(text.p, at));
}

static bool ends_in_term(ct_span text, const char *at)
{
    return at < text.p + text.n && ct_unicode_is_alnum(ct_unicode_next(&at, text.p + text.n));
}

typedef struct needle {
    ct_span text;
    uint32_t first;   /* folded, unless case matters */
    bool alnum_start; /* its first character is a letter or digit */
    bool alnum_end;
} needle;

static needle prepare(ct_span text, bool with_case)
{
    const char *p = text.p;
    uint32_t first = ct_unicode_next(&p, text.p + text.n);
    return (needle){.text = text,
                    .first = with_case ? first : ct_unicode_fold(first),
                    .alnum_start = ct_unicode_is_alnum(first),
                    .alnum_end = ct_unicode_is_alnum(ct_unicode_before(text.p, text.p + text.n))};
}

static bool stands_at(ct_span text, const char *at, const needle *n, unsigned how)
{
    if (n->alnum_start && !(how & CT_FIND_ANY_START) && starts_in_term(text, at))
        return false;
    const char *end = match(at, text.p + text.n, n->text, how & CT_FIND_CASE);
    return end && (!n->alnum_end || (how & CT_FIND_ANY_END) || !ends_in_term(text, end));
}

bool ct_kql_find(ct_span text, ct_span needle_text, unsigned how)
{
    if (needle_text.n == 0)
        return true;
    bool with_case = how & CT_FIND_CASE;
    needle n = prepare(needle_text, with_case);
    const char *end = text.p + text.n;
    for (const char *at = text.p; at < end;) {
        const char *next = at;
        uint32_t c = ct_unicode_next(&next, end);
        if ((with_case ? c : ct_unicode_fold(c)) == n.first && stands_at(text, at, &n, how))
            return true;
        at = next;
    }
    return false;
}

bool ct_kql_has(const char *text, size_t n, const char *needle_text, size_t n_needle)
{
    return ct_kql_find((ct_span){text, n}, (ct_span){needle_text, n_needle}, 0);
}

bool ct_kql_starts_with(ct_span text, ct_span needle_text, bool with_case)
{
    return match(text.p, text.p + text.n, needle_text, with_case) != NULL;
}

bool ct_kql_equals_folded(ct_span a, ct_span b)
{
    return match(a.p, a.p + a.n, b, false) == a.p + a.n;
}

bool ct_kql_ends_with(ct_span text, ct_span needle_text, bool with_case)
{
    const char *end = text.p + text.n;
    if (with_case)
        return text.n >= needle_text.n &&
               memcmp(end - needle_text.n, needle_text.p, needle_text.n) == 0;
    /* As many characters from the end as the needle has: a folded one may have other bytes. */
    const char *n_end = needle_text.p + needle_text.n;
    while (n_end > needle_text.p) {
        if (end == text.p)
            return false;
        uint32_t c = ct_unicode_before(text.p, end);
        uint32_t d = ct_unicode_before(needle_text.p, n_end);
        if (ct_unicode_fold(c) != ct_unicode_fold(d))
            return false;
        end -= ct_unicode_size(c);
        n_end -= ct_unicode_size(d);
    }
    return true;
}

void ct_kql_put_folded(ct_buf *out, ct_span text)
{
    const char *p = text.p, *end = text.p + text.n;
    while (p < end)
        ct_unicode_put(out, ct_unicode_fold(ct_unicode_next(&p, end)));
}

/* ---- many needles --------------------------------------------------------------------------- */

typedef struct term {
    size_t offset; /* into bytes */
    size_t n;      /* at least 1 */
    size_t next;   /* 1 + index of the next term of the same bucket; 0: none */
} term;

struct ct_kql_terms {
    ct_buf bytes;         /* all terms, one behind the other */
    term *list;           /* owned (ct_malloc) */
    size_t n, capacity;   /* of list */
    size_t by_first[256]; /* 1 + index of the bucket's first term; 0: none */
    bool has_empty;       /* an empty term was added: every text has it */
};

/* ASCII has a bucket a character, all else shares the rest. */
static size_t bucket(uint32_t folded)
{
    return folded < 0x80 ? folded : 0x80 | (folded & 0x7F);
}

ct_kql_terms *ct_kql_terms_new(void)
{
    ct_kql_terms *terms = ct_malloc(sizeof *terms);
    if (terms)
        *terms = (ct_kql_terms){.bytes = CT_BUF_EMPTY};
    return terms;
}

bool ct_kql_terms_add(ct_kql_terms *terms, const char *p, size_t n)
{
    if (n == 0) {
        terms->has_empty = true;
        return true;
    }
    size_t offset = terms->bytes.len;
    ct_buf_put(&terms->bytes, p, n);
    term *list = ct_grow(terms->list, terms->n, &terms->capacity, 32, sizeof *list);
    if (list)
        terms->list = list;
    if (!list || !ct_buf_ok(&terms->bytes))
        return false;

    const char *first = p;
    size_t *head = &terms->by_first[bucket(ct_unicode_fold(ct_unicode_next(&first, p + n)))];
    terms->list[terms->n] = (term){offset, n, *head};
    terms->n++;
    *head = terms->n;
    return true;
}

static ct_span term_text(const ct_kql_terms *terms, size_t i)
{
    return (ct_span){ct_buf_at(&terms->bytes, terms->list[i].offset), terms->list[i].n};
}

static bool any_stands_at(ct_span text, const char *at, const ct_kql_terms *terms, size_t first)
{
    for (size_t k = first; k > 0; k = terms->list[k - 1].next) {
        needle n = prepare(term_text(terms, k - 1), false);
        if (stands_at(text, at, &n, 0))
            return true;
    }
    return false;
}

bool ct_kql_has_any(const char *p, size_t n, const ct_kql_terms *terms)
{
    ct_span text = {p, n};
    if (terms->has_empty)
        return true;
    for (const char *at = p, *end = p + n; at < end;) {
        const char *next = at;
        size_t first = terms->by_first[bucket(ct_unicode_fold(ct_unicode_next(&next, end)))];
        if (first > 0 && any_stands_at(text, at, terms, first))
            return true;
        at = next;
    }
    return false;
}

bool ct_kql_has_all(const char *p, size_t n, const ct_kql_terms *terms)
{
    for (size_t i = 0; i < terms->n; i++)
        if (!ct_kql_find((ct_span){p, n}, term_text(terms, i), 0))
            return false;
    return true;
}

void ct_kql_terms_free(void *p)
{
    ct_kql_terms *terms = p;
    if (!terms)
        return;
    ct_buf_free(&terms->bytes);
    ct_free(terms->list);
    ct_free(terms);
}
