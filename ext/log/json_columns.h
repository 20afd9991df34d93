/*
 * json_columns: a JSON row of columns, as Sentinel, Athena, CloudTrail Lake and Tailpipe hand them
 * over, made the JSON text of the record it tells of. What csv_record.h does for a row of a CSV
 * file; the names are the same.
 */
#ifndef CT_JSON_COLUMNS_H
#define CT_JSON_COLUMNS_H

#include <stdbool.h>

#include "log/csv_record.h"
#include "base/json.h"

typedef struct ct_json_columns {
    ct_csv_header header;
    ct_csv_row row;
    ct_csv_row names; /* of the header, while it is read */
    ct_buf texts;     /* what names and values say */
    ct_buf scratch;
    ct_buf record; /* the record's text */
    bool is_lake;  /* a row of single fields: CloudTrail Lake writes UTC and does not say so */
    bool no_memory;
} ct_json_columns;

/* Whether the object is such a row; the header is then of a known kind. */
bool ct_json_columns_read(ct_json_columns *columns, const ct_json *object);

/* The same for an array of objects with one field each: a row as CloudTrail Lake writes it. */
bool ct_json_columns_read_lake(ct_json_columns *columns, const ct_json *array);

/* Reads the names of a table that stand apart from its rows: an array of {"name":...} or of
 * strings. */
bool ct_json_columns_read_names(ct_json_columns *columns, const ct_json *array);

/* Takes the values of one row of such a table. */
bool ct_json_columns_read_values(ct_json_columns *columns, const ct_json *array);

/* Makes columns->record of the row that was read. False: *message says why not; else it gets NULL
 * or what is to be noted. */
bool ct_json_columns_make(ct_json_columns *columns, const char **message);

void ct_json_columns_free(ct_json_columns *columns);

#endif
