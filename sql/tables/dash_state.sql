-- dash_state: by which views and release the tables dash_* were counted; where these differ today, all
-- is counted again.
CREATE TABLE dash_state (
    name  TEXT PRIMARY KEY,
    value TEXT NOT NULL
) WITHOUT ROWID;
