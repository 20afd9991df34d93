#include "windows/windows.h"

#include <limits.h>
#include <math.h>
#include <string.h>

#include "sqlite/args.h"
#include "sqlite/interrupt.h"
#include "windows/bursts.h"
#include "windows/distinct.h"
#include "windows/distinct_list.h"
#include "base/json_write.h"
#include "windows/queue.h"
#include "sqlite/sqlvalue.h"
#include "base/timestamp.h"

/* ---- what the functions share --------------------------------------------------------------- */

static const char *function_name(sqlite3_context *context)
{
    const ct_function *f = sqlite3_user_data(context);
    return f->name;
}

/* Fails with `name(): before value after`, the value as ct_put_value() writes it. */
static void fail_with_value(sqlite3_context *context, const char *before, sqlite3_value *v,
                            const char *after)
{
    ct_buf message = CT_BUF_EMPTY;
    ct_buf_printf(&message, "%s(): %s ", function_name(context), before);
    ct_put_value(&message, v);
    ct_buf_put_text(&message, after);
    ct_result_error_buf(context, &message);
}

/* Reads x; false when the row counts for nothing or, with the error set, there is no memory. */
static bool read_x(sqlite3_context *context, sqlite3_value *in, ct_value *x)
{
    ct_sqlvalue_result result = ct_sqlvalue_read(in, x);
    if (result == CT_SQLVALUE_NO_MEMORY)
        sqlite3_result_error_nomem(context);
    return result == CT_SQLVALUE_OK;
}

/* Gives a set that holds nothing yet its secret. */
static void seed(ct_distinct *values)
{
    if (values->n_slots == 0)
        sqlite3_randomness(sizeof values->key, values->key);
}

static void put_value(ct_buf *json, const ct_value *v, bool *has_blob)
{
    if (!ct_sqlvalue_put_json(json, v))
        *has_blob = true;
}

/* The texts of list_distinct() and distinct_bursts(): kept for the next row with the same frame. */
typedef struct kept_json {
    ct_buf json;
    bool fresh;    /* nothing came or went since it was written */
    bool has_blob; /* there is no text, the error is due */
} kept_json;

static void result_kept_json(sqlite3_context *context, kept_json *kept)
{
    if (!ct_buf_ok(&kept->json)) {
        sqlite3_result_error_nomem(context);
    } else if (kept->has_blob) {
        sqlite3_result_error(context, "JSON cannot hold BLOB values", -1);
    } else {
        sqlite3_result_text64(context, kept->json.data, kept->json.len, SQLITE_TRANSIENT,
                              SQLITE_UTF8);
        sqlite3_result_subtype(context, CT_JSON_SUBTYPE);
    }
}

static void result_empty_list(sqlite3_context *context)
{
    sqlite3_result_text(context, "[]", 2, SQLITE_STATIC);
    sqlite3_result_subtype(context, CT_JSON_SUBTYPE);
}

/* ---- count_distinct ------------------------------------------------------------------------- */

/*
 * Once the frame moves, the ids of the rows that come are kept: a row then leaves without a look
 * at its value, which saves a large frame half of its cache misses. A group that is only counted,
 * and the rows before the frame's first move, cost no memory for it; those leave by their value.
 */
typedef struct count_state {
    ct_distinct values;
    ct_queue ids;        /* uint32_t, of the rows that came after the first one left */
    uint64_t n_unqueued; /* rows in the frame that came before that */
    bool slides;
} count_state;

/*
 * count_distinct(x) -> INTEGER
 *
 * The number of distinct values of x: count(DISTINCT x), also OVER any window.
 *
 * NULL:    skipped; 0 when no row is left.
 * Errors:  none for any input.
 * Example: SELECT count_distinct(x) FROM (SELECT 1 AS x UNION ALL SELECT 1.0 UNION ALL SELECT '1');
 *          -- 2
 */
static void count_step(sqlite3_context *context, int argc, sqlite3_value **argv)
{
    (void)argc;
    ct_value x;
    if (!read_x(context, argv[0], &x))
        return;
    count_state *state = ct_aggregate_state(context, sizeof *state);
    if (!state)
        return;
    seed(&state->values);
    uint32_t *place = state->slides ? ct_queue_reserve(&state->ids, sizeof *place) : NULL;
    uint32_t id = state->slides && !place ? CT_DISTINCT_NONE : ct_distinct_add(&state->values, &x);
    if (id == CT_DISTINCT_NONE) {
        sqlite3_result_error_nomem(context);
    } else if (place) {
        *place = id;
        ct_queue_push(&state->ids);
    } else {
        state->n_unqueued++;
    }
}

/* The id of the row that leaves: rows leave in the order they came. */
static uint32_t leaving_id(count_state *state, const ct_value *x)
{
    if (state->n_unqueued > 0) {
        state->n_unqueued--;
        return ct_distinct_find(&state->values, x);
    }
    if (state->ids.n == 0)
        return CT_DISTINCT_NONE;
    uint32_t id = *(uint32_t *)ct_queue_at(&state->ids, 0, sizeof id);
    ct_queue_pop(&state->ids);
    return id;
}

static void count_inverse(sqlite3_context *context, int argc, sqlite3_value **argv)
{
    (void)argc;
    count_state *state = sqlite3_aggregate_context(context, 0);
    ct_value x = {.type = CT_VALUE_BLOB};
    if (!state || sqlite3_value_type(argv[0]) == SQLITE_NULL)
        return;
    if (state->n_unqueued > 0 && !read_x(context, argv[0], &x))
        return;
    state->slides = true;
    uint32_t id = leaving_id(state, &x);
    if (id != CT_DISTINCT_NONE)
        ct_distinct_remove(&state->values, id);
}

static void count_value(sqlite3_context *context)
{
    const count_state *state = sqlite3_aggregate_context(context, 0);
    sqlite3_result_int64(context, state ? state->values.n : 0);
}

static void count_final(sqlite3_context *context)
{
    count_value(context);
    count_state *state = sqlite3_aggregate_context(context, 0);
    if (!state)
        return;
    ct_distinct_free(&state->values);
    ct_queue_free(&state->ids);
}

/* ---- list_distinct -------------------------------------------------------------------------- */

typedef struct list_state {
    ct_distinct_list list;
    kept_json kept;
} list_state;

/*
 * list_distinct(x) -> TEXT, a JSON array
 *
 * The distinct values of x in the order in which they first appear in the group or frame.
 *
 * NULL:    skipped; '[]' when no row is left.
 * Errors:  `JSON cannot hold BLOB values`.
 * Example: SELECT list_distinct(x)
 *            FROM (SELECT 'b' AS x UNION ALL SELECT 'a' UNION ALL SELECT 'b');
 *          -- ["b","a"]
 */
static void list_step(sqlite3_context *context, int argc, sqlite3_value **argv)
{
    (void)argc;
    ct_value x;
    if (!read_x(context, argv[0], &x))
        return;
    list_state *state = ct_aggregate_state(context, sizeof *state);
    if (!state)
        return;
    seed(&state->list.values);
    state->kept.fresh = false;
    if (!ct_distinct_list_add(&state->list, &x))
        sqlite3_result_error_nomem(context);
}

static void list_inverse(sqlite3_context *context, int argc, sqlite3_value **argv)
{
    (void)argc;
    /* rows leave in the order they came, so the one that leaves need not be looked for */
    list_state *state = sqlite3_aggregate_context(context, 0);
    if (!state || sqlite3_value_type(argv[0]) == SQLITE_NULL)
        return;
    state->kept.fresh = false;
    ct_distinct_list_drop(&state->list);
}

static void write_list(list_state *state)
{
    ct_buf *json = &state->kept.json;
    ct_buf_clear(json);
    state->kept.has_blob = false;
    ct_buf_put_char(json, '[');
    uint32_t id = ct_distinct_list_first(&state->list);
    for (; id != CT_DISTINCT_NONE; id = ct_distinct_list_next(&state->list, id)) {
        if (json->len > 1)
            ct_buf_put_char(json, ',');
        ct_value v = ct_distinct_list_value(&state->list, id);
        put_value(json, &v, &state->kept.has_blob);
    }
    ct_buf_put_char(json, ']');
    state->kept.fresh = true;
}

static void list_value(sqlite3_context *context)
{
    list_state *state = sqlite3_aggregate_context(context, 0);
    if (!state) {
        result_empty_list(context);
        return;
    }
    if (!state->kept.fresh)
        write_list(state);
    result_kept_json(context, &state->kept);
}

static void list_final(sqlite3_context *context)
{
    list_value(context);
    list_state *state = sqlite3_aggregate_context(context, 0);
    if (!state)
        return;
    ct_distinct_list_free(&state->list);
    ct_buf_free(&state->kept.json);
}

/* ---- times and widths ----------------------------------------------------------------------- */

/* Twice this, in ticks, is below 2^63: any two times can be subtracted. */
static const sqlite3_int64 seconds_max = INT64_C(460000000000);

typedef enum time_kind { TIMES_UNKNOWN, TIMES_TEXT, TIMES_NUMBERS } time_kind;

typedef struct events_state {
    ct_events events;
    int64_t width_ticks;     /* 0 before the first row */
    sqlite3_int64 threshold; /* distinct_bursts() only */
    ct_queue rows;           /* int64_t; distinct_bursts() with five arguments only */
    time_kind times;
    kept_json kept; /* distinct_bursts() */
    uint32_t max;   /* max_distinct_within(): as old as `kept.fresh` says */
} events_state;

/* One kind of time in a group: there is no order between a text and a number. */
static bool accept_kind(sqlite3_context *context, events_state *state, time_kind kind,
                        sqlite3_value *v)
{
    if (state->times == TIMES_UNKNOWN)
        state->times = kind;
    if (state->times == kind)
        return true;
    fail_with_value(context, "time", v,
                    kind == TIMES_TEXT ? " is text, the times before it are numbers"
                                       : " is a number, the times before it are text");
    return false;
}

static bool read_number(sqlite3_value *v, int64_t *ticks)
{
    if (sqlite3_value_type(v) == SQLITE_INTEGER) {
        sqlite3_int64 seconds = sqlite3_value_int64(v);
        if (seconds < -seconds_max || seconds > seconds_max)
            return false;
        *ticks = seconds * CT_TICKS_PER_SECOND;
        return true;
    }
    double seconds = sqlite3_value_double(v);
    if (!(fabs(seconds) <= (double)seconds_max))
        return false;
    *ticks = llround(seconds * 1e6) * (CT_TICKS_PER_SECOND / 1000000);
    return true;
}

/* False with the error set. */
static bool read_time(sqlite3_context *context, events_state *state, sqlite3_value *v,
                      int64_t *ticks)
{
    int type = sqlite3_value_type(v);
    if (type == SQLITE_INTEGER || type == SQLITE_FLOAT) {
        if (!read_number(v, ticks)) {
            fail_with_value(context, "time", v, " is out of range for seconds");
            return false;
        }
        return accept_kind(context, state, TIMES_NUMBERS, v);
    }
    if (type == SQLITE_TEXT) {
        ct_span text;
        if (!ct_arg_text(context, v, &text))
            return false;
        if (ct_time_parse(text.p, text.n, ticks))
            return accept_kind(context, state, TIMES_TEXT, v);
    }
    fail_with_value(context, "cannot read time", v, "");
    return false;
}

/* The width in ticks; 0 when it is no number above 0. */
static int64_t read_width(sqlite3_value *v)
{
    int type = sqlite3_value_type(v);
    if (type == SQLITE_INTEGER) {
        sqlite3_int64 seconds = sqlite3_value_int64(v);
        if (seconds <= 0)
            return 0;
        return seconds > INT64_MAX / CT_TICKS_PER_SECOND ? INT64_MAX
                                                         : seconds * CT_TICKS_PER_SECOND;
    }
    double seconds = type == SQLITE_FLOAT ? sqlite3_value_double(v) : 0;
    if (!(seconds > 0) || isinf(seconds))
        return 0;
    double ticks = seconds * (double)CT_TICKS_PER_SECOND;
    if (ticks >= 9.2e18) /* longer than any two times can be apart */
        return INT64_MAX;
    return ticks < 1 ? 1 : llround(ticks);
}

/* Reads seconds and, where there is one, threshold, which must not change within a group; false
 * with the error set. */
static bool read_parameters(sqlite3_context *context, events_state *state, int argc,
                            sqlite3_value **argv)
{
    int64_t width = read_width(argv[2]);
    if (width == 0) {
        fail_with_value(context, "seconds must be a number above 0, not", argv[2], "");
        return false;
    }
    if (state->width_ticks != 0 && width != state->width_ticks) {
        fail_with_value(context, "seconds changes within a group, to", argv[2], "");
        return false;
    }
    state->width_ticks = width;
    if (argc < 4)
        return true;

    bool is_integer = sqlite3_value_type(argv[3]) == SQLITE_INTEGER;
    sqlite3_int64 threshold = is_integer ? sqlite3_value_int64(argv[3]) : 0;
    if (threshold < 1) {
        fail_with_value(context, "threshold must be an integer of 1 or more, not", argv[3], "");
        return false;
    }
    if (state->threshold != 0 && threshold != state->threshold) {
        fail_with_value(context, "threshold changes within a group, to", argv[3], "");
        return false;
    }
    state->threshold = threshold;
    return true;
}

/* ---- max_distinct_within and distinct_bursts: rows ------------------------------------------ */

/* Keeps the row that the event is of; false with the error set. */
static bool keep_row(sqlite3_context *context, events_state *state, sqlite3_value *row)
{
    if (sqlite3_value_type(row) != SQLITE_INTEGER) {
        fail_with_value(context, "row must be an integer, not", row, "");
        return false;
    }
    int64_t *place = ct_queue_reserve(&state->rows, sizeof *place);
    if (!place) {
        sqlite3_result_error_nomem(context);
        return false;
    }
    *place = sqlite3_value_int64(row);
    ct_queue_push(&state->rows);
    return true;
}

static void events_step(sqlite3_context *context, int argc, sqlite3_value **argv)
{
    events_state *state = ct_aggregate_state(context, sizeof *state);
    ct_value x;
    int64_t ticks;
    if (!state || !read_parameters(context, state, argc, argv) || !read_x(context, argv[0], &x) ||
        !read_time(context, state, argv[1], &ticks) ||
        (argc > 4 && !keep_row(context, state, argv[4])))
        return;
    seed(&state->events.values);
    state->kept.fresh = false;
    if (!ct_events_add(&state->events, &x, ticks))
        sqlite3_result_error_nomem(context);
}

static void events_inverse(sqlite3_context *context, int argc, sqlite3_value **argv)
{
    (void)argc;
    /* rows leave in the order they came, so the one that leaves need not be looked for */
    events_state *state = sqlite3_aggregate_context(context, 0);
    if (!state || sqlite3_value_type(argv[0]) == SQLITE_NULL)
        return;
    state->kept.fresh = false;
    ct_events_drop(&state->events);
    if (state->rows.n > 0)
        ct_queue_pop(&state->rows);
}

static void free_events(sqlite3_context *context)
{
    events_state *state = sqlite3_aggregate_context(context, 0);
    if (!state)
        return;
    ct_events_free(&state->events);
    ct_queue_free(&state->rows);
    ct_buf_free(&state->kept.json);
}

/* ---- interrupts ----------------------------------------------------------------------------- */

/* Lets an interrupt end the reading of a large group, which SQLite knows nothing of. */
typedef struct watch {
    ct_interrupt *interrupt; /* owned; NULL where the interrupt was there before it was made */
    ct_pulse pulse;
} watch;

static bool is_not_interrupted(void *interrupt, bool waits)
{
    (void)waits;
    return interrupt && ct_interrupt_check(interrupt) == SQLITE_OK;
}

static void begin_watch(watch *w, sqlite3_context *context, events_state *state)
{
    enum { LARGE = 20000 }; /* a smaller group takes a few milliseconds */
    *w = (watch){.interrupt = NULL};
    if (state->events.queue.n < LARGE)
        return;
    int rc = ct_interrupt_open(sqlite3_context_db_handle(context), &w->interrupt);
    w->pulse = (ct_pulse){.goes_on = is_not_interrupted, .context = w->interrupt};
    if (rc == SQLITE_OK || rc == SQLITE_INTERRUPT) /* else it is read to its end */
        state->events.pulse = &w->pulse;
}

static void end_watch(watch *w, events_state *state)
{
    state->events.pulse = NULL;
    ct_interrupt_close(w->interrupt);
}

static void result_interrupted(sqlite3_context *context)
{
    sqlite3_result_error(context, "interrupted", -1);
    sqlite3_result_error_code(context, SQLITE_INTERRUPT);
}

/* ---- max_distinct_within -------------------------------------------------------------------- */

/*
 * max_distinct_within(x, time, seconds) -> INTEGER
 *
 * The most distinct values of x in any half-open window [t, t + seconds).
 *
 * Units:   time is ISO 8601 text or a number of seconds; seconds a number above 0.
 * NULL:    rows whose x is NULL are skipped, their time is not read; 0 when no row is left.
 * Errors:  a time that is NULL or cannot be read, or of another kind than those before it; seconds
 *          that is no number above 0 or changes within the group.
 * Example: SELECT max_distinct_within(x, t, 60)
 *            FROM (SELECT 'a' AS x, 0 AS t UNION ALL SELECT 'b', 59.9 UNION ALL SELECT 'c', 60);
 *          -- 2
 */
static void max_result(sqlite3_context *context, bool is_last)
{
    events_state *state = sqlite3_aggregate_context(context, 0);
    if (state && !state->kept.fresh) {
        ct_window window;
        watch watched;
        begin_watch(&watched, context, state);
        if (!ct_window_open(&window, &state->events, state->width_ticks, is_last)) {
            ct_window_close(&window);
            end_watch(&watched, state);
            sqlite3_result_error_nomem(context);
            return;
        }
        state->max = ct_window_max(&window);
        state->kept.fresh = true;
        bool is_stopped = window.is_stopped;
        ct_window_close(&window);
        end_watch(&watched, state);
        if (is_stopped) {
            result_interrupted(context);
            return;
        }
    }
    sqlite3_result_int64(context, state ? state->max : 0);
}

static void max_value(sqlite3_context *context)
{
    max_result(context, false);
}

static void max_final(sqlite3_context *context)
{
    max_result(context, true);
    free_events(context);
}

/* ---- distinct_bursts ------------------------------------------------------------------------ */

/* A number of seconds as JSON: as many digits of the fraction as there are. */
static void put_seconds(ct_buf *json, int64_t ticks)
{
    if (ticks < 0)
        ct_buf_put_char(json, '-');
    int64_t size = ticks < 0 ? -ticks : ticks;
    ct_buf_printf(json, "%lld", (long long)(size / CT_TICKS_PER_SECOND));
    int fraction = (int)(size % CT_TICKS_PER_SECOND);
    if (fraction == 0)
        return;
    int n_digits = 7;
    for (; fraction % 10 == 0; fraction /= 10)
        n_digits--;
    ct_buf_printf(json, ".%0*d", n_digits, fraction);
}

static void put_time(ct_buf *json, time_kind kind, int64_t ticks)
{
    if (kind == TIMES_NUMBERS) {
        put_seconds(json, ticks);
        return;
    }
    char text[CT_TIME_TEXT_MAX];
    size_t n = ct_time_format(ticks, text);
    ct_buf_put_char(json, '"');
    ct_buf_put(json, text, n);
    ct_buf_put_char(json, '"');
}

/* Appends the distinct values of the burst, in time order, to `values`; returns how many. */
static size_t put_burst_values(ct_buf *values, events_state *state, ct_window *window,
                               const ct_burst *burst)
{
    size_t n = 0;
    for (size_t i = burst->first; i < burst->end && ct_window_goes_on(window, i); i++) {
        const ct_event *e = &window->events[i];
        if (!ct_window_is_new(window, e))
            continue;
        if (n++ > 0)
            ct_buf_put_char(values, ',');
        ct_value v = ct_distinct_value(&state->events.values, e->id);
        v.was_real = e->was_real;
        put_value(values, &v, &state->kept.has_blob);
    }
    return n;
}

/* ,"rows":[...] in time order, where rows were given. */
static void put_burst_rows(ct_buf *json, const events_state *state, ct_window *window,
                           const ct_burst *burst)
{
    if (state->rows.n == 0)
        return;
    ct_buf_put_text(json, ",\"rows\":");
    for (size_t i = burst->first; i < burst->end && ct_window_goes_on(window, i); i++) {
        size_t place = ct_events_place(&state->events, &window->events[i]);
        int64_t row;
        memcpy(&row, ct_queue_at(&state->rows, place, sizeof row), sizeof row);
        ct_buf_printf(json, "%c%lld", i == burst->first ? '[' : ',', (long long)row);
    }
    ct_buf_put_char(json, ']');
}

static void put_burst(ct_buf *json, ct_buf *values, events_state *state, ct_window *window,
                      const ct_burst *burst)
{
    ct_buf_clear(values);
    size_t n_distinct = put_burst_values(values, state, window, burst);
    ct_buf_put_text(json, "{\"start\":");
    put_time(json, state->times, window->events[burst->first].ticks);
    ct_buf_put_text(json, ",\"end\":");
    put_time(json, state->times, window->events[burst->end - 1].ticks);
    ct_buf_printf(json, ",\"count\":%zu,\"peak\":%lu,\"events\":%zu,\"values\":[", n_distinct,
                  (unsigned long)burst->peak, burst->end - burst->first);
    if (!ct_buf_ok(values))
        json->failed = true;
    ct_buf_put(json, values->data, values->len);
    ct_buf_put_char(json, ']');
    put_burst_rows(json, state, window, burst);
    ct_buf_put_char(json, '}');
}

/* False when it was told to stop. */
static bool write_bursts(events_state *state, bool is_last)
{
    ct_buf *json = &state->kept.json;
    ct_buf values = CT_BUF_EMPTY;
    ct_window window;
    ct_burst burst;
    ct_buf_clear(json);
    state->kept.has_blob = false;
    if (!ct_window_open(&window, &state->events, state->width_ticks, is_last))
        json->failed = true;

    ct_buf_put_char(json, '[');
    while (ct_buf_ok(json) && ct_window_next_burst(&window, (uint64_t)state->threshold, &burst)) {
        if (json->len > 1)
            ct_buf_put_char(json, ',');
        put_burst(json, &values, state, &window, &burst);
    }
    ct_buf_put_char(json, ']');
    state->kept.fresh = true;
    bool is_stopped = window.is_stopped;
    ct_window_close(&window);
    ct_buf_free(&values);
    return !is_stopped;
}

/*
 * distinct_bursts(x, time, seconds, threshold [, row]) -> TEXT, a JSON array
 *
 * The bursts of the group, ordered by start. A window [t, t + seconds) with `threshold` or more
 * distinct values of x qualifies; qualifying windows that share a row are one burst. Each is
 * {"start", "end": times of its first and last row, "count": distinct values in it, "peak": the
 * most in one window, "events": rows in it, "values": the distinct values in time order}; with
 * `row`, an integer that names the row, rowid say, also "rows": those of the burst in time order.
 *
 * Units:   time is ISO 8601 text or a number of seconds; seconds a number above 0. `start` and
 *          `end` are what time is: text as YYYY-MM-DDTHH:MM:SSZ, numbers as numbers.
 * NULL:    rows whose x is NULL are skipped, their time is not read; '[]' when no row is left.
 * Errors:  as max_distinct_within(); a threshold that is no integer of 1 or more or changes within
 *          the group; a row that is no integer; `JSON cannot hold BLOB values` when a burst has one.
 * Example: SELECT distinct_bursts(x, t, 60, 2)
 *            FROM (SELECT 'a' AS x, 0 AS t UNION ALL SELECT 'b', 59.5 UNION ALL SELECT 'c', 120);
 *          -- [{"start":0,"end":59.5,"count":2,"peak":2,"events":2,"values":["a","b"]}]
 */
static void bursts_result(sqlite3_context *context, bool is_last)
{
    events_state *state = sqlite3_aggregate_context(context, 0);
    /* where the whole frame has too few values its order does not matter */
    if (!state || state->events.values.n < (uint64_t)state->threshold) {
        result_empty_list(context);
        return;
    }
    if (!state->kept.fresh) {
        watch watched;
        begin_watch(&watched, context, state);
        bool is_whole = write_bursts(state, is_last);
        end_watch(&watched, state);
        if (!is_whole) {
            result_interrupted(context);
            return;
        }
    }
    result_kept_json(context, &state->kept);
}

static void bursts_value(sqlite3_context *context)
{
    bursts_result(context, false);
}

static void bursts_final(sqlite3_context *context)
{
    bursts_result(context, true);
    free_events(context);
}

/* ---- registration --------------------------------------------------------------------------- */

// clang-format off
static const ct_function functions[] = {
    /* name                 args flags         scalar step         final         value         inverse */
    {"count_distinct",      1,   CT_PURE,      NULL,  count_step,  count_final,  count_value,  count_inverse},
    {"list_distinct",       1,   CT_PURE_JSON, NULL,  list_step,   list_final,   list_value,   list_inverse},
    {"max_distinct_within", 3,   CT_PURE,      NULL,  events_step, max_final,    max_value,    events_inverse},
    {"distinct_bursts",     4,   CT_PURE_JSON, NULL,  events_step, bursts_final, bursts_value, events_inverse},
    {"distinct_bursts",     5,   CT_PURE_JSON, NULL,  events_step, bursts_final, bursts_value, events_inverse},
};
// clang-format on

int ct_windows_register(sqlite3 *db, char **error)
{
    return ct_register(db, functions, sizeof functions / sizeof functions[0], error);
}
