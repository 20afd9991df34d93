-- sentinel_gap: what one of the two rules sees and the other does not, and why.
--
-- Why:     whoever runs the rule as published wants to know what it has missed, not only that it does.
-- Columns: missedBy, the rule that says nothing; reasons, a JSON array.
-- A burst that SuspiciousAWSCLICommandExecution misses; a reason is what must be mended for the rule to
-- see it:
--     window over the minute's edge   the commands lie in two minutes of the clock
--     user agent form                 no "off command/": CLI 1.x, 2.0.x, 2.15.51 and later
--     bracketed agent                 the user agent stands in [ ]
--     lost comma                      iam.get-user and iam.list-access-keys, glued together
--     split by MFA state              the MFA state changes within the burst
-- and, seldom: misspelt command (ec2.describe-transit-gateway-vpc-attachments), split by user name (a
-- user and a role session of one name), own command (from your rows of suspicious_command), own
-- threshold or window (rule_parameter lets in what eight in a minute do not).
-- A row of SuspiciousAWSCLICommandExecution that no burst shares an event with: commands not on the
-- list, no account name (strangers that the rule takes for one), own threshold or window.
-- How:     each fault is mended by itself, and all but each. Reasons are those without whose mending
--          the rule stays blind; if each could be made up for by another, those that would do alone;
--          else all that are there.
CREATE VIEW sentinel_gap AS
WITH
fault (bit, reason) AS (
    VALUES
        (1, 'window over the minute''s edge'),
        (2, 'user agent form'),
        (4, 'bracketed agent'),
        (8, 'lost comma'),
        (16, 'split by MFA state'),
        (32, 'misspelt command'),
        (64, 'split by user name'),
        (128, 'own command')
),
-- which faults are mended: all, all but one, one
mended (bits) AS (
    SELECT 255
    UNION ALL
    SELECT 255 - bit FROM fault
    UNION ALL
    SELECT bit FROM fault
),
burst AS (
    SELECT
        row_number() OVER (ORDER BY firstTime, recipientAccountId, accountName, accountUPNSuffix,
                                    sourceIPAddress) AS n,
        firstTime,
        lastTime,
        recipientAccountId,
        accountName,
        accountUPNSuffix,
        sourceIPAddress,
        commandCount
    FROM aws_cli_recon_burst
),
-- the bursts' events, as the rule as published groups them
call AS (
    SELECT
        b.n,
        e.eventTime,
        kql_bin(e.eventTime, '1m') AS minute,
        e.recipientAccountId,
        upn_name(e.sentinelName) AS sentinelName,
        upn_suffix(e.sentinelName) AS sentinelSuffix,
        e.userIdentityUserName,
        e.sourceIPAddress,
        e.sessionMfaAuthenticated,
        listed.command,
        substr(e.userAgent, 1, 1) = '[' AS isBracketed,
        CASE WHEN substr(e.userAgent, 1, 1) = '[' THEN substr(e.userAgent, 2) ELSE e.userAgent END
            AS agent,
        -- the list of the rule as published, each once
        '["iam.list-users", "iam.list-groups", "ec2.describe-vpcs", "ec2.describe-subnets",
          "route53.list-hosted-zones", "kms.list-keys", "kms.list-aliases", "ecs.list-clusters",
          "ecs.list-services", "iam.list-roles", "iam.get-useriam.list-access-keys",
          "ec2.describe-security-groups", "ec2.describe-network-acls",
          "ec2.describe-network-interfaces", "ec2.describe-route-tables",
          "ec2.describe-internet-gateways", "ec2.describe-vpc-peering-connections",
          "ec2.describe-transit-gateway-vpc-attachment", "ec2.describe-vpc"]' AS list
    FROM burst AS b
    CROSS JOIN aws_cli_event AS e
            ON e.eventTime BETWEEN b.firstTime AND b.lastTime
           AND e.sourceIPAddress = b.sourceIPAddress
           AND e.recipientAccountId = b.recipientAccountId
    CROSS JOIN suspicious_command AS listed
            ON listed.command = e.command
    WHERE e.accountName = b.accountName
      AND e.accountUPNSuffix = b.accountUPNSuffix
),
-- which faults hide the event itself
hidden_call AS (
    SELECT
        *,
        CASE WHEN isBracketed THEN 4 ELSE 0 END
        | CASE
              WHEN agent >= 'aws-cli' COLLATE NOCASE AND agent < 'aws-clj' COLLATE NOCASE
                   AND kql_has_any(kql_split_part(agent, 'off command/', 1), list) THEN 0
              WHEN kql_has_any(command, list) THEN 2
              ELSE CASE
                       WHEN agent >= 'aws-cli' COLLATE NOCASE AND agent < 'aws-clj' COLLATE NOCASE
                            AND kql_has(kql_split_part(agent, 'off command/', 1), command) THEN 0
                       ELSE 2
                   END
                   | CASE
                         WHEN command COLLATE NOCASE IN ('iam.get-user', 'iam.list-access-keys') THEN 8
                         WHEN command = 'ec2.describe-transit-gateway-vpc-attachments' COLLATE NOCASE
                             THEN 32
                         ELSE 128
                     END
          END AS hiddenBy
    FROM call
),
-- which mendings let the rule see the burst: eight commands in a group
seen_if (n, bits) AS (
    SELECT DISTINCT n, bits
    FROM (
        SELECT
            c.n,
            m.bits,
            max_distinct_within(c.command, c.eventTime, 60) AS commandCount
        FROM mended AS m
        CROSS JOIN hidden_call AS c
        WHERE c.hiddenBy & ~m.bits = 0
        GROUP BY c.n, m.bits,
                 CASE WHEN m.bits & 1 THEN '' ELSE c.minute END,
                 CASE WHEN m.bits & 16 THEN '' ELSE ifnull(c.sessionMfaAuthenticated, -1) END,
                 CASE WHEN m.bits & 64 THEN '' ELSE c.userIdentityUserName END
    )
    WHERE commandCount >= 8
),
-- a row of the rule as published and a burst that have an event in common
pair AS (
    SELECT DISTINCT
        c.n,
        s.TimeGenerated,
        s.RecipientAccountId,
        s.AccountName,
        s.AccountUPNSuffix,
        s.UserIdentityUserName,
        s.SourceIpAddress,
        s.SessionMfaAuthenticated
    FROM hidden_call AS c
    JOIN SuspiciousAWSCLICommandExecution AS s
      ON s.TimeGenerated = c.minute
     AND s.RecipientAccountId = c.recipientAccountId
     AND s.AccountName = c.sentinelName
     AND s.AccountUPNSuffix = c.sentinelSuffix
     AND s.UserIdentityUserName = c.userIdentityUserName
     AND s.SourceIpAddress = c.sourceIPAddress
     AND s.SessionMfaAuthenticated IS c.sessionMfaAuthenticated
    WHERE c.hiddenBy = 0
),
missed AS (
    SELECT *
    FROM burst
    WHERE n NOT IN (SELECT n FROM pair)
),
-- the faults of each missed burst: needed, enough alone, there at all
weighed AS (
    SELECT
        b.n,
        f.bit,
        f.reason,
        (b.n, 255 - f.bit) NOT IN (SELECT n, bits FROM seen_if) AS isNeeded,
        (b.n, f.bit) IN (SELECT n, bits FROM seen_if) AS isEnough,
        CASE f.bit
            WHEN 1 THEN (SELECT count(DISTINCT minute) > 1 FROM hidden_call AS c WHERE c.n = b.n)
            WHEN 16 THEN (SELECT count(DISTINCT ifnull(sessionMfaAuthenticated, -1)) > 1
                            FROM hidden_call AS c WHERE c.n = b.n)
            WHEN 64 THEN (SELECT count(DISTINCT userIdentityUserName) > 1
                            FROM hidden_call AS c WHERE c.n = b.n)
            ELSE (SELECT max(hiddenBy & f.bit) > 0 FROM hidden_call AS c WHERE c.n = b.n)
        END AS isThere
    FROM missed AS b
    CROSS JOIN fault AS f
    WHERE (b.n, 255) IN (SELECT n, bits FROM seen_if)
),
verdict AS (
    SELECT
        *,
        max(isNeeded) OVER (PARTITION BY n) AS someNeeded,
        max(isEnough) OVER (PARTITION BY n) AS someEnough
    FROM weighed
),
reason_list AS (
    SELECT n, kql_make_list(reason) AS reasons
    FROM (
        SELECT n, reason
        FROM verdict
        WHERE CASE WHEN someNeeded THEN isNeeded WHEN someEnough THEN isEnough ELSE isThere END
        ORDER BY n, bit
    )
    GROUP BY n
)
SELECT
    'SuspiciousAWSCLICommandExecution' AS missedBy,
    b.firstTime,
    b.lastTime,
    b.recipientAccountId,
    b.accountName,
    b.accountUPNSuffix,
    b.sourceIPAddress,
    b.commandCount,
    ifnull(r.reasons, '["own threshold or window"]') AS reasons
FROM missed AS b
LEFT JOIN reason_list AS r ON r.n = b.n
UNION ALL
SELECT
    'aws_cli_recon_burst',
    s.TimeGenerated,
    strftime('%Y-%m-%dT%H:%M:%SZ', s.TimeGenerated, '+59 seconds'),
    s.RecipientAccountId,
    s.AccountName,
    s.AccountUPNSuffix,
    s.SourceIpAddress,
    s.CommadCount,
    CASE
        WHEN (SELECT count(DISTINCT listed.command)
                FROM json_each(s.commands) AS one
                JOIN suspicious_command AS listed ON listed.command = one.value)
             < (SELECT value FROM rule_parameter WHERE name = 'threshold')
            THEN '["commands not on the list"]'
        WHEN s.AccountName = '' THEN '["no account name"]'
        ELSE '["own threshold or window"]'
    END
FROM SuspiciousAWSCLICommandExecution AS s
WHERE NOT EXISTS (
    SELECT 1
    FROM pair AS p
    WHERE p.TimeGenerated = s.TimeGenerated
      AND p.RecipientAccountId = s.RecipientAccountId
      AND p.AccountName = s.AccountName
      AND p.AccountUPNSuffix = s.AccountUPNSuffix
      AND p.UserIdentityUserName = s.UserIdentityUserName
      AND p.SourceIpAddress = s.SourceIpAddress
      AND p.SessionMfaAuthenticated IS s.SessionMfaAuthenticated
)
ORDER BY 2, 4, 5, 6, 7;
