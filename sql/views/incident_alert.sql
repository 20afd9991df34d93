-- incident_alert: which alert is part of which incident: a row an alert that is not suppressed or merged.
-- Readable without the extension.
CREATE VIEW incident_alert AS
SELECT i.incidentID, a.value AS alertID
FROM incident AS i
CROSS JOIN json_each(i.alerts) AS a
WHERE i.mergedInto IS NULL;
