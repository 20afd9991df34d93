/* The window: the bytes of the file that the reader looks at. */
#include "log/reader_parts.h"

#include <string.h>

/* Reads until the room is full: what comes in crumbs, from a pipe or from gzip members of a byte
 * each, must not be looked at anew for each of them. */
static size_t read_all(ct_reader *r, char *out, size_t room)
{
    size_t n = 0, n_read = 0;
    do {
        r->source_status = ct_source_read(r->source, out + n, room - n, &n_read);
        n += n_read;
    } while (n < room && n_read > 0 && r->source_status == CT_SOURCE_OK);
    return n;
}

/* Adds bytes behind those that are left. False when there are none to add. */
bool ct_reader_fill(ct_reader *r)
{
    if (r->source_status != CT_SOURCE_OK || r->no_memory)
        return false;
    if (r->pos > 0) {
        memmove(r->window.data, window_at(r), window_left(r));
        r->window.len -= r->pos;
        r->base += (int64_t)r->pos;
        r->pos = 0;
    }
    if (r->window.len + CT_READER_CHUNK / 2 > r->window.capacity &&
        !ct_buf_reserve(&r->window, CT_READER_CHUNK)) {
        r->no_memory = true;
        return false;
    }
    size_t room = r->window.capacity - r->window.len;
    size_t n_read = read_all(r, r->window.data + r->window.len,
                             room < CT_READER_CHUNK ? room : CT_READER_CHUNK);
    r->window.len += n_read;
    if (r->source_status == CT_SOURCE_NO_MEMORY)
        r->no_memory = true;
    return n_read > 0;
}

/* The rest of skip_space: white space stands there, or the window ends. */
bool ct_reader_skip_space_slow(ct_reader *r)
{
    for (;;) {
        while (r->pos < r->window.len) {
            char c = r->window.data[r->pos];
            if (c != ' ' && c != '\n' && c != '\r' && c != '\t')
                return true;
            r->pos++;
        }
        if (!ct_reader_fill(r))
            return false;
    }
}

void ct_reader_skip_byte_order_mark(ct_reader *r)
{
    look_ahead(r, 3);
    if (window_left(r) >= 3 && memcmp(window_at(r), "\xEF\xBB\xBF", 3) == 0)
        r->pos += 3;
}
