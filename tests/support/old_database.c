#include "old_database.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <zlib.h>

#include "files.h"
#include "harness.h"
#include "temp.h"

const char *old_database(const char *name)
{
    char packed[256];
    snprintf(packed, sizeof packed, "tests/data/%s.db.gz", name);
    gzFile in = gzopen(packed, "rb");
    if (!in)
        fail_msg("cannot open %s", packed);
    ct_buf bytes = CT_BUF_EMPTY;
    char piece[8192];
    int n;
    while ((n = gzread(in, piece, sizeof piece)) > 0)
        ct_buf_put(&bytes, piece, (size_t)n);
    assert_int_equal(gzclose(in), Z_OK);
    assert_true(n == 0 && bytes.len > 0);
    snprintf(packed, sizeof packed, "%s.db", name);
    const char *path = temp_write(packed, bytes.data, bytes.len);
    ct_buf_free(&bytes);
    return path;
}

sqlite3 *old_database_open_plain(const char *path)
{
    sqlite3 *db = NULL;
    if (sqlite3_open(path, &db) != SQLITE_OK)
        fail_msg("cannot open %s: %s", path, sqlite3_errmsg(db));
    return db;
}

/* `quote("a"), typeof("a"), ...` of the columns that both have, and the rowid where there is one. */
static char *common_columns(sqlite3 *db, const char *other, const char *table, const char *ignored)
{
    char *sql = sqlite3_mprintf(
        "SELECT group_concat('quote(\"' || replace(name, '\"', '\"\"') || '\"), typeof(\"'"
        "                    || replace(name, '\"', '\"\"') || '\")', ', ')"
        "       || CASE (SELECT sql LIKE '%%WITHOUT ROWID' FROM main.sqlite_master WHERE name = %Q)"
        "               WHEN 1 THEN '' ELSE iif(instr(',' || %Q || ',', ',rowid,'), '', ', rowid') "
        "END"
        "  FROM pragma_table_xinfo(%Q, 'main')"
        " WHERE name IN (SELECT name FROM pragma_table_xinfo(%Q, %Q))"
        "   AND instr(',' || %Q || ',', ',' || name || ',') = 0",
        table, ignored, table, table, other, ignored);
    char *columns = harness_query(db, sql);
    sqlite3_free(sql);
    return columns;
}

static void assert_within(sqlite3 *db, const char *columns, const char *inner, const char *outer,
                          const char *table)
{
    char *sql = sqlite3_mprintf("SELECT %s FROM \"%w\".\"%w\" EXCEPT SELECT %s FROM \"%w\".\"%w\"",
                                columns, inner, table, columns, outer, table);
    assert_query(db, sql, "");
    sqlite3_free(sql);
}

void old_database_assert_same_rows(sqlite3 *db, const char *other, const char *table,
                                   const char *ignored, bool may_have_more)
{
    char *columns = common_columns(db, other, table, ignored);
    assert_within(db, columns, other, "main", table);
    if (!may_have_more) {
        assert_within(db, columns, "main", other, table);
        char *sql = sqlite3_mprintf("SELECT (SELECT count(*) FROM main.\"%w\") ="
                                    " (SELECT count(*) FROM \"%w\".\"%w\")",
                                    table, other, table);
        assert_query(db, sql, "1");
        sqlite3_free(sql);
    }
    free(columns);
}
