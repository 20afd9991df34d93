#include "windows/distinct.h"

#include <string.h>

#include "base/mem.h"

/* A burst's group has some ten to forty values. */
enum { FIRST_ENTRIES = 16, FIRST_SLOTS = 32, FIRST_BYTES = 512 };

/* Long enough for commands, user names and addresses. With it an entry fills 64 bytes, so that a
 * short text in a large set costs one cache miss and not two. */
enum { INLINE_BYTES = 40 };

typedef struct ct_distinct_entry {
    uint64_t count;   /* 0: the id is free */
    uint32_t n_bytes; /* SQLite's longest value is below 2^31 bytes */
    uint32_t hash;
    ct_value_type type;
    union {
        int64_t integer;
        double real;
        char text[INLINE_BYTES]; /* a text or blob that fits */
        size_t offset;           /* in bytes, of one that does not */
        uint32_t next_free;      /* while the id is free */
    } as;
} entry;

static bool is_inline(const entry *e)
{
    return e->n_bytes <= INLINE_BYTES;
}

static const char *entry_bytes(const ct_distinct *d, const entry *e)
{
    return is_inline(e) ? e->as.text : d->bytes + e->as.offset;
}

typedef struct ct_distinct_slot {
    uint32_t hash;      /* kept here too, so that probing rarely touches an entry */
    uint32_t id_plus_1; /* 0: empty */
} slot;

ct_value ct_distinct_value(const ct_distinct *d, uint32_t id)
{
    const entry *e = &d->entries[id];
    switch (e->type) {
    case CT_VALUE_INTEGER:
        return ct_value_integer(e->as.integer);
    case CT_VALUE_REAL:
        return ct_value_real(e->as.real);
    default:
        return ct_value_bytes(e->type, entry_bytes(d, e), e->n_bytes);
    }
}

uint64_t ct_distinct_count(const ct_distinct *d, uint32_t id)
{
    return d->entries[id].count;
}

static bool entry_equals(const ct_distinct *d, const entry *e, const ct_value *v)
{
    if (e->type != v->type)
        return false;
    if (v->type == CT_VALUE_INTEGER)
        return e->as.integer == v->as.integer;
    if (v->type == CT_VALUE_REAL)
        return e->as.real == v->as.real;
    return e->n_bytes == v->n_bytes &&
           (e->n_bytes == 0 || memcmp(entry_bytes(d, e), v->as.bytes, e->n_bytes) == 0);
}

/* The slot of v, or the empty one where it would stand. There is always an empty one. */
static slot *probe(const ct_distinct *d, uint32_t hash, const ct_value *v)
{
    uint32_t mask = d->n_slots - 1;
    for (uint32_t i = hash & mask;; i = (i + 1) & mask) {
        slot *s = &d->slots[i];
        if (s->id_plus_1 == 0 ||
            (s->hash == hash && entry_equals(d, &d->entries[s->id_plus_1 - 1], v)))
            return s;
    }
}

uint32_t ct_distinct_find(const ct_distinct *d, const ct_value *v)
{
    if (d->n == 0)
        return CT_DISTINCT_NONE;
    const slot *s = probe(d, (uint32_t)ct_value_hash(v, d->key), v);
    return s->id_plus_1 ? s->id_plus_1 - 1 : CT_DISTINCT_NONE;
}

/* ---- room ----------------------------------------------------------------------------------- */

static bool grow_slots(ct_distinct *d)
{
    if (d->n_slots > UINT32_MAX / 2)
        return false;
    uint32_t n_slots = d->n_slots ? 2 * d->n_slots : FIRST_SLOTS;
    slot *slots = ct_malloc(n_slots * sizeof *slots);
    if (!slots)
        return false;
    memset(slots, 0, n_slots * sizeof *slots);
    uint32_t mask = n_slots - 1;
    for (uint32_t i = 0; i < d->n_slots; i++) {
        slot s = d->slots[i];
        if (s.id_plus_1 == 0)
            continue;
        uint32_t at = s.hash & mask;
        while (slots[at].id_plus_1)
            at = (at + 1) & mask;
        slots[at] = s;
    }
    ct_free(d->slots);
    d->slots = slots;
    d->n_slots = n_slots;
    return true;
}

static bool reserve_entry(ct_distinct *d)
{
    if (d->n < d->n_entries || d->n_entries < d->entries_capacity)
        return true; /* a free id, or one never used */
    uint32_t capacity = d->entries_capacity ? 2 * d->entries_capacity : FIRST_ENTRIES;
    if (capacity > UINT32_C(1) << CT_DISTINCT_BITS)
        return false;
    entry *entries = ct_realloc(d->entries, capacity * sizeof *entries);
    if (!entries)
        return false;
    d->entries = entries;
    d->entries_capacity = capacity;
    return true;
}

static bool reserve_bytes(ct_distinct *d, size_t n)
{
    if (n <= INLINE_BYTES || n <= d->bytes_capacity - d->bytes_len)
        return true;
    size_t capacity = d->bytes_capacity ? d->bytes_capacity : FIRST_BYTES;
    while (capacity - d->bytes_len < n) {
        if (capacity > SIZE_MAX / 2)
            return false;
        capacity *= 2;
    }
    char *bytes = ct_realloc(d->bytes, capacity);
    if (!bytes)
        return false;
    d->bytes = bytes;
    d->bytes_capacity = capacity;
    return true;
}

/* Moves what is in use into a block of its own size. Without memory all stays as it is. */
static void compact_bytes(ct_distinct *d)
{
    size_t n_used = d->bytes_len - d->bytes_lost;
    char *bytes = ct_malloc(n_used);
    if (!bytes)
        return;
    size_t len = 0;
    for (uint32_t id = 0; id < d->n_entries; id++) {
        entry *e = &d->entries[id];
        if (e->count == 0 || is_inline(e))
            continue;
        memcpy(bytes + len, d->bytes + e->as.offset, e->n_bytes);
        e->as.offset = len;
        len += e->n_bytes;
    }
    ct_free(d->bytes);
    d->bytes = bytes;
    d->bytes_len = d->bytes_capacity = len;
    d->bytes_lost = 0;
}

/* ---- adding and removing -------------------------------------------------------------------- */

static uint32_t take_id(ct_distinct *d)
{
    if (d->n == d->n_entries)
        return d->n_entries++;
    uint32_t id = d->free_id;
    d->free_id = d->entries[id].as.next_free;
    return id;
}

static void fill_entry(ct_distinct *d, entry *e, uint32_t hash, const ct_value *v)
{
    *e = (entry){.type = v->type, .count = 1, .hash = hash, .n_bytes = (uint32_t)v->n_bytes};
    if (v->type == CT_VALUE_INTEGER) {
        e->as.integer = v->as.integer;
    } else if (v->type == CT_VALUE_REAL) {
        e->as.real = v->as.real;
    } else if (is_inline(e)) {
        if (v->n_bytes > 0)
            memcpy(e->as.text, v->as.bytes, v->n_bytes);
    } else {
        e->as.offset = d->bytes_len;
        memcpy(d->bytes + d->bytes_len, v->as.bytes, v->n_bytes);
        d->bytes_len += v->n_bytes;
    }
}

uint32_t ct_distinct_add(ct_distinct *d, const ct_value *v)
{
    /* a quarter of the slots stays empty */
    if (d->n >= d->n_slots / 4 * 3 && !grow_slots(d))
        return CT_DISTINCT_NONE;
    uint32_t hash = (uint32_t)ct_value_hash(v, d->key);
    slot *s = probe(d, hash, v);
    if (s->id_plus_1) {
        d->entries[s->id_plus_1 - 1].count++;
        return s->id_plus_1 - 1;
    }
    if (v->n_bytes > UINT32_MAX || !reserve_entry(d) || !reserve_bytes(d, v->n_bytes))
        return CT_DISTINCT_NONE;
    uint32_t id = take_id(d);
    fill_entry(d, &d->entries[id], hash, v);
    *s = (slot){hash, id + 1};
    d->n++;
    return id;
}

/* Empties the slot and moves back those behind it that may stand nearer to their home. */
static void empty_slot(ct_distinct *d, uint32_t hole)
{
    uint32_t mask = d->n_slots - 1;
    for (uint32_t i = (hole + 1) & mask; d->slots[i].id_plus_1; i = (i + 1) & mask) {
        uint32_t from_home = (i - d->slots[i].hash) & mask;
        uint32_t from_hole = (i - hole) & mask;
        if (from_home >= from_hole) {
            d->slots[hole] = d->slots[i];
            hole = i;
        }
    }
    d->slots[hole].id_plus_1 = 0;
}

bool ct_distinct_remove(ct_distinct *d, uint32_t id)
{
    entry *e = &d->entries[id];
    if (--e->count > 0)
        return false;

    uint32_t mask = d->n_slots - 1;
    uint32_t i = e->hash & mask;
    while (d->slots[i].id_plus_1 != id + 1)
        i = (i + 1) & mask;
    empty_slot(d, i);

    d->bytes_lost += is_inline(e) ? 0 : e->n_bytes;
    e->as.next_free = d->n == d->n_entries ? CT_DISTINCT_NONE : d->free_id;
    d->free_id = id;
    d->n--;
    /* as much was lost as the work will be, so removing stays constant on average */
    if (d->bytes_lost > d->bytes_len / 2 && d->bytes_lost > sizeof *e * d->n_entries)
        compact_bytes(d);
    return true;
}

void ct_distinct_free(ct_distinct *d)
{
    ct_free(d->entries);
    ct_free(d->slots);
    ct_free(d->bytes);
    *d = CT_DISTINCT_EMPTY;
}
