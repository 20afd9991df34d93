-- hunt_key_to_console: who made a session of the console of an access key, or a key of the console?
--
-- Title:        Key turned into a console session
-- Description:  A sign-in token or a federated session was asked for, the console was opened by one, or
--               the console gave out credentials for a command line (aws login).
-- Severity:     Medium
-- Tactics:      DefenseEvasion, Persistence
-- Techniques:   T1550, T1078.004
-- Kind:         Hunting
-- Frequency:    none
-- Period:       none
-- Trigger:      gt 0
-- Enabled:      no
-- Id:           ca6466cc-b5c4-40c4-a27d-ef6d853217e6
-- Version:      1.0.0
-- Source:       own
-- Why:          a federated session outlives the key that it was made with, is told by no user of IAM, and
--               opens the console, where a page makes calls that nobody counts.
-- Columns read: eventTime, eventName, eventSource, errorCode, requestParameters, responseElements,
--               userAgent, userIdentity*, sessionIssuer*, sourceIPAddress, recipientAccountId.
-- Window:       a finding is a day of one name in one account. A sign-in of a role counts where an
--               AssumeRole gave that very session in the 12 hours before, as a key does; one by SAML or
--               IAM Identity Center does not. High: a federated session whose policy allows * on *.
--               Low: credentials for a command line alone.
-- False positives: brokers that give people the console by GetFederationToken; people who use aws login.
-- Blind spots:  the sign-in itself makes no call with the key: of a GetSigninToken one sees only that it
--               was asked for. The portal of IAM Identity Center asks for one too (agents Jersey,
--               Go-http-client, with a role AWSReservedSSO_*): left out.
-- Next step:    what the federated user did: `timeline` by its name; credential has its keys.
--
-- Shown by: stratus-red-team, aws.persistence.sts-federation-token; near misses beside it: TrailDiscover's
-- GetSigninToken (the portal) and GetFederationToken (denied).
CREATE VIEW hunt_key_to_console AS
WITH
turn AS (
    SELECT c.event,
           c.eventName AS how,
           replace(replace(replace(replace(ct_json_text(c.requestParameters, '$.policy'),
                                           ' ', ''), char(10), ''), char(9), ''), char(13), '')
               AS policy
      FROM cloudtrail_call AS c
     WHERE c.eventName IN ('GetFederationToken', 'GetSigninToken', 'CreateOAuth2Token')
       AND c.eventSource IN ('sts.amazonaws.com', 'signin.amazonaws.com')
       AND c.outcome = 'done'
       AND NOT (c.eventName = 'GetSigninToken'
                AND ifnull(c.userIdentityArn, '') GLOB '*:assumed-role/AWSReservedSSO_*'
                AND (c.userAgent GLOB 'Jersey*' OR c.userAgent GLOB 'Go-http-client*'))
    UNION ALL
    SELECT c.event, 'ConsoleLogin', NULL
      FROM cloudtrail_call AS c
     WHERE c.eventName = 'ConsoleLogin'
       AND c.outcome = 'done'
       AND (c.userIdentityType = 'FederatedUser'
            OR c.userIdentityType = 'AssumedRole'
           AND EXISTS (SELECT 1
                         FROM cloudtrail_call AS a
                        WHERE a.eventName = 'AssumeRole'
                          AND a.eventTime BETWEEN strftime('%Y-%m-%dT%H:%M:%SZ', c.eventTime, '-12 hours')
                                              AND c.eventTime
                          AND a.outcome = 'done'
                          AND ct_json_text(a.responseElements, '$.assumedRoleUser.arn')
                              = c.userIdentityArn))
),
told AS (
    SELECT min(c.eventTime) AS firstTime,
           max(c.eventTime) AS lastTime,
           i.recipientAccountId,
           i.accountName,
           i.accountUPNSuffix,
           ifnull(c.sourceIPAddress, '') AS sourceIPAddress,
           count(*) AS eventCount,
           list_distinct(t.how) AS calls,
           max(ifnull(t.policy LIKE '%"Action":"*"%' OR t.policy LIKE '%"Action":["*"]%', 0)
               AND (t.policy LIKE '%"Resource":"*"%' OR t.policy LIKE '%"Resource":["*"]%'))
               AS isAdmin,
           min(t.how = 'CreateOAuth2Token') AS isLogin,
           list_distinct(i.accessKeyId) AS accessKeyIds,
           list_distinct(access_key_id(ct_json_text(c.responseElements, '$.credentials.accessKeyId')))
               AS issuedKeyIds,
           list_distinct(ct_json_text(c.responseElements, '$.federatedUser.arn')) AS federatedUsers,
           list_distinct(nullif(c.sourceIPAddress, '')) AS addresses,
           list_distinct(c.userAgent) AS userAgents,
           ct_json_group_array(c.event) AS evidence
      FROM turn AS t
     CROSS JOIN cloudtrail_call AS c ON c.event = t.event
     CROSS JOIN event_identity AS i ON i.event = t.event
     GROUP BY i.recipientAccountId, i.accountName, i.accountUPNSuffix, substr(c.eventTime, 1, 10)
)
SELECT firstTime,
       lastTime,
       recipientAccountId,
       accountName,
       accountUPNSuffix,
       sourceIPAddress,
       CASE WHEN isAdmin THEN 'High' WHEN isLogin THEN 'Low' ELSE 'Medium' END AS severity,
       finding_sentence(accountName, accountUPNSuffix,
                        CASE WHEN isLogin THEN 'took credentials for a command line from the console'
                             WHEN calls = '["ConsoleLogin"]' THEN 'opened the console with a key''s session'
                             ELSE 'asked for a session of the console by '
                                  || (SELECT group_concat(value, ', ')
                                        FROM json_each(calls)
                                       WHERE value <> 'CreateOAuth2Token') END
                        || CASE WHEN isAdmin THEN ' with a policy that allows everything' ELSE '' END,
                        NULL, NULL, sourceIPAddress, recipientAccountId, 0) AS summary,
       ct_json_object('calls', ct_json(calls), 'eventCount', eventCount,
                      'accessKeyIds', ct_json(accessKeyIds), 'issuedKeyIds', ct_json(issuedKeyIds),
                      'federatedUsers', ct_json(federatedUsers), 'addresses', ct_json(addresses),
                      'userAgents', ct_json(userAgents)) AS details,
       evidence
  FROM told;
