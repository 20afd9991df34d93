/*
 * sqlite: SQLite's header, the one place that knows how the code is linked.
 *
 * Built with -DSQLITE_CORE it calls SQLite by its names: so the tests do, and programs that link
 * the sources. Else it calls through the table that the host hands to the entry point, which
 * cloudtrail.c keeps.
 */
#ifndef CT_SQLITE_H
#define CT_SQLITE_H

#ifdef SQLITE_CORE
#include <sqlite3.h>
#else
#include <sqlite3ext.h>
SQLITE_EXTENSION_INIT3
#endif

/* Views are written for 3.34 and window functions need 3.25; what is older is refused. */
enum { CT_SQLITE_MIN = 3034000 };

#endif
