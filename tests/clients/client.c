/* The extension linked into a program, with the header alone: no SQLITE_CORE, no sqlite3ext.h. Built
 * as C and as C++. client EXTENSION DATABASE QUERIES; the first argument is not used. */
#include "cloudtrail.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void run(sqlite3 *db, const char *sql)
{
    sqlite3_stmt *stmt = NULL;
    int rc = sqlite3_prepare_v2(db, sql, -1, &stmt, NULL);
    while (rc == SQLITE_OK && (rc = sqlite3_step(stmt)) == SQLITE_ROW) {
        puts((const char *)sqlite3_column_text(stmt, 0));
        rc = SQLITE_OK;
    }
    if (sqlite3_finalize(stmt) != SQLITE_OK || rc != SQLITE_DONE) {
        printf("error: %s\n", sqlite3_errmsg(db));
        exit(1);
    }
}

int main(int argc, char **argv)
{
    sqlite3 *db = NULL;
    char *error = NULL;
    char line[4096];
    FILE *queries = argc == 4 ? fopen(argv[3], "r") : NULL;
    if (!queries || sqlite3_open(argv[2], &db) != SQLITE_OK)
        return 1;
    if (sqlite3_cloudtrail_init(db, &error, NULL) != SQLITE_OK) {
        printf("error: %s\n", error);
        return 1;
    }
    while (fgets(line, sizeof line, queries))
        run(db, line);
    fclose(queries);
    return sqlite3_close(db) == SQLITE_OK ? 0 : 1;
}
