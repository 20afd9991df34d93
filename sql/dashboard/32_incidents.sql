-- The hundred weightiest incidents; of the first 40 also alerts with their stories and first events: a
-- story takes some milliseconds.
INSERT INTO temp.cloudtrail_page_told (alertID, rank, place)
WITH
shown AS (
    SELECT i.*
      FROM main.incident_ranked AS i
      JOIN temp.cloudtrail_page AS p
     WHERE p.fromHour IS NULL
        OR (i.lastTime >= p.fromHour AND i.firstTime < p.endHour
            AND (p.account IS NULL
                 OR EXISTS (SELECT 1 FROM main.incident_alert AS l JOIN main.alert AS a USING (alertID)
                             WHERE l.incidentID = i.incidentID AND a.recipientAccountId = p.account)))
),
first_ones AS (
    SELECT * FROM shown ORDER BY rank LIMIT 100
),
part AS (
    SELECT i.rank, l.alertID,
           row_number() OVER (PARTITION BY i.rank ORDER BY a.eventCount DESC, a.startTime, l.alertID) AS place
      FROM first_ones AS i
      JOIN main.incident_alert AS l USING (incidentID)
      JOIN main.alert AS a USING (alertID)
)
SELECT alertID, rank, place
  FROM part
 WHERE place <= CASE WHEN rank <= 12 THEN 3 WHEN rank <= 40 THEN 1 ELSE 0 END;

-- For each of them (?2): asked for one alert, the view looks at no other.
UPDATE temp.cloudtrail_page_told
   SET story = (SELECT story FROM main.alert_story WHERE alertID = ?2)
 WHERE alertID = ?2;

WITH
shown AS (
    SELECT i.*
      FROM main.incident_ranked AS i
      JOIN temp.cloudtrail_page AS p
     WHERE p.fromHour IS NULL
        OR (i.lastTime >= p.fromHour AND i.firstTime < p.endHour
            AND (p.account IS NULL
                 OR EXISTS (SELECT 1 FROM main.incident_alert AS l JOIN main.alert AS a USING (alertID)
                             WHERE l.incidentID = i.incidentID AND a.recipientAccountId = p.account)))
),
first_ones AS (
    SELECT * FROM shown ORDER BY rank LIMIT 100
),
told AS (
    SELECT t.rank, t.place, json_object(
               'id', a.alertID, 'rule', a.ruleName, 'severity', a.severity, 'state', a.state,
               'first', a.startTime, 'last', a.endTime, 'events', a.eventCount, 'notes', a.notes,
               'story', t.story,
               'evidence', (SELECT json_group_array(json_array(eventTime, call, outcome, address, agent, who))
                              FROM (SELECT eventTime,
                                           ifnull(nullif(command, ''), ifnull(eventName, '')) AS call,
                                           ifnull(nullif(errorCode, ''), outcome) AS outcome,
                                           sourceIPAddress AS address,
                                           substr(userAgent, 1, 120) AS agent,
                                           ifnull(userIdentityArn, userIdentityPrincipalId) AS who
                                      FROM main.alert_evidence AS e
                                     WHERE e.alertID = a.alertID
                                     ORDER BY step
                                     LIMIT 20))) AS alert
      FROM temp.cloudtrail_page_told AS t
      JOIN main.alert AS a USING (alertID)
),
whole AS (
    SELECT i.rank, json_object(
               'id', i.incidentID, 'rank', i.rank, 'first', i.firstTime, 'last', i.lastTime,
               'who', i.who, 'severity', i.severity, 'summary', i.summary, 'weight', i.weight,
               'events', i.events, 'changed', i.changed, 'credentials', i.credentials,
               'logsStopped', i.logsStopped, 'denied', i.denied, 'rules', json(i.rules),
               'alerts', json_array_length(i.alerts),
               'sentinel', EXISTS (SELECT 1 FROM json_each(i.rules)
                                    WHERE value = 'SuspiciousAWSCLICommandExecution'),
               'accounts', (SELECT json_group_array(account)
                              FROM (SELECT DISTINCT a.recipientAccountId AS account
                                      FROM main.incident_alert AS l JOIN main.alert AS a USING (alertID)
                                     WHERE l.incidentID = i.incidentID)),
               'names', (SELECT json_group_array(name)
                           FROM (SELECT DISTINCT a.accountName || '|' || a.accountUPNSuffix AS name
                                   FROM main.incident_alert AS l JOIN main.alert AS a USING (alertID)
                                  WHERE l.incidentID = i.incidentID)),
               'told', (SELECT json_group_array(json(alert))
                          FROM (SELECT alert FROM told AS t WHERE t.rank = i.rank ORDER BY place))) AS incident
      FROM first_ones AS i
)
SELECT json_object(
    'list', (SELECT json_group_array(json(incident)) FROM (SELECT incident FROM whole ORDER BY rank)),
    'more', (SELECT max(count(*) - 100, 0) FROM shown));
