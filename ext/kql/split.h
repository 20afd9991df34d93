/*
 * split: a text between delimiters.
 *
 * A delimiter has at least 1 byte, is compared byte by byte, taken from the left, not overlapping.
 * An empty text is one empty piece.
 */
#ifndef CT_KQL_SPLIT_H
#define CT_KQL_SPLIT_H

#include <stdbool.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/span.h"

/* Appends a JSON array of the pieces. */
void ct_kql_split(ct_buf *json, ct_span text, ct_span delimiter);

/* The piece as it is, counted from 0, or from -1 at the end; false where there is none. */
bool ct_kql_split_part(ct_span text, ct_span delimiter, int64_t index, ct_span *piece);

#endif
