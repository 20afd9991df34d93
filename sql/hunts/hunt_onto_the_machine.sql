-- hunt_onto_the_machine: who got onto machines through AWS: by a command, a session, a key, or the
-- script that runs when a machine starts?
--
-- Title:        Onto the machine
-- Description:  Somebody ran commands on instances or containers, opened a session or a tunnel, put an
--               SSH key there, changed what runs at the next start, or looked at a screen.
-- Severity:     Medium
-- Tactics:      Execution, LateralMovement
-- Techniques:   T1651, T1021.004, T1021.007, T1059
-- Kind:         Hunting
-- Frequency:    none
-- Period:       none
-- Trigger:      gt 0
-- Enabled:      no
-- Id:           8b2f6d10-6c39-4d3e-9a0e-2f6f0c2a7e51
-- Version:      1.0.0
-- Source:       own
-- Sentinel:     AWSCloudTrail - EC2 Startup Shell Script Changed; Suspicious command sent to EC2
-- Why:          who may call these needs no exploit: the machine runs what they say, as root, and its
--               role's credentials come with it.
-- Columns read: eventTime, eventName, eventSource, errorCode, requestParameters, userAgent,
--               userIdentity*, sourceIPAddress, recipientAccountId, awsRegion; ordinary_agent,
--               rule_parameter.
-- Window:       calls of one identity with pauses of less than hunt_shift (14400 seconds) are one
--               finding.
-- False positives: administrators at work (Low where it is sessions alone), and automation that sends
--               commands of its own; where Terraform, Pulumi and the like did it all and nothing was
--               denied it is Informational and suppressed.
-- Blind spots:  what is typed in a session and what a command says: CloudTrail hides it. User data in
--               launch templates. SSH and RDP to an open port, for which nobody asks AWS. Documents of
--               AWS that do not run what one likes (patches, inventory).
-- Next step:    hunt_instance_credentials_outside for the same instances; the command's output, in SSM
--               or in the bucket that it was sent to; StopInstances in the evidence tells that the
--               change was made to run.
--
-- Counted: StartSession, ResumeSession, ExecuteCommand (ECS), OpenTunnel, SendSSHPublicKey,
-- SendSerialConsoleSSHPublicKey, EnableSerialConsoleAccess, GetConsoleScreenshot; SendCommand and
-- CreateAssociation with a document that runs anything (AWS-Run..., but not patches) or that is not
-- AWS's, or where a refusal hides it; ModifyInstanceAttribute of the user data, and StopInstances and
-- StartInstances of that instance by the same identity within an hour: then it is High.
-- Shown by: stratus-red-team (ssm-send-command, ssm-start-session, ec2-instance-connect,
-- ec2-serial-console-send-ssh-public-key, ec2-user-data, ec2-steal-instance-credentials); aws_dataset
-- (2 commands); traildiscover (2 calls, denied). Beside them ModifyInstanceAttribute of
-- disableApiTermination (aws_dataset).
-- Cost in false positives: one finding in opensearch-catalog, a log collector that sends commands.
CREATE VIEW hunt_onto_the_machine AS
WITH
-- User data that was changed, or was to be.
startup AS (
    SELECT event,
           eventTime,
           recipientAccountId,
           accountName,
           ct_json_text(requestParameters, '$.instanceId') AS instance
      FROM event_caller
     WHERE eventName = 'ModifyInstanceAttribute'
       AND (ct_json_text(requestParameters, '$.userData') IS NOT NULL
            OR ct_json_text(requestParameters, '$.attribute') = 'userData')
),
-- Commands whose document runs what one likes. A call that was refused often does not say which.
command AS (
    SELECT event
      FROM (SELECT event,
                   ifnull(ct_json_text(requestParameters, '$.documentName', '$.name'), '') AS document
              FROM event_caller
             WHERE eventName IN ('SendCommand', 'CreateAssociation')
               AND eventSource = 'ssm.amazonaws.com')
     WHERE document NOT GLOB 'AWS-*' AND document NOT GLOB 'Amazon*' AND document NOT GLOB 'AWSEC2-*'
        OR document GLOB 'AWS-Run*' AND document NOT GLOB 'AWS-RunPatchBaseline*'
),
deed AS (
    SELECT c.*, 0 AS isStartup
      FROM event_caller AS c
     WHERE c.eventName IN ('StartSession', 'ResumeSession', 'ExecuteCommand', 'OpenTunnel',
                           'SendSSHPublicKey', 'SendSerialConsoleSSHPublicKey',
                           'EnableSerialConsoleAccess', 'GetConsoleScreenshot')
       AND c.eventSource IN ('ssm.amazonaws.com', 'ecs.amazonaws.com', 'ec2.amazonaws.com',
                             'ec2-instance-connect.amazonaws.com')
    UNION ALL
    SELECT c.*, 0
      FROM command
     CROSS JOIN event_caller AS c ON c.event = command.event
    UNION ALL
    SELECT c.*, c.outcome = 'done'
      FROM startup
     CROSS JOIN event_caller AS c ON c.event = startup.event
    UNION ALL
    SELECT c.*, 0
      FROM event_caller AS c
     WHERE c.eventName IN ('StopInstances', 'StartInstances')
       AND c.outcome = 'done'
       AND EXISTS (SELECT 1
                     FROM startup AS s
                    WHERE s.recipientAccountId = c.recipientAccountId
                      AND s.accountName = c.accountName
                      AND instr(c.requestParameters, s.instance)
                      AND abs(strftime('%s', s.eventTime) - strftime('%s', c.eventTime)) < 3600)
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
           min(isTool) AS isTool,
           list_distinct(aws_call_name(eventName)) AS names,
           max(isStartup) AND max(eventName IN ('StopInstances', 'StartInstances')) AS isRestart,
           min(eventName IN ('StartSession', 'ResumeSession', 'GetConsoleScreenshot')) AS isSession,
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
       CASE WHEN isTool AND deniedCount = 0 THEN 'Informational'
            WHEN isRestart THEN 'High'
            WHEN isSession AND deniedCount = 0 THEN 'Low'
       END AS severity,
       CASE WHEN isTool AND deniedCount = 0 THEN 'ordinary agent' END AS suppressedBy,
       finding_sentence(accountName, accountUPNSuffix,
                        CASE doneCount WHEN 0 THEN 'tried to get onto ' ELSE 'got onto ' END
                        || ifnull(finding_list(targets, 3), 'machines')
                        || ' by '
                        || finding_list(names, 4),
                        firstTime, lastTime,
                        finding_list(addresses, 1),
                        recipientAccountId, deniedCount) AS summary,
       ct_json_object('instances', ct_json(targets), 'calls', ct_json(calls),
                      'eventCount', eventCount, 'doneCount', doneCount, 'deniedCount', deniedCount,
                      'accessKeyIds', ct_json(accessKeyIds), 'addresses', ct_json(addresses),
                      'clients', ct_json(clients), 'regions', ct_json(regions)) AS details,
       evidence
  FROM (SELECT *,
               (SELECT list_distinct(t.name)
                  FROM json_each(told.evidence) AS one
                 CROSS JOIN event_target AS t ON t.event = one.value
                 WHERE t.kind IN ('instance', 'cluster')) AS targets
          FROM told);
