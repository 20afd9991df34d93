-- dash_address: calls an hour by the address they came from; see dash_event.
CREATE TABLE dash_address (
    hour               TEXT NOT NULL,
    recipientAccountId TEXT NOT NULL,
    sourceIPAddress    TEXT NOT NULL, -- of a service its name
    isService          INTEGER NOT NULL,
    outcome            TEXT NOT NULL,
    events             INTEGER NOT NULL
);
CREATE INDEX main.dash_address_hour ON dash_address (hour);
