-- hunt_logs_blinded: who stopped, deleted or thinned out logs and watchers?
--
-- Title:        Logs blinded
-- Description:  Somebody stopped or narrowed a trail, deleted flow logs, DNS logs, log groups or a
--               recorder, switched off GuardDuty, Security Hub, Config or Macie, or had the files of a
--               trail expire.
-- Severity:     High
-- Tactics:      DefenseEvasion
-- Techniques:   T1562.008, T1562.001, T1070
-- Kind:         Hunting
-- Frequency:    none
-- Period:       none
-- Trigger:      gt 0
-- Enabled:      no
-- Id:           8b0c0450-f00c-4dd9-8864-600380057281
-- Version:      1.0.0
-- Source:       own
-- Sentinel:     Changes made to AWS CloudTrail logs (two rules: ClearStopChangeTrailLogs,
--               LogTampering); GuardDuty detector disabled or suspended; AWS Config Service Resource
--               Deletion Attempts; Automatic image scanning disabled for ECR
-- Why:          what comes after it may not be in these logs: nobody needs it done in a hurry but who
--               wants to be unseen.
-- Columns read: eventTime, eventName, eventSource, errorCode, errorMessage, requestParameters,
--               responseElements, userIdentity*, userAgent, sourceIPAddress, recipientAccountId,
--               awsRegion; blinding_call, ordinary_agent, rule_parameter.
-- Window:       calls of one identity with pauses of less than hunt_pause (3600 seconds) are one
--               finding.
-- False positives: environments that are taken down, with their log groups (Low); an organization that
--               moves to another trail or to delegated administrators; where Terraform, Pulumi and the
--               like did it all and nothing was denied it is Informational and suppressed.
-- Blind spots:  what CloudFormation does for somebody; alarms and rules of EventBridge; the key of a
--               trail made useless in KMS; objects deleted where no data events are recorded; retention
--               made shorter.
-- Next step:    cloudtrail_coverage has the hours without events since, cloudtrail_verify() what files
--               are gone.
--
-- The calls are those of blinding_call. Of some more is asked: UpdateTrail that takes regions, global
-- services, validation or the bucket away; PutEventSelectors without all management events;
-- UpdateDetector that switches off; filters of GuardDuty that archive; lifecycles and deletions of a
-- bucket that a trail writes to, as trails and CloudTrail's own calls in these logs tell.
-- Shown by: stratus-red-team (cloudtrail-delete, cloudtrail-event-selectors, cloudtrail-stop,
-- dns-delete-logs, vpc-remove-flow-logs); aws_dataset (the same and a lifecycle); traildiscover (14
-- calls, denied). Beside them aws_dataset's PutEventSelectors that logs everything again and
-- StartLogging.
-- Cost in false positives: Terraform taking down what it built, in aws_dataset, which is suppressed;
-- none elsewhere, none in the corpus of tests/bench.
CREATE VIEW hunt_logs_blinded AS
WITH
-- The buckets that trails write to: as they were named, and as CloudTrail itself asks for them.
trail_bucket AS (
    SELECT ct_json_text(requestParameters, '$.s3BucketName') AS name
      FROM cloudtrail_call
     WHERE eventName IN ('CreateTrail', 'UpdateTrail')
    UNION
    SELECT ct_json_text(requestParameters, '$.bucketName')
      FROM cloudtrail_call
     WHERE eventName = 'GetBucketAcl'
       AND userIdentityInvokedBy = 'cloudtrail.amazonaws.com'
),
called AS (
    SELECT c.*,
           b.phrase,
           b.severity AS graveness,
           c.requestParameters AS asked
      FROM blinding_call AS b
     CROSS JOIN event_caller AS c ON c.eventName = b.eventName AND c.eventSource = b.eventSource
),
blinded AS (
    SELECT *
      FROM called
     WHERE asked IS NULL -- a call that was refused does not say what it was for
        OR CASE eventSource || ' ' || eventName
               WHEN 'cloudtrail.amazonaws.com UpdateTrail'
                   THEN ct_json_text(asked, '$.isMultiRegionTrail') = 'false'
                        OR ct_json_text(asked, '$.includeGlobalServiceEvents') = 'false'
                        OR ct_json_text(asked, '$.enableLogFileValidation') = 'false'
                        OR ct_json_text(asked, '$.isOrganizationTrail') = 'false'
                        OR ct_json_text(asked, '$.s3BucketName') <> ''
               WHEN 'cloudtrail.amazonaws.com PutEventSelectors'
                   THEN instr(asked, '"includeManagementEvents":false')
                        OR instr(asked, '"readWriteType":"ReadOnly"')
                        OR instr(asked, '"readWriteType":"WriteOnly"')
                        OR asked GLOB '*"excludeManagementEventSources":[[]"*'
                        OR ct_json_text(asked, '$.advancedEventSelectors') <> ''
                           AND (NOT instr(asked, '"Management"') OR instr(asked, '"readOnly"')
                                OR instr(asked, '"notEquals"') OR instr(asked, '"eventSource"'))
               WHEN 'cloudtrail.amazonaws.com PutInsightSelectors'
                   THEN ct_json_text(asked, '$.insightSelectors') = '[]'
               WHEN 'guardduty.amazonaws.com UpdateDetector'
                   THEN instr(asked, '"enable":false') OR instr(asked, '"DISABLED"')
               WHEN 'guardduty.amazonaws.com CreateFilter'
                   THEN ct_json_text(asked, '$.action') = 'ARCHIVE'
               WHEN 'guardduty.amazonaws.com UpdateFilter'
                   THEN ct_json_text(asked, '$.action') = 'ARCHIVE'
               WHEN 'guardduty.amazonaws.com CreateIPSet'
                   THEN ifnull(ct_json_text(asked, '$.activate'), 'true') = 'true'
               WHEN 'ecr.amazonaws.com PutImageScanningConfiguration'
                   THEN ct_json_text(asked, '$.imageScanningConfiguration.scanOnPush') = 'false'
               WHEN 's3.amazonaws.com PutBucketLogging'
                   THEN NOT instr(asked, 'LoggingEnabled')
               WHEN 's3.amazonaws.com PutBucketLifecycle'
                   THEN instr(asked, 'Expiration')
                        AND ct_json_text(asked, '$.bucketName') IN (SELECT name FROM trail_bucket)
               WHEN 's3.amazonaws.com DeleteBucket'
                   THEN ct_json_text(asked, '$.bucketName') IN (SELECT name FROM trail_bucket)
               WHEN 's3.amazonaws.com DeleteObject'
                   THEN ct_json_text(asked, '$.key') GLOB '*AWSLogs/*/CloudTrail*'
               ELSE 1
           END
),
named AS (
    SELECT b.*,
           coalesce((SELECT t.name
                       FROM event_target AS t
                      WHERE t.event = b.event
                        AND t.kind IN ('trail', 'event-data-store', 'flow-log', 'log-group', 'detector',
                                       'recorder', 'delivery-channel', 'query-log-config', 'bucket',
                                       'object', 'repository', 'db')
                      ORDER BY t.kind = 'bucket'
                      LIMIT 1),
                    ct_json_text(b.asked, '$.name', '$.configRuleName', '$.Name', '$.filterName'),
                    (SELECT r.name FROM event_refused AS r WHERE r.event = b.event AND r.name <> '*'))
               AS target
      FROM blinded AS b
     WHERE b.asked IS NOT NULL
        OR b.eventSource <> 's3.amazonaws.com' -- of any bucket, not of a trail's
),
deed AS (
    SELECT *,
           finding_deed(phrase, target, eventName, outcome) AS deed,
           CASE graveness WHEN 'High' THEN 3 WHEN 'Medium' THEN 2 ELSE 1 END AS weight
      FROM named
),
placed AS (
    SELECT *,
           episode(eventTime, (SELECT value FROM rule_parameter WHERE name = 'hunt_pause'))
               OVER (PARTITION BY recipientAccountId, accountName, accountUPNSuffix, isTool
                     ORDER BY eventTime, event) AS episode
      FROM deed
),
told AS (
    SELECT recipientAccountId,
           accountName,
           accountUPNSuffix,
           min(eventTime) AS firstTime,
           max(eventTime) AS lastTime,
           list_distinct(deed) AS deeds,
           list_distinct(target) AS targets,
           list_distinct(call) AS calls,
           list_distinct(address) AS addresses,
           list_distinct(accessKeyId) AS accessKeyIds,
           list_distinct(client) AS clients,
           list_distinct(region) AS regions,
           count(*) AS eventCount,
           sum(outcome = 'denied') AS deniedCount,
           max(weight) AS weight,
           isTool AND sum(outcome = 'denied') = 0 AS isOrdinary,
           ct_json_group_array(event) AS evidence
      FROM placed
     GROUP BY recipientAccountId, accountName, accountUPNSuffix, isTool, episode
)
SELECT firstTime,
       lastTime,
       recipientAccountId,
       accountName,
       accountUPNSuffix,
       ifnull(ct_json_text(addresses, '$[0]'), '') AS sourceIPAddress,
       '' AS groupKey,
       CASE WHEN isOrdinary THEN 'Informational'
            ELSE CASE weight WHEN 3 THEN 'High' WHEN 2 THEN 'Medium' ELSE 'Low' END END AS severity,
       CASE WHEN isOrdinary THEN 'ordinary agent' END AS suppressedBy,
       finding_sentence(accountName, accountUPNSuffix, finding_list(deeds, 3), firstTime, lastTime,
                        finding_list(addresses, 1), recipientAccountId, deniedCount) AS summary,
       ct_json_object('deeds', ct_json(deeds),
                      'targets', ct_json(targets),
                      'calls', ct_json(calls), 'eventCount', eventCount, 'deniedCount', deniedCount,
                      'addresses', ct_json(addresses), 'accessKeyIds', ct_json(accessKeyIds),
                      'clients', ct_json(clients), 'regions', ct_json(regions)) AS details,
       evidence
  FROM told;
