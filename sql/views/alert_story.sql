-- alert_story: each alert as a paragraph: who, from where, by which client, what, what was denied, and
-- what the same principal did in the quarter of an hour before and after.
--
-- How:     of the calls before, the last 4 are named; of those after 6: first what changed something,
--          then what was to change something and was denied or failed, then what only reads. The time
--          is that of a call that was done, the last before or the first after, with the count of
--          those denied and failed beside it; if none was done, that of one which was denied or
--          failed. The principal is that of the alert's first event, by its ARN or principal id;
--          around an event that has neither nothing is looked for.
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
        (SELECT coalesce(nullif(v.userIdentityArn, ''), nullif(v.userIdentityPrincipalId, ''))
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
            AND v.outcome = 'denied') AS deniedCount,
        (SELECT group_concat(command, ', ')
                || CASE WHEN n > 5 THEN printf(' and %d more', n - 5) ELSE '' END
           FROM (SELECT v.command, count(*) OVER () AS n
                   FROM alert_evidence AS v
                  WHERE v.alertID = f.alertID
                    AND v.outcome = 'denied'
                  GROUP BY v.command
                  ORDER BY min(v.step)
                  LIMIT 5)) AS denied,
        (WITH
         call AS (
             SELECT
                 e.eventTime > f.endTime AS isAfter,
                 e.eventName,
                 e.eventTime,
                 ifnull(e.readOnly, 1) AS readOnly,
                 CASE e.outcome WHEN 'done' THEN NULL WHEN 'denied' THEN 'denied' ELSE 'failed' END
                     AS missed
             FROM cloudtrail_call AS e
             WHERE (e.eventTime >= f.since AND e.eventTime < f.startTime
                    OR e.eventTime > f.endTime AND e.eventTime <= f.until)
               AND coalesce(nullif(e.userIdentityArn, ''), e.userIdentityPrincipalId) = f.principal
               AND e.eventName IS NOT NULL
         ),
         -- the last time before, the first after; missedAt has the outcome behind the time
         kind AS (
             SELECT
                 isAfter,
                 eventName,
                 min(readOnly) AS readOnly,
                 CASE WHEN isAfter THEN min(CASE WHEN missed IS NULL THEN eventTime END)
                                   ELSE max(CASE WHEN missed IS NULL THEN eventTime END) END
                     AS doneAt,
                 CASE WHEN isAfter THEN min(eventTime || ', ' || missed)
                                   ELSE max(eventTime || ', ' || missed) END AS missedAt,
                 count(CASE missed WHEN 'denied' THEN 1 END) AS denied,
                 count(CASE missed WHEN 'failed' THEN 1 END) AS failed
             FROM call
             GROUP BY isAfter, eventName
         ),
         ranked AS (
             SELECT
                 isAfter,
                 eventName,
                 at,
                 marks,
                 row_number() OVER (PARTITION BY isAfter
                                    ORDER BY CASE WHEN isAfter THEN 2 * readOnly + isMissed END,
                                             CASE WHEN isAfter THEN at END,
                                             at DESC, eventName) AS place
             FROM (SELECT
                       isAfter,
                       eventName,
                       readOnly,
                       doneAt IS NULL AS isMissed,
                       ifnull(doneAt, substr(missedAt, 1, 20)) AS at,
                       CASE WHEN doneAt IS NULL THEN substr(missedAt, 21)
                            ELSE CASE denied WHEN 0 THEN '' ELSE printf(', %d denied', denied) END
                                 || CASE failed WHEN 0 THEN '' ELSE printf(', %d failed', failed) END
                       END AS marks
                   FROM kind)
         ),
         list AS (
             SELECT
                 group_concat(CASE WHEN NOT isAfter THEN name END, ', ') AS before,
                 sum(NOT isAfter AND name IS NULL) AS othersBefore,
                 group_concat(CASE WHEN isAfter THEN name END, ', ') AS after,
                 sum(isAfter AND name IS NULL) AS othersAfter
             FROM (SELECT
                       isAfter,
                       CASE WHEN place <= CASE WHEN isAfter THEN 6 ELSE 4 END
                            THEN eventName || strftime(' (%H:%M:%S', at) || marks || ')' END AS name
                   FROM ranked
                   ORDER BY at, eventName)
         )
         SELECT replace(
                    ifnull(' Just before: ' || before
                           || CASE othersBefore WHEN 0 THEN '' WHEN 1 THEN ' and 1 other call'
                                                ELSE printf(' and %d other calls', othersBefore) END
                           || '.', ' Nothing in the 15 minutes before.')
                    || ifnull(' Right after: ' || after
                              || CASE othersAfter WHEN 0 THEN '' WHEN 1 THEN ' and 1 other call'
                                                  ELSE printf(' and %d other calls', othersAfter) END
                              || '.', ' Nothing in the 15 minutes after.'),
                    ' Nothing in the 15 minutes before. Nothing in the 15 minutes after.',
                    ' Nothing in the 15 minutes before and after.')
           FROM list
          WHERE f.principal IS NOT NULL) AS around
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
    || CASE commandCount WHEN 1 THEN ': 1 command '
                           ELSE printf(': %d different commands ', commandCount) END
    || CASE seconds WHEN 0 THEN 'within a second' WHEN 1 THEN 'in 1 second'
                    ELSE printf('in %d seconds', seconds) END
    || strftime(' from %Y-%m-%d %H:%M:%S UTC', startTime)
    || ifnull(' (' || services || ')', '')
    || ifnull(', in ' || regions, '')
    || CASE deniedCount WHEN 0 THEN '. Nothing was denied.'
                        ELSE printf('. Denied: %d of %d calls (%s).', deniedCount, eventCount, denied)
       END
    || ifnull(around, '')
    END AS story
FROM told;
