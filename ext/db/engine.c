/*
 * SQL: cloudtrail_engine_sql(engine [, location]) -> TEXT. DIRECTONLY, because it reads tables whatever
 * statement it stands in.
 *
 * sql/engines has the text of each engine, complete but for {{name}} where something of this database
 * belongs; `parts` below says who writes it. What a list holds is anybody's text: all of it goes through
 * put_literal().
 */
#include "db/engine.h"

#include <math.h>
#include <stdbool.h>
#include <string.h>

#include "aws/aws_tables.h"
#include "aws/call_tables.h"
#include "base/ascii.h"
#include "base/buf.h"
#include "base/grow.h"
#include "base/mem.h"
#include "base/span.h"
#include "sqlite/args.h"
#include "sqlite/register.h"
#include "sqlite/sqlite.h"
#include "sqlite/statement.h"
#include "db/sql_text.h"

typedef struct dialect {
    const char *name;
    bool has_escapes; /* in a literal a backslash stands for itself only when it is doubled */
} dialect;

static const dialect dialects[] = {
    {"athena", false},
    {"trino", false},
    {"duckdb", false},
    {"clickhouse", true},
};

typedef struct script {
    sqlite3 *db;
    const dialect *dialect;
    ct_span location; /* of the caller */
    ct_buf out;
    bool has_row; /* of the list that is being written */
    char *error;  /* owned (sqlite3_malloc) */
    int rc;
} script;

/* ---- literals --------------------------------------------------------------------------------- */

static void fail(script *s, int rc, char *error)
{
    if (s->rc == SQLITE_OK) {
        s->rc = rc;
        s->error = error;
    } else {
        sqlite3_free(error);
    }
}

/* A text as the engine reads it back. NUL ends the statement in some clients, and no event has one. */
static void put_literal(script *s, ct_span text)
{
    if (text.n > 0 && memchr(text.p, '\0', text.n)) {
        fail(s, SQLITE_ERROR, sqlite3_mprintf("a list holds a text with a NUL character in it"));
        return;
    }
    ct_buf_put_char(&s->out, '\'');
    for (size_t i = 0; i < text.n; i++) {
        if (text.p[i] == '\'' || (text.p[i] == '\\' && s->dialect->has_escapes))
            ct_buf_put_char(&s->out, text.p[i] == '\'' ? '\'' : '\\');
        ct_buf_put_char(&s->out, text.p[i]);
    }
    ct_buf_put_char(&s->out, '\'');
}

static void put_folded_literal(script *s, ct_span text)
{
    size_t start = s->out.len;
    put_literal(s, text);
    for (size_t i = start; i < s->out.len; i++)
        s->out.data[i] = ct_to_lower(s->out.data[i]);
}

/* A pattern of SQLite's LIKE, to be held against small letters: only % and _ mean something. */
static void put_pattern(script *s, ct_span pattern)
{
    if (!s->dialect->has_escapes) {
        put_folded_literal(s, pattern);
        return;
    }
    /* there LIKE, too, reads a backslash as the beginning of something */
    ct_buf doubled = CT_BUF_EMPTY;
    for (size_t i = 0; i < pattern.n; i++) {
        if (pattern.p[i] == '\\')
            ct_buf_put_char(&doubled, '\\');
        ct_buf_put_char(&doubled, pattern.p[i]);
    }
    put_folded_literal(s, (ct_span){ct_buf_at(&doubled, 0), doubled.len});
    s->out.failed |= doubled.failed;
    ct_buf_free(&doubled);
}

/* ---- rows of VALUES --------------------------------------------------------------------------- */

static void begin_row(script *s)
{
    ct_buf_put_text(&s->out, s->has_row ? ",\n    (" : "\n    (");
    s->has_row = true;
}

static void put_row(script *s, const ct_span *texts, size_t n)
{
    begin_row(s);
    for (size_t i = 0; i < n; i++) {
        if (i > 0)
            ct_buf_put_text(&s->out, ", ");
        put_literal(s, texts[i]);
    }
    ct_buf_put_char(&s->out, ')');
}

/* VALUES wants a row: where there is none one of empty texts, which the views pass over. */
static void end_rows(script *s, size_t n_columns)
{
    static const ct_span empty[4] = {{"", 0}, {"", 0}, {"", 0}, {"", 0}};
    if (!s->has_row)
        put_row(s, empty, n_columns);
    s->has_row = false;
}

/* ---- what is read from the database ----------------------------------------------------------- */

typedef void row_writer(script *s, sqlite3_stmt *row);

/* A text of the row, NULL as an empty one. */
static ct_span column(script *s, sqlite3_stmt *row, int i)
{
    const char *p = (const char *)sqlite3_column_text(row, i);
    if (!p && sqlite3_column_type(row, i) != SQLITE_NULL)
        s->out.failed = true;
    return (ct_span){p ? p : "", p ? (size_t)sqlite3_column_bytes(row, i) : 0};
}

/* Writes every row of a statement. */
static void read_rows(script *s, const char *sql, row_writer *write)
{
    sqlite3_stmt *row = NULL;
    int rc = s->rc;
    if (rc == SQLITE_OK)
        rc = sqlite3_prepare_v2(s->db, sql, -1, &row, NULL);
    while (rc == SQLITE_OK && s->rc == SQLITE_OK && (rc = sqlite3_step(row)) == SQLITE_ROW) {
        write(s, row);
        rc = ct_buf_ok(&s->out) ? SQLITE_OK : SQLITE_NOMEM;
    }
    if (rc != SQLITE_OK && rc != SQLITE_DONE && s->rc == SQLITE_OK)
        fail(s, rc, ct_sqlite_error(s->db, rc));
    sqlite3_finalize(row);
}

/* ---- suspicious_command ----------------------------------------------------------------------- */

static void write_command(script *s, sqlite3_stmt *row)
{
    ct_span command = column(s, row, 0);
    begin_row(s);
    put_literal(s, command);
    ct_buf_put_text(&s->out, ", ");
    put_folded_literal(s, command);
    ct_buf_put_char(&s->out, ')');
}

static void put_suspicious_commands(script *s)
{
    read_rows(s, "SELECT CAST(command AS TEXT) FROM main.suspicious_command ORDER BY 1",
              write_command);
    end_rows(s, 2);
}

/* The list in small letters, each followed by a newline, that no command of a CLI has. */
static void gather_command(script *s, sqlite3_stmt *row)
{
    ct_span command = column(s, row, 0);
    if (command.n == 0 || memchr(command.p, '\n', command.n))
        return;
    for (size_t i = 0; i < command.n; i++)
        ct_buf_put_char(&s->out, ct_to_lower(command.p[i]));
    ct_buf_put_char(&s->out, '\n');
}

/* Fills spans (ct_malloc, for the caller to free) with the lines of a text. */
static ct_span *take_apart(const ct_buf *lines, size_t *n)
{
    ct_span *spans = NULL;
    size_t capacity = 0, start = 0;
    *n = 0;
    for (size_t i = 0; i < lines->len; i++) {
        if (lines->data[i] != '\n')
            continue;
        ct_span *grown = ct_grow(spans, *n, &capacity, 32, sizeof *spans);
        if (!grown) {
            ct_free(spans);
            return NULL;
        }
        spans = grown;
        spans[(*n)++] = (ct_span){ct_buf_at(lines, start), i - start};
        start = i + 1;
    }
    return spans ? spans : ct_malloc(1);
}

/* Writes one of the tables that call_tables makes of the list. */
static void put_call_table(script *s, size_t n_columns, ct_call_rows rows)
{
    script list = {.db = s->db, .dialect = s->dialect, .out = CT_BUF_EMPTY};
    read_rows(&list, "SELECT CAST(command AS TEXT) FROM main.suspicious_command ORDER BY 1",
              gather_command);
    size_t n = 0;
    ct_span *commands = list.rc == SQLITE_OK ? take_apart(&list.out, &n) : NULL;
    rows.context = s;
    if (list.rc != SQLITE_OK)
        fail(s, list.rc, list.error);
    else if (!commands || !ct_call_tables(commands, n, &rows))
        fail(s, SQLITE_NOMEM, NULL);
    ct_free(commands);
    ct_buf_free(&list.out);
    end_rows(s, n_columns);
}

static void ignore_event_command(void *context, ct_span source, ct_span call, ct_span version,
                                 ct_span command)
{
    (void)context, (void)source, (void)call, (void)version, (void)command;
}

static void ignore_command_name(void *context, ct_span source, ct_span call, ct_span command)
{
    (void)context, (void)source, (void)call, (void)command;
}

static void ignore_odd_name(void *context, ct_span source, ct_span name)
{
    (void)context, (void)source, (void)name;
}

static void write_event_command(void *context, ct_span source, ct_span call, ct_span version,
                                ct_span command)
{
    put_row(context, (ct_span[]){source, call, version, command}, 4);
}

static void write_command_name(void *context, ct_span source, ct_span call, ct_span command)
{
    put_row(context, (ct_span[]){source, call, command}, 3);
}

static void write_odd_name(void *context, ct_span source, ct_span name)
{
    put_row(context, (ct_span[]){source, name}, 2);
}

static void put_event_commands(script *s)
{
    put_call_table(s, 4,
                   (ct_call_rows){.event_command = write_event_command,
                                  .command_name = ignore_command_name,
                                  .odd_name = ignore_odd_name});
}

static void put_command_names(script *s)
{
    put_call_table(s, 3,
                   (ct_call_rows){.event_command = ignore_event_command,
                                  .command_name = write_command_name,
                                  .odd_name = ignore_odd_name});
}

static void put_odd_names(script *s)
{
    put_call_table(s, 2,
                   (ct_call_rows){.event_command = ignore_event_command,
                                  .command_name = ignore_command_name,
                                  .odd_name = write_odd_name});
}

/* ---- what does not depend on the database ------------------------------------------------------ */

static void put_item(script *s, ct_span text)
{
    if (s->has_row)
        ct_buf_put_text(&s->out, ", ");
    put_literal(s, text);
    s->has_row = true;
}

static bool is_of_all(const ct_aws_operation *command)
{
    return strcmp(command->service, "*") == 0;
}

static void put_own_commands(script *s)
{
    for (size_t i = 0; i < ct_aws_n_cli_commands; i++) {
        const ct_aws_operation *command = &ct_aws_cli_commands[i];
        if (is_of_all(command))
            continue;
        if (s->has_row)
            ct_buf_put_text(&s->out, ", ");
        ct_buf_printf(&s->out, "'%s.%s'", command->service, command->operation);
        s->has_row = true;
    }
    s->has_row = false;
}

static void put_own_commands_of_all(script *s)
{
    for (size_t i = 0; i < ct_aws_n_cli_commands; i++)
        if (is_of_all(&ct_aws_cli_commands[i]))
            put_item(s, (ct_span){ct_aws_cli_commands[i].operation,
                                  strlen(ct_aws_cli_commands[i].operation)});
    s->has_row = false;
}

static void put_known_sources(script *s)
{
    for (size_t i = 0; i < ct_aws_n_service_keys; i++) {
        const char *key = ct_aws_service_keys[i].key;
        if (i == 0 || strcmp(key, ct_aws_service_keys[i - 1].key) != 0)
            put_item(s, (ct_span){key, strlen(key)});
    }
    s->has_row = false;
}

/* ---- discovery_call and ordinary_agent ---------------------------------------------------------- */

static void write_call(script *s, sqlite3_stmt *row)
{
    ct_span source = column(s, row, 0); /* each read before the next: SQLite may move it */
    begin_row(s);
    put_literal(s, source);
    ct_buf_put_text(&s->out, ", ");
    put_literal(s, column(s, row, 1));
    ct_buf_put_char(&s->out, ')');
}

static void put_discovery_calls(script *s)
{
    read_rows(s,
              "SELECT CAST(eventSource AS TEXT), CAST(eventName AS TEXT) FROM main.discovery_call"
              " ORDER BY 1, 2",
              write_call);
    end_rows(s, 2);
}

static void write_agent(script *s, sqlite3_stmt *row)
{
    ct_buf_put_text(&s->out, s->has_row ? "\n        OR k.bareAgent LIKE " : "k.bareAgent LIKE ");
    put_pattern(s, column(s, row, 0));
    s->has_row = true;
}

static void put_agents(script *s, const char *sql)
{
    read_rows(s, sql, write_agent);
    if (!s->has_row)
        ct_buf_put_text(&s->out, "1 = 0");
    s->has_row = false;
}

static void put_console_agents(script *s)
{
    put_agents(s, "SELECT CAST(pattern AS TEXT) FROM main.ordinary_agent WHERE kind = 'console'"
                  " ORDER BY 1");
}

static void put_tool_agents(script *s)
{
    put_agents(s, "SELECT CAST(pattern AS TEXT) FROM main.ordinary_agent WHERE kind = 'tool'"
                  " ORDER BY 1");
}

/* ---- rule_parameter ----------------------------------------------------------------------------- */

#define NUMBER(name) "(SELECT value FROM main.rule_parameter WHERE name = '" name "')"

/* A width in milliseconds: times are whole ones, so a fraction is as good as the next. */
static void put_milliseconds(script *s, double seconds)
{
    double most = 1e14; /* three thousand years */
    double width = ceil(seconds * 1000);
    ct_buf_printf(&s->out, "%lld", (long long)(width < 1 ? 1 : width > most ? most : width));
}

static void write_window(script *s, sqlite3_stmt *row)
{
    begin_row(s);
    for (int i = 0; i < 3; i++) {
        put_literal(s, column(s, row, i));
        ct_buf_put_text(&s->out, ", ");
    }
    ct_buf_put_char(&s->out, '\'');
    put_milliseconds(s, sqlite3_column_double(row, 3));
    ct_buf_printf(&s->out, "', '%lld')", (long long)sqlite3_column_int64(row, 4));
}

/* Which windows there are, and which number of rule_parameter each goes by. distinct_bursts() has the
 * last word on what makes sense, as it has in the rules. */
static const char windows[] =
    "WITH listed(place, ruleName, groupedBy, windowName, seconds, number) AS (VALUES"
    "  (1, 'aws_cli_recon_burst', 'name', 'command', NULL, 'threshold'),"
    "  (2, 'aws_discovery_burst', 'name', 'fast', 60, 'discovery_fast'),"
    "  (3, 'aws_discovery_burst', 'name', 'slow', 600, 'discovery_slow'),"
    "  (4, 'aws_discovery_burst', 'name', 'wide', 60, 'discovery_wide'),"
    "  (5, 'aws_discovery_burst', 'role', 'fast', 60, 'discovery_fast'),"
    "  (6, 'aws_discovery_burst', 'role', 'slow', 600, 'discovery_slow'),"
    "  (7, 'aws_discovery_burst', 'session', 'fast', 60, 'discovery_fast'),"
    "  (8, 'aws_discovery_burst', 'session', 'slow', 600, 'discovery_slow')),"
    " numbered AS ("
    "  SELECT place, ruleName, groupedBy, windowName,"
    "         ifnull(seconds, (SELECT value FROM main.rule_parameter WHERE name = "
    "'window_seconds'))"
    "             AS width,"
    "         (SELECT value FROM main.rule_parameter WHERE name = number) AS threshold"
    "    FROM listed)"
    " SELECT ruleName, groupedBy, windowName, width, threshold"
    "   FROM numbered GROUP BY place"
    " HAVING distinct_bursts('', 0, width, threshold) IS NOT NULL"
    "  ORDER BY place";

static void put_windows(script *s)
{
    read_rows(s, windows, write_window);
    s->has_row = false;
}

static void write_number(script *s, sqlite3_stmt *row)
{
    ct_buf_printf(&s->out, "%lld", (long long)sqlite3_column_int64(row, 0));
}

static void put_least_listed(script *s)
{
    read_rows(s, "SELECT min(" NUMBER("discovery_fast") ", " NUMBER("discovery_slow") ")",
              write_number);
}

static void put_wide(script *s)
{
    read_rows(s, "SELECT " NUMBER("discovery_wide"), write_number);
}

/* ---- where the logs are --------------------------------------------------------------------------- */

static void put_location(script *s)
{
    put_literal(s, s->location);
}

/* In a DDL of Hive's kind, and in the middle of a literal: only what needs no quoting at all. */
static void put_bare_location(script *s)
{
    static const char others[] = "!-_.*()/=+@:, ";
    for (size_t i = 0; i < s->location.n; i++) {
        char c = s->location.p[i];
        if (!ct_is_digit(c) && !ct_is_lower(c) && !ct_is_upper(c) &&
            !memchr(others, c, sizeof others - 1)) {
            fail(s, SQLITE_ERROR,
                 sqlite3_mprintf("location: Athena takes letters, digits and !-_.*()/=+@:, alone"));
            return;
        }
    }
    ct_buf_put(&s->out, s->location.p, s->location.n);
}

static void write_listed(script *s, sqlite3_stmt *row)
{
    ct_span text = column(s, row, 0);
    if (s->has_row)
        ct_buf_put_char(&s->out, ',');
    ct_buf_put(&s->out, text.p, text.n);
    s->has_row = true;
}

static void put_seen(script *s, const char *sql, const char *none)
{
    read_rows(s, sql, write_listed);
    if (!s->has_row)
        ct_buf_put_text(&s->out, none);
    s->has_row = false;
}

static void put_accounts(script *s)
{
    put_seen(s,
             "SELECT DISTINCT recipientAccountId FROM main.cloudtrail"
             " WHERE length(recipientAccountId) = 12 AND recipientAccountId NOT GLOB '*[^0-9]*' "
             "ORDER BY 1",
             "111122223333");
}

static void put_regions(script *s)
{
    put_seen(
        s,
        "SELECT DISTINCT awsRegion FROM main.cloudtrail"
        " WHERE awsRegion GLOB '[a-z]*-[0-9]' AND awsRegion NOT GLOB '*[^a-z0-9-]*' ORDER BY 1",
        "us-east-1");
}

/* ---- the script ------------------------------------------------------------------------------------ */

// clang-format off
static const struct {
    const char *name;
    void (*put)(script *s);
} parts[] = {
    {"suspicious_command",  put_suspicious_commands},
    {"event_command",       put_event_commands},
    {"command_name",        put_command_names},
    {"odd_name",            put_odd_names},
    {"own_commands",        put_own_commands},
    {"own_commands_of_all", put_own_commands_of_all},
    {"known_sources",       put_known_sources},
    {"discovery_call",      put_discovery_calls},
    {"console_agents",      put_console_agents},
    {"tool_agents",         put_tool_agents},
    {"window",              put_windows},
    {"least_listed",        put_least_listed},
    {"wide",                put_wide},
    {"location",            put_location},
    {"bare_location",       put_bare_location},
    {"accounts",            put_accounts},
    {"regions",             put_regions},
};
// clang-format on

static void put_part(script *s, const char *name, size_t n)
{
    for (size_t i = 0; i < sizeof parts / sizeof parts[0]; i++) {
        if (ct_span_is((ct_span){name, n}, parts[i].name)) {
            parts[i].put(s);
            return;
        }
    }
    fail(s, SQLITE_INTERNAL, sqlite3_mprintf("no part is called %.*s", (int)n, name));
}

static void write_script(script *s, const char *text)
{
    const char *open, *close;
    while (s->rc == SQLITE_OK && (open = strstr(text, "{{")) && (close = strstr(open, "}}"))) {
        ct_buf_put(&s->out, text, (size_t)(open - text));
        put_part(s, open + 2, (size_t)(close - open) - 2);
        text = close + 2;
    }
    ct_buf_put_text(&s->out, text);
}

static const ct_sql_text *find_text(const char *name)
{
    for (size_t i = 0; i < ct_n_engine_texts; i++)
        if (strcmp(ct_engine_texts[i].name, name) == 0)
            return &ct_engine_texts[i];
    return NULL;
}

static const dialect *find_dialect(ct_span name)
{
    for (size_t i = 0; i < sizeof dialects / sizeof dialects[0]; i++)
        if (ct_span_is(name, dialects[i].name))
            return &dialects[i];
    return NULL;
}

static void refuse_engine(sqlite3_context *context, sqlite3_value *engine)
{
    ct_buf message = CT_BUF_EMPTY;
    ct_buf_put_text(&message, "cloudtrail_engine_sql(): unknown engine ");
    ct_put_value(&message, engine);
    ct_buf_put_text(&message, ", expected athena, trino, duckdb or clickhouse");
    ct_result_error_buf(context, &message);
}

static ct_span without_slash(ct_span location)
{
    while (location.n > 1 && location.p[location.n - 1] == '/')
        location.n--;
    return location;
}

/*
 * cloudtrail_engine_sql(engine TEXT [, location TEXT]) -> TEXT
 *
 * The rules aws_cli_recon_burst and aws_discovery_burst as a script for another engine: 'athena', 'trino',
 * 'duckdb' or 'clickhouse'. It has the table over the logs below location (the folder AWSLogs, or any
 * folder of it; without one a name to be put in), the lists and numbers of this database as they stand,
 * and ends with the findings and the files behind each.
 *
 * NULL:    NULL in, NULL out.
 * Errors:  an unknown engine; a location that Athena's DDL cannot hold; a number of rule_parameter that makes
 *          no sense; a text of a list with a NUL in it; a table is missing (cloudtrail_init() makes it).
 * Example: SELECT cloudtrail_engine_sql('duckdb', '/evidence/AWSLogs') LIKE '%cloudtrail_finding%';
 *          -- 1
 */
static void cloudtrail_engine_sql(sqlite3_context *context, int argc, sqlite3_value **argv)
{
    static const char anywhere[] = "s3://amzn-s3-demo-bucket/AWSLogs";
    ct_span engine, location = {anywhere, sizeof anywhere - 1};
    if (ct_any_null(argc, argv) || !ct_arg_text(context, argv[0], &engine) ||
        (argc > 1 && !ct_arg_text(context, argv[1], &location)))
        return;
    script s = {.db = sqlite3_context_db_handle(context),
                .dialect = find_dialect(engine),
                .location = without_slash(location),
                .out = CT_BUF_EMPTY};
    const ct_sql_text *text = s.dialect ? find_text(s.dialect->name) : NULL;
    if (!text) {
        refuse_engine(context, argv[0]);
        return;
    }
    write_script(&s, text->text);
    if (s.rc == SQLITE_OK)
        ct_result_buf(context, &s.out);
    else
        ct_result_failure(context, s.rc, "cloudtrail_engine_sql", s.error);
    sqlite3_free(s.error);
    ct_buf_free(&s.out);
}

// clang-format off
static const ct_function functions[] = {
    /* name                   argc flags      scalar                 step  final value inverse */
    {"cloudtrail_engine_sql", 1,   CT_DIRECT, cloudtrail_engine_sql, NULL, NULL, NULL, NULL},
    {"cloudtrail_engine_sql", 2,   CT_DIRECT, cloudtrail_engine_sql, NULL, NULL, NULL, NULL},
};
// clang-format on

int ct_engine_register(sqlite3 *db, char **error)
{
    return ct_register(db, functions, sizeof functions / sizeof functions[0], error);
}
