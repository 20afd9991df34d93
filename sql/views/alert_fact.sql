-- alert_fact: the alerts with what their stories count and look for: a layer under alert_story.
--
-- done, denied, throttled, failed: how many of the events ended so; gone: how many are no longer in
--          cloudtrail; n: all. nCommands: those that count as a command. kinds: different calls.
-- since, until: a quarter of an hour before the alert and after it.
-- principals, sessions: who is looked for there, a list between marks: by ARN or principal id; and
--          `role address` where sessions of a role change their names while the address stays.
-- Readable without the extension.
CREATE VIEW alert_fact AS
WITH
-- row_number() is a wall: SQLite computes these columns once an alert, not wherever they are used; by alert,
-- so that who asks for one alert does not wait for all
fact AS (
    SELECT
        a.alertID,
        a.ruleName,
        a.state,
        a.startTime,
        a.endTime,
        a.recipientAccountId,
        a.accountName,
        a.accountUPNSuffix,
        a.sourceIPAddress,
        a.summary,
        a.mergedInto,
        a.toolMarks,
        a.chain,
        row_number() OVER (PARTITION BY a.alertID) AS place,
        CAST(round((julianday(a.endTime) - julianday(a.startTime)) * 86400) AS INTEGER) AS seconds,
        strftime('%Y-%m-%dT%H:%M:%SZ', a.startTime, '-15 minutes') AS since,
        strftime('%Y-%m-%dT%H:%M:%SZ', a.endTime, '+15 minutes') AS until,
        char(31) AS mark
    FROM alert AS a
)
SELECT
    f.*,
    (SELECT count(*) FROM alert_event AS l WHERE l.alertID = f.alertID) AS n,
    (SELECT count(*) FROM alert_event AS l WHERE l.alertID = f.alertID AND l.command <> '')
        AS nCommands,
    (SELECT count(*) FROM alert_step AS s WHERE s.alertID = f.alertID AND s.outcome = 'done')
        AS done,
    (SELECT count(*) FROM alert_step AS s WHERE s.alertID = f.alertID AND s.outcome = 'denied')
        AS denied,
    (SELECT count(*) FROM alert_step AS s WHERE s.alertID = f.alertID AND s.outcome = 'throttled')
        AS throttled,
    (SELECT count(*) FROM alert_step AS s WHERE s.alertID = f.alertID AND s.outcome = 'failed')
        AS failed,
    (SELECT count(*) FROM alert_step AS s WHERE s.alertID = f.alertID AND s.outcome = 'gone')
        AS gone,
    (SELECT count(DISTINCT s.call) FROM alert_step AS s WHERE s.alertID = f.alertID) AS kinds,
    (SELECT count(DISTINCT s.name) FROM alert_step AS s WHERE s.alertID = f.alertID) AS names,
    -- lists to look in, each between marks: a subquery SQLite would run anew for each event
    (SELECT f.mark || group_concat(principal, f.mark) || f.mark
       FROM (SELECT DISTINCT replace(s.principal, f.mark, '') AS principal
               FROM alert_step AS s
              WHERE s.alertID = f.alertID
                AND s.principal IS NOT NULL)) AS principals,
    -- roles whose sessions change their names while the address stays
    (SELECT f.mark || group_concat(session, f.mark) || f.mark
       FROM (SELECT replace(s.sessionIssuerArn || ' ' || s.address, f.mark, '') AS session
               FROM alert_step AS s
              WHERE s.alertID = f.alertID
                AND s.sessionIssuerArn <> ''
                AND s.address IS NOT NULL
              GROUP BY session
             HAVING count(DISTINCT s.principal) > 1)) AS sessions,
    row_number() OVER (PARTITION BY f.alertID) AS wall
FROM fact AS f;
