-- The events behind each finding, named as alert_event names them.
INSERT INTO temp.cloudtrail_finding_command (finding, place, command, commandSource)
SELECT f.finding, one.key, json_extract(one.value, '$[0]'), json_extract(one.value, '$[1]')
  FROM temp.cloudtrail_finding AS f
 CROSS JOIN json_each(f.eventCommands) AS one;

INSERT INTO temp.cloudtrail_finding_event
    (finding, step, eventTime, eventID, fileID, recordNumber, command, commandSource)
SELECT f.finding,
       row_number() OVER (PARTITION BY f.finding
                          ORDER BY e.eventTime, e.eventID, e.fileID, e.recordNumber),
       e.eventTime, e.eventID,
       CASE WHEN e.eventID IS NULL THEN e.fileID END,
       CASE WHEN e.eventID IS NULL THEN e.recordNumber END,
       ifnull(c.command, ''), ifnull(c.commandSource, '')
  FROM temp.cloudtrail_finding AS f
 CROSS JOIN json_each(f.evidence) AS one
 CROSS JOIN main.cloudtrail AS e ON e.rowid = one.value
  LEFT JOIN temp.cloudtrail_finding_command AS c ON c.finding = f.finding AND c.place = one.key
 GROUP BY f.finding, e.rowid -- a rule may name an event twice
 ORDER BY e.eventTime, e.eventID, e.fileID, e.recordNumber;

UPDATE temp.cloudtrail_finding
   SET eventCount = (SELECT count(*)
                       FROM temp.cloudtrail_finding_event AS x
                      WHERE x.finding = cloudtrail_finding.finding);
