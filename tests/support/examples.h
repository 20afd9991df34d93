/*
 * examples: runs the examples of the docs and the golden cases of tests/sql, and compares.
 *
 * SQL, in ```sql blocks of a page and in *.sql files:
 *
 *     SELECT upn_name('ana@corp.example'), upn_suffix('ana');
 *     -- ana|
 *     SELECT kql_bin(1, 0);
 *     -- error: kql_bin(): ...
 *
 * A statement ends where sqlite3_complete() says so (`;` at a line's end). The comment lines
 * directly behind it are the expected result: a row a line, columns joined by |, NULL as NULL, an
 * error as `error: text`, an empty line as `--`. `-- (no rows)` expects none. A statement without
 * such a line must succeed; what it gives is not looked at. Comments elsewhere (before a statement,
 * behind a blank line) are comments. A line `.load ...` is passed over: the extension is there.
 *
 * Shell, in ```console blocks of a page:
 *
 *     $ sqlite3 build/try.db <<'END'
 *     > .load build/cloudtrail
 *     > SELECT aws_cli_version('aws-cli/2.15.60');
 *     > END
 *     2.15.60
 *
 * `$ ` begins a command, `> ` goes on with it, all other lines are its output, stderr included;
 * each command has a shell of its own in the project's root. No line means no output.
 *
 * In both, `...` in an expected line stands for any text, and a line `...` for any lines; a shell
 * command whose output is given so must exit with 0. White space at a line's end is not compared.
 * All of a page or file runs in one fresh :memory: connection, in order. Other blocks are not run,
 * nor those that are indented.
 */
#ifndef CT_EXAMPLES_H
#define CT_EXAMPLES_H

#include "harness.h"

#include "base/buf.h"

/* Each runs a text, appends what failed to the report and returns the number of failures; page
 * is what the report calls the text. */
size_t examples_sql(sqlite3 *db, const char *page, const char *text, ct_buf *report);
size_t examples_page_sql(sqlite3 *db, const char *page, const char *text, ct_buf *report);
size_t examples_page_console(const char *page, const char *text, ct_buf *report);

/* main() of a test program: a test for each file that one of the n glob patterns finds, and for
 * a page with ```console blocks a second one, skipped where they cannot run. */
int examples_main(const char *const *patterns, size_t n);

#endif
