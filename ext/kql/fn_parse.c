/*
 * SQL: kql_parse(), what the parse operator of a compiled query calls.
 *
 * Of kind simple and relaxed the pattern must match the whole text, and a column is as short as it
 * can be (pieces.h). Of kind regex it becomes one regular expression that is searched for: its texts
 * are regular expressions, a string column is as long as it can be (unless the flag U says
 * otherwise), and a number takes only what looks like one. So does any typed column that `*` is
 * behind, of every kind: nothing else says where it ends.
 */
#include "kql/runtime.h"

#include <math.h>

#include "base/json_write.h"
#include "base/mem.h"
#include "kql/dynamic.h"
#include "kql/glue.h"
#include "kql/numbers.h"
#include "kql/pieces.h"
#include "kql/regex.h"
#include "kql/ticks.h"
#include "kql/types.h"

typedef struct column {
    ct_kql_type type;
    size_t group;
} column;

typedef struct pattern {
    ct_regex *regex;  /* owned; NULL where the pieces do */
    ct_pieces pieces; /* owned */
    bool is_regex, is_relaxed, is_ungreedy;
    bool has_shape; /* a shape decides where a column ends, so that pieces cannot do */
    int n_columns;
    column columns[CT_REGEX_GROUPS_MAX];
} pattern;

static void pattern_free(void *p)
{
    pattern *pat = p;
    if (!pat)
        return;
    ct_regex_free(pat->regex);
    ct_pieces_free(&pat->pieces);
    ct_free(pat);
}

/* ---- from the specification to a regular expression ----------------------------------------- */

/* One of its parts. */
typedef struct part {
    enum { PART_NONE, PART_TEXT, PART_STAR, PART_COLUMN } kind;
    ct_json value; /* the text, or the type's name */
} part;

static part read_part(ct_span json)
{
    part p = {.kind = PART_NONE};
    ct_dyn_walk walk;
    for (bool more = ct_dyn_first(&walk, json); more; more = ct_dyn_next(&walk)) {
        p.value = walk.value;
        if (ct_dyn_key_is(&walk.key, (ct_span){"literal", 7}))
            p.kind = PART_TEXT;
        else if (ct_dyn_key_is(&walk.key, (ct_span){"star", 4}))
            p.kind = PART_STAR;
        else if (ct_dyn_key_is(&walk.key, (ct_span){"type", 4}))
            p.kind = PART_COLUMN;
    }
    return p;
}

/* What is behind a column. */
typedef enum follower { BEHIND_NOTHING, BEHIND_TEXT, BEHIND_STAR, BEHIND_LAST_STAR } follower;

static bool is_time(ct_kql_type type)
{
    return type == CT_KQL_DATETIME || type == CT_KQL_TIMESPAN;
}

/* ---- to a regular expression ---- */

/* What looks like a value of the type; NULL for those that look like anything. */
static const char *shape_of(ct_kql_type type)
{
    switch (type) {
    case CT_KQL_INT:
    case CT_KQL_LONG:
        return "\\s*[-+]?[0-9]+";
    case CT_KQL_REAL:
        return "\\s*[-+]?[0-9]+(?:\\.[0-9]+)?(?:[eE][-+]?[0-9]+)?";
    case CT_KQL_BOOL:
        return "(?i:true|false)";
    case CT_KQL_GUID:
        return "\\{?[0-9a-fA-F-]{32,36}\\}?";
    case CT_KQL_DATETIME:
        return "[0-9TZ:./ +-]+";
    case CT_KQL_TIMESPAN:
        return "[0-9:.-]+";
    default:
        return NULL;
    }
}

/* False for what Kusto's answer is not known for. */
static bool put_column_expression(ct_buf *out, const pattern *pat, ct_kql_type type,
                                  follower behind, ct_buf *error)
{
    bool is_open = behind == BEHIND_STAR || behind == BEHIND_LAST_STAR;
    const char *shape = shape_of(type);
    if (pat->is_regex && behind != BEHIND_TEXT &&
        (pat->is_ungreedy || (is_time(type) && !is_open))) {
        ct_buf_put_text(error, "kind=regex: a text is needed behind the last column");
        return false;
    }
    ct_buf_printf(out, "(?<kql%d>", pat->n_columns);
    if (shape && (is_open || (pat->is_regex && !is_time(type))))
        ct_buf_printf(out, behind == BEHIND_LAST_STAR ? "(?:%s)?" : "%s", shape);
    else
        ct_buf_put_text(out, pat->is_regex ? ".*" : ".*?");
    ct_buf_put_char(out, ')');
    return true;
}

static bool put_text_expression(ct_buf *out, ct_span text, ct_buf *error)
{
    const char *problem;
    size_t at;
    ct_buf_put_text(out, "(?:");
    bool ok = ct_regex_translate(out, text, &problem, &at);
    ct_buf_put_text(out, ")");
    if (!ok) {
        ct_buf_put_text(error, problem);
        ct_buf_printf(error, " (byte %zu of a part)", at);
    }
    return ok;
}

static void put_start(ct_buf *out, const pattern *pat, ct_span flags)
{
    if (!pat->is_regex)
        ct_buf_put_text(out, "(?s)\\A");
    for (size_t i = 0; pat->is_regex && i < flags.n; i++)
        if (flags.p[i] && strchr("imsU", flags.p[i]))
            ct_buf_printf(out, "(?%c)", flags.p[i]);
}

/* ---- to pieces as well ---- */

static bool put_text(ct_buf *out, pattern *pat, const ct_json *value, ct_buf *error)
{
    ct_buf text = CT_BUF_EMPTY;
    (void)ct_json_decode(value, &text);
    ct_span span = {text.data ? text.data : "", text.len};
    bool ok = ct_buf_ok(&text);
    if (pat->is_regex) {
        ok = ok && put_text_expression(out, span, error);
    } else {
        ct_regex_put_quoted(out, span);
        ok = ok && ct_pieces_add_text(&pat->pieces, span);
    }
    ct_buf_free(&text);
    return ok;
}

static bool put_column(ct_buf *out, pattern *pat, ct_kql_type type, follower behind, ct_buf *error)
{
    if (!put_column_expression(out, pat, type, behind, error))
        return false;
    pat->has_shape |= shape_of(type) && (behind == BEHIND_STAR || behind == BEHIND_LAST_STAR);
    pat->columns[pat->n_columns++].type = type;
    return ct_pieces_add_column(&pat->pieces);
}

/* False, with words in error, for a part that is none; without words when out of memory. */
static bool put_part(ct_buf *out, pattern *pat, const part *p, follower behind, ct_buf *error)
{
    if (p->kind == PART_TEXT)
        return put_text(out, pat, &p->value, error);
    if (p->kind == PART_STAR) {
        ct_buf_put_text(out, ".*?");
        return ct_pieces_add_skip(&pat->pieces);
    }
    ct_kql_type type = p->value.kind == CT_JSON_STRING
                           ? ct_kql_type_named((ct_span){p->value.p + 1, p->value.len - 2})
                           : CT_KQL_NO_TYPE;
    if (p->kind == PART_NONE || type == CT_KQL_NO_TYPE || type == CT_KQL_DECIMAL ||
        pat->n_columns == CT_REGEX_GROUPS_MAX) {
        ct_buf_put_text(error, "no such part, or too many columns");
        return false;
    }
    return put_column(out, pat, type, behind, error);
}

static part next_part(ct_dyn_walk *walk, bool more)
{
    return more ? read_part(ct_dyn_span(&walk->value)) : (part){.kind = PART_NONE};
}

static bool put_parts(ct_buf *out, pattern *pat, ct_span parts, ct_buf *error)
{
    ct_dyn_walk walk;
    bool more = ct_dyn_first(&walk, parts);
    part current = next_part(&walk, more);
    while (more) {
        more = ct_dyn_next(&walk);
        part next = next_part(&walk, more);
        follower behind = BEHIND_NOTHING;
        if (next.kind == PART_STAR) {
            ct_dyn_walk ahead = walk;
            behind = ct_dyn_next(&ahead) ? BEHIND_STAR : BEHIND_LAST_STAR;
        } else if (more) {
            behind = next.kind == PART_TEXT ? BEHIND_TEXT : BEHIND_STAR;
        }
        if (!put_part(out, pat, &current, behind, error))
            return false;
        current = next;
    }
    return true;
}

static bool member_is(ct_span json, const char *name, const char *text)
{
    ct_span value;
    size_t n = strlen(text);
    return ct_dyn_member(json, (ct_span){name, strlen(name)}, &value) && value.n == n + 2 &&
           memcmp(value.p + 1, text, n) == 0;
}

static bool compile_regex(pattern *pat, const ct_buf *expression, ct_buf *error)
{
    ct_span text = {expression->data ? expression->data : "", expression->len};
    if (ct_buf_ok(expression))
        pat->regex = ct_regex_compile_translated(text, error);
    if (!pat->regex)
        return false;
    for (int i = 0; i < pat->n_columns; i++) {
        char name[16];
        sqlite3_snprintf(sizeof name, name, "kql%d", i);
        pat->columns[i].group = ct_regex_group_named(pat->regex, name);
    }
    return true;
}

static pattern *compile_pattern(ct_span spec, ct_buf *error)
{
    ct_span parts = {"[]", 2}, flags = {"\"\"", 2};
    ct_buf expression = CT_BUF_EMPTY;
    pattern *pat = ct_malloc(sizeof *pat);
    if (!pat)
        return NULL;
    (void)ct_dyn_member(spec, (ct_span){"parts", 5}, &parts);
    (void)ct_dyn_member(spec, (ct_span){"flags", 5}, &flags);
    *pat = (pattern){.pieces = CT_PIECES_EMPTY,
                     .is_regex = member_is(spec, "kind", "regex"),
                     .is_relaxed = member_is(spec, "kind", "relaxed"),
                     .is_ungreedy = flags.n > 0 && memchr(flags.p, 'U', flags.n)};
    put_start(&expression, pat, flags);
    bool ok = put_parts(&expression, pat, parts, error);
    ct_buf_put_text(&expression, pat->is_regex ? "" : "\\z");
    if (ok && (pat->is_regex || pat->has_shape))
        ok = compile_regex(pat, &expression, error);
    ct_buf_free(&expression);
    if (ok)
        return pat;
    pattern_free(pat);
    return NULL;
}

/* ---- the values ----------------------------------------------------------------------------- */

static void put_quoted_ticks(ct_buf *out, int64_t ticks, void (*put)(ct_buf *, int64_t))
{
    ct_buf_put_char(out, '"');
    put(out, ticks);
    ct_buf_put_char(out, '"');
}

/* Appends the text as a value of the type; false when it is none. */
static bool put_value(ct_buf *out, ct_kql_type type, ct_span text)
{
    int64_t integer;
    double real;
    bool boolean;
    char guid[CT_KQL_GUID_BYTES];
    switch (type) {
    case CT_KQL_INT:
    case CT_KQL_LONG:
        if (type == CT_KQL_INT ? !ct_kql_parse_int(text, &integer)
                               : !ct_kql_parse_long(text, &integer))
            return false;
        ct_buf_printf(out, "%lld", (long long)integer);
        return true;
    case CT_KQL_REAL:
        if (!ct_kql_parse_real(text, &real))
            return false;
        ct_buf_put_text(out, isfinite(real) ? "" : "\"");
        ct_kql_put_real(out, real);
        ct_buf_put_text(out, isfinite(real) ? "" : "\"");
        return true;
    case CT_KQL_BOOL:
        if (!ct_kql_parse_bool(text, &boolean))
            return false;
        ct_buf_put_text(out, boolean ? "true" : "false");
        return true;
    case CT_KQL_DATETIME:
        if (!ct_kql_read_datetime(text.p, text.n, &integer))
            return false;
        put_quoted_ticks(out, integer, ct_kql_put_datetime);
        return true;
    case CT_KQL_TIMESPAN:
        if (!ct_kql_read_timespan(text.p, text.n, &integer))
            return false;
        put_quoted_ticks(out, integer, ct_kql_put_timespan);
        return true;
    case CT_KQL_GUID:
        if (!ct_kql_read_guid(text.p, text.n, guid))
            return false;
        ct_json_put_string(out, guid, sizeof guid);
        return true;
    case CT_KQL_DYNAMIC:
        if (text.n > 0 && ct_dyn_put_canonical(out, text.p, text.n))
            return true;
        ct_json_put_string(out, text.p, text.n);
        return true;
    default:
        ct_json_put_string(out, text.p, text.n);
        return true;
    }
}

/* Matches the text; then found has what each column took. */
static ct_regex_result match_pattern(const pattern *pat, ct_span text, ct_span *found)
{
    if (!pat->regex)
        return ct_pieces_match(&pat->pieces, text, found) ? CT_REGEX_YES : CT_REGEX_NO;
    ct_regex_result result = ct_regex_find(pat->regex, text, 0);
    for (int i = 0; result == CT_REGEX_YES && i < pat->n_columns; i++)
        if (!ct_regex_group(pat->regex, pat->columns[i].group, text, &found[i]))
            found[i] = (ct_span){"", 0};
    return result;
}

/* Appends the columns; false when one is not of its type and must be. */
static bool put_columns(ct_buf *out, const pattern *pat, const ct_span *found)
{
    ct_buf_put_char(out, '[');
    for (int i = 0; i < pat->n_columns; i++) {
        if (i > 0)
            ct_buf_put_char(out, ',');
        if (put_value(out, pat->columns[i].type, found[i]))
            continue;
        if (!pat->is_relaxed)
            return false;
        ct_buf_put_text(out, "null");
    }
    ct_buf_put_char(out, ']');
    return true;
}

/*
 * kql_parse(text TEXT, pattern TEXT (JSON)) -> TEXT (JSON array)
 *
 * The columns that the pattern takes out of the text, in its order: strings, numbers, bools; a
 * datetime, timespan or guid as a string. The pattern is
 * {"kind":"simple" or "relaxed" or "regex","flags":"U","parts":[...]}, each part {"literal":text},
 * {"star":true} or {"type":name}. A constant pattern is compiled once for a statement.
 *
 * NULL:    NULL where the text does not match, or (but for relaxed) a column is not of its type.
 * Errors:  a pattern that cannot be compiled; a search that takes too many steps; SQLITE_NOMEM when
 *          out of memory.
 * Example: SELECT kql_parse('name=alice age=30', '{"kind":"simple","parts":[{"literal":"name="},
 *              {"type":"string"},{"literal":" age="},{"type":"long"}]}');
 *          -- ["alice",30]
 */
static void kql_parse(sqlite3_context *context, int n_args, sqlite3_value **args)
{
    ct_span text, spec, found[CT_REGEX_GROUPS_MAX];
    ct_buf out = CT_BUF_EMPTY, error = CT_BUF_EMPTY;
    (void)n_args;
    if (!ct_kql_text(context, args[0], &text) || !ct_kql_text(context, args[1], &spec))
        return;
    pattern *known = sqlite3_get_auxdata(context, 1);
    pattern *pat = known ? known : compile_pattern(spec, &error);
    if (!pat) {
        ct_buf_put_char(&error, '\0');
        if (ct_buf_ok(&error) && error.len > 1)
            ct_kql_fail(context, error.data, args[1]);
        else
            sqlite3_result_error_nomem(context);
        ct_buf_free(&error);
        return;
    }
    switch (match_pattern(pat, text, found)) {
    case CT_REGEX_YES:
        if (put_columns(&out, pat, found))
            ct_result_buf(context, &out);
        else
            ct_buf_free(&out);
        break;
    case CT_REGEX_NO:
        break;
    case CT_REGEX_LIMIT:
        ct_kql_fail(context, "the search took too many steps and was given up", NULL);
        break;
    case CT_REGEX_NO_MEMORY:
        sqlite3_result_error_nomem(context);
        break;
    }
    if (!known) /* last: SQLite may free it at once */
        sqlite3_set_auxdata(context, 1, pat, pattern_free);
}

int ct_kql_register_parse(sqlite3 *db, char **error)
{
    static const ct_function functions[] = {
        CT_KQL_SCALAR("kql_parse", 2, kql_parse),
    };
    return ct_register(db, functions, sizeof functions / sizeof functions[0], error);
}
