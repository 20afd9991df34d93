/*
 * buf: bytes that grow.
 *
 * Start with CT_BUF_EMPTY. An append that finds no memory sets `failed` and leaves the bytes as
 * they were; every later append does nothing. So a caller writes a whole text and looks once, at
 * the end, with ct_buf_ok().
 */
#ifndef CT_BUF_H
#define CT_BUF_H

#include <stdbool.h>
#include <stddef.h>

typedef struct ct_buf {
    char *data;      /* owned (ct_malloc); NULL while nothing was reserved; not NUL-terminated */
    size_t len;      /* bytes in use */
    size_t capacity; /* bytes reserved */
    bool failed;     /* an allocation failed */
} ct_buf;

#define CT_BUF_EMPTY ((ct_buf){.data = NULL, .len = 0, .capacity = 0, .failed = false})

/* Makes room for n_bytes more; false when there is no memory. */
bool ct_buf_reserve(ct_buf *buf, size_t n_bytes);

void ct_buf_put(ct_buf *buf, const char *p, size_t n);
void ct_buf_put_char(ct_buf *buf, char c);
void ct_buf_put_text(ct_buf *buf, const char *text); /* NUL-terminated */

/* printf for short pieces: at most 255 bytes are kept. */
void ct_buf_printf(ct_buf *buf, const char *format, ...) __attribute__((format(printf, 2, 3)));

static inline bool ct_buf_ok(const ct_buf *buf)
{
    return !buf->failed;
}

/* The bytes from an offset of at most len on; of a buffer that has none, the empty text's, so that
 * what points to nothing is never reckoned with. */
static inline const char *ct_buf_at(const ct_buf *buf, size_t offset)
{
    return buf->data ? buf->data + offset : "";
}

/* Empties the buffer and forgets a failure; the memory stays reserved. */
void ct_buf_clear(ct_buf *buf);

/* Gives the memory back and leaves CT_BUF_EMPTY. */
void ct_buf_free(ct_buf *buf);

#endif
