-- cloudtrail_digest: the imported digest files, one row a digest.
--
-- CloudTrail writes a digest an hour and region, which names every log file that it delivered in
-- that hour (cloudtrail_digest_file), and the digest before it with its hash and signature.
-- cloudtrail_verify() reads the files themselves, not this table.
CREATE TABLE cloudtrail_digest (
    fileID                  INTEGER NOT NULL, -- cloudtrail_file.fileID
    recipientAccountId      TEXT,
    awsRegion               TEXT,             -- by the digest's name
    digestS3Bucket          TEXT,
    digestS3Object          TEXT,
    startTime               TEXT,
    endTime                 TEXT,
    sha256                  TEXT,             -- of the digest, inflated
    previousDigestS3Object  TEXT,             -- NULL in a starting digest, as are the next two
    previousDigestHashValue TEXT,
    previousDigestSignature TEXT,
    publicKeyFingerprint    TEXT
);
CREATE INDEX main.cloudtrail_digest_by_file ON cloudtrail_digest (fileID);
