-- incidents: how many incidents and alerts there are, and what could not be looked at; a part of the
-- report of cloudtrail-hunt.
--
-- Reads temp.report_run: detected, the summary of cloudtrail_detect().
SELECT printf('%,d incident%s of %,d alert%s (%s new) in %,d account%s; the rule as published reports %,d of them.',
              n, iif(n = 1, '', 's'), n_alerts, iif(n_alerts = 1, '', 's'),
              iif(n_new = 0, 'none', printf('%,d', n_new)), n_accounts, iif(n_accounts = 1, '', 's'), n_seen)
           || CASE WHEN n > 100 THEN ' The weightiest 100 are shown.' ELSE '' END
  FROM (SELECT (SELECT count(*) FROM report_incident) AS n,
               (SELECT count(*) FROM incident_alert) AS n_alerts,
               (SELECT json_extract(detected, '$.new') FROM report_run) AS n_new,
               (SELECT count(DISTINCT a.recipientAccountId)
                  FROM incident_alert JOIN alert AS a USING (alertID)) AS n_accounts,
               (SELECT count(*) FROM report_incident WHERE sentinel) AS n_seen)
 WHERE n > 0;
-- Of the rules that ran: one that failed has found nothing either, and says so below.
SELECT printf('No alerts: %s%,d rule%s found %s%,d event%s%s.',
              iif(n_suppressed = 0, '', 'what '), n_rules, iif(n_rules = 1, '', 's'),
              iif(n_suppressed = 0, 'nothing in ', 'in '), n_events, iif(n_events = 1, '', 's'),
              iif(n_suppressed = 0, '', ' is suppressed'))
  FROM (SELECT (SELECT count(*) FROM json_each(detected, '$.rules')) AS n_rules,
               (SELECT count(*) FROM cloudtrail) AS n_events,
               (SELECT count(*) FROM alert WHERE state = 'suppressed' AND mergedInto IS NULL)
                   AS n_suppressed
          FROM report_run)
 WHERE NOT EXISTS (SELECT 1 FROM report_incident);
SELECT printf('The rule %s did not run: %s', f.key, replace(f.value, char(10), ' '))
  FROM report_run, json_each(detected, '$.failed') AS f;
SELECT 'This entry of allow_list has an address that is no network, and covers nothing: '
           || replace(f.value, char(10), ' ')
  FROM report_run, json_each(detected, '$.noNetwork') AS f;
