/*
 * event_command: the AWS CLI command that makes the API call a CloudTrail event records.
 */
#ifndef CT_EVENT_COMMAND_H
#define CT_EVENT_COMMAND_H

#include <stddef.h>

#include "aws/aws_tables.h"
#include "base/buf.h"

/*
 * Appends `service.operation` for an eventSource and an eventName, both any bytes. api_version is
 * the record's, in any of CloudTrail's spellings (2015-12-01, 2015_12_01, 20151201); NULL when the
 * record has none.
 */
void ct_event_command(const char *source, size_t n_source, const char *name, size_t n_name,
                      const char *api_version, size_t n_api_version, ct_buf *out);

/* What the CLI calls a service: s3api where botocore says s3. */
const char *ct_cli_service(const ct_aws_service *service);

/* Appends the command that makes the call `name` to just this service, of all that share its source. */
void ct_service_command(const ct_aws_service *service, const char *name, size_t n, ct_buf *out);

struct sqlite3;
int ct_event_command_register(struct sqlite3 *db, char **error);

#endif
