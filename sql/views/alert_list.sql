-- alert_list: the lists of an alert's story, a layer under it: who, by which keys, from where, what.
--
-- Whatever is cut says how much more there is: `and 5 more`, of calls the number of calls.
-- Readable without the extension.
CREATE VIEW alert_list AS
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
                      ORDER BY step))) AS notDone
FROM alert_fact AS f;
