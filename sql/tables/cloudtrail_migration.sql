-- cloudtrail_migration: what has been done to this database to bring it up to date, each once.
--
-- `migrations/...` has changed rows of an older release; `seeds/...` has put rows into the table of
-- that name, and does so again when a release has others.
CREATE TABLE cloudtrail_migration (
    name     TEXT PRIMARY KEY, -- of a file in sql/, without .sql
    checksum TEXT NOT NULL,    -- of that file
    version  INTEGER NOT NULL  -- of the release: 1002003 is 1.2.3
) WITHOUT ROWID;
