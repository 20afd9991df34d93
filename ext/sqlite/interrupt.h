/*
 * interrupt: whether the user has interrupted the statement that a function is called from.
 *
 * SQLite sees an interrupt when a statement runs; a function that works for long without one looks
 * by running the smallest there is. (sqlite3_is_interrupted() is of 3.41.) Under a microsecond.
 */
#ifndef CT_INTERRUPT_H
#define CT_INTERRUPT_H

#include "sqlite/sqlite.h"

typedef sqlite3_stmt ct_interrupt;

int ct_interrupt_open(sqlite3 *db, ct_interrupt **interrupt);
void ct_interrupt_close(ct_interrupt *interrupt); /* NULL is fine */

/* SQLITE_OK, or the code to return: SQLITE_INTERRUPT; SQLITE_NOMEM. */
int ct_interrupt_check(ct_interrupt *interrupt);

#endif
