-- hunt: the alerts of a database on one screen; for the sqlite3 shell, read by `make hunt`.
--
--   sqlite3 -cmd '.load build/cloudtrail' trail.db '.read sql/hunt.sql'
--
-- Brings the table alert up to date first (cloudtrail_detect). Then the newest 100 bursts of
-- aws_cli_recon_burst, but those that allow_list suppresses: `denied` counts events, `Sentinel` says
-- whether the rule as published (SuspiciousAWSCLICommandExecution) reports anything of the burst. Then
-- the stories of the newest 12, with the state that an analyst set, and how much else was counted.
.bail on
.timeout 10000
.once /dev/null
SELECT cloudtrail_detect();
.headers on
.mode box

CREATE TEMP TABLE hunt_seed AS
SELECT TimeGenerated, RecipientAccountId, AccountName, SourceIpAddress
  FROM SuspiciousAWSCLICommandExecution;

CREATE TEMP TABLE hunt_alert AS
SELECT a.alertID, b.firstTime, b.lastTime, b.recipientAccountId, b.accountName, b.accountUPNSuffix,
       b.sourceIPAddress, b.commandCount, b.eventCount, b.deniedCount, b.userAgents,
       -- the rule's row is a minute that begins at TimeGenerated; what it found no name or account
       -- for is ''
       EXISTS (SELECT 1
                 FROM hunt_seed AS s
                WHERE s.RecipientAccountId IN (b.recipientAccountId, '')
                  AND s.SourceIpAddress = b.sourceIPAddress
                  AND s.AccountName IN (b.accountName, '')
                  AND s.TimeGenerated <= b.lastTime
                  AND s.TimeGenerated >= kql_bin(b.firstTime, '1m')) AS seen_by_seed
  FROM aws_cli_recon_burst AS b
  LEFT JOIN alert AS a
         ON a.ruleName = 'aws_cli_recon_burst'
        AND a.mergedInto IS NULL
        AND a.recipientAccountId = b.recipientAccountId
        AND a.accountName = b.accountName
        AND a.accountUPNSuffix = b.accountUPNSuffix
        AND a.sourceIPAddress = b.sourceIPAddress
        AND a.startTime = b.firstTime
 WHERE a.state IS NOT 'suppressed';

SELECT strftime('%Y-%m-%d %H:%M:%S', firstTime)
           || printf(' +%ds', round((julianday(lastTime) - julianday(firstTime)) * 86400))
           AS "from (UTC)",
       -- what is too long for the screen loses its middle or end here, not in the database
       CASE WHEN length(who) > 24 THEN substr(who, 1, 23) || '…' ELSE who END AS "who",
       CASE WHEN length(sourceIPAddress) > 19
            THEN substr(sourceIPAddress, 1, 9) || '…' || substr(sourceIPAddress, -9)
            ELSE sourceIPAddress END AS "address",
       commandCount AS "commands",
       deniedCount AS "denied",
       client AS "AWS CLI",
       CASE WHEN seen_by_seed THEN 'yes' ELSE 'missed' END AS "Sentinel"
  FROM (SELECT *,
               accountName || CASE WHEN accountUPNSuffix <> '' THEN '@' || accountUPNSuffix
                                   ELSE '' END AS who,
               -- the first version, and how many others there were
               (SELECT ifnull(aws_cli_version(json_extract(userAgents, '$[0]')), '?')
                       || CASE WHEN count(DISTINCT aws_cli_version(value)) > 1
                               THEN printf(' +%d', count(DISTINCT aws_cli_version(value)) - 1)
                               ELSE '' END
                  FROM json_each(userAgents)) AS client
          FROM hunt_alert
         ORDER BY firstTime DESC
         LIMIT 100)
 ORDER BY firstTime, who, sourceIPAddress;

.headers off
.mode list
SELECT printf('%,d %s by %,d %s in %,d %s; the rule as published reports %,d of them.',
              n, CASE n WHEN 1 THEN 'alert' ELSE 'alerts' END,
              n_who, CASE n_who WHEN 1 THEN 'identity' ELSE 'identities' END,
              n_accounts, CASE n_accounts WHEN 1 THEN 'account' ELSE 'accounts' END,
              n_seen)
           || CASE WHEN n > 100 THEN ' The newest 100 are shown.' ELSE '' END
  FROM (SELECT count(*) AS n,
               count(DISTINCT accountName || '@' || ifnull(accountUPNSuffix, '')) AS n_who,
               count(DISTINCT recipientAccountId) AS n_accounts,
               ifnull(sum(seen_by_seed), 0) AS n_seen
          FROM hunt_alert)
 WHERE n > 0;
-- The rule as published may still have some.
SELECT 'No alerts'
           || CASE WHEN EXISTS (SELECT 1 FROM alert WHERE state IS NOT 'suppressed')
                   THEN ' by aws_cli_recon_burst' ELSE '' END
           || printf('. Of %,d event%s %,d %s by the AWS CLI.', n, CASE n WHEN 1 THEN '' ELSE 's' END,
                     n_cli, CASE n_cli WHEN 1 THEN 'is' ELSE 'are' END)
  FROM (SELECT (SELECT count(*) FROM cloudtrail) AS n,
               (SELECT count(*) FROM aws_cli_event WHERE command IS NOT NULL) AS n_cli
         WHERE NOT EXISTS (SELECT 1 FROM hunt_alert))
 WHERE n > 0;
SELECT CASE
           WHEN n = 0 THEN 'There are no events in the database.'
           ELSE printf('Events: %,d, from %s to %s.', n, first, last)
       END
  FROM (SELECT count(*) AS n, min(eventTime) AS first, max(eventTime) AS last FROM cloudtrail);
-- Not the column text: what could not be read must not reach a terminal.
SELECT printf('Not readable: %,d. To see them:', n) || char(10)
           || '  SELECT path, message'
           || ' FROM cloudtrail_problem JOIN cloudtrail_file USING (fileID)'
           || ' WHERE kind = ''unreadable'';'
  FROM (SELECT count(*) AS n FROM cloudtrail_problem WHERE kind = 'unreadable')
 WHERE n > 0;
SELECT printf('Log files missing according to a digest: %,d; see cloudtrail_missing.', n)
  FROM (SELECT count(*) AS n FROM cloudtrail_missing)
 WHERE n > 0;

-- A paragraph an alert.
SELECT char(10) || s.story || CASE s.state WHEN 'new' THEN '' ELSE ' State: ' || s.state || '.' END
  FROM (SELECT alertID, firstTime, accountName, sourceIPAddress
          FROM hunt_alert
         WHERE alertID IS NOT NULL
         ORDER BY firstTime DESC
         LIMIT 12) AS h
  CROSS JOIN alert_story AS s ON s.alertID = h.alertID
 ORDER BY h.firstTime, h.accountName, h.sourceIPAddress;
SELECT char(10) || 'These are the newest 12; SELECT story FROM alert_story tells all.'
  FROM (SELECT count(*) AS n FROM hunt_alert)
 WHERE n > 12;

SELECT char(10)
           || printf('Suppressed by allow_list: %,d; near misses: %,d; by the rule as published only: %,d.',
                     n_suppressed, n_near, n_only)
  FROM (SELECT (SELECT count(*) FROM alert
                 WHERE state = 'suppressed' AND ruleName = 'aws_cli_recon_burst') AS n_suppressed,
               (SELECT count(*) FROM near_miss) AS n_near,
               (SELECT count(*) FROM sentinel_gap WHERE missedBy = 'aws_cli_recon_burst') AS n_only);
