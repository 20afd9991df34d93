/*
 * proof: whether the log files that were handed over are what CloudTrail delivered, by its digests.
 *
 * CloudTrail writes a digest an hour and region, which names the log files of that hour with their
 * SHA-256, and the digest before it with its SHA-256 and signature. Files are given one after
 * another, in any order, logs and digests alike; what they show together is worked out in the end.
 *
 * Hashes are of the inflated bytes of all gzip members, so a file that was unpacked or compressed
 * anew is what it was. Files are matched by the path from AWSLogs/ on, else by their name.
 *
 * Memory: about 400 bytes a log file, as much a log file that a digest names, 1.5 KB a digest.
 */
#ifndef CT_PROOF_H
#define CT_PROOF_H

#include "base/buf.h"
#include "base/pulse.h"
#include "log/public_key.h"

typedef enum ct_proof_state {
    CT_PROOF_GOOD,
    CT_PROOF_UNPROVEN,    /* nothing is wrong, and nothing vouches for it */
    CT_PROOF_NOT_COVERED, /* a log file of a time without digests */
    CT_PROOF_GAP,         /* validation or logging was off before this digest */
    CT_PROOF_MISSING,     /* a log file that a digest names, as are the next three */
    CT_PROOF_EMPTIED,
    CT_PROOF_ALTERED,
    CT_PROOF_UNREADABLE,
    CT_PROOF_UNLISTED, /* a log file that no digest names and one should */
    CT_PROOF_DIGEST_MISSING,
    CT_PROOF_DIGEST_ALTERED,
    CT_PROOF_SIGNATURE_WRONG, /* of a digest */
    CT_PROOF_NO_KEY,          /* for a digest's signature */
    CT_PROOF_DIGESTS_END,     /* log files go on where the digests end */
    CT_PROOF_NO_DIGEST,       /* a region with log files and without any digest */
    CT_PROOF_N_STATES
} ct_proof_state;

const char *ct_proof_state_name(ct_proof_state state); /* `digest missing` */

/* What is to be said of one object. */
typedef struct ct_proof_row {
    ct_span object; /* its key in the bucket as far as it is known */
    ct_span account, region;
    ct_proof_state state;
    const char *detail; /* NULL: none */
} ct_proof_row;

/* A time without digests that a starting digest ends; or, with a detail, a starting digest where
 * digests run on. Times as YYYY-MM-DDTHH:MM:SSZ. */
typedef struct ct_proof_gap {
    ct_span account, region, trail;
    const char *from, *to;
    const char *detail; /* NULL: nothing but the time */
} ct_proof_gap;

typedef struct ct_proof ct_proof;

/* Both are borrowed. Without keys (NULL) no signature is checked. The pulse, which may be NULL, is
 * asked while a file is read; when it says no, what comes out is worth nothing. NULL when there is
 * no memory. */
ct_proof *ct_proof_new(ct_public_keys *keys, const ct_pulse *pulse);
void ct_proof_free(ct_proof *proof);

/* Takes a file in. `error`, where it is not NULL, says why it cannot be opened. False when there is
 * no memory. */
bool ct_proof_add(ct_proof *proof, const char *path, const char *error);

/* Works everything out; no file can be added any more. False when there is no memory. */
bool ct_proof_finish(ct_proof *proof);

/* What was found; all of it is the proof's. */
typedef struct ct_proof_result {
    const ct_proof_row *rows;
    size_t n_rows;
    const ct_proof_gap *gaps;
    size_t n_gaps;
    size_t n_digests, n_logs, n_other; /* files that were there */
} ct_proof_result;

ct_proof_result ct_proof_result_of(const ct_proof *proof);

#endif
