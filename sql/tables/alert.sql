-- alert: what the rules found, one row an alert; filled by cloudtrail_detect(), worked on by people.
--
-- The same burst stays the same alert while it grows: its times, counts and texts are brought up to
-- date, its id, detectedAt, severity, tactics and techniques stay. `state` is 'new', 'suppressed' (an
-- entry of allow_list holds) or 'merged' (it has turned out to be part of another alert); any other
-- is the analyst's and never touched, nor are notes. The events stand in alert_event.
-- A finding that shares an event with an alert of the same rule and the same groupKey is that alert;
-- where a rule gives no groupKey it is the account id, the name, its suffix and the address.
CREATE TABLE alert (
    alertID            TEXT PRIMARY KEY, -- rule|account id|name|suffix|address|start as first detected
    ruleName           TEXT NOT NULL,    -- rule.name
    severity           TEXT NOT NULL,
    tactics            TEXT NOT NULL,    -- JSON array
    techniques         TEXT NOT NULL,    -- JSON array
    startTime          TEXT NOT NULL,    -- of its first event
    endTime            TEXT NOT NULL,    -- of its last event
    recipientAccountId TEXT NOT NULL,    -- '' where missing, as are the next three
    accountName        TEXT NOT NULL,
    accountUPNSuffix   TEXT NOT NULL,
    sourceIPAddress    TEXT NOT NULL,
    summary            TEXT NOT NULL,    -- one sentence
    entities           TEXT NOT NULL,    -- JSON array, as Sentinel maps them
    customDetails      TEXT NOT NULL,    -- JSON: by rule.customDetails, else the finding's details
    eventCount         INTEGER NOT NULL,
    state              TEXT NOT NULL DEFAULT 'new',
    suppressedBy       TEXT,             -- the reason: of the allow_list entry, else of the rule itself
    detectedAt         TEXT NOT NULL,    -- YYYY-MM-DDTHH:MM:SSZ
    mergedInto         TEXT,             -- alertID; NULL: it stands for itself
    notes              TEXT,             -- the analyst's
    groupKey           TEXT,             -- NULL: the four columns of who and from where
    suppressedByRule   TEXT,             -- why the rule itself takes it for harmless; NULL: it does not
    toolMarks          TEXT,             -- tools that its user agents name; '': none, NULL: not looked at
    chain              TEXT              -- in words: where its credentials came from, what came out of them
);
