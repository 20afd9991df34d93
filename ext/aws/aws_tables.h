/*
 * aws_tables: what botocore knows of AWS's names, as tables.
 *
 * They are made at build time, by aws_tables.awk, of data/aws_services.tsv and
 * data/aws_operation_exceptions.tsv.
 */
#ifndef CT_AWS_TABLES_H
#define CT_AWS_TABLES_H

#include <stddef.h>

typedef struct ct_aws_service {
    const char *name;        /* botocore's: "s3", where the CLI says s3api */
    const char *api_version; /* "2006-03-01" */
} ct_aws_service;

/* A name by which a service is known, in lower case. Sorted by it; equal ones in the order in which
 * they are to be preferred: service name, signing name, endpoint prefix, then botocore's order. */
typedef struct ct_aws_service_key {
    const char *key;
    unsigned short service; /* index in ct_aws_services */
} ct_aws_service_key;

/* An operation whose CLI name no rule gives. Sorted by service, then operation. */
typedef struct ct_aws_operation {
    const char *service;
    const char *operation;
    const char *cli_operation;
} ct_aws_operation;

extern const ct_aws_service ct_aws_services[];
extern const ct_aws_service_key ct_aws_service_keys[];
extern const size_t ct_aws_n_service_keys;
extern const ct_aws_operation ct_aws_operation_exceptions[];
extern const size_t ct_aws_n_operation_exceptions;

#endif
