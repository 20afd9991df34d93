#include "windows/distinct_list.h"

#include "base/mem.h"

enum { FIRST_PLACES = 8 };

/* A row of the frame. Rows are numbered from 0 in the order they came. */
typedef struct row {
    uint64_t next; /* number of the next row with the same value; 0 while there is none */
    uint32_t id : CT_DISTINCT_BITS;
    uint32_t was_real : 1;
} row;

/* Where a value stands in the list. */
typedef struct ct_place {
    uint64_t first_row, last_row; /* numbers of the first and the last row that have it */
    uint32_t before, after;       /* its neighbours, CT_DISTINCT_NONE at the ends */
} place;

static row *row_at(const ct_distinct_list *list, uint64_t number)
{
    return ct_queue_at(&list->rows, (size_t)(number - list->n_dropped), sizeof(row));
}

static bool reserve_place(ct_distinct_list *list)
{
    /* the new value's id is at most the number of ids given out so far */
    if (list->values.n_entries < list->places_capacity)
        return true;
    uint32_t capacity = list->places_capacity ? 2 * list->places_capacity : FIRST_PLACES;
    place *places = ct_realloc(list->places, capacity * sizeof *places);
    if (!places)
        return false;
    list->places = places;
    list->places_capacity = capacity;
    return true;
}

/* ---- the linked list ------------------------------------------------------------------------ */

static void link_at_end(ct_distinct_list *list, uint32_t id, bool is_only_one)
{
    place *p = &list->places[id];
    p->after = CT_DISTINCT_NONE;
    p->before = is_only_one ? CT_DISTINCT_NONE : list->tail;
    if (is_only_one)
        list->head = id;
    else
        list->places[list->tail].after = id;
    list->tail = id;
}

static void unlink_value(ct_distinct_list *list, uint32_t id)
{
    const place *p = &list->places[id];
    if (p->before == CT_DISTINCT_NONE)
        list->head = p->after;
    else
        list->places[p->before].after = p->after;
    if (p->after == CT_DISTINCT_NONE)
        list->tail = p->before;
    else
        list->places[p->after].before = p->before;
}

/* Takes the first n values off *rest and returns them as a chain of their own. */
static uint32_t cut(place *places, uint32_t *rest, uint32_t n)
{
    uint32_t head = *rest;
    if (head == CT_DISTINCT_NONE)
        return head;
    uint32_t last = head;
    while (--n > 0 && places[last].after != CT_DISTINCT_NONE)
        last = places[last].after;
    *rest = places[last].after;
    places[last].after = CT_DISTINCT_NONE;
    return head;
}

/* Merges two sorted chains behind *end, which moves to the last value. */
static void merge(place *places, uint32_t **end, uint32_t a, uint32_t b)
{
    while (a != CT_DISTINCT_NONE || b != CT_DISTINCT_NONE) {
        bool take_a = b == CT_DISTINCT_NONE ||
                      (a != CT_DISTINCT_NONE && places[a].first_row < places[b].first_row);
        uint32_t *from = take_a ? &a : &b;
        **end = *from;
        *end = &places[*from].after;
        *from = **end;
    }
}

static void link_backwards(ct_distinct_list *list)
{
    uint32_t before = CT_DISTINCT_NONE;
    for (uint32_t id = list->head; id != CT_DISTINCT_NONE; id = list->places[id].after) {
        list->places[id].before = before;
        before = id;
    }
    list->tail = before;
}

/* Merge sort by first row: needs no memory, so it cannot fail. */
static void sort_list(ct_distinct_list *list)
{
    for (uint64_t run = 1; run < list->values.n; run *= 2) {
        uint32_t rest = list->head;
        uint32_t *end = &list->head;
        while (rest != CT_DISTINCT_NONE) {
            uint32_t a = cut(list->places, &rest, (uint32_t)run);
            uint32_t b = cut(list->places, &rest, (uint32_t)run);
            merge(list->places, &end, a, b);
        }
        *end = CT_DISTINCT_NONE;
    }
    link_backwards(list);
    list->unsorted = false;
}

/* ---- rows ----------------------------------------------------------------------------------- */

bool ct_distinct_list_add(ct_distinct_list *list, const ct_value *v)
{
    row *r = ct_queue_reserve(&list->rows, sizeof *r);
    if (!r || !reserve_place(list))
        return false;
    uint32_t id = ct_distinct_add(&list->values, v);
    if (id == CT_DISTINCT_NONE)
        return false;
    *r = (row){.id = id, .was_real = v->was_real};

    uint64_t number = list->n_dropped + list->rows.n;
    place *p = &list->places[id];
    if (ct_distinct_count(&list->values, id) == 1) {
        link_at_end(list, id, list->values.n == 1);
        p->first_row = number;
    } else {
        row_at(list, p->last_row)->next = number;
    }
    p->last_row = number;
    ct_queue_push(&list->rows);
    return true;
}

void ct_distinct_list_drop(ct_distinct_list *list)
{
    if (list->rows.n == 0)
        return;
    row dropped = *row_at(list, list->n_dropped);
    unlink_value(list, dropped.id);
    if (!ct_distinct_remove(&list->values, dropped.id)) {
        list->places[dropped.id].first_row = dropped.next;
        link_at_end(list, dropped.id, list->values.n == 1);
        list->unsorted = true;
    }
    ct_queue_pop(&list->rows);
    list->n_dropped++;
}

uint32_t ct_distinct_list_first(ct_distinct_list *list)
{
    if (list->values.n == 0)
        return CT_DISTINCT_NONE;
    if (list->unsorted)
        sort_list(list);
    return list->head;
}

uint32_t ct_distinct_list_next(const ct_distinct_list *list, uint32_t id)
{
    return list->places[id].after;
}

ct_value ct_distinct_list_value(const ct_distinct_list *list, uint32_t id)
{
    ct_value v = ct_distinct_value(&list->values, id);
    v.was_real = row_at(list, list->places[id].first_row)->was_real;
    return v;
}

void ct_distinct_list_free(ct_distinct_list *list)
{
    ct_distinct_free(&list->values);
    ct_queue_free(&list->rows);
    ct_free(list->places);
    *list = (ct_distinct_list){.places = NULL};
}
