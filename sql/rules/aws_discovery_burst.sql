-- aws_discovery_burst: detect many different calls that look around in an account within a short time,
-- by any client, and under whatever names, roles, addresses and accounts they are made.
--
-- Title:        Burst of discovery calls
-- Description:  One caller makes many different calls that tell what an account holds within a short
--               time: the idea of Suspicious AWS CLI Command Execution for any client, also where the
--               name of the session, the address or the account changes from call to call.
-- Severity:     Medium
-- Tactics:      Discovery
-- Techniques:   T1087.004, T1069.003, T1580, T1526, T1538
-- Kind:         Scheduled
-- Frequency:    1d
-- Period:       1d
-- Trigger:      gt 0
-- Enabled:      yes
-- Id:           d6ff7007-6fa5-4962-a128-19a3f0106ca2
-- Version:      1.0.0
-- Source:       own
-- Sentinel:     Suspicious AWS CLI Command Execution
-- Why:          who holds a stolen key looks around first, today mostly with boto3 or a tool of its own,
--               at S3, Lambda, SES, Bedrock and organizations too.
-- Columns read: eventTime, eventID, eventName, eventSource, apiVersion, eventType, eventCategory,
--               userAgent, userIdentity*, sessionIssuerArn, resources, extra, recipientAccountId,
--               sourceIPAddress, awsRegion, errorCode, errorMessage; the tables discovery_call,
--               ordinary_agent and rule_parameter.
-- Window:       slides, three of them: 60 seconds with discovery_fast (8) different calls of
--               discovery_call, 600 seconds with discovery_slow (10) of them, 60 seconds with
--               discovery_wide (20) different calls that begin with List, Describe or Get, on the list
--               or not. By account and name; the first two also by role or user and address, and by
--               session id of the AWS CLI, where a call counts once for each account and four must
--               differ. Windows that share an event are one finding.
-- False positives: inventories, auditors, scripts that document an account, infrastructure as code
--               whose agent is not in ordinary_agent; people whose clients send the same session id
--               (an image of a machine, a text typed into a wrapper), or who share role and address.
-- Blind spots:  pages of the console; calls that a service makes for somebody; fewer calls, or slower;
--               name and address, or address and role, changed for every call; an agent typed like
--               Terraform's (Informational, while nothing is denied).
-- Next step:    deniedCount tells a stranger to the account from its owner; then read what the same
--               keys, identities and addresses did in the hour that follows.
CREATE VIEW aws_discovery_burst AS
WITH
number AS (
    SELECT (SELECT value FROM rule_parameter WHERE name = 'discovery_fast') AS fast,
           (SELECT value FROM rule_parameter WHERE name = 'discovery_slow') AS slow,
           (SELECT value FROM rule_parameter WHERE name = 'discovery_wide') AS wide
),
-- What is known of an agent, found once for each.
agent AS (
    SELECT a.userAgent,
           max(o.kind = 'console') AS isConsole,
           max(o.kind = 'tool') AS isTool,
           a.userAgent LIKE '%aws-internal/%' AS isInternal
      FROM (SELECT DISTINCT userAgent FROM cloudtrail) AS a
     CROSS JOIN ordinary_agent AS o
        ON trim(ltrim(a.userAgent, ' [')) LIKE o.pattern
     GROUP BY a.userAgent
),
-- The events that count, on the list or reading.
candidate AS (
    SELECT e.event,
           e.eventTime,
           e.accountId,
           e.accountName,
           coalesce(nullif(e.sessionIssuerArn, ''),
                    CASE arn_part(e.userIdentityArn, 'resource_type')
                        WHEN 'assumed-role' -- all sessions of a role are one
                            THEN replace(e.userIdentityArn || char(10),
                                         '/' || arn_part(e.userIdentityArn, 'session') || char(10), '')
                        ELSE nullif(e.userIdentityArn, '')
                    END) AS arn,
           ifnull(e.sourceIPAddress, '') AS address,
           instr(e.userAgent, 'sid/') AS hasSession,
           d.rowid AS listedCall,
           CASE WHEN e.eventName GLOB 'List*' OR e.eventName GLOB 'Describe*' OR e.eventName GLOB 'Get*'
                THEN ifnull(d.rowid, e.eventSource || ' ' || aws_call_name(e.eventName))
           END AS readingCall
      FROM event_named AS e
      LEFT JOIN discovery_call AS d
             ON d.eventSource = e.eventSource AND d.eventName = aws_call_name(e.eventName)
      LEFT JOIN agent AS a ON a.userAgent = e.userAgent
     WHERE (d.rowid IS NOT NULL
            OR e.eventName GLOB 'List*' OR e.eventName GLOB 'Describe*' OR e.eventName GLOB 'Get*')
       AND e.isCall
       AND ifnull(nullif(e.eventType, ''), 'AwsApiCall') = 'AwsApiCall'
       AND NOT e.isService
       AND e.sourceIPAddress IS NOT 'AWS Internal'
       -- the console has no long-lived key; AWS passes a user's on
       AND (a.isConsole IS NOT 1
            OR NOT a.isInternal AND e.userIdentityAccessKeyId GLOB 'AKIA*')
),
by_name AS (
    SELECT distinct_bursts(listedCall, eventTime, 60,
                           (SELECT fast FROM number),
                           event) AS fast,
           distinct_bursts(listedCall, eventTime, 600,
                           (SELECT slow FROM number),
                           event) AS slow,
           distinct_bursts(readingCall, eventTime, 60,
                           (SELECT wide FROM number),
                           event) AS wide,
           list_distinct(CASE WHEN listedCall IS NOT NULL THEN arn END) AS arns
      FROM candidate
     GROUP BY accountName, accountId
),
-- Of the others the group by name has every event already.
shared_arn AS (
    SELECT one.value AS arn
      FROM by_name
     CROSS JOIN json_each(by_name.arns) AS one
     GROUP BY one.value
    HAVING count(*) > 1
),
by_arn AS (
    SELECT distinct_bursts(listedCall, eventTime, 60,
                           (SELECT fast FROM number),
                           event) AS fast,
           distinct_bursts(listedCall, eventTime, 600,
                           (SELECT slow FROM number),
                           event) AS slow
      FROM candidate
     WHERE listedCall IS NOT NULL
       AND arn IN (SELECT arn FROM shared_arn)
     GROUP BY address, arn
),
-- Here a call counts once for each account.
by_session AS (
    SELECT distinct_bursts(c.listedCall || ' ' || c.accountId, c.eventTime, 60,
                           (SELECT fast FROM number),
                           c.event) AS fast,
           distinct_bursts(c.listedCall || ' ' || c.accountId, c.eventTime, 600,
                           (SELECT slow FROM number),
                           c.event) AS slow
      FROM candidate AS c
     CROSS JOIN event_identity AS i ON i.event = c.event
     WHERE c.listedCall IS NOT NULL
       AND c.hasSession
       AND i.sessionId IS NOT NULL
     GROUP BY i.sessionId
),
-- A burst of any of them, and its events. What a session made in all must be four different calls.
burst AS (
    SELECT 'fast' AS window, ct_json_text(one.value, '$.rows') AS events
      FROM by_name CROSS JOIN json_each(by_name.fast) AS one
    UNION ALL
    SELECT 'slow', ct_json_text(one.value, '$.rows')
      FROM by_name CROSS JOIN json_each(by_name.slow) AS one
    UNION ALL
    SELECT 'wide', ct_json_text(one.value, '$.rows')
      FROM by_name CROSS JOIN json_each(by_name.wide) AS one
    UNION ALL
    SELECT 'fast', ct_json_text(one.value, '$.rows')
      FROM by_arn CROSS JOIN json_each(by_arn.fast) AS one
    UNION ALL
    SELECT 'slow', ct_json_text(one.value, '$.rows')
      FROM by_arn CROSS JOIN json_each(by_arn.slow) AS one
    UNION ALL
    SELECT window, events
      FROM (SELECT 'fast' AS window, ct_json_text(one.value, '$.rows') AS events
              FROM by_session CROSS JOIN json_each(by_session.fast) AS one
            UNION ALL
            SELECT 'slow', ct_json_text(one.value, '$.rows')
              FROM by_session CROSS JOIN json_each(by_session.slow) AS one)
     WHERE 4 <= (SELECT count(DISTINCT c.eventSource || ' ' || aws_call_name(c.eventName))
                   FROM json_each(events) AS one
                   JOIN cloudtrail AS c ON c.rowid = one.value)
),
-- Bursts that share an event are one finding.
member AS (
    SELECT finding.key AS finding, one.value AS event
      FROM json_each((SELECT merge_sets(events) FROM burst)) AS finding
     CROSS JOIN json_each(finding.value) AS one
     LIMIT -1 -- else some versions of SQLite read all of it again for each burst
),
seen AS (
    SELECT m.finding, list_distinct(b.window) AS windows
      FROM (SELECT window, (SELECT value FROM json_each(events) LIMIT 1) AS event
              FROM burst
             ORDER BY window) AS b
     CROSS JOIN member AS m ON m.event = b.event
     GROUP BY m.finding
),
-- Their events, read again with all that a finding tells of them.
finding_event AS (
    SELECT m.finding,
           c.event,
           c.eventTime,
           c.outcome,
           nullif(c.errorCode, '') AS errorCode,
           i.recipientAccountId,
           i.accountName,
           i.accountUPNSuffix,
           ifnull(c.sourceIPAddress, '') AS sourceIPAddress,
           i.accountName || CASE i.accountUPNSuffix WHEN '' THEN '' ELSE '@' || i.accountUPNSuffix END
               AS identity,
           nullif(c.userIdentityArn, '') AS arn,
           i.accessKeyId,
           i.sessionId,
           nullif(c.awsRegion, '') AS awsRegion,
           c.userAgent,
           replace(c.eventSource, '.amazonaws.com', '') || ':' || aws_call_name(c.eventName) AS call,
           aws_event_command(c.eventSource, c.eventName, c.apiVersion) AS command,
           -- by account as well, as a session counts them
           d.rowid || ' ' || i.recipientAccountId AS listedCall,
           CASE WHEN c.eventName GLOB 'List*' OR c.eventName GLOB 'Describe*' OR c.eventName GLOB 'Get*'
                THEN c.eventSource || ' ' || aws_call_name(c.eventName) END AS readingCall,
           ifnull(a.isTool, 0) AS isTool
      FROM member AS m
     CROSS JOIN cloudtrail_call AS c ON c.event = m.event
     CROSS JOIN event_identity AS i ON i.event = m.event
      LEFT JOIN agent AS a ON a.userAgent = c.userAgent
      LEFT JOIN discovery_call AS d
             ON d.eventSource = c.eventSource AND d.eventName = aws_call_name(c.eventName)
     -- the order of the lists
     ORDER BY c.eventTime, c.eventID, c.fileID, c.recordNumber
),
told AS (
    SELECT f.finding,
           min(f.eventTime) AS firstTime,
           max(f.eventTime) AS lastTime,
           list_distinct(f.recipientAccountId) AS accounts,
           list_distinct(f.identity) AS identities,
           list_distinct(f.arn) AS arns,
           list_distinct(nullif(f.sourceIPAddress, '')) AS addresses,
           list_distinct(f.accessKeyId) AS accessKeyIds,
           list_distinct(f.sessionId) AS sessionIds,
           list_distinct(f.userAgent) AS userAgents,
           list_distinct(f.awsRegion) AS regions,
           list_distinct(f.call) AS calls,
           count_distinct(f.call) AS callCount,
           count(*) AS eventCount,
           count(CASE f.outcome WHEN 'denied' THEN 1 END) AS deniedCount,
           count(f.errorCode) AS errorCount,
           -- tools made calls enough for a burst, all others together too few
           sum(f.outcome = 'denied') = 0
               AND (count_distinct(CASE WHEN f.isTool THEN f.listedCall END) >= min(p.fast, p.slow)
                    OR count_distinct(CASE WHEN f.isTool THEN f.readingCall END) >= p.wide)
               AND count_distinct(CASE WHEN NOT f.isTool THEN f.listedCall END) < min(p.fast, p.slow)
               AND count_distinct(CASE WHEN NOT f.isTool THEN f.readingCall END) < p.wide AS isOrdinary,
           ct_json_group_array(f.event) AS evidence,
           ct_json_group_array(ct_json_array(f.command, 'event')) AS eventCommands
      FROM finding_event AS f
     CROSS JOIN number AS p
     GROUP BY f.finding
)
SELECT t.firstTime,
       t.lastTime,
       i.recipientAccountId,
       i.accountName,
       i.accountUPNSuffix,
       ifnull(c.sourceIPAddress, '') AS sourceIPAddress,
       '' AS groupKey,
       CASE WHEN t.isOrdinary THEN 'Informational' END AS severity,
       CASE WHEN t.isOrdinary THEN 'ordinary agent' END AS suppressedBy,
       finding_sentence(i.accountName, i.accountUPNSuffix,
                        CASE t.identityCount WHEN 1 THEN ''
                             ELSE printf('and %d more ', t.identityCount - 1) END
                        || printf('made %d different discovery calls', t.callCount),
                        t.firstTime, t.lastTime,
                        c.sourceIPAddress
                        || CASE WHEN t.addressCount > 1 AND c.sourceIPAddress <> ''
                                THEN printf(' and %d more', t.addressCount - 1) ELSE '' END,
                        i.recipientAccountId
                        || CASE WHEN t.accountCount > 1 THEN printf(' and %d more', t.accountCount - 1)
                                ELSE '' END,
                        t.deniedCount) AS summary,
       ct_json_object('windows', ct_json(s.windows), 'callCount', t.callCount,
                      'eventCount', t.eventCount, 'deniedCount', t.deniedCount,
                      'errorCount', t.errorCount, 'calls', ct_json(t.calls),
                      'identities', ct_json(t.identities), 'arns', ct_json(t.arns),
                      'accessKeyIds', ct_json(t.accessKeyIds),
                      'addresses', ct_json(t.addresses), 'accounts', ct_json(t.accounts),
                      'regions', ct_json(t.regions),
                      'clients', ct_json((SELECT list_distinct(
                                                     ct_json_text(user_agent_json(one.value), '$.product')
                                                     || ifnull('/' || ct_json_text(
                                                            user_agent_json(one.value), '$.version'), ''))
                                            FROM json_each(t.userAgents) AS one)),
                      'sessionIds', ct_json(t.sessionIds)) AS details,
       t.evidence,
       t.eventCommands
  FROM (SELECT *,
               (SELECT count(*) FROM json_each(identities)) AS identityCount,
               (SELECT count(*) FROM json_each(addresses)) AS addressCount,
               (SELECT count(*) FROM json_each(accounts)) AS accountCount
          FROM told) AS t
 CROSS JOIN seen AS s ON s.finding = t.finding
 CROSS JOIN cloudtrail_call AS c ON c.event = (SELECT value FROM json_each(t.evidence) LIMIT 1)
 CROSS JOIN event_identity AS i ON i.event = c.event;
