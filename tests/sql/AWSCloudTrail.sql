-- AWSCloudTrail: every column under Sentinel's name, full, missing, and of odd JSON.

SELECT json_extract(cloudtrail_init(), '$.kept');
-- []

-- Microsoft's table reference, but TenantId, SourceSystem, OperationName and _...
SELECT group_concat(name, ' ') FROM (SELECT name FROM pragma_table_info('AWSCloudTrail') ORDER BY name COLLATE NOCASE);
-- AdditionalEventData APIVersion AwsEventId AWSRegion AwsRequestId AwsRequestId_ Category CidrIp CipherSuite ClientProvidedHostHeader DestinationPort EC2RoleDelivery ErrorCode ErrorMessage EventName EventSource EventTypeName EventVersion IpProtocol ManagementEvent ReadOnly RecipientAccountId RequestParameters Resources ResponseElements ServiceEventDetails SessionCreationDate SessionIssuerAccountId SessionIssuerArn SessionIssuerPrincipalId SessionIssuerType SessionIssuerUserName SessionMfaAuthenticated SharedEventId SourceIpAddress SourcePort TimeGenerated TlsVersion Type UserAgent UserIdentityAccessKeyId UserIdentityAccountId UserIdentityArn UserIdentityInvokedBy UserIdentityPrincipalid UserIdentityType UserIdentityUserName VpcEndpointId

-- Each text column holds its own name, so that no two can be mixed up.
INSERT INTO cloudtrail (
    eventTime, eventID, eventName, eventSource, awsRegion, sourceIPAddress, userAgent,
    recipientAccountId, userIdentityType, userIdentityPrincipalId, userIdentityArn,
    userIdentityAccountId, userIdentityAccessKeyId, userIdentityUserName, userIdentityInvokedBy,
    sessionIssuerType, sessionIssuerPrincipalId, sessionIssuerArn, sessionIssuerAccountId,
    sessionIssuerUserName, sessionMfaAuthenticated, sessionCreationDate, errorCode,
    errorMessage, readOnly, managementEvent, eventType, eventCategory, eventVersion, apiVersion,
    requestID, sharedEventID, vpcEndpointId, tlsVersion, tlsCipherSuite,
    tlsClientProvidedHostHeader, requestParameters, responseElements, resources,
    additionalEventData, serviceEventDetails, extra, fileID, recordNumber)
VALUES (
    '2024-05-01T09:14:03Z', 'eventID', 'eventName', 'eventSource', 'awsRegion', 'sourceIPAddress',
    'userAgent', 'recipientAccountId', 'uiType', 'uiPrincipalId', 'uiArn', 'uiAccountId',
    'uiAccessKeyId', 'uiUserName', 'uiInvokedBy', 'siType', 'siPrincipalId', 'siArn', 'siAccountId',
    'siUserName', 0, '2024-05-01T09:00:00Z', 'errorCode', 'errorMessage', 1, 0, 'eventType',
    'eventCategory', 'eventVersion', 'apiVersion', 'requestID', 'sharedEventID', 'vpcEndpointId',
    'tlsVersion', 'tlsCipherSuite', 'tlsHost',
    '{"ipPermissions":{"items":[{"ipProtocol":"tcp","fromPort":22,"toPort":23,"ipRanges":{"items":[{"cidrIp":"0.0.0.0/0"}]}},{"ipProtocol":"udp"}]}}',
    '{"a":1}', '[{"ARN":"r"}]', '{"b":2}', '{"c":3}',
    '{"userIdentity":{"sessionContext":{"ec2RoleDelivery":"2.0"}}}', 1, 1);

SELECT TimeGenerated, AwsEventId, EventVersion, EventSource, EventTypeName, EventName, Category,
       UserIdentityType, UserIdentityPrincipalid, UserIdentityArn, UserIdentityAccountId,
       UserIdentityInvokedBy, UserIdentityAccessKeyId, UserIdentityUserName
  FROM AWSCloudTrail;
-- 2024-05-01T09:14:03Z|eventID|eventVersion|eventSource|eventType|eventName|eventCategory|uiType|uiPrincipalId|uiArn|uiAccountId|uiInvokedBy|uiAccessKeyId|uiUserName

SELECT SessionMfaAuthenticated, SessionCreationDate, SessionIssuerType, SessionIssuerPrincipalId,
       SessionIssuerArn, SessionIssuerAccountId, SessionIssuerUserName, EC2RoleDelivery, AWSRegion,
       SourceIpAddress, UserAgent, ErrorCode, ErrorMessage
  FROM AWSCloudTrail;
-- 0|2024-05-01T09:00:00Z|siType|siPrincipalId|siArn|siAccountId|siUserName|2.0|awsRegion|sourceIPAddress|userAgent|errorCode|errorMessage

SELECT json_extract(RequestParameters, '$.ipPermissions.items[1].ipProtocol'), ResponseElements, AdditionalEventData,
       AwsRequestId, AwsRequestId_, Resources, APIVersion, ReadOnly, RecipientAccountId,
       ServiceEventDetails, SharedEventId, VpcEndpointId, ManagementEvent
  FROM AWSCloudTrail;
-- udp|{"a":1}|{"b":2}|requestID|requestID|[{"ARN":"r"}]|apiVersion|1|recipientAccountId|{"c":3}|sharedEventID|vpcEndpointId|0

SELECT TlsVersion, CipherSuite, ClientProvidedHostHeader, IpProtocol, SourcePort, typeof(SourcePort),
       DestinationPort, CidrIp, Type
  FROM AWSCloudTrail;
-- tlsVersion|tlsCipherSuite|tlsHost|tcp|22|text|23|0.0.0.0/0|AWSCloudTrail

-- Nothing there: strings are '', times and bools NULL.
DELETE FROM cloudtrail;
INSERT INTO cloudtrail (eventTime, fileID, recordNumber, requestParameters, extra)
VALUES ('2024-05-01T09:14:03Z', 1, 2, '"text"', '[1]');
SELECT SessionMfaAuthenticated, SessionCreationDate, ReadOnly, ManagementEvent FROM AWSCloudTrail;
-- NULL|NULL|NULL|NULL
SELECT count(*)
  FROM AWSCloudTrail
 WHERE '' = AwsEventId || EventVersion || EventSource || EventTypeName || EventName || Category || UserIdentityType
         || UserIdentityPrincipalid || UserIdentityArn || UserIdentityAccountId || UserIdentityInvokedBy
         || UserIdentityAccessKeyId || UserIdentityUserName || SessionIssuerType || SessionIssuerPrincipalId
         || SessionIssuerArn || SessionIssuerAccountId || SessionIssuerUserName || EC2RoleDelivery || AWSRegion
         || SourceIpAddress || UserAgent || ErrorCode || ErrorMessage || ResponseElements || AdditionalEventData
         || AwsRequestId || AwsRequestId_ || Resources || APIVersion || RecipientAccountId || ServiceEventDetails
         || SharedEventId || VpcEndpointId || TlsVersion || CipherSuite || ClientProvidedHostHeader || IpProtocol
         || SourcePort || DestinationPort || CidrIp;
-- 1
