#include "log/source.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/mem.h"
#include "base/system_error.h"

_Static_assert(sizeof(off_t) >= 8, "a log may be larger than 2 GB: -D_FILE_OFFSET_BITS=64");

enum {
    RAW_BYTES = 64 * 1024, /* one read of a file that is not read whole */
    LAYERS_MAX = 2         /* gzip inside gzip, and no more */
};

/* Bytes, and what inflates them where they turn out to be gzip. */
typedef struct layer {
    ct_feed feed;
    ct_gunzip *gunzip; /* owned; NULL until one is needed */
} layer;

struct ct_source {
    int fd; /* -1: none is open */
    bool begun;
    const char *error;
    ct_file_info info;
    int64_t n_raw, n_read;    /* bytes of the file, and handed over, so far */
    ct_gunzip_budget *budget; /* borrowed */
    const ct_pulse *pulse;    /* borrowed, or NULL */
    size_t n_taken;           /* of it, for raw bytes */
    bool hashes;
    ct_sha256 hash; /* of the raw bytes so far */
    int n_layers;   /* of gzip */
    layer layers[LAYERS_MAX];
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
        return ct_system_error(errno);
    const char *error = NULL;
    if (fstat(*fd, st) != 0)
        error = ct_system_error(errno);
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

static const char stopped[] = "interrupted";

/* Standard input may be a terminal or a pipe that is quiet for hours. False: it was told to stop. */
static bool wait_for_input(const ct_source *s)
{
    enum { LOOK_MS = 100 };
    struct pollfd input = {.fd = s->fd, .events = POLLIN};
    while (s->info.is_stdin && s->pulse) {
        int n = poll(&input, 1, LOOK_MS);
        if (n > 0 || (n < 0 && errno != EINTR))
            return true; /* read() will say what is there */
        if (!ct_goes_on(s->pulse, true))
            return false;
    }
    return true;
}

/* One read of the file. */
static ct_source_status read_raw(void *source, char *p, size_t n, size_t *n_read,
                                 const char **error)
{
    ct_source *s = source;
    ssize_t got;
    *n_read = 0;
    if (!ct_goes_on(s->pulse, false) || !wait_for_input(s)) {
        *error = stopped;
        return CT_SOURCE_BROKEN;
    }
    do {
        got = read(s->fd, p, n);
    } while (got < 0 && errno == EINTR);
    *n_read = got > 0 ? (size_t)got : 0;
    s->n_raw += (int64_t)*n_read;
    if (s->hashes)
        ct_sha256_add(&s->hash, p, *n_read);
    if (got < 0) {
        *error = ct_system_error(errno);
        return CT_SOURCE_BROKEN;
    }
    return got == 0 ? CT_SOURCE_END : CT_SOURCE_OK;
}

/* Gives back what a file took that was read whole. */
static void release_raw(ct_source *s)
{
    if (s->n_taken == 0)
        return;
    ct_feed_free(&s->layers[0].feed);
    ct_gunzip_budget_give(s->budget, s->n_taken);
    s->n_taken = 0;
}

ct_source_status ct_source_reopen(ct_source *source, const char *path, const char **error)
{
    struct stat st = {0};
    int fd = STDIN_FILENO;
    close_file(source);
    release_raw(source);
    *error = path ? open_file(path, &fd, &st) : NULL;
    if (*error)
        return CT_SOURCE_BROKEN;

    source->fd = fd;
    source->pulse = NULL;
    source->begun = false;
    source->error = NULL;
    source->info = ct_file_info_of(&st);
    source->info.is_stdin = !path;
    source->n_raw = source->n_read = 0;
    source->n_layers = 0;
    if (source->hashes)
        ct_sha256_begin(&source->hash);
    ct_feed_begin(&source->layers[0].feed, read_raw, source);
    return ct_feed_reserve(&source->layers[0].feed, RAW_BYTES) ? CT_SOURCE_OK : CT_SOURCE_NO_MEMORY;
}

ct_source_status ct_source_open(const char *path, ct_source **source, const char **error)
{
    ct_source *s = ct_malloc(sizeof *s);
    *source = NULL;
    *error = NULL;
    if (!s)
        return CT_SOURCE_NO_MEMORY;
    memset(s, 0, sizeof *s);
    s->fd = -1;
    ct_source_status status = ct_source_reopen(s, path, error);
    if (status == CT_SOURCE_OK)
        *source = s;
    else
        ct_source_close(s);
    return status;
}

void ct_source_close(ct_source *source)
{
    if (!source)
        return;
    close_file(source);
    release_raw(source);
    for (int i = 0; i < LAYERS_MAX; i++) {
        ct_gunzip_free(source->layers[i].gunzip);
        ct_feed_free(&source->layers[i].feed);
    }
    ct_free(source);
}

void ct_source_set_budget(ct_source *source, ct_gunzip_budget *budget)
{
    source->budget = budget;
}

void ct_source_set_pulse(ct_source *source, const ct_pulse *pulse)
{
    source->pulse = pulse;
}

void ct_source_set_hash(ct_source *source)
{
    source->hashes = true;
    ct_sha256_begin(&source->hash);
}

bool ct_source_sha256(ct_source *source, unsigned char out[CT_SHA256_BYTES])
{
    ct_feed *raw = &source->layers[0].feed;
    ct_source_status st = CT_SOURCE_OK;
    size_t n_read;
    while (source->hashes && st == CT_SOURCE_OK) {
        raw->next = raw->len = 0; /* what lies there was hashed when it was read */
        st = raw->ended ? CT_SOURCE_END
                        : ct_feed_take(raw, (char *)raw->data, raw->capacity, &n_read);
    }
    if (st == CT_SOURCE_END)
        ct_sha256_end(&source->hash, out);
    return st == CT_SOURCE_END;
}

const char *ct_source_error(const ct_source *source)
{
    return source->error;
}

bool ct_source_is_gzip(const ct_source *source)
{
    return source->n_layers > 0;
}

ct_file_info ct_source_info(const ct_source *source)
{
    return source->info;
}

/* Reads the rest of a gzip file that is small enough: so it can be inflated whole. One byte more
 * than its size is asked for, to see its end. */
static ct_source_status read_whole(ct_source *s)
{
    ct_feed *raw = &s->layers[0].feed;
    size_t size = s->info.size > 0 ? (size_t)s->info.size : 0;
    if (size == 0 || size > CT_GUNZIP_WHOLE_BYTES)
        return CT_SOURCE_OK;
    if (size >= raw->capacity) {
        if (!ct_gunzip_budget_take(s->budget, size))
            return CT_SOURCE_OK;
        s->n_taken = size;
        if (!ct_feed_reserve(raw, size + 1))
            return CT_SOURCE_NO_MEMORY;
    }
    ct_source_status st = ct_feed_need(raw, size + 1);
    /* A disk that fails: what came before is inflated first, then it is asked again. */
    return st == CT_SOURCE_BROKEN ? CT_SOURCE_OK : st;
}

/* From here on the layer's bytes are inflated. */
static ct_source_status add_layer(ct_source *s)
{
    layer *l = &s->layers[s->n_layers];
    if (!l->gunzip && !(l->gunzip = ct_gunzip_new()))
        return CT_SOURCE_NO_MEMORY;
    ct_gunzip_begin(l->gunzip, &l->feed, s->budget);
    if (++s->n_layers < LAYERS_MAX)
        ct_feed_begin(&s->layers[s->n_layers].feed, ct_gunzip_read, l->gunzip);
    return CT_SOURCE_OK;
}

/* The first bytes decide which kind of file it is. */
static ct_source_status begin(ct_source *s)
{
    ct_feed *raw = &s->layers[0].feed;
    s->begun = true;
    ct_source_status st = ct_feed_need(raw, 2);
    if (st == CT_SOURCE_OK && ct_feed_is_gzip(raw))
        st = read_whole(s);
    if (st == CT_SOURCE_OK && ct_feed_is_gzip(raw))
        st = add_layer(s);
    return st;
}

/* The next bytes of all layers so far. */
static ct_source_status read_some(ct_source *s, char *p, size_t n, size_t *n_read)
{
    const char *error = NULL;
    ct_source_status st;
    if (s->n_layers == LAYERS_MAX) {
        st = ct_gunzip_read(s->layers[LAYERS_MAX - 1].gunzip, p, n, n_read, &error);
    } else {
        ct_feed *feed = &s->layers[s->n_layers].feed;
        st = ct_feed_take(feed, p, n, n_read);
        error = feed->error;
    }
    if (st == CT_SOURCE_BROKEN)
        s->error = error;
    return st;
}

/* Whether the first bytes that were inflated, at p, may begin another gzip member. */
static bool may_be_gzip(const char *p, size_t n)
{
    return n > 0 && (unsigned char)p[0] == 0x1F && (n == 1 || (unsigned char)p[1] == 0x8B);
}

/* Puts the first inflated bytes back and looks at them: gzip inside gzip is inflated again. */
static ct_source_status begin_inner(ct_source *s, const char *p, size_t n)
{
    ct_feed *feed = &s->layers[1].feed;
    if (!ct_feed_reserve(feed, n > RAW_BYTES ? n : RAW_BYTES))
        return CT_SOURCE_NO_MEMORY;
    memcpy(feed->data, p, n);
    feed->len = n;
    ct_source_status st = ct_feed_need(feed, 2);
    if (st == CT_SOURCE_BROKEN) /* it will say so again, behind these bytes */
        return CT_SOURCE_OK;
    return st == CT_SOURCE_OK && ct_feed_is_gzip(feed) ? add_layer(s) : st;
}

/* Two layers can each stay below the bound for one, and be a bomb together. */
static bool is_bomb(const ct_source *s)
{
    return s->n_layers == LAYERS_MAX && s->n_read > CT_INFLATE_FREE_BYTES &&
           s->n_read / CT_INFLATE_MAX_RATIO > s->n_raw;
}

ct_source_status ct_source_read(ct_source *source, char *p, size_t n, size_t *n_read)
{
    ct_source_status st = CT_SOURCE_OK;
    *n_read = 0;
    if (!source->error && !ct_goes_on(source->pulse, false)) /* inflating takes long, too */
        source->error = stopped;
    if (source->error)
        return CT_SOURCE_BROKEN;
    if (!source->begun)
        st = begin(source);
    if (st == CT_SOURCE_OK)
        st = read_some(source, p, n, n_read);
    if (source->n_layers == 1 && source->n_read == 0 && may_be_gzip(p, *n_read)) {
        st = begin_inner(source, p, *n_read);
        *n_read = 0;
        if (st == CT_SOURCE_OK)
            st = read_some(source, p, n, n_read);
    }
    source->n_read += (int64_t)*n_read;
    if (is_bomb(source))
        source->error = ct_gunzip_bomb;
    if (st == CT_SOURCE_BROKEN && !source->error)
        source->error = source->layers[0].feed.error;
    return st;
}
