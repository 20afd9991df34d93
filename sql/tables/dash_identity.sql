-- dash_identity: calls an hour by who made them; see dash_event.
CREATE TABLE dash_identity (
    hour               TEXT NOT NULL,
    recipientAccountId TEXT NOT NULL,
    accountName        TEXT NOT NULL, -- as event_identity has it, as the next
    accountUPNSuffix   TEXT NOT NULL,
    userIdentityType   TEXT NOT NULL,
    isService          INTEGER NOT NULL, -- 1: AWS made the call, on its own or for somebody
    outcome            TEXT NOT NULL,
    readOnly           INTEGER,
    events             INTEGER NOT NULL
);
CREATE INDEX main.dash_identity_hour ON dash_identity (hour);
