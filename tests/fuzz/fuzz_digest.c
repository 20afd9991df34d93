/* Any bytes as a digest, as public keys and as a file's name: what comes out points into them. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "log/digest.h"
#include "log/public_key.h"
#include "log/s3_name.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

/* An empty span may point anywhere. */
static void check_inside(ct_span span, const char *p, size_t n)
{
    if (span.n > 0 && (span.p < p || span.n > n || span.p + span.n > p + n))
        abort();
}

static void check_name(ct_span text)
{
    ct_span key = ct_s3_key(text.p, text.n), base = ct_s3_base(key);
    ct_s3_name name = ct_s3_parse(text.p, text.n);
    check_inside(key, text.p, text.n);
    check_inside(base, key.p, key.n);
    if (name.kind == CT_S3_OTHER)
        return;
    check_inside(name.account, text.p, text.n);
    check_inside(name.region, text.p, text.n);
    check_inside(name.kind == CT_S3_LOG ? name.log_kind : name.trail, text.p, text.n);
}

static void check_digest(const char *p, size_t n)
{
    ct_digest d;
    (void)ct_digest_parse(p, n, &d);
    const ct_span fields[] = {d.account,         d.start_time,    d.end_time,
                              d.bucket,          d.object,        d.fingerprint,
                              d.previous_object, d.previous_hash, d.previous_signature};
    for (size_t i = 0; i < sizeof fields / sizeof fields[0]; i++)
        check_inside(fields[i], p, n);
    check_name(d.object);
    const char *at = NULL;
    ct_digest_entry e;
    while (ct_digest_next(&d, &at, &e)) {
        check_inside(e.object, p, n);
        check_inside(e.hash, p, n);
        check_name(e.object);
    }
    check_inside(ct_json_field(p, n, "Metadata", "signature"), p, n);
}

static void check_keys(const char *p, size_t n)
{
    static const ct_span fingerprint = {"8c1b1dd3a6a4b6d5a9c66e1de2a1f9b0", 32};
    unsigned char sha256[CT_SHA256_BYTES];
    ct_public_keys *keys = ct_public_keys_new();
    if (!keys)
        abort();
    (void)ct_public_keys_add(keys, p, n);
    ct_sha256_of(p, n, sha256);
    if (ct_public_keys_verify(keys, fingerprint, sha256, (ct_span){p, n}) == CT_SIGNATURE_GOOD)
        abort();
    ct_public_keys_free(keys);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
    const char *text = (const char *)data;
    check_name((ct_span){text, n});
    check_digest(text, n);
    check_keys(text, n);
    return 0;
}
