-- hunt_instance_credentials_outside: were the credentials of an instance, a function or a task used
-- by somebody else, somewhere else?
--
-- Title:        Credentials of a machine used outside it
-- Description:  The session of an instance's role was used from a network that the instance did not
--               have before and behind that, from where a person worked, or through another VPC
--               endpoint; or the session of an instance, a function or a task by a client that runs on
--               people's computers.
-- Severity:     High
-- Tactics:      CredentialAccess, LateralMovement
-- Techniques:   T1552.005, T1078.004, T1550.001
-- Kind:         Hunting
-- Frequency:    none
-- Period:       none
-- Trigger:      gt 0
-- Enabled:      no
-- Id:           6b1d83fc-0e97-45d2-9c4a-f87b25e0d613
-- Version:      1.0.0
-- Source:       own
-- Sentinel:     Suspicious activity of STS token related to Lambda (and its sisters for EC2, ECS, Glue
--               and Kubernetes nodes)
-- Why:          whoever can make a machine ask its metadata service has its role's credentials, and
--               takes them along.
-- Columns read: eventTime, eventName, eventSource, errorCode, requestParameters, userAgent,
--               userIdentity*, sourceIPAddress, recipientAccountId, awsRegion; vpcEndpointId, extra;
--               rule_parameter.
-- Window:       calls of one identity with pauses of less than hunt_shift (14400 seconds) are one
--               finding.
-- False positives: an instance whose address is changed while it runs; NAT gateways with several
--               addresses where fewer than three instances use one of them; instances of macOS (EC2
--               Mac); people who work with keys of their own on an instance without NAT. Measured:
--               none on the shared recordings but for their attacks.
-- Blind spots:  credentials used from the instance itself, or behind the same NAT; an address that
--               three or more instances call from counts as the account's own way out, so whoever
--               takes three instances' credentials to one address is seen by the client and the person
--               only. Functions and tasks come from addresses of AWS that change: of them only the
--               client tells. Networks are /24 and /64 (address_network).
-- Next step:    hunt_onto_the_machine for the instance; what its role may do; credential from the key
--               of the evidence on.
--
-- Reasons: 'another network': the network is not the one that the instance mostly called from, and it
-- called from that one before and after, or with the same key before; 'person' (a user or root with a
-- long-lived key, or a session of IAM Identity Center, called from the same address in that hour of
-- the clock or the ones beside it); 'client' (macOS, Kali, Parrot or Pentoo, a browser); 'another
-- endpoint': the same as for networks, by vpcEndpointId, for one service and region. A machine is a
-- session that is named as an instance (i-...), or one that userIdentity.inScopeOf names a machine
-- for.
-- Shown by: stratus-red-team (ec2-steal-instance-credentials: the address of the user who sent the
-- command); aws_dataset (the same technique: the agent of SSM at one address, the thief at another);
-- security-datasets (aws-cli on macOS with the credentials of a web server). Beside them the instances
-- of cloudtrail-log-parser, each at several of its publisher's made-up addresses of one /24, and its
-- nodes behind NAT.
-- It reads the whole table, twice: 0.5 s for 400,000 events.
CREATE VIEW hunt_instance_credentials_outside AS
WITH
-- The sessions of machines. Those of instances have a place: a network or, through an endpoint, that.
machine AS (
    SELECT event,
           eventTime,
           recipientAccountId,
           userIdentityArn AS arn,
           address,
           accessKeyId,
           userAgent,
           CASE WHEN vpcEndpointId <> '' THEN eventSource || ' ' || ifnull(region, '')
                WHEN instr(address, ':') THEN 'IPv6'
                ELSE 'IPv4' END AS lane,
           CASE WHEN isInstance
                THEN ifnull(nullif(vpcEndpointId, ''), address_network(address)) END AS place
      FROM event_caller
     WHERE instr(userIdentityArn, '/i-') AND isInstance
        OR instr(extra, '"credentialsIssuedTo"')
),
-- An address that many instances have is the account's own way out.
way_out AS (
    SELECT recipientAccountId, address
      FROM machine
     GROUP BY recipientAccountId, address
    HAVING count(DISTINCT arn) >= 3
),
stay AS (
    SELECT arn,
           lane,
           place,
           count(*) AS n,
           min(eventTime) AS firstTime,
           max(eventTime) AS lastTime,
           count(*) OVER (PARTITION BY arn, lane) AS places
      FROM machine
     WHERE place IS NOT NULL
     GROUP BY arn, lane, place
),
home AS (
    SELECT *,
           row_number() OVER (PARTITION BY arn, lane ORDER BY n DESC, firstTime) AS rank
      FROM stay
     WHERE places > 1
),
-- By the clock where it called from home before and after, or by a key that home had.
elsewhere AS (
    SELECT m.event, CASE WHEN m.lane GLOB 'IPv[46]' THEN 'another network'
                         ELSE 'another endpoint' END AS reason
      FROM home AS h
     CROSS JOIN machine AS m ON m.arn = h.arn AND m.lane = h.lane AND m.place <> h.place
     WHERE h.rank = 1
       AND (m.recipientAccountId, m.address) NOT IN (SELECT recipientAccountId, address FROM way_out)
       AND h.firstTime <= m.eventTime
       AND (h.lastTime >= m.eventTime
            OR (h.arn, h.place, m.accessKeyId) IN (SELECT arn, place, accessKeyId FROM machine))
),
-- The hours in which a person called from an address, and those beside them.
person AS (
    SELECT p.address, p.hour + beside.value AS hour
      FROM (SELECT DISTINCT address, strftime('%s', eventTime) / 3600 AS hour
              FROM event_caller
             WHERE (userIdentityType IN ('IAMUser', 'Root') AND isLongLived
                    OR instr(userIdentityArn, ':assumed-role/AWSReservedSSO_'))
               AND address IN (SELECT address FROM machine WHERE place IS NOT NULL)
               AND address_network(address) IS NOT NULL) AS p
     CROSS JOIN json_each('[-1,0,1]') AS beside
),
with_person AS (
    SELECT event
      FROM machine
     WHERE place IS NOT NULL
       AND (recipientAccountId, address) NOT IN (SELECT recipientAccountId, address FROM way_out)
       AND (address, strftime('%s', eventTime) / 3600) IN (SELECT address, hour FROM person)
),
peoples_agent AS (
    SELECT userAgent
      FROM (SELECT userAgent, user_agent_json(userAgent) AS agent
              FROM machine
             GROUP BY userAgent)
     WHERE ct_json_text(agent, '$.os') = 'macos'
        OR ct_json_text(agent, '$.product') = 'Mozilla'
        OR kql_split_part(ct_json_text(agent, '$.distrib'), '.', 0) IN ('kali', 'parrot', 'pentoo')
),
found AS (
    SELECT event, list_distinct(reason) AS reasons
      FROM (SELECT event, reason FROM elsewhere
            UNION ALL
            SELECT event, 'person' FROM with_person
            UNION ALL
            SELECT event, 'client'
              FROM machine
             WHERE userAgent IN (SELECT userAgent FROM peoples_agent))
     GROUP BY event
),
deed AS (
    SELECT c.*, f.reasons
      FROM found AS f
     CROSS JOIN event_caller AS c ON c.event = f.event
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
           max(instr(reasons, 'another network')) > 0 AS isElsewhere,
           max(instr(reasons, 'person')) > 0 AS isPerson,
           max(instr(reasons, 'client')) > 0 AS isClient,
           max(instr(reasons, 'another endpoint')) > 0 AS isEndpoint,
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
                        'was used outside its machine ('
                        || finding_list(reasons, 4)
                        || '): '
                        || finding_list(names, 4),
                        firstTime, lastTime,
                        finding_list(addresses, 1),
                        recipientAccountId, deniedCount) AS summary,
       ct_json_object('reasons', ct_json(reasons), 'calls', ct_json(calls),
                      'eventCount', eventCount, 'doneCount', doneCount, 'deniedCount', deniedCount,
                      'accessKeyIds', ct_json(accessKeyIds), 'addresses', ct_json(addresses),
                      'clients', ct_json(clients), 'regions', ct_json(regions)) AS details,
       evidence
  FROM (SELECT *,
               ct_json_array_nonnull(CASE WHEN isElsewhere THEN 'another network' END,
                                     CASE WHEN isPerson THEN 'address of a person' END,
                                     CASE WHEN isClient THEN 'client of a person' END,
                                     CASE WHEN isEndpoint THEN 'another endpoint' END) AS reasons
          FROM told);
