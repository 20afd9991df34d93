-- alert_csv: the alerts for a spreadsheet, with no cell that it would take for a formula.
--
-- Why:     names, addresses and user agents come from whoever made the calls. A cell that begins with
--          = + - @, a tab or a line break is run as a formula by many programs that open such a file.
-- How:     such a text gets an apostrophe in front, also when spaces stand before the sign.
-- Next step: .mode csv, SELECT * FROM alert_csv. Separate by commas: .mode csv puts quotes around a
--          text with a comma in it, not around one with a semicolon.
-- Readable without the extension.
CREATE VIEW alert_csv AS
SELECT
    CASE WHEN ltrim(alertID, ' ') GLOB risk THEN '''' || alertID ELSE alertID END AS alertID,
    CASE WHEN ltrim(ruleName, ' ') GLOB risk THEN '''' || ruleName ELSE ruleName END AS ruleName,
    CASE WHEN ltrim(severity, ' ') GLOB risk THEN '''' || severity ELSE severity END AS severity,
    CASE WHEN ltrim(state, ' ') GLOB risk THEN '''' || state ELSE state END AS state,
    CASE WHEN ltrim(startTime, ' ') GLOB risk THEN '''' || startTime ELSE startTime END AS startTime,
    CASE WHEN ltrim(endTime, ' ') GLOB risk THEN '''' || endTime ELSE endTime END AS endTime,
    CASE WHEN ltrim(recipientAccountId, ' ') GLOB risk THEN '''' || recipientAccountId ELSE recipientAccountId END AS recipientAccountId,
    CASE WHEN ltrim(accountName, ' ') GLOB risk THEN '''' || accountName ELSE accountName END AS accountName,
    CASE WHEN ltrim(accountUPNSuffix, ' ') GLOB risk THEN '''' || accountUPNSuffix ELSE accountUPNSuffix END AS accountUPNSuffix,
    CASE WHEN ltrim(sourceIPAddress, ' ') GLOB risk THEN '''' || sourceIPAddress ELSE sourceIPAddress END AS sourceIPAddress,
    eventCount,
    CASE WHEN ltrim(summary, ' ') GLOB risk THEN '''' || summary ELSE summary END AS summary,
    CASE WHEN ltrim(tactics, ' ') GLOB risk THEN '''' || tactics ELSE tactics END AS tactics,
    CASE WHEN ltrim(techniques, ' ') GLOB risk THEN '''' || techniques ELSE techniques END AS techniques,
    CASE WHEN ltrim(suppressedBy, ' ') GLOB risk THEN '''' || suppressedBy ELSE suppressedBy END AS suppressedBy,
    CASE WHEN ltrim(mergedInto, ' ') GLOB risk THEN '''' || mergedInto ELSE mergedInto END AS mergedInto,
    CASE WHEN ltrim(detectedAt, ' ') GLOB risk THEN '''' || detectedAt ELSE detectedAt END AS detectedAt,
    CASE WHEN ltrim(notes, ' ') GLOB risk THEN '''' || notes ELSE notes END AS notes
FROM alert
CROSS JOIN (SELECT '[=+@' || char(9, 10, 13) || '-]*' AS risk)
ORDER BY alert.startTime, alert.alertID;
