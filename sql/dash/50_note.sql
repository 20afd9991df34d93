-- What was counted, so that the next call counts only what has changed by then.
INSERT INTO main.dash_hour (hour, events, rowidSum)
SELECT n.hour, n.events, n.rowidSum
  FROM temp.cloudtrail_dash_hour AS n
 WHERE n.hour IN (SELECT hour FROM temp.cloudtrail_dash_stale);

DELETE FROM main.dash_file WHERE fileID NOT IN (SELECT fileID FROM temp.cloudtrail_dash_ledger);

INSERT OR REPLACE INTO main.dash_file (fileID, firstTime, lastTime, state)
SELECT l.fileID, l.firstTime, l.lastTime, l.state
  FROM temp.cloudtrail_dash_ledger AS l
  LEFT JOIN main.dash_file AS d ON d.fileID = l.fileID
 WHERE l.state IS NOT d.state;

INSERT OR REPLACE INTO main.dash_state (name, value)
SELECT 'counted by', value FROM temp.cloudtrail_dash_by;

DELETE FROM temp.cloudtrail_dash_agent;
DELETE FROM temp.cloudtrail_dash_ledger;
