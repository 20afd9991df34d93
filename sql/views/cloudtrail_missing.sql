-- cloudtrail_missing: what is not as CloudTrail delivered it: log files and digests that are gone,
-- emptied, altered or not to be read, and log files that no digest names.
--
-- Why: logs are handed over by people, and a missing hour is where an attacker would like to be.
-- How: what cloudtrail_verify() found. Where it has not looked, what the import alone can tell: a
--   log file that an imported digest lists and that was not imported ('missing'), or from which no
--   record came ('emptied'). The last part of a key ends in 16 random characters and is what a copy
--   on disk is called, unpacked or not.
-- Columns: digest is the path of the imported digest that lists the log file.
-- False positives: 'gap' is a time in which logging or validation was switched off, perhaps by
--   somebody who was allowed to. 'digest missing' before the oldest digest of a chain, and 'digests
--   end': perhaps not handed over.
-- Blind spots: without cloudtrail_verify() altered files, and hours whose digest is missing, too.
--   Log files that were renamed or joined on the way.
CREATE VIEW cloudtrail_missing AS
WITH
listed AS (
    SELECT
        s3Bucket,
        s3Object,
        oldestEventTime,
        newestEventTime,
        fileID,
        -- what stands behind the last slash of the key
        replace(s3Object, rtrim(s3Object, replace(s3Object, '/', '')), '') AS name
    FROM cloudtrail_digest_file
),
imported (name, records) AS (
    SELECT replace(path, rtrim(path, replace(path, '/', '')), ''), records
    FROM cloudtrail_file
    WHERE complete = 1
),
-- each listed file under both names that a copy may have
copies AS (
    SELECT s3Object, records
    FROM listed JOIN imported USING (name)
    UNION ALL
    SELECT s3Object, records
    FROM listed JOIN imported ON imported.name = replace(listed.name || '|', '.gz|', '')
),
found AS (
    SELECT s3Object, max(records) AS records
    FROM copies
    GROUP BY s3Object
),
by_import AS (
    SELECT
        s3Object,
        iif(records IS NULL, 'missing', 'emptied') AS state,
        iif(records IS NULL, 'an imported digest lists it, and it was not imported',
            'an imported digest lists it, and no record came from it') AS detail
    FROM (SELECT DISTINCT s3Object FROM listed) LEFT JOIN found USING (s3Object)
    WHERE ifnull(records, 0) = 0
      AND s3Object NOT IN (SELECT s3Object FROM cloudtrail_proof)
),
said AS (
    SELECT s3Object, state, detail
    FROM cloudtrail_proof
    WHERE state NOT IN ('good', 'unproven', 'not covered')
    UNION ALL
    SELECT s3Object, state, detail FROM by_import
)
SELECT
    s3Bucket,
    said.s3Object AS s3Object,
    oldestEventTime,
    newestEventTime,
    (SELECT path FROM cloudtrail_file AS f WHERE f.fileID = listed.fileID) AS digest,
    state,
    detail
FROM said LEFT JOIN listed ON listed.s3Object = said.s3Object;
