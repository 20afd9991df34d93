-- What the page says of itself.
SELECT json_object(
           'title', title,
           'account', account,
           'from', fromHour,
           'end', endHour,
           'stepHours', stepHours,
           'steps', CASE WHEN fromHour < endHour
                         THEN CAST((julianday(endHour) - julianday(fromHour)) * 24 / stepHours + 0.999 AS INTEGER)
                         ELSE 0 END,
           'made', strftime('%Y-%m-%dT%H:%M:%SZ', 'now'),
           'version', cloudtrail_version(),
           'accounts', (SELECT json_group_array(account)
                          FROM (SELECT account FROM temp.cloudtrail_page_account
                                 WHERE number < 100 ORDER BY number)),
           'moreAccounts', (SELECT count(*) FROM temp.cloudtrail_page_account WHERE number = 100),
           'regions', (SELECT count(DISTINCT awsRegion) FROM main.dash_coverage
                        WHERE hour IN (SELECT hour FROM temp.cloudtrail_page_hour)
                          AND recipientAccountId IN (SELECT account FROM temp.cloudtrail_page_account)),
           'events', (SELECT count(*) FROM main.cloudtrail),
           'firstTime', (SELECT min(eventTime) FROM main.cloudtrail),
           'lastTime', (SELECT max(eventTime) FROM main.cloudtrail),
           'files', (SELECT count(*) FROM main.cloudtrail_file),
           'unreadable', (SELECT count(*) FROM main.cloudtrail_problem WHERE kind = 'unreadable'),
           'incomplete', (SELECT count(*) FROM main.cloudtrail_file WHERE complete = 0),
           'proofs', (SELECT count(*) FROM main.cloudtrail_proof),
           'digests', (SELECT count(*) FROM main.cloudtrail_digest),
           'detectedAt', (SELECT max(ranAt) FROM main.rule_run),
           'importedAt', (SELECT max(importedAt) FROM main.cloudtrail_file),
           'alerts', (SELECT count(*) FROM main.incident_alert),
           'suppressed', (SELECT count(*) FROM main.alert WHERE state = 'suppressed' AND mergedInto IS NULL),
           'failedRules', (SELECT json_group_array(ruleName || ': ' || error)
                             FROM (SELECT ruleName, error, max(rowid) FROM main.rule_run GROUP BY ruleName)
                            WHERE error IS NOT NULL))
  FROM temp.cloudtrail_page;
