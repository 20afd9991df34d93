#include "gz.h"

#include <stdlib.h>
#include <zlib.h>

static void put_little_endian(ct_buf *out, size_t value, int n_bytes)
{
    for (; n_bytes > 0; n_bytes--, value >>= 8)
        ct_buf_put_char(out, (char)(value & 0xFF));
}

static size_t crc_of(const char *p, size_t n)
{
    return crc32_z(0, (const unsigned char *)p, n);
}

static void put_header(ct_buf *out, int fields, size_t n_extra)
{
    size_t start = out->len;
    ct_buf_put(out, "\x1F\x8B\x08", 3);
    ct_buf_put_char(out, (char)fields);
    ct_buf_put(out, "\0\0\0\0\0\x03", 6); /* no time, no hint, Unix */
    if (fields & GZ_FEXTRA) {
        put_little_endian(out, n_extra, 2);
        for (size_t i = 0; i < n_extra; i++)
            ct_buf_put_char(out, (char)i);
    }
    if (fields & GZ_FNAME)
        ct_buf_put(out, "trail.json", 11);
    if (fields & GZ_FCOMMENT)
        ct_buf_put(out, "a comment", 10);
    if (fields & GZ_FHCRC)
        put_little_endian(out, crc_of(out->data + start, out->len - start) & 0xFFFF, 2);
}

static void put_trailer(ct_buf *out, const char *p, size_t n)
{
    put_little_endian(out, crc_of(p, n), 4);
    put_little_endian(out, n, 4);
}

void gz_put_header_fields(ct_buf *out, const char *p, size_t n, int fields, size_t n_extra)
{
    static const size_t max_overhead = 4096;
    put_header(out, fields, n_extra);
    z_stream stream = {.next_in = (unsigned char *)p, /* it is only read */
                       .avail_in = (unsigned)n};
    if (deflateInit2(&stream, 1, Z_DEFLATED, -MAX_WBITS, MAX_MEM_LEVEL, Z_DEFAULT_STRATEGY) != Z_OK)
        abort();
    ct_buf_reserve(out, n + n / 1000 + max_overhead);
    stream.next_out = (unsigned char *)out->data + out->len;
    stream.avail_out = (unsigned)(out->capacity - out->len);
    if (deflate(&stream, Z_FINISH) != Z_STREAM_END)
        abort();
    out->len += stream.total_out;
    deflateEnd(&stream);
    put_trailer(out, p, n);
}

void gz_put(ct_buf *out, const char *p, size_t n)
{
    gz_put_header_fields(out, p, n, 0, 0);
}

void gz_put_stored(ct_buf *out, const char *p, size_t n)
{
    put_header(out, 0, 0);
    ct_buf_put_char(out, 1); /* the last block, stored */
    put_little_endian(out, n, 2);
    put_little_endian(out, ~n, 2);
    ct_buf_put(out, p, n);
    put_trailer(out, p, n);
}
