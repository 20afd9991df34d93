/*
 * expected: the records of log files as JSON1 reads them, without the extension's reader.
 *
 * Files are opened here, inflated by gzip(1), split and unwrapped by SQLite's JSON functions. What
 * the extension makes of the same files is compared with that.
 */
#ifndef CT_EXPECTED_H
#define CT_EXPECTED_H

#include "harness.h"

/*
 * Adds a file, or all files below a folder, to these tables, which the first call makes:
 *
 *   temp.expected_file(file, n)
 *       n: records in it; NULL where JSON1 cannot read the file
 *   temp.expected(file, number, json, time)
 *       a row a record: number from 1, json without white space, time as eventTime's column has it
 *   temp.expected_column(name, kind, path)
 *       where in a record each column but `extra` stands; kind: text, time, bool, bool_string, json
 *
 * and fills them. `file` is absolute.
 */
void expected_load(sqlite3 *db, const char *path);

/* An SQL expression: what the column is to be for the record e.json. sqlite3_free() it. */
char *expected_value(const char *kind, const char *path);

/* Registers canonical(json): one text for all JSON that says the same, by json_tree(): members
 * sorted, nulls dropped; NULL for NULL. */
void expected_add_canonical(sqlite3 *db);

#endif
