/*
 * episode: episode() in SQL: which events follow each other without a long pause.
 *
 * SQL names: episode(time, seconds), a window function.
 * Reads:     times as text, in their order; memory for one.
 * Refuses:   times that cannot be read, a pause that is no number above 0, frames that move.
 */
#include "windows/episode.h"

#include <math.h>
#include <stdbool.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/timestamp.h"
#include "sqlite/args.h"

typedef struct episode_state {
    int64_t last_ticks; /* of the row before */
    sqlite3_int64 n;    /* episodes so far */
} episode_state;

static void fail(sqlite3_context *context, const char *what, sqlite3_value *value)
{
    ct_buf message = CT_BUF_EMPTY;
    ct_buf_printf(&message, "episode(): %s ", what);
    ct_put_value(&message, value);
    ct_result_error_buf(context, &message);
}

static void episode_step(sqlite3_context *context, int n_args, sqlite3_value **args)
{
    (void)n_args;
    episode_state *state = ct_aggregate_state(context, sizeof *state);
    double pause = sqlite3_value_double(args[1]);
    ct_span time = {"", 0};
    int64_t ticks;
    if (!state)
        return;
    int type = sqlite3_value_type(args[1]);
    if ((type != SQLITE_INTEGER && type != SQLITE_FLOAT) || !(pause > 0) || isinf(pause)) {
        fail(context, "seconds must be a number above 0, not", args[1]);
        return;
    }
    if (sqlite3_value_type(args[0]) == SQLITE_TEXT && !ct_arg_text(context, args[0], &time))
        return;
    if (!ct_time_parse(time.p, time.n, &ticks)) {
        fail(context, "cannot read time", args[0]);
        return;
    }
    if (state->n == 0 || (double)(ticks - state->last_ticks) >= pause * (double)CT_TICKS_PER_SECOND)
        state->n++;
    state->last_ticks = ticks;
}

static void episode_value(sqlite3_context *context)
{
    const episode_state *state = sqlite3_aggregate_context(context, 0);
    sqlite3_result_int64(context, state ? state->n : 0);
}

/* The number of an episode counts those before it: no row may leave. */
static void episode_inverse(sqlite3_context *context, int n_args, sqlite3_value **args)
{
    (void)n_args;
    (void)args;
    sqlite3_result_error(context, "episode(): the frame must begin with the partition", -1);
}

/*
 * episode(time TEXT, seconds REAL) OVER (... ORDER BY time) -> INTEGER
 *
 * The number of the episode that a row belongs to, from 1: a new one begins where the row before is
 * `seconds` or more away. As an aggregate it is how many episodes the rows make, taken as they come.
 *
 * NULL:    0 without rows; a time that is NULL is an error, for it has no place in an order.
 * Errors:  a time that cannot be read; seconds that are no number above 0; a frame that does not begin
 *          with the partition.
 * Example: SELECT episode(t, 60) OVER (ORDER BY t)
 *            FROM (SELECT '2025-01-01T00:00:00Z' AS t UNION ALL SELECT '2025-01-01T00:00:59Z'
 *                  UNION ALL SELECT '2025-01-01T00:01:59Z');
 *          -- 1
 *          -- 1
 *          -- 2
 */
// clang-format off
static const ct_function functions[] = {
    /* name      args flags    scalar step          final          value          inverse */
    {"episode",  2,   CT_PURE, NULL,  episode_step, episode_value, episode_value, episode_inverse},
};
// clang-format on

int ct_episode_register(sqlite3 *db, char **error)
{
    return ct_register(db, functions, sizeof functions / sizeof functions[0], error);
}
