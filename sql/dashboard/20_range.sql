-- Which time and accounts the page is about: the options ?1 (JSON), within what there is.
DELETE FROM temp.cloudtrail_page;
DELETE FROM temp.cloudtrail_page_hour;
DELETE FROM temp.cloudtrail_page_account;
DELETE FROM temp.cloudtrail_page_item;
DELETE FROM temp.cloudtrail_page_told;

INSERT INTO temp.cloudtrail_page (fromHour, endHour, account, stepHours, title)
SELECT ifnull(strftime('%Y-%m-%dT%H:00:00Z', json_extract(?1, '$.from')),
              (SELECT min(hour) FROM main.dash_coverage WHERE julianday(hour))),
       -- an end within an hour takes that hour in
       ifnull(strftime('%Y-%m-%dT%H:00:00Z', json_extract(?1, '$.to'), '+3599 seconds'),
              (SELECT ifnull(strftime('%Y-%m-%dT%H:00:00Z', max(hour), '+1 hour'),
                             CASE WHEN max(hour) IS NOT NULL THEN '9999-12-31T23:59:59Z' END) -- the last of all
                 FROM main.dash_coverage WHERE julianday(hour))),
       json_extract(?1, '$.account'),
       1,
       ifnull(json_extract(?1, '$.title'), 'CloudTrail');

INSERT INTO temp.cloudtrail_page_account (account, number)
SELECT recipientAccountId, min(row_number() OVER (ORDER BY sum(events) DESC, recipientAccountId) - 1, 100)
  FROM main.dash_coverage
  JOIN temp.cloudtrail_page AS p
 WHERE hour >= p.fromHour
   AND hour < p.endHour
   AND recipientAccountId = ifnull(p.account, recipientAccountId)
 GROUP BY recipientAccountId;

-- The shortest step that is usual and makes few enough of them; where accounts are many, their number
-- times that of the steps is what the page has to carry.
UPDATE temp.cloudtrail_page
   SET stepHours =
       (WITH span (hours) AS (
            SELECT (julianday(endHour) - julianday(fromHour, 'start of day')) * 24.0
                   / CASE WHEN (SELECT max(number) FROM temp.cloudtrail_page_account) > 20 THEN 120
                          ELSE 500 END
        )
        SELECT ifnull(min(h), 24 * 30 * (1 + CAST(max(span.hours) / 720 AS INTEGER)))
          FROM span
          LEFT JOIN (SELECT column1 AS h FROM (VALUES (1), (2), (3), (4), (6), (8), (12), (24), (48), (72),
                                                      (168), (336), (720))) ON h >= span.hours)
 WHERE fromHour < endHour;

-- Steps of more than an hour begin where days do, unless it was asked from when on.
UPDATE temp.cloudtrail_page
   SET fromHour = strftime('%Y-%m-%dT00:00:00Z', fromHour)
 WHERE stepHours > 1
   AND json_extract(?1, '$.from') IS NULL;

INSERT INTO temp.cloudtrail_page_hour (hour, step)
SELECT DISTINCT hour,
       CAST(round((julianday(hour) - julianday(p.fromHour)) * 24) AS INTEGER) / p.stepHours
  FROM main.dash_coverage
  JOIN temp.cloudtrail_page AS p
 WHERE hour >= p.fromHour
   AND hour < p.endHour
   AND julianday(hour);
