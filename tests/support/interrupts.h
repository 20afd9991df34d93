/*
 * interrupts: ends a statement at a chosen moment, as a user's Ctrl-C does.
 */
#ifndef CT_INTERRUPTS_H
#define CT_INTERRUPTS_H

#include <sqlite3.h>
#include <stdbool.h>

typedef enum interrupt_kind {
    INTERRUPT_BY_CALL,   /* sqlite3_interrupt(): every later statement fails, too */
    INTERRUPT_BY_HANDLER /* the progress handler's result: later statements run */
} interrupt_kind;

/* From now on the connection is interrupted once n virtual machine steps were made. */
void interrupts_after(sqlite3 *db, interrupt_kind wanted, int n);

/* No more; true when it was interrupted. */
bool interrupts_end(sqlite3 *db);

#endif
