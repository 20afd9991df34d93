#include "sqlite/ddl.h"

#include "base/ascii.h"
#include "base/grow.h"

/* ---- tokens --------------------------------------------------------------------------------- */

typedef enum token_kind { END, WORD, QUOTED, OTHER } token_kind;

typedef struct token {
    token_kind kind;
    ct_span text;
} token;

/* Of what names, keywords and numbers are made. */
static bool is_word_char(char c)
{
    return ct_is_upper(c) || ct_is_lower(c) || ct_is_digit(c) || c == '_' || c == '$' || (c & 0x80);
}

static size_t comment_len(const char *p, size_t n)
{
    size_t i = 2;
    if (n < 2)
        return 0;
    if (p[0] == '-' && p[1] == '-') {
        while (i < n && p[i] != '\n')
            i++;
        return i;
    }
    if (p[0] == '/' && p[1] == '*') {
        while (i < n && !(i > 2 && p[i - 1] == '*' && p[i] == '/'))
            i++;
        return i < n ? i + 1 : n;
    }
    return 0;
}

/* A quote within quotes stands twice; within [ ] there is none. */
static size_t quoted_len(const char *p, size_t n)
{
    char end = p[0] == '[' ? ']' : p[0];
    for (size_t i = 1; i < n; i++) {
        if (p[i] != end)
            continue;
        if (end == ']' || i + 1 == n || p[i + 1] != end)
            return i + 1;
        i++;
    }
    return n;
}

/* The next token; *rest moves behind it. */
static token next_token(ct_span *rest)
{
    const char *p = rest->p;
    size_t n = rest->n, len = 0;
    while (n > 0 && (ct_is_blank(*p) || *p == '\f' || (len = comment_len(p, n)) > 0)) {
        len = len > 0 ? len : 1;
        p += len, n -= len, len = 0;
    }
    token t = {END, {p, 0}};
    if (n == 0) {
        *rest = t.text;
        return t;
    }
    if (is_word_char(*p)) {
        t.kind = WORD;
        while (t.text.n < n && is_word_char(p[t.text.n]))
            t.text.n++;
    } else if (*p == '\'' || *p == '"' || *p == '`' || *p == '[') {
        t.kind = QUOTED;
        t.text.n = quoted_len(p, n);
    } else {
        t.kind = OTHER;
        t.text.n = 1;
    }
    *rest = (ct_span){p + t.text.n, n - t.text.n};
    return t;
}

static bool same_letters(ct_span a, ct_span b)
{
    if (a.n != b.n)
        return false;
    for (size_t i = 0; i < a.n; i++)
        if (ct_to_lower(a.p[i]) != ct_to_lower(b.p[i]))
            return false;
    return true;
}

static bool is_word(const token *t, const char *word)
{
    return t->kind == WORD && same_letters(t->text, (ct_span){word, strlen(word)});
}

static bool is_other(const token *t, char c)
{
    return t->kind == OTHER && *t->text.p == c;
}

bool ct_ddl_same(ct_span a, ct_span b)
{
    for (;;) {
        token ta = next_token(&a), tb = next_token(&b);
        if (ta.kind != tb.kind || ta.text.n != tb.text.n)
            return false;
        if (ta.kind == END)
            return true;
        if (ta.kind == WORD ? !same_letters(ta.text, tb.text)
                            : memcmp(ta.text.p, tb.text.p, ta.text.n) != 0)
            return false;
    }
}

bool ct_ddl_has_word(ct_span text, const char *word)
{
    long depth = 0;
    for (token t = next_token(&text); t.kind != END; t = next_token(&text)) {
        depth += is_other(&t, '(') - is_other(&t, ')');
        if (depth == 0 && is_word(&t, word))
            return true;
    }
    return false;
}

/* ---- parts ---------------------------------------------------------------------------------- */

static bool begins_constraint(const token *first)
{
    static const char *const words[] = {"CONSTRAINT", "PRIMARY", "UNIQUE", "CHECK", "FOREIGN"};
    for (size_t i = 0; i < sizeof words / sizeof words[0]; i++)
        if (is_word(first, words[i]))
            return true;
    return false;
}

/* Appends a name as a "quoted" identifier, however it was written. */
static void put_name(ct_buf *names, const token *name)
{
    ct_span text = name->text;
    char quote = name->kind == QUOTED ? text.p[0] : '\0';
    if (quote && text.n >= 2)
        text = (ct_span){text.p + 1, text.n - 2};
    ct_buf_put_char(names, '"');
    for (size_t i = 0; i < text.n; i++) {
        ct_buf_put(names, text.p + i, 1);
        if (text.p[i] == quote && quote != '[')
            i++; /* it stands twice */
        if (text.p[i] == '"')
            ct_buf_put_char(names, '"');
    }
    ct_buf_put_char(names, '"');
}

static ct_ddl_result add_part(ct_ddl *ddl, const token *first, const char *end)
{
    ct_ddl_part *parts = ct_grow(ddl->parts, ddl->n_parts, &ddl->capacity, 16, sizeof *ddl->parts);
    if (!parts)
        return CT_DDL_NO_MEMORY;
    ddl->parts = parts;
    ct_ddl_part *part = &parts[ddl->n_parts++];
    *part = (ct_ddl_part){.text = {first->text.p, (size_t)(end - first->text.p)},
                          .name_at = ddl->names.len};
    if (begins_constraint(first))
        return CT_DDL_OK;
    if (first->kind == OTHER || ddl->n_columns + 1 != ddl->n_parts)
        return CT_DDL_NO_TABLE;
    put_name(&ddl->names, first);
    part->name_len = ddl->names.len - part->name_at;
    ddl->n_columns++;
    return ct_buf_ok(&ddl->names) ? CT_DDL_OK : CT_DDL_NO_MEMORY;
}

/* One part, up to and with the comma or parenthesis behind it, which is *end. */
static ct_ddl_result parse_part(ct_ddl *ddl, ct_span *rest, token *end)
{
    token first = next_token(rest);
    long depth = 0;
    const char *part_end = first.text.p;
    for (token t = first;; t = next_token(rest)) {
        if (t.kind == END)
            return CT_DDL_NO_TABLE;
        if (depth == 0 && (is_other(&t, ',') || is_other(&t, ')'))) {
            *end = t;
            return part_end == first.text.p ? CT_DDL_NO_TABLE : add_part(ddl, &first, part_end);
        }
        depth += is_other(&t, '(') - is_other(&t, ')');
        part_end = t.text.p + t.text.n;
    }
}

/* CREATE TABLE and the name, up to and with the parenthesis. */
static bool skip_head(ct_span *rest)
{
    token t = next_token(rest);
    if (!is_word(&t, "CREATE"))
        return false;
    t = next_token(rest);
    if (!is_word(&t, "TABLE"))
        return false;
    while (!is_other(&t, '(')) {
        t = next_token(rest);
        if (t.kind == END || is_word(&t, "AS") || is_other(&t, ';'))
            return false;
    }
    return true;
}

ct_ddl_result ct_ddl_parse(ct_ddl *ddl, const char *p, size_t n)
{
    *ddl = CT_DDL_EMPTY;
    ct_span rest = {p, n};
    if (!skip_head(&rest))
        return CT_DDL_NO_TABLE;
    ct_ddl_result result = CT_DDL_OK;
    token end = {END, {p, 0}};
    while (result == CT_DDL_OK && !is_other(&end, ')'))
        result = parse_part(ddl, &rest, &end);
    const char *tail = rest.p, *tail_end = rest.p;
    for (token t = next_token(&rest); t.kind != END && !is_other(&t, ';'); t = next_token(&rest))
        tail_end = t.text.p + t.text.n;
    ddl->tail = (ct_span){tail, (size_t)(tail_end - tail)};
    ddl->statement = (ct_span){p, (size_t)(tail_end - p)};
    return result;
}

void ct_ddl_free(ct_ddl *ddl)
{
    ct_free(ddl->parts);
    ct_buf_free(&ddl->names);
    *ddl = CT_DDL_EMPTY;
}

ct_span ct_ddl_name(const ct_ddl *ddl, const ct_ddl_part *column)
{
    return (ct_span){ct_buf_at(&ddl->names, column->name_at), column->name_len};
}

const ct_ddl_part *ct_ddl_column(const ct_ddl *ddl, ct_span name)
{
    for (size_t i = 0; i < ddl->n_columns; i++)
        if (same_letters(ct_ddl_name(ddl, &ddl->parts[i]), name))
            return &ddl->parts[i];
    return NULL;
}
