-- hunt_organisation: who left or joined an organisation of accounts, took its guard rails away, or
-- spread through it?
--
-- Title:        Organisation left, joined or spread through
-- Description:  Somebody took an account out of its organisation or invited one, took away or detached
--               a policy of it, gave people access to accounts through IAM Identity Center, became
--               root of a member account, or listed the accounts.
-- Severity:     High
-- Tactics:      Discovery, Persistence, DefenseEvasion, LateralMovement
-- Techniques:   T1087.004, T1098, T1666, T1484
-- Kind:         Hunting
-- Frequency:    none
-- Period:       none
-- Trigger:      gt 0
-- Enabled:      no
-- Id:           7f4e2c91-8a3d-4b60-9e15-c0d6a82f5b73
-- Version:      1.0.0
-- Source:       own
-- Why:          what guards an account (service control policies, the organisation's trail, a
--               delegated GuardDuty) is gone with the organisation; and who rules the management
--               account rules all.
-- Columns read: eventTime, eventName, eventSource, errorCode, requestParameters, userAgent,
--               userIdentity*, sourceIPAddress, recipientAccountId, awsRegion; rule_parameter.
-- Window:       calls of one identity with pauses of less than hunt_shift (14400 seconds) are one
--               finding.
-- False positives: the administrators of the organisation; listing the accounts by tools that have done
--               so for long (Low).
-- Blind spots:  an account that AWS closes or moves for its owner; permission sets that are changed by
--               other calls than these; what the accounts themselves log, where only the management
--               account's logs are here.
-- Next step:    which accounts, users and permission sets the evidence names (targets); in these
--               accounts: credential, hunt_grant_of_power.
--
-- Counted: LeaveOrganization, RemoveAccountFromOrganization, DeleteOrganization,
-- InviteAccountToOrganization, AcceptHandshake, CreateAccount, MoveAccount, DetachPolicy,
-- DeletePolicy, DisablePolicyType of Organizations, EnableAWSServiceAccess,
-- RegisterDelegatedAdministrator, DeregisterDelegatedAdministrator, EnableOrganizationsRootSessions,
-- EnableOrganizationsRootCredentialsManagement; CreateAccountAssignment,
-- PutInlinePolicyToPermissionSet, AttachManagedPolicyToPermissionSet of IAM Identity Center and
-- AddMemberToGroup, CreateUser of its directory (Medium); AssumeRoot; ListAccounts,
-- DescribeOrganization, ListOrganizationalUnitsForParent, ListRoots, ListDelegatedAdministrators (Low)
-- where they were denied, or where all of the identity's in these logs lie within a day: whoever lists
-- accounts regularly does it on more.
-- Shown by: stratus-red-team (organizations-leave, denied); aws_dataset (the same); traildiscover
-- (LeaveOrganization and ListAccounts denied; CreateAccountAssignment, AddMemberToGroup). Beside them
-- AssumeRole by the one who left.
-- Cost in false positives: in the sample one, Low: an administrator's ListAccounts, denied.
CREATE VIEW hunt_organisation AS
WITH
call (source, name, what) AS (
    VALUES
        ('organizations.amazonaws.com', 'ListAccounts', 'looked into'),
        ('organizations.amazonaws.com', 'DescribeOrganization', 'looked into'),
        ('organizations.amazonaws.com', 'ListRoots', 'looked into'),
        ('organizations.amazonaws.com', 'ListOrganizationalUnitsForParent', 'looked into'),
        ('organizations.amazonaws.com', 'ListDelegatedAdministrators', 'looked into'),
        ('organizations.amazonaws.com', 'LeaveOrganization', 'took apart'),
        ('organizations.amazonaws.com', 'RemoveAccountFromOrganization', 'took apart'),
        ('organizations.amazonaws.com', 'DeleteOrganization', 'took apart'),
        ('organizations.amazonaws.com', 'DetachPolicy', 'took apart'),
        ('organizations.amazonaws.com', 'DeletePolicy', 'took apart'),
        ('organizations.amazonaws.com', 'DisablePolicyType', 'took apart'),
        ('organizations.amazonaws.com', 'DeregisterDelegatedAdministrator', 'took apart'),
        ('organizations.amazonaws.com', 'InviteAccountToOrganization', 'spread through'),
        ('organizations.amazonaws.com', 'AcceptHandshake', 'spread through'),
        ('organizations.amazonaws.com', 'CreateAccount', 'spread through'),
        ('organizations.amazonaws.com', 'MoveAccount', 'spread through'),
        ('organizations.amazonaws.com', 'EnableAWSServiceAccess', 'spread through'),
        ('organizations.amazonaws.com', 'RegisterDelegatedAdministrator', 'spread through'),
        ('sso.amazonaws.com', 'CreateAccountAssignment', 'spread through'),
        ('sso.amazonaws.com', 'PutInlinePolicyToPermissionSet', 'spread through'),
        ('sso.amazonaws.com', 'AttachManagedPolicyToPermissionSet', 'spread through'),
        ('sso-directory.amazonaws.com', 'AddMemberToGroup', 'spread through'),
        ('sso-directory.amazonaws.com', 'CreateUser', 'spread through'),
        ('identitystore.amazonaws.com', 'CreateGroupMembership', 'spread through'),
        ('identitystore.amazonaws.com', 'CreateUser', 'spread through'),
        ('sts.amazonaws.com', 'AssumeRoot', 'spread through'),
        ('iam.amazonaws.com', 'EnableOrganizationsRootSessions', 'spread through'),
        ('iam.amazonaws.com', 'EnableOrganizationsRootCredentialsManagement', 'spread through')
),
organisation AS (
    SELECT c.*, call.what
      FROM call
     CROSS JOIN event_caller AS c ON c.eventName = call.name AND c.eventSource = call.source
),
regular AS (
    SELECT recipientAccountId, accountName
      FROM organisation
     WHERE what = 'looked into'
     GROUP BY recipientAccountId, accountName
    HAVING strftime('%s', max(eventTime)) - strftime('%s', min(eventTime)) > 86400
),
deed AS (
    SELECT *
      FROM organisation AS o
     WHERE o.what <> 'looked into'
        OR o.outcome = 'denied'
        OR NOT EXISTS (SELECT 1
                         FROM regular AS r
                        WHERE r.recipientAccountId = o.recipientAccountId
                          AND r.accountName = o.accountName)
           AND NOT EXISTS (SELECT 1 FROM event_console AS k WHERE k.event = o.event)
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
           list_distinct(CASE WHEN what <> 'looked into' THEN aws_call_name(eventName) END)
               AS changeNames,
           sum(CASE WHEN what <> 'looked into' THEN outcome = 'done' END) AS changedCount,
           max(what = 'spread through') AS isSpread,
           max(what = 'took apart') AS isApart,
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
       CASE WHEN isApart THEN NULL
            WHEN isSpread THEN 'Medium'
            ELSE 'Low' END AS severity,
       finding_sentence(accountName, accountUPNSuffix,
                        CASE WHEN isApart AND changedCount = 0 THEN 'tried to take apart'
                             WHEN isApart THEN 'took apart'
                             WHEN isSpread AND changedCount = 0 THEN 'tried to spread through'
                             WHEN isSpread THEN 'spread through'
                             WHEN doneCount = 0 THEN 'tried to look into'
                             ELSE 'looked into' END
                        || ' an organisation of accounts'
                        || ' by '
                        || finding_list(CASE WHEN isApart OR isSpread THEN changeNames ELSE names END,
                                        4),
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
                 WHERE t.kind IN ('account', 'permission-set')) AS targets
          FROM told);
