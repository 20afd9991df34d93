/* Lists of public keys with something wrong in them, and signatures, by a key of openssl's: genrsa 512,
 * rsa -RSAPublicKey_out, rsa -pubout, md5sum, dgst -sha256 -sign. Digests that are signed:
 * test_verify.c. */
#include "harness.h"

#include <string.h>

#include "faulty_mem.h"
#include "log/public_key.h"

#define PKCS_1                                                                                     \
    "MEgCQQC25vNBzAo2HYTs7XaFQmyXDV/J6mSl5BLIthsgtdnKklZhKJugzV2K5oDkNNmiiNykNgWLGPhTQU+uouHluCoF" \
    "AgMBAAE="
#define PKCS_1_MD5 "a464d86d1e4dc53230efe1a4da3d35f1"
#define SPKI                                                                                       \
    "MFwwDQYJKoZIhvcNAQEBBQADSwAwSAJBALbm80HMCjYdhOztdoVCbJcNX8nqZKXkEsi2GyC12cqSVmEom6DNXYrmgOQ0" \
    "2aKI3KQ2BYsY+FNBT66i4eW4KgUCAwEAAQ=="
#define SPKI_MD5 "e2980561bc87aa56428d2b194835f055"
/* of an elliptic curve: ecparam -name prime256v1 -genkey, ec -pubout */
#define EC                                                                                         \
    "MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAEHM9oHZrCcrgJOV+N62Dbkg/4b0zi0kGE+iXzdSs70DbZQ3vlr189ZqQQ" \
    "RZtGVtSN78F9aJk+o7vMzD67bAupcg=="
/* of `what is signed`, and its SHA-256 */
#define SIGNATURE                                                                                  \
    "64e8c0e6d9112c9d517d3721c3046941669b01b5822e0f4e0474768f74d98c80a9f5dd1bf543fc598a11c2cdfa25" \
    "75"                                                                                           \
    "1fea505f8666a8d6cc6f3c7d652d7a10d4"
#define SIGNED "819893434c4fe98186a93ce2782c7a73023a46b588b089bb559f98fc4b895c3c"

#define LIST(keys) " {\"a\":1,\"PublicKeyList\":[" keys "]}\n"
#define KEY(value, fingerprint) "{\"Value\":\"" value "\",\"Fingerprint\":\"" fingerprint "\"}"

static const char no_json[] = "no JSON";
static const char no_list[] = "no PublicKeyList, as `aws cloudtrail list-public-keys` prints it";
static const char no_value[] = "a key without a Value";
static const char no_rsa[] = "a key that is no RSA key in base64 DER";

static const struct {
    const char *text, *error;
    size_t n_keys;
} lists[] = {
    {LIST(KEY(PKCS_1, PKCS_1_MD5)), NULL, 1},
    {LIST(KEY(PKCS_1, PKCS_1_MD5) "," KEY(SPKI, SPKI_MD5)), NULL, 2},
    {LIST("{\"Value\":\"" PKCS_1 "\"}"), NULL, 1},
    {LIST(""), NULL, 0},
    {"", no_json, 0},
    {"{\"PublicKeyList\":[", no_json, 0},
    {"[]", no_list, 0},
    {"{}", no_list, 0},
    {"{\"PublicKeyList\":{}}", no_list, 0},
    {"{\"publicKeyList\":[" KEY(PKCS_1, "") "]}", no_list, 0},
    {LIST("7"), "a key that is no object", 0},
    {LIST("{}"), no_value, 0},
    {LIST("{\"Value\":7}"), no_value, 0},
    {LIST(KEY("", "")), no_rsa, 0},
    {LIST(KEY("no base64!", "")), no_rsa, 0},
    {LIST(KEY("AAAA", "")), no_rsa, 0},
    {LIST(KEY(EC, "")), no_rsa, 0},
    {LIST(KEY(PKCS_1, PKCS_1_MD5) "," KEY("AAAA", "")), no_rsa, 1}, /* the first is kept */
};

static void test_public_keys_add_names_what_is_wrong(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof lists / sizeof lists[0]; i++) {
        ct_public_keys *keys = ct_public_keys_new();
        const char *error = ct_public_keys_add(keys, lists[i].text, strlen(lists[i].text));
        if (lists[i].error ? !error || strcmp(error, lists[i].error) != 0 : error != NULL)
            fail_msg("%s: %s", lists[i].text, error ? error : "no error");
        assert_int_equal(ct_public_keys_count(keys), lists[i].n_keys);
        ct_public_keys_free(keys);
    }
}

static ct_span span(const char *text)
{
    return (ct_span){text, strlen(text)};
}

/* A key is known by the MD5 of its DER and by the fingerprint that the list gives, in either case. */
static void test_public_keys_verify_by_fingerprint(void **state)
{
    static const char list[] = LIST(KEY(PKCS_1, "AbCd") "," KEY(SPKI, ""));
    static const struct {
        const char *fingerprint, *signature;
        ct_signature_state state;
    } cases[] = {
        {PKCS_1_MD5, SIGNATURE, CT_SIGNATURE_GOOD},
        {"A464D86D1E4DC53230EFE1A4DA3D35F1", SIGNATURE, CT_SIGNATURE_GOOD},
        {SPKI_MD5, SIGNATURE, CT_SIGNATURE_GOOD},
        {"abcd", SIGNATURE, CT_SIGNATURE_GOOD},
        {"abcde", SIGNATURE, CT_SIGNATURE_NO_KEY},
        {"abce", SIGNATURE, CT_SIGNATURE_NO_KEY},
        {"", SIGNATURE, CT_SIGNATURE_NO_KEY},
        {"a464d86d1e4dc53230efe1a4da3d35f2", SIGNATURE, CT_SIGNATURE_NO_KEY},
        {PKCS_1_MD5, "00", CT_SIGNATURE_WRONG},
        {PKCS_1_MD5, "", CT_SIGNATURE_WRONG},
        {PKCS_1_MD5, "no hexadecimal digits", CT_SIGNATURE_WRONG},
        {PKCS_1_MD5, SIGNATURE "0", CT_SIGNATURE_WRONG},
    };
    (void)state;
    unsigned char hash[CT_SHA256_BYTES];
    assert_true(ct_unhex(SIGNED, CT_SHA256_HEX, hash, sizeof hash));
    ct_public_keys *keys = ct_public_keys_new();
    assert_null(ct_public_keys_add(keys, list, sizeof list - 1));
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        ct_signature_state got =
            ct_public_keys_verify(keys, span(cases[i].fingerprint), hash, span(cases[i].signature));
        if (got != cases[i].state)
            fail_msg("%s, %s: %d", cases[i].fingerprint, cases[i].signature, (int)got);
        assert_int_equal(ct_public_keys_has(keys, span(cases[i].fingerprint)),
                         cases[i].state != CT_SIGNATURE_NO_KEY);
    }
    char too_long[2 * 2049 + 1] = {0};
    memset(too_long, '0', sizeof too_long - 1);
    assert_int_equal(ct_public_keys_verify(keys, span(PKCS_1_MD5), hash, span(too_long)),
                     CT_SIGNATURE_WRONG);
    hash[0] ^= 1;
    assert_int_equal(ct_public_keys_verify(keys, span(PKCS_1_MD5), hash, span(SIGNATURE)),
                     CT_SIGNATURE_WRONG);
    ct_public_keys_free(keys);
}

/* Keys that there was no memory for are not taken for bad ones. */
static void test_public_keys_out_of_memory(void **state)
{
    static const char list[] = LIST(KEY(PKCS_1, PKCS_1_MD5) "," KEY(SPKI, SPKI_MD5));
    (void)state;
    for (size_t i = 0; i < 2; i++) {
        bool refused = true;
        for (long n = 0; refused; n++) {
            ct_mem_ways[i](n);
            ct_public_keys *keys = ct_public_keys_new();
            const char *error = keys ? ct_public_keys_add(keys, list, sizeof list - 1) : "";
            refused = ct_mem_failures() > 0;
            ct_mem_fail_after(-1);
            if (refused ? !error || *error : error != NULL)
                fail_msg("allocation %ld: %s", n, error ? error : "no error");
            ct_public_keys_free(keys);
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_public_keys_add_names_what_is_wrong),
        cmocka_unit_test(test_public_keys_verify_by_fingerprint),
        cmocka_unit_test(test_public_keys_out_of_memory),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
