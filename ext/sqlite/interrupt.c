#include "sqlite/interrupt.h"

#include <stddef.h>

int ct_interrupt_open(sqlite3 *db, ct_interrupt **interrupt)
{
    *interrupt = NULL;
    return sqlite3_prepare_v2(db, "SELECT 1", -1, interrupt, NULL);
}

void ct_interrupt_close(ct_interrupt *interrupt)
{
    sqlite3_finalize(interrupt);
}

int ct_interrupt_check(ct_interrupt *interrupt)
{
    int rc = sqlite3_step(interrupt);
    (void)sqlite3_reset(interrupt);
    return rc == SQLITE_ROW ? SQLITE_OK : rc;
}
