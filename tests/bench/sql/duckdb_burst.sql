-- aws_cli_recon_burst for DuckDB, over the view `event` of its table: the same bursts as our view,
-- of its columns those that tell the bursts apart and count. Which command an event is comes from
-- a list of the 19 that are looked for: DuckDB has no table of AWS's names.
WITH listed(command, source, name) AS (
    VALUES ('iam.list-users', 'iam', 'ListUsers'),
           ('iam.list-groups', 'iam', 'ListGroups'),
           ('iam.list-roles', 'iam', 'ListRoles'),
           ('iam.get-user', 'iam', 'GetUser'),
           ('iam.list-access-keys', 'iam', 'ListAccessKeys'),
           ('route53.list-hosted-zones', 'route53', 'ListHostedZones'),
           ('kms.list-keys', 'kms', 'ListKeys'),
           ('kms.list-aliases', 'kms', 'ListAliases'),
           ('ecs.list-clusters', 'ecs', 'ListClusters'),
           ('ecs.list-services', 'ecs', 'ListServices'),
           ('ec2.describe-vpcs', 'ec2', 'DescribeVpcs'),
           ('ec2.describe-subnets', 'ec2', 'DescribeSubnets'),
           ('ec2.describe-security-groups', 'ec2', 'DescribeSecurityGroups'),
           ('ec2.describe-network-acls', 'ec2', 'DescribeNetworkAcls'),
           ('ec2.describe-network-interfaces', 'ec2', 'DescribeNetworkInterfaces'),
           ('ec2.describe-route-tables', 'ec2', 'DescribeRouteTables'),
           ('ec2.describe-internet-gateways', 'ec2', 'DescribeInternetGateways'),
           ('ec2.describe-vpc-peering-connections', 'ec2', 'DescribeVpcPeeringConnections'),
           ('ec2.describe-transit-gateway-vpc-attachments', 'ec2',
            'DescribeTransitGatewayVpcAttachments')
),
cli_event AS (
    SELECT *,
           nullif(regexp_extract(userAgent,
                  '^\[?aws-cli/[^ ]+ (?:.* )?(?:md/command#|command/)([^ \]]+)', 1), '') AS told,
           CASE
               WHEN userIdentityPrincipalId = 'Anonymous' THEN 'Anonymous'
               WHEN userIdentityUserName <> '' THEN userIdentityUserName
               ELSE ifnull(split_part(CASE WHEN userIdentityArn <> '' THEN userIdentityArn
                                           ELSE resourceArn END, '/', -1), '')
           END AS fullName
      FROM event
     WHERE (userAgent LIKE 'aws-cli/%' OR userAgent LIKE '[aws-cli/%')
       AND eventCategory IS DISTINCT FROM 'Insight'
       AND eventType IS DISTINCT FROM 'AwsCloudTrailInsight'
),
listed_event AS (
    SELECT eventTime, recipientAccountId, split_part(fullName, '@', 1) AS accountName,
           split_part(fullName, '@', 2) AS accountUPNSuffix, sourceIPAddress, listed.command,
           errorCode
      FROM cli_event AS e
      JOIN listed ON listed.command = lower(told)
                  OR (told IS NULL AND listed.source || '.amazonaws.com' = e.eventSource
                      AND listed.name = e.eventName)
),
counted AS (
    SELECT *, count(DISTINCT command) OVER (
                  PARTITION BY recipientAccountId, accountName, accountUPNSuffix, sourceIPAddress
                  ORDER BY eventTime
                  RANGE BETWEEN INTERVAL 59 SECONDS PRECEDING AND CURRENT ROW) AS n
      FROM listed_event
),
-- The last moment of each window that qualifies, and where such a window begins a burst.
full_window AS (
    SELECT *, lag(eventTime) OVER (
                  PARTITION BY recipientAccountId, accountName, accountUPNSuffix, sourceIPAddress
                  ORDER BY eventTime) AS before
      FROM counted
     WHERE n >= 8
),
numbered AS (
    SELECT *, count(CASE WHEN before IS NULL OR eventTime - before >= INTERVAL 60 SECONDS THEN 1 END)
                  OVER (PARTITION BY recipientAccountId, accountName, accountUPNSuffix,
                                     sourceIPAddress
                        ORDER BY eventTime ROWS UNBOUNDED PRECEDING) AS number
      FROM full_window
),
burst AS (
    SELECT recipientAccountId, accountName, accountUPNSuffix, sourceIPAddress, number,
           min(eventTime) - INTERVAL 59 SECONDS AS begin, max(eventTime) AS until, max(n) AS peakCount
      FROM numbered
     GROUP BY ALL
)
SELECT strftime(min(e.eventTime), '%Y-%m-%dT%H:%M:%SZ') AS firstTime,
       strftime(max(e.eventTime), '%Y-%m-%dT%H:%M:%SZ') AS lastTime,
       b.recipientAccountId,
       b.accountName,
       b.accountUPNSuffix,
       b.sourceIPAddress,
       count(DISTINCT e.command) AS commandCount,
       b.peakCount,
       count(*) AS eventCount,
       count(e.errorCode) AS errorCount
  FROM burst AS b
  JOIN listed_event AS e USING (recipientAccountId, accountName, accountUPNSuffix, sourceIPAddress)
 WHERE e.eventTime BETWEEN b.begin AND b.until
 GROUP BY b.recipientAccountId, b.accountName, b.accountUPNSuffix, b.sourceIPAddress, b.number,
          b.peakCount;
