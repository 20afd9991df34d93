-- begin: what the parts of the report of cloudtrail-hunt share; it comes before each.
--
-- report_incident: the incidents in the words of the table and the cards. Names come from the logs: none
-- may begin a line of its own.
.bail on
.headers off
.mode list
CREATE TEMP VIEW report_incident AS
SELECT rank, incidentID, firstTime, events, changed, credentials, denied,
       replace(who, char(10), ' ') AS who,
       json_array_length(alerts) AS alerts,
       EXISTS (SELECT 1 FROM json_each(rules) WHERE value = 'SuspiciousAWSCLICommandExecution')
           AS sentinel,
       CASE WHEN seconds < 100 THEN printf('%ds', seconds)
            WHEN seconds < 6000 THEN printf('%dm', seconds / 60)
            WHEN seconds < 360000 THEN printf('%dh', seconds / 3600)
            ELSE printf('%dd', seconds / 86400) END AS lasted
  FROM (SELECT *, strftime('%s', lastTime) - strftime('%s', firstTime) AS seconds
          FROM incident_ranked);
