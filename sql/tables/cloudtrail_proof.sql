-- cloudtrail_proof: what cloudtrail_verify() found, one row an object of the bucket and state.
--
-- A later call replaces what it says of the same objects. `state` is 'good', 'unproven' (nothing is
-- wrong, and nothing vouches for it: the newest digest of a chain, and what it alone names), 'not
-- covered' (a log file of a time without digests), 'gap' (logging or validation was off before this
-- digest); of a log file 'missing', 'emptied', 'altered', 'unreadable', 'unlisted'; of a digest
-- 'digest missing', 'digest altered', 'signature wrong', 'no key'; of a region 'digests end' (its
-- log files go on), 'no digest'. docs/proof.md says what each of them proves.
CREATE TABLE cloudtrail_proof (
    s3Object           TEXT NOT NULL, -- the key in the bucket, as far as it is known
    recipientAccountId TEXT,
    awsRegion          TEXT,
    state              TEXT NOT NULL,
    detail             TEXT,
    checkedAt          TEXT NOT NULL, -- YYYY-MM-DDTHH:MM:SSZ
    PRIMARY KEY (s3Object, state)
);
CREATE INDEX main.cloudtrail_proof_state ON cloudtrail_proof (state);
