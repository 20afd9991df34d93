-- What the rules find, and the events behind each finding.
DELETE FROM temp.cloudtrail_detected_earlier;

INSERT INTO temp.cloudtrail_detected_earlier (alertID, ruleName, change, detectedAt)
SELECT alertID, ruleName, change, detectedAt
  FROM temp.cloudtrail_detected
 WHERE detectedAt > julianday('now') - 1.0 / 86400;

DELETE FROM temp.cloudtrail_detected;
DELETE FROM temp.cloudtrail_finding;
DELETE FROM temp.cloudtrail_finding_event;
DELETE FROM temp.cloudtrail_finding_alert;
DELETE FROM temp.cloudtrail_finding_call;
DELETE FROM temp.cloudtrail_finding_command;

INSERT INTO temp.cloudtrail_finding
    (ruleName, startTime, endTime, recipientAccountId, accountName, accountUPNSuffix,
     sourceIPAddress, commands, commandCount)
SELECT r.name, b.firstTime, b.lastTime, b.recipientAccountId, b.accountName, b.accountUPNSuffix,
       b.sourceIPAddress, b.commands, b.commandCount
  FROM main.rule AS r
 CROSS JOIN main.aws_cli_recon_burst AS b
 WHERE r.name = 'aws_cli_recon_burst'
   AND r.enabled;

-- The rule as published; startTime is the minute, until its events are known.
INSERT INTO temp.cloudtrail_finding
    (ruleName, startTime, recipientAccountId, accountName, accountUPNSuffix, sourceIPAddress,
     userIdentityUserName, mfaAuthenticated, commands, commandCount)
SELECT r.name, s.TimeGenerated, s.RecipientAccountId, s.AccountName, s.AccountUPNSuffix,
       s.SourceIpAddress, s.UserIdentityUserName, s.SessionMfaAuthenticated, s.commands,
       s.CommadCount
  FROM main.rule AS r
 CROSS JOIN main.SuspiciousAWSCLICommandExecution AS s
 WHERE r.name = 'SuspiciousAWSCLICommandExecution'
   AND r.enabled;

-- The calls from there, read once. Where many are at work at the same time, each finding would else
-- read the calls of all the others.
INSERT INTO temp.cloudtrail_finding_call
    (event, eventTime, eventID, fileID, recordNumber, recipientAccountId, sourceIPAddress,
     accountName, accountUPNSuffix, sentinelAccountId, sentinelName, sentinelSuffix,
     userIdentityUserName, sessionMfaAuthenticated, userAgent, command, commandSource)
SELECT event, eventTime, eventID, fileID, recordNumber, recipientAccountId, sourceIPAddress,
       accountName, accountUPNSuffix, sentinelAccountId, upn_name(sentinelName),
       upn_suffix(sentinelName), userIdentityUserName, sessionMfaAuthenticated, userAgent, command, commandSource
  FROM main.aws_cli_event
 WHERE (recipientAccountId, sourceIPAddress) IN
       (SELECT recipientAccountId, sourceIPAddress FROM temp.cloudtrail_finding)
    OR (sentinelAccountId, sourceIPAddress) IN
       (SELECT recipientAccountId, sourceIPAddress FROM temp.cloudtrail_finding);

-- Exactly the events of a burst: those of its identity on the list, from its first to its last.
INSERT INTO temp.cloudtrail_finding_event
    (finding, step, event, eventTime, eventID, fileID, recordNumber, command, commandSource)
SELECT f.finding,
       row_number() OVER (PARTITION BY f.finding
                          ORDER BY e.eventTime, e.eventID, e.fileID, e.recordNumber),
       e.event, e.eventTime, e.eventID,
       CASE WHEN e.eventID IS NULL THEN e.fileID END,
       CASE WHEN e.eventID IS NULL THEN e.recordNumber END,
       listed.command, e.commandSource
  FROM temp.cloudtrail_finding AS f
 CROSS JOIN temp.cloudtrail_finding_call AS e
         ON e.recipientAccountId = f.recipientAccountId
        AND e.sourceIPAddress = f.sourceIPAddress
        AND e.accountName = f.accountName
        AND e.accountUPNSuffix = f.accountUPNSuffix
        AND e.eventTime BETWEEN f.startTime AND f.endTime
 CROSS JOIN main.suspicious_command AS listed
         ON listed.command = e.command
 WHERE f.ruleName = 'aws_cli_recon_burst'
 ORDER BY e.eventTime, e.eventID, e.fileID, e.recordNumber;

INSERT OR IGNORE INTO temp.cloudtrail_finding_command (finding, command)
SELECT f.finding, one.value
  FROM temp.cloudtrail_finding AS f
 CROSS JOIN json_each(f.commands) AS one
 WHERE f.ruleName = 'SuspiciousAWSCLICommandExecution';

-- The events of a minute's group: what its row's list of commands was made of.
INSERT INTO temp.cloudtrail_finding_event
    (finding, step, event, eventTime, eventID, fileID, recordNumber, command, commandSource)
SELECT f.finding,
       row_number() OVER (PARTITION BY f.finding
                          ORDER BY e.eventTime, e.eventID, e.fileID, e.recordNumber),
       e.event, e.eventTime, e.eventID,
       CASE WHEN e.eventID IS NULL THEN e.fileID END,
       CASE WHEN e.eventID IS NULL THEN e.recordNumber END,
       kql_split_part(e.userAgent, 'off command/', 1), 'user-agent'
  FROM temp.cloudtrail_finding AS f
 CROSS JOIN temp.cloudtrail_finding_call AS e
         ON e.sentinelAccountId = f.recipientAccountId
        AND e.sourceIPAddress = f.sourceIPAddress
        AND e.sentinelName = f.accountName
        AND e.sentinelSuffix = f.accountUPNSuffix
        AND e.eventTime >= f.startTime
        AND e.eventTime < substr(f.startTime, 1, 17) || '60Z'
        AND e.userIdentityUserName = f.userIdentityUserName
        AND e.sessionMfaAuthenticated IS f.mfaAuthenticated
 WHERE f.ruleName = 'SuspiciousAWSCLICommandExecution'
   AND e.userAgent >= 'aws-cli' COLLATE NOCASE
   AND e.userAgent < 'aws-clj' COLLATE NOCASE
   AND (f.finding, kql_split_part(e.userAgent, 'off command/', 1)) IN
       (SELECT finding, command FROM temp.cloudtrail_finding_command)
 ORDER BY e.eventTime, e.eventID, e.fileID, e.recordNumber;

UPDATE temp.cloudtrail_finding
   SET (startTime, endTime, eventCount, deniedCount) =
       (SELECT min(x.eventTime), max(x.eventTime), count(*),
               count(CASE e.outcome WHEN 'denied' THEN 1 END)
          FROM temp.cloudtrail_finding_event AS x
          JOIN main.cloudtrail_call AS e ON e.event = x.event
         WHERE x.finding = cloudtrail_finding.finding);
