/*
 * pulse: how long work asks whether it is still wanted.
 *
 * Who does the work calls ct_goes_on() every few milliseconds; who asked for it answers.
 */
#ifndef CT_PULSE_H
#define CT_PULSE_H

#include <stdbool.h>
#include <stddef.h>

typedef struct ct_pulse {
    /* False: stop. `waits`: nothing can be done just now, as no input is there. */
    bool (*goes_on)(void *context, bool waits);
    void *context; /* borrowed */
} ct_pulse;

/* NULL: nobody can stop it. */
static inline bool ct_goes_on(const ct_pulse *pulse, bool waits)
{
    return !pulse || !pulse->goes_on || pulse->goes_on(pulse->context, waits);
}

#endif
