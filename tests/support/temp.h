/*
 * temp: files that a test makes and that are gone when its program ends.
 */
#ifndef CT_TEMP_H
#define CT_TEMP_H

#include <stddef.h>

/* A folder of this process, without a slash at its end, absolute. Made at the first call: in TMPDIR
 * where that is a folder to write to whose path needs no care in quotes, else in /tmp. */
const char *temp_dir(void);

/* The path of a name in that folder; holds until the eighth call from now. */
const char *temp_path(const char *name);

/* Writes a file under that name (folders on the way are made); returns its path. */
const char *temp_write(const char *name, const void *p, size_t n);

#endif
