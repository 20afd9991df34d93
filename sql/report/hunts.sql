-- hunts: which hunts found something, the gravest first, each with its gravest finding and the line that
-- shows all; a part of the report of cloudtrail-hunt.
--
-- Of a hunt that found nothing nothing is said; one that did not run is named with the reason.
SELECT char(10)
           || CASE n_found WHEN 0 THEN printf('None of %,d hunts found anything.', n)
                           ELSE printf('Of %,d hunts %,d found something: no alerts, but worth a look.', n, n_found)
              END
  FROM (SELECT count(*) AS n, sum(findings > 0) AS n_found FROM hunt_summary WHERE error IS NULL)
 WHERE n > 0;
SELECT char(10)
           || printf('%s (%s): %,d finding%s, %,d identit%s, %s', replace(title, char(10), ' '), severity,
                     findings, iif(findings = 1, '', 's'), identities, iif(identities = 1, 'y', 'ies'),
                     CASE WHEN first = last THEN first
                          WHEN date(first) = date(last) THEN first || ' to ' || time(last)
                          ELSE first || ' to ' || last END) || char(10)
           || iif(findings = 1, '', 'For one: ') || replace(gravest, char(10), ' ') || char(10)
           || '  SELECT firstTime, who, summary FROM hunt_result WHERE hunt = ' || quote(hunt) || ';'
  FROM (SELECT s.*,
               strftime('%Y-%m-%d %H:%M:%S', s.firstTime) AS first,
               strftime('%Y-%m-%d %H:%M:%S', s.lastTime) AS last,
               (SELECT r.summary FROM hunt_result AS r WHERE r.hunt = s.hunt LIMIT 1) AS gravest
          FROM hunt_summary AS s
         WHERE s.findings > 0);
SELECT char(10) || printf('The hunt %s did not run: %s', replace(hunt, char(10), ' '), replace(error, char(10), ' '))
  FROM hunt_summary
 WHERE error IS NOT NULL;
