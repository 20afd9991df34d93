#include "progress.h"

#include <inttypes.h>
#include <stdio.h>
#include <time.h>
#include <unistd.h>

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

void ct_progress_say(ct_progress *progress, int64_t n_files, int64_t n_events, int64_t n_bytes)
{
    double time = progress->is_shown ? now() : 0;
    if (!progress->is_shown || time - progress->last < 0.2)
        return;
    progress->last = time;
    double seconds = time - progress->started;
    fprintf(stderr, "\r\033[K%" PRId64 " files, %" PRId64 " events, %.0f MB, %.0f MB/s", n_files,
            n_events, (double)n_bytes / 1e6, seconds > 0 ? (double)n_bytes / 1e6 / seconds : 0);
}

void ct_progress_end(ct_progress *progress)
{
    if (progress->is_shown && progress->last > 0)
        fprintf(stderr, "\r\033[K");
}
