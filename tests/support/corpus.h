/*
 * corpus: every file of the real logs beside the project, one after another.
 */
#ifndef CT_CORPUS_H
#define CT_CORPUS_H

#include <stdbool.h>

#include "base/buf.h"

/* Calls see() with each file's path and its bytes (inflated). False, and a line `skipped: reason`,
 * when the logs are not there: then the test calls skip(). */
bool corpus_each(void (*see)(const char *path, const ct_buf *bytes, void *arg), void *arg);

/* Reads one file, inflated, and adds it to `bytes`; false when its end is broken. */
bool corpus_read(const char *path, ct_buf *bytes);

#endif
