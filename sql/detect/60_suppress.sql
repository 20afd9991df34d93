-- The allow list: which entry covers an alert, if any, and what that changes. Alerts that an analyst
-- has taken up, or suppressed by hand (then suppressedBy is NULL), are not looked at. Where no entry
-- does, the rule itself may say that it takes its finding for harmless.
DELETE FROM temp.cloudtrail_verdict;

INSERT INTO temp.cloudtrail_verdict (alertID, ruleName, state, reason)
SELECT a.alertID, a.ruleName, a.state,
       ifnull((SELECT w.reason
          FROM main.allow_list AS w
         WHERE (w.ruleName IS NULL OR a.ruleName GLOB w.ruleName)
           AND (w.recipientAccountId IS NULL
                OR a.eventCount > 0 -- then of each event
                OR ifnull(nullif(a.recipientAccountId, '') GLOB w.recipientAccountId, 0))
           AND (w.expires IS NULL
                OR julianday(w.expires) > julianday('now')
                -- it counted when the alert was last looked at, and nothing has come since
                OR a.state = 'suppressed' AND a.suppressedBy = w.reason
                   AND a.alertID NOT IN (SELECT alertID FROM temp.cloudtrail_detected))
           -- no event of the alert that does not fit
           AND NOT EXISTS (
               SELECT 1
                 FROM main.alert_event AS l
                 LEFT JOIN main.cloudtrail AS e -- as in alert_evidence
                        ON e.rowid = CASE
                               WHEN l.eventID IS NULL THEN
                                   (SELECT p.rowid
                                      FROM main.cloudtrail AS p
                                     WHERE p.eventID IS NULL
                                       AND p.fileID = l.fileID
                                       AND p.recordNumber = l.recordNumber
                                       AND +p.eventTime = l.eventTime)
                               ELSE
                                   (SELECT p.rowid
                                      FROM main.cloudtrail AS p
                                     WHERE p.eventTime = l.eventTime
                                       AND p.eventID = l.eventID)
                           END
                 -- by each event's own identity: an alert may be of several
                 LEFT JOIN main.event_identity AS i ON i.event = e.rowid
                WHERE l.alertID = a.alertID
                  AND NOT ((w.principal IS NULL
                            -- what an event does not have fits no pattern, not even an empty one
                            OR ifnull(nullif(e.userIdentityArn, '') GLOB w.principal, 0)
                            OR ifnull(nullif(e.sessionIssuerArn, '') GLOB w.principal, 0)
                            OR ifnull(nullif(e.userIdentityPrincipalId, '') GLOB w.principal, 0)
                            OR ifnull(nullif(e.userIdentityUserName, '') GLOB w.principal, 0)
                            OR ifnull(i.accountName GLOB w.principal, 0)
                            OR ifnull(i.accountName || '@' || i.accountUPNSuffix GLOB w.principal, 0)
                            -- the alert's name is that of each event, unless the rule groups otherwise
                            OR a.groupKey IS NULL
                               AND (a.accountName GLOB w.principal
                                    OR a.accountName || '@' || a.accountUPNSuffix GLOB w.principal))
                           AND (w.recipientAccountId IS NULL
                                OR ifnull(nullif(ifnull(i.recipientAccountId, a.recipientAccountId), '')
                                          GLOB w.recipientAccountId, 0))
                           AND (w.sourceIPAddress IS NULL
                                OR CASE
                                       -- no network covers nothing
                                       WHEN w.sourceIPAddress GLOB '*/*'
                                        AND address_network(w.sourceIPAddress) IS NULL THEN 0
                                       ELSE ifnull(address_matches(
                                           nullif(CASE WHEN e.rowid IS NULL
                                                       THEN a.sourceIPAddress
                                                       ELSE e.sourceIPAddress END, ''),
                                           w.sourceIPAddress), 0)
                                   END)
                           AND (w.vpcEndpointId IS NULL
                                OR ifnull(nullif(e.vpcEndpointId, '') GLOB w.vpcEndpointId, 0))
                           AND (w.userAgent IS NULL
                                OR ifnull(e.userAgent, '') GLOB w.userAgent)
                           AND (w.command IS NULL OR l.command GLOB w.command)))
         ORDER BY w.rowid
         LIMIT 1), a.suppressedByRule)
  FROM main.alert AS a
 WHERE (a.state = 'new' OR a.state = 'suppressed' AND a.suppressedBy IS NOT NULL)
   AND a.mergedInto IS NULL;

INSERT OR REPLACE INTO temp.cloudtrail_detected (alertID, ruleName, change)
SELECT alertID, ruleName, CASE WHEN reason IS NULL THEN 'new' ELSE 'suppressed' END
  FROM temp.cloudtrail_verdict
 WHERE state <> CASE WHEN reason IS NULL THEN 'new' ELSE 'suppressed' END;

UPDATE main.alert
   SET state = CASE WHEN v.reason IS NULL THEN 'new' ELSE 'suppressed' END,
       suppressedBy = v.reason
  FROM temp.cloudtrail_verdict AS v
 WHERE v.alertID = alert.alertID
   AND (v.state <> CASE WHEN v.reason IS NULL THEN 'new' ELSE 'suppressed' END
        OR v.reason IS NOT alert.suppressedBy);

DELETE FROM temp.cloudtrail_finding;
DELETE FROM temp.cloudtrail_finding_event;
DELETE FROM temp.cloudtrail_finding_command;
DELETE FROM temp.cloudtrail_finding_alert;
DELETE FROM temp.cloudtrail_verdict;
