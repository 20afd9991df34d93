-- dash_file: the ledger cloudtrail_file as it was when the tables dash_* were last brought up to date.
CREATE TABLE dash_file (
    fileID    INTEGER PRIMARY KEY,
    firstTime TEXT,
    lastTime  TEXT,
    state     TEXT NOT NULL -- what else of its row in cloudtrail_file changes when it is read or loses rows
);
