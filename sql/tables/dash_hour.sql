-- dash_hour: the hours that the tables dash_* have counted, and how each looked then.
--
-- Where the table cloudtrail has other rows of an hour today, or a file of it was read since (dash_file), the
-- hour is counted again. Rows that were changed by hand, their number and rowids left as they were, are not
-- noticed: after that, DELETE FROM dash_hour has all counted again.
CREATE TABLE dash_hour (
    hour     TEXT PRIMARY KEY,
    events   INTEGER NOT NULL, -- rows of cloudtrail, Insight events too
    rowidSum INTEGER NOT NULL  -- the sum of their rowids
) WITHOUT ROWID;
