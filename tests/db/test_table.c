/*
 * table, seed and migration, with tables, rows and releases of the test's own.
 */
#include "harness.h"

#include <stdlib.h>
#include <string.h>

#include "base/version.h"
#include "db/migration.h"
#include "db/seed.h"
#include "db/sql_text.h"
#include "db/table.h"
#include "faulty_mem.h"

static ct_sql_text file_of(const char *name, const char *text)
{
    return (ct_sql_text){.name = name,
                         .path = "sql/tables/x.sql",
                         .text = text,
                         .len = strlen(text),
                         .checksum = text};
}

/* `changed: a,b` where columns were added, or the error. */
static char *update(sqlite3 *db, const char *name, const char *text)
{
    ct_sql_text file = file_of(name, text);
    ct_table_change change = {.is_new = false, .added = CT_BUF_EMPTY};
    char *error = NULL;
    int rc = ct_table_update(db, &file, &change, &error);
    char *said = rc == SQLITE_OK
                     ? sqlite3_mprintf("%s%.*s", change.is_new ? "new" : "", (int)change.added.len,
                                       change.added.len ? change.added.data : "")
                     : sqlite3_mprintf("error: %s", error ? error : sqlite3_errstr(rc));
    sqlite3_free(error);
    ct_buf_free(&change.added);
    return said;
}

static void assert_update(sqlite3 *db, const char *name, const char *text, const char *expected)
{
    char *said = update(db, name, text);
    assert_string_equal(said, expected);
    sqlite3_free(said);
}

static const char first[] = "-- t: a table; as the first release has it.\n"
                            "CREATE TABLE t (\n"
                            "    a TEXT PRIMARY KEY, -- the key\n"
                            "    b INTEGER NOT NULL, -- a number; or (none\n"
                            "    c TEXT\n"
                            ");\n"
                            "CREATE INDEX main.t_c ON t (c);\n";

static sqlite3 *open_first(void)
{
    sqlite3 *db = harness_open_ready();
    assert_update(db, "t", first, "new");
    harness_exec(db, "INSERT INTO t (rowid, a, b, c) VALUES (7, 'x', 1, 'X'), (3, 'y', 2, NULL)");
    return db;
}

static const char sql_of_t[] = "SELECT sql FROM sqlite_master WHERE name = 't'";

/* ---- tables --------------------------------------------------------------------------------- */

static void test_table_same_text_does_nothing(void **state)
{
    (void)state;
    sqlite3 *db = open_first();
    char *version = harness_query(db, "PRAGMA schema_version");
    sqlite3_int64 changes = sqlite3_total_changes(db);
    assert_update(db, "t", first, "");
    assert_query(db, "PRAGMA schema_version", version);
    assert_int_equal(sqlite3_total_changes(db), changes);
    free(version);
    harness_close(db);
}

static void test_table_comments_alone_do_nothing_to_it(void **state)
{
    (void)state;
    sqlite3 *db = open_first();
    char *before = harness_query(db, sql_of_t);
    static const char commented[] = "-- t\nCREATE TABLE t (a text primary key, b INTEGER NOT NULL,"
                                    " -- other words\n c TEXT);\nCREATE INDEX main.t_c ON t (c);\n";
    assert_update(db, "t", commented, "");
    assert_query(db, sql_of_t, before);
    assert_query(db,
                 "SELECT shippedSQL LIKE '%other words%' FROM cloudtrail_schema"
                 " WHERE name = 't'",
                 "1");
    free(before);
    harness_close(db);
}

static void test_table_columns_are_added(void **state)
{
    (void)state;
    sqlite3 *db = open_first();
    harness_exec(db, "ALTER TABLE t ADD COLUMN mine TEXT");
    static const char second[] =
        "-- t\nCREATE TABLE t (\n    a TEXT PRIMARY KEY,\n    d TEXT NOT NULL DEFAULT 'D'"
        " CHECK (d <> ''), -- d\n    b INTEGER NOT NULL,\n    c TEXT,\n    e\n);\n"
        "CREATE INDEX main.t_c ON t (c, d);\n";
    assert_update(db, "t", second, "\"d\",\"e\",");
    assert_query(db, "SELECT rowid, a, b, c, d, e, mine FROM t ORDER BY a",
                 "7|x|1|X|D|NULL|NULL\n3|y|2|NULL|D|NULL|NULL");
    assert_query(db, "UPDATE t SET d = ''", "error: CHECK constraint failed: d <> ''");
    assert_query(db, "SELECT group_concat(name) FROM pragma_index_info('t_c')", "c,d");
    assert_update(db, "t", second, "");
    harness_close(db);
}

static void test_table_is_made_anew_with_what_is_the_users(void **state)
{
    (void)state;
    sqlite3 *db = open_first();
    harness_exec(db, "ALTER TABLE t ADD COLUMN \"my \"\"one\"\"\" INTEGER NOT NULL DEFAULT 5;"
                     "ALTER TABLE t ADD COLUMN worked AS (b + 1);"
                     "CREATE UNIQUE INDEX mine ON t (\"my \"\"one\"\"\", a) WHERE b > 1;"
                     "CREATE TABLE seen (x);"
                     "CREATE TRIGGER watch AFTER INSERT ON t BEGIN"
                     " INSERT INTO seen VALUES (new.a); END;"
                     "CREATE TRIGGER \"wat ch\" AFTER DELETE ON t BEGIN"
                     " INSERT INTO seen VALUES ('gone'); END;"
                     "CREATE TEMP TABLE t (a, b);"
                     "CREATE VIEW broken AS SELECT no_such(1)");
    static const char second[] =
        "-- t\nCREATE TABLE t (\n    a TEXT PRIMARY KEY,\n    b NOT NULL, -- any\n    c TEXT,\n"
        "    d TEXT NOT NULL DEFAULT 'D', -- the last column\n"
        "    CHECK (c <> 'no') -- the last of all\n);\nCREATE INDEX main.t_c ON t (c);\n";
    assert_update(db, "t", second, "\"d\",");
    assert_query(
        db,
        "SELECT rowid, a, b, typeof(b), c, d, \"my \"\"one\"\"\", worked FROM main.t ORDER BY a",
        "7|x|1|integer|X|D|5|2\n3|y|2|integer|NULL|D|5|3");
    assert_query(db, "SELECT count(*) FROM seen", "0");
    assert_query(db,
                 "INSERT INTO main.t (a, b) VALUES ('z', '007'); SELECT b, typeof(b) FROM main.t"
                 " WHERE a = 'z'; SELECT x FROM seen",
                 "007|text\nz");
    assert_query(db, "DELETE FROM main.t WHERE a = 'z'; SELECT group_concat(x) FROM seen",
                 "z,gone");
    assert_query(db, "UPDATE main.t SET c = 'no'", "error: CHECK constraint failed: c <> 'no'");
    assert_query(db,
                 "SELECT type, name FROM main.sqlite_master WHERE tbl_name = 't'"
                 " AND name NOT LIKE 'sqlite%' ORDER BY 1, 2",
                 "index|mine\nindex|t_c\ntable|t\ntrigger|wat ch\ntrigger|watch");
    assert_query(db, "SELECT count(*) FROM temp.sqlite_master; SELECT count(*) FROM temp.t",
                 "1\n0");
    assert_query(db, "SELECT name FROM main.sqlite_master WHERE name LIKE 'cloudtrail_anew%'", "");
    assert_query(db, "PRAGMA integrity_check", "ok");
    assert_update(db, "t", second, "");
    harness_close(db);
}

static void test_table_loses_columns_that_no_release_ships(void **state)
{
    (void)state;
    sqlite3 *db = open_first();
    harness_exec(db, "ALTER TABLE t ADD COLUMN mine TEXT; UPDATE t SET mine = 'kept'");
    static const char second[] = "-- t\nCREATE TABLE t (a TEXT PRIMARY KEY, c TEXT);\n"
                                 "CREATE INDEX main.t_c ON t (c);\n";
    assert_update(db, "t", second, "");
    assert_query(db, "SELECT rowid, * FROM t ORDER BY a", "7|x|X|kept\n3|y|NULL|kept");
    harness_close(db);
}

/* An index of ours that went by the lost column is another now. */
static void test_table_loses_a_column_with_an_index_of_ours(void **state)
{
    (void)state;
    sqlite3 *db = open_first();
    static const char second[] = "-- t\nCREATE TABLE t (a TEXT PRIMARY KEY, b INTEGER NOT NULL);\n"
                                 "CREATE INDEX main.t_c ON t (b);\n";
    assert_update(db, "t", second, "");
    assert_query(db, "SELECT rowid, * FROM t ORDER BY a", "7|x|1\n3|y|2");
    assert_query(db, "SELECT group_concat(name) FROM pragma_index_info('t_c')", "b");
    harness_close(db);
}

/* ALTER TABLE takes none of these columns. */
static void test_table_columns_that_cannot_be_added_make_it_anew(void **state)
{
    (void)state;
    static const char *const columns[] = {"d TEXT NOT NULL", "d TEXT UNIQUE"};
    for (size_t i = 0; i < sizeof columns / sizeof columns[0]; i++) {
        sqlite3 *db = open_first();
        harness_exec(db, "DELETE FROM t; ALTER TABLE t ADD COLUMN mine DEFAULT 5");
        char *second =
            sqlite3_mprintf("-- t\nCREATE TABLE t (a TEXT PRIMARY KEY, b INTEGER NOT NULL,"
                            " %s, c TEXT);\nCREATE INDEX main.t_c ON t (c);\n",
                            columns[i]);
        assert_update(db, "t", second, "\"d\",");
        assert_query(db, "INSERT INTO t (a, b, d) VALUES ('x', 1, 'D'); SELECT * FROM t",
                     "x|1|D|NULL|5");
        char *refused = harness_query(db, "INSERT INTO t (a, b) VALUES ('p', 1), ('q', 1);"
                                          "UPDATE t SET d = 'D'");
        assert_non_null(strstr(refused, "constraint failed: t.d"));
        free(refused);
        sqlite3_free(second);
        harness_close(db);
    }
}

static void test_table_loses_constraints_that_no_release_ships(void **state)
{
    (void)state;
    sqlite3 *db = harness_open_ready();
    assert_update(db, "u", "-- u\nCREATE TABLE u (a, CONSTRAINT old CHECK (a <> 'no'));\n", "new");
    assert_update(db, "u", "-- u\nCREATE TABLE u (a, CONSTRAINT new CHECK (a <> 'yes'));\n", "");
    assert_query(db, "INSERT INTO u VALUES ('no'); SELECT * FROM u", "no");
    assert_query(db, "UPDATE u SET a = 'yes'", "error: CHECK constraint failed: new");
    harness_close(db);
}

static void test_table_keeps_a_constraint_the_user_changed(void **state)
{
    (void)state;
    /* The user made the table again, stricter, and with a constraint more. */
    static const char users[] =
        "DROP TABLE t; CREATE TABLE t (a TEXT PRIMARY KEY, b INTEGER NOT NULL CHECK (b > 0),"
        " c TEXT, CONSTRAINT mine CHECK (c <> 'mine')); INSERT INTO t VALUES ('x', 1, 'X')";
    sqlite3 *db = open_first();
    harness_exec(db, users);
    static const char added[] = "-- t\nCREATE TABLE t (a TEXT PRIMARY KEY, b INTEGER NOT NULL,"
                                " c TEXT, d);\nCREATE INDEX main.t_c ON t (c);\n";
    assert_update(db, "t", added, "\"d\",");
    assert_query(db, "UPDATE t SET b = 0", "error: CHECK constraint failed: b > 0");
    assert_query(db, "UPDATE t SET c = 'mine'", "error: CHECK constraint failed: mine");
    /* What the release changes is the release's; the rest stays. */
    static const char other[] = "-- t\nCREATE TABLE t (a TEXT PRIMARY KEY, b INTEGER, c TEXT, d,\n"
                                "    UNIQUE (c, d));\nCREATE INDEX main.t_c ON t (c);\n";
    assert_update(db, "t", other, "");
    assert_query(db, "UPDATE t SET b = 0; UPDATE t SET b = NULL; SELECT * FROM t", "x|NULL|X|NULL");
    assert_query(db, "UPDATE t SET c = 'mine'", "error: CHECK constraint failed: mine");
    assert_query(db, "INSERT INTO t (a, c, d) VALUES ('p', 1, 1), ('q', 1, 1)",
                 "error: UNIQUE constraint failed: t.c, t.d");
    harness_close(db);
}

static void test_table_without_rowid_and_with_columns_of_that_name(void **state)
{
    (void)state;
    sqlite3 *db = harness_open_ready();
    assert_update(
        db, "u", "-- u\nCREATE TABLE u (a, b INTEGER, PRIMARY KEY (a, b)) WITHOUT ROWID;\n", "new");
    harness_exec(db, "INSERT INTO u VALUES (1, 2), (1, 3)");
    assert_update(db, "u", "-- u\nCREATE TABLE u (a, b, PRIMARY KEY (a, b)) WITHOUT ROWID;\n", "");
    assert_query(db, "SELECT * FROM u", "1|2\n1|3");
    /* One that gets a rowid. */
    assert_update(db, "u", "-- u\nCREATE TABLE u (a, b, PRIMARY KEY (a, b));\n", "");
    assert_query(db, "SELECT rowid, * FROM u", "1|1|2\n2|1|3");
    /* Columns called like the rowid. */
    harness_exec(db, "ALTER TABLE u ADD COLUMN rowid; ALTER TABLE u ADD COLUMN OID;"
                     "UPDATE u SET rowid = 'r', oid = 'o', _rowid_ = _rowid_ + 40");
    assert_update(db, "u", "-- u\nCREATE TABLE u (a TEXT, b, PRIMARY KEY (a, b));\n", "");
    assert_query(db, "SELECT _rowid_, * FROM u", "41|1|2|r|o\n42|1|3|r|o");
    harness_exec(db, "ALTER TABLE u ADD COLUMN _rowid_");
    assert_update(db, "u", "-- u\nCREATE TABLE u (a, b, PRIMARY KEY (a, b));\n", "");
    assert_query(db, "SELECT * FROM u", "1|2|r|o|NULL\n1|3|r|o|NULL");
    harness_close(db);
}

static void test_table_integer_primary_key_stays(void **state)
{
    (void)state;
    sqlite3 *db = harness_open_ready();
    assert_update(db, "u", "-- u\nCREATE TABLE u (id INTEGER PRIMARY KEY, b INTEGER);\n", "new");
    harness_exec(db, "INSERT INTO u VALUES (12, 2), (5, 3)");
    assert_update(db, "u", "-- u\nCREATE TABLE u (id INTEGER PRIMARY KEY, b);\n", "");
    assert_query(db, "SELECT rowid, * FROM u", "5|5|3\n12|12|2");
    harness_close(db);
}

static void test_table_what_rows_do_not_allow_is_an_error(void **state)
{
    (void)state;
    sqlite3 *db = open_first();
    char *before = harness_query(db, sql_of_t);
    harness_exec(db, "BEGIN");
    assert_update(
        db, "t",
        "-- t\nCREATE TABLE t (a TEXT PRIMARY KEY, b INTEGER NOT NULL, c TEXT NOT NULL);\n",
        "error: the table t cannot be brought up to date: NOT NULL constraint failed: t.c");
    harness_exec(db, "ROLLBACK; BEGIN; ALTER TABLE t ADD COLUMN kind; UPDATE t SET kind = 'mine'");
    assert_update(db, "t",
                  "-- t\nCREATE TABLE t (a TEXT PRIMARY KEY, b INTEGER NOT NULL, c TEXT,"
                  " kind TEXT NOT NULL DEFAULT 'ours' CONSTRAINT kind CHECK (kind IN ('ours')));\n",
                  "error: the table t cannot be brought up to date: CHECK constraint failed: kind");
    /* A column of the user's with fitting values becomes ours. */
    harness_exec(db, "ROLLBACK; BEGIN; ALTER TABLE t ADD COLUMN kind; UPDATE t SET kind = 'ours'");
    assert_update(db, "t",
                  "-- t\nCREATE TABLE t (a TEXT PRIMARY KEY, b INTEGER NOT NULL, c TEXT,"
                  " kind TEXT NOT NULL DEFAULT 'ours' CONSTRAINT kind CHECK (kind IN ('ours')));\n",
                  "");
    assert_query(db, "INSERT INTO t (a, b, kind) VALUES ('q', 1, 'x')",
                 "error: CHECK constraint failed: kind");
    harness_exec(db, "ROLLBACK");
    assert_query(db, sql_of_t, before);
    free(before);
    harness_close(db);
}

static void test_table_that_is_not_ours_is_refused_and_left_alone(void **state)
{
    (void)state;
    sqlite3 *db = harness_open_ready();
    harness_exec(db, "CREATE TABLE t (a, c)");
    assert_update(db, "t", first,
                  "error: the table t is not as this extension makes it: no such column: t.b");
    assert_query(db, "SELECT group_concat(name) FROM pragma_table_info('t')", "a,c");
    harness_exec(db, "DROP TABLE t; CREATE VIEW t AS SELECT 1 AS a, 2 AS b, 3 AS c");
    assert_update(db, "t", first,
                  "error: the table t is not as this extension makes it: views may not be indexed");
    harness_close(db);
}

/* ---- seeds ---------------------------------------------------------------------------------- */

static void seed(sqlite3 *db, const char *table, const char *rows, bool is_new, const char *added)
{
    ct_sql_text table_file = file_of("t", table), seed_file = file_of("t", rows);
    ct_table_change change = {.is_new = is_new, .added = CT_BUF_EMPTY};
    ct_buf_put_text(&change.added, added);
    char *error = NULL;
    if (ct_seed_table(db, &seed_file, &table_file, &change, &error) != SQLITE_OK)
        fail_msg("%s", error);
    ct_buf_free(&change.added);
}

static const char listed[] = "-- t\nCREATE TABLE t (source TEXT NOT NULL COLLATE NOCASE,"
                             " name TEXT NOT NULL, origin TEXT NOT NULL DEFAULT 'tool', note,"
                             " PRIMARY KEY (source, name));\n";

static void test_seed_puts_each_row_in_once(void **state)
{
    (void)state;
    sqlite3 *db = harness_open_ready();
    assert_update(db, "t", listed, "new");
    static const char rows[] = "-- t\nINSERT INTO main.t (source, name) VALUES ('a', 'x'),"
                               " ('b', 'x'); INSERT INTO main.t (source, name, origin, note) VALUES"
                               " ('c', 'it''s', 'own', 2.5);\n";
    seed(db, listed, rows, true, "");
    static const char all[] = "SELECT source, name, origin, note FROM t ORDER BY 1, 2";
    assert_query(db, all, "a|x|tool|NULL\nb|x|tool|NULL\nc|it's|own|2.5");
    assert_query(db, "SELECT tableName, key, version FROM cloudtrail_seed WHERE tableName = 't'",
                 "t|a x|2000\nt|b x|2000\nt|c it's|2000");
    /* A later release has more, one of which the user has, too. */
    harness_exec(db, "DELETE FROM t WHERE source = 'a'; UPDATE t SET origin = 'changed';"
                     "UPDATE cloudtrail_seed SET version = 1;"
                     "INSERT INTO t (source, name, origin) VALUES ('D', 'x', 'mine')");
    static const char more[] = "-- t\nINSERT INTO main.t (source, name) VALUES ('a', 'x'),"
                               " ('b', 'x'), ('d', 'x'), ('e', 'x');\n";
    seed(db, listed, more, false, "");
    assert_query(db, all, "b|x|changed|NULL\nc|it's|changed|2.5\nD|x|mine|NULL\ne|x|tool|NULL");
    assert_query(db, "SELECT key, version FROM cloudtrail_seed WHERE tableName = 't' ORDER BY key",
                 "a x|1\nb x|1\nc it's|1\nd x|2000\ne x|2000");
    /* A table that was dropped gets all. */
    harness_exec(db, "DROP TABLE t");
    assert_update(db, "t", listed, "new");
    seed(db, listed, more, true, "");
    assert_query(db,
                 "SELECT count(*) FROM t; SELECT count(*) FROM cloudtrail_seed"
                 " WHERE tableName = 't'",
                 "4\n4");
    harness_close(db);
}

static void test_seed_fills_new_columns_of_rows_that_are_there(void **state)
{
    (void)state;
    sqlite3 *db = harness_open_ready();
    assert_update(db, "t", listed, "new");
    static const char rows[] = "-- t\nINSERT INTO main.t (source, name, origin, note) VALUES"
                               " ('a', 'x', 'A', 'one'), ('b', 'x', 'B', 'two');\n";
    seed(db, listed, "-- t\nINSERT INTO main.t (source, name) VALUES ('a', 'x'), ('b', 'x');\n",
         true, "");
    harness_exec(db, "UPDATE t SET origin = 'changed'; INSERT INTO t (source, name) VALUES"
                     " ('mine', 'x')");
    harness_exec(db, "UPDATE t SET note = 'two' WHERE source = 'b'; CREATE TABLE seen (x);"
                     "CREATE TRIGGER watch AFTER UPDATE ON t BEGIN"
                     " INSERT INTO seen VALUES (new.source); END");
    seed(db, listed, rows, false, "\"note\",\"noteworthy\",");
    assert_query(db, "SELECT source, origin, note FROM t ORDER BY 1",
                 "a|changed|one\nb|changed|two\nmine|tool|NULL");
    assert_query(db, "SELECT x FROM seen", "a"); /* what has the value is not written */
    harness_close(db);
}

static void test_seed_no_memory(void **state)
{
    (void)state;
    harness_oom_places(
        "SELECT cloudtrail_init(); DELETE FROM cloudtrail_seed;"
        "DELETE FROM cloudtrail_migration WHERE name LIKE 'seeds/%';"
        "DELETE FROM suspicious_command",
        "SELECT cloudtrail_init(); SELECT count(*) FROM suspicious_command;"
        "SELECT count(*) FROM cloudtrail_seed WHERE tableName = 'suspicious_command'",
        "{\"version\":\"" CT_VERSION "\",\"kept\":[]}\n19\n19");
}

/* A column that is added, alone and where the table is made anew for another's type: it is, and said to
 * be, or nothing has changed. */
static void test_table_update_no_memory_is_said(void **state)
{
    static const char *const texts[] = {
        "CREATE TABLE t (a TEXT PRIMARY KEY, b INTEGER NOT NULL, c TEXT, d TEXT);\n"
        "CREATE INDEX main.t_c ON t (c);\n",
        "CREATE TABLE t (a TEXT PRIMARY KEY, b TEXT NOT NULL, c TEXT, d TEXT);\n"
        "CREATE INDEX main.t_c ON t (c);\n"};
    (void)state;
    for (size_t i = 0; i < 2; i++) {
        for (long n = -1; n < ct_mem_places(); n++) {
            sqlite3 *db = open_first();
            harness_exec(db, "CREATE INDEX own ON t (b)");
            ct_mem_fail_at_place(n);
            char *said = update(db, "t", texts[i]);
            ct_mem_fail_after(-1);
            bool is_error = n >= 0 && strstr(said, "out of memory");
            if (!is_error) {
                assert_string_equal(said, "\"d\",");
                assert_query(db,
                             "SELECT count(d) FROM t; SELECT count(*) FROM sqlite_master"
                             " WHERE tbl_name = 't' AND type = 'index' AND sql IS NOT NULL",
                             "0\n2");
            }
            sqlite3_free(said);
            harness_close(db);
        }
    }
}

/* ---- migrations ----------------------------------------------------------------------------- */

static const char *const ran = "SELECT group_concat(what, ' ') FROM ran";

static void migrate(sqlite3 *db, ct_found found)
{
    const ct_sql_text files[] = {
        file_of("0001005_after_cloudtrail", "INSERT INTO main.ran VALUES ('1005')"),
        file_of("0002000_after_cloudtrail", "INSERT INTO main.ran VALUES ('after');"
                                            "INSERT INTO main.ran VALUES ('that')"),
        file_of("0002000_after_dropped", "INSERT INTO main.ran VALUES ('never')"),
        file_of("0002000_before_cloudtrail", "INSERT INTO main.ran VALUES ('before')"),
        file_of("0002000_before_dropped", "INSERT INTO main.ran VALUES ('never')"),
    };
    char *error = NULL;
    assert_int_equal(ct_migrate(db, files, 5, CT_BEFORE_TABLES, found, &error), SQLITE_OK);
    assert_int_equal(ct_migrate(db, files, 5, CT_AFTER_TABLES, found, &error), SQLITE_OK);
}

static sqlite3 *open_to_migrate(void)
{
    sqlite3 *db = harness_open_ready();
    harness_exec(db, "DELETE FROM cloudtrail_migration;"
                     "CREATE TABLE ran (what)");
    return db;
}

static void test_migration_runs_once_where_the_database_is_older(void **state)
{
    (void)state;
    static const struct {
        ct_found found;
        const char *runs;
    } cases[] = {
        {{.version = 0, .has_list = false}, "NULL"},    /* nothing there yet */
        {{.version = 2000, .has_list = false}, "NULL"}, /* not older, and no list */
        {{.version = 1000, .has_list = false}, "before 1005 after that"},
        {{.version = 1005, .has_list = false}, "before after that"},
        {{.version = 2000, .has_list = true}, "before 1005 after that"}, /* by the list */
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        sqlite3 *db = open_to_migrate();
        migrate(db, cases[i].found);
        assert_query(db, ran, cases[i].runs);
        assert_query(db, "SELECT count(*), min(version), max(version) FROM cloudtrail_migration",
                     "5|2000|2000");
        migrate(db, (ct_found){.version = 1000, .has_list = true});
        assert_query(db, ran, cases[i].runs);
        harness_close(db);
    }
}

static void test_migration_that_fails_is_an_error(void **state)
{
    (void)state;
    sqlite3 *db = open_to_migrate();
    ct_sql_text file = file_of("0002000_after_cloudtrail", "UPDATE main.nowhere SET x = 1");
    char *error = NULL;
    ct_found found = {.version = 1000, .has_list = false};
    assert_int_equal(ct_migrate(db, &file, 1, CT_AFTER_TABLES, found, &error), SQLITE_ERROR);
    assert_string_equal(
        error, "the table cloudtrail cannot be brought up to date: no such table: main.nowhere");
    assert_query(db, "SELECT count(*) FROM cloudtrail_migration", "0");
    sqlite3_free(error);
    harness_close(db);
}

/* Every file of sql/migrations is named so that it is run, and of a table that we ship. */
static void test_migration_files_have_names_that_count(void **state)
{
    (void)state;
    for (size_t i = 0; i < ct_n_migration_texts; i++) {
        const char *name = ct_migration_texts[i].name;
        size_t n_digits = strspn(name, "0123456789");
        assert_int_equal(n_digits, 7);
        long version = strtol(name, NULL, 10);
        assert_true(version > 1000 && version <= CT_VERSION_NUMBER);
        const char *table = name + n_digits;
        table += strncmp(table, "_before_", 8) == 0 ? 8 : strncmp(table, "_after_", 7) == 0 ? 7 : 0;
        assert_ptr_not_equal(table, name + n_digits);
    }
    for (size_t i = 0; i < ct_n_seed_texts; i++) {
        bool has_table = false;
        for (size_t k = 0; k < ct_n_sql_texts; k++)
            has_table = has_table || (strncmp(ct_sql_texts[k].path, "sql/tables/", 11) == 0 &&
                                      strcmp(ct_sql_texts[k].name, ct_seed_texts[i].name) == 0);
        assert_true(has_table);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_table_update_no_memory_is_said),
        cmocka_unit_test(test_table_same_text_does_nothing),
        cmocka_unit_test(test_table_comments_alone_do_nothing_to_it),
        cmocka_unit_test(test_table_columns_are_added),
        cmocka_unit_test(test_table_is_made_anew_with_what_is_the_users),
        cmocka_unit_test(test_table_loses_columns_that_no_release_ships),
        cmocka_unit_test(test_table_loses_a_column_with_an_index_of_ours),
        cmocka_unit_test(test_table_columns_that_cannot_be_added_make_it_anew),
        cmocka_unit_test(test_table_loses_constraints_that_no_release_ships),
        cmocka_unit_test(test_table_keeps_a_constraint_the_user_changed),
        cmocka_unit_test(test_table_without_rowid_and_with_columns_of_that_name),
        cmocka_unit_test(test_table_integer_primary_key_stays),
        cmocka_unit_test(test_table_what_rows_do_not_allow_is_an_error),
        cmocka_unit_test(test_table_that_is_not_ours_is_refused_and_left_alone),
        cmocka_unit_test(test_seed_puts_each_row_in_once),
        cmocka_unit_test(test_seed_fills_new_columns_of_rows_that_are_there),
        cmocka_unit_test(test_seed_no_memory),
        cmocka_unit_test(test_migration_runs_once_where_the_database_is_older),
        cmocka_unit_test(test_migration_that_fails_is_an_error),
        cmocka_unit_test(test_migration_files_have_names_that_count),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
