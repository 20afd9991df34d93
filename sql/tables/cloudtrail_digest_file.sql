-- cloudtrail_digest_file: the log files that the imported digests list, one row a log file.
--
-- The view cloudtrail_missing holds this list against the ledger.
CREATE TABLE cloudtrail_digest_file (
    fileID          INTEGER NOT NULL, -- of the digest: cloudtrail_file.fileID
    s3Bucket        TEXT,
    s3Object        TEXT NOT NULL,    -- the log file's key in the bucket
    oldestEventTime TEXT,
    newestEventTime TEXT,
    hashValue       TEXT              -- SHA-256 of the log file, inflated
);
CREATE INDEX main.cloudtrail_digest_file_by_file ON cloudtrail_digest_file (fileID);
CREATE INDEX main.cloudtrail_digest_file_object ON cloudtrail_digest_file (s3Object);
