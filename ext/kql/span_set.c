#include "kql/span_set.h"

#include "base/grow.h"
#include "base/value.h"

static uint64_t hash(const ct_span_set *set, ct_span text)
{
    ct_value value = ct_value_bytes(CT_VALUE_TEXT, text.p, text.n);
    return ct_value_hash(&value, set->key);
}

ct_span ct_span_set_at(const ct_span_set *set, size_t i)
{
    const char *bytes = set->bytes.data ? set->bytes.data : "";
    return (ct_span){bytes + set->items[i].offset, set->items[i].n};
}

/* The slot that holds the text, or the free one where it would go. There is a free one. */
static size_t *find_slot(const ct_span_set *set, ct_span text)
{
    size_t mask = set->n_slots - 1;
    for (size_t i = (size_t)hash(set, text) & mask;; i = (i + 1) & mask) {
        size_t *slot = &set->slots[i];
        if (*slot == 0)
            return slot;
        ct_span known = ct_span_set_at(set, *slot - 1);
        if (known.n == text.n && (text.n == 0 || memcmp(known.p, text.p, text.n) == 0))
            return slot;
    }
}

bool ct_span_set_has(const ct_span_set *set, ct_span text)
{
    return set->n > 0 && *find_slot(set, text) > 0;
}

/* Keeps half of the slots free. */
static bool make_room(ct_span_set *set)
{
    if (set->n * 2 < set->n_slots)
        return true;
    size_t n_slots = set->n_slots ? set->n_slots * 2 : 32;
    if (n_slots > SIZE_MAX / sizeof *set->slots)
        return false;
    size_t *slots = ct_malloc(n_slots * sizeof *slots);
    if (!slots)
        return false;
    memset(slots, 0, n_slots * sizeof *slots);
    ct_free(set->slots);
    set->slots = slots;
    set->n_slots = n_slots;
    for (size_t i = 0; i < set->n; i++)
        *find_slot(set, ct_span_set_at(set, i)) = i + 1;
    return true;
}

ct_span_set_result ct_span_set_add(ct_span_set *set, ct_span text)
{
    if (!make_room(set))
        return CT_SPAN_NO_MEMORY;
    size_t *slot = find_slot(set, text);
    if (*slot > 0)
        return CT_SPAN_KNOWN;
    ct_span_item *items = ct_grow(set->items, set->n, &set->capacity, 16, sizeof *items);
    if (!items)
        return CT_SPAN_NO_MEMORY;
    set->items = items;
    size_t offset = set->bytes.len;
    ct_buf_put(&set->bytes, text.p, text.n);
    if (!ct_buf_ok(&set->bytes))
        return CT_SPAN_NO_MEMORY;
    set->items[set->n++] = (ct_span_item){offset, text.n};
    *slot = set->n;
    return CT_SPAN_ADDED;
}

void ct_span_set_free(ct_span_set *set)
{
    ct_buf_free(&set->bytes);
    ct_free(set->items);
    ct_free(set->slots);
    *set = CT_SPAN_SET_EMPTY;
}
