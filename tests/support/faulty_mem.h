/*
 * faulty_mem: memory that runs out when a test says so.
 *
 * The allocations of the extension (base/mem.h) and those of SQLite have one count, so that each of
 * them is the first to be refused at some n. What SQLite refuses by itself would otherwise hide
 * that the extension does not look at what it got.
 */
#ifndef CT_FAULTY_MEM_H
#define CT_FAULTY_MEM_H

#include <stddef.h>

/* The next n allocations of this thread succeed, all after them fail; -1: none fails. */
void ct_mem_fail_after(long n);

/* The same, but only the one behind those n fails: what is not looked at then is not made good by
 * the failure of another. */
void ct_mem_fail_once_after(long n);

/* The two, for tests that try both. */
typedef void ct_mem_way(long n);
enum { CT_MEM_N_WAYS = 2 };
extern ct_mem_way *const ct_mem_ways[CT_MEM_N_WAYS];

/* As ct_mem_fail_after, but SQLite has all the memory it wants. */
void ct_mem_fail_ours_after(long n);

/*
 * Each place of the extension that asks for memory, or for an answer of SQLite that takes some, is
 * refused once, so that a run of each is enough. A place is a call with those that led to it, the test's
 * own among them, so all runs must be one call in the source:
 *
 *     for (long n = -1; n < ct_mem_places(); n++) { ct_mem_fail_at_place(n); ... }
 *
 * With -1 it notes the places, until any of these functions is called; with another number it refuses
 * the first request of that place from now on, and nothing else. Of this thread.
 */
void ct_mem_fail_at_place(long n);
long ct_mem_places(void);

/* Called behind one of those: smaller requests succeed, and are not counted. */
void ct_mem_spare_below(size_t n_bytes);

/* How many were refused since then. */
long ct_mem_failures(void);

/* As ct_mem_fail_after for all threads together; returns how many were refused since the last
 * call. */
long ct_mem_fail_after_in_all(long n);

/* The first call of a program that asks what SQLite has taken (sqlite3_memory_used()) or limits it
 * (sqlite3_hard_heap_limit64()): in others SQLite does not count. */
void ct_mem_count(void);

#endif
