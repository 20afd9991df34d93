/*
 * csv_record: from a row of a CSV file to the JSON text of the record it tells of.
 *
 * Two kinds of file are known, by the set of their column names: order, case and quotes do not
 * count, further columns do not disturb.
 *
 * The console's event history (CloudTrail, Event history, Download events, Download as CSV) writes
 *   User name,AWS access key,Event time,Event source,Event name,AWS region,Source IP address,
 *   User agent,Error code,Resources,Request ID,Event ID,Read-only,Event type,
 *   Recipient Account Id,Event category
 * as five downloads of 2021 to 2024 in public repositories show (danomisik/
 * design_provision_and_monitor_aws_infra, Akashmahour/Cyberwarefare, rajeshakula123/rep1,
 * kim-do-hyeon/bob-cloudgoat-ass, gi11rl/CloudGoat: event_history.csv). The console before had the
 * columns Event ID, Event time, User name, Event name, Resource type, Resource name, AWS access
 * key, AWS region, Error code, Source IP address, Event source, Request ID, Read-only ...: the
 * same names, fewer of them, and the resources in two columns. Its times, `2020-05-13, 04:52:01
 * PM`, are UTC and do not say so.
 * Its user name is userIdentity.userName where the record has one, else the session's name or
 * `root`: what the seed rule makes of the ARN, too. It goes into userIdentity.userName.
 *
 * Microsoft Sentinel (Logs, Export to CSV, of the table AWSCloudTrail) writes the columns of
 * https://learn.microsoft.com/azure/azure-monitor/reference/tables/awscloudtrail, times as
 * `TimeGenerated [UTC]`; see Azure/Azure-Sentinel, Sample Data/ASIM/
 * AWS_CloudTrail_Authentication_IngestedLogs.csv. Columns of JSON text hold JSON.
 *
 * Any other file is known by the record's own names, as Athena, CloudTrail Lake and Tailpipe write
 * them: see columns.h.
 *
 * An empty field is a field the record does not have. What has no place in a record (the console's
 * resources, Sentinel's TenantId, JSON that was cut) stands in it under `$csv`, by column name.
 */
#ifndef CT_CSV_RECORD_H
#define CT_CSV_RECORD_H

#include <stdbool.h>
#include <stddef.h>

#include "base/buf.h"
#include "base/csv.h"

typedef enum ct_csv_kind {
    CT_CSV_UNKNOWN,
    CT_CSV_CONSOLE,
    CT_CSV_SENTINEL,
    CT_CSV_COLUMNS /* the record's own names, as Athena and others write them (columns.h) */
} ct_csv_kind;

typedef struct ct_csv_header {
    ct_csv_kind kind;
    size_t n_columns;
    bool is_utc; /* times without a zone are UTC: the console's before 2021 said so nowhere */
    short targets[CT_CSV_FIELDS_MAX];      /* where each column goes */
    unsigned names[CT_CSV_FIELDS_MAX + 1]; /* where each name begins in `text` */
    ct_buf text;                           /* the names, one behind the other */
} ct_csv_header;

/* Reads the first row of a file. False: there is no memory. */
bool ct_csv_header_read(ct_csv_header *header, const ct_csv_row *row);

void ct_csv_header_free(ct_csv_header *header);

/* A column's name as it stands in the file. */
const char *ct_csv_header_name(const ct_csv_header *header, size_t column, size_t *n);

/* Appends the record's JSON text. The row must have as many fields as the header. False: *message
 * says what is wrong with the row; else it gets NULL, or what is to be noted. Out of memory shows
 * in `out` and `scratch` only. */
bool ct_csv_record_put(const ct_csv_header *header, const ct_csv_row *row, ct_buf *scratch,
                       ct_buf *out, const char **message);

#endif
