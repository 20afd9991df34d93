-- Denied calls: who asked for what.
DELETE FROM temp.cloudtrail_page_item;

INSERT INTO temp.cloudtrail_page_item (number, a, b, c, d, e, f, g, events, firstHour, lastHour, ofAll)
SELECT row_number() OVER (ORDER BY sum(t.events) DESC, t.recipientAccountId, t.accountName, t.accountUPNSuffix,
    t.eventSource, t.eventName) - 1,
       t.recipientAccountId, t.accountName, t.accountUPNSuffix, t.eventSource, t.eventName, '', '',
       sum(t.events), min(t.hour), max(t.hour), count(*) OVER ()
  FROM main.dash_denied AS t
  JOIN temp.cloudtrail_page_hour AS h USING (hour)
  JOIN temp.cloudtrail_page_account AS p ON p.account = t.recipientAccountId
 GROUP BY t.recipientAccountId, t.accountName, t.accountUPNSuffix, t.eventSource, t.eventName
 ORDER BY 1
 LIMIT 100;

WITH
-- what is behind the hundredth is not told apart
cell AS (
    SELECT ifnull(i.number, 100) AS i, h.step AS s, a.number AS a, sum(t.events) AS n
      FROM main.dash_denied AS t
      JOIN temp.cloudtrail_page_hour AS h USING (hour)
      JOIN temp.cloudtrail_page_account AS a ON a.account = t.recipientAccountId
      LEFT JOIN temp.cloudtrail_page_item AS i ON i.a = t.recipientAccountId AND i.b = t.accountName
          AND i.c = t.accountUPNSuffix AND i.d = t.eventSource AND i.e = t.eventName AND i.f = '' AND i.g = ''
     GROUP BY 1, 2, 3
)
SELECT json_object(
    'items', (SELECT json_group_array(json_array(a, b, c, d, e, events, firstHour, lastHour))
                FROM (SELECT * FROM temp.cloudtrail_page_item ORDER BY number)),
    'more', (SELECT max(ifnull(max(ofAll), 0) - 100, 0) FROM temp.cloudtrail_page_item),
    'cells', (SELECT json_object('i', json_group_array(i), 's', json_group_array(s), 'a', json_group_array(a),
        'n', json_group_array(n)) FROM cell));
