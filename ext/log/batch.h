/*
 * batch: rows made from a stretch of one file, complete in themselves.
 *
 * A batch owns every byte its rows point at, so that one thread can fill it and another one read
 * it, after the file has gone on or is closed. It is filled from a reader until it holds about
 * CT_BATCH_BYTES, or the file ends; then emptied and filled again, which keeps its memory.
 */
#ifndef CT_BATCH_H
#define CT_BATCH_H

#include <stdbool.h>
#include <stdint.h>

#include "base/buf.h"
#include "log/reader.h"

enum { CT_BATCH_BYTES = 240 * 1024 };

/* Which columns the rows get: one bit each, by ct_column, and one for the record's JSON text. */
typedef uint64_t ct_column_set;
#define CT_ALL_COLUMNS ((UINT64_C(1) << CT_N_COLUMNS) - 1)
#define CT_RECORD_TEXT (UINT64_C(1) << CT_N_COLUMNS)

/* Rows that are wanted: those whose column has `part` somewhere, without regard to ASCII case. The
 * others are passed over before they are made. */
typedef struct ct_row_filter {
    ct_column column;
    const char *part; /* borrowed, in small letters */
    size_t len;       /* 0: every row is wanted */
    size_t anchor;    /* the first byte of the part that is no letter: it has one form only, and is
                         quickly found; len when all are letters */
} ct_row_filter;

/* A stretch of the batch's bytes. */
typedef struct ct_slice {
    uint32_t offset, len;
} ct_slice;

/* A cell in eight bytes: text by its place in the batch, or one of two marks in `len`. */
typedef struct ct_packed_cell {
    uint32_t offset; /* of a text; of an integer its value */
    uint32_t len;
} ct_packed_cell;
#define CT_PACKED_NULL UINT32_MAX
#define CT_PACKED_INTEGER (UINT32_MAX - 1)

typedef struct ct_row {
    ct_item_kind kind; /* a record, a problem, a note or a digest */
    int64_t number, offset;
    int64_t order;     /* among the records of the batch, those that were not wanted too */
    ct_slice text;     /* of a problem or digest; of a record where CT_RECORD_TEXT was asked for */
    ct_slice message;  /* empty: none */
    size_t first_cell; /* of a record: its cells stand from there in the batch's */
} ct_row;

typedef struct ct_batch {
    /* The file. */
    ct_slice path; /* absolute, NUL-terminated behind its length */
    ct_file_info info;
    ct_form form;               /* of the last record */
    char format[CT_FORMAT_MAX]; /* its name, as the ledger has it */
    bool is_gzip;
    bool begins_file, ends_file;
    bool has_sha256; /* of the file: where it ends, and hashing was asked for */
    unsigned char sha256[CT_SHA256_BYTES];
    ct_slice error; /* not empty: the file cannot be read at all, and there are no rows */
    bool no_memory; /* memory ran out while this batch was filled: it is not complete */

    /* The rows. */
    ct_column_set columns;
    unsigned n_columns;                 /* cells of a row */
    unsigned char places[CT_N_COLUMNS]; /* which of them is a column's */
    const ct_row_filter *filter;        /* borrowed; NULL: every row is wanted */
    int64_t n_records;                  /* that were read, wanted or not */
    int64_t n_ignored;                  /* items of that kind: they have no row */
    ct_buf bytes;
    ct_row *rows; /* owned */
    size_t n_rows, rows_capacity;
    ct_packed_cell *cells; /* owned */
    size_t n_cells, cells_capacity;
    struct ct_batch *next; /* for whoever keeps batches in a list */
} ct_batch;

/* NULL when there is no memory. The filter, which may be NULL, is borrowed. */
ct_batch *ct_batch_new(ct_column_set columns, const ct_row_filter *filter);
void ct_batch_free(ct_batch *batch); /* NULL is fine */

/* Empties the batch and says which file it is for. */
void ct_batch_begin(ct_batch *batch, const char *path, const ct_file_info *info);

/* Fills it with what the reader gives next. Sets form, is_gzip, ends_file and no_memory. */
void ct_batch_fill(ct_batch *batch, ct_reader *reader);

/* Makes it the batch of a file that cannot be read. */
void ct_batch_fail(ct_batch *batch, const char *error);

/* Bytes of memory that it takes, used or not. */
size_t ct_batch_memory(const ct_batch *batch);

/* The value of one of the columns asked for; its text is lent until the batch is emptied. */
static inline ct_cell ct_batch_cell(const ct_batch *batch, const ct_row *row, ct_column column)
{
    const ct_packed_cell *cell = &batch->cells[row->first_cell + batch->places[column]];
    if (cell->len == CT_PACKED_NULL)
        return (ct_cell){.kind = CT_CELL_NULL};
    if (cell->len == CT_PACKED_INTEGER)
        return (ct_cell){.kind = CT_CELL_INTEGER, .integer = (int)cell->offset};
    return (ct_cell){.kind = CT_CELL_TEXT,
                     .p = cell->len ? batch->bytes.data + cell->offset : "",
                     .len = cell->len};
}

static inline const char *ct_batch_text(const ct_batch *batch, ct_slice slice)
{
    return slice.len ? batch->bytes.data + slice.offset : "";
}

#endif
