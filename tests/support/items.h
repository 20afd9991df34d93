/*
 * items: all that a reader hands out of some bytes, as one text.
 *
 *     1 a                  record 1 with the eventID `a`
 *     2 ! message: text    problem of record 2 (0: of the file), with the text that was lost
 *     0  ! message         note of the file
 *     - digest
 */
#ifndef CT_ITEMS_H
#define CT_ITEMS_H

#include <stdint.h>

#include "base/buf.h"
#include "log/reader.h"

typedef struct items {
    ct_buf lines; /* NUL-terminated */
    size_t n_records, n_problems, n_notes;
    int64_t offsets[64]; /* of the first items */
    int64_t fault;       /* offset of the first problem or note */
    ct_form form;        /* after the last */
} items;

/*
 * Reads the bytes as a file. Fails the test where a record's text is not what stands in the file at
 * its offset, or a number is not one more than the last.
 */
items items_read(const char *p, size_t n);

/*
 * The same, and fails the test where a byte got lost: between the texts of records and problems,
 * which must come in the order of the file, may stand only brackets, commas, white space and the
 * names of lists. For files without fields that are passed over.
 */
items items_read_all_bytes(const char *p, size_t n);

void items_free(items *got);

#endif
