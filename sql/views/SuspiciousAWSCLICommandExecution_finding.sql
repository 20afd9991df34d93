-- SuspiciousAWSCLICommandExecution_finding: the rows of the rule as published, as findings: with times,
-- a sentence, and the events behind each.
--
-- How:     the events of a row are those of its minute and group whose command is in its list; grouped
--          as the rule groups them they give its row again. Columns behind eventCommands are the rule's
--          own.
CREATE VIEW SuspiciousAWSCLICommandExecution_finding AS
WITH
-- the groups that the rule reports, and their commands
reported AS (
    SELECT
        s.TimeGenerated,
        s.RecipientAccountId,
        s.AccountName,
        s.AccountUPNSuffix,
        s.UserIdentityUserName,
        s.SourceIpAddress,
        ifnull(s.SessionMfaAuthenticated, -1) AS mfa,
        one.value AS command
    FROM SuspiciousAWSCLICommandExecution AS s
    CROSS JOIN json_each(s.commands) AS one
),
-- what the rule groups by, of each event that it reads
call AS (
    SELECT
        event,
        eventTime,
        eventID,
        fileID,
        recordNumber,
        kql_bin(eventTime, '1min') AS TimeGenerated,
        sentinelAccountId AS accountId,
        upn_name(sentinelName) AS name,
        upn_suffix(sentinelName) AS suffix,
        userIdentityUserName AS userName,
        sourceIPAddress AS address,
        ifnull(sessionMfaAuthenticated, -1) AS mfa,
        kql_split_part(userAgent, 'off command/', 1) AS command,
        ifnull(eventName, '') AS eventName,
        outcome
    FROM aws_cli_event
    WHERE userAgent >= 'aws-cli' COLLATE NOCASE
      AND userAgent < 'aws-clj' COLLATE NOCASE
),
behind AS (
    SELECT *
    FROM call
    -- IN looks them up by an index that SQLite makes
    WHERE (TimeGenerated, accountId, name, suffix, userName, address, mfa, command) IN (
        SELECT TimeGenerated, RecipientAccountId, AccountName, AccountUPNSuffix,
               UserIdentityUserName, SourceIpAddress, mfa, command
        FROM reported
    )
    ORDER BY eventTime, eventID, fileID, recordNumber
),
told AS (
    SELECT
        TimeGenerated,
        accountId,
        name,
        suffix,
        userName,
        address,
        nullif(mfa, -1) AS mfa,
        min(eventTime) AS firstTime,
        max(eventTime) AS lastTime,
        count(CASE outcome WHEN 'denied' THEN 1 END) AS deniedCount,
        count_distinct(command) AS CommadCount,
        count_distinct(eventName) AS EventCount,
        kql_make_list(command) AS commands,
        kql_make_list(eventName) AS Events,
        ct_json_group_array(event) AS evidence,
        ct_json_group_array(ct_json_array(command, 'user-agent')) AS eventCommands
    FROM behind
    GROUP BY TimeGenerated, accountId, name, suffix, userName, address, mfa
)
SELECT
    firstTime,
    lastTime,
    accountId AS recipientAccountId,
    name AS accountName,
    suffix AS accountUPNSuffix,
    address AS sourceIPAddress,
    finding_sentence(name, suffix, printf('ran %d suspicious AWS CLI commands', CommadCount),
                     firstTime, lastTime, address, accountId, deniedCount) AS summary,
    ct_json_object('TimeGenerated', TimeGenerated, 'RecipientAccountId', accountId,
                   'AccountName', name, 'AccountUPNSuffix', suffix,
                   'UserIdentityUserName', userName, 'SourceIpAddress', address,
                   'SessionMfaAuthenticated', mfa, 'CommadCount', CommadCount,
                   'EventCount', EventCount, 'commands', ct_json(commands),
                   'Events', ct_json(Events)) AS details,
    evidence,
    eventCommands,
    TimeGenerated,
    userName AS UserIdentityUserName,
    mfa AS SessionMfaAuthenticated,
    commands,
    CommadCount
FROM told;
