-- dash_event: calls an hour, by account, region, service, outcome and whether they only read.
--
-- The tables dash_* are what a dashboard plots: counts an hour, plain, for any tool. cloudtrail_detect()
-- and cloudtrail_dashboard() bring them up to date; an import alone does not. They hold what
-- cloudtrail_call has, by event_identity's words for who and cloudtrail_call's for outcome, so Insight events
-- are only in dash_coverage. An hour is its first second; what an event lacks is ''.
CREATE TABLE dash_event (
    hour               TEXT NOT NULL, -- YYYY-MM-DDTHH:00:00Z, as in all of them
    recipientAccountId TEXT NOT NULL, -- the account that the event is about, else the caller's own
    awsRegion          TEXT NOT NULL,
    eventSource        TEXT NOT NULL,
    outcome            TEXT NOT NULL, -- 'done', 'denied', 'throttled', 'failed'
    readOnly           INTEGER,       -- 0 or 1; NULL: the event does not say
    events             INTEGER NOT NULL
);
CREATE INDEX main.dash_event_hour ON dash_event (hour);
