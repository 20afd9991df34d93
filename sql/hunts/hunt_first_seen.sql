-- hunt_first_seen: who is suddenly elsewhere, with another client, in a region where nobody was?
--
-- Title:        Identity with a new network and client, or in a new region
-- Description:  A user or role that is known for days comes, in one hour, from a network and with a client
--               that it had never had; or is the first of its account to call in a region.
-- Severity:     Medium
-- Tactics:      InitialAccess, DefenseEvasion
-- Techniques:   T1078.004, T1535
-- Kind:         Hunting
-- Frequency:    none
-- Period:       none
-- Trigger:      gt 0
-- Enabled:      no
-- Id:           c24b16d2-cb67-4b74-8ff2-dec76ccccb8c
-- Version:      1.0.0
-- Source:       own
-- Sentinel:     Unused or Unsupported Cloud Regions; Suspicious credential token access of valid IAM Roles.
-- Why:          whoever took a credential has another machine than its owner. One new thing is everyday:
--               a train, an update. Two at once are not.
-- Columns read: eventTime, eventName, eventSource, userAgent, userIdentityArn, sessionIssuerArn,
--               userIdentityInvokedBy, sourceIPAddress, awsRegion, recipientAccountId; rule_parameter.
-- Window:       an identity is a user, or a role with its session's name; its networks are /24 and /64,
--               its client the agent up to the first slash. It, or in the case of a region the account, must
--               be known since hunt_history_days (3, in rule_parameter) before. A finding is an hour of one
--               identity, by the clock; `in one hour` may be the hour and the next. New network and client: Medium. New region: Low; a call that was only denied
--               counts too.
-- False positives: travel with a new laptop; a role whose name of a session is the same for many people;
--               the first machine in a region that is being opened; a global service whose calls are
--               logged in another region than before.
-- Blind spots:  logs of fewer days than that say nothing: no finding, which is no good sign. Who has the
--               owner's network, or types his client. Roles of instances and Lambda, each of whose sessions
--               has a name or network of its own. What is seen with the network and client alone is not told.
-- Next step:    `identity_profile` for what is usual; `services` in the details for what it did there first.
--
-- Shown by: composed cases; the recordings are each of a day or less.
CREATE VIEW hunt_first_seen AS
WITH
number AS (
    SELECT (SELECT value FROM rule_parameter WHERE name = 'hunt_history_days') AS days
),
-- Each identity's networks and clients, since which hour. To tell what is different takes SQLite half the
-- time that sorting all events would.
seen AS (
    SELECT identity, address, client, region, account, min(hour) || ':00:00Z' AS firstTime
      FROM (SELECT DISTINCT
                   userIdentityArn AS identity,
                   sourceIPAddress AS address,
                   kql_split_part(ltrim(userAgent, ' ['), '/', 0) AS client,
                   awsRegion AS region,
                   recipientAccountId AS account,
                   substr(eventTime, 1, 13) AS hour
              FROM cloudtrail
             WHERE userIdentityArn <> ''
               AND eventCategory IS NOT 'Insight'
               AND ifnull(userIdentityInvokedBy, '') = ''
               AND userIdentityType IS NOT 'AWSService'
               -- nobody is known for longer than the logs are
               AND julianday((SELECT max(eventTime) FROM cloudtrail))
                   - julianday((SELECT min(eventTime) FROM cloudtrail)) >= (SELECT days FROM number))
     GROUP BY identity, address, client, region, account
),
known AS (
    SELECT identity, min(firstTime) AS firstTime FROM seen GROUP BY identity
),
network_seen AS (
    SELECT identity, address_network(address) AS network, min(firstTime) AS firstTime
      FROM seen
     WHERE address_network(address) IS NOT NULL
     GROUP BY identity, address_network(address)
),
client_seen AS (
    SELECT identity, client, min(firstTime) AS firstTime
      FROM seen
     WHERE client <> ''
     GROUP BY identity, client
),
account_known AS (
    SELECT account, min(firstTime) AS firstTime FROM seen GROUP BY account
),
region_seen AS (
    SELECT account, region, min(firstTime) AS firstTime
      FROM seen
     WHERE region <> ''
     GROUP BY account, region
),
-- The hour in which both were new.
odd AS (
    SELECT n.identity, n.network, c.client, NULL AS region,
           max(n.firstTime, c.firstTime) AS firstTime
      FROM known AS k
      JOIN network_seen AS n ON n.identity = k.identity
      JOIN client_seen AS c ON c.identity = k.identity
     CROSS JOIN number AS p
     WHERE julianday(n.firstTime) - julianday(k.firstTime) >= p.days
       AND abs(julianday(n.firstTime) - julianday(c.firstTime)) < 1.5 / 24
       -- together, not each with something old
       AND EXISTS (SELECT 1
                     FROM seen AS s
                    WHERE s.identity = n.identity
                      AND s.client = c.client
                      AND address_network(s.address) = n.network
                      AND julianday(s.firstTime) - julianday(n.firstTime) < 1.5 / 24)
    UNION ALL
    SELECT s.identity, NULL, NULL, r.region, s.firstTime
      FROM region_seen AS r
      JOIN account_known AS k ON k.account = r.account
      JOIN seen AS s ON s.account = r.account AND s.region = r.region AND s.firstTime = r.firstTime
     CROSS JOIN number AS p
     WHERE julianday(r.firstTime) - julianday(k.firstTime) >= p.days
),
-- What the identity did there until the end of the next hour.
deed AS (
    SELECT o.identity, o.firstTime AS since, o.region AS newRegion, o.network, o.client, e.rowid AS event
      FROM odd AS o
     CROSS JOIN cloudtrail AS e
        ON e.eventTime BETWEEN strftime('%Y-%m-%dT%H:%M:%SZ', o.firstTime, '-1 hour')
                           AND strftime('%Y-%m-%dT%H:%M:%SZ', o.firstTime, '+7199 seconds')
       AND +e.userIdentityArn = o.identity -- by the time, not by an index made for it
       AND CASE WHEN o.region IS NULL
                THEN kql_split_part(ltrim(e.userAgent, ' ['), '/', 0) = o.client
                 AND address_network(e.sourceIPAddress) = o.network
                ELSE e.awsRegion = o.region END
),
told AS (
    SELECT min(c.eventTime) AS firstTime,
           max(c.eventTime) AS lastTime,
           i.recipientAccountId,
           i.accountName,
           i.accountUPNSuffix,
           ifnull(c.sourceIPAddress, '') AS sourceIPAddress,
           count_distinct(c.event) AS eventCount,
           sum(c.outcome = 'denied') AS deniedCount,
           max(d.newRegion) AS region,
           max(d.network) AS network,
           list_distinct(d.network) AS networks,
           list_distinct(d.client) AS clients,
           list_distinct(d.newRegion) AS regions,
           list_distinct(replace(c.eventSource, '.amazonaws.com', '')) AS services,
           list_distinct(replace(c.eventSource, '.amazonaws.com', '') || ':'
                         || aws_call_name(c.eventName)) AS calls,
           list_distinct(i.accessKeyId) AS accessKeyIds,
           list_distinct(nullif(c.sourceIPAddress, '')) AS addresses,
           list_distinct(c.event) AS evidence
      FROM (SELECT d.*
              FROM deed AS d
             CROSS JOIN cloudtrail AS e ON e.rowid = d.event
             ORDER BY e.eventTime, e.eventID, e.fileID, e.recordNumber) AS d
     CROSS JOIN cloudtrail_call AS c ON c.event = d.event
     CROSS JOIN event_identity AS i ON i.event = d.event
     GROUP BY d.identity, substr(d.since, 1, 13)
)
SELECT firstTime,
       lastTime,
       recipientAccountId,
       accountName,
       accountUPNSuffix,
       sourceIPAddress,
       CASE WHEN network IS NULL THEN 'Low' ELSE 'Medium' END AS severity,
       finding_sentence(accountName, accountUPNSuffix,
                        CASE WHEN network IS NULL
                             THEN 'was the first of the account to call in ' || region
                             ELSE 'came from a new network with a new client' END,
                        firstTime, lastTime, sourceIPAddress, recipientAccountId, deniedCount)
           AS summary,
       ct_json_object('networks', ct_json(networks), 'clients', ct_json(clients),
                      'regions', ct_json(regions), 'services', ct_json(services),
                      'calls', ct_json(calls), 'eventCount', eventCount,
                      'deniedCount', deniedCount, 'accessKeyIds', ct_json(accessKeyIds),
                      'addresses', ct_json(addresses)) AS details,
       evidence
  FROM told;
