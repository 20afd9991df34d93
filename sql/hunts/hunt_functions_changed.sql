-- hunt_functions_changed: who changed what Lambda functions run, who may call them, or what calls
-- them?
--
-- Title:        Functions changed
-- Description:  Somebody gave a Lambda function other code or a layer, let everybody or another
--               account call it, gave it an open URL, tied it to a source of events, or stopped it.
-- Severity:     Medium
-- Tactics:      Persistence, Execution, Impact
-- Techniques:   T1648, T1525, T1546, T1499
-- Kind:         Hunting
-- Frequency:    none
-- Period:       none
-- Trigger:      gt 0
-- Enabled:      no
-- Id:           5d0c1e7b-94a2-4c56-8f0d-b31d7a86e2f4
-- Version:      1.0.0
-- Source:       own
-- Sentinel:     Lambda UpdateFunctionCode; Lambda layer imported from external account; Lambda
--               function throttled
-- Why:          a function runs with its role's rights, whenever something happens or somebody calls,
--               and nobody looks at it: a place to stay.
-- Columns read: eventTime, eventName, eventSource, errorCode, requestParameters, userAgent,
--               userIdentity*, sourceIPAddress, recipientAccountId, awsRegion; ordinary_agent,
--               rule_parameter.
-- Window:       calls of one identity with pauses of less than hunt_shift (14400 seconds) are one
--               finding.
-- False positives: whoever releases code: new code and layers of the account's own, by a role, are Low;
--               by Terraform, Pulumi and the like alone, with nothing denied, Informational and
--               suppressed. Layers that AWS and vendors publish are another account's (Powertools,
--               Insights, Datadog ...).
-- Blind spots:  a new function (CreateFunction) without a layer of another account; changes through
--               CloudFormation and other services; environment variables, which can load code too;
--               what the function then does, which is its role's doing.
-- Next step:    the code (GetFunction gives an address to load it from), the layers, the policy of the
--               function (GetPolicy); who called it since.
--
-- Counted: UpdateFunctionCode, PublishLayerVersion, CreateEventSourceMapping;
-- UpdateFunctionConfiguration with layers; CreateFunction with a layer of another account;
-- AddPermission and AddLayerVersionPermission for everybody or another account, or where a refusal
-- hides for whom; Create- and UpdateFunctionUrlConfig without sign-in (authType NONE);
-- PutFunctionConcurrency of 0. Opened to others, or a layer of another account: High.
-- Shown by: stratus-red-team (lambda-backdoor-function, lambda-layer-extension,
-- lambda-overwrite-code); aws_dataset (bert-jan: code overwritten, opened to everybody); traildiscover
-- (AddPermission and CreateEventSourceMapping denied, an open URL for a function that is not there).
-- Beside them CreateFunction (aws_dataset, traildiscover).
-- Cost in false positives: none on the shared recordings.
CREATE VIEW hunt_functions_changed AS
WITH
change AS (
    SELECT *,
           aws_call_name(eventName) AS name,
           ct_json_text(requestParameters, '$.principal') AS principal,
           -- the accounts that the layers are of
           (SELECT max(arn_part(one.value, 'account') <> recipientAccountId)
              FROM json_each(CASE WHEN ct_json_text(requestParameters, '$.layers') GLOB '[[]*'
                                  THEN ct_json_text(ct_json_text(requestParameters, '$.layers'), '$')
                             END) AS one) AS isForeignLayer
      FROM event_caller
     WHERE eventSource = 'lambda.amazonaws.com'
       -- the names end in the version of the API, 20150331v2
       AND (eventName GLOB 'UpdateFunctionC*'
            OR eventName GLOB 'CreateFunction2*'
            OR eventName = 'CreateFunction'
            OR eventName GLOB 'AddPermission*'
            OR eventName GLOB 'AddLayerVersionPermission*'
            OR eventName GLOB 'CreateFunctionUrlConfig*'
            OR eventName GLOB 'UpdateFunctionUrlConfig*'
            OR eventName GLOB 'CreateEventSourceMapping*'
            OR eventName GLOB 'PublishLayerVersion*'
            OR eventName GLOB 'PutFunctionConcurrency*')
),
deed AS (
    SELECT *,
           isForeignLayer IS 1
               OR name IN ('AddPermission', 'AddLayerVersionPermission', 'CreateFunctionUrlConfig',
                           'UpdateFunctionUrlConfig') AS isOpened
      FROM change
     WHERE name IN ('UpdateFunctionCode', 'PublishLayerVersion', 'CreateEventSourceMapping')
        OR name = 'UpdateFunctionConfiguration' AND isForeignLayer IS NOT NULL
        OR name = 'CreateFunction' AND isForeignLayer IS 1
        -- a service is let in by its name; an account by its number or an ARN
        OR name IN ('AddPermission', 'AddLayerVersionPermission')
           AND CASE WHEN principal GLOB '[0-9]*' THEN principal <> recipientAccountId
                    WHEN principal GLOB 'arn:*'
                        THEN arn_part(principal, 'account') <> recipientAccountId
                    WHEN principal IS NULL THEN outcome = 'denied'
                    ELSE principal = '*' END
        OR name IN ('CreateFunctionUrlConfig', 'UpdateFunctionUrlConfig')
           AND ct_json_text(requestParameters, '$.authType') = 'NONE'
        OR name = 'PutFunctionConcurrency'
           AND ct_json_text(requestParameters, '$.reservedConcurrentExecutions') = '0'
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
           max(isOpened AND outcome = 'done') AS isOpened,
           min(NOT isLongLived
               AND name IN ('UpdateFunctionCode', 'UpdateFunctionConfiguration', 'PublishLayerVersion'))
               AS isRelease,
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
            WHEN isOpened THEN 'High'
            WHEN isRelease AND deniedCount = 0 THEN 'Low'
       END AS severity,
       CASE WHEN isTool AND deniedCount = 0 THEN 'ordinary agent' END AS suppressedBy,
       finding_sentence(accountName, accountUPNSuffix,
                        CASE doneCount WHEN 0 THEN 'tried to change ' ELSE 'changed ' END
                        || ifnull(finding_list(targets, 3), 'functions')
                        || ' by '
                        || finding_list(names, 4),
                        firstTime, lastTime,
                        finding_list(addresses, 1),
                        recipientAccountId, deniedCount) AS summary,
       ct_json_object('targets', ct_json(targets), 'calls', ct_json(calls),
                      'eventCount', eventCount, 'doneCount', doneCount, 'deniedCount', deniedCount,
                      'accessKeyIds', ct_json(accessKeyIds), 'addresses', ct_json(addresses),
                      'clients', ct_json(clients), 'regions', ct_json(regions)) AS details,
       evidence
  FROM (SELECT *,
               (SELECT list_distinct(t.name)
                  FROM json_each(told.evidence) AS one
                 CROSS JOIN event_target AS t ON t.event = one.value
                 WHERE t.kind IN ('function', 'layer')) AS targets
          FROM told);
