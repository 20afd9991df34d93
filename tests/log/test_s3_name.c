/* The names that AWS gives log files and digests (CloudTrail User Guide, "CloudTrail log file
 * examples" and "CloudTrail digest file structure"), and names that are none. */
#include "harness.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/timestamp.h"
#include "log/s3_name.h"

/* kind account region kind-or-trail backfill time */
static const char *show(const char *path, char out[256])
{
    ct_s3_name n = ct_s3_parse(path, strlen(path));
    if (n.kind == CT_S3_OTHER)
        return "other";
    char time[CT_TIME_TEXT_MAX + 1] = {0};
    ct_time_format(n.ticks, time);
    ct_span what = n.kind == CT_S3_LOG ? n.log_kind : n.trail;
    snprintf(out, 256, "%s %.*s %.*s %.*s %d %s", n.kind == CT_S3_LOG ? "log" : "digest",
             (int)n.account.n, n.account.p, (int)n.region.n, n.region.p, (int)what.n, what.p,
             n.is_backfill, time);
    return out;
}

static void test_s3_parse_names(void **state)
{
    static const struct {
        const char *path, *expected;
    } cases[] = {
        {"AWSLogs/111122223333/CloudTrail/us-east-2/2024/03/01/"
         "111122223333_CloudTrail_us-east-2_20240301T0030Z_Mu0KsOhtH1ar15ZZ.json.gz",
         "log 111122223333 us-east-2 CloudTrail 0 2024-03-01T00:30:00Z"},
        {"111122223333_CloudTrail-Insight_us-east-2_20240301T0030Z_Mu0KsOhtH1ar15ZZ.json",
         "log 111122223333 us-east-2 CloudTrail-Insight 0 2024-03-01T00:30:00Z"},
        {"/x/111122223333_CloudTrail-NetworkActivity_us-gov-west-1_20240301T0030Z_a.json.gz",
         "log 111122223333 us-gov-west-1 CloudTrail-NetworkActivity 0 2024-03-01T00:30:00Z"},
        {"p/AWSLogs/o-exampleorgid/111122223333/CloudTrail-Digest/us-east-2/2015/08/17/"
         "111122223333_CloudTrail-Digest_us-east-2_your-trail-name_us-east-1_20150817T084031Z.json."
         "gz",
         "digest 111122223333 us-east-2 your-trail-name_us-east-1 0 2015-08-17T08:40:31Z"},
        {"111122223333_CloudTrail-Digest_us-east-2_a_b_us-east-1_20150817T084031Z_backfill.json.gz",
         "digest 111122223333 us-east-2 a_b_us-east-1 1 2015-08-17T08:40:31Z"},
        {"", "other"},
        {"111122223333_CloudTrail_us-east-2_20240301T0030Z_Mu0KsOhtH1ar15ZZ.txt", "other"},
        {"11112222333_CloudTrail_us-east-2_20240301T0030Z_Mu0KsOhtH1ar15ZZ.json", "other"},
        {"11112222333x_CloudTrail_us-east-2_20240301T0030Z_Mu0KsOhtH1ar15ZZ.json", "other"},
        {"111122223333_Config_us-east-2_20240301T0030Z_Mu0KsOhtH1ar15ZZ.json", "other"},
        {"111122223333_CloudTrail_us-east-2_20241301T0030Z_Mu0KsOhtH1ar15ZZ.json", "other"},
        {"111122223333_CloudTrail_us-east-2_20240301T0030_Mu0KsOhtH1ar15ZZ.json", "other"},
        {"111122223333_CloudTrail_us-east-2_20240301T0030Z.json", "other"},
        {"111122223333_CloudTrail-Digest_us-east-2_20150817T084031Z.json", "other"},
        /* times and kinds that are garbled at one place */
        {"111122223333_CloudTrail_us-east-2_20240301-0030Z_a.json", "other"},
        {"111122223333_CloudTrail_us-east-2_20240301T0030z_a.json", "other"},
        {"111122223333_CloudTrail_us-east-2_2024O301T0030Z_a.json", "other"},
        {"111122223333_CloudTrail_us-east-2_20240301T00:0Z_a.json", "other"},
        {"111122223333_CloudTrail_us-east-2_20240301T00301Z_a.json", "other"},
        {"111122223333_CloudTrail-Digest_us-east-2_t_20150817T08403xZ.json", "other"},
        {"111122223333_CloudTrail-Digest_us-east-2.json", "other"},
        {"111122223333_CloudTrail-Digest.json", "other"},
        {"111122223333_CloudTrail_us-east-2.json", "other"},
        {"111122223333_CloudTrai_us-east-2_20240301T0030Z_a.json", "other"},
        {"111122223333_CloudTraiL_us-east-2_20240301T0030Z_a.json", "other"},
        {"111122223333.json", "other"},
        {".json", "other"},
        {"111122223333_CloudTrail-Digest_us-east-2_t_h_20150817T084031Z.json.gz/x", "other"},
    };
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        char out[256];
        assert_string_equal(show(cases[i].path, out), cases[i].expected);
    }
}

static void test_s3_key_begins_at_the_last_AWSLogs_folder(void **state)
{
    static const char *const cases[][2] = {
        {"/home/me/AWSLogs/1/CloudTrail/x.json.gz", "AWSLogs/1/CloudTrail/x.json"},
        {"prefix/AWSLogs/1/x.json", "AWSLogs/1/x.json"},
        {"AWSLogs/old/AWSLogs/1/x.json.gz", "AWSLogs/1/x.json"},
        {"/home/me/NotAWSLogs/1/x.json.gz", "x.json"},
        {"x.json.gz", "x.json"},
        {".gz", ""},
        {"a/", ""},
    };
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        ct_span key = ct_s3_key(cases[i][0], strlen(cases[i][0]));
        assert_int_equal(key.n, strlen(cases[i][1]));
        if (key.n > 0)
            assert_memory_equal(key.p, cases[i][1], key.n);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_s3_parse_names),
        cmocka_unit_test(test_s3_key_begins_at_the_last_AWSLogs_folder),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
