/*
 * cloudtrail_verify() over buckets that Python and openssl compose (tests/independent/
 * compose_bucket.py): what was done to them is known, and exactly that must be named.
 */
#include "harness.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include "base/version.h"
#include "imports.h"
#include "interrupts.h"
#include "shell.h"
#include "temp.h"

/* What a test asks of: the bucket alone, with public keys, or with S3's metadata as well. */
typedef enum given { BUCKET, KEYS, METADATA } given;

/* Composes the bucket in the folder `case`, once a program. */
static void compose(void)
{
    struct stat st;
    if (stat(temp_path("case"), &st) == 0)
        return;
    if (system("command -v openssl >/dev/null 2>&1") != 0) {
        printf("skipped: openssl is not there, by which the digests of the tests are signed\n");
        skip();
    }
    char *command =
        sqlite3_mprintf("python3 -B tests/independent/compose_bucket.py '%s'", temp_path("case"));
    free(shell_output(command));
    sqlite3_free(command);
}

/* The result of a query that is written as sqlite3_mprintf() has it. */
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

static void verify_folder(sqlite3 *db, const char *name, bool with_keys)
{
    char *folder = sqlite3_mprintf("%s", temp_path(name));
    char *said = query(db, "SELECT cloudtrail_verify(%Q, %Q)", folder,
                       with_keys ? temp_path("case/keys.json") : NULL);
    if (strncmp(said, "{\"digests\":68,\"logs\":188,", 25) != 0)
        fail_msg("%s", said);
    free(said);
    sqlite3_free(folder);
}

static void verify(sqlite3 *db, given what)
{
    verify_folder(db, what == METADATA ? "case/with-metadata" : "case/bucket", what != BUCKET);
}

/* Objects and states are those that the composer knows. */
static void assert_states(sqlite3 *db, given what)
{
    char *command = sqlite3_mprintf("cut -f 1,%d '%s/expected.tsv' | tr '\t' '|' | LC_ALL=C sort",
                                    (int)what + 2, temp_path("case"));
    char *expected = shell_output(command);
    char *found = harness_query(db, "SELECT s3Object, state FROM cloudtrail_proof"
                                    " WHERE state <> 'gap' ORDER BY 1");
    if (strcmp(found, expected) != 0) {
        (void)temp_write("found", found, strlen(found));
        (void)temp_write("expected", expected, strlen(expected));
        sqlite3_free(command);
        command = sqlite3_mprintf("cd '%s' && diff expected found || true", temp_dir());
        fail_msg("%s", shell_output(command));
    }
    free(found);
    free(expected);
    sqlite3_free(command);
}

static void test_verify_names_exactly_what_was_done(void **state)
{
    (void)state;
    sqlite3 *db = harness_open();
    compose();
    verify(db, BUCKET);
    assert_states(db, BUCKET);
    verify(db, KEYS);
    assert_states(db, KEYS);
    assert_query(db,
                 "SELECT recipientAccountId, awsRegion, detail FROM cloudtrail_proof"
                 " WHERE state = 'gap'",
                 "333333333333|us-east-1|no digests from 2024-05-14T10:05:12Z to"
                 " 2024-05-14T12:05:12Z: logging or validation was off");
    /* and the view names that, with nothing imported */
    assert_query(db, "SELECT state, count(*) FROM cloudtrail_missing GROUP BY 1 ORDER BY 1",
                 "altered|2\ndigest altered|1\ndigest missing|2\ndigests end|1\nemptied|1\ngap|1\n"
                 "missing|1\nno digest|1\nsignature wrong|1\nunlisted|1");
    assert_query(db,
                 "SELECT count(*) FROM cloudtrail_proof WHERE state = 'unproven'"
                 " AND detail = 'named by a digest that fails: signature wrong'",
                 "2");
    harness_close(db);
}

static void test_verify_summary_counts_each_state_and_tells_gaps(void **state)
{
    (void)state;
    sqlite3 *db = harness_open();
    compose();
    char *folder = sqlite3_mprintf("%s/bucket", temp_path("case"));
    char *said = query(db,
                       "WITH s (j) AS (SELECT cloudtrail_verify(%Q))"
                       " SELECT json_remove(j, '$.seconds') FROM s",
                       folder);
    assert_string_equal(
        said, "{\"digests\":68,\"logs\":188,\"good\":177,\"unproven\":19,\"states\":{\"good\":177,"
              "\"unproven\":19,\"not covered\":55,\"gap\":1,\"missing\":1,\"emptied\":1,"
              "\"altered\":2,\"unlisted\":1,\"digest missing\":2,\"digest altered\":1,"
              "\"digests end\":1,\"no digest\":1},\"gaps\":[{\"recipientAccountId\":"
              "\"333333333333\",\"awsRegion\":\"us-east-1\",\"trail\":\"company_trail_us-east-1\","
              "\"from\":\"2024-05-14T10:05:12Z\",\"to\":\"2024-05-14T12:05:12Z\"}]}");
    free(said);
    sqlite3_free(folder);
    harness_close(db);
}

/* With S3's metadata beside the digests the newest is proven, too; and so the AWS CLI, which has
 * them always, says the same wherever it says something. */
static void test_verify_with_metadata_says_what_the_aws_cli_says(void **state)
{
    (void)state;
    compose();
    char *database = sqlite3_mprintf("%s/metadata.db", temp_dir());
    sqlite3 *db = harness_open_file(database);
    verify(db, METADATA);
    assert_states(db, METADATA);
    harness_close(db);

    const char *python = getenv("CT_AWSCLI_PYTHON");
    char *command =
        sqlite3_mprintf("%s -B tests/independent/validate_logs.py '%s' '%s' || [ $? -eq 77 ]",
                        python ? python : "python3", temp_path("case"), database);
    char *said = shell_output(command);
    sqlite3_free(command);
    sqlite3_free(database);
    bool is_there = strncmp(said, "the AWS CLI is not", 18) != 0;
    if (is_there)
        assert_string_equal(said, "the same of 196 objects");
    free(said);
    if (!is_there) {
        printf("skipped: the AWS CLI is not there, by whose validate-logs this is compared (pip "
               "install awscli; CT_AWSCLI_PYTHON names another Python)\n");
        skip();
    }
}

/* Unpacked into one folder: the hashes are of what is inside, and names are enough. */
static void test_verify_unpacked_files_in_one_folder_are_the_same(void **state)
{
    (void)state;
    sqlite3 *db = harness_open(), *flat = harness_open();
    compose();
    char *command = sqlite3_mprintf("cd '%s' && mkdir flat && find case/bucket -name '*.gz' "
                                    "-exec cp {} flat ';' && gunzip flat/*.gz",
                                    temp_dir());
    free(shell_output(command));
    sqlite3_free(command);
    verify(db, KEYS);
    verify_folder(flat, "flat", true);
    static const char rows[] =
        "SELECT replace(s3Object, rtrim(s3Object, replace(s3Object, '/', '')), ''), state"
        " FROM cloudtrail_proof WHERE state <> 'no digest' ORDER BY 1, 2";
    char *expected = harness_query(db, rows);
    assert_query(flat, rows, expected);
    free(expected);
    harness_close(db);
    harness_close(flat);
}

/* Handed over twice: each object is said once, and as it is. */
static void test_verify_copies_of_the_whole_bucket_are_one(void **state)
{
    (void)state;
    sqlite3 *db = harness_open();
    compose();
    char *command = sqlite3_mprintf("cd '%s' && mkdir twice && cp -r case/bucket twice/a && "
                                    "cp -r case/bucket twice/b",
                                    temp_dir());
    free(shell_output(command));
    sqlite3_free(command);
    free(query(db, "SELECT cloudtrail_verify('%q/twice', '%q/case/keys.json')", temp_dir(),
               temp_dir()));
    assert_states(db, KEYS);
    /* one of the copies altered is not hidden by the other */
    command = sqlite3_mprintf(
        "cd '%s/twice/b' && f=$(find . -name '111111111111_CloudTrail_us-east-1_*T0115Z*')"
        " && printf x | gzip >>$f",
        temp_dir());
    free(shell_output(command));
    sqlite3_free(command);
    free(query(db, "SELECT cloudtrail_verify('%q/twice', '%q/case/keys.json')", temp_dir(),
               temp_dir()));
    assert_query(
        db,
        "SELECT state FROM cloudtrail_proof WHERE s3Object LIKE '%us-east-1_20240514T0115Z%'"
        " AND recipientAccountId = '111111111111'",
        "altered");
    harness_close(db);
}

static void test_verify_again_replaces_what_it_said_of_the_same_objects(void **state)
{
    (void)state;
    sqlite3 *db = harness_open();
    compose();
    verify(db, KEYS);
    verify(db, KEYS);
    assert_states(db, KEYS);
    harness_exec(db, "INSERT INTO cloudtrail_proof (s3Object, recipientAccountId, awsRegion, "
                     "state, detail, checkedAt) VALUES ('elsewhere', '1', 'r', 'altered', '', '')");
    verify(db, BUCKET);
    assert_query(db, "SELECT count(*) FROM cloudtrail_proof WHERE s3Object = 'elsewhere'", "1");
    assert_query(db, "SELECT count(*) FROM cloudtrail_proof WHERE state = 'signature wrong'", "0");
    harness_close(db);
}

static void test_verify_takes_a_folder_of_keys_in_either_form(void **state)
{
    (void)state;
    sqlite3 *db = harness_open();
    compose();
    free(query(db, "SELECT cloudtrail_verify('%q/case/bucket', '%q/case/keys')", temp_dir(),
               temp_dir()));
    assert_states(db, KEYS);
    harness_close(db);
}

static void test_verify_without_the_key_says_so(void **state)
{
    (void)state;
    sqlite3 *db = harness_open();
    compose();
    char *command = sqlite3_mprintf(
        "cd '%s' && python3 -c \"import json; k = json.load(open('case/keys.json'));"
        " del k['PublicKeyList'][1]; json.dump(k, open('one.json', 'w'))\"",
        temp_dir());
    free(shell_output(command));
    sqlite3_free(command);
    char *said = query(db,
                       "SELECT json_extract(cloudtrail_verify('%q/case/bucket', '%q/one.json'),"
                       " '$.states.\"no key\"')",
                       temp_dir(), temp_dir());
    /* every digest but the altered one, also those of which no signature is known: 68 - 1 */
    assert_string_equal(said, "67");
    free(said);
    harness_close(db);
}

/* ---- attacks on the proof itself ------------------------------------------------------------ */

/* Composes the buckets of tests/independent/compose_attacks.py, once a program. */
static void compose_attacks(void)
{
    struct stat st;
    if (stat(temp_path("attacks"), &st) == 0)
        return;
    if (system("command -v openssl >/dev/null 2>&1") != 0) {
        printf("skipped: openssl is not there, by which the digests of the tests are signed\n");
        skip();
    }
    char *command = sqlite3_mprintf("python3 -B tests/independent/compose_attacks.py '%s'",
                                    temp_path("attacks"));
    free(shell_output(command));
    sqlite3_free(command);
}

static void attack(sqlite3 *db, const char *name, bool with_keys)
{
    char *folder = sqlite3_mprintf("%s/%s", temp_path("attacks"), name);
    free(query(db, "SELECT cloudtrail_verify(%Q, %Q)", folder,
               with_keys ? temp_path("attacks/keys.json") : NULL));
    sqlite3_free(folder);
}

/* Exactly what was done is named: all findings, and copies. */
static void test_verify_finds_each_attack(void **state)
{
    static const char *const names[] = {
        "stripped",      "stripped-other-key", "stripped-no-key", "starts",         "copies",
        "digest-copies", "lone-trail",         "lone-backfill",   "lone-other-key", "next",
        "two-trails",    "nothing-listed"};
    (void)state;
    compose_attacks();
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        sqlite3 *db = harness_open();
        attack(db, names[i], true);
        char *command =
            sqlite3_mprintf("LC_ALL=C sort '%s/%s.expected'", temp_path("attacks"), names[i]);
        char *expected = shell_output(command);
        char *found =
            harness_query(db, "SELECT s3Object, state FROM cloudtrail_proof"
                              " WHERE state NOT IN ('good', 'unproven', 'not covered')"
                              " OR detail LIKE 'copy of %' ORDER BY s3Object || '|' || state");
        if (strcmp(found, expected) != 0)
            fail_msg("%s: found\n%s", names[i], found);
        free(found);
        free(expected);
        sqlite3_free(command);
        harness_close(db);
    }
}

/* A starting digest where digests run on is a gap without a length, with and without keys. */
static void test_verify_tells_a_chain_begun_anew(void **state)
{
    (void)state;
    sqlite3 *db = harness_open();
    compose_attacks();
    for (int with_keys = 0; with_keys < 2; with_keys++) {
        char *said =
            query(db, "SELECT json_extract(cloudtrail_verify('%q/starts', %Q), '$.gaps[0]')",
                  temp_path("attacks"), with_keys ? temp_path("attacks/keys.json") : NULL);
        assert_string_equal(
            said, "{\"recipientAccountId\":\"111111111111\",\"awsRegion\":\"us-east-1\","
                  "\"trail\":\"company_trail_us-east-1\",\"from\":\"2024-05-14T02:05:12Z\","
                  "\"to\":\"2024-05-14T02:05:12Z\",\"detail\":\"the chain begins anew at "
                  "2024-05-14T02:05:12Z though digests run on: validation was begun again, or "
                  "digests were rewritten\"}");
        free(said);
        assert_query(db, "SELECT count(*) FROM cloudtrail_missing WHERE state = 'gap'", "4");
    }
    harness_close(db);
}

/* Details name the file that is bad, and why a log file that a digest names counts as added. */
static void test_verify_says_which_file_it_is(void **state)
{
    (void)state;
    sqlite3 *db = harness_open();
    compose_attacks();
    attack(db, "copies", true);
    assert_query(db,
                 "SELECT state, detail LIKE '%/copies/aside/111111111111_CloudTrail_%: %; a copy of"
                 " AWSLogs/111111111111/CloudTrail/us-east-1/2024/05/14/%' FROM cloudtrail_proof"
                 " WHERE state IN ('altered', 'emptied') ORDER BY 1",
                 "altered|1\nemptied|1");
    attack(db, "digest-copies", true);
    assert_query(
        db,
        "SELECT count(*) FROM cloudtrail_proof WHERE state = 'digest altered'"
        " AND (detail LIKE '%/digest-copies/aside/AWSLogs/%: its follower has another hash"
        " of it' OR detail LIKE 'copies of it differ, and nothing tells which is right: %')",
        "2");
    attack(db, "lone-trail", true);
    assert_query(db,
                 "SELECT detail FROM cloudtrail_proof WHERE s3Object LIKE '%\\_20240514T0325Z\\_%'"
                 " ESCAPE '\\'",
                 "named only by an unproven digest (unproven), and not by the signed ones of its "
                 "time");
    harness_close(db);
}

/* An import alone knows a file that is not there and one without records; verify knows better. */
static void test_missing_by_import_until_verified(void **state)
{
    (void)state;
    static const char digest[] =
        "{\"awsAccountId\":\"1\",\"digestStartTime\":\"2024-05-01T09:00:00Z\","
        "\"digestEndTime\":\"2024-05-01T10:00:00Z\",\"digestS3Object\":\"AWSLogs/d.json.gz\","
        "\"logFiles\":[{\"s3Bucket\":\"b\",\"s3Object\":\"AWSLogs/"
        "gone.json.gz\",\"hashValue\":\"00\"},"
        /* printf '{\"Records\":[]}' | sha256sum */
        "{\"s3Bucket\":\"b\",\"s3Object\":\"AWSLogs/none.json.gz\",\"hashValue\":"
        "\"26a792db36a3afba23b1dd277fcc9f15a7313c4a92e4e4cc0494846af345ecff\"}]}";
    sqlite3 *db = imports_open(":memory:");
    (void)temp_write("small/digest.json", digest, strlen(digest));
    (void)temp_write("small/AWSLogs/none.json", "{\"Records\":[]}", 14);
    char *hash = shell_output("printf '{\"Records\":[]}' | sha256sum | cut -c 1-64");
    free(imports_run(db, "cloudtrail_import", temp_path("small")));
    assert_query(db, "SELECT s3Bucket, s3Object, state FROM cloudtrail_missing ORDER BY 2",
                 "b|AWSLogs/gone.json.gz|missing\nb|AWSLogs/none.json.gz|emptied");
    assert_query(db,
                 "SELECT digestS3Object, startTime, previousDigestS3Object FROM cloudtrail_digest",
                 "AWSLogs/d.json.gz|2024-05-01T09:00:00Z|NULL");
    char *listed =
        harness_query(db, "SELECT hashValue FROM cloudtrail_digest_file LIMIT 1 OFFSET 1");
    assert_string_equal(listed, hash);
    free(listed);
    free(hash);
    free(query(db, "SELECT cloudtrail_verify('%q')", temp_path("small")));
    assert_query(db, "SELECT s3Bucket, s3Object, state FROM cloudtrail_missing ORDER BY 2",
                 "b|AWSLogs/gone.json.gz|missing");
    harness_close(db);
}

static void test_import_keeps_hash_and_version_of_each_file(void **state)
{
    (void)state;
    sqlite3 *db = imports_open(":memory:");
    (void)temp_write("hashed/a.json", "{\"Records\":[]}\n", 15);
    (void)temp_write("hashed/cut.gz", "\x1F\x8B\x08\0\0\0\0\0\0\x03", 10);
    free(imports_run(db, "cloudtrail_import", temp_path("hashed")));
    char *command =
        sqlite3_mprintf("cd '%s' && sha256sum a.json cut.gz | cut -c 1-64", temp_path("hashed"));
    char *expected = shell_output(command);
    assert_query(db, "SELECT sha256 FROM cloudtrail_file ORDER BY path", expected);
    assert_query(db, "SELECT DISTINCT version FROM cloudtrail_file", CT_VERSION);
    free(expected);
    sqlite3_free(command);
    harness_close(db);
}

/* A database of 0.1.0 lists log files in cloudtrail_digest and knows nothing of digests: these are
 * read again by the next import. */
static void test_verify_tables_of_0_1_0_are_brought_up_to_date(void **state)
{
    (void)state;
    sqlite3 *db = imports_open(":memory:");
    free(imports_run(db, "cloudtrail_import", "data/sample"));
    static const char listed[] = "SELECT s3Bucket, s3Object, oldestEventTime, newestEventTime"
                                 " FROM cloudtrail_digest_file ORDER BY 2";
    char *expected = harness_query(db, listed);
    harness_exec(db,
                 "CREATE TEMP TABLE was AS SELECT * FROM cloudtrail_digest_file;"
                 "DROP TABLE cloudtrail_digest_file; DROP TABLE cloudtrail_digest;"
                 "DROP TABLE cloudtrail_proof; DROP TABLE cloudtrail_migration;"
                 "CREATE TABLE cloudtrail_digest (fileID INTEGER NOT NULL, s3Bucket TEXT, s3Object"
                 " TEXT NOT NULL, oldestEventTime TEXT, newestEventTime TEXT);"
                 "CREATE INDEX cloudtrail_digest_file ON cloudtrail_digest (fileID);"
                 "INSERT INTO cloudtrail_digest SELECT fileID, s3Bucket, s3Object, oldestEventTime,"
                 " newestEventTime FROM was;"
                 "UPDATE cloudtrail_schema SET version = 1000, shippedSQL = CASE name"
                 " WHEN 'cloudtrail_digest' THEN (SELECT sql FROM sqlite_master"
                 "  WHERE name = 'cloudtrail_digest') ELSE shippedSQL END;"
                 "DELETE FROM cloudtrail_schema WHERE name IN ('cloudtrail_digest_file',"
                 " 'cloudtrail_proof', 'cloudtrail_migration')");
    free(harness_query(db, "SELECT cloudtrail_init()"));
    assert_query(db, listed, expected);
    assert_query(db, "SELECT count(*) FROM cloudtrail_digest", "0");
    assert_query(db, "SELECT count(*) FROM sqlite_master WHERE name LIKE '%rows_of%'", "0");
    assert_import(db, "data/sample",
                  "\"files\":1,\"skipped\":97,\"events\":0,\"duplicates\":0,\"problems\":0,"
                  "\"digests\":1");
    assert_query(db, listed, expected);
    assert_query(db, "SELECT endTime FROM cloudtrail_digest", "2025-10-14T14:05:12Z");
    free(expected);
    harness_close(db);
}

static void test_verify_errors(void **state)
{
    (void)state;
    sqlite3 *db = harness_open();
    (void)temp_write("bad/keys.json", "{\"PublicKeyList\":[{\"Value\":\"AAAA\"}]}", 36);
    (void)temp_write("odd/keys.json", "[1]", 3);
    assert_query(db, "SELECT cloudtrail_verify(NULL)",
                 "error: cloudtrail_verify(): a path is needed: cloudtrail_verify('logs/')");
    assert_query(db, "SELECT cloudtrail_verify('-')",
                 "error: cloudtrail_verify(): standard input has no name, and files are known by "
                 "theirs");
    assert_query(
        db, "CREATE TABLE x AS SELECT cloudtrail_verify('data/sample')",
        "error: cloudtrail_verify(): call it from a plain SELECT, not from INSERT or CREATE "
        "TABLE AS");
    char *said = query(db, "SELECT cloudtrail_verify('data/sample', %Q)", temp_path("bad"));
    assert_non_null(strstr(said, "/bad/keys.json: a key that is no RSA key in base64 DER"));
    free(said);
    said = query(db, "SELECT cloudtrail_verify('data/sample', %Q)", temp_path("odd/keys.json"));
    assert_non_null(
        strstr(said, "no PublicKeyList, as `aws cloudtrail list-public-keys` prints it"));
    free(said);
    /* keys that are none, too many, or not to be read */
    (void)temp_write("none/keys.json", "{\"PublicKeyList\":[]}", 20);
    char *blanks = calloc(1, (16 << 20) + 2);
    memset(blanks, ' ', (16 << 20) + 1);
    (void)temp_write("huge/keys.json", blanks, (16 << 20) + 1);
    free(blanks);
    (void)temp_write("cut/keys.json", "\x1F\x8B\x08\0\0\0\0\0\0\x03", 10);
    assert_int_equal(mkdir(temp_path("empty"), 0700), 0);
    static const char *const keys[][2] = {
        {"none", "/none: no public key in it"},
        {"huge", "/huge/keys.json: too large for public keys"},
        {"cut", "/cut/keys.json: the gzip data ends early"},
        {"empty", "/empty: no file in this folder"},
        {"gone", "/gone: no such file or folder"},
    };
    for (size_t i = 0; i < sizeof keys / sizeof keys[0]; i++) {
        said = query(db, "SELECT cloudtrail_verify('data/sample', %Q)", temp_path(keys[i][0]));
        if (!strstr(said, keys[i][1]))
            fail_msg("%s", said);
        free(said);
    }
    said = query(db, "SELECT cloudtrail_verify(%Q)", temp_path("empty"));
    assert_non_null(strstr(said, "/empty: no file in this folder"));
    free(said);
    said = query(db, "SELECT cloudtrail_verify('%q/absent')", temp_dir());
    assert_int_equal(strncmp(said, "error: cloudtrail_verify(): ", 28), 0);
    free(said);
    assert_query(db, "SELECT count(*) FROM sqlite_master", "0"); /* nothing was made */
    harness_close(db);
}

/* Digests of any bytes: rows or nothing, never a crash. */
static void test_verify_hostile_digests(void **state)
{
    static const char *const texts[] = {
        "",
        "{",
        "{\"digestS3Object\":1,\"digestStartTime\":2}",
        "{\"digestS3Object\":\"\",\"digestStartTime\":\"\",\"logFiles\":{}}",
        "{\"digestS3Object\":\"a_b_c\",\"digestStartTime\":\"x\",\"logFiles\":[1,[],{}, "
        "{\"s3Object\":"
        "null},{\"s3Object\":\"/\"},{\"s3Object\":\"AWSLogs/"
        "\"},{\"s3Object\":\"x\",\"hashValue\":\"zz\"}]}",
        "{\"digestS3Object\":\"me\",\"digestStartTime\":\"0001-01-01T00:00:00Z\",\"digestEndTime\":"
        "\"9999-12-31T23:59:59Z\",\"previousDigestS3Object\":\"me\",\"logFiles\":null}",
        "{\"digestS3Object\":\"111111111111_CloudTrail-Digest_r_t_h_00010101T000000Z.json.gz\","
        "\"digestStartTime\":\"9999-01-01T00:00:00Z\",\"digestEndTime\":\"0001-01-01T00:00:00Z\","
        "\"previousDigestS3Object\":\"111111111111_CloudTrail-Digest_r_t_h_99991231T235959Z\"}",
        "{\"digestS3Object\":\"111111111111_CloudTrail-Digest_r_t_h_99991231T235959Z.json.gz\","
        "\"digestStartTime\":\"9999-01-01T00:00:00Z\",\"previousDigestS3Object\":\"gone\"}",
    };
    (void)state;
    sqlite3 *db = harness_open();
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
        char name[100];
        snprintf(name, sizeof name, "hostile/digest%zu.json", i);
        (void)temp_write(name, texts[i], strlen(texts[i]));
        snprintf(name, sizeof name,
                 "hostile/111111111111_CloudTrail-Digest_r_t_h_2024050%zuT000000Z.json", i + 1);
        (void)temp_write(name, texts[i], strlen(texts[i]));
        char *said = query(db, "SELECT cloudtrail_verify('%q')", temp_path("hostile"));
        assert_int_equal(said[0], '{');
        free(said);
    }
    harness_close(db);
}

static void test_verify_in_a_transaction_says_so(void **state)
{
    (void)state;
    sqlite3 *db = harness_open_ready();
    harness_exec(db, "BEGIN");
    assert_query(db, "SELECT json_extract(cloudtrail_verify('data/sample'), '$.note')",
                 "inside your transaction: COMMIT keeps it");
    harness_exec(db, "ROLLBACK");
    assert_query(db, "SELECT count(*) FROM cloudtrail_proof", "0");
    harness_close(db);
}

static void test_verify_interrupted_changes_nothing(void **state)
{
    (void)state;
    int n_interrupted = 0;
    for (int n_ops = 1;; n_ops += n_ops / 2 + 3) {
        sqlite3 *db = harness_open_ready();
        harness_exec(db, "INSERT INTO cloudtrail_proof (s3Object, recipientAccountId, awsRegion, "
                         "state, detail, checkedAt) VALUES ('x', '1', 'r', 'good', '', '')");
        interrupts_after(db, INTERRUPT_BY_CALL, n_ops);
        char *got = harness_query(db, "SELECT cloudtrail_verify('data/sample')");
        bool reached = interrupts_end(db);
        if (strstr(got, "interrupted")) {
            n_interrupted++;
            assert_true(sqlite3_get_autocommit(db));
            assert_query(db, "SELECT s3Object FROM cloudtrail_proof", "x");
        }
        free(got);
        harness_close(db);
        if (!reached)
            break;
    }
    assert_true(n_interrupted > 5);
}

static void test_verify_out_of_memory(void **state)
{
    (void)state;
    harness_oom_places("SELECT cloudtrail_init()",
                       "SELECT json_extract(cloudtrail_verify("
                       "'data/sample/AWSLogs/111122223333/CloudTrail-Digest'), '$.states.missing')",
                       "4");
}

/* The key is a key of openssl's, see test_public_key.c, and none of the sample's. */
static void test_verify_out_of_memory_for_keys(void **state)
{
    static const char keys[] =
        "{\"PublicKeyList\":[{\"Value\":\"MEgCQQC25vNBzAo2HYTs7XaFQmyXDV/J6mSl5BLIthsgtdnKklZhKJug"
        "zV2K5oDkNNmiiNykNgWLGPhTQU+uouHluCoFAgMBAAE=\"}]}";
    (void)state;
    char *sql = sqlite3_mprintf("SELECT json_extract(cloudtrail_verify('data/sample/AWSLogs/"
                                "111122223333/CloudTrail-Digest', %Q), '$.states.\"no key\"') > 0",
                                temp_write("oom_keys.json", keys, strlen(keys)));
    harness_oom_places("SELECT cloudtrail_init()", sql, "1");
    sqlite3_free(sql);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_verify_names_exactly_what_was_done),
        cmocka_unit_test(test_verify_summary_counts_each_state_and_tells_gaps),
        cmocka_unit_test(test_verify_with_metadata_says_what_the_aws_cli_says),
        cmocka_unit_test(test_verify_unpacked_files_in_one_folder_are_the_same),
        cmocka_unit_test(test_verify_copies_of_the_whole_bucket_are_one),
        cmocka_unit_test(test_verify_again_replaces_what_it_said_of_the_same_objects),
        cmocka_unit_test(test_verify_takes_a_folder_of_keys_in_either_form),
        cmocka_unit_test(test_verify_without_the_key_says_so),
        cmocka_unit_test(test_verify_finds_each_attack),
        cmocka_unit_test(test_verify_tells_a_chain_begun_anew),
        cmocka_unit_test(test_verify_says_which_file_it_is),
        cmocka_unit_test(test_missing_by_import_until_verified),
        cmocka_unit_test(test_import_keeps_hash_and_version_of_each_file),
        cmocka_unit_test(test_verify_tables_of_0_1_0_are_brought_up_to_date),
        cmocka_unit_test(test_verify_errors),
        cmocka_unit_test(test_verify_hostile_digests),
        cmocka_unit_test(test_verify_in_a_transaction_says_so),
        cmocka_unit_test(test_verify_interrupted_changes_nothing),
        cmocka_unit_test(test_verify_out_of_memory),
        cmocka_unit_test(test_verify_out_of_memory_for_keys),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
