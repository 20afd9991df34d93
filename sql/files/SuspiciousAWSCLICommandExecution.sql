-- SuspiciousAWSCLICommandExecution over log files, nothing imported. In the sqlite3 shell:
--
--     .load build/cloudtrail
--     .parameter set @logs 'logs/'
--     .read sql/files/SuspiciousAWSCLICommandExecution.sql
--     SELECT * FROM SuspiciousAWSCLICommandExecution;
--
-- @logs is a file, a folder or a glob. Each SELECT reads the files anew; several questions are
-- cheaper to a TEMP TABLE made of the view, or to an import. What cannot be read is an error, unless
-- @on_error is set to 'skip'. In other clients bind @logs, or UPDATE temp.cloudtrail_logs. Before
-- SQLite 3.35 the files may be read twice. The views are TEMP ones: of the AWS CLI's events alone, and
-- gone with the connection.
-- The rows are those of the view in an imported database, but for records that have the time and id
-- of another one and other content: of those an import keeps the first, here the first counts that
-- the rule is about.
--
-- Made by tools/rule_over_files.sh, not to be edited, from the files that explain it:
-- sql/views/event_base.sql
-- sql/views/event_named.sql
-- sql/views/event_aws_cli.sql
-- sql/rules/SuspiciousAWSCLICommandExecution.sql
DROP TABLE IF EXISTS temp.cloudtrail_logs;
CREATE TEMP TABLE cloudtrail_logs AS SELECT @logs AS path, ifnull(@on_error, 'fail') AS on_error;

DROP VIEW IF EXISTS temp.event_base;
CREATE TEMP VIEW event_base AS
WITH
-- In place of the table: what the AWS CLI sent. The reader leaves out the other events before it
-- makes rows of them.
cloudtrail AS (
    SELECT rowid AS rowid, 1 AS fileID, rowid AS recordNumber,
           eventTime, eventID, eventName, eventSource, awsRegion, sourceIPAddress, userAgent,
           recipientAccountId, userIdentityType, userIdentityPrincipalId, userIdentityArn,
           userIdentityAccountId, userIdentityAccessKeyId, userIdentityUserName,
           userIdentityInvokedBy, sessionIssuerType, sessionIssuerPrincipalId,
           sessionIssuerArn, sessionIssuerAccountId, sessionIssuerUserName,
           sessionMfaAuthenticated, sessionCreationDate, errorCode, errorMessage, readOnly,
           managementEvent, eventType, eventCategory, eventVersion, apiVersion, requestID,
           sharedEventID, vpcEndpointId, tlsVersion, tlsCipherSuite,
           tlsClientProvidedHostHeader, requestParameters, responseElements, resources,
           additionalEventData, serviceEventDetails, extra
      FROM cloudtrail_log((SELECT path FROM temp.cloudtrail_logs),
                          (SELECT on_error FROM temp.cloudtrail_logs), 'aws-cli')
     WHERE eventTime IS NOT NULL
)
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

DROP VIEW IF EXISTS temp.event_named;
CREATE TEMP VIEW event_named AS
SELECT
    *,
    ifnull(nullif(upn_name(sentinelName), ''),
           coalesce(nullif(ct_json_text(extra, '$.userIdentity.onBehalfOf.userId'), ''),
                    nullif(userIdentityPrincipalId, ''),
                    accountId)) AS accountName,
    CASE WHEN upn_name(sentinelName) <> '' THEN upn_suffix(sentinelName) ELSE '' END
        AS accountUPNSuffix
FROM (
    SELECT
        *,
        coalesce(nullif(recipientAccountId, ''), userIdentityAccountId, '') AS accountId,
        coalesce(nullif(userIdentityArn, ''),
                 nullif(userIdentityPrincipalId, ''),
                 nullif(ct_json_text(extra, '$.userIdentity.onBehalfOf.userId'), ''),
                 nullif(userIdentityInvokedBy, '')) AS principal,
        CASE
            WHEN userIdentityPrincipalId = 'Anonymous' THEN 'Anonymous'
            WHEN userIdentityUserName <> '' THEN userIdentityUserName
            WHEN userIdentityArn <> '' THEN kql_split_part(userIdentityArn, '/', -1)
            ELSE ifnull(kql_split_part(ct_json_text(resources, '$[0].ARN'), '/', -1), '')
        END AS sentinelName
    FROM event_base
);

DROP VIEW IF EXISTS temp.event_aws_cli;
CREATE TEMP VIEW event_aws_cli AS
SELECT *
FROM event_named
-- SQLite takes the index where its condition stands as it is
WHERE ltrim(userAgent, ' [') COLLATE NOCASE BETWEEN 'aws-cli' AND 'aws-clj';

DROP VIEW IF EXISTS temp.SuspiciousAWSCLICommandExecution;
CREATE TEMP VIEW SuspiciousAWSCLICommandExecution AS
WITH
-- AWSCloudTrail
-- | where UserAgent startswith "aws-cli"
-- | extend command = tostring(split(UserAgent, "off command/", 1)[0])
cli_event AS (
    SELECT eventTime, eventID, fileID, recordNumber, recipientAccountId, sourceIPAddress,
           userIdentityPrincipalId, userIdentityArn, userIdentityUserName, resources,
           sessionMfaAuthenticated, eventName, isCall,
           kql_split_part(userAgent, 'off command/', 1) AS command
      FROM event_aws_cli
     -- what begins with aws-cli in any case sorts from there to before aws-clj
     WHERE userAgent >= 'aws-cli' COLLATE NOCASE
       AND userAgent < 'aws-clj' COLLATE NOCASE
),
-- let SuspiciousCommands = pack_array(...);
-- | where command has_any (SuspiciousCommands)
-- The list as the rule has it, repeats and all. In KQL the two literals without a comma between
-- them, 'iam.get-user''iam.list-access-keys', are one.
suspicious_event AS (
    SELECT *
      FROM cli_event
     WHERE kql_has_any(command, '[
           "iam.list-users", "iam.list-groups", "ec2.describe-vpcs", "ec2.describe-subnets",
           "route53.list-hosted-zones", "kms.list-keys", "kms.list-aliases", "ecs.list-clusters",
           "ecs.list-services", "iam.list-roles", "iam.get-useriam.list-access-keys",
           "ec2.describe-security-groups", "ec2.describe-network-acls",
           "ec2.describe-network-interfaces", "ec2.describe-route-tables",
           "ec2.describe-internet-gateways", "ec2.describe-vpc-peering-connections",
           "ec2.describe-network-interfaces", "ec2.describe-network-interfaces",
           "ec2.describe-transit-gateway-vpc-attachment", "ec2.describe-vpc"]')
     -- each event once, as it stands first
     GROUP BY eventTime, ifnull(eventID, recordNumber)
    HAVING min(recordNumber)
),
-- | extend UserIdentityArn = iif(isempty(UserIdentityArn), tostring(parse_json(Resources)[0].ARN),
--                                UserIdentityArn)
-- | extend UserName = tostring(split(UserIdentityArn, '/')[-1])
-- | extend AccountName = case(UserIdentityPrincipalid == "Anonymous", "Anonymous",
--                             isempty(UserIdentityUserName), UserName, UserIdentityUserName)
named_event AS (
    SELECT *,
           CASE
               WHEN userIdentityPrincipalId = 'Anonymous' THEN 'Anonymous'
               WHEN userIdentityUserName <> '' THEN userIdentityUserName
               ELSE ifnull(kql_split_part(
                        CASE WHEN userIdentityArn <> '' THEN userIdentityArn
                             ELSE ct_json_text(resources, '$[0].ARN') END,
                        '/', -1), '')
           END AS fullName
      FROM suspicious_event
     WHERE isCall
),
event AS (
    SELECT kql_bin(eventTime, '1min') AS TimeGenerated,
           ifnull(recipientAccountId, '') AS RecipientAccountId,
           fullName,
           ifnull(userIdentityUserName, '') AS UserIdentityUserName,
           ifnull(sourceIPAddress, '') AS SourceIpAddress,
           sessionMfaAuthenticated AS SessionMfaAuthenticated,
           command,
           ifnull(eventName, '') AS EventName
      FROM named_event
     -- the order of the lists
     ORDER BY eventTime, eventID, fileID, recordNumber
)
-- | extend AccountName = iif(AccountName contains "@", tostring(split(AccountName, '@', 0)[0]),
--                            AccountName),
--          AccountUPNSuffix = iif(AccountName contains "@",
--                                 tostring(split(AccountName, '@', 1)[0]), "")
-- | summarize CommadCount = dcount(command), EventCount = dcount(EventName),
--             commands = make_list(command), Events = make_list(EventName)
--          by bin(TimeGenerated, 1min), RecipientAccountId, AccountName, AccountUPNSuffix,
--             UserIdentityUserName, SourceIpAddress, SessionMfaAuthenticated
-- | where CommadCount >= 8
SELECT TimeGenerated,
       RecipientAccountId,
       upn_name(fullName) AS AccountName,
       upn_suffix(fullName) AS AccountUPNSuffix,
       UserIdentityUserName,
       SourceIpAddress,
       SessionMfaAuthenticated,
       count_distinct(command) AS CommadCount,
       count_distinct(EventName) AS EventCount,
       kql_make_list(command) AS commands,
       kql_make_list(EventName) AS Events
  FROM event
 GROUP BY TimeGenerated, RecipientAccountId, AccountName, AccountUPNSuffix, UserIdentityUserName,
          SourceIpAddress, SessionMfaAuthenticated
HAVING CommadCount >= 8;
