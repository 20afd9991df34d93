-- incident_table: the 100 weightiest incidents, a line each; a part of the report of cloudtrail-hunt.
--
-- An incident is alerts that hang together, so that one deed is one line. `changes`, `keys` (new ones) and
-- `denied` count calls with the keys of its alerts and with what those have issued, until a day after;
-- `Sentinel` says whether the rule as published (SuspiciousAWSCLICommandExecution) reports anything of it.
.headers on
.mode box

SELECT strftime('%Y-%m-%d %H:%M:%S', firstTime) AS "from (UTC)",
       lasted AS "for",
       -- what is too long for the screen loses its end here, not in the database
       CASE WHEN length(who) > 30 THEN substr(who, 1, 29) || '…' ELSE who END AS "who",
       alerts AS "alerts",
       events AS "events",
       changed AS "changes",
       credentials AS "keys",
       denied AS "denied",
       CASE sentinel WHEN 1 THEN 'yes' ELSE 'missed' END AS "Sentinel"
  FROM report_incident
 WHERE rank <= 100
 ORDER BY rank;
.headers off
.mode list
