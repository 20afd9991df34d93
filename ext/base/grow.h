/*
 * grow: room for one more in an array that grows.
 */
#ifndef CT_GROW_H
#define CT_GROW_H

#include <stdint.h>

#include "base/mem.h"

/*
 * The array (ct_malloc, or NULL) of n items with room for another: itself, or moved to a place
 * twice as large (`first` items at first), with *capacity set. NULL when there is no memory: then
 * the array is as it was.
 */
static inline void *ct_grow(void *array, size_t n, size_t *capacity, size_t first,
                            size_t item_bytes)
{
    if (n < *capacity)
        return array;
    size_t wanted = *capacity ? *capacity * 2 : first;
    void *grown = wanted <= SIZE_MAX / item_bytes ? ct_realloc(array, wanted * item_bytes) : NULL;
    if (grown)
        *capacity = wanted;
    return grown;
}

#endif
