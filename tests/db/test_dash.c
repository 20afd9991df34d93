/* The tables dash_*: what they hold is what a slow count over the views holds, whatever happened to the
 * events before; and only hours that have changed are counted. */
#include "harness.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "faulty_mem.h"
#include "imports.h"
#include "logs.h"
#include "rng.h"
#include "temp.h"

#define HOUR "substr(c.eventTime, 1, 13) || ':00:00Z'"
#define OF_CALLS " FROM cloudtrail_call AS c JOIN event_identity AS k ON k.event = c.event WHERE "

/* Each table, and the same from the views, by event_identity's who and cloudtrail_call's outcome. */
static const struct {
    const char *table, *counted;
} tables[] = {
    {"dash_event", "SELECT " HOUR ", k.recipientAccountId, ifnull(awsRegion, ''),"
                   " ifnull(eventSource, ''), outcome, readOnly, count(*)" OF_CALLS
                   "1 GROUP BY 1, 2, 3, 4, 5, 6"},
    {"dash_identity",
     "SELECT " HOUR ", k.recipientAccountId, accountName, accountUPNSuffix,"
     " ifnull(userIdentityType, ''), isService, outcome, readOnly, count(*)" OF_CALLS
     "1 GROUP BY 1, 2, 3, 4, 5, 6, 7, 8"},
    {"dash_address",
     "SELECT " HOUR ", k.recipientAccountId, ifnull(sourceIPAddress, ''), isService,"
     " outcome, count(*)" OF_CALLS "1 GROUP BY 1, 2, 3, 4, 5"},
    {"dash_client",
     "SELECT " HOUR ", k.recipientAccountId, ifnull(client, ''),"
     " ifnull(clientVersion, ''), isService, count(*)" OF_CALLS "1 GROUP BY 1, 2, 3, 4, 5"},
    {"dash_signin", "SELECT " HOUR ", k.recipientAccountId, accountName, accountUPNSuffix,"
                    " ifnull(sourceIPAddress, ''), ifnull(eventName, ''), outcome,"
                    " ifnull(json_extract(additionalEventData, '$.MFAUsed'), ''), count(*)" OF_CALLS
                    "eventSource = 'signin.amazonaws.com' GROUP BY 1, 2, 3, 4, 5, 6, 7, 8"},
    {"dash_change",
     "SELECT " HOUR ", k.recipientAccountId, accountName, accountUPNSuffix, isService,"
     " ifnull(eventSource, ''), ifnull(eventName, ''), outcome, count(*)" OF_CALLS
     "readOnly = 0 GROUP BY 1, 2, 3, 4, 5, 6, 7, 8"},
    {"dash_denied",
     "SELECT " HOUR ", k.recipientAccountId, accountName, accountUPNSuffix, isService,"
     " ifnull(eventSource, ''), ifnull(eventName, ''), ifnull(errorCode, ''),"
     " count(*)" OF_CALLS "outcome = 'denied' GROUP BY 1, 2, 3, 4, 5, 6, 7, 8"},
    {"dash_coverage", "SELECT " HOUR ","
                      " coalesce(nullif(recipientAccountId, ''), userIdentityAccountId, ''),"
                      " ifnull(awsRegion, ''), ifnull(eventCategory, ''), count(*)"
                      " FROM cloudtrail AS c GROUP BY 1, 2, 3, 4"},
};

enum { N_TABLES = sizeof tables / sizeof tables[0] };

/* The first row that one of the two has and the other has not; NULL: they are the same. */
static char *find_difference(sqlite3 *db, size_t i)
{
    char *sql = sqlite3_mprintf(
        "SELECT * FROM (SELECT 'too much', * FROM (SELECT * FROM %s EXCEPT %s) LIMIT 1)"
        " UNION ALL SELECT * FROM (SELECT 'missing', * FROM (%s EXCEPT SELECT * FROM %s) LIMIT 1)",
        tables[i].table, tables[i].counted, tables[i].counted, tables[i].table);
    char *rows = harness_query(db, sql);
    sqlite3_free(sql);
    if (*rows != '\0')
        return rows;
    free(rows);
    sql = sqlite3_mprintf("SELECT n, m FROM (SELECT (SELECT count(*) FROM %s) AS n,"
                          " (SELECT count(*) FROM (%s)) AS m) WHERE n <> m",
                          tables[i].table, tables[i].counted);
    rows = harness_query(db, sql);
    sqlite3_free(sql);
    if (*rows != '\0')
        return rows;
    free(rows);
    return NULL;
}

static void assert_counted(sqlite3 *db, int round)
{
    for (size_t i = 0; i < N_TABLES; i++) {
        char *difference = find_difference(db, i);
        if (difference)
            fail_msg("round %d, %s: %s", round, tables[i].table, difference);
    }
}

static void detect(sqlite3 *db)
{
    char *said = harness_query(db, "SELECT cloudtrail_detect()");
    assert_int_equal(*said, '{');
    free(said);
}

/* ---- a random trail -------------------------------------------------------------------------- */

enum { N_EVENTS = 90, N_FILES = 7 };

/* What a record of event i says; its version differs where two files disagree. */
static void put_record(ct_buf *out, int i, int version)
{
    static const char *const identities[] = {
        "\"type\":\"IAMUser\",\"userName\":\"alice\",\"accountId\":\"1\","
        "\"arn\":\"arn:aws:iam::1:user/alice\",\"principalId\":\"AIDA1\"",
        "\"type\":\"AssumedRole\",\"arn\":\"arn:aws:sts::2:assumed-role/admin/bob@example.com\","
        "\"principalId\":\"AROA1:bob@example.com\",\"accountId\":\"2\"",
        "\"type\":\"AWSService\",\"invokedBy\":\"ec2.amazonaws.com\"",
        "\"type\":\"IdentityCenterUser\",\"onBehalfOf\":{\"userId\":\"u-1\"},\"accountId\":\"1\"",
        "\"type\":\"Root\",\"accountId\":\"1\",\"arn\":\"arn:aws:iam::1:root\"",
    };
    static const char *const ends[] = {
        "",
        ",\"readOnly\":true",
        ",\"readOnly\":false",
        ",\"readOnly\":false,\"errorCode\":\"AccessDenied\",\"errorMessage\":\"no\"",
        ",\"readOnly\":true,\"errorCode\":\"Client.UnauthorizedOperation\"",
        ",\"errorCode\":\"ThrottlingException\"",
        ",\"errorMessage\":\"Failed authentication\"",
    };
    static const char *const agents[] = {"", "aws-cli/2.15.60 md/command#s3.ls",
                                         "Boto3/1.28.1 Python/3.9", "[aws-cli/1.2 x]",
                                         "console.amazonaws.com"};
    static const char *const sources[] = {"iam.amazonaws.com", "s3.amazonaws.com",
                                          "signin.amazonaws.com"};
    int h = i * 7 + version * 11;
    ct_buf_put_text(out, "{\"eventVersion\":\"1.09\",\"userIdentity\":{");
    ct_buf_put_text(out, identities[h % 5]);
    ct_buf_printf(out, "},\"eventTime\":\"2024-05-14T%02d:%02d:00Z\"", 1 + i % 6, i % 60);
    ct_buf_printf(out, ",\"eventSource\":\"%s\",\"eventName\":\"Call%d\"", sources[h % 3], h % 4);
    if (i % 10 != 9)
        ct_buf_printf(out, ",\"eventID\":\"id-%d\"", i);
    if (i % 13 == 12)
        ct_buf_put_text(out, ",\"eventCategory\":\"Insight\"");
    if (h % 5 != 0)
        ct_buf_printf(out, ",\"userAgent\":\"%s\"", agents[h % 5]);
    if (h % 4 != 0)
        ct_buf_printf(out, ",\"sourceIPAddress\":\"%s\"",
                      h % 4 == 1   ? "s3.amazonaws.com"
                      : h % 4 == 2 ? "192.0.2.1"
                                   : "192.0.2.2");
    if (h % 3 != 1)
        ct_buf_printf(out, ",\"awsRegion\":\"eu-west-%d\",\"recipientAccountId\":\"%d\"", h % 2,
                      h % 2 + 1);
    if (h % 3 == 2 && h % 2 == 0)
        ct_buf_put_text(out, ",\"additionalEventData\":{\"MFAUsed\":\"Yes\"}");
    ct_buf_put_text(out, ends[(i / 3 + version) % 7]);
    ct_buf_put_char(out, '}');
}

/* The same event where it was exported as CSV: less than the record, which may take its place. */
static void put_row(ct_buf *out, int i)
{
    ct_buf_printf(out, "\"5/14/2024, %d:%02d:00.000 AM\",id-%d,iam.amazonaws.com,Call%d\n",
                  1 + i % 6, i % 60, i, i * 7 % 4);
}

static void write_file(rng *r, int file)
{
    char name[64];
    ct_buf text = CT_BUF_EMPTY;
    bool is_csv = rng_below(r, 4) == 0;
    int version = rng_below(r, 5) == 0;
    snprintf(name, sizeof name, "trail/%d", file);
    ct_buf_put_text(&text, is_csv ? "\"TimeGenerated [UTC]\",AwsEventId,EventSource,EventName\n"
                                  : "{\"Records\":[");
    int first = rng_int_below(r, N_EVENTS), n = 1 + rng_int_below(r, 25),
        step = 1 + rng_int_below(r, 3);
    for (int k = 0, put = 0; k < n; k++) {
        int i = (first + k * step) % N_EVENTS;
        if (is_csv) {
            put_row(&text, i);
        } else {
            if (put++)
                ct_buf_put_char(&text, ',');
            put_record(&text, i, version);
        }
    }
    ct_buf_put_text(&text, is_csv ? "" : "]}");
    assert_true(ct_buf_ok(&text));
    (void)temp_write(name, text.data, text.len);
    ct_buf_free(&text);
}

/* One thing that happens to a database. */
static void happen(sqlite3 *db, rng *r)
{
    char name[64];
    int file = rng_int_below(r, N_FILES);
    snprintf(name, sizeof name, "trail/%d", file);
    char *sql = NULL;
    switch (rng_below(r, 8)) {
    case 0:
    case 1:
    case 2:
    case 3:
        write_file(r, file);
        sql = sqlite3_mprintf("SELECT cloudtrail_import(%Q)", temp_path("trail"));
        break;
    case 4:
    case 5:
        sql = sqlite3_mprintf("SELECT cloudtrail_forget(path) FROM cloudtrail_file"
                              " WHERE path GLOB '*/%q' LIMIT 1",
                              name);
        break;
    case 6:
        sql = sqlite3_mprintf("DELETE FROM cloudtrail WHERE rowid %% 7 = %d", rng_int_below(r, 7));
        break;
    default:
        sql = sqlite3_mprintf("%s", rng_below(r, 2) ? "VACUUM" : "DELETE FROM dash_hour");
        break;
    }
    char *said = harness_query(db, sql);
    if (strncmp(said, "error", 5) == 0)
        fail_msg("%s\n%s", sql, said);
    free(said);
    sqlite3_free(sql);
}

/* What the tables tell apart must have been there to be told apart. */
static const char note_what_is_met[] =
    "CREATE TEMP TABLE IF NOT EXISTS met (what, n);"
    " INSERT INTO met SELECT outcome, 1 FROM dash_event;"
    " INSERT INTO met SELECT 'mfa ' || mfa, 1 FROM dash_signin WHERE mfa <> '';"
    " INSERT INTO met SELECT 'service ' || isService, 1 FROM dash_change;"
    " INSERT INTO met SELECT 'refused', 1 FROM dash_denied;"
    " INSERT INTO met SELECT 'replaced', duplicates FROM cloudtrail_file WHERE format GLOB '*csv*'";

static void test_dash_is_a_full_count_whatever_happened(void **state)
{
    (void)state;
    rng r = {.state = 20241114};
    sqlite3 *db = imports_open(temp_path("dash.db"));
    harness_exec(db, "SELECT cloudtrail_init(); UPDATE rule SET enabled = 0");
    int rounds = harness_extent(600, 40);
    for (int round = 0; round < rounds; round++) {
        for (size_t n = 1 + rng_below(&r, 3); n > 0; n--)
            happen(db, &r);
        detect(db);
        assert_counted(db, round);
        harness_exec(db, note_what_is_met);
    }
    assert_query(db, "SELECT count(*) FROM (SELECT what FROM met GROUP BY 1 HAVING max(n) > 0)",
                 "9");
    harness_close(db);
}

/* ---- which hours ----------------------------------------------------------------------------- */

static void import_record(sqlite3 *db, const char *name, const char *text)
{
    (void)temp_write(name, text, strlen(text));
    free(imports_run(db, "cloudtrail_import", temp_path(name)));
}

#define RECORD(id, hour, name)                                                                     \
    "{\"eventVersion\":\"1\",\"eventID\":\"" id "\",\"eventTime\":\"2024-05-14T" hour              \
    ":00:00Z\",\"eventName\":\"" name "\",\"eventSource\":\"s3.amazonaws.com\"}"

/* A row put into each hour by hand is gone where the hour was counted again. */
#define SPOIL                                                                                      \
    "DELETE FROM dash_event WHERE awsRegion = 'spoiled';"                                          \
    " INSERT INTO dash_event SELECT hour, '', 'spoiled', '', '', 0, 0 FROM dash_hour"
#define NOT_COUNTED "SELECT substr(hour, 12, 2) FROM dash_event WHERE awsRegion = 'spoiled'"

static void test_dash_counts_only_hours_that_changed(void **state)
{
    (void)state;
    sqlite3 *db = imports_open(":memory:");
    import_record(db, "hours/a.json", "[" RECORD("a", "01", "A") "," RECORD("b", "02", "B") "]");
    import_record(db, "hours/b.json", "[" RECORD("c", "03", "C") "," RECORD("d", "05", "D") "]");
    detect(db);
    harness_exec(db, SPOIL);
    detect(db); /* nothing has happened */
    assert_query(db, NOT_COUNTED, "01\n02\n03\n05");
    import_record(db, "hours/c.json", "[" RECORD("e", "02", "E") "]");
    detect(db);
    assert_query(db, NOT_COUNTED, "01\n03\n05");
    harness_exec(db, SPOIL "; DELETE FROM cloudtrail WHERE eventID = 'c'");
    detect(db);
    assert_query(db, NOT_COUNTED, "01\n02\n05");
    harness_exec(db, SPOIL "; SELECT cloudtrail_forget(path) FROM cloudtrail_file"
                           " WHERE path GLOB '*/a.json'");
    detect(db);
    assert_query(db, NOT_COUNTED, "05");
    harness_exec(db, "DELETE FROM dash_event WHERE awsRegion = 'spoiled'");
    assert_counted(db, 0);
    harness_close(db);
}

/* The row keeps its place in the table, its time and its id. */
static void test_dash_a_row_that_was_replaced_is_counted_again(void **state)
{
    (void)state;
    sqlite3 *db = imports_open(":memory:");
    import_record(db, "lossy/a.csv",
                  "\"TimeGenerated [UTC]\",AwsEventId,EventSource,EventName\n"
                  "\"5/14/2024, 1:00:00.000 AM\",a,s3.amazonaws.com,A\n"
                  "\"5/14/2024, 2:00:00.000 AM\",b,s3.amazonaws.com,B\n");
    detect(db);
    assert_query(db, "SELECT awsRegion FROM dash_event", "\n");
    import_record(
        db, "lossy/b.json",
        "[{\"eventVersion\":\"1\",\"eventID\":\"a\",\"eventTime\":\"2024-05-14T01:00:00Z\","
        "\"eventName\":\"A\",\"eventSource\":\"s3.amazonaws.com\",\"awsRegion\":\"r\"}]");
    detect(db);
    assert_query(db, "SELECT awsRegion FROM dash_event ORDER BY hour", "r\n");
    assert_counted(db, 0);
    harness_close(db);
}

/* Forgotten and read in another version: the same rowid, time and id, another event. */
static void test_dash_a_file_that_was_forgotten_and_read_anew_is_counted_again(void **state)
{
    (void)state;
    sqlite3 *db = imports_open(":memory:");
    import_record(db, "anew/a.json", "[" RECORD("a", "01", "A") "]");
    detect(db);
    harness_exec(db, "SELECT cloudtrail_forget(path) FROM cloudtrail_file");
    import_record(
        db, "anew/b.json",
        "[{\"eventVersion\":\"1\",\"eventID\":\"a\",\"eventTime\":\"2024-05-14T01:00:00Z\","
        "\"eventName\":\"A\",\"eventSource\":\"ec2.amazonaws.com\"}]");
    detect(db);
    assert_query(db, "SELECT eventSource FROM dash_event", "ec2.amazonaws.com");
    harness_close(db);
}

static void test_dash_another_definition_counts_all_again(void **state)
{
    (void)state;
    sqlite3 *db = imports_open(":memory:");
    import_record(db, "words/a.json", "[" RECORD("a", "01", "A") "," RECORD("b", "02", "B") "]");
    detect(db);
    harness_exec(db, SPOIL);
    char *view = harness_query(db, "SELECT replace(sql, '''denied''', '''refused''')"
                                   " FROM sqlite_master WHERE name = 'event_base'");
    harness_exec(db, "DROP VIEW event_base");
    harness_exec(db, view);
    free(view);
    detect(db);
    assert_query(db, NOT_COUNTED, "");
    assert_counted(db, 0);
    harness_close(db);
}

/* What a user adds to a table, and texts that are no log's, do no harm. */
static void test_dash_odd_tables_and_rows(void **state)
{
    (void)state;
    sqlite3 *db = imports_open(":memory:");
    import_record(db, "odd/a.json", "[" RECORD("a", "01", "A") "," RECORD("b", "02", "B") "]");
    harness_exec(
        db, "ALTER TABLE dash_event ADD COLUMN note TEXT;"
            " INSERT INTO cloudtrail (eventTime, eventID, awsRegion, readOnly, fileID,"
            " recordNumber) VALUES ('2024', 'x', 7.5, 'maybe', 1, 9), ('', 'y', x'ff', 1, 1, 10),"
            " (x'32', 'z', '', 1, 1, 11), ('zz', 'q', '', 1, 1, 12)");
    detect(db);
    assert_query(db, "SELECT sum(events) FROM dash_coverage WHERE hour GLOB '2024-*'", "2");
    harness_close(db);
}

/* Counts in a copy with memory refused in that way: all is counted, or the error is said and nothing
 * is. Whether any was refused. */
static bool detect_without_memory(sqlite3 *of, ct_mem_way *refuse, long n)
{
    sqlite3 *db = harness_open_copy(of);
    bool refused;
    char *said = harness_query_without_memory(
        refuse, n, db, "SELECT json_extract(cloudtrail_detect(), '$.new')", &refused);
    if (strcmp(said, "0") == 0)
        assert_counted(db, (int)n);
    else if (!refused || !strstr(said, "out of memory"))
        fail_msg("%ld: %s", n, said);
    else
        assert_query(db, "SELECT count(*) FROM dash_event", "0");
    free(said);
    harness_close(db);
    return refused;
}

static void refuse_larger(long n)
{
    ct_mem_fail_ours_after(n);
    ct_mem_spare_below(512);
}

static void test_dash_out_of_memory_is_reported(void **state)
{
    (void)state;
    sqlite3 *db = harness_open_ready();
    harness_exec(db, "UPDATE rule SET enabled = 0;"
                     "INSERT INTO cloudtrail (eventTime, eventID, recipientAccountId, userAgent, "
                     "eventName, fileID,"
                     " recordNumber) VALUES"
                     " ('2024-05-14T01:00:00Z', 'a', '111122223333', 'aws-cli/2.1', 'A', 1, 1),"
                     " ('2024-05-14T02:00:00Z', 'b', '111122223333', 'Boto3/1.2', 'B', 1, 2)");
    for (long n = -1; n < ct_mem_places(); n++)
        (void)detect_without_memory(db, ct_mem_fail_at_place, n);
    /* and where an event is longer than the one before */
    harness_exec(db, "UPDATE cloudtrail SET sourceIPAddress = printf('%02000d', 1)"
                     " WHERE eventID = 'b'");
    for (long n = 0; detect_without_memory(db, refuse_larger, n); n++)
        ;
    harness_close(db);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_dash_is_a_full_count_whatever_happened),
        cmocka_unit_test(test_dash_counts_only_hours_that_changed),
        cmocka_unit_test(test_dash_a_row_that_was_replaced_is_counted_again),
        cmocka_unit_test(test_dash_a_file_that_was_forgotten_and_read_anew_is_counted_again),
        cmocka_unit_test(test_dash_another_definition_counts_all_again),
        cmocka_unit_test(test_dash_odd_tables_and_rows),
        cmocka_unit_test(test_dash_out_of_memory_is_reported),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
