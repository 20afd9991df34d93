-- hunt_tool_marks: whose user agents bear the marks of attack tools, of distributions made for attacks,
-- or of AI agents?
--
-- Title:        Marks of tools
-- Description:  A user agent bears the name of an attack tool, a scanner or a file manager that thieves
--               like, comes from Kali Linux, Parrot or Pentoo, or says that an AI agent made the call.
-- Severity:     Medium
-- Tactics:      ResourceDevelopment, InitialAccess
-- Techniques:   T1588.002
-- Kind:         Hunting
-- Frequency:    none
-- Period:       none
-- Trigger:      gt 0
-- Enabled:      no
-- Id:           e36e0769-a4f7-4c17-b398-4749a5c46186
-- Version:      1.0.0
-- Source:       own
-- Why:          who brings his tools often does not hide their names; and who hides them has to think
--               of each.
-- Columns read: eventTime, eventName, eventSource, errorCode, userAgent, userIdentity*,
--               sourceIPAddress, recipientAccountId, awsRegion.
-- Window:       the calls of one identity with one mark, with pauses of less than a day, are one
--               finding.
-- False positives: one's own testers, auditors (Prowler, Scout Suite: Medium) and whoever likes file
--               managers (Low) or lets an AI agent work (Informational): write an allow_list entry for
--               the identity.
-- Blind spots:  a tool that does not say its name; whoever types another agent than his own; calls
--               without an agent.
-- Next step:    is it somebody who is paid for it? details has the calls, by how often they were made.
--
-- High: Pacu, Stratus Red Team, TruffleHog; kali, parrot, pentoo in what the agent says of the system.
-- Which marks are known stands in data/user_agent_marks.tsv; user_agent_json() finds them.
-- Shown by: stratus-red-team (all but the sign-in and what services did); aws_dataset
-- (stratus-red-team); the agents of Kali in the sample. Beside them the other clients of aws_dataset.
-- Cost in false positives: none on the recordings; in the corpus of tests/bench the bursts that were
-- put in from Kali, and nothing else.
CREATE VIEW hunt_tool_marks AS
WITH
-- What is known of an agent, found once for each.
agent AS (
    SELECT userAgent, user_agent_json(userAgent) AS said
      FROM (SELECT DISTINCT userAgent FROM cloudtrail)
),
mark AS (
    SELECT a.userAgent, m.value AS mark
      FROM agent AS a
     CROSS JOIN json_each(ct_json_text(a.said, '$.marks')) AS m
    UNION
    SELECT userAgent, kql_split_part(ct_json_text(said, '$.distrib'), '.', 0)
      FROM agent
     WHERE kql_split_part(lower(ct_json_text(said, '$.distrib')), '.', 0)
               IN ('kali', 'parrot', 'pentoo')
    UNION
    SELECT a.userAgent, 'AI agent'
      FROM agent AS a
     CROSS JOIN json_each(ct_json_text(a.said, '$.features')) AS f
     WHERE f.value GLOB '*AGENTIC*' OR f.value GLOB 'AI_AGENT*'
),
marked AS (
    SELECT c.event,
           c.eventTime,
           c.outcome,
           i.recipientAccountId,
           i.accountName,
           i.accountUPNSuffix,
           nullif(c.sourceIPAddress, '') AS address,
           i.accessKeyId,
           nullif(c.awsRegion, '') AS region,
           replace(c.eventSource, '.amazonaws.com', '') || ':' || aws_call_name(c.eventName) AS call,
           c.userAgent,
           m.mark,
           episode(c.eventTime, 86400)
               OVER (PARTITION BY i.recipientAccountId, i.accountName, i.accountUPNSuffix, m.mark
                     ORDER BY c.eventTime, c.event) AS episode
      FROM mark AS m
      JOIN cloudtrail_call AS c ON c.userAgent = m.userAgent
      JOIN event_identity AS i ON i.event = c.event
),
told AS (
    SELECT recipientAccountId,
           accountName,
           accountUPNSuffix,
           mark,
           min(eventTime) AS firstTime,
           max(eventTime) AS lastTime,
           list_distinct(call) AS calls,
           list_distinct(address) AS addresses,
           list_distinct(accessKeyId) AS accessKeyIds,
           list_distinct(region) AS regions,
           list_distinct(userAgent) AS userAgents,
           count(*) AS eventCount,
           count_distinct(call) AS callCount,
           sum(outcome = 'denied') AS deniedCount,
           ct_json_group_array(event) AS evidence
      FROM marked
     GROUP BY recipientAccountId, accountName, accountUPNSuffix, mark, episode
)
SELECT firstTime,
       lastTime,
       recipientAccountId,
       accountName,
       accountUPNSuffix,
       ifnull(ct_json_text(addresses, '$[0]'), '') AS sourceIPAddress,
       '' AS groupKey,
       CASE WHEN mark IN ('AI agent', 'awslabs#mcp') THEN 'Informational'
            WHEN mark IN ('S3 Browser', 'WinSCP', 'Cyberduck') THEN 'Low'
            WHEN mark IN ('APN_1826889', 'Scout Suite') THEN 'Medium'
            ELSE 'High' END AS severity,
       finding_sentence(accountName, accountUPNSuffix,
                        printf('made %d %s with the mark %s (%s)', eventCount,
                               CASE eventCount WHEN 1 THEN 'call' ELSE 'calls' END, mark,
                               finding_list(calls, 3)),
                        firstTime, lastTime, finding_list(addresses, 1), recipientAccountId,
                        deniedCount) AS summary,
       ct_json_object('mark', mark, 'calls', ct_json(calls), 'callCount', callCount,
                      'eventCount', eventCount, 'deniedCount', deniedCount,
                      'userAgents', ct_json(userAgents), 'addresses', ct_json(addresses),
                      'accessKeyIds', ct_json(accessKeyIds), 'regions', ct_json(regions)) AS details,
       evidence
  FROM told;
