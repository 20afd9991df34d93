/* The mem.c of the tests: as ext/mem.c, and the n-th allocation from now can be made to fail. */
#include "faulty_mem.h"

#include <stdlib.h>

#include "mem.h"

static _Thread_local long allocations_left = -1; /* -1: none fails */
static _Thread_local long n_failed;

void ct_mem_fail_after(long n)
{
    allocations_left = n;
    n_failed = 0;
}

long ct_mem_failures(void)
{
    return n_failed;
}

static int must_fail(void)
{
    if (allocations_left < 0)
        return 0;
    if (allocations_left > 0) {
        allocations_left--;
        return 0;
    }
    n_failed++;
    return 1; /* and every later one, until told otherwise */
}

void *ct_malloc(size_t n_bytes)
{
    return must_fail() ? NULL : malloc(n_bytes ? n_bytes : 1);
}

void *ct_realloc(void *block, size_t n_bytes)
{
    return must_fail() ? NULL : realloc(block, n_bytes ? n_bytes : 1);
}

void ct_free(void *block)
{
    free(block);
}
