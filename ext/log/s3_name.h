/*
 * s3_name: what the name says that AWS gave a file.
 *
 *   AWSLogs/[ORGANISATION/]ACCOUNT/CloudTrail/REGION/2025/10/14/
 *     ACCOUNT_CloudTrail_REGION_20251014T1405Z_RANDOM.json.gz
 *   AWSLogs/[ORGANISATION/]ACCOUNT/CloudTrail-Digest/REGION/2025/10/14/
 *     ACCOUNT_CloudTrail-Digest_REGION_TRAIL_HOMEREGION_20251014T140512Z[_backfill].json.gz
 *
 * The time of a log file is that of its delivery, that of a digest the end of its hour. Also of a
 * file that was unpacked (without .gz). All spans point into the name.
 */
#ifndef CT_S3_NAME_H
#define CT_S3_NAME_H

#include <stdint.h>

#include "base/span.h"

typedef enum ct_s3_kind {
    CT_S3_OTHER, /* no such name; nothing else is known */
    CT_S3_LOG,
    CT_S3_DIGEST
} ct_s3_kind;

typedef struct ct_s3_name {
    ct_s3_kind kind;
    ct_span account, region;
    ct_span log_kind; /* of a log: CloudTrail, CloudTrail-Insight ... */
    ct_span trail;    /* of a digest, with its home region: TRAIL_HOMEREGION */
    bool is_backfill; /* of a digest */
    int64_t ticks;    /* as in base/timestamp.h */
} ct_s3_name;

/* The path from its last folder AWSLogs on, else the name behind the last slash; without .gz. */
ct_span ct_s3_key(const char *path, size_t n);

/* The name behind the last slash. */
ct_span ct_s3_base(ct_span key);

/* Any path or key. */
ct_s3_name ct_s3_parse(const char *path, size_t n);

#endif
