-- What a detection works on, in temporary tables of this connection. cloudtrail_detected stays: it
-- lists the alerts that the last call of cloudtrail_detect() touched, for whoever is to be told. Some
-- clients run a SELECT twice: what a call less than a second before has touched stays in the list.
CREATE TEMP TABLE IF NOT EXISTS cloudtrail_detected (
    alertID    TEXT PRIMARY KEY,
    ruleName   TEXT NOT NULL,
    change     TEXT NOT NULL, -- 'new', 'updated', 'merged' or 'suppressed'
    isEarlier  INTEGER NOT NULL DEFAULT 0, -- 1: by that call, not by the last one
    detectedAt REAL -- Julian day, when the call ended
);
CREATE TEMP TABLE IF NOT EXISTS cloudtrail_detected_earlier (
    alertID    TEXT PRIMARY KEY,
    ruleName   TEXT NOT NULL,
    change     TEXT NOT NULL,
    detectedAt REAL
);
-- A finding is what a rule says now: a burst, or a row of the rule as published.
CREATE TEMP TABLE IF NOT EXISTS cloudtrail_finding (
    finding              INTEGER PRIMARY KEY,
    ruleName             TEXT NOT NULL,
    startTime            TEXT NOT NULL,
    endTime              TEXT,
    recipientAccountId   TEXT NOT NULL,
    accountName          TEXT NOT NULL,
    accountUPNSuffix     TEXT NOT NULL,
    sourceIPAddress      TEXT NOT NULL,
    userIdentityUserName TEXT,    -- what more the rule as published groups by
    mfaAuthenticated     INTEGER,
    commands             TEXT NOT NULL, -- JSON
    commandCount         INTEGER NOT NULL,
    eventCount           INTEGER,
    deniedCount          INTEGER,
    alertID              TEXT,    -- the alert that it is
    summary              TEXT,
    entities             TEXT,
    customDetails        TEXT
);
CREATE TEMP TABLE IF NOT EXISTS cloudtrail_finding_event (
    place         INTEGER PRIMARY KEY, -- in event order within a rule
    finding       INTEGER NOT NULL,
    step          INTEGER NOT NULL, -- in event order within the finding
    event         INTEGER NOT NULL, -- cloudtrail.rowid, for as long as the transaction lasts
    eventTime     TEXT NOT NULL,    -- and as alert_event has it
    eventID       TEXT,
    fileID        INTEGER,
    recordNumber  INTEGER,
    command       TEXT NOT NULL,
    commandSource TEXT NOT NULL
);
CREATE INDEX IF NOT EXISTS temp.cloudtrail_finding_step
    ON cloudtrail_finding_event (finding, step);
-- The commands of a finding of the rule as published, each once, as that rule reads them.
CREATE TEMP TABLE IF NOT EXISTS cloudtrail_finding_command (
    finding INTEGER NOT NULL,
    command TEXT NOT NULL,
    PRIMARY KEY (finding, command)
) WITHOUT ROWID;
-- The AWS CLI's events from where there is a finding, to be looked up by whose they are. The published
-- rule has a name of its own for who was it.
CREATE TEMP TABLE IF NOT EXISTS cloudtrail_finding_call (
    event                   INTEGER PRIMARY KEY, -- cloudtrail.rowid
    eventTime               TEXT NOT NULL,
    eventID                 TEXT,
    fileID                  INTEGER,
    recordNumber            INTEGER,
    recipientAccountId      TEXT NOT NULL,
    sourceIPAddress         TEXT NOT NULL,
    accountName             TEXT NOT NULL,
    accountUPNSuffix        TEXT NOT NULL,
    sentinelAccountId       TEXT NOT NULL,
    sentinelName            TEXT NOT NULL,
    sentinelSuffix          TEXT NOT NULL,
    userIdentityUserName    TEXT NOT NULL,
    sessionMfaAuthenticated INTEGER,
    userAgent               TEXT NOT NULL,
    command                 TEXT,
    commandSource           TEXT NOT NULL
);
CREATE INDEX IF NOT EXISTS temp.cloudtrail_finding_call_identity ON cloudtrail_finding_call
    (recipientAccountId, sourceIPAddress, accountName, accountUPNSuffix, eventTime);
CREATE INDEX IF NOT EXISTS temp.cloudtrail_finding_call_sentinel ON cloudtrail_finding_call
    (sentinelAccountId, sourceIPAddress, sentinelName, sentinelSuffix, eventTime);
-- Which alerts share an event with which finding.
CREATE TEMP TABLE IF NOT EXISTS cloudtrail_finding_alert (
    alertID TEXT PRIMARY KEY,
    finding INTEGER NOT NULL
);
-- What the allow list says of each alert that nobody has taken up.
CREATE TEMP TABLE IF NOT EXISTS cloudtrail_verdict (
    alertID  TEXT PRIMARY KEY,
    ruleName TEXT NOT NULL,
    state    TEXT NOT NULL, -- before
    reason   TEXT           -- NULL: no entry covers it
);
