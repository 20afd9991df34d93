#include "examples.h"

#include <glob.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "files.h"

/* ---- lines ---------------------------------------------------------------------------------- */

typedef struct line {
    const char *p;
    size_t n;   /* bytes, the newline not counted */
    int number; /* in the file, from 1 */
} line;

typedef struct reader {
    const char *p;
    int number;
} reader;

static bool next_line(reader *r, line *out)
{
    if (*r->p == '\0')
        return false;
    out->p = r->p;
    out->n = strcspn(r->p, "\n");
    out->number = ++r->number;
    r->p += out->n + (r->p[out->n] == '\n');
    if (out->n > 0 && out->p[out->n - 1] == '\r')
        out->n--;
    return true;
}

static bool begins_with(const line *l, const char *prefix)
{
    size_t n = strlen(prefix);
    return l->n >= n && memcmp(l->p, prefix, n) == 0;
}

static bool is_line(const line *l, const char *text)
{
    return l->n == strlen(text) && begins_with(l, text);
}

static bool is_blank(const line *l)
{
    for (size_t i = 0; i < l->n; i++)
        if (l->p[i] != ' ' && l->p[i] != '\t')
            return false;
    return true;
}

/* What stands behind a prefix such as `-- `; the prefix may lack its space
 * where nothing follows. */
static bool take_prefix(const line *l, const char *prefix, const char **p, size_t *n)
{
    size_t n_prefix = strlen(prefix);
    if (begins_with(l, prefix)) {
        *p = l->p + n_prefix;
        *n = l->n - n_prefix;
        return true;
    }
    *p = l->p + l->n;
    *n = 0;
    return l->n == n_prefix - 1 && memcmp(l->p, prefix, l->n) == 0;
}

/* ---- comparing ------------------------------------------------------------------------------ */

/* A text of lines, gathered one by one; a text of one empty line is not one of no lines. */
typedef struct lines {
    ct_buf text;
    size_t n;
} lines;

static void put_line(lines *to, const char *p, size_t n)
{
    if (to->n++ > 0)
        ct_buf_put_char(&to->text, '\n');
    ct_buf_put(&to->text, p, n);
}

static const char *text_of(ct_buf *buf)
{
    ct_buf_put_char(buf, '\0');
    if (!ct_buf_ok(buf))
        fail_msg("out of memory");
    buf->len--;
    return buf->data;
}

static void clear(lines *l)
{
    ct_buf_clear(&l->text);
    l->n = 0;
}

static size_t trimmed(const char *p, size_t n)
{
    while (n > 0 && (p[n - 1] == ' ' || p[n - 1] == '\t' || p[n - 1] == '\r'))
        n--;
    return n;
}

/* `...` in the expected line stands for any text. */
static bool line_matches(const char *expected, size_t n_expected, const char *got, size_t n_got)
{
    while (n_expected > 0) {
        if (n_expected >= 3 && memcmp(expected, "...", 3) == 0) {
            for (size_t i = 0; i <= n_got; i++)
                if (line_matches(expected + 3, n_expected - 3, got + i, n_got - i))
                    return true;
            return false;
        }
        if (n_got == 0 || *expected != *got)
            return false;
        expected++, n_expected--, got++, n_got--;
    }
    return n_got == 0;
}

static const char *after_line(const char *p)
{
    p += strcspn(p, "\n");
    return *p ? p + 1 : NULL;
}

/* NULL is the text of no lines. */
static bool lines_match(const char *expected, const char *got)
{
    for (; expected; expected = after_line(expected), got = after_line(got)) {
        size_t n_expected = trimmed(expected, strcspn(expected, "\n"));
        if (n_expected == 3 && memcmp(expected, "...", 3) == 0) {
            const char *rest = after_line(expected);
            for (; got; got = after_line(got))
                if (lines_match(rest, got))
                    return true;
            return rest == NULL;
        }
        if (!got || !line_matches(expected, n_expected, got, trimmed(got, strcspn(got, "\n"))))
            return false;
    }
    return got == NULL;
}

/* ---- reporting ------------------------------------------------------------------------------ */

static void put_indented(ct_buf *report, const char *title, const char *text)
{
    ct_buf_printf(report, "  %s:\n", title);
    for (const char *p = text; p; p = after_line(p)) {
        ct_buf_put_text(report, "    ");
        ct_buf_put(report, p, strcspn(p, "\n"));
        ct_buf_put_char(report, '\n');
    }
}

static void put_place(ct_buf *report, const char *page, int number, const char *message)
{
    ct_buf_put_text(report, page);
    ct_buf_printf(report, ":%d: %s\n", number, message);
}

/* ---- SQL ------------------------------------------------------------------------------------ */

typedef struct script {
    sqlite3 *db;
    const char *page;
    ct_buf *report;
    size_t n_failed;
    enum { BETWEEN, INSIDE, BEHIND } state; /* where the last line was, seen from a statement */
    int number;                             /* line of the statement */
    lines statement, expected;
} script;

static void fail_statement(script *s, const char *expected, const char *got)
{
    s->n_failed++;
    put_place(s->report, s->page, s->number, "another result than written");
    put_indented(s->report, "statement", text_of(&s->statement.text));
    put_indented(s->report, "expected", expected);
    put_indented(s->report, "got", got);
}

static void run_statement(script *s)
{
    size_t n_lines;
    bool failed;
    char *got = harness_query_lines(s->db, text_of(&s->statement.text), &n_lines, &failed);
    const char *expected = text_of(&s->expected.text);
    bool wants_none = strcmp(expected, "(no rows)") == 0;

    if (s->expected.n == 0) {
        if (failed)
            fail_statement(s, "(success)", got);
    } else if (wants_none ? n_lines > 0 : !lines_match(expected, n_lines > 0 ? got : NULL)) {
        fail_statement(s, expected, n_lines > 0 ? got : "(no rows)");
    }
    free(got);
    clear(&s->statement);
    clear(&s->expected);
    s->state = BETWEEN;
}

static void take_sql_line(script *s, const line *l)
{
    const char *p;
    size_t n;
    if (s->state == BEHIND) {
        if (take_prefix(l, "-- ", &p, &n)) {
            put_line(&s->expected, p, n);
            return;
        }
        run_statement(s);
    }
    if (s->state == BETWEEN) {
        if (is_blank(l) || begins_with(l, "--") || begins_with(l, ".load "))
            return;
        if (begins_with(l, ".")) {
            s->n_failed++;
            put_place(s->report, s->page, l->number, "a dot command is for ```console blocks");
            return;
        }
        s->state = INSIDE;
        s->number = l->number;
    }
    put_line(&s->statement, l->p, l->n);
    if (sqlite3_complete(text_of(&s->statement.text)))
        s->state = BEHIND;
}

/* At the end of a block or file. */
static void end_sql(script *s)
{
    if (s->state == BEHIND)
        run_statement(s);
    if (s->state == INSIDE) {
        s->n_failed++;
        put_place(s->report, s->page, s->number, "a statement without an end (;)");
        clear(&s->statement);
        s->state = BETWEEN;
    }
}

static size_t free_script(script *s)
{
    ct_buf_free(&s->statement.text);
    ct_buf_free(&s->expected.text);
    return s->n_failed;
}

size_t examples_sql(sqlite3 *db, const char *page, const char *text, ct_buf *report)
{
    script s = {.db = db, .page = page, .report = report};
    reader r = {.p = text};
    line l;
    while (next_line(&r, &l))
        take_sql_line(&s, &l);
    end_sql(&s);
    return free_script(&s);
}

/* ---- pages ---------------------------------------------------------------------------------- */

/* Moves to the first line inside the next block; *tag gets its info string. */
static bool next_block(reader *r, line *tag)
{
    while (next_line(r, tag)) {
        if (!begins_with(tag, "```"))
            continue;
        tag->p += 3;
        tag->n = trimmed(tag->p, tag->n - 3);
        return true;
    }
    return false;
}

static bool next_block_line(reader *r, line *out)
{
    return next_line(r, out) && !(begins_with(out, "```") && trimmed(out->p, out->n) == 3);
}

size_t examples_page_sql(sqlite3 *db, const char *page, const char *text, ct_buf *report)
{
    script s = {.db = db, .page = page, .report = report};
    reader r = {.p = text};
    for (line tag; next_block(&r, &tag); end_sql(&s))
        for (line l; next_block_line(&r, &l);)
            if (is_line(&tag, "sql"))
                take_sql_line(&s, &l);
    return free_script(&s);
}

static bool has_console(const char *text)
{
    reader r = {.p = text};
    for (line tag; next_block(&r, &tag);) {
        if (is_line(&tag, "console"))
            return true;
        for (line l; next_block_line(&r, &l);)
            ;
    }
    return false;
}

/* ---- shell ---------------------------------------------------------------------------------- */

/* A command sees what a user's would: no trace of the make that runs the tests, no ~/.sqliterc.
 * In any locale, but the pages are in English. */
#define AS_A_USER                                                                                  \
    "unset MAKEFLAGS MFLAGS MAKELEVEL CT_LOGS CT_DB CT_BUILD CT_UNTRUSTED CMOCKA_MESSAGE_OUTPUT\n" \
    "export HOME=\"$PWD/build\" LANGUAGE=en\n"

/* Appends what the command prints, without the last newline, and returns its exit status. */
static int run_shell(const char *command, lines *out)
{
    ct_buf text = CT_BUF_EMPTY;
    ct_buf_put_text(&text, AS_A_USER "{\n");
    ct_buf_put_text(&text, command);
    ct_buf_put_text(&text, "\n} 2>&1 </dev/null");
    fflush(NULL);
    FILE *pipe = popen(text_of(&text), "r");
    ct_buf_free(&text);
    if (!pipe)
        fail_msg("cannot start a shell");
    char piece[4096];
    size_t n;
    while ((n = fread(piece, 1, sizeof piece, pipe)) > 0)
        ct_buf_put(&out->text, piece, n);
    int status = pclose(pipe);
    out->n = out->text.len > 0;
    if (out->n > 0 && out->text.data[out->text.len - 1] == '\n')
        out->text.len--;
    return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

static void run_command(script *s)
{
    lines got = {.text = CT_BUF_EMPTY};
    int status = run_shell(text_of(&s->statement.text), &got);
    const char *expected = text_of(&s->expected.text), *text = text_of(&got.text);
    bool same = lines_match(s->expected.n > 0 ? expected : NULL, got.n > 0 ? text : NULL);
    if (!same || (status != 0 && strstr(expected, "..."))) {
        fail_statement(s, s->expected.n > 0 ? expected : "(no output)",
                       got.n > 0 ? text : "(no output)");
        ct_buf_printf(s->report, "  exit status: %d\n", status);
    }
    ct_buf_free(&got.text);
    clear(&s->statement);
    clear(&s->expected);
    s->state = BETWEEN;
}

static void take_console_line(script *s, const line *l)
{
    const char *p;
    size_t n;
    if (take_prefix(l, "$ ", &p, &n)) {
        if (s->state != BETWEEN)
            run_command(s);
        s->state = INSIDE;
        s->number = l->number;
        put_line(&s->statement, p, n);
    } else if (s->state == INSIDE && take_prefix(l, "> ", &p, &n)) {
        put_line(&s->statement, p, n);
    } else if (s->state == BETWEEN) {
        s->n_failed++;
        put_place(s->report, s->page, l->number, "output without a command ($)");
    } else {
        s->state = BEHIND;
        put_line(&s->expected, l->p, l->n);
    }
}

size_t examples_page_console(const char *page, const char *text, ct_buf *report)
{
    script s = {.page = page, .report = report};
    reader r = {.p = text};
    for (line tag; next_block(&r, &tag);) {
        for (line l; next_block_line(&r, &l);)
            if (is_line(&tag, "console"))
                take_console_line(&s, &l);
        if (s.state != BETWEEN)
            run_command(&s);
    }
    return free_script(&s);
}

/* ---- test programs -------------------------------------------------------------------------- */

static void end_test(size_t n_failed, ct_buf *report)
{
    if (n_failed > 0)
        fputs(text_of(report), stderr); /* print_error() cuts at 1,024 bytes */
    ct_buf_free(report);
    if (n_failed > 0)
        fail_msg("%zu failed", n_failed);
}

static void test_sql_of_file(void **state)
{
    const char *path = *state, *suffix = strrchr(path, '.');
    char *text = files_read_text(path);
    sqlite3 *db = harness_open();
    ct_buf report = CT_BUF_EMPTY;
    size_t n_failed = suffix && strcmp(suffix, ".md") == 0
                          ? examples_page_sql(db, path, text, &report)
                          : examples_sql(db, path, text, &report);
    free(text);
    harness_close(db);
    end_test(n_failed, &report);
}

/* The examples speak of build/cloudtrail: not of a build elsewhere, nor of one with ASan, which no
 * plain shell can load. */
static const char *why_no_console(void)
{
    const char *extension = getenv("CT_EXTENSION");
    if (!extension || strncmp(extension, "build/cloudtrail.", 17) != 0)
        return "shell examples need build/cloudtrail";
    if (system("command -v sqlite3 >/dev/null") != 0)
        return "shell examples need the sqlite3 shell";
    return NULL;
}

static void test_console_of_page(void **state)
{
    const char *path = *state, *why = why_no_console();
    if (why) {
        print_message("skipped: %s: %s\n", path, why);
        skip();
    }
    char *text = files_read_text(path);
    ct_buf report = CT_BUF_EMPTY;
    size_t n_failed = examples_page_console(path, text, &report);
    free(text);
    end_test(n_failed, &report);
}

int examples_main(const char *const *patterns, size_t n)
{
    glob_t found = {0};
    for (size_t i = 0; i < n; i++)
        glob(patterns[i], i > 0 ? GLOB_APPEND : 0, NULL, &found);

    struct CMUnitTest *tests = calloc(2 * found.gl_pathc + 1, sizeof *tests);
    char *names = calloc(found.gl_pathc + 1, 256);
    if (!tests || !names)
        return 1;
    size_t n_tests = 0;
    for (size_t i = 0; i < found.gl_pathc; i++) {
        char *path = found.gl_pathv[i];
        tests[n_tests++] =
            (struct CMUnitTest){.name = path, .test_func = test_sql_of_file, .initial_state = path};
        char *text = files_read_text(path);
        if (strstr(path, ".md") && has_console(text)) {
            snprintf(names + 256 * i, 256, "%s, shell", path);
            tests[n_tests++] = (struct CMUnitTest){
                .name = names + 256 * i, .test_func = test_console_of_page, .initial_state = path};
        }
        free(text);
    }
    int failed = _cmocka_run_group_tests("examples", tests, n_tests, NULL, NULL);
    free(tests);
    free(names);
    globfree(&found);
    return failed;
}
