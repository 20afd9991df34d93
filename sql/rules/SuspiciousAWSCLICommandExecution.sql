-- SuspiciousAWSCLICommandExecution: detect one identity running eight or more different
-- reconnaissance commands of the AWS CLI within one minute of the clock, exactly as Microsoft
-- Sentinel does.
--
-- Title:        Suspicious AWS CLI Command Execution
-- Description:  This detection focuses on identifying potentially suspicious activities involving the
--               execution of AWS Command Line Interface (CLI) commands, particularly focusing on
--               reconnaissance operations.
-- Severity:     Medium
-- Tactics:      Reconnaissance
-- Techniques:   T1595, T1592.004, T1589.002, T1589.003, T1590, T1591, T1596
-- Kind:         Scheduled
-- Frequency:    1d
-- Period:       1d
-- Trigger:      gt 0
-- Enabled:      yes
-- Id:           8c2dc344-9352-4ca1-8863-b1b7a5e09e59
-- Version:      1.0.1
-- Source:       https://github.com/Azure/Azure-Sentinel/blob/master/Solutions/Amazon Web
--               Services/Analytic Rules/SuspiciousAWSCLICommandExecution.yaml
-- Finding view: SuspiciousAWSCLICommandExecution_finding
-- Entities:     [{"fieldMappings":[{"columnName":"AccountName","identifier":"Name"},
--               {"columnName":"AccountUPNSuffix","identifier":"UPNSuffix"},
--               {"columnName":"RecipientAccountId","identifier":"CloudAppAccountId"}],
--               "entityType":"Account"}]
-- Details:      {"AWSUserIp":"SourceIpAddress","AWSUser":"UserIdentityUserName",
--               "SuspiciousCommand":"commands"}
-- Why:          who holds a stolen key looks around first: users, roles, keys, networks.
-- Columns read: eventTime, eventID, eventName, eventType, eventCategory, userAgent, userIdentity*,
--               resources, recipientAccountId, sourceIPAddress, sessionMfaAuthenticated.
-- Window:       the minute of the clock, bin(TimeGenerated, 1min).
-- False positives: inventory jobs, auditors, anyone who looks at VPC endpoints (see below).
-- Blind spots:  all of them the rule's own: CLI 1.x and 2.15.51 or later, which name no command behind
--               "off command/"; agents in [ ]; a burst over a minute's edge or over a change of the
--               MFA state; iam.get-user and iam.list-access-keys, glued together by a lost comma.
--               aws_cli_recon_burst has none of these.
-- Next step:    SELECT * FROM cloudtrail for the same address and account, an hour before and after.
--
-- The comments below that begin with | are the rule's lines. Within one extend each expression
-- sees the row as it was before it; dcount() is exact here; missing strings are '', as in Sentinel.
CREATE VIEW SuspiciousAWSCLICommandExecution AS
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
     -- over files: each event once
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
