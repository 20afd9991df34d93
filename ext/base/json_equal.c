/*
 * Both texts are indexed in one pass each: where every object and array ends, and a hash of what it
 * says that does not depend on key order and spelling. Where the hashes agree the texts are walked
 * side by side, members in the order of their keys, and compared exactly: a hash only ever says
 * that two values differ, and orders what stands under a repeated key.
 *
 * Neither step recurses nor reads anything once for each level it is in. Memory: 12 bytes for each
 * object and array, 32 for each member of the objects that are open, 100 for each level.
 */
#include "base/json_equal.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/grow.h"
#include "base/json.h"
#include "base/mem.h"

/* ---- scalars -------------------------------------------------------------------------------- */

/* The digits of a number without its point and the zeros at either end; returns how many places the
 * point stands to the left of where they end. */
static int64_t put_digits(ct_buf *out, const char *p, const char *end)
{
    size_t start = out->len;
    int64_t places = 0;
    bool behind_point = false;
    for (; p < end; p++) {
        if (*p == '.') {
            behind_point = true;
            continue;
        }
        if (*p != '0' || out->len > start)
            ct_buf_put_char(out, *p);
        places += behind_point;
    }
    while (out->len > start && out->data[out->len - 1] == '0') {
        out->len--;
        places--;
    }
    return places;
}

/* Exactly, as digits and a power of ten: no double, which would make near numbers equal, and no
 * locale. An exponent of more than 15 digits is compared by its spelling. */
static void put_number(ct_buf *out, const ct_json *value)
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
        ct_buf_put(out, value->p, value->len);
        return;
    }
    int64_t ten_to = 0;
    for (; power < end; power++)
        ten_to = ten_to * 10 + (*power - '0');

    size_t start = out->len;
    if (mantissa > value->p)
        ct_buf_put_char(out, '-');
    size_t digits = out->len;
    int64_t places = put_digits(out, mantissa, exponent);
    if (out->len == digits) { /* zero has no sign and no exponent */
        out->len = start;
        ct_buf_put_char(out, '0');
        return;
    }
    ct_buf_printf(out, "e%lld", (long long)((is_negative_power ? -ten_to : ten_to) - places));
}

/* What a scalar says, in one spelling: a string's text, a number's digits, else its own word. */
static void put_scalar(ct_buf *out, const ct_json *value)
{
    if (value->kind == CT_JSON_STRING)
        (void)ct_json_decode(value, out);
    else if (value->kind == CT_JSON_NUMBER)
        put_number(out, value);
    else
        ct_buf_put(out, value->p, value->len);
}

static uint32_t mix(uint64_t h)
{
    h = (h ^ h >> 30) * UINT64_C(0xBF58476D1CE4E5B9);
    h = (h ^ h >> 27) * UINT64_C(0x94D049BB133111EB);
    return (uint32_t)(h >> 32);
}

static uint32_t hash_bytes(const char *p, size_t n, uint64_t seed)
{
    uint64_t h = seed * UINT64_C(0x9E3779B97F4A7C15) + UINT64_C(0xCBF29CE484222325);
    for (size_t i = 0; i < n; i++)
        h = (h ^ (unsigned char)p[i]) * UINT64_C(0x100000001B3);
    return mix(h);
}

/* ---- the index of a text -------------------------------------------------------------------- */

typedef struct container {
    uint32_t end;  /* the offset behind its bracket */
    uint32_t next; /* the number of the first container behind all that are in it */
    uint32_t hash;
} container;

typedef struct indexed {
    const char *text; /* borrowed */
    size_t len;
    container *containers; /* owned; in the order of their opening brackets */
    size_t n, capacity;
    uint32_t hash;  /* of the whole */
    ct_buf scratch; /* a scalar in one spelling */
    bool no_memory;
} indexed;

/* A container that is open, while its text is indexed. */
typedef struct opened {
    uint32_t number;
    bool is_object;
    uint32_t key;  /* of the member being read */
    uint64_t hash; /* of what was read */
} opened;

static uint32_t hash_scalar(indexed *t, const ct_json *value)
{
    ct_buf_clear(&t->scratch);
    put_scalar(&t->scratch, value);
    if (!ct_buf_ok(&t->scratch))
        t->no_memory = true;
    return hash_bytes(t->scratch.len ? t->scratch.data : "", t->scratch.len, value->kind);
}

/* Members in any order, items in theirs. A member that is null is none. */
static void add_value(opened *in, uint32_t hash, bool is_null)
{
    if (!in->is_object)
        in->hash = in->hash * UINT64_C(0x100000001B3) + hash + 1;
    else if (!is_null)
        in->hash += mix((uint64_t)in->key << 32 | hash) + UINT64_C(0x100000000);
}

static ct_json_status read_key(indexed *t, ct_json_scanner *s, opened *in)
{
    ct_json key;
    ct_json_status st = ct_json_key(s, &key);
    if (st == CT_JSON_OK)
        in->key = hash_scalar(t, &key);
    return st;
}

static bool open_container(indexed *t, const ct_json_scanner *s, opened *in)
{
    container *grown = ct_grow(t->containers, t->n, &t->capacity, 16, sizeof *grown);
    if (!grown) {
        t->no_memory = true;
        return false;
    }
    t->containers = grown;
    *in = (opened){.number = (uint32_t)t->n++, .is_object = *s->p == '{'};
    return true;
}

static uint32_t close_container(indexed *t, const ct_json_scanner *s, const opened *in)
{
    uint32_t hash = mix(in->hash * 2 + in->is_object + UINT64_C(0x9E3779B97F4A7C15));
    t->containers[in->number] =
        (container){.end = (uint32_t)(s->p - t->text), .next = (uint32_t)t->n, .hash = hash};
    return hash;
}

/* Indexes the value at s->p, with `open` for what is open in it. */
static ct_json_status index_value(indexed *t, ct_json_scanner *s, opened *open)
{
    size_t depth = 0;
    for (;;) {
        bool more = false, is_null = false;
        uint32_t hash = 0;
        ct_json_status st;
        if (*s->p == '{' || *s->p == '[') {
            if (depth == CT_JSON_MAX_DEPTH || !open_container(t, s, &open[depth]))
                return CT_JSON_INVALID;
            st = ct_json_enter(s, *s->p, &more);
            if (st == CT_JSON_OK && more && open[depth].is_object)
                st = read_key(t, s, &open[depth]);
            if (st == CT_JSON_OK && !more)
                hash = close_container(t, s, &open[depth]);
            depth += st == CT_JSON_OK && more;
        } else {
            ct_json value;
            st = ct_json_value(s, &value);
            if (st == CT_JSON_OK)
                hash = hash_scalar(t, &value);
            is_null = st == CT_JSON_OK && value.kind == CT_JSON_NULL;
        }
        /* behind a value: the next one, or the end of what it stands in */
        while (st == CT_JSON_OK && !more && depth > 0) {
            opened *in = &open[depth - 1];
            add_value(in, hash, is_null);
            is_null = false;
            st = ct_json_next(s, in->is_object ? '}' : ']', &more);
            if (st == CT_JSON_OK && more && in->is_object)
                st = read_key(t, s, in);
            if (st == CT_JSON_OK && !more) {
                hash = close_container(t, s, in);
                depth--;
            }
        }
        if (st != CT_JSON_OK || t->no_memory)
            return CT_JSON_INVALID;
        if (depth == 0) {
            t->hash = hash;
            return CT_JSON_OK;
        }
    }
}

/* False when the text is no JSON, or there is no memory. */
static bool index_text(indexed *t)
{
    ct_json_scanner s = ct_json_scan(t->text, t->len);
    opened *open = ct_malloc(CT_JSON_MAX_DEPTH * sizeof *open);
    t->no_memory = !open;
    bool is_json =
        open && t->len <= UINT32_MAX && ct_json_space(&s) && index_value(t, &s, open) == CT_JSON_OK;
    ct_free(open);
    return is_json && !t->no_memory;
}

static void free_index(indexed *t)
{
    ct_free(t->containers);
    ct_buf_free(&t->scratch);
}

/* ---- walking an indexed text ----------------------------------------------------------------- */

/* A value: where it begins, and the number of the first container at or behind it. */
typedef struct place {
    const char *p;
    uint32_t number;
} place;

static bool is_container(const place *at)
{
    return *at->p == '{' || *at->p == '[';
}

static const char *skip_space(const char *p)
{
    while (*p == ' ' || *p == '\t' || *p == '\n' || *p == '\r')
        p++;
    return p; /* a bracket follows: the text is JSON */
}

static ct_json scalar_at(const indexed *t, const place *at)
{
    ct_json value = {.p = at->p};
    ct_json_scanner s = ct_json_scan(at->p, (size_t)(t->text + t->len - at->p));
    (void)ct_json_value(&s, &value);
    return value;
}

/* Moves over a value to the comma or bracket behind it. */
static void pass_over(const indexed *t, place *at)
{
    if (is_container(at)) {
        const container *c = &t->containers[at->number];
        at->p = t->text + c->end;
        at->number = c->next;
    } else {
        ct_json value = scalar_at(t, at);
        at->p += value.len;
    }
    at->p = skip_space(at->p);
}

static uint32_t hash_at(indexed *t, const place *at)
{
    if (is_container(at))
        return t->containers[at->number].hash;
    ct_json value = scalar_at(t, at);
    return hash_scalar(t, &value);
}

/* ---- objects -------------------------------------------------------------------------------- */

typedef struct member {
    const char *key; /* what it says; borrowed until the next object is listed */
    uint32_t key_len;
    uint32_t hash; /* of the value, where the key is repeated; else 0 */
    place value;
} member;

/* The members of all objects that are open, the innermost last. */
typedef struct members {
    member *all; /* owned */
    size_t n, capacity;
    ct_buf keys; /* those that are not in the text as they read */
} members;

static int compare_members(const void *left, const void *right)
{
    const member *a = left, *b = right;
    size_t n = a->key_len < b->key_len ? a->key_len : b->key_len;
    int order = n ? memcmp(a->key, b->key, n) : 0;
    if (order == 0)
        order = (a->key_len > b->key_len) - (a->key_len < b->key_len);
    if (order == 0)
        order = (a->hash > b->hash) - (a->hash < b->hash);
    return order ? order : (a->value.p > b->value.p) - (a->value.p < b->value.p);
}

static bool same_key(const member *a, const member *b)
{
    return a->key_len == b->key_len && memcmp(a->key, b->key, a->key_len) == 0;
}

/* A key as it reads: in the text, or decoded; then `key` is NULL until all are. */
static bool add_member(members *m, const ct_json *key, const place *value)
{
    member *grown = ct_grow(m->all, m->n, &m->capacity, 32, sizeof *grown);
    if (!grown)
        return false;
    m->all = grown;
    member *added = &m->all[m->n++];
    *added = (member){.key = key->p + 1, .key_len = (uint32_t)key->len - 2, .value = *value};
    if (key->flags & (CT_JSON_ESCAPED | CT_JSON_8BIT)) {
        size_t start = m->keys.len;
        (void)ct_json_decode(key, &m->keys);
        added->key = NULL;
        added->key_len = (uint32_t)(m->keys.len - start);
    }
    return ct_buf_ok(&m->keys);
}

/* Values under one key have no order of their own: that of their hashes. */
static void order_repeated(indexed *t, member *first, size_t n)
{
    bool repeated = false;
    for (size_t i = 0; i < n; i++) {
        bool same = (i > 0 && same_key(&first[i - 1], &first[i])) ||
                    (i + 1 < n && same_key(&first[i], &first[i + 1]));
        first[i].hash = same ? hash_at(t, &first[i].value) : 0;
        repeated = repeated || same;
    }
    if (repeated)
        qsort(first, n, sizeof *first, compare_members);
}

/* Adds the members of the object at `at` to the end of m, sorted. */
static bool list_members(indexed *t, members *m, place at)
{
    size_t start = m->n;
    ct_buf_clear(&m->keys);
    at.p = skip_space(at.p + 1);
    at.number++;
    while (*at.p != '}') {
        ct_json key = scalar_at(t, &at);
        at.p = skip_space(skip_space(at.p + key.len) + 1); /* the colon */
        if (*at.p != 'n' && !add_member(m, &key, &at))
            return false;
        pass_over(t, &at);
        if (*at.p == ',')
            at.p = skip_space(at.p + 1);
    }
    const char *decoded = m->keys.data;
    for (size_t i = start; i < m->n; i++) {
        if (m->all[i].key)
            continue;
        m->all[i].key = decoded ? decoded : "";
        decoded += m->all[i].key_len;
    }
    if (m->n - start > 1) {
        qsort(m->all + start, m->n - start, sizeof *m->all, compare_members);
        order_repeated(t, m->all + start, m->n - start);
    }
    return !t->no_memory;
}

/* ---- side by side --------------------------------------------------------------------------- */

/* Two containers of one kind that are being compared. */
typedef struct level {
    bool is_object;
    place a, b;              /* of arrays: what comes next */
    size_t a_start, b_start; /* of objects: their members, in `members` */
    size_t i, n;             /* of these: the next, and how many */
} level;

typedef struct comparison {
    indexed a, b;
    members in_a, in_b;
    level *levels; /* owned: the innermost last */
    size_t n, capacity;
    bool no_memory;
} comparison;

static bool same_scalar(comparison *c, const place *a, const place *b)
{
    ct_json x = scalar_at(&c->a, a), y = scalar_at(&c->b, b);
    if (x.kind != y.kind)
        return false;
    if (x.len == y.len && memcmp(x.p, y.p, x.len) == 0)
        return true;
    /* they held each of these when the texts were indexed: no memory is needed */
    ct_buf *left = &c->a.scratch, *right = &c->b.scratch;
    ct_buf_clear(left);
    ct_buf_clear(right);
    put_scalar(left, &x);
    put_scalar(right, &y);
    return left->len == right->len &&
           (left->len == 0 || memcmp(left->data, right->data, left->len) == 0);
}

/* Lists the members of two objects; true when their keys are the same. */
static bool enter_objects(comparison *c, level *l, const place *a, const place *b)
{
    l->a_start = c->in_a.n;
    l->b_start = c->in_b.n;
    if (!list_members(&c->a, &c->in_a, *a) || !list_members(&c->b, &c->in_b, *b)) {
        c->no_memory = true;
        return false;
    }
    l->n = c->in_a.n - l->a_start;
    bool same = l->n == c->in_b.n - l->b_start;
    for (size_t i = 0; i < l->n && same; i++)
        same = same_key(&c->in_a.all[l->a_start + i], &c->in_b.all[l->b_start + i]);
    return same;
}

static void enter_array(place *at)
{
    at->p = skip_space(at->p + 1);
    at->number++;
}

/* Goes into two values, or compares them where there is nothing to go into. */
static bool enter(comparison *c, place a, place b)
{
    if (!is_container(&a) || !is_container(&b))
        return !is_container(&a) && !is_container(&b) && same_scalar(c, &a, &b);
    if (*a.p != *b.p)
        return false;
    level *grown = ct_grow(c->levels, c->n, &c->capacity, 16, sizeof *grown);
    if (!grown) {
        c->no_memory = true;
        return false;
    }
    c->levels = grown;
    level *l = &c->levels[c->n++];
    *l = (level){.is_object = *a.p == '{', .a = a, .b = b};
    if (l->is_object)
        return enter_objects(c, l, &a, &b);
    enter_array(&l->a);
    enter_array(&l->b);
    return true;
}

static void leave(comparison *c)
{
    const level *l = &c->levels[--c->n];
    if (l->is_object) {
        c->in_a.n = l->a_start;
        c->in_b.n = l->b_start;
    }
}

/* The next two values of the innermost level; true when it has none any more. */
static bool next_values(comparison *c, level *l, place *a, place *b, bool *same)
{
    if (l->is_object) {
        if (l->i == l->n)
            return true;
        *a = c->in_a.all[l->a_start + l->i].value;
        *b = c->in_b.all[l->b_start + l->i].value;
        l->i++;
        return false;
    }
    if (*l->a.p == ']' || *l->b.p == ']') {
        *same = *l->a.p == *l->b.p;
        return true;
    }
    *a = l->a;
    *b = l->b;
    pass_over(&c->a, &l->a);
    pass_over(&c->b, &l->b);
    l->a.p = *l->a.p == ',' ? skip_space(l->a.p + 1) : l->a.p;
    l->b.p = *l->b.p == ',' ? skip_space(l->b.p + 1) : l->b.p;
    return false;
}

static place root_of(const indexed *t)
{
    return (place){.p = skip_space(t->text), .number = 0};
}

static bool compare(comparison *c)
{
    if (!index_text(&c->a) || !index_text(&c->b) || c->a.hash != c->b.hash)
        return false;
    bool same = enter(c, root_of(&c->a), root_of(&c->b));
    while (same && c->n > 0) {
        place a, b;
        if (next_values(c, &c->levels[c->n - 1], &a, &b, &same))
            leave(c);
        else
            same = enter(c, a, b);
    }
    return same;
}

bool ct_json_equal(const char *a, size_t a_len, const char *b, size_t b_len, bool *no_memory)
{
    *no_memory = false;
    if (a_len == b_len && memcmp(a, b, a_len) == 0)
        return true;
    comparison c = {.a = {.text = a, .len = a_len}, .b = {.text = b, .len = b_len}};
    bool equal = compare(&c);
    *no_memory = c.no_memory || c.a.no_memory || c.b.no_memory;
    free_index(&c.a);
    free_index(&c.b);
    ct_free(c.in_a.all);
    ct_free(c.in_b.all);
    ct_buf_free(&c.in_a.keys);
    ct_buf_free(&c.in_b.keys);
    ct_free(c.levels);
    return equal && !*no_memory;
}
