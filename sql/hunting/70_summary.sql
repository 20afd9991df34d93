-- What the call returns, but for what ext/db/detect.c adds to it. A hunt that failed is named with the
-- reason: who wrote it must not take silence for "no findings".
WITH
-- each hunt's last row is that of this call
ran AS (
    SELECT r.name, last.error
      FROM main.rule AS r
      JOIN main.rule_run AS last
        ON last.rowid = (SELECT max(rowid) FROM main.rule_run WHERE ruleName = r.name)
     WHERE r.kind = 'Hunting' COLLATE NOCASE
),
found (counts) AS (
    SELECT json_group_object(hunt, n)
      FROM (SELECT hunt, count(*) AS n FROM main.hunt_finding GROUP BY hunt ORDER BY hunt)
),
failed (reasons) AS (
    SELECT json_group_object(name, error)
      FROM (SELECT name, error FROM ran WHERE error IS NOT NULL ORDER BY name)
)
SELECT json_patch(
           json_object('hunts', (SELECT count(*) FROM ran WHERE error IS NULL),
                       'findings', (SELECT count(*) FROM main.hunt_finding),
                       'found', (SELECT json(counts) FROM found)),
           (SELECT CASE reasons WHEN '{}' THEN '{}' ELSE json_object('failed', json(reasons)) END
              FROM failed));
