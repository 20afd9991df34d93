-- SuspiciousAWSCLICommandExecution for DuckDB, over the view `event`: the same rows as our view of
-- that name. A has_any() is a regular expression here; what it must find is looked for first.
WITH cli_event AS (
    SELECT *, split_part(userAgent, 'off command/', 2) AS command
      FROM event
     WHERE userAgent LIKE '%off command/%'
       AND userAgent ILIKE 'aws-cli%'
       AND eventCategory IS DISTINCT FROM 'Insight'
       AND eventType IS DISTINCT FROM 'AwsCloudTrailInsight'
),
named_event AS (
    SELECT *,
           CASE
               WHEN userIdentityPrincipalId = 'Anonymous' THEN 'Anonymous'
               WHEN userIdentityUserName <> '' THEN userIdentityUserName
               ELSE ifnull(split_part(CASE WHEN userIdentityArn <> '' THEN userIdentityArn
                                           ELSE resourceArn END, '/', -1), '')
           END AS fullName
      FROM cli_event
     WHERE regexp_matches(lower(command),
               '(^|[^a-z0-9])(iam\.list-users|iam\.list-groups|ec2\.describe-vpcs'
               '|ec2\.describe-subnets|route53\.list-hosted-zones|kms\.list-keys'
               '|kms\.list-aliases|ecs\.list-clusters|ecs\.list-services|iam\.list-roles'
               '|iam\.get-useriam\.list-access-keys|ec2\.describe-security-groups'
               '|ec2\.describe-network-acls|ec2\.describe-network-interfaces'
               '|ec2\.describe-route-tables|ec2\.describe-internet-gateways'
               '|ec2\.describe-vpc-peering-connections'
               '|ec2\.describe-transit-gateway-vpc-attachment|ec2\.describe-vpc)($|[^a-z0-9])')
)
SELECT strftime(date_trunc('minute', eventTime), '%Y-%m-%dT%H:%M:%SZ') AS TimeGenerated,
       recipientAccountId AS RecipientAccountId,
       split_part(fullName, '@', 1) AS AccountName,
       split_part(fullName, '@', 2) AS AccountUPNSuffix,
       ifnull(userIdentityUserName, '') AS UserIdentityUserName,
       sourceIPAddress AS SourceIpAddress,
       sessionMfaAuthenticated AS SessionMfaAuthenticated,
       count(DISTINCT command) AS CommadCount,
       count(DISTINCT eventName) AS EventCount,
       list(command ORDER BY eventTime) AS commands,
       list(eventName ORDER BY eventTime) AS Events
  FROM named_event
 GROUP BY ALL
HAVING count(DISTINCT command) >= 8;
