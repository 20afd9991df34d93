-- hunt_trust_opened: who let outsiders into a role, or had strangers' word for who somebody is taken?
--
-- Title:        Trust opened
-- Description:  Somebody let everyone, another account or an identity provider without a condition into
--               a role, or made or changed an identity provider, a trust anchor or a profile of Roles
--               Anywhere.
-- Severity:     High
-- Tactics:      Persistence, PrivilegeEscalation
-- Techniques:   T1098.003, T1484.002
-- Kind:         Hunting
-- Frequency:    none
-- Period:       none
-- Trigger:      gt 0
-- Enabled:      no
-- Id:           7d8d0fc6-d8b8-4fdc-abf0-7df5af5578c5
-- Version:      1.0.0
-- Source:       own
-- Sentinel:     SAML update identity provider
-- Why:          a role that trusts the thief's account needs no key of the victim's any more.
-- Columns read: eventTime, eventName, eventSource, errorCode, errorMessage, requestParameters,
--               responseElements, userIdentity*, userAgent, sourceIPAddress, recipientAccountId,
--               awsRegion; known_account, ordinary_agent, rule_parameter.
-- Window:       calls of one identity with pauses of less than hunt_pause (3600 seconds) are one
--               finding.
-- False positives: vendors that work through a role of their own (put their accounts into
--               known_account); accounts of the same organization whose trails are not among the logs;
--               where Terraform, Pulumi and the like did it all and nothing was denied it is
--               Informational and suppressed.
-- Blind spots:  what CloudFormation does for somebody; a provider with a condition that lets too many
--               in; IAM Identity Center; what a trust policy allowed before these logs; denied calls,
--               which do not log the policy, count where they name a role's trust alone.
-- Next step:    credential has who then came through the role; AssumeRole of that role from the other
--               account.
--
-- High: an account outside or everyone. Medium: identity providers, trust anchors, profiles. Outside is
-- an account whose trail is not among the logs and that is not in known_account.
-- Shown by: stratus-red-team (iam-backdoor-role, iam-create-backdoor-role,
-- rolesanywhere-create-trust-anchor); aws_dataset (the same). Beside them CreateRole for
-- ec2.amazonaws.com and for the account itself (aws_dataset, cloudtrail-log-parser), and
-- UpdateAssumeRolePolicy that takes the other account out again (aws_dataset).
-- Cost in false positives: none on the recordings, none in the corpus of tests/bench.
CREATE VIEW hunt_trust_opened AS
WITH
-- Roles that were opened: for whom.
let_in AS (
    SELECT c.event, w.outsider, 1 AS isAccount
      FROM event_caller AS c
     CROSS JOIN event_outsider AS w ON w.event = c.event
     WHERE c.eventName IN ('UpdateAssumeRolePolicy', 'CreateRole')
       AND c.eventSource = 'iam.amazonaws.com'
    UNION ALL
    SELECT c.event, w.id, 0 -- everybody for whom the provider vouches
      FROM event_caller AS c
     CROSS JOIN event_principal AS w ON w.event = c.event
     WHERE c.eventName IN ('UpdateAssumeRolePolicy', 'CreateRole')
       AND c.eventSource = 'iam.amazonaws.com'
       AND w.type = 'Federated'
       AND w.conditions = '[]'
),
opened AS (
    SELECT event, max(isAccount) AS isAccount, list_distinct(outsider) AS outsiders
      FROM let_in
     GROUP BY event
),
deed AS (
    SELECT c.*,
           o.outsiders,
           n.target,
           finding_deed(CASE c.eventName
                            WHEN 'CreateRole'
                                THEN 'made a role for ' || finding_list(o.outsiders, 3) || ','
                            WHEN 'UpdateAssumeRolePolicy'
                                THEN 'let ' || finding_list(o.outsiders, 3) || ' into the role'
                            WHEN 'CreateTrustAnchor' THEN 'made the trust anchor'
                            WHEN 'UpdateTrustAnchor' THEN 'changed the trust anchor'
                            WHEN 'CreateProfile' THEN 'made the profile of Roles Anywhere'
                            WHEN 'UpdateProfile' THEN 'changed the profile of Roles Anywhere'
                            WHEN 'CreateSAMLProvider' THEN 'made the identity provider'
                            WHEN 'CreateOpenIDConnectProvider' THEN 'made the identity provider'
                            ELSE 'changed the identity provider'
                        END, n.target, c.eventName, c.outcome) AS deed,
           CASE WHEN o.isAccount THEN 3 ELSE 2 END AS weight
      FROM event_caller AS c
      LEFT JOIN opened AS o ON o.event = c.event
      JOIN (SELECT event,
                   coalesce(ct_json_text(requestParameters, '$.roleName', '$.name', '$.url',
                                         '$.trustAnchorId', '$.profileId'),
                            arn_part(ct_json_text(requestParameters, '$.sAMLProviderArn',
                                                  '$.openIDConnectProviderArn'), 'resource_name'),
                            (SELECT r.name FROM event_refused AS r WHERE r.event = e.event)) AS target
              FROM event_base AS e) AS n ON n.event = c.event
     WHERE c.eventName IN ('UpdateAssumeRolePolicy', 'CreateRole', 'CreateSAMLProvider',
                           'UpdateSAMLProvider', 'CreateOpenIDConnectProvider',
                           'UpdateOpenIDConnectProviderThumbprint',
                           'AddClientIDToOpenIDConnectProvider', 'CreateTrustAnchor',
                           'UpdateTrustAnchor', 'CreateProfile', 'UpdateProfile')
       AND c.eventSource IN ('iam.amazonaws.com', 'rolesanywhere.amazonaws.com')
       AND (o.event IS NOT NULL
            OR c.eventName NOT IN ('UpdateAssumeRolePolicy', 'CreateRole')
            -- a call that was refused does not say whom it would have let in
            OR c.eventName = 'UpdateAssumeRolePolicy' AND c.requestParameters IS NULL)
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
           list_distinct(outsiders) AS outsiders,
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
                      'outsiders', (SELECT list_distinct(w.value) FROM json_each(outsiders) AS o,
                                            json_each(o.value) AS w),
                      'calls', ct_json(calls), 'eventCount', eventCount, 'deniedCount', deniedCount,
                      'addresses', ct_json(addresses), 'accessKeyIds', ct_json(accessKeyIds),
                      'clients', ct_json(clients), 'regions', ct_json(regions)) AS details,
       evidence
  FROM told;
