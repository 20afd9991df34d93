-- aws_cli_recon_burst: detect one identity running many different reconnaissance commands of the
-- AWS CLI within a short time, wherever the minute begins and whatever the CLI's version.
--
-- Title:        Burst of AWS CLI reconnaissance commands
-- Description:  One identity runs many different reconnaissance commands of the AWS CLI within a short
--               time: Suspicious AWS CLI Command Execution corrected, for any version of the CLI and
--               any minute.
-- Severity:     Medium
-- Tactics:      Discovery
-- Techniques:   T1087.004, T1069.003, T1580, T1526
-- Kind:         Scheduled
-- Frequency:    1d
-- Period:       1d
-- Trigger:      gt 0
-- Enabled:      yes
-- Id:           3718bff8-a8cd-40f5-8e03-d5ce0f0d83dd
-- Version:      1.0.0
-- Source:       own
-- Details:      {"AWSUserIp":"sourceIPAddress","AWSUser":"accountName","SuspiciousCommand":"commands"}
-- Sentinel:     Suspicious AWS CLI Command Execution
-- Why:          who holds a stolen key looks around first: users, roles, keys, networks. This is
--               SuspiciousAWSCLICommandExecution corrected; docs/rule.md has each difference and its
--               evidence.
-- Columns read: eventTime, eventID, eventName, eventSource, apiVersion, eventType, eventCategory,
--               userAgent, userIdentity*, resources, recipientAccountId, sourceIPAddress, awsRegion,
--               sessionMfaAuthenticated, errorCode; the tables suspicious_command and rule_parameter.
-- Window:       slides; rule_parameter has its length (window_seconds, 60) and how many commands of
--               suspicious_command it must hold (threshold, 8). Windows that share an event are one row.
-- False positives: inventory jobs, auditors, Terraform wrappers that call the CLI.
-- Blind spots:  a client that does not say it is the AWS CLI; fewer commands, or slower; addresses
--               or names changed on the way; commands on no list (INSERT them into suspicious_command).
-- Next step:    deniedCount tells a stranger to the account from its owner; then read what the same
--               principals did in the hour that follows.
CREATE VIEW aws_cli_recon_burst AS
WITH
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
     -- over files: each event once
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
