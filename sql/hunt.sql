-- hunt: the alerts of a database on one screen; for the sqlite3 shell, read by `make hunt`.
--
--   sqlite3 -cmd '.load build/cloudtrail' trail.db '.read sql/hunt.sql'
--
-- Brings alerts and incidents up to date first (cloudtrail_detect). Then the 100 weightiest incidents: alerts
-- that hang together, so that one deed is one line. `changes`, `keys` (new ones) and `denied` count calls with
-- the keys of its alerts and with what those have issued, until a day after; `Sentinel` says whether
-- the rule as published (SuspiciousAWSCLICommandExecution) reports anything of it. Then what the 12
-- weightiest are about and the stories of their alerts, with the state that an analyst set; and
-- how much else was counted.
.bail on
.timeout 10000
.once /dev/null
SELECT cloudtrail_detect();
.headers on
.mode box

SELECT strftime('%Y-%m-%d %H:%M:%S', firstTime) AS "from (UTC)",
       CASE WHEN seconds < 100 THEN printf('%ds', seconds)
            WHEN seconds < 6000 THEN printf('%dm', seconds / 60)
            WHEN seconds < 360000 THEN printf('%dh', seconds / 3600)
            ELSE printf('%dd', seconds / 86400) END AS "for",
       -- what is too long for the screen loses its end here, not in the database
       CASE WHEN length(who) > 30 THEN substr(who, 1, 29) || '…' ELSE who END AS "who",
       json_array_length(alerts) AS "alerts",
       events AS "events",
       changed AS "changes",
       credentials AS "keys",
       denied AS "denied",
       CASE WHEN EXISTS (SELECT 1 FROM json_each(rules)
                          WHERE value = 'SuspiciousAWSCLICommandExecution')
            THEN 'yes' ELSE 'missed' END AS "Sentinel"
  FROM (SELECT *, strftime('%s', lastTime) - strftime('%s', firstTime) AS seconds
          FROM incident_ranked
         WHERE rank <= 100)
 ORDER BY rank;

.headers off
.mode list
SELECT printf('%,d %s of %,d %s in %,d %s; the rule as published reports %,d of them.',
              n, CASE n WHEN 1 THEN 'incident' ELSE 'incidents' END,
              n_alerts, CASE n_alerts WHEN 1 THEN 'alert' ELSE 'alerts' END,
              n_accounts, CASE n_accounts WHEN 1 THEN 'account' ELSE 'accounts' END,
              n_seen)
           || CASE WHEN n > 100 THEN ' The weightiest 100 are shown.' ELSE '' END
  FROM (SELECT (SELECT count(*) FROM incident_ranked) AS n,
               (SELECT count(*) FROM incident_alert) AS n_alerts,
               (SELECT count(DISTINCT a.recipientAccountId)
                  FROM incident_alert JOIN alert AS a USING (alertID)) AS n_accounts,
               (SELECT count(*)
                  FROM incident_ranked
                 WHERE EXISTS (SELECT 1 FROM json_each(rules)
                                WHERE value = 'SuspiciousAWSCLICommandExecution')) AS n_seen)
 WHERE n > 0;
SELECT 'No alerts'
           || printf('. Of %,d event%s %,d %s by the AWS CLI.', n, CASE n WHEN 1 THEN '' ELSE 's' END,
                     n_cli, CASE n_cli WHEN 1 THEN 'is' ELSE 'are' END)
  FROM (SELECT (SELECT count(*) FROM cloudtrail) AS n,
               (SELECT count(*) FROM aws_cli_event WHERE command IS NOT NULL) AS n_cli
         WHERE NOT EXISTS (SELECT 1 FROM incident_ranked))
 WHERE n > 0;
SELECT CASE
           WHEN n = 0 THEN 'There are no events in the database.'
           ELSE printf('Events: %,d, from %s to %s.', n, first, last)
       END
  FROM (SELECT count(*) AS n, min(eventTime) AS first, max(eventTime) AS last FROM cloudtrail);
-- Not the column text: what could not be read must not reach a terminal.
SELECT printf('Not readable: %,d. To see them:', n) || char(10)
           || '  SELECT path, message'
           || ' FROM cloudtrail_problem JOIN cloudtrail_file USING (fileID)'
           || ' WHERE kind = ''unreadable'';'
  FROM (SELECT count(*) AS n FROM cloudtrail_problem WHERE kind = 'unreadable')
 WHERE n > 0;
SELECT printf('Log files missing according to a digest: %,d; see cloudtrail_missing.', n)
  FROM (SELECT count(*) AS n FROM cloudtrail_missing)
 WHERE n > 0;

-- A paragraph an incident, and one each of its first five alerts; of alerts that share events the largest
-- tells all.
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
  FROM (SELECT rank, 0 AS place, char(10) || printf('%d. ', rank) || summary AS paragraph
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
               char(10) || printf('And %d more: SELECT alertID FROM incident_alert WHERE incidentID = ',
                                  count(*) - 5) || quote(incidentID) || ';'
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
