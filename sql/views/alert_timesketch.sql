-- alert_timesketch: the alerts and their events as a timeline for Timesketch: a row an alert, and a row
-- an event of it.
--
-- message, datetime, timestamp (microseconds since 1970) and timestamp_desc are what its importer wants;
-- timestamp_desc is 'Alert', at the time of its first event, or 'Event Time'. The other columns are there
-- to be searched; of an alert those are NULL that only an event has.
-- How:     alerts that were merged into another are left out; suppressed ones are there, with their state.
--          An event of two alerts has two rows. No cell is a formula (csv_risk).
-- Next step: as CSV with its header into a file .csv, or a JSON object a line into .jsonl.
-- Blind spots: of an event that is no longer in the table cloudtrail only time, id and command are told.
-- Source:  https://timesketch.org/guides/user/import-from-json-csv/
-- Readable without the extension.
CREATE VIEW alert_timesketch AS
WITH
chosen AS (
    SELECT
        a.alertID,
        i.incidentID,
        ifnull(r.title, a.ruleName) AS title,
        a.ruleName,
        a.severity,
        a.state,
        a.tactics,
        a.techniques,
        a.recipientAccountId,
        a.accountName,
        a.sourceIPAddress AS address,
        a.startTime
    FROM alert AS a
    LEFT JOIN rule AS r ON r.name = a.ruleName
    LEFT JOIN incident_alert AS i ON i.alertID = a.alertID
    WHERE a.mergedInto IS NULL
),
line AS (
    SELECT
        c.*,
        c.title || ': ' || s.story AS message,
        c.startTime AS time,
        'Alert' AS timestamp_desc,
        0 AS step,
        NULL AS eventName,
        NULL AS eventSource,
        NULL AS outcome,
        NULL AS errorCode,
        NULL AS errorMessage,
        NULL AS awsRegion,
        nullif(c.address, '') AS sourceIPAddress,
        NULL AS userAgent,
        NULL AS userIdentityArn,
        NULL AS userIdentityAccessKeyId,
        NULL AS requestParameters,
        NULL AS eventID
    FROM chosen AS c
    JOIN (SELECT * FROM alert_story LIMIT -1) AS s ON s.alertID = c.alertID -- told once, not for each CASE
    UNION ALL
    SELECT
        c.*,
        CASE WHEN v.event IS NULL
             THEN 'An event that is no longer in the table'
                  || CASE v.command WHEN '' THEN '' ELSE ' (' || v.command || ')' END
             ELSE ifnull(v.eventName, 'A call without a name')
                  || CASE v.outcome WHEN 'done' THEN '' ELSE ' ' || v.outcome END
                  || ifnull(' by ' || coalesce(v.userIdentityArn, v.userIdentityUserName,
                                               v.userIdentityPrincipalId, v.userIdentityType), '')
                  || ifnull(' from ' || v.sourceIPAddress, '')
        END,
        v.eventTime,
        'Event Time',
        v.step,
        v.eventName,
        v.eventSource,
        v.outcome,
        v.errorCode,
        v.errorMessage,
        v.awsRegion,
        v.sourceIPAddress,
        v.userAgent,
        v.userIdentityArn,
        v.userIdentityAccessKeyId,
        v.requestParameters,
        v.eventID
    FROM chosen AS c
    JOIN alert_evidence AS v ON v.alertID = c.alertID
)
SELECT
    CASE WHEN ltrim(l.message, ' ') GLOB risk THEN '''' || l.message ELSE l.message END AS message,
    strftime('%Y-%m-%dT%H:%M:%S+00:00', l.time) AS datetime,
    strftime('%s', l.time) * 1000000 AS timestamp,
    l.timestamp_desc,
    CASE WHEN ltrim(l.alertID, ' ') GLOB risk THEN '''' || l.alertID ELSE l.alertID END AS alertID,
    CASE WHEN ltrim(l.incidentID, ' ') GLOB risk THEN '''' || l.incidentID ELSE l.incidentID END AS incidentID,
    CASE WHEN ltrim(l.ruleName, ' ') GLOB risk THEN '''' || l.ruleName ELSE l.ruleName END AS ruleName,
    CASE WHEN ltrim(l.severity, ' ') GLOB risk THEN '''' || l.severity ELSE l.severity END AS severity,
    CASE WHEN ltrim(l.state, ' ') GLOB risk THEN '''' || l.state ELSE l.state END AS state,
    CASE WHEN ltrim(l.tactics, ' ') GLOB risk THEN '''' || l.tactics ELSE l.tactics END AS tactics,
    CASE WHEN ltrim(l.techniques, ' ') GLOB risk THEN '''' || l.techniques ELSE l.techniques END AS techniques,
    CASE WHEN ltrim(l.recipientAccountId, ' ') GLOB risk THEN '''' || l.recipientAccountId ELSE l.recipientAccountId END AS recipientAccountId,
    CASE WHEN ltrim(l.accountName, ' ') GLOB risk THEN '''' || l.accountName ELSE l.accountName END AS accountName,
    CASE WHEN ltrim(l.eventName, ' ') GLOB risk THEN '''' || l.eventName ELSE l.eventName END AS eventName,
    CASE WHEN ltrim(l.eventSource, ' ') GLOB risk THEN '''' || l.eventSource ELSE l.eventSource END AS eventSource,
    CASE WHEN ltrim(l.outcome, ' ') GLOB risk THEN '''' || l.outcome ELSE l.outcome END AS outcome,
    CASE WHEN ltrim(l.errorCode, ' ') GLOB risk THEN '''' || l.errorCode ELSE l.errorCode END AS errorCode,
    CASE WHEN ltrim(l.errorMessage, ' ') GLOB risk THEN '''' || l.errorMessage ELSE l.errorMessage END AS errorMessage,
    CASE WHEN ltrim(l.awsRegion, ' ') GLOB risk THEN '''' || l.awsRegion ELSE l.awsRegion END AS awsRegion,
    CASE WHEN ltrim(l.sourceIPAddress, ' ') GLOB risk THEN '''' || l.sourceIPAddress ELSE l.sourceIPAddress END AS sourceIPAddress,
    CASE WHEN ltrim(l.userAgent, ' ') GLOB risk THEN '''' || l.userAgent ELSE l.userAgent END AS userAgent,
    CASE WHEN ltrim(l.userIdentityArn, ' ') GLOB risk THEN '''' || l.userIdentityArn ELSE l.userIdentityArn END AS userIdentityArn,
    CASE WHEN ltrim(l.userIdentityAccessKeyId, ' ') GLOB risk THEN '''' || l.userIdentityAccessKeyId ELSE l.userIdentityAccessKeyId END AS userIdentityAccessKeyId,
    CASE WHEN ltrim(l.requestParameters, ' ') GLOB risk THEN '''' || l.requestParameters ELSE l.requestParameters END AS requestParameters,
    CASE WHEN ltrim(l.eventID, ' ') GLOB risk THEN '''' || l.eventID ELSE l.eventID END AS eventID
FROM line AS l
CROSS JOIN csv_risk
ORDER BY l.time, l.alertID, l.step;
