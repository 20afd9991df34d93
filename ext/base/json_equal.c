/*
 * Both texts are written in one canonical form, and these are compared: members sorted by name,
 * nulls left out, strings decoded and written anew, numbers as digits and a power of ten.
 */
#include "base/json_equal.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "base/json_write.h"
#include "base/mem.h"

/* A canonical member or value, in the text being written. */
typedef struct piece {
    size_t start, len;
} piece;

typedef struct writer {
    ct_buf out;
    bool no_memory; /* for anything but `out`, which knows itself */
} writer;

static ct_json_status put_value(writer *w, ct_json_scanner *s, int depth);

static void put_string(writer *w, const ct_json *value)
{
    ct_buf said = CT_BUF_EMPTY;
    (void)ct_json_decode(value, &said);
    ct_json_put_string(&w->out, said.len ? said.data : "", said.len);
    if (!ct_buf_ok(&said))
        w->no_memory = true;
    ct_buf_free(&said);
}

/* The digits of a number without its point and the zeros at either end; returns how many places the
 * point stands to the left of where they end. */
static int64_t put_digits(writer *w, const char *p, const char *end)
{
    size_t start = w->out.len;
    int64_t places = 0;
    bool behind_point = false;
    for (; p < end; p++) {
        if (*p == '.') {
            behind_point = true;
            continue;
        }
        if (*p != '0' || w->out.len > start)
            ct_buf_put_char(&w->out, *p);
        places += behind_point;
    }
    while (w->out.len > start && w->out.data[w->out.len - 1] == '0') {
        w->out.len--;
        places--;
    }
    return places;
}

/* Exactly, as digits and a power of ten: no double, which would make near numbers equal, and no
 * locale. An exponent of more than 15 digits is compared by its spelling. */
static void put_number(writer *w, const ct_json *value)
{
    enum { EXPONENT_DIGITS = 15 };
    const char *end = value->p + value->len;
    const char *mantissa = value->p + (*value->p == '-');
    const char *exponent = mantissa;
    while (exponent < end && *exponent != 'e' && *exponent != 'E')
        exponent++;
    const char *power = exponent + (exponent < end);
    bool is_negative_power = power < end && *power == '-';
    power += power < end && (*power == '-' || *power == '+');
    while (power < end && *power == '0')
        power++;
    if (end - power > EXPONENT_DIGITS) {
        ct_buf_put(&w->out, value->p, value->len);
        return;
    }
    int64_t ten_to = 0;
    for (; power < end; power++)
        ten_to = ten_to * 10 + (*power - '0');

    size_t start = w->out.len;
    if (mantissa > value->p)
        ct_buf_put_char(&w->out, '-');
    size_t digits = w->out.len;
    int64_t places = put_digits(w, mantissa, exponent);
    if (w->out.len == digits) { /* zero has no sign and no exponent */
        w->out.len = start;
        ct_buf_put_char(&w->out, '0');
        return;
    }
    ct_buf_printf(&w->out, "e%lld", (long long)((is_negative_power ? -ten_to : ten_to) - places));
}

static bool add_piece(writer *w, piece **pieces, size_t *n, size_t start)
{
    if (*n % 16 == 0) { /* grows by doubling: at 16, 32, 64 ... only powers of two need room */
        bool is_full = *n == 0 || (*n & (*n - 1)) == 0;
        piece *grown =
            is_full ? ct_realloc(*pieces, (*n ? *n * 2 : 16) * sizeof **pieces) : *pieces;
        if (!grown) {
            w->no_memory = true;
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
        w->no_memory = true;
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

/* Whether the scanner stands on a null, which is passed over then. */
static bool pass_over_null(ct_json_scanner *s)
{
    ct_json value;
    return *s->p == 'n' && ct_json_value(s, &value) == CT_JSON_OK;
}

static ct_json_status put_member(writer *w, ct_json_scanner *s, int depth, piece **pieces,
                                 size_t *n)
{
    ct_json key;
    ct_json_status st = ct_json_key(s, &key);
    if (st != CT_JSON_OK || pass_over_null(s))
        return st;
    size_t member = w->out.len;
    put_string(w, &key);
    ct_buf_put_char(&w->out, ':');
    st = put_value(w, s, depth + 1);
    ct_buf_put_char(&w->out, ',');
    if (st == CT_JSON_OK && ct_buf_ok(&w->out))
        (void)add_piece(w, pieces, n, member);
    return st;
}

static ct_json_status put_object(writer *w, ct_json_scanner *s, int depth)
{
    piece *pieces = NULL;
    size_t n = 0;
    bool more;
    ct_buf_put_char(&w->out, '{');
    size_t start = w->out.len;
    ct_json_status st = ct_json_enter(s, '{', &more);
    while (st == CT_JSON_OK && more && !w->no_memory) {
        st = put_member(w, s, depth, &pieces, &n);
        if (st == CT_JSON_OK)
            st = ct_json_next(s, '}', &more);
    }
    if (st == CT_JSON_OK && !w->no_memory && ct_buf_ok(&w->out) && n > 1)
        sort_members(w, start, pieces, n);
    ct_buf_put_char(&w->out, '}');
    ct_free(pieces);
    return st;
}

static ct_json_status put_array(writer *w, ct_json_scanner *s, int depth)
{
    bool more;
    ct_buf_put_char(&w->out, '[');
    ct_json_status st = ct_json_enter(s, '[', &more);
    while (st == CT_JSON_OK && more && !w->no_memory) {
        st = put_value(w, s, depth + 1);
        ct_buf_put_char(&w->out, ',');
        if (st == CT_JSON_OK)
            st = ct_json_next(s, ']', &more);
    }
    ct_buf_put_char(&w->out, ']');
    return st;
}

/* One pass: each byte is scanned once, however deep it stands. */
static ct_json_status put_value(writer *w, ct_json_scanner *s, int depth)
{
    if (*s->p == '{' || *s->p == '[') {
        if (depth == CT_JSON_MAX_DEPTH)
            return CT_JSON_INVALID;
        return *s->p == '{' ? put_object(w, s, depth) : put_array(w, s, depth);
    }
    ct_json value;
    ct_json_status st = ct_json_value(s, &value);
    if (st != CT_JSON_OK)
        return st;
    if (value.kind == CT_JSON_STRING)
        put_string(w, &value);
    else if (value.kind == CT_JSON_NUMBER)
        put_number(w, &value);
    else
        ct_buf_put(&w->out, value.p, value.len);
    return CT_JSON_OK;
}

/* Writes a text's canonical form; false when it is no JSON or there is no memory. */
static bool put_text(writer *w, const char *p, size_t n)
{
    ct_json_scanner s = ct_json_scan(p, n);
    if (!ct_json_space(&s) || put_value(w, &s, 0) != CT_JSON_OK)
        return false;
    w->no_memory = w->no_memory || !ct_buf_ok(&w->out);
    return !w->no_memory;
}

bool ct_json_equal(const char *a, size_t a_len, const char *b, size_t b_len, bool *no_memory)
{
    *no_memory = false;
    if (a_len == b_len && memcmp(a, b, a_len) == 0)
        return true;
    writer left = {.out = CT_BUF_EMPTY}, right = {.out = CT_BUF_EMPTY};
    bool equal = put_text(&left, a, a_len) && put_text(&right, b, b_len) &&
                 left.out.len == right.out.len &&
                 memcmp(left.out.data, right.out.data, left.out.len) == 0;
    *no_memory = left.no_memory || right.no_memory;
    ct_buf_free(&left.out);
    ct_buf_free(&right.out);
    return equal;
}
