-- What one counting works with; only its connection sees it. Made before its transaction begins.
-- The hours that there are, and between which times all of an hour lies.
CREATE TEMP TABLE IF NOT EXISTS cloudtrail_dash_hour (
    hour      TEXT PRIMARY KEY,
    firstTime TEXT NOT NULL,
    lastTime  TEXT NOT NULL,
    events    INTEGER NOT NULL,
    rowidSum  INTEGER NOT NULL
) WITHOUT ROWID;
CREATE TEMP TABLE IF NOT EXISTS cloudtrail_dash_stale (
    hour TEXT PRIMARY KEY
) WITHOUT ROWID;
-- Calls by user agent, each agent with one of its events, from which event_identity tells the client: the
-- agents are few.
CREATE TEMP TABLE IF NOT EXISTS cloudtrail_dash_agent (
    hour               TEXT NOT NULL,
    recipientAccountId TEXT NOT NULL,
    agentHash          INTEGER NOT NULL, -- of the user agent, see 30_event.sql
    isService          INTEGER NOT NULL,
    event              INTEGER NOT NULL,
    events             INTEGER NOT NULL
);
CREATE TEMP TABLE IF NOT EXISTS cloudtrail_dash_client (
    agentHash     INTEGER PRIMARY KEY,
    client        TEXT NOT NULL,
    clientVersion TEXT NOT NULL
);
-- The ledger, told so that two states of a file compare as one text.
CREATE TEMP TABLE IF NOT EXISTS cloudtrail_dash_ledger (
    fileID    INTEGER PRIMARY KEY,
    firstTime TEXT,
    lastTime  TEXT,
    state     TEXT NOT NULL
);
CREATE TEMP TABLE IF NOT EXISTS cloudtrail_dash_by (
    value TEXT NOT NULL
);
-- From which hour to which the files lie that were read, forgotten or have lost rows.
CREATE TEMP TABLE IF NOT EXISTS cloudtrail_dash_changed (
    firstHour TEXT NOT NULL,
    lastHour  TEXT NOT NULL,
    PRIMARY KEY (firstHour, lastHour)
) WITHOUT ROWID;
