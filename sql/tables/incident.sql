-- incident: one thing to work on, a row each: the alerts that hang together; written by
-- cloudtrail_detect().
--
-- Alerts hang together that have an event in common, or the key of an event, or whose keys issued one
-- another, over however many steps (view credential). Suppressed alerts are in none, merged ones are
-- their successor. incidentID is that of its oldest alert when it was first seen, and stays as the
-- incident grows; when two join, the older one stays and mergedInto of the other names it.
-- The counts are of the calls with the keys of its alerts, and with what those have issued, from its
-- first event until a day after its last.
CREATE TABLE incident (
    incidentID  TEXT PRIMARY KEY,
    firstTime   TEXT NOT NULL,    -- of the first event of its alerts
    lastTime    TEXT NOT NULL,    -- of the last
    who         TEXT NOT NULL,    -- names, the first five, by first appearance
    rules       TEXT NOT NULL,    -- JSON array of names
    alerts      TEXT NOT NULL,    -- JSON array of alertIDs, by their times; [] when it was merged
    severity    TEXT NOT NULL,    -- the worst
    summary     TEXT NOT NULL,
    mergedInto  TEXT,             -- incidentID; NULL: it stands for itself
    events      INTEGER NOT NULL, -- different ones of its alerts
    changed     INTEGER NOT NULL, -- calls that were done and changed something
    credentials INTEGER NOT NULL, -- calls that were done and issued a credential
    logsStopped INTEGER NOT NULL, -- calls that were done and stopped logs or detectors
    denied      INTEGER NOT NULL, -- calls that were denied
    weight      INTEGER NOT NULL  -- 80 changed + 40 credentials + 20 logsStopped + 10 denied, each if
                                  -- there is one, + the severity from 1 to 4
);
