-- alert_story: each alert as a paragraph: who, from where, by which client, what, what was denied, and
-- what the same principal did in the quarter of an hour before and after.
--
-- How:     of the calls before, the last ones are named; of those after, calls that change something
--          go first. The principal is that of the alert's first event, by its ARN or principal id.
-- Blind spots: who goes on under another principal, say a role assumed; look at the address, then.
-- Readable without the extension.
CREATE VIEW alert_story AS
WITH
-- row_number() is a wall: SQLite computes these columns once an alert, not wherever they are used
fact AS (
    SELECT
        a.*,
        row_number() OVER (ORDER BY a.startTime, a.alertID) AS place,
        CAST(round((julianday(a.endTime) - julianday(a.startTime)) * 86400) AS INTEGER) AS seconds,
        strftime('%Y-%m-%dT%H:%M:%SZ', a.startTime, '-15 minutes') AS since,
        strftime('%Y-%m-%dT%H:%M:%SZ', a.endTime, '+15 minutes') AS until,
        (SELECT coalesce(nullif(v.userIdentityArn, ''), v.userIdentityPrincipalId)
           FROM alert_evidence AS v
          WHERE v.alertID = a.alertID AND v.step = 1) AS principal,
        (SELECT CASE v.userIdentityType
                    WHEN 'IAMUser' THEN 'IAM user'
                    WHEN 'Root' THEN 'root'
                    WHEN 'AssumedRole' THEN 'role' || ifnull(' ' || v.sessionIssuerUserName, '')
                    ELSE v.userIdentityType END
           FROM alert_evidence AS v
          WHERE v.alertID = a.alertID AND v.step = 1) AS kind
    FROM alert AS a
),
told AS (
    SELECT
        f.*,
        -- aws-cli/2.12.0: the user agent's first word, without Amazon's brackets
        (SELECT group_concat(client, ' and ')
           FROM (SELECT rtrim(substr(agent, 1, instr(agent || ' ', ' ') - 1), ']') AS client
                   FROM (SELECT v.step, ltrim(v.userAgent, ' [') AS agent
                           FROM alert_evidence AS v
                          WHERE v.alertID = f.alertID)
                  GROUP BY client
                  ORDER BY min(step)
                  LIMIT 3)) AS clients,
        (SELECT count(DISTINCT l.command) FROM alert_event AS l WHERE l.alertID = f.alertID)
            AS commandCount,
        -- ec2 6, iam 5: different commands of each service
        (SELECT group_concat(service || ' ' || n, ', ')
           FROM (SELECT substr(l.command, 1, instr(l.command || '.', '.') - 1) AS service,
                        count(DISTINCT l.command) AS n
                   FROM alert_event AS l
                  WHERE l.alertID = f.alertID
                  GROUP BY service
                  ORDER BY n DESC, service
                  LIMIT 8)) AS services,
        (SELECT group_concat(awsRegion, ', ')
           FROM (SELECT v.awsRegion
                   FROM alert_evidence AS v
                  WHERE v.alertID = f.alertID
                  GROUP BY v.awsRegion
                  ORDER BY count(*) DESC, v.awsRegion
                  LIMIT 5)) AS regions,
        (SELECT count(*)
           FROM alert_evidence AS v
          WHERE v.alertID = f.alertID
            AND (instr(v.errorCode, 'AccessDenied') OR instr(v.errorCode, 'Unauthorized')))
            AS deniedCount,
        (SELECT group_concat(command, ', ')
           FROM (SELECT v.command
                   FROM alert_evidence AS v
                  WHERE v.alertID = f.alertID
                    AND (instr(v.errorCode, 'AccessDenied') OR instr(v.errorCode, 'Unauthorized'))
                  GROUP BY v.command
                  ORDER BY min(v.step)
                  LIMIT 5)) AS denied,
        (SELECT group_concat(eventName || at, ', ')
           FROM (SELECT eventName, at
                   FROM (SELECT e.eventName,
                                max(e.eventTime) AS latest,
                                strftime(' (%H:%M:%S)', max(e.eventTime)) AS at
                           FROM cloudtrail AS e
                          WHERE e.eventTime >= f.since
                            AND e.eventTime < f.startTime
                            AND coalesce(nullif(e.userIdentityArn, ''), e.userIdentityPrincipalId)
                                = f.principal
                            AND e.eventType IS NOT 'AwsCloudTrailInsight'
                          GROUP BY e.eventName
                          ORDER BY latest DESC
                          LIMIT 4)
                  ORDER BY latest, eventName)) AS before,
        (SELECT group_concat(eventName || at, ', ')
           FROM (SELECT eventName, at
                   FROM (SELECT e.eventName,
                                min(e.eventTime) AS earliest,
                                strftime(' (%H:%M:%S', min(e.eventTime))
                                || CASE WHEN min(instr(ifnull(e.errorCode, ''), 'AccessDenied')
                                                 OR instr(ifnull(e.errorCode, ''), 'Unauthorized'))
                                        THEN ', denied)' ELSE ')' END AS at
                           FROM cloudtrail AS e
                          WHERE e.eventTime > f.endTime
                            AND e.eventTime <= f.until
                            AND coalesce(nullif(e.userIdentityArn, ''), e.userIdentityPrincipalId)
                                = f.principal
                            AND e.eventType IS NOT 'AwsCloudTrailInsight'
                          GROUP BY e.eventName
                          ORDER BY min(ifnull(e.readOnly, 1)), earliest
                          LIMIT 6)
                  ORDER BY earliest, eventName)) AS after
    FROM fact AS f
)
SELECT
    alertID,
    ruleName,
    state,
    startTime,
    CASE WHEN mergedInto IS NOT NULL THEN 'Part of the alert ' || mergedInto || '.' ELSE
    CASE WHEN accountName = '' THEN 'An identity without a name' ELSE accountName END
    || CASE WHEN accountUPNSuffix = '' THEN '' ELSE '@' || accountUPNSuffix END
    || ifnull(' (' || kind || ')', '')
    || CASE WHEN recipientAccountId = '' THEN '' ELSE ' in account ' || recipientAccountId END
    || CASE WHEN sourceIPAddress = '' THEN '' ELSE ', from ' || sourceIPAddress END
    || ifnull(' with ' || clients, '')
    || printf(': %d different commands ', commandCount)
    || CASE seconds WHEN 0 THEN 'within a second' WHEN 1 THEN 'in 1 second'
                    ELSE printf('in %d seconds', seconds) END
    || strftime(' from %Y-%m-%d %H:%M:%S UTC', startTime)
    || ifnull(' (' || services || ')', '')
    || ifnull(', in ' || regions, '')
    || CASE deniedCount WHEN 0 THEN '. Nothing was denied.'
                        ELSE printf('. Denied: %d of %d calls (%s).', deniedCount, eventCount, denied)
       END
    -- by replace(): `before` and `after` are costly, and each mention computes them anew
    || replace(
           ifnull(' Just before: ' || before || '.', ' Nothing in the 15 minutes before.')
           || ifnull(' Right after: ' || after || '.', ' Nothing in the 15 minutes after.'),
           ' Nothing in the 15 minutes before. Nothing in the 15 minutes after.',
           ' Nothing in the 15 minutes before and after.')
    END AS story
FROM told;
