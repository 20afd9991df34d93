-- The list of log files that 0.1.0 kept in cloudtrail_digest; none where the user had dropped that.
CREATE TABLE IF NOT EXISTS main.cloudtrail_rows_of_digest (
    fileID,
    s3Bucket,
    s3Object,
    oldestEventTime,
    newestEventTime
);
INSERT INTO main.cloudtrail_digest_file
    (fileID, s3Bucket, s3Object, oldestEventTime, newestEventTime)
SELECT fileID, s3Bucket, s3Object, oldestEventTime, newestEventTime
FROM main.cloudtrail_rows_of_digest;
DROP TABLE main.cloudtrail_rows_of_digest;
