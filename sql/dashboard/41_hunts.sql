-- What the hunts found: all of them by count, and their first findings.
WITH
summary AS (
    SELECT hunt, title, severity, findings, error, ranAt, isOld, row_number() OVER () AS place
      FROM main.hunt_summary
),
found AS (
    SELECT f.hunt, f.firstTime, f.lastTime, f.sourceIPAddress, f.recipientAccountId, f.accountName,
           f.accountUPNSuffix, f.summary, f.eventCount, s.place, f.number,
           row_number() OVER (PARTITION BY f.hunt ORDER BY f.number) AS nth
      FROM main.hunt_finding AS f
      JOIN summary AS s USING (hunt)
      JOIN temp.cloudtrail_page AS p
     WHERE p.fromHour IS NULL
        OR (f.lastTime >= p.fromHour AND f.firstTime < p.endHour
            AND (p.account IS NULL OR f.recipientAccountId = p.account))
)
SELECT json_object(
    'ranAt', (SELECT max(ranAt) FROM summary),
    'isOld', (SELECT max(isOld) FROM summary),
    'list', (SELECT json_group_array(json_array(s.hunt, s.title, s.severity,
                                                (SELECT count(*) FROM found AS f WHERE f.hunt = s.hunt), s.error))
               FROM (SELECT * FROM summary ORDER BY place) AS s),
    'results', (SELECT json_group_array(json_array(hunt, NULL, NULL, firstTime, lastTime, sourceIPAddress,
                                                   recipientAccountId, accountName, accountUPNSuffix,
                                                   substr(summary, 1, 300), eventCount))
                  FROM (SELECT * FROM found WHERE nth <= 25 ORDER BY place, number)));
