-- What the call returns, but for what ext/detect.c adds to it.
WITH
rule_count (name, n_new, n_updated, n_merged, n_suppressed) AS (
    SELECT r.name,
           count(CASE WHEN d.change = 'new' THEN 1 END),
           count(CASE WHEN d.change = 'updated' THEN 1 END),
           count(CASE WHEN d.change = 'merged' THEN 1 END),
           count(CASE WHEN d.change = 'suppressed' THEN 1 END)
      FROM main.rule AS r
      LEFT JOIN temp.cloudtrail_detected AS d ON d.ruleName = r.name
     GROUP BY r.name
)
SELECT json_object(
           'alerts', (SELECT count(*) FROM main.alert WHERE mergedInto IS NULL),
           'new', ifnull(sum(n_new), 0),
           'updated', ifnull(sum(n_updated), 0),
           'merged', ifnull(sum(n_merged), 0),
           'suppressed', ifnull(sum(n_suppressed), 0),
           'rules', json_group_object(name, json_object(
               'new', n_new, 'updated', n_updated, 'merged', n_merged,
               'suppressed', n_suppressed)))
  FROM rule_count;
