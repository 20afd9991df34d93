-- alert_around: what the identities of each alert did before it, meanwhile and after it, as a part of
-- its story.
--
-- How:     4 calls before the alert are named, 4 meanwhile, 8 after: first what read data
--          (data_read_call), then what changed something, then what was to change something and was not
--          done, then what only reads; of equal weight the nearest. The time is that of a call that
--          was done, the last before or the first after; if none was done, of one that was not. Calls
--          that a service made are left out. Around events that have neither ARN nor principal id
--          nothing is looked for.
-- Readable without the extension.
CREATE VIEW alert_around AS
SELECT
    f.alertID,
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
FROM alert_fact AS f;
