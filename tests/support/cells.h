/*
 * cells: a record's text made into all its columns.
 */
#ifndef CT_CELLS_H
#define CT_CELLS_H

#include <stdbool.h>

#include "base/buf.h"
#include "log/record.h"

typedef struct cells {
    char *text; /* owned: a copy that ends where its memory ends */
    ct_record record;
    ct_buf scratch;
    ct_cell all[CT_N_COLUMNS]; /* each text cell has its p */
} cells;

/* False when the text is no record (then nothing is held). */
bool cells_make(cells *c, const char *p, size_t n);

/* Reads the columns of a record that was scanned before. False when there is no memory. */
bool cells_read(cells *c);

void cells_free(cells *c);

/* A cell as text: NULL, 1, 0 or what it holds. Holds until the next call. */
const char *cells_text(const cells *c, ct_column column);

#endif
