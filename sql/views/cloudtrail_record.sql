-- cloudtrail_record: each record of `cloudtrail` put together again as JSON.
--
-- Equal as JSON to what stood in the log, but for fields that were null there.
CREATE VIEW cloudtrail_record AS
SELECT
    fileID,
    recordNumber,
    cloudtrail_record_json(
        eventTime, eventID, eventName, eventSource, awsRegion, sourceIPAddress, userAgent,
        recipientAccountId, userIdentityType, userIdentityPrincipalId, userIdentityArn,
        userIdentityAccountId, userIdentityAccessKeyId, userIdentityUserName,
        userIdentityInvokedBy, sessionIssuerType, sessionIssuerPrincipalId, sessionIssuerArn,
        sessionIssuerAccountId, sessionIssuerUserName, sessionMfaAuthenticated,
        sessionCreationDate, errorCode, errorMessage, readOnly, managementEvent, eventType,
        eventCategory, eventVersion, apiVersion, requestID, sharedEventID, vpcEndpointId,
        tlsVersion, tlsCipherSuite, tlsClientProvidedHostHeader, requestParameters,
        responseElements, resources, additionalEventData, serviceEventDetails, extra
    ) AS json
FROM cloudtrail;
