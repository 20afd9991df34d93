-- The hours that are to be counted: those whose rows of cloudtrail are other ones than when they were
-- counted, and those of the files that were read, forgotten or have lost rows since. An import costs this
-- nothing: what it commits stands in the ledger anyway.
DELETE FROM temp.cloudtrail_dash_hour;
DELETE FROM temp.cloudtrail_dash_stale;
DELETE FROM temp.cloudtrail_dash_agent;
DELETE FROM temp.cloudtrail_dash_client;
DELETE FROM temp.cloudtrail_dash_ledger;
DELETE FROM temp.cloudtrail_dash_by;
DELETE FROM temp.cloudtrail_dash_changed;

-- Whether the words still mean the same.
INSERT INTO temp.cloudtrail_dash_by (value)
SELECT cloudtrail_version() || char(10) || ifnull(group_concat(sql, char(10)), '')
  FROM (SELECT sql FROM main.sqlite_master
         WHERE name IN ('event_base', 'event_named', 'event_identity')
         ORDER BY name);

DELETE FROM main.dash_hour
 WHERE (SELECT value FROM main.dash_state WHERE name = 'counted by')
       IS NOT (SELECT value FROM temp.cloudtrail_dash_by);

INSERT INTO temp.cloudtrail_dash_ledger (fileID, firstTime, lastTime, state)
SELECT fileID, firstTime, lastTime,
       printf('%s|%s|%s|%s|%s|%s|%s|%s', complete, records, events, duplicates, importedAt, size, modified,
              substr(sha256, 1, 16))
  FROM main.cloudtrail_file;

-- Each hour is found from the one before by the index on eventTime. What begins an hour sorts behind it, and
-- all of it before the last character there is. A time that is too short for an hour is one of its own.
INSERT INTO temp.cloudtrail_dash_hour (hour, firstTime, lastTime, events, rowidSum)
WITH RECURSIVE
found (hour) AS (
    SELECT substr(min(eventTime), 1, 13) FROM main.cloudtrail WHERE eventTime < ':'
    UNION ALL
    SELECT (SELECT substr(min(eventTime), 1, 13)
              FROM main.cloudtrail
             WHERE eventTime > CASE WHEN length(hour) < 13 THEN hour ELSE hour || char(1114111) END
               AND eventTime < ':')
      FROM found
     WHERE hour IS NOT NULL
),
span (hour, lastTime) AS (
    SELECT hour, CASE WHEN length(hour) < 13 THEN hour ELSE hour || char(1114111) END
      FROM found
     WHERE hour IS NOT NULL
)
SELECT hour || ':00:00Z',
       hour,
       lastTime,
       (SELECT count(*) FROM main.cloudtrail WHERE eventTime BETWEEN hour AND lastTime),
       (SELECT sum(rowid) FROM main.cloudtrail WHERE eventTime BETWEEN hour AND lastTime)
  FROM span;

INSERT INTO temp.cloudtrail_dash_stale (hour)
SELECT n.hour
  FROM temp.cloudtrail_dash_hour AS n
  LEFT JOIN main.dash_hour AS d ON d.hour = n.hour
 WHERE d.events IS NOT n.events
    OR d.rowidSum IS NOT n.rowidSum
 UNION
SELECT hour FROM main.dash_hour
 WHERE hour NOT IN (SELECT hour FROM temp.cloudtrail_dash_hour)
 UNION -- left behind when dash_hour was emptied
SELECT hour FROM (SELECT DISTINCT hour FROM main.dash_coverage)
 WHERE hour NOT IN (SELECT hour FROM main.dash_hour);

-- A row may be another one under the same rowid: a fuller record has taken its place, or its file was
-- forgotten and another one read. The ledger knows.
INSERT OR IGNORE INTO temp.cloudtrail_dash_changed (firstHour, lastHour)
SELECT substr(l.firstTime, 1, 13), substr(l.lastTime, 1, 13)
  FROM temp.cloudtrail_dash_ledger AS l
  LEFT JOIN main.dash_file AS d ON d.fileID = l.fileID
 WHERE l.state IS NOT d.state
   AND l.firstTime IS NOT NULL
 UNION
SELECT substr(d.firstTime, 1, 13), substr(d.lastTime, 1, 13)
  FROM main.dash_file AS d
  LEFT JOIN temp.cloudtrail_dash_ledger AS l ON l.fileID = d.fileID
 WHERE l.state IS NOT d.state
   AND d.firstTime IS NOT NULL;

INSERT OR IGNORE INTO temp.cloudtrail_dash_stale (hour)
SELECT n.hour
  FROM temp.cloudtrail_dash_hour AS n
 WHERE n.hour NOT IN (SELECT hour FROM temp.cloudtrail_dash_stale)
   AND EXISTS (SELECT 1 FROM temp.cloudtrail_dash_changed
                WHERE firstHour <= substr(n.hour, 1, 13)
                  AND lastHour >= substr(n.hour, 1, 13));

DELETE FROM main.dash_event    WHERE hour IN (SELECT hour FROM temp.cloudtrail_dash_stale);
DELETE FROM main.dash_identity WHERE hour IN (SELECT hour FROM temp.cloudtrail_dash_stale);
DELETE FROM main.dash_address  WHERE hour IN (SELECT hour FROM temp.cloudtrail_dash_stale);
DELETE FROM main.dash_client   WHERE hour IN (SELECT hour FROM temp.cloudtrail_dash_stale);
DELETE FROM main.dash_signin   WHERE hour IN (SELECT hour FROM temp.cloudtrail_dash_stale);
DELETE FROM main.dash_change   WHERE hour IN (SELECT hour FROM temp.cloudtrail_dash_stale);
DELETE FROM main.dash_denied   WHERE hour IN (SELECT hour FROM temp.cloudtrail_dash_stale);
DELETE FROM main.dash_coverage WHERE hour IN (SELECT hour FROM temp.cloudtrail_dash_stale);
DELETE FROM main.dash_hour     WHERE hour IN (SELECT hour FROM temp.cloudtrail_dash_stale);
