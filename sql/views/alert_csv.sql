-- alert_csv: the alerts for a spreadsheet, with no cell that it would take for a formula.
--
-- How:     a text that csv_risk has for a formula gets an apostrophe in front. client,
--          commands (calls, where the rule counts no commands), denied, throttled, failed and story are
--          those of alert_story: what is cut there says so.
-- Next step: .mode csv, SELECT * FROM alert_csv. Separate by commas: .mode csv puts quotes around a
--          text with a comma in it, not around one with a semicolon.
-- Readable without the extension.
CREATE VIEW alert_csv AS
SELECT
    CASE WHEN ltrim(a.alertID, ' ') GLOB risk THEN '''' || a.alertID ELSE a.alertID END AS alertID,
    CASE WHEN ltrim(a.ruleName, ' ') GLOB risk THEN '''' || a.ruleName ELSE a.ruleName END AS ruleName,
    CASE WHEN ltrim(a.severity, ' ') GLOB risk THEN '''' || a.severity ELSE a.severity END AS severity,
    CASE WHEN ltrim(a.state, ' ') GLOB risk THEN '''' || a.state ELSE a.state END AS state,
    CASE WHEN ltrim(a.startTime, ' ') GLOB risk THEN '''' || a.startTime ELSE a.startTime END AS startTime,
    CASE WHEN ltrim(a.endTime, ' ') GLOB risk THEN '''' || a.endTime ELSE a.endTime END AS endTime,
    CASE WHEN ltrim(a.recipientAccountId, ' ') GLOB risk THEN '''' || a.recipientAccountId ELSE a.recipientAccountId END AS recipientAccountId,
    CASE WHEN ltrim(a.accountName, ' ') GLOB risk THEN '''' || a.accountName ELSE a.accountName END AS accountName,
    CASE WHEN ltrim(a.accountUPNSuffix, ' ') GLOB risk THEN '''' || a.accountUPNSuffix ELSE a.accountUPNSuffix END AS accountUPNSuffix,
    CASE WHEN ltrim(a.sourceIPAddress, ' ') GLOB risk THEN '''' || a.sourceIPAddress ELSE a.sourceIPAddress END AS sourceIPAddress,
    CASE WHEN ltrim(s.clients, ' ') GLOB risk THEN '''' || s.clients ELSE s.clients END AS client,
    CASE WHEN ltrim(s.calls, ' ') GLOB risk THEN '''' || s.calls ELSE s.calls END AS commands,
    a.eventCount,
    s.denied,
    s.throttled,
    s.failed,
    CASE WHEN ltrim(a.summary, ' ') GLOB risk THEN '''' || a.summary ELSE a.summary END AS summary,
    CASE WHEN ltrim(s.story, ' ') GLOB risk THEN '''' || s.story ELSE s.story END AS story,
    CASE WHEN ltrim(a.tactics, ' ') GLOB risk THEN '''' || a.tactics ELSE a.tactics END AS tactics,
    CASE WHEN ltrim(a.techniques, ' ') GLOB risk THEN '''' || a.techniques ELSE a.techniques END AS techniques,
    CASE WHEN ltrim(a.suppressedBy, ' ') GLOB risk THEN '''' || a.suppressedBy ELSE a.suppressedBy END AS suppressedBy,
    CASE WHEN ltrim(a.mergedInto, ' ') GLOB risk THEN '''' || a.mergedInto ELSE a.mergedInto END AS mergedInto,
    CASE WHEN ltrim(a.detectedAt, ' ') GLOB risk THEN '''' || a.detectedAt ELSE a.detectedAt END AS detectedAt,
    CASE WHEN ltrim(a.notes, ' ') GLOB risk THEN '''' || a.notes ELSE a.notes END AS notes
FROM (SELECT * FROM alert_story LIMIT -1) AS s -- the limit: each story is told once, not for each CASE
CROSS JOIN alert AS a ON a.alertID = s.alertID
CROSS JOIN csv_risk
ORDER BY a.startTime, a.alertID;
