-- hunt_models_abused: who opened, tried out or used the large models of Bedrock as thieves of
-- compute do, or blinded what watches them?
--
-- Title:        Models abused
-- Description:  Somebody asked for access to models, looked them up and called them with a long-lived
--               key within minutes, tried several without success, or deleted the log of their use or
--               a guardrail.
-- Severity:     Medium
-- Tactics:      Impact, DefenseEvasion
-- Techniques:   T1496.004, T1562.008
-- Kind:         Hunting
-- Frequency:    none
-- Period:       none
-- Trigger:      gt 0
-- Enabled:      no
-- Id:           e1b7a0c4-3d52-4f86-a4c9-60d1f5b2987e
-- Version:      1.0.0
-- Source:       own
-- Why:          access to models is sold; who pays for what they answer is the account whose key it
--               is.
-- Columns read: eventTime, eventName, eventSource, errorCode, requestParameters, userAgent,
--               userIdentity*, sourceIPAddress, recipientAccountId, awsRegion; ordinary_agent,
--               rule_parameter.
-- Window:       calls of one identity with pauses of less than hunt_shift (14400 seconds) are one
--               finding.
-- False positives: whoever opens a model to work with it, once for each model and account; programs
--               that choose a model from the list at each start, with a user's key.
-- Blind spots:  calls with a role's session where nothing was opened or blinded; models hosted on
--               SageMaker; what was asked, which only the log of model invocations has; Bedrock API
--               keys, of which CloudTrail tells the user that they stand for.
-- Next step:    GetModelInvocationLoggingConfiguration and the log that it names; the cost of the day
--               (hunt_first_seen tells whether the region is new).
--
-- Counted: PutUseCaseForModelAccess, CreateFoundationModelAgreement, PutFoundationModelEntitlement
-- (opened); DeleteModelInvocationLoggingConfiguration, DeleteGuardrail (blinded: High); InvokeModel,
-- InvokeModelWithResponseStream, Converse, ConverseStream within 900 seconds of ListFoundationModels,
-- ListInferenceProfiles, GetFoundationModelAvailability or GetModelInvocationLoggingConfiguration by
-- the same identity with a long-lived key (looked up, then used); three or more different models
-- called without success within 900 seconds (tried out). Of an identity that any of these is true of,
-- all these calls are told.
-- Shown by: stratus-red-team (bedrock-invoke-model: opened, and then called with a role's session).
-- Beside it traildiscover: ListInferenceProfiles, ListCustomModels and others, but nothing was opened
-- or called.
-- Cost in false positives: none on the shared recordings.
CREATE VIEW hunt_models_abused AS
WITH
call (name, kind) AS (
    VALUES
        ('PutUseCaseForModelAccess', 'opening'),
        ('CreateFoundationModelAgreement', 'opening'),
        ('PutFoundationModelEntitlement', 'opening'),
        ('DeleteModelInvocationLoggingConfiguration', 'blinding'),
        ('DeleteGuardrail', 'blinding'),
        ('ListFoundationModels', 'look'),
        ('ListInferenceProfiles', 'look'),
        ('GetFoundationModelAvailability', 'look'),
        ('GetModelInvocationLoggingConfiguration', 'look'),
        ('InvokeModel', 'use'),
        ('InvokeModelWithResponseStream', 'use'),
        ('Converse', 'use'),
        ('ConverseStream', 'use')
),
model_call AS (
    SELECT c.*,
           call.kind = 'opening' AS isOpening,
           call.kind = 'blinding' AS isBlinding,
           call.kind = 'look' AS isLook,
           call.kind = 'use' AS isUse,
           ct_json_text(c.requestParameters, '$.modelId') AS model
      FROM call
     CROSS JOIN event_caller AS c ON c.eventName = call.name
     WHERE c.eventSource GLOB 'bedrock*'
),
near AS (
    SELECT *,
           max(CASE WHEN isLook THEN eventTime END)
               OVER (PARTITION BY recipientAccountId, accountName, accountUPNSuffix
                     ORDER BY eventTime, event) AS lookedAt
      FROM model_call
),
deed AS (
    SELECT *,
           isUse AND isLongLived
               AND strftime('%s', eventTime) - strftime('%s', lookedAt) <= 900 AS isQuick
      FROM near
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
           list_distinct(aws_call_name(eventName)) AS names,
           list_distinct(model) AS models,
           max(isOpening) AS isOpened,
           max(isBlinding) AS isBlinded,
           max(isQuick IS 1) AS isQuick,
           sum(NOT isLook AND outcome = 'done') AS successCount,
           max_distinct_within(CASE WHEN isUse AND outcome <> 'done' THEN model END, eventTime, 900)
               >= 3 AS isTried,
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
       CASE WHEN isBlinded THEN 'High' END AS severity,
       finding_sentence(accountName, accountUPNSuffix,
                        CASE WHEN isOpened THEN 'opened models'
                             WHEN isBlinded THEN 'took away what watches models'
                             WHEN isQuick THEN 'looked up models and called them'
                             ELSE 'tried out models' END
                        || CASE successCount WHEN 0 THEN ' in vain' ELSE '' END
                        || ifnull(' (' || finding_list(models, 3) || ')', '')
                        || ' by '
                        || finding_list(names, 5),
                        firstTime, lastTime,
                        finding_list(addresses, 1),
                        recipientAccountId, deniedCount) AS summary,
       ct_json_object('models', ct_json(models),
                      'reasons', ct_json_array_nonnull(
                          CASE WHEN isOpened THEN 'opened' END,
                          CASE WHEN isBlinded THEN 'blinded' END,
                          CASE WHEN isQuick THEN 'looked up, then used' END,
                          CASE WHEN isTried THEN 'tried out' END),
                      'calls', ct_json(calls),
                      'eventCount', eventCount, 'doneCount', doneCount, 'deniedCount', deniedCount,
                      'accessKeyIds', ct_json(accessKeyIds), 'addresses', ct_json(addresses),
                      'clients', ct_json(clients), 'regions', ct_json(regions)) AS details,
       evidence
  FROM told
 WHERE isOpened OR isBlinded OR isQuick OR isTried;
