#include "log/gunzip.h"

#include <libdeflate.h>
#include <limits.h>
#include <string.h>
#include <zlib.h>

#include "base/mem.h"

typedef enum gunzip_place {
    AT_MEMBER, /* between members, or before the first one */
    IN_STREAM, /* in a body that zlib inflates */
    IN_WHOLE,  /* a body lies inflated in `whole`, and is handed over */
    AT_TRAILER
} gunzip_place;

struct ct_gunzip {
    ct_feed *feed;            /* borrowed */
    ct_gunzip_budget *budget; /* borrowed */
    gunzip_place place;
    const char *error;
    uint32_t crc, size;                       /* of the member's inflated bytes so far */
    int64_t n_raw, n_inflated;                /* bytes so far, of all members */
    struct libdeflate_decompressor *inflater; /* owned */
    z_stream stream;                          /* its state owned, once has_stream */
    bool has_stream;
    unsigned char *whole; /* owned; an inflated body: what is left of it, as in a feed */
    size_t whole_next, whole_len, whole_capacity;
};

const char ct_gunzip_bomb[] = "the gzip data grows more than 200 times: taken for a bomb";
static const char ends_early[] = "the gzip data ends early";
const char ct_gunzip_wrong_checksum[] = "the gzip checksum is wrong";
static const char broken_data[] = "the gzip data is broken";

/* ---- memory --------------------------------------------------------------------------------- */

bool ct_gunzip_budget_take(ct_gunzip_budget *budget, size_t n_bytes)
{
    size_t left = budget ? atomic_load(&budget->left) : 0;
    while (budget) {
        if (left < n_bytes)
            return false;
        if (atomic_compare_exchange_weak(&budget->left, &left, left - n_bytes))
            return true;
    }
    return true;
}

void ct_gunzip_budget_give(ct_gunzip_budget *budget, size_t n_bytes)
{
    if (budget)
        atomic_fetch_add(&budget->left, n_bytes);
}

static void release_whole(ct_gunzip *g)
{
    ct_free(g->whole);
    ct_gunzip_budget_give(g->budget, g->whole_capacity);
    g->whole = NULL;
    g->whole_next = g->whole_len = g->whole_capacity = 0;
}

/* Room for a body of n bytes; false when it cannot be had. */
static bool reserve_whole(ct_gunzip *g, size_t n)
{
    if (n <= g->whole_capacity)
        return true;
    release_whole(g);
    if (!ct_gunzip_budget_take(g->budget, n))
        return false;
    g->whole = ct_malloc(n);
    if (g->whole)
        g->whole_capacity = n;
    else
        ct_gunzip_budget_give(g->budget, n);
    return g->whole != NULL;
}

ct_gunzip *ct_gunzip_new(void)
{
    ct_gunzip *g = ct_malloc(sizeof *g);
    if (!g)
        return NULL;
    memset(g, 0, sizeof *g);
    g->inflater = libdeflate_alloc_decompressor();
    if (!g->inflater) {
        ct_free(g);
        return NULL;
    }
    return g;
}

void ct_gunzip_free(ct_gunzip *g)
{
    if (!g)
        return;
    release_whole(g);
    libdeflate_free_decompressor(g->inflater);
    if (g->has_stream)
        inflateEnd(&g->stream);
    ct_free(g);
}

void ct_gunzip_begin(ct_gunzip *g, ct_feed *feed, ct_gunzip_budget *budget)
{
    release_whole(g);
    g->feed = feed;
    g->budget = budget;
    g->place = AT_MEMBER;
    g->error = NULL;
    g->n_raw = g->n_inflated = 0;
}

/* ---- the header of a member (RFC 1952) ------------------------------------------------------ */

enum { FHCRC = 2, FEXTRA = 4, FNAME = 8, FCOMMENT = 16, FRESERVED = 0xE0, CM_DEFLATE = 8 };

static ct_source_status broken(ct_gunzip *g, const char *error)
{
    g->error = error;
    return CT_SOURCE_BROKEN;
}

/* Moves over n raw bytes that lie ready. */
static void use_raw(ct_gunzip *g, size_t n)
{
    g->feed->next += n;
    g->n_raw += (int64_t)n;
}

/* ct_feed_need(), and where it fails its error. */
static ct_source_status need_raw(ct_gunzip *g, size_t n)
{
    ct_source_status st = ct_feed_need(g->feed, n);
    return st == CT_SOURCE_BROKEN ? broken(g, g->feed->error) : st;
}

/* What a header's fields are read by: the first failure stays. */
typedef struct header_reader {
    ct_gunzip *g;
    ct_source_status status;
    uint32_t crc; /* of the header so far */
} header_reader;

/* The next byte of a header; 0 after a failure. */
static int header_byte(header_reader *h)
{
    if (h->status == CT_SOURCE_OK)
        h->status = need_raw(h->g, 1);
    if (h->status == CT_SOURCE_OK && ct_feed_ready(h->g->feed) == 0)
        h->status = broken(h->g, ends_early);
    if (h->status != CT_SOURCE_OK)
        return 0;
    unsigned char c = *ct_feed_at(h->g->feed);
    use_raw(h->g, 1);
    h->crc = libdeflate_crc32(h->crc, &c, 1);
    return c;
}

/* A number of two bytes, the low one first. */
static int header_number(header_reader *h)
{
    int low = header_byte(h);
    return header_byte(h) << 8 | low;
}

static void skip_header_bytes(header_reader *h, int n)
{
    while (n-- > 0 && h->status == CT_SOURCE_OK)
        (void)header_byte(h);
}

static void skip_header_text(header_reader *h)
{
    while (header_byte(h) != 0)
        continue; /* a failure is a 0, too */
}

/* Moves over a member's header, which begins at the next raw byte. */
static ct_source_status skip_header(ct_gunzip *g)
{
    header_reader h = {.g = g, .status = CT_SOURCE_OK};
    skip_header_bytes(&h, 2); /* the magic: it was seen */
    int method = header_byte(&h), flags = header_byte(&h);
    if (h.status == CT_SOURCE_OK && (method != CM_DEFLATE || (flags & FRESERVED)))
        return broken(g, "the gzip header is broken");
    skip_header_bytes(&h, 6); /* time, hint, system */
    if (flags & FEXTRA)
        skip_header_bytes(&h, header_number(&h));
    if (flags & FNAME)
        skip_header_text(&h);
    if (flags & FCOMMENT)
        skip_header_text(&h);
    if (flags & FHCRC) {
        int expected = (int)(h.crc & 0xFFFF), found = header_number(&h);
        if (h.status == CT_SOURCE_OK && found != expected)
            return broken(g, ct_gunzip_wrong_checksum);
    }
    return h.status;
}

/* ---- a body at once, by libdeflate ---------------------------------------------------------- */

/* What was inflated of the member. */
static void count_inflated(ct_gunzip *g, const void *p, size_t n)
{
    g->crc = libdeflate_crc32(g->crc, p, n);
    g->size += (uint32_t)n; /* the trailer has it modulo 2^32, too */
    g->n_inflated += (int64_t)n;
}

/* Inflates the body that begins at the next raw byte into n bytes at p. */
static enum libdeflate_result inflate_into(ct_gunzip *g, void *p, size_t n, size_t *n_inflated)
{
    size_t n_used = 0;
    enum libdeflate_result result = libdeflate_deflate_decompress_ex(
        g->inflater, ct_feed_at(g->feed), ct_feed_ready(g->feed), p, n, &n_used, n_inflated);
    if (result == LIBDEFLATE_SUCCESS) {
        use_raw(g, n_used);
        count_inflated(g, p, *n_inflated);
    }
    return result;
}

/* The size that the last trailer of the file claims; there are at least 4 bytes. */
static size_t claimed_size(const ct_feed *feed)
{
    const unsigned char *p = feed->data + feed->len - 4;
    return (size_t)p[0] | (size_t)p[1] << 8 | (size_t)p[2] << 16 | (size_t)p[3] << 24;
}

/*
 * Inflates a body whole where that can be done: straight to p, where it fits (*n_read gets its
 * size), else into `whole`. False when it must be streamed.
 */
static bool inflate_whole(ct_gunzip *g, char *p, size_t n, size_t *n_read)
{
    static const size_t least = 256 * 1024, growth = 4;
    if (!g->feed->ended || ct_feed_ready(g->feed) < 4)
        return false;
    size_t size = claimed_size(g->feed);
    enum libdeflate_result result = LIBDEFLATE_INSUFFICIENT_SPACE;
    if (size <= n) {
        result = inflate_into(g, p, n, n_read);
        if (result == LIBDEFLATE_SUCCESS) {
            g->place = AT_TRAILER;
            return true;
        }
        size = n * growth > least ? n * growth : least;
    }
    while (result == LIBDEFLATE_INSUFFICIENT_SPACE && size <= CT_GUNZIP_WHOLE_BYTES &&
           reserve_whole(g, size)) {
        result = inflate_into(g, g->whole, size, &g->whole_len);
        size *= growth;
    }
    if (result != LIBDEFLATE_SUCCESS) {
        release_whole(g);
        return false;
    }
    g->whole_next = 0;
    g->place = IN_WHOLE;
    return true;
}

static void hand_over(ct_gunzip *g, char *p, size_t n, size_t *n_read)
{
    size_t left = g->whole_len - g->whole_next;
    *n_read = left < n ? left : n;
    if (*n_read > 0)
        memcpy(p, g->whole + g->whole_next, *n_read);
    g->whole_next += *n_read;
    if (g->whole_next == g->whole_len)
        g->place = AT_TRAILER;
}

/* ---- a body piece by piece, by zlib --------------------------------------------------------- */

static void *zlib_alloc(void *context, unsigned n_items, unsigned n_bytes)
{
    (void)context;
    return ct_malloc((size_t)n_items * n_bytes);
}

static void zlib_free(void *context, void *block)
{
    (void)context;
    ct_free(block);
}

static ct_source_status begin_stream(ct_gunzip *g)
{
    int code;
    if (g->has_stream) {
        code = inflateReset(&g->stream);
    } else {
        memset(&g->stream, 0, sizeof g->stream);
        g->stream.zalloc = zlib_alloc;
        g->stream.zfree = zlib_free;
        code = inflateInit2(&g->stream, -MAX_WBITS); /* without zlib's own header */
        g->has_stream = code == Z_OK;
    }
    g->place = IN_STREAM;
    return code == Z_OK ? CT_SOURCE_OK : CT_SOURCE_NO_MEMORY;
}

static unsigned at_most_unsigned(size_t n)
{
    return n > UINT_MAX ? UINT_MAX : (unsigned)n;
}

/* The next piece of the body. None: its end was reached, or more raw bytes are needed, or what is
 * wrong stands in g->error. */
static ct_source_status stream_some(ct_gunzip *g, char *p, size_t n, size_t *n_read)
{
    ct_source_status st = need_raw(g, 1);
    if (st != CT_SOURCE_OK)
        return st;
    z_stream *z = &g->stream;
    unsigned n_in = at_most_unsigned(ct_feed_ready(g->feed)), n_out = at_most_unsigned(n);
    z->next_in = (unsigned char *)ct_feed_at(g->feed); /* it is only read */
    z->avail_in = n_in;
    z->next_out = (unsigned char *)p;
    z->avail_out = n_out;
    int code = inflate(z, Z_NO_FLUSH);
    *n_read = n_out - z->avail_out;
    use_raw(g, n_in - z->avail_in);
    count_inflated(g, p, *n_read);
    if (code == Z_STREAM_END)
        g->place = AT_TRAILER;
    else if (code == Z_MEM_ERROR)
        return CT_SOURCE_NO_MEMORY;
    else if (code != Z_OK && code != Z_BUF_ERROR)
        g->error = broken_data;
    else if (n_in == 0 && *n_read == 0)
        g->error = ends_early;
    return CT_SOURCE_OK;
}

/* ---- members -------------------------------------------------------------------------------- */

/* Behind a body: its checksum and size. */
static ct_source_status check_trailer(ct_gunzip *g)
{
    ct_source_status st = need_raw(g, 8);
    if (st != CT_SOURCE_OK)
        return st;
    if (ct_feed_ready(g->feed) < 8)
        return broken(g, ends_early);
    const unsigned char *p = ct_feed_at(g->feed);
    uint32_t found[2];
    for (int i = 0; i < 2; i++, p += 4)
        found[i] =
            (uint32_t)p[0] | (uint32_t)p[1] << 8 | (uint32_t)p[2] << 16 | (uint32_t)p[3] << 24;
    if (found[0] != g->crc || found[1] != g->size)
        return broken(g, ct_gunzip_wrong_checksum);
    use_raw(g, 8);
    g->place = AT_MEMBER;
    return CT_SOURCE_OK;
}

/* Between members: another one, zeros that a tape or a block device put there, or the end. */
static ct_source_status find_member(ct_gunzip *g)
{
    for (;;) {
        ct_source_status st = need_raw(g, 2);
        if (st != CT_SOURCE_OK)
            return st;
        size_t ready = ct_feed_ready(g->feed);
        if (ready == 0)
            return CT_SOURCE_END;
        if (ct_feed_is_gzip(g->feed))
            return CT_SOURCE_OK;
        unsigned char c = *ct_feed_at(g->feed);
        if (ready == 1 && c == 0x1F)
            return broken(g, ends_early); /* half of another member's magic */
        if (c != 0)
            return broken(g, "bytes that are not gzip stand behind the gzip data");
        use_raw(g, 1);
    }
}

/* The next member: its header, and its body where it can be inflated whole. */
static ct_source_status begin_member(ct_gunzip *g, char *p, size_t n, size_t *n_read)
{
    ct_source_status st = find_member(g);
    if (st == CT_SOURCE_OK)
        st = skip_header(g);
    if (st != CT_SOURCE_OK)
        return st;
    g->crc = g->size = 0;
    return inflate_whole(g, p, n, n_read) ? CT_SOURCE_OK : begin_stream(g);
}

static bool is_bomb(const ct_gunzip *g)
{
    return g->n_inflated > CT_INFLATE_FREE_BYTES && g->n_inflated / CT_INFLATE_MAX_RATIO > g->n_raw;
}

ct_source_status ct_gunzip_read(void *gunzip, char *p, size_t n, size_t *n_read, const char **error)
{
    ct_gunzip *g = gunzip;
    ct_source_status st = CT_SOURCE_OK;
    *n_read = 0;
    while (*n_read == 0 && st == CT_SOURCE_OK && !g->error) {
        switch (g->place) {
        case AT_MEMBER:
            st = begin_member(g, p, n, n_read);
            break;
        case IN_STREAM:
            st = stream_some(g, p, n, n_read);
            break;
        case IN_WHOLE:
            hand_over(g, p, n, n_read);
            break;
        case AT_TRAILER:
            st = check_trailer(g);
            break;
        }
        if (st == CT_SOURCE_OK && is_bomb(g))
            g->error = ct_gunzip_bomb;
    }
    /* What came out before an error is still handed over; the next call reports it. */
    if (*n_read > 0)
        return CT_SOURCE_OK;
    *error = g->error;
    return g->error ? CT_SOURCE_BROKEN : st;
}

/* ---- bytes in memory ------------------------------------------------------------------------ */

ct_source_status ct_gunzip_bytes(const char *p, size_t n, size_t max_bytes, ct_buf *out,
                                 const char **error)
{
    enum { PIECE = 64 * 1024 };
    *error = NULL;
    ct_gunzip *g = ct_gunzip_new();
    if (!g)
        return CT_SOURCE_NO_MEMORY;
    ct_feed feed = {.data = (unsigned char *)p, .len = n, .ended = true}; /* it need not read */
    ct_gunzip_begin(g, &feed, NULL);
    ct_source_status st = CT_SOURCE_OK;
    size_t before = out->len;
    while (st == CT_SOURCE_OK) {
        size_t n_read, left = max_bytes - (out->len - before);
        char one_more;
        if (left > 0 && !ct_buf_reserve(out, left < PIECE ? left : PIECE)) {
            st = CT_SOURCE_NO_MEMORY;
            break;
        }
        size_t room = out->capacity - out->len;
        st = left > 0 ? ct_gunzip_read(g, out->data + out->len, left < room ? left : room, &n_read,
                                       error)
                      : ct_gunzip_read(g, &one_more, 1, &n_read, error);
        if (st == CT_SOURCE_OK && left == 0) {
            *error = "the gzip data inflates to too much";
            st = CT_SOURCE_BROKEN;
        } else if (st == CT_SOURCE_OK) {
            out->len += n_read;
        }
    }
    ct_gunzip_free(g);
    return st == CT_SOURCE_END ? CT_SOURCE_OK : st;
}
