-- incident_cards: what incident_table tells, for terminals that are too narrow for it: a card an incident.
SELECT printf('%2d. %s', rank, who) || char(10)
           || printf('    %s UTC, for %s: %,d alert%s, %,d event%s',
                     strftime('%Y-%m-%d %H:%M:%S', firstTime), lasted, alerts, iif(alerts = 1, '', 's'),
                     events, iif(events = 1, '', 's')) || char(10)
           || printf('    %,d change%s, %,d new key%s, %,d denied; Sentinel: %s',
                     changed, iif(changed = 1, '', 's'), credentials, iif(credentials = 1, '', 's'),
                     denied, CASE sentinel WHEN 1 THEN 'yes' ELSE 'missed' END)
  FROM report_incident
 WHERE rank <= 100
 ORDER BY rank;
