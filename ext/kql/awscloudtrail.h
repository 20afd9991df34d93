/*
 * awscloudtrail: Sentinel's table AWSCloudTrail as the compiler reads it: straight from the table
 * cloudtrail, by the same rules as the view AWSCloudTrail (sql/views/AWSCloudTrail.sql; a test holds
 * the two together), with the columns besides that only Sentinel fills.
 * Types: https://learn.microsoft.com/azure/azure-monitor/reference/tables/awscloudtrail
 */
#ifndef CT_KQL_AWSCLOUDTRAIL_H
#define CT_KQL_AWSCLOUDTRAIL_H

#include "kql/binder.h"

extern const ct_kql_table ct_kql_awscloudtrail;

#endif
