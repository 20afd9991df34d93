/*
 * mem: the one place where core code gets memory.
 *
 * Core modules do not know SQLite, so they do not use its allocator; and the tests want to make
 * the n-th allocation fail. Both are served by these three names: the tests link another mem.c.
 *
 * A block from here is freed by ct_free and by nothing else. ct_free(NULL) is fine.
 */
#ifndef CT_MEM_H
#define CT_MEM_H

#include <stddef.h>

void *ct_malloc(size_t n_bytes);               /* NULL when there is no memory */
void *ct_realloc(void *block, size_t n_bytes); /* NULL leaves the old block as it was */
void ct_free(void *block);                     /* fits SQLite's destructor type */

#endif
