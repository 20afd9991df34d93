#include "windows/bursts.h"

#include <string.h>

#include "base/mem.h"

static ct_event *event_at(const ct_events *events, size_t i)
{
    return ct_queue_at(&events->queue, i, sizeof(ct_event));
}

bool ct_events_add(ct_events *events, const ct_value *v, int64_t ticks)
{
    ct_event *e = ct_queue_reserve(&events->queue, sizeof *e);
    /* the counts of a window have 32 bits */
    if (!e || events->queue.n >= UINT32_MAX)
        return false;
    uint32_t id = ct_distinct_add(&events->values, v);
    if (id == CT_DISTINCT_NONE)
        return false;
    *e = (ct_event){.ticks = ticks, .id = id, .was_real = v->was_real, .number = events->n_added++};
    if (events->queue.n > 0 && e[-1].ticks > ticks)
        events->n_backwards++;
    ct_queue_push(&events->queue);
    return true;
}

void ct_events_drop(ct_events *events)
{
    if (events->queue.n == 0)
        return;
    const ct_event *e = event_at(events, 0);
    if (events->queue.n > 1 && e[0].ticks > e[1].ticks)
        events->n_backwards--;
    ct_distinct_remove(&events->values, e->id);
    ct_queue_pop(&events->queue);
    events->n_dropped++;
}

void ct_events_free(ct_events *events)
{
    ct_distinct_free(&events->values);
    ct_queue_free(&events->queue);
    *events = (ct_events){.n_backwards = 0};
}

/* ---- time order ----------------------------------------------------------------------------- */

enum { SHORT_RUN = 16 }; /* up to here insertion beats merging */

static void insertion_sort(ct_event *events, size_t n)
{
    for (size_t i = 1; i < n; i++) {
        ct_event e = events[i];
        size_t at = i;
        for (; at > 0 && events[at - 1].ticks > e.ticks; at--)
            events[at] = events[at - 1];
        events[at] = e;
    }
}

/* Merge sort: stable, and parts that are in order already cost one comparison. `spare` has room
 * for half of the events. */
static void merge_sort(ct_event *events, size_t n, ct_event *spare, const ct_pulse *pulse)
{
    enum { LARGE = 16384 }; /* below it the work is a millisecond's */
    if (n <= SHORT_RUN) {
        insertion_sort(events, n);
        return;
    }
    if (n > LARGE && !ct_goes_on(pulse, false))
        return; /* who was told to stop is told so again by the window */
    size_t half = n / 2;
    merge_sort(events, half, spare, pulse);
    merge_sort(events + half, n - half, spare, pulse);
    if (events[half - 1].ticks <= events[half].ticks)
        return;

    memcpy(spare, events, half * sizeof *events);
    size_t left = 0, right = half, out = 0;
    while (left < half && right < n)
        events[out++] = spare[left].ticks <= events[right].ticks ? spare[left++] : events[right++];
    memcpy(events + out, spare + left, (half - left) * sizeof *events);
}

static bool sort_events(ct_event *events, size_t n, const ct_pulse *pulse)
{
    ct_event *spare = NULL;
    if (n > SHORT_RUN && !(spare = ct_malloc(n / 2 * sizeof *spare)))
        return false;
    merge_sort(events, n, spare, pulse);
    ct_free(spare);
    return true;
}

/* Lets w->events be the events in time order. */
static bool order_events(ct_window *w, ct_events *events, bool may_reorder)
{
    size_t n = events->queue.n;
    ct_event *all = event_at(events, 0);
    w->events = all;
    if (events->n_backwards == 0)
        return true;
    if (!may_reorder) {
        w->sorted = ct_malloc(n * sizeof *all);
        if (!w->sorted)
            return false;
        w->events = memcpy(w->sorted, all, n * sizeof *all);
        return sort_events(w->sorted, n, w->pulse);
    }
    events->n_backwards = 0;
    return sort_events(all, n, w->pulse);
}

/* ---- the window ----------------------------------------------------------------------------- */

bool ct_window_open(ct_window *w, ct_events *events, int64_t width, bool may_reorder)
{
    *w = (ct_window){.n_events = events->queue.n, .width = width, .pulse = events->pulse};
    if (w->n_events == 0)
        return true;
    if (!order_events(w, events, may_reorder))
        return false;
    size_t n_ids = events->values.n_entries;
    w->counts = ct_malloc(2 * n_ids * sizeof *w->counts);
    if (!w->counts)
        return false;
    memset(w->counts, 0, 2 * n_ids * sizeof *w->counts);
    w->marks = w->counts + n_ids;
    return true;
}

void ct_window_close(ct_window *w)
{
    ct_free(w->sorted);
    ct_free(w->counts);
    *w = (ct_window){.events = NULL};
}

/* Takes in all events that fall in the window that begins at its first event. */
static void extend(ct_window *w)
{
    int64_t start = w->events[w->first].ticks;
    for (; w->end < w->n_events && w->events[w->end].ticks - start < w->width; w->end++)
        if (w->counts[w->events[w->end].id]++ == 0)
            w->n_distinct++;
}

static void leave_first(ct_window *w)
{
    if (--w->counts[w->events[w->first].id] == 0)
        w->n_distinct--;
    w->first++;
}

uint32_t ct_window_max(ct_window *w)
{
    uint32_t max = 0;
    for (; w->first < w->n_events && ct_window_goes_on(w, w->first); leave_first(w)) {
        extend(w);
        if (w->n_distinct > max)
            max = w->n_distinct;
    }
    return max;
}

bool ct_window_next_burst(ct_window *w, uint64_t threshold, ct_burst *burst)
{
    bool found = false;
    for (; w->first < w->n_events && ct_window_goes_on(w, w->first); leave_first(w)) {
        if (found && w->first >= burst->end)
            return true; /* no later window can share an event with it */
        extend(w);
        if (w->n_distinct < threshold)
            continue;
        if (!found) {
            *burst = (ct_burst){.first = w->first};
            w->n_bursts++;
            found = true;
        }
        burst->end = w->end;
        if (w->n_distinct > burst->peak)
            burst->peak = w->n_distinct;
    }
    return found && !w->is_stopped;
}
