-- dash_change: calls that change something (readOnly is 0), or would have, an hour; see dash_event.
CREATE TABLE dash_change (
    hour               TEXT NOT NULL,
    recipientAccountId TEXT NOT NULL,
    accountName        TEXT NOT NULL,
    accountUPNSuffix   TEXT NOT NULL,
    isService          INTEGER NOT NULL,
    eventSource        TEXT NOT NULL,
    eventName          TEXT NOT NULL,
    outcome            TEXT NOT NULL, -- changed has what was 'done'
    events             INTEGER NOT NULL
);
CREATE INDEX main.dash_change_hour ON dash_change (hour);
