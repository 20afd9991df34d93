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
 * first two forms unchecked, spaces included: `x command/false` there would name a command too early.
 * The CLI's own comes behind it, so the last one counts, and of 1.x none.
 */
#include "aws/useragent.h"

#include <string.h>

#include "base/ascii.h"
#include "aws/agent_marks.h"
#include "base/json_write.h"
#include "sqlite/args.h"
#include "sqlite/register.h"

/* ---- tokens -------------------------------------------------------------------------------- */

static ct_span text_of(const char *literal)
{
    return (ct_span){literal, strlen(literal)};
}

static ct_span after(ct_span text, size_t n)
{
    return (ct_span){text.p + n, text.n - n};
}

static bool begins_with(ct_span text, const char *prefix)
{
    size_t n = strlen(prefix);
    return text.n >= n && memcmp(text.p, prefix, n) == 0;
}

/* The prefix is in small letters; the text's case does not matter. */
static bool begins_with_folded(ct_span text, const char *prefix)
{
    size_t i = 0;
    while (i < text.n && prefix[i] && ct_to_lower(text.p[i]) == prefix[i])
        i++;
    return prefix[i] == '\0';
}

/* Where the first of the bytes in `set` stands; text.n when none does. */
static size_t find_any(ct_span text, const char *set)
{
    size_t n_set = strlen(set), i = 0;
    while (i < text.n && !memchr(set, text.p[i], n_set)) /* not strchr: NUL is in no set */
        i++;
    return i;
}

static bool contains(ct_span text, const char *word)
{
    for (; text.n > 0; text = after(text, 1))
        if (begins_with(text, word))
            return true;
    return false;
}

static ct_span without_ends(ct_span text, const char *set)
{
    size_t n_set = strlen(set);
    while (text.n > 0 && memchr(set, text.p[0], n_set))
        text = after(text, 1);
    while (text.n > 0 && memchr(set, text.p[text.n - 1], n_set))
        text.n--;
    return text;
}

/* Without the spaces around it and one pair of brackets, of which either may be missing. */
static ct_span bare(const char *p, size_t n)
{
    ct_span text = without_ends((ct_span){p, n}, " ");
    if (text.n > 0 && text.p[0] == '[')
        text = after(text, 1);
    if (text.n > 0 && text.p[text.n - 1] == ']')
        text.n--;
    return without_ends(text, " ");
}

static bool next_token(ct_span *rest, ct_span *token)
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

static bool last_token(ct_span *rest, ct_span *token)
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

/* CloudTrail records no more of an agent, so that the last token may be cut short. */
enum { RECORDED_BYTES = 1024 };

static bool cli_version(ct_span text, ct_span *version)
{
    static const char product[] = "aws-cli/";
    ct_span token;
    if (!next_token(&text, &token) || !begins_with_folded(token, product))
        return false;
    *version = after(token, sizeof product - 1);
    return version->n > 0;
}

static long leading_number(ct_span *text)
{
    long number = -1;
    for (; text->n > 0 && ct_is_digit(text->p[0]) && number < 10000; *text = after(*text, 1))
        number = 10 * (number < 0 ? 0 : number) + (text->p[0] - '0');
    if (text->n > 0 && text->p[0] == '.')
        *text = after(*text, 1);
    return number;
}

/* Since 2.0.36. What stands in the agent of an older one was written by AWS_EXECUTION_ENV. */
static bool names_commands(ct_span version)
{
    long major = leading_number(&version);
    long minor = leading_number(&version);
    long patch = leading_number(&version);
    if (major != 2)
        return major < 0 || major > 2;
    return minor != 0 || patch >= 36;
}

/* `iam` and `iam.` are the beginning of a command that was cut. */
static bool is_whole(ct_span command)
{
    size_t n = find_any(command, ".");
    return n > 0 && n + 1 < command.n;
}

/* n_bytes: of the agent as it was recorded. */
static bool cli_command(ct_span text, size_t n_bytes, ct_span *command)
{
    static const char *const markers[] = {"md/command#", "command/"};
    ct_span version, token;
    if (!cli_version(text, &version) || !names_commands(version))
        return false;
    for (bool is_last = true; last_token(&text, &token); is_last = false) {
        for (size_t i = 0; i < sizeof markers / sizeof markers[0]; i++) {
            if (!begins_with(token, markers[i]))
                continue;
            *command = after(token, strlen(markers[i]));
            return is_whole(*command) && !(is_last && n_bytes >= RECORDED_BYTES);
        }
    }
    return false;
}

bool ct_ua_cli_version(const char *p, size_t n, ct_span *version)
{
    return cli_version(bare(p, n), version);
}

bool ct_ua_cli_command(const char *p, size_t n, ct_span *command)
{
    return cli_command(bare(p, n), n, command);
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
    INSTALLER,
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
    {"installer", false},
    {"metrics", false},
    {"prompt", false},
    {"command", false},
};

typedef struct fields {
    ct_span value[N_FIELDS]; /* n == 0: absent */
    ct_buf other;            /* the tokens that nothing here explains, as the items of an array */
} fields;

static void set(fields *out, field which, ct_span value)
{
    if (which != NONE)
        out->value[which] = value;
}

static bool is_set(const fields *out, field which)
{
    return out->value[which].n > 0;
}

/* ---- any client: tokens that say what they are ---------------------------------------------- */

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
    {"md/installer#", NULL,     "",   INSTALLER,        NONE,             true},
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

static void read_marked(fields *out, const marker *row, ct_span token)
{
    ct_span first = row->name ? token : after(token, strlen(row->marker));
    size_t n = find_any(first, row->separators);
    ct_span second = after(first, n < first.n ? n + 1 : n);
    first.n = n;
    if (first.n == 0 || (is_set(out, row->first) && !row->is_last))
        return;
    set(out, row->first, row->name ? text_of(row->name) : first);
    set(out, row->second, second);
}

/* What AWS's clients write besides, and what tells nothing more of them. */
static bool is_known(ct_span token)
{
    // clang-format off
    static const char *const prefixes[] = {
        "ua/", "api/", "cfg/", "ft/", "lib/", "md/awscrt", "md/pyimpl#", "md/command#", "command/",
        "md/botocore#", "md/boto3#", "botocore/", "boto3/", "s3transfer/", "resource", "awscrt/",
        "aws-sdk-", "aws-internal/", "vendor/", "openjdk", "java_hotspot", "kotlin/", "scala/",
        "cpython/", "md/internal", "md/goos", "md/http#", "md/io#", "md/rb_", "md/vendor", "md/openjdk", "hll/",
    };
    // clang-format on
    for (size_t i = 0; i < sizeof prefixes / sizeof prefixes[0]; i++)
        if (begins_with_folded(token, prefixes[i]))
            return true;
    return false;
}

static void read_token(fields *out, ct_span token)
{
    for (size_t i = 0; i < sizeof markers / sizeof markers[0]; i++) {
        if (begins_with_folded(token, markers[i].marker)) {
            read_marked(out, &markers[i], token);
            return;
        }
    }
    if (is_known(token))
        return;
    if (out->other.len > 0)
        ct_buf_put_char(&out->other, ',');
    ct_json_put_string(&out->other, token.p, token.n);
}

/* aws-sdk-go 1.x writes (go1.19.3; linux; amd64); the two tokens behind are taken from the rest. */
static bool read_go_comment(fields *out, ct_span token, ct_span *rest)
{
    if (!begins_with(token, "(go") || token.n < 4 || !ct_is_digit(token.p[3]) ||
        is_set(out, LANGUAGE))
        return false;
    ct_span os, arch;
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

/* A kernel that a distribution for attackers built says so: 6.3.0-kali1-amd64. */
static void read_kernel(fields *out)
{
    static const char *const names[] = {"kali", "parrot", "pentoo"};
    if (is_set(out, DISTRIB))
        return;
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
        if (contains(out->value[OS_VERSION], names[i]))
            set(out, DISTRIB, text_of(names[i]));
}

/* aws-sdk-nodejs (JavaScript 2.x) writes linux/v14.21.3: the version is that of Node.js. */
static void unify_nodejs(fields *out)
{
    ct_span *version = &out->value[OS_VERSION];
    if (!begins_with(out->value[PRODUCT], "aws-sdk-nodejs") || !begins_with(*version, "v"))
        return;
    set(out, LANGUAGE, text_of("js"));
    set(out, LANGUAGE_VERSION, after(*version, 1));
    version->n = 0;
}

/* ---- any client: the product ----------------------------------------------------------------- */

/* Splits name/version; false, with nothing set, where there is no name before a slash. */
static bool read_product_token(fields *out, ct_span token)
{
    size_t n = find_any(token, "/");
    if (n == 0 || n == token.n)
        return false;
    set(out, PRODUCT, (ct_span){token.p, n});
    set(out, VERSION, without_ends(after(token, n + 1), ",;"));
    return true;
}

/* A browser says Mozilla/5.0, for whom it wants to be taken, and itself last. */
static void read_browser(fields *out, ct_span text)
{
    /* in this order, as each also names those behind it; Safari's version has its own token */
    static const struct {
        const char *marker, *product;
    } browsers[] = {{"Edg/", "Edge"},        {"OPR/", "Opera"},
                    {"Firefox/", "Firefox"}, {"HeadlessChrome/", "HeadlessChrome"},
                    {"Chrome/", "Chrome"},   {"Version/", "Safari"}};
    for (size_t i = 0; i < sizeof browsers / sizeof browsers[0]; i++) {
        ct_span rest = text, token;
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
static void read_browser_os(fields *out, ct_span text)
{
    static const struct {
        const char *word, *os;
    } systems[] = {{"Windows", "windows"}, {"Android", "android"}, {"iPhone", "ios"},
                   {"iPad", "ios"},        {"Mac OS X", "macos"},  {"Linux", "linux"}};
    ct_span comment = after(text, find_any(text, "("));
    comment.n = find_any(comment, ")");
    for (size_t i = 0; i < sizeof systems / sizeof systems[0]; i++) {
        if (contains(comment, systems[i].word)) {
            set(out, OS, text_of(systems[i].os));
            return;
        }
    }
}

static bool explains_itself(ct_span token)
{
    for (size_t i = 0; i < sizeof markers / sizeof markers[0]; i++)
        if (begins_with_folded(token, markers[i].marker))
            return true;
    return is_known(token);
}

/*
 * A name of several words: `S3 Browser/11.9.9`, `RDS Console, aws-internal/3 ...`, `AWS Internal`. It
 * ends at a comma, at a comment, at the first slash, and then a version follows, or before a token
 * that says of itself what it is. Gives what stands behind it.
 */
static ct_span read_product_words(fields *out, ct_span text)
{
    ct_span name = {text.p, find_any(text, ",(")}, rest = text, token;
    while (next_token(&rest, &token) && token.p < name.p + name.n) {
        size_t n = find_any(token, "/");
        if (n == token.n)
            continue;
        name.n = (size_t)(token.p - name.p);
        if (explains_itself(token))
            break;
        name.n += n;
        set(out, VERSION, without_ends(after(token, n + 1), ",;"));
        set(out, PRODUCT, without_ends(name, " "));
        return rest;
    }
    set(out, PRODUCT, without_ends(name, " "));
    return without_ends(after(text, name.n), " ,");
}

/* Gives what stands behind the product. */
static ct_span read_product(fields *out, ct_span text)
{
    ct_span rest = text, token;
    if (!next_token(&rest, &token))
        return rest;
    if (!read_product_token(out, token))
        return read_product_words(out, text);
    if (begins_with(token, "APN/")) {
        /* AWS's partners write APN/1.0 Partner/1.0 Product/1.1.2 */
        for (int i = 0; i < 2; i++) {
            ct_span before = rest;
            if (!next_token(&rest, &token) || !read_product_token(out, token))
                return before;
        }
    } else if (begins_with(token, "Mozilla/")) {
        read_browser(out, text);
        read_browser_os(out, text);
        rest.n = 0; /* what browsers write besides is there to be taken for others */
    }
    return rest;
}

/* ---- any client: the object ------------------------------------------------------------------ */

static void read_fields(fields *out, ct_span text, size_t n_bytes)
{
    ct_span rest = read_product(out, text), token;
    while (next_token(&rest, &token))
        if (!read_go_comment(out, token, &rest))
            read_token(out, token);
    if (!cli_command(text, n_bytes, &out->value[COMMAND]))
        out->value[COMMAND].n = 0;
    unify_os(out);
    unify_nodejs(out);
    read_kernel(out);
}

static void put_field(ct_buf *out, field which, ct_span value)
{
    ct_buf_put_text(out, field_names[which].key);
    ct_buf_put_text(out, "\":");
    size_t start = out->len;
    ct_json_put_string(out, value.p, value.n);
    if (field_names[which].is_folded) /* also right in JSON: no escape has capitals */
        for (size_t i = start; i < out->len; i++)
            out->data[i] = ct_to_lower(out->data[i]);
}

/* A member that is an array; none where there is nothing to put in. */
static void put_array(ct_buf *out, const char *key, const ct_buf *items)
{
    if (items->len == 0)
        return;
    if (out->len > 0 && out->data[out->len - 1] != '{')
        ct_buf_put_char(out, ',');
    ct_buf_put_char(out, '"');
    ct_buf_put_text(out, key);
    ct_buf_put_text(out, "\":[");
    ct_buf_put(out, items->data, items->len);
    ct_buf_put_char(out, ']');
}

void ct_ua_json(const char *p, size_t n, ct_buf *out)
{
    ct_span text = bare(p, n);
    fields all = {.other = CT_BUF_EMPTY};
    ct_buf features = CT_BUF_EMPTY, marks = CT_BUF_EMPTY;
    read_fields(&all, text, n);
    ct_ua_put_features(all.value[METRICS], &features);
    ct_ua_put_marks(text, &marks);

    ct_buf_put_char(out, '{');
    bool is_first = true;
    for (int i = 0; i < N_FIELDS; i++) {
        if (!is_set(&all, (field)i))
            continue;
        ct_buf_put_text(out, is_first ? "\"" : ",\"");
        put_field(out, (field)i, all.value[i]);
        is_first = false;
    }
    put_array(out, "features", &features);
    put_array(out, "marks", &marks);
    put_array(out, "other", &all.other);
    ct_buf_put_char(out, '}');
    out->failed |= features.failed || marks.failed || all.other.failed;
    ct_buf_free(&features);
    ct_buf_free(&marks);
    ct_buf_free(&all.other);
}

/* ---- SQL ----------------------------------------------------------------------------------- */

/* The argument's bytes, lent for this call; false when it is NULL (so is then the result) or there
 * is no memory (so says the result). */
static bool argument(sqlite3_context *context, sqlite3_value *value, ct_span *text)
{
    return sqlite3_value_type(value) != SQLITE_NULL && ct_arg_text(context, value, text);
}

/*
 * aws_cli_command(user_agent TEXT) -> TEXT
 *
 * The command that the AWS CLI names in its user agent, 'service.operation', as written there.
 *
 * NULL:    NULL in, NULL out; also when it is not the AWS CLI or names no command, as versions
 *          before 2.0.36 never do, and when the command may be cut short: without a dot, or at the
 *          end of an agent of 1,024 bytes or more.
 * Errors:  none for any input; SQLITE_NOMEM when out of memory.
 * Example: SELECT aws_cli_command('aws-cli/2.15.60 md/prompt#off md/command#iam.list-users');
 *          -- iam.list-users
 */
static void aws_cli_command(sqlite3_context *context, int n_args, sqlite3_value **args)
{
    (void)n_args;
    ct_span text, command;
    if (argument(context, args[0], &text) && ct_ua_cli_command(text.p, text.n, &command))
        ct_result_span(context, command);
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
    ct_span text, version;
    if (argument(context, args[0], &text) && ct_ua_cli_version(text.p, text.n, &version))
        ct_result_span(context, version);
}

/*
 * user_agent_json(user_agent TEXT) -> TEXT (JSON)
 *
 * The parts of any AWS client's user agent as an object. Strings: product, version, os, os_version,
 * arch, language, language_version, exec_env, distrib, app, session_id, installer, metrics, prompt,
 * command. Arrays of strings: features (what the letters of metrics mean), marks (of known tools),
 * other (tokens not understood). In this order, those that there are. os, arch and language are in
 * small letters.
 *
 * NULL:    NULL in, NULL out.
 * Errors:  none for any input; SQLITE_NOMEM when out of memory.
 * Example: SELECT user_agent_json('aws-cli/1.11.13 Linux/4.4.0-1013-aws');
 *          -- {"product":"aws-cli","version":"1.11.13","os":"linux","os_version":"4.4.0-1013-aws"}
 */
static void user_agent_json(sqlite3_context *context, int n_args, sqlite3_value **args)
{
    (void)n_args;
    ct_span text;
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
