-- What rules and hunts find, in temporary tables of this connection, before it is kept.
-- A finding is what a rule says now: a row of its view.
CREATE TEMP TABLE IF NOT EXISTS cloudtrail_finding (
    finding            INTEGER PRIMARY KEY,
    ruleName           TEXT NOT NULL,
    startTime          TEXT,
    endTime            TEXT,
    recipientAccountId TEXT NOT NULL,
    accountName        TEXT NOT NULL,
    accountUPNSuffix   TEXT NOT NULL,
    sourceIPAddress    TEXT NOT NULL,
    summary            TEXT,
    details            TEXT, -- JSON object
    evidence           TEXT, -- JSON array: rowids of cloudtrail, good while the transaction lasts
    groupKey           TEXT, -- NULL: the four columns of who and from where
    severity           TEXT, -- NULL: the rule's
    suppressedBy       TEXT,
    eventCommands      TEXT, -- JSON array beside evidence: [command, where it was read]; or NULL
    alertID            TEXT, -- the alert that it is
    eventCount         INTEGER,
    entities           TEXT,
    customDetails      TEXT
);
CREATE TEMP TABLE IF NOT EXISTS cloudtrail_finding_event (
    place         INTEGER PRIMARY KEY, -- in event order within a rule
    finding       INTEGER NOT NULL,
    step          INTEGER NOT NULL, -- in event order within the finding
    eventTime     TEXT NOT NULL,    -- as alert_event has it
    eventID       TEXT,
    fileID        INTEGER,
    recordNumber  INTEGER,
    command       TEXT NOT NULL,
    commandSource TEXT NOT NULL
);
CREATE INDEX IF NOT EXISTS temp.cloudtrail_finding_step
    ON cloudtrail_finding_event (finding, step);
-- The command that each event of a finding counted as, by its place in the evidence.
CREATE TEMP TABLE IF NOT EXISTS cloudtrail_finding_command (
    finding       INTEGER NOT NULL,
    place         INTEGER NOT NULL,
    command       TEXT,
    commandSource TEXT,
    PRIMARY KEY (finding, place)
) WITHOUT ROWID;
