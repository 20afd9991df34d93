-- hunt_finding: what the hunts found, a row a finding; written anew by each cloudtrail_hunt().
--
-- It is no alert: nobody is told, nothing is kept of what was found before. The view hunt_result reads
-- it aloud, hunt_summary counts it.
CREATE TABLE hunt_finding (
    hunt               TEXT NOT NULL,    -- rule.name
    number             INTEGER NOT NULL, -- 1, 2, 3 ... within the hunt, by time
    severity           TEXT NOT NULL,    -- the finding's own, else that of the hunt
    firstTime          TEXT NOT NULL,    -- of its events
    lastTime           TEXT NOT NULL,
    recipientAccountId TEXT NOT NULL,    -- '' where missing, as are the next three
    accountName        TEXT NOT NULL,
    accountUPNSuffix   TEXT NOT NULL,
    sourceIPAddress    TEXT NOT NULL,
    summary            TEXT NOT NULL,    -- one sentence
    details            TEXT NOT NULL,    -- JSON object
    evidence           TEXT NOT NULL,    -- JSON array of [eventTime, eventID], in event order; of an event
                                         -- without an id [eventTime, null, fileID, recordNumber]
    eventCount         INTEGER NOT NULL,
    suppressedBy       TEXT,             -- why the hunt itself takes it for harmless; NULL: it does not
    groupKey           TEXT,             -- as the hunt gives it, or NULL
    PRIMARY KEY (hunt, number)
);
