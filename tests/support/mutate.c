#include "mutate.h"

#include <string.h>

#define PIECE(text)                                                                                \
    {                                                                                              \
        text, sizeof text - 1                                                                      \
    }
static const struct {
    const char *p;
    size_t n;
} pieces[] = {
    PIECE("{"),      PIECE("}"),         PIECE("["),     PIECE("]"),        PIECE(","),
    PIECE(":"),      PIECE("\""),        PIECE("\\"),    PIECE(" "),        PIECE("\n"),
    PIECE("\r\n"),   PIECE("\t"),        PIECE("\0"),    PIECE("\x01"),     PIECE("\x1f"),
    PIECE("\x7f"),   PIECE("\f"),        PIECE("\\u"),   PIECE("\\u0041"),  PIECE("\\u0000"),
    PIECE("\\n"),    PIECE("\\x41"),     PIECE("\\/"),   PIECE("\\ud83d"),  PIECE("\\udE00"),
    PIECE("\\ud8"),  PIECE("\xff"),      PIECE("\xc3"),  PIECE("\xc3\xa9"), PIECE("\xed\xa0\x80"),
    PIECE("null"),   PIECE("true"),      PIECE("false"), PIECE("nul"),      PIECE("NaN"),
    PIECE("0"),      PIECE("-"),         PIECE("."),     PIECE("1e5"),      PIECE("E+"),
    PIECE("\"a\":"), PIECE("{\"a\":1}"), PIECE("[]"),    PIECE("{}"),       PIECE(",\"b\":null"),
    PIECE("'"),      PIECE("//"),        PIECE("+"),
};

static void insert(ct_buf *text, size_t at, const char *p, size_t n)
{
    if (!ct_buf_reserve(text, n))
        return;
    memmove(text->data + at + n, text->data + at, text->len - at);
    memcpy(text->data + at, p, n);
    text->len += n;
}

void mutate(ct_buf *text, rng *r)
{
    size_t at = rng_below(r, text->len + 1);
    size_t n = 1 + rng_below(r, rng_below(r, 4) ? 2 : 40);
    n = n < text->len - at ? n : text->len - at;
    switch (rng_below(r, 8)) {
    case 0:
        if (at < text->len)
            text->data[at] = (char)(text->data[at] ^ 1 << rng_below(r, 8));
        break;
    case 1:
    case 2:
        memmove(text->data + at, text->data + at + n, text->len - at - n);
        text->len -= n;
        break;
    case 3:
        if (rng_below(r, 8) == 0)
            text->len = at;
        break;
    case 4: {
        char copy[40];
        memcpy(copy, text->data + at, n);
        insert(text, at, copy, n);
        break;
    }
    default: {
        size_t i = rng_below(r, sizeof pieces / sizeof pieces[0]);
        insert(text, at, pieces[i].p, pieces[i].n);
    }
    }
}
