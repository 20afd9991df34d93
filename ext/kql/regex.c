#include "kql/regex.h"

#include <string.h>

#define PCRE2_CODE_UNIT_WIDTH 8
#include <pcre2.h>

#include "base/mem.h"
#include "base/utf8.h"

/* What one search may take: steps, and kilobytes for its backtracking. Patterns that rules use take
 * some hundred steps. */
enum { STEPS_MAX = 2000000, HEAP_MAX_KIB = 16384 };

struct ct_regex {
    pcre2_code *code;             /* owned, like the next two */
    pcre2_match_data *match;      /* */
    pcre2_match_context *context; /* */
};

static void *allocate(PCRE2_SIZE n, void *unused)
{
    (void)unused;
    return ct_malloc(n);
}

static void release(void *block, void *unused)
{
    (void)unused;
    ct_free(block);
}

static void put_pcre2_error(ct_buf *error, int code, PCRE2_SIZE at)
{
    unsigned char text[160];
    if (pcre2_get_error_message(code, text, sizeof text) < 0)
        text[0] = '\0';
    (void)at; /* of the translated pattern: it would mislead */
    ct_buf_put_text(error, (const char *)text);
}

ct_regex *ct_regex_compile_translated(ct_span translated, ct_buf *error)
{
    uint32_t options = PCRE2_UTF | PCRE2_UCP | PCRE2_DOLLAR_ENDONLY | PCRE2_ALT_CIRCUMFLEX |
                       PCRE2_NEVER_BACKSLASH_C | PCRE2_MATCH_INVALID_UTF;
    int code = 0;
    PCRE2_SIZE at = 0;
    ct_regex *regex = ct_malloc(sizeof *regex);
    if (!regex)
        return NULL;
    *regex = (ct_regex){.code = NULL};
    pcre2_general_context *general = pcre2_general_context_create(allocate, release, NULL);
    pcre2_compile_context *how = general ? pcre2_compile_context_create(general) : NULL;
    if (!how || pcre2_set_newline(how, PCRE2_NEWLINE_LF) != 0)
        goto out;
    regex->code = pcre2_compile((PCRE2_SPTR)translated.p, translated.n, options, &code, &at, how);
    if (!regex->code) {
        if (code != PCRE2_ERROR_HEAP_FAILED)
            put_pcre2_error(error, code, at);
        goto out;
    }
    regex->match = pcre2_match_data_create_from_pattern(regex->code, general);
    regex->context = pcre2_match_context_create(general);
    if (regex->context) {
        (void)pcre2_set_match_limit(regex->context, STEPS_MAX);
        (void)pcre2_set_heap_limit(regex->context, HEAP_MAX_KIB);
    }
out:
    pcre2_compile_context_free(how);
    pcre2_general_context_free(general);
    if (regex->code && regex->match && regex->context)
        return regex;
    ct_regex_free(regex);
    return NULL;
}

ct_regex *ct_regex_compile(ct_span pattern, const char *before, const char *behind, ct_buf *error)
{
    ct_buf translated = CT_BUF_EMPTY;
    const char *problem;
    size_t at;
    ct_regex *regex = NULL;
    ct_buf_put_text(&translated, before);
    if (!ct_regex_translate(&translated, pattern, &problem, &at)) {
        ct_buf_put_text(error, problem);
        ct_buf_printf(error, " (byte %zu)", at);
    } else {
        ct_buf_put_text(&translated, behind);
        if (ct_buf_ok(&translated))
            regex = ct_regex_compile_translated(
                (ct_span){translated.data ? translated.data : "", translated.len}, error);
    }
    ct_buf_free(&translated);
    return regex;
}

void ct_regex_free(void *p)
{
    ct_regex *regex = p;
    if (!regex)
        return;
    pcre2_match_data_free(regex->match);
    pcre2_match_context_free(regex->context);
    pcre2_code_free(regex->code);
    ct_free(regex);
}

ct_regex_result ct_regex_find(ct_regex *regex, ct_span text, size_t start)
{
    int rc = pcre2_match(regex->code, (PCRE2_SPTR)text.p, text.n, start, 0, regex->match,
                         regex->context);
    if (rc > 0)
        return CT_REGEX_YES;
    if (rc == PCRE2_ERROR_NOMATCH)
        return CT_REGEX_NO;
    return rc == PCRE2_ERROR_NOMEMORY ? CT_REGEX_NO_MEMORY : CT_REGEX_LIMIT;
}

size_t ct_regex_n_groups(const ct_regex *regex)
{
    uint32_t n = 0;
    (void)pcre2_pattern_info(regex->code, PCRE2_INFO_CAPTURECOUNT, &n);
    return n;
}

bool ct_regex_group(const ct_regex *regex, size_t group, ct_span text, ct_span *found)
{
    const PCRE2_SIZE *offsets = pcre2_get_ovector_pointer(regex->match);
    if (group > ct_regex_n_groups(regex) || offsets[2 * group] == PCRE2_UNSET ||
        offsets[2 * group] > offsets[2 * group + 1])
        return false;
    *found = (ct_span){text.p + offsets[2 * group], offsets[2 * group + 1] - offsets[2 * group]};
    return true;
}

size_t ct_regex_group_named(const ct_regex *regex, const char *name)
{
    int n = pcre2_substring_number_from_name(regex->code, (PCRE2_SPTR)name);
    return n > 0 ? (size_t)n : 0;
}

ct_regex_all ct_regex_all_of(ct_regex *regex, ct_span text)
{
    return (ct_regex_all){.regex = regex, .text = text};
}

/* Behind the character at `at`; one past the end there. */
static size_t next_character(ct_span text, size_t at)
{
    size_t n_bad;
    if (at >= text.n)
        return at + 1;
    size_t n = ct_utf8_char(text.p + at, text.n - at, &n_bad);
    return at + (n ? n : n_bad);
}

ct_regex_result ct_regex_next(ct_regex_all *all)
{
    while (all->at <= all->text.n) {
        ct_span found;
        ct_regex_result result = ct_regex_find(all->regex, all->text, all->at);
        if (result != CT_REGEX_YES || !ct_regex_group(all->regex, 0, all->text, &found))
            return result;
        size_t end = (size_t)(found.p - all->text.p) + found.n;
        bool repeats = found.n == 0 && all->any && end == all->last_end;
        all->at = found.n == 0 ? next_character(all->text, end) : end;
        if (repeats) /* an empty match that touches the one before is none */
            continue;
        all->last_end = end;
        all->any = true;
        return CT_REGEX_YES;
    }
    return CT_REGEX_NO;
}

void ct_regex_put_quoted(ct_buf *out, ct_span text)
{
    for (size_t i = 0; i < text.n; i++) {
        if (strchr("\\.+*?()|[]{}^$#&-~", text.p[i]) && text.p[i])
            ct_buf_put_char(out, '\\');
        ct_buf_put_char(out, text.p[i]);
    }
}
