/* The mem.c of the tests, and SQLite's allocator, both of which can be made to refuse. */
#include "faulty_mem.h"

#include <sqlite3.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdlib.h>

#include "base/mem.h"

static _Thread_local long allocations_left = -1; /* -1: none fails */
static _Thread_local bool only_once, only_ours;
static _Thread_local long n_failed;
static atomic_long all_left = -1; /* of all threads; below 0 none fails */
static atomic_long n_all_failed;

void ct_mem_fail_after(long n)
{
    allocations_left = n;
    only_once = only_ours = false;
    n_failed = 0;
}

void ct_mem_fail_once_after(long n)
{
    ct_mem_fail_after(n);
    only_once = true;
}

ct_mem_way *const ct_mem_ways[CT_MEM_N_WAYS] = {ct_mem_fail_after, ct_mem_fail_once_after};

void ct_mem_fail_ours_after(long n)
{
    ct_mem_fail_after(n);
    only_ours = true;
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

static bool all_must_fail(void)
{
    long left = atomic_load(&all_left);
    while (left > 0)
        if (atomic_compare_exchange_weak(&all_left, &left, left - 1))
            return false;
    if (left < 0)
        return false;
    atomic_fetch_add(&n_all_failed, 1);
    return true;
}

static bool must_fail(void)
{
    if (all_must_fail())
        return true;
    if (allocations_left < 0)
        return false;
    if (allocations_left > 0) {
        allocations_left--;
        return false;
    }
    n_failed++;
    if (only_once)
        allocations_left = -1;
    return true; /* else every later one, too, until told otherwise */
}

/* ---- the extension's ------------------------------------------------------------------------ */

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

/* ---- SQLite's ------------------------------------------------------------------------------- */

static sqlite3_mem_methods real_methods;

static bool sqlite_must_fail(void)
{
    return !only_ours && must_fail();
}

static void *failing_malloc(int n)
{
    return sqlite_must_fail() ? NULL : real_methods.xMalloc(n);
}

static void *failing_realloc(void *p, int n)
{
    return sqlite_must_fail() ? NULL : real_methods.xRealloc(p, n);
}

__attribute__((constructor)) static void install_failing_allocator(void)
{
    sqlite3_config(SQLITE_CONFIG_GETMALLOC, &real_methods);
    sqlite3_mem_methods methods = real_methods;
    methods.xMalloc = failing_malloc;
    methods.xRealloc = failing_realloc;
    sqlite3_config(SQLITE_CONFIG_MALLOC, &methods);
    sqlite3_config(SQLITE_CONFIG_LOOKASIDE, 0, 0); /* every allocation must pass here */
    sqlite3_config(SQLITE_CONFIG_MEMSTATUS, 0);    /* a tenth of the time; see ct_mem_count() */
}

void ct_mem_count(void)
{
    if (sqlite3_config(SQLITE_CONFIG_MEMSTATUS, 1) != SQLITE_OK)
        abort(); /* it was not the first thing that the program did */
}

/* ---- what SQLite answers, see faulty_sqlite.h ----------------------------------------------- */

const unsigned char *faulty_value_text(sqlite3_value *value);
const void *faulty_value_blob(sqlite3_value *value);
void *faulty_aggregate_context(sqlite3_context *context, int n_bytes);

const unsigned char *faulty_value_text(sqlite3_value *value)
{
    bool has_text = sqlite3_value_type(value) != SQLITE_NULL;
    return has_text && sqlite_must_fail() ? NULL : sqlite3_value_text(value);
}

const void *faulty_value_blob(sqlite3_value *value)
{
    bool has_bytes = sqlite3_value_bytes(value) > 0;
    return has_bytes && sqlite_must_fail() ? NULL : sqlite3_value_blob(value);
}

void *faulty_aggregate_context(sqlite3_context *context, int n_bytes)
{
    return n_bytes > 0 && sqlite_must_fail() ? NULL : sqlite3_aggregate_context(context, n_bytes);
}
