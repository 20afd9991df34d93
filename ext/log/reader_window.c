/* The window: the bytes of the file that the reader looks at. */
#include "log/reader_parts.h"

#include <string.h>

void ct_reader_begin_layers(ct_reader *r)
{
    ct_layers *l = &r->layers;
    l->looked = l->has_colours = false;
    l->utf16 = CT_UTF16_NOT;
    l->escape = NO_ESCAPE;
    ct_buf_clear(&l->half);
}

void ct_reader_free_layers(ct_reader *r)
{
    ct_buf_free(&r->layers.half);
}

/* ---- reading -------------------------------------------------------------------------------- */

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

/* The same where the file is UTF-16: what was read becomes UTF-8, `skip` bytes of it left out. */
static size_t read_utf16(ct_reader *r, const char *first, size_t n_first, ct_buf *out, size_t room)
{
    ct_layers *l = &r->layers;
    size_t before = out->len;
    ct_buf_put(&l->half, first, n_first);
    while (out->len == before) {
        if (n_first == 0) {
            if (!ct_buf_reserve(&l->half, room / 3 + 4))
                break;
            l->half.len += read_all(r, l->half.data + l->half.len, room / 3);
        }
        n_first = 0;
        bool at_end = r->source_status != CT_SOURCE_OK;
        size_t used = ct_utf16_put(l->utf16, l->half.data, l->half.len, at_end, out);
        if (l->half.len > 0)
            memmove(l->half.data, l->half.data + used, l->half.len - used);
        l->half.len -= used;
        if (at_end)
            break;
    }
    if (!ct_buf_ok(&l->half) || !ct_buf_ok(out))
        r->no_memory = true;
    return out->len - before;
}

/* Takes out of n bytes what a terminal is told by them: ESC [ and what follows up to a letter
 * (ECMA-48, 5.4), be it in the next n; of anything else ESC itself. What is left. */
static size_t take_colours_out(ct_layers *l, char *p, size_t n)
{
    size_t kept = 0;
    for (size_t i = 0; i < n; i++) {
        if (p[i] == '\033') {
            l->escape = ESCAPE_BEGINS;
            continue;
        }
        bool is_inside = l->escape == ESCAPE_BEGINS
                             ? p[i] == '['
                             : l->escape == ESCAPE_INSIDE && p[i] >= ' ' && p[i] < '\177';
        bool is_last = l->escape == ESCAPE_INSIDE && p[i] >= '@';
        l->escape = is_inside && !is_last ? ESCAPE_INSIDE : NO_ESCAPE;
        if (!is_inside)
            p[kept++] = p[i];
    }
    return kept;
}

/* Looks at the first bytes of the file, n of them behind the window's: what they are packed in. */
static size_t look_at_first(ct_reader *r, size_t n)
{
    ct_layers *l = &r->layers;
    char *p = r->window.data + r->window.len;
    size_t mark;
    l->looked = true;
    l->has_colours = n > 2 && memcmp(p, "\033[", 2) == 0;
    l->utf16 = ct_utf16_detect(p, n, &mark);
    if (l->utf16 == CT_UTF16_NOT || r->no_memory)
        return n;
    ct_buf text = CT_BUF_EMPTY;
    n = read_utf16(r, p + mark, n - mark, &text, CT_READER_CHUNK);
    ct_buf_put(&r->window, text.data, n);
    if (!ct_buf_ok(&r->window)) /* UTF-8 may have more bytes than there was room for */
        r->no_memory = true;
    r->window.len -= r->no_memory ? 0 : n; /* the caller counts it */
    ct_buf_free(&text);
    return r->no_memory ? 0 : n;
}

/* Adds up to about `room` bytes of text to the window; how many. */
static size_t read_some(ct_reader *r, size_t room)
{
    ct_layers *l = &r->layers;
    if (l->utf16)
        return read_utf16(r, "", 0, &r->window, room);
    for (;;) {
        size_t n = read_all(r, r->window.data + r->window.len, room);
        if (!l->looked)
            n = look_at_first(r, n);
        bool at_end = n == 0;
        if (l->has_colours)
            n = take_colours_out(l, r->window.data + r->window.len, n);
        r->window.len += n;
        if (n > 0 || at_end)
            return n;
    }
}

/* Adds bytes behind those that are left. False when there are none to add. */
bool ct_reader_fill(ct_reader *r)
{
    bool waits = r->layers.utf16 && r->layers.half.len > 0;
    if ((r->source_status != CT_SOURCE_OK && !waits) || r->no_memory)
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
    if (room > CT_READER_CHUNK)
        room = CT_READER_CHUNK;
    size_t n_read = read_some(r, room);
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
