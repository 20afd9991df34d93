/*
 * bursts: how many distinct values fall within a window of time that slides over events.
 *
 * A window is [t, t + width). It qualifies when its events have at least `threshold` distinct
 * values. Qualifying windows that share an event are one burst, and a burst's events are all events
 * in its windows. It is enough to look at the windows that begin at an event: any other window
 * holds no more than the one that begins at its first event.
 *
 * Events come in any order; those of one time stand in the order they came. Reading takes O(n)
 * when they came in time order, else O(n log n) and up to 16 bytes an event more. 16 bytes an
 * event, and what distinct.h says a distinct value.
 */
#ifndef CT_BURSTS_H
#define CT_BURSTS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/pulse.h"
#include "windows/distinct.h"
#include "windows/queue.h"

typedef struct ct_event {
    int64_t ticks;
    uint32_t id : CT_DISTINCT_BITS; /* of its value */
    uint32_t was_real : 1;          /* how its value is written, see value.h */
    uint32_t number;                /* as it came; see ct_events_place() */
} ct_event;

typedef struct ct_events {
    ct_distinct values;
    ct_queue queue;     /* ct_event, in the order they came */
    size_t n_backwards; /* events earlier than the one that came before them */
    uint32_t n_added, n_dropped;
    const ct_pulse *pulse; /* borrowed; who may stop the reading; NULL: nobody */
} ct_events;

/* Starts as all zeros, with values.key set. Any two times must be less than 2^63 ticks apart.
 * False when there is no memory. */
bool ct_events_add(ct_events *events, const ct_value *v, int64_t ticks);

/* Takes out the event that was added first of those still there; nothing when there is none. */
void ct_events_drop(ct_events *events);

/* Which of the events still there it is, counted from 0 in the order they came. */
static inline size_t ct_events_place(const ct_events *events, const ct_event *e)
{
    return (uint32_t)(e->number - events->n_dropped);
}

void ct_events_free(ct_events *events);

/* ---- reading -------------------------------------------------------------------------------- */

/* A window that slides over the events in time order. */
typedef struct ct_window {
    const ct_event *events; /* borrowed from ct_events, or `sorted` */
    ct_event *sorted;       /* owned; NULL when the events lie in time order as they are */
    size_t n_events;
    size_t first, end;     /* the window holds the events from first to before end */
    int64_t width;         /* ticks, above 0 */
    uint32_t *counts;      /* owned; [id]: events with the value in the window */
    uint32_t *marks;       /* owned, behind counts; [id]: number of the last burst that showed it */
    uint32_t n_bursts;     /* so far */
    uint32_t n_distinct;   /* in the window */
    const ct_pulse *pulse; /* borrowed from ct_events */
    bool is_stopped;       /* it said no: what the window says from here on is not whole */
} ct_window;

/* To be asked for each event that is looked at; passes the question on for some of them. */
static inline bool ct_window_goes_on(ct_window *w, size_t i)
{
    enum { BETWEEN = 4096 };
    if (i % BETWEEN == 0 && !w->is_stopped)
        w->is_stopped = !ct_goes_on(w->pulse, false);
    return !w->is_stopped;
}

/*
 * Puts the window before the first event. The events must not change while it is used. With
 * `may_reorder` they are sorted where they are, which ct_events_drop() must not follow.
 * False when there is no memory; close it in either case.
 */
bool ct_window_open(ct_window *w, ct_events *events, int64_t width, bool may_reorder);
void ct_window_close(ct_window *w);

/* The most distinct values in any window. As ct_window_next_burst(), it ends early when the pulse of
 * the events says no. */
uint32_t ct_window_max(ct_window *w);

typedef struct ct_burst {
    size_t first, end; /* in w->events; the first and the last one give its times */
    uint32_t peak;     /* the most distinct values in one of its windows */
} ct_burst;

/* The next burst in time order; false when there are no more. */
bool ct_window_next_burst(ct_window *w, uint64_t threshold, ct_burst *burst);

/* True for the events of the burst that show a value for the first time in it. Ask for each event
 * of the burst once, in order, before the next burst is looked for. */
static inline bool ct_window_is_new(ct_window *w, const ct_event *e)
{
    if (w->marks[e->id] == w->n_bursts)
        return false;
    w->marks[e->id] = w->n_bursts;
    return true;
}

#endif
