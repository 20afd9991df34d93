-- cloudtrail_seed: which rows a release has put into tables of rules, parameters and lists.
--
-- Each of them is put in once: what you delete from such a table stays deleted, whatever release
-- comes. A table that is made again after DROP TABLE gets all its rows again.
CREATE TABLE cloudtrail_seed (
    tableName TEXT NOT NULL,
    key       TEXT NOT NULL,    -- of the row: its primary key; several columns with a space between
    version   INTEGER NOT NULL, -- of the release: 1002003 is 1.2.3
    PRIMARY KEY (tableName, key)
) WITHOUT ROWID;
