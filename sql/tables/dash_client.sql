-- dash_client: calls an hour by the client that made them, as its user agent says; see dash_event.
CREATE TABLE dash_client (
    hour               TEXT NOT NULL,
    recipientAccountId TEXT NOT NULL,
    client             TEXT NOT NULL, -- aws-cli, Boto3 ...; '' where there is no user agent to tell it
    clientVersion      TEXT NOT NULL,
    isService          INTEGER NOT NULL,
    events             INTEGER NOT NULL
);
CREATE INDEX main.dash_client_hour ON dash_client (hour);
