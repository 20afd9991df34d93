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
-- SQLite 3.35 the files may be read twice.
-- The rows are those of the view in an imported database, but for records that have the time and id
-- of another one and other content: of those an import keeps the first, here the first counts that
-- the rule is about.
--
-- Made by tools/rule_over_files.sh, not to be edited, from the file that explains the rule:
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
    ('threshold', 8, 'aws_cli_recon_burst: distinct commands in one window that make a burst');

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

DROP VIEW IF EXISTS temp.aws_cli_recon_burst;
CREATE TEMP VIEW aws_cli_recon_burst AS
WITH
-- In place of the table: what the AWS CLI sent, by either rule. The reader leaves out the other
-- events before it makes rows of them.
cloudtrail AS (
    SELECT rowid AS rowid, 1 AS fileID, rowid AS recordNumber,
           eventTime, eventID, eventName, eventSource, awsRegion, sourceIPAddress, userAgent,
           recipientAccountId, userIdentityPrincipalId, userIdentityArn, userIdentityAccountId,
           userIdentityUserName, sessionMfaAuthenticated, errorCode, eventType, eventCategory,
           apiVersion, resources
      FROM cloudtrail_log((SELECT path FROM temp.cloudtrail_logs),
                          (SELECT on_error FROM temp.cloudtrail_logs), 'aws-cli')
     WHERE eventTime IS NOT NULL
),
-- Every event of the AWS CLI and its command: from the user agent, else from the event.
cli_event AS (
    SELECT *,
           rowid AS event,
           aws_cli_command(userAgent, eventSource, eventName, apiVersion) AS named
      FROM cloudtrail
     WHERE ltrim(userAgent, ' [') COLLATE NOCASE BETWEEN 'aws-cli' AND 'aws-clj' -- the index cloudtrail_aws_cli
),
-- Those on the list, under the spelling of the list.
listed_event AS (
    SELECT e.event,
           e.eventTime,
           ifnull(e.recipientAccountId, '') AS recipientAccountId,
           -- the seed rule's AccountName before its split at the '@'
           CASE
               WHEN e.userIdentityPrincipalId = 'Anonymous' THEN 'Anonymous'
               WHEN e.userIdentityUserName <> '' THEN e.userIdentityUserName
               ELSE ifnull(kql_split_part(
                        CASE WHEN e.userIdentityArn <> '' THEN e.userIdentityArn
                             ELSE (SELECT value FROM json_each(e.resources, '$[0]')
                                    WHERE key = 'ARN') END,
                        '/', -1), '')
           END AS fullName,
           -- what stands in where that leaves no name
           coalesce(nullif(e.userIdentityPrincipalId, ''), e.userIdentityAccountId, '') AS nameless,
           ifnull(e.sourceIPAddress, '') AS sourceIPAddress,
           listed.command
      FROM cli_event AS e
      -- CROSS: events outside, the list is looked up
      CROSS JOIN suspicious_command AS listed ON listed.command = e.named
     WHERE e.eventCategory IS NOT 'Insight'
       AND e.eventType IS NOT 'AwsCloudTrailInsight'
     -- each event once, as it stands first
     GROUP BY eventTime, ifnull(eventID, recordNumber)
    HAVING min(recordNumber)
     ORDER BY e.eventTime, e.eventID, e.fileID, e.recordNumber
),
-- The few groups with a burst.
identity AS (
    SELECT recipientAccountId,
           ifnull(nullif(upn_name(fullName), ''), nameless) AS accountName,
           CASE WHEN upn_name(fullName) <> '' THEN upn_suffix(fullName) ELSE '' END
               AS accountUPNSuffix,
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
           e.sessionMfaAuthenticated,
           nullif(e.userIdentityArn, '') AS principal,
           listed.command,
           nullif(e.eventName, '') AS eventName,
           nullif(e.awsRegion, '') AS awsRegion,
           e.userAgent,
           aws_cli_command(e.userAgent) = listed.command COLLATE NOCASE
               AS isFromUserAgent
      FROM burst AS i
     CROSS JOIN json_each(i.burst, '$.rows') AS key
     CROSS JOIN cloudtrail AS e ON e.rowid = key.value
     CROSS JOIN suspicious_command AS listed
             ON listed.command = aws_cli_command(e.userAgent, e.eventSource, e.eventName,
                                                 e.apiVersion)
     -- the order of the lists
     ORDER BY e.eventTime, e.eventID, e.fileID, e.recordNumber
)
SELECT firstTime,
       lastTime,
       recipientAccountId,
       accountName,
       accountUPNSuffix,
       sourceIPAddress,
       commandCount,
       peakCount,
       count(*) AS eventCount,
       count(CASE WHEN instr(errorCode, 'AccessDenied') OR instr(errorCode, 'Unauthorized')
                  THEN 1 END) AS deniedCount,
       count(errorCode) AS errorCount,
       CASE WHEN min(sessionMfaAuthenticated) = max(sessionMfaAuthenticated)
            THEN min(sessionMfaAuthenticated) END AS mfaAuthenticated,
       list_distinct(principal) AS principals,
       list_distinct(command) AS commands,
       list_distinct(eventName) AS events,
       list_distinct(awsRegion) AS regions,
       list_distinct(userAgent) AS userAgents,
       CASE total(isFromUserAgent) WHEN count(*) THEN 'user-agent' WHEN 0 THEN 'event'
                                 ELSE 'mixed' END AS commandSource
  FROM burst_event
 GROUP BY recipientAccountId, accountName, accountUPNSuffix, sourceIPAddress, firstTime, lastTime,
          commandCount, peakCount;
