-- In 0.1.0 the table listed log files, and is now one of digests. The list goes on in
-- cloudtrail_digest_file. Of the digests themselves nothing was kept: they are read again by the next
-- import of their folder. An index's name is now the other table's.
CREATE TABLE main.cloudtrail_rows_of_digest AS
SELECT fileID, s3Bucket, s3Object, oldestEventTime, newestEventTime
FROM main.cloudtrail_digest;
DELETE FROM main.cloudtrail_digest;
DROP INDEX IF EXISTS main.cloudtrail_digest_file;
UPDATE main.cloudtrail_file
SET complete = 0
WHERE format IN ('digest', 'gzip digest');
