-- hunt_tor_address: who came from an exit of the Tor network, or from any other address on a list of
-- your own?
--
-- Title:        Calls from a Tor exit
-- Description:  Somebody called AWS from an address that stands in the table tor_exit, which you fill.
-- Severity:     High
-- Tactics:      InitialAccess, CommandAndControl
-- Techniques:   T1090.003, T1078.004
-- Kind:         Hunting
-- Frequency:    none
-- Period:       none
-- Trigger:      gt 0
-- Enabled:      no
-- Id:           3e8f5a17-d4c2-49b1-a760-2b9c1f6d0e84
-- Version:      1.0.0
-- Source:       own
-- Sentinel:     Successful API executed from a Tor exit node
-- Why:          few who work for an account hide where they come from.
-- Columns read: eventTime, eventName, eventSource, errorCode, userAgent, userIdentity*,
--               sourceIPAddress, recipientAccountId, awsRegion; the table tor_exit, rule_parameter.
-- Window:       calls of one identity with pauses of less than hunt_shift (14400 seconds) are one
--               finding.
-- False positives: visitors of a public bucket or page; whoever uses Tor for their privacy, where that
--               is allowed; an address that was an exit at another time than that of the event.
-- Blind spots:  an empty table finds nothing; exits that are not on the list, which changes by the
--               hour: take that of the time of the events.
-- Next step:    alert_scope or credential for the keys of the evidence.
--
-- The table: https://check.torproject.org/torbulkexitlist gives the addresses, a line each;
-- sql/tables/tor_exit.sql tells how they come in. Lists of VPN and hosting addresses serve as well.
-- Shown by: no recording here; the tests fill the table with an address of one. Beside it the same log
-- with the table empty.
-- Cost in false positives: as good as the list.
CREATE VIEW hunt_tor_address AS
WITH
deed AS (
    SELECT c.*
      FROM event_caller AS c
     WHERE c.address IN (SELECT address FROM tor_exit)
),
-- What one identity did without a long pause.
run AS (
    SELECT *,
           episode(eventTime, (SELECT value FROM rule_parameter WHERE name = 'hunt_shift'))
               OVER (PARTITION BY recipientAccountId, accountName, accountUPNSuffix
                     ORDER BY eventTime, event) AS run
      FROM deed
),
told AS (
    SELECT recipientAccountId,
           accountName,
           accountUPNSuffix,
           min(eventTime) AS firstTime,
           max(eventTime) AS lastTime,
           list_distinct(address) AS addresses,
           list_distinct(accessKeyId) AS accessKeyIds,
           list_distinct(client) AS clients,
           list_distinct(region) AS regions,
           list_distinct(call) AS calls,
           list_distinct(aws_call_name(eventName)) AS names,
           count(*) AS eventCount,
           sum(outcome = 'done') AS doneCount,
           sum(outcome = 'denied') AS deniedCount,
           ct_json_group_array(event) AS evidence
      FROM run
     GROUP BY recipientAccountId, accountName, accountUPNSuffix, run
)
SELECT firstTime,
       lastTime,
       recipientAccountId,
       accountName,
       accountUPNSuffix,
       ifnull((SELECT value FROM json_each(addresses) LIMIT 1), '') AS sourceIPAddress,
       '' AS groupKey,
       finding_sentence(accountName, accountUPNSuffix,
                        CASE doneCount WHEN 0 THEN 'came by Tor and could not call '
                                       ELSE 'came by Tor and called ' END
                        || finding_list(names, 4),
                        firstTime, lastTime,
                        finding_list(addresses, 1),
                        recipientAccountId, deniedCount) AS summary,
       ct_json_object('calls', ct_json(calls),
                      'eventCount', eventCount, 'doneCount', doneCount, 'deniedCount', deniedCount,
                      'accessKeyIds', ct_json(accessKeyIds), 'addresses', ct_json(addresses),
                      'clients', ct_json(clients), 'regions', ct_json(regions)) AS details,
       evidence
  FROM told;
