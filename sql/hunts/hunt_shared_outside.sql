-- hunt_shared_outside: what was shared with an account outside, or with everybody?
--
-- Title:        Shared outside
-- Description:  Somebody shared a snapshot, an image, a database, a bucket, a key, a secret, a
--               repository or a document with another account or with everyone, took away what kept
--               buckets from being public, or had data copied or exported to somebody else's bucket.
-- Severity:     High
-- Tactics:      Exfiltration, Collection
-- Techniques:   T1537, T1530
-- Kind:         Hunting
-- Frequency:    none
-- Period:       none
-- Trigger:      gt 0
-- Enabled:      no
-- Id:           773ffd25-efc8-4c8a-91f1-334c55aed7b1
-- Version:      1.0.0
-- Source:       own
-- Sentinel:     RDS instance publicly exposed; S3 bucket exposed via policy; S3 bucket access point
--               publicly exposed; S3ObjectPubliclyExposed; SSM document is publicly exposed; Suspicious
--               overly permissive KMS key policy created
-- Why:          a snapshot that is shared is read from the thief's own account, where no log of the
--               victim sees it.
-- Columns read: eventTime, eventName, eventSource, errorCode, errorMessage, requestParameters,
--               responseElements, userIdentity*, userAgent, sourceIPAddress, recipientAccountId,
--               awsRegion; known_account, ordinary_agent, rule_parameter.
-- Window:       calls of one identity with pauses of less than hunt_pause (3600 seconds) are one
--               finding.
-- False positives: websites and public data sets; vendors and accounts of the same organization whose
--               trails are not among the logs (put them into known_account); where Terraform, Pulumi
--               and the like did it all and nothing was denied it is Informational and suppressed.
-- Blind spots:  what CloudFormation does for somebody; canonical user ids of S3; what a grant or
--               condition says beyond accounts, organizations, sources and networks; layers and
--               functions (hunt_functions_changed); objects copied out with the victim's own rights. A
--               denied call without its request counts.
-- Next step:    was it taken back? who read it: data events of the bucket, CopySnapshot in the other
--               account.
--
-- Outside is an account whose trail is not among the logs and that is not in known_account. Everyone is
-- no finding where a condition names an account, an organization, a source or a network
-- (event_principal). Medium: exports and block public access; High: the rest.
-- Shown by: stratus-red-team (ec2-share-ami, ec2-share-ebs-snapshot, rds-share-snapshot); aws_dataset
-- (the same and a bucket); traildiscover (denied). Beside them aws_dataset's calls that take the shares
-- away again, its bucket policies for CloudTrail, and a policy for everyone of one organization
-- (cloud-custodian).
-- Cost in false positives: none on the recordings, none in the corpus of tests/bench.
CREATE VIEW hunt_shared_outside AS
WITH
-- The calls that share: what is said of them, how grave it is, and what makes it a finding: somebody
-- outside is let in (who), everyone is by an ACL (acl), the internet is (public), a block is lifted
-- (block), or nothing more (any).
call (name, phrase, weight, needs) AS (
    VALUES
        ('ModifySnapshotAttribute', 'shared the snapshot', 3, 'who'),
        ('ModifyImageAttribute', 'shared the image', 3, 'who'),
        ('ModifyDBSnapshotAttribute', 'shared the database snapshot', 3, 'who'),
        ('ModifyDBClusterSnapshotAttribute', 'shared the database snapshot', 3, 'who'),
        ('AuthorizeSnapshotAccess', 'shared the Redshift snapshot', 3, 'who'),
        ('ModifyDocumentPermission', 'shared the document', 3, 'who'),
        ('CreateResourceShare', 'made the share', 3, 'who'),
        ('AssociateResourceShare', 'widened the share', 3, 'who'),
        ('CreateGrant', 'shared the key', 3, 'who'),
        ('PutBucketPolicy', 'opened the bucket', 3, 'who'),
        ('PutAccessPointPolicy', 'opened the access point', 3, 'who'),
        ('SetRepositoryPolicy', 'opened the repository', 3, 'who'),
        ('PutRegistryPolicy', 'opened the registry', 3, 'who'),
        ('PutKeyPolicy', 'opened the key', 3, 'who'),
        ('CreateKey', 'made a key', 3, 'who'),
        ('PutResourcePolicy', 'opened', 3, 'who'),
        ('PutBackupVaultAccessPolicy', 'opened the vault', 3, 'who'),
        ('SetVaultAccessPolicy', 'opened the vault', 3, 'who'),
        ('CreateTopic', 'made the topic', 3, 'who'),
        ('SetTopicAttributes', 'opened the topic', 3, 'who'),
        ('CreateQueue', 'made the queue', 3, 'who'),
        ('SetQueueAttributes', 'opened the queue', 3, 'who'),
        ('CreateDomain', 'made the domain', 3, 'who'),
        ('UpdateDomainConfig', 'opened the domain', 3, 'who'),
        ('UpdateElasticsearchDomainConfig', 'opened the domain', 3, 'who'),
        ('PutBucketAcl', 'opened to everyone the bucket', 3, 'acl'),
        ('PutObjectAcl', 'opened to everyone an object of the bucket', 3, 'acl'),
        ('CreateBucket', 'made, open to everyone, the bucket', 3, 'acl'),
        ('PutBucketPublicAccessBlock', 'lifted the public access block of the bucket', 2, 'block'),
        ('PutAccountPublicAccessBlock', 'lifted the public access block of the account', 3, 'block'),
        ('DeleteBucketPublicAccessBlock', 'lifted the public access block of the bucket', 2, 'any'),
        ('DeleteAccountPublicAccessBlock', 'lifted the public access block of the account', 3, 'any'),
        ('DeletePublicAccessBlock', 'lifted the public access block of the bucket', 2, 'any'),
        ('CreateDBInstance', 'opened to the internet the database', 2, 'public'),
        ('ModifyDBInstance', 'opened to the internet the database', 2, 'public'),
        ('RestoreDBInstanceFromDBSnapshot', 'opened to the internet the database', 3, 'public'),
        ('RestoreDBInstanceToPointInTime', 'opened to the internet the database', 3, 'public'),
        ('RestoreDBInstanceFromS3', 'opened to the internet the database', 3, 'public'),
        ('RestoreFromClusterSnapshot', 'opened to the internet the cluster', 3, 'public'),
        ('PutBucketReplication', 'had copied elsewhere what comes into the bucket', 2, 'any'),
        ('ExportTableToPointInTime', 'exported the table', 2, 'any'),
        ('StartExportTask', 'exported', 2, 'any'),
        ('CreateInstanceExportTask', 'exported the instance', 2, 'any'),
        ('ExportImage', 'exported the image', 2, 'any'),
        ('CreateStoreImageTask', 'exported the image', 2, 'any')
),
-- Whom a request names, and not by a policy.
named AS (
    SELECT event,
           who LIKE 'all' AS isEveryone,
           ifnull(nullif(arn_part(who, 'account'), ''), who) AS accountId,
           arn_part(who, 'service') IS 'organizations' AS isOrganization
      FROM (SELECT c.event,
                   CASE x.type WHEN 'object' THEN ct_json_text(x.value, '$.userId', '$.group')
                               ELSE x.value END AS who
              FROM event_caller AS c
             CROSS JOIN json_each(
                       CASE c.eventName
                           WHEN 'ModifySnapshotAttribute'
                               THEN ct_json_list(c.requestParameters,
                                                 '$.createVolumePermission.add.items')
                           WHEN 'ModifyImageAttribute'
                               THEN ct_json_list(c.requestParameters, '$.launchPermission.add.items')
                           WHEN 'ModifyDocumentPermission'
                               THEN ct_json_list(c.requestParameters, '$.accountIdsToAdd')
                           WHEN 'AuthorizeSnapshotAccess'
                               THEN ct_json_list(c.requestParameters, '$.accountWithRestoreAccess')
                           WHEN 'CreateGrant'
                               THEN ct_json_list(c.requestParameters, '$.granteePrincipal')
                           ELSE ct_json_list(c.requestParameters, '$.valuesToAdd', '$.principals')
                       END) AS x
             WHERE c.eventName IN ('ModifySnapshotAttribute', 'ModifyImageAttribute',
                                   'ModifyDBSnapshotAttribute', 'ModifyDBClusterSnapshotAttribute',
                                   'ModifyDocumentPermission', 'AuthorizeSnapshotAccess', 'CreateGrant',
                                   'CreateResourceShare', 'AssociateResourceShare'))
),
let_in AS (
    SELECT event, CASE WHEN isEveryone THEN 'everyone' ELSE accountId END AS outsider
      FROM named
     WHERE isEveryone
        OR accountId GLOB '[0-9]*'
           AND NOT isOrganization -- one's own, as a rule
           AND accountId NOT IN (SELECT i.accountId FROM inside_account AS i)
    UNION ALL
    SELECT c.event, w.outsider
      FROM call AS k
     CROSS JOIN event_caller AS c ON c.eventName = k.name
     CROSS JOIN event_outsider AS w ON w.event = c.event
     WHERE k.needs = 'who'
),
shared AS (
    SELECT event, list_distinct(outsider) AS outsiders
      FROM let_in
     GROUP BY event
),
called AS (
    SELECT c.*,
           k.phrase,
           k.weight,
           k.needs,
           s.outsiders,
           coalesce(ct_json_text(c.requestParameters, '$.snapshotId', '$.imageId',
                                 '$.dBSnapshotIdentifier', '$.dBClusterSnapshotIdentifier',
                                 '$.snapshotIdentifier', '$.bucketName', '$.repositoryName',
                                 '$.secretId', '$.keyId', '$.name', '$.resourceShareArn',
                                 '$.backupVaultName', '$.vaultName', '$.topicArn', '$.queueUrl',
                                 '$.queueName', '$.domainName', '$.dBInstanceIdentifier',
                                 '$.targetDBInstanceIdentifier', '$.clusterIdentifier', '$.tableArn',
                                 '$.sourceArn', '$.instanceId', '$.resourceArn'),
                    ct_json_text(c.responseElements, '$.keyMetadata.keyId'),
                    (SELECT r.name FROM event_refused AS r WHERE r.event = c.event)) AS target
      FROM call AS k
     CROSS JOIN event_caller AS c ON c.eventName = k.name
      LEFT JOIN shared AS s ON s.event = c.event
),
deed AS (
    SELECT *,
           finding_deed(phrase, nullif(trim(ifnull(target, '')
                                            || ifnull(' for ' || finding_list(outsiders, 3), '')), ''),
                        eventName, outcome) AS deed
      FROM called
     WHERE CASE needs
               WHEN 'any' THEN 1
               WHEN 'acl' THEN instr(requestParameters, 'groups/global/AllUsers')
                               OR instr(requestParameters, 'groups/global/AuthenticatedUsers')
                               OR instr(requestParameters, '"public-read')
                               OR instr(requestParameters, '"authenticated-read"')
               WHEN 'block' THEN instr(requestParameters, 'PublicAccessBlockConfiguration')
                                 AND instr(requestParameters, 'false')
               WHEN 'public' THEN ct_json_text(requestParameters, '$.publiclyAccessible') = 'true'
               ELSE outsiders IS NOT NULL
                    -- a call that was refused does not say with whom
                    OR requestParameters IS NULL
                       AND (eventName GLOB 'Modify*Attribute' OR eventName GLOB '*Policy'
                            OR eventName = 'ModifyDocumentPermission')
           END
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
           list_distinct(finding_list(outsiders, 20)) AS outsiders,
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
                      'targets', ct_json(targets), 'outsiders', ct_json(outsiders),
                      'calls', ct_json(calls), 'eventCount', eventCount, 'deniedCount', deniedCount,
                      'addresses', ct_json(addresses), 'accessKeyIds', ct_json(accessKeyIds),
                      'clients', ct_json(clients), 'regions', ct_json(regions)) AS details,
       evidence
  FROM told;
