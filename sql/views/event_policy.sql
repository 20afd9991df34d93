-- event_policy: the statements of the policy that a call writes: a row a statement.
--
-- event, statement (from 0), effect; actions, notActions, resources, notResources, principals,
-- notPrincipals, conditions: JSON arrays, as policy_statements() gives them.
-- How: policies stand in the request under a name that differs from call to call, as an object or as
-- text, which may be percent-encoded. Of CreateRole it is the trust policy.
-- Cost: it reads JSON: ask for few events, by a condition on their names first.
CREATE VIEW event_policy AS
SELECT
    e.event,
    s.key AS statement,
    ct_json_text(s.value, '$.effect') AS effect,
    ct_json_text(s.value, '$.actions') AS actions,
    ct_json_text(s.value, '$.notActions') AS notActions,
    ct_json_text(s.value, '$.resources') AS resources,
    ct_json_text(s.value, '$.notResources') AS notResources,
    ct_json_text(s.value, '$.principals') AS principals,
    ct_json_text(s.value, '$.notPrincipals') AS notPrincipals,
    ct_json_text(s.value, '$.conditions') AS conditions
FROM event_base AS e
CROSS JOIN json_each(policy_statements(ct_json_text(
    e.requestParameters,
    '$.policyDocument', -- IAM, CloudWatch Logs
    '$.assumeRolePolicyDocument', -- CreateRole
    '$.bucketPolicy', -- S3: the object, beside a query `policy`
    '$.PutAccessPointPolicyRequest.Policy',
    '$.policyText', -- ECR
    '$.resourcePolicy', -- Secrets Manager, CloudTrail
    '$.policyInJson', -- Glue
    '$.accessPolicies', -- OpenSearch
    '$.accessPolicy',
    '$.attributes.Policy', -- SQS, SNS
    '$.attributeValue', -- SetTopicAttributes, of Policy and of others
    '$.policy.policy', -- Glacier
    '$.policy' -- KMS, Backup, DynamoDB ...
))) AS s;
