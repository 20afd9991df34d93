-- cloudtrail_schema: which tables and views the extension made here, and the text it made them
-- from: so that a newer release can replace a view, and leaves one alone that the user changed.
CREATE TABLE cloudtrail_schema (
    name       TEXT PRIMARY KEY,
    shippedSQL TEXT NOT NULL,
    version    INTEGER NOT NULL -- of the extension: 1002003 is 1.2.3
);
