-- The alerts as they are now. An analyst's state and notes stay, and so does an alert whose finding
-- is no more.
UPDATE main.alert
   SET mergedInto = (SELECT f.alertID
                       FROM temp.cloudtrail_finding_alert AS m
                       JOIN temp.cloudtrail_finding AS f ON f.finding = m.finding
                      WHERE m.alertID = alert.alertID),
       state = CASE WHEN state = 'new' OR state = 'suppressed' AND suppressedBy IS NOT NULL
                    THEN 'merged' ELSE state END
 WHERE alertID IN (SELECT alertID FROM temp.cloudtrail_detected WHERE change = 'merged');

-- What was merged into one of these before goes along.
UPDATE main.alert
   SET mergedInto = (SELECT b.mergedInto FROM main.alert AS b WHERE b.alertID = alert.mergedInto)
 WHERE mergedInto IN (SELECT alertID FROM temp.cloudtrail_detected WHERE change = 'merged');

INSERT INTO temp.cloudtrail_detected (alertID, ruleName, change)
SELECT f.alertID, f.ruleName, 'new'
  FROM temp.cloudtrail_finding AS f
 WHERE f.alertID NOT IN (SELECT alertID FROM main.alert);

INSERT INTO temp.cloudtrail_detected (alertID, ruleName, change)
SELECT f.alertID, f.ruleName, 'updated'
  FROM temp.cloudtrail_finding AS f
  JOIN main.alert AS a ON a.alertID = f.alertID
 WHERE (a.startTime, a.endTime, a.recipientAccountId, a.accountName, a.accountUPNSuffix,
        a.sourceIPAddress, a.summary, a.entities, a.customDetails, a.eventCount, a.severity,
        a.suppressedByRule)
       IS NOT (f.startTime, f.endTime, f.recipientAccountId, f.accountName, f.accountUPNSuffix,
               f.sourceIPAddress, f.summary, f.entities, f.customDetails, f.eventCount,
               ifnull(f.severity, a.severity), f.suppressedBy)
    OR (SELECT count(*) FROM main.alert_event AS l WHERE l.alertID = f.alertID) <> f.eventCount
    OR EXISTS (SELECT 1
                 FROM temp.cloudtrail_finding_event AS x
                WHERE x.finding = f.finding
                  AND NOT EXISTS (SELECT 1
                                    FROM main.alert_event AS l
                                   WHERE l.alertID = f.alertID
                                     AND l.step = x.step
                                     AND l.eventTime = x.eventTime
                                     AND l.eventID IS x.eventID
                                     AND l.fileID IS x.fileID
                                     AND l.recordNumber IS x.recordNumber
                                     AND l.command = x.command
                                     AND l.commandSource = x.commandSource));

INSERT INTO main.alert
    (alertID, ruleName, severity, tactics, techniques, startTime, endTime, recipientAccountId,
     accountName, accountUPNSuffix, sourceIPAddress, summary, entities, customDetails, eventCount,
     detectedAt, groupKey, suppressedByRule)
SELECT f.alertID, f.ruleName, ifnull(f.severity, r.severity),
       CASE WHEN json_valid(r.tactics) THEN r.tactics ELSE json_array(r.tactics) END,
       CASE WHEN json_valid(r.techniques) THEN r.techniques ELSE json_array(r.techniques) END,
       f.startTime, f.endTime,
       f.recipientAccountId, f.accountName, f.accountUPNSuffix, f.sourceIPAddress, f.summary,
       f.entities, f.customDetails, f.eventCount, strftime('%Y-%m-%dT%H:%M:%SZ', 'now'),
       f.groupKey, f.suppressedBy
  FROM temp.cloudtrail_detected AS d
  JOIN temp.cloudtrail_finding AS f ON f.alertID = d.alertID
  JOIN main.rule AS r ON r.name = f.ruleName
 WHERE d.change = 'new'
 ORDER BY f.startTime, f.alertID;

UPDATE main.alert
   SET (startTime, endTime, recipientAccountId, accountName, accountUPNSuffix, sourceIPAddress,
        summary, entities, customDetails, eventCount, severity, suppressedByRule) =
       (SELECT f.startTime, f.endTime, f.recipientAccountId, f.accountName, f.accountUPNSuffix,
               f.sourceIPAddress, f.summary, f.entities, f.customDetails, f.eventCount,
               ifnull(f.severity, alert.severity), f.suppressedBy
          FROM temp.cloudtrail_finding AS f
         WHERE f.alertID = alert.alertID)
 WHERE alertID IN (SELECT alertID FROM temp.cloudtrail_detected WHERE change = 'updated');

DELETE FROM main.alert_event
 WHERE alertID IN (SELECT alertID FROM temp.cloudtrail_detected);

INSERT INTO main.alert_event
    (alertID, step, eventTime, eventID, fileID, recordNumber, command, commandSource)
SELECT f.alertID, x.step, x.eventTime, x.eventID, x.fileID, x.recordNumber, x.command, x.commandSource
  FROM temp.cloudtrail_detected AS d
  JOIN temp.cloudtrail_finding AS f ON f.alertID = d.alertID
  JOIN temp.cloudtrail_finding_event AS x ON x.finding = f.finding
 WHERE d.change IN ('new', 'updated')
 ORDER BY f.alertID, x.step;
