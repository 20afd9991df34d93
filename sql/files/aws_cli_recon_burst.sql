-- aws_cli_recon_burst over log files, nothing imported. In the sqlite3 shell:
--
--     .load build/cloudtrail
--     .parameter set @logs 'logs/'
--     .read sql/files/aws_cli_recon_burst.sql
--     SELECT * FROM aws_cli_recon_burst;
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
-- sql/views/aws_cli_event.sql
-- sql/views/suspicious_cli_event.sql
-- sql/rules/aws_cli_recon_burst.sql
DROP TABLE IF EXISTS temp.cloudtrail_logs;
CREATE TEMP TABLE cloudtrail_logs AS SELECT @logs AS path, ifnull(@on_error, 'fail') AS on_error;

DROP TABLE IF EXISTS temp.rule_parameter;
CREATE TEMP TABLE rule_parameter (
    name    TEXT PRIMARY KEY,
    value   NOT NULL, -- kept as it is given: a number, or a text such as a time
    meaning TEXT NOT NULL
);
INSERT INTO temp.rule_parameter (name, value, meaning) VALUES
    ('window_seconds', 60, 'aws_cli_recon_burst: length of the sliding window, in seconds'),
    ('threshold', 8, 'aws_cli_recon_burst: distinct commands in one window that make a burst'),
    ('discovery_fast', 8, 'aws_discovery_burst: different listed calls in 60 seconds'),
    ('discovery_slow', 10, 'aws_discovery_burst: different listed calls in 600 seconds'),
    ('discovery_wide', 20, 'aws_discovery_burst: different reading calls, listed or not, in 60 seconds'),
    ('hunt_denied_calls', 8, 'hunt_access_denied_burst: different calls denied in 300 seconds'),
    ('hunt_denied_requests', 10, 'hunt_access_denied_burst: requests of one call denied in 300 seconds'),
    ('hunt_history_days', 3, 'hunt_first_seen: how long an identity or account must be known'),
    ('hunt_history_hours', 24, 'hunt_whoami: how far the logs must go back for a key to be new'),
    ('hunt_pause', 3600, 'hunts: a pause of that many seconds ends what is told as one finding'),
    ('hunt_secrets', 3, 'hunt_secrets_read_in_bulk: different secrets in 300 seconds'),
    ('hunt_shift', 14400, 'as hunt_pause, in hunts for what some do again and again on a working day'),
    ('hunt_instances', 10, 'hunt_computers_rented: instances asked for that are many'),
    ('hunt_objects', 20, 'hunt_objects_taken_or_held: different objects read or deleted in 60 seconds');

DROP TABLE IF EXISTS temp.suspicious_command;
CREATE TEMP TABLE suspicious_command (
    command TEXT NOT NULL COLLATE NOCASE PRIMARY KEY, -- service.operation, as the AWS CLI calls it
    origin  TEXT NOT NULL                             -- who put it on the list
);
INSERT INTO temp.suspicious_command (command, origin) VALUES
    ('iam.list-users', 'sentinel'),
    ('iam.list-groups', 'sentinel'),
    ('ec2.describe-vpcs', 'sentinel'),
    ('ec2.describe-subnets', 'sentinel'),
    ('route53.list-hosted-zones', 'sentinel'),
    ('kms.list-keys', 'sentinel'),
    ('kms.list-aliases', 'sentinel'),
    ('ecs.list-clusters', 'sentinel'),
    ('ecs.list-services', 'sentinel'),
    ('iam.list-roles', 'sentinel'),
    ('iam.get-user', 'sentinel'),
    ('iam.list-access-keys', 'sentinel'),
    ('ec2.describe-security-groups', 'sentinel'),
    ('ec2.describe-network-acls', 'sentinel'),
    ('ec2.describe-network-interfaces', 'sentinel'),
    ('ec2.describe-route-tables', 'sentinel'),
    ('ec2.describe-internet-gateways', 'sentinel'),
    ('ec2.describe-vpc-peering-connections', 'sentinel'),
    ('ec2.describe-transit-gateway-vpc-attachments', 'sentinel');

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

DROP VIEW IF EXISTS temp.aws_cli_event;
CREATE TEMP VIEW aws_cli_event AS
SELECT
    event,
    eventTime,
    eventID,
    fileID,
    recordNumber,
    accountId AS recipientAccountId,
    accountName,
    accountUPNSuffix,
    ifnull(sourceIPAddress, '') AS sourceIPAddress,
    aws_cli_command(userAgent, eventSource, eventName, apiVersion) AS command,
    CASE WHEN aws_cli_command(userAgent)
              = aws_cli_command(userAgent, eventSource, eventName, apiVersion)
         THEN 'user-agent' ELSE 'event' END AS commandSource,
    userAgent,
    ifnull(userIdentityUserName, '') AS userIdentityUserName,
    sessionMfaAuthenticated,
    sentinelName,
    ifnull(recipientAccountId, '') AS sentinelAccountId,
    userIdentityArn,
    userIdentityAccessKeyId,
    userIdentityInvokedBy,
    eventSource,
    eventName,
    awsRegion,
    errorCode,
    outcome
FROM event_aws_cli
WHERE isCall;

DROP VIEW IF EXISTS temp.suspicious_cli_event;
CREATE TEMP VIEW suspicious_cli_event AS
SELECT
    e.event,
    e.eventTime,
    e.eventID,
    e.fileID,
    e.recordNumber,
    e.recipientAccountId,
    e.accountName,
    e.accountUPNSuffix,
    e.sourceIPAddress,
    listed.command,
    e.commandSource,
    e.userAgent,
    e.userIdentityUserName,
    e.sessionMfaAuthenticated,
    e.sentinelName,
    e.sentinelAccountId,
    e.userIdentityArn,
    e.userIdentityAccessKeyId,
    e.eventSource,
    e.eventName,
    e.awsRegion,
    e.errorCode,
    e.outcome
FROM aws_cli_event AS e
-- CROSS: events outside, the list is looked up
CROSS JOIN suspicious_command AS listed ON listed.command = e.command
WHERE ifnull(e.userIdentityInvokedBy, '') = '';

DROP VIEW IF EXISTS temp.aws_cli_recon_burst;
CREATE TEMP VIEW aws_cli_recon_burst AS
WITH
-- Read once and kept.
suspicious_cli_event AS (
    SELECT event, eventTime, eventID, fileID, recordNumber, recipientAccountId, accountName,
           accountUPNSuffix, sourceIPAddress, command, commandSource, userAgent,
           sessionMfaAuthenticated, userIdentityArn, userIdentityAccessKeyId, eventName,
           awsRegion, errorCode, outcome
      FROM temp.suspicious_cli_event
),
-- The calls whose command is on the list, under the spelling of the list.
listed_event AS (
    SELECT e.event,
           e.eventTime,
           e.recipientAccountId,
           e.accountName,
           e.accountUPNSuffix,
           e.sourceIPAddress,
           e.command
      FROM suspicious_cli_event AS e
     -- each event once, as it stands first
     GROUP BY eventTime, ifnull(eventID, recordNumber)
    HAVING min(recordNumber)
     ORDER BY e.eventTime, e.eventID, e.fileID, e.recordNumber
),
-- The few groups with a burst.
identity AS (
    SELECT recipientAccountId,
           accountName,
           accountUPNSuffix,
           sourceIPAddress,
           distinct_bursts(command, eventTime,
                           (SELECT value FROM rule_parameter WHERE name = 'window_seconds'),
                           (SELECT value FROM rule_parameter WHERE name = 'threshold'),
                           event) AS bursts
      FROM listed_event
     GROUP BY accountName, sourceIPAddress, recipientAccountId, accountUPNSuffix
    HAVING bursts <> '[]'
),
burst AS (
    SELECT i.recipientAccountId,
           i.accountName,
           i.accountUPNSuffix,
           i.sourceIPAddress,
           one.value AS burst,
           (SELECT value FROM json_each(one.value, '$.start')) AS firstTime,
           (SELECT value FROM json_each(one.value, '$.end')) AS lastTime,
           (SELECT value FROM json_each(one.value, '$.count')) AS commandCount,
           (SELECT value FROM json_each(one.value, '$.peak')) AS peakCount
      FROM identity AS i
     CROSS JOIN json_each(i.bursts) AS one
     LIMIT -1 -- a wall: SQLite takes each burst apart once, not for each of its events
),
-- The events of the bursts, read again with all that the alert tells of them.
burst_event AS (
    SELECT i.firstTime,
           i.lastTime,
           i.recipientAccountId,
           i.accountName,
           i.accountUPNSuffix,
           i.sourceIPAddress,
           i.commandCount,
           i.peakCount,
           nullif(e.errorCode, '') AS errorCode,
           e.outcome,
           e.sessionMfaAuthenticated,
           nullif(e.userIdentityArn, '') AS principal,
           e.event,
           nullif(e.userIdentityAccessKeyId, '') AS accessKeyId,
           e.command,
           nullif(e.eventName, '') AS eventName,
           nullif(e.awsRegion, '') AS awsRegion,
           e.userAgent,
           e.commandSource
      FROM burst AS i
     CROSS JOIN json_each(i.burst, '$.rows') AS key
     CROSS JOIN suspicious_cli_event AS e ON e.event = key.value
     -- the order of the lists
     ORDER BY e.eventTime, e.eventID, e.fileID, e.recordNumber
),
-- One row a burst: what the rule always told,
told AS (
    SELECT firstTime,
           lastTime,
           recipientAccountId,
           accountName,
           accountUPNSuffix,
           sourceIPAddress,
           commandCount,
           peakCount,
           count(*) AS eventCount,
           count(CASE outcome WHEN 'denied' THEN 1 END) AS deniedCount,
           count(errorCode) AS errorCount,
           CASE WHEN min(sessionMfaAuthenticated) = max(sessionMfaAuthenticated)
                THEN min(sessionMfaAuthenticated) END AS mfaAuthenticated,
           list_distinct(principal) AS principals,
           list_distinct(command) AS commands,
           list_distinct(eventName) AS events,
           list_distinct(awsRegion) AS regions,
           list_distinct(userAgent) AS userAgents,
           CASE WHEN min(commandSource) = max(commandSource) THEN min(commandSource)
                ELSE 'mixed' END AS commandSource,
           list_distinct(accessKeyId) AS accessKeyIds,
           ct_json_group_array(event) AS evidence,
           ct_json_group_array(ct_json_array(command, commandSource)) AS eventCommands
      FROM burst_event
     GROUP BY recipientAccountId, accountName, accountUPNSuffix, sourceIPAddress, firstTime,
              lastTime, commandCount, peakCount
)
-- and what makes it a finding (docs/rule.md).
SELECT firstTime,
       lastTime,
       recipientAccountId,
       accountName,
       accountUPNSuffix,
       sourceIPAddress,
       commandCount,
       peakCount,
       eventCount,
       deniedCount,
       errorCount,
       mfaAuthenticated,
       principals,
       commands,
       events,
       regions,
       userAgents,
       commandSource,
       accessKeyIds,
       finding_sentence(accountName, accountUPNSuffix,
                        printf('ran %d suspicious AWS CLI commands', commandCount), firstTime,
                        lastTime, sourceIPAddress, recipientAccountId, deniedCount) AS summary,
       ct_json_object('commandCount', commandCount, 'peakCount', peakCount,
                      'eventCount', eventCount, 'deniedCount', deniedCount,
                      'errorCount', errorCount, 'mfaAuthenticated', mfaAuthenticated,
                      'commands', ct_json(commands), 'principals', ct_json(principals),
                      'accessKeyIds', ct_json(accessKeyIds), 'regions', ct_json(regions),
                      'userAgents', ct_json(userAgents), 'commandSource', commandSource) AS details,
       evidence,
       eventCommands
  FROM told;
