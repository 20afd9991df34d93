-- way_on: what to ask next, a line; the last part of the report of cloudtrail-hunt.
SELECT CASE
           WHEN EXISTS (SELECT 1 FROM alert_event) THEN
               'SELECT alertID, step, eventTime, command, errorCode FROM alert_evidence;'
           ELSE
               'SELECT userIdentityArn, eventName, count(*) FROM cloudtrail'
                   || ' GROUP BY 1, 2 ORDER BY 3 DESC LIMIT 20;'
       END;
