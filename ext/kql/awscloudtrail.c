#include "kql/awscloudtrail.h"

#define S(text)                                                                                    \
    {                                                                                              \
        text, sizeof text - 1                                                                      \
    }

/* In the order of the documentation, which is that of the names. */
// clang-format off
static const ct_kql_table_column columns[] = {
    /* name, SQL over the table t, type, text of a time */
    {S("AdditionalEventData"), S("ifnull(t.additionalEventData, '')"), CT_KQL_STRING, S("")},
    {S("APIVersion"), S("ifnull(t.apiVersion, '')"), CT_KQL_STRING, S("")},
    {S("AwsEventId"), S("ifnull(t.eventID, '')"), CT_KQL_STRING, S("")},
    {S("AWSRegion"), S("ifnull(t.awsRegion, '')"), CT_KQL_STRING, S("")},
    {S("AwsRequestId"), S("ifnull(t.requestID, '')"), CT_KQL_STRING, S("")},
    {S("AwsRequestId_"), S("ifnull(t.requestID, '')"), CT_KQL_STRING, S("")},
    {S("_BilledSize"), S("NULL"), CT_KQL_REAL, S("")},
    {S("Category"), S("ifnull(t.eventCategory, '')"), CT_KQL_STRING, S("")},
    {S("CidrIp"), S("ifnull((SELECT value FROM json_each(t.requestParameters, '$.ipPermissions.items[0].ipRanges.items[0].cidrIp')), '')"), CT_KQL_STRING, S("")},
    {S("CipherSuite"), S("ifnull(t.tlsCipherSuite, '')"), CT_KQL_STRING, S("")},
    {S("ClientProvidedHostHeader"), S("ifnull(t.tlsClientProvidedHostHeader, '')"), CT_KQL_STRING, S("")},
    {S("DestinationPort"), S("ifnull((SELECT CAST(value AS TEXT) FROM json_each(t.requestParameters, '$.ipPermissions.items[0].toPort')), '')"), CT_KQL_STRING, S("")},
    {S("EC2RoleDelivery"), S("ifnull((SELECT value FROM json_each(t.extra, '$.userIdentity.sessionContext.ec2RoleDelivery')), '')"), CT_KQL_STRING, S("")},
    {S("ErrorCode"), S("ifnull(t.errorCode, '')"), CT_KQL_STRING, S("")},
    {S("ErrorMessage"), S("ifnull(t.errorMessage, '')"), CT_KQL_STRING, S("")},
    {S("EventName"), S("ifnull(t.eventName, '')"), CT_KQL_STRING, S("")},
    {S("EventSource"), S("ifnull(t.eventSource, '')"), CT_KQL_STRING, S("")},
    {S("EventTypeName"), S("ifnull(t.eventType, '')"), CT_KQL_STRING, S("")},
    {S("EventVersion"), S("ifnull(t.eventVersion, '')"), CT_KQL_STRING, S("")},
    {S("IpProtocol"), S("ifnull((SELECT value FROM json_each(t.requestParameters, '$.ipPermissions.items[0].ipProtocol')), '')"), CT_KQL_STRING, S("")},
    {S("_IsBillable"), S("''"), CT_KQL_STRING, S("")},
    {S("ManagementEvent"), S("t.managementEvent"), CT_KQL_BOOL, S("")},
    {S("OperationName"), S("'CloudTrail'"), CT_KQL_STRING, S("")},
    {S("ReadOnly"), S("t.readOnly"), CT_KQL_BOOL, S("")},
    {S("RecipientAccountId"), S("ifnull(t.recipientAccountId, '')"), CT_KQL_STRING, S("")},
    {S("RequestParameters"), S("ifnull(t.requestParameters, '')"), CT_KQL_STRING, S("")},
    {S("Resources"), S("ifnull(t.resources, '')"), CT_KQL_STRING, S("")},
    {S("ResponseElements"), S("ifnull(t.responseElements, '')"), CT_KQL_STRING, S("")},
    {S("ServiceEventDetails"), S("ifnull(t.serviceEventDetails, '')"), CT_KQL_STRING, S("")},
    {S("SessionCreationDate"), S("kql_scan_datetime(t.sessionCreationDate)"), CT_KQL_DATETIME, S("")},
    {S("SessionIssuerAccountId"), S("ifnull(t.sessionIssuerAccountId, '')"), CT_KQL_STRING, S("")},
    {S("SessionIssuerArn"), S("ifnull(t.sessionIssuerArn, '')"), CT_KQL_STRING, S("")},
    {S("SessionIssuerPrincipalId"), S("ifnull(t.sessionIssuerPrincipalId, '')"), CT_KQL_STRING, S("")},
    {S("SessionIssuerType"), S("ifnull(t.sessionIssuerType, '')"), CT_KQL_STRING, S("")},
    {S("SessionIssuerUserName"), S("ifnull(t.sessionIssuerUserName, '')"), CT_KQL_STRING, S("")},
    {S("SessionMfaAuthenticated"), S("t.sessionMfaAuthenticated"), CT_KQL_BOOL, S("")},
    {S("SharedEventId"), S("ifnull(t.sharedEventID, '')"), CT_KQL_STRING, S("")},
    {S("SourceIpAddress"), S("ifnull(t.sourceIPAddress, '')"), CT_KQL_STRING, S("")},
    {S("SourcePort"), S("ifnull((SELECT CAST(value AS TEXT) FROM json_each(t.requestParameters, '$.ipPermissions.items[0].fromPort')), '')"), CT_KQL_STRING, S("")},
    {S("SourceSystem"), S("''"), CT_KQL_STRING, S("")},
    {S("TenantId"), S("''"), CT_KQL_STRING, S("")},
    {S("TimeGenerated"), S("kql_scan_datetime(t.eventTime)"), CT_KQL_DATETIME, S("t.eventTime")},
    {S("TlsVersion"), S("ifnull(t.tlsVersion, '')"), CT_KQL_STRING, S("")},
    {S("Type"), S("'AWSCloudTrail'"), CT_KQL_STRING, S("")},
    {S("UserAgent"), S("ifnull(t.userAgent, '')"), CT_KQL_STRING, S("")},
    {S("UserIdentityAccessKeyId"), S("ifnull(t.userIdentityAccessKeyId, '')"), CT_KQL_STRING, S("")},
    {S("UserIdentityAccountId"), S("ifnull(t.userIdentityAccountId, '')"), CT_KQL_STRING, S("")},
    {S("UserIdentityArn"), S("ifnull(t.userIdentityArn, '')"), CT_KQL_STRING, S("")},
    {S("UserIdentityInvokedBy"), S("ifnull(t.userIdentityInvokedBy, '')"), CT_KQL_STRING, S("")},
    {S("UserIdentityPrincipalid"), S("ifnull(t.userIdentityPrincipalId, '')"), CT_KQL_STRING, S("")},
    {S("UserIdentityType"), S("ifnull(t.userIdentityType, '')"), CT_KQL_STRING, S("")},
    {S("UserIdentityUserName"), S("ifnull(t.userIdentityUserName, '')"), CT_KQL_STRING, S("")},
    {S("VpcEndpointId"), S("ifnull(t.vpcEndpointId, '')"), CT_KQL_STRING, S("")},
    {S("UserIdentityUserId"), S("ifnull((SELECT value FROM json_each(t.extra, '$.userIdentity.onBehalfOf.userId')), '')"), CT_KQL_STRING, S("")},
    {S("UserIdentityStoreArn"), S("ifnull((SELECT value FROM json_each(t.extra, '$.userIdentity.onBehalfOf.identityStoreArn')), '')"), CT_KQL_STRING, S("")},
};
// clang-format on

const ct_kql_table ct_kql_awscloudtrail = {
    .sql = S("cloudtrail"),
    .has_events = true,
    .columns = columns,
    .n_columns = sizeof columns / sizeof columns[0],
};
