-- The findings of this call in place of those of the call before.
DELETE FROM main.hunt_finding;

INSERT INTO main.hunt_finding
    (hunt, number, severity, firstTime, lastTime, recipientAccountId, accountName, accountUPNSuffix,
     sourceIPAddress, summary, details, evidence, eventCount, suppressedBy, groupKey)
SELECT f.ruleName,
       row_number() OVER (PARTITION BY f.ruleName
                          ORDER BY f.startTime, f.endTime, f.recipientAccountId, f.accountName,
                                   f.accountUPNSuffix, f.sourceIPAddress, f.summary, f.finding),
       coalesce(f.severity, r.severity), f.startTime, f.endTime, f.recipientAccountId, f.accountName,
       f.accountUPNSuffix, f.sourceIPAddress, f.summary, json(f.details),
       (SELECT json_group_array(json(name))
          FROM (SELECT CASE WHEN x.eventID IS NULL
                            THEN json_array(x.eventTime, NULL, x.fileID, x.recordNumber)
                            ELSE json_array(x.eventTime, x.eventID) END AS name
                  FROM temp.cloudtrail_finding_event AS x
                 WHERE x.finding = f.finding
                 ORDER BY x.step)),
       f.eventCount, f.suppressedBy, f.groupKey
  FROM temp.cloudtrail_finding AS f
  JOIN main.rule AS r ON r.name = f.ruleName;
