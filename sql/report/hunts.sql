-- hunts: which hunts found something, the gravest first, each with its gravest finding and the line that
-- shows all; a part of the report of cloudtrail-hunt.
SELECT char(10)
           || printf('%s of %,d hunts have findings, no alerts but worth a look:',
                     iif(n_found = 0, 'None', printf('%,d', n_found)), n)
  FROM (SELECT count(*) AS n, sum(findings > 0) AS n_found FROM hunt_summary)
 WHERE n > 0;
SELECT char(10)
           || printf('%s (%s): %,d finding%s, %,d identit%s, %s to %s', s.title, s.severity, s.findings,
                     iif(s.findings = 1, '', 's'), s.identities, iif(s.identities = 1, 'y', 'ies'),
                     strftime('%Y-%m-%d %H:%M:%S', s.firstTime),
                     strftime('%Y-%m-%d %H:%M:%S', s.lastTime)) || char(10)
           || (SELECT replace(r.summary, char(10), ' ') FROM hunt_result AS r WHERE r.hunt = s.hunt LIMIT 1)
           || char(10)
           || '  SELECT firstTime, who, summary FROM hunt_result WHERE hunt = ' || quote(s.hunt) || ';'
  FROM hunt_summary AS s
 WHERE s.findings > 0;
SELECT char(10) || printf('The hunt %s did not run: %s', hunt, replace(error, char(10), ' '))
  FROM hunt_summary
 WHERE error IS NOT NULL;
