-- hunt_whoami: who asked whose key it had?
--
-- Title:        GetCallerIdentity with a key out of place
-- Description:  GetCallerIdentity is the first call of a long-lived key, or of a key from a network that
--               it had never come from, or TruffleHog's.
-- Severity:     Medium
-- Tactics:      Discovery
-- Techniques:   T1087.004, T1552.001
-- Kind:         Hunting
-- Frequency:    none
-- Period:       none
-- Trigger:      gt 0
-- Enabled:      no
-- Id:           0d6daa5d-3546-48e2-abe2-7b0b790d9037
-- Version:      1.0.0
-- Source:       own
-- Sentinel:     Monitor AWS Credential abuse or hijacking (AWS_CredentialHijack).
-- Why:          the call works with every credential, whatever it may do, and tells account and name:
--               who has found a key makes it first, and so does the tool that looks for keys.
-- Columns read: eventTime, eventName, userAgent, userIdentity*, sourceIPAddress, recipientAccountId;
--               ordinary_agent, rule_parameter.
-- Window:       a finding is a day of one key. `new network`: the /24 or /64 was not seen with the key
--               until a minute before, and the key was, from elsewhere, from three networks at most.
--               `first call`: of an AKIA key, none being a minute older, where the account's logs go back
--               24 hours (rule_parameter, hunt_history_hours) or show that the key was created.
--               `TruffleHog`: by its agent, whatever else; High.
-- False positives: a new laptop, another office; pipelines that begin with the call, from a new address each
--               time (a key of more networks than three is left out, and so are Terraform and what else is of
--               the kind 'tool' in ordinary_agent).
-- Blind spots:  a key that is used without it; who comes from the network of its owner; the sessions of
--               roles, each of which is new, count for `new network` alone.
-- Next step:    `next` in the details: what the key did in the 15 minutes that followed.
--
-- Shown by: the sample (svc-deploy's key from 192.0.2.146; svc-backup's, created a few minutes before).
CREATE VIEW hunt_whoami AS
WITH
asked AS (
    SELECT c.event,
           c.eventTime,
           c.userIdentityAccessKeyId AS accessKeyId,
           address_network(c.sourceIPAddress) AS network,
           i.recipientAccountId,
           ifnull(c.userAgent LIKE '%TruffleHog%', 0) AS isTruffleHog
      FROM cloudtrail_call AS c
     CROSS JOIN event_identity AS i ON i.event = c.event
     WHERE c.eventName = 'GetCallerIdentity'
       AND c.userIdentityAccessKeyId <> ''
       AND NOT i.isService
       AND NOT EXISTS (SELECT 1
                         FROM ordinary_agent AS o
                        WHERE trim(ltrim(c.userAgent, ' [')) LIKE o.pattern)
),
-- Since when each of these keys is seen, and from which networks.
seen AS (
    SELECT userIdentityAccessKeyId AS accessKeyId,
           address_network(sourceIPAddress) AS network,
           min(eventTime) AS firstTime
      -- the table is not read where nobody asked
      FROM (SELECT count(*) AS n FROM asked) AS some
     CROSS JOIN cloudtrail
     WHERE some.n > 0
       AND userIdentityAccessKeyId IN (SELECT accessKeyId FROM asked)
     GROUP BY userIdentityAccessKeyId, address_network(sourceIPAddress)
),
born AS (
    SELECT ct_json_text(responseElements, '$.accessKey.accessKeyId') AS accessKeyId
      FROM cloudtrail_call
     WHERE eventName = 'CreateAccessKey'
       AND outcome = 'done'
),
key_seen AS (
    SELECT accessKeyId, min(firstTime) AS firstTime FROM seen GROUP BY accessKeyId
),
odd AS (
    SELECT event, accessKeyId, 'TruffleHog' AS reason FROM asked WHERE isTruffleHog
    UNION ALL
    SELECT a.event, a.accessKeyId, 'new network'
      FROM asked AS a
      JOIN seen AS here ON here.accessKeyId = a.accessKeyId AND here.network = a.network
     WHERE julianday(a.eventTime) - julianday(here.firstTime) <= 60.5 / 86400
       AND (SELECT count(*)
              FROM seen AS before
             WHERE before.accessKeyId = a.accessKeyId
               AND before.network IS NOT NULL
               AND before.firstTime < here.firstTime) BETWEEN 1 AND 3
    UNION ALL
    SELECT a.event, a.accessKeyId, 'first call'
      FROM asked AS a
      JOIN key_seen AS k ON k.accessKeyId = a.accessKeyId
     WHERE a.accessKeyId GLOB 'AKIA*'
       AND julianday(a.eventTime) - julianday(k.firstTime) <= 60.5 / 86400
       AND (a.accessKeyId IN (SELECT accessKeyId FROM born)
            OR julianday(a.eventTime) - (SELECT value FROM rule_parameter
                                          WHERE name = 'hunt_history_hours') / 24.0
               >= (SELECT julianday(min(e.eventTime))
                     FROM cloudtrail AS e
                    WHERE e.recipientAccountId = a.recipientAccountId))
),
told AS (
    SELECT min(c.eventTime) AS firstTime,
           max(c.eventTime) AS lastTime,
           o.accessKeyId,
           i.recipientAccountId,
           i.accountName,
           i.accountUPNSuffix,
           ifnull(c.sourceIPAddress, '') AS sourceIPAddress,
           count_distinct(c.event) AS eventCount,
           list_distinct(o.reason) AS reasons,
           max(o.reason = 'TruffleHog') AS isTruffleHog,
           max(o.reason = 'new network') AS isNewNetwork,
           list_distinct(nullif(c.sourceIPAddress, '')) AS addresses,
           list_distinct(c.userAgent) AS userAgents,
           list_distinct(c.event) AS evidence
      FROM odd AS o
     CROSS JOIN cloudtrail_call AS c ON c.event = o.event
     CROSS JOIN event_identity AS i ON i.event = o.event
     GROUP BY o.accessKeyId, substr(c.eventTime, 1, 10)
)
SELECT t.firstTime,
       t.lastTime,
       t.recipientAccountId,
       t.accountName,
       t.accountUPNSuffix,
       t.sourceIPAddress,
       CASE WHEN t.isTruffleHog THEN 'High' END AS severity,
       finding_sentence(t.accountName, t.accountUPNSuffix,
                        'asked whose key it had, ' || t.accessKeyId
                        || CASE WHEN t.isTruffleHog THEN ', with TruffleHog'
                                WHEN t.isNewNetwork THEN ', from a network new to the key'
                                ELSE ', as the key''s first call' END,
                        NULL, NULL, t.sourceIPAddress, t.recipientAccountId, 0) AS summary,
       ct_json_object('reasons', ct_json(t.reasons), 'eventCount', t.eventCount,
                      'accessKeyIds', ct_json_array(t.accessKeyId),
                      'addresses', ct_json(t.addresses), 'userAgents', ct_json(t.userAgents),
                      'next', ct_json((SELECT list_distinct(replace(n.eventSource, '.amazonaws.com', '')
                                                            || ':' || aws_call_name(n.eventName))
                                         FROM cloudtrail AS n
                                        WHERE n.eventTime BETWEEN t.firstTime
                                              AND strftime('%Y-%m-%dT%H:%M:%SZ', t.firstTime,
                                                           '+15 minutes')
                                          AND n.userIdentityAccessKeyId = t.accessKeyId
                                          AND n.eventName <> 'GetCallerIdentity'))) AS details,
       t.evidence
  FROM told AS t;
