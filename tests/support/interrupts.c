#include "interrupts.h"

#include <stddef.h>

static interrupt_kind kind;
static bool done;

static int interrupt(void *db)
{
    if (done)
        return 0;
    done = true;
    if (kind == INTERRUPT_BY_HANDLER)
        return 1;
    sqlite3_interrupt(db);
    return 0;
}

void interrupts_after(sqlite3 *db, interrupt_kind wanted, int n)
{
    kind = wanted;
    done = false;
    sqlite3_progress_handler(db, n, interrupt, db);
}

bool interrupts_end(sqlite3 *db)
{
    sqlite3_progress_handler(db, 0, NULL, NULL);
    return done;
}
