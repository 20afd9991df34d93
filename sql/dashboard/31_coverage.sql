-- Events by account and region over time, and what is not as CloudTrail delivered it. A log file's name says
-- account, region and when it was delivered, where nothing else does:
-- 111122223333_CloudTrail_us-east-1_20251014T1405Z_x.json.gz
WITH
place AS (
    SELECT recipientAccountId AS account, awsRegion AS region, sum(events) AS events,
           row_number() OVER (ORDER BY a.number, recipientAccountId, sum(events) DESC, awsRegion) - 1 AS number
      FROM main.dash_coverage
      JOIN temp.cloudtrail_page_hour USING (hour)
      JOIN temp.cloudtrail_page_account AS a ON a.account = recipientAccountId
     GROUP BY recipientAccountId, awsRegion
),
cell AS (
    SELECT p.number AS i, h.step AS s, sum(c.events) AS n
      FROM main.dash_coverage AS c
      JOIN temp.cloudtrail_page_hour AS h USING (hour)
      JOIN place AS p ON p.account = c.recipientAccountId AND p.region = c.awsRegion
     WHERE p.number < 100
     GROUP BY 1, 2
),
said AS (
    SELECT m.state, m.s3Object, m.detail, m.oldestEventTime, m.newestEventTime,
           replace(m.s3Object, rtrim(m.s3Object, replace(m.s3Object, '/', '')), '') AS name,
           (SELECT recipientAccountId FROM main.cloudtrail_proof AS p
             WHERE p.s3Object = m.s3Object AND p.state = m.state) AS account,
           (SELECT awsRegion FROM main.cloudtrail_proof AS p
             WHERE p.s3Object = m.s3Object AND p.state = m.state) AS region
      FROM main.cloudtrail_missing AS m
),
stamped AS (
    SELECT *,
           state IN ('missing', 'emptied', 'altered', 'unreadable', 'unlisted', 'digest missing', 'digest altered',
                     'signature wrong') AS isBad, -- the others are times and regions without proof
           (SELECT substr(piece, 1, 13)
              FROM (SELECT kql_split_part(name, '_', 3) AS piece
                    UNION ALL SELECT kql_split_part(name, '_', 4)
                    UNION ALL SELECT kql_split_part(name, '_', 5)
                    UNION ALL SELECT kql_split_part(name, '_', 6)
                    UNION ALL SELECT kql_split_part(name, '_', 7))
             WHERE piece GLOB '[0-9][0-9][0-9][0-9][0-9][0-9][0-9][0-9]T[0-9][0-9][0-9][0-9]*'
             LIMIT 1) AS stamp
      FROM said
),
timed AS (
    SELECT state, s3Object, detail, isBad,
           coalesce(nullif(account, ''), kql_split_part(name, '_', 0), '') AS account,
           coalesce(nullif(region, ''), kql_split_part(name, '_', 2), '') AS region,
           coalesce(oldestEventTime, substr(stamp, 1, 4) || '-' || substr(stamp, 5, 2) || '-'
                    || substr(stamp, 7, 2) || 'T' || substr(stamp, 10, 2) || ':' || substr(stamp, 12, 2)
                    || ':00Z') AS time
      FROM stamped
),
gone AS (
    SELECT t.*,
           CAST(floor_steps AS INTEGER) AS step,
           row_number() OVER (ORDER BY t.isBad DESC, t.time, t.s3Object) AS place
      FROM (SELECT timed.*,
                   (julianday(timed.time) - julianday(p.fromHour)) * 24 / p.stepHours AS floor_steps,
                   p.fromHour, p.endHour
              FROM timed
              JOIN temp.cloudtrail_page AS p
             WHERE (p.account IS NULL OR timed.account = p.account)
               AND (timed.time IS NULL OR p.fromHour IS NULL
                    OR (timed.time >= p.fromHour AND timed.time < p.endHour))) AS t
)
SELECT json_object(
    'places', (SELECT json_group_array(json_array(account, region, events))
                 FROM (SELECT * FROM place WHERE number < 100 ORDER BY number)),
    'more', (SELECT max(count(*) - 100, 0) FROM place),
    'cells', (SELECT json_object('i', json_group_array(i), 's', json_group_array(s), 'n',
        json_group_array(n)) FROM cell),
    'gone', (SELECT json_group_array(json_array(account, region, step, state, time, s3Object, detail, isBad))
               FROM (SELECT * FROM gone WHERE place <= 100 ORDER BY place)),
    'moreGone', (SELECT max(count(*) - 100, 0) FROM gone),
    'moreBad', (SELECT count(*) FROM gone WHERE isBad AND place > 100));
