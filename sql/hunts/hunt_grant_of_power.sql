-- hunt_grant_of_power: who gave whom the power to do everything, or what leads there?
--
-- Title:        Grant of power
-- Description:  Somebody attached a policy of an administrator or of full access, wrote a policy that
--               allows everything or what leads to it, put a user into a group, took a boundary away,
--               or gave a machine or a cluster a role.
-- Severity:     Medium
-- Tactics:      PrivilegeEscalation, Persistence
-- Techniques:   T1098.003, T1548, T1484
-- Kind:         Hunting
-- Frequency:    none
-- Period:       none
-- Trigger:      gt 0
-- Enabled:      no
-- Id:           6b9d4ffe-8f8a-4b96-8a91-00f7f581d61f
-- Version:      1.0.0
-- Source:       own
-- Sentinel:     FullAdminPolicyAttachedToRolesUsersGroups; Privilege escalation with admin managed
--               policy; Privilege escalation with FullAccess managed policy; the rules
--               PrivilegeEscalationVia... and Created...Policy...; Policy version set to default;
--               CreatePolicyVersion with excessive permissions; Changes made to AWS IAM objects; IAM
--               Privilege Escalation by Instance Profile attachment; Privileged role attached to
--               Instance
-- Why:          whoever got in with little makes more of it, and leaves himself a way to have it again.
-- Columns read: eventTime, eventName, eventSource, errorCode, errorMessage, requestParameters,
--               responseElements, userIdentity*, userAgent, sourceIPAddress, recipientAccountId,
--               awsRegion; powerful_action, ordinary_agent, rule_parameter.
-- Window:       calls of one identity with pauses of less than hunt_pause (3600 seconds) are one
--               finding.
-- False positives: whoever administers IAM: for each account of a project, each colleague, each new
--               machine; Low where it is the full access of a single service; where Terraform, Pulumi
--               and the like did it all and nothing was denied it is Informational and suppressed.
-- Blind spots:  what CloudFormation does for somebody; permission sets of IAM Identity Center; a policy
--               that allows much of a service and nothing of powerful_action, or powerful actions on
--               things that it names; a policy that forbids and was taken away; a role that may be
--               assumed (hunt_trust_opened). A condition in the policy is not weighed, but for
--               iam:PassRole.
-- Next step:    what did the receiver do from then on? event_target with kind user or role has the
--               calls that touched him.
--
-- High: AdministratorAccess, PowerUserAccess, IAMFullAccess, everything in a policy, the group of
-- administrators, oneself as the receiver. Low: full access of one service.
-- Shown by: stratus-red-team (iam-create-admin-user, iam-create-backdoor-role); aws_dataset (the same);
-- cloudtrail-log-parser (AddUserToGroup); traildiscover (10 calls, denied). Beside them aws_dataset's
-- PutRolePolicy of ec2:Describe* and AttachRolePolicy of AmazonSSMManagedInstanceCore.
-- Cost in false positives: none clear: a group of administrators given to a colleague
-- (cloudtrail-log-parser); Terraform's one in aws_dataset is suppressed; none in the corpus of
-- tests/bench.
CREATE VIEW hunt_grant_of_power AS
WITH
-- Policies that were written: what each allows of that which is power, on all that there is.
written AS (
    SELECT c.event,
           max(a.value IN ('*', '*:*') OR p.notActions <> '[]') AS isEverything,
           list_distinct(w.action) AS actions
      FROM event_caller AS c
     CROSS JOIN event_policy AS p ON p.event = c.event
     CROSS JOIN json_each(CASE p.notActions WHEN '[]' THEN p.actions ELSE '["*"]' END) AS a
     CROSS JOIN powerful_action AS w ON lower(w.action) GLOB lower(a.value)
     WHERE c.eventName IN ('PutUserPolicy', 'PutRolePolicy', 'PutGroupPolicy', 'CreatePolicy',
                           'CreatePolicyVersion')
       AND c.eventSource = 'iam.amazonaws.com'
       AND p.effect = 'Allow'
       AND (w.action <> 'iam:PassRole' OR a.value IN ('*', '*:*') OR p.conditions = '[]')
       AND (p.notResources <> '[]'
            OR EXISTS (SELECT 1
                         FROM json_each(p.resources) AS r
                        WHERE r.value = '*'
                           OR arn_part(r.value, 'resource')
                                  IN ('*', 'user/*', 'role/*', 'group/*', 'policy/*')))
       AND NOT EXISTS (SELECT 1 -- Allow with NotAction: all but these
                         FROM json_each(p.notActions) AS n
                        WHERE lower(w.action) GLOB lower(n.value))
     GROUP BY +c.event -- by the index on names, not in the order of rowids
),
-- What was given, and to whom.
granted AS (
    SELECT c.*,
           coalesce(ct_json_text(c.requestParameters, '$.userName', '$.roleName', '$.groupName',
                                 '$.policyName', '$.principalArn',
                                 '$.AssociateIamInstanceProfileRequest.InstanceId',
                                 '$.ReplaceIamInstanceProfileAssociationRequest.AssociationId'),
                    arn_part(ct_json_text(c.requestParameters, '$.policyArn'), 'resource_name'),
                    (SELECT r.name FROM event_refused AS r WHERE r.event = c.event)) AS receiver,
           coalesce(arn_part(ct_json_text(c.requestParameters, '$.policyArn', '$.permissionsBoundary'),
                             'resource_name'),
                    ct_json_text(c.requestParameters, '$.policyName')) AS policy,
           ifnull(CASE WHEN c.eventSource = 'eks.amazonaws.com'
                       THEN ct_json_text(c.requestParameters, '$.name')
                       ELSE ct_json_text(c.requestParameters, '$.groupName') END, '?') AS place,
           w.event IS NOT NULL AS isWritten,
           w.isEverything,
           w.actions,
           -- the user, or the role of a session
           CASE arn_part(c.userIdentityArn, 'resource_type')
               WHEN 'user' THEN arn_part(c.userIdentityArn, 'resource_name')
               WHEN 'assumed-role' THEN kql_split_part(c.userIdentityArn, '/', 1)
           END AS caller,
           -- a call that was refused does not say what it was for
           c.requestParameters IS NULL AND c.outcome <> 'done' AS isUnseen
      FROM event_caller AS c
      LEFT JOIN written AS w ON w.event = c.event
     WHERE c.eventName IN ('AttachUserPolicy', 'AttachRolePolicy', 'AttachGroupPolicy',
                           'PutUserPolicy', 'PutRolePolicy', 'PutGroupPolicy', 'CreatePolicy',
                           'CreatePolicyVersion', 'SetDefaultPolicyVersion', 'AddUserToGroup',
                           'DeleteUserPermissionsBoundary', 'DeleteRolePermissionsBoundary',
                           'PutUserPermissionsBoundary', 'PutRolePermissionsBoundary',
                           'AssociateIamInstanceProfile', 'ReplaceIamInstanceProfileAssociation',
                           'CreateAccessEntry', 'AssociateAccessPolicy')
       AND c.eventSource IN ('iam.amazonaws.com', 'ec2.amazonaws.com', 'eks.amazonaws.com')
),
weighed AS (
    SELECT *,
           CASE
               WHEN isUnseen THEN 2
               WHEN eventName GLOB 'Attach*Policy'
                   THEN CASE WHEN policy IN ('AdministratorAccess', 'PowerUserAccess', 'IAMFullAccess',
                                             'AWSOrganizationsFullAccess') THEN 3
                             WHEN policy LIKE '%FullAccess' OR policy LIKE '%Administrator%' THEN 1 END
               WHEN eventName GLOB 'Put*Policy' OR eventName GLOB 'CreatePolicy*'
                   THEN CASE WHEN isEverything THEN 3 WHEN isWritten THEN 2 END
               WHEN eventName = 'AddUserToGroup'
                   THEN CASE WHEN place LIKE '%admin%' THEN 3 ELSE 2 END
               WHEN eventName GLOB 'Put*Boundary'
                   THEN CASE WHEN policy LIKE '%Administrator%' OR policy LIKE '%FullAccess' THEN 2 END
               WHEN eventName = 'CreateAccessEntry' -- nodes have entries of their own types
                   THEN CASE WHEN ifnull(ct_json_text(requestParameters, '$.type'), 'STANDARD')
                                  = 'STANDARD' THEN 2 END
               WHEN eventName = 'AssociateAccessPolicy'
                   THEN CASE WHEN policy LIKE '%Admin%' THEN 3 ELSE 2 END
               ELSE 2
           END AS power
      FROM granted
),
deed AS (
    SELECT *,
           finding_deed(CASE
                            WHEN eventName GLOB 'Attach*Policy'
                                THEN 'gave ' || ifnull(policy, '?') || ' to'
                            WHEN eventName GLOB 'CreatePolicy*'
                                THEN 'wrote a policy that allows '
                                     || CASE WHEN isEverything THEN 'everything,'
                                             ELSE finding_list(actions, 2) || ',' END
                            WHEN eventName GLOB 'Put*Policy'
                                THEN 'allowed ' || CASE WHEN isEverything THEN 'everything'
                                                        ELSE finding_list(actions, 2) END || ' to'
                            WHEN eventName = 'SetDefaultPolicyVersion'
                                THEN 'switched the version of the policy'
                            WHEN eventName = 'AddUserToGroup'
                                THEN 'gave membership of ' || place || ' to'
                            WHEN eventName GLOB 'Delete*Boundary'
                                THEN 'took the permissions boundary from'
                            WHEN eventName GLOB 'Put*Boundary'
                                THEN 'set the boundary ' || ifnull(policy, '?') || ' for'
                            WHEN eventSource = 'eks.amazonaws.com'
                                THEN 'gave access to the cluster ' || place || ' to'
                            ELSE 'gave an instance profile to'
                        END, receiver, eventName, outcome) AS deed,
           CASE WHEN receiver = caller AND outcome = 'done' THEN 3 ELSE power END AS weight
      FROM weighed
     WHERE power IS NOT NULL
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
           list_distinct(receiver) AS receivers,
           list_distinct(policy) AS policies,
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
                      'receivers', ct_json(receivers), 'policies', ct_json(policies),
                      'calls', ct_json(calls), 'eventCount', eventCount, 'deniedCount', deniedCount,
                      'addresses', ct_json(addresses), 'accessKeyIds', ct_json(accessKeyIds),
                      'clients', ct_json(clients), 'regions', ct_json(regions)) AS details,
       evidence
  FROM told;
