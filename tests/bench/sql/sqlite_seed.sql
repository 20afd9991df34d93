-- SuspiciousAWSCLICommandExecution in SQLite's own SQL, without a function of ours, over `event`:
-- the same rows as our view of that name.
WITH listed(command) AS (
    VALUES ('iam.list-users'), ('iam.list-groups'), ('ec2.describe-vpcs'), ('ec2.describe-subnets'),
           ('route53.list-hosted-zones'), ('kms.list-keys'), ('kms.list-aliases'),
           ('ecs.list-clusters'), ('ecs.list-services'), ('iam.list-roles'),
           ('iam.get-useriam.list-access-keys'), ('ec2.describe-security-groups'),
           ('ec2.describe-network-acls'), ('ec2.describe-network-interfaces'),
           ('ec2.describe-route-tables'), ('ec2.describe-internet-gateways'),
           ('ec2.describe-vpc-peering-connections'),
           ('ec2.describe-transit-gateway-vpc-attachment'), ('ec2.describe-vpc')
),
cli_event AS (
    SELECT *, substr(userAgent, instr(userAgent, 'off command/') + 12) AS command
      FROM event
     WHERE ltrim(userAgent, ' [') COLLATE NOCASE BETWEEN 'aws-cli' AND 'aws-clj'
       AND userAgent LIKE 'aws-cli%'
       AND instr(userAgent, 'off command/') > 0
       AND eventCategory IS NOT 'Insight'
       AND eventType IS NOT 'AwsCloudTrailInsight'
),
named_event AS (
    SELECT *,
           CASE
               WHEN userIdentityPrincipalId = 'Anonymous' THEN 'Anonymous'
               WHEN userIdentityUserName <> '' THEN userIdentityUserName
               ELSE replace(arn, rtrim(arn, replace(arn, '/', '')), '')
           END AS fullName
      FROM (SELECT *, CASE WHEN userIdentityArn <> '' THEN userIdentityArn
                           ELSE ifnull(json_extract(resources, '$[0].ARN'), '') END AS arn
              FROM cli_event) AS e
     WHERE EXISTS (SELECT 1
                     FROM listed
                    WHERE instr(lower(e.command), listed.command) > 0
                      AND ' ' || lower(e.command) || ' '
                          GLOB '*[^a-z0-9]' || listed.command || '[^a-z0-9]*')
),
event_of_minute AS (
    SELECT substr(eventTime, 1, 16) || ':00Z' AS TimeGenerated,
           recipientAccountId,
           CASE WHEN instr(fullName, '@') > 0 THEN substr(fullName, 1, instr(fullName, '@') - 1)
                ELSE fullName END AS AccountName,
           CASE WHEN instr(fullName, '@') > 0 THEN substr(fullName, instr(fullName, '@') + 1)
                ELSE '' END AS AccountUPNSuffix,
           ifnull(userIdentityUserName, '') AS UserIdentityUserName,
           sourceIPAddress,
           sessionMfaAuthenticated,
           command,
           eventName
      FROM named_event
     ORDER BY eventTime
)
SELECT TimeGenerated,
       recipientAccountId AS RecipientAccountId,
       AccountName,
       AccountUPNSuffix,
       UserIdentityUserName,
       sourceIPAddress AS SourceIpAddress,
       sessionMfaAuthenticated AS SessionMfaAuthenticated,
       count(DISTINCT command) AS CommadCount,
       count(DISTINCT eventName) AS EventCount,
       json_group_array(command) AS commands,
       json_group_array(eventName) AS Events
  FROM event_of_minute
 GROUP BY TimeGenerated, recipientAccountId, AccountName, AccountUPNSuffix, UserIdentityUserName,
          sourceIPAddress, sessionMfaAuthenticated
HAVING CommadCount >= 8;
