/*
 * digest: a digest file of CloudTrail: which log files it names with which hashes, and how it hangs
 * on the digest before it.
 *
 * Strings are taken as they stand between their quotes: what CloudTrail writes there needs no
 * escape, and a field with one is not taken.
 */
#ifndef CT_DIGEST_H
#define CT_DIGEST_H

#include <stdbool.h>

#include "base/json.h"
#include "base/span.h"

/* Empty (n 0) where the digest has no such field, or has it as null. */
typedef struct ct_digest {
    ct_span account, start_time, end_time, bucket, object, fingerprint;
    ct_span previous_object, previous_hash, previous_signature; /* all empty: a starting digest */
    ct_json log_files;                                          /* an array, or no value */
} ct_digest;

typedef struct ct_digest_entry {
    ct_span bucket, object, hash, algorithm, oldest, newest;
} ct_digest_entry;

/* False when the text is no digest: no object with digestStartTime and digestS3Object. */
bool ct_digest_parse(const char *p, size_t n, ct_digest *digest);

/* The log files, one after another: begin with `at` NULL. False behind the last one. Entries
 * without s3Object are passed over. */
bool ct_digest_next(const ct_digest *digest, const char **at, ct_digest_entry *entry);

/* The string under a key of the top object, or of the one under `inside` where that is not NULL;
 * empty when there is none. */
ct_span ct_json_field(const char *p, size_t n, const char *inside, const char *key);

#endif
