/*
 * aws_tables: what botocore knows of AWS's names, as tables.
 *
 * They are made at build time, by aws_tables.awk, of the lists in data/; data/README.md says where
 * those come from.
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

/* An operation of a service, or of a source without .amazonaws.com. Sorted by the two. */
typedef struct ct_aws_operation {
    const char *service;
    const char *operation;
    const char *cli; /* what the table is for; NULL where being in it says it all */
} ct_aws_operation;

extern const ct_aws_service ct_aws_services[];
extern const ct_aws_service_key ct_aws_service_keys[];
extern const size_t ct_aws_n_service_keys;

/* Operations whose CLI name no rule gives; `cli` is that name. */
extern const ct_aws_operation ct_aws_operation_exceptions[];
extern const size_t ct_aws_n_operation_exceptions;

/* Operations which, of all services that share a source, the one that is meant where nothing tells
 * has not; and who has them. Sorted by name; NUL ends each in ct_aws_shared_names. */
typedef struct ct_aws_shared_operation {
    unsigned int name;      /* where it begins */
    unsigned short service; /* index in ct_aws_services */
} ct_aws_shared_operation;

extern const char ct_aws_shared_names[];
extern const ct_aws_shared_operation ct_aws_shared_operations[];
extern const size_t ct_aws_n_shared_operations;

/* By source: event names that CloudTrail alone uses; `cli` is the whole command. */
extern const ct_aws_operation ct_aws_event_names[];
extern const size_t ct_aws_n_event_names;

/* The CLI's own commands, each of which makes calls of other names: `s3 cp`, and `* wait` of every
 * service. */
extern const ct_aws_operation ct_aws_cli_commands[];
extern const size_t ct_aws_n_cli_commands;

#endif
