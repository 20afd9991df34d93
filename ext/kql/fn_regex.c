/*
 * SQL: Kusto's functions of regular expressions (regex.h says which those are). A pattern that is a
 * constant is compiled once for a statement.
 *
 * NULL:    a text or pattern that is NULL is ''.
 * Errors:  a pattern that is not supported or none (with the byte); a search that takes too many
 *          steps; SQLITE_NOMEM when out of memory. An error is never a wrong answer.
 */
#include "kql/runtime.h"

#include "base/json_write.h"
#include "base/mem.h"
#include "kql/dynamic.h"
#include "kql/glue.h"
#include "kql/regex.h"
#include "kql/unicode.h"

/* ---- compiled patterns ---------------------------------------------------------------------- */

static void fail_result(sqlite3_context *context, ct_regex_result result)
{
    if (result == CT_REGEX_NO_MEMORY)
        sqlite3_result_error_nomem(context);
    else
        ct_kql_fail(context, "the search took too many steps and was given up", NULL);
}

static ct_regex *compile(sqlite3_context *context, sqlite3_value *arg, const char *before,
                         const char *behind)
{
    ct_span pattern;
    ct_buf error = CT_BUF_EMPTY;
    if (!ct_kql_text(context, arg, &pattern))
        return NULL;
    ct_regex *regex = ct_regex_compile(pattern, before, behind, &error);
    if (!regex && ct_buf_ok(&error) && error.len > 0) {
        ct_buf_put_text(&error, " in the regular expression");
        ct_buf_put_char(&error, '\0');
        if (ct_buf_ok(&error))
            ct_kql_fail(context, error.data, arg);
        else
            sqlite3_result_error_nomem(context);
    } else if (!regex) {
        sqlite3_result_error_nomem(context);
    }
    ct_buf_free(&error);
    return regex;
}

/* A regex for the time of a call: one that is kept for the statement, or of this call only. */
typedef struct use {
    ct_regex *regex;
    int arg; /* where it is kept */
    bool is_new;
} use;

static bool begin(sqlite3_context *context, sqlite3_value **args, int arg, use *u)
{
    u->arg = arg;
    u->regex = sqlite3_get_auxdata(context, arg);
    u->is_new = !u->regex;
    if (u->is_new)
        u->regex = compile(context, args[arg], "", "");
    return u->regex != NULL;
}

/* Last of all: SQLite may free the regex at once. */
static void end(sqlite3_context *context, const use *u)
{
    if (u->is_new)
        sqlite3_set_auxdata(context, u->arg, u->regex, ct_regex_free);
}

/* ---- whether, where, how often -------------------------------------------------------------- */

/*
 * kql_matches_regex(text TEXT, regex TEXT) -> INTEGER
 *
 * matches regex: 1 when the pattern is found anywhere, else 0.
 *
 * NULL:    NULL in, NULL out.
 * Example: SELECT kql_matches_regex('10.0.0.255', '^\d{1,3}(\.\d{1,3}){3}$');
 *          -- 1
 */
static void kql_matches_regex(sqlite3_context *context, int n_args, sqlite3_value **args)
{
    ct_span text;
    use u;
    if (ct_any_null(n_args, args) || !ct_arg_text(context, args[0], &text) ||
        !begin(context, args, 1, &u))
        return;
    ct_regex_result result = ct_regex_find(u.regex, text, 0);
    if (result == CT_REGEX_YES || result == CT_REGEX_NO)
        sqlite3_result_int(context, result == CT_REGEX_YES);
    else
        fail_result(context, result);
    end(context, &u);
}

static int64_t count_characters(ct_span text)
{
    int64_t n = 0;
    for (const char *p = text.p, *stop = p + text.n; p < stop; n++)
        (void)ct_unicode_next(&p, stop);
    return n;
}

static const char *skip_characters(ct_span text, int64_t n)
{
    const char *p = text.p, *stop = text.p + text.n;
    for (; n > 0 && p < stop; n--)
        (void)ct_unicode_next(&p, stop);
    return p;
}

/*
 * kql_indexof_regex(text TEXT, regex TEXT [, start INTEGER [, length INTEGER
 *     [, occurrence INTEGER]]]) -> INTEGER
 *
 * The character at which the occurrence-th match begins, -1 where there is none; searched within
 * length characters (-1: all) from start on.
 *
 * NULL:    NULL for a start below 0, a length below -1, an occurrence below 1.
 * Example: SELECT kql_indexof_regex('abcabc', 'a.c'), kql_indexof_regex('abcabc', 'a.c', 1);
 *          -- 0|3
 */
static void kql_indexof_regex(sqlite3_context *context, int n_args, sqlite3_value **args)
{
    ct_span text, found = {"", 0};
    int64_t start = 0, length = -1, occurrence = 1;
    use u;
    if (!ct_kql_text(context, args[0], &text) || (n_args > 2 && !ct_kql_long(args[2], &start)) ||
        (n_args > 3 && !ct_kql_long(args[3], &length)) ||
        (n_args > 4 && !ct_kql_long(args[4], &occurrence)) || start < 0 || length < -1 ||
        occurrence < 1 || !begin(context, args, 1, &u))
        return;
    const char *p = skip_characters(text, start);
    ct_span part = {p, (size_t)(text.p + text.n - p)};
    if (length >= 0)
        part.n = (size_t)(skip_characters(part, length) - p);
    ct_regex_all all = ct_regex_all_of(u.regex, part);
    ct_regex_result result = CT_REGEX_YES;
    while (occurrence > 0 && result == CT_REGEX_YES) {
        result = ct_regex_next(&all);
        occurrence--;
    }
    if (result == CT_REGEX_YES && ct_regex_group(u.regex, 0, part, &found))
        sqlite3_result_int64(context,
                             count_characters((ct_span){text.p, (size_t)(found.p - text.p)}));
    else if (result == CT_REGEX_NO)
        sqlite3_result_int(context, -1);
    else
        fail_result(context, result);
    end(context, &u);
}

/*
 * kql_countof_regex(text TEXT, regex TEXT) -> INTEGER
 *
 * Matches that do not overlap.
 *
 * Example: SELECT kql_countof_regex('ababa', 'aba');
 *          -- 1
 */
static void kql_countof_regex(sqlite3_context *context, int n_args, sqlite3_value **args)
{
    ct_span text;
    use u;
    (void)n_args;
    if (!ct_kql_text(context, args[0], &text) || !begin(context, args, 1, &u))
        return;
    ct_regex_all all = ct_regex_all_of(u.regex, text);
    ct_regex_result result;
    int64_t n = 0;
    while ((result = ct_regex_next(&all)) == CT_REGEX_YES)
        n++;
    if (result == CT_REGEX_NO)
        sqlite3_result_int64(context, n);
    else
        fail_result(context, result);
    end(context, &u);
}

/* ---- extract -------------------------------------------------------------------------------- */

/*
 * kql_extract(regex TEXT, group INTEGER, text TEXT) -> TEXT
 *
 * What the group of the first match holds (0: all of it); '' where nothing matches or the group
 * took no part.
 *
 * Example: SELECT kql_extract('<([a-z]+)', 1, '<br/>');
 *          -- br
 */
static void kql_extract(sqlite3_context *context, int n_args, sqlite3_value **args)
{
    ct_span text, found = {"", 0};
    int64_t group;
    use u;
    (void)n_args;
    if (!ct_kql_text(context, args[2], &text) || !begin(context, args, 0, &u))
        return;
    ct_regex_result result = ct_regex_find(u.regex, text, 0);
    if (result == CT_REGEX_YES || result == CT_REGEX_NO) {
        if (result == CT_REGEX_NO || !ct_kql_long(args[1], &group) || group < 0 ||
            !ct_regex_group(u.regex, (size_t)group, text, &found))
            found = (ct_span){"", 0};
        ct_result_span(context, found);
    } else {
        fail_result(context, result);
    }
    end(context, &u);
}

/* Which groups kql_extract_all() gives. */
typedef struct selection {
    size_t groups[CT_REGEX_GROUPS_MAX];
    size_t n;
} selection;

/* The group of a number or of a name; false where there is none. */
static bool find_group(const ct_regex *regex, const ct_json *wanted, size_t *group)
{
    bool is_long;
    int64_t number;
    double real;
    if (wanted->kind == CT_JSON_STRING) {
        char name[64];
        sqlite3_snprintf(sizeof name, name, "%.*s", (int)wanted->len - 2, wanted->p + 1);
        *group = ct_regex_group_named(regex, name);
        return *group > 0;
    }
    if (!ct_dyn_number(ct_dyn_span(wanted), &is_long, &number, &real) || !is_long || number < 0)
        return false;
    *group = (size_t)number;
    return *group <= ct_regex_n_groups(regex);
}

static bool select_groups(sqlite3_context *context, const ct_regex *regex, sqlite3_value *wanted,
                          selection *s)
{
    size_t n_groups = ct_regex_n_groups(regex);
    s->n = 0;
    if (n_groups == 0 || n_groups > CT_REGEX_GROUPS_MAX) {
        ct_kql_fail(context, "the regular expression must have 1 to 64 groups", NULL);
        return false;
    }
    if (!wanted || ct_kql_is_null(wanted)) {
        for (size_t i = 1; i <= n_groups; i++)
            s->groups[s->n++] = i;
        return true;
    }
    ct_span json;
    ct_dyn_walk walk;
    if (!ct_kql_text(context, wanted, &json))
        return false;
    for (bool more = ct_dyn_first(&walk, json); more; more = ct_dyn_next(&walk)) {
        if (s->n == CT_REGEX_GROUPS_MAX || !find_group(regex, &walk.value, &s->groups[s->n])) {
            ct_kql_fail(context, "no such groups", wanted);
            return false;
        }
        s->n++;
    }
    return true;
}

static void put_group(ct_buf *out, const ct_regex *regex, size_t group, ct_span text)
{
    ct_span found;
    if (!ct_regex_group(regex, group, text, &found))
        found = (ct_span){"", 0};
    ct_json_put_string(out, found.p, found.n);
}

/* Appends all matches; one group gives its texts, several give an array a match. */
static ct_regex_result put_matches(ct_buf *out, ct_regex *regex, const selection *s, ct_span text)
{
    ct_regex_all all = ct_regex_all_of(regex, text);
    ct_regex_result result;
    while ((result = ct_regex_next(&all)) == CT_REGEX_YES && ct_buf_ok(out)) {
        ct_buf_put_char(out, out->len == 0 ? '[' : ',');
        if (s->n != 1)
            ct_buf_put_char(out, '[');
        for (size_t i = 0; i < s->n; i++) {
            if (i > 0)
                ct_buf_put_char(out, ',');
            put_group(out, regex, s->groups[i], text);
        }
        if (s->n != 1)
            ct_buf_put_char(out, ']');
    }
    return result;
}

/*
 * kql_extract_all(regex TEXT, text TEXT) -> TEXT (JSON array)
 * kql_extract_all(regex TEXT, groups TEXT (JSON array), text TEXT) -> TEXT (JSON array)
 *
 * The groups of all matches: a string a match where there is one group, else an array of strings.
 *
 * NULL:    NULL where nothing matches.
 * Errors:  also for a regular expression without groups.
 * Example: SELECT kql_extract_all('(\d+)', 'numbers: 123, 567'),
 *              kql_extract_all('([a-z])(\d)', '[2]', 'a1 b2');
 *          -- ["123","567"]|["1","2"]
 */
static void kql_extract_all(sqlite3_context *context, int n_args, sqlite3_value **args)
{
    ct_span text;
    selection s;
    ct_buf out = CT_BUF_EMPTY;
    use u;
    if (!ct_kql_text(context, args[n_args - 1], &text) || !begin(context, args, 0, &u))
        return;
    if (select_groups(context, u.regex, n_args > 2 ? args[1] : NULL, &s)) {
        ct_regex_result result = put_matches(&out, u.regex, &s, text);
        if (result == CT_REGEX_LIMIT || result == CT_REGEX_NO_MEMORY) {
            fail_result(context, result);
        } else if (out.len > 0 || !ct_buf_ok(&out)) {
            ct_buf_put_char(&out, ']');
            ct_result_buf(context, &out);
        }
        ct_buf_free(&out);
    }
    end(context, &u);
}

/* ---- replace and trim ----------------------------------------------------------------------- */

/* Appends the rewrite of the last match: \0 is all of it, \1 to \9 its groups. */
static void put_rewrite(ct_buf *out, const ct_regex *regex, ct_span text, ct_span rewrite)
{
    for (size_t i = 0; i < rewrite.n; i++) {
        char next = i + 1 < rewrite.n ? rewrite.p[i + 1] : '\0';
        ct_span group;
        if (rewrite.p[i] != '\\' || !((next >= '0' && next <= '9') || next == '\\')) {
            ct_buf_put_char(out, rewrite.p[i]);
            continue;
        }
        i++;
        if (next == '\\')
            ct_buf_put_char(out, '\\');
        else if (ct_regex_group(regex, (size_t)(next - '0'), text, &group))
            ct_buf_put(out, group.p, group.n);
    }
}

/*
 * kql_replace_regex(text TEXT, regex TEXT, rewrite TEXT) -> TEXT
 *
 * Every match becomes the rewrite, in which \0 is the match and \1 to \9 are its groups.
 *
 * Example: SELECT kql_replace_regex('a-b-c', '(\w+)', '[\1]');
 *          -- [a]-[b]-[c]
 */
static void kql_replace_regex(sqlite3_context *context, int n_args, sqlite3_value **args)
{
    ct_span text, rewrite, found;
    ct_buf out = CT_BUF_EMPTY;
    use u;
    (void)n_args;
    if (!ct_kql_text(context, args[0], &text) || !ct_kql_text(context, args[2], &rewrite) ||
        !begin(context, args, 1, &u))
        return;
    size_t limit =
        (size_t)sqlite3_limit(sqlite3_context_db_handle(context), SQLITE_LIMIT_LENGTH, -1);
    ct_regex_all all = ct_regex_all_of(u.regex, text);
    ct_regex_result result;
    size_t copied = 0;
    while ((result = ct_regex_next(&all)) == CT_REGEX_YES && out.len <= limit &&
           ct_regex_group(u.regex, 0, text, &found)) {
        size_t at = (size_t)(found.p - text.p);
        ct_buf_put(&out, text.p + copied, at - copied);
        put_rewrite(&out, u.regex, text, rewrite);
        copied = at + found.n;
    }
    if (result == CT_REGEX_LIMIT || result == CT_REGEX_NO_MEMORY) {
        ct_buf_free(&out);
        fail_result(context, result);
    } else if (out.len > limit) {
        ct_buf_free(&out);
        sqlite3_result_error_toobig(context);
    } else {
        ct_buf_put(&out, text.p + copied, text.n - copied);
        ct_result_buf(context, &out);
    }
    end(context, &u);
}

/* The pattern at the beginning of a text, and at its end. */
typedef struct trimmer {
    ct_regex *start, *end;
} trimmer;

static void trimmer_free(void *p)
{
    trimmer *t = p;
    if (!t)
        return;
    ct_regex_free(t->start);
    ct_regex_free(t->end);
    ct_free(t);
}

static trimmer *trimmer_new(sqlite3_context *context, sqlite3_value *pattern)
{
    trimmer *t = ct_malloc(sizeof *t);
    if (!t) {
        sqlite3_result_error_nomem(context);
        return NULL;
    }
    *t = (trimmer){.start = compile(context, pattern, "\\A(?:", ")")};
    if (t->start)
        t->end = compile(context, pattern, "(?:", ")\\z");
    if (t->end)
        return t;
    trimmer_free(t);
    return NULL;
}

static void trim(sqlite3_context *context, sqlite3_value **args, bool at_start, bool at_end)
{
    ct_span text, found;
    if (!ct_kql_text(context, args[1], &text))
        return;
    trimmer *known = sqlite3_get_auxdata(context, 0);
    trimmer *t = known ? known : trimmer_new(context, args[0]);
    if (!t)
        return;
    ct_regex_result result = CT_REGEX_NO;
    if (at_start) {
        result = ct_regex_find(t->start, text, 0);
        if (result == CT_REGEX_YES && ct_regex_group(t->start, 0, text, &found))
            text = (ct_span){text.p + found.n, text.n - found.n};
    }
    if (at_end && (result == CT_REGEX_NO || result == CT_REGEX_YES)) {
        result = ct_regex_find(t->end, text, 0);
        if (result == CT_REGEX_YES && ct_regex_group(t->end, 0, text, &found))
            text.n -= found.n;
    }
    if (result == CT_REGEX_LIMIT || result == CT_REGEX_NO_MEMORY)
        fail_result(context, result);
    else
        ct_result_span(context, text);
    if (!known) /* last: SQLite may free it at once */
        sqlite3_set_auxdata(context, 0, t, trimmer_free);
}

/*
 * kql_trim(regex TEXT, text TEXT) -> TEXT     and kql_trim_start, kql_trim_end
 *
 * The text without the match that it begins with and the one that it ends with: one each, as
 * Microsoft's engine does it.
 *
 * Example: SELECT kql_trim('x', 'xxabcxx'), kql_trim('x+', 'xxabcxx');
 *          -- xabcx|abc
 */
static void kql_trim(sqlite3_context *context, int n_args, sqlite3_value **args)
{
    (void)n_args;
    trim(context, args, true, true);
}

static void kql_trim_start(sqlite3_context *context, int n_args, sqlite3_value **args)
{
    (void)n_args;
    trim(context, args, true, false);
}

static void kql_trim_end(sqlite3_context *context, int n_args, sqlite3_value **args)
{
    (void)n_args;
    trim(context, args, false, true);
}

/*
 * kql_regex_quote(text TEXT) -> TEXT
 *
 * A pattern that matches just the text.
 *
 * Example: SELECT kql_regex_quote('(so.so)');
 *          -- \(so\.so\)
 */
static void kql_regex_quote(sqlite3_context *context, int n_args, sqlite3_value **args)
{
    ct_span text;
    ct_buf out = CT_BUF_EMPTY;
    (void)n_args;
    if (!ct_kql_text(context, args[0], &text))
        return;
    ct_regex_put_quoted(&out, text);
    ct_result_buf(context, &out);
}

int ct_kql_register_regex(sqlite3 *db, char **error)
{
    static const ct_function functions[] = {
        CT_KQL_SCALAR("kql_matches_regex", 2, kql_matches_regex),
        CT_KQL_SCALAR("kql_indexof_regex", 2, kql_indexof_regex),
        CT_KQL_SCALAR("kql_indexof_regex", 3, kql_indexof_regex),
        CT_KQL_SCALAR("kql_indexof_regex", 4, kql_indexof_regex),
        CT_KQL_SCALAR("kql_indexof_regex", 5, kql_indexof_regex),
        CT_KQL_SCALAR("kql_countof_regex", 2, kql_countof_regex),
        CT_KQL_SCALAR("kql_extract", 3, kql_extract),
        CT_KQL_SCALAR("kql_extract_all", 2, kql_extract_all),
        CT_KQL_SCALAR("kql_extract_all", 3, kql_extract_all),
        CT_KQL_SCALAR("kql_replace_regex", 3, kql_replace_regex),
        CT_KQL_SCALAR("kql_trim", 2, kql_trim),
        CT_KQL_SCALAR("kql_trim_start", 2, kql_trim_start),
        CT_KQL_SCALAR("kql_trim_end", 2, kql_trim_end),
        CT_KQL_SCALAR("kql_regex_quote", 1, kql_regex_quote),
    };
    return ct_register(db, functions, sizeof functions / sizeof functions[0], error);
}
