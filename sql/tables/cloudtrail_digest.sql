-- cloudtrail_digest: the log files that the imported digest files list, one row a log file.
--
-- CloudTrail writes a digest an hour, which names every log file it delivered in that hour. The view
-- cloudtrail_missing holds this list against the ledger.
CREATE TABLE cloudtrail_digest (
    fileID          INTEGER NOT NULL, -- of the digest: cloudtrail_file.fileID
    s3Bucket        TEXT,
    s3Object        TEXT NOT NULL,    -- the log file's key in the bucket
    oldestEventTime TEXT,
    newestEventTime TEXT
);
CREATE INDEX main.cloudtrail_digest_file ON cloudtrail_digest (fileID);
