/* Digests with wrong or missing fields, files that cannot be read, and want of memory; whole buckets,
 * signed ones, are test_verify.c's. */
#include "harness.h"

#include <stdio.h>
#include <string.h>

#include "faulty_mem.h"
#include "gz.h"
#include "log/proof.h"
#include "temp.h"

#define FOLDER "AWSLogs/111111111111/CloudTrail/us-east-1/2024/05/14/"
#define DIGESTS "AWSLogs/111111111111/CloudTrail-Digest/us-east-1/2024/05/14/"
#define LOG(time)                                                                                  \
    FOLDER "111111111111_CloudTrail_us-east-1_20240514T" time "Z_0123456789abcdef.json"
#define INSIGHT(time)                                                                              \
    FOLDER "111111111111_CloudTrail-Insight_us-east-1_20240514T" time "Z_0123456789abcdef.json"
#define DIGEST(time)                                                                               \
    DIGESTS "111111111111_CloudTrail-Digest_us-east-1_t_us-east-1_20240514T" time "Z.json"

/* Files by their names in the bucket, and their texts; {N} in a text is the SHA-256 of the N-th. */
typedef struct bucket_file {
    const char *name, *text, *error;
} bucket_file;

enum { FILES_MAX = 5 };

static void put_text(ct_buf *out, const bucket_file *files, const char *text)
{
    for (const char *p = text; *p; p++) {
        if (p[0] != '{' || p[1] < '0' || p[1] > '9') {
            ct_buf_put_char(out, *p);
            continue;
        }
        ct_buf of = CT_BUF_EMPTY;
        unsigned char hash[CT_SHA256_BYTES];
        char hex[CT_SHA256_HEX];
        put_text(&of, files, files[p[1] - '0'].text);
        ct_sha256_of(of.data, of.len, hash);
        ct_hex(hash, sizeof hash, hex);
        ct_buf_put(out, hex, sizeof hex);
        ct_buf_free(&of);
        p += 2;
    }
}

static void write_files(const bucket_file files[FILES_MAX])
{
    for (int i = 0; i < FILES_MAX && files[i].name; i++) {
        ct_buf text = CT_BUF_EMPTY;
        put_text(&text, files, files[i].text);
        if (strcmp(files[i].name + strlen(files[i].name) - 3, ".gz") == 0) {
            ct_buf plain = text;
            text = CT_BUF_EMPTY;
            gz_put(&text, plain.data, plain.len);
            ct_buf_free(&plain);
        }
        (void)temp_write(files[i].name, text.data ? text.data : "", text.len);
        ct_buf_free(&text);
    }
}

static void put_base(ct_buf *out, ct_span object)
{
    const char *p = object.p + object.n;
    while (p > object.p && p[-1] != '/')
        p--;
    const char *time = strstr(p, "_20240514T"); /* the rest is the same in all */
    if (time)
        ct_buf_printf(out, "%s %.4s", strstr(p, "Digest") ? "digest" : "log", time + 10);
}

/* What is said of the files: a line an object, its name without the folder. False: no memory. Before
 * them the proof has to keep `pad`, where it is not NULL. */
static bool judge_behind(const char *pad, const bucket_file *files, ct_public_keys *keys,
                         ct_buf *out, long *n_refused)
{
    ct_proof *proof = ct_proof_new(keys, NULL);
    bool ok = proof && (!pad || ct_proof_add(proof, "pad", pad));
    for (int i = 0; ok && i < FILES_MAX && files[i].name; i++)
        ok = ct_proof_add(proof, temp_path(files[i].name), files[i].error);
    ok = ok && ct_proof_finish(proof);
    ct_proof_result result = {.n_rows = 0};
    if (ok)
        result = ct_proof_result_of(proof);
    *n_refused = ct_mem_failures();
    ct_mem_fail_after(-1);
    for (size_t i = 0; i < result.n_rows; i++) {
        put_base(out, result.rows[i].object);
        ct_buf_printf(out, "|%s|", ct_proof_state_name(result.rows[i].state));
        /* of a file's path the end is enough */
        const char *detail = result.rows[i].detail ? result.rows[i].detail : "";
        const char *path = strstr(detail, temp_dir());
        ct_buf_put(out, detail, path ? (size_t)(path - detail) : strlen(detail));
        ct_buf_put_text(out, path ? path + strlen(temp_dir()) : "");
        ct_buf_put_char(out, '\n');
    }
    ct_buf_put_char(out, '\0');
    ct_proof_free(proof);
    return ok;
}

static bool judge(const bucket_file *files, ct_public_keys *keys, ct_buf *out, long *n_refused)
{
    return judge_behind(NULL, files, keys, out, n_refused);
}

/* A key of openssl's, see test_public_key.c. */
#define FINGERPRINT "a464d86d1e4dc53230efe1a4da3d35f1"

/* For files of which the first says that it is signed by that key; NULL for others. */
static ct_public_keys *keys_for(const bucket_file *files)
{
    static const char list[] =
        "{\"PublicKeyList\":[{\"Value\":\"MEgCQQC25vNBzAo2HYTs7XaFQmyXDV/J6mSl5BLIthsgtdnKklZhKJug"
        "zV2K5oDkNNmiiNykNgWLGPhTQU+uouHluCoFAgMBAAE=\",\"Fingerprint\":\"" FINGERPRINT "\"}]}";
    if (!files->name || !strstr(files->text, FINGERPRINT))
        return NULL;
    ct_public_keys *keys = ct_public_keys_new();
    assert_null(ct_public_keys_add(keys, list, strlen(list)));
    return keys;
}

#define BEGIN(hour, next)                                                                          \
    "{\"awsAccountId\":\"111111111111\",\"digestStartTime\":\"2024-05-14T" hour                    \
    ":00:00Z\",\"digestEndTime\":\"2024-05-14T" next                                               \
    ":00:00Z\",\"digestS3Bucket\":\"b\",\"digestS3Object\":\"" DIGEST(next "0000") ".gz\","
#define ENTRY(time, rest) "{\"s3Bucket\":\"b\",\"s3Object\":\"" LOG(time) ".gz\"," rest "}"
#define HASH(n) "\"hashValue\":\"{" n "}\",\"hashAlgorithm\":\"SHA-256\""
#define NOTHING_BEFORE "\"previousDigestS3Object\":null,\"previousDigestHashValue\":null,"
#define BEFORE(hash)                                                                               \
    "\"previousDigestS3Object\":\"" DIGEST("010000") ".gz\",\"previousDigestHashValue\":\"" hash   \
                                                     "\",\"previousDigestHashAlgorithm\":\"SHA-"   \
                                                     "256\",\"previousDigestSignature\":\"00\","

#define SIGNED_BY "\"digestPublicKeyFingerprint\":\"" FINGERPRINT "\","
#define BLANKS "                                                                                "

#define LOG_1                                                                                      \
    {                                                                                              \
        LOG("0005"), "{\"Records\":[]}\n", NULL                                                    \
    }
#define LOG_2                                                                                      \
    {                                                                                              \
        LOG("0105"), "{\"Records\":[] }\n", NULL                                                   \
    }
#define DIGEST_2(before)                                                                           \
    {                                                                                              \
        DIGEST("020000"), BEGIN("01", "02") before "\"logFiles\":[" ENTRY("0105", HASH("1")) "]}", \
            NULL                                                                                   \
    }

static const struct {
    const char *what;
    bucket_file files[FILES_MAX];
    const char *said;
} cases[] = {
    {"nothing", {{NULL, NULL, NULL}}, ""},
    {"as it should be",
     {LOG_1,
      LOG_2,
      {DIGEST("010000"),
       BEGIN("00", "01") NOTHING_BEFORE "\"logFiles\":[" ENTRY("0005", HASH("0")) "]}", NULL},
      DIGEST_2(BEFORE("{2}"))},
     "digest 0100|good|\n"
     "digest 0200|unproven|no digest follows it\n"
     "log 0005|good|\n"
     "log 0105|unproven|named by an unproven digest alone\n"},
    {"another algorithm",
     {LOG_1,
      {DIGEST("010000"),
       BEGIN("00", "01") NOTHING_BEFORE
       "\"logFiles\":[" ENTRY("0005", "\"hashValue\":\"{0}\",\"hashAlgorithm\":\"MD5\"") "]}",
       NULL}},
     "digest 0100|unproven|no digest follows it\n"
     "log 0005|unreadable|the digest has no SHA-256 of it\n"},
    {"a hash that is none",
     {LOG_1,
      {DIGEST("010000"),
       BEGIN("00", "01") NOTHING_BEFORE "\"logFiles\":[" ENTRY("0005", "\"hashValue\":\"0g\"") "]}",
       NULL}},
     "digest 0100|unproven|no digest follows it\n"
     "log 0005|unreadable|the digest has no SHA-256 of it\n"},
    {"no hash",
     {LOG_1,
      {DIGEST("010000"),
       BEGIN("00", "01") NOTHING_BEFORE "\"logFiles\":[" ENTRY("0005", "\"a\":1") "]}", NULL}},
     "digest 0100|unproven|no digest follows it\n"
     "log 0005|unreadable|the digest has no SHA-256 of it\n"},
    {"no list",
     {LOG_1, {DIGEST("010000"), BEGIN("00", "01") NOTHING_BEFORE "\"logFiles\":null}", NULL}},
     "digest 0100|unproven|no digest follows it\n"
     "log 0005|unlisted|no digest names it, though all of its time are there\n"},
    {"an entry without a name",
     {LOG_1,
      {DIGEST("010000"),
       BEGIN("00", "01") NOTHING_BEFORE
       "\"logFiles\":[1,{\"s3Object\":\"a\\u002fb\"},{\"s3Object\":7}]}",
       NULL}},
     "digest 0100|unproven|no digest follows it\n"
     "log 0005|unlisted|no digest names it, though all of its time are there\n"},
    {"its follower has another hash",
     {LOG_1,
      LOG_2,
      {DIGEST("010000"),
       BEGIN("00", "01") NOTHING_BEFORE "\"logFiles\":[" ENTRY("0005", HASH("0")) "]}", NULL},
      DIGEST_2(BEFORE("{1}"))},
     "digest 0100|digest altered|its follower has another hash of it\n"
     "digest 0200|unproven|no digest follows it\n"
     "log 0005|unproven|named by a digest that fails: digest altered\n"
     "log 0105|unproven|named by an unproven digest alone\n"},
    {"a digest and a log file that cannot be read",
     {{LOG("0005"), "", "Permission denied"},
      LOG_2,
      {DIGEST("010000"), "", "Permission denied"},
      DIGEST_2(BEFORE("{0}"))},
     "digest 0100|digest altered|it cannot be read: Permission denied\n"
     "digest 0200|unproven|no digest follows it\n"
     "log 0105|unproven|named by an unproven digest alone\n"
     "log 0005|not covered|in a time without digests; it cannot be read: Permission denied\n"},
    {"a digest that is none",
     {LOG_1, LOG_2, {DIGEST("010000"), "  \n", NULL}, DIGEST_2(BEFORE("{0}"))},
     "digest 0100|digest altered|its follower has another hash of it\n"
     "digest 0200|unproven|no digest follows it\n"
     "log 0105|unproven|named by an unproven digest alone\n"
     "log 0005|not covered|in a time without digests\n"},
    {"a digest that is cut",
     {LOG_1,
      LOG_2,
      {DIGEST("010000"), BEGIN("00", "01") "\"logFiles\":[", NULL},
      DIGEST_2(BEFORE("{0}"))},
     "digest 0100|digest altered|its follower has another hash of it\n"
     "digest 0200|unproven|no digest follows it\n"
     "log 0105|unproven|named by an unproven digest alone\n"
     "log 0005|not covered|in a time without digests\n"},
    {"no digest",
     {LOG_1, LOG_2, {FOLDER "other.txt", "x", NULL}},
     "log 0005|not covered|its region has no digest\n"
     "log 0105|not covered|its region has no digest\n"
     "|no digest|there are log files of this region and no digest at all\n"},
    {"hours without digests",
     {{DIGEST("010000"), BEGIN("00", "01") NOTHING_BEFORE "\"logFiles\":[]}", NULL},
      {DIGEST("040000"), BEGIN("03", "04") NOTHING_BEFORE "\"logFiles\":[]}", NULL}},
     "digest 0100|unproven|no digest follows it\n"
     "digest 0400|unproven|no digest follows it\n"
     "digest 0400|gap|no digests from 2024-05-14T01:00:00Z to 2024-05-14T03:00:00Z: logging or "
     "validation was off\n"},
    {"gzip",
     {{LOG("0005") ".gz", "{\"Records\":[]}\n", NULL},
      {DIGEST("010000") ".gz",
       BEGIN("00", "01") NOTHING_BEFORE "\"logFiles\":[" ENTRY("0005", HASH("0")) "]}", NULL}},
     "digest 0100|unproven|no digest follows it\n"
     "log 0005|unproven|named by an unproven digest alone\n"},
    {"the name of a log file with another ending",
     {{LOG("0005") ".1", "{\"Records\":[]}\n", NULL}},
     "log 0005|not covered|its region has no digest\n"
     "|no digest|there are log files of this region and no digest at all\n"},
    {"a signature in the metadata, which has more bytes than the digest",
     {{DIGEST("010000"), BEGIN("00", "01") SIGNED_BY NOTHING_BEFORE "\"logFiles\":[]}", NULL},
      {DIGEST("010000") ".metadata.json",
       "{" BLANKS BLANKS BLANKS BLANKS BLANKS BLANKS BLANKS BLANKS BLANKS BLANKS BLANKS BLANKS
       "\"Metadata\":{\"signature\":\"00\"}}",
       NULL}},
     "digest 0100|signature wrong|the signature in its metadata is not of this digest\n"},
    {"no signature",
     {{DIGEST("050000"), BEGIN("04", "05") SIGNED_BY NOTHING_BEFORE "\"logFiles\":[]}", NULL}},
     "digest 0500|unproven|no digest follows it, and its metadata is not there\n"},
};

static void test_proof_of_digests_with_wrong_fields(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        long n_refused;
        write_files(cases[i].files);
        ct_buf said = CT_BUF_EMPTY;
        ct_public_keys *keys = keys_for(cases[i].files);
        assert_true(judge(cases[i].files, keys, &said, &n_refused));
        if (strcmp(said.data, cases[i].said) != 0)
            fail_msg("%s: expected\n%s\n  got:\n%s\n", cases[i].what, cases[i].said, said.data);
        ct_public_keys_free(keys);
        ct_buf_free(&said);
    }
}

static void test_proof_out_of_memory(void **state)
{
    (void)state;
    for (size_t i = 0; i < 2 * sizeof cases / sizeof cases[0]; i++) {
        const bucket_file *files = cases[i / 2].files;
        write_files(files);
        ct_public_keys *keys = keys_for(files);
        long n_refused = 1;
        for (long n = 0; n_refused > 0; n++) {
            ct_buf said = CT_BUF_EMPTY;
            ct_mem_ways[i % CT_MEM_N_WAYS](n);
            bool ok = judge(files, keys, &said, &n_refused);
            if (ok ? strcmp(said.data, cases[i / 2].said) != 0 : n_refused == 0)
                fail_msg("%s, allocation %ld: %s", cases[i / 2].what, n, said.data);
            ct_buf_free(&said);
        }
        ct_public_keys_free(keys);
    }
}

/* Small things are kept in blocks: what is kept before leaves ever more room in the first of them, and
 * there is no memory for the second. */
static void test_proof_out_of_memory_for_its_next_block(void **state)
{
    enum {
        BLOCK = 256 * 1024,
        STEP = 48,
        BEFORE_IT = 2
    }; /* the first block and the file's piece */
    static char pad[BLOCK];
    (void)state;
    memset(pad, 'p', sizeof pad);
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        write_files(cases[i].files);
        ct_public_keys *keys = keys_for(cases[i].files);
        bool fits = false;
        for (size_t room = 512; !fits; room += STEP) {
            pad[sizeof pad - room] = '\0';
            for (size_t k = 0; k < CT_MEM_N_WAYS; k++) {
                long n_refused;
                ct_buf said = CT_BUF_EMPTY;
                ct_mem_ways[k](BEFORE_IT);
                ct_mem_spare_below(BLOCK);
                bool ok = judge_behind(pad, cases[i].files, keys, &said, &n_refused);
                if (ok != (n_refused == 0))
                    fail_msg("%s, with room for %zu: %s", cases[i].what, room, said.data);
                fits = ok;
                ct_buf_free(&said);
            }
            pad[sizeof pad - room] = 'p';
        }
        ct_public_keys_free(keys);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_proof_of_digests_with_wrong_fields),
        cmocka_unit_test(test_proof_out_of_memory),
        cmocka_unit_test(test_proof_out_of_memory_for_its_next_block),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
