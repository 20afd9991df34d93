-- hunt_summary: each hunt and what the last cloudtrail_hunt() found by it: those with findings first, the
-- gravest before the others.
--
-- severity:   the gravest of its findings, else its own.
-- identities: how many different names in how many accounts, together.
-- firstTime, lastTime: of the events of its findings.
-- ranAt:      when it ran, NULL: not yet. error: why it did not; then it has no findings.
-- isOld:      1: files were imported since; call cloudtrail_hunt() again.
-- Readable without the extension.
CREATE VIEW hunt_summary AS
WITH
run AS (
    SELECT ruleName, max(rowid) AS last
      FROM rule_run
     WHERE calledBy = 'hunt'
     GROUP BY ruleName
),
imported AS (
    SELECT max(fileID) AS lastFile, max(importedAt) AS importedAt FROM cloudtrail_file
),
found AS (
    SELECT hunt,
           count(*) AS findings,
           count(DISTINCT recipientAccountId || ' ' || accountName || '@' || accountUPNSuffix)
               AS identities,
           min(firstTime) AS firstTime,
           max(lastTime) AS lastTime,
           min(CASE severity WHEN 'High' THEN 1 WHEN 'Medium' THEN 2 WHEN 'Low' THEN 3 ELSE 4 END)
               AS grade
      FROM hunt_finding
     GROUP BY hunt
)
SELECT
    r.name AS hunt,
    r.title,
    CASE f.grade WHEN 1 THEN 'High' WHEN 2 THEN 'Medium' WHEN 3 THEN 'Low' WHEN 4 THEN 'Informational'
                 ELSE r.severity END AS severity,
    ifnull(f.findings, 0) AS findings,
    ifnull(f.identities, 0) AS identities,
    f.firstTime,
    f.lastTime,
    l.ranAt,
    ifnull(i.lastFile, 0) > ifnull(l.lastFile, 0) OR ifnull(i.importedAt, '') > l.ranAt AS isOld,
    l.seconds,
    l.error
FROM rule AS r
LEFT JOIN run ON run.ruleName = r.name
LEFT JOIN rule_run AS l ON l.rowid = run.last
LEFT JOIN found AS f ON f.hunt = r.name
CROSS JOIN imported AS i
WHERE r.kind = 'Hunting' COLLATE NOCASE
ORDER BY f.findings IS NULL, ifnull(f.grade, 5), f.findings DESC, r.name;
