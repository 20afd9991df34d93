-- Incidents: the alerts that hang together, by an event, a key, or keys that issued one another.
-- The alerts that count, in the order of time; then all credentials of theirs and around them.
INSERT INTO temp.cloudtrail_incident_node (kind, name)
SELECT 'alert', alertID
  FROM main.alert
 WHERE mergedInto IS NULL
   AND state <> 'suppressed'
 ORDER BY startTime, alertID;

INSERT OR IGNORE INTO temp.cloudtrail_incident_node (kind, name)
SELECT 'key', accessKeyId FROM temp.cloudtrail_alert_key
UNION ALL
SELECT 'key', issuerLink FROM temp.cloudtrail_credential WHERE issuerLink IS NOT NULL
UNION ALL
SELECT 'key', link FROM temp.cloudtrail_credential WHERE issuerLink IS NOT NULL;

-- Each set of nodes that hang together gets a number: that of its oldest alert. What has none is no
-- incident: merge_sets() gives members in ascending order, and alerts have the lowest numbers.
WITH
together (nodes) AS (
    SELECT json_array(node) FROM temp.cloudtrail_incident_node WHERE kind = 'alert'
    UNION ALL
    SELECT json_group_array(n.node)
      FROM temp.cloudtrail_incident_node AS n
     CROSS JOIN main.alert_event AS l ON l.alertID = n.name
     WHERE n.kind = 'alert'
     GROUP BY l.eventTime, l.eventID, l.fileID, l.recordNumber
    HAVING count(*) > 1
    UNION ALL
    SELECT json_array(a.node, k.node)
      FROM temp.cloudtrail_alert_key AS h
      JOIN temp.cloudtrail_incident_node AS a ON a.kind = 'alert' AND a.name = h.alertID
      JOIN temp.cloudtrail_incident_node AS k ON k.kind = 'key' AND k.name = h.accessKeyId
    UNION ALL
    SELECT json_array(i.node, k.node)
      FROM temp.cloudtrail_credential AS h
     CROSS JOIN temp.cloudtrail_incident_node AS i ON i.kind = 'key' AND i.name = h.issuerLink
     CROSS JOIN temp.cloudtrail_incident_node AS k ON k.kind = 'key' AND k.name = h.link
)
INSERT INTO temp.cloudtrail_incident_member (node, incident)
SELECT one.value, json_extract(sets.value, '$[0]')
  FROM json_each((SELECT merge_sets(nodes) FROM together)) AS sets
 CROSS JOIN json_each(sets.value) AS one
 WHERE json_extract(sets.value, '$[0]')
       <= (SELECT max(node) FROM temp.cloudtrail_incident_node WHERE kind = 'alert');

UPDATE temp.cloudtrail_incident_node
   SET incident = (SELECT m.incident FROM temp.cloudtrail_incident_member AS m
                    WHERE m.node = cloudtrail_incident_node.node);

INSERT INTO temp.cloudtrail_incident_now (incident, oldest, firstTime, lastTime, until)
SELECT n.incident,
       (SELECT o.name FROM temp.cloudtrail_incident_node AS o WHERE o.node = n.incident),
       min(a.startTime), max(a.endTime),
       -- there is no day after the last of all
       ifnull(strftime('%Y-%m-%dT%H:%M:%SZ', max(a.endTime), '+1 day'), '9999-12-31T23:59:59Z')
  FROM temp.cloudtrail_incident_node AS n
 CROSS JOIN main.alert AS a ON a.alertID = n.name
 WHERE n.kind = 'alert'
 GROUP BY n.incident;

-- An incident that was there is the one that has its alerts now. Where they have come apart it is the one
-- that has the alert by whose id it goes, else the oldest. One that was merged has none but that.
INSERT OR IGNORE INTO temp.cloudtrail_incident_claim (incidentID, incident)
SELECT h.incidentID, n.incident
  FROM (SELECT incidentID, incidentID AS alertID FROM main.incident
         UNION ALL
        SELECT i.incidentID, one.value
          FROM main.incident AS i
         CROSS JOIN json_each(i.alerts) AS one) AS h
 CROSS JOIN main.alert AS a ON a.alertID = h.alertID
 CROSS JOIN temp.cloudtrail_incident_node AS n
         ON n.kind = 'alert' AND n.name = ifnull(a.mergedInto, a.alertID)
 ORDER BY h.incidentID, h.alertID <> h.incidentID, n.incident;

UPDATE temp.cloudtrail_incident_now
   SET incidentID = ifnull((SELECT c.incidentID
                              FROM temp.cloudtrail_incident_claim AS c
                              JOIN main.incident AS i ON i.incidentID = c.incidentID
                             WHERE c.incident = cloudtrail_incident_now.incident
                               AND i.mergedInto IS NULL
                             ORDER BY i.firstTime, i.incidentID
                             LIMIT 1),
                           oldest);

-- ---- what was done ------------------------------------------------------------------------------

-- A key is of one incident, so each is reached once.
WITH RECURSIVE reach (link, incident) AS (
    SELECT k.accessKeyId, n.incident
      FROM temp.cloudtrail_alert_key AS k
      JOIN temp.cloudtrail_incident_node AS n ON n.kind = 'alert' AND n.name = k.alertID
    UNION
    SELECT h.link, r.incident
      FROM reach AS r
     CROSS JOIN temp.cloudtrail_credential AS h ON h.issuerLink = r.link
)
INSERT INTO temp.cloudtrail_incident_reach (link, incident)
SELECT link, incident FROM reach;

WITH
call (incident, event) AS (
    SELECT n.incident, c.rowid
      FROM temp.cloudtrail_incident_reach AS r
     CROSS JOIN temp.cloudtrail_incident_now AS n ON n.incident = r.incident
     CROSS JOIN main.cloudtrail AS c
             ON c.userIdentityAccessKeyId = r.link
            AND c.eventTime BETWEEN n.firstTime AND n.until
    UNION -- what the alerts name themselves: it may have no key
    SELECT n.incident, v.event
      FROM temp.cloudtrail_incident_node AS n
     CROSS JOIN main.alert_evidence AS v ON v.alertID = n.name
     WHERE n.kind = 'alert'
       AND v.event IS NOT NULL
)
INSERT INTO temp.cloudtrail_incident_deed (incident, changed, logsStopped, denied)
SELECT k.incident,
       sum(c.outcome = 'done' AND c.readOnly IS 0),
       sum(c.outcome = 'done'
           AND ifnull(c.eventName IN ('StopLogging', 'DeleteTrail', 'PutEventSelectors',
                               'StopEventDataStoreIngestion', 'DeleteEventDataStore',
                               'DeleteFlowLogs', 'DeleteLogGroup', 'DeleteLogStream',
                               'DeleteDetector', 'StopMonitoringMembers',
                               'DisassociateFromMasterAccount',
                               'DisassociateFromAdministratorAccount', 'DisableSecurityHub',
                               'StopConfigurationRecorder', 'DeleteConfigurationRecorder',
                               'DeleteDeliveryChannel'), 0)),
       sum(c.outcome = 'denied')
  FROM call AS k
 CROSS JOIN main.cloudtrail_call AS c ON c.event = k.event
 GROUP BY k.incident;

UPDATE temp.cloudtrail_incident_now
   SET changed = d.changed, logsStopped = d.logsStopped, denied = d.denied
  FROM temp.cloudtrail_incident_deed AS d
 WHERE d.incident = cloudtrail_incident_now.incident;

UPDATE temp.cloudtrail_incident_now
   SET credentials = x.n
  FROM (SELECT r.incident, count(*) AS n
          FROM temp.cloudtrail_credential AS h
         CROSS JOIN temp.cloudtrail_incident_reach AS r ON r.link = h.issuerLink
         CROSS JOIN temp.cloudtrail_incident_now AS n
                 ON n.incident = r.incident
                AND h.issuedAt BETWEEN n.firstTime AND n.until
         GROUP BY r.incident) AS x
 WHERE x.incident = cloudtrail_incident_now.incident;

UPDATE temp.cloudtrail_incident_now
   SET events = x.n
  FROM (SELECT incident, count(*) AS n
          FROM (SELECT DISTINCT n.incident, l.eventTime, l.eventID, l.fileID, l.recordNumber
                  FROM temp.cloudtrail_incident_node AS n
                 CROSS JOIN main.alert_event AS l ON l.alertID = n.name
                 WHERE n.kind = 'alert')
         GROUP BY incident) AS x
 WHERE x.incident = cloudtrail_incident_now.incident;

-- ---- what is told -------------------------------------------------------------------------------

-- Names, accounts and addresses by first appearance: five of each, and how many more.
INSERT INTO temp.cloudtrail_incident_list (incident, kind, n, text)
SELECT incident, kind, n,
       group_concat(said, ', ') || CASE WHEN n > 5 THEN printf(' and %d more', n - 5) ELSE '' END
  FROM (SELECT *
          FROM (SELECT incident, kind, said,
                       row_number() OVER (PARTITION BY incident, kind ORDER BY first, said) AS place,
                       count(*) OVER (PARTITION BY incident, kind) AS n
                  FROM (SELECT n.incident, one.kind, min(n.node) AS first,
                               CASE one.kind
                                   WHEN 'account' THEN a.recipientAccountId
                                   WHEN 'address' THEN a.sourceIPAddress
                                   ELSE a.accountName
                                        || CASE a.accountUPNSuffix WHEN '' THEN ''
                                                                   ELSE '@' || a.accountUPNSuffix END
                               END AS said
                          FROM temp.cloudtrail_incident_node AS n
                         CROSS JOIN main.alert AS a ON a.alertID = n.name
                         CROSS JOIN (SELECT 'who' AS kind UNION ALL SELECT 'account'
                                     UNION ALL SELECT 'address') AS one
                         WHERE n.kind = 'alert'
                         GROUP BY n.incident, one.kind, said)
                 WHERE said <> '')
         WHERE place <= 5
         ORDER BY incident, kind, place)
 GROUP BY incident, kind;

UPDATE temp.cloudtrail_incident_now
   SET rules = (SELECT json_group_array(ruleName)
                  FROM (SELECT DISTINCT a.ruleName
                          FROM temp.cloudtrail_incident_node AS n
                         CROSS JOIN main.alert AS a ON a.alertID = n.name
                         WHERE n.incident = cloudtrail_incident_now.incident
                           AND n.kind = 'alert'
                         ORDER BY a.ruleName)),
       alerts = (SELECT json_group_array(name)
                   FROM (SELECT n.name
                           FROM temp.cloudtrail_incident_node AS n
                          WHERE n.incident = cloudtrail_incident_now.incident
                            AND n.kind = 'alert'
                          ORDER BY n.node)),
       (severity, grade) =
           (SELECT severity, grade
              FROM (SELECT a.severity, n.node,
                           CASE a.severity WHEN 'Informational' THEN 1 WHEN 'Low' THEN 2
                                           WHEN 'Medium' THEN 3 WHEN 'High' THEN 4 ELSE 0 END
                               AS grade
                      FROM temp.cloudtrail_incident_node AS n
                     CROSS JOIN main.alert AS a ON a.alertID = n.name
                     WHERE n.incident = cloudtrail_incident_now.incident
                       AND n.kind = 'alert')
             ORDER BY grade DESC, node
             LIMIT 1),
       who = (SELECT text
                FROM temp.cloudtrail_incident_list AS t
               WHERE t.incident = cloudtrail_incident_now.incident AND t.kind = 'who');

UPDATE temp.cloudtrail_incident_now
   SET summary =
           ifnull(who, 'An identity without a name')
           || ifnull((SELECT CASE t.n WHEN 1 THEN ' in account ' ELSE ' in accounts ' END || t.text
                        FROM temp.cloudtrail_incident_list AS t
                       WHERE t.incident = cloudtrail_incident_now.incident AND t.kind = 'account'),
                     '')
           || ifnull((SELECT ', from ' || t.text
                        FROM temp.cloudtrail_incident_list AS t
                       WHERE t.incident = cloudtrail_incident_now.incident AND t.kind = 'address'),
                     '')
           || printf(': %d %s, %d %s from %s to %s UTC. ',
                     json_array_length(alerts),
                     CASE json_array_length(alerts) WHEN 1 THEN 'alert' ELSE 'alerts' END,
                     events, CASE events WHEN 1 THEN 'event' ELSE 'events' END,
                     strftime('%Y-%m-%d %H:%M:%S', firstTime),
                     strftime(CASE substr(firstTime, 1, 10) WHEN substr(lastTime, 1, 10)
                              THEN '%H:%M:%S' ELSE '%Y-%m-%d %H:%M:%S' END, lastTime))
           || CASE
                  WHEN changed + credentials + denied = 0
                   AND NOT EXISTS (SELECT 1 FROM temp.cloudtrail_incident_reach AS r
                                    WHERE r.incident = cloudtrail_incident_now.incident)
                      THEN 'Its events bear no key by which to tell what came after.'
                  WHEN changed + credentials + denied = 0
                      THEN 'Until a day later nothing was changed, issued or denied.'
                  ELSE 'Until a day later: '
                       || substr(CASE changed WHEN 0 THEN '' WHEN 1 THEN ', 1 change'
                                              ELSE printf(', %d changes', changed) END
                                 || CASE credentials WHEN 0 THEN '' WHEN 1 THEN ', 1 credential issued'
                                        ELSE printf(', %d credentials issued', credentials) END
                                 || CASE logsStopped WHEN 0 THEN '' ELSE ', logs stopped' END
                                 || CASE denied WHEN 0 THEN '' WHEN 1 THEN ', 1 call denied'
                                                ELSE printf(', %d calls denied', denied) END, 3)
                       || '.'
              END;

-- ---- the table ----------------------------------------------------------------------------------

-- Those that have become one: the oldest stays, the others say where they have gone, or where that has
-- gone. What has no alert any more, all being suppressed, is no incident; nor is what leads to it.
UPDATE main.incident
   SET alerts = '[]',
       mergedInto = coalesce(
           (SELECT n.incidentID
              FROM temp.cloudtrail_incident_claim AS c
              JOIN temp.cloudtrail_incident_now AS n ON n.incident = c.incident
             WHERE c.incidentID = main.incident.incidentID),
           (SELECT n.incidentID
              FROM temp.cloudtrail_incident_claim AS c
              JOIN temp.cloudtrail_incident_now AS n ON n.incident = c.incident
             WHERE c.incidentID = main.incident.mergedInto))
 WHERE incidentID NOT IN (SELECT incidentID FROM temp.cloudtrail_incident_now);

DELETE FROM main.incident
 WHERE mergedInto IS NULL
   AND incidentID NOT IN (SELECT incidentID FROM temp.cloudtrail_incident_now);

INSERT INTO main.incident
    (incidentID, firstTime, lastTime, who, rules, alerts, severity, summary, mergedInto, events,
     changed, credentials, logsStopped, denied, weight)
SELECT incidentID, firstTime, lastTime, ifnull(who, ''), rules, alerts, severity, summary, NULL,
       events, changed, credentials, logsStopped, denied,
       80 * (changed > 0) + 40 * (credentials > 0) + 20 * (logsStopped > 0) + 10 * (denied > 0)
       + grade
  FROM temp.cloudtrail_incident_now
 WHERE 1 -- else ON would be taken for a join's
 ORDER BY firstTime, incidentID
    ON CONFLICT (incidentID) DO UPDATE
   SET firstTime = excluded.firstTime,
       lastTime = excluded.lastTime,
       who = excluded.who,
       rules = excluded.rules,
       alerts = excluded.alerts,
       severity = excluded.severity,
       summary = excluded.summary,
       mergedInto = NULL,
       events = excluded.events,
       changed = excluded.changed,
       credentials = excluded.credentials,
       logsStopped = excluded.logsStopped,
       denied = excluded.denied,
       weight = excluded.weight;

DELETE FROM temp.cloudtrail_incident_node;
DELETE FROM temp.cloudtrail_incident_member;
DELETE FROM temp.cloudtrail_incident_now;
DELETE FROM temp.cloudtrail_incident_claim;
DELETE FROM temp.cloudtrail_incident_reach;
DELETE FROM temp.cloudtrail_incident_deed;
DELETE FROM temp.cloudtrail_incident_list;
