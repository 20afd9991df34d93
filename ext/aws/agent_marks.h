/*
 * agent_marks: what single letters and words of a user agent give away.
 */
#ifndef CT_AGENT_MARKS_H
#define CT_AGENT_MARKS_H

#include "base/buf.h"
#include "base/span.h"

/* Appends what the letters of `m/` mean, as the items of a JSON array without its brackets. A letter
 * that is not known is left out. */
void ct_ua_put_features(ct_span metrics, ct_buf *items);

/* Appends, in the same form, the marks of known tools that stand anywhere in a user agent. */
void ct_ua_put_marks(ct_span agent, ct_buf *items);

#endif
