-- Where the calls came from: addresses first, then what AWS did by itself, by service. When an address was
-- first seen is told of all the time there is, not of the page's alone.
DELETE FROM temp.cloudtrail_page_item;
DELETE FROM temp.cloudtrail_page_seen;

INSERT INTO temp.cloudtrail_page_seen (account, address, hour)
SELECT recipientAccountId, sourceIPAddress, min(hour)
  FROM main.dash_address
 WHERE isService = 0
 GROUP BY 1, 2;

UPDATE temp.cloudtrail_page_seen
   SET step = ifnull((SELECT step FROM temp.cloudtrail_page_hour AS h
                       WHERE h.hour = cloudtrail_page_seen.hour), -1);

INSERT INTO temp.cloudtrail_page_item (number, a, b, c, d, e, f, g, events, firstHour, lastHour, ofAll)
SELECT row_number() OVER (ORDER BY sum(t.events) DESC, t.recipientAccountId, t.sourceIPAddress) - 1,
       t.recipientAccountId, t.sourceIPAddress, '', '', '', '', '',
       sum(t.events), min(t.hour), max(t.hour), count(*) OVER ()
  FROM main.dash_address AS t
  JOIN temp.cloudtrail_page_hour AS h USING (hour)
  JOIN temp.cloudtrail_page_account AS p ON p.account = t.recipientAccountId
 WHERE t.isService = 0
 GROUP BY t.recipientAccountId, t.sourceIPAddress
 ORDER BY 1
 LIMIT 100;

WITH
-- what is behind the hundredth is not told apart
cell AS (
    SELECT ifnull(i.number, 100) AS i, h.step AS s, a.number AS a, sum(t.events) AS n,
        sum(CASE WHEN t.outcome = 'denied' THEN t.events ELSE 0 END) AS d
      FROM main.dash_address AS t
      JOIN temp.cloudtrail_page_hour AS h USING (hour)
      JOIN temp.cloudtrail_page_account AS a ON a.account = t.recipientAccountId
      LEFT JOIN temp.cloudtrail_page_item AS i ON i.a = t.recipientAccountId AND i.b = t.sourceIPAddress
          AND i.c = '' AND i.d = '' AND i.e = '' AND i.f = '' AND i.g = ''
     WHERE t.isService = 0
     GROUP BY 1, 2, 3
)
SELECT json_object(
    'items', (SELECT json_group_array(json_array(a, b, events, firstHour, lastHour))
                FROM (SELECT * FROM temp.cloudtrail_page_item ORDER BY number)),
    'more', (SELECT max(ifnull(max(ofAll), 0) - 100, 0) FROM temp.cloudtrail_page_item),
    'cells', (SELECT json_object('i', json_group_array(i), 's', json_group_array(s), 'a', json_group_array(a),
        'n', json_group_array(n), 'd', json_group_array(d)) FROM cell),
    'firstSeen', (SELECT json_group_array(seen)
                    FROM (SELECT (SELECT min(hour) FROM temp.cloudtrail_page_seen AS f
                                   WHERE f.account = i.a AND f.address = i.b) AS seen
                            FROM temp.cloudtrail_page_item AS i ORDER BY number)),
    'services', (SELECT json_group_array(json_array(sourceIPAddress, n))
                   FROM (SELECT t.sourceIPAddress, sum(t.events) AS n
                           FROM main.dash_address AS t
                           JOIN temp.cloudtrail_page_hour USING (hour)
                           JOIN temp.cloudtrail_page_account AS a ON a.account = t.recipientAccountId
                          WHERE t.isService = 1
                          GROUP BY 1
                          ORDER BY 2 DESC, 1
                          LIMIT 100)),
    'moreServices', (SELECT max(count(DISTINCT t.sourceIPAddress) - 100, 0)
                       FROM main.dash_address AS t
                       JOIN temp.cloudtrail_page_hour USING (hour)
                       JOIN temp.cloudtrail_page_account AS a ON a.account = t.recipientAccountId
                      WHERE t.isService = 1),
    'seen', (SELECT json_object('s', json_group_array(s), 'a', json_group_array(a),
                                'known', json_group_array(known), 'new', json_group_array(n - known))
               FROM (SELECT s, a, count(*) AS n, sum(firstStep < s) AS known
                       FROM (SELECT DISTINCT h.step AS s, a.number AS a, t.recipientAccountId AS account,
                                    t.sourceIPAddress AS address, f.step AS firstStep
                               FROM main.dash_address AS t
                               JOIN temp.cloudtrail_page_hour AS h USING (hour)
                               JOIN temp.cloudtrail_page_account AS a ON a.account = t.recipientAccountId
                               JOIN temp.cloudtrail_page_seen AS f
                                 ON f.account = t.recipientAccountId AND f.address = t.sourceIPAddress
                              WHERE t.isService = 0)
                      GROUP BY 1, 2)));
