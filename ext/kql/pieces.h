/*
 * pieces: a text against texts with columns between them, as parse of kind simple has it.
 *
 * The whole text must match. A column, and what is skipped, is as short as it can be; as only the
 * texts decide where it ends, the first place of each text is the right one, and a match takes time
 * in proportion to the text.
 */
#ifndef CT_KQL_PIECES_H
#define CT_KQL_PIECES_H

#include "base/buf.h"
#include "base/span.h"

typedef struct ct_piece {
    enum { CT_PIECE_TEXT, CT_PIECE_SKIP, CT_PIECE_COLUMN } kind;
    size_t offset, n; /* of a text: in texts, at least 1 byte */
} ct_piece;

typedef struct ct_pieces {
    ct_piece *items; /* owned (ct_malloc) */
    size_t n, capacity;
    ct_buf texts;
} ct_pieces;

#define CT_PIECES_EMPTY ((ct_pieces){.texts = CT_BUF_EMPTY})

/* False when out of memory. */
bool ct_pieces_add_text(ct_pieces *pieces, ct_span text);
bool ct_pieces_add_skip(ct_pieces *pieces);
bool ct_pieces_add_column(ct_pieces *pieces);

/* Whether the text matches; then columns has what each column took. */
bool ct_pieces_match(const ct_pieces *pieces, ct_span text, ct_span *columns);

void ct_pieces_free(ct_pieces *pieces);

#endif
