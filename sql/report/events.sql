-- events: what is in the database, and what could not be read; a part of the report of cloudtrail-hunt.
--
-- Reads temp.report_run: files, problems: of this run, beside all that the database holds.
SELECT printf('The database also holds %,d file%s from other imports.', n, iif(n = 1, '', 's'))
  FROM (SELECT (SELECT count(*) FROM cloudtrail_file) - files AS n FROM report_run WHERE files > 0)
 WHERE n > 0;
SELECT printf('Events: %,d, from %s to %s.', count(*), min(eventTime), max(eventTime)) FROM cloudtrail;
-- Not the column text: what could not be read must not reach a terminal.
SELECT printf('Not readable: %,d', n)
           || CASE WHEN n = problems OR files = 0 THEN ''
                   WHEN problems = 0 THEN ', none of them in this run'
                   ELSE printf(', %,d of them in this run', problems) END
           || '. To see them:' || char(10)
           || '  SELECT path, message'
           || ' FROM cloudtrail_problem JOIN cloudtrail_file USING (fileID)'
           || ' WHERE kind = ''unreadable'' ORDER BY importedAt DESC;'
  FROM report_run, (SELECT count(*) AS n FROM cloudtrail_problem WHERE kind = 'unreadable')
 WHERE n > 0;
SELECT printf('Log files missing according to a digest: %,d; see cloudtrail_missing.', n)
  FROM (SELECT count(*) AS n FROM cloudtrail_missing)
 WHERE n > 0;
