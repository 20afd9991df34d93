-- What only this extension can read goes into the alert's row, for its story must be readable without:
-- which tools the user agents name, and where the credentials came from and what came out of them. The
-- latter of every alert anew: what came out of its keys may have come in since.
UPDATE main.alert
   SET toolMarks = ifnull(
       (SELECT group_concat(mark, ', ')
          FROM (SELECT one.value AS mark
                  FROM (SELECT min(v.step) AS step, user_agent_json(v.userAgent) AS agent
                          FROM main.alert_evidence AS v
                         WHERE v.alertID = alert.alertID
                           AND v.userAgent <> ''
                         GROUP BY v.userAgent) AS a
                 CROSS JOIN json_each(json_array(
                     json_extract(a.agent, '$.marks[0]'), json_extract(a.agent, '$.marks[1]'),
                     json_extract(a.agent, '$.marks[2]'),
                     CASE WHEN instr(a.agent, '"AGENTIC_CALLER"') THEN 'an AI agent' END,
                     -- distributions made for attacks
                     CASE WHEN json_extract(a.agent, '$.distrib') GLOB 'kali*' THEN 'Kali Linux'
                          WHEN json_extract(a.agent, '$.distrib') GLOB 'parrot*' THEN 'Parrot OS'
                          WHEN json_extract(a.agent, '$.distrib') GLOB 'pentoo*' THEN 'Pentoo'
                     END)) AS one
                 WHERE one.value IS NOT NULL
                 GROUP BY one.value
                 ORDER BY min(a.step), one.value)), '')
 WHERE mergedInto IS NULL
   AND (toolMarks IS NULL OR alertID IN (SELECT alertID FROM temp.cloudtrail_detected));

DELETE FROM temp.cloudtrail_chain;
DELETE FROM temp.cloudtrail_chain_call;
DELETE FROM temp.cloudtrail_chain_use;
DELETE FROM temp.cloudtrail_chain_told;

INSERT INTO temp.cloudtrail_chain (alertID, link, depth, issue)
SELECT alertID, link, depth,
       (SELECT c.rowid
          FROM temp.cloudtrail_credential AS c
         WHERE c.link = w.link
         -- of the two rows of an AssumeRole that of the caller's account has the caller's key
         ORDER BY c.issuedAt, c.issuerLink IS NULL
         LIMIT 1)
  FROM (SELECT ct_json_text(one.value, '$[0]') AS alertID,
               ct_json_text(one.value, '$[1]') AS link,
               CAST(ct_json_text(one.value, '$[2]') AS INTEGER) AS depth
          FROM json_each((SELECT walk_chains(alertID, node, next)
                            FROM (SELECT alertID, accessKeyId AS node, NULL AS next
                                    FROM temp.cloudtrail_alert_key
                                  UNION ALL
                                  SELECT NULL, issuerLink, link
                                    FROM temp.cloudtrail_credential))) AS one) AS w;

-- Also what the alert's identities issued meanwhile and in the quarter of an hour after it, by whichever
-- of their keys.
INSERT OR IGNORE INTO temp.cloudtrail_chain (alertID, link, depth, issue)
SELECT a.alertID, c.link, 1, c.rowid
  FROM temp.cloudtrail_credential AS c
  JOIN (SELECT DISTINCT alertID,
               coalesce(nullif(userIdentityArn, ''), nullif(userIdentityPrincipalId, '')) AS principal
          FROM main.alert_evidence) AS w ON w.principal = c.issuerPrincipal
  JOIN main.alert AS a ON a.alertID = w.alertID
 WHERE c.issuedAt >= a.startTime
   AND c.issuedAt <= strftime('%Y-%m-%dT%H:%M:%SZ', a.endTime, '+15 minutes')
 ORDER BY c.issuedAt;

-- What was done with the keys that came out of an alert.
INSERT INTO temp.cloudtrail_chain_call
    (accessKeyId, place, name, n, denied, throttled, failed, changed, lastTime, lastUse)
SELECT accessKeyId,
       row_number() OVER (PARTITION BY accessKeyId ORDER BY weight, n DESC, name),
       CASE WHEN length(name) > 60 THEN substr(name, 1, 59) || '…' ELSE name END,
       n, denied, throttled, failed, changed, lastTime, lastUse
  FROM (SELECT e.userIdentityAccessKeyId AS accessKeyId,
               e.eventName AS name,
               count(*) AS n,
               sum(e.outcome = 'denied') AS denied,
               sum(e.outcome = 'throttled') AS throttled,
               sum(e.outcome = 'failed') AS failed,
               sum(e.outcome = 'done' AND e.readOnly IS 0) AS changed,
               max(e.eventTime) AS lastTime,
               max(e.eventTime || coalesce(nullif(e.userIdentityArn, ''), e.userIdentityPrincipalId, ''))
                   AS lastUse,
               -- as the story weighs calls
               CASE WHEN sum(e.outcome = 'done') > 0
                    THEN CASE WHEN max(d.eventName IS NOT NULL) THEN 1
                              WHEN max(e.readOnly IS 0) THEN 2 ELSE 4 END
                    ELSE CASE WHEN max(d.eventName IS NOT NULL OR e.readOnly IS 0) THEN 3 ELSE 4 END
               END AS weight
          FROM (SELECT DISTINCT link FROM temp.cloudtrail_chain WHERE depth > 0) AS k
         CROSS JOIN main.event_base AS e ON e.userIdentityAccessKeyId = k.link -- a password is none
          LEFT JOIN main.data_read_call AS d
                 ON d.eventSource = e.eventSource
                AND d.eventName = e.eventName
         WHERE e.isCall
           AND NOT e.isService
           AND +e.eventName IS NOT NULL -- not by the index of names: these are nearly all
         GROUP BY e.userIdentityAccessKeyId, e.eventName);

-- As text: GetObject 26x, StopLogging 2x (1 denied) and 22 more.
INSERT INTO temp.cloudtrail_chain_use (accessKeyId, n, changed, lastTime, user, calls)
SELECT k.accessKeyId, k.n, k.changed, k.lastTime, substr(k.lastUse, length(k.lastTime) + 1),
       (SELECT group_concat(text, ', ')
          FROM (SELECT name || CASE n WHEN 1 THEN '' ELSE printf(' %dx', n) END
                       || CASE denied + throttled + failed WHEN 0 THEN ''
                          ELSE ' (' || substr(CASE denied WHEN 0 THEN ''
                                                          ELSE printf(', %d denied', denied) END
                                              || CASE throttled WHEN 0 THEN ''
                                                 ELSE printf(', %d throttled', throttled) END
                                              || CASE failed WHEN 0 THEN ''
                                                 ELSE printf(', %d failed', failed) END, 3) || ')'
                          END AS text
                  FROM temp.cloudtrail_chain_call AS c
                 WHERE c.accessKeyId = k.accessKeyId
                   AND c.place <= 4
                 ORDER BY c.place))
       || ifnull((SELECT ' and ' || sum(n) || ' more' -- NULL where there are none
                         || CASE sum(denied + throttled + failed) WHEN 0 THEN ''
                            ELSE ' (' || substr(CASE sum(denied) WHEN 0 THEN ''
                                                ELSE printf(', %d denied', sum(denied)) END
                                                || CASE sum(throttled) WHEN 0 THEN ''
                                                   ELSE printf(', %d throttled', sum(throttled)) END
                                                || CASE sum(failed) WHEN 0 THEN ''
                                                   ELSE printf(', %d failed', sum(failed)) END, 3)
                                 || ')'
                            END
                    FROM temp.cloudtrail_chain_call AS c
                   WHERE c.accessKeyId = k.accessKeyId
                     AND c.place > 4), '')
  FROM (SELECT accessKeyId, sum(n) AS n, sum(changed) AS changed, max(lastTime) AS lastTime,
               max(lastUse) AS lastUse
          FROM temp.cloudtrail_chain_call
         GROUP BY accessKeyId) AS k;

INSERT INTO temp.cloudtrail_chain_told
    (alertID, link, accessKeyId, depth, how, issuedAt, isPassword, thing, issuer, holder, accountId)
SELECT alertID, link, accessKeyId, depth, how, issuedAt, isPassword,
       CASE WHEN isPassword
            THEN 'the password of ' || substr(accessKeyId, instr(accessKeyId, '/') + 1)
            ELSE accessKeyId END,
       -- role/session, or the user's name
       CASE WHEN arn_part(issuerPrincipal, 'resource_type') = 'assumed-role'
            THEN substr(arn_part(issuerPrincipal, 'resource'), 14)
            ELSE coalesce(arn_part(issuerPrincipal, 'resource_name'), issuerPrincipal) END,
       CASE WHEN isPassword THEN NULL
            WHEN arn_part(holder, 'resource_type') = 'assumed-role'
            THEN substr(arn_part(holder, 'resource'), 14)
            ELSE coalesce(arn_part(holder, 'resource_name'), holder) END,
       coalesce(nullif(arn_part(holder, 'account'), ''), receiverAccountId)
  FROM (SELECT c.alertID, c.link, i.accessKeyId, c.depth, i.how, i.issuedAt,
               i.accessKeyId GLOB 'password:*' AS isPassword,
               i.issuerPrincipal, i.receiverAccountId,
               -- who last used it; if nobody did, who got it
               coalesce(nullif(u.user, ''), i.receiverPrincipal) AS holder
          FROM temp.cloudtrail_chain AS c
         CROSS JOIN temp.cloudtrail_credential AS i ON i.rowid = c.issue
          LEFT JOIN temp.cloudtrail_chain_use AS u ON u.accessKeyId = c.link);

-- The sentences. Of another day than the alert's a time is told with its date.
UPDATE main.alert
   SET chain = t.chain
  FROM (SELECT alertID,
               ltrim(ifnull(' ' || origin || '.', '')
                     || ifnull(' It led to ' || outcome || '.', '')
                     || ifnull(' ' || others, '')) AS chain
          FROM (SELECT a.alertID,
                       -- ASIA... was issued by svc-backup (AssumeRole, 14:24:36), before that ...
                       (SELECT group_concat(CASE WHEN place <= 3 THEN text END, ', ')
                               || CASE WHEN max(place) > 3 THEN printf(' and %d more', max(place) - 3)
                                       ELSE '' END
                          FROM (SELECT place,
                                       CASE WHEN depth < 0 AND place > 1 THEN 'before that ' ELSE '' END
                                       || thing || CASE place WHEN 1 THEN ' was issued' ELSE '' END
                                       || ifnull(' by ' || issuer, '')
                                       || ' (' || how || ', ' || at || ')' AS text
                                  FROM (SELECT c.depth, c.thing, c.issuer, c.how,
                                               CASE WHEN substr(c.issuedAt, 1, 10)
                                                         = substr(a.startTime, 1, 10)
                                                    THEN substr(c.issuedAt, 12, 8)
                                                    ELSE replace(substr(c.issuedAt, 1, 19), 'T', ' ')
                                               END AS at,
                                               row_number() OVER (ORDER BY c.depth DESC, c.issuedAt,
                                                                           c.accessKeyId) AS place
                                          FROM temp.cloudtrail_chain_told AS c
                                         WHERE c.alertID = a.alertID
                                           AND c.depth <= 0)
                                 ORDER BY place)) AS origin,
                       -- AKIA... for svc-backup (CreateAccessKey, 13:52:27), with which ...
                       (SELECT group_concat(CASE WHEN place <= 3 THEN text END, '; ')
                               || CASE WHEN max(place) > 3 THEN printf('; and %d more', max(place) - 3)
                                       ELSE '' END
                          FROM (SELECT place,
                                       thing || ifnull(' for ' || holder, '')
                                       || CASE WHEN accountId <> a.recipientAccountId
                                               THEN ' in account ' || accountId ELSE '' END
                                       || ' (' || how || ', ' || at || ')'
                                       || CASE WHEN n IS NOT NULL
                                               THEN printf(', with which %d %s made until %s: %s', n,
                                                           CASE n WHEN 1 THEN 'call was'
                                                                  ELSE 'calls were' END,
                                                           until, calls)
                                               WHEN isPassword THEN ''
                                               ELSE ', which was not used' END AS text
                                  FROM (SELECT c.thing, c.isPassword, c.holder, c.accountId, c.how,
                                               u.n, u.calls, c.issuedAt, c.accessKeyId,
                                               CASE WHEN substr(c.issuedAt, 1, 10)
                                                         = substr(a.startTime, 1, 10)
                                                    THEN substr(c.issuedAt, 12, 8)
                                                    ELSE replace(substr(c.issuedAt, 1, 19), 'T', ' ')
                                               END AS at,
                                               CASE WHEN substr(u.lastTime, 1, 10)
                                                         = substr(a.startTime, 1, 10)
                                                    THEN substr(u.lastTime, 12, 8)
                                                    ELSE replace(substr(u.lastTime, 1, 19), 'T', ' ')
                                               END AS until,
                                               row_number() OVER (ORDER BY ifnull(u.changed, 0) DESC,
                                                                           u.n DESC,
                                                                           c.issuedAt, c.accessKeyId)
                                                   AS place
                                          FROM temp.cloudtrail_chain_told AS c
                                          LEFT JOIN temp.cloudtrail_chain_use AS u
                                                 ON u.accessKeyId = c.accessKeyId
                                         WHERE c.alertID = a.alertID
                                           AND c.depth > 0)
                                 ORDER BY place > 3, issuedAt, accessKeyId)) AS outcome,
                       (SELECT CASE max(place)
                                   WHEN 1 THEN 'The alert on ' || max(text) || ' is of the same chain.'
                                   ELSE 'The alerts on '
                                        || group_concat(CASE WHEN place <= 5 THEN text END, ', ')
                                        || CASE WHEN max(place) > 5
                                                THEN printf(' and %d more', max(place) - 5) ELSE '' END
                                        || ' are of the same chain.' -- NULL where there are none
                               END
                          FROM (SELECT o.who || ' (' || o.at || ')' AS text,
                                       row_number() OVER (ORDER BY o.startTime, o.who) AS place
                                  FROM (SELECT b.startTime,
                                               ifnull(nullif(b.accountName, ''),
                                                      'an identity without a name') AS who,
                                               CASE WHEN substr(b.startTime, 1, 10)
                                                         = substr(a.startTime, 1, 10)
                                                    THEN substr(b.startTime, 12, 8)
                                                    ELSE replace(substr(b.startTime, 1, 19), 'T', ' ')
                                               END AS at
                                          -- the key of one, and of what the other led to; two
                                          -- reads, for each alert has all keys of a long chain
                                          FROM (SELECT p.alertID
                                                  FROM temp.cloudtrail_chain AS c
                                                  JOIN temp.cloudtrail_chain AS p
                                                    ON p.link = c.link
                                                   AND p.depth = 0
                                                 WHERE c.alertID = a.alertID
                                                   AND c.depth <> 0
                                                UNION
                                                SELECT p.alertID
                                                  FROM temp.cloudtrail_chain AS c
                                                  JOIN temp.cloudtrail_chain AS p
                                                    ON p.link = c.link
                                                   AND p.depth <> 0
                                                 WHERE c.alertID = a.alertID
                                                   AND c.depth = 0) AS m
                                          JOIN main.alert AS b ON b.alertID = m.alertID
                                         WHERE b.alertID <> a.alertID
                                         GROUP BY b.startTime, who) AS o
                                 ORDER BY place)) AS others
                  FROM main.alert AS a
                 WHERE a.mergedInto IS NULL)) AS t
 WHERE t.alertID = alert.alertID
   AND alert.chain IS NOT t.chain;

DELETE FROM temp.cloudtrail_credential;
DELETE FROM temp.cloudtrail_alert_key;
DELETE FROM temp.cloudtrail_chain;
DELETE FROM temp.cloudtrail_chain_call;
DELETE FROM temp.cloudtrail_chain_use;
DELETE FROM temp.cloudtrail_chain_told;
