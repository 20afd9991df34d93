/* cloudtrail_handover(): what the copy is to whoever opens it without the extension, and what is left
 * of it when it could not be made. */
#include "harness.h"

#include <dirent.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "cloudtrail.h"
#include "faulty_mem.h"
#include "files.h"
#include "interrupts.h"
#include "old_database.h"
#include "temp.h"

/* ---- helpers -------------------------------------------------------------------------------- */

static char *query(sqlite3 *db, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    char *sql = sqlite3_vmprintf(format, args);
    va_end(args);
    char *result = harness_query(db, sql);
    sqlite3_free(sql);
    return result;
}

static void assert_gives(const char *expected, char *got)
{
    assert_string_equal(got, expected);
    free(got);
}

/* How many files the test's folder has whose name begins so. */
static int count_files(const char *prefix)
{
    DIR *folder = opendir(temp_dir());
    assert_non_null(folder);
    int n = 0;
    for (struct dirent *entry; (entry = readdir(folder)) != NULL;)
        n += strncmp(entry->d_name, prefix, strlen(prefix)) == 0;
    closedir(folder);
    return n;
}

/* A path in that folder at which there is nothing. */
static const char *fresh(const char *name)
{
    const char *path = temp_path(name);
    (void)unlink(path);
    return path;
}

/* The copy, opened without the extension. */
static sqlite3 *hand_over(sqlite3 *db, const char *name)
{
    const char *path = fresh(name);
    assert_gives(path, query(db, "SELECT json_extract(cloudtrail_handover(%Q), '$.file')", path));
    return old_database_open_plain(path);
}

/* The sample with its alerts, as a file that is made once. */
static sqlite3 *open_case(void)
{
    const char *path = temp_path("case.db");
    struct stat st;
    bool is_new = stat(path, &st) != 0;
    sqlite3 *db = harness_open_file(path);
    if (is_new)
        harness_exec(db, "SELECT cloudtrail_import('data/sample'); SELECT cloudtrail_detect();"
                         "SELECT cloudtrail_hunt()");
    return db;
}

/* As small as a case can be, for what is done hundreds of times: a table, a view that becomes one, a
 * table that cannot be made as it was. */
#define SMALL                                                                                      \
    "CREATE TABLE cloudtrail(eventTime TEXT, eventID TEXT, other AS (upn_name(eventID)));"         \
    "CREATE INDEX by_time ON cloudtrail(eventTime);"                                               \
    "CREATE VIEW near_miss AS SELECT 1 AS one, upn_name(eventID) AS name FROM cloudtrail;"         \
    "CREATE VIEW own AS SELECT eventID FROM cloudtrail; CREATE VIEW bad AS SELECT upn_name(1);"    \
    "INSERT INTO cloudtrail VALUES ('2025-10-14T00:00:00Z', 'a@b'), ('2025-10-14T00:00:01Z', 'c')"

/* ---- the copy in other hands ---------------------------------------------------------------- */

/* What DB Browser for SQLite asks when it opens a file and shows its tables (DBBrowserDB::open,
 * updateSchema, queryColumnInformation; RowLoader), in that order. */
static void test_handover_opens_as_db_browser_opens_it(void **state)
{
    (void)state;
    sqlite3 *db = open_case(), *copy = hand_over(db, "browser.db");
    static const char renaming[] =
        "SAVEPOINT \"RESTOREPOINT\"; ALTER TABLE \"main\".\"%w\" RENAME TO \"renamed\";"
        "ROLLBACK TO \"RESTOREPOINT\"; RELEASE \"RESTOREPOINT\"";
    static const char *const opening[] = {
        "SELECT COUNT(*) FROM sqlite_master",
        "PRAGMA database_list",
        "SELECT type,name,sql,tbl_name FROM \"main\".sqlite_master",
        "SELECT type,name,sql,tbl_name FROM \"temp\".sqlite_master",
        "PRAGMA encoding",
        "PRAGMA foreign_keys",
        "PRAGMA \"main\".foreign_key_check",
        "PRAGMA integrity_check",
        "PRAGMA quick_check",
    };
    for (size_t i = 0; i < sizeof opening / sizeof opening[0]; i++) {
        char *got = harness_query(copy, opening[i]);
        assert_int_not_equal(strncmp(got, "error:", 6), 0);
        free(got);
    }
    char *names = query(copy, "SELECT name FROM sqlite_master WHERE type IN ('table', 'view')");
    int n = 0;
    for (char *name = strtok(names, "\n"); name; name = strtok(NULL, "\n"), n++) {
        static const char *const asked[] = {
            "PRAGMA \"main\".TABLE_INFO(\"%w\")",
            "SELECT COUNT(*) FROM \"main\".\"%w\"",
            "SELECT * FROM \"main\".\"%w\" LIMIT 0, 50000",
            "SELECT COUNT(*) FROM (SELECT * FROM \"%w\" WHERE \"rowid\" LIKE '%%a%%' ESCAPE '\\')",
            renaming,
        };
        for (size_t i = 0; i < sizeof asked / sizeof asked[0]; i++) {
            char *sql = sqlite3_mprintf(asked[i], name), *error = NULL;
            if (sqlite3_exec(copy, sql, NULL, NULL, &error) != SQLITE_OK &&
                !strstr(error, "no such column: rowid")) /* of a table without one */
                fail_msg("%s: %s", sql, error);
            sqlite3_free(error);
            sqlite3_free(sql);
        }
    }
    free(names);
    assert_true(n > 25);
    assert_query(copy,
                 "SELECT count(*) > 200 FROM sqlite_master AS m JOIN pragma_table_info(m.name);"
                 "ALTER TABLE alert RENAME COLUMN notes TO remarks;"
                 "SELECT count(*) FROM sqlite_master WHERE type IN ('view', 'trigger')"
                 " OR type = 'index' AND (sql LIKE '%WHERE%' OR sql LIKE '%(%(%');"
                 "PRAGMA integrity_check",
                 "1\n0\nok");
    /* it cuts at the comma before the last column, which was one within a comment */
    if (sqlite3_libversion_number() >= 3035000)
        harness_exec(copy, "ALTER TABLE alert DROP COLUMN chain; SELECT * FROM alert");
    assert_int_equal(sqlite3_close(copy), SQLITE_OK);
    harness_close(db);
}

/* Every table by every row, and what the views tell. */
static void test_handover_has_all_rows(void **state)
{
    (void)state;
    sqlite3 *db = open_case(), *copy = hand_over(db, "rows.db");
    assert_int_equal(sqlite3_close(copy), SQLITE_OK);
    free(query(db, "ATTACH %Q AS copy", temp_path("rows.db")));
    char *tables = query(db, "SELECT name FROM main.sqlite_master WHERE type = 'table'"
                             " AND name NOT IN ('cloudtrail_schema', 'cloudtrail_seed',"
                             " 'cloudtrail_migration', 'dash_hour', 'dash_file',"
                             " 'dash_state')");
    int n_tables = 0;
    for (char *name = tables, *end; *name; name = end, n_tables++) {
        end = name + strcspn(name, "\n");
        if (*end)
            *end++ = '\0';
        old_database_assert_same_rows(db, "copy", name, "", false);
    }
    free(tables);
    assert_true(n_tables > 15);

    static const char *const views[] = {"incident_ranked",  "incident_alert", "alert_story",
                                        "alert_evidence",   "alert_scope",    "alert_csv",
                                        "SecurityAlert",    "alert_ocsf",     "cloudtrail_coverage",
                                        "credential",       "near_miss",      "sentinel_gap",
                                        "alert_timesketch", "hunt_result",    "hunt_evidence",
                                        "hunt_summary",     "alert_navigator"};
    for (size_t i = 0; i < sizeof views / sizeof views[0]; i++) {
        const char *v = views[i];
        assert_gives("0|0|1", query(db,
                                    "SELECT (SELECT count(*) FROM (SELECT * FROM main.\"%w\" EXCEPT"
                                    "        SELECT * FROM copy.\"%w\")),"
                                    "       (SELECT count(*) FROM (SELECT * FROM copy.\"%w\" EXCEPT"
                                    "        SELECT * FROM main.\"%w\")),"
                                    "       (SELECT count(*) FROM copy.\"%w\") > 0",
                                    v, v, v, v, v));
    }
    /* and it says of itself what is in it */
    assert_query(
        db,
        "SELECT count(*) FROM copy.cloudtrail_handover_table WHERE about IS NULL;"
        "SELECT about FROM copy.cloudtrail_handover_table WHERE name = 'alert_csv';"
        "SELECT value = (SELECT count(*) FROM main.cloudtrail) FROM copy.cloudtrail_handover"
        " WHERE name = 'events'",
        "0\nthe alerts for a spreadsheet, with no cell that it would take for a formula.\n1");
    harness_exec(db, "DETACH copy");
    harness_close(db);
}

/* Numbers are to be compared as numbers: a column of a view has no type of its own. */
static void test_handover_gives_types_to_what_a_view_counts(void **state)
{
    (void)state;
    sqlite3 *db = open_case(), *copy = hand_over(db, "types.db");
    assert_query(copy,
                 "SELECT name, type FROM pragma_table_info('alert_story')"
                 " WHERE name IN ('story', 'denied');"
                 "SELECT count(*) > 0 FROM alert_story WHERE denied = '1'",
                 "story|TEXT\ndenied|INTEGER\n1");
    assert_int_equal(sqlite3_close(copy), SQLITE_OK);
    harness_close(db);
}

/* ---- the user's own ------------------------------------------------------------------------- */

static void test_handover_takes_the_users_tables_and_views(void **state)
{
    (void)state;
    sqlite3 *db = harness_open();
    harness_exec(
        db, "CREATE TABLE cloudtrail(eventTime);"
            "CREATE TABLE \"my \"\"table\"(id INTEGER PRIMARY KEY AUTOINCREMENT, a COLLATE NOCASE, "
            "b BLOB,"
            " g AS (a || '!'), CHECK (length(a) < 10));"
            "INSERT INTO \"my \"\"table\" VALUES (7, 'x', x'00ff'), (9, NULL, 1.5);"
            "DELETE FROM \"my \"\"table\" WHERE id = 9;"
            "CREATE TABLE keyed(k TEXT PRIMARY KEY, v) WITHOUT ROWID; INSERT INTO keyed VALUES "
            "('k', 1);"
            "CREATE TABLE rowids(rowid TEXT, _rowid_ INT); INSERT INTO rowids VALUES ('seven', 7);"
            "INSERT INTO rowids(oid, rowid) VALUES (40, 'forty');"
            "CREATE TABLE checked(a CHECK (upn_name(a) = a)); INSERT INTO checked VALUES ('x');"
            "CREATE TABLE made(a, b AS (upn_name(a)), c VARCHAR(9)); INSERT INTO made VALUES "
            "('x@y', 5);"
            "CREATE INDEX good ON \"my \"\"table\"(a); CREATE UNIQUE INDEX part ON keyed(v) WHERE "
            "v > 0;"
            "CREATE TRIGGER watch AFTER INSERT ON keyed BEGIN DELETE FROM cloudtrail; END;"
            "CREATE VIEW plain AS SELECT a FROM \"my \"\"table\";"
            "CREATE VIEW needs AS SELECT upn_name(a) AS n FROM checked;"
            "CREATE VIEW above AS SELECT n FROM needs; CREATE VIEW top AS SELECT * FROM plain;");
    const char *path = fresh("users.db");
    assert_gives(
        "[\"checked\",\"made\"]|part index not on columns alone\nwatch trigger a copy has none\n"
        "above view no such table: main.needs\nneeds view no such function: upn_name",
        query(db,
              "SELECT json_extract(said, '$.plain') || '|' || group_concat(printf('%%s %%s %%s',"
              "  json_extract(value, '$.name'), json_extract(value, '$.type'),"
              "  json_extract(value, '$.why')), char(10))"
              " FROM (SELECT said, value FROM (SELECT cloudtrail_handover(%Q) AS said LIMIT 1),"
              "  json_each(said, '$.leftOut')"
              "  ORDER BY json_extract(value, '$.type'), json_extract(value, '$.name'))",
              path));
    sqlite3 *copy = old_database_open_plain(path);
    assert_query(
        copy,
        "SELECT id, a, quote(b), g FROM \"my \"\"table\" WHERE a = 'X';"
        "INSERT INTO \"my \"\"table\"(a) VALUES ('y'); SELECT max(id) FROM \"my \"\"table\";"
        "SELECT oid, rowid, _rowid_ FROM rowids;"
        "SELECT * FROM made; SELECT type FROM pragma_table_info('made');"
        "SELECT name FROM sqlite_master WHERE type = 'view' ORDER BY 1;"
        "SELECT * FROM top LIMIT 1; SELECT name FROM sqlite_master WHERE name = 'good';"
        "PRAGMA integrity_check",
        "7|x|X'00FF'|x!\n10\n1|seven|7\n40|forty|NULL\nx@y|x|5\n\n\nTEXT\nplain\ntop\nx\ngood\nok");
    assert_int_equal(sqlite3_close(copy), SQLITE_OK);
    harness_close(db);
}

static int by_length(void *context, int n, const void *a, int m, const void *b)
{
    (void)context, (void)a, (void)b;
    return n - m;
}

/* Nobody else has the host's collation: what sorts by it fails. */
static void test_handover_leaves_a_hosts_collation_behind(void **state)
{
    (void)state;
    sqlite3 *db = harness_open();
    sqlite3_create_collation(db, "by_length", SQLITE_UTF8, NULL, by_length);
    harness_exec(db,
                 "CREATE TABLE cloudtrail(x); CREATE TABLE words(w TEXT COLLATE by_length);"
                 "CREATE TABLE keys(k TEXT COLLATE by_length PRIMARY KEY);"
                 "INSERT INTO words VALUES ('bbb'), ('aa'), ('c'); INSERT INTO keys VALUES ('k')");
    sqlite3 *copy = hand_over(db, "collation.db");
    assert_query(copy, "SELECT w FROM words ORDER BY w; SELECT k FROM keys WHERE k > 'a'",
                 "aa\nbbb\nc\nk");
    assert_int_equal(sqlite3_close(copy), SQLITE_OK);
    harness_close(db);
}

static void test_handover_makes_a_table_of_a_virtual_one(void **state)
{
    (void)state;
    sqlite3 *db = harness_open();
    if (sqlite3_exec(db, "CREATE VIRTUAL TABLE notes USING fts5(note)", NULL, NULL, NULL) !=
        SQLITE_OK) {
        printf("skipped: this SQLite has no fts5\n");
        harness_close(db);
        skip();
    }
    harness_exec(db, "INSERT INTO notes VALUES ('look at svc-deploy'); CREATE TABLE cloudtrail(x)");
    sqlite3 *copy = hand_over(db, "virtual.db");
    assert_query(copy,
                 "SELECT * FROM notes; SELECT type, sql LIKE '%VIRTUAL%' FROM sqlite_master"
                 " WHERE name = 'notes'",
                 "look at svc-deploy\ntable|0");
    if (sqlite3_libversion_number() >= 3037000) /* before, SQLite does not say which they are */
        assert_query(copy, "SELECT count(*) FROM sqlite_master WHERE name LIKE 'notes_%'", "0");
    assert_int_equal(sqlite3_close(copy), SQLITE_OK);
    assert_int_equal(sqlite3_close(db), SQLITE_OK); /* fts5 keeps statements of its own */
}

/* A program that has the extension in all its connections has it in the one that writes, too. */
static void test_handover_works_in_a_host_that_loads_the_extension_everywhere(void **state)
{
    (void)state;
    sqlite3 *db = harness_open();
    harness_exec(db, SMALL);
    sqlite3_auto_extension((void (*)(void))sqlite3_cloudtrail_init);
    const char *path = fresh("auto.db");
    char *said = query(db, "SELECT cloudtrail_handover(%Q)", path);
    sqlite3_reset_auto_extension();
    assert_non_null(strstr(said, "\"plain\":[\"cloudtrail\"]"));
    assert_non_null(strstr(said, "{\"name\":\"bad\",\"type\":\"view\","
                                 "\"why\":\"no such function: upn_name\"}"));
    free(said);
    harness_close(db);
}

/* A file may come from anybody: what stands behind a CREATE TABLE in it is not run. */
static void test_handover_runs_one_statement_of_a_schema(void **state)
{
    (void)state;
    const char *path = fresh("tampered.db");
    sqlite3 *db = harness_open_file(path);
    harness_exec(
        db, "CREATE TABLE cloudtrail(x); CREATE TABLE zeta(x); CREATE VIEW v AS SELECT 1;"
            "PRAGMA writable_schema = ON;"
            "UPDATE sqlite_master SET sql = sql || '; DROP TABLE cloudtrail' WHERE name <> 'c';"
            "PRAGMA writable_schema = OFF");
    harness_close(db);
    db = harness_open_file(path);
    sqlite3 *copy = hand_over(db, "untampered.db");
    assert_query(copy,
                 "SELECT group_concat(name) FROM (SELECT name FROM sqlite_master WHERE name NOT"
                 " LIKE '%hand%' ORDER BY name); SELECT count(*) FROM cloudtrail",
                 "cloudtrail,v,zeta\n0");
    assert_int_equal(sqlite3_close(copy), SQLITE_OK);
    harness_close(db);
}

/* ---- from where ----------------------------------------------------------------------------- */

/* Another connection commits while the copy is made: when the view near_miss is read, which comes
 * behind all tables and before alert_scope. */
static void commit_meanwhile(sqlite3_context *context, int argc, sqlite3_value **argv)
{
    (void)argc, (void)argv;
    harness_exec(sqlite3_user_data(context),
                 "INSERT INTO cloudtrail VALUES ('late'); UPDATE later SET x = 'late'");
    sqlite3_result_text(context, "called", -1, SQLITE_STATIC);
}

static void test_handover_of_a_wal_database_is_one_snapshot(void **state)
{
    (void)state;
    const char *path = fresh("wal.db");
    sqlite3 *db = harness_open_file(path), *other = harness_open_file(path);
    free(query(db, "PRAGMA journal_mode = WAL"));
    sqlite3_create_function(db, "meanwhile", 0, SQLITE_UTF8 | SQLITE_INNOCUOUS, other,
                            commit_meanwhile, NULL, NULL);
    harness_exec(db,
                 "CREATE TABLE cloudtrail(x); INSERT INTO cloudtrail VALUES ('early');"
                 "CREATE TABLE later(x); INSERT INTO later VALUES ('early');"
                 "CREATE VIEW alert_scope AS SELECT meanwhile() AS it, x AS alertID FROM later;"
                 "CREATE VIEW near_miss AS SELECT x FROM later UNION ALL SELECT x FROM cloudtrail");
    sqlite3 *copy = hand_over(db, "of_wal.db");
    assert_query(
        copy,
        "SELECT * FROM alert_scope; SELECT * FROM near_miss; SELECT count(*) FROM cloudtrail;"
        "PRAGMA journal_mode",
        "called|early\nearly\nearly\n1\ndelete");
    assert_query(other, "SELECT count(*) FROM cloudtrail", "2");
    assert_int_equal(sqlite3_close(copy), SQLITE_OK);
    harness_close(other);
    harness_close(db);
}

/* Somebody else takes the name while the copy is made. */
static void take_the_name(sqlite3_context *context, int argc, sqlite3_value **argv)
{
    (void)argc, (void)argv;
    (void)temp_write("taken.db", "theirs", 6);
    sqlite3_result_int(context, 1);
}

static void test_handover_never_overwrites(void **state)
{
    (void)state;
    sqlite3 *db = harness_open();
    sqlite3_create_function(db, "meanwhile", 0, SQLITE_UTF8 | SQLITE_INNOCUOUS, NULL, take_the_name,
                            NULL, NULL);
    harness_exec(db,
                 "CREATE TABLE cloudtrail(x); CREATE VIEW near_miss AS SELECT meanwhile() AS x");
    char *said = query(db, "SELECT cloudtrail_handover(%Q)", fresh("taken.db"));
    assert_non_null(strstr(said, "taken.db: is there already, and nothing is overwritten"));
    free(said);
    ct_buf bytes = files_read(temp_path("taken.db"));
    assert_int_equal(bytes.len, 6);
    ct_buf_free(&bytes);
    assert_int_equal(count_files("cloudtrail-"), 0);
    harness_close(db);
}

static void test_handover_of_memory_and_of_a_read_only_database(void **state)
{
    (void)state;
    sqlite3 *db = harness_open();
    harness_exec(db, SMALL);
    sqlite3 *copy = hand_over(db, "memory.db");
    assert_query(copy, "SELECT name FROM near_miss", "a\nc");
    assert_int_equal(sqlite3_close(copy), SQLITE_OK);
    harness_close(db);

    const char *path = fresh("readonly.db");
    db = harness_open_file(path);
    harness_exec(db, SMALL);
    harness_close(db);
    char *uri = sqlite3_mprintf("file:%s?mode=ro&immutable=1", path), *error = NULL;
    assert_int_equal(sqlite3_open_v2(uri, &db, SQLITE_OPEN_READONLY | SQLITE_OPEN_URI, NULL),
                     SQLITE_OK);
    sqlite3_free(uri);
    assert_int_equal(sqlite3_cloudtrail_init(db, &error, NULL), SQLITE_OK);
    copy = hand_over(db, "of_readonly.db");
    assert_query(copy, "SELECT name FROM near_miss", "a\nc");
    assert_int_equal(sqlite3_close(copy), SQLITE_OK);
    harness_close(db);
}

static void test_handover_inside_a_transaction_says_so(void **state)
{
    (void)state;
    sqlite3 *db = harness_open();
    harness_exec(db, SMALL "; BEGIN; SELECT * FROM cloudtrail");
    char *said = query(db, "SELECT cloudtrail_handover(%Q)", fresh("read.db"));
    assert_null(strstr(said, "transaction"));
    free(said);
    harness_exec(db, "INSERT INTO cloudtrail VALUES ('2025-10-14T00:00:02Z', 'mine')");
    said = query(db, "SELECT cloudtrail_handover(%Q)", fresh("uncommitted.db"));
    assert_non_null(strstr(said, ",\"transaction\":\"with what yours has not committed yet\","));
    free(said);
    assert_false(sqlite3_get_autocommit(db));
    harness_exec(db, "ROLLBACK");
    sqlite3 *copy = old_database_open_plain(temp_path("uncommitted.db"));
    assert_query(copy, "SELECT count(*) FROM cloudtrail WHERE eventID = 'mine'", "1");
    assert_int_equal(sqlite3_close(copy), SQLITE_OK);
    harness_close(db);
}

static void test_handover_of_utf16_is_utf8(void **state)
{
    (void)state;
    sqlite3 *db = harness_open();
    harness_exec(db, "PRAGMA encoding = 'UTF-16le'; CREATE TABLE cloudtrail(x);"
                     "INSERT INTO cloudtrail VALUES ('caf\xC3\xA9 \xF0\x9F\x98\x80')");
    sqlite3 *copy = hand_over(db, "utf8.db");
    assert_query(copy, "PRAGMA encoding; SELECT x FROM cloudtrail",
                 "UTF-8\ncaf\xC3\xA9 \xF0\x9F\x98\x80");
    assert_int_equal(sqlite3_close(copy), SQLITE_OK);
    harness_close(db);
}

static void test_handover_of_a_copy_is_a_copy(void **state)
{
    (void)state;
    sqlite3 *db = open_case();
    assert_int_equal(sqlite3_close(hand_over(db, "first.db")), SQLITE_OK);
    harness_close(db);
    db = harness_open_file(temp_path("first.db"));
    sqlite3 *copy = hand_over(db, "second.db");
    assert_query(copy,
                 "SELECT count(*) > 0 FROM alert_story; SELECT count(*) FROM cloudtrail_handover"
                 " WHERE name = 'events'",
                 "1\n1");
    assert_int_equal(sqlite3_close(copy), SQLITE_OK);
    harness_close(db);
}

/* ---- what is refused ------------------------------------------------------------------------ */

static void test_handover_refuses_and_leaves_nothing(void **state)
{
    (void)state;
    sqlite3 *db = harness_open();
    char path[256];
    snprintf(path, sizeof path, "%s", fresh("refused.db"));
#define SAYS(text) "error: cloudtrail_handover(): " text
    assert_query(db, "SELECT cloudtrail_handover(NULL)",
                 SAYS("a path is needed: cloudtrail_handover('copy.db')"));
    assert_query(db, "SELECT cloudtrail_handover('x' || char(0) || 'y')",
                 SAYS("a path has no NUL in it"));
    char *said = query(db, "SELECT cloudtrail_handover(%Q)", path);
    assert_string_equal(said, SAYS("no table cloudtrail here: there is nothing to hand over"));
    free(said);
    harness_exec(db, SMALL);
    assert_query(db, "SELECT cloudtrail_handover('')", SAYS(": names a folder: name a file"));
    assert_query(db, "SELECT cloudtrail_handover('/tmp/')",
                 SAYS("/tmp/: names a folder: name a file"));
    assert_query(db, "SELECT cloudtrail_handover('/tmp')",
                 SAYS("/tmp: is there already, and nothing is overwritten"));
    assert_query(db, "SELECT cloudtrail_handover('~/copy.db')",
                 SAYS("~/copy.db: SQL does not expand ~, write the folder's full path"));
    assert_query(db, "SELECT cloudtrail_handover('/nowhere/copy.db')",
                 SAYS("/nowhere/copy.db: no such file or folder"));
    assert_query(db, "CREATE TABLE t AS SELECT cloudtrail_handover('/tmp/ct')",
                 SAYS("call it from a plain SELECT, not from INSERT or CREATE TABLE AS"));
    assert_query(db, "BEGIN; CREATE TABLE t AS SELECT cloudtrail_handover('/tmp/ct')",
                 SAYS("call it from a plain SELECT, not from INSERT or CREATE TABLE AS"));
    harness_exec(db, "ROLLBACK");
    assert_query(db, "CREATE VIEW w AS SELECT cloudtrail_handover('/tmp/ct'); SELECT * FROM w",
                 "error: unsafe use of cloudtrail_handover()");

    static const char *const there[] = {"refused.db", "refused.db-wal", "refused.db-journal"};
    for (int i = 0; i < 3; i++) {
        (void)temp_write(there[i], "mine", 4);
        said = query(db, "SELECT cloudtrail_handover(%Q)", path);
        assert_non_null(
            strstr(said, i ? "is there, of another database" : "nothing is overwritten"));
        free(said);
        ct_buf bytes = files_read(temp_path(there[i]));
        assert_int_equal(bytes.len, 4);
        ct_buf_free(&bytes);
        assert_int_equal(unlink(temp_path(there[i])), 0);
    }
    /* a name that leads nowhere yet is a name that is there */
    assert_int_equal(symlink("nowhere", path), 0);
    said = query(db, "SELECT cloudtrail_handover(%Q)", path);
    assert_non_null(strstr(said, "nothing is overwritten"));
    free(said);
    assert_int_equal(unlink(path), 0);
    assert_int_equal(count_files("refused"), 0);
    assert_int_equal(count_files("cloudtrail-"), 0);
    harness_close(db);
}

/* ---- faults --------------------------------------------------------------------------------- */

/* Whole or not there, whatever was said. */
static void assert_whole_or_absent(const char *path, bool is_whole)
{
    struct stat st;
    assert_int_equal(count_files("cloudtrail-"), 0);
    assert_int_equal(stat(path, &st) == 0, is_whole);
    if (!is_whole)
        return;
    sqlite3 *copy = old_database_open_plain(path);
    assert_query(copy,
                 "SELECT group_concat(name) FROM near_miss; SELECT rows, about <> '' FROM"
                 " cloudtrail_handover_table WHERE name = 'cloudtrail'; PRAGMA integrity_check",
                 "a,c\n2|1\nok");
    assert_int_equal(sqlite3_close(copy), SQLITE_OK);
    assert_int_equal(unlink(path), 0);
}

static void test_handover_interrupted_leaves_nothing(void **state)
{
    (void)state;
    const interrupt_kind kinds[] = {INTERRUPT_BY_CALL, INTERRUPT_BY_HANDLER};
    for (int k = 0; k < 2; k++) {
        int n_interrupted = 0;
        bool reached = true;
        for (int n_ops = 1; reached; n_ops += n_ops / harness_extent(20, 5) + 2) {
            sqlite3 *db = harness_open();
            harness_exec(db, SMALL);
            const char *path = fresh("interrupted.db");
            interrupts_after(db, kinds[k], n_ops);
            char *said = query(db, "SELECT cloudtrail_handover(%Q)", path);
            reached = interrupts_end(db);
            bool is_whole = strncmp(said, "{\"file\":", 8) == 0;
            bool is_said =
                strcmp(said, "error: cloudtrail_handover(): interrupted; there is no copy") == 0;
            if (!is_whole && !is_said && strcmp(said, "error: interrupted") != 0)
                fail_msg("after %d steps: %s", n_ops, said);
            assert_whole_or_absent(path, is_whole);
            n_interrupted += is_said;
            free(said);
            harness_close(db);
        }
        assert_true(n_interrupted > 5);
    }
}

/* Hands over with memory refused in that way; false when nothing was. *n_failed counts the failures.
 * Lists of what is plain in the copy and of what was left out are said whole. */
static bool hand_over_without_memory(ct_mem_way *refuse, long n, int *n_failed)
{
    sqlite3 *db = harness_open();
    harness_exec(db, SMALL);
    const char *path = fresh("memory_out.db");
    char *sql = sqlite3_mprintf("SELECT cloudtrail_handover(%Q)", path);
    sqlite3_stmt *stmt = NULL;
    assert_int_equal(sqlite3_prepare_v2(db, sql, -1, &stmt, NULL), SQLITE_OK);
    refuse(n);
    int rc = sqlite3_step(stmt);
    bool refused = ct_mem_failures() > 0;
    ct_mem_fail_after(-1);
    if (rc != SQLITE_ROW && rc != SQLITE_NOMEM)
        fail_msg("allocation %ld: %d %s", n, rc, sqlite3_errmsg(db));
    const char *said = (const char *)sqlite3_column_text(stmt, 0);
    if (rc == SQLITE_ROW && (!strstr(said, "\"plain\":[\"cloudtrail\"]") ||
                             !strstr(said, "\"leftOut\":[{\"name\":\"bad\"")))
        fail_msg("allocation %ld: %s", n, said);
    *n_failed += rc == SQLITE_NOMEM;
    sqlite3_finalize(stmt);
    sqlite3_free(sql);
    assert_whole_or_absent(path, rc == SQLITE_ROW);
    harness_close(db);
    return refused;
}

static void test_handover_out_of_memory_leaves_nothing(void **state)
{
    (void)state;
    for (int way = 0; way < CT_MEM_N_WAYS; way++) {
        int n_failed = 0;
        for (long n = 0; hand_over_without_memory(ct_mem_ways[way], n, &n_failed);
             n += 1 + n / harness_extent(1000, 5))
            ;
        assert_true(n_failed > 20);
    }
    int n_failed = 0;
    for (long n = -1; n < ct_mem_places(); n++)
        (void)hand_over_without_memory(ct_mem_fail_at_place, n, &n_failed);
    assert_true(n_failed > 50);
}

/* What stands at the name, or would be played into it, is looked for without memory, too. */
static void test_handover_out_of_memory_overwrites_nothing(void **state)
{
    static const char *const suffixes[] = {"", "-journal", "-wal"};
    (void)state;
    sqlite3 *db = harness_open();
    harness_exec(db, SMALL);
    for (size_t i = 0; i < 3; i++) {
        const char *path = fresh("taken.db");
        char *there = sqlite3_mprintf("%s%s", path, suffixes[i]);
        char *sql = sqlite3_mprintf("SELECT cloudtrail_handover(%Q)", path);
        FILE *file = fopen(there, "w");
        assert_non_null(file);
        fclose(file);
        for (long n = -1; n < ct_mem_places(); n++) {
            bool refused;
            char *said = harness_query_without_memory(ct_mem_fail_at_place, n, db, sql, &refused);
            assert_memory_equal(said, "error: ", 7);
            free(said);
        }
        assert_int_equal(unlink(there), 0);
        sqlite3_free(there);
        sqlite3_free(sql);
    }
    harness_close(db);
}

/* As on a full disk: the file cannot grow any more. */
static void test_handover_full_disk_leaves_nothing(void **state)
{
    (void)state;
    sqlite3_close(open_case());
    for (rlim_t limit = 1000; limit < 1000000; limit *= 4) {
        const char *path = fresh("disk.db");
        fflush(NULL);
        pid_t child = fork();
        if (child == 0) {
            signal(SIGXFSZ, SIG_IGN);
            sqlite3 *db = open_case();
            setrlimit(RLIMIT_FSIZE, &(struct rlimit){limit, limit});
            sqlite3_stmt *stmt = NULL;
            char *sql = sqlite3_mprintf("SELECT cloudtrail_handover(%Q)", path);
            (void)sqlite3_prepare_v2(db, sql, -1, &stmt, NULL);
            int rc = sqlite3_step(stmt) & 0xFF;
            _exit(rc == SQLITE_IOERR || rc == SQLITE_FULL ? 0 : 1);
        }
        int status;
        assert_int_equal(waitpid(child, &status, 0), child);
        assert_int_equal(status, 0);
        assert_int_equal(count_files("disk.db"), 0);
        assert_int_equal(count_files("cloudtrail-"), 0);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_handover_opens_as_db_browser_opens_it),
        cmocka_unit_test(test_handover_has_all_rows),
        cmocka_unit_test(test_handover_gives_types_to_what_a_view_counts),
        cmocka_unit_test(test_handover_takes_the_users_tables_and_views),
        cmocka_unit_test(test_handover_leaves_a_hosts_collation_behind),
        cmocka_unit_test(test_handover_makes_a_table_of_a_virtual_one),
        cmocka_unit_test(test_handover_works_in_a_host_that_loads_the_extension_everywhere),
        cmocka_unit_test(test_handover_runs_one_statement_of_a_schema),
        cmocka_unit_test(test_handover_of_a_wal_database_is_one_snapshot),
        cmocka_unit_test(test_handover_never_overwrites),
        cmocka_unit_test(test_handover_of_memory_and_of_a_read_only_database),
        cmocka_unit_test(test_handover_inside_a_transaction_says_so),
        cmocka_unit_test(test_handover_of_utf16_is_utf8),
        cmocka_unit_test(test_handover_of_a_copy_is_a_copy),
        cmocka_unit_test(test_handover_refuses_and_leaves_nothing),
        cmocka_unit_test(test_handover_interrupted_leaves_nothing),
        cmocka_unit_test(test_handover_out_of_memory_leaves_nothing),
        cmocka_unit_test(test_handover_out_of_memory_overwrites_nothing),
        cmocka_unit_test(test_handover_full_disk_leaves_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
