-- stories: the weightiest 12 incidents in words, and how much else was counted; a part of the report of
-- cloudtrail-hunt.
--
-- A paragraph an incident, and one each of its first five alerts, with the state that an analyst set; of
-- alerts that share events the largest tells all.
CREATE TEMP TABLE hunt_alert AS
SELECT i.rank, a.alertID, a.startTime, a.eventCount
  FROM incident_ranked AS i
  JOIN incident_alert AS l USING (incidentID)
  JOIN alert AS a USING (alertID)
 WHERE i.rank <= 12;
CREATE INDEX temp.hunt_alert_id ON hunt_alert (alertID);
CREATE TEMP TABLE hunt_story AS
SELECT rank, alertID, row_number() OVER (PARTITION BY rank ORDER BY startTime, alertID) AS place
  FROM hunt_alert AS h
 WHERE NOT EXISTS (SELECT 1
                     FROM alert_event AS e
                    CROSS JOIN alert_event AS o
                            ON o.eventTime = e.eventTime
                           AND o.eventID IS e.eventID
                           AND o.fileID IS e.fileID
                           AND o.recordNumber IS e.recordNumber
                    CROSS JOIN hunt_alert AS b ON b.alertID = o.alertID
                    WHERE e.alertID = h.alertID
                      AND (b.eventCount, b.alertID) > (h.eventCount, h.alertID));

SELECT paragraph
  FROM (SELECT rank, 0 AS place,
               char(10) || printf('%d. ', rank) || replace(summary, char(10), ' ') AS paragraph
          FROM incident_ranked
         WHERE rank <= 12
         UNION ALL
        SELECT h.rank, h.place,
               char(10) || s.story
                   || CASE s.state WHEN 'new' THEN '' ELSE ' State: ' || s.state || '.' END
          FROM hunt_story AS h
         CROSS JOIN alert_story AS s ON s.alertID = h.alertID
         WHERE h.place <= 5
         UNION ALL
        SELECT rank, 6,
               char(10) || printf('And %d more:', count(*) - 5) || char(10)
                   || '  SELECT alertID FROM incident_alert WHERE incidentID = '
                   || quote(replace(incidentID, char(10), ' ')) || ';'
          FROM hunt_story JOIN incident_ranked USING (rank)
         GROUP BY rank
        HAVING count(*) > 5)
 ORDER BY rank, place;
SELECT char(10) || 'These are the weightiest 12; incident_ranked has all, alert_story tells each alert.'
  FROM (SELECT count(*) AS n FROM incident_ranked)
 WHERE n > 12;

SELECT char(10)
           || printf('Suppressed: %,d; near misses: %,d; by the rule as published only: %,d.',
                     n_suppressed, n_near, n_only)
  FROM (SELECT (SELECT count(*) FROM alert
                 WHERE state = 'suppressed' AND mergedInto IS NULL) AS n_suppressed,
               (SELECT count(*) FROM near_miss) AS n_near,
               (SELECT count(*) FROM sentinel_gap WHERE missedBy = 'aws_cli_recon_burst') AS n_only);
