-- hunt_secrets_read_in_bulk: who read, or tried to read, several different secrets within minutes?
--
-- Title:        Secrets read in bulk
-- Description:  One identity read several different secrets, parameters that are encrypted, passwords
--               of machines or tokens of registries within five minutes, or a batch of secrets by a
--               filter.
-- Severity:     High
-- Tactics:      CredentialAccess
-- Techniques:   T1555.006, T1552.005
-- Kind:         Hunting
-- Frequency:    none
-- Period:       none
-- Trigger:      gt 0
-- Enabled:      no
-- Id:           a57443d8-dea7-47c9-b858-58bdbc56712e
-- Version:      1.0.0
-- Source:       own
-- Sentinel:     none; RDS instance master password changed is near
-- Why:          who found a way in takes along what opens the next doors; software reads the few
--               secrets that are its own.
-- Columns read: eventTime, eventName, eventSource, errorCode, errorMessage, requestParameters,
--               userIdentity*, userAgent, sourceIPAddress, recipientAccountId, awsRegion;
--               ordinary_agent, rule_parameter.
-- Window:       300 seconds, sliding; by account and name. hunt_secrets (3) different secrets must lie
--               in it; a batch by a filter, which may give twenty, counts as that many. Windows that
--               share an event are one finding.
-- False positives: software that reads its configuration when it starts, and who deploys it; Terraform,
--               Pulumi and the like, which are Informational and suppressed where nothing was denied.
-- Blind spots:  fewer, or slower; a session name of its own for every call; one secret that holds many;
--               Decrypt in KMS; what a service reads for somebody; a first secret ever read by an
--               identity (hunt_first_seen).
-- Next step:    change what was read; details has the names. Did they open anything since? credential
--               has sign-ins and keys.
--
-- Counted: GetSecretValue, BatchGetSecretValue; GetParameter, GetParameters, GetParametersByPath and
-- GetParameterHistory with decryption, of names that are not AWS's own (/aws/service/);
-- GetPasswordData; GetAuthorizationToken of registries; GetRelationalDatabaseMasterUserPassword and
-- DownloadDefaultKeyPair of Lightsail; GetClusterCredentials. Where all was denied it is Medium.
-- Shown by: stratus-red-team (secretsmanager-retrieve-secrets, secretsmanager-batch-retrieve-secrets,
-- ssm-retrieve-securestring-parameters, ec2-get-password-data); aws_dataset (the same). Beside them
-- traildiscover's single GetSecretValue, and cloudtrail-log-parser, where a role reads one secret 48
-- times and another three parameters of /aws/service/.
-- Cost in false positives: two findings of Terraform in aws_dataset, which are suppressed; one in the
-- corpus of tests/bench, of somebody who reads three in four minutes by chance.
CREATE VIEW hunt_secrets_read_in_bulk AS
WITH RECURSIVE
number AS (
    SELECT (SELECT value FROM rule_parameter WHERE name = 'hunt_secrets') AS secrets
),
step (n) AS (
    SELECT 1
    UNION ALL
    SELECT n + 1 FROM step WHERE n < (SELECT secrets FROM number)
),
called AS (
    SELECT c.event,
           c.eventTime,
           c.eventSource,
           c.recipientAccountId,
           c.accountName,
           c.isTool,
           c.requestParameters AS asked,
           ct_json_list(c.requestParameters, '$.secretIdList', '$.names') AS names,
           ct_json_text(c.requestParameters, '$.filters') IS NOT NULL AS isFilter,
           coalesce(ct_json_text(c.requestParameters, '$.secretId', '$.name', '$.path', '$.instanceId',
                                 '$.relationalDatabaseName', '$.domain', '$.clusterIdentifier'),
                    (SELECT r.name FROM event_refused AS r WHERE r.event = c.event),
                    '?') AS name
      FROM event_caller AS c
     WHERE c.eventName IN ('GetSecretValue', 'BatchGetSecretValue', 'GetParameter', 'GetParameters',
                           'GetParametersByPath', 'GetParameterHistory', 'GetPasswordData',
                           'GetAuthorizationToken', 'GetRelationalDatabaseMasterUserPassword',
                           'DownloadDefaultKeyPair', 'GetClusterCredentials')
       AND c.eventSource IN ('secretsmanager.amazonaws.com', 'ssm.amazonaws.com', 'ec2.amazonaws.com',
                             'ecr.amazonaws.com', 'codeartifact.amazonaws.com',
                             'lightsail.amazonaws.com', 'redshift.amazonaws.com')
       -- what is not encrypted is no secret; a call that was refused does not say
       AND (c.eventSource <> 'ssm.amazonaws.com'
            OR c.requestParameters IS NULL
            OR ct_json_text(c.requestParameters, '$.withDecryption') = 'true')
),
-- Each secret of a call is a row; of what a filter finds as many as make a finding.
secret AS (
    SELECT *, eventSource || ' ' || label AS counted
      FROM (SELECT c.*,
                   -- an ARN ends in six characters that the secret's name has not
                   CASE arn_part(x.value, 'resource_type')
                       WHEN 'secret' THEN substr(arn_part(x.value, 'resource'), 8,
                                                 length(arn_part(x.value, 'resource')) - 14)
                       ELSE x.value END AS label
              FROM called AS c
             CROSS JOIN json_each(ifnull(c.names, ct_json_array(c.name))) AS x
             WHERE NOT c.isFilter)
     WHERE label NOT GLOB '/aws/service/*'
       AND label NOT GLOB 'arn:*:parameter/aws/service/*'
    UNION ALL
    SELECT c.*, 'whatever a filter finds', c.asked || ' ' || step.n
      FROM called AS c
     CROSS JOIN step
     WHERE c.isFilter
),
burst AS (
    SELECT distinct_bursts(counted, eventTime, 300, (SELECT secrets FROM number), event) AS found
      FROM secret
     GROUP BY recipientAccountId, accountName, isTool
),
member AS (
    SELECT finding.key AS finding, one.value AS event
      FROM json_each((SELECT merge_sets(ct_json_text(one.value, '$.rows'))
                        FROM burst
                       CROSS JOIN json_each(burst.found) AS one)) AS finding
     CROSS JOIN json_each(finding.value) AS one
),
told AS (
    SELECT c.recipientAccountId,
           c.accountName,
           c.accountUPNSuffix,
           min(c.eventTime) AS firstTime,
           max(c.eventTime) AS lastTime,
           list_distinct(c.call) AS calls,
           list_distinct(c.address) AS addresses,
           list_distinct(c.accessKeyId) AS accessKeyIds,
           list_distinct(c.client) AS clients,
           list_distinct(c.region) AS regions,
           count(*) AS eventCount,
           sum(c.outcome = 'done') AS doneCount,
           sum(c.outcome = 'denied') AS deniedCount,
           c.isTool AND sum(c.outcome = 'denied') = 0 AS isOrdinary,
           ct_json_group_array(c.event) AS evidence,
           m.finding
      FROM (SELECT m.finding, m.event
              FROM member AS m
             CROSS JOIN cloudtrail AS e ON e.rowid = m.event
             ORDER BY e.eventTime, e.eventID, e.fileID, e.recordNumber) AS m
     CROSS JOIN event_caller AS c ON c.event = m.event
     GROUP BY m.finding
),
-- The names, each once: an event may have several.
label AS (
    SELECT finding,
           list_distinct(label) AS labels,
           count_distinct(label) AS n,
           max(isFilter) AS isFilter
      FROM (SELECT m.finding, s.label, s.isFilter
              FROM secret AS s
              JOIN member AS m ON m.event = s.event
             ORDER BY s.eventTime, s.event)
     GROUP BY finding
)
SELECT t.firstTime,
       t.lastTime,
       t.recipientAccountId,
       t.accountName,
       t.accountUPNSuffix,
       ifnull(ct_json_text(t.addresses, '$[0]'), '') AS sourceIPAddress,
       '' AS groupKey,
       CASE WHEN t.isOrdinary THEN 'Informational' WHEN t.doneCount = 0 THEN 'Medium' END AS severity,
       CASE WHEN t.isOrdinary THEN 'ordinary agent' END AS suppressedBy,
       finding_sentence(t.accountName, t.accountUPNSuffix,
                        CASE t.doneCount WHEN 0 THEN 'tried to read ' ELSE 'read ' END
                        || CASE WHEN l.labels = '["?"]' THEN 'secrets without a name in the log'
                                WHEN l.isFilter THEN 'secrets (' || finding_list(l.labels, 3) || ')'
                                ELSE l.n || ' secrets (' || finding_list(l.labels, 3) || ')' END,
                        t.firstTime, t.lastTime, finding_list(t.addresses, 1), t.recipientAccountId,
                        t.deniedCount) AS summary,
       ct_json_object('secrets', ct_json(l.labels), 'calls', ct_json(t.calls),
                      'eventCount', t.eventCount, 'doneCount', t.doneCount,
                      'deniedCount', t.deniedCount, 'addresses', ct_json(t.addresses),
                      'accessKeyIds', ct_json(t.accessKeyIds), 'clients', ct_json(t.clients),
                      'regions', ct_json(t.regions)) AS details,
       t.evidence
  FROM told AS t
  JOIN label AS l ON l.finding = t.finding;
