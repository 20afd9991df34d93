-- Calls over time, by account and outcome, and how many of them changed something.
WITH
cell AS (
    SELECT h.step AS s, a.number AS a,
           CASE e.outcome WHEN 'done' THEN 0 WHEN 'denied' THEN 1 WHEN 'throttled' THEN 2 ELSE 3 END AS o,
           sum(e.events) AS n,
           sum(CASE WHEN e.readOnly = 0 AND e.outcome = 'done' THEN e.events ELSE 0 END) AS c
      FROM main.dash_event AS e
      JOIN temp.cloudtrail_page_hour AS h USING (hour)
      JOIN temp.cloudtrail_page_account AS a ON a.account = e.recipientAccountId
     GROUP BY 1, 2, 3
)
SELECT json_object(
    'cells', (SELECT json_object('s', json_group_array(s), 'a', json_group_array(a), 'o', json_group_array(o),
        'n', json_group_array(n), 'c', json_group_array(c)) FROM cell));
