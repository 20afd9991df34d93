/*
 * kql_sql() against a slow evaluation written apart (tests/independent/kql_eval.py): random queries
 * over random tables, row by row, with names, types, order and events kept. Then the property of
 * the events kept: the query over the events of a row alone gives that row again.
 */
#include "harness.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/buf.h"
#include "shell.h"
#include "temp.h"

#define MAX_ROWS 4096

/* What a line of kql_random.py says. */
typedef struct example {
    const char *query;
    const char *schema;
    const char *rows;
    bool ordered;
    bool evidence;
} example;

/* A row's values as kql_random.py writes them. */
static char *row_text(sqlite3_stmt *stmt)
{
    ct_buf out = CT_BUF_EMPTY;
    for (int i = 0; i < sqlite3_column_count(stmt); i++) {
        if (i > 0)
            ct_buf_put_char(&out, '|');
        char number[64];
        const char *text = (const char *)sqlite3_column_text(stmt, i);
        int type = sqlite3_column_type(stmt, i);
        if (type == SQLITE_FLOAT) {
            snprintf(number, sizeof number, "%.12g", sqlite3_column_double(stmt, i));
            text = number;
        }
        for (const char *p = text ? text : "NULL"; *p; p++) {
            if (*p == '\n')
                ct_buf_put_text(&out, "\\n");
            else
                ct_buf_put_char(&out, *p);
        }
    }
    ct_buf_put_char(&out, '\n');
    ct_buf_put_char(&out, '\0');
    assert_true(ct_buf_ok(&out));
    return out.data;
}

static int by_text(const void *a, const void *b)
{
    return strcmp(*(char *const *)a, *(char *const *)b);
}

/* The SQL's rows as lines, sorted unless they are ordered; an error as its text. */
static char *lines_of(sqlite3 *db, const char *sql, bool ordered)
{
    sqlite3_stmt *stmt = NULL;
    if (sqlite3_prepare_v2(db, sql, -1, &stmt, NULL) != SQLITE_OK)
        return strdup(sqlite3_errmsg(db));
    char **rows = calloc(MAX_ROWS, sizeof *rows);
    assert_non_null(rows);
    size_t n = 0;
    int rc;
    while ((rc = sqlite3_step(stmt)) == SQLITE_ROW && n < MAX_ROWS)
        rows[n++] = row_text(stmt);
    if (!ordered && n > 0)
        qsort(rows, n, sizeof *rows, by_text);
    ct_buf out = CT_BUF_EMPTY;
    for (size_t i = 0; i < n; i++) {
        ct_buf_put_text(&out, rows[i]);
        free(rows[i]);
    }
    free(rows);
    if (rc != SQLITE_DONE)
        ct_buf_put_text(&out, sqlite3_errmsg(db));
    sqlite3_finalize(stmt);
    ct_buf_put_char(&out, '\0');
    assert_true(ct_buf_ok(&out));
    return out.data;
}

/* What kql_sql() or kql_schema() gives, to be freed with free(); an error as its text. */
static char *compiled(sqlite3 *db, const char *function, const example *e)
{
    bool takes_evidence = strcmp(function, "kql_sql") == 0;
    char *sql = sqlite3_mprintf("SELECT %s(%Q%s)", function, e->query,
                                takes_evidence && e->evidence ? ", 1" : "");
    char *result = harness_query(db, sql);
    sqlite3_free(sql);
    return result;
}

/* ---- the rows ------------------------------------------------------------------------------- */

/* Says what differs; false then. */
static bool agrees(sqlite3 *db, const example *e, int number)
{
    char *sql = compiled(db, "kql_sql", e);
    char *schema = compiled(db, "kql_schema", e);
    char *rows = lines_of(db, sql, e->ordered);
    bool same = strcmp(rows, e->rows) == 0 && strcmp(schema, e->schema) == 0;
    if (!same)
        fprintf(stderr, "query %d:\n%s\n-- expected:\n%s\n%s-- got:\n%s\n%s%s\n", number, e->query,
                e->schema, e->rows, schema, rows, strncmp(sql, "error", 5) == 0 ? sql : "");
    free(sql);
    free(schema);
    free(rows);
    return same;
}

/* ---- the events kept ------------------------------------------------------------------------ */

/*
 * Operators whose row is there because of what is not among its events: what has no counterpart
 * (anti joins, the outer side of a join), what another query says (in, toscalar), what stands
 * before and behind it.
 */
static bool looks_beyond_its_row(const char *query)
{
    static const char *const BEYOND[] = {
        "anti ",    "leftouter ", "rightouter ", "fullouter ", "lookup (", "in (AWSCloudTrail",
        "toscalar", "in (L",      "prev(",       "next(",      "row_",
    };
    for (size_t i = 0; i < sizeof BEYOND / sizeof *BEYOND; i++) {
        if (strstr(query, BEYOND[i]))
            return true;
    }
    return false;
}

/* Whether the line, with its newline, is one of the text's. */
static bool has_line(const char *text, const char *line)
{
    for (const char *p = text; (p = strstr(p, line)); p++) {
        if (p == text || p[-1] == '\n')
            return true;
    }
    return false;
}

/* For each row, the query over the row's events alone gives that row. */
static bool rows_stand_alone(sqlite3 *db, const example *e, int number, int *n_rows)
{
    char *sql = compiled(db, "kql_sql", e);
    bool all = true;
    for (const char *row = e->rows, *end; all && (end = strchr(row, '\n')); row = end + 1) {
        char *line = sqlite3_mprintf("%.*s\n", (int)(end - row), row);
        const char *evidence = strrchr(line, '|') ? strrchr(line, '|') + 1 : line;
        harness_exec(db, "SAVEPOINT alone");
        harness_exec_and_free(db, sqlite3_mprintf("DELETE FROM cloudtrail WHERE rowid NOT IN"
                                                  " (SELECT value FROM json_each(%Q))",
                                                  evidence));
        char *again = lines_of(db, sql, false);
        if (!has_line(again, line)) {
            fprintf(stderr, "query %d:\n%s\n-- the row\n%s-- alone gives\n%s\n", number, e->query,
                    line, again);
            all = false;
        }
        harness_exec(db, "ROLLBACK TO alone; RELEASE alone");
        free(again);
        sqlite3_free(line);
        (*n_rows)++;
    }
    free(sql);
    return all;
}

/* ---- all of them ---------------------------------------------------------------------------- */

static void take_events(sqlite3 *db, const char *records)
{
    const char *path = temp_write("records.json", records, strlen(records));
    harness_exec_and_free(db, sqlite3_mprintf("SELECT cloudtrail_import(%Q)", path));
}

/* Operators that are among the queries whose rows' events are tried alone, in the long run. */
static const char *const OPERATORS[] = {
    "| where ",
    "| extend ",
    "| project ",
    "| project-away ",
    "| project-keep ",
    "| distinct ",
    "| summarize ",
    "| project-reorder ",
    "| project-rename ",
    "| sort by ",
    "| order by ",
    "| top ",
    "| take ",
    "| limit ",
    "| count",
    "| join kind=inner (",
    "| join kind=innerunique (",
    "| join kind=leftsemi (",
    "| join kind=rightsemi (",
    "| lookup kind=inner (",
    "| union (",
    "| mv-expand ",
    "| mv-apply ",
    "| parse ",
    "let L =",
    "materialize(",
};
#define N_OPERATORS (sizeof OPERATORS / sizeof *OPERATORS)

typedef struct totals {
    int queries;
    int different;
    int alone;             /* rows whose events were tried alone */
    int seen[N_OPERATORS]; /* queries of such rows */
} totals;

static void note_operators(totals *t, const char *query)
{
    for (size_t i = 0; i < N_OPERATORS; i++)
        t->seen[i] += strstr(query, OPERATORS[i]) != NULL;
}

/* A line of kql_random.py, in the database that the lines before have filled. */
static void take_line(sqlite3 **db, sqlite3_stmt *line, totals *t)
{
    const char *sql = (const char *)sqlite3_column_text(line, 0);
    const char *records = (const char *)sqlite3_column_text(line, 1);
    if (sql) {
        if (*db)
            harness_close(*db);
        *db = harness_open();
        harness_exec(*db, sql);
        return;
    }
    if (records) {
        take_events(*db, records);
        return;
    }
    example e = {
        .query = (const char *)sqlite3_column_text(line, 2),
        .schema = (const char *)sqlite3_column_text(line, 3),
        .rows = (const char *)sqlite3_column_text(line, 4),
        .ordered = sqlite3_column_int(line, 5),
        .evidence = sqlite3_column_int(line, 6),
    };
    t->queries++;
    bool good = agrees(*db, &e, t->queries);
    if (good && e.evidence && e.rows[0] && !looks_beyond_its_row(e.query)) {
        good = rows_stand_alone(*db, &e, t->queries, &t->alone);
        note_operators(t, e.query);
    }
    t->different += !good;
}

static void test_random_queries_agree_with_the_evaluation(void **state)
{
    (void)state;
    int count = harness_extent(2000, 200);
    char *command = sqlite3_mprintf("python3 -B tests/independent/kql_random.py %d", count);
    char *all = shell_output(command);
    sqlite3_free(command);
    sqlite3 *reader = harness_open();
    sqlite3_stmt *line;
    int rc = sqlite3_prepare_v2(reader,
                                "SELECT json_extract(?1, '$.sql'), json_extract(?1, '$.records'),"
                                " json_extract(?1, '$.query'), json_extract(?1, '$.schema'),"
                                " json_extract(?1, '$.rows'), json_extract(?1, '$.ordered'),"
                                " json_extract(?1, '$.evidence')",
                                -1, &line, NULL);
    assert_int_equal(rc, SQLITE_OK);
    sqlite3 *db = NULL;
    totals t = {0, 0, 0, {0}};
    for (char *p = strtok(all, "\n"); p; p = strtok(NULL, "\n")) {
        sqlite3_bind_text(line, 1, p, -1, SQLITE_STATIC);
        assert_int_equal(sqlite3_step(line), SQLITE_ROW);
        take_line(&db, line, &t);
        sqlite3_reset(line);
    }
    sqlite3_finalize(line);
    harness_close(reader);
    harness_close(db);
    free(all);
    assert_int_equal(t.queries, count);
    assert_true(t.alone >= count / 10);
    for (size_t i = 0; i < N_OPERATORS; i++) {
        if (harness_is_long() && t.seen[i] == 0)
            fail_msg("no row of a query with '%s' was tried alone", OPERATORS[i]);
    }
    assert_int_equal(t.different, 0);
}

/* The evaluation itself is right about the answers of the real engine that it can evaluate. */
static void test_evaluation_agrees_with_the_real_engine(void **state)
{
    (void)state;
    if (access("../shared/kql/cases.jsonl", R_OK) != 0) {
        printf("skipped: ../shared/kql/cases.jsonl is not there\n");
        return;
    }
    char *said =
        shell_output("python3 -B tests/independent/kql_cases.py ../shared/kql/cases.jsonl");
    const char *right = strstr(said, "right ");
    assert_non_null(right);
    assert_true(strtol(right + strlen("right "), NULL, 10) >= 700);
    assert_null(strstr(said, "wrong"));
    free(said);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_evaluation_agrees_with_the_real_engine),
        cmocka_unit_test(test_random_queries_agree_with_the_evaluation),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
