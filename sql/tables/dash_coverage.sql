-- dash_coverage: events an hour, Insight events too, by account, region and category; see dash_event.
--
-- An hour without a row is an hour without events: cloudtrail_missing tells where there should be some.
CREATE TABLE dash_coverage (
    hour               TEXT NOT NULL,
    recipientAccountId TEXT NOT NULL,
    awsRegion          TEXT NOT NULL,
    eventCategory      TEXT NOT NULL,
    events             INTEGER NOT NULL
);
CREATE INDEX main.dash_coverage_hour ON dash_coverage (hour);
