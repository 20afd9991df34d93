/*
 * arn: the parts of an Amazon Resource Name.
 *
 *     arn:partition:service:region:account:resource
 *
 * Five fields, each ended by a colon, and a resource that holds whatever is left. What counts as
 * an ARN: lower case `arn`, all five colons, and a partition, service and resource that are not
 * empty (the check of the AWS SDK for Java). Region and account may be empty, for services that
 * are global or whose names are unique in all of AWS. A partition, region or account is not looked
 * up anywhere: aws-cn, aws-us-gov, partitions to come and the wildcards of policies all pass.
 *
 * The resource has one of three forms (IAM User Guide, "Amazon Resource Names (ARNs)"):
 *
 *     resource-id      resource-type/resource-id      resource-type:resource-id
 *
 * Nothing in the text tells the second from a resource-id with a slash in it, so the few services
 * whose resources begin with a name are listed in arn.c.
 */
#ifndef CT_ARN_H
#define CT_ARN_H

#include <stdbool.h>
#include <stddef.h>

#include "base/span.h"

struct sqlite3;

typedef struct ct_arn {
    ct_span partition;
    ct_span service;
    ct_span region;  /* may be empty */
    ct_span account; /* may be empty; no number in `arn:aws:iam::aws:policy/...` */
    ct_span resource;
} ct_arn;

typedef enum ct_arn_part {
    CT_ARN_PARTITION,
    CT_ARN_SERVICE,
    CT_ARN_REGION,
    CT_ARN_ACCOUNT,
    CT_ARN_RESOURCE,
    CT_ARN_RESOURCE_TYPE,
    CT_ARN_RESOURCE_NAME,
    CT_ARN_SESSION
} ct_arn_part;

/* Splits p, which the spans then point into; false when it is not an ARN. */
bool ct_arn_parse(const char *p, size_t n, ct_arn *arn);

/* The part of that name ('resource_type'); false when there is no such name. */
bool ct_arn_part_named(const char *name, size_t n, ct_arn_part *part);

/* Gives one part; false when this ARN has no such part (a bucket has no type and no session). */
bool ct_arn_get(const ct_arn *arn, ct_arn_part part, ct_span *value);

/* Adds arn_part() to the connection. */
int ct_arn_register(struct sqlite3 *db, char **error);

#endif
