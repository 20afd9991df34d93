-- alert_event: the events behind each alert, in event order, and the command each one counted as.
--
-- An event is named by what a second reading of its file leaves as it is: eventTime and eventID, or,
-- where it has no eventID, eventTime, fileID and recordNumber (which are NULL otherwise: a fuller
-- record may come from another file and take the row's place). alert_evidence joins the two tables.
CREATE TABLE alert_event (
    alertID       TEXT NOT NULL,    -- alert.alertID
    step          INTEGER NOT NULL, -- 1, 2, 3 ... within the alert
    eventTime     TEXT NOT NULL,
    eventID       TEXT,
    fileID        INTEGER,
    recordNumber  INTEGER,
    command       TEXT NOT NULL,    -- '' where the rule counts no commands
    commandSource TEXT NOT NULL,    -- where it was read: 'user-agent' or 'event'
    PRIMARY KEY (alertID, step)
) WITHOUT ROWID;
CREATE INDEX main.alert_event_event ON alert_event (eventTime, eventID, fileID, recordNumber);
