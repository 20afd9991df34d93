/*
 * progress: the line on a terminal that says how far an import has come.
 *
 * Written to stderr, and only when that is a terminal; it rewrites itself five times a second at
 * most and is wiped away at the end.
 */
#ifndef CT_PROGRESS_H
#define CT_PROGRESS_H

#include <stdbool.h>
#include <stdint.h>

typedef struct ct_progress {
    bool is_shown;
    double started, last; /* seconds of a clock that only runs forward */
} ct_progress;

ct_progress ct_progress_start(void);
/* n_bytes: read of the files so far; n_bytes_all: of all files together, 0 when that
 * is not known. */
void ct_progress_say(ct_progress *progress, int64_t n_files, int64_t n_events, int64_t n_bytes,
                     int64_t n_bytes_all);
void ct_progress_end(ct_progress *progress);
double ct_progress_seconds(const ct_progress *progress); /* since the start */

/* One sentence of its own, before the line. */
void ct_progress_note(const ct_progress *progress, const char *sentence);

#endif
