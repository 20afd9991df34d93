-- hunt_agent_contradicts: whose user agent cannot be true?
--
-- Title:        User agent contradicts the event
-- Description:  The agent names another command than the call that was made, a command that this version
--               of the AWS CLI does not name, or one key is on machines of several systems in an hour.
-- Severity:     Low
-- Tactics:      DefenseEvasion
-- Techniques:   T1036
-- Kind:         Hunting
-- Frequency:    none
-- Period:       none
-- Trigger:      gt 0
-- Enabled:      no
-- Id:           ccf92a6b-13d7-4e65-80a8-089e1ac8ba5d
-- Version:      1.0.0
-- Source:       own
-- Why:          an agent is what the client chose to send. Who types one from a list of good ones, or puts
--               words into AWS_EXECUTION_ENV, gets it wrong somewhere; and two who have one key have two
--               machines.
-- Columns read: eventTime, eventName, eventSource, apiVersion, userAgent, userIdentity*, sourceIPAddress,
--               recipientAccountId.
-- Window:       `command`: the agent's command makes another call. `version`: a command in the agent of
--               a version that names none (1.x, 2.0.0 to 2.0.35), or two of them. A finding of these is
--               an hour of one name. `systems`: one long-lived key with agents of two of Linux, Windows,
--               macOS in 3600 seconds, and from two networks (/24, /64).
-- False positives: a key that somebody has on a laptop and on a server; wrappers that call themselves
--               aws-cli; a command of the CLI that is newer than the list of those that make several calls.
-- Blind spots:  a forged agent that is right. AssumeRole and the other calls by which the CLI gets
--               credentials bear the command that was typed: left out, as are commands of its own that
--               make several calls (s3.cp). Session keys are passed on between machines by design.
-- Next step:    the same key's calls, by client: who of them is the owner?
--
-- Shown by: composed cases (AWS_EXECUTION_ENV). In 259 events of the CLI in recordings that name
-- a command none contradicts its call.
CREATE VIEW hunt_agent_contradicts AS
WITH
said AS (
    SELECT e.event,
           e.eventTime,
           CASE WHEN aws_cli_command(e.userAgent)
                     <> aws_cli_command(e.userAgent, e.eventSource, e.eventName, e.apiVersion)
                 AND e.eventName NOT GLOB 'AssumeRole*'
                 AND e.eventName NOT IN ('GetSessionToken', 'GetRoleCredentials', 'CreateToken',
                                         'GetFederationToken', 'CreateOAuth2Token')
                    THEN 'command'
                WHEN (instr(e.userAgent, ' command/') OR instr(e.userAgent, ' md/command#'))
                 AND (aws_cli_command(e.userAgent) IS NULL
                      AND aws_cli_version(e.userAgent) GLOB '1.*'
                      OR e.userAgent GLOB '* command/* command/*')
                    THEN 'version'
           END AS reason,
           e.accountId AS recipientAccountId,
           e.accountName,
           e.accountName || ' ' || e.accountId || ' ' || substr(e.eventTime, 1, 13) AS grouping
      FROM event_aws_cli AS e
     WHERE e.isCall
       AND NOT e.isService
       AND (instr(e.userAgent, ' command/') OR instr(e.userAgent, ' md/command#'))
),
-- The agents of each long-lived key, put together for one reading, and their systems.
agent AS (
    SELECT substr(one.value, 1, instr(one.value, ' ') - 1) AS accessKeyId,
           substr(one.value, instr(one.value, ' ') + 1) AS userAgent
      FROM json_each((SELECT list_distinct(userIdentityAccessKeyId || ' ' || userAgent)
                        FROM cloudtrail
                       WHERE userIdentityAccessKeyId GLOB 'AKIA*'
                         AND ifnull(userIdentityInvokedBy, '') = '')) AS one
),
agent_system AS (
    SELECT accessKeyId,
           userAgent,
           CASE WHEN userAgent LIKE '%darwin%' OR userAgent LIKE '%os/macos%' THEN 'macOS'
                WHEN userAgent LIKE '%windows%' THEN 'Windows'
                WHEN userAgent LIKE '%linux%' THEN 'Linux' END AS system
      FROM agent
),
several AS (
    SELECT accessKeyId
      FROM agent_system
     GROUP BY accessKeyId
    HAVING min(system) <> max(system)
),
key_burst AS (
    SELECT c.userIdentityAccessKeyId AS accessKeyId,
           distinct_bursts(a.system, c.eventTime, 3600, 2, c.event) AS found
      -- the table is not read where there is none
      FROM (SELECT count(*) AS n FROM several) AS some
     CROSS JOIN cloudtrail_call AS c
     CROSS JOIN agent_system AS a
             ON a.accessKeyId = c.userIdentityAccessKeyId
            AND a.userAgent = c.userAgent
     WHERE some.n > 0
       AND c.userIdentityAccessKeyId IN (SELECT accessKeyId FROM several)
     GROUP BY c.userIdentityAccessKeyId
),
odd AS (
    SELECT event, reason, grouping FROM said WHERE reason IS NOT NULL
    UNION ALL
    SELECT one.value, 'systems', k.accessKeyId || ' ' || burst.key
      FROM key_burst AS k
     CROSS JOIN json_each(k.found) AS burst
     CROSS JOIN json_each(burst.value, '$.rows') AS one
     WHERE 2 <= (SELECT count(DISTINCT address_network(e.sourceIPAddress))
                   FROM json_each(burst.value, '$.rows') AS r
                   JOIN cloudtrail AS e ON e.rowid = r.value)
),
told AS (
    SELECT min(c.eventTime) AS firstTime,
           max(c.eventTime) AS lastTime,
           i.recipientAccountId,
           i.accountName,
           i.accountUPNSuffix,
           ifnull(c.sourceIPAddress, '') AS sourceIPAddress,
           list_distinct(o.reason) AS reasons,
           count(*) AS eventCount,
           list_distinct(replace(c.eventSource, '.amazonaws.com', '') || ':'
                         || aws_call_name(c.eventName)) AS calls,
           list_distinct(aws_cli_command(c.userAgent)) AS commands,
           list_distinct(c.userAgent) AS userAgents,
           list_distinct(i.accessKeyId) AS accessKeyIds,
           list_distinct(nullif(c.sourceIPAddress, '')) AS addresses,
           ct_json_group_array(c.event) AS evidence
      FROM (SELECT o.*
              FROM odd AS o
             CROSS JOIN cloudtrail AS e ON e.rowid = o.event
             ORDER BY e.eventTime, e.eventID, e.fileID, e.recordNumber) AS o
     CROSS JOIN cloudtrail_call AS c ON c.event = o.event
     CROSS JOIN event_identity AS i ON i.event = o.event
     GROUP BY o.grouping
)
SELECT firstTime,
       lastTime,
       recipientAccountId,
       accountName,
       accountUPNSuffix,
       sourceIPAddress,
       finding_sentence(accountName, accountUPNSuffix,
                        CASE reasons
                             WHEN '["systems"]' THEN 'used one key on several systems'
                             ELSE printf('sent agents that do not fit the call in %d calls', eventCount)
                        END,
                        firstTime, lastTime, sourceIPAddress, recipientAccountId, 0) AS summary,
       ct_json_object('reasons', ct_json(reasons), 'eventCount', eventCount, 'calls', ct_json(calls),
                      'commands', ct_json(commands), 'userAgents', ct_json(userAgents),
                      'accessKeyIds', ct_json(accessKeyIds), 'addresses', ct_json(addresses)) AS details,
       evidence
  FROM told;
