-- AWSCloudTrail: the events under the names and rules of Microsoft Sentinel's table, so that a KQL
-- rule can be carried over line by line (docs/views.md).
--
-- Missing strings are '', as Kusto has them: isempty(x) is x = ''. Times and bools are NULL where
-- missing, bools 0 or 1. RequestParameters, ResponseElements, Resources, AdditionalEventData and
-- ServiceEventDetails are JSON text. Left out are the columns that Sentinel itself fills and no
-- event has: TenantId, SourceSystem, OperationName and those that begin with an underscore.
-- Source of the names: https://learn.microsoft.com/azure/azure-monitor/reference/tables/awscloudtrail
CREATE VIEW AWSCloudTrail AS
SELECT
    eventTime                               AS TimeGenerated,
    ifnull(eventID, '')                     AS AwsEventId,
    ifnull(eventVersion, '')                AS EventVersion,
    ifnull(eventSource, '')                 AS EventSource,
    ifnull(eventType, '')                   AS EventTypeName,
    ifnull(eventName, '')                   AS EventName,
    ifnull(eventCategory, '')               AS Category,
    ifnull(userIdentityType, '')            AS UserIdentityType,
    ifnull(userIdentityPrincipalId, '')     AS UserIdentityPrincipalid, -- the small i is Sentinel's
    ifnull(userIdentityArn, '')             AS UserIdentityArn,
    ifnull(userIdentityAccountId, '')       AS UserIdentityAccountId,
    ifnull(userIdentityInvokedBy, '')       AS UserIdentityInvokedBy,
    ifnull(userIdentityAccessKeyId, '')     AS UserIdentityAccessKeyId,
    ifnull(userIdentityUserName, '')        AS UserIdentityUserName,
    sessionMfaAuthenticated                 AS SessionMfaAuthenticated,
    sessionCreationDate                     AS SessionCreationDate,
    ifnull(sessionIssuerType, '')           AS SessionIssuerType,
    ifnull(sessionIssuerPrincipalId, '')    AS SessionIssuerPrincipalId,
    ifnull(sessionIssuerArn, '')            AS SessionIssuerArn,
    ifnull(sessionIssuerAccountId, '')      AS SessionIssuerAccountId,
    ifnull(sessionIssuerUserName, '')       AS SessionIssuerUserName,
    -- json_each() with a path is json_extract(), which SQLite 3.40 refuses in an untrusted schema
    ifnull((SELECT value FROM json_each(extra, '$.userIdentity.sessionContext.ec2RoleDelivery')), '')
                                            AS EC2RoleDelivery,
    ifnull(awsRegion, '')                   AS AWSRegion,
    ifnull(sourceIPAddress, '')             AS SourceIpAddress,
    ifnull(userAgent, '')                   AS UserAgent,
    ifnull(errorCode, '')                   AS ErrorCode,
    ifnull(errorMessage, '')                AS ErrorMessage,
    ifnull(requestParameters, '')           AS RequestParameters,
    ifnull(responseElements, '')            AS ResponseElements,
    ifnull(additionalEventData, '')         AS AdditionalEventData,
    ifnull(requestID, '')                   AS AwsRequestId, -- Sentinel's older name for the next
    ifnull(requestID, '')                   AS AwsRequestId_,
    ifnull(resources, '')                   AS Resources,
    ifnull(apiVersion, '')                  AS APIVersion,
    readOnly                                AS ReadOnly,
    ifnull(recipientAccountId, '')          AS RecipientAccountId,
    ifnull(serviceEventDetails, '')         AS ServiceEventDetails,
    ifnull(sharedEventID, '')               AS SharedEventId,
    ifnull(vpcEndpointId, '')               AS VpcEndpointId,
    managementEvent                         AS ManagementEvent,
    ifnull(tlsVersion, '')                  AS TlsVersion,
    ifnull(tlsCipherSuite, '')              AS CipherSuite,
    ifnull(tlsClientProvidedHostHeader, '') AS ClientProvidedHostHeader,
    -- The first permission of a security group rule; the others stand in RequestParameters.
    ifnull((SELECT value FROM json_each(requestParameters,
                                        '$.ipPermissions.items[0].ipProtocol')), '')
                                            AS IpProtocol,
    ifnull((SELECT CAST(value AS TEXT) FROM json_each(requestParameters,
                                        '$.ipPermissions.items[0].fromPort')), '')
                                            AS SourcePort,
    ifnull((SELECT CAST(value AS TEXT) FROM json_each(requestParameters,
                                        '$.ipPermissions.items[0].toPort')), '')
                                            AS DestinationPort,
    ifnull((SELECT value FROM json_each(requestParameters,
                                        '$.ipPermissions.items[0].ipRanges.items[0].cidrIp')), '')
                                            AS CidrIp,
    'AWSCloudTrail'                         AS Type
FROM cloudtrail;
