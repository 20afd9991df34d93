/*
 * logs: composed log files.
 */
#ifndef CT_LOGS_H
#define CT_LOGS_H

#include <stdbool.h>

#include "base/buf.h"

/* Appends a record: eventID `id-<i>` (none where i < 0), a time of its own from the i-th second of
 * 2024-05-14 on, and `fields` (`,"name":value ...`, or "") behind its own. */
void logs_put_record(ct_buf *out, int i, const char *fields);

/* Writes {"Records":[...]} of the records first to first + n - 1 into the temp folder, gzip when
 * the name ends in .gz; returns the path (temp_path). */
const char *logs_write(const char *name, int first, int n);

/* The same as lines, one record each, padded to about `size` bytes. */
const char *logs_write_lines(const char *name, int first, int n, int size);

/* Writes bytes as they are; gzip when the name ends in .gz. */
const char *logs_write_text(const char *name, const char *text, size_t n);

#endif
