-- What the call returns, but for what ext/db/detect.c adds to it. A rule that failed is named with the
-- reason: who wrote it must not take silence for "no findings".
WITH
-- each enabled rule's last row is that of this call
ran AS (
    SELECT r.name, last.error
      FROM main.rule AS r
      JOIN main.rule_run AS last
        ON last.rowid = (SELECT max(rowid) FROM main.rule_run WHERE ruleName = r.name)
     WHERE r.enabled
),
rule_name (name) AS (
    SELECT name FROM ran WHERE error IS NULL
    UNION
    SELECT ruleName FROM temp.cloudtrail_detected WHERE NOT isEarlier
),
rule_count (name, n_new, n_updated, n_merged, n_suppressed) AS (
    SELECT r.name,
           count(CASE WHEN d.change = 'new' THEN 1 END),
           count(CASE WHEN d.change = 'updated' THEN 1 END),
           count(CASE WHEN d.change = 'merged' THEN 1 END),
           count(CASE WHEN d.change = 'suppressed' THEN 1 END)
      FROM rule_name AS r
      LEFT JOIN temp.cloudtrail_detected AS d ON d.ruleName = r.name AND NOT d.isEarlier
     GROUP BY r.name
),
-- entries of allow_list that cover nothing: what stands there is no network
refused (entries) AS (
    SELECT json_group_array(sourceIPAddress)
      FROM (SELECT DISTINCT sourceIPAddress
              FROM main.allow_list
             WHERE sourceIPAddress GLOB '*/*'
               AND address_network(sourceIPAddress) IS NULL
             ORDER BY sourceIPAddress)
),
failed (reasons) AS (
    SELECT json_group_object(name, error)
      FROM (SELECT name, error FROM ran WHERE error IS NOT NULL ORDER BY name)
)
SELECT json_patch(json_patch(
           json_object(
               'alerts', (SELECT count(*) FROM main.alert WHERE mergedInto IS NULL),
               'new', ifnull(sum(n_new), 0),
               'updated', ifnull(sum(n_updated), 0),
               'merged', ifnull(sum(n_merged), 0),
               'suppressed', ifnull(sum(n_suppressed), 0),
               'rules', json_group_object(name, json_object(
                   'new', n_new, 'updated', n_updated, 'merged', n_merged,
                   'suppressed', n_suppressed))),
           (SELECT CASE reasons WHEN '{}' THEN '{}' ELSE json_object('failed', json(reasons)) END
              FROM failed)),
           (SELECT CASE entries WHEN '[]' THEN '{}'
                                ELSE json_object('noNetwork', json(entries)) END
              FROM refused))
  FROM rule_count;
