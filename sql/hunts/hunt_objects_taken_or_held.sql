-- hunt_objects_taken_or_held: who took many objects out of buckets, or deleted, locked or prepared
-- to lose what is in them?
--
-- Title:        Objects taken or held for ransom
-- Description:  Somebody read or deleted many different objects within a minute, copied or wrote them
--               under a key of their own or into another account, deleted a bucket, suspended
--               versions, let objects expire within days, disabled a KMS key, or left a note.
-- Severity:     Medium
-- Tactics:      Collection, Exfiltration, Impact
-- Techniques:   T1530, T1537, T1485, T1486, T1490
-- Kind:         Hunting
-- Frequency:    none
-- Period:       none
-- Trigger:      gt 0
-- Enabled:      no
-- Id:           d5a07c3e-42b8-4e91-9f6c-08e1b7d24a96
-- Version:      1.0.0
-- Source:       own
-- Sentinel:     AWSCloudTrail - S3 Object Exfiltration from Anonymous User; Bucket versioning
--               suspended; S3 bucket encryption modified; Failed brute force on S3 bucket
--               (hunt_access_denied_burst counts that)
-- Why:          data is what is wanted: sold, or held for ransom where no version and no copy is left.
-- Columns read: eventTime, eventName, eventSource, errorCode, requestParameters, userAgent,
--               userIdentity*, sourceIPAddress, recipientAccountId, awsRegion; resources,
--               additionalEventData; ordinary_agent, rule_parameter.
-- Window:       60 seconds, sliding, with hunt_objects (20) different objects read, or deletions; for
--               the rest none. Calls of one identity with pauses of less than hunt_shift (14400
--               seconds) are one finding.
-- False positives: jobs that read or delete many objects a minute, day by day (Low where it goes on for
--               six hours of the clock or more); a public page whose visitors load many files; tools
--               that clean up. Terraform, Pulumi and the like alone, with nothing denied:
--               Informational and suppressed.
-- Blind spots:  all of it but the calls on buckets and keys where the trail records no data events;
--               fewer objects a minute; copying with replication (hunt_shared_outside); objects that
--               somebody wrote over with other content.
-- Next step:    the bucket's versions and its replica; bytesTransferredOut in the evidence's
--               additionalEventData; hunt_shared_outside.
--
-- Reasons: taken (GetObject of 20 different objects in 60 seconds), deleted (20 different
-- DeleteObject, or calls of DeleteObjects, which hold up to a thousand each), looked for buckets
-- (ListBuckets and GetObject by one session of an instance, which knows its bucket), own key
-- (CopyObject, PutObject, CreateMultipartUpload with SSE-C, or with a KMS key of another account;
-- PutBucketEncryption with such a key), copied out (CopyObject to a bucket of another account), bucket
-- deleted, versions suspended (PutBucketVersioning), expiry (PutBucketLifecycle of three days or
-- less), key disabled (DisableKey, ScheduleKeyDeletion, DeleteImportedKeyMaterial), note (PutObject
-- whose name speaks of ransom or decrypting). High: own key, key disabled, note, and versions
-- suspended together with another. A bucket deleted, and nothing else: Low. Readers who are nobody
-- (Anonymous) are told by address.
-- Shown by: the sample (svc-backup reads 26 objects of the customers' exports); security-datasets (the
-- Mac with the web server's credentials: ListBuckets, then GetObject); aws_dataset (a lifecycle of a
-- day, in one finding with the buckets that the same user's Terraform deleted); traildiscover
-- (DeleteBucket, failed). Beside them invoice-render in the sample, which reads and writes an object
-- after the other.
-- Cost in false positives: none on the shared recordings.
CREATE VIEW hunt_objects_taken_or_held AS
WITH
-- What reads or deletes one object after the other: counted first, told later.
read_or_delete AS (
    SELECT event,
           eventTime,
           recipientAccountId,
           accountName,
           CASE accountName WHEN 'Anonymous' THEN address END AS site,
           eventName <> 'GetObject' AS isDelete,
           CASE eventName
               WHEN 'DeleteObjects' THEN event
               ELSE ct_json_text(requestParameters, '$.bucketName') || '/'
                    || ct_json_text(requestParameters, '$.key')
           END AS thing
      FROM event_caller
     WHERE eventName IN ('GetObject', 'DeleteObject', 'DeleteObjects')
       AND eventSource = 's3.amazonaws.com'
),
many AS (
    SELECT isDelete,
           distinct_bursts(thing, eventTime, 60,
                           (SELECT value FROM rule_parameter WHERE name = 'hunt_objects'),
                           event) AS bursts
      FROM read_or_delete
     GROUP BY recipientAccountId, accountName, site, isDelete
),
-- A machine that looks which buckets there are.
looking AS (
    SELECT DISTINCT recipientAccountId, userIdentityArn
      FROM event_caller
     WHERE eventName = 'ListBuckets'
       AND isInstance
),
reason AS (
    SELECT one.value AS event, CASE WHEN isDelete THEN 'deleted' ELSE 'taken' END AS reason
      FROM many
     CROSS JOIN json_each(many.bursts) AS burst
     CROSS JOIN json_each(ct_json_text(burst.value, '$.rows')) AS one
    UNION ALL
    SELECT event, 'looked for buckets'
      FROM event_caller
     WHERE eventName IN ('ListBuckets', 'GetObject')
       AND eventSource = 's3.amazonaws.com'
       AND (recipientAccountId, userIdentityArn) IN (SELECT recipientAccountId, userIdentityArn
                                                       FROM looking)
    UNION ALL
    SELECT event, 'own key'
      FROM (SELECT event,
                   requestParameters,
                   additionalEventData,
                   recipientAccountId,
                   ct_json_text(requestParameters, '$.x-amz-server-side-encryption-aws-kms-key-id',
                       '$.ServerSideEncryptionConfiguration.Rule.ApplyServerSideEncryptionByDefault'
                       || '.KMSMasterKeyID') AS kmsKey
              FROM event_caller
             WHERE eventName IN ('CopyObject', 'PutObject', 'CreateMultipartUpload',
                                 'PutBucketEncryption')
               AND eventSource = 's3.amazonaws.com')
     WHERE instr(requestParameters, '"x-amz-server-side-encryption-customer-algorithm"')
        OR ct_json_text(additionalEventData, '$.SSEApplied') = 'SSE_C'
        OR arn_part(kmsKey, 'account') <> recipientAccountId
    UNION ALL
    SELECT c.event, 'copied out'
      FROM event_caller AS c
     WHERE c.eventName = 'CopyObject'
       AND c.eventSource = 's3.amazonaws.com'
       AND EXISTS (SELECT 1
                     FROM event_target AS t
                    WHERE t.event = c.event
                      AND t.kind = 'bucket'
                      AND t.accountId <> c.recipientAccountId
                      AND t.name = ct_json_text(c.requestParameters, '$.bucketName'))
    UNION ALL
    SELECT event, 'bucket deleted'
      FROM event_caller
     WHERE eventName = 'DeleteBucket'
       AND eventSource = 's3.amazonaws.com'
    UNION ALL
    SELECT event, 'versions suspended'
      FROM event_caller
     WHERE eventName = 'PutBucketVersioning'
       AND ct_json_text(requestParameters, '$.VersioningConfiguration.Status') = 'Suspended'
    UNION ALL
    SELECT event, 'expiry'
      FROM event_caller
     WHERE eventName IN ('PutBucketLifecycle', 'PutBucketLifecycleConfiguration')
       -- one rule, or a list of them
       AND EXISTS (SELECT 1
                     -- once more, for what a string says may be no JSON
                     FROM json_tree(ct_json_text(
                              ct_json_text(requestParameters, '$.LifecycleConfiguration'), '$')) AS part
                    WHERE part.key = 'Days' AND part.path GLOB '*.Expiration' AND part.value <= 3)
    UNION ALL
    SELECT event, 'key disabled'
      FROM event_caller
     WHERE eventName IN ('DisableKey', 'ScheduleKeyDeletion', 'DeleteImportedKeyMaterial')
       AND eventSource = 'kms.amazonaws.com'
    UNION ALL
    SELECT event, 'note'
      FROM (SELECT event, lower(ct_json_text(requestParameters, '$.key')) AS key
              FROM event_caller
             WHERE eventName = 'PutObject'
               AND eventSource = 's3.amazonaws.com')
     WHERE key GLOB '*ransom*' OR key GLOB '*decrypt*' OR key GLOB '*restore*your*files*'
        OR key GLOB '*files*encrypted*'
),
found AS (
    SELECT event, list_distinct(reason) AS found
      FROM (SELECT event, reason FROM reason ORDER BY event, reason)
     GROUP BY event
),
deed AS (
    SELECT c.*,
           f.found,
           CASE c.accountName WHEN 'Anonymous' THEN c.address END AS site
      FROM found AS f
     CROSS JOIN event_caller AS c ON c.event = f.event
),
-- What one identity did without a long pause.
run AS (
    SELECT *,
           episode(eventTime, (SELECT value FROM rule_parameter WHERE name = 'hunt_shift'))
               OVER (PARTITION BY recipientAccountId, accountName, accountUPNSuffix, site
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
           list_distinct(ct_json_text(requestParameters, '$.bucketName')) AS buckets,
           count_distinct(CASE WHEN eventName IN ('GetObject', 'DeleteObject')
                               THEN ct_json_text(requestParameters, '$.bucketName') || '/'
                                    || ct_json_text(requestParameters, '$.key') END) AS objectCount,
           count_distinct(substr(eventTime, 1, 13)) AS hourCount,
           max(instr(found, '"taken"') > 0) AS isTaken,
           max(instr(found, '"deleted"') > 0) AS isDeleted,
           max(instr(found, '"looked for buckets"') > 0) AND max(eventName = 'GetObject') AS isLook,
           max(instr(found, '"own key"') > 0) AS isOwnKey,
           max(instr(found, '"copied out"') > 0) AS isCopied,
           max(instr(found, '"bucket deleted"') > 0) AS isBucket,
           max(instr(found, '"versions suspended"') > 0) AS isSuspended,
           max(instr(found, '"expiry"') > 0) AS isExpiry,
           max(instr(found, '"key disabled"') > 0) AS isDisabled,
           max(instr(found, '"note"') > 0) AS isNote,
           count(*) AS eventCount,
           sum(outcome = 'done') AS doneCount,
           sum(outcome = 'denied') AS deniedCount,
           ct_json_group_array(event) AS evidence
      FROM run
     GROUP BY recipientAccountId, accountName, accountUPNSuffix, site, run
)
SELECT firstTime,
       lastTime,
       recipientAccountId,
       accountName,
       accountUPNSuffix,
       ifnull((SELECT value FROM json_each(addresses) LIMIT 1), '') AS sourceIPAddress,
       '' AS groupKey,
       CASE WHEN isTool AND deniedCount = 0 THEN 'Informational'
            WHEN isOwnKey OR isDisabled OR isNote OR isSuspended AND reasonCount > 1 THEN 'High'
            WHEN isBucket AND reasonCount = 1 OR hourCount >= 6 THEN 'Low'
       END AS severity,
       CASE WHEN isTool AND deniedCount = 0 THEN 'ordinary agent' END AS suppressedBy,
       finding_sentence(accountName, accountUPNSuffix,
                        CASE doneCount WHEN 0 THEN 'tried what empties or locks buckets: '
                             ELSE CASE WHEN isTaken OR isLook OR isCopied
                                       THEN 'took objects out of buckets: '
                                       ELSE 'emptied or locked buckets: ' END END
                        || finding_list(reasons, 9)
                        || CASE WHEN objectCount > 1 THEN printf(', %d different objects', objectCount)
                                ELSE '' END
                        || ifnull(' in ' || finding_list(buckets, 2), '')
                        || ' by '
                        || finding_list(names, 4),
                        firstTime, lastTime,
                        finding_list(addresses, 1),
                        recipientAccountId, deniedCount) AS summary,
       ct_json_object('reasons', ct_json(reasons), 'buckets', ct_json(buckets),
                      'objectCount', objectCount, 'calls', ct_json(calls),
                      'eventCount', eventCount, 'doneCount', doneCount, 'deniedCount', deniedCount,
                      'accessKeyIds', ct_json(accessKeyIds), 'addresses', ct_json(addresses),
                      'clients', ct_json(clients), 'regions', ct_json(regions)) AS details,
       evidence
  FROM (SELECT *,
               isTaken + isDeleted + isLook + isOwnKey + isCopied + isBucket + isSuspended + isExpiry
                   + isDisabled + isNote AS reasonCount,
               ct_json_array_nonnull(
                   CASE WHEN isTaken THEN 'taken' END,
                   CASE WHEN isDeleted THEN 'deleted' END,
                   CASE WHEN isLook THEN 'looked for buckets' END,
                   CASE WHEN isOwnKey THEN 'own key' END,
                   CASE WHEN isCopied THEN 'copied out' END,
                   CASE WHEN isBucket THEN 'bucket deleted' END,
                   CASE WHEN isSuspended THEN 'versions suspended' END,
                   CASE WHEN isExpiry THEN 'expiry within days' END,
                   CASE WHEN isDisabled THEN 'key disabled' END,
                   CASE WHEN isNote THEN 'note' END) AS reasons
          FROM told)
 WHERE reasonCount > 0;
