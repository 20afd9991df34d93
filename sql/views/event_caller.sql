-- event_caller: every call that somebody made, with who, from where, with what and how it ended, as a
-- hunt tells it: a layer that hunts read. What AWS did on its own or for somebody is not here.
--
-- event:     the row of cloudtrail, good until a VACUUM.
-- recipientAccountId, accountName, accountUPNSuffix: as in event_identity.
-- address, accessKeyId, region: sourceIPAddress, userIdentityAccessKeyId, awsRegion; NULL where missing.
-- call:      source:Name without the version's date, lambda:UpdateFunctionCode.
-- client:    what the user agent calls itself: Boto3, aws-cli ...
-- isLongLived: 1 with the key of a user or of root (AKIA...).
-- isInstance: 1 with the session of an instance's role, which is called like the instance, i-...
-- isTool:    1 where the agent is of the kind 'tool' in ordinary_agent (Terraform, Pulumi ...), which
--            anybody can type.
-- Cost:      ask by a condition on eventName, which the index cloudtrail_by_name serves.
CREATE VIEW event_caller AS
SELECT
    event,
    eventTime,
    eventSource,
    eventName,
    replace(eventSource, '.amazonaws.com', '') || ':' || aws_call_name(eventName) AS call,
    accountId AS recipientAccountId,
    accountName,
    accountUPNSuffix,
    nullif(sourceIPAddress, '') AS address,
    nullif(userIdentityAccessKeyId, '') AS accessKeyId,
    nullif(awsRegion, '') AS region,
    ct_json_text(user_agent_json(userAgent), '$.product') AS client,
    userAgent,
    userIdentityType,
    userIdentityArn,
    ifnull(userIdentityAccessKeyId, '') GLOB 'AKIA*' AS isLongLived,
    ifnull(arn_part(userIdentityArn, 'session') GLOB 'i-*'
           AND length(arn_part(userIdentityArn, 'session')) IN (10, 19)
           AND substr(arn_part(userIdentityArn, 'session'), 3) NOT GLOB '*[^0-9A-Fa-f]*',
           0) AS isInstance,
    EXISTS (SELECT 1
              FROM ordinary_agent AS o
             WHERE o.kind = 'tool'
               AND trim(ltrim(userAgent, ' [')) LIKE o.pattern) AS isTool,
    outcome,
    errorCode,
    errorMessage,
    readOnly,
    requestParameters,
    responseElements,
    resources,
    additionalEventData,
    vpcEndpointId,
    extra
FROM event_named
WHERE isCall
  AND NOT isService;
