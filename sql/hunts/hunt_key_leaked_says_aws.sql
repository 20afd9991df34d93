-- hunt_key_leaked_says_aws: which users' keys does AWS itself hold to be public, and what did they do?
--
-- Title:        Key leaked, says AWS
-- Description:  AWS found an access key in public, in a repository say, and attached
--               AWSCompromisedKeyQuarantine to its user; or somebody took that policy away again. With
--               it stands what the user did in the day before and after.
-- Severity:     High
-- Tactics:      CredentialAccess, InitialAccess
-- Techniques:   T1552.001, T1078.004
-- Kind:         Hunting
-- Frequency:    none
-- Period:       none
-- Trigger:      gt 0
-- Enabled:      no
-- Id:           1962567d-fcca-4a93-8759-666d6354595d
-- Version:      1.0.0
-- Source:       own
-- Why:          AWS looks for its keys in public code; who else does is as quick. The policy forbids
--               little: what else the key may do goes on.
-- Columns read: eventTime, eventName, errorCode, requestParameters, userIdentity*, sourceIPAddress,
--               recipientAccountId, readOnly, userAgent.
-- Window:       a finding is one user; its events are those of the policy and the user's own from a day
--               before the first to a day after the last.
-- False positives: whoever attaches the policy by hand, for a drill.
-- Blind spots:  a key that AWS did not find; roles, which have no such keys; what the user did more
--               than a day away.
-- Next step:    the keys are to be made inactive, whatever they did. Where were they published?
--               credential has what they issued.
--
-- The policy is AWSCompromisedKeyQuarantine, and V2, V3 ... of it. The event bears the user's own name
-- as a rule: AWS does it for him.
-- Shown by: no recording beside the project; a composed case. Beside it the attachment of another
-- policy.
-- Cost in false positives: none; none in the corpus of tests/bench.
CREATE VIEW hunt_key_leaked_says_aws AS
WITH
quarantine AS (
    SELECT c.event,
           c.eventTime,
           c.eventName,
           c.outcome,
           i.recipientAccountId,
           i.accountName AS actor,
           ct_json_text(c.requestParameters, '$.userName') AS user
      FROM cloudtrail_call AS c
     CROSS JOIN event_identity AS i ON i.event = c.event
     WHERE c.eventName IN ('AttachUserPolicy', 'DetachUserPolicy')
       AND arn_part(ct_json_text(c.requestParameters, '$.policyArn'), 'resource_name')
               GLOB 'AWSCompromisedKeyQuarantine*'
),
leaked AS (
    SELECT recipientAccountId,
           user,
           strftime('%Y-%m-%dT%H:%M:%SZ', min(eventTime), '-1 day') AS since,
           strftime('%Y-%m-%dT%H:%M:%SZ', max(eventTime), '+1 day') AS until,
           min(CASE eventName WHEN 'AttachUserPolicy' THEN eventTime END) AS attachedAt,
           min(eventTime) AS moment, -- the attachment, or where it is not in these logs the end of it
           list_distinct(CASE WHEN eventName = 'DetachUserPolicy' AND outcome = 'done' THEN actor END)
               AS detachedBy
      FROM quarantine
     WHERE user <> ''
     GROUP BY recipientAccountId, user
),
-- The policy's events, and the user's own around them.
member AS (
    SELECT l.recipientAccountId, l.user, l.attachedAt, l.moment, l.detachedBy, q.event, 0 AS isOwn
      FROM leaked AS l
     CROSS JOIN quarantine AS q ON q.recipientAccountId = l.recipientAccountId AND q.user = l.user
    UNION ALL
    SELECT l.recipientAccountId, l.user, l.attachedAt, l.moment, l.detachedBy, e.event, 1
      FROM leaked AS l
     CROSS JOIN event_named AS e
        ON e.eventTime BETWEEN l.since AND l.until
       AND e.userIdentityType = 'IAMUser'
       AND e.userIdentityUserName = l.user
       AND e.accountId = l.recipientAccountId
     WHERE e.isCall
       AND e.event NOT IN (SELECT event FROM quarantine)
),
told AS (
    SELECT m.recipientAccountId,
           m.user,
           m.attachedAt,
           m.detachedBy,
           min(c.eventTime) AS firstTime,
           max(c.eventTime) AS lastTime,
           list_distinct(CASE WHEN m.isOwn THEN nullif(c.sourceIPAddress, '') END) AS addresses,
           list_distinct(CASE WHEN m.isOwn THEN i.accessKeyId END) AS accessKeyIds,
           list_distinct(CASE WHEN m.isOwn THEN i.client END) AS clients,
           list_distinct(CASE WHEN m.isOwn THEN nullif(c.awsRegion, '') END) AS regions,
           list_distinct(CASE WHEN m.isOwn AND c.readOnly = 0 AND c.outcome = 'done'
                              THEN replace(c.eventSource, '.amazonaws.com', '') || ':'
                                   || aws_call_name(c.eventName) END) AS changes,
           sum(m.isOwn AND c.eventTime < m.moment) AS callsBefore,
           sum(m.isOwn AND c.eventTime >= m.moment) AS callsAfter,
           sum(m.isOwn AND c.outcome = 'denied') AS deniedCount,
           count(*) AS eventCount,
           ct_json_group_array(c.event) AS evidence
      FROM (SELECT m.*
              FROM member AS m
             CROSS JOIN cloudtrail AS e ON e.rowid = m.event
             ORDER BY e.eventTime, e.eventID, e.fileID, e.recordNumber) AS m
     CROSS JOIN cloudtrail_call AS c ON c.event = m.event
     CROSS JOIN event_identity AS i ON i.event = m.event
     GROUP BY m.recipientAccountId, m.user
)
SELECT firstTime,
       lastTime,
       recipientAccountId,
       upn_name(user) AS accountName,
       upn_suffix(user) AS accountUPNSuffix,
       ifnull(ct_json_text(addresses, '$[0]'), '') AS sourceIPAddress,
       recipientAccountId || '/' || user AS groupKey,
       'High' AS severity,
       finding_sentence(upn_name(user), upn_suffix(user),
                        CASE WHEN attachedAt IS NULL THEN 'was let out of the quarantine of AWS'
                             ELSE 'has a key that AWS found in public by ' || attachedAt END
                        || CASE WHEN attachedAt IS NULL OR detachedBy = '[]' THEN ''
                                ELSE ', and was let out of its quarantine' END
                        || ifnull(' by ' || finding_list(detachedBy, 3), '')
                        || printf(' (calls in the day before: %d, after: %d)', callsBefore, callsAfter),
                        NULL, NULL, finding_list(addresses, 1), recipientAccountId, deniedCount)
           AS summary,
       ct_json_object('user', user, 'attachedAt', attachedAt, 'detachedBy', ct_json(detachedBy),
                      'callsBefore', callsBefore, 'callsAfter', callsAfter, 'deniedCount', deniedCount,
                      'eventCount', eventCount, 'changes', ct_json(changes),
                      'accessKeyIds', ct_json(accessKeyIds), 'addresses', ct_json(addresses),
                      'clients', ct_json(clients), 'regions', ct_json(regions)) AS details,
       evidence
  FROM told;
