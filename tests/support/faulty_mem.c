/* The mem.c of the tests, and SQLite's allocator, both of which can be made to refuse. */
#include "faulty_mem.h"

#include <execinfo.h>
#include <sqlite3.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>

#include "base/mem.h"

static _Thread_local long allocations_left = -1; /* -1: none fails */
static _Thread_local bool only_once, only_ours;
static _Thread_local size_t least_bytes; /* of what may fail */
static _Thread_local long n_failed;

enum { PLACES_MAX = 4096, CALLS = 5, CALLS_HERE = 3 };
static _Thread_local uint64_t places[PLACES_MAX];
static _Thread_local long n_places, place_to_fail = -1;
static _Thread_local bool notes_places;
static atomic_long all_left = -1; /* of all threads; below 0 none fails */
static atomic_long n_all_failed;

void ct_mem_fail_after(long n)
{
    allocations_left = n;
    only_once = only_ours = false;
    least_bytes = 0;
    notes_places = false;
    n_failed = 0;
    place_to_fail = -1;
}

void ct_mem_fail_once_after(long n)
{
    ct_mem_fail_after(n);
    only_once = true;
}

void ct_mem_spare_below(size_t n_bytes)
{
    least_bytes = n_bytes;
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

/* ---- places --------------------------------------------------------------------------------- */

void ct_mem_fail_at_place(long n)
{
    ct_mem_fail_after(-1);
    if (n < 0)
        n_places = 0;
    notes_places = n < 0;
    place_to_fail = n;
}

long ct_mem_places(void)
{
    return n_places;
}

/* The calls that led here, as one number. */
static uint64_t this_place(void)
{
    void *calls[CALLS_HERE + CALLS];
    int n = backtrace(calls, CALLS_HERE + CALLS);
    uint64_t place = 0;
    for (int i = 1; i < n; i++)
        place = place * 1099511628211u + (uint64_t)(uintptr_t)calls[i];
    return place;
}

static bool place_must_fail(void)
{
    if (!notes_places && place_to_fail < 0)
        return false;
    uint64_t place = this_place();
    if (!notes_places) {
        if (places[place_to_fail] != place)
            return false;
        place_to_fail = -1;
        n_failed++;
        return true;
    }
    for (long i = 0; i < n_places; i++)
        if (places[i] == place)
            return false;
    if (n_places < PLACES_MAX)
        places[n_places++] = place;
    return false;
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

static bool ours_must_fail(size_t n_bytes)
{
    return (n_bytes >= least_bytes && must_fail()) || place_must_fail();
}

void *ct_malloc(size_t n_bytes)
{
    return ours_must_fail(n_bytes) ? NULL : malloc(n_bytes ? n_bytes : 1);
}

void *ct_realloc(void *block, size_t n_bytes)
{
    return ours_must_fail(n_bytes) ? NULL : realloc(block, n_bytes ? n_bytes : 1);
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
const unsigned char *faulty_column_text(sqlite3_stmt *row, int i);
const char *faulty_column_name(sqlite3_stmt *stmt, int i);
char *faulty_mprintf(const char *format, ...) __attribute__((format(printf, 1, 0)));

const unsigned char *faulty_value_text(sqlite3_value *value)
{
    bool has_text = sqlite3_value_type(value) != SQLITE_NULL;
    return has_text && (sqlite_must_fail() || place_must_fail()) ? NULL : sqlite3_value_text(value);
}

const void *faulty_value_blob(sqlite3_value *value)
{
    bool has_bytes = sqlite3_value_bytes(value) > 0;
    return has_bytes && (sqlite_must_fail() || place_must_fail()) ? NULL
                                                                  : sqlite3_value_blob(value);
}

void *faulty_aggregate_context(sqlite3_context *context, int n_bytes)
{
    return n_bytes > 0 && (sqlite_must_fail() || place_must_fail())
               ? NULL
               : sqlite3_aggregate_context(context, n_bytes);
}

const unsigned char *faulty_column_text(sqlite3_stmt *row, int i)
{
    bool has_text = sqlite3_column_type(row, i) != SQLITE_NULL;
    return has_text && place_must_fail() ? NULL : sqlite3_column_text(row, i);
}

const char *faulty_column_name(sqlite3_stmt *stmt, int i)
{
    return place_must_fail() ? NULL : sqlite3_column_name(stmt, i);
}

char *faulty_mprintf(const char *format, ...)
{
    if (place_must_fail())
        return NULL;
    va_list args;
    va_start(args, format);
    char *text = sqlite3_vmprintf(format, args);
    va_end(args);
    return text;
}
