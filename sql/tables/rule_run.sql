-- rule_run: which rules ran, when, over which events, and what became of it; one row a rule and call
-- of cloudtrail_detect() or cloudtrail_hunt().
CREATE TABLE rule_run (
    ruleName TEXT NOT NULL,    -- rule.name
    ranAt    TEXT NOT NULL,    -- YYYY-MM-DDTHH:MM:SSZ
    fromTime TEXT,             -- of the first and the last event that it could see; NULL: there was none
    toTime   TEXT,
    windows  INTEGER NOT NULL, -- how many times it was run: once, over all events
    findings INTEGER NOT NULL,
    seconds  REAL NOT NULL,
    error    TEXT,             -- why it found nothing; NULL: it ran
    calledBy TEXT NOT NULL DEFAULT 'detect', -- 'detect' or 'hunt'
    lastFile INTEGER           -- cloudtrail_file.fileID: the newest file that was imported then
);
CREATE INDEX main.rule_run_rule ON rule_run (ruleName, ranAt);
