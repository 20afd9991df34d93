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
 * refused once, so that a run of each is enough. A place is a call with those that led to it. The first
 * function begins to note them, the second ends that and says how many there were, the third refuses
 * the first request of the n-th of them from now on, and nothing else. Of this thread. The run that is
 * noted and those that fail must be one call in the source: it belongs to the place where few calls lie
 * between.
 */
void ct_mem_note_places(void);
long ct_mem_places(void);
void ct_mem_fail_at_place(long n);

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
