/*
 * csv: the rows of a CSV text by RFC 4180, one at a time, in place. Spreadsheets of many countries
 * write semicolons, others tabs: what separates the fields is the caller's choice.
 *
 * A field may stand in quotes; then it may hold commas and line breaks, and "" for a quote. Rows
 * end with CRLF or LF; a CR alone is text. Two remarks: a quote inside a field that does not begin
 * with one is text, as every reader takes it; text behind a closing quote is a fault.
 *
 * The bytes may be the beginning of something longer: as long as the row's end is not certain the
 * scan says CT_CSV_INCOMPLETE, and the caller tries again with more.
 *
 * Memory: CT_CSV_FIELDS_MAX fields at most; those behind are counted only.
 */
#ifndef CT_CSV_H
#define CT_CSV_H

#include <stdbool.h>
#include <stddef.h>

#include "base/buf.h"

enum { CT_CSV_FIELDS_MAX = 1024 }; /* Sentinel's table has about 60 columns, the console 16 */

typedef struct ct_csv_field {
    const char *p; /* borrowed; without the quotes around it */
    size_t len;
    bool doubled; /* "" in it stands for a quote */
} ct_csv_field;

typedef struct ct_csv_row {
    ct_csv_field *fields; /* owned; the first CT_CSV_FIELDS_MAX */
    size_t n_fields, capacity;
    char delimiter;    /* the caller's to choose; 0 is a comma */
    const char *error; /* after CT_CSV_INVALID what is wrong: constant text, lower case */
    bool no_memory;    /* the scan ran out of memory; nothing else here holds */
} ct_csv_row;

#define CT_CSV_ROW_EMPTY ((ct_csv_row){.fields = NULL})

typedef enum ct_csv_status { CT_CSV_OK, CT_CSV_INCOMPLETE, CT_CSV_INVALID } ct_csv_status;

/*
 * Scans the row that begins at p. *end gets the byte behind it, its line break included, or after
 * CT_CSV_INVALID the byte that is wrong. `at_end`: no bytes will follow; the last row needs no line
 * break then, and the result is never CT_CSV_INCOMPLETE.
 */
ct_csv_status ct_csv_scan(ct_csv_row *row, const char *p, size_t n, bool at_end, const char **end);

/* Appends what a field says. */
void ct_csv_put_field(const ct_csv_field *field, ct_buf *out);

void ct_csv_row_free(ct_csv_row *row);

#endif
