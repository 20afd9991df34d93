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
--               its client the agent up to the first slash. It, or in the case of a region the account,
--               must be known for hunt_history_days (3, in rule_parameter). Medium: network and client,
--               each new within one hour, come together; told is the hour that follows. Low: who called on
--               the first day on which the account was in a region, also in vain; a finding an identity.
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
-- All that is different in one reading, put together for it: to sort the events would cost three times as
-- much. Nobody is known for longer than the logs are.
everything AS (
    SELECT list_distinct(c.userIdentityArn || char(10) || ifnull(c.sourceIPAddress, '') || char(10)
                         || ifnull(kql_split_part(ltrim(c.userAgent, ' ['), '/', 0), '')) AS habits,
           list_distinct(c.recipientAccountId || ' ' || c.awsRegion || ' ' || substr(c.eventTime, 1, 10))
               AS days
      FROM (SELECT julianday((SELECT max(eventTime) FROM cloudtrail))
                   - julianday((SELECT min(eventTime) FROM cloudtrail)) >= days AS isLong
              FROM number
             LIMIT 1) AS logs -- the limit: worked out once, not for each event
     CROSS JOIN cloudtrail AS c
     WHERE logs.isLong
       AND c.userIdentityArn <> ''
       AND c.eventCategory IS NOT 'Insight'
       AND ifnull(c.userIdentityInvokedBy, '') = ''
       AND c.userIdentityType IS NOT 'AWSService'
),
-- Who has had two networks and two clients: the few whose times are worth looking at.
suspect AS (
    SELECT kql_split_part(one.value, char(10), 0) AS identity
      FROM everything
     CROSS JOIN json_each(everything.habits) AS one
     GROUP BY kql_split_part(one.value, char(10), 0)
    HAVING min(address_network(kql_split_part(one.value, char(10), 1)))
           <> max(address_network(kql_split_part(one.value, char(10), 1)))
       AND min(nullif(kql_split_part(one.value, char(10), 2), ''))
           <> max(nullif(kql_split_part(one.value, char(10), 2), ''))
),
seen AS (
    SELECT c.userIdentityArn AS identity,
           address_network(c.sourceIPAddress) AS network,
           kql_split_part(ltrim(c.userAgent, ' ['), '/', 0) AS client,
           min(c.eventTime) AS firstTime
      FROM (SELECT count(*) AS n FROM suspect) AS some
     CROSS JOIN cloudtrail AS c
     WHERE some.n > 0
       AND c.userIdentityArn IN (SELECT identity FROM suspect)
       AND c.eventCategory IS NOT 'Insight'
       AND ifnull(c.userIdentityInvokedBy, '') = ''
     GROUP BY c.userIdentityArn, address_network(c.sourceIPAddress),
              kql_split_part(ltrim(c.userAgent, ' ['), '/', 0)
),
known AS (
    SELECT identity, min(firstTime) AS firstTime FROM seen GROUP BY identity
),
network_seen AS (
    SELECT identity, network, min(firstTime) AS firstTime
      FROM seen
     WHERE network IS NOT NULL
     GROUP BY identity, network
),
client_seen AS (
    SELECT identity, client, min(firstTime) AS firstTime
      FROM seen
     WHERE client <> ''
     GROUP BY identity, client
),
region_seen AS (
    SELECT kql_split_part(one.value, ' ', 0) AS account,
           kql_split_part(one.value, ' ', 1) AS region,
           min(kql_split_part(one.value, ' ', 2)) AS day
      FROM everything
     CROSS JOIN json_each(everything.days) AS one
     GROUP BY kql_split_part(one.value, ' ', 0), kql_split_part(one.value, ' ', 1)
),
account_known AS (
    SELECT account, min(day) AS day FROM region_seen GROUP BY account
),
-- What was done within an hour from a new network with a new client, and on its first day in a region.
deed AS (
    SELECT o.identity || ' ' || o.network || ' ' || o.client AS which, o.network, o.client,
           NULL AS region, e.rowid AS event
      FROM (SELECT n.identity, n.network, c.client, min(n.firstTime, c.firstTime) AS since,
                   p.days, k.firstTime AS knownSince
              FROM known AS k
              JOIN network_seen AS n ON n.identity = k.identity
              JOIN client_seen AS c ON c.identity = k.identity
             CROSS JOIN number AS p
             WHERE abs(julianday(n.firstTime) - julianday(c.firstTime)) < 1.0 / 24) AS o
      -- together, not each with something old
      JOIN seen AS s ON s.identity = o.identity AND s.network = o.network AND s.client = o.client
     CROSS JOIN cloudtrail AS e
        ON e.eventTime BETWEEN s.firstTime AND strftime('%Y-%m-%dT%H:%M:%SZ', s.firstTime, '+3599 seconds')
       AND +e.userIdentityArn = o.identity -- by the time, not by an index made for it
       AND kql_split_part(ltrim(e.userAgent, ' ['), '/', 0) = o.client
       AND address_network(e.sourceIPAddress) = o.network
     WHERE julianday(o.since) - julianday(o.knownSince) >= o.days
       AND julianday(s.firstTime) - julianday(o.since) < 1.0 / 24
    UNION ALL
    SELECT e.userIdentityArn || ' ' || r.region, NULL, NULL, r.region, e.rowid
      FROM region_seen AS r
      JOIN account_known AS k ON k.account = r.account
     CROSS JOIN number AS p
     CROSS JOIN cloudtrail AS e
        ON e.eventTime BETWEEN r.day || 'T00:00:00Z' AND r.day || 'T23:59:59Z'
       AND +e.recipientAccountId = r.account
       AND e.awsRegion = r.region
       AND e.userIdentityArn <> ''
       AND e.eventCategory IS NOT 'Insight'
       AND ifnull(e.userIdentityInvokedBy, '') = ''
       AND e.userIdentityType IS NOT 'AWSService'
     WHERE julianday(r.day) - julianday(k.day) >= p.days
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
           max(d.region) AS region,
           max(d.network) AS network,
           list_distinct(d.network) AS networks,
           list_distinct(d.client) AS clients,
           list_distinct(d.region) AS regions,
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
     GROUP BY d.which
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
                             THEN 'was on the first day of the account in ' || region
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
