-- hunt_access_denied_burst: who was refused again and again in a few minutes?
--
-- Title:        Many calls denied
-- Description:  One identity is refused many different calls, or one call for many different things,
--               within five minutes: somebody tries out what a credential may do.
-- Severity:     Medium
-- Tactics:      Discovery
-- Techniques:   T1580, T1087.004
-- Kind:         Hunting
-- Frequency:    none
-- Period:       none
-- Trigger:      gt 0
-- Enabled:      no
-- Id:           162fba8b-4066-4718-8c71-175159a6fa35
-- Version:      1.0.0
-- Source:       own
-- Sentinel:     Multiple failed attempts of discovery in IAM (IAMAccsesDeniedDiscoveryEvents);
--               AssumeRole brute force (AssumeRoleBruteForce); FailedBruteForceS3Bucket.
-- Why:          who found a key does not know what it opens, and the answers that AWS gives are
--               AccessDenied. Whose key it is knows.
-- Columns read: eventTime, eventName, eventSource, errorCode, errorMessage, requestParameters,
--               userAgent, userIdentity*, sourceIPAddress, recipientAccountId; rule_parameter, ordinary_agent.
-- Window:       300 seconds, sliding; by account and name. rule_parameter has how many different calls it
--               must hold (hunt_denied_calls, 8), or how many different requests of one call
--               (hunt_denied_requests, 10). Windows that share an event are one finding.
-- False positives: a job whose role lost a right, and that asks for a hundred objects: one call, always
--               the same; new software that is given its rights step by step.
-- Blind spots:  slower than that; a session name of its own for every call; what AWS refuses in other
--               words than of rights (S3's 404 for a bucket that is not the caller's); pages of the
--               console, which are left out; calls of S3 objects where no data events are recorded.
-- Next step:    the same identity's calls that were not denied: hunt_evidence, then `timeline`.
--
-- Shown by: stratus-red-team, aws.credential-access.ec2-get-password-data (30 times GetPasswordData, each
-- for another instance); aws_dataset
-- (the same, and DescribeInstanceAttribute).
CREATE VIEW hunt_access_denied_burst AS
WITH
number AS (
    SELECT (SELECT value FROM rule_parameter WHERE name = 'hunt_denied_calls') AS calls,
           (SELECT value FROM rule_parameter WHERE name = 'hunt_denied_requests') AS requests
),
denied AS (
    SELECT c.event,
           c.eventTime,
           c.eventSource || ' ' || aws_call_name(c.eventName) AS call,
           -- of what is refused the services seldom log the request; the message names the resource
           coalesce(c.requestParameters,
                    (SELECT r.resource FROM event_refused AS r WHERE r.event = c.event),
                    '') AS request,
           i.recipientAccountId,
           i.accountName
      FROM cloudtrail_call AS c
     CROSS JOIN event_identity AS i ON i.event = c.event
     WHERE c.errorCode <> '' -- the condition of the index
       AND c.outcome = 'denied'
       AND NOT i.isService
       AND NOT EXISTS (SELECT 1 FROM event_console AS k WHERE k.event = c.event)
),
burst AS (
    SELECT 'calls' AS what,
           distinct_bursts(call, eventTime, 300, (SELECT calls FROM number), event) AS found
      FROM denied
     GROUP BY recipientAccountId, accountName
    UNION ALL
    SELECT 'requests',
           distinct_bursts(request, eventTime, 300, (SELECT requests FROM number), event)
      FROM denied
     GROUP BY recipientAccountId, accountName, call
),
-- Bursts that share an event are one finding.
member AS (
    SELECT finding.key AS finding, one.value AS event
      FROM json_each((SELECT merge_sets(ct_json_text(one.value, '$.rows'))
                        FROM burst
                       CROSS JOIN json_each(burst.found) AS one)) AS finding
     CROSS JOIN json_each(finding.value) AS one
),
told AS (
    SELECT m.finding,
           min(c.eventTime) AS firstTime,
           max(c.eventTime) AS lastTime,
           min(c.event) AS anyEvent,
           i.recipientAccountId,
           i.accountName,
           i.accountUPNSuffix,
           count_distinct(c.sourceIPAddress) AS addressCount,
           list_distinct(nullif(c.sourceIPAddress, '')) AS addresses,
           count(*) AS eventCount,
           count_distinct(c.eventSource || ' ' || aws_call_name(c.eventName)) AS callCount,
           list_distinct(replace(c.eventSource, '.amazonaws.com', '') || ':'
                         || aws_call_name(c.eventName)) AS calls,
           list_distinct(i.accessKeyId) AS accessKeyIds,
           list_distinct(nullif(c.awsRegion, '')) AS regions,
           list_distinct(i.client) AS clients,
           ct_json_group_array(c.event) AS evidence
      FROM (SELECT m.finding, m.event
              FROM member AS m
             CROSS JOIN cloudtrail AS e ON e.rowid = m.event
             ORDER BY e.eventTime, e.eventID, e.fileID, e.recordNumber) AS m
     CROSS JOIN cloudtrail_call AS c ON c.event = m.event
     CROSS JOIN event_identity AS i ON i.event = m.event
     GROUP BY m.finding
)
SELECT firstTime,
       lastTime,
       recipientAccountId,
       accountName,
       accountUPNSuffix,
       ifnull((SELECT value FROM json_each(addresses) LIMIT 1), '') AS sourceIPAddress,
       finding_sentence(accountName, accountUPNSuffix,
                        CASE callCount WHEN 1
                             THEN printf('was refused %s %d times',
                                         (SELECT value FROM json_each(calls)), eventCount)
                             ELSE printf('was refused %d different calls', callCount) END,
                        firstTime, lastTime,
                        (SELECT value FROM json_each(addresses) LIMIT 1)
                        || CASE WHEN addressCount > 1 THEN printf(' and %d more', addressCount - 1)
                                ELSE '' END,
                        recipientAccountId, 0) AS summary,
       ct_json_object('callCount', callCount, 'eventCount', eventCount, 'calls', ct_json(calls),
                      'accessKeyIds', ct_json(accessKeyIds), 'addresses', ct_json(addresses),
                      'clients', ct_json(clients), 'regions', ct_json(regions)) AS details,
       evidence
  FROM told;
