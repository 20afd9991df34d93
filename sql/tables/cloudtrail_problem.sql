-- cloudtrail_problem: what could not be read, and what was read but is not as it should be.
--
-- The text is the evidence: what the file says at that place, at most 1 MB of it.
CREATE TABLE cloudtrail_problem (
    fileID       INTEGER NOT NULL, -- cloudtrail_file.fileID
    recordNumber INTEGER,          -- in that file, from 1; NULL: a problem of the file itself
    byteOffset   INTEGER,          -- in the file (inflated), from 0
    message      TEXT NOT NULL,
    text         TEXT
);
CREATE INDEX main.cloudtrail_problem_file ON cloudtrail_problem (fileID);
