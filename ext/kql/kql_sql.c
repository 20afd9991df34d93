#include "kql/kql_sql.h"

#include <stdbool.h>
#include <stdint.h>
#include <string.h>

#include "base/buf.h"
#include "base/timestamp.h"
#include "kql/catalog.h"
#include "kql/compile.h"
#include "sqlite/args.h"
#include "sqlite/register.h"
#include "sqlite/transaction.h"

/* ---- compiling ------------------------------------------------------------------------------ */

/* Sets `function(): ` and the sentence as the error. */
static void fail(sqlite3_context *context, const char *function, const ct_buf *sentence)
{
    ct_buf message = CT_BUF_EMPTY;
    ct_buf_put_text(&message, function);
    ct_buf_put_text(&message, "(): ");
    ct_buf_put(&message, sentence->data, sentence->len);
    ct_result_error_buf(context, &message);
}

typedef struct compiled {
    ct_buf sql, schema; /* owned */
    bool has_twins;
} compiled;

/* Compiles the argument; false after an error, which is then set. */
static bool compile(sqlite3_context *context, const char *function, sqlite3_value *arg,
                    ct_kql_database *database, bool with_evidence, compiled *result)
{
    ct_span query;
    ct_buf error = CT_BUF_EMPTY;
    *result = (compiled){CT_BUF_EMPTY, CT_BUF_EMPTY, false};
    if (!ct_arg_text(context, arg, &query))
        return false;
    ct_kql_catalog catalog = ct_kql_catalog_of(database);
    ct_kql_status status = database->rc == SQLITE_OK
                               ? ct_kql_compile(query, &catalog, with_evidence, &result->sql,
                                                &result->schema, &result->has_twins, &error)
                               : CT_KQL_NO_MEMORY;
    if (database->rc != SQLITE_OK && database->rc != SQLITE_NOMEM)
        ct_result_failure(context, database->rc, function, NULL);
    else if (status == CT_KQL_NO_MEMORY)
        sqlite3_result_error_nomem(context);
    else if (status == CT_KQL_REFUSED)
        fail(context, function, &error);
    ct_buf_free(&error);
    if (status != CT_KQL_OK) {
        ct_buf_free(&result->sql);
        ct_buf_free(&result->schema);
    }
    return status == CT_KQL_OK;
}

/*
 * kql_sql(query TEXT or BLOB) -> TEXT
 * kql_sql(query TEXT or BLOB, evidence INTEGER) -> TEXT
 *
 * The SELECT that answers the KQL query in this database. With evidence 1 its last column is
 * `evidence`: a JSON array of the rowids of the events of cloudtrail that the row comes from.
 *
 * NULL:    NULL in, NULL out.
 * Errors:  `kql_sql(): line 3, column 17: ` and what was expected or is not supported; SQLITE_NOMEM
 *          when out of memory.
 * Example: see docs/kql.md.
 */
static void kql_sql(sqlite3_context *context, int n_args, sqlite3_value **args)
{
    if (ct_any_null(n_args, args))
        return;
    ct_kql_database database = {.db = sqlite3_context_db_handle(context), .needs_cloudtrail = true};
    bool with_evidence = n_args == 2 && sqlite3_value_int(args[1]) != 0;
    compiled result;
    if (!compile(context, "kql_sql", args[0], &database, with_evidence, &result))
        return;
    ct_buf_free(&result.schema);
    ct_result_buf(context, &result.sql);
}

/*
 * kql_schema(query TEXT or BLOB) -> TEXT (JSON)
 *
 * The columns of the query's result, in order: an array of {"name", "type"} with Kusto's types.
 * AWSCloudTrail is known whether or not there is a table cloudtrail.
 *
 * NULL:    NULL in, NULL out.
 * Errors:  as kql_sql().
 * Example: SELECT kql_schema('print a = 1, b = "x"');
 *          -- [{"name":"a","type":"long"},{"name":"b","type":"string"}]
 */
static void kql_schema(sqlite3_context *context, int n_args, sqlite3_value **args)
{
    if (ct_any_null(n_args, args))
        return;
    ct_kql_database database = {.db = sqlite3_context_db_handle(context)};
    compiled result;
    if (!compile(context, "kql_schema", args[0], &database, false, &result))
        return;
    ct_buf_free(&result.sql);
    ct_result_json(context, &result.schema);
}

/* ---- kql_view ------------------------------------------------------------------------------- */

/* What marks a view as made here: only such a view is replaced. */
static const char view_mark[] = " -- compiled from KQL\n";

static int run(sqlite3 *db, char *sql)
{
    if (!sql)
        return SQLITE_NOMEM;
    int rc = sqlite3_exec(db, sql, NULL, NULL, NULL);
    sqlite3_free(sql);
    return rc;
}

/* Whether the name is free, or a view's that was made here; *rc is SQLite's code. */
static bool may_replace(sqlite3 *db, bool is_temp, ct_span name, int *rc)
{
    sqlite3_stmt *stmt = NULL;
    bool is_ours = true;
    *rc = sqlite3_prepare_v2(
        db,
        is_temp ? "SELECT type = 'view' AND instr(sql, ?2) > 0 FROM temp.sqlite_master "
                  "WHERE name = ?1 COLLATE NOCASE"
                : "SELECT type = 'view' AND instr(sql, ?2) > 0 FROM main.sqlite_master "
                  "WHERE name = ?1 COLLATE NOCASE",
        -1, &stmt, NULL);
    if (*rc == SQLITE_OK)
        *rc = sqlite3_bind_text(stmt, 1, name.p, (int)name.n, SQLITE_STATIC);
    if (*rc == SQLITE_OK)
        *rc = sqlite3_bind_text(stmt, 2, view_mark, -1, SQLITE_STATIC);
    if (*rc == SQLITE_OK && (*rc = sqlite3_step(stmt)) == SQLITE_ROW)
        is_ours = sqlite3_column_int(stmt, 0) != 0;
    int last = sqlite3_finalize(stmt);
    if (*rc == SQLITE_ROW || *rc == SQLITE_DONE)
        *rc = last;
    return is_ours;
}

/* The index that names and times of events are found by (docs/kql.md). */
static int make_index(sqlite3 *db, const ct_buf *sql)
{
    if (!strstr(sql->data, "COLLATE NOCASE"))
        return SQLITE_OK;
    return sqlite3_exec(db,
                        "CREATE INDEX IF NOT EXISTS main.cloudtrail_name "
                        "ON cloudtrail (ifnull(eventName, '') COLLATE NOCASE, eventTime)",
                        NULL, NULL, NULL);
}

static int write_view(sqlite3 *db, bool is_temp, const char *name, const compiled *result)
{
    const char *schema = is_temp ? "temp" : "main";
    int rc = run(db, sqlite3_mprintf("DROP VIEW IF EXISTS %s.\"%w\"", schema, name));
    if (rc == SQLITE_OK)
        rc = run(db, sqlite3_mprintf("CREATE VIEW %s.\"%w\" AS%s%s", schema, name, view_mark,
                                     result->sql.data));
    if (rc == SQLITE_OK) /* SQLite looks into a view when it is read, not when it is made */
        rc = run(db, sqlite3_mprintf("SELECT * FROM %s.\"%w\" LIMIT 0", schema, name));
    if (rc == SQLITE_OK && !is_temp)
        rc = make_index(db, &result->sql);
    return rc;
}

static void fail_text(sqlite3_context *context, const char *sentence, ct_span name)
{
    ct_buf message = CT_BUF_EMPTY;
    ct_buf_put_text(&message, "kql_view(): ");
    ct_put_quoted(&message, name.p, name.n);
    ct_buf_put_text(&message, sentence);
    ct_result_error_buf(context, &message);
}

/* The view itself, in a transaction or a savepoint; sets the error where it fails. */
static bool make_view(sqlite3_context *context, bool is_temp, ct_span name, const compiled *result)
{
    sqlite3 *db = sqlite3_context_db_handle(context);
    ct_transaction transaction;
    char *error = NULL, *copy = sqlite3_mprintf("%.*s", (int)name.n, name.p);
    int rc = ct_transaction_open(db, &transaction, &error);
    if (rc == SQLITE_OK)
        rc = copy ? ct_transaction_begin(&transaction, &error) : SQLITE_NOMEM;
    bool is_ours = true;
    if (rc == SQLITE_OK) {
        is_ours = may_replace(db, is_temp, name, &rc);
        if (rc == SQLITE_OK && is_ours)
            rc = write_view(db, is_temp, copy, result);
        if (rc != SQLITE_OK && !error)
            error = sqlite3_mprintf("%s", sqlite3_errmsg(db));
        rc = ct_transaction_end(&transaction, rc);
    }
    ct_transaction_close(&transaction);
    if (rc != SQLITE_OK)
        ct_result_failure(context, rc, "kql_view", error);
    else if (!is_ours)
        fail_text(context, " is there already, and was not made by kql_view()", name);
    sqlite3_free(error);
    sqlite3_free(copy);
    return rc == SQLITE_OK && is_ours;
}

/*
 * kql_view(name TEXT, query TEXT or BLOB) -> TEXT
 *
 * Creates the view `name` of kql_sql(query) and returns its name; one that kql_view() made is
 * replaced. `temp.name` makes it for this connection only. A view over AWSCloudTrail that looks for
 * event names also creates the index cloudtrail_name, once.
 *
 * NULL:    NULL in, NULL out, and nothing is made.
 * Errors:  as kql_sql(); a name that something else has; two columns whose names are equal but for
 *          case, of which SQLite would rename one; within a statement that writes.
 * Example: see docs/kql.md.
 */
static void kql_view(sqlite3_context *context, int n_args, sqlite3_value **args)
{
    ct_span given, name;
    if (ct_any_null(n_args, args) || !ct_arg_text(context, args[0], &given))
        return;
    bool is_temp = given.n > 5 && sqlite3_strnicmp(given.p, "temp.", 5) == 0;
    name = is_temp ? (ct_span){given.p + 5, given.n - 5} : given;
    if (name.n == 0 || memchr(name.p, 0, name.n) ||
        (name.n >= 7 && sqlite3_strnicmp(name.p, "sqlite_", 7) == 0)) {
        fail_text(context, " cannot be the name of a view", name);
        return;
    }
    ct_kql_database database = {
        .db = sqlite3_context_db_handle(context), .needs_cloudtrail = true, .only_main = !is_temp};
    compiled result;
    if (!compile(context, "kql_view", args[1], &database, false, &result))
        return;
    ct_buf_put_char(&result.sql, 0);
    if (result.has_twins)
        fail_text(
            context,
            ": two columns of the result have names that are equal but for case: SQLite would "
            "rename one (use project-rename)",
            name);
    else if (!ct_buf_ok(&result.sql))
        sqlite3_result_error_nomem(context);
    else if (make_view(context, is_temp, name, &result))
        ct_result_span(context, given);
    ct_buf_free(&result.sql);
    ct_buf_free(&result.schema);
}

/* ---- times as text -------------------------------------------------------------------------- */

/* The text of the whole second at `seconds` after year 1, or one beyond all that are. */
static void result_second(sqlite3_context *context, int64_t second)
{
    static const int64_t last = INT64_C(315537897599);
    char text[CT_TIME_TEXT_MAX];
    if (second > last) {
        sqlite3_result_text(context, "9999-12-31T23:59:60Z", -1, SQLITE_STATIC);
        return;
    }
    size_t n = ct_time_format(second * CT_TICKS_PER_SECOND, text);
    ct_result_span(context, (ct_span){text, n});
}

/*
 * kql_second_from(ticks INTEGER) -> TEXT (time)
 * kql_second_after(ticks INTEGER) -> TEXT (time)
 *
 * The first whole second at or after the time, and the first one after it: by them the compiler
 * compares the text of event times, which have whole seconds, with times that need not.
 *
 * NULL:    NULL in, NULL out.
 * Errors:  none; a time before year 1 counts as its first second.
 * Example: SELECT kql_second_from(15000000), kql_second_after(10000000);
 *          -- 0001-01-01T00:00:02Z|0001-01-01T00:00:02Z
 */
static void kql_second(sqlite3_context *context, int n_args, sqlite3_value **args)
{
    const ct_function *self = sqlite3_user_data(context);
    if (ct_any_null(n_args, args))
        return;
    int64_t ticks = sqlite3_value_int64(args[0]);
    if (ticks < 0)
        ticks = 0;
    bool is_after = strcmp(self->name, "kql_second_after") == 0;
    int64_t second = ticks / CT_TICKS_PER_SECOND;
    if (is_after || ticks % CT_TICKS_PER_SECOND != 0)
        second++;
    result_second(context, second);
}

int ct_kql_sql_register(sqlite3 *db, char **error)
{
    // clang-format off
    static const ct_function functions[] = {
        /* name               args flags           scalar      step  final value inverse */
        {"kql_sql",             1, SQLITE_UTF8,    kql_sql,    NULL, NULL, NULL, NULL},
        {"kql_sql",             2, SQLITE_UTF8,    kql_sql,    NULL, NULL, NULL, NULL},
        {"kql_schema",          1, SQLITE_UTF8 | SQLITE_RESULT_SUBTYPE, kql_schema, NULL, NULL, NULL, NULL},
        {"kql_view",            2, CT_DIRECT,      kql_view,   NULL, NULL, NULL, NULL},
        {"kql_second_from",     1, CT_PURE,        kql_second, NULL, NULL, NULL, NULL},
        {"kql_second_after",    1, CT_PURE,        kql_second, NULL, NULL, NULL, NULL},
    };
    // clang-format on
    return ct_register(db, functions, sizeof functions / sizeof functions[0], error);
}
