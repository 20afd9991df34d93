/*
 * Both texts are written in one canonical form, and these are compared: members sorted by name,
 * nulls left out, strings decoded and written anew, numbers by value.
 */
#include "json_equal.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "json.h"
#include "json_write.h"
#include "mem.h"

/* A canonical member or value, in the text being written. */
typedef struct piece {
    size_t start, len;
} piece;

typedef struct writer {
    ct_buf out;
    bool failed; /* out of memory, or not JSON */
    bool no_memory;
} writer;

static void put_value(writer *w, const ct_json *value);

static void put_string(writer *w, const ct_json *value)
{
    ct_buf said = CT_BUF_EMPTY;
    (void)ct_json_decode(value, &said);
    ct_json_put_string(&w->out, said.len ? said.data : "", said.len);
    if (!ct_buf_ok(&said))
        w->failed = w->no_memory = true;
    ct_buf_free(&said);
}

/* Integers of up to 18 digits stand exactly; others as the double they are read as. */
static void put_number(writer *w, const ct_json *value)
{
    enum { EXACT_DIGITS = 18 };
    char text[400];
    if (value->len >= sizeof text) {
        ct_buf_put(&w->out, value->p, value->len);
        return;
    }
    memcpy(text, value->p, value->len);
    text[value->len] = '\0';
    bool is_integer = !strpbrk(text, ".eE");
    if (is_integer && value->len > EXACT_DIGITS)
        ct_buf_put(&w->out, value->p, value->len);
    else if (is_integer)
        ct_buf_printf(&w->out, "%lld", strtoll(text, NULL, 10));
    else
        ct_buf_printf(&w->out, "%.17g", strtod(text, NULL));
}

static bool add_piece(writer *w, piece **pieces, size_t *n, size_t start)
{
    if (*n % 16 == 0) { /* grows by doubling: at 16, 32, 64 ... only powers of two need room */
        bool is_full = *n == 0 || (*n & (*n - 1)) == 0;
        piece *grown =
            is_full ? ct_realloc(*pieces, (*n ? *n * 2 : 16) * sizeof **pieces) : *pieces;
        if (!grown) {
            w->failed = w->no_memory = true;
            return false;
        }
        *pieces = grown;
    }
    (*pieces)[(*n)++] = (piece){start, w->out.len - start};
    return true;
}

/* The pieces are compared by their bytes; qsort has no context, so they carry pointers for it. */
typedef struct sortable {
    const char *p;
    size_t len;
} sortable;

static int compare(const void *left, const void *right)
{
    const sortable *a = left, *b = right;
    size_t n = a->len < b->len ? a->len : b->len;
    int order = memcmp(a->p, b->p, n);
    return order ? order : (a->len > b->len) - (a->len < b->len);
}

/* Replaces the members written since `start` by the same, sorted. */
static void sort_members(writer *w, size_t start, const piece *pieces, size_t n)
{
    ct_buf copy = CT_BUF_EMPTY;
    sortable *members = ct_malloc(n * sizeof *members);
    ct_buf_put(&copy, w->out.data + start, w->out.len - start);
    if (!members || !ct_buf_ok(&copy)) {
        w->failed = w->no_memory = true;
    } else {
        for (size_t i = 0; i < n; i++)
            members[i] = (sortable){copy.data + (pieces[i].start - start), pieces[i].len};
        qsort(members, n, sizeof *members, compare);
        w->out.len = start;
        for (size_t i = 0; i < n; i++)
            ct_buf_put(&w->out, members[i].p, members[i].len);
    }
    ct_free(members);
    ct_buf_free(&copy);
}

static void put_object(writer *w, ct_json_scanner *s)
{
    piece *pieces = NULL;
    size_t n = 0, start;
    bool more;
    ct_buf_put_char(&w->out, '{');
    start = w->out.len;
    ct_json_status st = ct_json_enter(s, '{', &more);
    while (st == CT_JSON_OK && more && !w->failed) {
        ct_json key, value;
        st = ct_json_key(s, &key);
        if (st == CT_JSON_OK)
            st = ct_json_value(s, &value);
        if (st != CT_JSON_OK)
            break;
        if (value.kind != CT_JSON_NULL) {
            size_t member = w->out.len;
            put_string(w, &key);
            ct_buf_put_char(&w->out, ':');
            put_value(w, &value);
            ct_buf_put_char(&w->out, ',');
            if (!ct_buf_ok(&w->out) || !add_piece(w, &pieces, &n, member))
                break;
        }
        st = ct_json_next(s, '}', &more);
    }
    w->failed = w->failed || st != CT_JSON_OK;
    if (!w->failed && ct_buf_ok(&w->out) && n > 1)
        sort_members(w, start, pieces, n);
    ct_buf_put_char(&w->out, '}');
    ct_free(pieces);
}

static void put_array(writer *w, ct_json_scanner *s)
{
    bool more;
    ct_buf_put_char(&w->out, '[');
    ct_json_status st = ct_json_enter(s, '[', &more);
    while (st == CT_JSON_OK && more && !w->failed) {
        ct_json value;
        st = ct_json_value(s, &value);
        if (st == CT_JSON_OK) {
            put_value(w, &value);
            ct_buf_put_char(&w->out, ',');
            st = ct_json_next(s, ']', &more);
        }
    }
    w->failed = w->failed || st != CT_JSON_OK;
    ct_buf_put_char(&w->out, ']');
}

/* The recursion ends where the scanner does: at CT_JSON_MAX_DEPTH. */
static void put_value(writer *w, const ct_json *value)
{
    ct_json_scanner s = ct_json_scan(value->p, value->len);
    switch ((ct_json_kind)value->kind) {
    case CT_JSON_OBJECT:
        put_object(w, &s);
        break;
    case CT_JSON_ARRAY:
        put_array(w, &s);
        break;
    case CT_JSON_STRING:
        put_string(w, value);
        break;
    case CT_JSON_NUMBER:
        put_number(w, value);
        break;
    default:
        ct_buf_put(&w->out, value->p, value->len);
    }
}

static void put_text(writer *w, const char *p, size_t n)
{
    ct_json_scanner s = ct_json_scan(p, n);
    ct_json value;
    if (!ct_json_space(&s) || ct_json_value(&s, &value) != CT_JSON_OK)
        w->failed = true;
    else
        put_value(w, &value);
    if (!ct_buf_ok(&w->out))
        w->failed = w->no_memory = true;
}

bool ct_json_equal(const char *a, size_t a_len, const char *b, size_t b_len, bool *no_memory)
{
    if (a_len == b_len && memcmp(a, b, a_len) == 0)
        return true;
    writer left = {.out = CT_BUF_EMPTY}, right = {.out = CT_BUF_EMPTY};
    put_text(&left, a, a_len);
    put_text(&right, b, b_len);
    bool equal = !left.failed && !right.failed && left.out.len == right.out.len &&
                 memcmp(left.out.data, right.out.data, left.out.len) == 0;
    *no_memory = left.no_memory || right.no_memory;
    ct_buf_free(&left.out);
    ct_buf_free(&right.out);
    return equal;
}
