#include "sqlite/progress.h"

#include <inttypes.h>
#include <stdio.h>
#include <time.h>
#include <unistd.h>

static const double SECONDS_BETWEEN = 0.2;

static double now(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

ct_progress ct_progress_start(void)
{
    return (ct_progress){.is_shown = isatty(STDERR_FILENO), .started = now(), .last = 0};
}

double ct_progress_seconds(const ct_progress *progress)
{
    return now() - progress->started;
}

void ct_progress_note(const ct_progress *progress, const char *sentence)
{
    if (progress->is_shown)
        fprintf(stderr, "%s\n", sentence);
}

void ct_progress_say(ct_progress *progress, int64_t n_files, int64_t n_events, int64_t n_bytes,
                     int64_t n_bytes_all)
{
    double time = progress->is_shown ? now() : 0;
    if (!progress->is_shown || time - progress->last < SECONDS_BETWEEN)
        return;
    progress->last = time;
    double bytes_a_second = (double)n_bytes / (time - progress->started + 1e-9);
    fprintf(stderr, "\r\033[K%" PRId64 " files, %" PRId64 " events, %.1f MB/s", n_files, n_events,
            bytes_a_second / 1e6);
    if (n_bytes_all > n_bytes && n_bytes > 0)
        fprintf(stderr, ", %.0f s left", (double)(n_bytes_all - n_bytes) / bytes_a_second);
}

void ct_progress_end(ct_progress *progress)
{
    if (progress->is_shown && progress->last > 0)
        fprintf(stderr, "\r\033[K");
}
