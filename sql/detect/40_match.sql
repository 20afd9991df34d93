-- Which alert a finding is: one of the same rule and group that has an event in common with it; without
-- events, one of the same times.
--
-- Where an alert meets several findings (the numbers of the rule were changed, and a burst fell in
-- two), the first one is it. Where a finding meets several alerts (an event that came late joined
-- two bursts), the earliest alert is it.
INSERT OR IGNORE INTO temp.cloudtrail_finding_alert (alertID, finding)
SELECT a.alertID, f.finding
  FROM temp.cloudtrail_finding AS f
 CROSS JOIN temp.cloudtrail_finding_event AS x ON x.finding = f.finding
 CROSS JOIN main.alert_event AS l
         ON l.eventTime = x.eventTime
        AND l.eventID IS x.eventID
        AND l.fileID IS x.fileID
        AND l.recordNumber IS x.recordNumber
 CROSS JOIN main.alert AS a
         ON a.alertID = l.alertID
        AND a.mergedInto IS NULL
        AND a.ruleName = f.ruleName
        AND a.groupKey IS f.groupKey
        AND (f.groupKey IS NOT NULL
             -- releases before event_identity left these empty, or named who has no name by the account
             OR a.recipientAccountId IN (f.recipientAccountId, '')
            AND a.accountName IN (f.accountName, f.recipientAccountId, '')
            AND a.accountUPNSuffix = f.accountUPNSuffix
            AND a.sourceIPAddress = f.sourceIPAddress)
 ORDER BY f.startTime, f.finding;

INSERT OR IGNORE INTO temp.cloudtrail_finding_alert (alertID, finding)
SELECT a.alertID, f.finding
  FROM temp.cloudtrail_finding AS f
 CROSS JOIN main.alert AS a
         ON a.mergedInto IS NULL
        AND a.eventCount = 0
        AND a.ruleName = f.ruleName
        AND a.startTime = f.startTime
        AND a.endTime = f.endTime
        AND a.groupKey IS f.groupKey
        AND (f.groupKey IS NOT NULL
             OR (a.recipientAccountId, a.accountName, a.accountUPNSuffix, a.sourceIPAddress)
                = (f.recipientAccountId, f.accountName, f.accountUPNSuffix, f.sourceIPAddress))
 WHERE f.eventCount = 0
 ORDER BY f.startTime, f.finding;

UPDATE temp.cloudtrail_finding
   SET alertID = (SELECT a.alertID
                    FROM temp.cloudtrail_finding_alert AS m
                    JOIN main.alert AS a ON a.alertID = m.alertID
                   WHERE m.finding = cloudtrail_finding.finding
                   ORDER BY a.startTime, a.alertID
                   LIMIT 1);

-- The others are merged into it.
INSERT INTO temp.cloudtrail_detected (alertID, ruleName, change)
SELECT m.alertID, f.ruleName, 'merged'
  FROM temp.cloudtrail_finding_alert AS m
  JOIN temp.cloudtrail_finding AS f ON f.finding = m.finding
 WHERE m.alertID <> f.alertID;

-- A finding that is no alert yet gets an id. Where one is taken (the rule as published may have two
-- groups of one identity that begin in one second), a number is added: first who reached the rule's
-- eight commands first, so that it does not matter how often one looks.
UPDATE temp.cloudtrail_finding
   SET alertID = n.base || CASE WHEN n.number > 1 THEN '|' || n.number ELSE '' END
  FROM (SELECT finding, base,
               row_number() OVER (PARTITION BY base ORDER BY reached, finding)
               + ifnull((SELECT max(CASE WHEN a.alertID = base THEN 1
                                         ELSE CAST(substr(a.alertID, length(base) + 2) AS INTEGER)
                                    END)
                           FROM main.alert AS a
                          WHERE a.alertID = base
                             OR a.alertID > base || '|' AND a.alertID < base || '}'), 0) AS number
          FROM (SELECT finding,
                       ruleName
                       || '|' || replace(replace(recipientAccountId, '%', '%25'), '|', '%7C')
                       || '|' || replace(replace(accountName, '%', '%25'), '|', '%7C')
                       || '|' || replace(replace(accountUPNSuffix, '%', '%25'), '|', '%7C')
                       || '|' || replace(replace(sourceIPAddress, '%', '%25'), '|', '%7C')
                       || '|' || startTime AS base,
                       (SELECT min(x.place)
                          FROM temp.cloudtrail_finding_event AS x
                         WHERE x.finding = f.finding
                         GROUP BY x.command
                         ORDER BY 1
                         LIMIT 1 OFFSET 7) AS reached
                  FROM temp.cloudtrail_finding AS f
                 WHERE alertID IS NULL)) AS n
 WHERE n.finding = cloudtrail_finding.finding;
