/*
 * cloudtrail_import(): what it makes of log files. The records as JSON1 reads them, the ledger, the
 * problems, duplicates and conflicts, and files that are read again.
 */
#include "harness.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>
#include <utime.h>

#include "expected.h"
#include "faulty_mem.h"
#include "gz.h"
#include "imports.h"
#include "logs.h"
#include "temp.h"

static void assert_sql(sqlite3 *db, const char *expected, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    char *sql = sqlite3_vmprintf(format, args);
    va_end(args);
    assert_query(db, sql, expected);
    sqlite3_free(sql);
}

static const char *write_text(const char *name, const char *text)
{
    return logs_write_text(name, text, strlen(text));
}

/* ---- what digests list ----------------------------------------------------------------------- */

#define LISTED(name) "{\"s3Bucket\":\"b\",\"s3Object\":\"AWSLogs/" name "\"}"
#define DIGEST(files)                                                                              \
    "{\"digestStartTime\":\"2024-05-01T09:00:00Z\",\"digestEndTime\":\"2024-05-01T10:00:00Z\","    \
    "\"logFiles\":[" files "]}"

/* A log file of which an interrupted import has read a part is missing as one that never came. */
static void test_import_missing_files_are_those_not_read_to_their_end(void **state)
{
    (void)state;
    write_text("digest/digest.json",
               DIGEST(LISTED("whole.json.gz") "," LISTED("unpacked.json.gz") "," LISTED(
                   "part.json.gz") "," LISTED("none.json.gz")));
    (void)logs_write("digest/whole.json.gz", 1, 2);
    (void)logs_write("digest/unpacked.json", 3, 2);
    (void)logs_write("digest/part.json.gz", 5, 2);
    static const char missing[] = "SELECT s3Object FROM cloudtrail_missing ORDER BY 1";
    sqlite3 *db = imports_open(":memory:");
    free(imports_run(db, "cloudtrail_import", temp_path("digest")));
    assert_query(db, missing, "AWSLogs/none.json.gz");
    assert_query(db, "UPDATE cloudtrail_file SET complete = 0 WHERE path LIKE '%/part.json.gz'",
                 "");
    assert_query(db, missing, "AWSLogs/none.json.gz\nAWSLogs/part.json.gz");
    free(imports_run(db, "cloudtrail_import", temp_path("digest")));
    assert_query(db, missing, "AWSLogs/none.json.gz");
    harness_close(db);
}

/* ---- against JSON1 -------------------------------------------------------------------------- */

/* Each record that JSON1 finds is a row, or equal to a row, or a problem with its text; and the
 * rows say what the records said. */
static void compare_with_json1(const char *folder, int n_expected)
{
    sqlite3 *db = imports_open(":memory:");
    expected_add_canonical(db);
    expected_load(db, folder);
    assert_sql(db, "1", "SELECT count(*) >= %d FROM expected", n_expected);
    free(imports_run(db, "cloudtrail_import", folder));
    imports_check(db);

    /* The ledger. */
    assert_query(db,
                 "SELECT e.file, e.n, f.records FROM expected_file e LEFT JOIN cloudtrail_file f"
                 " ON f.path = e.file WHERE f.complete IS NOT 1"
                 " OR (e.n IS NOT NULL AND f.records <> e.n)",
                 "");
    assert_query(db, "SELECT count(*) = (SELECT count(*) FROM expected_file) FROM cloudtrail_file",
                 "1");
    assert_query(db,
                 "SELECT path, firstTime, lastTime FROM cloudtrail_file JOIN (SELECT file,"
                 " min(time) AS first, max(time) AS last FROM expected GROUP BY file)"
                 " ON path = file WHERE firstTime IS NOT first OR lastTime IS NOT last",
                 "");

    /* The rows. */
    assert_query(db,
                 "CREATE TEMP TABLE record AS SELECT c.rowid AS row, r.* FROM cloudtrail c JOIN"
                 " cloudtrail_record r ON r.fileID = c.fileID AND r.recordNumber = c.recordNumber;"
                 "CREATE UNIQUE INDEX temp.record_file ON record (fileID, recordNumber);"
                 "CREATE UNIQUE INDEX temp.record_row ON record (row)",
                 "");
    assert_query(db, "SELECT (SELECT count(*) FROM record) - (SELECT count(*) FROM cloudtrail)",
                 "0");
    assert_query(db,
                 "SELECT e.file, e.number, r.json, e.json FROM expected e JOIN cloudtrail_file f"
                 " ON f.path = e.file JOIN record r ON r.fileID = f.fileID AND r.recordNumber ="
                 " e.number WHERE r.json <> e.json AND canonical(r.json) IS NOT canonical(e.json)",
                 "");
    assert_query(db,
                 "CREATE TEMP TABLE left_over AS SELECT e.*, json_extract(json, '$.eventID') AS id,"
                 " f.fileID FROM expected e JOIN cloudtrail_file f ON f.path = e.file WHERE"
                 " NOT EXISTS (SELECT 1 FROM record r WHERE r.fileID = f.fileID AND"
                 " r.recordNumber = e.number)",
                 "");
    /* What has no row is a duplicate: equal to the row of its time and id ... */
    assert_query(db,
                 "CREATE TEMP TABLE other AS SELECT l.* FROM left_over l LEFT JOIN cloudtrail c"
                 " ON c.eventTime = l.time AND c.eventID = l.id LEFT JOIN record r"
                 " ON r.row = c.rowid"
                 " WHERE r.json IS NOT l.json AND canonical(r.json) IS NOT canonical(l.json)",
                 "");
    assert_query(db,
                 "SELECT sum(duplicates) = (SELECT count(*) FROM left_over) -"
                 " (SELECT count(*) FROM other) FROM cloudtrail_file"
                 " WHERE path IN (SELECT file FROM expected_file WHERE n IS NOT NULL)",
                 "1");
    /* ... or a problem row with its text: no time, or another event under its time and id. */
    assert_query(db,
                 "SELECT o.file, o.number FROM other o LEFT JOIN cloudtrail_problem p"
                 " ON p.fileID = o.fileID AND p.recordNumber = o.number"
                 " WHERE p.message IS NOT iif(o.time IS NULL, 'no eventTime',"
                 " 'another event with this eventTime and eventID is there already')"
                 " OR canonical(p.text) IS NOT canonical(o.json)",
                 "");
    /* Once more adds nothing. */
    char *before = imports_dump(db);
    char *again = imports_run(db, "cloudtrail_import", folder);
    assert_non_null(strstr(again, "\"files\":0,"));
    assert_non_null(strstr(again, "\"events\":0,\"duplicates\":0,\"problems\":0"));
    char *after = imports_dump(db);
    assert_string_equal(before, after);
    free(before);
    free(again);
    free(after);
    harness_close(db);
}

static void test_import_equals_json1_on_the_sample(void **state)
{
    (void)state;
    compare_with_json1("data/sample", 2074);
}

static void test_import_equals_json1_on_real_logs(void **state)
{
    (void)state;
    if (!harness_shared()) {
        printf("skipped: the real logs (../shared/data) are not there\n");
        skip();
    }
    if (harness_is_long())
        compare_with_json1("../shared/data", 5000);
    else
        compare_with_json1("../shared/data/traildiscover", 250);
}

/* However it is cut into transactions, the tables are the same. */
static void test_import_in_small_steps_is_the_same(void **state)
{
    (void)state;
    const char *folder = harness_shared() && harness_is_long() ? "../shared/data" : "data/sample";
    sqlite3 *db = imports_open(":memory:"), *small = imports_open(":memory:");
    char *summary = imports_run(db, "cloudtrail_import", folder);
    char *small_summary = imports_run(small, "import_small", folder);
    assert_string_equal(summary, small_summary);
    char *dump = imports_dump(db), *small_dump = imports_dump(small);
    assert_string_equal(dump, small_dump);
    imports_check(small);
    free(summary);
    free(small_summary);
    free(dump);
    free(small_dump);
    harness_close(db);
    harness_close(small);
}

/* ---- the summary ---------------------------------------------------------------------------- */

static void test_import_summary(void **state)
{
    (void)state;
    const char *path = logs_write("summary.json.gz", 1, 5);
    sqlite3 *db = imports_open(":memory:");
    char *sql =
        sqlite3_mprintf("SELECT json_type(s), json_extract(s, '$.database'),"
                        " (SELECT group_concat(key) FROM json_each(s)),"
                        " json_type(s, '$.seconds') FROM (SELECT cloudtrail_import(%Q) AS s)",
                        path);
    assert_query(
        db, sql,
        "object|:memory:|database,files,skipped,ignored,events,duplicates,problems,conflicts,notes,"
        "seconds|real");
    sqlite3_free(sql);
    assert_import(db, path,
                  "\"files\":0,\"skipped\":1,\"events\":0,\"duplicates\":0,\"problems\":0");
    harness_close(db);

    db = imports_open(temp_path("summary.db"));
    assert_sql(db, "1",
               "SELECT json_extract(cloudtrail_import(%Q), '$.database') LIKE '/%%/summary.db'",
               path);
    assert_query(db, "DROP VIEW cloudtrail_record; CREATE VIEW cloudtrail_record AS SELECT 1", "");
    assert_import(db, path,
                  "\"files\":0,\"skipped\":1,\"events\":0,\"duplicates\":0,\"problems\":0,"
                  "\"kept\":[\"cloudtrail_record\"]");
    harness_close(db);
}

static void test_import_errors(void **state)
{
    (void)state;
    (void)mkdir(temp_path("empty"), 0777);
    static const struct {
        const char *path, *error;
    } cases[] = {
        {"NULL", "a path is needed: cloudtrail_import('logs/')"},
        {"''", "the path is empty"},
        {"'no/such/folder'", "no/such/folder: no such file or folder"},
        {"'no/*.gz'", "no/*.gz: no file fits the pattern"},
        {"'~/logs'", "~/logs: SQL does not expand ~, write the folder's full path"},
        {"'s3://trail'", "this reads files, not buckets; fetch them first:"
                         " aws s3 sync s3://trail logs/ --exclude '*' --include '*/CloudTrail*/*' "
                         "--include 'CloudTrail*/*'"},
    };
    sqlite3 *db = imports_open(":memory:");
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        char *error = sqlite3_mprintf("error: cloudtrail_import(): %s", cases[i].error);
        assert_sql(db, error, "SELECT cloudtrail_import(%s)", cases[i].path);
        sqlite3_free(error);
    }
    const char *empty = temp_path("empty");
    char *error = sqlite3_mprintf("error: cloudtrail_import(): %s: no file in this folder", empty);
    assert_sql(db, error, "SELECT cloudtrail_import(%Q)", empty);
    sqlite3_free(error);
    assert_query(db, "SELECT cloudtrail_import()",
                 "error: wrong number of arguments to function cloudtrail_import()");
    /* None of them has left anything behind. */
    assert_query(db, "SELECT count(*) FROM sqlite_master; PRAGMA page_count", "0\n0");
    assert_true(sqlite3_get_autocommit(db));
    harness_close(db);
}

/* ---- duplicates and conflicts --------------------------------------------------------------- */

#define EVENT(more)                                                                                \
    "{\"eventTime\":\"2024-05-14T09:05:00Z\",\"eventID\":\"e-1\",\"eventName\":"                   \
    "\"ListUsers\"," more "\"requestParameters\":{\"a\":1,\"b\":[1,2]}}"
#define IN_A_STRING                                                                                \
    "{\\\"eventTime\\\":\\\"2024-05-14T09:05:00Z\\\",\\\"eventID\\\":\\\"e-1\\\","                 \
    "\\\"eventName\\\":\\\"ListUsers\\\",\\\"requestParameters\\\":{\\\"a\\\":1,\\\"b\\\":[1,2]}}"

static void test_import_the_same_event_in_any_form_is_one_row(void **state)
{
    (void)state;
    write_text("forms/01.json", "{\"Records\":[" EVENT("") "]}");
    write_text("forms/02.json.gz", "{\"Records\":[" EVENT("") "," EVENT("") "]}");
    write_text("forms/03.json", "[" EVENT("") "]");
    write_text("forms/04.json", EVENT("") "\r\n" EVENT("") "\n");
    write_text("forms/05.json", "\xEF\xBB\xBF" EVENT(""));
    write_text("forms/06.json",
               "{\"version\":\"0\",\"detail-type\":\"AWS API Call via CloudTrail\","
               "\"detail\":" EVENT("") "}");
    write_text("forms/07.json", "{\"Events\":[{\"EventId\":\"e-1\",\"EventTime\":1715677500.0,"
                                "\"CloudTrailEvent\":\"" IN_A_STRING "\"}]}");
    write_text("forms/08.json", "{\"EventId\":\"e-1\",\"CloudTrailEvent\":\"" IN_A_STRING "\"}\n");
    write_text("forms/09.json", "[{\"aws\":{\"cloudtrail\":" EVENT("") "}}]");
    /* Key order, white space, escapes, the spelling of numbers, and null for absent. */
    write_text("forms/10.json", "{ \"requestParameters\" : { \"b\" : [ 1.0 , 2 ] , \"a\" : 1e0 },\n"
                                "\"eventName\":\"List\\u0055sers\",\"eventID\":\"e-1\","
                                "\"errorCode\":null,\"userIdentity\":null,\"unheardOf\":null,"
                                "\"eventTime\":\"2024-05-14T09:05:00Z\"}");
    sqlite3 *db = imports_open(":memory:");
    assert_import(db, temp_path("forms"),
                  "\"files\":10,\"skipped\":0,\"events\":1,\"duplicates\":11,\"problems\":0");
    assert_query(db,
                 "SELECT format, records, events, duplicates FROM cloudtrail_file ORDER BY path",
                 "records|1|1|0\ngzip records|2|0|2\narray|1|0|1\nndjson|2|0|2\nndjson|1|0|1\n"
                 "eventbridge|1|0|1\nlookup-events|1|0|1\nlookup-events|1|0|1\nopensearch|1|0|1\n"
                 "ndjson|1|0|1");
    imports_check(db);
    harness_close(db);
}

static void test_import_another_event_under_the_same_id_is_kept_as_a_problem(void **state)
{
    (void)state;
    static const char *const others[] = {
        EVENT("\"errorCode\":\"AccessDenied\","),
        EVENT("\"unheardOf\":1,"),
        EVENT("\"readOnly\":true,"),
        EVENT("\"additionalEventData\":{\"a\":1},"),
        EVENT("\"userIdentity\":{\"type\":\"Root\"},"),
    };
    ct_buf text = CT_BUF_EMPTY;
    ct_buf_put_text(&text, EVENT("") "\n");
    for (size_t i = 0; i < sizeof others / sizeof others[0]; i++) {
        ct_buf_put_text(&text, others[i]);
        ct_buf_put_char(&text, '\n');
    }
    /* The same id at another time is another event. */
    ct_buf_put_text(
        &text,
        "{\"eventTime\":\"2024-05-14T09:05:01Z\",\"eventType\":\"T\",\"eventID\":\"e-1\"}\n");
    const char *path = temp_write("conflicts.json", text.data, text.len);
    ct_buf_free(&text);
    sqlite3 *db = imports_open(":memory:");
    expected_add_canonical(db);
    assert_import(db, path,
                  "\"files\":1,\"skipped\":0,\"events\":2,\"duplicates\":0,\"problems\":0,"
                  "\"conflicts\":5");
    assert_query(db, "SELECT eventName, errorCode FROM cloudtrail ORDER BY eventTime",
                 "ListUsers|NULL\nNULL|NULL");
    for (size_t i = 0; i < sizeof others / sizeof others[0]; i++)
        assert_sql(db, "1",
                   "SELECT canonical(text) = canonical(%Q) AND message ="
                   " 'another event with this eventTime and eventID is there already'"
                   " FROM cloudtrail_problem WHERE recordNumber = %d",
                   others[i], (int)i + 2);
    imports_check(db);
    harness_close(db);
}

/* Only how a value is written, or {} where nothing stood. */
static void test_import_spelling_is_no_conflict(void **state)
{
#define SPELLED(time, more)                                                                        \
    "{\"eventTime\":\"2024-05-14T09:05:00" time "\",\"eventID\":\"e-1\",\"eventName\":"            \
    "\"ListUsers\"" more "}\n"
#define SESSION(date)                                                                              \
    ",\"readOnly\":true,\"userIdentity\":{\"sessionContext\":{\"attributes\":{"                    \
    "\"creationDate\":\"2024-05-14T09:00:00" date "\",\"mfaAuthenticated\":\"true\"}}}"
    (void)state;
    sqlite3 *db = imports_open(":memory:");
    const char *path =
        write_text("spelling.json", SPELLED("Z", SESSION("Z")) SPELLED(".000Z", SESSION("Z"))
                                        SPELLED("Z", SESSION(".000Z"))
                                            SPELLED("+00:00", SESSION("Z") ",\"resources\":{}"
                                                                           ",\"tlsDetails\":{}"));
    assert_import(db, path,
                  "\"files\":1,\"skipped\":0,\"events\":1,\"duplicates\":3,\"problems\":0");
    path = write_text("spelled.json",
                      SPELLED("Z", ",\"readOnly\":\"true\",\"userIdentity\":{\"sessionContext\":{"
                                   "\"attributes\":{\"creationDate\":\"2024-05-14T09:00:00Z\","
                                   "\"mfaAuthenticated\":true}}}"));
    assert_import(db, path,
                  "\"files\":1,\"skipped\":0,\"events\":0,\"duplicates\":1,\"problems\":0");
    path = write_text("other.json", SPELLED("Z", SESSION("Z") ",\"tlsDetails\":{\"x\":{}}")
                                        SPELLED("Z", SESSION("Z") ",\"x\":\"\\u0000\""));
    assert_import(db, path,
                  "\"files\":1,\"skipped\":0,\"events\":0,\"duplicates\":1,\"problems\":0,"
                  "\"conflicts\":1");
    imports_check(db);
    harness_close(db);
}

/* Sentinel's TimeGenerated may be the time of ingestion: then one event is two rows. */
/* Fields of two records with one time and id, as docs/import.md compares them: key order, white space,
 * nulls, `.000Z`, "true" for true and {} for an absent field make no difference; all else does. */
static void test_import_what_is_a_duplicate_and_what_a_conflict(void **state)
{
    static const struct {
        const char *a, *b;
        bool same;
    } pairs[] = {
        {"", ",\"requestParameters\":{}", true},
        {"", ",\"requestParameters\":null", true},
        {"", ",\"requestParameters\":[]", false},
        {"", ",\"requestParameters\":{\"a\":1}", false},
        {",\"requestParameters\":{\"a\":1,\"b\":[1,{}]}",
         ",\"requestParameters\":{ \"b\" : [ 1, {} ], \"a\": 1}", true},
        {",\"requestParameters\":{\"a\":1}", ",\"requestParameters\":{\"a\":\"1\"}", false},
        {",\"requestParameters\":{\"a\":[1]}", ",\"requestParameters\":{\"a\":{}}", false},
        {",\"requestParameters\":{\"a\":{}}", ",\"requestParameters\":{\"a\":[]}", false},
        {",\"requestParameters\":{\"a\":[]}", ",\"requestParameters\":{\"a\":7}", false},
        {",\"requestParameters\":{\"a\":[1,2]}", ",\"requestParameters\":{\"a\":[1]}", false},
        {",\"requestParameters\":{\"a\":[1,2]}", ",\"requestParameters\":{\"a\":[2,1]}", false},
        {",\"requestParameters\":{\"a\":true}", ",\"requestParameters\":{\"a\":false}", false},
        {",\"requestParameters\":{\"\\u0061\":\"\\u0062\"}", ",\"requestParameters\":{\"a\":\"b\"}",
         true},
        {",\"requestParameters\":{\"\":\"\"}", ",\"requestParameters\":{\"\":\"x\"}", false},
        {"", ",\"errorMessage\":\"\"", false},
        {"", ",\"errorMessage\":null", true},
        {",\"errorMessage\":\"a\"", ",\"errorMessage\":\"b\"", false},
        {",\"readOnly\":true", ",\"readOnly\":\"true\"", true},
        {",\"readOnly\":true", ",\"readOnly\":false", false},
        {",\"readOnly\":true", "", false},
        {",\"userIdentity\":{\"sessionContext\":{\"attributes\":{\"creationDate\":\"2024-05-14T09:"
         "00:00Z\"}}}",
         ",\"userIdentity\":{\"sessionContext\":{\"attributes\":{\"creationDate\":\"2024-05-14T09:"
         "00:00.000Z\"}}}",
         true},
        {",\"userIdentity\":{\"sessionContext\":{\"attributes\":{\"creationDate\":\"2024-05-14T09:"
         "00:00Z\"}}}",
         ",\"userIdentity\":{\"sessionContext\":{\"attributes\":{\"creationDate\":\"2024-05-14T09:"
         "00:01Z\"}}}",
         false},
        {",\"userIdentity\":{\"sessionContext\":{\"attributes\":{\"creationDate\":\"then\"}}}",
         ",\"userIdentity\":{\"sessionContext\":{\"attributes\":{\"creationDate\":\"now\"}}}",
         false},
        {"", ",\"userIdentity\":{\"sessionContext\":{}}", true},
        {"", ",\"userIdentity\":{\"other\":{}}", true},
        {"", ",\"userIdentity\":{\"other\":{\"a\":1}}", false},
        {"", ",\"other\":null", true},
        {"", ",\"other\":1", false},
        {",\"other\":[1, 2]", ",\"other\":[1,2]", true},
        {",\"other\":1,\"another\":2", ",\"another\":2,\"other\":1", true},
        {",\"other\":1,\"another\":2", ",\"another\":1,\"other\":2", false},
    };
    (void)state;
    for (size_t i = 0; i < 2 * sizeof pairs / sizeof pairs[0]; i++) {
        const char *a = i % 2 ? pairs[i / 2].b : pairs[i / 2].a;
        const char *b = i % 2 ? pairs[i / 2].a : pairs[i / 2].b;
        ct_buf text = CT_BUF_EMPTY;
        for (int k = 0; k < 2; k++)
            ct_buf_printf(&text,
                          "{\"eventVersion\":\"1.08\",\"eventTime\":\"2024-05-14T09:05:12Z\","
                          "\"eventID\":\"e\",\"eventName\":\"X\"%s}\n",
                          k ? b : a);
        sqlite3 *db = imports_open_ready();
        free(imports_run(db, "cloudtrail_import", temp_write("pair.json", text.data, text.len)));
        char *got =
            harness_query(db, "SELECT events || duplicates || problems FROM cloudtrail_file");
        if (strcmp(got, pairs[i / 2].same ? "110" : "101") != 0)
            fail_msg("%s%s", text.data, got);
        free(got);
        harness_close(db);
        ct_buf_free(&text);
    }
}

static void test_import_one_id_under_two_times_is_a_note(void **state)
{
    (void)state;
    write_text("two/a.json", EVENT(""));
    write_text("two/b.csv", "\"TimeGenerated [UTC]\",AwsEventId,EventSource,EventName\n"
                            "\"5/18/2024, 11:40:00.000 AM\",e-1,iam.amazonaws.com,ListUsers\n");
    sqlite3 *db = imports_open(":memory:");
    assert_import(
        db, temp_path("two"),
        "\"files\":2,\"skipped\":0,\"events\":2,\"duplicates\":0,\"problems\":0,\"notes\":1");
    write_text("two/c.json", "{\"eventTime\":\"2024-05-14T09:05:01Z\",\"eventName\":\"X\"}");
    assert_import(db, temp_path("two"),
                  "\"files\":1,\"skipped\":2,\"events\":1,\"duplicates\":0,\"problems\":0");
    assert_query(db, "SELECT kind, recordNumber, message, text FROM cloudtrail_problem",
                 "note|1|this eventID stands under another eventTime, too|e-1");
    imports_check(db);
    harness_close(db);
}

static void test_import_events_without_id_are_never_merged(void **state)
{
    (void)state;
    ct_buf text = CT_BUF_EMPTY;
    for (int i = 0; i < 3; i++) {
        logs_put_record(&text, -5, "");
        ct_buf_put_char(&text, '\n');
        logs_put_record(&text, -5, ",\"eventID\":null");
        ct_buf_put_char(&text, '\n');
        logs_put_record(&text, -5, ",\"eventID\":\"\"");
        ct_buf_put_char(&text, '\n');
    }
    temp_write("no_id/a.json", text.data, text.len);
    const char *path = temp_write("no_id/b.json", text.data, text.len);
    ct_buf_free(&text);
    sqlite3 *db = imports_open(":memory:");
    const char *none = "\"files\":0,\"skipped\":2,\"events\":0,\"duplicates\":0,\"problems\":0";
    assert_import(db, temp_path("no_id"),
                  "\"files\":2,\"skipped\":0,\"events\":18,\"duplicates\":0,\"problems\":0");
    assert_import(db, temp_path("no_id"), none);
    /* Read again they are not doubled either. */
    assert_int_equal(utime(path, &(struct utimbuf){.modtime = 1000000}), 0);
    assert_import(db, temp_path("no_id"),
                  "\"files\":1,\"skipped\":1,\"events\":9,\"duplicates\":0,\"problems\":0");
    assert_query(db, "SELECT count(*), sum(eventID IS NULL) FROM cloudtrail", "18|18");
    imports_check(db);
    harness_close(db);
}

/* ---- files that are read again -------------------------------------------------------------- */

/* Rewrites a file with other times, so that it counts as changed. */
static const char *rewrite(const char *name, const char *text)
{
    static time_t modified = 1000000000;
    const char *path = write_text(name, text);
    assert_int_equal(utime(path, &(struct utimbuf){.modtime = modified++}), 0);
    return path;
}

#define LINE(id, name)                                                                             \
    "{\"eventTime\":\"2024-05-14T09:05:0" id "Z\",\"eventID\":\"e-" id "\",\"eventName\":\"" name  \
    "\"}\n"
#define NO_ID(name) "{\"eventTime\":\"2024-05-14T09:05:00Z\",\"eventName\":\"" name "\"}\n"

static void test_import_a_changed_file_is_read_again(void **state)
{
    (void)state;
    sqlite3 *db = imports_open(":memory:");
    const char *path = rewrite("live.json", LINE("1", "A") LINE("2", "B") NO_ID("N") "{bad\n");
    assert_import(db, path,
                  "\"files\":1,\"skipped\":0,\"events\":3,\"duplicates\":0,\"problems\":1");
    /* Appended. */
    rewrite("live.json",
            LINE("1", "A") LINE("2", "B") NO_ID("N") "{bad\n" LINE("3", "C") NO_ID("M"));
    assert_import(db, path,
                  "\"files\":1,\"skipped\":0,\"events\":3,\"duplicates\":0,\"known\":2,"
                  "\"problems\":1");
    assert_query(db, "SELECT records, events, duplicates, problems FROM cloudtrail_file",
                 "6|5|0|1");
    assert_query(db,
                 "SELECT group_concat(eventName) FROM (SELECT eventName FROM cloudtrail"
                 " ORDER BY eventTime, eventName)",
                 "M,N,A,B,C");
    imports_check(db);
    /* Mended and one record changed: the change is evidence, and what stood there first stays. */
    rewrite("live.json", LINE("1", "A") LINE("2", "X") LINE("4", "D"));
    assert_import(
        db, path,
        "\"files\":1,\"skipped\":0,\"events\":1,\"duplicates\":0,\"known\":1,\"problems\":0,"
        "\"conflicts\":1");
    assert_query(db,
                 "SELECT group_concat(eventName) FROM (SELECT eventName FROM cloudtrail"
                 " ORDER BY eventTime, eventName)",
                 "A,B,C,D");
    assert_query(db,
                 "SELECT recordNumber, json_extract(text, '$.eventName') FROM cloudtrail_problem",
                 "2|X");
    assert_query(db, "SELECT records, events + duplicates, problems FROM cloudtrail_file", "3|2|1");
    /* Shrunk to nothing: the rows stay. */
    rewrite("live.json", "");
    assert_import(db, path,
                  "\"files\":1,\"skipped\":0,\"events\":0,\"duplicates\":0,\"problems\":0");
    assert_query(db, "SELECT count(*) FROM cloudtrail; SELECT count(*) FROM cloudtrail_problem",
                 "4\n0");
    assert_import(db, path,
                  "\"files\":0,\"skipped\":1,\"events\":0,\"duplicates\":0,\"problems\":0");
    assert_query(db, "SELECT count(*), max(complete) FROM cloudtrail_file", "1|1");
    harness_close(db);
}

static void test_import_a_file_left_half_read_is_read_again(void **state)
{
    (void)state;
    sqlite3 *db = imports_open(":memory:");
    const char *path = rewrite("half.json", LINE("1", "A") NO_ID("N") LINE("2", "B") "{bad\n");
    assert_import(db, path,
                  "\"files\":1,\"skipped\":0,\"events\":3,\"duplicates\":0,\"problems\":1");
    char *whole = imports_dump(db);
    assert_query(db,
                 "DELETE FROM cloudtrail WHERE recordNumber = 3; DELETE FROM cloudtrail_problem;"
                 "UPDATE cloudtrail_file SET complete = 0, records = 2, events = 2, problems = 0",
                 "");
    assert_import(db, path,
                  "\"files\":1,\"skipped\":0,\"events\":2,\"duplicates\":0,\"known\":1,"
                  "\"problems\":1");
    char *again = imports_dump(db);
    assert_string_equal(again, whole);
    imports_check(db);
    free(whole);
    free(again);
    harness_close(db);
}

static void test_import_a_file_that_has_gone_stays_in_the_ledger(void **state)
{
    (void)state;
    sqlite3 *db = imports_open(":memory:");
    const char *path = logs_write("gone/a.json", 1, 2);
    logs_write("gone/b.json", 5, 2);
    assert_import(db, temp_path("gone"),
                  "\"files\":2,\"skipped\":0,\"events\":4,\"duplicates\":0,\"problems\":0");
    assert_int_equal(unlink(path), 0);
    assert_import(db, temp_path("gone"),
                  "\"files\":0,\"skipped\":1,\"events\":0,\"duplicates\":0,\"problems\":0");
    assert_query(db, "SELECT count(*), sum(complete) FROM cloudtrail_file", "2|2");
    harness_close(db);
}

/* What cannot be read stands in the ledger, and is tried again each time. */
static void test_import_unreadable_things_are_named_and_tried_again(void **state)
{
    (void)state;
    logs_write("odd/a.json", 1, 3);
    assert_int_equal(mkfifo(temp_path("odd/b_fifo"), 0600), 0);
    assert_int_equal(symlink(".", temp_path("odd/c_loop")), 0);
    assert_int_equal(symlink("nowhere", temp_path("odd/d_dangling")), 0);
    assert_int_equal(symlink("/dev/zero", temp_path("odd/e_device")), 0);
    sqlite3 *db = imports_open(":memory:");
    assert_import(db, temp_path("odd"),
                  "\"files\":5,\"skipped\":0,\"events\":3,\"duplicates\":0,\"problems\":4");
    const char *problems =
        "b_fifo|0|is no regular file\nc_loop|0|is a link back to a folder above it\n"
        "d_dangling|0|no such file or folder\ne_device|0|is no regular file";
    const char *list = "SELECT substr(path, instr(path, 'odd/') + 4), complete, message"
                       " FROM cloudtrail_problem JOIN cloudtrail_file USING (fileID)"
                       " WHERE recordNumber IS NULL ORDER BY path";
    assert_query(db, list, problems);
    assert_import(db, temp_path("odd"),
                  "\"files\":4,\"skipped\":1,\"events\":0,\"duplicates\":0,\"problems\":4");
    assert_query(db, list, problems);
    /* Once it can be read, it is. */
    assert_int_equal(unlink(temp_path("odd/d_dangling")), 0);
    logs_write("odd/d_dangling", 10, 1);
    assert_import(db, temp_path("odd"),
                  "\"files\":4,\"skipped\":1,\"events\":1,\"duplicates\":0,\"problems\":3");
    imports_check(db);
    harness_close(db);
}

/* ---- hostile content ------------------------------------------------------------------------ */

/* A file has one path, also where the folder it is in was reached by a link. */
static void test_import_a_file_behind_a_link_is_the_file_itself(void **state)
{
    (void)state;
    ct_buf text = CT_BUF_EMPTY;
    logs_put_record(&text, -1, "");
    temp_write("linked/real/x.json", text.data, text.len);
    ct_buf_free(&text);
    assert_int_equal(mkdir(temp_path("linked/logs"), 0755), 0);
    assert_int_equal(symlink("../real", temp_path("linked/logs/2024")), 0);
    assert_int_equal(symlink("../real/x.json", temp_path("linked/logs/x")), 0);
    static const char *const names[] = {"linked/logs", "linked/logs/2024", "linked/real",
                                        "linked/logs/x", "linked"};
    sqlite3 *db = imports_open(":memory:");
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        free(imports_run(db, "cloudtrail_import", temp_path(names[i])));
        assert_query(db, "SELECT count(*), (SELECT count(*) FROM cloudtrail_file) FROM cloudtrail",
                     "1|1");
    }
    harness_close(db);
}

/* The database lies in the folder of the logs, as it does for whoever works there. */
static void test_import_its_own_database_is_no_log(void **state)
{
    (void)state;
    char path[1024];
    logs_write("home/b.json", 1, 3);
    snprintf(path, sizeof path, "%s", temp_path("home/trail.db"));
    sqlite3 *db = imports_open(path);
    for (int round = 0; round < 2; round++)
        assert_import(db, temp_path("home"),
                      round == 0 ? "\"files\":1,\"skipped\":0,\"events\":3,\"duplicates\":0,"
                                   "\"problems\":0"
                                 : "\"files\":0,\"skipped\":1,\"events\":0,\"duplicates\":0,"
                                   "\"problems\":0");
    char *sql = sqlite3_mprintf("SELECT cloudtrail_import(%Q)", path);
    char *expected =
        sqlite3_mprintf("error: cloudtrail_import(): %s: is a database that is open", path);
    assert_query(db, sql, expected);
    sqlite3_free(sql);
    sqlite3_free(expected);
    imports_check(db);
    harness_close(db);
}

static void test_import_odd_records(void **state)
{
    (void)state;
    ct_buf text = CT_BUF_EMPTY;
    /* 1: 300 KB. */
    ct_buf_put_text(
        &text, "{\"eventType\":\"T\",\"eventTime\":\"2024-05-14T09:05:01Z\",\"eventID\":\"large\","
               "\"requestParameters\":{\"policy\":\"");
    for (int i = 0; i < 300 * 1024; i++)
        ct_buf_put_char(&text, (char)('a' + i % 26));
    ct_buf_put_text(&text, "\"}}\n");
    /* 2: a NUL byte in the text; 3: an escaped one; 4: bytes that are not UTF-8. */
    static const char nul[] = "{\"eventTime\":\"2024-05-14T09:05:02Z\",\"eventName\":\"q\0z\"}\n";
    ct_buf_put(&text, nul, sizeof nul - 1);
    ct_buf_put_text(&text, "{\"eventTime\":\"2024-05-14T09:05:03Z\",\"eventID\":\"nul\","
                           "\"eventName\":\"q\\u0000z\",\"userAgent\":\"\\ud800\"}\n");
    ct_buf_put_text(&text, "{\"eventTime\":\"2024-05-14T09:05:04Z\",\"eventID\":\"utf8\","
                           "\"eventName\":\"\xFFq\xC3\"}\n");
    /* 5: a key twice; 6: no time; 7: no object; 8: whole. */
    ct_buf_put_text(&text, "{\"eventTime\":\"2024-05-14T09:05:05Z\",\"eventID\":\"twice\","
                           "\"eventName\":\"first\",\"eventName\":\"second\"}\n");
    ct_buf_put_text(&text, "{\"eventName\":\"timeless\"}\n\"17\"\n");
    ct_buf_put_text(
        &text,
        "{\"eventTime\":\"2024-05-14T09:05:08Z\",\"eventType\":\"T\",\"eventID\":\"last\"}\n");
    const char *path = temp_write("odd_records.json", text.data, text.len);
    ct_buf_free(&text);
    sqlite3 *db = imports_open(":memory:");
    assert_import(
        db, path,
        "\"files\":1,\"skipped\":0,\"events\":5,\"duplicates\":0,\"problems\":3,\"notes\":1");
    assert_query(db, "SELECT recordNumber, eventID, eventName, userAgent FROM cloudtrail",
                 "1|large|NULL|NULL\n3|nul|q\xEF\xBF\xBDz|\xEF\xBF\xBD\n"
                 "4|utf8|\xEF\xBF\xBDq\xEF\xBF\xBD|NULL\n5|twice|first|NULL\n8|last|NULL|NULL");
    assert_query(db,
                 "SELECT length(json_extract(requestParameters, '$.policy')) FROM cloudtrail"
                 " WHERE eventID = 'large'",
                 "307200");
    assert_query(db, "SELECT extra FROM cloudtrail WHERE eventID = 'nul'",
                 "{\"eventName\":\"q\\u0000z\",\"userAgent\":\"\\ud800\"}");
    assert_query(db,
                 "SELECT json_extract(extra, '$.\"$raw\"') LIKE '%first%second%' FROM cloudtrail"
                 " WHERE eventID = 'twice'",
                 "1");
    assert_query(db, "SELECT recordNumber, message FROM cloudtrail_problem ORDER BY 1",
                 "2|control character in a string\n5|a key is repeated\n6|no eventTime\n"
                 "7|a record must be an object");
    imports_check(db);
    harness_close(db);
}

static void test_import_empty_and_damaged_files(void **state)
{
    (void)state;
    ct_buf packed = CT_BUF_EMPTY, text = CT_BUF_EMPTY;
    gz_put(&packed, "", 0);
    temp_write("damaged/empty.gz", packed.data, packed.len);
    temp_write("damaged/empty.json", "", 0);
    for (int i = 0; i < 2000; i++) {
        logs_put_record(&text, i, "");
        ct_buf_put_char(&text, '\n');
    }
    ct_buf_clear(&packed);
    gz_put(&packed, text.data, text.len);
    temp_write("damaged/cut.gz", packed.data, packed.len / 2);
    write_text("damaged/cut.json", "{\"Records\":[" EVENT("") ",{\"eventTime\":\"2024");
    write_text("damaged/other.txt", "Dear diary,\nnothing happened.\n");
    write_text("damaged/zero.json", "[]");
    ct_buf_free(&packed);
    ct_buf_free(&text);
    sqlite3 *db = imports_open(":memory:");
    free(imports_run(db, "cloudtrail_import", temp_path("damaged")));
    assert_query(db,
                 "SELECT substr(path, instr(path, 'damaged/') + 8), format, problems, complete,"
                 " CASE WHEN path LIKE '%cut.gz' THEN events BETWEEN 200 AND 1900 ELSE events END"
                 " FROM cloudtrail_file ORDER BY path",
                 "cut.gz|gzip ndjson|1|1|1\ncut.json|records|1|1|1\nempty.gz|gzip unknown|0|1|0\n"
                 "empty.json|unknown|0|1|0\nother.txt|unknown|1|1|0\nzero.json|array|0|1|0");
    assert_query(
        db, "SELECT message FROM cloudtrail_problem ORDER BY 1",
        "is no CloudTrail log\nthe file ends inside this record\nthe gzip data ends early");
    imports_check(db);
    harness_close(db);
}

/* ---- standard input ------------------------------------------------------------------------- */

/* Small once packed, and made of nothing but faults: its rows are bounded, its
 * faults all counted. */
static void test_import_file_of_faults_has_100000_rows(void **state)
{
    enum { N_FAULTS = 100500 };
    (void)state;
    sqlite3 *db = harness_open();
    ct_buf text = CT_BUF_EMPTY;
    for (int i = 0; i < N_FAULTS; i++)
        ct_buf_put_text(&text, "{\"eventName\":1}\n");
    ct_buf_put_text(&text, "{\"eventTime\":\"2024-05-01T10:00:00Z\",\"eventName\":\"a\"}\n");
    char *sql = sqlite3_mprintf("SELECT json_extract(cloudtrail_import(%Q), '$.problems')",
                                temp_write("faults.json", text.data, text.len));
    assert_query(db, sql, "100500");
    sqlite3_free(sql);
    assert_query(db, "SELECT records, events, problems, complete FROM cloudtrail_file",
                 "100501|1|100500|1");
    assert_query(db,
                 "SELECT message, count(*), min(recordNumber), max(recordNumber)"
                 " FROM cloudtrail_problem GROUP BY message",
                 "no eventTime|100000|1|100000\n"
                 "the file has more problems: from here on they are only counted|1|100001|100001");
    ct_buf_free(&text);
    harness_close(db);
}

static void test_import_standard_input_is_always_read(void **state)
{
    (void)state;
    const char *log = logs_write("stdin.json", 1, 20);
    fflush(NULL);
    pid_t child = fork();
    if (child == 0) {
        sqlite3 *db = imports_open(":memory:");
        for (int i = 0; i < 2; i++) {
            if (!freopen(log, "rb", stdin))
                _exit(2);
            assert_import(
                db, i ? "-" : "/dev/stdin",
                i ? "\"files\":1,\"skipped\":0,\"events\":0,\"duplicates\":20,\"problems\":0"
                  : "\"files\":1,\"skipped\":0,\"events\":20,\"duplicates\":0,\"problems\":0");
        }
        assert_query(db, "SELECT path, events, duplicates, complete FROM cloudtrail_file",
                     "-|20|0|1\n-|0|20|1");
        imports_check(db);
        harness_close(db);
        _exit(0);
    }
    int status;
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_int_equal(status, 0);
}

/* ---- where it goes -------------------------------------------------------------------------- */

static void test_import_goes_into_main_whatever_else_there_is(void **state)
{
    (void)state;
    const char *path = logs_write("main.json", 1, 10);
    sqlite3 *db = imports_open(temp_path("main.db"));
    assert_sql(db, "", "ATTACH %Q AS other", temp_path("other.db"));
    assert_query(
        db,
        "CREATE TABLE other.cloudtrail (x); CREATE TABLE other.cloudtrail_file (x);"
        "CREATE TEMP TABLE cloudtrail (eventTime, eventID, fileID, userAgent);"
        "CREATE TEMP TABLE cloudtrail_file (fileID, path);"
        "CREATE TEMP TABLE cloudtrail_problem (fileID);"
        "CREATE TEMP VIEW cloudtrail_schema AS SELECT 'cloudtrail' AS name, 99e9 AS version",
        "");
    assert_import(db, path,
                  "\"files\":1,\"skipped\":0,\"events\":10,\"duplicates\":0,\"problems\":0");
    assert_import(db, path,
                  "\"files\":0,\"skipped\":1,\"events\":0,\"duplicates\":0,\"problems\":0");
    assert_query(db,
                 "SELECT (SELECT count(*) FROM main.cloudtrail), (SELECT count(*) FROM"
                 " temp.cloudtrail), (SELECT count(*) FROM other.cloudtrail), (SELECT count(*) FROM"
                 " main.cloudtrail_record)",
                 "10|0|0|10");
    assert_query(db, "SELECT count(*) FROM main.sqlite_master WHERE name = 'cloudtrail_event'",
                 "1");
    harness_close(db);
}

static void test_import_another_table_of_that_name_is_refused(void **state)
{
    (void)state;
    sqlite3 *db = imports_open(":memory:");
    assert_query(db, "CREATE TABLE cloudtrail (a, b)", "");
    assert_query(db, "SELECT cloudtrail_import('data/sample')",
                 "error: cloudtrail_import(): the table cloudtrail is not as this extension makes"
                 " it: no such column: cloudtrail.eventTime");
    assert_query(db, "SELECT group_concat(name) FROM sqlite_master", "cloudtrail");
    /* the views read the column: with them SQLite would refuse to rename it */
    assert_query(db, "DROP TABLE cloudtrail; SELECT cloudtrail_init() IS NULL", "0");
    char *drop = harness_query(db, "SELECT group_concat('DROP VIEW ' || name, ';')"
                                   "  FROM sqlite_master WHERE type = 'view'");
    harness_exec(db, drop);
    free(drop);
    harness_exec(db, "ALTER TABLE cloudtrail RENAME COLUMN serviceEventDetails TO details");
    assert_query(db, "SELECT cloudtrail_import('data/sample')",
                 "error: cloudtrail_import(): the table cloudtrail is not as this extension makes"
                 " it: no such column: cloudtrail.serviceEventDetails");
    harness_close(db);
}

static void test_import_into_a_utf16_database_is_the_same(void **state)
{
    (void)state;
    sqlite3 *db = imports_open(":memory:"), *wide = imports_open(":memory:");
    assert_query(wide, "PRAGMA encoding = 'UTF-16le'", "");
    free(imports_run(db, "cloudtrail_import", "data/sample"));
    free(imports_run(wide, "cloudtrail_import", "data/sample"));
    char *dump = imports_dump(db), *wide_dump = imports_dump(wide);
    assert_string_equal(dump, wide_dump);
    free(dump);
    free(wide_dump);
    harness_close(db);
    harness_close(wide);
}

/* ---- size ----------------------------------------------------------------------------------- */

/* Bytes that the process may have taken at most, by what it has taken before: 0 where a sanitizer
 * takes its own. */
static long peak_kilobytes(void)
{
    struct rusage usage;
    getrusage(RUSAGE_SELF, &usage);
    return usage.ru_maxrss;
}

static void import_in_child(const char *path, const char *expected, long max_kilobytes)
{
    fflush(NULL);
    pid_t child = fork();
    if (child == 0) {
        long before = peak_kilobytes();
        sqlite3 *db = imports_open(":memory:");
        assert_import(db, path, expected);
        imports_check(db);
        long taken = peak_kilobytes() - before;
        sqlite3_int64 pages = sqlite3_memory_highwater(0) / 1024; /* the database itself */
        harness_close(db);
        if (taken - pages > max_kilobytes) {
            fprintf(stderr, "%ld KB were taken, SQLite's own %lld KB apart\n", taken - (long)pages,
                    (long long)pages);
            _exit(1);
        }
        _exit(0);
    }
    int status;
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_int_equal(status, 0);
}

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
enum { MAX_KILOBYTES = 10 * 1024 * 1024 };
#else
enum { MAX_KILOBYTES = 64 * 1024 };
#endif

static void test_import_3000_small_files_in_bounded_memory(void **state)
{
    (void)state;
    for (int i = 0; i < 3000; i++) {
        char name[64];
        snprintf(name, sizeof name, "small/%02d/%04d.json", i / 100, i);
        logs_write(name, i * 2, 3); /* one of them is the next file's, too */
    }
    import_in_child(temp_path("small"),
                    "\"files\":3000,\"skipped\":0,\"events\":6001,\"duplicates\":2999,"
                    "\"problems\":0",
                    MAX_KILOBYTES);
}

static void test_import_many_large_files_in_bounded_memory(void **state)
{
    (void)state;
    for (int i = 0; i < 20; i++) {
        char name[64];
        snprintf(name, sizeof name, "large/%02d.json.gz", i);
        logs_write_lines(name, i * 1000, 1000, 3000);
    }
    import_in_child(temp_path("large"),
                    "\"files\":20,\"skipped\":0,\"events\":20000,\"duplicates\":0,\"problems\":0",
                    MAX_KILOBYTES);
}

int main(void)
{
    ct_mem_count();
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_import_missing_files_are_those_not_read_to_their_end),
        cmocka_unit_test(test_import_equals_json1_on_the_sample),
        cmocka_unit_test(test_import_equals_json1_on_real_logs),
        cmocka_unit_test(test_import_in_small_steps_is_the_same),
        cmocka_unit_test(test_import_summary),
        cmocka_unit_test(test_import_errors),
        cmocka_unit_test(test_import_the_same_event_in_any_form_is_one_row),
        cmocka_unit_test(test_import_another_event_under_the_same_id_is_kept_as_a_problem),
        cmocka_unit_test(test_import_spelling_is_no_conflict),
        cmocka_unit_test(test_import_what_is_a_duplicate_and_what_a_conflict),
        cmocka_unit_test(test_import_one_id_under_two_times_is_a_note),
        cmocka_unit_test(test_import_events_without_id_are_never_merged),
        cmocka_unit_test(test_import_a_changed_file_is_read_again),
        cmocka_unit_test(test_import_a_file_left_half_read_is_read_again),
        cmocka_unit_test(test_import_a_file_that_has_gone_stays_in_the_ledger),
        cmocka_unit_test(test_import_unreadable_things_are_named_and_tried_again),
        cmocka_unit_test(test_import_a_file_behind_a_link_is_the_file_itself),
        cmocka_unit_test(test_import_its_own_database_is_no_log),
        cmocka_unit_test(test_import_odd_records),
        cmocka_unit_test(test_import_empty_and_damaged_files),
        cmocka_unit_test(test_import_file_of_faults_has_100000_rows),
        cmocka_unit_test(test_import_standard_input_is_always_read),
        cmocka_unit_test(test_import_goes_into_main_whatever_else_there_is),
        cmocka_unit_test(test_import_another_table_of_that_name_is_refused),
        cmocka_unit_test(test_import_into_a_utf16_database_is_the_same),
        cmocka_unit_test(test_import_3000_small_files_in_bounded_memory),
        cmocka_unit_test(test_import_many_large_files_in_bounded_memory),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
