-- cloudtrail_file: the ledger of what was imported, one row a file.
--
-- records = events + duplicates + those of its problems that cost a record. A file that is here,
-- complete and unchanged, is skipped by the next import; one that is not complete is read again.
-- A record takes the place of a row of the same event from a CSV file, which says less: the row is
-- then of the record's file, and in the CSV file's ledger the event becomes a duplicate (a problem
-- where the two disagree), as if the CSV file had come second.
CREATE TABLE cloudtrail_file (
    fileID     INTEGER PRIMARY KEY,
    path       TEXT NOT NULL,              -- absolute; '-' is standard input
    size       INTEGER,                    -- bytes on disk
    modified   INTEGER,                    -- nanoseconds since 1970
    format     TEXT,                       -- what was recognised: records, ndjson, gzip records ...
    records    INTEGER NOT NULL DEFAULT 0, -- found in the file, readable or not
    events     INTEGER NOT NULL DEFAULT 0, -- rows of cloudtrail that came from here
    duplicates INTEGER NOT NULL DEFAULT 0, -- events that another record had brought before
    problems   INTEGER NOT NULL DEFAULT 0, -- rows of cloudtrail_problem
    firstTime  TEXT,                       -- of its events, duplicates too
    lastTime   TEXT,
    importedAt TEXT NOT NULL,              -- YYYY-MM-DDTHH:MM:SSZ
    complete   INTEGER NOT NULL DEFAULT 0, -- 1: read to its end
    sha256     TEXT,                       -- of its bytes as they were handed over
    version    TEXT                        -- of the extension that read it: 0.2.0
);
-- Standard input cannot be recognised again: each time it is another file.
CREATE UNIQUE INDEX main.cloudtrail_file_path ON cloudtrail_file (path) WHERE path <> '-';
