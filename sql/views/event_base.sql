-- event_base: every event, whether it is a call and how that ended: the layer under cloudtrail_call and
-- event_named. Queries read those.
--
-- event:   the rowid in cloudtrail; a view has none of its own.
-- isCall:  0 for what CloudTrail Insights reports: rates of calls, which nobody made.
-- outcome: what became of the call, by its errorCode:
--     denied     AWS refused whoever asked: no permission, or no credential that it takes
--     throttled  AWS refused because too much was asked at once; a quota is none of these, nor is
--                LimitExceeded, by which most services mean one
--     failed     any other error; also without a code, as a sign-in to the console that did not come
--                about has a message only. A dry run (DryRunOperation) is here: nothing was done
--     done       the rest
-- isService: 1 when AWS made the call on its own or for somebody: an identity of type AWSService, one
--     that invokedBy names, or the address of a service. The agent is no sign of it.
-- The codes stand in AWS's lists of common errors of its services, those of throttling in the guides
-- of its SDKs on retries; EC2 puts Client. or Server. in front of its own, and services add Exception.
--     https://docs.aws.amazon.com/AWSEC2/latest/APIReference/errors-overview.html
--     https://docs.aws.amazon.com/AmazonS3/latest/API/ErrorResponses.html
--     https://docs.aws.amazon.com/IAM/latest/APIReference/CommonErrors.html
--     https://boto3.amazonaws.com/v1/documentation/api/latest/guide/retries.html
-- Readable without the extension.
CREATE VIEW event_base AS
SELECT
    rowid AS event,
    eventTime,
    eventID,
    eventName,
    eventSource,
    awsRegion,
    sourceIPAddress,
    userAgent,
    recipientAccountId,
    userIdentityType,
    userIdentityPrincipalId,
    userIdentityArn,
    userIdentityAccountId,
    userIdentityAccessKeyId,
    userIdentityUserName,
    userIdentityInvokedBy,
    sessionIssuerType,
    sessionIssuerPrincipalId,
    sessionIssuerArn,
    sessionIssuerAccountId,
    sessionIssuerUserName,
    sessionMfaAuthenticated,
    sessionCreationDate,
    errorCode,
    errorMessage,
    readOnly,
    managementEvent,
    eventType,
    eventCategory,
    eventVersion,
    apiVersion,
    requestID,
    sharedEventID,
    vpcEndpointId,
    tlsVersion,
    tlsCipherSuite,
    tlsClientProvidedHostHeader,
    requestParameters,
    responseElements,
    resources,
    additionalEventData,
    serviceEventDetails,
    extra,
    fileID,
    recordNumber,
    eventCategory IS NOT 'Insight' AND eventType IS NOT 'AwsCloudTrailInsight' AS isCall,
    CASE
        WHEN errorCode <> '' THEN
            CASE
                WHEN errorCode GLOB '*AccessDenied*'            -- ...Exception, VpceAccessDenied
                  OR errorCode GLOB '*Unauthorized*'            -- EC2: Client.UnauthorizedOperation
                  OR errorCode GLOB '*NotAuthorized*'
                  OR errorCode GLOB '*AuthorizationError*'      -- SNS
                  OR errorCode GLOB '*Forbidden*'
                  OR errorCode GLOB '*AuthFailure*'             -- EC2
                  OR errorCode GLOB '*AllAccessDisabled*'       -- S3
                  OR errorCode GLOB '*InvalidClientTokenId*'    -- no such access key
                  OR errorCode GLOB '*InvalidAccessKeyId*'
                  OR errorCode GLOB '*UnrecognizedClient*'
                  OR errorCode GLOB '*SignatureDoesNotMatch*'
                  OR errorCode GLOB '*InvalidSignature*'
                  OR errorCode GLOB '*IncompleteSignature*'
                  OR errorCode GLOB '*MissingAuthenticationToken*'
                  OR errorCode GLOB '*ExpiredToken*'
                    THEN 'denied'
                WHEN errorCode GLOB '*Throttl*'                 -- Throttling, ThrottledException ...
                  OR errorCode GLOB '*RequestLimitExceeded*'
                  OR errorCode GLOB '*TooManyRequests*'
                  OR errorCode GLOB '*SlowDown*'                -- S3
                  OR errorCode GLOB '*ThroughputExceeded*'      -- DynamoDB, Kinesis
                  OR errorCode GLOB '*BandwidthLimitExceeded*'
                  OR errorCode GLOB '*PriorRequestNotComplete*' -- Route 53
                    THEN 'throttled'
                ELSE 'failed'
            END
        WHEN errorMessage <> '' THEN 'failed'
        WHEN eventSource = 'signin.amazonaws.com' AND instr(responseElements, '"Failure"') THEN 'failed'
        ELSE 'done'
    END AS outcome,
    userIdentityType IS 'AWSService'
        OR ifnull(userIdentityInvokedBy, '') <> ''
        OR ifnull(sourceIPAddress, '') GLOB '*.amazonaws.com' AS isService
FROM cloudtrail;
