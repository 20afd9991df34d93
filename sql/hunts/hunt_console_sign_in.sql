-- hunt_console_sign_in: which sign-ins to the console were not as they should be?
--
-- Title:        Odd sign-ins to the console
-- Description:  Sign-ins without MFA, of the root user, after several failures, or many failures; and a
--               root password that was reset.
-- Severity:     Medium
-- Tactics:      InitialAccess, CredentialAccess
-- Techniques:   T1078.004, T1110
-- Kind:         Hunting
-- Frequency:    none
-- Period:       none
-- Trigger:      gt 0
-- Enabled:      no
-- Id:           f80612fd-fae7-4276-8672-5c71c0ec3b74
-- Version:      1.0.0
-- Source:       own
-- Sentinel:     Login to AWS Management Console without MFA; Multiple failed login attempts to an
--               existing user without MFA; Failed AzureAD logons but success logon to AWS Console (the
--               half of it that CloudTrail has).
-- Why:          a password that was guessed, bought or phished is used here first.
-- Columns read: eventTime, eventName, eventSource, errorMessage, responseElements, additionalEventData,
--               userIdentity*, sourceIPAddress, recipientAccountId.
-- Window:       a finding is a day of one name in one account, but of a user without MFA all days
--               together; of many failures a day of one address.
--               `failures before`: 3 of the name, or from the address, in the 600 seconds before a
--               sign-in. `many failures`: 5 of one name, or from one address, in 600 seconds.
--               High: failures before a sign-in, and all of root; Medium: without MFA; Low: failures alone.
-- False positives: users who are let in without MFA by decision; root, where it is really needed; a
--               forgotten password.
-- Blind spots:  MFA at an identity provider: sign-ins with a role or a federated user say MFAUsed No and
--               tell nothing by it: they are hunt_key_to_console's. Where an address is, and whether it is
--               new, hunt_first_seen says in part. Failures of a name that does not exist bear no name.
--               A sign-in is logged in the region of its endpoint: does the trail have all regions?
-- Next step:    `timeline` of the name from then on; sign-ins from the same address.
--
-- Shown by: stratus-red-team, aws.initial-access.console-login-without-mfa; aws_dataset. There bert-jan
-- signs in with MFA: no finding.
CREATE VIEW hunt_console_sign_in AS
WITH
sign_in AS (
    SELECT c.event,
           c.eventTime,
           c.eventName,
           c.userIdentityType,
           ifnull(c.sourceIPAddress, '') AS sourceIPAddress,
           c.outcome = 'done' AS isDone,
           ct_json_text(c.additionalEventData, '$.MFAUsed') = 'No' AS isWithoutMfa,
           i.recipientAccountId,
           i.accountName,
           i.accountUPNSuffix,
           substr(c.eventTime, 1, 10) AS day,
           strftime('%s', c.eventTime) + 0 AS second
      FROM cloudtrail_call AS c
     CROSS JOIN event_identity AS i ON i.event = c.event
     WHERE c.eventName IN ('ConsoleLogin', 'PasswordRecoveryRequested', 'PasswordRecoveryCompleted')
       AND c.eventSource = 'signin.amazonaws.com'
),
counted AS (
    SELECT *,
           max(sum(NOT isDone) OVER (PARTITION BY recipientAccountId, accountName ORDER BY second
                                     RANGE BETWEEN 600 PRECEDING AND CURRENT ROW),
               sum(NOT isDone) OVER (PARTITION BY recipientAccountId, sourceIPAddress ORDER BY second
                                     RANGE BETWEEN 600 PRECEDING AND CURRENT ROW)) AS failures
      FROM sign_in
     WHERE eventName = 'ConsoleLogin'
),
odd AS (
    SELECT event, day, recipientAccountId, accountName AS whose, 'root' AS reason
      FROM counted
     WHERE isDone AND userIdentityType = 'Root'
    UNION ALL
    -- a user without MFA is one finding, on however many days
    SELECT event, CASE userIdentityType WHEN 'Root' THEN day ELSE '' END, recipientAccountId,
           accountName, 'without MFA'
      FROM counted
     WHERE isDone AND isWithoutMfa AND userIdentityType IN ('Root', 'IAMUser')
    UNION ALL
    SELECT event, day, recipientAccountId, accountName, 'failures before'
      FROM counted
     WHERE isDone AND failures >= 3
    UNION ALL
    SELECT event, day, recipientAccountId, accountName, 'root password reset'
      FROM sign_in
     WHERE eventName <> 'ConsoleLogin' AND userIdentityType = 'Root'
    UNION ALL
    SELECT one.value, substr(f.firstTime, 1, 10), f.recipientAccountId, f.whose, 'many failures'
      FROM (SELECT recipientAccountId, accountName AS whose, min(eventTime) AS firstTime,
                   distinct_bursts(event, eventTime, 600, 5, event) AS found
              FROM sign_in
             WHERE NOT isDone
             GROUP BY recipientAccountId, accountName
            UNION ALL
            SELECT recipientAccountId, sourceIPAddress, min(eventTime),
                   distinct_bursts(event, eventTime, 600, 5, event)
              FROM sign_in
             WHERE NOT isDone
               AND sourceIPAddress <> ''
             GROUP BY recipientAccountId, sourceIPAddress
            -- one name alone has been told already
            HAVING min(accountName) <> max(accountName)) AS f
     CROSS JOIN json_each(f.found) AS burst
     CROSS JOIN json_each(burst.value, '$.rows') AS one
),
told AS (
    SELECT min(c.eventTime) AS firstTime,
           max(c.eventTime) AS lastTime,
           o.recipientAccountId,
           i.accountName,
           i.accountUPNSuffix,
           ifnull(c.sourceIPAddress, '') AS sourceIPAddress,
           count_distinct(c.event) AS eventCount,
           count_distinct(nullif(c.sourceIPAddress, '')) AS addressCount,
           list_distinct(nullif(c.sourceIPAddress, '')) AS addresses,
           list_distinct(o.reason) AS reasons,
           max(CASE WHEN o.reason GLOB 'root*' OR o.reason = 'failures before' THEN 3
                    WHEN o.reason = 'without MFA' THEN 2 ELSE 1 END) AS grade,
           max(o.reason = 'without MFA') AS isWithoutMfa,
           max(o.reason = 'failures before') AS isAfterFailures,
           max(o.reason GLOB 'root*') AS isRoot,
           list_distinct(c.userAgent) AS userAgents,
           list_distinct(c.event) AS evidence
      FROM odd AS o
     CROSS JOIN cloudtrail_call AS c ON c.event = o.event
     CROSS JOIN event_identity AS i ON i.event = o.event
     GROUP BY o.recipientAccountId, o.whose, o.day
)
SELECT firstTime,
       lastTime,
       recipientAccountId,
       accountName,
       accountUPNSuffix,
       sourceIPAddress,
       CASE grade WHEN 3 THEN 'High' WHEN 2 THEN 'Medium' ELSE 'Low' END AS severity,
       finding_sentence(accountName, accountUPNSuffix,
                        CASE grade WHEN 1 THEN printf('failed to sign in to the console %d times',
                                                      eventCount)
                             ELSE CASE WHEN reasons GLOB '*root password reset*'
                                       THEN 'reset the root password'
                                       ELSE 'signed in to the console' END
                                  || CASE WHEN isAfterFailures THEN ' after several failures' ELSE '' END
                                  || CASE WHEN isWithoutMfa THEN ' without MFA' ELSE '' END
                                  || CASE eventCount WHEN 1 THEN ''
                                          ELSE printf(' %d times', eventCount) END END,
                        NULL, NULL,
                        sourceIPAddress
                        || CASE WHEN addressCount > 1 THEN printf(' and %d more', addressCount - 1)
                                ELSE '' END,
                        recipientAccountId, 0) AS summary,
       ct_json_object('reasons', ct_json(reasons), 'eventCount', eventCount,
                      'addresses', ct_json(addresses), 'userAgents', ct_json(userAgents)) AS details,
       evidence
  FROM told;
