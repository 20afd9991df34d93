-- dash_signin: sign-ins to the console and what else AWS's sign-in service reports, an hour; see dash_event.
CREATE TABLE dash_signin (
    hour               TEXT NOT NULL,
    recipientAccountId TEXT NOT NULL,
    accountName        TEXT NOT NULL,
    accountUPNSuffix   TEXT NOT NULL,
    sourceIPAddress    TEXT NOT NULL,
    eventName          TEXT NOT NULL, -- ConsoleLogin, SwitchRole ...
    outcome            TEXT NOT NULL,
    mfa                TEXT NOT NULL, -- 'Yes', 'No'; '': the event does not say
    events             INTEGER NOT NULL
);
CREATE INDEX main.dash_signin_hour ON dash_signin (hour);
