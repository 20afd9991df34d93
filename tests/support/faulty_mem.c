/* The mem.c of the tests: as ext/mem.c, and the n-th allocation from now can be made to fail. */
#include "faulty_mem.h"

#include <stdatomic.h>
#include <stdlib.h>

#include "base/mem.h"

static _Thread_local long allocations_left = -1; /* -1: none fails */
static _Thread_local long n_failed;
static atomic_long all_left = -1; /* of all threads; below 0 none fails */
static atomic_long n_all_failed;

void ct_mem_fail_after(long n)
{
    allocations_left = n;
    n_failed = 0;
}

long ct_mem_failures(void)
{
    return n_failed;
}

long ct_mem_fail_after_in_all(long n)
{
    atomic_store(&all_left, n);
    return atomic_exchange(&n_all_failed, 0);
}

static int all_must_fail(void)
{
    long left = atomic_load(&all_left);
    while (left > 0)
        if (atomic_compare_exchange_weak(&all_left, &left, left - 1))
            return 0;
    if (left < 0)
        return 0;
    atomic_fetch_add(&n_all_failed, 1);
    return 1;
}

static int must_fail(void)
{
    if (all_must_fail())
        return 1;
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
