/* faulty_mem: lets a test see what happens when memory runs out. */
#ifndef CT_FAULTY_MEM_H
#define CT_FAULTY_MEM_H

/* The next n allocations of this thread succeed, all after them fail; -1: none fails. */
void ct_mem_fail_after(long n);

/* How many were refused since then. */
long ct_mem_failures(void);

/* The same for all threads together; returns how many were refused since the last call. */
long ct_mem_fail_after_in_all(long n);

#endif
