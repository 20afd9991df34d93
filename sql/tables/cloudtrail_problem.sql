-- cloudtrail_problem: what could not be read, and what was read but is not as it should be.
--
-- kind: 'unreadable': not read, and so not in the table cloudtrail;
--       'conflict':   another event has its eventTime and eventID: the text is the one kept out;
--       'note':       read, with something odd about it; nothing is missing.
-- The text is the evidence: what the file says at that place, at most 1 MB of it.
CREATE TABLE cloudtrail_problem (
    fileID       INTEGER NOT NULL, -- cloudtrail_file.fileID
    recordNumber INTEGER,          -- in that file, from 1; NULL: a problem of the file itself
    byteOffset   INTEGER,          -- in the file (inflated), from 0
    kind         TEXT NOT NULL DEFAULT 'unreadable'
                 CHECK (kind IN ('unreadable', 'conflict', 'note')),
    message      TEXT NOT NULL,
    text         TEXT
);
CREATE INDEX main.cloudtrail_problem_file ON cloudtrail_problem (fileID);
