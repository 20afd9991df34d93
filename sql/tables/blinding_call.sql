-- blinding_call: the calls that stop, delete or thin out logs and watchers, for hunt_logs_blinded.
--
-- Of some the hunt asks more, as its own text says: PutEventSelectors may as well widen what is logged.
-- sql/seeds has the rows that the extension brings. Add your own with INSERT; take one out with DELETE.
CREATE TABLE blinding_call (
    eventSource TEXT NOT NULL, -- cloudtrail.amazonaws.com
    eventName   TEXT NOT NULL, -- StopLogging
    phrase      TEXT NOT NULL, -- what was done, in front of the name of what it was done to
    severity    TEXT NOT NULL
                CONSTRAINT severity CHECK (severity IN ('Low', 'Medium', 'High')),
    PRIMARY KEY (eventSource, eventName)
);
