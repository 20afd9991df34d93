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
-- list, no account name (strangers that the rule takes for one), made by a service (on somebody's
-- behalf), agent names another call (than the event), own threshold or window.
-- How:     each fault that is there is mended by itself, and all but each. Reasons are those without whose mending
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
-- the events of the list, as the rule as published groups them
call AS (
    SELECT
        e.eventTime,
        e.recipientAccountId,
        e.accountName,
        e.accountUPNSuffix,
        e.sourceIPAddress,
        e.sentinelAccountId,
        e.sentinelName,
        e.userIdentityUserName,
        ifnull(e.sessionMfaAuthenticated, -1) AS mfa,
        e.command,
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
    FROM suspicious_cli_event AS e
),
-- What the rule as published reads behind "off command/" (its own fault: the first one, even where
-- something else has put one in front), and whether that is on its list, and is the command itself.
read_call AS (
    SELECT
        *,
        agent >= 'aws-cli' COLLATE NOCASE AND agent < 'aws-clj' COLLATE NOCASE
            AND kql_has_any(kql_split_part(agent, 'off command/', 1), list) AS isSuspicious,
        agent >= 'aws-cli' COLLATE NOCASE AND agent < 'aws-clj' COLLATE NOCASE
            AND kql_has(kql_split_part(agent, 'off command/', 1), command) AS isNamed
    FROM call
),
-- which faults hide the event itself
hidden_call AS (
    SELECT
        eventTime,
        recipientAccountId,
        accountName,
        accountUPNSuffix,
        sourceIPAddress,
        sentinelAccountId,
        upn_name(sentinelName) AS sentinelName,
        upn_suffix(sentinelName) AS sentinelSuffix,
        userIdentityUserName,
        mfa,
        command,
        isSuspicious AND NOT isBracketed AS isRead,
        CASE WHEN isBracketed THEN 4 ELSE 0 END
        | CASE
              WHEN isSuspicious AND isNamed THEN 0
              WHEN kql_has_any(command, list) THEN 2
              ELSE CASE WHEN isNamed THEN 0 ELSE 2 END
                   | CASE
                         WHEN command COLLATE NOCASE IN ('iam.get-user', 'iam.list-access-keys') THEN 8
                         WHEN command = 'ec2.describe-transit-gateway-vpc-attachments' COLLATE NOCASE
                             THEN 32
                         ELSE 128
                     END
          END AS hiddenBy
    FROM read_call
),
-- The events and the bursts of each identity in line. Each event is then looked at once, however
-- many bursts there are: it belongs to the last that has begun, if that is not over.
line AS (
    SELECT
        n,
        lastTime,
        firstTime AS eventTime,
        recipientAccountId,
        accountName,
        accountUPNSuffix,
        sourceIPAddress,
        NULL AS sentinelAccountId,
        NULL AS sentinelName,
        NULL AS sentinelSuffix,
        NULL AS userIdentityUserName,
        NULL AS mfa,
        NULL AS command,
        NULL AS isRead,
        NULL AS hiddenBy
    FROM burst
    UNION ALL
    SELECT
        NULL,
        NULL,
        eventTime,
        recipientAccountId,
        accountName,
        accountUPNSuffix,
        sourceIPAddress,
        sentinelAccountId,
        sentinelName,
        sentinelSuffix,
        userIdentityUserName,
        mfa,
        command,
        isRead,
        hiddenBy
    FROM hidden_call
),
place AS (
    SELECT
        *,
        max(n) OVER begun AS burst,
        max(lastTime) OVER begun AS burstEnd
    FROM line
    WINDOW begun AS (PARTITION BY recipientAccountId, accountName, accountUPNSuffix,
                                  sourceIPAddress
                     ORDER BY eventTime)
),
burst_call AS (
    SELECT
        burst AS n,
        eventTime,
        kql_bin(eventTime, '1m') AS minute,
        sourceIPAddress,
        sentinelAccountId,
        sentinelName,
        sentinelSuffix,
        userIdentityUserName,
        mfa,
        command,
        isRead,
        hiddenBy
    FROM place
    WHERE n IS NULL
      AND eventTime <= burstEnd
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
        ifnull(s.SessionMfaAuthenticated, -1) AS mfa
    FROM burst_call AS c
    JOIN SuspiciousAWSCLICommandExecution AS s
      ON s.TimeGenerated = c.minute
     AND s.RecipientAccountId = c.sentinelAccountId
     AND s.AccountName = c.sentinelName
     AND s.AccountUPNSuffix = c.sentinelSuffix
     AND s.UserIdentityUserName = c.userIdentityUserName
     AND s.SourceIpAddress = c.sourceIPAddress
     AND ifnull(s.SessionMfaAuthenticated, -1) = c.mfa
    WHERE c.isRead
),
missed AS (
    SELECT *
    FROM burst
    WHERE n NOT IN (SELECT n FROM pair)
),
missed_call AS (
    SELECT n, eventTime, minute, mfa, userIdentityUserName, command, hiddenBy
    FROM burst_call
    WHERE n IN (SELECT n FROM missed)
),
-- the faults that are there
missed_fault (n, bits) AS (
    SELECT
        n,
        (min(minute) < max(minute))
        | max(hiddenBy & 2) | max(hiddenBy & 4) | max(hiddenBy & 8)
        | (min(mfa) < max(mfa)) * 16
        | max(hiddenBy & 32)
        | (min(userIdentityUserName) < max(userIdentityUserName)) * 64
        | max(hiddenBy & 128)
    FROM missed_call
    GROUP BY n
),
-- which of them are mended: all, all but one, one
mended (n, there, bits) AS (
    SELECT DISTINCT
        m.n,
        m.bits,
        CASE how.value WHEN 'all' THEN m.bits WHEN 'others' THEN m.bits & ~f.bit ELSE m.bits & f.bit
        END
    FROM missed_fault AS m
    CROSS JOIN fault AS f
    CROSS JOIN json_each('["all", "others", "one"]') AS how
),
-- which mendings let the rule see the burst, as ,3,2,: eight commands in a group
seen_if (n, there, list) AS (
    SELECT n, there, ',' || group_concat(DISTINCT bits) || ','
    FROM (
        SELECT
            c.n,
            m.there,
            m.bits,
            max_distinct_within(c.command, c.eventTime, 60) AS commandCount
        FROM missed_call AS c
        CROSS JOIN mended AS m ON m.n = c.n
        WHERE c.hiddenBy & ~m.bits = 0
        GROUP BY c.n, m.there, m.bits,
                 CASE WHEN m.bits & 1 THEN '' ELSE c.minute END,
                 CASE WHEN m.bits & 16 THEN '' ELSE c.mfa END,
                 CASE WHEN m.bits & 64 THEN '' ELSE c.userIdentityUserName END
    )
    WHERE commandCount >= 8
    GROUP BY n, there
),
-- the faults of each missed burst: needed, enough alone
weighed AS (
    SELECT
        s.n,
        f.bit,
        f.reason,
        NOT instr(s.list, ',' || (s.there & ~f.bit) || ',') AS isNeeded,
        instr(s.list, ',' || f.bit || ',') > 0 AS isEnough
    FROM seen_if AS s
    CROSS JOIN fault AS f ON s.there & f.bit
    WHERE instr(s.list, ',' || s.there || ',')
),
verdict AS (
    SELECT
        *,
        max(isNeeded) OVER (PARTITION BY n) AS someNeeded,
        max(isEnough) OVER (PARTITION BY n) AS someEnough
    FROM weighed
),
-- the rows of the rule as published, and how many of their commands count for the corrected rule
seed_row AS (
    SELECT
        s.TimeGenerated,
        s.recipientAccountId AS RecipientAccountId,
        s.accountName AS AccountName,
        s.accountUPNSuffix AS AccountUPNSuffix,
        s.UserIdentityUserName,
        s.sourceIPAddress AS SourceIpAddress,
        s.SessionMfaAuthenticated,
        s.CommadCount,
        (SELECT min(value, 8) FROM rule_parameter WHERE name = 'threshold') AS enough,
        -- by name alone
        (SELECT count(DISTINCT listed.command)
           FROM json_each(s.commands) AS one
           JOIN suspicious_command AS listed ON listed.command = one.value) AS listed,
        -- as the corrected rule reads the events
        (SELECT count(DISTINCT e.command)
           FROM json_each(s.evidence) AS one
           JOIN suspicious_cli_event AS e ON e.event = one.value) AS own,
        (SELECT count(*)
           FROM json_each(s.evidence) AS one
           JOIN aws_cli_event AS e ON e.event = one.value
          WHERE e.userIdentityInvokedBy <> '') AS byService
    FROM SuspiciousAWSCLICommandExecution_finding AS s
),
reason_list AS (
    SELECT n, kql_make_list(reason) AS reasons
    FROM (
        SELECT n, reason
        FROM verdict
        WHERE CASE WHEN someNeeded THEN isNeeded WHEN someEnough THEN isEnough ELSE 1 END
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
        WHEN s.listed < s.enough THEN '["commands not on the list"]'
        WHEN s.AccountName = '' THEN '["no account name"]'
        WHEN s.own < s.enough AND s.byService > 0 THEN '["made by a service"]'
        WHEN s.own < s.enough THEN '["agent names another call"]'
        ELSE '["own threshold or window"]'
    END
FROM seed_row AS s
WHERE (s.TimeGenerated, s.RecipientAccountId, s.AccountName, s.AccountUPNSuffix,
       s.UserIdentityUserName, s.SourceIpAddress, ifnull(s.SessionMfaAuthenticated, -1)) NOT IN (
    SELECT TimeGenerated, RecipientAccountId, AccountName, AccountUPNSuffix, UserIdentityUserName,
           SourceIpAddress, mfa
    FROM pair
)
ORDER BY 2, 4, 5, 6, 7;
