/*
 * Databases of older releases (tests/data) brought up to date: what is the user's stays, what is ours
 * becomes this release's, and a failure leaves all as it was.
 */
#include "harness.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/version.h"
#include "cloudtrail.h"
#include "db/sql_text.h"
#include "faulty_mem.h"
#include "files.h"
#include "imports.h"
#include "interrupts.h"
#include "old_database.h"
#include "temp.h"

/* What tests/data/0.1.0.sql changed and deleted. */
#define FOUND "\"kept\":[\"near_miss\"],\"deletedRules\":[\"SuspiciousAWSCLICommandExecution\"]"
static const char upgraded[] =
    "{\"version\":\"" CT_VERSION "\"," FOUND ",\"upgradedFrom\":\"0.1.0\"}";
static const char up_to_date[] = "{\"version\":\"" CT_VERSION "\"," FOUND "}";

/* Tables whose rows do not stay what they are, and the test that holds them instead. */
static const char *const moved[] = {
    "cloudtrail_schema", /* test_migration_makes_what_a_new_database_has */
    /* tests/db/test_verify.c: what was cloudtrail_digest is cloudtrail_digest_file, and digests are to
     * be read again */
    "cloudtrail_digest",
};

static bool is_moved(const char *table)
{
    for (size_t i = 0; i < sizeof moved / sizeof moved[0]; i++)
        if (strcmp(moved[i], table) == 0)
            return true;
    return false;
}

static bool has_seed(const char *table)
{
    for (size_t i = 0; i < ct_n_seed_texts; i++)
        if (strcmp(ct_seed_texts[i].name, table) == 0)
            return true;
    return false;
}

static bool is_table(const ct_sql_text *file)
{
    return strncmp(file->path, "sql/tables/", 11) == 0;
}

/* The database brought up to date, and the same as it was, attached as `old`. */
static sqlite3 *open_beside_old(const char *name)
{
    char copy[512];
    const char *path = old_database(name);
    ct_buf bytes = files_read(path);
    snprintf(copy, sizeof copy, "%s", temp_write("as_it_was.db", bytes.data, bytes.len));
    ct_buf_free(&bytes);
    sqlite3 *db = harness_open_file(path);
    harness_exec_and_free(db, sqlite3_mprintf("ATTACH %Q AS old", copy));
    return db;
}

/* Calls check(db, table) for each table of the schema `old`. */
static int for_each_old_table(sqlite3 *db, void (*check)(sqlite3 *db, const char *table))
{
    sqlite3_stmt *stmt;
    assert_int_equal(sqlite3_prepare_v2(db,
                                        "SELECT name FROM old.sqlite_master WHERE type = 'table'"
                                        " AND name NOT LIKE 'sqlite%'",
                                        -1, &stmt, NULL),
                     SQLITE_OK);
    int n_tables = 0;
    for (; sqlite3_step(stmt) == SQLITE_ROW; n_tables++)
        check(db, (const char *)sqlite3_column_text(stmt, 0));
    sqlite3_finalize(stmt);
    return n_tables;
}

/* ---- what is the user's --------------------------------------------------------------------- */

static void test_migration_says_what_it_did_once(void **state)
{
    (void)state;
    sqlite3 *db = harness_open_file(old_database("0.1.0"));
    assert_query(db, "SELECT cloudtrail_init()", upgraded);
    char *version = harness_query(db, "PRAGMA schema_version");
    sqlite3_int64 changes = sqlite3_total_changes(db);
    assert_query(db, "SELECT cloudtrail_init()", up_to_date);
    assert_query(db, "PRAGMA schema_version", version);
    assert_int_equal(sqlite3_total_changes(db), changes);
    assert_query(db, "SELECT version FROM cloudtrail_schema WHERE name = 'cloudtrail_schema'",
                 "2000");
    free(version);
    harness_close(db);
}

static void test_migration_comes_with_import_and_detection(void **state)
{
    (void)state;
    static const char *const calls[] = {
        "SELECT json_extract(s, '$.kept'), json_extract(s, '$.deletedRules'),"
        " json_extract(s, '$.upgradedFrom') FROM (SELECT cloudtrail_detect() AS s LIMIT 1)",
        "SELECT json_extract(s, '$.kept'), json_extract(s, '$.deletedRules'),"
        " json_extract(s, '$.upgradedFrom')"
        " FROM (SELECT cloudtrail_import('data/sample/AWSLogs/444455556666') AS s LIMIT 1)",
    };
    for (size_t i = 0; i < sizeof calls / sizeof calls[0]; i++) {
        sqlite3 *db = harness_open_file(old_database("0.1.0"));
        assert_query(db, calls[i], "[\"near_miss\"]|[\"SuspiciousAWSCLICommandExecution\"]|0.1.0");
        assert_query(db, "SELECT cloudtrail_init()", up_to_date);
        harness_close(db);
    }
}

static void check_kept(sqlite3 *db, const char *table)
{
    /* a digest's file is no longer complete, so that it is read again */
    const char *ignored = strcmp(table, "cloudtrail_file") == 0 ? "complete" : "";
    if (!is_moved(table))
        old_database_assert_same_rows(db, "old", table, ignored, has_seed(table));
}

static void test_migration_keeps_all_rows(void **state)
{
    (void)state;
    sqlite3 *db = open_beside_old("0.1.0");
    assert_query(db, "SELECT cloudtrail_init()", upgraded);
    /* eleven of 0.1.0, two of the user's */
    assert_int_equal(for_each_old_table(db, check_kept), 13);
    harness_close(db);
}

static void test_migration_keeps_what_was_deleted_deleted(void **state)
{
    (void)state;
    sqlite3 *db = harness_open_file(old_database("0.1.0"));
    assert_query(db, "SELECT cloudtrail_init()", upgraded);
    static const char deleted[] =
        "SELECT (SELECT count(*) FROM rule WHERE name = 'SuspiciousAWSCLICommandExecution'),"
        " (SELECT count(*) FROM suspicious_command WHERE command LIKE 'kms.%'),"
        " (SELECT group_concat(command) FROM (SELECT command FROM suspicious_command"
        "   WHERE origin <> 'sentinel' ORDER BY 1)),"
        " (SELECT count(*) FROM suspicious_command WHERE origin = 'sentinel')";
    static const char expected[] = "0|0|s3api.list-buckets,sts.get-caller-identity|17";
    assert_query(db, deleted, expected);
    harness_exec(db, "SELECT cloudtrail_import('data/sample/AWSLogs/444455556666')");
    harness_exec(db, "SELECT cloudtrail_detect()");
    harness_exec(db, "SELECT cloudtrail_init()");
    assert_query(db, deleted, expected);
    /* Also where another build has other rows. */
    harness_exec(db,
                 "UPDATE cloudtrail_migration SET checksum = 'another' WHERE name LIKE 'seeds/%'");
    assert_query(db, "SELECT cloudtrail_init()", up_to_date);
    assert_query(db, deleted, expected);
    /* What is deleted from now on, too. */
    harness_exec(db, "DELETE FROM suspicious_command WHERE command = 'iam.list-users';"
                     "UPDATE cloudtrail_migration SET checksum = 'another'");
    assert_query(db, "SELECT cloudtrail_init()", up_to_date);
    assert_query(db, "SELECT count(*) FROM suspicious_command WHERE command = 'iam.list-users'",
                 "0");
    harness_close(db);
}

static void test_migration_makes_a_dropped_table_whole(void **state)
{
    (void)state;
    const char *path = old_database("0.1.0-init");
    sqlite3 *db = old_database_open_plain(path);
    harness_exec(db, "DROP TABLE suspicious_command; DROP TABLE rule_parameter;"
                     "DROP TABLE cloudtrail_digest; DROP TABLE cloudtrail_problem");
    sqlite3_close(db);
    db = harness_open_file(path);
    assert_query(db, "SELECT cloudtrail_init()",
                 "{\"version\":\"" CT_VERSION "\",\"kept\":[],\"upgradedFrom\":\"0.1.0\"}");
    assert_query(db,
                 "SELECT count(*) FROM suspicious_command WHERE origin = 'sentinel';"
                 "SELECT name, value FROM rule_parameter WHERE name IN ('threshold',"
                 " 'window_seconds') ORDER BY name",
                 "19\nthreshold|8\nwindow_seconds|60");
    harness_close(db);
}

static void test_migration_keeps_the_users_objects(void **state)
{
    (void)state;
    sqlite3 *db = open_beside_old("0.1.0");
    harness_exec(db, "PRAGMA foreign_keys = ON");
    assert_query(db, "SELECT cloudtrail_init()", upgraded);
    assert_query(db, "PRAGMA foreign_keys", "1");
    static const char missing[] =
        "SELECT type, name, tbl_name, sql FROM old.sqlite_master"
        " WHERE name LIKE 'my%' OR name = 'near_miss'"
        " EXCEPT SELECT type, name, tbl_name, sql FROM main.sqlite_master";
    assert_query(db, "SELECT count(*) FROM old.sqlite_master WHERE name LIKE 'my%'", "8");
    assert_query(db, missing, "");
    /* Rows that refer to ours were not deleted with the table that was made anew, and still do. */
    assert_query(db, "PRAGMA foreign_key_check", "");
    assert_query(db, "DELETE FROM rule_parameter WHERE name = 'mine'; SELECT * FROM my_note",
                 "threshold|ask ana");
    /* Nothing fired before, now they do. */
    assert_query(db, "SELECT count(*) FROM my_log", "0");
    assert_query(db,
                 "UPDATE rule_parameter SET value = 9 WHERE name = 'threshold';"
                 "UPDATE alert SET state = 'closed' WHERE accountName = 'arnav.desai';"
                 "SELECT what FROM my_log WHERE what NOT LIKE '%arnav%';"
                 "SELECT count(*) FROM my_log",
                 "threshold is now 9\n2");
    assert_query(db, "SELECT twice FROM my_numbers WHERE name = 'threshold'", "18");
    char *refused = harness_query(db, "UPDATE rule_parameter SET \"why \"\"so\"\"\" = ''");
    assert_non_null(strstr(refused, "error: CHECK constraint failed"));
    free(refused);
    assert_query(db,
                 "INSERT INTO rule_parameter (name, value, meaning) VALUES ('new', 1, 'x');"
                 "SELECT * FROM rule_parameter WHERE name = 'new'",
                 "new|1|x|it was so|2");
    harness_close(db);
}

/* They go with a view that is made anew. */
static void test_migration_keeps_triggers_on_views(void **state)
{
    (void)state;
    sqlite3 *db = harness_open_file(old_database("0.1.0"));
    harness_exec(db, "CREATE TRIGGER on_story INSTEAD OF UPDATE ON alert_story BEGIN"
                     " UPDATE alert SET notes = new.state; END");
    static const char text[] = "SELECT sql FROM sqlite_master WHERE name = 'on_story'";
    char *before = harness_query(db, text);
    char *view = harness_query(db, "SELECT sql FROM sqlite_master WHERE name = 'alert_story'");
    assert_query(db, "SELECT cloudtrail_init()", upgraded);
    char *now = harness_query(db, "SELECT sql FROM sqlite_master WHERE name = 'alert_story'");
    assert_string_not_equal(view, now);
    assert_query(db, text, before);
    assert_query(db, "UPDATE alert_story SET state = 'seen'; SELECT DISTINCT notes FROM alert",
                 "seen");
    free(before);
    free(view);
    free(now);
    harness_close(db);
}

/* What 0.1.0 kept as problems without saying of which kind. */
static void test_migration_tells_the_kinds_of_problem(void **state)
{
    (void)state;
    sqlite3 *db = harness_open_file(old_database("0.1.0"));
    assert_query(db,
                 "INSERT INTO cloudtrail_problem (fileID, message) VALUES"
                 " (1, 'another event with this eventTime and eventID is there already'),"
                 " (1, 'a key is repeated'), (1, 'no eventTime')",
                 "");
    assert_query(db, "SELECT json_type(cloudtrail_init())", "object");
    assert_query(db, "SELECT message, kind FROM cloudtrail_problem ORDER BY 1",
                 "a key is repeated|note\n"
                 "another event with this eventTime and eventID is there already|conflict\n"
                 "no eventTime|unreadable\nthe file ends inside this record|unreadable");
    harness_close(db);
}

/* The column has lost its affinity: what stood in it is as it was, and a text stays one. */
static void test_migration_rule_parameter_takes_texts(void **state)
{
    (void)state;
    sqlite3 *db = harness_open_file(old_database("0.1.0"));
    assert_query(db, "SELECT cloudtrail_init()", upgraded);
    harness_exec(db, "INSERT INTO rule_parameter (name, value, meaning) VALUES"
                     " ('as_of', '20260101', 'a time')");
    assert_query(db,
                 "SELECT name, value, typeof(value) FROM rule_parameter WHERE name IN"
                 " ('as_of', 'mine', 'threshold', 'window_seconds') ORDER BY name",
                 "as_of|20260101|text\nmine|2.5|real\nthreshold|7|integer\n"
                 "window_seconds|60|integer");
    assert_query(db, "INSERT INTO rule_parameter (name, value, meaning) VALUES ('x', NULL, 'y')",
                 "error: NOT NULL constraint failed: rule_parameter.value");
    harness_close(db);
}

/* ---- what is ours --------------------------------------------------------------------------- */

#define SHAPE(schema)                                                                              \
    "SELECT m.name, c.name, c.type, c.\"notnull\", c.dflt_value, c.pk, c.hidden"                   \
    " FROM " schema ".sqlite_master AS m, pragma_table_xinfo(m.name, '" schema "') AS c"           \
    " WHERE m.type = 'table' AND m.name NOT LIKE 'sqlite%'"

#define OBJECTS(schema)                                                                            \
    "SELECT type, name, tbl_name, sql FROM " schema ".sqlite_master"                               \
    " WHERE type IN ('index', 'view', 'trigger')"

#define UNIQUENESS(schema)                                                                         \
    "SELECT m.name, i.\"unique\", i.origin, i.partial, x.seqno, x.name, x.coll"                    \
    " FROM " schema ".sqlite_master AS m, pragma_index_list(m.name, '" schema "') AS i,"           \
    " pragma_index_xinfo(i.name, '" schema "') AS x"                                               \
    " WHERE m.type = 'table' AND x.\"key\""

static void attach_new(sqlite3 *db)
{
    const char *path = temp_write("new.db", "", 0);
    sqlite3 *fresh = harness_open_file(path);
    harness_exec(fresh, "SELECT cloudtrail_init()");
    harness_close(fresh);
    harness_exec_and_free(db, sqlite3_mprintf("ATTACH %Q AS new", path));
}

static void test_migration_makes_what_a_new_database_has(void **state)
{
    (void)state;
    sqlite3 *db = harness_open_file(old_database("0.1.0-init"));
    assert_query(db, "SELECT cloudtrail_init()",
                 "{\"version\":\"" CT_VERSION "\",\"kept\":[],\"upgradedFrom\":\"0.1.0\"}");
    attach_new(db);
    assert_query(db, SHAPE("main") " EXCEPT " SHAPE("new"), "");
    assert_query(db, SHAPE("new") " EXCEPT " SHAPE("main"), "");
    assert_query(db, OBJECTS("main") " EXCEPT " OBJECTS("new"), "");
    assert_query(db, OBJECTS("new") " EXCEPT " OBJECTS("main"), "");
    assert_query(db, UNIQUENESS("main") " EXCEPT " UNIQUENESS("new"), "");
    assert_query(db, UNIQUENESS("new") " EXCEPT " UNIQUENESS("main"), "");
    for (size_t i = 0; i < ct_n_sql_texts; i++)
        if (is_table(&ct_sql_texts[i]))
            old_database_assert_same_rows(db, "new", ct_sql_texts[i].name, "version,rowid", false);
    assert_query(db, "PRAGMA main.integrity_check", "ok");
    harness_close(db);
}

static void test_migration_of_a_case_gives_the_same_shape(void **state)
{
    (void)state;
    sqlite3 *db = open_beside_old("0.1.0");
    assert_query(db, "SELECT cloudtrail_init()", upgraded);
    attach_new(db);
    assert_query(db, SHAPE("new") " EXCEPT " SHAPE("main"), "");
    assert_query(db, UNIQUENESS("new") " EXCEPT " UNIQUENESS("main"), "");
    /* All but the view that the user changed. */
    assert_query(db, "SELECT name FROM (" OBJECTS("new") " EXCEPT " OBJECTS("main") ")",
                 "near_miss");
    /* What there is besides was the user's before. */
    assert_query(db, SHAPE("main") " EXCEPT " SHAPE("new") " EXCEPT " SHAPE("old"), "");
    assert_query(db, "PRAGMA main.integrity_check", "ok");
    harness_close(db);
}

static void test_migration_leaves_alerts_to_go_on_with(void **state)
{
    (void)state;
    sqlite3 *db = harness_open_file(old_database("0.1.0"));
    harness_exec(db, "SELECT cloudtrail_init();" /* the rules that it knew */
                     "UPDATE rule SET enabled = 0 WHERE name = 'aws_discovery_burst'");
    assert_query(db,
                 "SELECT json_extract(s, '$.alerts', '$.new', '$.merged')"
                 " FROM (SELECT cloudtrail_detect() AS s LIMIT 1)",
                 "[2,0,0]");
    assert_query(db, "SELECT accountName, severity, state, notes, owner FROM alert ORDER BY 1",
                 "arnav.desai|Medium|in progress|asked him|ana\n"
                 "mateo.jackson|Medium|new|NULL|nobody");
    harness_exec(db, "SELECT cloudtrail_import('data/sample/AWSLogs/444455556666')");
    harness_exec(db, "SELECT cloudtrail_detect()");
    /* Alerts of the rule that is there, with the severity that the user gave it. */
    assert_query(db,
                 "SELECT DISTINCT ruleName, severity, owner FROM alert"
                 " WHERE recipientAccountId = '444455556666'",
                 "aws_cli_recon_burst|High|nobody");
    imports_check(db);
    harness_close(db);
}

static void test_migration_every_view_can_be_read(void **state)
{
    (void)state;
    sqlite3 *db = harness_open_file(old_database("0.1.0"));
    harness_exec(db, "SELECT cloudtrail_detect()");
    for (size_t i = 0; i < ct_n_sql_texts; i++) {
        char *sql = sqlite3_mprintf("SELECT count(*) >= 0 FROM (SELECT * FROM \"%w\")",
                                    ct_sql_texts[i].name);
        assert_query(db, sql, "1");
        sqlite3_free(sql);
    }
    harness_close(db);
}

/* ---- failures ------------------------------------------------------------------------------- */

static void check_same(sqlite3 *db, const char *table)
{
    old_database_assert_same_rows(db, "old", table, "", false);
}

/*
 * The file has the bytes that it had; or, where SQLite had begun to write to it, other bytes at most
 * in pages that nothing uses. Whoever opens it next plays back a journal that could not be played
 * back for want of memory.
 */
static void assert_as_it_was(const char *path, const ct_buf *before)
{
    sqlite3 *plain = old_database_open_plain(path);
    assert_query(plain, "SELECT count(*) FROM cloudtrail_schema", "25");
    ct_buf now = files_read(path);
    if (now.len != before->len || memcmp(now.data, before->data, now.len) != 0) {
        const char *old = temp_write("before.db", before->data, before->len);
        harness_exec_and_free(plain, sqlite3_mprintf("ATTACH %Q AS old", old));
        assert_query(plain, "PRAGMA main.integrity_check", "ok");
        assert_query(plain,
                     "SELECT * FROM main.sqlite_master EXCEPT SELECT * FROM old.sqlite_master;"
                     "SELECT * FROM old.sqlite_master EXCEPT SELECT * FROM main.sqlite_master",
                     "");
        for_each_old_table(plain, check_same);
    }
    sqlite3_close(plain);
    ct_buf_free(&now);
}

static void interrupt_everywhere(interrupt_kind kind)
{
    bool interrupted = true;
    int n_interrupted = 0;
    for (int n = 1; interrupted; n = (int)harness_next(n, 16)) {
        char path[512];
        snprintf(path, sizeof path, "%s", old_database("0.1.0"));
        ct_buf before = files_read(path);
        sqlite3 *db = harness_open_file(path);
        interrupts_after(db, kind, n);
        sqlite3_stmt *stmt = NULL;
        int rc = sqlite3_prepare_v2(db, "SELECT cloudtrail_init()", -1, &stmt, NULL);
        if (rc == SQLITE_OK)
            rc = sqlite3_step(stmt);
        interrupted = interrupts_end(db);
        sqlite3_finalize(stmt);
        assert_true(rc == SQLITE_ROW || rc == SQLITE_INTERRUPT);
        if (!sqlite3_get_autocommit(db))
            fail_msg("after %d steps: a transaction is left open", n);
        harness_close(db);
        if (rc == SQLITE_INTERRUPT)
            assert_as_it_was(path, &before);
        n_interrupted += rc == SQLITE_INTERRUPT;
        ct_buf_free(&before);
    }
    assert_true(n_interrupted > harness_extent(20, 5));
}

static void test_migration_interrupted_leaves_all_as_it_was(void **state)
{
    (void)state;
    interrupt_everywhere(INTERRUPT_BY_CALL);
    interrupt_everywhere(INTERRUPT_BY_HANDLER);
}

static void test_migration_disk_full_leaves_all_as_it_was(void **state)
{
    (void)state;
    char path[512];
    snprintf(path, sizeof path, "%s", old_database("0.1.0"));
    ct_buf before = files_read(path);
    sqlite3 *db = harness_open_file(path);
    int n_full = 0;
    for (int more = 0;; more += harness_extent(4, 48)) {
        char *sql = sqlite3_mprintf("PRAGMA max_page_count = %d", (int)(before.len / 1024) + more);
        free(harness_query(db, sql));
        sqlite3_free(sql);
        char *got = harness_query(db, "SELECT cloudtrail_init()");
        bool is_done = strcmp(got, upgraded) == 0;
        if (!is_done)
            assert_string_equal(got, "error: cloudtrail_init(): database or disk is full");
        free(got);
        if (is_done)
            break;
        assert_int_equal(sqlite3_get_autocommit(db), 1);
        assert_as_it_was(path, &before);
        n_full++;
    }
    assert_true(n_full > 3);
    ct_buf_free(&before);
    harness_close(db);
}

static void test_migration_while_a_statement_reads_is_refused(void **state)
{
    (void)state;
    char path[512];
    snprintf(path, sizeof path, "%s", old_database("0.1.0"));
    ct_buf before = files_read(path);
    sqlite3 *db = harness_open_file(path);
    assert_query(db, "SELECT cloudtrail_init() FROM rule",
                 "error: cloudtrail_init(): the table cloudtrail_digest must be made anew, but a"
                 " statement of this connection is reading: call cloudtrail_init() on its own");
    assert_as_it_was(path, &before);
    assert_query(db, "SELECT cloudtrail_init()", upgraded);
    ct_buf_free(&before);
    harness_close(db);
}

static void test_migration_in_the_callers_transaction(void **state)
{
    (void)state;
    char path[512];
    snprintf(path, sizeof path, "%s", old_database("0.1.0"));
    ct_buf before = files_read(path);
    sqlite3 *db = harness_open_file(path);
    assert_query(db, "BEGIN; SELECT cloudtrail_init(); ROLLBACK", upgraded);
    assert_as_it_was(path, &before);
    assert_query(db, "BEGIN; SELECT cloudtrail_init(); COMMIT", upgraded);
    assert_query(db, "SELECT cloudtrail_init()", up_to_date);
    ct_buf_free(&before);
    harness_close(db);
}

/* ---- no memory ------------------------------------------------------------------------------ */

typedef enum shortage {
    ANY_ALLOCATION, /* the n-th allocation, of SQLite's or ours, and all after it are refused */
    OUR_ALLOCATION, /* the same of ours alone */
    HEAP_LIMIT      /* SQLite may have n bytes more than it has */
} shortage;

static void begin_shortage(shortage kind, long n)
{
    if (kind == ANY_ALLOCATION)
        ct_mem_fail_after(n);
    else if (kind == OUR_ALLOCATION)
        ct_mem_fail_ours_after(n);
    else
        sqlite3_hard_heap_limit64(sqlite3_memory_used() + n);
}

static void end_shortage(void)
{
    ct_mem_fail_after(-1);
    sqlite3_hard_heap_limit64(0);
}

/* True when there was enough. */
static bool run_without_memory(const char *pragma, shortage kind, long n)
{
    char path[512];
    snprintf(path, sizeof path, "%s", old_database("0.1.0"));
    ct_buf before = files_read(path);
    sqlite3 *db = harness_open_file(path);
    harness_exec(db, pragma);
    sqlite3_stmt *stmt;
    assert_int_equal(sqlite3_prepare_v2(db, "SELECT cloudtrail_init()", -1, &stmt, NULL),
                     SQLITE_OK);
    begin_shortage(kind, n);
    int rc = sqlite3_step(stmt);
    end_shortage();
    bool is_done = rc == SQLITE_ROW;
    if (is_done)
        assert_string_equal((const char *)sqlite3_column_text(stmt, 0), upgraded);
    else if (rc != SQLITE_NOMEM)
        fail_msg("%s, shortage %d, %ld: %s", pragma, (int)kind, n, sqlite3_errmsg(db));
    sqlite3_finalize(stmt);
    /* Once SQLite itself has run out, within a call, it prepares no statement any more; and behind a
     * CREATE INDEX it must, also ROLLBACK. */
    if (!sqlite3_get_autocommit(db)) {
        if (kind == OUR_ALLOCATION)
            fail_msg("%s, shortage %d, %ld: a transaction is left open", pragma, (int)kind, n);
        harness_exec(db, "ROLLBACK");
    }
    harness_close(db);
    if (!is_done) {
        assert_as_it_was(path, &before);
    }
    ct_buf_free(&before);
    return is_done;
}

static void test_migration_no_memory_leaves_all_as_it_was(void **state)
{
    (void)state;
    static const char on[] = "PRAGMA foreign_keys = ON", off[] = "PRAGMA foreign_keys = OFF";
    for (long n = 1; !run_without_memory(off, ANY_ALLOCATION, n); n = harness_next(n, 60))
        ;
    for (long n = 1; !run_without_memory(on, ANY_ALLOCATION, n); n = harness_next(n, 30))
        ;
    for (long n = 0; !run_without_memory(off, OUR_ALLOCATION, n); n = harness_next(n, 100))
        ;
    for (long n = 0; !run_without_memory(off, HEAP_LIMIT, n); n += harness_extent(4000, 200000))
        ;
    for (long n = 0; !run_without_memory(on, HEAP_LIMIT, n); n += harness_extent(12000, 600000))
        ;
}

/* ---- columns of the user's ------------------------------------------------------------------ */

static const char *const calls[] = {
    "SELECT cloudtrail_import('data/sample/AWSLogs/444455556666')",
    "SELECT cloudtrail_import('data/sample/AWSLogs/111122223333/CloudTrail-Digest')",
    "SELECT cloudtrail_detect()",
    "SELECT cloudtrail_init()",
};

static void call_all(sqlite3 *db)
{
    for (size_t i = 0; i < sizeof calls / sizeof calls[0]; i++)
        harness_exec(db, calls[i]);
}

static void check_users_columns(const char *format)
{
    const char *path = temp_write("plain.db", "", 0);
    sqlite3 *plain = harness_open_file(path);
    call_all(plain);
    harness_close(plain);

    sqlite3 *db = harness_open_file(temp_write("mine.db", "", 0));
    harness_exec_and_free(db, sqlite3_mprintf("ATTACH %Q AS plain", temp_path("plain.db")));
    harness_exec(db, "SELECT cloudtrail_init()");
    for (size_t i = 0; i < ct_n_sql_texts; i++)
        if (is_table(&ct_sql_texts[i]))
            harness_exec_and_free(db, sqlite3_mprintf(format, ct_sql_texts[i].name));
    call_all(db);
    for (size_t i = 0; i < ct_n_sql_texts; i++) {
        const char *name = ct_sql_texts[i].name;
        if (is_table(&ct_sql_texts[i]))
            old_database_assert_same_rows(db, "plain", name,
                                          strcmp(name, "dash_file") == 0
                                              ? "state" /* importedAt is in it */
                                              : "importedAt,detectedAt,ranAt,seconds",
                                          false);
        char *sql = sqlite3_mprintf("SELECT (SELECT count(*) FROM (SELECT * FROM \"%w\")) ="
                                    " (SELECT count(*) FROM (SELECT * FROM plain.\"%w\"))",
                                    name, name);
        if (is_table(&ct_sql_texts[i]))
            assert_query(db, sql, "1");
        else if (i % (size_t)harness_extent(1, 4) == 0) /* a view: one more statement to make */
            free(harness_query(db, sql));
        sqlite3_free(sql);
    }
    assert_query(db, "SELECT count(*) > 0 FROM alert", "1");
    assert_query(db, "SELECT count(*) > 0 FROM cloudtrail_digest", "1");
    harness_close(db);
}

static void test_a_column_of_the_users_on_every_table_breaks_nothing(void **state)
{
    (void)state;
    check_users_columns("ALTER TABLE \"%w\" ADD COLUMN usersOwn TEXT");
    check_users_columns("ALTER TABLE \"%w\" ADD COLUMN usersOwn INTEGER NOT NULL DEFAULT 7");
}

/* ---- columns of ours that are gone ---------------------------------------------------------- */

/* What is said of a table when it lacks that column: by the table's name before it, or in words of
 * SQLite's that have it. */
static void assert_refused(sqlite3 *db, const char *table, const char *column)
{
    char *got = harness_query(db, "SELECT cloudtrail_init()");
    if (strncmp(got, "error: ", 7) != 0 || !strstr(got, table) || !strstr(got, column))
        fail_msg("%s without %s: %s", table, column, got);
    free(got);
}

static void test_a_column_of_ours_that_is_gone_is_said_at_once(void **state)
{
    (void)state;
    sqlite3 *db = harness_open_ready();
    char *drops = harness_query(db, "SELECT 'DROP VIEW \"' || name || '\";' FROM sqlite_master"
                                    " WHERE type = 'view'");
    harness_exec(db, drops); /* else the views would be changed with the tables */
    free(drops);
    for (size_t i = 0; i < ct_n_sql_texts; i++) {
        const char *table = ct_sql_texts[i].name;
        if (!is_table(&ct_sql_texts[i]))
            continue;
        char *sql = sqlite3_mprintf("SELECT name FROM pragma_table_info(%Q) ORDER BY cid DESC"
                                    " LIMIT 1",
                                    table);
        char *column = harness_query(db, sql);
        sqlite3_free(sql);
        harness_exec_and_free(db, sqlite3_mprintf("BEGIN; ALTER TABLE \"%w\" RENAME COLUMN \"%w\""
                                                  " TO \"users own\"",
                                                  table, column));
        assert_refused(db, strcmp(table, "cloudtrail_schema") == 0 ? "" : table, column);
        harness_exec(db, "ROLLBACK");
        free(column);
    }
    harness_close(db);
}

static void test_migration_names_the_table_that_lacks_a_column(void **state)
{
    (void)state;
    static const struct {
        const char *table, *column;
    } cases[] = {{"cloudtrail_digest", "s3Object"}, {"cloudtrail_file", "format"}};
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        sqlite3 *db = harness_open_file(old_database("0.1.0-init"));
        harness_exec_and_free(db, sqlite3_mprintf("ALTER TABLE %s RENAME COLUMN %s TO other",
                                                  cases[i].table, cases[i].column));
        assert_refused(db, "cloudtrail_digest", cases[i].column); /* whose migration it is */
        harness_close(db);
    }
}

/* A view of the user's that has the name of one of our tables. */
static void test_a_view_in_the_place_of_a_table_must_have_its_columns(void **state)
{
    (void)state;
    sqlite3 *db = harness_open();
    harness_exec(db, "CREATE VIEW tor_exit AS SELECT '192.0.2.1' AS exit");
    assert_query(db, "SELECT cloudtrail_init()",
                 "error: cloudtrail_init(): the table tor_exit is not as this extension makes it:"
                 " no such column: tor_exit.address");
    assert_query(db, "SELECT count(*) FROM sqlite_master", "1");
    harness_exec(db, "DROP VIEW tor_exit; SELECT cloudtrail_init();"
                     "CREATE TABLE my_exit AS SELECT * FROM tor_exit; DROP TABLE tor_exit;"
                     "CREATE VIEW tor_exit AS SELECT * FROM my_exit");
    assert_query(db, "SELECT cloudtrail_init()", "{\"version\":\"" CT_VERSION "\",\"kept\":[]}");
    harness_close(db);
}

/* It is on a table of the user's own: nothing that init may drop. */
static void test_an_index_of_the_users_with_a_name_of_ours_is_refused(void **state)
{
    (void)state;
    sqlite3 *db = harness_open_ready();
    harness_exec(db, "DROP INDEX cloudtrail_event; CREATE TABLE mine (a); CREATE INDEX "
                     "cloudtrail_event ON mine (a)");
    assert_query(db, "SELECT cloudtrail_init()",
                 "error: cloudtrail_init(): the table cloudtrail is not as this extension makes it:"
                 " index cloudtrail_event already exists");
    assert_query(db, "SELECT name, tbl_name FROM sqlite_master WHERE name = 'cloudtrail_event'",
                 "cloudtrail_event|mine");
    harness_close(db);
}

int main(void)
{
    ct_mem_count();
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_migration_says_what_it_did_once),
        cmocka_unit_test(test_migration_comes_with_import_and_detection),
        cmocka_unit_test(test_migration_keeps_all_rows),
        cmocka_unit_test(test_migration_keeps_what_was_deleted_deleted),
        cmocka_unit_test(test_migration_makes_a_dropped_table_whole),
        cmocka_unit_test(test_migration_keeps_the_users_objects),
        cmocka_unit_test(test_migration_keeps_triggers_on_views),
        cmocka_unit_test(test_migration_tells_the_kinds_of_problem),
        cmocka_unit_test(test_migration_rule_parameter_takes_texts),
        cmocka_unit_test(test_migration_makes_what_a_new_database_has),
        cmocka_unit_test(test_migration_of_a_case_gives_the_same_shape),
        cmocka_unit_test(test_migration_leaves_alerts_to_go_on_with),
        cmocka_unit_test(test_migration_every_view_can_be_read),
        cmocka_unit_test(test_migration_interrupted_leaves_all_as_it_was),
        cmocka_unit_test(test_migration_disk_full_leaves_all_as_it_was),
        cmocka_unit_test(test_migration_while_a_statement_reads_is_refused),
        cmocka_unit_test(test_migration_in_the_callers_transaction),
        cmocka_unit_test(test_migration_no_memory_leaves_all_as_it_was),
        cmocka_unit_test(test_a_column_of_the_users_on_every_table_breaks_nothing),
        cmocka_unit_test(test_a_column_of_ours_that_is_gone_is_said_at_once),
        cmocka_unit_test(test_migration_names_the_table_that_lacks_a_column),
        cmocka_unit_test(test_a_view_in_the_place_of_a_table_must_have_its_columns),
        cmocka_unit_test(test_an_index_of_the_users_with_a_name_of_ours_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
