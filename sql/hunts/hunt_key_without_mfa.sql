-- hunt_key_without_mfa: who made a KMS key, or changed whose it is, without MFA, or let everyone
-- encrypt with it?
--
-- Title:        KMS key without MFA
-- Description:  A user or root without MFA made a KMS key, changed its policy or brought key material
--               of his own, or anybody let everyone encrypt with a key: what somebody prepares who
--               wants to hold data to ransom.
-- Severity:     Medium
-- Tactics:      Impact
-- Techniques:   T1486, T1485
-- Kind:         Hunting
-- Frequency:    none
-- Period:       none
-- Trigger:      gt 0
-- Enabled:      no
-- Id:           9ca27353-2b34-40c6-8073-60f2c14de306
-- Version:      1.0.0
-- Source:       own
-- Sentinel:     Creating keys with encrypt policy without MFA; Suspicious overly permissive KMS key
--               policy created
-- Why:          who re-encrypts a bucket with a key that he can take away needs no malware.
-- Columns read: eventTime, eventName, eventSource, errorCode, errorMessage, requestParameters,
--               responseElements, userIdentity*, userAgent, sourceIPAddress, recipientAccountId,
--               awsRegion; ordinary_agent, rule_parameter.
-- Window:       calls of one identity with pauses of less than hunt_pause (3600 seconds) are one
--               finding.
-- False positives: users of services, who have no MFA, that make keys for what they set up; where
--               Terraform, Pulumi and the like did it all and nothing was denied it is Informational
--               and suppressed.
-- Blind spots:  roles: their sessions do not say whether MFA stood at their beginning; keys of another
--               account, which show in the requests to S3 alone (hunt_objects_taken_or_held); what
--               CloudFormation does for somebody.
-- Next step:    which objects, volumes or databases were encrypted with the key since? event_target has
--               kms-key.
--
-- High: everyone may encrypt (kms:Encrypt, kms:* or *), and no condition narrows it. MFA is what the
-- session says (sessionMfaAuthenticated); a user's long-lived key has none.
-- Shown by: no recording beside the project; composed cases. Beside them traildiscover's CreateKey,
-- denied, by a role.
-- Cost in false positives: none on the recordings, none in the corpus of tests/bench.
CREATE VIEW hunt_key_without_mfa AS
WITH
made AS (
    SELECT c.*,
           coalesce(ct_json_text(c.requestParameters, '$.keyId'),
                    ct_json_text(c.responseElements, '$.keyMetadata.keyId'),
                    (SELECT r.name FROM event_refused AS r WHERE r.event = c.event AND r.name <> '*'))
               AS target,
           c.userIdentityType IN ('IAMUser', 'Root')
               AND NOT EXISTS (SELECT 1
                                 FROM cloudtrail AS e
                                WHERE e.rowid = c.event AND e.sessionMfaAuthenticated = 1)
               AS isWithoutMfa,
           c.eventName IN ('CreateKey', 'PutKeyPolicy')
               AND EXISTS (SELECT 1
                             FROM event_principal AS w
                            CROSS JOIN json_each(w.actions) AS a
                            WHERE w.event = c.event
                              AND w.isEveryone
                              AND NOT w.isNarrowed
                              AND 'kms:encrypt' GLOB lower(a.value)) AS isForEveryone
      FROM event_caller AS c
     WHERE c.eventName IN ('CreateKey', 'PutKeyPolicy', 'ImportKeyMaterial', 'ReplicateKey')
       AND c.eventSource = 'kms.amazonaws.com'
),
deed AS (
    SELECT *,
           finding_deed(CASE eventName
                            WHEN 'CreateKey' THEN 'made the key'
                            WHEN 'PutKeyPolicy' THEN 'changed the policy of the key'
                            WHEN 'ImportKeyMaterial' THEN 'brought the material of the key'
                            ELSE 'replicated the key'
                        END, target, eventName, outcome)
           || CASE WHEN isForEveryone THEN ' with which everyone may encrypt' ELSE '' END
           || CASE WHEN isWithoutMfa THEN ' without MFA' ELSE '' END AS deed,
           CASE WHEN isForEveryone THEN 3 ELSE 2 END AS weight
      FROM made
     WHERE isWithoutMfa OR isForEveryone
),
placed AS (
    SELECT *,
           episode(eventTime, (SELECT value FROM rule_parameter WHERE name = 'hunt_pause'))
               OVER (PARTITION BY recipientAccountId, accountName, accountUPNSuffix, isTool
                     ORDER BY eventTime, event) AS episode
      FROM deed
),
told AS (
    SELECT recipientAccountId,
           accountName,
           accountUPNSuffix,
           min(eventTime) AS firstTime,
           max(eventTime) AS lastTime,
           list_distinct(deed) AS deeds,
           list_distinct(target) AS keys,
           list_distinct(call) AS calls,
           list_distinct(address) AS addresses,
           list_distinct(accessKeyId) AS accessKeyIds,
           list_distinct(client) AS clients,
           list_distinct(region) AS regions,
           count(*) AS eventCount,
           sum(outcome = 'denied') AS deniedCount,
           max(weight) AS weight,
           isTool AND sum(outcome = 'denied') = 0 AS isOrdinary,
           ct_json_group_array(event) AS evidence
      FROM placed
     GROUP BY recipientAccountId, accountName, accountUPNSuffix, isTool, episode
)
SELECT firstTime,
       lastTime,
       recipientAccountId,
       accountName,
       accountUPNSuffix,
       ifnull(ct_json_text(addresses, '$[0]'), '') AS sourceIPAddress,
       '' AS groupKey,
       CASE WHEN isOrdinary THEN 'Informational'
            ELSE CASE weight WHEN 3 THEN 'High' WHEN 2 THEN 'Medium' ELSE 'Low' END END AS severity,
       CASE WHEN isOrdinary THEN 'ordinary agent' END AS suppressedBy,
       finding_sentence(accountName, accountUPNSuffix, finding_list(deeds, 3), firstTime, lastTime,
                        finding_list(addresses, 1), recipientAccountId, deniedCount) AS summary,
       ct_json_object('deeds', ct_json(deeds),
                      'keys', ct_json(keys),
                      'calls', ct_json(calls), 'eventCount', eventCount, 'deniedCount', deniedCount,
                      'addresses', ct_json(addresses), 'accessKeyIds', ct_json(accessKeyIds),
                      'clients', ct_json(clients), 'regions', ct_json(regions)) AS details,
       evidence
  FROM told;
