-- What the call returns, but for what ext/detect.c adds to it. Rows of the table rule that are enabled
-- and that nothing runs are named: who added one must not take silence for "no findings".
WITH
-- those that were run, and those that something has changed for
rule_name (name) AS (
    SELECT name
      FROM main.rule
     WHERE enabled
       AND name IN ('SuspiciousAWSCLICommandExecution', 'aws_cli_recon_burst')
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
not_run (names) AS (
    SELECT json_group_array(name)
      FROM (SELECT name
              FROM main.rule
             WHERE enabled
               AND name NOT IN ('SuspiciousAWSCLICommandExecution', 'aws_cli_recon_burst')
             ORDER BY name)
)
SELECT json_patch(
           json_object(
               'alerts', (SELECT count(*) FROM main.alert WHERE mergedInto IS NULL),
               'new', ifnull(sum(n_new), 0),
               'updated', ifnull(sum(n_updated), 0),
               'merged', ifnull(sum(n_merged), 0),
               'suppressed', ifnull(sum(n_suppressed), 0),
               'rules', json_group_object(name, json_object(
                   'new', n_new, 'updated', n_updated, 'merged', n_merged,
                   'suppressed', n_suppressed))),
           (SELECT CASE names WHEN '[]' THEN '{}' ELSE json_object('notRun', json(names)) END
              FROM not_run))
  FROM rule_count;
