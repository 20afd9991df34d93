/*
 * kql_rows: tables of KQL queries with the answers or the refusals that are expected.
 */
#ifndef CT_KQL_ROWS_H
#define CT_KQL_ROWS_H

#include "harness.h"

/* A query; its rows as harness_query() writes them, or the sentence that refuses it, with line and
 * column. */
typedef struct kql_row {
    const char *query, *expected;
} kql_row;

/* The SQL of the query, or `error: ` and why there is none; free(). */
char *kql_compile(sqlite3 *db, const char *query);

/* Fail the test unless the query is answered or refused so. */
void assert_answer(sqlite3 *db, const char *query, const char *expected);
void assert_refused(sqlite3 *db, const char *query, const char *sentence);

/* The columns of the query's result as `name:type, ...`. */
void assert_columns(sqlite3 *db, const char *query, const char *expected);

/* Each row of a table, in a database of its own. */
#define ASSERT_ANSWERS(rows) kql_each_row(rows, sizeof(rows) / sizeof(rows)[0], assert_answer)
#define ASSERT_REFUSALS(rows) kql_each_row(rows, sizeof(rows) / sizeof(rows)[0], assert_refused)
#define ASSERT_COLUMNS(rows) kql_each_row(rows, sizeof(rows) / sizeof(rows)[0], assert_columns)
void kql_each_row(const kql_row *rows, size_t n,
                  void (*check)(sqlite3 *db, const char *query, const char *expected));

#endif
