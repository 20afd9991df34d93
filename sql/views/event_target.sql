-- event_target: what each event touched: a row a thing, each once.
--
-- kind:      bucket, object, user, role, group, policy, access-key, instance, secret ...: those of the
--            list below, and for what an event's `resources` name otherwise the type in the ARN.
-- name:      as people call it: of an ARN what stands behind its type; `bucket/key` for an object.
--            The ARN of a secret ends in six characters that its name has not.
-- accountId: whose it is, where the event says: by the ARN, else by `resources`; NULL where not.
-- How:       from `resources`, and from requestParameters and responseElements of the calls that hunts
--            read, by the places below: a value, a list of values, or a member of each of a list.
-- Blind spots: what a call names in a filter, in a policy's text or by a tag; other services.
-- Cost:      it reads JSON: ask for few events, by a condition on their names first.
CREATE VIEW event_target AS
WITH
place (source, part, path, member, kind) AS (
    VALUES
        ('s3', 'request', '$.bucketName', NULL, 'bucket'),
        ('s3', 'request', '$.key', NULL, 'object'),
        ('iam', 'request', '$.userName', NULL, 'user'),
        ('iam', 'request', '$.roleName', NULL, 'role'),
        ('iam', 'request', '$.groupName', NULL, 'group'),
        ('iam', 'request', '$.policyArn', NULL, 'policy'),
        ('iam', 'request', '$.policyName', NULL, 'policy'),
        ('iam', 'request', '$.accessKeyId', NULL, 'access-key'),
        ('iam', 'request', '$.instanceProfileName', NULL, 'instance-profile'),
        ('iam', 'request', '$.serialNumber', NULL, 'mfa'),
        ('iam', 'request', '$.sAMLProviderArn', NULL, 'saml-provider'),
        ('iam', 'request', '$.openIDConnectProviderArn', NULL, 'oidc-provider'),
        ('iam', 'response', '$.accessKey.accessKeyId', NULL, 'access-key'),
        ('iam', 'response', '$.accessKey.userName', NULL, 'user'),
        ('iam', 'response', '$.loginProfile.userName', NULL, 'user'),
        ('iam', 'response', '$.policy.arn', NULL, 'policy'),
        ('iam', 'response', '$.virtualMFADevice.serialNumber', NULL, 'mfa'),
        ('sts', 'request', '$.roleArn', NULL, 'role'),
        ('sts', 'request', '$.targetPrincipal', NULL, 'account'),
        ('sts', 'response', '$.credentials.accessKeyId', NULL, 'access-key'),
        ('signin', 'response', '$.credentials.accessKeyId', NULL, 'access-key'),
        ('ec2', 'request', '$.instanceId', NULL, 'instance'),
        ('ec2', 'request', '$.GetConsoleScreenshotRequest.InstanceId', NULL, 'instance'),
        ('ec2', 'request', '$.instancesSet.items', 'instanceId', 'instance'),
        ('ec2', 'response', '$.instancesSet.items', 'instanceId', 'instance'),
        ('ec2', 'request', '$.imageId', NULL, 'image'),
        ('ec2', 'request', '$.instancesSet.items', 'imageId', 'image'),
        ('ec2', 'response', '$.imageId', NULL, 'image'),
        ('ec2', 'request', '$.snapshotId', NULL, 'snapshot'),
        ('ec2', 'response', '$.snapshotId', NULL, 'snapshot'),
        ('ec2', 'request', '$.volumeId', NULL, 'volume'),
        ('ec2', 'response', '$.volumeId', NULL, 'volume'),
        ('ec2', 'request', '$.groupId', NULL, 'security-group'),
        ('ec2', 'request', '$.groupName', NULL, 'security-group'),
        ('ec2', 'response', '$.groupId', NULL, 'security-group'),
        ('ec2', 'request', '$.networkAclId', NULL, 'network-acl'),
        ('ec2', 'request', '$.vpcId', NULL, 'vpc'),
        ('ec2', 'request', '$.keyName', NULL, 'key-pair'),
        ('ec2', 'request', '$.DeleteFlowLogsRequest.FlowLogId.content', NULL, 'flow-log'),
        ('ec2', 'request', '$.DeleteFlowLogsRequest.FlowLogId', 'content', 'flow-log'),
        ('ec2', 'request', '$.AssociateIamInstanceProfileRequest.InstanceId', NULL, 'instance'),
        ('ec2', 'request', '$.AssociateIamInstanceProfileRequest.IamInstanceProfile.Name', NULL,
            'instance-profile'),
        ('ec2-instance-connect', 'request', '$.instanceId', NULL, 'instance'),
        ('ssm', 'request', '$.name', NULL, 'parameter'),
        ('ssm', 'request', '$.names', NULL, 'parameter'),
        ('ssm', 'request', '$.path', NULL, 'parameter'),
        ('ssm', 'request', '$.target', NULL, 'instance'),
        ('ssm', 'request', '$.instanceId', NULL, 'instance'),
        ('ssm', 'request', '$.instanceIds', NULL, 'instance'),
        ('ssm', 'request', '$.documentName', NULL, 'document'),
        ('secretsmanager', 'request', '$.secretId', NULL, 'secret'),
        ('secretsmanager', 'request', '$.secretIdList', NULL, 'secret'),
        ('secretsmanager', 'request', '$.name', NULL, 'secret'),
        ('kms', 'request', '$.keyId', NULL, 'kms-key'),
        ('lambda', 'request', '$.functionName', NULL, 'function'),
        ('lambda', 'request', '$.layers', NULL, 'layer'),
        ('lambda', 'request', '$.layerName', NULL, 'layer'),
        ('cloudtrail', 'request', '$.name', NULL, 'trail'),
        ('cloudtrail', 'request', '$.trailName', NULL, 'trail'),
        ('cloudtrail', 'request', '$.trailNameList', NULL, 'trail'),
        ('cloudtrail', 'request', '$.s3BucketName', NULL, 'bucket'),
        ('cloudtrail', 'request', '$.eventDataStore', NULL, 'event-data-store'),
        ('logs', 'request', '$.logGroupName', NULL, 'log-group'),
        ('guardduty', 'request', '$.detectorId', NULL, 'detector'),
        ('config', 'request', '$.configurationRecorderName', NULL, 'recorder'),
        ('config', 'request', '$.deliveryChannelName', NULL, 'delivery-channel'),
        ('route53resolver', 'request', '$.resolverQueryLogConfigId', NULL, 'query-log-config'),
        ('rds', 'request', '$.dBInstanceIdentifier', NULL, 'db'),
        ('rds', 'request', '$.dBClusterIdentifier', NULL, 'cluster'),
        ('rds', 'request', '$.dBSnapshotIdentifier', NULL, 'snapshot'),
        ('rds', 'request', '$.dBClusterSnapshotIdentifier', NULL, 'cluster-snapshot'),
        ('rds', 'request', '$.sourceDBSnapshotIdentifier', NULL, 'snapshot'),
        ('rds', 'request', '$.targetDBSnapshotIdentifier', NULL, 'snapshot'),
        ('dynamodb', 'request', '$.tableName', NULL, 'table'),
        ('dynamodb', 'request', '$.tableArn', NULL, 'table'),
        ('ecr', 'request', '$.repositoryName', NULL, 'repository'),
        ('ecs', 'request', '$.cluster', NULL, 'cluster'),
        ('ecs', 'request', '$.taskDefinition', NULL, 'task-definition'),
        ('eks', 'request', '$.name', NULL, 'cluster'),
        ('eks', 'request', '$.principalArn', NULL, 'principal'),
        ('cloudformation', 'request', '$.stackName', NULL, 'stack'),
        ('bedrock', 'request', '$.modelId', NULL, 'model'),
        ('sns', 'request', '$.topicArn', NULL, 'topic'),
        ('sqs', 'request', '$.queueUrl', NULL, 'queue'),
        ('rolesanywhere', 'request', '$.roleArns', NULL, 'role'),
        ('rolesanywhere', 'response', '$.trustAnchor.trustAnchorId', NULL, 'trust-anchor'),
        ('rolesanywhere', 'response', '$.profile.profileId', NULL, 'profile'),
        ('organizations', 'request', '$.accountId', NULL, 'account'),
        ('sso', 'request', '$.permissionSetArn', NULL, 'permission-set'),
        ('sso', 'request', '$.targetId', NULL, 'account')
)
SELECT
    e.event,
    ct_json_text(one.value, '$[0]') AS kind,
    ct_json_text(one.value, '$[1]') AS name,
    ct_json_text(one.value, '$[2]') AS accountId
FROM event_base AS e
-- within an event alone, so that whoever joins by `event` reads that event and no other
CROSS JOIN json_each((
    SELECT ct_json_group_array(ct_json_array(kind, name, accountId))
    FROM (
        SELECT kind, name, max(accountId) AS accountId
        FROM (
            -- what stands behind an ARN's type, or behind its last / where names have a path
            SELECT
                kind,
                CASE
                    WHEN resource IS NULL THEN thing
                    WHEN kind IN ('user', 'role', 'group', 'policy', 'instance-profile')
                        THEN ifnull(arn_part(thing, 'resource_name'), resource)
                    WHEN kind IN ('bucket', 'object', 'topic') THEN resource
                    WHEN kind = 'parameter' AND instr(substr(resource, 11), '/')
                        THEN '/' || substr(resource, 11)
                    WHEN kind IN ('function', 'layer', 'log-group')
                        THEN kql_split_part(resource, ':', 1)
                    ELSE substr(resource, ifnull(length(type) + 2, 1))
                END AS name,
                ifnull(nullif(arn_part(thing, 'account'), ''), accountId) AS accountId
            FROM (
                SELECT
                    thing,
                    accountId,
                    arn_part(thing, 'resource') AS resource,
                    arn_part(thing, 'resource_type') AS type,
                    CASE
                        WHEN kind IS NOT NULL THEN kind
                        WHEN arn_part(thing, 'service') = 's3'
                            THEN CASE WHEN instr(arn_part(thing, 'resource'), '/') THEN 'object'
                                      ELSE 'bucket' END
                        WHEN arn_part(thing, 'service') = 'kms' THEN 'kms-key'
                        WHEN arn_part(thing, 'service') = 'sns' THEN 'topic'
                        ELSE ifnull(arn_part(thing, 'resource_type'), arn_part(thing, 'service'))
                    END AS kind
                FROM (
                    SELECT
                        p.kind,
                        CASE
                            WHEN p.kind = 'object'
                                THEN ct_json_text(e.requestParameters, '$.bucketName') || '/' || x.value
                            WHEN x.type = 'object'
                                THEN ct_json_text(x.value, '$.' || p.member)
                            WHEN p.member IS NULL AND x.type <> 'array' AND x.value NOT GLOB '{*'
                                THEN x.value
                        END AS thing,
                        NULL AS accountId
                    FROM (
                        SELECT
                            kind,
                            member,
                            ct_json_text(CASE part WHEN 'request' THEN e.requestParameters
                                                   ELSE e.responseElements END, path) AS found
                        FROM place
                        WHERE source = kql_split_part(e.eventSource, '.', 0)
                    ) AS p
                    -- a list as it is, a value as a list of one; what only looks like a list is none
                    CROSS JOIN json_each(
                        ifnull(CASE WHEN p.found GLOB '[[]*' THEN ct_json_text(p.found, '$') END,
                               ct_json_array_nonnull(p.found))) AS x
                    UNION ALL
                    SELECT
                        NULL,
                        ct_json_text(r.value, '$.ARN', '$.arn'),
                        ct_json_text(r.value, '$.accountId')
                    FROM json_each(CASE WHEN e.resources GLOB '[[]*'
                                        THEN ct_json_text(e.resources, '$') END) AS r
                    WHERE r.type = 'object'
                )
            )
        )
        WHERE kind IS NOT NULL
          AND name <> ''
        GROUP BY kind, name
    )
)) AS one;
