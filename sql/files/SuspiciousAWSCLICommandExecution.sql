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
-- SQLite 3.35 the files may be read twice.
-- The rows are those of the view in an imported database, but for records that have the time and id
-- of another one and other content: of those an import keeps the first, here the first counts that
-- the rule is about.
--
-- Made by tools/rule_over_files.sh, not to be edited, from the file that explains the rule:
-- sql/rules/SuspiciousAWSCLICommandExecution.sql
DROP TABLE IF EXISTS temp.cloudtrail_logs;
CREATE TEMP TABLE cloudtrail_logs AS SELECT @logs AS path, ifnull(@on_error, 'fail') AS on_error;

DROP VIEW IF EXISTS temp.SuspiciousAWSCLICommandExecution;
CREATE TEMP VIEW SuspiciousAWSCLICommandExecution AS
WITH
-- In place of the table: what the AWS CLI sent, by either rule. The reader leaves out the other
-- events before it makes rows of them.
cloudtrail AS (
    SELECT rowid AS rowid, 1 AS fileID, rowid AS recordNumber,
           eventTime, eventID, eventName, sourceIPAddress, userAgent, recipientAccountId,
           userIdentityPrincipalId, userIdentityArn, userIdentityUserName,
           sessionMfaAuthenticated, eventType, eventCategory, resources
      FROM cloudtrail_log((SELECT path FROM temp.cloudtrail_logs),
                          (SELECT on_error FROM temp.cloudtrail_logs), 'aws-cli')
     WHERE eventTime IS NOT NULL
),
-- AWSCloudTrail
-- | where UserAgent startswith "aws-cli"
-- | extend command = tostring(split(UserAgent, "off command/", 1)[0])
cli_event AS (
    SELECT *, kql_split_part(userAgent, 'off command/', 1) AS command
      FROM cloudtrail
     WHERE ltrim(userAgent, ' [') COLLATE NOCASE BETWEEN 'aws-cli' AND 'aws-clj' -- the index cloudtrail_aws_cli
       -- what begins with aws-cli in any case sorts from there to before aws-clj
       AND userAgent >= 'aws-cli' COLLATE NOCASE
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
                             ELSE (SELECT value FROM json_each(resources, '$[0]')
                                    WHERE key = 'ARN') END,
                        '/', -1), '')
           END AS fullName
      FROM suspicious_event
     WHERE eventCategory IS NOT 'Insight'
       AND eventType IS NOT 'AwsCloudTrailInsight'
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
