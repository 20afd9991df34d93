-- hunt_one_terminal_many: which terminal is several people at once, or is in several places?
--
-- Title:        One terminal, several identities
-- Description:  Calls that bear one session id of the AWS CLI, or come from one address with one client,
--               are made as several users or roles, in several accounts or from several networks.
-- Severity:     Low
-- Tactics:      LateralMovement, DefenseEvasion
-- Techniques:   T1078.004, T1550
-- Kind:         Hunting
-- Frequency:    none
-- Period:       none
-- Trigger:      gt 0
-- Enabled:      no
-- Id:           5e9d7827-6e72-4214-915e-9b2cf6a24a6c
-- Version:      1.0.0
-- Source:       own
-- Why:          keys, roles and names change while an attack goes on; the terminal stays. Of late the AWS
--               CLI sends an id of it (sid/), which is kept for the terminal and not for the key.
-- Columns read: eventTime, eventName, userAgent, userIdentity*, sessionIssuer*, sourceIPAddress,
--               recipientAccountId; ordinary_agent.
-- Window:       a session id: in 1800 seconds two accounts, two users or roles (their sessions are one),
--               or two networks (/24, /64). An address: in 600 seconds three accounts with one client.
--               What shares an event is one finding. Medium: two networks, or three accounts.
-- False positives: who works in several accounts by profiles (Low); a laptop that changes its network;
--               an image of a machine that has the id in it; an office behind one address, all with the
--               same version of a client; inventories of an organisation.
-- Blind spots:  the AssumeRole by which the CLI itself gets a profile's role is left out, so that one
--               profile is one identity; other clients have an id for each client, or none; an agent is
--               what the client chose to send; calls of Terraform and the like (kind 'tool' in
--               ordinary_agent), which are in many accounts by trade, count by the session id alone.
-- Next step:    which of the identities may this person be? `credential` tells how they came about.
--
-- Shown by: composed cases. The sample's terminal 8c1f0e6a27d3 has two keys of one
-- role: no finding.
CREATE VIEW hunt_one_terminal_many AS
WITH
-- What bears a session id.
terminal AS (
    SELECT c.event,
           c.eventTime,
           i.sessionId,
           coalesce(nullif(c.userIdentityAccountId, ''), i.recipientAccountId) AS account,
           coalesce(nullif(c.userIdentityAccountId, ''), i.recipientAccountId) || ' '
               || coalesce(i.roleName, i.principal, '') AS identity,
           address_network(c.sourceIPAddress) AS network
      FROM cloudtrail_call AS c
     CROSS JOIN event_identity AS i ON i.event = c.event
     WHERE instr(c.userAgent, 'sid/')
       AND c.eventName NOT GLOB 'AssumeRole*'
       AND c.eventName NOT IN ('GetSessionToken', 'GetFederationToken', 'GetRoleCredentials')
       AND NOT i.isService
       AND i.sessionId IS NOT NULL
),
-- Addresses that are seen in three accounts, and what came from them, by its client.
shared_address AS (
    SELECT sourceIPAddress
      FROM (SELECT DISTINCT sourceIPAddress, userIdentityAccountId FROM cloudtrail)
     GROUP BY sourceIPAddress
    HAVING count(userIdentityAccountId) >= 3
       AND address_network(sourceIPAddress) IS NOT NULL
),
addressed AS (
    SELECT c.event,
           c.eventTime,
           c.sourceIPAddress,
           kql_split_part(ltrim(c.userAgent, ' ['), ' ', 0) AS client,
           c.userIdentityAccountId AS account
      -- the table is not read where there is none
      FROM (SELECT count(*) AS n FROM shared_address) AS some
     CROSS JOIN event_base AS c
     WHERE some.n > 0
       AND c.sourceIPAddress IN (SELECT sourceIPAddress FROM shared_address)
       AND c.isCall
       AND NOT c.isService
       AND c.eventName NOT GLOB 'AssumeRole*'
       AND NOT EXISTS (SELECT 1
                         FROM ordinary_agent AS o
                        WHERE trim(ltrim(c.userAgent, ' [')) LIKE o.pattern)
),
by_session AS (
    SELECT distinct_bursts(account, eventTime, 1800, 2, event) AS accounts,
           distinct_bursts(identity, eventTime, 1800, 2, event) AS identities,
           distinct_bursts(network, eventTime, 1800, 2, event) AS networks
      FROM terminal
     GROUP BY sessionId
),
burst AS (
    SELECT accounts AS found FROM by_session
    UNION ALL
    SELECT identities FROM by_session
    UNION ALL
    SELECT networks FROM by_session
    UNION ALL
    SELECT distinct_bursts(account, eventTime, 600, 3, event)
      FROM addressed
     GROUP BY sourceIPAddress, client
),
member AS (
    SELECT finding.key AS finding, one.value AS event
      FROM json_each((SELECT merge_sets(ct_json_text(one.value, '$.rows'))
                        FROM burst
                       CROSS JOIN json_each(burst.found) AS one)) AS finding
     CROSS JOIN json_each(finding.value) AS one
),
told AS (
    SELECT m.finding,
           min(c.eventTime) AS firstTime,
           max(c.eventTime) AS lastTime,
           i.recipientAccountId,
           i.accountName,
           i.accountUPNSuffix,
           ifnull(c.sourceIPAddress, '') AS sourceIPAddress,
           count_distinct(coalesce(nullif(c.userIdentityAccountId, ''), i.recipientAccountId))
               AS accountCount,
           list_distinct(coalesce(nullif(c.userIdentityAccountId, ''), i.recipientAccountId))
               AS accounts,
           count_distinct(address_network(c.sourceIPAddress)) AS networkCount,
           list_distinct(nullif(c.sourceIPAddress, '')) AS addresses,
           count_distinct(coalesce(i.roleName, i.principal)) AS identityCount,
           list_distinct(coalesce(i.roleName, i.principal)) AS identities,
           list_distinct(i.accessKeyId) AS accessKeyIds,
           list_distinct(i.sessionId) AS sessionIds,
           list_distinct(i.client) AS clients,
           count(*) AS eventCount,
           ct_json_group_array(c.event) AS evidence
      FROM (SELECT m.finding, m.event
              FROM member AS m
             CROSS JOIN cloudtrail AS e ON e.rowid = m.event
             ORDER BY e.eventTime, e.eventID, e.fileID, e.recordNumber) AS m
     CROSS JOIN cloudtrail_call AS c ON c.event = m.event
     CROSS JOIN event_identity AS i ON i.event = m.event
     GROUP BY m.finding
)
SELECT firstTime,
       lastTime,
       recipientAccountId,
       accountName,
       accountUPNSuffix,
       sourceIPAddress,
       '' AS groupKey,
       CASE WHEN networkCount > 1 OR accountCount > 2 THEN 'Medium' ELSE 'Low' END AS severity,
       finding_sentence(accountName, accountUPNSuffix,
                        printf('and whoever else used the terminal were %d %s in %d %s from %d %s',
                               identityCount,
                               CASE identityCount WHEN 1 THEN 'user or role' ELSE 'users or roles' END,
                               accountCount, CASE accountCount WHEN 1 THEN 'account' ELSE 'accounts' END,
                               networkCount, CASE networkCount WHEN 1 THEN 'network' ELSE 'networks' END),
                        firstTime, lastTime, '', '', 0) AS summary,
       ct_json_object('eventCount', eventCount, 'identities', ct_json(identities),
                      'accounts', ct_json(accounts), 'addresses', ct_json(addresses),
                      'accessKeyIds', ct_json(accessKeyIds), 'sessionIds', ct_json(sessionIds),
                      'clients', ct_json(clients)) AS details,
       evidence
  FROM told;
