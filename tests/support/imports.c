#include "imports.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "db/import.h"

static void import_small(sqlite3_context *context, int argc, sqlite3_value **argv)
{
    (void)argc;
    ct_import_run(context, argv[0],
                  (ct_import_limits){.gathered_bytes = 20000, .transaction_events = 40});
}

static sqlite3 *add_import_small(sqlite3 *db)
{
    assert_int_equal(sqlite3_create_function_v2(db, "import_small", 1,
                                                SQLITE_UTF8 | SQLITE_DIRECTONLY, NULL, import_small,
                                                NULL, NULL, NULL),
                     SQLITE_OK);
    return db;
}

sqlite3 *imports_open(const char *path)
{
    return add_import_small(harness_open_file(path));
}

sqlite3 *imports_open_ready(void)
{
    return add_import_small(harness_open_ready());
}

char *imports_run(sqlite3 *db, const char *function, const char *path)
{
    char *sql =
        sqlite3_mprintf("SELECT json_remove(%s(%Q), '$.database', '$.seconds')", function, path);
    char *got = harness_query(db, sql);
    if (*got != '{')
        fail_msg("%s\n  got: %s", sql, got);
    sqlite3_free(sql);
    static const char *const rare[] = {",\"ignored\":0", ",\"conflicts\":0", ",\"notes\":0"};
    for (size_t i = 0; i < sizeof rare / sizeof rare[0]; i++) {
        char *at = strstr(got, rare[i]);
        size_t n = strlen(rare[i]);
        if (at && (at[n] == ',' || at[n] == '}'))
            memmove(at, at + n, strlen(at + n) + 1);
    }
    return got;
}

void imports_assert(sqlite3 *db, const char *path, const char *expected, const char *file, int line)
{
    char *got = imports_run(db, "cloudtrail_import", path);
    size_t n = strlen(got);
    bool is_same = n == strlen(expected) + 2 && memcmp(got + 1, expected, n - 2) == 0;
    if (!is_same) {
        fprintf(stderr, "import of %s\n  expected: {%s}\n  got:      %s\n", path, expected, got);
        free(got);
        _fail(file, line);
    }
    free(got);
}

char *imports_dump(sqlite3 *db)
{
    char columns[4096] = "";
    sqlite3_stmt *stmt;
    assert_int_equal(sqlite3_prepare_v2(db,
                                        "SELECT group_concat('quote(c.' || name || ')', ',') FROM"
                                        " pragma_table_info('cloudtrail') WHERE name <> 'fileID'",
                                        -1, &stmt, NULL),
                     SQLITE_OK);
    assert_int_equal(sqlite3_step(stmt), SQLITE_ROW);
    snprintf(columns, sizeof columns, "%s", (const char *)sqlite3_column_text(stmt, 0));
    sqlite3_finalize(stmt);
    char *sql = sqlite3_mprintf(
        "SELECT path, size, modified, format, records, events, duplicates, problems, firstTime,"
        " lastTime, complete FROM main.cloudtrail_file ORDER BY path;"
        "SELECT path, %s FROM main.cloudtrail c JOIN main.cloudtrail_file f USING (fileID)"
        " ORDER BY eventTime, eventID, path, recordNumber;"
        "SELECT path, recordNumber, byteOffset, message, text FROM main.cloudtrail_problem p"
        " JOIN main.cloudtrail_file f USING (fileID) ORDER BY 1, 2, 3, 4, 5",
        columns);
    char *text = harness_query(db, sql);
    sqlite3_free(sql);
    return text;
}

void imports_check(sqlite3 *db)
{
    assert_query(db, "PRAGMA main.integrity_check", "ok");
    /* records = events + duplicates + problems that cost a record. */
    assert_query(db,
                 "SELECT path, records, events, duplicates, n FROM main.cloudtrail_file f,"
                 " (SELECT fileID AS id, sum(recordNumber IS NOT NULL AND kind <>"
                 " 'note') AS n FROM (SELECT fileID, recordNumber, kind FROM"
                 " main.cloudtrail_problem UNION ALL SELECT fileID, NULL, '' FROM"
                 " main.cloudtrail_file) GROUP BY 1) WHERE id = fileID AND complete = 1"
                 " AND records <> events + duplicates + n",
                 "");
    assert_query(db,
                 "SELECT path, problems, n FROM main.cloudtrail_file f, (SELECT fileID AS id,"
                 " count(message) AS n FROM (SELECT fileID, message FROM main.cloudtrail_problem"
                 " UNION ALL SELECT fileID, NULL FROM main.cloudtrail_file) GROUP BY 1)"
                 " WHERE id = fileID AND problems <> n",
                 "");
    assert_query(db,
                 "SELECT path, events, n FROM main.cloudtrail_file f, (SELECT fileID AS id,"
                 " count(recordNumber) AS n FROM (SELECT fileID, recordNumber FROM main.cloudtrail"
                 " UNION ALL SELECT fileID, NULL FROM main.cloudtrail_file) GROUP BY 1)"
                 " WHERE id = fileID AND events <> n",
                 "");
    assert_query(db,
                 "SELECT count(*) FROM main.cloudtrail WHERE fileID NOT IN"
                 " (SELECT fileID FROM main.cloudtrail_file)",
                 "0");
}
