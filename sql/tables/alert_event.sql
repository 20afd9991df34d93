-- alert_event: the events behind each alert, and the command that each one counted as.
--
-- An event is named by what a second reading of its file leaves as it is: eventTime and eventID, or,
-- where it has no eventID, eventTime, fileID and recordNumber (which are NULL otherwise: a fuller
-- record may come from another file and take the row's place). alert_evidence joins the two tables.
CREATE TABLE alert_event (
    alertID       TEXT NOT NULL, -- alert.alertID
    eventTime     TEXT NOT NULL,
    eventID       TEXT,
    fileID        INTEGER,
    recordNumber  INTEGER,
    command       TEXT NOT NULL,
    commandSource TEXT NOT NULL  -- where the command was read: 'user-agent' or 'event'
);
CREATE INDEX main.alert_event_alert ON alert_event (alertID, eventTime, eventID);
CREATE INDEX main.alert_event_event ON alert_event (eventTime, eventID);
