#include "kql_rows.h"

#include <stdlib.h>
#include <string.h>

char *kql_compile(sqlite3 *db, const char *query)
{
    char *sql = sqlite3_mprintf("SELECT kql_sql(%Q)", query);
    char *text = harness_query(db, sql);
    sqlite3_free(sql);
    return text;
}

static void compare(const char *query, const char *answer, const char *expected)
{
    if (strcmp(answer, expected) != 0)
        fail_msg("%s\ngives\n%s\nnot\n%s", query, answer, expected);
}

void assert_answer(sqlite3 *db, const char *query, const char *expected)
{
    char *text = kql_compile(db, query);
    if (strncmp(text, "error: ", 7) == 0)
        fail_msg("%s\n%s", query, text);
    char *answer = harness_query(db, text);
    compare(query, answer, expected);
    free(answer);
    free(text);
}

void assert_refused(sqlite3 *db, const char *query, const char *sentence)
{
    char *text = kql_compile(db, query);
    char *expected = sqlite3_mprintf("error: kql_sql(): %s", sentence);
    compare(query, text, expected);
    sqlite3_free(expected);
    free(text);
}

void assert_columns(sqlite3 *db, const char *query, const char *expected)
{
    char *sql =
        sqlite3_mprintf("SELECT group_concat(json_extract(value, '$.name') || ':' || "
                        "json_extract(value, '$.type'), ', ') FROM json_each(kql_schema(%Q))",
                        query);
    char *columns = harness_query(db, sql);
    compare(query, columns, expected);
    sqlite3_free(sql);
    free(columns);
}

void kql_each_row(const kql_row *rows, size_t n,
                  void (*check)(sqlite3 *db, const char *query, const char *expected))
{
    sqlite3 *db = harness_open();
    for (size_t i = 0; i < n; i++)
        check(db, rows[i].query, rows[i].expected);
    harness_close(db);
}
