/*
 * Every form that logs are handed over in: records made into it by Python (tests/independent/
 * forms.py), imported, put together again by cloudtrail_record, and judged by Python. The same
 * events in several forms; CSV files that are broken, hostile or something else.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/buf.h"
#include "faulty_mem.h"
#include "gz.h"
#include "harness.h"
#include "log/reader.h"
#include "temp.h"

/* ---- files --------------------------------------------------------------------------------- */

static void run_shell(const char *format, ...) __attribute__((format(printf, 1, 2)));

static void run_shell(const char *format, ...)
{
    va_list args;
    va_start(args, format);
    char *command = sqlite3_vmprintf(format, args);
    va_end(args);
    int status = system(command);
    if (!WIFEXITED(status) || WEXITSTATUS(status) != 0)
        fail_msg("failed: %s", command);
    sqlite3_free(command);
}

/* In the folder of this run's files. */
static void run_in_folder(const char *command)
{
    run_shell("cd '%s' && %s", temp_dir(), command);
}

static bool have_python(void)
{
    return system("python3 -c '' 2>/dev/null") == 0;
}

static void write_text(const char *name, const char *text)
{
    (void)temp_write(name, text, strlen(text));
}

static void import(sqlite3 *db, const char *name)
{
    char *sql = sqlite3_mprintf("SELECT json_type(cloudtrail_import(%Q))", temp_path(name));
    assert_query(db, sql, "object");
    sqlite3_free(sql);
}

/* What must hold of the ledger after any import. */
static void assert_ledger_adds_up(sqlite3 *db)
{
    assert_query(db,
                 "SELECT path, records, events, duplicates, problems FROM cloudtrail_file AS f"
                 " WHERE events <> (SELECT count(*) FROM cloudtrail AS c WHERE c.fileID = f.fileID)"
                 "  OR problems <> (SELECT count(*) FROM cloudtrail_problem AS p"
                 "                  WHERE p.fileID = f.fileID)"
                 "  OR records <> events + duplicates"
                 "              + (SELECT count(*) FROM cloudtrail_problem AS p"
                 "                 WHERE p.fileID = f.fileID AND recordNumber IS NOT NULL"
                 "                  AND kind <> 'note')",
                 "");
}

/* ---- round trips --------------------------------------------------------------------------- */

static const char *const forms[] = {
    "records",
    "array",
    "ndjson",
    "lookup-events",
    "eventbridge",
    "opensearch",
    "cloudwatch",
    "cloudwatch-tail",
    "cloudwatch-filter",
    "cloudwatch-get",
    "cloudwatch-subscription",
    "console",
    "sentinel",
    "Message.detail",
    "Messages.Body.Message",
    "Records.kinesis.data",
    "records.data",
    "awslogs.data",
    "result._raw",
    "event",
    "hits.hits._source.event.original",
    "data.aws",
    "data.result.values",
    "log",
    "array-strings",
    "ndjson-dotted",
    "ndjson-syslog",
    "records-utf16",
    "ndjson-utf16be",
    "_raw",
};
enum { N_FORMS = sizeof forms / sizeof forms[0] };

/* Leaves what the database holds for assert_are_originals(). */
static void write_back(sqlite3 *db, const char *set, const char *form)
{
    char name[128];
    snprintf(name, sizeof name, "%s/%s.back", set, form);
    size_t n_lines;
    bool failed;
    char *lines = harness_query_lines(db, "SELECT json FROM cloudtrail_record", &n_lines, &failed);
    assert_false(failed);
    write_text(name, lines);
    free(lines);
}

/* Lets Python compare what came back with the originals, in the fields of each form. */
static void assert_are_originals(const char *set, const char *names)
{
    run_shell("python3 tests/independent/forms.py check '%s' %s >'%s' || { cat '%s' >&2; false; }",
              temp_path(set), names, temp_path("said"), temp_path("said"));
}

static void make_set(const char *set, const char *logs)
{
    run_shell("mkdir -p '%s' && python3 tests/independent/forms.py make '%s' %s >'%s'",
              temp_path(set), temp_path(set), logs, temp_path("n"));
}

static void test_forms_round_trip(void **state)
{
    (void)state;
    if (!have_python()) {
        print_message("skipped: the round trips need python3\n");
        skip();
    }
    const char *logs = harness_shared() ? "data/sample ../shared/data" : "data/sample";
    make_set("all", harness_is_long() ? logs : "data/sample/AWSLogs/444455556666");
    ct_buf names = CT_BUF_EMPTY;
    for (int i = 0; i < N_FORMS; i++) {
        char name[64], sql[256];
        sqlite3 *db = harness_open_ready();
        snprintf(name, sizeof name, "all/%s", forms[i]);
        import(db, name);
        assert_query(db,
                     "SELECT message, substr(text, 1, 200) FROM cloudtrail_problem"
                     " WHERE kind <> 'note'",
                     "");
        assert_ledger_adds_up(db);
        /* The first ten letters tell: cloudwatch-get is `cloudwatch`, console is `csv console`. */
        snprintf(sql, sizeof sql,
                 "SELECT count(*) FROM cloudtrail_file"
                 " WHERE instr(replace(replace(format, 'gzip ', ''), 'csv ', ''),"
                 "             substr('%.*s', 1, 10)) <> 1 OR complete = 0",
                 (int)strcspn(forms[i], "-") < 8 ? (int)strcspn(forms[i], "-") : 99, forms[i]);
        assert_query(db, sql, "0");
        write_back(db, "all", forms[i]);
        ct_buf_printf(&names, " %s", forms[i]);
        harness_close(db);
    }
    ct_buf_put_char(&names, '\0');
    assert_are_originals("all", names.data);
    ct_buf_free(&names);
}

/* All forms in one folder: one row an event, as the record has it. */
static void test_forms_mixed_in_one_folder(void **state)
{
    (void)state;
    if (!have_python()) {
        print_message("skipped: the round trips need python3\n");
        skip();
    }
    make_set("mixed", "data/sample/AWSLogs/111122223333/CloudTrail/eu-west-1");
    run_in_folder("mv mixed/originals originals");
    sqlite3 *db = harness_open_ready();
    import(db, "mixed");
    run_in_folder("mv originals mixed/originals");
    assert_query(db,
                 "SELECT message, substr(text, 1, 200) FROM cloudtrail_problem"
                 " WHERE kind <> 'note'",
                 "");
    assert_ledger_adds_up(db);
    write_back(db, "mixed", "records");
    assert_are_originals("mixed", "records");
    harness_close(db);
}

/* The same events in four forms, in every order: the same rows, the same sums. */
static void test_forms_every_order_full_record_stays(void **state)
{
    (void)state;
    static const char *const four[] = {"records", "lookup-events", "console", "sentinel"};
    if (!have_python()) {
        print_message("skipped: the round trips need python3\n");
        skip();
    }
    make_set("orders", "data/sample/AWSLogs/444455556666/CloudTrail/eu-west-1");
    for (int code = 0, n_orders = 0; code < 256; code++) {
        int order[4] = {code & 3, code >> 2 & 3, code >> 4 & 3, code >> 6 & 3};
        int met = 0;
        for (int i = 0; i < 4; i++)
            met |= 1 << order[i];
        if (met != 15 || n_orders++ % harness_extent(1, 5) > 0)
            continue;
        sqlite3 *db = harness_open_ready();
        for (int i = 0; i < 4; i++) {
            char name[64];
            snprintf(name, sizeof name, "orders/%s", four[order[i]]);
            import(db, name);
            assert_ledger_adds_up(db);
        }
        assert_query(db, "SELECT message, substr(text, 1, 200) FROM cloudtrail_problem", "");
        assert_query(db,
                     "SELECT count(*) FROM cloudtrail WHERE fileID IN"
                     " (SELECT fileID FROM cloudtrail_file WHERE format LIKE '%csv%')",
                     "0");
        if (code % 7 == 0) { /* Python takes its time */
            write_back(db, "orders", "records");
            assert_are_originals("orders", "records");
        }
        harness_close(db);
    }
}

/* ---- the same event twice ------------------------------------------------------------------ */

#define CONSOLE                                                                                    \
    "User name,AWS access key,Event time,Event source,Event name,AWS region,Source IP address,"    \
    "User agent,Error code,Resources,Request ID,Event ID,Read-only,Event type,"                    \
    "Recipient Account Id,Event category\n"
#define CONSOLE_ROW(user, error)                                                                   \
    user ",AKIA1,2024-05-14T09:05:12Z,iam.amazonaws.com,ListUsers,us-east-1,192.0.2.1,aws-"        \
         "cli," error ",[],r1,e1,true,AwsApiCall,111122223333,Management\n"
#define SENTINEL                                                                                   \
    "\"TimeGenerated [UTC]\",AwsEventId,EventName,EventSource,ErrorCode,UserIdentityArn\n"
#define SENTINEL_ROW(error)                                                                        \
    "\"5/14/2024, 9:05:12.000 AM\",e1,ListUsers,iam.amazonaws.com," error                          \
    ",arn:aws:iam::1:user/al\n"
#define FILLED_IN "\"TimeGenerated [UTC]\",AwsEventId,EventName,ReadOnly,ManagementEvent,Category\n"
#define FILLED_IN_ROW(management_event)                                                            \
    "\"5/14/2024, 9:05:12.000 AM\",e1,ListUsers,true," management_event ",Management\n"
#define RECORD(error)                                                                              \
    "{\"eventVersion\":\"1.08\",\"userIdentity\":{\"type\":\"IAMUser\",\"userName\":\"al\","       \
    "\"arn\":\"arn:aws:iam::1:user/al\",\"accessKeyId\":\"AKIA1\"},"                               \
    "\"eventTime\":\"2024-05-14T09:05:12Z\",\"eventSource\":\"iam.amazonaws.com\","                \
    "\"eventName\":\"ListUsers\",\"awsRegion\":\"us-east-1\",\"sourceIPAddress\":\"192.0.2.1\","   \
    "\"userAgent\":\"aws-cli\"," error "\"requestParameters\":{\"maxItems\":5},"                   \
    "\"requestID\":\"r1\",\"eventID\":\"e1\",\"eventType\":\"AwsApiCall\","                        \
    "\"recipientAccountId\":\"111122223333\"}\n"

/* Imports a and b in either order and looks at the end of it: rows of cloudtrail, the problems,
 * and of both files the counts. */
static void assert_pair(const char *a, const char *b, const char *rows, const char *problems,
                        const char *counts)
{
    write_text("a", a);
    write_text("b", b);
    for (int turn = 0; turn < 3; turn++) {
        sqlite3 *db = harness_open_ready();
        if (turn == 2) { /* both at once */
            run_in_folder("mkdir -p pair && cp a b pair");
            import(db, "pair");
        } else {
            import(db, turn ? "b" : "a");
            import(db, turn ? "a" : "b");
        }
        assert_ledger_adds_up(db);
        assert_query(db,
                     "SELECT substr(path, -1), userIdentityUserName, errorCode, requestParameters"
                     " FROM cloudtrail JOIN cloudtrail_file USING (fileID)",
                     rows);
        assert_query(db,
                     "SELECT substr(path, -1), recordNumber, message,"
                     " json_extract(text, '$.errorCode')"
                     " FROM cloudtrail_problem JOIN cloudtrail_file USING (fileID) ORDER BY 1",
                     problems);
        assert_query(db,
                     "SELECT substr(path, -1), records, events, duplicates, problems"
                     " FROM cloudtrail_file ORDER BY 1",
                     counts);
        harness_close(db);
    }
}

#define CONFLICT "another event with this eventTime and eventID is there already"

static void test_forms_lossy_and_full_agree(void **state)
{
    (void)state;
    assert_pair(CONSOLE CONSOLE_ROW("al", ""), RECORD(""), "b|al|NULL|{\"maxItems\":5}", "",
                "a|1|0|1|0\nb|1|1|0|0");
    assert_pair(SENTINEL SENTINEL_ROW(""), RECORD(""), "b|al|NULL|{\"maxItems\":5}", "",
                "a|1|0|1|0\nb|1|1|0|0");
    /* What an export fills in where the record lacks it contradicts nothing. */
    assert_pair(FILLED_IN FILLED_IN_ROW("true"), RECORD(""), "b|al|NULL|{\"maxItems\":5}", "",
                "a|1|0|1|0\nb|1|1|0|0");
    /* Sentinel's table has more than the console. */
    assert_pair(CONSOLE CONSOLE_ROW("al", "X"), SENTINEL SENTINEL_ROW("X"), "b|NULL|X|NULL", "",
                "a|1|0|1|0\nb|1|1|0|0");
}

static void test_forms_lossy_and_full_conflict(void **state)
{
    (void)state;
    assert_pair(CONSOLE CONSOLE_ROW("al", "AccessDenied"), RECORD(""), "b|al|NULL|{\"maxItems\":5}",
                "a|1|" CONFLICT "|AccessDenied", "a|1|0|0|1\nb|1|1|0|0");
    assert_pair(CONSOLE CONSOLE_ROW("al", "AccessDenied"), RECORD("\"errorCode\":\"Other\","),
                "b|al|Other|{\"maxItems\":5}", "a|1|" CONFLICT "|AccessDenied",
                "a|1|0|0|1\nb|1|1|0|0");
    assert_pair(CONSOLE CONSOLE_ROW("eve", ""), RECORD(""), "b|al|NULL|{\"maxItems\":5}",
                "a|1|" CONFLICT "|NULL", "a|1|0|0|1\nb|1|1|0|0");
    assert_pair(CONSOLE CONSOLE_ROW("al", "X"), SENTINEL SENTINEL_ROW("Y"), "b|NULL|Y|NULL",
                "a|1|" CONFLICT "|X", "a|1|0|0|1\nb|1|1|0|0");
    assert_pair(FILLED_IN FILLED_IN_ROW("true"), RECORD("\"managementEvent\":false,"),
                "b|al|NULL|{\"maxItems\":5}", "a|1|" CONFLICT "|NULL", "a|1|0|0|1\nb|1|1|0|0");
    /* The full record has the field, the row leaves it empty: that is no contradiction. */
    assert_pair(CONSOLE CONSOLE_ROW("al", ""), RECORD("\"errorCode\":\"Other\","),
                "b|al|Other|{\"maxItems\":5}", "", "a|1|0|1|0\nb|1|1|0|0");
}

/* Two rows of one CSV file, and the record between them: what was said in the first place is a
 * duplicate, wherever it stood. */
static void test_forms_lossy_repeated_in_its_file(void **state)
{
    (void)state;
    assert_pair(CONSOLE CONSOLE_ROW("al", "") CONSOLE_ROW("al", ""), RECORD(""),
                "b|al|NULL|{\"maxItems\":5}", "", "a|2|0|2|0\nb|1|1|0|0");
}

static void test_forms_user_name_of_the_console(void **state)
{
    (void)state;
    /* The session's name, root, and a record that names nobody. */
    static const struct {
        const char *shown, *identity;
        bool same;
    } cases[] = {
        {"i-1", "\"type\":\"AssumedRole\",\"arn\":\"arn:aws:sts::1:assumed-role/r/i-1\"", true},
        {"i-1", "\"type\":\"AssumedRole\",\"principalId\":\"AROA:i-1\"", true},
        {"i-2", "\"type\":\"AssumedRole\",\"arn\":\"arn:aws:sts::1:assumed-role/r/i-1\"", false},
        {"root", "\"type\":\"Root\",\"arn\":\"arn:aws:iam::1:root\",\"userName\":\"alias\"", true},
        {"root", "\"type\":\"IAMUser\",\"userName\":\"al\"", false},
        {"x", "\"type\":\"AWSService\",\"invokedBy\":\"ec2.amazonaws.com\"", true},
        {"", "\"type\":\"IAMUser\",\"userName\":\"al\"", true},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        char *csv = sqlite3_mprintf("Event ID,Event time,Event name,User name\n"
                                    "e1,2024-05-14T09:05:12Z,ListUsers,%s\n",
                                    cases[i].shown);
        char *json = sqlite3_mprintf("{\"eventTime\":\"2024-05-14T09:05:12Z\",\"eventID\":\"e1\","
                                     "\"eventName\":\"ListUsers\",\"userIdentity\":{%s}}",
                                     cases[i].identity);
        write_text("a", csv);
        write_text("b", json);
        for (int turn = 0; turn < 2; turn++) {
            sqlite3 *db = harness_open_ready();
            import(db, turn ? "a" : "b");
            import(db, turn ? "b" : "a");
            assert_query(db, "SELECT count(*) FROM cloudtrail_problem", cases[i].same ? "0" : "1");
            assert_ledger_adds_up(db);
            harness_close(db);
        }
        sqlite3_free(csv);
        sqlite3_free(json);
    }
}

/* ---- files that change ---------------------------------------------------------------------- */

static void test_forms_csv_file_read_again(void **state)
{
    (void)state;
    sqlite3 *db = harness_open_ready();
    write_text("a", CONSOLE CONSOLE_ROW("al", ""));
    write_text("b", RECORD(""));
    import(db, "a");
    import(db, "b");
    write_text("a", CONSOLE CONSOLE_ROW("al", "") CONSOLE_ROW("al", "X"));
    import(db, "a");
    assert_ledger_adds_up(db);
    assert_query(db,
                 "SELECT format, records, events, duplicates, problems FROM cloudtrail_file"
                 " ORDER BY 1",
                 "csv console|2|0|1|1\nndjson|1|1|0|0");
    /* Unreadable for once: what is known of its rows stays known. */
    run_in_folder("rm b && mv a b");
    write_text("c", CONSOLE CONSOLE_ROW("al", ""));
    harness_close(db);

    db = harness_open();
    import(db, "c");
    run_in_folder("rm c && mkdir c.d && mv c.d c && rmdir c");
    write_text("c", "");
    import(db, "c");
    write_text("b", RECORD(""));
    import(db, "b");
    assert_query(db, "SELECT message FROM cloudtrail_problem", "");
    assert_query(db, "SELECT requestParameters FROM cloudtrail", "{\"maxItems\":5}");
    harness_close(db);
}

/* A path that holds another form than before is another file; the old rows stay what they were. */
static void test_forms_path_turns_from_csv_to_json(void **state)
{
    (void)state;
    sqlite3 *db = harness_open_ready();
    write_text("t", CONSOLE CONSOLE_ROW("al", ""));
    import(db, "t");
    write_text("t",
               "{\"eventTime\":\"2024-05-14T10:00:00Z\",\"eventName\":\"X\",\"eventID\":\"e2\"}");
    import(db, "t");
    write_text("b", RECORD(""));
    import(db, "b");
    assert_ledger_adds_up(db);
    assert_query(db, "SELECT message FROM cloudtrail_problem", "");
    assert_query(db,
                 "SELECT path GLOB '*/t (until 20*Z)', format, records, events, duplicates"
                 " FROM cloudtrail_file ORDER BY fileID",
                 "1|csv console|1|0|1\n0|ndjson|1|1|0\n0|ndjson|1|1|0");
    harness_close(db);
}

/* ---- CSV that is broken or something else ---------------------------------------------------- */

/* What the reader makes of a file: a line an item. */
static void read_items(const char *name, ct_buf *out)
{
    ct_source *source;
    const char *error;
    assert_int_equal(ct_source_open(temp_path(name), &source, &error), CT_SOURCE_OK);
    ct_reader *reader = ct_reader_open(source);
    ct_item item;
    for (ct_reader_next(reader, &item); item.kind != CT_ITEM_END; ct_reader_next(reader, &item)) {
        assert_int_not_equal(item.kind, CT_ITEM_NO_MEMORY);
        if (item.kind == CT_ITEM_RECORD) {
            const ct_json *id = &item.record->fields[CT_EVENT_ID];
            ct_buf_printf(out, "%d %.*s\n", (int)item.number, (int)id->len, id->p);
        } else {
            ct_buf_printf(out, "%d at %d: ", (int)item.number, (int)item.offset);
            ct_buf_put_text(out, item.message);
            ct_buf_put_text(out, ": ");
            ct_buf_put(out, item.text, item.len < 60 ? item.len : 60);
            ct_buf_printf(out, " (%zu)\n", item.len);
        }
    }
    ct_buf_put_char(out, '\0');
    ct_reader_close(reader);
}

static void assert_items(const char *p, size_t n, const char *expected)
{
    ct_buf out = CT_BUF_EMPTY;
    (void)temp_write("broken.csv", p, n);
    read_items("broken.csv", &out);
    if (strcmp(out.data, expected) != 0)
        fail_msg("%.*s\n  expected:\n%s\n  got:\n%s", n < 500 ? (int)n : 500, p, expected,
                 out.data);
    ct_buf_free(&out);
}

#define H "Event ID,Event time,Event name,User agent\n" /* 42 bytes */
#define T ",2024-05-14T09:05:12Z,ListUsers,"

static void test_forms_csv_broken_rows(void **state)
{
    (void)state;
    static const struct {
        const char *text, *expected;
    } cases[] = {
        {H "a" T "x\nb" T "x", "1 \"a\"\n2 \"b\"\n"},
        {H "a" T "x\n\n\r\nb" T "x\n\n", "1 \"a\"\n2 \"b\"\n"},
        {H, ""},
        {H "a" T "x\nshort,row\nb" T "x\n",
         "1 \"a\"\n2 at 77: the row has 2 fields, the header 4: short,row\n (10)\n3 \"b\"\n"},
        {H "a" T "x,y\nb" T "x\n",
         "1 at 42: the row has 5 fields, the header 4: a" T "x,y\n (37)\n2 \"b\"\n"},
        {H "a,yesterday,ListUsers,x\nb" T "x\n",
         "1 at 42: the event's time is no date and time in a known zone: write it as "
         "YYYY-MM-DDTHH:MM:SSZ: "
         "a,yesterday,ListUsers,x\n (24)\n2 \"b\"\n"},
        {H "a,,ListUsers,x\nb" T "x\n", "1 at 42: no eventTime: a,,ListUsers,x\n (15)\n2 \"b\"\n"},
        /* A quote that is not closed swallows what follows, up to the next line that fits. */
        {H "a" T "\"x\nb" T "x\nc" T "x\n",
         "1 at 75: a quote is not closed: a" T "\"x\n (36)\n2 \"b\"\n3 \"c\"\n"},
        {H "a" T "\"x\nb" T "\"x\"\nc" T "x\n",
         "1 at 112: text stands behind a closing quote: a" T "\"x\n (36)\n2 \"b\"\n3 \"c\"\n"},
        {H "a" T "\"x\" y\nb" T "x\n",
         "1 at 78: text stands behind a closing quote: a" T "\"x\" y\n (39)\n2 \"b\"\n"},
        {H "a" T "\"x\nand more\nand, more\nb" T "x\n",
         "1 at 75: a quote is not closed: a" T "\"x\nand more\nand, more\n (55)\n2 \"b\"\n"},
        {H "a" T "\"never closed", "1 at 75: a quote is not closed: a" T "\"never closed (46)\n"},
        {H "a" T "\"two\nlines\"\nb" T "x\n", "1 \"a\"\n2 \"b\"\n"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++)
        assert_items(cases[i].text, strlen(cases[i].text), cases[i].expected);
}

/* A gzip file that is cut: the rows before the cut, and what is left of the one in it. */
static void test_forms_csv_cut_gzip(void **state)
{
    (void)state;
    static const char text[] = H "a" T "x\nb" T "a longer agent\n";
    for (size_t n = sizeof H + 3; n < sizeof text - 1; n += 9) {
        ct_buf packed = CT_BUF_EMPTY, out = CT_BUF_EMPTY;
        gz_put_stored(&packed, text, sizeof text - 1);
        (void)temp_write("cut.csv.gz", packed.data,
                         15 + n); /* fifteen bytes stand before the first */
        read_items("cut.csv.gz", &out);
        size_t n_items = 0;
        for (const char *p = out.data; *p; p++)
            n_items += *p == '\n';
        const char *message = strstr(out.data, "the gzip data ends early: ");
        if (!message || (n >= 78) != (strncmp(out.data, "1 \"a\"\n", 6) == 0) || n_items > 3)
            fail_msg("%zu bytes: %s", n, out.data);
        ct_buf_free(&packed);
        ct_buf_free(&out);
    }
}

static void test_forms_csv_nul_and_bad_bytes(void **state)
{
    (void)state;
    static const char text[] = H "a" T "x\0y\nb\xFF" T "x\n";
    sqlite3 *db = harness_open_ready();
    (void)temp_write("nul.csv", text, sizeof text - 1);
    import(db, "nul.csv");
    assert_query(db, "SELECT message FROM cloudtrail_problem", "");
    assert_query(db,
                 "SELECT eventID, userAgent, json_extract(extra, '$.userAgent') IS NOT NULL"
                 " FROM cloudtrail ORDER BY recordNumber",
                 "a|x\xEF\xBF\xBDy|1\nb\xEF\xBF\xBD|x|0");
    harness_close(db);
}

static void test_forms_csv_other_is_one_problem(void **state)
{
    (void)state;
    assert_items("name,age\nal,5\nbob,6\n", 21,
                 "0 at 0: is a CSV file with other columns: name,age: name,age\n (9)\n");
    assert_items(
        "\xEF\xBB\xBF\"na,me\",age\r\nal,5\r\n", 23,
        "0 at 3: is a CSV file with other columns: \"na,me\",age: \"na,me\",age\r\n (13)\n");
    /* Of a long header 400 bytes are told, and no half of a character. */
    for (int i = 0; i < 2; i++) {
        ct_buf text = CT_BUF_EMPTY, told = CT_BUF_EMPTY, out = CT_BUF_EMPTY;
        ct_buf_put_text(&text, i ? "a" : "");
        for (int k = 0; k < 241; k++)
            ct_buf_put_text(&text, k == 120 ? "," : "\xC3\xA9");
        ct_buf_put(&told, text.data, i ? 400 : 399);
        ct_buf_put(&told, "...: ", sizeof "...: ");
        ct_buf_put_text(&text, "\n1,2\n");
        (void)temp_write("long.csv", text.data, text.len);
        read_items("long.csv", &out);
        assert_non_null(strstr(out.data, told.data));
        ct_buf_free(&out);
        ct_buf_free(&told);
        ct_buf_free(&text);
    }
    /* Text with commas is no CSV; the same for one column. */
    assert_items("Hello, world\nHow are you?\n", 26,
                 "0 at 0: is no CloudTrail log: Hello, world\nHow are you?\n (26)\n");
    assert_items("just\nwords\n", 11, "0 at 0: is no CloudTrail log: just\nwords\n (11)\n");
    if (!harness_shared())
        return;
    sqlite3 *db = harness_open();
    free(harness_query(db, "SELECT cloudtrail_import('../shared/data/security-datasets/"
                           "AWS_S3_HoneyBucketLogs.csv')"));
    assert_query(db, "SELECT recordNumber, message FROM cloudtrail_problem",
                 "NULL|is a CSV file with other columns: Event Type,Event Name,Request ID,User ID,"
                 "Request Parameters,Alert,Event ID,Event DateTime,Alarm DateTime,Source IP,"
                 "Request User Agent,Repeated Attempts");
    assert_query(db,
                 "SELECT format, records, events, duplicates, problems, complete"
                 " FROM cloudtrail_file",
                 "csv other|0|0|0|1|1");
    harness_close(db);
}

static void test_forms_csv_header_of_100000_columns(void **state)
{
    (void)state;
    ct_buf text = CT_BUF_EMPTY, out = CT_BUF_EMPTY;
    for (int i = 0; i < 100000; i++)
        ct_buf_printf(&text, "column%d,", i);
    ct_buf_put_text(&text, "end\n1,2\n");
    (void)temp_write("wide.csv", text.data, text.len);
    read_items("wide.csv", &out);
    static const char begin[] = "0 at 0: is a CSV file with other columns: column0,column1,";
    assert_memory_equal(out.data, begin, sizeof begin - 1);
    assert_non_null(strstr(out.data, "...: column0,"));
    assert_true(out.len < 1000);
    ct_buf_free(&out);
    ct_buf_free(&text);
}

#if defined(__SANITIZE_ADDRESS__)
enum { COUNTS_MEMORY = 0 };
#else
enum { COUNTS_MEMORY = 1 };
#endif

static long peak_kib(void)
{
    struct rusage usage;
    getrusage(RUSAGE_SELF, &usage);
    return usage.ru_maxrss;
}

/* Rows larger than 4 MB, in quotes and not, with line breaks and without: each costs itself. */
static void test_forms_csv_huge_fields_bounded(void **state)
{
    (void)state;
    const size_t full_size = (size_t)harness_extent(64, 32) * 1024 * 1024;
    static const char *const fills[] = {"x", "x\n", "\"\n", "\"\"", ",\n"};
    for (size_t i = 0; i < sizeof fills / sizeof fills[0]; i++) {
        FILE *file = fopen(temp_path("huge.csv"), "wb");
        assert_non_null(file);
        fputs(H "a" T "x\nb" T "\"", file);
        size_t n = strlen(fills[i]), size = i == 0 ? full_size : full_size / 8;
        for (size_t k = 0; k < size; k += n)
            fwrite(fills[i], 1, n, file);
        fputs("\"\nc" T "x\n", file);
        fclose(file);

        long before = peak_kib();
        ct_buf out = CT_BUF_EMPTY;
        read_items("huge.csv", &out);
        if (COUNTS_MEMORY)
            assert_true(peak_kib() - before < 24 * 1024);
        assert_memory_equal(out.data, "1 \"a\"\n2 ", 8);
        assert_non_null(strstr(out.data, " \"c\"\n"));
        ct_buf_free(&out);
    }
}

/* ---- CloudWatch Logs ------------------------------------------------------------------------ */

#define R(id) "{\"eventTime\":\"2024-05-14T09:05:12Z\",\"eventName\":\"X\",\"eventID\":\"" id "\"}"
#define STAMP "2024-05-14T09:05:12.000Z "

static void test_forms_cloudwatch_lines(void **state)
{
    (void)state;
    static const struct {
        const char *text, *expected;
    } cases[] = {
        {STAMP R("a") "\n" STAMP R("b") "\n", "1 \"a\"\n2 \"b\"\n"},
        {"2024-05-14T09:05:12 " R("a") "\r\n2024-05-14T09:05:12.000000+00:00 stream " R("b"),
         "1 \"a\"\n2 \"b\"\n"},
        {R("a") "\n" STAMP R("b") "\n" R("c"), "1 \"a\"\n2 \"b\"\n3 \"c\"\n"},
        /* A message that was cut costs its line. */
        {STAMP "{\"eventTime\":\"2024-05\n" STAMP R("b") "\n",
         "1 at 46: control character in a string: {\"eventTime\":\"2024-05 (21)\n2 \"b\"\n"},
        {STAMP "no record\n" STAMP R("b") "\n",
         "1 \"b\"\n0 at 0: text that is no record stands in 1 place: 34 bytes were passed "
         "over: " STAMP "no record (34)\n"},
        {"{\"events\":[]}", ""},
        {"{\"events\":[{\"timestamp\":1,\"message\":\"no\"},{\"message\":\"{\\\"eventTime\\\":"
         "\\\"2024-05-14T09:05:12Z\\\",\\\"eventName\\\":\\\"X\\\",\\\"eventID\\\":\\\"b\\\"}\"}],"
         "\"searchedLogStreams\":[]}",
         "1 \"b\"\n0 at 11: JSON, but no CloudTrail record (keys: timestamp, message): "
         "{\"timestamp\":1,\"message\":\"no\"} (30)\n"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++)
        assert_items(cases[i].text, strlen(cases[i].text), cases[i].expected);
}

/* ---- want of memory -------------------------------------------------------------------------- */

static void test_forms_reader_out_of_memory(void **state)
{
    (void)state;
    static const char *const texts[] = {
        H "a" T "\"x \"\"y\"\"\"\nbad,row\nb" T "\"x\n\nc" T "x\n",
        STAMP R("a") "\nno\n" STAMP R("b") "\n{\"events\":[{\"message\":\"{}\"}]}",
        "a,b\n1,2\n",
    };
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
        const char *path = temp_write("memory", texts[i], strlen(texts[i]));
        for (long n = 0;; n++) {
            ct_source *source = NULL;
            const char *error = NULL;
            ct_item item = {.kind = CT_ITEM_NO_MEMORY};
            ct_mem_fail_after(n);
            ct_reader *reader = NULL;
            if (ct_source_open(path, &source, &error) == CT_SOURCE_OK)
                reader = ct_reader_open(source);
            if (reader)
                do
                    ct_reader_next(reader, &item);
                while (item.kind != CT_ITEM_END && item.kind != CT_ITEM_NO_MEMORY);
            bool refused = ct_mem_failures() > 0;
            ct_mem_fail_after(-1);
            ct_reader_close(reader);
            assert_int_equal(item.kind, refused ? CT_ITEM_NO_MEMORY : CT_ITEM_END);
            if (!refused)
                break;
        }
    }
}

static void test_forms_replace_out_of_memory(void **state)
{
    (void)state;
    write_text("a", CONSOLE CONSOLE_ROW("al", "X"));
    write_text("b", RECORD(""));
    char *setup = sqlite3_mprintf("SELECT cloudtrail_import(%Q)", temp_path("a"));
    char *sql = sqlite3_mprintf("SELECT json_extract(cloudtrail_import(%Q), '$.replaced') ||"
                                " (SELECT requestParameters FROM cloudtrail) ||"
                                " (SELECT message FROM cloudtrail_problem)",
                                temp_path("b"));
    harness_oom_dense(setup, sql, "1{\"maxItems\":5}" CONFLICT, harness_extent(128, 3));
    sqlite3_free(setup);
    sqlite3_free(sql);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_forms_csv_huge_fields_bounded), /* first: it looks at the peak */
        cmocka_unit_test(test_forms_round_trip),
        cmocka_unit_test(test_forms_mixed_in_one_folder),
        cmocka_unit_test(test_forms_every_order_full_record_stays),
        cmocka_unit_test(test_forms_lossy_and_full_agree),
        cmocka_unit_test(test_forms_lossy_and_full_conflict),
        cmocka_unit_test(test_forms_lossy_repeated_in_its_file),
        cmocka_unit_test(test_forms_user_name_of_the_console),
        cmocka_unit_test(test_forms_csv_file_read_again),
        cmocka_unit_test(test_forms_path_turns_from_csv_to_json),
        cmocka_unit_test(test_forms_csv_broken_rows),
        cmocka_unit_test(test_forms_csv_cut_gzip),
        cmocka_unit_test(test_forms_csv_nul_and_bad_bytes),
        cmocka_unit_test(test_forms_csv_other_is_one_problem),
        cmocka_unit_test(test_forms_csv_header_of_100000_columns),
        cmocka_unit_test(test_forms_cloudwatch_lines),
        cmocka_unit_test(test_forms_reader_out_of_memory),
        cmocka_unit_test(test_forms_replace_out_of_memory),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
