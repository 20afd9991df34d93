#include "kql/pieces.h"

#include <string.h>

#include "base/mem.h"
#include "base/grow.h"
#include "kql/terms.h"

/* ---- building ------------------------------------------------------------------------------- */

static bool add(ct_pieces *pieces, ct_piece piece)
{
    ct_piece *items = ct_grow(pieces->items, pieces->n, &pieces->capacity, 8, sizeof *items);
    if (!items)
        return false;
    pieces->items = items;
    items[pieces->n++] = piece;
    return true;
}

bool ct_pieces_add_text(ct_pieces *pieces, ct_span text)
{
    size_t before = pieces->texts.len;
    if (text.n == 0)
        return true;
    ct_buf_put(&pieces->texts, text.p, text.n);
    if (!ct_buf_ok(&pieces->texts))
        return false;
    if (pieces->n > 0 && pieces->items[pieces->n - 1].kind == CT_PIECE_TEXT) {
        pieces->items[pieces->n - 1].n += text.n;
        return true;
    }
    return add(pieces, (ct_piece){.kind = CT_PIECE_TEXT, .offset = before, .n = text.n});
}

bool ct_pieces_add_skip(ct_pieces *pieces)
{
    return add(pieces, (ct_piece){.kind = CT_PIECE_SKIP});
}

bool ct_pieces_add_column(ct_pieces *pieces)
{
    return add(pieces, (ct_piece){.kind = CT_PIECE_COLUMN});
}

void ct_pieces_free(ct_pieces *pieces)
{
    ct_free(pieces->items);
    ct_buf_free(&pieces->texts);
    *pieces = CT_PIECES_EMPTY;
}

/* ---- matching ------------------------------------------------------------------------------- */

typedef struct matcher {
    const ct_pieces *pieces;
    ct_span text;
    size_t at;     /* all before is matched, but for what is open */
    bool is_open;  /* a column or a skip has begun at `at` and ends where the next text is */
    ct_span *open; /* that column; NULL for a skip */
} matcher;

static void close_open(matcher *m, size_t end)
{
    if (m->is_open && m->open)
        *m->open = (ct_span){m->text.p + m->at, end - m->at};
    m->is_open = false;
    m->at = end;
}

/* The text stands where the one before it ended or, where something is open, anywhere behind; at
 * the end of the pattern at the end of the text. */
static bool match_text(matcher *m, const ct_piece *piece, bool is_last)
{
    ct_span needle = {ct_buf_at(&m->pieces->texts, piece->offset), piece->n};
    const char *from = m->text.p + m->at, *end = m->text.p + m->text.n, *place = from;
    if ((size_t)(end - from) < needle.n)
        return false;
    if (m->is_open && is_last)
        place = end - needle.n;
    else if (m->is_open)
        place = ct_kql_search((ct_span){from, (size_t)(end - from)}, needle);
    if (!place || memcmp(place, needle.p, needle.n) != 0)
        return false;
    close_open(m, (size_t)(place - m->text.p));
    m->at += needle.n;
    return true;
}

bool ct_pieces_match(const ct_pieces *pieces, ct_span text, ct_span *columns)
{
    matcher m = {.pieces = pieces, .text = text};
    for (size_t i = 0; i < pieces->n; i++) {
        const ct_piece *piece = &pieces->items[i];
        if (piece->kind == CT_PIECE_TEXT) {
            if (!match_text(&m, piece, i + 1 == pieces->n))
                return false;
        } else {
            close_open(&m, m.at); /* the one before it takes nothing */
            m.is_open = true;
            m.open = piece->kind == CT_PIECE_COLUMN ? columns++ : NULL;
        }
    }
    if (m.is_open)
        close_open(&m, text.n);
    return m.at == text.n;
}
