#include "base/mem.h"

#include <stdlib.h>

void *ct_malloc(size_t n_bytes)
{
    return malloc(n_bytes ? n_bytes : 1);
}

void *ct_realloc(void *block, size_t n_bytes)
{
    return realloc(block, n_bytes ? n_bytes : 1);
}

void ct_free(void *block)
{
    free(block);
}
