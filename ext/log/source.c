#include "log/source.h"

#include <errno.h>
#include <fcntl.h>
#include <isa-l/crc.h>
#include <isa-l/igzip_lib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/mem.h"

enum { RAW_BYTES = 64 * 1024 }; /* one read of the file */

struct ct_source {
    int fd; /* -1: none is open */
    bool is_gzip;
    bool raw_ended;
    bool in_member; /* inside a gzip member: an end of the file is a cut */
    const char *error;
    ct_file_info info;
    int64_t n_raw, n_inflated; /* bytes so far */
    struct inflate_state inflate;
    size_t raw_len; /* bytes in raw; what of them is left is inflate.next_in, avail_in */
    unsigned char raw[RAW_BYTES];
};

ct_file_info ct_file_info_of(const struct stat *st)
{
#if defined(__APPLE__)
    const struct timespec modified = st->st_mtimespec;
#else
    const struct timespec modified = st->st_mtim;
#endif
    return (ct_file_info){.size = S_ISREG(st->st_mode) ? (int64_t)st->st_size : 0,
                          .modified_ns =
                              (int64_t)modified.tv_sec * INT64_C(1000000000) + modified.tv_nsec};
}

/* Opens without waiting: a FIFO put into a folder must not hang the import. */
static const char *open_file(const char *path, int *fd, struct stat *st)
{
    *fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
    if (*fd < 0)
        return strerror(errno);
    const char *error = NULL;
    if (fstat(*fd, st) != 0)
        error = strerror(errno);
    else if (!S_ISREG(st->st_mode))
        error = S_ISDIR(st->st_mode) ? "is a folder" : "is no regular file";
    if (error) {
        close(*fd);
        *fd = -1;
    }
    return error;
}

/* Standard input is not ours to close. Another file may have its number: where a program has closed
 * its own, that is the first one to be free. */
static void close_file(ct_source *s)
{
    if (s->fd >= 0 && !s->info.is_stdin)
        close(s->fd);
    s->fd = -1;
}

ct_source_status ct_source_reopen(ct_source *source, const char *path, const char **error)
{
    struct stat st = {0};
    int fd = STDIN_FILENO;
    close_file(source);
    *error = path ? open_file(path, &fd, &st) : NULL;
    if (*error)
        return CT_SOURCE_BROKEN;

    source->fd = fd;
    source->is_gzip = source->raw_ended = source->in_member = false;
    source->error = NULL;
    source->info = ct_file_info_of(&st);
    source->info.is_stdin = !path;
    source->n_raw = source->n_inflated = 0;
    source->raw_len = 0;
    isal_inflate_init(&source->inflate);
    source->inflate.avail_in = 0;
    return CT_SOURCE_OK;
}

ct_source_status ct_source_open(const char *path, ct_source **source, const char **error)
{
    ct_source *s = ct_malloc(sizeof *s);
    *source = NULL;
    *error = NULL;
    if (!s)
        return CT_SOURCE_NO_MEMORY;
    s->fd = -1;
    ct_source_status status = ct_source_reopen(s, path, error);
    if (status == CT_SOURCE_OK)
        *source = s;
    else
        ct_free(s);
    return status;
}

void ct_source_close(ct_source *source)
{
    if (!source)
        return;
    close_file(source);
    ct_free(source);
}

const char *ct_source_error(const ct_source *source)
{
    return source->error;
}

bool ct_source_is_gzip(const ct_source *source)
{
    return source->is_gzip;
}

ct_file_info ct_source_info(const ct_source *source)
{
    return source->info;
}

static ct_source_status broken(ct_source *s, const char *error)
{
    s->error = error;
    return CT_SOURCE_BROKEN;
}

/* One read of the file into p; 0 bytes and raw_ended at its end. */
static ct_source_status read_raw(ct_source *s, void *p, size_t n, size_t *n_read)
{
    ssize_t got;
    do {
        got = read(s->fd, p, n);
    } while (got < 0 && errno == EINTR);
    *n_read = got > 0 ? (size_t)got : 0;
    if (got < 0)
        return broken(s, strerror(errno));
    if (got == 0)
        s->raw_ended = true;
    s->n_raw += got;
    return CT_SOURCE_OK;
}

/* Makes sure that at least n raw bytes lie ready, unless the file ends before. */
static ct_source_status need_raw(ct_source *s, size_t n)
{
    while (s->inflate.avail_in < n && !s->raw_ended) {
        if (s->inflate.avail_in > 0)
            memmove(s->raw, s->inflate.next_in, s->inflate.avail_in);
        s->inflate.next_in = s->raw;
        s->raw_len = s->inflate.avail_in;
        size_t n_read;
        ct_source_status st = read_raw(s, s->raw + s->raw_len, RAW_BYTES - s->raw_len, &n_read);
        if (st != CT_SOURCE_OK)
            return st;
        s->raw_len += n_read;
        s->inflate.avail_in += (uint32_t)n_read;
    }
    return CT_SOURCE_OK;
}

static bool has_gzip_magic(const ct_source *s)
{
    return s->inflate.avail_in >= 2 && s->inflate.next_in[0] == 0x1F &&
           s->inflate.next_in[1] == 0x8B;
}

static const char ends_early[] = "the gzip data ends early";

/* ---- the header of a member (RFC 1952) ------------------------------------------------------ */

/* It is read here and not by ISA-L, whose version 2.30 loses its way in a header that lies across
 * two reads. */
enum { FHCRC = 2, FEXTRA = 4, FNAME = 8, FCOMMENT = 16, FRESERVED = 0xE0, CM_DEFLATE = 8 };

/* The next byte of a header, -1 and s->error when there is none. *crc goes over it. */
static int header_byte(ct_source *s, uint32_t *crc)
{
    if (need_raw(s, 1) != CT_SOURCE_OK)
        return -1;
    if (s->inflate.avail_in == 0) {
        s->error = ends_early;
        return -1;
    }
    unsigned char c = *s->inflate.next_in++;
    s->inflate.avail_in--;
    *crc = crc32_gzip_refl(*crc, &c, 1);
    return c;
}

/* A number of two bytes, the low one first; -1 as above. */
static int header_number(ct_source *s, uint32_t *crc)
{
    int low = header_byte(s, crc);
    int high = low < 0 ? -1 : header_byte(s, crc);
    return high < 0 ? -1 : high << 8 | low;
}

static bool skip_header_bytes(ct_source *s, int n, uint32_t *crc)
{
    while (n > 0 && header_byte(s, crc) >= 0)
        n--;
    return n == 0;
}

static bool skip_header_text(ct_source *s, uint32_t *crc)
{
    int c;
    do {
        c = header_byte(s, crc);
    } while (c > 0);
    return c == 0;
}

/* Whether the fields that the flags announce are there and right. */
static bool skip_header_fields(ct_source *s, int flags, uint32_t *crc)
{
    if (flags & FEXTRA) {
        int n = header_number(s, crc);
        if (n < 0 || !skip_header_bytes(s, n, crc))
            return false;
    }
    if ((flags & FNAME) && !skip_header_text(s, crc))
        return false;
    if ((flags & FCOMMENT) && !skip_header_text(s, crc))
        return false;
    if (flags & FHCRC) {
        int expected = (int)(*crc & 0xFFFF), found = header_number(s, crc);
        if (found >= 0 && found != expected)
            s->error = "the gzip checksum is wrong";
        return found == expected;
    }
    return true;
}

/* Moves over a member's header, which begins at the next raw byte. */
static ct_source_status begin_member(ct_source *s)
{
    uint32_t crc = 0;
    (void)skip_header_bytes(s, 2, &crc); /* the magic: it was seen */
    int method = header_byte(s, &crc);
    int flags = method < 0 ? -1 : header_byte(s, &crc);
    if (flags < 0)
        return CT_SOURCE_BROKEN;
    if (method != CM_DEFLATE || (flags & FRESERVED))
        return broken(s, "the gzip header is broken");
    if (!skip_header_bytes(s, 6, &crc) /* time, hint, system */ ||
        !skip_header_fields(s, flags, &crc))
        return CT_SOURCE_BROKEN;
    isal_inflate_reset(&s->inflate); /* leaves next_in and avail_in alone */
    s->inflate.crc_flag = ISAL_GZIP_NO_HDR_VER;
    s->in_member = true;
    return CT_SOURCE_OK;
}

/* ---- inflating ------------------------------------------------------------------------------ */

/* Between members: another one, zeros that a tape or a block device put there, or the end. */
static ct_source_status begin_next_member(ct_source *s)
{
    for (;;) {
        ct_source_status st = need_raw(s, 2);
        if (st != CT_SOURCE_OK)
            return st;
        if (s->inflate.avail_in == 0)
            return CT_SOURCE_END;
        if (has_gzip_magic(s))
            return begin_member(s);
        if (s->inflate.avail_in == 1 && s->inflate.next_in[0] == 0x1F)
            return broken(s, ends_early); /* half of another member's magic */
        if (s->inflate.next_in[0] != 0)
            return broken(s, "bytes that are not gzip stand behind the gzip data");
        s->inflate.next_in++;
        s->inflate.avail_in--;
    }
}

static const char *inflate_error(int code)
{
    return code == ISAL_INCORRECT_CHECKSUM ? "the gzip checksum is wrong"
                                           : "the gzip data is broken";
}

static ct_source_status inflate_some(ct_source *s, char *p, size_t n, size_t *n_read)
{
    *n_read = 0;
    while (*n_read == 0) {
        ct_source_status st = s->in_member ? CT_SOURCE_OK : begin_next_member(s);
        if (st == CT_SOURCE_OK)
            st = need_raw(s, 1);
        if (st != CT_SOURCE_OK)
            return st;
        bool at_end = s->inflate.avail_in == 0;

        s->inflate.next_out = (unsigned char *)p;
        s->inflate.avail_out = n > UINT32_MAX ? UINT32_MAX : (uint32_t)n;
        int code = isal_inflate(&s->inflate);
        *n_read = (size_t)((char *)s->inflate.next_out - p);
        s->n_inflated += (int64_t)*n_read;
        if (s->inflate.block_state == ISAL_BLOCK_FINISH)
            s->in_member = false;
        if (code != ISAL_DECOMP_OK && code != ISAL_END_INPUT)
            s->error = inflate_error(code);
        else if (at_end && *n_read == 0 && s->in_member)
            s->error = ends_early;
        else if (s->n_inflated > CT_INFLATE_FREE_BYTES &&
                 s->n_inflated / CT_INFLATE_MAX_RATIO > s->n_raw)
            s->error = "the gzip data grows more than 200 times: taken for a bomb";
        if (s->error)
            break;
    }
    /* What came out before the error is still handed over; the next call reports it. */
    return *n_read > 0 ? CT_SOURCE_OK : CT_SOURCE_BROKEN;
}

/* The first bytes decide which kind of file it is. */
static ct_source_status begin(ct_source *s)
{
    ct_source_status st = need_raw(s, 2);
    if (st != CT_SOURCE_OK)
        return st;
    s->is_gzip = has_gzip_magic(s);
    return s->is_gzip ? begin_member(s) : CT_SOURCE_OK;
}

static ct_source_status read_plain(ct_source *s, char *p, size_t n, size_t *n_read)
{
    size_t ready = s->inflate.avail_in;
    if (ready == 0) {
        ct_source_status st = read_raw(s, p, n, n_read);
        return st == CT_SOURCE_OK && *n_read == 0 ? CT_SOURCE_END : st;
    }
    *n_read = ready < n ? ready : n;
    memcpy(p, s->inflate.next_in, *n_read);
    s->inflate.next_in += *n_read;
    s->inflate.avail_in -= (uint32_t)*n_read;
    return CT_SOURCE_OK;
}

ct_source_status ct_source_read(ct_source *source, char *p, size_t n, size_t *n_read)
{
    *n_read = 0;
    if (source->error)
        return CT_SOURCE_BROKEN;
    if (source->n_raw == 0 && !source->raw_ended) {
        ct_source_status st = begin(source);
        if (st != CT_SOURCE_OK)
            return st;
    }
    if (source->is_gzip)
        return inflate_some(source, p, n, n_read);
    return read_plain(source, p, n, n_read);
}
