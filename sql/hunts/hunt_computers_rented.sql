-- hunt_computers_rented: who rented computers as those do who do not pay for them: large, many, in
-- several regions, up to the limit?
--
-- Title:        Computers rented
-- Description:  Somebody started, or tried to start, instances that are large or many or in several
--               regions, was refused by a limit or for want of rights, made a key pair just before,
--               asked for a higher limit, or set up containers in a cluster of their own.
-- Severity:     Medium
-- Tactics:      Impact, Execution
-- Techniques:   T1496.001, T1535, T1578.002
-- Kind:         Hunting
-- Frequency:    none
-- Period:       none
-- Trigger:      gt 0
-- Enabled:      no
-- Id:           c4b9d2e7-5f10-4a68-8d3b-917e6a0f4c25
-- Version:      1.0.0
-- Source:       own
-- Sentinel:     Unauthorized EC2 Instance Setup Attempt; Suspicious EC2 launched without a key pair
-- Why:          stolen keys are turned into money by mining, at once and at the account's expense.
-- Columns read: eventTime, eventName, eventSource, errorCode, requestParameters, userAgent,
--               userIdentity*, sourceIPAddress, recipientAccountId, awsRegion; ordinary_agent,
--               rule_parameter.
-- Window:       calls of one identity with pauses of less than hunt_shift (14400 seconds) are one
--               finding. The numbers are those of the whole finding.
-- False positives: training and rendering (large, many); a pipeline that tests in several regions; a
--               limit that is met by growth; somebody new to EC2 (a key pair, then an instance: Low).
--               Terraform, Karpenter and the like alone, with nothing refused: Informational and
--               suppressed.
-- Blind spots:  what services start for somebody (Auto Scaling, EMR, SageMaker, Batch): their calls
--               name the service. One small instance. A region that was never used: hunt_first_seen
--               tells that.
-- Next step:    the instances of the evidence, in each region; their user data; cost by region;
--               hunt_network_opened, for somebody will want to reach them.
--
-- Counted: RunInstances, RequestSpotInstances, RequestSpotFleet, CreateFleet, Lightsail's
-- CreateInstances. Reasons: refused (an error that ends in LimitExceeded or CountExceeded,
-- PendingVerification, InsufficientInstanceCapacity), denied, large (a type with accelerators: p, g,
-- inf, trn, dl, vt, f; or of 12xlarge and more, or metal), many (hunt_instances, 10, asked for within
-- an hour), regions (two or more within an hour), key pair (CreateKeyPair by the same identity within
-- the finding), Lightsail, limit (RequestServiceQuotaIncrease for ec2), containers (CreateCluster,
-- RegisterTaskDefinition, and RunTask or CreateService, all by one identity), start-up script without
-- key pair (beside another reason only: nowadays most instances are like that). High with three
-- reasons or where it was refused and anything else.
-- Shown by: stratus-red-team (ec2-launch-unusual-instances, denied: large, many); aws_dataset (the
-- same, refused by a limit); traildiscover (Lightsail, denied); the sample (maint's instances in three
-- regions). Beside them single small instances in aws_dataset, plaso and cloud-custodian.
-- Cost in false positives: none on the shared recordings.
CREATE VIEW hunt_computers_rented AS
WITH
call (source, name, isStart) AS (
    VALUES
        ('ec2.amazonaws.com', 'RunInstances', 1),
        ('ec2.amazonaws.com', 'RequestSpotInstances', 1),
        ('ec2.amazonaws.com', 'RequestSpotFleet', 1),
        ('ec2.amazonaws.com', 'CreateFleet', 1),
        ('lightsail.amazonaws.com', 'CreateInstances', 1),
        ('ec2.amazonaws.com', 'CreateKeyPair', 0),
        ('ec2.amazonaws.com', 'ImportKeyPair', 0),
        ('servicequotas.amazonaws.com', 'RequestServiceQuotaIncrease', 0),
        ('ecs.amazonaws.com', 'CreateCluster', 0),
        ('ecs.amazonaws.com', 'RegisterTaskDefinition', 0),
        ('ecs.amazonaws.com', 'RunTask', 0),
        ('ecs.amazonaws.com', 'CreateService', 0)
),
rented AS (
    SELECT c.*,
           call.name,
           call.isStart,
           ct_json_text(c.requestParameters, '$.instanceType',
                        '$.launchSpecification.instanceType') AS type,
           ifnull(ct_json_text(c.requestParameters, '$.instancesSet.items[0].maxCount',
                               '$.instanceCount'), 1) + 0 AS asked
      FROM call
     CROSS JOIN event_caller AS c ON c.eventName = call.name AND c.eventSource = call.source
     WHERE call.name <> 'RequestServiceQuotaIncrease'
        OR ct_json_text(c.requestParameters, '$.serviceCode') = 'ec2'
),
deed AS (
    SELECT *,
           isStart AND (errorCode GLOB '*LimitExceeded' OR errorCode GLOB '*CountExceeded'
                        OR errorCode GLOB '*PendingVerification'
                        OR errorCode GLOB '*InsufficientInstanceCapacity') AS isRefused,
           isStart AND (type GLOB 'p[0-9]*' OR type GLOB 'g[0-9]*' OR type GLOB 'gr[0-9]*'
                        OR type GLOB 'inf[0-9]*' OR type GLOB 'trn[0-9]*' OR type GLOB 'dl[0-9]*'
                        OR type GLOB 'vt[0-9]*' OR type GLOB 'f[0-9]*' OR type GLOB '*.metal*'
                        OR type GLOB '*xlarge' AND kql_split_part(type, '.', 1) + 0 >= 12) AS isLarge,
           isStart AND instr(requestParameters, '"userData"')
               AND NOT instr(requestParameters, '"keyName"') AS isScript,
           sum(isStart * asked) OVER (PARTITION BY recipientAccountId, accountName, accountUPNSuffix
                                      ORDER BY strftime('%s', eventTime) + 0
                                      RANGE 3599 PRECEDING) AS askedWithinHour
      FROM rented
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
           list_distinct(CASE WHEN isStart THEN name END) AS startNames,
           list_distinct(name) AS names,
           list_distinct(CASE WHEN isStart THEN type END) AS types,
           sum(CASE WHEN isStart THEN asked ELSE 0 END) AS asked,
           sum(isStart AND outcome = 'done') AS startCount,
           max(isRefused IS 1) AS isRefused,
           max(isStart AND outcome = 'denied') AS isDenied,
           max(isLarge IS 1) AS isLarge,
           max(askedWithinHour) >= (SELECT value FROM rule_parameter WHERE name = 'hunt_instances')
               AS isMany,
           max_distinct_within(CASE WHEN isStart THEN region END, eventTime, 3600) > 1 AS isSpread,
           max(isStart) AND max(name IN ('CreateKeyPair', 'ImportKeyPair')) AS isKeyed,
           max(name = 'CreateInstances') AS isLightsail,
           max(name = 'RequestServiceQuotaIncrease') AS isLimit,
           max(name = 'CreateCluster') AND max(name = 'RegisterTaskDefinition')
               AND max(name IN ('RunTask', 'CreateService')) AS isContainers,
           max(isScript IS 1) AS isScript,
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
       CASE WHEN isTool AND NOT isRefused AND deniedCount = 0 THEN 'Informational'
            WHEN reasonCount > 2 OR isRefused AND reasonCount > 1 THEN 'High'
            WHEN reasonCount = 1 AND isKeyed THEN 'Low'
       END AS severity,
       CASE WHEN isTool AND NOT isRefused AND deniedCount = 0 THEN 'ordinary agent' END AS suppressedBy,
       finding_sentence(accountName, accountUPNSuffix,
                        CASE WHEN asked = 0 AND isContainers THEN 'set up containers in a cluster'
                             WHEN asked = 0 THEN 'asked for a higher limit of computers'
                             ELSE CASE startCount WHEN 0 THEN 'tried to start ' ELSE 'started ' END
                                  || CASE asked WHEN 1 THEN 'a computer'
                                          ELSE printf('up to %d computers', asked) END END
                        || ' by '
                        || ifnull(finding_list(startNames, 3), finding_list(names, 3))
                        || ' ('
                        || finding_list(reasons, 9)
                        || ')',
                        firstTime, lastTime,
                        finding_list(addresses, 1),
                        recipientAccountId, deniedCount) AS summary,
       ct_json_object('reasons', ct_json(reasons), 'types', ct_json(types), 'asked', asked,
                      'calls', ct_json(calls),
                      'eventCount', eventCount, 'doneCount', doneCount, 'deniedCount', deniedCount,
                      'accessKeyIds', ct_json(accessKeyIds), 'addresses', ct_json(addresses),
                      'clients', ct_json(clients), 'regions', ct_json(regions)) AS details,
       evidence
  FROM (SELECT *,
               isRefused + isDenied + isLarge + isMany + isSpread + isKeyed + isLightsail + isLimit
                   + isContainers + isScript AS reasonCount,
               ct_json_array_nonnull(
                   CASE WHEN isRefused THEN 'refused by a limit' END,
                   CASE WHEN isDenied THEN 'denied' END,
                   CASE WHEN isLarge THEN 'large' END,
                   CASE WHEN isMany THEN 'many' END,
                   CASE WHEN isSpread THEN 'several regions' END,
                   CASE WHEN isKeyed THEN 'new key pair' END,
                   CASE WHEN isLightsail THEN 'Lightsail' END,
                   CASE WHEN isLimit THEN 'higher limit asked for' END,
                   CASE WHEN isContainers THEN 'containers in a new cluster' END,
                   CASE WHEN isScript THEN 'start-up script without key pair' END) AS reasons
          FROM told)
 WHERE reasonCount > isScript;
