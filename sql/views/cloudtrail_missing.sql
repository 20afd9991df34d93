-- cloudtrail_missing: log files that an imported digest lists and that were not imported.
--
-- Why: logs are handed over by people, and a missing hour is where an attacker would like to be.
-- How: a digest names each log file by its key in the bucket; the last part of a key ends in 16
--   random characters and is what a copy on disk is called, unpacked or not.
-- Blind spots: hours whose digest is missing, too: see cloudtrail_coverage. Log files that were
--   renamed or joined on the way.
CREATE VIEW cloudtrail_missing AS
WITH imported (name) AS (
    -- what stands behind the last slash of the path
    SELECT replace(path, rtrim(path, replace(path, '/', '')), '')
    FROM cloudtrail_file
    WHERE complete = 1
)
SELECT
    s3Bucket,
    s3Object,
    oldestEventTime,
    newestEventTime,
    (SELECT path FROM cloudtrail_file AS f WHERE f.fileID = d.fileID) AS digest
FROM cloudtrail_digest AS d
WHERE replace(s3Object, rtrim(s3Object, replace(s3Object, '/', '')), '') NOT IN imported
  AND replace(replace(s3Object, rtrim(s3Object, replace(s3Object, '/', '')), '') || '|', '.gz|', '')
      NOT IN imported;
