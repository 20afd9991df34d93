-- dash_denied: calls that AWS refused, an hour, by who and what; see dash_event.
CREATE TABLE dash_denied (
    hour               TEXT NOT NULL,
    recipientAccountId TEXT NOT NULL,
    accountName        TEXT NOT NULL,
    accountUPNSuffix   TEXT NOT NULL,
    isService          INTEGER NOT NULL,
    eventSource        TEXT NOT NULL,
    eventName          TEXT NOT NULL,
    errorCode          TEXT NOT NULL,
    events             INTEGER NOT NULL
);
CREATE INDEX main.dash_denied_hour ON dash_denied (hour);
