/*
 * The table incident: one thing to work on, whose id stays while it grows; what joins, parts and is
 * suppressed; what is counted; and how much work it is. tests/sql/test_scope.c holds what it says against an
 * independent reading.
 */
#include "harness.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define KEY "printf('ASIAEXAMPLE%%09d', %d)"

/* ---- helpers -------------------------------------------------------------------------------- */

static sqlite3 *open_db(void)
{
    sqlite3 *db = harness_open_ready();
    return db;
}

/* The user `name` lists what there is by ten calls with the key, in the given hour of a day. */
static void put_burst(sqlite3 *db, const char *name, int key, int hour)
{
    harness_exec_and_free(
        db, sqlite3_mprintf("INSERT INTO cloudtrail (eventTime, eventID, eventName, userAgent,"
                            " recipientAccountId, userIdentityUserName, userIdentityAccessKeyId,"
                            " readOnly, fileID, recordNumber)"
                            " SELECT printf('2024-03-05T%02d:00:%%02dZ', l.rowid),"
                            " %Q || '-%d-' || l.rowid, 'x',"
                            " 'aws-cli/2.27.1 md/command#' || command, '111122223333', %Q, " KEY
                            ", 1, 1, 1 FROM suspicious_command AS l WHERE l.rowid <= 10",
                            hour, name, hour, name, key));
}

/* A call of the key, at a time. */
static void put_call(sqlite3 *db, int key, const char *time, const char *call, const char *error)
{
    harness_exec_and_free(
        db, sqlite3_mprintf("INSERT INTO cloudtrail (eventTime, eventID, eventName, errorCode,"
                            " userIdentityAccessKeyId, readOnly, fileID, recordNumber) VALUES"
                            " (%Q, hex(randomblob(8)), %Q, %Q, " KEY ", 0, 1, 1)",
                            time, call, error, key));
}

/* One key issues another, at ten past the hour. */
static void put_issue(sqlite3 *db, int issuer, int key, int hour)
{
    harness_exec_and_free(
        db,
        sqlite3_mprintf("INSERT INTO cloudtrail (eventTime, eventID, eventName,"
                        " userIdentityAccessKeyId, responseElements, readOnly, fileID,"
                        " recordNumber) VALUES ('2024-03-05T%02d:10:00Z', 'issue-%d-%d',"
                        " 'GetSessionToken', " KEY
                        ", '{\"credentials\":{\"accessKeyId\":\"' || " KEY " || '\"}}', 1, 1, 1)",
                        hour, issuer, key, issuer, key));
}

/* The incidents after a detection: the names in ids and alerts. */
static void assert_incidents(sqlite3 *db, const char *expected)
{
    harness_exec(db, "SELECT cloudtrail_detect()");
    assert_query(
        db,
        "SELECT (SELECT accountName FROM alert WHERE alertID = incidentID),"
        " (SELECT group_concat(accountName) FROM (SELECT a.accountName FROM"
        "   json_each(alerts) AS l JOIN alert AS a ON a.alertID = l.value ORDER BY l.key)),"
        " (SELECT a.accountName FROM alert AS a WHERE a.alertID = incident.mergedInto)"
        " FROM incident ORDER BY mergedInto IS NOT NULL, firstTime, incidentID",
        expected);
}

/* ---- what is one ----------------------------------------------------------------------------- */

static void test_incident_by_key_and_by_what_keys_issue(void **state)
{
    (void)state;
    sqlite3 *db = open_db();
    put_burst(db, "ann", 1, 9);
    put_burst(db, "bob", 2, 10);
    assert_incidents(db, "ann|ann|NULL\nbob|bob|NULL");
    /* one key: one incident, whatever the hour and the name */
    put_burst(db, "ann2", 1, 15);
    assert_incidents(db, "ann|ann,ann2|NULL\nbob|bob|NULL");
    /* by keys in between that raise no alert, upwards and downwards */
    put_issue(db, 1, 7, 9);
    put_issue(db, 7, 8, 9);
    put_issue(db, 8, 3, 9);
    put_burst(db, "cid", 3, 11);
    put_issue(db, 6, 4, 9);
    put_issue(db, 6, 5, 9);
    put_burst(db, "dan", 4, 12);
    put_burst(db, "eve", 5, 13);
    assert_incidents(db, "ann|ann,cid,ann2|NULL\nbob|bob|NULL\ndan|dan,eve|NULL");
    /* no key, and one that is blacked out, are none in common */
    put_burst(db, "fay", 9, 14);
    put_burst(db, "gil", 9, 16);
    harness_exec(db, "UPDATE cloudtrail SET userIdentityAccessKeyId = 'ASIA****************'"
                     " WHERE userIdentityUserName IN ('fay', 'gil')");
    assert_incidents(db, "ann|ann,cid,ann2|NULL\nbob|bob|NULL\ndan|dan,eve|NULL\nfay|fay|NULL\n"
                         "gil|gil|NULL");
    assert_query(db, "SELECT count(*), count(DISTINCT incidentID) FROM incident_alert", "8|5");
    harness_close(db);
}

static void test_incident_keeps_its_id_as_it_grows(void **state)
{
    (void)state;
    sqlite3 *db = open_db();
    put_burst(db, "bob", 2, 10);
    assert_incidents(db, "bob|bob|NULL");
    /* what happened before is known later */
    put_issue(db, 1, 2, 9);
    put_burst(db, "ann", 1, 9);
    assert_incidents(db, "bob|ann,bob|NULL");
    put_burst(db, "bob", 2, 11);
    assert_incidents(db, "bob|ann,bob,bob|NULL");
    /* where it parts, that which has the alert it goes by is it, though the other is older */
    harness_exec(db, "DELETE FROM cloudtrail WHERE eventID = 'issue-1-2'");
    assert_incidents(db, "ann|ann|NULL\nbob|bob,bob|NULL");
    put_issue(db, 1, 2, 9);
    assert_incidents(db, "ann|ann,bob,bob|NULL\nbob|NULL|ann");
    /* a second look changes nothing */
    char *before = harness_query(db, "SELECT * FROM incident");
    harness_exec(db, "SELECT cloudtrail_detect()");
    assert_query(db, "SELECT * FROM incident", before);
    free(before);
    harness_close(db);
}

static void test_incidents_join_and_part(void **state)
{
    (void)state;
    sqlite3 *db = open_db();
    put_burst(db, "ann", 1, 9);
    put_burst(db, "bob", 2, 10);
    put_burst(db, "cid", 3, 11);
    assert_incidents(db, "ann|ann|NULL\nbob|bob|NULL\ncid|cid|NULL");
    put_issue(db, 2, 3, 10);
    assert_incidents(db, "ann|ann|NULL\nbob|bob,cid|NULL\ncid|NULL|bob");
    /* what was merged before goes along */
    put_issue(db, 1, 2, 9);
    assert_incidents(db, "ann|ann,bob,cid|NULL\nbob|NULL|ann\ncid|NULL|ann");
    /* and comes back when that turns out not to be so */
    harness_exec(db, "DELETE FROM cloudtrail WHERE eventID = 'issue-1-2'");
    assert_incidents(db, "ann|ann|NULL\nbob|bob,cid|NULL\ncid|NULL|bob");
    harness_exec(db, "DELETE FROM cloudtrail WHERE eventID = 'issue-2-3'");
    assert_incidents(db, "ann|ann|NULL\nbob|bob|NULL\ncid|cid|NULL");
    harness_close(db);
}

static void test_incident_without_suppressed_alerts(void **state)
{
    (void)state;
    sqlite3 *db = open_db();
    put_burst(db, "ann", 1, 9);
    put_burst(db, "bob", 2, 10);
    put_issue(db, 1, 2, 9);
    assert_incidents(db, "ann|ann,bob|NULL");
    harness_exec(db, "INSERT INTO allow_list (principal, reason) VALUES ('ann', 'a job')");
    assert_incidents(db, "ann|bob|NULL");
    harness_exec(db, "INSERT INTO allow_list (principal, reason) VALUES ('bob', 'a job')");
    assert_incidents(db, "");
    harness_exec(db, "DELETE FROM allow_list");
    assert_incidents(db, "ann|ann,bob|NULL");
    harness_exec(db, "UPDATE alert SET state = 'closed'");
    assert_incidents(db, "ann|ann,bob|NULL");
    harness_close(db);
}

/* An id that others know still leads to the incident, though the alert it goes by is suppressed. */
static void test_incident_merged_and_suppressed_still_leads_on(void **state)
{
    (void)state;
    sqlite3 *db = open_db();
    put_burst(db, "ann", 1, 9);
    put_burst(db, "bob", 2, 10);
    assert_incidents(db, "ann|ann|NULL\nbob|bob|NULL");
    put_issue(db, 1, 2, 9);
    assert_incidents(db, "ann|ann,bob|NULL\nbob|NULL|ann");
    harness_exec(db, "INSERT INTO allow_list (principal, reason) VALUES ('bob', 'a job')");
    assert_incidents(db, "ann|ann|NULL\nbob|NULL|ann");
    harness_exec(db, "INSERT INTO allow_list (principal, reason) VALUES ('ann', 'a job')");
    assert_incidents(db, "");
    harness_close(db);

    /* nor does one that was merged become the older of the two, when that begins later now */
    db = open_db();
    put_burst(db, "ann", 1, 9);
    put_burst(db, "bob", 2, 10);
    put_burst(db, "cid", 1, 11);
    assert_incidents(db, "ann|ann,cid|NULL\nbob|bob|NULL");
    put_issue(db, 1, 2, 9);
    harness_exec(db, "INSERT INTO allow_list (principal, reason) VALUES ('ann', 'a job')");
    assert_incidents(db, "ann|bob,cid|NULL\nbob|NULL|ann");
    harness_exec(db, "INSERT INTO allow_list (principal, reason) VALUES ('bob', 'a job')");
    assert_incidents(db, "ann|cid|NULL\nbob|NULL|ann");
    harness_exec(db, "DELETE FROM allow_list WHERE principal = 'bob'");
    assert_incidents(db, "ann|bob,cid|NULL\nbob|NULL|ann");
    harness_close(db);
}

/* ---- what is told ---------------------------------------------------------------------------- */

static void test_incident_counts_what_its_keys_did(void **state)
{
    (void)state;
    sqlite3 *db = open_db();
    put_burst(db, "ann", 1, 9); /* ends at 09:00:10 */
    put_issue(db, 1, 2, 9);
    put_issue(db, 2, 1, 9); /* a circle */
    put_issue(db, 5, 1, 9); /* an ancestor */
    put_call(db, 1, "2024-03-05T08:59:59Z", "StopLogging", NULL);
    put_call(db, 1, "2024-03-05T09:20:00Z", "StopLogging", "AccessDenied");
    put_call(db, 1, "2024-03-05T09:30:00Z", "StopLogging", NULL);
    put_call(db, 2, "2024-03-06T09:00:10Z", "PutObject", NULL);
    put_call(db, 2, "2024-03-06T09:00:11Z", "PutObject", NULL);
    put_call(db, 5, "2024-03-05T09:30:00Z", "DeleteTrail", NULL);
    put_call(db, 1, "2024-03-05T09:40:00Z", "PutObject", "InternalError");
    put_burst(db, "bob", 9, 10);
    assert_incidents(db, "ann|ann|NULL\nbob|bob|NULL");
    assert_query(db,
                 "SELECT events, changed, credentials, logsStopped, denied, weight FROM incident"
                 " ORDER BY firstTime",
                 "10|2|2|1|1|153\n10|0|0|0|0|3");
    assert_query(db, "SELECT summary FROM incident ORDER BY firstTime",
                 "ann in account 111122223333: 1 alert, 10 events from 2024-03-05 09:00:01 to"
                 " 09:00:10 UTC. Until a day later: 2 changes, 2 credentials issued, logs stopped,"
                 " 1 call denied.\n"
                 "bob in account 111122223333: 1 alert, 10 events from 2024-03-05 10:00:01 to"
                 " 10:00:10 UTC. Until a day later nothing was changed, issued or denied.");
    harness_exec(db, "UPDATE cloudtrail SET userIdentityAccessKeyId = ''"
                     " WHERE userIdentityUserName = 'bob';"
                     " DELETE FROM alert; SELECT cloudtrail_detect()");
    assert_query(db, "SELECT substr(summary, -57) FROM incident WHERE who = 'bob'",
                 " Its events bear no key by which to tell what came after.");
    harness_close(db);
}

static void test_incident_ranked_by_what_weighs_most(void **state)
{
    (void)state;
    sqlite3 *db = open_db();
    for (int i = 1; i <= 6; i++)
        put_burst(db, (const char *[]){"", "ann", "bob", "cid", "dan", "eve", "fay"}[i], i, 8 + i);
    put_call(db, 2, "2024-03-05T20:00:00Z", "PutObject", "AccessDenied");
    put_issue(db, 3, 33, 20);
    put_call(db, 4, "2024-03-05T20:00:00Z", "PutObject", NULL);
    put_call(db, 5, "2024-03-05T20:00:00Z", "StopLogging", NULL);
    harness_exec(db, "SELECT cloudtrail_detect(); UPDATE alert SET severity = 'High'"
                     " WHERE accountName = 'fay'; SELECT cloudtrail_detect()");
    assert_query(db, "SELECT rank, who, severity, weight FROM incident_ranked ORDER BY rank",
                 "1|eve|Medium|103\n2|dan|Medium|83\n3|cid|Medium|43\n4|bob|Medium|13\n"
                 "5|fay|High|4\n6|ann|Medium|3");
    harness_close(db);
}

static void test_incident_names_five_and_how_many_more(void **state)
{
    (void)state;
    sqlite3 *db = open_db();
    for (int i = 1; i <= 7; i++)
        put_burst(db, (const char *[]){"", "g", "f", "e", "d", "c", "b", "a"}[i], 1, i);
    put_burst(db, "g", 1, 20);
    harness_exec(db, "SELECT cloudtrail_detect()");
    assert_query(db, "SELECT who, json_array_length(alerts) FROM incident",
                 "g, f, e, d, c and 2 more|8");
    harness_close(db);
}

/* ---- how much work it is --------------------------------------------------------------------- */

static int count_call(void *n)
{
    ++*(long *)n;
    return 0;
}

/* Hundreds of steps of a detection of `n` alerts with a key each; `linked`: each key has issued the
 * next. */
static long work_of(int n, bool linked)
{
    sqlite3 *db = open_db();
    harness_exec_and_free(
        db,
        sqlite3_mprintf("WITH RECURSIVE who(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM who"
                        " WHERE n < %d) INSERT INTO cloudtrail (eventTime, eventID, eventName,"
                        " userAgent, userIdentityUserName, userIdentityAccessKeyId,"
                        " responseElements, fileID, recordNumber)"
                        " SELECT printf('2024-03-05T10:00:%%02dZ', l.rowid), n || '-' || l.rowid,"
                        " 'GetSessionToken', 'aws-cli/2.27.1 md/command#' || command, 'u' || n,"
                        " printf('ASIAEXAMPLE%%09d', n), CASE WHEN %d THEN"
                        " '{\"credentials\":{\"accessKeyId\":\"' || printf('ASIAEXAMPLE%%09d',"
                        " n + 1) || '\"}}' END, 1, n"
                        " FROM who, suspicious_command AS l WHERE l.rowid <= 10",
                        n, linked));
    /* the events count as calls of the CLI's own, whatever the name of the call */
    harness_exec(db, "UPDATE cloudtrail SET eventName = 'x' WHERE responseElements IS NULL");
    harness_exec(db, "INSERT INTO cloudtrail SELECT * FROM cloudtrail WHERE 0");
    long work = 0;
    sqlite3_progress_handler(db, 100, count_call, &work);
    harness_exec(db, "SELECT cloudtrail_detect()");
    harness_exec(db, "SELECT cloudtrail_detect()");
    sqlite3_progress_handler(db, 0, NULL, NULL);
    char expected[64];
    snprintf(expected, sizeof expected, "%d|%d", linked ? 1 : n, n);
    assert_query(db, "SELECT count(*), (SELECT count(*) FROM incident_alert) FROM incident",
                 expected);
    harness_close(db);
    return work;
}

static void test_incident_work_grows_with_the_alerts(void **state)
{
    (void)state;
    const int n = harness_extent(100, 50);
    assert_true(work_of(2 * n, false) < 3 * work_of(n, false));
    /* each alert of a chain has all the keys of the chain behind it: their square, not their cube */
    assert_true(work_of(2 * n, true) < 5 * work_of(n, true));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_incident_by_key_and_by_what_keys_issue),
        cmocka_unit_test(test_incident_keeps_its_id_as_it_grows),
        cmocka_unit_test(test_incidents_join_and_part),
        cmocka_unit_test(test_incident_without_suppressed_alerts),
        cmocka_unit_test(test_incident_merged_and_suppressed_still_leads_on),
        cmocka_unit_test(test_incident_counts_what_its_keys_did),
        cmocka_unit_test(test_incident_ranked_by_what_weighs_most),
        cmocka_unit_test(test_incident_names_five_and_how_many_more),
        cmocka_unit_test(test_incident_work_grows_with_the_alerts),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
