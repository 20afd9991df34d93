/*
 * harness: what every test program needs around cmocka.
 *
 * A connection from harness_open() has the whole extension registered (the sources are linked in,
 * nothing is loaded). Queries come back as one text: columns joined by |, rows by a newline,
 * NULL as NULL, an error as `error: its text`.
 */
#ifndef CT_HARNESS_H
#define CT_HARNESS_H

// clang-format off
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
// clang-format on
#include <sqlite3.h>
#include <stdbool.h>

#include "faulty_mem.h"

sqlite3 *harness_open(void);                  /* :memory:, never NULL */
sqlite3 *harness_open_file(const char *path); /* the same on a file */
sqlite3 *harness_open_copy(sqlite3 *of);      /* :memory:, with the main database of another */

/* The same with all that cloudtrail_init() makes: a copy of what it made once for this program. For
 * tests of what stands in that database, not of how it comes to be. */
sqlite3 *harness_open_ready(void);
sqlite3 *harness_open_ready_file(const char *path); /* which is overwritten */

void harness_close(sqlite3 *db); /* fails the test when a statement was left open */

/* The result of the SQL (several statements allowed), to be freed with free(). */
char *harness_query(sqlite3 *db, const char *sql);

/* The same; *n_lines counts rows and, where one ended the SQL (*failed), the error. */
char *harness_query_lines(sqlite3 *db, const char *sql, size_t *n_lines, bool *failed);

/* Runs SQL whose rows nobody looks at; fails the test when it fails. The second gives the text to
 * sqlite3_free(). */
void harness_exec(sqlite3 *db, const char *sql);
void harness_exec_and_free(sqlite3 *db, char *sql);

/* Fails the test unless the SQL gives exactly that text. */
#define assert_query(db, sql, expected) harness_assert_query(db, sql, expected, __FILE__, __LINE__)
void harness_assert_query(sqlite3 *db, const char *sql, const char *expected, const char *file,
                          int line);

/* The same with memory refused in that way; *refused: whether any was. */
char *harness_query_without_memory(ct_mem_way *refuse, long n, sqlite3 *db, const char *sql,
                                   bool *refused);

/*
 * Runs the SQL for every n with the n-th allocation (of SQLite and of the extension alike) and all
 * after it refused, until it succeeds; then again with the n-th alone. Each time the result must be
 * SQLITE_NOMEM or the expected text, never anything else. Meant for short SQL: it is run hundreds
 * of times. The setup is run once: each run has a copy of the main database that it left, and
 * nothing else of it.
 */
void harness_oom_sweep(const char *setup, const char *sql, const char *expected);

/* The same for SQL that makes thousands of allocations: each n at first, then ever fewer. */
void harness_oom_samples(const char *setup, const char *sql, const char *expected);

/* The same with each n up to `dense`, and then at a distance of n / dense. */
void harness_oom_dense(const char *setup, const char *sql, const char *expected, int dense);

/* The same for a query that leaves nothing behind, on one connection: with less memory it must say
 * what it says with enough, or SQLITE_NOMEM. */
void harness_oom_query(sqlite3 *db, const char *sql);

/*
 * The same where each place of the extension that asks for memory, and for an answer of SQLite that
 * takes some, is refused once, alone: see faulty_mem.h. Of SQLite's own allocations none, but where
 * CT_LONG is set, by harness_oom_samples().
 */
void harness_oom_places(const char *setup, const char *sql, const char *expected);

/*
 * The long sweeps go all the way where CT_LONG is set, as `make check` sets it; without it
 * (`make test`) they go far enough to meet each kind of fault.
 */
bool harness_is_long(void);
int harness_extent(int whole, int part); /* one of the two */

/* Where a sweep goes on after n: at each number first, then at a distance of n / dense; without
 * CT_LONG at four times the number. */
long harness_next(long n, long dense);

/* The folder of real logs beside the project, or NULL where it is absent. */
const char *harness_shared(void);

#endif
