#include "kql/split.h"

#include "base/json_write.h"
#include "kql/terms.h"

/* Cuts the next piece off the front of rest; false when that was the last one. */
static bool take_piece(ct_span *rest, ct_span delimiter, ct_span *piece)
{
    const char *at = ct_kql_search(*rest, delimiter);
    if (!at) {
        *piece = *rest;
        return false;
    }
    const char *end = rest->p + rest->n;
    *piece = (ct_span){rest->p, (size_t)(at - rest->p)};
    *rest = (ct_span){at + delimiter.n, (size_t)(end - at) - delimiter.n};
    return true;
}

void ct_kql_split(ct_buf *json, ct_span text, ct_span delimiter)
{
    ct_span rest = text, piece;
    bool more;
    ct_buf_put_char(json, '[');
    do {
        more = take_piece(&rest, delimiter, &piece);
        ct_json_put_string(json, piece.p, piece.n);
        if (more)
            ct_buf_put_char(json, ',');
    } while (more && ct_buf_ok(json));
    ct_buf_put_char(json, ']');
}

bool ct_kql_split_part(ct_span text, ct_span delimiter, int64_t index, ct_span *piece)
{
    ct_span rest = text;
    if (index < 0) { /* as many pieces from the end are as many from the front */
        int64_t n_pieces = 1;
        while (take_piece(&rest, delimiter, piece))
            n_pieces++;
        if (index == -1)
            return true;
        if (index < -n_pieces)
            return false;
        index += n_pieces;
        rest = text;
    }
    bool more = true;
    int64_t i = -1; /* of the piece in hand */
    while (more && i < index) {
        more = take_piece(&rest, delimiter, piece);
        i++;
    }
    return i == index;
}
