-- alert_story: each alert as a paragraph: who, from where, by which client, what, how the calls ended,
-- and what the same identities did meanwhile and in the quarter of an hour before and after.
--
-- done, denied, throttled, failed: how many of the alert's events ended so, as cloudtrail_call has it.
-- calls:   what was called, commands where the rule counts them, as `GetObject 26x`, in order of
--          first appearance; the first 100.
-- clients: the first words of the user agents, the first 3.
-- How:     of other calls before the alert 4 are named, 4 meanwhile, 8 after: first what read data
--          (data_read_call), then what changed something, then what was to change something and was not
--          done, then what only reads; of equal weight the nearest. The time is that of a call that
--          was done, the last before or the first after; if none was done, of one that was not. Calls
--          that a service made are left out. The identities are those of the alert's events, by ARN or
--          principal id; where sessions of one role change their names while the address stays, all
--          sessions of that role from there.
-- Lists:   whatever is cut says how much more there is: of calls the number of calls.
-- Blind spots: who goes on under another principal, say a role assumed; look at the address, then.
--          Around events that have neither ARN nor principal id nothing is looked for.
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
        char(31) AS mark
    FROM alert AS a
),
counted AS (
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
        row_number() OVER (ORDER BY f.place) AS wall
    FROM fact AS f
),
told AS (
    SELECT
        f.*,
        -- IAM user, roles web, ci and 2 more
        (SELECT group_concat(kind, ', ')
           FROM (SELECT s.kind
                   FROM alert_step AS s
                  WHERE s.alertID = f.alertID
                    AND s.kind IS NOT NULL
                  GROUP BY s.kind
                  ORDER BY min(s.step))) AS kindList,
        (SELECT CASE max(place) WHEN 1 THEN 'role ' ELSE 'roles ' END
                || group_concat(CASE WHEN place <= 5 THEN role END, ', ')
                || CASE WHEN max(place) > 5 THEN printf(' and %d more', max(place) - 5) ELSE '' END
           FROM (SELECT s.role, row_number() OVER (ORDER BY min(s.step)) AS place
                   FROM alert_step AS s
                  WHERE s.alertID = f.alertID
                    AND s.role IS NOT NULL
                  GROUP BY s.role
                  ORDER BY place)) AS roleList,
        (SELECT CASE max(place) WHEN 1 THEN 'access key ' ELSE 'access keys ' END
                || group_concat(CASE WHEN place <= 3 THEN accessKeyId END, ', ')
                || CASE WHEN max(place) > 3 THEN printf(' and %d more', max(place) - 3) ELSE '' END
           FROM (SELECT s.accessKeyId, row_number() OVER (ORDER BY min(s.step)) AS place
                   FROM alert_step AS s
                  WHERE s.alertID = f.alertID
                    AND s.accessKeyId IS NOT NULL
                  GROUP BY s.accessKeyId
                  ORDER BY place)) AS keyList,
        -- what the rule says, then what its events add to it
        (SELECT CASE max(place) WHEN 1 THEN 'account ' ELSE 'accounts ' END
                || group_concat(CASE WHEN place <= 3 THEN account END, ', ')
                || CASE WHEN max(place) > 3 THEN printf(' and %d more', max(place) - 3) ELSE '' END
           FROM (SELECT account, row_number() OVER (ORDER BY min(step)) AS place
                   FROM (SELECT nullif(f.recipientAccountId, '') AS account, 0 AS step
                         UNION ALL
                         SELECT s.account, s.step FROM alert_step AS s WHERE s.alertID = f.alertID)
                  WHERE account IS NOT NULL
                  GROUP BY account
                  ORDER BY place)) AS accountList,
        (SELECT group_concat(CASE WHEN place <= 3 THEN address END, ', ')
                || CASE WHEN max(place) > 3 THEN printf(' and %d more', max(place) - 3) ELSE '' END
           FROM (SELECT address, row_number() OVER (ORDER BY min(step)) AS place
                   FROM (SELECT nullif(f.sourceIPAddress, '') AS address, 0 AS step
                         UNION ALL
                         SELECT s.address, s.step FROM alert_step AS s WHERE s.alertID = f.alertID)
                  WHERE address IS NOT NULL
                  GROUP BY address
                  ORDER BY place)) AS addressList,
        (SELECT group_concat(CASE WHEN place <= 3 THEN client END, ', ')
                || CASE WHEN max(place) > 3 THEN printf(' and %d more', max(place) - 3) ELSE '' END
           FROM (SELECT s.client, row_number() OVER (ORDER BY min(s.step)) AS place
                   FROM alert_step AS s
                  WHERE s.alertID = f.alertID
                    AND s.client IS NOT NULL
                  GROUP BY s.client
                  ORDER BY place)) AS clients,
        (SELECT group_concat(CASE WHEN place <= 5 THEN region END, ', ')
                || CASE WHEN max(place) > 5 THEN printf(' and %d more', max(place) - 5) ELSE '' END
           FROM (SELECT s.region, row_number() OVER (ORDER BY count(*) DESC, s.region) AS place
                   FROM alert_step AS s
                  WHERE s.alertID = f.alertID
                    AND s.region IS NOT NULL
                  GROUP BY s.region
                  ORDER BY place)) AS regions,
        -- ec2 6, iam 5: different commands of each service
        (SELECT group_concat(CASE WHEN place <= 8 THEN service || ' ' || n END, ', ')
                || CASE WHEN max(place) > 8
                        THEN printf(' and %d more', sum(CASE WHEN place > 8 THEN n END)) ELSE '' END
           FROM (SELECT s.service, count(DISTINCT s.call) AS n,
                        row_number() OVER (ORDER BY count(DISTINCT s.call) DESC, s.service) AS place
                   FROM alert_step AS s
                  WHERE s.alertID = f.alertID
                  GROUP BY s.service
                  ORDER BY place)) AS services,
        -- GetObject 26x, ListBuckets: data reads first, then changes
        (SELECT group_concat(CASE WHEN place <= 8
                                  THEN call || CASE n WHEN 1 THEN '' ELSE printf(' %dx', n) END END,
                             ', ')
                || CASE WHEN max(place) > 8
                        THEN printf(' and %d more', sum(CASE WHEN place > 8 THEN n END)) ELSE '' END
           FROM (SELECT s.call, count(*) AS n,
                        row_number() OVER (ORDER BY max(s.readsData) DESC, max(s.isChange) DESC,
                                                    min(s.step)) AS place
                   FROM alert_step AS s
                  WHERE s.alertID = f.alertID
                  GROUP BY s.call
                  ORDER BY place)) AS weightiest,
        (SELECT group_concat(CASE WHEN place <= 100
                                  THEN call || CASE n WHEN 1 THEN '' ELSE printf(' %dx', n) END END,
                             ', ')
                || CASE WHEN max(place) > 100
                        THEN printf(' and %d more', sum(CASE WHEN place > 100 THEN n END))
                        ELSE '' END
           FROM (SELECT s.call, count(*) AS n, row_number() OVER (ORDER BY min(s.step)) AS place
                   FROM alert_step AS s
                  WHERE s.alertID = f.alertID
                  GROUP BY s.call
                  ORDER BY place)) AS calls,
        -- 4 denied (iam.list-groups 2x, kms.list-keys 2x), 1 failed (ec2.run-instances)
        (SELECT substr(ifnull(', ' || f.denied || ' denied (' || denied
                              || printf(CASE moreDenied WHEN 0 THEN ')' ELSE ' and %d more)' END,
                                        moreDenied), '')
                       || ifnull(', ' || f.throttled || ' throttled (' || throttled
                                 || printf(CASE moreThrottled WHEN 0 THEN ')' ELSE ' and %d more)' END,
                                           moreThrottled), '')
                       || ifnull(', ' || f.failed || ' failed (' || failed
                                 || printf(CASE moreFailed WHEN 0 THEN ')' ELSE ' and %d more)' END,
                                           moreFailed), ''), 3)
           FROM (SELECT group_concat(CASE WHEN outcome = 'denied' THEN name END, ', ') AS denied,
                        group_concat(CASE WHEN outcome = 'throttled' THEN name END, ', ') AS throttled,
                        group_concat(CASE WHEN outcome = 'failed' THEN name END, ', ') AS failed,
                        sum(CASE WHEN outcome = 'denied' AND name IS NULL THEN n ELSE 0 END)
                            AS moreDenied,
                        sum(CASE WHEN outcome = 'throttled' AND name IS NULL THEN n ELSE 0 END)
                            AS moreThrottled,
                        sum(CASE WHEN outcome = 'failed' AND name IS NULL THEN n ELSE 0 END)
                            AS moreFailed
                   FROM (SELECT outcome, n,
                                CASE WHEN place <= 5
                                     THEN call || CASE n WHEN 1 THEN '' ELSE printf(' %dx', n) END
                                END AS name
                           FROM (SELECT s.outcome, s.call, count(*) AS n, min(s.step) AS step,
                                        row_number() OVER (PARTITION BY s.outcome
                                                           ORDER BY min(s.step)) AS place
                                   FROM alert_step AS s
                                  WHERE s.alertID = f.alertID
                                  GROUP BY s.outcome, s.call)
                          ORDER BY step))) AS notDone,
        (WITH
         call AS (
             SELECT
                 CASE WHEN e.eventTime < f.startTime THEN 1
                      WHEN e.eventTime > f.endTime THEN 3 ELSE 2 END AS phase,
                 e.eventName,
                 e.eventTime,
                 e.outcome,
                 e.readOnly IS 0 AS isChange,
                 EXISTS (SELECT 1
                           FROM data_read_call AS d
                          WHERE d.eventSource = e.eventSource
                            AND d.eventName = e.eventName) AS readsData
             FROM event_base AS e
             WHERE e.eventTime >= f.since
               AND e.eventTime <= f.until
               AND e.eventName IS NOT NULL
               AND e.isCall
               AND NOT e.isService
               AND (instr(f.principals, f.mark || coalesce(nullif(e.userIdentityArn, ''),
                                                           e.userIdentityPrincipalId) || f.mark)
                    OR instr(f.sessions, f.mark || e.sessionIssuerArn || ' ' || e.sourceIPAddress
                                                || f.mark))
               -- not one of the alert's own
               AND (e.eventTime < f.startTime
                    OR e.eventTime > f.endTime
                    OR NOT EXISTS (SELECT 1
                                     FROM alert_event AS l
                                    WHERE l.alertID = f.alertID
                                      AND l.eventTime = e.eventTime
                                      AND l.eventID IS e.eventID
                                      AND (l.eventID IS NOT NULL
                                           OR l.fileID = e.fileID
                                          AND l.recordNumber = e.recordNumber)))
         ),
         -- the last time before, the first after
         kind AS (
             SELECT
                 phase,
                 CASE WHEN length(eventName) > 60 THEN substr(eventName, 1, 59) || '…'
                      ELSE eventName END AS name,
                 count(*) AS n,
                 sum(outcome = 'done') AS done,
                 sum(outcome = 'denied') AS denied,
                 sum(outcome = 'throttled') AS throttled,
                 sum(outcome = 'failed') AS failed,
                 max(isChange) AS isChange,
                 max(readsData) AS readsData,
                 CASE WHEN phase > 1
                      THEN ifnull(min(CASE outcome WHEN 'done' THEN eventTime END), min(eventTime))
                      ELSE ifnull(max(CASE outcome WHEN 'done' THEN eventTime END), max(eventTime))
                 END AS at
             FROM call
             GROUP BY phase, eventName
         ),
         ranked AS (
             SELECT
                 *,
                 CASE phase WHEN 3 THEN 8 ELSE 4 END
                     >= row_number() OVER (PARTITION BY phase
                                           ORDER BY CASE WHEN readsData AND done > 0 THEN 1
                                                         WHEN isChange AND done > 0 THEN 2
                                                         WHEN readsData OR isChange THEN 3
                                                         ELSE 4 END,
                                                    CASE WHEN phase > 1 THEN at END,
                                                    at DESC, name) AS isNamed
             FROM kind
         ),
         told AS (
             SELECT
                 phase,
                 isNamed,
                 n,
                 done,
                 denied,
                 throttled,
                 failed,
                 name || CASE n WHEN 1 THEN '' ELSE printf(' %dx', n) END
                      || strftime(' (%H:%M:%S', at)
                      || CASE WHEN n = done THEN ''
                              WHEN n = 1 THEN CASE WHEN denied THEN ', denied'
                                                   WHEN throttled THEN ', throttled'
                                                   ELSE ', failed' END
                              WHEN n = denied THEN ', all denied'
                              WHEN n = throttled THEN ', all throttled'
                              WHEN n = failed THEN ', all failed'
                              ELSE CASE denied WHEN 0 THEN '' ELSE printf(', %d denied', denied) END
                                   || CASE throttled WHEN 0 THEN ''
                                                     ELSE printf(', %d throttled', throttled) END
                                   || CASE failed WHEN 0 THEN ''
                                                  ELSE printf(', %d failed', failed) END
                         END
                      || ')' AS text
             FROM ranked
             ORDER BY phase, readsData AND done > 0 DESC, at, name
         ),
         list AS (
             SELECT
                 p.title,
                 p.phase,
                 group_concat(CASE WHEN t.isNamed THEN t.text END, ', ') AS text,
                 sum(CASE WHEN t.isNamed THEN 0 ELSE t.n END) AS n,
                 sum(CASE WHEN t.isNamed THEN 0 ELSE t.denied END) AS denied,
                 sum(CASE WHEN t.isNamed THEN 0 ELSE t.throttled END) AS throttled,
                 sum(CASE WHEN t.isNamed THEN 0 ELSE t.failed END) AS failed
             FROM (SELECT 1 AS phase, ' Just before: ' AS title
                   UNION ALL SELECT 2, ' Meanwhile: '
                   UNION ALL SELECT 3, ' Right after: ') AS p
             JOIN told AS t ON t.phase = p.phase
             GROUP BY p.phase
         ),
         sentence AS (
             SELECT
                 phase,
                 title || text
                 || CASE n WHEN 0 THEN '' WHEN 1 THEN ' and 1 more call'
                           ELSE printf(' and %d more calls', n) END
                 || CASE WHEN denied + throttled + failed > 0
                         THEN ' (' || substr(CASE denied WHEN 0 THEN ''
                                                         ELSE printf(', %d denied', denied) END
                                             || CASE throttled WHEN 0 THEN ''
                                                               ELSE printf(', %d throttled', throttled)
                                                END
                                             || CASE failed WHEN 0 THEN ''
                                                            ELSE printf(', %d failed', failed) END,
                                             3) || ')'
                         ELSE '' END
                 || '.' AS text
             FROM list
         )
         SELECT CASE WHEN f.principals IS NULL THEN ''
                     WHEN count(CASE WHEN phase <> 2 THEN 1 END) = 0
                     THEN ifnull(max(CASE phase WHEN 2 THEN text END), '')
                          || ' Nothing in the 15 minutes before and after.'
                     ELSE ifnull(max(CASE phase WHEN 1 THEN text END),
                                 ' Nothing in the 15 minutes before.')
                          || ifnull(max(CASE phase WHEN 2 THEN text END), '')
                          || ifnull(max(CASE phase WHEN 3 THEN text END),
                                    ' Nothing in the 15 minutes after.')
                END
           FROM sentence) AS around
    FROM counted AS f
),
worded AS (
    SELECT
        alertID,
        ruleName,
        state,
        startTime,
        CASE WHEN mergedInto IS NOT NULL THEN 'Part of the alert ' || mergedInto || '.' ELSE
        -- a rule that counts no commands has to say what it found
        CASE WHEN nCommands > 0 OR summary = '' THEN ''
             ELSE summary || CASE WHEN summary GLOB '*[.!?]' THEN ' ' ELSE '. ' END END
        || CASE WHEN accountName = '' THEN 'An identity without a name'
                WHEN accountName GLOB 'arn:aws*:root' THEN 'The root user'
                ELSE accountName END
        || CASE WHEN accountUPNSuffix = '' THEN '' ELSE '@' || accountUPNSuffix END
        || CASE WHEN names > 2 THEN printf(' and %d other names', names - 1)
                WHEN names = 2 THEN ' and 1 other name' ELSE '' END
        || ifnull(' (' || nullif(substr(ifnull(', ' || nullif(kindList, 'root'), '')
                                        || ifnull(', ' || roleList, '')
                                        || ifnull('; ' || keyList, ''), 3), '') || ')', '')
        || ifnull(' in ' || accountList, '')
        || ifnull(', from ' || addressList, '')
        || ifnull(' with ' || clients, '')
        || CASE WHEN n = 0 THEN ': no event is named'
                WHEN kinds = 1 THEN CASE WHEN nCommands > 0 THEN ': 1 command' ELSE ': 1 call' END
                ELSE printf(CASE WHEN nCommands > 0 THEN ': %d different commands'
                                 ELSE ': %d different calls' END, kinds) END
        || CASE WHEN seconds = 0 THEN ' within a second'
                WHEN seconds = 1 THEN ' in 1 second'
                WHEN seconds <= 600 THEN printf(' in %d seconds', seconds)
                WHEN seconds <= 7200 THEN printf(' in %d minutes', round(seconds / 60.0))
                ELSE printf(' in %d hours', round(seconds / 3600.0)) END
        || strftime(' from %Y-%m-%d %H:%M:%S UTC', startTime)
        || CASE WHEN n = 0 THEN ''
                ELSE ' (' || CASE WHEN nCommands > 0 THEN services ELSE weightiest END || ')' END
        || ifnull(', in ' || regions, '')
        || CASE WHEN n = 0 OR n = gone THEN '.'
                WHEN n = done THEN CASE n WHEN 1 THEN '. It was done.'
                                          ELSE printf('. All %d calls were done.', n) END
                WHEN n = 1 THEN '. It was ' || CASE WHEN denied THEN 'denied.'
                                                    WHEN throttled THEN 'throttled.'
                                                    ELSE 'tried and failed.' END
                WHEN n = failed THEN printf('. All %d calls failed', n)
                                     || substr(notDone, instr(notDone, ' (')) || '.'
                WHEN done + gone = 0 THEN printf('. All %d calls failed: ', n) || notDone || '.'
                ELSE printf('. Of %d calls %d %s done', n, done,
                            CASE done WHEN 1 THEN 'was' ELSE 'were' END)
                     || CASE notDone WHEN '' THEN '' ELSE ', ' || notDone END || '.' END
        || CASE WHEN gone = 0 THEN ''
                WHEN gone = n THEN printf(CASE n WHEN 1 THEN ' Its event is no longer in the table.'
                                                 ELSE ' Its %d events are no longer in the table.'
                                          END, n)
                ELSE printf(' %d of its events %s no longer in the table.', gone,
                            CASE gone WHEN 1 THEN 'is' ELSE 'are' END) END
        || around
        END AS story,
        done,
        denied,
        throttled,
        failed,
        calls,
        clients
    FROM told
)
SELECT
    alertID,
    ruleName,
    state,
    startTime,
    -- names may hold line breaks and what moves a terminal's cursor
    CASE
        WHEN story GLOB '*[' || char(1) || '-' || char(31) || char(127) || '-' || char(159) || ']*' THEN
            (WITH RECURSIVE
             clean (code, story) AS (
                 SELECT 0, w.story
                 UNION ALL
                 SELECT CASE code WHEN 31 THEN 127 ELSE code + 1 END,
                        replace(story, char(CASE code WHEN 31 THEN 127 ELSE code + 1 END), ' ')
                 FROM clean
                 WHERE code < 159
             )
             SELECT story FROM clean WHERE code = 159)
        ELSE story
    END AS story,
    done,
    denied,
    throttled,
    failed,
    calls,
    clients
FROM worded AS w;
