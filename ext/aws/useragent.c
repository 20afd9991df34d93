/*
 * useragent: what an AWS client says of itself in its user agent.
 *
 * SQL names: aws_cli_command(ua), aws_cli_version(ua), user_agent_json(ua).
 * Reads:     its argument, any bytes of any length, once or a few times over. Refuses nothing.
 *
 * A user agent is a row of tokens with spaces between, CloudTrail often puts [ ] around it:
 *
 *   aws-cli/1.11.13 Python/3.5.2 Linux/4.4.0-1013-aws botocore/1.4.70
 *   aws-cli/2.2.4 Python/3.8.8 Linux/4.14.238 exe/x86_64.amzn.2 prompt/off command/iam.list-users
 *   aws-cli/2.17.32 md/awscrt#0.21.2 ua/2.0 os/linux#6.3.0 md/arch#x86_64 lang/python#3.11.9
 *     exec-env/CloudShell md/installer#exe md/distrib#ubuntu.24 md/prompt#off md/command#s3.ls
 *
 * The second form is that of 2.1.5 to 2.15.50, the third, which the other SDKs share ("ua/2.0"),
 * that of 2.15.51 and later; 1.x names no command. The user sets the execution environment, in the
 * second form unchecked, spaces included: `x command/false` there would name a command too early.
 * The CLI's own comes behind it, so the last one counts.
 */
#include "aws/useragent.h"

#include <string.h>

#include "base/ascii.h"
#include "base/json_write.h"
#include "sqlite/register.h"

/* ---- tokens -------------------------------------------------------------------------------- */

static ct_ua_text text_of(const char *literal)
{
    return (ct_ua_text){literal, strlen(literal)};
}

static ct_ua_text after(ct_ua_text text, size_t n)
{
    return (ct_ua_text){text.p + n, text.n - n};
}

static bool begins_with(ct_ua_text text, const char *prefix)
{
    size_t n = strlen(prefix);
    return text.n >= n && memcmp(text.p, prefix, n) == 0;
}

/* The prefix is in small letters; the text's case does not matter. */
static bool begins_with_folded(ct_ua_text text, const char *prefix)
{
    size_t i = 0;
    while (i < text.n && prefix[i] && ct_to_lower(text.p[i]) == prefix[i])
        i++;
    return prefix[i] == '\0';
}

/* Where the first of the bytes in `set` stands; text.n when none does. */
static size_t find_any(ct_ua_text text, const char *set)
{
    size_t n_set = strlen(set), i = 0;
    while (i < text.n && !memchr(set, text.p[i], n_set)) /* not strchr: NUL is in no set */
        i++;
    return i;
}

static bool contains(ct_ua_text text, const char *word)
{
    for (; text.n > 0; text = after(text, 1))
        if (begins_with(text, word))
            return true;
    return false;
}

static ct_ua_text without_ends(ct_ua_text text, const char *set)
{
    size_t n_set = strlen(set);
    while (text.n > 0 && memchr(set, text.p[0], n_set))
        text = after(text, 1);
    while (text.n > 0 && memchr(set, text.p[text.n - 1], n_set))
        text.n--;
    return text;
}

/* Without the spaces around it and one pair of brackets, of which either may be missing. */
static ct_ua_text bare(const char *p, size_t n)
{
    ct_ua_text text = without_ends((ct_ua_text){p, n}, " ");
    if (text.n > 0 && text.p[0] == '[')
        text = after(text, 1);
    if (text.n > 0 && text.p[text.n - 1] == ']')
        text.n--;
    return without_ends(text, " ");
}

static bool next_token(ct_ua_text *rest, ct_ua_text *token)
{
    while (rest->n > 0 && rest->p[0] == ' ')
        *rest = after(*rest, 1);
    const char *space = rest->n > 0 ? memchr(rest->p, ' ', rest->n) : NULL;
    *token = *rest;
    if (space)
        token->n = (size_t)(space - rest->p);
    *rest = after(*rest, token->n);
    return token->n > 0;
}

static bool last_token(ct_ua_text *rest, ct_ua_text *token)
{
    while (rest->n > 0 && rest->p[rest->n - 1] == ' ')
        rest->n--;
    size_t start = rest->n;
    while (start > 0 && rest->p[start - 1] != ' ')
        start--;
    *token = after(*rest, start);
    rest->n = start;
    return token->n > 0;
}

/* ---- the AWS CLI --------------------------------------------------------------------------- */

static bool cli_version(ct_ua_text text, ct_ua_text *version)
{
    static const char product[] = "aws-cli/";
    ct_ua_text token;
    if (!next_token(&text, &token) || !begins_with_folded(token, product))
        return false;
    *version = after(token, sizeof product - 1);
    return version->n > 0;
}

static bool cli_command(ct_ua_text text, ct_ua_text *command)
{
    static const char *const markers[] = {"md/command#", "command/"};
    ct_ua_text version, token;
    if (!cli_version(text, &version))
        return false;
    while (last_token(&text, &token)) {
        for (size_t i = 0; i < sizeof markers / sizeof markers[0]; i++) {
            if (!begins_with(token, markers[i]))
                continue;
            *command = after(token, strlen(markers[i]));
            return command->n > 0;
        }
    }
    return false;
}

bool ct_ua_cli_version(const char *p, size_t n, ct_ua_text *version)
{
    return cli_version(bare(p, n), version);
}

bool ct_ua_cli_command(const char *p, size_t n, ct_ua_text *command)
{
    return cli_command(bare(p, n), command);
}

/* ---- any client: the fields ------------------------------------------------------------------ */

typedef enum field {
    PRODUCT,
    VERSION,
    OS,
    OS_VERSION,
    ARCH,
    LANGUAGE,
    LANGUAGE_VERSION,
    EXEC_ENV,
    DISTRIB,
    APP,
    SESSION_ID,
    METRICS,
    PROMPT,
    COMMAND,
    N_FIELDS,
    NONE = N_FIELDS
} field;

/* In the order of the enum, which is the order in the JSON object. */
static const struct {
    const char *key;
    bool is_folded; /* written in small letters: clients do not agree on the case */
} field_names[N_FIELDS] = {
    {"product", false},
    {"version", false},
    {"os", true},
    {"os_version", false},
    {"arch", true},
    {"language", true},
    {"language_version", false},
    {"exec_env", false},
    {"distrib", false},
    {"app", false},
    {"session_id", false},
    {"metrics", false},
    {"prompt", false},
    {"command", false},
};

typedef struct fields {
    ct_ua_text value[N_FIELDS]; /* n == 0: absent */
} fields;

static void set(fields *out, field which, ct_ua_text value)
{
    if (which != NONE)
        out->value[which] = value;
}

static bool is_set(const fields *out, field which)
{
    return out->value[which].n > 0;
}

/* ---- any client: tokens that say what they are
 * --------------------------------------------------- */

/*
 * A token that begins with `marker` (in small letters, any case matches) gives one field or two,
 * which part at the first of `separators`. A marker that is itself the name, as in Python/3.8.8,
 * has it as `name`, and what follows the slash is the second field.
 *
 * The first token wins, but where `is_last` says that the CLI writes it behind the execution
 * environment, which could inject it earlier, the last one does. Both fields are set together.
 */
typedef struct marker {
    const char *marker;
    const char *name;       /* NULL: stands in the token */
    const char *separators; /* "": the token gives one field */
    field first, second;
    bool is_last;
} marker;

// clang-format off
static const marker markers[] = {
    /* user agent 2.x; Go and Rust write lang/go/1.18 */
    {"os/",          NULL,      "#/", OS,               OS_VERSION,       false},
    {"md/arch#",     NULL,      "",   ARCH,             NONE,             false},
    {"md/goarch#",   NULL,      "",   ARCH,             NONE,             false},
    {"md/goarch/",   NULL,      "",   ARCH,             NONE,             false},
    {"lang/",        NULL,      "#/", LANGUAGE,         LANGUAGE_VERSION, false},
    {"md/nodejs#",   NULL,      "",   LANGUAGE_VERSION, NONE,             false},
    {"app/",         NULL,      "",   APP,              NONE,             false},
    {"m/",           NULL,      "",   METRICS,          NONE,             false},
    {"sid/",         NULL,      "",   SESSION_ID,       NONE,             true},
    {"md/distrib#",  NULL,      "",   DISTRIB,          NONE,             true},
    {"md/prompt#",   NULL,      "",   PROMPT,           NONE,             true},
    /* before it; exe/x86_64.amzn.2 names the distribution behind the architecture */
    {"exec-env/",    NULL,      "",   EXEC_ENV,         NONE,             false},
    {"exe/",         NULL,      ".",  ARCH,             DISTRIB,          true},
    {"source/",      NULL,      ".",  ARCH,             DISTRIB,          true},
    {"prompt/",      NULL,      "",   PROMPT,           NONE,             true},
    {"linux/",       "linux",   "/",  OS,               OS_VERSION,       false},
    {"darwin/",      "macos",   "/",  OS,               OS_VERSION,       false},
    {"mac_os_x/",    "macos",   "/",  OS,               OS_VERSION,       false},
    {"windows/",     "windows", "/",  OS,               OS_VERSION,       false},
    {"windows_",     "windows", "/",  OS,               OS_VERSION,       false},
    {"win32/",       "windows", "/",  OS,               OS_VERSION,       false},
    {"python/",      "python",  "/",  LANGUAGE,         LANGUAGE_VERSION, false},
    {"java/",        "java",    "/",  LANGUAGE,         LANGUAGE_VERSION, false},
    {"ruby/",        "ruby",    "/",  LANGUAGE,         LANGUAGE_VERSION, false},
    {"rust/",        "rust",    "/",  LANGUAGE,         LANGUAGE_VERSION, false},
    {"php/",         "php",     "/",  LANGUAGE,         LANGUAGE_VERSION, false},
};
// clang-format on

static void read_marked(fields *out, const marker *row, ct_ua_text token)
{
    ct_ua_text first = row->name ? token : after(token, strlen(row->marker));
    size_t n = find_any(first, row->separators);
    ct_ua_text second = after(first, n < first.n ? n + 1 : n);
    first.n = n;
    if (first.n == 0 || (is_set(out, row->first) && !row->is_last))
        return;
    set(out, row->first, row->name ? text_of(row->name) : first);
    set(out, row->second, second);
}

static void read_token(fields *out, ct_ua_text token)
{
    for (size_t i = 0; i < sizeof markers / sizeof markers[0]; i++) {
        if (begins_with_folded(token, markers[i].marker)) {
            read_marked(out, &markers[i], token);
            return;
        }
    }
}

/* aws-sdk-go 1.x writes (go1.19.3; linux; amd64); the two tokens behind are taken from the rest. */
static bool read_go_comment(fields *out, ct_ua_text token, ct_ua_text *rest)
{
    if (!begins_with(token, "(go") || token.n < 4 || !ct_is_digit(token.p[3]) ||
        is_set(out, LANGUAGE))
        return false;
    ct_ua_text os, arch;
    set(out, LANGUAGE, text_of("go"));
    set(out, LANGUAGE_VERSION, without_ends(after(token, 3), ";)"));
    if (next_token(rest, &os))
        set(out, OS, without_ends(os, ";)"));
    if (next_token(rest, &arch))
        set(out, ARCH, without_ends(arch, ";)"));
    return true;
}

/* One name for each system: botocore's. */
static void unify_os(fields *out)
{
    static const struct {
        const char *prefix, *os;
    } names[] = {
        {"darwin", "macos"}, {"mac_os_x", "macos"}, {"windows", "windows"}, {"win32", "windows"}};
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
        if (begins_with_folded(out->value[OS], names[i].prefix))
            out->value[OS] = text_of(names[i].os);
}

/* aws-sdk-nodejs (JavaScript 2.x) writes linux/v14.21.3: the version is that of Node.js. */
static void unify_nodejs(fields *out)
{
    ct_ua_text *version = &out->value[OS_VERSION];
    if (!begins_with(out->value[PRODUCT], "aws-sdk-nodejs") || !begins_with(*version, "v"))
        return;
    set(out, LANGUAGE, text_of("js"));
    set(out, LANGUAGE_VERSION, after(*version, 1));
    version->n = 0;
}

/* ---- any client: the product -------------------------------------------------------------------
 */

/* Splits name/version; false, with nothing set, where there is no name before a slash. */
static bool read_product_token(fields *out, ct_ua_text token)
{
    size_t n = find_any(token, "/");
    if (n == 0 || n == token.n)
        return false;
    set(out, PRODUCT, (ct_ua_text){token.p, n});
    set(out, VERSION, without_ends(after(token, n + 1), ",;"));
    return true;
}

/* A browser says Mozilla/5.0, for whom it wants to be taken, and itself last. */
static void read_browser(fields *out, ct_ua_text text)
{
    /* in this order, as each also names those behind it; Safari's version has its own token */
    static const struct {
        const char *marker, *product;
    } browsers[] = {{"Edg/", "Edge"},        {"OPR/", "Opera"},
                    {"Firefox/", "Firefox"}, {"HeadlessChrome/", "HeadlessChrome"},
                    {"Chrome/", "Chrome"},   {"Version/", "Safari"}};
    for (size_t i = 0; i < sizeof browsers / sizeof browsers[0]; i++) {
        ct_ua_text rest = text, token;
        while (next_token(&rest, &token)) {
            if (!begins_with(token, browsers[i].marker))
                continue;
            set(out, PRODUCT, text_of(browsers[i].product));
            set(out, VERSION, after(token, strlen(browsers[i].marker)));
            return;
        }
    }
}

/* The system from a browser's first comment; its version is frozen there, so it is not read. */
static void read_browser_os(fields *out, ct_ua_text text)
{
    static const struct {
        const char *word, *os;
    } systems[] = {{"Windows", "windows"}, {"Android", "android"}, {"iPhone", "ios"},
                   {"iPad", "ios"},        {"Mac OS X", "macos"},  {"Linux", "linux"}};
    ct_ua_text comment = after(text, find_any(text, "("));
    comment.n = find_any(comment, ")");
    for (size_t i = 0; i < sizeof systems / sizeof systems[0]; i++) {
        if (contains(comment, systems[i].word)) {
            set(out, OS, text_of(systems[i].os));
            return;
        }
    }
}

/* `AWS Internal`, `RDS Console, aws-internal/3 ...`: words up to a comma, a comment or a token with
 * a slash. */
static ct_ua_text product_words(ct_ua_text text)
{
    ct_ua_text rest = text, token;
    text.n = find_any(text, ",(");
    while (next_token(&rest, &token)) {
        size_t start = (size_t)(token.p - text.p);
        if (start < text.n && find_any(token, "/") < token.n)
            text.n = start;
    }
    return without_ends(text, " ");
}

static void read_product(fields *out, ct_ua_text text)
{
    ct_ua_text rest = text, token;
    if (!next_token(&rest, &token))
        return;
    if (!read_product_token(out, token)) {
        set(out, PRODUCT, product_words(text));
    } else if (begins_with(token, "APN/")) {
        /* AWS's partners write APN/1.0 Partner/1.0 Product/1.1.2 */
        for (int i = 0; i < 2 && next_token(&rest, &token); i++)
            if (!read_product_token(out, token))
                return;
    } else if (begins_with(token, "Mozilla/")) {
        read_browser(out, text);
        read_browser_os(out, text);
    }
}

/* ---- any client: the object --------------------------------------------------------------------
 */

static void read_fields(fields *out, ct_ua_text text)
{
    ct_ua_text rest = text, token;
    read_product(out, text);
    while (next_token(&rest, &token))
        if (!read_go_comment(out, token, &rest))
            read_token(out, token);
    if (!cli_command(text, &out->value[COMMAND]))
        out->value[COMMAND].n = 0;
    unify_os(out);
    unify_nodejs(out);
}

static void put_field(ct_buf *out, field which, ct_ua_text value)
{
    ct_buf_put_text(out, field_names[which].key);
    ct_buf_put_text(out, "\":");
    size_t start = out->len;
    ct_json_put_string(out, value.p, value.n);
    if (field_names[which].is_folded) /* also right in JSON: no escape has capitals */
        for (size_t i = start; i < out->len; i++)
            out->data[i] = ct_to_lower(out->data[i]);
}

void ct_ua_json(const char *p, size_t n, ct_buf *out)
{
    fields all = {0};
    read_fields(&all, bare(p, n));

    ct_buf_put_char(out, '{');
    bool is_first = true;
    for (int i = 0; i < N_FIELDS; i++) {
        if (!is_set(&all, (field)i))
            continue;
        ct_buf_put_text(out, is_first ? "\"" : ",\"");
        put_field(out, (field)i, all.value[i]);
        is_first = false;
    }
    ct_buf_put_char(out, '}');
}

/* ---- SQL ----------------------------------------------------------------------------------- */

/* The argument's bytes, lent for this call; false when it is NULL (so is then the result) or there
 * is no memory (so says the result). */
static bool argument(sqlite3_context *context, sqlite3_value *value, ct_ua_text *text)
{
    if (sqlite3_value_type(value) == SQLITE_NULL)
        return false;
    text->p = (const char *)sqlite3_value_text(value);
    text->n = (size_t)sqlite3_value_bytes(value);
    if (!text->p)
        sqlite3_result_error_nomem(context);
    return text->p != NULL;
}

/*
 * aws_cli_command(user_agent TEXT) -> TEXT
 *
 * The command that the AWS CLI names in its user agent, 'service.operation', as written there.
 *
 * NULL:    NULL in, NULL out; also when it is not the AWS CLI, or names no command (1.x never
 * does). Errors:  none for any input; SQLITE_NOMEM when out of memory. Example: SELECT
 * aws_cli_command('aws-cli/2.15.60 md/prompt#off md/command#iam.list-users');
 *          -- iam.list-users
 */
static void aws_cli_command(sqlite3_context *context, int n_args, sqlite3_value **args)
{
    (void)n_args;
    ct_ua_text text, command;
    if (argument(context, args[0], &text) && ct_ua_cli_command(text.p, text.n, &command))
        sqlite3_result_text64(context, command.p, command.n, SQLITE_TRANSIENT, SQLITE_UTF8);
}

/*
 * aws_cli_version(user_agent TEXT) -> TEXT
 *
 * The version of the AWS CLI.
 *
 * NULL:    NULL in, NULL out; also when it is not the AWS CLI.
 * Errors:  none for any input; SQLITE_NOMEM when out of memory.
 * Example: SELECT aws_cli_version('[aws-cli/2.15.60 md/prompt#off]');
 *          -- 2.15.60
 */
static void aws_cli_version(sqlite3_context *context, int n_args, sqlite3_value **args)
{
    (void)n_args;
    ct_ua_text text, version;
    if (argument(context, args[0], &text) && ct_ua_cli_version(text.p, text.n, &version))
        sqlite3_result_text64(context, version.p, version.n, SQLITE_TRANSIENT, SQLITE_UTF8);
}

/*
 * user_agent_json(user_agent TEXT) -> TEXT (JSON)
 *
 * The parts of any AWS client's user agent as an object of strings: product, version, os,
 * os_version, arch, language, language_version, exec_env, distrib, app, session_id, metrics,
 * prompt, command, in this order, those that it names. os, arch and language are in small letters.
 *
 * NULL:    NULL in, NULL out.
 * Errors:  none for any input; SQLITE_NOMEM when out of memory.
 * Example: SELECT user_agent_json('aws-cli/1.11.13 Python/3.5.2 Linux/4.4.0-1013-aws');
 *          -- {"product":"aws-cli","version":"1.11.13","os":"linux","os_version":"4.4.0-1013-aws",
 *          --  "language":"python","language_version":"3.5.2"} (in one line)
 */
static void user_agent_json(sqlite3_context *context, int n_args, sqlite3_value **args)
{
    (void)n_args;
    ct_ua_text text;
    if (!argument(context, args[0], &text))
        return;
    ct_buf out = CT_BUF_EMPTY;
    ct_ua_json(text.p, text.n, &out);
    ct_result_json(context, &out);
}

// clang-format off
static const ct_function functions[] = {
    /* name               args flags         scalar           step  final value inverse */
    {"aws_cli_command",   1,   CT_PURE,      aws_cli_command, NULL, NULL, NULL, NULL},
    {"aws_cli_version",   1,   CT_PURE,      aws_cli_version, NULL, NULL, NULL, NULL},
    {"user_agent_json",   1,   CT_PURE_JSON, user_agent_json, NULL, NULL, NULL, NULL},
};
// clang-format on

int ct_useragent_register(sqlite3 *db, char **error)
{
    return ct_register(db, functions, sizeof functions / sizeof functions[0], error);
}
