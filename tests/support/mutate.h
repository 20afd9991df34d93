/*
 * mutate: random damage to a text, of the kinds that happen to JSON.
 */
#ifndef CT_MUTATE_H
#define CT_MUTATE_H

#include "base/buf.h"
#include "rng.h"

/* Changes the text at one random place: a bit flipped, bytes taken out or doubled, the end cut
 * off, or a piece put in (structural characters, escapes, control characters, ill-formed UTF-8,
 * words, numbers). */
void mutate(ct_buf *text, rng *r);

#endif
