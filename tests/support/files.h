/*
 * files: a whole file in memory. Where it cannot be read the test fails.
 */
#ifndef CT_FILES_H
#define CT_FILES_H

#include "base/buf.h"

/* The bytes; the caller frees them. */
ct_buf files_read(const char *path);

/* The same as a string, which ct_free() frees. */
char *files_read_text(const char *path);

#endif
